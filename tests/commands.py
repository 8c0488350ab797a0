"""The command line as a test calls it: in this process, with what it printed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from xlpolicy.cli import main


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The exit status, and all that was printed."""
    status = main(list(words))
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def run_json(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    """The exit status, and what `--json` printed."""
    status = main([*words, "--json"])
    return status, json.loads(capsys.readouterr().out)
