"""A worksheet for thousands of rows that differ only in their row number.

XlsxWriter writes cell by cell and searches every formula for some 150 newer functions. Here such rows are written by
XlsxWriter once, and the text it made is repeated with another number: the file is the same, ten times sooner.
Only for workbooks in `constant_memory` mode, where rows go to the file one after the other.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_range

from xlpolicy.sheets.book import TextSheet, marked

#: no formula or number of a sheet begins so; the row written for repetition is this one, counted from 0
_MARK = 987_650
_NEAR = re.compile(r"9876\d\d")


class Shared(str):
    """A formula that the rows of a column have in common: the file holds its text in the first row only."""

    element: str

    def __new__(cls, text: str, row: int, column: int, first: int, last: int) -> Shared:
        made = super().__new__(cls, text)
        made.element = f'<f t="shared" si="{column}"/>'
        if row == first:
            area = xl_range(first, column, last, column)
            made.element = f'<f t="shared" ref="{area}" si="{column}">{escape(text.removeprefix("="))}</f>'
        return made


class RowSheet(TextSheet):
    """Takes formulas as they are, and rows in bulk."""

    fh: Any

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """The formulas of `native` hold none of the newer functions."""
        return formula if isinstance(formula, Shared) else formula.removeprefix("=")

    def _xml_formula_element(self, formula: str, result: Any, attributes: Sequence[tuple[str, Any]] = ()) -> None:
        if not isinstance(formula, Shared):
            super()._xml_formula_element(formula, result, list(attributes))
            return
        shown = "".join(f' {name}="{value}"' for name, value in marked(attributes, result))
        self.fh.write(f"<c{shown}>{formula.element}<v>{self._escape_data(result)}</v></c>")

    def write_alike(self, first: int, last: int, write: Callable[[int], None]) -> None:
        """Rows `first` to `last` (from 0), each as `write(row)` writes it with its own number in place of another's.

        Rows after them may follow; none of them may have a height of its own.
        """
        if first > last:
            return
        write(first)
        self._write_single_row(_MARK)
        real, self.fh = self.fh, io.StringIO()
        write(_MARK)
        self._write_single_row(last)
        made, self.fh = self.fh.getvalue(), real
        self.dim_rowmax = last
        parts = _NEAR.split(made)
        shifts = [int(number) - _MARK for number in _NEAR.findall(made)]
        out = [""] * (2 * len(shifts) + 1)
        out[::2] = parts
        for row in range(first + 1, last + 1):
            out[1::2] = [str(row + shift) for shift in shifts]
            self.fh.write("".join(out))
