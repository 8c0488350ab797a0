"""SUBSIDY_NEED: the least value of an input that reaches an amount, 门槛, 下一档 or 封顶, and its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from xlpolicy.claim.need import Need
from xlpolicy.claim.target import need, now, reached
from xlpolicy.excel.functions.amounts import as_text, each_found, stated
from xlpolicy.excel.functions.call import grid, number, unstated, with_unit
from xlpolicy.excel.functions.claim_rows import Row
from xlpolicy.faults import InvalidInput, NotComputable
from xlpolicy.law.in_force import Found, as_date

#: the pair that names the input, beside the inputs of the provision
BY = "按"


def subsidy_need(city: object, rule: object, *args: object) -> Any:
    """The least value: an amount in the unit of the call, a count, a rate as a fraction; #N/A where none reaches."""

    def one(made: Need, told: str, row: Row) -> float:
        if made.value is None:
            raise NotComputable(told, item=made.item.name, expected="够得着的金额", remedy="减小目标，或先满足别的条件")
        return number(made.value, row.unit) if made.item.type == "money" else float(made.value)

    return _each(city, rule, args, one)


def need_why(city: object, rule: object, *args: object) -> Any:
    """The same in a sentence, with the calculation at that value."""

    def one(made: Need, told: str, row: Row) -> str:
        del row
        return told + (f"。{made.decision.explanation}" if made.decision is not None else "")

    return as_text(_each(city, rule, args, one))


def _each(city: object, rule: object, args: tuple[object, ...], one: Callable[[Need, str, Row], Any]) -> Any:
    if not args or unstated(grid(args[0])[0][0]):
        raise InvalidInput(
            "没有写目标", where="SUBSIDY_NEED", expected="金额，或 门槛、下一档、封顶", remedy="补上第三个参数"
        )
    target, *pairs = args

    def claim(found: Found, row: Row) -> Any:
        inputs = dict(row.inputs)
        by, to = inputs.pop(BY, None), inputs.pop(_TARGET)
        bare = replace(row, value=None, inputs=inputs)
        known, day = stated(found, bare), as_date(row.on)  # type: ignore[arg-type]
        to = with_unit(to, row.unit)
        made = need(found, known, day, to, None if unstated(by) else str(by))
        return one(made, reached(made, str(to), now(found, known, made.item.name)), row)

    return each_found(city, rule, [*pairs, _TARGET, target], claim)


#: the target goes through the call as one more pair, so that it may be a range like any other
_TARGET = "目标"
