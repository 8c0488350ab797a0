"""Limits on the count: what is paid once per scope, and the places of a selection."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from decimal import Decimal

from xlpolicy.law.effects import CrossRule
from xlpolicy.law.records import Figure, Quota
from xlpolicy.money import ZERO, round_half_up
from xlpolicy.settle.facts import Payment, same
from xlpolicy.settle.limits import ids, same_level
from xlpolicy.settle.state import State, Work
from xlpolicy.words.wording import scope_words

_FIELDS = {"object": "对象（产品、平台、赛事等）", "project": "项目", "loan": "贷款"}


def once(state: State, standing: list[Work], dead: set[int]) -> list[Work]:
    """What is paid once per scope: the earliest date first, then the higher amount, then the list.

    Returns the claims that took a place.
    """
    groups: dict[Hashable, list[Work]] = {}
    unnamed: dict[Hashable, list[Work]] = {}
    for work in standing:
        assert work.found is not None
        rule = work.found.rule
        if not rule.once or work.amount <= 0:
            continue
        parts = [work.part(name) for name in rule.once]
        base = work.found.document.city, rule.id
        unnamed.setdefault((*base, work.enterprise), []).append(work)
        if None not in parts:
            groups.setdefault((*base, *parts), []).append(work)
    placed = []
    for group in groups.values():
        alive = [work for work in group if work.position not in dead]
        before = _earlier(state, group[0])
        first = None
        if alive and before is None:
            first = min(alive, key=_first)
            placed.append(first)
            if len({(w.claim.on, w.amount) for w in group}) > 1:
                for work in group:
                    text = f"申报 {ids(group)} 只能兑付一次，日期或金额不同，取日期最早的 {first.claim.id}，请核对"
                    state.note(work.claim.id, "once", text)
        for work in group:
            if work is first:
                continue
            assert work.found is not None
            cut = CrossRule(
                f"{work.found.rule.id}.once",
                work.found.rule.at,
                "once",
                (),
                f"{scope_words(work.found.rule, work.found.rule.once)}只兑付一次",
            )
            if before is not None:
                work.take(cut, work.amount, "{} 年已兑付 {:,.2f}元", before.year, before.amount)
            elif first is not None:
                work.take(cut, work.amount, "保留申报 {}", first.claim.id)
    for group in unnamed.values():
        _note(state, group)
    return placed


def _first(work: Work) -> tuple[dt.date, Decimal, int]:
    return work.claim.fact_on or work.claim.on or dt.date.max, -work.amount, work.position


def _earlier(state: State, work: Work) -> Payment | None:
    """An earlier payment that fills the scope. One that lacks a part fills it where the scope is the enterprise's."""
    assert work.found is not None
    rule, city = work.found.rule, work.found.document.city
    own = "enterprise" in rule.once
    near = state.prior_of.get((city, work.enterprise), ()) if own else state.prior_of_city.get((city, rule.id), ())
    found: list[Payment] = []
    for paid in near:
        if paid.rule == rule.id and _fills(state, paid, work, rule.once):
            found.append(paid)
    return found[0] if sum((paid.amount for paid in found), ZERO) > 0 else None


def _fills(state: State, paid: Payment, work: Work, scope: tuple[str, ...]) -> bool:
    assert work.found is not None
    for name in scope:
        if name == "year" and paid.year != work.year:
            return False
        if name in ("object", "project"):
            said = paid.object or (paid.project if name == "project" or not work.thing else None)
            if not said or same(said) not in (work.thing, work.project):
                return False
            if not work.thing and state.who.of(paid.enterprise, paid.code) != work.enterprise:
                return False
        elif name in work.env and paid.level and not same_level(paid.level, work, name):
            return False
    return True


def _note(state: State, group: list[Work]) -> None:
    """A claim that does not name its object is paid by its own count, with a note."""
    assert group[0].found is not None
    needed = next((x for x in group[0].found.rule.once if x in _FIELDS), None)
    silent = [work for work in group if needed and work.part(needed) is None]
    if not silent:
        return
    assert needed is not None
    for work in group if len(group) > 1 else silent:
        which = "未写" if work in silent else "其中有的未写"
        text = (
            f"申报 {ids(group)} {which}{_FIELDS[needed]}，没有核对是否已兑付过，暂按各自填的数量计算；请补上后重新核算"
        )
        state.note(work.claim.id, "unnamed", text)


def days(state: State, standing: list[Work], dead: set[int]) -> list[Work]:
    """The days of a loan inside its term, by date and then list; claims of one day are tranches, counted once.

    Returns the claims that use days.
    """
    groups: dict[Hashable, list[Work]] = {}
    silent: dict[Hashable, list[Work]] = {}
    for work in standing:
        assert work.found is not None
        if work.found.rule.term is not None and work.amount > 0:
            key = work.found.document.key, work.found.rule.id, work.enterprise
            silent.setdefault(key, []).append(work)
            if work.loan:
                groups.setdefault((*key, work.loan), []).append(work)
    for works in silent.values():
        without = [work for work in works if not work.loan]
        for work in works if without and len(works) > 1 else ():
            which = "未写" if work in without else "其中有的未写"
            text = f"申报 {ids(works)} {which}贷款，没有核对是否同一笔贷款的期限和本金，请补上后重新核算"
            state.note(work.claim.id, "unnamed", text)
    placed = []
    for group in groups.values():
        found = group[0].found
        assert found is not None and found.rule.term is not None
        years = found.rule.figures[found.rule.term.years].value
        assert isinstance(years, Decimal)
        left = max(years * 365 - _days_before(state, group), ZERO)
        tranches: dict[dt.date, list[Work]] = {}
        for work in group:
            tranches.setdefault(work.claim.on or dt.date.max, []).append(work)
        for _, works in sorted(tranches.items()):
            most = ZERO
            for work in works:
                stated: Decimal = work.env[found.rule.term.days]
                if stated > left:
                    work.term = left
                if left > 0 and work.position not in dead:
                    most = max(most, min(stated, left))
                    placed.append(work)
            left -= most
    return placed


def _days_before(state: State, group: list[Work]) -> Decimal:
    """Days of the loan that earlier payments used; one that does not say puts a note on the loan's claims."""
    found = group[0].found
    assert found is not None
    used = ZERO
    for paid in state.prior_of.get((found.document.city, group[0].enterprise), ()):
        if paid.rule != found.rule.id or paid.amount <= 0:
            continue
        if paid.loan and same(paid.loan) == group[0].loan and paid.days is not None:
            used += paid.days
        elif not paid.loan or same(paid.loan) == group[0].loan:
            for work in group:
                text = f"{paid.year} 年兑付的贴息 {paid.amount:,.2f}元 没有写明贷款或天数，未计入贴息期限，请补上"
                state.note(work.claim.id, "unnamed", text)
    return used


def quota(state: State, standing: list[Work], dead: set[int], lost: set[int]) -> list[Work]:
    """Places filled by the ranks given; without ranks, a note. Returns the claims that took a place.

    Who is selected is the reviewers' business: claims without ranks are taken as selected. `lost` gathers the claims
    that found no place: they are paid nothing, but stand in line again each time the list is gone through.
    """
    groups: dict[Hashable, tuple[Quota, list[Work]]] = {}
    for work in standing:
        assert work.found is not None
        for item in work.found.rule.quotas:
            if work.amount > 0 and item.per in ("month", "year", "document"):
                period = work.part(item.per) if item.per != "document" else None
                key = work.found.document.key, work.found.rule.id, item.figure, period
                groups.setdefault(key, (item, []))[1].append(work)
            elif work.amount > 0:
                state.industries[work.found.document.key, work.found.rule.id, item.figure].append(work)
    placed: list[Work] = []
    for item, group in groups.values():
        assert group[0].found is not None
        figure = group[0].found.rule.figures[item.figure]
        if isinstance(figure.value, Decimal):
            line = [w for w in group if w.position not in dead or w.position in lost]
            taken = _fill(state, line, item, figure, group)
            places = {w.position for w in taken}
            lost.difference_update(places)
            lost.update(w.position for w in line if w.position not in places)
            placed += taken
    for group in state.industries.values():
        if len(group) > 1:
            for work in group:
                state.note(
                    work.claim.id,
                    "quota",
                    f"申报 {ids(group)} 按行业限名额，名单里没有行业，未执行名额；请核对每个行业的入选数",
                )
    state.industries.clear()
    return placed


def _fill(state: State, group: list[Work], item: Quota, figure: Figure, all_: list[Work]) -> list[Work]:
    ranks, places, label = state.ranks, figure.value, figure.label
    assert isinstance(places, Decimal)
    if sum((_events(work, item) for work in _heads(group)), ZERO) <= places:
        return group
    if any(work.claim.id not in ranks for work in all_):
        for work in all_:
            text = f"入选数超过名额（{label} {places}），请核对评选结果，或给出每笔的名次"
            state.note(work.claim.id, "quota", text)
        return group
    left = places
    counted: set[Hashable] = set()
    placed = []
    for work in sorted(group, key=lambda w: (ranks[w.claim.id], w.position)):
        assert work.found is not None
        event = _event(work)
        number = ZERO if event in counted else _events(work, item)
        if number <= left:
            left -= number
            counted.add(event)
            placed.append(work)
            continue
        cut = CrossRule("quota", work.found.rule.at, "quota", (), f"超过名额（{label} {places}）")
        keeps = round_half_up(work.amount * left / number)
        work.take(cut, work.amount - keeps, "名次 {}", ranks[work.claim.id])
        if keeps:
            placed.append(work)
        left = ZERO
    return placed


def _event(work: Work) -> Hashable:
    return work.part("object") or ("#", work.claim.id)


def _heads(group: list[Work]) -> list[Work]:
    """One event counts once, whoever claims for it."""
    seen: dict[Hashable, Work] = {}
    for work in group:
        seen.setdefault(_event(work), work)
    return list(seen.values())


def _events(work: Work, quota: Quota) -> Decimal:
    """How many places a claim takes: its count, one where the provision counts nothing or something else."""
    assert work.found is not None
    for item in work.found.rule.inputs if quota.each != "claim" else ():
        if item.measure and item.type == "integer":
            number: Decimal = work.env[item.name]
            return number
    return Decimal(1)
