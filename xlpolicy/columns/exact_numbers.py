"""Whole columns of exact numbers: int64 numerators over integer denominators, with their bounds.

A `Num` is `num / den`: `num` an int64 array (or one Python int for a number of the law), `den` one positive Python
int. Money of a table in fen has den 100, a rate of 3% is 3/100, a count or a date (days from 1970) has den 1. Nothing
is rounded before `to_fen`; sums, products and quotients are those of rational numbers. A quotient by a column has no
one denominator: its rows are doubtful.

Exactness. Every array keeps its bounds `lo <= num <= hi`, taken from the column's own minimum and maximum and
carried through each operation by interval arithmetic. While the result's bounds stay within `MOST` (2**62 - 1,
so that the sum of two still fits int64), the operation is exact for the whole column and costs one pass. Where
they do not, the rows that could leave the range are found by an integer comparison before the operation, marked in
`doubt` and computed as 0. A doubtful row is never used: the caller has it computed by the exact interpreter.

Doubtful are also: rows where an absent number takes part, division by zero, and (after arithmetic on quotients,
`fuzz` 2) rows exactly on a comparison or a half cent, because the exact interpreter rounds a non-terminating
quotient at 60 digits and is the one that decides. Farther from the tie the two cannot differ: numerators below
2**62 over one denominator are at least 2**-62 apart in relation, the 60th digit is 10**-41 of that.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlpolicy.columns.masks import Mask, Rows, Truth, both, cut, either, negate, pick

Ints = NDArray[np.int64]
MOST = 2**62 - 1
_FLIP = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal,
}  # fmt: skip


class Num:
    """A column of exact numbers; never changed once it has been handed on.

    `fuzz`: 0 finite decimals, 1 a quotient, 2 arithmetic on quotients.
    """

    __slots__ = ("absent", "den", "doubt", "fuzz", "hi", "lo", "num")

    def __init__(
        self,
        num: Ints | int,
        den: int = 1,
        lo: int | None = None,
        hi: int | None = None,
        *,
        doubt: Rows = False,
        absent: Rows = False,
        fuzz: int = 0,
    ) -> None:
        self.num, self.den = num, den
        if isinstance(num, int):
            lo = hi = num
        elif lo is None or hi is None:
            lo, hi = (int(num.min()), int(num.max())) if len(num) else (0, 0)
        self.lo, self.hi = lo, hi
        self.doubt, self.absent = doubt, absent
        self.fuzz = fuzz

    @property
    def scalar(self) -> bool:
        return isinstance(self.num, int)

    def cut(self, part: slice) -> Num:
        """The rows of one block; the bounds stay those of the column."""
        num = self.num if isinstance(self.num, int) else self.num[part]
        return Num(num, self.den, self.lo, self.hi, doubt=cut(self.doubt, part), absent=cut(self.absent, part))


Value = Num | Truth


@lru_cache(maxsize=1000)
def number(value: Decimal) -> Num:
    """A Decimal as a Num, in lowest terms."""
    part = Fraction(value)
    return Num(part.numerator, part.denominator)


def _bounds(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    corners = [x * y for x in a for y in b]
    return min(corners), max(corners)


def _times(x: Ints | int, xs: tuple[int, int], y: Ints | int, ys: tuple[int, int]) -> tuple[Ints | int, int, int, Rows]:
    """x * y with its bounds, and the rows that could leave the range (0 there)."""
    lo, hi = _bounds(xs, ys)
    if isinstance(x, int):
        if isinstance(y, int):
            return x * y, lo, hi, False
        x, xs, y, ys = y, ys, x, xs
    if isinstance(y, int) and y == 1:
        return x, lo, hi, False
    if max(-lo, hi) <= MOST and (not isinstance(y, int) or abs(y) <= MOST):
        return x * y, lo, hi, False
    if isinstance(y, int):
        room: Any = MOST // abs(y)
        factor: Any = y if abs(y) <= MOST else 0
    else:
        room = MOST // np.maximum(np.abs(y), 1)
        factor = y
    wild = np.abs(x) > room
    return np.where(wild, 0, x) * factor, max(lo, -MOST), min(hi, MOST), wild if wild.any() else False


def _scaled(a: Num, k: int) -> Num:
    """The same numbers over a denominator `k` times as large."""
    if k == 1:
        return a
    num, lo, hi, wild = _times(a.num, (a.lo, a.hi), k, (k, k))
    return Num(num, a.den * k, lo, hi, doubt=either(a.doubt, wild), absent=a.absent, fuzz=a.fuzz)


def _common(a: Num, b: Num) -> tuple[Num, Num]:
    """Both over one denominator."""
    if a.den != b.den:
        whole = lcm(a.den, b.den)
        a, b = _scaled(a, whole // a.den), _scaled(b, whole // b.den)
    if not (isinstance(a.num, int) and isinstance(b.num, int)):
        a, b = _narrow(a), _narrow(b)
    return a, b


def _narrow(a: Num) -> Num:
    """A single number too large to meet int64 arrays makes every row doubtful."""
    if isinstance(a.num, int) and abs(a.num) > MOST:
        return Num(0, a.den, doubt=True)
    return a


def _solid(*items: Value) -> Rows:
    """Rows where an operand is doubtful or absent."""
    return either(*(mark for item in items for mark in (item.doubt, item.absent)))


def _joint(num: Any, lo: int, hi: int, den: int, doubt: Rows, fuzz: int) -> Num:
    """A result over the common denominator of its operands, kept within the range."""
    if not isinstance(num, int) and max(-lo, hi) > MOST:
        wild = (num > MOST) | (num < -MOST)
        lo, hi = max(lo, -MOST), min(hi, MOST)
        if wild.any():
            num, doubt = np.where(wild, 0, num), either(doubt, wild)
    return Num(num, den, lo, hi, doubt=doubt, fuzz=fuzz)


def add(a: Num, b: Num) -> Num:
    fuzz = 2 if a.fuzz or b.fuzz else 0
    a, b = _common(a, b)
    return _joint(a.num + b.num, a.lo + b.lo, a.hi + b.hi, a.den, _solid(a, b), fuzz)


def subtract(a: Num, b: Num) -> Num:
    fuzz = 2 if a.fuzz or b.fuzz else 0
    a, b = _common(a, b)
    return _joint(a.num - b.num, a.lo - b.hi, a.hi - b.lo, a.den, _solid(a, b), fuzz)


def multiply(a: Num, b: Num) -> Num:
    doubt = _solid(a, b)
    num, lo, hi, wild = _times(a.num, (a.lo, a.hi), b.num, (b.lo, b.hi))
    return Num(num, a.den * b.den, lo, hi, doubt=either(doubt, wild), fuzz=2 if a.fuzz or b.fuzz else 0)


def divide(a: Num, b: Num) -> Num:
    """a / b; doubtful where b is zero or differs from row to row."""
    bottom = b.num
    if not isinstance(bottom, int) or not bottom:
        return Num(0, doubt=True)
    share = Fraction(b.den, bottom)
    out = multiply(a, Num(share.numerator))
    out.doubt = either(out.doubt, _solid(b))
    out.den *= share.denominator
    out.fuzz = 2 if a.fuzz or b.fuzz else int(not _terminates(share.denominator))
    return out


def whole(a: Num, b: Num) -> Num:
    """How many times b goes into a in full, zero for an a below zero; doubtful as a quotient is."""
    share = divide(a, b)
    if share.doubt is True or share.fuzz == 2:
        return Num(0, doubt=True)
    num, ends = share.num, (max(share.lo, 0) // share.den, max(share.hi, 0) // share.den)
    if isinstance(num, int):
        return Num(max(num, 0) // share.den, doubt=share.doubt)
    return Num(np.maximum(num, 0) // share.den, 1, *ends, doubt=share.doubt)


def _terminates(den: int) -> bool:
    """Whether a fraction of this denominator is a finite decimal."""
    for prime in (2, 5):
        while den % prime == 0:
            den //= prime
    return den == 1


def extreme(op: str, items: list[Num]) -> Num:
    """The least (op "min") or greatest (op "max") of each row."""
    out = items[0]
    for item in items[1:]:
        a, b = (out, item) if op == "min" else (item, out)
        doubt, fuzz = _solid(a, b), max(a.fuzz, b.fuzz)
        a, b = _common(a, b)
        doubt = either(doubt, a.doubt, b.doubt)
        keep = (a if op == "min" else b) if a.hi <= b.lo else (b if op == "min" else a) if b.hi <= a.lo else None
        if keep is not None:
            out = Num(keep.num, keep.den, keep.lo, keep.hi, doubt=doubt, fuzz=fuzz)
            continue
        pick: Any = (
            (min if op == "min" else max)
            if isinstance(a.num, int) and isinstance(b.num, int)
            else (np.minimum if op == "min" else np.maximum)
        )
        ends = min if op == "min" else max
        out = Num(
            pick(a.num, b.num), a.den, ends(a.lo, b.lo), ends(a.hi, b.hi), doubt=doubt, fuzz=fuzz,
        )  # fmt: skip
    return out


def compare(op: str, a: Value, b: Value) -> Truth:
    """The comparison of each row, as exact rationals."""
    a, b = (_bit(x) if isinstance(x, Truth) else x for x in (a, b))
    fuzzy = a.fuzz == 2 or b.fuzz == 2
    doubt, missing = _solid(a, b), either(a.absent, b.absent)
    if op in ("==", "!=") and missing is not False and (a.absent is False or b.absent is False):
        doubt = either(a.doubt, b.doubt)  # None equals nothing
    else:
        missing = False
    if a.scalar and not b.scalar:
        a, b, op = b, a, _FLIP[op]
    if b.scalar and not fuzzy:
        value = _against(op, a, int(b.num) * a.den, b.den)
    else:
        a, b = _common(a, b)
        doubt = either(doubt, a.doubt, b.doubt)
        value = _COMPARE[op](a.num, b.num)
        if isinstance(a.num, int) and isinstance(b.num, int):
            value = bool(value)
        if fuzzy:
            near = a.num == b.num
            doubt = either(doubt, near if np.any(near) else False)
    if missing is not False:
        value = both(value, negate(missing)) if op == "==" else either(value, missing)
    return Truth(value, doubt)


def _bit(a: Truth) -> Num:
    if isinstance(a.value, bool):
        return Num(int(a.value), doubt=a.doubt, absent=a.absent)
    return Num(np.asarray(a.value, dtype=np.int64), 1, 0, 1, doubt=a.doubt, absent=a.absent)


def _against(op: str, a: Num, top: int, bottom: int) -> Rows:
    """Numerators against the edge top / bottom, which becomes the integer that decides the same way."""
    down, rest = divmod(top, bottom)
    if op in ("==", "!="):
        if rest or not a.lo <= down <= a.hi:
            return op == "!="
        if a.lo == a.hi:
            return op == "=="
        limit = down
    else:
        # v >= edge is v >= ceil(edge), v > edge is v > floor(edge); settled for all rows where the bounds say so
        limit = down + 1 if rest and op in (">=", "<") else down
        first = limit if op in (">=", "<") else limit + 1
        if a.lo >= first or a.hi < first:
            return (a.lo >= first) == (op in (">=", ">"))
    out: Mask = _COMPARE[op](a.num, limit)
    return out


def choose(test: Truth, then: Value, other: Value) -> Value:
    """`then` where the test holds, `other` elsewhere; the branch not taken is not looked at."""
    mask = test.value
    if isinstance(mask, bool):
        kept = then if mask else other
        if test.doubt is False:
            return kept
        mask = np.full(np.shape(test.doubt), mask)
    if isinstance(then, Truth) and isinstance(other, Truth):
        return Truth(
            pick(mask, then.value, other.value), either(test.doubt, pick(mask, then.doubt, other.doubt)),
            pick(mask, then.absent, other.absent),
        )  # fmt: skip
    assert isinstance(then, Num) and isinstance(other, Num)
    fuzz = max(then.fuzz, other.fuzz)
    a, b = _common(then, other)
    doubt = either(test.doubt, pick(mask, a.doubt, b.doubt))
    return Num(
        np.where(mask, a.num, b.num), a.den, min(a.lo, b.lo), max(a.hi, b.hi), doubt=doubt,
        absent=pick(mask, then.absent, other.absent), fuzz=fuzz,
    )  # fmt: skip


def _hits(by: Num, mode: str, keys: list[Fraction]) -> list[Rows]:
    """Where each row of a tier table is reached, or each level met."""
    op = {"from": ">=", "above": ">", "levels": "=="}[mode]
    hits = [_against(op, by, key.numerator * by.den, key.denominator) for key in keys]
    return [both(hit, negate(by.absent)) for hit in hits] if mode == "levels" else hits


def covered(by: Num, mode: str, keys: list[Fraction]) -> Truth:
    """Whether a tier or level table has a row for `by`."""
    if mode == "levels":
        return Truth(either(*_hits(by, mode, keys)), by.doubt)
    return Truth(_hits(by, mode, keys[:1])[0], _solid(by))


def lookup(by: Num, mode: str, keys: list[Fraction], values: list[Fraction]) -> Num:
    """A tier or level table read at `by`, zero outside it."""
    den = lcm(*(v.denominator for v in values))
    nums = [int(v * den) for v in values]
    if max(map(abs, nums)) > MOST:
        return Num(0, doubt=True)
    out: Ints | int = 0
    for num, hit in zip(nums, _hits(by, mode, keys), strict=True):
        if isinstance(hit, bool):
            out = num if hit else out
        elif isinstance(out, int):
            out = np.where(hit, np.int64(num), np.int64(out))
        else:
            np.copyto(out, num, where=hit)
    return Num(out, den, min(*nums, 0), max(*nums, 0), doubt=by.doubt if mode == "levels" else _solid(by))


def to_fen(a: Num, out: Ints) -> Rows:
    """Yuan -> whole fen, half up (away from zero), into `out`; returns the rows the exact interpreter must decide."""
    a = _scaled(a, 100 // gcd(a.den, 100))
    step = a.den // 100
    doubt = a.doubt
    if isinstance(a.num, int):
        fen = (abs(a.num) + step // 2) // step * (1 if a.num >= 0 else -1)
        out[:] = fen if abs(fen) <= MOST else 0
        return doubt if abs(fen) <= MOST else True
    if step > MOST:
        out[:] = 0
        return True
    if a.fuzz == 2:
        # on a half cent, or what would be one without the 60th digit
        rest = np.abs(a.num) % step
        near = rest == step - rest
        doubt = either(doubt, near if np.any(near) else False)
    if step == 1:
        out[:] = a.num
        return doubt
    half = step // 2
    if a.lo >= 0:
        np.add(a.num, half, out=out)
        whole = out.view(np.uint64)  # no sign to look after: half as long again faster
        np.floor_divide(whole, step, out=whole)
    else:
        np.multiply((np.abs(a.num) + half) // step, np.sign(a.num), out=out)
    return doubt


def lower_fen(fen: Ints, room: Num, where: Rows) -> Rows:
    """Bring whole fen down to a room in whole fen (den divides 100) where asked; returns the doubtful rows."""
    room = _scaled(room, 100 // room.den)
    if isinstance(room.num, int):
        if room.num <= MOST:
            np.minimum(fen, max(room.num, -MOST), out=fen, where=where)
    else:
        np.minimum(fen, room.num, out=fen, where=where)
    return _solid(room)
