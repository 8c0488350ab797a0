"""Formula text: what gets through to which nodes, and what is refused with which words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlpolicy import assess
from xlpolicy.law import nodes as n
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.law.reading.formula import LONGEST, FormulaError, Symbol, parse, parse_sort, unguarded
from xlpolicy.law.reading.proofs import Known, not_negative
from xlpolicy.law.records import Figure, Input

SYMBOLS = {
    "rate": Symbol(n.Figure("rate"), "rate"),
    "cap": Symbol(n.Figure("cap"), "money"),
    "term": Symbol(n.Figure("term"), "count"),
    "tiers": Symbol(n.Lookup("tiers"), "rate"),
    "spend": Symbol(n.Input("spend"), "money"),
    "part": Symbol(n.Input("part"), "money"),
    "days": Symbol(n.Input("days"), "count"),
    "newly": Symbol(n.Input("newly"), "boolean"),
    "first": Symbol(n.Input("first"), "boolean"),
    "since": Symbol(n.Input("since"), "date"),
    "start": Symbol(n.Figure("start"), "date"),
    "level": Symbol(n.Input("level"), "enum", ("city", "county")),
    "share": Symbol(n.Term("share"), "rate", divided=True),
}
RATE, SPEND, PART = n.Figure("rate"), n.Input("spend"), n.Input("part")
DAYS, TERM = n.Input("days"), n.Figure("term")
KNOWN = Known(
    {name: Input(name, "money", name) for name in ("spend", "part")},
    {
        "rate": Figure("rate", "rate", "比例", "3%", Decimal("0.03")),
        "cap": Figure("cap", "money", "封顶", "5元", Decimal(5)),
    },
    {},
)
ZERO, ONE, YEAR = n.Const(Decimal(0)), n.Const(Decimal(1)), n.Const(Decimal(365))


@pytest.mark.parametrize(
    ("text", "node", "kind"),
    [
        ("rate * spend", n.Arith("*", RATE, SPEND), "money"),
        (" rate*spend\n", n.Arith("*", RATE, SPEND), "money"),
        ("tiers * spend", n.Arith("*", n.Lookup("tiers"), SPEND), "money"),
        ("spend / part", n.Arith("/", SPEND, PART), "rate"),
        ("rate * days", n.Arith("*", RATE, DAYS), "count"),
        (
            "spend * rate * min(days, term * 365) / 365",
            n.Arith(
                "/",
                n.Arith(
                    "*",
                    n.Arith("*", SPEND, RATE),
                    n.Extreme("min", (DAYS, n.Arith("*", TERM, YEAR))),
                ),
                YEAR,
            ),
            "money",
        ),
        (
            "spend * part / (spend + part)",
            n.Arith("/", n.Arith("*", SPEND, PART), n.Arith("+", SPEND, PART)),
            "money",
        ),
        ("max(spend - part, 0)", n.Extreme("max", (n.Arith("-", SPEND, PART), ZERO)), "money"),
        (
            "spend if newly else 0",
            n.Choose(n.Input("newly"), SPEND, ZERO),
            "money",
        ),
        ('level == "city"', n.Compare("==", n.Input("level"), n.Const("city")), "boolean"),
        (
            'not newly and (first or level != "county")',
            n.Logic(
                "and",
                (
                    n.Not(n.Input("newly")),
                    n.Logic("or", (n.Input("first"), n.Compare("!=", n.Input("level"), n.Const("county")))),
                ),
            ),
            "boolean",
        ),
        ("since >= start", n.Compare(">=", n.Input("since"), n.Figure("start")), "boolean"),
        ("given(part)", n.Given("part"), "boolean"),
        ("True", n.Const(True), "boolean"),
        ("newly == first", n.Compare("==", n.Input("newly"), n.Input("first")), "boolean"),
        ("1 - rate", n.Arith("-", ONE, RATE), "rate"),
    ],
)
def test_nodes_and_kind(text: str, node: n.Node, kind: str) -> None:
    assert parse_sort(text, SYMBOLS)[:2] == (node, kind)
    assert parse(text, SYMBOLS) == node


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("spend * 2", "出现了数字 2"),
        ("spend * 0.03", "出现了 0.03"),
        ("spend * 360 / 365", "出现了数字 360"),
        ("'city'", "出现了 'city'"),
        ("None", "出现了 None"),
        ("spend ** 1", "不在允许的写法里"),
        ("spend // 1", "不在允许的写法里"),
        ("spend % part", "不在允许的写法里"),
        ("-spend", "不在允许的写法里"),
        ("0 < spend < cap", "不在允许的写法里"),
        ("spend in (cap, part)", "不在允许的写法里"),
        ("spend is cap", "不在允许的写法里"),
        ("spend.real", "不在允许的写法里"),
        ("[spend][0]", "不在允许的写法里"),
        ("lambda: spend", "不在允许的写法里"),
        ("(x := spend)", "不在允许的写法里"),
        ("f'{spend}'", "不在允许的写法里"),
        ("__import__('os').system('true')", "不在允许的写法里"),
        ("open(spend)", "不在允许的写法里"),
        ("min(spend)", "不在允许的写法里"),
        ("min(*spend)", "不在允许的写法里"),
        ("min(*spend, cap)", "不在允许的写法里"),
        ("min(spend, cap, key=rate)", "不在允许的写法里"),
        ("given()", "不在允许的写法里"),
        ("given(spend, part)", "不在允许的写法里"),
        ("given(spend + part)", "不在允许的写法里"),
        ("given(rate)", "given() 里应写输入项"),
        ("given(nothing)", "没有“nothing”这个名称"),
        ("spent * rate", "是否想写“spend”"),
        ("spend +", "写法不通"),
        ("spend; part", "写法不通"),
        ("import os", "写法不通"),
        ("", "写法不通"),
        ("(" * 300 + "spend" + ")" * 300, "写法不通"),
        ("spend\0", "写法不通"),
        ("spend" + " + spend" * LONGEST, "请用 let 分成几步"),
        ("spend + rate", "比例与金额"),
        ("spend > days", "数量与金额"),
        ("min(spend, rate)", "比例与金额"),
        ("spend if newly else days", "数量与金额"),
        ("spend * newly", "是非不能参加计算"),
        ("spend + level", "选项不能参加计算"),
        ("since - start", "日期不能参加计算"),
        ("newly > first", "是非不能比大小"),
        ("level < level", "选项不能比大小"),
        ('level == "town"', "“town”不是可比较的选项（city、county）"),
        ('level >= "city"', "“city”不是可比较的选项"),
        ('spend == "city"', "“city”不是可比较的选项"),
        ("not spend", "不是是非判断"),
        ("spend and newly", "不是是非判断"),
        ("cap if spend else cap", "不是是非判断"),
        ("spend * part", "没有再除以金额"),
        ("spend * part * cap", "三个金额相乘"),
        ("(spend * part) * (cap * part)", "三个金额相乘"),
        ("cap / (spend * part)", "除以金额乘金额"),
        ("spend * part + cap", "放在一起"),
        ("rate / spend", "只有金额能除以金额"),
        ("spend / 365 * rate", "先乘后除"),
        ("rate * (spend / 365)", "先乘后除"),
        ("rate * (cap + spend / 365)", "先乘后除"),
        ("rate * min(cap, spend / 365)", "先乘后除"),
        ("rate * (spend / 365 if newly else cap)", "先乘后除"),
        ("share * spend", "先乘后除"),
    ],
)
def test_refused(text: str, words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text, SYMBOLS)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "want", "words"),
    [
        ("rate", "money", "得到的是比例，这里应为金额"),
        ("spend", "boolean", "得到的是金额，这里应为是非"),
        ("spend / part", "money", "得到的是比例"),
    ],
)
def test_the_kind_that_is_wanted(text: str, want: str, words: str) -> None:
    with pytest.raises(FormulaError, match=words):
        parse(text, SYMBOLS, want)  # type: ignore[arg-type]
    assert parse("0", SYMBOLS, "money") == ZERO


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("spend", {"spend"}),
        ("part", set()),
        ("spend if given(spend) else part", set()),
        ("part if given(spend) else spend", {"spend"}),
        ("part if not given(spend) else spend", set()),
        ("given(spend) and spend > cap", set()),
        ("spend > cap and given(spend)", {"spend"}),
        ("not given(spend) or spend > cap", set()),
        ("given(spend) or spend > cap", {"spend"}),
        ("min(spend, days * rate * cap) if given(spend) and given(days) else cap", set()),
        ("spend if given(spend) or given(days) else cap", {"spend"}),
        ("rate * spend + cap * days", {"spend", "days"}),
    ],
)
def test_an_input_that_may_be_absent_is_asked_for_first(text: str, bare: set[str]) -> None:
    assert unguarded(parse(text, SYMBOLS), frozenset({"spend", "days"})) == bare


@given(st.text(alphabet="spend part rate*/+-()<>=!andornotifelse01365,.\"'[]{}:;@", max_size=40))
def test_any_text_gives_nodes_or_a_formula_error(text: str) -> None:
    try:
        node = parse(text, SYMBOLS)
    except FormulaError:
        return
    assert all(isinstance(leaf, n.Const) or leaf.name for leaf in n.leaves(node))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ["(" * 300 + "rate" + ")" * 300, "-" * 900 + "rate", "not " * 240 + "newly", "+".join(["cap"] * 200)]
)
def test_what_is_too_deep_to_check_is_refused(text: str) -> None:
    with pytest.raises(FormulaError, match=r"嵌套太深|写法不通"):
        parse(text, SYMBOLS)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("spend - part", True),
        ("rate * (spend - part)", True),
        ("rate * max(spend - part, 0)", False),
        ("min(spend, cap - part)", True),
        ("max(spend - part, part - spend)", True),
        ("spend + part", False),
    ],
)
def test_a_difference_is_held_at_zero(text: str, held: bool) -> None:
    node = parse(text, SYMBOLS)
    assert not_negative(node, KNOWN) == (n.Extreme("max", (node, ZERO)) if held else node)


def test_no_amount_is_below_zero() -> None:
    """10,000 less 20,000 already paid by others, and an amount that asks for nothing."""
    text = """
document: {key: sample-2026-1, city: sample, city_label: 样例市, number: 样政〔2026〕1号, title: 样例, valid_from: 2026-01-01, valid_to: 2026-12-31}
provisions:
- id: booth
  at: 一
  title: 展位费
  nature: entitlement
  inputs: {booth_fee: {type: money, label: 展位费}, upper_paid: {type: money, label: 上级已补, default: 0}}
  amount: booth_fee - upper_paid
- id: flat
  at: 二
  title: 定额
  nature: entitlement
  figures: {award: 10万元}
  inputs: {fee: {type: money, label: 费用, optional: true}}
  amount: award
  limits: [{max: fee, when: given(fee)}]
"""
    catalog = Catalog([compile_text(text, "sample-2026-1.yaml")])
    paid = assess("样例市", "booth", {"booth_fee": 10_000, "upper_paid": 20_000}, on="2026-06-30", catalog=catalog)
    assert (paid.amount, paid.eligible) == (Decimal("0.00"), True)
    assert assess("样例市", "flat", {}, on="2026-06-30", catalog=catalog).amount == Decimal("100000.00")
    assert not assess("样例市", "flat", {"fee": 0}, on="2026-06-30", catalog=catalog).eligible
