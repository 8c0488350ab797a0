"""demo: fictitious returned forms, judged; then the same in a working folder, from receipt to payment."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlpolicy.batch.demo import demo
from xlpolicy.batch.story import play
from xlpolicy.cli.console import print_json
from xlpolicy.cli.fill import print_summary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", nargs="?", metavar="文件夹", help="放在哪里；不写则在当前目录新建 xlpolicy-demo")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Fictitious returned forms, judged, then remembered. Problems among them are the point: exit 0."""
    summary = demo(args.directory)
    story = play(Path(summary.inbox), Path(summary.inbox).parent)
    if args.json:
        print_json(summary.model_dump("json") | {"story": story.model_dump()})
        return 0
    print_summary(summary)
    print(
        f"\n打开看看：\n  {Path(summary.ledger)}\n  {Path(summary.out) / '已核定'}\n  {Path(summary.out) / '退回补正'}"
    )
    print("\n同一批申请表，在工作文件夹里从收件到拨付：")
    print("\n".join(f"  {step}" for step in story.steps))
    print(f"工作文件夹：{story.folder}\n在里面运行：xlpolicy status、xlpolicy verify、xlpolicy replay 拨付编号")
    return 0
