"""简报 as a workbook: the page for whoever decides, with all of it on the sheets behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlpolicy.settle.both_documents import Shifts
from xlpolicy.settle.briefing_page import FOOT, WIDTHS, counts, lines
from xlpolicy.settle.table_book import Column, Drawn, Page, Table, Value, write
from xlpolicy.sheets.book import set_page, write_cell
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.text import row_height
from xlpolicy.survey.compare import Diff
from xlpolicy.survey.compare.documents import KINDS, STATUS

_NONE = "—"


def write_briefing(
    found: Diff, shifts: Shifts | None, path: Path, *, created: dt.date | None = None, force: bool = False
) -> None:
    """The briefing as a workbook (FileExistsError unless `force`): 简报, 逐条, with claims 逐笔."""
    pages: list[Page | Drawn] = [Drawn(lambda book: _Briefing(book, found, shifts).draw()), _rows(found)]
    if shifts is not None:
        pages.append(_claims(shifts))
    write(pages, path, created=created or dt.date.today(), force=force)


class _Briefing:
    """The one page, row by row."""

    def __init__(self, book: Any, found: Diff, shifts: Shifts | None) -> None:
        self.lines = lines(found, shifts)
        self.sheet = book.add_worksheet("简报")
        body = {"font_name": FONTS["body"], "font_size": 11, "valign": "top", "text_wrap": True}
        grid = body | {"border": 1, "border_color": "#7F7F7F", "valign": "vcenter"}
        add = book.add_format
        self.styles = {
            "title": add({"font_name": FONTS["title"], "font_size": 20, "align": "center", "valign": "vcenter"}),
            "text": add(body),
            "head": add({"font_name": FONTS["heading"], "font_size": 12, "valign": "vcenter"}),
            "column": add(grid | {"font_name": FONTS["heading"], "align": "center", "bg_color": "#DDE7F0"}),
            "cell": add(grid),
            "amount": add(grid | {"align": "right", "num_format": "#,##0.00"}),
        }  # fmt: skip
        self.row = 0

    def draw(self) -> None:
        """Line by line, on one page."""
        for column, width in enumerate(WIDTHS):
            self.sheet.set_column(column, column, width)
        for style, cells in self.lines:
            if len(cells) == 1:
                self._across(str(cells[0]), style, 34 if style == "title" else 0)
            else:
                self._line(cells, style)
        set_page(self.sheet, landscape=False, tall=1, foot=(FOOT, ""))

    def _across(self, text: str, style: str, height: float) -> None:
        self.sheet.merge_range(self.row, 0, self.row, len(WIDTHS) - 1, "", self.styles[style])
        write_cell(self.sheet, self.row, 0, text, self.styles[style])
        size = 12 if style == "head" else 11
        self.sheet.set_row(self.row, height or max(row_height(text, sum(WIDTHS), size), 20 if style == "head" else 0))
        self.row += 1

    def _line(self, cells: Sequence[Value], style: str) -> None:
        height = 0.0
        for column, value in enumerate(cells):
            name = style if style == "column" else "cell" if isinstance(value, str) else "amount"
            write_cell(self.sheet, self.row, column, value, self.styles[name])
            height = max(height, row_height(value, WIDTHS[column], 11))
        self.sheet.set_row(self.row, height)
        self.row += 1


def _rows(found: Diff) -> Page:
    rows: list[list[Value]] = [
        [STATUS[r.status], r.title, r.old_at or _NONE, r.new_at or _NONE, "、".join(KINDS[k] for k in r.kinds) or _NONE, r.text]
        for r in found.rows
    ]  # fmt: skip
    cross: list[list[Value]] = [
        [STATUS[r.status], "跨条款规则", r.old_at or _NONE, r.new_at or _NONE, _NONE, r.text] for r in found.cross
    ]
    columns = (
        Column("对比", 9, "center"), Column("措施", 34), Column("旧文件位置", 16), Column("新文件位置", 18), Column("变化", 20), Column("逐项", 90),
    )  # fmt: skip
    note = f"{found.old.name} 与 {found.new.name} 逐条对比。"
    return Page("逐条", "逐 条 对 比", note, (Table(columns, [*rows, *cross]),))


def _claims(shifts: Shifts) -> Page:
    rows: list[list[Value]] = [
        [x.claim.id, x.claim.enterprise, x.title, x.before, x.after, x.difference, x.why] for x in shifts.lines
    ]
    columns = (
        Column("编号", 8, "center"), Column("单位", 24), Column("措施", 34), Column("按旧文件\n（元）", 16, "yuan"),
        Column("按新文件\n（元）", 16, "yuan"), Column("增减（元）", 16, "yuan"), Column("为什么", 70),
    )  # fmt: skip
    return Page("逐笔", "逐 笔 对 比", counts(shifts), (Table(columns, rows),))
