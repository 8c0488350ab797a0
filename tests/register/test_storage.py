"""The register's storage: one entry a transaction, the chain, what is refused, backup and restore, migration."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pgserver import Database
from sqlalchemy import text
from workingfolder import downgrade

from xlpolicy.cli import main
from xlpolicy.register import migrations, tables
from xlpolicy.register.backup import back_up, restore
from xlpolicy.register.database import VERSION, Register, RegisterError, sqlite_url
from xlpolicy.register.export import export
from xlpolicy.register.folder import FILE, FolderError, find, make, served
from xlpolicy.register.journal import FIRST, shown
from xlpolicy.register.migrations import bring_up_to_date
from xlpolicy.register.proof import verify, verify_export


def filled(register: Register) -> Register:
    """Two entries beside the first: two enterprises with a name each, then a third."""
    with register.writing("test", "甲") as entry:
        ids = [entry.add(tables.enterprises, code=code) for code in "AB"]
        for each in ids:
            entry.add(tables.names, enterprise=each, name=f"示例企业0{each}", compared=f"示例企业0{each}")
    with register.writing("test", "乙") as entry:
        entry.add(tables.enterprises, code=None)
    return register


@pytest.fixture(params=["sqlite", "postgres"])
def register(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Register]:
    if request.param == "sqlite":
        url: Any = sqlite_url(tmp_path / FILE)
    else:
        url = request.getfixturevalue("postgres").fresh()
    made = Register(url)
    made.create("甲")
    yield made
    made.engine.dispose()


def test_a_transaction_is_one_entry_and_the_chain_holds(register: Register) -> None:
    proof = verify(filled(register))
    assert proof.problems == () and proof.entries == 3
    assert proof.counts["enterprises"] == 3 and proof.counts["names"] == 2
    assert register.head() == (3, proof.head)
    with register.reading() as connection:
        rows = connection.execute(tables.journal.select().order_by(tables.journal.c.seq)).mappings().all()
    assert [(row["who"], row["what"], row["rows"]) for row in rows] == [
        ("甲", "new", 0),
        ("甲", "test", 4),
        ("乙", "test", 1),
    ]
    assert [row["previous"] for row in rows] == [FIRST, rows[0]["head"], rows[1]["head"]]


def test_what_fails_inside_leaves_nothing(register: Register) -> None:
    def fails() -> None:
        with register.writing("test", "甲") as entry:
            entry.add(tables.enterprises, code="A")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with register.writing("test", "甲"):
        pass
    assert verify(register).entries == 1


def test_ids_go_on_where_they_were(register: Register) -> None:
    filled(register)
    with register.writing("test", "甲") as entry:
        assert [entry.add(tables.enterprises, code=code) for code in "DEF"] == [4, 5, 6]


def test_rows_are_never_changed_or_removed(register: Register) -> None:
    filled(register)
    for statement in ("UPDATE enterprises SET code = 'Z'", "DELETE FROM names", "UPDATE journal SET who = '丙'"):
        with pytest.raises(RegisterError, match="只能增加"), register.transaction() as connection:
            connection.execute(text(statement))
    assert verify(register).problems == ()


TAMPERED = {
    "a value": "UPDATE names SET name = '别的企业' WHERE id = 1",
    "a row gone": "DELETE FROM names WHERE id = 2",
    "a row more": "INSERT INTO enterprises (id, entry, code) VALUES (9, 2, 'X')",
    "a row of no entry": "INSERT INTO enterprises (id, entry, code) VALUES (9, 7, 'X')",
    "who": "UPDATE journal SET who = '丙' WHERE seq = 2",
    "an entry gone": "DELETE FROM journal WHERE seq = 2",
    "the last entry's rows moved": "UPDATE enterprises SET entry = 2 WHERE id = 3",
}


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=list(TAMPERED))
def test_tampering_shows(tmp_path: Path, statement: str) -> None:
    path = tmp_path / FILE
    made = Register(sqlite_url(path))
    made.create("甲")
    filled(made)
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    assert verify(made).problems


def test_a_received_file_that_was_changed_shows(tmp_path: Path) -> None:
    made = Register(sqlite_url(tmp_path / FILE))
    made.create("甲")
    with made.writing("test", "甲") as entry:
        digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # SHA-256 of "abc" (FIPS 180-2)
        entry.add(tables.originals, digest=digest, size=3, content=b"abc")
    assert verify(made).problems == ()
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("DROP TRIGGER no_update_originals")
        connection.execute("UPDATE originals SET content = x'616264'")
    assert [p for p in verify(made).problems if "ba7816bf8f01" in p]


def test_the_head_on_a_paper(register: Register) -> None:
    seq, early = register.head()
    filled(register)
    assert seq == 1
    assert verify(register, shown(early)).problems == ()
    assert verify(register, early.upper()).problems == ()
    other = ("0" if early[0] != "0" else "1") + early[1:]
    assert "找不到" in verify(register, shown(other)).problems[0]
    assert "不是校验值" in verify(register, early[:8]).problems[0]


def test_an_export_proves_itself_without_the_database(register: Register, tmp_path: Path) -> None:
    with filled(register).writing("test", "甲") as entry:
        digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        entry.add(tables.originals, digest=digest, size=3, content=b"abc")
    folder = export(register, tmp_path / "导出")
    assert verify_export(folder).model_dump() | {"where": ""} == verify(register).model_dump() | {"where": ""}
    data = json.loads((folder / "登记库.json").read_text("utf-8"))
    data["tables"]["names"][0]["name"] = "别的企业"
    (folder / "登记库.json").write_text(json.dumps(data), "utf-8")
    assert len(verify_export(folder).problems) == 1
    (folder / "原件" / digest).write_bytes(b"abd")
    assert len(verify_export(folder).problems) == 2


def test_backup_and_restore(tmp_path: Path) -> None:
    folder, made = make(tmp_path / "甲")
    assert made
    register = filled(folder.open())
    kept = back_up(register, folder.backups)
    with register.writing("test", "丙") as entry:
        entry.add(tables.enterprises, code="D")
    moved = restore(kept, folder.file, folder.backups)
    assert moved is not None and verify(folder.open()).entries == 3
    assert verify(Register(sqlite_url(moved))).entries == 4
    (tmp_path / "坏").write_bytes(b"no register")
    with pytest.raises(RegisterError, match="不是完好的"):
        restore(tmp_path / "坏", folder.file, folder.backups)


def test_an_older_register_is_backed_up_and_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = make(tmp_path / "甲")
    filled(folder.open())

    def step(connection: Any) -> None:
        connection.execute(text("ALTER TABLE enterprises ADD COLUMN kind TEXT"))

    monkeypatch.setattr(migrations, "VERSION", VERSION + 1)
    monkeypatch.setattr(migrations, "STEPS", {VERSION: step})
    register = folder.register()
    kept = bring_up_to_date(register, folder.backups)
    assert kept is not None and Register(sqlite_url(kept)).version() == VERSION
    assert register.version() == VERSION + 1 and verify(register).problems == ()
    assert bring_up_to_date(register, folder.backups) is None


def test_a_newer_register_is_refused_in_words(tmp_path: Path) -> None:
    folder, _ = make(tmp_path / "甲")
    with folder.open().transaction() as connection:
        connection.execute(text("UPDATE meta SET value = '99' WHERE name = 'version'"))
    with pytest.raises(RegisterError, match=r"第 99 版.*升级 xlpolicy"):
        folder.open()


def test_two_clerks_join_one_register(postgres: Database, tmp_path: Path) -> None:
    url = postgres.fresh()
    assert make(tmp_path / "甲", url)[1]
    folder, made = make(tmp_path / "乙", url)
    assert not made and find(tmp_path / "乙" / "收件") == folder
    assert verify(filled(folder.open())).entries == 3


def test_a_working_folder_is_found_from_inside_and_never_made_over_other_files(tmp_path: Path) -> None:
    folder, _ = make(tmp_path / "甲")
    assert find(folder.inbox) == folder and find(tmp_path) is None
    (tmp_path / "乙").mkdir()
    (tmp_path / "乙" / "别的.txt").write_text("", "utf-8")
    with pytest.raises(FolderError, match="里面有别的文件"):
        make(tmp_path / "乙")
    with pytest.raises(FolderError):
        make(tmp_path / "甲")


def test_a_share_is_known_by_its_file_system() -> None:
    mounts = [
        ("/", "ext4"),
        ("/mnt/share", "cifs"),
        ("/mnt/share/local", "ext4"),
        ("/net", "nfs4"),
        ("/f", "fuse.sshfs"),
    ]
    held = {
        path: served(Path(path), mounts) for path in ("/home/a", "/mnt/share/a", "/mnt/share/local/a", "/net/x", "/f")
    }
    assert list(held.values()) == [False, True, False, True, True]


def test_fen_keeps_every_cent_and_rounds_nothing() -> None:
    assert tables.fen(Decimal("123456789012345.67")) == 12345678901234567
    assert tables.yuan(12345678901234567) == Decimal("123456789012345.67")
    with pytest.raises(ValueError, match="whole cents"):
        tables.fen(Decimal("0.001"))


def test_a_wrong_address_is_told_in_chinese() -> None:
    with pytest.raises(RegisterError, match="不是登记库的地址"):
        Register("不是地址")
    with pytest.raises(RegisterError, match=r"连不上|登记库"):
        Register("postgresql://nobody@127.0.0.1:1/none").version()


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["verify"]) == 2
    assert "xlpolicy new" in capsys.readouterr().err
    assert main(["new", "2026技改"]) == 0
    assert "xlpolicy fill" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path / "2026技改" / "收件")
    assert main(["verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["holds"] is True
    assert main(["backup"]) == 0
    assert main(["export", "-o", str(tmp_path / "导出")]) == 0
    assert main(["verify", str(tmp_path / "导出")]) == 0
    assert main(["verify", "--head", "0000-0000-0000-0000"]) == 1
    capsys.readouterr()
    assert main(["verify", "--json"]) == 0
    head = json.loads(capsys.readouterr().out)["shown"]
    slip = head[:-1] + ("0" if head[-1] != "0" else "1")
    assert main(["verify", "--head", head, "--head", slip, "--head", "0000-0000-0000-0000"]) == 1
    said = capsys.readouterr().out
    assert f"纸上的校验值 {head} 是第 1 条（" in said and "此后又登记 0 条" in said
    assert f"的 {head} 只差 1 位，先核对是不是抄错" in said and said.count("改动在第 1 条（") == 2
    backup = next((tmp_path / "2026技改" / "备份").glob("*.sqlite"))
    assert main(["backup", "--restore", str(backup)]) == 0


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_second_version_gets_the_tables_of_mail(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres").fresh() if kind == "postgres" else ""
    folder, _ = make(tmp_path / "甲", url)
    register = filled(folder.open())
    with register.transaction() as connection:
        downgrade(connection, 2)
    again = folder.open()
    (kept,) = folder.backups.iterdir()
    assert kind == "sqlite" or verify_export(kept).problems == ()
    assert again.version() == VERSION and verify(again).problems == ()
    with again.writing("fetch", "甲") as entry:
        names = [column.name for column in tables.mails.c if column.name not in ("id", "entry")]
        entry.add(tables.mails, **dict.fromkeys(names, "x"))
    with pytest.raises(RegisterError, match="只能增加"), again.transaction() as connection:
        connection.execute(text("DELETE FROM mails"))
    assert verify(again).problems == ()
