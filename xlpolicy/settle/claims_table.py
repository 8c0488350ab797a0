"""Claims and facts as tables: the headings, once for all (files, empty workbooks, SUBSIDY_SETTLE), and their reader.

Sheet 申报, one claim per row, the fixed columns first; inputs as pairs of columns (填报项1, 数值1 …) or each as a column
headed by its name or Chinese label. Sheets for the facts, each a list. Every problem is reported at once, with its cell.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from xlpolicy.faults import Fault, InvalidInput, ManyFaults, PolicyError, nearest
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import as_date
from xlpolicy.money import as_shown, clean
from xlpolicy.settle import Claim, Facts
from xlpolicy.settle.fact_values import money, place, quantum, text, year
from xlpolicy.settle.facts import VALUES, Payment, Support
from xlpolicy.settle.headings import CLAIMS, FACTS, FIXED, GUIDE, LATER, MUST, OPTIONS, PROVISIONS, SETTINGS, needed
from xlpolicy.settle.model import KINDS
from xlpolicy.sheets import template
from xlpolicy.sheets.text import letter
from xlpolicy.words.names import same

_READ = ("申报日期", "事实日期", "审定额")
#: lists of names with one value each: sheet -> field of the facts, how the value is read
_VALUES: dict[str, tuple[str, Callable[[Any, str], Any]]] = {
    "资金": ("pools", money),
    "财政贡献": ("fiscal_contribution", money),
    "项目选择": ("choices", lambda value, where: text(_name(value), where, "申报编号")),
    "名次": ("ranks", place),
}
_IGNORED = {
    GUIDE, PROVISIONS, OPTIONS, template.SUMMARY, template.CLAIMS, template.RETURNED, template.UNLISTED,
}  # fmt: skip
_PAIR = re.compile(r"(填报项|数值)(\d*)")
#: "tech_upgrade　技改设备补助" as the drop-downs have it
_WITH_TITLE = re.compile(r"([a-z][a-z0-9_-]*)\s+\S.*", re.S)
_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")


class ClaimsFileError(ManyFaults):
    """A claims file that was refused."""

    code = "claims_file"
    headline = "申报清单有 {count} 处问题，没有核算："


@dataclass(frozen=True, slots=True)
class ClaimsFile:
    """What a file asks to be settled. `enterprises`: county and size by name, for a simulation's views.

    `cells`: where each claim stands in a workbook (sheet!cell), by id. `told`: what was done where several files were
    read as one; `doubts`: what has to be looked at there.
    """

    claims: tuple[Claim, ...]
    facts: Facts
    on_year: int | None
    enterprises: Mapping[str, Mapping[str, str]]
    cells: Mapping[str, str] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(slots=True)
class _Row:
    """One filled row: its number in the sheet, heading -> place of the cell, heading -> value (None where blank)."""

    number: int
    places: dict[str, str]
    values: dict[str, Any]

    def where(self, head: str) -> str:
        """The cell below a heading, the row's first where there is none."""
        return self.places.get(head) or next(iter(self.places.values()))


class Reader:
    """Tables by name: what is wrong is collected in `problems`, what is right is kept.

    `cell` says where a cell of a table stands (table, column from 1, row from 1); a file's name goes before it.
    `whole`: the lists of facts have all their headings (else those that every entry needs). `differing`: cells that are
    not what they show, as `forms.grids` tells them.
    """

    def __init__(
        self,
        file: str,
        sheets: Mapping[str, Sequence[Sequence[Any]]],
        catalog: Catalog,
        *,
        cell: Callable[[str, int, int], str] = lambda sheet, column, row: f"{sheet}!{letter(column)}{row}",
        whole: bool = True,
        differing: Mapping[str, Fault] | None = None,
    ) -> None:
        self.file, self.sheets, self.catalog, self.cell, self.whole = file, sheets, catalog, cell, whole
        self.differing = differing or {}
        self.problems: list[Fault] = []
        self.inputs = {clean(n) for _, rule in catalog.rules() for i in rule.inputs for n in (i.name, i.label)}
        self.claimed: dict[str, str] = {}

    def wrong(self, code: str, where: str, got: str, expected: str, remedy: str) -> None:
        """Add a fault."""
        self.problems.append(Fault(code, where, "", got, expected, remedy))

    def read(self, make: Callable[[], Any]) -> Any:
        """What `make` gives, None where it refuses."""
        try:
            return make()
        except InvalidInput as error:
            self.problems.append(error.problem)
            return None

    def run(self, *, claims: bool = True) -> ClaimsFile:
        """All tables of a workbook. `claims`: it has to have the sheet of claims (one of facts alone need not).

        Raises ClaimsFileError with everything that is wrong.
        """
        if claims and CLAIMS not in self.sheets:
            got = f"没有“{CLAIMS}”这张表（有：{'、'.join(self.sheets)}）"
            remedy = "用 xlpolicy settle --blank 生成的空表填写"
            raise ClaimsFileError([Fault("sheet", self.file, "", got, f"名为“{CLAIMS}”的表", remedy)])
        for name, grid in self.sheets.items():
            if name not in {CLAIMS, *_IGNORED, *FACTS} and any(_value(c) is not None for row in grid for c in row):
                expected = "、".join([CLAIMS, *FACTS])
                self.wrong("sheet", f"{self.file} {name}", "不认识的表", expected, "改正表名，或删去这张表")

        def known(head: str) -> bool:
            return bool(_PAIR.fullmatch(head)) or clean(head) in self.inputs

        read = tuple(claim for _, claim in self.claims(known) if claim is not None) if CLAIMS in self.sheets else ()
        facts = self.facts()
        on_year = self.settings(facts)
        enterprises: dict[str, dict[str, str]] = {}
        for row in self.rows("单位"):
            named = {key: _name(row.values[head]) for head, key in FACTS["单位"].items()}
            if not named["name"]:
                self.wrong("missing", row.where("单位"), "没有填“单位”", "单位", "补填单位")
            facts_of = {key: value for key, value in named.items() if value and key != "name"}
            enterprises[named["name"] or ""] = facts_of
        if self.problems:
            raise ClaimsFileError(self.problems)
        return ClaimsFile(read, Facts(**facts), on_year, enterprises, self.claimed)

    def facts(self) -> dict[str, Any]:
        """The lists of facts, by field of `Facts`."""
        return {
            **{key: self.values(sheet, read) for sheet, (key, read) in _VALUES.items()},
            "prior_payments": tuple(self.entries("已兑付", Payment.of)),
            "external_support": tuple(self.entries("其他支持", Support.of)),
            "chain_enterprises": frozenset(str(row.values["单位"]) for row in self.rows("重点产业链")),
        }

    def grid(self, sheet: str, must: Sequence[str]) -> tuple[int, list[str]] | None:
        """The heading row (the first that has the headings `must`) and its headings; None for a sheet without any."""
        grid = self.sheets.get(sheet, [])
        start = next((i for i, row in enumerate(grid) if set(must) <= {_head(c) for c in row}), None)
        if start is None:
            if any(_value(c) is not None for row in grid for c in row):
                self.wrong("heading", f"{self.file} {sheet}".strip(), "找不到表头", "、".join(must), "恢复表头一行")
            return None
        return start, [_head(c) for c in grid[start]]

    def rows(self, sheet: str, must: Sequence[str] = (), known: Callable[[str], bool] | None = None) -> Iterator[_Row]:
        """Filled rows below the heading row; headings that mean nothing or stand twice are reported."""
        names = FACTS.get(sheet, {**FIXED, **LATER})
        found = self.grid(sheet, must or needed(sheet, whole=self.whole))
        if found is None:
            return
        start, heads = found
        for i, head in enumerate(heads):
            where = self.place(sheet, i + 1, start + 1)
            if head and head not in names and not (known and known(head)):
                near = nearest(head, [*names, *self.inputs]) if known else "删去这一列，或改正表头"
                self.wrong("heading", where, f"不认识的列“{head}”", "、".join(names), near)
            if head and head in heads[:i]:
                self.wrong("heading", where, f"“{head}”有两列", "每项一列", "删去一列")
        for number, line in enumerate(self.sheets[sheet][start + 1 :], start + 2):
            places = {head: self.place(sheet, i, number) for i, head in enumerate(heads, 1) if head}
            values = {head: _value(line[i]) if i < len(line) else None for i, head in enumerate(heads) if head}
            filled = [value for value in values.values() if value is not None]
            if not filled or _head(filled[0]) in ("合计", "总计"):
                continue
            row = _Row(number, places, values)
            for i, head in enumerate(heads, 1) if self.differing else ():
                if head and (fault := self.differing.get(self.cell(sheet, i, number))):
                    self.problems.append(replace(fault, where=places[head], item=head))
            for head, value in values.items():
                if isinstance(value, str) and value.upper() in _ERRORS:
                    self.wrong(
                        "cell", row.where(head), f"“{head}”是公式错误 {value}", "数值或文字", "改好公式，或直接填写"
                    )
                    values[head] = None
            yield row

    def place(self, sheet: str, column: int, row: int) -> str:
        """Where a cell is, for people: the file and its name there."""
        return f"{self.file} {self.cell(sheet, column, row)}".strip()

    def claims(self, known: Callable[[str], bool]) -> Iterator[tuple[_Row, Claim | None]]:
        """The filled rows of 申报, each with its claim (None where something is wrong with it)."""
        for row in self.rows(CLAIMS, MUST, known):
            claim = self.claim(row)
            if claim is not None:
                if claim.id in self.claimed:
                    got = f"编号 {claim.id} 与 {self.claimed[claim.id]} 重复"
                    self.wrong("duplicate", row.where("申报编号"), got, "每笔一个编号", "改正编号")
                self.claimed[claim.id] = row.where("申报编号").removeprefix(self.file).strip()
            yield row, claim

    def claim(self, row: _Row) -> Claim | None:
        """A claim; every cell of its row that is wrong is reported."""
        before = len(self.problems)
        raw = {key: _name(row.values.get(head)) for head, key in (FIXED | LATER).items() if head not in _READ}
        for head in MUST:
            if raw[FIXED[head]] is None:
                self.wrong("missing", row.where(head), f"没有填“{head}”", head, f"补填{head}")
        kinds = {label: key for key, label in KINDS.items()} | {key: key for key in KINDS}
        kind = raw["enterprise_kind"] or "enterprise"
        if kind not in kinds:
            got = f"单位类型“{kind}”不认识"
            self.wrong(
                "invalid_input", row.where("单位类型"), got, "、".join(KINDS.values()), nearest(kind, KINDS.values())
            )
        on, fact_on = (self.day(row, head) for head in ("申报日期", "事实日期"))
        reviewed = row.values.get("审定额")
        if reviewed is not None:
            reviewed = self.read(lambda: money(reviewed, row.where("审定额")))
        inputs = self.inputs_of(row)
        if len(self.problems) > before:
            return None
        city = raw["city"] or ""
        with suppress(PolicyError):  # an unknown one is that claim's own trouble
            city = self.catalog.city(city)
        return Claim(
            raw["id"] or "", raw["enterprise"] or "", city, _code(raw["rule"]) or "", on, inputs, kinds[kind],
            _code(raw["policy"]), raw["project"], raw["loan"], raw["object"], raw["code"], None, reviewed, fact_on,
        )  # fmt: skip

    def day(self, row: _Row, head: str) -> dt.date | None:
        """The date below a heading; one that cannot be read is reported."""
        try:
            return as_date(row.values.get(head))
        except InvalidInput as error:
            p = error.problem
            self.wrong(p.code, row.where(head), p.got, p.expected, p.remedy)
        return None

    def inputs_of(self, row: _Row) -> dict[str, Any]:
        """Inputs of the row: from columns of their own, and from pairs of columns."""
        inputs: dict[str, Any] = {}
        for head, value in row.values.items():
            pair = _PAIR.fullmatch(head)
            if pair is None:
                if head not in FIXED and head not in LATER and value is not None:
                    inputs[head] = value
                continue
            other = ("数值" if pair[1] == "填报项" else "填报项") + pair[2]
            if value is not None and row.values.get(other) is None:
                self.wrong(
                    "pair",
                    row.where(other),
                    f"填了“{head}”，没有填“{other}”",
                    "成对填写",
                    f"补填“{other}”，或清空“{head}”",
                )
            elif value is not None and pair[1] == "填报项":
                name = str(value)
                if name in inputs:
                    self.wrong("duplicate", row.where(head), f"“{name}”填了两次", "每项一次", "删去一个")
                inputs[name] = row.values[other]
        return inputs

    def entries(self, sheet: str, make: Callable[[Any, Callable[[str], str]], Any]) -> Iterator[Any]:
        """One record of the facts per row."""
        heads = {key: head for head, key in FACTS[sheet].items()}
        for row in self.rows(sheet):
            raw = {key: row.values[head] for key, head in heads.items() if row.values.get(head) is not None}
            raw |= {key: _name(value) for key, value in raw.items() if key not in VALUES}
            raw |= {key: _code(raw[key]) for key in ("rule",) if key in raw}

            def where(key: str, row: _Row = row) -> str:
                return row.where(heads.get(key, ""))

            item = self.read(lambda raw=raw, where=where: make(raw, where))  # type: ignore[misc]
            if isinstance(item, Payment):
                try:
                    self.catalog.city(item.city)
                except PolicyError as error:
                    p = error.problem
                    self.wrong(p.code, where("city"), p.got, p.expected, p.remedy)
            if item is not None:
                yield item

    def values(self, sheet: str, read: Callable[[Any, str], Any]) -> dict[str, Any]:
        """Names with one value each, or with one for every year that is written."""
        first, second, *_ = FACTS[sheet]
        out: dict[str, Any] = {}
        seen: dict[tuple[str, int | None], str] = {}
        for row in self.rows(sheet):
            name = _name(row.values[first])
            if name is None:
                self.wrong("missing", row.where(first), f"没有填“{first}”", first, f"补填{first}")
                continue
            if row.values[second] is None:
                self.wrong("missing", row.where(second), f"没有填“{second}”", second, f"补填{second}")
                continue
            name = _code(name) or name
            of = row.values.get("年度")
            of = None if of is None else self.read(lambda of=of, row=row: year(of, row.where("年度")))  # type: ignore[misc]
            if (same(name), of) in seen:
                got = f"“{name}”与 {seen[same(name), of]} 重复"
                self.wrong("duplicate", row.where(first), got, "每个名称（每个年度）一行", "删去一行")
            elif any(n == same(name) and (y is None) != (of is None) for n, y in seen):
                got = f"“{name}”有的行写了年度，有的没有写"
                self.wrong("invalid_input", row.where("年度"), got, "都写年度，或只写一行不写年度", "补填年度")
            seen[same(name), of] = row.where(first).removeprefix(self.file).partition("!")[2] or row.where(first)
            value = self.read(lambda row=row: read(row.values[second], row.where(second)))  # type: ignore[misc]
            if of is None:
                out[name] = value
            else:
                known = next((n for n in out if same(n) == same(name)), name)
                out[known] = {**(out.get(known) or {}), of: value}
        return out

    def settings(self, facts: dict[str, Any]) -> int | None:
        """The sheet 设置 into the facts; the year settled."""
        readers: dict[str, Callable[[Any, str], Any]] = {"年度": year, "上浮预算": money, "取整单位": quantum}
        found: dict[str, Any] = {}
        for row in self.rows("设置"):
            name, value = _name(row.values["项目"]), row.values["数值"]
            if name not in readers:
                self.wrong("setting", row.where("项目"), f"不认识的设置“{name or ''}”", "、".join(readers), "改正")
            elif name in found:
                self.wrong("duplicate", row.where("项目"), f"“{name}”写了两次", "每项一行", "删去一行")
            elif value is not None:
                found[name] = self.read(lambda n=name, v=value, row=row: readers[n](v, row.where("数值")))  # type: ignore[misc]
        facts |= {SETTINGS[name]: value for name, value in found.items() if name != "年度"}
        return found.get("年度")


def _head(value: Any) -> str:
    return "".join(str(value).split()) if value is not None else ""


def _value(value: Any) -> Any:
    """A calamine cell: blank as None, a number to the digits that are shown, whole ones as int, the rest as it is."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if type(value) is float:  # what Excel's adapter marked keeps its mark
        number = as_shown(value)
        return int(number) if number.is_finite() and number == number.to_integral_value() else number
    return value.strip() if isinstance(value, str) else value


def _code(text: str | None) -> str | None:
    """The code of "code　title"."""
    named = _WITH_TITLE.fullmatch(text or "")
    return named[1] if named else text


def _name(value: Any) -> str | None:
    """A name, whatever the cell holds (a numbered project is a number to Excel)."""
    return None if value is None else str(value)
