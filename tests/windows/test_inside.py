"""The project's own tests, run by the Python of the Windows folder under Wine: none skipped, those marked posix left out."""

from __future__ import annotations

import re

import pytest
from wine import Wine

#: files of tests, and how many of them have to pass there at the least
SHORT = {
    "values": (200, ["tests/test_values.py", "tests/test_money.py"]),
    "cases": (1300, ["tests/test_cases.py"]),
    "forms": (150, ["tests/forms/test_intake.py", "tests/forms/test_normalise.py"]),
    "ledgers": (5, ["tests/ledger/test_ledger_settle.py"]),
}
LONG = {
    "every form": (300, ["tests/forms"]),
    "every ledger": (100, ["tests/ledger"]),
    "settlements": (500, ["tests/settle"]),
    "functions": (3000, ["tests/excel/test_functions.py", "tests/excel/test_pc.py", "tests/excel/test_udf.py"]),
}


def passes(wine: Wine, least: int, files: list[str]) -> None:
    status, said = wine.pytest(*files)
    assert status == 0, said[-6000:]
    found = re.search(r"(\d+) passed", said)
    assert found and int(found[1]) >= least and "failed" not in said and "skipped" not in said, said[-2000:]


@pytest.mark.wine
@pytest.mark.parametrize("name", SHORT)
def test_in_the_windows_python(wine: Wine, name: str) -> None:
    passes(wine, *SHORT[name])


@pytest.mark.wine
@pytest.mark.long
@pytest.mark.parametrize("name", LONG)
def test_more_in_the_windows_python(wine: Wine, name: str) -> None:
    passes(wine, *LONG[name])
