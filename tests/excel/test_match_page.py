"""The sheets 企业档案 and 我能申报: filled in, pressed through the stand-in for xlwings' book, held against `match`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from stand_in import Book

from xlpolicy.excel import macros
from xlpolicy.excel.workbook import build as workbook
from xlpolicy.excel.workbook.page_match import FIRST, HEAD, NAMES, SHEET
from xlpolicy.law import catalog as catalogs
from xlpolicy.money import clean
from xlpolicy.settle.match import match
from xlpolicy.settle.profile import Profile, facts_of, provisions
from xlpolicy.words.fact_names import FactNames

ON = dt.date(2026, 6, 30)
INVESTMENT = "年度技改设备（含软件）实际投资额（不含增值税）"
BOND = "项目已享受发改委牵头的超长期特别国债设备更新资金"


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(workbook.build(tmp_path / "xlpolicy.xlsm"))


def cells(book: Book) -> dict[str, Any]:
    """The cells that are filled in, by label."""
    rows = book.book[SHEET].iter_rows(min_row=FIRST + 1, max_col=5)
    return {row[1].value: row[2:5] for row in rows if row[1].value}


def fill(book: Book, *columns: dict[str, Any]) -> None:
    """What stands on the sheet, and nothing else."""
    found = cells(book)
    for label, entries in found.items():
        for cell, column in zip(entries, (*columns, {}, {}), strict=False):
            cell.value = column.get(label)
    assert all(label in found for column in columns for label in column)


def lines(book: Book) -> list[list[Any]]:
    return [row for row in book.names[NAMES["lines"]].refers_to_range.options(ndim=2).value if row[0]]


def paid(book: Book) -> dict[str, tuple[str, Any]]:
    return {row[1]: (row[0], row[3]) for row in lines(book)}


def test_the_example_is_what_the_button_gives(book: Book) -> None:
    """附件3 一: 800万元 × 3%. 附件3 二: 5000万元 × 2% × 200 ÷ 365, of which nobody said what the loan is for."""
    before = lines(book)
    assert paid(book)["技改设备补助（一期）"] == ("可得", 240000)
    assert paid(book)["技改项目贷款贴息（二期贷款）"] == ("待核实", 547945.21)
    macros.match_enterprise(book)
    assert lines(book) == before
    assert book.result.startswith(
        "福州示例机械有限公司，申报日期 2026-06-30：可得 1 条，2 个项目（一期、二期贷款）一起核算，合计 240,000.00 元"
    )


def test_every_provision_once_and_as_the_command_has_it(book: Book) -> None:
    level, new = "认定层级〔企业技术中心认定奖励〕", "属新认定（新获评、新入选）〔企业技术中心认定奖励〕"
    stated = {INVESTMENT: 8000000, BOND: "否", level: "国家级", new: "是", "属工业和信息化领域": "是"}
    fill(book, {"单位名称": "甲公司", **stated})
    macros.match_enterprise(book)
    catalog = catalogs.default()
    found = provisions(catalog, ON, "fuzhou")
    want = match(
        [Profile("甲公司", None, "enterprise", {clean(k): v for k, v in stated.items()})], found, ON, catalog=catalog
    )
    assert [(row[1], row[3]) for row in lines(book)] == [
        (s.title, float(s.payable) if s.kind in ("payable", "instead", "presumed") else None) for s in want
    ]
    assert len(lines(book)) == len(found)
    assert paid(book)["企业技术中心认定奖励"] == ("可得", 2000000)  # 附件2 一
    told = {row[1]: row for row in lines(book)}
    assert "免申即享，不必申报" in told["企业技术中心认定奖励"][6]
    assert told["新升规企业技改设备补助"][5] == "还要填：升规后第几个年度（当年为0）"
    assert any(row[0] == "待核实" and row[5].startswith("暂按符合：") for row in lines(book))
    assert "合计 2,240,000.00 元" in book.names[NAMES["summary"]].refers_to_range.value
    fill(book, {"单位名称": "甲公司", INVESTMENT: "800万元", BOND: "是"})
    macros.match_enterprise(book)
    assert paid(book)["技改设备补助"][0] == "不符合"


def test_the_list_of_another_city_and_day_keeps_what_was_filled_in(book: Book) -> None:
    fill(book, {"单位名称": "甲公司", INVESTMENT: "800万元"}, {"项目或贷款名称": "二期", INVESTMENT: "900万元"})
    book.write(NAMES["city"], "晋江市")
    book.write(NAMES["day"], dt.datetime(2024, 6, 30))
    macros.match_facts(book)
    catalog = catalogs.default()
    found = provisions(catalog, dt.date(2024, 6, 30), "jinjiang")
    facts = facts_of(found, FactNames(catalog))
    assert {clean(label) for label in list(cells(book))[4:]} == set(facts) and found
    assert INVESTMENT in book.result and "已删去" in book.result
    assert [cell.value for cell in cells(book)["单位名称"]] == ["甲公司", None, None]
    # the drop-down of a line reads its choices from the hidden columns beside it
    rule = next(v for v in book.book[SHEET].data_validations.dataValidation if "OFFSET" in str(v.formula1))
    assert rule.formula1 == f"OFFSET($J{FIRST + 1},0,0,1,MAX(1,$I{FIRST + 1}))"
    row = next(r for r in book.book[SHEET].iter_rows(min_row=FIRST + 1) if r[6].value == "是、否")
    assert [cell.value for cell in row[8:12]] == [2, "是", "否", None]


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ({INVESTMENT: "800万元"}, "没有填单位名称"),
        ({"单位名称": "甲", INVESTMENT: "约八百万"}, f"{SHEET}!C"),
        ({"单位名称": "甲", BOND: "不清楚"}, "不是“是”或“否”"),
        ({}, "没有填写企业"),
    ],
)
def test_what_cannot_be_read_by_its_cell(book: Book, column: dict[str, Any], told: str) -> None:
    fill(book, column)
    before = lines(book)
    macros.match_enterprise(book)
    assert told in book.result and lines(book) == before


def test_nothing_in_force(book: Book) -> None:
    book.write(NAMES["day"], dt.datetime(2000, 1, 1))
    macros.match_enterprise(book)
    assert "2000-01-01 福州市没有正在施行的条款" in book.result
    assert book.book[SHEET].cell(HEAD + 1, 2).value == "填什么"
