"""The copies of the forms, by place: with the 核定意见 inside, or with the 补正通知 beside them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path, PurePosixPath
from sqlite3 import Connection

from xlpolicy.batch.job import Context, Writing, own, part, write
from xlpolicy.batch.named import Named
from xlpolicy.batch.notices import NOTICE
from xlpolicy.batch.publish import Files
from xlpolicy.batch.record import Record, Written, readable
from xlpolicy.batch.workers import Died
from xlpolicy.sheets.files import file_name
from xlpolicy.sheets.package import MAX_TOTAL

NOTICE_FILE = f".{NOTICE}.xlsx"
_ENDINGS = {"beside": ".核定.xlsx", "notice": NOTICE_FILE, "text": f".{NOTICE}.txt"}

#: what forms share a copy: those of one member of a file, in one place
_Key = tuple[int, int | None, str]


class Copies:
    """Puts what belongs to the records below `folder`, and notes it in their outputs and in `files`.

    A file of many forms, or a zip whose members cannot be taken out, is not copied once a form without end: beyond
    `MAX_TOTAL` bytes a file, forms of one place share one copy.
    """

    def __init__(self, context: Context, folder: Path, disk: Connection) -> None:
        self.context, self.folder = context, folder
        self.files: Files = Named(disk)
        self._taken = Named[None](disk)
        self._made: set[str] = set()
        self._last, self._copied = -1, dict[_Key, str]()

    def plan(self, records: Iterable[Record]) -> Iterator[Writing]:
        """What is to be written for them, in order: that of the files."""
        for _, forms in groupby(records, lambda record: record.number):
            seen: set[_Key] = set()
            spent = 0
            for nth, record in enumerate(record for record in forms if record.place != "跳过"):
                key, standing_in = _key(record), record.member and record.index is None
                whole = not (key in seen and (standing_in or spent + record.size > MAX_TOTAL))
                if whole:
                    seen.add(key)
                    spent += record.size
                # a file that was not opened has no digest either
                yield Writing(own(record, nth), record, whole and bool(record.digest))

    def place(self, writing: Writing, done: Written | Died) -> str:
        """Give what a worker wrote its names. Returns what went wrong, or ""."""
        record, own, failed = writing.record, writing.own, ""
        if isinstance(done, Died):  # hostile to the writer: copied as it is, the 核定意见 beside it
            failed, done = done.trace, write(self.context, writing._replace(extend=False))
        if record.number != self._last:
            self._last, self._copied = record.number, {}
        inner, _, file = readable(record.file).rpartition("/")
        name, copied = self._name(record, file), False
        for role, mark in done:
            ending = _ENDINGS.get(role)
            wanted = self._free(record, inner, f"{PurePosixPath(name).stem}{ending}" if ending else name)
            os.replace(part(self.context, own, role), os.path.join(self.folder, wanted))
            self.files.put(wanted, (mark, record.file))
            if role == "copy":
                self._copied[_key(record)], copied = wanted, True
        if not copied and _key(record) in self._copied:
            record.outputs.append(self._copied[_key(record)])
        return failed

    def _name(self, record: Record, file: str) -> str:
        """The copy's file name: the original's, with member and sheet where one file held several forms."""
        path = PurePosixPath(file)
        if record.member and record.index is not None:
            name = PurePosixPath(f"{path.stem}_{PurePosixPath(record.member).name}").name
        elif record.nth and not record.member:
            name = PurePosixPath(f"{path.stem}_第{record.nth}份{path.suffix}").name
        else:
            return file
        return name if name == file else file_name(name)

    def _free(self, record: Record, inner: str, name: str) -> str:
        """A name in the record's place that is not taken, in the sub-folder that the original stood in."""
        parent = f"{record.place}/{inner}" if inner else str(record.place)
        if parent not in self._made:
            self._made.add(parent)
            (self.folder / parent).mkdir(parents=True, exist_ok=True)
        wanted, number = f"{parent}/{name}", 1
        while not self._taken.add(wanted.casefold(), None):
            number += 1
            base = PurePosixPath(name)
            wanted = f"{parent}/{base.stem} ({number}){base.suffix}"
        record.outputs.append(wanted)
        return wanted


def _key(record: Record) -> _Key:
    return record.number, record.index, record.place
