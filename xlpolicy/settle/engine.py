"""兑付核算: the steps of cross_rules.yaml in its order. The engine knows effects, not articles."""

from __future__ import annotations

from collections import defaultdict

from xlpolicy.assess import basis
from xlpolicy.catalog import Catalog
from xlpolicy.money import CENT
from xlpolicy.settle import across
from xlpolicy.settle.model import Claim, Facts, Settled, Settlement
from xlpolicy.settle.single import Principals, decide_claim, find
from xlpolicy.settle.state import State, Work


def run(claims: list[Claim], facts: Facts, on_year: int, catalog: Catalog) -> Settlement:
    """Settle claims in the order given; decided amount less cuts is payable, for each of them."""
    state = State(claims, facts, on_year, catalog)
    principals: Principals = defaultdict(dict)
    for work in state.works:
        if find(state, work):
            decide_claim(state, work, principals)
    across.bar_by_claims(state)
    across.quota(state)
    for per in ("loan", "project", "project-year"):
        for document, rule in state.rules:
            if rule.keep_one and rule.keep_one.per == per:
                across.keep_one(state, document, rule)
    across.uplift(state)
    for document, rule in state.rules:
        if rule.cap:
            across.cap(state, document, rule)
    for document, rule in state.rules:
        if rule.ceiling:
            across.ceiling(state, document, rule)
    for document, rule in state.rules:
        if rule.pool:
            across.pool(state, document, rule)
    partners = across.partners(state)
    for work in state.works:
        across.split(state, work, partners)
    return Settlement(on_year, tuple(map(_settled, state.works)), tuple(state.notes))


def _settled(work: Work) -> Settled:
    found = work.found
    return Settled(
        work.claim.id, work.decided, work.amount.quantize(CENT), work.payers, tuple(work.cuts),
        str(basis(found)) if found else "", found.rule.title if found else "",
    )  # fmt: skip
