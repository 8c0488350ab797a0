"""A list form: one enterprise, one provision, several loans or exhibitions, one a row; each filled row is a claim of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from formkit import told
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from soffice import Soffice
from test_version3 import FIRM

from xlpolicy.batch.fill import fill
from xlpolicy.batch.record import Record
from xlpolicy.cli import main
from xlpolicy.faults import InvalidInput
from xlpolicy.forms.form_template import write as write_template
from xlpolicy.forms.intake import Returned, read_bytes
from xlpolicy.forms.layout import IDENTITY_SHEET, layout
from xlpolicy.forms.list_form import LIST_SHEET, ListForm
from xlpolicy.forms.own_look import COMMON_SHEET
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog
from xlpolicy.sheets.multiply import leave_out
from xlpolicy.sheets.template import find
from xlpolicy.sheets.template_sheet import TemplateError

TEMPLATE = find("申请表.xlsx")
#: the rows of the table, from 1
HEAD, UNITS, HINTS, FIRST = 4, 5, 6, 7
ROWS = 6

Rows = list[Mapping[str, Any]]
#: 附件1 一: 1% a year of what was lent, no more than the interest that was paid. 600万×1%=6万; 300万×1%×181/365=14,876.71
#: (1 January to 30 June, both days counted: 31+28+31+30+31+30=181); 400万×1%=4万, but only 2万 of interest was paid.
LOANS: Rows = [
    {"prj_loan": "示例借字01号", "in_loan_balance": 600, "in_days": 365, "in_years_since_scaleup": 1},
    {
        "prj_loan": "示例借字02号", "in_loan_balance": 300, "in_years_since_scaleup": 1,
        "in_period_from": dt.date(2026, 1, 1), "in_period_to": dt.date(2026, 6, 30),
    },
    {
        "prj_loan": "示例借字03号", "in_loan_balance": 400, "in_days": 365, "in_years_since_scaleup": 1,
        "in_interest_paid": 2,
    },
]  # fmt: skip
LENT = ["60000.00", "14876.71", "20000.00"]
#: 附件6 一: 80% of the fee, at most 5万 each time, none below five enterprises. 5万→4万; 8万→6.4万→5万; four firms→0.
BOOTHS: Rows = [
    {"prj_object": "第1届示例展", "in_fee": 5, "in_group_size": 6},
    {"prj_object": "第2届示例展", "in_fee": 8, "in_group_size": 5},
    {"prj_object": "第3届示例展", "in_fee": 8, "in_group_size": 4},
]
#: 附件3 五: 20% of the investment, at most 100万 a platform. 300万→60万; 800万→160万→100万.
PLATFORMS: Rows = [
    {"prj_object": "示例平台甲", "in_investment": 300},
    {"prj_object": "示例平台乙", "in_investment": 800},
]
#: 附件3 一: 3% from 500万 on with tax. 800万→24万; 1200万→36万; 400万 (452万 with 13% of tax)→0.
PROJECTS: Rows = [
    {"prj_name": "示例产线一", "in_investment": 800},
    {"prj_name": "示例产线二", "in_investment": 1200},
    {"prj_name": "示例产线三", "in_investment": 400},
]


def form(rule: str = "scaleup_loan_interest", rows: int = ROWS, template: Path = TEMPLATE) -> ListForm:
    document = catalog.default().documents["fuzhou-2026-5"]
    return ListForm(layout(document, document.rules[rule]), rows, template)


@pytest.fixture(scope="module")
def loans() -> ListForm:
    return form()


def answers(made: ListForm, rows: Rows, **more: Any) -> dict[str, Any]:
    """What an enterprise with nothing special fills in, and its rows."""
    plan = made.table.plan
    plain = {**plainly(plan), **FIRM}
    table = plan.look.table.keys if plan.look and plan.look.table else frozenset()
    once = {key: value for key, value in plain.items() if key not in table}
    for number, row in enumerate(rows, 1):
        own = {key: value for key, value in plain.items() if key in table} | row
        once |= {f"{key}@{number}": value for key, value in own.items()}
    return {**once, **more}


def read(data: bytes, name: str = "表.xlsx") -> list[Returned]:
    return read_bytes(data, name, catalog.default())


def records(data: bytes, folder: Path, name: str = "表.xlsx") -> tuple[Record, ...]:
    inbox = folder / "收件"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / name).write_bytes(data)
    return fill(inbox, folder / "结果", progress=False).records


def judged(found: tuple[Record, ...]) -> list[tuple[int, str, str]]:
    return [(record.line, record.place, f"{record.amount:.2f}") for record in found]


def at(made: ListForm, key: str, number: int = 1) -> str:
    """The cell of a column in a row of the table."""
    field = made.table.plan.by_key[key]
    assert field.address.endswith(str(field.row + 1))
    return f"{field.address.rstrip('0123456789')}{field.row + number}"


def changed(made: ListForm, change: Callable[[Worksheet], None], rows: Rows = LOANS, **more: Any) -> bytes:
    """As a person leaves it who edits it in a spreadsheet program that keeps results."""
    data = made.made(answers(made, rows, **more))
    results = load_workbook(BytesIO(data), data_only=True)
    book = load_workbook(BytesIO(data))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if str(cell.value).startswith("=") and not str(cell.value).startswith(f"=IF('{COMMON_SHEET}'"):
                    cell.value = results[sheet.title][cell.coordinate].value
    change(book[LIST_SHEET])
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("rule", "rows", "amounts"),
    [
        ("scaleup_loan_interest", LOANS, LENT),
        ("exhibition_booth", BOOTHS, ["40000.00", "50000.00", "0.00"]),
        ("platform_build", PLATFORMS, ["600000.00", "1000000.00"]),
        ("tech_upgrade", PROJECTS, ["240000.00", "360000.00", "0.00"]),
    ],
)
def test_each_row_is_a_claim_that_comes_to_what_its_estimate_says(
    rule: str, rows: Rows, amounts: list[str], tmp_path: Path
) -> None:
    made = form(rule)
    data = made.made(answers(made, rows))
    found = read(data)
    assert [one.status for one in found] == ["ok"] * len(rows), [told(one) for one in found]
    assert [told(one) for one in found] == [[]] * len(rows)
    assert [one.line for one in found] == [*range(FIRST, FIRST + len(rows))]
    assert judged(records(data, tmp_path)) == [(FIRST + n, "已核定", amount) for n, amount in enumerate(amounts)]
    sheet = load_workbook(BytesIO(data), data_only=True)[LIST_SHEET]
    plan = made.table.plan
    assert plan.look is not None and plan.look.estimate is not None
    column = plan.look.estimate[0].rstrip("0123456789")
    shown = [sheet[f"{column}{FIRST + n}"].value for n in range(ROWS)]
    assert [f"{value:.2f}" if isinstance(value, int | float) else value for value in shown] == [
        *amounts, *[None] * (ROWS - len(rows))
    ]  # fmt: skip
    assert Decimal(str(sheet[f"{column}{FIRST + ROWS}"].value)) == sum(map(Decimal, amounts))


def test_what_the_enterprise_says_once_is_every_claims(loans: ListForm) -> None:
    first, second, third = read(loans.made(answers(loans, LOANS)))
    for one in (first, second, third):
        assert one.enterprise == {
            key.removeprefix("ent_"): value for key, value in FIRM.items() if key.startswith("ent_")
        }
        assert one.project["applied_on"] == plainly(loans.table.plan)["prj_applied_on"]
        assert set(one.attachments.values()) == {True}
        assert one.cells["ent_account"].startswith(f"{COMMON_SHEET}!")
    assert [one.project["loan"] for one in (first, second, third)] == [row["prj_loan"] for row in LOANS]
    assert second.cells["in_loan_balance"] == f"{LIST_SHEET}!{at(loans, 'in_loan_balance', 2)}"
    assert third.inputs["interest_paid"] == Decimal(20_000) and "interest_paid" not in second.inputs


def test_a_list_of_another_title_comes_back(loans: ListForm) -> None:
    found = read(changed(loans, lambda sheet: put(sheet, "A1", "福州市技改贷款贴息申报明细")))
    assert {one.status for one in found} == {"needs_correction"}
    assert all(("error", "title_changed", "A1") in told(one) for one in found)


def test_a_blank_table_is_no_claim_and_blank_rows_between_are_none(loans: ListForm) -> None:
    (blank,) = read(loans.made(answers(loans, [])))
    assert (blank.status, told(blank)) == ("blank", [("error", "blank", "")])
    assert "一笔也没有填写" in blank.problems[0].got
    apart = loans.made(
        {
            **answers(loans, [LOANS[0]]),
            **{f"{k.removesuffix('@1')}@5": v for k, v in answers(loans, [LOANS[2]]).items() if k.endswith("@1")},
        }
    )
    assert [(one.status, one.line) for one in read(apart)] == [("ok", FIRST), ("ok", FIRST + 4)]
    dashes = changed(
        loans, lambda sheet: [put(sheet, at(loans, key, 5), "—") for key in ("prj_loan", "in_days", "prj_name")]
    )
    assert [one.line for one in read(dashes)] == [FIRST, FIRST + 1, FIRST + 2]


def put(sheet: Worksheet, place: str, value: Any) -> None:
    sheet[place].value = value


def test_a_half_filled_row_goes_back_at_its_cells_and_the_others_are_judged(loans: ListForm, tmp_path: Path) -> None:
    data = changed(loans, lambda sheet: put(sheet, at(loans, "prj_loan", 5), "示例借字05号"))
    *whole, half = records(data, tmp_path)
    assert [one.place for one in whole] == ["已核定"] * 3 and (half.place, half.line) == ("退回补正", FIRST + 4)
    wanted = ("prj_name", "in_loan_balance", "in_days", "in_years_since_scaleup", "in_other_interest_subsidy", "in_supply_chain_loan", "prj_fact_on")  # fmt: skip
    assert {f.where for f in half.problems} == {f"{LIST_SHEET}!{at(loans, key, 5)}" for key in wanted}
    assert {f.code for f in half.problems} == {"missing"}
    assert half.source == f"表.xlsx › {LIST_SHEET} 第{FIRST + 4}行"


Change = Callable[[ListForm, Worksheet], None]


def _set(key: str, value: Any, number: int = 2) -> Change:
    return lambda made, sheet: put(sheet, at(made, key, number), value)


def _strike(made: ListForm, sheet: Worksheet) -> None:
    cell = sheet[at(made, "in_loan_balance", 2)]
    cell.font = Font(name=cell.font.name, strike=True)


def _hide_row(made: ListForm, sheet: Worksheet) -> None:
    sheet.row_dimensions[FIRST + 1].hidden = True


def _merge_down(key: str) -> Change:
    def change(made: ListForm, sheet: Worksheet) -> None:
        put(sheet, at(made, key, 2), None)
        sheet.merge_cells(f"{at(made, key, 1)}:{at(made, key, 2)}")

    return change


def _white(made: ListForm, sheet: Worksheet) -> None:
    cell = sheet[at(made, "in_loan_balance", 2)]
    cell.font = Font(name=cell.font.name, color="FFFFFFFF")


@pytest.mark.parametrize(
    ("change", "key", "code"),
    [
        (_set("in_loan_balance", "约300万"), "in_loan_balance", "approximate"),
        (_set("in_loan_balance", "300+50"), "in_loan_balance", "not_an_amount"),
        (_set("in_loan_balance", "=1000-700"), "in_loan_balance", "formula_unsaved"),
        (_set("prj_loan", "同上"), "prj_loan", "not_stated"),
        (_set("prj_loan", "〃"), "prj_loan", "not_stated"),
        (_strike, "in_loan_balance", "strike"),
        (_white, "in_loan_balance", "white_text"),
        (_hide_row, "in_loan_balance", "hidden_cell"),
        (_merge_down("prj_name"), "prj_name", "covered_cell"),
    ],
)
def test_what_a_person_would_not_read_so_sends_its_row_back_alone(
    loans: ListForm, change: Change, key: str, code: str
) -> None:
    rows = [{**LOANS[0], "in_interest_paid": 7}, *LOANS[1:]]
    found = read(changed(loans, lambda sheet: change(loans, sheet), rows))
    assert [one.status for one in found] == ["ok", "needs_correction", "ok"], [told(one) for one in found]
    assert ("error", code, at(loans, key, 2)) in told(found[1])
    assert [told(found[0]), told(found[2])] == [[], []]


def test_an_amount_joined_with_the_next_row_is_asked_about_there_too(loans: ListForm) -> None:
    """7 over two rows: of the first loan, or of both."""
    rows = [{**LOANS[0], "in_interest_paid": 7}, *LOANS[1:]]
    key = "in_interest_paid"
    found = read(changed(loans, lambda sheet: _merge_down(key)(loans, sheet), rows))
    assert [told(one) for one in found] == [
        [("warning", "covered_cell", at(loans, key, 1))], [("error", "covered_cell", at(loans, key, 2))], [],
    ]  # fmt: skip


def test_a_hidden_or_changed_column_concerns_every_row(loans: ListForm) -> None:
    column = at(loans, "in_loan_balance").rstrip("0123456789")

    def hide(sheet: Worksheet) -> None:
        sheet.column_dimensions[column].hidden = True

    for one in read(changed(loans, hide)):
        assert ("error", "hidden_cell", f"{column}{one.line}") in told(one)
    for one in read(changed(loans, lambda sheet: put(sheet, f"{column}{UNITS}", "元"))):
        assert ("error", "unit_changed", f"{column}{one.line}") in told(one)
    for one in read(changed(loans, lambda sheet: put(sheet, f"{column}{UNITS}", "万美元"))):
        assert one.status == "needs_correction", told(one)
    for one in read(changed(loans, lambda sheet: put(sheet, f"{column}{HEAD}", "贷款合同总额"))):
        assert ("error", "label_changed", f"{column}{HEAD}") in told(one)
    for one in read(changed(loans, lambda sheet: put(sheet, "A1", "福州市企业技术中心认定奖励申请表"))):
        assert "title_changed" in {p.code for p in one.problems}
    last = at(loans, "prj_fact_on").rstrip("0123456789")
    for one in read(changed(loans, lambda sheet: put(sheet, f"{last}{HINTS}", "金额单位：元"))):
        assert one.status == "needs_correction"


def test_columns_that_were_moved_are_read_by_their_labels(loans: ListForm, tmp_path: Path) -> None:
    def swap(sheet: Worksheet) -> None:
        one, other = (at(loans, key).rstrip("0123456789") for key in ("in_loan_balance", "in_interest_paid"))
        for row in range(HEAD, FIRST + ROWS):
            sheet[f"{one}{row}"].value, sheet[f"{other}{row}"].value = (
                sheet[f"{other}{row}"].value,
                sheet[f"{one}{row}"].value,
            )

    assert [r.amount for r in records(changed(loans, swap), tmp_path)] == [*map(Decimal, LENT)]


def test_rows_moved_and_below_the_total_are_claims(loans: ListForm, tmp_path: Path) -> None:
    def move(sheet: Worksheet) -> None:
        for column in range(2, loans.table.width - 2):  # the second loan now stands below the declaration
            sheet.cell(FIRST + ROWS + 12, column, sheet.cell(FIRST + 1, column).value)
            sheet.cell(FIRST + 1, column).value = None

    assert judged(records(changed(loans, move), tmp_path)) == [
        (FIRST, "已核定", LENT[0]), (FIRST + 2, "已核定", LENT[2]), (FIRST + ROWS + 12, "已核定", LENT[1]),
    ]  # fmt: skip


def test_a_row_of_sums_is_no_claim_and_is_told(loans: ListForm, tmp_path: Path) -> None:
    def total(sheet: Worksheet) -> None:
        put(sheet, at(loans, "prj_loan", 4), "合计")
        put(sheet, at(loans, "in_loan_balance", 4), 1300)

    found = records(changed(loans, total), tmp_path)
    assert judged(found) == [(FIRST + n, "已核定", amount) for n, amount in enumerate(LENT)]
    assert all(any("第 10 行是合计，没有当作一笔" in hint for hint in record.hints) for record in found)


def test_a_row_of_sums_that_does_not_say_so_is_asked_about(loans: ListForm, tmp_path: Path) -> None:
    """600, 300, 400 and 1300 of the three together, which is 10万 (1300万×1%=13万, at most 10万 a year)."""
    data = loans.made(answers(loans, [*LOANS, {**LOANS[0], "prj_loan": "以上三笔", "in_loan_balance": 1300}]))
    found = records(data, tmp_path)
    assert judged(found) == [(FIRST + n, "已核定", amount) for n, amount in enumerate([*LENT, "100000.00"])]
    assert [any("正好是上面 3 行之和" in hint for hint in r.hints) for r in found] == [False, False, False, True]


def test_a_total_of_ones_own_above_the_printed_one_and_a_row_taken_back(loans: ListForm) -> None:
    def total(sheet: Worksheet) -> None:
        put(sheet, "A10", "合计")
        put(sheet, at(loans, "in_loan_balance", 4), 1300)
        put(sheet, "A8", "作废")

    first, second, third = read(changed(loans, total))
    sums = at(loans, "in_loan_balance", 4)
    assert told(first) == told(third) == [("warning", "total_row", sums)]
    assert told(second) == [("warning", "total_row", sums), ("error", "outside", "A8")]


def test_words_in_a_row_that_is_no_claim_are_told(loans: ListForm, tmp_path: Path) -> None:
    """Under 序号, where nobody fills in anything, and under 自查; a total of one's own is told as a total alone."""
    number, check = f"A{FIRST + 3}", f"{get_column_letter(loans.table.width)}{FIRST + 4}"

    def note(sheet: Worksheet) -> None:
        put(sheet, number, "以上三笔不申报")
        put(sheet, check, "另有两笔未列")

    for record in records(changed(loans, note), tmp_path):
        assert record.place == "已核定"
        told = [hint for hint in record.hints if "表外写有" in hint]
        assert ["以上三笔不申报" in hint and number in hint for hint in told] == [True, False]
        assert ["另有两笔未列" in hint and check in hint for hint in told] == [False, True]


def test_an_estimate_written_over_is_told_at_its_cell(loans: ListForm, tmp_path: Path) -> None:
    place = f"{get_column_letter(loans.table.width - 2)}{FIRST + 1}"
    found = records(changed(loans, lambda sheet: put(sheet, place, 99_999)), tmp_path)
    assert [any("显示 9.9999 万元" in hint and place in hint for hint in record.hints) for record in found] == [
        False, True, False,
    ]  # fmt: skip


def test_amounts_in_yuan_and_a_copy_of_the_table(tmp_path: Path) -> None:
    """50,000 × 80% = 40,000 and 80,000 × 80% = 64,000, at most 50,000; the copy holds one exhibition more."""
    document = catalog.default().documents["fuzhou-2026-5"]
    made = ListForm(layout(document, document.rules["exhibition_booth"], "元"), ROWS, TEMPLATE)
    rows = [{**row, "in_fee": int(row["in_fee"]) * 10_000} for row in BOOTHS[:2]]
    book = load_workbook(BytesIO(made.made(answers(made, rows))))
    copy = book.copy_worksheet(book[LIST_SHEET])
    copy[at(made, "prj_object", 1)].value = "第4届示例展"
    copy[at(made, "prj_object", 2)].value = copy[at(made, "in_fee", 2)].value = None
    for column in range(3, made.table.width - 2):
        copy.cell(FIRST + 1, column).value = None
    found = read(saved(book))
    assert [(one.sheet, one.line, one.project["object"]) for one in found] == [
        (LIST_SHEET, FIRST, "第1届示例展"), (LIST_SHEET, FIRST + 1, "第2届示例展"), (f"{LIST_SHEET} Copy", FIRST, "第4届示例展"),
    ]  # fmt: skip
    assert [one.inputs["fee"] for one in found] == [50_000, 80_000, 50_000]


@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_what_is_struck_hidden_or_joined_is_seen_in_other_formats(
    loans: ListForm, soffice: Soffice, tmp_path: Path, ending: str
) -> None:
    def spoil(sheet: Worksheet) -> None:
        cell = sheet[at(loans, "in_loan_balance", 1)]
        cell.font = Font(name=cell.font.name, strike=True)
        sheet.row_dimensions[FIRST + 1].hidden = True
        put(sheet, at(loans, "prj_name", 4), None)
        sheet.merge_cells(f"{at(loans, 'prj_name', 3)}:{at(loans, 'prj_name', 4)}")

    path = tmp_path / "表.xlsx"
    path.write_bytes(changed(loans, spoil, [*LOANS, {**LOANS[0], "prj_loan": "示例借字04号"}]))
    with soffice.open(path) as book:
        saved_as = book.save(tmp_path / f"表.{ending}", ending)
    first, second, third, fourth = read(saved_as.read_bytes(), saved_as.name)
    assert ("error", "strike", at(loans, "in_loan_balance", 1)) in told(first)
    assert ("error", "hidden_cell", at(loans, "in_loan_balance", 2)) in told(second)
    assert third.status == "ok"
    assert ("error", "covered_cell", at(loans, "prj_name", 4)) in told(fourth)


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["form", "福州", "抱团参展企业展位费补助", "--on", "2026-06-30"]
    path = tmp_path / "展位明细.xlsx"
    assert main([*words, "--rows", "20", "-o", str(path)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"已生成明细表：{path}\n先填“单位信息”，再在“申报明细”里一笔填一行（20 行）")
    assert load_workbook(path)[LIST_SHEET]["A26"].value == 20
    for more, wrong in (
        (["--rows", "201"], "201 行"),
        (["--rows", "0"], "0 行"),
        (["--rows", "5", "--bureau"], "名单"),
    ):
        assert main([*words, *more, "-o", str(tmp_path / "又.xlsx")]) == 2
        assert wrong in capsys.readouterr().err
    assert main([*words[:2], "技改设备补助", *words[2:], "--rows", "5", "-o", str(tmp_path / "又.xlsx")]) == 2
    assert "一次只写一个条款" in capsys.readouterr().err


def test_what_is_written_beside_a_row_is_told_with_it(loans: ListForm) -> None:
    width = loans.table.width

    def note(sheet: Worksheet) -> None:
        sheet.cell(FIRST + 1, width + 1, "已提前还款")
        sheet[at(loans, "in_days", 3)].comment = Comment("按 360 天？", "会计")

    first, second, third = read(changed(loans, note))
    assert told(first) == []
    assert [(p.code, p.cell) for p in second.problems] == [("outside", f"{get_column_letter(width + 1)}{FIRST + 1}")]
    assert [(p.code, p.cell) for p in third.problems] == [("comment", at(loans, "in_days", 3))]


def test_the_same_loan_twice_is_found_in_one_form_and_between_two(loans: ListForm, tmp_path: Path) -> None:
    twice = loans.made(answers(loans, [LOANS[0], LOANS[1], LOANS[0]]))
    assert judged(records(twice, tmp_path / "一")) == [
        (FIRST, "已核定", LENT[0]), (FIRST + 1, "已核定", LENT[1]), (FIRST + 2, "重复", "0.00"),
    ]  # fmt: skip
    other = loans.made(answers(loans, [{**LOANS[0], "in_loan_balance": 500}, LOANS[2]]))
    records(loans.made(answers(loans, LOANS[:2])), tmp_path / "二", "甲.xlsx")
    found = records(other, tmp_path / "二", "乙.xlsx")
    assert sorted((r.file, r.line, r.place) for r in found) == [
        ("乙.xlsx", FIRST, "退回补正"), ("乙.xlsx", FIRST + 1, "已核定"),
        ("甲.xlsx", FIRST, "退回补正"), ("甲.xlsx", FIRST + 1, "已核定"),
    ]  # fmt: skip


def test_a_paper_that_is_not_enclosed_concerns_every_row(loans: ListForm) -> None:
    for one in read(loans.made(answers(loans, LOANS, att_p1="否"))):
        assert one.status == "needs_correction"
        assert [(p.code, p.item) for p in one.problems] == [("attachment_missing", "att_p1")]


def test_without_the_common_sheet_or_its_hidden_one_nothing_is_judged(loans: ListForm) -> None:
    whole = loans.made(answers(loans, LOANS))
    for gone in (COMMON_SHEET, IDENTITY_SHEET, f"{IDENTITY_SHEET}1"):
        assert {one.status for one in read(leave_out(whole, gone))} <= {"needs_correction", "not_a_form"}
    table = next(one for one in read(leave_out(whole, f"{IDENTITY_SHEET}1")) if one.sheet == LIST_SHEET)
    assert (table.status, told(table)) == ("needs_correction", [("error", "identity_changed", "")])
    assert "是明细表" in table.problems[0].got


def test_it_watches_over_every_column_and_prints_on_one_page_across(loans: ListForm) -> None:
    book = load_workbook(BytesIO(loans.made({})))
    sheet = book[LIST_SHEET]
    assert (
        sheet.page_setup.orientation,
        sheet.page_setup.fitToHeight,
        sheet.sheet_properties.pageSetUpPr.fitToPage,
    ) == ("landscape", 0, True)
    assert sheet.print_title_rows == f"${HEAD}:${HINTS}" and sheet.protection.sheet
    checks = {str(check.sqref): check for check in sheet.data_validations.dataValidation}
    for key in ("in_loan_balance", "in_days", "in_loan_rate", "in_period_from", "in_supply_chain_loan"):
        area = f"{at(loans, key)}:{at(loans, key, ROWS)}"
        assert area in checks and checks[area].prompt, key
        assert not sheet[at(loans, key, ROWS)].protection.locked
    assert sheet["A7"].protection.locked and sheet["A1"].protection.locked
    said = load_workbook(BytesIO(loans.made(answers(loans, LOANS))), data_only=True)
    assert said[LIST_SHEET]["G2"].value == "自查：已填 3 笔，必填的已填齐，没有不合"
    begun = answers(loans, LOANS)
    del begun["in_days@1"], begun["att_p1"]
    said = load_workbook(BytesIO(loans.made(begun)), data_only=True)
    assert said[LIST_SHEET]["G2"].value == "自查：已填 3 笔，还有 2 处未填或不合"


def test_it_comes_back_from_libreoffice(loans: ListForm, soffice: Soffice, tmp_path: Path) -> None:
    """Filled in there: the estimates are those of the law, 自查 counts, and every format is read alike."""
    sent = tmp_path / "发出.xlsx"
    sent.write_bytes(loans.made({}))
    cells: dict[str, dict[str, Any]] = {COMMON_SHEET: {}, LIST_SHEET: {}}
    for key, value in answers(loans, LOANS).items():
        name, _, number = key.partition("@")
        if number:
            cells[LIST_SHEET][at(loans, name, int(number))] = value
        elif name in loans.common.plan.by_key:
            cells[COMMON_SHEET][loans.common.plan.by_key[name].address] = value
        elif name in loans.table.plan.by_key:
            cells[LIST_SHEET][loans.table.plan.by_key[name].address] = value
    for ending in ("xlsx", "xls", "ods"):
        path = tmp_path / f"表.{ending}"
        soffice.open_set_save(sent, cells, path, ending)
        found = read(path.read_bytes(), path.name)
        assert [one.status for one in found] == ["ok"] * 3, [told(one) for one in found]
        assert [told(one) for one in found] == [[]] * 3, ending
        assert [f"{one.estimate[1]:.2f}" for one in found if one.estimate] == LENT
    assert (
        load_workbook(tmp_path / "表.xlsx", data_only=True)[LIST_SHEET]["G2"].value
        == "自查：已填 3 笔，必填的已填齐，没有不合"
    )


def test_in_a_bureaus_own_look_and_with_as_many_rows_as_there_may_be(tmp_path: Path) -> None:
    (path,) = write_template(tmp_path)
    book = load_workbook(path)
    book["申请表"]["A1"].font = Font(name="华文中宋", sz=26)
    book[COMMON_SHEET]["A1"] = "示例局{表名}"
    book.create_sheet("填表须知")["A1"] = "先填单位信息"
    book.save(path)
    made = form(template=path)
    data = made.made(answers(made, LOANS))
    assert [told(one) for one in read(data)] == [[]] * 3
    assert load_workbook(BytesIO(data))[LIST_SHEET]["A1"].font.name == "华文中宋"
    with pytest.raises(InvalidInput, match="0 行"):
        form(rows=0)
    path.write_bytes(leave_out(path.read_bytes(), COMMON_SHEET))
    with pytest.raises(TemplateError, match=COMMON_SHEET):
        form(template=path)


def test_the_results_beside_its_formulas_are_those_of_libreoffice(
    loans: ListForm, soffice: Soffice, tmp_path: Path
) -> None:
    """Of three loans, one that is not finished, one of the fifth year after which nothing is paid, and blank rows."""
    path = tmp_path / "表.xlsx"
    rows = [*LOANS, {**LOANS[0], "in_days": "一年"}, {**LOANS[0], "in_years_since_scaleup": 5}]
    path.write_bytes(loans.made(answers(loans, rows, att_p1="")))
    areas = {LIST_SHEET: f"A2:{get_column_letter(loans.table.width)}{FIRST + ROWS}", COMMON_SHEET: "A1:F14"}
    computed = soffice.recalculate(path, areas)
    shown, formulas = load_workbook(path, data_only=True), load_workbook(path)
    compared = 0
    for sheet, cells in computed.items():
        for place, value in cells.items():
            if str(formulas[sheet][place].value).startswith("="):
                said = shown[sheet][place].value
                both = [f"{one:.6f}" if isinstance(one, int | float) else one or "" for one in (value, said)]
                assert both[0] == both[1], (sheet, place)
                compared += 1
    # estimate, reason, 自查 of each row; the total, two lines 自查, how the table stands, three cells that are shown only
    assert compared == 3 * ROWS + 7
    assert shown[LIST_SHEET]["G2"].value == "自查：已填 5 笔，还有 2 处未填或不合"


def test_a_row_inserted_in_libreoffice(loans: ListForm, soffice: Soffice, tmp_path: Path) -> None:
    """The rows below go down with their formulas; what is filled in there is a claim, though nothing watches over it."""
    sent = tmp_path / "发出.xlsx"
    sent.write_bytes(loans.made(answers(loans, LOANS)))
    for ending in ("xlsx", "ods"):
        with soffice.open(sent) as book:
            book.insert_row(LIST_SHEET, FIRST + 1)
            own = {
                key.removesuffix("@1"): value for key, value in answers(loans, [LOANS[0]]).items() if key.endswith("@1")
            }
            own |= {"prj_loan": "示例借字04号", "in_loan_balance": 100}
            book.set(LIST_SHEET, {at(loans, key, 2): value for key, value in own.items()})
            path = book.save(tmp_path / f"插入.{ending}", ending)
        found = read(path.read_bytes(), path.name)
        assert [(one.line, one.project["loan"], told(one)) for one in found] == [
            (FIRST + n, f"示例借字{name}号", []) for n, name in enumerate(("01", "04", "02", "03"))
        ]  # fmt: skip
