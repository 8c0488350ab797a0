"""测算表: a calculation table of N rows per provision, with native formulas that need no add-in.

Every provision gets one sheet (A4 landscape): inputs on pale cells, 计算结果 and 原因 computed beside them. The law's
numbers stand on the sheet 参数, each with its article; the formulas refer to them there. The result that a formula
would give is stored beside it, so that previews and readers show it without computing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from xlpolicy.faults import InvalidInput
from xlpolicy.formulas.figures_sheet import FIGURE_SHEET, FigureSheet
from xlpolicy.formulas.integer_form import FIRST_DAY, LAST_DAY, Side
from xlpolicy.formulas.periods import BLANK
from xlpolicy.formulas.preview import preview
from xlpolicy.formulas.rows import RowSheet, Shared
from xlpolicy.formulas.rule import NativeFormula, native
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import DRAFT_WARNING, Found, as_date
from xlpolicy.law.records import Figure, Input, Rule
from xlpolicy.sheets.book import UNKNOWN, new_book, set_page, write_cell
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.style import Look
from xlpolicy.sheets.text import letter, lines_of
from xlpolicy.words.shown import nature_word

Unit = Literal["元", "万元"]
UNITS: tuple[Unit, ...] = ("元", "万元")
#: rows above the data: title, basis, notes, heading, total
_HEADING, _TOTAL, _FIRST = 3, 4, 5
_NAME, _INPUTS = 1, 2
#: columns kept for links to 参数, before the helper cells
_LINKS = 40
_WIDTHS = {"money": 17, "rate": 11, "integer": 11, "boolean": 12, "enum": 16, "date": 13, "text": 16}
_RESULT_WIDTH, _REASON_WIDTH, _ROW = 18, 54, 27
#: from so many rows on, formulas are stored once and shared by their rows: the file opens several times sooner
_BULK = 1000
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")


def formula_text(
    city: str,
    rule: str,
    cells: Mapping[str, str] | None = None,
    *,
    on: dt.date | str | None = None,
    policy: str | None = None,
    unit: Unit = "元",
    catalog: Catalog | None = None,
) -> NativeFormula:
    """The formulas of a provision over `cells` (input name or label -> reference), to be pasted into any workbook.

    Without `cells` the inputs stand side by side from B2 on. Inputs that may be left blank may be left out.
    Raises InvalidInput for an input that is named twice, and as `native`.
    """
    found, day = _find(city, rule, on, policy, catalog)
    items = found.rule.inputs
    if cells is None:
        cells = {item.name: f"{_column(column)}2" for column, item in enumerate(items, 1)}
    names = {item.label: item.name for item in items}
    given: dict[str, str] = {}
    for name, reference in cells.items():
        key = names.get(name, name)
        if key in given:
            where = f"{found.rule.title}（{found.rule.at}）"
            raise InvalidInput(f"“{name}”写了两次", where=where, expected="每个输入项一格", remedy="删去一个")
        given[key] = reference
    absent = {item.name: BLANK for item in items if not item.required and item.name not in given}
    return native(found.rule, {**given, **absent}, None, _unit(unit), tail=_tail(found, day), on=day)


def _find(
    city: str, rule: str, on: dt.date | str | None, policy: str | None, catalog: Catalog | None
) -> tuple[Found, dt.date | None]:
    day = as_date(on)
    return (catalog or catalogs.default()).find(city, rule, day, policy), day


def _unit(unit: str) -> Unit:
    for known in UNITS:
        if unit == known:
            return known
    raise InvalidInput(f"测算表没有“{unit}”这个单位", where="unit", expected="、".join(UNITS), remedy="改用其中一个")


def _tail(found: Found, on: dt.date | None) -> tuple[dt.date, dt.date] | None:
    if not found.tail or found.document.valid_to is None:
        return None
    return found.document.valid_to, on or dt.date.today()


def write_sheet(
    found_rules: Iterable[Found],
    path: str | Path,
    rows: int = 100,
    unit: Unit = "元",
    *,
    on: dt.date | str | None = None,
    examples: Sequence[Sequence[Mapping[str, Any]]] = (),
    fonts: Mapping[str, str] | None = None,
    force: bool = False,
) -> Path:
    """Write the 测算表 of the provisions to `path` (.xlsx), whole or not at all.

    `rows`: lines to be filled in, per provision. `unit`: of the amounts that are filled in; results are in 元.
    `on`: the day of the claims, for awards that run on after expiry. `examples`: per provision, lines filled in
    beforehand: input name -> what stands in the cell (amounts in yuan), and 申报单位. Raises FileExistsError unless
    `force`, NotComputable, InvalidInput.
    """
    found_rules, path = list(found_rules), Path(path)
    if not found_rules:
        raise InvalidInput("没有给出条款", where="测算表", expected="至少一条", remedy="写明条款编号")
    most = max([rows, *(len(lines) for lines in examples)])
    if not 1 <= most <= 1_000_000:
        raise InvalidInput(f"行数是 {rows}", where="行数", expected="1 至 1000000", remedy="改用范围内的行数")
    day = as_date(on)

    def save(target: Path) -> None:
        with new_book(str(target), constant_memory=True) as book:
            book.set_properties({"title": "测算表", "author": "xlpolicy"})
            look = Look(book, fonts)
            tables = [book.add_worksheet(name, RowSheet) for name in _sheet_names(found_rules)]
            figures = FigureSheet(book.add_worksheet(FIGURE_SHEET), look)
            for index, (found, table) in enumerate(zip(found_rules, tables, strict=True)):
                filled = examples[index] if index < len(examples) else ()
                lines = max(rows, len(filled))
                _Table(table, look, figures, found, _unit(unit), day, lines).write(filled)
            figures.write()

    write_atomically(path, save, force=force)
    return path


def _sheet_names(found_rules: Sequence[Found]) -> list[str]:
    """A name of at most 31 characters for every provision, unique; the city only where there are several."""
    cities = {found.document.city for found in found_rules}
    names: list[str] = []
    for found in found_rules:
        city = found.document.city_label.removesuffix("市") + "-" if len(cities) > 1 else ""
        base = _FORBIDDEN.sub("", city + found.rule.title)
        name, again = base[:31], 1
        while name.lower() in {known.lower() for known in [*names, FIGURE_SHEET]}:
            again += 1
            name = f"{base[: 31 - len(str(again))]}{again}"
        names.append(name)
    return names


def _column(index: int) -> str:
    """Letters of a column counted from 0."""
    return letter(index + 1)


class _Table:
    """One provision's sheet."""

    def __init__(
        self, sheet: RowSheet, look: Look, figures: FigureSheet, found: Found, unit: Unit, on: dt.date | None, rows: int
    ) -> None:
        self.last = _FIRST + rows - 1
        self.bulk = rows >= _BULK
        #: the cells of this sheet that repeat those of 参数, for shared formulas (Excel lets none refer to another sheet)
        self.links: dict[str, str] = {}
        self.sheet, self.look, self.found, self.unit = sheet, look, found, unit
        self.on = on
        self.rule: Rule = found.rule
        self.figures = figures
        self.result = _INPUTS + len(self.rule.inputs)
        self.reason = self.result + 1
        first, last = _column(_NAME), _column(self.result - 1)
        #: \0 stands for the row number
        self.formula = native(
            self.rule,
            {item.name: f"{_column(column)}\0" for column, item in enumerate(self.rule.inputs, _INPUTS)},
            self.linked if self.bulk else figures.of(found),
            unit,
            amount_cell=f"{_column(self.result)}\0",
            used=f"COUNTA({first}\0:{last}\0)>0",
            helper_of=lambda index: f"{_column(self.reason + 1 + index + _LINKS * self.bulk)}\0",
            tail=_tail(found, on),
            on=on,
        )

    def linked(self, figure: Figure, row: int | None, side: Side) -> str:
        """A cell of this sheet that repeats the figure's cell of 参数."""
        target = self.figures.of(self.found)(figure, row, side)
        assert target is not None
        if target not in self.links:
            if len(self.links) == _LINKS:
                return target
            self.links[target] = f"${_column(self.reason + 1 + len(self.links))}${_TOTAL + 1}"
        return self.links[target]

    def write(self, filled: Sequence[Mapping[str, Any]]) -> None:
        self.page(self.last)
        self.head(self.last)
        self.lines(filled)
        self.checks(self.last)

    # --- the page ---

    def page(self, last: int) -> None:
        sheet, look = self.sheet, self.look
        titles, place = (_HEADING + 1, _HEADING + 1), f"{self.found.document.name} {self.rule.at}"
        set_page(sheet, foot=(place, "测算结果仅供参考"), titles=titles)
        sheet.print_area(0, 0, last, self.reason)
        sheet.freeze_panes(_FIRST, _INPUTS)
        sheet.set_column(0, 0, 5.5)
        sheet.set_column(_NAME, _NAME, 24)
        for column, item in enumerate(self.rule.inputs, _INPUTS):
            sheet.set_column(column, column, self.width(item))
        sheet.set_column(self.result, self.result, _RESULT_WIDTH)
        sheet.set_column(self.reason, self.reason, _REASON_WIDTH)
        hidden = len(self.formula.helpers) + _LINKS * self.bulk
        if hidden:
            sheet.set_column(self.reason + 1, self.reason + hidden, 14, None, {"hidden": True, "level": 1})
        sheet.set_default_row(_ROW)
        sheet.ignore_errors({"formula_differs": f"A1:{_column(self.reason + 20)}{last + 1}"})
        area = (_FIRST, self.reason, last, self.reason)
        corner = f"LEFT(${_column(self.reason)}{_FIRST + 1},1)"
        for start, style in (("请", look.todo), ("不", look.refused)):
            sheet.conditional_format(*area, {"type": "formula", "criteria": f'={corner}="{start}"', "format": style})

    def width(self, item: Input) -> float:
        """Wide enough for the values, and for the longest option or a label of three lines."""
        options = max([0, *(2 * len(choice.label) + 4 for choice in item.choices)])
        return min(30, max(_WIDTHS[item.type], options, 2 * len(item.label) / 3 + 4))

    def head(self, last: int) -> None:
        sheet, look, rule, document = self.sheet, self.look, self.rule, self.found.document
        end = self.reason
        sheet.set_row(0, 34)
        sheet.merge_range(0, 0, 0, end, f"{document.city_label}{rule.title}测算表", look.title)
        nature = {"upper_bound": "（条文金额为最高额）", "discretionary": "（按核定金额，不超过上限）"}.get(
            rule.nature, ""
        )
        basis = f"依据：{document.name} {rule.at}　性质：{nature_word(rule)}{nature}"
        if rule.departments:
            basis += f"　责任单位：{'、'.join(rule.departments)}"
        wide = sum([29.5, *(self.width(i) for i in rule.inputs), _RESULT_WIDTH, _REASON_WIDTH])
        sheet.set_row(1, 15 * lines_of(basis, wide - 14) + 3)
        sheet.merge_range(1, 0, 1, end - 1, basis, look.basis)
        sheet.write_string(1, end, f"填报金额单位：{self.unit}　计算结果单位：元", look.basis_right)
        notes = "\n".join(self.notes())
        sheet.set_row(2, 13.5 * lines_of(notes, wide * 1.1) + 6)
        sheet.merge_range(2, 0, 2, end, notes, look.notes)
        texts = [f"{item.label}{'＊' if item.required else ''}\n{self.how(item)}" for item in rule.inputs]
        tall = [lines_of(text, self.width(i)) for i, text in zip(rule.inputs, texts, strict=True)]
        sheet.set_row(_HEADING, 15 * max([2, *tall]) + 4)
        for column, text in enumerate(("序号", "申报单位", *texts)):
            sheet.write_string(_HEADING, column, text, look.heading)
        amount = {"upper_bound": "计算结果\n（元，最高）", "discretionary": "计算结果\n（元，按核定）"}.get(
            rule.nature, "计算结果\n（元）"
        )
        sheet.write_string(_HEADING, self.result, amount, look.heading_result)
        sheet.write_string(_HEADING, self.reason, "原因\n（要补改的、不予补助的、需核对的）", look.heading_result)
        sheet.set_row(_TOTAL, 20)
        for column in range(end + 1):
            sheet.write_blank(_TOTAL, column, None, look.total)
        sheet.write_string(_TOTAL, _NAME, "合计", look.total)
        self.total = f"{_column(self.result)}{_FIRST + 1}:{_column(self.result)}{last + 1}"

    def notes(self) -> list[str]:
        """What has to be known before filling in."""
        rule = self.rule
        out = [
            "1. 只填浅黄色格，一行一笔；带＊的必填，其余可留空白（按栏目所注处理）。计算结果和原因自动得出，不要改动公式。",
            f"2. 条文里的数字在“{FIGURE_SHEET}”表，逐个注明条文位置。结果四舍五入到分，仅供测算，以主管部门核定为准。",
        ]
        shown = [a.text for a in rule.assumptions]
        if shown:
            out.append(f"3. 口径：{'；'.join(dict.fromkeys(shown))}。")
        if self.found.document.draft:
            out.insert(0, f"注意：{DRAFT_WARNING}。")
        told = (*self.found.warnings, *rule.applies)
        out += [f"注意：{text}。" for text in told if text != DRAFT_WARNING]
        return out

    def how(self, item: Input) -> str:
        """The unit, and what a blank cell means."""
        unit = {
            "money": self.unit,
            "rate": "%",
            "boolean": "是／否",
            "date": "如 2026-06-30",
            "enum": "选一项",
            "text": "文字",
        }.get(item.type)
        unit = "选一项" if item.choices else unit or item.unit or "个"
        if item.required:
            return f"（{unit}）"
        if item.default_from is not None:
            label = self.rule.input(item.default_from).label.partition("（")[0]
            blank = f"空白同“{label}”"
        elif item.type == "boolean":
            blank = f"空白按“{'是' if item.default else '否'}”"
        elif item.choices and item.default is not None:
            blank = "空白按“" + next(c.label for c in item.choices if str(c.value) == str(item.default)) + "”"
        elif item.default is not None:
            blank = f"空白按 {item.default}"
        else:
            blank = "有则填" if item.required_when is None else "视情形必填"
        return f"（{unit}；{blank}）"

    # --- the lines ---

    def lines(self, filled: Sequence[Mapping[str, Any]]) -> None:
        sheet, look = self.sheet, self.look
        styles = {item.name: look.input(item.type) for item in self.rule.inputs}
        previews = [preview(self.found, self.formula, line, self.on) for line in filled]
        total = sum((amount for amount, _ in previews if isinstance(amount, Decimal)), Decimal(0))
        sheet.write_formula(_TOTAL, self.result, f"=SUM({self.total})", look.total_amount, total)
        for column, target in enumerate(self.links, self.reason + 1):
            sheet.write_formula(_TOTAL, column, f"={target}", look.integer, self.figures.integer(target))
        for index, line in enumerate(filled):
            self.line(_FIRST + index, line, *previews[index], styles)
        blank: Mapping[str, Any] = {}
        sheet.write_alike(_FIRST + len(filled), self.last, lambda row: self.line(row, blank, "", "", styles))

    def line(
        self, row: int, line: Mapping[str, Any], amount: Decimal | str, reason: str, styles: Mapping[str, Any]
    ) -> None:
        sheet, look = self.sheet, self.look
        sheet.write_number(row, 0, row - _FIRST + 1, look.number)
        write_cell(sheet, row, _NAME, str(line.get("申报单位") or ""), look.name)
        for column, item in enumerate(self.rule.inputs, _INPUTS):
            self.cell(row, column, item, line.get(item.name), styles[item.name])
        formula = self.formula
        self.computed(row, self.result, formula.amount, look.amount, amount)
        self.computed(row, self.reason, formula.reason, look.reason, reason)
        helped = UNKNOWN if any(value not in (None, "") for value in line.values()) else ""
        for offset, (_, text) in enumerate(formula.helpers, 1 + _LINKS * self.bulk):
            self.computed(row, self.reason + offset, text, None, helped)

    def computed(self, row: int, column: int, text: str, style: Any, value: Any) -> None:
        if self.bulk:
            formula: str = Shared(
                text.replace("\0", str(_FIRST + 1)) if row == _FIRST else "=", row, column, _FIRST, self.last
            )
        else:
            formula = text.replace("\0", str(row + 1))
        self.sheet.write_formula(row, column, formula, style, value)

    def cell(self, row: int, column: int, item: Input, value: Any, style: Any) -> None:
        if isinstance(value, bool):
            value = "是" if value else "否"
        elif isinstance(value, int | float | Decimal):
            value = Decimal(value) / (10_000 if item.type == "money" and self.unit == "万元" else 1)
        write_cell(self.sheet, row, column, value, style)

    # --- what Excel checks while typing ---

    def checks(self, last: int) -> None:
        for column, item in enumerate(self.rule.inputs, _INPUTS):
            check: dict[str, Any] = {"ignore_blank": True, "error_title": "填写有误"}
            if item.type == "boolean" or item.choices:
                options = ["是", "否"] if item.type == "boolean" else [choice.label for choice in item.choices]
                check |= {"validate": "list", "source": self.figures.listed(options)}
                check["error_message"] = f"请从下拉框选：{'、'.join(options)}"[:255]
            elif item.type == "text":
                check["validate"] = "any"
            elif item.type == "date":
                check |= {"validate": "date", "criteria": "between", "minimum": FIRST_DAY, "maximum": LAST_DAY}
                check["error_message"] = "请填日期，如 2026-06-30"
            else:
                low, high, _ = self.formula.ranges[item.name]
                most = Decimal(high) / 10_000 if item.type == "money" and self.unit == "万元" else high
                kind = "integer" if item.type == "integer" else "decimal"
                check |= {
                    "validate": kind,
                    "criteria": "between",
                    "minimum": low,
                    "maximum": float(most) if most != int(most) else int(most),
                }
                check["error_message"] = self.formula.messages.fill[item.name][:255]
            check |= {"input_title": item.label[:32], "input_message": self.how(item).strip("（）")[:255]}
            self.sheet.data_validation(_FIRST, column, last, column, check)
