"""How much is needed: worked out by hand, and on every provision against the decision itself on both sides."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
from decimal import Decimal
from typing import Any

import pytest
from test_language import HEAD
from test_vector import Provision, edges, every_provision

from xlpolicy.claim.decision import Decision, decide
from xlpolicy.claim.need import GRID
from xlpolicy.claim.target import need, reached
from xlpolicy.cli import main
from xlpolicy.faults import NotComputable, PolicyError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import Found
from xlpolicy.law.reading.compile import compile_text
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


def test_what_is_asked_is_what_is_still_owed() -> None:
    """附件6 三1: 第二档 60万元, at most 5% of the orders: 0.05 × 7,999,999.90 = 399,999.995, rounded up. The rank is stated."""
    assert least("order_ranking", "40万元", tier="第二档") == "7999999.9"
    # 5000万元 × 2% × 183 ÷ 365 = 501,369.86, of 182 days 498,630.14
    assert least("tech_loan_interest", "50万元", loan_balance="5000万元") == "183"
    # nothing can be said of the rank where the orders are not known
    with pytest.raises(PolicyError, match="缺少“年度新签订单总金额”"):
        least("order_ranking", "40万元", by="tier")


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


def test_the_most_of_what_is_not_paid_at_all() -> None:
    """附件3 一: no equipment of a project that the State's bonds pay for, however much of it."""
    found = catalogs.default().find("fuzhou", "tech_upgrade", ON)
    made = need(found, {"bond_supported": "是"}, ON, "封顶")
    assert (made.item.name, made.value, made.best) == ("investment", None, None)
    assert reached(made, "封顶", None).endswith("达不到 封顶，别的条件还不满足")


@pytest.mark.parametrize(
    ("rule", "inputs", "by", "item", "words"),
    [
        ("tech_loan_interest", {}, "days", "loan_balance", ["缺少“实际投放贷款余额”", "补填后重算"]),
        ("tech_loan_interest", {}, "bond_supported", "bond_supported", ["不是数，不能反推；应为：不小于 0 的金额", "请写明按哪一项反推"]),
        ("tech_upgrade", {}, "设备", "设备", ["没有“设备”这个输入项；应为：反推的输入项", "年度技改设备"]),
        ("single_champion", {}, None, "", ["不是数，不能反推；应为：金额、数量或比例", "这一条没有可以反推的项"]),
        ("single_champion", {}, "level", "level", ["不是数，不能反推；应为：金额、数量或比例", "这一条没有可以反推的项"]),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(rule: str, inputs: dict[str, Any], by: str | None, item: str, words: list[str]) -> None:
    """附件3 二 without the loan's balance; an input that is no number, or none of the provision's; one without a number."""
    found = catalogs.default().find("fuzhou", rule, ON)
    with pytest.raises(PolicyError) as caught:
        need(found, inputs, ON, "50万元", by)
    assert caught.value.problem.item == item
    assert [word for word in words if word not in str(caught.value)] == []


def test_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    call = ["calc", "福州", "技改设备补助", "800万元", "--on", "2026-06-30", "--to"]
    assert main([*call, "50万元"]) == 0
    assert "至少 16,666,666.5元（现为 8,000,000元，还差 8,666,666.5元）" in capsys.readouterr().out
    assert main([*call, "20万元"]) == 0
    assert "至少 6,666,666.5元（现为 8,000,000元，已经够了）" in capsys.readouterr().out
    assert main([*call[:3], *call[4:], "20万元"]) == 0
    assert "至少 6,666,666.5元\n" in capsys.readouterr().out
    assert main([*call, "50万元", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["value"], data["now"], data["decision"]["amount"]) == ("16666666.5", "8000000", "500000.00")
    assert main([*call, "600万元"]) == 1
    assert "最多 5,000,000.00 元" in capsys.readouterr().out
    assert main([*call, "多一点"]) == 2
    assert main([*call, "50万元", "--by", "bond_supported"]) == 2
    assert "不是数" in capsys.readouterr().err


def test_a_higher_row_is_of_no_use_where_another_condition_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """晋江 二（一）: an award that is not spent on the platform; 60 is above the last row."""
    call = [
        "calc",
        "晋江",
        "platform_sme_award",
        "smes=60",
        "for_development=否",
        "--on",
        "2024-06-30",
        "--to",
        "下一档",
    ]
    assert main(call) == 1
    assert "别的条件还不满足" in capsys.readouterr().out


def test_what_no_value_turns_is_told_though_the_first_cannot_be_decided() -> None:
    """Of the counts 0 divides by nothing; the others fail the condition."""
    made = need(law("unit * x", "  when: [top / x > top]\n", ""), {}, ON, 100)
    assert (made.value, made.best) == (None, None) and made.decision is not None and not made.decision.eligible


def test_the_next_row_is_none_that_was_left_behind() -> None:
    """From 5 on less is paid than from 2 on, from 9 on more than from 5 on."""
    assert need(law("falling", "", ""), {"x": 5}, ON, "下一档").value == 9


def test_no_end_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """晋江 五（一）: 5万元 a session, however many."""
    assert main(["calc", "晋江", "craftsman_training", "--on", "2024-06-30", "--to", "封顶"]) == 1
    assert capsys.readouterr().out.endswith("没有封顶，越多补助越多\n")


def test_no_higher_row_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """晋江 二（一）: 50家 is the last row, 30万元."""
    call = ["calc", "晋江", "platform_sme_award", "smes=60", "--on", "2024-06-30", "--to", "下一档"]
    assert main(call) == 1
    assert "没有更高的档：最多 300,000.00 元（填 60家 时）" in capsys.readouterr().out


#: the ways a formula can go as one count x grows, to be held against every x there is
WAYS = {
    "a table and a step": ("pay + unit * x", "", ""),
    "whole steps": ("unit * whole(x - few, step)", "", ""),
    "up and down": ("max(min(unit * x, top - part * unit * x), low)", "", ""),
    "a hyperbola": ("top * x / (x + few)", "", ""),
    "a falling hyperbola": ("top / (x + step)", "", ""),
    "a share of what is left": ("top - unit * x", "", ""),
    "two cases": ("unit * x if x < step else low + unit", "", ""),
    "two cases, one of them a hump": ("unit * x if x < few else min(unit * x, top - part * unit * x)", "", ""),
    "a hump under either of two conditions": (
        "min(unit * x, top - part * unit * x)",
        "  when: [x > few or x < step]\n",
        "",
    ),
    "a hump of steps": ("min(unit * x, top - low * whole(x, step))", "", ""),
    "a hump of a hyperbola": ("min(top * x / (x + step), top - part * unit * x)", "", ""),
    "a hump of a table": ("min(pay, top - part * unit * x)", "", ""),
    "a condition": ("unit * x", "  when: [x > few, not (x == step)]\n", ""),
    "a limit with what was paid": ("unit * x", "", "  limits: [{max: top, used: paid}]\n"),
    "a limit of the few": ("unit * x", "", "  limits: [{max: low, when: x < step}]\n"),
    "a limit that falls": ("unit * x", "", "  limits: [{max: top - unit * x}]\n"),
    "a limit that falls, with what was paid": (
        "unit * x",
        "",
        "  limits: [{max: top - part * unit * x, used: paid}]\n",
    ),
    "a hump of a quotient": ("min(unit * x / few, top - part * unit * x)", "", ""),
    "a hump under what a level brings": ("min(unit * x, rank - part * unit * x)", "", ""),
    "a pole": ("top / (step - x)", "", ""),
    "a hole": ("low if x < step else (unit if x == step else top - unit * x)", "", ""),
    "two that rise": ("top * x / (x + few) + unit * x", "", ""),
    "two that fall": ("unit * x / (x - few) - unit * x", "", ""),
    "two that rise up to a pole": ("top / (step - x) + unit * x", "", ""),
    "a hump behind a turn": (
        "unit if x < thirty else min(unit * (x - thirty) + low, top - few * unit * (x - thirty))",
        "",
        "",
    ),
    "a hump between two rows": ("min(unit * (x - thirty), late - few * unit * (x - thirty))", "", ""),
    "turned at the second": ("top - unit * x if top * x / (x + few) >= low else unit", "", ""),
    "turned at the last but one": ("unit * x if top / (x + step) >= edge else low", "", ""),
    "a table from its lowest row on, and a fall": ("sure + (unit * x if x < thirty else low)", "", ""),
    "steps of one": ("min(unit * whole(x, one), top - part * unit * x)", "", ""),
}
FIGURES = {
    "pay": "{by: x, label: 档, from: {2家: 1000元, 5家: 3000元, 11家: 3500元}, below: 0}",
    "unit": "{value: 100元, label: 每家}",
    "top": "{value: 2000元, label: 最多}",
    "low": "{value: 700元, label: 最少}",
    "late": "{by: x, label: 档, from: {30家: 1000元, 35家: 1500元}, below: 0}",
    "thirty": "{value: 30家, label: 三十}",
    "falling": "{by: x, label: 档, from: {2家: 1000元, 5家: 500元, 9家: 700元}, below: 0}",
    "sure": "{by: x, label: 档, from: {2家: 1000元, 11家: 1500元}}",
    "one": "{value: 1家, label: 一家}",
    "edge": "{value: 44元, label: 边}",
    "rank": "{by: level, label: 级别, levels: {high: 2000元, low: 900元}}",
    "few": "{value: 3家, label: 几家}",
    "step": "{value: 7家, label: 一步}",
    "part": "{value: 40%, label: 一份}",
}


INPUTS = {
    "x": "{type: integer, label: 家数, unit: 家, maximum: 40}",
    "y": "{type: integer, label: 另有, unit: 家, default: 0}",
    "z": "{type: integer, label: 其中, unit: 家, default: x}",
    "paid": "{type: money, label: 已兑现, default: 0}",
    "level": "{type: enum, label: 级别, values: {high: 高, low: 低}}",
}
OTHERS = {"paid": 600, "level": "low"}


def law(amount: str, when: str, limits: str) -> Found:
    """The document of one way: of the figures and inputs only those that it uses."""
    used = {"x", *re.findall(r"[a-z]+", amount + when + limits)}
    used |= {"level"} if "rank" in used else set()
    figures = "".join(f"    {name}: {text}\n" for name, text in FIGURES.items() if name in used)
    inputs = "  inputs:\n" + "".join(f"    {name}: {text}\n" for name, text in INPUTS.items() if name in used)
    document = compile_text(f"{HEAD}  figures:\n{figures}{inputs}{when}  amount: {amount}\n{limits}", "sample-1.yaml")
    return Found(document, document.rules["one"])


@pytest.mark.parametrize("way", WAYS)
def test_every_way_an_amount_can_go_against_every_value(way: str) -> None:
    """The least of all counts from 0 to 40 that reach an amount, by trying each."""
    found = law(*WAYS[way])
    names = {item.name for item in found.rule.inputs}
    against_every_value(found, {name: value for name, value in OTHERS.items() if name in names})


def against_every_value(found: Found, inputs: dict[str, Any]) -> None:
    made = [decision(found, inputs, found.rule.input("x"), Decimal(x), ON) for x in range(41)]
    paid = [one.amount if one is not None else Decimal(0) for one in made]  # refused: divided by nothing
    for wanted in sorted({a + step for a in paid for step in (0, Decimal("0.01"))} - {Decimal(0)}):
        right = next((Decimal(x) for x, amount in enumerate(paid) if amount >= wanted), None)
        assert need(found, inputs, ON, wanted).value == right, (wanted, found.rule.amount, inputs)


class Drawn:
    """A provision at random, in the words of the figures and inputs above."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def law(self) -> tuple[str, str, str]:
        when = "".join(f"  when: ['{self.test(2)}']\n" for _ in range(self.chance.random() < 0.4))
        limit = self.chance.choice(("", "", f"max: '{self.money(2)}'", f"max: '{self.money(2)}', used: paid"))
        if limit and self.chance.random() < 0.3:
            limit += f", when: '{self.test(1)}'"
        return self.money(3), when, f"  limits: [{{{limit}}}]\n" if limit else ""

    def count(self) -> str:
        return self.chance.choice(("x", "x", "x", "x", "y", "z", "few", "step", "x + few", "x - step", "x + y"))

    def test(self, depth: int) -> str:
        if depth and self.chance.random() < 0.5:
            a, b = self.test(depth - 1), self.test(depth - 1)
            return self.chance.choice((f"({a}) and ({b})", f"({a}) or ({b})", f"not ({a})"))
        if self.chance.random() < 0.2:
            return f"{self.money(1)} >= {self.money(1)}"
        op = self.chance.choice(("<", "<=", ">", ">=", "==", "!="))
        return f"{self.count()} {op} {self.count()}"

    def money(self, depth: int) -> str:
        if not depth:
            return self.chance.choice(("top", "low", "pay", "unit", f"unit * ({self.count()})"))
        a, b = self.money(depth - 1), self.money(depth - 1)
        return self.chance.choice(
            (
                f"min({a}, {b})", f"max({a}, {b})", f"({a}) + ({b})", f"({a}) - ({b})", f"part * ({a})", f"({a}) / few * y",
                f"(({a}) if {self.test(1)} else ({b}))", f"unit * ({self.count()})", f"low * whole({self.count()}, few)",
                "top * x / (x + few)", f"({a}) * x / step",
            )
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_formulas_at_random_against_every_value(seed: int) -> None:
    """Ten that can be turned round, each with the other inputs at their edges; one that cannot be says so."""
    drawn, turned = Drawn(random.Random(f"need {seed}")), 0
    for _ in range(100):
        try:
            found = law(*drawn.law())
            inputs = {"y": drawn.chance.choice((0, 3, 7)), "z": drawn.chance.choice((None, 5)), "paid": 600}
            names = {item.name for item in found.rule.inputs}
            against_every_value(found, {k: v for k, v in inputs.items() if v is not None and k in names})
        except PolicyError:  # no law: two kinds in one sum, nothing that x changes; or what cannot be turned round
            continue
        turned += 1
        if turned == 10:
            return
    pytest.fail(f"only {turned} of 100 could be turned round")


#: the ways an amount of money x up to 40元 can turn, each to the fen
MONEY_WAYS = {
    "a hump": "min(part * x, ten - part * x)",
    "a hump that steps": "min(part * x, ten - part * x) if x < seven else part * x",
    "a table and a hump": "min(row, ten - part * x)",
    "a hyperbola and a hump": "min(ten * x / (x + seven), ten - part * x)",
}
MONEY = """
  figures:
    part: {value: 40%, label: 一份}
    ten: {value: 10元, label: 最多}
    seven: {value: 7.05元, label: 七元}
    row: {by: x, label: 档, from: {2.5元: 1元, 5元: 3元, 11.11元: 4元}, below: 0}
  inputs:
    x: {type: money, label: 投入, minimum: 2, maximum: 40}
  amount: """


@pytest.mark.parametrize("way", MONEY_WAYS)
def test_every_fen(way: str) -> None:
    """As above, of every fen from the least that may be stated to the most."""
    amount = MONEY_WAYS[way]
    lines = [
        line
        for line in MONEY.splitlines()
        if line.strip().split(":")[0] not in {"ten", "seven", "row"}
        or line.split(":")[0].strip() in re.findall("[a-z]+", amount)
    ]
    document = compile_text(HEAD + "\n".join(lines) + f"{amount}\n", "sample-1.yaml")
    found = Found(document, document.rules["one"])
    steps = [Decimal(fen) / 100 for fen in range(200, 4001)]
    paid = [decide(found, {"x": x}, ON).amount for x in steps]
    most = max(paid)
    for wanted in {
        paid[0] or Decimal(2),
        Decimal(1),
        Decimal("1.01"),
        Decimal(3),
        Decimal("3.5"),
        most,
        most + Decimal("0.01"),
    }:
        right = next((x for x, made in zip(steps, paid, strict=True) if made >= wanted), None)
        assert need(found, {}, ON, wanted).value == right, wanted


@pytest.mark.parametrize(
    "amount",
    [
        "unit * x * (x + few) / step",
        "top * x / (x + few) - unit * x * part",
        "top / (x + few) + unit * x",
        "unit * x + top / (x + few)",
        "top * whole(x, few) / (x + step)",
        "top * x / (x + few) + low - unit * x * part",
    ],
)
def test_what_cannot_be_turned_round_is_refused(amount: str) -> None:
    """A product of two that grow, a difference of two that grow: nothing is said rather than something wrong."""
    with pytest.raises(NotComputable, match="反推不出来"):
        need(law(amount, "", ""), {}, ON, 1000)


def test_a_rate_goes_to_the_whole() -> None:
    document = compile_text(
        HEAD
        + "  figures: {top: {value: 2000元, label: 最多}}\n  inputs: {x: {type: rate, label: 占比}}\n  amount: x * top\n",
        "sample-1.yaml",
    )
    found = Found(document, document.rules["one"])
    assert need(found, {}, ON, 500).value == Decimal("0.249998")  # 499.996, rounded up
    most = need(found, {}, ON, 2001)
    assert (most.value, most.best) == (None, Decimal("0.999998")) and most.decision and most.decision.amount == 2000
    assert need(found, {}, ON, "封顶").value == Decimal("0.999998")


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
