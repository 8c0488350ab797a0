"""Excel arguments and results: ranges, name/value pairs, units, blanks, and true errors.

A function of the registry works on plain Python values and raises `PolicyError`; here one call over a range becomes
one result per row, and an error becomes an `XlError`, never a number or a text in a number's place. How a host
shows an XlError is the adapter's business (xlwings classic: the sentinel that the VBA wrapper turns into CVErr).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xlpolicy.errors import InvalidInput, PolicyError, UnknownInput
from xlpolicy.money import UNITS, clean

#: Excel's error numbers (xlErrNA, xlErrValue)
NA, VALUE = 2042, 2015
_NA_CODES = frozenset(
    {"not_in_force", "not_computable", "unknown_city", "unknown_rule", "unknown_policy", "ambiguous_rule"}
)
_UNIT_NAMES = ("单位", "unit")
_DATE_NAMES = ("日期", "申报日期", "on")
_POLICY_NAMES = ("文件", "policy")


@dataclass(frozen=True, slots=True)
class XlError:
    """A true Excel error with its reason (code of the catalogue and the Chinese message)."""

    number: int
    code: str
    message: str

    @property
    def text(self) -> str:
        return {NA: "#N/A", VALUE: "#VALUE!"}[self.number]


def as_error(error: PolicyError) -> XlError:
    """#N/A where nothing can apply (not in force, not computable, unknown name), #VALUE! for bad input."""
    return XlError(NA if error.code in _NA_CODES else VALUE, error.code, str(error))


@dataclass(frozen=True, slots=True)
class Row:
    """One claim of a call: inputs by name or label, and what rules over it."""

    inputs: Mapping[str, object]
    on: object
    policy: str | None
    unit: str
    blank: bool


Grid = list[list[Any]]


def is_range(value: object) -> bool:
    return isinstance(value, list | tuple)


def grid(value: object) -> Grid:
    """A cell, a flat list (xlwings' 1-D ranges, read as a column) or a 2-D list -> rows of cells."""
    if not isinstance(value, list | tuple):
        return [[value]]
    if value and not isinstance(value[0], list | tuple):
        return [[item] for item in value]
    return [list(row) for row in value]


def is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def cell(value: object) -> object:
    """A raw cell as the rules take it: dates without time, whole floats as they are (coerced by shortest repr)."""
    return value.date() if isinstance(value, dt.datetime) else value


def serial_date(value: object) -> object:
    """A date cell, a date text, or an Excel serial number (1900 system) -> date or the value itself."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value < 2_958_466:
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(value))
    return cell(value)


def pairs(args: Sequence[object]) -> list[tuple[str, object]]:
    """The [name, value]… tail of a call. Raises InvalidInput for an odd one out or a name that is no text."""
    if len(args) % 2:
        raise InvalidInput(
            "名称和数值没有成对",
            where="函数参数",
            expected='成对书写，如 "含税投资额",C2',
            remedy="补上缺的名称或数值",
        )
    out = []
    for name, value in zip(args[::2], args[1::2], strict=True):
        single = grid(name)[0][0]
        if not isinstance(single, str) or not single.strip():
            raise UnknownInput(
                f"“{single}”不是输入项名称", where="函数参数", expected="文字名称", remedy="名称用引号括起"
            )
        out.append((clean(single), value))
    return out


def rows(primary: object, args: Sequence[object], first_input: str | None) -> tuple[tuple[int, int], Iterator[Row]]:
    """One call -> the shape of its result and its claims, row by row.

    `primary` is the value or range of the primary input `first_input`; the pairs of `args` are cells or ranges of
    the same shape; a single cell goes for every row. Raises PolicyError for a call that cannot be read at all.
    """
    named = pairs(args)
    main = grid(primary)
    shape = len(main), max(map(len, main))
    ranges: dict[str, Grid] = {}
    for name, value in named:
        if name in ranges:
            raise InvalidInput(f"“{name}”写了两次", where="函数参数", expected="每项只写一次", remedy="删去一个")
        area = grid(value)
        size = len(area), max(map(len, area))
        if size != (1, 1) and size != shape:
            if shape != (1, 1):
                raise InvalidInput(
                    f"“{name}”的区域是 {size[0]} 行 {size[1]} 列，主要输入是 {shape[0]} 行 {shape[1]} 列",
                    where="函数参数", expected="同样大小的区域，或一个单元格", remedy="把两个区域选成一样大",
                )  # fmt: skip
            shape = size
        ranges[name] = area
    return shape, _claims(main, ranges, shape, first_input)


def _claims(main: Grid, ranges: dict[str, Grid], shape: tuple[int, int], first_input: str | None) -> Iterator[Row]:
    for r in range(shape[0]):
        for c in range(shape[1]):
            at = {name: cell(_pick(area, r, c)) for name, area in ranges.items()}
            unit = str(_take(at, _UNIT_NAMES) or "元")
            on, policy = _take(at, _DATE_NAMES), _take(at, _POLICY_NAMES)
            value = cell(_pick(main, r, c))
            varying = [v for n, v in at.items() if len(ranges[n]) * len(ranges[n][0]) > 1]
            if len(main) * len(main[0]) > 1 or not varying:
                varying.append(value)
            if first_input is not None and not is_blank(value):
                if first_input in at:
                    at = at | {f"{first_input} ": value}
                else:
                    at[first_input] = value
            yield Row(at, serial_date(on), str(policy) if policy else None, unit, all(map(is_blank, varying)))


def _pick(area: Grid, r: int, c: int) -> object:
    row = area[r if len(area) > 1 else 0]
    return row[c if len(row) > 1 else 0]


def _take(at: dict[str, object], names: tuple[str, ...]) -> object:
    for name in names:
        if name in at:
            value = at.pop(name)
            return None if is_blank(value) else value
    return None


def check_unit(unit: str) -> str:
    """A unit of money that may stand in a call. Raises InvalidInput."""
    if unit not in UNITS:
        raise InvalidInput(
            f"单位“{unit}”不认识",
            where="单位",
            expected="、".join(UNITS),
            remedy='写 "单位","万元" 或不写（元）',
        )
    return unit


def spread(primary: object, shape: tuple[int, int], results: list[Any]) -> Any:
    """Results in the shape of the call: a scalar for one cell, rows of cells for a range."""
    if shape == (1, 1) and not is_range(primary):
        return results[0]
    width = shape[1]
    return [results[i : i + width] for i in range(0, len(results), width)]


def each(primary: object, args: Sequence[object], first_input: str | None, one: Callable[[Row], Any]) -> Any:
    """Apply `one` to every claim of a call; PolicyError becomes an XlError in its cell, a blank row stays blank."""
    shape, claims = rows(primary, args, first_input)
    out: list[Any] = []
    for row in claims:
        if row.blank and shape != (1, 1):
            out.append("")
            continue
        try:
            out.append(one(row))
        except PolicyError as error:
            out.append(as_error(error))
    return spread(primary, shape, out)


def number(amount: Decimal, unit: str) -> float:
    """An amount at the Excel boundary: the nearest binary float of the exact decimal, in the unit of the call."""
    return float(amount / UNITS[unit])
