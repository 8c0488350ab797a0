"""Workbook packages (zip): add a sheet to one without touching what is in it.

A form that comes back may hold pictures of seals, controls, extended validations and cached results, which openpyxl
drops on saving. `add_sheet` therefore never parses and rewrites a part: it inserts a few elements into four parts at
offsets that the XML parser reports, and all other parts are copied as they are.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from xlpolicy.sheets.files import Deflated, Packed, deflated, packed, zipped
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.package import Package, Unreadable, not_utf8, remembered
from xlpolicy.sheets.sheetxml import MAIN, Sheet, StyleParts

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
#: larger packages get their 核定 in a workbook of its own
MOST_BYTES = 64 * 1024 * 1024


class NotExtendable(Exception):
    """The file is no workbook package that a sheet can be added to (.xls, .ods, .csv, strict OOXML, damaged ...)."""


@dataclass(slots=True)
class Element:
    prefix: str
    attributes: dict[str, str]
    start: int
    end: int = -1
    children: int = 0


def scan(xml: bytes, wanted: frozenset[str]) -> tuple[dict[str, Element], list[dict[str, str]]]:
    """First element of each wanted local name, and the attributes of all `sheet` and `Relationship` elements.

    Raises NotExtendable.
    """
    found: dict[str, Element] = {}
    listed: list[dict[str, str]] = []
    stack: list[Element | None] = []
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        if stack and stack[-1] is not None:
            stack[-1].children += 1
        prefix, _, local = name.rpartition(":")
        if local in ("sheet", "Relationship"):
            listed.append(attributes)
        element = None
        if local in wanted and local not in found:
            element = found[local] = Element(f"{prefix}:" if prefix else "", attributes, parser.CurrentByteIndex)
        stack.append(element)

    def end(_: str) -> None:
        element = stack.pop()
        if element is not None:
            element.end = parser.CurrentByteIndex

    def refuse(*_: object) -> None:
        raise NotExtendable("the part declares a document type or entities")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise NotExtendable(str(error)) from None
    return found, listed


def insert(xml: bytes, element: Element, fragment: str, count: int | None = None) -> bytes:
    """Put `fragment` before the element's end tag; `count` becomes its count attribute. Offsets stay valid only
    for elements that stand before it: insert from the back to the front. Raises NotExtendable."""
    if xml[element.end : element.end + 2] != b"</":
        raise NotExtendable("an empty element where a list is expected")
    if element.prefix:
        fragment = re.sub(r"<(/?)(?=[a-z])", rf"<\1{element.prefix}", fragment)
    head, tail = xml[: element.end], xml[element.end :]
    if count is not None and "count" in element.attributes:
        at = head.index(b">", element.start) + 1
        tag = re.sub(rb'(\scount\s*=\s*["\'])\d+', rb"\g<1>%d" % count, head[element.start : at], count=1)
        head = head[: element.start] + tag + head[at:]
    return head + fragment.encode() + tail


def _part(package: Package, name: str) -> bytes:
    try:
        xml = package.whole(package.parts[name]).removeprefix(b"\xef\xbb\xbf")
    except (KeyError, Unreadable) as error:
        raise NotExtendable(str(error)) from None
    if not_utf8(xml):
        raise NotExtendable("the part is not in UTF-8")
    return xml


@remembered
def _styled(xml: bytes, pairs: tuple[tuple[str, str], ...]) -> tuple[Deflated, int]:
    """styles.xml with our formats at the end of each list, and the number of the first of them."""
    found, _ = scan(xml, frozenset({"fonts", "fills", "borders", "cellXfs"}))
    if len(found) < 4:
        raise NotExtendable("styles.xml lacks a list of formats")
    parts = StyleParts.of(dict(pairs))
    counts = {name: element.children for name, element in found.items()}
    fragments = {
        "fonts": (parts.fonts, parts.fonts_count),
        "fills": (parts.fills, 1),
        "borders": (parts.borders, 1),
        "cellXfs": (parts.xfs(counts["fonts"], counts["fills"], counts["borders"]), 2 * parts.fonts_count),
    }
    for name, element in sorted(found.items(), key=lambda pair: -pair[1].start):
        fragment, more = fragments[name]
        xml = insert(xml, element, fragment, counts[name] + more)
    return deflated((xml,)), counts["cellXfs"]


def _free(taken: set[str], name: Callable[[int], str], start: int = 1) -> str:
    """The first name, counting from `start`, that nobody has."""
    while name(start).lower() in taken:
        start += 1
    return name(start)


def add_sheet(source: BinaryIO, sheet: Sheet, fonts: Mapping[str, str] = FONTS) -> bytes:
    """The package with one more sheet at its end. Raises NotExtendable; the source is only read."""
    try:
        package = Package(source.read())
        if sum(info.file_size for info in package.infos) > MOST_BYTES:
            raise NotExtendable("too large")
        return _add(package, sheet, fonts)
    except (Unreadable, OSError, ValueError) as error:
        raise NotExtendable(str(error)) from None


def _add(package: Package, sheet: Sheet, fonts: Mapping[str, str]) -> bytes:
    book, relations, types = (_part(package, name) for name in _DIRECTORY)
    frame = _frame(book, relations, types, tuple(info.filename.lower() for info in package.infos), sheet.name)
    styles, base = _styled(_part(package, frame.styles), tuple(fonts.items()))
    replaced = {**frame.replaced, frame.styles: styles}
    kept = (_kept(package, info, replaced.get(info.filename)) for info in package.infos)
    return zipped([*kept, (frame.part, sheet.xml(base, views=frame.views))])


def add_part(package: Package, name: str, xml: bytes) -> bytes:
    """The package with one more sheet at its end, whose part is written already and has the package's own formats.

    Raises NotExtendable.
    """
    book, relations, types = (_part(package, part) for part in _DIRECTORY)
    frame = _frame(book, relations, types, tuple(info.filename.lower() for info in package.infos), name)
    kept = (_kept(package, info, frame.replaced.get(info.filename)) for info in package.infos)
    return zipped([*kept, (frame.part, xml)])


_DIRECTORY = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml")


class _Frame(NamedTuple):
    """What one more sheet makes of the parts of `_DIRECTORY`. `part`: its own name; `styles`: that of styles.xml;
    `views`: whether the workbook has windows.
    """

    part: str
    styles: str
    views: bool
    replaced: Mapping[str, Deflated]


@remembered
def _frame(book: bytes, relations: bytes, types: bytes, taken: tuple[str, ...], wanted: str) -> _Frame:
    found, sheets = scan(book, frozenset({"workbook", "sheets", "bookViews"}))
    root = found["workbook"].attributes if "workbook" in found else {}
    prefix = found["workbook"].prefix.rstrip(":") if "workbook" in found else ""
    if "sheets" not in found or root.get(f"xmlns:{prefix}" if prefix else "xmlns") != MAIN:
        raise NotExtendable("no transitional SpreadsheetML workbook")
    rels, listed = scan(relations, frozenset({"Relationships"}))
    declared, _ = scan(types, frozenset({"Types"}))
    styles = next((r.get("Target", "") for r in listed if r.get("Type") == f"{RELATIONS}/styles"), "")
    styles = posixpath.normpath(posixpath.join("/xl", styles)).lstrip("/")
    if not rels or not declared or not styles.endswith(".xml"):
        raise NotExtendable("no list of relationships, types or styles")
    title = _free({s.get("name", "").lower() for s in sheets}, lambda n: f"{wanted}{n if n > 1 else ''}")
    part = _free(set(taken), lambda n: f"xl/worksheets/sheet{n}.xml", len(sheets) + 1)
    rid = _free({r.get("Id", "").lower() for r in listed}, lambda n: f"rId{n}", len(listed) + 1)
    bound = next((n.removeprefix("xmlns:") for n, uri in root.items() if uri == RELATIONS and n != "xmlns"), "")
    link = f'{bound}:id="{rid}"' if bound else f'xmlns:r="{RELATIONS}" r:id="{rid}"'
    ids = [int(s["sheetId"]) for s in sheets if s.get("sheetId", "").isdigit()]
    number = max(ids, default=0) + 1
    line = f'<{rels["Relationships"].prefix}Relationship Id="{rid}" Type="{RELATIONS}/worksheet" Target="/{part}"/>'
    override = f'<{declared["Types"].prefix}Override PartName="/{part}" ContentType="{_SHEET_TYPE}"/>'
    inserted = (
        insert(book, found["sheets"], f'<sheet name={quoteattr(title)} sheetId="{number}" {link}/>'),
        insert(relations, rels["Relationships"], line),
        insert(types, declared["Types"], override),
    )
    replaced = {name: deflated((xml,)) for name, xml in zip(_DIRECTORY, inserted, strict=True)}
    return _Frame(part, styles, "bookViews" in found, replaced)


def _kept(
    package: Package, info: zipfile.ZipInfo, ours: Deflated | None
) -> tuple[zipfile.ZipInfo, bytes | Deflated] | Packed:
    """A part as it goes into the copy: with what was put in, or as it is packed."""
    as_it_is = packed(package.data, info) if ours is None else None
    return as_it_is or (info, package.whole(info) if ours is None else ours)


_BLANK = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/styles.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE_RELS}"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument"'
    ' Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><bookViews><workbookView/></bookViews>'
    "<sheets></sheets></workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE_RELS}"><Relationship Id="rId1"'
    f' Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="宋体"/>'
    '<charset val="134"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/>'
    '<bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0"'
    ' borderId="0"/></cellStyleXfs><cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def book_of(sheet: Sheet, fonts: Mapping[str, str] = FONTS) -> bytes:
    """A workbook of that one sheet."""
    blank = zipped((name, (XML_HEAD + xml).encode()) for name, xml in _BLANK.items())
    return add_sheet(io.BytesIO(blank), sheet, fonts)
