"""First oracle, in every run: IronCalc computes the formulas of every provision over 300 claims and more."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import ironcalc
import pytest
from native import oracle

from xlpolicy.formulas.integer_form import FigureOf, integer_form
from xlpolicy.formulas.periods import BLANK
from xlpolicy.formulas.rule import NativeFormula, native
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Rule

ROWS = 400
_FOUND = oracle.computable()


def letter(column: int) -> str:
    return ironcalc.column_name_from_number(column)


class Sheet:
    """One sheet of IronCalc with the claims of one provision, a row each."""

    def __init__(self, found: Found, unit: Any, figures: bool, left_out: bool = False) -> None:
        self.left_out = left_out
        self.rule: Rule = found.rule
        self.unit, self.figures = unit, figures
        self.model = ironcalc.create("native", "en", "UTC", "en")
        self.model.rename_sheet(0, "测算")
        width = len(self.rule.inputs)
        self.amount, self.reason = width + 1, width + 2
        self.formula = self.write(found)

    def write(self, found: Found) -> NativeFormula:
        rule = self.rule
        cells = {item.name: f"{letter(i)}\0" for i, item in enumerate(rule.inputs, 1)}
        if self.left_out:
            cells |= {item.name: BLANK for item in rule.inputs if not item.required}
        figure_of: FigureOf | None = None
        if self.figures:
            self.model.add_sheet("参数")
            places: dict[Any, str] = {}

            def figure_of(figure: Any, row: int | None, side: str) -> str:
                key = (figure.name, row, side)
                if key not in places:
                    by = rule.input(figure.table.by).type if figure.table else ""
                    self.model.update_cell_with_number(1, len(places) + 1, 1, integer_form(figure, row, side, by).value)
                    places[key] = f"参数!$A${len(places) + 1}"
                return places[key]

        formula = native(
            rule, cells, figure_of, self.unit,
            amount_cell=f"{letter(self.amount)}\0" if self.figures else None,
            helper_of=lambda i: f"{letter(self.reason + 1 + i)}\0",
        )  # fmt: skip
        return formula

    def put(self, row: int, claim: oracle.Row) -> None:
        scale = Decimal(10000 if self.unit == "万元" else 1)
        for column, item in enumerate(self.rule.inputs, 1):
            value = claim.cells[item.name]
            if isinstance(value, str):
                self.model.update_cell_with_text(0, row, column, value)
            elif value is not None:
                number = value / scale if item.type == "money" else value
                self.model.update_cell_with_number(0, row, column, float(number))
        texts = [(self.amount, self.formula.amount), (self.reason, self.formula.reason)]
        texts += [(self.reason + 1 + i, text) for i, (_, text) in enumerate(self.formula.helpers)]
        for column, text in texts:
            self.model.update_cell_with_formula(0, row, column, text.replace("\0", str(row)))

    def read(self, row: int) -> tuple[Any, str]:
        return self.model.get_cell_value(0, row, self.amount), self.model.get_cell_value(0, row, self.reason)


def disagreements(found: Found, unit: str, figures: bool, count: int) -> list[str]:
    """Every row in which the spreadsheet and `assess` differ."""
    sheet = Sheet(found, unit, figures)
    claims = oracle.rows(found, sheet.formula, count)
    for row, claim in enumerate(claims, 1):
        sheet.put(row, claim)
    sheet.model.evaluate()
    assert len(claims) >= count
    return [text for row, claim in enumerate(claims, 1) if (text := compare(claim, *sheet.read(row)))]


def compare(claim: oracle.Row, amount: Any, reason: Any) -> str:
    """What is wrong with a row, empty if nothing."""
    reason = reason or ""
    if claim.amount is None:
        right = amount in ("", None) and reason.startswith("请")
    else:
        right = (
            isinstance(amount, float | int)
            and math.isclose(amount, claim.amount, rel_tol=1e-15)
            and reason.startswith("不") != claim.eligible
            and not reason.startswith("请")
        )
    return "" if right else f"{dict(claim.cells)}: {claim.amount} {claim.eligible}, sheet {amount!r} {reason!r}"


@pytest.mark.parametrize("found", _FOUND, ids=oracle.names())
def test_numbers_in_the_formula(found: Found) -> None:
    assert disagreements(found, "元", False, ROWS) == []


@pytest.mark.parametrize("found", _FOUND, ids=oracle.names())
def test_numbers_in_cells_amounts_in_wan(found: Found) -> None:
    assert disagreements(found, "万元", True, 60) == []


@pytest.mark.parametrize("found", _FOUND, ids=oracle.names())
def test_inputs_left_out_for_good(found: Found) -> None:
    """Formulas over the required inputs only say what `assess` says where the others are not stated."""
    sheet = Sheet(found, "元", False, left_out=True)
    required = {item.name for item in found.rule.inputs if item.required}
    claims = [
        oracle.expect(found, sheet.formula, {k: v if k in required else None for k, v in row.cells.items()})
        for row in oracle.rows(found, sheet.formula, 60)
    ]
    for row, claim in enumerate(claims, 1):
        sheet.put(row, claim)
    sheet.model.evaluate()
    assert '""=' not in sheet.formula.amount
    assert [text for row, claim in enumerate(claims, 1) if (text := compare(claim, *sheet.read(row)))] == []
