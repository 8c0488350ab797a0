"""PostgreSQL for the tests that need it, skipped where it is absent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pgserver import Database, programs, running
from require_all import marker_text, missing


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[Database]:
    found = programs()
    if found is None:
        missing(marker_text(pytestconfig, "postgres"))
    with running(found) as server:
        yield server
