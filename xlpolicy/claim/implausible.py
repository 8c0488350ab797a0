"""What an amount should not be taken without: stated values that exceed what the text, or plain reason, lets them be."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from xlpolicy.claim.exact import REMEMBERED, Outcome, predicate
from xlpolicy.law import nodes as n
from xlpolicy.law.records import AtMost, Input, Rule
from xlpolicy.words.shown import kind_of, show

#: so many things, each paid so much (元) or more, are more likely an amount of money written where a count belongs
_MANY, _EACH = 10_000, 1_000


def doubts(outcome: Outcome) -> Iterator[str]:
    """A count above the places there are or like money, a value above its greatest plausible one or below its part."""
    rule, env = outcome.rule, outcome.env
    for item, most, times in _bounded(rule):
        value = env[item.name]
        if item in outcome.blank:
            continue
        of = rule.input(most.of)
        said = f"“{item.label}”{show(value, kind_of(item), item.unit)}"
        base = f"“{of.label}”{show(env[of.name], kind_of(of), of.unit)}"
        if value > env[of.name] * times:
            yield f"{said}，超过{base}的 {most.text}，请核对"
        elif item.default_from == of.name and value < env[of.name]:
            yield f"{said}，小于{base}，请核对"
    if outcome.eligible:
        yield from _over_places(outcome)
        yield from _like_money(outcome)


@lru_cache(REMEMBERED)
def _bounded(rule: Rule) -> tuple[tuple[Input, AtMost, Decimal], ...]:
    """The inputs that have a greatest plausible value."""
    return tuple((x, x.at_most, x.at_most.times) for x in rule.inputs if x.at_most and x.at_most.times is not None)


def _over_places(outcome: Outcome) -> Iterator[str]:
    rule, env = outcome.rule, outcome.env
    counted = _counted(rule)
    for quota in rule.quotas:
        places = rule.figures[quota.figure]
        if counted is None or quota.each or not isinstance(places.value, Decimal):
            continue
        if env[counted] > places.value and (quota.when is None or predicate(rule, quota.when)(env)):
            item = rule.input(counted)
            yield f"名额只有 {places.text}，“{item.label}”填了 {show(env[counted], 'count', item.unit)}，请核对"


def _like_money(outcome: Outcome) -> Iterator[str]:
    counted = _counted(outcome.rule)
    if counted is None:
        return
    value = outcome.env[counted]
    if value is not None and value >= _MANY and outcome.amount >= value * _EACH:
        item = outcome.rule.input(counted)
        yield f"“{item.label}”填了 {show(value, 'count', item.unit)}，像是金额，请核对"


@lru_cache(REMEMBERED)
def _counted(rule: Rule) -> str | None:
    """The number of things that the amount is paid for; None where it is none."""
    assert rule.amount is not None
    names = [x.name for x in n.leaves(rule.amount.node) if isinstance(x, n.Input)]
    return next((name for name in names if rule.input(name).type == "integer"), None)
