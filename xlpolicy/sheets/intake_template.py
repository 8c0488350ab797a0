"""templates/台账.xlsx: the look of the ledger. `xlpolicy excel build --all` rebuilds it, byte for byte.

What stands in braces is filled by `refill`; a bureau may restyle, reorder or drop columns in its own copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl.chart import BarChart
from openpyxl.chart.data_source import AxDataSource, NumDataSource, NumRef, StrRef
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.sheets.book import set_page
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.openpyxl_book import blank_workbook, finished
from xlpolicy.sheets.style import BAND, GRID, SOFT
from xlpolicy.sheets.template import CLAIMS, LEDGER, MOMENT, RETURNED, SUMMARY, UNLISTED
from xlpolicy.sheets.text import letter

#: the number format of a kind of column
_NUMBERS = {
    "yuan": "#,##0.00", "part": '#,##0.00;-#,##0.00;"—"', "count": "#,##0", "text": "@", "center": "@", "date": "yyyy-mm-dd"
}  # fmt: skip
#: how high the chart of the summary is, and the row below its list that leaves it room where the list is short
_CHART_POINTS, _ROOM_POINTS = 150, 90

#: heading, width, placeholder, kind (text, center, yuan, count)
_Columns = Sequence[tuple[str, float, str, str]]
_CLAIMS: _Columns = (
    ("序号", 5, "序号", "count"),
    ("申报单位", 18, "申报单位", "text"),
    ("统一社会\n信用代码", 11.5, "统一社会信用代码", "center"),
    ("县区", 8, "县区", "center"),
    ("条款", 11, "条款", "text"),
    ("依据", 13, "依据", "text"),
    ("申报数据", 26, "申报数据", "text"),
    ("核定金额\n（元）", 14.5, "核定金额元", "yuan"),
    ("核定金额\n（万元）", 9.5, "核定金额万元", "yuan"),
    ("性质", 6.5, "性质", "center"),
    ("结果", 8, "结果", "center"),
    ("计算过程", 36, "计算过程", "text"),
    ("假设\n（见表末）", 11, "假设", "center"),
    ("提醒", 18, "提醒", "text"),
    ("文件", 16, "文件", "text"),
)
_RETURNED: _Columns = (
    ("序号", 5, "序号", "count"),
    ("申报单位", 20, "申报单位", "text"),
    ("文件", 26, "文件", "text"),
    ("工作表", 11, "工作表", "center"),
    ("单元格", 8, "单元格", "center"),
    ("栏目", 20, "栏目", "text"),
    ("问题", 42, "问题", "text"),
    ("怎样改", 34, "怎样改", "text"),
    ("补正通知", 24, "补正通知", "text"),
)
_UNLISTED: _Columns = (
    ("序号", 5, "序号", "count"),
    ("类别", 10, "类别", "center"),
    ("文件", 34, "文件", "text"),
    ("申报单位", 24, "申报单位", "text"),
    ("原因", 50, "原因", "text"),
    ("处理建议", 40, "处理建议", "text"),
    ("存放位置", 30, "存放位置", "text"),
)
_SUMMARY: _Columns = (
    ("县区", 15, "县区", "center"),
    ("条款", 26, "条款", "text"),
    ("依据", 42, "依据", "text"),
    ("核定\n（份）", 11, "份数", "count"),
    ("符合条件\n（份）", 11, "符合条件", "count"),
    ("不予补助\n（份）", 11, "不予补助", "count"),
    ("核定金额\n（元）", 20, "核定金额元", "yuan"),
    ("核定金额\n（万元）", 15, "核定金额万元", "yuan"),
)
_INTAKE = ("收件文件\n（个）", "合计（份）", "已核定", "退回\n补正", "重复", "空白", "无法读取", "非申请表\n或跳过")


class Drawing:
    """One sheet under construction."""

    def __init__(self, sheet: Worksheet, widths: Sequence[float], fonts: Mapping[str, str]) -> None:
        self.ws, self.fonts, self.width, self.row = sheet, fonts, len(widths), 0
        for index, width in enumerate(widths, 1):
            sheet.column_dimensions[letter(index)].width = width

    def banner(
        self, text: str, *, size: int, height: float | None, font: str = "title", across: str = "center"
    ) -> None:
        self.row += 1
        cell = self.ws.cell(self.row, 1, text)
        cell.font = Font(name=self.fonts[font], size=size)
        cell.alignment = Alignment(horizontal=across, vertical="center", wrap_text=True)
        self.ws.merge_cells(start_row=self.row, end_row=self.row, start_column=1, end_column=self.width)
        self.ws.row_dimensions[self.row].height = height

    def head(self, names: Sequence[str], height: float = 34) -> int:
        self.row += 1
        for column, name in enumerate(names, 1):
            cell = self.ws.cell(self.row, column, name)
            cell.font = Font(name=self.fonts["heading"], size=10)
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            cell.border, cell.fill = GRID, BAND
        self.ws.row_dimensions[self.row].height = height
        return self.row

    def line(
        self, cells: Sequence[tuple[str | None, str]], *, total: bool = False, height: float | None = None
    ) -> None:
        self.row += 1
        for column, (text, kind) in enumerate(cells, 1):
            cell = self.ws.cell(self.row, column, text)
            cell.font = Font(name=self.fonts["heading" if total else "body"], size=10)
            cell.number_format = _NUMBERS[kind]
            money = kind in ("yuan", "part")
            across = "right" if money else "left" if kind == "text" else "center"
            cell.alignment = Alignment(horizontal=across, vertical="center", wrap_text=not money, shrink_to_fit=money)
            cell.border = GRID
            if total:
                cell.fill = SOFT
        if height:
            self.ws.row_dimensions[self.row].height = height

    def spread(self, text: str, height: float | None) -> None:
        """A bordered line over the whole width."""
        self.line([(text if i == 0 else None, "text") for i in range(self.width)], total=True, height=height)
        self.ws.merge_cells(start_row=self.row, end_row=self.row, start_column=1, end_column=self.width)

    def boxed(self, text: str, height: float) -> None:
        """As `spread`, without the look of a total: to be written in by hand."""
        self.line([(text if i == 0 else None, "text") for i in range(self.width)], height=height)
        for cell in self.ws[self.row]:
            cell.font = Font(name=self.fonts["body"], size=12)
        self.ws.merge_cells(start_row=self.row, end_row=self.row, start_column=1, end_column=self.width)

    def page(self, name: str, titles: int) -> None:
        set_page(self.ws, foot=(name, ""), titles=(titles, titles))
        self.ws.freeze_panes = f"C{titles + 1}"


def _listing(ws: Worksheet, fonts: Mapping[str, str], title: str, note: str, name: str, columns: _Columns) -> Drawing:
    """A sheet that is one table: title, note, headings, the repeating row."""
    sheet = Drawing(ws, [width for _, width, _, _ in columns], fonts)
    sheet.banner(title, size=20, height=36)
    sheet.banner(note, size=11, height=20, font="body", across="left")
    heading = sheet.head([head for head, *_ in columns])
    sheet.line([(f"{{{name}.{field}}}", kind) for _, _, field, kind in columns])
    ws.auto_filter.ref = f"A{heading}:{letter(len(columns))}{heading + 1}"
    sheet.page(ws.title, heading)
    return sheet


def _summary(ws: Worksheet, fonts: Mapping[str, str]) -> None:
    sheet = Drawing(ws, [width for _, width, _, _ in _SUMMARY], fonts)
    sheet.banner("惠企政策申报核定汇总表", size=22, height=40)
    sheet.banner("{期间说明}；万元栏显示两位小数，以元为准", size=11, height=20, font="body", across="left")
    sheet.banner("一、收件情况", size=12, height=23, font="heading", across="left")
    sheet.head(_INTAKE)
    marks = ("收件文件", "合计份", "已核定", "退回补正", "重复", "空白", "无法读取", "其他")
    sheet.line([(f"{{{mark}}}", "count") for mark in marks], height=24)
    note = "　一个文件里有几份申报表的，逐份计；右边六栏之和等于合计。"
    sheet.banner(note, size=10, height=20, font="body", across="left")
    sheet.banner("二、按县区", size=12, height=23, font="heading", across="left")
    beside = sheet.head(["县区", "核定金额（万元）"], height=24)
    sheet.line([("{县区.县区}", "center"), ("{县区.核定金额万元}", "yuan")])
    _chart(ws, sheet.row, f"C{beside}")
    sheet.line([("合计", "center"), ("{合计 县区.核定金额万元}", "yuan")], total=True, height=24)
    sheet.row += 1
    ws.row_dimensions[sheet.row].height = _ROOM_POINTS
    sheet.banner("三、按县区和条款", size=12, height=23, font="heading", across="left")
    titles = sheet.head([head for head, *_ in _SUMMARY])
    sheet.line([(f"{{明细.{field}}}", kind) for _, _, field, kind in _SUMMARY])
    total: list[tuple[str | None, str]] = [("合计", "center"), (None, "text"), (None, "text")]
    total += [(f"{{合计 明细.{field}}}", kind) for _, _, field, kind in _SUMMARY[3:]]
    sheet.line(total, total=True, height=24)
    sheet.spread("核定金额合计（大写）：人民币{合计大写}", 24)
    set_page(ws, foot=(SUMMARY, ""), titles=(titles, titles))


def _chart(ws: Worksheet, row: int, anchor: str) -> None:
    """Amounts by county as columns, beside their list."""
    chart = BarChart()
    chart.type, chart.gapWidth, chart.title, chart.legend = "col", 80, "各县区核定金额（万元）", None
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format = "#,##0"
    chart.dataLabels = DataLabelList(
        numFmt="#,##0.00", showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False
    )
    chart.series.append(series(0, "核定金额（万元）", f"'{ws.title}'!$B${row}", f"'{ws.title}'!$A${row}"))
    chart.height, chart.width = _CHART_POINTS / 72 * 2.54, 20
    ws.add_chart(chart, anchor)


def series(number: int, title: str, values: str, names: str) -> Series:
    """One series of a chart over the line of a list; `refill` draws it out over what the line becomes."""
    made = Series(
        idx=number,
        order=number,
        val=NumDataSource(numRef=NumRef(f=values)),
        cat=AxDataSource(strRef=StrRef(f=names)),
        tx=SeriesLabel(v=title),
    )
    made.invertIfNegative = False
    return made


def build(fonts: Mapping[str, str] = FONTS) -> bytes:
    """The template as bytes; the same call always gives the same ones."""
    book = blank_workbook("申报核定台账")
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = SUMMARY
    _summary(first, fonts)
    claims = _listing(
        book.create_sheet(CLAIMS), fonts, "惠企政策申报核定台账", "{期间说明}", "台账", _CLAIMS
    )  # fmt: skip
    fields = [field for _, _, field, _ in _CLAIMS]
    claims.line(
        [
            ("合计" if i == 1 else f"{{合计 台账.{f}}}" if f in ("核定金额元", "核定金额万元") else None, kind)
            for i, (f, (_, _, _, kind)) in enumerate(zip(fields, _CLAIMS, strict=True))
        ],
        total=True,
        height=26,
    )
    claims.spread("合计 {已核定} 份，核定金额合计（大写）：人民币{合计大写}", 26)
    claims.spread("假设（条文未写明之处按此测算，请核对）：{假设说明}", None)
    _listing(
        book.create_sheet(RETURNED), fonts, "退回补正清单",
        "共 {退回补正} 份申报表需要补正，逐处列出；补正通知已生成，可直接发给申报单位。",
        "补正", _RETURNED,
    )  # fmt: skip
    _listing(
        book.create_sheet(UNLISTED), fonts, "未列入台账的文件",
        "共 {未列入} 份：重复、空白、无法读取、不是申请表和跳过的文件，逐份列出，原件未动。", "未列入", _UNLISTED,
    )  # fmt: skip
    return finished(book, {}, MOMENT)


def write(folder: Path) -> Path:
    """Write the template into `folder`."""
    path = folder / LEDGER
    path.write_bytes(build())
    return path
