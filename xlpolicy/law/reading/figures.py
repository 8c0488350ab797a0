"""Figures: the numbers of the law as the law writes them ("500万元", "3%", "25个基点", "20家", "两名").

Each becomes a kind and an exact value: money in yuan, rates as fractions, counts as they stand, with their unit. "1:1" alone
says two things (as much again, or half each); only as the share of payers is it read, by `parse_share`.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from xlpolicy.law.records import Kind
from xlpolicy.money import EXACT, number_text, parse_money, parse_rate

#: what policy documents count; a figure of another unit is refused so that a slip is seen
COUNTERS = (
    "家|项|个|场|台|套|年|名|级|档|人|天|月|笔|次|款|件|户|辆|人次|小时|吨|亩|平方米|公里|千瓦|兆瓦"
    "|届|间夜|间|标准展位|展位|美元|课时|星|日|个月"
)
#: units of which one is told for another: what is counted in them must say so
TIMES = frozenset({"年", "月", "天"})
#: what is one unit under two names
_SAME = {"日": "天", "个月": "月"}
#: names that need no label of their own
LABELS = {
    "threshold": "门槛",
    "rate": "比例",
    "cap": "封顶",
    "award": "奖励标准",
    "quota": "名额",
    "term": "期限",
    "unit_award": "单个标准",
    "project_cap": "单个项目封顶",
    "year_cap": "年度封顶",
    "principal_limit": "贴息本金限额",
}
_HAN = {char: str(i) for i, char in enumerate("一二三四五六七八九十", 1)} | {"两": "2"}
_COUNT = re.compile(rf"(\d+(?:\.\d+)?|[{''.join(_HAN)}])([万亿]?)({COUNTERS}|(?<=[万亿]))")
#: a coefficient: 2倍, 0.7系数
_TIMES_OVER = re.compile(r"(\d+(?:\.\d+)?)(?:倍|系数)")
_RATIO = re.compile(r"(\d+):(\d+)")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d{4})年(\d{1,2})月(\d{1,2})日")


def parse_figure(text: str) -> tuple[Kind, Decimal | dt.date]:
    """A figure's text -> its kind and exact value. Raises ValueError with the reason in Chinese.

    >>> parse_figure("500万元")
    ('money', Decimal('5000000'))
    >>> parse_figure("20家")
    ('count', Decimal('20'))
    >>> parse_figure("1500万")
    ('count', Decimal('15000000'))
    """
    body = number_text(text)
    if body.startswith(("-", "负")):
        raise ValueError(f"“{text}”是负数")
    if match := _DATE.fullmatch(body):
        year, month, day = (int(part) for part in match.groups() if part is not None)
        try:
            return "date", dt.date(year, month, day)
        except ValueError:
            raise ValueError(f"“{text}”不是存在的日期") from None
    if match := _COUNT.fullmatch(body):
        return "count", Decimal(_HAN.get(match[1], match[1])) * {"": 1, "万": 10**4, "亿": 10**8}[match[2]]
    if _RATIO.fullmatch(body):
        raise ValueError(
            f"“{text}”可以是再给同样多，也可以是各半：按对方金额配套的写 100%、50%，两级财政分摊的写 share: '{text}'"
        )
    if match := _TIMES_OVER.fullmatch(body):
        return "rate", Decimal(match[1])
    if re.search(r"%|‰|基点|BP", body, re.I):
        return "rate", parse_rate(body)
    if body.endswith("元"):
        return "money", parse_money(body)
    if unit := re.fullmatch(r"\d+(?:\.\d+)?\D+", body):
        known = "元、万元、亿元、%、基点、" + COUNTERS.replace("|", "、")
        raise ValueError(f"“{unit[0]}”的单位不认识（认得：{known}）")
    raise ValueError(f"“{text}”没有单位，读不成条文里的数字")


def parse_share(text: str) -> Decimal:
    """What the first of two payers bears of a share, exactly. Raises ValueError with the reason in Chinese.

    >>> parse_share("1:1")
    Decimal('0.5')
    """
    match = _RATIO.fullmatch(number_text(text))
    if match is None:
        raise ValueError(f"“{text}”不是分摊的份数，写成 1:1、4:6")
    first, second = Decimal(match[1]), Decimal(match[2])
    if not first + second:
        raise ValueError(f"“{text}”分不出两份")
    return EXACT.divide(first, first + second)


def is_share(text: str) -> bool:
    """Whether a figure's text is a share of payers."""
    return _RATIO.fullmatch(number_text(text)) is not None


def unit_of(text: str) -> str | None:
    """The unit that a count is counted in; empty for one written without (1500万), None for what is no count.

    >>> unit_of("3个月")
    '月'
    """
    match = _COUNT.fullmatch(number_text(text))
    return None if match is None else one_unit(match[3])


def one_unit(unit: str) -> str:
    """A unit under one name: 日 and 天 are the same."""
    return _SAME.get(unit, unit)
