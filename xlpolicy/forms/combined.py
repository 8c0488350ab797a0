"""A combined form: one enterprise, several provisions, one workbook. What all of them ask is filled in on one sheet; every
provision has a sheet of its own that shows it by plain formulas, and a hidden sheet that says how it left.

`Combined` writes it in the look of a template (`restyled`, once for each sheet); it is read by `intake` like any other form.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from xlpolicy.faults import InvalidInput
from xlpolicy.forms.contents import Stand, shown_there
from xlpolicy.forms.echo import GONE, checked
from xlpolicy.forms.instructions import how_to_fill
from xlpolicy.forms.layout import (
    FORM_SHEET,
    IDENTITY_SHEET,
    VOUCHER_SHEET,
    Field,
    Layout,
    match_text,
)
from xlpolicy.forms.own_look import COMMON_SHEET
from xlpolicy.forms.placed import place_of
from xlpolicy.forms.restyled import Restyled
from xlpolicy.forms.said_back import results_of
from xlpolicy.forms.watched import left_to_fill, typed
from xlpolicy.sheets.cells import Formula, Shown
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.multiply import multiplied
from xlpolicy.sheets.openpyxl_book import Result
from xlpolicy.sheets.package import Package, Unreadable
from xlpolicy.sheets.plain import plain
from xlpolicy.sheets.refill import refill
from xlpolicy.sheets.structure import main_part, workbook
from xlpolicy.sheets.template_sheet import TemplateError
from xlpolicy.sheets.text import letter

#: between a field and the number of its provision in a list of enterprises
OF = "@"
#: what the sheet of a provision's invoices is called behind the provision
LISTED = "发票明细"
_DAY = "prj_applied_on"
_UNFIT = re.compile(r"[\[\]:*?/\\']")
#: characters of a sheet's name
_LONGEST = 31
_HOW = (
    "1. 本表填一次，各条的表自动带出；各条的表里灰底的格不用填也不要改。只填浅色格，带 * 的必填。",
    "2. 申报哪一条，就填那一条的表；不申报的，那张表一格也不填，也不要删去。",
    "3. 本表签章一次即可。填好后以统一社会信用代码为文件名发回。",
)


def is_common(field: Field) -> bool:
    """Whether a field is asked once for all provisions."""
    return field.group == "ent" or field.key == _DAY


def common_plan(plans: Sequence[Layout]) -> Layout:
    """The sheet of what is common, as a form of the first provision that has these fields alone."""
    first = plans[0]
    fields = tuple(
        replace(f, unit="", hint="", unit_column=-1) if f.key == _DAY else f for f in first.fields if is_common(f)
    )
    return replace(
        first, subtitle=f"依据：{'、'.join(dict.fromkeys(plan.document.name for plan in plans))}", title=f"{first.document.city_label}申报单位信息表", fields=fields, instructions=_HOW, echoes=(),
        by_key={f.key: f for f in fields}, sections=(), marks=(),
    )  # fmt: skip


def list_plan(plans: Sequence[Layout]) -> Layout:
    """What a list of enterprises may say of a combined form: what is common by its label; what is a provision's own by the
    name of its sheet and the label, or by the label alone where no other has it. Keys of the latter end in `@` and its number.
    """
    first = plans[0]
    fields = {f.key: f for f in first.fields if is_common(f)}
    labels = {text: f for text, f in first.by_label.items() if f.key in fields}
    owners: dict[str, list[Field]] = {}
    for number, (plan, sheet) in enumerate(zip(plans, sheet_names(plans), strict=True), 1):
        for text, field in plan.by_label.items():
            if not is_common(field):
                own = replace(field, name=f"{field.name}{OF}{number}")
                fields[own.key] = own
                labels[match_text(sheet + text)] = own
                owners.setdefault(text, []).append(own)
    labels |= {text: found[0] for text, found in owners.items() if len(found) == 1 and text not in labels}
    return replace(first, fields=tuple(fields.values()), by_key=fields, by_label=labels)


def apart(values: Mapping[str, Any], count: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Values by the keys of `list_plan`: what is common, and each provision's own."""
    common: dict[str, Any] = {}
    each: list[dict[str, Any]] = [{} for _ in range(count)]
    for key, value in values.items():
        name, of, number = key.partition(OF)
        (each[int(number) - 1] if of else common)[name] = value
    return common, each


def sheet_names(plans: Sequence[Layout]) -> list[str]:
    """What the sheets of the provisions are called: by their titles, no two the same."""
    taken = {COMMON_SHEET, FORM_SHEET, VOUCHER_SHEET, IDENTITY_SHEET}
    names = []
    for plan in plans:
        base = _UNFIT.sub("", plan.rule.title)[: _LONGEST - 8]
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}{number}"
        taken.add(name)
        names.append(name)
    return names


@dataclass(frozen=True, slots=True)
class Made:
    """A template that was made of a file."""

    name: str
    data: bytes

    def read_bytes(self) -> bytes:
        """Its content."""
        return self.data


class Combined:
    """The form of several provisions. `common`, `forms`: its sheets, placed; `sheets`: all that is in the workbook, in order."""

    def __init__(self, plans: Sequence[Layout], template: Path) -> None:
        """Raises InvalidInput for a provision named twice, TemplateError for a template that lost something."""
        _different(plans)
        has_common(template)
        names = sheet_names(plans)
        listed: list[tuple[Shown, ...]] = [
            (n, plan.rule.title, f"{plan.document.name} {plan.rule.at}", name)
            for n, (plan, name) in enumerate(zip(plans, names, strict=True), 1)
        ]
        stand = Stand(COMMON_SHEET, "", IDENTITY_SHEET, shared=True, provisions=listed)
        self.common = Restyled(common_plan(plans), template, stand)
        refs = {field.key: reference_to(COMMON_SHEET, field.address) for field in self.common.plan.fields}
        self.forms = [
            Restyled(
                _listing(plan, name),
                template,
                Stand(name, _list_of(name) if plan.vouchers else "", f"{IDENTITY_SHEET}{n}", refs),
            )
            for n, (plan, name) in enumerate(zip(plans, names, strict=True), 1)
        ]
        copies = [(COMMON_SHEET, COMMON_SHEET)]
        for form in self.forms:
            copies.append((FORM_SHEET, form.stand.form))
            if form.stand.vouchers:
                copies.append((VOUCHER_SHEET, form.stand.vouchers))
        copies += [(IDENTITY_SHEET, one.stand.hidden) for one in (self.common, *self.forms)]
        whole = multiplied(plain(template.read_bytes()), copies, (FORM_SHEET, VOUCHER_SHEET))
        self._template = Made(template.name, whole)

    def made(
        self, values: Mapping[str, Any], said: Sequence[Sequence[tuple[str, str]]] = (), *, common_said: Sequence[tuple[str, str]] = ()
    ) -> bytes:  # fmt: skip
        """The workbook, `values` (by the keys of `list_plan`) filled in; `said`: more rows for the hidden sheet of each
        provision. Raises TemplateError."""
        common, each = self.filled(values)
        contents = self.common.contents(common, common_said, [Formula(*pair) for pair in self._told(each)])
        names = self.common.names(COMMON_SHEET, "")
        for number, (form, own) in enumerate(zip(self.forms, each, strict=True)):
            contents |= form.contents({**common, **own}, said[number] if said else ())
            names |= form.names(form.stand.form, form.stand.vouchers)
        out = BytesIO()
        refill(self._template, out, contents, on=dt.date.today(), local=names)
        return out.getvalue()

    def filled(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """What stands in the cells: of the common sheet, of each provision's own."""
        whole = {key: typed(value) for key, value in values.items() if value is not None and value != ""}
        return apart(whole, len(self.forms))

    def _told(self, each: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
        """How much is filled in of each provision: the formula, and what it gives."""
        told = []
        for form, own in zip(self.forms, each, strict=True):
            look = form.plan.look
            place = reference_to(form.stand.form, look.check) if look and look.check else ""
            result = checked(left_to_fill(form.plan, own)) if place else ""
            told.append((f'=IFERROR({place},"{GONE}")' if place else '=""', result))
        return told

    def results(self, values: Mapping[str, Any]) -> tuple[dict[str, Result], list[dict[str, Result]]]:
        """What the formulas of the sheets give, by cell: of the common sheet, of each provision's."""
        common, each = self.filled(values)
        first = dict(results_of(self.common.plan, common))
        first |= dict(zip(self.common.told, (result for _, result in self._told(each)), strict=False))
        rest = []
        for form, own in zip(self.forms, each, strict=True):
            shown: dict[str, Result] = dict(results_of(form.plan, own))
            shown |= {
                field.address: shown_there(common.get(field.key))
                for field in form.plan.fields
                if field.key in form.stand.common
            }
            rest.append(shown)
        return first, rest


def _list_of(sheet: str) -> str:
    """What the sheet of a provision's invoices is called."""
    return f"{sheet}{LISTED}"


def _listing(plan: Layout, sheet: str) -> Layout:
    """The form, whose instructions name the sheet of its own invoices."""
    return replace(plan, instructions=how_to_fill(plan.unit, _list_of(sheet) if plan.vouchers else ""))


def has_common(template: Path) -> None:
    """A template of before combined forms lacks their sheet. Raises TemplateError."""
    with suppress(Unreadable, OSError):  # told by who fills it
        package = Package(plain(template.read_bytes()))
        info = package.find(main_part(package))
        if info is not None and COMMON_SHEET not in dict(workbook(package.whole(info)).sheets):
            raise TemplateError(
                f"模板里没有“{COMMON_SHEET}”这张表，写不成合表", where=template.name, expected=f"“{COMMON_SHEET}”",
                remedy=f"打开软件自带的模板（新建的工作文件夹里的 模板/{template.name}），把“{COMMON_SHEET}”移动或复制到这个模板里",
            )  # fmt: skip


def write_combined(plans: Sequence[Layout], path: Path, template: Path, *, force: bool = False) -> Path:
    """Write the form of several provisions to `path` (.xlsx), whole or not at all. Raises FileExistsError unless `force`,
    InvalidInput, TemplateError."""
    write_atomically(Path(path), Combined(plans, template).made({}), force=force)
    return Path(path)


def _different(plans: Sequence[Layout]) -> None:
    seen: set[tuple[str, str]] = set()
    for plan in plans:
        key = (plan.document.key, plan.rule.id)
        if key in seen:
            raise InvalidInput(
                f"“{plan.rule.title}”写了两次", where="命令行", expected="不同的条款",
                remedy="每个条款写一次；同一条款申报两个项目的，发两份单独的申请表",
            )  # fmt: skip
        seen.add(key)


def reference_to(sheet: str, cell: str) -> str:
    """A cell of another sheet, as formulas say it."""
    row, column = place_of(cell)
    return f"'{sheet}'!${letter(column + 1)}${row + 1}"
