"""audit: every figure against the official texts, both ways."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlpolicy.cli.console import print_json
from xlpolicy.law import catalog as catalogs
from xlpolicy.survey.audit.audit import audit
from xlpolicy.survey.audit.report import as_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="文件夹", help="官方正文所在的文件夹（.txt，或有文字层的 .pdf）")
    parser.add_argument(
        "--policy", action="append", metavar="文件代号", help="只核对这份文件，可写多次；不写则全部文件都要有正文"
    )
    parser.add_argument("--all", action="store_true", help="相符的数字也逐一列出")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Exit 1 on any gap. Raises NotADirectoryError."""
    folder = Path(args.folder)
    if not folder.is_dir():
        raise NotADirectoryError(20, "", str(folder))
    report = audit(catalogs.default(), folder, args.policy)
    if args.json:
        print_json(report.model_dump("json"))
    else:
        print(as_text(report, every=args.all))
    return 0 if report.ok else 1
