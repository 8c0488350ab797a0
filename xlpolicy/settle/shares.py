"""Proportional sharing by the largest remainder: parts are whole quanta and add up to the pool exactly.

Source: FIELD.md (Yunfu interest subsidy, 万元: 100, 100, 30.69, 50.54, 100 under a pool of 138).

>>> due = [Decimal(x) for x in ("100", "100", "30.69", "50.54", "100")]
>>> [str(part) for part in largest_remainder(due, Decimal("138"))]
['36.20', '36.20', '11.11', '18.29', '36.20']
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal, localcontext

from xlpolicy.faults import InvalidInput
from xlpolicy.money import CENT, EXACT, ZERO

#: what a bureau may round payments to
QUANTA = tuple(Decimal(q) for q in ("0.01", "0.1", "1", "10", "100"))


def largest_remainder(due: Sequence[Decimal], pool: Decimal, quantum: Decimal = CENT) -> list[Decimal]:
    """Share `pool` (元) in proportion to `due` (元), in whole quanta; equal remainders in the given order.

    Nobody gets more than is due; where the pool suffices, everybody gets what is due. Whoever has no room for one
    more quantum is served in cents, and what is left of a pool that is no multiple of the quantum goes to the
    largest remainder.
    Raises InvalidInput for a negative pool or a quantum that is not one of `QUANTA`.
    """
    if pool < 0:
        raise InvalidInput(f"资金总额是负数（{pool}）", where="资金", expected="不小于 0 的金额", remedy="核对资金总额")
    if quantum not in QUANTA:
        raise InvalidInput(
            f"取整单位 {quantum} 不在可选范围",
            where="资金",
            expected="、".join(map(str, QUANTA)) + "（元）",
            remedy="选一个取整单位",
        )
    with localcontext(EXACT):
        total = sum(due, ZERO)
        if total <= pool:
            return list(due)
        parts, steps = [], []
        for amount in due:
            step, part = quantum, _floor(amount * pool / total, quantum)
            if part + step > amount:
                step, part = CENT, _floor(amount * pool / total, CENT)
            parts.append(part)
            steps.append(step)
        left = _floor(pool, CENT) - sum(parts, ZERO)
        # remainders times the total: whole numbers of cents, so that ties stay ties
        over = [amount * pool - part * total for amount, part in zip(due, parts, strict=True)]
        order = sorted(range(len(parts)), key=lambda i: over[i], reverse=True)
        for i in order:
            if steps[i] <= left and over[i]:
                parts[i] += steps[i]
                left -= steps[i]
        for i in order:
            more = min(left, due[i] - parts[i])
            parts[i] += more
            left -= more
        return [part.quantize(CENT) for part in parts]


def _floor(amount: Decimal, quantum: Decimal) -> Decimal:
    return (amount / quantum).to_integral_value(ROUND_FLOOR) * quantum
