"""The second reader of .xlsx: XML parsers (no document type, no entity, no network)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from xlpolicy.forms.colours import OFFICE, Theme, named, unseen
from xlpolicy.forms.objects import Drawing, diagram, legacy
from xlpolicy.forms.seen import NEAR, TIGHT, Cell, Place, Run, Seen
from xlpolicy.forms.sheet_tree import TAGS, WITHIN, names, tree
from xlpolicy.forms.stylesheet import OFF, TINY, Conditioned, Styles, draws, on, parse, run, styles, theme
from xlpolicy.sheets.package import SAVE_AS, Unreadable

#: reads one part of the package by its lower-case name; None where there is none
Parts = Callable[[str], bytes | None]

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
#: a row of fewer points, a column of fewer characters: nobody sees what is in it
LOW, NARROW = 4.0, 0.6
#: header and footer of the printed page, with the codes in them for fonts and numbers
_MARGINS = frozenset(f"{page}{part}" for page in ("odd", "even", "first") for part in ("Header", "Footer"))
_CELLS = names("c")
#: conditional formats, those of Excel 2010 among the extensions
_LATER, _SQREF = (
    "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}",
    "{http://schemas.microsoft.com/office/excel/2006/main}sqref",
)
_LETTERS = names("numFmt", "strike", "color", "bgColor", "fgColor")
_CONDITIONS = (*names("conditionalFormatting"), f"{_LATER}conditionalFormatting")
#: what a sheet points to that is looked at
_BESIDE = frozenset(("comments", "drawing", "threadedComment", "vmlDrawing", "table"))
#: what `rest` looks at
_AROUND = (
    *names("sheetFormatPr", "sheetView", "col", "sheetData", "mergeCell", *_MARGINS),
    "{*}cfRule", "{*}dataBar", "{*}iconSet", f"{_LATER}dxf",
)  # fmt: skip
#: columns and rows beyond these are not told one by one
_FAR = 20_000


def look(parts: Parts, sheet: str) -> Seen:
    """A worksheet part and what belongs to it. Raises Unreadable for XML that is none or declares entities."""
    sheet_of_styles, sheet_of_colours = parts("xl/styles.xml"), parts("xl/theme/theme1.xml")
    colours = theme(sheet_of_colours) if sheet_of_colours else OFFICE
    known = styles(sheet_of_styles, colours) if sheet_of_styles else Styles()
    reader = _Sheet(colours)
    reader.rest(tree(parts(sheet) or b"", names("row"), reader.row), known.conditional)
    seen = reader.seen
    seen.styles = known.cells
    shared = parts("xl/sharedstrings.xml")
    texts = _shared(shared, colours) if shared else ()
    for place, cell in seen.cells.items():
        if cell.kind == "s" and cell.text.isdigit() and int(cell.text) < len(texts):
            text, runs = texts[int(cell.text)]
            seen.cells[place] = cell._replace(text=text, runs=runs)
    for kind, target in relations(parts, sheet):
        body = parts(target) if kind in _BESIDE else None
        if body and kind == "drawing":
            drawing = Drawing()
            parse(body, drawing)
            seen.boxes += [text for text in drawing.boxes if text.strip()]
            seen.pictures += drawing.pictures
            diagrams = (parts(data) for what, data in relations(parts, target) if what == "diagramData")
            seen.boxes += [text for data in diagrams if data and (text := diagram(data))]
        elif body and kind == "vmlDrawing":
            boxes, pictures, seen.controls = legacy(body)
            seen.boxes += boxes
            seen.pictures += pictures
        elif body and kind == "table":
            seen.conditional += _table(body, known.tables)
        elif body:
            notes = _Comments()
            parse(body, notes)
            seen.comments = notes.found | seen.comments if kind == "comments" else seen.comments | notes.found
    return seen


def relations(parts: Parts, part: str) -> list[tuple[str, str]]:
    """What a part points to inside the package: (last word of the kind, lower-case part name)."""
    folder, _, name = part.rpartition("/")
    body = parts(f"{folder}/_rels/{name}.rels")
    if not body:
        return []
    found: list[tuple[str, str]] = []

    def start(tag: str, given: dict[str, str]) -> None:
        if tag.rpartition(" ")[2] == "Relationship" and given.get("TargetMode") != "External":
            target = given.get("Target", "").lower()
            joined = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            found.append((given.get("Type", "").rpartition("/")[2], joined))

    run(body, start, None, None)
    return found


@lru_cache(maxsize=4096)
def _place(reference: str) -> Place | None:
    column = at = 0
    for char in reference:
        if not ("A" <= char <= "Z" or "a" <= char <= "z"):
            break
        column, at = column * 26 + (ord(char) & 31), at + 1
    rest = reference[at:]
    return (int(rest) - 1, column - 1) if at and rest.isdecimal() and len(rest) < 9 and at < 5 else None


def _small(size: str, least: float) -> bool:
    try:
        return float(size) < least
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def _area(reference: str) -> tuple[int, int, int, int] | None:
    first, _, last = reference.replace("$", "").partition(":")
    one, two = _place(first), _place(last or first)
    return (*one, *two) if one and two else None


def decoded(text: str) -> str:
    """_x000D_ and the like, as Office writes control characters."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class _Sheet:
    """A worksheet part, its rows one by one."""

    __slots__ = ("_colours", "_row", "_shared", "seen")

    def __init__(self, colours: Theme) -> None:
        self.seen = Seen()
        self._colours = colours
        self._row = -1
        self._shared: dict[str, str] = {}

    def row(self, row: Any) -> None:
        """One row with its cells."""
        number, height = row.get("r", ""), row.get("ht")
        self._row = int(number) - 1 if number.isdecimal() and len(number) < 9 else self._row + 1
        if row.get("hidden", "0") not in OFF or (height is not None and _small(height, LOW)):
            self.seen.hidden_rows.add(self._row)
        column, met = -1, 0
        for cell in row.iterchildren(*_CELLS):
            met += 1
            given = cell.get("r")
            place = (_place(given) if given else None) or (self._row, column + 1)
            column = place[1]
            if len(cell):
                self._cell(cell, place)
        if met < len(row):  # wrapped in something that no spreadsheet program puts there
            self._wrapped(row, column)

    def _wrapped(self, row: Any, column: int) -> None:
        for child in row:
            if not child.tag.startswith(WITHIN):
                self.seen.foreign.add((max(self._row, 0), column + 1))
                for cell in child.iter(*_CELLS):
                    place = _place(cell.get("r", "")) or (self._row, column + 1)
                    self._cell(cell, place)
                    self.seen.foreign.add(place)

    def _cell(self, cell: Any, place: Place) -> None:
        """A cell, unless nothing is in it."""
        value, formula, text, runs = "", None, "", ()  # type: str, str | None, str, tuple[Run, ...]
        for child in cell:
            tag, plain = TAGS.get(child.tag), not len(child)
            if tag == "v":
                value += child.text or ""
                if not plain:
                    self.seen.foreign.add(place)
            elif tag == "f":
                formula = self._formula(child)
            elif tag == "is":
                if text:
                    self.seen.twice.add(place)
                only = child[0] if len(child) == 1 else None
                if only is not None and TAGS.get(only.tag) == "t" and not len(only):
                    text, plain = decoded(only.text or ""), True
                else:
                    text, runs = _rich(child, self._colours)
            elif tag is None and not child.tag.startswith(WITHIN):
                self.seen.foreign.add(place)
            if not plain and any(not inner.tag.startswith(WITHIN) for inner in child.iter()):
                self.seen.foreign.add(place)
        if not (value or formula is not None or text):
            return
        if place in self.seen.cells:
            self.seen.twice.add(place)
        kind, style = cell.get("t", "n"), cell.get("s", "0")
        text = text if kind == "inlineStr" else decoded(value) if kind == "str" else value
        self.seen.cells[place] = Cell(int(style) if style.isdecimal() else 0, kind, text, formula, runs)

    def _formula(self, element: Any) -> str:
        text, shared = element.text or "", element.get("si", "")
        if element.get("t") == "shared" and element.get("ref"):
            self._shared[shared] = text
        return text or self._shared.get(shared, "")

    def _without_size(self, root: Any, given: Any) -> None:
        """Rows and columns that have no size of their own, where the sheet's own is next to none."""
        if _small(given.get("defaultRowHeight", "15"), LOW):
            own = {_number(row.get("r", "1")) - 1 for row in root.iter(*names("row")) if row.get("ht") is not None}
            self.seen.hidden_rows |= {row for row, _ in self.seen.cells} - own
        if _small(given.get("defaultColWidth", "9"), NARROW):
            own = set()
            for column in root.iter(*names("col")):
                own.update(range(_number(column.get("min", "1")) - 1, min(_number(column.get("max", "1")), _FAR)))
            self.seen.hidden_columns |= {column for _, column in self.seen.cells} - own

    def _column(self, element: Any, width: str) -> None:
        """Columns that nobody sees, and those in which few digits fit."""
        hidden = element.get("hidden", "0") not in OFF or _small(width, NARROW)
        if hidden or _small(width, TIGHT):
            first, last = _number(element.get("min", "1")) - 1, _number(element.get("max", "1"))
            if hidden:
                self.seen.hidden_columns.update(range(first, min(last, _FAR)))
            else:
                self.seen.narrow.update(dict.fromkeys(range(first, min(last, NEAR)), float(width)))

    def rest(self, root: Any, conditional: frozenset[str]) -> None:
        """What stands around the rows."""
        seen = self.seen
        for element in root.iter(*_AROUND):
            tag = TAGS.get(element.tag)
            if tag == "mergeCell":
                area = _area(element.get("ref", ""))
                if area is not None:
                    seen.merges.append(area)
            elif tag == "col":
                self._column(element, element.get("width", "9"))
            elif tag == "sheetFormatPr":
                self._without_size(root, element)
            elif tag == "sheetData":
                if any(not row.tag.startswith(WITHIN) for row in element):
                    seen.foreign.add((max(self._row, 0), 0))
            elif tag == "sheetView":
                seen.zeros = seen.zeros and element.get("showZeros", "1") not in OFF
                start = _place(element.get("topLeftCell", ""))
                if start and any(pane.get("state", "").startswith("frozen") for pane in element):
                    seen.hidden_rows.update(range(start[0]))  # what lies before it cannot be scrolled to
                    seen.hidden_columns.update(range(start[1]))
            elif tag in _MARGINS:
                seen.margins.append(element.text or "")
            elif _changes(element, conditional, self._colours):
                block = next(element.iterancestors(*_CONDITIONS), None)
                if block is not None:
                    written = [block.get("sqref", ""), *(where.text or "" for where in block.iter(_SQREF))]
                    areas = (_area(text) for text in " ".join(written).split())
                    seen.conditional += [area for area in areas if area is not None]


def _table(body: bytes, changing: frozenset[str]) -> list[tuple[int, int, int, int]]:
    """Where a table lies whose own style changes what its cells say."""
    said: dict[str, str] = {}

    def start(name: str, given: dict[str, str]) -> None:
        said.update({f"{name.rpartition(' ')[2]} {key}": value for key, value in given.items()})

    run(body, start, None, None)
    area = _area(said.get("table ref", "")) if said.get("tableStyleInfo name") in changing else None
    return [area] if area is not None else []


def _changes(part: Any, conditional: frozenset[str], colours: Theme) -> bool:
    """Whether a part of a conditional format changes what a cell says, or leaves nothing of it but a bar or a sign."""
    tag = part.tag.rpartition("}")[2]
    if tag == "cfRule":
        return part.get("dxfId") in conditional
    if tag in ("dataBar", "iconSet"):
        return part.get("showValue", "1") in OFF
    look = Conditioned()
    for inner in part.iter(*_LETTERS):
        look.says(TAGS.get(inner.tag), inner.attrib, TAGS.get(inner.getparent().tag) == "font", colours)
    return look.changes()


def _number(text: str) -> int:
    """Raises Unreadable for a column that has none."""
    if not text.isdecimal() or len(text) > 9:
        raise Unreadable("corrupt", "文件已损坏，工作表读不完整", SAVE_AS)
    return int(text)


def _rich(element: Any, colours: Theme) -> tuple[str, tuple[Run, ...]]:
    """The text of a string, and its stretches where they differ; a phonetic hint does not count."""
    found: list[Run] = []
    for child in element:
        tag = TAGS.get(child.tag)
        if tag == "t" and child.text:
            found.append(Run(decoded(child.text)))
        elif tag == "r":
            found += _stretches(child, colours)
    odd = len(found) > 1 or any(run.strike or run.raised or run.drawn or run.unseen for run in found)
    return "".join(run.text for run in found), tuple(found) if odd else ()


def _stretches(element: Any, colours: Theme) -> Iterator[Run]:
    strike, raised, drawn, white, look = False, False, False, False, ""
    for child in element:
        tag = TAGS.get(child.tag)
        if tag == "t" and child.text:
            yield Run(decoded(child.text), strike, raised, look, drawn, white)
        for part in child if tag == "rPr" else ():
            kind = TAGS.get(part.tag)
            if kind == "strike":
                strike = on(part)
            elif kind == "vertAlign":
                raised = part.get("val") in ("superscript", "subscript")
            elif kind == "rFont":
                drawn = draws(part.get("val", ""))
            elif kind in _LOOK and on(part):
                look += f"{kind}{sorted(part.items())}"
                white = white or (kind == "sz" and _small(part.get("val", ""), TINY))
                white = white or (kind == "color" and unseen(named(part.attrib, colours), None))


_LOOK = frozenset(("sz", "color", "b", "i", "u"))


class _Comments:
    """The notes of a sheet, old and threaded."""

    __slots__ = ("_at", "_text", "found")

    def __init__(self) -> None:
        self.found: dict[Place, str] = {}
        self._at: Place | None = None
        self._text = False

    def start(self, name: str, given: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag in ("comment", "threadedComment"):
            area = _area(given.get("ref", ""))
            self._at = area[:2] if area else None
        elif tag in ("t", "text"):
            self._text = True

    def end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag in ("t", "text"):
            self._text = False

    def data(self, text: str) -> None:
        if self._text and self._at is not None and text.strip():
            self.found[self._at] = self.found.get(self._at, "") + decoded(text)


def _shared(xml: bytes, colours: Theme) -> list[tuple[str, tuple[Run, ...]]]:
    found: list[tuple[str, tuple[Run, ...]]] = []
    tree(xml, names("si"), lambda element: found.append(_rich(element, colours)))
    return found
