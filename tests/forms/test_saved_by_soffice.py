"""Forms filled in and saved by LibreOffice itself: what an accountant's program makes of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from formkit import HONEST, at, edited, filled, one, plan, read, told
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from soffice import Format, Soffice, Text

from xlpolicy.forms.layout import FORM_SHEET

pytestmark = pytest.mark.soffice
FORMATS: tuple[Format, ...] = ("xlsx", "xls", "ods")
INPUTS = {"investment": Decimal("8000000")}


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    return filled(tmp_path / "空表.xlsx", **dict.fromkeys(HONEST))


def typed() -> dict[str, object]:
    return {at(key): value for key, value in HONEST.items()}


@pytest.mark.parametrize("form", FORMATS)
def test_filled_in_by_hand(soffice: Soffice, blank: Path, tmp_path: Path, form: Format) -> None:
    cells = typed() | {
        at("in_investment"): "１,100万元",
        at("in_bond_supported"): "否",
        at("in_paid_before"): 12.5,
        at("prj_start"): dt.date(2026, 1, 5),
        at("prj_end"): Text("2026年12月31日"),
    }
    returned = one(soffice.open_set_save(blank, {FORM_SHEET: cells}, tmp_path / f"回.{form}", form))
    assert returned.problems == ()
    assert returned.status == "ok"
    assert returned.inputs == {
        "investment": Decimal("11000000"), "bond_supported": False, "paid_before": Decimal("125000"),
    }  # fmt: skip
    assert returned.project == {
        "name": "智能产线技改", "start": dt.date(2026, 1, 5), "end": dt.date(2026, 12, 31),
    }  # fmt: skip
    assert returned.enterprise == {k.removeprefix("ent_"): v for k, v in HONEST.items() if k.startswith("ent_")}
    assert returned.cells["in_investment"] == f"{FORM_SHEET}!C16"


@pytest.mark.parametrize("form", FORMATS)
def test_saved_blank(soffice: Soffice, blank: Path, tmp_path: Path, form: Format) -> None:
    returned = one(soffice.open_set_save(blank, {}, tmp_path / f"回.{form}", form))
    assert (returned.status, returned.rule) == ("blank", plan().rule)


@pytest.mark.parametrize("form", FORMATS)
def test_formulas_with_results_and_errors(soffice: Soffice, blank: Path, tmp_path: Path, form: Format) -> None:
    cells = typed() | {at("in_investment"): "=SUM(500,300)", at("in_paid_before"): "=1/0"}
    returned = one(soffice.open_set_save(blank, {FORM_SHEET: cells}, tmp_path / f"回.{form}", form))
    assert returned.inputs == INPUTS
    assert told(returned) == [
        ("warning", "formula", at("in_investment")), ("error", "error_cell", at("in_paid_before")),
    ]  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_rows_inserted(soffice: Soffice, tmp_path: Path, form: Format) -> None:
    """The sheet is protected, but without a password."""

    def unprotect(book: Workbook, sheet: Worksheet) -> None:
        sheet.protection.sheet = False

    blank = edited(tmp_path / "空表.xlsx", unprotect, **dict.fromkeys(HONEST))
    with soffice.open(blank) as book:
        book.set(FORM_SHEET, typed())
        book.insert_row(FORM_SHEET, 16, 2)
        book.insert_row(FORM_SHEET, 3)
        back = book.save(tmp_path / f"回.{form}", form)
    returned = one(back)
    assert (returned.status, returned.inputs) == ("ok", INPUTS)
    assert returned.cells["in_investment"] == f"{FORM_SHEET}!C19"


@pytest.mark.parametrize("form", FORMATS)
def test_percent_cells(soffice: Soffice, tmp_path: Path, form: Format) -> None:
    """What a percent cell holds after 3% was typed, after 3% was typed into a text cell; a plain 3 shows as 300%."""
    which = {"rule": "pilot_loan_interest", "policy": "fuzhou-2024-13"}
    sent = plan(**which)
    start = filled(tmp_path / "空.xlsx", **which)
    rates = [f for f in sent.fields if f.type == "rate"]
    others = {f.address: 100 for f in sent.fields if f.group == "in" and f.required and f.type in ("money", "integer")}
    for value in (0.03, 3, "3%", "３％"):
        cells = others | {f.address: value for f in rates}
        returned = one(soffice.open_set_save(start, {FORM_SHEET: cells}, tmp_path / f"回.{form}", form))
        if value == 3:
            assert {code for _, code, _ in told(returned)} == {"shown_differently"}
            continue
        assert (returned.status, told(returned)) == ("ok", []), value
        assert {f.name: returned.inputs[f.name] for f in rates} == {f.name: Decimal("0.03") for f in rates}


@pytest.mark.parametrize("form", FORMATS)
def test_every_problem_of_a_saved_form(soffice: Soffice, blank: Path, tmp_path: Path, form: Format) -> None:
    cells = typed() | {at("in_investment"): "约300", at("ent_phone"): "", at("ent_account"): 3.5001234567890123e19}
    returned = one(soffice.open_set_save(blank, {FORM_SHEET: cells}, tmp_path / f"回.{form}", form))
    assert told(returned) == [
        ("error", "digits_lost", at("ent_account")),
        ("error", "approximate", at("in_investment")),
        ("error", "missing", at("ent_phone")),
    ]


def test_an_xls_saved_and_renamed(soffice: Soffice, blank: Path, tmp_path: Path) -> None:
    soffice.open_set_save(blank, {FORM_SHEET: typed()}, tmp_path / "回.xls", "xls")
    (tmp_path / "回.xls").rename(tmp_path / "91350100M000100Y43.xlsx")
    (returned,) = read(tmp_path / "91350100M000100Y43.xlsx")
    assert (returned.status, returned.inputs) == ("ok", INPUTS)


def test_the_form_itself_prints_on_one_page(soffice: Soffice, blank: Path, tmp_path: Path) -> None:
    from pypdf import PdfReader

    with soffice.open(blank) as book:
        pages = PdfReader(book.save(tmp_path / "表.pdf", "pdf")).pages
    assert len(pages) == 2  # the form, the voucher list
    assert [(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in pages] == [
        (595, 842),
        (842, 595),
    ]
    text = pages[0].extract_text()
    for words in ("福州市技改设备补助申请表", "填报说明", "单位（盖章）", "市级主管部门意见"):
        assert words in text
