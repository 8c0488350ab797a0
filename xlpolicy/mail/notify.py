"""Letters sent by mail: each to the address of its enterprise, the same letter once; what was written stands on the disk."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from xlpolicy.mail.compose import day_of
from xlpolicy.mail.letters import Addressed, office_facts
from xlpolicy.mail.posting import Post
from xlpolicy.register import tables
from xlpolicy.register.issuing import Sent
from xlpolicy.register.mailing_log import Mailing, states_of


@dataclass(frozen=True, slots=True)
class Notices(Post):
    """Letters ready to be sent: `kind` is what they are (补正, 核定 …), `due` the day until which to answer."""

    due: str = ""

    def kind_of(self, sent: Sent) -> str:
        return sent.rule

    def states(self, connection: Connection) -> dict[tuple[int, str], Mailing]:
        return states_of(connection)

    def facts(self, sent: Sent, on: dt.date) -> dict[str, str]:
        until = f"请在{day_of(self.due)}前办理。" if self.due else ""
        return office_facts(self.office, on) | {
            "单位名称": sent.name, "统一社会信用代码": sent.code, "通知": sent.title, "期限说明": until,
        }  # fmt: skip


def letters_to_send(connection: Connection, written: Sequence[tuple[Addressed, Path]], kind: str) -> list[Sent]:
    """The letters with the address of each enterprise: of the newest list, else from which its form came."""
    addresses = _addresses(connection)
    made = []
    for serial, (one, path) in enumerate(written, 1):
        mark = hashlib.sha256(json.dumps([kind, one.code, one.items], ensure_ascii=False).encode()).hexdigest()[:12]
        own = f"{one.code or 'x'}-{mark}".lower()
        made.append(
            Sent(
                0, "", serial, "", one.code, one.name, "", addresses.get(one.code, ""), "", own, f"{kind}通知", "", path.name,
                hashlib.sha256(path.read_bytes()).hexdigest(), "", "",
            )
        )  # fmt: skip
    return made


def _addresses(connection: Connection) -> Mapping[str, str]:
    i, f, m = tables.issues, tables.forms, tables.mails
    senders: dict[str, str] = {}
    for row in connection.execute(select(m.c.files, m.c.sender).where(m.c.sender != "").order_by(m.c.id)):
        for _, digest, _ in json.loads(row.files):
            senders[digest] = row.sender
    found = {
        row.code: senders[row.digest]
        for row in connection.execute(select(f.c.code, f.c.digest).where(f.c.code != "").order_by(f.c.id))
        if row.digest in senders
    }
    listed = select(i.c.code, i.c.address).where(i.c.address != "").order_by(i.c.id)
    return found | {row.code: row.address for row in connection.execute(listed)}
