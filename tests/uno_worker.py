"""Runs under the system's /usr/bin/python3: one LibreOffice, driven by JSON lines on stdin.

Started by tests/soffice.py as ``uno_worker.py PROFILE_FOLDER PIPE_NAME``. Each request is one line
``{"op": ..., ...}``, each answer one line ``{"ok": ...}`` or ``{"error": ...}``; where LibreOffice has died,
this script ends without one. The end of stdin, whatever its cause, ends LibreOffice: it never outlives the
tests. Only the standard library and uno here.

A cell value travels as ``[type, value]``: empty, text, number, bool, date, datetime, formula (in Excel's
own syntax, as it stands in an .xlsx) and, on reading only, error.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import uuid
from typing import Any

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.lang import Locale
from com.sun.star.sheet.AddressConvention import XL_OOX
from com.sun.star.uno import Exception as UnoException
from com.sun.star.uno import RuntimeException as UnoRuntimeException
from com.sun.star.util.NumberFormat import DATE, LOGICAL, TIME

START_SECONDS = 60
STOP_SECONDS = 15
FILTERS = {"xlsx": "Calc MS Excel 2007 XML", "xls": "MS Excel 97", "ods": "calc8", "pdf": "calc_pdf_Export"}
CLEAR_CONTENT = 1 | 2 | 4 | 16  # VALUE, DATETIME, STRING, FORMULA of com.sun.star.sheet.CellFlags


def properties(**values: Any) -> tuple[Any, ...]:
    """UNO's named arguments."""
    return tuple(PropertyValue(Name=name, Value=value) for name, value in values.items())


class Office:
    """The process, and the workbooks open in it."""

    def __init__(self, profile: str, pipe: str) -> None:
        self.process = subprocess.Popen(
            [
                "soffice",
                f"-env:UserInstallation={pathlib.Path(profile).as_uri()}",
                "--headless",
                "--norestore",
                "--nologo",
                "--nodefault",
                f"--accept=pipe,name={pipe};urp;",
            ],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
        )
        context = self._connect(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        self.desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        self.books: dict[str, Any] = {}

    def _connect(self, url: str) -> Any:
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return resolver.resolve(url)
            except NoConnectException:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise
                time.sleep(0.05)

    def alive(self) -> bool:
        """Whether LibreOffice answers."""
        try:
            self.desktop.getCurrentFrame()
        except (UnoException, UnoRuntimeException):
            return False
        return True

    def stop(self) -> None:
        """End LibreOffice, by force when it does not go by itself."""
        if hasattr(self, "desktop"):
            with contextlib.suppress(UnoException, UnoRuntimeException):  # it has ended already
                self.desktop.terminate()
        else:
            self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(0, signal.SIGKILL)  # tests/soffice.py gave this script a process group of its own

    # --- requests, by the name of their "op" ---

    def op_open(self, path: str) -> dict[str, Any]:
        """Runs no macro and follows no link."""
        document = self.desktop.loadComponentFromURL(
            pathlib.Path(path).as_uri(),
            "_blank",
            0,
            properties(Hidden=True, MacroExecutionMode=0, UpdateDocMode=0),
        )
        if document is None:
            raise ValueError(f"LibreOffice cannot open {pathlib.Path(path).name}")
        if not document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
            document.close(True)
            raise ValueError(f"{pathlib.Path(path).name} is not a spreadsheet to LibreOffice")
        book = uuid.uuid4().hex
        self.books[book] = document
        return {"book": book, "sheets": list(document.Sheets.ElementNames)}

    def op_close(self, book: str) -> None:
        if book in self.books:  # else it went with a LibreOffice that has died
            self.books.pop(book).close(True)

    def op_set(self, book: str, sheet: str, cells: dict[str, list[Any]]) -> None:
        document = self._book(book)
        for address, (kind, value) in cells.items():
            cell = self._range(book, sheet, address)
            if kind == "empty":
                cell.clearContents(CLEAR_CONTENT)
            elif kind == "text":
                cell.setString(value)
            elif kind == "number":
                cell.setValue(value)
            elif kind == "bool":
                cell.setValue(value)
                cell.NumberFormat = document.NumberFormats.getStandardFormat(LOGICAL, Locale())
            elif kind in ("date", "datetime"):
                days = dt.datetime.fromisoformat(value) - self._epoch(document)
                cell.setValue(days / dt.timedelta(days=1))
                if not document.NumberFormats.getByKey(cell.NumberFormat).Type & DATE:
                    self._set_format(document, cell, "YYYY-MM-DD" if kind == "date" else "YYYY-MM-DD HH:MM:SS")
            elif kind == "formula":
                parser = document.createInstance("com.sun.star.sheet.FormulaParser")
                parser.CompileEnglish = True
                parser.FormulaConvention = XL_OOX
                cell.setTokens(parser.parseFormula(value.removeprefix("="), cell.CellAddress))
            else:
                raise ValueError(f"unknown type of value: {kind}")

    def op_insert_row(self, book: str, sheet: str, index: int, count: int) -> None:
        self._sheet(book, sheet).Rows.insertByIndex(index - 1, count)

    def op_read(self, book: str, sheet: str, address: str) -> dict[str, list[Any]]:
        """By whole ranges: a question about a single cell costs a millisecond."""
        document = self._book(book)
        area = self._range(book, sheet, address)
        top, left = area.RangeAddress.StartRow, area.RangeAddress.StartColumn
        epoch = self._epoch(document)
        formats = self._formats(document, area)
        cells = {}
        for y, (values, formulas) in enumerate(zip(area.getDataArray(), area.getFormulaArray(), strict=True)):
            for x, (value, formula) in enumerate(zip(values, formulas, strict=True)):
                kind = formats.get((top + y, left + x), 0)
                if value == "" and formula == "":
                    cell = ["empty", None]
                elif isinstance(value, str):
                    cell = ["text", value]
                elif value is None:
                    cell = ["error", area.getCellByPosition(x, y).getString()]
                elif kind & DATE and abs(value) < 2_900_000:  # beyond the year 9999 it is no date
                    moment = epoch + dt.timedelta(seconds=round(value * 86400))
                    has_time = kind & TIME
                    cell = ["datetime", moment.isoformat()] if has_time else ["date", moment.date().isoformat()]
                elif kind & LOGICAL or (
                    # the format General does not tell that a formula's result is logical
                    value in (0, 1)
                    and formula.startswith("=")
                    and area.getCellByPosition(x, y).getString() in ("TRUE", "FALSE")
                ):
                    cell = ["bool", bool(value)]
                else:
                    cell = ["number", value]
                cells[f"{column_letters(left + x)}{top + y + 1}"] = cell
        return cells

    def op_recalculate(self, book: str) -> None:
        self._book(book).calculateAll()  # in Calc this is the hard recalculation (Ctrl+Shift+F9)

    def op_save(self, book: str, path: str, fmt: str) -> None:
        self._book(book).storeToURL(pathlib.Path(path).as_uri(), properties(FilterName=FILTERS[fmt], Overwrite=True))

    # --- what several of them need ---

    def _book(self, book: str) -> Any:
        if book not in self.books:
            raise ValueError("this workbook is not open any more")
        return self.books[book]

    def _sheet(self, book: str, name: str) -> Any:
        sheets = self._book(book).Sheets
        if not sheets.hasByName(name):
            raise ValueError(f"no sheet {name!r}, there are {list(sheets.ElementNames)}")
        return sheets.getByName(name)

    def _range(self, book: str, sheet: str, address: str) -> Any:
        return self._sheet(book, sheet).getCellRangeByName(address)

    @staticmethod
    def _epoch(document: Any) -> dt.datetime:
        null = document.NullDate
        return dt.datetime(null.Year, null.Month, null.Day)

    @staticmethod
    def _set_format(document: Any, cell: Any, code: str) -> None:
        formats = document.NumberFormats
        key = formats.queryKey(code, Locale(), False)
        cell.NumberFormat = key if key != -1 else formats.addNew(code, Locale())

    @staticmethod
    def _formats(document: Any, area: Any) -> dict[tuple[int, int], int]:
        """The type of the number format of each cell of an area that shows dates, times or logical values."""
        types = {}
        groups = area.getUniqueCellFormatRanges()
        for group in (groups.getByIndex(index) for index in range(groups.Count)):
            kind = document.NumberFormats.getByKey(group.NumberFormat).Type
            if kind & (DATE | TIME | LOGICAL):
                for part in group.getRangeAddresses():
                    for row in range(part.StartRow, part.EndRow + 1):
                        for column in range(part.StartColumn, part.EndColumn + 1):
                            types[row, column] = kind
        return types


def column_letters(index: int) -> str:
    """0 -> A, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def main() -> None:
    """Serve until stdin ends."""

    def answer(**content: Any) -> None:
        print(json.dumps(content, ensure_ascii=False), flush=True)

    try:
        office = Office(*sys.argv[1:])
    except Exception as exc:
        answer(error=f"LibreOffice did not start: {exc}")
        raise
    answer(ok=os.getpid())
    try:
        for line in sys.stdin:
            request = json.loads(line)
            try:
                answer(ok=getattr(office, "op_" + request.pop("op"))(**request))
            except Exception as exc:
                if not office.alive():
                    raise
                answer(error=f"{type(exc).__name__}: {exc}")
    finally:
        office.stop()


if __name__ == "__main__":
    main()
