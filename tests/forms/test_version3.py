"""What version 3 of the form asks: the days that decide, every condition, the papers; facts of the bureau by list."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from xlpolicy.batch.fill import fill
from xlpolicy.batch.judge import judge
from xlpolicy.batch.record import Record
from xlpolicy.cli import main
from xlpolicy.forms.asked import papers
from xlpolicy.forms.bureau_list import BureauListError, read_facts, write_list
from xlpolicy.forms.design import write_form
from xlpolicy.forms.intake import read_returned
from xlpolicy.forms.layout import EARLIER, Layout, layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.law.looked_at import named

FIRM = {
    "ent_name": "示例企业01有限公司", "ent_uscc": "91350199MA00000015", "ent_county": "鼓楼区",
    "ent_legal_person": "示例", "ent_contact": "示例", "ent_phone": "0591-00000001",
    "ent_account_name": "示例企业01有限公司", "ent_account": "6200000000000000001", "ent_bank": "示例银行",
    "prj_name": "示例项目",
}  # fmt: skip


def plan(rule: str, document: str = "fuzhou-2026-5") -> Layout:
    known = catalog.default().documents[document]
    return layout(known, known.rules[rule])


def judged(
    tmp_path: Path, rule: str, document: str = "fuzhou-2026-5", bureau: Path | None = None, **cells: Any
) -> Record:
    """The record of one honest form; `cells` by field key, None empties."""
    sent = plan(rule, document)
    inbox = tmp_path / "收件"
    inbox.mkdir(exist_ok=True)
    values = {k: v for k, v in {**plainly(sent), **FIRM, **cells}.items() if v is not None}
    write_form(sent.document, sent.rule, inbox / "表.xlsx", prefill=values, force=True)
    (record,) = fill(inbox, tmp_path / "结果", progress=False, bureau=bureau).records
    return record


def told(record: Record) -> list[tuple[str, str]]:
    return [(p.code, p.item) for p in record.problems]


def test_an_honest_form_is_judged_by_its_own_dates(tmp_path: Path) -> None:
    """800万 × 3%; no date of the run: the form says both, and the claim carries them."""
    record = judged(tmp_path, "tech_upgrade", in_investment=800, prj_applied_on=dt.date(2026, 7, 1), prj_fact_on=2026)
    assert (record.place, record.amount) == ("已核定", Decimal("240000.00"))
    assert record.claim is not None
    assert (record.claim.on, record.claim.fact_on) == (dt.date(2026, 7, 1), dt.date(2026, 12, 31))


def test_the_fact_decides_which_document_applies(tmp_path: Path) -> None:
    """Invested in 2025: 榕2024 is in force, not 榕2026, though the form is sent in 2026."""
    record = judged(tmp_path, "tech_upgrade", in_investment=800, prj_applied_on=dt.date(2026, 3, 1), prj_fact_on=2025)
    assert record.place == "退回补正"
    assert [p.code for p in record.problems] == ["not_in_force"]


@pytest.mark.parametrize("key", ["prj_applied_on", "prj_fact_on", "in_bond_supported"])
def test_what_a_form_asks_is_never_presumed(tmp_path: Path, key: str) -> None:
    record = judged(tmp_path, "tech_upgrade", in_investment=800, **{key: None})
    assert record.place == "退回补正"
    assert told(record) == [("missing", key.removeprefix("in_"))]


def test_a_threshold_that_rests_on_a_blank_comes_back_with_its_cell(tmp_path: Path) -> None:
    record = judged(tmp_path, "tech_upgrade", in_investment=450)
    assert told(record) == [("undecided", "investment_with_vat")]
    assert record.problems[0].cell == plan("tech_upgrade").by_key["in_investment_with_vat"].address


def test_papers_follow_from_what_is_stated(tmp_path: Path) -> None:
    sent = plan("tech_upgrade")
    shown = [f.label for f in sent.fields if f.group == "att"]
    assert shown == list(papers(sent.rule)) == ["合同", "发票", "付款凭证"]
    record = judged(tmp_path, "tech_upgrade", in_investment=800, att_p3="否")
    assert told(record) == [("attachment_missing", "att_p3")]
    record = judged(tmp_path, "tech_upgrade", in_investment=800, att_p1=None)
    assert told(record) == [("missing", "att_p1")]


def test_a_condition_of_one_case_is_asked_in_that_case(tmp_path: Path) -> None:
    """附件3 二 第二句: with a rate of the centre the form wants to know of the key project."""
    cells = {"in_loan_balance": 1000, "in_days": 365, "prj_fact_on": dt.date(2026, 3, 1)}
    assert judged(tmp_path, "tech_loan_interest", **cells).amount == Decimal("200000.00")
    record = judged(tmp_path, "tech_loan_interest", **cells, in_central_rate="1.5%")
    assert told(record) == [("missing", "key_project")]
    record = judged(tmp_path, "tech_loan_interest", **cells, in_central_rate="1.5%", in_key_project="是")
    assert record.amount == Decimal("100000.00")  # 1000万 × (2.5% − 1.5%)


def test_facts_of_the_bureau_come_from_its_list(tmp_path: Path) -> None:
    """附件6 三1: the form asks for no tier; the second one of 60万, 5% of 2000万 is 100万."""
    sent = plan("order_ranking")
    assert "in_tier" not in sent.by_key
    record = judged(tmp_path, "order_ranking", in_order_total=2000, prj_fact_on=dt.date(2026, 6, 1))
    assert told(record) == [("bureau_fact", "tier")]
    assert "企业不必改动" in record.problems[0].remedy
    found = catalog.default().find("fuzhou", "order_ranking", dt.date(2026, 6, 30))
    blank = write_list(found, tmp_path / "名单.xlsx")
    book = openpyxl.load_workbook(blank)
    sheet = book.active
    headings = {cell.value: cell.column for cell in sheet[3]}
    assert list(headings) == ["统一社会信用代码", "单位名称", "条款", "项目名称", "名次所在档次"]
    sheet.cell(4, headings["统一社会信用代码"]).value = FIRM["ent_uscc"]
    sheet.cell(4, headings["名次所在档次"]).value = "第二档"
    book.save(blank)
    record = judged(tmp_path, "order_ranking", in_order_total=2000, prj_fact_on=dt.date(2026, 6, 1), bureau=blank)
    assert (record.place, record.amount) == ("已核定", Decimal("600000.00"))


def test_what_was_paid_before_comes_from_the_list(tmp_path: Path) -> None:
    """附件3 一: 500万 a year, 490万 of it paid: 10万 of the 24万."""
    found = catalog.default().find("fuzhou", "tech_upgrade", dt.date(2026, 6, 30))
    blank = write_list(found, tmp_path / "名单.xlsx")
    book = openpyxl.load_workbook(blank)
    sheet = book.active
    sheet["A4"], sheet["E4"] = FIRM["ent_uscc"], "490万元"
    book.save(blank)
    assert judged(tmp_path, "tech_upgrade", in_investment=800, bureau=blank).amount == Decimal("100000.00")
    sheet["E4"], sheet["C4"] = "很多", "技改设备补助"
    book.save(blank)
    with pytest.raises(BureauListError, match="E4"):
        read_facts(blank, catalog.default())


def listing(path: Path, *rows: tuple[Any, ...], sheets: int = 1) -> Path:
    """A list of 附件3 一 with these rows: code, name, provision, project, paid before; the last one on the last sheet."""
    book = openpyxl.Workbook()
    for sheet in [book.active, *(book.create_sheet() for _ in range(sheets - 1))]:
        sheet.append(["统一社会信用代码", "单位名称", "条款", "项目名称", "本企业本年度技改补助已兑现金额"])
    for row in rows[: len(rows) - (sheets > 1)]:
        book.worksheets[0].append(row)
    if sheets > 1:
        book.worksheets[-1].append(rows[-1])
    book.save(path)
    return path


def test_a_row_of_the_list_that_meets_no_form_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A slip in the code: 24万 is paid though 490万 of 500万 were, so the row is named. Brackets and spaces are no slip."""
    slip, right = FIRM["ent_uscc"][:-1] + "X", FIRM["ent_uscc"]
    rule = "技改设备补助"
    listed = listing(
        tmp_path / "名单.xlsx", (slip, "", rule, "", "490万元"), (right, "", rule, "示例 项目", "490万元"), sheets=2
    )
    record = judged(tmp_path, "tech_upgrade", in_investment=800, bureau=listed)
    assert record.amount == Decimal("100000.00")
    assert main(["fill", str(tmp_path / "收件"), "-o", str(tmp_path / "结果"), "--bureau", str(listed)]) == 0
    said = capsys.readouterr().out
    assert f"没有用上：Sheet!A2（{slip}，技改设备补助）。请核对代码" in said


def test_a_row_of_the_list_without_a_code_or_with_an_error_is_refused(tmp_path: Path) -> None:
    listed = listing(tmp_path / "名单.xlsx", ("", "示例企业01有限公司", "技改设备补助", "", "490万元"))
    with pytest.raises(BureauListError, match=r"Sheet!A2.*没有写统一社会信用代码"):
        read_facts(listed, catalog.default())
    book = openpyxl.load_workbook(listed)
    book.active["A2"], book.active["E2"] = FIRM["ent_uscc"], "=1/0"
    book.save(listed)
    with pytest.raises(BureauListError, match=r"E2"):
        read_facts(listed, catalog.default())


@pytest.mark.parametrize(
    ("place", "words", "said"),
    [
        ("B1", "单位：万元", r"Sheet!B1：表头写的是“单位：万元”"),
        ("G3", "暂缓", r"Sheet!G3：这一行旁边写有“暂缓”"),
        ("B3", "示例企业01有限公司（作废）", r"Sheet!B3：填的是“示例企业01有限公司（作废）”"),
    ],
)
def test_words_of_the_list_that_change_what_it_says_are_refused(
    tmp_path: Path, place: str, words: str, said: str
) -> None:
    """300 under 单位：万元 is 300万; a row that somebody put off, and one that he took back, are none."""
    listed = listing(tmp_path / "名单.xlsx", (FIRM["ent_uscc"], "示例企业01有限公司", "技改设备补助", "", 300))
    book = openpyxl.load_workbook(listed)
    book.active.insert_rows(1)
    book.active["A1"] = "主管部门名单：金额按元填（或写成 3万元）"
    book.save(listed)
    assert read_facts(listed, catalog.default()).facts
    book.active[place] = words
    book.save(listed)
    with pytest.raises(BureauListError, match=said):
        read_facts(listed, catalog.default())


def test_so_little_that_the_list_may_mean_it_in_wan_is_remarked_on(tmp_path: Path) -> None:
    """附件3 一: 490 元 or 490万 of the 500万; what was paid in yuan and is more than the cap in 万元 is not asked about."""
    for paid, asked in ((490, True), (6400, False), ("490万元", False)):
        row = (FIRM["ent_uscc"], "", "技改设备补助", "", paid)
        listed = listing(tmp_path / f"名单{paid}.xlsx", row)
        record = judged(tmp_path, "tech_upgrade", in_investment=800, bureau=listed)
        amount = "100000.00" if paid == "490万元" else "240000.00"
        assert (record.place, record.amount) == ("已核定", Decimal(amount))
        assert any("请核对是不是按万元填的" in hint for hint in record.hints) is asked


def test_what_an_earlier_form_says_otherwise_than_the_list_is_told_and_the_list_counts(tmp_path: Path) -> None:
    """The second version asked the enterprise what was paid before: it says 100万, the bureau's list 490万 of 500万."""
    sent = layout(*(plan("tech_upgrade").document, plan("tech_upgrade").rule), version="2")
    inbox = tmp_path / "收件"
    inbox.mkdir()
    values = {**plainly(sent), **FIRM, "in_investment": 800, "in_paid_before": 100}
    write_form(sent.document, sent.rule, inbox / "表.xlsx", prefill=values, version="2")
    listed = listing(tmp_path / "名单.xlsx", (FIRM["ent_uscc"], "", "技改设备补助", "", "490万元"))
    (record,) = fill(inbox, tmp_path / "结果", on="2026-06-30", progress=False, bureau=listed).records
    assert record.amount == Decimal("100000.00")
    assert any("1,000,000元，主管部门名单是 4,900,000元，按名单核定" in hint for hint in record.hints)


def test_the_list_is_written_by_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "名单.xlsx"
    call = ["form", "福州", "揭榜奖励", "--on", "2026-06-30", "--bureau", "-o", str(path)]
    assert main(call) == 0
    assert "--bureau" in capsys.readouterr().out and path.is_file()
    assert main(["form", "福州", "数智化标杆", "--on", "2026-06-30", "--bureau", "-o", str(path)]) == 2


@pytest.mark.parametrize(("document", "rule"), [(d, r) for d, r in catalog.default().rules() if r.amount is not None], ids=lambda x: getattr(x, "key", getattr(x, "id", "")))  # fmt: skip
def test_every_form_asks_for_both_days_and_no_fact_of_the_bureau(document: Any, rule: Any) -> None:
    now, before = layout(document, rule), layout(document, rule, version=EARLIER[-1])
    assert now.by_key["prj_applied_on"].required and now.by_key["prj_fact_on"].required
    assert not {f"in_{i.name}" for i in rule.inputs if i.by} & set(now.by_key)
    assert "prj_applied_on" not in before.by_key and "att_contract" in before.by_key
    assert set(now.by_key) >= {f"in_{i.name}" for i in rule.inputs if not i.by}


@pytest.mark.parametrize(
    ("document", "rule", "label", "before"),
    [
        ("fuzhou-2026-5", "software_contest", "办赛支出总额（推广宣传费、活动场地租金、设备租赁、展览搭建费等）", "办赛支出总额"),
        ("fuzhou-2024-13", "pilot_transformation", "数字化改造实际投入（软件、云服务、数据采集传输设备等）", "数字化改造实际投入"),
    ],
)  # fmt: skip
def test_the_label_names_the_expenses_that_the_law_lists(
    tmp_path: Path, document: str, rule: str, label: str, before: str
) -> None:
    """附件4 二1, 榕2024 一（一）; without the hidden sheet, and with the label of forms that left before, it is read too."""
    sent = plan(rule, document)
    spend = sent.by_key["in_spend"]
    assert (spend.label, spend.item and spend.item.label) == (label, before)
    values = {**plainly(sent), **FIRM, "in_spend": 10}
    path = write_form(sent.document, sent.rule, tmp_path / "表.xlsx", prefill=values)
    book = openpyxl.load_workbook(path)
    assert book["申请表"].cell(spend.row + 1, 1).value == f"*{label}"
    for text in (f"*{label}", f"*{before}"):
        book["申请表"].cell(spend.row + 1, 1).value = text
        if "_xlpolicy" in book.sheetnames:
            del book["_xlpolicy"]
        book.save(tmp_path / "无.xlsx")
        (returned,) = read_returned(tmp_path / "无.xlsx", catalog.default())
        assert (returned.rule, returned.inputs["spend"]) == (sent.rule, Decimal(100_000))


@pytest.mark.parametrize(
    ("key", "name", "known", "stated", "since"),
    [
        ("jinjiang-2023-11", "erp_software", ("spend",), {"in_spend": 60}, {"management_system", "manufacturer"}),
        ("fuzhou-2026-5", "platform_build", ("investment", "effect_confirmed", "bond_supported"), {"in_investment": 200}, {"platform_kind"}),
    ],
)  # fmt: skip
def test_a_condition_asked_since_the_form_was_sent(
    key: str, name: str, known: tuple[str, ...], stated: dict[str, int], since: set[str], tmp_path: Path
) -> None:
    """晋江 二（二）, 福州 附件3 五: a form drawn before it asked what was bought, or what kind of platform it is, is
    returned, and nobody is told of a label they changed."""
    document = catalog.default().documents[key]
    rule = document.rules[name]
    before = dataclasses.replace(
        rule,
        inputs=tuple(item for item in rule.inputs if item.name in known),
        conditions=tuple(line for line in rule.conditions if set(named(rule, line.node)) <= set(known)),
    )
    assert len(before.inputs) < len(rule.inputs)
    values = {**plainly(layout(document, before)), **FIRM, **stated}
    path = write_form(document, before, tmp_path / "表.xlsx", prefill=values, force=True)
    (returned,) = read_returned(path, catalog.default())
    assert returned.status == "needs_correction"
    missing = {p.item: p for p in returned.problems if p.code == "label_missing"}
    assert since <= set(missing) and not any(p.code == "label_changed" for p in returned.problems)
    for fault in missing.values():
        assert "这份表发出时还没有它" in fault.got and fault.remedy == "请对方换用现在的申请表填写后发回"


def test_a_name_asked_since_the_form_was_sent_is_no_reason_to_return_it(tmp_path: Path) -> None:
    """附件4 二1 前段, one product: 50万; which product it is was not asked on the form that was sent."""
    document = catalog.default().documents["fuzhou-2026-5"]
    rule, inbox = document.rules["secure_product"], tmp_path / "收件"
    before = dataclasses.replace(rule, object="", once=("enterprise",))
    assert "prj_object" in layout(document, rule).by_key
    assert "prj_object" not in layout(document, before).by_key
    inbox.mkdir()
    values = {**plainly(layout(document, before)), **FIRM}
    write_form(document, before, inbox / "表.xlsx", prefill=values, force=True)
    (record,) = fill(inbox, tmp_path / "果", on="2026-06-30", progress=False).records
    assert (record.place, record.amount) == ("已核定", Decimal(500_000))
    assert any("产品名称" in hint and "这份表发出时还没有它" in hint for hint in record.hints)


def test_a_form_that_never_asked_its_date_says_by_which_day_it_was_judged(tmp_path: Path) -> None:
    """800万 × 3% of a form of the first release: today's date decides in silence nowhere."""
    document = catalog.default().documents["fuzhou-2026-5"]
    rule, inbox = document.rules["tech_upgrade"], tmp_path / "收件"
    inbox.mkdir()
    old = layout(document, rule, version=EARLIER[-1])
    values = {**plainly(old), **FIRM, "in_investment": 800}
    write_form(document, rule, inbox / "旧表.xlsx", prefill=values, version=old.version)
    (today,) = fill(inbox, tmp_path / "一", progress=False).records
    (given,) = fill(inbox, tmp_path / "二", progress=False, on="2026-06-30").records
    assert (today.amount, given.amount) == (Decimal("240000.00"), Decimal("240000.00"))
    said = f"表上没有申报日期（旧版表样），按 {dt.date.today()} 适用文件；应按另一天的，核定时加 --on 写明"
    assert said in today.hints and not any("表上没有申报日期" in hint for hint in given.hints)


def test_what_a_form_states_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """800万 × 3%: `normalise` reads a cell, whoever judges it takes the value as it is."""
    sent = plan("tech_upgrade")
    values = {**plainly(sent), **FIRM, "in_investment": 800}
    write_form(sent.document, sent.rule, tmp_path / "表.xlsx", prefill=values)
    (returned,) = read_returned(tmp_path / "表.xlsx", catalog.default())

    def again(*_: object) -> None:
        raise AssertionError("read a second time")

    monkeypatch.setattr("xlpolicy.claim.binding.coerce", again)
    record = judge(returned, "表.xlsx", "", dt.date(2026, 7, 1), catalog.default())
    assert record.amount == Decimal("240000.00")
