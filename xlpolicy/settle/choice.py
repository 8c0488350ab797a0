"""One of several kinds over a scope: per enterprise, of all combinations the one that pays most in the end.

A combination gives each conflict one kind; a claim stands where its kind is the chosen one in every conflict that it
is in. All claims of a chosen kind stand. What a combination pays is what `evaluate` pays it: limits, earlier payments,
uplift, ceilings and payers counted in, pools as if the enterprise were alone.
"""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal
from itertools import product
from math import prod

from xlpolicy.law.effects import CrossRule
from xlpolicy.money import ZERO
from xlpolicy.settle.conflicts import Conflict, earlier, elections, fix, gather, partly, reopen, void, wait
from xlpolicy.settle.evaluate import evaluate
from xlpolicy.settle.line import Line
from xlpolicy.settle.state import State
from xlpolicy.settle.ties import Groups, apart, ties
from xlpolicy.settle.work import Work

#: conflicts that were decided together, the claims that their totals are of, each combination with its total
Tried = tuple[list[Conflict], list[Work], list[tuple[tuple[int, ...], Decimal]]]
#: more combinations than this are not all tried: the conflicts are decided one after the other
MOST = 4096
#: why a claim does not count while its conflict is undecided
_UNDECIDED = CrossRule("undecided", "", "exclusive", (), "")


def choose(state: State) -> None:
    """Decide every conflict: `Work.out` names the rule under which a claim does not stand."""
    conflicts = gather(state)
    for conflict in conflicts:
        earlier(state, conflict)
    elections(state, conflicts)
    wait(state, conflicts)
    state.conflicts = conflicts
    open_ = [c for c in conflicts if len(c.allowed) > 1]
    for conflict in conflicts:
        if len(conflict.allowed) == 1:
            fix(conflict, conflict.allowed[0])
    elected = {c.enterprise for c in conflicts if c.elected is not None}
    concerned = {c.enterprise for c in open_} | elected
    if not concerned:
        return
    meeting = _meeting(state, concerned)
    of: dict[str, list[Work]] = {}
    for firm in state.enterprises.values():
        if firm[0].enterprise in concerned or firm[0].enterprise in meeting:  # what waits keeps its place
            of[firm[0].enterprise] = [work for work in firm if work.outcome is not None or work.waiting]
    of_enterprise: dict[str, list[Conflict]] = {}
    for conflict in conflicts:
        of_enterprise.setdefault(conflict.enterprise, []).append(conflict)
    for enterprise, works in of.items():
        if enterprise in concerned:
            _as_elected(state, works, of_enterprise[enterprise])
            _note_waiting(state, of_enterprise[enterprise])
        if enterprise in meeting:
            trial = state.books.trial()
            evaluate(state, Line(state, works), trial)
            state.books.room.update({k: v for k, v in trial.room.items() if k in state.shared})
    state.books.clear()


def _as_elected(state: State, works: list[Work], mine: list[Conflict]) -> None:
    """Decide the conflicts of one enterprise as it chose; once more without the elections that come to nothing."""
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


def _note_waiting(state: State, mine: list[Conflict]) -> None:
    """A kind that was not taken may have lost to the room kept for a claim that waits: the choice is provisional."""
    for conflict in mine if state.waits else ():
        if conflict.chosen is None:
            continue
        for kind, works in conflict.kinds.items():
            keeping = {state.kept[key] for work in works for _, _, key in work.held if key in state.kept}
            if keeping and kind != conflict.chosen:
                text = f"比较时为待补资料的申报 {'、'.join(sorted(keeping))} 留出了额度，选择是暂定的"
                for work in (*works, *conflict.kinds.get(conflict.chosen, ())):
                    state.note(work.claim.id, "provisional", text)


def _without_elections(state: State, works: list[Work], mine: list[Conflict]) -> list[Tried]:
    """What would be compared if the enterprise had chosen nothing: told beside what it chose."""
    elected = [(c, c.elected, c.elected.turn, list(c.allowed)) for c in mine if c.elected is not None]
    if not elected:
        return []
    tried, notes = len(state.tried), len(state.notes)
    for conflict, work, *_ in elected:
        work.turn, conflict.allowed = None, list(conflict.free)
        reopen(conflict)
    _decide(state, works, mine)
    found = state.tried[tried:]
    del state.tried[tried:], state.notes[notes:]
    for conflict, work, turn, allowed in elected:
        work.turn, conflict.allowed = turn, allowed
    for conflict in mine:
        reopen(conflict)
    return found


def _amount(state: State, works: list[Work], work: Work) -> Decimal:
    evaluate(state, Line(state, works), state.books.trial())
    return work.amount


class Trial:
    """What combinations pay: claims that no tie connects are gone through apart, and each way they stand but once."""

    __slots__ = ("cells", "free", "state")

    def __init__(self, state: State, works: list[Work]) -> None:
        self.state = state
        self.free = [work for work in works if not work.touched]
        touched = [work for work in works if work.touched]
        self.cells = [(Line(state, some), dict[Hashable, list[Decimal]]()) for some in apart(state, touched)]

    def run(self) -> None:
        """Give every claim the amount that it is paid as the conflicts now stand."""
        state = self.state
        for work in self.free:
            work.amount = work.alone if work.out is None else ZERO
        for line, known in self.cells:
            stands = tuple([None if w.out else w.less[1] if w.less else "" for w in line.works])
            paid = known.get(stands)
            if paid is None:
                evaluate(state, line, state.books.trial())
                known[stands] = [work.amount for work in line.works]
            else:
                for work, amount in zip(line.works, paid, strict=True):
                    work.amount = amount


def _decide(state: State, works: list[Work], mine: list[Conflict]) -> None:
    """The best combination for the conflicts of one enterprise, each independent part by itself."""
    for conflict in mine:
        if len(conflict.allowed) == 1:
            fix(conflict, conflict.allowed[0])
    open_ = [c for c in mine if len(c.allowed) > 1]
    for part, concerned in _parts(state, works, open_):
        if prod(len(c.allowed) for c in part) <= MOST:
            _best(state, part, concerned, Trial(state, concerned))
            continue
        _one_after_another(state, part, concerned)


def _one_after_another(state: State, part: list[Conflict], concerned: list[Work]) -> None:
    """Decide conflicts in the order in which they appear; claims of those still undecided do not count yet."""
    text = "可比较的组合太多，按申报先后逐个项目（贷款）选定，请核对"
    of: dict[Work, list[Conflict]] = {}
    for conflict in part:
        for work in conflict.works:
            of.setdefault(work, []).append(conflict)
    hidden = {work for work in of if work.out is None}
    for work in hidden:
        work.out = _UNDECIDED
    trial = Trial(state, concerned)
    undecided = set(part)
    for conflict in part:
        undecided.discard(conflict)
        for work in conflict.works:
            if work in hidden and undecided.isdisjoint(of[work]):
                hidden.discard(work)
                work.out = None
                for decided in of[work]:
                    if decided.chosen is not None:  # all of them but this one
                        fix(decided, decided.chosen)
        _best(state, [conflict], [w for w in concerned if w not in hidden], trial)
    for work in of:
        state.note(work.claim.id, "combinations", text)


def _best(state: State, part: list[Conflict], works: list[Work], trial: Trial) -> None:
    """Try all combinations of a part; of equal totals the one that keeps the document's own claims before a part of
    another's, then the one that is larger at the first place in the list."""
    best: tuple[Decimal, int, tuple[Decimal, ...]] | None = None
    taken: tuple[int, ...] = ()
    totals: list[tuple[tuple[int, ...], Decimal]] = []
    base = {work: (work.out, work.less) for work in works}
    for combination in product(*(c.allowed for c in part)):
        for work, stood in base.items():
            work.out, work.less = stood
        for conflict, kind in zip(part, combination, strict=True):
            fix(conflict, kind)
        trial.run()
        paid = tuple([work.amount for work in works])
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
    groups = Groups()
    for conflict in open_:
        groups.join(conflict, conflict.works)
    if open_:
        for work in works:
            groups.join(work, ties(state, work))
    parts: dict[Hashable, tuple[list[Conflict], list[Work]]] = {}
    for conflict in open_:
        parts.setdefault(groups.of(conflict), ([], []))[0].append(conflict)
    for work in works:
        part = parts.get(groups.of(work))
        if part is not None:
            part[1].append(work)
    return list(parts.values())


def _meeting(state: State, concerned: set[str]) -> set[str]:
    """Enterprises that share a scope with one that has to choose, directly or through others: what earlier ones of the
    list take there counts, and what they take hangs on what those before them took elsewhere."""
    users: dict[Hashable, set[str]] = {}
    for work in {work.position: work for work, _, _ in state.wide}.values():
        for _, scoped, key in work.held if work.outcome is not None else ():
            if not scoped.own:
                users.setdefault(key, set()).add(work.enterprise)
    groups = Groups()
    several = {key: names for key, names in users.items() if len(names) > 1}
    for key, names in several.items():
        groups.join(("scope", key), names)
    near = {groups.of(name) for name in concerned}
    state.shared = {key for key in several if groups.of(("scope", key)) in near}
    return {name for key in state.shared for name in several[key]}
