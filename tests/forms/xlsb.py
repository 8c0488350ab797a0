"""A minimal .xlsb (MS-XLSB) of one sheet of texts, numbers and errors, for reading back."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from io import BytesIO

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    '<Override PartName="/xl/worksheets/sheet1.bin" ContentType="application/vnd.ms-excel.worksheet"/></Types>'
)
_RELS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" '
    'Target="{}"/></Relationships>'
)


class Error(str):
    """A cell in error: its code, e.g. 23 for #REF!."""


def _record(code: int, body: bytes = b"") -> bytes:
    head = bytes([code]) if code < 128 else bytes([code & 0x7F | 0x80, code >> 7])
    size, length = b"", len(body)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 127 else 0)])
        length >>= 7
        if not length:
            return head + size + body


def _text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def book(sheet: str, cells: Mapping[tuple[int, int], object]) -> bytes:
    """The file: `cells` by (row, column) from 0."""
    rows = sorted({row for row, _ in cells})
    last, right = max(rows), max(column for _, column in cells)
    data = [_record(129), _record(148, struct.pack("<4I", 0, last, 0, right)), _record(145)]
    for row in rows:
        data.append(_record(0, struct.pack("<IIHHBI", row, 0, 300, 0, 0, 0)))
        for (r, column), value in sorted(cells.items()):
            if r != row:
                continue
            head = struct.pack("<II", column, 0)
            if isinstance(value, Error):
                data.append(_record(3, head + bytes([int(value)])))
            elif isinstance(value, str):
                data.append(_record(6, head + _text(value)))
            else:
                data.append(_record(5, head + struct.pack("<d", value)))
    data += [_record(146), _record(130)]
    workbook = [
        _record(131), _record(143), _record(156, struct.pack("<II", 0, 1) + _text("rId1") + _text(sheet)),
        _record(144), _record(132),
    ]  # fmt: skip
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("_rels/.rels", _RELS.format("officeDocument", "xl/workbook.bin"))
        package.writestr("xl/workbook.bin", b"".join(workbook))
        package.writestr("xl/_rels/workbook.bin.rels", _RELS.format("worksheet", "worksheets/sheet1.bin"))
        package.writestr("xl/worksheets/sheet1.bin", b"".join(data))
    return out.getvalue()
