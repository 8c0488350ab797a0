"""Fixtures for every test: the parts of the machine that a test may need, each skipped where it is absent."""

from __future__ import annotations

import datetime as dt
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from require_all import (
    SHARED_ABSENT,
    marker_text,
    missing,
    pytest_sessionfinish,
    pytest_terminal_summary,
)
from soffice import Soffice, running_soffice

import xlpolicy  # noqa: F401  (before openpyxl, whose XML it makes the same everywhere)

__all__ = ["pytest_sessionfinish", "pytest_terminal_summary"]

REPOSITORY = Path(__file__).resolve().parent.parent
CHROMIUM = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


#: when the tests take place: numbers of a register bear the year of today, and many tests name them
DAY = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)


def pytest_configure(config: pytest.Config) -> None:
    """In another year the clock of the tests, and of the Python processes that they start, goes on from that day."""
    if dt.date.today().year == DAY.year:
        return
    import time_machine

    clock = str(REPOSITORY / "tests" / "clock")
    os.environ["XLPOLICY_TESTS_DAY"] = DAY.isoformat()
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (clock, os.environ.get("PYTHONPATH", ""))))
    traveller = time_machine.travel(DAY, tick=True)
    traveller.start()
    config.add_cleanup(traveller.stop)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="the tests marked long too: 5,000 spoiled forms, a quarter of an hour"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long tests, and in a Windows Python what that machine cannot have, without calling them skipped."""
    here = set() if config.getoption("--long") else {"long"}
    if sys.platform == "win32":
        here |= {"posix", "wine", "soffice", "postgres", "node", "chromium", "ooxml"}
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        asked = {mark.name for mark in item.iter_markers()} | set(getattr(item, "fixturenames", ()))
        (left if here & asked else kept).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


@pytest.fixture(scope="session")
def soffice(pytestconfig: pytest.Config) -> Iterator[Soffice]:
    """LibreOffice itself, one process for the session; see tests/soffice.py for what it does."""
    if lacking := Soffice.absent():
        missing(f"{marker_text(pytestconfig, 'soffice')}; {lacking}")
    with running_soffice() as office:
        yield office


@pytest.fixture(scope="module")
def chromium(pytestconfig: pytest.Config) -> Iterator[Any]:
    """Debian's browser, driven by playwright (which keeps an event loop running in this thread: not for longer)."""
    program = shutil.which("chromium")
    if program is None:
        missing(marker_text(pytestconfig, "chromium"))
    if importlib.util.find_spec("playwright") is None:
        missing("no module playwright: pip install -e '.[test]'")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of contracts and official texts that stands beside the repository."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"{SHARED_ABSENT} (register.yaml, cross_rules.yaml, readings.md, policy-texts/)")
    return folder
