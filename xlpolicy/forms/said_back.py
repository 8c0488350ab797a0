"""What a form says of itself while it is filled in: the live estimate, the echo of amounts, and what they show at first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from xlpolicy.forms import echo
from xlpolicy.forms.layout import Layout, address
from xlpolicy.forms.watched import left_to_fill
from xlpolicy.formulas.estimate import Estimate, estimate_formulas, shown
from xlpolicy.formulas.periods import BLANK
from xlpolicy.law.in_force import Found
from xlpolicy.law.year_rates import told
from xlpolicy.sheets.openpyxl_book import Result


def estimate_cells(plan: Layout) -> tuple[str, str]:
    """Where the estimate and its reason stand."""
    if plan.look is not None:
        return plan.look.estimate or ("", "")
    return address(plan.estimate_row, 2), address(plan.estimate_row, 3)


def unit_of(plan: Layout) -> Literal["元", "万元"]:
    """The form's unit as the formulas take it."""
    return "元" if plan.unit == "元" else "万元"


def _begun(plan: Layout) -> str:
    """The field with which a form is begun: of a combined form's sheet the first of its own."""
    return "prj_name" if plan.look is not None and "ent_name" in plan.look.common else "ent_name"


@lru_cache(64)
def estimate_of(plan: Layout) -> Estimate:
    """The two formulas of a form."""
    cells = {item.name: BLANK for item in plan.rule.inputs}
    cells |= {field.name: field.address for field in plan.fields if field.group == "in"}
    begun = (plan.by_key[_begun(plan)].address,)
    return estimate_formulas(plan.rule, cells, unit_of(plan), amount_cell=estimate_cells(plan)[0], begun_by=begun)


def estimate_label(plan: Layout) -> str:
    """What stands beside the estimate: what it is, and how far it goes."""
    return f"{estimate_of(plan).label}\n{estimate_note(plan)}"


def estimate_note(plan: Layout) -> str:
    """How far the estimate goes."""
    made = estimate_of(plan)
    paid = told(plan.rule, [rate for rate in plan.document.rates if rate.rule == plan.rule.id])
    return f"{made.note}{f'（按条文的比例算，本单位{paid}）' if paid else ''}"


def results_of(plan: Layout, values: Mapping[str, Any]) -> dict[str, Result]:
    """What the formulas of the form sheet give once `values` (by field key) stand in it."""
    results: dict[str, Result] = {}
    by_row = {field.row: field for field in plan.fields if field.hint}
    for row, column, hint in plan.echoes:
        if plan.look and address(row, column) == plan.look.check:
            results[plan.look.check] = echo.checked(left_to_fill(plan, values))
            continue
        if row not in by_row:  # how the sheets of a combined form stand: told by who knows them all
            continue
        results[address(row, column)] = echo.shown(values.get(by_row[row].key), plan.unit, hint)
    formula = estimate_of(plan).formula
    if formula is not None and estimate_cells(plan)[0]:
        typed = {key.removeprefix("in_"): value for key, value in values.items() if key.startswith("in_")}
        begun_with = {_begun(plan): values.get(_begun(plan))}
        told = shown(Found(plan.document, plan.rule), formula, typed | begun_with, unit_of(plan))
        results |= dict(zip(estimate_cells(plan), told, strict=True))
    return results
