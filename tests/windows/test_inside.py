"""The project's own tests, run by the Python of the Windows folder under Wine: none skipped, those marked posix left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from wine import Wine

#: files of tests, and how many of them have to pass there at the least
SHORT = {
    "values": (200, ["tests/test_values.py", "tests/test_money.py"]),
    "cases": (1300, ["tests/test_cases.py"]),
    "forms": (150, ["tests/forms/test_intake.py", "tests/forms/test_normalise.py"]),
    "ledgers": (5, ["tests/ledger/test_ledger_settle.py"]),
}
TESTS = Path(__file__).parents[1]
#: each file by itself: one that fails is named, and what was left is run alone (`pytest --long -m wine -k test_variants`)
LONG = [
    *(path for folder in ("ledger", "forms", "settle") for path in sorted((TESTS / folder).glob("test_*.py"))),
    *(TESTS / "excel" / f"{name}.py" for name in ("test_functions", "test_pc", "test_udf")),
]


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
@pytest.mark.parametrize("file", LONG, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_more_in_the_windows_python(wine: Wine, file: Path) -> None:
    status, said = wine.pytest(file.relative_to(TESTS.parent).as_posix())
    if status == pytest.ExitCode.NO_TESTS_COLLECTED and "deselected" in said:
        return  # all of it is of LibreOffice or of POSIX
    assert status == 0, said[-6000:]
    assert re.search(r"[1-9]\d* passed", said) and "failed" not in said and "skipped" not in said, said[-2000:]
