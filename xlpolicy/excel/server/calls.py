"""One call of a custom function: the body that Excel posts -> the body that it gets.

The protocol is that of xlwings' JavaScript: `{"func_name", "args", "runtime", ...}`, every argument a matrix (the
tail of a variadic function nested once more), the result `{"result": matrix}`. Cells are taken as JSON gives them.
A refusal of a single cell as #VALUE! goes out as status 400 with its words: Excel shows them on the error's card.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from xlpolicy.excel.functions.call import NA, VALUE, BlankOrZero, XlError
from xlpolicy.excel.functions.registry import BY_NAME, Function

try:
    import orjson

    loads: Callable[[bytes], Any] = orjson.loads
    dumps: Callable[[Any], bytes] = orjson.dumps
except ImportError:  # the same answers, some milliseconds later
    loads = json.loads

    def dumps(data: Any) -> bytes:
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


#: Office.js' names of the errors that a function can give
_TYPES = {NA: "NotAvailable", VALUE: "Value"}
_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    type: str = _JSON


def refusal(status: int, text: str) -> Reply:
    """An answer in words, which Excel shows on the error's card."""
    return Reply(status, text.encode(), _TEXT)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has been read and found to be within the limits."""

    function: Function
    args: list[Any]
    runtime: float
    cells: int

    def reply(self) -> Reply:
        result = self.function.answer(*self.args)
        if isinstance(result, XlError) and result.number == VALUE and self.runtime >= 1.2:
            return refusal(400, result.message)
        return Reply(200, dumps({"result": encode(result, self.runtime)}))


def read(body: bytes, most_cells: int) -> Call | Reply:
    """A posted body -> the call, or why there is none."""
    try:
        data = loads(body)
        name, args, runtime = data["func_name"], data["args"], float(data.get("runtime") or 1.1)
        function = BY_NAME.get(name)
        if function is None:
            return refusal(404, f"没有函数“{name}”。请在 Excel 里重新加载本加载项。")
        areas = _flat(function, args)
        count = sum(len(row) for area in areas if area for row in area)
        if count > most_cells:
            return refusal(
                413, f"所选区域共 {count} 个单元格，超过服务器上限 {most_cells}。请只选有数据的行，不要选整列。"
            )
        if any(len(set(map(len, area))) > 1 for area in areas if area):
            return refusal(400, "所选区域各行的格数不同，请重新选择区域。")
        # older Excel on the desktop hands an empty cell over as 0, newer ones as null: one null tells which it is
        doubtful = not any(None in row for area in areas if area for row in area)
        return Call(function, [_argument(area, doubtful) for area in areas], runtime, count)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return refusal(400, "请求不是自定义函数的调用。")


def _flat(function: Function, args: Any) -> list[Any]:
    """The arguments one after another, those left out at the end dropped."""
    areas: list[Any] = []
    declared = len(function.required) + 1 if function.variadic else len(function.arguments)
    if not isinstance(args, list) or len(args) > declared:
        raise TypeError
    for place, area in enumerate(args):
        if function.variadic and place == len(function.required):
            areas += area or []
        else:
            areas.append(area)
    while areas and areas[-1] is None:
        areas.pop()
    if any(not (area is None or isinstance(area, list)) for area in areas):
        raise TypeError
    return areas


def _argument(area: list[list[Any]] | None, doubtful: bool) -> Any:
    """A matrix as the functions take it: one cell as its value. `doubtful`: a 0 may be an empty cell."""
    if not area:
        return None
    if set(map(type, area)) != {list} or not all(area):
        raise TypeError
    if {dict, list} & set(map(type, chain.from_iterable(area))):
        area = [[_value(cell) if isinstance(cell, dict | list) else cell for cell in row] for row in area]
    if doubtful and any(0 in row for row in area):
        area = [[BlankOrZero() if type(one) in (int, float) and one == 0 else one for one in row] for row in area]
    return area if len(area) > 1 or len(area[0]) > 1 else area[0][0]


def _value(cell: Any) -> Any:
    """The plain value of one of Excel's data types (a formatted number, an error, an entity)."""
    if isinstance(cell, list):
        raise TypeError
    value = cell.get("basicValue")
    if cell.get("type") == "Error" and not (isinstance(value, str) and value.startswith("#")):
        return "#VALUE!"
    return value if isinstance(value, str | int | float | bool) else None


def encode(result: Any, runtime: float) -> list[list[Any]]:
    """A result as the matrix that Excel takes, errors as true errors."""
    rows = result if isinstance(result, list) else [[result]]
    if {float} >= set(map(type, chain.from_iterable(rows))):
        return rows
    return [[_cell(item, runtime) for item in row] for row in rows]


def _cell(item: Any, runtime: float) -> Any:
    if item is None:
        return ""
    if not isinstance(item, XlError):
        return item
    kind = _TYPES.get(item.number)
    # before 1.4 the runtime knows no error values inside a matrix and reads their texts
    return {"type": "Error", "errorType": kind} if kind and runtime >= 1.4 else item.text
