"""One formula in three hosts: the LibreOffice add-in, the bureau server, and the workbook's own VBA with Python behind.

`=SUBSIDY("fuzhou","tech_upgrade",B2)` and its reason. 附件3 一: 800万元 × 3% = 24万元; 440万元 stays below the
threshold of 500万元 whatever tax is added, which pays nothing, with the threshold as the reason; a text is a true #VALUE!.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from basic_host import run, serving, stub_modules
from bureau import call_body
from soffice import CellError, Soffice

from xlpolicy.excel import udf
from xlpolicy.excel.server.calls import Call, read
from xlpolicy.excel.vba.project import Module, build_project
from xlpolicy.excel.workbook import vba_wrappers as wrappers

pytestmark = pytest.mark.soffice
CELLS: list[Any] = [8_000_000, 4_400_000, "八百万左右"]
DAY = ["日期", "2026-06-30"]
AMOUNTS = ["240000", "0", "#VALUE!"]
REASONS = ["3% × 8,000,000元 ＝ 240,000元", "未达到门槛500万元", "八百万左右"]


def _told(amounts: list[str], reasons: list[str]) -> None:
    assert amounts == AMOUNTS
    for reason, part in zip(reasons, REASONS, strict=True):
        assert part in reason


def _server(name: str, cell: Any) -> Any:
    tail = [[[cell]], *([[item]] for item in DAY)]
    call = read(json.dumps(call_body(name, [["fuzhou"]], [["tech_upgrade"]], tail)).encode(), 10**6)
    assert isinstance(call, Call)
    answer = call.reply()
    if answer.status == 400:  # Excel makes a true #VALUE! of it, the sentence on its error card
        return "#VALUE!"
    return json.loads(answer.body)["result"][0][0]


def test_value_and_reason_are_the_same_everywhere(calc: Soffice, tmp_path: Path) -> None:
    formulas = {
        name: [f'={name}("fuzhou","tech_upgrade",B{row},"{DAY[0]}","{DAY[1]}")' for row in (2, 3, 4)]
        for name in ("SUBSIDY", "SUBSIDY_WHY")
    }

    plain = tmp_path / "插件.xlsx"
    made = openpyxl.Workbook()
    made.worksheets[0].title = "测算"
    made.save(plain)
    with calc.open(plain) as book:
        book.set("测算", {f"B{row}": cell for row, cell in zip((2, 3, 4), CELLS, strict=True)})
        for column, lines in zip("CD", formulas.values(), strict=True):
            cells = {f"{column}{row}": line.replace(",", ";") for row, line in zip((2, 3, 4), lines, strict=True)}
            book._call("enter", sheet="测算", formulas=cells, array=False)
        shown = book.read_range("测算", "C2:D4")
    values = [x.shown if isinstance(x, CellError) else x for x in (shown[f"C{row}"] for row in (2, 3, 4))]
    addin = [shown[f"D{row}"] for row in (2, 3, 4)]
    _told([x if isinstance(x, str) else f"{x:g}" for x in values], addin)

    posted = [_server("SUBSIDY", cell) for cell in CELLS]
    served = [_server("SUBSIDY_WHY", cell) for cell in CELLS]
    _told([x if isinstance(x, str) else f"{x:g}" for x in posted], served)

    folder, macro_book = tmp_path / "calls", tmp_path / "工作簿.xlsm"
    modules = [
        Module("ThisWorkbook", "", "document"), Module("Sheet1", "", "document"),
        wrappers.functions_module(value="Value"), wrappers.help_module(), wrappers.text_module(), *stub_modules(folder),
    ]  # fmt: skip
    with xlsxwriter.Workbook(macro_book) as target:
        target.add_vba_project(io.BytesIO(build_project(modules)), is_stream=True)
        target.set_vba_name("ThisWorkbook")
        sheet = target.add_worksheet("S")
        sheet.set_vba_name("Sheet1")
        for index, cell in enumerate(CELLS):
            sheet.write(index + 1, 1, cell)
            sheet.write_formula(index + 1, 2, formulas["SUBSIDY"][index])
            sheet.write_formula(index + 1, 3, formulas["SUBSIDY_WHY"][index])
    with serving(folder, lambda module, name, args: getattr(udf, name)(*args)) as calls:
        answer = run(macro_book, tmp_path / "profile", ["S!C2:C4", "S!D2:D4"])
    assert {module for module, _, _ in calls} == {"xlpolicy.excel.udf"}
    # LibreOffice shows as text what CVErr makes a true #VALUE! in Excel
    amounts = [row[0][0].replace("Error 2015", "#VALUE!") for row in answer["S!C2:C4"]]
    workbook = [row[0][0] for row in answer["S!D2:D4"]]
    _told(amounts, workbook)

    assert addin == served == workbook
