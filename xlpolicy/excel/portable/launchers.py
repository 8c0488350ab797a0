"""The programs to double click: distlib's stub, the place of the interpreter relative to it, and a zip with the start."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from xlpolicy.excel.portable.uv import EXTRA, PackageError
from xlpolicy.sheets.files import zipped

#: name of the program -> the words that its command line begins with
PROGRAMS: dict[str, tuple[str, ...]] = {"开始.exe": ("menu",), "xlpolicy.exe": ()}
_INTERPRETER = rb"#!<launcher_dir>\python\python.exe -X utf8" + b"\r\n"
_START = "import sys\n\nfrom xlpolicy.cli import main\n\nsys.exit(main([*{words!r}, *sys.argv[1:]]))\n"


def programs() -> dict[str, bytes]:
    """The programs by name. Raises PackageError without distlib."""
    stub = _distlib() / "t64.exe"
    return {
        name: stub.read_bytes() + _INTERPRETER + zipped([("__main__.py", _START.format(words=list(words)).encode())])
        for name, words in PROGRAMS.items()
    }


def licence() -> tuple[str, str]:
    """Version of distlib, which made the stub, and the text of its licence. Raises PackageError without it."""
    folder = _distlib()
    info = max(folder.parent.glob("distlib-*.dist-info"))
    (text,) = (path for path in info.rglob("LICENSE*") if path.is_file())
    return info.name.removeprefix("distlib-").removesuffix(".dist-info"), text.read_text(encoding="utf-8")


def _distlib() -> Path:
    found = importlib.util.find_spec("distlib")
    if found is None or not found.origin:
        raise PackageError(
            "本机没有 distlib，它带有 Windows 启动程序", where="打包", expected="distlib", remedy=f"运行 {EXTRA}"
        )
    return Path(found.origin).parent
