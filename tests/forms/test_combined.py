"""A combined form: one enterprise, several provisions, one workbook; each provision is a claim, what is common is read once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from formkit import told
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet
from soffice import Soffice
from test_version3 import FIRM

from xlpolicy.batch.fill import fill
from xlpolicy.faults import InvalidInput
from xlpolicy.forms.combined import Combined, is_common
from xlpolicy.forms.form_template import write as write_template
from xlpolicy.forms.intake import Returned, read_bytes
from xlpolicy.forms.layout import IDENTITY_SHEET, Layout, layout
from xlpolicy.forms.own_look import COMMON_SHEET
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.sheets.multiply import leave_out
from xlpolicy.sheets.template import find
from xlpolicy.sheets.template_sheet import TemplateError

TEMPLATE = find("申请表.xlsx")
RULES = ("tech_upgrade", "design_center", "cloud_device")
#: what the sheets of the provisions are called
TECH, DESIGN, CLOUD = "技改设备补助", "工业设计中心认定奖励", "工业设备上平台奖补"


def plans() -> list[Layout]:
    document = catalog.default().documents["fuzhou-2026-5"]
    return [layout(document, document.rules[rule]) for rule in RULES]


@pytest.fixture(scope="module")
def made() -> Combined:
    return Combined(plans(), TEMPLATE)


def answers(*, tech: bool = True, design: bool = True, **more: Any) -> dict[str, Any]:
    """Filled in for two of the three provisions: 800万元 of equipment, a design center of the city."""
    first, second, _ = plans()
    common = {
        f.key: v for f in first.fields if is_common(f) and (v := {**plainly(first), **FIRM}.get(f.key)) is not None
    }
    values = dict(common)
    if tech:
        own = {**plainly(first), "prj_name": FIRM["prj_name"], "in_investment": 800}
        values |= {f"{key}@1": value for key, value in own.items() if key not in common}
    if design:
        own = {**plainly(second), "prj_name": "设计中心", "in_level": "市级", "in_newly_recognised": "是"}
        values |= {f"{key}@2": value for key, value in own.items() if key not in common}
    return values | more


def read(data: bytes) -> list[Returned]:
    return read_bytes(data, "表.xlsx", catalog.default())


def judged(data: bytes, folder: Path) -> list[tuple[str, str, Decimal]]:
    inbox = folder / "收件"
    inbox.mkdir(parents=True)
    (inbox / "表.xlsx").write_bytes(data)
    records = fill(inbox, folder / "结果", progress=False).records
    return [(record.rule, record.place, record.amount) for record in records]


def changed(data: bytes, change: Callable[[Workbook], None]) -> bytes:
    """As a person leaves it who edits it in a spreadsheet program that keeps results."""
    results = load_workbook(BytesIO(data), data_only=True)
    book = load_workbook(BytesIO(data))
    change(book)
    for sheet in book.worksheets:  # what openpyxl forgets: the results beside the formulas stay as they were shown
        if sheet.title in results.sheetnames:
            for row in sheet.iter_rows():
                for cell in row:
                    formula = str(cell.value).startswith("=") and not str(cell.value).startswith(
                        f"=IF('{COMMON_SHEET}'"
                    )
                    if formula and sheet.title != COMMON_SHEET:
                        cell.value = results[sheet.title][cell.coordinate].value
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def at(made: Combined, number: int, key: str) -> str:
    return made.forms[number - 1].plan.by_key[key].address


def test_each_provision_is_a_claim_of_its_own_with_what_is_common(made: Combined, tmp_path: Path) -> None:
    data = made.made(answers())
    tech, design = read(data)
    assert (tech.sheet, design.sheet) == (TECH, DESIGN)
    assert tech.enterprise == design.enterprise
    assert tech.enterprise["name"] == FIRM["ent_name"] and tech.enterprise["account"] == FIRM["ent_account"]
    assert tech.project["applied_on"] == design.project["applied_on"] == plainly(plans()[0])["prj_applied_on"]
    assert tech.cells["ent_account"].startswith(f"{COMMON_SHEET}!")
    assert tech.inputs["investment"] == Decimal(8_000_000) and "investment" not in design.inputs
    for one in (tech, design):
        assert told(one) == [("warning", "not_declared", "")] and "工业设备上平台奖补" in one.problems[0].got
    assert judged(data, tmp_path) == [
        ("tech_upgrade", "已核定", Decimal("240000.00")),
        ("design_center", "已核定", Decimal("300000.00")),
    ]


def test_what_is_common_stands_once_and_is_shown_by_plain_formulas(made: Combined) -> None:
    data = made.made(answers())
    book, results = load_workbook(BytesIO(data)), load_workbook(BytesIO(data), data_only=True)
    for number, name in enumerate((TECH, DESIGN, CLOUD), 1):
        for key in ("ent_name", "ent_account", "ent_contact", "prj_applied_on"):
            cell = book[name][at(made, number, key)]
            assert str(cell.value).startswith(f"=IF('{COMMON_SHEET}'!") and cell.protection.locked, (name, key)
            shown = results[name][at(made, number, key)].value
            assert shown == (FIRM[key] if key in FIRM else answers()[key].isoformat()), (name, key)
        assert book[name].protection.sheet and book[name].print_area and book[name].print_title_rows == "$1:$2"
    assert not book[COMMON_SHEET][made.common.plan.by_key["ent_name"].address].protection.locked
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected] == [COMMON_SHEET]
    drops = {name: [d.formula1 for d in book[name].data_validations.dataValidation] for name in (TECH, DESIGN)}
    assert '"是,否"' in drops[TECH] and any("市级" in str(d) for d in drops[DESIGN])
    said = [str(results[name]["C2"].value) for name in (COMMON_SHEET, TECH, DESIGN, CLOUD)]
    assert said == ["自查：必填的已填齐，没有不合"] * 3 + ["自查：没有填写，按不申报这一条处理"]


def test_a_sheet_that_is_gone_or_empty_is_told_and_never_zero(made: Combined, tmp_path: Path) -> None:
    without = leave_out(made.made(answers()), CLOUD)
    (tech, design) = read(without)
    assert "被删去了" in tech.problems[-1].got and tech.problems == design.problems
    only = changed(made.made(answers(design=False)), lambda book: None)
    (tech,) = read(only)
    assert sorted(p.got for p in tech.problems if p.code == "not_declared") == [
        "“工业设备上平台奖补”没有填写，按不申报这一条处理",
        "“工业设计中心认定奖励”没有填写，按不申报这一条处理",
    ]
    (blank,) = read(made.made(answers(tech=False, design=False)))
    assert (blank.status, blank.problems[0].code) == ("blank", "blank") and "一条也没有填写" in blank.problems[0].got
    assert judged(made.made({}), tmp_path) == [("tech_upgrade", "空白", Decimal(0))]


def test_words_on_a_sheet_whose_fields_are_empty_are_told_with_the_others(made: Combined) -> None:
    """A note, an answer behind the hint, a comment, an answer behind the label: the sheet counts as not applied for."""
    place = at(made, 3, "in_count")

    def note(sheet: Worksheet) -> None:
        sheet["A70"] = "设备12台，另表附"

    def hint(sheet: Worksheet) -> None:
        sheet.cell(sheet[place].row, 5).value = "12台"

    def comment(sheet: Worksheet) -> None:
        sheet[place].comment = Comment("12台", "会计")

    def label(sheet: Worksheet) -> None:
        sheet.cell(sheet[place].row, 1).value += "：12台"

    for change in (note, hint, comment, label):
        found = read(changed(made.made(answers()), lambda book, change=change: change(book[CLOUD])))  # type: ignore[misc]
        assert [one.status for one in found] == ["ok", "ok"]
        for one in found:
            (fault,) = (p for p in one.problems if "12台" in p.got)
            assert (fault.severity, fault.sheet) == ("warning", CLOUD)


def test_begun_and_not_finished_goes_back(made: Combined) -> None:
    values = answers(**{"prj_name@3": "上平台"})
    tech, design, cloud = read(made.made(values))
    assert (tech.status, design.status, cloud.status) == ("ok", "ok", "needs_correction")
    assert {p.sheet for p in cloud.problems} == {CLOUD} and {p.code for p in cloud.problems} == {"missing"}


def test_a_common_field_that_is_not_filled_in_is_asked_for_where_it_is_filled_in(made: Combined) -> None:
    values = answers()
    del values["ent_account"]
    where = made.common.plan.by_key["ent_account"].address
    for one in read(made.made(values)):
        assert one.status == "needs_correction"
        assert [(p.sheet, p.cell) for p in one.problems if p.code == "missing"] == [(COMMON_SHEET, where)]


def test_a_common_field_written_over_on_one_sheet_is_told(made: Combined) -> None:
    data = made.made(answers())
    place = at(made, 2, "ent_account")

    def over(value: Any) -> list[Returned]:
        def change(book: Workbook) -> None:
            book[DESIGN][place].value = value

        return read(changed(data, change))

    tech, design = over("35009999999999999999")
    assert tech.status == "ok" and design.status == "needs_correction"
    (fault,) = (p for p in design.problems if p.severity == "error")
    assert (fault.code, fault.sheet, fault.cell, fault.item) == ("common_overwritten", DESIGN, place, "ent_account")
    assert "35009999999999999999" in fault.got and str(FIRM["ent_account"]) in fault.got
    assert design.enterprise["account"] == FIRM["ent_account"]
    for same in (FIRM["ent_account"], None):
        tech, design = over(same)
        assert design.status == "ok"
        assert [p.severity for p in design.problems if p.code == "common_overwritten"] == ["warning"]


def test_without_its_common_sheet_nothing_is_judged(made: Combined) -> None:
    whole = made.made(answers())

    def hidden(book: Workbook) -> None:
        book[COMMON_SHEET].sheet_state = "hidden"

    spoiled = [leave_out(whole, COMMON_SHEET), leave_out(whole, IDENTITY_SHEET), changed(whole, hidden)]
    for one in (form for data in spoiled for form in read(data)):
        if one.sheet == COMMON_SHEET:  # without its hidden sheet nobody knows what it was
            assert one.status == "not_a_form"
            continue
        assert one.status == "needs_correction"
        assert "common_missing" in {p.code for p in one.problems if p.severity == "error"}


def test_a_sheet_renamed_and_a_second_project_on_a_copy(made: Combined, tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        copy = book.copy_worksheet(book[TECH])
        copy[at(made, 1, "prj_name")].value = "另一个项目"
        copy[at(made, 1, "in_investment")].value = 1000
        book[DESIGN].title = "设计"

    data = changed(made.made(answers()), change)
    found = read(data)
    assert {(one.sheet, one.rule.id if one.rule else "") for one in found} == {
        (TECH, "tech_upgrade"), (f"{TECH} Copy", "tech_upgrade"), ("设计", "design_center"),
    }  # fmt: skip
    assert [p.code for one in found for p in one.problems if p.severity == "error"] == []
    # 800 × 3% and 1000 × 3%
    assert sorted(amount for _, _, amount in judged(data, tmp_path)) == [240_000, 300_000, 300_000]


def test_its_invoices_belong_to_the_provision(made: Combined) -> None:
    def change(book: Workbook) -> None:
        sheet = book[f"{TECH}发票明细"]
        sheet["C4"], sheet["E4"], sheet["F4"] = "26350000000000000001", 7_000_000, 910_000

    tech, design = read(changed(made.made(answers()), change))
    assert [v.number for v in tech.vouchers] == ["26350000000000000001"] and design.vouchers == ()
    (short,) = (p for p in tech.problems if p.code == "voucher_sum")
    assert "少 1,000,000 元（技改设备补助发票明细）" in short.got


def test_it_comes_back_from_libreoffice(made: Combined, soffice: Soffice, tmp_path: Path) -> None:
    """Filled in there: the other sheets show what is common, 自查 counts, the amounts are those of the law."""
    values = answers()
    sent = tmp_path / "发出.xlsx"
    sent.write_bytes(made.made({}))
    cells: dict[str, dict[str, Any]] = {COMMON_SHEET: {}, TECH: {}, DESIGN: {}}
    for key, value in values.items():
        name, _, number = key.partition("@")
        plan = made.forms[int(number) - 1].plan if number else made.common.plan
        shown = value if isinstance(value, str | int) else str(value)
        cells[(TECH, DESIGN)[int(number) - 1] if number else COMMON_SHEET][plan.by_key[name].address] = shown
    inbox = tmp_path / "收件"
    inbox.mkdir()
    for ending in ("xlsx", "xls", "ods"):
        soffice.open_set_save(sent, cells, inbox / f"表.{ending}", ending)
        found = read_bytes((inbox / f"表.{ending}").read_bytes(), f"表.{ending}", catalog.default())
        assert [one.status for one in found] == ["ok", "ok"], [told(one) for one in found]
        assert [[str(p) for p in one.problems if p.code != "not_declared"] for one in found] == [[], []], ending
    results = load_workbook(inbox / "表.xlsx", data_only=True)
    assert results[DESIGN][at(made, 2, "ent_bank")].value == FIRM["ent_bank"]
    assert [results[name]["C2"].value for name in (TECH, CLOUD)] == [
        "自查：必填的已填齐，没有不合", "自查：没有填写，按不申报这一条处理",
    ]  # fmt: skip


def test_two_provisions_that_differ_and_a_template_that_has_the_sheet(tmp_path: Path) -> None:
    first = plans()[0]
    with pytest.raises(InvalidInput, match="写了两次"):
        Combined([first, first], TEMPLATE)
    (path,) = write_template(tmp_path)
    path.write_bytes(leave_out(path.read_bytes(), COMMON_SHEET))
    with pytest.raises(TemplateError, match=COMMON_SHEET):
        Combined(plans(), path)


def test_in_a_bureaus_own_look(tmp_path: Path) -> None:
    (path,) = write_template(tmp_path)
    book = load_workbook(path)
    book["申请表"]["A1"] = "示例局\n{表名}"
    book["申请表"]["A26"] = "注：咨询电话 0591-00000000"
    book[COMMON_SHEET]["A1"] = "示例局{表名}"
    book.create_sheet("填表须知")["A1"] = "先填单位信息"
    book.save(path)
    found = read(Combined(plans(), path).made(answers()))
    assert [(one.status, {p.code for p in one.problems}) for one in found] == [("ok", {"not_declared"})] * 2
