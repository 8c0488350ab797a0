"""What a decision owes to inputs that nobody stated: what was presumed, and what has to be asked before a refusal.

A refusal that a plausible value of a blank would turn is a question (`open_inputs`); a yes or no that nobody stated
and that decides is presumed, and named (`presumed`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation, localcontext

from xlpolicy.claim import exact
from xlpolicy.faults import PolicyError
from xlpolicy.law import nodes as n
from xlpolicy.law.looked_at import may_be_open, named
from xlpolicy.law.records import Input
from xlpolicy.money import EXACT

#: larger than anything that can be stated
_ANY = Decimal(10) ** 15


def open_inputs(outcome: exact.Outcome, blank: Sequence[Input]) -> tuple[Input, ...]:
    """The inputs left blank on which a refusal rests; none where no plausible value of them would turn it."""
    rule = outcome.rule
    if outcome.eligible or not may_be_open(rule):
        return ()
    failed = [line.node for line, met in outcome.conditions if not met]
    if n.Const(False) in failed:
        return ()
    absent = {item.name for item in blank}
    asked = {node.name for node in failed if isinstance(node, n.Given) and node.name in absent}
    env = {item.name: outcome.env[item.name] for item in rule.inputs} | greatest(outcome, blank)
    code = exact.program(rule)
    try:
        with localcontext(EXACT):
            for name, fn in code.terms:
                env[name] = fn(env)
            left = [line.node for line, fn in code.conditions if not fn(env)]
    except (ZeroDivisionError, InvalidOperation):
        return ()
    if any(not (isinstance(node, n.Given) and node.name in asked) for node in left):
        return ()
    turned = {name for node in failed if node not in left for name in named(rule, node)} | asked
    return tuple(i for i in blank if i.name in turned and (i.name in asked or i.at_most is not None))


def greatest(outcome: exact.Outcome, blank: Iterable[Input]) -> dict[str, Decimal]:
    """The greatest plausible values of the inputs left blank that name one."""
    env, found = outcome.env, {}
    for item in blank:
        if item.at_most is not None:
            most = _ANY if item.at_most.times is None else env[item.at_most.of] * item.at_most.times
            found[item.name] = max(most, env[item.name] or most)
    return found


def defaulted(outcome: exact.Outcome) -> tuple[Input, ...]:
    """The numbers, dates and choices left blank that count as their default, or as another input."""
    return tuple(i for i in outcome.blank if i.type != "boolean" and (i.default is not None or i.default_from))


def presumed(outcome: exact.Outcome, blank: Iterable[Input]) -> tuple[Input, ...]:
    """The inputs left blank that were taken for granted and decided, in the order of the rule: a yes or no, or what
    the enterprise has from elsewhere, taken for none, that would lower the amount."""
    return tuple(item for item in blank if (_decided if item.type == "boolean" else _lowers)(outcome, item))


def _lowers(outcome: exact.Outcome, item: Input) -> bool:
    """Whether an amount or rate that counts as none where it is left blank would lower the award if there were one."""
    if item.type not in ("money", "rate") or item.default != 0 or item.by or not outcome.eligible:
        return False
    other = _with(outcome, item, _ANY if item.type == "money" else Decimal(1))
    return other is None or other.amount < outcome.amount


def _decided(outcome: exact.Outcome, item: Input) -> bool:
    rule = outcome.rule
    if item.asked_when is not None and not exact.predicate(rule, item.asked_when)(outcome.env):
        return False
    if item.assumed:
        return True
    other = _with(outcome, item, not item.default)
    return other is None or (other.eligible, other.amount) != (outcome.eligible, outcome.amount)


def _with(outcome: exact.Outcome, item: Input, value: Decimal | bool) -> exact.Outcome | None:
    """What comes out with another value of one input; None where more would have to be stated then."""
    rule = outcome.rule
    env = {other.name: outcome.env[other.name] for other in rule.inputs} | {item.name: value}
    try:
        return exact.evaluate(rule, env)
    except (PolicyError, TypeError, ArithmeticError):  # an optional value that nobody stated
        return None
