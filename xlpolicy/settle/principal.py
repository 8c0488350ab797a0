"""A cumulative limit on the interest base: only loans that are paid interest use it, each counted once."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal

from xlpolicy.law.effects import CrossRule
from xlpolicy.money import ZERO
from xlpolicy.settle.books import Books, Principal
from xlpolicy.settle.facts import same
from xlpolicy.settle.single import decide_again
from xlpolicy.settle.state import State
from xlpolicy.settle.terms import counted, tranche
from xlpolicy.settle.work import Work


def consume_principal(state: State, books: Books, work: Work) -> None:
    """Decide again with what the enterprise's other loans have borne; what is lost is cut."""
    assert work.effects is not None and work.found is not None and work.outcome is not None
    for rule in work.effects.principals:
        assert rule.limit is not None
        used = rule.limit.used
        before = _before(state, rule, work)
        scope = books.principals.get(_scope(rule, work))
        taken = before + (scope.before(_loan(work), tranche(work)) if scope is not None else ZERO)
        if taken == work.env[used]:
            continue
        changed = {used: taken}
        if work.term is not None:
            changed |= counted(work)
        work.now = decide_again(work, changed)
        less = work.amount - min(work.now.amount, work.amount)
        if less > 0:
            work.take(rule, less, "其他贷款已占用本金 {:,.2f}元", taken)


def add_principal(books: Books, rule: CrossRule, work: Work) -> None:
    """A claim that is paid interest: its loan bears it."""
    assert rule.limit is not None
    scope = books.principals.setdefault(_scope(rule, work), Principal())
    scope.add(_loan(work), tranche(work), work.env[rule.limit.base])


def prepare(state: State) -> None:
    """What was borne before in every scope, once: it does not hang on the choice."""
    for work in state.works:
        for rule in work.effects.principals if work.effects and work.outcome else ():
            _before(state, rule, work)


def _before(state: State, rule: CrossRule, work: Work) -> Decimal:
    """Principal of other loans before this settlement: as the claims or as the earlier payments state it, the larger."""
    scope = _scope(rule, work)
    known = state.principal_before.get(scope)
    if known is None:
        known = state.principal_before[scope] = _stated_before(state, rule, work)
    said, highest, total = known
    return max(said, total - highest.get(_loan(work), ZERO))


def _stated_before(state: State, rule: CrossRule, work: Work) -> tuple[Decimal, dict[str, Decimal], Decimal]:
    """The most that a claim of the scope states, what earlier payments state by loan, and their sum."""
    assert rule.limit is not None and work.found is not None
    scope = _scope(rule, work)
    claims = [
        w
        for w in state.of_enterprise(work)
        if w.outcome is not None
        and w.effects
        and any(x is rule for x in w.effects.principals)
        and _scope(rule, w) == scope
    ]
    said = max((w.env[rule.limit.used] for w in claims), default=ZERO)
    highest: dict[str, Decimal] = {}
    net: dict[str, Decimal] = {}
    for number, paid in enumerate(state.prior_of.get((work.found.document.city, work.enterprise), ())):
        if paid.rule in rule.members and ("year" not in rule.limit.per or paid.year == work.year):
            loan = same(paid.loan) if paid.loan else f"#prior{number}"
            net[loan] = net.get(loan, ZERO) + paid.amount
            if paid.principal is not None:
                highest[loan] = max(highest.get(loan, ZERO), paid.principal)
            elif paid.amount > 0:
                for w in claims:
                    text = f"以前兑现的贴息 {paid.amount:,.2f}元 没有写明占用的本金，未计入本金限额；请补上"
                    state.note(w.claim.id, rule.id, text)
    highest = {loan: most for loan, most in highest.items() if net[loan] > 0}
    return said, highest, sum(highest.values(), ZERO)


def _scope(rule: CrossRule, work: Work) -> tuple[Hashable, ...]:
    assert rule.limit is not None
    return rule.id, work.enterprise, work.year if "year" in rule.limit.per else None


def _loan(work: Work) -> str:
    """The loan; a claim that names none is taken for a loan of its own."""
    return work.loan or f"#{work.claim.id}"
