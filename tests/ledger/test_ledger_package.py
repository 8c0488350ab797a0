"""Adding a sheet to other people's packages, and making packages reproducible."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.datavalidation import DataValidation

from xlpolicy.sheets.files import packed, zipped
from xlpolicy.sheets.insert import NotExtendable, add_sheet, book_of
from xlpolicy.sheets.openpyxl_book import Result, finished
from xlpolicy.sheets.sheetxml import Sheet
from xlpolicy.sheets.text import letter, row_height, text_width, tidy


def sheet(*texts: str) -> Sheet:
    made = Sheet("核定意见", (20, 40))
    for text in texts or ("甲",):
        made.add(("项", "label"), (text, "text"))
    made.add(("金额", "label"), (Decimal("240000.05"), "money"))
    return made


def saved(book: Workbook) -> bytes:
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def rewritten(package: bytes, **parts: bytes) -> bytes:
    """The package with parts changed: `workbook`, `styles`, `rels`, `types`."""
    names = {
        "workbook": "xl/workbook.xml", "styles": "xl/styles.xml",
        "rels": "xl/_rels/workbook.xml.rels", "types": "[Content_Types].xml",
    }  # fmt: skip
    changed = {names[key]: data for key, data in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            target.writestr(info.filename, changed.get(info.filename, source.read(info)))
    return out.getvalue()


def part(package: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.read(name)


def test_values_formats_and_fonts() -> None:
    book = load_workbook(io.BytesIO(book_of(sheet("乙"), {"title": "A", "heading": "B", "body": "C"})))
    assert book.sheetnames == ["核定意见"]
    cells = book["核定意见"]
    assert [[c.value for c in row] for row in cells.iter_rows()] == [["项", "乙"], ["金额", 240000.05]]
    assert cells["B2"].number_format == "#,##0.00"
    assert (cells["A1"].font.name, cells["B1"].font.name) == ("B", "C")
    assert cells["B1"].border.left.style == "thin"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r\n=1", "＝1", "=cmd|' /C calc'!A0", '=WEBSERVICE("x")']
)
def test_text_is_never_a_formula(text: str) -> None:
    cell = load_workbook(io.BytesIO(book_of(sheet(text))))["核定意见"]["B1"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert cell.value == tidy(text)


def test_ordinary_text_has_no_prefix_mark() -> None:
    assert not load_workbook(io.BytesIO(book_of(sheet("示例"))))["核定意见"]["B1"].quotePrefix


def test_text_that_a_cell_cannot_hold() -> None:
    text = "a\x00b\x0b\ud800c<&>]]>_x0041_\r\nd"
    assert load_workbook(io.BytesIO(book_of(sheet(text))))["核定意见"]["B1"].value == "abc<&>]]>_x005F_x0041_\nd"
    assert len(tidy("字" * 40_000)) <= 32_767


def test_what_is_there_stays_and_names_do_not_collide() -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "核定意见"
    first["A1"] = "=1+1"
    first.add_data_validation(DataValidation("list", formula1='"是,否"', sqref="B1"))
    before = saved(book)
    after = add_sheet(io.BytesIO(add_sheet(io.BytesIO(before), sheet())), sheet())
    assert load_workbook(io.BytesIO(after)).sheetnames == ["核定意见", "核定意见2", "核定意见3"]
    assert part(after, "xl/worksheets/sheet1.xml") == part(before, "xl/worksheets/sheet1.xml")
    again = load_workbook(io.BytesIO(after))["核定意见"]
    assert again["A1"].value == "=1+1"
    assert again.data_validations.dataValidation[0].formula1 == '"是,否"'


def test_prefixed_spreadsheetml_is_extended_in_its_own_prefix() -> None:
    """Other programs write <x:workbook>; the inserted elements must bear the same prefix."""
    plain = saved(Workbook())
    swapped = {}
    for key, name in (("workbook", "xl/workbook.xml"), ("styles", "xl/styles.xml")):
        xml = part(plain, name).decode()
        xml = xml.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x=")
        swapped[key] = xml.encode()
    after = add_sheet(io.BytesIO(rewritten(plain, **swapped)), sheet())
    assert b'<x:sheet name="' in part(after, "xl/workbook.xml")
    book = load_workbook(io.BytesIO(after))
    assert book["核定意见"]["B2"].number_format == "#,##0.00"


def test_the_order_of_attributes_and_counts_is_kept() -> None:
    after = add_sheet(io.BytesIO(saved(Workbook())), sheet())
    styles = part(after, "xl/styles.xml").decode()
    assert 'cellXfs count="17"' in styles  # one of openpyxl, eight styles, eight with quotePrefix
    assert styles.count("<xf ") == 17 + 1  # and the cellStyleXfs


@pytest.mark.parametrize(
    "broken",
    [
        b"no zip",
        b"PK\x03\x04truncated",
        rewritten(saved(Workbook()), workbook=b"<workbook"),
        rewritten(saved(Workbook()), workbook=b'<!DOCTYPE x [<!ENTITY e "1">]><workbook>&e;</workbook>'),
        rewritten(
            saved(Workbook()),
            workbook=b"<workbook xmlns='http://purl.oclc.org/ooxml/spreadsheetml/main'><sheets/></workbook>",
        ),
        rewritten(saved(Workbook()), workbook="<workbook/>".encode("utf-16")),
        rewritten(saved(Workbook()), styles=b"<styleSheet/>"),
        rewritten(saved(Workbook()), rels=b"<Relationships xmlns='x'></Relationships>"),
    ],
)
def test_what_cannot_be_extended_is_refused(broken: bytes) -> None:
    with pytest.raises(NotExtendable):
        add_sheet(io.BytesIO(broken), sheet())


def test_a_package_too_large_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/big.xml", b"0" * (65 * 2**20))
    with pytest.raises(NotExtendable):
        add_sheet(out, sheet())


def test_finished_takes_the_time_out_and_puts_the_results_in() -> None:
    def made(**results: Result) -> bytes:
        book = Workbook()
        first = book.active
        assert first is not None
        first.title = "甲"
        first["A1"], first["A2"], first["A3"], first["A4"] = 2, "=A1*2", '=IF(A1>3,"<大>","")', '=IF(A1>1,"<大>","")'
        return finished(book, {"甲": results}, "2026-06-30T00:00:00Z")

    import time

    one = made(A2=Decimal(4), A3="", A4="<大>")
    time.sleep(1.1)
    assert made(A2=Decimal(4), A3="", A4="<大>") == one
    shown = load_workbook(io.BytesIO(one), data_only=True)["甲"]
    assert [shown[f"A{row}"].value for row in (2, 3, 4)] == [4, None, "<大>"]
    assert b'<c r="A3" t="str"><f>' in part(one, "xl/worksheets/sheet1.xml")
    assert load_workbook(io.BytesIO(one))["甲"]["A2"].value == "=A1*2"
    with pytest.raises(ValueError, match="no formula in A1"):
        made(A1=4)


def test_measures() -> None:
    assert [letter(n) for n in (1, 26, 27, 703)] == ["A", "Z", "AA", "AAA"]
    assert text_width("企业ab") == pytest.approx(6.1)
    one, two = row_height("企" * 9, 20, 11), row_height("企" * 10, 20, 11)
    assert two > one
    assert row_height("a\nb\nc", 20, 11) == row_height("企" * 27, 20, 11)


@pytest.mark.parametrize("stored", [False, True])
def test_our_zips_are_those_of_the_library(stored: bool) -> None:
    """Byte for byte as zipfile writes the same parts; and taken over packed as they were packed."""
    parts: list[tuple[str | zipfile.ZipInfo, bytes]] = [
        ("甲.xml", b"<a/>" * 500), ("b.xml", b""), (zipfile.ZipInfo("c", (2026, 5, 6, 7, 8, 10)), b"zz"),
    ]  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as library:
        for entry, data in parts:
            info = entry if isinstance(entry, zipfile.ZipInfo) else zipfile.ZipInfo(entry, (1980, 1, 1, 0, 0, 0))
            info = zipfile.ZipInfo(info.filename, info.date_time)
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            info.create_system = info.external_attr = 0
            library.writestr(info, data, compresslevel=6)
    made = zipped(parts, stored=stored)
    assert made == out.getvalue()
    taken = [packed(made, info) for info in zipfile.ZipFile(io.BytesIO(made)).infolist()]
    assert zipped(part for part in taken if part is not None) == made
