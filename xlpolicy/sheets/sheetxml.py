"""A plain sheet as SpreadsheetML: rows of styled cells, inline strings, A4 print setup. Text is never a formula.

For the sheets that are added to other people's workbooks (`insert.add_sheet`) and the small workbooks that stand
alone. Style numbers are positions in `STYLES`; whoever places the sheet shifts them by the book's own count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal
from xml.sax.saxutils import quoteattr

from xlpolicy.sheets.text import inline, letter, row_height

#: an A4 page between the margins (across, down), and a character of a column's width, in points
_PAGE, _CHARACTER = (509.0, 734.0), 6.8
#: a sheet that is longer than a page by no more than this is made smaller to fit
_SMALLER = 1.25
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

StyleName = Literal["title", "note", "label", "text", "head", "center", "money", "strong"]


@dataclass(frozen=True, slots=True)
class _Style:
    font: Literal["title", "heading", "body"]
    size: int
    across: Literal["left", "center", "right"]
    border: bool = True
    fill: bool = False
    number: int = 0


STYLES: dict[StyleName, _Style] = {
    "title": _Style("title", 20, "center", border=False),
    "note": _Style("body", 12, "left", border=False),
    "label": _Style("heading", 12, "center", fill=True),
    "text": _Style("body", 12, "left"),
    "head": _Style("heading", 12, "center", fill=True),
    "center": _Style("body", 12, "center"),
    "money": _Style("body", 14, "left", number=4),
    "strong": _Style("heading", 14, "left"),
}
_NUMBERS = {name: number for number, name in enumerate(STYLES)}


@dataclass(frozen=True, slots=True)
class StyleParts:
    """Fragments for styles.xml; `xfs` needs the counts of fonts, fills and borders that stand before."""

    fonts: str
    fills: str
    borders: str
    fonts_count: int

    @staticmethod
    def of(fonts: Mapping[str, str]) -> StyleParts:
        faces = "".join(
            f'<font><sz val="{s.size}"/><name val={quoteattr(fonts[s.font])}/><charset val="134"/></font>'
            for s in STYLES.values()
        )
        line = '<{0} style="thin"><color rgb="FF7F7F7F"/></{0}>'
        border = "".join(line.format(side) for side in ("left", "right", "top", "bottom"))
        color = '<fgColor rgb="FFEDF2F7"/><bgColor indexed="64"/>'
        fill = f'<fill><patternFill patternType="solid">{color}</patternFill></fill>'
        return StyleParts(faces, fill, f"<border>{border}<diagonal/></border>", len(STYLES))

    def xfs(self, font: int, fill: int, border: int) -> str:
        """The cell formats: every style, then every style once more with quotePrefix (for risky text)."""
        out = []
        for quote in ("", ' quotePrefix="1"'):
            for index, style in enumerate(STYLES.values()):
                indent = ' indent="1"' if style.border and style.across == "left" else ""
                out.append(
                    f'<xf numFmtId="{style.number}" fontId="{font + index}" fillId="{fill if style.fill else 0}"'
                    f' borderId="{border if style.border else 0}" xfId="0" applyNumberFormat="1" applyFont="1"'
                    f' applyFill="1" applyBorder="1" applyAlignment="1"{quote}>'
                    f'<alignment horizontal="{style.across}" vertical="center" wrapText="1"{indent}/></xf>'
                )
        return "".join(out)


Value = str | Decimal | int | None


@dataclass(slots=True)
class Sheet:
    """Rows to be written, top to bottom. `widths` in characters."""

    name: str
    widths: Sequence[float]
    landscape: bool = False
    titles: int = 0
    rows: list[tuple[list[tuple[int, Value, StyleName]], float]] = field(default_factory=list)
    merges: list[str] = field(default_factory=list)

    def add(self, *cells: tuple[Value, StyleName] | tuple[Value, StyleName, int], least: float = 24) -> int:
        """One row; a cell is (value, style) or (value, style, columns it spans). Returns the row number."""
        number, column, row, height = len(self.rows) + 1, 1, [], least
        for value, style, *span in cells:
            columns = span[0] if span else 1
            row.append((column, value, style))
            row.extend((column + i, None, style) for i in range(1, columns))
            if columns > 1:
                self.merges.append(f"{letter(column)}{number}:{letter(column + columns - 1)}{number}")
            width = sum(self.widths[column - 1 : column - 1 + columns])
            height = max(height, row_height(value, width, STYLES[style].size) if value else 0)
            column += columns
        self.rows.append((row, min(height, 409)))
        return number

    def _room(self) -> float:
        """The height of rows, in points, that one page takes when the columns are made to fit its width."""
        wide, high = reversed(_PAGE) if self.landscape else _PAGE
        return high * max(sum(self.widths) * _CHARACTER / wide, 1)

    def xml(self, base: int, *, views: bool = True) -> bytes:
        """The worksheet part, with style numbers counted from `base`."""
        rows = []
        for number, (cells, height) in enumerate(self.rows, 1):
            inner = "".join(_cell(f"{letter(c)}{number}", value, style, base) for c, value, style in cells)
            rows.append(f'<row r="{number}" ht="{height:g}" customHeight="1">{inner}</row>')
        cols = "".join(
            f'<col min="{i}" max="{i}" width="{width:g}" customWidth="1"/>' for i, width in enumerate(self.widths, 1)
        )
        merges = "".join(f'<mergeCell ref="{ref}"/>' for ref in self.merges)
        tall = int(sum(height for _, height in self.rows) <= self._room() * _SMALLER)  # 0: as many pages as it takes
        view = '<sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews>' if views else ""
        return (
            f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">'
            f'<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>{view}<sheetFormatPr defaultRowHeight="18"/>'
            f"<cols>{cols}</cols><sheetData>{''.join(rows)}</sheetData>"
            + (f'<mergeCells count="{len(self.merges)}">{merges}</mergeCells>' if merges else "")
            + '<printOptions horizontalCentered="1"/>'
            '<pageMargins left="0.6" right="0.6" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
            f'<pageSetup paperSize="9" orientation="{"landscape" if self.landscape else "portrait"}" fitToHeight="{tall}"/>'
            "<headerFooter><oddFooter>&amp;C第 &amp;P 页　共 &amp;N 页</oddFooter></headerFooter></worksheet>"
        ).encode()


def _cell(ref: str, value: Value, style: StyleName, base: int) -> str:
    number = base + _NUMBERS[style]
    if value is None or value == "":
        return f'<c r="{ref}" s="{number}"/>'
    if isinstance(value, Decimal | int):
        return f'<c r="{ref}" s="{number}"><v>{value}</v></c>'
    inner, quoted = inline(value)
    return f'<c r="{ref}" s="{number + len(STYLES) if quoted else number}" t="inlineStr">{inner}</c>'
