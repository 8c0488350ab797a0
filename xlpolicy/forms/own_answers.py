"""What is answered to the fields of a bureau's own template; nothing in it sends a form back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.layout import Field, Layout, address
from xlpolicy.forms.locate import cell
from xlpolicy.forms.normalise import absent, read_value, shown
from xlpolicy.forms.opened import Rows
from xlpolicy.forms.own_look import ASKED, COUNTY
from xlpolicy.forms.placed import extras_on
from xlpolicy.law.records import Input
from xlpolicy.money import CENT, as_shown, plain


@dataclass(frozen=True, slots=True)
class Answers:
    """By label, as they stand; the amounts among them (元) by what they mean, with their cell; what cannot be read."""

    texts: Mapping[str, str] = field(default_factory=dict)
    amounts: Mapping[str, tuple[str, Decimal]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def answers(plan: Layout, rows: Rows, sheet: str, *, date1904: bool = False) -> Answers:
    """The answers on a sheet; a form without fields of the bureau's own has none."""
    texts: dict[str, str] = {}
    amounts: dict[str, tuple[str, Decimal]] = {}
    faults: list[Fault] = []
    for extra, (row, column) in extras_on(plan, rows):
        value = cell(rows, (row, column))
        number = isinstance(value, int | float) and not isinstance(value, bool)
        texts[extra.label] = (
            f"{as_shown(value).normalize():f}" if number else shown(value).strip()
        )  # a year is no 2,026
        if extra.kind not in (ASKED, COUNTY) or absent(value):
            continue
        where = reference(sheet, address(row, column))
        item = Input(extra.kind, "money", extra.label, required=False)
        asked = Field("prj", extra.kind, extra.label, "money", False, row, column, 1, column, 1, plan.unit, item=item)
        amount, told = read_value(asked, value, plan.unit, date1904=date1904)
        faults += [
            replace(fault, where=where, got=f"“{extra.label}”一栏：{fault.got}", severity="warning") for fault in told
        ]
        if isinstance(amount, Decimal) and amount == amount.quantize(CENT):
            amounts[extra.kind] = where, amount
        elif isinstance(amount, Decimal):
            got = f"“{extra.label}”一栏：{plain(amount)} 元不到一分，没有采用"
            remedy = "核对这个数，改成精确到分的金额"
            faults.append(Fault("not_a_number", where, "", got, "精确到分的金额", remedy, "warning"))
    return Answers(texts, amounts, tuple(faults))
