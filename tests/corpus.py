"""`fill` over any folder of spreadsheets: whatever is in it, every file ends in one place and nothing is left behind.

    python tests/corpus.py FOLDER [--jobs N]

Checked: every file has a row and every row a copy; no exception inside, no worker that died; memory within the limit
of one file; the originals byte for byte as they were; no file left outside the result. What the files turned out to
be is printed. Ends 1 where one of it does not hold. FOLDER is data from elsewhere and never part of the repository.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from xlpolicy.batch.fill import LOG, fill
from xlpolicy.batch.record import Summary
from xlpolicy.batch.workers import LIMITS

#: what an interpreter with its libraries takes beside the file that it reads
_OWN = 150 * 2**20


def digests(folder: Path) -> dict[str, str]:
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def broken(summary: Summary, before: dict[str, str], inbox: Path, out: Path) -> Iterator[str]:
    """What does not hold, in words."""
    told = Counter(record.file for record in summary.records)
    yield from (f"no row: {name}" for name in before if not told[name])
    yield from (f"a row of no file: {name}" for name in told if name not in before)
    if sum(summary.counts.values()) != len(summary.records):
        yield "the counts do not add up"
    for record in summary.records:
        missing = [name for name in record.outputs if not (out / name).is_file()]
        if missing or not (record.outputs or record.place == "跳过"):
            yield f"no copy: {record.source} {missing}"
        yield from (
            f"{p.code}: {record.source} {p.got}"
            for p in record.problems
            if p.code in ("crashed", "too_slow", "too_much")
        )
    log = out / LOG
    if log.is_file():
        yield f"a trace:\n{log.read_text(encoding='utf-8')[:4000]}"
    if digests(inbox) != before:
        yield "an original was changed"
    left = [p.name for p in out.parent.iterdir() if p != out]
    if left:
        yield f"left behind: {left}"
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    if peak > LIMITS.memory + _OWN:
        yield f"a worker held {peak / 2**20:.0f} MB"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    inbox = given.folder.resolve()
    before = digests(inbox)
    with tempfile.TemporaryDirectory() as name:
        out, begun = Path(name) / "out", time.perf_counter()
        summary = fill(inbox, out, on=dt.date(2026, 6, 30), jobs=given.jobs, progress=False)
        took = time.perf_counter() - begun
        wrong = list(broken(summary, before, inbox, out))
    places = Counter((Path(record.file).suffix.lower(), record.place) for record in summary.records)
    for (ending, place), count in sorted(places.items()):
        print(f"{ending or '(none)':8} {place} {count}")
    codes = Counter(
        p.code for r in summary.records if r.place == "无法读取" for p in r.problems if p.severity == "error"
    )
    print("无法读取:", ", ".join(f"{code} {count}" for code, count in codes.most_common()) or "none")
    print(f"{len(before)} files, {len(summary.records)} rows, {took:.1f} s, {len(wrong)} broken invariants")
    print("\n".join(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
