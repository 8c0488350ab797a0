"""The bureau server, skipped where it is absent."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from bureau import Bureau, running_bureau
from require_all import missing


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


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go, to be looked at."""
    return tmp_path_factory.mktemp("pictures")
