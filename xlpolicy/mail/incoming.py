"""One mail as it came (.eml bytes): who sent it, when, what is attached, whatever client wrote it. Nothing is executed.

Names in GBK with or without a word of it, forwarded mails with their own attachments, inline pictures (left),
winmail.dat (told, not decoded), notices of a mail that could not be delivered.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import email
import hashlib
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from xlpolicy.faults import Fault
from xlpolicy.law.values import CHINA
from xlpolicy.mail.compose import ISSUE
from xlpolicy.sheets.text import guessed

REPLY, BOUNCE, OWN, AUTO = "reply", "bounce", "own", "auto"
#: the Message-ID that `compose` gives
_OURS = re.compile(rb"<((?:fb\d{4}-\d{3}|notice|receipt)\.\d{1,6}\.[a-z0-9-]+@[^<>\s]{1,200})>", re.I)
_BARE = re.compile("[\udc80-\udcff]")
#: an encoded body: the last word of its header, what headers follow, the text (no flags: they would make it slow)
_ENCODED = re.compile(
    rb"([bB](?:ase64|ASE64)[ \t]*\r?\n(?:[^\r\n][^\n]*\n){0,60}\r?\n)([A-Za-z0-9+/=\r\n]{1500,}(?<=\n))"
)
_DAEMON = re.compile(r"^(mailer-daemon|postmaster|mail-daemon)@", re.I)
_FAILED = re.compile(rb"^Action:\s*failed", re.I | re.M)
_PERCENT = re.compile(r"(?:[\w.()\[\] -]|%[0-9A-Fa-f]{2})+", re.A)
_ABSENT = re.compile(
    r"^\W*(自动(回复|答复)|外出|不在办公室|auto(matic)?[ -]?(reply|response)|out of (the )?office)", re.I
)
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
#: how providers say that a large attachment is only linked, and where people put a document instead of attaching it
_LINKED = re.compile(
    r"超大附件|云附件|文件中转站|ftnExs_download|wx\.mail\.qq\.com/ftn|large-?attachment-?download|dashi\.163\.com"
    r"|kdocs\.cn/|docs\.qq\.com/|pan\.baidu\.com/|share\.weiyun\.com/|drive\.weixin\.qq\.com/",
    re.I,
)
_RETURNED = re.compile(r"退信|退回|无法投递|undeliver|delivery (status|failure)|returned mail|failure notice", re.I)
#: a picture in the text of fewer bytes is a logo; a larger one is a photograph of some paper
_PHOTOGRAPH = 50_000
_NESTING = 5
_WINMAIL_REMEDY = "请对方在 Outlook 里把邮件格式改成“HTML”或“纯文本”（不用 RTF）重发，或把申请表打成 zip 再附"


@dataclass(slots=True)
class Incoming:
    """A mail taken apart. `files`: name and bytes; `about`: the Message-IDs of ours that a notice of failure names;
    `answers`: those that it answers, or its own where it is a copy of ours: they left, whatever is known of them."""

    digest: str
    message: str = ""
    sender: str = ""
    name: str = ""
    subject: str = ""
    sent_at: str = ""
    kind: str = REPLY
    files: list[tuple[str, bytes]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    pictures: int = 0
    about: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()

    @property
    def day(self) -> str:
        """The day on which it was sent, in China; today where it does not say."""
        return self.sent_at[:10] or dt.date.today().isoformat()


def _in_one_line(match: re.Match[bytes]) -> bytes:
    """An encoded body without its line breaks, which say nothing and which the parser would take one by one."""
    return match[1] + match[2].translate(None, b"\r\n") + b"\r\n"


def read_mail(data: bytes) -> Incoming:
    """Take a mail apart. Never raises for what somebody sent."""
    made = Incoming(hashlib.sha256(data).hexdigest())
    mail = email.message_from_bytes(_ENCODED.sub(_in_one_line, data), policy=compat32)
    for part in mail.walk():
        for header, raw in list(part.raw_items()):
            if _BARE.search(str(raw)):  # bytes that the client left bare
                part.replace_header(header, _decoded(str(raw).encode("ascii", "surrogateescape"), ""))
    made.message = _words(mail.get("Message-ID", "")).strip()
    made.subject = " ".join(_words(mail.get("Subject", "")).split())
    ((made.name, made.sender),) = getaddresses([_words(mail.get("From", ""))])[:1] or [("", "")]
    made.sent_at = _moment(mail)
    made.about = tuple(dict.fromkeys(found.decode("latin-1").lower() for found in _ours(mail, data)))
    if machine := _machine(mail, made):
        made.kind = machine
    elif mail.get(ISSUE) and _OURS.fullmatch(made.message.encode("ascii", "replace")):
        made.kind = OWN
        made.answers = (made.message.lower(),)
    else:
        said = " ".join(_words(mail.get(name, "")) for name in ("In-Reply-To", "References"))
        made.answers = tuple(f"<{found.decode()}>".lower() for found in _OURS.findall(said.encode("ascii", "replace")))
        _take(mail, made, 0)
        if not made.files and not made.faults and _automatic(mail, made.subject):
            made.kind = AUTO
    return made


def _automatic(mail: Message[Any, Any], subject: str) -> bool:
    """Whether no person wrote it: an answer of somebody who is absent."""
    said = str(mail.get("Auto-Submitted", "no")).strip().lower()
    return said != "no" or any(mail.get(h) for h in ("X-Autoreply", "X-Autorespond")) or bool(_ABSENT.match(subject))


def _take(mail: Message[Any, Any], made: Incoming, depth: int) -> None:
    """The attachments of a mail and of those forwarded in it."""
    for part in mail.get_payload() if mail.is_multipart() else [mail]:
        if not isinstance(part, Message):
            continue
        if part.is_multipart():
            if depth < _NESTING * 4:
                _take(part, made, depth + 1)
            continue
        name = _name(part)
        kind, disposition = part.get_content_type(), part.get_content_disposition()
        if kind in _TNEF or name.lower() == "winmail.dat":
            got = "附件是 winmail.dat（Outlook 的专用格式），没有解开"
            made.faults.append(Fault("winmail", made.sender, "", got, "普通附件", _WINMAIL_REMEDY))
            _attachment(part, "winmail.dat", made)  # kept: other programs may open it
        elif name or disposition == "attachment":
            _attachment(part, name or _nameless(kind), made)
        elif kind.startswith("text/") and _LINKED.search(_text(part)):
            got, remedy = (
                "正文里有超大附件（云附件、在线文档、网盘）的链接，没有取",
                "在邮箱里打开这封邮件，下载后放进“收件”或“凭证”",
            )
            if all(fault.got != got for fault in made.faults):
                made.faults.append(Fault("mail", made.sender, "", got, "普通附件", remedy))


def _attachment(part: Message[Any, Any], name: str, made: Incoming) -> None:
    content = part.get_payload(decode=True)
    data = content if isinstance(content, bytes) else b""
    inside = part.get_content_disposition() == "inline" or part.get("Content-ID")
    if part.get_content_maintype() == "image" and inside and len(data) < _PHOTOGRAPH:
        made.pictures += 1
        return
    if part.get_content_type() in _SEALED:
        got = f"邮件经过加密或签名封装（{name}），没有解开"
        made.faults.append(
            Fault("mail", made.sender, "", got, "普通附件", "请对方不加密重发，或在邮箱里打开后另存附件")
        )
    made.files.append((name, data))


def _text(part: Message[Any, Any]) -> str:
    content = part.get_payload(decode=True)
    return _decoded(content, part.get_content_charset("") or "") if isinstance(content, bytes) else ""


def _nameless(kind: str) -> str:
    return f"未命名{mimetypes.guess_extension(kind) or ''}"


def _name(part: Message[Any, Any]) -> str:
    """What an attachment is called: by RFC 2231, by encoded words, or in bare GBK."""
    for header, key in (("content-disposition", "filename"), ("content-type", "name")):
        with contextlib.suppress(Exception):  # whatever a broken header makes the parser say
            found = _param(part, header, key)
            if isinstance(found, tuple):
                charset, _, value = found
                return _decoded(value.encode("latin-1", "surrogateescape"), charset or "").strip()
            if isinstance(found, str) and found.strip():
                return _unquoted(_words(found).strip())
    return ""


def _param(part: Message[Any, Any], header: str, key: str) -> Any:
    """A parameter of a header; where it is said twice, in the way that knows its charset."""
    found = [value for name, value in part.get_params([], header=header) if name.lower() == key]
    return next((value for value in found if isinstance(value, tuple)), found[0] if found else None)


def _unquoted(name: str) -> str:
    """A name as it stands in an address of the web, as people read it."""
    if "%" not in name or not _PERCENT.fullmatch(name):
        return name
    return _decoded(unquote_to_bytes(name), "")


def _words(raw: Any) -> str:
    """A header as people read it."""
    text = str(raw)
    if "=?" not in text:
        return text
    try:
        parts = decode_header(text)
    except (ValueError, HeaderParseError):
        return text
    return "".join(_decoded(part, charset or "ascii") if isinstance(part, bytes) else part for part, charset in parts)


def _decoded(data: bytes, charset: str) -> str:
    """Bytes in the charset that is named, else as `guessed` (GB18030 is what every GBK and GB2312 is)."""
    named = "gb18030" if charset.lower() in ("gb2312", "gbk", "x-gbk", "gb_2312-80") else charset
    with contextlib.suppress(LookupError, UnicodeDecodeError):
        return data.decode(named or "ascii")
    return guessed(data)


def _moment(mail: Message[Any, Any]) -> str:
    try:
        moment = parsedate_to_datetime(str(mail.get("Date", "")))
    except (TypeError, ValueError, IndexError):
        return ""
    return (moment.astimezone(CHINA) if moment.tzinfo else moment).isoformat(timespec="seconds")


def _machine(mail: Message[Any, Any], made: Incoming) -> str:
    """BOUNCE where a machine says that a mail was not delivered, for good; AUTO where it says anything else of one (delayed,
    delivered, read), though our own form comes with it; "" for what a person wrote."""
    said = str(mail.get("Content-Type", "")).lower()
    report = said.startswith("multipart/report") or "delivery-status" in said
    daemon = bool(_DAEMON.match(made.sender))
    status = [p for p in mail.walk() if p.get_content_type() == "message/delivery-status"] if report or daemon else []
    if status:
        return BOUNCE if any(_FAILED.search(part.as_bytes()) for part in status) else AUTO
    if "disposition-notification" in said:
        return AUTO
    return BOUNCE if report or (daemon and (made.about or _RETURNED.search(made.subject))) else ""


def _ours(mail: Message[Any, Any], data: bytes) -> Iterator[bytes]:
    """The Message-IDs of ours that stand anywhere in it, but for the headers of an answer."""
    yield from _OURS.findall(data.partition(b"\n\n")[2] or data.partition(b"\r\n\r\n")[2])
    for part in mail.walk():
        if part.get_content_maintype() in ("text", "message") and not part.is_multipart():
            content = part.get_payload(decode=True)
            yield from _OURS.findall(content if isinstance(content, bytes) else b"")
