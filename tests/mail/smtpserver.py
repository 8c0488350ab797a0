"""A real SMTP server with TLS on the loopback, which keeps what it is given, and the certificate that it shows."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOGIN, PASSWORD = "clerk@example.com", "not-a-secret"


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=36_500))  # OpenSSL asks the machine's clock, not the tests'
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@dataclass
class Mailbox:
    """What the server was given; `refuses` says no to some addresses, `before` runs before a mail is taken."""

    received: list[tuple[str, bytes]] = field(default_factory=list)
    refuses: Callable[[str], str] = lambda address: ""
    before: Callable[[int], None] = lambda number: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_RCPT(self, server: Any, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if refused := self.refuses(address):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        with self.lock:
            self.before(len(self.received))
            content = envelope.content
            assert isinstance(content, bytes)
            self.received += [(address, content) for address in envelope.rcpt_tos]
        return "250 OK"

    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(data, policy=default) for _, data in self.received]  # type: ignore[arg-type]

    @property
    def addresses(self) -> list[str]:
        return [address for address, _ in self.received]


@dataclass
class Server:
    port: int
    mailbox: Mailbox


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = (data.login.decode(), data.password.decode()) == (LOGIN, PASSWORD)
    return AuthResult(success=good, handled=good)


@contextmanager
def serving(pem: Path, *, starttls: bool = False) -> Iterator[Server]:
    """The server while the block runs."""
    mailbox = Mailbox()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    common: dict[str, Any] = {"authenticator": _authenticate, "auth_required": True}
    if starttls:
        common |= {"tls_context": context, "require_starttls": True}
    else:
        common |= {"ssl_context": context, "auth_require_tls": False}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **common)
    controller.start()
    try:
        yield Server(port, mailbox)
    finally:
        controller.stop()
