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
from xlpolicy.sheets.package import SAVE_AS, Unreadable
from xlpolicy.sheets.structure import Attributes, Workbook, parse

MAX_CELLS = 1_000_000
_ADDRESS = re.compile(r"\s*\$?([A-Za-z]{1,3})\$?(\d{1,7})\s*")
Place = tuple[int, int]
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
    """A worksheet part of an .xlsx; a cell without an address stands right of the one before. Raises Unreadable."""
    cells: dict[Place, str] = {}
    row, column, rows, columns = -1, -1, 0, 0
    at, kind, inside, formula, value, filled = "", "", "", False, "", False

    def move() -> None:
        """To the address that was given last; reading it waits until somebody asks."""
        nonlocal at, row, column
        found = _ADDRESS.fullmatch(at) if at else None
        if found:
            row, column, at = int(found[2]) - 1, column_index(found[1]), ""

    def start(name: str, attributes: Attributes) -> None:
        nonlocal at, row, column, kind, inside, formula, value, filled
        if name == "c":
            given = attributes.get("r", "")
            if not given:
                move()
                column += 1
            at, kind, formula, value, filled = given, attributes.get("t", ""), False, "", False
        elif name == "row":
            given, at = attributes.get("r", "").strip(), ""
            row, column = int(given) - 1 if given.isascii() and given.isdigit() else row + 1, -1
        elif name in ("f", "v", "is"):
            inside, filled, formula = name, True, formula or name == "f"

    def end(name: str) -> None:
        nonlocal inside, rows, columns
        if name in ("f", "v", "is"):
            inside = ""
        elif name == "c" and filled:
            move()
            if kind == "e":
                cells[row, column] = value or "#VALUE!"
            elif formula and not value and kind != "str":
                cells[row, column] = ""
            rows, columns = max(rows, row + 1), max(columns, column + 1)

    def text(part: str) -> None:
        nonlocal value
        if inside == "v":
            value += part

    parse(xml, start, end, text)
    return Special(cells, rows, columns)


def ods_sheets(xml: bytes) -> list[Special]:
    """The tables of an .ods content.xml, in order. Raises Unreadable."""
    sheets: list[Special] = []
    cells: dict[Place, str] = {}
    row = column = repeat = rows = columns = filled = 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal cells, row, column, repeat, rows, columns, filled
        if name == "table":
            cells, row, rows, columns = {}, 0, 0, 0
        elif name == "table-row":
            repeat, column, filled = _repeated(attributes, "rows"), 0, 0
        elif name in ("table-cell", "covered-table-cell"):
            wide = _repeated(attributes, "columns")
            kinds = {k.partition(":")[0]: v for k, v in attributes.items() if k.rpartition(":")[2] == "value-type"}
            if kinds:
                filled = column + wide
                if "error" in kinds.values():
                    cells[row, column] = "错误值"
            elif any(k.rpartition(":")[2] == "formula" for k in attributes):
                cells[row, column] = ""
            column += wide

    def end(name: str) -> None:
        nonlocal row, rows, columns
        if name == "table":
            sheets.append(Special(cells, rows, columns))
        elif name == "table-row":
            if filled:
                rows, columns = max(rows, row + repeat), max(columns, filled)
            row += repeat

    parse(xml, start, end)
    return sheets


def _repeated(attributes: Attributes, what: str) -> int:
    said = next((v for k, v in attributes.items() if k.endswith(f"number-{what}-repeated")), "1").strip()
    return int(said) if said.isascii() and said.isdigit() else 1


class Xls(NamedTuple):
    """The worksheets of an .xls, its date system, and whether it holds sheets of macros."""

    sheets: list[Special]
    date1904: bool
    macros: bool


def xls_sheets(stream: bytes) -> Xls | None:
    """The worksheets of a BIFF8 stream in their order; None where it is password-protected (FILEPASS)."""
    starts: dict[int, int] = {}
    cells: list[dict[tuple[int, int], str]] = []
    extents: list[list[int]] = []
    index: int | None = None
    date1904 = macros = False
    for offset, code, body in _records(stream):
        if code == 0x2F and index is None:
            return None
        if code == 0x85 and len(body) >= 8:
            if body[5]:  # a sheet of macros or a chart: no worksheet
                macros = macros or body[5] in (1, 6)
                continue
            starts[struct.unpack_from("<I", body)[0]] = len(cells)
            cells.append({})
            extents.append([0, 0])
        elif code == 0x22 and len(body) >= 2:
            date1904 = body[:2] == b"\1\0"
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
    sheets = [Special(special, *extent) for special, extent in zip(cells, extents, strict=True)]
    return Xls(sheets, date1904, macros)


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    offset, end = 0, len(stream)
    while offset + 4 <= end:
        code, size = struct.unpack_from("<HH", stream, offset)
        yield offset, code, stream[offset + 4 : offset + 4 + size]
        offset += 4 + size


def xlsb_workbook(stream: bytes) -> Workbook:
    """The main part of an .xlsb: its sheets with their relations (156) and its date system (153). Raises Unreadable."""
    sheets, date1904 = [], False
    for code, body in _binary(stream):
        if code == 153 and body:
            date1904 = bool(body[0] & 1)
        elif code == 156:
            try:
                rid, at = _wide(body, 8)
                sheets.append((_wide(body, at)[0], rid))
            except struct.error:
                raise _damaged() from None
    return Workbook(tuple(sheets), date1904=date1904)


def _wide(body: bytes, at: int) -> tuple[str, int]:
    size = struct.unpack_from("<I", body, at)[0]
    size = 0 if size == 0xFFFFFFFF else size
    return body[at + 4 : at + 4 + 2 * size].decode("utf-16-le", "replace"), at + 4 + 2 * size


def xlsb_sheet(stream: bytes) -> Special:
    """A worksheet part of an .xlsb: row headers (0), cells (1..11: column first). Raises Unreadable.

    Short cells (12..18) say no column; calamine overlooks them, so they are refused.
    """
    cells: dict[Place, str] = {}
    row = rows = columns = 0
    for code, body in _binary(stream):
        if code == 0 and len(body) >= 4:
            row = struct.unpack_from("<I", body)[0]
        elif 2 <= code <= 11 and len(body) >= 8:
            column = struct.unpack_from("<I", body)[0]
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            if code in (3, 11):
                cells[row, column] = _XLS_ERRORS.get(body[8] if len(body) > 8 else -1, "错误值")
        elif 13 <= code <= 18:
            raise Unreadable("reader_limit", "里面有本程序读不了的写法（.xlsb 的短记录；文件本身没有坏）", SAVE_AS)
    return Special(cells, rows, columns)


def _binary(stream: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while offset < len(stream):
        try:
            code, offset = _variable(stream, offset, 2)
            size, offset = _variable(stream, offset, 4)
        except IndexError:
            raise _damaged() from None
        yield code, stream[offset : offset + size]
        offset += size


def _damaged() -> Unreadable:
    return Unreadable("corrupt", "文件已损坏，工作表读不完整", "请对方重新导出并发送")


def _variable(stream: bytes, offset: int, longest: int) -> tuple[int, int]:
    value = 0
    for index in range(longest):
        byte = stream[offset]
        offset += 1
        value |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            break
    return value, offset
