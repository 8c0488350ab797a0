"""The form as it goes out."""

from __future__ import annotations

from pathlib import Path

import pytest
from formkit import at, filled, one, plan
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.faults import InvalidInput, NotComputable
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import FORM_SHEET, IDENTITY_SHEET, VOUCHER_SHEET, Layout, address, layout, match_text
from xlpolicy.law import catalog
from xlpolicy.law.records import Choice, Rule
from xlpolicy.sheets.fonts import FONTS

ALL = [(d, r) for d, r in catalog.default().rules() if r.amount is not None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "表.xlsx"


def sheet_of(path: Path) -> Worksheet:
    sheet = load_workbook(path)[FORM_SHEET]
    assert isinstance(sheet, Worksheet)
    return sheet


def test_what_stands_on_it(path: Path) -> None:
    sheet = sheet_of(filled(path))
    assert sheet["A1"].value == "福州市技改设备补助申请表"
    assert sheet["A2"].value == "依据：榕政办规〔2026〕5号 附件3 一"
    assert sheet["F2"].value == "单位：万元"
    assert (sheet["A5"].value, sheet["D5"].value) == ("*单位名称", "*统一社会信用代码")
    assert [sheet.cell(16, c).value for c in (1, 3, 4, 5)] == [
        "*年度技改设备（含软件）实际投资额（不含增值税）", 800, "万元", "填数字，保留两位小数",
    ]  # fmt: skip
    assert [sheet.cell(17, c).value for c in (1, 4, 5)] == ["同一投资的含增值税金额", "万元", "不填按上一栏计"]
    assert sheet["C16"].number_format == "#,##0.00"
    assert "单位（盖章）" in sheet["A26"].value
    assert sheet["A28"].value.startswith("县（市、区）主管部门意见")
    assert sheet["D28"].value.startswith("市级主管部门意见")


def test_only_the_fields_can_be_written_to(path: Path) -> None:
    sheet = sheet_of(filled(path))
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    fields = {address(f.row, c) for f in plan().fields for c in range(f.column, f.column + f.columns)}
    assert {c.coordinate for row in sheet.iter_rows() for c in row if not c.protection.locked} == fields


def test_the_names_of_the_fields(path: Path) -> None:
    book = load_workbook(filled(path))
    assert book.defined_names["in_investment"].attr_text == "'申请表'!$C$16"
    assert set(book.defined_names) == {f.key for f in plan().fields} | {"inv_table"}


def test_the_identity_sheet(path: Path) -> None:
    book = load_workbook(filled(path))
    assert book.sheetnames == [FORM_SHEET, VOUCHER_SHEET, IDENTITY_SHEET]
    identity = book[IDENTITY_SHEET]
    assert identity.sheet_state == "veryHidden"
    said = [tuple(row) for row in identity.iter_rows(values_only=True)]
    assert said[:7] == [
        ("xlpolicy-form", "2"), ("document", "fuzhou-2026-5"), ("number", "榕政办规〔2026〕5号"),
        ("provision", "tech_upgrade"), ("at", "附件3 一"), ("unit", "万元"), ("title", "福州市技改设备补助申请表"),
    ]  # fmt: skip


def test_drop_downs_and_messages(path: Path) -> None:
    checks = {str(c.sqref): c for c in sheet_of(filled(path)).data_validations.dataValidation}
    choose = checks[at("in_bond_supported")]
    assert (choose.type, choose.formula1) == ("list", '"是,否"')
    amount = checks[at("in_investment")]
    assert (amount.type, amount.errorStyle, amount.error) == (
        "decimal", "stop", "请填不小于 0 的数字，单位万元，不写单位和文字",
    )  # fmt: skip
    assert amount.prompt == "填数字，保留两位小数"
    assert checks[at("ent_uscc")].errorStyle == "warning"
    for check in checks.values():
        assert check.showErrorMessage
        assert 0 < len(check.error) <= 225
        assert 0 < len(check.prompt) <= 255
        assert 0 < len(check.promptTitle) <= 32


def long_list(rule: Rule) -> Rule:
    """The rule with more choices than fit into a validation."""
    from dataclasses import replace

    item = replace(
        rule.inputs[0], name="long", type="enum", default=None, choices=tuple(Choice(f"c{n}", f"第{n}种，很长的选项名称") for n in range(40))
    )  # fmt: skip
    return replace(rule, inputs=(item, *rule.inputs))


def test_a_long_drop_down_stands_on_the_hidden_sheet(path: Path) -> None:
    known = plan()
    rule = long_list(known.rule)
    write_form(known.document, rule, path)
    book = load_workbook(path)
    checks = {str(c.sqref): c for c in book[FORM_SHEET].data_validations.dataValidation}
    assert checks["C16"].formula1 == "'_xlpolicy'!$D$1:$D$40"
    assert book[IDENTITY_SHEET]["D40"].value == "第39种，很长的选项名称"


def test_one_page_of_a4(path: Path) -> None:
    book = load_workbook(filled(path))
    sheet, vouchers = book[FORM_SHEET], book[VOUCHER_SHEET]
    for page in (sheet, vouchers):
        assert page.page_setup.paperSize == 9
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.page_setup.fitToWidth == 1
        assert page.oddFooter.center.text == "第 &P 页　共 &N 页"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("portrait", 1)
    assert sheet.print_area == "'申请表'!$A$1:$F$28"
    assert (vouchers.page_setup.orientation, vouchers.print_title_rows, vouchers.freeze_panes) == (
        "landscape", "$1:$3", "A4",
    )  # fmt: skip


def test_the_voucher_list(path: Path) -> None:
    vouchers = load_workbook(filled(path))[VOUCHER_SHEET]
    assert [c.value for c in vouchers[3]] == [
        "序号", "合同", "发票号", "开票日期", "不含税金额", "税额", "付款日期", "销售方",
    ]  # fmt: skip
    assert [vouchers.cell(34, c).value for c in (1, 5, 6)] == ["合计", "=SUM(E4:E33)", "=SUM(F4:F33)"]
    assert vouchers["H2"].value == "单位：元"


def test_the_only_formulas_on_the_form_are_the_estimate(path: Path) -> None:
    sheet = sheet_of(filled(path))
    formulas = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    row = plan().estimate_row + 1
    assert formulas == [f"C{row}", f"D{row}"]
    assert sheet[f"A{row}"].value == "预计补助（元，最高）\n自动测算，供参考；以主管部门核定为准"


def test_fonts_are_a_setting(path: Path) -> None:
    known = plan()
    write_form(known.document, known.rule, path, fonts={"title": "华文中宋"})
    sheet = sheet_of(path)
    assert sheet["A1"].font.name == "华文中宋"
    assert sheet["A5"].font.name == FONTS["body"] == "仿宋_GB2312"
    assert sheet["A4"].font.name == "黑体"


def test_a_form_in_yuan(path: Path) -> None:
    sheet = sheet_of(filled(path, unit="元"))
    assert (sheet["F2"].value, sheet["D16"].value) == ("单位：元", "元")


def test_a_draft_says_so(path: Path) -> None:
    sheet = sheet_of(filled(path, rule="smart_factory", policy="putian-draft", in_investment=None))
    assert sheet["A1"].value.endswith("（征求意见稿，仅供测算）")


def test_prefill_by_name_or_label(path: Path) -> None:
    known = plan()
    write_form(known.document, known.rule, path, prefill={"单位名称": "甲", "investment": 5, "prj_name": "乙"})
    returned = one(path)
    assert (returned.enterprise["name"], returned.project["name"]) == ("甲", "乙")
    with pytest.raises(InvalidInput, match="没有“投资”这一栏"):
        write_form(known.document, known.rule, path, prefill={"投资": 5}, force=True)


def test_nothing_is_overwritten_or_left_behind(tmp_path: Path, path: Path) -> None:
    known = plan()
    path.write_text("旧")
    with pytest.raises(FileExistsError, match="未覆盖"):
        write_form(known.document, known.rule, path)
    assert path.read_text() == "旧"
    assert [p.name for p in tmp_path.iterdir()] == ["表.xlsx"]
    write_form(known.document, known.rule, path, force=True)
    assert one(path).status == "blank"
    assert [p.name for p in tmp_path.iterdir()] == ["表.xlsx"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Path, content: bytes) -> None:
        self.write_text("half")
        raise OSError("disk full")

    path.write_text("旧")
    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match="disk full"):
        write_form(plan().document, plan().rule, path, force=True)
    assert path.read_text() == "旧"
    assert [p.name for p in tmp_path.iterdir()] == ["表.xlsx"]


def test_no_form_for_what_is_not_computed_here(path: Path) -> None:
    document, rule = next((d, r) for d, r in catalog.default().rules() if r.amount is None)
    with pytest.raises(NotComputable, match="没有申请表"):
        write_form(document, rule, path)
    with pytest.raises(InvalidInput, match="没有“亿元”这个单位"):
        write_form(plan().document, plan().rule, path, unit="亿元")
    assert not path.exists()


def labels(form: Layout) -> list[str]:
    return [match_text(f.label) for f in form.fields]


def test_every_provision_has_a_form_that_comes_back_blank(tmp_path: Path) -> None:
    for document, rule in ALL:
        form = layout(document, rule)
        assert len(set(labels(form))) == len(form.fields)  # a label says which field it is
        assert all(form.by_label[match_text(f.label)] is f for f in form.fields)
        returned = one(write_form(document, rule, tmp_path / f"{document.key}-{rule.id}.xlsx"))
        assert (returned.status, returned.document, returned.rule) == ("blank", document, rule)


def test_the_paper_of_an_award_is_wanted_though_its_number_counts_as_one_when_blank() -> None:
    """附件4 三1: 入选一项50万元，凭入选文件；附件3 二: 没有填利息的不要结息单。"""
    law = catalog.default().documents["fuzhou-2026-5"]
    wanted = {f.label: f.required for f in layout(law, law.rules["software_product"]).fields if f.group == "att"}
    assert wanted == {"认定（入选、获评）文件": True, "营业执照": True}
    loan = {f.label: f.required for f in layout(law, law.rules["tech_loan_interest"]).fields if f.group == "att"}
    assert loan["借款合同"] and not loan["银行结息单"] and not loan["上级资金下达文件"]
