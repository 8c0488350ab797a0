"""The ledger of the last run: what its sheets hold now, and what `fill` itself had written into it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from xlpolicy.batch.aside import Rows
from xlpolicy.forms.grids import Workbook
from xlpolicy.settle.claims_sheet import Laid, heading
from xlpolicy.settle.headings import CLAIMS, FACTS, MUST, needed
from xlpolicy.settle.table_book import Value
from xlpolicy.sheets.package import Unreadable
from xlpolicy.sheets.text import tidy

ID = "申报编号"
JOIN = "\x1f"  # in no cell: `tidy` takes it out

#: how one form is known again: enterprise by code, enterprise by name, document, provision, project, loan, object
Key = tuple[str, ...]
_PARTS = 7


class Table(Protocol):
    """Values by name."""

    def __len__(self) -> int: ...

    def get(self, name: str, /) -> Any:
        """None for a name that is not there."""
        ...

    def items(self) -> Iterable[tuple[str, Any]]:
        """In the order in which they came."""
        ...


@dataclass(slots=True)
class Written:
    """What `fill` itself wrote into a ledger: the rows of 申报 by number, each one text, its cells joined, with the keys of
    their forms (`key_of`), and the county by 单位."""

    heads: list[str]
    rows: Table
    keys: Table
    counties: Table

    @classmethod
    def load(cls, raw: Any) -> Written | None:
        """From the state file; None where it holds nothing of the kind."""
        try:
            rows, keys = raw["rows"], raw["keys"]
            for (name, row), (other, key) in zip(rows.items(), keys.items(), strict=True):
                if name != other or not isinstance(row, str):
                    return None
                key_of(key)
            return cls(list(map(str, raw["heads"])), rows, keys, raw["counties"])
        except (KeyError, TypeError, AttributeError, ValueError):
            return None


def key_of(raw: Any) -> Key:
    """From the state file; what an earlier program wrote has neither loan nor object. Raises TypeError, ValueError."""
    key = tuple(map(str, raw))
    if len(key) not in (_PARTS - 2, _PARTS):
        raise ValueError(len(key))
    return (*key, *("",) * (_PARTS - len(key)))


@dataclass(slots=True)
class Before:
    """The last ledger: its lists by sheet, and what `fill` had written into it (None where that is not known).

    `others`: its other sheets.
    """

    lists: dict[str, Laid] = field(default_factory=dict)
    written: Written | None = None
    others: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


UNREADABLE = "上次的台账读不出来，里面填的没有带过来"


def read(path: Path, spool: Path) -> Before:
    """The ledger that stands in the output folder; its rows go into the spool."""
    before, differing = Before(), list[str]()
    try:
        book = Workbook(path)
        for name in book.names:
            if name in book.hidden:
                continue
            must = MUST if name == CLAIMS else needed(name) if name in FACTS else None
            if must is None:
                before.others.append(name)
                continue
            found = _listing(book.rows(name), must, spool / f"last-{name}")
            if found is None:
                before.left.append(f"上次台账的“{name}”表找不到表头，里面填的没有带过来")
                continue
            before.lists[name] = found
            differing += (
                f"上次台账 {where} {fault.got}，带过来的是存的数，请核对" for where, fault in book.differing(name)
            )
    except FileNotFoundError:
        return Before()
    except (OSError, Unreadable):
        return Before(left=[UNREADABLE])
    before.left += differing
    return before


def _listing(rows: Iterator[list[Any]], must: Sequence[str], path: Path) -> Laid | None:
    """The filled rows below the headings; None where no row has them."""
    filled = False
    for row in rows:
        heads = heading(row)
        if set(must) <= set(heads):
            kept = [i for i, head in enumerate(heads) if head]
            lines = ([_value(line[i]) if i < len(line) else None for i in kept] for line in rows)
            return Laid(
                [heads[i] for i in kept], Rows(path, (line for line in lines if any(v is not None for v in line)))
            )
        filled = filled or any(heads)
    return None if filled else Laid(list(must), Rows(path, ()))


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
    heads: Sequence[str], rows: Iterable[Sequence[Value]], keys: Iterable[Key], counties: Iterator[tuple[str, str]]
) -> dict[str, Any]:
    """What `fill` writes by itself, for the state file; its entries come one by one, for there may be very many."""
    at = heads.index(ID)
    return {
        "heads": list(heads), "rows": ((str(row[at]), JOIN.join(map(plain, row))) for row in rows),
        "keys": ((str(row[at]), key) for row, key in zip(rows, keys, strict=True)), "counties": counties,
    }  # fmt: skip
