"""Yes-no columns and marked rows for the vector interpreter, with Python's short circuit.

`Rows` marks rows of a block: an array of booleans, or one bool for all of them, so that what holds for a whole
column costs nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
#: rows marked, or all (True), or none (False)
Rows = Mask | bool


def either(*rows: Rows) -> Rows:
    """Rows marked in any of these."""
    out: Rows = False
    for mark in rows:
        if mark is True:
            return True
        if mark is not False:
            out = mark if out is False else out | mark
    return out


def both(first: Rows, second: Rows) -> Rows:
    """Rows marked in each of the two."""
    if first is False or second is False:
        return False
    if first is True:
        return second
    return first if second is True else first & second


def negate(rows: Rows) -> Rows:
    return not rows if isinstance(rows, bool) else ~rows


class Truth:
    """A column of yes and no. Where `absent`, the value is no (as None is)."""

    __slots__ = ("absent", "doubt", "value")

    def __init__(self, value: Rows, doubt: Rows = False, absent: Rows = False) -> None:
        self.value, self.doubt, self.absent = value, doubt, absent

    def cut(self, part: slice) -> Truth:
        return Truth(cut(self.value, part), cut(self.doubt, part), cut(self.absent, part))


def cut(rows: Rows, part: slice) -> Rows:
    return rows if isinstance(rows, bool) else rows[part]


def pick(test: Mask, then: Rows, other: Rows) -> Rows:
    """The marks of `then` where the test holds, of `other` elsewhere."""
    if isinstance(then, bool) and isinstance(other, bool) and then == other:
        return then
    out = np.where(test, then, other)
    return out if out.any() else False


def conjunction(items: list[Truth]) -> Truth:
    """All of them, left to right as Python's `and`: what follows a no is not looked at."""
    value: Rows = True
    doubt: Rows = False
    for item in items:
        doubt = either(doubt, both(value, item.doubt))
        value = both(value, item.value)
    return Truth(value, doubt)


def opposite(item: Truth) -> Truth:
    return Truth(negate(item.value), item.doubt)


def disjunction(items: list[Truth]) -> Truth:
    """Any of them, left to right as Python's `or`."""
    return opposite(conjunction([opposite(item) for item in items]))
