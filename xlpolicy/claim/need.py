"""How much of one input is needed: the least value that reaches an amount, the threshold, the next tier or the most.

A formula is followed over an open interval of the input as a straight line, as something that only rises or falls, or
as a constant. Where a comparison turns inside the interval, the interval is cut there and gone through again: between
two cuts the amount goes one way, so that the least value is found on the input's grid by halving, with the decision
itself as judge.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from math import ceil, floor
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple

from xlpolicy.claim.binding import input_names
from xlpolicy.claim.decision import Decision, decide, no_amount
from xlpolicy.claim.exact import find_row
from xlpolicy.faults import InvalidInput, MissingInput, NotComputable, PolicyError, UnknownInput, nearest
from xlpolicy.law import nodes as n
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Input, Rule
from xlpolicy.law.values import expected

#: the smallest step of an input: a fen, one, a ten-thousandth of a percent
GRID = {"money": Fraction(1, 100), "integer": Fraction(1), "rate": Fraction(1, 10**6)}
_TESTS = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}
_BOUND = Decimal(10) ** 15 - 1
_MOST_CUTS = 400


class _Cut(Exception):
    def __init__(self, point: Fraction) -> None:
        self.point = point


class _Unstated(Exception):
    """An optional input that nobody stated: every value here is refused."""


class _Astray(Exception):
    """A formula that is neither straight nor goes one way."""


@dataclass(frozen=True, slots=True)
class Line:
    """base + slope * x"""

    base: Fraction
    slope: Fraction = Fraction(0)

    def at(self, x: Fraction) -> Fraction:
        return self.base + self.slope * x

    @property
    def way(self) -> int:
        return _sign(self.slope)


@dataclass(frozen=True, slots=True)
class Bent:
    """Rises (1) or falls (-1) with x, or stays."""

    way: int
    at: Callable[[Fraction], Fraction]


Number = Line | Bent


class Interval:
    """A rule between two values of the input `name`, its other inputs bound in `env`."""

    def __init__(
        self, rule: Rule, env: Mapping[Any, Any], names: frozenset[str], low: Fraction, high: Fraction, grid: Fraction
    ) -> None:
        self.rule, self.env, self.names = rule, env, names
        self.low, self.high, self.grid = low, high, grid
        self.terms: dict[str, Any] = {}

    def run(self) -> None:
        """Go through the rule.

        Raises _Cut where something turns inside, _Unstated where an input has no value, _Astray where nothing can be said.
        """
        rule = self.rule
        for line in rule.terms:
            self.terms[line.name] = self.value(line.node)
        met = [self.value(line.node) for line in rule.conditions]
        if not all(met):
            return
        assert rule.amount is not None
        amount = self.value(rule.amount.node)
        for limit in rule.limits:
            if limit.when is not None and not self.value(limit.when):
                continue
            room = self.value(limit.node)
            if limit.used and (spent := self.input(limit.used)) is not None:
                room = self._either(self._add(room, spent, -1), Line(Fraction(0)), least=False)
            amount = self._either(amount, room, least=True)

    def input(self, name: str) -> Any:
        if name in self.names:
            return Line(Fraction(0), Fraction(1))
        return _number(self.env[name])

    def stated(self, name: str) -> Any:
        """As `input`. Raises _Unstated."""
        if (value := self.input(name)) is None:
            raise _Unstated
        return value

    def value(self, node: n.Node) -> Any:
        """What the node is over the interval. Raises _Cut, _Unstated, _Astray, as `run`."""
        match node:
            case n.Const(value):
                return _number(value)
            case n.Figure(name):
                return _number(self.rule.figures[name].value)
            case n.Lookup(name):
                index, table = self._row(name), self.rule.figures[name].table
                assert table is not None
                return Line(Fraction(0)) if index is None else _number(table.rows[index][1])
            case n.Covered(name):
                return self._row(name) is not None
            case n.Input(name):
                return self.stated(name)
            case n.Term(name):
                return self.terms[name]
            case n.Given(name):
                return self.input(name) is not None
            case n.Logic(op, items):
                return (all if op == "and" else any)(self.value(item) for item in items)
            case n.Not(item):
                return not self.value(item)
            case n.Choose(test, then, other):
                return self.value(then if self.value(test) else other)
            case n.Extreme(op, items):
                return reduce(lambda a, b: self._either(a, b, least=op == "min"), map(self.value, items))
            case n.Compare(op, left, right):
                return self._compare(op, self.value(left), self.value(right))
            case n.Whole(left, right):
                return _whole(self.value(left), self.value(right))
            case n.Arith(op, left, right):
                return self._arith(op, self.value(left), self.value(right))

    def _row(self, name: str) -> int | None:
        table = self.rule.figures[name].table
        assert table is not None
        value = self.input(table.by)
        if not isinstance(value, Line):
            return find_row(table, value)
        if value.way:
            for edge, _ in table.rows:
                self._cut_at(Fraction(edge))
        return find_row(table, _decimal(value.at((self.low + self.high) / 2)))

    def _cut_at(self, point: Fraction) -> None:
        if self.low < point < self.high:
            raise _Cut(point)

    def _add(self, a: Number, b: Number, sign: int) -> Number:
        b = _scaled(b, Fraction(sign))
        if isinstance(a, Line) and isinstance(b, Line):
            return Line(a.base + b.base, a.slope + b.slope)
        if a.way * b.way < 0:
            raise _Astray
        return Bent(a.way or b.way, lambda x: a.at(x) + b.at(x))

    def _arith(self, op: str, left: Number, right: Number) -> Number:
        if op in "+-":
            return self._add(left, right, 1 if op == "+" else -1)
        if isinstance(right, Line) and not right.way:
            return _scaled(left, 1 / right.base if op == "/" else right.base)
        if op == "*" and isinstance(left, Line) and not left.way:
            return _scaled(right, left.base)
        if op == "*" or not (isinstance(left, Line) and isinstance(right, Line)):
            raise _Astray
        a, b = left, right
        self._cut_at(-b.base / b.slope)
        return Bent(_sign(a.slope * b.base - a.base * b.slope), lambda x: a.at(x) / b.at(x))

    def _side(self, a: Number, b: Number) -> int:
        """Whether a is below, at or above b over the interval, which is cut where that turns."""
        difference = self._add(a, b, -1)
        if isinstance(difference, Line):
            if difference.way:
                self._cut_at(-difference.base / difference.slope)
            return _sign(difference.at((self.low + self.high) / 2))
        low, high = floor(self.low / self.grid) + 1, ceil(self.high / self.grid) - 1
        first = _sign(difference.at(low * self.grid))
        if high < low or _sign(difference.at(high * self.grid)) == first:
            return first
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _sign(difference.at(middle * self.grid)) == first else (low, middle)
        raise _Cut((2 * low + 1) * self.grid / 2)

    def _compare(self, op: str, left: Any, right: Any) -> bool:
        if isinstance(left, Line | Bent):
            left, right = self._side(left, right), 0
        return bool(_TESTS[op](left, right))

    def _either(self, a: Number, b: Number, *, least: bool) -> Number:
        return a if (self._side(a, b) < 0) == least else b


def _sign(x: Fraction) -> int:
    return (x > 0) - (x < 0)


def _scaled(a: Number, by: Fraction) -> Number:
    if isinstance(a, Line):
        return Line(a.base * by, a.slope * by)
    return Bent(a.way * _sign(by), lambda x: a.at(x) * by)


def _whole(left: Number, right: Number) -> Number:
    if not isinstance(right, Line) or right.way or right.base <= 0:
        raise _Astray
    return Bent(left.way, lambda x: Fraction(floor(max(left.at(x), Fraction(0)) / right.base)))


def _number(value: Any) -> Any:
    return Line(Fraction(value)) if isinstance(value, Decimal) else value


def _decimal(x: Fraction) -> Decimal:
    return Decimal(x.numerator) / x.denominator


class Need(NamedTuple):
    """The least `value` of the input that reaches what was asked, and the decision there. Without one (`value` None)
    the `decision` is the best that the input can do, at `best`; None where it can do nothing."""

    item: Input
    value: Decimal | None
    decision: Decision | None
    best: Decimal | None = None


class Question:
    """One claim of which one input is looked for. Raises UnknownInput, InvalidInput for an input that has no steps,
    NotComputable for a provision without an amount."""

    def __init__(self, found: Found, inputs: Mapping[str, object], on: dt.date | None, name: str | None = None) -> None:
        self.found, self.on = found, on
        if found.rule.amount is None:
            raise no_amount(found)
        known = input_names(found.rule)
        stated = {item.name for key, value in inputs.items() if (item := known.get(key)) and value not in (None, "")}
        self.item = _wanted(found.rule, name, stated)
        self.others = {key: value for key, value in inputs.items() if known.get(key) is not self.item}
        self.grid = GRID[self.item.type]
        top = self.item.maximum if self.item.maximum is not None else Decimal(1) if self.item.type == "rate" else _BOUND
        self.low, self.high = ceil(Fraction(self.item.minimum or 0) / self.grid), floor(Fraction(top) / self.grid)
        if self.item.choices:
            offered = [int(choice.value) for choice in self.item.choices]
            self.low, self.high = min(offered), max(offered)
        self._made: dict[int, Decision | None] = {}
        self.refusal: PolicyError | None = None

    def value(self, place: int) -> Decimal:
        return _decimal(place * self.grid)

    def decision(self, place: int) -> Decision | None:
        """The decision at a place of the grid; None where there can be none (the last refusal is kept)."""
        if place not in self._made:
            try:
                self._made[place] = decide(self.found, {**self.others, self.item.name: self.value(place)}, self.on)
            except PolicyError as error:
                self._made[place], self.refusal = None, error
        return self._made[place]

    def spans(self) -> Iterator[tuple[int, int]]:
        """The grid from below in spans in which the amount goes one way. Raises NotComputable where none can be said."""
        cuts = sorted(self._cuts())
        start = self.low
        for cut in cuts:
            last = ceil(cut / self.grid) - 1
            if start <= last:
                yield start, last
            start = max(start, last + 1)
            if start * self.grid == cut:
                yield start, start
                start += 1
        if start <= self.high:
            yield start, self.high

    def _cuts(self) -> set[Fraction]:
        sample = next((d for d in map(self.decision, (self.low, self.low + 1, self.high)) if d is not None), None)
        if sample is None:
            assert self.refusal is not None
            raise self.refusal
        if self.item.choices:
            return {Fraction(choice.value) for choice in self.item.choices}
        names = {self.item.name} | {i.name for i in sample.outcome.blank if i.default_from == self.item.name}
        queue = [(self.low * self.grid, self.high * self.grid)]
        found = {self.low * self.grid}
        while queue:
            low, high = queue.pop()
            if high - low <= self.grid:
                continue
            try:
                Interval(self.found.rule, sample.outcome.env, frozenset(names), low, high, self.grid).run()
            except _Cut as cut:
                found.add(cut.point)
                queue += [(low, cut.point), (cut.point, high)]
            except _Unstated:
                continue
            except (_Astray, ZeroDivisionError):
                raise self._unclear() from None
            if len(found) > _MOST_CUTS:
                raise self._unclear()
        return found

    def _unclear(self) -> NotComputable:
        rule = self.found.rule
        return NotComputable(
            f"“{self.item.label}”与金额的关系不是一段一段的，反推不出来", where=f"{rule.title}（{rule.at}）", item=self.item.name,
            expected="随这一项增减的金额", remedy="换一项反推（--by），或直接试算",
        )  # fmt: skip

    def least(self, reached: Callable[[Decision], bool]) -> Need:
        """The least value whose decision is reached. Raises a PolicyError where no value can be decided at all."""
        best: tuple[Decimal, int] | None = None
        for low, high in self.spans():
            place = self._within(low, high, reached)
            if place is not None:
                return Need(self.item, self.value(place), self.decision(place))
            for end in (low, high):
                made = self.decision(end)
                if made is not None and made.eligible and (best is None or made.amount > best[0]):
                    best = made.amount, end
        if isinstance(self.refusal, MissingInput):
            raise self.refusal
        if best is None:
            return Need(self.item, None, self.decision(self.high) or self.decision(self.low))
        most = best[0]
        first = self.least(lambda made: made.eligible and made.amount >= most)
        return Need(self.item, None, first.decision, first.value)

    def _within(self, low: int, high: int, reached: Callable[[Decision], bool]) -> int | None:
        def at(place: int) -> bool:
            made = self.decision(place)
            return made is not None and reached(made)

        if at(low):
            return low
        if not at(high):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if at(middle) else (middle, high)
        return high


def _wanted(rule: Rule, name: str | None, stated: set[str]) -> Input:
    """The input that is looked for: as named, else the first number that is owed and not stated, else the first number.

    Raises UnknownInput, InvalidInput.
    """
    known = input_names(rule)
    if name is not None and name not in known:
        raise UnknownInput(
            f"没有“{name}”这个输入项", where=f"{rule.title}（{rule.at}）", item=name, expected="反推的输入项",
            remedy=nearest(name, [x for i in rule.inputs for x in (i.name, i.label)]),
        )  # fmt: skip
    numbers = [item for item in rule.inputs if item.type in GRID]
    owed = [
        i
        for i in numbers
        if i.required and i.default is None and i.default_from is None and not stated & {i.name, *i.period}
    ]
    item = known[name] if name is not None else next(iter((*owed, *numbers)), None)
    if item is None or item.type not in GRID:
        raise InvalidInput(
            f"“{item.label if item else rule.title}”不是数，不能反推", where=f"{rule.title}（{rule.at}）",
            item=item.name if item else "", expected=expected(numbers[0]) if numbers else "金额、数量或比例",
            remedy="写明按哪一项反推" if numbers else "直接测算：这一条没有可以反推的项",
        )  # fmt: skip
    return item
