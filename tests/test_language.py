"""What the formula language makes of tables, zeros and units: worked out by hand, the same over columns.

`tests/native/test_rules_of_ones_own.py` holds the same kinds as spreadsheet formulas.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from xlpolicy import assess
from xlpolicy.columns import assess_table
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.law.reading.second_look import doubts

HEAD = """
document: {key: sample-1, city: sample, city_label: 样例市, number: 样政〔2026〕1号, title: 样例, valid_from: 2026-01-01, valid_to: 2026-12-31}
provisions:
- id: one
  at: 一
  title: 样例补助
  nature: entitlement
"""
#: two kinds of firm, each with a table of its own (万元): the other's edges are nobody's business
TWO_TABLES = """
  figures:
    large: {by: sales, label: 大型企业奖励, from: {5000万元: 20万元, 1亿元: 50万元}}
    small: {by: growth, label: 小型企业奖励, above: {100万元: 3万元, 200万元: 6万元}}
  inputs:
    size: {type: enum, label: 规模, values: {large: 大型, small: 小型}}
    sales: {type: money, label: 年销售额}
    growth: {type: money, label: 年增长额}
  amount: "large if size == 'large' else small"
"""
#: the same through a term, with the table of a limit read under a condition
TERM_AND_LIMIT = """
  figures:
    large: {by: sales, label: 大型企业奖励, from: {5000万元: 20万元, 1亿元: 50万元}}
    ceiling: {by: people, label: 小型企业封顶, from: {10人: 2万元, 50人: 4万元}}
    rate: 10%
  inputs:
    size: {type: enum, label: 规模, values: {large: 大型, small: 小型}}
    sales: {type: money, label: 年销售额}
    people: {type: integer, label: 人数, unit: 人, default: 0}
  let:
    award: {is: "large if size == 'large' else sales * rate", label: 奖励}
  amount: award
  limits: [{max: ceiling, when: "size == 'small'"}]
"""
SUM = """
  figures:
    award: {by: trainees, label: 培训奖励, from: {50人: 1万元, 100人: 3万元}, below: none}
    bonus: {by: fee, label: 交流奖励, above: {5万元: 1万元, 10万元: 2万元}, below: 0}
  inputs:
    trainees: {type: integer, label: 培训人数, unit: 人}
    fee: {type: money, label: 交流支出}
  amount: award + bonus
"""
LOWEST_ROW = """
  figures:
    award: {by: fee, label: 奖励, from: {0: 0元, 5万元: 1万元}}
    rate: 1%
  inputs:
    fee: {type: money, label: 支出}
    people: {type: integer, label: 人数, unit: 人}
    unit: {type: money, label: 每人费用}
  amount: award + people * unit * rate
"""
YEARS = """
  figures:
    rate: {by: year, label: 比例, levels: {1: 100%, 2: 50%}}
    flat: {value: 1万元, label: 定额}
  inputs:
    rent: {type: money, label: 租金}
    year: {type: integer, label: 第几年, unit: 年, minimum: 1}
    chosen: {type: boolean, label: 选择定额, default: false}
  amount: flat if chosen else rent * rate
"""
TWO_COSTS = """
  figures: {rate: 50%, cap: 20万元}
  inputs:
    fee: {type: money, label: 软件费用}
    tool_fee: {type: money, label: 工具费用, default: 0}
  amount: rate * (fee + tool_fee)
  limits: [{max: cap, per: enterprise-year}]
"""
DIFFERENCE = """
  figures: {rate: 50%}
  inputs:
    fee: {type: money, label: 费用}
    paid: {type: money, label: 上级已补, default: 0}
  amount: rate * (fee - paid)
"""
MONTHS = """
  figures: {term: {value: 2年, in: 月, label: 期限}, rate: {value: 15元, label: 每平方米每月}, most: {value: 1000平方米, label: 面积上限}}
  inputs:
    area: {type: integer, label: 面积, unit: 平方米}
    months: {type: integer, label: 租用月数, unit: 个月}
  amount: rate * min(area, most) * min(months, term)
"""


STEPS = """
  figures:
    base: {value: 30万元, label: 基础奖补}
    start: {value: 10000平方米, label: 起算面积}
    step: {value: 2000平方米, label: 每档面积}
    award: {value: 5万元, label: 每档奖补}
    part: {value: 0.5系数, label: 折算}
  inputs:
    area: {type: integer, label: 面积, unit: 平方米}
    again: {type: boolean, label: 第7届起, default: false}
  let:
    full: {is: "base + award * whole(area - start, step)", label: 全额}
  amount: full * part if again else full
"""


def catalog(body: str) -> Catalog:
    return Catalog([compile_text(HEAD + body, "sample-1.yaml")])


CASES: list[tuple[str, dict[str, Any], str, str]] = [
    # body, claim, amount, a word of the reason ("" where something is paid)
    (TWO_TABLES, {"size": "大型", "sales": "1亿元", "growth": 0}, "500000", ""),
    (TWO_TABLES, {"size": "小型", "sales": 0, "growth": "100.01万元"}, "30000", ""),
    (TWO_TABLES, {"size": "小型", "sales": "1亿元", "growth": "100万元"}, "0", "年增长额1,000,000元，未超过最低一档100万元"),
    (TWO_TABLES, {"size": "大型", "sales": "4999万元", "growth": "300万元"}, "0", "年销售额49,990,000元，未达到最低一档5000万元"),
    (TERM_AND_LIMIT, {"size": "大型", "sales": "5000万元"}, "200000", ""),  # the small firms' ceiling is not read
    (TERM_AND_LIMIT, {"size": "小型", "sales": "30万元", "people": 50}, "30000", ""),
    (TERM_AND_LIMIT, {"size": "小型", "sales": "30万元", "people": 10}, "20000", ""),
    (TERM_AND_LIMIT, {"size": "小型", "sales": "30万元", "people": 9}, "0", "人数9人，未达到最低一档10人"),
    (SUM, {"trainees": 100, "fee": "1.5万元"}, "30000", ""),  # no bonus below 5万元, the award stands
    (SUM, {"trainees": 100, "fee": "5.01万元"}, "40000", ""),
    (SUM, {"trainees": 49, "fee": "20万元"}, "0", "培训人数49人，未达到最低一档50人"),
    (LOWEST_ROW, {"fee": 0, "people": 10, "unit": 1000}, "100", ""),  # 10 × 1000 × 1%: the fee is not the claim
    (LOWEST_ROW, {"fee": 49_999, "people": 0, "unit": 0}, "0", ""),
    (LOWEST_ROW, {"fee": 50_000, "people": 10, "unit": 1000}, "10100", ""),
    (YEARS, {"rent": 10_000, "year": 2}, "5000", ""),
    (YEARS, {"rent": 10_000, "year": 3}, "0", "第3年，条文只有第1年、第2年"),
    (YEARS, {"rent": 10_000, "year": 3, "chosen": True}, "10000", ""),
    (YEARS, {"rent": 0, "year": 1, "chosen": True}, "10000", ""),  # the flat sum does not hang on the rent
    (TWO_COSTS, {"fee": 0, "tool_fee": 10_000}, "5000", ""),
    (TWO_COSTS, {"fee": 10_000}, "5000", ""),
    (TWO_COSTS, {"fee": 0}, "0", ""),
    (DIFFERENCE, {"fee": 0, "paid": 10_000}, "0", "“费用”为 0"),  # less than nothing is nothing, whatever was paid
    (DIFFERENCE, {"fee": 10_000, "paid": 4_000}, "3000", ""),
    (STEPS, {"area": 11_999}, "300000", ""),  # not yet a step
    (STEPS, {"area": 12_000}, "350000", ""),
    (STEPS, {"area": 15_999, "again": True}, "200000", ""),  # (30 + 2 × 5) × 0.5
    (STEPS, {"area": 9_000}, "300000", ""),  # no step below the start, and none taken off
    (MONTHS, {"area": 100, "months": 3}, "4500", ""),  # 15 × 100 × 3
    (MONTHS, {"area": 1200, "months": 30}, "360000", ""),  # 15 × 1000 × 24
]  # fmt: skip


@pytest.mark.parametrize(("body", "claim", "amount", "reason"), CASES)
def test_decided_as_by_hand(body: str, claim: dict[str, Any], amount: str, reason: str) -> None:
    decision = assess("样例市", "one", claim, on="2026-06-30", catalog=catalog(body))
    assert decision.amount == Decimal(amount)
    assert (decision.eligible, reason in "".join(decision.reasons)) == (not reason, True)
    assert all("若" not in why for why in decision.reasons)  # the reason names the table, not the way to it


@pytest.mark.parametrize(("body", "claim", "amount", "reason"), CASES)
def test_the_same_over_columns(body: str, claim: dict[str, Any], amount: str, reason: str) -> None:
    table = assess_table(pd.DataFrame([claim] * 3), "样例市", "one", on="2026-06-30", catalog=catalog(body))
    assert {Decimal(str(x)) for x in table["amount"]} == {Decimal(amount)}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("  inputs: {fee: {type: money, label: 费}, paid: {type: money, label: 已付}}\n  amount: fee - paid", ["“fee - paid”可能小于 0"]),
        ("  inputs: {fee: {type: money, label: 费}, paid: {type: money, label: 已付}}\n  amount: max(fee - paid, 0)", []),
        ("  figures: {rate: 3%}\n  inputs: {fee: {type: money, label: 费}}\n  amount: fee * (1 - rate)", []),
        (
            "  inputs: {fee: {type: money, label: 费}, paid: {type: money, label: 已付}}\n  amount: fee\n  limits: [{max: fee - paid}]",
            ["“fee - paid”可能小于 0"],
        ),
        (SUM.replace(", below: none", "").replace(", below: 0", ""), ["分档的 award", "分档的 bonus"]),
        (SUM, []),
        (LOWEST_ROW, []),
        (TWO_TABLES, []),
        ("  figures: {award: 1万元}\n  inputs: {count: {type: integer, label: 数量}}\n  amount: award * count", ["没有写单位"]),
    ],
)  # fmt: skip
def test_what_may_be_wrong_is_told(body: str, words: list[str]) -> None:
    found = list(doubts(compile_text(HEAD + body, "sample-1.yaml")))
    assert len(found) == len(words)
    for fault, word in zip(found, words, strict=True):
        assert (word in fault.got, fault.severity, fault.where) == (True, "warning", "sample-1 条款 one")
        assert fault.remedy


#: 10万元 shared out among the people, or among those added
SHARED = """
  figures: {pot: {value: 10万元, label: 总额}}
  inputs:
    people: {type: integer, label: 人数, unit: 人, minimum: 1}
    extra: {type: integer, label: 追加人数, unit: 人, default: 0}
    flat: {type: boolean, label: 只按追加人数, default: false}
  amount: pot / extra if flat else pot / people
"""


def test_what_could_not_be_computed_otherwise_was_presumed() -> None:
    """With flat, the pot would be divided by nothing: that it was left blank decided."""
    decision = assess("sample", "one", {"people": 4}, on="2026-06-30", catalog=catalog(SHARED))
    assert (decision.amount, decision.presumed) == (Decimal("25000.00"), ("flat",))


BY_KIND = """
  figures: {award: 1万元}
  inputs:
    size: {type: enum, label: 规模, values: {large: 大型, small: 小型}}
    listed: {type: boolean, label: 已上市}
    registered: {type: boolean, label: 已登记}
  when: ["listed if size == 'large' else registered"]
  amount: award
"""


@pytest.mark.parametrize(("size", "listed", "registered"), [("大型", "是", "否"), ("小型", "否", "是")])
def test_of_a_condition_by_kind_what_was_stated_for_that_kind_is_told(size: str, listed: str, registered: str) -> None:
    claim = {"size": size, "listed": listed, "registered": registered}
    decision = assess("样例市", "one", claim, on="2026-06-30", catalog=catalog(BY_KIND))
    assert (decision.amount, decision.steps[0].value) == (10_000, "是")


NESTED = """
  figures: {rate: 3%, threshold: 5万元}
  inputs:
    investment: {type: money, label: 投资额}
    gross: {type: money, label: 含税投资额, default: investment}
  when: [{reading: vat, gross: gross >= threshold, net: {reading: edge, at: investment >= threshold, above: investment > threshold}}]
  amount: rate * investment
readings:
  vat: {question: 含税吗, at: 一, default: gross, options: {gross: 含税, net: 不含税}, argument: 条文未写}
  edge: {question: 含本数吗, at: 一, default: at, options: {at: 含, above: 不含}, argument: 条文未写}
"""


def test_a_reading_inside_an_option_that_is_not_chosen_has_its_use() -> None:
    """`edge` matters only where `vat` is read as net: nothing is wrong with the file, and net asks it."""
    text = HEAD + NESTED
    assert set(compile_text(text, "sample-1.yaml").readings) == {"vat", "edge"}
    for edge, eligible in (("at", True), ("above", False)):
        law = Catalog([compile_text(text, "sample-1.yaml", chosen={"vat": "net", "edge": edge})])
        decision = assess("sample", "one", {"investment": "5万元"}, on="2026-06-30", catalog=law)
        assert decision.eligible is eligible


def test_a_condition_with_words_of_its_own_is_refused_in_them() -> None:
    body = """
  figures: {award: 1万元, least: {value: 5人, label: 起点}}
  inputs: {people: {type: integer, label: 人数, unit: 人}}
  when: [{if: people >= least, label: 人数不够}]
  amount: award
"""
    assert assess("样例市", "one", {"people": 4}, on="2026-06-30", catalog=catalog(body)).reasons == ("人数不够",)
