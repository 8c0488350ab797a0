"""The sheets 企业档案 (what is known of one enterprise) and 我能申报 (how it stands to every provision in force)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from xlpolicy.excel.workbook import page_law as w
from xlpolicy.excel.workbook.look import FOOT, Styles, put_formula, title
from xlpolicy.excel.workbook.vba_wrappers import FACTS_NAME, RESULT_NAME, STANDINGS_NAME
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found
from xlpolicy.settle.match import KINDS, Standing, match
from xlpolicy.settle.match_book import ONE_PROJECT, told
from xlpolicy.settle.profile import FIXED, Profile, choices, enterprises, facts_of, lines, provisions, read_grid
from xlpolicy.sheets.book import set_page, write_cell
from xlpolicy.sheets.text import letter
from xlpolicy.words.fact_names import FactNames

SHEET, STANDINGS = "企业档案", "我能申报"
#: every city
ALL = "全部"
#: columns of projects and loans, lines of facts, lines of provisions
ENTRIES, FACTS, LINES = 3, 400, 250
CITY, DAY, RESULT, HEAD, FIRST = 2, 3, 4, 5, 6
ENTRY, AFTER = 2, 2 + ENTRIES
#: how many choices a fact has, and behind it the choices: for the drop-downs, hidden
COUNT = AFTER + 3
#: defined names through which the macros read and write
NAMES = {
    "city": "xlp_match_city", "day": "xlp_match_day", "grid": "xlp_match_grid", "list": FACTS_NAME, "lines": STANDINGS_NAME,
    "summary": "xlp_match_summary",
}  # fmt: skip
_HEADS = ("分类", "填什么", "填写", "另一项目、贷款", "另一项目、贷款", "单位", "怎样填", "用在哪些条款")
_WIDTHS = (12, 40, 22, 18, 18, 7, 34, 36)
_RESULT_HEADS = ("情况", "条款", "依据", "核算后（元）", "单项测算（元）", "没有填的", "原因和提示")
_RESULT_WIDTHS = (12, 34, 28, 18, 18, 34, 62)
#: an example: what is known of a fictitious enterprise, its project and a loan of another
_EXAMPLE: tuple[dict[str, str], ...] = (
    {
        "单位名称": "福州示例机械有限公司", "统一社会信用代码": "91350100M00010000P", "项目或贷款名称": "一期",
        "年度技改设备（含软件）实际投资额（不含增值税）": "800万元", "项目已享受发改委牵头的超长期特别国债设备更新资金": "否",
    },
    {
        "项目或贷款名称": "二期贷款", "项目已享受发改委牵头的超长期特别国债设备更新资金": "否", "实际投放贷款余额": "5000万元", "计息天数": "200",
        "贷款年利率": "3.5%",
    },
)  # fmt: skip


def fact_rows(catalog: Catalog, found: Sequence[Found], filled: Sequence[dict[str, Any]]) -> list[list[Any]]:
    """The lines of the list, hidden columns included. `filled`: what stands in each column of projects, by label."""
    rows: list[list[Any]] = []
    facts = facts_of(found, FactNames(catalog))
    for item, theme, label, unit, how, where in lines(facts):
        offered = choices(label, item)
        entered = [column.get(label) for column in filled]
        entered += [None] * (ENTRIES - len(entered))
        rows.append([theme, label, *entered, unit, how, where, len(offered), *offered])
    return rows


def standing_rows(standings: Iterable[Standing]) -> list[list[Any]]:
    """A line for each provision: presumed, missing and known told apart."""
    rows = []
    for s in standings:
        lacks = "、".join(s.lacks)
        if lacks:
            lacks = f"暂按符合：{lacks}" if s.kind == "presumed" else f"还要填：{lacks}"
        name = "已兑付" if s.enjoyed else KINDS[s.kind]
        text = told(s) + ("；免申即享，不必申报" if s.automatic and s.kind in ("payable", "presumed") else "")
        counted = s.kind in ("payable", "instead", "presumed")
        rows.append([
            name, s.title, f"{s.found.document.name} {s.found.rule.at}", float(s.payable) if counted else None,
            float(s.decided) if counted else None, lacks, text.lstrip("；"),
        ])  # fmt: skip
    return rows


def profiles_of(grid: list[list[Any]], catalog: Catalog) -> list[Profile]:
    """The projects of the enterprise on the sheet; what only the first column says of it holds for all.

    Raises ProfileError.
    """
    own = {row[1]: row for row in grid if row[1] in FIXED and row[1] != "项目或贷款名称"}
    for column in range(ENTRY + 1, AFTER):
        if any(row[column] not in (None, "") for row in grid[FIRST:]):
            for row in own.values():
                row[column] = row[column] or row[ENTRY]
    return next(iter(enterprises(read_grid(SHEET, [["" if v is None else v for v in row] for row in grid], catalog))))


def write_match(book: Any, law: w.Law, catalog: Catalog, styles: Styles) -> None:
    """Both sheets, with an example filled in."""
    city = catalog.city(law.cities[0])
    found = provisions(catalog, w.EXAMPLE_DAY, city)
    rows = fact_rows(catalog, found, _EXAMPLE)
    _facts(book, law, rows, styles)
    grid: list[list[Any]] = [[None] * AFTER for _ in range(HEAD)]
    grid += [list(_HEADS[:AFTER]), *(row[:AFTER] for row in rows)]
    profiles = profiles_of(grid, catalog)
    standings = match(profiles, found, w.EXAMPLE_DAY, catalog=catalog)
    _standings(book, standing_rows(standings), styles)


def _facts(book: Any, law: w.Law, rows: Sequence[Sequence[Any]], styles: Styles) -> None:
    sheet = book.get_worksheet_by_name(SHEET)
    for c, width in enumerate(_WIDTHS):
        sheet.set_column(c, c, width)
    sheet.set_column(COUNT, COUNT + 40, 2, None, {"hidden": True})
    note = f"知道的填，不知道的空着：空着当作不知道，不当作“否”。{ONE_PROJECT}。金额填元，或写明“800万元”。填好点“对照”，结果在“{STANDINGS}”表。"
    title(sheet, styles, "企业档案：我能申报什么", AFTER + 2, note)
    sheet.set_row(1, 32)
    for r, label in ((CITY, "城市"), (DAY, "申报日期"), (RESULT, "结果")):
        sheet.merge_range(r, 0, r, 1, label, styles["label"])
    sheet.merge_range(CITY, ENTRY, CITY, AFTER - 1, law.cities[0], styles["input"])
    sheet.data_validation(
        CITY, ENTRY, CITY, ENTRY, {"validate": "list", "source": [ALL, *law.cities], "show_error": False}
    )
    sheet.merge_range(DAY, ENTRY, DAY, AFTER - 1, "", styles["input date"])
    write_cell(sheet, DAY, ENTRY, w.EXAMPLE_DAY, styles["input date"])
    sheet.merge_range(RESULT, ENTRY, RESULT, AFTER + 2, "", styles["cell"])
    put_formula(sheet, RESULT, ENTRY, f"={RESULT_NAME}", styles["cell"], "（还没有运行）")
    for r in (CITY, DAY):
        sheet.set_row(r, 22)
    sheet.set_row(RESULT, 48)
    place = {"width": 110, "height": 32, "y_offset": 6}
    sheet.insert_button(CITY, AFTER + 1, {"macro": "MatchEnterprise", "caption": "对照", "x_offset": 4, **place})
    sheet.insert_button(CITY, AFTER + 1, {"macro": "MatchFacts", "caption": "列出要填的项目", "x_offset": 122, **place})
    for c, text in enumerate(_HEADS):
        sheet.write_string(HEAD, c, text, styles["head"])
    for number in range(FACTS):
        row = rows[number] if number < len(rows) else ()
        for c in range(AFTER + 3):
            value = row[c] if c < len(row) else None
            style = "input text" if ENTRY <= c < AFTER else "center" if c == AFTER else "cell"
            write_cell(sheet, FIRST + number, c, value, styles[style])
        if row:
            sheet.set_row(FIRST + number, styles.height(row[: AFTER + 3], _WIDTHS))
        for c in range(COUNT, len(row)):
            write_cell(sheet, FIRST + number, c, row[c], styles["hidden"])
    first, last = FIRST + 1, FIRST + FACTS
    listed = f"=OFFSET(${letter(COUNT + 2)}{first},0,0,1,MAX(1,${letter(COUNT + 1)}{first}))"
    sheet.data_validation(
        FIRST,
        ENTRY,
        last - 1,
        AFTER - 1,
        {"validate": "list", "source": listed, "show_error": False, "ignore_blank": True},
    )
    sheet.ignore_errors({"number_stored_as_text": f"{letter(ENTRY + 1)}{first}:{letter(AFTER)}{last}"})
    entry, end = letter(ENTRY + 1), letter(COUNT + 41)
    for key, cells in {
        "city": f"${entry}${CITY + 1}", "day": f"${entry}${DAY + 1}", "grid": f"$A$1:${letter(AFTER)}${last}",
        "list": f"$A${first}:${end}${last}",
    }.items():  # fmt: skip
        book.define_name(NAMES[key], f"={SHEET}!{cells}")
    sheet.freeze_panes(FIRST, ENTRY)
    sheet.print_area(0, 0, FIRST + len(rows) - 1, AFTER + 2)
    set_page(sheet, foot=FOOT, titles=(HEAD + 1, HEAD + 1))


def _standings(book: Any, rows: Sequence[Sequence[Any]], styles: Styles) -> None:
    sheet, last = book.get_worksheet_by_name(STANDINGS), len(_RESULT_HEADS) - 1
    for c, width in enumerate(_RESULT_WIDTHS):
        sheet.set_column(c, c, width)
    note = "可得：条件都已填明，一起核算后的金额。待核实：有条件没有填，暂按符合计算，核实前不算可得，不计入合计。还要填：少了这些还不能判断。"
    title(sheet, styles, STANDINGS, last, note)
    sheet.merge_range(2, 0, 2, last, f"示例企业（“{SHEET}”表里的）。填好自己的，点那里的“对照”。", styles["plain"])
    book.define_name(NAMES["summary"], f"={STANDINGS}!$A$3")
    sheet.set_row(2, 32)
    for c, text in enumerate(_RESULT_HEADS):
        sheet.write_string(3, c, text, styles["head"])
    for number in range(LINES):
        row = rows[number] if number < len(rows) else [None] * len(_RESULT_HEADS)
        sheet.set_row(4 + number, styles.height(row, _RESULT_WIDTHS))
        for c, value in enumerate(row):
            write_cell(sheet, 4 + number, c, value, styles["center" if c == 0 else "yuan" if c in (3, 4) else "cell"])
    book.define_name(NAMES["lines"], f"={STANDINGS}!$A$5:${letter(last + 1)}${4 + LINES}")
    for word, style in (
        ("可得", "good"),
        ("待核实", "warn"),
        ("还要填", "warn"),
        ("不符合", "dim"),
        ("没有填到", "dim"),
    ):
        sheet.conditional_format(
            4, 0, 3 + LINES, 0, {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": styles[style]}
        )
    sheet.freeze_panes(4, 2)
    sheet.print_area(0, 0, 3 + max(len(rows), 1), last)
    set_page(sheet, foot=FOOT, titles=(4, 4))
