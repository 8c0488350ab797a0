"""The sheet 参数: the law's numbers in cells, each with its article, in the form that native formulas refer to."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, NamedTuple

from xlpolicy.formulas.integer_form import MARGIN, FigureOf, IntegerForm, Side, integer_form
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Figure, Rule
from xlpolicy.money import plain
from xlpolicy.sheets.book import TextSheet, set_page, write_cell
from xlpolicy.sheets.style import Look
from xlpolicy.sheets.text import letter, lines_of

FIGURE_SHEET = "参数"
_HEADINGS = ("条款", "数字", "条文写法", "数值", "单位", "公式用整数\n（金额按分，比例按百万分之一）", "条文位置")
_WIDTHS = (36, 38, 16, 19, 7, 30, 44)
_FIRST = 3
_VALUE, _INTEGER = "D", "F"
_UNITS = {"money": "元", "rate": "比例", "date": "日期"}
#: where long lists of options stand, to the right of the printed area
_LISTS = 9


class _Line(NamedTuple):
    rule: Rule
    document: str
    label: str
    text: str
    kind: str
    number: Any
    form: IntegerForm
    at: str


class FigureSheet:
    """Collects the figures that the formulas ask for, then writes them."""

    def __init__(self, sheet: TextSheet, look: Look) -> None:
        self.sheet, self.look = sheet, look
        self.lines: list[_Line] = []
        self.places: dict[tuple[Rule, str, int | None, Side], int] = {}
        self.lists: list[list[str]] = []

    def of(self, found: Found) -> FigureOf:
        """The `figure_of` of a provision for `native`."""

        def place(figure: Figure, row: int | None, side: Side) -> str:
            key = (found.rule, figure.name, row, side)
            if key not in self.places:
                self.places[key] = len(self.lines)
                self.lines.append(_line(found, figure, row, side))
            return f"{FIGURE_SHEET}!${_INTEGER}${_FIRST + 1 + self.places[key]}"

        return place

    def integer(self, reference: str) -> int:
        """What stands in a cell that `of` gave out."""
        return self.lines[int(reference.rpartition("$")[2]) - _FIRST - 1].form.value

    def listed(self, options: list[str]) -> list[str] | str:
        """A drop-down's source: the options themselves, or where they stand when they are too long for that."""
        if len(",".join(options)) <= 250 and not any("," in option for option in options):
            return options
        if options not in self.lists:
            self.lists.append(options)
        column = letter(_LISTS + 1 + self.lists.index(options))
        return f"={FIGURE_SHEET}!${column}${_FIRST + 1}:${column}${_FIRST + len(options)}"

    def write(self) -> None:
        sheet, look, end = self.sheet, self.look, len(_HEADINGS) - 1
        set_page(sheet, titles=(3, 3))
        sheet.freeze_panes(_FIRST, 0)
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        sheet.set_row(0, 34)
        sheet.merge_range(0, 0, 0, end, "参数（条文里的数字）", look.title)
        sheet.set_row(1, 20)
        sheet.merge_range(
            1, 0, 1, end, f"测算表的公式从本表取数。数值与条文一致；只作试算时可改“数值”一栏（不超过原数的 {MARGIN} 倍），改后结果不作依据。", look.notes,
        )  # fmt: skip
        sheet.set_row(2, 34)
        for column, text in enumerate(_HEADINGS):
            sheet.write_string(2, column, text, look.heading)
        for index in range(max([len(self.lines), *(len(options) for options in self.lists)])):
            if index < len(self.lines):
                self.line(_FIRST + index, self.lines[index])
            for offset, options in enumerate(self.lists):
                if index < len(options):
                    sheet.write_string(_FIRST + index, _LISTS + offset, options[index])
        sheet.print_area(0, 0, _FIRST + len(self.lines) - 1, end)

    def line(self, row: int, line: _Line) -> None:
        sheet, look = self.sheet, self.look
        place = f"{line.document} {line.at}"
        tall = max(lines_of(text, width - 2) for text, width in ((place, _WIDTHS[6]), (line.label, _WIDTHS[1])))
        sheet.set_row(row, 5 + 15 * tall)
        previous = self.lines[row - _FIRST - 1] if row > _FIRST else None
        title = "" if previous is not None and previous.rule is line.rule else line.rule.title
        for column, text in ((0, title), (1, line.label), (2, line.text), (6, place)):
            sheet.write_string(row, column, text, look.text)
        style = look.figure(line.kind)
        write_cell(sheet, row, 3, line.number, style)
        counted = re.sub(r"[\d.,:：万亿]|[一二三四五六七八九十两](?=.)", "", line.text)
        sheet.write_string(row, 4, _UNITS.get(line.kind, counted[:2]), look.centre)
        formula = f"=ROUND({_VALUE}{row + 1}*{line.form.scale},0)"
        sheet.write_formula(row, 5, formula, look.integer, line.form.value)
        check: dict[str, Any] = {"validate": "decimal", "criteria": "between", "minimum": 0}
        check["maximum"] = plain(Decimal(line.form.most) / line.form.scale).replace(",", "")
        check |= {
            "error_title": "超出公式能精确计算的范围",
            "error_message": f"条文写的是{line.text}，见{line.at}"[:255],
        }
        sheet.data_validation(row, 3, row, 3, check)


def _line(found: Found, figure: Figure, row: int | None, side: Side) -> _Line:
    rule, kind, label, text, number = found.rule, str(figure.kind), figure.label, figure.text, figure.value
    by = ""
    if row is not None:
        assert figure.table is not None
        item = rule.input(figure.table.by)
        by = item.type
        edge, value = figure.table.rows[row]
        shown = figure.table.texts[row][0]
        if figure.table.mode == "levels":
            shown = next((c.label for c in item.choices if str(c.value) == str(edge)), shown)
            label = f"{label}：{shown}"
        elif side == "edge":
            label = f"{label}第 {row + 1} 档起点（{'含' if figure.table.mode == 'from' else '不含'}）"
        else:
            label = f"{label}第 {row + 1} 档"
        kind = by if side == "edge" else kind
        text = figure.table.texts[row][side == "value"]
        number = edge if side == "edge" else value
    form = integer_form(figure, row, side, by)
    return _Line(rule, found.document.name, label, text, kind, number, form, figure.at or rule.at)
