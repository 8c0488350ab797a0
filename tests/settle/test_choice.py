"""The choice of kinds against brute force: every combination settled by itself, the most that any of them pays.

A combination is made here from the readings of 附件3 七2 (kinds of a project, routes of a project and year, one interest
subsidy of a loan) and 附件2 七, without the engine's own search: what it leaves out is left out of the list.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

import lists
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlpolicy import settle

ROUTES = ("tech_upgrade", "scaleup_tech_upgrade", "srdi_tech_upgrade", "innovation_center_tech_upgrade")
KIND = dict.fromkeys(ROUTES, "技改投资") | {"digital_project": "数智化", "tech_loan_interest": "技改贴息"}
INTEREST = ("tech_loan_interest", "scaleup_loan_interest", "software_loan_interest", "park_infra_interest")
FOUND = [x for x in lists.FOUND if x.document.key == "fuzhou-2026-5" and x.rule.id in {*KIND, *INTEREST}]
Claim = dict[str, Any]


def conflicts(claim: Claim) -> Iterator[tuple[tuple[Any, ...], str]]:
    """What a claim competes in, and as what."""
    rule, project, loan = claim["rule"], claim["project"], claim["loan"]
    if claim["on"] < dt.date(2026, 1, 1):
        return  # of the document before, which excludes nothing
    if project:
        if rule in KIND:
            yield ("kind", project), KIND[rule]
        if rule in ROUTES:
            yield ("route", project, claim["on"].year), rule
        yield ("center", project), "center" if rule == "innovation_center_tech_upgrade" else "others"
    if loan and rule in INTEREST:
        yield ("loan", loan), rule


def total(claims: list[Claim], facts: dict[str, Any]) -> Decimal:
    return sum((s.payable for s in settle(claims, facts, on_year=2026).claims), Decimal(0))


def best(claims: list[Claim], facts: dict[str, Any]) -> tuple[Decimal, int]:
    options: dict[tuple[Any, ...], set[str]] = {}
    for claim in claims:
        for key, kind in conflicts(claim):
            options.setdefault(key, set()).add(kind)
    keys = list(options)
    totals = []
    for combination in product(*(sorted(options[key]) for key in keys)):
        chosen = dict(zip(keys, combination, strict=True))
        totals.append(total([c for c in claims if all(chosen[k] == kind for k, kind in conflicts(c))], facts))
    return max(totals), len(totals)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_the_choice_pays_as_much_as_any_combination(seed: int) -> None:
    rng = Random(seed)
    claims = lists.claims(rng, 8, 1, FOUND)
    for claim in claims:  # a claim that is left out would no longer tell what was paid before …
        for name in ("paid_before", "principal_used"):
            claim["inputs"].pop(name, None)
    # … nor which loan belongs to which project
    none = {"pools": {}, "uplift_budget": None, "choices": {}, "prior_payments": [], "external_support": []}
    facts = lists.facts(rng, claims) | none
    first = settle(claims, facts, on_year=2026)
    claims = [c for c, s in zip(claims, first.claims, strict=True) if s.decided > 0]
    most, tried = best(claims, facts)
    assert total(claims, facts) == most, tried


def test_brute_force_finds_conflicts() -> None:
    """The property would hold on nothing if the lists had no conflicts."""
    rng = Random(5)
    assert any(best(lists.claims(rng, 8, 1, FOUND), {})[1] > 8 for _ in range(100))


def test_more_combinations_than_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """附件3 七2, one conflict after the other: the loan's is decided first (升规贴息 10, the claim that is also in the
    project's is not looked at yet), and what lost there stays out of the project's (技改设备 30, not 贴息 60)."""
    monkeypatch.setattr(sys.modules["xlpolicy.settle.choice"], "MOST", 1)
    base = {"enterprise": "丙公司", "city": "fuzhou", "on": "2026-06-30"}
    loan = {"loan": "L1", "inputs": {"loan_balance": "3000万元", "days": 365}}
    claims = [
        {**base, **loan, "id": "1", "rule": "tech_loan_interest", "project": "P"},
        {**base, **loan, "id": "2", "rule": "scaleup_loan_interest", "project": "Q",
         "inputs": {"loan_balance": "1000万元", "days": 365, "years_since_scaleup": 1}},
        {**base, "id": "3", "rule": "tech_upgrade", "project": "P", "inputs": {"investment": "1000万元"}},
    ]  # fmt: skip
    found = settle(claims, on_year=2026)
    assert [str(c.payable) for c in found.claims] == ["0.00", "100000.00", "300000.00"]
    assert {n.claim for n in found.notes if n.code == "combinations"} == {"1", "2", "3"}


def test_a_claim_that_is_due_nothing_is_no_choice() -> None:
    """附件3 七2: 技改 24; 数智化 whose effect nobody confirmed is due nothing, so there is nothing to compare."""
    base = {"enterprise": "丙公司", "city": "fuzhou", "on": "2026-06-30", "project": "P"}
    tech = {**base, "id": "1", "rule": "tech_upgrade", "inputs": {"investment": "800万元"}}
    digital = {**base, "id": "2", "rule": "digital_project", "inputs": {"investment": "100万元"}}
    refused = {**digital, "inputs": {**digital["inputs"], "effect_confirmed": False}}  # type: ignore[dict-item]
    assert len(settle([tech, digital], on_year=2026).compared) == 1
    result = settle([tech, refused], on_year=2026)
    assert (result.compared, [c.payable for c in result.claims]) == ((), [Decimal(240_000), Decimal(0)])
