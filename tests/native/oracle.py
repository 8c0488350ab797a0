"""Claims for every computable provision, with what `assess` says of them: what two spreadsheets are held against."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from xlpolicy.claim.decision import decide
from xlpolicy.faults import PolicyError
from xlpolicy.formulas.integer_form import serial
from xlpolicy.formulas.rule import NativeFormula
from xlpolicy.law import catalog
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Input, Rule

CENT = Decimal("0.01")
#: what may stand in a cell: nothing, a number, a text
Cell = Decimal | int | str | None


@dataclass(frozen=True)
class Row:
    """One claim: what stands in the cells (amounts in yuan), and the outcome. `amount` None: nothing to be shown."""

    cells: Mapping[str, Cell]
    amount: Decimal | None
    eligible: bool


def computable() -> list[Found]:
    """Every provision that pays, of every embedded document."""
    return [Found(d, r) for d, r in catalog.default().rules() if r.amount is not None]


def names() -> list[str]:
    return [f"{found.document.key}-{found.rule.id}" for found in computable()]


def expect(found: Found, formula: NativeFormula, cells: Mapping[str, Cell]) -> Row:
    """What the formulas must say: what `assess` says, and nothing where the formulas say they will not compute."""
    if not all(_usable(found.rule.input(name), value, formula) for name, value in cells.items()):
        return Row(cells, None, False)
    stated = {name: _stated(found.rule.input(name), value) for name, value in cells.items()}
    for item in found.rule.inputs:
        first, last = (stated.get(name) for name in item.period[:2]) if item.period else (None, None)
        if first is not None and last is not None and (last - first).days >= formula.ranges[item.name][1]:
            return Row(cells, None, False)
    try:
        decision = decide(found, stated, None)
    except PolicyError:
        return Row(cells, None, False)
    term = found.rule.term
    if term and ("stated", term.paid) in decision.outcome.env:  # more days of interest than the term has
        return Row(cells, None, False)
    return Row(cells, None if decision.open else decision.amount, decision.eligible)


def _usable(item: Input, value: Cell, formula: NativeFormula) -> bool:
    """The documented range of a cell; whether a blank one will do is for `assess` to say."""
    if value is None or item.type == "text":
        return True
    if item.type == "boolean" or (item.choices and isinstance(value, str)):
        return value in ("是", "否") if item.type == "boolean" else value in [c.label for c in item.choices]
    if isinstance(value, str) or item.type == "enum":
        return False
    low, high, digits = formula.ranges[item.name]
    # a fraction of an integer is invalid for `assess` too, a choice out of the list as well
    return low <= value <= high and (item.type == "integer" or value == round(Decimal(value), digits))


_ZERO = dt.date(1899, 12, 30).toordinal()


def _stated(item: Input, value: Cell) -> Any:
    if item.type == "date" and isinstance(value, int):
        return dt.date.fromordinal(value + _ZERO)
    return value


def rows(found: Found, formula: NativeFormula, count: int, seed: int = 5) -> list[Row]:
    """At least `count` claims: boundaries one input at a time, half-cent ties, then a random mixture."""
    chance = random.Random(f"{seed} {found.document.key} {found.rule.id}")
    rule = found.rule
    edges = {item.name: list(dict.fromkeys(_edges(rule, item, formula))) for item in rule.inputs}
    cells: list[dict[str, Cell]] = [_good(rule, chance) for _ in range(3)]
    for item in rule.inputs:
        cells += [{**_good(rule, chance), item.name: value} for value in (*edges[item.name], *_bad(item))]
    cells += _ties(found, chance)
    cells += _blanks(rule, chance)
    while len(cells) < count:
        base = _good(rule, chance)
        for item in rule.inputs:
            if chance.random() < 0.3:
                base[item.name] = chance.choice(edges[item.name])
        cells.append(base)
    return [expect(found, formula, row) for row in cells]


def _figures(rule: Rule, kind: str) -> Iterator[Decimal]:
    """All numbers of one kind that the provision names, table edges included."""
    for figure in rule.figures.values():
        if isinstance(figure.value, Decimal) and figure.kind == kind:
            yield figure.value
        if figure.table is not None:
            by = rule.input(figure.table.by)
            for edge, value in figure.table.rows:
                if figure.kind == kind:
                    yield value
                if by.type == {"count": "integer"}.get(kind, kind) and isinstance(edge, Decimal):
                    yield edge


def _edges(rule: Rule, item: Input, formula: NativeFormula) -> Iterator[Cell]:
    """Values about which something may turn."""
    match item.type:
        case "boolean":
            yield from ("是", "否", None)
        case "money":
            rates = [r for r in _figures(rule, "rate") if r] or [Decimal(1)]
            yield from (None, Decimal(0), CENT, Decimal("0.17"), Decimal("0.5"), Decimal(formula.ranges[item.name][1]))
            for number in _figures(rule, "money"):
                for near in {number, *((number / r).quantize(CENT) for r in rates)}:
                    yield from (near - CENT, near, near + CENT)
        case "rate":
            yield from (None, Decimal(0), Decimal("0.000001"), Decimal("0.0345"), Decimal("0.034567"), Decimal(1))
            for number in _figures(rule, "rate"):
                yield from (number - Decimal("0.0001"), number, number + Decimal("0.000001"))
        case "date":
            yield from (None, serial(dt.date(1980, 1, 1)), serial(dt.date(2025, 12, 31)), serial(dt.date(2999, 12, 31)))
        case "text":
            yield from (None, "纺织")
        case _ if item.choices:
            yield None
            yield from (c.label for c in item.choices)
            if item.type == "integer":
                yield from (int(c.value) for c in item.choices)
        case _:
            yield from (
                None,
                0,
                1,
                2,
                73,
                365,
                366,
                730,
                731,
                formula.ranges[item.name][1],
                formula.ranges[item.name][1] + 1,
            )
            for count in _figures(rule, "count"):
                yield from (int(count) - 1, int(count), int(count) + 1)


def _bad(item: Input) -> Iterator[Cell]:
    """What must never give an amount."""
    if item.type == "text":
        return
    yield "见附件"
    if item.type == "boolean" or item.choices:
        yield from ("也许", 7, "是否", "*")
        return
    yield from ("800", "800万元", Decimal(-1))
    if item.type in ("money", "rate"):
        yield from (Decimal("5000000.005"), Decimal("0.0000001"), Decimal("1e14"), Decimal("100000000000.01"))
    else:
        yield from (Decimal("1.5"), Decimal("1e14"))


def _good(rule: Rule, chance: random.Random) -> dict[str, Cell]:
    cells = {item.name: _pick(rule, item, chance) for item in rule.inputs}
    for item in rule.inputs:
        if item.period:
            cells |= _period(item, cells[item.name], chance)
    return cells


def _blanks(rule: Rule, chance: random.Random) -> Iterator[dict[str, Cell]]:
    """Claims whose refusal rests on an input left blank, and those just beyond that no plausible value would turn."""
    for item in rule.inputs:
        for number in _figures(rule, "money"):
            if item.at_most is None or item.at_most.times is None:
                continue
            edge = (number / item.at_most.times).quantize(CENT)
            for near in (edge - CENT, edge, edge + CENT, number - CENT, number):
                yield {**_good(rule, chance), item.at_most.of: near, item.name: None}


def _period(item: Input, days: Cell, chance: random.Random) -> dict[str, Cell]:
    """The days by themselves, or a period with the days it has, or with none stated."""
    start, end, since = item.period
    if not isinstance(days, int) or days < 1 or chance.random() < 0.5:
        return {start: None, end: None, since: None}
    first = serial(dt.date(2024, 1, 1)) + chance.randrange(0, 1500)
    drawn = chance.choice([None, first, first - chance.randrange(0, 800)])
    return {start: first, end: first + days - 1, since: drawn, item.name: chance.choice([days, None])}


def _pick(rule: Rule, item: Input, chance: random.Random) -> Cell:
    """A plausible value; optional ones are often left blank."""
    if not item.required and chance.random() < 0.4:
        return None
    match item.type:
        case "boolean":
            usual = "是" if item.assumed or item.required or item.default else "否"
            return usual if chance.random() < 0.85 else chance.choice(["是", "否"])
        case "money":
            named = list(_figures(rule, "money"))
            if named and chance.random() < 0.4:
                return (chance.choice(named) * Decimal(chance.randrange(1, 4000)).scaleb(-2)).quantize(CENT)
            size = 10 ** chance.uniform(2, chance.choice([6, 9, 11]) if item.required else 7)
            return Decimal(str(size)).quantize(chance.choice([CENT, CENT, Decimal(1), Decimal(1000)]))
        case "rate":
            return Decimal(chance.randrange(0, 80000)).scaleb(-6) if chance.random() < 0.5 else Decimal("0.0345")
        case "date":
            return serial(dt.date(2024, 1, 1)) + chance.randrange(0, 1500)
        case "text":
            return "纺织"
        case _ if item.choices:
            return chance.choice(item.choices).label
        case _ if (named := list(_figures(rule, "count"))) and chance.random() < 0.5:
            return max(item.minimum or 0, int(chance.choice(named)) + chance.choice([-1, 0, 0, 1]))
        case _:
            return max(item.minimum or 0, chance.choice([1, 2, 3, 20, 30, 73, 146, 219, 365, chance.randrange(1, 800)]))


def _ties(found: Found, chance: random.Random) -> Iterator[dict[str, Cell]]:
    """Claims whose unrounded amount ends on half a cent, and those a fen to either side."""
    rule = found.rule
    for item in rule.inputs:
        if item.type != "money" or not item.required:
            continue
        for _ in range(12):
            base = {**_good(rule, chance), item.name: chance.choice([Decimal(10_000), Decimal(6_000_000)])}
            for other in rule.inputs:
                if other.type == "boolean":
                    base[other.name] = None
            probe = base[item.name]
            assert isinstance(probe, Decimal)
            try:
                outcome = decide(found, base, None).outcome
            except PolicyError:
                continue
            ratio = (Fraction(outcome.raw) / Fraction(probe)).limit_denominator(10**8)
            if not outcome.eligible or not ratio or ratio.denominator % 2:
                continue
            odd = 2 * chance.randrange(1, 2000) + 1
            reach = max(1, int(probe * 100 * 2 / ratio.denominator / odd))
            fen = odd * (ratio.denominator // 2) * (2 * chance.randrange(0, reach) + 1)
            for near in (fen - 1, fen, fen + 1):
                yield {**base, item.name: Decimal(near).scaleb(-2)}
