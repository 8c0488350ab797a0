"""The bureau's mailbox by IMAP over TLS: what is new is read, nothing in it is changed."""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import select

from xlpolicy.mail.posting import MailError, secure
from xlpolicy.register import tables
from xlpolicy.register.database import Register
from xlpolicy.survey.office import IN_BOX, IN_PORT, IN_SERVER, LOGIN, MAILBOX, SECURITY, STARTTLS

_PATIENCE = 60
_MESSAGE = re.compile(rb"^Message-ID:\s*(<[^>]*>)", re.I | re.M)


def known_messages(register: Register) -> set[str]:
    """The Message-IDs of mails that were taken. Raises RegisterError."""
    with register.reading() as connection:
        return set(connection.execute(select(tables.mails.c.message)).scalars())


def new_mails(office: Mapping[str, str], password: str, known: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """The mails of the folder that are not `known`, oldest first. Raises MailError."""
    server = connect(office, password)
    box = office.get(IN_BOX) or "INBOX"
    try:
        if server.select(quoted(box), readonly=True)[0] != "OK":
            raise MailError(f"邮箱里没有“{box}”这个文件夹", where=office[IN_SERVER], remedy="在设置里改正收信文件夹")
        _, found = server.uid("SEARCH", "ALL")
        for uid in (found[0] or b"").split():
            if not known or _message(server, uid.decode()) not in known:
                _, answer = server.uid("FETCH", uid.decode(), "(BODY.PEEK[])")
                body = next((part[1] for part in answer if isinstance(part, tuple)), None)
                if body:
                    yield f"邮箱第 {uid.decode()} 封", body
    except (imaplib.IMAP4.error, OSError):
        raise MailError("收到一半与服务器断开", where=office[IN_SERVER], remedy="再运行一次，收过的不会重复") from None
    finally:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            server.logout()


def _message(server: imaplib.IMAP4, uid: str) -> str:
    _, answer = server.uid("FETCH", uid, "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
    head = next((part[1] for part in answer if isinstance(part, tuple)), b"")
    found = _MESSAGE.search(head)
    return found[1].decode("latin-1") if found else "\0"


def quoted(name: str) -> str:
    """A folder's name as IMAP writes it (modified UTF-7)."""
    text = re.sub(r"[^\x20-\x7e]+", _utf7, name.replace("&", "&-"))
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(match: re.Match[str]) -> str:
    return "&" + b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"


def connect(office: Mapping[str, str], password: str) -> imaplib.IMAP4:
    """A connection over TLS, logged in. Raises MailError."""
    where, starttls = office[IN_SERVER], office.get(SECURITY, "").upper() == STARTTLS
    port = int(office.get(IN_PORT, 143 if starttls else 993))
    context = secure(office)
    try:
        server: imaplib.IMAP4
        if starttls:
            server = imaplib.IMAP4(where, port, timeout=_PATIENCE)
            server.starttls(context)
        else:
            server = imaplib.IMAP4_SSL(where, port, ssl_context=context, timeout=_PATIENCE)
    except ssl.SSLError:
        raise MailError(
            "服务器的证书或加密方式不对", where=f"{where}:{port}", remedy="核对加密方式、端口和证书文件"
        ) from None
    except (imaplib.IMAP4.error, OSError):
        raise MailError("连不上收信服务器", where=f"{where}:{port}", remedy="核对服务器、端口和网络") from None
    try:
        server.login(office.get(LOGIN) or office[MAILBOX], password)
    except (imaplib.IMAP4.error, UnicodeEncodeError):
        raise MailError("服务器不认登录名或密码", where=where, remedy="核对密码（有的邮箱要用“授权码”）") from None
    with contextlib.suppress(imaplib.IMAP4.error):  # some providers let nobody in who does not say his name
        server.xatom("ID", '("name" "xlpolicy")')
    return server
