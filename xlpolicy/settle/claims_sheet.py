"""Sheet 申报 of 台账.xlsx: the judged forms as claims that `xlpolicy settle` reads (format: `claims`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

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
    lines: list[Sequence[Value]] = [heads, *rows]
    for number, line in enumerate(lines, 2):
        for column, value in enumerate(line, 1):
            cell = put(sheet.cell(number, column), value)
            cell.font = Font(name=FONTS["body" if number > 2 else "heading"], size=10)
            cell.border = GRID
            cell.alignment = Alignment(vertical="center", wrap_text=True, horizontal="center" if number == 2 else None)
            if number == 2:
                cell.fill = BAND
            elif isinstance(value, dt.date):
                cell.number_format = "yyyy-mm-dd"
    for column, head in enumerate(heads, 1):
        sheet.column_dimensions[letter(column)].width = WIDTHS.get(head, 18)
    sheet.freeze_panes = "C3"
    set_page(sheet, titles=(2, 2))
