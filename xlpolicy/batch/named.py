"""What a run knows by name (files, digests, claims, enterprises), on disk: there may be very many, and memory stays flat."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterator
from itertools import count
from typing import Generic, TypeVar

V = TypeVar("V")
_NUMBERS = count(1)
#: kilobytes of all that is known by name that stay in memory
_CACHE = 1024


def disk() -> sqlite3.Connection:
    """A database in a file without a name that goes when it is closed. Raises sqlite3.Error."""
    found = sqlite3.connect("", isolation_level=None)
    for said in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE}", "temp_store=FILE"):
        found.execute(f"PRAGMA {said}").close()
    found.execute("BEGIN")  # or each that is put there would be written by itself
    return found


class Named(Generic[V]):
    """Values by name as a dict holds them, in the order in which they came."""

    def __init__(self, disk: sqlite3.Connection) -> None:
        self._disk, self._count, table = disk, 0, f"named{next(_NUMBERS)}"
        disk.execute(f"CREATE TABLE {table} (at INTEGER PRIMARY KEY, name BLOB UNIQUE, value BLOB)")
        self._add = f"INSERT OR IGNORE INTO {table} (name, value) VALUES (?, ?)"
        self._put = f"UPDATE {table} SET value = ? WHERE name = ?"
        self._get = f"SELECT value FROM {table} WHERE name = ?"
        self._all = f"SELECT name, value FROM {table} ORDER BY at"
        self._names = f"SELECT name FROM {table} ORDER BY name"
        self._in_order = f"SELECT name, value FROM {table} ORDER BY name"

    def __len__(self) -> int:
        return self._count

    def add(self, name: str, value: V) -> bool:
        """Whether the name is new; what is known by it stays."""
        new = self._disk.execute(self._add, (_bytes(name), pickle.dumps(value))).rowcount > 0
        self._count += new
        return new

    def put(self, name: str, value: V) -> None:
        """The value of a name from now on."""
        if not self.add(name, value):
            self._disk.execute(self._put, (pickle.dumps(value), _bytes(name)))

    def get(self, name: str) -> V | None:
        """What is known by a name; None for one that is not there."""
        found = self._disk.execute(self._get, (_bytes(name),)).fetchone()
        value: V | None = pickle.loads(found[0]) if found else None
        return value

    def items(self) -> Iterator[tuple[str, V]]:
        """Names with their values, in the order in which they came; meanwhile nothing may be put here."""
        return self._entries(self._all)

    def in_order(self) -> Iterator[tuple[str, V]]:
        """The same in the order of the names, by their characters."""
        return self._entries(self._in_order)

    def _entries(self, query: str) -> Iterator[tuple[str, V]]:
        return ((_text(name), pickle.loads(value)) for name, value in self._disk.execute(query))

    def names(self) -> Iterator[str]:
        """In the order of their characters; meanwhile nothing may be put here."""
        return (_text(name) for (name,) in self._disk.execute(self._names))


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")  # in the order of the characters, and of any file


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogatepass")
