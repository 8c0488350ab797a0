"""Settlement against a slow second reading of 附件3 七2 and what meets it: every combination of kinds is paid by hand.

The oracle knows the articles (附件1 一, 附件3 一至三, 附件4 四, 附件5 三1) and nothing of the engine: year's sums, the
shared limit of the routes, terms and principal of loans, earlier payments that have chosen, the uplift without a budget.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from random import Random
from typing import Any

import lists
import pytest

from xlpolicy import settle

W = Decimal(10000)
ZERO = Decimal(0)
#: of a route: least investment of the year (with VAT), whether project by project
ROUTES = {
    "tech_upgrade": (500 * W, True),
    "scaleup_tech_upgrade": (100 * W, True),
    "srdi_tech_upgrade": (300 * W, False),
}
#: of an interest subsidy: rate, days of a loan, principal, whether of a year; its limit of the year
LOANS = {
    "tech_loan_interest": (Decimal("0.02"), 730, 20000 * W, False, None),
    "scaleup_loan_interest": (Decimal("0.01"), 365, 1000 * W, True, None),
    "software_loan_interest": (Decimal("0.01"), 365, None, True, 30 * W),
}
KIND = dict.fromkeys(ROUTES, "invest") | {"digital_project": "digital", "tech_loan_interest": "loan"}
Claim = dict[str, Any]


def cent(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def drawn(rng: Random) -> tuple[list[Claim], dict[str, Any]]:
    """Three to twelve claims of one or two enterprises that collide, and facts; an enterprise may say its code too."""
    firms = ["示例企业01", "示例企业02"][: rng.choice([1, 1, 2])]
    codes = {firm: rng.choice([None, lists.code(number)]) for number, firm in enumerate(firms, 1)}
    rules = rng.sample([*ROUTES, "digital_project", *LOANS], rng.randint(2, 4))
    claims = []
    for i in range(rng.choice([rng.randint(3, 7), rng.randint(5, 12)])):
        rule = rng.choice(rules)
        on = rng.choice(["2026-03-31", "2026-06-30", "2026-11-30", "2027-06-30"])
        claim: Claim = {"id": str(i), "enterprise": rng.choice(firms), "city": "fuzhou", "rule": rule, "on": on}
        claim["code"] = rng.choice([None, codes[claim["enterprise"]]])
        claim["project"] = rng.choice("PPQQR") if rng.random() < 0.9 else None
        claim["loan"] = rng.choice(["甲行", "乙行"]) if rule in LOANS else None
        if rule in LOANS:
            balance, days = rng.choice([90, 600, 3000, 15000]), rng.choice([30, 180, 365, 500])
            claim["inputs"] = {"loan_balance": balance * 10000, "days": days}
        else:
            claim["inputs"] = {"investment": rng.choice([60, 150, 200, 300, 800, 9000, 16000]) * 10000}
        if rule.startswith("scaleup"):
            claim["inputs"]["years_since_scaleup"] = 1
        if rule in ROUTES and ROUTES[rule][1]:
            claim["inputs"]["investment_with_vat"] = claim["inputs"]["investment"] * 113 // 100
        claims.append(claim)
    paid = [
        {"enterprise": rng.choice(firms), "city": "fuzhou", "rule": rng.choice([*ROUTES, "digital_project"]),
         "year": 2026, "amount": rng.choice([5, 100, 480]) * 10000, "project": rng.choice("PZ")}
        for _ in range(rng.choice([0, 0, 1]))
    ]  # fmt: skip
    return claims, {"prior_payments": paid, "chain_enterprises": firms[: rng.choice([0, 1])]}


def groups(claim: Claim) -> Iterator[tuple[Hashable, str]]:
    """The choices that a claim stands in, and its kind in each."""
    rule, project = claim["rule"], claim["project"]
    if project and rule in KIND:
        yield ("project", project), KIND[rule]
    if project and rule in ROUTES:
        yield ("route", project, claim["on"][:4]), rule
    if claim["loan"]:
        yield ("loan", claim["loan"]), rule


def oracle(claims: list[Claim], facts: dict[str, Any]) -> dict[str, Decimal]:
    out: dict[str, Decimal] = {}
    for firm in dict.fromkeys(c["enterprise"] for c in claims):
        mine = [c for c in claims if c["enterprise"] == firm]
        paid = [p for p in facts["prior_payments"] if p["enterprise"] == firm]
        raised = firm in facts["chain_enterprises"]
        kinds: dict[Hashable, list[str]] = defaultdict(list)
        for claim in mine:
            for group, kind in groups(claim):
                kinds[group] += [kind] if kind not in kinds[group] else []
        for p in paid:  # it has chosen
            for group, kind in groups({**p, "loan": None, "on": str(p["year"])}):
                if group in kinds:
                    kinds[group] = [kind]
        best: tuple[Decimal, list[Decimal]] | None = None
        for chosen in product(*kinds.values()):
            picked = dict(zip(kinds, chosen, strict=True))
            kept = [c for c in mine if all(picked[group] == kind for group, kind in groups(c))]
            pays = pay(kept, paid, raised)
            row = [pays.get(c["id"], ZERO) for c in mine]
            best = max(best or (Decimal(-1), []), (sum(row, ZERO), row))
        assert best is not None
        out |= dict(zip([c["id"] for c in mine], best[1], strict=True))
    return out


def pay(kept: list[Claim], paid: list[dict[str, Any]], raised: bool) -> dict[str, Decimal]:
    """What the claims that stand are paid; of those that count days and are paid nothing, the last goes, and again."""
    while True:
        due, days = alone(kept)
        used: dict[Hashable, Decimal] = defaultdict(Decimal)
        for p in paid:
            used[_cap(p["rule"], str(p["year"]))] += p["amount"]
        pays = {}
        for claim in kept:
            rule, year = claim["rule"], claim["on"][:4]
            most = 500 * W if rule in ROUTES else 200 * W if rule == "digital_project" else LOANS[rule][4]
            amount = due[claim["id"]]
            if raised and rule not in LOANS:
                amount = min(cent(amount * Decimal("1.5")), most or amount)
            if most is not None:
                amount = max(min(amount, most - used[_cap(rule, year)]), ZERO)
                used[_cap(rule, year)] += amount
            pays[claim["id"]] = amount
        idle = [c for c in kept if days.get(c["id"]) and pays[c["id"]] == 0]
        if not idle:
            return pays
        kept = [c for c in kept if c is not idle[-1]]


def _cap(rule: str, year: str) -> Hashable:
    return ("routes" if rule in ROUTES else rule), year


def alone(kept: list[Claim]) -> tuple[dict[str, Decimal], dict[str, int]]:
    """What each is due before limits: the year's sums in list order, the days by date and then list, the principal."""
    due: dict[str, Decimal] = {}
    days: dict[str, int] = {}
    left: dict[Hashable, int] = {}
    tranches: dict[tuple[str, str, str], list[Claim]] = defaultdict(list)
    for claim in kept:
        if claim["loan"]:
            tranches[claim["on"], claim["rule"], claim["loan"]].append(claim)
    for (_, rule, loan), same_day in sorted(tranches.items(), key=lambda entry: entry[0][0]):
        rest = left.get((rule, loan), LOANS[rule][1])
        for claim in same_day:
            days[claim["id"]] = min(claim["inputs"]["days"], rest)
        left[rule, loan] = rest - max(days[claim["id"]] for claim in same_day)
    sums: dict[Hashable, tuple[Decimal, Decimal, Decimal]] = {}
    borne: dict[Hashable, dict[str, dict[str, Decimal]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(Decimal))
    )
    for claim in kept:
        rule, year, inputs = claim["rule"], claim["on"][:4], claim["inputs"]
        if rule in ROUTES:
            least, by_project = ROUTES[rule]
            key = rule, year, (claim["project"] or claim["id"]) if by_project else None
            net, gross, before = sums.get(key, (ZERO, ZERO, ZERO))
            net += inputs["investment"]
            gross += inputs.get("investment_with_vat", inputs["investment"])
            award = min(cent(net * 3 / 100), 500 * W) if gross >= least else ZERO
            sums[key] = net, gross, award
            due[claim["id"]] = award - before
        elif rule == "digital_project":
            due[claim["id"]] = min(Decimal(inputs["investment"]) / 5, 200 * W)
        else:
            rate, _, most, yearly, limit = LOANS[rule]
            base = Decimal(inputs["loan_balance"])
            book = borne[rule, year if yearly else None]
            if most is not None:
                others = sum((max(x.values()) for loan, x in book.items() if loan != claim["loan"] and x), ZERO)
                base = max(min(base, most - others - book[claim["loan"]][claim["on"]]), ZERO)
            amount = cent(base * rate * days[claim["id"]] / 365)
            due[claim["id"]] = min(amount, limit or amount)
            if amount > 0:
                book[claim["loan"]][claim["on"]] += base
    return due, days


@pytest.mark.parametrize("seed", range(0, 400, 20))
def test_every_combination_by_hand(seed: int) -> None:
    for one in range(seed, seed + 20):
        claims, facts = drawn(Random(one))
        result = settle(claims, facts, on_year=2026)
        assert {c.id: c.payable for c in result.claims} == oracle(claims, facts), (one, claims, facts)
