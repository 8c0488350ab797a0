"""compare: what the same measure pays in each city, for the same inputs."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from xlpolicy.claim.binding import input_names
from xlpolicy.claim.decision import assess
from xlpolicy.faults import InvalidInput, PolicyError, UnknownInput, UnknownRule, near, nearest
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found, as_date, newest, period
from xlpolicy.law.labels import TYPES
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.law.values import coerce
from xlpolicy.money import clean, shown
from xlpolicy.words.effects_told import funding
from xlpolicy.words.shown import nature_word
from xlpolicy.words.wording import brief


class Offer(NamedTuple):
    """One provision of one city. `amount` is None where it cannot be computed, and `why` says so.

    `marks`: what stands in the way of relying on it (征求意见稿, 已失效). `notes`: how the inputs were used.
    `bare_as`: the label of the input that a value without a name stands for here ("" where there was none).
    `funding`: who pays, by which shares.
    """

    city: str
    document: str
    name: str
    marks: tuple[str, ...]
    rule: str
    at: str
    title: str
    nature: str
    terms: str
    eligible: bool
    amount: Decimal | None
    explanation: str
    why: str
    notes: tuple[str, ...]
    bare_as: str = ""
    funding: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`measure` as asked, `rules` the ids it stands for, one offer or more for every city, in order of the documents."""

    measure: str
    rules: tuple[str, ...]
    offers: tuple[Offer, ...]

    def model_dump(self, mode: str = "python") -> dict[str, Any]:
        """All of it as plain data; mode "json" gives money as strings."""
        offers = [offer._asdict() | {"marks": list(offer.marks), "notes": list(offer.notes)} for offer in self.offers]
        if mode == "json":
            for offer in offers:
                offer["amount"] = offer["amount"] if offer["amount"] is None else f"{offer['amount']:.2f}"
        return {"measure": self.measure, "rules": list(self.rules), "offers": offers}


#: name of a primary input ("": of any) -> the kinds that it has among the provisions compared
_Kinds = dict[str, set[tuple[str, str]]]
#: which kind a bare number is of, where several are asked for
_BARE = ("money", "rate", "integer")


def compare(
    catalog: Catalog,
    measure: str,
    inputs: Mapping[str, object] | object = None,
    on: dt.date | str | None = None,
) -> Comparison:
    """The same measure in every city: a theme, a provision id, or a title or alias in any city.

    Each city answers from its newest document that has the measure, from the one in force where `on` is given.
    `inputs` by name or label; a bare value stands for the primary input. Where a provision has no input of a name
    that is the primary input of another, its own primary input takes the value where it is of the same kind and
    unit, and the offer says so: an amount never becomes a number of enterprises.

    Raises UnknownRule where no document has the measure, UnknownInput where no provision has an input of that name.
    """
    day = as_date(on)
    found, by_theme = _find(catalog, measure)
    given = dict(inputs) if isinstance(inputs, Mapping) else {} if inputs is None else {"": inputs}
    rules = [rule for _, rule in found]
    _check(rules, given)
    first: _Kinds = {}
    for item in (rule.inputs[0] for rule in rules if rule.inputs):
        for name in (item.name, clean(item.label), ""):
            first.setdefault(name, set()).add(_kind(item))
    _fits(rules, given, first)
    offers: list[Offer] = []
    asked = set(rules)
    for city in dict.fromkeys(d.city for d in catalog.documents.values()):
        speak: dict[str, list[Found]] = defaultdict(list)
        for document in catalog.of_city(city):
            for rule in document.rules.values():
                if rule in asked:
                    speak["" if by_theme else rule.id].append(Found(document, rule))
        for versions in speak.values():
            document = newest(versions, day).document
            offers += [_offer(catalog, d, r, given, first, day) for d, r, *_ in versions if d is document]
        if not speak:
            offers.append(_absent(catalog, city, rules, by_theme))
    return Comparison(measure, tuple(dict.fromkeys(rule.id for rule in rules)), tuple(offers))


def _find(catalog: Catalog, measure: str) -> tuple[list[tuple[Document, Rule]], bool]:
    every = list(catalog.rules())
    wanted = clean(measure).lower()
    found = [(d, r) for d, r in every if wanted in {clean(theme).lower() for theme in r.themes}]
    if found:
        return found, True
    ids = {r.id for _, r in every if wanted in {clean(name).lower() for name in (r.id, r.title, *r.aliases)}}
    found = [(d, r) for d, r in every if r.id in ids]
    if not found:
        themes = catalog.themes()
        names = [*themes, *(name for _, r in every for name in (r.title, r.id, *r.aliases))]
        close = near(clean(measure), names)
        remedy = nearest(clean(measure), names) if close else f"从下列主题中选用：{'、'.join(themes)}"
        raise UnknownRule(
            f"没有叫“{measure}”的主题或条款", where="措施", expected="主题、条款编号或名称", remedy=remedy
        )
    return found, False


def _check(rules: list[Rule], given: Mapping[str, object]) -> None:
    """A name that no provision knows is a slip of the pen, not something to leave out silently."""
    items = {item.name: item.label for rule in rules for item in rule.inputs}
    for name in given:
        if name and not any(_named(rule, name) for rule in rules):
            raise UnknownInput(
                f"这些条款都没有“{name}”这个输入项",
                where="输入",
                item=name,
                expected="、".join(f"{key}（{label}）" for key, label in list(items.items())[:8]),
                remedy=nearest(name, [*items, *items.values()]),
            )


def _fits(rules: list[Rule], given: Mapping[str, object], first: _Kinds) -> None:
    """A bare value that no provision takes is told, not left out silently."""
    mains = {rule.inputs[0] for rule in rules if rule.inputs}
    if "" in given and not any(_takes(item, "", given[""], first) for item in mains):
        labels = list(dict.fromkeys(f"{x.label}（{x.unit or TYPES[x.type]}）" for x in mains))
        raise InvalidInput(
            f"“{shown(given[''])}”这些条款都用不上", where="输入", item="", expected="、".join(sorted(labels)[:6]),
            remedy="写成其中一项的数值，或写 名称=数值，或不写",
        )  # fmt: skip


def _named(rule: Rule, name: str) -> Input | None:
    return input_names(rule).get(name) or input_names(rule).get(clean(name))


def _marks(document: Document, rule: Rule, day: dt.date) -> Iterator[str]:
    first, last = period(document, rule)
    if document.draft:
        yield "征求意见稿"
    elif last and day > last:
        yield f"{last} 已失效"
    elif first and day < first:
        yield f"{first} 起施行"


def _offer(
    catalog: Catalog, document: Document, rule: Rule, given: Mapping[str, object], first: _Kinds, day: dt.date | None
) -> Offer:
    begin, end = period(document, rule)
    today = day or dt.date.today()
    # the comparison is of what the provision says: asked on a day of its own period
    on = min(max(today, begin or today), end or today)
    inputs, notes, bare_as = _fit(rule, given, first)
    amount, eligible, explanation, why = None, False, "", ""
    try:
        decision = assess(document.city, rule.id, inputs, on=on, policy=document.key, catalog=catalog)
    except PolicyError as error:
        why = error.problem.got
        if error.code == "not_computable":
            why = rule.refer_to
    else:
        amount, eligible, explanation = decision.amount, decision.eligible, decision.explanation
        notes += decision.assumptions
        why = "；".join(decision.reasons)
        if decision.open:  # a question, not a refusal
            amount, explanation = None, ""
    return Offer(
        document.city_label, document.key, document.name, tuple(_marks(document, rule, today)), rule.id, rule.at,
        rule.title, nature_word(rule), brief(rule), eligible, amount, explanation, why, tuple(notes), bare_as,
        funding(document, rule),
    )  # fmt: skip


def _kind(item: Input) -> tuple[str, str]:
    """What a value must share with an input to stand in for it: its type and unit, of an option which ones."""
    return item.type, item.unit if item.type != "enum" else "/".join(str(choice.value) for choice in item.choices)


def _takes(item: Input, name: str, value: object, first: _Kinds) -> bool:
    """Whether the primary input takes the value given for another name, or for none."""
    if name:
        return _kind(item) in first.get(name, first.get(clean(name), set()))
    try:
        coerce(item, value)
    except PolicyError:
        return False
    numbers = [kind for kind in _BARE if any(kind == k for k, _ in first[""])]
    return item.type not in numbers or item.type == numbers[0] or _says(value, item)


def _says(value: object, item: Input) -> bool:
    """Whether a text bears the unit of a count itself (3家), so that it is no bare number."""
    return isinstance(value, str) and bool(item.unit) and value.rstrip().endswith(item.unit)


def _fit(rule: Rule, given: Mapping[str, object], first: _Kinds) -> tuple[dict[str, object], list[str], str]:
    """The inputs of the provision from what was given, how, and the label that a bare value took."""
    inputs: dict[str, object] = {}
    bare_as, notes, loose = "", [], []
    for name, value in given.items():
        item = _named(rule, name) if name else None
        if item is not None:
            inputs[item.name] = value
        else:
            loose.append((name, value))
    for name, value in loose:
        main = rule.inputs[0] if rule.inputs else None
        if main is not None and main.name not in inputs and _takes(main, name, value, first):
            inputs[main.name] = value
            if name:
                notes.append(f"{name} 用作“{main.label}”")
            else:
                bare_as = main.label
        elif main is not None:
            notes.append(
                f"本条不看 {name}"
                if name
                else f"本条按“{main.label}”{main.unit and f'（{main.unit}）'}算，没有用这个数值"
            )
    return inputs, notes, bare_as


def _absent(catalog: Catalog, city: str, rules: list[Rule], by_theme: bool) -> Offer:
    """A city whose documents do not list the measure: what they list of the same themes."""
    newest = catalog.of_city(city)[0]
    themes = {theme for rule in rules for theme in rule.themes}
    near = [f"{r.title}（{r.id}）" for r in newest.rules.values() if themes & set(r.themes)]
    tail = f"；同主题的有{'、'.join(near[:4])}" if near else ""
    return Offer(
        newest.city_label, newest.key, newest.name, (), "", "", "", "", "", False, None, "",
        "未列入这一主题的补助" if by_theme else f"未列入这一条款{tail}", (),
    )  # fmt: skip


__all__ = ["Comparison", "Offer", "compare"]
