"""The Windows folder, made and unpacked once a session, and a Wine of its own to run it in.

Wine 8 lacks three things that Windows has, and the folder does not: bcryptprimitives.dll (ten lines of C do), what
`_wmi.pyd` asks for (taken out of the unpacked folder), CopyFile2 (only the tests' own copying asks for it). Output is
read through a pipe and nobody types. Its prefix is a folder of this session; it ends with it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xlpolicy.excel.portable.uv import install
from xlpolicy.excel.portable.whole import FOLDER, for_windows

REPOSITORY = Path(__file__).resolve().parents[2]
COMPILER = "x86_64-w64-mingw32-gcc"
_STUB = """
/* Rust's standard library takes its random bytes from here. */
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length); /* RtlGenRandom, of advapi32 */
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
    return SystemFunction036(data, (ULONG)length);
}
"""
#: after these a program hangs; tests of whole folders take as long as the machine is busy
_SECONDS, _TESTS = 1800, 4 * 3600
_PYTHON = "python/python.exe"
_RUNNER = """
import os, sys, _winapi
del _winapi.CopyFile2  # shutil then copies by itself
os.environ["XLPOLICY_REQUIRE_ALL"] = "1"
sys.path.insert(0, sys.argv.pop(1))
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


class Wine:
    """`run` starts a program of the folder; `top` is the unpacked folder, `linux` runs xlpolicy here for comparison."""

    @staticmethod
    def absent() -> str:
        """What is not installed, "" for nothing."""
        return ", ".join(name for name in ("wine", "wineserver", COMPILER) if shutil.which(name) is None)

    def __init__(self, work: Path, package: Path) -> None:
        self.work = work
        # a Chinese name with a blank, as users have
        with zipfile.ZipFile(package) as zipped:
            zipped.extractall(work / "张三 的文件")
        self.top = work / "张三 的文件" / FOLDER
        (self.top / "python" / "_wmi.pyd").unlink()
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "XLPOLICY", "COVERAGE"))},
            "WINEPREFIX": str(work / "prefix"), "WINEDEBUG": "-all", "DISPLAY": "", "WINEDLLOVERRIDES": "mscoree,mshtml=;winedbg.exe,winemenubuilder.exe=d",
        }  # fmt: skip
        self._program(["wineboot", "--init"], work)
        source = work / "stub.c"
        source.write_text(_STUB, encoding="ascii")
        target = work / "prefix" / "drive_c" / "windows" / "system32" / "bcryptprimitives.dll"
        subprocess.run([COMPILER, "-shared", "-O2", "-s", "-o", str(target), str(source), "-ladvapi32"], check=True)

    def run(
        self, *words: str | Path, folder: Path, typed: str = "", program: str = "xlpolicy.exe", seconds: int = _SECONDS
    ) -> tuple[int, str]:
        """Exit status, and what was said on both channels, with this machine's line ends and places."""
        done = self._program(["wine", str(self.top / program), *map(str, words)], folder, typed, seconds)
        # Wine's own services say on the same channel when one of them ends
        said = re.sub(r"(?m)^wine: .*\n", "", done.stdout.decode("utf-8").replace("\r\n", "\n"))
        return done.returncode, said.replace(self.windows(folder) + "\\", "")

    def python(self, *words: str | Path, folder: Path, seconds: int = _SECONDS) -> tuple[int, str]:
        """The folder's interpreter."""
        return self.run("-X", "utf8", "-B", *words, folder=folder, program=_PYTHON, seconds=seconds)

    def batch(self, file: str, folder: Path) -> str:
        """What a batch file of a Chinese Windows says; where the code page of Wine has no such character, another one."""
        return self._program(["wine", "cmd", "/c", file], folder).stdout.decode("gbk", "replace").replace("\r\n", "\n")

    @property
    def roaming(self) -> Path:
        """%AppData% of whoever runs it."""
        (found,) = (self.work / "prefix" / "drive_c" / "users").glob("*/AppData/Roaming")
        return found

    def pytest(self, *words: str) -> tuple[int, str]:
        """Tests of this repository in the folder's interpreter, against the xlpolicy of the folder, none skipped."""
        packages, runner = self.work / "tests", self.work / "run_tests.py"
        if not packages.exists():
            constraints = REPOSITORY / "constraints.txt"
            install(
                ["hypothesis", "ironcalc", "pytest", "xlwt"], packages, *for_windows((3, 13)), constraints=constraints
            )
            runner.write_text(_RUNNER, encoding="utf-8")
            # every worker of `fill` would compile xlpolicy anew: hours of the longer tests
            done, said = self.run("-X", "utf8", "-m", "compileall", "-q", "packages", folder=self.top, program=_PYTHON)
            assert done in (0, 1), said  # 1: templates among the sources, which are no Python
        return self.run(
            "-X", "utf8", self.windows(runner), self.windows(packages), "-p", "no:cacheprovider", *words,
            folder=REPOSITORY, program=_PYTHON, seconds=_TESTS,
        )  # fmt: skip

    @staticmethod
    def windows(path: Path) -> str:
        """A place as Windows programs see it."""
        return "Z:" + str(path).replace("/", "\\")

    @staticmethod
    def linux(*words: str | Path, folder: Path) -> tuple[int, str]:
        """xlpolicy on this machine: exit status and what was said."""
        done = subprocess.run(
            [sys.executable, "-m", "xlpolicy", *map(str, words)], cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            env={n: t for n, t in os.environ.items() if not n.startswith("XLPOLICY")} | {"PYTHONPATH": str(REPOSITORY)},
        )  # fmt: skip
        return done.returncode, done.stdout.decode("utf-8").replace(f"{folder}/", "")

    def end(self) -> None:
        """Every process of this prefix, and of no other."""
        self._program(["wineserver", "--kill"], self.work)

    def _program(
        self, command: list[str], folder: Path, typed: str = "", seconds: int = _SECONDS
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command, cwd=folder, env=self.environment, input=typed.replace("\n", "\r\n").encode(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, check=False,
        )  # fmt: skip


@contextmanager
def running(work: Path, package: Path) -> Iterator[Wine]:
    """Wine with the folder in it, ended at the end."""
    wine = Wine(work, package)
    try:
        yield wine
    finally:
        wine.end()
