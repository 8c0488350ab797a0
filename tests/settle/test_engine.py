"""What `settle` refuses, what it returns with what is needed, and readings that no hand-worked case states."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from xlpolicy import settle
from xlpolicy.faults import InvalidInput, PolicyError, UnknownCity
from xlpolicy.law import catalog
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.effects import EFFECTS
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.settle import Claim, Facts, Settlement, engine
from xlpolicy.settle.fact_values import place, yes
from xlpolicy.settle.model import read_claims

TECH = {
    "enterprise": "示例企业01",
    "city": "fuzhou",
    "rule": "tech_upgrade",
    "on": "2026-06-30",
    "inputs": {"investment": "1000万元"},
}
TERMS = catalog.default().document("fuzhou-2026-5").rules["tech_loan_interest"]
LOAN = {**TECH, "rule": "tech_loan_interest", "inputs": {"loan_balance": "1亿元", "days": 365}}


def run(*claims: dict[str, Any], facts: dict[str, Any] | None = None, year: Any = 2026) -> Settlement:
    """Claims c0, c1, … made of `TECH` and what is given."""
    return settle([{**TECH, "id": f"c{i}", **c} for i, c in enumerate(claims)], facts, on_year=year)


def payable(result: Settlement) -> list[str]:
    return [c["payable"] for c in result.model_dump(mode="json")["claims"]]


def cuts(result: Settlement, at: int = 0) -> list[tuple[str, str]]:
    return [(c["rule"], c["amount"]) for c in result.model_dump(mode="json")["claims"][at]["cuts"]]


# --- the rules are those of the contract ---


#: how each kind of the first release works now; `limits`: in the provision's own limit, which bears the id
WORKS = {
    "exclusive": {"bar", "choose"}, "highest_only": {"choose", "deduct"}, "cap_shared": {"limit", "limits"},
    "cap_total": {"limit", "limits", "scale", "deduct"}, "pro_rata": {"scale"}, "share": {"split"}, "uplift": {"scale"},
}  # fmt: skip


def test_every_cross_rule_of_the_contract_is_carried_out(shared_dir: Path) -> None:
    """Its id is that of a cross rule with an effect, or of the limits of exactly its provisions."""
    known = catalog.default().documents
    for rule in yaml.safe_load((shared_dir / "cross_rules.yaml").read_text(encoding="utf-8"))["rules"]:
        for key in [rule["doc"]] if isinstance(rule["doc"], str) else rule["doc"]:
            document = known[key]
            members = set(document.rules) if rule["members"] == ["*"] else set(rule["members"])
            item = next((x for x in document.cross_rules if x.id == rule["id"]), None)
            bearing = {r.id for r in document.rules.values() if any(x.rule == rule["id"] for x in r.limits)}
            assert (item is None) == bool(bearing), rule["id"]
            assert (bearing or set(item.members if item else ())) == members, rule["id"]
            works = {x for x in EFFECTS if item and getattr(item, x)} | ({"limits"} if bearing else set())
            if wanted := WORKS.get(rule["kind"]):
                assert works and works <= wanted, (rule["id"], works)
            if item:
                assert (item.at, item.step) == (rule["at"], rule["step"])
                assert item.kind == rule["kind"] or not wanted, "what a rule without an effect is called is free"


def test_what_is_new_carries_out_a_sentence_that_the_contract_names() -> None:
    for document in catalog.default().documents.values():
        ids = {x.id for x in document.cross_rules}
        assert {x.part_of for x in document.cross_rules if x.part_of} <= ids


# --- the contract's shape ---


def test_shape() -> None:
    data = run({}).model_dump(mode="json")
    (claim,) = data["claims"]
    wanted = {
        "id": "c0", "status": "paid", "payable": "300000.00", "payers": {"city": "300000.00"}, "cuts": [], "notes": [],
        "enterprise": "示例企业01", "code": None, "nature": "upper_bound", "draft": False,
    }  # fmt: skip
    assert {name: claim[name] for name in wanted} == wanted
    assert data["notes"] == data["pending"] == []
    empty = run().model_dump(mode="json")
    assert empty["claims"] == empty["notes"] == []
    data = run({"inputs": {}}).model_dump(mode="json")
    (cut,) = data["claims"][0]["cuts"]
    assert (cut["rule"], cut["at"], cut["amount"]) == ("missing_input", "技改设备补助（附件3 一）", "0.00")
    assert "缺少“年度技改设备（含软件）实际投资额（不含增值税）”" in cut["reason"]
    assert data["claims"][0]["status"] == "pending"
    assert data["claims"][0]["notes"] == [{"code": "missing_input", "kind": "state", "text": cut["reason"]}]
    assert data["notes"] == [{"claim": "c0", "code": "missing_input", "kind": "state", "text": cut["reason"]}]
    assert run({}).model_dump()["claims"][0]["payable"] == Decimal("300000.00")


def test_claims_and_facts_as_models() -> None:
    claim = Claim(
        "c0", "示例企业01", "fuzhou", "tech_upgrade", dt.datetime(2026, 6, 30, 12), {"investment": 10_000_000}
    )
    facts = Facts.of(
        {
            "prior_payments": [
                {
                    "enterprise": "示例企业01",
                    "city": "福州",
                    "rule": "技改设备补助",
                    "year": "2026年",
                    "amount": "490万元",
                }
            ]
        }
    )
    assert payable(settle([claim], facts, on_year=2026)) == ["100000.00"]


# --- claims that cannot be settled: zero, why, what is needed ---


@pytest.mark.parametrize(
    ("claim", "code", "words"),
    [
        ({"city": "beijing"}, "unknown_city", "福州市、晋江市、莆田市、泉州市"),
        ({"rule": "tech_upgrad"}, "unknown_rule", "tech_upgrade"),
        ({"rule": "srdi_ip", "inputs": {}}, "not_computable", "市市场监管局"),
        ({"rule": "county_scaleup_incentive"}, "not_computable", "市工信局"),
        ({"policy": "fuzhou-2025"}, "unknown_policy", "fuzhou-2026-5"),
        ({"city": "jinjiang", "policy": "fuzhou-2026-5"}, "unknown_policy", "福州市的文件"),
        ({"on": None}, "missing_input", "没有申报日期"),
        ({"on": ""}, "missing_input", "没有申报日期"),
        ({"on": None, "policy": "fuzhou-2026-5"}, "missing_input", "没有申报日期"),
        ({"inputs": None}, "missing_input", "缺少"),
        ({"inputs": {"investment": ""}}, "missing_input", "缺少"),
        ({"inputs": {"investment": -1}}, "invalid_input", "负数"),
        ({"inputs": {"investment": float("nan")}}, "invalid_input", "不是一个数"),
        ({"inputs": {"investment": "1" * 30}}, "invalid_input", "大得不合常理"),
        ({"inputs": {"investment": 1, "invest": 1}}, "unknown_input", "没有“invest”"),
    ],
)
def test_a_claim_that_cannot_be_settled(claim: dict[str, Any], code: str, words: str) -> None:
    result = run(claim, {"enterprise": "示例企业02"})
    assert payable(result)[0] == "0.00" and cuts(result) == [(code, "0.00")]
    assert [(n.claim, n.code) for n in result.notes] == [("c0", code)]
    assert words in result.notes[0].text == result.claims[0].cuts[0].reason
    assert payable(result)[1] == "300000.00", "the others are settled"


@pytest.mark.parametrize(
    ("claim", "rule", "at"),
    [
        ({"on": "2024-04-14"}, "f24_validity", "九、5"),
        ({"on": "2025-12-31", "policy": "fuzhou-2026-5"}, "fz26_validity", "四、附则"),
        (
            {"on": "2026-02-12", "rule": "little_giant", "inputs": {"superior_award": 1}},
            "fz26_annex5_validity",
            "附件5 末",
        ),
        (
            {
                "on": "2028-01-01",
                "rule": "dual_cross_platform",
                "inputs": {"consecutive_year": 3, "first_selected_on": "2025-12-31"},
            },
            "f24_dual_cross_tail",
            "九、4",
        ),
        (
            {
                "on": "2028-01-01",
                "rule": "dual_cross_platform",
                "policy": "fuzhou-2024-13",
                "inputs": {"consecutive_year": 3, "first_selected_on": "2025-12-31"},
            },
            "f24_dual_cross_tail",
            "九、4",
        ),
        (
            {"on": "2024-01-01", "city": "quanzhou", "rule": "smart_factory", "inputs": {"level": "national"}},
            "validity",
            "二（二）",
        ),
        (
            {"on": "2025-01-01", "city": "jinjiang", "rule": "erp_software", "inputs": {"spend": 1}},
            "jj_retroactive",
            "文末",
        ),
    ],
)
def test_outside_the_validity(claim: dict[str, Any], rule: str, at: str) -> None:
    result = run(claim)
    (cut,) = result.claims[0].cuts
    assert (payable(result), cut.rule, cut.at) == (["0.00"], rule, at)
    assert claim["on"] in cut.reason and not result.notes


def test_a_draft_is_settled_and_marked() -> None:
    result = run(
        {"city": "putian", "policy": "putian-draft", "rule": "chain_leader", "on": None, "inputs": {"smes": 2}}
    )
    assert payable(result) == ["100000.00"] and result.claims[0].draft


def test_why_a_decision_is_zero() -> None:
    result = run({"inputs": {"investment": "4999999.99", "investment_with_vat": "4999999.99"}})
    assert payable(result) == ["0.00"] and not result.claims[0].cuts
    assert "门槛" in result.claims[0].reasons[0]


# --- lists and facts that are refused ---


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ({"id": "c0"}, "编号 c0 出现了两次"),
        ({"id": 1}, "id"),
        ({"enterprise": " "}, "enterprise"),
        ({"colour": 1}, "colour"),
        ({"enterprise_kind": ["firm"]}, "单位类型"),
        ({"enterprise_kind": "firm"}, "enterprise、association、park、government"),
        ({"inputs": [1]}, "inputs"),
        ({"on": "2026-02-30"}, "不是存在的日期"),
        ({"on": 46000}, "不是日期"),
        ({"project": 5}, "project"),
    ],
)
def test_a_list_of_another_shape(claim: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match="第 2 笔申报") as caught:
        run({}, claim)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("claim", "words"),
    [({"reviewed": "-5万元"}, "审定额（reviewed）：是负数"), ({"rank": "甲"}, "名次（rank）：“甲”不是整数")],
)
def test_a_figure_of_a_claim_that_is_none_is_named(claim: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        run(claim)
    assert words in str(caught.value)


def test_a_claim_that_is_none() -> None:
    with pytest.raises(InvalidInput, match="第 1 笔申报"):
        settle([5], on_year=2026)  # type: ignore[list-item]


def interest(**more: Any) -> dict[str, Any]:
    """Interest paid before, as facts."""
    paid = {"enterprise": "示例企业01", "city": "fuzhou", "rule": "tech_loan_interest", "year": 2026, "amount": 1}
    return {"prior_payments": [paid | more]}


def test_interest_of_a_whole_period_may_have_been_paid() -> None:
    facts = Facts.of(interest(period_from="2026-01-01", period_to="2026-06-30", days=181))
    assert (facts.prior_payments[0].days, facts.prior_payments[0].period_to) == (181, dt.date(2026, 6, 30))
    assert Facts.of(interest(days=0)).prior_payments[0].days == 0


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"pool": {}}, "不认识的项“pool”"),
        ([1], "facts"),
        ({"pools": {"fz26_software_found": 1}}, "fz26_software_fund"),
        ({"pools": {"fz26_software_fund": -1}}, "负数"),
        ({"pools": {"fz26_software_fund": float("nan")}}, "不是一个数"),
        ({"pools": {"fz26_software_fund": 10**15}}, "大得不合常理"),
        ({"pools": [1]}, "facts pools"),
        ({"fiscal_contribution": {"甲（福州）": 1, "甲(福州)": 2}}, "写了两次"),
        ({"chain_enterprises": "示例企业01"}, "不是清单"),
        ({"chain_enterprises": [1]}, "第 1 项"),
        ({"uplift_budget": "-1"}, "负数"),
        ({"prior_payments": {"a": 1}}, "不是清单"),
        (interest(days=-500, amount=-1), "days：天数是负数（-500）"),
        (interest(amount=100, county_part="100.01"), "county_part：其中县级 100.01元，金额是 100.00元"),
        (interest(amount=-100, county_part=50), "county_part：其中县级 50.00元，金额是 -100.00元"),
        (interest(period_from="2026-06-30", period_to="2026-01-01"), "period_to：计息 2026-06-30 至 2026-01-01，天数 没有写"),
        (interest(period_from="2026-01-01", period_to="2026-06-30", days=182), "period_to：计息 2026-01-01 至 2026-06-30，天数 182"),
        (interest(period_to="2026-06-30"), "period_from：没有写计息起日"),
        (interest(period_from="去年", period_to="2026-06-30"), "period_from：“去年”"),
        (interest(period_from="2026-06-30"), "period_to：没有写计息止日"),
        (interest(period_from="2026-01-01", period_to="2026-06-30", first_drawdown_on="2026-01-02"), "first_drawdown_on：首笔投放日期 2026-01-02，计息从 2026-01-01 起"),
        ({"prior_payments": [1]}, "第 1 项"),
        ({"prior_payments": [{"enterprise": "a", "city": "fuzhou", "rule": "b", "year": 2026}]}, "缺少 amount"),
        ({"prior_payments": [{"enterprise": "a", "city": "fuzhou", "rule": "b", "year": "二〇二六", "amount": 1}]}, "year"),
        ({"prior_payments": [{"enterprise": "a", "city": "fuzhou", "rule": "b", "year": 26, "amount": 1}]}, "年度是 26"),
        ({"prior_payments": [{"enterprise": "a", "city": "fuzhou", "rule": "b", "year": 2026, "amount": 1, "paid": 1}]}, "paid"),
        ({"external_support": [{"kind": "bond"}]}, "没有写明项目、贷款或对象"),
        ({"external_support": [{"project": "P"}]}, "缺少 kind"),
        ({"external_support": [{"project": 12, "kind": "bond"}]}, "不是文字"),
        ({"choices": ["P"]}, "facts choices"),
        ({"choices": {"P": 1}}, "facts choices P"),
        ({"ranks": {"c0": "first"}}, "不是整数"),
        ({"ranks": {"c0": 0}}, "名次是 0"),
        ({"quantum": 3}, "0.01、0.1、1、10、100"),
    ],
)  # fmt: skip
def test_facts_of_another_shape(facts: Any, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        run({}, facts=facts)
    assert words in str(caught.value)


def test_payments_of_an_unknown_city() -> None:
    with pytest.raises(UnknownCity, match="第 1 项"):
        run({}, facts={"prior_payments": [{"enterprise": "a", "city": "厦门", "rule": "b", "year": 2026, "amount": 1}]})


def test_every_problem_of_the_facts() -> None:
    _, problems = Facts.read({"pools": {"a": -1, "b": "x"}, "prior_payments": [1, 2], "quantum": 3, "nope": 1})
    assert len(problems) == 6


@pytest.mark.parametrize("year", ["x", None, 2026.5, 99, True])
def test_the_year(year: Any) -> None:
    with pytest.raises(PolicyError, match="on_year"):
        run({}, year=year)


# --- one name in two writings ---


def test_names_are_compared_in_one_form() -> None:
    names = ["示例（福州）有限公司", "示例(福州)有限公司", "示例（福州） 有限公司"]
    facts = {
        "prior_payments": [
            {"enterprise": names[0], "city": "fuzhou", "rule": "tech_upgrade", "year": 2026, "amount": "480万元"}
        ],
        "external_support": [{"kind": "bond", "project": "一期（北）", "enterprise": names[1]}],
        "chain_enterprises": [names[2]],
    }
    result = run({"enterprise": names[1], "project": "一期(北)"}, {"enterprise": names[2]}, facts=facts)
    assert payable(result) == ["0.00", "200000.00"]
    assert cuts(result) == [("fz26_bond_exclusion", "300000.00")]
    assert cuts(result, 1) == [("fz26_chain_uplift", "-150000.00"), ("fz26_tech_upgrade_shared_cap", "250000.00")]


# --- notes on facts that mean nothing ---


def test_facts_without_effect_are_noted() -> None:
    facts = {
        "prior_payments": [
            {"enterprise": "示例企业01", "city": "fuzhou", "rule": "tech_upgrad", "year": 2026, "amount": 1},
            {"enterprise": "别家", "city": "fuzhou", "rule": "tech_upgrad", "year": 2026, "amount": 1},
            {"enterprise": "又一家", "city": "fuzhou", "rule": "tech_upgrad", "year": 2026, "amount": 1},
            {"enterprise": "示例企业01", "city": "fuzhou", "rule": "", "year": 2026, "amount": 1},
        ],
        "external_support": [{"kind": "bonds", "project": "P"}],
        "choices": {"P": "c9", "Q": "c0"},
        "ranks": {"c0": 2, "c8": 1},
    }
    result = run({"project": "P", "rank": 1}, facts=facts)
    assert [(n.claim, n.code) for n in result.notes] == [
        ("c0", "unknown_rule"), ("", "unknown_rule"), ("", "unknown_support"), ("", "unknown_choice"),
        ("c0", "unknown_choice"), ("c0", "quota"), ("", "unknown_rank"), ("c0", "unknown_support"),
    ]  # fmt: skip
    assert result.notes[1].text == (
        "已兑付第 2 项等 2 项：没有“tech_upgrad”这个条款，没有计入名额和几家合用的封顶。"
        "从相近的名称中选用：scaleup_tech_upgrade、innovation_center_tech_upgrade、tech_upgrade、srdi_tech_upgrade"
    )
    assert [n.text for n in result.notes if n.code == "unknown_choice"] == [
        "项目 P 选的申报 c9 不在本次名单，未按选择处理", "项目 Q 选的申报 c0 不是这个项目的，未按选择处理",
    ]  # fmt: skip
    assert payable(result) == ["300000.00"]
    one = run({}, facts={"prior_payments": [facts["prior_payments"][1]]})
    assert one.notes[0].text.startswith("已兑付第 1 项：没有“tech_upgrad”这个条款")


def test_one_earlier_payment_of_nothing_known_is_told_alone() -> None:
    paid = {"enterprise": "别家", "city": "fuzhou", "rule": "tech_upgrad", "year": 2026, "amount": 1}
    (note,) = run({}, facts={"prior_payments": [paid]}).notes
    assert note.text.startswith("已兑付第 1 项：没有“tech_upgrad”这个条款")


def test_codes_of_the_facts_that_fail_their_check_are_noted() -> None:
    """91350100M0001001YM holds, with 0 or 1 at its end it does not; a code that holds and a name are not remarked on."""
    bad, good = "91350100M0001001Y0", "91350100M0001001YM"
    paid = {"enterprise": "别家", "city": "fuzhou", "rule": "tech_upgrade", "year": 2026, "amount": 1}
    facts = {
        "prior_payments": [{**paid, "code": good}, {**paid, "code": bad}, {**paid, "enterprise": bad}, paid],
        "external_support": [{"kind": "bond", "project": "别的", "enterprise": bad.lower()}],
        "fiscal_contribution": {bad: 1, good: 1, "示例企业01": 1}, "chain_enterprises": [bad, good, "别家"],
    }  # fmt: skip
    notes = [n for n in run({"project": "P"}, facts=facts).notes if n.code == "identity"]
    assert [(n.claim, n.text.partition("的统一")[0]) for n in notes] == [
        ("", "已兑付第 2 项"), ("", "已兑付第 3 项"), ("", "其他支持第 1 项"), ("", "地方贡献"), ("", "重点产业链企业"),
    ]  # fmt: skip
    assert all("校验位是“0”，按规则应为“M”" in n.text for n in notes)


def test_a_payment_that_does_not_say_for_which_project() -> None:
    claim = {
        "rule": "pilot_loan_interest", "on": "2025-06-30", "project": "P1",
        "inputs": {"loan_balance": "3000000", "days": 365, "loan_rate": "0.032", "lpr_1y": "0.03"},
    }  # fmt: skip
    paid = {
        "enterprise": "示例企业01",
        "city": "fuzhou",
        "rule": "pilot_loan_interest",
        "year": 2025,
        "amount": "120000",
    }
    result = run(claim, facts={"prior_payments": [paid]})
    assert payable(result) == ["90000.00"]
    assert {n.code for n in result.notes} == {"f24_project_interest_cap", "unnamed"}, "which project, which loan"
    assert payable(run(claim, facts={"prior_payments": [{**paid, "project": "P1"}]})) == ["30000.00"]


def test_the_same_claim_sent_twice() -> None:
    result = run({"project": "P"}, {"project": "P", "on": "2026-07-01"}, {"project": "P"}, {})
    assert [(n.claim, n.code) for n in result.notes if "日期不同" not in n.text] == [("c2", "repeated")]
    assert [n.claim for n in result.notes if "数据都相同，日期不同" in n.text] == ["c0", "c1", "c2"]


# --- readings ---


def test_principal_taken_up_is_a_cut() -> None:
    result = run({**LOAN, "loan": "L1"}, {**LOAN, "loan": "L2"}, {**LOAN, "loan": "L3"}, {**LOAN, "loan": "L1"})
    assert payable(result) == ["2000000.00", "2000000.00", "0.00", "0.00"]
    assert cuts(result, 2) == [("fz26_principal_limit", "2000000.00")]
    assert cuts(result, 3) == [("fz26_principal_limit", "2000000.00")], "a second tranche of L1: balances add up"
    assert "200,000,000.00元" in result.claims[2].cuts[0].reason


def test_principal_by_chinese_labels() -> None:
    labels = {item.label: value for item, value in zip(TERMS.inputs, ("1亿元", 365), strict=False)}
    labels = {" ".join(name): value for name, value in labels.items()}
    named = {**LOAN, "inputs": labels}
    assert payable(run({**named, "loan": "L1"}, {**named, "loan": "L2"}, {**named, "loan": "L3"}))[2] == "0.00"


def test_the_central_rate_may_be_stated_by_its_label() -> None:
    claim = {**LOAN, "loan": "L1", "inputs": {**LOAN["inputs"], TERMS.input("central_rate").label: "1.5%"}}  # type: ignore[dict-item]
    facts = {"external_support": [{"kind": "central_loan_interest", "loan": "L1"}]}
    assert payable(run(claim, facts=facts)) == ["1000000.00"]
    assert cuts(run({**LOAN, "loan": "L1"}, facts=facts)) == [("missing_input", "0.00")]


def test_paid_before_counts_for_the_whole_scope() -> None:
    inputs = {"investment": "1000万元", "paid_before": "490万元"}
    result = run({}, {"inputs": inputs})
    assert payable(result) == ["100000.00", "0.00"]
    assert [(n.claim, n.code) for n in result.notes] == [(c, "fz26_tech_upgrade_shared_cap") for c in ("c0", "c1")]
    assert payable(run({"inputs": inputs}, {"inputs": inputs})) == ["100000.00", "0.00"]
    facts = {
        "prior_payments": [
            {"enterprise": "示例企业01", "city": "fuzhou", "rule": "tech_upgrade", "year": 2026, "amount": "490万元"}
        ]
    }
    assert payable(run({"inputs": inputs}, facts=facts)) == ["100000.00"], "the same payments, stated twice"


def test_facts_of_less_than_a_cent_round_to_nobodys_gain() -> None:
    facts = {
        "prior_payments": [
            {
                "enterprise": "示例企业01",
                "city": "fuzhou",
                "rule": "tech_upgrade",
                "year": 2026,
                "amount": "4900000.005",
            }
        ]
    }
    result = run({}, facts=facts)
    assert payable(result) == ["99999.99"] and cuts(result) == [("fz26_tech_upgrade_shared_cap", "200000.01")]


def test_a_ceiling_counts_every_claim_of_the_city() -> None:
    cloud = {"city": "jinjiang", "rule": "cloud_service", "inputs": {"fee": "150000"}}
    result = run(
        {**cloud, "on": "2023-12-31"},
        {**cloud, "on": "2024-01-01"},
        {**cloud, "rule": "erp_software", "inputs": {"spend": "500000"}, "on": "2024-03-01"},
        facts={"fiscal_contribution": {"示例企业01": 70_000}},
        year=2024,
    )
    assert payable(result) == ["60000.00", "60000.00", "10000.00"]
    said = [(n.claim, n.code) for n in result.notes]
    assert said == [("c1", "unnamed"), ("c2", "unnamed"), ("c0", "ceiling")], "a bare one is of on_year"
    by_year = {"fiscal_contribution": {"示例企业01": {"2023": 20_000, "2024": 70_000}}}
    both = run({**cloud, "on": "2023-12-31"}, {**cloud, "on": "2024-01-01"}, facts=by_year, year=2024)
    assert payable(both) == ["20000.00", "60000.00"] and not both.notes


def test_a_waiting_claim_keeps_its_place() -> None:
    """附件3 一: 500万元 an enterprise and year; what lacks its investment may become all of it."""
    result = run({"inputs": {}}, {})
    assert payable(result) == ["0.00", "0.00"] and cuts(result, 1) == [("fz26_tech_upgrade_shared_cap", "300000.00")]
    assert ("c1", "provisional") in [(n.claim, n.code) for n in result.notes]
    assert payable(run({}, {"inputs": {}})) == ["300000.00", "0.00"], "what stands before it in the list is paid"


def test_one_name_under_two_codes_waits() -> None:
    result = run({"code": "91350100M000100Y43"}, {"code": "91350181MA2XXW3K9H"}, {"enterprise": "示例企业02"})
    assert payable(result) == ["0.00", "0.00", "300000.00"]
    assert cuts(result) == [("identity", "300000.00")]
    assert [s.status for s in result.claims] == ["pending", "pending", "paid"]


def test_an_uplift_is_not_claimed() -> None:
    result = run({"rule": "chain_uplift", "inputs": {"standard_amount": 1_000_000}})
    assert payable(result) == ["0.00"] and [rule for rule, _ in cuts(result)] == ["fz26_chain_uplift"]
    assert "不单独申报" in result.claims[0].cuts[0].reason


# --- quotas ---

PRODUCT = {"rule": "software_product", "inputs": {"count": 2}}


def test_a_quota_without_ranks_is_noted() -> None:
    result = run(*[{**PRODUCT, "enterprise": f"示例企业{i}"} for i in range(4)])
    assert payable(result) == ["1000000.00"] * 4
    said = [(n.claim, n.code) for n in result.notes]
    assert [x for x in said if x[1] != "unnamed"] == [(f"c{i}", "quota") for i in range(4)]
    assert [x for x in said if x[1] == "unnamed"] == [(f"c{i}", "unnamed") for i in range(4)], "which product"


def test_a_quota_goes_by_the_ranks_given() -> None:
    claims = [{**PRODUCT, "enterprise": f"示例企业{i}"} for i in range(4)]
    result = run(*claims, facts={"ranks": {"c0": 4, "c1": 3, "c2": 1, "c3": 2}})
    assert payable(result) == ["0.00", "1000000.00", "1000000.00", "1000000.00"]
    assert cuts(result) == [("quota", "1000000.00")]
    assert {n.code for n in result.notes} == {"unnamed"}, "which product"
    other = [{**PRODUCT, "on": "2027-06-30"}]
    assert payable(run(*claims[:3], *other))[3] == "1000000.00", "each year has its own places"


OLDER = Path(__file__).parents[1] / "older"


def test_an_older_file_is_read() -> None:
    """A file in the words of the first release settles as its modern twin does."""
    older = compile_text((OLDER / "shili-2026-9.yaml").read_text(encoding="utf-8"), "shili-2026-9.yaml")
    modern = Path(__file__).parents[1] / "sixth" / "policies" / "shili-2026-9.yaml"
    today = compile_text(modern.read_text(encoding="utf-8"), "shili-2026-9.yaml")
    pair = [
        {"id": "a", "rule": "energy_upgrade", "inputs": {"investment": "2000万元", "paid_before": "10万元"}},
        {"id": "b", "rule": "small_energy_upgrade", "inputs": {"investment": "1000万元"}},
    ]
    found = []
    for document in (older, today):
        law = Catalog([document])
        claims = [{"enterprise": "示例企业01", "city": "shili", "on": "2026-09-30", **x} for x in pair]
        found.append(engine.run(read_claims(claims), Facts.of(None), 2026, law))
    assert [(s.payable, [(c.rule, c.amount) for c in s.cuts]) for s in found[0].claims] == [
        (Decimal("1200000.00"), []),  # 2000万×6%＝120万
        (Decimal("200000.00"), [("sl_upgrade_cap", Decimal("400000.00"))]),  # 60万，150万只余 150－10－120＝20万
    ]
    assert [(s.payable, s.payers) for s in found[0].claims] == [(s.payable, s.payers) for s in found[1].claims]


def test_every_word_of_the_first_release_is_read() -> None:
    document = compile_text((OLDER / "old-2025-1.yaml").read_text(encoding="utf-8"), "old-2025-1.yaml")
    rules = {x.id: x for x in document.cross_rules}
    assert {x: {y for y in EFFECTS if getattr(rules[x], y)} for x in rules} == {
        "kept": {"choose"}, "paid_by": {"split"}, "shared_by": {"split"}, "half": {"split"}, "raised": {"scale"},
        "fund": {"scale"}, "ceiling": {"limit"}, "base": {"limit"}, "barred": {"bar"}, "any_support": {"bar"},
        "stated": {"bar", "deduct"}, "own_caps": set(), "one_cap": {"limit"},
    }  # fmt: skip
    assert rules["half"].foreign == () and rules["half"].abroad == {"sample:first"}
    assert rules["any_support"].bar and rules["any_support"].bar.support == ("*",)
    assert rules["fund"].scale and rules["fund"].scale.backed
    assert document.support == {"bond": "超长期特别国债", "central_loan_interest": "中央贷款贴息"}
    assert [x.rule for x in document.rules["first"].limits] == ["own_caps"]
    assert [(x.rule, x.shared) for x in document.rules["second"].limits] == [("one_cap", "one_cap")]


def test_a_level_of_an_earlier_payment_where_the_law_has_none() -> None:
    """泉州 四（三）末句: once a platform and month; a payment of another year's platform says a level nobody asked for."""
    claim = {"city": "quanzhou", "rule": "resolution_registration", "on": "2023-06-30", "object": "平台一",
             "inputs": {"new_registrations": 20_000_000, "rank": 1}}  # fmt: skip
    paid = {"enterprise": "示例企业01", "city": "quanzhou", "rule": "resolution_registration", "year": 2023,
            "amount": 100_000, "object": "平台二", "level": "省级"}  # fmt: skip
    same = {**paid, "object": "平台一"}
    assert payable(run(claim, facts={"prior_payments": [paid]}, year=2023)) == ["100000.00"]
    assert payable(run(claim, facts={"prior_payments": [same]}, year=2023)) == ["0.00"]


def test_an_election_that_pays_nothing_is_said_to_be_void() -> None:
    """附件3 七2: the elected claim is due nothing by itself, or an earlier payment has chosen another kind."""
    claims = [
        {"id": "1", "enterprise": "示例企业01", "city": "fuzhou", "rule": "tech_upgrade", "on": "2026-06-30", "project": "P", "inputs": {"investment": "1000万元"}},
        {"id": "2", "enterprise": "示例企业01", "city": "fuzhou", "rule": "digital_project", "on": "2026-06-30", "project": "P", "inputs": {"investment": "0元"}},
    ]  # fmt: skip
    for inputs, prior, paid in (
        ({"investment": "0元"}, [], "300000.00"),
        ({"investment": "100万元"}, [{"enterprise": "示例企业01", "city": "fuzhou", "rule": "tech_upgrade", "year": 2025, "amount": 1, "project": "P"}], "300000.00"),
    ):  # fmt: skip
        claims[1]["inputs"] = inputs
        result = settle(claims, {"choices": {"P": "2"}, "prior_payments": prior}, on_year=2026)
        assert [f"{claim.payable:.2f}" for claim in result.claims] == [paid, "0.00"]
        assert [note.code for note in result.notes if note.claim == "2"] == ["void_choice"]


@pytest.mark.parametrize(("option", "want"), [("days", "73000.00"), ("calendar", "73200.00")])
def test_a_leap_year_of_a_loan_without_a_name(option: str, want: str) -> None:
    """附件1 一：730万×1%；2028年1月1日投放，全年366天，按每年365天计付7.3万，按日历年付7.32万。"""
    inputs = {"loan_balance": "730万元", "years_since_scaleup": 1, "first_drawdown_on": "2028-01-01",
              "period_from": "2028-01-01", "period_to": "2028-12-31"}  # fmt: skip
    claim = {"id": "c1", "enterprise": "示例企业01", "city": "fuzhou", "rule": "scaleup_loan_interest", "on": "2028-12-31", "inputs": inputs}  # fmt: skip
    result = settle([claim], on_year=2028, readings={"fuzhou-2026-5:term_calendar": option})
    assert [str(c.payable) for c in result.claims] == [want]


def test_what_bars_is_the_payment_that_paid_something() -> None:
    """榕2024 九、2: of two payments of the year one is of nothing; the cut names the other, once."""
    paid = {
        "enterprise": "示例企业01", "city": "fuzhou", "rule": "pilot_transformation", "year": 2025, "includes_cloud_spend": True,
    }  # fmt: skip
    claim = {"rule": "cloud_core", "on": "2025-06-30", "inputs": {"fee": "10万元"}}
    result = run(claim, facts={"prior_payments": [paid | {"amount": 0}, paid | {"amount": 200_000}]}, year=2025)
    assert payable(result) == ["0.00"] and len(result.claims[0].cuts) == 1
    assert "2025 年已兑付 200,000.00元" in result.claims[0].cuts[0].reason


def test_yes_and_no_are_read_in_words() -> None:
    """含云服务支出 of 已兑付."""
    said = {"是": True, " 是 ": True, "true": True, "1": True, True: True, "否": False, "FALSE": False, "0": False}
    assert {word: yes(word, "含云服务支出") for word in said} == said
    with pytest.raises(InvalidInput, match="“也许”不是是或否"):
        yes("也许", "含云服务支出")


def test_a_payment_of_a_later_year_is_noted() -> None:
    """附件2 七：2027年兑付的60万不占2026年的100万；核算到2027年的不说。"""
    claim = {
        "id": "c1", "enterprise": "示例企业01", "city": "fuzhou", "rule": "pilot_test_income", "on": "2026-06-30",
        "inputs": {"income": "300万元"},
    }  # fmt: skip
    paid = {"enterprise": "示例企业01", "city": "fuzhou", "rule": "pilot_test_income", "year": 2027, "amount": "60万元"}
    told = {
        year: [note.text for note in settle([claim], {"prior_payments": [paid]}, on_year=year).notes if not note.claim]
        for year in (2026, 2027)
    }
    assert told[2027] == [] and len(told[2026]) == 1 and "已兑付第 1 项（2027 年）的年度" in told[2026][0]


def test_one_term_for_all_loans_of_an_enterprise_where_a_bureau_reads_it_so() -> None:
    """附件1 一 一年：甲行500万200天1%=27397.26；乙行500万365天，按笔50000元，按企业只余165天22602.74元。"""
    claims = [
        {"id": loan, "enterprise": "示例企业01", "city": "fuzhou", "rule": "scaleup_loan_interest", "on": on, "loan": loan,
         "inputs": {"loan_balance": "500万元", "days": days, "years_since_scaleup": 1}}
        for loan, on, days in (("甲行", "2026-03-31", 200), ("乙行", "2026-06-30", 365))
    ]  # fmt: skip
    claims.append({**claims[1], "id": "丙行", "enterprise": "示例企业02"})
    due = {"loan": ["27397.26", "50000.00", "50000.00"], "enterprise": ["27397.26", "22602.74", "50000.00"]}
    for option, amounts in due.items():
        result = settle(claims, on_year=2026, readings={"fuzhou-2026-5:term_scope": option})
        assert [str(claim.payable) for claim in result.claims] == amounts
    # 示例企业02 另一笔贷款以前贴过 300天：按企业只余 65天，8904.11元
    paid = {"enterprise": "示例企业02", "city": "fuzhou", "rule": "scaleup_loan_interest", "year": 2026, "amount": "4万元",
            "loan": "丁行", "days": 300, "principal": "1万元"}  # fmt: skip
    for option, left in (("loan", "50000.00"), ("enterprise", "8904.11")):
        said = {"prior_payments": [paid]}
        result = settle(claims[2:], said, on_year=2026, readings={"fuzhou-2026-5:term_scope": option})
        assert str(result.claims[0].payable) == left


def test_a_place_is_a_number_that_makes_sense() -> None:
    assert place("10.0", "名次") == 10
    for said in (10**15, "1000000000000000", 0, "三"):
        with pytest.raises(InvalidInput):
            place(said, "名次")


def test_the_same_event_paid_before_in_its_year_is_no_other_event() -> None:
    """附件6 二1：当作同一场的提示只在以前兑付的是别的年度、同一名称时才说。"""
    claim = {"id": "c1", "enterprise": "示例企业01", "city": "fuzhou", "rule": "enterprise_event", "on": "2026-06-30"}
    claim |= {"object": "大会", "inputs": {"spend": "50万元"}}
    paid = {"enterprise": "示例企业01", "city": "fuzhou", "rule": "enterprise_event", "amount": 50_000}

    def told(**before: object) -> bool:
        notes = settle([claim], {"prior_payments": [{**paid, **before}]}, on_year=2026).notes
        return any("当作同一场" in note.text for note in notes)

    assert told(object="大会", year=2025)
    assert not told(object="大会", year=2026) and not told(object="展会", year=2025)


def test_payments_that_are_read_already_and_what_the_county_gave_back() -> None:
    back = {"enterprise": "示例企业01", "city": "quanzhou", "rule": "platform_build", "year": 2024, "amount": -100_000,
            "county_part": -50_000}  # fmt: skip
    (paid,) = Facts.of({"prior_payments": [back]}).prior_payments
    assert (paid.amount, paid.county_part) == (-100_000, -50_000)
    assert Facts.of({"prior_payments": [paid]}).prior_payments == (paid,)
