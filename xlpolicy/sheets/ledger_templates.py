"""The looks of the register's ledgers in templates/. `xlpolicy excel build --all` rebuilds them, byte for byte.

Each is a plain workbook with placeholders (see `refill`); a bureau restyles, reorders, adds or drops columns in its copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from openpyxl.chart import BarChart
from openpyxl.chart.label import DataLabelList
from openpyxl.styles import PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.sheets import intake_template
from xlpolicy.sheets.book import set_page
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.intake_template import Drawing, series
from xlpolicy.sheets.openpyxl_book import blank_workbook, finished
from xlpolicy.sheets.template import MOMENT
from xlpolicy.sheets.text import heading_of, letter

RECORD = "核算记录"
_ENTRY = PatternFill("solid", fgColor="FFF8DC")
#: 列: heading, width, kind; a kind that ends in + is added up, one that begins with * is filled in by the reader
_Column = tuple[str, float, str]
_HEAD = "{日志}"


@dataclass(frozen=True, slots=True)
class Block:
    """One list of a sheet: its name in placeholders, columns, a heading above; `chart`: its title, the columns drawn."""

    name: str
    columns: tuple[_Column, ...]
    heading: str = ""
    chart: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: title, lines below it, lists, lines at the end. `freeze`: columns that stay in sight."""

    name: str
    title: str
    notes: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    after: tuple[str, ...] = ()
    paper: str = "A4"
    landscape: bool = True
    tall: int = 0
    freeze: int = 0
    choices: Mapping[str, str] | None = None
    hints: Mapping[str, str] | None = None


_MONEY = ("测算额\n（元）", 15, "yuan+"), ("审定额\n（元）", 15, "yuan+")
_ASKED = ("申报额\n（元）", 15, "part+")
_WHO = (("申报单位", 24, "text"), ("统一社会信用代码", 21, "center"), ("县区", 9, "center"))
_WHAT = (("项目", 18, "text"), ("条款", 18, "text"), ("依据", 22, "text"))
_LEFT = (
    ("应付\n（元）", 15, "yuan+"),
    ("已拨\n（元）", 15, "part+"),
    ("收回\n（元）", 14, "part+"),
    ("未拨\n（元）", 15, "part+"),
)
_SIGN = "经办：　　　　　　　　　复核：　　　　　　　　　分管领导：　　　　　　　　　主要领导："
_SUMS = (("笔数", 8, "count+"), ("测算额\n（元）", 17, "yuan+"), ("审定额\n（元）", 17, "yuan+"), *(
    (head, 17, kind) for head, _, kind in _LEFT
))  # fmt: skip
_PAID = ("应付", "已拨")

_SUMMED = ("共 {笔数} 笔，{单位数} 家单位　应付合计大写：{应付大写}　单位：元", _HEAD)


def _summed(name: str, first: _Column, chart: str) -> Sheet:
    """One sheet of 汇总: sums by something, and bars below."""
    return Sheet(name, "兑 付 汇 总 表", _SUMMED, (Block(first[0], (first, *_SUMS), "", (chart, _PAID)),))


LEDGERS: dict[str, tuple[Sheet, ...]] = {
    "申报台账": (
        Sheet(
            "申报台账", "申 报 台 账",
            ("共 {笔数} 笔　测算合计大写：{测算大写}　单位：元　审定额空着的还没有审定", _HEAD),
            (Block("申报", (
                ("编号", 12, "center"), ("批次", 10, "center"), *_WHO, *_WHAT, _ASKED, *_MONEY, *_LEFT[:2], ("状态", 10, "center"),
                ("文件", 24, "text"),
            )),), paper="A3", freeze=3,
        ),
    ),
    "审核台账": (
        Sheet(
            "审核台账", "审 核 台 账",
            (
                "共 {笔数} 笔　只填浅黄色的栏目，填好保存后运行 xlpolicy review load；列可以移动、改样式，表头和“版次”不要改　单位：元\n"
                "申报额是申请表上填的申请金额，表上没有这一栏、没有填的空着　{日志}",
            ),
            (Block("审核", (
                ("编号", 12, "center"), ("申报单位", 22, "text"), ("县区", 9, "center"), *_WHAT, ("申报数据", 30, "text"),
                _ASKED, ("测算额\n（元）", 15, "yuan+"), ("县区初审额\n（元）", 15, "*yuan+"), ("审定额\n（元）", 15, "*yuan+"),
                ("核减额\n（元）", 15, "part+"), ("原因", 26, "*text"), ("审核人", 10, "*center"), ("审定日期", 12, "*date"),
                ("公示结果", 12, "*center"), ("公示日期", 12, "*date"), ("异议内容", 22, "*text"), ("计算过程", 42, "text"),
                ("提醒", 34, "text"), ("状态", 10, "center"), ("版次", 11, "center"),
            )),), paper="A3", freeze=2,
            choices={"公示结果": "无异议,异议,异议不成立,异议成立"},
            hints={
                "县区初审额": "县区初审的金额（元），没有初审的不填", "审定额": "不大于测算额；不予兑付的填 0，并写原因",
                "原因": "审定额小于测算额的必填", "审定日期": "如 2026-06-30；不填为载入当天", "公示结果": "公示期满后填",
                "公示日期": "公示期满或提出异议的日期",
            },
        ),
    ),
    "补正台账": (
        Sheet(
            "补正台账", "补 正 台 账", ("共 {笔数} 份：待补正 {待补正} 份，已补正 {已补正} 份，已终止 {已终止} 份", _HEAD),
            (Block("补正", (
                ("序号", 6, "count"), ("文件", 22, "text"), ("申报单位", 22, "text"), ("统一社会信用代码", 21, "center"),
                ("县区", 9, "center"), ("条款", 18, "text"), ("项目", 18, "text"), ("收到日期", 12, "center"),
                ("要补正的", 46, "text"), ("状态", 11, "center"), ("补正件", 20, "text"), ("终止原因", 22, "text"),
                ("经办人", 10, "center"), ("终止日期", 12, "center"),
            )),), paper="A3", freeze=3,
        ),
    ),
    "县区汇总表": (
        Sheet(
            "县区汇总表", "{县区}{范围}申报汇总表",
            (
                "共 {笔数} 笔，{单位数} 家单位　测算合计大写：{测算大写}　单位：元",
                "只填浅黄色的栏目：逐笔填初审额，小于测算额的写明意见，还没有初审的空着；不增删行，“编号”“版次”不改。填好后发回市级主管部门。",
            ),
            (Block("县区汇总", (
                ("序号", 6, "count"), ("编号", 12, "center"), ("申报单位", 24, "text"), ("统一社会信用代码", 21, "center"),
                ("项目", 18, "text"), ("条款", 18, "text"), ("申报数据", 30, "text"), ("测算额\n（元）", 15, "yuan+"),
                ("县区初审额\n（元）", 15, "*yuan+"), ("县区意见", 26, "*text"), ("初审人", 10, "*center"), ("初审日期", 12, "*date"),
                ("版次", 11, "center"),
            )),),
            ("填报单位（盖章）：　　　　　　　　负责人：　　　　　　　　填表人：　　　　　　　　联系电话：　　　　　　　　日期：", _HEAD),
            paper="A3", freeze=3,
            hints={
                "县区初审额": "这一笔初审的金额（元），不大于测算额；不同意的填 0", "县区意见": "初审额小于测算额的必填，写明为什么",
                "初审日期": "如 2026-06-30；不填为载入当天",
            },
        ),
    ),
    "兑付台账": (
        Sheet(
            "兑付台账", "兑 付 台 账", ("核算批号 {核算批号}　共 {笔数} 笔　应付合计大写：{应付大写}　单位：元", _HEAD),
            (Block("兑付", (
                ("编号", 12, "center"), *_WHO, *_WHAT, *_MONEY, ("核算扣减\n（元）", 14, "part+"), ("应付\n（元）", 15, "yuan+"),
                ("中央\n（元）", 13, "part+"), ("省级\n（元）", 13, "part+"), ("市级\n（元）", 14, "part+"),
                ("县级\n（元）", 14, "part+"), ("已拨\n（元）", 15, "part+"), ("收回\n（元）", 14, "part+"),
                ("未拨\n（元）", 15, "part+"),
                ("状态", 10, "center"), ("扣减和提示", 34, "text"),
            )),), (_SIGN,), paper="A3", freeze=2,
        ),
    ),
    "公示表": (
        Sheet(
            "公示表", "拟兑付资金公示表",
            ("公示期：{公示期}　公示期内如有异议，请以书面形式实名反映。", "受理单位：{受理单位}　联系电话：{联系电话}"),
            (Block("公示", (
                ("序号", 6, "count"), ("申报单位", 30, "text"), ("县区", 10, "center"), ("项目", 26, "text"),
                ("条款", 24, "text"), ("依据", 26, "text"), ("拟兑付额\n（元）", 18, "yuan+"),
            )),), (_HEAD,),
        ),
    ),
    "汇总": (
        _summed("按县区", ("县区", 34, "text"), "各县区应付和已拨（元）"),
        _summed("按条款", ("条款", 34, "text"), "各条款应付和已拨（元）"),
        _summed("按年度", ("年度", 34, "text"), "各年度应付和已拨（元）"),
        Sheet(
            "按资金来源", "兑 付 汇 总 表", _SUMMED,
            (Block("资金来源", (
                ("资金来源", 34, "text"), ("笔数", 9, "count"), ("应付\n（元）", 19, "yuan+"), ("已列入拨付\n（元）", 19, "part+"),
                ("已拨\n（元）", 19, "part+"), ("收回\n（元）", 17, "part+"),
                ("未拨\n（元）", 19, "part+"),
            ), "", ("各级资金应付和已拨（元）", _PAID)),),
        ),
        Sheet(
            "资金结余", "兑 付 汇 总 表", _SUMMED,
            (Block("资金", (
                ("资金", 34, "text"), ("年度", 9, "center"), ("资金总额\n（元）", 19, "yuan+"), ("已列入拨付\n（元）", 19, "part+"),
                ("资金结余\n（元）", 19, "part+"),
            ), "", ("资金已列入拨付和结余（元）", ("已列入拨付", "资金结余"))),),
        ),
    ),
    "核减明细": (
        Sheet(
            "核减明细", "核 减 明 细 表", ("共 {笔数} 处，核减合计大写：{核减大写}　单位：元", _HEAD),
            (Block("核减", (
                ("编号", 12, "center"), ("申报单位", 26, "text"), ("县区", 9, "center"), ("条款", 20, "text"),
                ("环节", 8, "center"), ("核减额\n（元）", 16, "yuan+"), ("依据", 24, "text"), ("原因", 42, "text"),
                ("审核人", 10, "center"), ("日期", 12, "center"),
            )),), freeze=2,
        ),
    ),
    "拨款明细表": (
        Sheet(
            "拨款明细表", "拨 款 明 细 表", ("批次号 {批次号}　共 {笔数} 笔　本次合计大写：{本次大写}　单位：元\n{日志}",),
            (Block("拨款", (
                ("拨付编号", 17, "center"), ("申报编号", 12, "center"), ("户名", 24, "text"), ("账号", 23, "center"),
                ("开户行", 22, "text"), ("统一社会信用代码", 21, "center"), ("条款", 18, "text"), ("依据", 20, "text"),
                ("核定应付\n（元）", 15, "yuan+"), ("以前已列\n（元）", 14, "part+"), ("本次\n（元）", 15, "yuan+"),
                ("剩余\n（元）", 14, "part+"), ("本次大写", 30, "text"), ("资金来源", 9, "center"), ("状态", 9, "center"),
                ("暂缓原因", 24, "text"),
            )),), (_SIGN,), paper="A3", freeze=3,
        ),
        Sheet(
            "审签表", "资 金 拨 付 审 签 表",
            ("批次号 {批次号}　共 {申报笔数} 笔申报、{笔数} 笔拨付，本次拨付 {本次} 元（{本次大写}）{暂缓说明}",),
            (
                Block("来源", (("资金来源", 34, "text"), ("笔数", 20, "count+"), ("本次拨付\n（元）", 26, "yuan+")), "一、资金来源"),
                Block("事项", (("条款", 34, "text"), ("依据", 20, "text"), ("本次拨付\n（元）", 26, "yuan+")), "二、事项和依据"),
            ),
            (
                "经办人意见：\n\n　　　　　　　　　　　　　　　　签字：　　　　　　　年　　月　　日",
                "复核人意见：\n\n　　　　　　　　　　　　　　　　签字：　　　　　　　年　　月　　日",
                "分管领导意见：\n\n　　　　　　　　　　　　　　　　签字：　　　　　　　年　　月　　日",
                "主要领导意见：\n\n　　　　　　　　　　　　　　　　签字：　　　　　　　年　　月　　日", _HEAD,
            ), landscape=False, tall=1,
        ),
        Sheet(
            "未列入", "没有列入本批的申报", ("审定、核算、公示处理好以后再做计划。",),
            (Block("未列入", (("申报编号", 18, "center"), ("没有列入的原因", 80, "text"))),),
        ),
    ),
    "企业一户一表": (
        Sheet(
            "企业一户一表", "企业享受政策情况表",
            ("{申报单位}　统一社会信用代码：{统一社会信用代码}　县区：{县区}{曾用名}", _HEAD),
            (
                Block("申报", (
                    ("编号", 24, "text"), ("条款", 20, "text"), ("依据", 24, "text"), ("项目", 18, "text"),
                    *_MONEY, *_LEFT[:2], ("状态", 11, "center"),
                ), "一、申报"),
                Block("拨付", (
                    ("拨付编号", 24, "text"), ("条款", 20, "text"), ("账号", 24, "center"), ("资金来源", 18, "center"),
                    ("本次\n（元）", 15, "yuan+"), ("已到账\n（元）", 15, "part+"), ("日期", 15, "center"), ("状态", 15, "center"),
                ), "二、拨付"),
                Block("还可享受", (
                    ("条款", 24, "text"), ("年度", 20, "center"), ("依据", 24, "text"), ("封顶范围", 18, "text"),
                    ("封顶\n（元）", 15, "yuan"), ("已占用\n（元）", 15, "part"), ("还可享受\n（元）", 15, "yuan"),
                ), "三、按企业封顶的条款还可享受的额度（不等于能够得到的金额）"),
                Block("收件", (("文件", 24, "text"), ("收到日期", 20, "center"), ("结果", 24, "text"), ("要补正的", 18, "text")), "四、收到的申请表"),
            ),
        ),
    ),
}  # fmt: skip
_RECORD = Sheet(
    RECORD, "核 算 记 录", ("这些金额是用什么算出来的；纸面与登记库核对：xlpolicy verify --head 校验值", _HEAD),
    (
        Block("记录", (("项目", 30, "text"), ("内容", 72, "text"))),
        Block("文件", (("政策文件", 30, "text"), ("校验值", 72, "text")), "政策文件"),
        Block("口径", (("口径", 30, "text"), ("本单位选用", 72, "text")), "本单位口径"),
        Block("事实", (("事实", 30, "text"), ("内容", 72, "text")), "核算用到的事实"),
    ),
    landscape=False,
)  # fmt: skip


def build(name: str, fonts: Mapping[str, str] = FONTS) -> bytes:
    """The template of one ledger as bytes; the same call always gives the same ones."""
    book = blank_workbook(name)
    book.remove(book.worksheets[0])
    for sheet in (*LEDGERS[name], _RECORD):
        _draw(book, sheet, fonts)
    return finished(book, {}, MOMENT)


def _draw(book: Workbook, sheet: Sheet, fonts: Mapping[str, str]) -> None:
    ws: Worksheet = book.create_sheet(sheet.name)
    wide = max(len(block.columns) for block in sheet.blocks)
    widths = [max((b.columns[i][1] for b in sheet.blocks if i < len(b.columns)), default=10) for i in range(wide)]
    drawing = Drawing(ws, widths, fonts)
    drawing.banner(sheet.title, size=20, height=36)
    for note in sheet.notes:
        drawing.banner(note, size=11, height=None, font="body", across="left")
    heading = 0
    for block in sheet.blocks:
        if block.heading:
            drawing.banner(block.heading, size=12, height=24, font="heading", across="left")
        head = drawing.head([column[0] for column in block.columns], height=32)
        heading = heading or head
        _list(ws, drawing, block, sheet)
        if block.chart is not None:
            _chart(ws, drawing, block, head + 1)
        if block is not sheet.blocks[-1]:
            drawing.row += 1
    for text in sheet.after:
        tall = 66.0 if "\n" in text else 24.0 if text == _HEAD else 34.0
        if sheet.tall:
            drawing.boxed(text, tall)
        else:
            drawing.banner(text, size=11, height=tall, font="body", across="left")
    one = len(sheet.blocks) == 1
    set_page(
        ws, landscape=sheet.landscape, tall=sheet.tall, paper=sheet.paper, foot=(sheet.name, "{校验值}"),
        titles=(heading, heading) if one else None,
    )  # fmt: skip
    if one:
        ws.freeze_panes = f"{letter(sheet.freeze + 1)}{heading + 1}"
        ws.auto_filter.ref = f"A{heading}:{letter(wide)}{heading + 1}"


def _list(ws: Worksheet, drawing: Drawing, block: Block, sheet: Sheet) -> None:
    kinds = [kind.strip("*+") for _, _, kind in block.columns]
    fields = [heading_of(head) for head, _, _ in block.columns]
    drawing.line([(f"{{{block.name}.{own}}}", kind) for own, kind in zip(fields, kinds, strict=True)], height=20)
    row = drawing.row
    for i, (head, _, kind) in enumerate(block.columns, 1):
        if kind.startswith("*"):
            ws.cell(row, i).fill = _ENTRY
        own = heading_of(head)
        choice, hint = (sheet.choices or {}).get(own), (sheet.hints or {}).get(own)
        if choice or hint:
            rule = DataValidation(
                type="list" if choice else None, formula1=f'"{choice}"' if choice else None, allow_blank=True,
                promptTitle=own if hint else None, prompt=hint, showInputMessage=bool(hint), errorStyle="warning",
                errorTitle="不在清单里" if choice else None, error="这一项不在下拉清单里。确定要这样填吗？" if choice else None,
                showErrorMessage=bool(choice),
            )  # fmt: skip
            rule.add(f"{letter(i)}{row}")
            ws.add_data_validation(rule)
    if any(kind.endswith("+") for _, _, kind in block.columns):
        drawing.line(
            [
                ("合计" if i == 0 else "{合计}" if kind.endswith("+") else None, kinds[i])
                for i, (_, _, kind) in enumerate(block.columns)
            ],
            total=True, height=24,
        )  # fmt: skip


def _chart(ws: Worksheet, drawing: Drawing, block: Block, row: int) -> None:
    """Bars below the list, over its repeated row; they grow with it."""
    assert block.chart is not None
    title, drawn = block.chart
    chart = BarChart()
    chart.type, chart.gapWidth, chart.title = "bar", 60, title
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.scaling.orientation, chart.y_axis.scaling.min = "maxMin", 0
    chart.y_axis.number_format, chart.legend.position = "#,##0", "b"
    chart.dataLabels = DataLabelList(
        numFmt="#,##0", showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False
    )
    fields = [heading_of(head) for head, _, _ in block.columns]
    for number, own in enumerate(drawn):
        at = f"'{ws.title}'!${letter(fields.index(own) + 1)}${row}"
        chart.series.append(series(number, own, at, f"'{ws.title}'!$A${row}"))
    chart.height, chart.width = 9, 24
    ws.add_chart(chart, f"A{drawing.row + 2}")


def write(folder: Path) -> list[Path]:
    """Write all templates, that of 台账.xlsx among them, into `folder`."""
    made = [intake_template.write(folder)]
    for name in LEDGERS:
        made.append(folder / f"{name}.xlsx")
        made[-1].write_bytes(build(name))
    return made
