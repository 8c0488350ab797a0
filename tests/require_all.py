"""What a test lacks on this machine skips it, except where XLPOLICY_REQUIRE_ALL=1 (.ci/run): there it fails.

`missing` is how a fixture says so. The two hooks are a pytest plugin that tests/conftest.py takes in: with
the variable set, any other skipped test fails the session too and is named at its end.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

# the one skip that is nobody's fault: who has the repository alone has no folder beside it
SHARED_ABSENT = "no folder ../shared beside the repository"


def all_required() -> bool:
    """Whether every test has to run here."""
    return os.environ.get("XLPOLICY_REQUIRE_ALL") == "1"


def missing(reason: str) -> NoReturn:
    """Skip the test that asks, or fail it where every test has to run."""
    __tracebackhide__ = True
    if all_required():
        pytest.fail(f"XLPOLICY_REQUIRE_ALL=1 and missing: {reason}", pytrace=False)
    pytest.skip(reason)


def marker_text(config: pytest.Config, name: str) -> str:
    """The description of a marker in pyproject.toml, which says how to install what it stands for."""
    lines: list[str] = config.getini("markers")
    return next(line for line in lines if line.partition(":")[0] == name)


def _skipped(config: pytest.Config) -> list[str]:
    """Place and reason of each skipped test or module; under xdist only the main process knows any."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if not all_required() or terminal is None:
        return []
    named = []
    for report in terminal.stats.get("skipped", []):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if SHARED_ABSENT not in reason:
            named.append(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")
    return named


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a green session with skipped tests red."""
    if _skipped(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name them."""
    if named := _skipped(config):
        terminalreporter.section("skipped, which XLPOLICY_REQUIRE_ALL=1 does not allow", red=True)
        for line in named:
            terminalreporter.line(line)
