"""Structure is read by parsers: how else a workbook may be written, and what must not cost more than its file."""

from __future__ import annotations

import datetime as dt
import re
import struct
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import variants
import xlsb
from formkit import filled, one, plan, repack, told
from test_files import as_xls, form_cells, unreadable

from xlpolicy.excel.vba.compound_file import compound_file
from xlpolicy.forms import extent, opened
from xlpolicy.forms.layout import FORM_SHEET
from xlpolicy.sheets.compound import Compound
from xlpolicy.sheets.package import Unreadable

INPUTS = {"investment": Decimal("8000000")}
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "表.xlsx"


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(path: Path, content: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in content.items():
            info = zipfile.ZipInfo(name)
            info.filename = name  # a backslash stays one on every system
            package.writestr(info, data, zipfile.ZIP_DEFLATED)
    return path


def honest(path: Path) -> None:
    returned = one(path)
    assert (returned.status, returned.inputs, told(returned)) == ("ok", INPUTS, [])


# --- workbooks as other programs write them ---


def test_backslashes_in_part_names(path: Path) -> None:
    honest(packed(path, {n.replace("/", "\\"): d for n, d in parts(filled(path)).items()}))


def test_part_names_in_capitals(path: Path) -> None:
    honest(packed(path, {n.upper(): d for n, d in parts(filled(path)).items()}))


def test_a_main_part_elsewhere(path: Path) -> None:
    moved = {
        name.replace("xl/", "book/"): data.replace(b'"xl/', b'"book/').replace(b'"/xl/', b'"/book/')
        for name, data in parts(filled(path)).items()
    }
    honest(packed(path, moved))


@pytest.mark.parametrize("name", ["xl/workbook.xml", SHEET, "xl/styles.xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_parts_in_utf16(path: Path, name: str, encoding: str) -> None:
    def convert(xml: bytes) -> bytes:
        text = re.sub(r"^<\?xml.*?\?>", "", xml.decode())
        mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
        return mark + f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode(encoding)

    honest(repack(filled(path), {name: convert}))


def _annotated(path: Path) -> dict[str, bytes]:
    """A form with a note at its amount, a text box and macros."""
    variants.picture("prj_content", "实际只投了三十万")((content := parts(filled(path))), plan())
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    note = '<Relationship Id="rId8" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments" Target="../comments1.xml"/>'
    content[rels] = content[rels].replace(b"</Relationships>", f"{note}</Relationships>".encode())
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    content["xl/comments1.xml"] = (
        f'<comments xmlns="{main}"><authors><author/></authors><commentList><comment ref="{plan().by_key["in_investment"].address}" authorId="0">'
        "<text><t>单位是元</t></text></comment></commentList></comments>"
    ).encode()
    return content | {"xl/vbaProject.bin": b"x"}


@pytest.mark.parametrize("how", ["as it is", "elsewhere", "UTF-16", "backslashes", "a slash before", "a point before"])
def test_what_stands_beside_the_values_is_seen_however_the_package_is_written(path: Path, how: str) -> None:
    content = _annotated(path)
    if how == "elsewhere":
        for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
            moved = re.sub(rb'Target="(?!/)', b'Target="/xl/', content.pop(name))
            content[name.replace("xl/", "book/").replace("workbook", "main")] = moved
        for name in ("_rels/.rels", "[Content_Types].xml"):
            content[name] = content[name].replace(b"xl/workbook.xml", b"book/main.xml")
    elif how == "UTF-16":
        text = re.sub(r"^<\?xml.*?\?>", "", content[SHEET].decode())
        content[SHEET] = f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")
    elif how == "backslashes":
        targets = re.compile(b'Target="[^"]*"')
        content = {
            name.replace("/", "\\"): targets.sub(lambda m: m[0].replace(b"/", b"\\"), data)
            if name.endswith(".rels")
            else data
            for name, data in content.items()
        }
    elif how != "as it is":
        content = {("/" if how == "a slash before" else "./") + name: data for name, data in content.items()}
    returned = one(packed(path, content))
    assert (returned.status, returned.inputs) == ("ok", INPUTS), told(returned)
    assert {"comment", "text_box", "macro"} <= {code for _, code, _ in told(returned)}, told(returned)


def test_entities_in_utf16_are_refused(path: Path) -> None:
    lol = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY a "ha">]>'
    unreadable(repack(filled(path), {SHEET: lambda xml: (lol + xml.decode()).encode("utf-16")}), "xml_entity")


def test_a_sheet_name_with_an_angle_bracket(path: Path) -> None:
    def rename(xml: bytes) -> bytes:
        return xml.replace(f'name="{FORM_SHEET}"'.encode(), 'name="申请>表"'.encode())

    def error(xml: bytes) -> bytes:
        return re.sub(rb'<c r="C16"([^>]*?)(?: t="n")?>(<v>)800(</v>)', rb'<c r="C16"\1 t="e">\2#REF!\3', xml)

    returned = one(repack(filled(path), {"xl/workbook.xml": rename, SHEET: error}))
    assert returned.sheet == "申请>表"
    assert told(returned) == [("error", "error_cell", "C16")]


def test_a_sheet_that_is_commented_out_is_no_sheet(path: Path) -> None:
    def comment(xml: bytes) -> bytes:
        return xml.replace(b"<sheets>", b'<sheets><!-- <sheet name="\xe7\x94\xb2" sheetId="9" r:id="rId3"/> -->')

    honest(repack(filled(path), {"xl/workbook.xml": comment}))


def test_cells_and_rows_without_addresses(path: Path) -> None:
    xml = b'<worksheet xmlns="m"><sheetData><row><c><v>1</v></c><c t="e"><f>A1</f><v>#REF!</v></c></row><row r="4"><c/><c><f>1</f></c></row><row><c><v>1</v></c></row></sheetData></worksheet>'
    special = extent.xlsx_sheet(xml)
    assert special == ({(0, 1): "#REF!", (3, 1): ""}, 5, 2)


def test_an_error_in_a_comment_is_no_error(path: Path) -> None:
    def comment(xml: bytes) -> bytes:
        return xml.replace(b"<sheetData>", b'<sheetData><!-- <c r="C16" t="e"><f>1</f><v>#REF!</v></c> -->')

    honest(repack(filled(path), {SHEET: comment}))


def test_an_empty_sheet_with_a_row_far_down(path: Path) -> None:
    def empty(xml: bytes) -> bytes:
        row = b'<sheetData><row r="12000" ht="30" customHeight="1"/></sheetData>'
        return re.sub(rb"<sheetData>.*</sheetData>", row, xml, flags=re.S)

    honest(repack(filled(path), {"xl/worksheets/sheet2.xml": empty}))
    assert one(repack(filled(path), {SHEET: empty})).status == "not_a_form"


def test_a_number_with_blanks_around_it_is_a_limit_of_the_reader(path: Path) -> None:
    spaced = repack(filled(path), {SHEET: lambda xml: xml.replace(b"<v>800</v>", b"<v> 800 </v>")})
    returned = one(spaced)
    if returned.status != "ok":
        unreadable(spaced, "reader_limit", "没有坏")
        assert "另存为 .xlsx" in returned.problems[0].remedy


# --- compound files ---


def workbook_stream(path: Path, cells: dict[tuple[int, int], object] | None = None) -> bytes:
    compound = Compound(as_xls(cells or form_cells(filled(path))))
    assert compound.workbook is not None
    return compound.stream(compound.workbook)


@pytest.mark.parametrize("name", ["WORKBOOK", "Workbook", "workbook"])
def test_the_name_of_the_stream_in_any_case(path: Path, name: str) -> None:
    path.write_bytes(compound_file({name: workbook_stream(path)}))
    assert one(path).inputs == INPUTS


def test_objects_of_other_programs_inside(path: Path) -> None:
    stream = workbook_stream(path)
    other = workbook_stream(path, {(0, 0): "别的表"})
    inside = {"WordDocument": b"w" * 5000, "1Table": b"t", "EncryptedPackage": b"x"}
    path.write_bytes(compound_file({"A": {"Workbook": other}, "MBD0017A1B2": inside, "Workbook": stream}))
    assert one(path).inputs == INPUTS


def chained(data: bytes, number: int, following: int) -> bytes:
    """The file with one entry of its sector table changed."""
    size, first = 512, struct.unpack_from("<I", data, 76)[0]
    at = (first + 1) * size + 4 * number
    return data[:at] + struct.pack("<I", following) + data[at + 4 :]


@pytest.mark.parametrize("where", ["directory", "stream"])
def test_a_chain_that_runs_in_a_circle(path: Path, where: str) -> None:
    data = as_xls(form_cells(filled(path)))
    compound = Compound(data)
    assert compound.workbook is not None
    start = struct.unpack_from("<I", data, 48)[0] if where == "directory" else compound.workbook.start
    path.write_bytes(chained(data, start, start))
    unreadable(path, "corrupt", "成环")


def test_a_table_of_tables_that_runs_in_a_circle(path: Path) -> None:
    data = bytearray(as_xls(form_cells(filled(path))))
    end = len(data) // 512 - 1
    data += b"\xff" * 508 + struct.pack("<I", end)
    struct.pack_into("<II", data, 68, end, 1)
    path.write_bytes(bytes(data))
    unreadable(path, "corrupt", "成环")


def test_flipped_bytes_never_raise_and_change_no_value(path: Path) -> None:
    data = as_xls(form_cells(filled(path)))
    for at in (*range(24, 80), *range(512, len(data), 331)):
        spoiled = bytearray(data)
        spoiled[at] ^= 0xFF
        path.write_bytes(bytes(spoiled))
        returned = one(path)
        assert returned.status != "ok" or returned.inputs == INPUTS, at


# --- dates since 1904, short records ---


def record(code: int, body: bytes) -> bytes:
    return struct.pack("<HH", code, len(body)) + body


def test_the_1904_record_of_an_xls(path: Path) -> None:
    serial = (dt.date(2026, 1, 5) - dt.date(1904, 1, 1)).days
    at_start = plan().by_key["prj_start"]
    stream = workbook_stream(path, {**form_cells(filled(path)), (at_start.row, at_start.column): float(serial)})
    old = record(0x22, b"\0\0")
    assert stream.count(old) == 1
    path.write_bytes(compound_file({"Workbook": stream.replace(old, record(0x22, b"\1\0"))}))
    assert one(path).project["start"] == dt.date(2026, 1, 5)


def test_the_1904_record_of_an_xlsb(path: Path) -> None:
    serial = (dt.date(2026, 1, 5) - dt.date(1904, 1, 1)).days
    at_start = plan().by_key["prj_start"]
    cells = {**form_cells(filled(path)), (at_start.row, at_start.column): float(serial)}
    path.write_bytes(xlsb.book("表", cells))
    properties = bytes([0x99, 0x01, 12]) + struct.pack("<III", 1, 0, 0)

    def since1904(stream: bytes) -> bytes:
        return stream[:3] + properties + stream[3:]  # behind the record that begins the part

    assert one(repack(path, {"xl/workbook.bin": since1904})).project["start"] == dt.date(2026, 1, 5)


def test_short_cells_of_an_xlsb_are_refused_not_lost(path: Path) -> None:
    path.write_bytes(xlsb.book("表", form_cells(filled(path))))
    short = bytes([16, 12]) + struct.pack("<Id", 0, 8.0)

    def add(stream: bytes) -> bytes:
        return stream.replace(bytes([0x92, 0x01, 0]), short + bytes([0x92, 0x01, 0]))

    unreadable(repack(path, {"xl/worksheets/sheet1.bin": add}), "reader_limit", "没有坏")


# --- OpenDocument ---


def ods(path: Path, *, gap: str, number: str) -> Path:
    space = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
    rows = []
    cells = form_cells(filled(path))
    for row in range(1 + max(r for r, _ in cells)):
        line = []
        for column in range(8):
            value = cells.get((row, column), "")
            if isinstance(value, int):
                line.append(f'<table:table-cell office:value-type="float" office:value="{number.format(value)}"/>')
            elif value == "":
                line.append("<table:table-cell/>")
            else:
                line.append(
                    f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'
                )
        rows.append(f"<table:table-row>{gap}{gap.join(line)}{gap}</table:table-row>{gap}")
    xml = (
        f'<office:document-content xmlns:office="{space.format("office")}" xmlns:table="{space.format("table")}" '
        f'xmlns:text="{space.format("text")}"><office:body><office:spreadsheet><table:table table:name="表">{gap}'
        f"{''.join(rows)}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    mime = b"application/vnd.oasis.opendocument.spreadsheet"
    return packed(path, {"mimetype": mime, "content.xml": xml.encode(), "META-INF/manifest.xml": b"<manifest/>"})


def test_an_ods_without_line_breaks(path: Path) -> None:
    assert one(ods(path, gap="", number="{}")).inputs == INPUTS


@pytest.mark.parametrize(("gap", "number"), [("\n  ", "{}"), ("", " {} ")])
def test_an_ods_with_line_breaks_or_blanks_is_read_or_a_limit_never_damage(path: Path, gap: str, number: str) -> None:
    returned = one(ods(path, gap=gap, number=number))
    if returned.status != "ok":
        assert [p.code for p in returned.problems] == ["reader_limit"]
    else:
        assert returned.inputs == INPUTS


# --- one budget a file ---


def test_one_budget_of_cells_and_characters(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    honest(filled(path))
    monkeypatch.setattr(opened, "MAX_CHARACTERS", 500)
    unreadable(path, "too_large", "多得不合常理")
    path.write_text("长" * 501, encoding="utf-8")
    unreadable(path, "too_large")
    monkeypatch.undo()
    monkeypatch.setattr(opened, "MAX_CELLS", 100)
    unreadable(filled(path), "too_large")


def test_damage_is_still_damage() -> None:
    with pytest.raises(Unreadable, match="不完整"):
        Compound(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
