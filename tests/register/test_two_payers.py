"""A grant that city and county share, from the form to the papers of each: who pays what, and who has paid.

泉州 一（一）: 30 % of 1,000,000.10 is 300,000.03; 市、县 1:1, the odd fen the city's: 150,000.02 and 150,000.01.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

from openpyxl import load_workbook
from workingfolder import Bureau

from xlpolicy.batch import demo
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.register.plan_book import write_plan
from xlpolicy.register.replay import replay_all
from xlpolicy.register.settling import payment_of


def platform(bureau: Bureau) -> None:
    """The form of 1,000,000.10元 for 25 enterprises served, received and reviewed."""
    document = catalog.default().document("quanzhou-2023-6")
    plan = layout(document, document.rules["platform_build"])
    day = dt.date(2023, 8, 1)
    fields = {**plainly(plan), **demo.enterprise(1), "in_investment": 100.00001, "in_smes": 25, "ent_county": "晋江市"}
    fields |= {"prj_start": dt.date(2023, 5, 1), "prj_end": day, "prj_fact_on": day, "prj_applied_on": day}
    known = {key: value for key, value in fields.items() if key in plan.by_key}
    write_form(document, plan.rule, bureau.folder.inbox / "1.xlsx", prefill=known)
    bureau.fill(on="2023-09-01")
    bureau.review({"2026-00001": None})


def test_what_the_county_bore_is_said_to_the_next_settlement(tmp_path: Path) -> None:
    """晋江 文末: a contribution of 5万 leaves the county 50,000 of its 150,000.01; the city's 150,000.02 stands."""
    bureau = Bureau(tmp_path / "2023平台")
    platform(bureau)
    bureau.settle(2023, fiscal_contribution={bureau.standings()[0].name: "5万元"})
    paid = payment_of(bureau.standings()[0], catalog.default())
    assert (paid.amount, paid.county_part) == (Decimal("200000.02"), 50000)


def test_each_payer_gets_its_own_lines_and_bank_file(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path / "2023平台")
    platform(bureau)
    bureau.settle(2023)
    made = bureau.plan()
    halves = [("city", Decimal("150000.02")), ("county", Decimal("150000.01"))]
    assert [(t.payer, t.amount) for t in made.transfers] == halves

    path = bureau.folder.out / "拨款明细表.xlsx"
    files = {file.name: file for file in write_plan(bureau.register, made, path, bureau.folder)}
    assert {name for name in files if name.endswith("UTF8.csv")} == {
        "拨款明细表-银行导入-市级-UTF8.csv", "拨款明细表-银行导入-县级（晋江市）-UTF8.csv",
    }  # fmt: skip
    county = files["拨款明细表-银行导入-县级（晋江市）-UTF8.csv"].read_text(encoding="utf-8-sig")
    assert "150000.01" in county and "150000.02" not in county
    cells = [cell.value for row in load_workbook(path)["审签表"].iter_rows() for cell in row]
    assert {"市级", "县级（晋江市）"} <= {*cells}

    assert bureau.confirm(made, payers=("city",)) == (1, Decimal("150000.02"))
    assert [s.left("county") for s in bureau.standings()] == [0]  # planned, not to be planned twice
    assert bureau.confirm(made, payers=("county",)) == (1, Decimal("150000.01"))
    assert all(one.agrees for one in replay_all(bureau.register)) and bureau.proved()
