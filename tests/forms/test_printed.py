"""The print is part of the claim: what a sender changed or added is told with both texts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from formkit import HONEST, at, edited, filled, one, plan, read, told
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.forms.layout import IDENTITY_SHEET

Change = Callable[[Workbook, Worksheet], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "表.xlsx"


def put(**cells: object) -> Change:
    def change(_: Workbook, sheet: Worksheet) -> None:
        for place, value in cells.items():
            sheet[place] = value

    return change


@pytest.mark.parametrize(
    ("cells", "code", "place", "said"),
    [
        ({"F2": "单位：元"}, "unit_line_changed", "F2", "单位一行写的是“单位：元”"),
        ({"F2": "金额单位：人民币元"}, "unit_line_changed", "F2", "单位一行写的是“金额单位：人民币元”"),
        ({"A1": "福州市专精特新企业技改设备补助申请表"}, "title_changed", "A1", "表名写的是“福州市专精特新企业技改设备补助申请表”"),
        ({"A1": "福州市厂房装修补助申请表"}, "title_changed", "A1", "表名写的是“福州市厂房装修补助申请表”"),
        ({"A2": "依据：榕政办规〔2028〕1号 附件3 一"}, "basis_changed", "A2", "依据一行写的是“依据：榕政办规〔2028〕1号 附件3 一”"),
        ({"A16": "*年度技改设备（含软件）实际投资额（含增值税）"}, "label_changed", "A16", "栏目“*年度技改设备（含软件）实际投资额（不含增值税）”被改成了“*年度技改设备（含软件）实际投资额（含增值税）”"),
        ({"A18": "项目未享受发改委牵头的超长期特别国债设备更新资金"}, "label_changed", "A18", "栏目“项目已享受发改委牵头的超长期特别国债设备更新资金”被改成了“项目未享受发改委牵头的超长期特别国债设备更新资金”"),
        ({"A19": "本企业累计技改补助已兑现金额"}, "label_changed", "A19", "栏目“本企业本年度技改补助已兑现金额”被改成了“本企业累计技改补助已兑现金额”"),
    ],
)  # fmt: skip
def test_a_changed_print_comes_back_with_both_texts(
    path: Path, cells: dict[str, str], code: str, place: str, said: str
) -> None:
    returned = one(edited(path, put(**cells), in_bond_supported="否", in_paid_before=1))
    assert (returned.status, told(returned)) == ("needs_correction", [("error", code, place)])
    assert returned.problems[0].got == said
    before = load_workbook(filled(path))["申请表"][place].value
    assert str(before) in returned.problems[0].expected


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"F2": "（单位：元）"}, "unit_line_changed"),
        ({"F2": "计量单位：元"}, "unit_line_changed"),
        ({"F2": "单位：元（人民币）"}, "unit_line_changed"),
        ({"F2": "币种：人民币 单位：元"}, "unit_line_changed"),
        ({"F2": "单位：万美元"}, "unit_line_changed"),
        ({"F2": "元"}, "unit_line_changed"),
        ({"A1": "福州市技改设备补助申请表（单位：元）"}, "unit_line_changed"),
        ({"A2": "依据：榕政办规〔2026〕5号 附件3 一（单位：元）"}, "unit_line_changed"),
        ({"C15": "填报数（元）"}, "unit_line_changed"),
        ({"D15": "单位（元）"}, "unit_line_changed"),
        ({"A3": "填报说明\n2. 金额一律按元填数字"}, "unit_line_changed"),
        ({"A1": "技改设备补助资金申报表"}, "title_changed"),
        ({"A1": "福州市数字化转型补助申请书"}, "title_changed"),
        ({"A1": "福州市技改设备补助申请表（作废）"}, "title_changed"),
        ({"A1": "福州市技改设备补助申请表（样表）"}, "title_changed"),
        ({"A2": "根据：榕政办规〔2028〕1号"}, "basis_changed"),
        ({"A2": "政策依据：榕政办规〔2027〕1号"}, "basis_changed"),
        ({"A2": "榕政办规〔2027〕1号"}, "basis_changed"),
        ({"A2": "依据：榕政办规〔2026〕5号 附件3 二"}, "basis_changed"),
    ],
)  # fmt: skip
def test_a_heading_in_other_words(path: Path, cells: dict[str, str], code: str) -> None:
    (place,) = cells
    returned = one(edited(path, put(**cells)))
    assert (returned.status, told(returned)) == ("needs_correction", [("error", code, place)])


@pytest.mark.parametrize("text", ["金额单位：万元", "单位：人民币万元", "（单位：万元）", "单位: 万元"])
def test_the_same_unit_in_other_words(path: Path, text: str) -> None:
    assert one(edited(path, put(F2=text))).problems == ()


def test_a_title_with_a_year(path: Path) -> None:
    returned = one(edited(path, put(A1="福州市技改设备补助申请表（2026年度）")))
    assert (returned.status, told(returned)) == ("ok", [("warning", "outside", "A1")])


def test_the_unit_beside_an_amount_in_short(path: Path) -> None:
    returned = one(edited(path, put(D16="万")))
    assert (returned.status, returned.problems) == ("ok", ())


def test_a_sheet_that_was_added(path: Path) -> None:
    def change(book: Workbook, _: Worksheet) -> None:
        book.create_sheet("说明")["A1"] = "联合申报单位：福州示例电子有限公司"

    returned = one(edited(path, change))
    assert (returned.status, told(returned)) == ("ok", [("warning", "sheet_extra", "")])
    assert "联合申报单位" in returned.problems[0].got


def test_words_in_the_merged_cells_of_the_form(path: Path) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet.unmerge_cells("A14:F14")
        sheet["D14"] = "减：已获补助 300"

    assert told(one(edited(path, change))) == [("warning", "outside", "D14")]


def test_a_field_that_was_added_below_is_no_second_form(path: Path) -> None:
    returned = one(edited(path, put(A41="单位名称", B41="福州示例电子有限公司")))
    assert (returned.status, told(returned)) == ("needs_correction", [("error", "twice", "B5")])


def test_a_label_with_something_added(path: Path) -> None:
    returned = one(edited(path, put(A5="*单位名称（盖章）")))
    assert (returned.status, told(returned)) == ("ok", [("warning", "label_changed", "A5")])
    assert returned.enterprise["name"] == HONEST["ent_name"]


def test_a_document_that_is_not_loaded(path: Path) -> None:
    def identity(book: Workbook, sheet: Worksheet) -> None:
        book[IDENTITY_SHEET]["B2"] = "fuzhou-2028-1"
        sheet["A2"] = "依据：榕政办规〔2028〕1号 附件3 一"

    returned = one(edited(path, identity))
    assert (returned.status, returned.rule) == ("needs_correction", None)
    assert [p.code for p in returned.problems] == ["unknown_provision"]

    def no_identity(book: Workbook, sheet: Worksheet) -> None:
        del book[IDENTITY_SHEET]
        sheet["A2"] = "依据：榕政办规〔2028〕1号 附件3 一"

    returned = one(edited(path, no_identity))
    assert (returned.status, returned.rule, told(returned)) == (
        "needs_correction", None, [("error", "unknown_document", "A2")],
    )  # fmt: skip


def test_a_hidden_print_that_was_changed(path: Path) -> None:
    def change(book: Workbook, _: Worksheet) -> None:
        for row in book[IDENTITY_SHEET].iter_rows():
            if row[0].value == "label:in_investment":
                row[1].value = "随便什么"

    returned = one(edited(path, change))
    assert returned.status == "needs_correction"
    assert "identity_changed" in [p.code for p in returned.problems]


def test_a_form_of_version_1(path: Path) -> None:
    """It carries no labels of its own."""

    def change(book: Workbook, _: Worksheet) -> None:
        identity = book[IDENTITY_SHEET]
        identity["B1"] = "1"
        identity.delete_rows(8, 100)

    returned = one(edited(path, change))
    assert (returned.status, returned.problems, returned.inputs) == ("ok", (), {"investment": Decimal("8000000")})

    def renamed(book: Workbook, sheet: Worksheet) -> None:
        change(book, sheet)
        sheet["F2"] = "单位：元"

    assert told(one(edited(path, renamed))) == [("error", "unit_line_changed", "F2")]

    def deleted(book: Workbook, sheet: Worksheet) -> None:
        """A field's row is gone, and its name stands for nothing, as Excel leaves it."""
        change(book, sheet)
        for area in [str(area) for area in sheet.merged_cells.ranges]:
            sheet.unmerge_cells(area)
        sheet.delete_rows(plan().by_key["in_bond_supported"].row + 1)
        book.defined_names["in_bond_supported"].attr_text = "#REF!"

    assert ("error", "label_missing") in [(severity, code) for severity, code, _ in told(one(edited(path, deleted)))]


def test_what_we_changed_since_is_not_held_against_the_sender(path: Path) -> None:
    """A form whose own print calls an input otherwise than the document does today."""
    from xlpolicy.forms.printed import digest, print_of

    said = print_of(plan(), "2")
    own = said._replace(labels={**said.labels, "in_investment": "*年度技改设备投资额"})

    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["A16"] = "*年度技改设备投资额"
        for row in book[IDENTITY_SHEET].iter_rows():
            if row[0].value == "label:in_investment":
                row[1].value = "*年度技改设备投资额"
            if row[0].value == "digest":
                row[1].value = digest(own)

    returned = one(edited(path, change))
    assert (returned.status, returned.problems, returned.inputs) == ("ok", (), {"investment": Decimal("8000000")})


def test_a_row_that_was_added(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        for area in list(sheet.merged_cells.ranges):
            if area.min_row >= 17:
                area.shift(row_shift=1)
        sheet.insert_rows(17)
        sheet["A17"], sheet["C17"], sheet["D17"] = "减：已获财政补助资金", 300, "万元"
        for name in book.defined_names.values():
            where, _, row = name.attr_text.rpartition("$")
            if row.isdigit() and int(row) >= 17:
                name.attr_text = f"{where}${int(row) + 1}"

    returned = one(edited(path, change))
    assert (returned.status, told(returned)) == ("ok", [("warning", "outside", "A17")])
    assert returned.problems[0].got == "表外写有“减：已获财政补助资金 300”"


@pytest.mark.parametrize("place", ["A3", "A30", "H2"])
def test_a_note_anywhere(path: Path, place: str) -> None:
    returned = one(edited(path, put(**{place: "注：联合申报单位另报"})))
    assert (returned.status, told(returned)) == ("ok", [("warning", "outside", place)])


@pytest.mark.parametrize("place", ["A3", "A30", "H2"])
def test_a_note_that_says_another_unit(path: Path, place: str) -> None:
    returned = one(edited(path, put(**{place: "注：以上金额单位均为元"})))
    assert (returned.status, told(returned)) == ("needs_correction", [("error", "unit_line_changed", place)])
    assert "注：以上金额单位均为元" in returned.problems[0].got


def test_signatures_are_no_additions(path: Path) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith(("本单位承诺", "县（市、区）", "市级")):
                    cell.value += "同意。王某 2026年6月1日"
        sheet["H1"], sheet["H1"] = "x", None

    assert one(edited(path, change)).problems == ()


def test_the_summary_table_of_a_county(path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["鼓楼区2026年技改设备补助申报汇总表"])
    sheet.append(
        [
            "序号",
            "单位名称",
            "统一社会信用代码",
            "注册地（县区）",
            "项目名称",
            "年度技改设备（含软件）实际投资额（不含增值税）",
        ]
    )
    for number in range(1, 4):
        sheet.append([number, f"第{number}公司", "91350100M000100Y43", "鼓楼区", "项目", 800])
    sheet.append(["合计", None, None, None, None, 2400])
    book.save(path)
    returned = one(path)
    assert (returned.status, [p.code for p in returned.problems]) == ("not_a_form", ["county_summary"])
    assert "共 3 家" in returned.problems[0].got
    assert "settle --blank" in returned.problems[0].remedy


@pytest.mark.parametrize("foot", ["填表人：", "合计", "审核：陈某"])
def test_what_stands_below_a_summary_table(path: Path, foot: str) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["单位名称", "统一社会信用代码", "项目名称", "投资额"])
    sheet.append(["小计", None, None, 1500])
    sheet.append(["第1公司", "91350100M000100Y43", "项目", 800])
    sheet.append(["第2公司", "91350100M000100Y51", "项目", 700])
    sheet.append([foot])
    book.save(path)
    returned = one(path)
    assert [p.code for p in returned.problems] == ["county_summary"]
    assert "共 2 家" in returned.problems[0].got


def test_two_forms_beside_each_other_keep_their_own_heading(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        again = book.copy_worksheet(sheet)
        again.title = "申请表 (2)"
        again["F2"] = "单位：元"

    first, second = read(edited(path, change))
    assert (first.status, second.status) == ("ok", "needs_correction")
    assert at("in_investment") == "C16"
