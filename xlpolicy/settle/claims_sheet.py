"""Sheet 申报 of 台账.xlsx: the judged forms as claims that `xlpolicy settle` reads (format: `claims`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties

from xlpolicy.settle import Claim
from xlpolicy.settle.claims_book import WIDTHS, claim_rows
from xlpolicy.settle.claims_file import CLAIMS
from xlpolicy.settle.table_book import Value
from xlpolicy.sheets.files import put
from xlpolicy.sheets.sheetxml import letter
from xlpolicy.sheets.style import FONTS

_LINE = Side(style="thin", color="7F7F7F")
_GRID = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="DCE6F1")
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
            cell.border = _GRID
            cell.alignment = Alignment(vertical="center", wrap_text=True, horizontal="center" if number == 2 else None)
            if number == 2:
                cell.fill = _HEAD
            elif isinstance(value, dt.date):
                cell.number_format = "yyyy-mm-dd"
    for column, head in enumerate(heads, 1):
        sheet.column_dimensions[letter(column)].width = WIDTHS.get(head, 18)
    sheet.freeze_panes = "C3"
    sheet.page_setup.paperSize, sheet.page_setup.orientation = sheet.PAPERSIZE_A4, "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "2:2"
    sheet.sheet_view.showGridLines = False
