"""What the buttons of 企业档案 run: the list of what is asked, and how the enterprise stands to every provision."""

from __future__ import annotations

import datetime as dt
from typing import Any

import xlwings as xw

from xlpolicy.excel.workbook.fill_window import told
from xlpolicy.excel.workbook.page_match import (
    ALL,
    ENTRIES,
    ENTRY,
    FACTS,
    FIRST,
    LINES,
    NAMES,
    SHEET,
    STANDINGS,
    fact_rows,
    profiles_of,
    standing_rows,
)
from xlpolicy.excel.workbook.vba_wrappers import RESULT_NAME
from xlpolicy.faults import InvalidInput
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found, as_date
from xlpolicy.money import ZERO
from xlpolicy.settle.match import match
from xlpolicy.settle.match_book import together
from xlpolicy.settle.profile import provisions


def match_facts(book: Any = None) -> None:
    """Button 列出要填的项目."""
    book = book or xw.Book.caller()
    _put(book, RESULT_NAME, told(lambda: _listed(book)))


def match_enterprise(book: Any = None) -> None:
    """Button 对照."""
    book = book or xw.Book.caller()
    _put(book, RESULT_NAME, told(lambda: _matched(book)))


def _value(book: Any, name: str, dimensions: int | None = None) -> Any:
    area = book.names[NAMES.get(name, name)].refers_to_range
    return area.options(ndim=dimensions).value if dimensions else area.value


def _put(book: Any, name: str, value: Any) -> None:
    book.names[NAMES.get(name, name)].refers_to_range.value = value


def _asked(book: Any, catalog: Catalog) -> tuple[list[Found], dt.date]:
    """The provisions in force for the city and the day of the sheet. Raises UnknownCity, InvalidInput."""
    city, on = str(_value(book, "city") or ALL).strip(), as_date(_value(book, "day")) or dt.date.today()
    found = provisions(catalog, on, "" if city == ALL else catalog.city(city))
    if not found:
        raise InvalidInput(
            f"{on} {city}没有正在施行的条款", where=SHEET, expected="城市和日期", remedy="核对城市和申报日期"
        )
    return found, on


def _listed(book: Any) -> str:
    """The list for the city and the day; what was filled in stays beside its label."""
    catalog = catalogs.default()
    found, on = _asked(book, catalog)
    grid = _value(book, "grid", 2)[FIRST:]
    filled = [{row[1]: row[ENTRY + n] for row in grid if row[1] and row[ENTRY + n] is not None} for n in range(ENTRIES)]
    rows = fact_rows(catalog, found, filled)
    lost = {label for column in filled for label in column} - {row[1] for row in rows}
    if len(rows) > FACTS:
        raise InvalidInput(f"要填的有 {len(rows)} 项，表里只有 {FACTS} 行", where=SHEET, remedy="选一个城市")
    width = len(_value(book, "list", 2)[0])
    lines = [[*row, *[None] * (width - len(row))] for row in rows]
    _put(book, "list", [*lines, *([[None] * width] * (FACTS - len(rows)))])
    gone = f"已填的 {len(lost)} 项不在其中，已删去：{'、'.join(sorted(lost))}。" if lost else ""
    return f"{on} 有 {len(found)} 条正在施行，要填的 {len(rows)} 项已列出。{gone}知道的填，不知道的空着，再点“对照”。"


def _matched(book: Any) -> str:
    """Every provision against what is filled in."""
    catalog = catalogs.default()
    found, on = _asked(book, catalog)
    profiles = profiles_of(_value(book, "grid", 2), catalog)
    standings = match(profiles, found, on, catalog=catalog)
    rows = standing_rows(standings)
    if len(rows) > LINES:
        rest = len(rows) - LINES + 1
        rows = [*rows[: LINES - 1], [None, f"另有 {rest} 条写不下，用 xlpolicy match 看", *[None] * 5]]
    _put(book, "lines", [*rows, *([[None] * len(rows[0])] * (LINES - len(rows)))])
    counts = {
        kind: sum(s.kind == kind for s in standings)
        for kind in ("payable", "presumed", "missing", "refused", "unknown")
    }
    total = sum((s.payable for s in standings if s.kind == "payable" and not s.enjoyed), ZERO)
    text = (
        f"{profiles[0].name}，申报日期 {on}：可得 {counts['payable']} 条，{together([p.project for p in profiles])}，合计 {total:,.2f} 元"
        f"（待核实 {counts['presumed']} 条不计）；还要填 {counts['missing']} 条，不符合 {counts['refused']} 条，没有填到 {counts['unknown']} 条。"
    )
    _put(book, "summary", text)
    return f"{text}见“{STANDINGS}”表。"
