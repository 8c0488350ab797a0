"""The add-in in LibreOffice itself: every function, ranges, true errors, ten thousand rows, the helper's life."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from soffice import Book, CellError, Soffice, processes_of_group

from xlpolicy.excel.calc import oxt
from xlpolicy.excel.functions.registry import FUNCTIONS, Function, example_arguments

pytestmark = pytest.mark.soffice
DAY = '"日期";"2026-06-30"'
ROWS = 10_000
NA, VALUE = CellError("#N/A"), CellError("#VALUE!")


@pytest.fixture
def book(calc: Soffice, tmp_path: Path) -> Any:
    path = tmp_path / "测算.xlsx"
    made = openpyxl.Workbook()
    made.worksheets[0].title = "测算"
    made.save(path)
    with calc.open(path) as opened:
        yield opened


def enter(book: Book, formulas: dict[str, str], *, array: bool = False) -> None:
    book._call("enter", sheet="测算", formulas=formulas, array=array)


def shown(book: Book, address: str) -> Any:
    cells = book.read_range("测算", address)
    return cells[address] if address in cells else list(cells.values())


def calc_formula(formula: str) -> str:
    """An example of the registry in Calc's syntax: semicolons between arguments, and within arrays dots for rows."""
    out, quoted, braces = [], False, False
    for char in formula:
        quoted ^= char == '"'
        if not quoted:
            braces = char == "{" or (braces and char != "}")
            char = {",": ";", ";": "|"}.get(char, char)
        out.append(char)
    return "".join(out)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_every_function_by_its_excel_name(book: Book, function: Function) -> None:
    expected = function.answer(*example_arguments(function.example))
    rows = expected if isinstance(expected, list) else [[expected]]
    last = openpyxl.utils.get_column_letter(len(rows[0]))
    enter(book, {f"A1:{last}{len(rows)}": calc_formula(function.example)}, array=True)
    cells = shown(book, f"A1:{last}{len(rows)}")
    told = [item for row in rows for item in row]
    told = [CellError(item.text) if hasattr(item, "text") else item for item in told]
    assert (cells if isinstance(cells, list) else [cells]) == told
    assert any(told)


def test_days_of_a_document_that_counts_from_1904(calc: Soffice, tmp_path: Path) -> None:
    """A cell's day and a computed one; 40000 is an amount there, and no day: half of it is paid for the cloud."""
    made = openpyxl.Workbook()
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    made.worksheets[0].title = "测算"
    made.worksheets[0]["A1"], made.worksheets[0]["A2"] = dt.date(2026, 6, 30), 40000
    made.save(tmp_path / "1904.xlsx")
    with calc.open(tmp_path / "1904.xlsx") as opened:
        enter(
            opened,
            {
                "B1": '=SUBSIDY("福州";"技改设备补助";8000000;"日期";A1)',
                "B2": '=SUBSIDY("福州";"技改设备补助";8000000;"日期";DATE(2026;6;30))',
                "B3": f'=SUBSIDY("福州";"企业基础设施上云奖补";A2;{DAY})',
            },
        )
        assert shown(opened, "B1:B3") == [240000.0, 240000.0, 20000.0]


def test_amounts_and_true_errors(book: Book) -> None:
    book.set("测算", {"A1": 8_000_000, "A2": "不知道", "A3": 1})
    enter(
        book,
        {
            "B1": f'=SUBSIDY("福州";"技改设备补助";A1;{DAY})',
            "B2": f'=SUBSIDY("福州";"技改设备补助";A2;{DAY})',
            "B3": f'=SUBSIDY("福州";"技改设备补助";A3;{DAY})',
            "B4": '=SUBSIDY("福州";"技改设备补助";A1;"日期";"1999-01-01")',
            "B5": f'=SUBSIDY("福州";"没有这条";A1;{DAY})',
            "B6": f'=SUBSIDY("福州";"技改设备补助";A9;{DAY})',
            "C1": "=ISNUMBER(B1)", "C2": "=ISERR(B2)", "C4": "=ISNA(B4)", "C6": "=SUM(B1;B3)", "C7": "=SUM(B1:B4)",
            "B8": f'=SUBSIDY_WHY("福州";"技改设备补助";A2;{DAY})',
        },
    )  # fmt: skip
    # an empty single cell reaches an add-in as 0: Calc's own reading
    assert shown(book, "B1:B6") == [240000.0, VALUE, 0.0, NA, NA, 0.0]
    assert shown(book, "C1:C2") == [True, True]
    assert shown(book, "C4") is True
    assert shown(book, "C6") == 240000.0
    assert shown(book, "C7") in (VALUE, NA)
    assert "不知道" in shown(book, "B8")


def test_an_empty_cell_beside_the_names_of_a_call(book: Book) -> None:
    """Nothing is said of day, unit and document; 附件4 二1 pays 50万 where no number is stated, so an empty one is asked about."""
    book.set("测算", {"A1": 8_000_000})
    enter(
        book,
        {
            "B1": '=SUBSIDY("福州";"技改设备补助";A1;"日期";D1;"单位";D2;"文件";D3)',
            "B2": f'=SUBSIDY("福州";"secure_product";D1;{DAY})',
            "B3": f'=SUBSIDY("福州";"secure_product";D1:D1;{DAY})',
            "C1": f'=SUBSIDY_WHY("福州";"secure_product";D1;{DAY})',
            "C2": '=POLICY_STATUS("fuzhou-2026-5";D1;D2)',
            "C3": '=SUBSIDY("福州";D1;A1)',
        },
    )
    assert shown(book, "B1:B2") == [240000.0, VALUE]
    assert shown(book, "B3") == 500000.0
    assert "空白单元格" in shown(book, "C1")
    assert shown(book, "C2:C3") == ["施行", VALUE]


def test_a_change_of_a_cell_is_followed(book: Book) -> None:
    book.set("测算", {"A1": 8_000_000})
    enter(book, {"B1": f'=SUBSIDY("福州";"技改设备补助";A1;{DAY})'})
    assert shown(book, "B1") == 240000.0
    book.set("测算", {"A1": 10_000_000})
    assert shown(book, "B1") == 300000.0


def test_blanks_and_texts_of_a_range(book: Book) -> None:
    book.set("测算", {"A1": 8_000_000, "A3": "800万元", "A4": "不知道", "A5": 0})
    enter(book, {"B1:B6": f'=SUBSIDY("福州";"技改设备补助";A1:A6;{DAY})'}, array=True)
    assert shown(book, "B1:B6") == [240000.0, "", 240000.0, VALUE, 0.0, ""]


def test_a_whole_column_travels_without_its_blank_rows(book: Book) -> None:
    book.set("测算", {"A1": 8_000_000, "A3": 10_000_000})
    enter(book, {"B1:B3": f'=SUBSIDY("福州";"技改设备补助";A1:A1048576;{DAY})'}, array=True)
    assert shown(book, "B1:B3") == [240000.0, "", 300000.0]


def test_an_error_cell_never_becomes_an_amount(book: Book) -> None:
    """Calc hands no error to an add-in: a single one passes through, one in a range makes the whole formula an error."""
    book.set("测算", {"A1": 8_000_000})
    enter(book, {"A2": "=NA()", "C1": f'=SUBSIDY("福州";"技改设备补助";A2;{DAY})'})
    enter(book, {"B1:B2": f'=SUBSIDY("福州";"技改设备补助";A1:A2;{DAY})'}, array=True)
    assert shown(book, "C1") == NA
    assert all(isinstance(cell, CellError) for cell in shown(book, "B1:B2"))


def test_the_help_says_how_an_error_cell_gets_its_reason(book: Book) -> None:
    """Made a text by IFERROR, it silences itself alone: 800万元 x 3% beside it."""
    book.set("测算", {"A1": 8_000_000})
    enter(book, {"A2": "=1/0"})
    (area,) = re.findall(r"IFERROR\(.*?\)", oxt.ERRORS)
    asked = f'("福州";"技改设备补助";{area.replace("B2:B9", "A1:A2")};{DAY})'
    enter(book, {"B1:B2": f"=SUBSIDY{asked}", "C1:C2": f"=SUBSIDY_WHY{asked}"}, array=True)
    assert shown(book, "B1:B2") == [240000.0, VALUE]
    computed, why = shown(book, "C1:C2")
    assert "240,000" in computed
    assert "错误值" in why


def test_two_columns_and_a_unit(book: Book) -> None:
    book.set("测算", {"A1": 800, "B1": 904, "A2": 400, "B2": 600})
    formula = f'=SUBSIDY("福州";"技改设备补助";A1:A2;"investment_with_vat";B1:B2;"单位";"万元";{DAY})'
    enter(book, {"C1:C2": formula}, array=True)
    assert shown(book, "C1:C2") == [24.0, 12.0]


def test_ten_thousand_rows(book: Book, record_property: Any) -> None:
    book._call("fill", sheet="测算", address=f"A1:A{ROWS}", rows=[[5e6 + i] for i in range(ROWS)], formulas=False)
    start = time.perf_counter()
    enter(book, {f"B1:B{ROWS}": f'=SUBSIDY("福州";"技改设备补助";A1:A{ROWS};{DAY})'}, array=True)
    expected = [round((5e6 + i) * 0.03, 2) for i in range(ROWS)]
    assert shown(book, f"B1:B{ROWS}") == expected
    one_formula = time.perf_counter() - start
    formulas = [[f'=SUBSIDY("福州";"技改设备补助";A{i + 1};{DAY})'] for i in range(ROWS)]
    many = book._call("fill", sheet="测算", address=f"C1:C{ROWS}", rows=formulas, formulas=True)
    start = time.perf_counter()
    assert shown(book, f"C1:C{ROWS}") == expected
    many += time.perf_counter() - start
    record_property("seconds of one array formula", one_formula)
    record_property("seconds of 10,000 formulas", many)
    print(f"\n10,000 rows: one array formula {one_formula:.2f} s, {ROWS} formulas {many:.2f} s")


def test_a_workbook_with_all_functions_is_recalculated(calc: Soffice, tmp_path: Path) -> None:
    """Saved by LibreOffice, opened again, computed anew."""
    path = tmp_path / "all.xlsx"
    openpyxl.Workbook().save(path)
    with calc.open(path) as made:
        for row, function in enumerate(FUNCTIONS, 1):
            made._call("enter", sheet="Sheet", formulas={f"A{row}": calc_formula(function.example)}, array=False)
        before = made.read_range("Sheet", f"A1:A{len(FUNCTIONS)}")
        saved = made.save(tmp_path / "all.ods", "ods")
    with calc.open(saved) as again:
        again.recalculate()
        assert again.read_range("Sheet", f"A1:A{len(FUNCTIONS)}") == before
        assert again._call("formula", sheet="Sheet", address="A1").startswith("=ORG.XLPOLICY.CALC.FUNCTIONS.SUBSIDY(")
    assert [isinstance(cell, CellError) for cell in before.values()] == [f.remembers for f in FUNCTIONS]


def test_full_names_survive_a_workbook_of_excel(calc: Soffice, tmp_path: Path) -> None:
    """A plain name of an .xlsx is unknown to Calc (#NAME?), the full name is the add-in's."""
    path = tmp_path / "full.xlsx"
    made = openpyxl.Workbook()
    for row, function in enumerate((f for f in FUNCTIONS if "{" not in f.example and not f.remembers), 1):
        made.worksheets[0][f"A{row}"] = function.example.replace(f"={function.name}(", f"={oxt.full_name(function)}(")
        made.worksheets[0][f"B{row}"] = function.example
    made.save(path)
    with calc.open(path) as book:
        book.recalculate()
        cells = book.read_range("Sheet", f"A1:B{row}")
    assert not [cell for name, cell in cells.items() if name.startswith("A") and isinstance(cell, CellError)]
    assert {cell for name, cell in cells.items() if name.startswith("B")} == {CellError("#NAME?")}


def helpers(office: Soffice) -> list[int]:
    return [
        pid
        for pid in processes_of_group(office.process_group)
        if b"calc.helper" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_a_helper_that_dies_is_started_again(calc: Soffice, book: Book) -> None:
    enter(book, {"A1": "=RMB_UPPER(1)"})
    (first,) = helpers(calc)
    os.kill(first, signal.SIGKILL)
    enter(book, {"A2": "=RMB_UPPER(2)"})
    assert shown(book, "A2") == "贰元整"
    (second,) = helpers(calc)
    assert second != first


def test_without_xlpolicy_the_reason_is_told(calc: Soffice, book: Book) -> None:
    """The Python of the add-in is gone, and no Python on the path that has it: #N/A, and SUBSIDY_WHY says what to do."""
    (note,) = calc.folder.rglob("interpreter.txt")
    told = note.read_text()
    note.write_text("/nowhere/python\n")
    try:
        for pid in helpers(calc):
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)
        enter(book, {"A1": "=RMB_UPPER(3)", "A2": '=SUBSIDY_WHY("福州";"技改设备补助";1)'})
        assert shown(book, "A1") == NA
        assert "xlpolicy excel oxt" in shown(book, "A2")
    finally:
        note.write_text(told)
        with contextlib.suppress(Exception):
            calc.start()
    assert calc.running


def test_the_helper_ends_with_libreoffice(calc: Soffice, book: Book) -> None:
    enter(book, {"A1": "=RMB_UPPER(1)"})
    assert shown(book, "A1") == "壹元整"
    (pid,) = helpers(calc)
    calc.start()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
