"""The first ledger from the unzipped Windows folder, under Wine as an indication: `python tests/benchmarks/bench_windows.py`.

Ten filled forms through `xlpolicy.exe fill`, the first time that anything of the folder is started, and once more.
Exits 1 where the first takes 10 s or more by the clock, or the zip has more than 45 MB. Needs wine and the cross compiler
(apt-get install -y wine wine64 gcc-mingw-w64-x86-64).
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

FORMS, MOST, MEGABYTES = 10, 10.0, 45.0


def main() -> int:
    tests = Path(__file__).parents[1]
    sys.path[:0] = [str(tests), str(tests / "windows"), str(tests / "forms")]
    from formkit import filled
    from wine import Wine, running

    from xlpolicy.excel.portable.whole import package

    if lacking := Wine.absent():
        print(f"没有 {lacking}：apt-get install -y wine wine64 gcc-mingw-w64-x86-64")
        return 1
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        whole, inbox = work / "xlpolicy-windows.zip", work / "收件"
        package(whole)
        megabytes = whole.stat().st_size / 1e6
        print(f"zip: {megabytes:.1f} MB (at most {MEGABYTES:.0f})")
        inbox.mkdir()
        for number in range(1, FORMS + 1):
            filled(inbox / f"{number}.xlsx", prj_name=f"项目{number}")
        (work / "wine").mkdir()
        times = []
        with running(work / "wine", whole) as wine:
            for turn in ("first", "again"):
                start = time.monotonic()
                status, said = wine.run("fill", wine.windows(inbox), "-o", turn, "--on", "2026-06-30", folder=work)
                times.append(time.monotonic() - start)
                assert status == 0, said[-2000:]
                assert (work / turn / "台账.xlsx").is_file(), said[-2000:]
                print(f"{turn} ledger of {FORMS} forms: {times[-1]:.1f} s by the clock")
    return int(times[0] >= MOST or megabytes > MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
