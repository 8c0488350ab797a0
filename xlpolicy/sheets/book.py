"""Workbooks drawn by XlsxWriter (`new_book`), and the print set-up of both kinds; those of openpyxl: `openpyxl_book`.

A text stays a text whatever it begins with, also when its cell is edited again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter import Workbook as XlsxWorkbook
from xlsxwriter.worksheet import Worksheet as XlsxWorksheet

from xlpolicy.sheets.text import risky, tidy

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

    def _write_single_row(self, current_row_num: int = 0) -> None:
        done = self.previous_row
        super()._write_single_row(current_row_num)
        for held in (self.row_info, self.row_sizes):  # where no row is held, neither is what was set of it
            held.pop(done, None)

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
    from openpyxl.worksheet.properties import PageSetupProperties  # the sheet is one of openpyxl's: it is there

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
