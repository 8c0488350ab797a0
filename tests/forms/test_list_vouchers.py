"""The invoices of a list form: each line names the row that it is for; rows are held against their own invoices alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from soffice import Soffice
from test_list_form import BOOTHS, FIRST, ROWS, answers, at, form, read, saved

from xlpolicy.forms.intake import Returned
from xlpolicy.forms.layout import VOUCHER_SHEET
from xlpolicy.forms.list_form import LIST_SHEET, ListForm
from xlpolicy.forms.own_look import COMMON_SHEET
from xlpolicy.law import catalog

LINE = 5
Listed = list[tuple[Any, str, int, int]]
#: with tax: 53,000 for the fee of 5万; 74,200 for that of 8万, 5,800 less; the third fee of 8万 has none
MIXED: Listed = [(1, "01", 30_000, 1_800), ("第2笔", "02", 70_000, 4_200), ("1", "03", 20_000, 1_200)]


@pytest.fixture(scope="module")
def booths() -> ListForm:
    return form("exhibition_booth")


def cells(listed: Listed) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for row, (of, number, net, tax) in enumerate(listed, LINE):
        line = {"B": of, "D": f"263120000000000000{number}", "E": dt.date(2026, 3, 15), "F": net, "G": tax}
        said |= {f"{column}{row}": value for column, value in line.items() if value is not None}
    return said


def back(made: ListForm, listed: Listed, change: Callable[[Workbook], None] = lambda book: None) -> list[Returned]:
    book = load_workbook(BytesIO(made.made(answers(made, BOOTHS))))
    for place, value in cells(listed).items():
        book[VOUCHER_SHEET][place].value = value
    change(book)
    return read(saved(book))


def doubts(one: Returned) -> list[tuple[str, str]]:
    return [(fault.code, fault.where) for fault in one.problems if fault.code.startswith("voucher")]


def test_every_row_is_held_against_its_own_invoices(booths: ListForm) -> None:
    first, second, third = back(booths, MIXED)
    assert [[v.number[-2:] for v in one.vouchers] for one in (first, second, third)] == [["01", "03"], ["02"], []]
    assert [one.number for one in (first, second, third)] == ["1", "2", "3"]
    assert {one.listing for one in (first, second, third)} == {VOUCHER_SHEET}
    assert doubts(first) == []
    assert doubts(second) == [("voucher_sum", f"{LIST_SHEET}!{at(booths, 'in_fee', 2)}")]
    assert "发票明细表合计 74,200 元，少 5,800 元" in second.problems[0].got
    assert doubts(third) == [("voucher_sum", f"{LIST_SHEET}!{at(booths, 'in_fee', 3)}")]
    assert "没有列属于这一笔（第 3 笔）的发票" in third.problems[0].got
    assert [one.inputs["fee"] for one in (first, second, third)] == [50_000, 80_000, 80_000]


def test_an_invoice_of_no_row_counts_for_none_and_every_row_is_told(booths: ListForm) -> None:
    astray: Listed = [*MIXED, (None, "04", 9_000, 0), (6, "05", 9_000, 0), ("甲", "06", 9_000, 0)]
    for one in back(booths, astray):
        told = [fault for fault in one.problems if fault.code == "voucher_line"]
        assert [fault.where for fault in told] == [f"{VOUCHER_SHEET}!D8", f"{VOUCHER_SHEET}!D9"]
        assert told[0].got.startswith("第 8 行的发票没有写“申报明细序号”")
        assert told[1].got.startswith("第 9 行（写的是“6”）、第 10 行（写的是“甲”）的发票")
        assert not {"04", "05", "06"} & {v.number[-2:] for v in one.vouchers}


def test_a_line_that_cannot_be_read_is_told_to_its_row_alone(booths: ListForm) -> None:
    def spoil(book: Workbook) -> None:
        book[VOUCHER_SHEET]["F6"].value = "不详"

    first, second, _ = back(booths, MIXED, spoil)
    assert ("voucher_amount", f"{VOUCHER_SHEET}!F6") in doubts(second) and doubts(first) == []


def test_two_rows_of_one_number_get_nothing(booths: ListForm) -> None:
    def again(book: Workbook) -> None:
        book[LIST_SHEET][f"A{FIRST + 1}"].value = 1

    first, second, _ = back(booths, [(1, "01", 50_000, 3_000)], again)
    assert [one.vouchers for one in (first, second)] == [(), ()]
    assert "不止一行" in next(f.got for f in first.problems if f.code == "voucher_line")


def test_one_claim_alone_has_all_invoices_that_name_no_other(booths: ListForm) -> None:
    book = load_workbook(BytesIO(booths.made(answers(booths, BOOTHS[:1]))))
    for place, value in cells([(None, "01", 50_000, 3_000), (2, "02", 1, 0)]).items():
        book[VOUCHER_SHEET][place].value = value
    (one,) = read(saved(book))
    assert [v.number[-2:] for v in one.vouchers] == ["01"]
    assert [fault.where for fault in one.problems if fault.code == "voucher_line"] == [f"{VOUCHER_SHEET}!D6"]


def test_a_sheet_that_was_deleted_takes_no_claim_with_it(booths: ListForm) -> None:
    def gone(book: Workbook) -> None:
        del book[VOUCHER_SHEET]
        table: Worksheet = book[LIST_SHEET]
        summed = next(cell.column_letter for cell in table[4] if cell.value == "发票合计")
        for number in range(3):
            table[f"{summed}{FIRST + number}"].value = "#REF!"

    assert [(one.status, one.vouchers) for one in back(booths, MIXED, gone)] == [("ok", ())] * 3


@pytest.mark.parametrize(("rule", "listed"), [("scaleup_loan_interest", False), ("tech_upgrade", True)])
def test_only_provisions_that_pay_for_expenses_ask_for_invoices(rule: str, listed: bool) -> None:
    made = form(rule)
    book = load_workbook(BytesIO(made.made({})))
    assert (VOUCHER_SHEET in book.sheetnames) is listed
    heads = [cell.value for cell in book[LIST_SHEET][4]]
    assert ("发票合计" in heads) is listed
    assert catalog.default().documents["fuzhou-2026-5"].rules[rule].title


def test_libreoffice_sums_by_row_and_every_format_says_the_same(
    booths: ListForm, soffice: Soffice, tmp_path: Path
) -> None:
    sent = tmp_path / "发出.xlsx"
    sent.write_bytes(booths.made(answers(booths, BOOTHS)))
    cells_of = {VOUCHER_SHEET: cells([*MIXED[:1], (2, "02", 70_000, 4_200), (9, "03", 1, 0)])}
    for ending in ("xlsx", "xls", "ods"):
        path = tmp_path / f"表.{ending}"
        soffice.open_set_save(sent, cells_of, path, ending)
        found = read(path.read_bytes(), path.name)
        assert [(one.status, [v.number[-2:] for v in one.vouchers]) for one in found] == [
            ("ok", ["01"]), ("ok", ["02"]), ("ok", []),
        ], (ending, found[0].problems)  # fmt: skip
    sheet = load_workbook(tmp_path / "表.xlsx", data_only=True)[LIST_SHEET]
    head = next(cell for cell in sheet[4] if cell.value == "发票合计")
    sums = [sheet.cell(FIRST + n, head.column).value for n in range(ROWS + 1)]
    assert [Decimal(str(value)) if value not in (None, "") else None for value in sums] == [
        31_800, 74_200, 0, None, None, None, 106_000,
    ]  # fmt: skip
    assert "还有 1 处未填或不合" in str(sheet[booths.table.plan.look.check].value)  # type: ignore[union-attr]
    assert load_workbook(tmp_path / "表.xlsx").sheetnames[:3] == [COMMON_SHEET, LIST_SHEET, VOUCHER_SHEET]
