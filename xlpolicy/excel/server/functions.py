"""The registry as xlwings-server's custom functions: its metadata and JavaScript are made from these.

Raw converters, since `calls` answers: no cell is looked at twice. xlwings takes no optional arguments before variable
ones, so the optional ones of a variadic function go with its tail (as in `registry.Function.required`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from xlpolicy.excel.functions.call import XlError
from xlpolicy.excel.functions.registry import FUNCTIONS, Function


def signature(function: Function) -> inspect.Signature:
    """The Python signature that xlwings reads the arguments from."""
    kinds = inspect.Parameter
    parameters = [kinds(a.name, kinds.POSITIONAL_OR_KEYWORD) for a in function.required]
    if function.variadic:
        parameters.append(kinds(function.arguments[-1].name, kinds.VAR_POSITIONAL))
    else:
        parameters += [
            kinds(a.name, kinds.POSITIONAL_OR_KEYWORD, default=None) for a in function.arguments if a.optional
        ]
    return inspect.Signature(parameters)


def documentation(function: Function) -> dict[str, str]:
    """The Chinese help of every argument of the signature; the tail's names what goes before the pairs."""
    helps = {a.name: a.help for a in function.arguments}
    if function.variadic:
        before = [a for a in function.arguments if a.optional and not a.variadic]
        told = [f"先写{a.help}" for a in before] + [f"再写{helps[function.arguments[-1].name]}" if before else ""]
        if before:
            helps[function.arguments[-1].name] = "；".join(told)
    return {name: helps[name] for name in signature(function).parameters}


def register() -> dict[str, Callable[..., Any]]:
    """Every function of the registry, decorated for xlwings-server, by name."""
    import xlwings.server as server

    out: dict[str, Callable[..., Any]] = {}
    for function in FUNCTIONS:
        made = _plain(function)
        for name, text in reversed(documentation(function).items()):
            made = server.arg(name, "raw", doc=text)(made)
        out[function.name] = server.func(server.ret("raw")(made))
    return out


def _plain(function: Function) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        result = function.answer(*args)
        return result.text if isinstance(result, XlError) else result

    call.__name__ = call.__qualname__ = function.name
    call.__doc__ = function.help
    call.__signature__ = signature(function)  # type: ignore[attr-defined]
    return call
