"""The sheet 测算: one provision, its fields by formulas, the amount with article and calculation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from xlpolicy.excel.functions.registry import BY_NAME
from xlpolicy.excel.workbook import page_law as w
from xlpolicy.excel.workbook.look import FOOT, Styles, put_formula, title
from xlpolicy.law.in_force import status
from xlpolicy.sheets.book import set_page, write_cell
from xlpolicy.words.shown import nature_word

SHEET = "测算"
#: how a claim is judged: by its date, or under the document picked whatever the date
FORMAL, TRIAL = "按申报日期（正式核定）", "按所选文件（试算）"
UNITS = ("万元", "元")
#: rows (0-based) of the head; the fields follow
CITY, PROVISION, DAY, UNIT, MODE, APPLIES = range(3, 9)
FIELD_HEAD = 10
_WIDTHS = (36, 24, 9, 9, 46)
_LAST = 4
#: helper column G: row in 数据, id, pin, and the names of the fields; white on white, not printed
_HELP = 6

EXAMPLE = ("福州市", "tech_upgrade", "fuzhou-2026-5")
EXAMPLE_VALUES: tuple[Any, ...] = (800, 904, "否")


class Head:
    """The five choices at the top of 测算 and 批量, with their helper cells: the same cells in both."""

    def __init__(self, column: str, first: int) -> None:
        self.city, self.provision, self.day, self.unit, self.mode = (f"${column}${first + i}" for i in range(5))

    def validations(self, sheet: Any, places: w.Places, cells: dict[str, tuple[int, int]]) -> None:
        """Drop-downs with their words."""
        listed = {"validate": "list", "error_title": "请从下拉框选"}
        sheet.data_validation(
            *cells["city"] * 2, listed | {"source": places.city_list, "error_message": "城市请从下拉框选。"}
        )
        sheet.data_validation(
            *cells["provision"] * 2,
            listed | {"source": places.provisions_of(self.city), "error_message": "条款请从下拉框选；换了城市要重选条款。",
                      "input_title": "条款", "input_message": "从下拉框选；换了城市要重选"},
        )  # fmt: skip
        sheet.data_validation(
            *cells["day"] * 2,
            {"validate": "date", "criteria": "between", "minimum": dt.date(2000, 1, 1), "maximum": dt.date(2100, 12, 31),
             "error_title": "日期", "error_message": "请填日期，如 2026-06-30。"},
        )  # fmt: skip
        sheet.data_validation(*cells["unit"] * 2, listed | {"source": list(UNITS), "error_message": "万元 或 元。"})
        sheet.data_validation(
            *cells["mode"] * 2, listed | {"source": [FORMAL, TRIAL], "error_message": "从两种方式中选。"}
        )


def applies_formula(places: w.Places, row: str, day: str) -> str:
    """文号 位置 性质 效力 of the provision picked."""
    first, last, draft = (places.of_row(c, row) for c in (w.FIRST, w.LAST, w.DRAFT))
    effect = f'IF({draft}=1,"征求意见稿",IF({day}<{first},"未施行",IF({day}>{last},"失效","施行")))'
    parts = [places.of_row(c, row) for c in (w.DOCUMENT, w.AT, w.NATURE)]
    joined = '&"　"&'.join([*parts, effect])
    return f'=IF(ISNUMBER({row}),{joined},"请从下拉框选条款")'


def applies(entry: w.Entry, day: dt.date) -> str:
    """What that formula gives."""
    told = (entry.document.name, entry.rule.at, nature_word(entry.rule), status(entry.document, entry.rule, day))
    return "　".join(told)


def write_single(book: Any, law: w.Law, styles: Styles) -> None:
    """The sheet, with an example filled in."""
    sheet, places = book.get_worksheet_by_name(SHEET), w.Places(law)
    entry = law.find(*EXAMPLE)
    for c, width in enumerate(_WIDTHS):
        sheet.set_column(c, c, width)
    sheet.set_column(_HELP, _HELP, 2, None, {"hidden": True})
    title(
        sheet,
        styles,
        "单笔测算",
        _LAST,
        "黄色格子填写，或点格子右边的箭头选；其余自动算出。换了条款，请重填下面的各项。",
    )
    head = Head("B", CITY + 1)
    given = (law.cities[0], entry.label, w.EXAMPLE_DAY, UNITS[0], FORMAL)
    for r, (label, value) in enumerate(
        zip(("城市", "条款", "申报日期", "金额单位", "核定方式"), given, strict=True), CITY
    ):
        sheet.write_string(r, 0, label, styles["label"])
        style = styles["input date" if r == DAY else "input"]
        sheet.merge_range(r, 1, r, _LAST, "", style)
        write_cell(sheet, r, 1, value, style)
        sheet.set_row(r, 22)
    cells = {name: (r, 1) for r, name in enumerate(("city", "provision", "day", "unit", "mode"), CITY)}
    head.validations(sheet, places, cells)

    row, rule, pin = (f"$G${r + 1}" for r in (PROVISION, APPLIES, MODE))
    put_formula(
        sheet,
        PROVISION,
        _HELP,
        f'=IFERROR({places.row_of(head.city, head.provision)},"")',
        styles["hidden"],
        law.entries.index(entry) + 1,
    )
    put_formula(
        sheet, APPLIES, _HELP, f'=IF(ISNUMBER({row}),{places.of_row(w.RULE, row)},"")', styles["hidden"], entry.rule.id
    )
    put_formula(
        sheet,
        MODE,
        _HELP,
        f'=IF(AND(ISNUMBER({row}),{head.mode}="{TRIAL}"),{places.of_row(w.POLICY, row)},"")',
        styles["hidden"],
        "",
    )
    sheet.write_string(APPLIES, 0, "所选条款", styles["label"])
    sheet.merge_range(APPLIES, 1, APPLIES, _LAST, "", styles["cell"])
    put_formula(
        sheet, APPLIES, 1, applies_formula(places, row, head.day), styles["cell"], applies(entry, w.EXAMPLE_DAY)
    )
    sheet.set_row(APPLIES, 24)

    for c, text in enumerate(("要填的项目", "填写", "单位", "必填", "怎样填")):
        sheet.write_string(FIELD_HEAD, c, text, styles["head"])
    sheet.set_row(FIELD_HEAD, 22)
    for number in range(law.width):
        _field(sheet, law, places, entry, number, row, styles)
    top, bottom = FIELD_HEAD + 1, FIELD_HEAD + law.width
    sheet.conditional_format(
        top, 0, bottom, _LAST, {"type": "formula", "criteria": f'=$A{top + 1}=""', "format": styles["off"]}
    )
    sheet.conditional_format(
        top,
        1,
        bottom,
        1,
        {"type": "formula", "criteria": f'=AND($D{top + 1}="必填",$B{top + 1}="")', "format": styles["bad"]},
    )
    names, values = f"$G${top + 1}:$G${bottom + 1}", f"$B${top + 1}:$B${bottom + 1}"
    call = f'{head.city},{rule},{names},{values},"单位",{head.unit},"日期",{head.day},"文件",{pin}'
    arguments = [
        given[0],
        entry.rule.id,
        [[i.name] for i in entry.fields],
        [[v] for v in _values(entry)],
        "单位",
        given[3],
        "日期",
        given[2],
        "文件",
        "",
    ]
    _results(sheet, styles, bottom + 2, call, arguments, places, row, head)
    sheet.protect("", {"format_rows": True, "format_columns": True})
    sheet.print_area(0, 0, bottom + 9, _LAST)
    set_page(sheet, landscape=False, tall=1, foot=FOOT)


def _values(entry: w.Entry) -> list[Any]:
    return [EXAMPLE_VALUES[i] if i < len(EXAMPLE_VALUES) else None for i in range(len(entry.fields))]


def _field(sheet: Any, law: w.Law, places: w.Places, entry: w.Entry, number: int, row: str, styles: Styles) -> None:
    r = FIELD_HEAD + 1 + number
    here = f"IF(ISNUMBER({row}),{number}<{places.of_row(w.COUNT, row)},FALSE)"
    unit = f'IF({places.field(number, w.MONEY, row)}=1,$B${UNIT + 1},{places.field(number, w.KIND, row)}&"")'
    parts = [f'{places.field(number, part, row)}&""' for part in (w.SHOWN, w.NEED, w.HOW)]
    shown = dict(zip((0, 3, 4), parts, strict=True)) | {2: unit}
    told = dict(zip((0, 2, 3, 4), w.field_cells(law, entry, number, UNITS[0]), strict=True))
    for c, formula in shown.items():
        style = styles["center" if c in (2, 3) else "cell"]
        put_formula(sheet, r, c, f'=IF({here},{formula},"")', style, told[c])
    name = entry.fields[number].name if number < len(entry.fields) else ""
    put_formula(sheet, r, _HELP, f'=IF({here},{places.field(number, w.NAME, row)},"")', styles["hidden"], name)
    value = EXAMPLE_VALUES[number] if number < len(EXAMPLE_VALUES) else None
    write_cell(sheet, r, 1, value, styles["input"])
    sheet.data_validation(
        r,
        1,
        r,
        1,
        {"validate": "list", "source": places.choices_of(number, row), "show_error": False, "ignore_blank": True},
    )
    sheet.set_row(r, 32)


def _results(
    sheet: Any, styles: Styles, top: int, call: str, arguments: list[Any], places: w.Places, row: str, head: Head
) -> None:
    def answer(name: str, *first: Any) -> Any:
        """What one cell shows: COM hands a range of one cell over as its value."""
        result = BY_NAME[name].answer(*first, *arguments)
        return result[0][0] if isinstance(result, list) else result

    amount = f"$B${top + 1}"
    why = f'SUBSIDY_WHY("SUBSIDY_MAX",{call})'
    lines: tuple[tuple[str, str, str, Any, float], ...] = (
        (f'="核定金额（"&{head.unit}&"）"', f"=SUBSIDY({call})", "amount", answer("SUBSIDY"), 34),
        ("大写", f'=IF(ISNUMBER({amount}),RMB_UPPER({amount},{head.unit}),"")', "cell",
         BY_NAME["RMB_UPPER"].answer(answer("SUBSIDY"), UNITS[0]), 22),
        ("依据", f"=SUBSIDY_BASIS({call})", "cell", answer("SUBSIDY_BASIS"), 22),
        ("封顶", f"={why}", "cell", answer("SUBSIDY_WHY", "SUBSIDY_MAX"), 36),
        ("计算过程", f"=SUBSIDY_WHY({call})", "top", answer("SUBSIDY_WHY"), 120),
        ("提醒", _warning(places, row, head, f"$B${top + 3}"), "cell", "", 36),
    )  # fmt: skip
    for r, (label, formula, style, value, tall) in enumerate(lines, top):
        if label.startswith("="):
            put_formula(sheet, r, 0, label, styles["label"], f"核定金额（{UNITS[0]}）")
        else:
            sheet.write_string(r, 0, label, styles["label"])
        sheet.merge_range(r, 1, r, _LAST, "", styles[style])
        put_formula(sheet, r, 1, formula, styles[style], value)
        sheet.set_row(r, tall)
    sheet.conditional_format(top, 1, top, _LAST, {"type": "errors", "format": styles["bad"]})
    sheet.conditional_format(
        top + 5,
        1,
        top + 5,
        _LAST,
        {"type": "text", "criteria": "containing", "value": "注意", "format": styles["warn"]},
    )


def _warning(places: w.Places, row: str, head: Head, basis: str) -> str:
    """The date decides the document: say so where it is another than the one picked, and where nothing is formal."""
    document = places.of_row(w.DOCUMENT, row)
    other = (
        f'IF(ISERROR({basis}),"",IF(ISERROR(FIND({document},{basis})),"注意：申报日期适用的是另一文件，见“依据”。",""))'
    )
    trial = f'IF({head.mode}="{TRIAL}","注意：试算结果不作兑现依据。","")'
    return f'=IF(ISNUMBER({row}),{trial}&{other},"")'
