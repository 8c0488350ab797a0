"""What the two native formulas of a line will say, by `assess`: the results that are stored beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from operator import itemgetter
from typing import Any

from xlpolicy.claim.decision import decide
from xlpolicy.faults import MissingInput, PolicyError
from xlpolicy.formulas.integer_form import FIRST_DAY, LAST_DAY
from xlpolicy.formulas.rule import NativeFormula, disagreement, partly, together, too_long
from xlpolicy.law.in_force import Found
from xlpolicy.law.nodes import Given
from xlpolicy.law.records import Input


def preview(
    found: Found, formula: NativeFormula, line: Mapping[str, Any], on: dt.date | None
) -> tuple[Decimal | str, str]:
    """(amount, reason) of one line (input name -> what stands in the cell, amounts in yuan); both empty if blank."""
    rule, messages = found.rule, formula.messages
    stated = {item.name: line.get(item.name) for item in rule.inputs}
    if not any(value not in (None, "") for value in line.values()):
        return "", ""
    for item in rule.inputs:
        counted = bool(item.period) and all(stated[name] not in (None, "") for name in item.period[:2])
        if not _usable(item, stated[item.name], formula, counted):
            return "", messages.fill[item.name]
    try:
        decision = decide(found, stated, on)
    except MissingInput as error:
        for item in rule.inputs:
            if error.problem.item in item.period[:2] and error.problem.item is not None:
                return "", together(rule, item)
        absent = [name for name in messages.needed if stated[name] in (None, "")]
        return "", messages.needed[absent[0]] if absent else "请补填延续年度须凭以判断的日期"
    except PolicyError as error:
        name = error.problem.item
        told = disagreement(rule, name) if any(item.name == name for item in rule.inputs) else ""
        return "", told or f"请核对：{error.problem.got}"
    for item in rule.inputs:
        first, last = (stated[name] for name in item.period[:2]) if item.period else (None, None)
        most = formula.ranges[item.name][1] if item.period else 0
        if isinstance(first, dt.date) and isinstance(last, dt.date) and (last - first).days >= most:
            return "", too_long(rule.input(item.period[1]))
    if rule.term and ("stated", rule.term.paid) in decision.outcome.env:
        return "", partly(rule)
    if decision.open:
        return "", messages.asked[decision.open[0].name]
    if not decision.eligible:
        lines = zip(decision.outcome.conditions, messages.refused, strict=True)
        failed = [(isinstance(line.node, Given), text) for (line, met), text in lines if not met]
        return decision.amount, min(failed, key=itemgetter(0))[1]
    return decision.amount, messages.assumed(
        item for item in rule.inputs if item.assumed and stated[item.name] in (None, "")
    )


def _usable(item: Input, value: Any, formula: NativeFormula, counted: bool) -> bool:
    """Whether the formulas take what stands in the cell (see `native`); `counted`: its days follow from dates."""
    if item.type == "text":
        return not isinstance(value, bool)
    if value is None or value == "":
        return not item.required or counted
    if item.type == "boolean":
        return isinstance(value, bool) or value in ("是", "否")
    if item.choices and isinstance(value, str):
        return value in [choice.label for choice in item.choices]
    if item.choices and value not in [choice.value for choice in item.choices]:
        return False
    if item.type == "date":
        return isinstance(value, dt.date) and FIRST_DAY <= value <= LAST_DAY
    if isinstance(value, bool | str) or item.type == "enum":
        return False
    number = Decimal(value)
    low, high, digits = formula.ranges[item.name]
    return low <= number <= high and number == round(number, digits)
