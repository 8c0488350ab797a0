"""Killed at random points of fill, review load, settle, plan and confirm: the register opens and proves itself, what was
committed is there, and a second run ends where an undisturbed one does.

A handful in the normal suite, 200 with `pytest --long`. And a disk that is full on the way.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
from workingfolder import ON, Bureau

from xlpolicy.cli import main
from xlpolicy.register.ledgers import write_reviews

STEPS = (
    ["fill", "--on", ON],
    ["review", "load", "--by", "示例审核01"],
    ["settle", "--on-year", "2026"],
    ["pay", "plan"],
    ["pay", "confirm", "BF2026-001", "--by", "示例拨付01"],
)


def start(folder: Path, words: list[str]) -> subprocess.Popen[bytes]:
    code = "import sys; from xlpolicy.cli import main; sys.exit(main(sys.argv[1:]))"
    quiet = subprocess.DEVNULL
    return subprocess.Popen([sys.executable, "-c", code, *words], cwd=folder, stdout=quiet, stderr=quiet)


def fill_in(bureau: Bureau) -> None:
    """Three claims of 240,000, 150,000 and 180,000; the first reviewed to 200,000."""
    path = bureau.folder.out / "审核台账.xlsx"
    write_reviews(bureau.register, path)
    bureau.edit(path, {"K4": 200000, "M4": "核减", "K5": 150000, "K6": 180000})


def _as_if_undisturbed(bureau: Bureau) -> None:
    states = [(s.number, s.paid, s.review.amount if s.review else None) for s in bureau.standings()]
    amounts = ((1, "200000.00"), (2, "150000.00"), (3, "180000.00"))
    assert states == [(f"2026-0000{n}", Decimal(amount), Decimal(amount)) for n, amount in amounts]
    counts = [bureau.count(table) for table in ("forms", "reviews", "settlements", "plans", "transfers")]
    assert counts == [3, 3, 1, 1, 3]


@pytest.mark.parametrize("kills", [5, pytest.param(200, marks=pytest.mark.long)])
def test_kills(tmp_path: Path, kills: int) -> None:
    chance = random.Random(20261126)
    lasts: dict[int, float] = {}
    left, round_ = kills, 0
    while left > 0:
        round_ += 1
        bureau = Bureau(tmp_path / f"{round_}")
        for number, investment in enumerate((800, 500, 600), 1):
            bureau.form(number, investment)
        for number, words in enumerate(STEPS):
            if number == 1:
                fill_in(bureau)
            before = bureau.register.head()
            if left > 0:
                left -= 1
                killed = start(bureau.folder.path, words)
                time.sleep(chance.uniform(0.2, lasts.get(number, 2.0)))
                killed.kill()
                killed.wait()
                assert bureau.proved()
                with bureau.register.reading() as connection:
                    query = f"SELECT head FROM journal WHERE seq = {before[0]}"
                    assert connection.exec_driver_sql(query).scalar() == before[1], "what was committed is gone"
            began = time.monotonic()
            start(bureau.folder.path, words).wait()
            lasts[number] = time.monotonic() - began
            assert bureau.proved()
        _as_if_undisturbed(bureau)
        assert not [path.name for path in bureau.folder.out.iterdir() if path.name.startswith(".xlpolicy-tmp-")]


def _with_room(room: int, bureau: Bureau, words: list[str]) -> subprocess.CompletedProcess[bytes]:
    """A command that can write no file past so many bytes."""
    code = (
        "import resource, sys; from xlpolicy.cli import main; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room})); sys.exit(main(sys.argv[1:]))"
    )
    call = [sys.executable, "-c", code, *words]
    return subprocess.run(call, cwd=bureau.folder.path, capture_output=True, check=False)


@pytest.mark.posix
def test_a_full_disk_at_every_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for the register's notes of a step and not for its papers: told, and the same command ends the work."""
    bureau = Bureau(tmp_path / "2026技改")
    monkeypatch.chdir(bureau.folder.path)
    for number, investment in enumerate((800, 500, 600), 1):
        bureau.form(number, investment)
    for number, words in enumerate(STEPS):
        if number == 1:
            fill_in(bureau)
        ran = _with_room(33_000, bureau, words)
        said = ran.stderr.decode()
        assert ran.returncode == 0 or (ran.returncode in (1, 2) and "磁盘" in said), said
        assert "Traceback" not in said and bureau.proved()
        main(words)
        assert bureau.proved()
    _as_if_undisturbed(bureau)


@pytest.mark.posix
@pytest.mark.parametrize("room", [20_000, 60_000])
def test_a_full_disk_leaves_what_was_there_and_says_so(tmp_path: Path, room: int) -> None:
    """20,000 bytes are not enough for the register, 60,000 for the register and not for a ledger."""
    bureau = Bureau(tmp_path / "2026技改")
    bureau.form(1)
    bureau.fill()
    bureau.form(2, 500)
    before = bureau.register.head()
    ran = _with_room(room, bureau, ["fill", "--on", ON])
    assert ran.returncode in (1, 2) and "磁盘" in ran.stderr.decode() and b"Traceback" not in ran.stderr
    assert bureau.proved() and bureau.register.head() in (before, (before[0] + 1, bureau.register.head()[1]))
    bureau.fill()
    assert [s.amount for s in bureau.standings()] == [Decimal("240000.00"), Decimal("150000.00")]
    assert bureau.count("batches") == 2 and bureau.proved()
