"""One way through a list of claims: what each is paid when a choice of kinds stands.

Everything here works on `Work.amount` and `Work.cuts` and can be done again: `begin` takes a claim back to what it is
due by itself. What is paid nothing uses nothing: a claim that took a place and then got nothing is left out, and the
list is gone through again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from xlpolicy.claim.exact import REMEMBERED, find_row
from xlpolicy.law.effects import CrossRule
from xlpolicy.law.records import Rule
from xlpolicy.money import ZERO
from xlpolicy.settle import across, limits, places, quotas, terms
from xlpolicy.settle.books import Books
from xlpolicy.settle.line import Line
from xlpolicy.settle.principal import add_principal, consume_principal
from xlpolicy.settle.scopes import sum_key
from xlpolicy.settle.single import decide_again, refuse_review, strike
from xlpolicy.settle.state import State
from xlpolicy.settle.work import Work
from xlpolicy.words.wording import TERM_OF


def evaluate(state: State, line: Line, books: Books, *, final: bool = False) -> None:
    """Give every claim its amount and cuts; `final`: the notes too."""
    dead: set[int] = set()
    lost: set[int] = set()
    mark = len(state.notes)
    again: Sequence[Work] = line.works
    while True:
        for work in again:
            if work.touched:
                work.begin()
            if work.out is not None or work.waiting:
                work.amount = ZERO
            elif not work.touched:
                work.amount = work.alone
        settled = dead - lost
        placed = _once_through(state, line, books, dead, lost)
        new = {work.position for work in placed if work.amount <= 0} - settled
        if not new:
            break
        dead |= new
        del state.notes[mark:]
        books.clear()
        again = line.touched
    if not final:
        del state.notes[mark:]


def _once_through(state: State, line: Line, books: Books, dead: set[int], lost: set[int]) -> list[Work]:
    """All steps once; the claims that took a place from others, bar others or count days."""
    placed = across.bar_by_claims(state, _standing(line.barring), dead)
    trial = books is not state.books
    placed += places.once(state, _in_line(line.once), dead, trial=trial)
    placed += terms.days(state, _standing(line.terms), dead)
    placed += quotas.quota(state, _in_line(line.placed), dead, lost, trial=trial)
    counted = _in_line(line.counted)
    for work in sorted(counted, key=_turn) if state.turns else counted:
        if work.waiting:
            limits.reserve(state, books, work)
        else:
            consume(state, books, work)
    if state.budgeted:
        across.uplift_in_budget(state, _standing(line.raised), books)
    across.pools(state, _in_line(line.pooled))
    return placed


def _in_line(works: Sequence[Work]) -> list[Work]:
    """Those of the claims that wait, or stand and may be paid something."""
    return [w for w in works if w.out is None and (w.waiting or w.amount > 0 or w.sums)]


def _standing(works: Sequence[Work]) -> list[Work]:
    """Those of the claims that stand and may be paid something."""
    return [w for w in works if w.out is None and not w.waiting and (w.amount > 0 or w.sums)]


def _turn(work: Work) -> tuple[int, int, int]:
    """Its place in the list; an elected claim goes before the others of its kind."""
    return (*work.turn, work.position) if work.turn else (work.position, 0, work.position)


def consume(state: State, books: Books, work: Work) -> None:
    """One claim through sums, principal, uplift and limits; what it is paid takes room."""
    assert work.effects is not None
    if work.sums:
        sum_up(state, books, work)
    if work.term is not None:
        count_days(work)
    if work.effects.principals and work.amount > 0:
        consume_principal(state, books, work)
    raised = not state.budgeted and work.effects.uplifts and work.enterprise in state.chain
    if raised:
        across.uplift(state, books, work, held=False)
    if work.amount > 0:
        limits.hold(state, books, work)
    if raised:
        across.uplift(state, books, work, held=True)
    if work.amount > 0:
        for rule in work.effects.principals:
            add_principal(state, books, rule, work)


def count_days(work: Work) -> None:
    """Decide again with the days that are left of the loan's term."""
    assert work.found is not None and work.term is not None
    rule = work.found.rule
    assert rule.term is not None
    work.now = decide_again(work, terms.counted(work))
    less = work.amount - min(work.now.amount, work.amount)
    if less > 0:
        cut = CrossRule(
            f"{rule.id}.{rule.term.years}",
            rule.at,
            "term",
            (rule.id,),
            f"{TERM_OF[rule.term.per]}的贴息天数合计不超过期限",
        )
        work.take(cut, less, "期限内只余 {} 天", work.term)


@lru_cache(REMEMBERED)
def _yearly(rule: Rule) -> CrossRule:
    return CrossRule(f"{rule.id}.least", rule.at, "least", (rule.id,), "同一范围内按全年合计核定")


def sum_up(state: State, books: Books, work: Work) -> None:
    """What the sum of the scope's first claims is due, less what the ones before it were due."""
    assert work.found is not None and work.outcome is not None and work.found.rule.least is not None
    least, rule, key = work.found.rule.least, work.found.rule, sum_key(work)
    before = books.sums.get(key) if key is not None else None
    known, counted = before or ({}, ZERO)
    total = {name: known.get(name, ZERO) + work.env[name] for name in least.of}
    if before is None:
        counted = state.before.in_sum(work) if least.less_paid and key is not None else ZERO
        decision, due = work.outcome, max(work.amount - counted, ZERO)
    else:
        decision = decide_again(work, total)
        due = max(decision.amount - counted, ZERO)
    reviewed = work.claim.reviewed
    if reviewed is not None and reviewed > max(work.decided, due):
        refuse_review(state, work, reviewed, max(work.decided, due))
        return
    if key is not None:
        books.sums[key] = total, max(decision.amount, counted)
    _note_unsummed(state, work, total, eligible=decision.eligible)
    if before is None:
        if due < work.amount:
            work.take(_yearly(rule), work.amount - due, "此前已兑现 {:,.2f}元", counted)
        return
    due = _as_reviewed(state, work, due)
    if decision.amount < counted and counted > (state.before.in_sum(work) if least.less_paid else ZERO):
        _note_less(state, work, decision.amount, counted)
    if due != work.amount:
        item = rule.input(least.of[0])
        whole = f"{total[item.name]:,.2f}元" if item.type == "money" else f"{total[item.name]:,.0f}{item.unit}"
        work.take(_yearly(rule), work.amount - due, "“{}”合计 {}，全年应付 {:,.2f}元，前几笔已计 {:,.2f}元",
                  item.label, whole, decision.amount, counted)  # fmt: skip
    work.now = decision
    if reviewed is not None and work.decided < reviewed < work.amount:
        strike(work, reviewed)


def _note_unsummed(state: State, work: Work, total: Mapping[str, Decimal], *, eligible: bool) -> None:
    """What was paid before in the scope of a sum is an amount: what it was paid for is in no sum, which may reach more."""
    assert work.found is not None and work.found.rule.least is not None
    rule, least = work.found.rule, work.found.rule.least
    tables = [figure.table for figure in rule.figures.values() if figure.table and figure.table.by in least.of]
    higher = any(find_row(table, total[table.by]) != len(table.rows) - 1 for table in tables)
    if (higher if least.less_paid else not eligible) and (paid := state.before.in_sum(work)) > 0:
        text = (
            f"本年度此前已兑付 {paid:,.2f}元 的申报不在清单里，没有并入全年合计，"
            f"{'到不到更高一档' if tables else '够不够门槛'}还不能判断；请把那几笔一并列入再核算"
        )
        state.note(work.claim.id, "least", text)


def _as_reviewed(state: State, work: Work, due: Decimal) -> Decimal:
    """What is due of the year's sum, at most what was reviewed, unless that is just what the claim is due alone; what was
    reviewed above that is held against it afterwards."""
    reviewed = work.claim.reviewed
    if reviewed is None or due <= reviewed or reviewed > work.decided:
        return due
    if work.struck:
        return reviewed
    text = (
        f"审定额 {reviewed:,.2f}元 是单笔的测算额；按全年合计本笔应付 {due:,.2f}元，请核对后再付；"
        "核减的，把审定额改成要付的数"
    )
    state.note(work.claim.id, "least", text)
    return due


def _note_less(state: State, work: Work, due: Decimal, counted: Decimal) -> None:
    """More of the year's claims make less due than the ones before were: none of them is paid before somebody has looked."""
    assert work.found is not None
    key = sum_key(work)
    for one in state.of_rule[work.found.document.key, work.found.rule.id]:
        if one.sums and sum_key(one) == key:
            text = (
                f"连同申报 {work.claim.id} 全年合计应付 {due:,.2f}元，少于前几笔已计的 {counted:,.2f}元，请核对全年数据"
            )
            state.note(one.claim.id, "least", text)
