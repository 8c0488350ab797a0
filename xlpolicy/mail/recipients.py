"""企业名单: whom a form goes to and what is known of each, one row an enterprise (and project), read from any spreadsheet.

A column is known by its heading, which is a label of the form; 电子邮箱 is where it is sent. Nothing is guessed: a cell
that cannot be read, or that shows something else than it is (`forms.grids`), is a fault, and a list with faults goes out to
nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xlpolicy.faults import Fault, ManyFaults, reference
from xlpolicy.forms.grids import Grids, read_grids
from xlpolicy.forms.layout import Field, Layout, address, match_text
from xlpolicy.forms.normalise import absent, read_value
from xlpolicy.forms.opened import MAX_ROWS, Rows
from xlpolicy.forms.read import open_file
from xlpolicy.money import UNITS, clean
from xlpolicy.settle.identity import compared
from xlpolicy.sheets.package import SAVE_AS, Unreadable
from xlpolicy.survey.office import ADDRESS as MAIL_ADDRESS
from xlpolicy.words.names import same

CODE, NAME, ADDRESS, YEAR = "ent_uscc", "ent_name", "mail", "year"
#: columns of a list that are no fields of the form
_OWN = {ADDRESS: ("电子邮箱", "邮箱", "电子邮件", "邮件地址", "email", "e-mail"), YEAR: ("申报年度", "年度")}
#: columns that a list may have for its own use
_IDLE = {match_text(text) for text in ("序号", "编号", "备注", "说明")}
_HEADINGS = 20
_YEAR = re.compile(r"20\d\d")


class ListError(ManyFaults):
    """A list of enterprises that cannot be used."""

    code = "enterprise_list"
    headline = "企业名单 {file} 有 {count} 处问题，一份也没有发："


@dataclass(frozen=True, slots=True)
class Recipient:
    """One row: the enterprise, where to send, what stands in the form (by field key). `where`: the cell of its code."""

    code: str
    name: str
    address: str
    year: str
    values: Mapping[str, Any]
    where: str

    @property
    def about(self) -> tuple[str, ...]:
        """Project, loan and thing as they are compared: what tells two forms of one enterprise apart."""
        return tuple(same(str(self.values.get(f"prj_{name}") or "")) for name in ("name", "loan", "object"))


@dataclass(frozen=True, slots=True)
class Recipients:
    """A list that was read; `doubts` are to be looked at, `unused` are the columns that the form does not have."""

    rows: Sequence[Recipient]
    doubts: Sequence[Fault] = field(default=())
    unused: Sequence[str] = field(default=())


def read_recipients(path: Path, plan: Layout) -> Recipients:
    """The list for a form. Raises ListError with every fault in it."""
    grids = _opened(path)
    for sheet, rows in grids.sheets.items():
        found = _headings(rows, plan) if sheet not in grids.hidden else None
        if found is not None:
            reader = _Reader(plan, sheet, grids)
            made = reader.read(rows, *found)
            if reader.faults:
                raise ListError(reader.faults, where=path.name)
            return made
    expected = "表头里有“单位名称”“统一社会信用代码”两列"
    fault = Fault(ListError.code, got="没有找到表头", expected=expected, remedy="补上表头，栏目名称与申请表相同")
    raise ListError([fault], where=path.name)


def in_rows(path: Path, read: Recipients, shared: Layout, most: int) -> Recipients:
    """The lines of one enterprise (and year) as one recipient of a list form: what `shared` has once, all else by the number of
    its row behind `@`. Raises ListError where two lines differ in what stands once, or there are more than `most`."""
    held: dict[tuple[str, str], list[Recipient]] = {}
    for row in read.rows:
        held.setdefault((row.code, row.year), []).append(row)
    faults: list[Fault] = []
    found: list[Recipient] = []
    for lines in held.values():
        once: dict[str, Any] = {}
        rows = [own for line in lines if (own := {k: v for k, v in line.values.items() if k not in shared.by_key})]
        for line in lines:
            for key, value in {ADDRESS: line.address, **line.values}.items():
                if key not in shared.by_key and key != ADDRESS:
                    continue
                if once.setdefault(key, value) != value:
                    label = shared.by_key[key].label if key in shared.by_key else "电子邮箱"
                    got = f"{line.code} 的几行里“{label}”不同（“{once[key]}”“{value}”）"
                    faults.append(Fault(ListError.code, line.where, key, got, "一家一个", "改成相同的"))
        if len(rows) > most:
            got = f"{lines[0].code} 有 {len(rows)} 笔，明细表只有 {most} 行"
            faults.append(Fault(ListError.code, lines[0].where, CODE, got, "", f"运行时写 --rows {len(rows)}"))
        own = {f"{key}@{n}": value for n, row in enumerate(rows, 1) for key, value in row.items()}
        address = once.pop(ADDRESS)
        found.append(replace(lines[0], address=address, values=once | own))
    if faults:
        raise ListError(faults, where=path.name)
    return replace(read, rows=found)


def _opened(path: Path) -> Grids:
    """The sheets of a workbook or the rows of a .csv. Raises ListError, FileNotFoundError."""
    if not path.is_file():
        raise FileNotFoundError(2, "没有这个文件", str(path))
    try:
        if path.suffix.lower() != ".csv":
            return read_grids(path)
        (source,) = open_file(path)
        if source.book is None:
            raise source.failure or Unreadable("not_spreadsheet", "不是表格文件", SAVE_AS)
        if source.book.cut:
            raise Unreadable("too_large", f".csv 超过 {MAX_ROWS} 行", SAVE_AS)
        return Grids({sheet: source.book.rows(sheet) for sheet in source.book.sheets}, {}, frozenset())
    except Unreadable as failure:
        fault = failure.told(failure.code, "", ".xlsx、.xls、.ods 或 .csv 文件")
        raise ListError([fault], where=path.name) from None


def _headings(rows: Rows, plan: Layout) -> tuple[int, dict[str, int], list[str]] | None:
    """The row of the headings, the columns by field key, and the headings that nothing has."""
    own = {match_text(text): key for key, texts in _OWN.items() for text in texts}
    for r, row in enumerate(rows[:_HEADINGS]):
        columns: dict[str, int] = {}
        unused = []
        for c, value in enumerate(row):
            text = match_text(value) if isinstance(value, str) else ""
            plainly = re.sub(r"\((?:万元|元|%)\)$", "", text)
            item = plan.by_label.get(text) or plan.by_label.get(plainly)
            key = own.get(text) or (item.key if item else "")
            if key:
                columns.setdefault(key, c)
            elif text and text not in _IDLE:
                unused.append(str(value).strip())
        if CODE in columns and NAME in columns:
            return r, columns, unused
    return None


class _Reader:
    def __init__(self, plan: Layout, sheet: str, grids: Grids) -> None:
        self.plan, self.sheet, self.differing, self.date1904 = plan, sheet, grids.differing, grids.date1904
        self.faults: list[Fault] = []
        self.doubts: list[Fault] = []
        self.units: dict[str, str] = {}

    def fault(self, row: int, column: int, item: str, got: str, expected: str, remedy: str) -> None:
        where = reference(self.sheet, address(row, column))
        self.faults.append(Fault(ListError.code, where, item, got, expected, remedy))

    def read(self, rows: Rows, top: int, columns: Mapping[str, int], unused: Sequence[str]) -> Recipients:
        for key, column in columns.items():
            stated = re.search(r"[(（](万元|元)[)）]\s*$", str(rows[top][column]))
            self.units[key] = stated[1] if stated else self.plan.unit
        found = [
            recipient
            for r, row in enumerate(rows[top + 1 :], top + 1)
            if self.begun(r, row, columns) and (recipient := self.row(r, row, columns)) is not None
        ]
        if not found and not self.faults:
            self.fault(top, columns[CODE], CODE, "名单里没有企业", "表头下面一行一家", "填好名单后再运行")
        self.repeated(found)
        return Recipients(found, self.doubts, unused)

    def begun(self, r: int, row: Sequence[Any], columns: Mapping[str, int]) -> bool:
        """Whether anything stands in a row, if only what shows as blank."""
        taken = (reference(self.sheet, address(r, column)) for column in columns.values())
        return any(not absent(value) for value in row) or any(where in self.differing for where in taken)

    def row(self, r: int, row: Sequence[Any], columns: Mapping[str, int]) -> Recipient | None:
        def at(key: str) -> Any:
            column = columns.get(key)
            return row[column] if column is not None and column < len(row) else ""

        before = len(self.faults)
        values: dict[str, Any] = {}
        for key, column in columns.items():
            raw, item = at(key), self.plan.by_key.get(key)
            where = reference(self.sheet, address(r, column))
            if where in self.differing:
                self.faults.append(replace(self.differing[where], where=where, item=key))
                continue
            if item is not None and not absent(raw):
                value = self.value(item, raw, r, column, self.units[key])
                if value is not None:
                    values[key] = value
        code, name = compared(str(values.get(CODE, ""))), str(values.get(NAME, ""))
        for key, text, what in ((CODE, code, "统一社会信用代码"), (NAME, name, "单位名称")):
            if not text and before == len(self.faults):
                self.fault(r, columns[key], key, f"没有填{what}", what, f"补填{what}，或删去这一行")
        if code and not re.fullmatch(r"[0-9A-Z]{18}", code):
            got = f"统一社会信用代码“{code}”不是 18 位数字和大写字母"
            self.fault(r, columns[CODE], CODE, got, "18 位代码", "对照营业执照改正")
        mailbox = clean(str(at(ADDRESS))) if not absent(at(ADDRESS)) else ""
        if mailbox and not MAIL_ADDRESS.fullmatch(mailbox):
            self.fault(
                r, columns[ADDRESS], ADDRESS, f"“{mailbox}”不是电子邮箱", "一个邮箱，如 a@example.com", "改正邮箱"
            )
        year = str(at(YEAR)).removesuffix(".0").strip()
        if year and not _YEAR.fullmatch(year):
            self.fault(r, columns[YEAR], YEAR, f"年度写的是“{year}”", "四位年度，如 2026", "改正年度")
        if before < len(self.faults):
            return None
        values[CODE] = code
        return Recipient(code, name, mailbox, year, values, reference(self.sheet, address(r, columns[CODE])))

    def value(self, item: Field, raw: Any, row: int, column: int, unit: str) -> Any:
        """What goes into the form's cell for what the list says, in the form's own unit."""
        value, faults = read_value(item, raw, unit, date1904=self.date1904)
        where = reference(self.sheet, address(row, column))
        for found in faults:
            into = self.faults if found.severity == "error" else self.doubts
            into.append(replace(found, where=where, item=item.item_name))
        if value is None:
            return None
        if item.type == "money":
            return value / UNITS[self.plan.unit]
        if item.choices:
            return _choice(item, value)
        return value

    def repeated(self, found: Sequence[Recipient]) -> None:
        """One enterprise and project (loan, thing) twice; one name under two codes."""
        first: dict[tuple[str, ...], Recipient] = {}
        named: dict[str, Recipient] = {}
        for one in found:
            earlier = first.setdefault((one.code, one.year, *one.about), one)
            if earlier is not one:
                got = f"{one.code} 在名单里有两行（另见 {earlier.where}）"
                remedy = "删去一行；是两个项目（两笔贷款、两个对象）的，写明各自的名称或编号"
                self.faults.append(Fault(ListError.code, one.where, CODE, got, "一家（一个项目）一行", remedy))
            other = named.setdefault(same(one.name), one)
            if compared(other.code) != compared(one.code):
                got = f"“{one.name}”有两个统一社会信用代码（另见 {other.where}）"
                self.doubts.append(
                    Fault(ListError.code, one.where, CODE, got, "", "对照营业执照核对", severity="warning")
                )


def _choice(item: Field, value: Any) -> Any:
    if item.type == "boolean":
        return bool(value)
    assert item.item is not None
    return next((choice.label for choice in item.item.choices if str(choice.value) == str(value)), value)
