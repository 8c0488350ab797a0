"""The sheets of one workbook put behind those of another, each in its own look.

What is taken over was written here (XlsxWriter, no row held): cells with their formats, widths, drop-downs, print titles;
nothing drawn, no shared texts. The other workbook may be anybody's template, filled here.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from itertools import chain
from typing import Any, BinaryIO

from xlpolicy.sheets.changeable import changeable, child, local, written
from xlpolicy.sheets.files import Packed, Part, deflated, zip_into
from xlpolicy.sheets.package import MAX_OWN, Package
from xlpolicy.sheets.structure import main_part, relations, relations_part

_STYLED = re.compile(rb'(<(?:c|row)\b[^>]*?\ss="|<col\b[^>]*?\sstyle=")(\d+)')
_SELECTED = re.compile(rb'(<sheetView\b[^>]*?)\stabSelected="1"')
_TYPES = "[Content_Types].xml"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: the first number of a number format that is not known to every program
_OWN_FORMATS = 164
_CHUNK = 1 << 18


def graft(own: BinaryIO, other: BinaryIO, out: BinaryIO) -> None:
    """Write the package, one that was written here, with the sheets of `other` behind its own; names of sheets must differ.
    Raises Unreadable, KeyError."""
    package, more = Package(own, MAX_OWN), Package(other, MAX_OWN)
    main, theirs = main_part(package), main_part(more)
    related = relations(package, main)
    styles = next(target for kind, target in related.values() if kind.endswith("/styles"))
    trees = {
        part: changeable(package.whole(package.parts[part])) for part in (main, relations_part(main), _TYPES, styles)
    }
    base = _with_styles(trees[styles], changeable(more.whole(more.parts["xl/styles.xml"])))
    book, source = trees[main], changeable(more.whole(more.parts[theirs]))
    sheets = book.find("{*}sheets")
    count, number = len(sheets), max((int(line.get("sheetId", 0)) for line in sheets), default=0)
    added: list[tuple[str, Iterator[bytes]]] = []
    for line in source.iterfind("{*}sheets/{*}sheet"):
        number += 1
        rid = next(value for key, value in line.attrib.items() if local(key) == "id")
        part = _free(package, f"xl/worksheets/more{number}")
        added.append((part, _restyled(other, relations(more, theirs)[rid][1], base)))
        _listed(trees, main, line, number, part)
    _with_names(book, source, count)
    kept = (Packed(info, package.packed(info)) for info in package.infos if info.filename not in trees)
    laid: Iterator[Part] = (
        (part, deflated(xml)) for part, xml in added
    )  # one after the other: of each there may be much
    zip_into(out, chain(((part, written(tree)) for part, tree in trees.items()), kept, laid))


def _free(package: Package, stem: str) -> str:
    while package.find(f"{stem}.xml"):
        stem += "_"
    return f"{stem}.xml"


def _listed(trees: dict[str, Any], main: str, line: Any, number: int, part: str) -> None:
    """One more sheet in the lists of sheets, relations and types."""
    sheets, links, types = trees[main].find("{*}sheets"), trees[relations_part(main)], trees[_TYPES]
    made = child(sheets, "sheet", {"name": line.get("name"), "sheetId": str(number)})
    if line.get("state"):
        made.set("state", line.get("state"))
    made.set(f"{{{_RELATION}}}id", f"more{number}")
    child(links, "Relationship", {"Id": f"more{number}", "Type": f"{_RELATION}/worksheet", "Target": f"/{part}"})
    child(types, "Override", {"PartName": f"/{part}", "ContentType": _SHEET})


def _with_names(book: Any, source: Any, own: int) -> None:
    """The names of the sheets that came (print titles), behind those that are there."""
    lines = source.findall("{*}definedNames/{*}definedName")
    if not lines:
        return
    names = book.find("{*}definedNames")
    if names is None:
        names = child(book, "definedNames")
        before = [book.find(f"{{*}}{name}") for name in ("externalReferences", "functionGroups", "sheets")]
        next(element for element in before if element is not None).addnext(names)
    for line in lines:
        line.set("localSheetId", str(int(line.get("localSheetId")) + own))
        names.append(line)


def _with_styles(own: Any, more: Any) -> int:
    """The cell formats of another workbook behind the own ones; the number of the first of them."""
    offsets: dict[str, int] = {}
    for name in ("fonts", "fills", "borders"):
        offsets[name] = len(own.find(f"{{*}}{name}"))
        _appended(own.find(f"{{*}}{name}"), more.find(f"{{*}}{name}"))
    codes = {line.get("numFmtId"): line for line in more.iterfind("{*}numFmts/{*}numFmt")}
    formats = own.find("{*}numFmts")
    if codes and formats is None:
        formats = child(own, "numFmts", first=True)
    taken = [int(line.get("numFmtId")) for line in own.iterfind("{*}numFmts/{*}numFmt")]
    numbers = {key: str(at) for at, key in enumerate(codes, max([_OWN_FORMATS - 1, *taken]) + 1)}
    for key, line in codes.items():
        line.set("numFmtId", numbers[key])
        formats.append(line)
    if formats is not None:
        formats.set("count", str(len(formats)))
    cells, base = own.find("{*}cellXfs"), len(own.find("{*}cellXfs"))
    for line in more.iterfind("{*}cellXfs/{*}xf"):
        made = deepcopy(line)
        for key, name in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            made.set(key, str(int(made.get(key, 0)) + offsets[name]))
        made.set("numFmtId", numbers.get(made.get("numFmtId"), made.get("numFmtId", "0")))
        made.set("xfId", "0")
        cells.append(made)
    cells.set("count", str(len(cells)))
    return base


def _appended(own: Any, more: Any) -> None:
    own.extend([deepcopy(line) for line in more])
    own.set("count", str(len(own)))


def _restyled(other: BinaryIO, part: str, base: int) -> Iterator[bytes]:
    """A worksheet part with the numbers of its formats moved, a piece at a time, none cut within a tag."""

    def moved(match: re.Match[bytes]) -> bytes:
        return match[1] + b"%d" % (int(match[2]) + base)

    rest = b""
    with zipfile.ZipFile(other) as package, package.open(part) as xml:
        while piece := xml.read(_CHUNK):
            whole, tag, cut = (rest + piece).rpartition(b"<")
            rest = tag + cut
            yield _STYLED.sub(moved, _SELECTED.sub(rb"\1", whole))
    yield _STYLED.sub(moved, rest)
