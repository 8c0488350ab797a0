"""The values of facts and claims, one by one: amounts in yuan, years, months, places, answers, names."""

from __future__ import annotations

from decimal import Decimal

from xlpolicy.faults import InvalidInput
from xlpolicy.money import ZERO, clean, parse_money
from xlpolicy.settle.shares import QUANTA

_BOUND = Decimal(10) ** 15
_YEARS = range(2000, 2101)


def yes(value: object, where: str) -> bool:
    """是 or 否. Raises InvalidInput."""
    if isinstance(value, bool):
        return value
    words = {"是": True, "true": True, "1": True, "否": False, "false": False, "0": False}
    if (found := words.get(clean(str(value)).lower())) is None:
        raise wrong(f"“{value}”不是是或否", where, "是、否")
    return found


def money(value: object, where: str, *, taken_back: bool = False) -> Decimal:
    """An amount of the facts, in yuan; below zero only for money taken back. Raises InvalidInput."""
    try:
        amount = parse_money(value)
    except ValueError as error:
        raise wrong(str(error), where, "不小于 0 的金额（元）") from None
    if amount < ZERO and not taken_back:
        raise wrong(f"是负数（{value}）", where, "不小于 0 的金额（元）")
    if amount >= _BOUND:
        raise wrong(f"大得不合常理（{value}）", where, "金额（元）")
    return amount


def whole(value: object, where: str, expected: str, written: object = None) -> int:
    """A whole number (2026, "2026", 2026.0); `written`: the same with its unit, to be told. Raises InvalidInput."""
    if type(value) is int and -_BOUND < value < _BOUND:
        return value
    if isinstance(value, int | float | Decimal | str) and not isinstance(value, bool):
        try:
            number = Decimal(clean(str(value)))
            if abs(number) < _BOUND and number == int(number):
                return int(number)
        except ArithmeticError:  # no number, or not a finite one
            pass
    raise wrong(f"“{value if written is None else written}”不是整数", where, expected)


def year(value: object, where: str) -> int:
    """A calendar year. Raises InvalidInput."""
    bare = clean(value).removesuffix("年度").removesuffix("年") if isinstance(value, str) else value
    number = whole(bare, where, "年度，如 2026", value)
    if number not in _YEARS:
        raise wrong(f"年度是 {number}", where, "年度，如 2026")
    return number


def place(value: object, where: str) -> int:
    """A place in a selection, the first is 1. Raises InvalidInput."""
    number = whole(value, where, "名次，如 1")
    if number < 1:
        raise wrong(f"名次是 {number}", where, "名次，如 1")
    return number


def month(value: object, where: str) -> int:
    """A month of the year. Raises InvalidInput."""
    bare = clean(value).removesuffix("月份").removesuffix("月") if isinstance(value, str) else value
    number = whole(bare, where, "月份，如 6", value)
    if number not in range(1, 13):
        raise wrong(f"月份是 {number}", where, "1 到 12")
    return number


def quantum(value: object, where: str) -> Decimal:
    """What payments of a pool are rounded to. Raises InvalidInput."""
    amount = money(value, where)
    if amount not in QUANTA:
        raise wrong(f"取整单位是 {value}", where, "、".join(map(str, QUANTA)) + "（元）")
    return amount


def text(value: object, where: str, expected: str = "文字") -> str:
    """A name. Raises InvalidInput."""
    if not isinstance(value, str) or not value.strip():
        raise wrong("空着" if value in (None, "") else f"“{value}”不是文字", where, expected)
    return value.strip()


def wrong(got: str, where: str, expected: str) -> InvalidInput:
    """The refusal of one value."""
    return InvalidInput(got, where=where, expected=expected, remedy="改正这一项")
