"""What a table's column states for an input -> the numerators of `fixed`, by the reading rules of `values`.

Numbers, dates and yes-no columns of numpy's own types are read whole. A float is taken by its shortest repr, as in
`values`: an integer m below 10**15 with m / 10**k equal to it is that repr, since decimals of 15 digits are distinct
in binary64. Everything else (text, Decimal, mixed cells) is read cell by cell with `coerce`, each distinct value
once. A cell that states nothing usable is marked bad and reads as 0: its row is then done by the caller, who gets
the error for it from `assess`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlpolicy.columns.exact_numbers import MOST, Ints, Num
from xlpolicy.columns.masks import Mask, Rows, Truth, either
from xlpolicy.columns.vector import Column, Source, constant
from xlpolicy.faults import InvalidInput
from xlpolicy.law.records import Input, Rule
from xlpolicy.law.values import coerce

_BOUND = 10**15
#: the decimals tried for a column; what does not fit the best of them is left to the exact interpreter
_DIGITS = (0, 2, 4, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Cells:
    """A table's column: cells in an array of numpy's types, which are missing, and the denominator of decimals.

    `nan`: a NaN is a missing cell (else it is a number that cannot be used).
    """

    data: NDArray[Any]
    missing: Mask | None = None
    den: int = 1
    nan: bool = False

    def __len__(self) -> int:
        return len(self.data)

    def cut(self, part: slice) -> Cells:
        return Cells(self.data[part], None if self.missing is None else self.missing[part], self.den, self.nan)

    def take(self, rows: Ints) -> Cells:
        return Cells(self.data[rows], None if self.missing is None else self.missing[rows], self.den, self.nan)

    def cell(self, row: int) -> Any:
        """One cell as the Python value that `assess` takes."""
        if self.missing is not None and self.missing[row]:
            return None
        value = self.data[row]
        if self.nan and value != value:
            return None
        if self.den != 1:
            return Decimal(int(value)) / self.den
        if isinstance(value, np.datetime64):
            return value.astype("datetime64[us]").item()
        return value.item() if isinstance(value, np.generic) else value


def source(rule: Rule, item: Input, cells: Cells) -> Source:
    """The column of one input, block by block: numbers as they are asked for, other cells all at once."""
    kind = cells.data.dtype.kind
    readable = {"boolean": "biu", "date": "M", "money": "iuf", "rate": "iuf", "integer": "iuf"}.get(item.type, "")
    huge = kind == "u" and len(cells) and cells.data.max() > MOST
    if kind in readable and not huge and not (item.type == "boolean" and cells.den != 1):
        if kind == "f" and cells.data.dtype != np.float64:
            # the repr of a narrower float is its own
            narrow = cells.data.dtype.itemsize < 8
            cells = Cells(
                (cells.data.astype(str) if narrow else cells.data).astype(np.float64), cells.missing, nan=cells.nan
            )
        return lambda part: _numbers(item, cells.cut(part))
    return _each(rule, item, cells).cut


def read(rule: Rule, item: Input, cells: Cells) -> Column:
    """The column of one input as a whole."""
    return source(rule, item, cells)(slice(0, len(cells)))


def _numbers(item: Input, cells: Cells) -> Column:
    """A block of numpy's numbers, dates or booleans."""
    data: Any = cells.data
    if item.type == "boolean":
        return _yes_no(cells)
    if item.type == "date":
        return _column(data.astype("datetime64[D]").astype(np.int64), 1, cells.missing, np.isnat(data))
    if data.dtype.kind == "f":
        return _floats(item, cells)
    return _checked(item, _column(data.astype(np.int64, copy=False), cells.den, cells.missing, None))


def _yes_no(cells: Cells) -> Column:
    data: Any = cells.data
    bad = None
    if data.dtype.kind != "b":
        bad = (data != 0) & (data != 1)
        data = data == 1
    absent: Rows = False if cells.missing is None else cells.missing
    if absent is not False:
        data = data & ~absent
    return Column(Truth(data, absent=absent), _some(bad, cells.missing))


def _some(bad: Mask | None, missing: Mask | None) -> Rows:
    """Bad cells, of those not missing; False when there are none."""
    if bad is None:
        return False
    if missing is not None:
        bad = bad & ~missing
    return bad if bad.any() else False


def _column(
    nums: Ints, den: int, missing: Mask | None, bad: Mask | None, lo: int | None = None, hi: int | None = None
) -> Column:
    """Numerators with 0 where a cell is missing or bad."""
    wrong = _some(bad, missing)
    absent: Rows = False if missing is None or not missing.any() else missing
    gone = either(wrong, absent)
    if gone is not False:
        nums, lo, hi = np.where(gone, 0, nums), None, None
    return Column(Num(nums, den, lo, hi, absent=absent), wrong)


def _checked(item: Input, column: Column) -> Column:
    """Within the bounds that `coerce` sets for the type; cells outside are bad."""
    value = column.value
    assert isinstance(value, Num) and not isinstance(value.num, int)
    nums, den = value.num, value.den
    least = (item.minimum or 0) if item.type == "integer" else 0
    most = den if item.type == "rate" else min(_BOUND * den - 1, MOST)
    if item.maximum is not None:
        most = min(most, int(item.maximum * den))
    wrong: Rows = False
    if value.lo < least * den or value.hi > most:
        wrong = (nums < least * den) | (nums > most)
    if item.type == "integer":
        if den != 1:
            wrong = either(wrong, nums % den != 0)
        if item.choices:
            wrong = either(wrong, ~np.isin(nums, [int(c.value) * den for c in item.choices]))
    if isinstance(wrong, bool):
        return column
    missing = None if isinstance(value.absent, bool) else value.absent
    again = _column(nums, den, missing, wrong)
    return Column(again.value, either(again.bad, column.bad))


def _floats(item: Input, cells: Cells) -> Column:
    """Floats by their shortest repr as numerators over a power of ten; bad where that takes too many digits."""
    data, missing = cells.data, cells.missing
    best: tuple[int, Ints, int, Mask] | None = None
    with np.errstate(invalid="ignore", over="ignore"):
        for digits in (d for d in _DIGITS if d):
            power = 10.0**digits
            near = data * power
            np.rint(near, out=near)
            good = near / power == data
            if good.all():
                lo, hi = (int(near.min()), int(near.max())) if len(near) else (0, 0)
                if lo > -_BOUND and hi < _BOUND:
                    return _checked(item, _column(near.astype(np.int64), 10**digits, missing, None, lo, hi))
            elif missing is None and cells.nan:
                missing = np.isnan(data)
            bad = ~(good & (np.abs(near) < _BOUND))
            near[bad] = 0
            count = np.count_nonzero(bad if missing is None else bad & ~missing)
            if best is None or count < best[0]:
                best = int(count), near.astype(np.int64), 10**digits, bad
            if not count:
                break
    assert best is not None
    return _checked(item, _column(best[1], best[2], missing, best[3]))


def _each(rule: Rule, item: Input, cells: Cells) -> Column:
    """Cell by cell through `coerce`, each distinct cell once."""
    if cells.den != 1 or cells.data.dtype.kind == "M":
        data = [cells.cell(row) for row in range(len(cells))]
    else:
        data = cells.data.tolist()
    if cells.nan:
        data = [None if cell != cell else cell for cell in data]
    if cells.missing is not None:
        data = [None if gone else cell for cell, gone in zip(data, cells.missing.tolist(), strict=True)]
    seen: dict[Any, int] = {}
    values: list[Any] = []
    codes = np.empty(len(data), np.int64)
    for row, cell in enumerate(data):
        if isinstance(cell, np.generic):
            cell = cell.item()
        key: Any = cell if type(cell) is str else (type(cell), cell)
        try:
            code = seen.setdefault(key, len(values))
        except TypeError:  # unhashable, so nothing that `coerce` takes
            code = len(values)
        if code == len(values):
            values.append(_one(item, cell))
        codes[row] = code
    absent = np.array([value is None for value in values], np.bool_)[codes]
    missing = absent if absent.any() else None
    bad = np.array([value is _BAD for value in values], np.bool_)[codes]
    if item.type == "boolean":
        yes = np.array([value is True for value in values], np.bool_)[codes]
        return Column(Truth(yes, absent=False if missing is None else missing), _some(bad, missing))
    nums: list[int | None]
    if item.type in ("enum", "date", "text"):
        nums, den = [_code(rule, value) for value in values], 1
    else:
        nums, den = _numerators(values)
    wild = np.array([num is None for num in nums], np.bool_)[codes]
    return _column(np.array([num or 0 for num in nums], np.int64)[codes], den, missing, bad | wild)


_BAD = object()


def _one(item: Input, cell: Any) -> Any:
    """The value of a cell, None where it states nothing, `_BAD` where it cannot be read."""
    if cell is None or (type(cell) is str and not cell.strip()):
        return None
    try:
        return coerce(item, cell)
    except InvalidInput:
        return _BAD


def _numerators(values: list[Any]) -> tuple[list[int | None], int]:
    """Numerators of distinct values over one power of ten (None where one does not fit), 0 for no value."""
    best: tuple[list[int | None], int] | None = None
    for digits in _DIGITS:
        den = 10**digits
        nums = [_over(value, den) for value in values]
        if best is None or nums.count(None) < best[0].count(None):
            best = nums, den
        if None not in nums:
            break
    assert best is not None
    return best


def _over(value: Any, den: int) -> int | None:
    if value is None or value is _BAD:
        return 0
    top, bottom = value.as_integer_ratio()
    num, rest = divmod(top * den, bottom)
    return None if rest or abs(num) > MOST else num


def _code(rule: Rule, value: Any) -> int:
    """The number of an enum token or a date."""
    if value is None or value is _BAD:
        return 0
    code = constant(rule, value)
    assert isinstance(code, Num) and isinstance(code.num, int)
    return code.num
