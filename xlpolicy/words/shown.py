"""A value as a clerk writes it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from xlpolicy.law.labels import NATURES
from xlpolicy.law.looked_at import figures_of
from xlpolicy.law.records import Input, Kind, Rule
from xlpolicy.money import CENT, EXACT, plain, show_rate

#: a hundredth of a cent, and the last digit shown of a rate
_FINE, _FINEST = CENT.scaleb(-2), CENT.scaleb(-6)


def show(value: Any, kind: Kind, unit: str = "") -> str:
    """A value as a clerk writes it: 8,000,000元, 3%, 20家, 是, 2026-06-30. Of money that goes on behind the fourth decimal, 约.

    >>> show(Decimal("499999.995"), "money"), show(Decimal("10") / 3, "money")
    ('499,999.995元', '约3.3333元')
    """
    if value is None:
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date):
        return value.isoformat()
    if not isinstance(value, Decimal):
        return str(value)
    if kind == "money":
        fine = value.quantize(_FINE, context=EXACT)
        return ("" if fine == value else "约") + plain(fine) + "元"
    if kind == "rate":
        return show_rate(value.quantize(_FINEST, context=EXACT))
    return plain(value) + ("个月" if unit == "月" else unit)


def kind_of(item: Input) -> Kind:
    """How a value of the input is shown."""
    return "count" if item.type == "integer" else item.type


def nature_word(rule: Rule) -> str:
    """What an amount of the provision is, in a word: fixed, by the standard of a rate, at most; of one which other
    documents govern, what they say."""
    if rule.governed:
        return "以所引文件为准"
    if (
        rule.nature == "entitlement"
        and rule.amount
        and any(rule.figures[x].kind == "rate" for x in figures_of(rule, rule.amount.node))
    ):
        return "按标准"
    return "测算上限" if rule.nature == "upper_bound" else NATURES[rule.nature]
