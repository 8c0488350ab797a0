"""demo: fictitious returned forms, judged."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlpolicy.batch.demo import demo
from xlpolicy.cli.console import print_json
from xlpolicy.cli.fill import print_summary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", nargs="?", metavar="文件夹", help="放在哪里；不写则在当前目录新建 xlpolicy-demo")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Fictitious returned forms, judged. Problems among them are the point: exit 0."""
    summary = demo(args.directory)
    if args.json:
        print_json(summary.model_dump("json"))
        return 0
    print_summary(summary)
    print(
        f"\n打开看看：\n  {Path(summary.ledger)}\n  {Path(summary.out) / '已核定'}\n  {Path(summary.out) / '退回补正'}"
    )
    return 0
