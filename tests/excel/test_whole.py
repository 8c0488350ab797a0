"""A column in one go gives what each of its cells gives alone: amounts, blanks, errors and their words."""

from __future__ import annotations

import random
from typing import Any

import pytest

from xlpolicy.excel.functions import amounts as functions
from xlpolicy.excel.functions import columns as whole
from xlpolicy.excel.functions.call import as_error, number
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog as catalogs

SIZE = 80
MONEY: list[Any] = [
    "壹万元",
    "1,100万元",
    float("nan"),
    None,
    "",
    "#N/A",
    "abc",
    True,
    -5,
    0,
    1e16,
    12.345,
    "800万元",
    8_000_000,
    0.1,
    2**60,
]
OTHER: list[Any] = [None, "是", "否", 1, 0, 3, "2026-03-01", 46100.0, "#VALUE!", "国家级", 0.03, "5%", 12]
RULES = [pytest.param(d, r, id=f"{d.key}:{r.id}") for d, r in catalogs.default().rules()]


def row_by_row(city: str, rule: str, *args: Any) -> Any:
    try:
        return functions._each(
            city, rule, args, lambda found, row: number(functions._decide(found, row).amount, row.unit)
        )
    except PolicyError as error:
        return as_error(error)


def at_once(city: str, rule: str, *args: Any) -> Any:
    try:
        return functions.subsidy(city, rule, *args)
    except PolicyError as error:
        return as_error(error)


def cell_of(item: Any, chance: random.Random) -> Any:
    if item.type != "money":
        return chance.choice(OTHER)
    return chance.choice([*MONEY, *(round(chance.uniform(0, 1e7), 2) for _ in MONEY)])


@pytest.mark.parametrize(("document", "rule"), RULES)
def test_equal_to_row_by_row(document: Any, rule: Any) -> None:
    chance = random.Random(f"{document.key} {rule.id}")
    for _ in range(4):
        args: list[Any] = [[[cell_of(item, chance)] for _ in range(SIZE)] for item in rule.inputs[:1]]
        for item in rule.inputs[1:]:
            if chance.random() < 0.6:
                column = [[cell_of(item, chance)] for _ in range(SIZE)]
                args += [chance.choice([item.name, item.label]), chance.choice([column, column[0][0]])]
        if chance.random() < 0.5:
            args += ["单位", chance.choice(["万元", "元", "亿元", "千元"])]
        if chance.random() < 0.5:
            days = [[chance.choice(["2026-06-30", 45900.0, None, "2030-01-01", "x", "#N/A"])] for _ in range(SIZE)]
            args += ["日期", chance.choice(["2026-06-30", "2025-06-30", 46100, days])]
        if document.draft or chance.random() < 0.4:
            args += ["文件", document.key]
        assert at_once(document.city, rule.id, *args) == row_by_row(document.city, rule.id, *args)


@pytest.mark.parametrize("unit", ["元", "千元", "万元", "百万元", "亿元"])
def test_units_are_exact(unit: str) -> None:
    chance = random.Random(unit)
    column = [[round(chance.uniform(0, 9000), digits)] for digits in (0, 1, 2, 3, 4, 6) for _ in range(200)]
    args = (column, "单位", unit, "日期", "2026-06-30")
    assert whole.subsidy("福州", "技改设备补助", "investment", args) is not None
    assert at_once("福州", "技改设备补助", *args) == row_by_row("福州", "技改设备补助", *args)


@pytest.mark.parametrize(
    "args",
    [
        ([[1.0, 2.0]] * 100,),
        ([[1.0]] * 100, "investment_with_vat", [[1.0]] * 99),
        ([[1.0]] * 100, "单位", [["元"]] * 100),
        ([[1.0]] * 100, "没有这一项", 1),
        ([[1.0]] * 100, "investment", 1),
        ([[1.0]] * 100, "单位", "公斤"),
        ([[1.0]] * 100, "文件", "fuzhou-1999-1"),
        ([[1.0]] * 100, "日期", "1999-01-01"),
        ([[float("nan")]] * 100,),
        ([[1.0], 2.0] * 50,),
        ([[]] * 100,),
        ([[1.0]] * 63,),
    ],
)
def test_what_is_not_the_regular_call_is_left_alone(args: tuple[Any, ...]) -> None:
    assert whole.subsidy("福州", "技改设备补助", "investment", args) is None


def test_a_flat_list_is_a_column() -> None:
    amounts = functions.subsidy("福州", "技改设备补助", [8e6, None] * 50, "日期", "2026-06-30")
    assert amounts == [[240000.0], [""]] * 50
