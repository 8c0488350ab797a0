"""What is told of a choice at the end: why a claim does not stand, an election that came to nothing."""

from __future__ import annotations

from collections.abc import Hashable

from xlpolicy.money import ZERO
from xlpolicy.settle.conflicts import Conflict, partly
from xlpolicy.settle.scopes import sum_key
from xlpolicy.settle.state import State
from xlpolicy.settle.unnamed import ids
from xlpolicy.settle.work import Work


def explain(state: State) -> None:
    """The cuts of the claims that do not stand, with a reason that is true at the end; elections that came to nothing."""
    for work in sorted(state.elected, key=lambda work: work.position):
        chosen = work.project and state.choices.get(work.project) == work.claim.id
        if chosen and work.amount <= 0 and not work.waiting:
            text = f"企业选的申报 {work.claim.id} 没有可付金额，选择不起作用，按合计最高的处理"
            state.note(work.claim.id, "void_choice", text)
    if state.waits:
        _note_elected_waits(state)
    for conflict in state.conflicts:
        if conflict.chosen is None:
            continue
        lost = [
            work
            for kind, works in conflict.kinds.items()
            for work in works
            if partly(conflict.rule, work) or (kind != conflict.chosen and work.out is conflict.rule and work.alone > 0)
        ]
        if not lost:
            continue
        kept = [work for work in conflict.kinds[conflict.chosen] if work.amount > 0]
        for work in lost:
            why, facts = _because(conflict, kept, work)
            if partly(conflict.rule, work):
                work.cuts = tuple(
                    x._replace(why=why, facts=facts) if x.rule == conflict.rule.id and not x.why else x
                    for x in work.cuts
                )
            else:
                work.begin()
                work.take(conflict.rule, work.amount, why, *facts)
    _note_unsupported(state)
    if state.waits:
        _note_sums(state)


def _note_elected_waits(state: State) -> None:
    """What the enterprise chose still waits, and another kind is paid, which then stands above the election."""
    elected = {work for work in state.elected if work.waiting}
    for conflict in state.conflicts if elected else ():
        assert conflict.rule.choose is not None
        for kind, works in conflict.kinds.items():
            first = next((work for work in works if work in elected), None)
            if first is None or not conflict.rule.choose.elective:
                continue
            text = (
                f"企业选的申报 {first.claim.id} 还缺资料；付了本项，补齐以后就不能再付所选的一项，请先补齐或由企业改选"
            )
            for other in conflict.works:
                if other.amount > 0 and other not in conflict.kinds[kind]:
                    state.note(other.claim.id, "choice_waits", text, "state")


def _because(conflict: Conflict, kept: list[Work], lost: Work) -> tuple[str, tuple[object, ...]]:
    """Why a claim's kind was not chosen, true at the end."""
    assert conflict.rule.choose is not None and conflict.chosen is not None
    tied = "合计相同，取本级的" if conflict.rule.choose.part else "合计相同，取先申报的"
    why = "企业选择" if conflict.elected else tied if conflict.tied else "合计最高"
    if not kept:
        summed = [work for work in conflict.kinds[conflict.chosen] if work.sums]
        if summed:  # paid nothing itself, it brings the sum of the year to what another claim is paid by
            return "保留申报 {}（计入全年合计，{}）", (ids(summed), why)
        return "各种选法都没有可付金额", ()
    total = sum((w.borne(conflict.rule.choose.part) for w in kept), ZERO)
    if why == "合计最高" and not conflict.rule.choose.part and lost.alone > total:
        why = "封顶、以前兑付等都计入后合计最高"
    return "保留申报 {}（{:,.2f}元，{}）", (ids(kept), total, why)


def _note_sums(state: State) -> None:
    """Claims of a year's sum behind one that waits: what it will say changes what they are due."""
    first: dict[Hashable, Work] = {}
    for work in state.works:
        summed = work.found is not None and work.found.rule.least is not None
        key = sum_key(work) if summed and (work.waiting or (work.sums and work.out is None)) else None
        if key is not None and work.waiting:
            first.setdefault(key, work)
        elif key in first:
            text = f"申报 {first[key].claim.id} 还缺资料，补齐以后全年合计要重算，本笔金额是暂定的"
            state.note(work.claim.id, "provisional", text)


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
