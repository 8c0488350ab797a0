"""The sheet 工作台: how the working folder stands, and buttons for the steps of the work."""

from __future__ import annotations

from typing import Any

from xlpolicy.excel.workbook.look import FOOT, Styles, put_formula, title
from xlpolicy.excel.workbook.vba_wrappers import RESULT_NAME
from xlpolicy.register.status import WAITS
from xlpolicy.sheets.book import set_page, write_cell

SHEET = "工作台"
#: defined names that the macros write into
FOLDER, COUNTS, STATES, WAITING = "xlp_desk_folder", "xlp_desk_counts", "xlp_desk_states", "xlp_desk_waiting"
#: what waits beside the claims: returned forms, held transfers, terms, documents that expire
LINES = 12
#: macro -> caption
BUTTONS = {
    "DeskFill": "收件", "DeskReview": "载入审核", "DeskSettle": "核算", "DeskPlan": "拨付计划", "DeskStatus": "刷新",
}  # fmt: skip
_STEPS = (
    "收件：把收到的申请表放进工作文件夹的“收件”，点“收件”，另开窗口核定、登记。",
    "审核：点“载入审核”写出“结果”里的审核台账；在里面填审定额、公示结果，保存并关闭后再点一次，载回登记库。",
    "核算、拨付计划：按登记库和“核算事实.xlsx”核算，写出兑付台账；再做计划，写出拨款明细表、审签表和银行导入文件。",
    "确认拨付、放行、退票、收回要写明谁做的，用命令行 xlpolicy pay。",
)


def write_desk(book: Any, styles: Styles) -> None:
    """The sheet, before the first button."""
    sheet = book.get_worksheet_by_name(SHEET)
    for c, width in enumerate((20, 14, 20, 58)):
        sheet.set_column(c, c, width)
    title(
        sheet,
        styles,
        "工作台",
        3,
        "工作文件夹由 xlpolicy excel install --folder 工作文件夹 指定；各按钮与同名命令做同一件事。",
    )
    for c, (macro, caption) in enumerate(BUTTONS.items()):
        place = {"x_offset": 4 + (c == 4) * 130, "y_offset": 4, "width": 96, "height": 32}
        sheet.insert_button(3, min(c, 3), {"macro": macro, "caption": caption, **place})
    sheet.set_row(3, 34)
    sheet.write_string(4, 0, "结果", styles["label"])
    sheet.merge_range(4, 1, 4, 3, "", styles["cell"])
    put_formula(sheet, 4, 1, f"={RESULT_NAME}", styles["cell"], "（还没有运行）")
    sheet.set_row(4, 66)
    for r, label, name in ((5, "工作文件夹", FOLDER), (6, "登记库", COUNTS)):
        sheet.write_string(r, 0, label, styles["label"])
        sheet.merge_range(r, 1, r, 3, "（点“刷新”）", styles["cell"])
        book.define_name(name, f"={SHEET}!$B${r + 1}")
        sheet.set_row(r, 36)
    for c, head in enumerate(("状态", "笔数", "金额（元）", "等谁做什么")):
        sheet.write_string(8, c, head, styles["head"])
    last = 9 + len(WAITS)
    for r in range(9, last):
        for c, style in enumerate(("cell", "center", "yuan", "cell")):
            write_cell(sheet, r, c, None, styles[style])
        sheet.set_row(r, 22)
    book.define_name(STATES, f"={SHEET}!$A$10:$D${last}")
    sheet.merge_range(last + 1, 0, last + 1, 3, "还在等的", styles["heading"])
    for r in range(last + 2, last + 2 + LINES):
        sheet.merge_range(r, 0, r, 3, "", styles["cell"])
        sheet.set_row(r, 22)
    book.define_name(WAITING, f"={SHEET}!$A${last + 3}:$A${last + 2 + LINES}")
    r = last + 3 + LINES
    for text in _STEPS:
        sheet.merge_range(r, 0, r, 3, text, styles["note"])
        sheet.set_row(r, 30)
        r += 1
    sheet.print_area(0, 0, r, 3)
    set_page(sheet, landscape=False, tall=1, foot=FOOT)
