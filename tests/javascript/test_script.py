"""The fourth interpreter in node: every case file, and every provision with at least 300 generated claims, equal to
`assess` in amount, eligibility, error code and every sentence."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest
from nodekit import answers, assessed, differing, needed, written_script
from test_cases import LOADED
from test_explanations import DAYS, TOLD
from test_vector import ODD, Provision, edges, every_provision, spellings, sweep

from xlpolicy.law import catalog as catalogs
from xlpolicy.law.adopted import Adopted
from xlpolicy.money import clean
from xlpolicy.settle.facts import Facts
from xlpolicy.settle.match import alone
from xlpolicy.settle.profile import Profile, facts_of, provisions
from xlpolicy.words.fact_names import FactNames

pytestmark = pytest.mark.node
FEWEST = 300


@pytest.fixture(scope="session")
def program(pytestconfig: pytest.Config) -> str:
    return needed(pytestconfig)


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_script(tmp_path_factory.mktemp("javascript"), catalogs.default())


def generated(provision: Provision) -> list[dict[str, Any]]:
    """Every edge of every input, then any cells in any spelling, the same at every run."""
    document, rule = provision
    chance = random.Random(f"{document.key} {rule.id}")
    rows = sweep(rule)
    while len(rows) < FEWEST + 100:
        row: dict[str, Any] = {}
        for item in rule.inputs:
            value = chance.choice(edges(rule, item))
            row[item.name] = chance.choice(spellings(item, value) if chance.random() < 0.9 else ODD)
        rows.append(row)
    when = {"on": str(document.valid_from or "2026-06-30"), "policy": document.key}
    return [{"city": document.city, "rule": rule.id, "inputs": row, **when} for row in rows]


@every_provision
def test_generated_claims(provision: Provision, program: str, file: Path) -> None:
    claims = generated(provision)
    assert len(claims) >= FEWEST
    want = assessed(claims)
    assert differing(claims, answers(program, file, claims), want)[:3] == []
    assert any("amount" in one for one in want)


@pytest.mark.parametrize("stem", LOADED)
def test_case_files(stem: str, program: str, file: Path) -> None:
    head, cases = LOADED[stem]
    city = catalogs.default().documents[head["document"]].city
    when = [{"on": c.get("on", head.get("on")), "policy": c.get("policy", head.get("policy"))} for c in cases]
    claims = [
        {"city": city, "rule": case["provision"], "inputs": case["inputs"], **days}
        for case, days in zip(cases, when, strict=True)
    ]
    got = answers(program, file, claims)
    assert differing(claims, got, assessed(claims)) == []
    for case, one in zip(cases, got, strict=True):
        wanted = (
            {"error": case["error"]} if "error" in case else {"amount": case["amount"], "eligible": case["eligible"]}
        )
        assert {key: one.get(key) for key in wanted} == wanted, case["name"]


def test_sentences_written_by_hand(program: str, file: Path) -> None:
    documents = catalogs.default().documents
    claims = [
        {
            "city": documents[case["document"]].city, "rule": case["provision"], "inputs": case["inputs"],
            "on": case.get("on", DAYS.get(case["document"])), "policy": case["document"],
        }
        for case in TOLD
    ]  # fmt: skip
    got = [one["explanation"] for one in answers(program, file, claims)]
    assert got == [case["told"] for case in TOLD]


def other_options(place: int) -> dict[str, Adopted]:
    """Of every reading the option of that place among those that are no default, where it has so many."""
    chosen = {}
    for key, document in catalogs.default().documents.items():
        for name, reading in document.readings.items():
            others = [option.key for option in reading.options if option.key != reading.default]
            if place < len(others):
                chosen[f"{key}:{name}"] = Adopted(others[place], "示例纪要第1号")
    return chosen


@pytest.mark.parametrize("place", range(2))
def test_options_of_a_bureau(place: int, program: str, tmp_path: Path) -> None:
    """Every other option of every reading, on the provisions that hang on one."""
    catalog = catalogs.default().adopting(other_options(place))
    found = [Provision(d, r) for d, r in catalog.rules() if r.readings and r.amount is not None]
    claims = [claim for provision in found for claim in generated(provision)[::7]]
    want = assessed(claims, catalog)
    assert differing(claims, answers(program, written_script(tmp_path, catalog), claims), want)[:3] == []
    assert any("本单位口径" in str(one.get("remarks")) for one in want)


def test_what_one_may_apply_for(program: str, file: Path) -> None:
    """The page's 我能申报什么 is the command's, before settlement, for random enterprises of every city."""
    catalog, chance, on = catalogs.default(), random.Random("match"), dt.date(2026, 6, 30)
    profiles = []
    for city in ("fuzhou", "quanzhou", "jinjiang") * 8:
        facts = facts_of(provisions(catalog, on, city), FactNames(catalog))
        share = chance.choice((0.1, 0.5, 0.9))
        plainly = {name: fact for name, fact in facts.items() if fact.item.type not in ("date", "text")}
        stated = {
            fact.name: chance.choice(edges(fact.asked[0].rule, fact.item))
            for fact in plainly.values()
            if chance.random() < share
        }
        profiles.append((city, stated))
    claims = [{"city": city, "rule": "", "inputs": stated, "on": str(on), "whole": True} for city, stated in profiles]
    kinds: set[str] = set()
    for (city, stated), got in zip(profiles, answers(program, file, claims), strict=True):
        profile = Profile("甲", None, "enterprise", {clean(name): value for name, value in stated.items()})
        found = provisions(catalog, on, city)
        want = {}
        for version in found:
            one = alone(profile, version, on, Facts(), FactNames(catalog))
            paid = f"{one.decided:.2f}" if one.kind in ("payable", "presumed") else ""
            want[f"{version.document.key}/{version.rule.id}"] = one.kind, paid, len(one.lacks)
            kinds.add(one.kind)
        assert {one["rule"]: (one["kind"], one["amount"], len(one["lacks"])) for one in got} == want
    assert kinds == {"payable", "presumed", "missing", "refused", "unknown"}
