"""The results in a real spreadsheet program: formulas recalculated, nothing evaluated that is text, pages printed."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from ironcalc import load_from_xlsx
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pypdf import PdfReader
from soffice import CellError, Soffice

from xlpolicy.batch import demo
from xlpolicy.batch.fill import fill
from xlpolicy.batch.record import Summary
from xlpolicy.forms.intake import read_returned
from xlpolicy.law import catalog
from xlpolicy.settle.headings import FACTS

WriteForm = Callable[..., Path]
SHEETS = {"汇总": "A1:H40", "申报台账": "A1:O30", "退回补正": "A1:I20", "未列入": "A1:G20", "申报": "A1:AZ30"}


def cached(path: Path) -> dict[str, dict[str, object]]:
    """Every value as the file holds it, without recalculation."""
    book = load_workbook(path, data_only=True)
    return {
        sheet.title: {
            cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None
        }
        for sheet in book
        if isinstance(sheet, Worksheet)
    }


@pytest.mark.soffice
def test_recalculated_totals_are_the_stored_ones(soffice: Soffice, shown: Summary) -> None:
    stored = cached(Path(shown.ledger))
    fresh = soffice.recalculate(shown.ledger, SHEETS)
    compared = 0
    for sheet, cells in stored.items():
        for address, value in cells.items():
            if isinstance(value, int | float) and sheet in SHEETS:
                assert fresh[sheet][address] == pytest.approx(float(value), abs=1e-9), (sheet, address)
                compared += 1
    assert compared > 130
    assert not [v for cells in fresh.values() for v in cells.values() if isinstance(v, CellError)]


def test_ironcalc_agrees_on_every_formula(shown: Summary) -> None:
    """A second engine: SUMPRODUCT over a bare condition, for one, is 0 there and in Excel, but not in LibreOffice."""
    stored = cached(Path(shown.ledger))
    formulas = load_workbook(shown.ledger)
    model = load_from_xlsx(shown.ledger, "en", "UTC", "en")
    model.evaluate()
    compared = 0
    for index, sheet in enumerate(formulas.worksheets):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    text = model.get_formatted_cell_value(index, cell.row, cell.column).replace(",", "")
                    value = stored[sheet.title][cell.coordinate]
                    assert isinstance(value, int | float)
                    assert float(text) == pytest.approx(value, abs=0.005), (sheet.title, cell.coordinate)
                    compared += 1
    assert compared == 11 * 5 + 5 + 5 + 1 + 2  # detail, its totals, counties, their total, the claims' totals


@pytest.mark.soffice
def test_no_text_is_evaluated(soffice: Soffice, form: WriteForm, inbox: Path, tmp_path: Path) -> None:
    names = [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(1)",
        '=HYPERLINK("http://example.invalid","x")',
        '=WEBSERVICE("http://x.invalid")',
    ]
    for number, name in enumerate(names, 1):
        form(number, ent_name=name, ent_account_name=name, ent_county=name)
    summary = fill(inbox, tmp_path / "out", on=demo.ON, progress=False)
    fresh = soffice.recalculate(summary.ledger, SHEETS)
    assert [fresh["申报台账"][f"B{row}"] for row in range(4, 10)] == names
    opinion = soffice.recalculate(tmp_path / "out" / summary.records[0].outputs[0], {"核定意见": "A1:D12"})
    assert opinion["核定意见"]["B3"] == "=1+1"
    totals = [v for a, v in fresh["汇总"].items() if a.startswith("G") and isinstance(v, float)]
    assert totals[-1] == 6 * 240_000


@pytest.mark.soffice
def test_the_ledger_prints_on_few_pages_with_nothing_lost(soffice: Soffice, shown: Summary, tmp_path: Path) -> None:
    reader = PdfReader(soffice.to_pdf(shown.ledger, tmp_path / "a.pdf"))
    assert len(reader.pages) == 6 + len(FACTS) + 1, "a sheet of facts takes a page, the list of enterprises two"
    for page in reader.pages:
        assert page.mediabox.width > page.mediabox.height
        assert float(page.mediabox.width) == pytest.approx(842, abs=2)  # A4
    text = "".join(page.extract_text() for page in reader.pages)
    assert "###" not in text
    joined = "".join(text.split())
    for expected in (
        "11,142,333.41",
        "壹仟壹佰壹拾肆万贰仟叁佰叁拾叁元肆角壹分",
        "示例企业24有限公司",
        "各县区核定金额",
    ):
        assert expected in joined
    assert ["序号" in page.extract_text() for page in reader.pages[1:5]] == [True] * 4
    assert "申报编号" in reader.pages[5].extract_text()


@pytest.mark.soffice
def test_a_judged_copy_opens_with_the_opinion(soffice: Soffice, shown: Summary, tmp_path: Path) -> None:
    copy = Path(shown.out) / "已核定" / "示例企业10.xlsx"
    with soffice.open(copy) as book:
        assert book.sheets[-1] == "核定意见"
        assert book.read_range("核定意见", "B10:B10") == {"B10": 295890.41}
        book.save(tmp_path / "b.pdf", "pdf")
    last = "".join(PdfReader(tmp_path / "b.pdf").pages[-1].extract_text().split())
    assert "人民币贰拾玖万伍仟捌佰玖拾元零肆角壹分" in last
    assert "###" not in last


@pytest.mark.soffice
@pytest.mark.parametrize("fmt", ["xlsx", "xls", "ods"])
def test_forms_filled_in_libreoffice_are_judged(
    soffice: Soffice, form: WriteForm, inbox: Path, tmp_path: Path, fmt: str
) -> None:
    """Typed and saved by the program itself, not by openpyxl; 1234.56万 × 3% = 370368."""
    blank = form(1, investment=800)
    soffice.open_set_save(blank, {"申请表": {"C16": 1234.56}}, inbox / f"来件.{fmt}", fmt)  # type: ignore[arg-type]
    blank.unlink()
    summary = fill(inbox, tmp_path / "out", on=demo.ON, progress=False)
    assert [f"{r.amount:.2f}" for r in summary.records] == ["370368.00"], summary.records
    opinion = tmp_path / "out" / summary.records[0].outputs[0]
    assert load_workbook(opinion)["核定意见"]["B10"].value == 370_368
    assert (summary.records[0].outputs[0] == f"已核定/来件.{fmt}") == (fmt == "xlsx")
    if fmt == "xlsx":
        again = soffice.recalculate(opinion, {"核定意见": "B10:B10", "申请表": "C16:C16"})
        assert again["核定意见"]["B10"] == 370_368
        assert again["申请表"]["C16"] == 1234.56


@pytest.mark.soffice
def test_the_demonstrations_xls_still_fits_the_form(soffice: Soffice, tmp_path: Path) -> None:
    """It was saved by LibreOffice; when the form's layout changes, run tests/ledger/make_demo_xls.py."""
    writer = demo._Writer(tmp_path)
    fresh = writer.form(15, demo.TECH, {"investment": 1234.56})
    current = soffice.open_set_save(fresh, {}, tmp_path / "now.xls", "xls")
    known = catalog.default()
    committed, now = read_returned(demo._XLS, known)[0], read_returned(current, known)[0]
    assert (committed.status, committed.inputs, committed.cells) == (now.status, now.inputs, now.cells)
    assert now.status == "ok"


def test_a_copy_is_a_sound_package(shown: Summary) -> None:
    for path in Path(shown.out).rglob("*.xlsx"):
        if path.parent.name in ("已核定", "第一批") and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as package:
                assert package.testzip() is None
                assert len(package.namelist()) == len(set(package.namelist()))
