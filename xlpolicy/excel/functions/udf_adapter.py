"""xlwings (classic, Windows COM) adapter: every function of the registry registered through `xw.func`.

Importable and callable on Linux, where xlwings' decorators do nothing. A true Excel error cannot be returned from
Python through COM (the VT_ERROR variant does not survive), so an error leaves as the sentinel `#XLERR:2042`, which
the workbook's VBA wrapper turns into CVErr(2042). The wrapper passes ranges by Value2 and cells in error as the same
sentinel. Arguments are taken raw: xlwings' own conversion flattens one-row ranges, hides errors and costs time per cell.
"""

from __future__ import annotations

import logging
from inspect import Parameter, Signature
from typing import Any

import xlwings as xw

from xlpolicy.excel.functions.call import SENTINEL, VALUE, XlError, counted
from xlpolicy.excel.functions.registry import FUNCTIONS, Function
from xlpolicy.excel.pc import own_settings

#: name of this module for the wrappers: XLPy.CallUDF MODULE, function, arguments
MODULE = "xlpolicy.excel.udf"
CATEGORY = "xlpolicy"
_log = logging.getLogger(__name__)


def encode(result: Any) -> Any:
    """A result for the VBA wrapper: errors as sentinels, cell by cell; tables keep their two dimensions."""
    if isinstance(result, list):
        return [encode(item) for item in result]
    return f"{SENTINEL}{result.number}" if isinstance(result, XlError) else result


def signature(function: Function) -> Signature:
    """ASCII names, as xlwings wants them: no optional argument before the varargs."""
    kind = Parameter.POSITIONAL_OR_KEYWORD
    plain = [Parameter(a.name, kind) for a in function.required]
    if function.variadic:
        return Signature([*plain, Parameter("args", Parameter.VAR_POSITIONAL)])
    return Signature([*plain, *(Parameter(a.name, kind, default=None) for a in function.arguments if a.optional)])


def _register(function: Function) -> Any:
    def call(*args: Any) -> Any:
        try:
            return encode(function.answer(*map(counted, args)))
        except Exception as error:  # noqa: BLE001 - the last line of defence: a defect is an error in the cell, never a text
            _log.exception("%s failed", function.name)
            why = f"程序内部错误（{type(error).__name__}：{error}）。请把公式和参数发给维护人员。"
            return why if function.explains else encode(XlError(VALUE, "internal", why))

    shape = signature(function)
    call.__name__ = call.__qualname__ = function.name
    call.__doc__ = function.help
    call.__module__ = MODULE
    call.__annotations__ = {}
    call.__signature__ = shape  # type: ignore[attr-defined]
    for name in shape.parameters:
        call = xw.arg(name, "raw")(call)
    return xw.func(category=CATEGORY)(call)


own_settings.use()
for _function in FUNCTIONS:
    globals()[_function.name] = _register(_function)

__all__ = [function.name for function in FUNCTIONS]
