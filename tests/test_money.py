"""Amounts: what people write, the one rounding, and the 大写 of cheques."""

from __future__ import annotations

import datetime as dt
import doctest
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlpolicy import money
from xlpolicy.money import parse_money, parse_rate, plain, round_half_up, show_rate, shown, upper

CENTS = st.integers(0, 10**14 - 1).map(lambda cents: Decimal(cents).scaleb(-2))


def test_doctests() -> None:
    assert doctest.testmod(money).failed == 0


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("8000000", "8000000"),
        ("800万元", "8000000"),
        ("800 万", "8000000"),
        ("３００万元", "3000000"),
        ("1,100万元", "11000000"),
        ("1，000", "1000"),
        ("￥5", "5"),
        ("¥ 5,000.50", "5000.5"),
        ("人民币500元整", "500"),
        ("RMB 12.30", "12.3"),
        ("25万6千", "256000"),
        ("5万5000元", "55000"),
        ("1234万5678.90元", "12345678.9"),
        ("2亿元", "200000000"),
        ("1.5亿", "150000000"),
        ("5百万元", "5000000"),
        ("0.1千元", "100"),
        ("-5", "-5"),
        ("－5元", "-5"),
        ("叁佰万元整", "3000000"),
        ("人民币叁佰万元正", "3000000"),
        ("拾伍万圆正", "150000"),
        ("一千二百元五角", "1200.5"),
        ("一千零五十万", "10500000"),
        ("一万亿", "1000000000000"),
        ("两亿", "200000000"),
        ("十", "10"),
        ("伍分", "0.05"),
        ("负伍元整", "-5"),
        ("零元整", "0"),
        ("100萬元", "1000000"),
        ("15万元人民币", "150000"),
        ("貳拾萬圓整", "200000"),
    ],
)
def test_money_as_people_write_it(text: str, yuan: str) -> None:
    assert parse_money(text) == Decimal(yuan)


@pytest.mark.parametrize(
    "text",
    [
        "3万2万元",
        "12万5",  # said for 125,000, written for 120,005
        "一百五",  # said for 150
        "一万五",
        "一百五万",
        "三五",  # digits in a row are no number: 35, 3.5 or 三到五
        "二〇二六",
        "一百百",
        "一万万",
        "5万5000",
        "1,10万",
        "0,015",  # a continental 0.015, no 15
        "5.000,5",
        "1.2.3",
        "12万元5",
        "10-20万",
        "约5万",
        "5万以上",
        "$5",
        "5美元",
        "5%",
        "1e5",
        "(5)",
        "NaN",
        "inf",
        "元",
        "万",
        "百万",
        "整",
        "元五角",
        "壹佰元五角三",
        "",
        "  ",
    ],
)
def test_money_that_would_have_to_be_guessed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"[读是]"):
        parse_money(text)


@pytest.mark.parametrize("value", [True, None, [1], float("nan"), float("inf"), Decimal("NaN")])
def test_no_money_at_all(value: object) -> None:
    with pytest.raises(ValueError, match=r"金额|不是一个数"):
        parse_money(value)


@pytest.mark.parametrize(
    ("value", "unit", "yuan"),
    [
        ("800", "万元", "8000000"),
        (800, "万元", "8000000"),
        (Decimal("0.5"), "亿元", "50000000"),
        ("三百", "万元", "3000000"),
        ("800元", "万元", "800"),
        ("3万", "万元", "30000"),
        ("三百万", "万元", "3000000"),
        ("伍元整", "万元", "5"),
        (1.1, "万元", "11000"),
    ],
)
def test_only_a_bare_number_is_in_the_unit(value: object, unit: str, yuan: str) -> None:
    assert parse_money(value, unit) == Decimal(yuan)


def test_a_float_is_taken_by_its_shortest_form() -> None:
    assert parse_money(0.1) == Decimal("0.1")
    assert parse_money(1e15) == Decimal(10) ** 15


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        ("3%", "0.03"),
        ("３％", "0.03"),
        ("2.5 %", "0.025"),
        ("1‰", "0.001"),
        ("25个基点", "0.0025"),
        ("25BP", "0.0025"),
        ("0.03", "0.03"),
        (0.03, "0.03"),
        (1, "1"),
    ],
)
def test_rates(value: object, rate: str) -> None:
    assert parse_rate(value) == Decimal(rate)


@pytest.mark.parametrize("value", ["三成", "3%%", "", "1/3", "5元", True, None, float("inf")])
def test_no_rate(value: object) -> None:
    with pytest.raises(ValueError, match=r"比例|不是一个数"):
        parse_rate(value)


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        ("0.005", "0.01"),
        ("0.0049999999999999999999999999999999999999", "0.00"),
        ("150000.045", "150000.05"),
        ("150000.025", "150000.03"),
        ("-0.005", "-0.01"),
        ("2", "2.00"),
    ],
)
def test_half_up_never_half_even(amount: str, cents: str) -> None:
    assert str(round_half_up(Decimal(amount))) == cents


#: 《支付结算办法》附一《正确填写票据和结算凭证的基本规定》第四条的例子; where it allows two forms, both
OFFICIAL = [
    ("1409.50", ["壹仟肆佰零玖元伍角", "壹仟肆佰零玖元伍角整"]),
    ("6007.14", ["陆仟零柒元壹角肆分"]),
    ("1680.32", ["壹仟陆佰捌拾元零叁角贰分", "壹仟陆佰捌拾元叁角贰分"]),
    ("107000.53", ["壹拾万柒仟元零伍角叁分", "壹拾万零柒仟元伍角叁分"]),
    ("16409.02", ["壹万陆仟肆佰零玖元零贰分"]),
    ("325.04", ["叁佰贰拾伍元零肆分"]),
]


@pytest.mark.parametrize(("amount", "forms"), OFFICIAL)
def test_the_examples_of_the_payment_rules(amount: str, forms: list[str]) -> None:
    assert upper(Decimal(amount)) in forms


@pytest.mark.parametrize(("amount", "text"), [(a, text) for a, forms in OFFICIAL for text in forms])
def test_both_official_forms_are_read(amount: str, text: str) -> None:
    assert parse_money("人民币" + text) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("0.55", "伍角伍分"),
        ("10", "壹拾元整"),
        ("150000.05", "壹拾伍万元零伍分"),
        ("1000000", "壹佰万元整"),
        ("100000000", "壹亿元整"),
        ("100010000", "壹亿零壹万元整"),
        ("100000001", "壹亿零壹元整"),
        ("100005000", "壹亿零伍仟元整"),
        ("1000000000000", "壹万亿元整"),
        ("-5.50", "负伍元伍角整"),
        ("0.004", "零元整"),
        ("-0.004", "零元整"),
        ("1.005", "壹元零壹分"),
    ],
)
def test_upper_worked_out_by_hand(amount: str, text: str) -> None:
    assert upper(Decimal(amount)) == text


def test_upper_has_an_end() -> None:
    for amount in (Decimal(10) ** 16, Decimal("9999999999999999.995")):  # the second is rounded up to the first
        with pytest.raises(ValueError, match="过大"):
            upper(amount)
    assert upper(Decimal("9999999999999999.994")).endswith("玖元玖角玖分")


@given(CENTS)
def test_upper_and_parse_are_inverse_to_the_cent(amount: Decimal) -> None:
    words = upper(amount)
    assert parse_money(words) == amount
    assert parse_money("人民币" + words) == amount
    assert "零零" not in words
    assert words.endswith(("整", "分"))


@given(CENTS)
def test_digits_and_parse_are_inverse(amount: Decimal) -> None:
    assert parse_money(f"{amount:,.2f}元") == amount
    assert parse_money(f"¥{amount}") == amount
    assert parse_money(plain(amount)) == amount


@given(st.integers(0, 10**8))
def test_rates_are_shown_as_they_are_read(points: int) -> None:
    rate = Decimal(points).scaleb(-6)
    assert parse_rate(show_rate(rate).replace(",", "")) == rate


@given(st.text("一二三五十百千万亿零〇元角分整壹佰两0123456789,.-¥ ", max_size=12))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        amount = parse_money(text)
    except ValueError:
        return
    assert amount.is_finite()


def test_the_callers_decimal_context_is_not_asked() -> None:
    narrow = Context(prec=3, traps=[Inexact, InvalidOperation])
    with localcontext(narrow):
        read = [
            parse_money("1234.56万元"),
            parse_money("一千二百三十四元五角六分"),
            parse_money("叁仟贰佰壹拾", "万元"),
        ]
        rates = [parse_rate("3.4567%"), parse_rate("25.25个基点")]
        words, rate = upper(Decimal("123456.78")), show_rate(Decimal("0.034567"))
        rounded = round_half_up(Decimal("123456.785"))
    assert read == [Decimal(12345600), Decimal("1234.56"), Decimal(32100000)]
    assert rates == [Decimal("0.034567"), Decimal("0.002525")]
    assert (words, rate) == ("壹拾贰万叁仟肆佰伍拾陆元柒角捌分", "3.4567%")
    assert rounded == Decimal("123456.79")


def test_no_zero_is_negative() -> None:
    assert str(parse_money("-0")) == "0"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "是"),
        (False, "否"),
        (2.0, "2"),
        (Decimal("1E+7"), "10000000"),
        ("x" * 3, "xxx"),
        (dt.datetime(2026, 6, 30), "2026-06-30"),
        (dt.datetime(2026, 6, 30, 12), "2026-06-30 12:00:00"),
    ],
)
def test_a_value_is_shown_as_it_stands(value: object, text: str) -> None:
    assert shown(value) == text
