"""diff and compare, against differences and amounts read off the official texts by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest

from xlpolicy.faults import UnknownInput, UnknownPolicy, UnknownRule
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.survey.compare import Diff, compare, diff
from xlpolicy.survey.compare.documents import KINDS, Row

CATALOG = catalogs.default()
SIXTH = (Path(__file__).parent / "sixth/policies/shili-2026-9.yaml").read_text(encoding="utf-8")
#: figures, inputs and conditions of its first provision
FIRST = SIXTH[SIXTH.index("  figures:") : SIXTH.index("  amount:")]


@pytest.fixture(scope="module")
def fuzhou() -> Diff:
    return diff(CATALOG, "fuzhou-2024-13", "fuzhou-2026-5")


def row(found: Diff, rule: str) -> Row:
    return next(row for row in found.rows if row.rule == rule)


def test_every_provision_of_either_document_has_one_row(fuzhou: Diff) -> None:
    count = fuzhou.summary
    assert (count["changed"], count["dropped"], count["added"], count["same"]) == (10, 12, 41, 0)
    assert {r.rule for r in fuzhou.rows if r.status == "dropped"} == {
        "pilot_transformation", "pilot_service_provider", "pilot_light_solution", "pilot_chain_case",
        "pilot_model_enterprise", "pilot_contest", "pilot_industry_platform", "pilot_loan_interest",
        "pilot_supervision_fee", "pilot_training_fund", "dual_cross_platform", "first_industrial_software",
    }  # fmt: skip


def test_a_lowered_cap(fuzhou: Diff) -> None:
    """四（十三） 20%，最高200万元 → 附件3 五 20%，单个平台最高100万元，不含增值税，国债项目除外"""
    found = row(fuzhou, "platform_build")
    assert (found.old_at, found.new_at) == ("四（十三）", "附件3 五")
    assert found.text.startswith("比例 20% 不变；单个平台封顶 200万元 → 100万元，降低；")
    assert found.kinds == ("lowered", "basis", "condition_added", "recipient", "input_added")
    assert "口径 “平台建设实际投资额” → “平台建设实际投资额（不含增值税）”" in found.text


def test_a_fixed_rate_becomes_an_upper_bound(fuzhou: Diff) -> None:
    """六（十五） → 附件3 一：500万元、3%、500万元都没有变，“给予”变为“不高于”，不再要求纳统，国债项目除外"""
    found = row(fuzhou, "tech_upgrade")
    assert found.text.startswith("门槛 500万元 不变；比例 3% 不变；封顶 500万元 不变；")
    assert "性质 定额 → 最高，由固定标准变为上限" in found.text
    assert "取消条件：“项目已纳入固定资产投资统计”为是" in found.text
    assert "新增条件：“项目已享受发改委牵头的超长期特别国债设备更新资金”为否（附件3 七3）" in found.text
    assert {r.rule for r in fuzhou.rows if "to_upper_bound" in r.kinds} == {"tech_upgrade", "digital_project"}


def test_the_scope_of_a_cap_changes(fuzhou: Diff) -> None:
    """三（十二） 每个项目最高200万元 → 附件3 三 每家企业每年最高200万元"""
    found = row(fuzhou, "digital_project")
    assert "封顶 200万元 不变；封顶的范围 每个项目 → 每个企业每年" in found.text
    assert [r.rule for r in fuzhou.rows if "scope" in r.kinds] == ["digital_project"]


def test_a_renamed_figure_is_recognised(fuzhou: Diff) -> None:
    """八（十七） 与 附件5 一 都是按省级奖励的50%配套"""
    found = row(fuzhou, "little_giant")
    assert found.kinds == ("validity",)
    assert found.text.startswith("配套比例 50% 不变；本条有效期 2024-04-15 至 2025-12-31 → 2026-02-13 至 2030-12-31")


def test_a_matching_grant_becomes_a_fixed_sum(fuzhou: Diff) -> None:
    """八（十七） 省级奖励的50% → 附件5 一 10万元"""
    found = row(fuzhou, "provincial_srdi")
    assert "取消配套比例 50%" in found.text and "新增奖励标准 10万元" in found.text
    assert "计算 省级奖励金额 × 配套比例50% → 奖励标准10万元 × 获评数" in found.text


def test_days_that_neither_document_covers_are_told(fuzhou: Diff) -> None:
    """附件5自2026-02-13起，2024年文件到2025-12-31止"""
    assert len(fuzhou.remarks) == 1
    assert fuzhou.remarks[0].endswith("2026-01-01 至 2026-02-12 两份文件都不适用")
    assert "小巨人" in fuzhou.remarks[0]


def test_cross_rules_are_compared(fuzhou: Diff) -> None:
    by_new = {r.new: r for r in fuzhou.cross}
    assert by_new["fz26_cloud_stack"].old == "f24_cloud_stack"
    assert by_new["fz26_project_exclusive"].status == "added"
    assert "f24_cloud_exclusion" in {r.old for r in fuzhou.cross if r.status == "dropped"}


def test_a_cross_rule_that_takes_in_another_provision() -> None:
    documents = dict(CATALOG.documents)
    new = documents["fuzhou-2026-5"]
    rules = tuple(
        replace(x, members=(*x.members, "digital_project")) if x.id == "fz26_cloud_stack" else x
        for x in new.cross_rules
    )
    documents[new.key] = replace(new, cross_rules=rules)
    found = {r.new: r for r in diff(Catalog(documents.values()), "fuzhou-2024-13", new.key).cross}
    assert found["fz26_cloud_stack"].status == "changed"
    assert "新纳入 数智化项目软硬件投资补助" in found["fz26_cloud_stack"].text


@pytest.mark.parametrize("key", CATALOG.documents)
def test_a_document_against_itself_changes_nothing(key: str) -> None:
    found = diff(CATALOG, key, key)
    assert {r.status for r in found.rows} == {"same"}
    assert {r.status for r in found.cross} <= {"same"}


@pytest.mark.parametrize(("old", "new"), list(permutations(CATALOG.documents, 2)))
def test_the_way_back_says_the_opposite(old: str, new: str) -> None:
    there, back = diff(CATALOG, old, new), diff(CATALOG, new, old)
    turned = {"raised": "lowered", "lowered": "raised", "tightened": "loosened", "loosened": "tightened"}
    for kind, opposite in turned.items():
        assert {r.rule for r in there.rows if kind in r.kinds} == {r.rule for r in back.rows if opposite in r.kinds}
    assert {r.rule for r in there.rows if r.status == "added"} == {r.rule for r in back.rows if r.status == "dropped"}
    told = {c.kind for r in there.rows for c in r.changes} - {"same"}
    assert told <= set(KINDS)


def amended(*pairs: tuple[str, str]) -> Row:
    """The row of the one provision of the sixth document that these replacements change."""
    text = SIXTH
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    text = text.replace("key: shili-2026-9", "key: shili-2029-1")
    both = Catalog([compile_text(SIXTH, "old"), compile_text(text, "new")])
    found = [r for r in diff(both, "shili-2026-9", "shili-2029-1").rows if r.status != "same"]
    return found[0]


@pytest.mark.parametrize(
    ("pairs", "kind", "sentence"),
    [
        ([("cap: 150万元", "cap: 200万元")], "raised", "封顶 150万元 → 200万元，提高"),
        ([("rate: 6%", "rate: 5.5%")], "lowered", "比例 6% → 5.5%，降低"),
        ([("threshold: 200万元", "threshold: 300万元")], "tightened", "门槛 200万元 → 300万元，提高，更难达到"),
        ([("threshold: 500吨", "threshold: 300吨")], "loosened", "门槛 500吨 → 300吨，降低，更易达到"),
        ([("municipal: 10万元", "municipal: 8万元")], "lowered", "奖励标准（国家级 60万元 不变；省级 30万元 不变；市级 10万元 → 8万元，降低）"),
        ([("30家: 20万元", "50家: 30万元")], "rewritten", "奖励标准（10家起 5万元 不变；新增50家起 30万元；取消30家起 20万元）"),
        ([("from: {10家", "above: {10家")], "rewritten", "10家起 5万元、30家起 20万元 → 超过10家 5万元、超过30家 20万元，分档办法不同"),
        ([("{max: cap, per: project}]\n  assumptions", "{max: cap, per: enterprise}]\n  assumptions")], "scope", "封顶的范围 每个项目 → 每个企业累计"),
        ([("quota: 8家", "quota: 5家")], "lowered", "名额 8家 → 5家，降低"),
        ([("  mode: autopay\n", "")], "mode", "方式 免申即享 → 申请"),
        ([("when: [newly_recognised]", "payer: county\n  when: [newly_recognised]")], "payer", "资金 市级财政 → 县级财政"),
        ([("amount: saved * unit_award", "amount: saved * unit_award - unit_award")], "formula", "计算 年节能量 × 每吨标准煤奖励100元 → （年节能量 × 每吨标准煤奖励100元 － 每吨标准煤奖励100元，不足零的按零）"),
    ],
)  # fmt: skip
def test_one_change_is_told_as_one_sentence(pairs: list[tuple[str, str]], kind: str, sentence: str) -> None:
    found = amended(*pairs)
    assert [c.kind for c in found.changes if c.kind != "same"] == [kind]
    assert sentence in found.text


def test_another_fact_behind_a_threshold_is_a_change_of_basis() -> None:
    found = amended(
        (
            FIRST,
            FIRST.replace("investment >=", "gross >=").replace(
                "    paid", "    gross: {type: money, label: 含税投资额}\n    paid"
            ),
        )
    )
    assert [c.kind for c in found.changes if c.kind != "same"] == ["basis", "input_added"]
    assert "条件口径 设备投资额（不含税） ≥ 门槛 → 含税投资额 ≥ 门槛" in found.text
    assert found.text.count("含税投资额") == 1  # the new input is not told again


def test_factors_in_another_order_are_no_change() -> None:
    text = SIXTH.replace("amount: saved * unit_award", "amount: unit_award * saved").replace("9\n  city", "10\n  city")
    both = Catalog([compile_text(SIXTH, "old"), compile_text(text, "new")])
    assert {r.status for r in diff(both, "shili-2026-9", "shili-2026-10").rows} == {"same"}


def test_unknown_documents_are_refused() -> None:
    with pytest.raises(UnknownPolicy, match="fuzhou-2026-5"):
        diff(CATALOG, "fuzhou-2024-13", "fuzhou-2026-6")


# --- compare ---


def test_one_measure_in_four_cities() -> None:
    """软硬件投资500万元：福州20%＝100万元，恰到封顶；晋江15%＝75万元，封顶25万元；泉州30%＝150万元，封顶50万元"""
    found = compare(CATALOG, "platform_build", {"investment": "500万元", "smes": 20}, "2026-06-30")
    assert {o.city: (o.amount, o.marks) for o in found.offers} == {
        "福州市": (Decimal("1000000.00"), ()),
        "晋江市": (Decimal("250000.00"), ("2024-12-31 已失效",)),
        "莆田市": (None, ()),
        "泉州市": (Decimal("500000.00"), ("2023-12-31 已失效",)),
    }
    assert [o.document for o in found.offers] == [
        "fuzhou-2026-5",
        "jinjiang-2023-11",
        "putian-draft",
        "quanzhou-2023-6",
    ]
    putian = found.offers[2]
    assert putian.why.startswith("没有这一条款；同主题的有国家级工业互联网平台叠加奖励（national_platform）")


def test_the_document_in_force_on_the_day_answers() -> None:
    """1200万元×20%＝240万元：2025年封顶200万元，2026年封顶100万元"""
    amounts = [
        next(o for o in compare(CATALOG, "platform_build", "1200万元", day).offers if o.city == "福州市").amount
        for day in ("2025-06-30", "2026-06-30")
    ]
    assert amounts == [Decimal("2000000.00"), Decimal("1000000.00")]


def test_what_cannot_be_computed_says_why() -> None:
    found = {o.city: o for o in compare(CATALOG, "platform_build", "500万元", "2026-06-30").offers}
    assert found["泉州市"].amount is None
    assert "服务的中小企业数" in found["泉州市"].why
    pointers = {o.rule: o for o in compare(CATALOG, "上云上平台", "20万元", "2026-06-30").offers}
    assert pointers["srdi_cloud"].why.startswith("请按附件3 六的对应一项")


def test_a_theme_with_primary_inputs_of_other_names() -> None:
    """晋江 二（二） 按软件投入300万元以上补助30万元；一（二） 15%，单个项目封顶10万元；一（三） 5%＝30万元"""
    found = {
        (o.city, o.rule): o for o in compare(CATALOG, "数字化项目", {"investment": "600万元"}, "2026-06-30").offers
    }
    assert found["晋江市", "erp_software"].amount == Decimal("300000.00")
    assert "investment 用作“当年度软件部分实际投入”" in found["晋江市", "erp_software"].notes
    assert found["晋江市", "five_g_project"].amount == Decimal("100000.00")
    assert found["晋江市", "internet_demo_project"].amount == Decimal("300000.00")
    assert found["福州市", "digital_project"].amount == Decimal("1200000.00")
    assert found["泉州市", ""].why.startswith("没有这一主题的条款")


def test_drafts_are_marked() -> None:
    """福州 附件3 四 20万元；莆田 二 3万元；泉州 二（四） 10万元"""
    found = {o.city: o for o in compare(CATALOG, "five_g_factory", None, "2026-06-30").offers}
    assert found["莆田市"].marks == ("征求意见稿",)
    assert [found[c].amount for c in ("福州市", "莆田市", "泉州市")] == [200000, 30000, 100000]


def test_an_expired_document_answers_as_in_its_own_days() -> None:
    """2024年文件的“双跨”奖励第1年400万元：比较时不追问延续"""
    found = {o.city: o for o in compare(CATALOG, "dual_cross_platform", {"consecutive_year": 1}, "2026-06-30").offers}
    assert found["福州市"].amount == Decimal("4000000.00")
    assert found["福州市"].marks == ("2025-12-31 已失效",)


def test_titles_and_aliases_name_a_measure() -> None:
    assert compare(CATALOG, "技改补助", "500万元", "2026-06-30").rules == ("tech_upgrade",)
    assert compare(CATALOG, "５Ｇ工厂奖励").rules == ("five_g_factory",)


def test_slips_are_refused() -> None:
    with pytest.raises(UnknownInput, match="investment"):
        compare(CATALOG, "platform_build", {"investmen": 1})
    with pytest.raises(UnknownRule, match="技术改造"):
        compare(CATALOG, "技术改")


def test_plain_data() -> None:
    data = compare(CATALOG, "platform_build", "500万元", "2026-06-30").model_dump("json")
    assert data["offers"][0]["amount"] == "1000000.00" and data["offers"][2]["amount"] is None
