"""What became of every mail to an enterprise, append-only: told before the server is asked, and again after it answered.

A mail that is `sending` and nothing else was cut off in between: nobody knows, so nobody sends it again unasked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from xlpolicy.register import tables
from xlpolicy.register.database import Entry, Register

SENDING, SENT, FAILED, BOUNCED, NOT_SENT = "sending", "sent", "failed", "bounced", "not_sent"
#: the kind of a first mail; a reminder is one of its day
FIRST = "form"


@dataclass(frozen=True, slots=True)
class Mailing:
    """The newest state of one mail. `issue`: the form that it carried, 0 for a letter, whose `kind` is its own."""

    issue: int
    kind: str
    address: str
    message: str
    subject: str
    state: str
    at: str
    note: str

    @property
    def unsure(self) -> bool:
        """Whether nobody knows if the server took it: it was cut off while sending."""
        return self.state == SENDING

    @property
    def done(self) -> bool:
        """Whether it must not be sent again by itself."""
        return self.state in (SENDING, SENT, BOUNCED)


def states_of(connection: Connection, issues: Sequence[int] | None = None) -> dict[tuple[int, str], Mailing]:
    """The newest state by issue and kind."""
    m = tables.mailings
    found: dict[tuple[int, str], Mailing] = {}
    queries = [select(m).order_by(m.c.id)] if issues is None else [
        select(m).where(m.c.issue.in_(part)).order_by(m.c.id) for part in tables.parts(issues)
    ]  # fmt: skip
    names = Mailing.__slots__
    for query in queries:
        for row in connection.execute(query).mappings():
            mailing = Mailing(**{name: row[name] for name in names} | {"issue": row["issue"] or 0})
            found[mailing.issue, mailing.kind] = mailing
    return found


def state_of(connection: Connection, mailing: Mailing) -> Mailing | None:
    """The newest state of the same mail (by its Message-ID), None where it was never begun."""
    m = tables.mailings
    row = (
        connection.execute(select(m).where(m.c.message == mailing.message).order_by(m.c.id.desc()).limit(1))
        .mappings()
        .first()
    )
    return Mailing(**{name: row[name] for name in Mailing.__slots__} | {"issue": row["issue"] or 0}) if row else None


def note(entry: Entry, mailing: Mailing) -> None:
    """Add one state to an entry that is being written."""
    entry.add(
        tables.mailings,
        **{
            name: getattr(mailing, name) or None if name == "issue" else getattr(mailing, name)
            for name in Mailing.__slots__
        },
    )


def now() -> str:
    """The moment, as the journal writes it."""
    return dt.datetime.now().astimezone().isoformat(timespec="seconds")


def settle_by_hand(
    register: Register, mails: Sequence[tuple[int, str]], *, was_sent: bool, who: str
) -> list[tuple[int, str]]:
    """What somebody found out of mails that were cut off (by issue and kind): sent, or not. Returns those that were not open.

    Raises RegisterError.
    """
    word = "查实已发出" if was_sent else "查实没有发出，可以再发"
    refused = []
    with register.writing("mail", who, word) as entry:
        issues = [issue for issue, _ in mails]
        states = states_of(entry.connection, issues if all(issues) else None)
        for mail in mails:
            held = states.get(mail)
            if held is None or not (held.unsure or (not was_sent and held.done)):
                refused.append(mail)
                continue
            note(entry, replace(held, state=SENT if was_sent else NOT_SENT, at=now(), note=word))
    return refused


def by_message(connection: Connection) -> Mapping[str, Mailing]:
    """Every mail that went out by its Message-ID, the newest state of each."""
    return {mailing.message: mailing for mailing in states_of(connection).values()}
