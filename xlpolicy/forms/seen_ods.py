"""The second reader of .ods. The format keeps the text that each cell shows; that says what its number format does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from xlpolicy.forms.colours import WHITE, unseen
from xlpolicy.forms.extent import column_index
from xlpolicy.forms.objects import control
from xlpolicy.forms.ods_formats import Formats
from xlpolicy.forms.ods_views import END, LINES, SHAPES, Views, local, ranges, stretch
from xlpolicy.forms.seen import NEAR, TIGHT, Cell, Run, Seen
from xlpolicy.forms.stylesheet import TINY, Style, draws, run

_SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_FO = "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0 "
_REFERENCE = re.compile(r"\[([^\[\]]*)\]")
_SIZE, _INCH = re.compile(r"(\d+(?:\.\d+)?)(in|cm|mm|pt)"), {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72}
#: inches; nobody sees what is in a row or column of less
_THIN = 0.055
#: inches of a digit (Arial, 10 points)
_DIGIT = 0.077
#: inches of a column and a row that say nothing
_WIDE, _HIGH = 0.89, 0.178
_STYLES = frozenset((
    "table-column-properties", "table-row-properties", "conditional-format", "condition", "icon-set", "data-bar",
))  # fmt: skip
_TABLES = frozenset(("table", "table-column", "table-row", "table-cell", "covered-table-cell"))
#: what holds the words of a page's header or footer
_PLAIN_TEXT = frozenset((
    "header", "footer", "header-left", "footer-left", "header-first", "footer-first", "region-left", "region-center", "region-right",
    "p", "span", "s",
))  # fmt: skip
#: a repeated cell that holds something is written down at most so often
_REPEATED = 200
_KINDS = {"float": "n", "percentage": "n", "currency": "n", "date": "d", "time": "d", "boolean": "b", "string": "str"}


class _Look(NamedTuple):
    """What a style says; None where it leaves the word to its parent."""

    parent: str = ""
    strike: bool | None = None
    raised: bool | None = None
    colour: str | None = None
    ground: str | None = None
    tiny: bool | None = None
    drawn: bool | None = None
    repeated: bool | None = None
    crossed: bool | None = None
    code: str | None = None


def look_ods(content: bytes, styles: bytes, settings: bytes = b"") -> list[Seen]:
    """The tables of a content.xml in their order; `styles`, `settings`: the parts beside it. Raises Unreadable."""
    reader, views = _Reader(), Views()
    for part in (styles, content):
        if part:
            run(part, reader.start, reader.end, reader.text)
    if settings:
        run(settings, views.start, views.end, views.text)
    for name, table in zip(reader.names, reader.tables, strict=True):
        table.zeros = views.zeros(name)
        top, left = views.first(name)
        table.hidden_rows.update(range(top))
        table.hidden_columns.update(range(left))
    return reader.tables


class _Reader:
    def __init__(self) -> None:
        self.tables: list[Seen] = []
        self.names: list[str] = []
        self._extents: dict[str, float] = {}
        self._across: list[tuple[int, float]] = []
        self._down: list[tuple[int, float]] = []
        self._floating: list[tuple[float, float, float, float]] = []
        self._pictured: list[tuple[float, float, float, float]] = []
        self._shapes = False
        self._looks: dict[str, _Look] = {}
        self._of: dict[str, int] = {}
        self._known: list[Style] = []
        self._style = ""
        self._seen = Seen()
        self._row = self._column = self._rows = self._columns = 0
        self._row_style = ""
        self._defaults: list[tuple[int, str]] = []
        self._cell: dict[str, str] | None = None
        self._lines: list[str] = []
        self._runs: list[Run] = []
        self._spans: list[str] = []
        self._aside = ""
        self._note = self._box = ""
        self._frame: tuple[int, int, int, int] | None = None
        self._page = self._field = ""
        self._formats = Formats()
        self._fills: dict[int, str] = {}
        self._shown_name: dict[str, str] = {}
        self._thin: set[str] = set()
        self._areas: list[tuple[int, int, int, int]] = []
        self._pages: dict[str, list[str]] = {}
        self._page_of: dict[str, str] = {}

    def start(self, name: str, given: dict[str, str]) -> None:
        tag, said = local(name), {local(key): value for key, value in given.items()}
        if self._page:
            self._margin(tag, said)
        elif tag == "master-page":
            self._page = said.get("name", "")
        elif tag == "style" and name.startswith(_SPACE):
            self._named(said)
        elif tag in ("text-properties", "table-cell-properties") and self._style:
            self._properties(given, said)
        elif self._formats.start(tag, said):
            pass
        elif tag in _STYLES:
            self._styled(tag, said)
        elif tag in _TABLES and not (tag == "table" and self._cell):
            self._table(tag, said)
        elif not self._aside:
            self._inside(tag, said)
        elif tag in ("creator", "date"):  # who wrote a note, and when
            self._field = tag

    def _named(self, said: Mapping[str, str]) -> None:
        """A style begins."""
        self._style = said.get("name", "")
        self._looks[self._style] = _Look(said.get("parent-style-name", ""), code=said.get("data-style-name"))
        self._shown_name[said.get("display-name", self._style)] = self._style
        if "master-page-name" in said:
            self._page_of[self._style] = said["master-page-name"]

    def _styled(self, tag: str, said: Mapping[str, str]) -> None:
        """Widths and heights, and where a condition changes a look."""
        if tag == "conditional-format":
            self._areas = ranges(said.get("target-range-address", ""))
        elif tag in ("icon-set", "data-bar"):
            if said.get("show-value") == "false":
                self._seen.conditional += self._areas
        elif tag == "condition":
            name = self._shown_name.get(said.get("apply-style-name", ""), "")
            look = self._whole(name)
            faint = unseen(_rgb(look.colour), _rgb(look.ground))
            if look.strike or faint or (name in self._looks and self._looks[name].code):
                self._seen.conditional += self._areas
        else:
            size = _inches(said.get("column-width", said.get("row-height", "")))
            if size is not None:
                self._extents[self._style] = size
                if size < _THIN:
                    self._thin.add(self._style)

    def _table(self, tag: str, said: dict[str, str]) -> None:
        """A table, its columns, rows and cells begin."""
        gone = said.get("visibility") in ("collapse", "filter") or said.get("style-name") in self._thin
        if tag == "table":
            self._seen, self._row, self._column, self._defaults = Seen(), 0, 0, []
            self._seen.printed = tuple(ranges(said.get("print-ranges", "")))
            self._seen.margins += self._pages.get(self._page_of.get(said.get("style-name", ""), ""), [])
            self.tables.append(self._seen)
            self.names.append(said.get("name", ""))
            self._across, self._down, self._floating = [], [], []
        elif tag == "table-column":
            wide, size = _repeat(said, "columns"), self._extents.get(said.get("style-name", ""), _WIDE)
            self._across.append((wide, size))
            if gone:
                self._seen.hidden_columns.update(range(self._column, self._column + min(wide, 1024)))
            elif size < TIGHT * _DIGIT:
                these = range(self._column, min(self._column + wide, NEAR))
                self._seen.narrow.update(dict.fromkeys(these, size / _DIGIT))
            self._column += wide
            self._defaults.append((self._column, said.get("default-cell-style-name", "")))
        elif tag == "table-row":
            self._column, self._rows = 0, _repeat(said, "rows")
            self._row_style = said.get("default-cell-style-name", "")
            self._down.append((self._rows, self._extents.get(said.get("style-name", ""), _HIGH)))
            if gone:
                self._seen.hidden_rows.update(range(self._row, self._row + min(self._rows, 10_000)))
        else:
            self._cell, self._columns = said, _repeat(said, "columns")
            self._lines, self._runs, self._spans, self._note = [], [], [], ""

    def _inside(self, tag: str, said: Mapping[str, str]) -> None:
        """What a cell or a drawing holds."""
        if tag == "frame" and self._cell is not None:
            last = END.search(said.get("end-cell-address", ""))
            end = (int(last[2]) - 1, column_index(last[1])) if last else (self._row, self._column)
            self._frame = (self._row, self._column, *end)
        elif tag in ("checkbox", "radio"):
            kind, on = (
                "复选框" if tag == "checkbox" else "单选按钮",
                said.get("current-state", said.get("current-selected", "")),
            )
            told = control(
                kind, said.get("label", ""), on in ("checked", "true"), said.get("linked-cell", "").rpartition(".")[2]
            )
            self._seen.controls.append(told)
        elif tag == "shapes":
            self._shapes = True
        elif tag == "frame" and self._shapes:
            x, y, wide, high = (_inches(said.get(name, "")) or 0.0 for name in ("x", "y", "width", "height"))
            self._floating.append((x, y, wide, high))
        elif tag in ("image", "object") and self._shapes and self._floating:
            self._pictured.append(self._floating[-1])
        elif tag in ("annotation", "text-box", *SHAPES):
            self._aside, self._box = tag, ""
            if tag in SHAPES and self._cell is not None and (last := END.search(said.get("end-cell-address", ""))):
                self._frame = (self._row, self._column, int(last[2]) - 1, column_index(last[1]))
        elif tag in LINES:
            self._pictured.append(stretch(_inches(said.get(name, "")) or 0.0 for name in ("x1", "y1", "x2", "y2")))
        elif tag == "p" and self._cell is not None and self._frame is None:
            self._lines.append("")
        elif tag == "span":
            self._spans.append(said.get("style-name", ""))
        elif tag in ("image", "object") and self._cell is not None and self._frame is not None:
            self._seen.pictures.append(self._frame)
        elif tag in ("s", "tab", "line-break"):
            self.text(" " * int(said["c"]) if said.get("c", "").isdecimal() and len(said["c"]) < 4 else " ")

    def _properties(self, given: Mapping[str, str], said: Mapping[str, str]) -> None:
        look = self._looks[self._style]
        line = said.get("text-line-through-style", said.get("text-line-through-type"))
        if line is not None:
            look = look._replace(strike=line != "none")
        if "text-position" in said:
            look = look._replace(raised=not said["text-position"].startswith("0%"))
        if f"{_FO}color" in given:
            look = look._replace(colour=given[f"{_FO}color"].lower())
        if f"{_FO}background-color" in given:
            look = look._replace(ground=given[f"{_FO}background-color"].lower())
        for name in ("diagonal-bl-tr", "diagonal-tl-br"):
            if name in said:
                look = look._replace(crossed=look.crossed or said[name] != "none")
        if "repeat-content" in said:
            look = look._replace(repeated=said["repeat-content"] == "true")
        typeface = said.get("font-name", said.get("font-family"))
        if typeface is not None:
            look = look._replace(drawn=draws(typeface))
        size = re.fullmatch(r"(\d+(?:\.\d+)?)pt", given.get(f"{_FO}font-size", ""))
        if size is not None:
            look = look._replace(tiny=float(size[1]) < TINY)
        self._looks[self._style] = look

    def _whole(self, name: str) -> _Look:
        """A style with what it takes from its parents."""
        look = _Look(name)
        for _ in range(20):
            above = self._looks.get(look.parent)
            if above is None:
                break
            said = {k: v for k, v in look._asdict().items() if v is not None}
            look = above._replace(**said)._replace(parent=above.parent)
        return look

    def _margin(self, tag: str, said: Mapping[str, str]) -> None:
        """Header and footer of a page style; what a program fills in (page numbers, names) is none of it."""
        if tag == "p":
            self._pages.setdefault(self._page, []).append("")
        elif tag not in _PLAIN_TEXT:
            self._field = tag

    def end(self, name: str) -> None:
        tag = local(name)
        self._formats.end(tag)
        if tag == "master-page":
            self._page = ""
        elif tag == self._field:
            self._field = ""
        elif tag == "frame":
            self._frame = None
        elif tag == "style":
            self._style = ""
        elif tag == "span" and not self._aside and self._spans:
            self._spans.pop()
        elif tag == self._aside:
            if tag == "annotation":
                self._note = self._box.strip()
            elif self._box.strip():
                self._seen.boxes.append(self._box.strip())
            elif tag in SHAPES and self._frame is not None:
                self._seen.pictures.append(self._frame)
            self._aside, self._frame = "", None if tag in SHAPES else self._frame
        elif tag in ("table-cell", "covered-table-cell") and self._cell is not None:
            self._close(self._cell)
            self._column += self._columns
            self._cell = None
        elif tag == "table-row":
            self._row += self._rows
        elif tag == "shapes":
            self._shapes = False
        elif tag == "table" and self._pictured:
            for x, y, wide, high in self._pictured:
                top, bottom = _at(self._down, y), _at(self._down, y + high)
                self._seen.pictures.append((top, _at(self._across, x), bottom, _at(self._across, x + wide)))
            self._pictured = []

    def text(self, text: str) -> None:
        if self._page:
            if not self._field and self._page in self._pages:
                self._pages[self._page][-1] += text
        elif self._formats.text(text):
            pass
        elif self._aside:
            self._box += "" if self._field else text
        elif self._cell is not None and self._lines:
            self._lines[-1] += text
            look = self._whole(self._spans[-1]) if self._spans else _Look()
            white = bool(look.tiny) or unseen(_rgb(look.colour), None)
            marks = bool(look.strike), bool(look.raised), _lettering(look), bool(look.drawn), white
            self._runs.append(Run(text, *marks))

    def _close(self, said: Mapping[str, str]) -> None:
        kind = _KINDS.get(said.get("value-type", ""), "")
        formula = said.get("formula")
        if self._note:
            self._seen.comments[self._row, self._column] = self._note
        down, across = (_count(said.get(f"number-{what}-spanned", "1")) for what in ("rows", "columns"))
        if down > 1 or across > 1:
            self._seen.merges.append((self._row, self._column, self._row + down - 1, self._column + across - 1))
        if not kind and formula is None:
            return
        shown = "\n".join(self._lines) if self._lines else None
        text = said.get(
            {"b": "boolean-value", "d": "date-value", "str": "string-value"}.get(kind, "value"), shown or ""
        )
        odd = any(part.strike or part.raised or part.drawn or part.look for part in self._runs)
        runs = tuple(self._runs) if odd else ()
        index = self._index(said)
        if shown is not None and kind != "str":
            shown += self._fills[index]
        cell = Cell(index, kind, text, None if formula is None else _formula(formula), runs, shown)
        for row in range(self._row, self._row + min(self._rows, _REPEATED)):
            for column in range(self._column, self._column + min(self._columns, _REPEATED)):
                self._seen.cells[row, column] = cell

    def _index(self, said: Mapping[str, str]) -> int:
        own = said.get("style-name") or self._row_style
        own = own or next((name for end, name in self._defaults if self._column < end), "")
        if own not in self._of:
            look = self._whole(own)
            ink = self._formats.ink(look.code) or look.colour
            hidden = unseen(_rgb(ink), _rgb(look.ground)) or bool(look.tiny)
            self._of[own] = len(self._known)
            self._fills[len(self._known)] = self._formats.fill(look.code)
            marks = bool(look.strike), bool(look.raised), hidden, bool(look.repeated), bool(look.drawn)
            dark = not unseen(WHITE, _rgb(look.ground))
            self._known.append(Style(self._formats.of_text(look.code), *marks, dark, bool(look.crossed)))
        self._seen.styles = tuple(self._known) if len(self._seen.styles) != len(self._known) else self._seen.styles
        return self._of[own]


def _lettering(look: _Look) -> str:
    """Size and colour, where a stretch of text has its own."""
    return f"{look.colour or ''} {look.tiny or ''}".strip()


def _inches(text: str) -> float | None:
    size = _SIZE.fullmatch(text)
    return float(size[1]) * _INCH[size[2]] if size is not None else None


def _at(lines: list[tuple[int, float]], where: float) -> int:
    """The row or column that lies so many inches from the first; the last one where the sheet ends before."""
    number = 0
    for count, size in lines:
        if where < count * size:
            return number + int(where / size) if size else number
        number, where = number + count, where - count * size
    return number


def _rgb(text: str | None) -> bytes | None:
    """#fffceb; None for what is none (transparent, or left to the program)."""
    match = re.fullmatch("#([0-9a-f]{6})", text or "")
    return bytes.fromhex(match[1]) if match else None


def _repeat(said: Mapping[str, str], what: str) -> int:
    return _count(said.get(f"number-{what}-repeated", "1"))


def _count(text: str) -> int:
    return max(1, int(text)) if text.strip().isdecimal() and len(text) < 9 else 1


def _formula(text: str) -> str:
    """of:=SUM([.H1:.H9];[$账.B2]) as Excel writes it: SUM(H1:H9;账!B2)."""

    def plain(match: re.Match[str]) -> str:
        ends = [part.rpartition(".") for part in match[1].split(":")]
        return ":".join(f"{sheet.lstrip('$')}!{cell}" if sheet else cell for sheet, _, cell in ends)

    return _REFERENCE.sub(plain, text.partition("=")[2] or text)
