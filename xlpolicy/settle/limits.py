"""Limits over many claims: a maximum that stands once, in its provision, held across claims, years and payments.

A limit's scope (`Limit.per`) says what one maximum is for. What a claim takes from it is what the claim is left with
after all limits: an amount that another limit cut takes no room. Claims go in list order; what was paid before, first.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from decimal import ROUND_FLOOR, Decimal

from xlpolicy.claim.exact import find_row
from xlpolicy.law.effects import FACTS
from xlpolicy.law.records import Limit, Rule
from xlpolicy.money import CENT, ZERO, round_half_up
from xlpolicy.settle.before import highest_before, may_be_paid, paid_before
from xlpolicy.settle.books import Books
from xlpolicy.settle.deduct import deduct, top_up
from xlpolicy.settle.facts import of_year
from xlpolicy.settle.scopes import Held, Scoped, choose_key, key_of, levels, scopes_of, thing
from xlpolicy.settle.single import known
from xlpolicy.settle.state import State
from xlpolicy.settle.unnamed import note_unnamed
from xlpolicy.settle.work import Work

#: a claim, a limit that it meets (None: a cross rule's), how that is held
_Entry = tuple[Work, Limit | None, Scoped]


def prepare(state: State) -> None:
    """The scopes that a claim may meet others or earlier payments in, and what was paid before in each of them.

    Once: it does not hang on the choice. A limit of the provision that nothing else reaches was held in the decision.
    One enterprise after the other: what is looked at is small and near, and most of it is forgotten at once.
    """
    of_rule: dict[Rule, tuple[tuple[Limit | None, Scoped], ...]] = {}
    wide: list[_Entry] = state.wide
    for works in state.enterprises.values():
        own: list[_Entry] = []
        for work in works:
            if work.found is None or (work.outcome is None and not work.waiting):
                continue
            scopes = of_rule.get(work.found.rule)
            if scopes is None:
                scopes = of_rule[work.found.rule] = scopes_of(state.law, work.found)
            for limit, scoped in scopes:
                if limit is not None or _concerns(state, scoped, work):
                    (own if scoped.own else wide).append((work, limit, scoped))
        if own:
            _meet(state, own)
    wide.sort(key=_position)
    _meet(state, wide)
    for work in {work.position: work for work, _, _ in wide}.values():
        if len(work.held) > 1 and work.found is not None:  # in the order of the law, whosoever scope it is
            order = [scoped for _, scoped in of_rule[work.found.rule]]
            work.held = sorted(work.held, key=lambda held: order.index(held[1]))


def _position(entry: _Entry) -> int:
    return entry[0].position


def _meet(state: State, entries: Sequence[_Entry]) -> None:
    """Which of some limits are held beyond the single claim; `entries` are one enterprise's, or of scopes of several."""
    claims: dict[str, int] = {}
    for _, _, scoped in entries:
        claims[scoped.name] = claims.get(scoped.name, 0) + 1
    groups: dict[Hashable, list[tuple[Work, Decimal]]] = {}
    found: list[tuple[Work, Held]] = []
    nameless: dict[Hashable, tuple[Scoped, list[Work]]] = {}
    for work, limit, scoped in entries:
        several = claims[scoped.name] > 1
        if several and scoped.things and (work.amount > 0 or work.waiting):
            line = scoped.name, work.year if scoped.yearly else None
            nameless.setdefault(line, (scoped, []))[1].append(work)
        if several or scoped.cross or (limit and limit.used) or may_be_paid(state, scoped, work):
            for level in levels(scoped, work):
                key = key_of(scoped, work, level)
                groups.setdefault(key, []).append((work, _stated(work, limit)))
                found.append((work, (limit.source if limit else "", scoped, key)))
    before: dict[Hashable, Decimal] = {}
    for work, held in found:
        _, scoped, key = held
        group = groups[key]
        paid = before.get(key)
        if paid is None:
            telling = [(one, said) for one, said in group if one.outcome is not None or said]
            telling.sort(key=lambda entry: entry[0].outcome is None)
            paid = before[key] = paid_before(state, scoped, telling or group)
            if paid:  # most scopes are one claim's, never paid before: they are not kept in mind
                state.paid[key] = paid
                if scoped.table is not None:
                    works = [one for one, _ in telling or group]
                    state.paid["highest", key] = highest_before(state, scoped, works, paid)
        if paid or len(group) > 1 or scoped.cross:
            work.held = (*work.held, held)
            work.touched = True
    for scoped, works in nameless.values():
        if len(works) > 1:
            _note_unnamed(state, scoped, works)


def _concerns(state: State, scoped: Scoped, work: Work) -> bool:
    limit = scoped.rule.limit
    assert limit is not None
    return (not limit.kinds or work.claim.enterprise_kind in limit.kinds) and state.reaches(scoped.rule, work)


def met(state: State, work: Work) -> Iterator[tuple[Scoped, Hashable, Decimal]]:
    """The limits beyond one claim that apply to its decision: how held, the key of the scope, the maximum."""
    if not work.held:
        return
    assert work.now is not None
    for limit, maximum, _, _ in work.now.limits:
        for source, scoped, key in work.held:
            if source == limit.source:
                yield scoped, key, maximum
    for source, scoped, key in work.held:
        if not source and (most := _maximum(state, scoped, work)) is not None:
            yield scoped, key, most


def _maximum(state: State, scoped: Scoped, work: Work) -> Decimal | None:
    """The maximum of a cross rule's limit; None where the bureau gave no number for the year."""
    limit = scoped.rule.limit
    assert limit is not None
    if limit.fact:
        return of_year(state.contribution.get(work.enterprise), work.year, state.on_year)
    assert limit.max is not None
    figure = state.law.document_of[id(scoped.rule)].rules[limit.max.rule].figures[limit.max.figure]
    if figure.table is not None:
        row = find_row(figure.table, work.env[figure.table.by])
        return ZERO if row is None else figure.table.rows[row][1]
    assert isinstance(figure.value, Decimal)
    return figure.value


def hold(state: State, books: Books, work: Work) -> None:
    """Cut what goes over a limit together with other claims; what is left takes room."""
    assert work.effects is not None
    taken: list[tuple[Scoped, Hashable, Decimal]] = []
    last = []
    groups = _topped(state, work)
    for scoped, key, maximum in met(state, work):
        if scoped.last:
            last.append((scoped, key, maximum))
        else:
            highest = _highest(books, scoped, key, maximum)
            covered = sum((books.used((*group, key)) for group in groups), ZERO)
            _cut(state, books, work, scoped, key, highest, covered)
            taken.append((scoped, key, highest))
    if work.less is not None:
        rule, payer, why, facts = work.less
        work.relieve(payer, rule, work.borne(payer), why, *facts)
    for rule in work.effects.deducts:
        deduct(state, books, work, rule)
    due = work.amount
    for rule in work.effects.topped if state.pots else ():
        top_up(state, books, work, rule, choose_key(work, rule))
    for group in groups if work.amount < due else ():
        for _, key, _ in taken:
            books.add((*group, key), due - work.amount)
    for scoped, key, maximum in last:
        _cut(state, books, work, scoped, key, maximum)
    if len(last) < len(work.effects.limits):
        _note_unknown(state, work)
    if work.amount <= 0:
        return
    # one payer's part that is not paid leaves the others no more than theirs: the award is what takes room
    elsewhere = sum(work.lost.values(), ZERO) if work.effects.share else ZERO
    for scoped, key, highest in taken:
        books.add(key, _one(scoped, work.amount + elsewhere))
        if scoped.highest:
            books.room["highest", key] = highest
    for scoped, key, _ in last:
        books.add(key, _one(scoped, work.borne(scoped.part)))


def _topped(state: State, work: Work) -> list[tuple[Hashable, ...]]:
    """The choices in whose scope earlier payments of other kinds are taken off the claim's kind: there what they cover is
    part of what the kind is due under its limits; elsewhere it was not paid and takes no room."""
    if not state.pots or work.effects is None or work.effects.share is not None:
        return []
    keys = [(rule.id, *choose_key(work, rule)) for rule in work.effects.topped]
    return [("topped", *key) for key in keys if key in state.pots]


def _highest(books: Books, scoped: Scoped, key: Hashable, maximum: Decimal) -> Decimal:
    """The maximum of the scope where claims of several levels share it: the highest of the levels paid."""
    return max(maximum, books.used(("highest", key))) if scoped.highest else maximum


def _one(scoped: Scoped, amount: Decimal) -> Decimal:
    """What a claim takes from a limit: its amount, or one of the count."""
    return Decimal(1) if scoped.rule.limit and scoped.rule.limit.of == "count" else amount


def _cut(
    state: State, books: Books, work: Work, scoped: Scoped, key: Hashable, maximum: Decimal, covered: Decimal = ZERO
) -> None:
    """`covered`: what was due under the limit and had been paid as another kind."""
    used = books.used(key) + covered
    due = work.borne(scoped.part)
    if scoped.rule.limit is not None and scoped.rule.limit.of == "count":
        if due > 0 and used >= maximum:
            work.relieve(scoped.part, scoped.rule, due, "最多 {} 笔，此前已有 {} 笔", maximum, used)
        return
    # the maximum is rounded as it is where the claim is alone; facts of less than a cent give nobody more
    room = max((round_half_up(maximum) - used).quantize(CENT, ROUND_FLOOR), ZERO)
    if due > room:
        fact = scoped.rule.limit.fact if scoped.rule.limit else ""
        why = f"{FACTS[fact] if fact else '封顶'} {{:,.2f}}元，此前已占用 {{:,.2f}}元"
        work.relieve(scoped.part, scoped.rule, due - room, why, maximum, used)
        if key in state.kept:
            text = f"其中为待补资料的申报 {state.kept[key]} 留出了额度，本笔金额是暂定的"
            state.note(work.claim.id, "provisional", text)


def _note_unknown(state: State, work: Work) -> None:
    """A limit by a number of the bureau that was not given for the year is not held, with a note."""
    for source, scoped, _ in work.held:
        limit = scoped.rule.limit
        known = source or not limit or not limit.fact or _maximum(state, scoped, work) is not None
        if not known and limit and work.borne(scoped.part) > 0:
            text = f"没有{work.claim.enterprise} {work.year} 年{FACTS[limit.fact]}数，未执行总额上限，请补充后再核"
            state.note(work.claim.id, "ceiling", text)


def reserve(state: State, books: Books, work: Work) -> None:
    """A waiting claim keeps the largest amount that its limits allow; nothing where none bounds it."""
    assert work.found is not None
    found: list[tuple[Hashable, Scoped]] = []
    most = [work.reserved] if work.reserved is not None else []
    for limit in work.found.rule.limits:
        maximum = _largest(work, limit)
        if not limit.per or maximum is None:
            continue
        most.append(maximum)
        held = [(scoped, key) for source, scoped, key in work.held if source == limit.source]
        if held:
            most.append(max(max(maximum - books.used(key), ZERO) for _, key in held))
            found += [(key, scoped) for scoped, key in held]
    for source, scoped, key in work.held:
        readable = not scoped.levels or work.outcome is not None
        if not source and readable and (maximum := _maximum(state, scoped, work)) is not None:
            found.append((key, scoped))
            if not (work.effects and work.effects.share) and _one(scoped, maximum) == maximum:
                most.append(max(maximum - books.used(key), ZERO))
    if not most:
        state.note(work.claim.id, "waiting", "本笔缺资料，条文没有封顶，没有为它留出名额和资金，补齐后可能影响其他申报")
        return
    work.reserved_now = min(most)
    for key, scoped in found:
        part = work.reserved_now
        if scoped.part and work.effects and work.effects.share:
            part = work.split(part).get(scoped.part, ZERO)
        books.add(key, _one(scoped, part))
        state.kept[key] = work.claim.id


def _largest(work: Work, limit: Limit) -> Decimal | None:
    """The largest maximum that a claim may come under, as far as it says; None where it is no figure."""
    assert work.found is not None
    figure = work.found.rule.figures.get(limit.source)
    if figure is None or figure.table is None:
        return figure.value if figure is not None and isinstance(figure.value, Decimal) else None
    said = known(work).get(figure.table.by)
    if said is None:
        return max(value for _, value in figure.table.rows)
    row = find_row(figure.table, said)
    return ZERO if row is None else figure.table.rows[row][1]


def rooms(state: State, books: Books, work: Work, *, apart: bool = False) -> list[Decimal]:
    """What is still left in each scope of a claim that has already taken its part; `apart`: but for an enterprise's."""
    return [
        _highest(books, scoped, key, maximum) - books.used(key)
        for scoped, key, maximum in met(state, work)
        if _one(scoped, maximum) == maximum and not (apart and "enterprise" in scoped.per)
    ]


def take_more(state: State, books: Books, work: Work, more: Decimal, *, apart: bool = False) -> None:
    """Room that an increment takes; `apart`: but for an enterprise's."""
    for scoped, key, _ in met(state, work):
        if apart and "enterprise" in scoped.per:
            continue
        if scoped.rule.limit is None or scoped.rule.limit.of == "amount":
            books.add(key, more)


def _stated(work: Work, limit: Limit | None) -> Decimal:
    """What the claim itself, one that waits too, says was paid before inside this limit."""
    if limit is None or not limit.used:
        return ZERO
    spent: Decimal | None = known(work).get(limit.used)
    return spent or ZERO


def _note_unnamed(state: State, scoped: Scoped, group: list[Work]) -> None:
    """A claim that does not name the thing its limit is for, beside others that it could meet there."""
    silent = [w for w in group if any(f"#{w.claim.id}" in thing(scoped, x, w) for x in scoped.things)]
    if silent:
        what = f"没有在同一条封顶（{scoped.rule.text}）里互相比较，暂各按一个封顶计算"
        field = next(x for x in scoped.things if any(f"#{w.claim.id}" in thing(scoped, x, w) for w in silent))
        note_unnamed(state, group, silent, field, what)
