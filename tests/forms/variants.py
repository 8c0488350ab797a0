"""What people do to a form, and what is right then: one line a variant, over provisions and formats.

The outcome of each was written down from the sheet as a person reads it, before `fill` ever saw it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, GradientFill, PatternFill, Side
from openpyxl.styles.colors import Color
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.worksheet.worksheet import Worksheet
from stdnum.cn import uscc

from xlpolicy.forms.design import build
from xlpolicy.forms.layout import FORM_SHEET, FORM_VERSION, VOUCHER_SHEET, Layout, layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.sheets.fonts import FONTS

SHEET = "xl/worksheets/sheet1.xml"


@dataclass(frozen=True)
class Outcome:
    """`place`; the amount where it is judged; the field complained of; words that must be said."""

    place: str
    amount: str = ""
    key: str = ""
    words: tuple[str, ...] = ()


def pays(amount: str, *words: str) -> Outcome:
    return Outcome("已核定", amount, words=words)


def back(key: str, *words: str) -> Outcome:
    return Outcome("退回补正", key=key, words=words)


def never(*words: str) -> Outcome:
    """Not judged, whatever it is called."""
    return Outcome("不核定", words=words)


def doubted(*words: str) -> Outcome:
    """Sent back, or judged with a remark."""
    return Outcome("存疑", words=words)


@dataclass
class Form:
    """A filled form under way."""

    book: Workbook
    sheet: Worksheet
    plan: Layout

    def at(self, key: str) -> str:
        return self.plan.by_key[key].address

    def cell(self, key: str) -> Any:
        return self.sheet[self.at(key)]

    def label(self, key: str) -> Any:
        spot = self.plan.by_key[key]
        return self.sheet.cell(spot.row + 1, spot.label_column + 1)

    def unit(self, key: str) -> Any:
        spot = self.plan.by_key[key]
        return self.sheet.cell(spot.row + 1, spot.unit_column + 1)

    def hint(self, key: str) -> Any:
        spot = self.plan.by_key[key]
        return self.sheet.cell(spot.row + 1, spot.unit_column + 2)


Change = Callable[[Form], object]
#: of the finished package: parts by name
Patch = Callable[[dict[str, bytes], Layout], object]


@dataclass(frozen=True)
class Variant:
    name: str
    rule: str
    cells: dict[str, Any]
    right: Outcome
    change: Change | None = None
    patch: Patch | None = None
    format: str = "xlsx"
    policy: str = "fuzhou-2026-5"
    unit: str = "万元"
    on: str = ""
    tags: tuple[str, ...] = field(default=())
    version: str = FORM_VERSION


@cache
def sent(rule: str, unit: str, policy: str, version: str = FORM_VERSION) -> Layout:
    document = catalog.default().document(policy)
    return layout(document, document.rules[rule], unit, version)


def firm(number: int, region: str) -> dict[str, Any]:
    body = f"91{region.ljust(6, '0')[:4]}99MA8{number:06d}"
    name = f"变体企业{number:03d}有限公司"
    return {
        "ent_name": name, "ent_uscc": body + uscc.calc_check_digit(body), "ent_county": "某区", "ent_legal_person": "示例",
        "ent_contact": "示例", "ent_phone": "0591-00000001", "ent_account_name": name, "ent_account": f"6200000000000{number:06d}",
        "ent_bank": "示例银行", "prj_name": f"变体项目{number:03d}", "prj_loan": f"示例-2026-{number:03d}",
    }  # fmt: skip


def write(variant: Variant, number: int, folder: Path) -> Path:
    """The form as .xlsx (what becomes .ods or .xls goes through LibreOffice afterwards)."""
    plan = sent(variant.rule, variant.unit, variant.policy, variant.version)
    region = "350582" if plan.document.region == "350582" else plan.document.region
    own = firm(number, region)
    if region == "350582":
        body = f"91350582MA8{number:06d}"
        own["ent_uscc"] = body + uscc.calc_check_digit(body)
    values = {key: v for key, v in {**plainly(plan), **own, **variant.cells}.items() if key in plan.by_key}
    book, _ = build(plan, FONTS, {k: v for k, v in values.items() if v is not None})
    form = Form(book, book[FORM_SHEET], plan)
    if variant.change is not None:
        variant.change(form)
    path = folder / f"{number:03d}.xlsx"
    if variant.format == "csv":
        path = path.with_suffix(".csv")
        path.write_bytes(as_csv(form.sheet))
        return path
    book.save(path)
    if variant.patch is not None:
        with zipfile.ZipFile(path) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        variant.patch(parts, plan)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            for name, data in parts.items():
                package.writestr(name, data)
    return path


def as_csv(sheet: Worksheet) -> bytes:
    """As a spreadsheet program saves the visible sheet: values alone, in the code page of Windows."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in sheet.iter_rows():
        values = ["" if c.value is None or str(c.value).startswith("=") else c.value for c in row]
        writer.writerow([v.strftime("%Y/%m/%d") if isinstance(v, dt.date) else v for v in values])
    return out.getvalue().encode("gbk")


# --- changes ---


def value(key: str, what: Any) -> Change:
    def change(form: Form) -> None:
        form.cell(key).value = what

    return change


def shape(key: str, code: str, what: Any = None) -> Change:
    def change(form: Form) -> None:
        form.cell(key).number_format = code
        if what is not None:
            form.cell(key).value = what

    return change


def struck(key: str) -> Change:
    def change(form: Form) -> None:
        form.cell(key).font = Font(strike=True)

    return change


def rich(key: str, *parts: tuple[str, InlineFont]) -> Change:
    return value(key, CellRichText(*(TextBlock(font, text) for text, font in parts)))


OLD, PLAIN, RAISED = InlineFont(strike=True), InlineFont(), InlineFont(vertAlign="superscript")
UNSEEN = InlineFont(color="FFFFFFFF")


def text(place: str, what: Any) -> Change:
    def change(form: Form) -> None:
        form.sheet[place] = what

    return change


def label(key: str, old: str, new: str) -> Change:
    def change(form: Form) -> None:
        cell = form.label(key)
        assert old in cell.value, cell.value
        cell.value = cell.value.replace(old, new)

    return change


def unit(key: str, new: str) -> Change:
    def change(form: Form) -> None:
        form.unit(key).value = new

    return change


def hint(key: str, new: str) -> Change:
    def change(form: Form) -> None:
        form.hint(key).value = new

    return change


def comment(key: str, said: str) -> Change:
    def change(form: Form) -> None:
        form.cell(key).comment = Comment(said, "会计")

    return change


def hidden_row(key: str) -> Change:
    def change(form: Form) -> None:
        form.sheet.row_dimensions[form.cell(key).row].hidden = True

    return change


def hidden_column(key: str) -> Change:
    def change(form: Form) -> None:
        form.sheet.column_dimensions[form.cell(key).column_letter].hidden = True

    return change


def merged(key: str, area: str) -> Change:
    """`area` with {row} for the row of the field; what a cell held before stays in it, as in the XML of such files."""

    def change(form: Form) -> None:
        row = form.cell(key).row
        mine = area.format(row=row)
        for other in list(form.sheet.merged_cells.ranges):
            if any(other.coord == o.coord for o in form.sheet.merged_cells.ranges) and not other.isdisjoint(
                openpyxl.worksheet.cell_range.CellRange(mine)
            ):
                form.sheet.merged_cells.ranges.discard(other)
        form.sheet.merged_cells.ranges.add(openpyxl.worksheet.cell_range.CellRange(mine))

    return change


def inserted(key: str, *words: Any) -> Change:
    """A row put in below a field."""

    def change(form: Form) -> None:
        row = form.cell(key).row + 1
        areas = [r.coord for r in form.sheet.merged_cells.ranges]
        for area in areas:
            form.sheet.unmerge_cells(area)
        form.sheet.insert_rows(row)
        for area in areas:
            moved = re.sub(r"\d+", lambda m: str(int(m[0]) + (int(m[0]) >= row)), area)
            form.sheet.merge_cells(moved)
        for column, word in zip("ABC", words, strict=False):
            form.sheet[f"{column}{row}"] = word

    return change


def below_declaration(said: str) -> Change:
    def change(form: Form) -> None:
        cell = form.sheet.cell(form.plan.declaration_row + 1, 1)
        cell.value = f"{cell.value}\n{said}"

    return change


def opinion(said: str) -> Change:
    """What a county wrote into its place, before the stamp and the day."""

    def change(form: Form) -> None:
        cell = form.sheet.cell(form.plan.review_row + 1, 1)
        cell.value = cell.value.replace("意见：", f"意见：{said}", 1)

    return change


def second_sheet(state: str, said: str) -> Change:
    def change(form: Form) -> None:
        copy = form.book.copy_worksheet(form.sheet)
        copy.title = said
        copy.sheet_state = state

    return change


def vouchers(*lines: tuple[Any, ...]) -> Change:
    def change(form: Form) -> None:
        sheet = form.book[VOUCHER_SHEET]
        for row, line in enumerate(lines, 4):
            for column, what in zip("BCDEFG", line, strict=False):
                sheet[f"{column}{row}"] = what

    return change


def invoice(number: int, cells: dict[str, Any], contract: str = "甲", before: str = "", behind: str = "") -> Change:
    """One invoice of 100万 and its tax, then other cells of the list."""

    def change(form: Form) -> None:
        said = f"{before}263500000000{number:08d}{behind}"
        vouchers((contract, said, dt.date(2026, 3, 1), 1000000, 130000, dt.date(2026, 3, 9)))(form)
        for place, what in cells.items():
            form.book[VOUCHER_SHEET][place] = what

    return change


def together(*changes: Change) -> Change:
    def change(form: Form) -> None:
        for one in changes:
            one(form)

    return change


# --- patches of the package ---

_CELL = r'<c r="{at:KEY}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)'


def sheet_xml(old: str, new: str, count: int = 1) -> Patch:
    """`{at:key}` and `{row:key}` stand for places; old is a regular expression."""

    def patch(parts: dict[str, bytes], plan: Layout) -> None:
        def place(match: re.Match[str]) -> str:
            spot = plan.by_key[match[2]]
            return spot.address if match[1] == "at" else str(spot.row + 1)

        wanted, wished = (re.sub(r"\{(at|row):(\w+)\}", place, s) for s in (old, new))
        changed, times = re.subn(wanted, wished, parts[SHEET].decode(), flags=re.S)
        assert times == count, (times, wanted)
        parts[SHEET] = changed.encode()

    return patch


def formula(key: str, said: str, stored: str, kind: str = "") -> Patch:
    mark = f' t="{kind}"' if kind else ""
    return sheet_xml(
        _CELL.replace("KEY", key),
        rf'<c r="{{at:{key}}}"\1{mark}><f>{said}</f><v>{stored}</v></c>',
    )


def picture(key: str, said: str = "") -> Patch:
    """A picture laid over a field, as a pasted seal or a scanned table is; with `said` a text box."""

    def patch(parts: dict[str, bytes], plan: Layout) -> None:
        spot = plan.by_key[key]
        main = "http://schemas.openxmlformats.org/drawingml/2006/"
        rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        corners = [
            f"<xdr:{end}><xdr:col>{spot.column + more}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{spot.row + more}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:{end}>"
            for end, more in (("from", 0), ("to", 1))
        ]
        shape = (
            f"<xdr:sp><xdr:txBody><a:p><a:r><a:t>{said}</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
            if said
            else '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="图片 1"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill>'
            f'<a:blip xmlns:r="{rels}" r:embed="rId1"/></xdr:blipFill><xdr:spPr/></xdr:pic>'
        )
        parts["xl/drawings/drawing1.xml"] = (
            f'<xdr:wsDr xmlns:xdr="{main}spreadsheetDrawing" xmlns:a="{main}main"><xdr:twoCellAnchor>'
            f"{''.join(corners)}{shape}<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>"
        ).encode()
        parts["xl/drawings/_rels/drawing1.xml.rels"] = (
            f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{rels}/image" Target="../media/image1.png"/></Relationships>'
        ).encode()
        parts["xl/media/image1.png"] = b"\x89PNG\r\n\x1a\n"
        parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
            f'<Relationships xmlns="{package}"><Relationship Id="rId9" Type="{rels}/drawing" Target="../drawings/drawing1.xml"/></Relationships>'
        ).encode()
        parts[SHEET] = parts[SHEET].replace(
            b"</worksheet>", f'<drawing xmlns:r="{rels}" r:id="rId9"/></worksheet>'.encode()
        )
        for old, new in (
            (b"<Override", b'<Default Extension="png" ContentType="image/png"/><Override'),
            (
                b"</Types>",
                b'<Override PartName="/xl/drawings/drawing1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/></Types>',
            ),
        ):
            parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(old, new, 1)

    return patch


def covering(key: str) -> Patch:
    """A white rectangle without a word, as it is drawn over a number."""

    def patch(parts: dict[str, bytes], plan: Layout) -> None:
        picture(key)(parts, plan)
        drawing = parts["xl/drawings/drawing1.xml"].decode()
        shape = (
            '<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="2" name="r"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr><a:prstGeom prst="rect">'
            '<a:avLst/></a:prstGeom><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill></xdr:spPr></xdr:sp>'
        )
        parts["xl/drawings/drawing1.xml"] = re.sub("<xdr:pic>.*</xdr:pic>", shape, drawing, flags=re.S).encode()

    return patch


def own_table(parts: dict[str, bytes], plan: Layout) -> None:
    """A table over the answers whose own style strikes them out."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    styles = parts["xl/styles.xml"].decode()
    dxf = '<dxfs count="1"><dxf><font><strike/></font></dxf></dxfs><tableStyles count="1"><tableStyle name="旧" count="1">'
    styles, times = re.subn(
        r"<dxfs[^>]*?(?:/>|>.*?</dxfs>)(<tableStyles[^>]*?(?:/>|>.*?</tableStyles>))?",
        f'{dxf}<tableStyleElement type="wholeTable" dxfId="0"/></tableStyle></tableStyles>', styles, flags=re.S,
    )  # fmt: skip
    assert times == 1
    parts["xl/styles.xml"] = styles.encode()
    parts["xl/tables/table1.xml"] = (
        f'<table xmlns="{main}" id="1" name="表1" displayName="表1" ref="C15:D20"><tableStyleInfo name="旧"/></table>'
    ).encode()
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId9" Type="{rels}/table" Target="../tables/table1.xml"/></Relationships>'
    ).encode()


def floating(key: str) -> Patch:
    """A picture fastened to the page, not to cells: .ods keeps it apart from the rows. Rows are about 0.25 inches."""

    def patch(parts: dict[str, bytes], plan: Layout) -> None:
        picture(key)(parts, plan)
        drawing = parts["xl/drawings/drawing1.xml"].decode()
        drawing = re.sub(
            "<xdr:from>.*</xdr:to>", '<xdr:pos x="100000" y="100000"/><xdr:ext cx="9000000" cy="9000000"/>', drawing
        )
        parts["xl/drawings/drawing1.xml"] = drawing.replace("twoCellAnchor", "absoluteAnchor").encode()

    return patch


#: over the field of the amount, as legacy drawings say it
ANCHOR = "<x:Anchor>2, 10, 15, 2, 3, 10, 18, 2</x:Anchor>"


def legacy(shapes: str) -> Patch:
    """A drawing as Excel keeps controls, notes and objects in it; it is no strict XML."""

    def patch(parts: dict[str, bytes], plan: Layout) -> None:
        rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        spaces = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"'
        parts["xl/drawings/vmlDrawing1.vml"] = f"<xml {spaces}>{shapes}</xml>".encode()
        parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9"'
            f' Type="{rels}/vmlDrawing" Target="../drawings/vmlDrawing1.vml"/></Relationships>'
        ).encode()
        ending = f'<legacyDrawing xmlns:r="{rels}" r:id="rId9"/></worksheet>'
        parts[SHEET] = parts[SHEET].replace(b"</worksheet>", ending.encode())

    return patch


def smart_art(said: str) -> Patch:
    """A diagram somewhere on the sheet: the drawing only points to its words."""

    def patch(parts: dict[str, bytes], plan: Layout) -> None:
        picture("prj_content")(parts, plan)
        main = "http://schemas.openxmlformats.org/drawingml/2006/"
        place = "xl/drawings/_rels/drawing1.xml.rels"
        parts[place] = (
            parts[place].replace(b'/image"', b'/diagramData"').replace(b"media/image1.png", b"diagrams/data1.xml")
        )
        parts["xl/diagrams/data1.xml"] = (
            f'<d:dataModel xmlns:d="{main}diagram" xmlns:a="{main}main"><d:pt><d:t><a:p><a:r><a:t>{said}</a:t></a:r></a:p></d:t></d:pt></d:dataModel>'
        ).encode()

    return patch


def conditions(inside: str) -> Patch:
    """Conditional formats of the field of the fees, as Excel writes them behind the rows."""
    return sheet_xml(
        r"</sheetData>(.*?)<(dataValidations|printOptions|pageMargins)",
        r'</sheetData>\1<conditionalFormatting sqref="{at:in_fee}">' + inside + r"</conditionalFormatting><\2",
    )


def conditions_of_2010(look: str) -> Patch:
    """The same as Excel 2010 and later keep those that name another sheet: among the extensions."""
    own = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
    return sheet_xml(
        "</worksheet>",
        f'<extLst><ext uri="{{78C0D931-6437-407d-A8EE-F0AAD7539E65}}" xmlns:x14="{own}"><x14:conditionalFormattings>'
        '<x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:cfRule type="expression"'
        f' priority="1"><xm:f>1</xm:f><x14:dxf>{look}</x14:dxf></x14:cfRule><xm:sqref>{{at:in_fee}}</xm:sqref>'
        "</x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst></worksheet>",
    )


def no_zeros(form: Form) -> None:
    form.sheet.sheet_view.showZeros = False


def cell_xml(key: str, inside: str, kind: str = "") -> Patch:
    """Another content of a field's cell, its style kept."""
    mark = f' t="{kind}"' if kind else ""
    return sheet_xml(_CELL.replace("KEY", key), rf'<c r="{{at:{key}}}"\1{mark}>{inside}</c>')


def aligned(key: str, how: str) -> Change:
    def change(form: Form) -> None:
        form.cell(key).alignment = Alignment(horizontal=how)

    return change


def crossed(key: str) -> Change:
    def change(form: Form) -> None:
        form.cell(key).border = Border(diagonal=Side(style="thin"), diagonalUp=True, diagonalDown=True)

    return change


def own_sizes(said: str, gone: str) -> Patch:
    """What the sheet says of rows and columns in general, and `gone` what they say themselves."""

    def patch(parts: dict[str, bytes], plan: Layout) -> None:
        sheet, times = re.subn("<sheetFormatPr[^>]*/>", f"<sheetFormatPr {said}/>", parts[SHEET].decode())
        assert times == 1
        sheet, times = re.subn(gone, r"\1", sheet, flags=re.S)
        assert times
        parts[SHEET] = sheet.encode()

    return patch


def conditional(key: str, **look: Any) -> Change:
    """A conditional format that changes what the cell says."""

    def change(form: Form) -> None:
        rule = Rule(type="cellIs", operator="greaterThan", formula=["1"], dxf=DifferentialStyle(**look), priority=1)
        form.sheet.conditional_formatting.add(form.at(key), rule)

    return change


def lettered(key: str, typeface: str) -> Change:
    def change(form: Form) -> None:
        form.cell(key).font = Font(name=typeface)

    return change


def coloured(key: str, **colour: Any) -> Change:
    """The letters in a colour; the ground as the form has it, or white."""

    def change(form: Form) -> None:
        form.cell(key).font = Font(color=Color(**colour))

    return change


YES, NO = "是", "否"
_CFVO = '<cfvo type="percent" val="0"/><cfvo type="percent" val="33"/><cfvo type="percent" val="67"/>'
SIGNS = '<cfRule type="iconSet" priority="1"><iconSet iconSet="3Symbols"{}>' + _CFVO + "</iconSet></cfRule>"
BAR = '<cfRule type="dataBar" priority="1"><dataBar{}><cfvo type="min"/><cfvo type="max"/><color rgb="FF638EC6"/></dataBar></cfRule>'
WHITES = '<cfRule type="colorScale" priority="1"><colorScale><cfvo type="min"/><cfvo type="max"/><color rgb="FFFFFFFF"/><color rgb="FFF8696B"/></colorScale></cfRule>'
LOAN = {
    "in_loan_balance": 900, "in_days": 180, "in_years_since_scaleup": 1, "in_other_interest_subsidy": NO,
    "in_supply_chain_loan": YES,
}  # fmt: skip
#: 900万 × 1% × 180 ÷ 365
LOAN_PAYS = "44383.56"


def themed(**colours: str) -> Patch:
    """The colours of the file's own theme: dk1, lt1, accent1 … as rrggbb."""

    def patch(parts: dict[str, bytes], _: Layout) -> None:
        theme = parts["xl/theme/theme1.xml"].decode()
        for name, colour in colours.items():
            theme, met = re.subn(
                f"<a:{name}>.*?</a:{name}>", f'<a:{name}><a:srgbClr val="{colour}"/></a:{name}>', theme, flags=re.S
            )
            assert met == 1, name
        parts["xl/theme/theme1.xml"] = theme.encode()

    return patch


def grounded(key: str, letters: Color, ground: Color) -> Change:
    """Letters in one colour on a ground of another."""

    def change(form: Form) -> None:
        form.cell(key).font = Font(color=letters)
        form.cell(key).fill = PatternFill("solid", fgColor=ground)

    return change


def both_by_condition(letters: Color, ground: Color | None) -> Change:
    """A conditional look of the fees with colours for letters and ground."""
    fill = {"fill": PatternFill(bgColor=ground, fill_type="solid")} if ground is not None else {}
    return conditional("in_fee", font=Font(color=letters), **fill)


def row_gone(key: str) -> Change:
    """A field's row deleted; the names of cells stay behind."""

    def change(form: Form) -> None:
        row = form.cell(key).row
        for area in [str(area) for area in form.sheet.merged_cells.ranges]:
            form.sheet.unmerge_cells(area)
        form.sheet.delete_rows(row)

    return change


VARIANTS: tuple[Variant, ...] = (
    # what is struck out or raised
    Variant("count_struck", "cloud_device", {"in_count": 12}, back("in_count", "删除线"), struck("in_count")),
    Variant("income_struck_ods", "pilot_test_income", {"in_income": 200}, back("in_income", "删除线"), struck("in_income"), format="ods"),
    Variant("fee_struck_xls", "exhibition_booth", {"in_fee": 4, "in_group_size": 6}, back("in_fee", "删除线"), struck("in_fee"), format="xls"),
    Variant("level_half_struck", "tech_center", {"in_level": "国家级"}, back("in_level"), rich("in_level", ("国家级", OLD), ("省级", PLAIN))),
    Variant("code_half_struck", "little_giant", {"in_superior_award": 60}, back("ent_uscc", "划掉"), rich("ent_uscc", ("913501", OLD), ("91350199MA8000059W", PLAIN))),
    Variant("year_with_footnote", "tech_upgrade", {"in_investment": 800}, back("prj_fact_on"), rich("prj_fact_on", ("2026", PLAIN), ("1", RAISED))),
    Variant("half_struck_ods", "digital_project", {"in_investment": 100}, back("in_investment"), rich("in_investment", ("80", OLD), ("90", PLAIN)), format="ods"),
    Variant("half_struck_xls", "digital_project", {"in_investment": 100}, back("in_investment"), rich("in_investment", ("80", OLD), ("90", PLAIN)), format="xls"),
    Variant("yes_struck", "tech_upgrade", {"in_investment": 800}, back("in_bond_supported"), rich("in_bond_supported", ("是", OLD), ("否", PLAIN))),
    Variant("unit_struck", "tech_upgrade", {"in_investment": 800}, back("", "划掉了“万”"), lambda f: setattr(f.unit("in_investment"), "value", CellRichText(TextBlock(OLD, "万"), TextBlock(PLAIN, "元")))),
    # number formats
    Variant("days_shown_as_months", "scaleup_loan_interest", {**LOAN, "in_days": 12}, back("in_days", "个月"), shape("in_days", '0"个月"')),
    Variant("rate_300_percent", "scaleup_loan_interest", {**LOAN, "in_loan_rate": 3}, back("in_loan_rate", "300"), shape("in_loan_rate", "0%")),
    Variant("rate_bare_below_one", "scaleup_loan_interest", {**LOAN, "in_loan_rate": 0.03}, back("in_loan_rate"), shape("in_loan_rate", "0.00")),
    Variant("thousands_comma_in_yuan_form", "cloud_infra", {"in_fee": 150000}, back("in_fee"), shape("in_fee", "#,##0,"), unit="元"),
    Variant("thousands_comma_ods", "cloud_infra", {"in_fee": 15000}, back("in_fee"), shape("in_fee", "#,##0,"), format="ods"),
    Variant("wan_literal_fits", "cloud_infra", {"in_fee": 15}, pays("75000.00"), shape("in_fee", '0.00"万元"')),
    Variant("yuan_literal_xls", "cloud_infra", {"in_fee": 15}, back("in_fee", "15"), shape("in_fee", '0.00"元"'), format="xls"),
    Variant("yuan_literal_ods", "cloud_infra", {"in_fee": 15}, back("in_fee", "15"), shape("in_fee", '0.00"元"'), format="ods"),
    Variant("year_shown_as_date", "tech_upgrade", {"in_investment": 800}, back("", "1905"), shape("prj_fact_on", "yyyy")),
    Variant("text_format_adds_yuan", "tech_upgrade", {"in_investment": "800"}, back("in_investment"), shape("in_investment", '@"元"')),
    Variant("condition_in_format", "tech_upgrade", {"in_investment": 800}, back("in_investment"), shape("in_investment", '[>=100]0"元";0"万元"')),
    Variant("accounting_format", "tech_upgrade", {"in_investment": 800}, pays("240000.00"), shape("in_investment", r"0_);[Red]\(0\)")),
    Variant("chinese_capitals_of_yuan", "tech_upgrade", {"in_investment": 800}, back("in_investment"), shape("in_investment", '[DBNum2][$-804]General"元整"')),
    Variant("count_rounded_away", "provincial_srdi", {"in_count": 1.4}, back("in_count"), shape("in_count", "0")),
    Variant("yes_no_shown_otherwise", "tech_upgrade", {"in_investment": 800}, back("in_bond_supported"), shape("in_bond_supported", ';;;"是"')),
    # comments
    Variant("rate_of_two_percent_signs", "scaleup_loan_interest", {**LOAN, "in_loan_rate": 0.0345}, back("in_loan_rate", "345.00%%"), shape("in_loan_rate", "0.00%%")),
    Variant("comment_on_rate", "scaleup_loan_interest", {**LOAN, "in_loan_rate": 0.03}, pays(LOAN_PAYS, "月息"), together(shape("in_loan_rate", "0.00%"), comment("in_loan_rate", "这是月息"))),
    Variant("comment_xls", "cloud_infra", {"in_fee": 15}, pays("75000.00", "含税价"), comment("in_fee", "含税价"), format="xls"),
    Variant("comment_ods", "cloud_infra", {"in_fee": 15}, pays("75000.00", "含税价"), comment("in_fee", "含税价"), format="ods"),
    # out of sight
    Variant("row_hidden_ods", "exhibition_booth", {"in_fee": 4, "in_group_size": 6}, back("in_fee", "隐藏"), hidden_row("in_fee"), format="ods"),
    Variant("column_hidden_xls", "exhibition_booth", {"in_fee": 4, "in_group_size": 6}, back("in_fee", "隐藏"), hidden_column("in_fee"), format="xls"),
    Variant("year_row_hidden", "tech_upgrade", {"in_investment": 800}, back("prj_fact_on", "隐藏"), hidden_row("prj_fact_on")),
    Variant("very_hidden_copy", "cloud_infra", {"in_fee": 15}, pays("75000.00", "隐藏"), second_sheet("veryHidden", "旧表")),
    Variant("hidden_copy_xls", "cloud_infra", {"in_fee": 15}, pays("75000.00", "隐藏"), second_sheet("hidden", "旧表"), format="xls"),
    Variant("hidden_copy_ods", "cloud_infra", {"in_fee": 15}, pays("75000.00", "隐藏"), second_sheet("hidden", "旧表"), format="ods"),
    Variant("the_form_itself_hidden", "cloud_infra", {"in_fee": 15}, never("隐藏"), lambda f: (f.book.create_sheet("封面", 0), setattr(f.book, "active", 0), setattr(f.sheet, "sheet_state", "hidden"))),
    Variant("white_count", "cloud_device", {"in_count": 12}, back("in_count"), lambda f: setattr(f.cell("in_count"), "font", Font(color="FFFFFFFF"))),
    Variant("white_xls", "cloud_device", {"in_count": 12}, back("in_count"), lambda f: setattr(f.cell("in_count"), "font", Font(color="FFFFFFFF")), format="xls"),
    Variant("white_ods", "cloud_device", {"in_count": 12}, back("in_count"), lambda f: setattr(f.cell("in_count"), "font", Font(color="FFFFFFFF")), format="ods"),
    Variant("value_under_the_label", "tech_upgrade", {"in_investment": 800}, back("in_investment"), patch=sheet_xml(r'<mergeCell ref="A{row:in_investment}:B{row:in_investment}" ?/>', '<mergeCell ref="A{row:in_investment}:C{row:in_investment}"/>')),
    Variant("picture_over_the_amount", "tech_upgrade", {"in_investment": 800}, pays("240000.00", "图片"), patch=picture("in_investment")),
    # formulas
    Variant("formula_to_other_book", "cloud_infra", {"in_fee": 15}, back("in_fee", "[1]"), patch=formula("in_fee", "[1]Sheet1!A1", "15")),
    Variant("formula_to_vouchers", "cloud_infra", {"in_fee": 15}, back("in_fee"), patch=formula("in_fee", "发票明细表!E34/10000", "15")),
    Variant("formula_indirect", "cloud_infra", {"in_fee": 15}, doubted("INDIRECT"), patch=formula("in_fee", "INDIRECT(&quot;别表!B2&quot;)", "15")),
    Variant("formula_of_text", "cloud_infra", {"in_fee": 15}, pays("75000.00", "公式"), patch=formula("in_fee", "15&amp;&quot;万元&quot;", "15万元", "str")),
    Variant("formula_says_yes", "tech_upgrade", {"in_investment": 800}, pays("240000.00", "公式"), patch=formula("in_bond_supported", "IF(1=1,&quot;否&quot;,&quot;是&quot;)", "否", "str")),
    Variant("formula_today", "tech_upgrade", {"in_investment": 800}, pays("240000.00", "TODAY"), patch=formula("prj_applied_on", "TODAY()", "46174")),
    Variant("formula_year", "tech_upgrade", {"in_investment": 800}, pays("240000.00", "YEAR"), patch=formula("prj_fact_on", "YEAR(TODAY())", "2026")),
    Variant("formula_in_error_stored_as_text", "tech_upgrade", {"in_investment": 800}, back("in_investment"), patch=formula("in_investment", "1/0", "#DIV/0!", "e")),
    Variant("formula_other_sheet_ods", "cloud_infra", {}, back("in_fee"), lambda f: (setattr(f.cell("in_fee"), "value", "=发票明细表!E34+15"),), format="ods"),
    Variant("formula_other_sheet_xls", "cloud_infra", {}, back("in_fee"), lambda f: (setattr(f.cell("in_fee"), "value", "=发票明细表!E34+15"),), format="xls"),
    # cells twice
    Variant("cell_twice", "cloud_infra", {"in_fee": 15}, back("in_fee"), patch=sheet_xml(r'(<c r="{at:in_fee}"[^>]*><v>)15(</v></c>)', r"\g<1>15\2\g<1>39\2")),
    Variant("row_twice", "cloud_infra", {"in_fee": 15}, back("in_fee"), patch=sheet_xml(r'(<row r="{row:in_fee}"[^>]*>)(.*?)</row>', r'\1\2</row><row r="{row:in_fee}"><c r="{at:in_fee}"><v>39</v></c></row>')),
    Variant("label_twice", "cloud_infra", {"in_fee": 15}, back("in_fee"), inserted("in_fee", "云计算服务费用总额", None, 39)),
    # numbers as people write them
    Variant("two_lines_of_days", "scaleup_loan_interest", {**LOAN, "in_days": "90\n30"}, back("in_days")),
    Variant("full_width_count", "cloud_device", {"in_count": "１２"}, pays("24000.00", "各计一次")),
    Variant("three_hundred_wan", "digital_project", {"in_investment": "3百"}, pays("600000.00")),
    Variant("three_hundred_yuan", "digital_project", {"in_investment": "3百"}, pays("60.00"), unit="元"),
    Variant("five_thousand_wan", "tech_upgrade", {"in_investment": "5千"}, pays("1500000.00")),
    Variant("in_characters", "tech_upgrade", {"in_investment": "五百万元", "in_investment_with_vat": 565}, pays("150000.00")),
    Variant("wide_comma_and_dot", "tech_upgrade", {"in_investment": "１，２００．５"}, pays("360150.00")),
    Variant("continental", "tech_upgrade", {"in_investment": "1.200,50"}, back("in_investment")),
    Variant("space_in_the_wrong_place", "tech_upgrade", {"in_investment": "12 00"}, back("in_investment")),
    Variant("groups_of_four", "tech_upgrade", {"in_investment": "800 0000元"}, back("in_investment")),
    Variant("dollars", "tech_upgrade", {"in_investment": "800万美元"}, back("in_investment")),
    Variant("count_in_pieces", "cloud_device", {"in_count": "12台"}, pays("24000.00", "各计一次")),
    Variant("count_of_another_unit", "cloud_device", {"in_count": "12批"}, back("in_count")),
    Variant("count_sum", "cloud_device", {"in_count": "12+3"}, back("in_count")),
    Variant("count_range", "cloud_device", {"in_count": "12-15"}, back("in_count")),
    Variant("count_none", "provincial_srdi", {"in_count": "无"}, back("in_count")),
    Variant("count_slash", "provincial_srdi", {"in_count": "/"}, back("in_count")),
    Variant("count_dash_csv", "provincial_srdi", {"in_count": "—"}, back("in_count"), format="csv"),
    Variant("sessions_none_ods", "bank_matchmaking", {"in_enterprises": 35, "in_banks": 6, "in_sessions": "无"}, back("in_sessions"), format="ods"),
    Variant("yes_no_both_printed", "tech_upgrade", {"in_investment": 800, "in_bond_supported": "是/否"}, back("in_bond_supported")),
    Variant("yes_no_none", "tech_upgrade", {"in_investment": 800, "in_bond_supported": "无"}, back("in_bond_supported")),
    Variant("yes_no_doubtful", "tech_upgrade", {"in_investment": 800, "in_bond_supported": "否（待核实）"}, back("in_bond_supported")),
    Variant("yes_no_boxes", "tech_upgrade", {"in_investment": 800, "in_bond_supported": "□是 □否"}, back("in_bond_supported")),
    Variant("zero_width_in_amount", "tech_upgrade", {"in_investment": "8\u200b00"}, back("in_investment", "看不见")),
    Variant("zero_width_in_yes", "tech_upgrade", {"in_investment": 800, "in_bond_supported": "否\u200b"}, pays("240000.00")),
    Variant("wide_percent", "scaleup_loan_interest", {**LOAN, "in_loan_rate": "3.45％"}, pays(LOAN_PAYS)),
    Variant("per_mille", "scaleup_loan_interest", {**LOAN, "in_loan_rate": "3‰"}, back("in_loan_rate")),
    Variant("monthly_rate", "scaleup_loan_interest", {**LOAN, "in_loan_rate": "月息0.3%"}, back("in_loan_rate")),
    Variant("rate_per_month", "scaleup_loan_interest", {**LOAN, "in_loan_rate": "0.3%/月"}, back("in_loan_rate")),
    Variant("usurious_rate", "scaleup_loan_interest", {**LOAN, "in_loan_rate": 0.36}, back("in_loan_rate", "36"), shape("in_loan_rate", "0%")),
    Variant("half_a_year", "scaleup_loan_interest", {**LOAN, "in_days": "半年"}, back("in_days")),
    Variant("six_months", "scaleup_loan_interest", {**LOAN, "in_days": "6个月"}, back("in_days")),
    Variant("days_named", "scaleup_loan_interest", {**LOAN, "in_days": "180天"}, pays(LOAN_PAYS)),
    Variant("no_such_day", "tech_upgrade", {"in_investment": 800, "prj_applied_on": "2026年2月30日"}, back("prj_applied_on")),
    Variant("day_without_year", "tech_upgrade", {"in_investment": 800, "prj_applied_on": "6月1日"}, back("prj_applied_on")),
    Variant("month_where_a_day_decides", "tech_upgrade", {"in_investment": 800, "prj_applied_on": "2026年6月"}, doubted("只写到月")),
    Variant("month_of_a_project", "tech_upgrade", {"in_investment": 800, "prj_start": "2026年3月"}, pays("240000.00")),
    Variant("eight_digits", "tech_upgrade", {"in_investment": 800, "prj_applied_on": "20260601"}, pays("240000.00")),
    Variant("two_years", "tech_upgrade", {"in_investment": 800, "prj_fact_on": "2025-2026"}, back("prj_fact_on")),
    Variant("year_short", "tech_upgrade", {"in_investment": 800, "prj_fact_on": "26"}, back("prj_fact_on")),
    Variant("year_named", "tech_upgrade", {"in_investment": 800, "prj_fact_on": "２０２６年度"}, pays("240000.00")),
    # units, labels, titles
    Variant("unit_cell_yuan", "cloud_infra", {"in_fee": 15}, back("in_fee"), unit("in_fee", "元")),
    Variant("unit_cell_yuan_csv", "cloud_infra", {"in_fee": 15}, back(""), unit("in_fee", "元"), format="csv"),
    Variant("unit_cell_days_to_months", "scaleup_loan_interest", LOAN, back(""), unit("in_days", "月")),
    Variant("unit_line_thousands", "cloud_infra", {"in_fee": 15}, back("", "千元"), text("F2", "单位：千元")),
    Variant("heading_says_yuan", "cloud_infra", {"in_fee": 15}, back("", "元"), text("C15", "填报数（元）")),
    Variant("hint_says_yuan", "cloud_infra", {"in_fee": 15}, doubted("按元填"), hint("in_fee", "按元填写")),
    Variant("label_with_vat", "scaleup_tech_upgrade", {"in_investment": 800, "in_years_since_scaleup": 1}, back("", "含增值税"), label("in_investment", "不含增值税", "含增值税")),
    Variant("label_city_award", "little_giant", {"in_superior_award": 60}, back("", "市级奖励金额"), label("in_superior_award", "省级", "市级")),
    Variant("label_negated", "tech_upgrade", {"in_investment": 800}, back("", "未享受"), label("in_bond_supported", "已享受", "未享受")),
    Variant("label_first_year_is_one", "scaleup_tech_upgrade", {"in_investment": 800, "in_years_since_scaleup": 1}, back("", "当年为1"), label("in_years_since_scaleup", "当年为0", "当年为1")),
    Variant("label_months", "scaleup_loan_interest", LOAN, back("", "计息月数"), label("in_days", "天数", "月数")),
    Variant("label_all_year_ods", "exhibition_booth", {"in_fee": 4, "in_group_size": 6}, back("", "全年"), label("in_fee", "单次", "全年"), format="ods"),
    Variant("label_all_year_xls", "exhibition_booth", {"in_fee": 4, "in_group_size": 6}, back("", "全年"), label("in_fee", "单次", "全年"), format="xls"),
    Variant("label_total_csv", "cloud_infra", {"in_fee": 15}, never(), label("in_fee", "总额", "累计额"), format="csv"),
    Variant("title_of_another_city", "tech_upgrade", {"in_investment": 800}, back("", "厦门"), text("A1", "厦门市技改设备补助申请表")),
    Variant("title_void_ods", "tech_upgrade", {"in_investment": 800}, back("", "作废"), text("A1", "福州市技改设备补助申请表（作废）"), format="ods"),
    Variant("title_of_another_provision_xls", "cloud_infra", {"in_fee": 15}, never("5G"), text("A1", "福州市国家级5G工厂名录奖励申请表"), format="xls"),
    Variant("basis_of_2024", "cloud_infra", {"in_fee": 15}, back("", "2024"), text("A2", "依据：榕政办规〔2024〕13号 附件3 六2")),
    Variant("basis_of_nobody_csv", "cloud_infra", {"in_fee": 15}, back("", "2028"), text("A2", "依据：榕政办规〔2028〕3号 附件3 六2"), format="csv"),
    Variant("plain_csv", "cloud_infra", {"in_fee": 15}, pays("75000.00"), format="csv"),
    Variant("plain_csv_yuan", "cloud_infra", {"in_fee": 150000}, pays("75000.00"), format="csv", unit="元"),
    # what was added
    Variant("row_for_earlier_subsidy_ods", "digital_project", {"in_investment": 100}, pays("200000.00", "减：已获补助"), inserted("in_investment", "减：已获补助", None, 40), format="ods"),
    Variant("row_for_partner_xls", "digital_project", {"in_investment": 100}, pays("200000.00", "联合申报单位"), inserted("prj_name", "联合申报单位", "示例企业88"), format="xls"),
    Variant("row_csv", "digital_project", {"in_investment": 100}, pays("200000.00", "其中财政资金"), inserted("in_investment", "其中财政资金", None, 40), format="csv"),
    Variant("words_after_signature", "digital_project", {"in_investment": 100}, pays("200000.00", "数据为预估"), below_declaration("以上数据为预估，以审计为准")),
    Variant("words_after_signature_ods", "digital_project", {"in_investment": 100}, pays("200000.00", "数据为预估"), below_declaration("以上数据为预估，以审计为准"), format="ods"),
    Variant("county_says_no", "digital_project", {"in_investment": 100}, pays("200000.00", "不予补助"), lambda f: setattr(f.sheet.cell(f.plan.review_row + 1, 1), "value", "县（市、区）主管部门意见：\n经核，建议不予补助。\n（盖章）2026年6月1日")),
    Variant("page_footer_yuan", "digital_project", {"in_investment": 100}, doubted("单位：元"), lambda f: setattr(f.sheet.oddFooter.right, "text", "金额单位：元")),
    Variant("note_far_below", "digital_project", {"in_investment": 100}, pays("200000.00", "另有一份"), text("B70", "另有一份补充材料，金额以补充材料为准")),
    Variant("renamed_sheet", "digital_project", {"in_investment": 100}, pays("200000.00"), lambda f: setattr(f.sheet, "title", "2026年数智化")),
    Variant("renamed_sample", "digital_project", {"in_investment": 100}, never("样表"), lambda f: setattr(f.sheet, "title", "样表（勿动）")),
    # plausible
    Variant("yuan_in_wan_scaleup", "scaleup_tech_upgrade", {"in_investment": 6000000, "in_years_since_scaleup": 1}, doubted("元")),
    Variant("yuan_in_wan_cloud", "cloud_core", {"in_fee": 150000, "in_is_sme": YES}, pays("200000.00", "核对单位")),
    Variant("yuan_in_wan_booth", "exhibition_booth", {"in_fee": 28000, "in_group_size": 6}, pays("50000.00", "核对单位")),
    Variant("yuan_in_wan_erp", "erp_software", {"in_spend": 350000}, doubted("核对单位"), policy="jinjiang-2023-11"),
    Variant("yuan_in_wan_equipment", "first_equipment", {"in_superior_award": 500000}, doubted("核对单位")),
    Variant("yuan_in_wan_voucher", "design_voucher", {"in_contract_amount": 50000, "in_is_sme": YES}, doubted("核对单位"), policy="quanzhou-2023-6"),
    Variant("wan_in_yuan_tech", "tech_upgrade", {"in_investment": 800}, doubted("核对单位"), unit="元"),
    Variant("wan_in_yuan_giant", "little_giant", {"in_superior_award": 60}, doubted("核对单位"), unit="元"),
    Variant("wan_in_yuan_cloud", "cloud_infra", {"in_fee": 15}, doubted("核对单位"), unit="元"),
    Variant("vat_below_net", "scaleup_tech_upgrade", {"in_investment": 800, "in_investment_with_vat": 700, "in_years_since_scaleup": 1}, doubted("不含增值税")),
    Variant("end_before_start", "digital_project", {"in_investment": 100, "prj_start": dt.date(2026, 5, 1), "prj_end": dt.date(2026, 4, 1)}, doubted("早于")),
    Variant("period_backwards", "scaleup_loan_interest", {**LOAN, "in_days": None, "in_period_from": dt.date(2026, 5, 1), "in_period_to": dt.date(2026, 4, 1)}, back("in_period_to")),
    Variant("project_of_2019", "digital_project", {"in_investment": 100, "prj_start": dt.date(2019, 5, 1), "prj_end": dt.date(2019, 9, 1)}, doubted("2019")),
    Variant("nothing_enclosed", "digital_project", {"in_investment": 100, "att_p1": NO, "att_p2": NO, "att_p3": NO, "att_p4": NO}, doubted("没有附“合同”")),
    Variant("counted_three_times", "provincial_srdi", {"in_count": 3}, doubted("0 到 1 的整数")),
    Variant("firm_of_xiamen", "digital_project", {"in_investment": 100, "ent_uscc": "91350200MA800001" + "5"}, doubted("3502")),
    Variant("check_digit", "digital_project", {"in_investment": 100}, pays("200000.00", "校验"), lambda f: setattr(f.cell("ent_uscc"), "value", f.cell("ent_uscc").value[:-1] + ("A" if f.cell("ent_uscc").value[-1] != "A" else "B"))),
    Variant("seventeen", "digital_project", {"in_investment": 100}, doubted("17"), lambda f: setattr(f.cell("ent_uscc"), "value", f.cell("ent_uscc").value[:-1])),
    Variant("code_in_small_letters", "digital_project", {"in_investment": 100}, pays("200000.00"), lambda f: setattr(f.cell("ent_uscc"), "value", f.cell("ent_uscc").value.lower())),
    Variant("short_account", "digital_project", {"in_investment": 100, "ent_account": "6200001"}, pays("200000.00", "账号")),
    Variant("account_as_number", "digital_project", {"in_investment": 100, "ent_account": 6.2e18}, doubted("末尾几位已丢失")),
    Variant("account_of_another", "digital_project", {"in_investment": 100, "ent_account_name": "别家有限公司"}, doubted("户名")),
    # vouchers (元; the sum against what the form states)
    Variant("vouchers_half", "digital_project", {"in_investment": 100}, pays("200000.00", "发票"), vouchers(("甲", "11000000000000000001", dt.date(2026, 3, 1), 400000, 52000, dt.date(2026, 3, 9)))),
    Variant("voucher_twice", "digital_project", {"in_investment": 100}, pays("200000.00", "11000000000000000002"), vouchers(*[("甲", "11000000000000000002", dt.date(2026, 3, 1), 500000, 65000, dt.date(2026, 3, 9))] * 2)),
    Variant("voucher_number_lost", "digital_project", {"in_investment": 100}, pays("200000.00", "发票号"), vouchers(("甲", 1.1e19, dt.date(2026, 3, 1), 1000000, 130000, dt.date(2026, 3, 9)))),
    Variant("voucher_unit_wan", "digital_project", {"in_investment": 100}, pays("200000.00", "万元"), lambda f: (vouchers(("甲", "11000000000000000003", dt.date(2026, 3, 1), 100, 13, dt.date(2026, 3, 9)))(f), f.book[VOUCHER_SHEET].__setitem__("G2", "单位：万元"))),
    Variant("voucher_struck", "digital_project", {"in_investment": 100}, pays("200000.00", "删除线"), lambda f: (vouchers(("甲", "11000000000000000004", dt.date(2026, 3, 1), 1000000, 130000, dt.date(2026, 3, 9)))(f), setattr(f.book[VOUCHER_SHEET]["E4"], "font", Font(strike=True)))),
    Variant("voucher_hidden_row", "digital_project", {"in_investment": 100}, pays("200000.00", "隐藏"), lambda f: (vouchers(("甲", "11000000000000000005", dt.date(2026, 3, 1), 1000000, 130000, dt.date(2026, 3, 9)))(f), setattr(f.book[VOUCHER_SHEET].row_dimensions[4], "hidden", True))),
    Variant("voucher_before_project", "digital_project", {"in_investment": 100, "prj_start": dt.date(2026, 3, 1), "prj_end": dt.date(2026, 5, 1)}, pays("200000.00", "2025"), vouchers(("甲", "11000000000000000006", dt.date(2025, 3, 1), 1000000, 130000, dt.date(2025, 3, 9)))),
    Variant("voucher_in_words", "digital_project", {"in_investment": 100}, pays("200000.00", "E4"), vouchers(("甲", "11000000000000000007", dt.date(2026, 3, 1), "约100万", 130000, dt.date(2026, 3, 9)))),
    Variant("vouchers_half_xls", "digital_project", {"in_investment": 100}, pays("200000.00", "发票"), vouchers(("甲", "11000000000000000008", dt.date(2026, 3, 1), 400000, 52000, dt.date(2026, 3, 9))), format="xls"),
    Variant("vouchers_half_ods", "digital_project", {"in_investment": 100}, pays("200000.00", "发票"), vouchers(("甲", "11000000000000000009", dt.date(2026, 3, 1), 400000, 52000, dt.date(2026, 3, 9))), format="ods"),
    # second round: what the XML can say
    Variant("inline_string", "cloud_infra", {"in_fee": 1}, pays("75000.00"), patch=cell_xml("in_fee", "<is><t>15</t></is>", "inlineStr")),
    Variant("reading_aid", "cloud_infra", {"in_fee": 1}, pays("75000.00"), patch=cell_xml("in_fee", '<is><t>15</t><rPh sb="0" eb="1"><t>39</t></rPh></is>', "inlineStr")),
    Variant("two_choices_of_one_cell", "cloud_infra", {"in_fee": 1}, never(), patch=cell_xml("in_fee", '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x14"><v>15</v></mc:Choice><mc:Fallback><v>39</v></mc:Fallback></mc:AlternateContent>')),
    Variant("number_with_exponent", "cloud_infra", {"in_fee": 1}, pays("75000.00"), patch=cell_xml("in_fee", "<v>1.5E1</v>")),
    Variant("binary_tail", "cloud_infra", {"in_fee": 1}, pays("75000.00"), patch=cell_xml("in_fee", "<v>15.000000000000002</v>")),
    Variant("true_as_a_count", "provincial_srdi", {"in_count": 1}, back("in_count"), patch=cell_xml("in_count", "<v>1</v>", "b")),
    Variant("true_as_an_answer", "tech_upgrade", {"in_investment": 800}, pays("0.00", "按“是”读"), patch=cell_xml("in_bond_supported", "<v>1</v>", "b")),
    Variant("no_such_string", "cloud_infra", {"in_fee": 1}, never(), patch=cell_xml("in_fee", "<v>99999</v>", "s")),
    Variant("array_formula", "cloud_infra", {"in_fee": 1}, pays("75000.00", "SUM"), patch=cell_xml("in_fee", '<f t="array" ref="{at:in_fee}">SUM(5,10)</f><v>15</v>')),
    Variant("what_if_table", "cloud_infra", {"in_fee": 1}, doubted("公式"), patch=cell_xml("in_fee", '<f t="dataTable" ref="{at:in_fee}" dt2D="0" r1="A1"/><v>15</v>')),
    Variant("formula_by_name", "cloud_infra", {"in_fee": 1}, back("in_fee", "合同价"), patch=cell_xml("in_fee", "<f>合同价*2</f><v>15</v>")),
    Variant("formula_of_a_table", "cloud_infra", {"in_fee": 1}, back("in_fee", "金额"), patch=cell_xml("in_fee", "<f>SUM(表1[金额])</f><v>15</v>")),
    Variant("formula_dde", "cloud_infra", {"in_fee": 1}, back("in_fee"), patch=cell_xml("in_fee", "<f>cmd|' /c calc'!A0</f><v>15</v>")),
    Variant("formula_link", "cloud_infra", {"in_fee": 1}, doubted("HYPERLINK"), patch=cell_xml("in_fee", '<f>HYPERLINK("http://x.example","15")</f><v>15</v>', "str")),
    Variant("unclosed_comment_in_value", "cloud_infra", {"in_fee": 1}, never(), patch=cell_xml("in_fee", "<v>1<!-- 3 -->5</v><v>39</v>")),
    Variant("repeated_by_alignment", "cloud_infra", {"in_fee": 15}, back("in_fee"), aligned("in_fee", "fill")),
    Variant("theme_white", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不见"), coloured("in_fee", theme=0)),
    Variant("indexed_white", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不见"), coloured("in_fee", indexed=9)),
    Variant("nearly_white_theme", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不见"), coloured("in_fee", theme=0, tint=-0.05)),
    Variant("pale_as_the_ground", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不见"), coloured("in_fee", rgb="FFFFF8D6")),
    Variant("turned_round", "cloud_infra", {"in_fee": "\u202e51"}, back("in_fee"), tags=("bidi",)),
    Variant("turned_round_code", "cloud_infra", {"in_fee": 15}, never(), lambda f: setattr(f.cell("ent_uscc"), "value", "\u202e" + f.cell("ent_uscc").value[::-1])),
    Variant("letter_o", "cloud_infra", {"in_fee": "1O"}, back("in_fee")),
    Variant("letter_l", "cloud_infra", {"in_fee": "l5"}, back("in_fee")),
    Variant("comma_of_four", "digital_project", {"in_investment": "15,0000元"}, back("in_investment")),
    Variant("comma_for_a_point", "cloud_infra", {"in_fee": "1,50"}, back("in_fee")),
    Variant("full_stop_for_a_point", "cloud_infra", {"in_fee": "15。5"}, back("in_fee")),
    Variant("arabic_indic_digits", "cloud_infra", {"in_fee": "\u0661\u0665"}, back("in_fee")),
    *(Variant(f"amount_in_the_unit_cell_{n}", "cloud_infra", {}, pays("75000.00", "填在单位一栏"), unit("in_fee", said)) for n, said in enumerate(("15万元", 15))),
    Variant("days_in_the_unit_cell", "scaleup_loan_interest", {**LOAN, "in_days": None}, pays(LOAN_PAYS, "填在单位一栏"), unit("in_days", "180天")),
    Variant("two_texts_of_a_cell", "cloud_infra", {"in_fee": 1}, back("in_fee"), patch=cell_xml("in_fee", "<is><t>15</t></is><is><t>39</t></is>", "inlineStr")),
    Variant("amount_beside_the_hint", "cloud_infra", {}, back("in_fee"), hint("in_fee", "15万元")),
    Variant("applied_on_a_bare_serial", "cloud_infra", {"in_fee": 15, "prj_applied_on": 46174}, doubted("46174"), shape("prj_applied_on", "General")),
    Variant("applied_on_shown_as_day", "cloud_infra", {"in_fee": 15}, pays("75000.00"), shape("prj_applied_on", 'm"月"d"日"', dt.date(2026, 6, 1))),
    Variant("two_cells_merged_down", "tech_upgrade", {"in_investment": 800, "in_investment_with_vat": 450}, never(), merged("in_investment", "C{row}:C17")),
    Variant("kilo", "cloud_infra", {"in_fee": "15k"}, back("in_fee")),
    Variant("money_in_words_of_bank", "cloud_infra", {"in_fee": "壹拾伍万元整"}, pays("75000.00")),
    Variant("renminbi", "cloud_infra", {"in_fee": "人民币15万元"}, pays("75000.00")),
    Variant("trillions", "cloud_infra", {"in_fee": "15万万元"}, never()),
    Variant("fraction", "cloud_infra", {"in_fee": "1/2"}, back("in_fee")),
    Variant("percent_of_money", "cloud_infra", {"in_fee": 0.15}, back("in_fee"), shape("in_fee", "0%")),
    Variant("time_in_days", "scaleup_loan_interest", LOAN, back("in_days"), shape("in_days", "[h]:mm")),
    Variant("days_over_a_year", "scaleup_loan_interest", {**LOAN, "in_days": 1800}, pays("90000.00", "1800 天，比一年还长")),
    Variant("period_against_days", "scaleup_loan_interest", {**LOAN, "in_period_from": dt.date(2026, 1, 1), "in_period_to": dt.date(2026, 1, 31)}, doubted("31")),
    Variant("voucher_without_amounts", "digital_project", {"in_investment": 100}, pays("200000.00", "没有金额"), vouchers(("甲", "11000000000000000011", dt.date(2026, 3, 1)))),
    Variant("voucher_red", "digital_project", {"in_investment": 100}, pays("200000.00", "发票"), vouchers(("甲", "11000000000000000012", dt.date(2026, 3, 1), 1000000, 130000), ("甲", "11000000000000000013", dt.date(2026, 3, 2), -600000, -78000))),
    Variant("voucher_same_day_twice_ods", "digital_project", {"in_investment": 100}, pays("200000.00", "11000000000000000014"), vouchers(*[("甲", "11000000000000000014", dt.date(2026, 3, 1), 500000, 65000, dt.date(2026, 3, 9))] * 2), format="ods"),
    Variant("voucher_wan_in_cell", "digital_project", {"in_investment": 100}, pays("200000.00", "发票"), vouchers(("甲", "11000000000000000015", dt.date(2026, 3, 1), "40万元", "5.2万元"))),
    Variant("voucher_unsaved_formula", "digital_project", {"in_investment": 100}, pays("200000.00", "公式"), vouchers(("甲", "11000000000000000016", dt.date(2026, 3, 1), "=100*10000", 130000))),
    Variant("text_box", "digital_project", {"in_investment": 100}, pays("200000.00", "实际只投了三十万"), patch=picture("prj_content", "实际只投了三十万")),
    Variant("basis_of_another_annex", "cloud_infra", {"in_fee": 15}, back("", "附件2"), text("A2", "依据：榕政办规〔2026〕5号 附件2 六")),
    Variant("title_struck", "cloud_infra", {"in_fee": 15}, back("", "划掉"), lambda f: setattr(f.sheet["A1"], "font", Font(strike=True))),
    Variant("instructions_rewritten", "cloud_infra", {"in_fee": 15}, doubted("按元填"), text("A3", "填报说明\n1. 金额一律按元填数字。")),
    Variant("instructions_rewritten_ods", "cloud_infra", {"in_fee": 15}, doubted("按元填"), text("A3", "填报说明\n1. 金额一律按元填数字。"), format="ods"),
    Variant("required_mark_gone", "cloud_infra", {"in_fee": 15}, pays("75000.00"), lambda f: setattr(f.label("in_fee"), "value", f.label("in_fee").value.lstrip("*"))),
    # third round: the same by way of .xls and .ods
    Variant("text_adds_yuan_xls", "tech_upgrade", {"in_investment": "800"}, back("in_investment"), shape("in_investment", '@"元"'), format="xls"),
    Variant("text_adds_yuan_ods", "tech_upgrade", {"in_investment": "800"}, back("in_investment"), shape("in_investment", '@"元"'), format="ods"),
    Variant("yes_shown_for_no_xls", "tech_upgrade", {"in_investment": 800}, back("in_bond_supported"), shape("in_bond_supported", ';;;"是"'), format="xls"),
    Variant("yes_shown_for_no_ods", "tech_upgrade", {"in_investment": 800}, back("in_bond_supported"), shape("in_bond_supported", ';;;"是"'), format="ods"),
    Variant("days_as_months_xls", "scaleup_loan_interest", {**LOAN, "in_days": 12}, back("in_days", "个月"), shape("in_days", '0"个月"'), format="xls"),
    Variant("days_as_months_ods", "scaleup_loan_interest", {**LOAN, "in_days": 12}, back("in_days", "个月"), shape("in_days", '0"个月"'), format="ods"),
    Variant("rate_300_xls", "scaleup_loan_interest", {**LOAN, "in_loan_rate": 3}, back("in_loan_rate", "300"), shape("in_loan_rate", "0%"), format="xls"),
    Variant("rate_300_ods", "scaleup_loan_interest", {**LOAN, "in_loan_rate": 3}, back("in_loan_rate", "300"), shape("in_loan_rate", "0%"), format="ods"),
    Variant("rate_bare_xls", "scaleup_loan_interest", {**LOAN, "in_loan_rate": 0.03}, back("in_loan_rate"), shape("in_loan_rate", "0.00"), format="xls"),
    Variant("rate_bare_ods", "scaleup_loan_interest", {**LOAN, "in_loan_rate": 0.03}, back("in_loan_rate"), shape("in_loan_rate", "0.00"), format="ods"),
    Variant("superscript_xls", "tech_upgrade", {"in_investment": 800}, back("in_investment"), rich("in_investment", ("500", PLAIN), ("2", RAISED)), format="xls"),
    Variant("superscript_ods", "tech_upgrade", {"in_investment": 800}, back("in_investment"), rich("in_investment", ("500", PLAIN), ("2", RAISED)), format="ods"),
    Variant("year_footnote_xls", "tech_upgrade", {"in_investment": 800}, back("prj_fact_on"), rich("prj_fact_on", ("2026", PLAIN), ("1", RAISED)), format="xls"),
    Variant("year_footnote_ods", "tech_upgrade", {"in_investment": 800}, back("prj_fact_on"), rich("prj_fact_on", ("2026", PLAIN), ("1", RAISED)), format="ods"),
    Variant("picture_xls", "tech_upgrade", {"in_investment": 800}, pays("240000.00", "图片"), patch=picture("in_investment"), format="xls"),
    Variant("picture_ods", "tech_upgrade", {"in_investment": 800}, pays("240000.00", "图片"), patch=picture("in_investment"), format="ods"),
    Variant("text_box_xls", "digital_project", {"in_investment": 100}, pays("200000.00", "实际只投了三十万"), patch=picture("prj_content", "实际只投了三十万"), format="xls"),
    Variant("text_box_ods", "digital_project", {"in_investment": 100}, pays("200000.00", "实际只投了三十万"), patch=picture("prj_content", "实际只投了三十万"), format="ods"),
    Variant("footer_xls", "digital_project", {"in_investment": 100}, doubted("单位：元"), lambda f: setattr(f.sheet.oddFooter.right, "text", "金额单位：元"), format="xls"),
    Variant("footer_ods", "digital_project", {"in_investment": 100}, doubted("单位：元"), lambda f: setattr(f.sheet.oddFooter.right, "text", "金额单位：元"), format="ods"),
    Variant("fill_aligned_xls", "cloud_infra", {"in_fee": 15}, back("in_fee"), aligned("in_fee", "fill"), format="xls"),
    Variant("fill_aligned_ods", "cloud_infra", {"in_fee": 15}, back("in_fee"), aligned("in_fee", "fill"), format="ods"),
    Variant("nearly_white_xls", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不见"), coloured("in_fee", rgb="FFFFF8D6"), format="xls"),
    Variant("nearly_white_ods", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不见"), coloured("in_fee", rgb="FFFFF8D6"), format="ods"),
    Variant("two_lines_xls", "cloud_infra", {"in_fee": "15\\n30"}, back("in_fee"), lambda f: setattr(f.cell("in_fee"), "alignment", Alignment(wrap_text=True)), format="xls"),
    Variant("two_lines_ods", "cloud_infra", {"in_fee": "15\\n30"}, back("in_fee"), lambda f: setattr(f.cell("in_fee"), "alignment", Alignment(wrap_text=True)), format="ods"),
    Variant("formula_zero_xls", "cloud_infra", {}, back("in_fee"), value("in_fee", "=15-15"), format="xls"),
    Variant("formula_zero_ods", "cloud_infra", {}, back("in_fee"), value("in_fee", "=15-15"), format="ods"),
    Variant("formula_plain_xls", "cloud_infra", {}, pays("75000.00", "公式"), value("in_fee", "=5+10"), format="xls"),
    Variant("formula_plain_ods", "cloud_infra", {}, pays("75000.00", "公式"), value("in_fee", "=5+10"), format="ods"),
    Variant("tiny_xls", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不见"), lambda f: setattr(f.cell("in_fee"), "font", Font(sz=1)), format="xls"),
    Variant("tiny_ods", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不见"), lambda f: setattr(f.cell("in_fee"), "font", Font(sz=1)), format="ods"),
    Variant("column_narrow_xls", "cloud_infra", {"in_fee": 15}, back("in_fee"), lambda f: setattr(f.sheet.column_dimensions["C"], "width", 0.1), format="xls"),
    Variant("column_narrow_ods", "cloud_infra", {"in_fee": 15}, back("in_fee"), lambda f: setattr(f.sheet.column_dimensions["C"], "width", 0.1), format="ods"),
    Variant("unit_struck_xls", "cloud_infra", {"in_fee": 15}, back("", "划掉了“万”"), lambda f: setattr(f.unit("in_fee"), "value", CellRichText(TextBlock(OLD, "万"), TextBlock(PLAIN, "元"))), format="xls"),
    Variant("unit_struck_ods", "cloud_infra", {"in_fee": 15}, back("", "划掉了“万”"), lambda f: setattr(f.unit("in_fee"), "value", CellRichText(TextBlock(OLD, "万"), TextBlock(PLAIN, "元"))), format="ods"),
    Variant("title_struck_xls", "cloud_infra", {"in_fee": 15}, back("", "划掉"), lambda f: setattr(f.sheet["A1"], "font", Font(strike=True)), format="xls"),
    Variant("title_struck_ods", "cloud_infra", {"in_fee": 15}, back("", "划掉"), lambda f: setattr(f.sheet["A1"], "font", Font(strike=True)), format="ods"),
    Variant("rounded_away_xls", "cloud_infra", {"in_fee": 1.4}, back("in_fee"), shape("in_fee", "0"), format="xls"),
    Variant("rounded_away_ods", "cloud_infra", {"in_fee": 1.4}, back("in_fee"), shape("in_fee", "0"), format="ods"),
    Variant("empty_section_xls", "cloud_infra", {"in_fee": 15}, back("in_fee"), shape("in_fee", ";;;"), format="xls"),
    Variant("empty_section_ods", "cloud_infra", {"in_fee": 15}, back("in_fee"), shape("in_fee", ";;;"), format="ods"),
    Variant("percent_of_money_xls", "cloud_infra", {"in_fee": 0.15}, back("in_fee"), shape("in_fee", "0%"), format="xls"),
    Variant("percent_of_money_ods", "cloud_infra", {"in_fee": 0.15}, back("in_fee"), shape("in_fee", "0%"), format="ods"),
    Variant("conditional_line_xls", "cloud_infra", {"in_fee": 15}, back("in_fee"), conditional("in_fee", font=Font(strike=True)), format="xls"),
    Variant("conditional_white_xls", "cloud_infra", {"in_fee": 15}, back("in_fee"), conditional("in_fee", font=Font(color="FFFFFFFF")), format="xls"),
    Variant("conditional_number_ods", "cloud_infra", {"in_fee": 15}, back("in_fee"), conditional("in_fee", numFmt=NumberFormat(numFmtId=200, formatCode='0"元"')), format="ods"),
    Variant("conditional_line_ods", "cloud_infra", {"in_fee": 15}, back("in_fee"), conditional("in_fee", font=Font(strike=True)), format="ods"),
    Variant("conditional_white_ods", "cloud_infra", {"in_fee": 15}, back("in_fee"), conditional("in_fee", font=Font(color="FFFFFFFF")), format="ods"),
    Variant("voucher_struck_xls", "digital_project", {"in_investment": 100}, pays("200000.00", "删除线"), lambda f: (vouchers(("甲", "12000000000000000047", dt.date(2026, 3, 1), 1000000, 130000, dt.date(2026, 3, 9)))(f), setattr(f.book[VOUCHER_SHEET]["E4"], "font", Font(strike=True))), format="xls"),
    Variant("voucher_struck_ods", "digital_project", {"in_investment": 100}, pays("200000.00", "删除线"), lambda f: (vouchers(("甲", "12000000000000000048", dt.date(2026, 3, 1), 1000000, 130000, dt.date(2026, 3, 9)))(f), setattr(f.book[VOUCHER_SHEET]["E4"], "font", Font(strike=True))), format="ods"),
    Variant("code_half_struck_xls", "little_giant", {"in_superior_award": 60}, back("ent_uscc", "划掉"), rich("ent_uscc", ("913501", OLD), ("91350199MA8000059W", PLAIN)), format="xls"),
    Variant("code_half_struck_ods", "little_giant", {"in_superior_award": 60}, back("ent_uscc", "划掉"), rich("ent_uscc", ("913501", OLD), ("91350199MA8000059W", PLAIN)), format="ods"),
    Variant("dates_as_text_xls", "cloud_infra", {"in_fee": 15, "prj_applied_on": "2026年6月1日", "prj_fact_on": "2026年"}, pays("75000.00"), None, format="xls"),
    Variant("dates_as_text_ods", "cloud_infra", {"in_fee": 15, "prj_applied_on": "2026年6月1日", "prj_fact_on": "2026年"}, pays("75000.00"), None, format="ods"),
    # fourth round: bars and signs instead of numbers, conditions among the extensions, zeros that are not shown
    Variant("signs_instead_of_the_number", "cloud_infra", {"in_fee": 15}, back("in_fee", "条件格式"), patch=conditions(SIGNS.format(' showValue="0"'))),
    Variant("signs_beside_the_number", "cloud_infra", {"in_fee": 15}, pays("75000.00"), patch=conditions(SIGNS.format(""))),
    Variant("bar_instead_of_the_number", "cloud_infra", {"in_fee": 15}, back("in_fee", "条件格式"), patch=conditions(BAR.format(' showValue="0"'))),
    Variant("scale_from_white", "cloud_infra", {"in_fee": 15}, pays("75000.00"), patch=conditions(WHITES)),
    Variant("white_by_a_condition_of_2010", "cloud_infra", {"in_fee": 15}, back("in_fee", "条件格式"), patch=conditions_of_2010('<font><color rgb="FFFFFFFF"/></font>')),
    Variant("yuan_by_a_condition_of_2010", "cloud_infra", {"in_fee": 15}, back("in_fee", "条件格式"), patch=conditions_of_2010('<numFmt numFmtId="200" formatCode="0&quot;元&quot;"/>')),
    Variant("bold_by_a_condition_of_2010", "cloud_infra", {"in_fee": 15}, pays("75000.00"), patch=conditions_of_2010('<font><b/></font><border><left><color rgb="FFFFFFFF"/></left></border>')),
    Variant("zero_not_shown", "tech_upgrade", {"in_investment": 800, "in_investment_with_vat": 0}, back("in_investment_with_vat", "不显示零值"), no_zeros),
    Variant("zero_not_shown_ods", "tech_upgrade", {"in_investment": 800, "in_investment_with_vat": 0}, back("in_investment_with_vat", "不显示零值"), no_zeros, format="ods"),
    Variant("zero_not_shown_xls", "tech_upgrade", {"in_investment": 800, "in_investment_with_vat": 0}, back("in_investment_with_vat", "不显示零值"), no_zeros, format="xls"),
    Variant("no_zero_to_be_hidden", "cloud_infra", {"in_fee": 15}, pays("75000.00"), no_zeros),
    Variant("picture_of_the_page", "cloud_infra", {"in_fee": 15}, pays("75000.00", "图片"), patch=floating("in_fee")),
    Variant("picture_of_the_page_ods", "cloud_infra", {"in_fee": 15}, pays("75000.00", "图片"), patch=floating("in_fee"), format="ods"),
    Variant("two_parts_in_a_number", "cloud_infra", {"in_fee": 15}, back("in_fee"), patch=cell_xml("in_fee", '<v>1<x:y xmlns:x="urn:x">9</x:y>5</v>')),
    Variant("cell_in_a_wrapper", "cloud_infra", {"in_fee": 15}, back("in_fee"), patch=sheet_xml(_CELL.replace("KEY", "in_fee"), r'<x:w xmlns:x="urn:x"><c r="{at:in_fee}"><v>39</v></c></x:w>')),
    Variant("capitals_against_digits", "cloud_infra", {"in_fee": "人民币壹拾伍万元整（￥50000.00）"}, never()),
    Variant("triangle_of_a_minus", "cloud_infra", {"in_fee": "▲15"}, back("in_fee")),
    Variant("level_not_national", "tech_center", {"in_level": "非国家级"}, back("in_level")),
    Variant("rate_with_a_comma", "scaleup_loan_interest", {**LOAN, "in_loan_rate": "3,45%"}, back("in_loan_rate")),
    # fifth round: signs and short forms, points instead of a rate, accounts that were numbers
    Variant("count_in_wan", "cloud_device", {"in_count": "1.2万 台"}, pays("100000.00", "1.2万 台", "12,000台")),
    Variant("rate_in_points", "scaleup_loan_interest", {**LOAN, "in_loan_rate": "345BP"}, back("in_loan_rate", "345BP", "加的点")),
    Variant("rate_in_points_ods", "scaleup_loan_interest", {**LOAN, "in_loan_rate": "50个基点"}, back("in_loan_rate", "加的点"), format="ods"),
    Variant("rate_above_a_quoted_one", "scaleup_loan_interest", {**LOAN, "in_loan_rate": "LPR+50BP"}, back("in_loan_rate")),
    *(Variant(f"no_as_{sign}", "tech_upgrade", {"in_investment": 800, "in_bond_supported": sign}, pays("240000.00", f"“{sign}”", "按“否”读")) for sign in ("×", "N", "no", "0")),
    *(Variant(f"yes_as_{sign}", "tech_upgrade", {"in_investment": 800, "in_bond_supported": sign}, doubted("按“是”读")) for sign in ("√", "Y", "TRUE", "1")),
    *(Variant(f"sign_{n}", "tech_upgrade", {"in_investment": 800, "in_bond_supported": sign}, back("in_bond_supported", sign)) for n, sign in enumerate(("x", "X", "○", "☒", "●", "是√否", "□是□否", "N/A"))),
    Variant("no_as_a_sign_xls", "tech_upgrade", {"in_investment": 800, "in_bond_supported": "×"}, pays("240000.00", "按“否”读"), format="xls"),
    Variant("account_that_was_a_number", "cloud_infra", {"in_fee": 15, "ent_account": "6222021234567890000"}, pays("75000.00", "末尾几位已丢失")),
    Variant("account_with_a_letter_o", "cloud_infra", {"in_fee": 15, "ent_account": "622202123456O789012"}, pays("75000.00", "账号", "“O”")),
    Variant("number_of_a_month", "cloud_infra", {"in_fee": 15, "prj_applied_on": 202606}, back("prj_applied_on", "“202606”"), shape("prj_applied_on", "General")),
    # sixth round: signs for letters, colours in number formats, dates shown otherwise, what lies on the sheet
    Variant("wingdings", "cloud_infra", {"in_fee": 15}, back("in_fee", "图形字体"), lettered("in_fee", "Wingdings")),
    Variant("a_tick_of_wingdings", "tech_upgrade", {"in_investment": 800, "in_bond_supported": "N"}, back("in_bond_supported", "图形字体"), lettered("in_bond_supported", "Wingdings 2")),
    Variant("wingdings_for_some", "cloud_infra", {"in_fee": 15}, back("in_fee", "图形字体"), rich("in_fee", ("15", InlineFont(rFont="Wingdings")))),
    Variant("wingdings_of_chinese", "tech_upgrade", {"in_investment": 800}, pays("240000.00"), lettered("in_bond_supported", "Wingdings")),
    Variant("wingdings_xls", "cloud_infra", {"in_fee": 15}, back("in_fee", "图形字体"), lettered("in_fee", "Wingdings"), format="xls"),
    Variant("wingdings_ods", "cloud_infra", {"in_fee": 15}, back("in_fee", "图形字体"), lettered("in_fee", "Wingdings"), format="ods"),
    Variant("white_in_the_format", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不清"), shape("in_fee", "[白色]0.00")),
    Variant("white_by_number", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不清"), shape("in_fee", "[Color2]0.00")),
    Variant("white_below_zero", "cloud_infra", {"in_fee": 15}, pays("75000.00"), shape("in_fee", "0.00;[White]-0.00")),
    Variant("white_in_the_format_ods", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不见"), shape("in_fee", "[White]0.00"), format="ods"),
    Variant("a_word_in_white", "tech_upgrade", {"in_investment": 800}, back("in_bond_supported", "“不”看不见"), rich("in_bond_supported", ("不", UNSEEN), ("是", PLAIN))),
    Variant("a_word_in_white_ods", "tech_upgrade", {"in_investment": 800}, back("in_bond_supported", "“不”看不见"), rich("in_bond_supported", ("不", UNSEEN), ("是", PLAIN)), format="ods"),
    Variant("a_word_in_white_xls", "tech_upgrade", {"in_investment": 800}, back("in_bond_supported", "看不见"), rich("in_bond_supported", ("不", UNSEEN), ("是", PLAIN)), format="xls"),
    Variant("a_unit_in_letters_of_one_point", "cloud_infra", {}, back("in_fee", "“万”看不见"), rich("in_fee", ("15", PLAIN), ("万", InlineFont(sz=1)))),
    Variant("unit_half_in_white", "cloud_infra", {"in_fee": 15}, back("", "“万”看不见"), lambda f: setattr(f.unit("in_fee"), "value", CellRichText(TextBlock(UNSEEN, "万"), TextBlock(PLAIN, "元")))),
    Variant("label_half_in_red", "cloud_infra", {"in_fee": 15}, pays("75000.00"), lambda f: setattr(f.label("in_fee"), "value", CellRichText(TextBlock(PLAIN, f.label("in_fee").value[:3]), TextBlock(InlineFont(color="FFFF0000"), f.label("in_fee").value[3:])))),
    Variant("eight_digits_shown_as_a_date", "cloud_infra", {"in_fee": 15, "prj_applied_on": 20260601}, back("prj_applied_on", "####"), shape("prj_applied_on", "yyyy-mm-dd")),
    Variant("eight_digits_of_a_number", "cloud_infra", {"in_fee": 15, "prj_applied_on": 20260601}, pays("75000.00"), shape("prj_applied_on", "General")),
    Variant("another_year_in_the_format", "cloud_infra", {"in_fee": 15}, back("prj_applied_on", "2025年"), shape("prj_applied_on", '"2025年"m"月"d"日"', dt.date(2026, 6, 1))),
    Variant("another_year_in_the_format_xls", "cloud_infra", {"in_fee": 15}, back("prj_applied_on", "2025年"), shape("prj_applied_on", '"2025年"m"月"d"日"', dt.date(2026, 6, 1)), format="xls"),
    Variant("another_year_in_the_format_ods", "cloud_infra", {"in_fee": 15}, back("prj_applied_on", "2025年"), shape("prj_applied_on", '"2025年"m"月"d"日"', dt.date(2026, 6, 1)), format="ods"),
    Variant("a_month_shown_of_a_day", "cloud_infra", {"in_fee": 15}, pays("75000.00", "只显示一部分", "2026-06-15"), shape("prj_applied_on", 'yyyy"年"m"月"', dt.date(2026, 6, 15))),
    Variant("an_hour_shown_of_a_day", "cloud_infra", {"in_fee": 15}, back("prj_applied_on", "h:mm"), shape("prj_applied_on", "h:mm", dt.date(2026, 6, 15))),
    Variant("scrolled_away_and_frozen", "cloud_infra", {"in_fee": 15}, back("in_fee", "隐藏"), lambda f: (setattr(f.sheet, "freeze_panes", "A40"), setattr(f.sheet.sheet_view, "topLeftCell", "A30"))),
    Variant("frozen", "cloud_infra", {"in_fee": 15}, pays("75000.00"), lambda f: setattr(f.sheet, "freeze_panes", "A16")),
    Variant("check_box", "tech_upgrade", {"in_investment": 800}, pays("240000.00", "复选框“是”（已选中，结果写入 H30）"), patch=legacy(f'<v:shape><v:textbox><div>是<br></div></v:textbox><x:ClientData ObjectType="Checkbox">{ANCHOR}<x:FmlaLink>$H$30</x:FmlaLink><x:Checked>1</x:Checked></x:ClientData></v:shape>')),
    Variant("box_of_a_legacy_drawing", "cloud_infra", {"in_fee": 15}, pays("75000.00", "实际只投了三十万"), patch=legacy(f'<v:shape><v:textbox><div><font>实际只投了三十万</font></div></v:textbox><x:ClientData ObjectType="Rect">{ANCHOR}</x:ClientData></v:shape>')),
    Variant("picture_of_a_legacy_drawing", "cloud_infra", {"in_fee": 15}, pays("75000.00", "图片"), patch=legacy(f'<v:shape><x:ClientData ObjectType="Pict">{ANCHOR}</x:ClientData></v:shape>')),
    Variant("embedded_document", "cloud_infra", {"in_fee": 15}, pays("75000.00", "嵌有别的文件"), patch=lambda parts, _: parts.update({"xl/embeddings/oleObject1.bin": b"x"})),
    Variant("smart_art", "cloud_infra", {"in_fee": 15}, pays("75000.00", "费用其实只有五万"), patch=smart_art("费用其实只有五万")),
    # seventh round: what says yuan in a form of 万元, black ground by a condition
    *(Variant(f"yuan_without_its_unit_{n}", "cloud_infra", {"in_fee": said}, back("in_fee", said, "可以是元")) for n, said in enumerate(("¥15", "￥15", "人民币15", "RMB 15", "15整"))),
    Variant("yuan_sign_with_a_unit", "cloud_infra", {"in_fee": "¥15万元整"}, pays("75000.00")),
    Variant("yuan_sign_in_a_form_of_yuan", "cloud_infra", {"in_fee": "¥150000"}, pays("75000.00"), unit="元"),
    Variant("fifteen_yuan", "cloud_infra", {"in_fee": "15元"}, pays("7.50", "只有 15 元")),
    *(Variant(f"black_by_a_condition_{kind}", "cloud_infra", {"in_fee": 15}, back("in_fee", "条件格式"), conditional("in_fee", fill=PatternFill(bgColor="FF000000", fill_type="solid")), format=kind) for kind in ("xlsx", "xls", "ods")),
    *(Variant(f"yellow_by_a_condition_{kind}", "cloud_infra", {"in_fee": 15}, pays("75000.00"), conditional("in_fee", fill=PatternFill(bgColor="FFFFFF00", fill_type="solid")), format=kind) for kind in ("xlsx", "xls", "ods")),
    Variant("account_with_an_apostrophe", "cloud_infra", {"in_fee": 15, "ent_account": "'6222021234567890123"}, pays("75000.00", "账号"), format="csv"),
    # eighth round: colours of the file's own theme, looks by condition as a whole, signs and shares in number formats
    Variant("theme_of_white_letters", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不见"), coloured("in_fee", theme=1), themed(dk1="FFFFFF")),
    Variant("theme_whose_light_is_black", "cloud_infra", {"in_fee": 15}, pays("75000.00"), grounded("in_fee", Color(theme=0), Color(rgb="FFFFFFFF")), themed(lt1="000000")),
    Variant("own_accent_on_its_own_ground", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不见"), grounded("in_fee", Color(theme=4), Color(rgb="FF123456")), themed(accent1="123456")),
    Variant("letters_of_the_window_ground", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不见"), grounded("in_fee", Color(indexed=65), Color(rgb="FFFFFFFF"))),
    Variant("white_on_a_dark_theme_ground", "cloud_infra", {"in_fee": 15}, pays("75000.00"), grounded("in_fee", Color(theme=0), Color(theme=4))),
    Variant("condition_letters_as_ground", "cloud_infra", {"in_fee": 15}, back("in_fee", "条件格式"), both_by_condition(Color(theme=5), Color(theme=5))),
    Variant("condition_white_theme", "cloud_infra", {"in_fee": 15}, back("in_fee", "条件格式"), both_by_condition(Color(theme=0), None)),
    *(Variant(f"condition_white_on_dark_{kind}", "cloud_infra", {"in_fee": 15}, pays("75000.00"), both_by_condition(Color(rgb="FFFFFFFF"), Color(rgb="FF1F4E78")), format=kind) for kind in ("xlsx", "xls", "ods")),
    *(Variant(f"condition_red_on_red_{kind}", "cloud_infra", {"in_fee": 15}, back("in_fee", "条件格式"), both_by_condition(Color(rgb="FFC00000"), Color(rgb="FFC00000")), format=kind) for kind in ("xlsx", "xls", "ods")),
    Variant("condition_of_2010_white_on_dark", "cloud_infra", {"in_fee": 15}, pays("75000.00"), patch=conditions_of_2010('<font><color theme="0"/></font><fill><patternFill><bgColor theme="4"/></patternFill></fill>')),
    Variant("condition_with_a_white_border", "cloud_infra", {"in_fee": 15}, pays("75000.00"), patch=conditions_of_2010('<font><b/></font><border><left style="thin"><color rgb="FFFFFFFF"/></left></border>')),
    *(Variant(f"minus_in_the_format_{n}", "cloud_infra", {"in_fee": 15}, back("in_fee", said), shape("in_fee", code)) for n, (code, said) in enumerate((('"-"0', "-15"), (r"\-0", "-15"), ("(0)", "(15)"), ('"△"0', "△15"), ('00"-"0', "-")))),
    Variant("minus_in_the_format_xls", "cloud_infra", {"in_fee": 15}, back("in_fee", "-15"), shape("in_fee", '"-"0'), format="xls"),
    Variant("minus_in_the_format_ods", "cloud_infra", {"in_fee": 15}, back("in_fee", "-15"), shape("in_fee", '"-"0'), format="ods"),
    Variant("dash_for_nothing", "tech_upgrade", {"in_investment": 800, "in_investment_with_vat": 904}, pays("240000.00"), shape("in_investment", '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ')),
    Variant("percent_as_a_word", "cloud_infra", {"in_fee": 15}, back("in_fee", "15%"), shape("in_fee", '0"%"')),
    Variant("percent_as_a_word_of_a_rate", "scaleup_loan_interest", {**LOAN, "in_loan_rate": 3.45}, pays(LOAN_PAYS), shape("in_loan_rate", '0.00"%"')),
    Variant("wan_as_a_word", "cloud_infra", {"in_fee": 15}, pays("75000.00"), shape("in_fee", '0"万"')),
    Variant("year_by_the_format", "cloud_infra", {"in_fee": 15}, back("prj_fact_on", "2025"), shape("prj_fact_on", '"2025"')),
    Variant("year_with_a_century_more", "cloud_infra", {"in_fee": 15}, back("prj_fact_on", "202026"), shape("prj_fact_on", '"20"0')),
    Variant("year_by_the_format_ods", "cloud_infra", {"in_fee": 15}, back("prj_fact_on", "2025"), shape("prj_fact_on", '"2025";', 2026), format="ods"),
    Variant("year_with_its_word", "cloud_infra", {"in_fee": 15}, pays("75000.00"), shape("prj_fact_on", '0"年"', 2026)),
    *(Variant(f"digits_not_shown_{kind}", "cloud_infra", {"in_fee": 15.04}, pays("75200.00", "显示为“15”", "15.04"), shape("in_fee", "0"), format=kind) for kind in ("xlsx", "xls", "ods")),
    Variant("digits_beyond_our_own_format", "cloud_infra", {"in_fee": 15.0012}, pays("75006.00")),
    Variant("comma_in_a_wrong_place_ods", "tech_upgrade", {"in_investment": 800}, back("in_investment", "8,00"), shape("in_investment", r"0\,00"), format="ods"),
    Variant("an_element_in_a_value", "cloud_infra", {"in_fee": 15}, back("in_fee"), patch=cell_xml("in_fee", "<v>1<x>0</x>5</v>")),
    Variant("typed_beside_the_estimate", "cloud_infra", {"in_fee": 15}, pays("75000.00", "其中五万元是上年的"), lambda f: f.sheet.cell(f.plan.estimate_row + 1, 4, "其中五万元是上年的")),
    Variant("typed_behind_the_estimate", "cloud_infra", {"in_fee": 15}, pays("75000.00", "以纸质的为准"), lambda f: f.sheet.cell(f.plan.estimate_row + 1, 9, "以纸质的为准")),
    *(Variant(f"row_deleted_{version}", "tech_upgrade", {"in_investment": 800}, back("in_bond_supported", "找不到"), row_gone("in_bond_supported"), version=version) for version in ("1", "4")),
    Variant("registered_in_shanghai", "cloud_infra", {"in_fee": 15, "ent_uscc": "91310000MA1FL0001R"}, pays("75000.00", "310000", "登记机关不在")),
    Variant("registered_at_the_province", "cloud_infra", {"in_fee": 15, "ent_uscc": "91350000MA1FL0001A"}, pays("75000.00")),
    Variant("period_to_come", "scaleup_loan_interest", {**LOAN, "in_period_from": dt.date(2027, 1, 1), "in_period_to": dt.date(2027, 6, 29)}, pays(LOAN_PAYS, "晚于申报日期")),
    Variant("drawn_in_two_years", "scaleup_loan_interest", {**LOAN, "in_first_drawdown_on": dt.date(2028, 5, 1)}, doubted("晚于申报日期")),
    Variant("which_year_as_a_date", "scaleup_loan_interest", {**LOAN, "in_years_since_scaleup": 2026}, doubted("像是年份")),
    Variant("voucher_of_another_year", "digital_project", {"in_investment": 100}, pays("200000.00", "所属年度", "2025-11-03"), vouchers(("甲", "11000000000000000021", dt.date(2025, 11, 3), 1000000, 130000, dt.date(2026, 1, 9)))),
    Variant("voucher_paid_after_the_claim", "digital_project", {"in_investment": 100}, pays("200000.00", "付款日期 2026-06-02 在申报日期 2026-06-01 之后"), vouchers(("甲", "11000000000000000023", dt.date(2026, 6, 1), "100萬元", 130000, dt.date(2026, 6, 2)))),
    Variant("vouchers_with_subtotals", "digital_project", {"in_investment": 100}, pays("200000.00"), vouchers(("甲", "11000000000000000024", dt.date(2026, 3, 1), 500000, 65000), ("甲合同小计", None, None, 500000), ("乙", "11000000000000000025", dt.date(2026, 3, 1), 500000, 65000), ("小计", None, None, 500000))),
    Variant("voucher_again_below_a_subtotal", "digital_project", {"in_investment": 100}, pays("200000.00", "填了两次"), vouchers(("甲", "11000000000000000026", dt.date(2026, 3, 1), 1000000, 130000), ("小计", None, None, 1000000), ("乙", "11000000000000000026", dt.date(2026, 3, 1), 1000000, 130000))),
    Variant("voucher_tax_is_a_rate", "digital_project", {"in_investment": 100}, pays("200000.00", "是不是填了税率"), vouchers(("甲", "11000000000000000027", dt.date(2026, 3, 1), 1000000, 0.13))),
    Variant("vouchers_not_listed", "digital_project", {"in_investment": 100}, pays("200000.00", "没有逐张填发票，只写了“详见附件清单”"), vouchers(("详见附件清单",))),
    Variant("amount_shown_rounded_up_to_a_threshold", "srdi_tech_upgrade", {"in_investment": 299.999}, pays("0.00", "两位小数显示成 300，按前一个数测算为 0 元，按后一个数为 9 万元")),
    Variant("bank_is_the_account", "digital_project", {"in_investment": 100, "ent_bank": "6200000000000000001"}, pays("200000.00", "开户银行")),
    Variant("voucher_of_long_ago", "digital_project", {"in_investment": 100}, pays("200000.00", "早两年以上", "2019-03-01"), vouchers(("甲", "11000000000000000022", dt.date(2019, 3, 1), 1000000, 130000, dt.date(2019, 3, 9))), version="2"),
    # ninth round: a sign that fills up the cell, months written with a mark
    *(Variant(f"filled_up_with_yuan_{kind}", "cloud_infra", {"in_fee": 15}, back("in_fee", "元"), shape("in_fee", "0.00*元"), format=kind) for kind in ("xlsx", "xls", "ods")),
    Variant("filled_up_with_a_dash_ods", "cloud_infra", {"in_fee": 15}, pays("75000.00"), shape("in_fee", "0.00*-"), format="ods"),
    *(Variant(f"month_of_a_project_{n}", "tech_upgrade", {"in_investment": 800, "prj_start": said}, pays("240000.00")) for n, said in enumerate(("2026.3", "2026-03", "2026/3"))),
    Variant("month_of_a_number", "tech_upgrade", {"in_investment": 800}, back("prj_start", "2026.1"), shape("prj_start", "General", 2026.1)),
    # tenth round: lines from corner to corner, sizes that the sheet itself gives, one shade from end to end, names that say void
    *(Variant(f"crossed_by_a_border_{kind}", "cloud_infra", {"in_fee": 15}, back("in_fee", "斜线"), crossed("in_fee"), format=kind) for kind in ("xlsx", "xls", "ods")),
    Variant("an_empty_cell_crossed", "tech_upgrade", {"in_investment": 800}, pays("240000.00"), crossed("in_investment_with_vat")),
    Variant("rows_of_one_point", "cloud_infra", {"in_fee": 15}, back("in_fee", "隐藏"), patch=own_sizes('defaultRowHeight="1" customHeight="1"', "(<row [^>]*?) ht=\"[^\"]*\"")),
    Variant("columns_of_no_width", "cloud_infra", {"in_fee": 15}, back("in_fee", "隐藏"), patch=own_sizes('defaultColWidth="0" defaultRowHeight="15"', "()<cols>.*?</cols>")),
    Variant("one_black_shade", "cloud_infra", {"in_fee": 15}, back("in_fee", "看不见"), lambda f: setattr(f.cell("in_fee"), "fill", GradientFill(stop=("FF000000", "FF000000")))),
    Variant("from_white_to_blue", "cloud_infra", {"in_fee": 15}, pays("75000.00"), lambda f: setattr(f.cell("in_fee"), "fill", GradientFill(stop=("FFFFFFFF", "FF4472C4")))),
    *(Variant(f"sheet_called_{n}", "cloud_infra", {"in_fee": 15}, never(name), lambda f, name=name: setattr(f.sheet, "title", name)) for n, name in enumerate(("作废", "草稿（勿用）"))),
    Variant("a_void_copy_beside", "cloud_infra", {"in_fee": 15}, pays("75000.00", "写明不用的工作表“作废”"), second_sheet("visible", "作废")),
    Variant("tax_above_the_price", "digital_project", {"in_investment": 100}, pays("200000.00", "比不含税金额", "填反"), vouchers(("甲", "11000000000000000031", dt.date(2026, 3, 1), 1000000, 1600000, dt.date(2026, 3, 9)))),
    *(Variant(f"no_number_of_an_invoice_{n}", "digital_project", {"in_investment": 100}, pays("200000.00", said, "不是一个发票号"), vouchers(("甲", said, dt.date(2026, 3, 1), 1000000, 60000, dt.date(2026, 3, 9)))) for n, said in enumerate(("见附件", "11000000000000000041、11000000000000000042"))),
    Variant("two_firms_in_a_name", "cloud_infra", {"in_fee": 15, "ent_name": "示例企业一有限公司、示例企业二有限公司", "ent_account_name": "示例企业一有限公司、示例企业二有限公司"}, pays("75000.00", "像是几家单位")),
    # 9,000,000 x 0.0345% x 180 ÷ 365
    Variant("percent_sign_behind_a_fraction", "scaleup_loan_interest", {**LOAN, "in_loan_rate": "0.0345%"}, pays("1531.23", "低得少见")),
    *(Variant(f"one_sign_more_{n}", "cloud_infra", {"in_fee": said}, back("in_fee")) for n, said in enumerate(("1\u03365\u0336", "15¹", "15½", "1_5", "15-", "10+5", "15①", "≈15", "≥15", "15？"))),
    # eleventh round: names that are none or take the claim back, long forms of signs, days and dates as they are said
    *(Variant(f"long_forms_{n}", "cloud_infra", {"in_fee": said}, pays("75000.00")) for n, said in enumerate(("15萬元", "15萬圓整", "拾伍萬元整", "15万元人民币"))),
    *(Variant(f"no_name_of_a_firm_{n}", "cloud_infra", {"in_fee": 15, "ent_name": said, "ent_account_name": said}, back("ent_name", "不像名称")) for n, said in enumerate(("XX有限公司", "××有限公司", "企业名称", "（请填写）"))),
    Variant("a_number_for_a_firm", "cloud_infra", {"in_fee": 15, "ent_name": "123", "ent_account_name": "123"}, pays("75000.00", "不像名称")),
    Variant("xx_in_a_word", "cloud_infra", {"in_fee": 15, "ent_name": "Exxa示例有限公司", "ent_account_name": "Exxa示例有限公司"}, pays("75000.00")),
    Variant("two_firms_and_a_stroke", "cloud_infra", {"in_fee": 15, "ent_name": "示例甲有限公司 / 示例乙有限公司", "ent_account_name": "示例甲有限公司 / 示例乙有限公司"}, pays("75000.00", "像是几家单位")),
    *(Variant(f"project_taken_back_{n}", "cloud_infra", {"in_fee": 15, "prj_name": said}, back("prj_name", "看是否申报")) for n, said in enumerate(("作废", "上云项目（作废）", "上云项目 已撤回", "例：上云项目", "上云项目【不报】"))),
    *(Variant(f"project_not_taken_back_{n}", "cloud_infra", {"in_fee": 15, "prj_name": said}, pays("75000.00")) for n, said in enumerate(("作废票据识别系统", "示例上云项目", "不报废设备再利用项目", "取消关税商品核验平台"))),
    Variant("loan_taken_back", "scaleup_loan_interest", {**LOAN, "prj_loan": "示例借字01号（作废）"}, back("prj_loan", "看是否申报")),
    Variant("two_contracts", "scaleup_loan_interest", {**LOAN, "prj_loan": "示例借字02号、示例借字03号"}, pays(LOAN_PAYS, "像是几份合同")),
    Variant("two_contracts_in_lines", "scaleup_loan_interest", {**LOAN, "prj_loan": "示例借字2026-04\n示例借字2026-05"}, back("prj_loan", "一格里有几行")),
    Variant("one_contract_with_marks", "scaleup_loan_interest", {**LOAN, "prj_loan": "（2026）示例/流借字第06-1号"}, pays(LOAN_PAYS)),
    Variant("no_rate_at_all", "scaleup_loan_interest", {**LOAN, "in_loan_rate": "0%"}, doubted("低得少见")),
    Variant("days_called_so", "scaleup_loan_interest", {**LOAN, "in_days": "180日"}, pays(LOAN_PAYS)),
    Variant("day_called_a_number", "cloud_infra", {"in_fee": 15, "prj_applied_on": "2026年6月1号"}, pays("75000.00")),
    Variant("more_than_that_by_the_format", "cloud_infra", {"in_fee": 15}, back("in_fee", "15+"), shape("in_fee", '0"+"')),
    # twelfth round: the list of invoices is read like any field
    *(Variant(f"voucher_of_no_one_number_{n}", "digital_project", {"in_investment": 100}, pays("200000.00", "查不出有没有重复"), vouchers(("甲", said, dt.date(2026, 3, 1), 1000000, 60000, dt.date(2026, 3, 9)))) for n, said in enumerate((None, "11000000000000000131-33", "11000000000000000141等3张", "11000000000000000151\n11000000000000000152", "12345678\n12345679"))),
    *(Variant(f"voucher_not_paid_{n}", "digital_project", {"in_investment": 100}, pays("200000.00", f"付款日期填的是“{said}”"), vouchers(("甲", f"1100000000000000016{n}", dt.date(2026, 3, 1), 1000000, 60000, said))) for n, said in enumerate(("未付款", "部分付款"))),
    Variant("voucher_note_beside", "digital_project", {"in_investment": 100}, pays("200000.00", "其中40万已退货", "K4"), together(vouchers(("甲", "11000000000000000171", dt.date(2026, 3, 1), 1000000, 60000, dt.date(2026, 3, 9))), lambda f: f.book[VOUCHER_SHEET].__setitem__("K4", "其中40万已退货"))),
    Variant("voucher_note_below", "digital_project", {"in_investment": 100}, pays("200000.00", "另有发票20张未列"), together(vouchers(("甲", "11000000000000000181", dt.date(2026, 3, 1), 1000000, 60000, dt.date(2026, 3, 9))), lambda f: f.book[VOUCHER_SHEET].__setitem__("A60", "另有发票20张未列"))),
    Variant("voucher_days_as_they_are_said", "digital_project", {"in_investment": 100}, pays("200000.00"), vouchers(("甲", "011002600111\n12345678", "2026年3月1号", 1000000, "/", "20260309"))),
    # and forms with which nothing is wrong
    Variant("other_brackets_in_the_number", "cloud_infra", {"in_fee": 15}, pays("75000.00"), text("A2", "依据：榕政办规[2026]5号 附件3 六3")),
    Variant("grouped_rows", "cloud_infra", {"in_fee": 15}, pays("75000.00"), lambda f: setattr(f.sheet.row_dimensions[f.cell("in_fee").row], "outlineLevel", 1)),
    Variant("filter_arrows", "cloud_infra", {"in_fee": 15}, pays("75000.00"), lambda f: setattr(f.sheet.auto_filter, "ref", "A15:F20")),
    Variant("bold_blue_and_large", "cloud_infra", {"in_fee": 15}, pays("75000.00"), lambda f: setattr(f.cell("in_fee"), "font", Font(color="FF0000FF", bold=True, size=20, underline="double"))),
    Variant("blanks_around", "cloud_infra", {"in_fee": "\u00a015\u3000"}, pays("75000.00")),
    Variant("format_of_wps", "cloud_infra", {"in_fee": 15}, pays("75000.00"), shape("in_fee", "0.00_ ;[Red]\\-0.00\\ ")),
    Variant("general_in_chinese", "cloud_infra", {"in_fee": 15}, pays("75000.00"), shape("in_fee", "G/通用格式")),
    Variant("stored_with_a_grain_more", "tech_upgrade", {"in_investment": 1}, pays("240000.00"), patch=cell_xml("in_investment", "<v>800.00000000000011</v>")),
    Variant("gridlines_and_zoom", "cloud_infra", {"in_fee": 15}, pays("75000.00"), lambda f: (setattr(f.sheet.sheet_view, "showGridLines", False), setattr(f.sheet.sheet_view, "zoomScale", 60))),
    Variant("tab_colour_and_order", "cloud_infra", {"in_fee": 15}, pays("75000.00"), lambda f: (setattr(f.sheet.sheet_properties, "tabColor", "FF0000"), f.book.move_sheet(f.sheet, 1))),
    # eighth round: formats of texts, sums that were typed, answers as they are typed, words that point elsewhere
    Variant("name_with_more_in_its_format", "cloud_infra", {"in_fee": 15}, back("ent_name", "福州分公司"), shape("ent_name", '@"福州分公司"')),
    *(Variant(f"another_bank_by_its_format_{kind}", "cloud_infra", {"in_fee": 15}, back("ent_bank", "工商银行", "文本"), shape("ent_bank", ';;;"工商银行"'), format=kind) for kind in ("xlsx", "xls", "ods")),
    Variant("another_project_by_its_format", "cloud_infra", {"in_fee": 15}, back("prj_name", "另一项目"), shape("prj_name", ';;;"另一项目"')),
    Variant("text_after_numbers_in_the_format", "cloud_infra", {"in_fee": 15}, pays("75000.00"), shape("ent_name", "0;-0;0;@")),
    Variant("amount_as_a_fraction", "cloud_infra", {"in_fee": 15.3}, pays("76500.00", "显示为“15 2/7”", "15.3"), shape("in_fee", "# ?/?")),
    Variant("amount_as_a_fraction_that_fits", "cloud_infra", {"in_fee": 15.5}, pays("77500.00"), shape("in_fee", "# ?/?")),
    Variant("set_in_the_format", "cloud_device", {"in_count": 12}, pays("24000.00", "各计一次"), shape("in_count", '0"台（套）"')),
    Variant("set_behind_the_count", "cloud_device", {"in_count": "12台（套）"}, pays("24000.00", "各计一次")),
    Variant("first_year_in_words", "scaleup_loan_interest", {**LOAN, "in_years_since_scaleup": "第1个年度"}, pays(LOAN_PAYS)),
    *(Variant(f"typed_{n}", "cloud_infra", {"in_fee": said}, pays("75000.00")) for n, said in enumerate(("15（万元）", "15.00万元。", "'15", "150000(元)"))),
    *(Variant(f"typed_day_{n}", "cloud_infra", {"in_fee": 15, "prj_applied_on": said}, pays("75000.00")) for n, said in enumerate(("2026.06.01.", "二〇二六年六月一日", "2026-06-01T00:00:00"))),
    Variant("yuan_behind_a_mark", "little_giant", {"in_superior_award": "'30000"}, pays("150000000.00", "核对单位")),
    *(Variant(f"yes_as_it_is_said_{n}", "cloud_infra", {"in_fee": 15, "in_industrial_enterprise": said, "in_bond_supported": no}, pays("75000.00")) for n, (said, no) in enumerate((("是的", "不是"), ("属于", "不属于")))),
    Variant("rank_and_a_full_stop", "software_brand", {"in_rank": "6名。", "in_list": "软件和信息技术服务综合竞争力百强"}, pays("1000000.00")),
    Variant("yes_and_a_full_stop", "cloud_infra", {"in_fee": 15, "in_industrial_enterprise": "是。"}, pays("75000.00")),
    Variant("one_copy_enclosed", "cloud_infra", {"in_fee": 15, "att_p1": "1份"}, pays("75000.00")),
    Variant("no_copy_enclosed", "cloud_infra", {"in_fee": 15, "att_p1": "0份"}, back("att_p1", "没有附")),
    *(Variant(f"no_{key}_{n}", "cloud_infra", {"in_fee": 15, f"ent_{key}": said}, pays("75000.00", word)) for n, (key, said, word) in enumerate((("phone", "见上", "打不通"), ("phone", "123", "打不通"), ("contact", "同上", "不像名称"), ("contact", "13800000000", "不像名称"), ("bank", "同上", "不像名称")))),
    Variant("account_for_a_phone", "cloud_infra", {"in_fee": 15, "ent_phone": "6200000000000000123"}, pays("75000.00", "打不通")),
    Variant("two_phones", "cloud_infra", {"in_fee": 15, "ent_phone": "0591-83333333转8001、13800000000"}, pays("75000.00")),
    *(Variant(f"comma_behind_a_zero_{kind}", "cloud_infra", {"in_fee": "0,015"}, back("in_fee", "0,015"), format=kind) for kind in ("xlsx", "csv")),
    Variant("unit_in_brackets", "cloud_infra", {"in_fee": 15}, pays("75000.00"), unit("in_fee", "（万元）")),
    Variant("contact_of_a_specimen", "cloud_infra", {"in_fee": 15, "ent_contact": "XXX"}, pays("75000.00", "不像名称")),
    *(Variant(f"label_gone_{key}", "cloud_infra", {"in_fee": 15}, pays("75000.00", "前面没有栏目名"), lambda f, key=key: setattr(f.label(key), "value", None)) for key in ("in_fee", "ent_county")),
    Variant("project_as_above", "cloud_infra", {"in_fee": 15, "prj_name": "同上"}, back("prj_name", "不像名称")),
    *(Variant(f"county_of_{n}", "cloud_infra", {"in_fee": 15, "ent_county": said}, pays("75000.00", f"{name}不在福州市")) for n, (said, name) in enumerate((("厦门市思明区", "思明区"), ("鲤城区", "鲤城区"), ("厦门市", "厦门市")))),
    *(Variant(f"county_here_{n}", "cloud_infra", {"in_fee": 15, "ent_county": said}, pays("75000.00")) for n, said in enumerate(("福建省福州市鼓楼区", "长乐市", "晋安区", "福州高新区", "鼓楼", "城区"))),
    Variant("county_of_jinjiang", "erp_software", {"in_spend": 60, "ent_county": "晋江市"}, pays("50000.00"), policy="jinjiang-2023-11"),
    *(Variant(f"voucher_format_{n}", "digital_project", {"in_investment": 100}, pays("200000.00", f"显示为“{said}”"), lambda f, code=code, n=n: (vouchers(("甲", f"1100000000000004{n:04d}", dt.date(2026, 3, 1), 1000000, 130000, dt.date(2026, 3, 9)))(f), setattr(f.book[VOUCHER_SHEET]["E4"], "number_format", code))) for n, (code, said) in enumerate((("#,##0,", "1,000"), ("0.00%", "100000000.00%"), ('0"万元"', "1000000万元")))),
    Variant("voucher_from_one_number_to_another", "digital_project", {"in_investment": 100}, pays("200000.00", "不是一个发票号"), vouchers(("甲", "11000000000000000501-11000000000000000505", dt.date(2026, 3, 1), 1000000, 130000, dt.date(2026, 3, 9)))),
    *(Variant(f"voucher_without_tax_{n}", "digital_project", {"in_investment": 100}, pays("200000.00"), vouchers(("甲", f"1100000000000006{n:04d}", dt.date(2026, 3, 1), 1000000, said, dt.date(2026, 3, 9)))) for n, said in enumerate(("免税", "***", "不征税"))),
    Variant("voucher_tax_of_half", "digital_project", {"in_investment": 100}, pays("200000.00", "两成还多"), vouchers(("甲", "11000000000000000701", dt.date(2026, 3, 1), 1000000, 500000, dt.date(2026, 3, 9)))),
    Variant("vouchers_with_another_sum", "digital_project", {"in_investment": 100}, pays("200000.00", "合计写的是 2,000,000，各行加起来是 1,000,000"), lambda f: (vouchers(("甲", "11000000000000000801", dt.date(2026, 3, 1), 1000000, 130000, dt.date(2026, 3, 9)))(f), f.book[VOUCHER_SHEET].__setitem__("E34", 2000000))),
    Variant("vouchers_with_tax_are_what_is_claimed", "digital_project", {"in_investment": 113}, pays("226000.00", "正好是价税合计"), vouchers(("甲", "11000000000000000901", dt.date(2026, 3, 1), 1000000, 130000, dt.date(2026, 3, 9)))),
    Variant("vouchers_in_wan", "digital_project", {"in_investment": 100}, pays("200000.00", "正好差一万倍"), vouchers(("甲", "11000000000000000902", dt.date(2026, 3, 1), 100, 13, dt.date(2026, 3, 9)))),
    Variant("vouchers_rounded_to_the_form", "digital_project", {"in_investment": 123.46}, pays("246920.00"), vouchers(("甲", "11000000000000000903", dt.date(2026, 3, 1), 1234567.89, 160493.83, dt.date(2026, 3, 9)))),
    Variant("vouchers_less_than_rounding", "digital_project", {"in_investment": 123.47}, pays("246940.00", "少 132.11 元"), vouchers(("甲", "11000000000000000904", dt.date(2026, 3, 1), 1234567.89, 160493.83, dt.date(2026, 3, 9)))),
    Variant("voucher_of_oneself", "digital_project", {"in_investment": 100}, pays("200000.00", "销售方就是申报单位"), lambda f: (vouchers(("甲", "11000000000000000905", dt.date(2026, 3, 1), 1000000, 130000, dt.date(2026, 3, 9)))(f), f.book[VOUCHER_SHEET].__setitem__("H4", f.cell("ent_name").value))),
    # ninth round: answers that do not go together
    Variant("tax_of_a_third", "tech_upgrade", {"in_investment": 400, "in_investment_with_vat": 520}, pays("120000.00", "520 万元", "400 万元", "不像是税额")),
    Variant("tax_as_usual", "tech_upgrade", {"in_investment": 450, "in_investment_with_vat": 508.5}, pays("135000.00")),
    Variant("interest_of_no_rate", "park_infra_interest", {"in_interest": 300, "in_loan_balance": 200, "in_days": 365}, pays("1500000.00", "折合年利率 150%", "高得不合常理")),
    # 100 ÷ (900 × 180 ÷ 365) = 22.53 %
    Variant("interest_above_its_rate", "scaleup_loan_interest", {**LOAN, "in_loan_rate": "3.45%", "in_interest_paid": 100}, pays(LOAN_PAYS, "折合年利率 22.53%", "填的年利率是 3.45%")),
    # 900 × 3.45 % × 180 ÷ 365 = 15.31
    Variant("interest_at_its_rate", "scaleup_loan_interest", {**LOAN, "in_loan_rate": "3.45%", "in_interest_paid": 15.31}, pays(LOAN_PAYS)),
    Variant("more_begun_than_served", "public_consulting", {"in_served": 10, "in_started": 20}, pays("0.00", "比“年度提供公益服务企业数”还多"), policy="jinjiang-2023-11"),
    Variant("award_above_the_investment", "five_g_project", {"in_investment": 100, "in_superior_award": 200}, pays("100000.00", "200 万元", "比“泉州市认定的项目投入”100 万元还多"), policy="jinjiang-2023-11"),
    Variant("a_number_for_a_project", "cloud_infra", {"in_fee": 15, "prj_name": "15"}, pays("75000.00", "不像名称")),
    # fifteenth round: words of the form that their formats change, what is printed, columns too narrow, ticks
    *(Variant(f"label_by_its_format_{kind}", "tech_upgrade", {"in_investment": 800}, back("", "显示为“含税投资额”"), lambda f: setattr(f.label("in_investment"), "number_format", ';;;"含税投资额"'), format=kind) for kind in ("xlsx", "xls", "ods")),
    Variant("unit_by_its_format", "cloud_infra", {"in_fee": 15}, back("", "显示为“元”"), lambda f: setattr(f.unit("in_fee"), "number_format", ';;;"元"')),
    Variant("title_with_more_in_its_format", "cloud_infra", {"in_fee": 15}, back("", "（作废）"), lambda f: setattr(f.sheet["A1"], "number_format", '@"（作废）"')),
    Variant("label_under_a_condition", "tech_upgrade", {"in_investment": 800}, pays("240000.00", "条件格式会改变表上的字"), lambda f: f.sheet.conditional_formatting.add(f.label("in_investment").coordinate, Rule(type="expression", formula=["1=1"], dxf=DifferentialStyle(font=Font(strike=True)), priority=1))),
    *(Variant(f"answers_with_tax_{kind}", "cloud_infra", {"in_fee": 15}, back("", "栏目写的是“填报数（含税）”", "填报数"), text("C15", "填报数（含税）"), format=kind) for kind in ("xlsx", "csv")),
    *(Variant(f"gone_{name}", "cloud_infra", {"in_fee": 15}, pays("75000.00", f"{what}不见了"), text(at, None)) for name, at, what in (("title", "A1", "表名"), ("basis", "A2", "依据一行"))),
    Variant("no_unit_left", "cloud_infra", {"in_fee": 15}, pays("75000.00", "金额单位不见了"), lambda f: (setattr(f.unit("in_fee"), "value", None), f.sheet.__setitem__("F2", None))),
    *(Variant(f"too_narrow_{kind}", "cloud_infra", {"in_fee": 38.75}, pays("193750.00", "####"), lambda f: setattr(f.sheet.column_dimensions["C"], "width", 3.2), format=kind) for kind in ("xlsx", "xls", "ods")),
    Variant("narrow_and_enough", "cloud_infra", {"in_fee": 15}, pays("75000.00"), lambda f: setattr(f.sheet.column_dimensions["C"], "width", 9)),
    *(Variant(f"not_printed_{kind}", "cloud_infra", {"in_fee": 15}, pays("75000.00", "打印区域没有包括"), lambda f: setattr(f.sheet, "print_area", "A1:F12"), format=kind) for kind in ("xlsx", "ods")),
    Variant("window_hidden", "cloud_infra", {"in_fee": 15}, pays("75000.00", "窗口被隐藏"), lambda f: setattr(f.book.views[0], "visibility", "hidden")),
    *(Variant(f"shape_over_the_amount_{kind}", "cloud_infra", {"in_fee": 15}, pays("75000.00", "图形盖在填报格上"), patch=covering("in_fee"), format=kind) for kind in ("xlsx", "xls", "ods")),
    Variant("table_of_its_own_style", "cloud_infra", {"in_fee": 15}, back("in_fee", "条件格式"), patch=own_table),
    Variant("picture_in_the_cell_of_the_name", "cloud_infra", {"in_fee": 15}, back("ent_name", "是图片"), patch=formula("ent_name", "_xlfn.DISPIMG(&quot;ID_1&quot;,1)", "=DISPIMG(&quot;ID_1&quot;,1)", "str")),
    *(Variant(f"chinese_digits_{n}", "cloud_infra", {"in_fee": 15}, pays("75000.00"), shape("in_fee", code), format="ods") for n, code in enumerate(("[DBNum1][$-804]General", '[DBNum2][$-804]General"万元"'))),
    *(Variant(f"ticked_{n}", "cloud_infra", {"in_fee": 15, "in_bond_supported": said}, pays("75000.00")) for n, said in enumerate(("□是 ☑否", "否√", "未享受", "没有享受过", "（否）"))),
    Variant("enclosed_and_ticked", "cloud_infra", {"in_fee": 15, "att_p1": "√是", "att_p2": "☑是□否"}, pays("75000.00")),
    Variant("renminbi_by_the_format_ods", "cloud_infra", {"in_fee": 15}, pays("75000.00"), shape("in_fee", '"人民币"0"万元"'), format="ods"),
    Variant("ticked_yes", "cloud_infra", {"in_fee": 15, "in_bond_supported": "☑是□否"}, pays("0.00")),
    Variant("firm_as_enclosed", "cloud_infra", {"in_fee": 15, "ent_name": "详见附件", "ent_account_name": "详见附件"}, back("ent_name", "不像名称")),
    *(Variant(f"firm_is_{n}", "cloud_infra", {"in_fee": 15, "ent_name": said, "ent_account_name": said}, pays("75000.00", word)) for n, (said, word) in enumerate((("示例企业九有限公司等3家", "像是几家单位"), ("91350100M000100Y43", "不像名称")))),
    *(Variant(f"vouchers_{name}", "digital_project", {"in_investment": 100}, pays("200000.00", said), lambda f, n=n, change=change: (vouchers(("甲", f"1500000000000000000{n}", dt.date(2026, 3, 1), 1000000, 130000, dt.date(2026, 3, 9)))(f), change(f.book[VOUCHER_SHEET]))) for n, (name, said, change) in enumerate((
        ("with_a_head_struck", "表头“不含税金额”划了删除线", lambda s: setattr(s["E3"], "font", Font(strike=True))),
        ("with_a_head_by_its_format", "表头“不含税金额”的格式", lambda s: setattr(s["E3"], "number_format", ';;;"含税金额"')),
        ("under_a_condition", "由条件格式改变", lambda s: s.conditional_formatting.add("E4", Rule(type="expression", formula=["1=1"], dxf=DifferentialStyle(font=Font(strike=True)), priority=1))),
        ("too_narrow", "列太窄", lambda s: setattr(s.column_dimensions["E"], "width", 3)),
        ("merged_downwards", "与下面的行合并", lambda s: s.merge_cells("E4:E5")),
    ))),
    Variant("vouchers_of_one_contract", "digital_project", {"in_investment": 100}, pays("200000.00"), together(vouchers(("甲", "15000000000000000011", dt.date(2026, 3, 1), 500000, 65000, dt.date(2026, 3, 9)), (None, "15000000000000000012", dt.date(2026, 3, 1), 500000, 65000, dt.date(2026, 3, 9))), lambda f: f.book[VOUCHER_SHEET].merge_cells("B4:B5"))),
    Variant("level_and_a_full_stop", "tech_center", {"in_level": "国家级。"}, pays("2000000.00")),
    # sixteenth round: sheets that show how, firms without a name, headings of another sum, lines without an amount
    *(Variant(f"sheet_that_shows_how_{n}", "cloud_infra", {"in_fee": 15}, pays("75000.00", f"样表“{called}”"), second_sheet("visible", called)) for n, called in enumerate(("范本", "模板", "填写说明"))),
    *(Variant(f"nobody_{n}", "cloud_infra", {"in_fee": 15, "ent_name": said, "ent_account_name": said}, back("ent_name", "不像名称")) for n, said in enumerate(("某某有限公司", "……公司", "某公司", "____公司"))),
    Variant("some_project", "cloud_infra", {"in_fee": 15, "prj_name": "某项目"}, back("prj_name", "不像名称")),
    Variant("answers_with_tax_and_unit", "cloud_infra", {"in_fee": 15}, back("", "填报数（万元，含税）"), text("C15", "填报数（万元，含税）")),
    Variant("answers_in_another_word_and_unit", "cloud_infra", {"in_fee": 15}, back("", "金额（元）"), text("C15", "金额（元）")),
    Variant("answers_and_their_unit", "cloud_infra", {"in_fee": 15}, pays("75000.00"), text("C15", "填报数（单位：万元）")),
    *(Variant(f"yuan_for_a_unit_{n}", "cloud_infra", {"in_fee": 15}, back("", said), text("B70", said)) for n, said in enumerate(("说明：以上金额均以元为单位填报", "金额以人民币元为单位"))),
    Variant("invoices_in_yuan", "cloud_infra", {"in_fee": 15}, pays("75000.00", "表外写有"), text("B70", "发票明细以元为单位")),
    Variant("voucher_of_tax_alone", "digital_project", {"in_investment": 100}, pays("200000.00", "只填了税额 130,000 元，没有不含税金额"), vouchers(("甲", "16000000000000000001", dt.date(2026, 3, 1), None, 130000, dt.date(2026, 3, 9)))),
    Variant("voucher_twice_with_letters", "digital_project", {"in_investment": 100}, pays("200000.00", "16000000000000000002 填了两次", "写成 16OOOOOOOOOOOOOOOOO2"), vouchers(*(("甲", number, dt.date(2026, 3, 1), 500000, 65000, dt.date(2026, 3, 9)) for number in ("16OOOOOOOOOOOOOOOOO2", "16000000000000000002")))),
    Variant("voucher_of_next_year_in_an_old_form", "digital_project", {"in_investment": 100}, pays("200000.00", "开票日期 2026-12-01 在核定日期 2026-06-30 之后"), vouchers(("甲", "16000000000000000003", dt.date(2026, 12, 1), 1000000, 130000)), version="1"),
    *(Variant(f"month_in_words_{n}", "tech_upgrade", {"in_investment": 800, "prj_start": said, "prj_fact_on": "二〇二六年度"}, pays("240000.00")) for n, said in enumerate(("二〇二六年三月", "二〇二六年三月一日"))),
    Variant("account_of_one_digit", "cloud_infra", {"in_fee": 15, "ent_account": "000000000000"}, pays("75000.00", "全是“0”")),
    Variant("two_lines_with_units", "cloud_infra", {"in_fee": "10万元\n5万元"}, back("in_fee", "一格里有两个数“10万元⏎5万元”")),
    Variant("unit_on_a_line_of_its_own", "cloud_infra", {"in_fee": "15\n万元"}, pays("75000.00")),
    *(Variant(f"county_without_its_kind_{n}", "cloud_infra", {"in_fee": 15, "ent_county": said}, pays("75000.00", f"{said}不在福州市")) for n, said in enumerate(("泉州", "思明"))),
    *(Variant(f"county_here_without_its_kind_{n}", "cloud_infra", {"in_fee": 15, "ent_county": said}, pays("75000.00")) for n, said in enumerate(("福州", "台江", "高新", "马尾"))),
    # seventeenth round: what the line of the unit says beside it, opinions and signatures, words that begin as our own do, several in a name
    *(Variant(f"unit_line_{n}_{kind}", "cloud_infra", {"in_fee": 15}, back("", "单位一行", said), text("F2", said), format=kind) for n, said in enumerate(("单位：万元（含税）", "单位：万元（累计数）")) for kind in ("xlsx", "xls", "ods", "csv")),
    *(Variant(f"unit_line_and_more_{n}", "cloud_infra", {"in_fee": 15}, pays("75000.00", said), text("F2", said)) for n, said in enumerate(("单位：万元（不含税）", "单位：万元（预估）", "单位：万元/年"))),
    *(Variant(f"unit_line_{n}", "cloud_infra", {"in_fee": 15}, pays("75000.00"), text("F2", said)) for n, said in enumerate(("金额单位：人民币万元", "单位：万元（保留两位小数）", "单位：万元、%", "（单位：万元）"))),
    *(Variant(f"opinion_{n}", "cloud_infra", {"in_fee": 15}, pays("75000.00", f"审核意见一栏写有“县（市、区）主管部门意见：{said}"), opinion(said)) for n, said in enumerate(("建议补助20万", "同意补助贰拾万", "扣除已补部分", "材料尚缺发票", "驳回", "仅同意设备", "请市局核实", "有异议", "补充材料后再报", "按20%补助", "超过封顶"))),
    *(Variant(f"opinion_agrees_{n}", "cloud_infra", {"in_fee": 15}, pays("75000.00"), opinion(said)) for n, said in enumerate(("经核实，情况属实，拟同意上报", "公示无异议，同意推荐", "材料齐全，无误，同意。2026年6月1日"))),
    *(Variant(f"signed_{n}", "cloud_infra", {"in_fee": 15}, pays("75000.00", "签章处另写有"), lambda f, said=said: setattr(f.sheet.cell(f.plan.declaration_row + 1, 1), "value", f.sheet.cell(f.plan.declaration_row + 1, 1).value + said)) for n, said in enumerate(("（作废）", "不申报", "已停产"))),
    Variant("signed_by_somebody", "cloud_infra", {"in_fee": 15}, pays("75000.00"), lambda f: setattr(f.sheet.cell(f.plan.declaration_row + 1, 1), "value", f.sheet.cell(f.plan.declaration_row + 1, 1).value + "欧阳某某")),
    *(Variant(f"begins_as_the_form_does_{n}_{place}", "cloud_infra", {"in_fee": 15}, pays("75000.00", f"表外写有“{said}”", f"申请表!{place}"), text(place, said)) for n, said in enumerate(("预计补助7万元，实际只申报3万元", "市级主管部门意见：不予补助", "本单位承诺以上数据为预估")) for place in ("A60", "H16")),
    *(Variant(f"sheet_is_called_{n}", "cloud_infra", {"in_fee": 15}, never(name), lambda f, name=name: setattr(f.sheet, "title", name)) for n, name in enumerate(("申请表（不报）", "测试", "申请表初稿"))),
    *(Variant(f"several_exhibitions_{n}", "exhibition_booth", {"in_fee": 4, "in_group_size": 6, "prj_object": said}, pays("32000.00", "第9届示例展”像是几个")) for n, said in enumerate(("第8届示例展、第9届示例展", "第8届示例展\n第9届示例展"))),
    *(Variant(f"one_exhibition_{n}", "exhibition_booth", {"in_fee": 4, "in_group_size": 6, "prj_object": said}, pays("32000.00")) for n, said in enumerate(("渔业、水产博览会", "第10届 示例展", "第11届示例展（福州、厦门）"))),
    Variant("several_projects", "cloud_infra", {"in_fee": 15, "prj_name": "甲车间改造项目、乙车间改造项目"}, pays("75000.00", "像是几个")),
    *(Variant(f"one_project_{n}", "cloud_infra", {"in_fee": 15, "prj_name": said}, pays("75000.00")) for n, said in enumerate(("数字化、智能化", "研发中心、检测中心建设项目"))),
    Variant("firm_taken_back", "cloud_infra", {"in_fee": 15, "ent_name": "示例企业九有限公司（作废）", "ent_account_name": "示例企业九有限公司（作废）"}, back("ent_name", "看是否申报")),
    *(Variant(f"taken_back_{key}", "cloud_infra", {"in_fee": 15, key: "不申报"}, pays("75000.00", "“不申报”")) for key in ("prj_content", "ent_contact", "ent_bank")),
    # half of an award without a cap: the highest cap of the document is 500万, which an award of 1000万 brings
    *(Variant(f"uncapped_{rule}_{award}", rule, {"in_superior_award": award}, pays(amount, *words)) for rule in ("little_giant", "national_benchmark") for award, amount, words in ((600, "3000000.00", ()), (1000, "5000000.00", ()), (3000, "15000000.00", ("按此得 1,500 万元，超过这份文件里最高的封顶", "应写 0.3")))),
    Variant("opinion_void", "cloud_infra", {"in_fee": 15}, pays("75000.00", "审核意见一栏"), opinion("（作废）")),
    # lists of invoices: lines taken back, other headings, words above and beside the lines
    *(Variant(f"invoice_{n}_{kind}", "digital_project", {"in_investment": 100}, pays("200000.00", word, at), invoice(1 + n * 4 + k, change, **line), format=kind) for k, kind in enumerate(("xlsx", "xls", "ods")) for n, (line, change, word, at) in enumerate((
        ({"behind": "（作废）"}, {}, "号码以外还有字", "发票明细表!C4"),
        ({"contract": "甲合同（已退货）"}, {}, "写有“甲合同（已退货）”", "发票明细表!B4"),
        ({}, {"A4": "红冲"}, "写有“红冲”", "发票明细表!A4"),
        ({}, {"B2": "以下发票均为含税金额"}, "表头写有“以下发票均为含税金额”", "发票明细表!B2"),
        ({}, {"I3": "备注", "I4": "另附清单"}, "另写有“另附清单”", "发票明细表!I4"),
        ({}, {"I3": "其中退货", "I4": 300000}, "另有一栏“其中退货”，填了数", "发票明细表!I3"),
        ({}, {"F3": "价税合计", "F4": 1130000}, "写的是“价税合计”，没有“税额”", "发票明细表!F3"),
        ({}, {"B34": "其中20万是上年的"}, "另写有“其中20万是上年的”", "发票明细表!B34"),
    ))),
    *(Variant(f"invoices_{n}", "digital_project", {"in_investment": 100}, pays("200000.00", word), invoice(201 + n, change, **line)) for n, (line, change, word) in enumerate((
        ({"behind": "（两张）"}, {}, "号码以外还有字"),
        ({}, {"H4": "乙公司（未付款）"}, "乙公司（未付款）"),
        ({}, {"A4": "×"}, "写有“×”"),
        ({}, {"H2": "单位：元（含税）"}, "单位：元（含税）"),
        ({}, {"A1": "发票明细表（示例）"}, "发票明细表（示例）"),
        ({}, {"A2": "申报单位：示例企业七十七有限公司"}, "别家单位的发票"),
        ({}, {"E34": "约100万"}, "约100万"),
    ))),
    *(Variant(f"invoice_as_it_should_be_{n}", "digital_project", {"in_investment": 100}, pays("200000.00"), invoice(301 + n, change, **line)) for n, (line, change) in enumerate((
        ({"before": "数电票号码"}, {}), ({"contract": "退货管理系统采购合同"}, {}), ({}, {"I3": "备注"}), ({"contract": "甲（一期）"}, {"A4": "01", "H4": "乙公司（福州）"}), ({}, {"B34": "大写："}),
    ))),
)  # fmt: skip
