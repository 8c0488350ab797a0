"""主管部门名单: facts that only the bureau knows, one row an enterprise and provision, merged into claims by code.

In comes a workbook with a row of headings (统一社会信用代码, 条款, perhaps 项目名称, and the labels of such inputs); out go
the facts by code and provision. Amounts are 元, or as they are written (3万元).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.faults import Fault, InvalidInput, PolicyError, reference
from xlpolicy.forms.bureau_facts import BureauFacts
from xlpolicy.forms.grids import read_grids
from xlpolicy.forms.layout import address, match_text
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Input, Rule
from xlpolicy.law.values import coerce
from xlpolicy.money import clean
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.openpyxl_book import Results, blank_workbook, finished, put
from xlpolicy.sheets.package import Unreadable
from xlpolicy.sheets.text import letter

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


def read_facts(path: Path, catalog: Catalog) -> BureauFacts:
    """The facts of a list. Raises BureauListError with everything that is wrong in it."""
    try:
        sheets, differing, *_ = read_grids(path)
    except (Unreadable, OSError) as error:
        raise BureauListError(
            "主管部门名单打不开", where=str(path), expected="xlsx 工作簿", remedy="另存为 .xlsx 后再用"
        ) from error
    title, rows = next(iter(sheets.items()))
    top = next((r for r, row in enumerate(rows) if {match_text(str(v)) for v in row} >= {_CODE, _RULE}), None)
    if top is None:
        raise BureauListError(
            "主管部门名单没有表头", where=str(path), expected=f"“{_CODE}”“{_RULE}”两列和要填的各项",
            remedy="用 xlpolicy form 城市 条款 --bureau 生成空白名单",
        )  # fmt: skip
    headings = {match_text(str(v)): c for c, v in enumerate(rows[top]) if v not in (None, "")}
    facts: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    wrong: list[Fault] = []
    for r, row in enumerate(rows[top + 1 :], top + 1):
        said = {text: row[c] for text, c in headings.items() if row[c] not in (None, "")}
        code = clean(str(said.get(_CODE, ""))).upper()
        if not code:
            continue
        rules = _rules(catalog, str(said.get(_RULE, "")))
        project = clean(str(said.get(_PROJECT, ""))).lower()
        if not rules:
            where = reference(title, address(r, headings[_RULE]))
            wrong.append(
                Fault("bureau_list", where, _RULE, f"没有“{said.get(_RULE, '')}”这个条款", "条款名称或编号", "改正条款")
            )
        for text, value in said.items():
            if text in (_CODE, _NAME, _RULE, _PROJECT):
                continue
            where = reference(title, address(r, headings[text]))
            if where in differing:
                wrong.append(replace(differing[where], where=where, item=text))
            items = [(rule, item) for rule in rules for item in asked(rule) if match_text(item.label) == text]
            if rules and not items:
                wrong.append(
                    Fault(
                        "bureau_list",
                        where,
                        text,
                        f"“{rules[0].title}”没有“{text}”这一项",
                        "该条款要由主管部门填的项",
                        "清空这一格，或改正表头",
                    )
                )
            for rule, item in items:
                try:
                    read = coerce(item, value)
                except InvalidInput as error:
                    wrong.append(
                        Fault("bureau_list", where, item.name, error.problem.got, error.problem.expected, "改正这一格")
                    )
                    continue
                held = facts.setdefault((code, rule.id), {}).setdefault(project, {})
                if held.setdefault(item.name, read) != read:
                    wrong.append(
                        Fault("bureau_list", where, item.name, "同一家同一条款填了两个数", "只填一次", "删去一个")
                    )
    if wrong:
        listed = "；".join(str(fault) for fault in wrong[:5])
        raise BureauListError(f"主管部门名单有 {len(wrong)} 处问题：{listed}", where=str(path), remedy="改正后再运行")
    return facts


def _rules(catalog: Catalog, name: str) -> list[Rule]:
    wanted = match_text(name)
    return [
        rule
        for _, rule in catalog.rules()
        if wanted and wanted in {match_text(text) for text in (rule.id, rule.title, *rule.aliases)}
    ]
