"""What ties claims to each other: scopes of limits, places, loans, sums, funds. What no tie connects is settled apart."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from xlpolicy.settle.scopes import choose_key
from xlpolicy.settle.state import State
from xlpolicy.settle.terms import loan_key
from xlpolicy.settle.work import Work


class Groups:
    """Things that are joined, directly or through others, are of one group."""

    __slots__ = ("_root",)

    def __init__(self) -> None:
        self._root: dict[Hashable, Hashable] = {}

    def of(self, x: Hashable) -> Hashable:
        """The group of a thing, by one of its members."""
        root = self._root
        above = root.setdefault(x, x)
        while above != x:
            root[x] = root[above]
            x = root[x]
            above = root[x]
        return x

    def join(self, x: Hashable, others: Iterable[Hashable]) -> None:
        """Put a thing and others into one group."""
        for other in others:
            one, another = self.of(x), self.of(other)
            if one != another:
                self._root[another] = one


def apart(state: State, works: Sequence[Work]) -> list[list[Work]]:
    """Claims by what ties them, each group in list order."""
    groups = Groups()
    for work in works:
        groups.join(work, ties(state, work))
    found: dict[Hashable, list[Work]] = {}
    for work in works:
        found.setdefault(groups.of(work), []).append(work)
    return list(found.values())


def ties(state: State, work: Work) -> Iterator[Hashable]:
    """What a claim shares with others: whoever else has it is paid more or less as this claim is."""
    if not work.touched:
        return
    effects, found = work.effects, work.found
    assert effects is not None and found is not None
    for _, _, key in work.held:
        yield key
    if work.place is not None:
        yield work.place
    rule = found.rule
    if rule.term is not None:
        yield loan_key(state, work)
    if rule.least or rule.quotas:
        yield "rule", state.catalog.version(found.document), rule.id
    for one in effects.principals:
        yield "principal", one.id
    for one in effects.topped:
        yield "choose", one.id, choose_key(work, one)
    for pool in effects.funds:
        if pool in state.facts.pools:
            yield "pool", pool
    if effects.barring:
        yield "bar", work.enterprise
    if rule.id in state.law.deducted:
        yield "deduct", work.enterprise
    if state.budgeted and work.enterprise in state.chain and effects.uplifts:
        yield ("uplift",)
