"""Whether another order of an enterprise's own claims would pay it more: the order is the enterprise's, a note says so.

A limit on the interest base can do that (a loan of few days that comes first uses up what one of a whole year could have
had; one loan of two years counts once), a year's sum of which a review struck something off, what was paid before of
another kind, taken off one claim of several under one limit, and maxima of several levels over one scope (the highest of
those paid counts, once it is paid). Under nested limits of the amount the order changes no total.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from decimal import Decimal
from itertools import islice, permutations

from xlpolicy.law.effects import CrossRule
from xlpolicy.money import ZERO
from xlpolicy.settle.books import Principal
from xlpolicy.settle.evaluate import evaluate
from xlpolicy.settle.limits import met
from xlpolicy.settle.line import Line
from xlpolicy.settle.principal import before, scope
from xlpolicy.settle.scopes import choose_key, sum_key
from xlpolicy.settle.state import State
from xlpolicy.settle.unnamed import ids
from xlpolicy.settle.work import Work

#: of so few claims every order is tried; of more, those that may be better
_FEW = 3


def note_order(state: State) -> None:
    """A note on claims that would be paid more in all in another order."""
    seen: set[tuple[int, ...]] = set()
    for text, works in (*_principal(state), *_sums(state), *_topped(state), *_levels(state)):
        group = tuple(work.position for work in works)
        if len(works) > 1 and group not in seen and not any(work.turn for work in works):
            seen.add(group)
            _compare(state, text, works)


def _principal(state: State) -> Iterator[tuple[str, list[Work]]]:
    """Claims whose loans are together above a limit on the interest base."""
    groups: dict[Hashable, tuple[CrossRule, list[Work]]] = {}
    for work in state.of_step["principals"]:
        for rule in work.effects.principals if work.effects and _stands(work) else ():
            groups.setdefault(scope(rule, work), (rule, []))[1].append(work)
    for rule, works in groups.values():
        assert rule.limit is not None
        said, earlier = before(state, rule, works[0])
        taken = said + Principal(earlier).total + sum((work.env[rule.limit.base] for work in works), ZERO)
        if rule.limit.max is None or taken > works[0].figure(rule.limit.max):
            yield rule.text, works


def _sums(state: State) -> Iterator[tuple[str, list[Work]]]:
    """Claims of one year's sum of which a review has struck something off."""
    for works in list(state.of_rule.values()):
        groups: dict[Hashable, list[Work]] = {}
        for work in works:
            if work.sums and work.out is None and (key := sum_key(work)) is not None:
                groups.setdefault(key, []).append(work)
        for group in groups.values():
            if any(work.struck for work in group):
                yield "按全年合计核定，审定有核减的只付到审定额", group


def _topped(state: State) -> Iterator[tuple[str, list[Work]]]:
    """Claims from one of which an earlier payment is taken off, with those that share a limit with it."""
    for work in state.works if state.pots else ():
        for rule in work.effects.topped if work.effects and _stands(work) else ():
            if (rule.id, *choose_key(work, rule)) in state.pots:
                keys = {key for _, _, key in work.held}
                firm = state.enterprises[work.enterprise]
                near = [x for x in firm if _stands(x) and any(key in keys for _, _, key in x.held)]
                yield rule.text, near


def _levels(state: State) -> Iterator[tuple[str, list[Work]]]:
    """Claims that come under different maxima of one scope."""
    groups: dict[Hashable, tuple[CrossRule, dict[Work, Decimal]]] = {}
    for work in state.works:
        if any(scoped.highest for _, scoped, _ in work.held) and _stands(work):
            for scoped, key, maximum in met(state, work):
                if scoped.highest:
                    groups.setdefault(key, (scoped.rule, {}))[1][work] = maximum
    for rule, of in groups.values():
        if len(set(of.values())) > 1:
            yield rule.text, list(of)


def _stands(work: Work) -> bool:
    return work.out is None and work.alone > 0


def _compare(state: State, why: str, works: Sequence[Work]) -> None:
    """Hold the order of the list against others; the best of them is told."""
    whole = [work for work in state.enterprises[works[0].enterprise] if work.outcome is not None or work.waiting]
    line = Line(state, whole)
    listed = best = _total(state, line)
    better: Sequence[Work] = works
    turns, state.turns = state.turns, True
    for order in _orders(works):
        for place, work in zip(works, order, strict=True):
            work.turn = (place.position, 0)
        total = _total(state, line)
        if total > best:
            best, better = total, order
    state.turns = turns
    for work in works:
        work.turn = None
    if best > listed:
        text = f"本单位这几笔换一个先后（申报 {ids(better)}），合计可多付 {best - listed:,.2f}元（{why}）；先后由企业自己定"
        for work in works:
            state.note(work.claim.id, "order", text, "told")


def _orders(works: Sequence[Work]) -> Iterator[Sequence[Work]]:
    """Other orders to try: all of a few claims; of many, what pays most for its principal first, by claim and by loan."""
    if len(works) <= _FEW:
        yield from islice(permutations(works), 1, None)
        return
    yield works[::-1]
    yield sorted(works, key=lambda work: (-_most(work), work.position))
    effects = works[0].effects
    principal = next((rule.limit for rule in effects.principals if rule.limit), None) if effects else None
    if principal is None:
        return
    loans: dict[Hashable, list[Work]] = {}
    for work in works:
        loans.setdefault(work.loan or work.position, []).append(work)
    worth: dict[Hashable, Decimal] = {}
    for loan, some in loans.items():
        most = max(work.env[principal.base] for work in some)  # each is due something, so that it has a balance
        worth[loan] = sum((work.alone for work in some), ZERO) / most
    yield sorted(works, key=lambda work: (-work.alone / work.env[principal.base], work.position))
    yield sorted(works, key=lambda work: (-worth[work.loan or work.position], work.position))


def _most(work: Work) -> Decimal:
    """The highest maximum that a claim comes under beyond itself."""
    return max((most for limit, most, _, _ in work.now.limits if limit.per), default=ZERO) if work.now else ZERO


def _total(state: State, line: Line) -> Decimal:
    evaluate(state, line, state.books.trial())
    return sum((work.amount for work in line.works), ZERO)
