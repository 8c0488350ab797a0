"""The live estimate on an application form: what the applicant sees while typing, without any add-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from xlpolicy.faults import NotComputable
from xlpolicy.formulas.rule import native
from xlpolicy.law.records import Rule

#: how far an estimate goes, by the nature of the provision
_WORDS = {"upper_bound": "，最高", "discretionary": "，按核定"}
NOTE = "自动测算，供参考；以主管部门核定为准"


class Estimate(NamedTuple):
    """What goes beside the inputs: the label with its unit, the two formulas, the note that the decision counts."""

    label: str
    amount: str
    reason: str
    note: str


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
    used = f"COUNTA({','.join(dict.fromkeys((*begun_by, *form_cells.values())))})>0"
    try:
        made = native(rule, form_cells, None, unit, amount_cell=amount_cell, used=used)
    except NotComputable:
        if rule.amount is None:
            raise
        return Estimate(label, "", "由受理部门按文件核定，本栏不填", NOTE)
    return Estimate(label, made.amount, made.reason, NOTE)
