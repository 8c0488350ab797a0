"""What a workbook package says of itself, read by an XML parser: its main part, sheets, names, relations.

Nothing here searches XML as text: a comment, a name with “>”, another prefix or encoding, or a part in an unusual
place reads as any spreadsheet program reads it. Document types and entities are refused.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Mapping
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from xlpolicy.sheets.package import RESEND, SAVE_AS, WORD, Package, Unreadable, entity, plain_name, remembered
from xlpolicy.sheets.text import column_number

_MAIN = "/officeDocument"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
_RELATION = "<Relationship Id={} Type={} Target={}/>"
#: where every program puts what a workbook has once, and what `usual` writes itself
_PLACES = {"sharedStrings": "sharedStrings.xml", "styles": "styles.xml", "theme": "theme/theme1.xml"}
_WRITTEN = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
_REFERENCE = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d{1,7})(?::|$)")
_PRINTED = "_xlnm.Print_Area"
_AREA = re.compile(
    r"(?:'((?:[^']|'')+)'|([^'!,]+))!\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?(?:,|$)"
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")

Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]


def parse(
    xml: bytes, start: Start, end: Callable[[str], None] | None = None, text: Callable[[str], None] | None = None
) -> None:
    """Run a parser over a part, calling back with local names. Raises Unreadable for damage and entities."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def began(name: str, attributes: Attributes) -> None:
        start(name.rpartition(":")[2] if ":" in name else name, attributes)

    def ended(name: str) -> None:
        assert end is not None
        end(name.rpartition(":")[2] if ":" in name else name)

    def root(name: str, attributes: Attributes) -> None:
        own = attributes.get("xmlns")
        plain = ":" not in name and not any(k.startswith("xmlns:") and v == own for k, v in attributes.items())
        parser.StartElementHandler = start if plain else began  # the names need not be cut
        if end is not None:
            parser.EndElementHandler = end if plain else ended
        parser.StartElementHandler(name, attributes)

    def refuse(*_: object) -> None:
        raise entity()

    parser.StartElementHandler = root
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise Unreadable("corrupt", "文件已损坏，部件读不完整", RESEND) from None


def well_formed(xml: bytes) -> bool:
    """Whether a part is sound XML without entities."""
    try:
        parse(xml, lambda name, attributes: None)
    except Unreadable:
        return False
    return True


class Workbook(NamedTuple):
    """The main part: sheets (name, relation id) in order, defined names with their references, the date system, whether
    every window of it is `hidden`.

    `places`: sheet -> defined name -> (row, column) of the first cell that it points to.
    """

    sheets: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    date1904: bool = False
    places: Mapping[str, Mapping[str, tuple[int, int]]] = {}
    hidden: bool = False

    def printed(self) -> dict[str, tuple[tuple[int, int, int, int], ...]]:
        """The areas of each sheet that are printed, where it says so."""
        found = {}
        for text in (reference for name, reference in self.names if name == _PRINTED):
            parts = list(_AREA.finditer(text))
            if parts and "".join(part[0] for part in parts) == text:  # else whole rows or columns
                of = parts[0][1].replace("''", "'") if parts[0][1] else parts[0][2]
                found[of] = tuple(
                    (int(p[4]) - 1, column_number(p[3]) - 1, int(p[6] or p[4]) - 1, column_number(p[5] or p[3]) - 1)
                    for p in parts
                )
        return found


@remembered
def workbook(xml: bytes) -> Workbook:
    """Read the main part of an .xlsx. Raises Unreadable."""
    sheets: list[tuple[str, str]] = []
    names: list[tuple[str, str]] = []
    date1904, inside, reference = [False], [""], [""]
    windows: list[bool] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            rid = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            sheets.append((attributes.get("name", ""), rid))
        elif name == "definedName":
            inside[0], reference[0] = attributes.get("name", ""), ""
        elif name == "workbookPr":
            date1904[0] = attributes.get("date1904", "").strip() in ("1", "true")
        elif name == "workbookView":
            windows.append(attributes.get("visibility", "visible") == "visible")

    def end(name: str) -> None:
        if name == "definedName":
            names.append((inside[0], reference[0]))
            inside[0] = ""

    def text(value: str) -> None:
        if inside[0]:
            reference[0] += value

    parse(xml, start, end, text)
    return Workbook(tuple(sheets), tuple(names), date1904[0], _places(names), bool(windows) and not any(windows))


def _places(names: list[tuple[str, str]]) -> dict[str, dict[str, tuple[int, int]]]:
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for name, reference in names:
        match = _REFERENCE.match(reference)
        if match:
            of = match[1].replace("''", "'") if match[1] else match[2]
            found.setdefault(of, {})[name] = int(match[4]) - 1, column_number(match[3]) - 1
    return found


def relations_part(part: str) -> str:
    """The name of the part that lists the relations of a part ("" for the package)."""
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels"


def relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Relation id -> type and target (a part name) of a part ("" for the package). Raises Unreadable."""
    folder = posixpath.dirname(part)
    info = package.find(relations_part(part))
    return {
        rid: (kind, posixpath.normpath(posixpath.join(f"/{folder}", target)).lstrip("/"))
        for rid, kind, target in (_related(package.whole(info)) if info is not None else ())
    }


@remembered
def _related(xml: bytes) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            found.append((attributes.get("Id", ""), attributes.get("Type", ""), target))

    parse(xml, start)
    return found


def main_part(package: Package) -> str:
    """The name of the main part, by the package's own relations. Raises Unreadable."""
    for usual in ("xl/workbook.xml", "xl/workbook.bin"):
        if package.find(usual):
            return usual
    return next((target for kind, target in relations(package, "").values() if kind.endswith(_MAIN)), "")


def package_kind(package: Package) -> str:
    """xlsx, xlsb, ods or zip. Raises Unreadable for Word and other documents."""
    found = _kind(package)
    if found != "zip" and len(package.names) != len(package.infos):
        raise Unreadable("corrupt", "文件结构不合规，有同名部件", SAVE_AS)
    return found


def _kind(package: Package) -> str:
    mime = package.find("mimetype")
    if mime is not None and not package.find("[Content_Types].xml"):
        head = package.inflate(mime, 200)
        if b"spreadsheet" in head:
            return "ods"
        if b"opendocument" in head:
            raise Unreadable("word", "是 OpenDocument 文档，不是表格", WORD)
    if package.find("OFD.xml"):
        raise Unreadable("not_spreadsheet", "是 OFD 版式文件，不是表格", WORD)
    part = main_part(package)
    if part.startswith("word/") or package.find("word/document.xml"):
        raise Unreadable("word", "是 Word 文档（.docx），不是表格", WORD)
    if part.startswith("ppt/") or package.find("ppt/presentation.xml"):
        raise Unreadable("not_spreadsheet", "是演示文稿，不是表格", WORD)
    if package.find(part):
        return "xlsb" if part.endswith(".bin") else "xlsx"
    if package.find("[Content_Types].xml"):
        raise Unreadable("corrupt", "不是完整的工作簿，缺少主要部件", SAVE_AS)
    if package.find("Index/Document.iwa") or package.find("Index.zip"):
        raise Unreadable("numbers", "是苹果 Numbers 表格", "请对方在 Numbers 里导出为 Excel（.xlsx）后重新发来")
    return "zip"


def is_utf16(head: bytes) -> bool:
    """Whether a part is written in UTF-16, which calamine does not read."""
    return head[:2] in _UTF16


def usual(package: Package, main: str, related: Mapping[str, tuple[str, str]]) -> bytes:
    """The package as every program writes it: usual places, UTF-8; of what is no XML the names alone."""
    out, lines = io.BytesIO(), []
    told = {
        plain_name(name) for name in (main, relations_part(main), relations_part(""), "[Content_Types].xml")
    } | _WRITTEN
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        target.writestr("xl/workbook.xml", _utf8(package, main))
        for number, (rid, (kind, name)) in enumerate(related.items(), 1):
            info = package.find(name)
            last = kind.rpartition("/")[2]
            place = _PLACES.get(last, f"{last}s/part{number}.xml")
            if info is None or last not in ("worksheet", *_PLACES):
                continue
            target.writestr(f"xl/{place}", _utf8(package, name))
            lines.append(_RELATION.format(*map(quoteattr, (rid, kind, place))))
            told |= {plain_name(part) for part in (name, relations_part(name), f"xl/{place}")}
            beside = [
                _RELATION.format(*map(quoteattr, (r, k, f"/{n}"))) for r, (k, n) in relations(package, name).items()
            ]
            if beside:  # its comments, drawings and tables
                target.writestr(relations_part(f"xl/{place}"), _RELATIONS.format("".join(beside)))
                told.add(plain_name(relations_part(f"xl/{place}")))
        main_line = f'<Relationship Id="rId1" Type="{_OFFICE}{_MAIN}" Target="xl/workbook.xml"/>'
        target.writestr("_rels/.rels", _RELATIONS.format(main_line))
        target.writestr("xl/_rels/workbook.xml.rels", _RELATIONS.format("".join(lines)))
        for name in {plain_name(name): None for name in package.parts if not name.endswith(("/", "\\"))}:
            if name not in told:
                target.writestr(name, _utf8(package, name) if name.endswith((".xml", ".rels", ".vml")) else b"")
    return out.getvalue()


def _utf8(package: Package, name: str) -> bytes:
    info = package.find(name)
    if info is None:
        raise Unreadable("corrupt", "不是完整的工作簿，缺少主要部件", RESEND)
    xml = package.whole(info)
    if not is_utf16(xml):
        return xml
    encoding = "utf-16" if xml[:2] in _UTF16[:2] else "utf-16-le" if xml[1:2] == b"\0" else "utf-16-be"
    try:
        text = xml.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("corrupt", "文件已损坏，部件读不完整", RESEND) from None
    return (text.partition("?>")[2] if text.startswith("<?xml") else text).encode()
