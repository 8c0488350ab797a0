"""Every hand-worked settlement of tests/cases/settle, through `settle` and its JSON shape."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from xlpolicy import settle
from xlpolicy.faults import InvalidInput
from xlpolicy.settle.shares import largest_remainder

FOLDER = Path(__file__).parents[1] / "cases" / "settle"
CASES = [
    pytest.param(case, id=f"{path.stem}-{case['name']}")
    for path in sorted(FOLDER.glob("*.yaml"))
    if path.stem != "largest-remainder"
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
SHARES = [
    pytest.param(case, id=case["name"])
    for case in yaml.safe_load((FOLDER / "largest-remainder.yaml").read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("case", CASES)
def test_settlement(case: dict[str, Any]) -> None:
    assert set(case) <= {"name", "why", "on_year", "facts", "claims", "expect"}
    result = settle(case["claims"], case.get("facts"), on_year=case["on_year"])
    dumped = result.model_dump(mode="json")
    assert [c["id"] for c in dumped["claims"]] == [c["id"] for c in case["claims"]]
    noted = {note.claim for note in result.notes}
    for claim, settled in zip(dumped["claims"], result.claims, strict=True):
        want = case["expect"][claim["id"]]
        assert set(want) <= {"payable", "payers", "cuts", "needs", "note", "without", "quiet", "status"}
        assert (claim["payable"], claim["payers"]) == (want["payable"], want["payers"]), claim
        if "cuts" in want:
            assert [(c["rule"], c["amount"]) for c in claim["cuts"]] == [
                (c["rule"], c["amount"]) for c in want["cuts"]
            ], claim
        if want.get("needs"):
            assert claim["id"] in noted
        if "note" in want:
            assert any(want["note"] in note["text"] for note in claim["notes"]), claim["notes"]
        if "without" in want:
            assert not any(want["without"] in note["text"] for note in claim["notes"]), claim["notes"]
        assert not (want.get("quiet") and claim["notes"]), claim["notes"]
        assert claim["status"] == want.get("status", claim["status"])
        assert settled.decided - sum((c.amount for c in settled.cuts), Decimal(0)) == settled.payable
        assert sum(settled.payers.values(), Decimal(0)) == settled.payable


@pytest.mark.parametrize("case", SHARES)
def test_largest_remainder(case: dict[str, Any]) -> None:
    parts = [Decimal(str(p)) for p in case["parts"]]
    shares = largest_remainder(parts, Decimal(str(case["pool"])), Decimal(str(case.get("quantum", "0.01"))))
    assert shares == [Decimal(str(share)) for share in case["expect"]]


def test_a_quantum_that_is_none() -> None:
    with pytest.raises(InvalidInput, match="取整单位 0\\.5 不在可选范围"):
        largest_remainder([Decimal(1)], Decimal(1), Decimal("0.5"))
