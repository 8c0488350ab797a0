"""The script that runs `fill` over other people's spreadsheets, over a few of our own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ledgerkit import WriteForm

SCRIPT = Path(__file__).resolve().parent.parent / "corpus.py"


@pytest.mark.posix  # the script measures its memory by `resource`
def test_every_file_ends_in_one_place(form: WriteForm, inbox: Path) -> None:
    form(1)
    (inbox / "空.xlsx").write_bytes(b"")
    (inbox / "坏.xlsx").write_bytes(b"PK\3\4 and no more")
    (inbox / "说明.txt").write_text("只是说明", encoding="utf-8")
    done = subprocess.run([sys.executable, SCRIPT, inbox], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 files, 4 rows" in done.stdout
    assert "0 broken invariants" in done.stdout
