"""LibreOffice as the host of the generated VBA: it compiles and runs the wrappers, Python answers through files.

`run` opens a workbook with its macros allowed, computes everything, runs a macro if asked, and reads cells. While it
does, a thread of the test's own process serves the stub `XLPy` (Basic): each call of a wrapper is one request file,
answered by the real functions of `xlpolicy.excel.udf`. Texts travel as hexadecimal UTF-16, so no encoding is guessed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from xlpolicy.excel.vba.project import Module

SYSTEM_PATH, SYSTEM_PYTHON = "/usr/bin:/bin", "/usr/bin/python3"
SECONDS = 240
HOST = r"""
import json, os, subprocess, sys, time
import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
workbook, profile, macro, addresses = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
accept = "pipe,name=xlpolicybasic%d;urp;" % os.getpid()
office = subprocess.Popen(["soffice", "-env:UserInstallation=" + profile, "--headless", "--norestore",
                           "--nologo", "--accept=" + accept], stdout=subprocess.DEVNULL)
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
while True:
    try:
        remote = resolver.resolve("uno:" + accept + "StarOffice.ComponentContext")
        break
    except NoConnectException:
        time.sleep(0.1)
desktop = remote.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", remote)
options = []
for name, value in {"Hidden": True, "MacroExecutionMode": 4}.items():
    option = PropertyValue()
    option.Name, option.Value = name, value
    options.append(option)
document = desktop.loadComponentFromURL(workbook, "_blank", 0, tuple(options))
if macro:
    url = "vnd.sun.star.script:" + macro + "?language=Basic&location=document"
    document.getScriptProvider().getScript(url).invoke((), (), ())
document.calculateAll()
answer = {}
for address in addresses:
    sheet, _, place = address.rpartition("!")
    area = document.Sheets.getByName(sheet).getCellRangeByName(place)
    answer[address] = [
        [[c.String, c.Value, c.getError()] for c in (area.getCellByPosition(x, y) for x in range(area.Columns.Count))]
        for y in range(area.Rows.Count)
    ]
print(json.dumps(answer))
document.close(True)
desktop.terminate()
office.wait(30)
"""

#: stands where xlwings' runtime module stands: the same name, the same function XLPy
STUB = """Option Explicit

Public Function XLPy() As Object
    Set XLPy = New XlpStub
End Function
"""
STUB_CLASS = """Option Explicit

Public Function CallUDF(ByVal module As String, ByVal name As String, args As Variant, book As Variant, caller As Variant) As Variant
    Dim number As Integer, path As String, i As Long, started As Double
    Randomize
    path = "{folder}/" & CLng(Timer * 100) & "-" & CLng(Rnd * 1000000000)
    number = FreeFile
    Open path & ".asked" For Output As #number
    Print #number, module
    Print #number, name
    Print #number, CStr(UBound(args) - LBound(args) + 1)
    For i = LBound(args) To UBound(args)
        Send number, args(i)
    Next i
    Close #number
    number = FreeFile
    Open path & ".ask" For Output As #number
    Close #number
    started = Timer
    Do While Dir(path & ".ok") = ""
        If Timer - started > 60 Then Err.Raise 1000, , "no answer"
    Loop
    number = FreeFile
    Open path & ".told" For Input As #number
    CallUDF = Received(number)
    Close #number
End Function

Private Sub Send(ByVal number As Integer, ByVal value As Variant)
    Dim i As Long, j As Long
    If IsArray(value) Then
        If Wide(value) Then
            Print #number, "A"
            Print #number, CStr(UBound(value, 1) - LBound(value, 1) + 1)
            Print #number, CStr(UBound(value, 2) - LBound(value, 2) + 1)
            For i = LBound(value, 1) To UBound(value, 1)
                For j = LBound(value, 2) To UBound(value, 2)
                    Send number, value(i, j)
                Next j
            Next i
        Else
            Print #number, "L"
            Print #number, CStr(UBound(value) - LBound(value) + 1)
            For i = LBound(value) To UBound(value)
                Send number, value(i)
            Next i
        End If
    ElseIf IsEmpty(value) Then
        Print #number, "E"
    ElseIf VarType(value) = 8 Then
        Print #number, "S" & Hexed(value)
    ElseIf VarType(value) = 11 Then
        Print #number, "B" & IIf(value, "1", "0")
    ElseIf IsNumeric(value) Or IsDate(value) Then
        Print #number, "N" & Trim(Str(CDbl(value)))
    Else
        Print #number, "?" & VarType(value)
    End If
End Sub

Private Function Wide(value As Variant) As Boolean
    Dim top As Long
    On Error GoTo done
    top = UBound(value, 2)
    Wide = True
done:
End Function

Private Function Hexed(ByVal text As String) As String
    Dim i As Long
    For i = 1 To Len(text)
        Hexed = Hexed & Right("0000" & Hex(AscW(Mid(text, i, 1)) And 65535), 4)
    Next i
End Function

Private Function Received(ByVal number As Integer) As Variant
    Dim line As String, text As String, rows As Long, columns As Long, i As Long, j As Long, out() As Variant
    Line Input #number, line
    Select Case Left(line, 1)
        Case "E"
            Received = ""
        Case "N"
            Received = Val(Mid(line, 2))
        Case "S"
            For i = 2 To Len(line) Step 4
                text = text & ChrW(CLng("&H" & Mid(line, i, 4)) And 65535)
            Next i
            Received = text
        Case "A"
            Line Input #number, line
            rows = CLng(line)
            Line Input #number, line
            columns = CLng(line)
            If rows = 1 Then
                ReDim out(0 To columns - 1)
                For j = 0 To columns - 1
                    out(j) = Received(number)
                Next j
            Else
                ReDim out(0 To rows - 1, 0 To columns - 1)
                For i = 0 To rows - 1
                    For j = 0 To columns - 1
                        out(i, j) = Received(number)
                    Next j
                Next i
            End If
            Received = out
    End Select
End Function
"""


def stub_modules(folder: Path) -> list[Module]:
    """The stub in place of xlwings' runtime; it asks through files in `folder`."""
    return [Module("xlwings", STUB), Module("XlpStub", STUB_CLASS.replace("{folder}", str(folder)), "class")]


class Calls(list[tuple[str, str, list[Any]]]):
    """Every call that came over: module, function, arguments as Python got them."""


def _value(lines: Iterator[str]) -> Any:
    line = next(lines)
    kind, text = line[0], line[1:]
    if kind == "A":
        rows, columns = int(next(lines)), int(next(lines))
        return tuple(tuple(_value(lines) for _ in range(columns)) for _ in range(rows))
    if kind == "L":
        return tuple(_value(lines) for _ in range(int(next(lines))))
    if kind == "E":
        return None
    if kind == "S":
        return bytes.fromhex(text).decode("utf-16-be")
    if kind == "B":
        return text == "1"
    assert kind == "N", line
    return float(text)


def _told(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        table = value if value and isinstance(value[0], list) else [value]
        yield from ("A", str(len(table)), str(len(table[0])))
        for row in table:
            for item in row:
                yield from _told(item)
    elif isinstance(value, str):
        yield "S" + value.encode("utf-16-be").hex().upper() if value else "E"
    elif value is None:
        yield "E"
    else:
        yield f"N{value!r}"


@contextlib.contextmanager
def serving(folder: Path, answer: Callable[[str, str, list[Any]], Any]) -> Iterator[Calls]:
    """Answer the stub's requests in `folder` while the block runs.

    Nobody renames a file: LibreOffice looks at what it has just moved, and raises where it is gone already. Who has
    written a file to its end says so by an empty one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    calls, ended, seen = Calls(), threading.Event(), set[Path]()

    def serve() -> None:
        while not ended.is_set():
            for request in sorted(set(folder.glob("*.ask")) - seen):
                seen.add(request)
                lines = iter(request.with_suffix(".asked").read_text(encoding="ascii").splitlines())
                module, name, count = next(lines), next(lines), int(next(lines))
                arguments = [_value(lines) for _ in range(count)]
                calls.append((module, name, arguments))
                request.with_suffix(".told").write_text("\n".join(_told(answer(module, name, arguments))) + "\n")
                request.with_suffix(".ok").write_text("")
            time.sleep(0.002)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield calls
    finally:
        ended.set()
        thread.join()


def run(book: Path, profile: Path, addresses: Sequence[str], macro: str = "") -> dict[str, list[list[Any]]]:
    """Cells ("Sheet!A1:B2") as rows of [text, number, error] after opening, the macro, and a full computation."""
    process = subprocess.Popen(
        [SYSTEM_PYTHON, "-c", HOST, book.as_uri(), profile.as_uri(), macro, *addresses],
        env={"PATH": SYSTEM_PATH, "HOME": str(profile.parent), "LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        out, err = process.communicate(timeout=SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, err
    answer: dict[str, list[list[Any]]] = json.loads(out)
    return answer


__all__ = ["Calls", "run", "serving", "stub_modules"]
