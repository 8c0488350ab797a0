"""Constructs that a bureau's own provision may use and none of the five documents does, held against IronCalc."""

from __future__ import annotations

from decimal import Decimal

import pytest
from native import oracle
from native.test_ironcalc import disagreements

from xlpolicy.faults import InvalidInput, NotComputable
from xlpolicy.formulas.rule import native
from xlpolicy.law.in_force import Found
from xlpolicy.law.reading.compile import compile_text

HEAD = """
document: {key: test-1, city: test, city_label: 测试市, number: 测〔2026〕1号, title: 测试, valid_from: 2026-01-01, valid_to: 2026-12-31}
provisions:
- id: own
  at: 一
  title: 自编条款
  nature: entitlement
"""


def provision(body: str) -> Found:
    document = compile_text(HEAD + body, "test.yaml")
    return Found(document, document.rules["own"])


STRICT_TIERS = """
  figures:
    award: {by: sales, label: 分档奖励, above: {100万元: 1万元, 500.5万元: 3万元, 1亿元: 12.34万元}}
    bonus: {by: staff, label: 人数加奖, from: {10人: 5%, 50人: 7.5%}}
  inputs:
    sales: {type: money, label: 销售额}
    staff: {type: integer, label: 人数, unit: 人}
  amount: award + bonus * sales
"""
RATIO_CONDITION = """
  figures: {least: {value: 3%, label: 研发投入占比}, rate: 12.5%, cap: 100万元}
  inputs:
    research: {type: money, label: 研发投入}
    revenue: {type: money, label: 营业收入}
  when: [research / revenue >= least]
  amount: research * rate
  limits: [{max: cap, per: enterprise}]
"""
THREE_SHARES = """
  figures: {rate: 33.3%, cap: 2000万元}
  inputs:
    cost: {type: money, label: 总费用}
    part: {type: money, label: 其中本市部分}
    total: {type: money, label: 分摊基数}
    paid: {type: money, label: 已付, default: 0}
  when: [part <= total]
  amount: rate * cost * part / total
  limits: [{max: cap, per: enterprise, used: paid}]
"""
DATES_AND_DEFAULTS = """
  figures: {first: {value: 2025年7月1日, label: 起算日}, rate: 2%, late: {value: 1%, label: 其后比例}, floor: {value: 5万元, label: 起点}, top: {value: 2级, label: 最高等级}}
  inputs:
    sum: {type: money, label: 合同金额}
    gross: {type: money, label: 含税金额, default: sum}
    net: {type: money, label: 结算金额, default: gross}
    signed: {type: date, label: 签订日期}
    paid_on: {type: date, label: 付款日期, default: signed}
    level: {type: integer, label: 等级, unit: 级, default: 2, values: {1: 一级, 2: 二级, 3: 三级}}
    shares: {type: integer, label: 份数, default: 3}
    keep: {type: rate, label: 保留比例, default: 0.5}
    fixed: {type: money, label: 定额, default: 1234.56}
    open: {type: boolean, label: 公开招标}
  when:
  - (paid_on >= first and level <= top) or open
  - net >= floor
  amount: max(net * (rate if signed < first else late) - fixed, 0) + keep * fixed + shares * fixed
"""
TABLES_UNDER_A_CHOICE = """
  figures:
    large: {by: sales, label: 大型企业奖励, from: {5000万元: 20万元, 1亿元: 50万元}}
    small: {by: growth, label: 小型企业奖励, above: {100万元: 3万元, 200万元: 6万元}}
    bonus: {by: people, label: 人数加奖, from: {10人: 1万元, 50人: 2.5万元}, below: 0}
    ceiling: {by: people, label: 小型企业封顶, from: {5人: 2万元, 50人: 4万元}}
  inputs:
    size: {type: enum, label: 规模, values: {large: 大型, small: 小型}}
    sales: {type: money, label: 年销售额}
    growth: {type: money, label: 年增长额, optional: true, required_when: size == "small"}
    people: {type: integer, label: 人数, unit: 人, default: 0}
  let:
    award: {is: "large if size == 'large' else small if given(growth) else 0", label: 奖励}
  amount: award + bonus
  limits: [{max: ceiling, when: size == 'small'}]
"""
NOT_THE_FIRST = """
  figures: {rate: 12.5%, cap: 20万元}
  inputs:
    fee: {type: money, label: 软件费用}
    tool_fee: {type: money, label: 工具费用, default: 0}
  amount: rate * (fee + tool_fee)
  limits: [{max: cap, per: enterprise-year}]
"""
STEPS = """
  figures:
    base: {value: 30万元, label: 基础奖补}
    start: {value: 10000平方米, label: 起算面积}
    step: {value: 2000平方米, label: 每档面积}
    award: {value: 5万元, label: 每档奖补}
    more: {value: 1000万元, label: 每增加额}
    extra: {value: 2.5万元, label: 增加奖励}
    part: {value: 0.7系数, label: 折算}
  inputs:
    area: {type: integer, label: 面积, unit: 平方米}
    growth: {type: money, label: 增加额, default: 0}
  amount: base + award * whole(area - start, step) * part + extra * whole(growth, more)
"""
COMPARED_SUMS = """
  figures: {a: {value: 1.25%, label: 甲比例}, b: {value: 0.37%, label: 乙比例}, days: {value: 180天, label: 天数}}
  inputs:
    loan: {type: money, label: 贷款}
    rent: {type: money, label: 租金}
    term: {type: integer, label: 天数, unit: 天}
  let:
    cost: {is: loan * a * term / 365, label: 利息}
    other: {is: rent * b, label: 租金补助}
  when: [term <= days, cost >= other]
  amount: max(max(cost, other) - min(cost, other), 0) + (loan + rent) * a
"""


@pytest.mark.parametrize("figures", [False, True])
@pytest.mark.parametrize(
    "body",
    [STRICT_TIERS, RATIO_CONDITION, THREE_SHARES, DATES_AND_DEFAULTS, COMPARED_SUMS, TABLES_UNDER_A_CHOICE, NOT_THE_FIRST, STEPS],
    ids=["tiers", "ratio", "shares", "defaults", "sums", "choice", "second", "steps"],
)  # fmt: skip
def test_equal_to_the_exact_interpreter(body: str, figures: bool) -> None:
    assert disagreements(provision(body), "万元" if figures else "元", figures, 400) == []


def test_a_long_formula_goes_to_helper_cells() -> None:
    found = provision(THREE_SHARES)
    cells = {item.name: f"{chr(66 + i)}2" for i, item in enumerate(found.rule.inputs)}
    with pytest.raises(NotComputable, match="8192"):
        native(found.rule, cells, lambda figure, row, side: "参数!$F$4")
    made = native(found.rule, cells, lambda figure, row, side: "参数!$F$4", helper_of=lambda index: f"Z{index + 1}")
    assert made.helpers
    assert [cell for cell, _ in made.helpers] == [f"Z{i + 1}" for i in range(len(made.helpers))]


def test_what_no_exact_formula_can_say_is_refused() -> None:
    body = """
  figures: {rate: 3%}
  inputs:
    cost: {type: money, label: 费用}
    total: {type: money, label: 总额}
  amount: rate * cost + cost * cost / total
"""
    found = provision(body)
    with pytest.raises(NotComputable) as caught:
        native(found.rule, {"cost": "B2", "total": "C2"})
    assert "自编条款" in str(caught.value)
    assert "xlpolicy calc" in str(caught.value)


def test_cells_must_be_given_for_every_input() -> None:
    found = provision(RATIO_CONDITION)
    with pytest.raises(InvalidInput, match="营业收入"):
        native(found.rule, {"research": "B2"})
    with pytest.raises(InvalidInput, match="revenu"):
        native(found.rule, {"research": "B2", "revenue": "C2", "revenu": "D2"})


def test_ties_are_among_the_claims() -> None:
    """The oracle would be blind without them: each of these amounts ends on half a cent before rounding."""
    found = provision(RATIO_CONDITION)
    made = native(found.rule, {"research": "B2", "revenue": "C2"})
    exact = [row.cells["research"] for row in oracle.rows(found, made, 300) if row.amount]
    halves = [x for x in exact if isinstance(x, Decimal) and (x * Decimal("12.5")) % 1 == Decimal("0.5")]
    assert len(halves) > 5
