"""The rule workbook: unchanged it gives the identical documents, a change arrives, a broken cell is refused by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from soffice import Soffice

from xlpolicy import assess
from xlpolicy.faults import PolicyFileError, UnknownPolicy
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.encoding import encode
from xlpolicy.law.reading.compile import compile_text
from xlpolicy.survey.rulebook import read_book, write_book
from xlpolicy.survey.rulebook.cell_values import join, split
from xlpolicy.survey.rulebook.sheets import SHEETS

SIXTH = Path(__file__).parent / "sixth"
KEYS = list(catalogs.default().documents)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rulebook") / "规则簿.xlsx"
    assert write_book(path) == KEYS
    return path


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rulebook") / "规则簿.xlsx"
    assert write_book(path, "fuzhou-2026-5") == ["fuzhou-2026-5"]
    return path


def cells(sheet: Worksheet, **wanted: str) -> Iterator[tuple[dict[str, Cell], int]]:
    """The rows where these columns say this, by heading."""
    heads = {str(cell.value): cell.column for cell in sheet[3]}
    for number in range(4, sheet.max_row + 1):
        row = {name: sheet.cell(number, column) for name, column in heads.items()}
        if all(row[name].value == value for name, value in wanted.items()):
            yield row, number  # type: ignore[misc]


def cell(book: Workbook, sheet: str, column: str, **wanted: str) -> Cell:
    return next(cells(book[sheet], **wanted))[0][column]


def changed(path: Path, folder: Path, change: Callable[[Workbook], object]) -> Path:
    book = load_workbook(path)
    change(book)
    out = folder / "改过.xlsx"
    book.save(out)
    return out


def refusal(path: Path, folder: Path, change: Callable[[Workbook], object]) -> list[str]:
    with pytest.raises(PolicyFileError) as caught:
        read_book(changed(path, folder, change))
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("key", KEYS)
def test_unchanged_it_gives_the_identical_document(key: str, whole: Path) -> None:
    loaded = read_book(whole)
    assert loaded.changes == ()
    expected = encode(catalogs.default().documents[key])
    assert encode(loaded.documents[key]) == expected
    assert encode(compile_text(loaded.texts[key], "saved")) == expected


@pytest.mark.parametrize("key", KEYS)
def test_one_document_alone_and_a_second_trip(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was saved as YAML and written again as a workbook is still the same document."""
    write_book(tmp_path / "a.xlsx", key)
    read_book(tmp_path / "a.xlsx").save(tmp_path / "policies")
    monkeypatch.setenv("XLPOLICY_POLICIES", str(tmp_path / "policies"))
    write_book(tmp_path / "b.xlsx", key)
    again = read_book(tmp_path / "b.xlsx").documents[key]
    assert encode(again) == encode(catalogs.default().documents[key])


def test_a_bureaus_own_document_makes_the_trip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLPOLICY_POLICIES", str(SIXTH / "policies"))
    write_book(tmp_path / "a.xlsx", "示政办〔2026〕9号")
    loaded = read_book(tmp_path / "a.xlsx")
    text = (SIXTH / "policies/shili-2026-9.yaml").read_text(encoding="utf-8")
    assert encode(loaded.documents["shili-2026-9"]) == encode(compile_text(text, "sixth"))


@pytest.mark.soffice
def test_saved_by_libreoffice_it_is_still_the_same(whole: Path, tmp_path: Path, soffice: Soffice) -> None:
    with soffice.open(whole) as book:
        book.set("说明", {"B1": "政策规则簿（已看过）"})
        saved = book.save(tmp_path / "back.xlsx", "xlsx")
    loaded = read_book(saved)
    assert loaded.changes == ()
    for key, document in catalogs.default().documents.items():
        assert encode(loaded.documents[key]) == encode(document)


def test_a_changed_figure_arrives(one: Path, tmp_path: Path) -> None:
    """封顶 500万元 → 400万元：2亿元×3%＝600万元，封顶后400万元；借用这个数字的条款跟着变"""

    def change(book: Workbook) -> None:
        cell(book, "数字", "数字", 条款编号="tech_upgrade", 代号="cap").value = "400万元"

    loaded = read_book(changed(one, tmp_path, change))
    assert [(c.what, c.old, c.new) for c in loaded.changes] == [("技改设备补助　封顶　数字", "500万元", "400万元")]
    assert "工作表“数字”" in loaded.changes[0].place
    catalog = Catalog(loaded.documents.values())
    for rule in ("tech_upgrade", "srdi_tech_upgrade", "innovation_center_tech_upgrade"):
        decision = assess("福州", rule, {"investment": "2亿元"}, on="2026-06-30", catalog=catalog)
        assert decision.amount == Decimal("4000000.00")


def test_a_percentage_typed_as_a_number_arrives(one: Path, tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        found = cell(book, "数字", "数字", 条款编号="tech_upgrade", 代号="rate")
        found.value, found.number_format = 0.035, "0.0%"

    figure = read_book(changed(one, tmp_path, change)).documents["fuzhou-2026-5"].rules["tech_upgrade"].figures["rate"]
    assert (figure.text, figure.value) == ("3.5%", Decimal("0.035"))


def test_a_changed_tier_date_title_scope_and_option_arrive(whole: Path, tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        cell(book, "数字", "档次", 条款编号="erp_software", 档次="300万元").value = "350万元"
        cell(book, "文件", "失效日期", 文件="jinjiang-2023-11").value = dt.datetime(2026, 12, 31)
        cell(book, "条款", "起始日期", 条款编号="craftsman_training").value = "2023年5月1日"
        cell(book, "条款", "名称", 条款编号="erp_software").value = "管理软件分档补助"
        cell(book, "条款", "性质", 条款编号="cloud_service").value = "最高"
        cell(book, "计算", "范围", 条款编号="demo_project", 步骤="封顶").value = "每个企业每年"
        found = cell(book, "输入项", "选项", 条款编号="pilot_contest", 代号="category")
        found.value = str(found.value).replace("综合型成套方案", "成套方案")

    loaded = read_book(changed(whole, tmp_path, change))
    document = loaded.documents["jinjiang-2023-11"]
    assert len(loaded.changes) == 7
    assert document.rules["erp_software"].title == "管理软件分档补助"
    assert document.rules["erp_software"].figures["award"].table.rows[-1][0] == Decimal(3_500_000)  # type: ignore[union-attr]
    assert document.valid_to == dt.date(2026, 12, 31)
    assert document.rules["craftsman_training"].valid_from == dt.date(2023, 5, 1)
    assert document.rules["cloud_service"].nature == "upper_bound"
    assert document.rules["demo_project"].limits[0].per == ("enterprise", "year")
    assert loaded.documents["fuzhou-2024-13"].rules["pilot_contest"].input("category").choices[0].label == "成套方案"


@pytest.mark.parametrize(
    ("sheet", "column", "wanted", "value", "told"),
    [
        ("数字", "数字", {"条款编号": "tech_upgrade", "代号": "cap"}, "400", "没有单位"),
        ("数字", "数字", {"条款编号": "tech_upgrade", "代号": "cap"}, 4000000, "没有单位"),
        ("数字", "数字", {"条款编号": "tech_upgrade", "代号": "cap"}, "3%", "比例"),
        ("数字", "数字", {"条款编号": "tech_upgrade", "代号": "cap"}, None, "没有写数字"),
        ("数字", "数字", {"条款编号": "tech_upgrade", "代号": "cap"}, "=1+1", "是公式"),
        ("数字", "数字", {"条款编号": "tech_center", "档次": "provincial"}, "七十万", "七十万"),
        ("文件", "失效日期", {}, "2030-02-30", "不是存在的日期"),
        ("文件", "失效日期", {}, "2025-12-31", "早于起"),
        ("文件", "文号", {}, None, "缺少文号"),
        ("条款", "性质", {"条款编号": "tech_upgrade"}, "随意", "定额、最高"),
        ("条款", "名称", {"条款编号": "tech_upgrade"}, None, "title"),
        ("条款", "条款编号", {"条款编号": "tech_upgrade"}, "Tech", "id"),
        ("计算", "范围", {"条款编号": "tech_upgrade", "步骤": "封顶"}, "每个月", "每个企业每年"),
        ("计算", "公式", {"条款编号": "tech_upgrade", "步骤": "金额"}, "rate * investmen", "investmen"),
        ("输入项", "选项", {"条款编号": "tech_center", "代号": "level"}, "国家级", "代号＝名称"),
        ("跨条款规则", "效果", {"编号": "fz26_project_exclusive"}, "{", "效果读不通"),
        ("跨条款规则", "成员", {"编号": "fz26_project_exclusive"}, "tech_upgrad", "tech_upgrad"),
    ],
)
def test_a_broken_cell_is_refused_with_its_place(
    sheet: str, column: str, wanted: dict[str, str], value: object, told: str, one: Path, tmp_path: Path
) -> None:
    places = []

    def change(book: Workbook) -> None:
        found = cell(book, sheet, column, **wanted)
        found.value = value  # type: ignore[assignment]
        places.append(found.coordinate)

    problems = refusal(one, tmp_path, change)
    assert any(told in problem for problem in problems)
    if column not in ("文号", "条款编号", "公式", "成员") and value != "3%":
        assert any(f"改过.xlsx 工作表“{sheet}”{places[0]}" in problem for problem in problems)
    assert all("工作表“" in problem for problem in problems)


def test_a_struck_figure_is_no_law(one: Path, tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        cell(book, "数字", "数字", 条款编号="tech_upgrade", 代号="cap").font = Font(strike=True)

    assert any("“500万元”划了删除线" in problem for problem in refusal(one, tmp_path, change))


def test_a_wrong_kind_points_to_the_formula_that_uses_it_or_to_the_number(one: Path, tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        cell(book, "数字", "数字", 条款编号="tech_upgrade", 代号="threshold").value = "500家"

    problems = refusal(one, tmp_path, change)
    assert any("“数字”" in p or "“计算”" in p for p in problems)
    assert any("金额" in p and "数量" in p for p in problems)


def test_every_problem_is_told_at_once(one: Path, tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        cell(book, "数字", "数字", 条款编号="tech_upgrade", 代号="cap").value = "400"
        cell(book, "文件", "失效日期").value = "明年"
        cell(book, "条款", "性质", 条款编号="design_center").value = "随意"

    assert len(refusal(one, tmp_path, change)) == 3


def test_nothing_is_written_over(one: Path, tmp_path: Path) -> None:
    loaded = read_book(one)
    (paths,) = loaded.save(tmp_path)
    assert paths.name == "fuzhou-2026-5.yaml"
    with pytest.raises(FileExistsError):
        loaded.save(tmp_path)
    assert loaded.save(tmp_path, force=True) == [paths]
    with pytest.raises(FileExistsError):
        write_book(one)


def test_a_missing_sheet_column_or_document_is_told(one: Path, tmp_path: Path) -> None:
    assert any("“数字”：没有这张工作表" in p for p in refusal(one, tmp_path, lambda book: book.remove(book["数字"])))
    assert any("缺少列 数字" in p for p in refusal(one, tmp_path, lambda book: book["数字"].delete_cols(6)))

    def rename(book: Workbook) -> None:
        cell(book, "文件", "文件").value = "fuzhou-2027"

    assert any("没有文件“fuzhou-2026-5”" in p for p in refusal(one, tmp_path, rename))
    (tmp_path / "x.xlsx").write_bytes(b"no workbook")
    with pytest.raises(PolicyFileError, match="读不出来"):
        read_book(tmp_path / "x.xlsx")
    with pytest.raises(UnknownPolicy):
        write_book(tmp_path / "y.xlsx", "fuzhou-2027")


def test_sorted_filtered_and_widened_tables_are_read(one: Path, tmp_path: Path) -> None:
    """An added column, an empty row and a note below do no harm; the order of the rows of 数字 does not matter."""

    def change(book: Workbook) -> None:
        sheet = book["条款"]
        sheet.insert_cols(3)
        sheet["C3"] = "备注"
        book["数字"].insert_rows(10)
        figures = book["数字"]
        figures.move_range(f"A4:{get_column_letter(figures.max_column)}{figures.max_row}", rows=2)

    loaded = read_book(changed(one, tmp_path, change))
    assert encode(loaded.documents["fuzhou-2026-5"]) == encode(catalogs.default().documents["fuzhou-2026-5"])


def test_only_what_may_be_changed_is_unlocked(whole: Path) -> None:
    book = load_workbook(whole)
    assert book.sheetnames == ["说明", *(sheet.name for sheet in SHEETS)]
    for sheet in SHEETS:
        page = book[sheet.name]
        assert page.protection.sheet and not page.protection.password
        open_columns = {column.heading for column in sheet.columns if column.kind == "edit"}
        for row, _ in cells(page):
            assert {name for name, item in row.items() if not item.protection.locked} <= open_columns
    figures = [row for row, _ in cells(book["数字"])]
    assert all(row["数字"].protection.locked == bool(row["沿用自"].value) for row in figures)


def test_a_list_on_one_line_is_read_back() -> None:
    for parts in (["市工信局", "各县（市、区）人民政府"], ["甲、乙"], ["甲，乙", "丙"], ["甲"], []):
        assert split(join(parts)) == parts
    assert split("甲、乙,丙") == ["甲", "乙", "丙"]
