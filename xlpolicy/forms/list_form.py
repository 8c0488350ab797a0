"""A list form: one enterprise, one provision, several loans, projects, exhibitions or platforms of it, one a row.

The enterprise, the day and the declaration stand once, on the sheet that combined forms have; the table is a sheet of its
own (`list_sheet`) in the look of the same template. It is read by `list_intake`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from xlpolicy.faults import InvalidInput
from xlpolicy.forms.combined import Made, common_plan, has_common, reference_to
from xlpolicy.forms.contents import Stand
from xlpolicy.forms.echo import GONE
from xlpolicy.forms.layout import FORM_SHEET, IDENTITY_SHEET, VOUCHER_SHEET, Layout
from xlpolicy.forms.list_look import with_table
from xlpolicy.forms.list_sheet import SHOWN, ListSheet, is_column, of_loans
from xlpolicy.forms.list_vouchers import DRAWN
from xlpolicy.forms.own_look import COMMON_SHEET
from xlpolicy.forms.restyled import Restyled
from xlpolicy.forms.said_back import results_of
from xlpolicy.forms.watched import typed
from xlpolicy.sheets.cells import Formula, Shown
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.multiply import multiplied
from xlpolicy.sheets.openpyxl_book import Result
from xlpolicy.sheets.plain import plain
from xlpolicy.sheets.refill import refill

#: what the sheet of the table is called
LIST_SHEET = "申报明细"
MOST_ROWS = 200


def how_to_list(unit: str, vouchers: bool) -> tuple[str, ...]:
    """How a list form is filled in; `vouchers`: whether it has a sheet of invoices."""
    listed = f"发票逐张填入“{VOUCHER_SHEET}”，每张写明属于第几笔。" if vouchers else ""
    return (
        f"1. 本表填一次；每一笔（每个项目、每场）在“{LIST_SHEET}”里填一行，一行就是一笔申报，各行分别核定。用不到的行空着，不要写“合计”。{listed}",
        "2. 只填浅色格；带 * 的必填，其余没有可不填。每行各填各的，不写“同上”，不合并上下的格。不要改动栏目名称。",
        f"3. 金额一律按{unit}填数字，不写单位、不写“约”，保留两位小数；日期写成 2026-06-30；有下拉箭头的格从中选一项。",
        "4. 附件按序号整理。本表签章一次即可，填好后以统一社会信用代码为文件名发回。",
    )


def known_of_rows(plan: Layout) -> Layout:
    """What a list of enterprises may say of a list form: what stands in it once, and the columns of its table."""
    plan, shared = of_loans(plan), common_plan([plan])
    fields = (*shared.fields, *(f for f in plan.fields if is_column(f)))
    keys = {f.key: f for f in fields}
    return replace(
        shared, fields=fields, by_key=keys, by_label={t: f for t, f in plan.by_label.items() if f.key in keys}
    )


def write_list_form(plan: Layout, rows: int, path: Path, template: Path, *, force: bool = False) -> Path:
    """Write a list form to `path` (.xlsx), whole or not at all. Raises FileExistsError unless `force`, InvalidInput,
    TemplateError."""
    write_atomically(Path(path), ListForm(plan, rows, template).made({}), force=force)
    return Path(path)


class ListForm:
    """The form of one provision for several claims. `common`, `forms`: its sheets, placed (the table is the only one)."""

    def __init__(self, plan: Layout, rows: int, template: Path) -> None:
        """Raises InvalidInput for a number of rows, TemplateError for a template that lost something."""
        if not 1 <= rows <= MOST_ROWS:
            raise InvalidInput(
                f"明细表不能有 {rows} 行", where="命令行", expected=f"1 至 {MOST_ROWS} 行", remedy="再多的分几份发"
            )  # fmt: skip
        has_common(template)
        listed: list[tuple[Shown, ...]] = [(1, plan.rule.title, f"{plan.document.name} {plan.rule.at}", LIST_SHEET)]
        stand = Stand(COMMON_SHEET, "", IDENTITY_SHEET, shared=True, provisions=listed)
        shared = replace(common_plan([plan]), instructions=how_to_list(plan.unit, plan.vouchers))
        self.common = Restyled(shared, template, stand)
        refs = {f.key: reference_to(COMMON_SHEET, f.address) for f in self.common.plan.fields if f.key in SHOWN}
        self.table = ListSheet(
            plan, rows, Stand(LIST_SHEET, VOUCHER_SHEET if plan.vouchers else "", f"{IDENTITY_SHEET}1", refs)
        )
        self.forms = [self.table]
        whole = with_table(plain(template.read_bytes()), template.name, LIST_SHEET, self.table.drawn())
        copies = [(COMMON_SHEET, COMMON_SHEET), (LIST_SHEET, LIST_SHEET)]
        if self.table.vouchers:
            whole = with_table(whole, template.name, DRAWN, self.table.vouchers.drawn())
            copies.append((DRAWN, VOUCHER_SHEET))
        copies += [(IDENTITY_SHEET, one.stand.hidden) for one in (self.common, self.table)]
        self._template = Made(template.name, multiplied(whole, copies, (FORM_SHEET, VOUCHER_SHEET)))
        self.table.printed(self.made({}))

    def made(
        self, values: Mapping[str, Any], said: Sequence[Sequence[tuple[str, str]]] = (), *, common_said: Sequence[tuple[str, str]] = ()
    ) -> bytes:  # fmt: skip
        """The workbook, `values` filled in by field key, those of a row with `@` and its number; `said`: more rows for the
        hidden sheet of the table. Raises TemplateError."""
        whole = _typed(values)
        contents = self.common.contents(whole, common_said, [Formula(*self._told(whole))])
        contents |= self.table.contents(whole, said[0] if said else ())
        names = self.common.names(COMMON_SHEET, "") | self.table.names(LIST_SHEET, "")
        out = BytesIO()
        refill(self._template, out, contents, on=dt.date.today(), local=names)
        return out.getvalue()

    def filled(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """What stands in the cells: of the common sheet, of the table."""
        whole = _typed(values)
        common = {key: value for key, value in whole.items() if key in self.common.plan.by_key}
        return common, [{key: value for key, value in whole.items() if key not in common}]

    def results(self, values: Mapping[str, Any]) -> tuple[dict[str, Result], list[dict[str, Result]]]:
        """What the formulas of the sheets give, by cell: of the common sheet, of the table."""
        whole = _typed(values)
        first = dict(results_of(self.common.plan, whole))
        first |= dict(zip(self.common.told, (self._told(whole)[1],), strict=False))
        return first, [self.table.results(whole)]

    def _told(self, whole: Mapping[str, Any]) -> tuple[str, str]:
        """How much is filled in of the table: the formula, and what it gives."""
        look = self.table.plan.look
        assert look is not None
        result = str(self.table.results(whole)[look.check])
        return f'=IFERROR({reference_to(LIST_SHEET, look.check)},"{GONE}")', result


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: typed(value) for key, value in values.items() if value is not None and value != ""}
