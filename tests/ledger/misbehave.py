"""Stand-ins for `read` and `write` that end, hang, grow or fail on files whose names say so; run in the worker."""

from __future__ import annotations

import os
import time
from typing import Any

from xlpolicy.batch import job
from xlpolicy.batch.job import Context, File, Writing, Written
from xlpolicy.batch.record import Record
from xlpolicy.settle.claims_sheet import Sheets

#: sheets that were drawn in this process
DRAWN: list[int] = []


def act(name: str) -> None:
    if "abort" in name:
        os.abort()
    if "hang" in name:
        while True:
            time.sleep(1)
    if "pause" in name:
        time.sleep(2.5)
    while "work" in name:
        pass
    if "grow" in name:
        held = []
        while True:
            held.append(bytearray(10 * 2**20))
    if "fail" in name:
        raise ValueError("an exception nobody thought of")


def read(context: Context, file: File) -> list[Record]:
    found = job.read(context, file)
    act(file.name)
    return found


def read_and_lose(context: Context, file: File) -> list[Record]:
    """The sender, or a synchronised folder, takes the file away while it is being judged."""
    found = job.read(context, file)
    file.path.unlink()
    return found


def draw(context: Context, sheets: Sheets) -> str:
    DRAWN.append(len(sheets.claims))
    return job.draw(context, sheets)


def draw_nowhere_else(context: Context, sheets: Sheets) -> str:
    if str(os.getpid()) != os.environ["TEST_PROCESS"]:  # a worker
        os.abort()
    return draw(context, sheets)


def write(context: Context, writing: Writing) -> Written:
    act(writing.record.file)
    return job.write(context, writing)


def begin(_: Any) -> None:
    """Nothing to load."""


def echo(_: Any, item: Any) -> Any:
    act(str(item))
    return item
