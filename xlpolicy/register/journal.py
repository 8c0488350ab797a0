"""The hash chain: an entry's digest covers its rows, its head covers the digest, who, what, when, and the head before.

Plain functions over plain rows, so that an export is proved by the same code as a database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy import Table

from xlpolicy.register.tables import RECORDS, UNHASHED, Rows, parts, values_of

FIRST = "0" * 64
_CHAINED = ("seq", "at", "who", "what", "note", "rows", "digest", "previous")
#: what is shown of a head on paper, and the least that proves anything
SHOWN = 16

Row = Mapping[str, Any]


class Source(Protocol):
    """Where rows come from: a database, or an export of one."""

    def journal(self) -> Iterable[Row]:
        """The entries, in order."""
        ...

    def rows(self, table: str) -> Iterable[Row]:
        """The rows of a table by entry, then by id; without columns that are not hashed."""
        ...


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the chain does not hold: the entry's number, and what is wrong there."""

    seq: int
    what: str


class Digest:
    """The digest of the rows of one entry, taken as they are written: by table in the order of `RECORDS`, their values
    in the order of the columns, without nulls at the end (a column that a later version adds changes no digest)."""

    def __init__(self) -> None:
        self._mark = hashlib.sha256()

    def take(self, table: Table, rows: Rows) -> None:
        """The rows of a table, as many at a time as `parts` has."""
        if left_out := UNHASHED.get(table.name, ()):
            kept = [nth for nth, column in enumerate(table.c) if column.name not in left_out]
            rows = [[row[nth] for nth in kept] for row in rows]
        self._mark.update(_line([table.name, [row if row[-1] is not None else _shortened(row) for row in rows]]))

    def hexdigest(self) -> str:
        return self._mark.hexdigest()


def ordered(table: Table, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows of an entry in the order in which its digest takes them: by id, those that have none by their own digest."""
    return rows if "id" in table.c else sorted(rows, key=lambda row: str(row["digest"]))


def digest_of(added: Mapping[str, Sequence[Row]]) -> str:
    """The digest of the rows of one entry, by table."""
    digest = Digest()
    for table in RECORDS:
        for part in parts(ordered(table, added.get(table.name, ()))):
            digest.take(table, values_of(table, part))
    return digest.hexdigest()


def _shortened(values: Sequence[Any]) -> Sequence[Any]:
    """Values without the nulls at their end."""
    end = len(values)
    while end and values[end - 1] is None:
        end -= 1
    return values[:end]


def head_of(row: Row) -> str:
    """The hash that the next entry holds on to."""
    return hashlib.sha256(_line([row[name] for name in _CHAINED])).hexdigest()


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def shown(head: str) -> str:
    """A head as it stands on paper: 3f2a-9c1d-77e0-b1c4."""
    short = head[:SHOWN]
    return "-".join(short[i : i + 4] for i in range(0, SHOWN, 4))


def check_chain(source: Source) -> tuple[list[Broken], int, str]:
    """What does not hold, the number of entries and the last head."""
    broken: list[Broken] = []
    by_entry = {table.name: _Entries(source.rows(table.name)) for table in RECORDS}
    previous, number = FIRST, 0
    for row in source.journal():
        number += 1
        seq = int(row["seq"])
        if seq != number:
            broken.append(Broken(seq, f"编号不连续：第 {number} 条的编号是 {seq}"))
        if row["previous"] != previous:
            broken.append(Broken(seq, "与上一条接不上：上一条被改过、插入过或删除过"))
        if head_of(row) != row["head"]:
            broken.append(Broken(seq, "这一条的内容（谁、何时、做什么）与它的校验值不符"))
        added = {name: rows for name, entries in by_entry.items() if (rows := entries.of(seq))}
        count = sum(map(len, added.values()))
        if count != row["rows"]:
            broken.append(Broken(seq, f"记了 {row['rows']} 行，现有 {count} 行"))
        elif digest_of(added) != row["digest"]:
            broken.append(Broken(seq, "登记的数据与校验值不符：有的格被改过"))
        previous = row["head"]
    for name, entries in by_entry.items():
        if left := entries.left():
            broken.append(Broken(left, f"{name} 里有不属于任何一条日志的行"))
    return broken, number, previous


class _Entries:
    """The rows of one table, asked for entry by entry."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._groups: Iterator[tuple[int, Iterable[Row]]] = iter(groupby(rows, key=lambda row: int(row["entry"])))
        self._next = next(self._groups, None)
        self._held: list[Row] = self._take()
        self._stray = 0

    def _take(self) -> list[Row]:
        return list(self._next[1]) if self._next else []

    def of(self, seq: int) -> list[Row]:
        while self._next and self._next[0] < seq:
            self._stray = self._stray or self._next[0]
            self._advance()
        if not self._next or self._next[0] != seq:
            return []
        rows = self._held
        self._advance()
        return rows

    def _advance(self) -> None:
        self._next = next(self._groups, None)
        self._held = self._take()

    def left(self) -> int:
        """The entry of a row that none asked for, 0 for none."""
        return self._stray or (self._next[0] if self._next else 0)
