"""What is taken off a claim: outside support, other claims, and what was paid before of another kind (补差、就高)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from decimal import Decimal

from xlpolicy.law.abroad import meant
from xlpolicy.law.effects import CrossRule
from xlpolicy.money import ZERO
from xlpolicy.settle.books import Books
from xlpolicy.settle.outside import supports, words
from xlpolicy.settle.single import hold
from xlpolicy.settle.state import State
from xlpolicy.settle.work import Work, pays, scope_key


def prepare(state: State) -> None:
    """Claims from which others are taken off come after those; while one of those waits, they wait."""
    for work in state.works if state.law.deducted else ():
        for rule in work.effects.deducts if work.effects else ():
            others = list(_others(state, work, rule))
            waiting = next((w for w in others if w.waiting), None)
            if waiting is not None and not work.waiting:
                hold(state, work, rule, "申报 {} 还缺资料，补齐以后才能扣除", waiting.claim.id)
            last = max([work.position, *(w.position for w in others)])
            if last > work.position:
                work.turn = (last, 1)
                state.turns = True


def deduct(state: State, books: Books, work: Work, rule: CrossRule) -> None:
    """Take off what is stated, each amount once, never below zero."""
    for key, amount, what in _owed(state, work, rule):
        left = min(amount - books.used(key), work.amount)
        if left > 0:
            work.take(rule, left, "扣除{} {:,.2f}元", what, amount)
            books.add(key, left)


def _owed(state: State, work: Work, rule: CrossRule) -> Iterator[tuple[Hashable, Decimal, str]]:
    assert rule.deduct is not None
    for position, item in supports(state, work, rule.deduct.support, rule.deduct.of):
        if item.amount:
            yield ("deduct", rule.id, work.enterprise, position), item.amount, words(state, item)
    if not rule.deduct.claims:
        return
    for other in _others(state, work, rule):
        yield ("deduct", rule.id, work.enterprise, other.claim.id), other.amount, f"申报 {other.claim.id}"
    paid = ZERO
    for name in _claims(state, rule):
        city = state.catalog.documents[name[0]].city
        for earlier in state.prior_of.get((city, work.enterprise), ()):
            if earlier.rule == name[1] and pays(earlier, work, rule.deduct.per):
                paid += earlier.amount
    if paid > 0:
        yield ("deduct", rule.id, scope_key(work, rule.deduct.per)), paid, "以前兑现的"


def _claims(state: State, rule: CrossRule) -> list[tuple[str, str]]:
    assert rule.deduct is not None
    own = state.law.document_of[id(rule)]
    return [found for name in rule.deduct.claims for found in meant(state.catalog, own, name)]


def _others(state: State, work: Work, rule: CrossRule) -> Iterator[Work]:
    """Claims of the same scope that are taken off."""
    assert rule.deduct is not None
    key = scope_key(work, rule.deduct.per)
    if not rule.deduct.claims or None in key:
        return
    names = _claims(state, rule)
    for other in state.of_enterprise(work):
        found = other.found
        mine = other is not work and found and (found.document.key, found.rule.id) in names
        if mine and scope_key(other, rule.deduct.per) == key:
            yield other


def top_up(state: State, books: Books, work: Work, rule: CrossRule, key: tuple[Hashable, ...]) -> None:
    """就高: what was paid before of other kinds in this scope, or as outside support, is taken off, each once."""
    pot = state.pots.get((rule.id, *key))
    if pot is None or not state.reaches(rule, work):
        return
    assert rule.choose is not None
    kind = state.kind_of(rule, work)
    for other, amount, place in pot:
        due = work.borne(rule.choose.part)
        left = min(amount - books.used(place), due) if other != kind else ZERO
        if left > 0:
            before = "以前已兑现另一项" if other is not None else "已获其他支持"
            work.relieve(rule.choose.part, rule, left, "就高：同一范围{} {:,.2f}元，只付超过部分", before, amount)
            books.add(place, left)
