"""Every refusal in node as in Python: code, item and sentence, of names that nobody has and of values that say nothing."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nodekit import Claim, answers, assessed, differing, needed, written_script

from xlpolicy.faults import Fault
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.refusals import REFUSALS
from xlpolicy.money import UNREAD

pytestmark = pytest.mark.node
ON = "2026-06-30"
#: of tech_loan_interest, which asks for amounts, a rate, days and a period
LOAN = {"loan_balance": "100万元", "loan_rate": "3.5%", "interest_paid": 100, "days": 30}


def claim(city: Any = "福州", rule: Any = "tech_upgrade", /, on: Any = ON, policy: Any = None, **inputs: Any) -> Claim:
    return {"city": city, "rule": rule, "inputs": inputs, "on": on, "policy": policy}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The law, with what it has no case of: two documents on one day, a title that two provisions bear, a file set aside."""
    documents = dict(catalogs.default().documents)
    jinjiang = next(d for d in documents.values() if d.city == "jinjiang" and not d.draft)
    documents["copy-2026-1"] = replace(jinjiang, key="copy-2026-1", number="示例〔2026〕1号")
    fuzhou = documents["fuzhou-2026-5"]
    named = {key: replace(rule, aliases=(*rule.aliases, "同名条款")) for key, rule in list(fuzhou.rules.items())[:2]}
    documents["fuzhou-2026-5"] = replace(fuzhou, rules=fuzhou.rules | named)
    return Catalog(
        documents.values(), [Fault("policy_file", "政策文件 a.yaml", "", "有 1 处问题，未载入", "", "核对改正")]
    )


def refusals(catalog: Catalog) -> Iterator[Claim]:
    """One claim at least for every entry of the two tables."""
    documents = catalog.documents
    both = next(rule for rule in documents["copy-2026-1"].rules.values() if rule.amount)
    before = next((d, r) for d, r in catalog.rules() if r.earlier and r.amount and r.valid_from)
    yield claim("杭州")
    yield claim(policy="fuzhou-2026-55")
    yield claim(policy="quanzhou-2025-30" if "quanzhou-2025-30" in documents else "copy-2026-1")
    yield claim("福州", "技改设备补")
    yield claim("福州", "同名条款")
    yield claim("晋江", both.id, on=str(documents["copy-2026-1"].valid_from))
    yield claim(before[0].city, before[1].id, on="2020-01-01")
    yield claim(on="2019-01-01")
    yield claim(on="去年")
    yield claim(on="2026-02-30")
    yield claim("福州", "dual_cross_platform", policy="fuzhou-2026-5")
    yield claim(invest=800)
    yield claim(**dict.fromkeys(("investment", documents["fuzhou-2026-5"].rules["tech_upgrade"].inputs[0].label), 800))
    yield claim()
    yield claim("福州", next(r.id for r in documents["fuzhou-2026-5"].rules.values() if r.amount is None), investment=1)
    park = {"interest": 1, "loan_balance": 0, "provincial_principal": 1, "days": 3, "infrastructure_loan": True}
    yield claim("福州", "park_infra_interest", **park)
    yield claim("福州", investment=[1])
    period = {"period_from": "2026-01-01", "period_to": "2026-01-30"}
    for more in (
        {"period_from": "2026-01-01"},
        {"period_to": "2026-01-01"},
        {**period, "period_to": "2025-01-01"},
        {**period, "first_drawdown_on": "2026-02-01"},
        {**period, "days": 4000},
        {"loan_rate": "三分"},
        {"loan_rate": True},
        {"loan_rate": "120%"},
        {"loan_rate": 1.5},
        {"days": "三"},
        {"days": True},
        {"days": 1.5},
        {"days": -3},
        {"days": 1e16},
        {"first_drawdown_on": "某日"},
        {"first_drawdown_on": "2026-02-30"},
        {"first_drawdown_on": 3.0},
    ):
        yield claim("福州", "tech_loan_interest", **(LOAN | more))
    for odd in (
        "约", "12万5", "5" * 70, "500²", "500 30", "0,015", "0 015", math.nan, math.inf, 1e300, 1e16, -1, -2.0, True, "¥", "一百五", "一" * 200, "😀" * 70,
    ):  # fmt: skip
        yield claim(investment=odd)
    yield claim(investment=800, bond_supported="也许")
    for document, rule in catalog.rules():
        for item in rule.inputs:
            if item.type in ("enum", "text") or item.maximum is not None or item.minimum or item.year_since:
                pinned = {"on": str(document.valid_from or ON), "policy": document.key}
                for odd in ("不在其中", 2.0, 10**9, 0, True):
                    yield claim(document.city, rule.id, **{**pinned, item.name: odd})
        if rule.tail:
            first = {"first_selected_on": "2024-07-01"}
            for late in ({}, first, {"first_selected_on": "2010-01-01"}):
                yield claim(document.city, rule.id, on="2031-01-01", consecutive_year=1, **late)
            yield claim(document.city, rule.id, on=str(document.valid_from), consecutive_year=3, **first)


def kinds(said: Iterable[dict[str, Any]]) -> set[str]:
    """Which entries of the tables were met."""
    texts = [one["message"] for one in said if "error" in one]

    def shape(text: str) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\\{\w+\\\}", ".*", re.escape(text.rstrip("。"))))

    found = {
        name for name, entry in REFUSALS.items()
        if all(any(shape(part).search(text) for text in texts) for part in (entry.got, entry.expected, entry.remedy))
    }  # fmt: skip
    return found | {name for name, text in UNREAD.items() if any(shape(text).search(one) for one in texts)}


def test_every_refusal(catalog: Catalog, pytestconfig: pytest.Config, tmp_path: Path) -> None:
    claims = list(refusals(catalog))
    want = assessed(claims, catalog)
    assert differing(claims, answers(needed(pytestconfig), written_script(tmp_path, catalog), claims), want)[:5] == []
    assert (REFUSALS.keys() | UNREAD.keys()) - kinds(want) == set()


def test_names_that_were_meant(catalog: Catalog, pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """Names of provisions, documents, cities and inputs with a sign lost, turned or put in: the same remedy."""
    chance = random.Random("names")

    def wrong(name: str) -> str:
        place = chance.randrange(len(name) + 1)
        return chance.choice(
            (
                name[:place] + name[place + 1 :],
                name[:place] + "某" + name[place:],
                name[place:] + name[:place],
                name[:2],
                "",
            )
        )

    claims = []
    for document, rule in catalog.rules():
        name = chance.choice((rule.id, rule.title, *rule.aliases))
        claims.append(claim(document.city, wrong(name)))
        claims.append(claim(document.city, rule.id, policy=wrong(chance.choice((document.key, document.name)))))
        claims.append(claim(wrong(chance.choice((document.city, document.city_label))), rule.id))
        if rule.inputs:
            item = chance.choice(rule.inputs)
            claims.append(
                claim(document.city, rule.id, policy=document.key, **{wrong(chance.choice((item.name, item.label))): 1})
            )
    want = assessed(claims, catalog)
    assert differing(claims, answers(needed(pytestconfig), written_script(tmp_path, catalog), claims), want)[:5] == []
    assert all(
        sum("error" in one and text in one["message"] for one in want) > 9 for text in ("是否想写", "相近", "下列名称")
    )
