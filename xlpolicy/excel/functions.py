"""The worksheet functions, free of any host: plain values and ranges in, values, texts or XlErrors out."""

from __future__ import annotations

from typing import Any

from xlpolicy import catalog as catalogs
from xlpolicy.assess import Decision, basis, decide, input_names
from xlpolicy.catalog import Found
from xlpolicy.errors import PolicyError
from xlpolicy.excel.cells import Row, XlError, as_error, check_unit, each, is_blank, number
from xlpolicy.money import clean, parse_money


def subsidy(city: object, rule: object, value: object = None, *pairs: object) -> Any:
    """核定金额 of one cell or a range, 元 (or the unit of the call); an ineligible claim is 0."""
    return _each(city, rule, value, pairs, lambda found, row: number(_decide(found, row).amount, row.unit))


def subsidy_why(city: object, rule: object, value: object = None, *pairs: object) -> Any:
    """计算过程 of the same call, or the reason and remedy where SUBSIDY shows an error."""

    def one(found: Found, row: Row) -> str:
        decision = _decide(found, row)
        notes = [f"提示：{text}" for text in (*decision.warnings, *decision.assumptions)]
        return "。".join([decision.explanation, *notes])

    return _as_text(_each(city, rule, value, pairs, one))


def subsidy_basis(city: object, rule: object, value: object = None, *pairs: object) -> Any:
    """依据: document number and pinpoint. Depends on the date only, so the value may be left out."""
    return _each(city, rule, value, pairs, lambda found, row: str(basis(found)), needs_value=False)


def _each(
    city: object,
    rule: object,
    value: object,
    pairs: tuple[object, ...],
    one: Any,
    *,
    needs_value: bool = True,
) -> Any:
    try:
        name = _primary(str(city), str(rule), pairs) if needs_value else None

        def claim(row: Row) -> Any:
            check_unit(row.unit)
            found = catalogs.default().find(str(city), str(rule), catalogs.as_date(row.on), row.policy)  # type: ignore[arg-type]
            return one(found, row)

        if not needs_value:
            return each("依据" if is_blank(value) else value, pairs, None, claim)
        return each(value, pairs, name, claim)
    except PolicyError as error:
        return as_error(error)


def _primary(city: str, rule: str, pairs: tuple[object, ...]) -> str:
    """Name of the primary input, the same in every document that has the provision under one id."""
    catalog = catalogs.default()
    key = catalog.city(city)
    wanted = catalog.rule_id(key, rule)
    having = [d.rules[wanted] for d in catalog.of_city(key) if wanted in d.rules]
    return having[-1].inputs[0].name if having[-1].inputs else "value"


def _decide(found: Found, row: Row) -> Decision:
    inputs: dict[str, object] = dict(row.inputs)
    if row.unit != "元":
        names = input_names(found.rule)
        for key, value in row.inputs.items():
            item = names.get(clean(str(key)))
            if item is not None and item.type == "money" and value is not None:
                inputs[key] = _in_yuan(value, row.unit)
    return decide(found, inputs, catalogs.as_date(row.on))  # type: ignore[arg-type]


def _in_yuan(value: object, unit: str) -> object:
    """A bare number in the unit of the call; what cannot be read is left for the rule to refuse with its cell."""
    try:
        return parse_money(value, unit)
    except ValueError:
        return value


def _as_text(result: Any) -> Any:
    """Errors as their message: what SUBSIDY_WHY is for."""
    if isinstance(result, list):
        return [_as_text(item) for item in result]
    return result.message if isinstance(result, XlError) else result
