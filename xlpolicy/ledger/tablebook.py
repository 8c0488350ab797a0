"""Plain ledgers of several sheets (XlsxWriter): title, headings, grid, totals as live SUMs with their results.

For lists that no bureau restyles; 台账.xlsx of `fill` has a template instead. Text is written as text, whatever it
begins with. The same content gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import xlsxwriter

from xlpolicy.forms.design import FONTS
from xlpolicy.forms.safe import write_atomically
from xlpolicy.ledger.sheetxml import row_height, tidy
from xlpolicy.money import ZERO

Kind = Literal["text", "center", "yuan", "count"]
Value = str | Decimal | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """A heading with its width (characters) and kind; `total` adds the column up below the list."""

    heading: str
    width: float
    kind: Kind = "text"
    total: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars below a list: categories from one column, series from others (indexes into the columns)."""

    title: str
    categories: int
    series: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One list under an optional sub-heading."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]
    heading: str = ""
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: name, title, a line of explanation below it, one or more tables one below the other."""

    name: str
    title: str
    note: str
    tables: tuple[Table, ...]


def write(pages: Sequence[Page], path: Path, *, created: dt.date, force: bool = False) -> None:
    """Write the workbook in one go (FileExistsError unless `force`). `created` stands in the document properties."""
    raw = content(pages, created=created)

    def save(temporary: Path) -> None:
        temporary.write_bytes(raw)

    write_atomically(path, save, force=force)


def content(pages: Sequence[Page], *, created: dt.date) -> bytes:
    """The workbook's bytes."""
    raw = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(raw, options)
    book.set_properties({"created": dt.datetime.combine(created, dt.time())})
    formats = _formats(book)
    for page in pages:
        _page(book, page, formats)
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
    kinds = {
        "text": {},
        "center": {"align": "center"},
        "yuan": {"num_format": "#,##0.00", "align": "right"},
        "count": {"num_format": "#,##0", "align": "center"},
    }
    for kind, extra in kinds.items():
        out[kind] = grid | extra
        out[f"total {kind}"] = grid | extra | {"bold": True, "bg_color": "#F2F2F2"}
    return {name: book.add_format(style) for name, style in out.items()}


def _page(book: Any, page: Page, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(page.name)
    widths = [
        max((t.columns[i].width for t in page.tables if i < len(t.columns)), default=8) for i in range(_columns(page))
    ]
    for i, width in enumerate(widths):
        sheet.set_column(i, i, width)
    last = len(widths) - 1
    sheet.merge_range(0, 0, 0, last, page.title, formats["title"])
    sheet.set_row(0, 32)
    sheet.merge_range(1, 0, 1, last, page.note, formats["note"])
    sheet.set_row(1, row_height(page.note, sum(widths), 11))
    row = 2
    for number, table in enumerate(page.tables):
        if table.heading:
            sheet.write_string(row, 0, table.heading, formats["sub"])
            row += 1
        if number == 0:
            sheet.freeze_panes(row + 1, 0)
            sheet.repeat_rows(0, row)
        row = _table(book, sheet, table, row, widths, formats, page.name) + 1
    sheet.set_landscape()
    sheet.set_paper(9)
    # a short list with its chart goes on one page; longer ones run on
    short = any(table.chart for table in page.tables) and sum(len(table.rows) for table in page.tables) <= 14
    sheet.fit_to_pages(1, 1 if short else 0)
    sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _columns(page: Page) -> int:
    return max(max(len(table.columns) for table in page.tables), 2)


def _table(
    book: Any, sheet: Any, table: Table, row: int, widths: list[float], formats: dict[str, Any], name: str
) -> int:
    for i, column in enumerate(table.columns):
        sheet.write_string(row, i, column.heading, formats["head"])
    sheet.set_row(row, max(row_height(c.heading, widths[i], 11) for i, c in enumerate(table.columns)))
    first = row + 1
    for values in table.rows:
        row += 1
        for i, (column, value) in enumerate(zip(table.columns, values, strict=True)):
            _put(sheet, row, i, value, formats[column.kind])
        texts = [(v, widths[i]) for i, v in enumerate(values) if isinstance(v, str)]
        sheet.set_row(row, min(max([18.0, *(row_height(tidy(v), w, 11) for v, w in texts)]), 409))
    if not table.rows:
        row += 1
        for i, column in enumerate(table.columns):
            _put(sheet, row, i, "（无）" if i == 0 else None, formats[column.kind])
    elif any(column.total for column in table.columns):
        row += 1
        _total(sheet, table, first, row, formats)
    if table.chart and table.rows:
        row = _draw(book, sheet, table, table.chart, first, row, name)
    return row + 1


def _put(sheet: Any, row: int, column: int, value: Value, style: Any) -> None:
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, tidy(value), style)
    else:
        sheet.write_number(row, column, value, style)


def _total(sheet: Any, table: Table, first: int, row: int, formats: dict[str, Any]) -> None:
    from xlsxwriter.utility import xl_range

    for i, column in enumerate(table.columns):
        style = formats[f"total {column.kind}"]
        if column.total:
            amounts = [values[i] for values in table.rows]
            result = sum((Decimal(v) for v in amounts if isinstance(v, int | Decimal)), ZERO)
            sheet.write_formula(row, i, f"=SUM({xl_range(first, i, row - 1, i)})", style, result)
        else:
            _put(sheet, row, i, "合计" if i == 0 else None, style)
    sheet.set_row(row, 20)


def _draw(book: Any, sheet: Any, table: Table, chart: Chart, first: int, row: int, name: str) -> int:
    """The chart below its table; returns the last row it covers."""
    drawn = book.add_chart({"type": "bar"})
    last = first + len(table.rows) - 1
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
    sheet.insert_chart(row + 2, 0, drawn, {"x_offset": 10})
    return row + 3 + height // 20
