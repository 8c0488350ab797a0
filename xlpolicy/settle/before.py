"""What was paid before in the scope of a limit: by the facts, or by the claims' own inputs, whichever is most."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

from xlpolicy.claim.exact import find_row
from xlpolicy.faults import InvalidInput
from xlpolicy.law.records import Input, Table
from xlpolicy.law.values import coerce
from xlpolicy.money import ZERO
from xlpolicy.settle.facts import Payment
from xlpolicy.settle.scopes import Scoped
from xlpolicy.settle.single import known
from xlpolicy.settle.state import State
from xlpolicy.settle.work import Work
from xlpolicy.words.names import same


def paid_before(state: State, scoped: Scoped, group: list[tuple[Work, Decimal]]) -> Decimal:
    """What was paid before in a scope: by the facts or by the claims' own inputs, whichever is most.

    They state the same payments, and none may be forgotten, even where the claim that states it is not paid. A payment
    that does not say for which thing or level it was puts a note on every claim that it could concern.
    """
    first = group[0][0]
    stated = [said for _, said in group]
    if not any(stated) and not may_be_paid(state, scoped, first):
        return ZERO
    works = [work for work, _ in group]
    found = list(_met(state, scoped, works))
    paid = _counted(state, scoped, [payment for payment, met in found if met])
    vague = sum((payment.amount for payment, met in found if met is None), _of_others(state, scoped, works))
    if vague:
        who = "没有" if _named(scoped, first) else "与本笔有一方没有"
        back = "收回" if vague < 0 else "兑现"
        text = f"以前{back}的 {abs(vague):,.2f}元 {who}写明是哪个项目、对象、档次或月份的，未计入封顶；请写明，或填在申报的已兑现金额里"
        for work, _ in group:
            state.note(work.claim.id, scoped.rule.id, text, "state")
    if paid < 0:
        for work, _ in group:
            text = f"以前收回的比以前兑付的多 {-paid:,.2f}元，多的不计，请核对已兑付是不是漏了"
            state.note(work.claim.id, scoped.rule.id, text)
    most = max(stated)
    if most > paid and min(stated) < most:
        text = f"同一封顶范围的几笔申报填的已兑现金额不一致（最多 {most:,.2f}元），都按最多的扣除，请核对"
        for work, _ in group:
            state.note(work.claim.id, scoped.rule.id, text)
    return max(paid, most, ZERO)


def _met(state: State, scoped: Scoped, group: Sequence[Work]) -> Iterable[tuple[Payment, bool | None]]:
    """The earlier payments that could concern a scope, and whether they fill it; None where they do not say.

    Claims for one object may name several projects and be several enterprises': a payment that names one of them is for
    the object, whichever of the claims comes first. A claim that is due nothing by itself says nothing about the others.
    """
    some = [work for work in group if work.alone > 0 or work.sums or work.waiting] or group
    unlike = {(work.enterprise, work.project): work for work in reversed(some)} if scoped.things else {"": group[0]}
    found: dict[int, tuple[Payment, bool | None]] = {}
    for work in unlike.values():
        for payment in _payments(state, scoped, work):
            met = _meets(scoped, payment, work)
            _, known = found.get(id(payment), (payment, False))
            found[id(payment)] = payment, known or (met if known is False or met else None)
    return found.values()


def _counted(state: State, scoped: Scoped, payments: Sequence[Payment]) -> Decimal:
    """What payments take from a limit; of a count, one each for what was not taken back whole."""
    if not (scoped.rule.limit and scoped.rule.limit.of == "count"):
        if not scoped.part:
            return sum((state.before.award(payment) for payment in payments), ZERO)
        return sum((state.before.part(payment, scoped.part) for payment in payments), ZERO)
    of: dict[Hashable, list[Decimal]] = {}
    for x in payments:
        names = tuple(same(name) if name else "" for name in (x.project, x.loan, x.object))
        of.setdefault((state.who.of(x.enterprise, x.code), x.city, x.rule, names), []).append(x.amount)
    return Decimal(sum(len(still_paid(amounts)) for amounts in of.values()))


def still_paid(amounts: Sequence[Decimal]) -> list[Decimal]:
    """The payments of one line that were not taken back whole: what was taken back clears the payment that was as much."""
    left = [amount for amount in amounts if amount > 0]
    for amount in amounts:
        if -amount in left:
            left.remove(-amount)
    return left if sum(amounts) > 0 else []


def highest_before(state: State, scoped: Scoped, works: Sequence[Work], paid: Decimal) -> Decimal:
    """The highest maximum that the earlier payments of a scope came under, by the levels that they state.

    One that states none is taken to be of the claims' own levels, with a note where another would leave more room.
    """
    table, found = scoped.table, works[0].found
    assert table is not None and found is not None
    of: dict[int | None, Decimal] = {}
    for payment, met in _met(state, scoped, works):
        row = _row(table, found.rule.input(table.by), payment.level)
        of[row] = of.get(row, ZERO) + (payment.amount if met else ZERO)
    said = [table.rows[row][1] for row, amount in of.items() if row is not None and amount > 0]
    highest = max(said, default=ZERO)
    most, due = max(value for _, value in table.rows), sum((work.alone for work in works), paid)
    for work in works if of.get(None, ZERO) > 0 else ():
        row = find_row(table, known(work).get(table.by)) if table.by in known(work) else None
        own = max(highest, ZERO if row is None else table.rows[row][1])
        if work.alone > 0 and own < min(due, most):
            text = (
                f"以前兑现的 {of[None]:,.2f}元 没有写明是哪一档，按本笔的一档封顶（几档合用较高一档的封顶）；请写明档次"
            )
            state.note(work.claim.id, scoped.rule.id, text, "state")
    return highest


def _row(table: Table, item: Input, level: str | None) -> int | None:
    """The row of the level that a payment states; None where it states none."""
    if not level:
        return None
    with suppress(InvalidInput):
        return find_row(table, coerce(item, level))
    return None


def may_be_paid(state: State, scoped: Scoped, work: Work) -> bool:
    """Whether an earlier payment could concern the scope at all."""
    if scoped.own:
        who = work.enterprise
        return who in state.before.to and any((city, who) in state.before.of for city in scoped.cities)
    return bool(state.facts.prior_payments)


def _payments(state: State, scoped: Scoped, work: Work) -> list[Payment]:
    """Earlier payments of the provisions and the document's time that could concern the scope."""
    assert work.found is not None
    everything = scoped.rule.limit is not None and bool(scoped.rule.limit.fact)
    document = state.law.document_of[id(scoped.rule)] if scoped.cross else work.found.document
    near = [x for city in scoped.cities for x in state.before.of.get((city, work.enterprise), ())]
    if not scoped.own and (scoped.everybody or work.thing):
        if scoped.everybody:
            near = [x for name in sorted(scoped.members) for x in state.before.of_rule.get(name, ())]
        else:
            near = [x for city, rule in sorted(scoped.members) for x in state.before.about(city, rule, work)]
            near = [x for x in near if x.object or state.who.of(x.enterprise, x.code) == work.enterprise]
    if scoped.things and not scoped.own and not _alike(scoped):
        near += _nameless(state, scoped, work)
    since = _since(state, scoped, work)
    return [
        x
        for x in near
        if ((x.city, x.rule) in scoped.members or (everything and x.city == document.city))
        and _at_time(scoped, x, work, since)
    ]


def _since(state: State, scoped: Scoped, work: Work) -> int | None:
    """The year from which payments count, where the scope is not a year's; None where all do."""
    assert work.found is not None
    document = state.law.document_of[id(scoped.rule)] if scoped.cross else work.found.document
    document = state.catalog.documents.get(state.catalog.version(document), document)
    return document.valid_from.year if document.valid_from and not scoped.yearly else None


def _at_time(scoped: Scoped, payment: Payment, work: Work, since: int | None) -> bool:
    return payment.year == work.year if scoped.yearly else since is None or payment.year >= since


def _alike(scoped: Scoped) -> bool:
    """Whether payments that name no thing are the same to all claims: each of them may be for any."""
    return not scoped.levels and not scoped.monthly


def _of_others(state: State, scoped: Scoped, works: Sequence[Work]) -> Decimal:
    """What `_nameless` finds, in all: added up once for all claims of a year, of which there may be many."""
    first = works[0]
    if scoped.own or not scoped.things or not _alike(scoped) or _its_own(first):
        return ZERO
    since = _since(state, scoped, first)
    key = scoped.members, first.year if scoped.yearly else since, bool(first.thing)
    known = state.vague.get(key)
    if known is None:
        own: dict[str, Decimal] = {}
        for name in scoped.members:
            for paid in state.before.of_rule.get(name, ()):
                if not paid.project and not (paid.object and first.thing) and _at_time(scoped, paid, first, since):
                    who = state.who.of(paid.enterprise, paid.code)
                    own[who] = own.get(who, ZERO) + paid.amount
        known = state.vague[key] = sum(own.values(), ZERO), own
    total, own = known
    return total - sum((own.get(who, ZERO) for who in {work.enterprise for work in works}), ZERO) if own else ZERO


def _its_own(work: Work) -> bool:
    """Whether a claim that names no object has one of its own all the same."""
    return not work.thing and bool(work.project or work.claim.enterprise_kind == "park")


def _nameless(state: State, scoped: Scoped, work: Work) -> Iterator[Payment]:
    """Payments to others that may be for the object of a claim, where one of the two does not name it."""
    if _its_own(work):
        return
    for city, rule in sorted(scoped.members):
        yield from state.before.nameless(city, rule, work)
        for x in state.before.of_rule.get((city, rule), ()) if not work.thing else ():
            if x.object and not x.project and state.who.of(x.enterprise, x.code) != work.enterprise:
                yield x


def _meets(scoped: Scoped, payment: Payment, work: Work) -> bool | None:
    """Whether a payment fills the scope of a claim; None where it does not say enough to tell."""
    if scoped.monthly and not (month := same_month(payment, work)):
        return month
    if scoped.levels:
        if not payment.level:
            return None
        met = [same_level(payment.level, work, name) for name in scoped.levels]
        if True not in met:
            return None if None in met else False
    found = [_about(name, payment, work) for name in scoped.things]
    return False if False in found else None if None in found else True


def _named(scoped: Scoped, work: Work) -> bool:
    """Whether a claim names the things that the scope needs."""
    return all(work.part("object" if name == "session" else name) is not None for name in scoped.things)


def _about(name: str, payment: Payment, work: Work) -> bool | None:
    """Whether a payment is for the thing of a claim; None where it does not say."""
    if name == "loan":
        return None if not payment.loan or not work.loan else same(payment.loan) == work.loan
    if name != "project":
        if payment.object and work.thing:
            return same(payment.object) == work.thing
        if not work.thing and not work.project and work.claim.enterprise_kind == "park" and not payment.object:
            return True
    if not payment.project or not work.project:
        return None
    return same(payment.project) == work.project


def same_month(payment: Payment, work: Work) -> bool | None:
    """Whether a payment is for the month of a claim; None where one of them does not say."""
    month = work.part("month")
    return None if payment.month is None or month is None else (payment.year, payment.month) == month


def same_level(said: str, work: Work, name: str) -> bool | None:
    """Whether a payment's level is that of the claim's input, by value or by label; None where it is no level at all."""
    assert work.found is not None
    level, choices = known(work).get(name), work.found.rule.input(name).choices
    names: dict[Any, set[str]] = {c.value: {same(str(c.value)), same(c.label)} for c in choices}
    names.setdefault(level, {same(str(level))})
    if same(said) in names.get(level, ()):
        return True
    other = any(same(said) in one for one in names.values()) if choices else same(said).isdecimal()
    return False if other else None
