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
from xlpolicy.settle.unnamed import FIELDS, note_unnamed
from xlpolicy.settle.work import Work, pays, scope_key


def prepare(state: State) -> None:
    """Claims from which others are taken off come after those; while one of those waits, they wait."""
    for work in state.works if state.law.deducted else ():
        for rule in work.effects.deducts if work.effects else ():
            if work.alone > 0:
                _note_unnamed(state, work, rule)
            others = list(_others(state, work, rule))
            for other in others:  # what a choice makes of it changes what is due here
                other.touched = True
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
        for earlier in state.before.of.get((city, work.enterprise), ()):
            if earlier.rule == name[1] and pays(earlier, work, rule.deduct.per):
                paid += earlier.amount
    if paid > 0:
        yield ("deduct", rule.id, scope_key(work, rule.deduct.per)), paid, "以前兑现的"


def _note_unnamed(state: State, work: Work, rule: CrossRule) -> None:
    """Claims and earlier payments that would be taken off, if what one of the two does not name is the same."""
    assert rule.deduct is not None
    per, names = rule.deduct.per, _claims(state, rule)
    key = scope_key(work, per)
    near, silent = [], [work] if None in key else []
    for other in state.enterprises[work.enterprise]:
        its = scope_key(other, per)
        may = all(one == two or None in (one, two) for one, two in zip(key, its, strict=True))
        found = other.found if other is not work and may and None in (*key, *its) else None
        if found is not None and (found.document.key, found.rule.id) in names and (other.amount > 0 or other.waiting):
            near.append(other)
            silent += [other] if None in its else []
    if near:
        parts = zip(per, scope_key(silent[0], per)[1:], strict=True)
        field = next((name for name, part in parts if part is None and name in FIELDS), "project")
        note_unnamed(state, [work, *near], silent, field, f"没有互相扣除（{rule.text}）")
    said = {"project": work.project, "loan": work.loan, "object": work.thing or work.project}
    paid = ZERO
    for document, name in names:
        for one in state.before.of.get((state.catalog.documents[document].city, work.enterprise), ()):
            told = {"project": one.project, "loan": one.loan, "object": one.object}
            vague = any(x in per and None in (said[x], told[x]) for x in said)
            if one.rule == name and vague and ("year" not in per or one.year == work.year):
                paid += one.amount
    if paid > 0:
        text = f"以前兑现的 {paid:,.2f}元 与本笔有一方没有写明项目、贷款或对象，没有扣除（{rule.text}），请核对"
        state.note(work.claim.id, "unnamed", text)


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
    for other in state.enterprises[work.enterprise]:
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
    own = sum((amount for other, amount, _ in pot if other == kind), ZERO)
    for other, amount, place in pot:
        due = work.borne(rule.choose.part)
        left = min(amount - books.used(place), due) if other != kind else ZERO
        if left > 0:
            before = "以前已兑现另一项" if other is not None else "已获其他支持"
            work.relieve(rule.choose.part, rule, left, "就高：同一范围{} {:,.2f}元，只付超过部分", before, amount)
            books.add(place, left)
            if own:  # payments do not say which came first: what was taken off then is not to be taken off again
                what = "另一项" if other is not None else "其他支持"
                text = f"以前已兑现本项 {own:,.2f}元；那时扣过{what} {amount:,.2f}元 的，本次不应再扣（{rule.text}），请核对"
                state.note(work.claim.id, "repeated", text)
