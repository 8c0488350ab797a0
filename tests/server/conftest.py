"""The bureau server and a browser, each skipped where it is absent."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bureau import Bureau, running_bureau
from require_all import marker_text, missing

CHROMIUM = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@pytest.fixture(scope="session")
def xlwings_server() -> None:
    """The extra `server`."""
    if importlib.util.find_spec("xlwings_server") is None:
        missing("no module xlwings_server: pip install -e '.[server]'")


@pytest.fixture(scope="session")
def bureau(xlwings_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    """One server for the session, without a token."""
    with running_bureau(tmp_path_factory.mktemp("bureau")) as server:
        yield server


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
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go, to be looked at."""
    return tmp_path_factory.mktemp("pictures")
