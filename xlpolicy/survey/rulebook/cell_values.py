"""One cell of a rule workbook -> what a policy file says: text, date, list, the token of a word, or a Fault."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from xlpolicy.faults import Fault, nearest
from xlpolicy.law.reading.figures import is_share, parse_figure, parse_share
from xlpolicy.law.values import parse_date
from xlpolicy.money import clean, plain
from xlpolicy.survey.rulebook.sheets import Column


class Cell(NamedTuple):
    """A value as stored, with its place and number format."""

    value: object
    sheet: str
    ref: str
    format: str = ""

    @property
    def place(self) -> str:
        return f"工作表“{self.sheet}”{self.ref}"


Record = Mapping[str, Cell]


def plain_text(cell: Cell) -> str | None:
    """What a cell says, as text; None for nothing."""
    value = cell.value
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime | dt.date):
        return parse_date(value).isoformat()
    if isinstance(value, int | float):
        number = Decimal(repr(value))
        return f"{plain(number * 100)}%" if "%" in cell.format else plain(number).replace(",", "")
    return str(value)


def split(text: str) -> list[str]:
    """The parts of a list: one per line, or on one line with 顿号 or commas outside brackets between them."""
    if "\n" in text:
        return [part.strip() for part in text.split("\n") if part.strip()]
    parts, depth = [""], 0
    for char in text:
        depth += (char in "（(《“") - (char in "）)》”")
        if char in "、,，;；" and depth <= 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]


def join(parts: Iterable[str]) -> str:
    """The inverse of `split`, on one line where that can be read back."""
    items = list(parts)
    line = "、".join(items)
    return line if split(line) == items else "\n".join([*items, ""])


def problem(cell: Cell, got: str, expected: str, remedy: str) -> Fault:
    """What is wrong with a cell."""
    return Fault("rulebook", cell.place, got=got, expected=expected, remedy=remedy)


class CellReader:
    """Reads cells and keeps what could not be taken."""

    def __init__(self) -> None:
        self.problems: list[Fault] = []

    def report(self, cell: Cell, got: str, expected: str, remedy: str) -> None:
        self.problems.append(problem(cell, got, expected, remedy))

    def value(self, column: Column, cell: Cell) -> Any:
        """A cell by its column's form: text, date, list, 是/否, whole number, or the token of a word."""
        text = plain_text(cell)
        if text is None:
            return None
        if isinstance(cell.value, str) and cell.format == "formula":
            self.report(cell, f"是公式（{cell.value}）", column.heading, "改成数值：复制后选择性粘贴为值")
            return None
        if cell.format == "strike":
            self.report(cell, f"“{text}”划了删除线", column.heading, "不要的清空或删去这一行；要的去掉删除线")
            return None
        if column.form == "date":
            try:
                return parse_date(cell.value if isinstance(cell.value, dt.date) else text)
            except ValueError as error:
                self.report(cell, f"{column.heading}{error}", "日期，如 2026-06-30", "改正日期")
                return None
        if column.form == "list":
            return split(text)
        if column.form == "pairs":
            return self.options(cell, text)
        if column.form == "whole":
            if not re.fullmatch(r"-?\d+", text):
                self.report(cell, f"{column.heading}“{text}”不是整数", "整数", "改成整数")
                return None
            return int(text)
        if column.words:
            return self.token(column.words, cell, text, column.heading)
        return text

    def token(self, words: Mapping[str, str], cell: Cell, text: str, heading: str) -> Any:
        for token, word in words.items():
            if clean(text) in (clean(word), token):
                return {"True": True, "False": False}.get(token, token)
        self.report(cell, f"{heading}“{text}”不在选项里", "、".join(words.values()), nearest(text, words.values()))
        return None

    def check(self, cell: Cell, text: str) -> None:
        try:
            (parse_share if is_share(text) else parse_figure)(text)
        except ValueError as error:
            self.report(cell, f"{error}", "条文里的写法，如 500万元、3%、20家", "改好这个数字，连同单位")

    def default(self, cell: Cell, kind: str | None) -> Any:
        """A default: 是/否 for a yes-no input, else the number or text as it stands."""
        text = plain_text(cell)
        if text is None:
            return None
        if kind == "boolean" and text in ("是", "否"):
            return text == "是"
        if isinstance(cell.value, int | float) and "%" not in cell.format:
            return cell.value
        return parse_date(cell.value) if isinstance(cell.value, dt.date) else text

    def options(self, cell: Cell, text: str) -> dict[str | int, str]:
        found: dict[str | int, str] = {}
        for line in filter(None, map(str.strip, text.splitlines())):
            token, sign, label = (part.strip() for part in line.replace("=", "＝", 1).partition("＝"))
            if not sign or not label:
                self.report(cell, f"选项“{line}”写法不对", "每行一个：代号＝名称", "补上代号和等号")
                continue
            bare = token.strip('“”"')
            found[int(token) if token.isdigit() else bare] = label
        return found

    def options_of(self, cell: Cell, told: str) -> Any:
        """A reading with options; what the clerk is told by default is that of the sheet."""
        try:
            data = json.loads(plain_text(cell) or "")
            default = data["options"][data["default"]]
            data["options"][data["default"]] = {**default, "prompt": told} if told != default["label"] else default
        except (ValueError, TypeError, KeyError):
            self.report(cell, "选项数据读不通", "程序写出的原样", "恢复原来的内容")
            return told
        return data
