"""LibreOffice itself as a test part: real saves in the real formats, and a second opinion on formulas.

The fixture ``soffice`` (tests/conftest.py) hands out one `Soffice` per session. Rows and addresses are
counted as in Excel (from 1, "B2"), formulas are Excel's ("=IF('表 二'!A1>0,1,2)"). ::

    soffice.open_set_save("form.xlsx", {"申请表": {"C5": 800, "C6": "800万元", "C7": date(2026, 5, 1)}},
                          "back.xls", "xls")
    assert soffice.recalculate("native.xlsx", {"Sheet1": "D2:D9"})["Sheet1"]["D2"] == 24
    with soffice.open("form.xlsx") as book:
        book.insert_row("申请表", 5)
        book.save("moved.xlsx", "xlsx")

A text beginning with "=" is taken for a formula: `Text("=1+1")` is the text. A cell in error reads as
`CellError("#N/A")`, never as a text. An empty cell reads as None, a number as float.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from require_all import missing

SYSTEM_PATH = "/usr/bin:/bin"  # a Python of another PATH in front breaks LibreOffice's own
SYSTEM_PYTHON = "/usr/bin/python3"  # the one that python3-uno is made for
WORKER = Path(__file__).with_name("uno_worker.py")
START_SECONDS = 90.0
CALL_SECONDS = 120.0
STOP_SECONDS = 20.0
KILL_SECONDS = 5.0

Format = Literal["xlsx", "xls", "ods"]


class SofficeError(Exception):
    """LibreOffice could not do what a test asked; the message says what it said."""


@dataclass(frozen=True)
class CellError:
    """The content of a cell in error, as LibreOffice shows it: #N/A, #VALUE!, #DIV/0!, Err:508 ..."""

    shown: str


class Text(str):
    """Text whatever it looks like: `Text("=1+1")` is not a formula."""


CellValue = str | float | int | Decimal | bool | dt.date | dt.datetime | CellError | None


def _encode(value: CellValue) -> list[Any]:
    if value is None:
        return ["empty", None]
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int | float | Decimal):
        return ["number", float(value)]
    if isinstance(value, dt.datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, dt.date):
        return ["date", value.isoformat()]
    if isinstance(value, str):
        return ["formula" if value.startswith("=") and not isinstance(value, Text) else "text", value]
    raise TypeError(f"no cell holds a {type(value).__name__}: {value!r}")


def _decode(kind: str, value: Any) -> CellValue:
    if kind == "error":
        return CellError(value)
    if kind == "date":
        return dt.date.fromisoformat(value)
    if kind == "datetime":
        return dt.datetime.fromisoformat(value)
    return value  # type: ignore[no-any-return]


def processes_of_group(group: int, name: str = "") -> list[int]:
    """The living processes of a process group, from /proc: all of them, or those of a name."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            command, _, rest = stat.read_text().partition("(")[2].rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        state, _, process_group = rest.split()[:3]
        if int(process_group) == group and state != "Z" and name in ("", command):
            found.append(int(stat.parent.name))
    return found


class Book:
    """One workbook open in LibreOffice: a copy, so neither lock files nor changes reach the original."""

    def __init__(self, office: Soffice, number: str, sheets: list[str], folder: Path) -> None:
        self._office = office
        self._number = number
        self._folder = folder
        self.sheets = sheets

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *exc_info: object) -> None:
        try:
            if self._office.running:  # where it is not, the workbook went with it
                self._call("close")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _call(self, op: str, **arguments: Any) -> Any:
        return self._office.call(op, book=self._number, **arguments)

    def set(self, sheet: str, cells: Mapping[str, CellValue]) -> None:
        """Type the values into the cells of one sheet."""
        self._call("set", sheet=sheet, cells={address: _encode(value) for address, value in cells.items()})

    def insert_row(self, sheet: str, index: int, count: int = 1) -> None:
        """Insert empty rows before row `index`; what stood there moves down."""
        self._call("insert_row", sheet=sheet, index=index, count=count)

    def read_range(self, sheet: str, address: str) -> dict[str, CellValue]:
        """The values of a range such as "A1:C3", by the address of each cell, row by row."""
        cells = self._call("read", sheet=sheet, address=address)
        return {name: _decode(kind, value) for name, (kind, value) in cells.items()}

    def recalculate(self) -> None:
        """Compute every formula anew, whatever result the file held for it."""
        self._call("recalculate")

    def save(self, dst: str | Path, fmt: Format | Literal["pdf"]) -> Path:
        """Write the workbook as LibreOffice writes it; an existing file is replaced."""
        dst = Path(dst).absolute()
        self._call("save", path=str(dst), fmt=fmt)
        return dst


class Soffice:
    """One headless LibreOffice with a profile of its own, started when first needed."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="xlpolicy-soffice-"))
        self._worker: subprocess.Popen[bytes] | None = None

    @staticmethod
    def absent() -> str | None:
        """What LibreOffice lacks on this machine to be used here, None if nothing."""
        if shutil.which("soffice", path=SYSTEM_PATH) is None:
            return "no soffice"
        environment = {"PATH": SYSTEM_PATH}
        try:
            found = subprocess.run([SYSTEM_PYTHON, "-c", "import uno"], env=environment, capture_output=True)
        except FileNotFoundError:
            return f"no {SYSTEM_PYTHON}"
        return None if found.returncode == 0 else f"{SYSTEM_PYTHON} has no module uno"

    # --- the process ---

    @property
    def running(self) -> bool:
        """Whether the process is up."""
        return self._worker is not None and self._worker.poll() is None

    @property
    def process_group(self) -> int:
        """The number of the process group that holds all of it."""
        assert self._worker is not None
        return self._worker.pid

    def start(self) -> None:
        """Start LibreOffice and wait until it listens (on a pipe of its own, never on a port)."""
        self.stop()
        with (self.folder / "log.txt").open("wb") as log:
            self._worker = subprocess.Popen(
                [SYSTEM_PYTHON, str(WORKER), str(self.folder / "profile"), self.folder.name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,
                cwd=self.folder,
                env={"PATH": SYSTEM_PATH, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
        self._answer(START_SECONDS)

    def stop(self) -> None:
        """End the process: by the end of its stdin, else by force."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        deadline = time.monotonic() + KILL_SECONDS
        while processes_of_group(worker.pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        worker.stdout.close()
        for folder in ("/tmp", "/var/tmp"):  # where LibreOffice puts its pipe, and leaves it when killed
            Path(folder, f"OSL_PIPE_{os.getuid()}_{self.folder.name}").unlink(missing_ok=True)

    def close(self) -> None:
        """Stop, and remove the profile."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, op: str, **arguments: Any) -> Any:
        """One request to tests/uno_worker.py."""
        if not self.running:
            self._abandon("LibreOffice has ended")
        assert self._worker is not None
        assert self._worker.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended: then `_answer` says so
            self._worker.stdin.write(json.dumps({"op": op, **arguments}).encode() + b"\n")
        return self._answer(CALL_SECONDS)

    def _answer(self, seconds: float) -> Any:
        assert self._worker is not None
        assert self._worker.stdout is not None
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._worker.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(seconds):
                    self._abandon(f"LibreOffice gave no answer in {seconds:.0f} s")
                part = os.read(self._worker.stdout.fileno(), 1 << 20)
                if not part:
                    self._abandon("LibreOffice has ended")
                line += part
        answer = json.loads(line)
        if "error" in answer:
            raise SofficeError(answer["error"])
        return answer["ok"]

    def _abandon(self, why: str) -> None:
        if self._worker is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._worker.pid, signal.SIGKILL)
            self.stop()
        log = (self.folder / "log.txt").read_text(errors="replace")
        raise SofficeError(f"{why}\n{log[-2000:]}".rstrip())

    # --- operations ---

    def open(self, src: str | Path) -> Book:
        """Open a copy of a workbook, as a context manager; LibreOffice starts again if it has ended."""
        if not self.running:
            self.start()
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            copy = shutil.copyfile(src, folder / Path(src).name)
            opened = self.call("open", path=str(copy))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return Book(self, opened["book"], opened["sheets"], folder)

    def open_set_save(
        self, src: str | Path, cells: Mapping[str, Mapping[str, CellValue]], dst: str | Path, fmt: Format
    ) -> Path:
        """Open `src`, type in `cells` ({sheet: {address: value}}), save as `dst` in the format `fmt`."""
        with self.open(src) as book:
            for sheet, content in cells.items():
                book.set(sheet, content)
            return book.save(dst, fmt)

    def recalculate(
        self, src: str | Path, ranges: Mapping[str, str | Sequence[str]]
    ) -> dict[str, dict[str, CellValue]]:
        """{sheet: {address: value}} of `ranges` ({sheet: "A1:C3" or several}) after a hard recalculation."""
        with self.open(src) as book:
            book.recalculate()
            result: dict[str, dict[str, CellValue]] = {}
            for sheet, areas in ranges.items():
                result[sheet] = {}
                for area in [areas] if isinstance(areas, str) else areas:
                    result[sheet] |= book.read_range(sheet, area)
            return result

    def to_pdf(self, src: str | Path, dst: str | Path) -> Path:
        """Print every sheet of a workbook to one PDF."""
        with self.open(src) as book:
            return book.save(dst, "pdf")

    def to_png(self, pdf: str | Path, folder: str | Path, dpi: int = 80) -> list[Path]:
        """One picture per page, in the order of the pages."""
        if shutil.which("pdftoppm", path=SYSTEM_PATH) is None:
            missing("pdftoppm: apt-get install -y poppler-utils")
        pdf = Path(pdf).absolute()
        with tempfile.TemporaryDirectory(dir=self.folder) as drawn:
            subprocess.run(
                ["pdftoppm", "-png", "-r", str(dpi), str(pdf), str(Path(drawn) / pdf.stem)],
                check=True,
                env={"PATH": SYSTEM_PATH},
                capture_output=True,
            )
            pages = sorted(Path(drawn).iterdir())  # pdftoppm pads the page numbers
            return [Path(shutil.move(page, Path(folder) / page.name)) for page in pages]


@contextlib.contextmanager
def running_soffice() -> Iterator[Soffice]:
    """A started LibreOffice that ends with the block."""
    office = Soffice()
    try:
        office.start()
        yield office
    finally:
        office.close()
