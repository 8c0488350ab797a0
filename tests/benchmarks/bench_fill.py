"""Peak memory and time of `fill` for 500 and for 2,000 forms: `python tests/benchmarks/bench_fill.py`.

Each size runs in a process of its own (peak memory is a property of the process). The forms are one written form
with other names, codes and amounts put in. Prints a table; exits 1 when 2,000 forms take 300 MB or more, or when
memory grows by more than the ledger's rows explain (12 KB a form).
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from xlpolicy.batch import demo
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import layout
from xlpolicy.forms.plain_answers import plainly
from xlpolicy.law import catalog

SIZES = (500, 2000)
LIMIT = 300 * 2**20
PER_FORM = 12 * 2**10
NAME, CODE, AMOUNT = "示例企业样张有限公司", "91350199MA0000000X", "98765"
_CHILD = """
import json, resource, sys, time
from xlpolicy.batch.fill import fill
start = time.perf_counter()
s = fill(sys.argv[1], sys.argv[2], on="2026-06-30", progress=False, jobs=int(sys.argv[3]))
seconds = time.perf_counter() - start
peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) * 1024
print(json.dumps([peak, seconds, s.counts["已核定"], str(s.amount)]))
"""


def write_forms(folder: Path, count: int) -> None:
    """`count` forms that differ in enterprise, code and amount (500万元 upwards in steps of 1元)."""
    folder.mkdir()
    document = catalog.default().document(demo.DOCUMENT)
    sample = folder / "sample.xlsx"
    plain = plainly(layout(document, document.rules[demo.TECH]))
    values = {**plain, **demo.enterprise(1), "ent_name": NAME, "ent_account_name": NAME, "ent_uscc": CODE}
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
            f"<v>{AMOUNT}</v>": f"<v>{500 + number / 10000:.4f}</v>",
        }
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            for name, data in parts.items():
                for old, new in swaps.items():
                    data = data.replace(old.encode(), new.encode())
                package.writestr(name, data)
        (folder / f"{code}.xlsx").write_bytes(out.getvalue())


def measure(count: int, jobs: int = 1) -> tuple[int, float]:
    """Peak bytes and seconds; the result is checked against the law by hand: 3% of each amount."""
    with tempfile.TemporaryDirectory() as name:
        write_forms(Path(name) / "in", count)
        command = [sys.executable, "-c", _CHILD, f"{name}/in", f"{name}/out", str(jobs)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        peak, seconds, judged, total = json.loads(done.stdout)
        cents = sum((5_000_000 + number) * 3 for number in range(count))
        assert judged == count, (judged, count)
        assert total == f"{cents / 100:.2f}", (total, cents)
        return peak, seconds


def main() -> int:
    results = {}
    print(f"{'forms':>6} {'peak MB':>8} {'seconds':>8} {'ms/form':>8}")
    for count in SIZES:
        peak, seconds = results[count] = measure(count)
        print(f"{count:>6} {peak / 2**20:>8.1f} {seconds:>8.2f} {seconds / count * 1000:>8.2f}")
    two = measure(SIZES[1], jobs=2)[1]
    print(f"two workers: {two:.2f} s, {results[SIZES[1]][1] / two:.2f} times as fast")
    growth = (results[SIZES[1]][0] - results[SIZES[0]][0]) / (SIZES[1] - SIZES[0])
    print(f"growth: {growth / 1024:.1f} KB a form")
    return int(results[SIZES[1]][0] >= LIMIT or growth > PER_FORM)


if __name__ == "__main__":
    sys.exit(main())
