"""A cumulative limit on the interest base: only loans that are paid interest use it, each counted once."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal

from xlpolicy.law.effects import CrossRule
from xlpolicy.money import ZERO
from xlpolicy.settle.facts import same
from xlpolicy.settle.single import decide_again
from xlpolicy.settle.state import Books, Principal, State, Work
from xlpolicy.settle.terms import tranche


def consume_principal(state: State, books: Books, work: Work) -> None:
    """Decide again with what the enterprise's other loans have borne; what is lost is cut."""
    assert work.effects is not None and work.found is not None and work.decision is not None
    for rule in work.effects.principals:
        assert rule.limit is not None
        used = rule.limit.used
        before = _before(state, rule, work)
        scope = books.principals.get(_scope(rule, work))
        taken = before + (scope.before(_loan(work), tranche(work)) if scope is not None else ZERO)
        if taken == work.env[used]:
            continue
        changed = {used: taken}
        if work.term is not None and work.found.rule.term is not None:
            changed[work.found.rule.term.days] = work.term
        work.now = decide_again(work, changed)
        less = work.amount - min(work.now.amount, work.amount)
        if less > 0:
            work.take(rule, less, "其他贷款已占用本金 {:,.2f}元", taken)


def add_principal(books: Books, rule: CrossRule, work: Work) -> None:
    """A claim that is paid interest: its loan bears it."""
    assert rule.limit is not None
    scope = books.principals.setdefault(_scope(rule, work), Principal())
    scope.add(_loan(work), tranche(work), work.env[rule.limit.base])


def _before(state: State, rule: CrossRule, work: Work) -> Decimal:
    """Principal of other loans before this settlement: as the claims or as the earlier payments state it, the larger."""
    assert rule.limit is not None
    key = (*_scope(rule, work), _loan(work))
    known = state.principal_before.get(key)
    if known is not None:
        return known
    claims = [
        w
        for w in state.of_enterprise(work)
        if w.decision is not None
        and _scope(rule, w) == key[:-1]
        and rule in (w.effects.principals if w.effects else ())
    ]
    said = max((w.env[rule.limit.used] for w in claims), default=ZERO)
    highest: dict[str, Decimal] = {}
    net: dict[str, Decimal] = {}
    assert work.found is not None
    for number, paid in enumerate(state.prior_of.get((work.found.document.city, work.enterprise), ())):
        if paid.rule in rule.members and ("year" not in rule.limit.per or paid.year == work.year):
            loan = same(paid.loan) if paid.loan else f"#prior{number}"
            net[loan] = net.get(loan, ZERO) + paid.amount
            if paid.principal is not None:
                highest[loan] = max(highest.get(loan, ZERO), paid.principal)
            elif paid.amount > 0:
                for w in claims:
                    state.note(
                        w.claim.id,
                        rule.id,
                        f"以前兑现的贴息 {paid.amount:,.2f}元 没有写明占用的本金，未计入本金限额；请补上",
                    )
    state.principal_before[key] = found = max(
        said, sum((x for name, x in highest.items() if name != _loan(work) and net[name] > 0), ZERO)
    )
    return found


def _scope(rule: CrossRule, work: Work) -> tuple[Hashable, ...]:
    assert rule.limit is not None
    return rule.id, work.enterprise, work.year if "year" in rule.limit.per else None


def _loan(work: Work) -> str:
    """The loan; a claim that names none is taken for a loan of its own."""
    return work.loan or f"#{work.claim.id}"
