"""A stand-in for xlwings' book: the names of the real workbook, values in and out."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from openpyxl import load_workbook

from xlpolicy.excel.workbook.vba_wrappers import RESULT_NAME


class Area:
    """A range of the stand-in: values from the real workbook's stored results, as xlwings gives them."""

    def __init__(self, cells: Any, dimensions: int | None = None) -> None:
        self.cells, self.dimensions = cells, dimensions

    def options(self, ndim: int | None = None) -> Area:
        return Area(self.cells, ndim)

    @property
    def value(self) -> Any:
        rows = self.cells if isinstance(self.cells, tuple) else ((self.cells,),)
        values = [[None if cell.value == "" else cell.value for cell in row] for row in rows]
        return values if self.dimensions == 2 else values[0][0]

    @value.setter
    def value(self, given: Any) -> None:
        rows = self.cells if isinstance(self.cells, tuple) else ((self.cells,),)
        values = given if isinstance(given, list) else [[given]]
        for row, line in zip(rows, values, strict=True):
            for cell, item in zip(row, line, strict=True):
                cell.value = item


class Book:
    def __init__(self, path: Path) -> None:
        self.fullname = str(path)
        self.book = load_workbook(path, data_only=True)
        self.names = {
            name: SimpleNamespace(refers_to_range=self.area(n.attr_text)) for name, n in self.book.defined_names.items()
        }

    def area(self, text: str) -> Any:
        sheet, _, place = text.replace("$", "").replace("'", "").rpartition("!")
        return None if "#REF" in text else Area(self.book[sheet][place])

    @property
    def result(self) -> str:
        return str(self.names[RESULT_NAME].refers_to_range.value)

    def write(self, name: str, value: Any) -> None:
        self.names[name].refers_to_range.value = value
