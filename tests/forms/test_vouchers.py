"""The voucher sheet against the form, and fields against one another."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from formkit import at, edited, filled, one, told
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.forms.layout import VOUCHER_SHEET


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "表.xlsx"


def with_vouchers(path: Path, *lines: tuple[str, float | str, dt.date | None], **cells: object) -> Path:
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
