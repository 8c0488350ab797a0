"""县区汇总表, filled in by a county, back into the register: whole or not at all, every problem with its cell.

The list is written by `ledgers.write_counties`; a row says by its 版次 from which decision it was written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from xlpolicy.faults import Fault
from xlpolicy.register import tables
from xlpolicy.register.database import Entry, Register
from xlpolicy.register.merge import Conflict, Merged
from xlpolicy.register.review import COUNTY, NUMBER, VERSION, CountyListError, LedgerRow, decision_of, headings, rows_of
from xlpolicy.register.standing import Standing, Standings
from xlpolicy.register.tables import fen

OPINION, REVIEWER, DAY = "县区意见", "初审人", "初审日期"
MUST, _MAY = (NUMBER, COUNTY, OPINION, VERSION), (REVIEWER, DAY)


def is_county_list(path: Path) -> bool:
    """Whether a file is a 县区汇总表, by its headings. Raises ReviewError for one that is no spreadsheet."""
    return path.suffix.lower() in (".xlsx", ".xls", ".ods", ".et") and {NUMBER, OPINION} <= headings(path, MUST)


def load_county(register: Register, path: Path, *, who: str, county: str = "", today: dt.date | None = None) -> Merged:
    """Take a county's reviews. `county`: that the file must be of; without it, of whichever each claim is.

    Raises CountyListError with everything that is wrong, RegisterError.
    """
    rows, problems = rows_of(path, MUST, _MAY)
    out = Merged(county)
    seen: dict[str, str] = {}
    counties: dict[str, None] = {}
    with register.writing("merge", who, f"载入县区汇总表 {path.name}") as entry:
        now = Standings(entry.connection).by_number
        for row in rows:
            standing = row.standing(now, seen, problems)
            if standing is not None:
                counties[standing.county] = None
                _take(entry, out, row, standing, problems, today or dt.date.today(), who)
        _one_county(rows, seen, now, county, problems)
        if problems:
            entry.added.clear()
    if problems:
        raise CountyListError(problems)
    out.county = county or "、".join(filter(None, counties))
    return out


def _one_county(
    rows: list[LedgerRow], seen: Mapping[str, str], now: Mapping[str, Standing], county: str, problems: list[Fault]
) -> None:
    """A county reviews its own claims only."""
    for row in rows:
        number = row.text(NUMBER)
        if county and number in seen and now[number].county not in ("", county):
            got = f"{number} 是{now[number].county}的申报，不是{county}的"
            row.wrong(problems, NUMBER, got, f"{county}的申报", "删去这一行，由所在县区初审")


def _take(
    entry: Entry, out: Merged, row: LedgerRow, standing: Standing, problems: list[Fault], today: dt.date, who: str
) -> None:
    before = len(problems)
    amount, reason = row.amount(COUNTY, problems), row.text(OPINION)
    if amount is None:
        if reason and len(problems) == before:
            row.wrong(problems, COUNTY, "写了县区意见，没有填初审额", "初审额", "补填初审额；不同意的填 0")
        elif len(problems) == before:
            out.unreviewed += 1
        return
    decision = decision_of(row.text(VERSION))
    if decision is None:
        got = f"版次“{row.text(VERSION)}”被改过"
        row.wrong(problems, VERSION, got, "原来的版次", "重新写出县区汇总表，把初审额填进去")
        return
    held = standing.county_review
    if held is not None and (held["amount"], held["reason"] or "") == (amount, reason):
        out.unchanged += 1
        return
    if standing.decision != decision:
        got = f"写出汇总表以后收到了更正件（{standing.file}），测算额现为 {standing.amount:,.2f} 元"
        row.wrong(problems, COUNTY, got, "按更正件初审", "重新写出县区汇总表，请县区再初审这一笔", "conflict")
    elif standing.committed:
        row.wrong(problems, COUNTY, "这一笔已列入拨付，不能再改初审额", "原来的初审额", "先取消拨付计划", "conflict")
    elif amount > standing.amount:
        got = f"县区初审额 {amount:,.2f} 元大于测算额 {standing.amount:,.2f} 元"
        row.wrong(problems, COUNTY, got, "不大于测算额", "改小；认为测算有误的，请申报单位报更正件")
    elif amount < standing.amount and not reason:
        got = f"初审核减了 {standing.amount - amount:,.2f} 元，没有写意见"
        row.wrong(problems, OPINION, got, "核减的原因", "补写县区意见")
    day = row.day(DAY, today, problems)
    if len(problems) > before:
        return
    entry.add(
        tables.county_reviews, claim=standing.id, decision=standing.decision, county=standing.county,
        number="", amount=fen(amount), reason=reason, reviewer=row.text(REVIEWER) or who, reviewed_on=day,
    )  # fmt: skip
    out.taken.append(standing.number)
    if standing.review is not None and standing.review.amount != amount:
        why = f"已载入：县区初审 {amount:,.2f} 元，市里已审定 {standing.review.amount:,.2f} 元"
        out.conflicts.append(Conflict("", standing.name, standing.number, why))
