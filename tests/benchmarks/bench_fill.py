"""Peak memory and time of `fill` for 500 and for 2,000 forms, with `--long` also for 20,000:
`python tests/benchmarks/bench_fill.py`.

Each size runs in a process of its own (peak memory is a property of the process). The forms are one written form
with other names, codes, accounts and amounts put in. Prints a table; exits 1 when 2,000 forms take 300 MB or more, or
when memory grows by more than is kept of a form (6 KB: of the first thousands also memories of texts, which fill up).
Beside other work look at the time of the processor, and at the share of it that one process alone has: two workers
cannot be more than 2 / (1 + share) times as fast.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from xlpolicy.batch import demo
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog

SIZES = (500, 2000)
LONG = 20_000
LIMIT = 300 * 2**20
PER_FORM = 6 * 2**10
NAME, CODE, ACCOUNT, AMOUNT = "示例企业样张有限公司", "91350199MA0000000X", "6200000000000000000", "98765"
_CHILD = """
import json, resource, sys, time
from xlpolicy.batch.fill import fill
start = time.perf_counter()
s = fill(sys.argv[1], sys.argv[2], on="2026-06-30", progress=False, jobs=int(sys.argv[3]))
seconds = time.perf_counter() - start
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
own, workers = (u.ru_utime + u.ru_stime for u in used)
try:  # a process begins with the peak of the one that started it, as far as rusage knows
    peak = int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) * 1024
except OSError:
    peak = used[0].ru_maxrss * 1024
print(json.dumps([peak, seconds, own, workers, s.counts["已核定"], str(s.amount)]))
"""


def write_forms(folder: Path, count: int) -> None:
    """`count` forms that differ in enterprise, code, account and amount (500万元 upwards in steps of 1元)."""
    folder.mkdir()
    document = catalog.default().document(demo.DOCUMENT)
    sample = folder / "sample.xlsx"
    plain = plainly(layout(document, document.rules[demo.TECH]))
    values = {
        **plain,
        **demo.enterprise(1),
        "ent_name": NAME,
        "ent_account_name": NAME,
        "ent_uscc": CODE,
        "ent_account": ACCOUNT,
    }
    write_form(document, document.rules[demo.TECH], sample, prefill={**values, "in_investment": int(AMOUNT)})
    with zipfile.ZipFile(sample) as package:
        parts = {info.filename: package.read(info) for info in package.infolist()}
    sample.unlink()
    for number in range(count):
        body = f"91350199MA{number:07d}"
        code = body + str(demo.uscc.calc_check_digit(body))
        swaps = {
            NAME: f"示例企业{number:05d}有限公司",
            CODE: code,
            ACCOUNT: f"{ACCOUNT[:-7]}{number:07d}",  # two firms with one account are told of each other
            f"<v>{AMOUNT}</v>": f"<v>{500 + number / 10000:.4f}</v>",
        }
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            for name, data in parts.items():
                for old, new in swaps.items():
                    data = data.replace(old.encode(), new.encode())
                package.writestr(name, data)
        (folder / f"{code}.xlsx").write_bytes(out.getvalue())


class Run(NamedTuple):
    """Peak bytes; seconds by the clock, of the parent's work and of the workers'."""

    peak: int
    seconds: float
    own: float
    workers: float


def measure(folder: Path, count: int, jobs: int = 1) -> Run:
    """One run; the result is checked against the law by hand: 3% of each amount."""
    inbox = folder / str(count)
    if not inbox.exists():
        write_forms(inbox, count)
    command = [sys.executable, "-c", _CHILD, str(inbox), f"{folder}/out{count}-{jobs}", str(jobs)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    *run, judged, total = json.loads(done.stdout)
    cents = sum((5_000_000 + number) * 3 for number in range(count))
    assert judged == count, (judged, count)
    assert total == f"{cents / 100:.2f}", (total, cents)
    return Run(*run)


def main() -> int:
    print(f"{'forms':>6} {'peak MB':>8} {'seconds':>8} {'ms/form':>8} {'processor':>10} {'share':>6}")
    # nothing is removed in between: ext4 is slow to create files where it has just removed thousands
    with tempfile.TemporaryDirectory() as name:
        runs = [(SIZES[0], 1), (SIZES[1], 1), (SIZES[1], 2), *([(LONG, 2)] if "--long" in sys.argv else [])]
        small, large, two, *long = found = [measure(Path(name), *what) for what in runs]
    for (count, _), run in zip(runs, found, strict=True):
        used = run.own + run.workers
        print(
            f"{count:>6} {run.peak / 2**20:>8.1f} {run.seconds:>8.2f} {run.seconds / count * 1000:>8.2f}"
            f" {used / count * 1000:>10.2f} {run.own / used:>6.0%}"
        )
    print(f"two workers: {large.seconds / two.seconds:.2f} times as fast")
    growth = (large.peak - small.peak) / (SIZES[1] - SIZES[0])
    print(f"growth: {growth / 1024:.1f} KB a form")
    for run in long:
        print(f"to {LONG}: {(run.peak - large.peak) / (LONG - SIZES[1]) / 1024:.1f} KB a form")
    return int(large.peak >= LIMIT or growth > PER_FORM)


if __name__ == "__main__":
    sys.exit(main())
