"""The embedded documents against the contract files: register.yaml (ids, inputs) and readings.md (words)."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from xlpolicy.law import catalog, in_force
from xlpolicy.law.records import Assumption, Document, Input, Rule

DOCUMENTS = catalog.default().documents
#: how readings.md names the documents
NAMES = {
    "榕2024": "fuzhou-2024-13",
    "榕2026": "fuzhou-2026-5",
    "泉州": "quanzhou-2023-6",
    "莆田": "putian-draft",
    "晋江": "jinjiang-2023-11",
}
#: readings no provision tells, and why
UNTOLD = {
    (34, "putian-draft"): "a warning of the catalog for every draft",
    (8, "fuzhou-2024-13"): "the cost of one device is asked before anything is paid",
}
#: readings that joined since
ADDED = {
    "附件3的国债排除说的是“本专项”，不及于新升规技改补助",
    # 附件1 五 states a term and asks only for the interest: told, until the days are asked for
    "没有填计息天数或起止日期，请核对所填利息只在1年的贴息期限以内、同一笔贷款没有在别的年度贴过",
    # an award that rests on a blank says what it was not held against (issue 12, section 3)
    "没有填贷款年利率和银行实收利息，没有核对贴息是否超过实付利息",
    "没有填“该政策的封顶金额”或“可用于上浮部分的预算余额”的，本数没有按它限制，请补填后重算",
    "没有填泉州市核定补助金额，没有与它的对应份额比较",
    "条文写明省级也按比例贴息，没有填“其他各级财政已给予本笔贷款的贴息金额”的，本数没有扣；各级合计不超过实付利息，请补填后重算",
    # a term in years is counted from dates that may be left blank (issue 15)
    "首笔贷款投放日期和计息起止日期没有填全，没有核对计息是否在贴息期限以内",
    # 附件3 二 第二句: why the city's part is nothing
    "中央贴息比例达到合计上限的，市级不再贴息",
}
#: sentences that issue 12 asks for in the place of the first release's (the number stays): a condition is told as one,
#: nobody is asked to fill in what is filled in
REWORDED = {
    13: "划档办法文件未写，请核对主管部门核定的档次",
    20: "若文件已失效，则按入选年度延续",
    21: "项目投资补助的封顶按每个项目计",
    23: "同一项目的技改补助、数智化项目补助和技改贷款贴息只能享受一项",
}
#: the article at the end of a limit of the text
ARTICLE = re.compile("（[^（）]*(?:（[^（）]*）)?[^（）]*）$")
PARTNERS = {
    "jinjiang-2023-11": "若同一平台另有泉州补助，则晋江金额就是县级部分，不与泉州全额相加",
    "quanzhou-2023-6": "若同一项目另有晋江补助，则晋江金额就是县级部分，不与泉州全额相加",
}
#: readings told by exactly the members of a cross rule of cross_rules.yaml
BY_CROSS_RULE = [
    (14, "qz_on_top"),
    (14, "pt_on_top"),
    (19, "f24_cloud_exclusion"),
    (28, "jj_contribution_ceiling"),
    (30, "jj_quanzhou_half"),
]


class Reading(NamedTuple):
    number: int
    source: str
    documents: list[str]
    words: str


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
        assert {**have, "inputs": None} == {**want, "inputs": None}
        added = [i for i in have["inputs"] if i["name"] not in {w["name"] for w in want["inputs"]}]
        assert [i for i in have["inputs"] if i not in added] == want["inputs"]
        assert not any(i["required"] for i in added)  # a caller of the first release need not know them


def test_nothing_more_and_nothing_less(register: dict[str, Any]) -> None:
    assert set(DOCUMENTS) == {document["key"] for document in register["documents"]}
    assert {(d.key, rule) for d in DOCUMENTS.values() for rule in d.rules} == {
        (provision["doc"], provision["id"]) for provision in register["provisions"]
    }
    cities = {city["value"]: city["label"] for city in register["cities"]}
    assert {d.city: d.city_label for d in DOCUMENTS.values()} == cities


@pytest.mark.parametrize("key", DOCUMENTS)
def test_document_is_that_of_the_register(key: str, register: dict[str, Any]) -> None:
    wanted = next(d for d in register["documents"] if d["key"] == key)
    document = DOCUMENTS[key]
    assert document.title == wanted["title"].removesuffix("（附件1–6）")
    assert (document.city, document.number, document.draft) == (
        wanted["city"], wanted["number"], wanted["status"] == "draft",
    )  # fmt: skip
    dates = tuple(day and day.isoformat() for day in (document.valid_from, document.valid_to))
    assert dates == (wanted["valid_from"], wanted["valid_to"])


@pytest.fixture(scope="module")
def readings(shared_dir: Path) -> list[Reading]:
    """The table of readings.md."""
    found = []
    for line in (shared_dir / "readings.md").read_text(encoding="utf-8").splitlines():
        if re.match(r"\| \d", line):
            number, source, _, _, words = (cell.strip() for cell in line.strip("|").split("|"))
            named = [key for name, key in NAMES.items() if name in source]
            found.append(Reading(int(number), source, named, REWORDED.get(int(number), words)))
    assert [reading.number for reading in found] == list(range(1, 35))
    return found


def sentence(told: Assumption) -> str:
    """What a reading says, without the article that a limit of the text stands in."""
    return ARTICLE.sub("", told.text) if told.sort == "limit" else told.text


def told(document: Document) -> set[str]:
    """Every reading a document tells: with an amount, by the settlement, or of its own first day."""
    words = {sentence(a) for rule in document.rules.values() for a in rule.assumptions}
    return words | {document.first_day} - {""}


@pytest.mark.parametrize("key", DOCUMENTS)
def test_readings_are_in_the_adopted_words(key: str, readings: list[Reading]) -> None:
    document = DOCUMENTS[key]
    offered = {item.option(item.default).prompt for item in document.readings.values()}
    words = {reading.words for reading in readings} | ADDED | set(PARTNERS.values()) | offered
    assert told(document) <= words


def test_every_reading_is_told_by_the_documents_it_names(readings: list[Reading]) -> None:
    silent = {
        (reading.number, key)
        for reading in readings
        for key in reading.documents or ["any"]
        if (PARTNERS[key] if reading.number == 29 else reading.words)
        not in (told(DOCUMENTS[key]) if key != "any" else set().union(*map(told, DOCUMENTS.values())))
    }
    assert silent == set(UNTOLD)
    assert readings[33].words in in_force.DRAFT_WARNING


def rules_with(document: str, **wanted: str) -> set[str]:
    """Provisions of a document with an input of that name: any position, or `first` its first one."""
    return {
        rule.id
        for rule in DOCUMENTS[document].rules.values()
        if any(
            item.name == name
            for where, name in wanted.items()
            for item in (rule.inputs[:1] if where == "first" else rule.inputs)
        )
    }


def telling(document: str, words: str) -> set[str]:
    rules = DOCUMENTS[document].rules.values()
    return {rule.id for rule in rules if any(sentence(a) == words for a in rule.assumptions)}


@pytest.mark.parametrize("key", DOCUMENTS)
def test_interest_and_matching_provisions_tell_their_readings(key: str, readings: list[Reading]) -> None:
    # 附件1 五 pays half of the interest itself, whatever the days
    assert telling(key, readings[15].words) == rules_with(key, any="days") - {"park_infra_interest"}
    assert telling(key, readings[16].words) == rules_with(key, any="loan_rate") | rules_with(key, first="interest")
    assert telling(key, readings[14].words) == rules_with(key, first="superior_award")


@pytest.mark.parametrize(("number", "cross_rule"), BY_CROSS_RULE)
def test_members_of_a_cross_rule_tell_its_reading(
    number: int, cross_rule: str, readings: list[Reading], shared_dir: Path
) -> None:
    rules = yaml.safe_load((shared_dir / "cross_rules.yaml").read_text(encoding="utf-8"))["rules"]
    rule = next(rule for rule in rules if rule["id"] == cross_rule)
    members = set(rule["members"])
    if members == {"*"}:
        members = {r.id for r in DOCUMENTS[rule["doc"]].rules.values() if r.amount is not None}
    assert telling(rule["doc"], readings[number - 1].words) == members
