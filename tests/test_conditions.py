"""Conditions, presumptions and questions, each worked out by hand from the official text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from xlpolicy import assess, assess_table
from xlpolicy.claim.decision import Decision
from xlpolicy.excel.functions.amounts import subsidy, subsidy_why
from xlpolicy.excel.functions.call import XlError
from xlpolicy.law import catalog

ON = {
    "fuzhou-2026-5": "2026-06-30",
    "fuzhou-2024-13": "2025-06-30",
    "quanzhou-2023-6": "2023-06-30",
    "jinjiang-2023-11": "2024-06-30",
    "putian-draft": None,
}
#: document, provision, inputs, the condition, the amount where it holds (text: where it says so)
CONDITIONS: list[tuple[str, str, dict[str, Any], str, str]] = [
    # 附件1 一: 1000万 × 1% × 365/365
    ("fuzhou-2026-5", "scaleup_loan_interest", {"loan_balance": "1000万", "days": 365, "years_since_scaleup": 0}, "supply_chain_loan", "100000.00"),
    # 附件2 六: 100万 × 50%
    ("fuzhou-2026-5", "industry_academia_project", {"spend": "100万"}, "with_university", "500000.00"),
    # 附件2 七: 500万 × 3%; 100万 × 30%
    ("fuzhou-2026-5", "innovation_center_tech_upgrade", {"investment": "500万"}, "recognised_center", "150000.00"),
    ("fuzhou-2026-5", "pilot_test_income", {"income": "100万"}, "recognised_center", "300000.00"),
    # 附件3 二 第二句: 1000万 × min(2%, 2.5% − 1.5%) × 1年
    ("fuzhou-2026-5", "tech_loan_interest", {"loan_balance": "1000万", "days": 365, "central_rate": "1.5%"}, "key_project", "100000.00"),
    # 附件4 二2: 500万 × 30%
    ("fuzhou-2026-5", "software_major_project", {"investment": "500万"}, "leads_project", "1500000.00"),
    # 附件4 五
    ("fuzhou-2026-5", "software_product", {"count": 1}, "local_operation", "500000.00"),
    ("fuzhou-2026-5", "software_brand", {"rank": 11, "list": "software_revenue_100"}, "local_operation", "500000.00"),
    # 附件5 三1: 300万 × 3%
    ("fuzhou-2026-5", "srdi_tech_upgrade", {"investment": "300万"}, "industrial_policy", "90000.00"),
    # 附件6 一: 5万 × 80%; 10万 × 20%
    ("fuzhou-2026-5", "exhibition_booth", {"fee": "5万", "group_size": 5}, "professional_fair", "40000.00"),
    ("fuzhou-2026-5", "exhibition_organiser", {"fee": "10万", "group_size": 5}, "professional_fair", "20000.00"),
    # 附件6 二2, 三1 (第三档30万，订单1000万的5%是50万)
    ("fuzhou-2026-5", "supply_demand_event", {"approved_amount": "3万"}, "by_department", "30000.00"),
    ("fuzhou-2026-5", "order_ranking", {"tier": 3, "order_total": "1000万"}, "fits_positioning", "300000.00"),
    # 榕2024 一（八）: 100万 × 3% × 1年
    ("fuzhou-2024-13", "pilot_loan_interest", {"loan_balance": "100万", "days": 365, "loan_rate": "3%", "lpr_1y": "3%"}, "for_project", "30000.00"),
    ("fuzhou-2024-13", "pilot_loan_interest", {"loan_balance": "100万", "days": 365, "loan_rate": "3%", "lpr_1y": "3%"}, "net_rate_contract", "30000.00"),
    # （十六）: 200万 × 15%; 五（十四）: 10万 × 50%, 3台 × 2000
    ("fuzhou-2024-13", "first_industrial_software", {"price": "200万"}, "self_developed", "300000.00"),
    ("fuzhou-2024-13", "cloud_core", {"fee": "10万"}, "industrial_enterprise", "50000.00"),
    ("fuzhou-2024-13", "cloud_infra", {"fee": "10万"}, "industrial_enterprise", "50000.00"),
    ("fuzhou-2024-13", "cloud_device", {"count": 3, "unit_cost": 2000}, "industrial_enterprise", "6000.00"),
    # 泉州: 叠加奖励; 三（三）: 100万 × 30%
    *[("quanzhou-2023-6", rule, {}, "provincial_award_granted", amount) for rule, amount in (
        ("lingyan_provider_award", "100000.00"), ("provincial_benchmark", "100000.00"), ("five_g_factory", "100000.00"),
        ("provincial_platform", "400000.00"), ("data_security_award", "100000.00"))],
    ("quanzhou-2023-6", "design_voucher", {"contract_amount": "100万"}, "functional_design", "300000.00"),
    ("quanzhou-2023-6", "design_voucher", {"contract_amount": "100万"}, "design_institution", "300000.00"),
    # 莆田: 叠加奖励
    *[("putian-draft", rule, {}, "provincial_award_granted", amount) for rule, amount in (
        ("national_platform", "300000.00"), ("digital_pilot_enterprise", "200000.00"),
        ("lead_smart_factory", "200000.00"), ("ai_quality_product", "100000.00"))],
    # 莆田 一、五: 市级及以上平台每家1万；“链主”每家5万；泉州四（三）: 100万 × 40%
    ("putian-draft", "platform_new_enterprise", {"enterprises": 3}, "recognised_platform", "30000.00"),
    ("putian-draft", "chain_leader", {"smes": 2}, "chain_enterprise", "100000.00"),
    ("quanzhou-2023-6", "resolution_node", {"investment": "100万"}, "serves_industries", "400000.00"),
    # 晋江 二（一）: 10家一档
    ("jinjiang-2023-11", "platform_sme_award", {"smes": 10}, "for_development", "100000.00"),
    # 一（一）: 100万 × 20%; （二） 60万 × 15%; （三） 100万 × 5%
    ("jinjiang-2023-11", "demo_project", {"investment": "100万"}, "selected_project", "200000.00"),
    ("jinjiang-2023-11", "five_g_project", {"investment": "60万"}, "demonstration", "90000.00"),
    ("jinjiang-2023-11", "internet_demo_project", {"investment": "100万"}, "demonstration", "50000.00"),
    # 二（二）: 50万（含）一档; 四（一）: 20家，其中4家＝20%; 五（一）
    ("jinjiang-2023-11", "erp_software", {"spend": "50万"}, "management_system", "50000.00"),
    ("jinjiang-2023-11", "erp_software", {"spend": "50万"}, "manufacturer", "50000.00"),
    ("jinjiang-2023-11", "public_consulting", {"served": 20, "started": 4}, "advisory_team", "100000.00"),
    ("jinjiang-2023-11", "craftsman_training", {"sessions": 1}, "association", "50000.00"),
    # 泉州 五（一）: 100万 × 10%
    ("quanzhou-2023-6", "park_enterprise_digital", {"investment": "100万"}, "joint_project", "100000.00"),
    # 附件4 一 其他名次, 二1 50万 × 80%, 二2 500万 × 30%, 四 100万 × 1%
    ("fuzhou-2026-5", "software_brand", {"rank": 11, "list": "software_revenue_100"}, "software_enterprise", "500000.00"),
    ("fuzhou-2026-5", "software_contest", {"spend": "50万"}, "organiser_kind", "400000.00"),
    ("fuzhou-2026-5", "software_major_project", {"investment": "500万"}, "software_enterprise", "1500000.00"),
    ("fuzhou-2026-5", "software_loan_interest", {"loan_balance": "100万", "days": 365}, "software_enterprise", "10000.00"),
]  # fmt: skip


def decided(document: str, rule: str, inputs: dict[str, Any]) -> Decision:
    city = catalog.default().documents[document].city
    return assess(city, rule, inputs, on=ON[document], policy=document)


@pytest.mark.parametrize(("document", "rule", "inputs", "condition", "amount"), CONDITIONS)
def test_a_condition_of_the_text(document: str, rule: str, inputs: dict[str, Any], condition: str, amount: str) -> None:
    """Not stated it is presumed met and named; stated it decides; its paper stands beside it."""
    silent = decided(document, rule, inputs)
    assert (str(silent.amount), silent.eligible) == (amount, True)
    assert condition in silent.presumed
    label = silent.rule.input(condition).label
    assert f"未填“{label}”，暂按“是”测算，请核对" in silent.notes
    assert not any(step.value in ("是", "满足") and label in step.formula for step in silent.steps)
    met = decided(document, rule, {**inputs, condition: "是"})
    assert str(met.amount) == amount and condition not in met.presumed
    failed = decided(document, rule, {**inputs, condition: "否"})
    assert (str(failed.amount), failed.eligible) == ("0.00", False)
    assert any(label in reason for reason in failed.reasons)
    assert silent.rule.input(condition).evidence


def test_every_condition_has_its_paper() -> None:
    """What is presumed when nobody states it can be shown by a paper; so can what a provision is paid for."""
    bare = [
        (d.key, r.id, item.name)
        for d, r in catalog.default().rules()
        for item in r.inputs
        if not item.evidence and not item.by and (item.assumed or item is r.inputs[0])
    ]
    # a level and a list stand in the paper of 新认定, 首次入选 or 入选; prices of what the bureau buys are its own
    told_elsewhere = {
        ("fuzhou-2024-13", "pilot_contest", "category"), ("fuzhou-2024-13", "pilot_supervision_fee", "approved_amount"),
        ("fuzhou-2024-13", "pilot_training_fund", "approved_amount"), ("fuzhou-2026-5", "tech_center", "level"),
        ("fuzhou-2026-5", "design_center", "level"), ("fuzhou-2026-5", "single_champion", "level"),
        ("fuzhou-2026-5", "innovation_center", "level"), ("fuzhou-2026-5", "software_brand", "rank"),
        ("fuzhou-2026-5", "open_source_community", "years"), ("quanzhou-2023-6", "diagnosis_package", "approved_amount"),
    }  # fmt: skip
    assert set(bare) == told_elsewhere


def test_a_document_of_another_city_shows_what_that_city_found() -> None:
    """晋江: 泉州市核定的补助 is shown by a paper of 泉州, 诊断家数 by the reports that 四（一） names."""
    rules = catalog.default().documents["jinjiang-2023-11"].rules
    assert rules["five_g_project"].input("superior_award").evidence == ("泉州市补助核定文件",)
    assert rules["public_consulting"].input("served").evidence == ("企业诊断咨询报告",)
    assert rules["public_consulting"].input("started").evidence == ("数字化转型服务合同",)


def test_a_key_project_is_asked_only_where_the_centre_pays_too() -> None:
    """附件3 二 第一句 asks for no key project: 1000万 × 2%."""
    alone = decided("fuzhou-2026-5", "tech_loan_interest", {"loan_balance": "1000万", "days": 365, "key_project": "否"})
    assert alone.amount == Decimal("200000.00")
    silent = decided("fuzhou-2026-5", "tech_loan_interest", {"loan_balance": "1000万", "days": 365})
    assert "key_project" not in silent.presumed
    assert not any("重点技改" in step.formula for step in silent.steps)


@pytest.mark.parametrize(
    ("document", "rule", "inputs", "amount"),
    [
        # 1000万 × 2% = 20万; the bank took 25万, other levels gave 10万: 15万
        ("fuzhou-2026-5", "tech_loan_interest", {"loan_balance": "1000万", "days": 365, "interest_paid": "25万", "other_level_interest": "10万"}, "150000.00"),
        # the centre gave 1000万 × 1.5% = 15万 of the 20万 that the bank took: 5万 are left, the city's 1% would be 10万
        ("fuzhou-2026-5", "tech_loan_interest", {"loan_balance": "1000万", "days": 365, "central_rate": "1.5%", "key_project": "是", "interest_paid": "20万"}, "50000.00"),
        # 3% of 1000万 is 30万; other levels gave 20万: 10万 of the 20万 due
        ("fuzhou-2026-5", "tech_loan_interest", {"loan_balance": "1000万", "days": 365, "loan_rate": "3%", "other_level_interest": "20万"}, "100000.00"),
        # 附件1 五: half of 100万; others gave 70万: 30万
        ("fuzhou-2026-5", "park_infra_interest", {"interest": "100万", "other_level_interest": "70万"}, "300000.00"),
        # 榕2024 一（八）: 3% of 100万; the bank took 2.5万
        ("fuzhou-2024-13", "pilot_loan_interest", {"loan_balance": "100万", "days": 365, "loan_rate": "3%", "lpr_1y": "3%", "interest_paid": "2.5万"}, "25000.00"),
        # 泉州 一（五）: 2% of 1000万 is 20万, the bank took 18万; 1% beside the province's 2% (20万) of 25万: 5万
        ("quanzhou-2023-6", "tech_loan_interest", {"loan_balance": "1000万", "days": 365, "interest_paid": "18万"}, "180000.00"),
        ("quanzhou-2023-6", "provincial_key_loan_topup", {"loan_balance": "1000万", "days": 365, "interest_paid": "25万", "other_level_interest": "20万"}, "50000.00"),
        # stated it governs: 32万 − 25万
        ("quanzhou-2023-6", "provincial_key_loan_topup", {"loan_balance": "1000万", "days": 365, "interest_paid": "32万", "other_level_interest": "25万"}, "70000.00"),
        # blank: as with the rate alone
        ("fuzhou-2026-5", "tech_loan_interest", {"loan_balance": "1000万", "days": 365, "loan_rate": "1.5%"}, "150000.00"),
    ],
)  # fmt: skip
def test_interest_of_all_levels_together_is_at_most_what_was_paid(
    document: str, rule: str, inputs: dict[str, Any], amount: str
) -> None:
    assert str(decided(document, rule, inputs).amount) == amount


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        # 泉州 一（五）: the province gives 2% too, together 3%, 30万 of 1000万: above what a rate of 2.99%, or the bank, took
        ({"loan_rate": "2.99%"}, True),
        ({"loan_rate": "3%"}, False),
        ({"interest_paid": "299999.99"}, True),
        ({"interest_paid": "30万"}, False),
        ({"interest_paid": "29万", "other_level_interest": "20万"}, False),
        ({}, False),
    ],
)
def test_a_provincial_part_that_nobody_stated_is_told(inputs: dict[str, Any], said: bool) -> None:
    decision = decided(
        "quanzhou-2023-6", "provincial_key_loan_topup", {"loan_balance": "1000万", "days": 365, **inputs}
    )
    notes = [note for note in decision.notes if "省级也按比例贴息" in note and "请补填后重算" in note]
    assert len(notes) == said


@pytest.mark.parametrize("rule", ["scaleup_loan_interest", "software_loan_interest"])
def test_a_loan_that_another_level_supports_gets_nothing(rule: str) -> None:
    """附件1 一, 附件4 四: 同一笔贷款不得重复享受其他各级财政贴息."""
    inputs = {"loan_balance": "1000万", "days": 365, "other_level_interest": 1}
    more = {"years_since_scaleup": 0} if rule == "scaleup_loan_interest" else {}
    assert not decided("fuzhou-2026-5", rule, {**inputs, **more}).eligible


#: a refusal that a plausible value of the blank would turn (113% of the net amount, any total of a project's loans)
QUESTIONS = [
    ("fuzhou-2026-5", "tech_upgrade", {"investment": "450万"}, "investment_with_vat"),  # 508.5万 at most
    ("fuzhou-2026-5", "scaleup_tech_upgrade", {"investment": "90万", "years_since_scaleup": 0}, "investment_with_vat"),  # 101.7万
    ("fuzhou-2026-5", "innovation_center_tech_upgrade", {"investment": "450万"}, "investment_with_vat"),
    ("fuzhou-2024-13", "tech_upgrade", {"investment": "450万"}, "investment_with_vat"),
    ("fuzhou-2024-13", "pilot_loan_interest", {"loan_balance": "50万", "days": 365, "loan_rate": "3%", "lpr_1y": "3%"}, "project_loan"),
    ("fuzhou-2024-13", "cloud_device", {"count": 10}, "unit_cost"),
]  # fmt: skip
#: refusals that stay
REFUSALS = [
    ("fuzhou-2026-5", "tech_upgrade", {"investment": "442万"}),  # 499.46万 at most
    ("fuzhou-2026-5", "tech_upgrade", {"investment": "450万", "investment_with_vat": "499万"}),
    ("fuzhou-2026-5", "tech_upgrade", {"investment": "450万", "bond_supported": "是"}),  # 七3, whatever the amount
    ("fuzhou-2026-5", "tech_upgrade", {"investment": 0}),
    ("fuzhou-2026-5", "srdi_tech_upgrade", {"investment": "299万"}),  # net by its own words
    ("fuzhou-2024-13", "cloud_device", {"count": 0}),
    ("fuzhou-2024-13", "cloud_device", {"count": 10, "pilot_cloud_enjoyed": "是"}),
]


@pytest.mark.parametrize(("document", "rule", "inputs", "asked"), QUESTIONS)
def test_a_refusal_that_rests_on_a_blank_is_a_question(
    document: str, rule: str, inputs: dict[str, Any], asked: str
) -> None:
    decision = decided(document, rule, inputs)
    assert (str(decision.amount), decision.eligible) == ("0.00", False)
    assert asked in decision.presumed
    label = decision.rule.input(asked).label
    assert [f"未填“{label}”" in reason for reason in decision.reasons] == [True]
    assert "不满足" not in decision.explanation and "不予补助" not in decision.explanation
    assert not any(step.value == "不成立" for step in decision.steps)
    city = catalog.default().documents[document].city
    pairs = [x for pair in inputs.items() for x in pair]
    call = (city, rule, *pairs, "日期", ON[document])
    result = subsidy(*call)
    assert isinstance(result, XlError) and (result.text, result.code) == ("#N/A", "undecided")
    assert label in subsidy_why(*call)
    rows = {name: [value] * 70 for name, value in inputs.items()}
    table = assess_table(rows, city, rule, on=ON[document], policy=document)
    assert label in table["question"][69] and table["eligible"][69] is False
    pairs = [x for name, column in rows.items() for x in (name, [[v] for v in column])]
    many = subsidy(city, rule, *pairs, "日期", ON[document])
    assert {(cell[0].text, cell[0].code) for cell in many} == {("#N/A", "undecided")}


@pytest.mark.parametrize(("document", "rule", "inputs"), REFUSALS)
def test_a_refusal_that_no_plausible_value_turns_stays_one(document: str, rule: str, inputs: dict[str, Any]) -> None:
    decision = decided(document, rule, inputs)
    assert (decision.eligible, decision.open) == (False, ())
    assert decision.explanation.startswith("不予补助：")
    city = catalog.default().documents[document].city
    pairs = [x for pair in inputs.items() for x in pair]
    assert subsidy(city, rule, *pairs, "日期", ON[document]) == 0
    assert assess_table({k: [v] for k, v in inputs.items()}, city, rule, on=ON[document], policy=document)[
        "question"
    ] == [None]


def test_a_refusal_by_the_greatest_value_says_that_nobody_stated_it() -> None:
    (reason,) = decided("fuzhou-2026-5", "tech_upgrade", {"investment": "440万"}).reasons
    assert "未填“同一投资的含增值税金额”，按最多可能（113%）计" in reason and "4,972,000元" in reason


def test_an_exclusion_not_stated_is_named_where_it_matters() -> None:
    """附件3 七3: with the bond nothing is paid; below the threshold it makes no difference."""
    assert decided("fuzhou-2026-5", "tech_upgrade", {"investment": "800万"}).presumed == ("bond_supported",)
    assert decided("fuzhou-2026-5", "tech_upgrade", {"investment": "100万"}).presumed == ()
    stated = decided("fuzhou-2026-5", "tech_upgrade", {"investment": "800万", "bond_supported": "否"})
    assert stated.presumed == () and not any("未填" in note for note in stated.notes)


def test_a_widening_that_nobody_stated_is_named() -> None:
    """晋江 一（一）: 25% instead of 20% in a park; at the limit of 100万 it makes no difference."""
    inputs = {"in_use_this_year": "是", "promotion_supported": "是", "selected_project": "是"}
    assert decided("jinjiang-2023-11", "demo_project", {"investment": "100万", **inputs}).presumed == ("park_project",)
    assert decided("jinjiang-2023-11", "demo_project", {"investment": "1000万", **inputs}).presumed == ()
