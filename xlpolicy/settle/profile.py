"""企业档案: what is known of enterprises, one column each, one line a fact; the blank workbook and its reader.

What a fact is called, and which provisions share one: `words.fact_names`. Blank is unknown, never “否”.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xlpolicy.faults import Fault, InvalidInput, ManyFaults, nearest, reference
from xlpolicy.forms.grids import read_grids
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found, in_force
from xlpolicy.law.records import Input
from xlpolicy.law.values import coerce
from xlpolicy.law.year_rates import in_year
from xlpolicy.money import as_shown, clean
from xlpolicy.settle.identity import compared
from xlpolicy.settle.model import KINDS
from xlpolicy.settle.table_book import Drawn, write
from xlpolicy.sheets.book import set_page, write_cell
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.package import Unreadable
from xlpolicy.sheets.text import cell_text, letter, row_height
from xlpolicy.words.fact_names import FactNames
from xlpolicy.words.inputs import how, unit_of
from xlpolicy.words.names import same

SHEET = "企业档案"
#: lines that are no input of a provision -> field of `Profile`
FIXED = {"单位名称": "name", "统一社会信用代码": "code", "单位类型": "kind", "项目或贷款名称": "project"}
HEADINGS = {"分类": 14, "填什么": 46, "单位": 8, "怎样填": 40, "用在哪些条款": 40}
_LABEL, _TITLE_ROWS = 1, 3
_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")


class ProfileError(ManyFaults):
    """A file of enterprises that was refused."""

    code = "profile"
    headline = "企业档案有 {count} 处问题，没有对照："


@dataclass(slots=True)
class Fact:
    """What is asked: its name, an input as the first provision has it, and every provision that asks it."""

    name: str
    item: Input
    theme: str
    asked: list[Found] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Profile:
    """One enterprise with one project, loan and object: a column of 企业档案.

    `stated` by the name of the fact (without white space); nothing stands for what is not known. Another column of the
    same enterprise is another project or loan of it, told apart by `project`.
    """

    name: str
    code: str | None
    kind: str
    stated: Mapping[str, Any]
    project: str = ""

    def same_enterprise(self, other: Profile) -> bool:
        """One code, or one name where not both have a code."""
        if self.code and other.code:
            return compared(self.code) == compared(other.code)
        return same(self.name) == same(other.name)


def enterprises(profiles: Iterable[Profile]) -> list[list[Profile]]:
    """The columns of each enterprise together; its projects are named, the n-th where the column does not say."""
    groups: list[list[Profile]] = []
    for profile in profiles:
        mine = next((group for group in groups if any(map(profile.same_enterprise, group))), None)
        if mine is None:
            groups.append([profile])
        else:
            mine.append(profile)
    return [_projects(group) if len(group) > 1 else group for group in groups]


def _projects(group: Sequence[Profile]) -> list[Profile]:
    """What a column of an enterprise does not say of it, another says."""
    code = next((p.code for p in group if p.code), None)
    kind = next((p.kind for p in group if p.kind != "enterprise"), "enterprise")
    return [replace(p, code=code, kind=kind, project=p.project or f"第 {n} 个项目") for n, p in enumerate(group, 1)]


def provisions(catalog: Catalog, on: dt.date, city: str = "", theme: str = "") -> list[Found]:
    """Every computable provision in force on a day (of a city by its key, of a theme)."""
    return [
        in_year(Found(document, rule), on, None)
        for document, rule in catalog.rules()
        if rule.amount is not None and in_force(document, rule, on)
        and city in ("", document.city) and (not theme or theme in rule.themes)
    ]  # fmt: skip


def facts_of(found: Iterable[Found], names: FactNames) -> dict[str, Fact]:
    """What the provisions ask, by name without white space, in the order of the documents."""
    facts: dict[str, Fact] = {}
    for version in found:
        for item in version.rule.inputs:
            name = names.of(version.document, version.rule, item)
            fact = facts.setdefault(clean(name), Fact(name, item, version.rule.theme or "其他"))
            fact.asked.append(version)
    return facts


def write_blank(
    path: Path, catalog: Catalog, found: Sequence[Found], *, enterprises: int = 3, force: bool = False
) -> None:
    """The workbook to be filled in. Raises FileExistsError unless `force`."""
    facts = facts_of(found, FactNames(catalog))
    write([Drawn(lambda book: _draw(book, facts, enterprises))], path, created=dt.date.today(), force=force)


def _draw(book: Any, facts: Mapping[str, Fact], enterprises: int) -> None:
    body = {"font_name": FONTS["body"], "font_size": 11, "valign": "vcenter", "text_wrap": True}
    grid = body | {"border": 1, "border_color": "#7F7F7F"}
    title = book.add_format(body | {"font_name": FONTS["title"], "font_size": 18, "align": "center"})
    note, cell = book.add_format(body), book.add_format(grid)
    head = book.add_format(grid | {"bold": True, "align": "center", "bg_color": "#DCE6F1"})
    entry = book.add_format(grid | {"bg_color": "#FFF8DC", "num_format": "General"})
    day = book.add_format(grid | {"bg_color": "#FFF8DC", "num_format": "yyyy-mm-dd"})
    sheet, first = book.add_worksheet(SHEET), len(HEADINGS)
    last = first + enterprises - 1
    for column, width in enumerate((*HEADINGS.values(), *[20] * enterprises)):
        sheet.set_column(column, column, width)
    sheet.merge_range(0, 0, 0, last, "企 业 档 案", title)
    told = "一家企业一列，可以向右加列；同一家企业的另一个项目、另一笔贷款另写一列，写同样的单位名称和代码，并写明项目或贷款名称。知道的填，不知道的空着：空着当作不知道，不当作“否”。金额填元，或写明“800万元”；比例写“3%”；是非写“是”“否”；日期写 2026-06-30。"
    sheet.merge_range(1, 0, 1, last, told, note)
    sheet.set_row(0, 32)
    sheet.set_row(1, row_height(told, sum(HEADINGS.values()), 11))
    for column, heading in enumerate((*HEADINGS, *(f"企业{n}" for n in range(1, enterprises + 1)))):
        sheet.write_string(2, column, heading, head)
    for row, values in enumerate(lines(facts), _TITLE_ROWS):
        item, *texts = values
        for column, text in enumerate(texts):
            write_cell(sheet, row, column, text, cell)
        for column in range(first, last + 1):
            sheet.write_blank(row, column, None, day if item is not None and item.type == "date" else entry)
        offered = choices(texts[_LABEL], item)
        if offered and len(",".join(offered)) <= 255:
            sheet.data_validation(row, first, row, last, {"validate": "list", "source": offered, "ignore_blank": True})
        heights = [row_height(text, width, 11) for text, width in zip(texts, HEADINGS.values(), strict=True)]
        sheet.set_row(row, min(max(20.0, *heights), 409))
    sheet.freeze_panes(_TITLE_ROWS, 2)
    set_page(sheet, paper="A3", titles=(3, 3))


def choices(label: str, item: Input | None) -> list[str]:
    """What the drop-down of a line offers (`item` None: one of `FIXED`)."""
    if item is None:
        return list(KINDS.values()) if FIXED[label] == "kind" else []
    return ["是", "否"] if item.type == "boolean" else [choice.label for choice in item.choices]


def lines(facts: Mapping[str, Fact]) -> Iterator[tuple[Any, ...]]:
    """The input (None for the enterprise's own lines), and the texts of the headings."""
    many = len({_city(found) for fact in facts.values() for found in fact.asked}) > 1
    helps = {"name": "单位全称", "code": "18 位", "kind": "不填为企业", "project": "同一家企业填几列的，用来区分"}
    for label, name in FIXED.items():
        yield None, "单位", label, "", helps[name], ""
    for fact in sorted(
        facts.values(), key=lambda f: list(dict.fromkeys(x.theme for x in facts.values())).index(f.theme)
    ):
        titles = list(dict.fromkeys(f"{_city(f) if many else ''}{f.rule.title}" for f in fact.asked))
        shown = "、".join(titles[:4]) + (f"等 {len(titles)} 条" if len(titles) > 4 else "")
        told = how(fact.item) + ("（主管部门掌握）" if fact.item.by else "")
        yield (
            fact.item,
            fact.theme,
            fact.name,
            "" if fact.item.type == "rate" else unit_of(fact.item, "元"),
            told,
            shown,
        )


def _city(found: Found) -> str:
    return found.document.city_label.removesuffix("市")


def read_profiles(path: Path, catalog: Catalog) -> list[Profile]:
    """The enterprises of a workbook: as `write_blank` lays it out, or one enterprise a line under the same labels.

    Raises ProfileError with everything that is wrong, FileNotFoundError.
    """
    name, grid, differing = _grid(path)
    profiles = read_grid(name, grid, catalog, path.name)
    if differing:
        raise ProfileError(differing)
    return profiles


def read_grid(name: str, grid: list[list[Any]], catalog: Catalog, book: str = "") -> list[Profile]:
    """The enterprises of the values of a sheet of that name, from its first cell on. Raises ProfileError."""
    known = facts_of((Found(document, rule) for document, rule in catalog.rules()), FactNames(catalog))
    names = {clean(label) for label in FIXED} | set(known)
    labels = [[clean(str(value)) in names for value in row] for row in grid]
    by_row = max((sum(row) for row in labels), default=0)
    by_column = max((sum(column) for column in zip(*labels, strict=True)), default=0)
    if max(by_row, by_column) < 2:
        expected = "“单位名称”一行，其余各行是要填的项目，一家企业一列"
        raise ProfileError([Fault("heading", f"{book} {name}".strip(), "", "找不到要填的项目", expected, "用 xlpolicy match --blank 生成的空表填写")])  # fmt: skip
    turned = by_row > by_column
    read = _Reader(name, [list(column) for column in zip(*grid, strict=True)] if turned else grid, known, turned)
    profiles = read.run()
    if read.problems:
        raise ProfileError(read.problems)
    return profiles


def _grid(path: Path) -> tuple[str, list[list[Any]], list[Fault]]:
    """The sheet of that name, else the first; its cells that are not what they show. Raises ProfileError."""
    try:
        sheets, differing, *_ = read_grids(path)
    except Unreadable as failure:
        raise ProfileError([failure.told("file", path.name, ".xlsx、.xls 或 .ods 文件")]) from None
    name = SHEET if SHEET in sheets else next(iter(sheets))
    shown = [replace(fault, where=where) for where, fault in differing.items() if where.partition("!")[0] == name]
    return name, sheets[name], shown


class _Reader:
    """A grid whose lines are facts; `turned`: its rows and columns changed places."""

    def __init__(self, sheet: str, grid: list[list[Any]], known: Mapping[str, Fact], turned: bool) -> None:
        self.sheet, self.grid, self.known, self.turned = sheet, grid, known, turned
        self.problems: list[Fault] = []
        names = {clean(label) for label in FIXED} | set(known)
        self.column = max(range(len(grid[0])), key=lambda c: sum(clean(str(row[c])) in names for row in grid))

    def run(self) -> list[Profile]:
        lines: dict[str, int] = {}
        heads = {clean(heading) for heading in HEADINGS}
        for row, values in enumerate(self.grid):
            label = clean(str(values[self.column]))
            if label in lines:
                self._wrong("duplicate", row, self.column, f"“{label}”写了两次", "每项一次", "删去一个")
            elif label in self.known or label in FIXED:
                lines[label] = row
            elif label and label not in heads and any(_said(v) for v in values[self._first(lines) :]):
                self._wrong(
                    "heading", row, self.column, f"不认识“{label}”", "要填的项目", nearest(label, [*FIXED, *self.known])
                )
        if "单位名称" not in lines:
            self._wrong("missing", 0, self.column, "没有“单位名称”", "单位名称", "补上这一项")
            return []
        found = [self._profile(column, lines) for column in range(self._first(lines), len(self.grid[0]))]
        profiles = [profile for profile in found if profile is not None]
        if not profiles and not self.problems:
            self._wrong("blank", lines["单位名称"], self._first(lines), "没有填写企业", "至少一家企业", "填写后再试")
        return profiles

    def _first(self, lines: Mapping[str, int]) -> int:
        """The first column of an enterprise: after the explanations of a blank, else after the labels."""
        del lines
        heads = {clean(heading) for heading in HEADINGS}
        last = [c for row in self.grid[:6] for c, value in enumerate(row) if clean(str(value)) in heads]
        return max([self.column, *last]) + 1

    def _profile(self, column: int, lines: Mapping[str, int]) -> Profile | None:
        values = {label: self.grid[row][column] for label, row in lines.items() if _said(self.grid[row][column])}
        if not values:
            return None
        own = {key: cell_text(values.get(label)) or None for label, key in FIXED.items()}
        if not own["name"]:
            self._wrong(
                "missing", lines["单位名称"], column, "没有填单位名称", "单位全称", "补填；同一家企业的另一个项目也要写"
            )
        kinds = {label: key for key, label in KINDS.items()}
        if own["kind"] and own["kind"] not in kinds:
            self._wrong(
                "not_a_choice",
                lines["单位类型"],
                column,
                f"单位类型写的是“{own['kind']}”",
                "、".join(kinds),
                "改为其中一个",
            )
        stated = {}
        for label, value in values.items():
            if label in FIXED:
                continue
            try:
                if isinstance(value, str) and value.strip() in _ERRORS:
                    raise InvalidInput(f"是错误值 {value.strip()}", remedy="改正公式或填写数值")
                shown = as_shown(value) if isinstance(value, float) else value
                stated[label] = coerce(self.known[label].item, shown)
            except InvalidInput as error:
                problem = error.problem
                self._wrong("invalid_value", lines[label], column, problem.got, problem.expected, problem.remedy)
        kind = kinds.get(own["kind"] or "", "enterprise")
        return Profile(own["name"] or "", own["code"], kind, stated, own["project"] or "")

    def _wrong(self, code: str, row: int, column: int, got: str, expected: str, remedy: str) -> None:
        at = f"{letter(row + 1)}{column + 1}" if self.turned else f"{letter(column + 1)}{row + 1}"
        self.problems.append(Fault(code, reference(self.sheet, at), "", got, expected, remedy))


def _said(value: Any) -> bool:
    return value is not None and (not isinstance(value, str) or bool(value.strip()))
