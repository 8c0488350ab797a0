"""What a decision says, as an official would write it: each sentence of `cases/explanations/told.yaml` was written by
hand from the text, every provision that pays has at least one, and no phrase of a programmer is left anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from xlpolicy import assess
from xlpolicy.claim.decision import Decision
from xlpolicy.law import catalog

TOLD: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "explanations" / "told.yaml").read_text(encoding="utf-8")
)
DOCUMENTS = catalog.default().documents
DAYS = {"fuzhou-2026-5": "2026-06-30", "fuzhou-2024-13": "2025-06-30", "jinjiang-2023-11": "2024-06-30", "quanzhou-2023-6": "2023-06-30"}  # fmt: skip
PROGRAMMERS = (
    "之列",
    "取较大（",
    "取较小（",
    "为是",
    "为否",
    "None",
    "True",
    "False",
    "成立“",
    "( ",
    "=",
    ">",
    "<",
    "*",
)


def decided(case: dict[str, Any]) -> Decision:
    key = case["document"]
    return assess(DOCUMENTS[key].city, case["provision"], case["inputs"], on=case.get("on", DAYS.get(key)), policy=key)


def ids(case: dict[str, Any]) -> str:
    return f"{case['document']}-{case['provision']}"


@pytest.mark.parametrize("case", TOLD, ids=ids)
def test_told_as_written_by_hand(case: dict[str, Any]) -> None:
    decision = decided(case)
    assert decision.explanation == case["told"]
    said = [f"{step.what}：{step.formula} → {step.value}（{step.pinpoint}）" for step in decision.steps]
    for step in case.get("steps", []):
        assert step in said
    for word in case.get("without", []):
        assert not any(word in step for step in said)
    remarks = [f"{label}　{text}" for label, text in decision.remarks]
    for remark in case.get("remarks", []):
        assert remark in remarks
    for word in case.get("silent", []):
        assert not any(word in text for text in remarks)


@pytest.mark.parametrize("case", TOLD, ids=ids)
def test_no_phrase_of_a_programmer(case: dict[str, Any]) -> None:
    decision = decided(case)
    texts = [decision.explanation, *decision.reasons, *(text for step in decision.steps for text in step)]
    assert [(word, text) for text in texts for word in PROGRAMMERS if word in text] == []


def test_every_provision_that_pays_is_told() -> None:
    shown = {(case["document"], case["provision"]) for case in TOLD}
    assert {(d.key, r.id) for d in DOCUMENTS.values() for r in d.rules.values() if r.amount is not None} <= shown


def test_an_article_is_cited_only_for_what_it_says() -> None:
    """The day count and the limit by interest paid are no sentence of the text: they stand under 读法."""
    decision = assess("福州", "tech_loan_interest", {"loan_balance": "1000万元", "days": 365, "loan_rate": "1.5%"}, on="2026-06-30")  # fmt: skip
    limit = next(step for step in decision.steps if step.formula.startswith("按贷款利率算的利息"))
    assert limit.pinpoint == "读法"


UPGRADE = "项目已享受发改委牵头的超长期特别国债设备更新资金"
HERE = "依法注册并在福州市行政区域内依法生产经营"


@pytest.mark.parametrize(
    ("rule", "inputs", "at", "step"),
    [
        ("tech_upgrade", {"investment": "800万元", "bond_supported": "否"}, 1, (UPGRADE, "否", "附件3 七3")),
        ("tech_upgrade", {"investment": "800万元", "bond_supported": "是"}, 1, (UPGRADE, "是", "附件3 七3")),
        ("software_product", {"count": 1, "local_operation": "是"}, 0, (HERE, "是", "附件4 五")),
        ("software_product", {"count": 1, "local_operation": "否"}, 0, (HERE, "否", "附件4 五")),
    ],
)
def test_a_condition_tells_what_was_stated(rule: str, inputs: dict[str, Any], at: int, step: tuple[str, ...]) -> None:
    """Whether the provision asks for it or rules it out."""
    assert assess("福州", rule, inputs, on="2026-06-30").steps[at][1:] == step


def test_a_difference_of_nothing_needs_no_word_about_what_is_below() -> None:
    """附件3 二: of 2亿元 all is used up; a fen more, and what is below zero counts as zero."""
    used = {"loan_balance": "1000万元", "days": 365}
    told = [
        next(s.formula for s in assess("福州", "tech_loan_interest", used | {"principal_used": p}, on="2026-06-30").steps if "限额" in s.formula)
        for p in ("2亿元", "200000000.01")
    ]  # fmt: skip
    assert ["不足零" in text for text in told] == [False, True]


def test_a_bureaus_own_option_is_told_with_a_refusal_too() -> None:
    claim, own = {"investment": "100万元"}, {"fuzhou-2026-5:enterprise_year": "total"}
    refused = assess("福州", "tech_upgrade", claim, on="2026-06-30", readings=own)
    assert not refused.eligible and [sort for sort, note in refused.remarks if note.startswith("本单位口径")] == [
        "读法"
    ]


def test_a_refusal_is_not_told_what_it_does_not_rest_on() -> None:
    """附件3 一 below its threshold: neither the bonds nor what else may be chosen matter."""
    assert assess("福州", "tech_upgrade", {"investment": "100万元"}, on="2026-06-30").remarks == ()


def test_a_threshold_of_the_year_asks_for_the_other_claims() -> None:
    """附件3 一 is of a project's year: below it other claims may add up, above it there is nothing to ask."""
    told = [assess("福州", "tech_upgrade", {"investment": x}, on="2026-06-30").warnings for x in ("100万元", "800万元")]
    assert ["请一起核算" in "".join(texts) for texts in told] == [True, False]


def test_what_would_be_received_elsewhere_is_presumed_to_be_none_and_named() -> None:
    """附件3 二 第二句 takes the central rate off: left blank it is none, stated it is no longer presumed."""
    stated: dict[str, Any] = {"loan_balance": "1000万元", "days": 365, "loan_rate": "3%", "other_level_interest": 0}
    assert "central_rate" in assess("福州", "tech_loan_interest", stated, on="2026-06-30").presumed
    known = assess("福州", "tech_loan_interest", stated | {"central_rate": 0}, on="2026-06-30")
    assert not {"central_rate", "other_level_interest"} & set(known.presumed)


def test_days_of_a_bank_year_have_their_unit() -> None:
    inputs = {"loan_balance": "100万元", "days": 180, "loan_rate": "3%", "lpr_1y": "3%"}
    told = assess("福州", "pilot_loan_interest", inputs, on="2025-06-30", readings={"fuzhou-2024-13:day_count": "d360"})
    assert told.explanation.startswith("项目实际投放贷款余额1,000,000元 × 比例3% × 计入天数180天 ÷ 360天 ＝ 15,000元，")


def test_days_outside_a_term_by_the_calendar_are_told() -> None:
    """附件1 一: a year from 1 March 2027 ends on 29 February 2028, 366 of the 672 days stated."""
    days = {"period_from": "2027-03-01", "period_to": "2028-12-31", "first_drawdown_on": "2027-03-01"}
    inputs = {"loan_balance": "1000万元", "years_since_scaleup": 1, **days}
    own = {"fuzhou-2026-5:term_calendar": "calendar"}
    told = assess("福州", "scaleup_loan_interest", inputs, on="2028-12-31", readings=own)
    assert told.explanation.startswith("计息天数672天，只计366天（期限以外的不计），贴息本金10,000,000元")
