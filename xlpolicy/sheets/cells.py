"""What may stand in a cell, and how a worksheet part writes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from xml.sax.saxutils import escape

from xlpolicy.sheets.text import inline

_EPOCH = dt.date(1899, 12, 30).toordinal()


class Formula(NamedTuple):
    """A live formula and the result that stands beside it in the file. `[@field]` is that field's cell in the row."""

    text: str
    result: Decimal | int | str


Value = str | Decimal | int | dt.date | Formula | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell that is to be filled in by whoever gets the file: unlocked, with a number format of its own where one is
    named, and what stands in it beforehand. `key`: under which the filler tells where it came to stand; `locked`: it only
    shows what is filled in elsewhere, whatever the template says."""

    format: str = ""
    value: Value = None
    key: str = ""
    locked: bool = False


Shown = Value | Entry


def cell_xml(at: str, value: Value, style: object, quoted: Callable[[], object]) -> str:
    """One cell of a worksheet. `quoted`: the same format for a text that would be evaluated when it is edited."""
    if value is None or value == "":
        return f'<c r="{at}" s="{style}"/>'
    if isinstance(value, str):
        text, risky = inline(value)
        return f'<c r="{at}" s="{quoted() if risky else style}" t="inlineStr">{text}</c>'
    if isinstance(value, Formula):
        kind, result = (' t="str"', escape(value.result)) if isinstance(value.result, str) else ("", value.result)
        return f'<c r="{at}" s="{style}"{kind}><f>{escape(value.text.removeprefix("="))}</f><v>{result}</v></c>'
    number = value.toordinal() - _EPOCH if isinstance(value, dt.date) else value
    return f'<c r="{at}" s="{style}"><v>{number}</v></c>'
