"""Places of a selection: so many a month, a year, in all, or per industry. Who is selected comes in as ranks."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from xlpolicy.claim.exact import REMEMBERED, predicate
from xlpolicy.law import nodes as n
from xlpolicy.law.effects import CrossRule
from xlpolicy.law.records import Figure, Input, Quota, Rule
from xlpolicy.money import ZERO, round_half_up
from xlpolicy.settle.before import same_level, same_month, still_paid
from xlpolicy.settle.facts import Payment
from xlpolicy.settle.single import known
from xlpolicy.settle.state import State
from xlpolicy.settle.unnamed import ids, note_unnamed
from xlpolicy.settle.work import Work
from xlpolicy.words.names import same


class Seat(NamedTuple):
    """A selection that a claim stands in: so many places per `line` and `part`; `need`: what it has to say for that."""

    quota: Quota
    line: Hashable
    part: Hashable | None
    need: str


#: how many payments are named: what is said of a claim does not grow with them
_SHOWN = 3


class Taken(NamedTuple):
    """Places that earlier payments took, the events that they were for, what was paid without saying for which, and
    payments that were each for several places."""

    places: Decimal
    events: frozenset[Hashable]
    vague: Decimal
    several: tuple[tuple[Decimal, Decimal], ...]


def prepare(state: State) -> None:
    """The selections that each claim stands in, once: they do not hang on the choice. Those of several enterprises whose
    ranks are all given are kept in mind: who has a place there is known before anybody chooses."""
    groups: dict[Hashable, list[Work]] = {}
    for work in state.of_step["quotas"]:
        if work.found is not None and (work.alone > 0 or work.waiting):
            work.seats = [_seat(state, work, item) for item in work.found.rule.quotas if _concerns(work, item)]
            work.touched = work.touched or bool(work.seats)
            for seat in work.seats if state.ranks else ():
                groups.setdefault((seat.line, seat.part), []).append(work)
                if work.claim.id in state.ranks:
                    _note_two_ranks(state, work, seat.quota)
    for key, group in groups.items():
        if all(work.claim.id in state.ranks for work in group) and len({work.enterprise for work in group}) > 1:
            state.ranked[key] = group


def _note_two_ranks(state: State, work: Work, item: Quota) -> None:
    """A rank that is not the one that the claim gives where the provision itself asks for it."""
    assert work.found is not None
    asked = _ranking(work.found.rule, item.figure)
    given, said = state.ranks[work.claim.id], known(work).get(asked)
    if said is not None and said != given:
        text = f"名次是 {given}，“{work.found.rule.input(asked).label}”却填 {said}，请核对评选结果"
        state.note(work.claim.id, "quota", text)


def _seat(state: State, work: Work, item: Quota) -> Seat:
    assert work.found is not None
    year = work.year if item.per in ("year", "industry-year") else None
    need = "month" if item.per == "month" else "industry" if item.per.startswith("industry") else ""
    part = work.part("month") if need == "month" else _industry(work) if need else None
    return Seat(item, (state.catalog.version(work.found.document), work.found.rule.id, item.figure, year), part, need)


def quota(state: State, works: Sequence[Work], dead: set[int], lost: set[int], *, trial: bool) -> list[Work]:
    """Places filled by the ranks given; without ranks, a note. Returns the claims that took a place.

    Who is selected is the reviewers' business: claims without ranks are taken as selected. A claim that waits keeps the
    places that it asks for. `lost` gathers the claims that found no place: they are paid nothing, but stand in line
    again each time the list is gone through. In a trial, which goes through one enterprise's claims, the others' that
    stand take their places too.
    """
    groups: dict[Hashable, tuple[Quota, list[Work]]] = {}
    silent: dict[Hashable, tuple[Seat, list[Work], list[Work]]] = {}
    for work in works:
        for seat in work.seats if work.waiting or work.amount > 0 else ():
            if seat.need:
                named = silent.setdefault(seat.line, (seat, [], []))
                named[1].append(work)
                if seat.part is None:
                    named[2].append(work)
                    continue
            groups.setdefault((seat.line, seat.part), (seat.quota, []))[1].append(work)
    placed: list[Work] = []
    for key, (item, group) in groups.items():
        assert group[0].found is not None
        figure = group[0].found.rule.figures[item.figure]
        if isinstance(figure.value, Decimal):
            line = [w for w in group if w.position not in dead or w.position in lost]
            others = [w for w in state.ranked.get(key, ()) if w.enterprise != group[0].enterprise] if trial else []
            others = [w for w in others if w.out is None]
            taken = _fill(state, line, item, figure, group, _paid(state, key, item, group), others)
            if taken is None:
                lost.difference_update([w.position for w in line])
                continue
            found = {w.position for w in taken}
            lost.difference_update(found)
            lost.update(w.position for w in line if w.position not in found)
            placed += [w for w in taken if not w.waiting]
    for seat, group, without in silent.values():
        if without and (len(group) > 1 or _before(state, (seat.line, None), seat.quota, without).vague):
            note_unnamed(state, group, without, seat.need, "没有执行名额，请核对入选数")
    return placed


def _concerns(work: Work, item: Quota) -> bool:
    """Whether the places are for this claim; one that waits may not yet say."""
    if item.when is None:
        return True
    assert work.found is not None
    try:
        return bool(predicate(work.found.rule, item.when)(dict(known(work))))
    except KeyError:
        return True


def _industry(work: Work) -> str | None:
    said = known(work).get("industry")
    return same(said) if said else None


def _fill(
    state: State, group: list[Work], item: Quota, figure: Figure, all_: list[Work], paid: Taken, others: list[Work]
) -> list[Work] | None:
    """Those of the group who have a place beside others; None where there are enough for everybody."""
    ranks, places, label = state.ranks, figure.value, figure.label
    assert isinstance(places, Decimal)
    left = max(places - paid.places, ZERO)
    doubled = _doubled(state, [*all_, *others], item)
    if sum((_events(work, item) for work in _heads([*group, *others], paid.events)), ZERO) <= left:
        for work in doubled:
            rank = _rank(state, work, item)
            others = [one for one in doubled if one is not work and _rank(state, one, item) == rank]
            text = f"名次 {rank} 与申报 {ids(others)} 相同（{label} {places}），请核对评选结果，改正名次"
            state.note(work.claim.id, "quota", text)
        return None
    before = f"，以前已兑付 {paid.places} 个" if paid.places else ""
    if doubled or any(work.claim.id not in ranks for work in all_):
        text = f"入选数超过名额（{label} {places}{before}），请核对评选结果，或给出每笔的名次"
        if doubled:
            text = f"名额（{label} {places}{before}）的名次有重复：申报 {ids(doubled)}，没有按名次取舍，请改正名次"
        for work in all_:
            state.note(work.claim.id, "quota", text)
        return group
    counted = set(paid.events)
    placed = []
    waiting: Work | None = None
    beside = {work.position for work in others}
    for work in sorted([*group, *others], key=lambda w: (ranks[w.claim.id], w.position)):
        assert work.found is not None
        event = _event(work)
        number = ZERO if event in counted else _events(work, item)
        if number <= left:
            left -= number
            counted.add(event)
            placed.append(work)
            waiting = work if work.waiting and number else waiting
            continue
        keeps = round_half_up(work.amount * left / number)
        left = ZERO
        if work.waiting or work.position in beside:
            waiting = work if work.waiting else waiting
            continue
        cut = CrossRule("quota", work.found.rule.at, "quota", (), f"超过名额（{label} {places}{before}）")
        work.take(cut, work.amount - keeps, "名次 {}", ranks[work.claim.id])
        if keeps:
            placed.append(work)
        if waiting is not None:
            text = f"为待补资料的申报 {waiting.claim.id} 留出了名额，本笔金额是暂定的"
            state.note(work.claim.id, "provisional", text)
    return [work for work in placed if work.position not in beside]


def _doubled(state: State, group: Sequence[Work], item: Quota) -> list[Work]:
    """Claims for different events that have one rank."""
    first: dict[int, Work] = {}
    found: dict[int, Work] = {}
    assert group[0].found is not None
    for work in group if state.ranks or _ranking(group[0].found.rule, item.figure) else ():
        rank = _rank(state, work, item)
        if rank is not None:
            other = first.setdefault(rank, work)
            if _event(other) != _event(work):
                found[other.position] = other
                found[work.position] = work
    return [found[position] for position in sorted(found)]


def _rank(state: State, work: Work, item: Quota) -> int | None:
    """The rank of a claim; where none is given, the one that the provision itself asks for and holds against the places."""
    assert work.found is not None
    asked = _ranking(work.found.rule, item.figure)
    return state.ranks.get(work.claim.id, known(work).get(asked))


@lru_cache(REMEMBERED)
def _ranking(rule: Rule, places: str) -> str:
    """The input that a condition of the provision compares with its places; empty where there is none."""
    for line in rule.conditions:
        match line.node:
            case n.Compare(_, n.Input(name), n.Figure(figure)) if figure == places:
                return name
    return ""


def _paid(state: State, key: Hashable, item: Quota, group: Sequence[Work]) -> Taken:
    """Places that earlier payments took; one that does not say for which puts a note on the claims."""
    taken = _before(state, key, item, group)
    text = f"以前兑付的 {taken.vague:,.2f}元 没有写明月份、行业或档次，未计入名额，请核对"
    for work in group if taken.vague else ():
        state.note(work.claim.id, "quota", text)
    if taken.several:
        shown = "、".join(f"{amount:,.2f}元按 {number} 个" for amount, number in taken.several[:_SHOWN])
        more = f"等 {len(taken.several)} 笔" if len(taken.several) > _SHOWN else ""
        text = f"以前一次兑付的金额多于一个名额的，{shown}{more}计入名额，请核对"
        for work in group:
            state.note(work.claim.id, "quota", text)
    return taken


def _before(state: State, key: Hashable, item: Quota, group: Sequence[Work]) -> Taken:
    """As `_taken`, looked up once for a selection: there are many payments, and combinations to be tried."""
    first = next((work for work in group if not work.waiting), group[0])
    known: Taken | None = state.places_taken.get((key, first.waiting))
    if known is None:
        known = state.places_taken[key, first.waiting] = _taken(state, item, first)
    return known


def _taken(state: State, item: Quota, first: Work) -> Taken:
    """Places that earlier payments took, one each by event, where a payment says what the scope needs; and what was
    paid without saying so."""
    assert first.found is not None
    document, rule = first.found.document, first.found.rule
    of: dict[tuple[Hashable, str], list[Decimal]] = {}
    vague: dict[tuple[Hashable, str], list[Decimal]] = {}
    for paid in state.before.of_rule.get((document.city, rule.id), ()):
        if item.per in ("year", "industry-year", "month") and paid.year != first.year:
            continue
        if item.per in ("document", "industry") and document.valid_from and paid.year < document.valid_from.year:
            continue
        mine = _selected(item, paid, first)
        if mine is False:
            continue
        who = state.who.of(paid.enterprise, paid.code)
        event: Hashable = None  # without a name each is a place of its own
        if paid.object:
            event = same(paid.object)
        elif paid.project:
            event = who, same(paid.project)
        elif rule.once and "object" not in rule.once:
            event = who
        (vague if mine is None else of).setdefault((event, who), []).append(paid.amount)
    taken = {event for (event, _), amounts in of.items() if event is not None and sum(amounts) > 0}
    nameless = [amount for (event, _), amounts in of.items() if event is None for amount in still_paid(amounts)]
    places = [(amount, _places(amount, item, first)) for amount in nameless]
    total = sum((number for _, number in places), Decimal(len(taken)))
    unsaid = sum((sum(still_paid(amounts), ZERO) for amounts in vague.values()), ZERO)
    return Taken(total, frozenset(taken), unsaid, tuple(x for x in places if x[1] > 1))


def _places(paid: Decimal, item: Quota, first: Work) -> Decimal:
    """How many places one earlier payment was for, by what a place is due: one where the provision counts none."""
    counting = _counting(first.found.rule, item) if first.found is not None else None
    number = known(first).get(counting.name, counting.default or Decimal(1)) if counting and first.outcome else None
    return max(paid * number // first.decided, Decimal(1)) if number and first.decided else Decimal(1)


def _selected(item: Quota, paid: Payment, work: Work) -> bool | None:
    """Whether an earlier payment was for a place that a claim asks for; None where it does not say enough to tell."""
    assert work.found is not None
    met: list[bool | None] = []
    if item.per == "month":
        met.append(same_month(paid, work))
    if item.per.startswith("industry"):
        mine = _industry(work)
        met.append(same(paid.industry) == mine if paid.industry and mine else None)
    for leaf in n.leaves(item.when) if item.when is not None else ():
        if isinstance(leaf, n.Input) and work.found.rule.input(leaf.name).choices:
            met.append(same_level(paid.level, work, leaf.name) if paid.level else None)
    return False if False in met else None if None in met else True


def _event(work: Work) -> Hashable:
    return work.part("object") or ("#", work.claim.id)


def _heads(group: Sequence[Work], before: frozenset[Hashable]) -> list[Work]:
    """One event counts once, whoever claims for it, and not again when it was paid before."""
    seen: dict[Hashable, Work] = {}
    for work in group:
        if _event(work) not in before:
            seen.setdefault(_event(work), work)
    return list(seen.values())


def _events(work: Work, quota: Quota) -> Decimal:
    """How many places a claim takes: its count, one where the provision counts nothing or something else."""
    assert work.found is not None
    counting = _counting(work.found.rule, quota)
    number: Decimal = known(work).get(counting.name, counting.default or Decimal(1)) if counting else Decimal(1)
    return number


def _counting(rule: Rule, quota: Quota) -> Input | None:
    """The input that says how many places a claim asks for."""
    found = (item for item in rule.inputs if item.measure and item.type == "integer")
    return next(found, None) if quota.each != "claim" else None
