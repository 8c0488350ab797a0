"""The generated VBA: its text, read back by olevba, and LibreOffice, which compiles and runs it against Python."""

from __future__ import annotations

import datetime as dt
import io
import warnings
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from basic_host import run, serving, stub_modules

from xlpolicy.excel.functions import udf_adapter as udf
from xlpolicy.excel.functions.registry import BY_NAME, FUNCTIONS, example_arguments
from xlpolicy.excel.vba.project import Module, build_project
from xlpolicy.excel.workbook import vba_wrappers as wrappers

with warnings.catch_warnings():  # its use of pyparsing
    warnings.simplefilter("ignore", DeprecationWarning)
    from oletools.olevba import VBA_Parser  # type: ignore[import-untyped]


def test_chinese_through_chrw() -> None:
    assert wrappers.han("元 a") == 'Han("5143") & " a"'
    assert wrappers.han('"x"') == '"""x"""'
    assert wrappers.han("") == '""'
    assert wrappers.han("一" * 41) == f'Han("{"4E00" * 40}") & Han("4E00")'


def test_modules_are_ascii_and_within_the_limits() -> None:
    for module in wrappers.modules(["Sheet1"]):
        assert module.source.isascii()
        assert max(map(len, module.source.splitlines()), default=0) <= 1023
    for function in FUNCTIONS:
        told = wrappers.argument_helps(function)
        assert all(0 < len(text) <= 255 for text in told)
        assert len(told) == len(function.required) + (
            1 if function.variadic else len(function.arguments) - len(function.required)
        )


def test_no_argument_is_a_word_of_vba() -> None:
    """`Optional date As Variant` does not compile: Date is a type. The editor's reserved words, from [MS-VBAL] 3.3.5.2."""
    reserved = {
        "and", "any", "as", "byref", "byte", "byval", "boolean", "call", "case", "close", "const", "currency", "date",
        "debug", "declare", "dim", "do", "double", "each", "else", "empty", "end", "enum", "erase", "event", "exit",
        "false", "fix", "for", "friend", "function", "get", "global", "if", "in", "input", "int", "integer", "is", "len",
        "let", "like", "lock", "long", "loop", "me", "mod", "new", "next", "not", "nothing", "null", "on", "open",
        "option", "optional", "or", "print", "private", "public", "put", "redim", "rem", "resume", "seek", "select",
        "set", "single", "spc", "static", "stop", "string", "sub", "tab", "then", "to", "true", "type", "until", "variant",
        "wend", "while", "with", "write", "xor", "abs", "array", "circle", "scale", "left", "mid", "name", "unload",
    }  # fmt: skip
    for function in FUNCTIONS:
        assert not {argument.name for argument in function.arguments} & reserved


def test_olevba_reads_the_wrappers_back() -> None:
    modules = wrappers.modules(["Sheet1"])
    parser = VBA_Parser("vbaProject.bin", data=build_project(modules))
    found = {name: code for _, _, name, code in parser.extract_macros()}
    parser.close()
    for module in modules:
        kind = "bas" if module.kind == "standard" else "cls"
        text = module.source.replace("\r\n", "\n").rstrip("\n")
        assert found[f"{module.name}.{kind}"].replace("\r\n", "\n").rstrip("\n").endswith(text[-400:])
    code = found["xlpolicy_functions.bas"]
    for function in FUNCTIONS:
        assert f"Public Function {function.name}(" in code
    assert "Application.Caller" in code
    assert ".Value2)" in code


CELLS: dict[str, tuple[str, list[Any]]] = {
    "A1": ('=SUBSIDY("福州","技改设备补助",H1,"日期","2026-06-30")', ["240000", 240000.0, 0]),
    "A2": ('=SUBSIDY("福州","技改设备补助",800,"单位","万元","日期",I1)', ["24", 24.0, 0]),
    "A3": ('=SUBSIDY("福州","技改设备补助",G1:G2,H1:H2,"日期","2026-06-30")', ["100000", 100000.0, 0]),
    "A4": ('=SUM(SUBSIDY("福州","技改设备补助",H1,"日期","2026-06-30"),1)', ["240001", 240001.0, 0]),
    # LibreOffice shows as text what is #N/A and #VALUE! in Excel
    "A5": ('=SUBSIDY("福州","技改设备补助",H1,"日期","2023-06-30")', ["Error 2042", 0.0, 0]),
    "A6": ('=SUBSIDY("福州","技改设备补助",H3,"日期","2026-06-30")', ["Error 2015", 0.0, 0]),
    "A7": ('=RMB_UPPER(H1)', ["捌佰万元整", 0.0, 0]),
    "A8": ('=RMB_UPPER(24,"万元")', ["贰拾肆万元整", 0.0, 0]),
    "A9": ('=POLICY_STATUS("fuzhou-2024-13",I1)', ["失效", 0.0, 0]),
    "A10": ('=POLICY_STATUS("fuzhou-2026-5","2026-02-01","srdi_tech_upgrade")', ["未施行", 0.0, 0]),
    "A11": ('=USCC_CHECK("91350100M000100Y43")', ["有效", 0.0, 0]),
    "A12": ('=SUBSIDY_BASIS("福州","技改设备补助","日期","2026-06-30")', ["榕政办规〔2026〕5号 附件3 一", 0.0, 0]),
    "A13": ('=SUBSIDY_MAX("福州","技改设备补助","日期","2026-06-30")', ["5000000", 5000000.0, 0]),
    "A14": ('=SUBSIDY_WHY("RMB_UPPER","一堆钱")', [BY_NAME["RMB_UPPER"].answer("一堆钱").message, 0.0, 0]),
}  # fmt: skip


def _macro(shapes: dict[str, tuple[int, int]]) -> Module:
    """Each function called in Basic with the example's arguments; the result written cell by cell (LibreOffice cannot
    take an array from a function), an error as "error 2042"."""
    lines = ["Option Explicit", "Public Sub FillArrays()", "    Dim result As Variant"]
    for row, function in enumerate(FUNCTIONS):
        parts = [_literal(value, row) for value in example_arguments(function.example)]
        lines += [f"    result = {function.name}({', '.join(parts)})", f"    Spread result, {1 + row * 40}"]
    lines += [
        '    result = SUBSIDY(Han("798F5DDE"), "tech_upgrade", Sheets("S").Range("H1:H4"), "on", "2026-06-30")',
        "    Spread result, 901",
        '    result = SUBSIDY(Han("798F5DDE"), "tech_upgrade", CVErr(2007), "on", "2026-06-30")',
        "    Spread result, 911",
        "    result = SUBSIDY(Han(\"798F5DDE\"), \"tech_upgrade\", Array(8000000, CVErr(2023)), \"on\", \"2026-06-30\")",
        "    Spread result, 921",
        "End Sub",
        "Private Sub Spread(values As Variant, ByVal top As Long)",
        "    Dim i As Long, j As Long",
        "    If Not IsArray(values) Then",
        "        Show top, 1, values",
        "        Exit Sub",
        "    End If",
        "    On Error GoTo flat",
        "    j = UBound(values, 2)",
        "    On Error GoTo 0",
        "    For i = LBound(values, 1) To UBound(values, 1)",
        "        For j = LBound(values, 2) To UBound(values, 2)",
        "            Show top + i - LBound(values, 1), 1 + j - LBound(values, 2), values(i, j)",
        "        Next j",
        "    Next i",
        "    Exit Sub",
        "flat:",
        "    For i = LBound(values) To UBound(values)",
        "        Show top, 1 + i - LBound(values), values(i)",
        "    Next i",
        "End Sub",
        "Private Sub Show(ByVal row As Long, ByVal column As Long, ByVal value As Variant)",
        "    If IsError(value) Then",
        '        Sheets("T").Cells(row, column).Value = "error " & Mid(CStr(value), 7)',
        "    Else",
        '        Sheets("T").Cells(row, column).Value = value',
        "    End If",
        "End Sub",
    ]  # fmt: skip
    assert shapes
    return Module("TestArrays", "\n".join(lines))


def _literal(value: Any, row: int) -> str:
    if isinstance(value, list):  # an array constant: stands in the sheet
        return f'Sheets("S").Range(Sheets("S").Cells({100 + row * 10}, 1), Sheets("S").Cells({99 + row * 10 + len(value)}, {len(value[0])}))'
    return wrappers.han(value) if isinstance(value, str) else repr(value)


@pytest.mark.soffice
def test_libreoffice_runs_the_wrappers(profile: Path, tmp_path: Path) -> None:
    """Every function: from cells (scalars), and from Basic (tables, ranges, errors inside arrays)."""
    calls_folder = tmp_path / "calls"
    results = {f.name: udf.encode(f.answer(*example_arguments(f.example))) for f in FUNCTIONS}
    shapes = {name: (len(r), len(r[0])) if isinstance(r, list) else (1, 1) for name, r in results.items()}
    modules = [
        Module("ThisWorkbook", "", "document"), Module("Sheet1", "", "document"), Module("Sheet2", "", "document"),
        wrappers.functions_module(value="Value"), wrappers.help_module(), wrappers.text_module(), _macro(shapes),
        *stub_modules(calls_folder),
    ]  # fmt: skip
    path = tmp_path / "book.xlsm"
    book = xlsxwriter.Workbook(path)
    book.add_vba_project(io.BytesIO(build_project(modules)), is_stream=True)
    book.set_vba_name("ThisWorkbook")
    sheet, target = book.add_worksheet("S"), book.add_worksheet("T")
    sheet.set_vba_name("Sheet1")
    target.set_vba_name("Sheet2")
    sheet.write_column("G1", ["investment", "paid_before"])
    sheet.write_column("H1", [8000000, 4900000, "很多", 0])
    sheet.write("I1", 46203)
    for row, function in enumerate(FUNCTIONS):
        for value in example_arguments(function.example):
            for i, line in enumerate(value if isinstance(value, list) else []):
                sheet.write_row(99 + row * 10 + i, 0, line)
    for address, (formula, _) in CELLS.items():
        sheet.write_formula(address, formula)
    book.close()
    areas = {
        name: f"T!A{1 + row * 40}:{chr(64 + shapes[name][1])}{row * 40 + shapes[name][0]}"
        for row, name in enumerate(results)
    }
    wanted = [*(f"S!{address}" for address in CELLS), *areas.values(), "T!A901:A904", "T!A911", "T!A921:A922"]

    with serving(calls_folder, lambda module, name, args: getattr(udf, name)(*args)) as calls:
        answer = run(path, profile, wanted, macro="XLPolicy.TestArrays.FillArrays")

    assert {module for module, _, _ in calls} == {"xlpolicy.excel.udf"}
    assert {name for _, name, _ in calls} == {f.name for f in FUNCTIONS}
    for address, (formula, cell) in CELLS.items():
        assert answer[f"S!{address}"] == [[cell]], formula
    for name, area in areas.items():
        table = results[name] if isinstance(results[name], list) else [[results[name]]]
        shown = [[str(c).replace("#XLERR:", "error ") if isinstance(c, str) else c for c in line] for line in table]
        got = [[cell[0] if isinstance(want, str) else cell[1] for cell, want in zip(line, row, strict=True)]
               for line, row in zip(answer[area], shown, strict=True)]  # fmt: skip
        assert got == shown, name
    # 800 万 and 490 万 without VAT, a text, nothing claimed: the second is below the threshold of 500 万
    assert [cell[0][0] for cell in answer["T!A901:A904"]] == ["240000", "error 2042", "error 2015", "0"]
    assert answer["T!A911"][0][0][0] == "error 2007"
    assert [line[0][0] for line in answer["T!A921:A922"]] == ["240000", "error 2023"]


@pytest.mark.soffice
@pytest.mark.parametrize("since", ["True", "area.Worksheet.Parent.Date1904"])
def test_a_workbook_that_counts_from_1904(since: str, profile: Path, tmp_path: Path) -> None:
    """There a range goes by Value, its dates and numbers as days since 1900 and as numbers; a number that a formula
    worked out is marked.

    LibreOffice knows no Date1904 (what is missing is no error), and its Value does not reckon with 1904 as Excel's
    does: the workbook counts from 1900, and only the way of the values is tried.
    """
    calls_folder = tmp_path / "calls"
    body = (
        'Public Sub Ask()\n    Sheets("S").Range("B1").Value = POLICY_STATUS("fuzhou-2024-13", Sheets("S").Range("A1"))\n'
        '    Dim two As Variant\n    two = SUBSIDY("fuzhou", "tech_upgrade", Sheets("S").Range("A1:A2"))\n'
        '    two = SUBSIDY_WHY("fuzhou", "tech_upgrade", CDbl(8000000.5), "on", CDbl(44741))\n'
        '    two = SUBSIDY_MAX("fuzhou", Array(CDbl(44741), "x"))\nEnd Sub\n'
    )
    modules = [
        Module("ThisWorkbook", "", "document"), Module("Sheet1", "", "document"),
        wrappers.functions_module(value="Value", since=since, caller_since="True" if since == "True" else since.replace("area", "cell")),
        wrappers.text_module(), Module("Days", body),
        *stub_modules(calls_folder),
    ]  # fmt: skip
    path = tmp_path / "days.xlsm"
    book = xlsxwriter.Workbook(path)
    book.add_vba_project(io.BytesIO(build_project(modules)), is_stream=True)
    book.set_vba_name("ThisWorkbook")
    sheet = book.add_worksheet("S")
    sheet.set_vba_name("Sheet1")
    sheet.write_datetime("A1", dt.date(2026, 6, 30), book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write("A2", 8000000)
    book.close()
    with serving(calls_folder, lambda module, name, args: "") as calls:
        run(path, profile, ["S!B1"], macro="XLPolicy.Days.Ask")
    last = {name: args for _, name, args in calls}
    day, table = last["POLICY_STATUS"][1], last["SUBSIDY"][2]
    assert day == 46203.0  # 2026-06-30
    assert table == ((46203.0,), (8000000.0,))
    typed, list_of_days = last["SUBSIDY_WHY"], last["SUBSIDY_MAX"][1]
    assert typed[2] == 8000000.5
    assert (typed[4], list_of_days[0]) == (("#1904:44741",) * 2 if since == "True" else (44741.0,) * 2)


@pytest.mark.soffice
def test_libreoffice_when_python_does_not_answer(profile: Path, tmp_path: Path) -> None:
    """XLPy raises: #NAME? in every cell, the reason where a function explains, one attempt for all of them."""
    silent = Module(
        "xlwings",
        "Public Attempts As Long\nPublic Function XLPy() As Object\n    Attempts = Attempts + 1\n"
        '    Err.Raise 1000, , "Could not activate Python COM server"\nEnd Function\n'
        "Public Function AttemptsMade() As Long\n    AttemptsMade = Attempts\nEnd Function\n",
    )
    modules = [
        Module("ThisWorkbook", "", "document"), Module("Sheet1", "", "document"),
        wrappers.functions_module(value="Value"), wrappers.text_module(), silent,
        Module("Ask", 'Public Sub Once()\n'
               # a failure of one call (an object that is no range) silences nothing but itself
               '    Sheets("S").Cells(14, 1).Value = SUBSIDY_WHY("a", ThisComponent)\n'
               '    Sheets("S").Cells(15, 1).Value = CStr(SUBSIDY("a", ThisComponent) = CVErr(2015))\n'
               '    Sheets("S").Cells(16, 1).Value = AttemptsMade()\n'
               '    Sheets("S").Cells(9, 1).Value = SUBSIDY("a", "b")\n'
               '    Sheets("S").Cells(10, 1).Value = SUBSIDY_WHY("a", "b")\n    Sheets("S").Cells(11, 1).Value = CStr(IsError(SUBSIDY("a", "b")))\n'
               '    Sheets("S").Cells(12, 1).Value = AttemptsMade()\n'
               "    AskAgain\n    Dim again As Variant\n    again = RMB_UPPER(1)\n"
               '    Sheets("S").Cells(13, 1).Value = AttemptsMade()\nEnd Sub\n'),
    ]  # fmt: skip
    path = tmp_path / "silent.xlsm"
    book = xlsxwriter.Workbook(path)
    book.add_vba_project(io.BytesIO(build_project(modules)), is_stream=True)
    book.set_vba_name("ThisWorkbook")
    book.add_worksheet("S").set_vba_name("Sheet1")
    book.close()
    answer = run(path, profile, ["S!A10:A16"], macro="XLPolicy.Ask.Once")["S!A10:A16"]
    assert answer[0][0][0].startswith("Python 没有应答。请看“首页”的处理办法")
    assert answer[0][0][0].endswith("Could not activate Python COM server")
    assert answer[1][0][0].lower() in ("true", "-1")
    assert [line[0][1] for line in answer[2:4]] == [1.0, 2.0]
    assert answer[4][0][0].startswith("这一格没有算成")
    assert answer[6][0][1] == 0.0


@pytest.mark.soffice
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("", wrappers.FAILED_INSIDE),  # told in a window of its own, by xlwings: nothing is raised
        ('    Err.Raise 1000, , "no interpreter"\n', "no interpreter"),
    ],
)
def test_a_button_whose_python_fails_leaves_no_earlier_message(
    fault: str, told: str, profile: Path, tmp_path: Path
) -> None:
    buttons = next(module for module in wrappers.modules(["Sheet1"]) if module.name == "xlpolicy_buttons")
    runtime = Module(
        "xlwings",
        f"Public Sub RunPython(ByVal code As String)\n{fault}End Sub\nPublic Function XLPy() As Object\nEnd Function\n",
    )
    modules = [
        Module("ThisWorkbook", "", "document"), Module("Sheet1", "", "document"),
        wrappers.functions_module(value="Value"), wrappers.text_module(), buttons, runtime,
    ]  # fmt: skip
    path = tmp_path / "button.xlsm"
    book = xlsxwriter.Workbook(path)
    book.add_vba_project(io.BytesIO(build_project(modules)), is_stream=True)
    book.set_vba_name("ThisWorkbook")
    sheet = book.add_worksheet("S")
    sheet.set_vba_name("Sheet1")
    sheet.write("B1", "应答正常")
    book.define_name(wrappers.RESULT_NAME, "=S!$B$1")
    book.close()
    answer = run(path, profile, ["S!B1"], macro="XLPolicy.xlpolicy_buttons.SelfTest")["S!B1"][0][0][0]
    assert told in answer
    assert "应答正常" not in answer
