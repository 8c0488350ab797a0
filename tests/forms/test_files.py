"""What kinds of file come back, by content and never by name; and what is done to harm us."""

from __future__ import annotations

import csv
import datetime as dt
import struct
import zipfile
import zlib
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

import pytest
import xlsb
import xlwt
from formkit import HONEST, at, edited, filled, one, read, repack, told
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.excel.vba.compound_file import compound_file
from xlpolicy.forms.extent import MAX_CELLS
from xlpolicy.forms.layout import FORM_SHEET
from xlpolicy.forms.read import member_name, open_file
from xlpolicy.sheets import package

INPUTS = {"investment": Decimal("8000000")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "表.xlsx"


def form_cells(path: Path) -> dict[tuple[int, int], object]:
    sheet = load_workbook(path)[FORM_SHEET]
    return {
        (cell.row - 1, cell.column - 1): cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None
    }  # fmt: skip


def as_xls(cells: dict[tuple[int, int], object]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for (row, column), value in cells.items():
        sheet.write(row, column, value)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(cells: dict[tuple[int, int], object]) -> str:
    rows = [["" for _ in range(6)] for _ in range(1 + max(row for row, _ in cells))]
    for (row, column), value in cells.items():
        rows[row][column] = str(value)
    out = StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def unreadable(path: Path, code: str, *words: str) -> None:
    returned = one(path)
    assert (returned.status, [p.code for p in returned.problems]) == ("unreadable", [code])
    (problem,) = returned.problems
    assert problem.severity == "error"
    assert problem.remedy
    for word in words:
        assert word in problem.got


# --- formats ---


def test_an_xls_under_the_name_xlsx(path: Path) -> None:
    path.write_bytes(as_xls(form_cells(filled(path))))
    returned = one(path)
    assert (returned.status, returned.inputs, returned.sheet) == ("ok", INPUTS, "Sheet1")
    assert returned.cells["in_investment"] == "Sheet1!C16"


def test_an_xlsx_under_any_name(tmp_path: Path) -> None:
    for name in ("表.xls", "表.et", "表.csv", "表", "表.pdf"):
        assert one(filled(tmp_path / name)).inputs == INPUTS


def test_an_error_in_an_xls_is_never_nothing(path: Path) -> None:
    cells = form_cells(filled(path))
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for (row, column), value in cells.items():
        sheet.write(row, column, value)
    sheet.row(18).set_cell_error(2, "#REF!")
    book.save(path)
    assert told(one(path)) == [("error", "error_cell", "C19")]


def test_an_xlsb(path: Path) -> None:
    path.write_bytes(xlsb.book("表", form_cells(filled(path))))
    returned = one(path)
    assert (returned.status, returned.inputs, returned.sheet) == ("ok", INPUTS, "表")


def test_an_error_in_an_xlsb_is_never_nothing(path: Path) -> None:
    path.write_bytes(xlsb.book("表", {**form_cells(filled(path)), (18, 2): xlsb.Error("23")}))
    returned = one(path)
    assert told(returned) == [("warning", "not_seen", ""), ("error", "error_cell", "C19")]
    assert returned.problems[1].got == "单元格是错误值 #REF!"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_csv(tmp_path: Path, path: Path, encoding: str) -> None:
    text = as_csv(form_cells(filled(path, in_investment="800", prj_start="2026年1月5日")))
    (tmp_path / "表.csv").write_bytes(text.encode(encoding))
    returned = one(tmp_path / "表.csv")
    assert (returned.status, returned.inputs) == ("ok", INPUTS)
    assert returned.cells["in_investment"] == "C16"
    assert returned.project["start"] == dt.date(2026, 1, 5)


def test_a_csv_with_tabs_or_semicolons(tmp_path: Path, path: Path) -> None:
    cells = form_cells(filled(path))
    for delimiter in "\t;":
        rows = list(csv.reader(StringIO(as_csv(cells))))
        out = StringIO()
        csv.writer(out, delimiter=delimiter).writerows(rows)
        (tmp_path / "表.csv").write_text(out.getvalue(), encoding="utf-8")
        assert one(tmp_path / "表.csv").inputs == INPUTS


# --- what cannot be read, each with its reason ---


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (b"", "empty_file", "0 字节"),
        (b"%PDF-1.7\n...", "pdf", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "image", "图片"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "image", "图片"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "image", "图片"),
        (b"Rar!\x1a\x07\0" + bytes(50), "archive", "RAR"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), "archive", "7z"),
        (b"{\\rtf1 ...}", "word", "Word"),
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "html", "网页"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "xml2003", "XML"),
        (b"From: a@example.com\r\nTo: b@example.com\r\nMIME-Version: 1.0\r\n\r\n<html></html>", "mail", "邮件"),
        (b"Received: from a\n\tby b\nFrom: =?gbk?B?xOO6ww==?= <a@example.com>\nSubject: x\n\nx", "mail", "邮件"),
        (b"From: <Saved by Blink>\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\n", "html", ".mht"),
        (b"\x78\x9f\x3e\x22" + bytes(50), "mail", "winmail.dat"),
        (b"L\0\0\0\x01\x14\x02\0" + bytes(50), "not_spreadsheet", "快捷方式"),
        (b"[InternetShortcut]\r\nURL=http://example.com/\r\n", "not_spreadsheet", "快捷方式"),
        (b"a.xlsx".ljust(257, b"\0") + b"ustar\x0000" + bytes(300), "archive", "tar"),
        (b"ID;PWXL;N;E\r\nC;Y1;X1;K1\r\nE\r\n", "reader_limit", "SYLK"),
        (b'<?xml version="1.0"?><office:document xmlns:office="x"/>', "reader_limit", ".fods"),
        (b"\0\0\0\x18ftypmp42" + bytes(50), "not_spreadsheet", "录像"),
        (bytes(range(256)) * 4, "unknown_format", "认不出"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "truncated", "不完整"),
        ("\ufeff \n \n".encode(), "empty_file", "没有内容"),
    ],
)
def test_no_spreadsheet(path: Path, content: bytes, code: str, word: str) -> None:
    path.write_bytes(content)
    unreadable(path, code, word)


def ole(*streams: str) -> bytes:
    """Enough of a compound file to be told by its directory."""
    names = b"".join(name.encode("utf-16-le").ljust(64, b"\0") + bytes(64) for name in ("Root Entry", *streams))
    return (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + names).ljust(8192, b"\0")


def test_a_word_file(path: Path) -> None:
    path.write_bytes(ole("WordDocument"))
    unreadable(path, "word", ".doc")
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("word/document.xml", "<w/>")
    unreadable(path, "word", ".docx")


def test_an_outlook_mail(path: Path) -> None:
    path.write_bytes(compound_file({"__properties_version1.0": bytes(32), "__substg1.0_0037001F": b"x"}))
    unreadable(path, "mail", ".msg")


def test_an_et_of_its_own_format(path: Path) -> None:
    path.write_bytes(ole("ET Document"))
    unreadable(path, "et", ".et")


def test_an_et_that_is_an_xls_within(tmp_path: Path, path: Path) -> None:
    (tmp_path / "表.et").write_bytes(as_xls(form_cells(filled(path))))
    assert one(tmp_path / "表.et").inputs == INPUTS


def encrypted(path: Path, password: str) -> Path:
    from msoffcrypto.format.ooxml import OOXMLFile

    plain, out = BytesIO(path.read_bytes()), BytesIO()
    OOXMLFile(plain).encrypt(password, out)
    path.write_bytes(out.getvalue())
    return path


def test_a_password(path: Path) -> None:
    unreadable(encrypted(filled(path), "secret"), "password", "密码")


def test_a_file_that_excel_opens_without_asking(path: Path) -> None:
    assert one(encrypted(filled(path), "VelvetSweatshop")).inputs == INPUTS


def test_an_ods_with_a_password(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", bytes(100))
        file.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    unreadable(path, "password", "密码")


def test_a_zip_with_a_password(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.xlsx", b"x")
    data = bytearray(path.read_bytes())
    data[data.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    unreadable(path, "password", "密码")


@pytest.mark.parametrize("part", [0.02, 0.3, 0.9, 0.999])
def test_a_truncated_xlsx(path: Path, part: float) -> None:
    data = filled(path).read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    unreadable(path, "truncated", "不完整")


@pytest.mark.parametrize("size", [600, 3000])
def test_a_truncated_xls(path: Path, size: int) -> None:
    data = as_xls(form_cells(filled(path)))
    path.write_bytes(data[:size])
    assert one(path).status == "unreadable"


def test_damage_inside(path: Path) -> None:
    data = bytearray(filled(path).read_bytes())
    with zipfile.ZipFile(BytesIO(data)) as file:
        info = file.getinfo("xl/worksheets/sheet1.xml")
    data[info.header_offset + 30 + len(info.filename)] = 0xFF  # no such kind of block
    path.write_bytes(bytes(data))
    unreadable(path, "corrupt", "损坏")


def test_a_workbook_without_its_sheet(path: Path) -> None:
    unreadable(repack(filled(path), {"xl/worksheets/sheet1.xml": None}), "corrupt")


def test_a_file_that_is_not_there(path: Path) -> None:
    unreadable(path, "io", "打不开")


# --- a zip of several ---


def test_a_zip_of_forms(tmp_path: Path, path: Path) -> None:
    form = filled(path).read_bytes()
    target = tmp_path / "包.zip"
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("甲/表.xlsx", form)
        file.writestr("乙.xls", as_xls(form_cells(filled(path, in_investment="约5"))))
        file.writestr("说明.docx", b"")
        file.writestr("__MACOSX/._甲", b"x")
        file.writestr("../../etc/丙.xlsx", form)
        file.writestr("C:\\windows\\丁.xlsx", form)
    found = read(target)
    assert [(r.file, r.member, r.status) for r in found] == [
        ("包.zip", "甲/表.xlsx", "ok"),
        ("包.zip", "乙.xls", "needs_correction"),
        ("包.zip", "说明.docx", "unreadable"),
        ("包.zip", "etc/丙.xlsx", "ok"),
        ("包.zip", "C_/windows/丁.xlsx", "ok"),
    ]
    assert not (tmp_path / "etc").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["包.zip", "表.xlsx"]


def test_member_names_from_a_chinese_windows(tmp_path: Path, path: Path) -> None:
    name = "福州公司.xlsx".encode("gbk")
    target = tmp_path / "包.zip"
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("x" * len(name), filled(path).read_bytes())
    target.write_bytes(target.read_bytes().replace(b"x" * len(name), name))
    assert one(target).member == "福州公司.xlsx"


def test_a_zip_in_a_zip(tmp_path: Path) -> None:
    inner = BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("a.xlsx", b"x")
    target = tmp_path / "包.zip"
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("内.zip", inner.getvalue())
    unreadable(target, "nested_archive", "压缩包")
    with zipfile.ZipFile(target, "w"):
        pass
    unreadable(target, "empty_archive")


def test_member_name() -> None:
    assert member_name("../../a.xlsx") == "a.xlsx"
    assert member_name("/etc/passwd") == "etc/passwd"
    assert member_name("..\\..\\a.xlsx") == "a.xlsx"
    assert member_name('con:<a>"\x01.xlsx') == "con__a___.xlsx"
    assert member_name("..") == "未命名"


# --- attacks ---


def test_declared_bombs(path: Path) -> None:
    """A 63 KB file that loads as a 60 MB cell."""
    for size in (60 * 2**20, 5 * 2**20):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("xl/workbook.xml", "<workbook/>")
            file.writestr("xl/sharedStrings.xml", b"A" * size)
        assert path.stat().st_size < 100_000
        unreadable(path, "zip_bomb", "压缩炸弹")


def test_a_bomb_that_lies_about_its_size(path: Path) -> None:
    def lie(data: bytes) -> bytes:
        return data.replace(b"</sheets>", b"</sheets>" + b" " * 900_000)

    data = bytearray(repack(filled(path), {"xl/workbook.xml": lie}).read_bytes())
    with zipfile.ZipFile(BytesIO(data)) as file:
        info = file.getinfo("xl/workbook.xml")
        body = file.read(info)
    assert len(body) > 900_000
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        head = data.find(b"xl/workbook.xml", data.find(signature)) if signature == b"PK\x03\x04" else -1
        start = data.rfind(signature, 0, data.rfind(b"xl/workbook.xml") if head < 0 else head)
        struct.pack_into("<I", data, start + offset, 2000)
    path.write_bytes(bytes(data))
    unreadable(path, "zip_bomb", "压缩包里写的不符")


def test_too_many_parts(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for number in range(package.MAX_ENTRIES + 1):
            file.writestr(f"{number}", b"")
    unreadable(path, "zip_bomb")


def test_overlapping_parts(path: Path) -> None:
    """Many directory entries over the same packed bytes (the 42 KB to petabytes construction)."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(b"A" * 500_000) + packed.flush()
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(body), 500_000, 1, 0) + b"a" + body
    central = b""
    for number in range(60):
        name = f"{number:02d}.xml".encode()
        central += (
            struct.pack(
                "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, len(body), 500_000, len(name), 0, 0, 0, 0, 0, 0
            )
            + name
        )
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 60, 60, len(central), len(local), 0)
    path.write_bytes(local + central + end)
    unreadable(path, "corrupt", "重叠")


def test_two_parts_of_one_name(path: Path) -> None:
    data = filled(path).read_bytes()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        with pytest.warns(UserWarning, match="Duplicate"):
            new.writestr("xl/workbook.xml", old.read("xl/workbook.xml"))
    unreadable(path, "corrupt", "同名")


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]
)
def test_entities(path: Path, part: str) -> None:
    lol = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'

    def declare(xml: bytes) -> bytes:
        return lol + (xml.partition(b"?>")[2] if xml.startswith(b"<?xml") else xml)

    unreadable(repack(filled(path), {part: declare}), "xml_entity", "实体")


def test_an_entity_behind_a_long_comment(path: Path) -> None:
    long = b'<?xml version="1.0"?><!--' + b"x" * 5000 + b'--><!DOCTYPE a [<!ENTITY a "ha">]>'
    unreadable(repack(filled(path), {"xl/worksheets/sheet1.xml": lambda xml: long + xml}), "xml_entity")


@pytest.mark.parametrize("where", ["XFD1048576", "A1048576", "ZZZ1", "xfd1048576"])
def test_a_cell_at_the_end_of_the_world(path: Path, where: str) -> None:
    """calamine would lay out 17 billion cells."""
    row = "".join(c for c in where if c.isdigit())

    def add(xml: bytes) -> bytes:
        cell = f'<row r="{row}"><c r="{where}" t="str"><v>x</v></c></row></sheetData>'
        return xml.replace(b"</sheetData>", cell.encode())

    filled(path)
    if where == "ZZZ1":  # far, but few cells altogether
        returned = one(repack(path, {"xl/worksheets/sheet1.xml": add}))
        assert returned.inputs == INPUTS
        return
    unreadable(repack(path, {"xl/worksheets/sheet1.xml": add}), "too_far", FORM_SHEET, where.upper()[-7:])


def test_one_styled_cell_far_out_is_harmless(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["XFD1048576"].number_format = "0.00"

    assert one(edited(path, change)).inputs == INPUTS


def test_a_far_cell_in_an_xlsb_and_an_xls(path: Path) -> None:
    cells = form_cells(filled(path))
    path.write_bytes(xlsb.book("表", {**cells, (1_000_000, 5): "x"}))
    unreadable(path, "too_far")
    path.write_bytes(as_xls({**cells, (65535, 255): "x"}))
    unreadable(path, "too_far", "IV65536")
    assert MAX_CELLS < 65536 * 256


def test_a_very_long_sheet_is_read_to_a_limit_and_says_so(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["A2001"] = "后面还有"

    returned = one(edited(path, change))
    assert (returned.inputs, told(returned)) == (INPUTS, [("warning", "cut", "")])
    assert returned.problems[0].got == "工作表超过 2000 行，其后没有读取"
    path.write_text(as_csv(form_cells(filled(path))) + "\n" * 3000, encoding="utf-8")
    assert told(one(path)) == [("warning", "cut", "")]


def test_a_text_without_end(path: Path) -> None:
    assert told(one(filled(path, prj_content="长" * 4001))) == [("error", "too_long", at("prj_content"))]


@pytest.mark.parametrize("junk", [b"<c r" * 400_000, b"<c>" * 400_000, b"<c r='A1' t='e'>" * 100_000, b"a" * 900_000])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_no_part_makes_the_search_slow(path: Path, part: str, junk: bytes) -> None:
    """A search that is quadratic in the junk needs hours, and so fails by the time limit of the whole run."""

    def add(xml: bytes) -> bytes:
        return xml.replace(b"<sheetData>", b"<sheetData><f>" + junk).replace(b"<sheets>", b"<sheets><sheet " + junk)

    filled(path)
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as new:
        for name, content in parts.items():
            new.writestr(name, add(content) if name == part else content)
    assert one(path).status in ("unreadable", "ok", "needs_correction", "not_a_form")


def test_macros_are_told_and_not_run(path: Path) -> None:
    returned = one(repack(filled(path), {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}))
    assert (returned.status, returned.inputs, told(returned)) == ("ok", INPUTS, [("warning", "macro", "")])


def test_external_links_are_told_and_not_followed(path: Path) -> None:
    returned = one(repack(filled(path), {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}))
    assert (returned.status, told(returned)) == ("ok", [("warning", "external_link", "")])


@pytest.mark.parametrize(
    "name",
    ['=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "＝1+1", "=WEBSERVICE(1)"],
)
def test_formula_injection_stays_text_all_the_way(path: Path, name: str) -> None:
    """Written by us as text, read back as text; a live formula in its place is no text and is sent back."""
    returned = one(filled(path, ent_name=name, ent_account_name=name))
    assert (returned.status, returned.enterprise["name"]) == ("ok", name.strip())
    cell = load_workbook(path)[FORM_SHEET][at("ent_name")]
    assert (cell.data_type, cell.value) == ("s", name)
    assert cell.quotePrefix


def test_a_live_formula_as_a_name(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["B5"] = '=HYPERLINK("http://x","福州公司")'

    assert told(one(edited(path, change))) == [("error", "formula_unsaved", "B5")]


def test_one_bad_sheet_does_not_hide_the_others(tmp_path: Path, path: Path) -> None:
    """A zip with a bomb beside an honest form gives both."""
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", b"A" * 5 * 2**20)
    target = tmp_path / "包.zip"
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("a.xlsx", bomb.getvalue())
        file.writestr("b.xlsx", filled(path).read_bytes())
    bad, good = read(target)
    assert (bad.status, [p.code for p in bad.problems]) == ("unreadable", ["zip_bomb"])
    assert (good.status, good.inputs) == ("ok", INPUTS)


def test_the_file_itself_is_left_alone(path: Path) -> None:
    before = filled(path).read_bytes()
    (source,) = open_file(path)
    assert source.book is not None
    assert source.book.sheets[0] == FORM_SHEET
    assert one(path).enterprise["name"] == HONEST["ent_name"]
    assert path.read_bytes() == before


def test_a_numbers_file_is_one_row(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as made:
        for name in ("Index/Document.iwa", "Index/Tables/Tile.iwa", "Metadata/Properties.plist", "preview.jpg"):
            made.writestr(name, b"x")
    returned = one(path)
    assert (returned.status, [p.code for p in returned.problems]) == ("unreadable", ["numbers"])
    assert "导出为 Excel" in returned.problems[0].remedy
