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
from xlpolicy.settle.limits import choose_key
from xlpolicy.settle.single import hold, supports, words
from xlpolicy.settle.state import Books, Pot, State, Work
from xlpolicy.settle.unnamed import FIELDS, ids

#: conflicts that were decided together, the claims that their totals are of, each combination with its total
Trial = tuple[list["Conflict"], list[Work], list[tuple[tuple[int, ...], Decimal]]]
#: more combinations than this are not all tried: the conflicts are decided one after the other
MOST = 4096


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
    #: the kinds that an election left out
    free: list[int] = field(default_factory=list)
    #: whether outside support was stated, even of nothing
    supported: bool = False

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
            free = _without_elections(state, works, mine)
            before = len(state.tried)
            _decide(state, works, mine)
            if free:
                state.tried[before:] = free
            void = [c for c in mine if c.elected is not None and _amount(state, works, c.elected) <= 0]
            if void:
                for conflict in void:
                    _void(conflict)
                for conflict in mine:
                    _reopen(conflict)
                del state.tried[before:]
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
            if not state.reaches(rule, work) or (rule.choose.part and work.less is not None):
                continue
            key = choose_key(work, rule)
            needed = next((name for name in rule.choose.per if name in FIELDS), "")
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
            text = f"{which}{FIELDS[needed]}，没有与申报 {ids(others)} 比较（{rule.text}），请核对"
            state.note(work.claim.id, "unnamed", text)


def _earlier(state: State, conflict: Conflict) -> None:
    """What payments made before do to a conflict: they have chosen, or they are taken off other kinds."""
    rule = conflict.rule
    assert rule.choose is not None
    if not rule.choose.earlier:
        return
    first = next(iter(conflict.works))
    chosen: dict[int, Payment] = {}
    net: dict[int, Decimal] = {}
    vague = ZERO
    for city, names in state.law.paid_kinds[rule.id].items():
        for paid in state.prior_of.get((city, conflict.enterprise), ()):
            kind = names.get(paid.rule)
            if kind is None:
                continue
            met = _met(paid, first, rule)
            if met:
                net[kind] = net.get(kind, ZERO) + state.part_paid(paid, rule.choose.part)
                chosen.setdefault(kind, paid)
            elif met is None:
                vague += paid.amount
    if vague > 0:
        for work in conflict.works:
            text = f"以前兑现的 {vague:,.2f}元 没有写明项目（贷款），没有与本笔比较（{rule.text}），请核对"
            state.note(work.claim.id, rule.id, text)
    chosen = {kind: paid for kind, paid in chosen.items() if net[kind] > 0}
    if rule.choose.earlier == "topped":
        key = rule.id, *conflict.key
        pot: list[Pot] = [(kind, net[kind], ("pot", *key, kind)) for kind in chosen]
        pot += _supported(state, conflict, first)
        if pot:
            state.pots[key] = pot
        return
    if not chosen:
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


def _supported(state: State, conflict: Conflict, work: Work) -> Iterable[Pot]:
    """Outside support on the conflict's project or loan, as another kind that was paid; without an amount it waits."""
    rule = conflict.rule
    assert rule.choose is not None
    if not rule.choose.support:
        return
    on = "project" if "project" in rule.choose.per else "loan"
    for position, item in supports(state, work, rule.choose.support, on):
        conflict.supported = True
        if item.amount:
            yield None, item.amount, ("support", rule.id, conflict.enterprise, position)
        elif item.amount is None:
            for one in conflict.works:
                _hold(state, conflict, one, "已获{}，没有写金额，补上后才能比较", words(state, item))


def _hold(state: State, conflict: Conflict, work: Work, why: str, *facts: object) -> None:
    """A claim that waits for the comparison; where only one payer's part is compared, that part waits."""
    rule = conflict.rule
    if work.waiting or not (work.alone > 0 or work.sums):
        return
    if not _partly(rule, work):
        hold(state, work, rule, why, *facts)
    elif work.less is None:
        assert rule.choose is not None
        work.less = rule, rule.choose.part, why, facts
        state.note(work.claim.id, "provisional", f"{rule.text}；{why.format(*facts)}")


def _partly(rule: CrossRule, work: Work) -> bool:
    """Whether a choice is about one payer's part of a claim that several bear."""
    return bool(rule.choose and rule.choose.part and work.effects and work.effects.share)


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
                    conflict.free, conflict.allowed = conflict.allowed, [kind]
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
            _hold(state, conflict, work, "申报 {} 还缺资料，补齐以后才能比较", first.claim.id)
        if kind in conflict.allowed and kind not in waiting:
            conflict.allowed.remove(kind)


def _without_elections(state: State, works: list[Work], mine: list[Conflict]) -> list[Trial]:
    """What would be compared if the enterprise had chosen nothing: told beside what it chose."""
    elected = [(c, c.elected, c.elected.turn, list(c.allowed)) for c in mine if c.elected is not None]
    if not elected:
        return []
    marks = len(state.tried), len(state.notes)
    for conflict, work, *_ in elected:
        work.turn, conflict.allowed = None, list(conflict.free)
        _reopen(conflict)
    _decide(state, works, mine)
    found = state.tried[marks[0] :]
    del state.tried[marks[0] :], state.notes[marks[1] :]
    for conflict, work, turn, allowed in elected:
        work.turn, conflict.allowed = turn, allowed
    for conflict in mine:
        _reopen(conflict)
    return found


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
        if work.less is not None and work.less[0] is conflict.rule and not work.less[2]:
            work.less = None


def _fix(conflict: Conflict, kind: int) -> None:
    """Only this kind stands."""
    conflict.chosen = kind
    rule = conflict.rule
    for other, works in conflict.kinds.items():
        for work in works:
            if _partly(rule, work):
                assert rule.choose is not None
                if other != kind:
                    work.less = work.less or (rule, rule.choose.part, "", ())
                elif work.less is not None and work.less[0] is rule and not work.less[2]:
                    work.less = None
            elif other != kind:
                work.out = work.out or rule
            elif work.out is rule:
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
            _fix(conflict, kind)
        evaluate(state, works, Books(state.books))
        paid = tuple(work.amount for work in works)
        own = sum(not _partly(c.rule, c.kinds[kind][0]) for c, kind in zip(part, combination, strict=True))
        found = sum(paid, ZERO), own, paid
        totals.append((combination, found[0]))
        if best is None or found > best:
            best, taken = found, combination
    assert best is not None
    state.tried.append((part, works, totals))
    for work, stood in base.items():
        work.out, work.less = stood
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
                why, facts = _because(conflict, kept)
                if _partly(conflict.rule, work):
                    work.cuts[:] = [
                        x._replace(why=why, facts=facts) if x.rule == conflict.rule.id and not x.why else x
                        for x in work.cuts
                    ]
                elif kind != conflict.chosen and work.out is conflict.rule and work.alone > 0:
                    work.begin()
                    work.take(conflict.rule, work.amount, why, *facts)
    _note_unsupported(state)


def _because(conflict: Conflict, kept: list[Work]) -> tuple[str, tuple[object, ...]]:
    """Why a kind was not chosen, true at the end."""
    if not kept:
        return "各种选法都没有可付金额", ()
    assert conflict.rule.choose is not None
    total = sum((w.borne(conflict.rule.choose.part) for w in kept), ZERO)
    tied = "合计相同，取本级的" if conflict.rule.choose.part else "合计相同，取先申报的"
    why = "企业选择" if conflict.elected else tied if conflict.tied else "合计最高"
    return "保留申报 {}（{:,.2f}元，{}）", (ids(kept), total, why)


def _note_unsupported(state: State) -> None:
    """A choice that reaches outside support of which nothing was said."""
    for conflict in state.conflicts:
        assert conflict.rule.choose is not None
        if conflict.rule.choose.support and not conflict.supported:
            names = "、".join(state.law.supports.get(kind, kind) for kind in conflict.rule.choose.support)
            for work in conflict.works:
                if work.amount > 0:
                    text = (
                        f"没有写明同一范围有没有{names}（没有的写 0），没有与本笔比较（{conflict.rule.text}），请核对"
                    )
                    state.note(work.claim.id, "unstated_support", text)
