"""The second reader of .xls (BIFF8, [MS-XLS]): the records that say how a cell looks, and its value once more.

What the text of a formula is stays unknown here; whether it reaches outside its sheet is read from its tokens.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from xlpolicy.forms.colours import WHITE, indexed, unseen
from xlpolicy.forms.objects import CONTROLS, control
from xlpolicy.forms.seen import NEAR, TIGHT, Cell, Place, Run, Seen
from xlpolicy.forms.stylesheet import TINY, Style, code_of, draws

#: a row of fewer twips, a column of fewer 256ths of a character: nobody sees what is in it
_LOW, _NARROW = 80, 150
_CONTINUE, _EOF, _BOF = 0x3C, 0x0A, 0x809
#: the alignment that writes a value over and over
_FILL = 4
#: objects that hide what is below them, or strike it out: line, rectangle, oval, arc, chart, picture, polygon
_PICTURES = frozenset((1, 2, 3, 4, 5, 8, 9))
#: objects that somebody fills in, and the part of one that says whether it is checked
_CONTROLS = {
    0x0B: CONTROLS["Checkbox"], 0x0C: CONTROLS["Radio"], 0x0D: CONTROLS["Edit"], 0x12: CONTROLS["List"],
}  # fmt: skip
_CHECK = 0x12
#: parts of a conditional look before its fill, and their bytes: letters, alignment, border
_BEFORE_FILL = ((0x4000000, 118), (0x8000000, 8), (0x10000000, 8))
#: records by what they tell: cells; rows, columns and merged areas; the page and its window
_CELLS = frozenset((0x203, 0x27E, 0xBD, 0xFD, 0x204, 0xD6, 0x205, 0x06, 0x207))
_LINES, _PAGE = frozenset((0x208, 0x7D, 0xE5)), frozenset((0x14, 0x15, 0x23E))
#: bytes of each formula token with its own; those without a fixed size are read where they stand
_TOKENS = {
    0x01: 5, 0x02: 5, **dict.fromkeys(range(0x03, 0x17), 1), 0x1C: 2, 0x1D: 2, 0x1E: 3, 0x1F: 9, 0x20: 8, 0x21: 3, 0x22: 4,
    0x23: 5, 0x24: 5, 0x25: 9, 0x26: 7, 0x27: 7, 0x28: 7, 0x29: 3, 0x2A: 5, 0x2B: 9, 0x2C: 5, 0x2D: 9, 0x39: 7, 0x3A: 7,
    0x3B: 11, 0x3C: 7, 0x3D: 11,
}  # fmt: skip
#: names, and references to other sheets
_OUTSIDE = frozenset((0x23, 0x39, 0x3A, 0x3B, 0x3C, 0x3D))
INSIDE, ELSEWHERE = "…", "…!…"


class _Font(NamedTuple):
    strike: bool = False
    raised: bool = False
    colour: int = 0x7FFF
    tiny: bool = False
    drawn: bool = False


class _Record(NamedTuple):
    code: int
    body: bytes
    more: list[bytes]
    offset: int


def look_xls(stream: bytes) -> list[Seen] | None:
    """The worksheets of a workbook stream in their order; None where the records are not as they should be."""
    try:
        return _Book(stream).sheets
    except (struct.error, IndexError, KeyError, ValueError, OverflowError, UnicodeDecodeError):
        return None


def _records(stream: bytes) -> Iterator[_Record]:
    """Each record with those that continue it."""
    held: _Record | None = None
    at, end = 0, len(stream)
    while at + 4 <= end:
        code, size = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + size]
        if code == _CONTINUE and held is not None:
            held.more.append(body)
        else:
            if held is not None:
                yield held
            held = _Record(code, body, [], at)
        at += 4 + size
    if held is not None:
        yield held


class _Book:
    def __init__(self, stream: bytes) -> None:
        self.sheets: list[Seen] = []
        self._fonts: list[_Font] = []
        self._formats: dict[int, str] = {}
        self._xfs: list[tuple[int, int, int, int, bool, bool]] = []
        self._colours: dict[int, bytes] = {}
        self._strings: list[tuple[str, tuple[Run, ...]]] = []
        starts: dict[int, Seen] = {}
        sheet: Seen | None = None
        self._texts: dict[int, str] = {}
        self._object, self._on = (0, 0), False
        self._anchor: tuple[int, int, int, int] | None = None
        self._areas: list[tuple[int, int, int, int]] = []
        for record in _records(stream):
            code, body = record.code, record.body
            if code == 0x85 and not body[5]:
                starts[struct.unpack_from("<I", body)[0]] = seen = Seen()
                self.sheets.append(seen)
            elif code == _BOF:
                sheet = starts.get(record.offset, sheet)
                if record.offset in starts:
                    self._texts = {}
            elif sheet is not None:
                self._sheet(sheet, record)
            else:
                self._global(record)
        styles = tuple(map(self._style, self._xfs))
        for seen in self.sheets:
            seen.styles = styles

    def _global(self, record: _Record) -> None:
        code, body = record.code, record.body
        if code == 0x31:
            height, flags, colour, _, script = struct.unpack_from("<5H", body)
            typeface = _text(body[:14] + body[14:15] + b"\0" + body[15:], 14)
            self._fonts.append(_Font(bool(flags & 8), script in (1, 2), colour, height < 20 * TINY, draws(typeface)))
        elif code == 0x41E:
            self._formats[struct.unpack_from("<H", body)[0]] = _text(body, 2)
        elif code == 0xE0:
            font, number = struct.unpack_from("<HH", body)
            lines, more, colours = struct.unpack_from("<IIH", body, 10)
            crossed = bool(lines >> 30 and more >> 21 & 0xF)
            self._xfs.append((font, number, colours & 0x7F, more >> 26, body[6] & 7 == _FILL, crossed))
        elif code == 0x92:
            for index in range(struct.unpack_from("<H", body)[0]):
                self._colours[8 + index] = body[2 + 4 * index : 5 + 4 * index]
        elif code == 0xFC:
            self._strings = list(self._shared([record.body, *record.more]))

    def _font(self, index: int) -> _Font:
        index -= index > 4  # there is no font 4
        return self._fonts[index] if index < len(self._fonts) else _Font()

    def _colour(self, number: int) -> bytes | None:
        return self._colours.get(number) or indexed(number)

    def _unseen(self, font: _Font, ground: int | None = None) -> bool:
        paper = None if ground is None else self._colour(ground)
        return unseen(self._colour(font.colour), paper) or font.tiny

    def _style(self, xf: tuple[int, int, int, int, bool, bool]) -> Style:
        font, number, ground, pattern, repeated, crossed = self._font(xf[0]), *xf[1:]
        hidden = self._unseen(font, ground if pattern else None)
        code = self._formats.get(number) or code_of(number)
        dark = bool(pattern) and not unseen(WHITE, self._colour(ground))
        return Style(code, font.strike, font.raised, hidden, repeated, font.drawn, dark, crossed)

    def _runs(self, text: str, marks: list[tuple[int, int]]) -> tuple[Run, ...]:
        if not marks:
            return ()
        begins = [(0, -1), *marks] if marks[0][0] else marks
        ends = [*(at for at, _ in begins[1:]), len(text)]
        runs = []
        for (at, index), end in zip(begins, ends, strict=True):
            font = self._font(index) if index >= 0 else _Font()
            look = f"{font.colour} {font.tiny}" if index >= 0 else ""
            runs.append(Run(text[at:end], font.strike, font.raised, look, font.drawn, self._unseen(font)))
        return tuple(run for run in runs if run.text)

    def _shared(self, bodies: list[bytes]) -> Iterator[tuple[str, tuple[Run, ...]]]:
        """The shared strings; the characters of one that goes on in the next record begin there with new flags."""
        number, at = 0, 8
        left = struct.unpack_from("<I", bodies[0], 4)[0]

        def take(size: int) -> bytes:
            nonlocal number, at
            out = b""
            while size:
                if at >= len(bodies[number]):
                    number, at = number + 1, 0
                part = bodies[number][at : at + size]
                out, at, size = out + part, at + len(part), size - len(part)
            return out

        for _ in range(left):
            if at >= len(bodies[number]) and number + 1 >= len(bodies):
                return
            count, flags = struct.unpack("<HB", take(3))
            formatted = struct.unpack("<H", take(2))[0] if flags & 8 else 0
            extra = struct.unpack("<I", take(4))[0] if flags & 4 else 0
            text, wide = "", flags & 1
            while count:
                if at >= len(bodies[number]):
                    number, at = number + 1, 1
                    wide = bodies[number][0] & 1
                size = min(count, (len(bodies[number]) - at) // (2 if wide else 1))
                part = bodies[number][at : at + size * (2 if wide else 1)]
                if not size:
                    raise ValueError("a string that does not go on")
                text += part.decode("utf-16-le", "replace") if wide else part.decode("latin-1")
                at, count = at + len(part), count - size
            marks = [struct.unpack("<HH", take(4)) for _ in range(formatted)]
            take(extra)
            yield text, self._runs(text, [(mark[0], mark[1]) for mark in marks])

    def _sheet(self, seen: Seen, record: _Record) -> None:
        """A record of a worksheet, by its kind."""
        if record.code in _CELLS:
            self._cell(seen, record)
        elif record.code in _LINES:
            _line(seen, record.code, record.body)
        elif record.code in _PAGE:
            _page(seen, record.code, record.body)
        else:
            self._beside(seen, record)

    def _cell(self, seen: Seen, record: _Record) -> None:
        """A record that holds a value, or several."""
        code, body = record.code, record.body
        if code == 0x203:
            self._put(seen, body, Cell(0, "n", repr(struct.unpack_from("<d", body, 6)[0])))
        elif code == 0x27E:
            self._put(seen, body, Cell(0, "n", repr(_rk(struct.unpack_from("<I", body, 6)[0]))))
        elif code == 0xBD:
            row, first = struct.unpack_from("<HH", body)
            for number in range((len(body) - 6) // 6):
                style, packed = struct.unpack_from("<HI", body, 4 + 6 * number)
                self._set(seen, (row, first + number), Cell(style, "n", repr(_rk(packed))))
        elif code == 0xFD:
            text, runs = self._strings[struct.unpack_from("<I", body, 6)[0]]
            self._put(seen, body, Cell(0, "s", text, None, runs))
        elif code in (0x204, 0xD6):
            self._put(seen, body, Cell(0, "s", _text(body, 6)))
        elif code == 0x205:
            self._put(seen, body, Cell(0, "e" if body[7] else "b", str(body[6])))
        elif code == 0x06:
            self._formula(seen, body)
        elif seen.cells:  # 0x207: the text that a formula came to
            place = next(reversed(seen.cells))
            if seen.cells[place].formula is not None:
                seen.cells[place] = seen.cells[place]._replace(text=_text(body, 0))

    def _beside(self, seen: Seen, record: _Record) -> None:
        """Conditional formats, objects and what is written on them, notes."""
        code, body = record.code, record.body
        if code == 0x1B0:
            count = struct.unpack_from("<H", body, 12)[0]
            areas = (struct.unpack_from("<4H", body, 14 + 8 * number) for number in range(count))
            self._areas = [(top, left, bottom, right) for top, bottom, left, right in areas]
        elif code == 0x1B1 and self._changes(body):
            seen.conditional += self._areas
        elif code == 0xEC:
            self._anchor = _anchor(b"".join((body, *record.more))) or self._anchor
        elif code == 0x5D and len(body) >= 8:
            self._object, self._on = struct.unpack_from("<HH", body, 4), _checked(body)
            if self._object[0] in _PICTURES and self._anchor:
                seen.pictures.append(self._anchor)
            elif self._object[0] in _CONTROLS:
                seen.controls.append(control(_CONTROLS[self._object[0]], "", self._on, ""))
        elif code == 0x1B6 and record.more:
            self._said(seen, record)
        elif code == 0x1C:
            row, column, _, number = struct.unpack_from("<4H", body)
            if self._texts.get(number, "").strip():
                seen.comments[row, column] = self._texts[number]

    def _changes(self, rule: bytes) -> bool:
        """Whether a conditional format may change what a cell says: its number format, a line through it, white, on black."""
        flags = struct.unpack_from("<I", rule, 6)[0]
        if flags & 0x2000000:
            return True
        ground = letters = None
        if flags & 0x20000000:
            at = 12 + sum(size for flag, size in _BEFORE_FILL if flags & flag)
            ground = self._colour(struct.unpack_from("<H", rule, at + 2)[0] >> 7 & 0x7F)
        if flags & 0x4000000 and len(rule) >= 104:
            style, colour, kept = (struct.unpack_from("<I", rule, at)[0] for at in (80, 92, 100))
            letters = self._colour(colour)
            if style & 0x80 and not kept & 0x80:
                return True
        return unseen(letters, ground)

    def _said(self, seen: Seen, record: _Record) -> None:
        """The text of a comment, kept for its note, or of a text box."""
        kind, number = self._object
        count = struct.unpack_from("<H", record.body, 10)[0]
        wide = record.more[0][:1] == b"\1"
        text = record.more[0][1 : 1 + count * (2 if wide else 1)].decode("utf-16-le" if wide else "latin-1", "replace")
        if kind == 0x19:
            self._texts[number] = text
        elif kind in _CONTROLS and seen.controls:
            seen.controls[-1] = control(_CONTROLS[kind], text.strip(), self._on, "")
        elif text.strip():
            seen.boxes.append(text)

    def _put(self, seen: Seen, body: bytes, cell: Cell) -> None:
        row, column, style = struct.unpack_from("<3H", body)
        self._set(seen, (row, column), cell._replace(style=style))

    def _set(self, seen: Seen, place: Place, cell: Cell) -> None:
        if place in seen.cells:
            seen.twice.add(place)
        seen.cells[place] = cell

    def _formula(self, seen: Seen, body: bytes) -> None:
        text, kind = repr(struct.unpack_from("<d", body, 6)[0]), "n"
        if body[12:14] == b"\xff\xff":
            kind = {0: "str", 1: "b", 2: "e", 3: "str"}.get(body[6], "str")
            text = str(body[8]) if kind == "b" else ""
        size = struct.unpack_from("<H", body, 20)[0]
        outside = _reaches_outside(body[22 : 22 + size])
        self._put(seen, body, Cell(0, kind, text, ELSEWHERE if outside else INSIDE))


def _reaches_outside(tokens: bytes) -> bool:
    """Whether a formula names another sheet or a name; one that cannot be followed counts as such."""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        token = token & 0x1F | 0x20 if token >= 0x20 else token
        if token in _OUTSIDE:
            return True
        if token == 0x17:
            at += 3 + tokens[at + 1] * (2 if tokens[at + 2] & 1 else 1)
        elif token == 0x19:
            choices = struct.unpack_from("<H", tokens, at + 2)[0] + 1 if tokens[at + 1] & 4 else 0
            at += 4 + 2 * choices
        elif token in _TOKENS:
            at += _TOKENS[token]
        else:
            return True
    return False


def _line(seen: Seen, code: int, body: bytes) -> None:
    """Rows and columns that nobody sees, and merged areas."""
    if code == 0x208:
        row, height, flags = (struct.unpack_from("<H", body, at)[0] for at in (0, 6, 12))
        if flags & 0x20 or (height & 0x7FFF) < _LOW:
            seen.hidden_rows.add(row)
    elif code == 0x7D:
        first, last, width, _, flags = struct.unpack_from("<5H", body)
        if flags & 1 or width < _NARROW:
            seen.hidden_columns.update(range(first, last + 1))
        elif width < 256 * TIGHT:
            seen.narrow.update(dict.fromkeys(range(first, min(last + 1, NEAR)), width / 256))
    else:
        for number in range(struct.unpack_from("<H", body)[0]):
            top, bottom, left, right = struct.unpack_from("<4H", body, 2 + 8 * number)
            seen.merges.append((top, left, bottom, right))


def _page(seen: Seen, code: int, body: bytes) -> None:
    """Header and footer, and how the sheet is looked at."""
    if code == 0x23E:
        seen.zeros = bool(body[0] & 0x10)
        if body[0] & 8:  # frozen: what lies before the first cell shown cannot be scrolled to
            top, left = struct.unpack_from("<HH", body, 2)
            seen.hidden_rows.update(range(top))
            seen.hidden_columns.update(range(left))
    elif len(body) > 3:
        seen.margins.append(_text(body, 0))


def _checked(item: bytes) -> bool:
    """Whether an object record holds a check that is set (ftCblsData)."""
    at = 0
    while at + 4 <= len(item):
        kind, size = struct.unpack_from("<HH", item, at)
        if kind == _CHECK and at + 6 <= len(item):
            return item[at + 4] == 1
        at += 4 + size
    return False


def _anchor(drawing: bytes) -> tuple[int, int, int, int] | None:
    """The last place that a drawing record ([MS-ODRAW]) fastens something to, as an area of cells."""
    at, found = 0, None
    while at + 8 <= len(drawing):
        version, kind, size = struct.unpack_from("<HHI", drawing, at)
        at += 8
        if kind == 0xF010 and size >= 16:
            _, left, _, top, _, right, _, bottom = struct.unpack_from("<8H", drawing, at)
            found = top, left, bottom, right
        at += 0 if version & 0xF == 0xF else size
    return found


def _rk(packed: int) -> float:
    if packed & 2:
        number = float((packed >> 2) - (1 << 30 if packed & 0x80000000 else 0))
    else:
        number = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0]
    return number / 100 if packed & 1 else number


def _text(body: bytes, at: int) -> str:
    count, flags = struct.unpack_from("<HB", body, at)
    at += 3 + (2 if flags & 8 else 0) + (4 if flags & 4 else 0)
    part = body[at : at + count * (2 if flags & 1 else 1)]
    return part.decode("utf-16-le", "replace") if flags & 1 else part.decode("latin-1")
