"""How far a sheet reaches, and what calamine cannot tell of it."""

from __future__ import annotations

import struct

import pytest

from xlpolicy.forms import extent
from xlpolicy.sheets.package import Unreadable


def test_column_index() -> None:
    assert [extent.column_index(c) for c in ("A", "Z", "AA", "XFD")] == [0, 25, 26, 16383]


def test_xlsx_cells() -> None:
    xml = (
        b'<sheetData><row r="2"><c r="B2" t="e"><f>A1</f><v>#REF!</v></c><c r="C2"><f>1+1</f><v></v></c>'
        b'<c r="D2"><f>1+1</f><v>2</v></c><c r="E2" t="str"><f>""</f><v></v></c><c r="XFD9" s="1"/></row></sheetData>'
    )
    assert extent.xlsx_sheet(xml) == ({(1, 1): "#REF!", (1, 2): ""}, 2, 5)
    prefixed = xml.replace(b"<sheetData>", b'<sheetData xmlns="m" xmlns:x="m">')
    assert extent.xlsx_sheet(prefixed.replace(b"<c ", b"<x:c ").replace(b"</c>", b"</x:c>")).cells == {
        (1, 1): "#REF!", (1, 2): "",
    }  # fmt: skip


def test_ods_tables() -> None:
    xml = (
        b'<office:spreadsheet xmlns:office="o" xmlns:table="t" xmlns:calcext="c">'
        b'<table:table table:name="a"><table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
        b'<table:table-row><table:table-cell table:number-columns-repeated="2"/>'
        b'<table:table-cell office:value-type="float" office:value="1"/>'
        b'<table:table-cell table:formula="of:=1/0" office:value-type="string" calcext:value-type="error"/>'
        b'<table:table-cell table:formula="of:=1"/><table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        b'<table:table-row table:number-rows-repeated="1048572"><table:table-cell/></table:table-row></table:table>'
        b'<table:table table:name="b"><table:table-row table:number-rows-repeated="1000000">'
        b'<table:table-cell office:value-type="string" table:number-columns-repeated="16384"/></table:table-row></table:table></office:spreadsheet>'
    )
    first, second = extent.ods_sheets(xml)
    assert first == ({(3, 3): "错误值", (3, 4): ""}, 4, 4)
    assert (second.rows, second.columns) == (1_000_000, 16384)
    first.check("a")
    with pytest.raises(Unreadable, match="XFD1000000"):
        second.check("b")


def record(code: int, body: bytes) -> bytes:
    return struct.pack("<HH", code, len(body)) + body


def test_xls_records() -> None:
    begin = record(0x809, bytes(16))
    sheet = (
        begin
        + record(0x203, struct.pack("<HHHd", 4, 2, 0, 8.0))
        + record(0x205, struct.pack("<HHHBB", 5, 3, 0, 0x2A, 1))
        + record(0x06, struct.pack("<HHH", 6, 1, 0) + b"\x02\0\x17\0\0\0\xff\xff" + bytes(8))
        + record(0x0A, b"")
    )
    at = len(begin) + 4 + 8
    stream = begin + record(0x85, struct.pack("<IHBB", at, 0, 1, 0)) + sheet
    assert extent.xls_sheets(stream) == ([({(5, 3): "#N/A", (6, 1): "#REF!"}, 7, 4)], False, False)
    assert extent.xls_sheets(begin + record(0x2F, bytes(6)) + sheet) is None
