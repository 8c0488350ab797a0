"""The questions of the task pane: finding, showing, computing, formulas, the form."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from xlpolicy.excel.functions.registry import BY_NAME, example_arguments
from xlpolicy.excel.server import pane
from xlpolicy.faults import InvalidInput, NotComputable, PolicyError
from xlpolicy.forms.layout import layout
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import as_date
from xlpolicy.register.folder import make

DAY = "2026-06-30"
TECH: dict[str, Any] = {"city": "fuzhou", "rule": "tech_upgrade", "on": DAY, "unit": "万元"}
RULES = [pytest.param(d, r, id=f"{d.key}:{r.id}") for d, r in catalogs.default().rules()]


def found(**asked: Any) -> list[dict[str, Any]]:
    return pane.search({"on": DAY, **asked})["found"]


def filled(value: object, reference: str = "") -> dict[str, Any]:
    return {"value": value, "reference": reference}


def test_start_names_the_cities() -> None:
    start = pane.start({})
    assert {"key": "fuzhou", "label": "福州市"} in start["cities"]
    assert "万元" in start["units"]
    assert "技术改造" in start["themes"]


def test_search_puts_names_first_and_shows_each_provision_once() -> None:
    lines = found(text="技改")
    assert lines[0]["title"] == "技改设备补助"
    assert len({(line["city"], line["id"]) for line in lines}) == len(lines)
    assert found(text="技改 贴息")[0]["title"] == "技改项目贷款贴息"
    assert found(text="没有这种东西") == []
    assert {line["city"] for line in found(city="quanzhou")} == {"quanzhou"}
    assert all("技术改造" in line["theme"] for line in found(theme="技术改造"))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("贷款利息补贴", "技改项目贷款贴息"),
        ("5G工厂", "国家级5G工厂名录奖励"),
        ("5g 工厂", "国家级5G工厂名录奖励"),
        ("设备补贴", "技改设备补助"),
        ("小巨人，配套", "新认定国家专精特新“小巨人”市级配套"),
        ("技改、贷款、利息补贴", "技改项目贷款贴息"),
        ("技术改造补贴", "技改设备补助"),
        ("小巨人奖励", "新认定国家专精特新“小巨人”市级配套"),
        ("摊位补贴", "抱团参展企业展位费补助"),
        ("泉州 标杆", "省新模式新业态标杆企业叠加奖励"),
        ("榕政办规〔2026〕5号 技改", "技改设备补助"),
        ("信创", "通过国家安全可靠测评产品奖励"),
        ("买设备补贴", "技改设备补助"),
        ("技改设备补助标准", "技改设备补助"),
        ("物流园", "省级物流示范园区奖励"),
    ],
)
def test_search_knows_what_clerks_say(text: str, title: str) -> None:
    assert title in [line["title"] for line in found(text=text)]


def test_search_shows_the_document_of_the_day() -> None:
    at = {day: next(x for x in found(text="tech_upgrade", city="fuzhou", on=day) if x["id"] == "tech_upgrade")
          for day in (DAY, "2025-06-30")}  # fmt: skip
    assert at[DAY]["document"] == "fuzhou-2026-5"
    assert at["2025-06-30"]["document"] == "fuzhou-2024-13"
    assert {line["status"] for line in at.values()} == {"施行"}


@pytest.mark.parametrize(("document", "rule"), RULES)
def test_every_provision_can_be_shown_and_asked(document: Any, rule: Any) -> None:
    asked = {"city": document.city, "rule": rule.id, "policy": document.key, "on": DAY, "unit": "万元"}
    sheet = pane.provision(asked)
    assert (sheet["document"], sheet["id"]) == (document.key, rule.id)
    assert sum(line["current"] for line in sheet["history"]) == 1
    told = pane.calculate(asked)
    assert ("error" in told) != ("amount" in told)
    assert told["formulas"]["SUBSIDY"].startswith("=SUBSIDY(")


@pytest.mark.parametrize(("document", "rule"), RULES)
def test_the_formula_gives_what_the_pane_shows(document: Any, rule: Any) -> None:
    if rule.amount is None:
        return
    values = {"money": "1234.5", "rate": "3.45", "integer": "3", "boolean": "是", "date": "2026-03-01", "text": "机械"}
    fields = {i.name: filled(values.get(i.type) or str(i.choices[0].value)) for i in rule.inputs}
    fields |= {i.name: filled(str(i.choices[0].value)) for i in rule.inputs if i.choices}
    asked = {
        "city": document.city,
        "rule": rule.id,
        "policy": document.key,
        "on": DAY,
        "unit": "万元",
        "fields": fields,
    }
    told = pane.calculate(asked)
    result = BY_NAME["SUBSIDY"].answer(*example_arguments(told["formulas"]["SUBSIDY"]))
    if "error" in told:
        assert result.code == told["error"]["code"]
    else:
        assert result == float(told["in_unit"].replace(",", ""))


def test_amount_and_its_words() -> None:
    told = pane.calculate(TECH | {"fields": {"investment": filled("800")}})
    assert (told["amount"], told["in_unit"], told["unit"]) == ("240,000.00", "24", "万元")
    assert told["upper"] == "贰拾肆万元整"
    assert told["basis"] == "榕政办规〔2026〕5号 附件3 一"
    assert told["formulas"]["SUBSIDY_WHY"] == (
        '=SUBSIDY_WHY("福州","技改设备补助",800,"单位","万元","日期","2026-06-30")'
    )


@pytest.mark.parametrize(
    ("asked", "end"),
    [
        ({"on": DAY}, ',"日期","2026-06-30")'),
        ({"on": dt.date.today().isoformat()}, ',"日期",TODAY())'),
        ({"on": DAY, "on_reference": "'表 1'!$E$2"}, ",\"日期\",'表 1'!$E$2)"),
        ({"on": dt.date.today().isoformat(), "on_reference": "E2"}, ',"日期",E2)'),
        ({"on": ""}, ',"单位","万元")'),
    ],
)
def test_a_formula_follows_the_date_of_the_claim(asked: dict[str, str], end: str) -> None:
    formula = pane.calculate({**TECH, "fields": {"investment": filled("800")}, **asked})["formulas"]["SUBSIDY"]
    assert formula.endswith(end)


def test_a_date_cell_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="不是单元格"):
        pane.calculate({**TECH, "on_reference": 'E2,WEBSERVICE("x")'})


@pytest.mark.parametrize("nothing", ["0", "0.00", 0, 0.0])
def test_a_0_in_a_formula_is_no_empty_cell(nothing: Any) -> None:
    """附件4 二1: no product is paid nothing; an empty cell, which some hosts send as 0, would be one product (50万)."""
    fields = {"count": {"value": nothing}}
    shown = pane.calculate({"city": "fuzhou", "rule": "secure_product", "on": "2026-06-30", "fields": fields})
    assert shown["amount"] == "0.00"
    assert shown["formulas"]["SUBSIDY"].startswith('=SUBSIDY("福州","通过国家安全可靠测评产品奖励","0"')


def test_references_go_into_the_formula() -> None:
    fields = {"investment": filled(800.5, "'表 1'!$B$2"), "investment_with_vat": filled(904, "C2")}
    formula = pane.calculate(TECH | {"fields": fields})["formulas"]["SUBSIDY"]
    assert formula.startswith('=SUBSIDY("福州","技改设备补助",\'表 1\'!$B$2,')
    assert ",C2," in formula


@pytest.mark.parametrize(
    "reference", ['A1")+WEBSERVICE("x', "A1:B2:C3", "=A1", "Sheet1!", "a b!A1", "A1,B1", "R1C1x", "[x.xlsx]S!A1"]
)
def test_a_reference_is_a_cell_and_nothing_else(reference: str) -> None:
    with pytest.raises(InvalidInput):
        pane.calculate(TECH | {"fields": {"investment": filled(1, reference)}})


def test_text_cannot_leave_its_quotes() -> None:
    formula = pane.calculate(TECH | {"fields": {"investment": filled('8")&WEBSERVICE("x')}})["formulas"]["SUBSIDY"]
    assert '"8"")&WEBSERVICE(""x"' in formula
    assert example_arguments(formula)[2] == '8")&WEBSERVICE("x'


@pytest.mark.parametrize(
    "data",
    [
        {"fields": 1}, {"fields": {"x": 1}}, {"fields": {"investment": {"value": [1]}}}, {"city": 5}, {"rule": "x" * 300},
        {"unit": "公斤"}, {"on": "昨天"}, {"fields": {"investment": {"value": "9" * 300}}}, {"city": "伦敦"}, {"rule": "x"},
        {"policy": "x"}, {"fields": {f"x{i}": {} for i in range(100)}},
    ],
)  # fmt: skip
def test_unreadable_questions_are_refused_in_words(data: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        pane.calculate(TECH | data)


def test_history_pins_a_document() -> None:
    sheet = pane.provision(TECH)
    older = next(line for line in sheet["history"] if not line["current"])
    assert (older["document"], older["status"]) == ("fuzhou-2024-13", "失效")
    pinned = pane.calculate(TECH | {"policy": older["document"], "fields": {"investment": filled("800")}})
    assert pinned["warnings"]
    assert pinned["formulas"]["SUBSIDY"].endswith('"文件","fuzhou-2024-13")')


def test_a_draft_is_shown_with_its_warning() -> None:
    draft = next(d for d in catalogs.default().documents.values() if d.draft)
    rule = next(r for r in draft.rules.values() if r.amount is not None)
    sheet = pane.provision({"city": draft.city, "rule": rule.id, "on": DAY, "unit": "元"})
    assert sheet["status"] == "征求意见稿"
    assert "征求意见稿" in sheet["warnings"][0]


def test_form_is_the_form_of_the_provision_filled_in() -> None:
    name, workbook = pane.form(TECH | {"fields": {"investment": filled("800")}})
    assert name == "申请表_技改设备补助.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).worksheets[0]
    catalog = catalogs.default()
    plan = layout(*catalog.find("fuzhou", "tech_upgrade", as_date(DAY))[:2], "万元")
    assert str(sheet[plan.by_key["in_investment"].address].value) == "800"


def test_in_a_working_folder_the_form_has_the_look_of_its_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path / "工作")[0]
    assert folder.form_template is not None
    book = openpyxl.load_workbook(folder.form_template)
    book["申请表"]["A1"] = "示例局{表名}"
    book.save(folder.form_template)
    monkeypatch.chdir(folder.path)
    _, workbook = pane.form(TECH | {"fields": {"investment": filled("800")}})
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).worksheets[0]
    assert sheet["A1"].value == "示例局福州市技改设备补助申请表"
    assert "800" in {str(cell.value) for row in sheet.iter_rows() for cell in row}


def test_no_form_without_an_amount() -> None:
    document, rule = next((d, r) for d, r in catalogs.default().rules() if r.amount is None)
    with pytest.raises((NotComputable, InvalidInput)):
        pane.form({"city": document.city, "rule": rule.id, "policy": document.key, "unit": "亿元"})
