"""The catalogue of errors: every code stands in one table, and no program reads the sentences."""

from __future__ import annotations

import ast
import errno
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import xlpolicy
from xlpolicy.cli.console import refused
from xlpolicy.fault_codes import CODES
from xlpolicy.faults import Fault, InvalidInput, PolicyError, reference, split_reference, system_reason
from xlpolicy.forms.recognise import UNIT_UNKNOWN
from xlpolicy.sheets import package

ROOT = Path(xlpolicy.__file__).parent
#: what makes a fault from a code written first
MAKERS = {"Fault", "Unreadable", "_Refused", "_wrong", "_doubt", "_changed", "_remark", "report", "wrong"}


CODE = re.compile("[a-z][a-z0-9_]+")


def raised() -> Iterator[tuple[str, str]]:
    """Every code that the package's text makes a fault with, and where."""
    for path in ROOT.rglob("*.py"):
        if "vba" in path.parts:  # the project writer has its own
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and node.args:
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                first = node.args[0]
                said = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                if name in MAKERS:
                    yield from (
                        (c.value, where)
                        for c in said
                        if isinstance(c, ast.Constant) and isinstance(c.value, str) and CODE.fullmatch(c.value)
                    )
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                names = node.targets if isinstance(node, ast.Assign) else [node.target]
                if (
                    any(isinstance(n, ast.Name) and n.id == "code" for n in names)
                    and isinstance(node.value, ast.Constant)
                    and node.value.value
                ):
                    yield str(node.value.value), where


def test_every_code_is_in_the_table() -> None:
    found = dict(raised())
    found |= {code: "package._OTHER" for _, code, _, _ in package._OTHER} | {UNIT_UNKNOWN: "recognise"}
    assert len(found) > 80
    assert {code: where for code, where in found.items() if code not in CODES} == {}
    assert set(CODES) - set(found) == set()


def test_an_error_keeps_all_of_its_fault_on_its_way_through_a_pickle() -> None:
    error = InvalidInput("坏了", where="甲", item="investment", expected="好的", remedy="改好", severity="warning")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is InvalidInput
    assert (
        again.problem == error.problem == Fault("invalid_input", "甲", "investment", "坏了", "好的", "改好", "warning")
    )
    unread = pickle.loads(pickle.dumps(package.Unreadable("et", "旧格式", "另存")))
    assert (unread.code, unread.problem.remedy) == ("et", "另存")


@pytest.mark.parametrize("sheet", ["申请表", "甲!B7", "a b", "'甲'", "乙's"])
def test_a_place_is_put_together_and_taken_apart(sheet: str) -> None:
    assert split_reference(reference(sheet, "AB12")) == (sheet, "AB12")
    assert split_reference(reference(sheet)) == (sheet, "")


def test_one_rendering() -> None:
    fault = Fault("invalid_input", "甲", "x", "是负数", "金额", "改正后重算")
    assert str(fault) == "甲：是负数；应为：金额。请改正后重算。"
    assert str(Fault("io", got="打不开", remedy="请对方重发")) == "打不开。请对方重发。"
    assert Fault("missing", got="没有填", expected="电话", remedy="补填电话").what == "没有填"
    assert issubclass(package.Unreadable, PolicyError)


def test_a_folder_in_the_place_of_a_file_is_told_on_windows_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Windows answers that a folder may not be opened with EACCES."""
    (tmp_path / "a.xlsx").write_bytes(b"")
    denied = PermissionError(errno.EACCES, "Permission denied", str(tmp_path))
    assert system_reason(denied) == "是文件夹，或没有权限"
    assert system_reason(PermissionError(errno.EACCES, "", str(tmp_path / "a.xlsx"))) == "没有权限，或正被别的程序打开"

    def step() -> None:
        raise denied

    assert refused(step, json=False) == 2
    assert capsys.readouterr().err == (
        f"{tmp_path}：是文件夹，或没有权限。请写明文件名；要的就是这个文件夹的，核对权限。\n"
    )
