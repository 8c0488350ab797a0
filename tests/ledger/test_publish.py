"""The output folder is as it was or as it will be, and remembers whose results it holds."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from xlpolicy.batch import publish
from xlpolicy.batch.fill import FillError, fill
from xlpolicy.batch.publish import GONE, KEPT, MARKER, STAGING, STATE
from xlpolicy.cli import main

ON = dt.date(2026, 6, 30)
WriteForm = Callable[..., Path]


def digests(folder: Path) -> dict[str, str]:
    files = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def killed_at(step: int, inbox: Path, out: Path) -> bool:
    """Run `fill` in a child that is killed at the given renaming. Whether it was."""
    child = os.fork()
    if child == 0:
        count, rename = 0, os.replace

        def replace(*args: Path) -> None:
            nonlocal count
            if out in Path(args[1]).parents:
                count += 1
                if count == step:
                    os.kill(os.getpid(), signal.SIGKILL)
            rename(*args)

        publish.os.replace = replace  # type: ignore[assignment]
        try:
            fill(inbox, out, on=ON, progress=False)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.posix
def test_a_run_killed_at_any_renaming_is_completed_by_the_next(form: WriteForm, inbox: Path) -> None:
    first, out = inbox.parent / "原来", inbox.parent / "结果"
    form(1)
    form(2)
    fill(inbox, first, on=ON, progress=False)
    book = load_workbook(first / "台账.xlsx")
    book["申报台账"]["B4"] = "手改"
    book.save(first / "台账.xlsx")
    (inbox / "01.xlsx").unlink()
    form(1, investment=900)
    form(3)
    (inbox / "02.xlsx").unlink()
    shutil.copytree(first, out)
    fill(inbox, out, on=ON, progress=False)
    wanted = digests(out)
    step = 1
    while True:
        shutil.rmtree(out)
        shutil.copytree(first, out)
        if not killed_at(step, inbox, out):
            break
        assert list(inbox.parent.glob(f"{STAGING}*"))
        fill(inbox, out, on=ON, progress=False)
        assert digests(out) == wanted, step
        assert not list(inbox.parent.glob(f"{STAGING}*"))
        step += 1
    assert step > 5
    assert not (out / MARKER).exists()


@pytest.mark.posix
def test_what_a_killed_run_left_is_no_form(form: WriteForm, inbox: Path) -> None:
    form(1)
    fill(inbox, inbox / "结果", on=ON, progress=False)
    form(2)
    assert killed_at(1, inbox, inbox / "结果")
    assert list(inbox.glob(f"{STAGING}*"))
    summary = fill(inbox, inbox / "结果", on=ON, progress=False)
    assert [r.file for r in summary.records] == ["01.xlsx", "02.xlsx"]
    assert not list(inbox.glob(f"{STAGING}*"))


def test_what_a_living_run_prepares_is_left_alone(form: WriteForm, inbox: Path) -> None:
    form(1)
    with publish.staging(inbox.parent / "另一个") as other:
        fill(inbox, inbox.parent / "结果", on=ON, progress=False)
        assert other.is_dir()


@pytest.mark.parametrize(
    "plan", ["", "[]", "{}", '{"folder": "/etc", "aside": {}, "remove": ["../victim"], "new": []}']
)
def test_a_forged_marker_reaches_nothing(form: WriteForm, inbox: Path, plan: str) -> None:
    form(1)
    out = inbox.parent / "结果"
    fill(inbox, out, on=ON, progress=False)
    before = digests(out)
    (inbox.parent / "victim").write_text("mine")
    (out / MARKER).write_text(plan)
    fill(inbox, out, on=ON, progress=False)
    assert digests(out) == before
    assert (inbox.parent / "victim").read_text() == "mine"


def test_another_inbox_changes_nothing_unless_it_may(
    form: WriteForm, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, second = inbox.parent / "结果", inbox.parent / "第二批"
    form(1)
    fill(inbox, out, on=ON, progress=False)
    before = digests(out)
    second.mkdir()
    shutil.move(form(2), second / "02.xlsx")
    with pytest.raises(FillError, match=r"01\.xlsx"):
        fill(second, out, on=ON, progress=False)
    command = ["fill", str(second), "-o", str(out), "--on", "2026-06-30"]
    assert main(command) == 2
    assert "--replace" in capsys.readouterr().err
    assert digests(out) == before
    assert main([*command, "--replace"]) == 0
    assert f"{GONE}/已核定/01.xlsx" in capsys.readouterr().out
    after = digests(out)
    assert set(after) == {STATE, "台账.xlsx", "已核定/02.xlsx", f"{GONE}/已核定/01.xlsx"}
    assert after[f"{GONE}/已核定/01.xlsx"] == before["已核定/01.xlsx"]


def test_results_of_forms_that_left_move_and_are_named(form: WriteForm, inbox: Path) -> None:
    out = inbox.parent / "结果"
    form(1)
    form(2, investment="约5")
    fill(inbox, out, on=ON, progress=False)
    (inbox / "02.xlsx").unlink()
    summary = fill(inbox, out, on=ON, progress=False)
    names = ["02.xlsx", "02.补正通知.txt", "02.补正通知.xlsx"]
    assert list(summary.gone) == [f"{GONE}/退回补正/{name}" for name in names]
    assert all((out / name).is_file() for name in summary.gone)
    assert fill(inbox, out, on=ON, progress=False).gone == ()


def test_a_form_that_was_mended_leaves_no_old_result(form: WriteForm, inbox: Path) -> None:
    out = inbox.parent / "结果"
    form(1, investment="约5")
    fill(inbox, out, on=ON, progress=False)
    (inbox / "01.xlsx").unlink()
    form(1)
    summary = fill(inbox, out, on=ON, progress=False)
    assert (summary.kept, summary.gone) == ((), ())
    assert set(digests(out)) == {STATE, "台账.xlsx", "已核定/01.xlsx"}
    assert not (out / KEPT).exists()
