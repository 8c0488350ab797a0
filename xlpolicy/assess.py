"""One claim -> Decision: bind the inputs, run the exact interpreter, say what was assumed and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from xlpolicy import catalog as catalogs
from xlpolicy.catalog import Catalog, Found
from xlpolicy.errors import InvalidInput, MissingInput, NotComputable, NotInForce, UnknownInput, nearest
from xlpolicy.money import clean
from xlpolicy.rules import exact, explain
from xlpolicy.rules.explain import Step
from xlpolicy.rules.rule import Input, Rule
from xlpolicy.rules.values import coerce, expected


class Basis(NamedTuple):
    """Where an amount stands in the law: document key, its number (or title of a draft), pinpoint, title."""

    document: str
    number: str
    pinpoint: str
    title: str

    def __str__(self) -> str:
        return f"{self.number} {self.pinpoint}"


class Decision:
    """核定: the outcome for one claim. `amount` in 元, two decimals, zero when not eligible.

    `steps` (long form), `explanation` (one line) and `reasons` are rendered from the trace when first read.
    """

    __slots__ = ("_steps", "assumptions", "basis", "nature", "outcome", "warnings")

    def __init__(
        self, outcome: exact.Outcome, basis: Basis, assumptions: tuple[str, ...], warnings: tuple[str, ...]
    ) -> None:
        self.outcome, self.basis = outcome, basis
        self.nature = outcome.rule.nature
        self.assumptions, self.warnings = assumptions, warnings
        self._steps: tuple[Step, ...] | None = None

    @property
    def eligible(self) -> bool:
        return self.outcome.eligible

    @property
    def amount(self) -> Decimal:
        return self.outcome.amount

    @property
    def rule(self) -> Rule:
        return self.outcome.rule

    @property
    def steps(self) -> tuple[Step, ...]:
        if self._steps is None:
            self._steps = explain.steps(self.outcome)
        return self._steps

    @property
    def explanation(self) -> str:
        return explain.one_line(self.outcome)

    @property
    def reasons(self) -> tuple[str, ...]:
        out = self.outcome
        return tuple(explain.reason(out.rule, out.env, line) for line, met in out.conditions if not met)

    @property
    def inputs(self) -> dict[str, Any]:
        """The bound inputs, defaults included; absent optional ones left out."""
        return {
            item.name: self.outcome.env[item.name]
            for item in self.rule.inputs
            if self.outcome.env[item.name] is not None
        }

    def model_dump(self, mode: str = "python") -> dict[str, Any]:
        """All of it as plain data; mode "json" gives money and dates as strings."""
        data: dict[str, Any] = {
            "eligible": self.eligible,
            "amount": self.amount,
            "nature": self.nature,
            "rule": self.rule.id,
            "basis": self.basis._asdict(),
            "inputs": self.inputs,
            "explanation": self.explanation,
            "steps": [step._asdict() for step in self.steps],
            "reasons": list(self.reasons),
            "assumptions": list(self.assumptions),
            "warnings": list(self.warnings),
        }
        if mode == "json":
            data["amount"] = f"{self.amount:.2f}"
            data["inputs"] = {k: v if isinstance(v, bool | str) else str(v) for k, v in data["inputs"].items()}
        return data

    def __repr__(self) -> str:
        return f"Decision(eligible={self.eligible}, amount={self.amount}, basis={str(self.basis)!r})"


def assess(
    city: str,
    rule: str,
    inputs: Mapping[str, object] | object,
    *,
    on: dt.date | str | None = None,
    policy: str | None = None,
    catalog: Catalog | None = None,
) -> Decision:
    """核定 one claim.

    `city`, `rule`: key or Chinese name. `inputs`: mapping of input name or Chinese label to int, Decimal, str such
    as "800万元", bool, date or float (by its shortest repr); a bare value stands for the primary input.
    `on`: date or ISO string, default today; decides which document applies. `policy`: a document key, pins it.

    Raises a PolicyError: unknown_city, unknown_rule, unknown_policy, not_in_force, ambiguous_rule, missing_input,
    unknown_input, invalid_input, not_computable.
    """
    day = on if on is None or type(on) is dt.date else catalogs.as_date(on)
    found = (catalog or catalogs.default()).find(city, rule, day, policy)
    return decide(found, inputs, day)


def decide(found: Found, inputs: Mapping[str, object] | object, on: dt.date | None) -> Decision:
    """核定 under a provision already found. Errors as `assess`."""
    rule = found.rule
    if rule.amount is None:
        raise NotComputable(
            f"“{rule.title}”不在本文件计算金额",
            where=str(basis(found)),
            expected="可计算的条款",
            remedy=f"按下列去处办理：{rule.refer_to}",
        )
    env, assumed = bind(rule, inputs if isinstance(inputs, Mapping) else {rule.inputs[0].name: inputs})
    if found.tail:
        _check_tail(found, env, on)
    assumptions = [f"未填“{item.label}”，按“是”测算，请核对" for item in assumed]
    for assumption in rule.assumptions:
        if assumption.settlement:
            continue
        if assumption.when is None or exact.predicate(rule, assumption.when)(env):
            assumptions.append(assumption.text)
    document = found.document
    if document.first_day and on == document.valid_from == catalogs.period(document, rule)[0]:
        assumptions.append(document.first_day)
    return Decision(exact.evaluate(rule, env), basis(found), tuple(assumptions), found.warnings)


@cache
def basis(found: Found) -> Basis:
    """The citation of a found provision."""
    return Basis(found.document.key, found.document.name, found.rule.at, found.rule.title)


@cache
def input_names(rule: Rule) -> dict[str, Input]:
    """Every way to name an input of the rule: its name, its label, the label without white space."""
    names: dict[str, Input] = {}
    for item in rule.inputs:
        for name in (item.name, item.label, clean(item.label)):
            names[name] = item
    return names


def bind(rule: Rule, inputs: Mapping[str, object]) -> tuple[exact.Env, list[Input]]:
    """Stated inputs -> every input by name (None where an optional one is absent), and the assumed ones.

    None and blank text count as not stated. Raises UnknownInput, InvalidInput, MissingInput.
    """
    names = input_names(rule)
    env: exact.Env = {}
    for key, value in inputs.items():
        item = names.get(key) or names.get(clean(str(key)))
        if item is None:
            raise UnknownInput(
                f"没有“{key}”这个输入项", where=_place(rule), expected="、".join(f"{i.name}（{i.label}）" for i in rule.inputs),
                remedy=nearest(str(key), [n for i in rule.inputs for n in (i.name, i.label)]),
            )  # fmt: skip
        if value is None or (type(value) is str and not value.strip()):
            continue
        if item.name in env:
            raise InvalidInput(
                f"“{item.label}”填了两次", where=_place(rule), expected="每项只填一次", remedy="删去一个"
            )
        env[item.name] = coerce(item, value, _place(rule))
    assumed, missing = [], []
    for item in rule.inputs:
        if item.name in env:
            continue
        if item.default_from is not None:
            env[item.name] = env.get(item.default_from)
        elif item.default is not None:
            env[item.name] = item.default
            if item.assumed:
                assumed.append(item)
        else:
            env[item.name] = None
            if item.required:
                missing.append(item)
    for item in rule.inputs:
        needed = item.required_when is not None and env[item.name] is None and not missing
        if needed and exact.predicate(rule, item.required_when)(env):
            missing.append(item)
    if missing:
        raise MissingInput(
            f"缺少{'、'.join(f'“{item.label}”（{item.name}）' for item in missing)}", where=_place(rule),
            expected="；".join(expected(item) for item in missing), remedy="补填后重算",
        )  # fmt: skip
    return env, assumed


def _place(rule: Rule) -> str:
    return f"{rule.title}（{rule.at}）"


def tail_holds(found: Found, env: Mapping[str, Any], on: dt.date) -> bool:
    """Whether an award runs on: `since` not after expiry, and `on` within the figure's calendar years from it."""
    tail, last = found.rule.tail, found.document.valid_to
    assert tail is not None and last is not None
    since, years = env[tail.since], found.rule.figures[tail.years].value
    assert isinstance(years, Decimal)
    return since is not None and since <= last and since.year <= on.year < since.year + int(years)


def _check_tail(found: Found, env: exact.Env, on: dt.date | None) -> None:
    """A claim after expiry lives only in the tail."""
    tail = found.rule.tail
    day = on or dt.date.today()
    assert tail is not None
    item = found.rule.input(tail.since)
    if env[tail.since] is None:
        raise MissingInput(
            f"缺少“{item.label}”（{item.name}）", where=_place(found.rule),
            expected=f"日期；{found.document.name}已于 {found.document.valid_to} 到期，延续年度须凭此判断", remedy="补填后重算",
        )  # fmt: skip
    if not tail_holds(found, env, day):
        raise NotInForce(
            f"{day} 不在延续年度内（{item.label} {env[tail.since]}，文件 {found.document.valid_to} 到期）",
            where=_place(found.rule), expected=f"到期前取得，且自当年起 {found.rule.figures[tail.years].text} 内",
            remedy="核对日期",
        )  # fmt: skip
