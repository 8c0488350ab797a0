"""templates/申请表.xlsx: the look of an application form, drawn once with placeholders; a bureau restyles its own copy.

What the placeholders are filled with, and what a template must have: `restyled`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.forms.contents import CHECK, DATA, ESTIMATE, PAPERS, PROVISIONS, SAID, STATUS, VOUCHERS
from xlpolicy.forms.design import Drawing
from xlpolicy.forms.layout import (
    COLUMNS,
    DECLARATION,
    FORM_SHEET,
    IDENTITY_SHEET,
    VOUCHER_SHEET,
    Field,
    Layout,
    Section,
    layout,
)
from xlpolicy.forms.own_look import COMMON_SHEET
from xlpolicy.forms.restyled import NAME
from xlpolicy.forms.voucher_sheet import draw_vouchers
from xlpolicy.law import catalog as catalogs
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.openpyxl_book import blank_workbook, finished, put
from xlpolicy.sheets.style import SOFT
from xlpolicy.sheets.template import MOMENT

_VOUCHERS = 1


class _Placeholders(Drawing):
    """The form sheet with the names of what goes into its cells."""

    def field(self, field: Field, value: Any) -> None:
        cell = self.boxed(field)
        put(cell, f"{{{DATA}.填报数}}" if field.unit else value)
        cell.number_format = "General"
        if field.unit:  # numbers to the right, words to the left, whatever is asked
            cell.alignment = Alignment(vertical="center", wrap_text=True)

    def estimate(self) -> None:
        row, end = self.plan.estimate_row, COLUMNS - 1
        self.text(row, 0, 1, "{预计补助}", self.small, fill=SOFT)
        for (first, last), name, font in zip(((2, 2), (3, end)), ESTIMATE, (self.heading, self.small), strict=True):
            self.text(row, first, last, f"{{{name}}}", font, across="right" if first == last else "left", fill=SOFT)
        self.sheet.cell(row + 1, 3).number_format = "#,##0.00"
        self.height(row, 46)

    def signed(self) -> None:
        """The declaration with its signatures."""
        super().signed()
        signed = self.sheet.cell(self.plan.declaration_row + 1, 1)
        assert isinstance(signed, Cell)
        signed.value = str(signed.value).replace(DECLARATION, "{单位声明}")


class _Common(_Placeholders):
    """The sheet of a combined form on which is filled in what all its provisions ask."""

    def draw(self, values: Mapping[str, Any]) -> None:
        super().draw(values)
        plan = self.plan
        heads = (("序号", 0, 0), ("条款", 1, 1), ("依据", 2, 3), ("工作表", 4, 4), (STATUS, 5, 5))
        for name, first, last in heads:
            self.text(plan.header_row, first, last, name, self.body, across="center", fill=SOFT)
            self.text(plan.header_row + 1, first, last, f"{{{PROVISIONS}.{name}}}", self.small)
        self.height(plan.header_row + 1, 25)

    def heads(self) -> None:
        """The provisions are listed instead of data."""

    def estimate(self) -> None:
        """Each provision's own."""

    def closing(self) -> None:
        self.signed()


def _plan() -> Layout:
    """The form of no provision in particular: one line of data, one line of papers."""
    document, rule = next(pair for pair in catalogs.plain().rules() if pair[1].amount is not None)
    any_one = layout(document, rule)
    kept = [field for field in any_one.fields if not field.unit and field.group != "att"]
    row = any_one.header_row + 1
    line = Field(
        "in", "", f"{{{DATA}.栏目}}", "text", False, row, 0, 2, 2, 1, f"{{{DATA}.单位}}", 3, f"{{{DATA}.填写说明}}"
    )
    papers = [
        Field("att", n, f"{{{PAPERS}.材料{n}}}", "boolean", False, row + 3, first, span, value, columns)
        for n, first, span, value, columns in (("", 0, 1, 1, 2), ("二", 3, 2, 5, 1))
    ]
    titles = [section.title for section in any_one.sections]
    rows = [*(section.row for section in any_one.sections[:3]), row + 2, row + 4, row + 6]
    fields = (*kept, line, *papers)
    return replace(
        any_one, fields=fields, title="{表名}", subtitle="{依据}",
        unit="{金额单位}", instructions=(), sections=tuple(Section(*s) for s in zip(rows, titles, strict=True)),
        estimate_row=row + 1, declaration_row=row + 5, review_row=row + 7, rows=row + 8, echoes=(),
        by_key={field.key: field for field in fields},
    )  # fmt: skip


def _common_plan() -> Layout:
    """The sheet of what is common: the enterprise, the day, the provisions, the declaration."""
    plan = _plan()
    kept = tuple(field for field in plan.fields if field.group == "ent")
    row = max(field.row for field in kept) + 1
    day = Field("prj", "applied_on", "申报日期", "date", True, row - 1, 3, 2, 5, 1)
    last = next(field for field in kept if field.row == row - 1)
    kept = (*(replace(f, columns=2) if f is last else f for f in kept), day)
    titles = ("一、申报单位", "二、申报的条款", "三、单位声明")
    rows = (plan.sections[0].row, row, row + 3)
    return replace(
        plan, fields=kept, by_key={f.key: f for f in kept}, header_row=row + 1, estimate_row=-1,
        sections=tuple(Section(*s) for s in zip(rows, titles, strict=True)),
        declaration_row=row + 4, rows=row + 5,
    )  # fmt: skip


def build() -> bytes:
    """The template as bytes; the same call always gives the same ones."""
    plan = _plan()
    book = blank_workbook("申请表模板")
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = FORM_SHEET
    asked = {f.key: f"{{{PAPERS}.已附{f.name}}}" if f.group == "att" else f"{{{f.label}}}" for f in plan.fields}
    _Placeholders(book, sheet, plan, FONTS).draw(asked)
    _head(sheet)
    common = book.create_sheet(COMMON_SHEET)
    shared = _common_plan()
    _Common(book, common, shared, FONTS).draw({f.key: f"{{{f.label}}}" for f in shared.fields})
    _head(common)
    put(common["F2"], None)
    vouchers = book.create_sheet(VOUCHER_SHEET)
    draw_vouchers(vouchers, plan, FONTS, _VOUCHERS)
    put(vouchers["H2"], "{发票单位}")
    put(vouchers["A4"], f"{{{VOUCHERS}.序号}}")
    for column in "EF":
        vouchers[f"{column}{4 + _VOUCHERS}"] = "{合计}"
    for each in (sheet, common, vouchers):
        each.oddFooter.left.text = "{文件名称}"  # type: ignore[union-attr]
        each.protection.sheet = False
    book.defined_names["inv_table"] = DefinedName("inv_table", attr_text=f"'{VOUCHER_SHEET}'!$A$4:$H$4")
    hidden = book.create_sheet(IDENTITY_SHEET)
    put(hidden["A1"], f"{{{SAID}.名}}")
    put(hidden["B1"], f"{{{SAID}.值}}")
    hidden.sheet_state, hidden.protection.sheet = "veryHidden", True
    return finished(book, {}, MOMENT)


def _head(sheet: Worksheet) -> None:
    """The lines above the first block."""
    put(sheet["F2"], "{金额单位}")
    put(sheet["A3"], "{填报说明}")
    sheet.unmerge_cells("A2:E2")
    put(sheet["C2"], f"{{{CHECK}}}").alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.merge_cells("A2:B2")
    sheet.merge_cells("C2:E2")


def write(folder: Path) -> list[Path]:
    """Write the template into `folder`."""
    (folder / NAME).write_bytes(build())
    return [folder / NAME]
