"""The voucher sheet against the form, and fields against one another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from formkit import at, edited, filled, one, told
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.forms.layout import VOUCHER_COLUMNS, VOUCHER_SHEET
from xlpolicy.forms.opened import Rows
from xlpolicy.forms.vouchers import read_vouchers


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "表.xlsx"


def with_vouchers(path: Path, *lines: tuple[str | float, float | str, dt.date | None], **cells: object) -> Path:
    def change(book: Workbook, _: Worksheet) -> None:
        sheet = book[VOUCHER_SHEET]
        for row, (number, net, day) in enumerate(lines, 4):
            sheet[f"C{row}"], sheet[f"E{row}"], sheet[f"D{row}"] = number, net, day

    return edited(path, change, **cells)


def test_vouchers_below_what_is_claimed(path: Path) -> None:
    """800 万元 claimed, three vouchers of 100 万元 each: 500 万元 are not proved."""
    returned = one(with_vouchers(path, *((f"INV{n}", 1_000_000, None) for n in range(3))))
    assert (returned.status, told(returned)) == ("ok", [("warning", "voucher_sum", at("in_investment"))])
    assert returned.problems[0].got == ("填报 8,000,000 元，发票明细表合计 3,000,000 元，少 5,000,000 元（发票明细表）")
    assert [v.where for v in returned.vouchers] == [f"发票明细表!C{n}" for n in (4, 5, 6)]


def test_vouchers_that_prove_it(path: Path) -> None:
    returned = one(with_vouchers(path, ("1", 3_000_000, None), ("2", "500万元", None)))
    assert (returned.problems, returned.vouchers[1].net) == ((), Decimal("5000000"))
    assert one(with_vouchers(path, ("1", 9_000_000, None))).problems == ()


def test_one_voucher_twice_and_one_outside_the_period(path: Path) -> None:
    day, other = dt.date(2026, 2, 1), dt.date(2025, 12, 31)
    cells = {"prj_start": dt.date(2026, 1, 1), "prj_end": dt.date(2026, 6, 1)}
    returned = one(with_vouchers(path, ("A1", 4_000_000, day), ("A1", 4_000_000, day), ("B2", 1, other), **cells))
    assert told(returned) == [("warning", "voucher_twice", "C5"), ("warning", "voucher_date", "C6")]
    assert "发票明细表!C4" in returned.problems[0].got


def test_one_number_with_the_zeros_that_excel_strips(path: Path) -> None:
    """00123456 typed into a cell of numbers is 123456; 123450 is another invoice."""
    returned = one(with_vouchers(path, ("00123456", 4_000_000, None), (123456.0, 4_000_000, None), (123450.0, 1, None)))
    assert told(returned) == [("warning", "voucher_twice", "C5")]
    assert returned.problems[0].got == "发票号 123456 填了两次（另见 发票明细表!C4，写成 00123456）"


def test_an_amount_that_is_none(path: Path) -> None:
    assert told(one(with_vouchers(path, ("A1", "约三百", None)))) == [("warning", "voucher_amount", "E4")]


def test_with_vat_below_without(path: Path) -> None:
    returned = one(filled(path, in_investment_with_vat=700))
    assert told(returned) == [("error", "vat_below_net", at("in_investment_with_vat"))]
    assert returned.problems[0].got == "含税金额 7,000,000 元小于不含税金额 8,000,000 元（C16）"
    assert one(filled(path, in_investment_with_vat=904)).problems == ()


def test_a_project_of_long_ago(path: Path) -> None:
    assert told(one(filled(path, prj_end=dt.date(2023, 5, 1)))) == [("warning", "project_long_ago", at("prj_end"))]
    assert one(filled(path, prj_end=dt.date(2025, 5, 1))).problems == ()


def test_no_attachment_at_all(path: Path) -> None:
    names = ("contract", "invoice", "payment", "audit", "credit", "other")
    none = {f"att_{name}": "否" for name in names}
    assert told(one(filled(path, **none))) == [("warning", "no_attachments", at("att_contract"))]
    assert one(filled(path, **none | {"att_invoice": "是"})).problems == ()


def spoiled(path: Path, change: Callable[[Workbook, Worksheet], None]) -> list[tuple[str, str, str]]:
    """What is said of a form whose one voucher proves the claim, after somebody changed the voucher sheet."""

    def both(book: Workbook, _: Worksheet) -> None:
        sheet = book[VOUCHER_SHEET]
        sheet["C4"], sheet["E4"] = "24352000000000000001", 8_000_000
        change(book, sheet)

    returned = one(edited(path, both))
    assert returned.status == "ok"
    return told(returned)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda _, s: setattr(s["E4"], "font", Font(strike=True)), "E4"),
        (lambda _, s: setattr(s["E4"], "font", Font(color="FFFFFFFF")), "E4"),
        (lambda _, s: setattr(s["E4"], "number_format", '0.00"万元"'), "E4"),
        (lambda _, s: setattr(s["C4"], "comment", Comment("此票作废", "会计")), "C4"),
        (lambda _, s: s.__setitem__("G2", "单位：万元"), "G2"),
        (lambda _, s: s.__setitem__("D4", "2026年春"), "D4"),
        (lambda _, s: s.__setitem__("C4", 24352000000000000001), "C4"),
        (lambda _, s: s.__setitem__("E3", "含税金额"), ""),
    ],
)
def test_a_voucher_that_shows_something_else(
    path: Path, change: Callable[[Workbook, Worksheet], None], place: str
) -> None:
    assert ("warning", "voucher_line", place) in spoiled(path, change)


def test_a_hidden_voucher(path: Path) -> None:
    def hide(_: Workbook, sheet: Worksheet) -> None:
        sheet.row_dimensions[4].hidden = True

    assert {code for _, code, _ in spoiled(path, hide)} == {"voucher_line"}


def test_a_voucher_sheet_under_another_name(path: Path) -> None:
    def rename(book: Workbook, sheet: Worksheet) -> None:
        sheet["E4"], sheet.title = 3_000_000, "发票"
        book.defined_names["inv_table"].attr_text = "'发票'!$A$4:$G$33"

    assert spoiled(path, rename) == [("warning", "voucher_sum", at("in_investment"))]


@pytest.mark.parametrize(
    ("code", "told_of"),
    [
        ("91350500M000100Y40", True),
        ("91350000M000100Y46", False),
        ("91350182M000100Y4X", False),
        ("91350100M000100Y43", False),
    ],
)
def test_an_enterprise_of_another_city(path: Path, code: str, told_of: bool) -> None:
    """福州 is 3501; 3505 is 泉州, 350000 the province's own office, 350182 长乐."""
    found = {code for _, code, _ in told(one(filled(path, ent_uscc=code)))} - {"uscc"}
    assert (found == {"other_region"}) is told_of


def test_a_list_of_seven_columns_reads_as_before_and_one_of_eight_with_the_seller() -> None:
    """Forms before version 4 had no 销售方; theirs is read by its headings like the new one."""
    line = ["合同一", "11000000", "2026-03-01", 100, 13, "2026-03-02"]
    old: Rows = [["发票明细表"], ["", "单位：元"], list(VOUCHER_COLUMNS[:7]), [1, *line]]
    new: Rows = [["发票明细表"], ["", "单位：元"], list(VOUCHER_COLUMNS), [1, *line, "示例销售01"]]
    ((first,), told), ((second,), said) = read_vouchers(old), read_vouchers(new)
    assert told == said == [] and second == first._replace(seller="示例销售01") and first.seller == ""
