"""Debian's PostgreSQL, started for the session on a socket of its own: no port, nobody else's data."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

USER = "postgres"
_NUMBERS = count(1)


@dataclass(frozen=True)
class Database:
    """A server; `fresh` gives the URL of an empty database."""

    folder: Path
    programs: Path

    def fresh(self) -> str:
        name = f"test_{next(_NUMBERS)}"
        run([str(self.programs / "createdb"), "-h", str(self.folder), "-U", USER, name])
        return f"postgresql://{USER}@/{name}?host={self.folder}"


def programs() -> Path | None:
    """Where PostgreSQL's own programs are (Debian keeps most of them off PATH)."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    beside = shutil.which("initdb")
    return Path(beside).parent if beside else None


def run(command: list[str]) -> None:
    """PostgreSQL refuses to be run by root."""
    if os.getuid() == 0:
        command = ["runuser", "-u", USER, "--", *command]
    subprocess.run(command, check=True, capture_output=True, cwd="/")


@contextmanager
def running(programs: Path) -> Iterator[Database]:
    folder = Path(tempfile.mkdtemp(prefix="xlpolicy-pg-", dir="/tmp"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, USER)
        data = folder / "data"
        run([str(programs / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"])
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        run([str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start"])
        try:
            yield Database(folder, programs)
        finally:
            run([str(programs / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
