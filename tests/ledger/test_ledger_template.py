"""templates/台账.xlsx: the committed file is what the code builds; a bureau's own variant works."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from own_template import drawn_template, png

from xlpolicy.batch import demo
from xlpolicy.batch.fill import fill
from xlpolicy.batch.record import Summary
from xlpolicy.settle.headings import FACTS
from xlpolicy.sheets import intake_template, template
from xlpolicy.sheets.files import zipped
from xlpolicy.sheets.template_sheet import TemplateError

ROOT = Path(__file__).parents[2]
WriteForm = Callable[..., Path]


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.posix  # where the repository is worked on
def test_the_committed_template_is_the_built_one() -> None:
    committed = (ROOT / "templates" / template.LEDGER).read_bytes()
    built = intake_template.build()
    assert parts(committed) == parts(built), "run xlpolicy excel build --all ."


@pytest.mark.posix  # where the repository is worked on
def test_it_is_found_in_the_repository_and_in_an_installed_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert template.find() == ROOT / "templates" / template.LEDGER
    monkeypatch.setattr(template, "__file__", str(tmp_path / "xlpolicy" / "ledger" / "template.py"))
    with pytest.raises(FileNotFoundError, match="重新安装"):
        template.find()
    installed = tmp_path / "xlpolicy" / "templates"
    installed.mkdir(parents=True)
    intake_template.write(installed)
    assert template.find() == installed / template.LEDGER


def test_fonts_are_a_setting() -> None:
    book = load_workbook(io.BytesIO(intake_template.build({"title": "标题体", "heading": "黑", "body": "宋"})))
    sheet = book[template.CLAIMS]
    assert (sheet["A1"].font.name, sheet["A3"].font.name, sheet["A4"].font.name) == ("标题体", "黑", "宋")


def test_print_setup_of_the_ledger(shown: Summary) -> None:
    book = load_workbook(shown.ledger)
    assert book.sheetnames == ["汇总", "申报台账", "退回补正", "未列入", "申报", *FACTS, "选项"]
    for sheet in book.worksheets[:-1]:
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows
    claims = book["申报台账"]
    assert claims.freeze_panes == "C4"
    assert claims.auto_filter.ref == "A3:O20"  # 17 rows of claims, without the total
    assert claims["H3"].value == "核定金额\n（元）"
    assert claims["I3"].value == "核定金额\n（万元）"


def test_totals_agree(shown: Summary) -> None:
    book = load_workbook(shown.ledger, data_only=True)
    claims, summary = book["申报台账"], book["汇总"]
    amounts = [claims.cell(row, 8).value for row in range(4, 21)]
    assert round(sum(amounts), 2) == float(shown.amount) == claims["H21"].value
    assert claims["I21"].value == pytest.approx(float(shown.amount) / 10_000)
    assert shown.amount_upper in str(claims["A22"].value)
    totals = [row for row in summary.iter_rows(values_only=True) if row[0] == "合计"]
    assert totals[0][1] == pytest.approx(float(shown.amount) / 10_000)  # by county
    assert totals[1][3:7] == (17, 16, 1, float(shown.amount))  # by county and provision
    counts = next(row for row in summary.iter_rows(min_row=5, max_row=5, values_only=True))
    assert counts == (26, 27, 17, 4, 1, 1, 2, 2)
    assert len(summary._charts) == 1


def test_a_bureaus_own_template(form: WriteForm, inbox: Path, tmp_path: Path) -> None:
    """Columns reordered and dropped, a title changed: the amounts follow, live totals become values."""
    form(1)
    book = load_workbook(template.find())
    claims = book[template.CLAIMS]
    claims["A1"] = "某市工信局台账"
    claims.delete_cols(4)  # 县区: the summary can no longer count by it live
    own = tmp_path / "own.xlsx"
    book.save(own)
    summary = fill(inbox, tmp_path / "out", on=demo.ON, template=own, progress=False)
    made = load_workbook(summary.ledger)
    assert made[template.CLAIMS]["A1"].value == "某市工信局台账"
    assert made[template.CLAIMS]["G4"].value == 240_000
    detail = [row for row in made[template.SUMMARY].iter_rows(values_only=True) if row[0] == "仓山区"]
    assert detail[1][3:] == (1, 1, 0, 240_000, 24)


def test_what_a_bureau_drew_into_its_template_stays_in_its_place(form: WriteForm, inbox: Path, tmp_path: Path) -> None:
    """Of three claims: what stood in row 4 spans rows 4 to 6, what stood below has moved by two."""
    for number in (1, 2, 3):
        form(number)
    own = drawn_template(tmp_path / "own.xlsx")
    run = fill(inbox, tmp_path / "out", on=demo.ON, template=own, progress=False)
    with zipfile.ZipFile(run.ledger) as package:
        texts = {name: package.read(name) for name in package.namelist()}
    drawing = next(data.decode() for name, data in texts.items() if "drawings/drawing" in name and b"pic>" in data)
    chart = next(data.decode() for name, data in texts.items() if "charts/chart" in name)
    assert [data for name, data in texts.items() if "media/" in name] == [png()]
    assert re.findall(r"<(?:xdr:)?row>(\d+)<", drawing) == ["0", "0", "8", "8"]
    assert "申报台账!$A$4:$A$6" in chart.replace("'", "") and "申报台账!$B$4:$B$6" in chart.replace("'", "")
    made = load_workbook(run.ledger)
    sheet = made[template.CLAIMS]
    assert [sheet[f"B{row}"].value for row in (4, 5, 6)] == [240_000] * 3
    assert str(sheet.data_validations.dataValidation[0].sqref) == "C4:C6"
    conditions = {str(area.sqref): area.rules[0].formula for area in sheet.conditional_formatting}
    assert conditions == {
        "B4:B6": ["300000"], "A4:A6": ["$B4>1"],
        "A10:B10": ['AND($B10>SUM($B$4:$B$6),$A10<>"申报台账!$B$4",汇总!$A$1>0)'],
    }  # fmt: skip
    assert b"<xm:sqref>B4:B6</xm:sqref>" in texts["xl/worksheets/sheet2.xml"]
    assert {cell: sheet[cell].comment.text for cell in ("A3", "A10")} == {"A3": "表头", "A10": "表下"}
    assert [mark.id for mark in sheet.row_breaks.brk] == [9]
    (boxes,) = [data.decode() for name, data in texts.items() if name.endswith(".vml")]
    assert re.findall(r"<x:Row>(\d+)", boxes) == ["2", "9"]
    assert [anchor.split(",")[2].strip() for anchor in re.findall(r"<x:Anchor>([^<]*)", boxes)] == ["9", "1", "8"]
    assert made.defined_names["金额"].attr_text == "申报台账!$B$4:$B$6"
    assert sheet.print_area == "'申报台账'!$A$1:$C$10"
    assert run.not_carried == () and "请核对：合计 720000" in "".join(
        data.decode() for name, data in texts.items() if "drawings/drawing" in name
    )


@pytest.mark.parametrize(("place", "told"), [("oddFooter", "汇总 页眉页脚"), ("box", "汇总 文本框")])
def test_an_unknown_placeholder_beside_the_cells_is_named_too(
    form: WriteForm, inbox: Path, tmp_path: Path, place: str, told: str
) -> None:
    form(1)
    own = drawn_template(tmp_path / "own.xlsx")
    if place == "box":
        with zipfile.ZipFile(own) as package:
            texts = {name: package.read(name) for name in package.namelist()}
        own.write_bytes(
            zipped((n, x.replace("合计 {合计元}".encode(), "合计 {合计万}".encode())) for n, x in texts.items())
        )
    else:
        book = load_workbook(own)
        book[template.SUMMARY].oddFooter.center.text = "{合计万}"
        book.save(own)
    with pytest.raises(TemplateError, match=rf"own.xlsx {told}.*\{{合计万\}} 没有对应的数据"):
        fill(inbox, tmp_path / "out", on=demo.ON, template=own, progress=False)


@pytest.mark.parametrize(
    ("cell", "text"),
    [("B4", "{台账.不存在}"), ("A2", "{没有这个}"), ("B5", "{合计 台账.核定}"), ("B4", "{别的.申报单位}")],
)
def test_an_unknown_placeholder_is_named_with_its_cell(
    form: WriteForm, inbox: Path, tmp_path: Path, cell: str, text: str
) -> None:
    form(1)
    book = load_workbook(template.find())
    book[template.CLAIMS][cell] = text
    own = tmp_path / "own.xlsx"
    book.save(own)
    with pytest.raises(TemplateError) as caught:
        fill(inbox, tmp_path / "out", on=demo.ON, template=own, progress=False)
    assert f"申报台账!{cell}" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_template_without_a_sheet(form: WriteForm, inbox: Path, tmp_path: Path) -> None:
    book = load_workbook(template.find())
    del book[template.UNLISTED]
    own = tmp_path / "own.xlsx"
    book.save(own)
    with pytest.raises(TemplateError, match="没有“未列入”"):
        fill(inbox, tmp_path / "out", on=demo.ON, template=own, progress=False)


def test_a_template_that_is_no_workbook(form: WriteForm, inbox: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.xlsx"
    own.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(TemplateError, match=r"own\.xlsx：模板读不出来.*另存为"):
        fill(inbox, tmp_path / "out", on=demo.ON, template=own, progress=False)
    with pytest.raises(OSError, match=r"directory|denied"):  # so it is on Windows
        fill(inbox, tmp_path / "out", on=demo.ON, template=tmp_path, progress=False)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(1)", "\t=1"])
def test_enterprise_text_is_never_a_formula(form: WriteForm, inbox: Path, tmp_path: Path, text: str) -> None:
    form(1, ent_name=f"{text}示例", ent_account_name=f"{text}示例", ent_county=f"{text}县")
    summary = fill(inbox, tmp_path / "out", on=demo.ON, progress=False)
    book = load_workbook(summary.ledger)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert str(cell.value).startswith(("=SUM(", "=SUMPRODUCT(("))
                    assert "示例" not in str(cell.value)
                elif isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@", "\t")):
                    assert cell.quotePrefix  # type: ignore[union-attr]
