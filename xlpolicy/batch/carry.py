"""What a clerk typed into the last 台账.xlsx, carried into the next one.

Sheet 申报: what `fill` itself had written is remembered, so a cell that differs was typed; it goes to the row of the
same form (the same enterprise, provision and project), wherever that stands now. A row that `fill` had not written is
a claim typed by hand. Sheets of facts: rows go over by their key (a name, a year), or as they are. Nothing that cannot
be carried is silent: `Carried.left` says so. What grows with the forms stands on disk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection

from xlpolicy.batch.aside import Rows
from xlpolicy.batch.last_ledger import ID, JOIN, Before, Key, Table, key_of, plain
from xlpolicy.batch.named import Named
from xlpolicy.batch.record import enterprise_key
from xlpolicy.settle.claims_sheet import Laid
from xlpolicy.settle.headings import CLAIMS
from xlpolicy.settle.table_book import Value
from xlpolicy.words.names import same

#: what tells whether two rows of a sheet of facts say the same thing; a sheet that is not here has no such columns
_KEYS = {
    "设置": ("项目",), "资金": ("资金代号", "年度"), "财政贡献": ("单位", "年度"), "重点产业链": ("单位",),
    "项目选择": ("项目",), "名次": ("申报编号",), "单位": ("单位",),
}  # fmt: skip
#: sheets that name claims by their number
_NAMING = ("项目选择", "名次")
_GONE = "（申请表已不在收件里）"
#: the number that a claim of the last ledger has now: "" for a form that is gone, None for one that nobody knows
_Called = Callable[[str], str | None]


@dataclass(slots=True)
class Carried:
    """What was taken over: rows by sheet, in their order; `left`: what was not, in plain words."""

    rows: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


class Draft:
    """A list of the next ledger: rows as they are, what was typed over them, and rows put behind them."""

    def __init__(self, laid: Laid, disk: Connection) -> None:
        self.heads, self.rows, self.disk = list(laid.heads), laid.rows, disk
        self._added: list[list[Value]] = []
        self._typed = Named[dict[int, Value]](disk)
        self._width = len(self.heads)

    def column(self, head: str) -> int:
        """Where a heading stands; it is added where it is missing."""
        if head not in self.heads:
            self.heads.append(head)
        return self.heads.index(head)

    def put(self, number: int, column: int, value: Value) -> None:
        """Type over a cell."""
        if number < len(self.rows):
            self._typed.put(str(number), {**(self._typed.get(str(number)) or {}), column: value})
        else:
            self._added[number - len(self.rows)] = [
                value if at == column else was for at, was in enumerate(self[number])
            ]

    def append(self, cells: Mapping[int, Value]) -> None:
        """One more row: its cells by column."""
        self._added.append([cells.get(column) for column in range(len(self.heads))])

    def __len__(self) -> int:
        return len(self.rows) + len(self._added)

    def __getitem__(self, number: int) -> list[Value]:
        count = len(self.rows)
        return self._whole(number, self.rows[number] if number < count else self._added[number - count])

    def __iter__(self) -> Iterator[list[Value]]:
        for number, row in enumerate(self.rows):
            yield self._whole(number, row)
        for number, row in enumerate(self._added, len(self.rows)):
            yield self._whole(number, row)

    def _whole(self, number: int, row: Sequence[Value]) -> list[Value]:
        line = [*row, *[None] * (len(self.heads) - len(row))]
        for column, value in (self._typed.get(str(number)) or {}).items() if self._typed else ():
            line[column] = value
        return line

    def laid(self, path: Path) -> Laid:
        """All of it in a file, unless it is as it was."""
        same = not self._typed and not self._added and len(self.heads) == self._width
        return Laid(self.heads, self.rows if same else Rows(path, self))


def carry(before: Before, claims: Draft, keys: Iterable[Key], facts: Mapping[str, Draft]) -> Carried:
    """Put what was typed into the last ledger into the lists of the next one. `keys`: those of the claims, taken once."""
    carried = Carried(left=list(before.left))
    called: _Called = lambda name: None  # noqa: E731
    if CLAIMS in before.lists:
        found = _Claims(before, claims, keys, carried)
        found.run()
        called = found.called
    for name, listing in facts.items():
        old = before.lists.get(name)
        if old is None:
            continue
        if name in _NAMING:
            old = _renamed(name, old, called, carried)
        known = before.written.counties if before.written and name == "单位" else None
        count = _merge(old, listing, _KEYS.get(name, ()), known)
        if count:
            carried.rows[name] = count
    return carried


class _Claims:
    """The sheet 申报: cells that were typed into the rows of forms, and rows typed by hand."""

    def __init__(self, before: Before, claims: Draft, keys: Iterable[Key], carried: Carried) -> None:
        self.old, self.claims, self.carried = before.lists[CLAIMS], claims, carried
        self.written = before.written
        self.heads, self.id = list(claims.heads), claims.heads.index(ID)
        self.seen, self.renamed = Named[bool](claims.disk), Named[str](claims.disk)
        self._keys = keys
        self._at: Named[int] | None = None
        self._stated: Named[list[int]] | None = None
        self._taken: Named[bool] | None = None

    def run(self) -> None:
        """Carry everything."""
        count, by_hand = 0, []
        at = self.old.heads.index(ID)
        for row in self.old.rows:
            name = plain(row[at])
            was = self.written.rows.get(name) if self.written else None
            if was is not None and self.seen.add(name, True):
                count += self._typed(name, was, row)
            elif self.written:
                by_hand.append(row)
            else:
                count += self._unknown(name, row)
        for row in by_hand:
            count += self._by_hand(row)
        if self.written and len(self.seen) < len(self.written.rows):
            deleted = [(name, key) for name, key in self.written.keys.items() if not self.seen.get(name)]
            back = [name for name, key in deleted if self._place(key_of(key)) is not None]
            if back:
                self.carried.left.append(
                    f"上次从“申报”表删去的 {_some(back)} 又列入了；不核算的请再删去，或把申请表移出收件文件夹"
                )
        if count:
            self.carried.rows[CLAIMS] = count

    def called(self, name: str) -> str | None:
        """See `_Called`."""
        new = self.renamed.get(name)
        if new is None and self.written and self.seen.get(name):
            number = self._place(key_of(self.written.keys.get(name)))
            return "" if number is None else self._id(number)
        return new

    def _id(self, number: int) -> str:
        return str(self.claims[number][self.id])

    def _place(self, key: Key) -> int | None:
        """The row of the form that is known by this key."""
        if self._at is None:
            self._at = Named(self.claims.disk)
            for number, (who, name, *rest) in enumerate(self._keys):
                self._at.put(JOIN.join((who, *rest)), number)
                self._at.add(JOIN.join((name, *rest)), number)
        who, name, *rest = key
        found = self._at.get(JOIN.join((who, *rest)))
        return self._at.get(JOIN.join((name, *rest))) if found is None else found

    def _same(self, row: Sequence[Value]) -> int | None:
        """The form that states the claim of a row: another loan or object that both name makes another claim."""
        if self._stated is None:
            self._stated = Named(self.claims.disk)
            for number, line in enumerate(self.claims.rows):
                for key in _stated(self.heads, line):
                    self._stated.put(key, [*(self._stated.get(key) or ()), number])
        for key in _stated(self.old.heads, row):
            for number in self._stated.get(key) or ():
                both = zip(_named(self.old.heads, row), _named(self.claims.heads, self.claims[number]), strict=True)
                if all(one == other or not one or not other for one, other in both):
                    return number
        return None

    def _typed(self, name: str, written: str, row: Sequence[Value]) -> bool:
        """Carry the cells of a form's row that somebody typed. Whether there were any."""
        assert self.written is not None
        if self.old.heads == self.written.heads and JOIN.join(map(plain, row)) == written:
            return False
        was = dict(zip(self.written.heads, written.split(JOIN), strict=False))
        typed = {h: v for h, v in zip(self.old.heads, row, strict=True) if h != ID and plain(v) != was.get(h, "")}
        number = self._place(key_of(self.written.keys.get(name))) if typed else None
        if number is None:
            if typed:
                who = was.get("申报单位", "")
                self.carried.left.append(f"{name}（{who}）的申请表已不在收件里，补填的“{'”“'.join(typed)}”没有带过来")
            return False
        done = False
        columns = [self.claims.column(head) for head in typed]
        line = self.claims[number]
        for column, (head, value) in zip(columns, typed.items(), strict=True):
            now = plain(line[column])
            if now in (was.get(head, ""), plain(value)):
                done = done or now != plain(value)
                self.claims.put(number, column, value)
            else:
                said = f"{self._id(number)} 的“{head}”：上次改成“{plain(value)}”，这次申请表是“{now}”，按申请表"
                self.carried.left.append(said)
        return done

    def _unknown(self, name: str, row: Sequence[Value]) -> bool:
        """Where nobody knows what was typed: what the forms leave blank is completed from the row of the same claim."""
        number, done = self._same(row), False
        if number is None:
            self.carried.left.append(f"{name} 在这次的申请表里找不到，没有带过来")
            return False
        self.renamed.put(name, self._id(number))
        columns = [self.claims.column(head) for head in self.old.heads]
        line = self.claims[number]
        for column, head, value in zip(columns, self.old.heads, row, strict=True):
            now = line[column]
            if value is not None and (now is None or (head == "单位类型" and plain(now) != plain(value))):
                self.claims.put(number, column, value)
                done = True
        return done

    def _by_hand(self, row: Sequence[Value]) -> bool:
        """Carry a claim that was typed by hand; not one that a form states now. Whether it was carried."""
        if self._taken is None:
            self._taken = Named(self.claims.disk)
            for line in self.claims.rows:
                self._taken.add(str(line[self.id]), True)
        name = plain(row[self.old.heads.index(ID)])
        number = self._same(row)
        if number is not None:
            here = self._id(number)
            self.renamed.put(name, here)
            self.carried.left.append(f"手工填的 {name} 与申请表 {here} 是同一单位、同一条款、同一项目，没有带过来")
            return False
        new = name
        while not self._taken.add(new, True):
            new = f"补{new}"
        if new != name:
            self.carried.left.append(f"手工填的 {name} 改编号为 {new}：{name} 现在是一份申请表的编号")
        self.renamed.put(name, new)
        cells = {self.claims.column(head): value for head, value in zip(self.old.heads, row, strict=True)}
        self.claims.append({**cells, self.id: new or None})
        return True


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:5]) + (f" 等 {len(names)} 笔" if len(names) > 5 else "")


def _stated(heads: Sequence[str], row: Sequence[Value]) -> list[str]:
    """What a row of 申报 is about: enterprise by code and by name, city, provision, project."""
    cells = {head: plain(value) for head, value in zip(heads, row, strict=True)}
    rest = (cells.get("城市", ""), cells.get("条款", "").split("　")[0].strip(), same(cells.get("项目", "")))
    names = (cells.get("统一社会信用代码", ""), ""), ("", cells.get("申报单位", ""))
    keys = [enterprise_key(code, name) for code, name in names if code or name]
    return [JOIN.join((key, *rest)) for key in keys if key]


def _named(heads: Sequence[str], row: Sequence[Value]) -> list[str]:
    """The loan and the object of a row of 申报, as they are compared."""
    cells = dict(zip(heads, row, strict=True))
    return [same(plain(cells.get(head))) for head in ("贷款", "对象")]


def _renamed(name: str, old: Laid, called: _Called, carried: Carried) -> Laid:
    """Numbers of claims as they are now; that of a form that is gone is marked, so that no other claim bears it."""
    at, rows = old.heads.index(ID), []
    for row in old.rows:
        was = plain(row[at])
        now = called(was)
        rows.append([(now or f"{was}{_GONE}") if i == at and now is not None else v for i, v in enumerate(row)])
        if now == "":
            carried.left.append(f"“{name}”表里的 {was} 申请表已不在收件里，请核对")
    return Laid(old.heads, rows)


def _merge(old: Laid, new: Draft, keys: Sequence[str], written: Table | None) -> int:
    """Rows of a sheet of facts: what was typed goes over what the new sheet has under the same key. How many rows."""
    columns = [new.column(head) for head in old.heads]
    count = 0
    if not keys:
        here = Counter(tuple(map(plain, row)) for row in new)
        for row in old.rows:
            cells = dict(zip(columns, row, strict=True))
            key = tuple(plain(cells.get(column)) for column in range(len(new.heads)))
            count += 1
            if here[key] > 0:
                here[key] -= 1
            else:
                new.append(cells)
        return count
    own, index = [new.column(head) for head in keys], Named[int](new.disk)
    for number, line in enumerate(new):
        index.put(JOIN.join(plain(line[i]) for i in own), number)
    for row in old.rows:
        cells = dict(zip(columns, row, strict=True))
        name = JOIN.join(plain(cells.get(i)) for i in own)
        there = index.get(name)
        if there is None:
            new.append(cells)
            index.put(name, len(new) - 1)
            count += 1
            continue
        known = (written.get(name) if written is not None else None) or ""
        typed = {c: v for c, v in cells.items() if v is not None and c not in own and plain(v) != known}
        line = new[there] if typed else []
        typed = {c: v for c, v in typed.items() if plain(v) != plain(line[c])}
        for column, value in typed.items():
            new.put(there, column, value)
        count += bool(typed)
    return count
