"""workbook/xlpolicy.xlsm: rebuilt equal to the committed one, its stored results, and LibreOffice's second opinion."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from xlpolicy.excel.functions.registry import BY_NAME, FUNCTIONS
from xlpolicy.excel.vba.project import Module
from xlpolicy.excel.workbook import (
    build as workbook,
)
from xlpolicy.excel.workbook import (
    page_batch as workbook_batch,
)
from xlpolicy.excel.workbook import (
    page_law as workbook_law,
)
from xlpolicy.excel.workbook import (
    page_single as workbook_single,
)
from xlpolicy.excel.workbook.page_law import Entry, Law, field_cells
from xlpolicy.excel.workbook.pages import REFERENCE
from xlpolicy.excel.workbook.vba_wrappers import xlwings_modules
from xlpolicy.law import catalog

with warnings.catch_warnings():  # its use of pyparsing
    warnings.simplefilter("ignore", DeprecationWarning)
    from oletools.olevba import VBA_Parser  # type: ignore[import-untyped]

REPOSITORY = Path(__file__).resolve().parents[2]
COMMITTED = REPOSITORY / "workbook" / "xlpolicy.xlsm"
BUILD = "xlpolicy excel build -o workbook/xlpolicy.xlsm --force"


@pytest.fixture(scope="module")
def built() -> bytes:
    return workbook.content()


@pytest.fixture(scope="module")
def law() -> Law:
    return Law(catalog.default())


def parts(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        return {name: package.read(name) for name in package.namelist()}


def code(project: bytes) -> dict[str, str]:
    parser = VBA_Parser("vbaProject.bin", data=project)
    try:
        return {name: text for _, _, name, text in parser.extract_macros()}
    finally:
        parser.close()


def test_the_committed_workbook_is_the_one_built(built: bytes) -> None:
    """Part by part. xlwings' own modules, and its version where it is told, are those of the installed package."""
    now, then = parts(built), parts(COMMITTED.read_bytes())
    assert list(now) == list(then), f"run {BUILD}"
    foreign = {"xlwings.bas", "Dictionary.cls"}
    for name in now:
        if name == "xl/vbaProject.bin":
            ours, theirs = code(now[name]), code(then[name])
            assert set(ours) == set(theirs)
            assert foreign < set(ours)
            assert all(ours[module] == theirs[module] for module in ours if module not in foreign), f"run {BUILD}"
            if all(ours[module] == theirs[module] for module in foreign):
                assert now[name] == then[name], f"run {BUILD}"
        else:
            version = rb"\d+\.\d+\.\d+"
            assert re.sub(version, b"", now[name]) == re.sub(version, b"", then[name]), f"{name}: run {BUILD}"


def test_the_same_bytes_every_time(built: bytes) -> None:
    assert workbook.content() == built


def test_it_holds_xlwings_runtime_and_the_wrappers(built: bytes) -> None:
    modules = code(parts(built)["xl/vbaProject.bin"])
    for module in xlwings_modules():
        kind = "bas" if module.kind == "standard" else "cls"
        assert modules[f"{module.name}.{kind}"].splitlines()[-5:] == module.source.splitlines()[-5:]
    for function in FUNCTIONS:
        assert f"Public Function {function.name}(" in modules["xlpolicy_functions.bas"]
    assert "Workbook_Open" in modules["ThisWorkbook.cls"]
    macros = {
        "SelfTest",
        "FillForms",
        "MakeLedger",
        "DeskFill",
        "DeskReview",
        "DeskSettle",
        "DeskPlan",
        "DeskStatus",
        "MatchFacts",
        "MatchEnterprise",
    }
    drawings = b"".join(raw for name, raw in parts(built).items() if name.endswith(".vml")).decode()
    assert set(re.findall(r"\[0\]!(\w+)", drawings)) == macros
    assert all(f"Public Sub {macro}()" in modules["xlpolicy_buttons.bas"] for macro in macros)


def test_excel_does_not_compute_on_opening(built: bytes) -> None:
    """fullCalcOnLoad would call Python for every cell, and put #NAME? where it is not installed."""
    text = parts(built)["xl/workbook.xml"].decode()
    assert re.search(r'<calcPr calcId="191029"\s*/>', text)
    assert 'codeName="ThisWorkbook"' in text


def stored(raw: bytes) -> Workbook:
    return load_workbook(io.BytesIO(raw), data_only=True)


def test_stored_results_are_the_functions_results(built: bytes) -> None:
    """Worked out by hand: 800 万 × 3% = 24 万; 499.99 万 → 14.9997; the cap 500; 国债 → 0; 640 万 → 19.2."""
    book = stored(built)
    assert book.sheetnames[:7] == ["首页", "测算", "批量", "工作台", "企业档案", "我能申报", "政策库"]
    single = {row[0].value: row[1].value for row in book["测算"].iter_rows(min_row=20) if row[0].value}
    assert single["核定金额（万元）"] == 24
    assert single["大写"] == "贰拾肆万元整"
    assert single["依据"] == "榕政办规〔2026〕5号 附件3 一"
    assert single["封顶"] == "封顶 5,000,000元（每个企业每年，附件3 一）"
    assert single["计算过程"].startswith("比例3% × 8,000,000元 ＝ 240,000元")
    batch = book["批量"]
    heads = [cell.value for cell in batch[workbook_batch.HEAD_ROW + 1]]
    amount = heads.index("核定金额（万元）")
    rows = list(batch.iter_rows(min_row=workbook_batch.FIRST + 1, max_row=workbook_batch.FIRST + 6, values_only=True))
    assert [row[amount] for row in rows] == [24, 14.9997, 500, 0, 19.2, ""]
    assert [row[3] for row in rows] == ["有效"] * 5 + [""]
    assert rows[3][amount + 1].startswith("不予补助")
    told = {r[7].value: r[9].value for r in batch.iter_rows(min_row=4, max_row=7)}
    assert told == {"有金额的家数": 4, "金额为 0 的家数": 1, "填写有误的行数": 0, "核定合计": pytest.approx(558.1997)}


def test_self_test_of_the_workbook_passes(built: bytes) -> None:
    sheet = stored(built)[REFERENCE]
    lines = list(sheet.iter_rows(min_row=5, max_row=4 + len(FUNCTIONS), values_only=True))
    assert [line[0] for line in lines] == [f.name for f in FUNCTIONS]
    assert all(line[4] == line[5] and line[6] == "正常" for line in lines)


def test_one_array_formula_fills_a_column(built: bytes) -> None:
    """The old kind (t="array", no dynamic arrays): Excel 2016 computes it in one call."""
    package = parts(built)
    sheets = [text for name, text in package.items() if name.startswith("xl/worksheets/sheet")]
    found = re.findall(rb'<f t="array" ref="(\w+):(\w+)">(\w+)\(', b"".join(sheets))
    last = str(workbook_batch.FIRST + workbook_batch.ROWS).encode()
    assert {name for _, _, name in found} == {b"SUBSIDY", b"SUBSIDY_WHY", b"USCC_CHECK"}
    assert all(end.endswith(last) for _, end, _ in found)
    assert "xl/metadata.xml" not in package


def test_labels_are_unique_in_their_city(law: Law) -> None:
    keys = [(e.document.city, e.label) for e in law.entries]
    assert len(keys) == len(set(keys)) == sum(1 for _ in catalog.default().rules())


def test_lists_of_one_city_stand_together(law: Law) -> None:
    """The drop-down of a city is one run of rows in 数据."""
    cities = [e.document.city_label for e in law.entries]
    assert [c for i, c in enumerate(cities) if i == 0 or c != cities[i - 1]] == law.cities


def test_marks_tell_what_it_was_built_from(built: bytes, tmp_path: Path, law: Law) -> None:
    path = tmp_path / "x.xlsm"
    path.write_bytes(built)
    assert workbook.marks(path)["law"] == workbook.law_digest(law)
    assert set(workbook.marks(path)) == {"xlpolicy", "xlwings", "law"}
    path.write_bytes(b"no zip")
    assert workbook.marks(path) == {}
    assert workbook.committed() == COMMITTED


def test_an_error_has_no_place_in_the_middle_of_an_array() -> None:
    from xlpolicy.excel.workbook.look import cached, put_array

    error = BY_NAME["SUBSIDY"].answer("没有", "没有")
    assert cached(error) == "#N/A"
    with pytest.raises(ValueError, match="no error"):
        put_array(_Sheet(), (0, 0, 1, 0), "=X()", None, [[1.0], [error]])
    with pytest.raises(TypeError, match="no cell shows"):
        cached([1])


class _Sheet:
    def write_array_formula(self, *args: Any) -> None: ...


# --- LibreOffice ---

BATCH_NATIVE = f"E{workbook_batch.HEAD_ROW}:K{workbook_batch.UNIT_ROW + 1}"


@pytest.mark.soffice
def test_libreoffice_opens_it_and_computes_the_native_formulas(soffice: Any, built: bytes, tmp_path: Path) -> None:
    """All that is not a function of ours: the same as stored. What is ours needs macros, which are off here."""
    path = tmp_path / "xlpolicy.xlsm"
    path.write_bytes(built)
    ranges = {
        "测算": ["A9:E18", "G4:G18"],
        "批量": [BATCH_NATIVE, "C9", "A13:A17"],
        "政策库": "E6:E128",
        "首页": "A38:A44",
    }
    computed = soffice.recalculate(path, ranges)
    book = stored(built)
    compared = 0
    for name, cells in computed.items():
        for address, value in cells.items():
            kept = book[name][address].value
            assert ("" if value is None else value) == ("" if kept is None else kept), (name, address)
            compared += kept is not None
    assert compared > 160


@pytest.mark.soffice
def test_the_fields_of_any_provision_appear(soffice: Any, built: bytes, law: Law, tmp_path: Path) -> None:
    """Pick city and provision as a clerk does: LibreOffice shows exactly the fields of that provision."""
    path = tmp_path / "xlpolicy.xlsm"
    path.write_bytes(built)
    picked: list[Entry] = [law.of_city(city)[i] for city in law.cities for i in (0, 5, -1)]
    picked += [
        law.find("福州市", "county_scaleup_incentive", "fuzhou-2026-5"),
        law.find("福州市", "cloud_core", "fuzhou-2024-13"),
    ]
    first = workbook_single.FIELD_HEAD + 2
    with soffice.open(path) as book:
        for entry in picked:
            book.set("测算", {"B4": entry.document.city_label, "B5": entry.label, "B7": "元"})
            book.recalculate()
            cells = book.read_range("测算", f"A{first}:E{first + law.width - 1}")
            shown = [[cells[f"{c}{first + i}"] or "" for c in "ACDE"] for i in range(law.width)]
            assert shown == [list(field_cells(law, entry, i, "元")) for i in range(law.width)], entry.label
            where = book.read_range("测算", "B9:G9")
            assert str(where["B9"]) == workbook_single.applies(entry, workbook_law.EXAMPLE_DAY)
            assert where["G9"] == entry.rule.id


@pytest.mark.soffice
def test_every_sheet_prints(soffice: Any, built: bytes, tmp_path: Path) -> None:
    path = tmp_path / "xlpolicy.xlsm"
    path.write_bytes(built)
    with soffice.open(path) as book:
        assert book.sheets == list(workbook.SHEETS)
    pages = soffice.to_png(soffice.to_pdf(path, tmp_path / "x.pdf"), tmp_path)
    assert 8 <= len(pages) <= 24
    assert [page.stat().st_size > 8_000 for page in pages[:3]] == [True] * 3


def test_other_modules_for_another_host() -> None:
    raw = workbook.content(vba=[Module("ThisWorkbook", "", "document"), Module("M", "' none\n")])
    assert set(code(parts(raw)["xl/vbaProject.bin"])) == {"ThisWorkbook.cls", "M.bas"}
