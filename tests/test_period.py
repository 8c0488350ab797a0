"""Days of interest and the interest paid over them, by hand: 附件3 二 gives two years, 730 days, of a loan's interest."""

from __future__ import annotations

from typing import Any

import pytest

from xlpolicy import assess

TWO_YEARS = {"period_from": "2027-03-01", "period_to": "2029-02-28", "first_drawdown_on": "2027-03-01"}
CASES: list[tuple[str, bool, dict[str, Any], str, str]] = [
    # what, 按日历年, what is stated, amount (the interest paid that counts, less than 2 %), what is told of it
    ("a day too many", False, {"days": 731, "interest_paid": "7.31万元"}, "73000.00", "是 731 天的，期限以内 730 天折算为 73,000.00元"),
    ("no first drawdown, so no calendar", True, {"days": 731, "interest_paid": "7.31万元"}, "73000.00", "是 731 天的，期限以内 730 天折算为 73,000.00元"),
    ("the calendar has 29 February 2028", True, TWO_YEARS | {"interest_paid": "7.31万元"}, "73100.00", ""),
    ("the same at 365 a year", False, TWO_YEARS | {"interest_paid": "7.31万元"}, "73000.00", "是 731 天的，期限以内 730 天折算为 73,000.00元"),
    ("three years without a first drawdown", False, {"period_from": "2026-01-01", "period_to": "2028-12-30", "interest_paid": "10.95万元"}, "73000.00", "是 1095 天的，期限以内 730 天折算为 73,000.00元"),
    # to 2030-02-28 are 731 days, 31 more are beyond: 73,100 × 730 ÷ 762 = 70,030.18
    ("begun on a 29 February", False, {"period_from": "2028-02-29", "period_to": "2030-03-31", "first_drawdown_on": "2028-02-29", "interest_paid": "7.31万元"}, "70030.18", "贴息期限至 2030-02-28，期限以外的 31 天不计；"),
    ("all of them", False, {"days": 730, "interest_paid": "7.31万元"}, "73100.00", ""),
]  # fmt: skip


@pytest.mark.parametrize(("what", "calendar", "stated", "amount", "told"), CASES, ids=[case[0] for case in CASES])
def test_days_and_the_interest_over_them(
    what: str, calendar: bool, stated: dict[str, Any], amount: str, told: str
) -> None:
    readings = {"fuzhou-2026-5:term_calendar": "calendar"} if calendar else None
    claim = {"loan_balance": "1000万元", **stated}
    decision = assess("fuzhou", "tech_loan_interest", claim, on="2026-06-30", policy="fuzhou-2026-5", readings=readings)
    assert f"{decision.amount}" == amount
    said = [note for note in decision.notes if "天折算" in note or "期限以外" in note]
    assert [told in note for note in said] == [True] * bool(told)
