"""The register: 100,000 claims in, against bare sqlite3 executemany of the same rows with the same indexes and
triggers (at most 2 times); `status` on 1,000,000 claims (under 1 s).

    python tests/benchmarks/bench_register.py [claims in] [claims of status]
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from xlpolicy.register import tables
from xlpolicy.register.database import Entry, Register, sqlite_url
from xlpolicy.register.status import status
from xlpolicy.register.tables import dumped

CLAIMED = dumped({"inputs": {"investment": "8000000"}, "project": "示例项目"})
DETAIL = dumped(
    {"basis": "榕政办规〔2026〕5号 附件3 一", "explanation": "比例3% × 8,000,000元 ＝ 240,000.00元", "readings": {}}
)


def add(entry: Entry, start: int, count: int) -> None:
    """`count` claims as a batch brings them: form, claim, decision."""
    batch = entry.add(
        tables.batches, number=f"2026-{start:03d}", folder="收件", received_from="", received_on="2026-06-30"
    )
    if start == 0:
        entry.add(tables.policies, digest="p", document="fuzhou-2026-5", content="")
        for number in range(20_000):
            entry.add(tables.enterprises, code=f"9135019{number:011d}")
    for number in range(start, start + count):
        one = number % 20_000 + 1
        form = entry.add(
            tables.forms, batch=batch, file=f"{number}.xlsx", digest=f"{number:064d}", member="", sheet="申请表", nth=0,
            place="已核定", why="", enterprise=one, name=f"示例企业{one}", code="", county="鼓楼区", rule="tech_upgrade",
            title="技改", project=f"项目{number}", problems="[]", hints="[]",
        )  # fmt: skip
        claim = entry.add(
            tables.claims, number=f"2026-{number:07d}", enterprise=one, city="fuzhou", document="fuzhou-2026-5",
            rule="tech_upgrade", title="技改", at="附件3 一", same=f"{number}",
        )  # fmt: skip
        entry.add(
            tables.decisions, claim=claim, form=form, claimed=CLAIMED,
            cells="{}", vouchers="[]", county="鼓楼区", eligible=1, amount=24_000_000, detail=DETAIL, program="0", policy="p",
            readings="{}",
        )  # fmt: skip


def fresh(folder: Path, name: str) -> Register:
    register = Register(sqlite_url(folder / name))
    register.create("甲")
    return register


def bare(folder: Path, count: int) -> float:
    """The same rows by sqlite3 alone: what the peer costs."""
    register = fresh(folder, "bare.sqlite")
    with register.connecting() as connection:
        entry = Entry(connection, 1)
        add(entry, 0, count)
    made = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    made.execute("PRAGMA synchronous=FULL")
    made.execute("PRAGMA foreign_keys=ON")
    ready = []
    for table in tables.RECORDS:
        if rows := entry.added.get(table.name):
            names = [column.name for column in table.c]
            marks = ", ".join("?" * len(names))
            ready.append((f"INSERT INTO {table.name} VALUES ({marks})", [[row.get(n) for n in names] for row in rows]))
    began = time.perf_counter()
    made.execute("BEGIN IMMEDIATE")
    for statement, rows in ready:
        made.executemany(statement, rows)
    made.execute("COMMIT")
    return time.perf_counter() - began


def main(claims: int = 100_000, many: int = 1_000_000) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peer = bare(folder, claims)
        register = fresh(folder, "own.sqlite")
        began = time.perf_counter()
        with register.writing("receive", "甲") as entry:
            add(entry, 0, claims)
        own = time.perf_counter() - began
        print(f"{claims:,} claims in: {own:.2f} s; bare executemany {peer:.2f} s: {own / peer:.2f} times (at most 2)")
        for start in range(claims, many, claims):
            with register.writing("receive", "甲") as entry:
                add(entry, start, min(claims, many - start))
        began = time.perf_counter()
        found = status(register)
        print(f"status of {found.claims:,} claims: {time.perf_counter() - began:.3f} s (under 1)")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
