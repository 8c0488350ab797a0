"""A workbook package with other sheets than it had: some several times over under names of their own, some left out.

What belongs to a sheet alone (drawings, comments, printer settings) is copied or goes with it; pictures are shared. Names
of the workbook that point into a sheet that was copied or left out are gone; names of a sheet are there for every copy.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Sequence
from copy import deepcopy
from typing import Any

from xlpolicy.sheets.changeable import changeable, local, written
from xlpolicy.sheets.files import zipped
from xlpolicy.sheets.package import MAX_OWN, Package
from xlpolicy.sheets.shift import quoted, sheet_of
from xlpolicy.sheets.structure import main_part, relations, relations_part, workbook

_QUALIFIER = re.compile(r"('(?:[^']|'')+'|[^\s'!,:()]+)!")
#: parts that a sheet has to itself
_OWN = ("/drawing", "/vmlDrawing", "/comments", "/printerSettings", "/table", "/control", "/ctrlProp")
_TYPES = "[Content_Types].xml"


def multiplied(data: bytes, copies: Sequence[tuple[str, str]], without: Collection[str] = ()) -> bytes:
    """The package with these sheets (which sheet of it, under what name) before those that are not copied; `without`:
    sheets that are left out.

    A sheet that is not there is passed over: whoever fills the copy says so. Raises Unreadable, KeyError.
    """
    book = _Book(data)
    copied = [(source, name) for source, name in copies if source in book.sheets]
    return book.arranged(copied, {source for source, _ in copied} | (set(without) & set(book.sheets)))


def leave_out(data: bytes, name: str) -> bytes:
    """The package without the sheet of that name; as it is where there is none. Raises Unreadable, KeyError."""
    package = Package(data, MAX_OWN)
    there = workbook(package.whole(package.parts[main_part(package)])).sheets
    return _Book(data).arranged((), {name}) if name in dict(there) else data


class _Book:
    """A package whose sheets change; `sheets`: name -> the line of the main part that lists it, in order."""

    def __init__(self, data: bytes) -> None:
        package = self.package = Package(data, MAX_OWN)
        self.main = main_part(package)
        self.parts: dict[str, bytes] = {info.filename: package.whole(info) for info in package.infos}
        self.related = relations(package, self.main)
        self.book = changeable(self.parts[self.main])
        self.links = changeable(self.parts[relations_part(self.main)])
        self.types = changeable(self.parts[_TYPES])
        said = workbook(self.parts[self.main]).sheets
        self.where = {name: self.related[rid][1] for name, rid in said}
        self.sheets: dict[str, Any] = dict(zip(self.where, self.book.iterfind(".//{*}sheets/{*}sheet"), strict=True))

    def arranged(self, copies: Sequence[tuple[str, str]], gone: Collection[str]) -> bytes:
        """The package with the copies first, then what is not gone."""
        order = [(source, name) for source, name in copies]
        lines = [self._copy(source, name, number) for number, (source, name) in enumerate(copies, 1)]
        for name, line in self.sheets.items():
            if name not in gone:
                order.append((name, name))
                lines.append(line)
        for number, line in enumerate(lines, 1):
            line.set("sheetId", str(number))
        self.book.find("{*}sheets")[:] = lines
        for view in self.book.iterfind("{*}bookViews/{*}workbookView"):
            for at in ("activeTab", "firstSheet"):
                view.attrib.pop(at, None)
        self._names(order, gone)
        self._forget([self.where[name] for name in gone])
        for part, tree in ((self.main, self.book), (relations_part(self.main), self.links), (_TYPES, self.types)):
            self.parts[part] = written(tree)
        return zipped(self.parts.items())

    def _copy(self, source: str, name: str, number: int) -> Any:
        """A sheet once more, with what belongs to it alone; the line that lists it. The first one is looked at first."""
        part = self._part(self.where[source])
        sheet = changeable(self.parts[part])
        for key in [key for key in sheet.attrib if local(key) == "uid"]:
            del sheet.attrib[key]
        for properties in sheet.iterfind("{*}sheetPr"):
            properties.attrib.pop("codeName", None)
        for view in sheet.iterfind("{*}sheetViews/{*}sheetView"):
            view.set("tabSelected", "1" if number == 1 else "0")  # two selected sheets are edited together
        self.parts[part] = written(sheet)
        line = deepcopy(self.sheets[source])
        rid = next(key for key in line.attrib if local(key) == "id")
        link = deepcopy(next(link for link in self.links if link.get("Id") == line.get(rid)))
        link.set("Id", f"copy{number}")
        link.set("Target", f"/{part}")
        self.links.append(link)
        line.set(rid, f"copy{number}")
        line.set("name", name)
        return line

    def _part(self, part: str) -> str:
        """A part once more under a free name, with the parts that it alone has; pictures stay where they are."""
        folder, name = posixpath.split(part)
        stem, ending = posixpath.splitext(name)
        number = 1
        while (new := f"{folder}/{stem}_{number}{ending}") in self.parts:
            number += 1
        self.parts[new] = self.parts[part]
        for line in [line for line in self.types if line.get("PartName") == f"/{part}"]:
            self.types.append(deepcopy(line))
            self.types[-1].set("PartName", f"/{new}")
        links = relations_part(part)
        if links in self.parts:
            lines = changeable(self.parts[links])
            moved: dict[str, str] = {}
            for line in lines:
                kind, target = relations(self.package, part).get(line.get("Id"), ("", ""))
                if kind.endswith(_OWN):
                    moved[target] = moved.get(target) or self._part(target)
                    line.set("Target", f"/{moved[target]}")
            self.parts[relations_part(new)] = written(lines)
        return new

    def _names(self, order: Sequence[tuple[str, str]], gone: Collection[str]) -> None:
        """The names of a sheet for every copy of it; those of the workbook that point to one that is gone are gone."""
        listed = self.book.find("{*}definedNames")
        if listed is None:
            return
        at, made = list(self.sheets), []
        for line in listed:
            own = line.get("localSheetId")
            if own is None:
                if not any(sheet_of(of) in gone for of in _QUALIFIER.findall(line.text or "")):
                    made.append(line)
                continue
            for number, (source, name) in enumerate(order):
                if source == at[int(own)]:
                    made.append(_renamed(line, source, name, number))
        listed[:] = made
        if not made:
            self.book.remove(listed)

    def _forget(self, parts: Sequence[str]) -> None:
        """These parts, and what belonged to them alone, are no longer there."""
        own = (pair for part in parts for pair in relations(self.package, part).values())
        gone = {*parts, *(target for kind, target in own if kind.endswith(_OWN))}
        # the order in which cells are computed names sheets by number
        gone |= {target for kind, target in self.related.values() if kind.endswith("/calcChain")}
        for part in gone:
            self.parts.pop(part, None)
            self.parts.pop(relations_part(part), None)
        for line in [line for line in self.types if line.get("PartName", "").removeprefix("/") in gone]:
            self.types.remove(line)
        for line in [line for line in self.links if self.related.get(line.get("Id"), ("", ""))[1] in gone]:
            self.links.remove(line)


def _renamed(line: Any, source: str, name: str, number: int) -> Any:
    """A sheet's name for the copy at that place."""
    own = f"{quoted(name)}!"
    copied = deepcopy(line)
    copied.set("localSheetId", str(number))
    copied.text = _QUALIFIER.sub(lambda m: own if sheet_of(m[1]) == source else m[0], line.text or "")
    return copied
