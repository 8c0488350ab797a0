"""What a caller states for an input -> the exact value of its type, or an error naming input, value and remedy."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from xlpolicy.law.labels import TYPES
from xlpolicy.law.records import Input
from xlpolicy.law.refusals import refused
from xlpolicy.money import (
    ZERO,
    clean,
    exact_number,
    number_text,
    parse_money,
    parse_rate,
    plain,
    show_yuan,
    ungrouped,
    unread,
)

#: what is written for yes and for no
TRUE = {"是", "true", "yes", "y", "1", "有", "√", "✓", "对", "符合", "是的", "属于"}
FALSE = {"否", "false", "no", "n", "0", "无", "×", "✗", "不是", "不符合", "不属于"}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_CLOCK = re.compile(r"(?:T|\s+)(\d?\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?$")
#: the clock that the law goes by
CHINA = dt.timezone(dt.timedelta(hours=8))
_EXPECTED = {
    "money": "不小于 0 的金额（元），如 8000000 或“800万元”",
    "rate": "0 到 100% 的比例，如“3%”或 0.03",
    "integer": "不小于 0 的整数",
    "boolean": "是 或 否",
    "date": "日期，如 2026-06-30",
    "text": "文字",
}
_BOUND = Decimal(10) ** 15
#: zeros that a word after a count stands for
_ZEROS = {"": 0, "万": 4, "亿": 8}


def parse_date(value: object) -> dt.date:
    """A date, a datetime or text (2026-06-30, 2026/6/30, 2026年6月30日, a time after it) -> date. Raises ValueError in Chinese.

    A moment that names its time zone is the day it is in China: 2026-06-30T16:00:00Z -> 2026-07-01.
    """
    try:
        if isinstance(value, dt.datetime):
            return (value.astimezone(CHINA) if value.tzinfo else value).date()
        if isinstance(value, dt.date):
            return value
        text = value if isinstance(value, str) else ""
        clock = _CLOCK.search(text)
        match = _DATE.fullmatch(clean(text[: clock.start()] if clock else text))
        if match is not None:
            day = dt.date(*map(int, match.groups()))
            return parse_date(dt.datetime.fromisoformat(_moment(day, clock))) if clock else day
    except (ValueError, OverflowError):
        raise unread("no_such_day", value) from None
    raise unread("no_date", value)


def _moment(day: dt.date, clock: re.Match[str]) -> str:
    """ISO text of a day and what was written of its time (a fraction of a second left out)."""
    return f"{day}T{clock[1].partition('.')[0].rjust(5 if clock[1].count(':') == 1 else 8, '0')}{clock[2] or ''}"


def _money(_: Input, value: object) -> Decimal:
    amount = parse_money(value)
    if amount < ZERO:
        raise unread("negative", value)
    if amount >= _BOUND:
        raise unread("too_large", value)
    return amount


def _rate(_: Input, value: object) -> Decimal:
    rate = parse_rate(value)
    if not 0 <= rate <= 1:
        raise unread("beyond_all", value)
    return rate


@lru_cache(1024)
def _whole(count: int) -> Decimal:
    return Decimal(count)  # the same few counts stand in many claims


def _integer(item: Input, value: object) -> Decimal:
    if isinstance(value, str):
        text = clean(value)
        for choice in item.choices:
            if text in (str(choice.value), choice.label):
                return Decimal(choice.value)
        text = ungrouped(number_text(value))
        if item.unit:
            text = text.removesuffix(item.unit)
        match = re.fullmatch(r"(-?\d+(?:\.\d+)?)([万亿]?)", text)
        if match is None:
            raise unread("no_integer", value.strip())
        read: Decimal | None = Decimal(match[1]).scaleb(_ZEROS[match[2]])
    else:
        read = exact_number(value)
    if read is None:
        raise unread("truth_no_count" if isinstance(value, bool) else "no_integer", value)
    if read.is_finite() and read.copy_abs() >= _BOUND:  # before it is written out digit by digit
        raise unread("too_large", value)
    if not read.is_finite() or read != int(read):
        raise unread("no_integer", value)
    number = _whole(int(read))
    if number < (item.minimum or 0):
        raise unread("too_few", number, fewest=item.minimum or 0)
    if item.choices and number not in {Decimal(c.value) for c in item.choices}:
        raise unread("no_choice", value)
    return number


def _boolean(_: Input, value: object) -> bool:
    if isinstance(value, bool):
        return value
    number = exact_number(value)
    if number is not None and number.is_finite() and number in (0, 1):
        return bool(number)
    if isinstance(value, str):
        text = clean(value).lower()
        if text in TRUE:
            return True
        if text in FALSE:
            return False
    raise unread("no_boolean", value)


def _enum(item: Input, value: object) -> str:
    text = clean(value) if isinstance(value, str) else value
    for choice in item.choices:
        if text in (choice.value, choice.label, clean(choice.label), clean(choice.label).partition("(")[0]):
            return str(choice.value)
    raise unread("no_choice", value)


def _words(_: Input, value: object) -> str:
    """A name: text, or a number for a name."""
    if isinstance(value, str):
        return clean(value)
    number = exact_number(value)
    if number is None or not number.is_finite():
        raise unread("no_text", value)
    return plain(number)


def _day(_: Input, value: object) -> dt.date:
    return parse_date(value)


_READ: Mapping[str, Callable[[Input, Any], Any]] = {
    "money": _money,
    "rate": _rate,
    "integer": _integer,
    "boolean": _boolean,
    "enum": _enum,
    "date": _day,
    "text": _words,
}


def expected(item: Input) -> str:
    """What may be stated for this input, in words."""
    if item.choices:
        return "、".join(f"{c.value}（{c.label}）" for c in item.choices)
    if item.maximum is not None:
        return f"{item.minimum or 0} 到 {most(item)} 的{TYPES[item.type]}"
    if item.minimum:
        return f"不小于 {item.minimum} 的整数"
    return _EXPECTED[item.type]


def most(item: Input) -> str:
    """The maximum of an input with its unit, as it is shown (the input has one)."""
    assert item.maximum is not None
    if item.type == "rate":
        return f"{plain(item.maximum * 100)}%"
    return show_yuan(item.maximum) if item.type == "money" else plain(item.maximum)


def coerce(item: Input, value: object, where: str = "") -> Any:
    """One stated value -> Decimal (yuan, fraction or count), bool, enum token or date. Raises InvalidInput."""
    free = item.type == "money" and item.maximum is None
    if free and type(value) is Decimal and value.is_finite() and ZERO <= value < _BOUND:
        return value
    try:
        read = _READ[item.type](item, value)
        if item.maximum is not None and read > item.maximum:
            raise unread("too_many", value, most=most(item))
        return read
    except ValueError as error:
        raise refused(
            "unread", label=item.label, why=error, place=where, name=item.name, expected=expected(item)
        ) from None
