"""What a clerk typed into the last 台账.xlsx, carried into the next one.

Sheet 申报: what `fill` itself had written is remembered, so a cell that differs was typed; it goes to the row of the
same form (the same enterprise, provision and project), wherever that stands now. A row that `fill` had not written is
a claim typed by hand. Sheets of facts: rows go over by their key (a name, a year), or as they are. Nothing that cannot
be carried is silent: `Carried.left` says so.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlpolicy.batch.record import enterprise_key
from xlpolicy.forms.grids import read_grids
from xlpolicy.settle.claims_sheet import Listing, heading
from xlpolicy.settle.headings import CLAIMS, FACTS, MUST, needed
from xlpolicy.settle.table_book import Value
from xlpolicy.sheets.package import Unreadable
from xlpolicy.sheets.text import tidy
from xlpolicy.words.names import same

#: what tells whether two rows of a sheet of facts say the same thing; a sheet that is not here has no such columns
_KEYS = {
    "设置": ("项目",), "资金": ("资金代号", "年度"), "财政贡献": ("单位", "年度"), "重点产业链": ("单位",),
    "项目选择": ("项目",), "名次": ("申报编号",), "单位": ("单位",),
}  # fmt: skip
#: sheets that name claims by their number
_NAMING = ("项目选择", "名次")
_ID = "申报编号"
_JOIN = "\x1f"  # in no cell: `tidy` takes it out
_GONE = "（申请表已不在收件里）"

#: how one form is known again: enterprise by code, enterprise by name, document, provision, project, loan, object
Key = tuple[str, ...]
_PARTS = 7


@dataclass(slots=True)
class Written:
    """What `fill` itself wrote into a ledger: the rows of 申报 by number, with the keys of their forms, and of 单位.

    A row is one text, its cells joined: there may be very many.
    """

    heads: list[str] = field(default_factory=list)
    rows: dict[str, str] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    counties: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, raw: Any) -> Written | None:
        """From the state file; None where it holds nothing of the kind."""
        try:
            keys = {str(name): _key(key) for name, key in raw["keys"].items()}
            rows = {str(name): row for name, row in raw["rows"].items()}
            if not all(isinstance(row, str) for row in rows.values()):
                return None
            counties = {str(name): str(county) for name, county in raw["counties"].items()}
            return cls(list(map(str, raw["heads"])), rows, keys, counties) if keys.keys() == rows.keys() else None
        except (KeyError, TypeError, AttributeError, ValueError):
            return None


def _key(raw: Any) -> Key:
    """From the state file; what an earlier program wrote has neither loan nor object."""
    key = tuple(map(str, raw))
    if len(key) not in (_PARTS - 2, _PARTS):
        raise ValueError(len(key))
    return (*key, *("",) * (_PARTS - len(key)))


@dataclass(slots=True)
class Before:
    """The last ledger: its lists by sheet, and what `fill` had written into it (None where that is not known).

    `others`: its other sheets.
    """

    lists: dict[str, Listing] = field(default_factory=dict)
    written: Written | None = None
    others: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Carried:
    """What was taken over: rows by sheet, in their order; `left`: what was not, in plain words."""

    rows: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def read(path: Path, written: Any) -> Before:
    """The ledger that stands in the output folder. `written`: what the state file remembers of it."""
    before = Before(written=Written.load(written))
    try:
        grids = read_grids(path)
    except FileNotFoundError:
        return before
    except (OSError, Unreadable):
        before.left.append("上次的台账读不出来，里面填的没有带过来")
        return before
    for name, grid in grids.sheets.items():
        if name in grids.hidden:
            continue
        must = MUST if name == CLAIMS else needed(name) if name in FACTS else None
        if must is None:
            before.others.append(name)
            continue
        found = _listing(iter(grid), must)
        if found is None:
            before.left.append(f"上次台账的“{name}”表找不到表头，里面填的没有带过来")
        else:
            before.lists[name] = found
    for where, fault in grids.differing.items():
        if where.partition("!")[0] in before.lists:
            before.left.append(f"上次台账 {where} {fault.got}，带过来的是存的数，请核对")
    return before


def _listing(rows: Iterator[list[Any]], must: Sequence[str]) -> Listing | None:
    """The filled rows below the headings; None where no row has them."""
    filled = False
    for row in rows:
        heads = heading(row)
        if set(must) <= set(heads):
            kept = [i for i, head in enumerate(heads) if head]
            lines = ([_value(line[i]) if i < len(line) else None for i in kept] for line in rows)
            return Listing([heads[i] for i in kept], [line for line in lines if any(v is not None for v in line)])
        filled = filled or any(heads)
    return None if filled else Listing(list(must), [])


def _value(cell: Any) -> Value:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, float):
        return Decimal(repr(cell))
    return cell if isinstance(cell, str | int | Decimal | dt.date) else str(cell)


def plain(value: Value) -> str:
    """A cell as it is compared: 1000 and 1000.0 are one, and so are a date and its text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return tidy(value).strip()
    return str(value) if isinstance(value, dt.date) else f"{Decimal(value).normalize():f}"


def snapshot(
    heads: Sequence[str], rows: Iterable[Sequence[Value]], keys: Iterable[Key], counties: Mapping[str, str]
) -> dict[str, Any]:
    """What `fill` writes by itself, for the state file; its entries come one by one, for there may be very many."""
    at = heads.index(_ID)
    return {
        "heads": list(heads), "rows": ((str(row[at]), _JOIN.join(map(plain, row))) for row in rows),
        "keys": ((str(row[at]), key) for row, key in zip(rows, keys, strict=True)), "counties": counties,
    }  # fmt: skip


def carry(before: Before, claims: Listing, keys: Sequence[Key], facts: Mapping[str, Listing]) -> Carried:
    """Put what was typed into the last ledger into the lists of the next one."""
    carried = Carried(left=list(before.left))
    renamed: dict[str, str] = {}
    if CLAIMS in before.lists:
        renamed = _Claims(before, claims, keys, carried).run()
    for name, listing in facts.items():
        old = before.lists.get(name)
        if old is None:
            continue
        if name in _NAMING:
            _rename(name, old, renamed, carried)
        known = before.written.counties if before.written and name == "单位" else {}
        count = _merge(old, listing, _KEYS.get(name, ()), known)
        if count:
            carried.rows[name] = count
    return carried


class _Claims:
    """The sheet 申报: cells that were typed into the rows of forms, and rows typed by hand."""

    def __init__(self, before: Before, claims: Listing, keys: Sequence[Key], carried: Carried) -> None:
        self.old, self.claims, self.carried = before.lists[CLAIMS], claims, carried
        self.written = before.written
        self.at: dict[tuple[str, ...], int] = {}
        for number, (who, name, *rest) in enumerate(keys):
            self.at[who, *rest] = number
            self.at.setdefault((name, *rest), number)
        self.stated: dict[tuple[str, ...], list[int]] = {}
        for number, row in enumerate(claims.rows):
            for stated in _stated(claims, row):
                self.stated.setdefault(stated, []).append(number)
        self.taken = {str(row[claims.heads.index(_ID)]) for row in claims.rows}
        self.renamed: dict[str, str] = {}

    def run(self) -> dict[str, str]:
        """Carry everything; returns the old numbers of claims with their new ones ("" for a form that is gone)."""
        count, by_hand, seen = 0, [], set()
        at = self.old.column(_ID)
        for row in self.old.rows:
            name = plain(row[at])
            if self.written and name in self.written.rows and name not in seen:
                seen.add(name)
                count += self._typed(name, row)
            elif self.written:
                by_hand.append(row)
            else:
                count += self._unknown(name, row)
        for row in by_hand:
            count += self._by_hand(row)
        if self.written:
            back = [
                name for name, key in self.written.keys.items() if name not in seen and self._place(key) is not None
            ]
            if back:
                self.carried.left.append(
                    f"上次从“申报”表删去的 {_some(back)} 又列入了；不核算的请再删去，或把申请表移出收件文件夹"
                )
        if count:
            self.carried.rows[CLAIMS] = count
        return self.renamed

    def _place(self, key: Key) -> int | None:
        who, name, *rest = key
        return self.at.get((who, *rest), self.at.get((name, *rest)))

    def _same(self, row: Sequence[Value]) -> int | None:
        """The form that states the claim of a row: another loan or object that both name makes another claim."""
        for key in _stated(self.old, row):
            for number in self.stated.get(key, ()):
                both = zip(_named(self.old, row), _named(self.claims, self.claims.rows[number]), strict=True)
                if all(one == other or not one or not other for one, other in both):
                    return number
        return None

    def _typed(self, name: str, row: list[Value]) -> bool:
        """Carry the cells of a form's row that somebody typed. Whether there were any."""
        assert self.written is not None
        was = dict(zip(self.written.heads, self.written.rows[name].split(_JOIN), strict=False))
        typed = {h: v for h, v in zip(self.old.heads, row, strict=True) if h != _ID and plain(v) != was.get(h, "")}
        number = self._place(self.written.keys[name])
        if number is None:
            self.renamed[name] = ""
            if typed:
                who = was.get("申报单位", "")
                self.carried.left.append(f"{name}（{who}）的申请表已不在收件里，补填的“{'”“'.join(typed)}”没有带过来")
            return False
        self.renamed[name] = str(self.claims.rows[number][self.claims.heads.index(_ID)])
        done = False
        for head, value in typed.items():
            column = self.claims.column(head)
            now = plain(self.claims.rows[number][column])
            if now in (was.get(head, ""), plain(value)):
                done = done or now != plain(value)
                self.claims.rows[number][column] = value
            else:
                said = f"{self.renamed[name]} 的“{head}”：上次改成“{plain(value)}”，这次申请表是“{now}”，按申请表"
                self.carried.left.append(said)
        return done

    def _unknown(self, name: str, row: list[Value]) -> bool:
        """Where nobody knows what was typed: what the forms leave blank is completed from the row of the same claim."""
        number, done = self._same(row), False
        if number is None:
            self.carried.left.append(f"{name} 在这次的申请表里找不到，没有带过来")
            return False
        self.renamed[name] = str(self.claims.rows[number][self.claims.heads.index(_ID)])
        for head, value in zip(self.old.heads, row, strict=True):
            column = self.claims.column(head)
            now = self.claims.rows[number][column]
            if value is not None and (now is None or (head == "单位类型" and plain(now) != plain(value))):
                self.claims.rows[number][column], done = value, True
        return done

    def _by_hand(self, row: list[Value]) -> bool:
        """Carry a claim that was typed by hand; not one that a form states now. Whether it was carried."""
        at = self.old.heads.index(_ID)
        name = plain(row[at])
        number = self._same(row)
        if number is not None:
            here = str(self.claims.rows[number][self.claims.heads.index(_ID)])
            self.renamed[name] = here
            self.carried.left.append(f"手工填的 {name} 与申请表 {here} 是同一单位、同一条款、同一项目，没有带过来")
            return False
        new = name
        while new in self.taken:
            new = f"补{new}"
        if new != name:
            self.carried.left.append(f"手工填的 {name} 改编号为 {new}：{name} 现在是一份申请表的编号")
        self.taken.add(new)
        self.renamed[name] = new
        line: list[Value] = [None] * len(self.claims.heads)
        self.claims.rows.append(line)
        for head, value in zip(self.old.heads, row, strict=True):
            line[self.claims.column(head)] = value
        line[self.claims.heads.index(_ID)] = new or None
        return True


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:5]) + (f" 等 {len(names)} 笔" if len(names) > 5 else "")


def _stated(listing: Listing, row: Sequence[Value]) -> list[tuple[str, ...]]:
    """What a row of 申报 is about: enterprise by code and by name, city, provision, project."""
    cells = {head: plain(value) for head, value in zip(listing.heads, row, strict=True)}
    rest = (cells.get("城市", ""), cells.get("条款", "").split("　")[0].strip(), same(cells.get("项目", "")))
    names = (cells.get("统一社会信用代码", ""), ""), ("", cells.get("申报单位", ""))
    keys = [enterprise_key(code, name) for code, name in names if code or name]
    return [(key, *rest) for key in keys if key]


def _named(listing: Listing, row: Sequence[Value]) -> list[str]:
    """The loan and the object of a row of 申报, as they are compared."""
    cells = dict(zip(listing.heads, row, strict=True))
    return [same(plain(cells.get(head))) for head in ("贷款", "对象")]


def _rename(name: str, old: Listing, renamed: Mapping[str, str], carried: Carried) -> None:
    """Numbers of claims as they are now; that of a form that is gone is marked, so that no other claim bears it."""
    at = old.column(_ID)
    for row in old.rows:
        was = plain(row[at])
        if was in renamed:
            row[at] = renamed[was] or f"{was}{_GONE}"
            if not renamed[was]:
                carried.left.append(f"“{name}”表里的 {was} 申请表已不在收件里，请核对")


def _merge(old: Listing, new: Listing, keys: Sequence[str], written: Mapping[str, str]) -> int:
    """Rows of a sheet of facts: what was typed goes over what the new sheet has under the same key. How many rows."""
    columns = [new.column(head) for head in old.heads]
    count = 0
    if not keys:
        here = Counter(tuple(map(plain, row)) for row in new.rows)
        for row in old.rows:
            line: list[Value] = [None] * len(new.heads)
            for column, value in zip(columns, row, strict=True):
                line[column] = value
            key = tuple(map(plain, line))
            count += 1
            if here[key] > 0:
                here[key] -= 1
            else:
                new.rows.append(line)
        return count
    own = [new.column(head) for head in keys]
    index = {tuple(plain(row[i]) for i in own): row for row in new.rows}
    for row in old.rows:
        line = [None] * len(new.heads)
        for column, value in zip(columns, row, strict=True):
            line[column] = value
        key = tuple(plain(line[i]) for i in own)
        there = index.get(key)
        typed = [c for c in columns if line[c] is not None and c not in own]
        if there is None:
            new.rows.append(line)
            index[key] = line
            count += 1
            continue
        typed = [
            c for c in typed if plain(line[c]) not in (plain(there[c]), written.get(key[0], "") if written else "")
        ]
        for column in typed:
            there[column] = line[column]
        count += bool(typed)
    return count
