"""One of several kinds over a scope: per enterprise, of all combinations the one that pays most in the end.

A combination gives each conflict one kind; a claim stands where its kind is the chosen one in every conflict that it
is in. All claims of a chosen kind stand. What a combination pays is what `evaluate` pays it: limits, earlier payments,
uplift, ceilings and payers counted in, pools as if the enterprise were alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from math import prod

from xlpolicy.law.effects import CrossRule
from xlpolicy.money import ZERO
from xlpolicy.settle.evaluate import evaluate
from xlpolicy.settle.facts import Payment, same
from xlpolicy.settle.limits import choose_key, ids
from xlpolicy.settle.single import hold
from xlpolicy.settle.state import Books, State, Work

#: more combinations than this are not all tried: the conflicts are decided one after the other
MOST = 4096
_FIELDS = {"project": "项目", "loan": "贷款"}


@dataclass(slots=True, eq=False)
class Conflict:
    """The claims of one enterprise that one choice is made between, by kind."""

    rule: CrossRule
    enterprise: str
    key: tuple[Hashable, ...]
    kinds: dict[int, list[Work]] = field(default_factory=dict)
    allowed: list[int] = field(default_factory=list)
    chosen: int | None = None
    elected: Work | None = None
    tied: bool = False

    @property
    def works(self) -> Iterable[Work]:
        return (work for kind in self.kinds.values() for work in kind)


def choose(state: State) -> None:
    """Decide every conflict: `Work.out` names the rule under which a claim does not stand."""
    conflicts = _conflicts(state)
    for conflict in conflicts:
        _earlier(state, conflict)
    _elections(state, conflicts)
    for conflict in conflicts:
        _wait(state, conflict)
    state.conflicts = conflicts
    open_ = [c for c in conflicts if len(c.allowed) > 1]
    for conflict in conflicts:
        if len(conflict.allowed) == 1:
            _fix(conflict, conflict.allowed[0])
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
            _decide(state, works, mine)
            void = [c for c in mine if c.elected is not None and _amount(state, works, c.elected) <= 0]
            if void:
                for conflict in void:
                    _void(conflict)
                for conflict in mine:
                    _reopen(conflict)
                _decide(state, works, mine)
        if enterprise in meeting:
            trial = Books(state.books)
            evaluate(state, works, trial)
            state.books.room.update({k: v for k, v in trial.room.items() if k in state.shared})
    state.books.clear()


def _conflicts(state: State) -> list[Conflict]:
    """Claims that a choice is made between, in the order in which they first appear."""
    found: dict[Hashable, Conflict] = {}
    silent: dict[Hashable, tuple[CrossRule, str, list[Work], list[Work]]] = {}
    rules = [(document, rule) for document, rule in state.rules if rule.choose]
    members: dict[tuple[str, str], list[CrossRule]] = {}
    for _, rule in rules:
        for member in state.law.kinds[rule.id]:
            members.setdefault(member, []).append(rule)
    if not members:
        return []
    for work in state.works:
        if (work.decision is None and not work.waiting) or work.found is None:
            continue
        for rule in members.get((work.found.document.key, work.found.rule.id), ()):
            assert rule.choose is not None
            if not (work.alone > 0 or work.sums or work.waiting):
                continue
            key = choose_key(work, rule)
            needed = next((name for name in rule.choose.per if name in _FIELDS), "")
            named = silent.setdefault(
                (rule.id, work.enterprise, work.year if "year" in rule.choose.per else None), (rule, needed, [], [])
            )
            named[2].append(work)
            if None in key:
                named[3].append(work)
                continue
            conflict = found.setdefault((rule.id, key), Conflict(rule, work.enterprise, key))
            kind = state.kind_of(rule, work)
            assert kind is not None
            conflict.kinds.setdefault(kind, []).append(work)
    for rule, needed, group, without in silent.values():
        kinds = {state.kind_of(rule, work) for work in group}
        if without and needed and len(kinds) > 1:
            _note_unnamed(state, rule, needed, group, without)
    for conflict in found.values():
        conflict.allowed = list(conflict.kinds)
    return list(found.values())


def _note_unnamed(state: State, rule: CrossRule, needed: str, group: list[Work], without: list[Work]) -> None:
    """A claim that does not say which project or loan it is for, beside others of another kind."""
    for work in group:
        others = [w for w in group if w is not work and (w in without or work in without)]
        others = [w for w in others if state.kind_of(rule, w) != state.kind_of(rule, work)]
        if others:
            which = "未写" if work in without else "对方未写"
            text = f"{which}{_FIELDS[needed]}，没有与申报 {ids(others)} 比较（{rule.text}），请核对"
            state.note(work.claim.id, "unnamed", text)


def _earlier(state: State, conflict: Conflict) -> None:
    """What payments made before do to a conflict: they have chosen, or they are taken off other kinds."""
    rule = conflict.rule
    assert rule.choose is not None
    if not rule.choose.earlier:
        return
    first = next(iter(conflict.works))
    assert first.found is not None
    kinds = state.law.kinds[rule.id]
    by_name = {name: kind for (_, name), kind in kinds.items()}
    chosen: dict[int, Payment] = {}
    net: dict[int, Decimal] = {}
    vague = ZERO
    for paid in state.prior_of.get((first.found.document.city, conflict.enterprise), ()):
        kind = by_name.get(paid.rule)
        if kind is None:
            continue
        met = _met(paid, first, rule)
        if met:
            net[kind] = net.get(kind, ZERO) + paid.amount
            chosen.setdefault(kind, paid)
        elif met is None:
            vague += paid.amount
    if vague > 0:
        for work in conflict.works:
            text = f"以前兑现的 {vague:,.2f}元 没有写明项目（贷款），没有与本笔比较（{rule.text}），请核对"
            state.note(work.claim.id, rule.id, text)
    chosen = {kind: paid for kind, paid in chosen.items() if net[kind] > 0}
    if not chosen:
        return
    if rule.choose.earlier == "topped":
        state.pots[rule.id, *conflict.key] = [(kind, net[kind]) for kind in chosen]
        return
    for kind, works in conflict.kinds.items():
        others = [paid for k, paid in chosen.items() if k != kind]
        barred = not rule.choose.barred or all(
            w.found is not None and w.found.rule.id in rule.choose.barred for w in works
        )
        if others and barred and (kind not in chosen or rule.choose.barred):
            for work in works:
                if work.alone > 0:
                    work.begin()
                    why = "{} 年已兑付另一项 {:,.2f}元，同一范围不再享受"
                    work.take(rule, work.amount, why, others[0].year, others[0].amount)
                    work.settle_base()
                work.sums = False
            conflict.allowed.remove(kind)


def _met(paid: Payment, work: Work, rule: CrossRule) -> bool | None:
    """Whether a payment falls into a choice's scope; None where it does not say."""
    assert rule.choose is not None
    for name in rule.choose.per:
        if name == "year" and paid.year != work.year:
            return False
    for name, said, own in (("project", paid.project, work.project), ("loan", paid.loan, work.loan)):
        if name in rule.choose.per:
            if not said:
                return None
            if same(said) != own:
                return False
    return True


def _elections(state: State, conflicts: list[Conflict]) -> None:
    """The enterprise's own choice of a project fixes the kind, unless an earlier payment has."""
    if not state.choices:
        return
    for conflict in conflicts:
        rule = conflict.rule
        assert rule.choose is not None
        if not rule.choose.elective:
            continue
        for kind, works in conflict.kinds.items():
            for work in works:
                if work.project and state.choices.get(work.project) == work.claim.id and kind in conflict.allowed:
                    conflict.elected = work
                    conflict.allowed = [kind]
                    if len(works) > 1:
                        work.turn = (min(w.position for w in works), -1)
                        state.turns = True


def _wait(state: State, conflict: Conflict) -> None:
    """A waiting claim of one kind holds the other kinds, unless the enterprise has chosen."""
    if not state.waits or conflict.elected is not None:
        return
    waiting = {kind: w for kind, works in conflict.kinds.items() for w in works if w.waiting and w.decision is None}
    for kind, works in conflict.kinds.items():
        first = next((w for k, w in waiting.items() if k != kind), None)
        if first is None:
            continue
        for work in works:
            if not work.waiting and (work.alone > 0 or work.sums):
                hold(state, work, conflict.rule, "申报 {} 还缺资料，补齐以后才能比较", first.claim.id)
        if kind in conflict.allowed and kind not in waiting:
            conflict.allowed.remove(kind)


def _void(conflict: Conflict) -> None:
    assert conflict.elected is not None
    conflict.elected.turn = None
    conflict.elected = None
    conflict.allowed = [k for k, works in conflict.kinds.items() if any(w.alone > 0 or w.sums for w in works)]


def _reopen(conflict: Conflict) -> None:
    conflict.chosen = None
    for work in conflict.works:
        if work.out is conflict.rule:
            work.out = None


def _fix(conflict: Conflict, kind: int) -> None:
    """Only this kind stands."""
    conflict.chosen = kind
    for other, works in conflict.kinds.items():
        for work in works:
            if other != kind:
                work.out = work.out or conflict.rule
            elif work.out is conflict.rule:
                work.out = None


def _amount(state: State, works: list[Work], work: Work) -> Decimal:
    evaluate(state, works, Books(state.books))
    return work.amount


def _decide(state: State, works: list[Work], mine: list[Conflict]) -> None:
    """The best combination for the conflicts of one enterprise, each independent part by itself."""
    for conflict in mine:
        if len(conflict.allowed) == 1:
            _fix(conflict, conflict.allowed[0])
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
    """Try all combinations of a part; of equal totals the one that is larger at the first place in the list."""
    best: tuple[Decimal, tuple[Decimal, ...]] | None = None
    taken: tuple[int, ...] = ()
    totals: list[tuple[tuple[int, ...], Decimal]] = []
    base = {work: work.out for work in works}
    for combination in product(*(c.allowed for c in part)):
        for work, out in base.items():
            work.out = out
        for conflict, kind in zip(part, combination, strict=True):
            _fix(conflict, kind)
        evaluate(state, works, Books(state.books))
        paid = tuple(work.amount for work in works)
        found = sum(paid, ZERO), paid
        totals.append((combination, found[0]))
        if best is None or found > best:
            best, taken = found, combination
    assert best is not None
    for work, out in base.items():
        work.out = out
    for i, (conflict, kind) in enumerate(zip(part, taken, strict=True)):
        _fix(conflict, kind)
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
    for rule in (*effects.principals, *effects.ceilings):
        yield "rule", rule.id
    for rule in effects.topped:
        yield "choose", rule.id, choose_key(work, rule)
    if found.rule.once or found.rule.least or found.rule.quotas:
        yield "rule", found.document.key, found.rule.id
    for document, rule in state.rules:
        here = document is found.document and found.rule.id in rule.members
        if rule.pool and rule.pool.name in state.facts.pools and here:
            yield "pool", rule.pool.name
        if rule.bar_by_claim and (here or rule.bar_by_claim.rule == found.rule.id):
            yield "bar", rule.id
        if rule.partner and work.project:
            yield "project", work.project
    if state.facts.uplift_budget is not None and work.enterprise in state.chain and effects.uplifts:
        yield ("uplift",)


def _meeting(state: State, of: dict[str, list[Work]], concerned: set[str]) -> set[str]:
    """Enterprises that share a scope with one that has to choose: what earlier ones of the list take there counts."""
    users: dict[Hashable, set[str]] = {}
    for enterprise, works in of.items():
        for work in works:
            for _, scoped, key in work.held:
                if scoped.everybody or scoped.named in ("object", "session"):
                    users.setdefault(key, set()).add(enterprise)
    state.shared = {key for key, names in users.items() if len(names) > 1 and names & concerned}
    return {name for key in state.shared for name in users[key]}


def explain(state: State) -> None:
    """The cuts of the claims that do not stand, with a reason that is true at the end; elections that came to nothing."""
    for work in state.works if state.choices else ():
        chosen = work.project and state.choices.get(work.project) == work.claim.id
        if chosen and work.amount <= 0 and not work.waiting:
            text = f"企业选的申报 {work.claim.id} 没有可付金额，选择不起作用，按合计最高的处理"
            state.note(work.claim.id, "void_choice", text)
    for conflict in state.conflicts:
        if conflict.chosen is None:
            continue
        kept = [work for work in conflict.kinds[conflict.chosen] if work.amount > 0]
        for kind, works in conflict.kinds.items():
            for work in works:
                if kind == conflict.chosen or work.out is not conflict.rule or work.alone <= 0:
                    continue
                work.begin()
                if not kept:
                    work.take(conflict.rule, work.amount, "各种选法都没有可付金额")
                    continue
                total = sum((w.amount for w in kept), ZERO)
                why = "企业选择" if conflict.elected else "合计相同，取先申报的" if conflict.tied else "合计最高"
                work.take(conflict.rule, work.amount, "保留申报 {}（{:,.2f}元，{}）", ids(kept), total, why)
