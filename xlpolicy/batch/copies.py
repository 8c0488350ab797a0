"""The copies of the forms, by place: with the 核定意见 inside, or with the 补正通知 beside them."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from xlpolicy.batch.notices import NOTICE, notice, notice_text, opinion
from xlpolicy.batch.record import Record, readable
from xlpolicy.forms.read import MAX_NESTING, member_name
from xlpolicy.sheets.insert import NotExtendable, add_sheet, book_of
from xlpolicy.sheets.package import Package, Unreadable

_ILLEGAL = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.I)
_LONGEST = 80


def file_name(text: str) -> str:
    """A text as one file name on every system: no separators, no reserved names, not too long."""
    text = _ILLEGAL.sub("_", text).strip(" .") or "未命名"
    if _RESERVED.match(text):
        text = f"_{text}"
    path = PurePosixPath(text)
    return f"{path.stem[: _LONGEST - len(path.suffix)]}{path.suffix}"


class Copies:
    """Writes what belongs to a record below `folder`, and notes it in the record's outputs."""

    def __init__(self, inbox: Path, folder: Path, fonts: Mapping[str, str]) -> None:
        self.inbox, self.folder, self.fonts = inbox, folder, fonts
        self._taken: set[str] = set()

    def write(self, record: Record) -> None:
        """The copy in its place, and what goes with it."""
        name = self._name(record)
        if record.judged is not None:
            self._judged(record, name)
            return
        with self._original(record) as source:
            self._copy(source, record, name)
        if record.problems and record.place in ("退回补正", "空白", "无法读取"):
            book = self._free(record, f"{name.stem}.{NOTICE}.xlsx")
            book.write_bytes(book_of(notice(record), self.fonts))
            text = self._free(record, f"{name.stem}.{NOTICE}.txt")
            text.write_bytes(b"\xef\xbb\xbf" + notice_text(record).encode())

    def _judged(self, record: Record, name: PurePosixPath) -> None:
        """The sheet goes into the copy; where it cannot, the copy stays as it is and a workbook beside it has it."""
        sheet = opinion(record)
        with self._original(record) as source:
            try:
                data = add_sheet(source, sheet, self.fonts)
            except NotExtendable:
                source.seek(0)
                self._copy(source, record, name)
                self._free(record, f"{name.stem}.核定.xlsx").write_bytes(book_of(sheet, self.fonts))
                record.outputs.reverse()
            else:
                self._free(record, name.name).write_bytes(data)

    def _copy(self, source: BinaryIO, record: Record, name: PurePosixPath) -> None:
        with self._free(record, name.name).open("wb") as target:
            shutil.copyfileobj(source, target)

    def _original(self, record: Record) -> BinaryIO:
        """The form's own file; a member that cannot be taken out of its zip is stood for by the zip."""
        path = self.inbox / record.file
        if record.member:
            with contextlib.suppress(KeyError, Unreadable):
                return io.BytesIO(member_bytes(path.read_bytes(), record.member))
        return path.open("rb")

    def _name(self, record: Record) -> PurePosixPath:
        """The copy's file name: the original's, with member and sheet where one file held several forms."""
        path = PurePosixPath(readable(record.file))
        if record.member:
            inner = PurePosixPath(record.member)
            path = PurePosixPath(f"{path.stem}_{inner.name}")
        elif record.nth:
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


def member_bytes(data: bytes, wanted: str, outer: str = "", depth: int = 0) -> bytes:
    """A member of a zip (of zips) by the name that intake shows it under. Raises KeyError or Unreadable."""
    package = Package(data)
    for info in package.parts.values():
        name = info.filename
        if not info.flag_bits & 0x800:
            with contextlib.suppress(UnicodeError):
                name = name.encode("cp437").decode("gb18030")
        shown = member_name(f"{outer}/{name}" if outer else name)
        if shown == wanted and not info.is_dir():
            return package.whole(info)
        if wanted.startswith(f"{shown}/") and not info.is_dir() and depth < MAX_NESTING:
            return member_bytes(package.whole(info), wanted, shown, depth + 1)
    raise KeyError(wanted)
