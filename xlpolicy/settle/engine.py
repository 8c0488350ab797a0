"""兑付核算: five effects over many claims (limit, choose, bar, scale, split). The engine knows effects, not articles.

Validity, the article alone and bars make each claim's amount by itself (`single`); of the kinds that exclude one
another the combination stands that pays most in the end (`choice`); then `evaluate` goes through the list.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from xlpolicy.law.catalog import Catalog
from xlpolicy.money import CENT, exactly
from xlpolicy.settle import (
    across,
    because,
    choice,
    contrary,
    deduct,
    evaluate,
    limits,
    order,
    places,
    principal,
    questions,
    quotas,
    repeated,
    statements,
)
from xlpolicy.settle.compared import compared
from xlpolicy.settle.facts import Facts
from xlpolicy.settle.line import Line, mark
from xlpolicy.settle.model import Claim, Settled, Settlement
from xlpolicy.settle.single import settle_alone
from xlpolicy.settle.state import State
from xlpolicy.settle.work import Work


@contextmanager
def without_collection() -> Iterator[None]:
    """No garbage collection meanwhile: everything made here stays, and looking through it again and again is slow.

    What stays is put with what is old already, so that it is not looked through at once afterwards either.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if not gc.get_freeze_count():  # somebody else's frozen objects stay frozen
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def run(claims: list[Claim], facts: Facts, on_year: int, catalog: Catalog) -> Settlement:
    """Settle claims in the order given; decided amount less cuts is payable, for each of them."""
    state = State(claims, facts, on_year, catalog)
    with exactly():  # entered once; a rounding context inside it is never needed
        for work in state.works:
            settle_alone(state, work)
        questions.ask(state)
        state.waits = state.waits or any(work.waiting for work in state.works)
        contrary.note_contrary(state)
        repeated.note_repeated(state)
        statements.note_statements(state)
        limits.prepare(state)
        principal.prepare(state)
        across.relieve(state)
        deduct.prepare(state)
        places.prepare(state)
        quotas.prepare(state)
        mark(state)
        choice.choose(state)
        order.note_order(state)
        evaluate.evaluate(state, Line(state, state.works), state.books, final=True)
        because.explain(state)
        works, notes, options = state.works, tuple(state.notes), compared(state)
        del state  # what the ends of the claims do not hold is given back before they are made, then each `Work`
        works.reverse()
        settled = tuple([_settled(works.pop()) for _ in range(len(works))])
    return Settlement(on_year, settled, notes, options)


def _borne(work: Work) -> str | dict[str, Decimal]:
    """Who pays a claim: the one who bears all of it, or what each of several bears."""
    if work.amount <= 0 or work.effects is None:
        return ""
    if work.effects.share is None:
        return work.effects.payer
    return {payer: part for payer, part in work.parts().items() if part}


def _settled(work: Work) -> Settled:
    return Settled(
        work.claim.id,
        work.decided,
        work.amount if work.amount is work.decided else work.amount.quantize(CENT),
        _borne(work),
        work.cuts,
        work.found,
        work.outcome,
        "pending" if work.waiting else "paid" if work.amount > 0 else "zero",
        work.claim,
    )
