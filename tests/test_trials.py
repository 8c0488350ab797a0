"""Single claims worked out from the official texts before they were run: boundaries, blanks, conditions not met, units, dates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from xlpolicy import assess
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog

TRIALS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "trials" / "assess.yaml").read_text(encoding="utf-8")
)
DAYS = {
    "fuzhou-2026-5": "2026-06-30", "fuzhou-2024-13": "2025-06-30", "quanzhou-2023-6": "2023-06-30",
    "jinjiang-2023-11": "2023-06-30", "putian-draft": None,
}  # fmt: skip


def outcome(case: dict[str, Any]) -> str:
    """The amount, `no` where it is refused, `ask` where a blank has to be asked for, or the code of the fault."""
    document = catalog.default().documents[case["document"]]
    policy = case.get("policy", document.key)
    try:
        found = assess(
            document.city, case["provision"], case["inputs"], on=case.get("on", DAYS[document.key]), policy=policy
        )
    except PolicyError as error:
        return error.code
    return "ask" if found.open else str(found.amount) if found.eligible else "no"


@pytest.mark.parametrize("case", TRIALS, ids=lambda c: f"{c['document']}-{c['provision']}")
def test_a_single_claim(case: dict[str, Any]) -> None:
    assert outcome(case) == case["expect"], case["why"]


def test_there_are_enough() -> None:
    """Every document, and every kind of outcome."""
    assert {case["document"] for case in TRIALS} == set(DAYS)
    assert {"no", "ask", "not_in_force", "invalid_input", "missing_input"} <= {case["expect"] for case in TRIALS}
