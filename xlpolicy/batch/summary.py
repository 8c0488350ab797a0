"""台账.xlsx from the records: the lists that the template shows, live totals with their results, and the chart."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from xlpolicy.batch.aside import Rows
from xlpolicy.batch.carry import Carried, Draft, carry
from xlpolicy.batch.copies import NOTICE_FILE
from xlpolicy.batch.last_ledger import Before, Key, snapshot
from xlpolicy.batch.named import Named
from xlpolicy.batch.record import PLACES, Claims, Record
from xlpolicy.batch.spooled import Records
from xlpolicy.money import ZERO, upper
from xlpolicy.settle.claims_sheet import (
    Laid,
    Sheets,
    claims_listing,
    facts_listings,
    own_contents,
    own_facts,
    with_sheets,
)
from xlpolicy.settle.headings import CLAIMS as TO_SETTLE
from xlpolicy.settle.headings import OPTIONS
from xlpolicy.sheets.cells import Formula, Value
from xlpolicy.sheets.refill import refill, sheets_of, texts_of
from xlpolicy.sheets.refill_sheet import Content, Listing
from xlpolicy.sheets.template import CLAIMS, RETURNED, SUMMARY, UNLISTED

_WAN = Decimal(10) ** 4
_ADVICE = {
    "重复": "不必处理；需以后一份为准的，移走先列的一份后重新核算",
    "空白": "请申报单位填写后重新报送",
    "无法读取": "请申报单位另存后重新报送",
    "非申请表": "人工查看；是申报材料的归档，是申请表的请用发放的表格填报",
    "跳过": "不必处理",
}
_NO_COUNTY = "（未填）"
#: what templates had for the chart that the program drew into them
_DRAWN = re.compile(r"\{((?:图|留白) [^{}]*)\}")


def _lines(items: Sequence[str]) -> str:
    return "；\n".join(items) if items else "无"


_CLAIM = (
    "序号", "申报单位", "统一社会信用代码", "县区", "项目名称", "条款", "依据", "申报数据", "核定金额元", "核定金额万元", "大写", "性质",
    "结果", "计算过程", "假设", "假设全文", "提醒", "核定日期", "文件", "核定表",
)  # fmt: skip
_RETURNED = (
    "序号", "申报单位", "统一社会信用代码", "县区", "条款", "文件", "工作表", "单元格", "栏目", "问题", "怎样改", "补正通知",
)  # fmt: skip
_OTHERS = ("序号", "类别", "文件", "申报单位", "原因", "处理建议", "存放位置")
_DETAIL = ("县区", "条款", "依据", "份数", "符合条件", "不予补助", "核定金额元", "核定金额万元")
_BY_COUNTY = ("县区", "份数", "核定金额元", "核定金额万元")
_Rows = Iterator[tuple[Value, ...]]


def _claims(records: Iterable[Record], numbers: Mapping[str, int]) -> _Rows:
    """The judged forms as the ledger lists them (`_CLAIM`), each made when its turn comes."""
    for number, record in enumerate(records, 1):
        judged = record.judged
        assert judged is not None
        marks = sorted(numbers[text] for text in judged.assumptions)
        yield (
            number, record.enterprise, record.code, record.county or _NO_COUNTY, record.project, record.title, judged.basis,
            record.inputs, judged.amount, judged.amount / _WAN, upper(judged.amount), judged.nature, record.result,
            judged.explanation, "、".join(map(str, marks)) or "无", _lines(judged.assumptions),
            _lines([*judged.warnings, *record.hints, *record.beside]), str(record.on), record.source,
            record.outputs[0] if record.outputs else "",
        )  # fmt: skip


def _returned(records: Iterable[Record]) -> _Rows:
    """Every fault of the forms that go back (`_RETURNED`)."""
    faults = ((record, fault) for record in records for fault in record.problems)
    for number, (record, fault) in enumerate(faults, 1):
        notice = next((o for o in record.outputs if o.endswith(NOTICE_FILE)), "")
        yield (
            number, record.enterprise or "（未填）", record.code, record.county, record.title, record.source,
            fault.sheet or "—", fault.cell or "—", record.label(fault) or "—", fault.what, fault.remedy, notice,
        )  # fmt: skip


def _unlisted(records: Iterable[Record]) -> _Rows:
    """What is in no list of claims (`_OTHERS`)."""
    for number, record in enumerate(records, 1):
        remedies = dict.fromkeys(f.remedy for f in record.problems if f.remedy)
        yield (
            number, record.place, record.source, record.enterprise or "—", record.why,
            "；".join(remedies) or _ADVICE[record.place], record.outputs[0] if record.outputs else "—",
        )  # fmt: skip


def _over(tests: Sequence[str], amounts: str, result: Decimal | int) -> Formula:
    """A live count or total over the claims that pass the tests."""
    condition = "*".join([f"({test})" for test in tests] + ["1"])  # Excel counts TRUE as nothing in SUMPRODUCT
    return Formula(f"=SUMPRODUCT({condition}{amounts})", result)


_COUNTY, _BASIS, _RESULT = "[台账.县区]=[@县区]", "[台账.依据]=[@依据]", '[台账.结果]="{}"'


def _sums(tests: Sequence[str], total: Decimal) -> tuple[Formula, Formula]:
    """What a group of claims gets, in yuan and in ten thousand yuan."""
    yuan = _over(tests, ",[台账.核定金额元]", total)
    return yuan, Formula(f"{yuan.text}/10000", total / _WAN)


@dataclass(slots=True)
class _Group:
    """Some judged records: how many, how many of them eligible, and what they get; `title`: the provision of the first."""

    title: str
    count: int = 0
    eligible: int = 0
    total: Decimal = ZERO

    def add(self, record: Record) -> None:
        self.count += 1
        self.eligible += record.result == "符合条件"
        self.total += record.amount


class _Groups:
    """The judged records by county, and by county and provision, with formulas over the sheet of claims; and what else is
    said of all of them. `numbers`: every assumption with its number, in the order of the ledger."""

    def __init__(self, records: Iterable[Record], disk: Connection) -> None:
        self.all = _Group("")
        self.days: set[dt.date] = set()
        self.numbers: dict[str, int] = {}
        self.firms = Named[str](disk)
        self.pairs: dict[tuple[str, str], _Group] = {}
        self.counties: dict[str, _Group] = {}
        self.names: dict[str, str] = {}
        for record in records:
            assert record.judged is not None
            county = record.county or _NO_COUNTY
            self.names.setdefault(county.casefold(), county)
            pair = self.pairs.setdefault((county.casefold(), record.judged.basis), _Group(record.title))
            for group in (self.all, pair, self.counties.setdefault(county.casefold(), _Group(""))):
                group.add(record)
            for text in record.judged.assumptions:
                self.numbers.setdefault(text, len(self.numbers) + 1)
            if record.on:
                self.days.add(record.on)
            self.firms.add(record.enterprise, record.county)

    def detail(self) -> _Rows:
        """By county and provision (`_DETAIL`)."""
        tests = (_COUNTY, _BASIS)
        for (county, basis), group in sorted(self.pairs.items()):
            yield (
                self.names[county], group.title, basis, _over(tests, "", group.count),
                _over([*tests, _RESULT.format("符合条件")], "", group.eligible),
                _over([*tests, _RESULT.format("不予补助")], "", group.count - group.eligible), *_sums(tests, group.total),
            )  # fmt: skip

    def by_county(self) -> _Rows:
        """By county (`_BY_COUNTY`)."""
        for county, group in sorted(self.counties.items()):
            yield (self.names[county], _over([_COUNTY], "", group.count), *_sums([_COUNTY], group.total))


@dataclass(frozen=True, slots=True)
class Ledger:
    """Of a finished 台账.xlsx: what was taken over from the last one and, for the state file, what `fill` wrote into it
    by itself; how many of its claims are eligible, and what they get."""

    carried: Carried
    written: Mapping[str, Any]
    eligible: int
    amount: Decimal


def ledger(
    records: Records, template: Path, target: Path, draw: Callable[[Sheets], Callable[[], Path]], *, spool: Path, on: dt.date,
    files: int, before: Before, disk: Connection,
) -> Ledger:  # fmt: skip
    """Write the finished 台账.xlsx to `target`. `draw`: begins to draw sheets (`claims_sheet.drawn`) and says how to get them; `spool`: a
    folder for rows; `files`: how many the inbox held; `before`: the ledger that it takes the place of; `disk`: for what is
    known by name."""
    judged, returned = records.of("已核定"), records.of("退回补正")
    unlisted = records.of(*(place for place in PLACES if place not in ("已核定", "退回补正")))
    groups = _Groups(judged, disk)
    total, numbers, firms = groups.all.total, groups.numbers, groups.firms
    counts: dict[str, int] = {place: len(records.of(place)) for place in PLACES}
    days = sorted(groups.days or {on})
    span = f"{days[0]}" if len(days) == 1 else f"{days[0]} 至 {days[-1]}"
    facts: dict[str, Value] = {
        **dict(counts), "其他": counts["非申请表"] + counts["跳过"], "未列入": len(unlisted), "收件文件": files,
        "合计份": len(records), "合计大写": upper(total), "合计元": total, "合计万元": total / _WAN,
        "核定日期": span,
        "期间说明": f"核定日期：{span}　　金额为按文件测算，供审核参考，以主管部门审定为准",
    }  # fmt: skip
    facts["假设说明"] = "　".join(f"{number}. {text}。" for text, number in numbers.items()) or "无。"
    there = sheets_of(template)
    own = own_facts(template, there)
    heads, listed = claims_listing(Claims(judged, len(judged)))
    claims = Draft(Laid(heads, Rows(spool / "claims", listed)), disk)
    written = snapshot(heads, claims.rows, map(_key, judged), firms.items())
    kinds = {
        name: Draft(Laid(listing.heads, Rows(spool / f"{name}-", listing.rows)), disk)
        for name, listing in facts_listings(own, firms.items).items()
    }
    carried = carry(before, claims, map(_key, judged), kinds)
    laid = {name: listing.laid(spool / name) for name, listing in kinds.items()}
    pages = {name: listing for name, listing in laid.items() if name not in own}
    more = draw(Sheets(*claims.laid(spool / "carried"), pages, days[-1]))
    shown = {*there, TO_SETTLE, *kinds, OPTIONS}
    carried.left += [f"上次台账的“{name}”表不是模板里的，没有带过来" for name in before.others if name not in shown]
    summary = list(texts_of(template, SUMMARY))
    drawn = [mark for text in summary for mark in _DRAWN.findall(text)]
    if drawn:
        carried.left.append(
            f"模板“{SUMMARY}”里的 {{{drawn[0]}}} 没有画出来：图请直接画在模板里，或从软件自带的模板复制过来"
        )
    sums = {"明细": Listing(_DETAIL, groups.detail()), "县区": Listing(_BY_COUNTY, groups.by_county())}
    sums = {name: listing for name, listing in sums.items() if any(f"{{{name}." in text for text in summary)}
    contents = {
        CLAIMS: Content(facts, {"台账": Listing(_CLAIM, _claims(judged, numbers))}),
        SUMMARY: Content({**facts, **dict.fromkeys(drawn)}, sums),
        RETURNED: Content(facts, {"补正": Listing(_RETURNED, _returned(returned))}),
        UNLISTED: Content(facts, {"未列入": Listing(_OTHERS, _unlisted(unlisted))}),
        **own_contents({name: (top, laid[name]) for name, (top, _) in own.items()}),
    }
    with (spool / "laid").open("w+b") as whole, target.open("wb") as file:
        refill(template, whole, contents, on=days[-1])
        with more().open("rb") as behind:
            with_sheets(whole, there, behind, pages, file)
    return Ledger(carried, written, groups.all.eligible, total)


def _key(record: Record) -> Key:
    return (*record.firm, *record.key[1:])
