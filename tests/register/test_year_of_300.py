"""A bureau's year with 300 enterprises: every total by sums written out here, none by the code under test.

附件3 一 技改: 3 % of the investment, at most 5,000,000 an enterprise and year; 附件3 三 数智化: 20 %, at most 2,000,000;
附件4 二1 前段: 500,000 a product, from a fund that is shared pro rata where it is short (附件4 五); 附件3 七2: one project
is paid once. Enterprise n invests 500 + n 万元, so that 3 % are (500 + n) × 300 元.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

from workingfolder import Bureau

from xlpolicy.law import catalog
from xlpolicy.register.export import export
from xlpolicy.register.paying import take_back
from xlpolicy.register.proof import verify_export
from xlpolicy.register.replay import otherwise, replay_all
from xlpolicy.register.room import paid
from xlpolicy.register.standing import PAID, Standing
from xlpolicy.register.status import status

TECH, DIGITAL, SOFTWARE = range(1, 151), range(151, 251), range(251, 301)
CORRECTED, REDUCED = range(1, 41), range(41, 53)
#: 40 corrected to 600 + n, 12 reduced to 100,000, the other 98 as they are
TECH_COMPUTED = sum((600 + n) * 300 for n in CORRECTED) + sum((500 + n) * 300 for n in range(41, 151))
TECH_CUT = sum((500 + n) * 300 - 100_000 for n in REDUCED)
TECH_DUE = TECH_COMPUTED - TECH_CUT
#: 20 % of (200 + n) 万元: 351 × 2,000 up to 450 × 2,000, all below 2,000,000
DIGITAL_DUE = sum((200 + n) * 2_000 for n in DIGITAL)
FUND, MORE = 10_000_000, 12_000_000
#: 40 products for 10,000,000: 250,000 each; 10 more for the 2,000,000 that are left: 200,000 each
FIRST_SOFTWARE, SECOND_SOFTWARE = 40 * 250_000, 10 * 200_000
BACK = 30_000
#: next year: 20,000 万元 of 2026 leave 5,000,000 less 650 × 300; of 2027 the cap of a new year; 148's project was paid
LATE, NEW = 5_000_000 - 650 * 300, 5_000_000


def number(n: int) -> str:
    return f"2026-{n:05d}"


def product(bureau: Bureau, n: int) -> None:
    product = f"示例产品{n:03d}"
    bureau.form(n, None, name=f"{n:03d}.xlsx", rule="secure_product", count=1, local_operation="是", prj_object=product)


def total(standings: list[Standing]) -> Decimal:
    return sum((s.paid for s in standings), Decimal(0))


def test_a_year_of_300_enterprises(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "2026技改")
    for n in TECH:
        bureau.form(n, 500 + n, name=f"{n:03d}.xlsx")
    first = bureau.fill(received_from="鼓楼区")
    assert first.received.numbers == [number(n) for n in TECH] and first.summary is not None
    assert first.summary.amount == sum((500 + n) * 300 for n in TECH)
    for n in DIGITAL:
        bureau.form(n, 200 + n, rule="digital_project", name=f"{n:03d}.xlsx")
    assert bureau.fill(received_from="仓山区").received.numbers == [number(n) for n in DIGITAL]
    for n in CORRECTED:
        bureau.form(n, 600 + n, name=f"{n:03d}更正.xlsx")
    for n in range(251, 291):
        product(bureau, n)
    third = bureau.fill()
    assert sorted(item.number for item in third.received.superseded) == [number(n) for n in CORRECTED]
    assert third.received.numbers == [number(n) for n in range(251, 291)]

    loaded = bureau.review({number(n): 100_000 if n in REDUCED else None for n in range(1, 291)})
    assert (len(loaded.reviews), loaded.cut) == (290, Decimal(TECH_CUT))
    found = bureau.settle(2026, pools={"fz26_software_fund": str(FUND)})
    due = TECH_DUE + DIGITAL_DUE + FIRST_SOFTWARE
    assert sum(c.payable for c in found.settlement.claims) == due
    assert {c.payable for c in found.settlement.claims[250:]} == {Decimal(250_000)}
    half = bureau.plan(share=Decimal("0.5"))
    assert bureau.confirm(half) == (290, Decimal(due) / 2)
    assert bureau.confirm(bureau.plan()) == (290, Decimal(due) / 2)

    for n in range(291, 301):
        product(bureau, n)
    fourth = bureau.fill()
    assert (fourth.received.number, fourth.received.known) == ("2026-004", 330)
    assert fourth.received.numbers == [number(n) for n in range(291, 301)]
    bureau.review({number(n): None for n in range(291, 301)})
    found = bureau.settle(2026, pools={"fz26_software_fund": str(MORE)})
    assert [c.payable for c in found.settlement.claims] == [Decimal(200_000)] * 10
    assert bureau.confirm(bureau.plan()) == (10, Decimal(SECOND_SOFTWARE))
    of_one = next(t for t in half.transfers if t.claim == 1)
    take_back(bureau.register, of_one.number, Decimal(BACK), who="示例经办01", on=dt.date(2026, 12, 1), note="项目核减")

    year = due + SECOND_SOFTWARE - BACK
    standings = bureau.standings()
    assert (len(standings), total(standings)) == (300, Decimal(year))
    assert len({s.code for s in standings}) == 300
    assert {s.state for s in standings} == {PAID}  # what was taken back is not to be had again
    assert paid([standings[0]], "fuzhou", "tech_upgrade", 2026) == 601 * 300 - BACK
    seen = status(bureau.register)
    computed = TECH_COMPUTED + DIGITAL_DUE + 50 * 500_000
    assert (seen.batches, seen.forms, seen.claims) == (4, 340, 300)
    assert (seen.computed, seen.reviewed, seen.paid) == (computed, computed - TECH_CUT, year)

    later = {"prj_applied_on": "2027-03-31"}
    bureau.form(150, 20_000, name="150补报.xlsx", prj_name="二期", prj_fact_on=2026, **later)
    bureau.form(149, 20_000, name="149二期.xlsx", prj_name="二期", prj_fact_on=2027, **later)
    bureau.form(148, 1_000, rule="digital_project", name="148数智化.xlsx", prj_fact_on=2027, **later)
    numbers = bureau.fill(on="2027-03-31").received.numbers
    assert len(numbers) == 3
    bureau.review(dict.fromkeys(numbers))
    found = bureau.settle(2027)
    assert sorted(c.payable for c in found.settlement.claims) == [Decimal(0), Decimal(LATE), Decimal(NEW)]
    assert bureau.confirm(bureau.plan()) == (2, Decimal(LATE + NEW))
    assert total(bureau.standings()) == year + LATE + NEW

    again = list(replay_all(bureau.register))
    assert len(again) == 290 + 290 + 10 + 2 and all(one.agrees for one in again)
    assert otherwise(bureau.register, catalog.default(), 2026) == (301, [])
    assert bureau.proved() and verify_export(export(bureau.register, tmp_path / "导出")).problems == ()
