"""The embedded documents against the contract files: register.yaml (ids, inputs) and readings.md (words)."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from xlpolicy import catalog
from xlpolicy.rules.rule import Input, Rule

DOCUMENTS = catalog.default().documents


@pytest.fixture(scope="module")
def register(shared_dir: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((shared_dir / "register.yaml").read_text(encoding="utf-8"))
    return data


def described(item: Input) -> dict[str, Any]:
    """An input as register.yaml writes it."""
    out = {name: getattr(item, name) for name in ("name", "type", "label", "required")}
    if item.unit:
        out["unit"] = item.unit
    if item.default is not None:
        out["default"] = int(item.default) if isinstance(item.default, Decimal) else item.default
    if item.default_from:
        out["default_from"] = item.default_from
    if item.assumed:
        out["assumed"] = True
    if item.choices:
        out["values"] = [{"value": choice.value, "label": choice.label} for choice in item.choices]
    return out


def rule_described(rule: Rule) -> dict[str, Any]:
    return {
        "doc": rule.document, "id": rule.id, "at": rule.at, "title": rule.title,
        "recipient": rule.recipient, "nature": rule.nature, "inputs": list(map(described, rule.inputs)),
    }  # fmt: skip


@pytest.mark.parametrize("key", DOCUMENTS)
def test_provisions_are_those_of_the_register_in_its_order(key: str, register: dict[str, Any]) -> None:
    wanted = [
        {name: p[name] for name in ("doc", "id", "at", "title", "recipient", "nature")}
        | {"inputs": [{k: v for k, v in i.items() if v != ""} for i in p.get("inputs", [])]}
        for p in register["provisions"]
        if p["doc"] == key
    ]
    got = [rule_described(rule) for rule in DOCUMENTS[key].rules.values()]
    assert [p["id"] for p in got] == [p["id"] for p in wanted]
    for have, want in zip(got, wanted, strict=True):
        assert have == want


@pytest.mark.parametrize("key", DOCUMENTS)
def test_document_is_that_of_the_register(key: str, register: dict[str, Any]) -> None:
    wanted = next(d for d in register["documents"] if d["key"] == key)
    document = DOCUMENTS[key]
    assert (document.city, document.number, document.draft) == (
        wanted["city"], wanted["number"], wanted["status"] == "draft",
    )  # fmt: skip
    dates = tuple(day and day.isoformat() for day in (document.valid_from, document.valid_to))
    assert dates == (wanted["valid_from"], wanted["valid_to"])


@pytest.mark.parametrize("key", DOCUMENTS)
def test_readings_are_in_the_adopted_words(key: str, shared_dir: Path) -> None:
    text = (shared_dir / "readings.md").read_text(encoding="utf-8")
    words = {line.split("|")[-2].strip() for line in text.splitlines() if re.match(r"\| \d", line)}
    used = {a.text for rule in DOCUMENTS[key].rules.values() for a in rule.assumptions}
    assert used <= words
