"""Plain ledgers of several sheets (XlsxWriter): title, headings, grid, totals as live SUMs with their results.

For lists that no bureau restyles; 台账.xlsx of `fill` has a template instead. Text is written as text, whatever it
begins with. The same content gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Protocol

from xlsxwriter.utility import xl_range

from xlpolicy.money import ZERO
from xlpolicy.sheets.book import new_book, set_page, write_cell
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.text import row_height, tidy

#: `part`: yuan of which zero is not worth a figure; `free`: filled in by hand, numbers as they are typed
Kind = Literal["text", "center", "yuan", "part", "count", "date", "free"]
Value = str | Decimal | int | dt.date | None
Paper = Literal["A4", "A3"]
_KINDS: dict[Kind, dict[str, Any]] = {
    "text": {"indent": 1},
    "center": {"align": "center"},
    "yuan": {"num_format": "#,##0.00", "align": "right"},
    "part": {"num_format": '#,##0.00;-#,##0.00;"—"', "align": "right"},
    "count": {"num_format": "#,##0", "align": "center"},
    "date": {"num_format": "yyyy-mm-dd", "align": "center"},
    "free": {"num_format": "General", "indent": 1},
}
#: charts of longer lists stand on a sheet of their own, so that no page break runs through them
_SHORT = 14
#: characters that a sheet is wide at least, for its title and explanation
_LEAST = 70
#: width and height of what is printed on a page across, in points
_PRINTED: dict[str, tuple[float, float]] = {"A3": (15.74 * 72, 10.59 * 72), "A4": (10.89 * 72, 7.17 * 72)}
#: and the part of that height to count on: programs differ in how high they draw a row
_COUNTED_ON = 0.85
#: points of a character and of the cell's edges: 7 and 5 pixels of 96 an inch
_CHARACTER, _EDGES = 5.25, 3.75
#: characters of a column of texts on which programs do not agree
_MARGIN = 0.5


@dataclass(frozen=True, slots=True)
class Column:
    """A heading with its width (characters) and kind; `total` adds the column up below the list.

    `choose`: a formula of the cells to choose from in blank lines, {row} standing for the line (others are allowed
    after a question); `hint` is shown beside a cell that is being filled in. `entry`: written by the reader of the
    workbook, in filled lines as well.
    """

    heading: str
    width: float
    kind: Kind = "text"
    total: bool = False
    choose: str = ""
    hint: str = ""
    entry: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars below a list: categories from one column, series from others (indexes into the columns)."""

    title: str
    categories: int
    series: tuple[int, ...]


class Rows(Protocol):
    """Rows that are counted, and gone through as often as one likes."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Sequence[Value]]: ...

    def __getitem__(self, number: int, /) -> Sequence[Value]: ...


@dataclass(frozen=True, slots=True)
class Table:
    """One list under an optional sub-heading; `blank` lines to be filled in by hand follow. `reach`: how many more, not
    ruled, have drop-downs."""

    columns: tuple[Column, ...]
    rows: Rows
    heading: str = ""
    chart: Chart | None = None
    blank: int = 0
    reach: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: name, title (none where it is ""), a line of explanation below it, one or more tables one below the other.

    `sign`: a line for names and dates at the end. `freeze`: columns that stay in sight.
    """

    name: str
    title: str
    note: str
    tables: tuple[Table, ...]
    paper: Paper = "A4"
    sign: str = ""
    freeze: int = 0


@dataclass(frozen=True, slots=True)
class Lists:
    """A hidden sheet of what is chosen from: columns of texts."""

    name: str
    columns: Sequence[Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sheet of another shape, drawn by its own hand into the XlsxWriter workbook."""

    draw: Callable[[Any], None]


def write(pages: Sequence[Page | Lists | Drawn], path: Path, *, created: dt.date, force: bool = False) -> None:
    """Write the workbook in one go (FileExistsError unless `force`). `created` stands in the document properties."""
    write_atomically(path, content(pages, created=created), force=force)


def content(pages: Sequence[Page | Lists | Drawn], *, created: dt.date) -> bytes:
    """The workbook's bytes."""
    return _content(pages, created, in_memory=True)


def streamed(pages: Sequence[Page | Lists], *, created: dt.date) -> bytes:
    """As `content`, for long lists: no row is held, and texts stand in their cells (`sheets.graft` can take them)."""
    return _content(pages, created, constant_memory=True)


def _content(pages: Sequence[Page | Lists | Drawn], created: dt.date, **how: bool) -> bytes:
    raw = io.BytesIO()
    book = new_book(raw, **how)
    book.set_properties({"created": dt.datetime.combine(created, dt.time())})
    formats = _formats(book)
    for page in pages:
        if isinstance(page, Lists):
            _lists(book, page)
        elif isinstance(page, Drawn):
            page.draw(book)
        else:
            _Sheet(book, page, formats).write()
    book.close()
    return raw.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    body = {"font_name": FONTS["body"], "font_size": 11, "valign": "vcenter"}
    grid = body | {"border": 1, "border_color": "#7F7F7F", "text_wrap": True}
    out = {
        "title": body | {"font_name": FONTS["title"], "font_size": 18, "align": "center"},
        "note": body | {"text_wrap": True},
        "sub": body | {"bold": True},
        "head": grid | {"bold": True, "align": "center", "bg_color": "#DCE6F1"},
    }
    for kind, extra in _KINDS.items():
        out[kind] = grid | extra
        out[f"entry {kind}"] = grid | extra | {"bg_color": "#FFF8DC"}
        out[f"total {kind}"] = grid | extra | {"bold": True, "bg_color": "#F2F2F2"}
    return {name: book.add_format(style) for name, style in out.items()}


def _lists(book: Any, page: Lists) -> None:
    sheet = book.add_worksheet(page.name)
    for i, column in enumerate(page.columns):
        for row, value in enumerate(column):
            write_cell(sheet, row, i, value, None)
    sheet.hide()


class _Sheet:
    """One page being written, row by row."""

    def __init__(self, book: Any, page: Page, formats: dict[str, Any]) -> None:
        self.book, self.page, self.formats = book, page, formats
        self.sheet = book.add_worksheet(page.name)
        self.row = 2 if page.title else 1
        wide = max(2, *(len(table.columns) for table in page.tables))
        self.widths = [
            max((t.columns[i].width for t in page.tables if i < len(t.columns)), default=8) for i in range(wide)
        ]
        self.widths[-1] += max(_LEAST - sum(self.widths), 0)
        self.height = 0.0

    def write(self) -> None:
        sheet, page, titles, starts = self.sheet, self.page, None, []
        for i, width in enumerate(self.widths):
            sheet.set_column(i, i, width)
        if page.title:
            self._across(0, page.title, "title", 32)
        self._across(self.row - 1, page.note, "note", row_height(page.note, sum(self.widths), 11))
        for number, table in enumerate(page.tables):
            if table.heading:
                starts.append(self.row)
                sheet.write_string(self.row, 0, table.heading, self.formats["sub"])
                self.row += 1
            if number == 0:
                sheet.freeze_panes(self.row + 1, page.freeze)
                if len(page.tables) == 1:  # the heading of one list does not stand above another
                    titles = (1, self.row + 1)
            self._table(table)
        if page.sign:
            self._across(self.row, page.sign, "note", 30)
        one_page = any(t.chart for t in page.tables) and self._rows() <= _SHORT
        set_page(sheet, tall=int(one_page), paper=page.paper, titles=titles)
        if not one_page and self.height > self._page_height():  # no heading stands alone at the end of a page
            sheet.set_h_pagebreaks(starts[1:])

    def _page_height(self) -> float:
        """What of the sheet a page takes at most, in points: a sheet wider than the paper is printed smaller."""
        wide, high = _PRINTED[self.page.paper]
        return _COUNTED_ON * high * max(1, sum(width * _CHARACTER + _EDGES for width in self.widths) / wide)

    def _set_height(self, row: int, height: float) -> None:
        self.sheet.set_row(row, height)
        self.height += height

    def _across(self, row: int, text: str, style: str, height: float) -> None:
        self.sheet.merge_range(row, 0, row, len(self.widths) - 1, text, self.formats[style])
        self._set_height(row, height)

    def _rows(self) -> int:
        return sum(len(table.rows) for table in self.page.tables)

    def _table(self, table: Table) -> None:
        sheet, formats = self.sheet, self.formats
        for i, column in enumerate(table.columns):
            sheet.write_string(self.row, i, column.heading, formats["head"])
        self._set_height(self.row, max(20.0, *(row_height(c.heading, w, 11) for c, w in self._with_widths(table))))
        first = self.row + 1
        for values in table.rows:
            self.row += 1
            for i, (column, value) in enumerate(zip(table.columns, values, strict=True)):
                kind = "date" if isinstance(value, dt.date) else column.kind
                style = formats[f"entry {kind}" if column.entry else kind]
                write_cell(sheet, self.row, i, value, style)
            texts = [(tidy(v), self.widths[i] - _MARGIN) for i, v in enumerate(values) if isinstance(v, str)]
            self._set_height(self.row, min(max([20.0, *(row_height(v, w, 11) for v, w in texts)]), 409))
        if table.blank:
            self._blank(table, first)
        elif not table.rows:
            self.row += 1
            for i, column in enumerate(table.columns):
                write_cell(sheet, self.row, i, "（无）" if i == 0 else None, formats[column.kind])
        elif any(column.total for column in table.columns):
            self.row += 1
            self._total(table, first)
        if table.rows and not table.blank:
            self._validate(
                [column if column.entry else None for column in table.columns], first, first + len(table.rows) - 1
            )
        if table.chart and table.rows:
            self._draw(table, table.chart, first)
        self.row += 2

    def _with_widths(self, table: Table) -> list[tuple[Column, float]]:
        return list(zip(table.columns, self.widths, strict=False))

    def _blank(self, table: Table, first: int) -> None:
        for _ in range(table.blank):
            self.row += 1
            for i, column in enumerate(table.columns):
                self.sheet.write_blank(self.row, i, None, self.formats[column.kind])
        self._validate(table.columns, first, self.row + table.reach)

    def _validate(self, columns: Sequence[Column | None], first: int, last: int) -> None:
        """What is chosen from, and what is said, where somebody fills in."""
        for i, column in enumerate(columns):
            if column is None:
                continue
            rule: dict[str, Any] = {"validate": "any"}
            if column.choose:
                question = "这一项不在下拉清单里。确定要这样填吗？"
                rule = {
                    "validate": "list", "source": column.choose.format(row=first + 1), "error_type": "warning",
                    "error_title": "不在清单里", "error_message": question,
                }  # fmt: skip
            if column.hint:
                rule |= {"input_title": column.heading[:32], "input_message": column.hint}
            if column.choose or column.hint:
                self.sheet.data_validation(first, i, last, i, rule)

    def _total(self, table: Table, first: int) -> None:
        for i, column in enumerate(table.columns):
            style = self.formats[f"total {column.kind}"]
            if column.total:
                amounts = [values[i] for values in table.rows]
                result = sum((Decimal(v) for v in amounts if isinstance(v, int | Decimal)), ZERO)
                formula = f"=SUM({xl_range(first, i, self.row - 1, i)})"
                self.sheet.write_formula(self.row, i, formula, style, result)
            else:
                write_cell(self.sheet, self.row, i, "合计" if i == 0 else None, style)
        self.sheet.set_row(self.row, 22)

    def _draw(self, table: Table, chart: Chart, first: int) -> None:
        """The chart below its table, or on a sheet of its own."""
        drawn = self.book.add_chart({"type": "bar"})
        name, last = self.page.name, first + len(table.rows) - 1
        for i in chart.series:
            drawn.add_series(
                {
                    "name": table.columns[i].heading,
                    "categories": [name, first, chart.categories, last, chart.categories],
                    "values": [name, first, i, last, i],
                    "gap": 80,
                }
            )
        drawn.set_title({"name": chart.title, "name_font": {"size": 13}})
        drawn.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
        drawn.set_x_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
        drawn.set_y_axis({"reverse": True, "major_gridlines": {"visible": False}})
        height = 110 + 26 * len(table.rows) * len(chart.series)
        drawn.set_size({"width": 900, "height": height})
        if self._rows() > _SHORT:
            sheet = self.book.add_worksheet(f"{name}图")
            sheet.insert_chart(0, 0, drawn)
            set_page(sheet, tall=1, paper=self.page.paper)
        else:
            self.sheet.insert_chart(self.row + 2, 0, drawn, {"x_offset": 10})
            self.row += 3 + height // 20
