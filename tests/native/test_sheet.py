"""The 测算表: what a clerk opens, and LibreOffice as second oracle over every provision in one workbook."""

from __future__ import annotations

import datetime as dt
import zipfile
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import ironcalc
import openpyxl
import pytest
import xlsxwriter
from native import oracle
from python_calamine import CalamineWorkbook
from soffice import Soffice

from xlpolicy.cli import main
from xlpolicy.faults import InvalidInput, NotComputable, NotInForce
from xlpolicy.formulas.calculation_sheet import formula_text, write_sheet
from xlpolicy.formulas.rows import RowSheet
from xlpolicy.formulas.rule import native
from xlpolicy.law import catalog
from xlpolicy.law.in_force import Found

ON = dt.date(2026, 6, 30)
FIRST = 6
LO_ROWS = 40


def find(rule: str, on: dt.date = ON) -> Found:
    return catalog.default().find("fuzhou", rule, on)


def claims(found: Found, count: int) -> list[oracle.Row]:
    """Every kind of claim that `oracle` makes, fewer of each; figures in cells narrow the range of some counts."""
    cells = {item.name: f"B{i}" for i, item in enumerate(found.rule.inputs)}
    made = native(found.rule, cells, lambda figure, row, side: "参数!$F$4", helper_of=lambda index: f"Z{index + 1}")
    chosen = oracle.rows(found, made, 150)
    step = max(1, len(chosen) // count)
    return chosen[::step]


def lines(found: Found, rows: list[oracle.Row]) -> list[dict[str, Any]]:
    """The claims as lines of the sheet; dates as dates."""
    out: list[dict[str, Any]] = []
    for row in rows:
        line: dict[str, Any] = {"申报单位": "甲公司"}
        for name, value in row.cells.items():
            if found.rule.input(name).type == "date" and isinstance(value, int):
                value = dt.date(1899, 12, 30) + dt.timedelta(days=value)
            line[name] = value
        out.append(line)
    return out


@cache
def every_claim() -> list[list[oracle.Row]]:
    """The claims of every provision, the same for both units."""
    return [claims(item, LO_ROWS) for item in oracle.computable()]


@pytest.mark.soffice
@pytest.mark.parametrize("unit", ["元", "万元"], ids=["yuan", "wan"])
def test_libreoffice_agrees_on_every_provision(soffice: Soffice, tmp_path: Path, unit: Any) -> None:
    """Every provision in one workbook: what LibreOffice computes, what was stored beside it, what `assess` says."""
    found, rows = oracle.computable(), every_claim()
    path = write_sheet(
        found, tmp_path / "all.xlsx", 10, unit, examples=[lines(f, r) for f, r in zip(found, rows, strict=True)]
    )
    stored = CalamineWorkbook.from_path(path)
    names = stored.sheet_names[:-1]
    columns = [len(item.rule.inputs) + 2 for item in found]
    areas = {
        name: f"{letter(column)}{FIRST}:{letter(column + 1)}{FIRST + len(claimed) - 1}"
        for name, column, claimed in zip(names, columns, rows, strict=True)
    }
    computed = soffice.recalculate(path, areas)
    wrong, seen = [], 0
    for name, column, claimed in zip(names, columns, rows, strict=True):
        grid = stored.get_sheet_by_name(name).to_python(skip_empty_area=False)
        kept = [line[column : column + 2] for line in grid[FIRST - 1 : FIRST - 1 + len(claimed)]]
        for number, (claim, cached) in enumerate(zip(claimed, kept, strict=True), FIRST):
            amount, reason = (computed[name][f"{letter(column + side)}{number}"] for side in (0, 1))
            seen += 1
            text = claim_says(claim, amount, reason)
            if text or [amount or "", reason or ""] != [cached[0] or "", cached[1] or ""]:
                wrong.append(f"{name} {dict(claim.cells)}: {text or 'stored'} {amount} {reason} {cached}")
    assert wrong == []
    assert seen > 30 * len(found)


def claim_says(claim: oracle.Row, amount: Any, reason: Any) -> str:
    reason = reason or ""
    if claim.amount is None:
        return "" if not amount and amount != 0 and str(reason).startswith("请") else "should be empty"
    if not isinstance(amount, float | int) or Decimal(repr(amount)) != claim.amount:
        return f"should be {claim.amount}"
    return "" if str(reason).startswith("不") != claim.eligible else f"eligible {claim.eligible}"


def letter(column: int) -> str:
    return openpyxl.utils.get_column_letter(column + 1)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("sheet") / "测算表.xlsx"
    examples = [[{"申报单位": "甲公司", "investment": Decimal(8_000_000)}, {"investment": "八百万"}], []]
    write_sheet([find("tech_upgrade"), find("order_ranking")], path, 30, examples=examples)
    return openpyxl.load_workbook(path)


def test_page_and_headings(book: Any) -> None:
    table = book.worksheets[0]
    assert book.sheetnames == ["技改设备补助", "招标新签订单分档奖励", "参数"]
    assert (table.page_setup.orientation, table.page_setup.paperSize) == ("landscape", 9)
    assert table.sheet_properties.pageSetUpPr.fitToPage
    assert (table.page_setup.fitToWidth or 1, table.page_setup.fitToHeight) == (1, 0)
    assert table.freeze_panes == "C6"
    assert table.print_title_rows == "$4:$4"
    assert table["A1"].value == "福州市技改设备补助测算表"
    assert "榕政办规〔2026〕5号 附件3 一" in table["A2"].value
    assert "元" in table["C4"].value
    assert table["C4"].value.startswith("年度技改设备（含软件）实际投资额（不含增值税）＊")
    assert table["G4"].value == "计算结果\n（元，最高）"
    assert table["H4"].value.startswith("原因")
    assert table["B5"].value == "合计"


def test_drop_downs(book: Any) -> None:
    def lists(table: Any) -> dict[str, str]:
        return {str(v.sqref): v.formula1 for v in table.data_validations.dataValidation if v.type == "list"}

    assert lists(book.worksheets[0]) == {"E6:E35": '"是,否"'}
    assert lists(book.worksheets[1]) == {"C6:C35": '"第一档,第二档,第三档"', "E6:E35": '"是,否"'}


def test_figures_stand_in_a_visible_sheet_with_their_article(book: Any) -> None:
    figures = book["参数"]
    assert figures.sheet_state == "visible"
    rows = [[cell.value for cell in row[:7]] for row in figures.iter_rows(min_row=4)]
    assert rows[0][:5] == ["技改设备补助", "门槛", "500万元", 5000000, "元"]
    assert rows[0][6] == "榕政办规〔2026〕5号 附件3 一"
    assert {row[2] for row in rows} >= {"500万元", "3%", "120万元", "5%"}
    for number in range(FIRST, FIRST + 30):
        assert "参数!$F$" in book.worksheets[0][f"G{number}"].value
    # none of the law's numbers stands in a formula of the table
    assert "500000000" not in book.worksheets[0]["G6"].value


def test_what_is_stored_beside_the_formulas(book: Any, tmp_path: Path) -> None:
    path = tmp_path / "again.xlsx"
    book.save(path)
    lines = [
        {"investment": Decimal(8_000_000)},
        {"investment": "八百万"},
        {"investment": Decimal("4999999.99")},
        {"bond_supported": "是"},
    ]
    write_sheet([find("tech_upgrade")], path, 5, examples=[lines], force=True)
    table = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    assert [table[f"G{row}"].value for row in range(5, 11)] == [240000, 240000, None, None, None, None]
    assert table["H6"].value is None
    assert table["H7"].value.startswith("请填写“年度技改设备（含软件）实际投资额（不含增值税）”")
    assert table["H8"].value == "请补填“同一投资的含增值税金额”：不填不能判断能否补助"
    assert table["H9"].value.startswith("请填写")
    assert table["H10"].value is None


def test_what_was_assumed_is_said(tmp_path: Path) -> None:
    path = write_sheet(
        [find("digital_project")], tmp_path / "a.xlsx", 2, examples=[[{"investment": Decimal(1_000_000)}]]
    )
    table = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    column = 3 + len(find("digital_project").rule.inputs)
    assert table.cell(6, column).value == 200_000  # 100 万 × 20 %
    assert table.cell(6, column + 1).value == "未填的按“是”测算，请核对：“成效（应用效果）已获认定”"


BULK = ["tech_upgrade", "park_infra_interest", "tech_loan_interest"]


@pytest.mark.soffice
def test_a_long_table_shares_its_formulas(soffice: Soffice, tmp_path: Path) -> None:
    """From 1,000 rows on the file holds every formula once; LibreOffice, IronCalc and openpyxl see it in every row."""
    found = [find(rule) for rule in BULK]
    rows = [claims(item, 60) for item in found]
    examples = [lines(f, r) for f, r in zip(found, rows, strict=True)]
    path = write_sheet(found, tmp_path / "long.xlsx", 1000, examples=examples)
    assert path.stat().st_size < 400_000
    xml = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode()
    # Excel shares no formula that refers to another sheet: those stand in row 5, once for every figure
    assert "参数!" not in xml.split('<row r="6"')[1]
    assert xml.count("参数!") == 3
    computed = soffice.recalculate(path, {item.rule.title[:31]: "A6:AD1005" for item in found})
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    book = openpyxl.load_workbook(path)
    for index, (item, claimed) in enumerate(zip(found, rows, strict=True)):
        column = len(item.rule.inputs) + 2
        for number, claim in enumerate(claimed, FIRST):
            shown = (computed[item.rule.title[:31]][f"{letter(column + side)}{number}"] for side in (0, 1))
            assert claim_says(claim, *shown) == "", dict(claim.cells)
            amount, reason = (model.get_cell_value(index, number, column + 1 + side) for side in (0, 1))
            assert claim_says(claim, amount, reason) == "", dict(claim.cells)
        assert f"C{FIRST + 999}" in book.worksheets[index].cell(FIRST + 999, column + 1).value
        last = computed[item.rule.title[:31]][f"{letter(column)}1005"]
        assert not last, "a blank row stays blank"


def test_rows_written_in_bulk_are_those_written_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def one_by_one(self: RowSheet, first: int, last: int, write: Any) -> None:
        for row in range(first, last + 1):
            write(row)

    found, examples = [find("park_infra_interest"), find("tech_upgrade")], [[{"interest": Decimal(5)}]]
    for rows in (300, 1200):
        bulk = write_sheet(found, tmp_path / f"{rows}.xlsx", rows, examples=examples)
        with monkeypatch.context() as patch:
            patch.setattr(RowSheet, "write_alike", one_by_one)
            single = write_sheet(found, tmp_path / f"{rows} single.xlsx", rows, examples=examples)
        for name in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"):
            assert zipfile.ZipFile(bulk).read(name) == zipfile.ZipFile(single).read(name)


def test_the_formulas_need_no_rewriting_by_xlsxwriter(tmp_path: Path) -> None:
    """What RowSheet leaves out would have changed nothing."""
    with xlsxwriter.Workbook(str(tmp_path / "x.xlsx")) as probe:
        plain = probe.add_worksheet()
        for found in oracle.computable():
            made = native(found.rule, {item.name: f"B{i + 1}" for i, item in enumerate(found.rule.inputs)})
            for formula in (made.amount, made.reason):
                assert plain._prepare_formula(formula) == formula.removeprefix("=")


def test_a_sheet_for_every_provision_has_its_own_name(tmp_path: Path) -> None:
    path = write_sheet(oracle.computable(), tmp_path / "all.xlsx", 1)
    names = openpyxl.load_workbook(path, read_only=True).sheetnames
    assert len({name.lower() for name in names}) == len(oracle.computable()) + 1
    assert max(map(len, names)) <= 31


def test_refusals(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"kept")
    with pytest.raises(FileExistsError, match="未覆盖"):
        write_sheet([find("tech_upgrade")], path)
    assert path.read_bytes() == b"kept"
    assert list(tmp_path.iterdir()) == [path]
    for wrong in ({"unit": "亿元"}, {"rows": 0}):
        with pytest.raises(InvalidInput):
            write_sheet([find("tech_upgrade")], tmp_path / "b.xlsx", **wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="条款"):
        write_sheet([], tmp_path / "b.xlsx")
    with pytest.raises(NotComputable):
        write_sheet([find("srdi_iur")], tmp_path / "b.xlsx")
    assert list(tmp_path.iterdir()) == [path]


def test_formula_text() -> None:
    made = formula_text("福州", "技改设备补助", {"investment": "B2", "本企业本年度技改补助已兑现金额": "F2"}, on=ON)
    assert made.amount.startswith("=")
    assert "B2" in made.amount
    assert "F2" in made.amount
    default = formula_text("fuzhou", "tech_upgrade", on="2026-06-30")
    assert {"B2", "C2", "D2", "E2"} <= {default.amount[i : i + 2] for i in range(len(default.amount))}
    with pytest.raises(InvalidInput, match="investment"):
        formula_text("fuzhou", "tech_upgrade", {"paid_before": "F2"}, on=ON)
    with pytest.raises(NotInForce):
        formula_text("fuzhou", "tech_upgrade", on="2019-01-01")
    assert formula_text("fuzhou", "tech_upgrade", policy="fuzhou-2024-13").amount != default.amount


def test_an_award_that_runs_on_after_expiry(tmp_path: Path) -> None:
    """Also by IronCalc: the date decides, and the reason says so."""
    on = dt.date(2026, 6, 30)
    found = catalog.default().find("fuzhou", "dual_cross_platform", on)
    assert found.tail
    days = [dt.date(2025, 12, 31), dt.date(2024, 1, 1), dt.date(2023, 12, 31), dt.date(2026, 1, 1), None]
    lines = [
        {"consecutive_year": year, "first_selected_on": day} for year, day in zip([2, 3, 3, 1, 2], days, strict=True)
    ]
    lines.append({"consecutive_year": 2, "first_selected_on": dt.date(2024, 1, 1)})  # 2026 is its third year
    path = write_sheet([found], tmp_path / "tail.xlsx", 6, on=on, examples=[lines])
    stored = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    for row, paid in enumerate([True, True, False, False, False, False], FIRST):
        assert bool(stored.cell(row, 6).value) is paid
        assert bool(model.get_cell_value(0, row, 6)) is paid
        assert (model.get_cell_value(0, row, 7) or "").startswith("请") is not paid


@pytest.mark.soffice
@pytest.mark.parametrize("rows", [10, 1000])
def test_a_changed_figure_changes_the_result(soffice: Soffice, tmp_path: Path, rows: int) -> None:
    path = write_sheet(
        [find("tech_upgrade")], tmp_path / "a.xlsx", rows, examples=[[{"investment": Decimal(8_000_000)}]]
    )
    with soffice.open(path) as book:
        book.set("参数", {"D5": 0.035, "D4": 8_000_000})
        assert book.read_range("技改设备补助", "G6:H6")["G6"] == 280_000
        book.set("参数", {"D4": 8_000_000.01})
        shown = book.read_range("技改设备补助", "G6:H6")
        assert shown["G6"] == "", "with tax it may still pass: asked, not refused"
        assert str(shown["H6"]).startswith("请补填")


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"investment": "B2", "年度技改设备（含软件）实际投资额（不含增值税）": "C2"}, "写了两次"),
        ({"invest": "B2"}, "没有“invest”这个输入项"),
        ({"bond_supported": "B2"}, "没有给出“年度技改设备（含软件）实际投资额（不含增值税）”（investment）的单元格"),
    ],
)
def test_cells_that_name_no_input_or_one_twice(cells: dict[str, str], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        formula_text("福州", "技改设备补助", cells, on=ON)


def test_an_input_twice_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["formula", "福州", "技改设备补助", "--cells", "investment=B2", "investment=C2"]) == 2
    assert "“investment”写了两次" in capsys.readouterr().err
