"""Every way an accountant writes a value, decided by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from formkit import plan

from xlpolicy.faults import Fault
from xlpolicy.forms.codes import uscc_doubt
from xlpolicy.forms.layout import Field
from xlpolicy.forms.normalise import read_value, shown


def money(raw: Any, unit: str = "万元") -> tuple[Any, list[str]]:
    value, said = read_value(plan(unit=unit).by_key["in_investment"], raw, unit)
    return value, [c.code for c in said]


def field(key: str, rule: str, policy: str) -> Field:
    return plan(rule, "万元", policy).by_key[key]


RATE = ("in_central_rate", "tech_loan_interest", "fuzhou-2026-5")
COUNT = ("in_days", "pilot_loan_interest", "fuzhou-2024-13")
LEVEL = ("in_level", "pilot_transformation", "fuzhou-2024-13")
ENUM = ("in_level", "smart_factory", "putian-draft")


def read(which: tuple[str, str, str], raw: Any) -> tuple[Any, list[Fault]]:
    return read_value(field(*which), raw, "万元")


@pytest.mark.parametrize(
    ("raw", "yuan"),
    [
        (800, "8000000"),
        (800.0, "8000000"),
        (800.01, "8000100"),
        ("800", "8000000"),
        ("８００", "8000000"),
        (" 800 \n", "8000000"),
        ("1,100", "11000000"),
        ("1，100", "11000000"),
        ("100万", "1000000"),
        ("１００万元", "1000000"),
        ("1,100万元", "11000000"),
        ("25万6千", "256000"),
        ("¥800.50万元", "8005000"),
        ("人民币800万元整", "8000000"),
        ("8000000元", "8000000"),
        ("叁佰万元整", "3000000"),
        ("0.8亿元", "80000000"),
        (0, "0"),
        # a sum in binary: the sheet shows 500.00
        (499.99999999999994, "5000000"),
        (0.1 + 0.2, "3000"),
    ],
)
def test_an_amount_is_read(raw: Any, yuan: str) -> None:
    assert money(raw) == (Decimal(yuan), [])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("约300", "approximate"),
        ("大约300万", "approximate"),
        ("300左右", "approximate"),
        ("300万以上", "approximate"),
        ("300余万", "approximate"),
        ("300多万", "approximate"),
        ("300万（含税）", "remark_in_number"),
        ("300（不含税）", "remark_in_number"),
        ("300-400", "range"),
        ("300万至400万", "range"),
        ("300～400", "range"),
        ("12万5", "not_an_amount"),
        ("三百来万", "not_an_amount"),
        ("见附件", "not_an_amount"),
        ("1,10", "not_an_amount"),
        ("8.0.0", "not_an_amount"),
        ("800美元", "not_an_amount"),
        ("=800", "not_an_amount"),
        (-5, "negative"),
        ("-5", "negative"),
        (True, "not_a_number"),
        (float("inf"), "not_a_number"),
        (dt.date(2026, 1, 1), "date_format"),
        (dt.timedelta(days=30), "date_format"),
        ("99999999999亿", "invalid_value"),
    ],
)
def test_an_amount_is_sent_back(raw: Any, code: str) -> None:
    assert money(raw) == (None, [code])


@pytest.mark.parametrize("raw", ["¥800.50", "￥800", "RMB800", "人民币800", "800整"])
def test_yuan_without_a_unit_is_no_amount_in_a_form_of_wan(raw: str) -> None:
    """The sign says 元, the form 万元: a number format with ¥ is sent back for the same reason."""
    assert money(raw) == (None, ["unit_mixed_up"])


def test_an_amount_of_a_few_yuan_is_asked_about() -> None:
    assert money("800元") == (Decimal(800), ["small_amount"])
    assert money("9999.99元") == (Decimal("9999.99"), ["small_amount"])
    assert money("10000元") == (Decimal(10000), [])
    assert money("0元") == (Decimal(0), [])


def test_a_unit_mix_up_is_asked_about() -> None:
    """8,000,000 in a 万元 cell would be 800亿元; a unit in the cell settles it."""
    assert money(8_000_000) == (None, ["unit_mixed_up"])
    assert money("8,000,000") == (None, ["unit_mixed_up"])
    assert money(1_000_000) == (None, ["unit_mixed_up"])
    assert money("8,000,000元") == (Decimal("8000000"), [])
    assert money(999_999.99) == (Decimal("9999999900"), ["large_amount"])
    assert money(100_000) == (Decimal("1000000000"), ["large_amount"])
    assert money(99_999.99) == (Decimal("999999900"), [])
    _, said = read_value(plan().by_key["in_investment"], 8_000_000, "万元")
    assert said[0].got == "填的是“8,000,000”，按本栏单位是 8,000,000 万元（800 亿元），大得不合常理"
    assert "如“800亿元”" in said[0].remedy


def test_a_form_in_yuan() -> None:
    assert money(8_000_000, "元") == (Decimal("8000000"), [])
    assert money("800万元", "元") == (Decimal("8000000"), [])
    assert money(800, "元") == (Decimal("800"), ["small_amount"])
    assert money(10_000, "元") == (Decimal("10000"), [])
    assert money(10**10, "元") == (None, ["unit_mixed_up"])


@pytest.mark.parametrize("raw", [3, 3.0, "3", "3%", "３％", 0.03, " 3 % "])
def test_three_percent(raw: Any) -> None:
    assert read(RATE, raw) == (Decimal("0.03"), [])


@pytest.mark.parametrize(("raw", "rate"), [(100, "1"), ("100%", "1"), (1.5, "0.015"), (0.5, "0.5"), (0, "0")])
def test_a_rate_is_read(raw: Any, rate: str) -> None:
    assert read(RATE, raw) == (Decimal(rate), [])


@pytest.mark.parametrize(
    ("raw", "code"), [(1, "rate_unclear"), ("1", "rate_unclear"), (101, "invalid_value"), ("120%", "invalid_value"),
                      ("约3%", "approximate"), (-3, "invalid_value"), ("三", "invalid_value"), ("25个基点", "rate_unclear"), ("345 bp", "rate_unclear")],
)  # fmt: skip
def test_a_rate_is_sent_back(raw: Any, code: str) -> None:
    value, said = read(RATE, raw)
    assert (value, [c.code for c in said]) == (None, [code])


def test_a_count() -> None:
    assert read(COUNT, 90.0) == (Decimal(90), [])
    assert read(COUNT, "90天") == (Decimal(90), [])
    assert read(COUNT, "９０") == (Decimal(90), [])
    for wrong in (90.5, "九十", "约90", -1, True):
        value, said = read(COUNT, wrong)
        assert value is None
        assert len(said) == 1


def test_choices_by_label_or_value() -> None:
    assert read(LEVEL, "三级") == (Decimal(3), [])
    assert read(LEVEL, 3.0) == (Decimal(3), [])
    assert read(ENUM, "卓越级（国家级）") == ("excellent", [])
    assert read(ENUM, "卓越级 (国家级)") == ("excellent", [])
    value, said = read(ENUM, "优秀级")
    assert value is None
    assert said[0].expected == "先进级（省级）、卓越级（国家级）"


@pytest.mark.parametrize(
    ("raw", "value"), [("是", True), (" 否 ", False), ("有", True), ("无", False), ("不是", False)]
)
def test_yes_and_no(raw: Any, value: bool) -> None:
    assert read_value(plan().by_key["in_bond_supported"], raw, "万元") == (value, [])


@pytest.mark.parametrize(("raw", "value"), [(True, True), (0.0, False), ("√", True), ("×", False), ("N", False), ("yes", True)])  # fmt: skip
def test_a_sign_for_yes_or_no_is_told(raw: Any, value: bool) -> None:
    found, said = read_value(plan().by_key["in_bond_supported"], raw, "万元")
    assert (found, [(c.code, c.severity) for c in said]) == (value, [("read_as", "warning")])
    assert f"“{'是' if value else '否'}”" in said[0].got


@pytest.mark.parametrize("raw", ["是/否", "不知道", 2.0, "□是 □否", "是√ 否"])
def test_neither_yes_nor_no(raw: Any) -> None:
    value, said = read_value(plan().by_key["in_bond_supported"], raw, "万元")
    assert (value, [c.code for c in said]) == (None, ["invalid_value"])


@pytest.mark.parametrize(
    "raw",
    [dt.date(2026, 6, 30), dt.datetime(2026, 6, 30), "2026-06-30", "2026/6/30", "2026.6.30", "2026年6月30日",
     "２０２６年６月３０日", "20260630", 20260630.0, 46203, 46203.0, "2026-06-30 00:00:00"],
)  # fmt: skip
def test_a_date(raw: Any) -> None:
    assert read_value(plan().by_key["prj_start"], raw, "万元") == (dt.date(2026, 6, 30), [])


def test_a_serial_of_the_1904_calendar() -> None:
    # 46203 - 1462
    assert read_value(plan().by_key["prj_start"], 44741.0, "万元", date1904=True) == (dt.date(2026, 6, 30), [])


@pytest.mark.parametrize("raw", ["2026-13", "6月30日", "2026-02-30", 800.0, True, "长期", float("nan")])
def test_no_date(raw: Any) -> None:
    value, said = read_value(plan().by_key["prj_start"], raw, "万元")
    assert (value, [c.code for c in said]) == (None, ["not_a_date"])


def test_names_keep_their_spelling() -> None:
    for name in ("福州（示例）机械有限公司", "福州(示例)机械有限公司", "=HYPERLINK(1)"):
        assert read_value(plan().by_key["ent_name"], f" {name} ", "万元") == (name, [])
    assert read_value(plan().by_key["ent_name"], 3721.0, "万元") == ("3721", [])


def test_digits_lost_in_a_number_cell() -> None:
    phone, account, code = (plan().by_key[k] for k in ("ent_phone", "ent_account", "ent_uscc"))
    assert read_value(phone, 13800000000.0, "万元") == ("13800000000", [])
    for item, raw in ((account, 35001234567890123456.0), (account, "3.50012E+19"), (code, 9.1350100e17)):
        value, said = read_value(item, raw, "万元")
        assert (value, [c.code for c in said]) == (None, ["digits_lost"])
    assert read_value(account, "3500 1234 5678 9012 3456", "万元") == ("35001234567890123456", [])


@pytest.mark.parametrize(
    ("code", "doubt"),
    [
        ("91350100M000100Y43", ""),
        ("91350100M000100Y44", "校验位是“4”，按规则应为“3”"),
        ("91350100M000100Y4", "是 17 位，不是 18 位"),
        ("9135010OM000100Y43", "含有不使用的字符“O”"),
        ("91995010M000100Y43", "第 3、4 位“99”不是省级行政区划代码"),
        ("9135A100M000100Y43", "第 3 至 8 位“35A100”不是行政区划数字"),
    ],
)
def test_the_credit_code_only_raises_doubt(code: str, doubt: str) -> None:
    assert uscc_doubt(code) == doubt
    value, said = read_value(plan().by_key["ent_uscc"], code.lower(), "万元")
    assert value == code
    assert [c.severity for c in said] == (["warning"] if doubt else [])


def test_letters_in_the_first_two_places_are_no_fault() -> None:
    """GB 32100 has letters there; stdnum's own check refuses them."""
    assert uscc_doubt("A1350100M000100Y42") == ""


def test_a_value_is_quoted_as_seen() -> None:
    assert [shown(v) for v in (800.0, 0.03, True, dt.datetime(2026, 1, 2), " x ")] == ["800", "0.03", "TRUE", "2026-01-02", "x"]  # fmt: skip
