"""`python tests/benchmarks/bench_server.py`: the server's call path against stock xlwings-server, interleaved.

Both run the same registry function on the same posted bytes, body to answer, in this process (no network); then both
are started and asked over loopback. Stock: xlwings' own endpoint and converters, the arguments annotated np.ndarray
(its default numpy conversion), the result as xlwings converts it. Ours: Front. Medians, ratios within this one run.
Last, 1,000 single-cell calls at once to the running server, a connection each.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / "server"), str(Path(__file__).parents[1])]

from bureau import CALL, call_body, free_port, running_bureau  # noqa: E402
from conversation import aconverse  # noqa: E402

ROWS, ROUNDS, SINGLES, PARALLEL = 10_000, 15, 300, 1000
STOCK = """
import numpy as np
from xlpolicy.excel.functions.registry import BY_NAME
from xlwings.server import func


@func
def SUBSIDY(city: str, rule: str, *pairs: np.ndarray):
    args = [np.asarray(p).tolist() for p in pairs]
    return BY_NAME["SUBSIDY"].answer(city, rule, *args)
"""
Ask = Callable[[bytes], Awaitable[Any]]


def stock_app(folder: Path) -> Any:
    """xlwings-server as it comes, with the function in its project folder."""
    for name, text in {"custom_functions": STOCK, "custom_scripts": ""}.items():
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(text, encoding="utf-8")
    os.environ |= {
        "XLWINGS_PROJECT_DIR": str(folder), "XLWINGS_LICENSE_KEY": "noncommercial", "XLWINGS_LOG_LEVEL": "WARNING",
        "XLWINGS_ENABLE_SOCKETIO": "false", "DOTENV_PATH": os.devnull,
    }  # fmt: skip
    import xlwings_server.main as server

    return server.main_app


def body(value: Any) -> bytes:
    tail = [value, [["日期"]], [["2026-06-30"]]]
    return json.dumps(
        call_body("SUBSIDY", [["福州"]], [["技改设备补助"]], tail) | {"culture_info_name": "zh-CN"}
    ).encode()


async def interleaved(asks: dict[str, Ask], posted: bytes, rounds: int) -> dict[str, float]:
    """Median seconds by name; the answers must be the same."""
    times: dict[str, list[float]] = {name: [] for name in asks}
    answers: dict[str, Any] = {}
    for number in range(rounds + 2):
        for name, ask in asks.items():
            start = time.perf_counter()
            answer = await ask(posted)
            seconds = time.perf_counter() - start
            if number > 1:
                times[name].append(seconds)
            answers[name] = json.loads(answer)["result"]
    first, *others = answers.values()
    assert all(other == first for other in others), "the answers differ"
    return {name: statistics.median(told) for name, told in times.items()}


def show(what: str, told: dict[str, float]) -> None:
    ratio = told["stock"] / told["ours"]
    print(f"{what:<44} stock {told['stock'] * 1e3:9.2f} ms   ours {told['ours'] * 1e3:8.2f} ms   {ratio:7.1f} x")


def in_process(app: Any) -> Ask:
    async def ask(posted: bytes) -> bytes:
        answer = await aconverse(
            app, "POST", CALL, [posted], content_type="application/json", content_length=str(len(posted))
        )
        assert answer.status == 200, answer.body
        return answer.body

    return ask


def over_loopback(client: Any, port: int) -> Ask:
    async def ask(posted: bytes) -> bytes:
        url = f"http://127.0.0.1:{port}{CALL}"
        answer = await client.post(url, content=posted, headers={"content-type": "application/json"})
        assert answer.status_code == 200, answer.content
        content: bytes = answer.content
        return content

    return ask


async def at_once(port: int, count: int) -> list[float]:
    """Seconds from the common start to each whole answer, of calls that all begin together."""
    from test_bureau import one_call

    gate = asyncio.Event()
    calls = [asyncio.create_task(one_call(port, number, gate)) for number in range(count)]
    await asyncio.sleep(0.2)
    gate.set()
    answers = await asyncio.gather(*calls)
    assert [status for _, status, _ in answers] == [200] * count, "a call was lost"
    assert [amount for *_, amount in answers] == [round((5e6 + n) * 0.03, 2) for n in range(count)]
    return sorted(seconds for seconds, *_ in answers)


async def measure(app: Any, folder: Path) -> None:
    from xlpolicy.excel.server.front import Front
    from xlpolicy.excel.server.options import Options

    chance = random.Random(
        1
    )  # from 500万元 on: below it a cell may ask for more, which the stock server has no word for
    column = body([[round(chance.uniform(5e6, 9e6), 2)] for _ in range(ROWS)])
    mixed = body([[chance.choice(["800万元", None, round(chance.uniform(5e6, 9e6), 2)])] for _ in range(ROWS)])
    single = body([[8_000_000]])
    gc.collect()
    gc.freeze()  # as `xlpolicy excel serve` does; here for both
    asks = {"stock": in_process(app), "ours": in_process(Front(Options(), {}))}
    show(f"in process, {ROWS:,} rows of numbers", await interleaved(asks, column, ROUNDS))
    show(f"in process, {ROWS:,} rows, a third text", await interleaved(asks, mixed, ROUNDS))
    show("in process, one cell", await interleaved(asks, single, SINGLES))

    port = free_port()
    stock = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "xlwings_server.main:main_app", "--host", "127.0.0.1", "--port", str(port),
         "--no-access-log", "--log-level", "warning"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await over_the_wire(port, folder, column, single)
    finally:
        stock.terminate()
        stock.wait()


async def over_the_wire(stock: int, folder: Path, column: bytes, single: bytes) -> None:
    """Both servers, a process each; then the thousand."""
    import httpx

    with running_bureau(folder) as bureau:
        async with httpx.AsyncClient(timeout=60) as client:
            while True:
                try:
                    await client.get(f"http://127.0.0.1:{stock}/")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
            wire = {"stock": over_loopback(client, stock), "ours": over_loopback(client, bureau.port)}
            show(f"over loopback, {ROWS:,} rows of numbers", await interleaved(wire, column, ROUNDS))
            show("over loopback, one cell", await interleaved(wire, single, SINGLES))
        for _ in range(3):
            start = time.perf_counter()
            seconds = await at_once(bureau.port, PARALLEL)
            spent = time.perf_counter() - start - 0.2
            p50, p99 = seconds[PARALLEL // 2], seconds[PARALLEL * 99 // 100]
            print(
                f"{PARALLEL} at once: none lost, p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms, all in {spent * 1e3:.0f} ms"
            )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        project.mkdir()
        asyncio.run(measure(stock_app(project), Path(folder)))


if __name__ == "__main__":
    main()
