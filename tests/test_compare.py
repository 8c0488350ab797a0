"""diff and compare, against differences and amounts read off the official texts by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest

from xlpolicy.faults import InvalidInput, UnknownInput, UnknownPolicy, UnknownRule
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


def test_a_shared_payer_is_told_whole() -> None:
    """泉州一（一）is borne by city and county; 晋江三（一）by the county; its ceiling is no other document."""
    found = row(diff(CATALOG, "quanzhou-2023-6", "jinjiang-2023-11"), "platform_build")
    assert "资金 市级财政、县级财政按 1:1 分摊 → 县级财政" in found.text
    assert KINDS["elsewhere"] == "另见全文规定"


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
    assert found.kinds == ("lowered", "basis", "condition_added", "elsewhere")
    assert "口径 “平台建设实际投资额” → “平台建设实际投资额（不含增值税）”" in found.text


def test_a_fixed_rate_becomes_an_upper_bound(fuzhou: Diff) -> None:
    """六（十五） → 附件3 一：500万元、3%、500万元都没有变，“给予”变为“不高于”，不再要求纳统，国债项目除外"""
    found = row(fuzhou, "tech_upgrade")
    assert found.text.startswith("门槛 500万元 不变；比例 3% 不变；封顶 500万元 不变；")
    assert "性质 以所引文件为准 → 测算上限，由固定标准变为上限" in found.text
    assert "取消条件：项目已纳入固定资产投资统计" in found.text
    assert "新增条件：项目已享受发改委牵头的超长期特别国债设备更新资金的，不予补助（附件3 七3）" in found.text
    assert {r.rule for r in fuzhou.rows if "to_upper_bound" in r.kinds} == {"tech_upgrade", "digital_project"}


def test_the_scope_of_a_cap_changes(fuzhou: Diff) -> None:
    """三（十二）“最高不超过200万元”没写范围 → 附件3 三“单个企业不超过200万元”没写期间：两头都是口径"""
    found = row(fuzhou, "digital_project")
    assert "封顶 200万元 不变；封顶的范围 每个项目 → 每个企业每年（" in found.text
    assert "旧文件没有写明：项目建设投资补助200万元封顶按项目还是企业每年，按“每个项目”" in found.text
    assert "新文件没有写明：“单个企业（园区）不超过”没有写期间的，按年还是累计，按“每个自然年度”" in found.text
    assert [r.rule for r in fuzhou.rows if "scope" in r.kinds] == ["digital_project"]


def test_a_renamed_figure_is_recognised(fuzhou: Diff) -> None:
    """八（十七） 与 附件5 一 都是按省级奖励的50%配套"""
    found = row(fuzhou, "little_giant")
    assert found.kinds == ("validity", "elsewhere", "earlier")
    assert found.text.startswith("配套比例 50% 不变；本条有效期 2024-04-15 至 2025-12-31 → 2026-02-13 至 2030-12-31（")
    assert "新文件没有写明：附件5“自颁布之日起施行”是哪一天，按“印发之日（2026年2月13日）”" in found.text


def test_a_matching_grant_becomes_a_fixed_sum(fuzhou: Diff) -> None:
    """八（十七） 省级奖励的50% → 附件5 一 10万元"""
    found = row(fuzhou, "provincial_srdi")
    assert "取消配套比例 50%" in found.text and "新增奖励标准 10万元" in found.text
    assert "计算 省级奖励金额 × 配套比例50% → 奖励标准10万元 × 获评数" in found.text


def test_days_that_neither_document_covers_are_told(fuzhou: Diff) -> None:
    """附件5自2026-02-13起，2024年文件到2025-12-31止，其间是〔2024〕21号（附件5末：同时废止）"""
    (gap,) = [text for text in fuzhou.remarks if "2026-01-01 至 2026-02-12" in text]
    assert gap.endswith("适用榕政办规〔2024〕21号（没有载入），这两份文件都不适用，不能比较")
    assert "小巨人" in gap
    assert not [text for text in fuzhou.remarks if "2026-02-13 至" in text]


def test_the_days_of_a_part_are_told_apart_from_the_document(fuzhou: Diff) -> None:
    """四、附则 自2026年1月1日起；附件5末 自颁布之日起：11条"""
    assert "榕政办规〔2026〕5号：附件5的 11 条自 2026-02-13 起，其余自 2026-01-01 起" in fuzhou.remarks


def test_only_two_documents_are_compared(fuzhou: Diff) -> None:
    """2024年文件只管数字化转型：技术中心奖励等旧文件没有，不等于市里没有"""
    assert any("不等于" in text and "其他文件" in text for text in fuzhou.remarks)
    text = "\n".join(r.text for r in fuzhou.rows)
    assert "取消，原为" not in text and "新增：" not in text


def test_what_runs_on_after_expiry_is_not_called_dropped(fuzhou: Diff) -> None:
    """九、4 在2025年12月31日之前入选的，可以从入选当年延续3年（含当年）：2025年入选的到2027年"""
    found = row(fuzhou, "dual_cross_platform")
    assert found.status == "dropped"
    assert "2025-12-31前入选的照付" in found.text and "最迟到 2027年度" in found.text and "九、4" in found.text
    assert "取消" not in found.text


def test_a_term_that_outlasts_the_document_is_asked(fuzhou: Diff) -> None:
    """一（八） 自首笔贷款投放之日起2年内贴息；到期后的部分旧文件没有写"""
    assert "期限 2年 跨过 2025-12-31 的部分，旧文件没有写明" in row(fuzhou, "pilot_loan_interest").text


#: 九3：第（十二）至第（十七）条分别按三份文件规定执行
GOVERNED = [
    "digital_project", "platform_build", "cloud_core", "cloud_infra", "cloud_device", "tech_upgrade", "little_giant",
    "provincial_srdi",
]  # fmt: skip


@pytest.mark.parametrize("rule", GOVERNED)
def test_other_documents_that_govern_are_named(fuzhou: Diff, rule: str) -> None:
    found = row(fuzhou, rule)
    assert "旧文件另按榕政办〔2020〕114号、榕政规〔2022〕4号、榕工信企〔2022〕181号执行" in found.text
    assert "九、3" in found.text


def test_a_governed_provision_is_not_called_fixed(fuzhou: Diff) -> None:
    assert "以所引文件为准" in row(fuzhou, "first_industrial_software").text
    assert "定额" not in row(fuzhou, "first_industrial_software").text


def test_what_another_document_gave_before_is_not_called_new(fuzhou: Diff) -> None:
    """附件5末：〔2024〕21号（支持专精特新若干措施）同时废止，它给过什么这里没有"""
    for rule in ("bank_matchmaking", "srdi_tech_upgrade", "sme_cluster", "little_giant", "provincial_srdi"):
        assert "此前适用榕政办规〔2024〕21号（没有载入）" in row(fuzhou, rule).text
    assert "21号" not in row(fuzhou, "tech_center").text


@pytest.mark.parametrize("rule", ["tech_upgrade", "digital_project", "platform_build", "cloud_core", "cloud_infra", "cloud_device", "provincial_benchmark"])  # fmt: skip
def test_another_wording_of_the_same_recipient_is_no_change(fuzhou: Diff, rule: str) -> None:
    """旧文件题为“推进工业数字化转型”，五的标题是“支持工业企业上云上平台”；五（十三）与附件3五列的三类平台相同"""
    assert "recipient" not in row(fuzhou, rule).kinds


def test_small_and_medium_industrial_enterprises_are_whom_the_cloud_was_for_before(fuzhou: Diff) -> None:
    found = row(fuzhou, "cloud_core")
    assert not [c for c in found.changes if c.kind in ("basis", "condition_dropped") and "工业企业" in c.text]
    assert not [c for c in found.changes if c.kind == "input_dropped" and "工业企业" in c.text]
    assert "取消条件：当年已就云服务支出享受试点改造补助的，不予补助" in found.text
    assert row(fuzhou, "cloud_infra").kinds == ("condition_added", "condition_dropped", "elsewhere")


def test_words_are_only_vouched_for_between_documents_that_follow_each_other() -> None:
    """泉州二（三）“入选”与福州附件3 四“新入选”不是前后接替的文件，改写未改意的理由管不到"""
    other = diff(CATALOG, "quanzhou-2023-6", "fuzhou-2026-5")
    assert "对象未变" not in "".join(r.text for r in other.rows)
    assert any("属于不同城市" in text for text in other.remarks)
    back = diff(CATALOG, "fuzhou-2026-5", "fuzhou-2024-13")
    assert "recipient" not in row(back, "cloud_core").kinds
    assert not any("属于不同城市" in text for text in back.remarks)


def test_every_unchanged_wording_names_something_that_reads_otherwise() -> None:
    for document in CATALOG.documents.values():
        for rule in document.rules.values():
            for name in rule.unchanged:
                before = CATALOG.document(document.continues).rules[rule.id]
                sides = [
                    r.recipient if name == "recipient" else next((i.label for i in r.inputs if i.name == name), "")
                    for r in (before, rule)
                ]
                assert sides[0] != sides[1], f"{rule.id}.{name}"


def test_what_only_the_bureau_knows_is_no_new_question(fuzhou: Diff) -> None:
    assert not [c for r in fuzhou.rows for c in r.changes if "已兑现金额" in c.text]


def test_a_device_is_paid_a_fixed_sum_or_its_cost_by_how_the_old_text_is_read(fuzhou: Diff) -> None:
    """五（十四）“给予最高2000元全额奖补” → 附件3 六1“给予2000元奖补”"""
    found = row(fuzhou, "cloud_device")
    assert "旧文件没有写明：设备上平台“每台最高2000元全额奖补”是据实还是定额，按“据实，每台不超过限额”" in found.text
    assert "取消条件：已填" not in found.text


def test_sentences_of_the_whole_document_stand_once(fuzhou: Diff) -> None:
    """正文四：由市工信局会同有关部门制定实施细则"""
    assert [text for text in fuzhou.remarks if "实施细则" in text]
    assert not [r for r in fuzhou.rows if "实施细则" in r.text]


def test_cross_rules_are_compared(fuzhou: Diff) -> None:
    by_new = {r.new: r for r in fuzhou.cross}
    assert by_new["fz26_cloud_stack"].old == "f24_cloud_stack"
    assert by_new["fz26_project_exclusive"].status == "added"
    assert "f24_cloud_exclusion" in {r.old for r in fuzhou.cross if r.status == "dropped"}


def test_rules_about_provisions_that_are_gone_go_with_them(fuzhou: Diff) -> None:
    """九、1 和九、2 只管试点各条；附件4 五只管附件4。七3 的国债排除管到两份文件都有的条款"""
    by_id = {r.old or r.new: r for r in fuzhou.cross}
    assert by_id["f24_funding_source"].alone and by_id["f24_pilot_stack"].alone
    assert by_id["fz26_pool_pro_rata"].alone and by_id["fz26_exhibition_priority"].alone
    bond = by_id["fz26_bond_exclusion"]
    assert not bond.alone and "技改设备补助" in bond.text and "技改项目贷款贴息" not in bond.text
    assert not {"f24_validity", "fz26_validity", "fz26_annex5_validity", "f24_dual_cross_tail"} & set(by_id)
    assert "fz26_innovation_center_alone" not in by_id
    assert by_id["f24_cloud_stack"].status == "same"


def test_the_cloud_awards_could_be_stacked_on_others_before_too(fuzhou: Diff) -> None:
    """五（十四）末“该奖补可与市财政其他奖补政策叠加享受”"""
    (found,) = [r for r in fuzhou.cross if r.new == "fz26_cloud_stack"]
    assert "市财政其他奖补" in CATALOG.document("fuzhou-2024-13").cross_rules[-2].text
    assert found.status == "same"


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
    assert [c.kind for c in found.changes if c.kind != "same"] == ["basis"]
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
    assert putian.why.startswith("未列入这一条款；同主题的有国家级工业互联网平台叠加奖励（national_platform）")


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
    assert "泉州市" not in {city for city, rule in found if not rule}


#: 主题 -> 城市 -> 条文：附件2 二 工业设计中心；泉州五（一）园区企业数字化改造；晋江一 打造数字化转型标杆样板（三条）
LISTED = [
    ("工业设计", "福州市", {"design_center"}),
    ("数字化项目", "泉州市", {"park_enterprise_digital"}),
    ("示范标杆", "晋江市", {"demo_project", "five_g_project", "internet_demo_project"}),
    ("示范标杆", "泉州市", {"smart_scene", "smart_factory", "provincial_benchmark", "five_g_factory", "data_security_award"}),
    ("服务商", "晋江市", {"internet_demo_project", "platform_sme_award", "public_consulting"}),
    ("上云上平台", "泉州市", {"cloud_design_software", "resolution_application"}),
    ("技术改造", "泉州市", {"tech_loan_interest", "provincial_key_loan_topup"}),
    ("贷款贴息", "福州市", {"scaleup_loan_interest", "tech_loan_interest", "park_infra_interest", "software_loan_interest"}),
    ("数字化项目", "莆田市", {"ai_first_product", "key_challenge"}),
]  # fmt: skip


@pytest.mark.parametrize(("theme", "city", "rules"), LISTED)
def test_a_provision_may_have_several_themes(theme: str, city: str, rules: set[str]) -> None:
    assert {o.rule for o in compare(CATALOG, theme).offers if o.city == city} == rules


def test_a_city_without_the_measure_does_not_list_it() -> None:
    """莆田九 只有融资担保，没有贴息；不等于没有别的文件"""
    (putian,) = [o for o in compare(CATALOG, "贷款贴息").offers if o.city == "莆田市"]
    assert putian.why == "未列入这一主题的补助"


def test_money_is_no_number_of_enterprises() -> None:
    """800万元是投资额；5G工厂奖励按家数，一家20万元"""
    found = {(o.city, o.rule): o for o in compare(CATALOG, "示范标杆", 8_000_000, "2026-06-30").offers}
    factory = found["福州市", "five_g_factory"]
    assert (factory.amount, factory.bare_as) == (Decimal("200000.00"), "")
    assert "本条按“新入选数”（家）算，没有用这个数值" in factory.notes
    assert found["晋江市", "demo_project"].amount == Decimal("1000000.00")
    named = compare(CATALOG, "示范标杆", {"investment": "800万元"}, "2026-06-30").offers
    assert next(o for o in named if o.rule == "municipal_benchmark").amount == Decimal("100000.00")


def test_a_year_is_no_number_of_platforms() -> None:
    """连续入选第3年；泉州四（二）末句 一次性200万元"""
    found = {o.city: o for o in compare(CATALOG, "dual_cross_platform", {"consecutive_year": 3}, "2026-06-30").offers}
    assert (found["福州市"].amount, found["泉州市"].amount) == (3_000_000, 2_000_000)
    assert "本条不看 consecutive_year" in found["泉州市"].notes


def test_a_value_that_no_provision_takes_is_refused() -> None:
    for value in ("800万元", "8oo"):
        with pytest.raises(InvalidInput, match="用不上"):
            compare(CATALOG, "链式转型", value)


def test_two_payers_are_both_named() -> None:
    """泉州一（一） 补助资金由市、县两级财政按1:1比例分摊"""
    found = {o.city: o for o in compare(CATALOG, "platform_build", {"investment": "500万元", "smes": 20}).offers}
    assert found["泉州市"].funding == "市级财政、县级财政按 1:1 分摊"
    assert (found["福州市"].funding, found["晋江市"].funding) == ("市级财政", "县级财政")


def test_a_blank_that_decides_is_a_question_in_a_comparison_too() -> None:
    """附件3 一 450万元不含税，含税可到508.5万元：门槛看含税，没有填"""
    (offer,) = [o for o in compare(CATALOG, "tech_upgrade", "450万元", "2026-06-30").offers if o.rule]
    assert offer.amount is None and "未填“同一投资的含增值税金额”" in offer.why


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


def test_a_refusal_is_no_question_though_a_condition_was_presumed() -> None:
    """400万元 are at most 452万元 with tax, below the 500万元 of 附件3 一; 450万元 may reach it and are asked."""
    told = {
        x.rule: x for x in compare(catalogs.default(), "技术改造", "400万元").offers if x.document == "fuzhou-2026-5"
    }
    assert told["innovation_center_tech_upgrade"].amount == 0
    assert "填了" not in told["innovation_center_tech_upgrade"].why
    asked = {
        x.rule: x for x in compare(catalogs.default(), "技术改造", "450万元").offers if x.document == "fuzhou-2026-5"
    }
    assert asked["tech_upgrade"].amount is None and "请补填后重算" in asked["tech_upgrade"].why
