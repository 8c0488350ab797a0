"""The VBA of the workbook, generated from the registry: function wrappers, Chinese help, buttons, and xlwings' runtime.

The wrappers have the form of xlwings' own generator (`XLPy.CallUDF module, function, Array(args)`), with what that
one lacks: ranges by Value2 (by Value in a workbook that counts from 1904), cells in error passed on as errors, sentinels turned into CVErr also inside arrays, and a
pause after Python did not start, so that a sheet of formulas does not wait for every one of them. Any other failure
of a call is an error in its own cell.
ASCII only; Chinese goes through ChrW.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path

from xlpolicy.excel.functions.call import FROM_1904, LATER, MOST_DAYS, SENTINEL, VALUE
from xlpolicy.excel.functions.registry import FUNCTIONS, Function
from xlpolicy.excel.vba.project import Module
from xlpolicy.excel.workbook.vba_source import BUTTONS, RUNTIME, TEXT, THIS_WORKBOOK

UDF_MODULE = "xlpolicy.excel.udf"
MACRO_MODULE = "xlpolicy.excel.macros"
#: what a cell shows while Python does not answer (#NAME?), apart from the errors that the functions give
SILENT = 2029
QUIET_SECONDS = 20
_LONGEST_HELP = 255

NO_ANSWER = "Python 没有应答。请看“首页”的处理办法，或运行 xlpolicy excel doctor。原因："
NOT_DONE = "这一格没有算成，其他单元格照常计算。请核对公式引用的单元格。原因："
REMEDY = "。处理：关闭工作簿，运行 xlpolicy excel doctor，按提示处理后重新打开。"
FAILED_INSIDE = (
    "没有办成：Python 中途出错（原因见刚才弹出的窗口）。请关闭工作簿，运行 xlpolicy excel doctor，按提示处理后再试。"
)
RESULT_NAME, INBOX_NAME = "xlp_result", "xlp_inbox"
#: lists that a button writes, whose rows are fitted afterwards
FACTS_NAME, STANDINGS_NAME = "xlp_match_list", "xlp_match_lines"


def han(text: str, per_line: int = 40) -> str:
    """A VBA expression for a text: ASCII as it is, anything else by its code units through ChrW."""
    parts: list[str] = []
    for plain, run in _runs(text):
        if plain:
            parts.append('"' + run.replace('"', '""') + '"')
        else:
            units = run.encode("utf-16-be").hex().upper()
            parts += [f'Han("{units[i : i + 4 * per_line]}")' for i in range(0, len(units), 4 * per_line)]
    return " & ".join(parts) or '""'


def _runs(text: str) -> Iterator[tuple[bool, str]]:
    """Runs of printable ASCII (worth a literal of their own from six characters on) and of anything else."""
    start = 0
    while start < len(text):
        plain = " " <= text[start] <= "~"
        end = start
        while end < len(text) and (" " <= text[end] <= "~") == plain:
            end += 1
        yield plain, text[start:end]
        start = end


def _assigned(name: str, text: str, most: int = 900) -> Iterator[str]:
    """Statements that build a long text in a variable, no line longer than VBA takes."""
    line = ""
    for part in han(text).split(" & "):
        if line and len(line) + len(part) > most:
            yield line
            line = ""
        line = f"{line} & {part}" if line else f"    {name} = {name} & {part}"
    if line:
        yield line


def wrapper(function: Function) -> str:
    """One worksheet function in VBA."""
    names = [a.name for a in function.required]
    if function.variadic:
        head = ", ".join([*names, "ParamArray args() As Variant"])
        body = f"    Dim tail As Variant\n    tail = args\n    values = WithTail(Array({', '.join(names)}), tail)\n"
    else:
        optional = [a.name for a in function.arguments if a.optional]
        head = ", ".join([*names, *(f"Optional {name} As Variant" for name in optional)])
        every = [*names, *optional]
        body = f"    ReDim values(0 To {len(every) - 1})\n"
        for i, argument in enumerate(every):
            given = f"If Not IsMissing({argument}) Then " if argument in optional else ""
            body += f"    {given}Keep values({i}), {argument}\n"
    declared = "    Dim values As Variant\n" if function.variadic else "    Dim values() As Variant\n"
    name = function.name
    return (
        f"Public Function {name}({head}) As Variant\n{declared}{body}"
        f'    {name} = Ask("{name}", {function.explains}, values)\nEnd Function\n'
    )


def functions_module(
    *, value: str = "Value2", caller: str = "Application.Caller", since: str = "area.Worksheet.Parent.Date1904",
    caller_since: str = "Application.Caller.Worksheet.Parent.Date1904",
) -> Module:  # fmt: skip
    """All wrappers. The arguments are for LibreOffice, which knows neither Value2, nor Application.Caller, nor Date1904."""
    runtime = _fill(RUNTIME, module=UDF_MODULE, value=value, caller=caller, since=since, caller_since=caller_since)
    head = "' Generated from xlpolicy.excel.functions.registry. Do not edit: changes are lost with the next build.\nOption Explicit\n"
    return Module("xlpolicy_functions", head + runtime + "\n" + "\n".join(map(wrapper, FUNCTIONS)))


def help_module() -> Module:
    """Chinese help in the function wizard, through MacroOptions (which cuts at 255 characters)."""
    lines = ["Option Explicit", "Option Private Module", "", "Public Sub RegisterHelp()", "    On Error Resume Next"]
    lines += [f"    Help{f.name.title().replace('_', '')}" for f in FUNCTIONS] + ["End Sub", ""]
    for function in FUNCTIONS:
        helps = argument_helps(function)
        lines += [f"Private Sub Help{function.name.title().replace('_', '')}()", "    Dim text As String"]
        lines += [f"    Dim a{i} As String" for i in range(len(helps))]
        lines += _assigned("text", function.help)
        for i, told in enumerate(helps):
            lines += _assigned(f"a{i}", told)
        told = ", ".join(f"a{i}" for i in range(len(helps)))
        lines += [
            "    On Error Resume Next",
            f'    Application.MacroOptions Macro:="\'" & ThisWorkbook.Name & "\'!{function.name}", Description:=text, _',
            f'        Category:="xlpolicy", ArgumentDescriptions:=Array({told})',
            "End Sub",
            "",
        ]
    return Module("xlpolicy_help", "\n".join(lines))


def argument_helps(function: Function) -> list[str]:
    """The help of each argument as the wizard shows them: what goes with the tail is told in one."""
    told = [a.help for a in function.required]
    if not function.variadic:
        return [*told, *(a.help for a in function.arguments if a.optional)]
    rest = [a for a in function.arguments if a.optional or a.variadic]
    text = "；其后 ".join(a.help for a in rest)
    return [*told, text[:_LONGEST_HELP]]


def _fill(template: str, **names: str) -> str:
    texts = {
        "sentinel": SENTINEL, "length": str(len(SENTINEL)), "silent": str(SILENT), "seconds": str(QUIET_SECONDS),
        "no_answer": han(NO_ANSWER), "not_done": han(NOT_DONE), "value_error": str(VALUE), "remedy": han(REMEDY), "macros": MACRO_MODULE,
        "choose": han("选择收件文件夹"), "working": han("正在处理，请稍候"), "failed_inside": han(FAILED_INSIDE), "since_mark": FROM_1904, "most_days": str(MOST_DAYS - LATER), "inbox": INBOX_NAME, "facts": FACTS_NAME, "standings": STANDINGS_NAME, "result": RESULT_NAME,
    }  # fmt: skip
    for key, text in (texts | names).items():
        template = template.replace(f"{{{key}}}", text)
    return template


def xlwings_modules() -> list[Module]:
    """xlwings' own runtime and its Dictionary class (BSD, for a Mac), from the installed package, whatever version."""
    spec = importlib.util.find_spec("xlwings")
    assert spec is not None and spec.origin is not None
    folder = Path(spec.origin).parent
    runtime, dictionary = folder / "xlwings.bas", folder / "addin" / "Dictionary.cls"
    return [
        Module("xlwings", runtime.read_text(encoding="ascii")),
        Module("Dictionary", dictionary.read_text(encoding="ascii"), "class"),
    ]


def modules(sheets: Sequence[str]) -> list[Module]:
    """Every module of the workbook; `sheets` are the code names of its sheets."""
    return [
        Module("ThisWorkbook", THIS_WORKBOOK, "document"),
        *(Module(name, "", "document") for name in sheets),
        functions_module(),
        help_module(),
        text_module(),
        Module("xlpolicy_buttons", _fill(BUTTONS)),
        *xlwings_modules(),
    ]


def text_module() -> Module:
    """The decoder of Chinese texts, which every other module needs."""
    return Module("xlpolicy_text", TEXT)
