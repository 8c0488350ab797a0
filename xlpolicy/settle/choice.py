"""One of several kinds over a scope: per enterprise, of all combinations the one that pays most in the end.

A combination gives each conflict one kind; a claim stands where its kind is the chosen one in every conflict that it
is in. All claims of a chosen kind stand. What a combination pays is what `evaluate` pays it: limits, earlier payments,
uplift, ceilings and payers counted in, pools as if the enterprise were alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from decimal import Decimal
from itertools import product
from math import prod

from xlpolicy.money import ZERO
from xlpolicy.settle.conflicts import Conflict, earlier, elections, fix, gather, partly, reopen, void, wait
from xlpolicy.settle.evaluate import evaluate
from xlpolicy.settle.line import Line
from xlpolicy.settle.scopes import choose_key
from xlpolicy.settle.state import State
from xlpolicy.settle.work import Work

#: conflicts that were decided together, the claims that their totals are of, each combination with its total
Trial = tuple[list["Conflict"], list[Work], list[tuple[tuple[int, ...], Decimal]]]
#: more combinations than this are not all tried: the conflicts are decided one after the other
MOST = 4096


def choose(state: State) -> None:
    """Decide every conflict: `Work.out` names the rule under which a claim does not stand."""
    conflicts = gather(state)
    for conflict in conflicts:
        earlier(state, conflict)
    elections(state, conflicts)
    for conflict in conflicts:
        wait(state, conflict)
    state.conflicts = conflicts
    open_ = [c for c in conflicts if len(c.allowed) > 1]
    for conflict in conflicts:
        if len(conflict.allowed) == 1:
            fix(conflict, conflict.allowed[0])
    elected = {c.enterprise for c in conflicts if c.elected is not None}
    concerned = {c.enterprise for c in open_} | elected
    if not concerned:
        return
    of: dict[str, list[Work]] = {}
    for work in state.works:
        if work.decision is not None:
            of.setdefault(work.enterprise, []).append(work)
    of_enterprise: dict[str, list[Conflict]] = {}
    for conflict in conflicts:
        of_enterprise.setdefault(conflict.enterprise, []).append(conflict)
    meeting = _meeting(state, of, concerned)
    for enterprise, works in of.items():
        if enterprise in concerned:
            mine = of_enterprise[enterprise]
            free = _without_elections(state, works, mine)
            before = len(state.tried)
            _decide(state, works, mine)
            if free:
                state.tried[before:] = free
            unpaid = [c for c in mine if c.elected is not None and _amount(state, works, c.elected) <= 0]
            if unpaid:
                for conflict in unpaid:
                    void(conflict)
                for conflict in mine:
                    reopen(conflict)
                del state.tried[before:]
                _decide(state, works, mine)
        if enterprise in meeting:
            trial = state.books.trial()
            evaluate(state, Line(state, works), trial)
            state.books.room.update({k: v for k, v in trial.room.items() if k in state.shared})
    state.books.clear()


def _without_elections(state: State, works: list[Work], mine: list[Conflict]) -> list[Trial]:
    """What would be compared if the enterprise had chosen nothing: told beside what it chose."""
    elected = [(c, c.elected, c.elected.turn, list(c.allowed)) for c in mine if c.elected is not None]
    if not elected:
        return []
    marks = len(state.tried), len(state.notes)
    for conflict, work, *_ in elected:
        work.turn, conflict.allowed = None, list(conflict.free)
        reopen(conflict)
    _decide(state, works, mine)
    found = state.tried[marks[0] :]
    del state.tried[marks[0] :], state.notes[marks[1] :]
    for conflict, work, turn, allowed in elected:
        work.turn, conflict.allowed = turn, allowed
    for conflict in mine:
        reopen(conflict)
    return found


def _amount(state: State, works: list[Work], work: Work) -> Decimal:
    line = Line(state, works)
    evaluate(state, line, state.books.trial())
    return work.amount


def _decide(state: State, works: list[Work], mine: list[Conflict]) -> None:
    """The best combination for the conflicts of one enterprise, each independent part by itself."""
    for conflict in mine:
        if len(conflict.allowed) == 1:
            fix(conflict, conflict.allowed[0])
    open_ = [c for c in mine if len(c.allowed) > 1]
    for part, concerned in _parts(state, works, open_):
        if prod(len(c.allowed) for c in part) <= MOST:
            _best(state, part, concerned)
            continue
        text = "可比较的组合太多，按申报先后逐个项目（贷款）选定，请核对"
        undecided = set(part)
        for conflict in part:
            undecided.discard(conflict)
            hidden = {work for c in undecided for work in c.works}
            _best(state, [conflict], [w for w in concerned if w not in hidden])
        for conflict in part:
            for work in conflict.works:
                state.note(work.claim.id, "combinations", text)


def _best(state: State, part: list[Conflict], works: list[Work]) -> None:
    """Try all combinations of a part; of equal totals the one that keeps the document's own claims before a part of
    another's, then the one that is larger at the first place in the list."""
    best: tuple[Decimal, int, tuple[Decimal, ...]] | None = None
    taken: tuple[int, ...] = ()
    totals: list[tuple[tuple[int, ...], Decimal]] = []
    base = {work: (work.out, work.less) for work in works}
    line = Line(state, works)
    for combination in product(*(c.allowed for c in part)):
        for work, stood in base.items():
            work.out, work.less = stood
        for conflict, kind in zip(part, combination, strict=True):
            fix(conflict, kind)
        evaluate(state, line, state.books.trial())
        paid = tuple(work.amount for work in works)
        own = sum(not partly(c.rule, c.kinds[kind][0]) for c, kind in zip(part, combination, strict=True))
        found = sum(paid, ZERO), own, paid
        totals.append((combination, found[0]))
        if best is None or found > best:
            best, taken = found, combination
    assert best is not None
    state.tried.append((part, works, totals))
    for work, stood in base.items():
        work.out, work.less = stood
    for i, (conflict, kind) in enumerate(zip(part, taken, strict=True)):
        fix(conflict, kind)
        conflict.tied = any(total == best[0] and one[i] != kind for one, total in totals)


def _parts(state: State, works: list[Work], open_: list[Conflict]) -> list[tuple[list[Conflict], list[Work]]]:
    """Conflicts that share no claim and no limit are searched apart; each part with the claims that concern it."""
    root: dict[Hashable, Hashable] = {}

    def find(x: Hashable) -> Hashable:
        while root.setdefault(x, x) != x:
            x = root[x]
        return x

    def join(a: Hashable, b: Hashable) -> None:
        one, other = find(a), find(b)
        if one != other:
            root[other] = one

    for conflict in open_:
        for work in conflict.works:
            join(conflict, work)
    for work in works:
        for key in _links(state, work):
            join(work, key)
    parts: dict[Hashable, tuple[list[Conflict], list[Work]]] = {}
    for conflict in open_:
        parts.setdefault(find(conflict), ([], []))[0].append(conflict)
    for work in works:
        part = parts.get(find(work))
        if part is not None:
            part[1].append(work)
    return list(parts.values())


def _links(state: State, work: Work) -> Iterable[Hashable]:
    """What ties a claim to others of its enterprise: scopes of limits, sums, principal, ceilings, funds, uplift."""
    for _, _, key in work.held:
        yield key
    effects, found = work.effects, work.found
    if effects is None or found is None:
        return
    for rule in effects.principals:
        yield "rule", rule.id
    for rule in effects.topped:
        yield "choose", rule.id, choose_key(work, rule)
    if found.rule.once or found.rule.least or found.rule.quotas:
        yield "rule", found.document.key, found.rule.id
    for document, rule in state.law.funds:
        here = document is found.document and found.rule.id in rule.members
        if here and rule.scale and rule.scale.pool in state.facts.pools:
            yield "pool", rule.scale.pool
    for document, rule in state.law.barring:
        here = document is found.document and found.rule.id in rule.members
        if rule.bar and (here or rule.bar.claim.rpartition(":")[2] == found.rule.id):
            yield "bar", rule.id
    if found.rule.id in state.law.deducted:
        yield "deduct", work.enterprise
    if state.facts.uplift_budget is not None and work.enterprise in state.chain and effects.uplifts:
        yield ("uplift",)


def _meeting(state: State, of: dict[str, list[Work]], concerned: set[str]) -> set[str]:
    """Enterprises that share a scope with one that has to choose: what earlier ones of the list take there counts."""
    users: dict[Hashable, set[str]] = {}
    for enterprise, works in of.items():
        for work in works:
            for _, scoped, key in work.held:
                if not scoped.own:
                    users.setdefault(key, set()).add(enterprise)
    state.shared = {key for key, names in users.items() if len(names) > 1 and names & concerned}
    return {name for key in state.shared for name in users[key]}
