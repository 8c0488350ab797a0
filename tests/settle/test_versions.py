"""A document that goes on from another: counts are carried on, amounts only between versions of the same one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from xlpolicy import settle
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog

CLAIMS: list[dict[str, Any]] = [
    {"id": "p1", "enterprise": "示例企业01", "city": "fuzhou", "rule": "platform_build", "on": "2026-06-30",
     "object": "平台一", "inputs": {"investment": "300万元"}},
    {"id": "p2", "enterprise": "示例企业01", "city": "fuzhou", "rule": "platform_build", "on": "2027-06-30",
     "object": "平台一", "inputs": {"investment": "300万元"}},
    {"id": "g1", "enterprise": "示例企业01", "city": "fuzhou", "rule": "little_giant", "on": "2026-06-30",
     "inputs": {"superior_award": "60万元"}},
    {"id": "g2", "enterprise": "示例企业01", "city": "fuzhou", "rule": "little_giant", "on": "2027-06-30",
     "inputs": {"superior_award": "60万元"}},
]  # fmt: skip


def versions(**link: str) -> Catalog:
    """榕2026 until the end of 2026, and a document of the same provisions from 2027 on that bears `link`."""
    default = catalogs.default()
    first = replace(default.document("fuzhou-2026-5"), valid_to=dt.date(2026, 12, 31))
    rules = {name: replace(rule, document="fuzhou-2027", valid_from=None) for name, rule in first.rules.items()}
    later = replace(
        first, key="fuzhou-2027", number="榕政办规〔2027〕1号", valid_from=dt.date(2027, 1, 1),
        valid_to=dt.date(2030, 12, 31), rules=rules, **{"continues": "", **link},
    )  # fmt: skip
    return Catalog([first, later])


@pytest.mark.parametrize(
    ("link", "want"),
    [
        # 附件3 五: 300万×20%＝60万, a platform 100万; 附件5 一: 60万×50%＝30万, once
        ({}, ["600000.00", "600000.00", "300000.00", "300000.00"]),
        ({"continues": "fuzhou-2026-5"}, ["600000.00", "600000.00", "300000.00", "0.00"]),
        ({"amends": "fuzhou-2026-5"}, ["600000.00", "400000.00", "300000.00", "0.00"]),
    ],
)
def test_what_is_carried_on(link: dict[str, str], want: list[str]) -> None:
    result = settle(CLAIMS, on_year=2027, catalog=versions(**link))
    assert [str(claim.payable) for claim in result.claims] == want


@pytest.mark.parametrize(
    ("link", "left"), [({"continues": "fuzhou-2026-5"}, "600000.00"), ({"amends": "fuzhou-2026-5"}, "200000.00")]
)
def test_payments_of_an_earlier_version(link: dict[str, str], left: str) -> None:
    """80万 were paid for the platform in 2026: 20万 are left where the document was amended."""
    paid = {
        "enterprise": "示例企业01",
        "city": "fuzhou",
        "rule": "platform_build",
        "year": 2026,
        "amount": 800_000,
        "object": "平台一",
    }
    result = settle([CLAIMS[1]], {"prior_payments": [paid]}, on_year=2027, catalog=versions(**link))
    assert str(result.claims[0].payable) == left


@pytest.mark.parametrize(("link", "want"), [({}, "300000.00"), ({"continues": "fuzhou-2026-5"}, "0.00")])
def test_a_title_paid_under_another_document(link: dict[str, str], want: str) -> None:
    """附件5 一 60万×50%＝30万：2026年按前一文件付过，后一文件不接续的另付，接续的不再付。"""
    paid = {"enterprise": "示例企业01", "city": "fuzhou", "rule": "little_giant", "year": 2026, "amount": 300_000}
    result = settle([CLAIMS[3]], {"prior_payments": [paid]}, on_year=2027, catalog=versions(**link))
    assert str(result.claims[0].payable) == want


def test_a_payment_of_a_year_in_which_the_document_was_no_longer_in_force_is_not_its() -> None:
    paid = {"enterprise": "示例企业01", "city": "fuzhou", "rule": "little_giant", "year": 2027, "amount": 300_000}
    result = settle([CLAIMS[2]], {"prior_payments": [paid]}, on_year=2027, catalog=versions())
    assert str(result.claims[0].payable) == "300000.00"


def test_documents_that_name_each_other_are_one_line() -> None:
    first = catalogs.default().document("fuzhou-2026-5")
    one, other = replace(first, key="a", continues="b"), replace(first, key="b", continues="a")
    catalog = Catalog([one, other])
    assert catalog.line(one) == catalog.line(other) == "a"
