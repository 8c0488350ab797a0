"""Opening the register and writing into it: one transaction, one journal entry, one writer at a time.

SQLite (WAL, every commit on the disk before it counts) or PostgreSQL. Ids are given here, under the writer's lock, so
that a register and its export number everything alike.
"""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, Table, create_engine, event, func, insert, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from xlpolicy.faults import PolicyError
from xlpolicy.register import states, tables
from xlpolicy.register.journal import FIRST, Digest, head_of, ordered

VERSION = 6
#: seconds that a writer waits for another one
PATIENCE = 60
_APPEND_ONLY = "xlpolicy: append only"


class RegisterError(PolicyError):
    """The register cannot be opened, read or written."""

    code = "register"


#: what a database says, in any language of the driver -> got, remedy
_SAYINGS = (
    ("database or disk is full", "磁盘已满，这一步没有写入", "腾出空间后再做一次；已经写入的都在"),
    ("no space left", "磁盘已满，这一步没有写入", "腾出空间后再做一次；已经写入的都在"),
    ("disk i/o error", "磁盘写不进去（满了或有故障），这一步没有写入", "腾出空间、检查磁盘后再做一次；已经写入的都在"),
    ("database is locked", "别人正在写入，等了一分钟还没有写完", "稍后再做一次"),
    ("lock timeout", "别人正在写入，等了一分钟还没有写完", "稍后再做一次"),
    ("readonly", "登记库是只读的", "检查文件和文件夹的权限"),
    ("read-only", "登记库是只读的", "检查文件和文件夹的权限"),
    ("not a database", "这不是登记库，或者文件已损坏", "用最近的备份恢复：xlpolicy backup --restore 备份文件"),
    ("malformed", "登记库文件已损坏", "用最近的备份恢复：xlpolicy backup --restore 备份文件"),
    ("unable to open", "登记库打不开", "检查路径和权限"),
    ("password authentication failed", "数据库不认用户名或密码", "改正 --register 里的用户名和密码"),
    ("connection refused", "连不上数据库", "检查数据库服务是否启动、地址和端口是否写对"),
    ("does not exist", "没有这个数据库或这张表", "请管理员先建好数据库，或改正 --register"),
    (_APPEND_ONLY, "登记库只能增加，不能改也不能删", "更正的内容另登记一笔"),
)


def told(error: DBAPIError, where: str) -> RegisterError:
    """A database's refusal in words."""
    said = str(error.orig).lower()
    got, remedy = next(
        ((got, remedy) for mark, got, remedy in _SAYINGS if mark in said),
        ("登记库读写失败", "再做一次；仍不行的，用最近的备份恢复，并把出错前做的事告诉管理员"),
    )
    return RegisterError(got, where=where, remedy=remedy)


def operator(named: str = "") -> str:
    """Who does something: the name given (操作人 of the settings), else the system's user."""
    if named.strip():
        return named.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "未知"


def sqlite_url(path: Path) -> URL:
    """The URL of a register in a file."""
    return URL.create("sqlite", database=str(path))


def next_number(connection: Connection, table: Any, prefix: str, digits: int = 3) -> str:
    """The number after the last that begins so: 2026-003."""
    count = connection.execute(select(func.count()).where(table.c.number.startswith(prefix))).scalar() or 0
    return f"{prefix}{count + 1:0{digits}d}"


class Entry:
    """A transaction being written: rows get their ids when they are added, and go into the tables together at its end.

    What is read from the connection meanwhile is what was there before.
    """

    def __init__(self, connection: Connection, seq: int) -> None:
        self.connection, self.seq = connection, seq
        self.added: dict[str, list[dict[str, Any]]] = {}
        #: by table: the next id; 0 where its rows have none
        self._next: dict[str, int] = {}

    def add(self, table: Table, **values: Any) -> int:
        """One row; returns its id (0 for a table that has none)."""
        name = table.name
        number = self._next.get(name)
        if number is None:
            number = self._next[name] = self._first(table)
        values["entry"] = self.seq
        if number:
            values["id"] = number
            self._next[name] = number + 1
        rows = self.added.get(name)
        if rows is None:
            rows = self.added[name] = []
        rows.append(values)
        return number

    def _first(self, table: Table) -> int:
        """The id after the last that was given; 0 for a table that has none."""
        if "id" not in table.c:
            return 0
        return (self.connection.execute(select(func.max(table.c.id))).scalar() or 0) + 1

    def flush(self) -> str:
        """Write the rows, those that others refer to first. Returns their digest."""
        digest = Digest()
        for table in tables.RECORDS:
            for part in tables.parts(ordered(table, self.added.get(table.name, ()))):  # few are held twice
                rows = tables.values_of(table, part)
                tables.put(self.connection, table, rows)
                digest.take(table, rows)
        return digest.hexdigest()


class Register:
    """An open register. `where` is how it is called in messages: a path, or a URL without its password."""

    def __init__(self, url: str | URL) -> None:
        """Raises RegisterError for a URL that is none, or whose driver is not installed."""
        try:
            made = make_url(url)
        except ArgumentError:
            raise RegisterError(
                f"“{url}”不是登记库的地址",
                expected="文件路径，或 postgresql://用户@主机/数据库",
                remedy="改正 --register",
            ) from None
        if made.drivername in ("postgresql", "postgres"):
            made = made.set(drivername="postgresql+psycopg")
        self.url = made
        self.sqlite = made.get_backend_name() == "sqlite"
        self.where = str(made.database) if self.sqlite else made.render_as_string(hide_password=True)
        try:
            # SQLite's driver begins and commits nothing by itself
            level = "AUTOCOMMIT" if self.sqlite else "READ COMMITTED"
            self.engine: Engine = create_engine(made, poolclass=NullPool, isolation_level=level)
        except (ModuleNotFoundError, NoSuchModuleError):
            raise RegisterError(
                f"没有安装 {made.drivername} 的驱动",
                where=self.where,
                expected="SQLite 文件或 PostgreSQL",
                remedy='运行 pip install "xlpolicy[postgres]"',
            ) from None
        if self.sqlite:
            event.listen(self.engine, "connect", _sqlite_set_up)

    @contextmanager
    def connecting(self) -> Iterator[Connection]:
        """A connection outside any transaction, its refusals in words. Raises RegisterError."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise told(error, self.where) from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the register throughout. Raises RegisterError."""
        with self.connecting() as connection:
            if self.sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK") if self.sqlite else connection.rollback()

    @contextmanager
    def writing(self, what: str, who: str, note: str = "") -> Iterator[Entry]:
        """The one writer at a time; all rows added inside are one entry of the journal, or none is there.

        Nothing is written where nothing was added. Raises RegisterError.
        """
        with self.transaction() as connection:
            last = connection.execute(
                select(tables.journal.c.seq, tables.journal.c.head).order_by(tables.journal.c.seq.desc()).limit(1)
            ).first()
            entry = Entry(connection, (last.seq if last else 0) + 1)
            yield entry
            if entry.added:
                digest = entry.flush()
                row = {
                    "seq": entry.seq, "at": dt.datetime.now().astimezone().isoformat(timespec="seconds"), "who": who,
                    "what": what, "note": note, "rows": sum(map(len, entry.added.values())),
                    "digest": digest, "previous": last.head if last else FIRST,
                }  # fmt: skip
                connection.execute(insert(tables.journal), [{**row, "head": head_of(row)}])
                states.keep(connection, entry.added, entry.seq)  # who reviewed stands in the journal

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Everything inside is written, or nothing; other writers wait. Raises RegisterError."""
        with self.connecting() as connection:
            if self.sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20260626)")
            try:
                yield connection
            except BaseException:  # also where somebody stops the program: what is half written is not kept
                connection.exec_driver_sql("ROLLBACK") if self.sqlite else connection.rollback()
                raise
            connection.exec_driver_sql("COMMIT") if self.sqlite else connection.commit()

    def version(self) -> int | None:
        """The version of the schema that is there, None where there is no register yet. Raises RegisterError."""
        with self.reading() as connection:
            if not inspect(connection).has_table(tables.meta.name):
                return None
            found = connection.execute(select(tables.meta.c.value).where(tables.meta.c.name == "version")).scalar()
            return int(found) if found else None

    def create(self, who: str) -> None:
        """Make the tables and the first entry. Raises RegisterError where there is a register already."""
        with self.transaction() as connection:
            if inspect(connection).has_table(tables.meta.name):
                raise RegisterError(
                    "已经有登记库了", where=self.where, expected="新的登记库", remedy="换一个名称或数据库"
                )
            tables.metadata.create_all(connection)
            forbid_changes(connection, (tables.journal, *tables.RECORDS), sqlite=self.sqlite)
            connection.execute(insert(tables.meta), [{"name": "version", "value": str(VERSION)}])
            row = {
                "seq": 1, "at": dt.datetime.now().astimezone().isoformat(timespec="seconds"), "who": who, "what": "new",
                "note": "新建登记库", "rows": 0, "digest": Digest().hexdigest(), "previous": FIRST,
            }  # fmt: skip
            connection.execute(insert(tables.journal), [{**row, "head": head_of(row)}])

    def head(self) -> tuple[int, str]:
        """Number and hash of the last entry."""
        with self.reading() as connection:
            row = connection.execute(
                select(tables.journal.c.seq, tables.journal.c.head).order_by(tables.journal.c.seq.desc()).limit(1)
            ).one()
            return int(row.seq), str(row.head)


def _sqlite_set_up(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={PATIENCE * 1000}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def forbid_changes(connection: Connection, of: Iterable[Table], *, sqlite: bool) -> None:
    """Triggers that refuse what would change or remove a row of these tables."""
    if not sqlite:
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION xlpolicy_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{_APPEND_ONLY}'; END $$"
            )
        )
    for table in of:
        for deed in ("UPDATE", "DELETE"):
            name = f"no_{deed.lower()}_{table.name}"
            if sqlite:
                body = f"BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END"
            else:
                body = "FOR EACH ROW EXECUTE FUNCTION xlpolicy_append_only()"
            connection.execute(text(f"CREATE TRIGGER {name} BEFORE {deed} ON {table.name} {body}"))
