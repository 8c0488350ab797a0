"""replay: a payment computed again from what is stored; what would be decided otherwise today."""

from __future__ import annotations

import argparse

from xlpolicy import __version__
from xlpolicy.cli.arguments import add_folder_option
from xlpolicy.cli.console import print_json, table
from xlpolicy.faults import InvalidInput
from xlpolicy.law import catalog as catalogs
from xlpolicy.register.database import Register
from xlpolicy.register.folder import opened
from xlpolicy.register.replay import otherwise, replay, replay_all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", nargs="?", metavar="拨付编号", help="如 BF2026-001-0001")
    parser.add_argument("--all", action="store_true", help="每一笔拨付都按当时的政策数据重算，列出对不上的")
    parser.add_argument("--year", type=int, metavar="年度", help="列出这一年的申报里，今天的程序和政策会算得不一样的")
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """Compute again; exit 1 where something differs. Raises FolderError, RegisterError, InvalidInput without a number."""
    _, register = opened(args.folder)
    if args.year:
        return _year(args, register)
    if args.all:
        return _all(args, register)
    if not args.number:
        raise InvalidInput("没有写拨付编号", where="命令行", expected="拨付编号、--all，或 --year 年度", remedy="补上")
    found = replay(register, args.number)
    if args.json:
        print_json(found.model_dump())
        return 0 if found.agrees else 1
    print(f"拨付 {found.number}")
    for what, text in found.trail:
        print(f"  {what}　{text}")
    print("按当时的政策数据重算：")
    for number, step in enumerate(found.steps, 1):
        print(f"  {number}. {step}")
    rows = [(what, f"{a:,.2f}", f"{b:,.2f}", "一致" if a == b else "不一致") for what, a, b in found.amounts]
    print(table(rows, ["", "登记（元）", "重算（元）", ""]))
    if not found.agrees and set(found.programs) != {__version__}:
        print(f"当时的程序是 {'、'.join(dict.fromkeys(found.programs))}，现在是 {__version__}；请用当时的程序再核对。")
    return 0 if found.agrees else 1


def _all(args: argparse.Namespace, register: Register) -> int:
    every = list(replay_all(register))
    odd = [found for found in every if not found.agrees]
    if args.json:
        print_json({"transfers": len(every), "differing": [found.model_dump() for found in odd]})
        return 1 if odd else 0
    for found in odd:
        for what, stored, again in found.amounts:
            if stored != again:
                print(f"不一致　{found.number}　{what}：登记 {stored:,.2f} 元，重算 {again:,.2f} 元")
    print(f"{len(every)} 笔拨付按当时的政策数据重算，{f'{len(odd)} 笔不一致' if odd else '全部一致'}。")
    return 1 if odd else 0


def _year(args: argparse.Namespace, register: Register) -> int:
    count, found = otherwise(register, catalogs.default(), args.year)
    if args.json:
        print_json({"claims": count, "otherwise": [_plain(item) for item in found]})
        return 1 if found else 0
    if found:
        rows = [
            (
                x.number,
                x.enterprise,
                x.title,
                x.what,
                f"{x.stored:,.2f}",
                "" if x.now is None else f"{x.now:,.2f}",
                x.why,
            )
            for x in found
        ]
        print(table(rows, ["编号", "申报单位", "条款", "算的什么", "登记（元）", "今天（元）", "原因"]))
    print(f"{args.year} 年度 {count} 笔，今天重算不一样的 {len(found)} 处。")
    return 1 if found else 0


def _plain(item: object) -> dict[str, str]:
    return {name: str(getattr(item, name)) for name in type(item).__slots__}  # type: ignore[attr-defined]
