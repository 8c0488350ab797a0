"""One sheet of a template as it stands in its package: rows, cells with their style numbers, what is before and after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from xlpolicy.faults import PolicyError, nearest
from xlpolicy.sheets.package import entity
from xlpolicy.sheets.structure import parse
from xlpolicy.sheets.text import braced, column_number, letter

_REF = re.compile(r"([A-Z]+)(\d+)")
_DEFAULT_WIDTH = 8.43


class TemplateError(PolicyError):
    """A template that cannot be used as it is."""

    code = "template"


def unknown(name: str, where: str, known: Iterable[str]) -> TemplateError:
    """What is said of a placeholder that nobody knows."""
    known = list(known)
    return TemplateError(
        f"模板里的 {{{name}}} 没有对应的数据", where=where, expected="、".join(known), remedy=nearest(name, known)
    )


@dataclass(slots=True)
class Proto:
    """A cell: column (from 1), style number, what it shows, and how it stands in the file where it stays as it is."""

    column: int
    address: str
    style: str
    kind: str = ""
    raw: str = ""
    text: str = ""
    formula: bool = False


@dataclass(slots=True)
class Line:
    """A row: its number, height where one is set, other attributes as they stand, cells."""

    number: int
    height: float | None
    attributes: dict[str, str]
    cells: list[Proto] = field(default_factory=list)


@dataclass(slots=True)
class TemplateSheet:
    """A sheet of the template. `head` ends before its rows, `tail` begins after them."""

    name: str
    head: str
    tail: str
    lines: list[Line]
    widths: dict[int, float]
    merges: list[tuple[int, int, int, int]]

    def width(self, first: int, last: int) -> float:
        """Characters that columns are wide together."""
        return sum(self.widths.get(column, _DEFAULT_WIDTH) for column in range(first, last + 1))

    def listed(self, top: int, name: str, heads: Sequence[str]) -> TemplateSheet:
        """The sheet with a line for a list below the headings in row `top`, in the look of the line that is there; what
        else stands below gives way. Headings that it lacks come behind, in the look of the last one."""
        kept = [line for line in self.lines if line.number <= top]
        model = next((line for line in self.lines if line.number == top + 1), Line(top + 1, None, {}))
        looks = {cell.column: cell.style for cell in model.cells}
        above = kept[-1].cells
        last = above[-1]
        for column in range(last.column + 1, len(heads) + 1):
            above.append(Proto(column, f"{letter(column)}{top}", last.style, "inlineStr", text=heads[column - 1]))
        line = Line(top + 1, model.height, model.attributes)
        line.cells = [
            Proto(column, f"{letter(column)}{top + 1}", looks.get(column, "0"), "inlineStr", text=f"{{{name}.{head}}}")
            for column, head in enumerate(heads, 1)
            if head
        ]
        merges = [merge for merge in self.merges if merge[0] <= top]
        return TemplateSheet(self.name, self.head, self.tail, [*kept, line], self.widths, merges)


def read_sheet(name: str, xml: bytes, shared: Sequence[str]) -> TemplateSheet:
    """Raises Unreadable for damage and entities; ValueError for XML with prefixes, which no spreadsheet program writes."""
    reader = _Reader(shared)
    reader.read(xml)
    head, tail = xml[: reader.begins].decode(), xml[reader.ends :].decode()
    head = re.sub(r"<dimension\b[^>]*/>", "", head)
    return TemplateSheet(name, head, tail, reader.lines, reader.widths, reader.merges)


class _Reader:
    """The parser's callbacks."""

    def __init__(self, shared: Sequence[str]) -> None:
        self.shared = shared
        self.lines: list[Line] = []
        self.widths: dict[int, float] = {}
        self.merges: list[tuple[int, int, int, int]] = []
        self.begins = self.ends = -1
        self._after = False
        self._cell: Proto | None = None
        self._inside = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self.parser.EntityDeclHandler = self._refuse

    def read(self, xml: bytes) -> None:
        try:
            self.parser.Parse(xml, True)
        except expat.ExpatError:
            raise ValueError from None
        if self.begins < 0 or self.ends < 0:
            raise ValueError

    def _refuse(self, *_: object) -> None:
        raise entity()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._after:
            self.ends, self._after = self.parser.CurrentByteIndex, False
        if name == "sheetData":
            self.begins = self.parser.CurrentByteIndex
        elif name == "row":
            number = int(attributes.pop("r", len(self.lines) + 1))
            attributes.pop("spans", None)
            height = attributes.pop("ht", None)
            attributes.pop("customHeight", None)
            plain = {key: value for key, value in attributes.items() if ":" not in key}
            self.lines.append(Line(number, float(height) if height else None, plain))
        elif name == "c":
            match = _REF.fullmatch(attributes.get("r", ""))
            if match is None:
                raise ValueError
            self._cell = Proto(column_number(match[1]), match[0], attributes.get("s", "0"), attributes.get("t", ""))
            self.lines[-1].cells.append(self._cell)
        elif name in ("v", "t", "f", "rPh"):
            self._inside = name
            if name == "f" and self._cell is not None:
                self._cell.formula = True
        elif name == "col":
            for column in range(int(attributes["min"]), min(int(attributes["max"]), 500) + 1):
                self.widths[column] = float(attributes.get("width", _DEFAULT_WIDTH))
        elif name == "mergeCell":
            left, _, right = attributes["ref"].partition(":")
            a, b = _REF.fullmatch(left), _REF.fullmatch(right or left)
            if a and b:
                self.merges.append((int(a[2]), int(b[2]), column_number(a[1]), column_number(b[1])))

    def _end(self, name: str) -> None:
        if self._after:
            self.ends, self._after = self.parser.CurrentByteIndex, False
        if name == "sheetData":
            self._after = True
        elif name == "c":
            cell, self._cell = self._cell, None
            if cell is not None:
                cell.text = braced(self.shared[int(cell.raw)] if cell.kind == "s" and cell.raw else cell.text)
        self._inside = ""

    def _text(self, data: str) -> None:
        if self._cell is None:
            return
        if self._inside == "v":
            self._cell.raw += data
        elif self._inside == "t":
            self._cell.text += data


def shared_strings(xml: bytes) -> list[str]:
    """The texts of sharedStrings.xml, without how they are pronounced. Raises Unreadable."""
    found: list[str] = []
    inside: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        inside.append(name)
        if name == "si":
            found.append("")

    def text(data: str) -> None:
        if inside[-1] == "t" and "rPh" not in inside:
            found[-1] += data

    def end(_: str) -> None:
        inside.pop()

    parse(xml, start, end, text)
    return found


@dataclass(slots=True)
class CellStyles:
    """What fitting rows needs of the cell formats, by number: whether text wraps, its size."""

    wraps: list[bool] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, xml: bytes) -> CellStyles:
        """Raises Unreadable."""
        styles, fonts, inside = cls(), [], [""]

        def start(name: str, attributes: dict[str, str]) -> None:
            if name in ("fonts", "cellXfs", "cellStyleXfs", "dxfs"):
                inside[0] = name
            elif name == "font" and inside[0] == "fonts":
                fonts.append(11.0)
            elif name == "sz" and inside[0] == "fonts":
                fonts[-1] = float(attributes.get("val", 11))
            elif name == "xf" and inside[0] == "cellXfs":
                number = int(attributes.get("fontId", 0))
                styles.wraps.append(False)
                styles.sizes.append(fonts[number] if number < len(fonts) else 11.0)
            elif name == "alignment" and inside[0] == "cellXfs":
                styles.wraps[-1] = attributes.get("wrapText") in ("1", "true")

        def end(name: str) -> None:
            if name in ("fonts", "cellXfs", "cellStyleXfs", "dxfs"):
                inside[0] = ""

        parse(xml, start, end)
        return styles
