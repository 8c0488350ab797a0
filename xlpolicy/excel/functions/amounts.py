"""The worksheet functions, free of any host: plain values and ranges in, values, texts, tables or XlErrors out.

A refusal of the whole call raises PolicyError (`registry.Function.answer` turns it into an XlError); a refusal of one
row of a range is an XlError in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xlpolicy.claim.decision import Decision, basis, decide, input_names
from xlpolicy.excel.functions import columns as whole
from xlpolicy.excel.functions.call import Row, XlError, check_unit, each, number, serial_date, words
from xlpolicy.excel.functions.maximum import Maximum, maximum
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Found
from xlpolicy.law.records import Input
from xlpolicy.money import clean, parse_money


def subsidy(city: object, rule: object, *args: object) -> Any:
    """核定金额 of one cell or a range, 元 (or the unit of the call); an ineligible claim is 0."""
    if any(isinstance(arg, list | tuple) and len(arg) >= whole.LEAST_ROWS for arg in args):
        names = words(city, "城市"), words(rule, "条款")
        column = whole.subsidy(*names, primary(*names), args)
        if column is not None:
            return column
    return _each(city, rule, args, lambda found, row: number(_decide(found, row).amount, row.unit))


def subsidy_why(city: object, rule: object, *args: object) -> Any:
    """计算过程 of the same call, or the reason and remedy where SUBSIDY shows an error.

    With the name of another function first, the reason of that function's error for the arguments that follow.
    """
    from xlpolicy.excel.functions.registry import BY_NAME

    other = BY_NAME.get(city.strip().upper()) if isinstance(city, str) else None
    if other is not None and other.call is not subsidy:
        return _reasons(other.answer(rule, *args), lambda: _other(other.name, rule, args))
    if other is not None:
        city, rule, args = rule, args[0] if args else None, args[1:]

    def one(found: Found, row: Row) -> str:
        decision = _decide(found, row)
        notes = [f"提示：{text}" for text in (*decision.warnings, *decision.assumptions)]
        return "。".join([decision.explanation, *notes])

    try:
        return as_text(_each(city, rule, args, one))
    except PolicyError as error:
        return str(error)


def subsidy_basis(city: object, rule: object, *args: object) -> Any:
    """依据: document number and pinpoint. Depends on the date only, so the value may be left out."""
    return _each(city, rule, args, lambda found, row: str(basis(found)))


def subsidy_max(city: object, rule: object, *args: object) -> Any:
    """封顶: the smallest maximum the article states for the inputs given, in the unit of the call."""
    return _each(city, rule, args, lambda found, row: number(_maximum(found, row)[0].amount, row.unit))


def _each(city: object, rule: object, args: Sequence[object], one: Callable[[Found, Row], Any]) -> Any:
    city_name, rule_name = words(city, "城市"), words(rule, "条款")
    catalog = catalogs.default()

    def claim(row: Row) -> Any:
        check_unit(row.unit)
        found = catalog.find(city_name, rule_name, catalogs.as_date(row.on), row.policy)  # type: ignore[arg-type]
        return one(found, row)

    return each(args, primary(city_name, rule_name), claim)


def primary(city: str, rule: str) -> str:
    """Name of the primary input, the same in every document that has the provision under one id."""
    inputs = catalogs.default().of(city, rule)[0].rule.inputs
    return inputs[0].name if inputs else "value"


def _decide(found: Found, row: Row) -> Decision:
    return decide(found, stated(found, row), catalogs.as_date(row.on))  # type: ignore[arg-type]


def _maximum(found: Found, row: Row) -> list[Maximum]:
    return maximum(found, stated(found, row))


def stated(found: Found, row: Row) -> dict[str, object]:
    """The inputs of a claim as the rules take them: amounts in 元, dates as dates."""
    names, inputs = input_names(found.rule), dict(row.inputs)
    for key, value in row.inputs.items():
        item = names.get(key) or names.get(clean(str(key)))
        if item is not None and value is not None:
            inputs[key] = as_input(item, value, row.unit)
    return inputs


def as_input(item: Input, value: object, unit: str) -> object:
    """A cell for one input: a bare number in the unit of the call, a serial number as its date.

    What cannot be read is left as it is, for the rule to refuse with its name.
    """
    if item.type == "date":
        return serial_date(value)
    if item.type != "money" or unit == "元":
        return value
    try:
        return parse_money(value, unit)
    except ValueError:
        return value


def as_text(result: Any) -> Any:
    """Errors as their message: what SUBSIDY_WHY is for."""
    if isinstance(result, list):
        return [as_text(item) for item in result]
    return result.message if isinstance(result, XlError) else result


def _reasons(result: Any, fine: Callable[[], Any]) -> Any:
    """The reasons of a result that has errors (in its shape), else what `fine` says."""
    if isinstance(result, XlError):
        return result.message
    if not isinstance(result, list) or not any(isinstance(item, XlError) for line in result for item in line):
        return fine()
    return [[item.message if isinstance(item, XlError) else "" for item in line] for line in result]


def _other(name: str, first: object, args: Sequence[object]) -> Any:
    if name != "SUBSIDY_MAX":
        return "没有错误"

    def one(found: Found, row: Row) -> str:
        return "；".join(m.text for m in _maximum(found, row))

    return as_text(_each(first, args[0] if args else None, args[1:], one))
