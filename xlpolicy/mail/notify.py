"""Letters sent by mail: each to the address of its enterprise, the same letter once; what was written stands on the disk."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from xlpolicy.mail.compose import Enclosed, Parcel, day_of
from xlpolicy.mail.letters import DERIVED, Written, office_facts
from xlpolicy.register import tables


def letter_parcels(
    connection: Connection, written: Sequence[Written], kind: str, office: Mapping[str, str], on: dt.date, due: str = ""
) -> list[Parcel]:
    """The letters as mails, to the address of each enterprise: of the newest list, else from which its form came.

    A letter is known by what it says, so that the same one of another day is not sent again. `due`: the day until which
    to answer.
    """
    addresses = _addresses(connection)
    common = office_facts(office, on) | {
        "通知": f"{kind}通知", "期限说明": f"请在{day_of(due)}前办理。" if due else ""
    }  # fmt: skip
    made = []
    for serial, one in enumerate(written, 1):
        to = one.to
        known = [{key: value for key, value in item.items() if key not in DERIVED} for item in to.items]
        said = json.dumps([kind, to.code, known], ensure_ascii=False)
        own = f"{to.code or 'x'}-{hashlib.sha256(said.encode()).hexdigest()[:12]}".lower()
        files = tuple(Enclosed(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in one.paths)
        facts = common | {"单位名称": to.name, "统一社会信用代码": to.code}
        made.append(Parcel(serial, own, "notice.0", to.code, to.name, addresses.get(to.code, ""), own, facts, files))
    return made


def _addresses(connection: Connection) -> Mapping[str, str]:
    """By code: the address of the newest list, else the one from which the enterprise's newest form came."""
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
