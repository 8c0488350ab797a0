"""A clerk's PC as the checks and the installation see it: paths, versions, registry. Tests put their own in place."""

from __future__ import annotations

import importlib.metadata
import locale
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xlpolicy.excel.workbook.build import NAME

#: xlwings' settings file, beside the workbook and in the user's folder
CONF = "xlwings.conf"
INTERPRETER = "INTERPRETER_WIN"


@dataclass(frozen=True)
class Pc:
    """`registry(key, value)` and `subkeys(key)` read HKCU (a key that begins with HKCR: that hive); None and () if absent."""

    windows: bool
    python: Path
    prefix: Path
    version: tuple[int, int]
    home: Path
    documents: Path
    encoding: str
    installed: Callable[[str], str | None]
    registry: Callable[[str, str], str | int | None]
    subkeys: Callable[[str], tuple[str, ...]]
    target: Path | None = None
    #: the folders that OneDrive keeps in step
    clouds: tuple[str, ...] = ()
    #: where a virtual environment has its Python from
    base: Path | None = None

    @property
    def portable(self) -> Path | None:
        """The folder that was unpacked and runs without installation (`xlpolicy package windows`), where this is one."""
        top = self.python.parent.parent
        return top if self.python.parent.name == "python" and (top / "packages" / "xlpolicy").is_dir() else None

    @property
    def folder(self) -> Path:
        """Where the workbook is: the `target` folder that was named, the unpacked folder, or 文档\\xlpolicy."""
        return self.target or self.portable or self.documents / "xlpolicy"

    @property
    def workbook(self) -> Path:
        return self.folder / NAME

    @property
    def user_conf(self) -> Path:
        return self.home / ".xlwings" / CONF

    @property
    def interpreter(self) -> Path:
        """The interpreter without a console window, where there is one."""
        quiet = self.python.with_name("pythonw.exe")
        return quiet if quiet.exists() else self.python


def this_pc() -> Pc:
    """The machine this runs on."""
    windows = sys.platform == "win32"
    home = Path(os.environ.get("USERPROFILE") or Path.home())
    shell = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
    personal = _registry(shell, "Personal") if windows else None
    documents = Path(os.path.expandvars(personal)) if isinstance(personal, str) else home / "Documents"
    return Pc(
        windows, Path(sys.executable), Path(sys.prefix), sys.version_info[:2], home, documents,
        locale.getencoding() if windows else "gbk", _installed, _registry, _subkeys,
        clouds=tuple(filter(None, map(os.environ.get, ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")))),
        base=Path(sys.base_prefix),
    )  # fmt: skip


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _open(key: str):  # type: ignore[no-untyped-def]
    import winreg

    hive, _, rest = key.partition("\\")
    if hive == "HKCR":
        return winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, rest)  # type: ignore[attr-defined]
    return winreg.OpenKey(winreg.HKEY_CURRENT_USER, key)  # type: ignore[attr-defined]


def _registry(key: str, value: str) -> str | int | None:
    try:
        import winreg

        with _open(key) as opened:
            found: str | int
            found, sort = winreg.QueryValueEx(opened, value)  # type: ignore[attr-defined]
            # a place as %APPDATA%\… where an administrator wrote it
            expand = isinstance(found, str) and sort == winreg.REG_EXPAND_SZ  # type: ignore[attr-defined]
            return os.path.expandvars(str(found)) if expand else found
    except (ImportError, OSError):
        return None


def _subkeys(key: str) -> tuple[str, ...]:
    try:
        import winreg

        with _open(key) as opened:
            return tuple(winreg.EnumKey(opened, i) for i in range(winreg.QueryInfoKey(opened)[0]))  # type: ignore[attr-defined]
    except (ImportError, OSError):
        return ()


def read_conf(path: Path, encoding: str) -> dict[str, str]:
    """The settings of an xlwings.conf: lines of "KEY","value". Empty without the file."""
    try:
        text = path.read_bytes().decode(encoding, errors="replace")
    except OSError:
        return {}
    return {key.upper(): value for key, value in re.findall(r'^\s*"([^"]*)"\s*,\s*"([^"]*)"', text, re.MULTILINE)}


def conf_bytes(settings: dict[str, str], encoding: str) -> bytes:
    """An xlwings.conf as VBA reads it: in the code page of the PC (a Chinese user name stands in the path)."""
    return "".join(f'"{key}","{value}"\r\n' for key, value in settings.items()).encode(encoding)
