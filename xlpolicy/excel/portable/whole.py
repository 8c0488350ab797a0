"""The folder put together: files by their place in it, and the zip of them.

    xlpolicy/ 开始.exe xlpolicy.exe xlpolicy.xlsm 先看这里.txt 第三方许可.txt
              python/    the interpreter, the DLLs that Excel loads
              packages/  xlpolicy and the wheels

numpy and pandas stay out: they serve whole columns alone, and are larger than all the rest.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import NamedTuple

import xlpolicy
from xlpolicy.excel.portable import bytecode, launchers, licences, uv
from xlpolicy.excel.portable.embedded import Embedded, official
from xlpolicy.excel.portable.licences import Part
from xlpolicy.excel.portable.uv import PackageError
from xlpolicy.excel.workbook.build import NAME as WORKBOOK
from xlpolicy.excel.workbook.build import committed, marks
from xlpolicy.law import store
from xlpolicy.sheets.files import write_atomically, zipped

FOLDER = "xlpolicy"
LOCK = "lock.txt"
README = "先看这里.txt"
LEFT_OUT = frozenset({"numpy", "pandas"})
#: where the interpreter looks, beside its own library
_PATHS = (r"..\packages", r"..\packages\win32", r"..\packages\win32\lib")
#: what wheels bring that nobody here needs, and the places of the machine that unpacked them
_UNUSED = re.compile(
    r"bin/|Scripts/|PyWin32\.chm|pywin32\.pth|pythonwin/|isapi/|adodbapi/|win32comext/(?!License)|win32com/(demos|test|HTML|include|libs)/"
    # xlwings.pro has a licence of its own, which lets nobody give it on; xlwings runs without it. Of its add-in `excel build`
    # puts one class (MIT) into the workbook
    r"|xlwings/pro/|xlwings/addin/(?!Dictionary\.cls$)|xlwings/(quickstart|xlwingslib)[^/]*$|xlwings-[^/]+/licenses/LICENSE_PRO\.txt$"
    r"|win32/(Demos|test|include|libs|scripts)/|(?:.*/)?__pycache__/|[^/]+\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json)$|\.lock"
)
#: libraries that are looked for beside the interpreter
_BESIDE = re.compile(r"(?:pywin32_system32/)?([^/]+\.dll)")

_TOLD = """xlpolicy：把市级产业政策算成说得清的金额。这个文件夹不用安装，不需要 Python、管理员权限和网络。

开始之前（只做一次）
  1. 解压之前：右键压缩包 → 属性 → 勾选“解除锁定”→ 确定。没有这一项的不用管。
  2. 解压到本机硬盘，如 D:\\xlpolicy（不要放在 OneDrive、网盘或压缩包里直接打开）。
  3. 双击“开始.exe”：1 试算，2 收件核定，3 台账，4 自检，5 装到 Excel。

常用
  收回的申请表放进“收件”文件夹，双击“开始.exe”，选 2；结果在“核定结果”。
  在 Excel 里用 SUBSIDY 等函数：先选 5，再打开 xlpolicy.xlsm，点“首页”上的“自检”。只有 WPS 的，用 1 至 3。
  会用命令行的：在这个文件夹里打开命令提示符，运行 xlpolicy。

换新版：解压到新的文件夹，“收件”“核定结果”等自己的文件夹拷过去；用 Excel 的，在新文件夹里再选一次 5。
整个文件夹挪了地方，也再选一次 5。不用了，删掉整个文件夹即可；选过 5 的，另删用户文件夹里的 .xlwings\\xlwings.conf。

里面由他人开发的部分和它们的许可：第三方许可.txt。
"""


class Made(NamedTuple):
    """What was made: the zip, its size, the interpreter, what came with it, whether it is compiled."""

    path: Path
    size: int
    python: str
    parts: list[Part]
    compiled: bool


def package(path: Path, python: Path | None = None, *, force: bool = False) -> Made:
    """Write the zip. `python`: another official embeddable zip.

    Raises PackageError, FileExistsError unless `force`, OSError.
    """
    if path.exists() and not force:
        write_atomically(path, b"")  # refuses
    interpreter = official(python)
    files, parts = folder(interpreter)
    content = zipped((f"{FOLDER}/{name}", files[name]) for name in sorted(files))
    write_atomically(path, content, force=force)
    compiled = any(name.endswith(".pyc") for name in files)
    return Made(path, len(content), ".".join(map(str, interpreter.version)), parts, compiled)


def folder(interpreter: Embedded) -> tuple[dict[str, bytes], list[Part]]:
    """Every file of the folder by its place, and what of it others made. Raises PackageError."""
    wheels = _wheels(interpreter)
    stub, stub_licence = launchers.licence()
    parts = [
        Part(
            f"CPython {'.'.join(map(str, interpreter.version))}（嵌入版，含 OpenSSL、SQLite、libffi 等）", "PSF-2.0",
            "https://www.python.org", (("LICENSE.txt", interpreter.files["LICENSE.txt"].decode("utf-8", "replace")),),
        ),
        Part(f"distlib {stub}（开始.exe、xlpolicy.exe 的启动程序）", "PSF-2.0", "", (("LICENSE.txt", stub_licence),)),
        *licences.parts(wheels),
    ]  # fmt: skip
    files = {
        **launchers.programs(),
        WORKBOOK: _workbook(wheels),
        README: "\ufeff".encode() + _TOLD.replace("\n", "\r\n").encode(),
        licences.NAME: "\ufeff".encode() + licences.text(parts).encode(),
        "收件/": b"",
    }
    for name, data in interpreter.files.items():
        files[f"python/{name}"] = data
    files[f"python/python{interpreter.tag}._pth"] = _search_path(interpreter)
    for name, data in wheels.items():
        beside = _BESIDE.fullmatch(name)
        files[f"python/{beside[1]}" if beside else f"packages/{name}"] = data
    for name, data in _own():
        files[f"packages/xlpolicy/{name}"] = data
    for name, data in map(_law, store.policy_files(store.EMBEDDED)):
        files[f"packages/xlpolicy/policies/{store.SHIPPED.name}/{name}"] = data
    return files | bytecode.compiled(interpreter, files), parts


def _search_path(interpreter: Embedded) -> bytes:
    return "".join(f"{line}\r\n" for line in (f"python{interpreter.tag}.zip", ".", *_PATHS)).encode()


def for_windows(version: tuple[int, int]) -> tuple[str, ...]:
    """What tells uv to choose the wheels of a 64-bit Windows with that Python."""
    python = ".".join(map(str, version))
    return ("--python-platform", "x86_64-pc-windows-msvc", "--python-version", python, "--only-binary", ":all:")


def _wheels(interpreter: Embedded) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as target:
        options = for_windows(interpreter.version)
        uv.install(_wanted(), Path(target), *options, constraints=_lock())
        return dict(_read(Path(target)))


def _read(top: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(top.rglob("*")):
        name = path.relative_to(top).as_posix()
        if path.is_file() and not _UNUSED.match(name):
            yield name, path.read_bytes()


def _wanted() -> list[str]:
    """What the package asks for without an extra, but for what stays out."""
    try:
        asked = requires("xlpolicy") or []
    except PackageNotFoundError:
        raise PackageError(
            "xlpolicy 没有安装，只是放在那里",
            where="打包",
            expected="用 pip 装好的 xlpolicy",
            remedy="运行 pip install -e .",
        ) from None
    plain = (line for line in asked if "extra ==" not in line)
    return [line for line in plain if re.split(r"[^\w-]", line)[0].lower() not in LEFT_OUT]


def _lock() -> Path:
    """The versions that were tested, each with its digests: in an installed package, or in the repository."""
    top = Path(xlpolicy.__file__).parent
    for place in (top / LOCK, top.parent / LOCK):
        if place.is_file():
            return place
    raise PackageError(
        f"没有 {LOCK}（测试过的版本和校验值）",
        where="打包",
        expected=f"xlpolicy 自带的 {LOCK}",
        remedy="重新安装 xlpolicy",
    )


def _own() -> Iterator[tuple[str, bytes]]:
    """xlpolicy itself, with the templates and the workbook, wherever these stand here."""
    top = Path(xlpolicy.__file__).parent
    for name, data in _read(top):
        if name.partition("/")[0] not in ("templates", "workbook", LOCK):
            yield name, data
    for name in ("templates", "workbook"):
        place = top / name if (top / name).is_dir() else top.parent / name
        for part, data in _read(place):
            if not part.startswith(("~", ".")):
                yield f"{name}/{part}", data


def _law(path: Path) -> tuple[str, bytes]:
    """A policy file compiled: reading YAML and checking it would be half of the first start."""
    return store.shipped(path.read_bytes(), path.name)


def _workbook(wheels: dict[str, bytes]) -> bytes:
    """The workbook that comes with the package. Raises PackageError where it was made for another xlwings."""
    place = committed()
    made = marks(place).get("xlwings") if place else None
    if place is None or f"xlwings-{made}.dist-info/METADATA" not in wheels:
        raise PackageError(
            f"随软件的工作簿为 xlwings {made} 制作，与 {LOCK} 的版本不同", where="打包", expected="同一个版本",
            remedy="运行 xlpolicy excel build --all . 重新制作",
        )  # fmt: skip
    return place.read_bytes()
