"""What a payment of the register says: days of a loan, the year of a title, whether cloud services were in it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from xlpolicy.law import catalog as catalogs
from xlpolicy.register.settling import payment_of
from xlpolicy.settle import Claim, settle
from xlpolicy.settle.facts import Payment

PARK = {"interest": Decimal(306_000)}
PERIOD = {"period_from": "2026-03-01", "period_to": "2026-12-31", "first_drawdown_on": "2026-03-01"}


@pytest.mark.parametrize(
    ("inputs", "days"),
    [
        ({**PARK, **PERIOD}, 306),  # 31+30+31+30+31+31+30+31+30+31
        ({**PARK, "days": 200}, 200),
        ({**PARK, **PERIOD, "period_to": "2027-06-30"}, 365),  # 附件1 五: one year from the first drawdown
        (PARK, None),
    ],
)
def test_the_days_of_a_payment(inputs: dict[str, Any], days: int | None) -> None:
    claim = Claim("A1", "示例园区01", "fuzhou", "park_infra_interest", dt.date(2026, 12, 31), inputs, loan="L1")
    standing: Any = SimpleNamespace(
        claim=claim, line=SimpleNamespace(payable=Decimal(153_000)), document="fuzhou-2026-5", rule="park_infra_interest",
        transfers=(), taken_back=Decimal(0), name="示例园区01", city="fuzhou", code="", year=2026,
    )  # fmt: skip
    assert payment_of(standing, catalogs.default()).days == days


@pytest.mark.parametrize("stated", [PERIOD, {name: dt.date.fromisoformat(day) for name, day in PERIOD.items()}])
def test_the_period_of_a_payment(stated: dict[str, Any]) -> None:
    inputs = {"loan_balance": Decimal(6_000_000), "level": None, **stated}
    paid = _paid("pilot_loan_interest", 1, {key: value for key, value in inputs.items() if value})
    days = (paid.period_from, paid.period_to, paid.first_drawdown_on)
    assert [str(day) for day in days] == list(PERIOD.values())


def _paid(rule: str, amount: int, inputs: dict[str, Any]) -> Payment:
    claim = Claim("A1", "示例企业01", "fuzhou", rule, dt.date(2025, 5, 1), inputs, project="甲")
    standing: Any = SimpleNamespace(
        claim=claim, line=SimpleNamespace(payable=Decimal(amount)), document="fuzhou-2024-13", rule=rule,
        transfers=(), taken_back=Decimal(0), name="示例企业01", city="fuzhou", code="", year=2025,
    )  # fmt: skip
    return payment_of(standing, catalogs.default())


def _then(paid: Payment, rule: str, inputs: dict[str, Any]) -> tuple[str, list[str]]:
    claim = {
        "id": "c",
        "enterprise": "示例企业01",
        "city": "fuzhou",
        "rule": rule,
        "on": "2025-09-01",
        "inputs": inputs,
    }
    found = settle([claim], {"prior_payments": [paid]}, on_year=2025)
    return f"{found.claims[0].payable:.2f}", [note.code for note in found.notes]


@pytest.mark.parametrize(("year", "payable"), [(2, "3000000.00"), (1, "0.00")])  # 二（十一）一是: each year once
def test_the_year_of_a_title(year: int, payable: str) -> None:
    first = _paid("dual_cross_platform", 4_000_000, {"consecutive_year": 1})
    assert _then(first, "dual_cross_platform", {"consecutive_year": year}) == (payable, [])


@pytest.mark.parametrize(
    ("cloud", "payable"),
    [({"includes_cloud_spend": True}, "0.00"), ({"includes_cloud_spend": False}, "50000.00"), ({}, "50000.00")],
)
def test_cloud_services_that_were_paid_for(cloud: dict[str, Any], payable: str) -> None:
    pilot = _paid("pilot_transformation", 70_000, {"spend": Decimal(100_000), "level": 2, **cloud})
    assert _then(pilot, "cloud_core", {"fee": Decimal(100_000)}) == (payable, [])  # 九、2


@pytest.mark.parametrize(("level", "payable"), [(3, "200000.00"), ("三级", "200000.00"), (2, "120000.00")])
def test_the_level_of_a_maximum(level: Any, payable: str) -> None:
    """一（一）: 20万 of level two, 30万 of level three, the higher of those paid for all: 8万 are paid, 28万 are asked."""
    before = _paid("pilot_transformation", 80_000, {"spend": Decimal(100_000), "level": level})
    assert _then(before, "pilot_transformation", {"spend": Decimal(400_000), "level": 2}) == (payable, [])
