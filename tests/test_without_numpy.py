"""numpy and pandas are needed for whole columns alone: without them every command says and writes the same, slower.

Two interpreters run the same script; in one, the folder that stands first on the path holds modules of these names
that cannot be imported (its children, the workers of `fill`, inherit that).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

#: the check value of the register, which holds the hour
HEAD = r"(?:[0-9a-f]{4}-){3,}[0-9a-f]{4}|[0-9a-f]{64}"
ABSENT = ("numpy", "pandas", "polars")
#: what is done, one command after another, in the working directory
COMMANDS = [
    ["calc", "福州", "技改设备补助", "800万元", "--on", "2026-06-30"],
    ["compare", "工业互联网平台", "600万元", "--on", "2026-06-30"],
    ["form", "福州", "技改设备补助", "-o", "申请表.xlsx"],
    ["sheet", "福州", "技改设备补助", "-o", "测算表.xlsx"],
    ["demo", "演示"],
    ["settle", "演示/核定结果/台账.xlsx", "-o", "兑付台账.xlsx"],
    ["simulate", "演示/核定结果/台账.xlsx", "--set", "福州:技改设备补助.封顶=400万元"],
    ["fill", "演示/收件", "-o", "再核定", "--on", "2026-06-30"],
    ["ledger", "--folder", "演示/2026技改"],
    ["status", "--folder", "演示/2026技改"],
    ["verify", "--folder", "演示/2026技改"],
]
SCRIPT = """
import contextlib, io, json, sys
from xlpolicy.cli import main
from xlpolicy.excel.functions.amounts import subsidy
out = []
for words in json.loads(sys.argv[1]):
    text = io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        status = main(words)
    text.seek(0)
    out.append([status, text.read()])
column = [[8000000.0], [5000000.0], [None], [200000000.0]] * 50
print(json.dumps({"said": out, "column": subsidy("福州", "技改设备补助", column, "日期", "2026-06-30"),
                  "loaded": sorted(set(sys.modules) & {"numpy", "pandas", "polars"})}))
"""


def _run(folder: Path, *, without: bool) -> dict[str, Any]:
    path = [str(Path(__file__).parents[1])]
    if without:
        for name in ABSENT:
            package = folder / "absent" / name
            package.mkdir(parents=True)
            (package / "__init__.py").write_text(
                f'raise ModuleNotFoundError("No module named {name}", name="{name}")\n'
            )
        path.insert(0, str(folder / "absent"))
    work = folder / "work"
    work.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(COMMANDS)], cwd=work, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.replace(str(work), ""))
    result["cells"] = {
        name: [row for sheet in openpyxl.load_workbook(work / name) for row in sheet.iter_rows(values_only=True)]
        for name in ("演示/核定结果/台账.xlsx", "再核定/台账.xlsx", "兑付台账.xlsx", "测算表.xlsx", "申请表.xlsx")
    }
    return result


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    return tuple(_run(tmp_path_factory.mktemp("numpy"), without=without) for without in (False, True))


def test_every_command_says_the_same(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    with_them, without = both
    assert without["loaded"] == [] and "numpy" in with_them["loaded"]
    for words, one, other in zip(COMMANDS, with_them["said"], without["said"], strict=True):
        assert other[0] == one[0] in (0, 1), (words, other)
        assert re.sub(HEAD, "", other[1]) == re.sub(HEAD, "", one[1]), words


def test_the_workbooks_hold_the_same(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    with_them, without = both
    assert without["cells"] == with_them["cells"]
    assert len(without["cells"]["演示/核定结果/台账.xlsx"]) > 27


def test_a_column_of_cells(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """3 % of 800 万 and 500 万; above 500 万 / 3 % the cap of 500 万."""
    wanted = [[240000.0], [150000.0], [""], [5000000.0]] * 50
    assert [result["column"] for result in both] == [wanted, wanted]


def test_whole_columns_say_what_they_need(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text('raise ModuleNotFoundError("No module named numpy", name="numpy")\n')
    done = subprocess.run(
        [sys.executable, "-c", "from xlpolicy import assess_table"], capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parents[1])])},
    )  # fmt: skip
    assert done.stderr.splitlines()[-1].startswith("ModuleNotFoundError: 整列测算（assess_table）要用 numpy")
