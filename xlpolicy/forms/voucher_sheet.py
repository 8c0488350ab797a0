"""The second sheet of a form: the list of invoices, and what stands at the foot of every sheet of a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openpyxl.styles import Alignment, Font, Protection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.forms.layout import EARLIER, VOUCHER_COLUMNS, VOUCHER_ROWS, VOUCHER_SHEET, Layout
from xlpolicy.sheets.book import set_page
from xlpolicy.sheets.openpyxl_book import Result, put, repeat_style
from xlpolicy.sheets.style import BAND, GRID, INPUT
from xlpolicy.sheets.text import letter

#: how the columns are written
VOUCHER_FORMATS = ("0", "@", "@", "yyyy-mm-dd", "#,##0.00", "#,##0.00", "yyyy-mm-dd", "@")


def page_of(plan: Layout) -> dict[str, Any]:
    """The margins and the foot of a form's sheets, for `set_page`."""
    return {"margin": 0.6, "foot": (plan.document.name, f"表样第 {plan.version} 版")}


def unit_of_vouchers(plan: Layout) -> str:
    """The line that says the unit of the list, and that the form's is another."""
    differs = plan.unit != "元" and plan.version not in EARLIER
    return f"单位：元（与申请表的{plan.unit}不同）" if differs else "单位：元"


def draw_vouchers(
    sheet: Worksheet, plan: Layout, fonts: Mapping[str, str], lines: int = VOUCHER_ROWS
) -> dict[str, Result]:
    """The list of invoices with its total row, unlocked throughout but the headings; what the totals give.

    Nothing is filled in beforehand, so the totals are truly 0.
    """
    body, last = Font(name=fonts["body"], size=11), 3 + lines
    for index, width in enumerate((7, 24, 24, 13, 16, 14, 13, 26)):
        sheet.column_dimensions[letter(index + 1)].width = width
    put(sheet["A1"], VOUCHER_SHEET).font = Font(name=fonts["title"], size=18)
    sheet["A1"].alignment = Alignment(horizontal="center", vertical="center")
    sheet.merge_cells("A1:H1")
    put(sheet["A2"], f"{plan.title}附表".replace("\n", "")).font = body
    put(sheet["H2"], unit_of_vouchers(plan)).font = body
    sheet["H2"].alignment = Alignment(horizontal="right")
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height, sheet.row_dimensions[3].height = 32, 18, 22
    formats = VOUCHER_FORMATS
    for column, (label, shown) in enumerate(zip(VOUCHER_COLUMNS, formats, strict=True), 1):
        head = put(sheet.cell(3, column), label)
        head.font, head.fill, head.border = Font(name=fonts["heading"], size=11), BAND, GRID
        head.alignment = Alignment(horizontal="center", vertical="center")
        total = sheet.cell(last + 1, column)
        total.font, total.border = body, GRID
        total.number_format = shown
        total.alignment = Alignment(
            horizontal="right" if column in (5, 6) else "center", vertical="center", shrink_to_fit=True
        )
        first = sheet.cell(4, column)
        repeat_style(total, (first,))
        first.protection, first.fill = Protection(locked=False), INPUT
        repeat_style(first, (sheet.cell(row, column) for row in range(5, last + 1)))
    for row in range(4, last + 1):
        sheet.cell(row, 1).value = row - 3
    put(sheet.cell(last + 1, 1), "合计")
    for name in ("E", "F"):
        sheet[f"{name}{last + 1}"] = f"=SUM({name}4:{name}{last})"
    for name, kind in (("D", "date"), ("G", "date"), ("E", "decimal"), ("F", "decimal")):
        dated = kind == "date"
        check = DataValidation(
            kind, operator="between", formula1="29221" if dated else "-99999999999",  # type: ignore[arg-type]
            formula2="73050" if dated else "99999999999", allow_blank=True, showErrorMessage=True,
        )  # fmt: skip
        check.errorTitle, check.error = "填写有误", "请填日期，如 2026-06-30" if dated else "请填数字，单位元"
        sheet.add_data_validation(check)
        check.add(f"{name}4:{name}{last}")
    sheet.freeze_panes = "A4"
    set_page(sheet, **page_of(plan), titles=(1, 3))
    sheet.protection.sheet = True
    sheet.protection.insertRows = sheet.protection.formatRows = sheet.protection.formatColumns = False
    return dict.fromkeys((f"E{last + 1}", f"F{last + 1}"), 0)
