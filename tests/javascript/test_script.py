"""The fourth interpreter in node: every case file, and every provision with at least 300 generated claims, equal to
`assess` in amount, eligibility, error code and every sentence."""

from __future__ import annotations

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
