"""设置.xlsx: every reading with options as a row to choose from, and what the bureau chose with its authority.

`settings_file` reads it. What a row is for stands in its locked column 代号, as `document:reading`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from xlpolicy.law.adopted import Adopted
from xlpolicy.law.records import Document, Reading, YearRate, rate_name
from xlpolicy.sheets.book import new_book, set_page
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.style import Look
from xlpolicy.sheets.text import row_height
from xlpolicy.survey import settings_rates
from xlpolicy.survey.office import draw
from xlpolicy.survey.settings_file import AUTHORITY, COLUMNS, DEFAULT, OPTIONS, SHEET, UNIT, Settings, told

_WIDTHS = {
    "文件": 18,
    "问题": 34,
    "位置": 20,
    "可以选": 40,
    "本单位选择": 24,
    "依据（文号或会议纪要）": 28,
    "说明": 52,
    "代号": 14,
}
#: rows above the headings: title, how to fill it in, 单位, 依据
_TOP = 5
_INTRO = (
    "文件没有写明的地方，软件按“（默认）”一项计算。本单位另有规定的，在黄色格“本单位选择”里从下拉清单选，并写明依据；不选即按默认。"
    "依据相同的，写在上面“依据”一格，各行不必再写。选定后各命令加 --settings 设置.xlsx，结果里注明“本单位口径”。"
)

_RATES = (
    "条文写“不超过”“最高”的比例，本单位当年按较低的比例核定的，在黄色格填年度、比例和依据；不填即按条文。测算仍写条文的上限；兑付核算按事项所属年度的比例付，"
    "核减里写明“本年核定比例”。同一条两年的比例不同，把那一行复制一行再填。"
)


def write_settings(
    documents: Iterable[Document], path: Path, settings: Settings | None = None, office: Mapping[str, str] | None = None, *,
    force: bool = False,
) -> Path:  # fmt: skip
    """The settings workbook of these documents, with what `settings` chose and `office` says already.

    Raises FileExistsError unless `force`.
    """
    listed = list(documents)
    write_atomically(
        path, lambda temporary: _draw(temporary, listed, settings or Settings(), office or {}), force=force
    )
    return path


def _draw(path: Path, documents: list[Document], settings: Settings, office: Mapping[str, str]) -> None:
    book = new_book(path)
    book.set_properties({"title": "本单位口径设置", "created": dt.datetime(2026, 1, 1)})
    look = Look(book, None)
    sheet, lists = book.add_worksheet(SHEET), book.add_worksheet(OPTIONS)
    documents, every = [d for d in documents if d.readings], documents
    free = book.add_format({**look.body, "border": 1, "bg_color": "FFFCEB", "text_wrap": True, "locked": False})
    last = len(COLUMNS) - 1
    for i, name in enumerate(COLUMNS):
        sheet.set_column(i, i, _WIDTHS[name], None, {"hidden": name == "代号"})
    sheet.set_row(0, 32)
    sheet.merge_range(0, 0, 0, last - 1, "本单位口径设置", look.title)
    sheet.set_row(1, row_height(_INTRO, sum(_WIDTHS.values()) - 20, 9.5) + 4)
    sheet.merge_range(1, 0, 1, last - 1, _INTRO, look.notes)
    for row, (label, value, help_) in enumerate(
        ((UNIT, settings.unit, ""), (AUTHORITY, settings.authority, "文号或会议纪要，如 榕工信〔2026〕8号")), 2
    ):
        sheet.set_row(row, 22)
        sheet.write_string(row, 0, label, look.heading)
        sheet.merge_range(row, 1, row, 2, value, free)
        sheet.write_string(row, 3, help_, look.basis)
    sheet.set_row(_TOP - 1, 24)
    for i, name in enumerate(COLUMNS):
        sheet.write_string(_TOP - 1, i, name, look.heading)
    place = _Lists(lists, look)
    row = _TOP
    for document in documents:
        for reading in document.readings.values():
            chosen = settings.choices.get(f"{document.key}:{reading.name}")
            _row(sheet, look, free, row, document, reading, chosen)
            sheet.data_validation(row, 4, row, 4, place.validation(document, reading))
            row += 1
    sheet.autofilter(_TOP - 1, 0, max(row - 1, _TOP), last - 1)
    sheet.freeze_panes(_TOP, 2)
    sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True, "sort": True})
    set_page(sheet, foot=("本单位口径设置", ""), titles=(_TOP, _TOP))
    sheet.print_area(0, 0, max(row - 1, _TOP), last - 1)
    _rates(book, look, free, every, settings)
    lists.protect("", {"format_columns": True})
    set_page(lists, foot=("口径的选项", ""))
    draw(book, look, office)
    sheet.activate()
    book.close()


def _row(
    sheet: Any, look: Look, free: Any, row: int, document: Document, reading: Reading, chosen: Adopted | None
) -> None:
    offered = "\n".join(told(reading, option.key) for option in reading.options)
    texts = [document.name, reading.question, reading.at, offered]
    heights = [row_height(text, _WIDTHS[name], 11) for text, name in zip(texts, COLUMNS, strict=False)]
    heights.append(row_height(reading.argument, _WIDTHS["说明"], 11))
    sheet.set_row(row, min(max([22.0, *heights]), 409))
    for i, text in enumerate(texts):
        sheet.write_string(row, i, text, look.text)
    sheet.write_string(row, 4, told(reading, chosen.option) if chosen else "", free)
    sheet.write_string(row, 5, chosen.authority if chosen else "", free)
    sheet.write_string(row, 6, reading.argument, look.text)
    sheet.write_string(row, 7, f"{document.key}:{reading.name}", look.centre)


def _rates(book: Any, look: Look, free: Any, documents: list[Document], settings: Settings) -> None:
    """本年核定比例: the rates that the articles state as the most, one row each, and one for every year that is set."""
    sheet = book.add_worksheet(settings_rates.SHEET)
    widths = (22, 34, 20, 12, 10, 16, 34, 14)
    for i, (name, width) in enumerate(zip(settings_rates.COLUMNS, widths, strict=True)):
        sheet.set_column(i, i, width, None, {"hidden": name == settings_rates.CODE})
        sheet.write_string(2, i, name, look.heading)
    last = len(widths) - 1
    sheet.set_row(0, 32)
    sheet.merge_range(0, 0, 0, last - 1, settings_rates.SHEET, look.title)
    sheet.set_row(1, row_height(_RATES, sum(widths) - 14, 9.5) + 4)
    sheet.merge_range(1, 0, 1, last - 1, _RATES, look.notes)
    percent = book.add_format(
        {**look.body, "border": 1, "bg_color": "FFFCEB", "locked": False, "num_format": "0.##%", "align": "center"}
    )
    row = 3
    for document, rule, figure in settings_rates.offered(documents):
        name = rate_name(document.key, rule.id, figure.name)
        own: list[YearRate | None] = [x for x in settings.rates if x.name == name]
        for one in own or [None]:
            texts = (document.name, f"{rule.title}（{rule.at}）", figure.label, figure.text)
            for i, text in enumerate(texts):
                sheet.write_string(row, i, text, look.text)
            sheet.write(row, 4, one.year if one else "", free)
            sheet.write(row, 5, float(one.rate) if one else "", percent)
            sheet.write_string(row, 6, one.authority if one else "", free)
            sheet.write_string(row, 7, name, look.centre)
            sheet.set_row(row, max(22, row_height(texts[1], 34, 11)))
            row += 1
    sheet.freeze_panes(3, 2)
    set_page(sheet, foot=(settings_rates.SHEET, ""), titles=(3, 3))
    sheet.print_area(0, 0, max(row - 1, 3), last - 1)


class _Lists:
    """The sheet of options, one below another, from which the drop-downs are taken."""

    def __init__(self, sheet: Any, look: Look) -> None:
        self.sheet, self.look, self.row = sheet, look, 1
        for i, (name, width) in enumerate((("文件", 18), ("问题", 40), ("选项", 34), ("核定时的提示", 60))):
            sheet.set_column(i, i, width)
            sheet.write_string(0, i, name, look.heading)

    def validation(self, document: Document, reading: Reading) -> dict[str, Any]:
        first = self.row
        for option in reading.options:
            texts = document.name, reading.question, told(reading, option.key), option.prompt
            for i, text in enumerate(texts):
                self.sheet.write_string(self.row, i, text, self.look.text)
            self.row += 1
        return {
            "validate": "list", "source": f"={OPTIONS}!$C${first + 1}:$C${self.row}",
            "error_title": "本单位选择", "error_message": "从下拉清单里选；不选即按默认",
            "input_title": "本单位选择", "input_message": f"不选即按{DEFAULT}的一项；选了别的，写明依据",
        }  # fmt: skip
