"""The Windows folder and Wine, each made once a session."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from require_all import marker_text, missing
from wine import Wine, running

from xlpolicy.excel.portable.uv import PackageError
from xlpolicy.excel.portable.whole import package


@pytest.fixture(scope="session")
def folder_zip(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """xlpolicy-windows.zip; several workers of one run make it once."""
    shared = tmp_path_factory.getbasetemp()
    if hasattr(pytestconfig, "workerinput"):
        shared = shared.parent
    path = shared / "xlpolicy-windows.zip"
    with open(shared / "xlpolicy-windows.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            try:
                package(path)
            except PackageError as error:
                missing(f"{marker_text(pytestconfig, 'wine')}; {error}")
    return path


@pytest.fixture(scope="session")
def wine(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config, request: pytest.FixtureRequest
) -> Iterator[Wine]:
    if lacking := Wine.absent():
        missing(f"{marker_text(pytestconfig, 'wine')}; not there: {lacking}")
    with running(tmp_path_factory.mktemp("wine"), request.getfixturevalue("folder_zip")) as started:
        yield started
