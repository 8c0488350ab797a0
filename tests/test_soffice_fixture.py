"""The LibreOffice fixture itself, against values worked out by hand."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.workbook.defined_name import DefinedName
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from soffice import CellError, Soffice, SofficeError, Text, processes_of_group, running_soffice

pytestmark = pytest.mark.soffice


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """A form with formulas and no cached result, in a folder and file of Chinese name."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "申请表"
    sheet["A1"], sheet["B1"] = "年度投资额", 800
    sheet["A2"], sheet["B2"] = "比例", 0.03
    sheet["A3"], sheet["B3"] = "补助金额", "=ROUND(MIN(B1*B2,封顶),2)"
    sheet["A4"], sheet["B4"] = "含税", "=B1*1.13"
    sheet["A5"], sheet["B5"] = "达标", "=B1>=500"
    sheet["A6"], sheet["B6"] = "单价", "=B1/B9"
    sheet["A7"], sheet["B7"] = "说明", '=IF(B1>0,"","无")'
    book.create_sheet("参 数")["A1"] = 20
    book.defined_names["封顶"] = DefinedName("封顶", attr_text="'参 数'!$A$1")
    folder = tmp_path / "收件"
    folder.mkdir()
    path = folder / "申请表（样）.xlsx"
    book.save(path)
    return path


def calamine_rows(path: Path, sheet: str) -> list[list[object]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def test_formulas_without_results_are_computed(soffice: Soffice, form: Path) -> None:
    # openpyxl stored no result: that is what makes the next lines LibreOffice's own
    assert openpyxl.load_workbook(form, data_only=True)["申请表"]["B3"].value is None
    read = soffice.recalculate(form, {"申请表": ["B1:B7", "C9"], "参 数": "A1"})
    assert read == {
        "申请表": {
            "B1": 800,
            "B2": 0.03,
            "B3": 20,  # min(800 x 3% = 24, 20)
            "B4": pytest.approx(904),
            "B5": True,
            "B6": CellError("#DIV/0!"),
            "B7": "",
            "C9": None,
        },
        "参 数": {"A1": 20},
    }
    assert read["申请表"]["B5"] is True  # which 1 would equal


def test_hard_recalculation_replaces_a_wrong_stored_result(soffice: Soffice, tmp_path: Path) -> None:
    path = tmp_path / "stored.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("s")
        sheet.write_number("A1", 2)
        sheet.write_formula("A2", "=A1*21", value=999)
    assert calamine_rows(path, "s") == [[2], [999]]
    assert soffice.recalculate(path, {"s": "A2"}) == {"s": {"A2": 42}}


@pytest.mark.parametrize("fmt", ["xlsx", "xls", "ods"])
def test_values_typed_in_come_back_through_a_foreign_reader(
    soffice: Soffice, form: Path, tmp_path: Path, fmt: str
) -> None:
    typed = {
        "B1": 500,
        "C1": "800万元",
        "C2": Text("=1+1"),
        "C3": Text("0012"),
        "C4": dt.date(2026, 5, 1),
        "C5": dt.datetime(2026, 5, 1, 18, 30),
        "C6": Decimal("0.1"),
        "C7": "=IF('参 数'!A1>B1,1,SUM(B1,'参 数'!A1:A2))",
        "C8": True,
        "A7": None,
    }
    saved = soffice.open_set_save(form, {"申请表": typed}, tmp_path / f"回件.{fmt}", fmt)
    magic = {"xlsx": b"PK\x03\x04", "xls": b"\xd0\xcf\x11\xe0", "ods": b"PK\x03\x04"}
    assert saved.read_bytes()[:4] == magic[fmt]
    if fmt == "ods":
        assert b"application/vnd.oasis.opendocument.spreadsheet" in saved.read_bytes()[:100]
    rows = calamine_rows(saved, "申请表")
    column_c = [row[2] for row in rows]
    assert column_c == [
        "800万元",
        "=1+1",
        "0012",
        dt.date(2026, 5, 1),
        dt.datetime(2026, 5, 1, 18, 30),
        0.1,
        520,  # 20 > 500 is false: 500 + 20
        True,
    ]
    assert type(column_c[7]) is bool  # which 1.0 would equal
    assert rows[2][1] == 15  # min(500 x 3%, 20), LibreOffice's result stored by itself
    assert rows[6][0] == ""


@pytest.mark.parametrize("fmt", ["xlsx", "xls", "ods"])
def test_what_was_typed_in_reads_back_with_its_type(soffice: Soffice, form: Path, tmp_path: Path, fmt: str) -> None:
    typed = {
        "D1": "800万元",
        "D2": dt.date(1999, 12, 31),
        "D3": dt.datetime(2026, 5, 1, 23, 59, 59),
        "D4": False,
        "D5": 1,
        "D6": Text("=HYPERLINK(A1)"),
        "D7": None,
    }
    saved = soffice.open_set_save(form, {"申请表": typed}, tmp_path / f"b.{fmt}", fmt)
    with soffice.open(saved) as book:
        assert book.sheets == ["申请表", "参 数"]
        assert book.read_range("申请表", "D1:D7") == typed
        kinds = [type(value) for value in book.read_range("申请表", "D2:D5").values()]
    # LibreOffice takes a TRUE or FALSE of an .xls in as the formula =TRUE(), and shows its result as 1
    assert kinds == [dt.date, dt.datetime, float if fmt == "xls" else bool, float]


def test_dates_of_a_1904_workbook(soffice: Soffice, tmp_path: Path) -> None:
    path = tmp_path / "mac.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
        sheet = book.add_worksheet("s")
        # 2026-05-01 is day 44681 of the 1904 count (46143 - 1462)
        sheet.write_number("A1", 44681, book.add_format({"num_format": "yyyy-mm-dd"}))
    with soffice.open(path) as opened:
        assert opened.read_range("s", "A1") == {"A1": dt.date(2026, 5, 1)}
        opened.set("s", {"A2": dt.date(2026, 5, 2)})
        opened.set("s", {"A3": "=A2-A1"})
        assert opened.read_range("s", "A2:A3") == {"A2": dt.date(2026, 5, 2), "A3": 1}


def test_inserted_rows_move_what_stood_there(soffice: Soffice, form: Path, tmp_path: Path) -> None:
    with soffice.open(form) as book:
        book.insert_row("申请表", 2)
        book.insert_row("申请表", 1, 3)
        saved = book.save(tmp_path / "moved.xlsx", "xlsx")
    sheet = openpyxl.load_workbook(saved)["申请表"]
    assert [sheet.cell(row, 1).value for row in range(1, 8)] == [
        None,
        None,
        None,
        "年度投资额",
        None,
        "比例",
        "补助金额",
    ]
    assert sheet["B7"].value == "=ROUND(MIN(B4*B6,封顶),2)"


def test_addresses_beyond_column_z(soffice: Soffice, form: Path) -> None:
    with soffice.open(form) as book:
        book.set("申请表", {"Z3": 26, "AA3": 27, "ZZ3": 702, "AAA3": 703})
        assert book.read_range("申请表", "Z3:AA3") == {"Z3": 26, "AA3": 27}
        assert book.read_range("申请表", "ZZ3:AAA3") == {"ZZ3": 702, "AAA3": 703}


def test_the_original_and_its_folder_stay_as_they_were(soffice: Soffice, form: Path, tmp_path: Path) -> None:
    # a lock file left by another LibreOffice does not matter either
    lock = form.with_name(f".~lock.{form.name}#")
    lock.write_text(",someone,elsewhere,01.05.2026 08:00,file:///x;")
    before = form.read_bytes()
    soffice.open_set_save(form, {"申请表": {"B1": 1}}, tmp_path / "out.ods", "ods")
    assert form.read_bytes() == before
    assert sorted(form.parent.iterdir()) == sorted([lock, form])


def test_pages_on_paper(soffice: Soffice, form: Path, tmp_path: Path) -> None:
    pdf = soffice.to_pdf(form, tmp_path / "申请表.pdf")
    text = [page.extract_text() for page in PdfReader(pdf).pages]
    assert len(text) == 2
    assert "年度投资额" in text[0]
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    pages = soffice.to_png(pdf, pictures)
    assert [page.name for page in pages] == ["申请表-1.png", "申请表-2.png"]
    assert sorted(pictures.iterdir()) == pages
    assert all(page.read_bytes().startswith(b"\x89PNG\r\n") for page in pages)


def test_failures_name_their_cause_and_leave_libreoffice_usable(soffice: Soffice, form: Path, tmp_path: Path) -> None:
    with soffice.open(form) as book:
        with pytest.raises(SofficeError, match=r"申请書.*申请表"):
            book.read_range("申请書", "A1")
        assert book.read_range("申请表", "A1") == {"A1": "年度投资额"}
    letter = tmp_path / "letter.txt"
    letter.write_text("not a workbook")
    with pytest.raises(SofficeError, match=r"letter\.txt"):
        soffice.open(letter)
    with pytest.raises(TypeError, match="list"):
        soffice.open_set_save(form, {"申请表": {"A1": [1]}}, tmp_path / "x.ods", "ods")  # type: ignore[dict-item]
    assert soffice.recalculate(form, {"申请表": "B3"}) == {"申请表": {"B3": 20}}


def listening_sockets(group: int) -> list[str]:
    """The TCP sockets, as in /proc/net/tcp, that a process of the group listens on."""
    opened = {os.readlink(fd) for process in processes_of_group(group) for fd in Path(f"/proc/{process}/fd").iterdir()}
    tables = [Path("/proc/net", name) for name in ("tcp", "tcp6")]
    lines = [line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]
    return [line[1] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in opened]


def leftovers(folder: Path) -> list[Path]:
    """The folder of a LibreOffice and its pipe, as far as they exist."""
    return [path for path in [folder, *Path("/tmp").glob(f"OSL_PIPE_*_{folder.name}")] if path.exists()]


def test_two_at_once_no_port_and_nothing_left_running(soffice: Soffice, form: Path) -> None:
    with running_soffice() as other:  # as a second pytest-xdist process does
        group = other.process_group
        assert group != soffice.process_group
        assert len(processes_of_group(group, "soffice.bin")) == 1
        assert listening_sockets(group) == []
        assert other.recalculate(form, {"申请表": "B3"}) == soffice.recalculate(form, {"申请表": "B3"})
        assert len(leftovers(other.folder)) == 2
    assert processes_of_group(group) == []
    assert leftovers(other.folder) == []
    assert soffice.running


def test_a_libreoffice_that_dies_fails_one_call_only(form: Path, soffice: Soffice) -> None:
    with running_soffice() as other:
        group = other.process_group
        book = other.open(form)
        os.killpg(group, signal.SIGKILL)
        with pytest.raises(SofficeError, match="ended"), book:
            book.recalculate()
        assert other.recalculate(form, {"申请表": "B3"}) == {"申请表": {"B3": 20}}
        with pytest.raises(SofficeError, match="not open any more"):
            book.recalculate()  # it belonged to the dead one
    assert leftovers(other.folder) == []


def test_a_libreoffice_that_crashes_under_its_driver(form: Path) -> None:
    with running_soffice() as other, other.open(form) as book:
        for process in processes_of_group(other.process_group, "soffice.bin"):
            os.kill(process, signal.SIGKILL)
        with pytest.raises(SofficeError, match="LibreOffice has ended"):
            book.recalculate()
        assert other.recalculate(form, {"申请表": "B3"}) == {"申请表": {"B3": 20}}


def test_a_libreoffice_that_hangs_is_given_up(form: Path, soffice: Soffice, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_soffice() as other:
        group = other.process_group
        os.killpg(group, signal.SIGSTOP)
        with monkeypatch.context() as patch:
            patch.setattr("soffice.CALL_SECONDS", 0.2)
            with pytest.raises(SofficeError, match="no answer"):
                other.open(form)
        assert processes_of_group(group) == []
        assert other.recalculate(form, {"申请表": "B3"}) == {"申请表": {"B3": 20}}


def test_libreoffice_does_not_outlive_a_killed_test_run(soffice: Soffice) -> None:
    code = "import soffice, sys; o = soffice.Soffice(); o.start(); print(o.process_group, o.folder); input()"
    with subprocess.Popen(
        [sys.executable, "-uc", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
    ) as run:
        assert run.stdout is not None
        group, folder = run.stdout.readline().split()
        assert len(processes_of_group(int(group), "soffice.bin")) == 1
        run.kill()
    deadline = time.monotonic() + 30
    while processes_of_group(int(group)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of_group(int(group)) == []
    shutil.rmtree(folder)
