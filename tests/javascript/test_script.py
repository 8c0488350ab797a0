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

from xlpolicy.claim.target import need
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.adopted import Adopted
from xlpolicy.money import clean
from xlpolicy.settle.facts import Facts
from xlpolicy.settle.match import alone, match
from xlpolicy.settle.profile import Profile, facts_of, provisions
from xlpolicy.words.fact_names import FactNames

pytestmark = pytest.mark.node
FEWEST = 300
ON = dt.date(2026, 6, 30)


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


#: provision, what is stated, the input that grows: the most is paid from which value on, worked out by hand
MOST = [
    # 3% of it, at most 500万元: 0.03 × 166,666,666.50 = 4,999,999.995, which is rounded up
    ("tech_upgrade", {"investment": "300万元"}, "investment", ("166666666.5", "5000000.00")),
    # of the 500万元 100万元 is left: 0.03 × 33,333,333.17 = 999,999.9951
    ("tech_upgrade", {"investment": "600万元", "paid_before": "400万元"}, "investment", ("33333333.17", "1000000.00")),
    # 20%, at most 200万元: 0.2 × 9,999,999.98 = 1,999,999.996; one fen less is 1,999,999.994
    ("digital_project", {"investment": "300万元"}, "investment", ("9999999.98", "2000000.00")),
    # 1% over a year, at most 30万元: 0.01 × 29,999,999.50 = 299,999.995
    ("software_loan_interest", {"loan_balance": "1万元", "days": 365}, "loan_balance", ("29999999.5", "300000.00")),
    # 1% of at most 1,000万元 over a year: 0.01 × 9,999,999.50 = 99,999.995
    (
        "scaleup_loan_interest", {"loan_balance": "1万元", "days": 365, "years_since_scaleup": 0}, "loan_balance",
        ("9999999.5", "100000.00"),
    ),
    # nothing is rounded where what is approved is paid
    ("group_challenge", {"approved_amount": "1万元"}, "approved_amount", ("5000000", "5000000.00")),
]  # fmt: skip


def test_the_most_is_reached_where_need_says(program: str, file: Path) -> None:
    """还差多少 of the page, and `calc --to 封顶`."""
    claims = [
        {"city": "fuzhou", "rule": rule, "inputs": inputs, "on": str(ON), "ahead": name}
        for rule, inputs, name, _ in MOST
    ]
    for (rule, inputs, name, want), steps in zip(MOST, answers(program, file, claims), strict=True):
        assert [(s["value"], s["amount"]) for s in steps if s["what"].startswith("到封顶")] == [want], rule
        made = need(catalogs.default().find("fuzhou", rule, ON), inputs, ON, "封顶", name)
        assert (str(made.value), made.decision and str(made.decision.amount)) == want


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


def chosen(city: str, chance: random.Random) -> dict[str, Any]:
    """Facts of a project taken at random, few or many; of half of them much is paid: large numbers, conditions met."""
    facts = facts_of(provisions(catalogs.default(), ON, city), FactNames(catalogs.default()))
    share, well = chance.choice((0.1, 0.5, 0.9)), chance.random() < 0.5
    plainly = [fact for fact in facts.values() if fact.item.type not in ("date", "text")]
    spots = {f.name: edges(f.asked[0].rule, f.item) for f in plainly}
    if not well:
        return {name: chance.choice(values) for name, values in spots.items() if chance.random() < share}
    yes = {f.name: f.item.default is not False for f in plainly if f.item.type == "boolean"}
    return {name: chance.choice(values[-len(values) // 2 :]) for name, values in spots.items()} | yes


def test_what_one_may_apply_for(program: str, file: Path) -> None:
    """The page's 我能申报什么 is the command's, before settlement, for random enterprises of every city, each with
    one, two or three projects."""
    catalog, chance = catalogs.default(), random.Random("match")
    each = [
        (city, [chosen(city, chance) for _ in range(1 + place // 3 % 3)])
        for place, city in enumerate(("fuzhou", "quanzhou", "jinjiang") * 8)
    ]
    claims = [
        {"city": city, "rule": "", "inputs": first, "on": str(ON), "whole": more} for city, (first, *more) in each
    ]
    kinds, cuts = set[str](), 0
    for (city, projects), got in zip(each, answers(program, file, claims), strict=True):
        several = len(projects) > 1
        profiles = [
            Profile("甲", None, "enterprise", {clean(k): v for k, v in one.items()}, f"{n}" if several else "")
            for n, one in enumerate(projects)
        ]
        found = provisions(catalog, ON, city)
        standings = match(profiles, found, ON, catalog=catalog)
        listed = {(s.found.document.key, s.found.rule.id, s.profile.project) for s in standings}
        want = {}
        for number, profile in enumerate(profiles):
            for version in found:
                one = alone(profile, version, ON, Facts(), FactNames(catalog))
                paid = f"{one.decided:.2f}" if one.kind in ("payable", "presumed") else ""
                if (version.document.key, version.rule.id, profile.project) in listed:
                    want[f"{version.document.key}/{version.rule.id}", number] = (
                        one.kind, paid, len(one.lacks), len(one.defaults),
                        list(one.reasons) if paid else [],
                    )  # fmt: skip
                kinds.add(one.kind)
        # whatever settlement takes from one beside the others is marked at it
        cut = {
            (f"{s.found.document.key}/{s.found.rule.id}", int(s.profile.project or 0))
            for s in standings
            if s.kind in ("payable", "instead") and s.payable < s.decided
        }
        assert {(x["rule"], x["project"]) for x in got if x["met"]} >= cut
        cuts += len(cut)
        assert len(want) == len(got)
        assert {
            (x["rule"], x["project"]): (x["kind"], x["amount"], len(x["lacks"]), x["defaults"], x["checks"])
            for x in got
        } == want
    assert kinds == {"payable", "presumed", "missing", "refused", "unknown"} and cuts >= 20
