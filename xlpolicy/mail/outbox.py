"""Mails of which nobody knows whether they left, looked for among the sent ones of the mailbox, so that they settle by themselves."""

from __future__ import annotations

import contextlib
import imaplib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from xlpolicy.mail.compose import Parcel
from xlpolicy.mail.mailbox import connect, quoted
from xlpolicy.mail.posting import MailError, states
from xlpolicy.register.database import Register
from xlpolicy.register.mailing_log import NOT_SENT, SENT, Mailing, note, now, states_of
from xlpolicy.survey.office import IN_SERVER

_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"[^"]*"|NIL) (?P<name>.+)')
#: what mail providers call the folder of sent mails, where they do not mark it
_NAMES = ("sent", "sent messages", "sent items", "已发送", "已发邮件", "已发送邮件")
#: so many earlier mails are looked for, to see whether the folder keeps them at all
_SAMPLE = 3


def settle_unsure(
    register: Register, parcels: Sequence[Parcel], office: Mapping[str, str], password: str, who: str
) -> int:
    """Those of the mails that were cut off are `sent` where the mailbox holds them, `not_sent` where it holds others of
    ours and not them; else they stay as they are. Returns how many were settled; none where the mailbox is out of reach.

    Raises RegisterError.
    """
    with register.reading() as connection:
        known = states(connection, parcels)
        unsure = [held for p in parcels if (held := known.get((p.issue, p.kind))) is not None and held.unsure]
        if not unsure or not office.get(IN_SERVER):
            return 0
        sample = [held.message for held in states_of(connection).values() if held.state == SENT][-_SAMPLE:]
    found: set[str] = set()
    with contextlib.suppress(MailError):
        found = _held(office, password, [held.message for held in unsure] + sample)
    settled: list[Mailing] = []
    for held in unsure:
        if held.message in found:
            settled.append(replace(held, state=SENT, at=now(), note="邮箱的“已发送”里有"))
        elif found & set(sample):
            settled.append(replace(held, state=NOT_SENT, at=now(), note="邮箱的“已发送”里有别的，没有这一封"))
    if settled:
        with register.writing("mail", who, f"核实中断时的邮件 {len(settled)} 封") as entry:
            for mailing in settled:
                note(entry, mailing)
    return len(settled)


def _held(office: Mapping[str, str], password: str, messages: Collection[str]) -> set[str]:
    """Those of the Message-IDs that the folder of sent mails has. Raises MailError."""
    server = connect(office, password)
    found: set[str] = set()
    try:
        for name in _folders(server):
            if server.select(name, readonly=True)[0] != "OK":
                continue
            for message in messages:
                _, answer = server.uid("SEARCH", "HEADER", "Message-ID", f'"{message}"')
                if answer and answer[0]:
                    found.add(message)
    except (imaplib.IMAP4.error, OSError):
        return found
    finally:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            server.logout()
    return found


def _folders(server: imaplib.IMAP4) -> Iterator[str]:
    """The folders of sent mails, as the server writes their names."""
    known = {quoted(name).strip('"').lower() for name in _NAMES}
    for line in server.list()[1]:
        match = _LISTED.match(line) if isinstance(line, bytes) else None
        if match is None:
            continue
        name = match["name"].decode("ascii", "replace")
        last = re.split(r"[/.]", name.strip('"'))[-1].lower()
        if b"\\sent" in match["flags"].lower() or last in known:
            yield name if name.startswith('"') else f'"{name}"'
