"""SUBSIDY over a column in one go: the same results as row by row, through the vector interpreter.

Only the regular call is taken: one city, provision, unit and document, and every value either one cell or a column of
one length. Whatever else a call may be is left to `functions`, which also words the refusals of a whole call.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any

from xlpolicy.claim.decision import input_names
from xlpolicy.excel.functions.call import (
    _NA_CODES,
    MOST_ROWS,
    NA,
    OPTIONS,
    VALUE,
    XlError,
    cell,
    error_cell,
    is_blank,
    number,
    pairs,
    serial_date,
    split,
)
from xlpolicy.faults import InvalidInput, PolicyError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.records import Input, Rule
from xlpolicy.law.values import coerce
from xlpolicy.money import UNITS, clean, parse_money

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: below this many rows the exact interpreter is as quick
LEAST_ROWS = 64
_DIGITS = 6
_LARGE = 10**15
#: the column of dates among the others
_DAYS = "\0on"


def subsidy(city: str, rule: str, first_input: str | None, args: Sequence[object]) -> list[list[Any]] | None:
    """The amounts of a column, or None for a call that is not the regular one (or where numpy is not installed).

    `first_input`: what a value without a name is; None where the documents of the city differ.
    """
    value = args[0] if len(args) % 2 else None
    if first_input is None and not is_blank(value):
        return None
    longest = max((len(a) for a in args if isinstance(a, list | tuple)), default=0)
    if not LEAST_ROWS <= longest <= MOST_ROWS:
        return None
    try:
        call = _Call(city, rule, first_input or "", value, split(args)[1], longest)
        return call.results()
    except (_Irregular, PolicyError, ModuleNotFoundError):  # without numpy: cell by cell, slower and as exact
        return None


class _Irregular(Exception):
    """Not for this module."""


def _column(area: object, size: int) -> list[Any] | None:
    """The cells of a column of that length, None for a single cell. Raises _Irregular."""
    if not isinstance(area, list | tuple):
        return None
    if len(area) == 1:
        row = area[0]
        if not isinstance(row, list | tuple) or len(row) == 1:
            return None
        raise _Irregular
    if len(area) != size:
        raise _Irregular
    kinds = set(map(type, area))
    if not kinds & {list, tuple}:
        return list(area)
    if not kinds <= {list, tuple} or set(map(len, area)) != {1}:
        raise _Irregular
    return list(chain.from_iterable(area))


def _single(area: object) -> object:
    while isinstance(area, list | tuple):
        area = area[0] if area else None
    return area


class _Call:
    """One regular call: the columns by input name, and the options that hold for all rows."""

    def __init__(self, city: str, rule: str, first: str, value: object, tail: Sequence[object], size: int) -> None:
        self.city, self.rule, self.size = city, rule, size
        self.columns: dict[str, list[Any]] = {}
        self.alike: dict[str, object] = {}
        self.options: dict[str, object] = {}
        self.days: list[Any] | None = None
        self.names = self._names()
        for name, area in zip(tail[::2], tail[1::2], strict=True):
            if isinstance(name, list | tuple) and not (len(name) == 1 and _column(name, size) is None):
                raise _Irregular
            self._take(name, area)
        self.order = list(self.columns.values())
        if not is_blank(value):
            self._put(first, value)
            if first in self.columns:
                self.order.insert(0, self.columns[first])

    def _names(self) -> Mapping[str, Input]:
        names: dict[str, Input] = {}
        for found in reversed(catalogs.default().of(self.city, self.rule)):  # the newest has the last word
            names.update(input_names(found.rule))
        return names

    def _rules(self, on: Any, policy: str | None) -> list[Rule]:
        """The provision in every document that may decide a row. Raises PolicyError."""
        catalog = catalogs.default()
        if self.days is None:
            return [catalog.find(self.city, self.rule, catalogs.as_date(on), policy).rule]
        return [found.rule for found in catalog.of(self.city, self.rule)]

    def _take(self, written: object, area: object) -> None:
        name = pairs([written, None])[0][0]
        option = OPTIONS.get(name.lower())
        if option is None:
            self._put(name, area)
            return
        if option in self.options:
            raise _Irregular
        column = _column(area, self.size)
        self.options[option] = _single(area) if column is None else None
        if column is not None:
            if option != "on":
                raise _Irregular
            self.days = column
            self.columns[_DAYS] = column

    def _put(self, name: str, area: object) -> None:
        if name in self.columns or name in self.alike:
            raise _Irregular
        column = _column(area, self.size)
        if column is not None:
            self.columns[name] = column
            return
        single = cell(_single(area))
        if error_cell(single) is not None or single != single:
            raise _Irregular
        self.alike[name] = single

    def results(self) -> list[list[Any]]:
        """Amount, error or blank, by row."""
        from xlpolicy.columns import assess_table

        unit = "元" if is_blank(self.options.get("unit")) else clean(str(self.options["unit"]))
        policy, day = self.options.get("policy"), self.options.get("on")
        if unit not in UNITS or error_cell(policy) or error_cell(day):
            raise _Irregular
        pinned = None if is_blank(policy) else str(policy).strip()
        on: Any = None if is_blank(day) else serial_date(day)
        if self.days is not None:
            today = None if pinned else dt.date.today()
            on = [today if is_blank(one) else serial_date(one) for one in self.days]
        self.columns.pop(_DAYS, None)
        for rule in self._rules(on, pinned):
            known = input_names(rule)
            if any(name not in known and clean(name) not in known for name in (*self.alike, *self.columns)):
                raise _Irregular
        table: dict[str, Any] = {
            name: self._repeated(name, single, unit) for name, single in self.alike.items() if not is_blank(single)
        }
        table |= {name: self._cells(name, cells, unit) for name, cells in self.columns.items()}
        if not self.columns:
            raise _Irregular
        result = assess_table(table, self.city, self.rule, on=on, policy=pinned)
        return self._rows(result, unit)

    def _rows(self, result: Mapping[str, Any], unit: str) -> list[list[Any]]:
        fen, codes, problems = result["amount_fen"], result["code"].tolist(), result["problem"]
        amounts: list[Any] = _in_unit(fen, unit)
        out = [[amount] for amount in amounts]
        if set(codes) != {None}:
            for row, code in enumerate(codes):
                if code is not None:
                    out[row][0] = XlError(NA if code in _NA_CODES else VALUE, code, problems[row])
        odd = [column for column in self.order if not _plain(column)]
        for column in reversed(odd):
            for row, one in enumerate(column):
                if isinstance(one, str | int | XlError) and (error := error_cell(one)) is not None:
                    out[row][0] = error
        if len(odd) == len(self.order):
            for row, told in enumerate(zip(*odd, strict=True)):
                if all(map(is_blank, told)):
                    out[row][0] = ""
        return out

    def _item(self, name: str) -> Input | None:
        return self.names.get(name) or self.names.get(clean(name))

    def _cells(self, name: str, cells: list[Any], unit: str) -> Any:
        """A column as the table takes it: an array where all cells are numbers, dates as dates, amounts in 元."""
        item = self._item(name)
        if item is not None and item.type == "date":
            return _objects([serial_date(one) for one in cells])
        scaled = item is not None and item.type == "money" and unit != "元"
        if item is None or item.type in ("money", "rate", "integer"):
            data = _numbers(item, cells, unit if scaled else "元")
            if data is not None:
                return data
        if any(type(one) is float and one != one for one in cells):
            raise _Irregular
        if scaled:
            return _objects([_in_yuan(one, unit) for one in cells])
        return _objects([cell(one) for one in cells])

    def _repeated(self, name: str, single: object, unit: str) -> Any:
        """One cell for all rows."""
        import numpy as np

        item = self._item(name)
        if item is None:
            raise _Irregular
        if item.type == "date":
            single = serial_date(single)
        elif item.type == "money" and unit != "元":
            single = _in_yuan(single, unit)
        if item.type == "boolean":
            try:
                single = coerce(item, single)
            except InvalidInput:
                raise _Irregular from None
        if isinstance(single, bool | float):
            return np.full(self.size, single)
        return _objects([single] * self.size)


def _objects(cells: list[Any]) -> NDArray[np.object_]:
    """Mixed cells in an array, so that the table's result is arrays too."""
    import numpy as np

    out = np.empty(len(cells), np.object_)
    out[:] = cells
    return out


def _numbers(item: Input | None, cells: list[Any], unit: str) -> NDArray[np.float64] | None:
    """A column of numbers, NaN where a cell is blank; a text that reads as a number is that number.

    None where a cell is neither, or takes more digits than a float keeps.
    """
    import numpy as np

    plain = _plain(cells)
    data = np.array(cells if plain else [one if type(one) in (float, int) else np.nan for one in cells], np.float64)
    stated = np.ones(len(cells), np.bool_)
    if not plain:
        stated[:] = [type(one) in (float, int) for one in cells]
    if not np.isfinite(data[stated]).all():
        raise _Irregular
    if not (np.abs(data[stated]) < 2.0**53).all():
        return None
    if unit != "元":
        whole = _scaled(data[stated], unit)
        if whole is None:
            return None
        data[stated] = whole
    if plain:
        return data
    known: dict[str, float | None] = {}
    for row in np.flatnonzero(~stated).tolist():
        one = cells[row]
        if is_blank(one) or (isinstance(one, str) and error_cell(one)):
            continue
        if item is None or not isinstance(one, str):
            return None
        if one not in known:
            known[one] = _read(item, one, unit)
        read = known[one]
        if read is None:
            return None
        data[row] = read
    return data


def _read(item: Input, text: str, unit: str) -> float | None:
    """The number that a text states, None where it states none or a float does not keep it."""
    try:
        value = coerce(item, _in_yuan(text, unit) if item.type == "money" else text)
    except InvalidInput:
        return None
    near = float(value)
    return near if Decimal(repr(near)) == value and abs(value) < _LARGE else None


def _plain(cells: Sequence[object]) -> bool:
    """Whether a column holds nothing but numbers (no yes or no, and nothing that may be a COM error)."""
    kinds = set(map(type, cells))
    return kinds == {float} or (kinds <= {float, int} and not any(type(c) is int and error_cell(c) for c in cells))


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


def _in_yuan(value: object, unit: str) -> object:
    try:
        return parse_money(value, unit)
    except ValueError:
        return value


def _in_unit(fen: Any, unit: str) -> list[Any]:
    """Amounts at the Excel boundary: the nearest float of the exact decimal (a quotient of exact integers is that)."""
    if len(fen) and abs(int(fen.max())) >= 2**53:
        return [number(Decimal(one).scaleb(-2), unit) for one in fen.tolist()]
    divided: list[Any] = (fen / float(100 * int(UNITS[unit]))).tolist()
    return divided
