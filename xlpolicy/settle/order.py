"""Whether another order of an enterprise's own claims would pay it more: the order is the enterprise's, a note says so.

Only a limit on the interest base can do that: a loan of few days that comes first uses up what one of a whole year
could have had. Under limits of the amount the order changes no total.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from xlpolicy.law.effects import CrossRule
from xlpolicy.money import ZERO
from xlpolicy.settle.evaluate import evaluate
from xlpolicy.settle.line import Line
from xlpolicy.settle.principal import before, scope
from xlpolicy.settle.state import State
from xlpolicy.settle.unnamed import ids
from xlpolicy.settle.work import Work


def note_order(state: State) -> None:
    """A note on the claims of one limit that would be paid more in all in another order."""
    groups: dict[tuple[object, ...], tuple[CrossRule, list[Work]]] = {}
    for work in state.of_step["principals"]:
        for rule in work.effects.principals if work.effects and work.out is None and work.alone > 0 else ():
            groups.setdefault(scope(rule, work), (rule, []))[1].append(work)
    for rule, works in groups.values():
        if len(works) > 1 and not any(work.turn for work in works):
            _compare(state, rule, works)


def _compare(state: State, rule: CrossRule, works: Sequence[Work]) -> None:
    """Hold the order of the list against the one in which what pays most for its principal comes first."""
    assert rule.limit is not None
    base, most = rule.limit.base, rule.limit.max
    said, earlier = before(state, rule, works[0])
    taken = said + sum(earlier.values(), ZERO) + sum((work.env[base] for work in works), ZERO)
    if most is not None and taken <= works[0].figure(most):  # enough for all of them
        return
    better = sorted(works, key=lambda work: (-work.alone / (work.env[base] or 1), work.position))
    if better == works:
        return
    line = Line(state, [work for work in state.of_enterprise(works[0]) if work.outcome is not None or work.waiting])
    listed = _total(state, line)
    turns, state.turns = state.turns, True
    for place, work in zip(works, better, strict=True):
        work.turn = (place.position, 0)
    more = _total(state, line) - listed
    state.turns = turns
    for work in works:
        work.turn = None
    if more > 0:
        text = (
            f"本单位这几笔换一个先后（申报 {ids(better)}），合计可多付 {more:,.2f}元（{rule.text}）；先后由企业自己定"
        )
        for work in works:
            state.note(work.claim.id, "order", text, "told")


def _total(state: State, line: Line) -> Decimal:
    evaluate(state, line, state.books.trial())
    return sum((work.amount for work in line.works), ZERO)
