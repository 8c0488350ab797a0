"""The year after: funds of two years, what an earlier year left, interest that goes on. Every figure by hand.

附件4 二1 前段: 500,000 a product, from the year's software fund. 附件3 一: 3% from 500 万元 on. 附件3 二: 2% a year.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from workingfolder import Bureau

from xlpolicy import settle
from xlpolicy.register.database import RegisterError
from xlpolicy.register.paying import PaymentError, take_back
from xlpolicy.register.reconcile import reconcile
from xlpolicy.register.replay import replay_all
from xlpolicy.register.settling import Settling

FUND = "fz26_software_fund"


def due(found: Settling) -> dict[str, str]:
    return {claim.id: f"{claim.payable:.2f}" for claim in found.settlement.claims}


def product(bureau: Bureau, number: int, day: dt.date) -> None:
    bureau.form(
        number, None, rule="secure_product", count=1, local_operation="是", prj_fact_on=day, prj_applied_on=day,
        prj_name=f"产品{number}", prj_object=f"产品{number}",
    )  # fmt: skip


def test_funds_of_two_years_are_kept_apart(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "软件")
    for number in (1, 2, 3):
        product(bureau, number, dt.date(2026, 5, 1))
    bureau.form(4, 100)  # under the threshold of 500 万元
    assert bureau.fill().received.numbers == [f"2026-{i:05d}" for i in range(1, 5)]
    bureau.review(dict.fromkeys([f"2026-{i:05d}" for i in range(1, 5)]))
    found = bureau.settle(2026, pools={FUND: "1200000"})  # of 1,500,000: four fifths
    assert due(found) == dict.fromkeys(("2026-00001", "2026-00002", "2026-00003"), "400000.00") | {"2026-00004": "0.00"}
    paid = bureau.plan(only=["2026-00001", "2026-00002"])
    assert bureau.confirm(paid) == (2, Decimal("800000.00"))

    product(bureau, 5, dt.date(2027, 2, 1))
    assert bureau.fill(on="2027-03-31").received.numbers == ["2026-00005"]
    bureau.review({"2026-00005": None})
    with pytest.raises(RegisterError) as refused:  # 2026-00003 would be paid in full
        bureau.settle(2027, pools={FUND: "300000"})
    assert "2026 年度的资金" in str(refused.value) and "2026-00003" in str(refused.value)
    assert "软件产业发展专项，1200000.00，2026" in refused.value.problem.remedy
    found = bureau.settle(2027, pools={FUND: {"2026": "1200000", "2027": "300000"}})
    # of 2026 400,000 is left; the claim that came to nothing in 2026 is not settled again
    assert due(found) == {"2026-00003": "400000.00", "2026-00005": "300000.00"}
    assert bureau.confirm(bureau.plan()) == (2, Decimal("700000.00"))

    product(bureau, 6, dt.date(2027, 3, 1))
    assert bureau.fill(on="2027-06-30").received.numbers == ["2026-00006"]
    bureau.review({"2026-00006": None})
    assert due(bureau.settle(2027, pools={FUND: "500000"})) == {"2026-00006": "200000.00"}  # 500,000 less 300,000
    assert bureau.confirm(bureau.plan()) == (1, Decimal("200000.00")) and bureau.proved()


def interest(bureau: Bureau, first: dt.date, last: dt.date, applied: dt.date) -> Settling:
    """1000 万元 drawn on 2026-01-01, one loan, named; reviewed as computed and settled."""
    bureau.form(
        1, None, rule="tech_loan_interest", loan_balance=1000, days=(last - first).days + 1, bond_supported="否",
        period_from=first, period_to=last, first_drawdown_on=dt.date(2026, 1, 1), project_loan="是", prj_name="一期",
        prj_applied_on=applied, prj_fact_on=dt.date(2026, 1, 1), name=f"{first}.xlsx",
    )  # fmt: skip
    numbers = bureau.fill(on=applied.isoformat()).received.numbers
    bureau.review(dict.fromkeys(numbers))
    return bureau.settle(applied.year)


def test_interest_goes_on_by_the_calendar_and_ends_with_the_term(tmp_path: Path) -> None:
    """181, 184 and of 366 days 184: two years from 2026-01-01 end with 2027. 10,000,000 × 2% ÷ 365 a day."""
    bureau = Bureau(tmp_path / "贴息")
    expected = ["99178.08", "100821.92", "100821.92"]
    periods = [
        (dt.date(2026, 1, 1), dt.date(2026, 6, 30), dt.date(2026, 8, 1)),
        (dt.date(2026, 7, 1), dt.date(2026, 12, 31), dt.date(2027, 3, 1)),
        (dt.date(2027, 7, 1), dt.date(2028, 6, 30), dt.date(2028, 8, 1)),
    ]
    for (first, last, applied), amount in zip(periods, expected, strict=True):
        found = interest(bureau, first, last, applied)
        assert [f"{claim.payable:.2f}" for claim in found.settlement.claims] == [amount]
        assert not [note.text for note in found.settlement.notes if note.holds]
        assert bureau.confirm(bureau.plan()) == (1, Decimal(amount))
    assert bureau.proved()


@pytest.mark.parametrize(("first", "days", "held"), [("2026-07-01", 184, False), ("2026-06-01", 214, True)])
def test_an_earlier_period_of_a_loan_without_a_name(first: str, days: int, held: bool) -> None:
    """184 days beside 181 paid before: 100,821.92 and no question; a period that begins in June overlaps by 30 days."""
    inputs = {
        "loan_balance": "1000万元",
        "period_from": first,
        "period_to": "2026-12-31",
        "first_drawdown_on": "2026-01-01",
    }
    claim = {
        "id": "1",
        "enterprise": "甲",
        "city": "fuzhou",
        "rule": "tech_loan_interest",
        "on": "2027-03-01",
        "project": "一期",
    }
    paid = {
        "enterprise": "甲",
        "city": "fuzhou",
        "rule": "tech_loan_interest",
        "year": 2026,
        "amount": "99178.08",
        "days": 181,
    }
    paid |= {"project": "一期", "period_from": "2026-01-01", "period_to": "2026-06-30"}
    found = settle([claim | {"inputs": inputs | {"days": days}}], {"prior_payments": [paid]}, on_year=2027)
    texts = [note.text for note in found.notes if note.holds and "计息期间有重叠" in note.text]
    assert bool(texts) is held and not any("没有都写明贷款" in note.text for note in found.notes)
    if not held:
        assert f"{found.claims[0].payable:.2f}" == "100821.92"


def test_what_a_years_sum_was_paid_with_a_later_claim_is_not_due_again(tmp_path: Path) -> None:
    """附件5 三1: 3% of the enterprise's year, from 300 万元 on: 200 and 400 are 0 and 180,000; 100 more are 30,000."""
    bureau = Bureau(tmp_path / "专精特新")
    srdi: dict[str, Any] = {"rule": "srdi_tech_upgrade", "industrial_policy": "是"}
    bureau.form(1, 200, name="a.xlsx", prj_name="一期", **srdi)
    bureau.form(1, 400, name="b.xlsx", prj_name="二期", **srdi)
    bureau.review(dict.fromkeys(bureau.fill().received.numbers))
    assert due(bureau.settle()) == {"2026-00001": "0.00", "2026-00002": "180000.00"}
    assert bureau.plan().total == 180_000
    assert due(bureau.settle()) == {"2026-00001": "0.00"}
    bureau.form(1, 100, name="c.xlsx", prj_name="三期", **srdi)
    bureau.review(dict.fromkeys(bureau.fill().received.numbers))
    assert due(bureau.settle()) == {"2026-00001": "0.00", "2026-00003": "30000.00"}
    assert bureau.plan().total == 30_000
    assert [found.agrees for found in replay_all(bureau.register)] == [True, True] and bureau.proved()


def test_money_taken_back_of_a_claim_that_is_added_up_again_leaves_room(tmp_path: Path) -> None:
    """附件3 一: 2 亿元 is paid 5,000,000, the cap of the year; 1,000,000 came back. 800 万元 of the same project add nothing
    to a sum at the cap; 800 万元 of another project are due 240,000 of the 1,000,000 that are free again."""
    bureau = Bureau(tmp_path / "技改")
    bureau.form(1, 20000, prj_name="一期")
    bureau.review(dict.fromkeys(bureau.fill().received.numbers))
    bureau.settle()
    plan = bureau.plan()
    bureau.confirm(plan)
    take_back(
        bureau.register, plan.transfers[0].number, Decimal(1000000), who="甲", on=dt.date(2026, 9, 1), note="项目核减"
    )
    bureau.form(1, 800, prj_name="一期", name="b.xlsx")
    bureau.form(1, 800, prj_name="二期", name="c.xlsx")
    bureau.review(dict.fromkeys(bureau.fill().received.numbers))
    found = bureau.settle()
    assert due(found) == {"2026-00002": "0.00", "2026-00003": "240000.00"}
    said = [(note.claim, note.text) for note in found.settlement.notes if "收回" in note.text]
    assert [claim for claim, _ in said] == ["2026-00002"] and "2026-00001 已收回 1,000,000.00 元" in said[0][1]
    assert not any(note.code == "order" for note in found.settlement.notes)  # what is paid keeps its place
    assert bureau.plan().total == 240_000
    assert [found.agrees for found in replay_all(bureau.register)] == [True, True] and bureau.proved()


def test_a_fund_that_was_cut_holds_what_is_paid_from_it_and_nothing_else(tmp_path: Path) -> None:
    """500,000 of a fund of 1,000,000, one half of it paid; then the fund is 300,000: the other half is past it, a second
    product is due nothing, and 240,000 of 附件3 一 are none of its business."""
    bureau = Bureau(tmp_path / "软件")
    product(bureau, 1, dt.date(2026, 5, 1))
    bureau.review(dict.fromkeys(bureau.fill().received.numbers))
    assert due(bureau.settle(2026, pools={FUND: "1000000"})) == {"2026-00001": "500000.00"}
    bureau.confirm(bureau.plan(share=Decimal("0.5")))
    product(bureau, 2, dt.date(2026, 5, 1))
    bureau.form(3, 800)
    bureau.review(dict.fromkeys(bureau.fill().received.numbers))
    found = bureau.settle(2026, pools={FUND: "300000"})
    assert due(found) == {"2026-00002": "0.00", "2026-00003": "240000.00"}
    with pytest.raises(PaymentError, match=r"2026 年度共 300,000\.00 元，连同本次要拨 500,000\.00 元.*--only"):
        bureau.plan()
    assert bureau.plan(only=["2026-00003"]).total == 240_000


def test_one_invoice_in_two_claims_waits_and_says_its_cells(tmp_path: Path) -> None:
    """Two enterprises, two batches, one invoice, written with blanks the second time."""
    bureau = Bureau(tmp_path / "技改")
    numbers = []
    for firm, invoice in ((1, "26350000000000000010"), (2, "2635 0000 0000 0000 0010"), (3, "26350000000000000011")):
        path = bureau.form(firm, 800)
        book = load_workbook(path)
        book["发票明细表"]["C4"], book["发票明细表"]["E4"] = invoice, 8000000
        book.save(path)
        numbers += bureau.fill().received.numbers
    bureau.review(dict.fromkeys(numbers))
    bureau.settle()
    holds = [transfer.hold for transfer in bureau.plan().transfers]
    assert "一票两报" in holds[0] and numbers[1] in holds[0] and numbers[0] in holds[1] and not holds[2]
    found = [item for item in reconcile(bureau.register) if item.kind == "一票两报"]
    assert [item.where for item in found] == ["、".join(numbers[:2])] and found[0].what.count("发票明细表!C4") == 2


def test_principal_that_had_no_room_in_the_first_year_has_none_taken_in_the_second(tmp_path: Path) -> None:
    """附件3 二: 2% of at most 2 亿元 of principal. 1.5 亿 and 1 亿, of which 0.5 亿 have room: 3,000,000 and 1,000,000; the
    same in the second year, though the register states both balances whole."""
    bureau = Bureau(tmp_path / "贴息")
    for year in (2026, 2027):
        first, last, applied = dt.date(year, 1, 1), dt.date(year, 12, 31), dt.date(year + 1, 2, 1)
        for loan, balance in (("甲行1", 15000), ("乙行2", 10000)):
            bureau.form(
                1, None, rule="tech_loan_interest", prj_name="一期", prj_loan=loan, loan_balance=balance, days=365,
                period_from=first, period_to=last, first_drawdown_on=dt.date(2026, 1, 1), bond_supported="否",
                project_loan="是", prj_applied_on=applied, prj_fact_on=last, name=f"{year}-{loan[-1]}.xlsx",
            )  # fmt: skip
        numbers = bureau.fill(on=applied.isoformat()).received.numbers
        bureau.review(dict.fromkeys(numbers))
        assert due(bureau.settle(year)) == dict(zip(numbers, ("3000000.00", "1000000.00"), strict=True))
        plan = bureau.plan()
        # two loans bore more than the limit, as far as the register says: somebody looks at what each bore
        assert all("超过限额 200,000,000.00元" in t.hold for t in plan.transfers) is (year == 2027)
        if year == 2026:
            bureau.confirm(plan)
    assert bureau.proved()
