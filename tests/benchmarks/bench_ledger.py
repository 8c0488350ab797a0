"""A long ledger from its styled template against openpyxl's normal mode with the same template: seconds and memory.

`python tests/benchmarks/bench_ledger.py [rows]` (100,000 rows of 25 columns unless told). Each runs in a process of its own,
so that its peak is its own.
"""

from __future__ import annotations

import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from copy import copy
from decimal import Decimal
from pathlib import Path

COLUMNS = 25
_FIELDS = tuple(f"栏{i}" for i in range(COLUMNS))


def template(path: Path) -> None:
    """A heading, a styled row to be repeated, a total: eight amounts, seventeen texts."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    from xlpolicy.sheets.style import BAND, GRID

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "台账"
    for i, name in enumerate(_FIELDS, 1):
        for row, value in ((1, name), (2, f"{{台账.{name}}}"), (3, "{合计}" if i > 17 else None)):
            cell = sheet.cell(row, i, value)
            cell.font, cell.border = Font(name="宋体", size=10), GRID
            cell.alignment = Alignment(wrap_text=i <= 17, vertical="center")
            if row == 1:
                cell.fill = BAND
            if i > 17:
                cell.number_format = "#,##0.00"
    book.save(path)


def rows(count: int) -> Iterator[list[object]]:
    for n in range(count):
        yield [
            f"示例企业{n:06d}",
            *(f"文字{i}-{n % 97}" for i in range(16)),
            *(Decimal(n * 100 + i) / 100 for i in range(8)),
        ]


def ours(source: Path, target: Path, count: int) -> None:
    from xlpolicy.sheets.refill import replaced
    from xlpolicy.sheets.refill_sheet import Content, Listing

    replaced(source, target, {"台账": Content({}, {"台账": Listing(_FIELDS, rows(count))})}, on=dt.date(2026, 6, 30))  # type: ignore[arg-type]


def peer(source: Path, target: Path, count: int) -> None:
    from openpyxl import load_workbook

    book = load_workbook(source)
    sheet = book.worksheets[0]
    styles = [copy(cell._style) for cell in sheet[2]]
    for n, values in enumerate(rows(count), 2):
        for i, value in enumerate(values):
            cell = sheet.cell(n, i + 1, value)
            cell._style = styles[i]
    book.save(target)


def main() -> None:
    if len(sys.argv) > 2:
        _, kind, source, target, count = sys.argv
        from xlpolicy.sheets import refill, refill_sheet  # noqa: F401  # the interpreter with what it needs

        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        {"ours": ours, "peer": peer}[kind](Path(source), Path(target), int(count))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(time.process_time() - began, (peak - before) / 1024)
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "模板.xlsx"
        template(source)
        found, memory = {}, {}
        for kind in ("ours", "peer"):
            words = [sys.executable, __file__, kind, str(source), f"{folder}/{kind}.xlsx", str(count)]
            seconds, more = map(float, subprocess.run(words, check=True, capture_output=True, text=True).stdout.split())
            found[kind], memory[kind] = seconds, more
            print(f"{kind}: {seconds:.2f} s CPU, {more:.0f} MB above the interpreter, {count} rows of {COLUMNS}")
        print(f"{found['peer'] / found['ours']:.1f} times as fast (at least 5 asked)")
        sys.exit(found["peer"] < 5 * found["ours"] or memory["ours"] > 60)


if __name__ == "__main__":
    main()
