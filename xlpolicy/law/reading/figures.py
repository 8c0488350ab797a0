"""Figures: the numbers of the law as the law writes them ("500万元", "3%", "25个基点", "20家", "两名", "1:1").

Each becomes a kind and an exact value: money in yuan, rates as fractions, counts as they stand.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from xlpolicy.law.records import Kind
from xlpolicy.money import EXACT, number_text, parse_money, parse_rate

#: what policy documents count; a figure of another unit is refused so that a slip is seen
COUNTERS = "家|项|个|场|台|套|年|名|级|档|人|天|月|笔|次|款|件|户|辆|人次|小时|吨|亩|平方米|公里|千瓦|兆瓦"
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
_COUNT = re.compile(rf"(\d+(?:\.\d+)?|[{''.join(_HAN)}])(万?)(?:(?:{COUNTERS})|(?<=万))")
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
        return "count", Decimal(_HAN.get(match[1], match[1])) * (10**4 if match[2] else 1)
    if match := _RATIO.fullmatch(body):
        first, second = Decimal(match[1]), Decimal(match[2])
        if not first + second:
            raise ValueError(f"“{text}”分不出两份")
        return "rate", EXACT.divide(first, first + second)
    if re.search(r"%|‰|基点|BP", body, re.I):
        return "rate", parse_rate(body)
    if body.endswith("元"):
        return "money", parse_money(body)
    if unit := re.fullmatch(r"\d+(?:\.\d+)?\D+", body):
        known = "元、万元、亿元、%、基点、" + COUNTERS.replace("|", "、")
        raise ValueError(f"“{unit[0]}”的单位不认识（认得：{known}）")
    raise ValueError(f"“{text}”没有单位，读不成条文里的数字")
