"""The application form as a workbook: what an accountant fills in without help, drawn from `layout`.

The form itself is one A4 page; the voucher list is a second sheet; a hidden sheet says which document, provision
and form version it is. Its only formulas say back each amount in words (`echo`) and the live estimate with its reason (`Layout.estimate_row`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import Rule as Condition
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.faults import InvalidInput, nearest
from xlpolicy.forms import echo
from xlpolicy.forms.layout import (
    COLUMNS,
    DECLARATION,
    FORM_SHEET,
    FORM_VERSION,
    HEADINGS,
    IDENTITY_SHEET,
    VOUCHER_ROWS,
    VOUCHER_SHEET,
    Field,
    Layout,
    address,
    layout,
    match_text,
)
from xlpolicy.forms.restyled import Restyled
from xlpolicy.forms.said_back import estimate_cells, estimate_label, estimate_of, results_of
from xlpolicy.forms.voucher_sheet import draw_vouchers, page_of
from xlpolicy.forms.watched import FORMATS, identity_rows, long_lists, paints, typed, validation
from xlpolicy.law.records import Document, Rule
from xlpolicy.sheets.book import set_page
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.openpyxl_book import Result, Results, blank_workbook, finished, put, repeat_style
from xlpolicy.sheets.style import BAND, GRID, INPUT, SOFT
from xlpolicy.sheets.text import letter, lines_of

_WIDTHS = (18, 19, 17, 8, 12, 22)


def write_form(
    document: Document,
    rule: Rule,
    path: Path,
    *,
    unit: str = "万元",
    fonts: Mapping[str, str] | None = None,
    prefill: Mapping[str, Any] | None = None,
    force: bool = False,
    version: str = FORM_VERSION,
    template: Path | None = None,
) -> Path:
    """Write the form of a provision to `path` (.xlsx), whole or not at all.

    `prefill`: field key (`ent_name`, `in_investment`), bare input name or label -> value as an accountant would type
    it, in the form's unit. `version`: as a form of an earlier version, of which some are still out. `fonts`: any of title, heading, body.
    `template`: a bureau's own look, which has its own fonts. Raises FileExistsError unless `force`, NotComputable,
    InvalidInput, TemplateError.
    """
    plan = layout(document, rule, unit, version)
    if template is not None:
        made = Restyled(plan, template)
        write_atomically(Path(path), made.made(_prefill(made.plan, prefill or {})), force=force)
        return Path(path)
    book, results = build(plan, {**FONTS, **(fonts or {})}, _prefill(plan, prefill or {}))
    write_atomically(Path(path), finished(book, results), force=force)
    return Path(path)


def _prefill(plan: Layout, given: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in given.items():
        field = plan.by_key.get(name) or plan.by_key.get(f"in_{name}") or plan.by_label.get(match_text(name))
        if field is None:
            raise InvalidInput(
                f"申请表没有“{name}”这一栏", where=plan.title, expected="、".join(plan.by_key),
                remedy=nearest(name, [*plan.by_key, *(f.label for f in plan.fields)]),
            )  # fmt: skip
        values[field.key] = value
    return values


def build(plan: Layout, fonts: Mapping[str, str], values: Mapping[str, Any]) -> tuple[Workbook, Results]:
    """The workbook of a form, `values` (by field key) filled in, and what its formulas give."""
    book = blank_workbook(plan.title.replace("\n", ""))
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = FORM_SHEET
    values = {key: typed(value) for key, value in values.items()}
    Drawing(book, sheet, plan, fonts).draw(values)
    results: dict[str, Mapping[str, Result]] = {FORM_SHEET: results_of(plan, values)}
    if plan.vouchers:
        results[VOUCHER_SHEET] = draw_vouchers(book.create_sheet(VOUCHER_SHEET), plan, fonts)
        book.defined_names["inv_table"] = DefinedName(
            "inv_table", attr_text=f"{quote_sheetname(VOUCHER_SHEET)}!$A$4:$H${3 + VOUCHER_ROWS}"
        )
    _identity(book.create_sheet(IDENTITY_SHEET), plan)
    return book, results


class Drawing:
    """The form sheet, row by row."""

    def __init__(self, book: Workbook, sheet: Worksheet, plan: Layout, fonts: Mapping[str, str]) -> None:
        self.book, self.sheet, self.plan = book, sheet, plan
        self.body = Font(name=fonts["body"], size=11)
        self.small = Font(name=fonts["body"], size=9.5, color="404040")
        self.heading = Font(name=fonts["heading"], size=11.5)
        self.title = Font(name=fonts["title"], size=20)
        columns = {field.key: (letter(n), len(field.choices)) for n, field in enumerate(long_lists(plan), 4)}
        self.lists = {key: f"${column}$1:${column}${last}" for key, (column, last) in columns.items()}

    def text(
        self, row: int, first: int, last: int, value: str, font: Font, *, across: str = "left", down: str = "center",
        fill: PatternFill | None = None, border: Border | None = GRID,
    ) -> None:  # fmt: skip
        cell = put(self.sheet.cell(row + 1, first + 1), value)
        cell.font = font
        if border:
            cell.border = border
        if fill:
            cell.fill = fill
        indent = 1 if across != "center" and border else 0
        cell.alignment = Alignment(horizontal=across, vertical=down, wrap_text=True, indent=indent)
        if last > first:
            repeat_style(cell, (self.sheet.cell(row + 1, column + 1) for column in range(first + 1, last + 1)))
            self.sheet.merged_cells.add(f"{address(row, first)}:{address(row, last)}")

    def height(self, row: int, points: float) -> None:
        self.sheet.row_dimensions[row + 1].height = points

    def draw(self, values: Mapping[str, Any]) -> None:
        plan, end = self.plan, COLUMNS - 1
        for index, width in enumerate(_WIDTHS):
            self.sheet.column_dimensions[letter(index + 1)].width = width
        self.text(0, 0, end, plan.title, self.title, across="center", border=None)
        self.height(0, 12 + 28 * lines_of(plan.title, 52))
        self.text(1, 0, end - 1, plan.subtitle, self.body, border=None)
        self.text(1, end, end, plan.unit_line, self.body, across="right", border=None)
        self.height(1, 18 * lines_of(plan.subtitle, 70))
        lines = "\n".join(("填报说明", *plan.instructions))
        self.text(2, 0, end, lines, self.small, fill=SOFT)
        self.height(2, 15 * lines_of(lines, 104) + 8)
        for section in plan.sections:
            self.text(section.row, 0, end, section.title, self.heading, fill=BAND)
            self.height(section.row, 22)
        self.heads()
        for field in plan.fields:
            self.field(field, values.get(field.key))
        self.estimate()
        self.closing()
        self.page()

    def heads(self) -> None:
        """What stands above the data."""
        for (first, last), heading in zip(((0, 1), (2, 2), (3, 3), (4, 5)), HEADINGS, strict=True):
            self.text(self.plan.header_row, first, last, heading, self.body, across="center", fill=SOFT)
        self.height(self.plan.header_row, 21)

    def field(self, field: Field, value: Any) -> None:
        """A field with what watches over it."""
        cell = self.boxed(field)
        if value is not None:
            put(cell, value)
        place = f"{quote_sheetname(FORM_SHEET)}!${letter(field.column + 1)}${field.row + 1}"
        self.book.defined_names[field.key] = DefinedName(field.key, attr_text=place)
        for area, formula, color in paints(self.plan, field):
            self.sheet.conditional_formatting.add(area, _rule(formula, color))
        check = validation(field, self.plan.unit, self.lists)
        if check is not None:
            self.sheet.add_data_validation(check)
            check.add(field.address)

    def boxed(self, field: Field) -> Cell:
        """A field as it looks: label, cell for the answer (which is returned), unit and hint."""
        self.text(
            field.row, field.label_column, field.label_column + field.label_columns - 1, field.shown, self.body,
            fill=None if field.unit_column >= 0 else SOFT,
        )  # fmt: skip
        across = {"money": "right", "rate": "right", "integer": "right"}.get(field.type, "center")
        if field.columns > 1 and field.type == "text":
            across = "left"
        self.text(field.row, field.column, field.column + field.columns - 1, "", self.body, across=across, fill=INPUT)
        tall = {"prj_content": 54.0}.get(field.key, 25.0)
        if field.group == "att":
            tall = max(25.0, 15.0 * lines_of(field.shown, 16 if field.label_columns == 1 else 32) + 6)
        if field.unit_column >= 0:
            self.text(field.row, field.unit_column, field.unit_column, field.unit, self.small, across="center")
            self.text(field.row, field.unit_column + 1, COLUMNS - 1, field.hint, self.small)
            if (field.row, field.unit_column + 1, field.hint) in self.plan.echoes:
                said = address(field.row, field.unit_column + 1)
                self.sheet[said].value = echo.formula(field.address, self.plan.unit, field.hint)
            lines = max(lines_of(field.shown, 34), lines_of(field.hint, 36), lines_of(field.unit, 8))
            tall = max(25.0, 15.0 * lines + 6)
        self.height(field.row, max(tall, self.sheet.row_dimensions[field.row + 1].height or 0))
        cell = self.sheet.cell(field.row + 1, field.column + 1)
        assert isinstance(cell, Cell)
        cell.value = None
        cell.number_format = FORMATS.get(field.type, "General")
        cell.protection = Protection(locked=False)
        rest = range(field.column + 1, field.column + field.columns)
        repeat_style(cell, (self.sheet.cell(field.row + 1, column + 1) for column in rest))
        return cell

    def estimate(self) -> None:
        """What the inputs come to, computed by the workbook itself while they are typed."""
        row, end, made = self.plan.estimate_row, COLUMNS - 1, estimate_of(self.plan)
        amount, reason = estimate_cells(self.plan)
        self.text(row, 0, 1, estimate_label(self.plan), self.small, fill=SOFT)
        self.text(row, 2, 2, "", self.heading, across="right", fill=SOFT)
        self.text(row, 3, end, "", self.small, fill=SOFT)
        self.sheet[amount].value, self.sheet[amount].number_format = made.amount, "#,##0.00"
        self.sheet[reason].value = made.reason
        self.height(row, 46)

    def signed(self) -> None:
        """Declaration and signatures."""
        plan, end = self.plan, COLUMNS - 1
        signed = (
            f"{DECLARATION}\n\n\n单位（盖章）：\u3000\u3000\u3000\u3000\u3000\u3000\u3000\u3000法定代表人（签字）："
        )
        signed += "\u3000" * 7 + "年\u3000\u3000月\u3000\u3000日"
        self.text(plan.declaration_row, 0, end, signed, self.body)
        self.height(plan.declaration_row, 84)

    def closing(self) -> None:
        """Declaration, signatures, review opinions."""
        self.signed()
        plan, end = self.plan, COLUMNS - 1
        for first, last, who in ((0, 2, "县（市、区）主管部门意见"), (3, end, "市级主管部门意见")):
            opinion = f"{who}：\n\n\n\n\n（盖章）\u3000\u3000\u3000\u3000年\u3000\u3000月\u3000\u3000日"
            self.text(plan.review_row, first, last, opinion, self.body, down="top")
        self.height(plan.review_row, 104)

    def page(self) -> None:
        sheet = self.sheet
        sheet.print_area = f"A1:{address(self.plan.rows - 1, COLUMNS - 1)}"
        set_page(sheet, **page_of(self.plan), landscape=False, tall=1, titles=(1, 2))
        sheet.protection.sheet = True
        sheet.protection.formatRows = False
        sheet.protection.formatColumns = False


def _rule(formula: str, color: str) -> Condition:
    fill = PatternFill("solid", bgColor=color)
    return Condition(type="expression", formula=[formula], dxf=DifferentialStyle(fill=fill))


def _identity(sheet: Worksheet, plan: Layout) -> None:
    """The hidden sheet that says what this form is."""
    for row, pair in enumerate(identity_rows(plan), 1):
        for column, value in enumerate(pair, 1):
            put(sheet.cell(row, column), value)
    for column, field in enumerate(long_lists(plan), 4):
        for row, choice in enumerate(field.choices, 1):
            put(sheet.cell(row, column), choice)
    sheet.sheet_state = "veryHidden"
    sheet.protection.sheet = True
