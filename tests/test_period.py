"""Days of interest and the interest paid over them, by hand: 附件3 二 gives two years, 730 days, of a loan's interest."""

from __future__ import annotations

from typing import Any

import pytest

from xlpolicy import assess
from xlpolicy.law import catalog

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


#: every provision that sets a term -> what it asks for beside the dates
TERMS: dict[tuple[str, str], dict[str, Any]] = {
    ("fuzhou-2026-5", "scaleup_loan_interest"): {"loan_balance": "1000万元", "years_since_scaleup": 1},
    ("fuzhou-2026-5", "park_infra_interest"): {"interest": "10万元"},
    ("fuzhou-2026-5", "tech_loan_interest"): {"loan_balance": "1000万元"},
    ("fuzhou-2026-5", "software_loan_interest"): {"loan_balance": "1000万元"},
    ("fuzhou-2024-13", "pilot_loan_interest"): {"loan_balance": "100万元", "loan_rate": "3%", "lpr_1y": "3%"},
}
PERIOD = {"period_from": "2026-01-01", "period_to": "2026-06-30"}
UNCHECKED = "首笔贷款投放日期和计息起止日期没有填全，没有核对计息是否在贴息期限以内"


def test_every_term_is_named_here() -> None:
    documents = catalog.default().documents.values()
    assert {(d.key, rule.id) for d in documents for rule in d.rules.values() if rule.term} == set(TERMS)


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        ({"days": 300}, True),  # years after the first drawdown, for all that is known
        ({"days": 300, "first_drawdown_on": "2025-10-01"}, True),  # which days they are nobody says
        (PERIOD, True),
        (PERIOD | {"first_drawdown_on": "2025-10-01"}, False),
    ],
    ids=["days", "days and drawdown", "period", "all three"],
)
@pytest.mark.parametrize("provision", TERMS, ids="/".join)
def test_a_term_that_cannot_be_checked_is_told(provision: tuple[str, str], dates: dict[str, Any], told: bool) -> None:
    policy, rule = provision
    decision = assess("fuzhou", rule, TERMS[provision] | dates, on="2026-06-30", policy=policy)
    assert decision.amount > 0
    assert (("核对", UNCHECKED) in decision.remarks) is told
