"""The second reader of .xlsx: an XML parser (expat; no document type, no entity, no network)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from xlpolicy.forms.seen import Cell, Place, Run, Seen
from xlpolicy.forms.stylesheet import KNOWN, MAIN, OFF, Styles, on, parse, run, styles

#: reads one part of the package by its lower-case name; None where there is none
Parts = Callable[[str], bytes | None]

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
#: a row of fewer points, a column of fewer characters: nobody sees what is in it
LOW, NARROW = 4.0, 0.6
#: what a picture is fastened by, and about how large a row and a column are (in EMU)
_ANCHORS = frozenset(("twoCellAnchor", "oneCellAnchor", "absoluteAnchor"))
_ROW, _COLUMN = 250_000, 600_000
#: header and footer of the printed page, with the codes in them for fonts and numbers
_MARGINS = frozenset(f"{page}{part}" for page in ("odd", "even", "first") for part in ("Header", "Footer"))
#: columns and rows beyond these are not told one by one
_FAR = 20_000


def look(parts: Parts, sheet: str) -> Seen:
    """A worksheet part and what belongs to it. Raises Unreadable for XML that is none or declares entities."""
    sheet_of_styles = parts("xl/styles.xml")
    known = styles(sheet_of_styles) if sheet_of_styles else Styles()
    reader = _Sheet(known.conditional)
    parse(parts(sheet) or b"", reader)
    seen = reader.seen
    seen.styles = known.cells
    shared = parts("xl/sharedstrings.xml")
    texts = _shared(shared) if shared else ()
    for place, cell in seen.cells.items():
        if cell.kind == "s" and cell.text.isdigit() and int(cell.text) < len(texts):
            text, runs = texts[int(cell.text)]
            seen.cells[place] = cell._replace(text=text, runs=runs)
    for kind, target in relations(parts, sheet):
        body = parts(target) if kind in ("comments", "drawing", "threadedComment") else None
        if body and kind == "drawing":
            drawing = _Drawing()
            parse(body, drawing)
            seen.boxes += [text for text in drawing.boxes if text.strip()]
            seen.pictures += drawing.pictures
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


class _Rich:
    """Collects runs; `text` outside of a phonetic hint counts."""

    __slots__ = ("_look", "_phonetic", "_raised", "_run", "_strike", "_text", "collected")

    def __init__(self) -> None:
        self.collected: list[Run] = []
        self._run = self._strike = self._raised = self._text = False
        self._phonetic = 0
        self._look = ""

    def begin(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "t":
            self._text = not self._phonetic
        elif tag == "r":
            self._run, self._strike, self._raised, self._look = True, False, False, ""
        elif tag == "rPh":
            self._phonetic += 1
        elif tag == "strike":
            self._strike = on(given)
        elif tag == "vertAlign":
            self._raised = given.get("val") in ("superscript", "subscript")
        elif tag in _LOOK and on(given):
            self._look += f"{tag}{sorted(given.items())}"

    def finish(self, tag: str) -> None:
        if tag == "t":
            self._text = False
        elif tag == "rPh":
            self._phonetic -= 1
        elif tag == "r":
            self._run = self._strike = self._raised = False
            self._look = ""

    def add(self, text: str) -> None:
        if self._text:
            self.collected.append(Run(decoded(text), self._strike, self._raised, self._look))

    def take(self) -> tuple[str, tuple[Run, ...]]:
        runs, self.collected = self.collected, []
        return "".join(run.text for run in runs), tuple(runs) if len(runs) > 1 or any(
            r[1] or r[2] for r in runs
        ) else ()


_LOOK = frozenset(("sz", "color", "b", "i", "u"))
_INSIDE = frozenset(("t", "r", "rPh", "strike", "vertAlign")) | _LOOK


class _Sheet:
    """A worksheet part."""

    __slots__ = (
        "_before",
        "_cell",
        "_column",
        "_conditional",
        "_data",
        "_formula",
        "_rich",
        "_row",
        "_shared",
        "_sqref",
        "_value",
        "_want",
        "parser",
        "seen",
    )

    def __init__(self, conditional: frozenset[str]) -> None:
        self.seen = Seen()
        self._conditional, self._sqref = conditional, ""
        self._row = self._column = -1
        self._before = ""
        self._cell: dict[str, str] | None = None
        self._value, self._formula = "", None  # type: str, str | None
        self._shared: dict[str, str] = {}
        self._rich = _Rich()
        self.parser: Any = None
        self._want = ""
        self._data = False

    def start(self, name: str, given: dict[str, str]) -> None:
        tag = KNOWN.get(name)
        if self._cell is not None:
            if tag == "v":
                self._want = "v"
            elif tag == "f":
                self._want, shared = "f", given.get("si", "")
                self._formula = self._shared.get(shared, "")
                if given.get("t") == "shared" and given.get("ref"):
                    self._shared[shared] = self._formula = ""
                    self._want = f"f{shared}"
            elif tag in _INSIDE:
                self._rich.begin(tag, given)
            elif tag is None and not name.startswith(MAIN):
                self.seen.foreign.add(self._at())
        elif tag == "c":
            if "r" not in given:  # the cell after the one before
                before = _place(self._before)
                self._column = (before[1] if before else self._column) + 1
            self._cell, self._value, self._formula = given, "", None
            self._before = given.get("r", "")
        elif tag == "row":
            number = given.get("r", "")
            self._row = int(number) - 1 if number.isdecimal() and len(number) < 9 else self._row + 1
            self._column, self._before = -1, ""
            if given.get("hidden", "0") not in OFF or ("ht" in given and _small(given["ht"], LOW)):
                self.seen.hidden_rows.add(self._row)
        elif self._data and tag is None and not name.startswith(MAIN):
            self.seen.foreign.add((max(self._row, 0), self._column + 1))
        elif tag == "sheetData":
            self._data = True
        elif tag == "col" and (given.get("hidden", "0") not in OFF or _small(given.get("width", "9"), NARROW)):
            first, last = int(given.get("min", "1")) - 1, int(given.get("max", "1"))
            self.seen.hidden_columns.update(range(first, min(last, _FAR)))
        elif tag == "mergeCell":
            area = _area(given.get("ref", ""))
            if area is not None:
                self.seen.merges.append(area)
        elif tag == "conditionalFormatting":
            self._sqref = given.get("sqref", "")
        elif tag in _MARGINS:
            self._margin(name, given)
        elif tag == "cfRule" and given.get("dxfId") in self._conditional:
            self.seen.conditional += [area for text in self._sqref.split() if (area := _area(text)) is not None]

    def _margin(self, name: str, given: dict[str, str]) -> None:
        self._want = "m" if KNOWN.get(name) in _MARGINS else ""
        self.parser.CharacterDataHandler = self.data
        if self._want:
            self.seen.margins.append("")
        elif not self._data:
            self.parser.CharacterDataHandler = None

    def _at(self) -> Place:
        return _place(self._before) or (self._row, self._column)

    def end(self, name: str) -> None:
        tag = KNOWN.get(name)
        if tag == "c":
            if self._cell is not None and (self._value or self._formula is not None or self._rich.collected):
                self._close(self._cell)
            self._cell = None
        elif tag in ("v", "f"):
            self._want = ""
        elif tag in _INSIDE:
            self._rich.finish(tag)
        elif tag == "sheetData":
            self._data = False
        elif tag in _MARGINS:
            self._want = ""
        elif (
            tag == "mergeCells" and not self._conditional
        ):  # drop-downs and conditional fills follow: they show nothing
            self.parser.StartElementHandler, self.parser.EndElementHandler = self._margin, None
            self.parser.CharacterDataHandler = None

    def data(self, text: str) -> None:
        if self._want == "v":
            self._value += text
        elif self._want == "m":
            self.seen.margins[-1] += text
        elif self._want:
            self._formula = (self._formula or "") + text
            if len(self._want) > 1:
                self._shared[self._want[1:]] = self._formula
        elif self._cell is not None:
            self._rich.add(text)

    def _close(self, given: dict[str, str]) -> None:
        value = self._value
        (text, runs), place = self._rich.take(), self._at()
        if place in self.seen.cells:
            self.seen.twice.add(place)
        kind, style = given.get("t", "n"), given.get("s", "0")
        text = text if kind == "inlineStr" else decoded(value) if kind == "str" else value
        self.seen.cells[place] = Cell(int(style) if style.isdecimal() else 0, kind, text, self._formula, runs)


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


class _Drawing:
    """A drawing: one text per shape, and where shapes without one lie."""

    __slots__ = ("_at", "_corner", "_place", "_size", "_text", "boxes", "pictures")

    def __init__(self) -> None:
        self.boxes: list[str] = []
        self.pictures: list[tuple[int, int, int, int]] = []
        self._text, self._place, self._corner = False, "", ""
        self._at: dict[str, int] = {}
        self._size = (0, 0)

    def start(self, name: str, given: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "txBody":
            self.boxes.append("")
        elif tag in _ANCHORS:
            self._at, self._size, self.boxes = {}, (0, 0), [*self.boxes, ""]
        elif tag in ("from", "to"):
            self._corner = tag
        elif tag == "ext" and not self._at.get("sized"):
            self._at["sized"] = 1
            self._size = _whole(given.get("cy", "")) // _ROW, _whole(given.get("cx", "")) // _COLUMN
        self._text = tag == "t"
        self._place = f"{self._corner} {tag}" if self._corner and tag in ("row", "col") else ""

    def end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag in ("from", "to"):
            self._corner = ""
        elif tag in _ANCHORS and not self.boxes[-1].strip():
            top, left = self._at.get("from row", 0), self._at.get("from col", 0)
            down, across = self._size
            bottom, right = self._at.get("to row", top + down), self._at.get("to col", left + across)
            self.pictures.append((top, left, bottom, right))
        self._text, self._place = False, ""

    def data(self, text: str) -> None:
        if self._text and self.boxes:
            self.boxes[-1] += text
        elif self._place:
            self._at[self._place] = _whole(text)


def _whole(text: str) -> int:
    return int(text) if text.strip().isdecimal() and len(text) < 12 else 0


class _Strings:
    __slots__ = ("_rich", "found")

    def __init__(self) -> None:
        self.found: list[tuple[str, tuple[Run, ...]]] = []
        self._rich = _Rich()

    def start(self, name: str, given: dict[str, str]) -> None:
        tag = KNOWN.get(name)
        if tag in _INSIDE:
            self._rich.begin(tag, given)

    def end(self, name: str) -> None:
        tag = KNOWN.get(name)
        if tag in _INSIDE:
            self._rich.finish(tag)
        elif tag == "si":
            self.found.append(self._rich.take())

    def data(self, text: str) -> None:
        self._rich.add(text)


def _shared(xml: bytes) -> list[tuple[str, tuple[Run, ...]]]:
    reader = _Strings()
    parse(xml, reader)
    return reader.found
