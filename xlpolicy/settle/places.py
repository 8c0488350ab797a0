"""What is paid once per scope: to an enterprise, for a level, a product, a project, a year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Sequence
from decimal import Decimal
from functools import lru_cache

from xlpolicy.claim.exact import REMEMBERED
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.effects import CrossRule
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Input, Rule
from xlpolicy.money import ZERO
from xlpolicy.settle.before import same_level, same_month
from xlpolicy.settle.facts import Payment
from xlpolicy.settle.single import known
from xlpolicy.settle.state import State
from xlpolicy.settle.unnamed import FIELDS, ids, note_unnamed
from xlpolicy.settle.work import Work
from xlpolicy.words.names import same
from xlpolicy.words.wording import scope_words

#: the parts of a scope that a claim itself has, whatever its inputs
_OWN = ("enterprise", "year", "month", "project", "loan", "object")


def prepare(state: State) -> None:
    """The scope that each claim meets others or an earlier payment in, once: it does not hang on the choice."""
    groups: dict[Hashable, list[Work]] = {}
    unnamed: dict[tuple[Hashable, str, str], list[Work]] = {}  # by line and provision, what is needed, enterprise
    known: dict[Rule, tuple[tuple[str, str], str, bool]] = {}
    for work in state.of_step["once"]:
        if work.found is None or not (work.alone > 0 or work.waiting):
            continue
        rule = work.found.rule
        told = known.get(rule)
        if told is None:
            told = known[rule] = _line(state.catalog, work.found), _needed(rule), _counting(rule) is not None
        base, needed, counts = told
        if (needed or counts) and not work.waiting:
            unnamed.setdefault((base, needed, work.enterprise), []).append(work)
        parts = [_part(work, name) for name in rule.once]
        if needed and "enterprise" in rule.once:  # a title without a name is one of its own, which may have been paid
            parts = [f"#{work.claim.id}" if part is None else part for part in parts]
        if None not in parts:
            groups.setdefault((base, *parts), []).append(work)
    for key, group in groups.items():
        if len(group) > 1 or _paid_near(state, group[0]):
            for work in group:
                work.place, work.touched = key, True
            if len({work.enterprise for work in group}) > 1:
                state.rivals[key] = group
    for (_, needed, _), group in unnamed.items():
        if (needed and any(w.part(needed) is None for w in group)) or any(map(_counts_more, group)):
            for work in group:
                work.unsaid = work.touched = True


def once(state: State, works: Sequence[Work], dead: set[int], *, trial: bool) -> list[Work]:
    """What is paid once per scope: the earliest date first, then the higher amount, then the list.

    A claim that waits and comes first keeps the place. In a trial, which goes through one enterprise's claims, another's
    that stands and comes first has it. Returns the claims that took a place.
    """
    groups: dict[Hashable, list[Work]] = {}
    unnamed: dict[Hashable, list[Work]] = {}
    for work in works:
        if not (work.amount > 0 or work.waiting):
            continue
        if work.unsaid:
            assert work.found is not None
            unnamed.setdefault((_line(state.catalog, work.found), work.enterprise), []).append(work)
        if work.place is not None:
            groups.setdefault(work.place, []).append(work)
    placed = []
    for key, group in groups.items():
        if any(not work.waiting for work in group):
            rivals = [w for w in state.rivals.get(key, ()) if w.enterprise != group[0].enterprise] if trial else []
            placed += _one(state, group, dead, [w for w in rivals if w.out is None and not w.waiting])
    for group in unnamed.values():
        _note(state, group)
    return placed


def _paid_near(state: State, work: Work) -> bool:
    """Whether a payment made before could fill the place of a claim at all."""
    assert work.found is not None
    return any(paid.rule == work.found.rule.id for paid in _near(state, work))


def _near(state: State, work: Work) -> Sequence[Payment]:
    """The payments that could fill the place of a claim: the enterprise's, or all for a thing that others share."""
    assert work.found is not None
    rule, city = work.found.rule, work.found.document.city
    if "enterprise" in rule.once:
        return state.before.of.get((city, work.enterprise), ()) if work.enterprise in state.before.to else ()
    near = state.before.about(city, rule.id, work)
    return [*near, *state.before.nameless(city, rule.id, work)] if work.thing else near


def _part(work: Work, name: str) -> Hashable | None:
    """One part of a scope, as far as a claim that waits says it."""
    if work.outcome is not None or name in _OWN:
        return work.part(name)
    part: Hashable | None = known(work).get(name)
    return part


def _one(state: State, group: list[Work], dead: set[int], rivals: Sequence[Work]) -> list[Work]:
    """One claim of a scope stands, none where it was paid before; the others are cut. The one that keeps others out."""
    paid_for = next(work for work in group if not work.waiting)
    assert paid_for.found is not None
    before = _earlier(state, group, paid_for) if state.facts.prior_payments else None
    if len(group) == 1 and before is None and not rivals:
        return []
    alive = [work for work in group if work.position not in dead]
    first = min(alive, key=_first) if alive and before is None else None
    other = min(rivals, key=_alone, default=None)
    if first is not None and other is not None and _alone(other) < _first(first):
        first = other
    cut = _cut(paid_for.found.rule)
    if first is not None and len({(w.claim.on, w.amount) for w in group}) > 1:
        for work in group:
            how = "日期不同，取日期最早的" if len({w.claim.on for w in group}) > 1 else "金额不同，取金额较高的"
            text = f"申报 {ids(group)} 只能兑付一次，{how} {first.claim.id}，请核对"
            state.note(work.claim.id, "once", text)
    for work in group:
        if work is first or work.waiting:
            continue
        if before is not None:
            work.take(cut, work.amount, "{} 年已兑付 {:,.2f}元", before.year, before.amount)
        elif first is not None:
            work.take(cut, work.amount, "保留申报 {}", first.claim.id)
            if first.waiting:
                text = f"为待补资料的申报 {first.claim.id} 保留，本笔金额是暂定的"
                state.note(work.claim.id, "provisional", text)
    return [first] if first is not None and first is not other and not first.waiting else []


@lru_cache(REMEMBERED)
def _cut(rule: Rule) -> CrossRule:
    return CrossRule(f"{rule.id}.once", rule.at, "once", (), f"{scope_words(rule, rule.once)}只兑付一次")


def _first(work: Work) -> tuple[dt.date, Decimal, int]:
    return work.claim.fact_on or work.claim.on or dt.date.max, -work.amount, work.position


def _alone(work: Work) -> tuple[dt.date, Decimal, int]:
    return work.claim.fact_on or work.claim.on or dt.date.max, -work.alone, work.position


def _earlier(state: State, group: list[Work], work: Work) -> Payment | None:
    """An earlier payment that fills the scope, with a note where it does not say all that the scope needs."""
    assert work.place is not None
    known = state.filled.get(work.place)
    if known is None:
        known = state.filled[work.place] = _filling(state, work)
    filling, unclear = known
    if unclear:
        back = "收回" if unclear < 0 else "兑付"
        what = "没有当作已经收回" if unclear < 0 else "按已经兑付过处理" if filling else "没有当作已经兑付过"
        for one in group:
            text = f"以前{back}的 {abs(unclear):,.2f}元 没有写明是哪个对象、档次或月份的，{what}，请核对"
            state.note(one.claim.id, "unnamed", text)
    return filling


def _filling(state: State, work: Work) -> tuple[Payment | None, Decimal]:
    """The earlier payment that fills the scope, net of what was taken back, and what was paid without saying enough.

    A payment that lacks a part fills the scope where that is the enterprise's own; not where it is a thing's. Money taken
    back that lacks one clears only what was paid with the same words.
    """
    assert work.found is not None
    rule = work.found.rule
    found: list[Payment] = []
    vague: dict[Hashable, list[tuple[Payment, bool]]] = {}
    for paid in _near(state, work):
        if paid.rule == rule.id:
            filled, told = _fills(state, paid, work, rule.once)
            if (told and not filled) or not _of_line(state, paid, work):
                continue
            if filled and told:
                found.append(paid)
            if not told:
                vague.setdefault(_words(state, paid), []).append((paid, filled))
    told_less = [one for group in vague.values() if sum(paid.amount for paid, _ in group) for one in group]
    found += [paid for paid, filled in told_less if filled and paid.amount > 0]
    filled = sum((paid.amount for paid in found), ZERO) > 0
    more = [paid.amount for paid, _ in told_less if paid.amount > 0] or [paid.amount for paid, _ in told_less]
    return found[0] if filled else None, sum(more, ZERO)


def _words(state: State, paid: Payment) -> Hashable:
    """What a payment says of what it was for."""
    names = (paid.project, paid.loan, paid.object, paid.level)
    return state.who.of(paid.enterprise, paid.code), paid.month, *(same(name) if name else "" for name in names)


def _of_line(state: State, paid: Payment, work: Work) -> bool:
    """Whether a payment may have been made under the document or one that it continues."""
    assert work.found is not None
    key = work.found.document.key, work.found.rule.id, paid.year
    known = state.of_line.get(key)
    if known is None:
        known = state.of_line[key] = _may_be_of_line(state, paid, work.found)
    return known


def _may_be_of_line(state: State, paid: Payment, found: Found) -> bool:
    near = state.catalog.of(found.document.city, found.rule.id)
    at_the_time = [
        x.document
        for x in near
        if x.document.valid_from and x.document.valid_from.year <= paid.year
        and (x.document.valid_to is None or paid.year <= x.document.valid_to.year)
    ]  # fmt: skip
    line = state.catalog.line(found.document)
    return not at_the_time or any(state.catalog.line(document) == line for document in at_the_time)


def _fills(state: State, paid: Payment, work: Work, scope: tuple[str, ...]) -> tuple[bool, bool]:
    """Whether a payment fills the scope, and whether it says all that the scope needs (or is another's)."""
    assert work.found is not None
    mine = state.who.of(paid.enterprise, paid.code) == work.enterprise
    filled = told = True
    for name in scope:
        if name in ("year", "month") and paid.year != work.year:
            return False, True
        if name == "month":
            month = same_month(paid, work)
            if month is False:
                return False, True
            told = told and month is True
        elif name in ("object", "project"):
            said = paid.object or (paid.project if name == "project" or (work.project and not work.thing) else None)
            if not said:  # a title, which is the enterprise's own, it could have been
                filled, told = filled and mine and "enterprise" in scope, told and not mine and bool(paid.project)
            elif same(said) not in (work.thing, work.project) or not (work.thing or mine):
                return False, True
        elif name in work.env:
            level = same_level(paid.level, work, name) if paid.level else None
            if level is False:
                return False, True
            told = told and level is True
    return filled, told


def _note(state: State, group: list[Work]) -> None:
    """A claim that does not name its object is paid by its own count, with a note; so is one that counts it twice."""
    assert group[0].found is not None
    rule = group[0].found.rule
    needed = _needed(rule)
    silent = [work for work in group if needed and work.part(needed) is None]
    if silent:
        what = "没有核对是否已兑付过，暂按各自填的数量计算"
        note_unnamed(state, group, silent, needed, what)
    for work in group:
        if work not in silent and _counts_more(work):
            counting = _counting(rule)
            assert counting is not None
            said = f"数量却是 {work.env[counting.name]}（{counting.label}）"
            text = f"{scope_words(rule, rule.once)}只兑付一次，{said}，请核对；几个请分开申报"
            state.note(work.claim.id, "unnamed", text)


@lru_cache(REMEMBERED)
def _line(catalog: Catalog, found: Found) -> tuple[str, str]:
    """The provision in all documents that carry its counts on."""
    return catalog.line(found.document), found.rule.id


@lru_cache(REMEMBERED)
def _counting(rule: Rule) -> Input | None:
    return rule.counting


@lru_cache(REMEMBERED)
def _needed(rule: Rule) -> str:
    """The name that the scope needs; empty where it needs none."""
    return next((name for name in rule.once if name in FIELDS), "")


def _counts_more(work: Work) -> bool:
    assert work.found is not None
    counting = _counting(work.found.rule)
    return counting is not None and bool(work.env[counting.name] > 1)
