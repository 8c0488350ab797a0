"""The cases of tests/cases/*.yaml, worked out by hand from the official texts, run through `assess`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from xlpolicy import assess
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
FILE_KEYS = {"document", "on", "policy", "cases"}
REQUIRED = {"provision", "name", "inputs", "why"}
OUTCOME = {"amount", "eligible", "error"}
OPTIONAL = {"on", "policy", "assumption", "reason", "question"}
FEWEST = 5


def keyed(mapping: dict[Any, Any]) -> dict[str, Any]:
    """YAML 1.1 reads a bare `on:` as true; both spellings are meant."""
    return {"on" if key is True else key: value for key, value in mapping.items()}


def read(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    head = keyed(yaml.safe_load(path.read_text(encoding="utf-8")))
    return head, [keyed(case) for case in head["cases"]]


LOADED = {path.stem: read(path) for path in FILES}


def parameters() -> Iterator[Any]:
    """One per case; ids number the cases of a provision, because pytest would escape a Chinese name."""
    for stem, (head, cases) in LOADED.items():
        count: Counter[str] = Counter()
        for case in cases:
            provision = str(case.get("provision"))
            count[provision] += 1
            yield pytest.param(head, case, id=f"{stem}-{provision}-{count[provision]:02}")


@pytest.mark.parametrize("stem", LOADED)
def test_case_file_is_well_formed(stem: str) -> None:
    head, cases = LOADED[stem]
    assert set(head) <= FILE_KEYS
    assert head["document"] == stem
    names = Counter((case.get("provision"), case.get("name")) for case in cases)
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize(("head", "case"), list(parameters()))
def test_case(head: dict[str, Any], case: dict[str, Any]) -> None:
    assert set(case) >= REQUIRED, f"缺少 {REQUIRED - set(case)}"
    assert set(case) <= REQUIRED | OUTCOME | OPTIONAL, f"不认识 {set(case) - REQUIRED - OUTCOME - OPTIONAL}"
    assert ("error" in case) != ({"amount", "eligible"} <= set(case)), "要么 error，要么 amount 与 eligible"
    document = catalog.default().documents[head["document"]]
    when = {"on": case.get("on", head.get("on")), "policy": case.get("policy", head.get("policy"))}

    if "error" in case:
        with pytest.raises(PolicyError) as caught:
            assess(document.city, case["provision"], case["inputs"], **when)
        assert caught.value.code == case["error"], f"{case['name']}（{case['why']}）；得到：{caught.value}"
        assert case.get("reason", "") in str(caught.value)
        assert not case.get("eligible", False)
        return

    decision = assess(document.city, case["provision"], case["inputs"], **when)
    assert decision.basis.document == document.key
    assert isinstance(decision.amount, Decimal)
    assert (str(decision.amount), decision.eligible) == (case["amount"], case["eligible"]), (
        f"{case['name']}（{case['why']}）；算得：{decision.explanation}"
    )
    assert bool(decision.reasons) != decision.eligible
    assert [item.name for item in decision.open] == ([case["question"]] if "question" in case else [])
    for expected, got in (("assumption", decision.assumptions), ("reason", decision.reasons)):
        if expected in case:
            assert any(case[expected] in text for text in got), f"{case[expected]} 不在 {got}"


@pytest.mark.parametrize("key", catalog.default().documents)
def test_every_computable_provision_has_cases(key: str) -> None:
    document = catalog.default().documents[key]
    assert key in LOADED, f"没有 tests/cases/{key}.yaml"
    count = Counter(case["provision"] for case in LOADED[key][1])
    fewest = {rule.id: FEWEST if rule.amount else 1 for rule in document.rules.values()}
    assert {rule: count[rule] for rule, least in fewest.items() if count[rule] < least} == {}
