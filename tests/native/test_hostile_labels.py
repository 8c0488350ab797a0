"""A bureau's own policy file whose words begin like formulas: the calculation table writes them as text."""

from __future__ import annotations

import zipfile
from pathlib import Path

from openpyxl import load_workbook

from xlpolicy.formulas.calculation_sheet import write_sheet
from xlpolicy.law.in_force import Found
from xlpolicy.law.reading.compile import compile_text

SIXTH = Path(__file__).parents[1] / "sixth/policies/shili-2026-9.yaml"
LINK = '=HYPERLINK("http://192.0.2.1/","点我")'


def test_a_city_that_is_called_like_a_formula(tmp_path: Path) -> None:
    text = SIXTH.read_text(encoding="utf-8")
    label = next(line for line in text.splitlines() if line.strip().startswith("city_label:"))
    document = compile_text(text.replace(label, f"  city_label: '{LINK}'"), "shili-2026-9.yaml")
    rule = next(rule for rule in document.rules.values() if rule.amount is not None)
    path = tmp_path / "a.xlsx"
    write_sheet([Found(document, rule)], path)
    with zipfile.ZipFile(path) as package:
        parts = [package.read(name).decode() for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
    assert parts and not any("HYPERLINK" in formula for part in parts for formula in part.split("<f>")[1:])
    texts = [c.value for sheet in load_workbook(path) for row in sheet.iter_rows() for c in row if c.data_type == "s"]
    assert any("HYPERLINK" in str(value) for value in texts)
