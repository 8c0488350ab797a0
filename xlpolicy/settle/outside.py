"""Support from outside on what a claim is for: what it bars, what is taken off, what could not be compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlpolicy.faults import MissingInput
from xlpolicy.law.effects import Bar, CrossRule
from xlpolicy.settle.facts import Support
from xlpolicy.settle.identity import valid_code
from xlpolicy.settle.reach import Effects
from xlpolicy.settle.state import State
from xlpolicy.settle.work import Work
from xlpolicy.words.names import same


def bar(state: State, work: Work, effects: Effects) -> None:
    """Exclusions by outside support; none where it names neither the enterprise nor its project, loan or object.

    Support that may be anybody's concerns a claim that does not say its project, loan or object.
    """
    if not effects.bars:
        return
    unsaid = bool(state.support.of_anybody) and None in (work.project, work.loan, work.thing)
    if (
        state.support.helped.isdisjoint((work.project, work.loan, work.thing))
        and work.enterprise not in state.support.of
        and not unsaid
    ):
        return
    for rule in effects.bars:
        assert rule.bar is not None
        if not (work.amount > 0 or work.sums):
            return
        hit = supported(state, work, rule.bar.support, rule.bar.of, shared=True)
        if hit:
            note_support(state, work, hit)
            work.take(rule, work.amount, "{} 已获{}", hit.on, words(state, hit))
            work.sums = False
        else:
            note_nameless(state, work, rule, rule.bar)


def note_nameless(state: State, work: Work, rule: CrossRule, bar: Bar) -> None:
    """Support that may be on what the claim is for, where one of them does not name it: not compared."""
    kinds, field, label = bar.support, "project", "项目"
    if bar.of == "loan":
        field, label = "loan", "贷款"
    own: str | None = getattr(work, field)
    near = [x for x in state.support.of.get(work.enterprise, ()) if "*" in kinds or x.kind in kinds]
    near = [x for x in near if not (work.thing and x.object_alone)]  # it is on another, or it would have been met
    if own is None:
        for item in near:
            named = (
                getattr(item, field) or (item.loan if bar.of == "either" else None) or item.object or f"没有写{label}的"
            )
            text = f"未写{label}，没有与本单位 {named} 已获的{words(state, item)}比较（{rule.text}），请核对"
            state.note(work.claim.id, "unnamed", text)
        coded = bool(valid_code(work.enterprise))
        support = state.support
        far = support.by_object(kinds, coded=coded)[1] if work.thing else support.of_anybody_of(kinds, coded=coded)
        if far:
            more = f"等 {len(far)} 项" if len(far) > 1 else ""
            named = f"{far[0].on} 已获的{words(state, far[0])}{more}"
            text = f"未写{label}，其他支持里 {named}没有写明是哪家单位，没有与本笔比较（{rule.text}），请核对"
            state.note(work.claim.id, "unnamed", text)
    elif bar.of == "either":
        for item in near:
            if item.project is None and item.loan and not work.loan and same(item.loan) not in state.loans_named(work):
                text = f"未写贷款，本单位贷款 {item.loan} 已获的{words(state, item)}没有写项目，没有与本笔比较（{rule.text}），请核对"
                state.note(work.claim.id, "unnamed", text)
        _note_anybody(state, work, rule, kinds)
    else:
        on = [item for _, item in supports(state, work, kinds, "project" if field == "loan" else "either")]
        on += [item for item in near if item not in on and (field == "project" or not work.project)]
        for item in on:
            if getattr(item, field) is None and not item.object_alone:
                text = f"已获的{words(state, item)}没有写{label}，没有与本笔比较（{rule.text}），请核对"
                state.note(work.claim.id, "unnamed", text)
    if own is not None and not work.thing:
        _note_object(state, work, rule, near, kinds)


def _note_object(state: State, work: Work, rule: CrossRule, near: Sequence[Support], kinds: tuple[str, ...]) -> None:
    """Support on an object alone, beside a claim that names none."""
    far = state.support.by_object(kinds, coded=bool(valid_code(work.enterprise)))[0] if state.support.of_anybody else ()
    mine = [x for x in near if x.object_alone]
    for item, whose in (*((x, "本单位 ") for x in mine), *((x, "") for x in far if x not in mine)):
        text = f"未写对象，没有与{whose}{item.object} 已获的{words(state, item)}比较（{rule.text}），请核对"
        state.note(work.claim.id, "unnamed", text)


def _note_anybody(state: State, work: Work, rule: CrossRule, kinds: tuple[str, ...]) -> None:
    """Support on a loan of nobody knows whom, where the claim is on a loan that it does not name, or its enterprise
    names that loan in a claim without a project."""
    assert work.found is not None
    far = state.support.on_loans(kinds, coded=bool(valid_code(work.enterprise))) if not work.loan else {}
    if far and not work.found.rule.term:
        mine = {one.loan for one in state.enterprises[work.enterprise] if one.loan and not one.project}
        far = {loan: item for loan, item in far.items() if loan in mine} if not mine.isdisjoint(far) else {}
    if far:
        item = next(iter(far.values()))
        text = f"未写贷款，其他支持里贷款 {item.loan} 已获的{words(state, item)}没有写明是哪家单位哪个项目的，没有与本笔比较（{rule.text}），请核对"
        state.note(work.claim.id, "unnamed", text)


def note_support(state: State, work: Work, support: Support) -> None:
    """Support that names no enterprise concerns every one with that project or loan."""
    if support.enterprise is None:
        label = "项目" if support.project else "贷款" if support.loan else "对象"
        which = f"{label} {support.on}"
        text = f"其他支持（{words(state, support)}，{which}）没有写单位，有这个名称的各单位都算，请核对是不是本单位的"
        state.note(work.claim.id, "support", text)


def supported(state: State, work: Work, kinds: tuple[str, ...], on: str, *, shared: bool = False) -> Support | None:
    """The first outside support of these kinds on the claim's project, object or loan."""
    return next((item for _, item in supports(state, work, kinds, on, shared=shared)), None)


def supports(
    state: State, work: Work, kinds: tuple[str, ...], on: str, *, shared: bool = False
) -> Iterator[tuple[int, Support]]:
    """Outside support of these kinds on the claim's project or object, or its loan, each once, with its place in the
    facts. `shared`: whoever was given it for an object."""
    if state.support.helped.isdisjoint((work.project, work.loan, work.thing)):
        return iter(())
    return _supports(state, work, kinds, on, shared)


def _supports(state: State, work: Work, kinds: tuple[str, ...], on: str, shared: bool) -> Iterator[tuple[int, Support]]:
    named = [("project", work.project), ("loan", work.loan), ("object", work.thing)]
    if not work.project:  # who names an object alone means by it what others call the project
        named.append(("project", work.thing))
    if on == "either" and work.project:  # a loan that another claim of the enterprise names with the project
        named += [("loan", loan) for loan in sorted(state.support.loans_of.get((work.enterprise, work.project), ()))]
    told: set[int] = set()
    for key, name in named:
        asked = on == "either" or on == ("project" if key == "object" else key)
        for position, item in state.support.on.get((key, name), ()) if name and asked else ():
            whose = item.enterprise is None or state.who.of(item.enterprise) == work.enterprise
            whose = whose or (shared and key == "object")
            if whose and ("*" in kinds or item.kind in kinds) and position not in told:
                told.add(position)
                yield position, item


def amounts_known(state: State, work: Work, rule: CrossRule) -> None:
    """Raises MissingInput where support that is to be taken off has no amount."""
    assert rule.deduct is not None
    for _, item in supports(state, work, rule.deduct.support, rule.deduct.of):
        if item.amount is None:
            raise MissingInput(
                f"已获{words(state, item)}，没有写金额", where=f"其他支持（{rule.at}）", expected="金额", remedy="补填后重新核算"
            )  # fmt: skip


def words(state: State, support: Support) -> str:
    """The kind of support in Chinese."""
    return state.law.supports.get(support.kind, support.kind)
