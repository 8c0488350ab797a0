"""Sheet 申报 of 台账.xlsx: the judged forms as claims that `xlpolicy settle` reads (format: `claims`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from copy import copy
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from xlpolicy.settle import Claim
from xlpolicy.settle.claims_book import WIDTHS, claim_rows
from xlpolicy.settle.claims_table import CLAIMS
from xlpolicy.settle.table_book import Value
from xlpolicy.sheets.book import put, set_page
from xlpolicy.sheets.style import BAND, FONTS, GRID
from xlpolicy.sheets.text import letter

_NOTE = (
    "已核定的申请表，供多笔一起核算：xlpolicy settle 台账.xlsx -o 兑付台账.xlsx。编号中的数字是申报台账的序号。"
    "核算前请核对“单位类型”；同一笔贷款的各笔在“贷款”栏写同一个编号。"
)


def add_claims(book: Workbook, claims: Sequence[Claim]) -> None:
    """Put the sheet at the end of a ledger; one of that name in a bureau's own template is replaced."""
    if CLAIMS in book.sheetnames:
        del book[CLAIMS]
    sheet = book.create_sheet(CLAIMS)
    heads, rows = claim_rows(claims)
    put(sheet.cell(1, 1), _NOTE).font = Font(name=FONTS["body"], size=11)
    styles: dict[tuple[bool, bool], Any] = {}
    lines: list[Sequence[Value]] = [heads, *rows]
    for number, line in enumerate(lines, 2):
        for column, value in enumerate(line, 1):
            kind = (number == 2, isinstance(value, dt.date))
            cell = sheet.cell(number, column)
            if kind in styles:
                cell._style = copy(styles[kind])  # finding a style anew costs more than the cell
            else:
                _dress(cell, head=kind[0], date=kind[1])
                styles[kind] = copy(cell._style)
            put(cell, value)
    for column, head in enumerate(heads, 1):
        sheet.column_dimensions[letter(column)].width = WIDTHS.get(head, 18)
    sheet.freeze_panes = "C3"
    set_page(sheet, titles=(2, 2))


def _dress(cell: Any, *, head: bool, date: bool) -> None:
    cell.font = Font(name=FONTS["heading" if head else "body"], size=10)
    cell.border = GRID
    cell.alignment = Alignment(vertical="center", wrap_text=True, horizontal="center" if head else None)
    if head:
        cell.fill = BAND
    elif date:
        cell.number_format = "yyyy-mm-dd"
