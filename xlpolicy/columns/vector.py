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
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any

import numpy as np

from xlpolicy.claim.period import years_of
from xlpolicy.columns import exact_numbers as f
from xlpolicy.columns.exact_numbers import Ints, Num, Value
from xlpolicy.columns.masks import Mask, Rows, Truth, both, conjunction, disjunction, either, negate, opposite
from xlpolicy.law import nodes as n
from xlpolicy.law.records import Assumption, Input, Rule

#: rows of one block: few enough for its columns to stay in the processor's cache, enough to make the walk cheap
BLOCK = 1 << 17
#: rules whose closures are kept
REMEMBERED = 4096
Env = dict[str, Value]
Fn = Callable[[Env], Any]
_ARITH: Mapping[str, Callable[[Num, Num], Num]] = {"+": f.add, "-": f.subtract, "*": f.multiply, "/": f.divide}
_ZERO, _YES = Num(0), Truth(True)
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


@lru_cache(REMEMBERED)
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


class Program:
    """A rule's closures over a block's inputs and terms, in the order they run."""

    __slots__ = ("amount", "assumptions", "conditions", "defaults", "limits", "needs", "over", "terms")

    def __init__(self, rule: Rule) -> None:
        assert rule.amount is not None
        make = partial(_compile, rule=rule)
        self.defaults = {i.name: constant(rule, i.default) for i in rule.inputs if i.default is not None}
        self.needs = [(i.name, make(i.required_when)) for i in rule.inputs if i.required_when is not None]
        self.terms = [(line.name, make(line.node)) for line in rule.terms]
        self.conditions = [make(line.node) for line in rule.conditions]
        self.assumptions = [(a, make(a.when) if a.when else _always) for a in rule.assumptions]
        self.amount = make(rule.amount.node)
        self.limits = [(make(x.node), x.used, make(x.when) if x.when else _always) for x in rule.limits]
        self.over: tuple[str, Fn] | None = None
        if rule.term and rule.term.paid:  # interest paid for more days than the term has is the exact interpreter's
            most = n.Const(Decimal((years_of(rule) or 0) * 365))
            self.over = rule.term.paid, make(n.Compare(">", n.Input(rule.term.days), most))


@lru_cache(REMEMBERED)
def program(rule: Rule) -> Program:
    """The closures of a computable rule, compiled once."""
    return Program(rule)


def _always(_: Env) -> Truth:
    return _YES


def evaluate(
    rule: Rule,
    columns: Mapping[str, Source],
    size: int,
    exactly: Callable[[int], tuple[bool, int]],
    fen: Ints | None = None,
    eligible: Mask | None = None,
    *,
    marks: bool = True,
) -> Result:
    """Run a computable rule on `size` rows of stated inputs (`columns`, by input name).

    `exactly(row)` -> (eligible, fen) is called for every row that integers cannot decide. The results are written
    to `fen` and `eligible` where these are given. Without `marks` it is not told what was assumed.
    """
    amount = np.empty(size, np.int64) if fen is None else fen
    entitled = np.empty(size, np.bool_) if eligible is None else eligible

    def block(start: int) -> tuple[Rows, dict[int, Rows]]:
        part = slice(start, min(start + BLOCK, size))
        rows = _Block(rule, {name: column(part) for name, column in columns.items()}, marks)
        return rows.run(amount[part], entitled[part]), rows.marks

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
    found: list[tuple[Input | Assumption, Rows]] = []
    for what in _markable(rule) if marks else ():
        held = _join([marked.get(id(what), False) for _, marked in done], size)
        if held is not False:
            found.append((what, held))
    return Result(amount, entitled, redo, tuple(found))


def _markable(rule: Rule) -> tuple[Input | Assumption, ...]:
    return *rule.inputs, *rule.assumptions


def _join(blocks: list[Rows], size: int) -> Rows:
    """One mark for all rows from those of the blocks."""
    for rows in (False, True):
        if all(block is rows for block in blocks):
            return rows
    out = np.empty(size, np.bool_)
    for index, block in enumerate(blocks):
        out[index * BLOCK : (index + 1) * BLOCK] = block
    return out


class _Block:
    """Some rows: their inputs and terms, what was assumed, and the rows to be done exactly."""

    def __init__(self, rule: Rule, columns: Mapping[str, Column], told: bool) -> None:
        self.rule, self.code, self.told = rule, program(rule), told
        self.env: Env = {name: column.value for name, column in columns.items()}
        self.marks: dict[int, Rows] = {}
        self.doubt = either(*[column.bad for column in columns.values()])
        for item in rule.inputs:
            self._fill(item)
            for name in (*item.period, item.year_since):  # what is held against dates is done by the exact interpreter
                if name in self.env:
                    self.doubt = either(self.doubt, negate(self.env[name].absent))
        for name, needed in self.code.needs:
            need = needed(self.env)
            self.doubt = either(self.doubt, need.doubt, both(need.value, self.env[name].absent))
        if self.code.over is not None:
            name, longer = self.code.over
            need = longer(self.env)
            self.doubt = either(self.doubt, need.doubt, both(need.value, negate(self.env[name].absent)))

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
            fill = self.code.defaults[item.name]
            if item.assumed and item.asked_when is None:
                self._mark(item, gap)
        elif item.required:
            self.doubt = either(self.doubt, gap)
        if fill is not None:
            self.env[item.name] = fill if value is None else f.choose(Truth(gap), fill, value)
        elif value is None:
            self.env[item.name] = Truth(False, absent=True) if item.type == "boolean" else Num(0, absent=True)

    def _mark(self, what: Input | Assumption, rows: Rows) -> None:
        self.marks[id(what)] = rows if isinstance(rows, bool) or rows.any() else False

    def run(self, fen: Ints, eligible: Mask) -> Rows:
        """Fill in the amounts and eligibility; returns the rows to be done exactly."""
        code, env, doubt = self.code, self.env, self.doubt
        for name, fn in code.terms:
            env[name] = term = fn(env)
            doubt = either(doubt, term.doubt)
        met: Rows = True
        for fn in code.conditions:
            holds = fn(env)
            doubt = either(doubt, holds.doubt)
            met = both(met, holds.value)
        for assumption, fn in code.assumptions if self.told else ():
            shown = fn(env)
            doubt = either(doubt, shown.doubt)
            self._mark(assumption, shown.value)
        eligible[:] = met
        if met is False:
            fen[:] = 0
            return doubt
        amount, rooms = code.amount(env), []
        for fn, used, when in code.limits:
            applies = when(env)
            if applies.value is False and applies.doubt is False:
                continue
            room = _room(fn(env), used, env)
            if 100 % room.den == 0:
                rooms.append((room, applies))  # whole fen: the lesser may be taken after rounding
            else:
                amount = f.choose(applies, f.extreme("min", [amount, room]), amount)
        wild = either(f.to_fen(amount, fen), amount.absent)
        for room, applies in rooms:
            wild = either(wild, applies.doubt, both(applies.value, f.lower_fen(fen, room, applies.value)))
        if not isinstance(met, bool):
            refused = len(met) - int(np.count_nonzero(met))
            if refused * 8 < len(met):
                fen[np.flatnonzero(~met)] = 0
            else:
                np.multiply(fen, met, out=fen)
        return either(doubt, both(met, wild))


def _room(maximum: Num, used: str | None, env: Env) -> Num:
    """What is left of a limit: all of it where nothing was used, else never below zero."""
    if used is None:
        return maximum
    spent = env[used]
    assert isinstance(spent, Num)
    if spent.absent is not False:
        # an absent cell holds zero
        spent = Num(spent.num, spent.den, spent.lo, spent.hi, doubt=spent.doubt)
    left = f.extreme("max", [f.subtract(maximum, spent), _ZERO])
    if maximum.lo >= 0:
        return left
    room = f.choose(f.compare("==", spent, _ZERO), maximum, left)
    assert isinstance(room, Num)
    return room


def _compile(node: n.Node, rule: Rule) -> Fn:
    make = partial(_compile, rule=rule)
    match node:
        case n.Const(value):
            number = constant(rule, value)
            return lambda env: number
        case n.Figure(name):
            figure = constant(rule, rule.figures[name].value)
            return lambda env: figure
        case n.Lookup(name):
            by, mode, keys, values = _table(rule, name)
            return lambda env: f.lookup(env[by], mode, keys, values)  # type: ignore[arg-type]
        case n.Covered(name):
            by, mode, keys, _ = _table(rule, name)
            return lambda env: f.covered(env[by], mode, keys)  # type: ignore[arg-type]
        case n.Input(name) | n.Term(name):
            return itemgetter(name)
        case n.Given(name):
            return lambda env: Truth(negate(env[name].absent))
        case n.Arith(op, left, right):
            fn, first, second = _ARITH[op], make(left), make(right)
            return lambda env: fn(first(env), second(env))
        case n.Whole(left, right):
            total, each = make(left), make(right)
            return lambda env: f.whole(total(env), each(env))
        case n.Compare(op, left, right):
            one, two = make(left), make(right)
            return lambda env: f.compare(op, one(env), two(env))
        case n.Logic(op, items):
            join, tests = (conjunction if op == "and" else disjunction), list(map(make, items))
            return lambda env: join([test(env) for test in tests])
        case n.Not(item):
            inner = make(item)
            return lambda env: opposite(inner(env))
        case n.Extreme(op, items):
            parts = list(map(make, items))
            return lambda env: f.extreme(op, [part(env) for part in parts])
        case n.Choose(test, then, other):
            asked, yes, no = make(test), make(then), make(other)
            return lambda env: f.choose(asked(env), yes(env), no(env))


def _table(rule: Rule, name: str) -> tuple[str, str, list[Fraction], list[Fraction]]:
    table = rule.figures[name].table
    assert table is not None
    keys = [Fraction(tokens(rule).get(key, -1) if isinstance(key, str) else key) for key, _ in table.rows]
    return table.by, table.mode, keys, [Fraction(value) for _, value in table.rows]
