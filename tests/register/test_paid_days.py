"""What a payment says of a loan: the days it was for, also where the claim states its period and not the days."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from xlpolicy.law import catalog as catalogs
from xlpolicy.register.settling import payment_of
from xlpolicy.settle import Claim

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
