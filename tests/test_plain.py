"""A bureau's template is filled alike, however the program that saved it writes its XML."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from lxml import etree
from openpyxl import load_workbook

from xlpolicy.cli import main
from xlpolicy.sheets import template
from xlpolicy.sheets.files import zipped
from xlpolicy.sheets.plain import plain
from xlpolicy.sheets.template import every

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def ok(*words: object) -> None:
    assert main([str(word) for word in words]) in (0, 1)


def every_part(path: Path, change: Callable[[Any], bytes]) -> bytes:
    """A workbook whose XML parts are all written again."""
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    return zipped(
        (name, change(etree.fromstring(xml)) if name.endswith((".xml", ".rels")) else xml)
        for name, xml in parts.items()
    )


def prefixed(root: Any) -> bytes:
    """As the Open XML SDK writes: <x:worksheet>."""
    if root.nsmap.get(None) != MAIN:
        return bytes(etree.tostring(root))
    made = etree.Element(root.tag, dict(root.attrib), nsmap={"x" if k is None else k: v for k, v in root.nsmap.items()})
    made.extend(list(root))
    written = bytes(etree.tostring(made))
    assert b"<x:" in written
    return written


def commented(root: Any) -> bytes:
    for element in list(root.iter("{*}sheets", "{*}row", "{*}Override", "{*}Relationship")):
        element.addprevious(etree.Comment('<c r="A1"><v>1</v></c>'))
    return bytes(etree.tostring(root))


def in_utf16(root: Any) -> bytes:
    return bytes(etree.tostring(root, encoding="UTF-16", xml_declaration=True))


def single_quoted(root: Any) -> bytes:
    """Single quotes, attributes from the last to the first, each on a line, no element closed at once."""
    spaces = {uri: prefix for prefix, uri in root.nsmap.items()}

    def name(tag: str, *, attribute: bool = False) -> str:
        found = etree.QName(tag)
        prefix = {"http://www.w3.org/XML/1998/namespace": "xml"}.get(found.namespace) or spaces.get(found.namespace)
        return f"{prefix}:{found.localname}" if prefix and (found.namespace or not attribute) else found.localname

    def laid(element: Any) -> str:
        own = {uri: prefix for prefix, uri in element.nsmap.items()}
        new = element.nsmap if element is root else {p: u for u, p in own.items() if u not in spaces}
        spaces.update(own)
        said = [(name(key, attribute=True), value) for key, value in element.attrib.items()]
        said += [(f"xmlns:{prefix}" if prefix else "xmlns", uri) for prefix, uri in new.items()]
        quoted = "".join(f"\n {key}='{escape(value, {chr(39): '&apos;'})}'" for key, value in reversed(said))
        inside = escape(element.text or "") + "".join(laid(child) + escape(child.tail or "") for child in element)
        return f"<{name(element.tag)}{quoted}>{inside}</{name(element.tag)}>"

    return f"<?xml version='1.0' encoding='UTF-8'?>{laid(root)}".encode()


def shown(path: Path) -> dict[str, Any]:
    """What every sheet says and how it is laid out."""
    book = load_workbook(path)
    return {
        sheet.title: (
            [[cell.value for cell in row] for row in sheet],
            [[(cell.font.sz, cell.number_format, cell.alignment.wrap_text, cell.protection.locked) for cell in row] for row in sheet],
            sorted(map(str, sheet.merged_cells.ranges)),
            sorted((str(rule.sqref), rule.formula1) for rule in sheet.data_validations.dataValidation),
            {row: line.height for row, line in sheet.row_dimensions.items()},
            sheet.print_area, sheet.print_title_rows, sheet.oddFooter.center.text,
        )
        for sheet in book
    } | {"": {name: found.attr_text for name, found in book.defined_names.items()}}  # fmt: skip


@pytest.mark.parametrize("change", [prefixed, commented, in_utf16, single_quoted], ids=lambda f: f.__name__)
@pytest.mark.parametrize("asked", [["tech_upgrade"], ["tech_upgrade", "pilot_test_income"], ["tech_upgrade", "--rows", "3"]], ids=["one", "two", "list"])  # fmt: skip
def test_a_form(change: Callable[[Any], bytes], asked: list[str], tmp_path: Path) -> None:
    own = tmp_path / "申请表.xlsx"
    own.write_bytes(every_part(template.find("申请表.xlsx"), change))
    for name, look in (("own", own), ("built_in", template.find("申请表.xlsx"))):
        ok("form", "福州", *asked, "--on", "2026-06-30", "--template", look, "-o", tmp_path / f"{name}.xlsx")
    assert shown(tmp_path / "own.xlsx") == shown(tmp_path / "built_in.xlsx")


@pytest.mark.parametrize("change", [prefixed, single_quoted], ids=lambda f: f.__name__)
def test_a_ledger_with_its_chart(change: Callable[[Any], bytes], tmp_path: Path) -> None:
    (tmp_path / "收件").mkdir()
    ok("form", "福州", "tech_upgrade", "--on", "2026-06-30", "-o", tmp_path / "收件" / "空白.xlsx")
    own = tmp_path / "台账.xlsx"
    own.write_bytes(every_part(template.find(), change))
    for name, look in (("own", own), ("built_in", template.find())):
        ok("fill", tmp_path / "收件", "--on", "2026-06-30", "--template", look, "-o", tmp_path / name)
    one, other = tmp_path / "own" / "台账.xlsx", tmp_path / "built_in" / "台账.xlsx"
    assert shown(one) == shown(other)
    charts = [zipfile.ZipFile(path).read("xl/charts/chart1.xml") for path in (one, other)]
    assert etree.tostring(etree.fromstring(charts[0]), method="c14n") == etree.tostring(etree.fromstring(charts[1]), method="c14n")  # fmt: skip


def test_what_spreadsheet_programs_write_stays_as_it_is() -> None:
    for path in every():
        if path.suffix == ".xlsx":
            data = path.read_bytes()
            assert plain(data) is data, path.name


def test_a_prefix_that_other_parts_are_told_of_stays() -> None:
    """mc:Ignorable names prefixes; only the part's own namespace loses its."""
    xml = (
        f'<x:worksheet xmlns:x="{MAIN}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:x14ac="urn:a"'
        ' mc:Ignorable="x14ac"><x:sheetData><x:row r="1" x14ac:dyDescent="0.2"/></x:sheetData></x:worksheet>'
    )
    with zipfile.ZipFile(io.BytesIO(plain(zipped([("xl/worksheets/sheet1.xml", xml.encode())])))) as whole:
        again = whole.read("xl/worksheets/sheet1.xml").decode()
    assert f'<worksheet xmlns="{MAIN}"' in again and ' mc:Ignorable="x14ac"' in again
    assert '<sheetData><row r="1" x14ac:dyDescent="0.2"/></sheetData></worksheet>' in again
