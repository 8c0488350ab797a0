"""What a claim states -> the inputs of its provision: names, blanks, years and days that have to agree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Any, NamedTuple

from xlpolicy.claim import exact, period
from xlpolicy.faults import PolicyError, UnknownInput, nearest
from xlpolicy.law.in_force import Found
from xlpolicy.law.looked_at import named
from xlpolicy.law.records import Assumption, Input, Rule
from xlpolicy.law.refusals import refused
from xlpolicy.law.values import coerce, expected
from xlpolicy.money import EXACT, clean, shown
from xlpolicy.words.wording import scope_words


class Basis(NamedTuple):
    """Where an amount stands in the law: document key, its number (or title of a draft), pinpoint, title."""

    document: str
    number: str
    pinpoint: str
    title: str

    def __str__(self) -> str:
        return f"{self.number} {self.pinpoint}"


def check_years(rule: Rule, env: exact.Env, day: dt.date) -> None:
    """A year that contradicts the date it is counted from is refused. Raises InvalidInput."""
    found = plan(rule)
    for item in found.years:
        since, said = env[item.year_since], env[item.name]
        if since is not None and said is not None and said != day.year - since.year + 1:
            first = rule.input(item.year_since).label
            raise refused(
                "year_differs", label=item.label, said=said, first=first, since=since, on=day,
                year=day.year - since.year + 1, place=found.place, name=item.name,
            )  # fmt: skip


def first_input(found: Found) -> str:
    """The input that a bare value stands for. Raises UnknownInput where the provision asks for nothing."""
    if not found.rule.inputs:
        raise UnknownInput(
            f"“{found.rule.title}”不需要填数值",
            where=str(basis(found)),
            item="inputs",
            expected="没有输入项",
            remedy="去掉数值再算",
        )
    return found.rule.inputs[0].name


@lru_cache(exact.REMEMBERED)
def basis(found: Found) -> Basis:
    """The citation of a found provision."""
    return Basis(found.document.key, found.document.name, found.rule.at, found.rule.title)


class Plan:
    """What binding and deciding under one rule look up, found out once."""

    def __init__(self, rule: Rule) -> None:
        self.place = f"{rule.title}（{rule.at}）"
        self.names: dict[str, Input] = {}
        for item in rule.inputs:
            for name in (item.name, item.label, clean(item.label)):
                self.names[name] = item
        #: of each input what binding asks of every claim
        self.blanks = [(1 << k, i.name, i.default, i.default_from, i.required, i) for k, i in enumerate(rule.inputs)]
        #: by which of them are left blank (a bit each): these, one tuple for all claims that leave them so
        self.left: dict[int, tuple[Input, ...]] = {}
        self.counted = [item for item in rule.inputs if item.period]
        least = rule.least
        self.asks = (
            f"门槛、档次按{scope_words(rule, least.per)}合计判断：同一范围还有其他申报的，请一起核算" if least else ""
        )
        self.years = [item for item in rule.inputs if item.year_since]
        self.triggers = [
            (i, exact.predicate(rule, i.required_when)) for i in rule.inputs if i.required_when is not None
        ]
        told = [a for a in rule.assumptions if not a.settlement]
        #: what each note is, and the inputs that it turns on (None: said with every decision, as a bureau's own option)
        self.sorts: dict[str, tuple[str, frozenset[str] | None]] = {a.text: (a.sort, _about(rule, a)) for a in told}
        self.always = tuple(a.text for a in told)
        self.some = [(a.text, exact.predicate(rule, a.when) if a.when is not None else None) for a in told]
        self.conditional = any(a.when is not None for a in told)

    def readings(self, env: exact.Env) -> tuple[str, ...]:
        """The adopted readings that concern a claim."""
        if not self.conditional:
            return self.always
        with localcontext(EXACT):
            return tuple([text for text, when in self.some if when is None or when(env)])


def _about(rule: Rule, told: Assumption) -> frozenset[str] | None:
    if told.own:
        return None
    return frozenset() if told.when is None or told.sort == "limit" else frozenset(named(rule, told.when))


@lru_cache(exact.REMEMBERED)
def plan(rule: Rule) -> Plan:
    return Plan(rule)


def input_names(rule: Rule) -> dict[str, Input]:
    """Every way to name an input of the rule: its name, its label, the label without white space."""
    return plan(rule).names


def bind(
    rule: Rule, inputs: Mapping[str, object], *, typed: bool = False
) -> tuple[exact.Env, tuple[Input, ...], list[str]]:
    """Stated inputs -> every input by name (None where an optional one is absent), those not stated, and what is to
    be known of the others (days outside the term). `typed`: the values are as `coerce` gives them.

    None and blank text count as not stated. Raises UnknownInput, InvalidInput, MissingInput.
    """
    known = plan(rule)
    env: exact.Env = {}
    for key, value in inputs.items():
        item = known.names.get(key) or known.names.get(clean(key if isinstance(key, str) else shown(key)))
        if item is None:
            raise refused(
                "no_input", name=shown(key), place=known.place,
                known="、".join(f"{i.name}（{i.label}）" for i in rule.inputs),
                nearest=nearest(shown(key), [n for i in rule.inputs for n in (i.name, i.label)]),
            )  # fmt: skip
        if value is None or (type(value) is str and not value.strip()):
            continue
        if item.name in env:
            raise refused("twice", label=item.label, place=known.place, name=item.name)
        env[item.name] = value if typed else coerce(item, value, known.place)
    missing, said, left = [], [], 0
    for item in known.counted:
        told = period.count(rule, item, env, known.place)
        if told:
            said.append(told)
    for bit, name, default, default_from, required, item in known.blanks:
        if name in env:
            continue
        left |= bit
        env[name] = default if default_from is None else env.get(default_from)
        if required and default is None and default_from is None:
            missing.append(item)
    for item, needed in known.triggers:
        if env[item.name] is None and not missing and needed(env):
            missing.append(item)
    if missing:
        raise refused(
            "missing", inputs="、".join(f"“{item.label}”（{item.name}）" for item in missing), place=known.place,
            names=",".join(item.name for item in missing), expected="；".join(expected(item) for item in missing),
        )  # fmt: skip
    blank = known.left.get(left)
    if blank is None:
        blank = known.left[left] = tuple([item for bit, *_, item in known.blanks if left & bit])
    return env, blank, said


def tail_holds(found: Found, env: Mapping[str, Any], on: dt.date) -> bool:
    """Whether an award runs on: `since` not after expiry, and `on` within the figure's years from it."""
    tail, last = found.rule.tail, found.document.valid_to
    assert tail is not None and last is not None
    since, years = env[tail.since], found.rule.figures[tail.years].value
    assert isinstance(years, Decimal)
    if since is None or since > last:
        return False
    if tail.by == "day":
        return bool(since <= on <= period.last_day(since, int(years)))
    return bool(since.year <= on.year < since.year + int(years))


def outside_tail(found: Found, env: exact.Env, on: dt.date | None) -> PolicyError | None:
    """Why a claim after expiry is refused, None where it lives in the tail. Raises NotInForce where that cannot be told."""
    tail = found.rule.tail
    day = on or dt.date.today()
    assert tail is not None
    item, last = found.rule.input(tail.since), found.document.valid_to
    about = {"label": item.label, "name": item.name, "place": plan(found.rule).place, "last": last}
    if env[tail.since] is None:
        raise refused("expired", document=found.document.name, **about)
    if tail_holds(found, env, day):
        return None
    start = "当日" if tail.by == "day" else "当年"
    years = found.rule.figures[tail.years].text
    return refused("out_of_tail", on=day, since=env[tail.since], start=start, years=years, **about)
