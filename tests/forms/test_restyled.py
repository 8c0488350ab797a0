"""A form in the look of a bureau's own template: what survives, what is refused, what comes back."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from formkit import repack, told
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet
from soffice import Soffice
from test_version3 import FIRM

from xlpolicy.batch.fill import fill
from xlpolicy.batch.working import take_in
from xlpolicy.cli import main
from xlpolicy.forms.design import build, write_form
from xlpolicy.forms.form_template import write as write_template
from xlpolicy.forms.intake import Returned, read_bytes
from xlpolicy.forms.issue import Issue
from xlpolicy.forms.layout import FORM_SHEET, IDENTITY_SHEET, VOUCHER_SHEET, Layout, layout
from xlpolicy.forms.personal import Author
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.forms.restyled import Restyled
from xlpolicy.forms.voucher_sheet import draw_vouchers
from xlpolicy.law import catalog
from xlpolicy.register.folder import make
from xlpolicy.register.standing import Standings
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.live import Live
from xlpolicy.sheets.openpyxl_book import finished
from xlpolicy.sheets.template import find
from xlpolicy.sheets.template_sheet import TemplateError

TEMPLATE = find("申请表.xlsx")
ALL = [(d, r) for d, r in catalog.default().rules() if r.amount is not None]
#: 附件2 四 国家技术创新示范企业奖励
AWARD = next(r.id for d, r in ALL if d.key == "fuzhou-2026-5" and r.at == "附件2 四")
Change = Callable[[Workbook, Worksheet], None]


def plan(rule: str = "tech_upgrade", document: str = "fuzhou-2026-5") -> Layout:
    known = catalog.default().documents[document]
    return layout(known, known.rules[rule])


def honest(of: Layout) -> dict[str, Any]:
    return {**plainly(of), **FIRM}


def read(data: bytes) -> Returned:
    (returned,) = read_bytes(data, "表.xlsx", catalog.default())
    return returned


def bureau(book: Workbook, sheet: Worksheet) -> None:
    """What a bureau does: colours, another order and other labels, a note with a unit, two questions, a sheet, a header."""
    sheet["A1"] = "福州市示例局\n{表名}"
    sheet["A1"].font = Font(name="华文中宋", size=18, color="C00000")
    sheet["A4"].fill = PatternFill("solid", fgColor="F4CCCC")
    sheet["A7"], sheet["B7"], sheet["A8"], sheet["B8"] = "户名（全称）", "{户名}", "经办联系人", "{联系人}"
    sheet["G5"], sheet["H5"] = "所属行业代码：", "{另填}"
    sheet["G15"], sheet["G16"] = "局内核对", "{空}"
    sheet["G7"], sheet["H7"] = "是否首次申报", "{另填}"
    sheet["A26"] = "注：单位：元的凭证按原币填写；咨询电话 0591-00000000，核定金额以公示为准"
    sheet["D23"] = "市局初审意见：\n核定金额：　　　　元"
    sheet.column_dimensions["H"].width = 16
    sheet.oddHeader.right.text = "内部编号：示例-01"
    extra = book.create_sheet("填表须知")
    extra["A1"] = "单位名称、统一社会信用代码、注册地（县区）、法定代表人按营业执照填写"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return restyled(tmp_path / "申请表.xlsx", bureau)


def restyled(path: Path, change: Change) -> Path:
    book = load_workbook(TEMPLATE)
    change(book, book[FORM_SHEET])
    book.save(path)
    return path


def test_the_template_that_comes_with_the_program_is_built_from_the_drawing(tmp_path: Path) -> None:
    (made,) = write_template(tmp_path)
    again, kept = load_workbook(made)[FORM_SHEET], load_workbook(TEMPLATE)[FORM_SHEET]
    cells = [cell.coordinate for row in kept.iter_rows() for cell in row]
    assert [again[c].value for c in cells] == [kept[c].value for c in cells]


@pytest.mark.parametrize(("document", "rule"), ALL[::9], ids=lambda x: getattr(x, "key", getattr(x, "id", "")))
def test_in_the_programs_own_look_it_is_the_drawn_form(document: Any, rule: Any) -> None:
    """Cell for cell: what is read and what is said of it, blank and filled in."""
    drawn = layout(document, rule)
    look = Restyled(drawn, TEMPLATE)
    blank = read(look.made({}))
    assert (blank.status, [p.code for p in blank.problems]) == ("blank", ["blank"])
    values = honest(drawn)
    ours, theirs = read(look.made(values)), read(finished(*build(drawn, FONTS, values)))
    assert (ours.status, ours.inputs, ours.enterprise, ours.project) == (
        theirs.status, theirs.inputs, theirs.enterprise, theirs.project,
    )  # fmt: skip
    assert (ours.attachments, ours.problems, ours.cells, ours.estimate) == (
        theirs.attachments, theirs.problems, theirs.cells, theirs.estimate,
    )  # fmt: skip


def test_what_a_bureau_put_on_it_is_not_held_against_the_sender(template: Path) -> None:
    look = Restyled(plan(), template)
    values = honest(look.plan) | {"in_investment": 800}
    returned = read(look.made(values))
    assert (returned.status, returned.problems) == ("ok", ())
    assert returned.inputs["investment"] == Decimal(8_000_000)
    assert returned.enterprise["account_name"] == FIRM["ent_account_name"]
    assert returned.own.texts == {"所属行业代码": "", "是否首次申报": ""}
    assert returned.estimate is not None and returned.estimate[1] == 240_000


def test_it_comes_back_from_libreoffice(soffice: Soffice, template: Path, tmp_path: Path) -> None:
    """Filled in there, saved there, and judged: 800万 × 3%, with the answers to the bureau's own questions."""
    sent = tmp_path / "发出.xlsx"
    write_form(plan().document, plan().rule, sent, template=template)
    look = Restyled(plan(), template).plan
    values: dict[str, Any] = {look.by_key[k].address: v for k, v in honest(look).items() if not isinstance(v, dt.date)}
    values |= {look.by_key["in_investment"].address: 800, "H5": "C35", "H7": "是"}
    values[look.by_key["prj_applied_on"].address] = "2026-07-01"
    inbox = tmp_path / "收件"
    inbox.mkdir()
    soffice.open_set_save(sent, {FORM_SHEET: values}, inbox / "表.xlsx", "xlsx")
    (record,) = fill(inbox, tmp_path / "结果", progress=False).records
    assert (record.place, record.amount, record.hints) == ("已核定", Decimal("240000.00"), ())
    assert dict(record.extra) == {"所属行业代码": "C35", "是否首次申报": "是"}
    assert "所属行业代码：C35" in record.inputs and record.model_dump()["extra"]["是否首次申报"] == "是"
    other = soffice.open_set_save(sent, {FORM_SHEET: values}, tmp_path / "表.ods", "ods")
    assert read(other.read_bytes()).problems == (), "its header says the same without the codes of an .xlsx"
    saved = load_workbook(inbox / "表.xlsx")
    assert "榕政办规〔2026〕5号" in str(saved[FORM_SHEET].oddFooter.left.text)
    assert saved[FORM_SHEET].protection.sheet and saved[IDENTITY_SHEET].sheet_state != "visible"
    names = {name: text.attr_text.replace("'", "") for name, text in saved.defined_names.items()}
    assert names["in_investment"] == "申请表!$C$16" and names["inv_table"] == "发票明细表!$A$4:$H$33"
    checks = {str(c.sqref): c for c in saved[FORM_SHEET].data_validations.dataValidation}
    assert checks[look.by_key["in_bond_supported"].address].formula1 == '"是,否"'


def test_checks_join_those_that_the_template_has() -> None:
    own, one, two = (f'<dataValidation sqref="{at}"/>' for at in ("A1", "B1", "B2"))
    tail = f'<dataValidations xWindow="9" count="1">{own}</dataValidations><pageMargins/></worksheet>'
    made = Live(checks=(one, two)).put(tail, lambda color: 0)
    assert made == f'<dataValidations xWindow="9" count="3">{own}{one}{two}</dataValidations><pageMargins/></worksheet>'
    assert Live(checks=(one,)).put("<pageMargins/></worksheet>", lambda color: 0) == (
        f'<dataValidations count="1">{one}</dataValidations><pageMargins/></worksheet>'
    )


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        ("A1", "福州市示例局\n福州市厂房装修补助申请表", "title_changed"),
        ("F2", "单位：元", "unit_line_changed"),
        ("A2", "依据：榕政办规〔2028〕1号 附件3 一", "basis_changed"),
        ("A16", "*年度技改设备（含软件）实际投资额（含增值税）", "label_changed"),
        ("A7", "户名（另一家）", "label_changed"),
        ("A31", "注：以上金额单位均为元", "unit_line_changed"),
    ],
)
def test_what_the_sender_changed_is_still_told(
    template: Path, tmp_path: Path, cell: str, value: str, code: str
) -> None:
    path = tmp_path / "表.xlsx"
    write_form(plan().document, plan().rule, path, prefill=honest(plan()), template=template)
    book = load_workbook(path)
    book[FORM_SHEET][cell] = value
    book.save(path)
    assert (code, cell) in [(c, at) for _, c, at in told(read(path.read_bytes()))]


def test_a_note_that_the_sender_added_is_a_remark(template: Path, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    write_form(plan().document, plan().rule, path, prefill={**honest(plan()), "in_investment": 800}, template=template)
    book = load_workbook(path)
    book[FORM_SHEET]["H10"], book[FORM_SHEET]["H7"] = "联合申报", "否"
    book.save(path)
    returned = read(path.read_bytes())
    assert (returned.status, told(returned)) == ("ok", [("warning", "outside", "H10")])
    assert returned.own.texts["是否首次申报"] == "否"


def put(**cells: Any) -> Change:
    def change(_: Workbook, sheet: Worksheet) -> None:
        for place, value in cells.items():
            sheet[place] = value

    return change


def without(name: str) -> Change:
    def change(book: Workbook, _: Worksheet) -> None:
        del book[name]

    return change


def voucher(**cells: Any) -> Change:
    def change(book: Workbook, _: Worksheet) -> None:
        put(**cells)(book, book[VOUCHER_SHEET])

    return change


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (put(F7=None), "申请表", "模板里没有 {联系电话}，“联系电话”没有地方填"),
        (put(C15=None, C16=None), "申请表", "模板里没有 {数据.填报数}"),
        (put(D16="元"), "申请表!C16", "这一行的右边没有 {数据.单位}"),
        (put(B19=None, F19=None), "申请表", "模板里没有 {附件.已附}"),
        (put(H5="{单位名称}", G5="名称"), "申请表!H5", "{单位名称} 写了两处（另见 B5）"),
        (put(A5=None), "申请表!B5", "{单位名称} 的左边没有栏目名称"),
        (put(A7="单位名称"), "申请表!A7", "会被当成“单位名称”一栏"),
        (put(G5="银行账号", H5="{另填}"), "申请表!G5", "会被当成“账号”一栏"),
        (put(F2=None), "申请表", "模板里没有 {金额单位}"),
        (put(A21="我单位承诺所填属实"), "申请表", "模板里没有 {单位声明}"),
        (put(A17="{预计补肋}"), "申请表!A17", "模板里的 {预计补肋} 没有对应的数据"),
        (put(C17=None), "申请表!D17", "预计金额和预计说明只有一个"),
        (put(G9="=TODAY()"), "申请表!G9", "模板里写了公式"),
        (put(B5="｛单位名称"), "申请表", "“单位名称”没有地方填（有一格写的是“{单位名称”）"),
        (put(B5="单位名称：{单位名称", A5=None), "申请表", "（有一格写的是“单位名称：{单位名称”）"),
        (put(G9="自查：{自查}"), "申请表", "{自查} 的格里还有别的字"),
        (lambda _, sheet: setattr(sheet.oddHeader.center, "text", "{单位名称}"), "申请表", "{单位名称} 写在批注、文本框或页眉页脚里"),
        (lambda _, sheet: setattr(sheet["A5"], "comment", Comment("填 {联系人}", "局")), "申请表", "{联系人} 写在批注、文本框"),
        (lambda _, sheet: setattr(sheet["C16"], "font", Font(strike=True)), "申请表!C16", "划了删除线"),
        (lambda _, sheet: setattr(sheet.column_dimensions["C"], "hidden", True), "申请表!C16", "所在的列被隐藏"),
        (without(IDENTITY_SHEET), "", "模板里没有“_xlpolicy”这张表"),
        (without(VOUCHER_SHEET), "", "模板里没有“发票明细表”这张表"),
        (voucher(C3="票号"), "发票明细表!C3", "不认识的表头“票号”"),
    ],
)  # fmt: skip
def test_a_template_that_lost_something_is_refused_with_what_and_where(
    tmp_path: Path, change: Change, where: str, said: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        Restyled(plan(), restyled(tmp_path / "样子.xlsx", change))
    assert said in caught.value.problem.got
    assert where in caught.value.problem.where and caught.value.problem.remedy


def test_optional_fields_may_be_left_out(tmp_path: Path) -> None:
    path = restyled(tmp_path / "样子.xlsx", put(A13=None, B13=None, A12=None, B12=None, D12=None, F12=None))
    look = Restyled(plan(), path)
    returned = read(look.made(honest(look.plan) | {"in_investment": 800}))
    assert (returned.status, returned.problems, "content" in returned.project) == ("ok", (), False)


def test_personal_forms_take_the_look(template: Path) -> None:
    author = Author(plan(), template=template)
    risky = {**honest(author.plan), "in_investment": 800, "prj_name": "=1+甲"}
    for values in (honest(author.plan) | {"in_investment": 800}, risky):
        returned = read(author.made(values, Issue("FB2026-001", 7, FIRM["ent_uscc"])))
        assert (returned.status, returned.issue, returned.problems) == ("ok", "FB2026-001/7", ())
        assert returned.project["name"] == values["prj_name"]


def test_the_command_takes_the_folders_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make(tmp_path / "工作")[0]
    assert folder.form_template is not None, "not copied"
    restyled(folder.form_template, put(A1="示例局{表名}"))
    call = ["form", "福州", "tech_upgrade", "--on", "2026-06-30", "-o"]
    monkeypatch.chdir(folder.path)
    assert main([*call, "a.xlsx"]) == 0
    assert load_workbook("a.xlsx")[FORM_SHEET]["A1"].value == "示例局福州市技改设备补助申请表"
    other = restyled(tmp_path / "别的.xlsx", put(A1="另一局{表名}"))
    assert main([*call, "b.xlsx", "--template", str(other)]) == 0
    assert load_workbook("b.xlsx")[FORM_SHEET]["A1"].value == "另一局福州市技改设备补助申请表"
    restyled(other, put(B5=None))
    assert main([*call, "c.xlsx", "--template", str(other)]) == 1
    assert "{单位名称}" in capsys.readouterr().err and not Path("c.xlsx").exists()


@pytest.mark.parametrize("template", [None, TEMPLATE], ids=["drawn", "template"])
def test_a_list_of_invoices_goes_where_expenses_are_paid_for(tmp_path: Path, template: Path | None) -> None:
    """附件2 四 pays for being recognised; 附件3 一 for what was bought."""
    award, spent = plan(AWARD), plan()
    for of, unit, listed in ((award, "万元", False), (spent, "万元", True), (spent, "元", True)):
        path = tmp_path / "表.xlsx"
        write_form(of.document, of.rule, path, unit=unit, template=template, prefill=honest(of), force=True)
        book = load_workbook(path)
        assert (VOUCHER_SHEET in book.sheetnames) == listed and ("inv_table" in book.defined_names) == listed
        assert (VOUCHER_SHEET in book[FORM_SHEET]["A3"].value) == listed
        if listed:
            assert book[VOUCHER_SHEET]["H2"].value == (
                "单位：元（与申请表的万元不同）" if unit == "万元" else "单位：元"
            )
        returned = read(path.read_bytes())
        assert {p.code for p in returned.problems} <= {"missing"}


def test_a_form_that_left_with_a_list_of_invoices_it_did_not_need(tmp_path: Path) -> None:
    """Until this version every form had one, and said so in line 4."""
    of, path = plan(AWARD), tmp_path / "表.xlsx"
    write_form(of.document, of.rule, path, prefill=honest(of))
    before = read(path.read_bytes())
    book = load_workbook(path)
    sheet = book[FORM_SHEET]
    sheet["A3"] = sheet["A3"].value.replace("4. ", "4. 发票逐张填入“发票明细表”，次序与所附凭证一致。")
    draw_vouchers(book.create_sheet(VOUCHER_SHEET), of, FONTS)
    book.save(path)
    after = read(path.read_bytes())
    assert (after.status, after.problems, after.inputs) == (before.status, before.problems, before.inputs)


def test_it_says_how_much_is_left_to_fill_in(soffice: Soffice, tmp_path: Path) -> None:
    """附件3 一 asks for 10 of the enterprise and project, investment, one condition, two days, three papers: 17."""
    sent = {**honest(plan()), "in_investment": 800}
    loan = {**honest(plan("tech_loan_interest"))}
    cases: list[tuple[str, dict[str, Any], str | None]] = [
        ("tech_upgrade", {}, "自查：还有 17 处未填或不合"),
        ("tech_upgrade", sent, "自查：必填的已填齐，没有不合"),
        ("tech_upgrade", {**sent, "in_investment": "八百万", "ent_uscc": "9135", "prj_applied_on": "明天"}, "自查：还有 3 处未填或不合"),
        ("tech_upgrade", {**sent, "in_investment": -1, "att_p1": None}, "自查：还有 2 处未填或不合"),
        ("tech_loan_interest", loan, None),
        ("tech_loan_interest", {**loan, "in_days": 90}, None),
    ]  # fmt: skip
    for number, (rule, values, said) in enumerate(cases):
        path = tmp_path / f"{number}.xlsx"
        write_form(plan(rule).document, plan(rule).rule, path, prefill=values, template=TEMPLATE)
        stored = load_workbook(path, data_only=True)[FORM_SHEET]["C2"].value
        assert stored == soffice.recalculate(path, {FORM_SHEET: "C2:C2"})[FORM_SHEET]["C2"]
        assert stored == said or (said is None and "自查：" in stored)
        assert not {p.code for p in read(path.read_bytes()).problems} & {"outside", "label_changed"}


def asking(book: Workbook, sheet: Worksheet) -> None:
    for row, (label, mark) in enumerate(
        (("申报年度", "{申报年度}"), ("申请金额", "{申请金额}"), ("县区初审", "{县区初审额}")), 4
    ):
        sheet[f"G{row}"], sheet[f"H{row}"] = label, mark


@pytest.mark.parametrize(
    ("asked", "county", "hints", "reviewed", "applied"),
    [
        ("24", 20, [], Decimal("200000.00"), Decimal("240000.00")),  # 24万 is what 800万 × 3% comes to
        (20, None, ["申请金额 20 万元"], None, Decimal("200000.00")),
        ("二十来万", 30, ["申请金额", "县区初审额 30 万元，大于测算的 24 万元"], None, None),
        (
            "240000.001元",
            "200000.001元",
            ["240,000.001 元不到一分，没有采用", "200,000.001 元不到一分，没有采用"],
            None,
            None,
        ),
    ],
)
def test_year_amount_asked_and_the_countys_review(
    tmp_path: Path, asked: Any, county: Any, hints: list[str], reviewed: Decimal | None, applied: Decimal | None
) -> None:
    template = restyled(tmp_path / "样子.xlsx", asking)
    folder = make(tmp_path / "工作")[0]
    path = folder.inbox / "表.xlsx"
    write_form(plan().document, plan().rule, path, prefill={**honest(plan()), "in_investment": 800}, template=template)
    book = load_workbook(path)
    sheet = book[FORM_SHEET]
    assert not any(sheet[f"H{row}"].protection.locked for row in (4, 5, 6))
    sheet["H4"], sheet["H5"], sheet["H6"] = 2026, asked, county
    book.save(path)
    (record,) = take_in(folder, on=dt.date(2026, 12, 1), progress=False).summary.records
    assert (record.place, record.amount, record.extra["申报年度"]) == ("已核定", Decimal("240000.00"), "2026")
    assert len(record.hints) == len(hints) and all(h in "".join(record.hints) for h in hints)
    with folder.open().reading() as connection:
        (standing,) = Standings(connection).all
    assert (standing.county_amount, standing.asked) == (reviewed, applied)


def test_a_field_read_in_the_forms_unit_names_none(tmp_path: Path) -> None:
    with pytest.raises(TemplateError) as caught:
        Restyled(plan(), restyled(tmp_path / "样子.xlsx", put(G5="申请金额（元）", H5="{申请金额}")))
    assert caught.value.problem.where.endswith("申请表!G5") and "写了单位" in caught.value.problem.got


_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/"
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077 53de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082".replace(" ", "")
)


def with_logo(path: Path) -> Path:
    """A picture over A1, as Excel puts one in."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{}" Target="{}"/></Relationships>'
    corner = "<xdr:{0}><xdr:col>{1}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{2}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:{0}>"
    drawing = (
        f'<xdr:wsDr xmlns:xdr="{_DRAWING}spreadsheetDrawing" xmlns:a="{_DRAWING}main"><xdr:twoCellAnchor>'
        f'{corner.format("from", 0, 0)}{corner.format("to", 1, 1)}<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="1" name="标志"/>'
        f'<xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip xmlns:r="{office}" r:embed="rId1"/><a:stretch/></xdr:blipFill>'
        '<xdr:spPr><a:prstGeom prst="rect"/></xdr:spPr></xdr:pic><xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>'
    )
    link = f'<drawing xmlns:r="{office}" r:id="rId1"/></worksheet>'
    return repack(
        path,
        {
            "xl/worksheets/sheet1.xml": lambda xml: xml.replace(b"</worksheet>", link.encode()),
            "xl/worksheets/_rels/sheet1.xml.rels": rels.format(
                f"{office}/drawing", "../drawings/drawing1.xml"
            ).encode(),
            "xl/drawings/drawing1.xml": drawing.encode(),
            "xl/drawings/_rels/drawing1.xml.rels": rels.format(f"{office}/image", "../media/image1.png").encode(),
            "xl/media/image1.png": _PIXEL,
            "[Content_Types].xml": lambda xml: xml.replace(
                b"</Types>",
                b'<Default Extension="png" ContentType="image/png"/><Override PartName="/xl/drawings/drawing1.xml"'
                b' ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/></Types>',
            ),
        },
    )


def test_a_template_saved_by_libreoffice_with_a_logo(soffice: Soffice, template: Path, tmp_path: Path) -> None:
    """What another program makes of the template is a template: names, styles, order of the parts are its own."""
    saved = soffice.open_set_save(
        with_logo(template), {FORM_SHEET: {"A26": "注：请双面打印"}}, tmp_path / "另存.xlsx", "xlsx"
    )
    for of in (plan(), plan(AWARD), plan("tech_loan_interest")):
        look = Restyled(of, saved)
        data = look.made(honest(look.plan))
        returned = read(data)
        drawn = read(finished(*build(of, FONTS, honest(of))))
        assert (returned.status, returned.inputs, told(returned)) == (drawn.status, drawn.inputs, told(drawn))
        with zipfile.ZipFile(BytesIO(data)) as package:
            assert any(name.startswith("xl/media/") for name in package.namelist())
        sheet = load_workbook(BytesIO(data))[FORM_SHEET]
        assert sheet.protection.sheet and not sheet[look.plan.by_key["prj_name"].address].protection.locked
        assert sheet[look.plan.by_key["ent_uscc"].address].number_format == "@"
