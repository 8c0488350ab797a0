"""Simulations of changed figures, worked out by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from soffice import Soffice

from xlpolicy.cli import main
from xlpolicy.faults import InvalidInput, UnknownPolicy
from xlpolicy.law import catalog
from xlpolicy.settle import settlement_book
from xlpolicy.settle.claims_book import write_blank
from xlpolicy.settle.model import Claim
from xlpolicy.settle.plan import read_changes
from xlpolicy.settle.settlement_book import write_simulation
from xlpolicy.settle.simulate import Line, Simulation, simulate, with_changes

PUTIAN = {"city": "putian", "policy": "putian-draft", "on": None}


def claim(number: int, rule: str, **inputs: Any) -> dict[str, Any]:
    return {**PUTIAN, "id": f"c{number}", "enterprise": f"示例企业{number:02d}", "rule": rule, "inputs": inputs}


#: 5万元/家，年度封顶50万元：4家20万、9家45万、12家60万封顶50万
CHAIN = [claim(1, "chain_leader", smes=4), claim(2, "chain_leader", smes=9), claim(3, "chain_leader", smes=12)]
#: 省级40万×50%＝20万、60万×50%＝30万封顶25万；先进级5万、卓越级15万
OTHERS = [
    claim(4, "compute_subsidy", superior_award="40万元"),
    claim(5, "compute_subsidy", superior_award="60万元"),
    claim(6, "smart_factory", level="advanced"),
    claim(7, "smart_factory", level="excellent"),
]
ENTERPRISES = {
    "示例企业01": {"county": "荔城区", "size": "小型"},
    "示例企业02": {"county": "荔城区", "size": "中型"},
    "示例企业03": {"county": "涵江区", "size": "大型"},
}


def run(changes: dict[str, str], claims: list[dict[str, Any]], document: str = "putian-draft") -> Simulation:
    return simulate(claims, {document: changes}, on_year=2026, enterprises=ENTERPRISES)


def test_a_note_of_one_side_says_of_which(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """附件3 一: 450万 net may be 508.5万 with tax: asked at a threshold of 500万, certain at 300万 (450万 × 3% ＝ 13.5万)."""
    one = {"city": "fuzhou", "policy": "fuzhou-2026-5", "on": "2026-06-30", "id": "1", "enterprise": "示例企业01"}
    one |= {"rule": "tech_upgrade", "project": "一期", "inputs": {"investment": "450万元"}}
    result = simulate([one], {"fuzhou-2026-5": {"tech_upgrade.threshold": "300万元"}}, on_year=2026)
    assert (result.total.before, result.total.after) == (Decimal(0), Decimal("135000.00"))
    (note,) = [n for n in result.notes if "够不够条件" in n.text]
    assert note.text.startswith("现行：技改设备补助（附件3 一）：未填“同一投资的含增值税金额”")
    both = simulate([one], {"fuzhou-2026-5": {"tech_upgrade.rate": "2%"}}, on_year=2026)
    assert [n.text.startswith("技改设备补助（附件3 一）") for n in both.notes if "够不够条件" in n.text] == [True]
    claims = tmp_path / "claims.json"
    claims.write_text(json.dumps({"on_year": 2026, "claims": [one]}, ensure_ascii=False), encoding="utf-8")
    assert main(["simulate", str(claims), "--set", "福州:技改设备补助.比例=2%"]) == 1
    told = capsys.readouterr().out
    assert "县区都没有写：在台账的“单位”表填“县区”，就按县区分列。" in told and "未写明" not in told
    assert "（0.00），0 笔有变化" in told and "+0.00" not in told


def line(simulation: Simulation, view: str, start: str) -> Line:
    return next(x for x in simulation.views[view] if x.name.startswith(start))


def test_a_changed_cap_of_the_putian_draft() -> None:
    """封顶50万改40万：20万不变，45万变40万，50万变40万；合计115万变100万。"""
    result = run({"chain_leader.year_cap": "40万元"}, CHAIN + OTHERS)
    (change,) = result.changes
    assert (change.before, change.after, change.label) == ("50万元", "40万元", "年度封顶")
    whole = line(result, "条款", "链主")
    assert whole.name.startswith("链主企业带动中小企业改造奖励（《莆田市") and "推广链式转型" in whole.name
    assert list(map(int, (whole.before, whole.after, whole.difference))) == [1_150_000, 1_000_000, -150_000]
    assert (whole.paid_before, whole.paid_after) == (3, 3)
    assert line(result, "县区", "荔城区").difference == -50_000
    assert line(result, "县区", "涵江区").difference == line(result, "企业规模", "大型").difference == -100_000
    assert line(result, "企业规模", "未写明").before == 200_000 + 250_000 + 50_000 + 150_000
    assert line(result, "出资", "市级财政").after == result.total.after == 1_000_000 + 650_000


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ("莆田", "链主企业带动中小企业改造奖励.年度封顶"),
        ("莆田市", "chain_leader.年度封顶"),
        ("putian-draft", "链主企业带动中小企业改造奖励.year_cap"),
    ],
)
def test_figures_are_named_in_chinese_too(document: str, path: str) -> None:
    result = run({path: "40万元"}, CHAIN, document)
    assert (result.changes[0].path, result.total.difference) == ("chain_leader.year_cap", -150_000)


def test_a_figure_may_become_nothing() -> None:
    """4家20万元、9家45万元、12家50万元，年度封顶 0 元以后都没有了"""
    assert run({"chain_leader.year_cap": "0元"}, CHAIN).total.difference == -1_150_000


def test_a_line_may_be_written_wide() -> None:
    assert read_changes(["莆田：链主企业带动中小企业改造奖励.年度封顶＝40万元", "", "# 备注"], "--set") == {
        "莆田": {"链主企业带动中小企业改造奖励.年度封顶": "40万元"}
    }


@pytest.mark.parametrize(
    ("lines", "got"),
    [(["莆田"], "读不懂"), (["莆田:链主=40万元"], "没有数字"), (["莆田:chain_leader.year_cap=1万元"] * 2, "写了两次"),
     (["莆田:chain_leader.year_cap=1万元", "putian-draft:链主企业带动中小企业改造奖励.年度封顶=2万元"], "写了两次"),
     (["莆田:chain_leader.年度封项=1万元"], "没有数字"), (["厦门:a.b=1万元"], "没有代号为“厦门”的文件")],
)  # fmt: skip
def test_slips_in_a_change_are_refused(lines: list[str], got: str) -> None:
    with pytest.raises((InvalidInput, UnknownPolicy), match=got):
        simulate(CHAIN, read_changes(lines, "--set"), on_year=2026)


def test_only_what_changed_is_listed() -> None:
    """4家20万元不变；9家45万变40万；12家50万变40万：少得多的在前"""
    result = run({"chain_leader.year_cap": "40万元"}, CHAIN)
    assert [(c.id, old.payable, new.payable) for c, old, new in result.moved] == [
        ("c3", 500_000, 400_000),
        ("c2", 450_000, 400_000),
    ]
    assert [c["id"] for c in result.model_dump("json")["claims"]] == ["c3", "c2"]


def test_a_plan_is_held_against_a_plan() -> None:
    """基线封顶40万：20、40、40；方案封顶30万：20、30、30"""
    baseline = {"莆田": {"chain_leader.year_cap": "40万元"}}
    result = simulate(CHAIN, {"莆田": {"chain_leader.year_cap": "30万元"}}, on_year=2026, baseline=baseline)
    assert (result.total.before, result.total.after, result.was) == (1_000_000, 800_000, "基线")


def test_a_name_with_other_brackets_finds_its_county() -> None:
    claims = [{**CHAIN[0], "enterprise": "示例(福建)公司"}]
    known = {"示例（福建）公司": {"county": "城厢区", "size": "小型"}}
    result = simulate(claims, {"莆田": {"chain_leader.unit_award": "4万元"}}, on_year=2026, enterprises=known)
    assert [x.name for x in result.views["县区"]] == ["城厢区"] and [x.name for x in result.views["企业规模"]] == [
        "小型"
    ]


def test_the_command_reads_the_ledger_and_keeps_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """申报清单“单位”表里的县区、企业规模；--save-baseline 之后 --baseline 与它比"""
    book = tmp_path / "清单.xlsx"
    claims = [Claim.of({**c, "policy": "putian-draft"}, 1) for c in CHAIN]
    write_blank(book, claims=claims)
    made = load_workbook(book)
    sheet = made["单位"]
    top = next(row for row in range(1, 10) if sheet.cell(row, 2).value == "县区") + 1
    for row, (name, about) in enumerate(ENTERPRISES.items(), top):
        for column, value in enumerate((name, about["county"], about["size"]), 1):
            sheet.cell(row, column).value = value
    made.save(book)
    plan = tmp_path / "方案.txt"
    words = ["simulate", str(book), "--on-year", "2026", "--set"]
    assert main([*words, "莆田:链主企业带动中小企业改造奖励.年度封顶=40万元", "--save-baseline", str(plan)]) == 0
    text = capsys.readouterr().out
    assert "荔城区" in text and "大型" in text and "小型" not in text and "其余 1 个企业规模没有变化" in text
    assert main([*words, "莆田:chain_leader.year_cap=30万元", "--baseline", str(plan), "--all"]) == 0
    text = capsys.readouterr().out
    assert "基线金额" in text and "合计由 1,000,000.00 元变为 800,000.00 元（-200,000.00），2 笔有变化" in text
    assert "小型" in text
    assert main([*words, "莆田:chain_leader.year_cap=30万元", "--save-baseline", str(plan)]) == 2  # it is there already


def test_a_changed_rate_of_the_putian_draft() -> None:
    """配套50%改40%：40万得16万，60万得24万；合计45万变40万。"""
    result = run({"compute_subsidy.match_rate": "40%"}, CHAIN + OTHERS)
    changed = [x for x in result.views["条款"] if x.difference]
    assert [(x.before, x.after) for x in changed] == [(Decimal(450_000), Decimal(400_000))]


@pytest.mark.parametrize("row", ["excellent", "卓越级"])
def test_a_changed_row_of_a_table(row: str) -> None:
    """卓越级15万改18万：先进级不变。"""
    result = run({f"smart_factory.award[{row}]": "18万元"}, OTHERS)
    assert [c.payable for c in result.after.claims] == [200_000, 250_000, 50_000, 180_000]
    assert (result.changes[0].before, result.changes[0].after) == ("15万元", "18万元")
    (figure,) = (c.found.rule.figures["award"] for c in result.after.claims if c.payable == 180_000 and c.found)
    assert figure.table and dict(figure.table.texts) == {"advanced": "5万元", "excellent": "18万元"}
    assert result.total.difference == 30_000
    assert "rates" not in result.model_dump(mode="json"), "no rate of a year stays below the law's"
    said = "合计由 650,000.00 元变为 680,000.00 元，增加 30,000.00 元；兑付由 4 笔变为 4 笔。"
    assert settlement_book._sentence(result.total).endswith(said)


def test_borrowed_figures_follow() -> None:
    """附件3 一的封顶500万改400万：参照它的附件5 三1（2亿×3%＝600万）由500万变400万；附件1 一 自己写了500万，不变。"""
    base = {"city": "fuzhou", "on": "2026-06-30", "inputs": {"investment": "2亿元"}}
    claims = [
        {**base, "id": "c1", "enterprise": "甲", "rule": "srdi_tech_upgrade"},
        {**base, "id": "c2", "enterprise": "乙", "rule": "tech_upgrade"},
        {
            **base,
            "id": "c3",
            "enterprise": "丙",
            "rule": "scaleup_tech_upgrade",
            "inputs": {"investment": "2亿元", "years_since_scaleup": 0},
        },
    ]
    result = run({"tech_upgrade.cap": "400万元"}, claims, "fuzhou-2026-5")
    assert [c.payable for c in result.before.claims] == [5_000_000] * 3
    assert [c.payable for c in result.after.claims] == [4_000_000, 4_000_000, 5_000_000]
    assert [[x.rule for x in c.cuts] for c in result.after.claims] == [[], [], []]


def test_a_threshold() -> None:
    """门槛500万改800万：600万不再符合，18万变0。"""
    claims = [
        {
            "id": "c1",
            "enterprise": "甲",
            "city": "fuzhou",
            "rule": "tech_upgrade",
            "on": "2026-06-30",
            "inputs": {"investment": "600万元"},
        }
    ]
    result = run({"tech_upgrade.threshold": "800万元"}, claims, "榕政办规〔2026〕5号")
    assert result.total == Line("合计", 1, Decimal(180_000), 0, Decimal(0))


def test_years_that_count_in_months() -> None:
    """租期1年（12个月）改2年：月租6,000元租24个月，14.4万×5%＝7,200元；原来只算12个月，3,600元。"""
    rule = catalog.default().document("putian-draft").rules["ai_first_product"]
    new, _ = with_changes(catalog.default(), {"putian-draft": {"ai_first_product.lease_term": "2年"}})
    changed = new.document("putian-draft").rules["ai_first_product"]
    values = [x.figures["lease_term"].value for x in (rule, changed)]
    assert values == [Decimal(12), Decimal(24)]


def test_only_what_is_changed_is_made_anew() -> None:
    old = catalog.default()
    new, _ = with_changes(old, {"putian-draft": {"chain_leader.year_cap": "40万元"}})
    before, after = old.document("putian-draft").rules, new.document("putian-draft").rules
    assert [name for name in before if before[name] is not after[name]] == ["chain_leader"]
    assert old.document("putian-draft").rules["chain_leader"].figures["year_cap"].text == "50万元"


def test_views_add_up_to_the_same_total() -> None:
    changes = {"putian-draft": {"chain_leader.unit_award": "6万元", "compute_subsidy.year_cap": "10万元"}}
    result = simulate(CHAIN + OTHERS, changes, on_year=2026, enterprises=ENTERPRISES)
    for view, lines in result.views.items():
        assert sum(x.before for x in lines) == result.total.before == sum(c.payable for c in result.before.claims), view
        assert sum(x.after for x in lines) == result.total.after == sum(c.payable for c in result.after.claims), view
    data = result.model_dump(mode="json")
    # 4×6＝24、9×6＝54封顶50、50；算力20封顶10、25封顶10
    assert data["total"] | {} == {
        "name": "合计", "paid_before": 7, "before": "1800000.00", "paid_after": 7, "after": "1640000.00", "difference": "-160000.00",
    }  # fmt: skip
    assert [c["path"] for c in data["changes"]] == ["chain_leader.unit_award", "compute_subsidy.year_cap"]
    assert "notes" not in data


def test_claims_that_cannot_be_settled_are_named() -> None:
    result = run({"chain_leader.year_cap": "40万元"}, [*CHAIN, claim(9, "chain_leader")])
    assert [n.claim for n in result.notes] == ["c9"]
    assert result.model_dump(mode="json")["notes"][0]["code"] == "missing_input"


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("chain_leader.cap", "40万元", "year_cap"),
        ("chain_leader", "40万元", "没有数字"),
        ("chain_leader.year_cap", "40", "没有单位"),
        ("chain_leader.year_cap", "40%", "单位不同"),
        ("chain_leader.year_cap[a]", "40万元", "不分档"),
        ("compute_subsidy.match_rate", "-5%", "负数"),
        ("key_challenge.quota", "5家", "单位不同"),
        ("smart_factory.award", "5万元", "先进级（省级）、卓越级（国家级）"),
        ("smart_factory.award[national]", "5万元", "没有档次“national”；应为：先进级（省级）、卓越级（国家级）"),
        ("smart_factory.award[advanced]", "5%", "单位不同"),
    ],
)  # fmt: skip
def test_changes_that_make_no_sense(path: str, text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        run({path: text}, CHAIN)
    assert words in str(caught.value) and "putian-draft" in str(caught.value)


def test_a_borrowed_figure_is_changed_where_it_stands() -> None:
    with pytest.raises(InvalidInput, match=r"tech_upgrade\.cap"):
        run({"srdi_tech_upgrade.cap": "400万元"}, [], "fuzhou-2026-5")
    with pytest.raises(UnknownPolicy):
        run({"a.b": "1元"}, [], "xiamen")


@pytest.mark.soffice
def test_the_workbook_in_libreoffice(tmp_path: Path, soffice: Soffice) -> None:
    result = run({"chain_leader.year_cap": "40万元"}, [*CHAIN, *OTHERS, claim(9, "chain_leader")])
    path = tmp_path / "测算.xlsx"
    write_simulation(result, path)
    with soffice.open(path) as book:
        assert book.sheets == ["改动", "条款", "县区", "企业规模", "出资", "逐笔", "待补事项"]
        book.recalculate()
        totals = {name: book.read_range(name, "A1:F30") for name in book.sheets[1:5]}
    for name, cells in totals.items():
        row = next(address[1:] for address, value in cells.items() if value == "合计")
        assert (cells[f"C{row}"], cells[f"E{row}"], cells[f"F{row}"]) == (1_800_000, 1_650_000, -150_000), name
    pictures = soffice.to_png(soffice.to_pdf(path, tmp_path / "x.pdf"), tmp_path)
    assert len(pictures) == 7, "a page for each sheet, charts included"


def test_a_claim_that_is_paid_one_yuan_is_paid() -> None:
    """莆田 四：2元×50%＝1元，改动前后都是 1 笔。"""
    one = {**CHAIN[0], "id": "一元", "rule": "compute_subsidy", "inputs": {"superior_award": "2元"}}
    result = run({"chain_leader.year_cap": "40万元"}, [one])
    assert (result.total.before, result.total.paid_before, result.total.paid_after) == (1, 1, 1)
