"""The window in which the button 批量填报 works: how far it is, then what came of it. It waits to be read."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from xlpolicy.excel.workbook.buttons import fill_report


def main(folder: str) -> None:
    """Judge a folder with a bar, tell the result."""
    print(f"正在核定“{folder}”，请不要关闭这个窗口。", flush=True)
    print(fill_report(Path(folder), progress=True))
    with contextlib.suppress(EOFError):
        input("按回车键关闭这个窗口。")


if __name__ == "__main__":
    main(sys.argv[1])
