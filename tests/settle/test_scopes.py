"""Scopes of limits as lists: any of enterprise, project, loan, object, session, year, month, document and inputs."""

from __future__ import annotations

from typing import Any

import pytest

from xlpolicy import settle
from xlpolicy.batch.record import enterprise_key
from xlpolicy.claim.decision import decide
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.settle.identity import means
from xlpolicy.settle.profile import Profile
from xlpolicy.words.wording import limit_text

TEXT = """
schema: 2
document: {{key: sample-1, city: sample, city_label: 样例市, number: 样政〔2026〕1号, title: 样例, valid_from: 2026-01-01, valid_to: 2027-12-31}}
provisions:
- id: one
  at: 一
  title: 样例补助
  nature: upper_bound
  figures: {{rate: 50%, cap: 10万元}}
  inputs:
    fee: {{type: money, label: 费用}}
    level: {{type: enum, label: 层级, values: {{national: 国家级, city: 市级}}, default: city}}
  amount: "rate * fee if level == 'city' else fee * rate"
  limits: [{{max: cap, per: {per}}}]
"""


def catalog(per: str) -> Catalog:
    return Catalog([compile_text(TEXT.format(per=per), "sample-1.yaml")])


def paid(per: str, claims: list[dict[str, Any]], prior: list[dict[str, Any]] | None = None) -> list[str]:
    """Each asks for 16万元 × 50 % = 8万元, under a limit of 10万元."""
    base = {"enterprise": "示例企业01", "city": "sample", "rule": "one", "on": "2026-03-31"}
    rows = [
        {**base, "id": f"c{i}", **{k: v for k, v in claim.items() if k != "level"}}
        | {"inputs": {"fee": "16万元", "level": claim.get("level", "city")}}
        for i, claim in enumerate(claims)
    ]
    before = [{"enterprise": "示例企业01", "city": "sample", "rule": "one", "year": 2026, **x} for x in prior or []]
    result = settle(rows, {"prior_payments": before}, on_year=2026, catalog=catalog(per)).model_dump(mode="json")
    return [claim["payable"].removesuffix(".00") for claim in result["claims"]]


OTHER, PARK = {"enterprise": "示例企业02"}, {"object": "示例园区01"}


@pytest.mark.parametrize(
    ("per", "claims", "wanted"),
    [
        ("[enterprise, year]", [{}, {}, {"on": "2027-03-31"}], ["80000", "20000", "80000"]),
        ("enterprise-year", [{}, {}, {"on": "2027-03-31"}], ["80000", "20000", "80000"]),
        ("[enterprise]", [{}, {"on": "2027-03-31"}, OTHER], ["80000", "20000", "80000"]),
        ("[enterprise, level]", [{}, {"level": "national"}, {}], ["80000", "80000", "20000"]),
        ("[level]", [{}, OTHER, {"level": "national"}], ["80000", "20000", "80000"]),  # all firms together
        ("[document]", [{}, OTHER], ["80000", "20000"]),
        ("[document, year]", [{}, OTHER, {**OTHER, "on": "2027-03-31"}], ["80000", "20000", "80000"]),
        ("[enterprise, month]", [{}, {"on": "2026-04-01"}, {"on": "2026-03-01"}], ["80000", "80000", "20000"]),
        ("[object]", [PARK, {**PARK, **OTHER}], ["80000", "20000"]),
        ("[enterprise, object]", [PARK, {**PARK, **OTHER}, PARK], ["80000", "80000", "20000"]),
        ("[object, level]", [PARK, {**PARK, **OTHER}, {**PARK, "level": "national"}], ["80000", "20000", "80000"]),
        ("[loan, year]", [{"loan": "示例贷款1"}, {"loan": "示例贷款2"}, {"loan": "示例贷款1"}], ["80000", "80000", "20000"]),
        (
            "[project, object]",
            [{"project": "一期", **PARK}, {"project": "二期", **PARK}, {"project": "一期", **PARK}],
            ["80000", "80000", "20000"],
        ),
    ],
)  # fmt: skip
def test_one_maximum_for_each_of_the_scope(per: str, claims: list[dict[str, Any]], wanted: list[str]) -> None:
    assert paid(per, claims) == wanted


@pytest.mark.parametrize(
    ("per", "claim", "prior", "wanted"),
    [
        ("[enterprise, level]", {}, {"amount": "5万元", "level": "市级"}, ["50000"]),
        ("[enterprise, level]", {}, {"amount": "5万元", "level": "国家级"}, ["80000"]),
        ("[enterprise, object]", PARK, {"amount": "5万元", "object": "示例园区01"}, ["50000"]),
        ("[enterprise, object]", PARK, {"amount": "5万元", "object": "示例园区01", "enterprise": "示例企业02"}, ["80000"]),
        ("[object]", PARK, {"amount": "5万元", "object": "示例园区01", "enterprise": "示例企业02"}, ["50000"]),
        ("[document]", {}, {"amount": "5万元", "enterprise": "示例企业02"}, ["50000"]),
        ("[loan, year]", {"loan": "示例贷款1"}, {"amount": "5万元", "loan": "示例贷款1"}, ["50000"]),
        ("[loan, year]", {"loan": "示例贷款1"}, {"amount": "5万元", "loan": "示例贷款2"}, ["80000"]),
        ("[loan, year]", {"loan": "示例贷款1"}, {"amount": "5万元"}, ["80000"]),
        ("[loan, year]", {}, {"amount": "5万元", "loan": "示例贷款1"}, ["80000"]),
    ],
)  # fmt: skip
def test_what_was_paid_before_takes_room_in_its_own_scope(
    per: str, claim: dict[str, Any], prior: dict[str, Any], wanted: list[str]
) -> None:
    assert paid(per, [claim], [prior]) == wanted


def test_a_monthly_limit_says_that_earlier_payments_name_no_month() -> None:
    result = settle(
        [{"id": "c0", "enterprise": "示例企业01", "city": "sample", "rule": "one", "on": "2026-03-31", "inputs": {"fee": "16万元"}}],
        {"prior_payments": [{"enterprise": "示例企业01", "city": "sample", "rule": "one", "year": 2026, "amount": "5万元"}]},
        on_year=2026, catalog=catalog("[enterprise, month]"),
    ).model_dump(mode="json")  # fmt: skip
    assert result["claims"][0]["payable"] == "80000.00"
    assert any("50,000.00元 没有写明" in note["text"] for note in result["claims"][0]["notes"])


@pytest.mark.parametrize(
    ("per", "claims", "prior", "told"),
    [  # of a month or a year that no claim is of, or of somebody else's project: nobody's business
        ("[object, month]", [PARK], {"month": 2, **PARK}, []),
        ("[object, month]", [{}], {"month": 2, **OTHER}, []),
        ("[object, month]", [{}], {"month": 3, **OTHER}, ["c0"]),
        ("[object, month]", [{}], {"month": 3, "project": "一期", **OTHER}, []),
        ("[object, year]", [PARK, {**PARK, "on": "2027-03-31"}], OTHER, ["c0"]),
        ("[object, year]", [{**PARK, "on": "2027-03-31"}, PARK], OTHER, ["c1"]),
    ],
)  # fmt: skip
def test_whom_a_payment_that_says_too_little_may_concern(
    per: str, claims: list[dict[str, Any]], prior: dict[str, Any], told: list[str]
) -> None:
    base = {"enterprise": "示例企业01", "city": "sample", "rule": "one", "on": "2026-03-31"}
    rows = [{**base, "id": f"c{i}", "inputs": {"fee": "16万元"}, **claim} for i, claim in enumerate(claims)]
    before = {"enterprise": "示例企业01", "city": "sample", "rule": "one", "year": 2026, "amount": "5万元", **prior}
    result = settle(rows, {"prior_payments": [before]}, on_year=2026, catalog=catalog(per))
    assert [str(c.payable) for c in result.claims] == ["80000.00"] * len(claims)
    assert [n.claim for n in result.notes if "以前" in n.text] == told


def test_limits_are_held_in_the_order_of_the_law() -> None:
    """全部合计 10万 在前、每家 9万 在后：第二笔先减到 2万，再减到 1万。"""
    text = TEXT.format(per="[document]").replace("cap: 10万元", "cap: 10万元, each: {value: 9万元, label: 每家封顶}")
    law = Catalog(
        [
            compile_text(
                text.replace("per: [document]}", "per: [document]}, {max: each, per: [enterprise]}"), "sample-1.yaml"
            )
        ]
    )
    base = {
        "enterprise": "示例企业01",
        "city": "sample",
        "rule": "one",
        "on": "2026-03-31",
        "inputs": {"fee": "16万元"},
    }
    result = settle([{**base, "id": "c0"}, {**base, "id": "c1"}], {}, on_year=2026, catalog=law)
    assert [str(c.payable) for c in result.claims] == ["80000.00", "10000.00"]
    assert [(str(c.amount), c.at) for c in result.claims[1].cuts] == [("60000.00", "一"), ("10000.00", "一")]


def test_a_waiting_claim_before_others_hides_no_earlier_payment() -> None:
    """缺资料的一笔没有写层级；以前的 5万 写明是市级的，不用再问。"""
    rows = [
        {"id": f"c{i}", "enterprise": "示例企业01", "city": "sample", "rule": "one", "on": "2026-03-31", "inputs": inputs}
        for i, inputs in enumerate([{}, {"fee": "16万元", "level": "city"}])
    ]  # fmt: skip
    before = {
        "enterprise": "示例企业01",
        "city": "sample",
        "rule": "one",
        "year": 2026,
        "amount": "5万元",
        "level": "市级",
    }
    result = settle(rows, {"prior_payments": [before]}, on_year=2026, catalog=catalog("[enterprise, level]"))
    assert [c.status for c in result.claims] == ["pending", "zero"]
    assert not any("以前" in n.text for n in result.notes)


@pytest.mark.parametrize(
    ("per", "words"),
    [
        ("[year, enterprise]", "每个企业每年"), ("pool", "资金总额"), ("[document, year]", "全部每年"),
        ("[enterprise, object, level]", "每个企业、每个对象、每个层级"), ("[enterprise, month]", "每个企业每月"),
    ],
)  # fmt: skip
def test_a_scope_in_words(per: str, words: str) -> None:
    found = catalog(per).find("样例市", "one", None, "sample-1")
    assert limit_text(found.rule, found.rule.limits[0]) == f"封顶10万元，{words}"
    steps = decide(found, {"fee": "16万元"}, None).steps
    assert any(f"（{words}）" in step.formula for step in steps)


GOOD, OTHER = "91350100M000100Y43", "91350100MA0000007A"


@pytest.mark.parametrize(
    ("called", "name", "code", "is_it"),
    [
        ({GOOD, "示例企业01"}, "别的写法", " 91350100m000100y\u200b43", True),
        ({GOOD, "示例企业01"}, "９１３５０１００Ｍ０００１００Ｙ４３", None, True),  # a code in the place of a name
        ({GOOD, "示例企业01"}, "示例 企业０１", None, True),
        ({GOOD, "示例企业01"}, "示例企业01", OTHER, False),  # two codes are two enterprises
        ({"示例企业01"}, "示例企业01", OTHER, True),  # the name bears the code
        ({GOOD, "示例企业01"}, "示例企业01", "91350100M000100Y44", True),  # a code that fails makes no other enterprise
        ({GOOD, "示例企业01"}, "示例企业02", None, False),
    ],
)
def test_whom_a_fact_means(called: set[str], name: str, code: str | None, *, is_it: bool) -> None:
    assert means(called, name, code) is is_it


def test_a_code_is_one_code_however_it_is_written() -> None:
    assert enterprise_key("91350100m000100y\u200b43", "甲") == enterprise_key(f" {GOOD[:8]} {GOOD[8:]}", "乙") == GOOD


def test_columns_of_one_code_are_one_enterprise() -> None:
    """However the code is written; two codes of one name are two, one code and a name are one by the name."""
    one, other = (Profile("甲", code, "enterprise", {}) for code in (GOOD, OTHER))
    assert one.same_enterprise(Profile("乙", f" {GOOD.lower()}", "enterprise", {}))
    assert not one.same_enterprise(other)
    assert one.same_enterprise(Profile(" 甲", None, "enterprise", {}))
    assert not one.same_enterprise(Profile("乙", None, "enterprise", {}))
