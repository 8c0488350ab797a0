"""1,000,000 rows of tech_upgrade (fuzhou-2026-5): `python tests/benchmarks/bench_vector.py [rounds]`.

In one run, in turns of five calls, each thing once per round:
- OpenFisca: `simulation.calculate` of the same rule in float32, inputs set before; in a process of its own, in an
  environment with openfisca-core (the Python that OPENFISCA_PYTHON names; else one is made for the run)
- here: `vector.evaluate`, columns read before; and `assess_table` from float64 yuan to the result table
- polars: the same rule in Decimal expressions, a Decimal column to a Decimal column; and `assess_table` on that frame

Twice: with the investment alone (the rest by default, for which the ratios are required) and with all four inputs.
Prints medians and ratios, how many cents each gets wrong, and the peak memory of `assess_table`; exits 1 where a
required ratio is missed, a cent is wrong or memory exceeds ten times the input columns.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
import venv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from xlpolicy import assess_table
from xlpolicy.columns import vector
from xlpolicy.columns.table_cells import Cells, read
from xlpolicy.law import catalog

ROWS, TURN = 1_000_000, 5
ON = dt.date(2026, 6, 30)
RULE = catalog.default().find("fuzhou", "tech_upgrade", ON).rule

OPENFISCA = r"""
import sys, time
import numpy as np
from openfisca_core import entities, periods
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

Enterprise = entities.Entity("enterprise", "enterprises", "", "")

def yearly(name, kind, formula=None):
    body = {"value_type": kind, "entity": Enterprise, "definition_period": periods.DateUnit.YEAR}
    return type(name, (Variable,), body | ({"formula": formula} if formula else {}))

def with_vat(enterprise, period):
    return enterprise("investment", period)

def subsidy(enterprise, period):
    investment = enterprise("investment", period)
    met = (investment > 0) * (enterprise("investment_with_vat", period) >= 5_000_000)
    met = met * np.logical_not(enterprise("bond_supported", period))
    room = np.maximum(5_000_000 - enterprise("paid_before", period), 0)
    return np.where(met, np.minimum(investment * 0.03, room), 0)

system = TaxBenefitSystem([Enterprise])
system.add_variables(
    yearly("investment", float), yearly("investment_with_vat", float, with_vat), yearly("bond_supported", bool),
    yearly("paid_before", float), yearly("tech_upgrade", float, subsidy),
)
data = dict(np.load(sys.argv[1]))
for number, line in enumerate(sys.stdin):
    simulation = SimulationBuilder().build_default_simulation(system, count=len(data["investment"]))
    began = time.perf_counter()
    for name, values in data.items():
        simulation.set_input(name, "2026", values)
    start = time.perf_counter()
    amount = simulation.calculate("tech_upgrade", "2026")
    end = time.perf_counter()
    if not number:
        np.save(sys.argv[2], amount)
    print(end - start, end - began, amount.dtype, flush=True)
"""


def columns(count: int) -> dict[str, np.ndarray[Any, Any]]:
    """Amounts in fen and booleans, drawn once: investments up to 3亿元, nearly half of them above the cap."""
    draw = np.random.default_rng(20260213)
    fen = draw.integers(1, 30_000_000_000, ROWS)
    if count == 1:
        return {"investment": fen}
    return {
        "investment": fen,
        "investment_with_vat": fen * 113 // 100,
        "bond_supported": draw.random(ROWS) < 0.05,
        "paid_before": draw.integers(0, 500_000_000, ROWS) * (draw.random(ROWS) < 0.2),
    }


def by_hand(data: dict[str, Any]) -> np.ndarray[Any, Any]:
    """The amounts in fen, from the article."""
    fen = data["investment"]
    met = (data.get("investment_with_vat", fen) >= 500_000_000) & ~data.get("bond_supported", np.zeros(ROWS, bool))
    room = np.maximum(500_000_000 - data.get("paid_before", 0), 0)
    return np.where(met, np.minimum((fen * 3 + 50) // 100, room), 0)


def polars_frame(data: dict[str, Any]) -> pl.DataFrame:
    def column(values: Any) -> pl.Series:
        if values.dtype == np.bool_:
            return pl.Series(values)
        return (pl.Series(values).cast(pl.Decimal(38, 0)).cast(pl.Decimal(38, 2)) / 100).cast(pl.Decimal(18, 2))

    return pl.DataFrame({name: column(values) for name, values in data.items()})


def polars_rule(frame: pl.DataFrame) -> pl.Series:
    """The rule in polars' Decimal: the product has four decimals, so that it is rounded once."""
    wide = pl.Decimal(38, 4)

    def number(text: str) -> pl.Expr:
        return pl.lit(Decimal(text)).cast(wide)

    has = set(frame.columns)
    investment = pl.col("investment")
    room = number("5000000")
    if "paid_before" in has:
        room = pl.max_horizontal(room - pl.col("paid_before").cast(wide), number("0"))
    vat = pl.col("investment_with_vat") if "investment_with_vat" in has else investment
    met = (investment > Decimal(0)) & (vat >= Decimal("5000000"))
    if "bond_supported" in has:
        met = met & ~pl.col("bond_supported")
    amount = pl.min_horizontal(investment.cast(wide) * number("0.03"), room).round(2, mode="half_away_from_zero")
    return frame.select(pl.when(met).then(amount).otherwise(number("0")).alias("amount"))["amount"]


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def peak(call: Callable[[], object]) -> int:
    tracemalloc.start()
    call()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def wrong(name: str, got: Any, want: Any) -> str:
    bad = int(np.count_nonzero(np.asarray(got) != want))
    return f"{name} {bad:,} ({bad / ROWS:.1%})"


def peer_python(folder: Path) -> str:
    """A Python with openfisca-core."""
    if named := os.environ.get("OPENFISCA_PYTHON"):
        return named
    made = folder / "openfisca"
    venv.create(made, with_pip=True)
    subprocess.run([made / "bin" / "pip", "install", "-q", "openfisca-core"], check=True)
    return str(made / "bin" / "python")


def compare(python: str, count: int, rounds: int) -> bool:
    data = columns(count)
    want = by_hand(data)
    yuan = {name: values if values.dtype == np.bool_ else values / 100 for name, values in data.items()}
    frame = polars_frame(data)
    bound = {name: read(RULE, RULE.input(name), Cells(values)).cut for name, values in yuan.items()}

    def never(row: int) -> tuple[bool, int]:
        raise AssertionError(f"row {row} was handed back")

    with tempfile.TemporaryDirectory() as folder:
        given, saved = Path(folder, "in.npz"), Path(folder, "out.npy")
        np.savez(given, **yuan)
        command = [python, "-c", OPENFISCA, str(given), str(saved)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
            assert peer.stdin and peer.stdout
            pipe_in, pipe_out = peer.stdin, peer.stdout

            def fisca() -> tuple[float, float]:
                pipe_in.write("\n")
                pipe_in.flush()
                calculate, whole, _ = pipe_out.readline().split()
                return float(calculate), float(whole)

            calls: dict[str, Callable[[], object]] = {
                "vector.evaluate": lambda: vector.evaluate(RULE, bound, ROWS, never, marks=False),
                "assess_table, numpy float64": lambda: assess_table(yuan, "fuzhou", "tech_upgrade", on=ON),
                "polars Decimal": lambda: polars_rule(frame),
                "assess_table, polars Decimal": lambda: assess_table(frame, "fuzhou", "tech_upgrade", on=ON),
            }
            names = ("openfisca calculate", "openfisca set_input + calculate", *calls)
            times: dict[str, list[float]] = {name: [] for name in names}
            for place in range(rounds + 1):
                turns = [list(turn) for turn in zip(*(fisca() for _ in range(TURN)), strict=True)]
                turns += [[timed(call) for _ in range(TURN)] for call in calls.values()]
                if place:  # the first round warms up
                    for name, turn in zip(names, turns, strict=True):
                        times[name].append(statistics.median(turn))
            peer.stdin.close()
        floats = np.load(saved)
    table = assess_table(frame, "fuzhou", "tech_upgrade", on=ON)
    print(f"\n{count} input column(s), {ROWS:,} rows, {rounds} rounds of {TURN}; median (least) in ms")
    for name, seconds in times.items():
        print(f"  {name:32}{statistics.median(seconds) * 1e3:8.2f} ({min(seconds) * 1e3:.2f})")
    cents = (polars_rule(frame) * 100).cast(pl.Int64).to_numpy()
    ours = assess_table(yuan, "fuzhou", "tech_upgrade", on=ON)
    print(
        "  cents wrong:", wrong("vector", vector.evaluate(RULE, bound, ROWS, never).fen, want) + ",",
        wrong("assess_table", ours["amount_fen"], want) + ",", wrong("on polars", table["amount_fen"], want) + ",",
        wrong("polars Decimal", cents, want) + ",", wrong(f"openfisca {floats.dtype}", np.rint(floats.astype(np.float64) * 100), want),
    )  # fmt: skip
    held = sum(values.nbytes for values in yuan.values())
    most = peak(lambda: assess_table(yuan, "fuzhou", "tech_upgrade", on=ON))
    print(
        f"  memory: peak {most / 2**20:.1f} MiB, input columns {held / 2**20:.1f} MiB, {most / held:.2f} times (below 10)"
    )

    def ratio(slower: str, faster: str, need: float | None) -> bool:
        each = [a / b for a, b in zip(times[slower], times[faster], strict=True)]
        value = statistics.median(each)
        print(f"  {slower} / {faster}: {value:.2f}" + (f" (at least {need:g})" if need else ""))
        return need is None or value >= need

    exact = not np.any(ours["amount_fen"] != want) and not np.any(table["amount_fen"].to_numpy() != want)
    met = [
        exact,
        most < 10 * held,
        ratio("openfisca calculate", "vector.evaluate", 1 if count == 1 else None),
        ratio("openfisca set_input + calculate", "assess_table, numpy float64", None),
        ratio("polars Decimal", "vector.evaluate", 10 if count == 1 else None),
        ratio("polars Decimal", "assess_table, numpy float64", None),
        ratio("polars Decimal", "assess_table, polars Decimal", None),
    ]
    return all(met)


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as folder:
        python = peer_python(Path(folder))
        met = [compare(python, count, rounds) for count in (1, 4)]
    print("\nall required ratios reached" if all(met) else "\nMISSED")
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main())
