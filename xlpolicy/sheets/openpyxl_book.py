"""Workbooks drawn by openpyxl (`blank_workbook`, `finished`), for what XlsxWriter cannot do; it takes long to load.

A text stays a text whatever it begins with, also when its cell is edited again, and a formula has its result beside
it, so that a viewer or Protected View shows what Excel would.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from copy import copy
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from xlpolicy.sheets.book import UNKNOWN
from xlpolicy.sheets.files import zipped
from xlpolicy.sheets.package import SAVE_AS, Package, Unreadable
from xlpolicy.sheets.text import risky, tidy

#: the order of the schema; openpyxl's own is refused by the Open XML SDK
Font.__elements__ = (
    "b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name", "family",
    "charset", "scheme",
)  # fmt: skip

#: what openpyxl stumbles over in a damaged file, all in English
_STUMBLES = (
    zipfile.BadZipFile, InvalidFileException, zlib.error, SyntaxError, LookupError, ValueError, TypeError,
    AttributeError, ArithmeticError, RuntimeError, EOFError, OSError, AssertionError,
)  # fmt: skip


def open_workbook(path: Path) -> Workbook:
    """Somebody's .xlsx as openpyxl reads it. Raises Unreadable for what is none, OSError where it cannot be opened."""
    data = path.read_bytes()
    if data[:2] != b"PK":
        raise Unreadable("not_a_workbook", "不是 .xlsx 工作簿", SAVE_AS)
    Package(data)
    try:
        with warnings.catch_warnings(action="ignore"):  # what it leaves out of the file, in English
            return load_workbook(io.BytesIO(data))
    except _STUMBLES:
        raise Unreadable("corrupt", "文件已损坏，读不出来", SAVE_AS) from None


def blank_workbook(title: str) -> Workbook:
    """An openpyxl workbook of one sheet."""
    book = Workbook()
    book.properties.creator, book.properties.title = "xlpolicy", title
    return book


def put(cell: Cell | MergedCell, value: Any) -> Cell:
    """Write a value with openpyxl; a text stays a text whatever it begins with, also when the cell is edited again."""
    assert isinstance(cell, Cell), "write to the first cell of a merged area"
    if isinstance(value, str):
        cell.value = tidy(value)
        cell.data_type = "s"
        if risky(value):
            cell._style = copy(cell._style)  # type: ignore[attr-defined]  # it may be shared with other cells
            cell.quotePrefix = True
    else:
        if isinstance(value, dt.date):
            cell._style = copy(cell._style)  # type: ignore[attr-defined]  # it takes a format of its own where it has none of dates
        cell.value = value
    return cell


def repeat_style(cell: Cell | MergedCell, others: Iterable[Cell | MergedCell]) -> None:
    """Give other cells the look of one: openpyxl compares every border, font and fill that is set, which takes long."""
    for other in others:
        other._style = copy(cell._style)  # type: ignore[union-attr]


Result = str | Decimal | int
#: by sheet and cell, what a formula gives
Results = Mapping[str, Mapping[str, Result]]

_DATES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_EMPTY_RESULT = re.compile(rb'(<c r="([A-Z]+\d+)"[^>]*)(><f[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)')


def finished(book: Workbook, results: Results, moment: str = "") -> bytes:
    """The bytes of an openpyxl workbook, with the formulas' results filled in (openpyxl leaves them out).

    `moment`: ISO time for the document properties, so that the same content gives the same bytes.
    """
    raw, names = io.BytesIO(), {f"xl/worksheets/sheet{i}.xml": s.title for i, s in enumerate(book.worksheets, 1)}
    book.save(raw)

    def part(source: zipfile.ZipFile, name: str) -> bytes:
        data = source.read(name)
        if moment and name == "docProps/core.xml":
            data = _DATES.sub(rb"\g<1>" + moment.encode(), data)
        values = results.get(names.get(name, ""))
        return _with_results(data, values) if values else data

    with zipfile.ZipFile(raw) as source:
        return zipped((name, part(source, name)) for name in source.namelist())


def _with_results(xml: bytes, values: Mapping[str, Result]) -> bytes:
    left = dict(values)

    def fill(match: re.Match[bytes]) -> bytes:
        value = left.pop(match[2].decode(), None)
        if value is None:
            return match[0]
        kind: Literal["", "e", "str"] = "" if not isinstance(value, str) else "e" if value == UNKNOWN else "str"
        mark = f' t="{kind}"' if kind else ""
        return match[1] + mark.encode() + match[3] + f"<v>{escape(tidy(str(value)))}</v>".encode()

    xml = _EMPTY_RESULT.sub(fill, xml)
    if left:
        raise ValueError(f"no formula in {', '.join(left)}")
    return xml
