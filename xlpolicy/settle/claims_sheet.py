"""The sheets of 台账.xlsx that `xlpolicy settle` reads: 申报 with the judged forms, and a sheet for each kind of fact.

The headings are those of the claims workbook (`claims_book`). A sheet of facts that a bureau's own template has is
filled under its own headings, in its own look; the others are drawn here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation

from xlpolicy.law.catalog import Catalog
from xlpolicy.settle import Claim
from xlpolicy.settle.claims_book import WIDTHS, claim_rows, fact_page, options
from xlpolicy.settle.headings import CLAIMS, FACTS, OPTIONS, SETTINGS, needed
from xlpolicy.settle.model import KINDS
from xlpolicy.settle.table_book import Column, Value
from xlpolicy.sheets.book import put, set_page
from xlpolicy.sheets.fill_template import Book
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.row_stream import Look
from xlpolicy.sheets.style import BAND, GRID
from xlpolicy.sheets.text import letter, row_height

_NOTE = (
    "已核定的申请表，供多笔一起核算：xlpolicy settle 台账.xlsx -o 兑付台账.xlsx。编号中的数字是申报台账的序号。"
    "核算前请核对“单位类型”；同一笔贷款的各笔在“贷款”栏写同一个编号；园区、平台等的名称写在“对象”栏。"
    "以前已兑付的、资金总额等填在后面各表。再次核定时，这里和后面各表填的都带到新台账。"
)
#: lines that are ruled at least, those that are empty below a list, and the last in which something may be chosen
_RULED, _MORE, _CHOSEN = 15, 5, 2000
_TAB = "8EA9C1"
_LINE = 22.0


@dataclass(slots=True)
class Listing:
    """A list as headings and rows."""

    heads: list[str]
    rows: list[list[Value]]

    def column(self, head: str) -> int:
        """Where a heading stands; it is added where it is missing."""
        if head not in self.heads:
            self.heads.append(head)
            for row in self.rows:
                row.append(None)
        return self.heads.index(head)


def claims_listing(claims: Sequence[Claim]) -> Listing:
    """The claims as the sheet 申报 has them, the columns that a clerk fills in included."""
    return Listing(*claim_rows(claims, whole=True))


def facts_listings(book: Workbook, counties: Mapping[str, str]) -> dict[str, Listing]:
    """What the sheets of facts hold before anybody typed anything: rows of the template, names of settings, and the
    enterprises with their county."""
    found = {}
    for name in FACTS:
        own = _own(book, name)
        listing = found[name] = own[1] if own else Listing(list(FACTS[name]), [])
        first = listing.column(next(iter(FACTS[name])))
        known = {row[first] for row in listing.rows}
        added: Iterable[tuple[str, str | None]] = (
            ((setting, None) for setting in SETTINGS) if name == "设置" else counties.items() if name == "单位" else ()
        )
        second = listing.column("县区") if name == "单位" else None
        for text, value in added:
            if text not in known:
                row: list[Value] = [None] * len(listing.heads)
                row[first] = text
                if second is not None:
                    row[second] = value or None
                listing.rows.append(row)
    return found


def write_claims(ledger: Book, claims: Listing) -> None:
    """Put the sheet at the end of a ledger; one of that name in a bureau's own template is replaced."""
    book = ledger.book
    if CLAIMS in book.sheetnames:
        del book[CLAIMS]
    sheet = book.create_sheet(CLAIMS)
    sheet.sheet_properties.tabColor = _TAB
    note = put(sheet.cell(1, 1), _NOTE)
    note.font, note.alignment = Font(name=FONTS["body"], size=11), Alignment(vertical="center", wrap_text=True)
    across = min(len(claims.heads), 9)
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=across)
    sheet.row_dimensions[1].height = row_height(_NOTE, sum(WIDTHS.get(head, 18) for head in claims.heads[:across]), 11)
    for column, head in enumerate(claims.heads, 1):
        _dress(put(sheet.cell(2, column), head), head=True)
        sheet.column_dimensions[letter(column)].width = WIDTHS.get(head, 18)
    looks = [_look(sheet, column, "free") for column in range(1, len(claims.heads) + 1)]
    days = [_look(sheet, column, "date") for column in range(1, len(claims.heads) + 1)]
    rows = ledger.stream(sheet, 3, looks)
    for line in claims.rows:
        rows.looks = [d if isinstance(v, dt.date) else n for d, n, v in zip(days, looks, line, strict=True)]
        rows.add(line, fitted=False)
    kinds = DataValidation("list", formula1=f'"{",".join(KINDS.values())}"', allow_blank=True)
    kinds.add(f"{letter(claims.heads.index('单位类型') + 1)}3:{letter(claims.heads.index('单位类型') + 1)}{_CHOSEN}")
    sheet.add_data_validation(kinds)
    sheet.freeze_panes = "C3"
    set_page(sheet, titles=(2, 2))


def write_facts(ledger: Book, facts: Mapping[str, Listing], catalog: Catalog) -> None:
    """The sheets of facts behind 申报, and hidden what they are chosen from."""
    book = ledger.book
    for name, listing in facts.items():
        own = _own(book, name)
        if own:
            _refill(book[name], own[0], listing)
        else:
            if name in book.sheetnames:
                del book[name]
            _draw(ledger, book.create_sheet(name), listing, catalog)
    if OPTIONS in book.sheetnames:
        del book[OPTIONS]
    sheet = book.create_sheet(OPTIONS)
    sheet.sheet_state = "hidden"
    for column, values in enumerate(options(catalog), 1):
        for row, value in enumerate(values, 1):
            if value is not None:
                put(sheet.cell(row, column), value)


def heading(row: Sequence[Any]) -> list[str]:
    """The headings of a row as they are compared: a line break in one does not count."""
    return ["".join(str(value).split()) if value is not None else "" for value in row]


def _own(book: Workbook, name: str) -> tuple[int, Listing] | None:
    """A template's own sheet of facts: its heading row and its list; None where it has none that can be filled."""
    if name not in book.sheetnames:
        return None
    must = set(needed(name))
    grid = list(book[name].iter_rows(values_only=True))
    for number, row in enumerate(grid, 1):
        heads = heading(row)
        if must <= set(heads):
            rows: list[list[Any]] = [list(line) for line in grid[number:] if any(v is not None for v in line)]
            return number, Listing(heads, rows)
    return None


def _refill(sheet: Any, top: int, listing: Listing) -> None:
    """The list under the headings of a sheet that is there, each cell in the look of the first line."""
    look = [copy(sheet.cell(top + 1, column)._style) for column in range(1, len(listing.heads) + 1)]
    for column, head in enumerate(listing.heads, 1):
        if head and not sheet.cell(top, column).value:
            put(sheet.cell(top, column), head)
            sheet.cell(top, column)._style = copy(sheet.cell(top, max(column - 1, 1))._style)
    for number in range(top + 1, max(sheet.max_row, top + len(listing.rows)) + 1):
        line = listing.rows[number - top - 1] if number - top <= len(listing.rows) else [None] * len(listing.heads)
        for column, value in enumerate(line, 1):
            cell = sheet.cell(number, column)
            if number - top <= len(listing.rows):
                cell._style = look[column - 1]
            put(cell, value)


def _draw(ledger: Book, sheet: Any, listing: Listing, catalog: Catalog) -> None:
    page = fact_page(sheet.title, catalog)
    columns = {column.heading: column for column in page.tables[0].columns}
    shown = [columns.get(head) or Column(head, 18) for head in listing.heads]
    widths = [column.width for column in shown]
    widths[-1] += max(60 - sum(widths), 0)
    sheet.sheet_properties.tabColor = _TAB
    for i, width in enumerate(widths, 1):
        sheet.column_dimensions[letter(i)].width = width
    for row, (text, font, size, across) in enumerate(
        ((page.title, "title", 18, "center"), (page.note, "body", 11, "left")), 1
    ):
        cell = put(sheet.cell(row, 1), text)
        cell.font = Font(name=FONTS[font], size=size)
        cell.alignment = Alignment(horizontal=across, vertical="center", wrap_text=True)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(shown))
    sheet.row_dimensions[1].height = 32
    sheet.row_dimensions[2].height = row_height(page.note, sum(widths), 11)
    count = len(listing.rows)
    last = 3 + (count if sheet.title == "设置" else max(count + _MORE, _RULED))
    for i, column in enumerate(shown, 1):
        _dress(put(sheet.cell(3, i), column.heading), head=True)
        if column.choose or column.hint:
            _guide(sheet, column, f"{letter(i)}4:{letter(i)}{_CHOSEN}")
    sheet.row_dimensions[3].height = _LINE
    rows = ledger.stream(sheet, 4, [_look(sheet, i, column.kind) for i, column in enumerate(shown, 1)])
    for values in listing.rows:
        rows.add(values, _LINE)
    for _ in range(last - 3 - count):
        rows.add([None] * len(shown), _LINE)
    sheet.freeze_panes = "B4"
    set_page(sheet, titles=(1, 3))


def _guide(sheet: Any, column: Column, cells: str) -> None:
    """What may be chosen in a column, and what is said beside a cell that is being filled in."""
    rule = DataValidation("list", formula1=column.choose.format(row=4).removeprefix("="), allow_blank=True)
    if not column.choose:
        rule = DataValidation(allow_blank=True)
    rule.errorStyle, rule.errorTitle, rule.error = "warning", "不在清单里", "这一项不在下拉清单里。确定要这样填吗？"
    if column.hint:
        rule.promptTitle, rule.prompt = column.heading[:32], column.hint
    rule.showErrorMessage, rule.showInputMessage = bool(column.choose), bool(column.hint)
    rule.add(cells)
    sheet.add_data_validation(rule)


def _look(sheet: Any, column: int, kind: str) -> Look:
    cell = Cell(sheet, 1, column)
    _dress(cell, kind=kind)
    return Look(sheet, column, cell._style)  # type: ignore[attr-defined]


def _dress(cell: Any, *, head: bool = False, kind: str = "text") -> None:
    cell.font = Font(name=FONTS["heading" if head else "body"], size=10)
    cell.border = GRID
    across = "center" if head or kind in ("center", "date") else None
    cell.alignment = Alignment(vertical="center", wrap_text=True, horizontal=across)
    if head:
        cell.fill = BAND
    elif kind == "date":
        cell.number_format = "yyyy-mm-dd"
