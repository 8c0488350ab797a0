"""Bringing an older register up to date: numbered steps in one transaction, after a backup.

Plain steps rather than a migration framework: the tables only ever gain nullable columns and new tables (a row that is
written never changes, and a digest leaves out what is null), a step is a function of a few lines that runs offline from
the installed package, and SQLite takes the whole of it in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import Connection, text, update

from xlpolicy.register import states, tables
from xlpolicy.register.backup import back_up
from xlpolicy.register.database import VERSION, Register, RegisterError, forbid_changes

Step = Callable[[Connection], None]


def _second(connection: Connection) -> None:
    """A county's reviews, the kept state of every claim, and what `status` looks up."""
    tables.county_reviews.create(connection)
    forbid_changes(connection, [tables.county_reviews], sqlite=connection.dialect.name == "sqlite")
    tables.states.create(connection)
    for index in (*tables.transfers.indexes, *tables.closings.indexes):
        index.create(connection, checkfirst=True)


def _third(connection: Connection) -> None:
    """Forms sent out, mails out and in, and which form came back of those sent out."""
    made = (tables.issues, tables.mailings, tables.mails)
    for table in made:
        table.create(connection)
    forbid_changes(connection, made, sqlite=connection.dialect.name == "sqlite")
    connection.execute(text("ALTER TABLE forms ADD COLUMN issue TEXT"))
    for index in tables.forms.indexes:
        index.create(connection, checkfirst=True)


def _fourth(connection: Connection) -> None:
    """公示 of another amount than what is due now counts no longer: the states are made anew, as after every step."""


def _fifth(connection: Connection) -> None:
    """Notices that were ended without an answer; the amount that a form asks for."""
    tables.endings.create(connection)
    forbid_changes(connection, [tables.endings], sqlite=connection.dialect.name == "sqlite")
    connection.execute(text("ALTER TABLE decisions ADD COLUMN asked BIGINT"))


def _sixth(connection: Connection) -> None:
    """An objection to what is planned is a state of its own: the states are made anew, as after every step."""


#: version that a register has -> what makes it the next one
STEPS: Mapping[int, Step] = {1: _second, 2: _third, 3: _fourth, 4: _fifth, 5: _sixth}


def bring_up_to_date(register: Register, backups: Path) -> Path | None:
    """Make the register this program's version. Returns the backup that was made first, None where nothing was to do.

    Raises RegisterError where there is no register, or it is of a newer program.
    """
    found = register.version()
    if found is None:
        raise RegisterError(
            "这里没有登记库",
            where=register.where,
            expected="xlpolicy new 建立的登记库",
            remedy="核对路径；新建用 xlpolicy new",
        )
    if found > VERSION:
        raise RegisterError(
            f"登记库是第 {found} 版，本程序只认得到第 {VERSION} 版，没有打开",
            where=register.where, expected="不比登记库旧的程序", remedy="升级 xlpolicy 后再打开；登记库没有改动",
        )  # fmt: skip
    if found == VERSION:
        return None
    kept = back_up(register, backups)
    with register.transaction() as connection:
        for version in range(found, VERSION):
            STEPS[version](connection)
        states.rebuild(connection)  # reads every column that this version knows
        connection.execute(update(tables.meta).where(tables.meta.c.name == "version").values(value=str(VERSION)))
    return kept
