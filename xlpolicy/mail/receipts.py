"""Receipts: what came with a mail, when, under which number; that it came, not what is decided about it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import Connection, select

from xlpolicy.forms.intake import read_bytes
from xlpolicy.law.catalog import Catalog
from xlpolicy.mail.compose import Parcel, day_of
from xlpolicy.mail.incoming import REPLY
from xlpolicy.mail.letters import office_facts
from xlpolicy.register import tables
from xlpolicy.register.folder import INBOX, Folder
from xlpolicy.survey.office import ADDRESS, MAILBOX

#: mails that were taken longer ago get none: a bureau that begins with receipts does not answer last year's
DAYS = 14
_NOBODY = ("noreply", "no-reply", "donotreply", "postmaster", "mailer-daemon")


@dataclass(slots=True)
class Receipts:
    """The receipts to be sent; how many mails were too old for one, and from whom none could be answered."""

    parcels: list[Parcel] = field(default_factory=list)
    old: int = 0
    unanswered: list[str] = field(default_factory=list)


def receipts(
    connection: Connection, folder: Folder, office: Mapping[str, str], catalog: Catalog, on: dt.date
) -> Receipts:
    """One for every mail that brought something. A mail known to be of an enterprise is answered by that name."""
    found = Receipts()
    common = office_facts(office, on)
    m = tables.mails
    since = (on - dt.timedelta(days=DAYS)).isoformat()
    own = office.get(MAILBOX, "").lower()
    for row in connection.execute(select(m).where(m.c.kind == REPLY, m.c.files != "[]").order_by(m.c.id)):
        address = str(row.sender)
        if row.taken_on < since:
            found.old += 1
        elif not ADDRESS.fullmatch(address) or address.lower() == own or address.lower().startswith(_NOBODY):
            found.unanswered.append(address or row.subject)
        else:
            found.parcels.append(_parcel(connection, row, folder, common, catalog))
    return found


def _parcel(
    connection: Connection, row: Any, folder: Folder, common: dict[str, str], catalog: Catalog
) -> Parcel:  # fmt: skip
    number = f"HZ{row.taken_on[:4]}-{row.id:05d}"
    files = [(str(place), str(digest), str(name)) for place, digest, name in json.loads(row.files)]
    who = ""
    dues: list[str] = []
    for name, due in _sent_out(connection, files, folder, catalog):
        who, dues = who or name, [*dues, due]
    day = row.sent_at[:10] or row.taken_on
    late = min((due for due in dues if due and day > due), default="")
    listed = "\n".join(f"    {n}. {PurePosixPath(name).name}" for n, (_, _, name) in enumerate(files, 1))
    facts: dict[str, str] = common | {
        "单位名称": who or "贵单位", "回执编号": number, "收到时间": _moment(row.sent_at, row.taken_on), "来信主题": row.subject or "（无主题）",
        "文件清单": listed,
        "逾期说明": f"\n    交回期限是{day_of(late)}，收到时已经逾期，是否受理由本单位另行决定。\n" if late else "",
    }  # fmt: skip
    kind = f"receipt-{row.digest[:16]}"
    return Parcel(int(row.id), kind, "receipt.0", "", who or row.sender, row.sender, number, facts, answers=row.message)


def _moment(sent: str, taken: str) -> str:
    day = day_of(sent[:10] or taken)
    return f"{day}{sent[11:16]}" if len(sent) > 15 else day


def _sent_out(
    connection: Connection, files: list[tuple[str, str, str]], folder: Folder, catalog: Catalog
) -> Iterator[tuple[str, str]]:
    """The enterprise and the day that was set, of every form of ours among the files; "" for what is not known."""
    i, f = tables.issues, tables.forms
    for place, digest, _ in files:
        query = select(f.c.name, f.c.issue).where(f.c.digest == digest)
        known = [(str(row.name), str(row.issue or "")) for row in connection.execute(query)]
        if not known and place.startswith(f"{INBOX}/"):
            known += list(_read(folder.path / place, catalog))
        for name, issue in known:
            sent = connection.execute(select(i.c.name, i.c.due).where(i.c.shown == issue)).first()
            yield (name or (sent.name if sent else ""), sent.due if sent else "")


def _read(path: Path, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Name and number on the forms of a file that is not in the register yet."""
    try:
        data = path.read_bytes()
    except OSError:
        return
    for form in read_bytes(data, path.name, catalog):
        if form.rule is not None:
            yield form.enterprise.get("name", "").strip(), form.issue
