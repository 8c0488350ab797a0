"""兑付核算: the steps of cross_rules.yaml in its order. The engine knows effects, not articles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from xlpolicy.law.catalog import Catalog
from xlpolicy.money import CENT
from xlpolicy.settle import across
from xlpolicy.settle.facts import Facts
from xlpolicy.settle.limits import limits
from xlpolicy.settle.model import Claim, Settled, Settlement
from xlpolicy.settle.single import settle_alone
from xlpolicy.settle.state import State, Work


@contextmanager
def without_collection() -> Iterator[None]:
    """No garbage collection meanwhile: everything made here stays, and looking through it again and again is slow."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def run(claims: list[Claim], facts: Facts, on_year: int, catalog: Catalog) -> Settlement:
    """Settle claims in the order given; decided amount less cuts is payable, for each of them."""
    state = State(claims, facts, on_year, catalog)
    for work in state.works:
        settle_alone(state, work)
    across.note_repeated(state)
    across.bar_by_claims(state)
    across.quota(state)
    for per in ("loan", "project", "project-year"):
        for document, rule in state.rules:
            if rule.keep_one and rule.keep_one.per == per:
                across.keep_one(state, document, rule)
    across.uplift(state)
    limits(state)
    for document, rule in state.rules:
        if rule.ceiling:
            across.ceiling(state, document, rule)
    for document, rule in state.rules:
        if rule.pool:
            across.pool(state, document, rule)
    partners = across.partners(state)
    for work in state.works:
        if work.amount > 0:
            across.split(state, work, partners)
    return Settlement(on_year, tuple(map(_settled, state.works)), tuple(state.notes))


def _settled(work: Work) -> Settled:
    return Settled(
        work.claim.id,
        work.decided,
        work.amount.quantize(CENT),
        work.payers,
        tuple(work.cuts),
        work.found,
        work.decision,
    )
