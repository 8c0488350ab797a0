"""menu: the main jobs by number, for who double clicks and never types a command."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from xlpolicy.law import catalog as catalogs

INBOX, RESULT, LEDGER, PAYMENTS = "收件", "核定结果", "台账.xlsx", "兑付台账.xlsx"
_STOP = frozenset({"0", "q", "Q", "退出"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", metavar="文件夹", help="“收件”和结果放在哪里；不写则为当前文件夹")


def run(args: argparse.Namespace) -> int:
    """Ask and do, until 0 is answered or nobody answers."""
    if args.folder:
        os.chdir(args.folder)
    ahead = threading.Thread(target=_ahead, daemon=True)
    ahead.start()
    while True:
        print("\nxlpolicy　产业政策补助测算\n")
        for number, (told, _) in enumerate(_JOBS, 1):
            print(f"  {number}　{told}")
        print("  0　退出")
        answer = _asked("请输入数字，按回车键")
        if answer is None or answer in _STOP:
            return 0
        chosen = {str(number): job for number, (_, job) in enumerate(_JOBS, 1)}.get(answer)
        if chosen is None:
            print(f"没有“{answer}”这一项。")
            continue
        ahead.join()  # two threads that import at once may each wait for the other
        chosen()
        if _asked("按回车键回到开头", every=True) is None:
            return 0


def _ahead() -> None:
    """Load what the commonest job needs while the menu is read; what is wrong with it is told when it is asked for."""
    with contextlib.suppress(Exception):  # whatever it is, the job imports it again and fails with it
        importlib.import_module("xlpolicy.cli.fill")


def _asked(question: str, *, every: bool = False) -> str | None:
    """The answer; None where nobody answers any more, or, unless `every`, after three blanks."""
    for _ in range(3):
        print(f"{question}：", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            print()
            return None
        if line.strip() or every:
            return line.strip()
    return None


def _do(*words: str) -> int:
    """One command of xlpolicy, shown as it could be typed."""
    from xlpolicy.cli import main

    print(f"\n> xlpolicy {' '.join(words)}\n", flush=True)
    return main(words)


def _calc() -> None:
    cities = "、".join(dict.fromkeys(document.city_label for document in catalogs.default().documents.values()))
    city = _asked(f"城市（{cities}）")
    rule = city and _asked("条款名称，或其中几个字；写“?”列出全部")
    if city and rule in ("?", "？"):
        _do("rules", "--city", city)
        rule = _asked("条款名称")
    value = rule and _asked("数值，如 800万元；几项的写成 名称=数值，用空格隔开")
    if city and rule and value:
        _do("calc", city, rule, *value.split())


def _fill() -> None:
    inbox = _asked(f"收回的申请表在哪个文件夹（直接回车：{INBOX}；也可把文件夹拖到这里）", every=True)
    if inbox is not None:
        folder = Path(inbox.strip('"') or INBOX)
        folder.mkdir(exist_ok=True)
        if not any(folder.iterdir()):
            print(f"“{folder.absolute()}”里还没有文件：把收回的申请表放进去，再选这一项。")
            return
        _do("fill", str(folder), "-o", RESULT)
        _open(Path(RESULT) / LEDGER)


def _settle() -> None:
    """The ledger's claims settled together; in a working folder its ledgers."""
    if Path("登记库.toml").exists():
        _do("ledger")
        return
    ledger = _asked(f"哪一份台账（直接回车：{RESULT}/{LEDGER}；也可把文件拖到这里）", every=True)
    if ledger is not None:
        path = Path(ledger.strip('"') or Path(RESULT) / LEDGER)
        if not path.is_file():
            print(f"没有“{path.absolute()}”：先选“收件核定”。")
            return
        _do("settle", str(path), "-o", PAYMENTS, "--force")
        _open(Path(PAYMENTS))


def _check() -> None:
    _do("calc", "福州", "技改设备补助", "800万元", "--on", "2026-06-30")
    print("\n上面的核定金额应为 240,000.00 元。下面是在 Excel 里用的条件：")
    _do("excel", "doctor")


def _install() -> None:
    _do("excel", "install")


def _open(path: Path) -> None:
    """Show a workbook, on Windows."""
    if sys.platform == "win32" and path.is_file() and sys.stdin.isatty():
        os.startfile(path)


_JOBS: tuple[tuple[str, Callable[[], None]], ...] = (
    ("试算：一笔申报该给多少，依据哪一条", _calc),
    ("收件核定：收回的一批申请表，一次核定，写成台账", _fill),
    ("台账：一批申报一起核算，写成兑付台账", _settle),
    ("自检：软件是否正常，Excel 能不能用", _check),
    ("装到 Excel：在 Excel 里用 SUBSIDY 等函数", _install),
)
