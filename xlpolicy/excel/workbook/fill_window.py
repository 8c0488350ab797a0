"""The window in which the buttons 批量填报 and 收件 work: how far it is, then what came of it. It waits to be read.

Excel gives up on a macro after 90 seconds; a process of its own takes as long as it takes.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from xlpolicy.batch.fill import fill
from xlpolicy.batch.working import take_in
from xlpolicy.faults import PolicyError, system_reason
from xlpolicy.register import in_sentences
from xlpolicy.register.folder import MARK, Folder, needed


def started(folder: Path, then: str) -> str:
    """Start the window for a folder of forms, or for a working folder; what to tell. `then`: what comes after it."""
    quiet = Path(sys.executable)
    python = quiet.with_name("python.exe") if quiet.name.lower() == "pythonw.exe" else quiet
    try:
        subprocess.Popen(
            [str(python), "-X", "utf8", "-m", "xlpolicy.excel.workbook.fill_window", str(folder)],
            creationflags=getattr(subprocess, "CREATE_NEW_CONSOLE", 0),
        )
    except OSError as error:
        return f"没有办成：另一个窗口开不了（{system_reason(error)}）。请改用命令行 xlpolicy fill。"
    return f"已开始核定“{folder}”，进度在另开的窗口里，可以继续用 Excel。{then}"


def results(folder: Path) -> Path:
    """Where the results of a folder of forms go."""
    return folder.with_name(f"{folder.name}-核定结果")


def fill_report(folder: Path, progress: bool = False) -> str:
    """Judge the forms of a folder into a folder beside it; the originals are not touched."""
    try:
        summary = fill(folder, results(folder), progress=progress)
    except PolicyError as error:
        return str(error)
    except OSError as error:
        return f"没有办成：{system_reason(error)}（{error.filename or folder}）。请核对文件夹，关闭打开着的文件后再试。"
    counts = "，".join(f"{place} {n}" for place, n in summary.counts.items() if n)
    return f"{summary.files} 个文件：{counts}。核定合计 {summary.amount:,.2f} 元。台账：{summary.ledger}"


def told(step: Callable[[], str]) -> str:
    """What a step says, or why it was not done."""
    try:
        return step()
    except PolicyError as error:
        return str(error)
    except OSError as error:
        return f"没有办成：{system_reason(error)}（{error.filename or ''}）。请关闭打开着的文件后再试。"


def take_report(folder: Folder, *, progress: bool = False) -> str:
    """收件: what is new in the inbox, judged and registered."""
    taken = take_in(folder, progress=progress)
    received = taken.received
    if not received.number:
        return f"{in_sentences.received(received)}把收到的申请表放进“{folder.inbox}”后再点。"
    text = in_sentences.received(received)
    if taken.problems:
        text += f"有要补正或核对的，见 {folder.out / f'{received.number}批'}。"
    return f"{text}申报台账：{taken.ledger}"


def main(folder: str) -> None:
    """Judge a folder with a bar, tell the result."""
    print(f"正在核定“{folder}”，请不要关闭这个窗口。", flush=True)
    path = Path(folder)
    if (path / MARK).is_file():
        print(told(lambda: take_report(needed(path), progress=True)))
    else:
        print(fill_report(path, progress=True))
    with contextlib.suppress(EOFError):
        input("按回车键关闭这个窗口。")


if __name__ == "__main__":
    main(sys.argv[1])
