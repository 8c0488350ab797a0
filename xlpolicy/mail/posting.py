"""Sending a batch of forms through SMTP with TLS: slowly enough, and so that a run that is cut off sends nobody twice.

Each mail is in the register as `sending` before the server hears of it and as `sent` after it said yes; the answer to
one and the intent of the next are one entry. What was cut off in between is told and left to a person.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import smtplib
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from xlpolicy.faults import Fault, PolicyError
from xlpolicy.law.catalog import Catalog
from xlpolicy.mail.compose import Enclosed, Letter, Parcel, facts_of, message
from xlpolicy.register.database import Register
from xlpolicy.register.issuing import Sent
from xlpolicy.register.mailing_log import FAILED, SENDING, SENT, Mailing, note, now, state_of, states_of
from xlpolicy.survey.office import AUTHORITY, LOGIN, MAILBOX, PORT, RATE, SECURITY, SERVER, STARTTLS

PASSWORD = "XLPOLICY_MAIL_PASSWORD"
#: as `faults_of` is told of them
RECEIPTS = "回执"
_PATIENCE = 60
_RATE = 20


class MailError(PolicyError):
    """A mail cannot be made, sent or fetched."""

    code = "mail"


@dataclass(slots=True)
class Posted:
    """What one run did, by the serial numbers of the batch: `unsure` were cut off, `refused` by the server with why."""

    sent: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    unsure: list[int] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    bounced: list[int] = field(default_factory=list)
    nowhere: list[int] = field(default_factory=list)
    stopped: str = ""

    def model_dump(self) -> dict[str, Any]:
        """Plain data for programs."""
        return {
            "sent": self.sent, "before": self.before, "unsure": self.unsure, "bounced": self.bounced,
            "refused": [{"serial": serial, "why": why} for serial, why in self.refused],
            "without_address": self.nowhere, "stopped": self.stopped,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Post:
    """Mails ready to be sent: what each carries, the folder that it stands in, what is written, by whom.

    `what`: how the journal calls them.
    """

    parcels: Sequence[Parcel]
    folder: Path
    letter: Letter
    office: Mapping[str, str]
    what: str

    def made(self, parcel: Parcel, at: dt.datetime) -> EmailMessage:
        """The mail to one enterprise. Raises MailError where a file is not the one that was written, TemplateError."""
        return message(parcel, self.letter, self.office, [self._content(one) for one in parcel.files], at)

    def _content(self, one: Enclosed) -> bytes:
        path = self.folder / one.file
        try:
            data = path.read_bytes()
        except OSError:
            raise MailError("没有这个文件，一封也没有发", where=str(path), remedy="放回原处，或重新发表") from None
        if hashlib.sha256(data).hexdigest() != one.digest:
            raise MailError("与发表时写出的不一样，一封也没有发", where=str(path), remedy="恢复原文件，或重新发表")
        return data

    def check(self) -> None:
        """Everything that can be wrong before anything is sent. Raises MailError, TemplateError."""
        for parcel in self.parcels:
            self.made(parcel, dt.datetime.now().astimezone())


def form_parcels(
    forms: Iterable[Sent], kind: str, office: Mapping[str, str], catalog: Catalog, on: dt.date
) -> list[Parcel]:
    """The forms of a batch as mails; `kind`: a first mail, or a reminder of its day."""
    return [
        Parcel(
            sent.serial, kind, f"{sent.batch}.{sent.serial}", sent.code, sent.name, sent.address, sent.shown,
            facts_of(sent, office, catalog, on), (Enclosed(sent.file, sent.digest),), sent.id,
        )
        for sent in forms
    ]  # fmt: skip


def states(connection: Connection, parcels: Sequence[Parcel]) -> dict[tuple[int, str], Mailing]:
    """What became of these mails so far, by issue and kind."""
    issues = [parcel.issue for parcel in parcels]
    return states_of(connection, issues if all(issues) else None)


def dry_run(post: Post, register: Register, out: Path) -> Posted:
    """The mails as files to be looked at. Raises MailError, TemplateError, RegisterError, OSError."""
    posted = Posted()
    post.check()
    with register.reading() as connection:
        known = states(connection, post.parcels)
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.eml"):
        old.unlink()
    moment = dt.datetime.now().astimezone()
    for parcel in _open(post, known, posted):
        name = f"{parcel.serial:04d}_{parcel.code or 'x'}.eml"
        (out / name).write_bytes(post.made(parcel, moment).as_bytes())
        posted.sent.append(parcel.serial)
    return posted


def _open(post: Post, known: Mapping[tuple[int, str], Mailing], posted: Posted) -> Iterator[Parcel]:
    """Those that are to be sent; what became of the others is noted."""
    for parcel in post.parcels:
        held = known.get((parcel.issue, parcel.kind))
        if held is not None and held.done:
            {SENT: posted.before, SENDING: posted.unsure}.get(held.state, posted.bounced).append(parcel.serial)
        elif not parcel.address:
            posted.nowhere.append(parcel.serial)
        else:
            yield parcel


def send(
    post: Post, register: Register, password: str, *, who: str, told: Callable[[int, int], None] = lambda done, of: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Posted:  # fmt: skip
    """Send what was not sent. Raises MailError before the first mail; later troubles are in what is returned."""
    posted = Posted()
    post.check()
    with register.reading() as connection:
        todo = list(_open(post, states(connection, post.parcels), posted))
    if not todo:
        return posted
    pause = 60 / int(post.office.get(RATE, _RATE))
    server = connect(post.office, password)
    answer: Mailing | None = None
    try:
        for number, parcel in enumerate(todo):
            mail = post.made(parcel, dt.datetime.now().astimezone())
            intent = Mailing(
                parcel.issue, parcel.kind, parcel.address, mail["Message-ID"], mail["Subject"], SENDING, now(), ""
            )
            with register.writing("mail", who, post.what) as entry:
                if answer is not None:
                    note(entry, answer)
                    answer = None
                held = state_of(entry.connection, intent)
                mine = held is None or not held.done
                if mine:
                    note(entry, intent)
            if not mine:  # another clerk's run took it meanwhile
                posted.before.append(parcel.serial)
                continue
            began = time.monotonic()
            try:
                answer = _one(server, post.office[MAILBOX], parcel, mail, intent, posted)
            except _Lost as lost:
                posted.stopped = str(lost)
                answer = lost.answer
                break
            told(number + 1, len(todo))
            if number + 1 < len(todo):
                sleep(max(0.0, pause - (time.monotonic() - began)))
    finally:
        if answer is not None:
            with register.writing("mail", who, f"{post.what} 完毕") as entry:
                note(entry, answer)
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
    return posted


class _Lost(Exception):
    """The connection broke. `answer`: what is known of the mail, None where nobody knows."""

    def __init__(self, text: str, answer: Mailing | None) -> None:
        super().__init__(text)
        self.answer = answer


def _one(
    server: smtplib.SMTP, mailbox: str, parcel: Parcel, mail: EmailMessage, intent: Mailing, posted: Posted
) -> Mailing:
    """One mail, phase by phase: until its text is handed over it was certainly not sent."""
    handing = False
    try:
        said = server.mail(mailbox)
        if said[0] // 100 == 2:
            said = server.rcpt(parcel.address)
        if said[0] // 100 == 2:
            handing = True
            said = server.data(mail.as_bytes())
    except smtplib.SMTPDataError as error:
        said = (error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode())
    except (smtplib.SMTPException, OSError):
        if handing:
            posted.unsure.append(parcel.serial)
            raise _Lost("发到一半与服务器断开，这一封不知道有没有发出", None) from None
        posted.refused.append((parcel.serial, "与服务器断开"))
        raise _Lost("与服务器断开", replace(intent, state=FAILED, at=now(), note="与服务器断开")) from None
    if said[0] // 100 == 2:
        posted.sent.append(parcel.serial)
        return replace(intent, state=SENT, at=now())
    why = f"{said[0]} {said[1].decode('utf-8', 'replace')}".strip()[:200]
    posted.refused.append((parcel.serial, f"服务器不收（{why}）"))
    with contextlib.suppress(smtplib.SMTPException, OSError):
        server.rset()
    return replace(intent, state=FAILED, at=now(), note=why)


def secure(office: Mapping[str, str]) -> ssl.SSLContext:
    """The certificates that are trusted: the system's, or the bureau's own. Raises MailError."""
    try:
        return ssl.create_default_context(cafile=office.get(AUTHORITY) or None)
    except (OSError, ssl.SSLError):
        raise MailError("证书文件读不出来", where=office.get(AUTHORITY, ""), remedy="在设置里改正证书文件") from None


def connect(office: Mapping[str, str], password: str) -> smtplib.SMTP:
    """A connection over TLS, logged in where there is a password. Raises MailError."""
    where, starttls = office[SERVER], office.get(SECURITY, "").upper() == STARTTLS
    port = int(office.get(PORT, 587 if starttls else 465))
    context = secure(office)
    try:
        if starttls:
            server = smtplib.SMTP(where, port, timeout=_PATIENCE)
            server.starttls(context=context)
        else:
            server = smtplib.SMTP_SSL(where, port, timeout=_PATIENCE, context=context)
        if password:
            server.login(office.get(LOGIN) or office[MAILBOX], password)
        else:
            server.ehlo_or_helo_if_needed()
    except smtplib.SMTPAuthenticationError:
        raise MailError("服务器不认登录名或密码", where=where, remedy="核对密码（有的邮箱要用“授权码”）") from None
    except UnicodeEncodeError:
        raise MailError("登录名或密码里有中文或全角字符", where=where, remedy="切换到英文输入法重新输入密码") from None
    except smtplib.SMTPNotSupportedError:
        raise MailError("服务器不支持加密或登录", where=where, remedy="核对加密方式和端口；不加密的不发") from None
    except ssl.SSLError:
        raise MailError(
            "服务器的证书或加密方式不对", where=f"{where}:{port}", remedy="核对加密方式、端口和证书文件"
        ) from None
    except (smtplib.SMTPException, OSError):
        raise MailError("连不上发信服务器", where=f"{where}:{port}", remedy="核对服务器、端口和网络") from None
    return server


def password_of() -> str:
    """The mailbox's password: of the environment, else asked for. Never written down."""
    import getpass

    given = os.environ.get(PASSWORD)
    if given is not None:
        return given
    try:
        return getpass.getpass("邮箱密码或授权码（不显示，不保存）：")
    except (EOFError, OSError):
        return ""


def only(forms: Sequence[Sent], serials: Collection[int]) -> list[Sent]:
    """The forms of these numbers. Raises MailError for one that the batch does not have."""
    known = {sent.serial: sent for sent in forms}
    if strange := sorted(set(serials) - set(known)):
        raise MailError(
            f"这一批没有第 {'、'.join(map(str, strange))} 份",
            expected=f"1 到 {max(known, default=0)}",
            remedy="核对序号",
        )
    return [known[serial] for serial in sorted(set(serials))]


def faults_of(posted: Posted, parcels: Sequence[Parcel], *, letters: str = "") -> list[Fault]:
    """What has to be looked at, one line each; `letters`: which letters they are, "" for forms of a batch."""
    named = {parcel.serial: f"第 {parcel.serial} 份 {parcel.name}" for parcel in parcels}

    def unsure(serial: int) -> str:
        if letters == RECEIPTS:
            said = f"运行 xlpolicy mail fetch --was-sent {serial}，没有发出的 --resend {serial} --send"
            return f"看邮箱的“已发送”或问对方：已发出的{said}"
        if letters:
            name = next(parcel.name for parcel in parcels if parcel.serial == serial)
            said = f"运行 xlpolicy letter {letters} --was-sent {name}，没有发出的 --resend {name} --send"
            return f"看邮箱的“已发送”或问对方：已发出的{said}"
        return f"看邮箱的“已发送”或问对方：已发出的运行 xlpolicy mail send 批号 --was-sent {serial}，没有发出的 --resend {serial}"

    found = [Fault("mail", named[s], "", "发到一半断开，不知道有没有发出", "", unsure(s)) for s in posted.unsure]
    found += [Fault("mail", named[s], "", why, "", "核对邮箱地址，再运行一次即重发") for s, why in posted.refused]
    found += [Fault("mail", named[s], "", "已退信", "", "核对邮箱，改用别的办法送达") for s in posted.bounced]
    lacking = "没有这一家的电子邮箱" if letters else "名单里没有电子邮箱"
    return found + [Fault("mail", named[s], "", lacking, "", "用别的办法送达") for s in posted.nowhere]
