"""Figures of the law as the integers that formulas work with: yuan in fen, rates in millionths, days as serials."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from xlpolicy.law.records import Figure

RATE_DIGITS = 6

#: a figure in a cell may be changed up to this multiple of what the law says; the formulas are exact up to there
MARGIN = 10

FIRST_DAY = dt.date(1980, 1, 1)

LAST_DAY = dt.date(2999, 12, 31)

_EPOCH = dt.date(1899, 12, 30)

Side = Literal["value", "edge"]

FigureOf = Callable[[Figure, int | None, Side], str | None]


class IntegerForm(NamedTuple):
    """How the formulas want a figure that stands in a cell: the integer ROUND(number * scale, 0), up to `most`."""

    value: int
    scale: int
    most: int


def integer_form(figure: Figure, row: int | None = None, side: Side = "value", by: str = "") -> IntegerForm:
    """A figure's number (or the edge or value of a table's row; `by` the type of its input) as a scaled integer."""
    number: Any = figure.value if row is None else _row(figure, row)[side == "value"]
    if isinstance(number, dt.date):
        return IntegerForm(serial(number), 1, serial(LAST_DAY))
    kind = by if side == "edge" else figure.kind
    scale = 100 if kind == "money" else 10**RATE_DIGITS if kind == "rate" else 1
    while number * scale != int(number * scale) and scale < 10**12:
        scale *= 10
    value = int(number * scale)
    most = MARGIN * max(value, 1)
    return IntegerForm(value, scale, max(value, min(most, scale)) if kind == "rate" else most)


def _row(figure: Figure, row: int) -> tuple[Any, Any]:
    assert figure.table is not None
    return figure.table.rows[row]


def serial(day: dt.date) -> int:
    """A date as spreadsheets count it (from March 1900 on)."""
    return (day - _EPOCH).days
