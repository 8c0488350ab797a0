"""The sheet 批量: one row per enterprise, all amounts by one array formula over the range (one call, not hundreds)."""

from __future__ import annotations

from typing import Any

from xlpolicy.excel.functions.registry import BY_NAME
from xlpolicy.excel.workbook import page_law as w
from xlpolicy.excel.workbook.look import FOOT, Styles, put_array, put_formula, title
from xlpolicy.excel.workbook.page_single import FORMAL, TRIAL, UNITS, Head, applies, applies_formula
from xlpolicy.sheets.book import set_page, write_cell

SHEET = "批量"
ROWS = 200
HEAD_ROW, UNIT_ROW, FIRST = 10, 11, 12
NUMBER, NAME, CODE, CHECK, INPUTS = range(5)
EXAMPLE = ("福州市", "tech_upgrade", "fuzhou-2026-5")
#: fictitious enterprises: name, code, values of the fields
SAMPLE: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("福州示例机械有限公司", "91350100M00010000P", (800, 904, "否")),
    ("福州示例纺织有限公司", "91350100M00010001T", (499.99, 500, "否")),
    ("福州示例电子有限公司", "91350100M00010002X", (20000, 22600, "否")),
    ("福州示例食品有限公司", "91350100M000100031", (1200, 1356, "是")),
    ("福州示例化工有限公司", "91350100M000100044", (640, 723.2, "否")),
)
#: defined names through which the macros read the sheet
NAMES = {
    "city": "xlp_batch_city", "rule": "xlp_batch_rule", "day": "xlp_batch_day", "unit": "xlp_batch_unit",
    "policy": "xlp_batch_policy", "fields": "xlp_batch_fields", "rows": "xlp_batch_rows",
}  # fmt: skip


def write_batch(book: Any, law: w.Law, styles: Styles) -> None:
    """The sheet, with five enterprises as an example."""
    sheet, places = book.get_worksheet_by_name(SHEET), w.Places(law)
    entry = law.find(*EXAMPLE)
    amount, why = INPUTS + law.width, INPUTS + law.width + 1
    for c, width in enumerate([6, 26, 22, 14, *[15] * law.width, 18, 90]):
        sheet.set_column(c, c, width)
    helper = why + 1
    sheet.set_column(helper, helper, 2, None, {"hidden": True})
    title(
        sheet,
        styles,
        "批量测算",
        why,
        f"一行一家企业，可以从别的表整块复制粘贴（只粘贴数值），最多 {ROWS} 家；“核定金额”一列是一个公式，一次算完，不要改动其中一格。",
    )
    head = Head("C", 4)
    given = (law.cities[0], entry.label, w.EXAMPLE_DAY, UNITS[0], FORMAL)
    for r, (label, value) in enumerate(
        zip(("城市", "条款", "申报日期", "金额单位", "核定方式"), given, strict=True), 3
    ):
        sheet.merge_range(r, 0, r, 1, label, styles["label"])
        style = styles["input date" if label == "申报日期" else "input"]
        sheet.merge_range(r, 2, r, 5, "", style)
        write_cell(sheet, r, 2, value, style)
        sheet.set_row(r, 20)
    head.validations(
        sheet, places, {name: (r, 2) for r, name in enumerate(("city", "provision", "day", "unit", "mode"), 3)}
    )
    column = w._letters(helper)
    row, rule, pin = (f"${column}${n}" for n in (4, 5, 6))
    put_formula(
        sheet,
        3,
        helper,
        f'=IFERROR({places.row_of(head.city, head.provision)},"")',
        styles["hidden"],
        law.entries.index(entry) + 1,
    )
    put_formula(
        sheet, 4, helper, f'=IF(ISNUMBER({row}),{places.of_row(w.RULE, row)},"")', styles["hidden"], entry.rule.id
    )
    put_formula(
        sheet,
        5,
        helper,
        f'=IF(AND(ISNUMBER({row}),{head.mode}="{TRIAL}"),{places.of_row(w.POLICY, row)},"")',
        styles["hidden"],
        "",
    )
    sheet.merge_range(8, 0, 8, 1, "所选条款", styles["label"])
    sheet.merge_range(8, 2, 8, 5, "", styles["cell"])
    put_formula(sheet, 8, 2, applies_formula(places, row, head.day), styles["cell"], applies(entry, w.EXAMPLE_DAY))
    sheet.set_row(8, 32)
    _heads(sheet, law, places, entry, row, head, styles)
    answers = _table(sheet, law, entry, head, rule, pin, given, styles)
    _summary(sheet, answers, amount, styles)
    _name(book, law, {"city": head.city, "day": head.day, "unit": head.unit, "rule": rule, "policy": pin})
    sheet.freeze_panes(FIRST, NAME + 1)
    sheet.protect(
        "", {"format_rows": True, "format_columns": True, "format_cells": True, "autofilter": True, "sort": True}
    )
    sheet.print_area(0, 0, FIRST + ROWS - 1, amount)
    set_page(sheet, foot=FOOT, titles=(HEAD_ROW + 1, UNIT_ROW + 1))


def _area(column: int, last_column: int | None = None, first: int = FIRST, last: int = FIRST + ROWS - 1) -> str:
    left, right = w._letters(column), w._letters(column if last_column is None else last_column)
    return f"${left}${first + 1}:${right}${last + 1}"


def _heads(sheet: Any, law: w.Law, places: w.Places, entry: w.Entry, row: str, head: Head, styles: Styles) -> None:
    fixed = {
        NUMBER: "序号",
        NAME: "企业名称",
        CODE: "统一社会信用代码",
        CHECK: "代码校验",
        INPUTS + law.width + 1: "计算过程和提示",
    }
    under = {NUMBER: "", NAME: "", CODE: "文本格式", CHECK: "自动", INPUTS + law.width + 1: "自动"}
    for c, text in fixed.items():
        sheet.write_string(HEAD_ROW, c, text, styles["head"])
        sheet.write_string(UNIT_ROW, c, under[c], styles["subhead"])
    amount = INPUTS + law.width
    put_formula(sheet, HEAD_ROW, amount, f'="核定金额（"&{head.unit}&"）"', styles["head"], f"核定金额（{UNITS[0]}）")
    sheet.write_string(UNIT_ROW, amount, "自动", styles["subhead"])
    for number in range(law.width):
        c = INPUTS + number
        here = f"IF(ISNUMBER({row}),{number}<{places.of_row(w.COUNT, row)},FALSE)"
        shown, unit, need, how = w.field_cells(law, entry, number, UNITS[0])
        del how
        name = entry.fields[number].name if number < len(entry.fields) else ""
        put_formula(
            sheet, HEAD_ROW - 1, c, f'=IF({here},{places.field(number, w.NAME, row)},"")', styles["hidden"], name
        )
        put_formula(sheet, HEAD_ROW, c, f'=IF({here},{places.field(number, w.SHOWN, row)},"")', styles["head"], shown)
        kind = f'IF({places.field(number, w.MONEY, row)}=1,{head.unit},{places.field(number, w.KIND, row)}&"")'
        told = f'=IF({here},{kind}&"　"&{places.field(number, w.NEED, row)},"")'
        put_formula(sheet, UNIT_ROW, c, told, styles["subhead"], f"{unit}　{need}" if shown else "")
        sheet.data_validation(
            FIRST, c, FIRST + ROWS - 1, c,
            {"validate": "list", "source": places.choices_of(number, row), "show_error": False},
        )  # fmt: skip
    sheet.set_row(HEAD_ROW - 1, None, None, {"hidden": True})
    sheet.set_row(HEAD_ROW, 62)


def _table(
    sheet: Any, law: w.Law, entry: w.Entry, head: Head, rule: str, pin: str, given: tuple[Any, ...], styles: Styles
) -> list[list[Any]]:
    amount, why, last = INPUTS + law.width, INPUTS + law.width + 1, FIRST + ROWS - 1
    block: list[list[Any]] = []
    for i in range(ROWS):
        r = FIRST + i
        name, code, values = SAMPLE[i] if i < len(SAMPLE) else ("", "", ())
        line = [values[n] if n < len(values) else None for n in range(law.width)]
        block.append(line)
        sheet.write_formula(r, NUMBER, f'=IF(B{r + 1}="","",ROW()-{FIRST})', styles["center"], i + 1 if name else "")
        write_cell(sheet, r, NAME, name, styles["input"])
        write_cell(sheet, r, CODE, code, styles["input text"])
        for n, value in enumerate(line):
            write_cell(sheet, r, INPUTS + n, value, styles["input number"])
        sheet.set_row(r, 20)
    codes = [[SAMPLE[i][1] if i < len(SAMPLE) else None] for i in range(ROWS)]
    checks = BY_NAME["USCC_CHECK"].answer(codes)
    put_array(sheet, (FIRST, CHECK, last, CHECK), f"=USCC_CHECK({_area(CODE)})", styles["cell"], checks)
    names = _area(INPUTS, amount - 1, HEAD_ROW - 1, HEAD_ROW - 1)
    call = f'{head.city},{rule},{names},{_area(INPUTS, amount - 1)},"单位",{head.unit},"日期",{head.day},"文件",{pin}'
    listed = [[entry.fields[n].name if n < len(entry.fields) else "" for n in range(law.width)]]
    arguments = [given[0], entry.rule.id, listed, block, "单位", given[3], "日期", given[2], "文件", ""]
    answers: list[list[Any]] = BY_NAME["SUBSIDY"].answer(*arguments)
    reasons = BY_NAME["SUBSIDY_WHY"].answer(*arguments)
    put_array(sheet, (FIRST, amount, last, amount), f"=SUBSIDY({call})", styles["yuan"], answers)
    put_array(sheet, (FIRST, why, last, why), f"=SUBSIDY_WHY({call})", styles["line"], reasons)
    column = w._letters(amount)
    sheet.conditional_format(
        FIRST,
        0,
        last,
        why,
        {
            "type": "formula",
            "criteria": f'=AND(ISERROR(${column}{FIRST + 1}),$B{FIRST + 1}<>"")',
            "format": styles["bad"],
        },
    )
    sheet.conditional_format(
        FIRST,
        amount,
        last,
        amount,
        {
            "type": "formula",
            "criteria": f"=AND(ISNUMBER(${column}{FIRST + 1}),${column}{FIRST + 1}=0)",
            "format": styles["dim"],
        },
    )
    sheet.conditional_format(
        FIRST,
        CHECK,
        last,
        CHECK,
        {"type": "text", "criteria": "begins with", "value": "无效", "format": styles["warn"]},
    )
    unused = f'=AND({w._letters(INPUTS)}${HEAD_ROW + 1}="",ROW()>{FIRST})'
    sheet.conditional_format(
        FIRST, INPUTS, last, amount - 1, {"type": "formula", "criteria": unused, "format": styles["off"]}
    )
    return answers


def _summary(sheet: Any, answers: list[list[Any]], amount: int, styles: Styles) -> None:
    area = _area(amount)
    numbers = [line[0] for line in answers if isinstance(line[0], float)]
    lines = (
        ("有金额的家数", f'=COUNTIF({area},">0")', "center", sum(n > 0 for n in numbers)),
        ("金额为 0 的家数", f"=COUNTIF({area},0)", "center", sum(n == 0 for n in numbers)),
        ("填写有误的行数", f"=SUMPRODUCT(--ISERROR({area}))", "center", 0),
        ("核定合计", f'=SUMIF({area},">0")', "yuan", sum(numbers)),
    )
    left = 7
    for r, (label, formula, style, value) in enumerate(lines, 3):
        sheet.merge_range(r, left, r, left + 1, label, styles["label"])
        sheet.merge_range(r, left + 2, r, left + 3, "", styles[style])
        put_formula(sheet, r, left + 2, formula, styles[style], value)
    sheet.conditional_format(
        5, left + 2, 5, left + 3, {"type": "cell", "criteria": ">", "value": 0, "format": styles["bad"]}
    )
    sheet.insert_button(
        3, amount + 1, {"macro": "MakeLedger", "caption": "生成台账", "width": 120, "height": 32, "x_offset": 12}
    )
    sheet.write_string(
        5, amount + 1, "“生成台账”把本表各行按跨条款规则一起核算，在本工作簿旁边写出兑付台账。", styles["note"]
    )


def _name(book: Any, law: w.Law, cells: dict[str, str]) -> None:
    cells = cells | {
        "fields": _area(INPUTS, INPUTS + law.width - 1, HEAD_ROW - 1, HEAD_ROW - 1),
        "rows": _area(NAME, INPUTS + law.width - 1),
    }
    for key, cell in cells.items():
        book.define_name(NAMES[key], f"={SHEET}!{cell}")
