"""Ledgers from templates: totals are the register's, a bureau's own look stays, what a template asks in vain is told by cell.

Two claims of 附件3 一 (3%): 800 万元 is 240,000, reviewed to 200,000; 500 万元 is 150,000, not reduced. Both are planned,
the first is paid: due 350,000, paid 200,000, left 150,000; taken off 40,000; of the year's 5,000,000 of the first
enterprise 4,800,000 are left.
"""

from __future__ import annotations

import datetime as dt
import shutil
import struct
import zipfile
import zlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.styles import Font
from python_calamine import CalamineWorkbook
from soffice import Soffice
from workingfolder import Bureau, two_received

from xlpolicy.cli import main
from xlpolicy.law import catalog
from xlpolicy.register import ledgers
from xlpolicy.register.folder import FORMS, make
from xlpolicy.register.journal import shown
from xlpolicy.register.ledgers.facts_told import facts_told
from xlpolicy.register.paying import take_back
from xlpolicy.settle import Facts
from xlpolicy.sheets.template import every, find
from xlpolicy.sheets.template_sheet import TemplateError

ONE, TWO = "2026-00001", "2026-00002"


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    made = two_received(tmp_path_factory.mktemp("bureau"))
    made.review({ONE: 200000, TWO: None})
    made.settle(pools={"pt_digital_fund": {"2026": "1000000"}})
    plan = made.plan()
    made.confirm(plan, skip={plan.transfers[1].number})
    return made


@pytest.fixture
def own(bureau: Bureau) -> Any:
    """The templates of the working folder, as they were again afterwards."""
    yield bureau.folder.path / FORMS
    for path in every():
        shutil.copy(path, bureau.folder.path / FORMS / path.name)


def written(bureau: Bureau, name: str, tmp_path: Path) -> Path:
    path = tmp_path / f"{name}.xlsx"
    ledgers.write(bureau.register, name, path, bureau.folder)
    return path


def totals(path: Path, sheet: str) -> dict[str, float]:
    """By heading what stands in the line 合计, as another program reads it."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()
    at = next(i for i, row in enumerate(rows) if row[0] == "合计")
    heads = next(row for row in reversed(rows[:at]) if any("\n" in str(cell) for cell in row))
    return {
        str(head).partition("\n")[0]: value
        for head, value in zip(heads, rows[at], strict=True)
        if isinstance(value, int | float)
    }


TOTALS: dict[str, tuple[str, dict[str, int]]] = {
    "申报台账": ("申报台账", {"测算额": 390000, "审定额": 350000, "应付": 350000, "已拨": 200000}),
    "兑付台账": (
        "兑付台账",
        {
            "测算额": 390000, "审定额": 350000, "核算扣减": 0, "应付": 350000, "中央": 0, "省级": 0, "市级": 350000,
            "县级": 0, "已拨": 200000, "收回": 0, "未拨": 150000,
        },
    ),
    "核减明细": ("核减明细", {"核减额": 40000}),
    "汇总": ("按条款", {"笔数": 2, "测算额": 390000, "审定额": 350000, "应付": 350000, "已拨": 200000, "收回": 0, "未拨": 150000}),
}  # fmt: skip


@pytest.mark.parametrize("name", TOTALS)
def test_totals_are_the_registers(bureau: Bureau, tmp_path: Path, name: str) -> None:
    sheet, expected = TOTALS[name]
    path = written(bureau, name, tmp_path)
    found = totals(path, sheet)
    assert {head: found[head] for head in expected} == expected
    record = CalamineWorkbook.from_path(path).get_sheet_by_name("核算记录").to_python()
    told = {str(row[0]): row[1] for row in record if row[0]}
    assert told["日志校验值"] == bureau.register.head()[1] and told["最近一次核算"] == "2026-H001"
    assert any("“智改数转”专项资金" in str(row[1]) for row in record)


def test_the_facts_of_a_settlement_are_told_in_chinese(bureau: Bureau) -> None:
    facts = Facts.of({
        "pools": {"fz26_software_fund": {2026: "1000000", 2027: "5"}, "“智改数转”专项资金": 1}, "fiscal_contribution": {"示例企业01": 5},
        "chain_enterprises": ["示例企业02"], "uplift_budget": "30", "choices": {"甲": "1"}, "ranks": {"1": 2},
        "prior_payments": [{"enterprise": "示例企业01", "city": "fuzhou", "rule": "tech_upgrade", "year": 2025, "amount": "7", "project": "甲"}],
        "external_support": [{"kind": "bond", "project": "甲", "enterprise": "示例企业02", "amount": 8, "object": "平台一"}],
        "year_rates": [{"document": "fuzhou-2026-5", "rule": "tech_upgrade", "figure": "rate", "year": 2026, "rate": "2%", "authority": "某文"}],
    })  # fmt: skip
    assert list(facts_told(facts, catalog.default())) == [
        ("地方贡献", "示例企业01：5.00 元"), ("资金", "软件产业发展专项：2026 年 1,000,000.00 元、2027 年 5.00 元"),
        ("资金", "“智改数转”专项资金：1.00 元"), ("链主企业", "示例企业02"), ("上浮资金", "30.00 元"),
        ("已兑付", "示例企业01　福州市 技改设备补助　2025 年　7.00 元　项目 甲"),
        ("其他支持", "超长期特别国债　示例企业02　项目 甲　对象 平台一　8.00 元"), ("项目选择", "甲：1"), ("名次", "1：第 2 名"),
        ("本年核定比例", "榕政办规〔2026〕5号 技改设备补助 比例　2026 年　2%　某文"),
    ]  # fmt: skip
    own = list(facts_told(facts, catalog.default(), ("示例企业02", "X")))
    assert [name for name, _ in own] == ["资金", "资金", "链主企业", "上浮资金", "其他支持", "本年核定比例"]
    assert list(facts_told(facts, catalog.default(), ("示例 企业０２", ""))) == own


def test_two_loans_of_one_project_are_told_apart(tmp_path: Path) -> None:
    """附件3 二: 1000万元 × 2 % for a year each; what everybody reads does not give the number of a contract."""
    bureau = Bureau(tmp_path / "2026贴息")
    for number, loan in enumerate(("甲行-1", "乙行-2")):
        values = {"loan_balance": 1000, "days": 365, "prj_name": "一期", "prj_loan": loan}
        bureau.form(1, None, name=f"{number}.xlsx", rule="tech_loan_interest", **values)  # type: ignore[arg-type]
    bureau.fill()
    bureau.review({standing.number: None for standing in bureau.standings()})
    bureau.settle()

    def column(name: str) -> list[object]:
        rows = CalamineWorkbook.from_path(written(bureau, name, tmp_path)).get_sheet_by_name(name).to_python()
        at = next(row.index("项目") for row in rows if "项目" in row)
        return [row[at] for row in rows if "一期" in str(row[at])]

    assert column("申报台账") == column("兑付台账") == ["一期，甲行-1", "一期，乙行-2"]
    assert column("公示表") == ["一期", "一期"]


def test_the_other_sums_of_the_summary(bureau: Bureau, tmp_path: Path) -> None:
    path = written(bureau, "汇总", tmp_path)
    by_payer = totals(path, "按资金来源")
    assert (by_payer["应付"], by_payer["已列入拨付"], by_payer["已拨"]) == (350000, 350000, 200000)
    assert totals(path, "资金结余")["资金总额"] == 1000000
    assert totals(path, "按年度")["未拨"] == 150000


def test_codes_and_accounts_are_text(bureau: Bureau, tmp_path: Path) -> None:
    sheet = load_workbook(written(bureau, "申报台账", tmp_path))["申报台账"]
    assert [sheet[f"{column}5"].data_type for column in "ADI"] == ["s", "s", "n"]
    assert "账号" not in "".join(
        str(c.value) for c in load_workbook(written(bureau, "公示表", tmp_path))["公示表"]["4"]
    )


def test_an_enterprise_on_one_sheet(bureau: Bureau, tmp_path: Path) -> None:
    (path,) = ledgers.write_enterprises(bureau.register, tmp_path, "示例企业01有限公司", bureau.folder)
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("企业一户一表").to_python()
    told = [row for row in rows if row[0] == "技改设备补助"]
    assert [row[4:7] for row in told] == [[5000000, 200000, 4800000]]
    assert any(row[0] == "BF2026-001-0001" and row[4:6] == [200000, 200000] for row in rows)
    assert "示例企业02" not in str(CalamineWorkbook.from_path(path).get_sheet_by_name("核算记录").to_python())


def test_charts_show_what_the_lists_became(bureau: Bureau, tmp_path: Path) -> None:
    with zipfile.ZipFile(written(bureau, "汇总", tmp_path)) as package:
        charts = [package.read(n).decode() for n in package.namelist() if n.startswith("xl/charts/chart")]
    assert len(charts) == 5
    counties = next(text for text in charts if "按县区" in text)
    assert (
        "'按县区'!$A$5:$A$6" in counties
        and counties.count('<c:ptCount val="2"' if "<c:" in counties else 'ptCount val="2"') == 4
    )


def test_a_restyled_and_reordered_template_fills(bureau: Bureau, own: Path, tmp_path: Path) -> None:
    """Columns swapped, one dropped, one added by its heading alone, one to be written in by hand, another title."""
    path = own / "申报台账.xlsx"
    book = load_workbook(path)
    sheet = book["申报台账"]
    sheet["A1"], sheet["A1"].font = "某局 申报情况", Font(name="楷体", size=26)
    for row in (4, 5):
        a, c = sheet[f"A{row}"].value, sheet[f"C{row}"].value
        sheet[f"A{row}"], sheet[f"C{row}"] = c, a
        sheet[f"N{row}"] = None
    sheet["N4"], sheet["O4"], sheet["O5"] = "性 质", "备注", "{空}"
    sheet.column_dimensions["C"].width = 31
    book.save(path)
    made = load_workbook(written(bureau, "申报台账", tmp_path))["申报台账"]
    assert made["A1"].value == "某局 申报情况" and made["A1"].font.name == "楷体"
    assert (made["A5"].value, made["C5"].value, made["C6"].value) == ("示例企业01有限公司", ONE, TWO)
    assert made["N5"].value and made["O5"].value is None and made.column_dimensions["C"].width == 31
    assert totals(tmp_path / "申报台账.xlsx", "申报台账")["测算额"] == 390000


@pytest.mark.parametrize(
    ("cell", "text", "said"),
    [
        ("B5", "{申报.批号}", "{申报.批号} 没有对应的数据"), ("A2", "共 {几笔} 笔", "{几笔} 没有对应的数据"),
        ("B6", "=1+1", "模板里写了公式"), ("B6", "{合计 申报.没有}", "没有对应的数据"),
    ],
)  # fmt: skip
def test_what_a_template_asks_in_vain_is_told_by_cell(
    bureau: Bureau, own: Path, tmp_path: Path, cell: str, text: str, said: str
) -> None:
    path = own / "申报台账.xlsx"
    book = load_workbook(path)
    book["申报台账"][cell] = text
    book.save(path)
    with pytest.raises(TemplateError) as caught:
        written(bureau, "申报台账", tmp_path)
    assert caught.value.problem.where == f"申报台账.xlsx 申报台账!{cell}" and said in caught.value.problem.got
    assert not (tmp_path / "申报台账.xlsx").exists()


def test_an_unknown_heading_is_told_by_cell(bureau: Bureau, own: Path, tmp_path: Path) -> None:
    path = own / "申报台账.xlsx"
    book = load_workbook(path)
    book["申报台账"]["B4"], book["申报台账"]["B5"] = "批号", None
    book.save(path)
    with pytest.raises(TemplateError) as caught:
        written(bureau, "申报台账", tmp_path)
    problem = caught.value.problem
    assert problem.where == "申报台账.xlsx 申报台账!B4" and "批号" in problem.got and "{空}" in problem.remedy
    book["申报台账"]["B4"] = "批次"
    book["申报台账"].merge_cells("A5:B5")
    book.save(path)
    with pytest.raises(TemplateError, match="B4：“批次”下面一格与左边的合并了，填不进去"):
        written(bureau, "申报台账", tmp_path)
    book["申报台账"].unmerge_cells("A5:B5")
    book.remove(book["核算记录"])
    book.save(path)
    with pytest.raises(TemplateError, match="模板里没有“核算记录”这张表"):
        written(bureau, "申报台账", tmp_path)


def picture(path: Path) -> Path:
    """The smallest PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    return path


def test_a_template_of_another_program_keeps_its_logo_lists_and_print_area(
    bureau: Bureau, own: Path, tmp_path: Path
) -> None:
    """Drawn with XlsxWriter: a logo above, a seal below the list, a drop-down, a merged pair of cells, a named range."""
    logo = picture(tmp_path / "标志.png")
    with xlsxwriter.Workbook(own / "申报台账.xlsx") as book:
        sheet = book.add_worksheet("申报台账")
        sheet.insert_image("A1", str(logo))
        sheet.write_row("A3", ["编号", "测算额（元）", "意见", "申报单位", ""])
        sheet.write_row("A4", ["{申报.编号}", "", "{空}"])
        sheet.merge_range("D4:E4", "{申报.申报单位}")
        sheet.write_row("A5", ["合计", "{合计}"])
        sheet.data_validation("C4", {"validate": "list", "source": ["同意", "不同意"]})
        sheet.insert_image("A7", str(logo))
        sheet.print_area("A1:E8")
        book.define_name("清单", "=申报台账!$A$4:$B$4")
        record = book.add_worksheet("核算记录")
        record.write_row("A1", ["{日志}"])
        record.write_row("A2", ["{记录.项目}", "{记录.内容}"])
    path = written(bureau, "申报台账", tmp_path)
    made = load_workbook(path)
    sheet = made["申报台账"]
    assert [sheet[f"B{row}"].value for row in (4, 5, 6)] == [240000, 150000, "=SUM(B4:B5)"]
    assert str(sheet.data_validations.dataValidation[0].sqref) == "C4:C5"
    assert {str(r) for r in sheet.merged_cells.ranges} == {"D4:E4", "D5:E5"}
    assert made.defined_names["清单"].attr_text == "申报台账!$A$4:$B$5" and sheet.print_area == "'申报台账'!$A$1:$E$9"
    with zipfile.ZipFile(path) as package:
        drawing = package.read("xl/drawings/drawing1.xml").decode()
        assert package.read("xl/media/image1.png") == logo.read_bytes()
    assert "<xdr:row>0</xdr:row>" in drawing and "<xdr:row>7</xdr:row>" in drawing
    assert bureau.register.head()[1][:4] in str(made["核算记录"]["A1"].value)


@pytest.mark.soffice
def test_a_template_that_libreoffice_saved_fills_and_its_formulas_agree(
    bureau: Bureau, own: Path, tmp_path: Path, soffice: Soffice
) -> None:
    path = own / "兑付台账.xlsx"
    saved = soffice.open_set_save(path, {"兑付台账": {"A1": "另一个标题"}}, tmp_path / "存过.xlsx", "xlsx")
    shutil.copy(saved, path)
    made = written(bureau, "兑付台账", tmp_path)
    sheet = load_workbook(made)["兑付台账"]
    assert sheet["A1"].value == "另一个标题"
    found = totals(made, "兑付台账")
    assert {head: found[head] for head in TOTALS["兑付台账"][1]} == TOTALS["兑付台账"][1]
    total = next(row for row in range(1, sheet.max_row + 1) if sheet[f"A{row}"].value == "合计")
    fresh = soffice.recalculate(made, {"兑付台账": f"H{total}:Q{total}"})["兑付台账"]
    stored = load_workbook(made, data_only=True)["兑付台账"]
    assert all(stored[cell].value == value for cell, value in fresh.items()) and fresh[f"H{total}"] == 390000


def test_an_upgrade_never_touches_the_templates_of_a_bureau(tmp_path: Path) -> None:
    folder, _ = make(tmp_path / "年")
    names = {path.name for path in (folder.path / FORMS).iterdir()}
    assert {"台账.xlsx", "申报台账.xlsx", "企业一户一表.xlsx"} <= names
    (folder.path / FORMS / "汇总.xlsx").write_bytes(b"own")
    (folder.path / "登记库.toml").unlink()  # a run that was killed is completed by the next
    make(tmp_path / "年")
    assert (folder.path / FORMS / "汇总.xlsx").read_bytes() == b"own"


def test_the_command(bureau: Bureau, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(bureau.folder.path)
    assert main(["ledger"]) == 0
    out = capsys.readouterr().out
    assert "申报台账.xlsx" in out and "示例企业02有限公司" in out
    assert main(["ledger", "审核台账"]) == 2 and "xlpolicy review" in capsys.readouterr().err
    assert main(["ledger", "--enterprise", "没有这家"]) != 0 and "没有收到过" in capsys.readouterr().err
    assert main(["ledger", "公示表", "--period", "2026-07-01至2026-07-07", "-o", "公示.xlsx"]) == 0
    text = str(CalamineWorkbook.from_path("公示.xlsx").get_sheet_by_name("公示表").to_python())
    assert "2026-07-01至2026-07-07" in text and shown(bureau.register.head()[1]) in text


def test_the_templates_are_those_that_the_program_builds(tmp_path: Path) -> None:
    from xlpolicy.sheets.ledger_templates import write

    for path in write(tmp_path):
        assert path.read_bytes() == find(path.name).read_bytes(), path.name


def test_amounts_are_exact(bureau: Bureau, tmp_path: Path) -> None:
    """The text of the number in the file, not what a reader makes of it."""
    with zipfile.ZipFile(written(bureau, "申报台账", tmp_path)) as package:
        xml = package.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>240000.00</v>" in xml and f"<v>{Decimal('390000.00')}</v>" in xml


def test_a_new_folder_has_its_settings_and_the_notice_names_the_bureau(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "2026技改"
    assert main(["new", str(folder)]) == 0
    assert "设置.xlsx" in capsys.readouterr().out
    book = load_workbook(folder / "设置.xlsx")
    sheet = book["邮件和公文"]
    for row in sheet.iter_rows(max_col=2):
        if row[0].value in ("发文机关", "联系电话"):
            row[1].value = {"发文机关": "样例市工业和信息化局", "联系电话": "0000-12345"}[row[0].value]
    book.save(folder / "设置.xlsx")
    monkeypatch.chdir(folder)
    assert main(["ledger", "公示表"]) == 0
    said = [str(row[0].value) for row in load_workbook(folder / "结果" / "公示表.xlsx")["公示表"].iter_rows(max_row=3)]
    assert "受理单位：样例市工业和信息化局　联系电话：0000-12345" in said
    (folder / "结果" / "公示表.xlsx").write_bytes(b"as announced")
    capsys.readouterr()
    assert main(["ledger", "公示表"]) == 0
    assert "没有待公示的申报" in capsys.readouterr().out
    assert (folder / "结果" / "公示表.xlsx").read_bytes() == b"as announced"
    assert main(["new", str(folder)]) == 2  # it is one already, and nothing of it was touched


def test_what_was_taken_back_stands_between_due_and_paid(tmp_path: Path) -> None:
    """240,000 and 150,000 paid, 40,000 given back: 390,000 due = 350,000 paid + 40,000 back + nothing left."""
    made = two_received(tmp_path)
    made.review({ONE: None, TWO: None})
    made.settle()
    plan = made.plan()
    made.confirm(plan)
    take_back(made.register, plan.transfers[0].number, Decimal(40000), who="甲", on=dt.date(2026, 8, 1), note="核减")
    due = {"应付": 390000, "已拨": 350000, "收回": 40000, "未拨": 0}
    for name, sheet in (("汇总", "按县区"), ("汇总", "按资金来源"), ("兑付台账", "兑付台账")):
        found = totals(written(made, name, tmp_path), sheet)
        assert {head: found[head] for head in due} == due, sheet


def test_what_was_taken_off_is_listed_by_step_and_reason(tmp_path: Path) -> None:
    """附件3 一: of 240,000 a review left 200,000; beside it 2 亿元 of the same firm are due 4,800,000 of 5,000,000."""
    bureau = Bureau(tmp_path / "技改")
    bureau.form(1, 800, prj_name="一期")
    bureau.form(1, 20000, prj_name="二期", name="b.xlsx")
    one, two = bureau.fill().received.numbers
    bureau.review({one: 200000, two: None})

    def listed() -> list[list[Any]]:
        rows = CalamineWorkbook.from_path(str(written(bureau, "核减明细", tmp_path))).get_sheet_by_index(0).to_python()
        return [row[:1] + row[4:8] for row in rows if row[0] in (one, two)]

    review = [one, "审定", 40000, "附件3 一", "按凭证核减"]
    assert [[row[0], row[1], row[2], row[4]] for row in listed()] == [[one, "审定", 40000, "按凭证核减"]]
    bureau.settle()
    first, second = listed()
    assert (
        first == review and second[:4] == [two, "核算", 200000, "附件3 一"] and "此前已占用 200,000.00元" in second[4]
    )
