"""The two ways to draw a workbook, each made once: XlsxWriter (`new_book`) and openpyxl (`blank_workbook`, `finished`).

In both a text stays a text whatever it begins with, also when its cell is edited again, and a formula has its result
beside it, so that a viewer or Protected View shows what Excel would.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.properties import PageSetupProperties
from xlsxwriter import Workbook as XlsxWorkbook
from xlsxwriter.worksheet import Worksheet as XlsxWorksheet

from xlpolicy.sheets.files import zipped
from xlpolicy.sheets.package import SAVE_AS, Package, Unreadable
from xlpolicy.sheets.text import risky, tidy

#: the order of the schema; openpyxl's own is refused by the Open XML SDK
Font.__elements__ = (
    "b", "i", "strike", "condense", "extend", "outline", "shadow", "u", "vertAlign", "sz", "color", "name", "family",
    "charset", "scheme",
)  # fmt: skip

PAPERS: Mapping[str, int] = {"A4": 9, "A3": 8}
_PAGES = "第 &P 页　共 &N 页"
#: what an error cell holds in the file, and a formula whose result nobody knows beforehand
UNKNOWN = "#N/A"


def marked(attributes: Sequence[tuple[str, Any]], result: Any) -> list[tuple[str, Any]]:
    """The attributes of a formula's cell, with the type that XlsxWriter leaves out where the result is the empty text."""
    return [*attributes, ("t", "str")] if result == "" else list(attributes)


class TextSheet(XlsxWorksheet):  # type: ignore[misc]
    """A sheet whose texts are tidied and never evaluated, and whose formulas may have the empty text as result."""

    quoted: Any

    def _write_string(self, row: int, col: int, string: str, cell_format: Any = None) -> int:
        string = tidy(string)
        if string.startswith("<r>"):  # XlsxWriter would write it as markup
            string = f" {string}"
        style = self.quoted(cell_format) if risky(string) else cell_format
        return int(super()._write_string(row, col, string, style))

    def _xml_formula_element(self, formula: str, result: Any, attributes: Sequence[tuple[str, Any]] = ()) -> None:
        super()._xml_formula_element(formula, result, marked(attributes, result))


class _Book(XlsxWorkbook):  # type: ignore[misc]
    """Keeps, for every format, what its twin for risky texts is made of."""

    worksheet_class: type[Any]

    def __init__(self, target: Any, options: dict[str, Any]) -> None:
        self._made_of: dict[int, dict[str, Any]] = {}
        self._twins: dict[int, Any] = {}
        super().__init__(target, options)
        self.worksheet_class = TextSheet

    def add_format(self, properties: dict[str, Any] | None = None) -> Any:
        made = super().add_format(properties)
        self._made_of[id(made)] = dict(properties or {})
        return made

    def _add_sheet(self, name: str | None, worksheet_class: Any = None) -> Any:
        sheet = super()._add_sheet(name, worksheet_class)
        sheet.quoted = self._quoted
        return sheet

    def _quoted(self, style: Any) -> Any:
        """The same look, and the mark that keeps Excel from evaluating the text when it is edited."""
        key = id(style)
        if key not in self._twins:
            self._twins[key] = self.add_format({**self._made_of.get(key, {}), "quote_prefix": True})
        return self._twins[key]


def new_book(target: Any, **options: Any) -> Any:
    """An XlsxWriter workbook at a path or stream in which a text never becomes a formula, a link or a number.

    A label of a bureau's own policy file may begin with “=”; where a formula is meant, `write_formula` says so.
    """
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return _Book(target, {**safe, **options})


def write_cell(sheet: Any, row: int, column: int, value: Any, style: Any = None) -> None:
    """A plain value with XlsxWriter: a text as a text, a date as a date, nothing as a cell that has its look alone."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, value, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, style)
    else:
        sheet.write_number(row, column, value, style)


def set_page(
    sheet: Any, *, landscape: bool = True, tall: int = 0, paper: str = "A4", margin: float | None = None,
    foot: tuple[str, str] = ("", ""), titles: tuple[int, int] | None = None,
) -> None:  # fmt: skip
    """The print set-up of a sheet of either kind: as wide as the page, `tall` pages high (0: as many as it takes).

    `margin`: inches on all sides, without it narrow ones for tables. `foot`: what stands left and right of the page
    numbers; "&A" is the sheet's name. `titles`: first and last row (from 1) that every page repeats.
    """
    sides = margin or 0.4
    top, bottom = margin or 0.5, margin or 0.6
    left, right = (text.replace("&", "&&") if text != "&A" else text for text in foot)
    if isinstance(sheet, XlsxWorksheet):
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(PAPERS[paper])
        sheet.fit_to_pages(1, tall)
        sheet.set_margins(sides, sides, top, bottom)
        sheet.set_footer(f"&L&9{left}&C&9{_PAGES}&R&9{right}")
        sheet.center_horizontally()
        sheet.hide_gridlines(2)
        if titles:
            sheet.repeat_rows(titles[0] - 1, titles[1] - 1)
        return
    sheet.page_setup.paperSize = PAPERS[paper]
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, tall
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = sheet.page_margins
    margins.left = margins.right = sides
    margins.top, margins.bottom, margins.header, margins.footer = top, bottom, 0.3, 0.3
    sheet.print_options.horizontalCentered = True
    for part, text in zip(("left", "center", "right"), (left, _PAGES, right), strict=True):
        if text:
            getattr(sheet.oddFooter, part).text, getattr(sheet.oddFooter, part).size = text, 9
    sheet.sheet_view.showGridLines = False
    if titles:
        sheet.print_title_rows = f"{titles[0]}:{titles[1]}"


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
