"""Lists that a bureau fills in: values, and the cells that show something else. What Excel shows, by its number formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from xlpolicy.forms.grids import read_grids
from xlpolicy.sheets.package import Unreadable

#: value, number format, what Excel shows where that is another number
SHOWN: list[tuple[Any, str, str]] = [
    (20, '0"万元"', "20万元"), (200_000, '0.0,"千元"', "200.0千元"), (2_000_000, "0.0,,", "2.0"), (7, ";;;", "空白"),
    (20, "General", ""), (20, '#,##0.00"元"', ""), (0, "#,##0.00;-#,##0.00;", ""), (0.03, "0.0%", ""), (46203, "yyyy年m月d日", ""),
]  # fmt: skip


@pytest.mark.parametrize(("value", "code", "shown"), SHOWN)
def test_a_number_that_shows_another_is_told(value: Any, code: str, shown: str, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    cell = book.worksheets[0]["B2"]
    cell.value, cell.number_format = value, code
    book.save(tmp_path / "表.xlsx")
    found = read_grids(tmp_path / "表.xlsx").differing
    assert list(found) == (["Sheet!B2"] if shown else [])
    assert all(shown in fault.got and fault.code == "shown_differently" for fault in found.values())


def test_what_is_struck_out_or_not_computed_is_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["A2"], sheet["A3"] = 5, "=A1*2", "甲"
    sheet["A1"].font = Font(strike=True)
    sheet["A4"] = CellRichText(TextBlock(InlineFont(strike=True), "80"), "90")
    book.save(tmp_path / "表.xlsx")
    sheets, differing, *_ = read_grids(tmp_path / "表.xlsx")
    assert sheets == {"Sheet": [[5.0], [""], ["甲"], ["8090"]]}
    assert {where: fault.code for where, fault in differing.items()} == {
        "Sheet!A1": "strike", "Sheet!A2": "formula_unsaved", "Sheet!A4": "strike",
    }  # fmt: skip


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(Unreadable):
        read_grids(tmp_path / "坏.xlsx")
    with pytest.raises(FileNotFoundError):
        read_grids(tmp_path / "没有.xlsx")


def test_a_cell_in_error_is_told_and_not_taken_for_blank(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["A2"], sheet["B2"] = "甲", "#N/A", "乙"
    book.save(tmp_path / "表.xlsx")
    sheets, differing, *_ = read_grids(tmp_path / "表.xlsx")
    assert sheets == {"Sheet": [["甲", ""], ["", "乙"]]}
    assert [(where, fault.code, fault.got) for where, fault in differing.items()] == [
        ("Sheet!A2", "error_cell", "单元格是错误值 #N/A"),
    ]  # fmt: skip
