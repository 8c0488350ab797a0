"""From review to money: what is settled, planned, paid, sent back, taken back; what is refused. Sums by hand.

附件3 一: 3% of the investment from 500 万元 on, at most 500 万元 per enterprise and year.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from workingfolder import Bureau, two_received

from xlpolicy.batch import demo
from xlpolicy.batch.working import Taken
from xlpolicy.cli import main
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.register.funds import raised
from xlpolicy.register.journal import shown
from xlpolicy.register.ledgers import write_reviews
from xlpolicy.register.paying import PaymentError, cancel, release, returned, take_back
from xlpolicy.register.plan_book import bank_text, write_plan
from xlpolicy.register.proof import verify
from xlpolicy.register.reconcile import reconcile
from xlpolicy.register.review import ReviewError, load, says_more
from xlpolicy.register.standing import Standings
from xlpolicy.register.status import status
from xlpolicy.settle import Claim

DAY = dt.date(2026, 7, 25)
CLAIM = {"id": "1", "enterprise": "甲", "city": "fuzhou", "rule": "tech_upgrade", "inputs": {"investment": "800万元"}}
ONE, TWO, THREE = (f"2026-0000{n}" for n in (1, 2, 3))


def yuan(amount: str) -> Decimal:
    return Decimal(amount.replace(",", ""))


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    """800 万元 (240,000), reviewed to 200,000; 500 万元 (150,000), not reviewed."""
    made = two_received(tmp_path)
    made.review({ONE: 200000})
    return made


def test_what_was_reviewed_is_settled_and_the_rest_is_marked_and_not_planned(bureau: Bureau) -> None:
    found = bureau.settle()
    assert [claim.payable for claim in found.settlement.claims] == [yuan("200,000.00"), yuan("150,000.00")]
    assert found.unreviewed == 1
    plan = bureau.plan()
    assert [(t.amount, t.payer, t.number) for t in plan.transfers] == [(yuan("200,000.00"), "city", "BF2026-001-0001")]
    assert plan.left_out == ((TWO, "未审定"),)
    assert bureau.confirm(plan) == (1, yuan("200,000.00"))
    assert [s.paid for s in bureau.standings()] == [yuan("200,000.00"), Decimal(0)] and bureau.proved()


def test_nothing_is_paid_twice(bureau: Bureau) -> None:
    bureau.settle()
    plan = bureau.plan()
    with pytest.raises(PaymentError, match="没有可列入拨付"):
        bureau.plan()
    bureau.confirm(plan)
    with pytest.raises(PaymentError, match="不能再拨一次"):
        bureau.confirm(plan)
    bureau.settle()
    with pytest.raises(PaymentError, match="没有可列入拨付"):
        bureau.plan()


def test_instalments_add_up_to_what_was_settled(bureau: Bureau) -> None:
    """A third of 200,000 is 66,666.66, never rounded up; then a half of 133,333.34: 66,666.67; then the rest: 66,666.67."""
    bureau.settle()
    paid = []
    for share in ("0.333333333", "0.5", "1"):
        plan = bureau.plan(share=Decimal(share))
        bureau.confirm(plan)
        paid.append((plan.transfers[0].before, plan.transfers[0].amount))
    assert paid == [
        (Decimal(0), yuan("66,666.66")),
        (yuan("66,666.66"), yuan("66,666.67")),
        (yuan("133,333.33"), yuan("66,666.67")),
    ]
    assert bureau.standings()[0].paid == yuan("200,000.00") and bureau.proved()


def test_who_reviewed_does_not_confirm(bureau: Bureau) -> None:
    bureau.settle()
    plan = bureau.plan()
    with pytest.raises(PaymentError, match="审定过其中的"):
        bureau.confirm(plan, by="示例审核01")
    assert bureau.confirm(plan, by="示例审核01", same_person=True)[0] == 1


def test_a_refused_transfer_is_payable_again_and_uses_no_limit_twice(bureau: Bureau) -> None:
    """2 亿元 is due 5,000,000, the whole cap of the year; sent back, it is due 5,000,000 again."""
    bureau.form(3, 20000)
    bureau.fill()
    bureau.review({THREE: None})
    bureau.settle()
    plan = bureau.plan(only=[THREE])
    bureau.confirm(plan)
    returned(bureau.register, plan.transfers[0].number, who="甲", on=DAY, note="账号有误")
    with pytest.raises(PaymentError, match="不能登记退票"):
        returned(bureau.register, plan.transfers[0].number, who="甲", on=DAY, note="再一次")
    assert bureau.standings()[2].paid == 0
    found = bureau.settle()
    assert found.settlement.claims[2].payable == yuan("5,000,000.00")
    again = bureau.plan(only=[THREE])
    with pytest.raises(PaymentError, match="这个账号退过票，还没有更正"):
        bureau.confirm(again)
    release(bureau.register, again.transfers[0].number, who="甲", on=DAY, note="银行误退，账号无误")
    bureau.confirm(again)
    assert bureau.standings()[2].paid == yuan("5,000,000.00") and bureau.proved()


def test_money_taken_back_is_not_payable_again(bureau: Bureau) -> None:
    bureau.settle()
    plan = bureau.plan()
    number = plan.transfers[0].number
    with pytest.raises(PaymentError):
        take_back(bureau.register, number, Decimal(1), who="甲", on=DAY, note="还没有拨")
    bureau.confirm(plan)
    with pytest.raises(PaymentError, match=r"不能收回 200,000\.01"):
        take_back(bureau.register, number, yuan("200,000.01"), who="甲", on=DAY, note="多收")
    take_back(bureau.register, number, yuan("50,000"), who="甲", on=DAY, note="设备退货")
    with pytest.raises(PaymentError):
        take_back(bureau.register, number, yuan("150,000.01"), who="甲", on=DAY, note="多收")
    assert bureau.standings()[0].paid == yuan("150,000.00")
    with pytest.raises(PaymentError, match="没有可列入拨付"):
        bureau.plan()
    assert bureau.proved()


def test_the_register_itself_says_what_was_paid_before(bureau: Bureau) -> None:
    """附件3 一: the cap of 500 万元 a year: 2 亿元 is paid 5,000,000; a second project of 800 万元 has nothing left.
    50,000 of it taken back leave room for 50,000."""
    bureau.form(3, 20000, prj_name="一期")
    bureau.fill()
    bureau.review({THREE: None})
    bureau.settle()
    plan = bureau.plan(only=[THREE])
    bureau.confirm(plan)
    bureau.form(3, 800, prj_name="二期", name="二期.xlsx")
    bureau.fill()
    found = bureau.settle()
    assert [c.payable for c in found.settlement.claims if c.id == "2026-00004"] == [Decimal("0.00")]
    take_back(bureau.register, plan.transfers[0].number, yuan("50,000"), who="甲", on=DAY, note="退货")
    found = bureau.settle()
    assert [c.payable for c in found.settlement.claims if c.id == "2026-00004"] == [yuan("50,000.00")]


def test_a_kind_that_was_paid_excludes_the_other(bureau: Bureau) -> None:
    """附件3 七2 前段: one project, one kind: 技改 was paid, so 数智化 of 1000 万元 (otherwise 2,000,000) is not."""
    bureau.settle()
    bureau.confirm(bureau.plan())
    bureau.form(1, 1000, rule=demo.DIGITAL, name="数智化.xlsx")
    bureau.fill()
    found = bureau.settle()
    (other,) = [c for c in found.settlement.claims if c.id == THREE]
    assert other.decided == yuan("2,000,000.00") and other.payable == 0


def two_of_a_year(bureau: Bureau) -> Taken:
    """One project's 600 万元 reviewed and paid, then 200 万元 more received."""
    bureau.form(3, 600)
    bureau.fill()
    bureau.review({THREE: None})
    bureau.settle()
    bureau.confirm(bureau.plan(only=[THREE]))
    bureau.form(3, 200, name="下半年.xlsx")
    return bureau.fill()


def test_the_sum_of_a_year_counts_what_was_paid(bureau: Bureau) -> None:
    """附件3 一 with the sum of the year's claims of one project: 600 万元 is paid 180,000; 200 万元 more, below the threshold
    by itself, makes 800: 240,000 less 180,000 is 60,000."""
    taken = two_of_a_year(bureau)
    assert taken.received.numbers == ["2026-00004"] and "请核对是更正还是另一笔" in taken.received.doubts[0]
    found = bureau.settle()
    assert [c.payable for c in found.settlement.claims if c.id == "2026-00004"] == [yuan("60,000.00")]
    bureau.review({"2026-00004": None})  # 0, which is right for it alone
    bureau.settle()
    plan = bureau.plan(only=["2026-00004"])
    (held,) = plan.held
    assert "按全年合计本笔应付 60,000.00元" in held.hold
    release(bureau.register, held.number, who="示例经办01", on=DAY, note="已核对两笔投资")
    assert bureau.confirm(plan) == (1, yuan("60,000.00"))
    assert not [f for f in reconcile(bureau.register) if f.kind == "拨付超审定"]


def test_what_a_year_sum_adds_can_be_reviewed_down(bureau: Bureau) -> None:
    """附件3 一: 600 万元 180,000, with 200 万元 more 240,000; of the 60,000 that the second adds 50,000 is found right."""
    two_of_a_year(bureau)
    bureau.settle()
    four = "2026-00004"
    with pytest.raises(ReviewError, match=r"大于按全年合计的应付 60,000\.00 元"):
        bureau.review({four: 60000.01})
    bureau.review({four: 50000})
    found = bureau.settle()
    (one,) = [c for c in found.settlement.claims if c.id == four]
    assert one.payable == yuan("50,000.00")
    assert [(c.rule, c.amount) for c in one.cuts] == [
        ("tech_upgrade.least", yuan("-60,000.00")), ("review", yuan("10,000.00"))
    ]  # fmt: skip
    plan = bureau.plan(only=[four])
    (held,) = plan.held
    assert "按全年合计" not in held.hold  # somebody has said how much of it
    release(bureau.register, held.number, who="示例经办01", on=DAY, note="已核对两笔投资")
    assert bureau.confirm(plan) == (1, yuan("50,000.00"))
    assert bureau.proved() and not [f for f in reconcile(bureau.register) if f.kind == "拨付超审定"]


def test_an_account_that_differs_from_the_last_one_waits(bureau: Bureau) -> None:
    bureau.settle()
    bureau.confirm(bureau.plan())
    bureau.form(1, 900, prj_name="二期", name="二期.xlsx", ent_account="622202140001234567")
    bureau.fill()
    bureau.review({THREE: None})
    bureau.settle()
    plan = bureau.plan()
    (held,) = plan.held
    assert "账号与上次拨付的不同" in held.hold and held.account == "622202140001234567"
    with pytest.raises(PaymentError, match="xlpolicy pay release"):
        bureau.confirm(plan)
    with pytest.raises(PaymentError, match="怎样核对"):
        release(bureau.register, held.number, who="甲", on=DAY, note="")
    release(bureau.register, held.number, who="甲", on=DAY, note="电话核实")
    assert bureau.confirm(plan)[0] == 1


def test_an_account_that_two_enterprises_have_waits(bureau: Bureau) -> None:
    bureau.form(3, 600, ent_account=demo.enterprise(1)["ent_account"])
    bureau.fill()
    bureau.review({THREE: None})
    bureau.settle()
    assert {t.hold for t in bureau.plan().held} == {"账号与 示例企业03有限公司 相同", "账号与 示例企业01有限公司 相同"}


def test_a_plan_past_the_money_is_refused_and_says_what_to_do(bureau: Bureau) -> None:
    bureau.settle()
    with pytest.raises(PaymentError, match=r"超过本次资金 150,000\.00 元.*--share 75%"):
        bureau.plan(most=yuan("150,000"))
    assert bureau.count("plans") == 0


def test_a_cancelled_plan_leaves_all_as_it_was(bureau: Bureau) -> None:
    bureau.settle()
    plan = bureau.plan()
    assert len(cancel(bureau.register, plan.number, who="甲", on=DAY)) == 1
    with pytest.raises(PaymentError):
        bureau.confirm(plan)
    again = bureau.plan()
    assert again.number == "BF2026-002" and again.total == yuan("200,000.00")
    bureau.confirm(again)
    with pytest.raises(PaymentError, match="没有可取消的"):
        cancel(bureau.register, again.transfers[0].number, who="甲", on=DAY)


def test_what_changed_since_the_settlement_has_to_be_settled_again(bureau: Bureau) -> None:
    bureau.settle()
    bureau.review({TWO: None})
    with pytest.raises(PaymentError, match=f"{TWO} 又有更正、审定或异议"):
        bureau.plan()
    bureau.settle()
    assert bureau.plan().total == yuan("350,000.00")


def test_money_of_a_corrected_claim_is_not_lost(bureau: Bureau) -> None:
    """Once money is planned, a form of the same claim is a claim of its own, with a doubt."""
    bureau.settle()
    bureau.plan()
    bureau.form(1, 900, name="更正.xlsx")
    taken = bureau.fill()
    assert taken.received.numbers == [THREE] and ONE in taken.received.doubts[0]
    assert bureau.standings()[0].amount == yuan("240,000.00")
    bureau.review({THREE: None})
    bureau.settle()
    (second,) = (
        bureau.plan().transfers
    )  # 270,000 of the correction beside the 200,000 that are planned: a person decides
    assert second.held and second.hold.startswith(f"同一事项两笔，核对是不是重复：{ONE} ")
    assert second.hold.endswith("240,000.00 元 项目“示例项目01” 已列入拨付 200,000.00 元")
    assert ("同一事项两笔", f"{ONE}、{THREE}") in [(f.kind, f.where) for f in reconcile(bureau.register)]


@pytest.mark.parametrize(
    ("named", "kind"), [("ＭＥＳ 改造", "一个项目两份文件"), ("MES改造项目", "项目名称相近"), ("光伏电站", "")]
)
def test_a_project_under_two_documents_is_not_planned_in_silence(tmp_path: Path, named: str, kind: str) -> None:
    """榕2024 二（十一）二是 80万 beside 技改 800万×3% = 24万 of 2026: no rule keeps them apart, a person does, once."""
    bureau = Bureau(tmp_path / "技改")
    old = catalog.default().document("fuzhou-2024-13")
    values = {**plainly(layout(old, old.rules["national_benchmark"])), **demo.enterprise(1), "prj_name": named}
    values |= {"prj_applied_on": dt.date(2025, 11, 1), "prj_fact_on": dt.date(2025, 6, 1), "in_count": 1}
    write_form(old, old.rules["national_benchmark"], bureau.folder.inbox / "旧.xlsx", prefill=values)
    bureau.form(1, 800, prj_name="mes改造", name="新.xlsx")
    bureau.fill()
    bureau.review({ONE: None, TWO: None})
    bureau.settle()
    plan = bureau.plan()
    assert sorted(t.amount for t in plan.transfers) == [yuan("240,000.00"), yuan("800,000.00")]
    assert [t.hold.partition("，")[0] for t in plan.transfers] == [kind, kind]
    if not kind:
        return
    paid, other = plan.transfers
    assert f" {other.amount:,.2f} 元 项目“" in paid.hold and f" {paid.amount:,.2f} 元 项目“" in other.hold
    with pytest.raises(PaymentError, match=kind):
        bureau.confirm(plan)
    release(bureau.register, paid.number, who="甲", on=DAY, note="两笔支出不同")
    assert bureau.confirm(plan, skip=[other.number]) == (1, paid.amount)
    cancel(bureau.register, other.number, who="甲", on=DAY)
    bureau.settle()
    (again,) = bureau.plan().transfers
    assert again.amount == other.amount and again.hold.endswith(f" 已拨付 {paid.amount:,.2f} 元")


def test_a_project_of_an_earlier_year_is_not_planned_in_silence(tmp_path: Path) -> None:
    """技改 800万 × 3% = 24万 in 2026 and again for the project in 2027: the limit of the year is another; then 600万 = 18万
    beside what the bureau's list has of 2025."""
    bureau = two_received(tmp_path)
    bureau.review({ONE: None})
    bureau.settle()
    assert bureau.plan(only=[ONE]).held == ()
    days = {"prj_applied_on": dt.date(2027, 2, 1), "prj_fact_on": dt.date(2027, 1, 15)}
    bureau.form(1, 800, prj_name="示例项目01", name="再报.xlsx", **days)
    bureau.form(3, 600, prj_name="三期")
    bureau.fill(on="2027-03-31")
    bureau.review({THREE: None, "2026-00004": None})
    named = {"enterprise": "示例企业03有限公司", "city": "fuzhou", "project": "三期", "amount": "300000", "year": 2025}
    bureau.settle(2027, prior_payments=[{**named, "rule": "tech_upgrade"}, {**named, "rule": "", "amount": "50000"}])
    one, three = bureau.plan(only=[THREE, "2026-00004"]).transfers
    if one.amount != yuan("240,000.00"):
        one, three = three, one
    assert f"一个项目两个年度，核对是不是重复：{ONE} " in one.hold and three.amount == yuan("180,000.00")
    assert three.hold.split("；") == [
        "一个项目两个年度，核对是不是重复：“三期” 2025 年度已兑付 300,000.00 元",
        "一个项目两份文件，核对是不是重复：“三期” 2025 年度已兑付 50,000.00 元",
    ]


def test_the_papers_say_what_the_register_holds(bureau: Bureau, tmp_path: Path) -> None:
    bureau.review({TWO: None})
    bureau.settle()
    plan = bureau.plan()
    path = tmp_path / "拨款明细表.xlsx"
    files = write_plan(bureau.register, plan, path)
    head = shown(bureau.register.head()[1])
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names == ["拨款明细表", "审签表", "未列入", "核算记录"]
    details = book.get_sheet_by_name("拨款明细表").to_python()
    assert head in details[1][0] and "叁拾伍万元整" in details[1][0]
    first, total = details[3], next(row for row in details if row[0] == "合计")
    account = str(demo.enterprise(1)["ent_account"])
    assert first[:4] == ["BF2026-001-0001", ONE, "示例企业01有限公司", account] and first[12] == "贰拾万元整"
    assert load_workbook(path)["拨款明细表"]["D4"].data_type == "s"
    assert total[10] == 350000
    approval = book.get_sheet_by_name("审签表").to_python()
    assert any(head in row[0] for row in approval) and "350,000.00 元" in approval[1][0]
    assert verify(bureau.register, head).problems == ()
    rows = list(csv.reader(io.StringIO(files[1].read_text("utf-8-sig"))))
    assert rows[1][:4] == ["示例企业01有限公司", account, demo.enterprise(1)["ent_bank"], "200000.00"]
    assert files[2].read_bytes().decode("gbk").splitlines()[1].startswith("示例企业01有限公司,")


def test_a_bureaus_own_bank_file(bureau: Bureau, tmp_path: Path) -> None:
    bureau.settle()
    plan = bureau.plan()
    template = tmp_path / "银行导入.csv"
    template.write_text("序号串,金额元\n{批次号}/{拨付编号},{金额}\n", "utf-8")
    with bureau.register.reading() as connection:
        standings = {s.id: s for s in Standings(connection).all}
    assert bank_text(plan.transfers, standings, template).splitlines()[1] == "BF2026-001/BF2026-001-0001,200000.00"


def test_the_commands(bureau: Bureau, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(bureau.folder.path)
    assert main(["settle"]) == 1
    out = capsys.readouterr().out
    assert "2026-H001：核算 2 笔，应付合计 200,000.00 元，测算上限合计 150,000.00 元" in out
    assert "其中 1 笔未审定" in out
    assert main(["pay", "plan", "--share", "50%"]) == 1
    out = capsys.readouterr().out
    assert "批次号 BF2026-001：1 笔，合计 100,000.00 元" in out and f"未列入　{TWO}：未审定" in out
    assert main(["pay", "print", "BF2026-001"]) == 0  # written again, it still says who is not in it
    again = CalamineWorkbook.from_path(bureau.folder.out / "拨款明细表-BF2026-001.xlsx").get_sheet_by_name("未列入")
    assert [TWO, "未审定"] in again.to_python()
    assert main(["pay", "confirm", "BF2026-001", "--by", "示例拨付01", "--on", "2026-07-20"]) == 0
    assert main(["pay", "back", "BF2026-001-0001", "1万元", "--note", "退货"]) == 0
    assert main(["pay", "return", "BF2026-001-0001"]) == 1
    assert "不能登记退票" in capsys.readouterr().err
    assert main(["pay", "confirm"]) == 2
    assert main(["pay", "confirm", "BF2026-009"]) == 1
    assert "没有批次号 BF2026-009" in capsys.readouterr().err
    assert main(["pay", "plan", "--share", "0"]) == 2
    assert main(["verify"]) == 0


def test_what_a_note_asks_about_waits_for_a_person(bureau: Bureau) -> None:
    """附件3 七2: one project is paid as 技改 or as 数智化; an earlier payment that does not say its project may be of it."""
    before = {
        "enterprise": "示例企业01有限公司",
        "city": "fuzhou",
        "rule": "digital_project",
        "year": 2025,
        "amount": "1000000",
    }
    found = bureau.settle(prior_payments=[before])
    assert {note.claim for note in found.settlement.notes if note.holds} == {ONE}
    plan = bureau.plan()
    (held,) = plan.held
    assert "没有写明项目" in held.hold
    with pytest.raises(PaymentError, match="暂缓"):
        bureau.confirm(plan)
    release(bureau.register, held.number, who="示例经办01", on=DAY, note="已核对，是另一个项目")
    assert bureau.confirm(plan) == (1, yuan("200,000.00"))


def test_an_increment_that_a_later_cut_took_uses_no_budget() -> None:
    """50,000 cut before the uplift of 150,000, then 100,000 of a cap: 50,000 of the uplift are left; all of the next."""

    def standing(year: int, *cuts: str) -> Any:
        line = SimpleNamespace(year=year, cuts=[{"amount": amount} for amount in cuts])
        return SimpleNamespace(line=line, claim=Claim.of({**CLAIM, "on": f"{year}-06-30"}, 1))

    earlier = [standing(2026, "50000", "-150000", "100000"), standing(2026, "-20000"), standing(2027, "-1000", "5000")]
    assert raised(earlier) == {2026: yuan("70,000.00"), 2027: Decimal(0)}


def test_a_plan_is_released_as_a_whole(bureau: Bureau) -> None:
    """Two enterprises with one account are held; one look at both lets both go."""
    for number in (3, 4):
        bureau.form(number, 600, ent_account="6200000000000000333")
    bureau.fill()
    bureau.review(dict.fromkeys((THREE, "2026-00004")))
    bureau.settle()
    plan = bureau.plan()
    assert [t.holder[:6] for t in plan.held] == ["示例企业03", "示例企业04"]
    with pytest.raises(PaymentError, match="没有写怎样核对的"):
        release(bureau.register, plan.number, who="甲", on=DAY, note="")
    assert len(release(bureau.register, plan.number, who="甲", on=DAY, note="两家同一集团，账号无误")) == 2
    with pytest.raises(PaymentError, match="这一批没有暂缓的"):
        release(bureau.register, plan.number, who="甲", on=DAY, note="再一次")
    assert bureau.confirm(plan)[1] == plan.total and bureau.proved()


def test_a_budget_of_increments_is_used_by_what_was_planned(bureau: Bureau) -> None:
    """附件1 四: 1000 万元 is 300,000 and raised by up to 150,000, as far as the year's 100,000 go; then none are left."""
    bureau.form(3, 1000)
    bureau.form(4, 1000)
    bureau.fill()
    bureau.review({THREE: None})
    facts = {"chain_enterprises": ["示例企业03有限公司", "示例企业04有限公司"], "uplift_budget": "100000"}
    assert bureau.review({"2026-00004": 0}).reviews == ["2026-00004"]
    assert bureau.settle(**facts).settlement.claims[2].payable == yuan("400,000.00")
    bureau.confirm(bureau.plan(only=[THREE]))
    assert not [f for f in reconcile(bureau.register) if f.kind == "拨付超审定"]
    bureau.review({"2026-00004": None})
    (four,) = [claim for claim in bureau.settle(**facts).settlement.claims if claim.id == "2026-00004"]
    assert four.payable == yuan("300,000.00") and bureau.proved()


def test_publicised_at_another_amount_is_publicised_anew(tmp_path: Path) -> None:
    """公示 of 240,000 and 150,000 without objection; then the first is reviewed down to 200,000."""
    bureau = two_received(tmp_path)
    bureau.review({"2026-00001": None, "2026-00002": None})
    bureau.settle()
    path = bureau.folder.out / "审核台账.xlsx"
    write_reviews(bureau.register, path)
    bureau.edit(path, {"P4": "无异议", "P5": "无异议"})
    load(bureau.register, path, who="甲")
    assert [s.result for s in bureau.standings()] == ["无异议", "无异议"] and status(bureau.register).to_publish == 0
    bureau.review({"2026-00001": 200000})
    bureau.settle()
    one, two = bureau.standings()
    assert (one.result, one.misannounced, one.announced) == ("", True, Decimal("240000.00"))
    assert (two.result, two.misannounced) == ("无异议", False)
    assert status(bureau.register).to_publish == 1
    bureau.confirm(bureau.plan())
    found = [(f.kind, f.what) for f in reconcile(bureau.register) if f.kind == "公示金额不符"]
    assert found == [("公示金额不符", "示例企业01有限公司 公示的是 240,000.00 元，应付 200,000.00 元，请重新公示")]
    assert bureau.proved()


def test_what_is_released_or_cancelled_changes_the_papers_for_the_bank(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two enterprises with one account: both held, none in the bank's file; one is released, then cancelled."""
    bureau = two_received(tmp_path)
    bureau.form(3, 600, ent_account="6200000000000000001")
    bureau.form(4, 700, ent_account="6200000000000000001")
    bureau.fill()
    bureau.review(dict.fromkeys(["2026-00003", "2026-00004"]))
    bureau.settle()
    monkeypatch.chdir(bureau.folder.path)
    assert main(["pay", "plan", "--by", "甲"]) == 1
    bank = bureau.folder.out / "拨款明细表-BF2026-001-银行导入-UTF8.csv"

    def listed() -> list[str]:
        return [row[-1] for row in csv.reader(io.StringIO(bank.read_text(encoding="utf-8-sig")))][1:]

    assert listed() == []
    assert main(["pay", "release", "BF2026-001-0002", "--note", "已核对", "--by", "甲"]) == 0
    assert listed() == ["BF2026-001-0002"]
    assert main(["pay", "cancel", "BF2026-001-0002", "--by", "甲"]) == 0
    assert listed() == []
    assert main(["pay", "cancel", "BF2026-001", "--by", "甲"]) == 0
    assert not bank.exists()
    capsys.readouterr()


@pytest.mark.parametrize("upheld", [True, False])
def test_what_is_objected_to_after_the_plan_does_not_leave(bureau: Bureau, upheld: bool) -> None:
    """200,000 are planned, then somebody objects: upheld it is cancelled and reviewed to 100,000; rejected it leaves."""
    bureau.settle()
    plan, path = bureau.plan(), bureau.folder.out / "审核台账.xlsx"
    (number,) = (t.number for t in plan.transfers)

    def published(result: str) -> list[str]:
        write_reviews(bureau.register, path)
        bureau.edit(path, {"P4": result, "Q4": "2026-07-10", "R4": "有人反映设备未到货"})
        return load(bureau.register, path, who="甲").stopped

    def stopped(why: str) -> None:
        with pytest.raises(PaymentError, match=why):
            bureau.confirm(plan)
        with pytest.raises(PaymentError, match=why):
            release(bureau.register, number, who="甲", on=DAY, note="账号无误")
        (one, _), (transfer, *_) = bureau.standings(), bureau.standings()[0].transfers
        assert (one.state, one.at_stake, transfer.state) == ("异议处理中", yuan("200,000.00"), "暂缓")
        assert number not in bank_text([transfer], {one.id: one}, None) and bureau.proved()

    assert published("异议") == [number]
    stopped("公示有异议，还没有处理")
    if not upheld:
        assert published("异议不成立") == [] and bureau.confirm(plan) == (1, yuan("200,000.00"))
        return
    assert published("异议成立") == [number]
    stopped("公示异议成立，要重新审定")
    cancel(bureau.register, number, who="甲", on=DAY)
    assert bureau.standings()[0].state == "待审定"
    bureau.review({ONE: 100000})
    bureau.settle()
    assert bureau.confirm(bureau.plan()) == (1, yuan("100,000.00")) and bureau.proved()


def test_a_ledger_with_an_objection_to_what_was_paid_is_no_dead_end(bureau: Bureau) -> None:
    """200,000 paid, the objection upheld in the ledger that reviewed it: it says nothing new and may be written anew."""
    bureau.settle()
    bureau.confirm(bureau.plan())
    path = bureau.folder.out / "审核台账.xlsx"
    bureau.edit(path, {"P4": "异议成立", "Q4": "2026-07-10", "R4": "设备未到货"})
    assert load(bureau.register, path, who="甲").publications == [ONE]
    assert load(bureau.register, path, who="甲").unchanged == 2 and not says_more(bureau.register, path)
