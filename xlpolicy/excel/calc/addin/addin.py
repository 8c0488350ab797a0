"""The Calc add-in itself: runs inside LibreOffice, under its own Python, and knows nothing of the law.

Only the standard library and UNO here. The functions are listed in functions.json beside this file; each call goes to
the helper process (xlpolicy.excel.calc.helper) as a line of JSON.
"""

import json
import os
import queue
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import unohelper
from com.sun.star.lang import XServiceInfo
from org.xlpolicy.calc import XFunctions

IMPLEMENTATION = "org.xlpolicy.calc.Functions"
SERVICE = "com.sun.star.sheet.AddIn"
#: Calc's error codes, carried in the payload of a NaN
NAN = {2042: 0x7FFF, 2015: 519, 2036: 503, 2007: 532, 2023: 524, 2029: 525, 2000: 521}
START_SECONDS = 30
CALL_SECONDS = 120
AGAIN_SECONDS = 20
#: rows beyond which an area is taken for a whole column, as in the wrappers of the workbook
WHOLE = 200_000
#: as xlpolicy.excel.functions.call: the mark of a number that counts days from 1904, and where days end
FROM_1904, MOST_DAYS = "#1904:", 2957004
ABSENT = "LibreOffice 没有连上 xlpolicy。请在这台电脑的命令行运行 xlpolicy excel oxt --force，在扩展管理器里重新安装做好的加载项，再启动 LibreOffice。"

with open(os.path.join(os.path.dirname(__file__), "functions.json"), encoding="utf-8") as _file:
    FUNCTIONS = json.load(_file)


def error(number: int) -> float:
    """A true error of Calc."""
    value: float = struct.unpack("<d", struct.pack("<Q", 0x7FF8000000000000 | NAN.get(number, 519)))[0]
    return value


def interpreters() -> "Iterator[list[str]]":
    """The Pythons that may have xlpolicy, the likeliest first."""
    told = os.environ.get("XLPOLICY_PYTHON")
    if told:
        yield [told]
    with open(os.path.join(os.path.dirname(__file__), "interpreter.txt"), encoding="utf-8") as note:
        built_with = note.read().strip()
    if built_with:
        yield [built_with]
    yield ["py", "-3"] if sys.platform == "win32" else ["python3"]
    yield ["python"]


def environment() -> Any:
    """Ours without what LibreOffice sets for its own Python."""
    kept = dict(os.environ)
    for name in ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "URE_BOOTSTRAP", "PYTHONSAFEPATH"):
        kept.pop(name, None)
    kept["PYTHONIOENCODING"] = "utf-8"
    noted = (
        ("settings.txt", "XLPOLICY_SETTINGS"),
        ("folder.txt", "XLPOLICY_FOLDER"),
        ("policies.txt", "XLPOLICY_POLICIES"),
    )
    for file, name in noted:
        with open(os.path.join(os.path.dirname(__file__), file), encoding="utf-8") as note:
            told = note.read().strip()
        if told:
            kept[name] = told
    return kept


class Helper:
    """The process that computes, started at the first call and again should it end."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: Any = None
        self.lines: Any = None
        self.failed: float | None = None

    def ask(self, name: str, args: Any) -> Any:
        """The rows of an answer; None where nobody answers."""
        line = json.dumps([name, args], separators=(",", ":")) + "\n"
        with self.lock:
            for _ in range(2):
                if self.process is None and not self.start():
                    return None
                try:
                    self.process.stdin.write(line)
                    self.process.stdin.flush()
                    told = self.lines.get(timeout=CALL_SECONDS)
                    if told is not None:
                        return json.loads(told)
                except (OSError, ValueError, queue.Empty):
                    pass
                self.stop()
        return None

    def start(self) -> bool:
        if self.failed is not None and time.monotonic() - self.failed < AGAIN_SECONDS:
            return False
        for command in interpreters():
            try:
                self.process = subprocess.Popen(
                    [*command, "-m", "xlpolicy.excel.calc.helper"],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(),
                    cwd=os.path.expanduser("~"), encoding="utf-8", creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )  # fmt: skip
                self.lines = queue.Queue()
                threading.Thread(target=self.read, args=(self.process.stdout, self.lines), daemon=True).start()
                if "xlpolicy" in json.loads(self.lines.get(timeout=START_SECONDS) or "{}"):
                    self.failed = None
                    return True
            except (OSError, ValueError, queue.Empty):
                pass
            self.stop()
        self.failed = time.monotonic()
        return False

    @staticmethod
    def read(stream: Any, lines: Any) -> None:
        for line in stream:
            lines.put(line)
        lines.put(None)

    def stop(self) -> None:
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()


HELPER = Helper()


def trimmed(args: Any) -> Any:
    """Whole columns without the rows behind the last that any of them fills: B:B alone is a million blanks."""
    last = 1
    for area in args:
        if isinstance(area, tuple) and len(area) > WHOLE:
            row = len(area)
            while row > last and all(cell is None or cell == "" for cell in area[row - 1]):
                row -= 1
            last = row
    return [area[:last] if isinstance(area, tuple) and len(area) > WHOLE else area for area in args]


def since_1904(document: Any) -> bool:
    """Whether a document counts its days from 1904."""
    try:
        return bool(document.getPropertyValue("NullDate").Year == 1904)
    except Exception:  # whatever it does not tell: nearly no document counts so  # noqa: BLE001
        return False


def plain(value: Any, late: bool = False) -> Any:
    """A UNO argument as JSON has it: rows of cells, a cell, None. `late`: whole numbers that may be days are marked."""
    if isinstance(value, tuple):
        return [[plain(cell, late) for cell in row] for row in value]
    if late and type(value) is float and 1 <= value < MOST_DAYS and value == int(value):
        return FROM_1904 + str(int(value))
    return value if isinstance(value, (str, float, int, bool)) else None


def call(function: Any, args: Any, document: Any) -> Any:
    """One call of a worksheet function: rows of cells."""
    late = since_1904(document)
    args = [plain(arg, late) for arg in trimmed(args)]
    while len(args) > function["required"] and args[-1] is None:
        args.pop()
    rows = HELPER.ask(function["name"], args)
    if rows is None:
        return ((ABSENT if function["explains"] else error(2042),),)
    return tuple(tuple(cell(item) for item in row) for row in rows)


def cell(item: Any) -> Any:
    if isinstance(item, dict):
        return error(item["error"])
    if item is None:
        return ""
    return float(item) if isinstance(item, (int, float)) and not isinstance(item, bool) else item


class Functions(unohelper.Base, XFunctions, XServiceInfo):  # type: ignore[misc]
    """The UNO object; its methods are made below."""

    def __init__(self, context: Any) -> None:
        self.context = context

    def getImplementationName(self) -> str:
        return IMPLEMENTATION

    def supportsService(self, name: str) -> bool:
        return name in (SERVICE, IMPLEMENTATION)

    def getSupportedServiceNames(self) -> Any:
        return (SERVICE, IMPLEMENTATION)


def _method(function: Any) -> Any:
    count = len(function["parameters"])

    def method(self: Any, document: Any, *given: Any) -> Any:
        args = list(given)
        if function["variadic"]:
            args[count - 1 :] = args[count - 1] or ()
        return call(function, args, document)

    return method


for _function in FUNCTIONS:
    setattr(Functions, _function["method"], _method(_function))

g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Functions, IMPLEMENTATION, (SERVICE, IMPLEMENTATION))
