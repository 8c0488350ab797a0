"""A bureau's year, every total by hand: batches, a correction, reductions, a short fund, instalments, a refused transfer,
money taken back, a second settlement, and the next year with what was paid before.

附件3 一: 3% from 500 万元 on, at most 5,000,000 a year. 附件4 二1 前段: 500,000 a product. 附件4 二2: 30%, at most 2,000,000.
附件4 五: the software fund is shared pro rata where it is short.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

from workingfolder import Bureau

from xlpolicy.law import catalog
from xlpolicy.register.export import export
from xlpolicy.register.paying import release, returned, take_back
from xlpolicy.register.proof import verify_export
from xlpolicy.register.replay import otherwise, replay
from xlpolicy.register.settling import Settling

DAY = dt.date(2026, 9, 1)
FUND = {"fz26_software_fund": "1100000"}


def n(number: int) -> str:
    return f"2026-{number:05d}"


def payable(found: Settling) -> dict[str, str]:
    return {claim.id: f"{claim.payable:.2f}" for claim in found.settlement.claims}


def test_a_year(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "2026技改")
    software = {"local_operation": "是"}
    for number, investment in ((1, 800), (2, 600), (3, 500), (4, 20000)):
        bureau.form(number, investment, prj_name="一期")
    bureau.form(5, None, rule="secure_product", count=1, **software)
    bureau.form(6, 500, rule="software_major_project", leads_project="是", **software)
    bureau.form(7, "约300")
    first = bureau.fill(received_from="鼓楼区")
    assert first.received.numbers == [n(i) for i in range(1, 7)] and first.summary is not None
    assert (
        f"{first.summary.amount:.2f}" == "7570000.00"
    )  # 240,000 + 180,000 + 150,000 + 5,000,000 + 500,000 + 1,500,000

    bureau.form(2, 700, prj_name="一期", name="02更正.xlsx")  # 210,000
    bureau.form(7, 550, name="07补正.xlsx")  # 165,000
    bureau.form(8, None, rule="secure_product", count=1, **software)
    second = bureau.fill()
    assert [item.number for item in second.received.superseded] == [n(2)] and len(second.received.closed) == 1
    assert second.received.numbers == [n(7), n(8)]

    bureau.review(
        {n(1): 200000, n(2): None, n(3): 100000, n(4): None, n(5): None, n(6): 1200000, n(7): None, n(8): None}
    )
    found = bureau.settle(2026, pools=FUND)
    # software 500,000 + 1,200,000 + 500,000 = 2,200,000 of a fund of 1,100,000: a half each
    assert payable(found) == {
        n(1): "200000.00", n(2): "210000.00", n(3): "100000.00", n(4): "5000000.00", n(5): "250000.00", n(6): "600000.00",
        n(7): "165000.00", n(8): "250000.00",
    }  # fmt: skip
    plan = bureau.plan(share=Decimal("0.5"))
    assert bureau.confirm(plan) == (8, Decimal("3387500.00"))
    plan = bureau.plan()
    assert bureau.confirm(plan) == (8, Decimal("3387500.00"))
    of_three = next(t for t in plan.transfers if t.holder == "示例企业03有限公司")
    returned(bureau.register, of_three.number, who="甲", on=DAY, note="账号有误")
    again = bureau.plan()
    release(bureau.register, again.transfers[0].number, who="甲", on=DAY, note="银行误退，账号无误")
    assert bureau.confirm(again) == (1, Decimal("50000.00"))
    of_six = next(t for t in plan.transfers if t.holder == "示例企业06有限公司")
    take_back(bureau.register, of_six.number, Decimal(100000), who="甲", on=DAY, note="项目核减")
    assert sum(s.paid for s in bureau.standings()) == Decimal("6675000.00")  # 6,775,000 less 100,000

    bureau.form(9, None, rule="secure_product", count=1, **software)
    bureau.form(4, 800, prj_name="二期", name="04二期.xlsx")
    assert bureau.fill(on="2026-11-30").received.numbers == [n(9), n(10)]
    bureau.review({n(9): None, n(10): None})
    # the fund has 1,100,000 less 1,000,000 left; 企业04 has had its 5,000,000 of the year
    assert payable(bureau.settle(2026, pools=FUND)) == {n(9): "0.00", n(10): "100000.00"}
    assert bureau.confirm(bureau.plan()) == (1, Decimal("100000.00"))

    bureau.form(4, 800, prj_name="三期", name="04三期.xlsx", prj_applied_on="2027-03-31", prj_fact_on=2027)
    bureau.form(1, 1000, rule="digital_project", prj_name="一期", name="01数智化.xlsx", prj_applied_on="2027-03-31")
    numbers = bureau.fill(on="2027-03-31").received.numbers
    assert len(numbers) == 2
    bureau.review(dict.fromkeys(numbers))
    found = bureau.settle(2027)
    # a new year has a new cap: 3% of 800 万元; 附件3 七2: the project was paid as 技改, whatever the year
    assert sorted(f"{c.payable:.2f}" for c in found.settlement.claims if c.id in numbers) == ["0.00", "240000.00"]
    assert bureau.confirm(bureau.plan()) == (1, Decimal("240000.00"))

    assert sum(s.paid for s in bureau.standings()) == Decimal("7015000.00")
    transfers = [t.number for s in bureau.standings() for t in s.transfers]
    assert len(transfers) == 19 and all(replay(bureau.register, number).agrees for number in transfers)
    assert otherwise(bureau.register, catalog.default(), 2026) == (11, [])  # the 数智化 of 01 was of 2026 too
    assert bureau.proved() and verify_export(export(bureau.register, tmp_path / "导出")).problems == ()
