"""Answers of a form that do not go together: more interest than a loan bears, a part above its whole, an award above what it is for.

In: a read form. Out: remarks; what the law makes of the answers is not asked here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

from xlpolicy.faults import Fault
from xlpolicy.forms.intake import Returned
from xlpolicy.forms.normalise import HIGHEST_LOAN_RATE
from xlpolicy.forms.vouchers import MOST_TAX
from xlpolicy.law.records import Input
from xlpolicy.money import EXACT, in_words, show_rate

_YEAR_DAYS = 365
#: interest that is so many times what rate, loan and days come to was not paid at that rate on that loan
_BEYOND_RATE = Decimal("1.5")
_RATE = Decimal("0.0001")


def relation_doubts(returned: Returned) -> Iterator[Fault]:
    """A remark for every answer that another one makes improbable."""
    items = returned.rule.inputs if returned.rule else ()
    yield from _with_tax(returned, items)
    yield from _interest(returned, items)
    yield from _parts(returned, items)
    yield from _awards(returned, items)


def _money(returned: Returned, item: Input | None) -> Decimal | None:
    value = returned.inputs.get(item.name) if item is not None and item.type == "money" else None
    return value if isinstance(value, Decimal) and value > 0 else None


def _told(returned: Returned, item: Input, got: str, remedy: str) -> Fault:
    where = returned.cells.get(f"in_{item.name}", "")
    return Fault("out_of_proportion", where, item.name, f"“{item.label}”{got}", "", remedy, "warning")


def _with_tax(returned: Returned, items: tuple[Input, ...]) -> Iterator[Fault]:
    """An amount with tax that no tax explains."""
    for item in items:
        base = next((one for one in items if one.name == item.default_from), None)
        gross, net = _money(returned, item), _money(returned, base)
        if base is not None and "税" in item.label and gross and net and gross > net * (1 + MOST_TAX):
            got = f"{in_words(gross)}，比“{base.label}”{in_words(net)}多出两成以上，不像是税额"
            yield _told(returned, item, got, "对照发票核对这两栏")


def _days(returned: Returned, items: tuple[Input, ...]) -> int:
    """The days of interest as stated, or from their first and last day; 0 where neither is."""
    asked = next((item for item in items if len(item.period) > 1), None)
    if asked is None:
        asked = next((item for item in items if item.name == "days"), None)
    if asked is None:
        return 0
    if isinstance(days := returned.inputs.get(asked.name), int | Decimal):
        return int(days)
    first, last = (returned.inputs.get(name) for name in (asked.period[:2] or ("", "")))
    return (last - first).days + 1 if isinstance(first, dt.date) and isinstance(last, dt.date) else 0


def _interest(returned: Returned, items: tuple[Input, ...]) -> Iterator[Fault]:
    """Interest that its loan does not bear."""
    loan = next(
        (i for i in items if i.type == "money" and "贷款" in i.label and ("余额" in i.label or "本金" in i.label)), None
    )
    lent, days = _money(returned, loan), _days(returned, items)
    if loan is None or not lent or days <= 0:
        return
    rate = next((i for i in items if i.type == "rate" and "贷款年利率" in i.label), None)
    agreed: Any = returned.inputs.get(rate.name) if rate is not None else None
    for item in items:
        paid = _money(returned, item) if "利息" in item.label and "财政" not in item.label else None
        if paid is None:
            continue
        yearly = EXACT.divide(paid * _YEAR_DAYS, lent * days).quantize(_RATE)
        got = f"{in_words(paid)}，按“{loan.label}”{in_words(lent)}、{days} 天折合年利率 {show_rate(yearly)}"
        if yearly > HIGHEST_LOAN_RATE:
            yield _told(returned, item, f"{got}，高得不合常理", "对照利息清单核对利息、贷款和天数")
        elif isinstance(agreed, Decimal) and yearly > agreed * _BEYOND_RATE:
            yield _told(returned, item, f"{got}，填的年利率是 {show_rate(agreed)}", "对照借款合同和利息清单核对")


def _parts(returned: Returned, items: tuple[Input, ...]) -> Iterator[Fault]:
    """A part (其中…) above what it is a part of."""
    for whole, part in pairwise(items):
        more, all_of = returned.inputs.get(part.name), returned.inputs.get(whole.name)
        alike = part.label.startswith("其中") and part.type == whole.type in ("money", "integer")
        if alike and isinstance(more, int | Decimal) and isinstance(all_of, int | Decimal) and more > all_of:
            yield _told(returned, part, f"比“{whole.label}”还多", "核对这两栏")


def _awards(returned: Returned, items: tuple[Input, ...]) -> Iterator[Fault]:
    """A grant of another authority above what it was granted for."""
    base = next((item for item in items if item.type == "money" and item.required and not item.by), None)
    spent = _money(returned, base)
    for item in items:
        granted = _money(returned, item) if "补助金额" in item.label and item is not base else None
        if base is not None and spent and granted and granted > spent:
            got = f"{in_words(granted)}，比“{base.label}”{in_words(spent)}还多"
            yield _told(returned, item, got, "对照核定文件核对这两栏的数和单位")
