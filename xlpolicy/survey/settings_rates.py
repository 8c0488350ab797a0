"""本年核定比例 in a settings file: the sheet of that name in 设置.xlsx, `[[rates]]` in TOML; every fault with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from xlpolicy.faults import InvalidInput, reference
from xlpolicy.law.records import Document, Figure, Rule, YearRate
from xlpolicy.law.year_rates import checked, settable
from xlpolicy.money import clean, exact_number, parse_rate, shown

SHEET = "本年核定比例"
YEAR, RATE, WHY, CODE = "年度", "本年核定比例", "依据（文号或会议纪要）", "代号"
COLUMNS = ("文件", "条款", "哪个比例", "条文最高", YEAR, RATE, WHY, CODE)
_YEARS = range(2000, 2101)


class Reader(Protocol):
    """What the reader of a settings file lends: its documents, and where it collects what is wrong."""

    documents: list[Document]

    def refuse(self, where: str, got: str, expected: str, remedy: str, item: str = "") -> None: ...

    def said(self, cell: Any) -> str: ...


def offered(documents: Iterable[Document]) -> Iterator[tuple[Document, Rule, Figure]]:
    """Every rate that a bureau may set for a year."""
    for document in documents:
        for rule in document.rules.values():
            for figure in settable(rule):
                yield document, rule, figure


def read_rates(reader: Reader, book: Any, general: str) -> tuple[YearRate, ...]:
    """The rows of the sheet that have a rate; `general`: the authority where a row names none."""
    if SHEET not in book.sheetnames:
        return ()
    lines = [list(line) for line in book[SHEET].iter_rows()]
    heads = {clean(name): name for name in COLUMNS}
    where: dict[str, int] = {}
    start = 0
    for n, line in enumerate(lines[:20]):
        found = {
            heads[clean(c.value)]: i for i, c in enumerate(line) if isinstance(c.value, str) and clean(c.value) in heads
        }
        if len(found) > len(where):
            start, where = n, found
    lacking = [name for name in (YEAR, RATE, WHY, CODE) if name not in where]
    if lacking:
        reader.refuse(SHEET, f"没有这些列：{'、'.join(lacking)}", "生成时的列名", "恢复列名，不要删列")
        return ()
    made = []
    for line in lines[start + 1 :]:
        year, rate, why, code = (line[where[name]] for name in (YEAR, RATE, WHY, CODE))
        if rate.value in (None, ""):
            continue
        place = reference(SHEET, rate.coordinate)
        percent = isinstance(rate.value, int | float) and "%" not in str(rate.number_format) and rate.value >= 1
        value = f"{shown(rate.value)}%" if percent else rate.value
        made.append((place, reader.said(code), year.value, value, reader.said(why) or general))
    return _made(reader, made)


def listed_rates(reader: Reader, data: Any, general: str) -> tuple[YearRate, ...]:
    """`[[rates]]` of a TOML file."""
    made = []
    for n, item in enumerate(data if isinstance(data, list) else [data], 1):
        place = f"rates 第 {n} 项"
        if not isinstance(item, Mapping) or {*item} - {"figure", "year", "rate", "authority"}:
            reader.refuse(place, "看不懂", "figure、year、rate、authority", "照样例改写", "rates")
            continue
        made.append(
            (
                place,
                str(item.get("figure", "")),
                item.get("year"),
                item.get("rate"),
                str(item.get("authority", "")) or general,
            )
        )
    return _made(reader, made)


def _made(reader: Reader, rows: Iterable[tuple[str, str, Any, Any, str]]) -> tuple[YearRate, ...]:
    documents = {document.key: document for document in reader.documents}
    good: list[YearRate] = []
    for place, code, year, rate, why in rows:
        try:
            number = exact_number(
                clean(year).removesuffix("年度").removesuffix("年") if isinstance(year, str) else year
            )
        except ValueError:
            number = None
        if number is None or number not in _YEARS:
            reader.refuse(
                place, f"年度是“{shown(year) if year is not None else ''}”", "年度，如 2026", "补上年度", code
            )
            continue
        if not why:
            reader.refuse(
                place,
                "定了本年核定比例，没有写依据",
                "文号或会议纪要",
                "写在这一行，或在“设置”表的依据里统一写明",
                code,
            )
            continue
        document, _, rest = code.partition(":")
        rule, _, figure = rest.partition(".")
        try:
            one = YearRate(document, rule, figure, int(number), parse_rate(rate), why)
            checked(documents, [*good, one])
        except InvalidInput as error:
            problem = error.problem
            reader.refuse(place, problem.got, problem.expected, problem.remedy, code)
        except ValueError as error:
            reader.refuse(place, str(error), "比例，如 2%", "改正比例", code)
        else:
            good.append(one)
    return tuple(good)
