"""Mails into the working folder: forms below 收件, vouchers and other papers below 凭证, each by day and sender.

A mail is taken once, by its content; what it held and what is to be looked at stand in the register.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import select

from xlpolicy.faults import Fault
from xlpolicy.forms.read import zip_members
from xlpolicy.mail.incoming import AUTO, BOUNCE, REPLY, Incoming, read_mail
from xlpolicy.mail.outlook import MAGIC, read_msg
from xlpolicy.register import tables
from xlpolicy.register.database import Register
from xlpolicy.register.folder import Folder
from xlpolicy.register.mailing_log import BOUNCED, SENT, Mailing, by_message, note, now
from xlpolicy.register.tables import dumped
from xlpolicy.sheets.compound import compound_kind
from xlpolicy.sheets.files import file_name, write_atomically
from xlpolicy.sheets.package import Package, Unreadable
from xlpolicy.sheets.structure import package_kind

PAPERS = "凭证"
BELOW = "邮件"
#: what may be a form; all else is a paper that belongs to one
_FORMS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".et", ".ods", ".csv", ".zip", ".rar", ".7z", ".doc", ".docx", ".wps")
_PACKED = (
    (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7z"), (b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"), (b"MSCF", "CAB"),
)  # fmt: skip
_NESTING, _MOST = 4, 500
#: so many folders of a zip (itself among them) are kept: they say what its invoices are for
_FOLDERS, _SHORT = 3, 30


@dataclass(slots=True)
class Filed:
    """What one run took: mails, files by place, addresses that do not exist, and what has to be looked at."""

    mails: int = 0
    known: int = 0
    forms: list[str] = field(default_factory=list)
    papers: list[str] = field(default_factory=list)
    bounced: list[str] = field(default_factory=list)
    pictures: int = 0
    automatic: int = 0
    faults: list[Fault] = field(default_factory=list)

    def model_dump(self) -> dict[str, Any]:
        """Plain data for programs."""
        return {
            "mails": self.mails, "known": self.known, "forms": self.forms, "papers": self.papers, "bounced": self.bounced,
            "pictures": self.pictures, "automatic": self.automatic, "problems": [fault.as_dict() for fault in self.faults],
        }  # fmt: skip


def mails_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The .eml and .msg files of a folder, by name. Raises FileNotFoundError."""
    if not folder.is_dir():
        raise FileNotFoundError(2, "没有这个文件夹", str(folder))
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in (".eml", ".msg") and path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def file_mails(folder: Folder, register: Register, mails: Iterable[tuple[str, bytes]], *, who: str) -> Filed:
    """Take what is new. What is written stands before the register knows of it, so that a run that is cut off is done again.

    Raises RegisterError, OSError.
    """
    filed = Filed()
    with register.reading() as connection:
        known = set(connection.execute(select(tables.mails.c.digest)).scalars())
        sent = dict(by_message(connection))
    rows: list[dict[str, Any]] = []
    changed: list[Mailing] = []
    for source, data in mails:
        mail = read_msg(data) if data.startswith(MAGIC) else read_mail(data)
        if mail.digest in known:
            filed.known += 1
            continue
        known.add(mail.digest)
        filed.mails += 1
        files: list[list[str]] = []
        changed += _arrived(mail, sent)
        if mail.kind == BOUNCE:
            changed += _bounced(mail, sent, filed, source)
        elif mail.kind == REPLY:
            files = _filed(folder, mail, filed)
            if not files and not mail.faults:
                got = f"“{mail.subject[:40]}”没有附件"
                mail.faults.append(Fault("mail", source, "", got, "", "看正文里有没有要处理的内容", "warning"))
        filed.pictures += mail.pictures
        filed.automatic += mail.kind == AUTO
        told = [replace(fault, where=f"{source} {mail.sender}".strip()) for fault in mail.faults]
        filed.faults += told
        rows.append({
            "digest": mail.digest, "message": mail.message, "sender": mail.sender, "subject": mail.subject[:300],
            "sent_at": mail.sent_at, "taken_on": dt.date.today().isoformat(), "kind": mail.kind, "files": dumped(files),
            "notes": dumped([str(fault) for fault in told]),
        })  # fmt: skip
    if rows:
        with register.writing("fetch", who, f"收邮件 {len(rows)} 封") as entry:
            for row in rows:
                entry.add(tables.mails, **row)
            for mailing in changed:
                note(entry, mailing)
    return filed


def _bounced(mail: Incoming, sent: dict[str, Mailing], filed: Filed, source: str) -> Iterator[Mailing]:
    """The mails of ours that a notice of failure is about."""
    ours = [sent[message] for name in mail.about if (message := f"<{name}>") in sent]
    if not ours:
        got = f"退信“{mail.subject[:40]}”，看不出是哪一封"
        mail.faults.append(Fault("bounce", source, "", got, "", "打开看是退给谁的"))
    for mailing in ours:
        filed.bounced.append(mailing.address)
        got = f"发给 {mailing.address} 的邮件被退回"
        mail.faults.append(Fault("bounce", source, "", got, "", "核对邮箱，改用别的办法送达"))
        if mailing.state != BOUNCED:
            yield replace(mailing, state=BOUNCED, at=now(), note=mail.subject[:200])


def _arrived(mail: Incoming, sent: dict[str, Mailing]) -> Iterator[Mailing]:
    """Mails of ours that were cut off and left all the same: somebody answered, or our own copy came back."""
    for message in mail.answers:
        held = sent.get(message)
        if held is not None and held.unsure:
            sent[message] = replace(held, state=SENT, at=now(), note="收到了回复或副本")
            yield sent[message]


def _filed(folder: Folder, mail: Incoming, filed: Filed) -> list[list[str]]:
    """Write the attachments; place, digest and original name of each."""
    sub = file_name(f"{mail.day}_{mail.sender or '不明'}")
    found: list[list[str]] = []
    bare = [(PurePosixPath(name.replace("\\", "/")).name or "未命名", data) for name, data in mail.files]
    for name, data in _unpacked(bare, mail):
        suffix = PurePosixPath(name).suffix.lower()
        form = suffix in _FORMS or not suffix or bool(_packed(data)) or _workbook(data)
        base = (folder.inbox if form else folder.path / PAPERS) / BELOW / sub
        inner = PurePosixPath(name.replace("\\", "/"))
        _said(inner.name, data, mail)
        path = _written(base if form else _below(base, inner.parts[:-1]), file_name(inner.name), data)
        place = path.relative_to(folder.path).as_posix()
        (filed.forms if form else filed.papers).append(place)
        found.append([place, hashlib.sha256(data).hexdigest(), name])
    return found


def _below(base: Path, folders: Sequence[str]) -> Path:
    """Where a paper stands: in the folders that it came in, short and safe, unless a file has their name."""
    named = (file_name(part)[:_SHORT].strip(" .") or "_" for part in folders[-_FOLDERS:])
    path = base.joinpath(*named)
    taken = any(p.is_file() for p in (path, *path.parents) if p != base and p.is_relative_to(base))
    return base if taken else path


def _written(base: Path, name: str, data: bytes) -> Path:
    """A file under its name, or a numbered one where another file has it; the same file again stays one."""
    path, number = base / name, 1
    base.mkdir(parents=True, exist_ok=True)
    while path.exists():
        with contextlib.suppress(OSError):
            if path.read_bytes() == data:
                return path
        number += 1
        path = base / f"{Path(name).stem} ({number}){Path(name).suffix}"
    write_atomically(path, data)
    return path


def _unpacked(files: Iterable[tuple[str, bytes]], mail: Incoming, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """The files, those of zips (in zips) instead of them; a zip that is not opened stays what it is."""
    for name, data in files:
        inside = _inside(name, data, mail) if depth < _NESTING else None
        if inside is None:
            yield name, data
        else:
            packed = data[:2] == b"PK"
            within = name.rpartition(".")[0] if packed else name.replace("\\", "/").rpartition("/")[0]
            yield from _unpacked([(f"{within}/{inner}", content) for inner, content in inside], mail, depth + 1)


def _inside(name: str, data: bytes, mail: Incoming) -> list[tuple[str, bytes]] | None:
    """What a zip, or a mail that is attached as a file, holds; None for anything else, or where it holds nothing."""
    if data[:2] == b"PK":
        return _members(name, data, mail)
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".eml" or (suffix == ".msg" and data.startswith(MAGIC)):
        attached = read_msg(data) if suffix == ".msg" else read_mail(data)
        mail.faults += attached.faults
        mail.pictures += attached.pictures
        return attached.files or None
    return None


def _packed(data: bytes) -> str:
    """What packed it, where that is not opened here."""
    return next((word for start, word in _PACKED if data.startswith(start)), "")


def _workbook(data: bytes) -> bool:
    """Whether it is a workbook by what it holds, whatever a client or a gateway has called it."""
    try:
        if data[:2] == b"PK":
            return package_kind(Package(data)) != "zip"
        return data.startswith(MAGIC) and compound_kind(data)[0] in ("xls", "encrypted")
    except Unreadable:
        return False


def _said(name: str, data: bytes, mail: Incoming) -> None:
    """What is attached and cannot be opened is said at once."""
    packed = _packed(data)
    if not data:
        mail.faults.append(Fault("mail", got=f"附件“{name}”是空的（0 字节）", remedy="请对方重新发送"))
    elif packed:
        got = f"附件“{name}”是 {packed} 压缩包"
        mail.faults.append(Fault("mail", got=got, expected="zip", remedy="解压后放回原处，或请对方改用 zip"))


def _members(name: str, data: bytes, mail: Incoming) -> list[tuple[str, bytes]] | None:
    """What a zip holds; None where it is a workbook, a document, or a zip that is left as it is (`fill` says why)."""
    try:
        package = Package(data)
        if package_kind(package) != "zip":
            return None
        found = list(zip_members(package))
        if not found or len(found) > _MOST:
            return None
        return [(inner, package.whole(info)) for _, info, inner in found]
    except Unreadable as failure:
        if failure.code not in ("word", "not_spreadsheet"):
            mail.faults.append(replace(failure.problem, got=f"附件“{name}”{failure.problem.got}"))
        return None
