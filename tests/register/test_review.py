"""审核台账 out and back: what is taken, what is refused with its cell, conflicts between clerks, 公示."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font
from python_calamine import CalamineWorkbook
from soffice import Soffice
from sqlalchemy import text
from workingfolder import Bureau, two_received

from xlpolicy.cli import main
from xlpolicy.register.ledgers import write_reviews
from xlpolicy.register.ledgers.source import LedgerError
from xlpolicy.register.proof import verify
from xlpolicy.register.review import ReviewError, load, says_more


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    """Two claims: 800 万元 (240,000) and 500 万元 (150,000), rows 4 and 5 of the ledger."""
    return two_received(tmp_path)


@pytest.fixture
def ledger(bureau: Bureau) -> Path:
    path = bureau.folder.out / "审核台账.xlsx"
    write_reviews(bureau.register, path)
    return path


def faults(bureau: Bureau, path: Path) -> list[tuple[str, str]]:
    with pytest.raises(ReviewError) as caught:
        load(bureau.register, path, who="甲")
    return [(fault.cell, fault.code) for fault in caught.value.problems]


def test_who_reviews_reads_what_was_odd_about_a_form(tmp_path: Path) -> None:
    """As the batch's own 台账 says it; the second form has nothing but the law's own warning."""
    bureau = Bureau(tmp_path / "2026技改")
    bureau.form(1, prj_start=dt.date(2026, 12, 5), prj_end=None)
    bureau.form(2, 500)
    bureau.fill()
    path = bureau.folder.out / "审核台账.xlsx"
    write_reviews(bureau.register, path)
    sheet = load_workbook(path).worksheets[0]
    assert sheet["T3"].value == "提醒"
    law = "实施细则另定，兑付前请与细则核对（正文 四）"
    first, second = sheet["T4"].value.split("；\n"), sheet["T5"].value
    assert "晚于申报日期" in first[0] and first[-1] == second == law


def test_what_a_clerk_writes_comes_back(bureau: Bureau, ledger: Path) -> None:
    """240,000 reduced to 200,000: 40,000 off; 150,000 as computed."""
    bureau.edit(
        ledger,
        {"K4": 200000, "M4": "两张发票不在期间", "N4": "示例审核01", "O4": "2026-07-01", "J4": 210000, "K5": 150000},
    )
    loaded = load(bureau.register, ledger, who="示例审核02")
    assert loaded.reviews == ["2026-00001", "2026-00002"] and loaded.cut == Decimal("40000.00")
    first, second = (standing.review for standing in bureau.standings())
    assert first is not None and second is not None
    assert (first.amount, first.county_amount, first.reason) == (
        Decimal("200000.00"),
        Decimal("210000.00"),
        "两张发票不在期间",
    )
    assert (first.reviewer, first.reviewed_on, second.reviewer) == ("示例审核01", "2026-07-01", "示例审核02")
    assert verify(bureau.register).problems == ()


def test_loading_again_changes_nothing(bureau: Bureau, ledger: Path) -> None:
    bureau.edit(ledger, {"K4": 200000, "M4": "核减"})
    load(bureau.register, ledger, who="甲")
    entries = verify(bureau.register).entries
    again = load(bureau.register, ledger, who="甲")
    assert again.reviews == [] and again.unchanged == 2 and verify(bureau.register).entries == entries


def test_a_ledger_that_was_loaded_says_nothing_new_after_a_correction(bureau: Bureau, ledger: Path) -> None:
    """Loaded, then corrected: the old row is no conflict, the ledger may be written anew, the claim waits for its review."""
    bureau.edit(ledger, {"K4": 200000, "M4": "核减", "K5": 150000})
    load(bureau.register, ledger, who="甲")
    bureau.form(1, 700, name="01更正.xlsx")
    bureau.fill()
    assert not says_more(bureau.register, ledger)
    assert load(bureau.register, ledger, who="甲").unchanged == 2
    bureau.edit(ledger, {"K4": 190000})
    assert says_more(bureau.register, ledger) and faults(bureau, ledger) == [("K4", "conflict")]
    assert [s.review is None for s in bureau.standings()] == [True, False]


def test_a_copied_sheet_that_says_something_else_is_refused(bureau: Bureau, ledger: Path) -> None:
    book = load_workbook(ledger)
    copy = book.copy_worksheet(book.worksheets[0])
    book.save(ledger)
    assert load(bureau.register, ledger, who="甲").unchanged == 2, "a copy of the same is none to choose from"
    copy["K4"], copy["M4"] = 200000, "核减"
    book.save(ledger)
    with pytest.raises(ReviewError, match="不知道以哪张为准"):
        load(bureau.register, ledger, who="甲")


def test_what_a_clerk_added_beside_the_columns_is_kept(bureau: Bureau, ledger: Path, capsys: Any) -> None:
    command = ["review", "--folder", str(bureau.folder.path)]
    assert main(command) == 0
    assert "自己加的" not in capsys.readouterr().out and len(list(ledger.parent.glob("审核台账*"))) == 1
    bureau.edit(ledger, {"Y5": "电话问过，发票下周补"})
    assert main(command) == 0
    assert "自己加的内容，留在" in capsys.readouterr().out
    (aside,) = ledger.parent.glob("审核台账-*.xlsx")
    assert load_workbook(aside).worksheets[0]["Y5"].value == "电话问过，发票下周补"
    assert load_workbook(ledger).worksheets[0]["Y5"].value is None


def test_what_is_over_since_an_earlier_year_is_left_out(bureau: Bureau) -> None:
    """Rejected, paid and published, waiting; each of them in the year after, and in its own."""
    bureau.form(3, 600)
    bureau.fill()
    bureau.review({"2026-00001": 0, "2026-00002": None})
    bureau.settle()
    plan = bureau.plan()
    year = dt.date.today().year
    path = bureau.folder.out / "审核台账.xlsx"

    def listed(of: int) -> list[str]:
        write_reviews(bureau.register, path, year=of)
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[3:]
        return [str(row[0])[-1] for row in rows if str(row[0]).startswith("20")]

    assert listed(year) == ["1", "2", "3"] and listed(year + 1) == ["2", "3"]  # planned, not reviewed
    bureau.confirm(plan)
    assert listed(year + 1) == ["2", "3"]  # paid, and nothing was told of its 公示
    bureau.edit(path, {"P4": "无异议"})
    load(bureau.register, path, who="甲")
    assert listed(year + 1) == ["3"] and listed(year) == ["1", "2", "3"]


def test_what_was_applied_for_stands_beside_what_was_computed(bureau: Bureau) -> None:
    """Of two claims of 240,000 and 150,000 one asked for 200,000; the other form has no such field: 200,000 in all."""
    with bureau.register.transaction() as connection:
        connection.execute(text("DROP TRIGGER IF EXISTS no_update_decisions"))
        connection.execute(text("UPDATE decisions SET asked = 20000000 WHERE id = 1"))
    path = bureau.folder.out / "审核台账.xlsx"
    write_reviews(bureau.register, path)
    grid = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    column = next(i for i, head in enumerate(grid[2]) if str(head).startswith("申报额"))
    assert [row[column] for row in grid[3:6]] == [200000, "", 200000] and "申请金额" in str(grid[1][0])
    assert [row[column + 1] for row in grid[3:6]] == [240000, 150000, 390000]


def test_totals_of_the_ledger_are_what_the_register_holds(bureau: Bureau, ledger: Path) -> None:
    """240,000 + 150,000 computed; 200,000 reviewed so far; 40,000 off."""
    bureau.review({"2026-00001": 200000})
    write_reviews(bureau.register, ledger)
    last = CalamineWorkbook.from_path(ledger).get_sheet_by_index(0).to_python()[-1]
    assert [last[i] for i in (0, 8, 10, 11)] == ["合计", 390000, 200000, 40000]


WRONG: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "more than computed": ({"K4": 240000.01, "M4": "多"}, [("K4", "review_file")]),
    "no reason": ({"K4": 1}, [("M4", "review_file")]),
    "below zero": ({"K4": -1, "M4": "减"}, [("K4", "review_file")]),
    "no amount": ({"K4": "约二十万", "M4": "减"}, [("K4", "review_file")]),
    "part of a cent": ({"K4": "100.005", "M4": "减"}, [("K4", "review_file")]),
    "no day": ({"K4": 240000, "O4": "明天"}, [("O4", "review_file")]),
    "a day to come": ({"K4": 240000, "O4": "2099-01-01"}, [("O4", "review_file")]),
    "a name without an amount": ({"N4": "示例审核01"}, [("K4", "review_file")]),
    "a formula that nobody computed": ({"K4": "=I4*0.8", "M4": "减"}, [("K4", "formula_unsaved")]),
    "no such number": ({"A4": "2026-99999"}, [("A4", "review_file")]),
    "one number twice": ({"A5": "2026-00001"}, [("A5", "review_file")]),
    "the version changed": ({"V4": "新"}, [("V4", "review_file")]),
    "no such result": ({"K4": 240000, "P4": "没有意见"}, [("P4", "review_file")]),
    "an objection without words": ({"K4": 240000, "P4": "异议"}, [("R4", "review_file")]),
    "words without a result": ({"K4": 240000, "R4": "有人反映"}, [("P4", "review_file")]),
    "published before it is reviewed": ({"P4": "无异议"}, [("P4", "review_file")]),
    "all at once": ({"K4": -1, "K5": 150001}, [("K4", "review_file"), ("K5", "review_file")]),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_by_cell_and_nothing_is_loaded(bureau: Bureau, ledger: Path, name: str) -> None:
    cells, expected = WRONG[name]
    bureau.edit(ledger, {"K5": 150000, **cells})
    assert faults(bureau, ledger) == expected
    assert [standing.review for standing in bureau.standings()] == [None, None]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda cell: setattr(cell, "number_format", '0"万元"'), "shown_differently"),
        (lambda cell: setattr(cell, "number_format", '0.0,"千元"'), "shown_differently"),
        (lambda cell: setattr(cell, "font", Font(strike=True)), "strike"),
    ],
)
def test_what_is_loaded_is_what_the_ledger_shows(
    bureau: Bureau, ledger: Path, change: Callable[[Cell], None], code: str
) -> None:
    """20 that shows 20万元 is no review of 20 元, a struck amount none at all."""
    book = load_workbook(ledger)
    sheet = book.worksheets[0]
    sheet["K4"], sheet["M4"] = 20, "核减"
    change(sheet["K4"])
    book.save(ledger)
    assert faults(bureau, ledger) == [("K4", code)]


def test_a_restyled_and_reordered_ledger_loads(bureau: Bureau, ledger: Path) -> None:
    bureau.edit(ledger, {"K4": 200000, "M4": "核减"})
    book = load_workbook(ledger)
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=5)]
    other = book.create_sheet("科室用表", 0)
    other["B2"] = "某局审核表"
    for row in rows:
        other.append([None, *reversed(row)])
    book.remove(sheet)
    book.save(ledger)
    assert load(bureau.register, ledger, who="甲").reviews == ["2026-00001"]


def test_a_lost_heading_is_told(bureau: Bureau, ledger: Path) -> None:
    bureau.edit(ledger, {"V3": "备注"})
    with pytest.raises(ReviewError, match="缺少栏目：版次"):
        load(bureau.register, ledger, who="甲")


def test_a_template_whose_ledger_could_not_be_loaded_is_refused_at_once(bureau: Bureau, ledger: Path) -> None:
    bureau.edit(bureau.folder.path / "模板" / "审核台账.xlsx", {"K3": "我局核定数", "A3": "申请编号\n（市）"})
    with pytest.raises(LedgerError, match="没有表头“编号”、“审定额”，填好以后载不回来"):
        write_reviews(bureau.register, ledger, bureau.folder)
    bureau.edit(bureau.folder.path / "模板" / "审核台账.xlsx", {"K3": "审 定 额(元)", "A3": "编号"})
    assert write_reviews(bureau.register, ledger, bureau.folder) == 2


def test_two_clerks_who_review_one_claim_differently_are_a_conflict(
    bureau: Bureau, ledger: Path, tmp_path: Path
) -> None:
    other = tmp_path / "另一份.xlsx"
    write_reviews(bureau.register, other)
    bureau.edit(ledger, {"K4": 200000, "M4": "核减"})
    bureau.edit(other, {"K4": 180000, "M4": "核减", "K5": 150000})
    load(bureau.register, ledger, who="甲")
    assert faults(bureau, other) == [("K4", "conflict")]
    first = bureau.standings()[0].review
    assert first is not None and first.amount == Decimal("200000.00")


def test_a_corrected_form_makes_the_row_a_conflict_and_the_review_void(bureau: Bureau, ledger: Path) -> None:
    bureau.review({"2026-00001": None})
    write_reviews(bureau.register, ledger)
    bureau.form(1, 900, name="更正.xlsx")
    taken = bureau.fill()
    assert taken.received.superseded[0].review
    assert bureau.standings()[0].review is None
    bureau.edit(ledger, {"K4": 230000, "M4": "核减"})
    assert faults(bureau, ledger) == [("K4", "conflict")]


def test_an_objection_that_is_upheld_goes_back_to_review(bureau: Bureau, ledger: Path) -> None:
    bureau.review({"2026-00001": None})
    for result, words, state in (("异议", "有人反映设备未到货", "异议处理中"), ("异议成立", "查实未到货", "待审定")):
        write_reviews(bureau.register, ledger)
        bureau.edit(ledger, {"P4": result, "Q4": "2026-07-10", "R4": words})
        assert load(bureau.register, ledger, who="甲").publications == ["2026-00001"]
        assert bureau.standings()[0].state == state
    again = load(
        bureau.register, ledger, who="甲"
    )  # the amount that was reviewed before the objection is no new review
    assert (again.reviews, again.publications, again.unchanged) == ([], [], 2)
    assert bureau.standings()[0].review is None
    assert bureau.review({"2026-00001": 100000}).reviews == ["2026-00001"]
    assert bureau.standings()[0].state == "待核算"


def test_a_cleared_review_is_no_way_to_undo_it(bureau: Bureau, ledger: Path) -> None:
    bureau.review({"2026-00001": None})
    write_reviews(bureau.register, ledger)
    bureau.edit(ledger, {"K4": None})
    assert faults(bureau, ledger) == [("K4", "review_file")]


@pytest.mark.soffice
@pytest.mark.parametrize("fmt", ["xlsx", "ods"])
def test_a_ledger_that_libreoffice_saved_loads(
    bureau: Bureau, ledger: Path, soffice: Soffice, tmp_path: Path, fmt: Any
) -> None:
    saved = tmp_path / f"存过.{fmt}"
    with soffice.open(ledger) as book:
        book.set("审核台账", {"K4": 200000, "M4": "核减", "K5": 150000})
        book.recalculate()
        assert book.read_range("审核台账", "L4:L6") == {"L4": 40000, "L5": 0, "L6": 40000}
        book.save(saved, fmt)
    assert load(bureau.register, saved, who="甲").cut == Decimal("40000.00")


def test_the_command(bureau: Bureau, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(bureau.folder.path)
    assert main(["review"]) == 0
    assert "xlpolicy review load" in capsys.readouterr().out
    assert main(["review"]) == 0  # nothing was filled in yet
    bureau.edit(bureau.folder.out / "审核台账.xlsx", {"K4": 200000, "M4": "核减"})
    assert main(["review"]) == 2  # it would be lost
    assert "--force" in capsys.readouterr().err
    assert main(["review", "load", "--by", "示例审核01"]) == 0
    assert "已载入审定 1 笔（核减 40,000.00 元）" in capsys.readouterr().out
    assert main(["review"]) == 0  # the register has all of it
    bureau.edit(bureau.folder.out / "审核台账.xlsx", {"P4": "无异议"})
    assert main(["review"]) == 2
    bureau.edit(bureau.folder.out / "审核台账.xlsx", {"K5": 999999})
    assert main(["review", "load"]) == 1
    assert "K5" in capsys.readouterr().err
