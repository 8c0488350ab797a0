"""兑付核算: many claims -> what is payable after all cross rules, every cut with its rule, article and reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from xlpolicy.law import catalog as catalogs
from xlpolicy.law.adopted import Choices
from xlpolicy.law.catalog import Catalog
from xlpolicy.settle.fact_values import year
from xlpolicy.settle.facts import Facts
from xlpolicy.settle.model import Claim, Cut, Settled, Settlement, read_claims

__all__ = ["Claim", "Cut", "Facts", "Settled", "Settlement", "settle"]


def settle(
    claims: Iterable[Claim | Mapping[str, Any]],
    facts: Facts | Mapping[str, Any] | None = None,
    *,
    on_year: int,
    catalog: Catalog | None = None,
    readings: Choices | None = None,
) -> Settlement:
    """Settle claims together, in the order given (order decides where the law lets the earlier claim go first).

    `claims`: `Claim`s or mappings of the contract's shape; `facts` likewise. `on_year`: the year whose limits rule
    claims without a date (drafts) and the ceiling by fiscal contribution.
    A claim outside its document's validity, or whose inputs are missing or invalid, is payable 0 with a cut that
    says so. `readings`: a bureau's own options, as of `assess`.
    Raises InvalidInput where claims or facts are not of the contract's shape, UnknownReading.
    """
    from xlpolicy.settle.engine import run, without_collection  # a claim is named where none is settled

    law = (catalog or catalogs.default()).adopting(readings)
    given = Facts.of(facts)
    with without_collection():
        return run(read_claims(claims), given.by_fund(law.documents.values()), year(on_year, "on_year"), law)
