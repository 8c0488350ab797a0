"""What enterprises may apply for: known, presumed and unknown told apart, settled together; the files of it."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from xlpolicy.cli import main
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.adopted import Adopted
from xlpolicy.money import clean
from xlpolicy.settle.facts import Facts
from xlpolicy.settle.match import Standing, match
from xlpolicy.settle.match_book import write_standings
from xlpolicy.settle.profile import (
    FIXED,
    Profile,
    ProfileError,
    enterprises,
    facts_of,
    lines,
    provisions,
    read_profiles,
    write_blank,
)
from xlpolicy.words.fact_names import FactNames, same_facts

ON = dt.date(2026, 6, 30)
CATALOG = catalogs.default()
INVESTMENT = "年度技改设备（含软件）实际投资额（不含增值税）"
BOND = "项目已享受发改委牵头的超长期特别国债设备更新资金"
LOAN = {
    "实际投放贷款余额": "5000万元",
    "计息天数": 200,
    "贷款年利率": "3.5%",
    "属技改项目的金融机构贷款": "是",
    "属市重点技改项目": "是",
    "本次计息起日": dt.date(2025, 10, 1),
    "本次计息止日（含当日）": dt.date(2026, 4, 18),
    "项目首笔贷款投放日期": dt.date(2025, 10, 1),
}


def standings(stated: dict[str, Any], facts: Facts | None = None, kind: str = "enterprise") -> dict[str, Standing]:
    profile = Profile("示例企业01", None, kind, {clean(name): value for name, value in stated.items()})
    found = provisions(CATALOG, ON, "fuzhou")
    made = match([profile], found, ON, catalog=CATALOG, facts=facts)
    assert len(made) == len(found)
    return {standing.found.rule.id: standing for standing in made}


def test_a_presumed_condition_is_not_payable() -> None:
    """附件3 一, 七3: 800万元 × 3% — but nobody said that no bond paid for it."""
    one = standings({INVESTMENT: "800万元"})["tech_upgrade"]
    assert (one.kind, one.payable, one.lacks) == ("presumed", Decimal("240000.00"), (BOND,))
    one = standings({INVESTMENT: "800万元", BOND: "否"})["tech_upgrade"]
    assert (one.kind, one.payable, one.lacks) == ("payable", Decimal("240000.00"), ())
    assert one.defaults == ("同一投资的含增值税金额", "本企业本年度技改补助已兑现金额")
    one = standings({INVESTMENT: "800万元", BOND: "是"})["tech_upgrade"]
    assert (one.kind, one.payable) == ("refused", 0) and BOND in one.reasons[0]


def test_one_fact_missing() -> None:
    """附件1 一 第三句 also asks how long ago the enterprise grew."""
    one = standings({INVESTMENT: "800万元", BOND: "否"})["scaleup_tech_upgrade"]
    assert (one.kind, one.lacks) == ("missing", ("升规后第几个年度（当年为0）",))


def test_a_blank_that_may_turn_the_refusal_is_asked() -> None:
    """480万元 net may be 500万元 with VAT, by which the threshold is tested."""
    one = standings({INVESTMENT: "480万元", BOND: "否"})["tech_upgrade"]
    assert (one.kind, one.lacks) == ("missing", ("同一投资的含增值税金额",))
    assert standings({INVESTMENT: "300万元", BOND: "否"})["tech_upgrade"].kind == "refused"


def test_settled_together() -> None:
    """附件3 七2: of one project's investment and loan only one; 5000万元 × 2% × 200 ÷ 365 is more than 24万元."""
    made = standings({INVESTMENT: "800万元", BOND: "否", **LOAN})
    assert (made["tech_loan_interest"].kind, made["tech_loan_interest"].payable) == ("payable", Decimal("547945.21"))
    other = made["tech_upgrade"]
    assert (other.kind, other.decided, other.payable) == ("instead", Decimal("240000.00"), 0)
    assert "技改项目贷款贴息" in other.reasons[0] and "附件3 七2" in other.reasons[0]


def test_another_project_is_another_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """附件3 七2 forbids both for one project only: the investment of one and the loan of another are both paid."""
    one = {"单位名称": "甲公司", "统一社会信用代码": "91350100M000100Y43", INVESTMENT: "800万元", BOND: "否"}
    two = {"单位名称": "甲公司", "项目或贷款名称": "二期", BOND: "否", **LOAN}
    other = {"单位名称": "乙公司", INVESTMENT: "800万元", BOND: "否"}
    path = filled(tmp_path / "企业档案.xlsx", one, two, other)
    groups = enterprises(read_profiles(path, CATALOG))
    assert [[(p.name, p.project) for p in group] for group in groups] == [
        [("甲公司", "第 1 个项目"), ("甲公司", "二期")], [("乙公司", "")],
    ]  # fmt: skip
    found = provisions(CATALOG, ON, "fuzhou")
    made = match(groups[0], found, ON, catalog=CATALOG)
    assert [(s.title, s.kind, s.payable) for s in made if s.kind == "payable"] == [
        ("技改项目贷款贴息（二期）", "payable", Decimal("547945.21")),
        ("技改设备补助（第 1 个项目）", "payable", Decimal("240000.00")),
    ]
    # of the first every provision is told, of the others what they state something of
    assert len([s for s in made if s.profile.project != "二期"]) == len(found)
    assert all(s.kind != "unknown" for s in made if s.profile.project == "二期")
    path = filled(tmp_path / "一家.xlsx", one, two)
    assert main(["match", str(path), "--on", str(ON)]) == 0
    told = capsys.readouterr().out
    assert "2 个项目（第 1 个项目、二期）一起核算，合计 787,945.21 元" in told


def test_two_projects_alike_are_both_told() -> None:
    """附件3 一：两个项目各800万，各24万。"""
    stated = {clean(INVESTMENT): "800万元", clean(BOND): "否"}
    projects = [Profile("甲公司", None, "enterprise", stated, project=name) for name in ("一期", "二期")]
    found = [x for x in provisions(CATALOG, ON, "fuzhou") if x.rule.id in ("tech_upgrade", "digital_project")]
    made = match(projects, found, ON, catalog=CATALOG)
    assert sorted((s.profile.project, s.payable) for s in made if s.found.rule.id == "tech_upgrade") == [
        ("一期", 240_000), ("二期", 240_000),
    ]  # fmt: skip


def test_what_is_presumed_takes_nothing_from_what_is_certain() -> None:
    """The loan is only presumed to be for the project: the investment stays payable, the loan says what it would cost."""
    known = {INVESTMENT: "800万元", BOND: "否", **LOAN}
    made = standings({name: value for name, value in known.items() if name != "属技改项目的金融机构贷款"})
    loan = made["tech_loan_interest"]
    assert (loan.kind, loan.payable, loan.lacks) == (
        "presumed", Decimal("547945.21"), ("属技改项目的金融机构贷款",),
    )  # fmt: skip
    assert loan.reasons[-1] == "成立的话，“技改设备补助”少 240,000.00 元"
    assert (made["tech_upgrade"].kind, made["tech_upgrade"].payable) == ("payable", Decimal("240000.00"))


def test_days_alone_presume_that_the_loan_is_young_enough() -> None:
    """附件3 二: 2年 from the first drawdown. Of 200 days alone nobody knows; of a loan of 2020 nothing is left."""
    days = ("本次计息起日", "本次计息止日（含当日）", "项目首笔贷款投放日期")
    known = {name: value for name, value in LOAN.items() if name not in days} | {BOND: "否"}
    one = standings(known)["tech_loan_interest"]
    assert (one.kind, one.payable, one.lacks) == ("presumed", Decimal("547945.21"), days)
    one = standings(known | {name: LOAN[name] for name in days[:2]})["tech_loan_interest"]
    assert (one.kind, one.lacks) == ("presumed", days[2:])
    old = {name: LOAN[name] for name in days[:2]} | {days[2]: dt.date(2020, 1, 1)}
    one = standings(known | old)["tech_loan_interest"]
    assert (one.kind, one.payable) == ("refused", 0)


def test_a_limit_that_nobody_stated_is_told() -> None:
    """附件1 四: half of 100万元 more, within the budget and the ceiling of that policy, of which nobody said anything."""
    known = {"按现行标准核定的金额": "100万元", "属重点产业链中影响面广、带动力强、研发能力突出的制造业企业": "是"}
    one = standings(known)["chain_uplift"]
    assert one.decided == Decimal("1500000.00")
    assert "没有按它限制" in one.reasons[0] and "该政策的封顶金额" in one.reasons[0]
    one = standings(known | {"该政策的封顶金额": "120万元", "可用于上浮部分的预算余额": "100万元"})["chain_uplift"]
    assert one.decided == Decimal("1200000.00") and not any("没有按它限制" in reason for reason in one.reasons)


def test_what_is_presumed_is_sorted_by_money() -> None:
    """附件3 四: 20万元 lacks two facts, 附件3 六2: 50% × 30万元 = 15万元 one: the larger amount stands first."""
    made = standings({BOND: "否", "云化工业软件费用": "30万元"})
    shown = [(one.payable, len(one.lacks)) for one in made.values() if one.kind == "presumed"]
    assert shown == [(Decimal("200000.00"), 2), (Decimal("150000.00"), 1)]


def test_a_title_is_stated_for_each_provision() -> None:
    """A new 企业技术中心 says nothing of any other title, nor how many awards there are."""
    level, new = "认定层级〔企业技术中心认定奖励〕", "属新认定（新获评、新入选）〔企业技术中心认定奖励〕"
    made = standings({level: "国家级", new: "是"})
    assert {name for name, one in made.items() if one.kind in ("payable", "presumed")} == {"tech_center"}
    assert made["design_center"].kind == "unknown"
    assert {clean("认定层级"), clean("入选数"), clean("省级奖励金额")}.isdisjoint(same_facts())


def test_what_is_instead_is_called_by_its_title_and_what_is_no_amount_is_refused() -> None:
    """附件3 七2：800×3%＝24，50×20%＝10，付24；金额写成字的，两条都不能测算。"""
    known = {INVESTMENT: "800万元", BOND: "否", "数智化软硬件实际投资额（不含增值税）": "50万元"}
    known["成效（应用效果）已获认定〔数智化项目软硬件投资补助〕"] = "是"
    one = standings(known)["digital_project"]
    assert one.kind == "instead" and any("“技改设备补助”" in reason for reason in one.reasons)
    refused = standings({INVESTMENT: "很多", BOND: "否"})["tech_upgrade"]
    assert refused.kind == "refused" and "“很多”" in refused.reasons[0]


def test_the_measure_is_never_presumed() -> None:
    """附件3 四: 一项 is the default of a form; of a profile it has to be said."""
    new = "属新认定（新获评、新入选）〔国家级5G工厂名录奖励〕"
    one = next(s for s in standings({new: "是", BOND: "否"}).values() if s.found.rule.title == "国家级5G工厂名录奖励")
    assert (one.kind, one.lacks) == ("presumed", ("新入选数",))
    one = next(
        s
        for s in standings({new: "是", BOND: "否", "新入选数": 1}).values()
        if s.found.rule.title == "国家级5G工厂名录奖励"
    )
    assert (one.kind, one.payable) == ("payable", Decimal("200000.00"))


def test_paid_before_is_enjoyed() -> None:
    paid = {"enterprise": "示例企业01", "city": "fuzhou", "rule": "tech_upgrade", "year": 2026, "amount": "24万元"}
    one = standings({INVESTMENT: "800万元", BOND: "否"}, Facts.of({"prior_payments": [paid]}))["tech_upgrade"]
    assert one.enjoyed
    other = standings({INVESTMENT: "800万元", BOND: "否"}, Facts.of({"prior_payments": [paid | {"year": 2025}]}))
    assert not other["tech_upgrade"].enjoyed
    for back, enjoyed in (("-23.9999万元", True), ("-24万元", False)):  # 1元 is left, or nothing
        both = Facts.of({"prior_payments": [paid, paid | {"amount": back}]})
        assert standings({INVESTMENT: "800万元", BOND: "否"}, both)["tech_upgrade"].enjoyed is enjoyed
    coded = [
        paid | {"code": "91350100M000100Y43"},
        paid | {"enterprise": "示例 企业０１"},
        paid | {"enterprise": "别家"},
    ]
    told = [
        standings({INVESTMENT: "800万元", BOND: "否"}, Facts.of({"prior_payments": [one]}))["tech_upgrade"].enjoyed
        for one in coded
    ]
    assert told == [True, True, False]
    second = Profile("示例企业01", None, "enterprise", {clean(INVESTMENT): "800万元"}, project="二期")
    found = [x for x in provisions(CATALOG, ON, "fuzhou") if x.rule.id == "tech_upgrade"]
    named = [match([second], found, ON, catalog=CATALOG, facts=Facts.of({"prior_payments": [paid | x]}))[0].enjoyed
             for x in ({"project": "一期"}, {"project": "二期"}, {})]  # fmt: skip
    assert named == [False, True, True], "paid for another project it is not had yet"


def test_every_same_fact_is_a_label_of_several_provisions() -> None:
    labels = [clean(item.label) for _, rule in CATALOG.rules() for item in rule.inputs]
    assert [name for name, scope in same_facts().items() if labels.count(name) < (1 if scope else 2)] == []
    assert all("，" not in name for name in same_facts())


def test_provisions_of_one_city_do_not_name_it() -> None:
    listed = list(lines(facts_of(provisions(CATALOG, ON, "fuzhou"), FactNames(CATALOG))))
    assert len(listed) > 100 and not any("福州" in line[-1] for line in listed)


def test_names_tell_facts_apart() -> None:
    """One name, one fact: whatever shares a name is of one type."""
    names = FactNames(CATALOG)
    types: dict[str, set[Any]] = {}
    for document, rule in CATALOG.rules():
        for item in rule.inputs:
            types.setdefault(clean(names.of(document, rule, item)), set()).add((item.type, item.unit))
    assert {name: found for name, found in types.items() if len(found) > 1} == {}


# --- the files ---


def filled(path: Path, *columns: dict[str, Any], turned: bool = False) -> Path:
    write_blank(path, CATALOG, provisions(CATALOG, ON, "fuzhou"), enterprises=len(columns))
    book = openpyxl.load_workbook(path)
    sheet = book.active
    rows = {sheet.cell(row, 2).value: row for row in range(4, sheet.max_row + 1)}
    for place, values in enumerate(columns):
        for name, value in values.items():
            sheet.cell(rows[name], 6 + place).value = value
    if turned:
        grid = [[sheet.cell(row, c).value for c in (2, *range(6, 6 + len(columns)))] for row in rows.values()]
        sheet.delete_rows(1, sheet.max_row)
        for line in zip(*grid, strict=True):
            sheet.append(line)
    book.save(path)
    return path


def test_what_is_yes_or_no_has_a_drop_down(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(filled(tmp_path / "企业档案.xlsx", {"单位名称": "甲公司"})).active
    row = next(row for row in range(4, sheet.max_row + 1) if sheet.cell(row, 2).value == BOND)
    offered = [x.formula1 for x in sheet.data_validations.dataValidation if f"F{row}" in x.sqref]
    assert offered == ['"是,否"']


@pytest.mark.parametrize("turned", [False, True])
def test_read_as_it_was_filled(tmp_path: Path, turned: bool) -> None:
    one = {"单位名称": "甲公司", "统一社会信用代码": "91350100M000100Y43", INVESTMENT: "800万元", BOND: "否"}
    two = {"单位名称": "乙公司", "单位类型": "园区", INVESTMENT: 12345678.9, "贷款年利率": 0.035}
    read = read_profiles(filled(tmp_path / "企业档案.xlsx", one, two, turned=turned), CATALOG)
    assert [(p.name, p.code, p.kind) for p in read] == [
        ("甲公司", "91350100M000100Y43", "enterprise"), ("乙公司", None, "park"),
    ]  # fmt: skip
    assert read[0].stated == {clean(INVESTMENT): Decimal(8000000), clean(BOND): False}
    assert read[1].stated == {clean(INVESTMENT): Decimal("12345678.9"), clean("贷款年利率"): Decimal("0.035")}


def test_everything_wrong_by_its_cell(tmp_path: Path) -> None:
    path = filled(
        tmp_path / "企业档案.xlsx", {INVESTMENT: "约八百万", BOND: "不清楚"}, {"单位名称": "乙", "单位类型": "公司"}
    )
    book = openpyxl.load_workbook(path)
    sheet = book.active
    places = {sheet.cell(row, 2).value: row for row in range(1, sheet.max_row + 1)}
    sheet.cell(places[INVESTMENT] + 1, 2).value = "含税投次"
    sheet.cell(places[INVESTMENT] + 1, 6).value = 5
    book.save(path)
    with pytest.raises(ProfileError) as caught:
        read_profiles(path, CATALOG)
    found = {(problem.code, problem.cell) for problem in caught.value.problems}
    assert found == {
        ("heading", f"B{places[INVESTMENT] + 1}"), ("missing", f"F{places['单位名称']}"),
        ("invalid_value", f"F{places[INVESTMENT]}"), ("invalid_value", f"F{places[BOND]}"),
        ("not_a_choice", f"G{places['单位类型']}"),
    }  # fmt: skip


def test_a_sheet_of_one_fact(tmp_path: Path) -> None:
    """单位名称和另一项，就是企业档案。"""
    book = openpyxl.Workbook()
    for row in (("单位名称", "甲公司"), (INVESTMENT, "800万元")):
        book.active.append(row)
    book.save(tmp_path / "两行.xlsx")
    (read,) = read_profiles(tmp_path / "两行.xlsx", CATALOG)
    assert (read.name, list(read.stated)) == ("甲公司", [clean(INVESTMENT)])


def test_a_workbook_of_something_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.Workbook()
    book.active.append(["甲", 1])
    book.save(tmp_path / "别的.xlsx")
    assert main(["match", str(tmp_path / "别的.xlsx"), "--on", str(ON)]) == 1
    assert "match --blank" in capsys.readouterr().err


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = {"单位名称": "甲公司", INVESTMENT: "800万元", BOND: "否", **LOAN}
    level, new = "认定层级〔企业技术中心认定奖励〕", "属新认定（新获评、新入选）〔企业技术中心认定奖励〕"
    two = {"单位名称": "乙公司", level: "国家级", new: "是", "属工业和信息化领域": "是"}
    path = filled(tmp_path / "企业档案.xlsx", one, two)
    out = tmp_path / "清单.xlsx"
    assert main(["match", str(path), "--city", "福州", "--on", str(ON), "-o", str(out)]) == 0
    told = capsys.readouterr().out
    assert told.index("乙公司") < told.index("甲公司")  # the most money first
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["按企业", "按条款", "免申即享", "明细"]
    rows = list(book["按企业"].iter_rows(min_row=4, values_only=True))
    assert [(row[0], row[2], row[3]) for row in rows[:2]] == [("乙公司", 1, 2000000), ("甲公司", 1, 547945.21)]
    automatic = [row[:2] for row in book["免申即享"].iter_rows(min_row=4, values_only=True)]
    assert ("乙公司", "企业技术中心认定奖励") in automatic
    assert main(["match", str(path), "--on", str(ON), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    paid = {(one["enterprise"], one["rule"]): one["payable"] for one in data if one["status"] == "payable"}
    assert paid == {("甲公司", "tech_loan_interest"): "547945.21", ("乙公司", "tech_center"): "2000000.00"}


def test_the_lines_of_the_enterprise_are_on_the_blank(tmp_path: Path) -> None:
    path = tmp_path / "企业档案.xlsx"
    assert main(["match", "--blank", str(path), "--on", str(ON)]) == 0
    sheet = openpyxl.load_workbook(path).active
    labels = [sheet.cell(row, 2).value for row in range(4, sheet.max_row + 1)]
    assert labels[: len(FIXED)] == list(FIXED) and len(labels) == len(set(labels))
    names = FactNames(CATALOG)
    asked = {names.of(f.document, f.rule, item) for f in provisions(CATALOG, ON) for item in f.rule.inputs}
    assert set(labels[len(FIXED) :]) == asked


def test_the_bureaus_own_option_is_told(tmp_path: Path) -> None:
    """附件3 一: 480万元 without, 542.4万元 with 增值税 — the bureau holds the first against the threshold of 500万元."""
    own = CATALOG.adopting({"fuzhou-2026-5:vat_threshold": Adopted("net", "样工信〔2026〕8号")})
    stated = {INVESTMENT: "480万元", "同一投资的含增值税金额": "542.4万元", BOND: "否"}
    profile = Profile("示例企业01", None, "enterprise", {clean(name): value for name, value in stated.items()})
    found = [x for x in provisions(own, ON, "fuzhou") if x.rule.id in ("tech_upgrade", "digital_project")]
    made = {one.found.rule.id: one for one in match([profile], found, ON, catalog=own)}
    sentence = "本单位口径：门槛按不含税投资判断（样工信〔2026〕8号）"
    assert (made["tech_upgrade"].kind, made["tech_upgrade"].adopted) == ("refused", (sentence,))
    assert made["tech_upgrade"].as_dict()["adopted"] == [sentence]
    assert made["digital_project"].adopted == ()
    write_standings(list(made.values()), tmp_path / "清单.xlsx", on=ON)
    sheet = openpyxl.load_workbook(tmp_path / "清单.xlsx")["明细"]
    (reason,) = (str(row[-1]) for row in sheet.iter_rows(values_only=True) if row[1] == "技改设备补助")
    assert reason.endswith(sentence)


def test_one_enterprise_and_one_provision_are_counted(tmp_path: Path) -> None:
    """附件3 一：没有说国债的，待核实 1 条，还差一项 1 条；说了的可得 24万元。"""
    found = [CATALOG.find("fuzhou", "tech_upgrade", ON)]
    asked = {clean(INVESTMENT): "800万元"}
    for stated, row in ((asked, [0, 0, 1, 1, 0]), ({**asked, clean(BOND): "否"}, [1, 240000, 0, 0, 0])):
        made = match([Profile("示例企业01", None, "enterprise", stated)], found, ON, catalog=CATALOG)
        write_standings(made, tmp_path / "清单.xlsx", on=ON, force=True)
        book = openpyxl.load_workbook(tmp_path / "清单.xlsx")
        assert list(next(book["按企业"].iter_rows(min_row=4, values_only=True)))[2:] == row
        by_provision = list(next(book["按条款"].iter_rows(min_row=4, values_only=True)))
        assert (by_provision[0], by_provision[2:]) == ("技改设备补助", row)


def test_a_line_of_the_profile_names_four_provisions() -> None:
    told = {}
    facts = facts_of(provisions(CATALOG, ON, "fuzhou"), FactNames(CATALOG))
    asked = {fact.name: fact.asked for fact in facts.values()}
    for item, _, name, _, _, asking in lines(facts):
        if item is not None:
            titles = dict.fromkeys(found.rule.title for found in asked[name])
            told[len(titles)] = asking.removeprefix("、".join(list(titles)[:4]))
    assert set(told) >= {4, 8} and all(
        text == (f"等 {count} 条" if count > 4 else "") for count, text in told.items() if count >= 4
    )
