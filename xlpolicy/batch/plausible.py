"""Whether a judged amount may have been meant in another unit: bounds come from the provision, none from here.

A bare 30000 in a form of 万元 is 3 亿元 or, more likely, 3 万元. It is asked about where the provision itself gives no
reason for such an amount: no figure of it is that large, and its cap is reached far below, or there is none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from xlpolicy.claim.decision import decide
from xlpolicy.faults import Fault, PolicyError
from xlpolicy.forms.intake import Returned
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Input, Rule
from xlpolicy.money import UNITS, ZERO, plain

#: read in 元, a number typed into a form of another unit is worth a thought from here on (units of the form)
_NOTICEABLE = 1000
_STEPS = 40


def unit_doubts(returned: Returned, found: Found, on: dt.date) -> Iterator[Fault]:
    """A remark for every bare amount that is absurd in the form's unit and plausible in 元."""
    unit = UNITS.get(returned.unit, Decimal(1))
    for item in found.rule.inputs:
        value = returned.inputs.get(item.name)
        if item.type != "money" or item.name not in returned.bare or not isinstance(value, Decimal) or unit == 1:
            continue
        typed = value / unit
        if typed < _NOTICEABLE or any(p.item == item.name and p.code == "large_amount" for p in returned.problems):
            continue
        enough = _enough(partial(_amount, found, returned.inputs, item, on), value, unit)
        if enough is None:  # no cap: a whole unit of the form even when read in 元, beyond every figure of the text
            doubtful = typed >= unit and value > _largest(found.rule)
        else:
            doubtful = value > enough and (typed >= unit or value >= 10 * enough)
        if doubtful:
            yield _doubt(item, returned, typed, value, enough)


def _doubt(item: Input, returned: Returned, typed: Decimal, value: Decimal, enough: Decimal | None) -> Fault:
    where = returned.cells.get(f"in_{item.name}", "")
    known = f"，而达到封顶只需 {plain(enough / UNITS[returned.unit])} {returned.unit}" if enough else ""
    got = f"填的是 {plain(typed)} {returned.unit}（{in_words(value)}）{known}"
    remedy = f"核对单位：填的若是 {plain(typed)} 元，应写 {plain(typed / UNITS[returned.unit])}"
    return Fault("unit_doubt", where, item.name, got, "", remedy, "warning")


def in_words(yuan: Decimal) -> str:
    """300000000 -> "3 亿元", 35000 -> "3.5 万元"."""
    for name in ("亿元", "万元"):
        if yuan >= UNITS[name]:
            return f"{plain(yuan / UNITS[name])} {name}"
    return f"{plain(yuan)} 元"


def _largest(rule: Rule) -> Decimal:
    """The largest amount of money that the provision's text names."""
    named = [f.value for f in rule.figures.values() if f.kind == "money" and isinstance(f.value, Decimal)]
    return max(named, default=ZERO)


def _amount(found: Found, inputs: dict[str, Any], item: Input, on: dt.date, value: Decimal) -> Decimal | None:
    try:
        return decide(found, {**inputs, item.name: value}, on).amount
    except PolicyError:
        return None


def _enough(amount: Callable[[Decimal], Decimal | None], value: Decimal, unit: Decimal) -> Decimal | None:
    """From where on more brings nothing, to about a hundredth; None where the amount never stops growing."""
    far = value * unit
    most = amount(far)
    if not most or most != amount(far * 10):
        return None
    low, high = ZERO, far
    for _ in range(_STEPS):
        middle = ((low + high) / 2).quantize(Decimal("0.01"))
        if amount(middle) == most:
            high = middle
        else:
            low = middle
    return high.quantize(Decimal("1E2")) if high > 100 else high
