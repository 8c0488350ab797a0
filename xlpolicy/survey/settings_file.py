"""A bureau's settings: who it is, and which reading of each open question it chose, by which authority.

Read from 设置.xlsx (`settings_book` writes it) or from a TOML file:

    unit = "样例市工信局"
    authority = "样工信〔2026〕8号"
    [readings]
    "fuzhou-2026-5:vat_threshold" = "net"
    "fuzhou-2026-5:actual_days" = {option = "一年360天", authority = "2026年第3次局务会纪要"}
    [[rates]]
    figure = "fuzhou-2026-5:tech_upgrade.rate"
    year = 2026
    rate = "2%"

`activate` makes the settings those of this process and of those that it starts.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlpolicy.faults import Fault, ManyFaults, PolicyError, RefusedSettings, UnknownReading, nearest, reference
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.adopted import Adopted, named
from xlpolicy.law.records import Document, Reading, YearRate
from xlpolicy.money import clean, shown
from xlpolicy.survey.settings_rates import listed_rates, read_rates

SHEET, OPTIONS = "设置", "选项"
UNIT, AUTHORITY, DEFAULT = "单位", "依据", "（默认）"
QUESTION, CHOSEN, WHY, CODE = "问题", "本单位选择", "依据（文号或会议纪要）", "代号"
COLUMNS = ("文件", QUESTION, "位置", "可以选", CHOSEN, WHY, "说明", CODE)
#: where the settings file is told: on the command line, in the user's environment, by the installed add-ins
VARIABLE = "XLPOLICY_SETTINGS"
#: the file whose settings are in use, whoever named it (the environment, xlwings.conf, a working folder)
READ = "XLPOLICY_SETTINGS_READ"
#: the headings stand in one of the first rows
_SEARCHED = 20


class SettingsError(ManyFaults, RefusedSettings):
    """A settings file that was refused."""

    headline = "设置文件 {file} 有 {count} 处问题，没有采用："


@dataclass(frozen=True, slots=True)
class Settings:
    """`choices`: document:reading -> the option and its authority (that of the whole file where a row names none).

    `rates`: 本年核定比例, below what the articles state as the most.
    """

    unit: str = ""
    authority: str = ""
    choices: Mapping[str, Adopted] = field(default_factory=dict)
    rates: tuple[YearRate, ...] = ()


def told(reading: Reading, option: str) -> str:
    """An option as the workbook offers it."""
    return reading.option(option).label + (DEFAULT if option == reading.default else "")


def read_settings(path: Path, documents: Iterable[Document] | None = None) -> Settings:
    """The settings of a file, against the documents in use. Raises SettingsError, OSError."""
    known = list(catalogs.plain().documents.values() if documents is None else documents)
    reader = _Reader(path, known)
    settings = reader.toml() if path.suffix.lower() == ".toml" else reader.book()
    if reader.problems:
        raise SettingsError(reader.problems, where=path.name)
    return settings


def activate(path: Path | str | None) -> None:
    """Make a file's settings those of `catalog.default` here and in processes started from here; None for none.

    Raises SettingsError, OSError.
    """
    os.environ.pop(catalogs.READINGS, None)
    os.environ.pop(READ, None)
    if path:
        settings = read_settings(Path(path))
        catalogs.use(settings.choices, settings.rates)
        os.environ[READ] = os.path.abspath(path)


def activate_told(path: Path | str | None) -> None:
    """As `activate`, for a program that nobody watches start: a fault is told by every function that computes."""
    try:
        activate(path)
    except (PolicyError, OSError) as error:
        why = str(error) if isinstance(error, PolicyError) else f"设置文件 {path} 读不出来"
        os.environ[catalogs.READINGS] = catalogs.REFUSED + why


class _Reader:
    def __init__(self, path: Path, documents: list[Document]) -> None:
        self.path, self.documents = path, documents
        self.known = {f"{d.key}:{name}": item for d in documents for name, item in d.readings.items()}
        self.problems: list[Fault] = []
        self.choices: dict[str, Adopted] = {}

    def refuse(self, where: str, got: str, expected: str, remedy: str, item: str = "") -> None:
        self.problems.append(Fault("setting", where, item, got, expected, remedy))

    def choose(self, name: str, said: object, authority: str, general: str, where: str, at: str) -> None:
        """One choice; what is wrong with it is reported at its place, a lacking authority at `at`."""
        text = said.strip().removesuffix(DEFAULT) if isinstance(said, str) else shown(said)
        try:
            ((document, found),) = named(self.documents, {name: text}).items()
        except UnknownReading as error:
            p = error.problem
            self.refuse(where, p.got, p.expected, p.remedy, name)
            return
        ((reading, chosen),) = found.items()
        full = f"{document}:{reading}"
        if full in self.choices:
            self.refuse(where, f"口径 {full} 写了两次", "每个口径一次", "删去一个", full)
        elif chosen.option != self.known[full].default and not (authority or general):
            what = f"选了“{self.known[full].option(chosen.option).label}”，没有写依据"
            self.refuse(at, what, "文号或会议纪要", "写在这里，或在文件开头的依据里统一写明", full)
        self.choices[full] = Adopted(chosen.option, authority or general)

    # 设置.xlsx

    def book(self) -> Settings:
        from xlpolicy.sheets.openpyxl_book import (
            open_workbook,  # costs more than all the rest, and most commands need none
        )
        from xlpolicy.sheets.package import Unreadable

        try:
            book = open_workbook(self.path)
        except Unreadable as error:
            self.refuse(
                "", f"读不出来：{error.problem.got}", "设置.xlsx 或 .toml 文件", "用 xlpolicy settings -o 重新生成"
            )
            return Settings()
        if SHEET not in book.sheetnames:
            self.refuse(
                "", f"没有工作表“{SHEET}”", "xlpolicy settings 生成的工作簿", "用 xlpolicy settings -o 重新生成"
            )
            return Settings()
        lines = [list(line) for line in book[SHEET].iter_rows()]
        start, where = _headings(lines)
        lacking = [name for name in (QUESTION, CHOSEN, WHY, CODE) if name not in where]
        if lacking:
            self.refuse(SHEET, f"没有这些列：{'、'.join(lacking)}", "生成时的列名", "恢复列名，不要删列")
            return Settings()
        head = {_text(line[0].value): line for line in lines[:start] if line}
        unit, general = (self.beside(head.get(name)) for name in (UNIT, AUTHORITY))
        for line in lines[start + 1 :]:
            chosen, why, code = (line[where[name]] for name in (CHOSEN, WHY, CODE))
            said, name = self.said(chosen), _text(code.value)
            if not said:
                if self.said(why):
                    place = reference(SHEET, chosen.coordinate)
                    self.refuse(place, "写了依据，没有选", "下拉清单里的一项", "从下拉清单选，或删去依据", name)
                continue
            if not name:
                question = _text(line[where[QUESTION]].value)
                place = reference(SHEET, code.coordinate)
                self.refuse(
                    place, f"“{question}”这一行没有代号", "生成时的代号", "用 xlpolicy settings -o 重新生成，再照着选"
                )
                continue
            self.choose(
                name,
                said,
                self.said(why),
                general,
                reference(SHEET, chosen.coordinate),
                reference(SHEET, why.coordinate),
            )
        return Settings(unit, general, self.choices, read_rates(self, book, general))

    def said(self, cell: Any) -> str:
        """What somebody wrote in a cell; a formula or an error is reported."""
        if cell.data_type in ("f", "e"):
            self.refuse(
                reference(SHEET, cell.coordinate),
                f"是{'公式' if cell.data_type == 'f' else '错误值'}",
                "文字",
                "改成文字",
            )
            return ""
        if cell.font.strike and _text(cell.value):
            where = reference(SHEET, cell.coordinate)
            self.refuse(where, f"“{_text(cell.value)}”划了删除线", "不带删除线", "不要的清空，要的去掉删除线")
            return ""
        return _text(cell.value)

    def beside(self, line: list[Any] | None) -> str:
        return self.said(line[1]) if line and len(line) > 1 else ""

    # 设置.toml

    def toml(self) -> Settings:
        try:
            data = tomllib.loads(self.path.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError:
            self.refuse("", "不是 UTF-8 编码的文字", "UTF-8 编码的 TOML 文件", "另存为 UTF-8 再试")
            return Settings()
        except tomllib.TOMLDecodeError as error:
            line = getattr(error, "lineno", None)
            self.refuse(f"第 {line} 行" if line else "", "TOML 读不通", '名称 = "内容"', "核对引号、等号和方括号")
            return Settings()
        allowed = ("unit", "authority", "readings", "rates")
        for name in data:
            if name not in allowed:
                self.refuse(name, f"有不认识的项“{name}”", "、".join(allowed), nearest(name, allowed), name)
        unit, general = (self.entry(data, name, name) for name in ("unit", "authority"))
        table = data.get("readings", {})
        if not isinstance(table, Mapping):
            self.refuse("readings", "不是一组“口径 = 选项”", "[readings] 下每行一个", "照样例改写", "readings")
            table = {}
        for name, value in table.items():
            where = f"readings {name}"
            if isinstance(value, Mapping):
                for key in sorted(value.keys() - {"option", "authority"}):
                    expected = "option、authority"
                    self.refuse(where, f"有不认识的项“{key}”", expected, nearest(key, ("option", "authority")), name)
                self.choose(name, value.get("option", ""), self.entry(value, "authority", where), general, where, where)
            else:
                self.choose(name, value, "", general, where, where)
        return Settings(unit, general, self.choices, listed_rates(self, data.get("rates", []), general))

    def entry(self, data: Mapping[str, Any], name: str, where: str) -> str:
        value = data.get(name, "")
        if not isinstance(value, str):
            self.refuse(where, f"{name} 不是文字", "文字，加引号", "加上引号", name)
            return ""
        return value.strip()


def _headings(lines: list[list[Any]]) -> tuple[int, dict[str, int]]:
    """The row that has most of the headings, and where each of them stands."""
    best: tuple[int, dict[str, int]] = (0, {})
    for n, line in enumerate(lines[:_SEARCHED]):
        found = {clean(name): i for i, name in _texts(line)}
        where = {name: found[clean(name)] for name in COLUMNS if clean(name) in found}
        if len(where) > len(best[1]):
            best = (n, where)
    return best


def _texts(line: list[Any]) -> Iterator[tuple[int, str]]:
    for i, cell in enumerate(line):
        if isinstance(cell.value, str):
            yield i, cell.value


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else "" if value is None else str(value)
