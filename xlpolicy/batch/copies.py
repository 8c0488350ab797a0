"""The copies of the forms, by place: with the 核定意见 inside, or with the 补正通知 beside them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from xlpolicy.batch.job import Context, Writing, own, part, write
from xlpolicy.batch.notices import NOTICE
from xlpolicy.batch.record import Record, readable
from xlpolicy.batch.workers import Died
from xlpolicy.sheets.files import file_name
from xlpolicy.sheets.package import MAX_TOTAL

_ENDINGS = {"beside": ".核定.xlsx", "notice": f".{NOTICE}.xlsx", "text": f".{NOTICE}.txt"}


#: what was written for a form as soon as it was read, and what was known of it then
Early = dict[int, tuple[tuple[str, ...] | Died, int]]


def known(record: Record) -> int:
    """A mark of what other forms may change of what is written for one."""
    return hash((record.place, record.why, record.here("hints"), record.problems))


class Copies:
    """Puts what belongs to the records below `folder`, and notes it in their outputs.

    A file of many forms, or a zip whose members cannot be taken out, is not copied once a form without end: beyond
    `MAX_TOTAL` bytes a file, forms of one place share one copy.
    """

    def __init__(self, context: Context, folder: Path) -> None:
        self.context, self.folder = context, folder
        self._taken: set[str] = set()
        self._spent: Counter[int] = Counter()
        self._seen: set[tuple[int, int | None, str]] = set()
        self._copied: dict[tuple[int, int | None, str], str] = {}

    def plan(self, records: Sequence[Record]) -> list[Writing]:
        """What is to be written for them, in order."""
        nth: Counter[int] = Counter()
        found = []
        for record in records:
            if record.place != "跳过":
                found.append(Writing(own(record, nth[record.number]), record, self._whole(record)))
                nth[record.number] += 1
        return found

    def _whole(self, record: Record) -> bool:
        spent, key = self._spent[record.number], _key(record)
        standing_in = record.member and record.index is None
        if key in self._seen and (standing_in or spent + record.size > MAX_TOTAL):
            return False
        self._seen.add(key)
        self._spent[record.number] = spent + record.size
        return record.spooled is not None

    def place(self, writing: Writing, done: tuple[str, ...] | Died) -> str:
        """Give what a worker wrote its names. Returns what went wrong, or ""."""
        record, own, failed = writing.record, writing.own, ""
        if isinstance(done, Died):  # hostile to the writer: copied as it is, the 核定意见 beside it
            failed, done = done.trace, write(self.context, writing._replace(extend=False))
        name = self._name(record)
        for role in done:
            ending = _ENDINGS.get(role)
            path = self._free(record, f"{name.stem}{ending}" if ending else name.name)
            os.replace(part(self.context, own, role), path)
            if role == "copy":
                self._copied[_key(record)] = record.outputs[-1]
        if "copy" not in done and _key(record) in self._copied:
            record.outputs.append(self._copied[_key(record)])
        return failed

    def _name(self, record: Record) -> PurePosixPath:
        """The copy's file name: the original's, with member and sheet where one file held several forms."""
        path = PurePosixPath(readable(record.file))
        if record.member and record.index is not None:
            inner = PurePosixPath(record.member)
            path = PurePosixPath(f"{path.stem}_{inner.name}")
        elif record.nth and not record.member:
            path = PurePosixPath(f"{path.stem}_第{record.nth}份{path.suffix}")
        name = path.name
        return PurePosixPath(name if name == PurePosixPath(readable(record.file)).name else file_name(name))

    def _free(self, record: Record, name: str) -> Path:
        """A path in the record's place that is not taken, in the sub-folder that the original stood in."""
        parent = PurePosixPath(record.place) / PurePosixPath(readable(record.file)).parent
        wanted, number = parent / name, 1
        while str(wanted).casefold() in self._taken:
            number += 1
            base = PurePosixPath(name)
            wanted = parent / f"{base.stem} ({number}){base.suffix}"
        self._taken.add(str(wanted).casefold())
        record.outputs.append(str(wanted))
        path = self.folder / wanted
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _key(record: Record) -> tuple[int, int | None, str]:
    return record.number, record.index, record.place
