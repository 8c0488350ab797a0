"""A rule workbook: policy documents as tables that a policy officer reads, prints and changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from xlpolicy.sheets.book import new_book, set_page, write_cell
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.text import row_height
from xlpolicy.survey.rulebook.cell_values import join
from xlpolicy.survey.rulebook.flatten import Row, rows
from xlpolicy.survey.rulebook.formulas_text import Source, sources
from xlpolicy.survey.rulebook.sheets import RANGES, SHEETS, VERSION, YES, Column, Sheet

_FONT = "微软雅黑"
_FOOT = "政策规则簿　{}"
_EDIT, _CODE, _HEAD, _LINE = "#FFF8DC", "#F0F0F0", "#1F4E79", "#BFBFBF"
#: rows above the first record: title, introduction, headings
TOP = 3
_STEPS = (
    "只改黄色单元格。灰色是程序用的代号和公式，不要改；白色是程序写成的说明，改了也不读回。工作表受保护，没有密码。",
    "数字照条文写，带单位：500万元、3%、25个基点、20家、2年；两级分摊的份数写 1:1。日期写成 2026-06-30。",
    "标着“沿用自”的数字与别条相同，请到那一条去改。",
    "改完存盘，用命令读回：xlpolicy rules --from-xlsx 规则簿.xlsx --to 文件夹",
    "读回时逐格核对：列出改了哪些地方；有问题时说明工作表、单元格和改法，一处也不写出。",
    "读回的政策文件放在自己的文件夹里，各命令加 --policies 文件夹 即按新内容计算。",
)


def shown(column: Column, row: Row) -> str | int | float | dt.date | None:
    """What a cell holds: words for tokens, 顿号 between the parts of a list, dates as dates."""
    value = row.get(column.key)
    if column.key == "per" and value is not None:
        return RANGES[row["step"]].get(str(value), str(value))
    if value is None or value == "" or (isinstance(value, tuple | list) and not value):
        return None
    if isinstance(value, tuple | list):
        return join(map(str, value))
    if column.words:
        return column.words[str(value)]
    if isinstance(value, bool):
        return YES[str(value)]
    return value if isinstance(value, int | float | dt.date) else str(value)


def tables(found: Mapping[str, Source]) -> dict[str, list[Row]]:
    """Sheet name -> rows of all documents, what goes without saying written out."""
    tables: dict[str, list[Row]] = {sheet.name: [] for sheet in SHEETS}
    for source in found.values():
        for name, listed in rows(source.data, source.document, source.sites).items():
            tables[name] += listed
    for row in tables["文件"]:
        row.setdefault("payer", "city")
        row.setdefault("draft", False)
    for row in tables["条款"]:
        row.setdefault("mode", "application")
    return tables


def write_book(path: Path, policy: str | None = None, *, force: bool = False) -> list[str]:
    """Write the documents in use (or one) as a rule workbook; returns their keys.

    Raises FileExistsError unless `force`, UnknownPolicy, PolicyFileError.
    """
    found = sources(policy)
    content = tables(found)

    def save(temporary: Path) -> None:
        book = new_book(temporary)
        book.set_properties({"title": "政策规则簿", "created": dt.datetime(2026, 1, 1)})
        writer = _Writer(book)
        writer.cover(found, content)
        for sheet in SHEETS:
            writer.sheet(sheet, content[sheet.name], alone=len(found) == 1)
        book.close()

    write_atomically(path, save, force=force)
    return list(found)


class _Writer:
    def __init__(self, book: Any) -> None:
        self.book = book
        self.styles: dict[tuple[tuple[str, Any], ...], Any] = {}

    def style(self, **more: Any) -> Any:
        key = tuple(sorted(more.items()))
        if key not in self.styles:
            base = {"font_name": _FONT, "font_size": 10, "valign": "vcenter"}
            self.styles[key] = self.book.add_format(base | more)
        return self.styles[key]

    def cell(self, kind: str, *, date: bool = False, first: bool = False) -> Any:
        """The look of a cell: yellow and open, grey, or white; a dark line above the `first` row of a provision."""
        look: dict[str, Any] = {"text_wrap": True, "border": 1, "border_color": _LINE}
        look["num_format"] = "yyyy-mm-dd" if date else "@" if kind == "edit" else "General"
        if first:
            look["top_color"] = _HEAD
        if date:
            look["align"] = "center"
        if kind == "edit":
            return self.style(**look, bg_color=_EDIT, locked=False)
        if kind == "code":
            return self.style(**look, bg_color=_CODE, font_color="#7F7F7F", font_size=9)
        return self.style(**look, font_color="#404040")

    def cover(self, found: Mapping[str, Source], content: Mapping[str, list[Row]]) -> None:
        page = self.book.add_worksheet("说明")
        page.set_column(0, 0, 3)
        page.set_column(1, 1, 20)
        page.set_column(2, 2, 84)
        page.set_row(0, 34)
        page.write_string(0, 1, "政策规则簿", self.style(bold=True, font_size=20, font_color=_HEAD))
        page.write_string(1, 1, f"规则簿格式 {VERSION}", self.style(font_color="#7F7F7F", font_size=9))
        line = 3
        heading = self.style(bold=True, font_size=12, font_color=_HEAD, bottom=1, bottom_color=_HEAD)
        text = self.style(text_wrap=True)
        for title, pairs in (
            ("怎样使用", [(str(i), step) for i, step in enumerate(_STEPS, 1)]),
            ("收录的文件", [(s.document.city_label, _described(s)) for s in found.values()]),
        ):
            page.write_string(line, 1, title, heading)
            page.write_blank(line, 2, None, heading)
            for label, body in pairs:
                line += 1
                page.write_string(line, 1, label, text)
                page.write_string(line, 2, body, text)
                page.set_row(line, _height([(body, 84, "edit")]))
            line += 2
        page.write_string(line, 1, "各工作表", heading)
        page.write_blank(line, 2, None, heading)
        for sheet in SHEETS:
            line += 1
            link = self.style(font_color="#0563C1", underline=1)
            page.write_url(
                line, 1, f"internal:'{sheet.name}'!A1", link, f"{sheet.name}（{len(content[sheet.name])} 行）"
            )
            page.write_string(line, 2, sheet.intro, text)
        line += 2
        page.write_string(line, 1, "颜色", heading)
        page.write_blank(line, 2, None, heading)
        for kind, label in (
            ("edit", "黄色：可以修改"),
            ("code", "灰色：程序用的代号、公式，不要改"),
            ("view", "白色：程序写成的说明，改了也不读回"),
        ):
            line += 1
            page.write_string(line, 1, "示例", self.cell(kind))
            page.write_string(line, 2, label, text)
        page.protect("", {"format_columns": True, "format_rows": True})
        set_page(page, landscape=False, foot=(_FOOT.format("说明"), ""))

    def sheet(self, sheet: Sheet, records: list[Row], *, alone: bool) -> None:
        page = self.book.add_worksheet(sheet.name)
        last = len(sheet.columns) - 1
        page.set_row(0, 26)
        left = 1 if alone and sheet.columns[0].key == "doc" else 0
        page.write_string(0, left, sheet.name, self.style(bold=True, font_size=15, font_color=_HEAD))
        page.write_string(1, left, sheet.intro, self.style(font_color="#595959"))
        page.set_row(TOP - 1, 30)
        for i, column in enumerate(sheet.columns):
            page.set_column(i, i, column.width, None, {"hidden": alone and column.key == "doc"})
            color = _HEAD if column.kind == "edit" else "#8497B0"
            look = self.style(
                bold=True,
                font_color="#FFFFFF",
                bg_color=color,
                align="center",
                text_wrap=True,
                border=1,
                border_color=_LINE,
            )
            page.write_string(TOP - 1, i, column.heading, look)
            if column.help:
                page.write_comment(TOP - 1, i, column.help, {"author": "", "x_scale": 1.6})
        seen: set[tuple[Any, ...]] = set()
        for n, row in enumerate(records, TOP):
            key = tuple(row.get(part) for part in ("doc", "rule", "name"))
            repeated = sheet.name == "数字" and key in seen
            seen.add(key)
            first = n == TOP or records[n - TOP - 1].get("rule", 0) != row.get("rule", 1)
            page.set_row(n, _height((shown(c, row), c.width, c.kind) for c in sheet.columns))
            for i, column in enumerate(sheet.columns):
                self.write(page, n, i, sheet, column, row, repeated=repeated, first=first)
        bottom = max(TOP - 1 + len(records), TOP)
        page.autofilter(TOP - 1, 0, bottom, last)
        page.freeze_panes(TOP, _frozen(sheet))
        page.print_area(0, 0, bottom, sheet.printed - 1)
        page.protect("", {"autofilter": True, "format_columns": True, "format_rows": True, "format_cells": True})
        set_page(page, foot=(_FOOT.format(sheet.name), ""), titles=(TOP, TOP))

    def write(
        self, page: Any, n: int, i: int, sheet: Sheet, column: Column, row: Row, *, repeated: bool, first: bool
    ) -> None:
        value = shown(column, row)
        kind = _kind(sheet, column, row, repeated=repeated)
        style = self.cell(kind, date=column.form == "date", first=first)
        write_cell(page, n, i, value, style)
        if kind == "edit":
            self.validate(page, n, i, column, row)

    def validate(self, page: Any, n: int, i: int, column: Column, row: Row) -> None:
        words = RANGES.get(row["step"], {}) if column.key == "per" else column.words
        rule: dict[str, Any]
        if words:
            rule = {
                "validate": "list",
                "source": list(words.values()),
                "error_title": column.heading,
                "error_message": "从下拉选项中选",
            }
            page.data_validation(n, i, n, i, rule)
        elif column.form == "date":
            rule = {
                "validate": "date", "criteria": "between", "minimum": dt.date(1990, 1, 1), "maximum": dt.date(2099, 12, 31),
                "error_title": column.heading, "error_message": "写成 2026-06-30 这样的日期",
            }  # fmt: skip
            page.data_validation(n, i, n, i, rule)


def _kind(sheet: Sheet, column: Column, row: Row, *, repeated: bool) -> str:
    """A cell that is not read back is not offered for change."""
    if sheet.name == "数字":
        if column.key == "text" and row.get("same_as"):
            return "view"
        if repeated and column.key in ("label", "at"):
            return "view"
        if column.key == "edge" and row.get("table") not in ("from", "above"):
            return "code"
    if sheet.name == "计算":
        offered = {
            "when": ("label", "at"), "let": ("label", "at"), "limits": ("label", "per", "at"), "quotas": ("per",),
        }.get(row["step"], ())  # fmt: skip
        if column.kind == "edit" and column.key not in offered:
            return "code"
    return column.kind


def _height(cells: Iterable[tuple[object, float, str]]) -> float:
    """Points for a row, so that wrapped text is seen whole (not every program fits rows by itself)."""
    # an identifier is not worth a second line
    texts = [(v.rstrip("\n"), width) for v, width, kind in cells if isinstance(v, str) and (kind != "code" or " " in v)]
    return min(max([20.0, *(row_height(text, width, 10) for text, width in texts)]), 409)


def _frozen(sheet: Sheet) -> int:
    """How many columns stay in sight: up to the one that names the row."""
    for i, column in enumerate(sheet.columns):
        if column.key in ("title_of", "city_label", "title"):
            return i + 1
    return 1


def _described(source: Source) -> str:
    d = source.document
    span = (
        "征求意见稿" if d.draft else f"{d.valid_from} " + (f"至 {d.valid_to}" if d.valid_to else "起（未写有效期止）")
    )
    return f"{d.name}" + (f"《{d.title}》" if d.number else "") + f"　{span}　{len(d.rules)} 条　代号 {d.key}"
