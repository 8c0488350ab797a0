"""Six documents of other cities, condensed, as a bureau would write them: the language is not made for five only.

The cases were worked out by hand from the condensed texts before they ran.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from native.test_ironcalc import disagreements

from xlpolicy import settle
from xlpolicy.columns import assess_table
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found
from xlpolicy.law.reading.second_look import doubts
from xlpolicy.law.store import load_folder
from xlpolicy.survey.trial import run_cases

HERE = Path(__file__).parent
DOCUMENTS, REFUSED = load_folder(HERE / "policies")
CATALOG = Catalog(DOCUMENTS)
CASES = sorted((HERE / "cases").glob("*.yaml"))
PAYING = [Found(d, rule) for d in DOCUMENTS for rule in d.rules.values() if rule.amount is not None]


def test_all_six_are_read_without_a_doubt() -> None:
    assert (REFUSED, len(DOCUMENTS)) == ({}, 6)
    assert [fault for document in DOCUMENTS for fault in doubts(document)] == []


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_provision_as_worked_out_by_hand(path: Path) -> None:
    trial = run_cases(path, DOCUMENTS, catalogs.default())
    assert [str(problem) for problem in trial.problems] == []
    assert (trial.failed, trial.untried, trial.cases >= 4) == (0, (), True)


def told() -> Iterator[Any]:
    for path in CASES:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        for case in data["cases"]:
            if "amount" in case:
                name = f"{case['provision']}-{case['name']}"
                yield pytest.param(data["document"], case, data["on"], id=name)


@pytest.mark.parametrize(("key", "case", "on"), list(told()))
def test_the_same_over_columns(key: str, case: dict[str, Any], on: str) -> None:
    city = CATALOG.document(key).city
    columns = {name: [value] * 2 for name, value in case["inputs"].items()}
    table = assess_table(columns, city, case["provision"], on=on, catalog=CATALOG)
    assert [Decimal(str(amount)) for amount in table["amount"]] == [Decimal(case["amount"])] * 2


@pytest.mark.parametrize("found", PAYING, ids=lambda found: f"{found.document.key}-{found.rule.id}")
def test_the_same_in_a_spreadsheet(found: Found) -> None:
    assert disagreements(found, "元", False, 40) == []


def paid(*claims: dict[str, Any], prior: list[dict[str, Any]] | None = None) -> list[str]:
    base = {"enterprise": "示例企业01", "city": "jiangbei", "rule": "certified_talent", "on": "2026-10-01"}
    rows = [{**base, "id": f"c{i}", **claim} for i, claim in enumerate(claims)]
    result = settle(rows, {"prior_payments": prior or []}, on_year=2026, catalog=CATALOG)
    return [claim["payable"] for claim in result.model_dump(mode="json")["claims"]]


def person(name: str, amount: str) -> dict[str, Any]:
    return {"object": name, "inputs": {"approved_amount": amount}}


def test_the_limit_of_a_person_and_that_of_the_firm_hold_together() -> None:
    """三7: 单人最高10万元，每家企业最高30万元 (12 → 10, 8, 10 in all with the 2 before, then what the firm has left)."""
    claims = [
        person("人才甲", "12万元"),
        person("人才乙", "8万元"),
        person("人才乙", "4万元"),
        person("人才丙", "15万元"),
    ]
    assert paid(*claims) == ["100000.00", "80000.00", "20000.00", "100000.00"]
    assert paid(*claims, person("人才丁", "5万元"))[-1] == "0.00"
    before = [
        {
            "enterprise": "示例企业01",
            "city": "jiangbei",
            "rule": "certified_talent",
            "year": 2026,
            "amount": "25万元",
            "object": "人才戊",
        }
    ]
    assert paid(*claims[:2], prior=before) == ["50000.00", "0.00"]


def test_a_yearly_limit_of_a_space_holds_across_its_claims() -> None:
    """二: 活动补贴单个空间每年不超过20万元 (30 % of 40 and of 50: 12, then 8 of 15)."""
    space = {"city": "wuchang", "rule": "space_events", "on": "2020-06-30", "object": "示例空间01"}
    rows = [
        {**space, "id": f"s{i}", "enterprise": "示例企业01", "inputs": {"spend": x}}
        for i, x in enumerate(("40万元", "50万元"))
    ]
    result = settle(rows, None, on_year=2020, catalog=CATALOG)
    assert [claim["payable"] for claim in result.model_dump(mode="json")["claims"]] == ["120000.00", "80000.00"]


def test_a_breakthrough_is_paid_once_for_each_level() -> None:
    """一（二）: 首次突破1000万元、2000万元 分别一次性奖励10万元、20万元."""
    base = {"enterprise": "示例企业01", "city": "shengzhou", "rule": "sales_breakthrough"}
    rows = [
        {**base, "id": f"b{i}", "on": day, "inputs": {"step": step, "sales": "2500万元"}}
        for i, (day, step) in enumerate(
            (("2023-06-30", "1000万元"), ("2024-06-30", "2000万元"), ("2024-07-30", "1000万元"))
        )
    ]
    result = settle(rows, None, on_year=2024, catalog=CATALOG)
    assert [claim["payable"] for claim in result.model_dump(mode="json")["claims"]] == [
        "100000.00",
        "200000.00",
        "0.00",
    ]


def test_the_higher_of_the_same_kind_from_the_city_or_the_district() -> None:
    """四: 与市、区同类政策重复的，按就高、不重复执行 (500 due, 300 had: 200; 100 due, 300 had: nothing)."""
    base = {"enterprise": "示例企业01", "city": "jiangbei", "rule": "key_project", "on": "2026-10-01"}
    rows = [
        {**base, "id": f"k{i}", "project": name, "inputs": {"approved_amount": amount}}
        for i, (name, amount) in enumerate((("一期", "600万元"), ("二期", "100万元"), ("三期", "50万元")))
    ]
    support = [
        {"enterprise": "示例企业01", "project": x, "kind": "upper_same_kind", "amount": "300万元"}
        for x in ("一期", "二期")
    ]
    result = settle(rows, {"external_support": support}, on_year=2026, catalog=CATALOG)
    assert [claim["payable"] for claim in result.model_dump(mode="json")["claims"]] == [
        "2000000.00",
        "0.00",
        "500000.00",
    ]
