"""The live estimate on an application form, as LibreOffice computes it while cells are typed into."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from native import oracle
from native.test_rules_of_ones_own import THREE_SHARES, provision
from soffice import CellValue, Soffice

from xlpolicy.claim.decision import decide
from xlpolicy.faults import NotComputable
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import FORM_SHEET, layout
from xlpolicy.formulas.estimate import NOTE, estimate_formulas
from xlpolicy.law import catalog
from xlpolicy.law.in_force import Found

ON = dt.date(2026, 6, 30)


def find(rule: str) -> Found:
    return catalog.default().find("fuzhou", rule, ON)


@pytest.mark.soffice
@pytest.mark.parametrize(("unit", "typed"), [("万元", 800), ("元", 8000000)], ids=["wan", "yuan"])
def test_the_estimate_follows_what_is_typed(soffice: Soffice, tmp_path: Path, unit: str, typed: float) -> None:
    found = find("tech_upgrade")
    path = write_form(found.document, found.rule, tmp_path / "form.xlsx", unit=unit)
    plan = layout(found.document, found.rule, unit)
    row = plan.estimate_row + 1
    at = {name: plan.by_key[f"in_{name}"].address for name in ("investment", "bond_supported")}

    def shown(book: Any, **cells: CellValue) -> tuple[CellValue, CellValue]:
        book.set(FORM_SHEET, {at[name]: value for name, value in cells.items()})
        return tuple(book.read_range(FORM_SHEET, f"C{row}:D{row}").values())

    with soffice.open(path) as book:
        book.recalculate()
        assert not any(shown(book)), "a blank form complains of nothing"
        assert shown(book, investment=typed)[0] == 240000
        assert shown(book, investment="八百万")[0] in ("", None)
        assert str(shown(book)[1]).startswith("请填写“年度技改设备（含软件）实际投资额（不含增值税）”")
        amount, reason = shown(book, investment=typed, bond_supported="是")
        assert amount == 0
        assert str(reason).startswith("不予补助")


@pytest.mark.parametrize(
    ("rule", "label"),
    [
        ("tech_upgrade", "预计补助（元，最高）"),
        ("group_challenge", "预计补助（元，按核定）"),
        ("tech_center", "预计补助（元）"),
    ],
)
def test_the_words_for_what_the_law_gives(tmp_path: Path, rule: str, label: str) -> None:
    found = find(rule)
    path = write_form(found.document, found.rule, tmp_path / "form.xlsx")
    sheet = openpyxl.load_workbook(path)[FORM_SHEET]
    shown = sheet.cell(layout(found.document, found.rule).estimate_row + 1, 1).value
    assert shown == f"{label}\n{NOTE}"
    assert "以主管部门核定为准" in NOTE


def test_every_form_has_its_estimate() -> None:
    for found in oracle.computable():
        cells = {item.name: f"C{16 + i}" for i, item in enumerate(found.rule.inputs)}
        for unit in ("元", "万元"):
            made = estimate_formulas(found.rule, cells, unit, amount_cell="C40")  # type: ignore[arg-type]
            assert made.amount.startswith("=")
            assert made.reason.startswith("=")
            assert max(len(made.amount), len(made.reason)) <= 8192


def test_without_an_exact_formula_the_form_says_so(tmp_path: Path) -> None:
    found = provision(THREE_SHARES.replace("rate * cost * part / total", "rate * part + cost * part / total"))
    made = estimate_formulas(found.rule, {item.name: f"C{16 + i}" for i, item in enumerate(found.rule.inputs)}, "万元")
    assert (made.amount, made.reason) == ("", "由受理部门按文件核定，本栏不填")
    write_form(found.document, found.rule, tmp_path / "form.xlsx")
    # 33.3% × 1 + 100 × 1 / 2
    assert decide(found, {"cost": 100, "part": 1, "total": 2}, ON).amount == Decimal("50.33")
    with pytest.raises(NotComputable):
        estimate_formulas(find("srdi_iur").rule, {}, "万元")
