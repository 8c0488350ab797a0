"""How much is needed: worked out by hand, and on every provision against the decision itself on both sides."""

from __future__ import annotations

import datetime as dt
import json
import random
from decimal import Decimal
from typing import Any

import pytest
from test_vector import Provision, edges, every_provision

from xlpolicy.claim.decision import Decision, decide
from xlpolicy.claim.need import GRID
from xlpolicy.claim.target import need
from xlpolicy.cli import main
from xlpolicy.faults import NotComputable, PolicyError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Input

ON = dt.date(2026, 6, 30)


def least(
    rule: str, to: str, city: str = "fuzhou", on: str = "2026-06-30", by: str | None = None, **inputs: Any
) -> Any:
    day = dt.date.fromisoformat(on)
    made = need(catalogs.default().find(city, rule, day), inputs, day, to, by)
    return None if made.value is None else str(made.value)


@pytest.mark.parametrize(
    ("to", "value"),
    [
        # 附件3 一: from 500万元 on 3 %, at most 500万元; 0.03 × 16,666,666.50 = 499,999.995, which is rounded up
        ("50万元", "16666666.5"),
        ("门槛", "5000000"),
        ("15万元", "5000000"),
        ("15.000001万元", "5000000.17"),  # 150,000.01元: 0.03 × 5,000,000.17 = 150,000.0051
        ("封顶", "166666666.5"),
        ("500.01万元", None),
    ],
)
def test_tech_upgrade(to: str, value: str | None) -> None:
    assert least("tech_upgrade", to, bond_supported="否") == value


def test_what_was_paid_before_is_added() -> None:
    """Of the ceiling of 500万元 only 100万元 is left: 0.03 × x reaches no more."""
    assert least("tech_upgrade", "100万元", paid_before="400万元") == "33333333.17"  # 999,999.9951, rounded up
    assert least("tech_upgrade", "101万元", paid_before="400万元") is None


def test_tiers() -> None:
    """晋江 二（二）: 100万元 10万元, 200万元 20万元, 300万元 30万元."""
    rule = "综合性管理信息系统采购分档补助"
    name = catalogs.default().find("jinjiang", rule, dt.date(2024, 6, 30)).rule.inputs[0].name
    at = {"city": "jinjiang", "on": "2024-06-30"}
    assert least(rule, "下一档", **at, **{name: "60万元"}) == "1000000"
    assert least(rule, "下一档", **at, **{name: "100万元"}) == "2000000"
    assert least(rule, "10.01万元", **at) == "2000000"


def test_the_next_row_is_one_more() -> None:
    """晋江 二（一）: rows at 10, 20 … enterprises; with 9, one more is the first, with 19 the second."""
    at = {"city": "jinjiang", "on": "2024-06-30"}
    assert least("platform_sme_award", "下一档", **at, smes=9) == "10"
    assert least("platform_sme_award", "下一档", **at, smes=19) == "20"


def test_days_of_a_loan() -> None:
    """附件3 二: 5000万元 × 2 % × days ÷ 365 reaches 50万元 on day 183 (182: 498,630.14)."""
    assert least("tech_loan_interest", "50万元", by="days", loan_balance="5000万元") == "183"


def test_another_condition_stands_in_the_way(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calc", "福州", "技改设备补助", "bond_supported=是", "--on", "2026-06-30", "--to", "50万元"]) == 1
    assert "别的条件还不满足" in capsys.readouterr().out


def test_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    call = ["calc", "福州", "技改设备补助", "800万元", "--on", "2026-06-30", "--to"]
    assert main([*call, "50万元"]) == 0
    assert "至少 16,666,666.5元（现为 8,000,000元，还差 8,666,666.5元）" in capsys.readouterr().out
    assert main([*call, "50万元", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["value"], data["now"], data["decision"]["amount"]) == ("16666666.5", "8000000", "500000.00")
    assert main([*call, "600万元"]) == 1
    assert "最多 5,000,000.00 元" in capsys.readouterr().out
    assert main([*call, "多一点"]) == 2
    assert main([*call, "50万元", "--by", "bond_supported"]) == 2
    assert "不是数" in capsys.readouterr().err


def decision(found: Found, inputs: dict[str, Any], item: Input, value: Decimal, on: dt.date) -> Decision | None:
    try:
        return decide(found, inputs | {item.name: value}, on)
    except PolicyError:
        return None


@every_provision
def test_reached_and_not_before(provision: Provision) -> None:
    """Of what some value pays, the least value pays as much, a step less does not, nor does anything below tried."""
    document, rule = provision
    chance = random.Random(f"{document.key} {rule.id}")
    found, on = Found(document, rule), document.valid_from or ON
    items = [item for item in rule.inputs if item.type in GRID]
    asked = 0
    for item in items * 12:
        if asked > 2 * len(items):
            break
        dates = {name for other in rule.inputs for name in other.period}
        inputs = {i.name: chance.choice(edges(rule, i)) for i in rule.inputs if i.name not in dates | {item.name}}
        inputs |= {i.name: i.default for i in rule.inputs if i.type == "boolean" and i.default is not None}
        inputs = {name: value for name, value in inputs.items() if rule.input(name).required or chance.random() < 0.7}
        tried = [Decimal(value) for value in edges(rule, item)]
        made = {value: decision(found, inputs, item, value, on) for value in tried}
        paid = {value: one.amount for value, one in made.items() if one is not None and one.eligible and one.amount}
        if not paid:
            continue
        wanted = chance.choice(sorted(set(paid.values())))
        try:
            answer = need(found, inputs, on, wanted, item.name)
        except NotComputable:
            continue
        asked += 1
        assert answer.value is not None and answer.decision is not None, (item.name, inputs, wanted)
        assert answer.decision.amount >= wanted
        below = answer.value - Decimal(GRID[item.type].numerator) / GRID[item.type].denominator
        before = decision(found, inputs, item, below, on)
        assert before is None or not before.eligible or before.amount < wanted, (item.name, inputs, wanted)
        assert [value for value, amount in paid.items() if value < answer.value and amount >= wanted] == []
    assert asked or not items
