"""审定 and 公示: what a clerk writes into 审核台账 in Excel comes back, whole or not at all, every problem with its cell.

Columns are found by their headings, so that a restyled or reordered ledger still loads. Each row carries in 版次 what it
was written from: where another clerk, or a corrected form, came in between, the row is a conflict and nothing is loaded.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from xlpolicy.faults import Fault, InvalidInput, ManyFaults, nearest
from xlpolicy.forms.grids import Grids, read_grids
from xlpolicy.law.in_force import as_date
from xlpolicy.money import CENT, as_shown, clean
from xlpolicy.register import tables
from xlpolicy.register.database import Entry, Register
from xlpolicy.register.standing import CLEAR, OBJECTED, RESULTS, UPHELD, Standing, Standings
from xlpolicy.register.tables import fen
from xlpolicy.register.year_sums import most
from xlpolicy.settle.fact_values import money
from xlpolicy.sheets.package import Unreadable
from xlpolicy.sheets.text import cell_text, letter

NUMBER, VERSION = "编号", "版次"
COUNTY, AMOUNT, REASON, REVIEWER, DAY = "县区初审额", "审定额", "原因", "审核人", "审定日期"
RESULT, CLOSED, OBJECTION = "公示结果", "公示日期", "异议内容"
MUST = (NUMBER, AMOUNT, REASON, REVIEWER, DAY, VERSION)
#: headings that a bureau may leave out
MAY = (COUNTY, RESULT, CLOSED, OBJECTION)
_UNIT = re.compile(r"[(（].*?[)）]")
_VERSION = re.compile(r"D(\d+)R(\d+)P(\d+)")


class ReviewError(ManyFaults):
    """A review ledger that was refused."""

    code = "review_file"
    headline = "审核台账有 {count} 处问题，一行也没有载入："


class CountyListError(ReviewError):
    """A county's list (县区汇总表) that was refused."""

    headline = "县区汇总表有 {count} 处问题，一行也没有载入："


@dataclass(slots=True)
class Loaded:
    """What came back: reviews and results of 公示 by 编号; rows that say what the register holds already."""

    reviews: list[str] = field(default_factory=list)
    publications: list[str] = field(default_factory=list)
    unchanged: int = 0
    cut: Decimal = Decimal(0)
    #: open transfers of claims to which somebody objected after they were planned
    stopped: list[str] = field(default_factory=list)

    def model_dump(self) -> dict[str, Any]:
        """Plain data for programs."""
        return {
            "reviews": self.reviews, "publications": self.publications, "unchanged": self.unchanged, "cut": f"{self.cut:.2f}",
            "stopped": self.stopped,
        }  # fmt: skip


def version_of(standing: Standing) -> str:
    """What a row of the ledger was written from."""
    publication = standing.publication["id"] if standing.publication else 0
    return f"D{standing.decision}R{standing.review.id if standing.review else 0}P{publication}"


def decision_of(version: str) -> int | None:
    """The decision from which a row was written, None for a 版次 that somebody changed."""
    written = _VERSION.fullmatch(clean(version).upper())
    return int(written[1]) if written else None


def headings(path: Path, must: Sequence[str]) -> set[str]:
    """What the columns of a ledger are called. Raises ReviewError."""
    return set(headed(_opened(path).sheets, must)[3])


def load(register: Register, path: Path, *, who: str, today: dt.date | None = None) -> Loaded:
    """Take the changes of a review ledger. Raises ReviewError with everything that is wrong, FileNotFoundError, RegisterError."""
    rows, problems = rows_of(path)
    with register.writing("review", who, f"载入审核台账 {path.name}") as entry:
        loaded = _all(entry, rows, problems, who, today or dt.date.today())
        if problems:
            entry.added.clear()
    if problems:
        raise ReviewError(problems)
    return loaded


def says_more(register: Register, path: Path) -> bool:
    """Whether a ledger holds something that the register does not: it would be lost. Raises RegisterError, OSError."""
    try:
        rows, problems = rows_of(path)
    except ReviewError:
        return True
    with register.writing("review", "", "") as entry:
        loaded = _all(entry, rows, problems, "", dt.date.today())
        entry.added.clear()
    return bool(problems or loaded.reviews or loaded.publications)


def _all(entry: Entry, rows: Sequence[LedgerRow], problems: list[Fault], who: str, day: dt.date) -> Loaded:
    """The rows of a ledger into an entry."""
    loaded, seen = Loaded(), dict[str, str]()
    now = Standings(entry.connection).by_number
    for row in rows:
        standing = row.standing(now, seen, problems)
        if standing is not None:
            _take(entry, row, standing, loaded, problems, who, day)
    return loaded


@dataclass(slots=True)
class LedgerRow:
    """A row of the ledger by its headings."""

    values: Mapping[str, Any]
    places: Mapping[str, str]

    def wrong(
        self, problems: list[Fault], head: str, got: str, expected: str, remedy: str, code: str = "review_file"
    ) -> None:
        """Add a fault at the cell below a heading."""
        problems.append(Fault(code, self.places.get(head, ""), head, got, expected, remedy))

    def standing(self, now: Mapping[str, Standing], seen: dict[str, str], problems: list[Fault]) -> Standing | None:
        """The claim that the row is about; None, with a problem, where there is none."""
        number = str(self.values.get(NUMBER) or "").strip()
        if number not in now:
            self.wrong(problems, NUMBER, f"没有编号 {number or '（空）'}", "台账原有的编号", nearest(number, now))
            return None
        if number in seen:
            self.wrong(problems, NUMBER, f"编号 {number} 与 {seen[number]} 重复", "每笔一行", "删去一行")
            return None
        seen[number] = self.places[NUMBER]
        return now[number]

    def text(self, head: str) -> str:
        """The cell below a heading as text, a whole number without .0; "" for a blank one."""
        return cell_text(self.values.get(head))

    def amount(self, head: str, problems: list[Fault]) -> Decimal | None:
        """An amount of whole cents, None for a blank cell or, with a problem, for none."""
        value = self.values.get(head)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            amount = money(as_shown(value) if isinstance(value, float) else value, self.places[head])
        except InvalidInput as error:
            p = error.problem
            self.wrong(problems, head, p.got, p.expected, "改成金额（元），如 200000")
            return None
        if amount != amount.quantize(CENT):
            self.wrong(problems, head, f"{amount} 元不到一分", "精确到分的金额（元）", "改成两位小数")
            return None
        return amount

    def day(self, head: str, today: dt.date, problems: list[Fault]) -> str:
        """A day as ISO text, today where the cell is blank; "", with a problem, for none or one to come."""
        value = self.values.get(head)
        if value is None or (isinstance(value, str) and not value.strip()):
            return today.isoformat()
        try:
            found = as_date(value)
        except InvalidInput as error:
            self.wrong(problems, head, error.problem.got, error.problem.expected, "写成 2026-06-30")
            return ""
        if found is not None and found > today:
            self.wrong(problems, head, f"{found} 还没有到", "今天或以前的日期", "改正日期")
        return found.isoformat() if found else today.isoformat()


def rows_of(path: Path, must: Sequence[str] = MUST, may: Sequence[str] = MAY) -> tuple[list[LedgerRow], list[Fault]]:
    """The filled rows of the sheet that has the headings, whichever it is. Raises ReviewError."""
    sheets, differing, hidden, _ = _opened(path)
    count, name, start, heads = headed(sheets, must)
    if NUMBER not in heads or count < 2:
        fault = Fault(
            "review_file", path.name, "", "没有找到审核台账的表头", "、".join(must),
            "用 xlpolicy review 写出的审核台账填写",
        )  # fmt: skip
        raise ReviewError([fault])
    problems: list[Fault] = []
    lacking = [head for head in must if head not in heads]
    if lacking:
        got = f"缺少栏目：{'、'.join(lacking)}"
        problems.append(Fault("heading", f"{name}!A{start + 1}", "", got, "、".join(must), "恢复这些栏目的表头"))
    for head in (*must, *may):
        if heads.count(head) > 1:
            place = f"{name}!{letter(heads.index(head) + 1)}{start + 1}"
            problems.append(Fault("heading", place, head, f"“{head}”有两列", "每项一列", "删去一列"))
    for other, grid in sheets.items() if not problems else ():
        found, _, at, its = headed({other: grid}, must)
        if other != name and other not in hidden and found == len({*must}):  # a copy that somebody filled in
            own = [row.values for row in _filled(sheets[name], name, start, heads, {*must, *may})]
            if any(row.values not in own for row in _filled(grid, other, at, its, {*must, *may})):
                got = f"“{other}”表也有这些栏目，填的与“{name}”表不同，不知道以哪张为准"
                problems.append(Fault("review_file", f"{other}!A{at + 1}", "", got, "一张", "并到一张表上，另一张删去"))
    if problems:
        raise ReviewError(problems)
    rows = []
    for row in _filled(sheets[name], name, start, heads, {*must, *may}):
        shown = [(head, where) for head, where in row.places.items() if where in differing]
        problems += [replace(differing[where], where=where, item=head) for head, where in shown]
        rows += [] if shown else [row]
    return rows, problems


def _opened(path: Path) -> Grids:
    """The sheets of a ledger that came back. Raises ReviewError."""
    try:
        return read_grids(path)
    except Unreadable as failure:
        raise ReviewError([failure.told("review_file", path.name, ".xlsx、.xls 或 .ods 文件")]) from None


def headed(sheets: Mapping[str, Sequence[Sequence[Any]]], must: Sequence[str]) -> tuple[int, str, int, list[str]]:
    """The row that has most of the headings: how many, its sheet, its place, what it says."""
    best: tuple[int, str, int, list[str]] = (0, "", 0, [])
    for name, grid in sheets.items():
        for start, line in enumerate(grid):
            heads = [_heading(cell) for cell in line]
            best = max(best, (len({*must} & {*heads}), name, start, heads), key=lambda found: found[0])
    return best


def _filled(
    grid: Sequence[Sequence[Any]], sheet: str, start: int, heads: Sequence[str], known: Collection[str]
) -> Iterator[LedgerRow]:
    for number, line in enumerate(grid[start + 1 :], start + 2):
        values = {head: line[i] for i, head in enumerate(heads) if head in known and i < len(line)}
        first = str(values.get(NUMBER) or "").strip()
        if not any(str(value).strip() for value in values.values()) or first in ("", "合计", "总计", "（无）"):
            if not first and str(values.get(AMOUNT) or "").strip() and str(values.get(VERSION) or "").strip():
                yield LedgerRow(values, {head: f"{sheet}!{letter(i + 1)}{number}" for i, head in enumerate(heads)})
            continue
        yield LedgerRow(
            values, {head: f"{sheet}!{letter(i + 1)}{number}" for i, head in enumerate(heads) if head in known}
        )


def _heading(cell: Any) -> str:
    """A heading without its unit and line breaks: “审定额\\n（元）” is 审定额."""
    return _UNIT.sub("", "".join(str(cell).split())) if isinstance(cell, str) else ""


def _take(
    entry: Entry, row: LedgerRow, standing: Standing, loaded: Loaded, problems: list[Fault], who: str, today: dt.date
) -> None:
    before = len(problems)
    written = _VERSION.fullmatch(clean(row.text(VERSION)).upper())
    if written is None:
        row.wrong(
            problems, VERSION, f"版次“{row.text(VERSION)}”被改过", "台账原来的版次", "重新写出审核台账，把审定额填进去"
        )
        return
    decision, review, publication = map(int, written.groups())
    known = standing.publication["id"] if standing.publication else 0
    stale = standing.decision != decision or (standing.review is None and known != publication)
    if not (
        stale and _was_taken(entry.connection, row, decision)
    ):  # loaded before the correction or the objection came
        changed = _review(entry, row, standing, decision, review, loaded, problems, who, today)
    else:
        changed = False
    changed |= _publication(entry, row, standing, publication, loaded, problems, today)
    if not changed and len(problems) == before:
        loaded.unchanged += 1


def _review(
    entry: Entry, row: LedgerRow, standing: Standing, decision: int, review: int, loaded: Loaded, problems: list[Fault],
    who: str, today: dt.date,
) -> bool:  # fmt: skip
    """The row's review, where it says something new."""
    before = len(problems)
    amount, county = row.amount(AMOUNT, problems), row.amount(COUNTY, problems)
    reason, reviewer = row.text(REASON), row.text(REVIEWER) or who
    now = standing.review
    if len(problems) > before:
        return False
    if amount is None:
        if now is not None and now.id == review:
            row.wrong(
                problems,
                AMOUNT,
                f"审定额被清空（登记的是 {now.amount:,.2f} 元）",
                "审定额",
                "填回审定额；不予兑付的填 0 并写原因",
            )
        elif county not in (None, standing.county_amount) and now is None:
            row.wrong(problems, COUNTY, "填了县区初审额，没有填审定额", "审定额", "补填审定额")
        elif now is None and (said := next((head for head in (REASON, REVIEWER, DAY) if row.text(head)), "")):
            remedy = f"补填审定额；还没有审定的，清空“{said}”"
            row.wrong(problems, AMOUNT, f"填了“{said}”，没有填审定额", "审定额", remedy)
        return False
    if now is not None and (now.amount, now.county_amount, now.reason) == (amount, county, reason):
        return False
    if standing.decision != decision:
        got = f"写出台账以后收到了更正件（{standing.file}），测算额现为 {standing.amount:,.2f} 元"
        row.wrong(problems, AMOUNT, got, "按更正件审定", "重新写出审核台账再审定这一笔", "conflict")
    elif now is not None and now.id != review:
        got = f"写出台账以后 {now.who} 已审定为 {now.amount:,.2f} 元（{now.reason or '未写原因'}）"
        row.wrong(problems, AMOUNT, got, "两人商定一个数", "商定后重新写出审核台账再填", "conflict")
    elif standing.committed:
        row.wrong(
            problems,
            AMOUNT,
            "这一笔已列入拨付，不能再改审定额",
            "原来的审定额",
            "先取消拨付计划；已拨付的用 xlpolicy pay back 登记收回",
        )
    due = most(standing) if amount > standing.amount else standing.amount  # of a year's sum more may be due
    if amount > due:
        said = "按全年合计的应付" if due > standing.amount else "测算额"
        got = f"审定额 {amount:,.2f} 元大于{said} {due:,.2f} 元"
        row.wrong(problems, AMOUNT, got, f"不大于{said}", "改小；认为测算有误的，请申报单位报更正件")
    elif amount < due and not reason:
        row.wrong(problems, REASON, f"核减了 {due - amount:,.2f} 元，没有写原因", "核减原因", "补写原因")
    day = row.day(DAY, today, problems)
    if len(problems) > before:
        return False
    entry.add(
        tables.reviews, claim=standing.id, decision=standing.decision, amount=fen(amount),
        county_amount=None if county is None else fen(county), reason=reason, reviewer=reviewer, reviewed_on=day,
    )  # fmt: skip
    loaded.reviews.append(standing.number)
    loaded.cut += due - amount
    return True


def _was_taken(connection: Connection, row: LedgerRow, decision: int) -> bool:
    """Whether a review of this decision says what the row says."""
    r = tables.reviews
    amount, county = row.amount(AMOUNT, []), row.amount(COUNTY, [])
    if amount is None:
        return False
    same = (r.c.decision == decision) & (r.c.amount == fen(amount)) & (r.c.reason == row.text(REASON))
    beside = r.c.county_amount.is_(None) if county is None else r.c.county_amount == fen(county)
    return connection.execute(select(r.c.id).where(same & beside).limit(1)).first() is not None


def _publication(
    entry: Entry,
    row: LedgerRow,
    standing: Standing,
    publication: int,
    loaded: Loaded,
    problems: list[Fault],
    today: dt.date,
) -> bool:
    """The row's result of 公示, where it says something new."""
    result, text = row.text(RESULT), row.text(OBJECTION)
    now = standing.publication
    if not result:
        if text:
            row.wrong(problems, RESULT, "写了异议内容，没有选公示结果", "、".join(RESULTS), "选一项")
        return False
    if result not in RESULTS:
        row.wrong(problems, RESULT, f"公示结果“{result}”不认识", "、".join(RESULTS), nearest(result, RESULTS))
        return False
    if now is not None and (now["result"], now["text"]) == (result, text):
        return False
    before = len(problems)
    if (now["id"] if now else 0) != publication:
        got = f"写出台账以后已登记为“{now['result'] if now else ''}”"
        row.wrong(problems, RESULT, got, "核对后只登记一次", "重新写出审核台账再填", "conflict")
    if result != CLEAR and not text:
        row.wrong(problems, OBJECTION, f"公示结果是“{result}”，没有写内容", "何人何事、怎样处理", "补写异议内容")
    if result in (CLEAR, OBJECTED) and standing.review is None and row.amount(AMOUNT, []) is None:
        row.wrong(problems, RESULT, "还没有审定就登记了公示", "先审定，后公示", "先填审定额，或清空公示结果")
    day = row.day(CLOSED, today, problems)
    if len(problems) > before:
        return False
    entry.add(tables.publications, claim=standing.id, result=result, closed_on=day, text=text)
    loaded.publications.append(standing.number)
    if result in (OBJECTED, UPHELD):
        loaded.stopped += [transfer.number for transfer in standing.transfers if transfer.open]
    return True
