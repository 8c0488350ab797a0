"""Claims that are gone through together, and which of them each step concerns.

A claim that no other claim, no earlier payment and no fact reaches is paid what it is due by itself: no step looks at
it again. Which those are does not hang on the choice, so it is found out once (`mark`).
"""

from __future__ import annotations

from collections.abc import Sequence

from xlpolicy.settle.state import State
from xlpolicy.settle.work import Work


class Line:
    """Claims in list order; by step, those that it concerns."""

    __slots__ = ("barring", "counted", "once", "placed", "pooled", "raised", "terms", "touched", "works")

    def __init__(self, state: State, works: Sequence[Work]) -> None:
        self.works = works
        self.touched = touched = [work for work in works if work.touched]
        self.barring = [w for w in touched if w.effects is not None and w.effects.barring]
        self.once = [w for w in touched if w.place is not None or w.unsaid]
        self.placed = [w for w in touched if w.seats]
        self.terms = [w for w in touched if w.found is not None and w.found.rule.term is not None]
        self.raised = [w for w in touched if state.budgeted and _raised(state, w)]
        self.pooled = [w for w in touched if _pooled(state, w)]
        self.counted = [w for w in touched if w.counted]


def mark(state: State) -> None:
    """Mark the claims that a step concerns (limits, places and funds mark theirs), and those that are `counted` one
    after the other."""
    for work in state.works:
        if work.effects is None or not (work.alone > 0 or work.sums or work.waiting):
            continue
        effects, found = work.effects, work.found
        assert found is not None
        work.counted = bool(
            work.counted
            or work.waiting
            or work.held
            or work.sums
            or work.less
            or found.rule.term
            or effects.principals
            or effects.deducts
            or (not state.budgeted and _raised(state, work))
        )
        work.touched = bool(
            work.touched or work.counted or effects.barring or _raised(state, work) or _pooled(state, work)
        )


def _raised(state: State, work: Work) -> bool:
    return work.effects is not None and bool(work.effects.uplifts) and work.enterprise in state.chain


def _pooled(state: State, work: Work) -> bool:
    return work.effects is not None and not state.facts.pools.keys().isdisjoint(work.effects.funds)
