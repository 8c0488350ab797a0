"""What a caller states for an input -> the exact value of its type, or words that say what to do."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlpolicy.faults import InvalidInput
from xlpolicy.law.records import Choice, Input
from xlpolicy.law.values import coerce, expected, parse_date

MONEY = Input("investment", "money", "投资额", "元")
RATE = Input("loan_rate", "rate", "贷款年利率", "%")
COUNT = Input("days", "integer", "计息天数", "天")
RANK = Input("rank", "integer", "名次", "名", minimum=1)
TIER = Input("tier", "integer", "档次", "档", choices=(Choice(1, "第一档"), Choice(2, "第二档")))
ONCE = Input("count", "integer", "获评数", "家", maximum=Decimal(1))
PLACE = Input("rank", "integer", "名次", "名", minimum=1, maximum=Decimal(100))
CAPPED = Input("booth", "money", "展位费", "元", maximum=Decimal(500000))
SHARE = Input("share", "rate", "持股比例", "%", maximum=Decimal("0.24"))
FLAG = Input("newly", "boolean", "属新认定")
LEVEL = Input("level", "enum", "层级", choices=(Choice("national", "国家级（部级）"), Choice("provincial", "省级")))
DAY = Input("since", "date", "首次入选日期")


@pytest.mark.parametrize(
    ("item", "value", "exact"),
    [
        (MONEY, "800万元", Decimal(8000000)),
        (MONEY, 8000000, Decimal(8000000)),
        (MONEY, 0.1, Decimal("0.1")),
        (MONEY, Decimal("0.01"), Decimal("0.01")),
        (MONEY, "0", Decimal(0)),
        (RATE, "3.45%", Decimal("0.0345")),
        (RATE, 0.0345, Decimal("0.0345")),
        (RATE, "100%", Decimal(1)),
        (COUNT, 365, Decimal(365)),
        (COUNT, 365.0, Decimal(365)),
        (COUNT, "365", Decimal(365)),
        (COUNT, "３６５", Decimal(365)),
        (COUNT, "365.0", Decimal(365)),
        (COUNT, "365天", Decimal(365)),
        (COUNT, "1,095", Decimal(1095)),
        (RANK, 1, Decimal(1)),
        (TIER, 2, Decimal(2)),
        (TIER, "2", Decimal(2)),
        (TIER, "第二档", Decimal(2)),
        (FLAG, True, True),
        (FLAG, "是", True),
        (FLAG, " 否 ", False),
        (FLAG, "√", True),
        (FLAG, "TRUE", True),
        (FLAG, 0, False),
        (FLAG, 1.0, True),
        (LEVEL, "national", "national"),
        (LEVEL, "国家级（部级）", "national"),
        (LEVEL, "国家级(部级)", "national"),
        (LEVEL, "国家级", "national"),
        (LEVEL, " 省级 ", "provincial"),
        (DAY, dt.date(2026, 6, 30), dt.date(2026, 6, 30)),
        (DAY, dt.datetime(2026, 6, 30, 8, 0), dt.date(2026, 6, 30)),
        (DAY, "2026-06-30", dt.date(2026, 6, 30)),
        (DAY, "2026/6/30", dt.date(2026, 6, 30)),
        (MONEY, "0" * 58 + "12", Decimal(12)),
        (MONEY, "1 095", Decimal(1095)),  # white space between thousands
        (DAY, "2026年6月30日", dt.date(2026, 6, 30)),
        (DAY, "2026.6.30", dt.date(2026, 6, 30)),
        (DAY, "2026-06-30T00:00:00", dt.date(2026, 6, 30)),
        (DAY, "2026-06-30 00:00:00", dt.date(2026, 6, 30)),
        (DAY, "2026-06-30 9:05", dt.date(2026, 6, 30)),
        (DAY, "2026-06-30T08:00:00.123+08:00", dt.date(2026, 6, 30)),
        (DAY, "2026-06-30T16:00:00Z", dt.date(2026, 7, 1)),  # midnight in China
        (DAY, dt.datetime(2025, 12, 31, 16, tzinfo=dt.UTC), dt.date(2026, 1, 1)),
    ],
)
def test_what_people_state(item: Input, value: object, exact: Any) -> None:
    got = coerce(item, value)
    assert got == exact
    assert type(got) is type(exact)


@pytest.mark.parametrize(
    ("item", "value", "words"),
    [
        (MONEY, "-1", "负数"),
        (MONEY, Decimal(-1), "负数"),
        (MONEY, 10**15, "不合常理"),
        (MONEY, Decimal("NaN"), "不是一个数"),
        (MONEY, float("inf"), "不是一个数"),
        (MONEY, True, "TRUE、FALSE"),
        (MONEY, "很多", "读不成"),
        (MONEY, "12万5", "读不成"),
        (RATE, "-1%", "0 到 100%"),
        (RATE, "345%", "0 到 100%"),
        (RATE, 3.45, "0 到 100%"),
        (RATE, "3.45", "0 到 100%"),
        (RATE, "三成", "不是比例"),
        (RATE, True, "TRUE、FALSE"),
        (MONEY, "500 30", "有两个数"),
        (MONEY, "500\n30", "有两个数"),
        (COUNT, "5 30", "有两个数"),
        (MONEY, "0" * 59 + "12", "太长"),
        (COUNT, "90.5", "不是整数"),
        (COUNT, 90.5, "不是整数"),
        (COUNT, -1, "小于 0"),
        (COUNT, True, "TRUE、FALSE"),
        (COUNT, "三十", "不是整数"),
        (COUNT, float("nan"), "不是整数"),
        (COUNT, 10**16, "不合常理"),
        (COUNT, [365], "不是整数"),
        (COUNT, Decimal("1e999999"), "不合常理"),
        pytest.param(COUNT, 10**5000, "不合常理", id="count-of-5000-digits"),
        (COUNT, "20①", "带圈"),
        (COUNT, "5²", "角标"),
        (COUNT, "1,5", "不是整数"),
        (MONEY, "500²", "角标"),
        (MONEY, Decimal("1e999999999"), "不合常理"),
        pytest.param(MONEY, 10**5000, "不合常理", id="money-of-5000-digits"),
        (MONEY, "9" * 5000, "太长"),
        (RATE, "3%①", "带圈"),
        (RANK, 0, "小于 1"),
        (TIER, 3, "不在选项里"),
        (TIER, "第三档", "不是整数"),
        (FLAG, "也许", "不是“是”或“否”"),
        (FLAG, 2, "不是“是”或“否”"),
        (FLAG, "是否", "不是“是”或“否”"),
        (LEVEL, "市级", "不在选项里"),
        (LEVEL, 1, "不在选项里"),
        (LEVEL, "", "不在选项里"),
        (DAY, "2026-02-30", "不是存在的日期"),
        (DAY, "去年", "不是日期"),
        (DAY, 46203, "不是日期"),
        (DAY, "2026-6", "不是日期"),
        (DAY, "26-06-30", "不是日期"),
        (DAY, "2026-06-30 25:00", "不是存在的日期"),
        (DAY, "2026-06-30 1:00 或 2026-07-01", "不是日期"),
    ],
)
def test_what_is_refused(item: Input, value: object, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        coerce(item, value, "样例补助（附件1 一）")
    problem = caught.value.problem
    assert words in problem.got
    assert item.label in problem.got
    assert len(problem.got) < 150
    assert item.name in problem.remedy
    assert problem.where == "样例补助（附件1 一）"
    assert problem.expected == expected(item)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (MONEY, "800万元"),
        (RANK, "不小于 1 的整数"),
        (TIER, "1（第一档）、2（第二档）"),
        (LEVEL, "national（国家级（部级））"),
        (FLAG, "是 或 否"),
    ],
)
def test_what_is_expected(item: Input, words: str) -> None:
    assert words in expected(item)


def test_a_date_keeps_no_time() -> None:
    assert type(parse_date(dt.datetime(2026, 1, 1, 23, 59))) is dt.date


ANY = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(max_size=12), st.dates(),
    st.binary(max_size=4), st.lists(st.integers(), max_size=2), st.fractions(), st.complex_numbers(),
)  # fmt: skip


@given(st.sampled_from([MONEY, RATE, COUNT, RANK, TIER, FLAG, LEVEL, DAY]), ANY)
def test_anything_at_all_is_read_or_refused(item: Input, value: object) -> None:
    try:
        got = coerce(item, value)
    except InvalidInput:
        return
    if isinstance(got, Decimal):
        assert got.is_finite()
        assert got >= (item.minimum or 0)
    assert isinstance(got, Decimal | bool | str | dt.date)
    assert not isinstance(got, Fraction)


@pytest.mark.parametrize(
    ("item", "last", "beyond", "words"),
    [
        (ONCE, 1, 2, "“获评数”是 2，大于 1；应为：0 到 1 的整数"),
        (ONCE, "1家", "9999家", "“获评数”是 9999家，大于 1"),
        (PLACE, 100, 101, "“名次”是 101，大于 100；应为：1 到 100 的整数"),
        (CAPPED, "50万元", "50.01万元", "“展位费”是 50.01万元，大于 500,000元；应为：0 到 500,000元 的金额"),
        (CAPPED, Decimal(500000), Decimal("500000.01"), "大于 500,000元"),
        (SHARE, "24%", 0.25, "“持股比例”是 0.25，大于 24%；应为：0 到 24% 的比例"),
    ],
)
def test_no_more_than_the_maximum(item: Input, last: Any, beyond: Any, words: str) -> None:
    assert coerce(item, last) == item.maximum
    with pytest.raises(InvalidInput, match=re.escape(words)):
        coerce(item, beyond)
