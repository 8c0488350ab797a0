"""A skipped test fails the session where XLPOLICY_REQUIRE_ALL=1, with and without pytest-xdist."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from require_all import SHARED_ABSENT, marker_text

PASSES = "def test_passes(): pass\n"
SKIPS = "import pytest\ndef test_skips(): pytest.skip('not today')\n"
MODULE_SKIPS = "import pytest\npytest.importorskip('no_such_module')\n"
XFAILS = "import pytest\n@pytest.mark.xfail\ndef test_fails(): assert False\n"
LACKS = "from require_all import missing\ndef test_lacks(): missing('no such program')\n"
NO_SHARED = f"import pytest\ndef test_shared(): pytest.skip('{SHARED_ABSENT} (some file)')\n"


def session(folder: Path, content: str, required: str | None, *options: str) -> tuple[int, str]:
    """Exit code and output of pytest over one module that passes and one with `content`."""
    (folder / "test_a.py").write_text(PASSES, "utf-8")
    (folder / "test_b.py").write_text(content, "utf-8")
    # not the state of the session that runs this test
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("XLPOLICY", "PYTEST"))}
    environment |= {"PYTHONPATH": str(Path(__file__).parent)}
    if required is not None:
        environment["XLPOLICY_REQUIRE_ALL"] = required
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "require_all",
            "-p",
            "no:cacheprovider",
            *options,
            str(folder),
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    return run.returncode, run.stdout + run.stderr


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize(
    ("content", "named"),
    [
        (SKIPS, "test_b.py::test_skips: not today"),
        (MODULE_SKIPS, "test_b.py: could not import 'no_such_module'"),
    ],
    ids=["test", "module"],
)
def test_a_skip_fails_the_session_and_is_named(
    tmp_path: Path, content: str, named: str, options: tuple[str, ...]
) -> None:
    code, output = session(tmp_path, content, "1", *options)
    assert code == pytest.ExitCode.TESTS_FAILED, output
    assert output.count(named) == 1, output
    assert "XLPOLICY_REQUIRE_ALL=1 does not allow" in output


@pytest.mark.parametrize("content", [SKIPS, MODULE_SKIPS, LACKS], ids=["test", "module", "missing"])
def test_a_skip_is_allowed_elsewhere(tmp_path: Path, content: str) -> None:
    code, output = session(tmp_path, content, None)
    assert code == pytest.ExitCode.OK, output
    assert "1 passed, 1 skipped" in output


@pytest.mark.parametrize("content", [PASSES, XFAILS, NO_SHARED], ids=["pass", "xfail", "no shared folder"])
@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_what_does_not_fail_the_session(tmp_path: Path, content: str, options: tuple[str, ...]) -> None:
    code, output = session(tmp_path, content, "1", *options)
    assert code == pytest.ExitCode.OK, output
    assert "does not allow" not in output


def test_a_missing_part_fails_the_test_that_needs_it(tmp_path: Path) -> None:
    code, output = session(tmp_path, LACKS, "1")
    assert code == pytest.ExitCode.TESTS_FAILED, output
    assert "missing: no such program" in output
    assert "1 failed, 1 passed" in output


def test_an_absent_part_says_how_to_install_it(pytestconfig: pytest.Config) -> None:
    assert "apt-get install -y libreoffice-calc" in marker_text(pytestconfig, "soffice")


def test_shared_dir_holds_what_its_skip_says(shared_dir: Path) -> None:
    assert {"register.yaml", "cross_rules.yaml", "readings.md", "policy-texts"} <= {
        path.name for path in shared_dir.iterdir()
    }
