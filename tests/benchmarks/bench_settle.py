"""Time and peak memory of `settle` against `assess` one by one: `python tests/benchmarks/bench_settle.py`.

1e4 and 1e5 claims of a fifth as many enterprises, over every provision of every document, with facts that bear on
them; each size in a process of its own (peak memory is a property of the process). Processor time, the least of three
rounds in which both take turns. `assess` with its assumptions and warnings read, as it made them when the 2.1 was
asked for; `bare` is the amount alone. Exits 1 when 100,000 claims take more than 2.1 times as long as assessing them, or more
than 2.1 kB a claim above the list and the facts, or when the time per claim grows by more than a fifth on the way from
1e4. Last, one enterprise with 2,000 claims on 50 projects, of all provisions that a choice of the document is between:
1 above two seconds. With a number: that size alone; 1000000 needs 6 GB.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random

SIZES = (10_000, 100_000)
TIMES, GROWTH, KILOBYTES, HARDEST = 2.1, 1.2, 2.1, 2.0


def best(*works: Callable[[], object], rounds: int = 3) -> list[float]:
    """Least processor time of each work in some rounds, in seconds."""
    least = [float("inf")] * len(works)
    for _ in range(rounds):
        for i, work in enumerate(works):
            start = time.process_time()
            work()
            least[i] = min(least[i], time.process_time() - start)
    return least


def peak() -> int:
    """The most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure(count: int) -> dict[str, float]:
    """One size, in this process."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "settle"))
    import lists

    from xlpolicy import assess, settle
    from xlpolicy.faults import PolicyError

    rng = Random(1)
    claims = lists.claims(rng, count, count // 5)
    facts = lists.facts(rng, claims)

    def one_by_one(*, told: bool) -> int:
        refused = 0
        for claim in claims:
            try:
                decision = assess(claim["city"], claim["rule"], claim["inputs"], on=claim["on"], policy=claim["policy"])
                if told:
                    len(decision.assumptions), len(decision.warnings)
            except PolicyError:
                refused += 1
        return refused

    one_by_one(told=True)
    before = peak()
    result = settle(claims, facts, on_year=2026)
    assert [s.id for s in result.claims] == [c["id"] for c in claims]
    memory = (peak() - before) / count / 1000
    for settled in result.claims:
        assert settled.decided - sum((c.amount for c in settled.cuts), Decimal(0)) == settled.payable
    cut = sum(any(c.amount for c in settled.cuts) for settled in result.claims)
    paid = sum(settled.payable > 0 for settled in result.claims)
    del result
    bare, alone, together = best(
        lambda: one_by_one(told=False), lambda: one_by_one(told=True), lambda: settle(claims, facts, on_year=2026)
    )
    return {"paid": paid, "cut": cut, "bare": bare, "alone": alone, "together": together, "memory": memory}


def worst() -> float:
    """Seconds for one enterprise that has to choose for each of 50 projects, 2,000 claims in all."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "settle"))
    import lists

    from xlpolicy import settle

    rng = Random(3)
    chosen = {
        name
        for found in lists.FOUND
        if found.document.key == "fuzhou-2026-5"
        for rule in found.document.cross_rules
        if rule.choose
        for kind in rule.choose.kinds
        for name in kind
    }
    found = [
        x
        for x in lists.FOUND
        if x.document.key == "fuzhou-2026-5" and x.rule.id in chosen and x.rule.amount is not None
    ]
    claims = lists.claims(rng, 2_000, 1, found)
    for claim in claims:
        claim["project"], claim["loan"] = f"P{rng.randrange(50)}", f"L{rng.randrange(50)}"
    return best(lambda: settle(claims, on_year=2026))[0]


def main() -> int:
    results = {}
    print(
        f"{'claims':>7} {'paid':>7} {'cut':>7} {'bare s':>9} {'assess s':>9} {'settle s':>9} {'us/claim':>9} {'times':>6} {'kB/claim':>8}"
    )
    for count in SIZES:
        done = subprocess.run([sys.executable, __file__, str(count)], check=True, capture_output=True, text=True)
        r = results[count] = json.loads(done.stdout)
        times, each = r["together"] / r["alone"], r["together"] / count * 1e6
        print(
            f"{count:>7} {r['paid']:>7} {r['cut']:>7} {r['bare']:>9.3f} {r['alone']:>9.3f} {r['together']:>9.3f} {each:>9.1f}"
            f" {times:>6.2f} {r['memory']:>8.2f}",
            flush=True,
        )
    least, most = results[SIZES[0]], results[SIZES[-1]]
    growth = most["together"] / SIZES[-1] / (least["together"] / SIZES[0])
    print(f"time per claim, 1e5 against 1e4: {growth:.2f}")
    hardest = worst()
    print(f"one enterprise, 2,000 claims, 50 projects: {hardest:.2f} s")
    return int(
        hardest > HARDEST or most["together"] > TIMES * most["alone"] or growth > GROWTH or most["memory"] > KILOBYTES
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
    else:
        sys.exit(main())
