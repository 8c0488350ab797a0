"""The sheets 首页 (how to start, what to do when nothing answers, self-test), 函数说明, and xlwings' settings."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from xlpolicy import __version__
from xlpolicy.excel.functions.call import XlError
from xlpolicy.excel.functions.registry import FUNCTIONS, Function, example_arguments
from xlpolicy.excel.workbook import page_law as w
from xlpolicy.excel.workbook.look import FOOT, Styles, put_formula, title
from xlpolicy.excel.workbook.vba_wrappers import INBOX_NAME, RESULT_NAME, UDF_MODULE
from xlpolicy.law.in_force import status
from xlpolicy.sheets.book import set_page, write_cell

HOME, REFERENCE, SETTINGS = "首页", "函数说明", "xlwings.conf"
VERSION_NAME, LAW_NAME = "xlp_versions", "xlp_law"

START = (
    ("1", "安装", "在本机装好 Python 3.11 或更高版本和 xlpolicy，在命令行运行一次：xlpolicy excel install。它把本工作簿放到“文档\\xlpolicy”，并写好设置。"),
    ("2", "启用宏", "打开本工作簿，出现黄色提示条时点“启用编辑”“启用内容”。不需要“信任对 VBA 工程对象模型的访问”，也不用“导入函数”。"),
    ("3", "自检", "点下面的“自检”。显示“应答正常”后，就可以使用“测算”“批量”两张表，也可以在本工作簿里新建的表中写公式（见“函数说明”）；写在别的工作簿里，换一台电脑就断开。"),
)  # fmt: skip
TROUBLE = (
    ("打开后显示的是示例结果，改了数字不变", "宏没有启用。关闭后重新打开，点“启用内容”；没有黄色提示条时，把文件所在文件夹加为受信任位置（文件→选项→信任中心→受信任位置）。"),
    ("结果显示 #NAME?", "Python 没有应答，或宏没有启用。点“自检”，看“结果”一栏写的原因；再运行 xlpolicy excel doctor，按提示处理。"),
    ("结果显示 #N/A", "没有可用的条款：申报日期不在文件有效期、条款名称不存在，或本条不计算金额。原因看“计算过程”，或用 SUBSIDY_WHY。"),
    ("结果显示 #VALUE!", "填写有误：缺必填项、数字读不懂、名称不对。原因看“计算过程”，或用 SUBSIDY_WHY。"),
    ("提示“宏已被禁用”“已被组织策略阻止”", "从网上或邮件得来的文件：右键→属性→勾选“解除锁定”。单位统一禁止宏的，用命令行 xlpolicy fill 批量核定，不用宏。"),
    ("用的是 WPS", "WPS 不支持本工作簿的函数；下拉框、政策库可以用。批量核定用命令行 xlpolicy fill，结果是普通数值，WPS 可以打开。"),
)  # fmt: skip


def write_home(book: Any, law: w.Law, styles: Styles, digest: str) -> None:
    """How to start, what to do, the buttons, and the documents inside."""
    sheet = book.get_worksheet_by_name(HOME)
    for c, width in enumerate((10, 24, 17, 17, 44)):
        sheet.set_column(c, c, width)
    title(
        sheet,
        styles,
        "产业政策补助测算",
        4,
        "一笔一条款，一步一依据。金额按条文计算，结果附依据和计算过程；评选、认定、验收由主管部门决定，不由本工作簿决定。",
    )
    r = _section(sheet, styles, 3, "怎样开始")
    for number, what, text in START:
        sheet.write_string(r, 0, number, styles["center"])
        sheet.write_string(r, 1, what, styles["label"])
        sheet.merge_range(r, 2, r, 4, text, styles["cell"])
        sheet.set_row(r, 44)
        r += 1
    r = _section(sheet, styles, r + 1, "按钮")
    for c, (macro, caption) in {
        0: ("SelfTest", "自检"),
        2: ("FillForms", "批量填报"),
        3: ("MakeLedger", "生成台账"),
    }.items():
        sheet.insert_button(
            r, c, {"macro": macro, "caption": caption, "width": 110, "height": 34, "x_offset": 4, "y_offset": 4}
        )
    sheet.write_string(
        r,
        4,
        "批量填报：选收件文件夹，逐份核定收回的申请表，出台账和补正通知。生成台账：把“批量”表各行一起核算，出兑付台账。",
        styles["note"],
    )
    sheet.set_row(r, 44)
    for label, name, value in (
        ("结果", RESULT_NAME, "（还没有运行）"),
        ("收件文件夹", INBOX_NAME, None),
    ):
        r += 1
        sheet.merge_range(r, 0, r, 1, label, styles["label"])
        sheet.merge_range(r, 2, r, 4, "", styles["input"])
        write_cell(sheet, r, 2, value, styles["input"])
        book.define_name(name, f"={HOME}!$C${r + 1}")
        sheet.set_row(r, 40 if name == RESULT_NAME else 22)
    r += 1
    sheet.merge_range(r, 0, r, 1, "函数自检", styles["label"])
    sheet.merge_range(r, 2, r, 4, "", styles["cell"])
    count = f'COUNTIF({REFERENCE}!$G$5:$G${4 + len(FUNCTIONS)},"正常")'
    fine = f"{len(FUNCTIONS)} 个函数全部正常"
    formula = (
        f'=IF({count}={len(FUNCTIONS)},"{fine}",{count}&" 个正常，共 {len(FUNCTIONS)} 个；请看“函数说明”的“自检”一列")'
    )
    put_formula(sheet, r, 2, formula, styles["cell"], fine)
    sheet.set_row(r, 22)
    r = _section(sheet, styles, r + 2, "没有反应、结果不对时")
    for symptom, remedy in TROUBLE:
        sheet.merge_range(r, 0, r, 1, symptom, styles["label"])
        sheet.merge_range(r, 2, r, 4, remedy, styles["cell"])
        sheet.set_row(r, styles.height([remedy, symptom], [78, 34], 24))
        r += 1
    r = _section(sheet, styles, r + 1, "收录的文件（效力按“政策库”表里的日期）")
    _documents(sheet, law, styles, r)
    versions = f"xlpolicy {__version__}；xlwings {version('xlwings')}"
    last = r + 1 + len({e.document.key for e in law.entries})
    sheet.merge_range(last + 1, 0, last + 1, 4, f"制作：{versions}", styles["note"])
    sheet.write_string(last + 1, 6, version("xlwings"), styles["hidden"])
    sheet.write_string(last + 2, 6, digest, styles["hidden"])
    sheet.set_column(6, 6, 2, None, {"hidden": True})
    book.define_name(VERSION_NAME, f"={HOME}!$G${last + 2}")
    book.define_name(LAW_NAME, f"={HOME}!$G${last + 3}")
    sheet.print_area(0, 0, last + 1, 4)
    set_page(sheet, landscape=False, tall=1, foot=FOOT)
    sheet.activate()


def _section(sheet: Any, styles: Styles, row: int, text: str) -> int:
    for c in range(5):
        write_cell(sheet, row, c, text if c == 0 else None, styles["heading"])
    sheet.set_row(row, 26)
    return row + 1


def _documents(sheet: Any, law: w.Law, styles: Styles, top: int) -> None:
    sheet.write_string(top, 0, "效力", styles["head"])
    for c, text in enumerate(("文件", "起", "止", "名称"), 1):
        sheet.write_string(top, c, text, styles["head"])
    documents = list(dict.fromkeys(e.document for e in law.entries))
    for r, document in enumerate(documents, top + 1):
        day = f"{w.LIBRARY}!$B$3"
        n = r + 1
        over = f"{day}>D{n}" if document.valid_to else "FALSE"
        formula = f'=IF({int(document.draft)}=1,"征求意见稿",IF({day}<C{n},"未施行",IF({over},"失效","施行")))'
        put_formula(sheet, r, 0, formula, styles["center"], status(document, None, w.EXAMPLE_DAY))
        write_cell(sheet, r, 1, "（征求意见稿）" if document.draft else document.name, styles["cell"])
        write_cell(sheet, r, 2, document.valid_from, styles["date"])
        write_cell(sheet, r, 3, document.valid_to, styles["date"])
        write_cell(sheet, r, 4, f"{document.title}（{len(document.rules)} 条）", styles["cell"])
        sheet.set_row(r, 32)


# --- 函数说明 ---

_WIDTHS = (18, 40, 54, 44, 22, 22, 8)


def write_reference(book: Any, styles: Styles) -> None:
    """Every function: help, arguments, a formula to copy, its result now and as it should be (the self-test)."""
    sheet = book.get_worksheet_by_name(REFERENCE)
    for c, width in enumerate(_WIDTHS):
        sheet.set_column(c, c, width)
    title(
        sheet,
        styles,
        REFERENCE,
        6,
        "例子可以复制到任何单元格。区域进、区域出：选好一块区域，写公式，按 Ctrl+Shift+Enter（新版 Excel 直接回车）。给表格的函数，这里显示结果里的一格。",
    )
    for c, text in enumerate(("函数", "作用", "参数", "例子", "现在的结果", "应得的结果", "自检")):
        sheet.write_string(3, c, text, styles["head"])
    for r, function in enumerate(FUNCTIONS, 4):
        arguments = "\n".join(f"{a.name}　{a.help}" for a in function.arguments)
        formula, value = self_test(function)
        for c, text in enumerate((function.name, function.help, arguments)):
            sheet.write_string(r, c, text, styles["top"])
        sheet.write_string(r, 3, function.example, styles["code"])
        put_formula(sheet, r, 4, formula, styles["cell"], value)
        write_cell(sheet, r, 5, value, styles["cell"])
        put_formula(sheet, r, 6, f'=IFERROR(IF(E{r + 1}=F{r + 1},"正常","不符"),"无应答")', styles["center"], "正常")
        sheet.set_row(r, styles.height([function.help, arguments, function.example, value], _WIDTHS[1:5], 40))
    last = 3 + len(FUNCTIONS)
    sheet.conditional_format(
        4, 6, last, 6, {"type": "cell", "criteria": "!=", "value": '"正常"', "format": styles["bad"]}
    )
    sheet.freeze_panes(4, 1)
    set_page(sheet, foot=FOOT, titles=(4, 4))


def self_test(function: Function) -> tuple[str, Any]:
    """The example of a function as a formula of one cell (a cell of its table), and what it gives."""
    if function.remembers:  # an amount, or #N/A where no working folder is in use: both are an answer
        call = function.example[1:]
        return f'=IF(OR(ISNUMBER({call}),ISNA({call})),"有应答","无应答")', "有应答"
    value = function.answer(*example_arguments(function.example))
    if isinstance(value, list):
        column = next(i for i, item in enumerate(value[1], 1) if not isinstance(item, XlError) and item != "")
        return f"=INDEX({function.example[1:]},2,{column})", value[1][column - 1]
    return function.example, value


def write_settings(book: Any) -> None:
    """The sheet that xlwings reads its settings from. The interpreter is not here: it differs from PC to PC."""
    sheet = book.get_worksheet_by_name(SETTINGS)
    settings = {
        "UDF MODULES": UDF_MODULE, "USE UDF SERVER": "True", "SHOW CONSOLE": "False",
        "ADD_WORKBOOK_TO_PYTHONPATH": "False",
    }  # fmt: skip
    for r, (key, value) in enumerate(settings.items()):
        sheet.write_string(r, 0, key)
        sheet.write_string(r, 1, value)
    sheet.very_hidden()


def function_reference() -> str:
    """The function reference as text (Markdown), for `xlpolicy excel functions` and the documentation."""
    out = ["# 函数说明", ""]
    for function in FUNCTIONS:
        kind = {"number": "金额", "text": "文字", "table": "表格"}[function.result]
        out += [f"## {function.name}（{kind}）", "", function.help, ""]
        out += [f"- `{a.name}`{'（可不写）' if a.optional or a.variadic else ''}：{a.help}" for a in function.arguments]
        out += ["", f"    {function.example}", ""]
    return "\n".join(out)
