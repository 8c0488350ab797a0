"""`python tests/benchmarks/bench_assess.py`: one claim, the first claim of a process, `--help`; peers interleaved.

Peers: a hand-written Decimal if/min; loading the five YAML files with CSafeLoader and validating them with pydantic;
`python -c pass`. Ratios are of medians in this one run.
"""

from __future__ import annotations

import datetime as dt
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from xlpolicy import assess

THRESHOLD, RATE, CAP, CENT = Decimal(5_000_000), Decimal("0.03"), Decimal(5_000_000), Decimal("0.01")
AMOUNT, DAY = Decimal("8000000.55"), dt.date(2026, 6, 30)


def by_hand(investment: Decimal) -> Decimal:
    if investment >= THRESHOLD:
        return min(investment * RATE, CAP).quantize(CENT, ROUND_HALF_UP)
    return Decimal(0)


def microseconds(call: Callable[[], object], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times * 1e6


def process(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *code.split(" ", 1)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


FIRST = "-c import xlpolicy; xlpolicy.assess('fuzhou', 'tech_upgrade', 8000000, on='2026-06-30')"
PEER = """-c import yaml
from pathlib import Path
import xlpolicy.law.reading.schema as s
for path in Path(s.__file__).parents[1].joinpath('policies').glob('*.yaml'):
    s.PolicyFile.model_validate(yaml.load(path.read_text(encoding='utf-8'), Loader=yaml.CSafeLoader))"""


def main() -> None:
    assert assess("fuzhou", "tech_upgrade", {"investment": AMOUNT}, on=DAY).amount == by_hand(AMOUNT)
    hand, decision, text = [], [], []
    for _ in range(25):
        hand.append(microseconds(lambda: by_hand(AMOUNT), 4000))
        decision.append(microseconds(lambda: assess("fuzhou", "tech_upgrade", {"investment": AMOUNT}, on=DAY), 4000))
        text.append(microseconds(lambda: assess("fuzhou", "tech_upgrade", {"investment": AMOUNT}, on=DAY).steps, 500))
    h, d, t = map(statistics.median, (hand, decision, text))
    print(f"by hand {h:.2f} us; assess {d:.2f} us = {d / h:.1f}x; with all steps rendered {t:.2f} us = {t / h:.1f}x")
    first, peer, bare, help_ = [], [], [], []
    for _ in range(11):
        first.append(process(FIRST))
        peer.append(process(PEER))
        bare.append(process("-c pass"))
        help_.append(process("-c import sys; from xlpolicy.cli import main; sys.exit(main(['--help']))"))
    f, p, b, x = map(statistics.median, (first, peer, bare, help_))
    print(f"first assess of a process {f * 1e3:.0f} ms, load and validate five files {p * 1e3:.0f} ms: {f / p:.2f}x")
    print(f"python -c pass {b * 1e3:.0f} ms, xlpolicy --help {x * 1e3:.0f} ms: {x / b:.1f}x")


if __name__ == "__main__":
    main()
