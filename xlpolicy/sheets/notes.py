"""Notes (批注) put at cells of somebody's .xlsx, as Excel, WPS and LibreOffice show them; nothing else in it is changed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from xlpolicy.sheets.amend import Amended
from xlpolicy.sheets.changeable import changeable, child, written
from xlpolicy.sheets.insert import PACKAGE_RELS, RELATIONS, XML_HEAD, NotExtendable, scan
from xlpolicy.sheets.package import Unreadable
from xlpolicy.sheets.sheetxml import MAIN
from xlpolicy.sheets.structure import relations_part
from xlpolicy.sheets.text import column_number, lines_of, tidy

_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_TYPES = "[Content_Types].xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
#: what follows a sheet's legacyDrawing (CT_Worksheet)
_AFTER = frozenset((
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
    "AlternateContent",
))  # fmt: skip
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d*)")
_SHAPE_NUMBER = re.compile(rb"_x0000_s(\d+)")
_SHAPES = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{0}"/></o:shapelayout></xml>'
)
_SHAPE_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;'
    'width:{wide}pt;height:{high}pt;z-index:{order};visibility:hidden" fillcolor="#ffffe1"'
    ' o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
    '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:Anchor>{left}, 12, {top}, 4, {right}, 12, {bottom}, 4</x:Anchor><x:AutoFill>False</x:AutoFill>"
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
#: how wide a note is drawn: columns of a form, and characters that fit a line of it; points of its width and of a row. Excel
#: goes by the anchor, others by the size
_WIDE, _CHARACTERS = 3, 40
_POINTS, _ROW_POINTS = 240, 20


def with_notes(data: bytes, notes: Mapping[str, Mapping[str, str]], author: str) -> bytes:
    """The package with notes by sheet and cell (“B7”). A cell that has a note already gets ours below it.

    Raises NotExtendable for what is no .xlsx, or lacks a sheet that is named.
    """
    work = _Noting(Amended(data), author)
    for sheet, own in notes.items():
        if sheet not in work.book.sheets:
            raise NotExtendable(f"no sheet {sheet}")
        if own:
            work.add(work.book.sheets[sheet], own)
    return work.book.written(work.parts)


class _Noting:
    """The parts that change."""

    def __init__(self, book: Amended, author: str) -> None:
        self.book, self.author = book, author
        self.parts: dict[str, bytes] = {}

    def part(self, name: str) -> bytes:
        return self.parts[name] if name in self.parts else self.book.part(name)

    def add(self, sheet: str, notes: Mapping[str, str]) -> None:
        related = self.book.related(sheet)
        drawn = next((target for kind, target in related.values() if kind == "vmlDrawing"), "")
        held = next((target for kind, target in related.values() if kind == "comments"), "")
        xml = self.part(sheet)
        found, _ = scan(xml, _AFTER | {"worksheet", "legacyDrawing"})
        if "worksheet" not in found:
            raise NotExtendable("no worksheet")
        if "legacyDrawing" not in found:
            drawn = self._new("xl/drawings/vmlDrawing{0}.vml", _SHAPES.format(self._vml_count() + 1))
            rid = self._relate(sheet, "vmlDrawing", drawn)
            at = min((found[n].start for n in _AFTER if n in found), default=found["worksheet"].end)
            tag = f'<{found["worksheet"].prefix}legacyDrawing xmlns:r="{RELATIONS}" r:id="{rid}"/>'
            self.parts[sheet] = xml[:at] + tag.encode() + xml[at:]
            self._declare("Default", "Extension", "vml", _VML_TYPE)
        elif not drawn:
            raise NotExtendable("a drawing without its part")
        if not held:
            empty = f'{XML_HEAD}<comments xmlns="{MAIN}"><authors></authors><commentList></commentList></comments>'
            held = self._new("xl/comments{0}.xml", empty)
            self._relate(sheet, "comments", held)
            self._declare("Override", "PartName", f"/{held}", _COMMENTS_TYPE)
        fresh = self._comments(held, notes)
        self._shapes(drawn, {cell: notes[cell] for cell in fresh})
        for kind, target in related.values():
            if kind == "threadedComment":
                self._unthreaded(target, notes)

    def _unthreaded(self, part: str, notes: Mapping[str, str]) -> None:
        """A conversation at a cell with a note of ours becomes the note that it has beside it: where there is one, newer
        programs do not show the note."""
        tree = self._tree(part)
        for one in list(tree):
            if one.get("ref") in notes:
                tree.remove(one)
        self.parts[part] = written(tree)

    def _comments(self, part: str, notes: Mapping[str, str]) -> list[str]:
        """Write the texts; the cells that had none before."""
        tree = self._tree(part)
        authors, listed = tree.find("{*}authors"), tree.find("{*}commentList")
        if authors is None or listed is None:
            raise NotExtendable("comments without their lists")
        there = {comment.get("ref"): comment for comment in listed.iterfind("{*}comment")}
        fresh = [cell for cell in notes if cell not in there]
        number = str(len(authors))
        if fresh:
            child(authors, "author").text = tidy(self.author)
        for cell, text in notes.items():
            comment = there.get(cell)
            if comment is None:
                comment = child(listed, "comment", {"ref": cell, "authorId": number, "shapeId": "0"})
            held = comment.find("{*}text")
            if held is None:
                held = child(comment, "text", first=True)
            said = "".join(held.itertext())
            run = child(held, "r")
            look = child(run, "rPr")
            for name, value in (("sz", {"val": "9"}), ("rFont", {"val": "宋体"}), ("charset", {"val": "134"})):
                child(look, name, value)
            shown = child(run, "t")
            shown.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            shown.text = f"\n{tidy(text)}" if said else tidy(text)
        self.parts[part] = written(tree)
        return fresh

    def _tree(self, part: str) -> Any:
        try:
            return changeable(self.part(part))
        except Unreadable as failure:
            raise NotExtendable(failure.problem.got) from None

    def _shapes(self, part: str, notes: Mapping[str, str]) -> None:
        xml = self.part(part)
        end = xml.rfind(b"</xml>")
        if end < 0:
            raise NotExtendable("a drawing that is none")
        block = re.search(rb'<o:idmap\b[^>]*\bdata="(\d+)', xml)
        first = max([1024 * int(block[1] if block else 1), *map(int, _SHAPE_NUMBER.findall(xml))]) + 1
        shapes = "" if b'"_x0000_t202"' in xml else _SHAPE_TYPE
        for number, (cell, text) in enumerate(notes.items(), first):
            match = _CELL.fullmatch(cell)
            if match is None:
                raise NotExtendable(f"no cell {cell}")
            column, row = column_number(match[1]) - 1, int(match[2]) - 1
            tall = 2 + lines_of(text, _CHARACTERS) * 2 // 3
            shapes += _SHAPE.format(
                number=number, left=column + 1, right=column + 1 + _WIDE, top=max(row - 1, 0), bottom=max(row - 1, 0) + tall,
                row=row, column=column, wide=_POINTS, high=tall * _ROW_POINTS, order=number - first + 1,
            )  # fmt: skip
        self.parts[part] = xml[:end] + shapes.encode() + xml[end:]

    def _vml_count(self) -> int:
        return sum(1 for name in {*self.book.package.names, *self.parts} if name.endswith(".vml"))

    def _new(self, pattern: str, content: str) -> str:
        """A part under a name that nobody has."""
        number = 1
        while self.book.has(name := pattern.format(number)) or name in self.parts:
            number += 1
        self.parts[name] = content.encode()
        return name

    def _relate(self, sheet: str, kind: str, target: str) -> str:
        """A relation of the sheet to a part; its id."""
        part = relations_part(sheet)
        if part not in self.parts and not self.book.has(part):
            self.parts[part] = f'{XML_HEAD}<Relationships xmlns="{PACKAGE_RELS}"/>'.encode()
        tree = self._tree(part)
        taken = {one.get("Id") for one in tree}
        rid = next(f"rId{n}" for n in range(1, len(taken) + 2) if f"rId{n}" not in taken)
        place = posixpath.relpath(f"/{target}", f"/{posixpath.dirname(sheet)}")
        child(tree, "Relationship", {"Id": rid, "Type": f"{RELATIONS}/{kind}", "Target": place})
        self.parts[part] = written(tree)
        return rid

    def _declare(self, tag: str, key: str, value: str, kind: str) -> None:
        """What a part is, in the list of content types."""
        tree = self._tree(_TYPES)
        if all(one.get(key, "").lower() != value.lower() for one in tree):
            child(tree, tag, {key: value, "ContentType": kind})
            self.parts[_TYPES] = written(tree)
