"""What is known of a formula before any claim: within which bounds its value lies, and when a table is read.

Bounds are those of exact numbers, an unknown side being infinite; they are never an amount.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from xlpolicy.law import nodes as n
from xlpolicy.law import records as r

ZERO, ONE, ENDLESS = Decimal(0), Decimal(1), Decimal("Infinity")
Bounds = tuple[Decimal, Decimal]
#: the tests that must hold for a node to be looked at
Path = tuple[n.Node, ...]
_ANY: Bounds = (-ENDLESS, ENDLESS)


@dataclass(frozen=True, slots=True)
class Known:
    """What a provision declares; `zero` names an input that is taken to be zero, the others may be anything allowed.

    `fixed`: the figures are what they are; else any number, as a simulation may put there.
    """

    inputs: Mapping[str, r.Input]
    figures: Mapping[str, r.Figure]
    terms: Mapping[str, n.Node]
    zero: str = ""
    fixed: bool = True

    def bounds(self, node: n.Node) -> Bounds:
        """The least and the greatest value of a node that is a number."""
        match node:
            case n.Const(Decimal() as value):
                return value, value
            case n.Figure(name):
                number = self.figures[name].value
                if isinstance(number, dt.date):
                    return _ANY
                return (ZERO, ENDLESS) if number is None or not self.fixed else (number, number)
            case n.Lookup(name):
                return self._table(self.figures[name].table)
            case n.Input(name):
                return self._input(name)
            case n.Term(name) if name in self.terms:
                return self.bounds(self.terms[name])
            case n.Arith(op, left, right):
                return _arith(op, self.bounds(left), self.bounds(right))
            case n.Whole(left, _):
                return ZERO, ZERO if self.bounds(left)[1] <= 0 else ENDLESS
            case n.Extreme(op, items):
                pick = min if op == "min" else max
                lows, highs = zip(*map(self.bounds, items), strict=True)
                return pick(lows), pick(highs)
            case n.Choose(test, then, other):
                holds = self.truth(test)
                if holds is not None:
                    return self.bounds(then if holds else other)
                (low, high), (low2, high2) = self.bounds(then), self.bounds(other)
                return min(low, low2), max(high, high2)
        return _ANY

    def truth(self, node: n.Node) -> bool | None:
        """Whether a node that is a truth holds, None where that hangs on the claim."""
        match node:
            case n.Const(bool() as value):
                return value
            case n.Given(name):
                return True if name == self.zero else None
            case n.Not(item):
                holds = self.truth(item)
                return None if holds is None else not holds
            case n.Logic(op, items):
                found = [self.truth(item) for item in items]
                if (op == "or") in found:
                    return op == "or"
                return None if None in found else op == "and"
            case n.Compare(op, _, n.Const(value)) if not isinstance(value, Decimal):
                return None
            case n.Compare(op, left, right):
                return _compare(op, self.bounds(left), self.bounds(right))
            case n.Covered(name):
                return self._covered(self.figures[name].table)
        return None

    def _input(self, name: str) -> Bounds:
        item = self.inputs[name]
        if name == self.zero:
            return ZERO, ZERO
        if item.type not in ("money", "rate", "integer"):
            return _ANY
        if item.choices:
            values = [Decimal(choice.value) for choice in item.choices]
            return min(values), max(values)
        most = ONE if item.type == "rate" else ENDLESS
        return Decimal(item.minimum or 0), most if item.maximum is None else item.maximum

    def _table(self, table: r.Table | None) -> Bounds:
        if table is None or not isinstance(table.rows[0][1], Decimal):
            return _ANY
        values = [row[1] for row in table.rows]
        if table.by == self.zero:
            reached = [value for edge, value in table.rows if self._reached(table, edge)]
            value = reached[-1] if reached else ZERO
            return value, value
        return ZERO, max(values) if self.fixed else ENDLESS

    def _reached(self, table: r.Table, edge: Any) -> bool:
        """Whether zero is in the row."""
        if not isinstance(edge, Decimal):
            return False
        return edge == 0 if table.mode == "levels" else edge <= 0 if table.mode == "from" else edge < 0

    def _covered(self, table: r.Table | None) -> bool | None:
        if table is None or table.by != self.zero:
            return None
        return any(self._reached(table, edge) for edge, _ in table.rows)


def not_negative(node: n.Node, known: Known) -> n.Node:
    """The formula, held at zero where a difference in it could take it below: no amount is ever negative."""
    free = replace(known, fixed=False)
    return n.Extreme("max", (node, n.Const(ZERO))) if free.bounds(node)[0] < 0 else node


def pays_nothing(known: Known, amount: n.Node, conditions: Sequence[n.Node], limits: Sequence[r.Limit]) -> bool:
    """Whether a provision surely pays nothing while its input `known.zero` is zero, whatever else is claimed."""
    if known.bounds(amount)[1] <= 0 or any(known.truth(test) is False for test in conditions):
        return True
    sure = (x for x in limits if x.when is None or known.truth(x.when))
    return any(known.bounds(limit.node)[1] <= 0 for limit in sure)


def reads(node: n.Node, terms: Mapping[str, n.Node], path: Path = ()) -> Iterator[tuple[str, Path]]:
    """The tables that a formula reads, each with the tests under which it does."""
    match node:
        case n.Lookup(name):
            yield name, path
        case n.Term(name):
            yield from reads(terms[name], terms, path)
        case n.Choose(test, then, other):
            yield from reads(test, terms, path)
            yield from reads(then, terms, (*path, test))
            yield from reads(other, terms, (*path, n.Not(test)))
        case n.Logic(op, items):
            for item in items:
                yield from reads(item, terms, path)
                path = (*path, item if op == "and" else n.Not(item))
        case _:
            for child in n.children(node):
                yield from reads(child, terms, path)


def beside(node: n.Node, terms: Mapping[str, n.Node], inside: bool = False) -> Iterator[str]:
    """The tables that are added to, taken from or held against something else: below their lowest row that remains."""
    match node:
        case n.Lookup(name) if inside:
            yield name
        case n.Term(name):
            yield from beside(terms[name], terms, inside)
        case _:
            rest = [child for child in n.children(node) if child != n.Const(ZERO)]
            joined = isinstance(node, n.Arith) and node.op in "+-"
            joined = joined or (isinstance(node, n.Extreme) and node.op == "max" and len(rest) > 1)
            for child in n.children(node):
                yield from beside(child, terms, inside or joined)


def under(paths: Sequence[Path], node: n.Node) -> n.Node:
    """A test that counts only where one of the paths was taken."""
    if () in paths:
        return node
    ways = [path[0] if len(path) == 1 else n.Logic("and", path) for path in dict.fromkeys(paths)]
    return n.Choose(ways[0] if len(ways) == 1 else n.Logic("or", tuple(ways)), node, n.Const(True))


def _times(left: Decimal, right: Decimal) -> Decimal:
    return ZERO if not left or not right else left * right


def _arith(op: str, left: Bounds, right: Bounds) -> Bounds:
    (low, high), (low2, high2) = left, right
    if op == "+":
        return low + low2, high + high2
    if op == "-":
        return low - high2, high - low2
    if op == "*":
        corners = [_times(a, b) for a in left for b in right]
        return min(corners), max(corners)
    if left == (ZERO, ZERO):
        return left
    if low2 < 0:
        return _ANY
    most = high / low2 if high.is_finite() and low2 > 0 else ENDLESS
    return ZERO if low >= 0 else -ENDLESS, most if high > 0 else ZERO


def _compare(op: str, left: Bounds, right: Bounds) -> bool | None:
    (low, high), (low2, high2) = left, right
    match op:
        case "<":
            return True if high < low2 else False if low >= high2 else None
        case "<=":
            return True if high <= low2 else False if low > high2 else None
        case ">" | ">=":
            turned = _compare("<=" if op == ">" else "<", left, right)
            return None if turned is None else not turned
    apart, one = high < low2 or low > high2, low == high == low2 == high2
    return op == "!=" if apart else op == "==" if one else None
