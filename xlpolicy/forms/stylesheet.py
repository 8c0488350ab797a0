"""The XML of a workbook by a parser that declares nothing, and what its style sheet does to a cell."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple
from xml.parsers import expat

from xlpolicy.forms.colours import OFFICE, WHITE, Theme, named, unseen
from xlpolicy.sheets.package import SAVE_AS, Unreadable, entity, remembered

MAIN = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
KNOWN = {f"{name} {tag}": tag for name in MAIN for tag in (
    "sheetFormatPr", "col", "row", "c", "v", "f", "is", "r", "t", "rPr", "rPh", "strike", "vertAlign", "color", "si",
    "mergeCell", "mergeCells", "sheetData", "sheetView", "numFmt", "font", "fills", "fill", "fgColor", "patternFill", "cellXfs", "xf", "fonts",
    "comment", "text", "sz", "b", "i", "u", "dxfs", "dxf", "bgColor", "conditionalFormatting", "cfRule", "alignment",
    "oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter", "dataBar", "iconSet",
    "name", "rFont", "gradientFill", "borders", "border", "diagonal", "tableStyle", "tableStyleElement", "table", "tableStyleInfo",
)}  # fmt: skip
OFF = ("0", "false")
#: points; smaller than that nobody reads
TINY = 4


class Style(NamedTuple):
    """What a cell's style does to what it shows; `raised`: super- or subscript; `white`: not to be seen (white on
    white, nearly the colour of its fill, or tiny); `repeated`: written over and over until the cell is full; `drawn`: in
    a typeface that draws signs instead of letters; `dark`: on a ground where white letters show; `crossed`: with a line
    from corner to corner.
    """

    format: str = "General"
    strike: bool = False
    raised: bool = False
    white: bool = False
    repeated: bool = False
    drawn: bool = False
    dark: bool = False
    crossed: bool = False


#: a P is a tick in one of them, a digit a hand or a bar in others; Chinese words are shown in another typeface
_DRAWING = re.compile(
    r"wingdings|webdings|marlett|dingbats|monotype sorts|bookshelf symbol|mt extra|bar ?code|条形?码|\bcode ?(?:39|128)|3 ?of ?9|"
    r"\bean-?13",
    re.I,
)


@lru_cache(maxsize=256)
def draws(typeface: str) -> bool:
    """Whether a typeface draws signs instead of letters and digits.

    >>> draws("Wingdings 2"), draws("仿宋_GB2312")
    (True, False)
    """
    return _DRAWING.search(typeface) is not None


class _Stop(Exception):
    """The XML declares something that no workbook declares."""


def _refuse(*_: Any) -> int:
    raise _Stop


def run(xml: bytes, start: Any, end: Any, text: Any) -> None:
    """An XML part through expat's handlers. Raises Unreadable for XML that is none or declares anything."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = _refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        parser.Parse(xml, True)
    except _Stop:
        raise entity() from None
    except (expat.ExpatError, ValueError, IndexError, OverflowError):
        raise Unreadable("corrupt", "文件已损坏，工作表读不完整", SAVE_AS) from None


def parse(xml: bytes, reader: Any) -> None:
    """An XML part through a reader with start, end and data. Raises Unreadable."""
    run(xml, reader.start, reader.end, reader.data)


def on(given: Any) -> bool:
    """Whether a switch with these attributes is on."""
    return given.get("val", "1") not in OFF


class Conditioned:
    """A conditional look, element by element. `otherwise`: it has a number format of its own, or a line through the cell."""

    __slots__ = ("ground", "letters", "otherwise")

    def __init__(self) -> None:
        self.letters: bytes | None = None
        self.ground: bytes | None = None
        self.otherwise = False

    def says(self, tag: str | None, given: Any, of_letters: bool, theme: Theme) -> None:
        """One element of it; `of_letters`: it stands in the font, not in a border."""
        if tag == "numFmt":
            self.otherwise |= given.get("formatCode", "General") != "General"
        elif tag == "strike":
            self.otherwise |= on(given)
        elif tag == "color" and of_letters:
            self.letters = named(given, theme)
        elif tag in ("bgColor", "fgColor"):
            self.ground = named(given, theme) or self.ground

    def changes(self) -> bool:
        """Whether it changes what a cell says, or leaves nothing of it that can be read."""
        return self.otherwise or unseen(self.letters, self.ground)


class _Theme:
    """The colours of a theme part, as DrawingML writes them: dark and light first."""

    __slots__ = ("_inside", "found")

    def __init__(self) -> None:
        self.found: list[bytes | None] = []
        self._inside = False

    def start(self, name: str, given: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag in ("srgbClr", "sysClr") and self._inside and self.found:
            said = {"rgb": given.get("val" if tag == "srgbClr" else "lastClr", "")}
            self.found[-1] = named(said)
        elif tag == "clrScheme":
            self._inside = True
        elif self._inside and tag in _OF_THEME:
            self.found.append(None)

    def end(self, name: str) -> None:
        self._inside = self._inside and not name.endswith("clrScheme")

    def data(self, text: str) -> None:
        """A theme holds no text."""


_OF_THEME = frozenset(("dk1", "lt1", "dk2", "lt2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink"))


@remembered
def theme(xml: bytes) -> Theme:
    """The colours of a theme, in the order in which style sheets count. Raises Unreadable."""
    reader = _Theme()
    parse(xml, reader)
    if len(reader.found) < len(OFFICE):
        return OFFICE
    dark, light, darker, lighter, *others = reader.found
    return (light, dark, lighter, darker, *others)


class _StyleSheet:
    __slots__ = (
        "_in", "_lettered", "_shades", "_slanted", "_solid", "_table", "_theme", "crossed", "dxfs", "fills", "fonts", "formats", "tables", "xfs",
    )  # fmt: skip

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._lettered = False
        self.formats: dict[str, str] = {}
        self.fonts: list[dict[str, Any]] = []
        self.fills: list[bytes] = []
        self.dxfs: list[Conditioned] = []
        self.xfs: list[tuple[str, int, int, int, bool]] = []
        self.crossed: list[bool] = []
        self._slanted = False
        self._shades: set[bytes | None] = set()
        self._in = self._table = ""
        self.tables: list[tuple[str, str]] = []
        self._solid = False

    def start(self, name: str, given: dict[str, str]) -> None:
        tag = KNOWN.get(name)
        if tag in ("fonts", "fills", "borders", "cellXfs", "dxfs"):
            self._in = tag
        elif self._in == "dxfs":
            self._conditional(tag, given)
        elif tag == "tableStyle":
            self._table = given.get("name", "")
        elif tag == "tableStyleElement":
            self.tables.append((self._table, given.get("dxfId", "")))
        elif tag == "numFmt" and not self._in:
            self.formats[given.get("numFmtId", "")] = given.get("formatCode", "General")
        elif self._in == "fonts" and tag == "font":
            self.fonts.append({})
        elif self._in == "fonts" and self.fonts:
            self._lettering(tag, given)
        elif self._in == "fills":
            self._filling(tag, given)
        elif self._in == "borders":
            self._bordering(tag, given)
        elif self._in == "cellXfs" and tag == "xf":
            font, fill, border = (int(given.get(name, "0")) for name in ("fontId", "fillId", "borderId"))
            self.xfs.append((given.get("numFmtId", "0"), font, fill, border, False))
        elif tag == "alignment" and self._in == "cellXfs" and given.get("horizontal") == "fill":
            self.xfs[-1] = (*self.xfs[-1][:4], True)

    def _filling(self, tag: str | None, given: dict[str, str]) -> None:
        if tag == "fill":
            self.fills.append(WHITE)
        elif tag == "patternFill":
            self._solid = given.get("patternType", "none") != "none"
        elif tag == "fgColor" and self._solid:
            self.fills[-1] = named(given, self._theme) or WHITE
        elif tag == "gradientFill":
            self._shades = set()
        elif tag == "color":  # one shade from end to end is the ground; where it changes, something can be read
            self._shades.add(named(given, self._theme))
            self.fills[-1] = (len(self._shades) == 1 and next(iter(self._shades))) or WHITE

    def _bordering(self, tag: str | None, given: dict[str, str]) -> None:
        if tag == "border":
            self.crossed.append(False)
            self._slanted = any(given.get(name, "0") not in OFF for name in ("diagonalUp", "diagonalDown"))
        elif tag == "diagonal" and self._slanted:
            self.crossed[-1] = given.get("style", "none") != "none"

    def _lettering(self, tag: str | None, given: dict[str, str]) -> None:
        font = self.fonts[-1]
        if tag == "strike":
            font["strike"] = on(given)
        elif tag == "vertAlign":
            font["raised"] = given.get("val") in ("superscript", "subscript")
        elif tag == "color":
            font["colour"] = named(given, self._theme)
        elif tag == "name":
            font["drawn"] = draws(given.get("val", ""))
        elif tag == "sz":
            font["tiny"] = _points(given.get("val", "")) < TINY

    def _conditional(self, tag: str | None, given: dict[str, str]) -> None:
        if tag == "dxf":
            self.dxfs.append(Conditioned())
        elif tag == "font":
            self._lettered = True
        elif self.dxfs:
            self.dxfs[-1].says(tag, given, self._lettered, self._theme)

    def end(self, name: str) -> None:
        tag = KNOWN.get(name)
        if tag == self._in:
            self._in = "after"
        elif tag == "font":
            self._lettered = False

    def data(self, text: str) -> None:
        """Style sheets hold no text."""


def _points(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 11.0


#: number formats that files name by number alone; 27 to 36 and 50 to 58 are dates in Chinese Office
_BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "¥#,##0", 6: "¥#,##0", 7: "¥#,##0.00",
    8: "¥#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 37: "#,##0", 38: "#,##0",
    39: "#,##0.00", 40: "#,##0.00", 41: "#,##0", 42: "¥#,##0", 43: "#,##0.00", 44: "¥#,##0.00", 48: "##0.0E+0",
    49: "@",
}  # fmt: skip
_DATES = frozenset((*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)))
#: those of them that show no day, or neither day nor month
_MONTHS, _TIMES = frozenset((17, 27, 36, 50, 52, 57)), frozenset((*range(18, 22), *range(32, 36), 45, 46, 47, 55, 56))


def code_of(number: int) -> str:
    """The number format that has only a number."""
    if number in _DATES:
        return "h:mm" if number in _TIMES else "yyyy/m" if number in _MONTHS else "yyyy/m/d"
    return _BUILT_IN.get(number, "General")


class Styles(NamedTuple):
    """The style of each cell format, the conditional formats that may change what a cell says, and the styles of tables
    that do.
    """

    cells: tuple[Style, ...] = ()
    conditional: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()


@remembered
def styles(xml: bytes, theme: Theme) -> Styles:
    """Read a style sheet. Raises Unreadable."""
    reader = _StyleSheet(theme)
    parse(xml, reader)
    found = []
    for number, font_at, fill_at, border_at, repeated in reader.xfs:
        font = reader.fonts[font_at] if font_at < len(reader.fonts) else {}
        fill = reader.fills[fill_at] if fill_at < len(reader.fills) else WHITE
        code = reader.formats.get(number)
        if code is None:
            code = code_of(int(number) if number.isdecimal() else 0)
        white = unseen(font.get("colour"), fill) or bool(font.get("tiny"))
        marks = bool(font.get("strike")), bool(font.get("raised"))
        crossed = border_at < len(reader.crossed) and reader.crossed[border_at]
        found.append(Style(code, *marks, white, repeated, bool(font.get("drawn")), not unseen(WHITE, fill), crossed))
    conditional = frozenset(str(n) for n, look in enumerate(reader.dxfs) if look.changes())
    return Styles(tuple(found), conditional, frozenset(name for name, look in reader.tables if look in conditional))
