"""What a settlement says about its amounts: owed or only the most, whose, by which combination, and as data."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from xlpolicy import settle
from xlpolicy.cli import main
from xlpolicy.settle.effect_words import note_words
from xlpolicy.settle.model import read_claims
from xlpolicy.settle.settlement_book import capitals, totals_text, write_settlement
from xlpolicy.settle.unnamed import ids
from xlpolicy.settle.work import Work

FIRM = {
    "enterprise": "示例企业01",
    "code": "91350199MA00000015",
    "city": "fuzhou",
    "on": "2026-06-30",
    "project": "一期",
}
#: 附件3 一：1000万×3%＝30万；附件3 四：200万×20%＝40万；同一项目只享受一项，取 40万
TECH = {**FIRM, "id": "A1", "rule": "tech_upgrade", "inputs": {"investment": "1000万元"}}
DIGITAL = {**FIRM, "id": "A2", "rule": "digital_project", "inputs": {"investment": "200万元"}}
#: 莆田征求意见稿：链主 12 家，封顶 50万
DRAFT = {"id": "A3", "enterprise": "示例企业02", "city": "putian", "policy": "putian-draft", "rule": "chain_leader", "on": None, "inputs": {"smes": 12}}  # fmt: skip
#: 泉州 一（一）：100万×30%＝30万
FIXED = {**FIRM, "id": "A4", "enterprise": "示例企业03", "code": None, "city": "quanzhou", "rule": "platform_build", "on": "2023-06-30", "inputs": {"investment": "100万元", "smes": 20}}  # fmt: skip
LACKING = {**FIRM, "id": "A5", "enterprise": "示例企业04", "code": None, "rule": "tech_upgrade", "inputs": {}}
ALL: list[dict[str, Any]] = [TECH, DIGITAL, DRAFT, FIXED, LACKING]


def dump(*claims: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return settle(claims, facts or None, on_year=2026).model_dump("json")


def test_as_data() -> None:
    data = dump(*ALL)
    told = [
        (c["id"], c["enterprise"], c["code"], c["nature"], c["standing"], c["status"], c["draft"])
        for c in data["claims"]
    ]
    assert told == [
        ("A1", "示例企业01", "91350199MA00000015", "upper_bound", "at_most", "zero", False),
        ("A2", "示例企业01", "91350199MA00000015", "upper_bound", "at_most", "paid", False),
        ("A3", "示例企业02", None, "entitlement", "draft", "paid", True),
        ("A4", "示例企业03", None, "entitlement", "due", "paid", False),
        ("A5", "示例企业04", None, "upper_bound", "at_most", "pending", False),
    ]  # fmt: skip
    assert data["totals"] == {
        "claims": 5, "paid": 3, "zero": 1, "pending": 1, "decided": "1500000.00", "payable": "1200000.00",
        "due": "300000.00", "at_most": "400000.00", "draft": "500000.00",
        "payers": {"city": "1050000.00", "county": "150000.00"},
    }  # fmt: skip
    assert (data["pending"], data["draft"]) == (["A5"], ["A3"])
    drafts, bounds, pending = data["warnings"]
    assert drafts == "其中 1 笔、500,000.00 元依据征求意见稿测算，不作兑现依据。"
    assert bounds.startswith("其中 1 笔、400,000.00 元是测算上限") and pending.startswith("其中 1 笔还缺资料")


def test_a_reviewed_upper_bound_is_owed() -> None:
    data = dump({**DIGITAL, "reviewed": "35万元"})
    assert data["claims"][0]["standing"] == "due" and data["totals"]["due"] == "350000.00" and data["warnings"] == []


def test_what_is_owed_and_what_is_not_is_never_one_sum() -> None:
    settlement = settle(ALL, on_year=2026)
    assert (
        totals_text(settlement)
        == "应付合计 300,000.00 元，测算上限合计 400,000.00 元，征求意见稿测算合计 500,000.00 元"
    )
    assert capitals(settlement).split("　　") == [
        "应付合计大写：叁拾万元整", "测算上限合计大写：肆拾万元整", "征求意见稿测算合计大写：伍拾万元整",
    ]  # fmt: skip
    assert totals_text(settle([], on_year=2026)) == "应付合计 0.00 元"


def test_what_was_compared() -> None:
    (item,) = dump(TECH, DIGITAL)["compared"]
    assert (item["enterprise"], item["claims"], item["tried"]) == ("示例企业01", ["A1", "A2"], 2)
    assert item["options"] == [
        {"stand": [["A2"]], "total": "400000.00", "taken": True},
        {"stand": [["A1"]], "total": "300000.00", "taken": False},
    ]
    (place,) = item["places"]
    assert (place["of"], place["elective"], place["elected"]) == ("一期", True, None)
    assert {tuple(b["stand"]): b["total"] for b in place["best"]} == {("A1",): "300000.00", ("A2",): "400000.00"}
    assert dump(DIGITAL)["compared"] == []


def test_of_equal_combinations_the_one_taken_comes_first() -> None:
    """1000万×3%＝30万 与 150万×20%＝30万：取先申报的一项。"""
    (item,) = dump(TECH, {**DIGITAL, "inputs": {"investment": "150万元"}})["compared"]
    assert [(o["stand"], o["taken"]) for o in item["options"]] == [([["A1"]], True), ([["A2"]], False)]


def test_what_an_election_changes() -> None:
    """The enterprise chose the lower: 30万 is paid, and what the other would have paid is still told."""
    data = dump(TECH, DIGITAL, choices={"一期": "A1"})
    assert [c["payable"] for c in data["claims"]] == ["300000.00", "0.00"]
    (item,) = data["compared"]
    assert [(o["stand"], o["total"], o["taken"]) for o in item["options"]] == [
        ([["A2"]], "400000.00", False), ([["A1"]], "300000.00", True),
    ]  # fmt: skip
    assert item["places"][0]["elected"] == "A1"
    noted = dump(TECH, DIGITAL, choices={"一期": "A1", "三期": "A9"})  # 三期 is no project of the list: a note
    assert noted["compared"] == data["compared"]


def test_an_election_of_one_project_leaves_the_others_free() -> None:
    """一期选 30万（本可 40万）；二期未选，取 60万×… 2000万×3%＝60万 与 200万×20%＝40万 的高者。"""
    second = [
        {**TECH, "id": "B1", "project": "二期", "inputs": {"investment": "2000万元"}},
        {**DIGITAL, "id": "B2", "project": "二期"},
    ]
    data = dump(TECH, DIGITAL, *second, choices={"一期": "A1"})
    assert [c["payable"] for c in data["claims"]] == ["300000.00", "0.00", "600000.00", "0.00"]
    (item,) = data["compared"]
    best = max(Decimal(o["total"]) for o in item["options"])
    assert (item["tried"], best) == (4, 1_000_000)
    assert [o["stand"] for o in item["options"] if o["taken"]] == [[["A1"], ["B1"]]]
    # 另一项目选了的照旧：二期选数智化是 30＋40，一期改选数智化是 40＋60
    assert [{tuple(b["stand"]): b["total"] for b in place["best"]} for place in item["places"]] == [
        {("A1",): "900000.00", ("A2",): "1000000.00"}, {("B1",): "900000.00", ("B2",): "700000.00"},
    ]  # fmt: skip


def test_no_more_than_twenty_combinations_are_told(tmp_path: Path) -> None:
    """五个项目各两种：32 种组合；十笔各 30万、40万，取五个 40万。"""
    claims = [{**one, "id": f"{one['id']}-{n}", "project": f"项目{n}"} for n in range(5) for one in (TECH, DIGITAL)]
    (item,) = dump(*claims)["compared"]
    assert (item["tried"], len(item["options"])) == (32, 20)
    assert item["options"][0] == {"stand": [[f"A2-{n}"] for n in range(5)], "total": "2000000.00", "taken": True}
    listed = read_claims(claims)
    write_settlement(listed, settle(listed, on_year=2026), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["合并说明"]
    assert sheet.cell(24, 4).value == "另有 12 种合计不更高的组合，没有列出"


def test_what_was_elected_is_told_however_little_it_pays() -> None:
    """六个项目各 30万 或 40万；第六个的数智化 100万，选了 30万：合计 230万，排在 32 种之后，仍然列出。"""
    claims = [{**one, "id": f"{one['id']}-{n}", "project": f"项目{n}"} for n in range(6) for one in (TECH, DIGITAL)]
    claims[-1]["inputs"] = {"investment": "500万元"}
    (item,) = dump(*claims, choices={"项目5": "A1-5"})["compared"]
    assert (item["tried"], len(item["options"])) == (64, 21)
    stand = [[f"A2-{n}"] for n in range(5)] + [["A1-5"]]
    assert item["options"][-1] == {"stand": stand, "total": "2300000.00", "taken": True}


def test_the_sheet_of_combinations(tmp_path: Path) -> None:
    claims = read_claims([TECH, DIGITAL])
    write_settlement(claims, settle(claims, on_year=2026), tmp_path / "a.xlsx")
    made = openpyxl.load_workbook(tmp_path / "a.xlsx")
    rows = [x for name in ("合并说明", "企业自选") for x in made[name].iter_rows(values_only=True) if x[0] == 1]
    assert [(row[3], row[4], row[5]) for row in rows] == [
        ("一期：A2（数智化项目软硬件投资补助）", 400000, "采用"), ("一期：A1（技改设备补助）", 300000, "少 100,000.00 元"),
        ("A1（技改设备补助）", 300000, "少 100,000.00 元"), ("A2（数智化项目软硬件投资补助）", 400000, "现在采用"),
    ]  # fmt: skip
    assert all("附件3 七2 前段" in row[6] for row in rows)


def test_two_rules_over_one_project_are_told_apart(tmp_path: Path) -> None:
    """附件2 七、附件3 七2：1000万×3%＝30万，另一边 200万×20%＝40万；企业选了创新中心的 30万。"""
    centre = {**TECH, "rule": "innovation_center_tech_upgrade"}
    claims = read_claims([centre, DIGITAL])
    write_settlement(claims, settle(claims, {"choices": {"一期": "A1"}}, on_year=2026), tmp_path / "a.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "a.xlsx")["合并说明"].iter_rows(values_only=True))
    (taken,) = [row for row in rows if row[5] == "采用（按企业所选）"]
    assert (taken[3], taken[4]) == (
        "一期（按附件2 七 第二句）：A1（制造业创新中心参照技改政策补助）；\n一期（按附件3 七2 前段）：A1（制造业创新中心参照技改政策补助）",
        300000,
    )


def test_the_ledger_has_code_object_nature_and_articles(tmp_path: Path) -> None:
    claims = read_claims([{**TECH, "object": "园区甲"}, DIGITAL])
    write_settlement(claims, settle(claims, on_year=2026), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx", data_only=True)["兑付台账"]
    heads = [str(cell.value).replace("\n", "") for cell in sheet[3]]
    first, second = ({h: c.value for h, c in zip(heads, sheet[n], strict=True)} for n in (4, 5))
    assert (first["统一社会信用代码"], first["对象"], second["对象"]) == ("91350199MA00000015", "园区甲", "—")
    assert second["性质"] == "测算上限" and second["测算上限（元）"] == 400000
    assert "应付（元）" not in heads, "an upper bound is never called 应付"
    assert "（附件3 七2 前段，核减 300,000.00元）" in first["核减原因"]


def ledger(path: Path, *claims: dict[str, Any], **facts: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"on_year": 2026, "claims": claims, "facts": facts}), encoding="utf-8")
    return path


def test_several_lists_with_the_same_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """两份清单都有 A1：同一企业两个项目，2亿×3%＝600万封顶 500万，当年合用；名次和选择跟着编号走。"""
    one = ledger(tmp_path / "a" / "台账.json", {**TECH, "inputs": {"investment": "20000万元"}})
    two = ledger(tmp_path / "b" / "台账.json", {**TECH, "project": "二期"}, ranks={"A1": 3})
    assert main(["settle", str(one), str(two), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [(c["id"], c["payable"]) for c in data["claims"]] == [("1-A1", "5000000.00"), ("2-A1", "0.00")]
    assert "1- 是 a/台账.json，2- 是 b/台账.json" in data["told"][0]
    assert main(["settle", str(one), str(two)]) == 0
    assert "没有漏掉哪一笔" in capsys.readouterr().out


def test_numbers_that_differ_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = ledger(tmp_path / "a.json", TECH), ledger(tmp_path / "b.json", DIGITAL)
    assert main(["settle", str(one), str(two), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [c["id"] for c in data["claims"]] == ["A1", "A2"] and "told" not in data
    assert [c["payable"] for c in data["claims"]] == ["0.00", "400000.00"], "settled together"


PAID = {
    "enterprise": "示例企业01",
    "city": "fuzhou",
    "rule": "tech_upgrade",
    "year": 2026,
    "amount": "480万元",
    "project": "旧项目",
}


def test_the_same_payment_in_two_lists_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """已付 480万：还可付 20万；两份清单各写一遍，只算一次，并说明。"""
    one = ledger(tmp_path / "a.json", TECH, prior_payments=[PAID])
    two = ledger(tmp_path / "b.json", DRAFT, prior_payments=[PAID])
    assert main(["settle", str(one), str(two), "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["claims"][0]["payable"] == "200000.00"
    assert "只算一次：示例企业01 2026 年 4,800,000.00 元" in data["notes"][0]["text"]


def test_facts_of_their_own_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    claims = ledger(tmp_path / "a.json", TECH)
    facts = tmp_path / "事实.xlsx"
    assert main(["settle", "--blank", str(facts)]) == 0
    book = openpyxl.load_workbook(facts)
    for column, value in enumerate(PAID.values(), 1):
        book["已兑付"].cell(4, column, value)
    del book["申报"]
    book.save(facts)
    capsys.readouterr()
    assert main(["settle", str(claims), "--facts", str(facts), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["claims"][0]["payable"] == "200000.00"


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({"pools": {"x": 1}}, {"pools": {"x": 2}}, "“资金”的“x”"),
        ({"ranks": {"A1": 1}}, {"ranks": {"A1": 2}}, "“名次”的“A1”"),
        ({"uplift_budget": 1}, {"uplift_budget": 2}, "“设置”的“上浮预算”"),
        ({"fiscal_contribution": {"甲": {2025: 1}}}, {"fiscal_contribution": {"甲": {2025: 2}}}, "“财政贡献”的“甲”"),
    ],
)
def test_two_figures_for_one_thing(
    first: dict[str, Any], second: dict[str, Any], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = ledger(tmp_path / "a.json", TECH, **first), ledger(tmp_path / "b.json", DIGITAL, **second)
    assert main(["settle", str(one), str(two)]) == 1
    assert said in capsys.readouterr().err


def test_years_of_two_lists_are_put_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = ledger(tmp_path / "a.json", TECH, fiscal_contribution={"甲": {2025: 1}})
    two = ledger(tmp_path / "b.json", DIGITAL, fiscal_contribution={"甲": {2026: 2}}, pools={"fz26_software_fund": 1})
    assert main(["settle", str(one), str(two), "--json"]) == 0
    capsys.readouterr()


def test_claims_in_a_file_of_facts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = ledger(tmp_path / "a.json", TECH), ledger(tmp_path / "b.json", DIGITAL)
    assert main(["settle", str(one), "--facts", str(two)]) == 1
    assert "却有 1 笔申报" in capsys.readouterr().err


def test_ids_of_many_claims() -> None:
    """八个以内全写，多的写前八个和“等”。"""
    works = [Work(claim, 0, 2026, "") for claim in read_claims([{**TECH, "id": f"A{i}"} for i in range(1, 10)])]
    assert ids(works[:8]) == "A1、A2、A3、A4、A5、A6、A7、A8"
    assert ids(works) == "A1、A2、A3、A4、A5、A6、A7、A8等"


def test_why_what_is_more_on_paper_gives_way() -> None:
    """附件3 一、二、七2: 2000万×3%=60 on paper, of 500 only 20 are left after 480; the loan's 2000万×2%=40 is more."""
    paid = {
        "enterprise": "示例企业01",
        "city": "fuzhou",
        "rule": "tech_upgrade",
        "year": 2026,
        "amount": "480万元",
        "project": "零期",
    }
    firm = {"enterprise": "示例企业01", "city": "fuzhou", "on": "2026-06-30", "project": "一期"}
    device = {**firm, "id": "A", "rule": "tech_upgrade", "inputs": {"investment": "2000万元"}}
    loan = {
        **firm,
        "id": "B",
        "rule": "tech_loan_interest",
        "loan": "甲行",
        "inputs": {"loan_balance": "2000万元", "days": 365},
    }
    (cut,) = settle([device, loan], {"prior_payments": [paid]}, on_year=2026).claims[0].cuts
    assert cut.reason.endswith("保留申报 B（400,000.00元，封顶、以前兑付等都计入后合计最高）")
    (cut,) = settle([{**device, "inputs": {"investment": "1000万元"}}, loan], on_year=2026).claims[0].cuts
    assert cut.reason.endswith("保留申报 B（400,000.00元，合计最高）")


def test_what_a_years_sum_adds_nobody_has_reviewed() -> None:
    """附件3 一: 600万 is 18 and reviewed; with 200万 more the year is due 24: the 6 of the second are an upper bound."""
    first = {"id": "A", "enterprise": "示例企业01", "city": "fuzhou", "rule": "tech_upgrade", "on": "2026-06-30", "project": "一期",
             "reviewed": "18万元", "inputs": {"investment": "600万元"}}  # fmt: skip
    more = {**first, "id": "B", "on": "2026-09-30", "reviewed": "0", "inputs": {"investment": "200万元"}}
    assert [(c.payable, c.standing) for c in settle([first, more], on_year=2026).claims] == [
        (180000, "due"),
        (60000, "at_most"),
    ]


def test_why_a_kind_gives_way_to_one_that_is_paid_nothing() -> None:
    """附件5 三1：一期 200 万本身为零，与二期 200 万合计够 300 万，所以同项目的数智化让位。"""
    claims = [
        {**FIRM, "id": "B1", "rule": "srdi_tech_upgrade", "inputs": {"investment": "200万元"}},
        {**FIRM, "id": "B2", "rule": "srdi_tech_upgrade", "project": "二期", "inputs": {"investment": "200万元"}},
        {**FIRM, "id": "B3", "rule": "digital_project", "inputs": {"investment": "50万元"}},
    ]
    result = settle(claims, on_year=2026)
    assert [c.payable for c in result.claims] == [0, 120_000, 0]
    assert result.claims[2].cuts[0].reason.endswith("保留申报 B1（计入全年合计，合计最高）")


@pytest.mark.parametrize(("budget", "why"), [("15万元", "按标准金额上浮"), ("12万元", "按比例分配上浮预算")])
def test_why_an_increment_is_what_it_is(budget: str, why: str) -> None:
    """附件1 四、附件2 七：100 万×30%＝30 万，上浮 15 万，预算正好够的不算按比例。"""
    claim = {**FIRM, "id": "C1", "rule": "pilot_test_income", "inputs": {"income": "100万元"}}
    facts = {"chain_enterprises": [FIRM["code"]], "uplift_budget": budget}
    assert settle([claim], facts, on_year=2026).claims[0].cuts[0].reason.endswith(why)


@pytest.mark.parametrize(
    ("rule", "amounts", "why"),
    [
        # 附件3 三：800万×20%＝160万，500万×20%＝100万只余 40万
        ("digital_project", ("800万元", "500万元"), "每个企业每年合计不超过封顶；封顶 2,000,000.00元，此前已占用 1,600,000.00元"),
        # 附件3 一：1亿×3%＝300万，8000万×3%＝240万只余 200万
        ("tech_upgrade", ("1亿元", "8000万元"), "每个企业每年合计不超过几条合用的封顶；封顶 5,000,000.00元，此前已占用 3,000,000.00元"),
    ],
)  # fmt: skip
def test_which_limit_is_used_up(rule: str, amounts: tuple[str, str], why: str) -> None:
    claims = [
        {**FIRM, "id": f"D{i}", "rule": rule, "project": f"第{i}期", "inputs": {"investment": amount}}
        for i, amount in enumerate(amounts)
    ]
    assert [c.reason for c in settle(claims, on_year=2026).claims[1].cuts] == [why]


def test_which_support_bars() -> None:
    """附件3 七3：国债支持的项目不再享受。"""
    facts = {"external_support": [{"project": "一期", "kind": "bond"}]}
    assert settle([TECH], facts, on_year=2026).claims[0].cuts[0].reason.endswith("一期 已获超长期特别国债")


@pytest.mark.parametrize(
    ("rule", "item", "said", "whole"),
    [("platform_sme_award", "smes", "6", "12家"), ("erp_software", "spend", "30万元", "600,000.00元")],
)
def test_what_a_years_sum_is_of(rule: str, item: str, said: str, whole: str) -> None:
    """晋江 二（一）6＋6＝12家得10万；二（二）30＋30＝60万得5万：第一笔为零，第二笔得全部。"""
    base = {"enterprise": "示例企业01", "city": "jinjiang", "rule": rule, "on": "2023-06-30", "inputs": {item: said}}
    result = settle([{**base, "id": "E1"}, {**base, "id": "E2"}], on_year=2023)
    assert result.claims[0].payable == 0
    assert (
        f"合计 {whole}，全年应付 {result.claims[1].payable:,.2f}元，前几笔已计 0.00元"
        in result.claims[1].cuts[0].reason
    )


def test_what_claims_say_differently_is_called_so() -> None:
    """附件3 七3：一期一笔说已享受国债，一笔没有说。"""
    bond = {**TECH, "inputs": {"investment": "1000万元", "bond_supported": True}}
    claims = read_claims([bond, DIGITAL])
    notes = [note for note in settle(claims, on_year=2026).notes if note.code == "contrary"]
    assert {(note.claim, note_words(note), note.holds) for note in notes} == {
        ("A1", "几笔申报说法不一", True), ("A2", "几笔申报说法不一", True),
    }  # fmt: skip


def test_what_is_taken_off_the_higher_is_said_by_where_it_came_from() -> None:
    """附件4 四：3000×1%＝30，减以前技改贴息5；晋江 三（一）：100×15%＝15，减性质相似的扶持2。"""
    loan = {
        **TECH,
        "rule": "software_loan_interest",
        "loan": "甲行",
        "inputs": {"loan_balance": "3000万元", "days": 365},
    }
    paid = {
        "enterprise": loan["enterprise"],
        "city": "fuzhou",
        "rule": "tech_loan_interest",
        "year": 2026,
        "amount": "5万元",
    }
    paid |= {"project": loan["project"], "loan": "甲行", "days": 100, "principal": "300万元"}
    (one,) = dump(loan, prior_payments=[paid])["claims"]
    assert one["payable"] == "250000.00"
    assert [c["reason"].partition("：")[2] for c in one["cuts"]] == [
        "同一范围以前已兑现另一项 50,000.00元，只付超过部分"
    ]
    platform = {
        **TECH,
        "city": "jinjiang",
        "rule": "platform_build",
        "on": "2024-06-30",
        "inputs": {"investment": "100万元"},
    }
    support = [{"project": platform["project"], "kind": "similar_support", "amount": "2万元"}]
    (one,) = dump(platform, external_support=support, fiscal_contribution={platform["enterprise"]: {2024: "1亿元"}})[
        "claims"
    ]
    assert one["payable"] == "130000.00"
    assert [c["reason"].partition("：")[2] for c in one["cuts"]] == ["同一范围已获其他支持 20,000.00元，只付超过部分"]


def test_support_on_a_loan_whose_project_is_known_is_not_asked_of_a_claim_without_one() -> None:
    """附件3 七2：甲行的贷款属一期，一期的贴息不付；没有写项目的技改照付，提示的是项目。"""
    loan = {**TECH, "rule": "tech_loan_interest", "loan": "甲行", "inputs": {"loan_balance": "1000万元", "days": 365}}
    nameless = {**TECH, "id": "A9", "project": None}
    support = [{"loan": "甲行", "kind": "provincial_loan_interest"}]
    one, other = dump(loan, nameless, external_support=support)["claims"]
    assert (one["payable"], other["payable"]) == ("0.00", "300000.00")
    assert other["notes"] and not any("未写贷款" in note["text"] for note in other["notes"])


def test_an_upper_bound_of_one_yuan_is_one() -> None:
    """附件3 三：5元×20%＝1元、4元×20%＝0.80元，都是测算上限。"""
    for investment, told in (("5元", "1 笔、1.00 元"), ("4元", "1 笔、0.80 元")):
        claim = read_claims([{**DIGITAL, "inputs": {"investment": investment}}])
        assert any(told in text for text in settle(claim, None, on_year=2026).warnings)
