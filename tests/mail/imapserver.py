"""Debian's dovecot on the loopback with TLS: one mailbox in a folder of its own, nobody else's data."""

from __future__ import annotations

import getpass
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from smtpserver import LOGIN, PASSWORD

_SETTINGS = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = required
ssl_cert = <{pem}
ssl_key = <{pem}
mail_location = maildir:{folder}/mail
default_login_user = {user}
default_internal_user = {user}
first_valid_uid = {uid}
disable_plaintext_auth = yes
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
"""


@dataclass(frozen=True)
class Imap:
    port: int
    folder: Path

    def put(self, data: bytes, name: str, box: str = "") -> None:
        """A mail that arrived, or lies in another folder (in the file system's name)."""
        own = self.folder / "mail" / box
        for part in ("", "new", "cur", "tmp"):
            if not (own / part).is_dir():
                (own / part).mkdir()
                shutil.chown(own / part, self.folder.joinpath("mail").owner(), self.folder.joinpath("mail").group())
        path = own / "new" / name
        path.write_bytes(data)
        path.chmod(0o666)

    def seen(self) -> int:
        """Mails that somebody marked as read."""
        return sum(1 for path in (self.folder / "mail" / "cur").iterdir() if "S" in path.name.partition(",")[2])


def program() -> str | None:
    return shutil.which("dovecot") or next((p for p in ("/usr/sbin/dovecot",) if Path(p).is_file()), None)


@contextmanager
def running(dovecot: str, pem: Path) -> Iterator[Imap]:
    """The server while the block runs. Raises RuntimeError where it does not start."""
    import os

    folder = Path(tempfile.mkdtemp(prefix="xlpolicy-imap-", dir="/tmp"))
    folder.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    user, uid, gid = getpass.getuser(), os.getuid(), os.getgid()
    if uid == 0:  # dovecot serves nobody as root
        import pwd

        entry = pwd.getpwnam("mail")
        user, uid, gid = "mail", entry.pw_uid, entry.pw_gid
    own = folder / "server.pem"
    shutil.copyfile(pem, own)
    for part in ("run", "state", "home", "mail", "mail/new", "mail/cur", "mail/tmp"):
        (folder / part).mkdir()
        shutil.chown(folder / part, uid, gid)
    settings = folder / "dovecot.conf"
    settings.write_text(
        _SETTINGS.format(folder=folder, pem=own, user=user, uid=uid, gid=gid, port=port, password=PASSWORD)
    )
    server = subprocess.Popen([dovecot, "-F", "-c", str(settings)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        _wait(server, port, folder)
        yield Imap(port, folder)
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for _ in range(300):
        if server.poll() is not None:
            said = server.stdout.read().decode() if server.stdout else ""
            raise RuntimeError(f"dovecot ended: {said}")
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as raw, context.wrap_socket(raw) as secure:
                if secure.recv(2) == b"* ":
                    return
        except OSError:
            time.sleep(0.1)
    log = folder / "log"
    raise RuntimeError(f"dovecot did not answer: {log.read_text() if log.is_file() else ''}")


__all__ = ["LOGIN", "PASSWORD", "Imap", "program", "running"]
