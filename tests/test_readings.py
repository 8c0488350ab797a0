"""The options of the readings: each by a case worked out by hand, each with an effect, none that changes a default."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from xlpolicy import assess, settle
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog
from xlpolicy.law.abroad import bearing
from xlpolicy.law.adopted import MARK, Adopted
from xlpolicy.law.encoding import encode
from xlpolicy.law.records import Document
from xlpolicy.law.store import variant

FOLDER = Path(__file__).parent / "cases" / "readings"
SINGLE: list[dict[str, Any]] = yaml.safe_load((FOLDER / "single.yaml").read_text(encoding="utf-8"))
SETTLE: list[dict[str, Any]] = yaml.safe_load((FOLDER / "settle.yaml").read_text(encoding="utf-8"))
LISTED: list[dict[str, Any]] = yaml.safe_load((FOLDER / "listed.yaml").read_text(encoding="utf-8"))
DOCUMENTS = catalog.default().documents
WHY = "示例纪要第1号"
#: options that change no amount by themselves, and what they do
NO_AMOUNT = {
    ("fuzhou-2026-5", "vat_most", "services"): "whether a blank is asked: `test_what_is_asked_of_a_blank`",
    ("fuzhou-2024-13", "vat_most", "services"): "the same",
}


def options() -> Iterator[tuple[str, str, str]]:
    """Document, reading and option of every option that is no default."""
    for key, document in DOCUMENTS.items():
        for name, reading in document.readings.items():
            for option in reading.options:
                if option.key != reading.default:
                    yield key, name, option.key


def outcome(case: dict[str, Any], inputs: dict[str, Any], readings: dict[str, Adopted] | None) -> tuple[str, Any]:
    """The amount, or the code of the refusal; and the decision."""
    on = None if case.get("policy") else case.get("on", "2026-06-30")
    try:
        city = DOCUMENTS[case["document"]].city
        found = assess(city, case["provision"], inputs, on=on, policy=case.get("policy"), readings=readings)
    except PolicyError as error:
        return error.code, None
    return str(found.amount), found


@pytest.mark.parametrize("case", SINGLE, ids=lambda c: f"{c['document']}-{c['provision']}-{c['reading']}")
def test_a_single_claim(case: dict[str, Any]) -> None:
    got, decision = outcome(case, case["inputs"], None)
    assert got == case["default"], case["why"]
    assert decision is None or (decision.readings == {} and not any(MARK in text for text in decision.assumptions))
    for option, amount in case["options"].items():
        adopted = {f"{case['document']}:{case['reading']}": Adopted(option, WHY)}
        got, decision = outcome(case, case.get("in", {}).get(option, case["inputs"]), adopted)
        assert got == amount, f"{option}：{case['why']}"
        prompt = DOCUMENTS[case["document"]].readings[case["reading"]].option(option).prompt
        assert f"{MARK}{prompt}（{WHY}）" in decision.assumptions
        assert decision.readings[case["reading"]]["option"] == option


@pytest.mark.parametrize(("key", "day"), [("fuzhou-2026-5", "2026-06-30"), ("fuzhou-2024-13", "2025-06-30")])
def test_what_is_asked_of_a_blank(key: str, day: str) -> None:
    """450万元加13%是508.5万元，要问；加6%是477万元，到不了500万元，不用问。480万元加6%是508.8万元，要问。"""
    for investment, default, services in (("450万元", True, False), ("480万元", True, True)):
        assert bool(assess("fuzhou", "tech_upgrade", investment, on=day).open) is default
        chosen = {f"{key}:vat_most": Adopted("services", WHY)}
        assert bool(assess("fuzhou", "tech_upgrade", investment, on=day, readings=chosen).open) is services


def test_the_question_follows_the_option() -> None:
    """附件2 七 第二句: of which centres it is asked, in what is presumed and in what refuses."""
    for option, asked in (
        ("new", "属新认定制造业创新中心的牵头单位"),
        ("any", "属制造业创新中心的牵头单位（不论何时认定）"),
    ):
        chosen = {"fuzhou-2026-5:centres_earlier": Adopted(option, WHY)}
        for inputs in ({"income": "200万元"}, {"income": "200万元", "recognised_center": False}):
            found = assess("fuzhou", "pilot_test_income", inputs, on="2026-06-30", readings=chosen)
            assert any(f"“{asked}”" in text for text in (*found.presumptions, *found.reasons))


def settled(case: dict[str, Any], readings: dict[str, Adopted] | None) -> list[dict[str, Any]]:
    common = {"enterprise": "示例企业01", "city": case.get("city", "fuzhou")}
    claims = [{**common, "id": f"c{i}", **claim} for i, claim in enumerate(case["claims"], 1)]
    year = int(case["claims"][0]["on"][:4])
    found: list[dict[str, Any]] = settle(claims, case.get("facts"), on_year=year, readings=readings).model_dump("json")[
        "claims"
    ]
    return found


@pytest.mark.parametrize("case", SETTLE, ids=lambda c: c["reading"])
def test_many_claims(case: dict[str, Any]) -> None:
    for option, amounts in [("default", case["default"]), *case["options"].items()]:
        chosen = None if option == "default" else {case["reading"]: Adopted(option, WHY)}
        found = settled(case, chosen)
        assert [Decimal(c["payable"]) for c in found] == [Decimal(str(x)) for x in amounts], f"{option}：{case['why']}"
        if "payers" in case:
            assert found[0]["payers"] == case["payers"][option]


def test_every_option_has_a_case() -> None:
    shown = {(c["document"], c["reading"], option) for c in SINGLE for option in c["options"]}
    shown |= {(*c["reading"].split(":"), option) for c in SETTLE for option in c["options"]}
    assert set(options()) - shown == set(NO_AMOUNT)


def test_every_open_question_has_an_option_or_an_argument() -> None:
    """The 34 readings of the first release and those that joined them, and every reading that the documents offer."""
    assert [x["number"] for x in LISTED if "number" in x] == list(range(1, 35))
    assert all(len(x.get("argued", "")) > 15 or x.get("options") for x in LISTED)
    known = {f"{key}:{name}" for key, document in DOCUMENTS.items() for name in document.readings}
    listed = [name for x in LISTED for name in x.get("options", ())]
    assert set(listed) == known and len(listed) == len(known)


def content(document: Document, prompts: set[str]) -> str:
    """All that a document does, without what it tells."""
    text = json.dumps(
        [
            encode(document.rules), encode(document.cross_rules), str(document.valid_from), document.decides_by,
            document.year_by,
        ],
        ensure_ascii=False,
    )  # fmt: skip
    for prompt in prompts:
        text = text.replace(f'"{prompt}"', '""')
    return text


@pytest.mark.parametrize(("key", "name", "option"), list(options()))
def test_every_option_does_something(key: str, name: str, option: str) -> None:
    document = DOCUMENTS[key]
    other = variant(document.source, key, ((name, option),))
    prompts = {x.prompt for x in document.readings[name].options}
    assert content(other, prompts) != content(document, prompts)


@pytest.mark.parametrize("key", DOCUMENTS)
def test_every_reading_is_argued(key: str) -> None:
    for reading in DOCUMENTS[key].readings.values():
        assert reading.question and reading.at and len(reading.argument) > 20
        assert "理由是" in reading.argument or len(reading.options) > 2, reading.name


def test_readings_reach_the_provisions_that_hang_on_them() -> None:
    rules = DOCUMENTS["fuzhou-2026-5"].rules
    assert "vat_threshold" in rules["tech_upgrade"].readings and "actual_days" not in rules["tech_upgrade"].readings
    assert "actual_days" in rules["tech_loan_interest"].readings
    for name in ("tech_upgrade", "scaleup_tech_upgrade", "innovation_center_tech_upgrade", "srdi_tech_upgrade"):
        assert "shared_cap" in rules[name].readings  # written with one of the four that share the limit
    assert "shared_cap" not in rules["digital_project"].readings
    assert rules["tech_center"].readings == ("decides_by", "year_by", "uplift_reach", "uplift_scope")


def test_a_reading_of_another_document_bears_on_a_provision_that_its_rule_reaches() -> None:
    """晋江 文末 就高 by year or not also decides what 泉州 一（一） pays of its county half."""
    quanzhou, jinjiang = DOCUMENTS["quanzhou-2023-6"], DOCUMENTS["jinjiang-2023-11"]
    found = bearing(catalog.default(), quanzhou, quanzhou.rules["platform_build"])
    assert found[-1] == (jinjiang, "highest_scope")
    assert (jinjiang, "highest_scope") not in bearing(catalog.default(), quanzhou, quanzhou.rules["smart_factory"])


def test_a_settlement_says_the_options_it_rests_on() -> None:
    """480 without and 542.4 with tax: nothing by the option; the bank year bears on no claim of it."""
    claim = {"id": "1", "enterprise": "示例企业01", "city": "fuzhou", "rule": "tech_upgrade", "on": "2026-06-30"}
    claim["inputs"] = {"investment": 4_800_000, "investment_with_vat": 5_424_000}  # type: ignore[assignment]
    chosen = {
        f"fuzhou-2026-5:{name}": Adopted(o, WHY) for name, o in (("vat_threshold", "net"), ("actual_days", "d360"))
    }
    found = settle([claim], on_year=2026, readings=chosen)
    assert found.warnings == (f"{MARK}门槛按不含税投资判断（{WHY}）。",) and found.claims[0].payable == 0
    assert not any(MARK in text for text in settle([claim], on_year=2026).warnings)
