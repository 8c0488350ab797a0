"""What a choice is made between: the claims of one enterprise that exclude one another, by kind, and what has already
chosen (earlier payments, the enterprise's own election, a claim that waits).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from xlpolicy.law.effects import Bar, CrossRule
from xlpolicy.money import ZERO
from xlpolicy.settle.facts import Payment
from xlpolicy.settle.outside import note_nameless, supports, words
from xlpolicy.settle.scopes import choose_key
from xlpolicy.settle.single import hold
from xlpolicy.settle.state import State
from xlpolicy.settle.unnamed import FIELDS, ids
from xlpolicy.settle.work import Pot, Work
from xlpolicy.words.names import same

#: in the place of the only kind that an enterprise claims
_SEVERAL = -1
#: a claim, a choice that it is in, its kind there
_Entry = tuple[Work, CrossRule, int]


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
    free: Sequence[int] = ()
    #: whether outside support was stated, even of nothing
    supported: bool = False
    #: claims that wait for this comparison
    held: tuple[Work, ...] = ()

    @property
    def works(self) -> Iterable[Work]:
        """Every claim of the comparison."""
        return (work for kind in self.kinds.values() for work in kind)


def gather(state: State) -> list[Conflict]:
    """Claims that a choice is made between, of one enterprise after the other, in the order in which they first appear."""
    found: list[Conflict] = []
    older = _older(state)
    for works in state.enterprises.values():
        entries = [
            (work, rule, kind)
            for work in works
            if work.effects is not None and (work.alone > 0 or work.sums or work.waiting)
            for rule, kind in work.effects.choosing
            if state.reaches(rule, work) and not (work.less is not None and rule.choose and rule.choose.part)
        ]
        if entries:
            found += _of_one(state, entries)
        for work, rule, kind in entries if older else ():
            _note_before(state, work, rule, kind, older)
    return found


def _of_one(state: State, entries: Sequence[_Entry]) -> Iterable[Conflict]:
    """The conflicts of one enterprise."""
    only: dict[str, int] = {}
    for _, rule, kind in entries:
        if only.setdefault(rule.id, kind) != kind:
            only[rule.id] = _SEVERAL
    found: dict[Hashable, Conflict] = {}
    silent: dict[Hashable, tuple[CrossRule, str, list[Work], list[Work]]] = {}
    for work, rule, kind in entries:
        assert rule.choose is not None
        if only[rule.id] != _SEVERAL and not _met_otherwise(state, rule, work):
            continue
        key = choose_key(work, rule)
        needed = next((name for name in rule.choose.per if name in FIELDS), "")
        if needed:
            named = silent.setdefault(
                (rule.id, work.year if "year" in rule.choose.per else None), (rule, needed, [], [])
            )
            named[2].append(work)
            if None in key:
                named[3].append(work)
        if None in key:
            _note_paid(state, rule, work, needed)
            if rule.choose.support and state.support.items and work.alone > 0 and needed in ("project", "loan"):
                note_nameless(state, work, rule, Bar(rule.choose.support, "loan" if needed == "loan" else "project"))
            continue
        conflict = found.get((rule.id, key))
        if conflict is None:
            conflict = found[rule.id, key] = Conflict(rule, work.enterprise, key)
        conflict.kinds.setdefault(kind, []).append(work)
        if partly(rule, work):
            work.touched = work.counted = True
    for rule, needed, group, without in silent.values():
        if without and len({state.kind_of(rule, work) for work in group}) > 1:
            _note_unnamed(state, rule, needed, group, without)
    for conflict in found.values():
        conflict.allowed = list(conflict.kinds)
    return found.values()


def _older(state: State) -> dict[tuple[str, tuple[Hashable, ...]], list[tuple[Work, int]]]:
    """By scope, claims whose payment decides a choice of another document."""
    older: dict[tuple[str, tuple[Hashable, ...]], list[tuple[Work, int]]] = {}
    for provision, before in state.law.chosen_before.items():
        for work in state.of_rule.get(provision, ()):
            for rule, kind in before if work.alone or work.sums else ():
                older.setdefault((rule.id, choose_key(work, rule)), []).append((work, kind))
    return older


def _note_before(
    state: State, work: Work, rule: CrossRule, kind: int,
    older: Mapping[tuple[str, tuple[Hashable, ...]], list[tuple[Work, int]]],
) -> None:  # fmt: skip
    """Beside a claim stands one of another document that, once it is paid, has chosen: a note which to settle first."""
    assert rule.choose is not None and work.found is not None
    for other, another in sorted(older.get((rule.id, choose_key(work, rule)), ()), key=_position):
        if another != kind and (not rule.choose.barred or work.found.rule.id in rule.choose.barred):
            assert other.found is not None
            text = (
                f"同一范围还有按{other.found.document.name}申报的 {other.claim.id}，兑付以后本笔不再享受"
                f"（{rule.text}），请先核定那一笔"
            )
            state.note(work.claim.id, "repeated", text)


def _position(of_kind: tuple[Work, int]) -> int:
    return of_kind[0].position


def _met_otherwise(state: State, rule: CrossRule, work: Work) -> bool:
    """Whether a claim of the enterprise's only kind may meet earlier payments, outside support or an election."""
    assert rule.choose is not None
    return bool(
        rule.choose.support
        or (
            rule.choose.earlier
            and work.enterprise in state.before.to
            and any((city, work.enterprise) in state.before.of for city in state.law.paid_kinds[id(rule)])
        )
        or (rule.choose.elective and work.project in state.choices)
    )


def _note_paid(state: State, rule: CrossRule, work: Work, needed: str) -> None:
    """A claim that does not say which project or loan it is for, beside earlier payments of another kind."""
    assert rule.choose is not None and work.found is not None
    if not rule.choose.earlier or (rule.choose.barred and work.found.rule.id not in rule.choose.barred):
        return
    kind, paid = state.kind_of(rule, work), ZERO
    for city, names in state.law.paid_kinds[id(rule)].items():
        for one in state.before.of.get((city, work.enterprise), ()):
            if names.get(one.rule, kind) != kind and ("year" not in rule.choose.per or one.year == work.year):
                paid += one.amount
    if paid > 0:
        text = f"未写{FIELDS.get(needed, '项目')}，没有与以前兑现的另一项 {paid:,.2f}元 比较（{rule.text}），请核对"
        state.note(work.claim.id, "unnamed", text)


def _note_unnamed(state: State, rule: CrossRule, needed: str, group: list[Work], without: list[Work]) -> None:
    """A claim that does not say which project or loan it is for, beside others of another kind."""
    for work in group:
        others = [w for w in group if w is not work and (w in without or work in without)]
        others = [w for w in others if state.kind_of(rule, w) != state.kind_of(rule, work)]
        if others:
            which = "未写" if work in without else "对方未写"
            text = f"{which}{FIELDS[needed]}，没有与申报 {ids(others)} 比较（{rule.text}），请核对"
            state.note(work.claim.id, "unnamed", text)


def earlier(state: State, conflict: Conflict) -> None:
    """What payments made before do to a conflict: they have chosen, or they are taken off other kinds."""
    rule = conflict.rule
    assert rule.choose is not None
    if not rule.choose.earlier:
        return
    before = _paid_before(state, conflict)
    if rule.choose.earlier == "chosen":
        _chosen_before(conflict, {kind: paid for kind, (paid, _) in before.items()})
        if rule.choose.barred:
            _note_both(state, conflict, before)
        return
    key = rule.id, *conflict.key
    pot: list[Pot] = [(kind, net, ("pot", *key, kind)) for kind, (_, net) in before.items()]
    pot += _supported(state, conflict, next(iter(conflict.works)))
    if pot:
        state.pots[key] = pot
        for work in conflict.works:
            work.touched = work.counted = True


def _paid_before(state: State, conflict: Conflict) -> dict[int, tuple[Payment, Decimal]]:
    """By kind the first payment of the scope, and what was paid in all less what was taken back; with a note on the
    claims where a payment does not say for which project or loan it was."""
    rule, first = conflict.rule, next(iter(conflict.works))
    assert rule.choose is not None
    began = state.law.document_of[id(rule)].valid_from if rule.choose.within else None
    found: dict[int, tuple[Payment, Decimal]] = {}
    vague: dict[int, Decimal] = {}
    cities = state.law.paid_kinds[id(rule)] if conflict.enterprise in state.before.to else {}
    for city, names in cities.items():
        for paid in state.before.of.get((city, conflict.enterprise), ()):
            kind = names.get(paid.rule)
            if kind is None or (began is not None and paid.year < began.year):
                continue
            met = _met(paid, first, rule)
            if met:
                earliest, net = found.get(kind, (paid, ZERO))
                found[kind] = earliest, net + state.before.part(paid, rule.choose.part)
            elif met is None:
                vague[kind] = vague.get(kind, ZERO) + paid.amount
    for kind, works in conflict.kinds.items() if vague else ():
        # what was paid for its own kind does nothing to a claim that stands beside no other
        amount = sum((paid for k, paid in vague.items() if k != kind or len(conflict.kinds) > 1), ZERO)
        back = "收回" if amount < 0 else "兑现"
        for work in works if amount else ():
            text = f"以前{back}的 {abs(amount):,.2f}元 没有写明项目（贷款），没有与本笔比较（{rule.text}），请核对"
            state.note(work.claim.id, rule.id, text, "state")
    return {kind: (paid, net) for kind, (paid, net) in found.items() if net > 0}


def _chosen_before(conflict: Conflict, chosen: dict[int, Payment]) -> None:
    """A kind that was paid before excludes the others (those that `barred` names, where it names some)."""
    rule = conflict.rule
    assert rule.choose is not None
    barred = rule.choose.barred
    for kind, works in conflict.kinds.items():
        others = [paid for k, paid in chosen.items() if k != kind]
        named = all(w.found is not None and w.found.rule.id in barred for w in works) if barred else kind not in chosen
        if not (others and named):
            continue
        for work in works:
            if work.alone > 0:
                work.begin()
                why = "{} 年已兑付另一项 {:,.2f}元，同一范围不再享受"
                work.take(rule, work.amount, why, others[0].year, others[0].amount)
                work.settle_base()
            work.sums = False
        conflict.allowed.remove(kind)


def _note_both(state: State, conflict: Conflict, before: dict[int, tuple[Payment, Decimal]]) -> None:
    """A kind that would have been left out for one that was paid before, and that this payment does not bar."""
    for kind in conflict.allowed:
        net = sum((paid for k, (_, paid) in before.items() if k != kind), ZERO)
        text = f"同一范围已兑付 {net:,.2f}元，与本笔不能同享（{conflict.rule.text}），本笔没有扣减，请核对"
        for work in conflict.kinds[kind] if net > 0 else ():
            state.note(work.claim.id, "repeated", text)


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


def _hold(state: State, conflict: Conflict, work: Work, why: str, *facts: object) -> bool:
    """A claim that waits for the comparison (whether it does since); where only one payer's part is compared, that part."""
    rule = conflict.rule
    if work.waiting or not (work.alone > 0 or work.sums):
        return False
    if not partly(rule, work):
        hold(state, work, rule, why, *facts)
        return True
    if work.less is None:
        assert rule.choose is not None
        work.less = rule, rule.choose.part, why, facts
        state.note(work.claim.id, "provisional", f"{rule.text}；{why.format(*facts)}")
    return False


def partly(rule: CrossRule, work: Work) -> bool:
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


def elections(state: State, conflicts: list[Conflict]) -> None:
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
                    if len(works) > 1 and work.alone > 0:  # what is due with the ones before alone stays behind them
                        turn = (min(w.position for w in works), -1)
                        work.turn = min(work.turn or turn, turn)
                        state.turns = True


def wait(state: State, conflicts: Iterable[Conflict]) -> None:
    """A waiting claim of one kind holds the other kinds, unless the enterprise has chosen or an earlier payment bars it.

    What is held waits, and holds other kinds where it is in another choice.
    """
    undecided = [conflict for conflict in conflicts if conflict.elected is None] if state.waits else []
    several = [conflict for conflict in undecided if len(conflict.kinds) > 1]
    more = bool(several)
    while more:
        more = False
        for conflict in several:
            more |= _hold_others(state, conflict)
    for conflict in undecided:  # nothing is chosen while one waits: each of them keeps its place
        if any(work.waiting for kind in conflict.allowed for work in conflict.kinds[kind]):
            conflict.allowed = []


def _hold_others(state: State, conflict: Conflict) -> bool:
    """Hold the kinds beside one that waits; whether any claim waits since."""
    waiting = {
        kind: w
        for kind, works in conflict.kinds.items()
        if kind in conflict.allowed
        for w in works
        if w.waiting and w not in conflict.held
    }
    held = len(conflict.held)
    for kind, works in conflict.kinds.items():
        first = next((w for k, w in waiting.items() if k != kind), None)
        if first is None:
            continue
        why = "申报 {} 还缺资料，补齐以后才能比较" if first.outcome is None else "申报 {} 暂缓兑付，核定以后才能比较"
        for work in works:
            if _hold(state, conflict, work, why, first.claim.id):
                conflict.held += (work,)
    return len(conflict.held) > held


def void(conflict: Conflict) -> None:
    """An election that comes to nothing is none: all kinds are open again that it left out."""
    assert conflict.elected is not None
    conflict.elected.turn = None
    conflict.elected, conflict.allowed = None, list(conflict.free)


def reopen(conflict: Conflict) -> None:
    """Undo the choice: no claim is out because of this rule."""
    conflict.chosen = None
    for work in conflict.works:
        if work.out is conflict.rule:
            work.out = None
        if work.less is not None and work.less[0] is conflict.rule and not work.less[2]:
            work.less = None


def fix(conflict: Conflict, kind: int) -> None:
    """Only this kind stands."""
    conflict.chosen = kind
    rule = conflict.rule
    for other, works in conflict.kinds.items():
        for work in works if other != kind else ():
            if partly(rule, work):
                assert rule.choose is not None
                work.less = work.less or (rule, rule.choose.part, "", ())
            else:
                work.out = work.out or rule
