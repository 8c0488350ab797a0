"""The provisions inside the workbook: the sheet 政策库 to read and filter, and the hidden sheet 数据 to look up.

Drop-downs and fields of 测算 and 批量 are plain formulas over 数据 (INDEX, MATCH, OFFSET), so they work without
macros, in protected view and in WPS.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from xlpolicy.excel.workbook.look import FOOT, Styles, put_formula, title
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import period, status
from xlpolicy.law.labels import MODES, TYPES
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.sheets.book import set_page, write_cell
from xlpolicy.sheets.text import letter
from xlpolicy.words.inputs import absent, how, need, unit_of
from xlpolicy.words.shown import nature_word
from xlpolicy.words.wording import brief

DATA, LIBRARY = "数据", "政策库"
#: the day the examples of the workbook are computed for; a clerk types over it
EXAMPLE_DAY = dt.date(2026, 6, 30)
#: columns of 数据 (0-based): one row per provision, then the fields of each input side by side
KEY, CITY, LABEL, RULE, POLICY, DOCUMENT, AT, NATURE, FIRST, LAST, DRAFT, COUNT = range(12)
FIELDS = 12
NAME, SHOWN, KIND, MONEY, NEED, HOW, CHOICES, CHOICE_COUNT = range(8)
PER_FIELD = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """One provision of one document. `label` is its name in the drop-down, unique in its city."""

    label: str
    document: Document
    rule: Rule

    @property
    def first(self) -> dt.date | None:
        return period(self.document, self.rule)[0]

    @property
    def last(self) -> dt.date | None:
        return period(self.document, self.rule)[1]

    @property
    def fields(self) -> tuple[Input, ...]:
        """What can be filled: nothing where the provision computes nothing."""
        return self.rule.inputs if self.rule.amount is not None else ()


class Law:
    """The entries of a catalogue, city by city, the newest document of a city first."""

    def __init__(self, catalog: Catalog) -> None:
        self.entries = list(_entries(catalog))
        self.cities = list(dict.fromkeys(e.document.city_label for e in self.entries))

    @cached_property
    def width(self) -> int:
        """The most inputs that a provision has."""
        return max(len(e.fields) for e in self.entries)

    @cached_property
    def choice_lists(self) -> dict[tuple[str, ...], int]:
        """Every list of choices with its place in the column of choices."""
        lists: dict[tuple[str, ...], int] = {}
        at = 0
        for item in (item for e in self.entries for item in e.fields):
            listed = choices(item)
            if listed and listed not in lists:
                lists[listed] = at
                at += len(listed)
        return lists

    def of_city(self, city: str) -> list[Entry]:
        return [e for e in self.entries if e.document.city_label == city]

    def find(self, city: str, rule: str, policy: str) -> Entry:
        """The entry of a provision of a document (StopIteration without one)."""
        return next(e for e in self.of_city(city) if e.rule.id == rule and e.document.key == policy)


def choices(item: Input) -> tuple[str, ...]:
    """What the drop-down of a field offers."""
    return tuple(c.label for c in item.choices) if item.choices else ("是", "否") if item.type == "boolean" else ()


def _entries(catalog: Catalog) -> Iterator[Entry]:
    cities = list(dict.fromkeys(d.city for d in catalog.documents.values()))
    for city in sorted(cities, key=lambda c: -len([r for d in catalog.of_city(c) for r in d.rules])):
        documents = catalog.of_city(city)
        seen: set[str] = set()
        for document in documents:
            for rule in document.rules.values():
                label = rule.title if document is documents[0] and rule.title not in seen else ""
                label = label or f"{rule.title}（{document.name}）"
                if label in seen:
                    label = f"{label} {rule.at}"
                seen.add(label)
                yield Entry(label, document, rule)


# --- 数据 ---


class Places:
    """Where things stand in 数据, as references for formulas."""

    def __init__(self, law: Law) -> None:
        self.rows = len(law.entries)
        self.cities = len(law.cities)
        self.choice_column = FIELDS + PER_FIELD * law.width
        self.city_column = self.choice_column + 2

    def column(self, index: int) -> str:
        """A column of the table of provisions, without its heading."""
        name = _letters(index)
        return f"{DATA}!${name}$2:${name}${self.rows + 1}"

    @property
    def city_list(self) -> str:
        name = _letters(self.city_column)
        return f"={DATA}!${name}$2:${name}${self.cities + 1}"

    @property
    def city_table(self) -> str:
        """City, its first row (from 0), how many rows."""
        left, right = _letters(self.city_column), _letters(self.city_column + 2)
        return f"{DATA}!${left}$2:${right}${self.cities + 1}"

    def provisions_of(self, city: str) -> str:
        """The drop-down of a city's provisions; `city` is a cell."""
        part = f"VLOOKUP({city},{self.city_table},{{}},0)"
        return f"=OFFSET({DATA}!${_letters(LABEL)}$2,{part.format(2)},0,{part.format(3)},1)"

    def row_of(self, city: str, provision: str) -> str:
        """The number of a provision's row (from 1) by the cells of city and provision."""
        return f'MATCH({city}&"|"&{provision},{self.column(KEY)},0)'

    def of_row(self, index: int, row: str) -> str:
        """A column's value in the row whose number stands in a cell."""
        return f"INDEX({self.column(index)},{row})"

    def field(self, number: int, part: int, row: str) -> str:
        """A part of a field (from 0) of the provision in the row whose number stands in a cell."""
        return self.of_row(FIELDS + PER_FIELD * number + part, row)

    def choices_of(self, number: int, row: str) -> str:
        """The drop-down of a field; empty where it has none, so anything can be typed."""
        top = f"{DATA}!${_letters(self.choice_column)}$1"
        return f"=OFFSET({top},{self.field(number, CHOICES, row)},0,{self.field(number, CHOICE_COUNT, row)},1)"


def _letters(index: int) -> str:
    """Letters of a column counted from 0."""
    return letter(index + 1)


def write_data(book: Any, law: Law) -> None:
    """The hidden sheet."""
    sheet = book.get_worksheet_by_name(DATA)
    places = Places(law)
    heads = [
        "键",
        "城市",
        "条款名称",
        "条款编号",
        "文件代号",
        "文件",
        "位置",
        "性质",
        "起",
        "止",
        "征求意见稿",
        "输入项数",
    ]
    heads += [
        f"{name}{n + 1}"
        for n in range(law.width)
        for name in ("名称", "含义", "类型", "金额", "必填", "怎样填", "选项起", "选项数")
    ]
    sheet.write_row(0, 0, heads)
    for r, entry in enumerate(law.entries, 1):
        for c, value in enumerate(_record(law, entry)):
            write_cell(sheet, r, c, value)
    for listed, at in law.choice_lists.items():
        for i, text in enumerate(listed):
            sheet.write_string(at + i + 1, places.choice_column, text)
    for r, city in enumerate(law.cities, 1):
        own = [i for i, e in enumerate(law.entries) if e.document.city_label == city]
        write_cell(sheet, r, places.city_column, city)
        write_cell(sheet, r, places.city_column + 1, own[0])
        write_cell(sheet, r, places.city_column + 2, len(own))
    sheet.very_hidden()


def _record(law: Law, entry: Entry) -> list[Any]:
    document, rule = entry.document, entry.rule
    out: list[Any] = [
        f"{document.city_label}|{entry.label}", document.city_label, entry.label, rule.id, document.key, document.name,
        rule.at, nature_word(rule), entry.first, entry.last, int(document.draft), len(entry.fields),
    ]  # fmt: skip
    for item in entry.fields:
        listed = choices(item)
        at = law.choice_lists[listed] + 1 if listed else 0
        told = absent(rule, item)
        hint = how(item) + (f"；不填：{told}" if told else "")
        unit = unit_of(item, "") if item.type != "money" else ""
        out += [item.name, item.label, unit, int(item.type == "money"), need(item), hint, at, len(listed)]
    return out


def field_cells(law: Law, entry: Entry, number: int, unit: str) -> tuple[str, str, str, str]:
    """What the formulas of a field show for an entry: label, unit, need, how. Empty beyond its fields."""
    if number >= len(entry.fields):
        return "", "", "", ""
    record = _record(law, entry)[FIELDS + PER_FIELD * number :]
    shown_unit = unit if record[MONEY] else record[KIND]
    return record[SHOWN], shown_unit, record[NEED], record[HOW]


# --- 政策库 ---

_COLUMNS = (
    ("城市", 8), ("条款名称", 34), ("标准", 46), ("性质", 8), ("效力", 11), ("依据文件", 20), ("条款位置", 20), ("主题", 12),
    ("奖补对象", 26), ("要填的输入项", 70), ("起", 11), ("止", 11), ("办理方式", 10), ("主管部门", 30), ("条款编号", 26), ("去处、说明", 60),
)  # fmt: skip
_EFFECT = 4


def write_library(book: Any, law: Law, styles: Styles) -> None:
    """All provisions, one per row, to filter; their effect on the date at the top."""
    sheet = book.get_worksheet_by_name(LIBRARY)
    title(
        sheet,
        styles,
        LIBRARY,
        len(_COLUMNS) - 1,
        "用标题行的筛选箭头按城市、主题、效力查找；改黄色格子里的日期，“效力”一列随之变化。",
    )
    sheet.write_string(2, 0, "日期", styles["label"])
    sheet.write_datetime(2, 1, dt.datetime.combine(EXAMPLE_DAY, dt.time()), styles["input date"])
    sheet.data_validation(
        2,
        1,
        2,
        1,
        {
            "validate": "date",
            "criteria": "between",
            "minimum": dt.date(2000, 1, 1),
            "maximum": dt.date(2100, 12, 31),
            "error_title": "日期",
            "error_message": "请填日期，如 2026-06-30",
        },
    )
    top = 4
    for c, (name, width) in enumerate(_COLUMNS):
        sheet.set_column(c, c, width)
        sheet.write_string(top, c, name, styles["head"])
    sheet.set_row(top, 24)
    for r, entry in enumerate(law.entries, top + 1):
        for c, value in enumerate(_library_row(entry)):
            style = styles["date" if isinstance(value, dt.date) else "center" if c in (0, 3, 4, 12) else "cell"]
            if c == _EFFECT:
                n = r + 1
                formula = f'=IF({int(entry.document.draft)}=1,"征求意见稿",IF($B$3<K{n},"未施行",IF($B$3>L{n},"失效","施行")))'
                put_formula(sheet, r, c, formula, style, status(entry.document, entry.rule, EXAMPLE_DAY))
            else:
                write_cell(sheet, r, c, value, style)
        sheet.set_row(r, styles.height(_library_row(entry), [w for _, w in _COLUMNS]))
    last = top + len(law.entries)
    sheet.autofilter(top, 0, last, len(_COLUMNS) - 1)
    sheet.freeze_panes(top + 1, 2)
    for text, style in (("施行", "good"), ("征求意见稿", "warn"), ("失效", "dim"), ("未施行", "dim")):
        sheet.conditional_format(
            top + 1,
            _EFFECT,
            last,
            _EFFECT,
            {"type": "cell", "criteria": "==", "value": f'"{text}"', "format": styles[style]},
        )
    sheet.print_area(0, 0, last, 8)
    set_page(sheet, foot=FOOT, titles=(top + 1, top + 1))


def _library_row(entry: Entry) -> list[Any]:
    document, rule = entry.document, entry.rule
    asked = "；".join(f"{item.label}（{need(item)}）" for item in entry.fields)
    told = "；".join(filter(None, [rule.refer_to, rule.notes]))
    return [
        document.city_label, rule.title, brief(rule).removeprefix(nature_word(rule)).lstrip("，") or rule.refer_to, nature_word(rule), None,
        document.name, rule.at, "、".join(rule.themes), rule.recipient, asked, entry.first, entry.last, MODES[rule.mode],
        "、".join(rule.departments), rule.id, told,
    ]  # fmt: skip


__all__ = ["DATA", "EXAMPLE_DAY", "LIBRARY", "TYPES", "Entry", "Law", "Places", "write_data", "write_library"]
