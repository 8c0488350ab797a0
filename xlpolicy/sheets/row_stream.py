"""Rows of an openpyxl sheet written as text while they come: a list may be long, and a cell held takes a kilobyte.

A `RowStream` is made of the look of its columns; its rows stand packed until the workbook is finished, where they are
put between the rows that openpyxl holds.
"""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from decimal import Decimal
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.sheets.text import inline, letter, row_height

_EPOCH = dt.date(1899, 12, 30).toordinal()
_ROW = re.compile(rb'<row r="(\d+)"')
_NO_ROWS = re.compile(rb"<sheetData\s*/>")
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"\s*/>')
_LEAST, _MOST = 18.0, 409.0
_CHUNK = 1 << 16


class Formula(NamedTuple):
    """A live formula and the result that stands beside it in the file. `[@field]` is that field's cell in the row."""

    text: str
    result: Decimal | int | str


Value = str | Decimal | int | dt.date | Formula | None


def cell_xml(at: str, value: Value, style: object, quoted: Callable[[], object]) -> str:
    """One cell of a worksheet. `quoted`: the same format for a text that would be evaluated when it is edited."""
    if value is None or value == "":
        return f'<c r="{at}" s="{style}"/>'
    if isinstance(value, str):
        text, risky = inline(value)
        return f'<c r="{at}" s="{quoted() if risky else style}" t="inlineStr">{text}</c>'
    if isinstance(value, Formula):
        kind, result = (' t="str"', escape(value.result)) if isinstance(value.result, str) else ("", value.result)
        return f'<c r="{at}" s="{style}"{kind}><f>{escape(value.text.removeprefix("="))}</f><v>{result}</v></c>'
    number = value.toordinal() - _EPOCH if isinstance(value, dt.date) else value
    return f'<c r="{at}" s="{style}"><v>{number}</v></c>'


class Look:
    """How a column's cells look: numbers of the workbook's formats, and what wraps in it."""

    def __init__(self, sheet: Worksheet, column: int, style: Any, width: float = 0.0) -> None:
        cell = Cell(sheet, 1, column)
        cell._style = copy(style)  # type: ignore[attr-defined]
        self.at, self.column = letter(column), column
        self.plain = cell.style_id
        self.wraps = bool(cell.alignment.wrap_text)
        self.size, self.width = float(cell.font.sz or 11), width
        self._cell, self._style = cell, style
        self._quoted = self._dated = -1

    @property
    def quoted(self) -> int:
        """For a text that would be evaluated when it is edited."""
        if self._quoted < 0:
            self._cell._style = copy(self._style)  # type: ignore[attr-defined]
            self._cell.quotePrefix = True
            self._quoted = self._cell.style_id
        return self._quoted

    @property
    def dated(self) -> int:
        """For a date: a format of its own where the column has none of dates."""
        if self._dated < 0:
            self._cell._style = copy(self._style)  # type: ignore[attr-defined]
            self._cell.value = dt.date(2026, 1, 1)
            self._dated = self._cell.style_id
        return self._dated

    def xml(self, row: int, value: Value) -> str:
        """One cell."""
        style = self.dated if isinstance(value, dt.date) else self.plain
        return cell_xml(f"{self.at}{row}", value, style, lambda: self.quoted)

    def height(self, value: Value) -> float:
        """Points that a wrapped text needs, 0 for anything else."""
        return row_height(value, self.width, self.size) if self.wraps and isinstance(value, str) else 0.0


class RowStream:
    """Rows of a sheet from row `first` on, in columns of these looks."""

    def __init__(self, sheet: Worksheet, first: int, looks: Sequence[Look]) -> None:
        self.sheet, self.first, self.next, self.looks = sheet, first, first, looks
        self._press, self._packed = zlib.compressobj(1), bytearray()

    def add(self, values: Iterable[Value], height: float = 0.0, *, fitted: bool = True) -> float:
        """One row, as high as its texts need unless `height` says how high, or nobody does (not `fitted`).

        Returns the points.
        """
        row, cells, needed = self.next, [], _LEAST
        for look, value in zip(self.looks, values, strict=True):
            cells.append(look.xml(row, value))
            if fitted and not height:
                needed = max(needed, look.height(value))
        height = min(height or needed, _MOST)
        tall = f' ht="{height:g}" customHeight="1"' if fitted else ""
        text = f'<row r="{row}"{tall}>{"".join(cells)}</row>'
        self._packed += self._press.compress(text.encode())
        self.next += 1
        return height

    def pieces(self) -> Iterator[bytes]:
        """What was added, once."""
        self._packed += self._press.flush()
        unpack, packed = zlib.decompressobj(), bytes(self._packed)
        while packed:
            yield unpack.decompress(packed, _CHUNK)
            packed = unpack.unconsumed_tail
        yield unpack.flush()


def with_rows(xml: bytes, streams: Iterable[RowStream]) -> Iterator[bytes]:
    """A worksheet part as openpyxl wrote it, with the streams' rows in their places."""
    streams = sorted((s for s in streams if s.next > s.first), key=lambda s: s.first)
    xml = _NO_ROWS.sub(b"<sheetData></sheetData>", xml, count=1)
    rows = [(int(match[1]), match.start()) for match in _ROW.finditer(xml)]
    if streams:
        last = max(streams[-1].next - 1, rows[-1][0] if rows else 0)
        wide = max(max(s.looks[-1].column for s in streams), streams[0].sheet.max_column)
        xml = _DIMENSION.sub(lambda m: b'<dimension ref="A1:%s%d"/>' % (letter(wide).encode(), last), xml, count=1)
        rows = [(int(match[1]), match.start()) for match in _ROW.finditer(xml)]
    end, done = xml.index(b"</sheetData>"), 0
    for stream in streams:
        at = next((start for number, start in rows if number >= stream.first), end)
        yield xml[done:at]
        yield from stream.pieces()
        done = at
    yield xml[done:]
