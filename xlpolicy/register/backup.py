"""A dated copy of the register, and the way back: the SQLite file itself (VACUUM INTO), of PostgreSQL an export."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
from pathlib import Path

from xlpolicy.register.database import Register, RegisterError
from xlpolicy.register.export import export

#: what SQLite leaves beside a register that is in use
_BESIDE = ("-wal", "-shm")


def back_up(register: Register, folder: Path) -> Path:
    """Write a copy as of now into `folder`, named by day and time. Raises RegisterError, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"登记库-{dt.datetime.now():%Y%m%d-%H%M%S}"
    number, suffix = 1, ".sqlite" if register.sqlite else ""
    while (target := folder / f"{stem}{'' if number == 1 else f'-{number}'}{suffix}").exists():
        number += 1
    if not register.sqlite:
        export(register, target)
        return target
    partial = target.with_name(f".~{target.name}")
    partial.unlink(missing_ok=True)
    try:
        with register.connecting() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(partial),))
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def restore(copy: Path, target: Path, kept: Path) -> Path | None:
    """Put a backup in the register's place. What was there is moved to `kept`, a folder; returns where, None for nothing.

    Raises RegisterError for a file that is no sound register, or a register that is being written to.
    """
    _check(copy)
    moved = None
    if target.exists():
        _check_free(target)
        kept.mkdir(parents=True, exist_ok=True)
        moved = kept / f"换下的登记库-{dt.datetime.now():%Y%m%d-%H%M%S}.sqlite"
        os.replace(target, moved)
        for suffix in _BESIDE:
            if (beside := target.with_name(target.name + suffix)).exists():
                os.replace(beside, moved.with_name(moved.name + suffix))
    partial = target.with_name(f".~{target.name}")
    shutil.copyfile(copy, partial)
    os.replace(partial, target)
    return moved


def _check(copy: Path) -> None:
    try:
        with sqlite3.connect(f"{copy.resolve().as_uri()}?mode=ro", uri=True) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            sound = sound and connection.execute("SELECT value FROM meta WHERE name = 'version'").fetchone() is not None
        connection.close()
    except sqlite3.Error:
        sound = False
    if not sound:
        raise RegisterError(
            "这个文件不是完好的登记库备份",
            where=str(copy),
            expected="xlpolicy backup 写出的 .sqlite 文件",
            remedy="换一个备份",
        )


def _check_free(target: Path) -> None:
    """Nobody is writing now, and all that was written is in the file itself."""
    try:
        connection = sqlite3.connect(target, timeout=1, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        busy = "locked" in str(error)  # a damaged one is what a restore is for
    if busy:
        raise RegisterError("登记库正有人在用，没有恢复", where=str(target), remedy="等他们做完、关掉程序后再恢复")
