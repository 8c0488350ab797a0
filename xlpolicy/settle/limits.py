"""Limits over many claims: a maximum that stands once, in its provision, held across claims, years and payments.

A limit's scope (`Limit.per`) says what one maximum is for. What a claim takes from it is what the claim is left with
after all limits: an amount that another limit cut takes no room. Claims go in list order; what was paid before, first.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from itertools import product

from xlpolicy.claim.exact import find_row
from xlpolicy.law import nodes as n
from xlpolicy.law.abroad import provisions, sharing
from xlpolicy.law.effects import FACTS, CrossRule
from xlpolicy.law.records import DIMENSIONS, Document, Limit, Rule
from xlpolicy.law.values import coerce
from xlpolicy.money import CENT, ZERO
from xlpolicy.settle.deduct import deduct, top_up
from xlpolicy.settle.facts import Payment, of_year, same
from xlpolicy.settle.single import known
from xlpolicy.settle.state import Books, State, Work
from xlpolicy.settle.unnamed import note_unnamed
from xlpolicy.words.wording import scope_text

#: the names that a scope may need
_THINGS = ("project", "loan", "object", "session")


@dataclass(frozen=True, slots=True)
class Scoped:
    """One limit as the settlement holds it: under which rule, for whose payments, per what."""

    rule: CrossRule
    name: Hashable  # with the parts of a scope: what one maximum is for
    members: frozenset[tuple[str, str]]  # city and provision of the payments that fill it
    per: tuple[str, ...]
    levels: tuple[str, ...]  # inputs of the scope: each level has its own maximum
    part: str = ""  # of several payers, only what this one bears
    highest: bool = False  # the maximum is read by an input outside the scope: the highest of the levels paid counts

    @property
    def things(self) -> tuple[str, ...]:
        """The names that the scope needs."""
        return tuple(name for name in _THINGS if name in self.per)

    @property
    def own(self) -> bool:
        """Whether it is one enterprise's: by its own words, or because a project or loan is."""
        return any(name in self.per for name in ("enterprise", "project", "loan"))

    @property
    def yearly(self) -> bool:
        return "year" in self.per or "month" in self.per

    @property
    def everybody(self) -> bool:
        """One maximum for all enterprises together."""
        return not self.own and not self.things

    @property
    def cross(self) -> bool:
        """Whether it stands in a cross rule, and not in the provision."""
        return self.rule.limit is not None

    @property
    def last(self) -> bool:
        """Whether it is held after all others: one payer's part, or a number of the bureau."""
        return self.rule.limit is not None and bool(self.part or self.rule.limit.fact)


#: a limit that a claim meets: its source (empty in a cross rule), how it is held, the key of its scope
Held = tuple[str, Scoped, Hashable]


def prepare(state: State) -> None:
    """The scopes of every claim, and what was paid before in each of them (once: it does not hang on the choice)."""
    seen: dict[tuple[str, str], tuple[tuple[Limit | None, Scoped], ...]] = {}
    groups: dict[Hashable, tuple[Scoped, list[tuple[Work, Decimal]]]] = {}
    for work in state.works:
        if work.found is None or not (work.decision or work.waiting):
            continue
        document, rule = work.found.document, work.found.rule
        scoped = seen.get((document.key, rule.id))
        if scoped is None:
            scoped = seen[document.key, rule.id] = (*_own(state, document, rule), *_crossing(state, document, rule))
        held: list[Held] = []
        for limit, one in scoped:
            if limit is None and not _concerns(state, one, work):
                continue
            for level in _levels(one, work):
                key = _key(one, work, level)
                held.append((limit.source if limit else "", one, key))
                if work.decision is not None:
                    groups.setdefault(key, (one, []))[1].append((work, _stated(work, limit) if limit else ZERO))
        work.held = held
    for key, (one, group) in groups.items():
        if len(group) > 1 or group[0][1] or state.facts.prior_payments:
            state.paid[key] = _paid(state, one, group)
    _note_unnamed(state)


def _concerns(state: State, scoped: Scoped, work: Work) -> bool:
    limit = scoped.rule.limit
    assert limit is not None
    return (not limit.kinds or work.claim.enterprise_kind in limit.kinds) and state.reaches(scoped.rule, work)


def _met(state: State, work: Work) -> Iterator[tuple[Scoped, Hashable, Decimal]]:
    """The limits beyond one claim that apply to its decision: how held, the key of the scope, the maximum."""
    if not work.held:
        return
    assert work.now is not None
    for limit, maximum, _, _ in work.now.outcome.limits:
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
    for scoped, key, maximum in _met(state, work):
        if scoped.last:
            last.append((scoped, key, maximum))
        else:
            highest = _highest(state, books, scoped, key, maximum)
            _cut(state, books, work, scoped, key, highest)
            taken.append((scoped, key, highest))
    full = work.amount
    if work.less is not None:
        rule, payer, why, facts = work.less
        work.relieve(payer, rule, work.borne(payer), why, *facts)
    for rule in work.effects.deducts:
        deduct(state, books, work, rule)
    for rule in work.effects.topped if state.pots else ():
        top_up(state, books, work, rule, choose_key(work, rule))
    for scoped, key, maximum in last:
        _cut(state, books, work, scoped, key, maximum)
    if len(last) < len(work.effects.limits):
        _note_unknown(state, work)
    if work.amount <= 0:
        return
    for scoped, key, highest in taken:
        books.add(key, _one(scoped, full), state)
        if scoped.highest:
            books.room["highest", key] = highest
    for scoped, key, _ in last:
        books.add(key, _one(scoped, work.borne(scoped.part)), state)


def _highest(state: State, books: Books, scoped: Scoped, key: Hashable, maximum: Decimal) -> Decimal:
    """The maximum of the scope where claims of several levels share it: the highest of the levels paid."""
    return max(maximum, books.used(("highest", key), state)) if scoped.highest else maximum


def _one(scoped: Scoped, amount: Decimal) -> Decimal:
    """What a claim takes from a limit: its amount, or one of the count."""
    return Decimal(1) if scoped.rule.limit and scoped.rule.limit.of == "count" else amount


def _cut(state: State, books: Books, work: Work, scoped: Scoped, key: Hashable, maximum: Decimal) -> None:
    used = books.used(key, state)
    due = work.borne(scoped.part)
    if scoped.rule.limit is not None and scoped.rule.limit.of == "count":
        if due > 0 and used >= maximum:
            work.relieve(scoped.part, scoped.rule, due, "最多 {} 笔，此前已有 {} 笔", maximum, used)
        return
    room = max((maximum - used).quantize(CENT, ROUND_FLOOR), ZERO)
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
            most.append(max(max(maximum - books.used(key, state), ZERO) for _, key in held))
            found += [(key, scoped) for scoped, key in held]
    for source, scoped, key in work.held:
        readable = not scoped.levels or work.decision is not None
        if not source and readable and (maximum := _maximum(state, scoped, work)) is not None:
            found.append((key, scoped))
            if not (work.effects and work.effects.share) and _one(scoped, maximum) == maximum:
                most.append(max(maximum - books.used(key, state), ZERO))
    if not most:
        state.note(work.claim.id, "waiting", "本笔缺资料，条文没有封顶，没有为它留出名额和资金，补齐后可能影响其他申报")
        return
    work.reserved_now = min(most)
    for key, scoped in found:
        part = work.reserved_now
        if scoped.part and work.effects and work.effects.share:
            part = work.split(part).get(scoped.part, ZERO)
        books.add(key, _one(scoped, part), state)
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


def rooms(state: State, books: Books, work: Work) -> list[Decimal]:
    """What is still left in each scope of a claim that has already taken its part."""
    return [
        _highest(state, books, scoped, key, maximum) - books.used(key, state)
        for scoped, key, maximum in _met(state, work)
        if _one(scoped, maximum) == maximum
    ]


def take_more(state: State, books: Books, work: Work, more: Decimal) -> None:
    """Room that an increment takes."""
    for scoped, key, _ in _met(state, work):
        if scoped.rule.limit is None or scoped.rule.limit.of == "amount":
            books.add(key, more, state)


def choose_key(work: Work, rule: CrossRule) -> tuple[Hashable, ...]:
    """The scope of a choice, the enterprise first; a part that the claim does not name is None."""
    assert rule.choose is not None
    return (work.enterprise, *(work.part(name) for name in rule.choose.per))


def _stated(work: Work, limit: Limit) -> Decimal:
    """What the claim itself says was paid before inside this limit."""
    spent: Decimal = work.env[limit.used] if limit.used else ZERO
    return spent


def _own(state: State, document: Document, rule: Rule) -> Iterator[tuple[Limit, Scoped]]:
    """The limits of a provision that reach beyond one claim, each under the id that it bears, or its own name."""
    for limit in rule.limits:
        if limit.per in ((), ("loan",)):  # one period of one loan: the claim itself
            continue
        figure = limit.node.name if isinstance(limit.node, n.Lookup | n.Figure) else ""
        table = rule.figures[figure].table if figure else None
        levels = dict.fromkeys(x for x in limit.per if x not in DIMENSIONS)
        name = f"{rule.id}.{figure or limit.source}"
        members = [x.id for x in sharing(document, limit)] or [rule.id]
        told = next((x for x in document.cross_rules if x.id == limit.rule), None)
        several = "几条合用的" if limit.shared else ""
        text = told.text if told else f"{scope_text(rule, limit.per)}合计不超过{several}{limit.label}"
        cut = CrossRule(limit.rule or name, limit.at or rule.at, "cap_shared", tuple(members), text)
        yield limit, Scoped(
            cut, (state.catalog.version(document), limit.shared or name, limit.per), frozenset((document.city, x) for x in members),
            limit.per, tuple(levels), highest=table is not None and table.by not in levels,
        )  # fmt: skip


def _crossing(state: State, document: Document, rule: Rule) -> Iterator[tuple[None, Scoped]]:
    """The limits of cross rules that reach a provision."""
    for cross in state.law.of(document.key, rule.id).limits:
        limit = cross.limit
        assert limit is not None
        home = state.law.document_of[id(cross)]
        figure = home.rules[limit.max.rule].figures[limit.max.figure] if limit.max else None
        abroad = {x for name in cross.foreign for x in provisions(state.catalog, name)}
        members = {(home.city, x) for x in cross.members} | {(state.catalog.documents[d].city, x) for d, x in abroad}
        levels = (figure.table.by,) if figure and figure.table else ()
        yield (
            None,
            Scoped(cross, (state.catalog.version(home), cross.id), frozenset(members), limit.per, levels, limit.part),
        )


def _levels(scoped: Scoped, work: Work) -> Iterator[tuple[Hashable, ...]]:
    """The levels under whose maximum a claim comes; of one that waits and does not say, every level there is."""
    assert work.found is not None
    said = known(work) if scoped.levels else {}
    options = []
    for name in scoped.levels:
        item = work.found.rule.input(name)
        options.append([said[name]] if name in said else [coerce(item, choice.value) for choice in item.choices])
    return product(*options)


def _key(scoped: Scoped, work: Work, level: tuple[Hashable, ...]) -> Hashable:
    """What one maximum is for: the enterprise or a thing, the year, the level.

    A thing that is named is shared by all who name it; a project that stands in for it stays the enterprise's own; a
    park without a name is its applicant; a claim with neither is a thing of its own.
    """
    who: list[Hashable] = [_thing(scoped, name, work) for name in scoped.things]
    if not who and scoped.own:
        who = [work.enterprise]
    when = [work.part(name) for name in ("year", "month") if name in scoped.per]
    return scoped.name, tuple(who), tuple(when), level


def _thing(scoped: Scoped, name: str, work: Work) -> tuple[str, ...]:
    """The thing of that kind that the claim is about."""
    if name in ("object", "session"):
        if work.thing:
            return (work.enterprise, "object", work.thing) if scoped.own else ("object", work.thing)
        if name == "object" and not scoped.own and not work.project and work.claim.enterprise_kind == "park":
            return "park", work.enterprise
    if name == "loan":
        return work.enterprise, "loan", work.loan or f"#{work.claim.id}"
    return work.enterprise, work.project or f"#{work.claim.id}"


def _paid(state: State, scoped: Scoped, group: list[tuple[Work, Decimal]]) -> Decimal:
    """What was paid before in a scope: by the facts or by the claims' own inputs, whichever is most.

    They state the same payments, and none may be forgotten, even where the claim that states it is not paid. A payment
    that does not say for which thing or level it was puts a note on every claim that it could concern.
    """
    first = group[0][0]
    assert first.found is not None
    paid = vague = ZERO
    for payment in _payments(state, scoped, first):
        met = _meets(scoped, payment, first)
        if met:
            paid += _counted(state, scoped, payment)
        elif met is None:
            vague += payment.amount
    if vague > 0:
        text = f"以前兑现的 {vague:,.2f}元 没有写明是哪个项目、对象、档次或月份的，未计入封顶；请写明，或填在申报的已兑现金额里"
        for work, _ in group:
            state.note(work.claim.id, scoped.rule.id, text)
    stated = [said for _, said in group]
    most = max(stated)
    if most > paid and min(stated) < most:
        text = f"同一封顶范围的几笔申报填的已兑现金额不一致（最多 {most:,.2f}元），都按最多的扣除，请核对"
        for work, _ in group:
            state.note(work.claim.id, scoped.rule.id, text)
    return max(paid, most, ZERO)


def _counted(state: State, scoped: Scoped, payment: Payment) -> Decimal:
    """What a payment takes from a limit."""
    if scoped.rule.limit and scoped.rule.limit.of == "count":
        return Decimal(1 if payment.amount > 0 else -1 if payment.amount < 0 else 0)
    return state.part_paid(payment, scoped.part)


def _payments(state: State, scoped: Scoped, work: Work) -> list[Payment]:
    """Earlier payments of the provisions and the document's time that could concern the scope."""
    assert work.found is not None
    everything = scoped.rule.limit is not None and bool(scoped.rule.limit.fact)
    document = state.law.document_of[id(scoped.rule)] if scoped.cross else work.found.document
    near = [
        x for city in sorted({c for c, _ in scoped.members}) for x in state.prior_of.get((city, work.enterprise), ())
    ]
    if not scoped.own and (scoped.everybody or work.thing):
        near = [x for name in sorted(scoped.members) for x in state.prior_of_city.get(name, ())]
        if not scoped.everybody:
            near = [x for x in near if x.object or state.who.of(x.enterprise, x.code) == work.enterprise]
    document = state.catalog.documents.get(state.catalog.version(document), document)
    first = document.valid_from.year if document.valid_from and not scoped.yearly else None
    return [
        x
        for x in near
        if ((x.city, x.rule) in scoped.members or (everything and x.city == document.city))
        and (x.year == work.year if scoped.yearly else first is None or x.year >= first)
    ]


def _meets(scoped: Scoped, payment: Payment, work: Work) -> bool | None:
    """Whether a payment fills the scope of a claim; None where it does not say enough to tell."""
    if "month" in scoped.per:
        return None
    if scoped.levels:
        if not payment.level:
            return None
        if not any(same_level(payment.level, work, name) for name in scoped.levels):
            return False
    found = [_about(name, payment, work) for name in scoped.things]
    return False if False in found else None if None in found else True


def _about(name: str, payment: Payment, work: Work) -> bool | None:
    """Whether a payment is for the thing of a claim; None where it does not say."""
    if name == "loan":
        return None if not payment.loan else same(payment.loan) == work.loan
    if name != "project":
        if payment.object and work.thing:
            return same(payment.object) == work.thing
        if not work.thing and not work.project and work.claim.enterprise_kind == "park" and not payment.object:
            return True
    if not payment.project or not work.project:
        return None if not payment.project else False
    return same(payment.project) == work.project


def same_level(said: str, work: Work, name: str) -> bool:
    """Whether a payment's level is that of the claim's input, by value or by label."""
    assert work.found is not None
    level = work.env[name]
    labels = (c.label for c in work.found.rule.input(name).choices if c.value == level)
    return same(said) in {same(str(level)), *map(same, labels)}


def _note_unnamed(state: State) -> None:
    """A claim that does not name the thing its limit is for, beside others of its enterprise that it could meet there."""
    groups: dict[Hashable, tuple[Scoped, list[Work]]] = {}
    for work in state.works:
        for _, scoped, _ in work.held:
            if scoped.things and work.amount > 0:
                year = work.year if scoped.yearly else None
                assert work.found is not None
                key = scoped.name, work.enterprise, year
                groups.setdefault(key, (scoped, []))[1].append(work)
    for scoped, group in groups.values():
        silent = [w for w in group if any(f"#{w.claim.id}" in _thing(scoped, x, w) for x in scoped.things)]
        if not silent or len(group) < 2:
            continue
        what = f"没有在同一条封顶（{scoped.rule.text}）里互相比较，暂各按一个封顶计算"
        field = next(x for x in scoped.things if any(f"#{w.claim.id}" in _thing(scoped, x, w) for w in silent))
        note_unnamed(state, group, silent, field, what)
