"""What a worker does with one file: read and judge it, and write what goes with each of its forms.

The file of the inbox is opened once, into the spool of this run; what is judged is what is copied, whatever happens
to the inbox meanwhile. Each worker adds to one file of its own there: to create a file costs more than to read a form.
What goes with the form of a file is written at once, while all of it is at hand, and again where the other forms of
the batch change what is said of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from xlpolicy.batch.aside import Days
from xlpolicy.batch.judge import judge
from xlpolicy.batch.notices import notice, notice_text, opinion
from xlpolicy.batch.record import Record, Spooled, Written
from xlpolicy.faults import system_reason
from xlpolicy.forms.bureau_facts import BureauFacts
from xlpolicy.forms.intake import read_bytes, refused
from xlpolicy.forms.read import too_large
from xlpolicy.forms.recognise import recogniser
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.sheets.insert import NotExtendable, add_sheet, book_of
from xlpolicy.sheets.package import MAX_FILE, Package, Unreadable

if TYPE_CHECKING:
    from xlpolicy.batch.last_ledger import Before
    from xlpolicy.settle.claims_sheet import Sheets

_BLOCK = 2**16
#: the file of the spool with the sheets that stand behind those of the ledger
BEHIND = "behind.xlsx"
#: files up to this size are not looked for in the spool a moment after they were read
_AT_HAND = 2**20
#: what is larger is neither read nor copied: it stays in the inbox alone, and no run fills a disk with it
MAX_KEPT = 10 * MAX_FILE
#: forms of the first release do not ask when they were applied for
_UNDATED = "表上没有申报日期（旧版表样），按 {on} 适用文件；应按另一天的，核定时加 --on 写明"


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for the whole run. `dates`: when content was judged before; `hand`: the forms
    that a worker has just read, by the number of their file, for as long as they are not written for."""

    spool: Path
    day: dt.date | None
    today: dt.date
    dates: Days
    policy: str | None
    catalog: Catalog | None
    fonts: Mapping[str, str]
    bureau: BureauFacts | None = None
    hand: dict[int, Writing] = field(default_factory=dict)

    @property
    def known(self) -> Catalog:
        """The law that the batch is judged by."""
        return self.catalog or catalogs.default()

    def on(self, digest: str) -> dt.date:
        """The date that decides for content of this digest."""
        try:
            return self.day or dt.date.fromisoformat(self.dates.get(digest))
        except ValueError:
            return self.today


class File(NamedTuple):
    """A file of the inbox: its number in this run, where it is, its name relative to the inbox."""

    number: int
    path: Path
    name: str


class Writing(NamedTuple):
    """A record to write for. `own`: what it is called in this run; `copy`: whether the form itself is copied; `data`: the
    file, where it need not be looked for in the spool."""

    own: str
    record: Record
    copy: bool
    extend: bool = True
    data: bytes | None = None


def call(context: Context, step: tuple[Callable[[Context, Any], Any], Any]) -> Any:
    """One of several kinds of work that take turns."""
    function, item = step
    return function(context, item)


def own(record: Record, nth: int) -> str:
    """What a record is called in this run: by its file, and which of its forms it is, from 0."""
    return f"{record.number}-{nth}"


def part(context: Context, own: str, role: str) -> Path:
    """Where the spool keeps what was written for a record."""
    return context.spool / f"{own}.{role}"


def begin(context: Context) -> None:
    """Load what every file needs, so that the first is not charged with it."""
    recogniser(context.known)


def read(context: Context, file: File) -> list[Record]:
    """The records of one file: one per form in it, at least one."""
    try:
        spooled, digest, data = spool(context, file.path)
    except OSError as error:
        why = f"打不开（{system_reason(error)}），请检查文件权限后重新核算"
        return [Record(file.name, "", "跳过", why=why, number=file.number)]
    name = file.path.name
    failure = too_large() if spooled is not None else not_kept()
    found = [refused(name, failure)] if data is None else read_bytes(data, name, context.known)
    on, many, size = context.on(digest), len(found) > 1, spooled.size if spooled is not None else 0
    records = []
    for nth, form in enumerate(found, 1):
        record = judge(
            form, file.name, digest, on, context.known, context.policy, nth=nth if many else 0, bureau=context.bureau
        )  # fmt: skip
        record.number, record.index, record.size = file.number, form.index, form.size or size
        record.spooled = spooled
        if record.judged is not None and context.day is None and not form.project.get("applied_on"):
            record.hints += (_UNDATED.format(on=on),)
        records.append(record)
    if not many and spooled is not None:
        small = data if spooled.size <= _AT_HAND else None
        context.hand[file.number] = Writing(own(records[0], 0), records[0], copy=True, data=small)
    return records


def ahead(
    context: Context, step: tuple[Callable[[Context, Writing], Written], int]
) -> Written | None:  # fmt: skip
    """Write for the form of a file, by its number, that was just read; None where it holds several, or was not read."""
    write, number = step
    writing = context.hand.pop(number, None)
    return write(context, writing) if writing is not None else None


def draw(context: Context, sheets: Sheets) -> str:
    """The sheets behind those of the ledger (`claims_sheet.drawn`), in the spool; the name of the file."""
    from xlpolicy.settle.claims_sheet import drawn  # of all workers one needs it, at the end

    (context.spool / BEHIND).write_bytes(drawn(sheets, context.known))
    return BEHIND


def last(context: Context, ledger: Path) -> Before:
    """What the ledger of the last run holds (`last_ledger.read`), its rows in the spool."""
    from xlpolicy.batch.last_ledger import read  # of all workers one needs it

    return read(ledger, context.spool)


def not_kept() -> Unreadable:
    """Of a file larger than `MAX_KEPT`."""
    got = f"文件超过 {MAX_KEPT // 2**20} MB，没有读取，也没有复制，原件在收件文件夹里"
    return Unreadable("too_large", got, "去掉图片和附件后重新保存")


def spool(context: Context, path: Path) -> tuple[Spooled | None, str, bytes | None]:
    """Copy and SHA-256 in one reading, and the content unless it is too much to be read; of a file that is larger than
    `MAX_KEPT` nothing. A link that took the file's place is not followed. Raises OSError.
    """
    mark, held, size = hashlib.sha256(), bytearray(), 0
    source = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    own = context.spool / f"{os.getpid()}"
    with os.fdopen(source, "rb") as incoming, own.open("ab") as outgoing:
        if os.fstat(source).st_size > MAX_KEPT:
            return None, "", None
        start = outgoing.seek(0, os.SEEK_END)
        while block := incoming.read(_BLOCK):
            mark.update(block)
            outgoing.write(block)
            size += len(block)
            if size <= MAX_FILE:
                held += block
    return Spooled(own.name, start, size), mark.hexdigest(), bytes(held) if size <= MAX_FILE else None


def digest(path: Path) -> str:
    """SHA-256 of the content. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(context: Context, writing: Writing) -> Written:
    """Put what belongs to a record into the spool. The roles: copy (the form), beside (核定 in a workbook of its own),
    notice and text (补正通知)."""
    own, record = writing.own, writing.record
    if record.judged is not None:
        sheet = opinion(record)
        if writing.copy and writing.extend:
            try:
                data = add_sheet(io.BytesIO(taken_out(context, writing)), sheet, context.fonts)
            except NotExtendable:
                pass
            else:
                return (_put(context, own, "copy", data),)
        return (_put(context, own, "beside", book_of(sheet, context.fonts)), *_copy(context, writing))
    written = _copy(context, writing)
    if record.problems and record.place in ("退回补正", "空白", "无法读取"):
        text = b"\xef\xbb\xbf" + notice_text(record).encode()
        found = _put(context, own, "notice", book_of(notice(record), context.fonts))
        written = (*written, found, _put(context, own, "text", text))
    return written


def _put(context: Context, own: str, role: str, data: bytes) -> tuple[str, bytes]:
    part(context, own, role).write_bytes(data)
    return role, hashlib.sha256(data).digest()


def _copy(context: Context, writing: Writing) -> Written:
    if not writing.copy:
        return ()
    if writing.record.index is None and writing.record.size > MAX_FILE:
        return (("copy", _streamed(context, writing.record, part(context, writing.own, "copy"))),)
    return (_put(context, writing.own, "copy", taken_out(context, writing)),)


def _streamed(context: Context, record: Record, target: Path) -> bytes:
    """A copy of a file that is too large to be held; its SHA-256. Raises RuntimeError where the spool changed."""
    spooled = record.spooled
    assert spooled is not None  # or nobody would ask
    mark, left = hashlib.sha256(), spooled.size
    with (context.spool / spooled.file).open("rb") as file, target.open("wb") as out:
        file.seek(spooled.start)
        while left and (block := file.read(min(_BLOCK, left))):
            mark.update(block)
            out.write(block)
            left -= len(block)
    if record.digest and mark.hexdigest() != record.digest:
        raise RuntimeError(f"{record.source}: the spool changed during the run")
    return mark.digest()


def taken_out(context: Context, writing: Writing) -> bytes:
    """The form's own bytes: the file, or its member of the zip, by index. Raises RuntimeError where they changed."""
    record, data = writing.record, writing.data
    if data is None:
        assert record.spooled is not None  # or nobody would ask
        with (context.spool / record.spooled.file).open("rb") as file:
            file.seek(record.spooled.start)
            data = file.read(record.spooled.size)
        if record.digest and hashlib.sha256(data).hexdigest() != record.digest:
            raise RuntimeError(f"{record.source}: the spool changed during the run")
    if record.index is None:
        return data
    try:
        package = Package(data)
        return package.whole(package.infos[record.index])
    except Unreadable as failure:  # read a moment ago
        raise RuntimeError(f"{record.source}: {failure}") from None
