"""Random lists of claims and facts over every provision: for the properties (hypothesis) and the benchmark.

Amounts gather around the figures of the law, so that thresholds and limits are met from both sides.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any

from stdnum.cn import uscc

from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import Found, period
from xlpolicy.law.records import Document, Input, Rule

#: what a list is drawn from: every provision, those without an amount too
FOUND = [Found(document, rule) for document, rule in catalogs.default().rules()]
SUPPORT = (
    "bond",
    "provincial_loan_interest",
    "central_loan_interest",
    "other_interest_subsidy",
    "provincial_event_award",
)
CENT = Decimal("0.01")


def edges(rule: Rule) -> list[Decimal]:
    """Amounts that matter to a provision: its money figures, and what reaches them through its rates."""
    figures = [f.value for f in rule.figures.values() if isinstance(f.value, Decimal)]
    money = [f.value for f in rule.figures.values() if f.kind == "money" and isinstance(f.value, Decimal)]
    rates = [x for x in figures if 0 < x < 1]
    return sorted({*money, *((m / r).quantize(CENT) for m in money for r in rates)}) or [Decimal(100_000)]


def value(rng: Random, rule: Rule, item: Input) -> Any:
    """One value of an input's type."""
    if item.choices:
        return rng.choice(item.choices).value
    if item.type == "money":
        edge = rng.choice(edges(rule))
        return rng.choice(
            [edge, max(edge - CENT, Decimal(0)), edge + CENT, edge / 2, edge * 3, Decimal(rng.randrange(10**8)) / 100]
        )
    if item.type == "rate":
        return rng.choice([Decimal("0.031"), Decimal("0.045"), Decimal(0)])
    if item.type == "integer":
        return min((item.minimum or 0) + rng.choice([0, 1, 2, 5, 30, 365]), int(item.maximum or 365))
    if item.type == "boolean":
        return rng.random() < 0.5 if item.default is not True else rng.random() < 0.9
    if item.type == "text":
        return rng.choice(["纺织", "鞋服"])
    return dt.date(2025, 6, 30)


def day(rng: Random, document: Document, rule: Rule) -> dt.date | None:
    """Mostly inside the validity, sometimes on its ends or beyond."""
    first, last = period(document, rule)
    if document.draft or first is None or last is None:
        return None
    last = min(last, first + dt.timedelta(days=720))
    span = (last - first).days
    return first + dt.timedelta(
        days=rng.choice([0, span, rng.randrange(span), rng.randrange(span), rng.randrange(-3, span + 3)])
    )


def code(enterprise: int) -> str:
    """A 统一社会信用代码 whose check digit holds."""
    body = f"91350199MA{enterprise:07d}"
    return body + str(uscc.calc_check_digit(body))


def claim(rng: Random, number: int, enterprise: int, found: Found) -> dict[str, Any]:
    """A claim; one in ten leaves a required input out."""
    document, rule = found.document, found.rule
    inputs = {
        item.name: value(rng, rule, item)
        for item in rule.inputs
        if (item.required and rng.random() < 0.98) or (not item.required and rng.random() < 0.2)
    }
    on = day(rng, document, rule)
    return {
        "id": f"c{number}", "enterprise": f"示例企业{enterprise:05d}", "city": document.city, "rule": rule.id,
        "enterprise_kind": "association" if rng.random() < 0.05 else "enterprise",
        "policy": document.key if on is None or rng.random() < 0.1 else None, "on": on,
        "project": f"P{enterprise}-{rng.randrange(3)}" if rng.random() < 0.7 else None,
        "loan": f"L{enterprise}-{rng.randrange(2)}" if rng.random() < 0.7 else None,
        "code": code(enterprise) if enterprise % 3 == 0 else None,
        "inputs": inputs,
    }  # fmt: skip


def claims(rng: Random, count: int, enterprises: int, found: list[Found] | None = None) -> list[dict[str, Any]]:
    """`count` claims of so many enterprises."""
    return [claim(rng, i, rng.randrange(enterprises), rng.choice(found or FOUND)) for i in range(count)]


def ranks(rng: Random, listed: list[dict[str, Any]]) -> dict[str, int]:
    """Of some lists none, else places in a selection: of all claims or of some, now and then one place twice."""
    ranked = rng.sample(listed, rng.choice([0, len(listed) // 2, len(listed)]))
    return {c["id"]: max(1, place - (rng.random() < 0.02)) for place, c in enumerate(ranked, 1)}


def facts(rng: Random, listed: list[dict[str, Any]]) -> dict[str, Any]:
    """Facts that bear on the claims of a list."""
    some = [c for c in listed if rng.random() < 0.15]
    return {
        "fiscal_contribution": {c["enterprise"]: rng.randrange(100_000_000) / Decimal(100) for c in listed if rng.random() < 0.5},
        "pools": {"fz26_software_fund": rng.randrange(50_000_000 * max(len(listed) // 40, 1)) / Decimal(100), "pt_digital_fund": 1_000_000},
        "chain_enterprises": sorted({c["enterprise"] for c in listed if rng.random() < 0.2}),
        "uplift_budget": rng.choice([None, rng.randrange(100_000_000) / Decimal(100)]),
        "prior_payments": [
            {"enterprise": c["enterprise"], "city": c["city"], "rule": c["rule"], "year": (c["on"] or dt.date(2026, 1, 1)).year,
             "amount": rng.randrange(200_000_000) / Decimal(100), "project": c["project"]}
            for c in some
        ],
        "external_support": [
            {"project": c["project"], "loan": c["loan"], "kind": rng.choice(SUPPORT)}
            for c in listed if (c["project"] or c["loan"]) and rng.random() < 0.05
        ],
        "ranks": ranks(rng, listed),
        "choices": {c["project"]: c["id"] for c in some if c["project"]},
    }  # fmt: skip
