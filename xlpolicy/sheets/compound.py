"""A compound file (.xls, .doc, an encrypted workbook): its root streams, and chains that end ([MS-CFB]).

calamine follows a chain of sectors wherever it leads: one that runs in a circle takes all memory. Chains are followed
here first. It also takes the first stream called Workbook anywhere in the file, so other ones are renamed for it.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from xlpolicy.sheets.package import RESEND, SAVE_AS, TAKE_OUT, WORD, Unreadable

_LARGEST = 0xFFFFFFFA
_STREAM, _ROOT = 2, 5
_BOOKS = ("Workbook", "Book")


class _Entry(NamedTuple):
    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int
    at: int


class Compound:
    """The directory of a compound file. Raises Unreadable where it is damaged or runs in a circle."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._broken = Unreadable("truncated", "文件不完整或已损坏", RESEND)
        try:
            self._open()
        except (struct.error, ValueError, IndexError):
            raise self._broken from None

    def _open(self) -> None:
        data = self._data
        shift, mini = struct.unpack_from("<HH", data, 30)
        fats, first, _, self._cutoff, first_mini, _, first_difat, _ = struct.unpack_from("<8I", data, 44)
        if shift not in (9, 12) or mini != 6:
            raise self._broken
        self._size = 1 << shift
        self._sectors = len(data) // self._size
        if fats > self._sectors:
            raise self._broken
        table = [s for s in struct.unpack_from("<109I", data, 76) if s < _LARGEST]
        seen: set[int] = set()
        while first_difat < _LARGEST:
            if first_difat in seen:
                raise self._circle()
            seen.add(first_difat)
            *more, first_difat = struct.unpack(f"<{self._size // 4}I", self._sector(first_difat))
            table += [s for s in more if s < _LARGEST]
        if len(set(table)) != len(table):
            raise self._circle()
        self._fat = array("I")
        for number in table:
            self._fat.frombytes(self._sector(number).ljust(self._size, b"\xff"))
        self._entries = list(self._directory(first))
        if not self._entries or self._entries[0].kind != _ROOT:
            raise self._broken
        root = self._entries[0]
        self._ministream = self._read(root.start, root.size)
        self._minifat = array("I")
        self._minifat.frombytes(self._read(first_mini))
        self.root = {entry.name.lower(): entry for entry in self._under(root.child)}
        for entry in self._entries:
            if entry.kind == _STREAM and entry.size:
                small = entry.size < self._cutoff
                for _ in self._chain(self._minifat if small else self._fat, entry.start):
                    pass

    def _circle(self) -> Unreadable:
        return Unreadable("corrupt", "文件已损坏，内部的链成环", RESEND)

    def _sector(self, number: int) -> bytes:
        return self._data[(number + 1) * self._size : (number + 2) * self._size]

    def _chain(self, table: array[int], number: int) -> Iterator[int]:
        """The sectors of a chain; one that leads outside ends there. Raises Unreadable for a circle."""
        left = len(table)
        while number < len(table):
            if not left:
                raise self._circle()
            left -= 1
            yield number
            number = table[number]

    def _read(self, start: int, size: int | None = None) -> bytes:
        body = b"".join(self._sector(number) for number in self._chain(self._fat, start))
        body = body if size is None else body[:size]
        return body[: len(body) // 4 * 4] if size is None else body

    def _directory(self, first: int) -> Iterator[_Entry]:
        for number in self._chain(self._fat, first):
            for at in range((number + 1) * self._size, (number + 2) * self._size, 128):
                if at + 128 > len(self._data):
                    return
                length = struct.unpack_from("<H", self._data, at + 64)[0]
                name = self._data[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
                kind = self._data[at + 66]
                left, right, child = struct.unpack_from("<3I", self._data, at + 68)
                start, size = struct.unpack_from("<II", self._data, at + 116)
                yield _Entry(name, kind, left, right, child, start, size, at)

    def _under(self, child: int) -> Iterator[_Entry]:
        waiting, seen = [child], set()
        while waiting:
            number = waiting.pop()
            if number >= len(self._entries) or number in seen:
                continue
            seen.add(number)
            entry = self._entries[number]
            waiting += [entry.right, entry.left]
            yield entry

    @property
    def workbook(self) -> _Entry | None:
        """The stream of the workbook itself; of an embedded object never."""
        found = (self.root.get(name.lower()) for name in _BOOKS)
        return next((e for e in found if e is not None and e.kind == _STREAM), None)

    def stream(self, entry: _Entry) -> bytes:
        """The content. Raises Unreadable where it is cut short."""
        if entry.size >= self._cutoff:
            body = self._read(entry.start, entry.size)
        else:
            parts = (self._ministream[n * 64 : n * 64 + 64] for n in self._chain(self._minifat, entry.start))
            body = b"".join(parts)[: entry.size]
        if len(body) < entry.size:
            raise self._broken
        return body

    def for_calamine(self) -> bytes:
        """The file with one stream called Workbook or Book, spelled so: the workbook's own."""
        book, data = self.workbook, self._data
        for entry in self._entries:
            spelled = next((name for name in _BOOKS if name.lower() == entry.name.lower()), None)
            if spelled is None or (book is not None and entry.at == book.at and entry.name == spelled):
                continue
            name = spelled if book is not None and entry.at == book.at else f"_{spelled[1:]}"
            data = data[: entry.at] + name.encode("utf-16-le") + data[entry.at + 2 * len(name) :]
        return data


def compound_kind(data: bytes) -> tuple[str, Compound | None]:
    """xls or encrypted, by the streams of its root. Raises Unreadable for Word and other documents, and for damage."""
    try:
        compound = Compound(data)
    except Unreadable as failure:
        if failure.code == "truncated":
            _told_by_text(data)
        raise
    root = compound.root
    if "encryptedpackage" in root:
        return "encrypted", None
    if compound.workbook is not None:
        return "xls", compound
    if "worddocument" in root:
        raise Unreadable("word", "是 Word 文档（.doc），不是表格", WORD)
    if "powerpoint document" in root:
        raise Unreadable("not_spreadsheet", "是演示文稿，不是表格", WORD)
    if "__properties_version1.0" in root:
        raise Unreadable("mail", "是另存的 Outlook 邮件（.msg），申请表可能在它的附件里", TAKE_OUT)
    raise Unreadable("et", "是 WPS 旧格式（.et）或其他程序的文件，无法直接读取", SAVE_AS)


def _told_by_text(data: bytes) -> None:
    """What a damaged file probably was."""

    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if has("WordDocument") and not has("Workbook"):
        raise Unreadable("word", "是 Word 文档（.doc），不是表格", WORD)
    if has("Root Entry") and has("ET Document"):
        raise Unreadable("et", "是 WPS 旧格式（.et）或其他程序的文件，无法直接读取", SAVE_AS)
