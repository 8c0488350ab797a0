"""Forms as they come back: filled, blank, spoiled, moved about, copied together."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from formkit import HONEST, at, edited, filled, one, plan, read, repack, told
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy import assess
from xlpolicy.forms.layout import FORM_SHEET, IDENTITY_SHEET, VOUCHER_SHEET
from xlpolicy.law import catalog

MONEY = Decimal("8000000")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "表.xlsx"


def test_an_honest_form(path: Path) -> None:
    returned = one(filled(path, in_bond_supported="否", prj_start=dt.date(2026, 1, 5), att_contract="是"))
    assert returned.status == "ok"
    assert returned.problems == ()
    assert (returned.file, returned.member, returned.sheet, returned.unit) == ("表.xlsx", "", FORM_SHEET, "万元")
    assert returned.document is not None
    assert returned.rule is not None
    assert (returned.document.key, returned.rule.id) == ("fuzhou-2026-5", "tech_upgrade")
    assert returned.enterprise == {k.removeprefix("ent_"): v for k, v in HONEST.items() if k.startswith("ent_")}
    assert returned.project == {"name": "智能产线技改", "start": dt.date(2026, 1, 5)}
    assert returned.inputs == {"investment": MONEY, "bond_supported": False}
    assert returned.attachments == {"contract": True}
    assert returned.cells["in_investment"] == "申请表!C16"
    decision = assess("福州", "tech_upgrade", returned.inputs, on="2026-06-30")
    assert decision.amount == Decimal("240000.00")


def test_a_form_in_yuan(path: Path) -> None:
    returned = one(filled(path, unit="元", in_investment=8_000_000))
    assert (returned.status, returned.unit, returned.inputs) == ("ok", "元", {"investment": MONEY})


def test_a_blank_form(path: Path) -> None:
    returned = one(filled(path, **dict.fromkeys(HONEST)))
    assert returned.status == "blank"
    assert told(returned) == [("error", "blank", "")]


def test_a_form_of_spaces_and_dashes_is_blank(path: Path) -> None:
    returned = one(filled(path, **{**dict.fromkeys(HONEST), "ent_name": "  ", "in_investment": "—"}))
    assert returned.status == "blank"


def test_everything_missing_is_told_at_once_and_where(path: Path) -> None:
    returned = one(filled(path, ent_uscc=None, ent_bank=None, in_investment=None))
    assert returned.status == "needs_correction"
    assert told(returned) == [
        ("error", "missing", at("ent_uscc")), ("error", "missing", at("ent_bank")), ("error", "missing", at("in_investment"))
    ]  # fmt: skip
    first, last = returned.problems[0], returned.problems[-1]
    assert (first.item, first.sheet, first.got, first.remedy) == (
        "ent_uscc", FORM_SHEET, "没有填", "补填“统一社会信用代码”",
    )  # fmt: skip
    assert last.expected == "数字，单位万元"


def test_wrong_values_and_missing_ones_together(path: Path) -> None:
    returned = one(
        filled(path, ent_phone=None, in_investment="约300", in_bond_supported="不知道", prj_end="2026-13-01")
    )
    assert told(returned) == [
        ("error", "not_a_date", at("prj_end")),
        ("error", "approximate", at("in_investment")),
        ("error", "invalid_value", at("in_bond_supported")),
        ("error", "missing", at("ent_phone")),
    ]
    assert returned.inputs == {}
    assert returned.enterprise["name"] == HONEST["ent_name"]


def test_nothing_stated_for_an_optional_input(path: Path) -> None:
    assert one(filled(path, in_paid_before="无")).inputs == {"investment": MONEY}


def test_a_required_input_stated_as_nothing(path: Path) -> None:
    (problem,) = one(filled(path, in_investment="无")).problems
    assert (problem.code, problem.got) == ("missing", "填的是“无”")


def test_reminders_do_not_send_a_form_back(path: Path) -> None:
    returned = one(filled(path, ent_uscc="91350100M000100Y44", ent_account_name="福州别家公司"))
    assert returned.status == "ok"
    assert told(returned) == [("warning", "uscc", at("ent_uscc")), ("warning", "account_name", at("ent_account_name"))]


def test_brackets_of_either_width_are_the_same_holder(path: Path) -> None:
    returned = one(filled(path, ent_name="福州（示例）公司", ent_account_name="福州(示例)公司"))
    assert returned.problems == ()
    assert returned.enterprise["name"] == "福州（示例）公司"
    assert returned.enterprise["account_name"] == "福州(示例)公司"


def test_dates_in_the_wrong_order(path: Path) -> None:
    returned = one(filled(path, prj_start=dt.date(2026, 6, 1), prj_end=dt.date(2026, 5, 31)))
    assert told(returned) == [("error", "dates_reversed", at("prj_end"))]


def test_an_input_that_the_case_requires(path: Path) -> None:
    which = {"rule": "ai_first_product", "policy": "putian-draft"}
    items = [i for i in plan(**which).rule.inputs if i.required_when is not None]
    (item,) = items
    primary = plan(**which).rule.inputs[0]
    cells = {f"in_{primary.name}": 100, "in_investment": None}
    lease = next(f for f in plan(**which).fields if f.label == "取得方式")
    bought = one(filled(path, **which, **cells, **{lease.key: lease.choices[0]}))
    assert bought.status == "ok"
    leased = one(filled(path, **which, **cells, **{lease.key: lease.choices[1]}))
    assert told(leased) == [("error", "missing", at(f"in_{item.name}", **which))]


# --- what people do to a sheet ---


def insert_row(book: Workbook, sheet: Worksheet) -> None:
    """As Excel does it: cells and merges move down, names too."""
    for area in list(sheet.merged_cells.ranges):
        if area.min_row >= 12:
            area.shift(row_shift=1)
    sheet.insert_rows(12)
    for name in book.defined_names.values():
        where, _, row = name.attr_text.rpartition("$")
        if row.isdigit() and FORM_SHEET in where and int(row) >= 12:
            name.attr_text = f"{where}${int(row) + 1}"


def insert_row_without_names(book: Workbook, sheet: Worksheet) -> None:
    for area in list(sheet.merged_cells.ranges):
        if area.min_row >= 12:
            area.shift(row_shift=1)
    sheet.insert_rows(12)


def test_a_row_inserted_above_an_input(path: Path) -> None:
    for change in (insert_row, insert_row_without_names):
        returned = one(edited(path, change))
        assert (returned.status, returned.inputs) == ("ok", {"investment": MONEY})
        assert returned.cells["in_investment"] == "申请表!C17"
        assert returned.cells["ent_name"] == "申请表!B5"


def test_a_missing_value_is_placed_where_it_belongs_now(path: Path) -> None:
    returned = one(edited(path, insert_row, in_investment=None))
    assert told(returned) == [("error", "missing", "C17")]


def test_a_column_inserted(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        for area in list(sheet.merged_cells.ranges):
            area.shift(col_shift=1)
        sheet.insert_cols(1)

    returned = one(edited(path, change))
    assert (returned.status, returned.inputs) == ("ok", {"investment": MONEY})
    assert returned.cells["in_investment"] == "申请表!D16"


def test_labels_with_spaces_and_line_breaks(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["A5"] = "单 位\n名 称："
        sheet["D5"] = "＊ 统一社会\n信用代码"
        sheet["A16"] = "年度技改设备(含软件)\n实际投资额（不含增值税）"

    returned = one(edited(path, change))
    assert (returned.status, returned.inputs) == ("ok", {"investment": MONEY})
    assert returned.enterprise["uscc"] == HONEST["ent_uscc"]


def test_merged_and_split_cells(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet.unmerge_cells("B5:C5")
        sheet.unmerge_cells("A16:B16")
        sheet["B5"], sheet["C5"] = None, "福州示例机械有限公司"

    returned = one(edited(path, change))
    assert (returned.status, returned.enterprise["name"]) == ("ok", "福州示例机械有限公司")
    assert returned.cells["ent_name"] == "申请表!C5"


def test_a_renamed_sheet(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet.title = "我司申报'2026"

    returned = one(edited(path, change))
    assert (returned.status, returned.sheet, returned.inputs) == ("ok", "我司申报'2026", {"investment": MONEY})
    assert returned.cells["in_investment"] == "我司申报'2026!C16"


def test_a_label_gone_is_found_by_the_defined_name(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["A16"] = None

    returned = one(edited(path, change))
    assert (returned.status, returned.inputs) == ("ok", {"investment": MONEY})


def test_label_and_name_gone_is_told(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["A16"] = None
        del book.defined_names["in_investment"]

    returned = one(edited(path, change))
    assert told(returned) == [("error", "label_missing", "C16")]
    assert returned.inputs == {}


def test_a_value_dragged_away_is_found_by_the_defined_name(path: Path) -> None:
    """Excel's name follows a cell that is cut and pasted."""

    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["C16"], sheet["H40"] = None, 800
        book.defined_names["in_investment"].attr_text = "'申请表'!$H$40"

    returned = one(edited(path, change))
    assert returned.inputs == {"investment": MONEY}
    assert returned.cells["in_investment"] == "申请表!H40"


def test_a_value_dragged_onto_another_field_is_not_taken_from_there(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["C16"], sheet["C19"] = None, 800
        book.defined_names["in_investment"].attr_text = "'申请表'!$C$19"

    returned = one(edited(path, change))
    assert returned.inputs == {"paid_before": MONEY}
    assert told(returned) == [("error", "missing", "C16")]


def test_two_values_in_a_row_are_not_chosen_between(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet.unmerge_cells("B5:C5")
        sheet["C5"] = "另一家公司"

    returned = one(edited(path, change))
    assert told(returned)[0] == ("error", "several_values", "B5")


def test_a_note_in_place_of_the_hint_is_shown(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["E16"] = "预计数，以审计为准"

    returned = one(edited(path, change))
    assert (returned.status, told(returned)) == ("ok", [("warning", "outside", "E16")])


def test_a_note_beside_the_form_is_shown(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["H16"] = "投资额为预计数"

    returned = one(edited(path, change))
    assert (returned.status, told(returned)) == ("ok", [("warning", "outside", "H16")])
    assert returned.problems[0].got == "表外写有“投资额为预计数”"


def test_the_unit_was_changed(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["D16"] = "元"

    returned = one(edited(path, change, in_investment=8_000_000))
    assert told(returned) == [("error", "unit_changed", "C16")]


# --- several forms in one file ---


def copy(book: Workbook, sheet: Worksheet) -> Worksheet:
    return book.copy_worksheet(sheet)


def test_a_second_copy_of_the_sheet(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        again = copy(book, sheet)
        again.title = "申请表 (2)"
        again["B5"] = again["B8"] = "第二家公司"
        again["C16"] = 100

    first, second = read(edited(path, change))
    assert (first.sheet, first.inputs) == ("申请表", {"investment": MONEY})
    assert (second.sheet, second.enterprise["name"], second.inputs) == (
        "申请表 (2)", "第二家公司", {"investment": Decimal("1000000")},
    )  # fmt: skip


def paste(sheet: Worksheet, rows: int, columns: int) -> None:
    block = [[cell.value for cell in row] for row in sheet.iter_rows()]
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(area.coord)
    for r, row in enumerate(block):
        for c, value in enumerate(row):
            if value is not None:
                sheet.cell(r + 1 + rows, c + 1 + columns).value = value


@pytest.mark.parametrize(("rows", "columns", "where"), [(40, 0, "C56"), (0, 8, "K16")])
def test_a_second_enterprise_on_the_same_sheet(path: Path, rows: int, columns: int, where: str) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        paste(sheet, rows, columns)
        sheet.cell(5 + rows, 2 + columns).value = sheet.cell(8 + rows, 2 + columns).value = "第二家公司"
        sheet.cell(16 + rows, 3 + columns).value = "约100"

    first, second = read(edited(path, change))
    assert (first.status, first.inputs) == ("ok", {"investment": MONEY})
    assert (second.status, second.enterprise["name"]) == ("needs_correction", "第二家公司")
    assert told(second) == [("error", "approximate", where)]


def test_forms_of_different_provisions_in_one_file(path: Path, tmp_path: Path) -> None:
    other = load_workbook(
        filled(tmp_path / "b.xlsx", rule="pilot_loan_interest", policy="fuzhou-2024-13", in_balance=100)
    )[FORM_SHEET]

    def change(book: Workbook, sheet: Worksheet) -> None:
        added = book.create_sheet("贴息")
        for row in other.iter_rows():
            for cell in row:
                if cell.value is not None:
                    added[cell.coordinate] = cell.value

    first, second = read(edited(path, change))
    assert first.rule is not None
    assert second.rule is not None
    assert (first.rule.id, second.rule.id) == ("tech_upgrade", "pilot_loan_interest")


# --- formulas, errors ---


def test_a_formula_without_a_saved_result(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["C16"], sheet["C19"] = "=500+300", "=1+1"

    returned = one(edited(path, change))
    assert told(returned) == [("error", "formula_unsaved", "C16"), ("error", "formula_unsaved", "C19")]
    assert returned.inputs == {}
    assert returned.problems[0].got == "公式没有保存结果"


def test_a_formula_with_its_result(path: Path) -> None:
    def result(xml: bytes) -> bytes:
        assert xml.count(b"<f>500+300</f><v />") == 1
        return xml.replace(b"<f>500+300</f><v />", b"<f>500+300</f><v>800</v>")

    def change(book: Workbook, sheet: Worksheet) -> None:
        sheet["C16"] = "=500+300"

    returned = one(repack(edited(path, change), {"xl/worksheets/sheet1.xml": result}))
    assert (returned.status, returned.inputs) == ("ok", {"investment": MONEY})


@pytest.mark.parametrize("key", ["in_investment", "in_paid_before"])
def test_an_error_cell_is_never_nothing(path: Path, key: str) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        cell = sheet[at(key)]
        cell.value = "#REF!"
        cell.data_type = "e"

    returned = one(edited(path, change))
    assert told(returned) == [("error", "error_cell", at(key))]
    assert returned.problems[0].got == "单元格是错误值 #REF!"


def test_dates_of_the_1904_calendar(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        book.epoch = dt.datetime(1904, 1, 1)
        sheet[at("prj_start")] = dt.date(2026, 6, 30)
        sheet[at("prj_end")].number_format = "General"
        sheet[at("prj_end")] = 44742

    returned = one(edited(path, change))
    assert returned.project == {"name": "智能产线技改", "start": dt.date(2026, 6, 30), "end": dt.date(2026, 7, 1)}


# --- who is it: the identity sheet and its absence ---


def no_identity(book: Workbook, sheet: Worksheet) -> None:
    del book[IDENTITY_SHEET]


def test_without_the_identity_sheet(path: Path) -> None:
    returned = one(edited(path, no_identity))
    assert returned.rule is plan().rule
    assert (returned.status, returned.inputs, returned.unit) == ("ok", {"investment": MONEY}, "万元")
    assert one(edited(path, no_identity, unit="元", in_investment=8_000_000)).inputs == {"investment": MONEY}


def test_the_same_title_in_two_documents(path: Path) -> None:
    """福州 has two documents with this provision: the number under the title decides."""
    for policy in ("fuzhou-2024-13", "fuzhou-2026-5"):
        returned = one(edited(path, no_identity, rule="cloud_infra", policy=policy))
        assert returned.document is not None
        assert returned.document.key == policy


def test_without_identity_and_title(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        no_identity(book, sheet)
        sheet["A1"] = "申请表"

    assert one(edited(path, change)).rule is plan().rule  # its inputs are nobody else's


def test_a_form_that_cannot_be_recognised(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        no_identity(book, sheet)
        sheet["A1"], sheet["A16"], sheet["A17"] = "别的", "别的", "别的"

    returned = one(edited(path, change))
    assert (returned.status, returned.rule) == ("not_a_form", None)
    assert [p.code for p in returned.problems] == ["unknown_form"]
    assert returned.enterprise["name"] == HONEST["ent_name"]


def test_no_unit_anywhere(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        no_identity(book, sheet)
        for place in ("F2", "D16", "D17", "D19"):
            sheet[place] = None

    returned = one(edited(path, change))
    assert returned.status == "needs_correction"
    assert [p.code for p in returned.problems] == ["unit_unknown"]
    assert returned.unit == ""
    assert returned.inputs == {}


def test_a_provision_nobody_knows(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        book[IDENTITY_SHEET]["B4"] = "no_such_rule"
        sheet["A1"], sheet["A16"], sheet["A17"] = "别的", "别的", "别的"

    returned = one(edited(path, change))
    assert (returned.status, [p.code for p in returned.problems]) == ("not_a_form", ["unknown_provision"])


def test_a_form_of_another_version(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        book[IDENTITY_SHEET]["B1"] = "99"

    returned = one(edited(path, change))
    assert (returned.status, [(p.severity, p.code) for p in returned.problems]) == ("ok", [("warning", "form_version")])


def test_a_workbook_that_is_no_form(path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["姓名", "金额"])
    book.save(path)
    returned = one(path)
    assert (returned.status, [p.code for p in returned.problems]) == ("not_a_form", ["not_a_form"])
    Workbook().save(path)
    assert one(path).status == "not_a_form"


def test_the_voucher_list_is_no_form(path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        book[VOUCHER_SHEET].title = "发票"

    assert one(edited(path, change)).status == "ok"


def test_every_provision_survives_editing(path: Path) -> None:
    """Found by title and labels alone, a row further down."""

    def change(book: Workbook, sheet: Worksheet) -> None:
        insert_row_without_names(book, sheet)
        no_identity(book, sheet)
        for name in list(book.defined_names):
            del book.defined_names[name]

    computed = [(document, rule) for document, rule in catalog.default().rules() if rule.amount is not None]
    assert computed
    for document, rule in computed:
        which = {"rule": rule.id, "policy": document.key}
        returned = one(edited(path, change, **which))
        assert (returned.document, returned.rule) == (document, rule)
        assert not any(p.code in ("label_missing", "unit_unknown") for p in returned.problems)
