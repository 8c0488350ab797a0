"""How far a sheet's filled cells reach, and which cells hold an error or a formula without a result.

calamine lays a sheet out as a full rectangle and reads both kinds of cell as empty: this module looks before and
beside it. Positions are (row, column) from 0.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from xlpolicy.forms.layout import address
from xlpolicy.sheets.package import Unreadable

MAX_CELLS = 1_000_000
#: every pattern here is linear in its text: no two quantifiers compete, none runs across a "<"
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])([^<>]*)>")
_AT = re.compile(rb"""\br\s*+=\s*+["']([A-Za-z]+)(\d+)""")
_ERROR = re.compile(rb"""\bt\s*+=\s*+["']e["']""")
_STRING = re.compile(rb"""\bt\s*+=\s*+["']str["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^<>]*>([^<]*)</")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_ODS_TAG = re.compile(rb"<(/?)table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])([^<>]*?)(/?)>")
_ODS_REPEAT = re.compile(rb'table:number-(?:rows|columns)-repeated="(\d+)"')
_XLS_CELLS = frozenset((0x06, 0x203, 0x204, 0x205, 0xFD, 0x27E, 0xBD, 0xD6))
_XLS_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


class Special(NamedTuple):
    """Cells that calamine shows as empty although they are not: position -> error text ("" = no saved result)."""

    cells: dict[tuple[int, int], str]
    rows: int = 0
    columns: int = 0

    def check(self, sheet: str) -> None:
        """Refuse an extent that would not fit in memory. Raises Unreadable."""
        if self.rows * self.columns > MAX_CELLS:
            reach = address(self.rows - 1, self.columns - 1)
            got = f"工作表“{sheet}”的内容一直延伸到 {reach}，范围大得不合常理"
            raise Unreadable("too_far", got, "删去远处的多余内容（选中多余行列，右键删除）后重新保存")


def column_index(letters: str) -> int:
    """ "A" -> 0, "AA" -> 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def xlsx_sheet(xml: bytes) -> Special:
    """A worksheet part of an .xlsx."""
    cells: dict[tuple[int, int], str] = {}
    rows = columns = 0
    found = list(_CELL.finditer(xml))
    ends = [match.start() for match in found[1:]] + [len(xml)]
    for match, end in zip(found, ends, strict=True):
        attributes = match[1]
        at = _AT.search(attributes)
        body = b"" if attributes.endswith(b"/") else xml[match.end() : end].partition(b"</c>")[0]
        if at is None or not body:
            continue
        place = int(at[2]) - 1, column_index(at[1].decode())
        value = _VALUE.search(body)
        if _ERROR.search(attributes):
            cells[place] = value[1].decode("utf-8", "replace") if value else "#VALUE!"
        elif _FORMULA.search(body) and not (value and value[1]) and not _STRING.search(attributes):
            cells[place] = ""
        rows, columns = max(rows, place[0] + 1), max(columns, place[1] + 1)
    return Special(cells, rows, columns)


def ods_sheets(xml: bytes) -> list[Special]:
    """The tables of an .ods content.xml, in order."""
    sheets: list[Special] = []
    cells: dict[tuple[int, int], str] = {}
    row = column = repeat = rows = columns = filled = 0
    for closing, tag, attributes, empty in _ODS_TAG.findall(xml):
        if tag == b"table":
            if closing:
                sheets.append(Special(cells, rows, columns))
            cells, row, rows, columns = {}, 0, 0, 0
        elif tag == b"table-row":
            if closing:
                if filled:
                    rows, columns = max(rows, row + repeat), max(columns, filled)
                row += repeat
            else:
                found = _ODS_REPEAT.search(attributes)
                repeat, column, filled = int(found[1]) if found else 1, 0, 0
                row += repeat if empty else 0
        elif not closing:
            found = _ODS_REPEAT.search(attributes)
            wide = int(found[1]) if found else 1
            if b"value-type=" in attributes:
                filled = column + wide
                if b'value-type="error"' in attributes:
                    cells[row, column] = "错误值"
            elif b"table:formula=" in attributes:
                cells[row, column] = ""
            column += wide
    return sheets


def xls_sheets(stream: bytes) -> list[Special] | None:
    """The sheets of a BIFF8 stream in their order; None where it is password-protected (FILEPASS)."""
    starts: dict[int, int] = {}
    cells: list[dict[tuple[int, int], str]] = []
    extents: list[list[int]] = []
    index: int | None = None
    for offset, code, body in _records(stream):
        if code == 0x2F and index is None:
            return None
        if code == 0x85 and len(body) >= 8:
            starts[struct.unpack_from("<I", body)[0]] = len(cells)
            cells.append({})
            extents.append([0, 0])
        elif code == 0x809:
            index = starts.get(offset)
        elif index is not None and code in _XLS_CELLS and len(body) >= 6:
            row, column = struct.unpack_from("<HH", body)
            if code == 0xBD:
                column = struct.unpack_from("<H", body, len(body) - 2)[0]
            elif code == 0x205 and len(body) >= 8 and body[7]:
                cells[index][row, column] = _XLS_ERRORS.get(body[6], "错误值")
            elif code == 0x06 and len(body) >= 14 and body[12:14] == b"\xff\xff" and body[6] == 2:
                cells[index][row, column] = _XLS_ERRORS.get(body[8], "错误值")
            extents[index] = [max(extents[index][0], row + 1), max(extents[index][1], column + 1)]
    return [Special(special, *extent) for special, extent in zip(cells, extents, strict=True)]


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    offset, end = 0, len(stream)
    while offset + 4 <= end:
        code, size = struct.unpack_from("<HH", stream, offset)
        yield offset, code, stream[offset + 4 : offset + 4 + size]
        offset += 4 + size


def xlsb_sheet(stream: bytes) -> Special:
    """A worksheet part of an .xlsb: row headers (0), cells (1..11: column first). Raises Unreadable."""
    cells: dict[tuple[int, int], str] = {}
    row = rows = columns = offset = 0
    try:
        while offset < len(stream):
            code, offset = _variable(stream, offset, 2)
            size, offset = _variable(stream, offset, 4)
            if code == 0 and size >= 4:
                row = struct.unpack_from("<I", stream, offset)[0]
            elif 2 <= code <= 11 and size >= 8:
                column = struct.unpack_from("<I", stream, offset)[0]
                rows, columns = max(rows, row + 1), max(columns, column + 1)
                if code in (3, 11):
                    cells[row, column] = _XLS_ERRORS.get(stream[offset + 8], "错误值")
            offset += size
    except (IndexError, struct.error):
        raise Unreadable("corrupt", "文件已损坏，工作表读不完整", "请对方重新导出并发送") from None
    return Special(cells, rows, columns)


def _variable(stream: bytes, offset: int, longest: int) -> tuple[int, int]:
    value = 0
    for index in range(longest):
        byte = stream[offset]
        offset += 1
        value |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            break
    return value, offset
