"""xlwings (classic, Windows COM) adapter: every function of the registry registered through `xw.func`.

Importable and callable on Linux, where xlwings' decorators do nothing. A true Excel error cannot be returned from
Python through COM (the VT_ERROR variant does not survive), so an error leaves as the sentinel `#XLERR:2042`, which
the workbook's VBA wrapper turns into CVErr(2042). Ranges come in by Value2 as lists; varargs go last, without
optional arguments before them (xlwings refuses both together).
"""

from __future__ import annotations

from typing import Any

import xlwings as xw

from xlpolicy.excel.cells import XlError
from xlpolicy.excel.registry import FUNCTIONS, Function

SENTINEL = "#XLERR:"


def encode(result: Any) -> Any:
    """A result for the VBA wrapper: errors as sentinels, cell by cell; a one-row range keeps its two dimensions."""
    if isinstance(result, list):
        return [encode(item) for item in result]
    return f"{SENTINEL}{result.number}" if isinstance(result, XlError) else result


def _register(function: Function) -> Any:
    def call(city: Any, rule: Any, *args: Any) -> Any:
        return encode(function.call(city, rule, *args))

    call.__name__ = call.__qualname__ = function.name
    call.__doc__ = function.help
    return xw.func(call)


for _function in FUNCTIONS:
    globals()[_function.name] = _register(_function)

__all__ = [function.name for function in FUNCTIONS]
