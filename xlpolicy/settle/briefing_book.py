"""简报: what a new document changes, on one page for whoever decides, with all of it on the sheets behind.

Where claims are given: who gets less and why.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlpolicy.money import ZERO
from xlpolicy.settle.both_documents import Shift, Shifts
from xlpolicy.settle.table_book import Column, Drawn, Page, Table, Value, write
from xlpolicy.sheets.book import set_page, write_cell
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.text import row_height
from xlpolicy.survey.compare import Diff
from xlpolicy.survey.compare.documents import KINDS, STATUS, Row
from xlpolicy.words.wording import brief, span

#: the widths of the page's four columns
_WIDTHS = (32.0, 34.0, 30.0, 62.0)
#: kinds that the columns 旧 and 新 show by themselves, and those that have a place of their own
_SHOWN = frozenset(
    {"same", "figure_added", "figure_dropped", "elsewhere", "earlier", "validity", "input_added", "input_dropped"}
)
#: a condition that so many provisions get is told once
_SHARED = 3
#: claims named on the page; all of them stand on a sheet of their own
_NAMED = 8
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
        self.found, self.shifts = found, shifts
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
        """The page in the order in which a director asks: what, for whom less, what is open."""
        for column, width in enumerate(_WIDTHS):
            self.sheet.set_column(column, column, width)
        self._across(f"{self.found.new.name} 变 化 简 报", "title", 34)
        for label, document in (("旧文件", self.found.old), ("新文件", self.found.new)):
            title = f"《{document.title}》" if document.number else ""
            self._across(f"{label}　{document.name}{title}　{span(document.valid_from, document.valid_to)}")
        self._across("一、总的情况", "head")
        for text in self._summary():
            self._across(text)
        self._changed()
        if self.shifts is not None:
            self._shifts(self.shifts)
        number = iter("四五六" if self.shifts is not None else "三四五")
        self._across(f"{next(number)}、只在一份文件里的", "head")
        for text in self._listed():
            self._across(text)
        self._across(f"{next(number)}、要先弄清楚的", "head")
        for text in self._open():
            self._across(f"· {text}")
        set_page(
            self.sheet, landscape=False, tall=1, foot=("由 xlpolicy 按两份政策文件的数据对比生成，引用前请核对原文", "")
        )

    def _across(self, text: str, style: str = "text", height: float = 0) -> None:
        self.sheet.merge_range(self.row, 0, self.row, len(_WIDTHS) - 1, "", self.styles[style])
        write_cell(self.sheet, self.row, 0, text, self.styles[style])
        size = 12 if style == "head" else 11
        self.sheet.set_row(self.row, height or max(row_height(text, sum(_WIDTHS), size), 20 if style == "head" else 0))
        self.row += 1

    def _line(self, cells: Sequence[Value], styles: Sequence[str]) -> None:
        height = 0.0
        for column, (value, style) in enumerate(zip(cells, styles, strict=True)):
            write_cell(self.sheet, self.row, column, value, self.styles[style])
            height = max(height, row_height(value, _WIDTHS[column], 11))
        self.sheet.set_row(self.row, height)
        self.row += 1

    def _summary(self) -> Iterator[str]:
        count = self.found.summary
        told = "、".join(f"{KINDS[kind]} {count[kind]} 条" for kind in KINDS if kind in count and kind not in _SHOWN)
        both = count["changed"] + count["same"]
        parts = [
            f"两份文件都有的 {both} 条，其中有变化的 {count['changed']} 条" + f"（{told}，一条可有几处）" * bool(told)
        ]
        parts += [f"新文件{STATUS[key]} {count[key]} 条" for key in ("added", "dropped") if count[key]]
        yield "；".join(parts) + "。"
        for text, rows in self._shared().items():
            but = [row.title for row in self._both() if row not in rows]
            yield f"{len(rows)} 条同时{text}" + (f"（{'、'.join(but)}除外）" if 0 < len(but) <= 3 else "") + "。"
        rules = [row.text for row in self.found.cross if row.status != "same" and not row.alone]
        if rules:
            yield f"几笔申报之间的规则有 {len(rules)} 处变化，见“逐条”表。"

    def _both(self) -> list[Row]:
        return [row for row in self.found.rows if row.status in ("changed", "same")]

    def _shared(self) -> dict[str, list[Row]]:
        """A condition that many provisions get or lose -> those provisions."""
        kinds = ("condition_added", "condition_dropped")
        count = Counter(c.text for row in self.found.rows for c in row.changes if c.kind in kinds)
        return {
            text: [row for row in self._both() if any(c.text == text for c in row.changes)]
            for text, n in count.items()
            if n >= _SHARED
        }

    def _changed(self) -> None:
        rows = [row for row in self.found.rows if row.status == "changed"]
        self._across("二、两份文件都有、有变化的", "head")
        if not rows:
            self._across("没有。")
            return
        self._line(("措施", "旧文件", "新文件", "变了什么（※ 原文没有写明，取决于怎样读，见末节）"), ["column"] * 4)
        shared = self._shared()
        for row in rows:
            old, new = self.found.old.rules[row.rule], self.found.new.rules[row.rule]
            told = [c.short for c in row.changes if c.kind not in _SHOWN and c.text not in shared]
            name = f"{new.title}（{row.new_at}）"
            cells = (name, f"{brief(old)}（{row.old_at}）", brief(new), "；".join(told) or "标准不变")
            self._line(cells, ["cell"] * 4)

    def _shifts(self, shifts: Shifts) -> None:
        self._across("三、按给的申报清单，谁少得、为什么", "head")
        self._across(counts(shifts))
        if not shifts.less:
            return
        self._line(("单位和措施", "按旧文件（元）", "按新文件（元）", "为什么少"), ["column"] * 4)
        for x in shifts.less[:_NAMED]:
            cells = (f"{x.claim.enterprise}　{x.title.split(' → ')[-1]}", x.before, x.after, x.why)
            self._line(cells, ["cell", "amount", "amount", "cell"])
        if len(shifts.less) > _NAMED:
            self._across(f"另有 {len(shifts.less) - _NAMED} 笔少得的，见“逐笔”表。")

    def _listed(self) -> Iterator[str]:
        for status, text in (("dropped", "新文件未列入"), ("added", "新文件新列入")):
            rows = [row for row in self.found.rows if row.status == status]
            if rows:
                parts: dict[str, list[str]] = {}
                for row in rows:
                    at = row.new_at or row.old_at
                    parts.setdefault(at.split()[0] if " " in at else "", []).append(row.title)
                told = [f"{part}（{len(t)} 条）：{'、'.join(t)}" if part else "、".join(t) for part, t in parts.items()]
                yield f"{text} {len(rows)} 条　{'。'.join(told)}。"

    def _open(self) -> Iterator[str]:
        """What has to be cleared up: other documents, days, what runs on, what was left open; each once."""
        yield from self.found.remarks
        about: dict[str, list[str]] = {}
        for row in self.found.rows:
            told = [c.text for c in row.changes if c.kind in ("elsewhere", "earlier")]
            told += [c.note for c in row.changes if c.note]
            told += [c.text for c in row.lasting]
            for text in told:
                titles = about.setdefault(text, [])
                titles += [] if row.title in titles else [row.title]
        for text, titles in about.items():
            names = [title.split(" → ")[-1] for title in titles]
            yield f"{'、'.join(names) if len(names) < _SHARED else f'{names[0]}等 {len(names)} 条'}：{text}"


def counts(shifts: Shifts) -> str:
    """Numbers and sums, less and more apart."""

    def total(lines: Sequence[Shift]) -> Decimal:
        return sum((abs(x.difference or ZERO) for x in lines), ZERO)

    same = sum(x.difference == 0 for x in shifts.lines)
    parts = [
        f"清单里属于这两份文件的 {len(shifts.lines)} 笔，各按两份文件核算一遍：少得 {len(shifts.less)} 笔、共少 {total(shifts.less):,.2f} 元；"
        f"多得 {len(shifts.more)} 笔、共多 {total(shifts.more):,.2f} 元；不变 {same} 笔；不能比的 {len(shifts.unknown)} 笔"
    ]
    parts += [f"另有 {shifts.elsewhere} 笔不属于这两份文件"] * bool(shifts.elsewhere)
    return "。".join(parts) + "。两份文件口径不同的（含税、不含税）用的是清单里同一个数；没有计入以前兑付和资金总额。"


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


__all__ = ["counts", "write_briefing"]
