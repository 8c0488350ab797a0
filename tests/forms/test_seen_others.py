"""The second readers of .ods and .xls: what an .xlsx is held against, these are too."""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import xlwt
from formkit import filled, one, told
from test_files import form_cells

from xlpolicy.forms.markings import signed
from xlpolicy.forms.seen_ods import look_ods
from xlpolicy.forms.seen_xls import look_xls

INPUTS = {"investment": Decimal("8000000")}
C16 = (15, 2)
Cells = dict[tuple[int, int], object]
_SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_NAMES = {
    "office": f"{_SPACE}office:1.0", "table": f"{_SPACE}table:1.0", "text": f"{_SPACE}text:1.0", "style": f"{_SPACE}style:1.0",
    "fo": f"{_SPACE}xsl-fo-compatible:1.0", "draw": f"{_SPACE}drawing:1.0",
}  # fmt: skip
EIGHT = '<table:table-cell office:value-type="float" office:value="800"><text:p>800</text:p></table:table-cell>'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "表.xlsx"


def ods(
    path: Path, old: str = "", new: str = "", styles: str = "", cells: Mapping[tuple[int, int], object] | None = None
) -> Path:
    """An honest form as an .ods, with one thing in its XML replaced."""
    held: Cells = {**form_cells(filled(path)), **(cells or {})}
    rows = ""
    for row in range(1 + max(place[0] for place in held)):
        rows += "<table:table-row>"
        for column in range(7):
            value = held.get((row, column))
            if isinstance(value, int | float):
                rows += f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
            elif value is None:
                rows += "<table:table-cell/>"
            else:
                lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
                rows += f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'
        rows += "</table:table-row>"
    spaces = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in _NAMES.items())
    xml = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
        f'<office:spreadsheet><table:table table:name="申请表">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    assert old in xml
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", xml.replace(old, new))
        package.writestr(
            "META-INF/manifest.xml", '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        )
    return path


def cell(attributes: str, text: str = "800", before: str = "") -> str:
    paragraph = f"<text:p>{text}</text:p>" if text else ""
    return f"<table:table-cell {attributes}>{before}{paragraph}</table:table-cell>"


FLOAT = 'office:value-type="float" office:value="800"'


def style(name: str, family: str, properties: str) -> str:
    return (
        f'<style:style style:name="{name}" style:family="{family}"><style:text-properties {properties}/></style:style>'
    )


def test_an_honest_ods(path: Path) -> None:
    returned = one(ods(path))
    assert (returned.status, returned.inputs, told(returned)) == ("ok", INPUTS, [])


@pytest.mark.parametrize(
    ("new", "styles", "code"),
    [
        (cell(FLOAT, "80,000元"), "", "shown_differently"),
        (cell(FLOAT, " "), "", "shown_differently"),
        (cell('office:value-type="percentage" office:value="800"', "80000%"), "", "shown_differently"),
        (cell('office:value-type="currency" office:value="800"', "US$800"), "", "shown_differently"),
        (cell(f'table:style-name="S" {FLOAT}'), style("S", "table-cell", 'style:text-line-through-style="solid"'), "strike"),
        (cell(f'table:style-name="S" {FLOAT}'), style("S", "table-cell", 'style:text-position="super 58%"'), "raised"),
        (cell(f'table:style-name="S" {FLOAT}'), style("S", "table-cell", 'fo:color="#ffffff"'), "white_text"),
        (cell('office:value-type="string"', '<text:span text:style-name="T">80</text:span>90'), style("T", "text", 'style:text-line-through-type="single"'), "strike"),
        (cell('office:value-type="string"', '80<text:span text:style-name="T">0</text:span>'), style("T", "text", 'fo:color="#ffffff"'), "white_text"),
        (cell(f'table:style-name="S" {FLOAT}'), style("S", "table-cell", 'style:font-name="Wingdings 2"'), "shown_differently"),
        (cell('table:formula="of:=SUM([.H1:.H9])" office:value-type="float" office:value="0"', "0"), "", "formula_zero"),
        (cell(f'table:formula="of:=[$账.B2]" {FLOAT}'), "", "formula_outside"),
    ],
)  # fmt: skip
def test_an_ods_that_shows_something_else(path: Path, new: str, styles: str, code: str) -> None:
    returned = one(ods(path, EIGHT, new, styles))
    assert (returned.status, told(returned)) == ("needs_correction", [("error", code, "C16")])


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (cell(FLOAT, before="<office:annotation><text:p>单位为元</text:p></office:annotation>"), "comment"),
        (cell(f'table:formula="of:=500+300" {FLOAT}'), "formula"),
    ],
)
def test_an_ods_with_a_remark(path: Path, new: str, code: str) -> None:
    returned = one(ods(path, EIGHT, new))
    assert (returned.status, returned.inputs, told(returned)) == ("ok", INPUTS, [("warning", code, "C16")])


def test_a_note_of_ours_that_libreoffice_dated(path: Path) -> None:
    date = '<dc:date xmlns:dc="http://purl.org/dc/elements/1.1/">2026-07-01T00:00:00</dc:date>'
    lines = "".join(f"<text:p>{line}</text:p>" for line in signed("改成数字").split("\n"))
    note = f"<office:annotation>{date}{lines}</office:annotation>"
    assert one(ods(path, EIGHT, cell(FLOAT, before=note))).problems == ()


@pytest.mark.parametrize("text", ["800", "800.00", "800.00万元", "800 "])
def test_an_ods_that_shows_the_same(path: Path, text: str) -> None:
    assert one(ods(path, EIGHT, cell(FLOAT, text))).problems == ()


def test_hidden_rows_and_columns_of_an_ods(path: Path) -> None:
    row = '<table:table-row><table:table-cell office:value-type="string"><text:p>*年度技改'
    hidden = one(ods(path, row, row.replace("<table:table-row>", '<table:table-row table:visibility="collapse">')))
    assert told(hidden) == [("error", "hidden_cell", "C16")]
    table = '<table:table table:name="申请表">'
    columns = '<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>'
    assert ("error", "hidden_cell", "C16") in told(one(ods(path, table, table + columns)))


def test_a_value_covered_in_an_ods(path: Path) -> None:
    returned = one(ods(path, EIGHT, EIGHT.replace("table-cell", "covered-table-cell"), cells={(15, 1): None}))
    assert returned.status == "ok"  # nothing spans over it
    wide = '<table:table-cell office:value-type="string"><text:p>*年度技改'
    spanned = wide.replace(" office", ' table:number-columns-spanned="3" office', 1)
    assert ("error", "covered_cell", "C16") in told(one(ods(path, wide, spanned)))


def test_a_text_box_in_an_ods(path: Path) -> None:
    box = "<draw:frame><draw:text-box><text:p>以上均为元</text:p></draw:text-box></draw:frame>"
    returned = one(ods(path, EIGHT, cell(FLOAT, before=box)))
    assert told(returned) == [("warning", "text_box", "")]


def test_a_colour_in_a_number_format_of_an_ods(path: Path) -> None:
    """White for all numbers; white for those above 0 alone, and for those below."""
    number = 'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"'
    white = '<style:text-properties fo:color="#FFFFFF"/>'
    above = '<style:map style:condition="value()>=0" style:apply-style-name="P"/>'
    uses = '<style:style style:name="S" style:family="table-cell" style:data-style-name="N"/>'
    for styles, codes in (
        (f'<number:number-style {number} style:name="N">{white}</number:number-style>', ["white_text"]),
        (f'<number:number-style {number} style:name="P">{white}</number:number-style><number:number-style {number} style:name="N">{above}</number:number-style>', ["white_text"]),
        (f'<number:number-style {number} style:name="P"/><number:number-style {number} style:name="N">{white}{above}</number:number-style>', []),
    ):  # fmt: skip
        returned = one(ods(path, EIGHT, cell(f'table:style-name="S" {FLOAT}'), styles + uses))
        assert [p.code for p in returned.problems] == codes, styles


@pytest.mark.parametrize(
    ("shown", "codes"),
    [
        ("2026-06-01 0:00:00", []),
        ("26年6月1日 10:30", []),
        ("六月一日", []),
        ("2025-06-01", ["shown_differently"]),
        ("2026-06-30 0:00:00", ["shown_differently"]),
    ],
)
def test_a_date_of_an_ods_and_what_is_shown(path: Path, shown: str, codes: list[str]) -> None:
    place = next(p for p, v in form_cells(filled(path, prj_start="2026-06-01")).items() if v == "2026-06-01")
    day = '<table:table-cell office:value-type="string"><text:p>2026-06-01</text:p></table:table-cell>'
    dated = f'<table:table-cell office:value-type="date" office:date-value="2026-06-01"><text:p>{shown}</text:p></table:table-cell>'
    returned = one(ods(path, day, dated, cells={place: "2026-06-01"}))
    assert [p.code for p in returned.problems] == codes


def test_controls_of_an_ods(path: Path) -> None:
    box = '<form:checkbox xmlns:form="urn:oasis:names:tc:opendocument:xmlns:form:1.0" form:label="按含税价" form:current-state="checked" form:linked-cell="申请表.H3"/>'
    (told,) = one(ods(path, EIGHT, cell(FLOAT, before=box))).problems
    assert (told.code, told.severity) == ("control", "warning")
    assert "复选框“按含税价”（已选中，结果写入 H3）" in told.got


def test_what_a_frozen_ods_cannot_be_scrolled_to() -> None:
    config = "urn:oasis:names:tc:opendocument:xmlns:config:1.0"

    def settings(**items: object) -> bytes:
        said = "".join(f'<c:config-item c:name="{name}">{value}</c:config-item>' for name, value in items.items())
        entry = f'<c:config-item-map-entry c:name="表">{said}</c:config-item-map-entry>'
        return f'<s xmlns:c="{config}">{entry}</s>'.encode()

    content = (
        '<o xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><table:table table:name="表"/></o>'.encode()
    )
    (frozen,) = look_ods(
        content, b"", settings(VerticalSplitMode=2, PositionTop=3, HorizontalSplitMode=0, PositionLeft=2)
    )
    assert (frozen.hidden_rows, frozen.hidden_columns) == ({0, 1, 2}, set())
    (split,) = look_ods(content, b"", settings(VerticalSplitMode=1, PositionTop=3))
    assert split.hidden_rows == set()


Draw = Callable[[xlwt.Workbook, xlwt.Worksheet, Cells], None]


def xls(path: Path, draw: Draw | None = None) -> Path:
    """An honest form as an .xls; what `draw` writes is taken out of the cells by it."""
    cells = form_cells(filled(path))
    book = xlwt.Workbook(style_compression=2)
    sheet = book.add_sheet("Sheet1", cell_overwrite_ok=True)
    if draw is not None:
        draw(book, sheet, cells)
    for (row, column), value in cells.items():
        sheet.write(row, column, value)
    book.save(str(path))
    return path


def written(value: object, look: str = "", code: str = "General") -> Draw:
    def draw(_: xlwt.Workbook, sheet: xlwt.Worksheet, cells: Cells) -> None:
        del cells[C16]
        sheet.write(*C16, value, xlwt.easyxf(look, num_format_str=code))

    return draw


def runs(*parts: tuple[str, str]) -> Draw:
    def draw(_: xlwt.Workbook, sheet: xlwt.Worksheet, cells: Cells) -> None:
        del cells[C16]
        sheet.write_rich_text(*C16, [(text, xlwt.easyfont(look)) for text, look in parts])

    return draw


def hidden_row(_: xlwt.Workbook, sheet: xlwt.Worksheet, cells: Cells) -> None:
    sheet.row(C16[0]).hidden = True


def hidden_column(_: xlwt.Workbook, sheet: xlwt.Worksheet, cells: Cells) -> None:
    sheet.col(C16[1]).hidden = True


def covered(_: xlwt.Workbook, sheet: xlwt.Worksheet, cells: Cells) -> None:
    sheet.merge(15, 15, 0, 2)


def frozen(_: xlwt.Workbook, sheet: xlwt.Worksheet, cells: Cells) -> None:
    """Scrolled below the field before the panes were frozen."""
    sheet.panes_frozen, sheet.horz_split_pos = True, 30
    sheet.horz_split_first_visible, sheet.first_visible_row = 30, 20


def test_what_a_frozen_xls_cannot_be_scrolled_to(path: Path) -> None:
    assert ("error", "hidden_cell", "C16") in told(one(xls(path, frozen)))


def test_an_honest_xls(path: Path) -> None:
    returned = one(xls(path))
    assert (returned.status, returned.inputs, told(returned)) == ("ok", INPUTS, [])


@pytest.mark.parametrize(
    ("draw", "code"),
    [
        (written(800, "font: struck_out on"), "strike"),
        (runs(("80", "struck_out on"), ("90", "")), "strike"),
        (runs(("10", ""), ("4", "escapement superscript")), "raised"),
        (written(800, "font: colour white"), "white_text"),
        (written(800, "font: height 20"), "white_text"),
        (runs(("80", ""), ("0", "colour white")), "white_text"),
        (written(800, "font: name Wingdings"), "shown_differently"), (runs(("800", "name Webdings"),), "shown_differently"),
        (written(800, code="[White]0.00"), "white_text"), (written(800, code="[COLOR 2]0.00;[Red]-0.00"), "white_text"),
        (written(80_000, code='0.00"元"'), "shown_differently"),
        (written(80_000, code="¥#,##0.00"), "shown_differently"),
        (written(800_000, code="#,##0,"), "shown_differently"),
        (written(8, code="0%"), "shown_differently"),
        (written(800, code=";;;"), "shown_differently"),
        (written(xlwt.Formula("SUM(H1:H9)")), "missing"),
        (written(xlwt.Formula("Sheet1!H1+1")), "formula_outside"),
        (covered, "covered_cell"), (hidden_row, "hidden_cell"), (hidden_column, "hidden_cell"),
    ],
)  # fmt: skip
def test_an_xls_that_shows_something_else(path: Path, draw: Draw, code: str) -> None:
    returned = one(xls(path, draw))
    assert returned.status == "needs_correction"
    assert ("error", code, "C16") in told(returned)
    assert {place for severity, _, place in told(returned) if severity == "error"} == {"C16"}


@pytest.mark.parametrize(
    "code", ["0.00", '0.00"万元"', "#,##0.00_ ", "@", "0.00E+00", "[Red]0.00", "0.00;[White]-0.00", "# ?/?"]
)
def test_an_xls_that_shows_the_same(path: Path, code: str) -> None:
    assert one(xls(path, written(800, code=code))).problems == ()


def test_numbers_of_an_xls_in_every_record(path: Path) -> None:
    """RK with and without hundredths, a whole double: 800, 800.25, 1/3 of 800."""
    for value in (800, 800.25, 12345.678901, 80_000_000_000 / 3e8):
        returned = one(xls(path, written(value)))
        assert told(returned) == []


def test_dates_of_an_xls(path: Path) -> None:
    def start(_: xlwt.Workbook, sheet: xlwt.Worksheet, cells: Cells) -> None:
        sheet.write(11, 1, dt.date(2026, 1, 5), xlwt.easyxf(num_format_str="yyyy-mm-dd"))

    returned = one(xls(path, start))
    assert (told(returned), returned.project["start"]) == ([], dt.date(2026, 1, 5))


def test_shared_strings_that_go_on_in_the_next_record(path: Path) -> None:
    """8,224 bytes are the most that one record holds; characters of one byte may go on as such of two."""

    def long(_: xlwt.Workbook, sheet: xlwt.Worksheet, cells: Cells) -> None:
        for row in range(60, 80):
            sheet.write(row, 0, f"{row}" + "备注" * 700)

    returned = one(xls(path, long))
    assert (returned.status, returned.inputs) == ("ok", INPUTS)
    assert {code for _, code, _ in told(returned)} == {"outside"}


def test_controls_of_an_xls() -> None:
    """[MS-XLS]: an object (0x5D) with what it is (ftCmo) and its state (ftCblsData), then its text (0x1B6)."""

    def record(code: int, body: bytes) -> bytes:
        return struct.pack("<HH", code, len(body)) + body

    def box(kind: int, on: int, text: str) -> bytes:
        what = struct.pack("<HHHHH", 0x15, 18, kind, 1, 0) + bytes(12)
        state = struct.pack("<HHHHHH", 0x12, 8, on, 0, 0, 0) + bytes(4)
        said = bytes(10) + struct.pack("<H", len(text)) + bytes(6)
        return record(0x5D, what + state) + record(0x1B6, said) + record(0x3C, b"\1" + text.encode("utf-16-le"))

    head, name = record(0x809, bytes(16)), struct.pack("<BB", 1, 0) + b"A"
    start = len(head) + 4 + 6 + len(name)
    head += record(0x85, struct.pack("<IBB", start, 0, 0) + name)
    sheet = record(0x809, bytes(16)) + box(0x0B, 1, "按含税价") + box(0x0C, 0, "按不含税价") + box(0x14, 0, "")
    found = look_xls(head + sheet)
    assert found is not None
    assert found[0].controls == ["复选框“按含税价”（已选中）", "单选按钮“按不含税价”"]


def test_records_that_are_cut_short_are_not_guessed() -> None:
    globals_ = struct.pack("<HH", 0x809, 16) + bytes(16)
    assert look_xls(globals_ + struct.pack("<HH", 0x85, 2) + b"\0\0") is None
    assert look_xls(globals_ + struct.pack("<HHH", 0x31, 2, 0)) is None
