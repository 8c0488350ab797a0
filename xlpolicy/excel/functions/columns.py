"""SUBSIDY over a column in one go: the same results as row by row, through the vector interpreter.

Only what that interpreter takes: one unit and one document or dates. `amounts` does the rest row by row, and words
every refusal of a whole call.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from xlpolicy.claim.binding import input_names
from xlpolicy.excel.functions.call import (
    _NA_CODES,
    NA,
    VALUE,
    XlError,
    as_input,
    cell,
    is_blank,
    number,
    serial_date,
    unstated,
    yuan_unit,
)
from xlpolicy.excel.functions.claim_rows import Call
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import as_date
from xlpolicy.law.records import Input, Rule
from xlpolicy.money import UNITS, as_shown, clean

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: below this many rows the exact interpreter is as quick
LEAST_ROWS = 64
_DIGITS = 6
_LARGE = 10**15


def at_once(city: str, rule: str, first: str, call: Call) -> list[Any] | None:
    """Amounts, errors and blanks of a call by row; None where it must be done row by row.

    `first`: the input that the value without a name is. Without numpy everything is done row by row.
    """
    days, policy, unit = (call.options.get(name, [None]) for name in ("on", "policy", "unit"))
    in_unit = "元" if unstated(unit[0]) else yuan_unit(clean(str(unit[0])))
    valued = len(call.value) > 1 or not is_blank(call.value[0])
    stated = {**call.inputs, first: call.value} if valued else dict(call.inputs)
    if len(policy) > 1 or len(unit) > 1 or in_unit not in UNITS or not stated or (valued and first in call.inputs):
        return None
    pinned = None if unstated(policy[0]) else str(policy[0]).strip()
    try:
        names = _names(_rules(city, rule, days, pinned), stated)
        if names is None:
            return None
        from xlpolicy.columns import assess_table

        table = {name: _cells(names[name], cells, in_unit, call) for name, cells in stated.items()}
        on: Any = None if unstated(days[0]) else serial_date(days[0])
        if len(days) > 1:
            today = None if pinned else dt.date.today()
            on = [today if unstated(one) or i in call.errors else serial_date(one) for i, one in enumerate(days)]
        result = assess_table(table, city, rule, on=on, policy=pinned)
    except (PolicyError, ModuleNotFoundError):
        return None
    out = _in_unit(result["amount_fen"], in_unit)
    codes = result["code"].tolist()
    if set(codes) != {None}:
        for row, code in enumerate(codes):
            if code is not None:
                out[row] = XlError(NA if code in _NA_CODES else VALUE, code, result["problem"][row])
    for row, question in enumerate(result["question"].tolist()):
        if question is not None:
            out[row] = XlError(NA, "undecided", question)
    for row in call.blanks():
        out[row] = ""
    for row, error in call.errors.items():
        out[row] = error
    return out


def _rules(city: str, name: str, days: list[Any], policy: str | None) -> list[Rule]:
    """The provision in every document that may decide a row. Raises PolicyError."""
    catalog = catalogs.default()
    if len(days) == 1:
        day: Any = None if unstated(days[0]) else serial_date(days[0])
        return [catalog.find(city, name, as_date(day), policy).rule]
    key = catalog.city(city)
    wanted = catalog.rule_id(key, name)
    return [d.rules[wanted] for d in catalog.of_city(key) if wanted in d.rules]


def _names(rules: list[Rule], stated: Mapping[str, Any]) -> dict[str, Input] | None:
    """The input of every name; None where a document does not know it, or takes it for another kind of number."""
    out: dict[str, Input] = {}
    for known in map(input_names, rules):
        for name in stated:
            item = known.get(name) or known.get(clean(name))
            if item is None or out.setdefault(name, item).type != item.type:
                return None
    return out


def _cells(item: Input, cells: list[Any], unit: str, call: Call) -> NDArray[Any]:
    """A column as the table takes it: an array where all cells are numbers, else cells with amounts in 元."""
    import numpy as np

    if len(cells) == 1:
        single = as_input(item, cell(cells[0]), unit)
        return np.full(call.size, single) if type(single) in (bool, float) else _objects([single] * call.size)
    scaled = item.type == "money" and unit != "元"
    numeric = item.type in ("money", "rate", "integer") and not call.errors
    if numeric and set(map(type, cells)) <= {float, int, type(None)}:
        data = _as_shown(np.array(cells, np.float64))  # a blank as NaN, which the table takes for one
        stated = ~np.isnan(data)
        if np.count_nonzero(stated) == len(cells) - cells.count(None) and (np.abs(data[stated]) < 2.0**53).all():
            exact = _scaled(data[stated], unit) if scaled else data[stated]
            if exact is not None:
                data[stated] = exact
                return data
    read: dict[Any, object] = {}
    out = []
    for row, one in enumerate(cells):
        key = type(one), one
        if key not in read:
            read[key] = as_input(item, cell(one), unit)
        out.append(None if row in call.errors else read[key])
    return _objects(out)


def _objects(cells: list[Any]) -> NDArray[np.object_]:
    """Mixed cells in an array, so that the table's result is arrays too."""
    import numpy as np

    out = np.empty(len(cells), np.object_)
    out[:] = cells
    return out


#: from here on whole cents take more than 15 digits
_WIDE = 1e13


def _as_shown(data: NDArray[np.float64]) -> NDArray[np.float64]:
    """As `money.as_shown`: what is in whole cents is so already."""
    import numpy as np

    long = np.nonzero(((np.rint(data * 100) / 100 != data) | (np.abs(data) >= _WIDE)) & ~np.isnan(data))[0]
    data[long] = [float(as_shown(one)) for one in data[long].tolist()]
    return data


def _scaled(data: NDArray[np.float64], unit: str) -> NDArray[np.float64] | None:
    """Numbers in a unit as yuan, exact by their shortest repr; None where that takes too many digits."""
    import numpy as np

    whole = np.rint(data * 10.0**_DIGITS)
    if not (np.all(whole / 10.0**_DIGITS == data) and np.all(np.abs(whole) < _LARGE)):
        return None
    power = len(str(UNITS[unit])) - 1 - _DIGITS
    if power <= 0:
        # at most 15 digits, so the nearest float has this decimal as its shortest repr
        return np.asarray(whole / 10.0**-power)
    return np.asarray(whole * 10.0**power) if np.all(np.abs(whole) < 10.0 ** (15 - power)) else None


def _in_unit(fen: Any, unit: str) -> list[Any]:
    """Amounts at the Excel boundary: the nearest float of the exact decimal (a quotient of exact integers is that)."""
    if len(fen) and abs(int(fen.max())) >= 2**53:
        return [number(Decimal(one).scaleb(-2), unit) for one in fen.tolist()]
    divided: list[Any] = (fen / float(100 * int(UNITS[unit]))).tolist()
    return divided
