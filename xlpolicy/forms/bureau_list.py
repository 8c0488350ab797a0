"""主管部门名单: facts that only the bureau knows, one row an enterprise and provision, merged into claims by code.

In comes a workbook with a row of headings (统一社会信用代码, 条款, perhaps 项目名称, and the labels of such inputs); out go
the facts by code and provision. Amounts are 元, or as they are written (3万元).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.faults import Fault, InvalidInput, PolicyError, reference
from xlpolicy.forms.bureau_facts import BureauList, code_of
from xlpolicy.forms.grids import read_grids
from xlpolicy.forms.layout import address, match_text
from xlpolicy.forms.names_given import WITHDRAWN
from xlpolicy.forms.printed import unit_of_all
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Input, Rule
from xlpolicy.law.values import coerce
from xlpolicy.money import as_shown
from xlpolicy.sheets.cells import Value
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.openpyxl_book import Results, blank_workbook, finished, put
from xlpolicy.sheets.package import Unreadable
from xlpolicy.sheets.text import letter
from xlpolicy.words.names import same

_CODE, _NAME, _RULE, _PROJECT = "统一社会信用代码", "单位名称", "条款", "项目名称"
_ROWS = 200


class BureauListError(PolicyError):
    """A list of the bureau's facts that cannot be taken; `problems` has every row that is wrong."""

    code = "bureau_list"


def asked(rule: Rule) -> tuple[Input, ...]:
    """The inputs of a provision that only the bureau knows."""
    return tuple(item for item in rule.inputs if item.by)


def write_list(found: Found, path: Path, *, force: bool = False) -> Path:
    """A blank list for a provision. Raises InvalidInput where the bureau is asked for nothing, FileExistsError."""
    rule = found.rule
    items = asked(rule)
    if not items:
        raise InvalidInput(
            f"“{rule.title}”没有要由主管部门填的事实", where=f"{found.document.name} {rule.at}",
            expected="有核定金额、名次、已兑现等的条款", remedy="这一条不用名单",
        )  # fmt: skip
    book = blank_workbook("主管部门名单")
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "名单"
    put(sheet["A1"], f"主管部门名单：{rule.title}（{found.document.name} {rule.at}）")
    put(sheet["A2"], "一行一家，金额按元填（或写成 3万元），不知道的空着；同一家几个项目的写明项目名称。")
    headings = [_CODE, _NAME, _RULE, _PROJECT, *(item.label for item in items)]
    for column, text in enumerate(headings, 1):
        put(sheet.cell(3, column), text)
        sheet.column_dimensions[letter(column)].width = 24
    for row in range(4, 4 + _ROWS):
        sheet.cell(row, 1).number_format = "@"
        put(sheet.cell(row, 3), rule.title)
    results: Results = {}
    write_atomically(path, finished(book, results), force=force)
    return path


def read_facts(path: Path, catalog: Catalog) -> BureauList:
    """The facts of a list, of every sheet in sight that has its headings. Raises BureauListError with all that is wrong in it."""
    try:
        sheets, differing, hidden, *_ = read_grids(path)
    except (Unreadable, OSError) as error:
        raise BureauListError(
            "主管部门名单打不开", where=str(path), expected="xlsx 工作簿", remedy="另存为 .xlsx 后再用"
        ) from error
    reading = _Reading(catalog, differing)
    for title, rows in ((title, rows) for title, rows in sheets.items() if title not in hidden):
        top = next((r for r, row in enumerate(rows) if {match_text(str(v)) for v in row} >= {_CODE, _RULE}), None)
        if top is not None:
            reading.sheet(title, rows, top)
    if not reading.headed:
        raise BureauListError(
            "主管部门名单没有表头", where=str(path), expected=f"“{_CODE}”“{_RULE}”两列和要填的各项",
            remedy="用 xlpolicy form 城市 条款 --bureau 生成空白名单",
        )  # fmt: skip
    if wrong := reading.wrong:
        listed = "；".join(str(fault) for fault in wrong[:5])
        raise BureauListError(f"主管部门名单有 {len(wrong)} 处问题：{listed}", where=str(path), remedy="改正后再运行")
    return BureauList(reading.facts, reading.rows)


class _Reading:
    """What was read so far: the facts, the rows that they stand in, all that is wrong."""

    def __init__(self, catalog: Catalog, differing: Mapping[str, Fault]) -> None:
        self.catalog, self.differing = catalog, differing
        self.headed = False
        self.facts: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        self.rows: dict[str, tuple[tuple[str, str, str], ...]] = {}
        self.wrong: list[Fault] = []

    def sheet(self, title: str, rows: Sequence[Sequence[Value]], top: int) -> None:
        """All rows below the headings of a sheet, which stand in row `top`."""
        self.headed = True
        headings = {match_text(str(v)): c for c, v in enumerate(rows[top]) if v not in (None, "")}
        for r, c, text in ((r, c, v) for r, row in enumerate(rows[:top]) for c, v in enumerate(row) if type(v) is str):
            if unit_of_all(match_text(text)) not in ("", "元"):
                got = f"表头写的是“{text.strip()[:30]}”"
                self._tell(reference(title, address(r, c)), "", got, "按元填（或写成 3万元）", "改成元，或每格写明单位")
        for r, row in enumerate(rows[top + 1 :], top + 1):
            said = {text: row[c] for text, c in headings.items() if row[c] not in (None, "")}
            stated = [text for text in said if text not in (_CODE, _NAME, _RULE, _PROJECT)]
            places = {text: reference(title, address(r, c)) for text, c in headings.items()}
            odd = [text for text, place in places.items() if place in self.differing]
            self.wrong += [replace(self.differing[places[text]], where=places[text], item=text) for text in odd]
            if _CODE in odd or _RULE in odd:
                continue
            for c, value in enumerate(row):
                if _CODE in said and c not in headings.values() and type(value) is str and value.strip():
                    got = f"这一行旁边写有“{value.strip()[:30]}”"
                    self._tell(
                        reference(title, address(r, c)), "", got, "只填有表头的栏", "看这一家是否有变，再清空这一格"
                    )
            if _CODE in said and WITHDRAWN.search(str(said.get(_NAME, ""))):
                got = f"填的是“{said[_NAME]}”"
                self._tell(places[_NAME], _NAME, got, "单位名称", "不予支持的清空这一行，支持的删去这几个字")
            if _CODE in said:
                self._row(said, stated, places)
            elif stated or _NAME in said or _PROJECT in said:  # a blank list has the provision in every row
                self._tell(places[_CODE], _CODE, "这一行没有写统一社会信用代码", "18 位代码", "补上代码，或清空这一行")

    def _row(self, said: Mapping[str, Value], stated: Sequence[str], places: Mapping[str, str]) -> None:
        code, name = code_of(str(said[_CODE])), str(said.get(_RULE, ""))
        rules, project = _rules(self.catalog, name), same(str(said.get(_PROJECT, "")))
        if not rules:
            self._tell(places[_RULE], _RULE, f"没有“{name}”这个条款", "条款名称或编号", "改正条款")
        elif stated:
            words = "，".join(filter(None, (code, rules[0].title, str(said.get(_PROJECT, "")))))
            self.rows[f"{places[_CODE]}（{words}）"] = tuple((code, rule.id, project) for rule in rules)
        for text in stated:
            items = [(rule, item) for rule in rules for item in asked(rule) if match_text(item.label) == text]
            if rules and not items:
                self._tell(
                    places[text], text, f"“{rules[0].title}”没有“{text}”这一项", "该条款要由主管部门填的项",
                    "清空这一格，或改正表头",
                )  # fmt: skip
            for rule, item in items:
                held = self.facts.setdefault((code, rule.id), {}).setdefault(project, {})
                self._fact(held, item, said[text], places[text])

    def _fact(self, held: dict[str, Any], item: Input, value: Value, where: str) -> None:
        try:
            read = coerce(item, as_shown(value) if isinstance(value, float) else value)
        except InvalidInput as error:
            self._tell(where, item.name, error.problem.got, error.problem.expected, "改正这一格")
            return
        if held.setdefault(item.name, read) != read:
            self._tell(where, item.name, "同一家同一条款填了两个数", "只填一次", "删去一个")

    def _tell(self, where: str, item: str, got: str, expected: str, remedy: str) -> None:
        self.wrong.append(Fault("bureau_list", where, item, got, expected, remedy))


def _rules(catalog: Catalog, name: str) -> list[Rule]:
    wanted = match_text(name)
    return [
        rule
        for _, rule in catalog.rules()
        if wanted and wanted in {match_text(text) for text in (rule.id, rule.title, *rule.aliases)}
    ]
