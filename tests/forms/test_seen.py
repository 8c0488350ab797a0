"""What is judged is what a person sees: each kind of difference between a cell's value and what it shows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from formkit import at, edited, filled, one, repack, told
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.forms.formats import section_for
from xlpolicy.forms.intake import Returned
from xlpolicy.forms.layout import FORM_SHEET

SHEET = "xl/worksheets/sheet1.xml"
Change = Callable[[Workbook, Worksheet], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "表.xlsx"


def rich(*parts: tuple[str, InlineFont]) -> CellRichText:
    return CellRichText(*(TextBlock(font, text) for text, font in parts))


def sent_back(returned: Returned, code: str, key: str = "in_investment") -> str:
    """The one fault, of that code, at that field; its text."""
    assert (returned.status, told(returned)) == ("needs_correction", [("error", code, at(key))])
    return returned.problems[0].got


def cell_xml(old: bytes, new: bytes) -> dict[str, Callable[[bytes], bytes]]:
    def change(xml: bytes) -> bytes:
        assert xml.count(old) == 1
        return xml.replace(old, new)

    return {SHEET: change}


def test_a_number_struck_out_in_part(path: Path) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["C16"] = rich(("80", InlineFont(strike=True)), ("90", InlineFont()))

    assert sent_back(one(edited(path, change)), "strike") == "“8090”里划掉了“80”，看上去是“90”"


def test_a_cell_struck_out(path: Path) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["C16"].font = Font(strike=True)

    assert sent_back(one(edited(path, change)), "strike") == "“800”整格划了删除线"


def test_a_name_struck_out_in_part(path: Path) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["B11"] = rich(("旧线", InlineFont(strike=True)), ("新线技改", InlineFont()))

    sent_back(one(edited(path, change)), "strike", "prj_name")


def test_a_footnote_mark_is_no_digit(path: Path) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["C16"] = rich(("500", InlineFont()), ("2", InlineFont(vertAlign="superscript")))

    assert told(one(edited(path, change)))[0] == ("error", "raised", "C16")

    def whole(_: Workbook, sheet: Worksheet) -> None:
        sheet["C16"].font = Font(vertAlign="subscript")

    sent_back(one(edited(path, whole)), "raised")


def test_a_number_of_two_runs(path: Path) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["C16"] = rich(("500", InlineFont(sz=11)), ("30", InlineFont(sz=8)))

    assert "“500”“30”" in sent_back(one(edited(path, change)), "two_runs")

    def typefaces(_: Workbook, sheet: Worksheet) -> None:  # as programs split Chinese and Latin letters
        sheet["C16"] = rich(("８", InlineFont(rFont="宋体")), ("00", InlineFont(rFont="Arial")))

    assert one(edited(path, typefaces)).problems == ()


@pytest.mark.parametrize(
    ("code", "number", "shows"),
    [
        ('0.00"元"', 80_000, "80000.00元"),
        ("¥#,##0.00", 80_000, "¥80,000.00"),
        ("[$$-409]#,##0", 800, "$800"),
        ("[$€-2]\\ #,##0", 800, "€ 800"),
        ("#,##0,", 800_000, "800"),
        ("0.00%", 800, "80000.00%"),
        ('"约"0', 800, "约800"),
        ('0!.0,"万"', 80_000, "80.万"),
        ("0", 0.4, "0"),
        ('[>=1000]0"千元";0', 8000, "8000千元"),
        ("m/d/yy h:mm", 46_000, ""),
        ('@"元"', 80_000, "80000元"),
        ("0*9", 800, "8009"),
        ("0E+00", 850, "850"),
    ],
)
def test_a_number_format_that_says_something_else(path: Path, code: str, number: float, shows: str) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["C16"].number_format = code

    returned = one(edited(path, change, in_investment=number))
    assert returned.status == "needs_correction"
    assert {cell for _, _, cell in told(returned)} == {"C16"}
    if shows:
        assert returned.problems[0].code == "shown_differently"
        assert returned.problems[0].got.startswith(f"显示为“{shows}”")


@pytest.mark.parametrize("code", [";;;", "0;;;", ";;", '""'])
def test_a_number_that_is_not_shown(path: Path, code: str) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["C19"].number_format = code

    empty = section_for(code, Decimal(0)).empty
    returned = one(edited(path, change, in_paid_before=0 if empty else 5))
    if empty:
        assert sent_back(returned, "shown_differently", "in_paid_before").endswith("使它不显示")


@pytest.mark.parametrize(
    "code",
    [
        "General", "0", "0.00", "#,##0.00_);[Red]\\(#,##0.00\\)", '0.00"万元"', "#,##0.00;-#,##0.00", "@",
        '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "[DBNum1]General", "0.00E+00", "##0.0E+0", "* 0", "0.00_ ", '#,##0.00" "',
    ],
)  # fmt: skip
def test_a_number_format_that_says_nothing_else(path: Path, code: str) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["C16"].number_format = code

    returned = one(edited(path, change))
    assert (returned.status, returned.problems) == ("ok", ())
    assert returned.inputs["investment"] == Decimal("8000000")


def test_yuan_beside_a_number_of_a_form_in_yuan(path: Path) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["C16"].number_format = '¥#,##0.00"元"'

    assert one(edited(path, change, unit="元", in_investment=8_000_000)).problems == ()


def test_the_unit_of_a_count(path: Path) -> None:
    which = {"rule": "tech_loan_interest"}

    def days(_: Workbook, sheet: Worksheet) -> None:
        sheet[at("in_days", **which)].number_format = '0"天"'

    def months(_: Workbook, sheet: Worksheet) -> None:
        sheet[at("in_days", **which)].number_format = '0"个月"'

    cells = {"in_loan_balance": 100, "in_days": 30}
    assert one(edited(path, days, **which, **cells)).problems == ()
    assert told(one(edited(path, months, **which, **cells))) == [("error", "shown_differently", at("in_days", **which))]


def test_a_bare_rate_below_one_is_asked_about(path: Path) -> None:
    which = {"rule": "tech_loan_interest"}
    place = at("in_central_rate", **which)

    def general(_: Workbook, sheet: Worksheet) -> None:
        sheet[place].number_format = "General"

    cells = {"in_loan_balance": 1000, "in_days": 365}
    returned = one(edited(path, general, **which, **cells, in_central_rate=0.5))
    assert told(returned) == [("error", "rate_unclear", place)]
    assert returned.problems[0].got == "填的是“0.5”，没有百分号，可以是 0.5%，也可以是 50%"
    typed = one(filled(path, **which, **cells, in_central_rate=0.015))
    assert (typed.problems, typed.inputs["central_rate"]) == ((), Decimal("0.015"))
    text = one(edited(path, general, **which, **cells, in_central_rate="1.5%"))
    assert (text.problems, text.inputs["central_rate"]) == ((), Decimal("0.015"))
    dear = one(filled(path, **which, **cells, in_loan_rate=0.36))
    assert told(dear) == [("error", "rate_too_high", at("in_loan_rate", **which))]


def stored(formula: bytes, value: bytes) -> dict[str, Callable[[bytes], bytes]]:
    return cell_xml(b"<f>" + formula + b"</f><v />", b"<f>" + formula + b"</f><v>" + value + b"</v>")


@pytest.mark.parametrize(
    ("formula", "value", "code"),
    [
        ("SUM(H1:H9)", "0", "formula_zero"),
        ("'别表'!B2", "800", "formula_outside"),
        ("[1]账!B2", "800", "formula_outside"),
        ("发票明细表!E34/10000", "800", "formula_outside"),
        ("发票总额", "800", "formula_outside"),
        ("SUM(投资)/10000", "800", "formula_outside"),
        ("INDIRECT(H1)", "800", "formula_outside"),
    ],
)
def test_a_formula_that_nobody_can_follow(path: Path, formula: str, value: str, code: str) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["C16"] = f"={formula}"

    form = repack(edited(path, change), stored(formula.encode(), value.encode()))
    assert f"={formula}" in sent_back(one(form), code)


def test_any_other_formula_is_shown(path: Path) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["C16"] = "=500+300"

    returned = one(repack(edited(path, change), stored(b"500+300", b"800")))
    assert (returned.status, told(returned)) == ("ok", [("warning", "formula", "C16")])
    assert returned.problems[0].got == "填的是公式“=500+300”，存的结果是“800”"


@pytest.mark.parametrize(
    "formula", ["ROUND(SUM($H$1:H9),2)", "IF(TRUE,H1*1.5E3,0)", 'IF(H1="合同!",800,0)', "SUM(H:H)"]
)
def test_a_formula_of_this_sheet_is_shown(path: Path, formula: str) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["C16"] = f"={formula}"

    form = edited(path, change)
    returned = one(repack(form, {SHEET: lambda xml: xml.replace(b"</f><v />", b"</f><v>800</v>", 1)}))
    assert told(returned) == [("warning", "formula", "C16")]


def test_a_hidden_row_or_column(path: Path) -> None:
    def row(_: Workbook, sheet: Worksheet) -> None:
        sheet.row_dimensions[19].hidden = True

    assert sent_back(one(edited(path, row, in_paid_before=5)), "hidden_cell", "in_paid_before")
    assert one(edited(path, row)).problems == ()  # nothing is in it

    def column(_: Workbook, sheet: Worksheet) -> None:
        sheet.column_dimensions["C"].hidden = True

    assert "列被隐藏" in sent_back(one(edited(path, column)), "hidden_cell")


@pytest.mark.parametrize(("height", "hidden"), [(0.75, True), (12, False)])
def test_a_row_too_low_to_be_seen(path: Path, height: float, hidden: bool) -> None:
    def low(_: Workbook, sheet: Worksheet) -> None:
        sheet.row_dimensions[16].height = height

    def narrow(_: Workbook, sheet: Worksheet) -> None:
        sheet.column_dimensions["C"].width = height / 10

    for change in (low, narrow) if hidden else (low,):
        assert (told(one(edited(path, change))) == [("error", "hidden_cell", "C16")]) is hidden


def test_hidden_words_of_the_form(path: Path) -> None:
    def row(_: Workbook, sheet: Worksheet) -> None:
        sheet.row_dimensions[2].hidden = True

    def column(_: Workbook, sheet: Worksheet) -> None:
        sheet.column_dimensions["D"].hidden = True

    assert told(one(edited(path, row))) == [("warning", "hidden_print", "A2")]
    assert [code for _, code, _ in told(one(edited(path, column)))] == ["hidden_print"]


@pytest.mark.parametrize("place", ["A16", "D16", "F2", "A1"])
def test_words_of_the_form_struck_out(path: Path, place: str) -> None:
    def whole(_: Workbook, sheet: Worksheet) -> None:
        sheet[place].font = Font(strike=True)

    def part(_: Workbook, sheet: Worksheet) -> None:
        text = str(sheet[place].value)
        sheet[place] = rich((text[:2], InlineFont(strike=True)), (text[2:], InlineFont()))

    for change in (whole, part):
        returned = one(edited(path, change))
        assert (returned.status, told(returned)) == ("needs_correction", [("error", "print_struck", place)])


def test_text_in_the_colour_of_its_fill_or_too_small(path: Path) -> None:
    def same(_: Workbook, sheet: Worksheet) -> None:
        sheet["C19"].font, sheet["C19"].fill = Font(color="FF336699"), PatternFill("solid", fgColor="FF336699")

    def tiny(_: Workbook, sheet: Worksheet) -> None:
        sheet["C19"].font = Font(sz=1)

    for change in (same, tiny):
        assert told(one(edited(path, change, in_paid_before=5))) == [("error", "white_text", "C19")]


def test_a_conditional_format_that_changes_what_is_said(path: Path) -> None:
    def unit(_: Workbook, sheet: Worksheet) -> None:
        shown = DifferentialStyle(numFmt=NumberFormat(numFmtId=190, formatCode='0"元"'))
        sheet.conditional_formatting.add("C16", Rule(type="expression", formula=["TRUE"], dxf=shown))

    def white(_: Workbook, sheet: Worksheet) -> None:
        shown = DifferentialStyle(font=Font(color="FFFFFFFF"))
        sheet.conditional_formatting.add("C10:D20", Rule(type="expression", formula=["C16>0"], dxf=shown))

    for change in (unit, white):
        assert told(one(edited(path, change))) == [("error", "shown_differently", "C16")]


@pytest.mark.parametrize("value", ["INF", "NaN", "1e308", "-1e30"])
def test_a_number_beyond_all_numbers(path: Path, value: str) -> None:
    returned = one(repack(filled(path), cell_xml(b"<v>800</v>", f"<v>{value}</v>".encode())))
    assert returned.status == "needs_correction"
    assert {cell for _, _, cell in told(returned)} == {"C16"}


def test_a_value_that_only_one_reader_sees(path: Path) -> None:
    returned = one(repack(filled(path), cell_xml(b"<v>800</v>", b"<v><![CDATA[800]]></v>")))
    assert ("error", "read_twice", "C16") in told(returned)


def test_a_value_merged_away(path: Path) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet.unmerge_cells("A16:B16")

    merged = cell_xml(b"<mergeCells ", b"<mergeCells ")
    assert one(repack(edited(path, change), merged)).status == "ok"

    def cover(xml: bytes) -> bytes:
        return xml.replace(b"</mergeCells>", b'<mergeCell ref="A16:C16" /></mergeCells>')

    returned = one(repack(edited(path, change), {SHEET: cover}))
    assert "被合并单元格（A16）盖住" in sent_back(returned, "covered_cell")


def test_a_cell_written_twice(path: Path) -> None:
    form = repack(filled(path), {SHEET: lambda xml: xml.replace(
        b'<c r="D16"', b'<c r="C16"><v>900</v></c><c r="D16"')})  # fmt: skip
    returned = one(form)
    assert returned.status == "needs_correction"
    assert ("error", "cell_twice", "C16") in told(returned)


def test_a_value_of_another_program(path: Path) -> None:
    def change(xml: bytes) -> bytes:
        assert xml.count(b"<v>800</v>") == 1
        return xml.replace(b"<v>800</v>", b'<v>800</v><x:v xmlns:x="urn:other">9</x:v>')

    returned = one(repack(filled(path), {SHEET: change}))
    assert returned.status == "needs_correction"
    assert ("error", "foreign_content", "C16") in told(returned)


def test_a_comment_inside_a_value(path: Path) -> None:
    def change(xml: bytes) -> bytes:
        return xml.replace(b"<v>800</v>", b"<v>80<!-- -->0</v>")

    returned = one(repack(filled(path), {SHEET: change}))
    assert told(returned) == [("error", "read_twice", "C16")]  # calamine reads 80, the second reader 800


def test_white_text(path: Path) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["C19"].font = Font(color="FFFFFFFF")
        sheet["H30"] = "以上金额单位为元"
        sheet["H30"].font = Font(color="FFFFFFFF")

    returned = one(edited(path, change, in_paid_before=5))
    assert ("error", "white_text", "C19") in told(returned)
    assert ("warning", "white_text", "H30") in told(returned)


def test_comments_are_shown(path: Path) -> None:
    def change(_: Workbook, sheet: Worksheet) -> None:
        sheet["C16"].comment = Comment("此数单位为元", "会计")

    returned = one(edited(path, change))
    assert (returned.status, told(returned)) == ("ok", [("warning", "comment", "C16")])
    assert returned.problems[0].got == "批注写着“此数单位为元”"


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_no_claim(path: Path, state: str) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        again = book.copy_worksheet(sheet)
        again.title, again.sheet_state = "申请表旧", state
        again["C16"] = 5000

    returned = one(edited(path, change))
    assert (returned.sheet, returned.inputs) == (FORM_SHEET, {"investment": Decimal("8000000")})
    assert told(returned) == [("warning", "sheet_aside", "")]
    assert "申请表旧" in returned.problems[0].got


def test_a_sample_is_no_claim(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        book.copy_worksheet(sheet).title = "填写示例"

    assert told(one(edited(path, change))) == [("warning", "sheet_aside", "")]


def test_a_form_that_is_hidden_whole(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet.sheet_state = "hidden"

    returned = one(edited(path, change))
    assert returned.status == "not_a_form"
    assert "隐藏的工作表“申请表”" in returned.problems[0].got


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("500\n30", "two_numbers"), ("500 30", "two_numbers"), ("8 00", "two_numbers"),
        ("8\u200b00", "invisible_characters"), ("\ufeff800", "invisible_characters"),
    ],
)  # fmt: skip
def test_numbers_that_only_look_like_one(path: Path, raw: str, code: str) -> None:
    sent_back(one(filled(path, in_investment=raw)), code)


@pytest.mark.parametrize(("raw", "yuan"), [("1 200", 12_000_000), ("1 200.5", 12_005_000), ("3百", 3_000_000)])
def test_spaces_between_thousands_and_hundreds_in_the_unit(path: Path, raw: str, yuan: int) -> None:
    returned = one(filled(path, in_investment=raw))
    assert (returned.problems, returned.inputs) == ((), {"investment": Decimal(yuan)})


def test_identities_lose_what_no_one_sees(path: Path) -> None:
    returned = one(filled(path, ent_uscc="91350100\u200bM000100Y43", prj_name="智能\u200b产线技改"))
    assert returned.problems == ()
    assert (returned.enterprise["uscc"], returned.project["name"]) == ("91350100M000100Y43", "智能产线技改")


@pytest.mark.parametrize("raw", ["/", "—", "暂无"])
def test_a_dash_is_no_answer_where_yes_or_no_is_asked(path: Path, raw: str) -> None:
    sent_back(one(filled(path, in_bond_supported=raw)), "not_stated", "in_bond_supported")


def test_an_account_of_few_digits(path: Path) -> None:
    assert told(one(filled(path, ent_account="1234567"))) == [("warning", "account", at("ent_account"))]


def test_a_month_in_an_optional_date(path: Path) -> None:
    project = one(filled(path, prj_start="2026年2月", prj_end="2026年2月")).project
    assert (str(project["start"]), str(project["end"])) == ("2026-02-01", "2026-02-28")


def test_a_merged_value_repeated_in_its_cells_is_one_value(path: Path) -> None:
    def repeat(xml: bytes) -> bytes:
        name = "福州示例机械有限公司".encode()
        assert xml.count(b'<c r="C5"') == 1
        start = xml.index(b'<c r="C5"')
        end = xml.index(b"<c ", start + 3)
        return xml[:start] + b'<c r="C5" t="inlineStr"><is><t>' + name + b"</t></is></c>" + xml[end:]

    assert one(repack(filled(path), {SHEET: repeat})).problems == ()


def test_a_text_box_is_shown(path: Path) -> None:
    """As Excel writes one: a drawing beside the sheet, related to it."""
    drawing = (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:sp><xdr:txBody><a:p><a:r>'
        "<a:t>以上均为元</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:wsDr>"
    )
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing" '
        'Target="../drawings/drawing1.xml"/></Relationships>'
    )
    form = repack(
        filled(path),
        {"xl/drawings/drawing1.xml": drawing.encode(), "xl/worksheets/_rels/sheet1.xml.rels": relation.encode()},
    )
    returned = one(form)
    assert (returned.status, told(returned)) == ("ok", [("warning", "text_box", "")])
    assert returned.problems[0].got == "文本框写着“以上均为元”"
