"""台账.xlsx from the records: the lists that the template shows, live totals with their results, and the chart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.utils import column_index_from_string
from openpyxl.utils.cell import coordinate_from_string
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.batch.carry import Before, Carried, Key, Written, carry, snapshot
from xlpolicy.batch.record import PLACES, Record, claims_of, enterprise_key
from xlpolicy.law.catalog import Catalog
from xlpolicy.money import ZERO, upper
from xlpolicy.settle.claims_sheet import claims_listing, facts_listings, write_claims, write_facts
from xlpolicy.sheets.fill_template import Book, Column, Item
from xlpolicy.sheets.row_stream import Formula, Value
from xlpolicy.sheets.template import CHART_POINTS, CLAIMS, RETURNED, SUMMARY, UNLISTED

_WAN = Decimal(10) ** 4
_ADVICE = {
    "重复": "不必处理；需以后一份为准的，移走先列的一份后重新核算",
    "空白": "请申报单位填写后重新报送",
    "无法读取": "请申报单位另存后重新报送",
    "非申请表": "人工查看；是申报材料的归档，是申请表的请用发放的表格填报",
    "跳过": "不必处理",
}
_NO_COUNTY = "（未填）"


def _lines(items: Sequence[str]) -> str:
    return "；\n".join(items) if items else "无"


def _assumptions(records: Iterable[Record]) -> dict[str, int]:
    """Every assumption with its number, in the order of the ledger."""
    texts = dict.fromkeys(text for r in records if r.judged for text in r.judged.assumptions)
    return {text: number for number, text in enumerate(texts, 1)}


class _Claims(Sequence[Item]):
    """The judged forms as the ledger lists them, each made when it is asked for."""

    def __init__(self, records: Sequence[Record], numbers: Mapping[str, int]) -> None:
        self.records, self.numbers = records, numbers

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: Any) -> Any:
        record = self.records[index]
        judged = record.judged
        assert judged is not None
        marks = sorted(self.numbers[text] for text in judged.assumptions)
        return {
            "序号": index + 1, "申报单位": record.enterprise, "统一社会信用代码": record.code,
            "县区": record.county or _NO_COUNTY, "项目名称": record.project, "条款": record.title,
            "依据": judged.basis, "申报数据": record.inputs, "核定金额元": judged.amount,
            "核定金额万元": judged.amount / _WAN, "大写": upper(judged.amount), "性质": judged.nature,
            "结果": record.result, "计算过程": judged.explanation, "假设": "、".join(map(str, marks)) or "无",
            "假设全文": _lines(judged.assumptions),
            "提醒": _lines([*judged.warnings, *record.hints]), "核定日期": str(record.on),
            "文件": record.source, "核定表": record.outputs[0] if record.outputs else "",
        }  # fmt: skip


def _returned(records: Iterable[Record]) -> list[Item]:
    out: list[Item] = []
    for record in records:
        for fault in record.problems:
            out.append(
                {
                    "序号": len(out) + 1, "申报单位": record.enterprise or "（未填）", "统一社会信用代码": record.code,
                    "县区": record.county, "条款": record.title, "文件": record.source, "工作表": fault.sheet or "—",
                    "单元格": fault.cell or "—", "栏目": record.label(fault) or "—", "问题": fault.what,
                    "怎样改": fault.remedy,
                    "补正通知": next((o for o in record.outputs if o.endswith("补正通知.xlsx")), ""),
                }
            )  # fmt: skip
    return out


def _unlisted(records: Iterable[Record]) -> list[Item]:
    return [
        {
            "序号": number, "类别": record.place, "文件": record.source, "申报单位": record.enterprise or "—",
            "原因": record.why,
            "处理建议": "；".join(dict.fromkeys(f.remedy for f in record.problems if f.remedy)) or _ADVICE[record.place],
            "存放位置": record.outputs[0] if record.outputs else "—",
        }
        for number, record in enumerate(records, 1)
    ]  # fmt: skip


def _sumproduct(tests: Sequence[tuple[Column | None, str]], amounts: Column | None, result: Decimal | int) -> Value:
    """A live count or total over the claims; the plain result where the template leaves a needed column out."""
    parts = [f"({column.ref}={value})" for column, value in tests if column is not None]
    if len(parts) < len(tests):
        return result
    condition = "*".join([*parts, "1"])  # Excel counts TRUE as nothing in SUMPRODUCT
    return Formula(f"=SUMPRODUCT({condition},{amounts.ref})" if amounts else f"=SUMPRODUCT({condition})", result)


class _Groups:
    """The judged records by county, provision and both, with formulas over the sheet of claims."""

    def __init__(self, book: Book, records: Sequence[Record]) -> None:
        self.columns = {field: book.columns.get(("台账", field)) for field in ("县区", "依据", "结果", "核定金额元")}
        self.pairs: dict[tuple[str, str], list[Record]] = {}
        self.counties: dict[str, list[Record]] = {}
        self.names: dict[str, str] = {}
        for record in records:
            county = record.county or _NO_COUNTY
            self.names.setdefault(county.casefold(), county)
            assert record.judged is not None
            self.pairs.setdefault((county.casefold(), record.judged.basis), []).append(record)
            self.counties.setdefault(county.casefold(), []).append(record)

    def _tests(self, *, basis: bool = False, result: str | None = None) -> list[tuple[Column | None, str]]:
        tests = [(self.columns["县区"], "[@县区]")]
        if basis:
            tests.append((self.columns["依据"], "[@依据]"))
        if result is not None:
            tests.append((self.columns["结果"], f'"{result}"'))
        return tests

    def _money(self, tests: list[tuple[Column | None, str]], total: Decimal) -> tuple[Value, Value]:
        amounts = self.columns["核定金额元"]
        yuan = _sumproduct(tests, amounts, total) if amounts else total
        wan = Formula(f"{yuan.text}/10000", total / _WAN) if isinstance(yuan, Formula) else total / _WAN
        return yuan, wan

    def detail(self) -> list[Item]:
        out: list[Item] = []
        for (county, basis), group in sorted(self.pairs.items()):
            name, eligible = self.names[county], sum(r.result == "符合条件" for r in group)
            yuan, wan = self._money(self._tests(basis=True), sum((r.amount for r in group), ZERO))
            out.append(
                {
                    "县区": name, "条款": group[0].title, "依据": basis,
                    "份数": _sumproduct(self._tests(basis=True), None, len(group)),
                    "符合条件": _sumproduct(self._tests(basis=True, result="符合条件"), None, eligible),
                    "不予补助": _sumproduct(self._tests(basis=True, result="不予补助"), None, len(group) - eligible),
                    "核定金额元": yuan, "核定金额万元": wan,
                }
            )  # fmt: skip
        return out

    def by_county(self) -> list[Item]:
        out: list[Item] = []
        for county, group in sorted(self.counties.items()):
            name = self.names[county]
            yuan, wan = self._money(self._tests(), sum((r.amount for r in group), ZERO))
            count = _sumproduct(self._tests(), None, len(group))
            out.append({"县区": name, "份数": count, "核定金额元": yuan, "核定金额万元": wan})
        return out


def _chart(book: Book) -> None:
    """Amounts by county as columns, beside their table."""
    anchor = book.anchors.get("县区")
    names, amounts = book.columns.get(("县区", "县区")), book.columns.get(("县区", "核定金额万元"))
    if anchor is None or names is None or amounts is None:
        return
    chart = BarChart()
    chart.type, chart.style, chart.gapWidth = "col", 10, 80
    chart.title = "各县区核定金额（万元）"
    chart.legend = None
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format = "#,##0"
    chart.height, chart.width = (CHART_POINTS - 8) / 72 * 2.54, 20
    chart.dataLabels = DataLabelList(
        numFmt="#,##0.00", showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False
    )
    sheet = book.sheet(anchor[0])
    chart.add_data(_reference(sheet, amounts), titles_from_data=False)
    chart.set_categories(_reference(sheet, names))
    sheet.add_chart(chart, anchor[1])


def _reference(sheet: Worksheet, column: Column) -> Reference:
    index = column_index_from_string(coordinate_from_string(f"{column.letter}1")[0])
    return Reference(worksheet=sheet, min_col=index, max_col=index, min_row=column.first, max_row=column.last)


@dataclass(frozen=True, slots=True)
class Ledger:
    """A finished 台账.xlsx, with what was taken over from the last one and what `fill` wrote into it by itself."""

    content: bytes
    carried: Carried
    written: Written


def ledger(
    records: Sequence[Record], template: Path, *, on: dt.date, files: int, catalog: Catalog, before: Before
) -> Ledger:
    """The finished 台账.xlsx. `files`: how many the inbox held; `before`: the ledger that it takes the place of."""
    judged = [r for r in records if r.judged is not None]
    returned = [r for r in records if r.place == "退回补正"]
    unlisted = [r for r in records if r.place not in ("已核定", "退回补正")]
    total = sum((r.amount for r in judged), ZERO)
    counts: dict[str, int] = {place: sum(r.place == place for r in records) for place in PLACES}
    days = sorted({r.on for r in judged if r.on} or {on})
    span = f"{days[0]}" if len(days) == 1 else f"{days[0]} 至 {days[-1]}"
    facts: dict[str, Value] = {
        **dict(counts), "其他": counts["非申请表"] + counts["跳过"], "未列入": len(unlisted), "收件文件": files,
        "合计份": len(records), "合计大写": upper(total), "合计元": total, "合计万元": total / _WAN,
        "核定日期": span,
        "期间说明": f"核定日期：{span}　　金额为按文件测算，供审核参考，以主管部门审定为准",
    }  # fmt: skip
    numbers = _assumptions(judged)
    facts["假设说明"] = "　".join(f"{number}. {text}。" for text, number in numbers.items()) or "无。"
    book = Book(template)
    book.fill(CLAIMS, facts, {"台账": _Claims(judged, numbers)})
    groups = _Groups(book, judged)
    book.fill(SUMMARY, facts, {"明细": groups.detail(), "县区": groups.by_county()})
    book.fill(RETURNED, facts, {"补正": _returned(returned)})
    book.fill(UNLISTED, facts, {"未列入": _unlisted(unlisted)})
    book.followed()
    _chart(book)
    detail = book.columns.get(("明细", "县区"))
    if detail is not None:
        book.sheet(SUMMARY).print_title_rows = f"{detail.first - 1}:{detail.first - 1}"
    carried, written = _to_be_settled(book, judged, catalog, before)
    carried.left += book.lost
    return Ledger(book.save(f"{days[-1]}T00:00:00Z"), carried, written)


def _to_be_settled(book: Book, judged: Sequence[Record], catalog: Catalog, before: Before) -> tuple[Carried, Written]:
    """The sheets that `settle` reads: the claims, the facts, and what was typed into those of the last ledger."""
    counties: dict[str, str] = {}
    for record in judged:
        counties.setdefault(record.enterprise, record.county)
    claims, facts = claims_listing(claims_of(judged)), facts_listings(book.book, counties)
    keys = [_key(record) for record in judged if record.claim is not None]
    written = snapshot(claims, keys, counties)
    carried = carry(before, claims, keys, facts)
    carried.left += [
        f"上次台账的“{name}”表不是模板里的，没有带过来" for name in before.others if name not in book.book.sheetnames
    ]
    write_claims(book, claims)
    write_facts(book, facts, catalog)
    return carried, written


def _key(record: Record) -> Key:
    who, *rest = record.key
    return (who, enterprise_key("", record.enterprise), *rest)
