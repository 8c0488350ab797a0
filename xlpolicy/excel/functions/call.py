"""Excel arguments and results: ranges, name/value pairs, units, blanks, and true errors.

A function of the registry works on plain Python values and raises `PolicyError`; `claim_rows` takes the calls over
claims apart into columns, one result per row (a single cell is a column of one row); an error becomes an `XlError`, never a number or a text in a number's place. How a host
shows an XlError is the adapter's business (xlwings classic: the sentinel that the VBA wrapper turns into CVErr).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any

from xlpolicy.faults import InvalidInput, PolicyError, UnknownInput, nearest
from xlpolicy.law.records import Input
from xlpolicy.money import EXACT, UNITS, as_shown, clean, parse_money
from xlpolicy.sheets.text import cell_text

#: Excel's error values by number (xlErrNA, xlErrValue ...)
NA, VALUE = 2042, 2015
ERRORS = {2000: "#NULL!", 2007: "#DIV/0!", 2015: "#VALUE!", 2023: "#REF!", 2029: "#NAME?", 2036: "#NUM!", 2042: "#N/A"}
#: errors of newer Excels: recognised in an argument, never given as a result
LATER_ERRORS = {
    2043: "#GETTING_DATA", 2045: "#SPILL!", 2046: "#CONNECT!", 2047: "#BLOCKED!", 2048: "#UNKNOWN!", 2049: "#FIELD!",
    2050: "#CALC!", 2051: "#BUSY!",
}  # fmt: skip
#: how an error crosses the COM border, in both directions
SENTINEL = "#XLERR:"
#: more rows than any list of claims has; a whole column by mistake has 1,048,576
MOST_ROWS = 200_000
_TEXTS = ERRORS | LATER_ERRORS
_NUMBERS = {text: number for number, text in _TEXTS.items()} | {f"{SENTINEL}{number}": number for number in _TEXTS}
_NA_CODES = frozenset(
    {
        "not_in_force",
        "not_computable",
        "unknown_city",
        "unknown_rule",
        "unknown_policy",
        "ambiguous_rule",
        "undecided",
        "working_folder",
        "register",
    }
)
#: options of a call, beside the inputs of the provision: any spelling -> the one used here
OPTIONS = {
    "单位": "unit", "unit": "unit", "日期": "on", "申报日期": "on", "on": "on", "文件": "policy", "policy": "policy",
}  # fmt: skip
#: the first number that is no day any more
MOST_DAYS = 2_958_466
#: how a number crosses the COM border that counts days from 1904, and by how many days it differs from one that does not
FROM_1904, LATER = "#1904:", 1462


@dataclass(frozen=True, slots=True)
class XlError:
    """A true Excel error with its reason (code of the catalogue and the Chinese message)."""

    number: int
    code: str
    message: str

    @property
    def text(self) -> str:
        return ERRORS[self.number]


class BlankOrZero(float):
    """A 0 from a host that hands an empty cell over as 0 too: LibreOffice Calc for a single cell, older Excel on the
    server route for any.
    """

    __slots__ = ()


class DayFrom1904(float):
    """A number that a formula worked out in a workbook whose days count from 1904: where a day is asked for, another one."""

    __slots__ = ()


def counted(value: Any) -> Any:
    """An argument with the numbers in it that the VBA wrapper marked as counting from 1904."""
    if type(value) is str and value.startswith(FROM_1904):
        return DayFrom1904(value.removeprefix(FROM_1904))
    if not isinstance(value, list | tuple) or not value:
        return value
    rows = value if isinstance(value[0], list | tuple) else [value]
    if not any(type(one) is str and one.startswith(FROM_1904) for one in chain.from_iterable(rows)):
        return value
    return [counted(one) if not isinstance(one, list | tuple) else [*map(counted, one)] for one in value]


def as_error(error: PolicyError) -> XlError:
    """#N/A where nothing can apply (not in force, not computable, unknown name), #VALUE! for bad input."""
    return XlError(NA if error.code in _NA_CODES else VALUE, error.code, str(error))


def error_cell(value: object) -> XlError | None:
    """The error that an argument's cell shows (as text, as the sentinel, or as COM's integer), else None."""
    if isinstance(value, XlError):
        return value
    number = _error_number(value)
    if number is None:
        return None
    return XlError(number if number in ERRORS else VALUE, "error_cell", str(_broken(number, "")))


def _error_number(value: object) -> int | None:
    if isinstance(value, str) and value.startswith("#"):
        return _NUMBERS.get(value)
    if type(value) is int and -2146828288 <= value <= -2146826200:
        return value + 2146828288
    return None


def _broken(number: int, where: str) -> InvalidInput:
    text = _TEXTS.get(number, "#VALUE!")
    return InvalidInput(
        f"引用的单元格是错误值 {text}", where=where, expected="数值或文字", remedy="先改正被引用的单元格"
    )


def one_cell(area: Grid, got: str, where: str, expected: str, remedy: str) -> Any:
    """The cell of an argument that is to be one. Raises InvalidInput for a range and for a cell in error."""
    if size(area) != (1, 1):
        raise InvalidInput(got, where=where, expected=expected, remedy=remedy)
    if (number := _error_number(area[0][0])) is not None:
        raise _broken(number, where)
    return area[0][0]


Grid = list[list[Any]]


def is_range(value: object) -> bool:
    return isinstance(value, list | tuple)


def grid(value: object) -> Grid:
    """A cell, a flat list (xlwings' 1-D ranges, read as a column) or rows of cells -> rows of equal length."""
    if not isinstance(value, list | tuple):
        return [[value]]
    if (
        value
        and set(map(type, value)) <= {list, tuple}
        and len(widths := set(map(len, value))) == 1
        and 0 not in widths
    ):
        return value  # type: ignore[return-value]  # regular already, and may be long: never changed, so not copied
    rows = [list(row) if isinstance(row, list | tuple) else [row] for row in value] or [[None]]
    width = max(map(len, rows)) or 1
    return [row + [None] * (width - len(row)) for row in rows]


def size(area: Grid) -> tuple[int, int]:
    return len(area), len(area[0])


def is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def unstated(value: object) -> bool:
    """Whether a cell that is asked for a name or a day states none: blank, or a 0 that may be so, since none of them is 0."""
    return is_blank(value) or type(value) is BlankOrZero


def cell(value: object) -> object:
    """A raw cell as the rules take it: dates without time, numbers to the digits that are shown."""
    if type(value) is float:
        return float(as_shown(value))
    return value.date() if isinstance(value, dt.datetime) else value


def serial_date(value: object) -> object:
    """A date cell, a date text, or an Excel serial number (1900 system) -> date or the value itself."""
    if type(value) is DayFrom1904:
        value += LATER
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and 1 <= value < MOST_DAYS:
        # 1900 was no leap year, but Excel counts a 29 February: serials before it are one day off
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(value) + (value < 60))
    return cell(value)


def pairs(args: Sequence[object]) -> list[tuple[str, Grid]]:
    """The [name, value]… tail of a call, by name. A range of names with a range of values stands for many pairs.

    Raises InvalidInput for an odd one out or areas that do not match, UnknownInput for a name that is no text.
    """
    if len(args) % 2:
        raise InvalidInput(
            "名称和数值没有成对",
            where="函数参数",
            expected='成对书写，如 "含税投资额",C2',
            remedy="补上缺的名称或数值",
        )
    out: list[tuple[str, Grid]] = []
    for name, value in zip(args[::2], args[1::2], strict=True):
        out += (
            _block(name, grid(value)) if is_range(name) and size(grid(name)) != (1, 1) else [(_name(name), grid(value))]
        )
    seen: set[str] = set()
    for written, _ in out:
        key = OPTIONS.get(written.lower(), written)
        if key in seen:
            raise InvalidInput(f"“{written}”写了两次", where="函数参数", expected="每项只写一次", remedy="删去一个")
        seen.add(key)
    return out


def _name(name: object) -> str:
    single = grid(name)[0][0]
    if not isinstance(single, str) or not single.strip():
        raise UnknownInput(
            f"“{'空白' if unstated(single) else single}”不是输入项名称", where="函数参数", expected="文字名称",
            remedy="把名称用引号括起；主要输入项只能写一个，其余写成 名称,数值",
        )  # fmt: skip
    return clean(single)


def _block(name: object, area: Grid) -> Iterator[tuple[str, Grid]]:
    """Names in a row over columns of values, or in a column beside them; a blank name leaves its values out."""
    flat = not isinstance(name[0], list | tuple)  # type: ignore[index]
    names = grid(name)
    rows, columns = size(names)
    listed = [item for row in names for item in row]
    height, width = size(area)
    over = width == len(listed) and (rows == 1 or flat)
    if rows > 1 and columns > 1:
        raise InvalidInput(
            f"名称的区域是 {rows} 行 {columns} 列", where="函数参数", expected="一行或一列名称", remedy="重选名称的区域"
        )
    if over:
        parts = [[[row[i]] for row in area] for i in range(width)]
    elif height == len(listed) and (columns == 1 or width == 1):
        parts = [[row] for row in area]
    elif height == 1 and width == len(listed):
        parts = [[[item]] for item in area[0]]
    else:
        raise InvalidInput(
            f"名称有 {len(listed)} 个，数值的区域是 {height} 行 {width} 列", where="函数参数",
            expected="每个名称一列（或一行）数值", remedy="把名称和数值选成一样多",
        )  # fmt: skip
    for item, part in zip(listed, parts, strict=True):
        if not is_blank(item):
            yield _name(item), part


def split(args: Sequence[object]) -> tuple[object, Sequence[object]]:
    """The arguments after city and provision: an odd number of them begins with the primary input's value."""
    return (args[0], args[1:]) if len(args) % 2 else (None, args)


def check_unit(unit: str) -> str:
    """A unit of money that may stand in a call (万 is 万元). Raises InvalidInput."""
    unit = yuan_unit(unit)
    if unit not in UNITS:
        raise InvalidInput(
            f"单位“{unit}”不认识", where="单位", expected="、".join(UNITS), remedy='写 "单位","万元" 或不写（元）'
        )
    return unit


def yuan_unit(unit: str) -> str:
    """万 -> 万元; any other text as it is."""
    return f"{unit}元" if f"{unit}元" in UNITS else unit


def spread(shape: tuple[int, int] | None, results: list[Any]) -> Any:
    """Results in the shape of the call: a scalar for one cell, rows of cells for a range."""
    if shape is None:
        return results[0]
    if shape[1] == 1:
        return [[one] for one in results]
    return [results[i : i + shape[1]] for i in range(0, len(results), shape[1])]


def attempt(one: Callable[..., Any], *args: Any) -> Any:
    """The result, or the XlError that a refusal becomes."""
    try:
        return one(*args)
    except PolicyError as error:
        return as_error(error)


def lift(one: Callable[..., Any], *args: object) -> Any:
    """Apply a function of single cells to cells and ranges of one shape; an unstated first cell gives "".

    Raises InvalidInput for ranges of unlike shapes.
    """
    areas = [grid(arg) for arg in args]
    shape = next((size(area) for area in areas if size(area) != (1, 1)), (1, 1))
    for number, area in enumerate(areas, 1):
        if size(area) not in ((1, 1), shape):
            raise InvalidInput(
                f"第 {number} 个参数的区域是 {len(area)} 行 {len(area[0])} 列", where="函数参数",
                expected=f"{shape[0]} 行 {shape[1]} 列，或一个单元格", remedy="把区域选成一样大",
            )  # fmt: skip
    out: list[Any] = []
    for r in range(shape[0]):
        for c in range(shape[1]):
            cells = [area[0][0] if size(area) == (1, 1) else area[r][c] for area in areas]
            error = next(filter(None, map(error_cell, cells)), None)
            out.append(error or ("" if unstated(cells[0]) else attempt(one, *cells)))
    return spread(shape if any(map(is_range, args)) else None, out)


def words(value: object, what: str) -> str:
    """The text of a single cell: a name of something. Raises InvalidInput for a range or a blank."""
    area, asked = grid(value), ("一个单元格或一段文字", f"填写{what}")
    single = one_cell(area, f"是 {len(area)} 行 {len(area[0])} 列的区域", what, *asked)
    if unstated(single):
        raise InvalidInput("是空白", where=what, expected=asked[0], remedy=asked[1])
    return cell_text(single)


def number(amount: Decimal, unit: str) -> float:
    """An amount at the Excel boundary: the nearest binary float of the exact decimal, in the unit of the call."""
    return float(amount / UNITS[unit])


def with_unit(value: object, unit: str) -> object:
    """A bare number in the unit of the call, however written, as text that says so ("800万元"); anything else as it is."""
    try:
        amount = parse_money(value, unit)
        if isinstance(value, str) and parse_money(value, "万元") == parse_money(value):  # it names its unit
            return value
    except ValueError:
        return value
    bare = f"{EXACT.divide(amount, UNITS[unit]):f}"
    # a whole number in a cell is a float, and nobody writes 50.0万元
    return f"{bare.rstrip('0').rstrip('.') if '.' in bare else bare}{unit}"


def may_be_blank(label: str, where: str) -> InvalidInput:
    """The question about a 0 that may be an empty cell, where that would count as something else."""
    return InvalidInput(
        f"“{label}”是 0，也可能是空白单元格，这里分不清",
        where=where,
        expected="写明的数值",
        remedy='在空着的格里打一个空格，或从公式里删去这一项；确实是 0 的，写文字 "0"',
    )


def as_input(item: Input, value: object, unit: str, *, first: bool = False) -> object:
    """A cell for one input: a bare number in the unit of the call, a serial number as its date.

    What cannot be read is left as it is, for the rule to refuse with its name. `first`: of its provision, of which blank
    and 0 both pay nothing where it is required. Raises InvalidInput for a 0 that may be an empty cell, where that would
    count as something else.
    """
    if type(value) is BlankOrZero:
        if item.type in ("enum", "text", "date"):
            return None
        if (item.default != 0 or item.default_from) and not (first and item.required):
            raise may_be_blank(item.label, item.name)
        value = 0.0
    if item.type == "date":
        return serial_date(value)
    if item.type != "money" or unit == "元":
        return value
    try:
        return parse_money(value, unit)
    except ValueError:
        return value


def one_of(text: str, allowed: Mapping[str, Any], what: str) -> Any:
    """The value behind one of the allowed words. Raises InvalidInput."""
    if text not in allowed:
        raise InvalidInput(f"“{text}”不认识", where=what, expected="、".join(allowed), remedy=nearest(text, allowed))
    return allowed[text]
