"""What holds of every settlement, on random lists over all provisions (tests/settle/lists.py).

Limits are worked out again here, from the figures of the law and the sums of what is payable, not from the engine.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import lists
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlpolicy import assess, settle
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog
from xlpolicy.settle import Settled, Settlement

ZERO = Decimal(0)
YEAR = 2026
Claims = list[dict[str, Any]]
Drawn = tuple[Random, Claims, dict[str, Any]]


@st.composite
def drawn(draw: st.DrawFn, document: str | None = None) -> Drawn:
    """A generator, claims of a few enterprises (of one document, or of any), and facts that bear on them."""
    rng = Random(draw(st.integers(0, 2**32)))
    found = [x for x in lists.FOUND if document in (None, x.document.key)]
    claims = lists.claims(rng, draw(st.integers(0, 40)), draw(st.integers(1, 4)), found)
    return rng, claims, lists.facts(rng, claims)


def document_of(settled: Settled) -> str:
    return settled.found.document.key if settled.found else ""


def figure(document: str, rule: str, name: str) -> Decimal:
    value = catalog.default().document(document).rules[rule].figures[name].value
    assert isinstance(value, Decimal)
    return value


# --- every claim by itself ---


@settings(max_examples=300, deadline=None)
@given(drawn())
def test_every_claim_adds_up(given: Drawn) -> None:
    _, claims, facts = given
    result = settle(claims, facts, on_year=YEAR)
    noted = {note.claim for note in result.notes}
    assert [s.id for s in result.claims] == [c["id"] for c in claims]
    for claim, settled in zip(claims, result.claims, strict=True):
        cuts = [c.amount for c in settled.cuts]
        assert settled.decided - sum(cuts, ZERO) == settled.payable == sum(settled.payers.values(), ZERO)
        assert settled.payable >= 0 and settled.payable == settled.payable.quantize(Decimal("0.01"))
        assert all(part > 0 for part in settled.payers.values())
        assert settled.payable <= settled.decided + sum((-c for c in cuts if c < 0), ZERO)
        try:
            alone = assess(claim["city"], claim["rule"], claim["inputs"], on=claim["on"], policy=claim["policy"])
        except PolicyError:
            assert settled.payable == 0 and len(settled.cuts) == 1, "refused, with the reason"
            continue
        if settled.outcome is None:
            assert settled.payable == 0 and len(settled.cuts) == 1
            assert claim["id"] in noted or alone.warnings, "what is needed, or outside the pinned document's validity"
        else:
            assert settled.decided == alone.amount, "the single decision, as assess gives it"


@settings(max_examples=100, deadline=None)
@given(drawn())
def test_settling_twice_gives_the_same(given: Drawn) -> None:
    _, claims, facts = given
    first = settle(claims, facts, on_year=YEAR)
    again = settle([{**c} for c in claims], {**facts}, on_year=YEAR)
    assert first == again
    assert first.model_dump(mode="json") == again.model_dump(mode="json")


# --- limits ---

#: members, figure, what one limit is for beside the enterprise
LIMITS: list[tuple[str, tuple[str, ...], str, str, tuple[str, ...]]] = [
    ("fuzhou-2026-5", ("tech_upgrade", "scaleup_tech_upgrade", "srdi_tech_upgrade", "innovation_center_tech_upgrade"), "tech_upgrade", "cap", ("year",)),
    *(("fuzhou-2026-5", (rule,), rule, name, ("year",)) for rule, name in [
        ("cloud_core", "year_cap"), ("cloud_infra", "year_cap"), ("cloud_device", "year_cap"), ("digital_project", "cap"),
        ("industry_academia_project", "cap"), ("software_contest", "cap"), ("software_major_project", "cap"),
        ("software_loan_interest", "cap"), ("exhibition_booth", "year_cap"), ("exhibition_organiser", "year_cap"),
        ("group_challenge", "cap"), ("pilot_test_income", "cap"), ("first_equipment", "cap"),
    ]),
    ("fuzhou-2026-5", ("park_infra_interest",), "park_infra_interest", "cap", ("year", "object")),
    ("fuzhou-2026-5", ("platform_build",), "platform_build", "cap", ("object",)),
    ("fuzhou-2024-13", ("platform_build",), "platform_build", "cap", ("object",)),
    ("fuzhou-2024-13", ("digital_project",), "digital_project", "cap", ("project",)),
    ("quanzhou-2023-6", ("resolution_node",), "resolution_node", "cap", ("project",)),
    ("quanzhou-2023-6", ("cloud_design_software",), "cloud_design_software", "cap", ("year",)),
    ("putian-draft", ("key_challenge",), "key_challenge", "cap", ("project",)),
    *(("fuzhou-2024-13", (rule,), rule, name, ("year",)) for rule, name in [
        ("cloud_core", "year_cap"), ("cloud_infra", "year_cap"), ("cloud_device", "year_cap"), ("tech_upgrade", "cap"),
    ]),
    ("fuzhou-2024-13", ("pilot_loan_interest",), "pilot_loan_interest", "cap", ("project",)),
    ("quanzhou-2023-6", ("design_voucher",), "design_voucher", "year_cap", ("year",)),
    ("jinjiang-2023-11", ("five_g_project",), "five_g_project", "year_cap", ("year",)),
    ("putian-draft", ("compute_subsidy",), "compute_subsidy", "year_cap", ("year",)),
    ("putian-draft", ("chain_leader",), "chain_leader", "year_cap", ("year",)),
    ("putian-draft", ("platform_new_enterprise",), "platform_new_enterprise", "year_cap", ("year", "project")),
]  # fmt: skip


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit[0]}-{limit[2]}")
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_limit_is_exceeded(
    limit: tuple[str, tuple[str, ...], str, str, tuple[str, ...]], data: st.DataObject
) -> None:
    document, members, owner, name, scope = limit
    rng = Random(data.draw(st.integers(0, 2**32)))
    found = [x for x in lists.FOUND if x.document.key == document and x.rule.id in members]
    claims = lists.claims(rng, 12, 2, found)
    facts = lists.facts(rng, claims)
    result = settle(claims, facts, on_year=YEAR)
    paid: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    before: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for claim, settled in zip(claims, result.claims, strict=True):
        if settled.outcome is not None and document_of(settled) == document:
            key = (claim["enterprise"], *(part(claim, x) for x in scope))
            paid[key] += settled.payable
            stated = settled.outcome.env.get("paid_before") or ZERO
            before[key] = max(before[key], stated)
    for item in facts["prior_payments"]:
        key = (item["enterprise"], *(part(item, x) for x in scope))
        if item["city"] == catalog.default().document(document).city and item["rule"] in members and key in paid:
            before["facts", *key] += item["amount"]
    for key, amount in paid.items():
        known = before["facts", *key] if None not in key else ZERO
        left = figure(document, owner, name) - max(known, before[key])
        assert amount <= max(left, ZERO), key


def part(item: dict[str, Any], scope: str) -> Any:
    """What of a claim or a payment names the scope; a claim without a project is a project of its own."""
    if scope == "year":
        return item["year"] if "year" in item else item["on"].year if item["on"] else YEAR
    if scope == "object" and not item["project"] and item.get("enterprise_kind") == "park":
        return "park"
    return item["project"] or item.get("id")


@settings(max_examples=150, deadline=None)
@given(drawn("jinjiang-2023-11"))
def test_no_contribution_is_exceeded(given: Drawn) -> None:
    _, claims, facts = given
    result = settle(claims, facts, on_year=2023)
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for claim, settled in zip(claims, result.claims, strict=True):
        if claim["enterprise_kind"] == "enterprise" and claim["on"] is not None and claim["on"].year == 2023:
            paid[claim["enterprise"]] += settled.payable
    for enterprise, contribution in facts["fiscal_contribution"].items():
        before = [p["amount"] for p in facts["prior_payments"] if p["enterprise"] == enterprise and p["year"] == 2023]
        assert paid[enterprise] <= max(contribution - sum(before, ZERO), ZERO)


SOFTWARE = [
    "open_source_community", "open_source_project", "secure_product", "software_brand", "software_contest",
    "software_loan_interest", "software_major_project", "software_product",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(drawn("fuzhou-2026-5"), st.sampled_from(["0.01", "1", "100"]))
def test_no_pool_is_exceeded_and_doubling_it_lowers_nobody(given: Drawn, quantum: str) -> None:
    _, claims, facts = given
    # the fund is of this year; what is to be had from it counts in the choices of a loan or project
    claims = [c | {"loan": None, "project": None} for c in claims if c["on"] is not None and c["on"].year == YEAR]
    fund = Decimal(facts["pools"]["fz26_software_fund"])
    # a claim that waits for its inputs keeps a part of the fund: such claims are left out
    waits = {s.id for s in settle(claims, facts, on_year=YEAR).claims if s.status == "pending"}
    claims = [c for c in claims if c["id"] not in waits]
    once = settle(claims, facts, on_year=YEAR)
    twice = settle(claims, facts | {"pools": {"fz26_software_fund": 2 * fund}}, on_year=YEAR)
    members = [c["rule"] in SOFTWARE for c in claims]
    total = sum((s.payable for s, m in zip(once.claims, members, strict=True) if m), ZERO)
    assert total <= fund
    cut = [c for s in once.claims for c in s.cuts if c.rule == "fz26_pool_pro_rata"]
    assert not cut or total == fund, "what is there is shared to the cent"
    for first, second, member in zip(once.claims, twice.claims, members, strict=True):
        assert first.payable <= second.payable if member else first == second
    rounded = settle(claims, facts | {"quantum": quantum}, on_year=YEAR)
    assert sum((s.payable for s, m in zip(rounded.claims, members, strict=True) if m), ZERO) == total


@settings(max_examples=150, deadline=None)
@given(drawn("fuzhou-2026-5"))
def test_uplift_stays_inside_its_budget_and_the_own_limits(given: Drawn) -> None:
    _, claims, facts = given
    claims = [c for c in claims if c["on"] is not None and c["on"].year == YEAR]  # the budget is of this year
    chain = sorted({c["enterprise"] for c in claims})
    plain = settle(claims, facts | {"chain_enterprises": []}, on_year=YEAR)
    raised = settle(claims, facts | {"chain_enterprises": chain, "uplift_budget": None}, on_year=YEAR)
    short = settle(claims, facts | {"chain_enterprises": chain, "uplift_budget": 12_345}, on_year=YEAR)
    more = -sum(
        (c.amount for s in short.claims for c in s.cuts if c.rule == "fz26_chain_uplift" and c.amount < 0), ZERO
    )
    assert 0 <= more <= 12_345
    rate = figure("fuzhou-2026-5", "chain_uplift", "rate")
    for before, after in zip(plain.claims, raised.claims, strict=True):
        step = -sum((c.amount for c in after.cuts if c.rule == "fz26_chain_uplift" and c.amount < 0), ZERO)
        # what is due of a year's sum is not what the claim is due alone
        standard = before.decided - sum((c.amount for c in after.cuts if c.rule.endswith(".least")), ZERO)
        assert 0 <= step <= (standard * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if step and before.outcome:
            for _, maximum, spent, _ in before.outcome.limits:
                assert standard + step <= max(maximum - (spent or 0), standard).quantize(Decimal("0.01"))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["tech_loan_interest", "scaleup_loan_interest"]))
def test_no_principal_bears_subsidy_above_its_limit(seed: int, rule: str) -> None:
    rng = Random(seed)
    rate, limit = figure("fuzhou-2026-5", rule, "rate"), figure("fuzhou-2026-5", rule, "principal_limit")
    claims = [
        {
            "id": f"c{i}", "enterprise": "示例企业01", "city": "fuzhou", "rule": rule, "on": "2026-06-30", "loan": f"L{i}",
            "inputs": {"loan_balance": rng.choice([limit, limit / 2, limit / 3, limit * 2, 1]), "days": 365, "years_since_scaleup": 0},
        }
        for i in range(rng.randrange(1, 8))
    ]  # fmt: skip
    for claim in claims:
        if rule == "tech_loan_interest":
            claim["inputs"].pop("years_since_scaleup")  # type: ignore[attr-defined]
    result = settle(claims, on_year=YEAR)
    balances = [Decimal(c["inputs"]["loan_balance"]) for c in claims]  # type: ignore[index]
    whole = (min(sum(balances), limit) * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert abs(sum((s.payable for s in result.claims), ZERO) - whole) <= Decimal("0.01") * len(claims)
    for settled in result.claims:
        assert {c.rule for c in settled.cuts} <= {"fz26_principal_limit", "fz26_scaleup_principal"}


# --- exclusions ---

PROJECT = (
    "digital_project",
    "innovation_center_tech_upgrade",
    "scaleup_tech_upgrade",
    "srdi_tech_upgrade",
    "tech_loan_interest",
    "tech_upgrade",
)
LOAN = ("park_infra_interest", "scaleup_loan_interest", "software_loan_interest", "tech_loan_interest")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_one_of_a_project_and_one_of_a_loan(seed: int) -> None:
    rng = Random(seed)
    found = [x for x in lists.FOUND if x.document.key == "fuzhou-2026-5" and x.rule.id in {*PROJECT, *LOAN}]
    claims = lists.claims(rng, 20, 2, found)
    facts = lists.facts(rng, claims)
    result = settle(claims, facts, on_year=YEAR)
    routes = {name: "技改投资" for name in PROJECT if name not in ("digital_project", "tech_loan_interest")}
    for members, name in ((PROJECT, "project"), (LOAN, "loan"), (tuple(routes), "year")):
        kept: dict[tuple[Any, ...], set[str]] = defaultdict(set)
        for claim, settled in zip(claims, result.claims, strict=True):
            here = document_of(settled) == "fuzhou-2026-5" and claim["rule"] in members
            where = (claim["project"], claim["on"].year) if name == "year" else (claim[name],)
            if here and where[0] and settled.payable:
                kind = routes.get(claim["rule"], claim["rule"]) if name == "project" else claim["rule"]
                kept[claim["enterprise"], *where].add(kind)
        assert all(len(kinds) == 1 for kinds in kept.values())
    barred = {s["project"] for s in facts["external_support"] if s["kind"] in ("bond", "provincial_loan_interest")}
    for claim, settled in zip(claims, result.claims, strict=True):
        here = document_of(settled) == "fuzhou-2026-5" and claim["rule"] in ("tech_upgrade", "digital_project")
        if here and claim["project"] in barred - {None}:
            assert settled.payable == 0


# --- who is concerned ---


@settings(max_examples=150, deadline=None)
@given(drawn())
def test_an_unrelated_enterprise_changes_nobody(given: Drawn) -> None:
    rng, claims, facts = given
    facts = facts | {"pools": {}, "uplift_budget": None, "ranks": {}}  # places in a selection are everybody's
    # 一（十）一是: one sum for the whole pilot, whoever is paid out of it
    claims = [claim for claim in claims if claim["rule"] != "pilot_training_fund"]
    stranger = lists.claims(rng, 15, 1)
    for claim in stranger:
        # its projects and loans may have the names of somebody else's
        claim["id"], claim["enterprise"], claim["code"] = "x" + claim["id"], "另一家企业", None
    mixed = [*claims]
    for claim in stranger:
        mixed.insert(rng.randrange(len(mixed) + 1), claim)
    alone = {s.id: s for s in settle(claims, facts, on_year=YEAR).claims}
    together = {s.id: s for s in settle(mixed, facts, on_year=YEAR).claims}
    assert len(together) == len(mixed)
    assert all(together[key] == settled for key, settled in alone.items())


def without_ties(claims: Claims) -> Claims:
    """Where equal amounts compete for a project or a loan the law keeps the earlier: such claims are left out.

    Also those whose order decides by the law itself: principal that is used up at different rates or terms, one sum for
    all recipients, a platform that two cities pay for, and claims that wait (they keep their place in the list).
    """
    seen: set[tuple[Any, ...]] = set()
    out = []
    result = settle(claims, on_year=YEAR)
    for claim, settled in zip(claims, result.claims, strict=True):
        marks = {(claim["enterprise"], claim[name], settled.decided) for name in ("project", "loan") if claim[name]}
        ordered = settled.status == "pending" or claim["rule"] in (
            "tech_loan_interest", "scaleup_loan_interest", "platform_build", "pilot_training_fund"
        )  # fmt: skip
        if not marks & seen and not ordered:
            seen |= marks
            out.append(claim)
    return out


def totals(claims: Claims, result: Settlement) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    of = {c["id"]: c["enterprise"] for c in claims}
    for settled in result.claims:
        sums[document_of(settled), of[settled.id]] += settled.payable
    return sums


@settings(max_examples=150, deadline=None)
@given(drawn())
def test_order_does_not_change_totals(given: Drawn) -> None:
    rng, claims, facts = given
    claims = without_ties(claims)
    facts = facts | {"uplift_budget": None}
    shuffled = rng.sample(claims, len(claims))
    whole = sum((s.payable for s in settle(claims, facts, on_year=YEAR).claims), ZERO)
    assert whole == sum((s.payable for s in settle(shuffled, facts, on_year=YEAR).claims), ZERO)
    facts = facts | {"pools": {}}
    assert totals(claims, settle(claims, facts, on_year=YEAR)) == totals(claims, settle(shuffled, facts, on_year=YEAR))
