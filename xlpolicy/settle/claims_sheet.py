"""The sheets of 台账.xlsx that `xlpolicy settle` reads: 申报 with the judged forms, and a sheet for each kind of fact.

They are the pages of the claims workbook (`claims_book`). A sheet of facts that a bureau's own template has is filled
under its own headings, in its own look.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.settle import Claim
from xlpolicy.settle.claims_book import WIDTHS, claim_rows, claims_page, fact_page, options
from xlpolicy.settle.headings import CLAIMS, FACTS, OPTIONS, SETTINGS, needed
from xlpolicy.settle.table_book import Column, Lists, Page, Rows, Table, Value, streamed
from xlpolicy.sheets.graft import graft
from xlpolicy.sheets.multiply import leave_out
from xlpolicy.sheets.package import Unreadable
from xlpolicy.sheets.refill_sheet import Content
from xlpolicy.sheets.refill_sheet import Listing as Filled
from xlpolicy.sheets.template_sheet import TemplateError

_NOTE = (
    "已核定的申请表，供多笔一起核算：xlpolicy settle 台账.xlsx -o 兑付台账.xlsx。编号中的数字是申报台账的序号。"
    "核算前请核对“单位类型”；同一笔贷款的各笔在“贷款”栏写同一个编号；园区、平台等的名称写在“对象”栏。"
    "以前已兑付的、资金总额等填在后面各表。再次核定时，这里和后面各表填的都带到新台账。"
)
#: lines that are ruled at least, those that are empty below a list, and more in which something may be chosen
_RULED, _MORE, _REACH = 15, 5, 2000


class Listing(NamedTuple):
    """A list as headings and rows, which are taken once as they come."""

    heads: list[str]
    rows: Iterable[list[Value]]


class Laid(NamedTuple):
    """A list as it is laid: there may be very many rows."""

    heads: Sequence[str]
    rows: Rows


def claims_listing(claims: Iterable[Claim]) -> tuple[list[str], Iterator[list[Value]]]:
    """Headings and rows of the claims as the sheet 申报 has them, the columns that a clerk fills in included; the claims
    are gone through several times."""
    return claim_rows(claims, catalogs.default(), whole=True)


def own_facts(template: Path, there: Iterable[str]) -> dict[str, tuple[int, Listing]]:
    """The sheets of facts that a template has itself, of the sheets `there`: heading row and list. Raises TemplateError."""
    named = [name for name in FACTS if name in set(there)]
    if not named:
        return {}
    from xlpolicy.sheets.openpyxl_book import (
        open_workbook,  # it takes long to load, and most templates have no such sheets
    )

    try:
        book = open_workbook(template)
    except Unreadable as error:
        raise TemplateError(
            f"模板读不出来：{error.problem.got}",
            where=template.name,
            expected=".xlsx 工作簿",
            remedy=error.problem.remedy,
        ) from None
    found = {}
    for name in named:
        grid = list(book[name].iter_rows(values_only=True))
        must = set(needed(name))
        top = next((number for number, row in enumerate(grid, 1) if must <= set(heading(row))), 0)
        if top:
            rows: list[list[Any]] = [list(line) for line in grid[top:] if any(v is not None for v in line)]
            found[name] = top, Listing(heading(grid[top - 1]), rows)
    return found


def facts_listings(
    own: Mapping[str, tuple[int, Listing]], counties: Callable[[], Iterable[tuple[str, str]]]
) -> dict[str, Listing]:
    """What the sheets of facts hold before anybody typed anything: rows of the template, names of settings, and the
    enterprises with their county."""
    found = {}
    for name in FACTS:
        heads, rows = own[name][1] if name in own else Listing(list(FACTS[name]), [])
        first = next(iter(FACTS[name]))
        added: Iterable[tuple[str, str | None]] = ()
        if name == "设置":
            added = ((setting, None) for setting in SETTINGS)
        elif name == "单位":
            added = counties()
        heads = [*heads, *(head for head in (first, *(("县区",) if name == "单位" else ())) if head not in heads)]
        found[name] = Listing(heads, _facts_rows(heads, list(rows), heads.index(first), added))
    return found


def _facts_rows(
    heads: Sequence[str], own: Iterable[list[Value]], first: int, added: Iterable[tuple[str, str | None]]
) -> Iterator[list[Value]]:
    known = set()
    for line in own:
        known.add(line[first])
        yield [*line, *[None] * (len(heads) - len(line))]
    second = heads.index("县区") if "县区" in heads else 0
    for text, value in added:
        if text not in known:
            row: list[Value] = [None] * len(heads)
            row[second], row[first] = value or None, text
            yield row


def own_contents(own: Mapping[str, tuple[int, Laid]]) -> dict[str, Content]:
    """What a template's own sheets of facts are filled with, when everything is in their lists."""
    return {
        name: Content({}, {name: Filled(tuple(listing.heads), listing.rows)}, under=top)
        for name, (top, listing) in own.items()
    }


@dataclass(frozen=True, slots=True)
class Sheets:
    """What stands behind the sheets of a ledger: 申报 and sheets of facts."""

    heads: Sequence[str]
    claims: Rows
    facts: Mapping[str, Laid]
    on: dt.date


def drawn(sheets: Sheets, catalog: Catalog) -> bytes:
    """These sheets and, hidden, what is chosen from, as a workbook that `with_sheets` takes."""
    pages = [_claims(sheets, catalog), *(_facts(name, listing, catalog) for name, listing in sheets.facts.items())]
    return streamed([*pages, Lists(OPTIONS, options(catalog))], created=sheets.on)


def with_sheets(laid: BinaryIO, there: Collection[str], more: BinaryIO, facts: Iterable[str], out: BinaryIO) -> None:
    """Write a ledger, that has the sheets `there`, with what was drawn behind its sheets: 申报, sheets of these facts; sheets
    of such names that are there give way. Raises Unreadable, KeyError."""
    for name in {*(CLAIMS, *facts, OPTIONS)} & {*there}:
        laid.seek(0)
        laid = BytesIO(leave_out(laid.read(), name))
    graft(laid, more, out)


def heading(row: Sequence[Any]) -> list[str]:
    """The headings of a row as they are compared: a line break in one does not count."""
    return ["".join(str(value).split()) if value is not None else "" for value in row]


def _claims(sheets: Sheets, catalog: Catalog) -> Page:
    page = claims_page((), catalog)
    known = {column.heading: column for column in page.tables[0].columns}
    columns = [known.get(head) or Column(head, WIDTHS.get(head, 18), "free") for head in sheets.heads]
    columns = [replace(column, entry=column.heading == "单位类型") for column in columns]
    table = Table(tuple(columns), sheets.claims, blank=_MORE, reach=_REACH)
    return replace(page, title="", note=_NOTE, tables=(table,), paper="A4")


def _facts(name: str, listing: Laid, catalog: Catalog) -> Page:
    page = fact_page(name, catalog)
    known = {column.heading: column for column in page.tables[0].columns}
    columns = tuple(known.get(head) or Column(head, 18) for head in listing.heads)
    count = len(listing.rows)
    blank = 0 if name == "设置" else max(_MORE, _RULED - count)
    return replace(page, tables=(Table(columns, listing.rows, blank=blank, reach=_REACH),))
