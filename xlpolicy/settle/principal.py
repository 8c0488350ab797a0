"""A cumulative limit on the interest base: only loans that are paid interest use it, each counted once."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal

from xlpolicy.law.effects import CrossRule
from xlpolicy.money import ZERO
from xlpolicy.settle.before import still_paid
from xlpolicy.settle.books import Books, Principal
from xlpolicy.settle.single import decide_again, known
from xlpolicy.settle.state import State
from xlpolicy.settle.terms import counted, tranche
from xlpolicy.settle.work import Work
from xlpolicy.words.names import same

#: the loan, period and principal of an earlier payment, and its amount
_Paid = tuple[tuple[str, Hashable, Decimal], Decimal]


def consume_principal(state: State, books: Books, work: Work) -> None:
    """Decide again with what the enterprise's other loans have borne; what is lost is cut."""
    assert work.effects is not None and work.found is not None and work.outcome is not None
    for rule in work.effects.principals:
        assert rule.limit is not None
        used = rule.limit.used
        taken = _taken(state, books, rule, work)
        if taken == work.env[used]:
            continue
        changed = {used: taken}
        if work.term is not None:
            changed |= counted(work)
        work.now = decide_again(work, changed)
        less = work.amount - min(work.now.amount, work.amount)
        if less > 0:
            work.take(rule, less, "其他贷款已占用本金 {:,.2f}元", taken)


def add_principal(state: State, books: Books, rule: CrossRule, work: Work) -> None:
    """A claim that is paid interest: its loan bears it, as far as there was room."""
    assert rule.limit is not None
    borne: Decimal = work.env[rule.limit.base]
    if rule.limit.max is not None:
        borne = min(borne, max(work.figure(rule.limit.max) - _taken(state, books, rule, work), ZERO))
    _principal(state, books, rule, work).add(_loan(work), tranche(work), borne)


def _principal(state: State, books: Books, rule: CrossRule, work: Work) -> Principal:
    """The loans of the scope, with what they bore before."""
    key = scope(rule, work)
    found = books.principals.get(key)
    if found is None:
        found = books.principals[key] = Principal(before(state, rule, work)[1])
    return found


def _taken(state: State, books: Books, rule: CrossRule, work: Work) -> Decimal:
    """What is taken before a claim; what the claims state of other loans and no earlier payment says comes on top."""
    said, earlier = before(state, rule, work)
    others = sum((max(of.values()) for loan, of in earlier.items() if loan != _loan(work)), ZERO)
    return _principal(state, books, rule, work).before(_loan(work), tranche(work)) + max(said - others, ZERO)


def prepare(state: State) -> None:
    """What was borne before in every scope, once: it does not hang on the choice."""
    for work in state.of_step["principals"]:
        for rule in work.effects.principals if work.effects else ():
            before(state, rule, work)


def before(state: State, rule: CrossRule, work: Work) -> tuple[Decimal, dict[str, dict[Hashable, Decimal]]]:
    """Principal before this settlement: the most that a claim of the scope states, and what earlier payments state, by loan
    and period."""
    key = scope(rule, work)
    known = state.principal_before.get(key)
    if known is None:
        known = state.principal_before[key] = _stated_before(state, rule, work)
    return known


def _stated_before(state: State, rule: CrossRule, work: Work) -> tuple[Decimal, dict[str, dict[Hashable, Decimal]]]:
    assert rule.limit is not None and work.found is not None
    key = scope(rule, work)
    claims = [
        w
        for w in state.enterprises[work.enterprise]
        if (w.outcome is not None or w.waiting)
        and w.effects
        and any(x is rule for x in w.effects.principals)
        and scope(rule, w) == key
    ]
    said = max((known(w).get(rule.limit.used) or ZERO for w in claims), default=ZERO)
    payments: list[_Paid] = []
    before = sorted(state.before.of.get((work.found.document.city, work.enterprise), ()), key=lambda paid: paid.year)
    for number, paid in enumerate(before):
        if paid.rule in rule.members and ("year" not in rule.limit.per or paid.year == work.year):
            if paid.principal is not None:
                loan = same(paid.loan) if paid.loan else f"#prior{number}"
                period = paid.period_from and (paid.period_from, paid.period_to)
                payments.append(((loan, period, paid.principal), paid.amount))
            elif paid.amount > 0:
                for w in claims:
                    text = f"以前兑现的贴息 {paid.amount:,.2f}元 没有写明占用的本金，未计入本金限额；请补上"
                    state.note(w.claim.id, rule.id, text, "state")
    borne = _borne(payments, None)
    total = sum((max(of.values()) for of in borne.values()), ZERO)
    most = None if rule.limit.max is None else work.figure(rule.limit.max)
    if most is not None and total > most:
        borne = _borne(payments, most)
        for w in claims if len(borne) > 1 else ():
            text = (
                f"以前兑现的贴息写的本金合计 {total:,.2f}元，超过限额 {most:,.2f}元，按年度先后只计到限额，"
                "请核对各笔实际享受贴息的本金"
            )
            state.note(w.claim.id, rule.id, text, "told")
    return said, borne


def _borne(payments: list[_Paid], most: Decimal | None) -> dict[str, dict[Hashable, Decimal]]:
    """The principal of each loan that was paid interest and not taken back (what was taken back states the same): by period
    the sum of its tranches; of payments that do not say their period, the most. What is stated beyond the limit, one
    payment after the other, has borne no interest."""
    amounts: dict[tuple[str, Hashable, Decimal], list[Decimal]] = {}
    for key, amount in payments:
        amounts.setdefault(key, []).append(amount)
    left = {key: len(still_paid(of)) for key, of in amounts.items()}
    found: dict[str, dict[Hashable, Decimal]] = {}
    for key, amount in payments:
        if amount <= 0 or not left[key]:
            continue
        left[key] -= 1
        loan, period, principal = key
        of = found.setdefault(loan, {})
        was = of.get(period, ZERO)
        of[period] = max(was, principal) if period is None else was + principal
        if most is not None:
            others = sum((max(other.values()) for name, other in found.items() if name != loan), ZERO)
            of[period] = min(of[period], most - others)
    return found


def scope(rule: CrossRule, work: Work) -> tuple[Hashable, ...]:
    """What a limit on the interest base is for: the enterprise, or it and the year."""
    assert rule.limit is not None
    return rule.id, work.enterprise, work.year if "year" in rule.limit.per else None


def _loan(work: Work) -> str:
    """The loan; a claim that names none is taken for a loan of its own."""
    return work.loan or f"#{work.claim.id}"
