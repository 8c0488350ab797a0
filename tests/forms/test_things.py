"""What the law counts over stands on the form: the loan, the object or the session, from `fill` to what `settle` pays."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

from xlpolicy.batch import demo
from xlpolicy.cli import main
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import FORM_VERSION, UNNAMED, Layout, layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.law.counted import counted_over

OLD, NEW = "fuzhou-2024-13", "fuzhou-2026-5"
FIRST, LATER = dt.date(2026, 2, 1), dt.date(2026, 3, 1)


class Filled(NamedTuple):
    """A form: its project, its thing or loan, the enterprise's number, and what else is filled in."""

    project: str
    cells: dict[str, Any]
    firm: int = 1


def plan(document: str, rule: str, version: str = FORM_VERSION) -> Layout:
    known = catalog.default().documents[document]
    return layout(known, known.rules[rule], version=version)


def inbox_of(folder: Path, sent: Layout, forms: list[Filled]) -> Path:
    inbox = folder / "收件"
    inbox.mkdir()
    for number, form in enumerate(forms, 1):
        values = {**plainly(sent), **demo.enterprise(form.firm), "prj_name": form.project, **form.cells}
        values = {key: value for key, value in values.items() if key in sent.by_key and value is not None}
        write_form(sent.document, sent.rule, inbox / f"{number}.xlsx", prefill=values, version=sent.version)
    return inbox


def settled(folder: Path, sent: Layout, forms: list[Filled], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What `settle` says of the ledger that `fill` wrote of these forms."""
    inbox, out = inbox_of(folder, sent, forms), folder / "结果"
    assert main(["fill", str(inbox), "-o", str(out)]) == 0, capsys.readouterr().out
    capsys.readouterr()
    main(["settle", str(out / "台账.xlsx"), "--json"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def payable(told: dict[str, Any]) -> list[Decimal]:
    return [Decimal(claim["payable"]) for claim in told["claims"]]


def unnamed(told: dict[str, Any]) -> list[str]:
    return [note["text"] for claim in told["claims"] for note in claim["notes"] if note["code"] == "unnamed"]


#: document, provision, what both forms say beside it, what each comes to by itself (元),
#: and what two forms of one thing come to together; two things come to the first twice
CASES = [
    # 附件3 五: 20% of 400万; 100万 a platform
    (NEW, "platform_build", {"in_investment": 400, "prj_fact_on": 2026}, "800000", "200000"),
    # 附件6 一: 80% of 5万; 5万 a session
    (NEW, "exhibition_booth", {"in_fee": 5, "in_group_size": 6, "prj_fact_on": 2026}, "40000", "10000"),
    # 附件4 三1: 50万 a product, once
    (NEW, "software_product", {"prj_fact_on": FIRST}, "500000", "0"),
    # 附件2 三1: 50% of what the province gave (100万), once a product
    (NEW, "innovation_product", {"in_superior_award": 100, "prj_fact_on": FIRST}, "500000", "0"),
    # 榕2024 四（十三）: 20% of 800万; 200万 a platform
    (OLD, "platform_build", {"in_investment": 800, "prj_fact_on": 2024}, "1600000", "400000"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "rule", "cells", "each", "again"), CASES, ids=lambda x: x if isinstance(x, str) else ""
)
def test_one_thing_shares_what_two_things_have_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], document: str, rule: str, cells: dict[str, Any],
    each: str, again: str,
) -> None:  # fmt: skip
    sent = plan(document, rule)

    def forms(first: str, second: str) -> list[Filled]:
        return [Filled("一期", {**cells, "prj_object": first}), Filled("二期", {**cells, "prj_object": second})]

    (one := tmp_path / "同一").mkdir()
    told = settled(one, sent, forms("示例（甲）", " 示例(甲)"), capsys)
    assert (payable(told), unnamed(told)) == ([Decimal(each), Decimal(again)], [])
    (two := tmp_path / "两个").mkdir()
    told = settled(two, sent, forms("示例（甲）", "示例（乙）"), capsys)
    assert (payable(told), unnamed(told)) == ([Decimal(each), Decimal(each)], [])


def test_the_term_is_of_one_loan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """附件4 四: 365万 × 1% × days / 365 is 100元 a day, one year a loan: of twice 200 days 365 count."""
    sent = plan(NEW, "software_loan_interest")
    common = {"in_loan_balance": 365, "in_days": 200, "prj_fact_on": FIRST}
    days = (dt.date(2026, 7, 1), dt.date(2026, 10, 1))
    for loans, second in ((("软贷1", " 软贷 1"), 16_500), (("软贷1", "软贷2"), 20_000)):
        forms = [
            Filled(f"{n}期", {**common, "prj_applied_on": day, "prj_loan": loan})
            for n, (day, loan) in enumerate(zip(days, loans, strict=True), 1)
        ]
        (folder := tmp_path / str(second)).mkdir()
        told = settled(folder, sent, forms, capsys)
        assert (payable(told), unnamed(told)) == ([Decimal(20_000), Decimal(second)], [])


def test_two_loans_of_one_project_are_two_claims(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """附件3 二: 1000万 × 2% of each loan. Without the loans the two forms were one claim sent twice."""
    sent = plan(NEW, "tech_loan_interest")
    cells = {"in_loan_balance": 1000, "in_days": 365, "prj_fact_on": FIRST}
    forms = [Filled("改造", {**cells, "prj_loan": loan}) for loan in ("榕借〔2026〕1号", "榕借〔2026〕2号")]
    told = settled(tmp_path, sent, forms, capsys)
    assert (payable(told), unnamed(told)) == ([Decimal(200_000)] * 2, [])


def test_a_park_with_two_loans(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """附件1 五: half of 600万 for each loan, 400万 a park and year: 300 and 100."""
    sent = plan(NEW, "park_infra_interest")
    cells = {"in_interest": 600, "prj_fact_on": FIRST, "prj_object": "示例园区"}
    forms = [Filled(f"{n}期", {**cells, "prj_loan": f"园贷{n}"}) for n in (1, 2)]
    told = settled(tmp_path, sent, forms, capsys)
    assert (payable(told), unnamed(told)) == ([Decimal(3_000_000), Decimal(1_000_000)], [])


def test_a_thing_is_shared_by_all_who_name_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """榕2024 一（九）三: 3万 for each enterprise served; two institutes at 2万 each for the same one: 2 and 1."""
    sent = plan(OLD, "pilot_supervision_fee")
    cells = {"in_approved_amount": 2, "prj_fact_on": 2024, "prj_object": "示例企业09有限公司"}
    told = settled(tmp_path, sent, [Filled("监理", cells, 1), Filled("验收", cells, 2)], capsys)
    assert (payable(told), unnamed(told)) == ([Decimal(20_000), Decimal(10_000)], [])


def test_a_form_of_version_3_is_read_as_it_was_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a loan both are judged; `settle` says what it could not compare, on both."""
    sent = plan(NEW, "software_loan_interest", "3")
    assert "prj_loan" not in sent.by_key and "prj_applied_on" in sent.by_key
    cells = {"in_loan_balance": 1000, "in_days": 365}
    forms = [Filled("一期", {**cells, "prj_fact_on": FIRST}), Filled("二期", {**cells, "prj_fact_on": LATER})]
    told = settled(tmp_path, sent, forms, capsys)
    assert payable(told) == [Decimal(100_000)] * 2
    assert len(unnamed(told)) == 2 and all("贷款" in note for note in unnamed(told))


@pytest.mark.parametrize("identity", ["as sent", "gone"])
@pytest.mark.parametrize("version", ["3", "4"])
def test_each_version_is_recognised_with_and_without_its_hidden_sheet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], version: str, identity: str
) -> None:
    sent = plan(NEW, "software_loan_interest", version)
    cells = {"in_loan_balance": 1000, "in_days": 365, "prj_fact_on": FIRST, "prj_loan": "软贷1"}
    inbox = inbox_of(tmp_path, sent, [Filled("一期", cells)])
    if identity == "gone":
        book = openpyxl.load_workbook(inbox / "1.xlsx")
        del book["_xlpolicy"]
        book.save(inbox / "1.xlsx")
    assert main(["fill", str(inbox), "-o", str(tmp_path / "结果"), "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)["records"]
    assert record["judged"]["amount"] == "100000.00"
    book = openpyxl.load_workbook(tmp_path / "结果" / "台账.xlsx")
    heads, row = [[cell.value for cell in line] for line in book["申报"].iter_rows(min_row=2, max_row=3)]
    loan = dict(zip(heads, row, strict=True)).get("贷款")
    assert loan == ("软贷1" if version == "4" else None)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [(None, "missing"), ("无", "missing"), (dt.date(2026, 6, 8), "date_format"), (6222021234567890123, "digits_lost")],
)  # fmt: skip
def test_a_loan_that_is_not_named_comes_back_with_its_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: Any, code: str
) -> None:
    sent = plan(NEW, "software_loan_interest")
    cells = {"in_loan_balance": 1000, "in_days": 365, "prj_fact_on": FIRST, "prj_loan": wrong}
    inbox = inbox_of(tmp_path, sent, [Filled("一期", cells)])
    assert main(["fill", str(inbox), "-o", str(tmp_path / "结果"), "--json"]) == 1
    (record,) = json.loads(capsys.readouterr().out)["records"]
    assert record["place"] == "退回补正"
    (problem,) = record["problems"]
    assert (problem["code"], problem["item"]) == (code, "prj_loan")
    assert problem["where"].endswith(sent.by_key["prj_loan"].address)


def test_one_thing_with_other_numbers_is_one_claim_in_two_writings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same project and platform with two sums: neither is judged, and it is said how to tell two platforms apart."""
    sent = plan(NEW, "platform_build")
    cells = {"prj_fact_on": 2026, "prj_object": "示例平台"}
    forms = [Filled("一期", {**cells, "in_investment": sum_}) for sum_ in (400, 300)]
    inbox = inbox_of(tmp_path, sent, forms)
    assert main(["fill", str(inbox), "-o", str(tmp_path / "结果"), "--json"]) == 1
    records = json.loads(capsys.readouterr().out)["records"]
    assert [record["place"] for record in records] == ["退回补正"] * 2
    assert "平台名称" in records[0]["problems"][0]["remedy"]


def test_two_half_years_of_one_loan_are_two_claims(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """附件3 二: 365万 × 2% is 200元 a day: 181 days to June, 123 from July to October. Halves that overlap are one claim said twice."""
    sent = plan(NEW, "tech_loan_interest")
    common = {"in_loan_balance": 365, "prj_fact_on": dt.date(2026, 1, 1), "prj_applied_on": dt.date(2026, 11, 1)}
    common["in_first_drawdown_on"] = dt.date(2026, 1, 1)

    def half(first: dt.date, last: dt.date) -> Filled:
        return Filled("改造", {**common, "in_period_from": first, "in_period_to": last, "prj_loan": "借1"})

    forms = [half(dt.date(2026, 1, 1), dt.date(2026, 6, 30)), half(dt.date(2026, 7, 1), dt.date(2026, 10, 31))]
    (apart := tmp_path / "上下半年").mkdir()
    told = settled(apart, sent, forms, capsys)
    assert (payable(told), unnamed(told)) == ([Decimal(36_200), Decimal(24_600)], [])
    forms[1] = half(dt.date(2026, 6, 30), dt.date(2026, 10, 31))
    (meeting := tmp_path / "重一天").mkdir()
    inbox = inbox_of(meeting, sent, forms)
    assert main(["fill", str(inbox), "-o", str(meeting / "结果"), "--json"]) == 1
    records = json.loads(capsys.readouterr().out)["records"]
    assert [[p["code"] for p in record["problems"]] for record in records] == [["conflict"], ["conflict"]]


def test_what_is_typed_beside_a_loan_stays_with_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two loans of one project are two rows of the ledger: the 审定额 of the second goes to the second again."""
    sent = plan(NEW, "tech_loan_interest")
    cells = {"in_loan_balance": 1000, "in_days": 365, "prj_fact_on": FIRST}
    inbox = inbox_of(tmp_path, sent, [Filled("改造", {**cells, "prj_loan": f"借{n}"}) for n in (1, 2)])
    ledger = tmp_path / "结果" / "台账.xlsx"
    assert main(["fill", str(inbox), "-o", str(tmp_path / "结果")]) == 0
    book = openpyxl.load_workbook(ledger)
    heads = {cell.value: cell.column for cell in book["申报"][2]}
    book["申报"].cell(4, heads["审定额"]).value = 15
    book.save(ledger)
    assert main(["fill", str(inbox), "-o", str(tmp_path / "结果")]) == 0
    rows = list(openpyxl.load_workbook(ledger)["申报"].iter_rows(min_row=3, max_row=4, values_only=True))
    assert [(row[heads["贷款"] - 1], row[heads["审定额"] - 1]) for row in rows] == [("借1", None), ("借2", 15)]
    capsys.readouterr()


ALL = [(d, r) for d, r in catalog.default().rules() if r.amount is not None]


@pytest.mark.parametrize(("document", "rule"), ALL, ids=lambda x: getattr(x, "key", getattr(x, "id", "")))
def test_a_form_asks_for_what_its_law_counts_over_and_for_nothing_else(document: Any, rule: Any) -> None:
    now = layout(document, rule)
    over = counted_over(document, rule)
    assert ("prj_loan" in now.by_key) == ("loan" in over)
    assert ("prj_object" in now.by_key) == bool({"object", "session"} & over.keys())
    for key in {"prj_loan", "prj_object"} & now.by_key.keys():
        assert now.by_key[key].required and rule.object in now.by_key[key].label + rule.object * (key == "prj_loan")
    for version in UNNAMED:
        assert not {"prj_loan", "prj_object"} & layout(document, rule, version=version).by_key.keys()


def test_which_provisions_count_over_a_loan_or_a_thing() -> None:
    """Read from the texts: what is limited, paid once, or compared for each loan, object or session."""
    found = {(d.key, r.at): set(counted_over(d, r)) for d, r in ALL if counted_over(d, r)}
    loans = {(OLD, "一（八）"), (NEW, "附件1 一 第二句"), (NEW, "附件3 二 第一句、第二句"), (NEW, "附件4 四")}
    events = {(NEW, "附件6 一（企业展位费）"), (NEW, "附件6 二1"), (NEW, "附件6 二2"), ("putian-draft", "八")}
    objects = {
        (OLD, "一（三）"), (OLD, "一（四）"), (OLD, "一（七）"), (OLD, "一（九）三是"), (OLD, "四（十三）"), (OLD, "七（十六）"), (NEW, "附件2 三1"), (NEW, "附件3 四 第二类"),
        (NEW, "附件3 五"), (NEW, "附件4 二1 前段"), (NEW, "附件4 二1 后段"), (NEW, "附件4 三1"), (NEW, "附件4 三2 后段"),
        (NEW, "附件5 二2"), (NEW, "附件5 九"), ("jinjiang-2023-11", "五（一）"), ("putian-draft", "一"), ("putian-draft", "三"),
        ("putian-draft", "六"), ("quanzhou-2023-6", "一（四）"), ("quanzhou-2023-6", "四（三）末句"),
    }  # fmt: skip
    want = {pair: {"loan"} for pair in loans} | {pair: {"session"} for pair in events}
    want |= {pair: {"object"} for pair in objects} | {(NEW, "附件1 五"): {"loan", "object"}}
    assert found == want
