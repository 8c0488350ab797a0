"""The live estimate on an application form: what the applicant sees while typing, without any add-in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from xlpolicy.faults import NotComputable
from xlpolicy.formulas.periods import BLANK
from xlpolicy.formulas.preview import preview
from xlpolicy.formulas.rule import NativeFormula, native
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Rule

_WAN = Decimal(10) ** 4

#: how far an estimate goes, by the nature of the provision
_WORDS = {"upper_bound": "，最高", "discretionary": "，按核定"}
#: what stands in its place where only the bureau knows what it hangs on
BY_BUREAU = "由受理部门按文件核定，本栏不填"
NOTE = "自动测算，供参考；以主管部门核定为准"


class Estimate(NamedTuple):
    """What goes beside the inputs: the label with its unit, the two formulas, the note that the decision counts."""

    label: str
    amount: str
    reason: str
    note: str
    formula: NativeFormula | None = None


def estimate_formulas(
    rule: Rule,
    form_cells: Mapping[str, str],
    unit: Literal["元", "万元"],
    *,
    amount_cell: str | None = None,
    begun_by: tuple[str, ...] = (),
) -> Estimate:
    """The estimate over `form_cells` (input name -> reference), amounts there in `unit`, the result in 元.

    Both formulas stay empty until one of the inputs or one of the cells `begun_by` is filled in; the reason refers to
    `amount_cell` where that is given. Without an exact formula (a provision of one's own) the reason is a text that
    says so. Raises NotComputable for a provision without an amount.
    """
    label = f"预计补助（元{_WORDS.get(rule.nature, '')}）"
    cells = [cell for cell in form_cells.values() if cell != BLANK]
    used = f"COUNTA({','.join(dict.fromkeys((*begun_by, *cells)))})>0"
    if any(item.required and form_cells[item.name] == BLANK for item in rule.inputs):
        return Estimate(label, "", BY_BUREAU, NOTE)
    try:
        made = native(rule, form_cells, None, unit, amount_cell=amount_cell, used=used)
    except NotComputable:
        if rule.amount is None:
            raise
        return Estimate(label, "", BY_BUREAU, NOTE)
    return Estimate(label, made.amount, made.reason, NOTE, made)


def shown(
    found: Found, formula: NativeFormula, typed: Mapping[str, Any], unit: Literal["元", "万元"]
) -> tuple[Decimal | str, str]:
    """What the two formulas show once `typed` stands in the cells (input name -> value, amounts in `unit`).

    A key that is no input is a cell of `begun_by`.
    """
    line: dict[str, Any] = {}
    money = {item.name for item in found.rule.inputs if item.type == "money"}
    for name, value in typed.items():
        if isinstance(value, dt.datetime):
            value = value.date()
        elif isinstance(value, int | float | Decimal):
            value = Decimal(str(value)) * (_WAN if unit == "万元" and name in money else 1)
        line[name] = value
    return preview(found, formula, line, None)
