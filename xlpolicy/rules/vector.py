"""The numpy interpreter: a rule over whole columns, exact to the fen.

It walks the same nodes as `exact` and gives the same answers, block by block so that the intermediate columns stay
in the processor's cache. How numbers are held, and within which bounds int64 is exact, is said in `fixed`. Rows for
which that does not suffice (and rows that cannot be bound at all) are not decided here: `evaluate` hands each to
the function it is given, which runs the exact interpreter on what the row states.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from xlpolicy.rules import fixed as f
from xlpolicy.rules import nodes as n
from xlpolicy.rules.fixed import Ints, Mask, Num, Rows, Truth, Value, both, either, negate
from xlpolicy.rules.rule import Assumption, Input, Rule

#: rows of one block: its columns stay in the second-level cache
BLOCK = 1 << 16
_EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Column:
    """What a table states for one input: values with their absent rows; `bad` rows state nothing usable."""

    value: Value
    bad: Rows = False

    def cut(self, part: slice) -> Column:
        """The rows of one block."""
        return Column(self.value.cut(part), self.bad if isinstance(self.bad, bool) else self.bad[part])


#: a column block by block
Source = Callable[[slice], Column]


@dataclass(frozen=True, slots=True)
class Result:
    """By row: the amount in fen (0 where not eligible), whether eligible, and the rows that were handed over.

    `marks`: inputs taken as met and readings adopted, each with the rows that it holds for.
    """

    fen: Ints
    eligible: Mask
    handed: Ints
    marks: tuple[tuple[Input | Assumption, Rows], ...]


@cache
def tokens(rule: Rule) -> Mapping[str, int]:
    """A number for every enum token of the rule's inputs."""
    names = dict.fromkeys(str(c.value) for item in rule.inputs if item.type == "enum" for c in item.choices)
    return {token: code for code, token in enumerate(names)}


def constant(rule: Rule, value: Any) -> Value:
    """One value of an input's type, a figure or a constant, as a column."""
    match value:
        case bool():
            return Truth(value)
        case str():
            return Num(tokens(rule).get(value, -1))
        case dt.date():
            return Num(value.toordinal() - _EPOCH)
    return f.number(value)


@cache
def _figure(rule: Rule, name: str) -> Value:
    return constant(rule, rule.figures[name].value)


@cache
def _table(rule: Rule, name: str) -> tuple[str, str, list[Fraction], list[Fraction]]:
    table = rule.figures[name].table
    assert table is not None
    keys = [Fraction(tokens(rule).get(key, -1) if isinstance(key, str) else key) for key, _ in table.rows]
    return table.by, table.mode, keys, [Fraction(value) for _, value in table.rows]


def evaluate(
    rule: Rule,
    columns: Mapping[str, Source],
    size: int,
    exactly: Callable[[int], tuple[bool, int]],
    fen: Ints | None = None,
    eligible: Mask | None = None,
) -> Result:
    """Run a computable rule on `size` rows of stated inputs (`columns`, by input name).

    `exactly(row)` -> (eligible, fen) is called for every row that integers cannot decide. The results are written
    to `fen` and `eligible` where these are given.
    """
    amount = np.empty(size, np.int64) if fen is None else fen
    entitled = np.empty(size, np.bool_) if eligible is None else eligible

    def block(start: int) -> tuple[Rows, dict[int, Rows]]:
        part = slice(start, min(start + BLOCK, size))
        frame = _Frame(rule, {name: column(part) for name, column in columns.items()})
        return frame.run(amount[part], entitled[part]), frame.marks

    starts = range(0, size, BLOCK)
    done = list(map(block, starts))
    handed = [
        np.flatnonzero(np.broadcast_to(doubt, min(BLOCK, size - start))) + start
        for start, (doubt, _) in zip(starts, done, strict=True)
        if doubt is not False
    ]
    redo = np.concatenate(handed) if handed else np.empty(0, np.int64)
    for row in redo.tolist():
        entitled[row], amount[row] = exactly(row)
    marks: list[tuple[Input | Assumption, Rows]] = []
    for what in _markable(rule):
        rows = _join([marked.get(id(what), False) for _, marked in done], size)
        if rows is not False:
            marks.append((what, rows))
    return Result(amount, entitled, redo, tuple(marks))


def _markable(rule: Rule) -> tuple[Input | Assumption, ...]:
    return *rule.inputs, *rule.assumptions


def _join(blocks: list[Rows], size: int) -> Rows:
    """One mark for all rows from those of the blocks."""
    if all(block is False for block in blocks):
        return False
    if all(block is True for block in blocks):
        return True
    out = np.empty(size, np.bool_)
    for index, block in enumerate(blocks):
        out[index * BLOCK : (index + 1) * BLOCK] = block
    return out


class _Frame:
    """One block of rows: its inputs and terms, and what was assumed."""

    def __init__(self, rule: Rule, columns: Mapping[str, Column]) -> None:
        self.rule = rule
        self.env: dict[str, Value] = {name: column.value for name, column in columns.items()}
        self.marks: dict[int, Rows] = {}
        self.doubt = either(*(column.bad for column in columns.values()))
        for item in rule.inputs:
            self._fill(item)
        for item in rule.inputs:
            if item.required_when is not None:
                need = self.truth(item.required_when)
                self.doubt = either(self.doubt, need.doubt, both(need.value, self.env[item.name].absent))

    def _fill(self, item: Input) -> None:
        """Defaults where the input is not stated, in the order in which `assess` binds them."""
        value = self.env.get(item.name)
        gap: Rows = True if value is None else value.absent
        if gap is False:
            return
        fill: Value | None = None
        if item.default_from is not None:
            fill = self.env.get(item.default_from)
        elif item.default is not None:
            fill = constant(self.rule, item.default)
            if item.assumed:
                self.mark(item, gap)
        elif item.required:
            self.doubt = either(self.doubt, gap)
        if fill is not None:
            self.env[item.name] = fill if value is None else f.choose(Truth(gap), fill, value)
        elif value is None:
            self.env[item.name] = Truth(False, absent=True) if item.type == "boolean" else Num(0, absent=True)

    def mark(self, what: Input | Assumption, rows: Rows) -> None:
        self.marks[id(what)] = rows if isinstance(rows, bool) or rows.any() else False

    def run(self, fen: Ints, eligible: Mask) -> Rows:
        """Fill the block's amounts and eligibility; returns the rows to be done exactly."""
        rule, doubt = self.rule, self.doubt
        for line in rule.terms:
            term = self.env[line.name] = self.read(line.node)
            doubt = either(doubt, term.doubt)
        met: Rows = True
        for line in rule.conditions:
            holds = self.truth(line.node)
            doubt = either(doubt, holds.doubt)
            met = both(met, holds.value)
        for assumption in rule.assumptions:
            shown = Truth(True) if assumption.when is None else self.truth(assumption.when)
            doubt = either(doubt, shown.doubt)
            self.mark(assumption, shown.value)
        eligible[:] = met
        if met is False:
            fen[:] = 0
            return doubt
        assert rule.amount is not None
        amount = self.number(rule.amount.node)
        for limit in rule.limits:
            applies = Truth(True) if limit.when is None else self.truth(limit.when)
            if applies.value is False and applies.doubt is False:
                continue
            lower = f.extreme("min", [amount, self._room(self.number(limit.node), limit.used)])
            chosen = f.choose(applies, lower, amount)
            assert isinstance(chosen, Num)
            amount = chosen
        wild = f.to_fen(amount, fen)
        if met is not True:
            np.copyto(fen, 0, where=negate(met))
        return either(doubt, both(met, either(wild, amount.absent)))

    def _room(self, maximum: Num, used: str | None) -> Num:
        """What is left of a limit: all of it where nothing was used, else never below zero."""
        if used is None:
            return maximum
        spent = self.env[used]
        assert isinstance(spent, Num)
        if spent.absent is not False:
            spent = Num(
                spent.num if isinstance(spent.num, int) or spent.absent is True else np.where(spent.absent, 0, spent.num),
                spent.den, min(spent.lo, 0), max(spent.hi, 0), doubt=spent.doubt, over=spent.over, over_hi=spent.over_hi,
            )  # fmt: skip
        left = f.extreme("max", [f.add(maximum, spent, -1), Num(0)])
        if maximum.lo >= 0:
            return left
        room = f.choose(f.compare("==", spent, Num(0)), maximum, left)
        assert isinstance(room, Num)
        return room

    def number(self, node: n.Node) -> Num:
        value = self.read(node)
        assert isinstance(value, Num)
        return value

    def truth(self, node: n.Node) -> Truth:
        value = self.read(node)
        assert isinstance(value, Truth)
        return value

    def _by(self, name: str) -> Num:
        by = self.env[name]
        assert isinstance(by, Num)
        return by

    def read(self, node: n.Node) -> Value:
        """The column a node stands for."""
        match node:
            case n.Const(value):
                return constant(self.rule, value)
            case n.Figure(name):
                return _figure(self.rule, name)
            case n.Lookup(name):
                by, mode, keys, values = _table(self.rule, name)
                return f.lookup(self._by(by), mode, keys, values)
            case n.Covered(name):
                by, mode, keys, _ = _table(self.rule, name)
                return f.covered(self._by(by), mode, keys)
            case n.Input(name) | n.Term(name):
                return self.env[name]
            case n.Given(name):
                return Truth(negate(self.env[name].absent))
            case n.Arith("+", left, right):
                return f.add(self.number(left), self.number(right))
            case n.Arith("-", left, right):
                return f.add(self.number(left), self.number(right), -1)
            case n.Arith("*", left, right):
                return f.multiply(self.number(left), self.number(right))
            case n.Arith(_, left, right):
                return f.divide(self.number(left), self.number(right))
            case n.Compare(op, left, right):
                first, second = self.read(left), self.read(right)
                if isinstance(first, Truth) and isinstance(second, Truth):
                    return f.agree(op, first, second)
                assert isinstance(first, Num) and isinstance(second, Num)
                return f.compare(op, first, second)
            case n.Logic("and", items):
                return f.conjunction([self.truth(item) for item in items])
            case n.Logic(_, items):
                return f.disjunction([self.truth(item) for item in items])
            case n.Not(item):
                return f.opposite(self.truth(item))
            case n.Extreme(op, items):
                return f.extreme(op, [self.number(item) for item in items])
            case n.Choose(test, then, other):
                return f.choose(self.truth(test), self.read(then), self.read(other))


def amounts(result: Result) -> list[Decimal]:
    """The amounts in yuan."""
    return [Decimal(fen).scaleb(-2) for fen in result.fen.tolist()]
