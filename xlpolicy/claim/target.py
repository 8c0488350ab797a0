"""What a claim is to reach: an amount, 门槛, 下一档 or 封顶; and the least value of an input that does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import Any

from xlpolicy.claim.binding import input_names
from xlpolicy.claim.decision import Decision
from xlpolicy.claim.need import Need, Question
from xlpolicy.faults import InvalidInput
from xlpolicy.law import nodes as n
from xlpolicy.law.in_force import Found
from xlpolicy.law.values import coerce
from xlpolicy.money import ZERO, clean, parse_money
from xlpolicy.words.shown import kind_of, show

THRESHOLD, TIER, MOST = "门槛", "下一档", "封顶"


def need(
    found: Found, inputs: Mapping[str, object], on: dt.date | None, to: object, by: str | None = None, unit: str = "元"
) -> Need:
    """The least value of the input `by` (without one the first number that is owed and not stated) that reaches `to`.

    `to`: an amount (a bare number is in `unit`), 门槛 (anything is paid at all), 下一档 (more than now by another row of a
    table, or from nothing to something; the input's value now stands in `inputs`), 封顶 (the most that is paid).
    Raises a PolicyError, as `assess`; NotComputable where the amount cannot be turned round.
    """
    question = Question(found, inputs, on, by)
    word = clean(to) if isinstance(to, str) else ""
    if word == THRESHOLD:
        return question.least(lambda made: made.amount > ZERO)
    if word == TIER:
        return _next_row(question, inputs)
    if word == MOST:
        return _most(question)
    try:
        wanted = parse_money(to, unit)
    except ValueError as error:
        raise InvalidInput(
            f"要达到的金额{error}", item="to", expected=f"金额，如 50万元；或 {THRESHOLD}、{TIER}、{MOST}", remedy="改正后再算",
        ) from None  # fmt: skip
    if wanted <= ZERO:
        raise InvalidInput(f"要达到的金额是 {wanted}", item="to", expected="大于 0 的金额", remedy="改正后再算")
    return question.least(lambda made: made.eligible and made.amount >= wanted)


def reached(made: Need, to: str, stated: Any) -> str:
    """What was found, in a sentence: how much at least, how much more than now; or how far the input goes."""
    item = made.item

    def say(value: Any) -> str:
        return show(value, kind_of(item), item.unit)

    if made.value is not None:
        more = (
            f"（现为 {say(stated)}，还差 {say(made.value - stated)}）"
            if stated is not None and made.value > stated
            else ""
        )
        enough = f"（现为 {say(stated)}，已经够了）" if stated is not None and made.value <= stated else ""
        return f"要达到 {to}，“{item.label}”至少 {say(made.value)}{more}{enough}"
    if made.best is not None and made.decision is not None:
        if to == TIER:
            return f"“{item.label}”没有更高的档：最多 {made.decision.amount:,.2f} 元（填 {say(made.best)} 时）"
        return f"“{item.label}”再多也达不到 {to}：最多 {made.decision.amount:,.2f} 元（填 {say(made.best)} 时）"
    if made.decision is None:
        return f"“{item.label}”没有封顶，越多补助越多"
    return f"只改“{item.label}”达不到 {to}，别的条件还不满足"


def now(found: Found, inputs: Mapping[str, object], question_item: str) -> Any:
    """The value that is stated of an input, None for none. Raises InvalidInput."""
    known = input_names(found.rule)
    for name, value in inputs.items():
        if (item := known.get(name)) is not None and item.name == question_item and value not in (None, ""):
            return coerce(item, value)
    return None


def _next_row(question: Question, inputs: Mapping[str, object]) -> Need:
    """The least value of a higher row than the one now, that pays more; without one, what is paid now."""
    value = now(question.found, inputs, question.item.name)
    if value is None:
        raise InvalidInput(
            f"没有写“{question.item.label}”现在是多少",
            item=question.item.name,
            expected="现在的数值",
            remedy="写明后再算下一档",
        )
    place = floor(Fraction(value) / question.grid)
    before = question.decision(place)
    question.low = max(question.low, place + 1)
    amount, rows = (before.amount, _rows(before)) if before is not None and before.eligible else (ZERO, None)
    found = question.least(lambda made: made.eligible and made.amount > amount and _rows(made) != rows)
    return (
        found if found.value is not None or rows is None else Need(question.item, None, before, question.value(place))
    )


def _rows(decision: Decision) -> dict[Any, Any]:
    return {node: row for node, row in decision.outcome.env.items() if isinstance(node, n.Lookup)}


def _most(question: Question) -> Need:
    """The least value at which the most is paid; none where more of it always pays more."""
    found = question.least(lambda made: False)
    if found.best is None or found.decision is None:
        return found
    if found.best >= question.value(question.high):
        return Need(question.item, None, None)
    return Need(question.item, found.best, found.decision)
