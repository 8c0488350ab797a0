"""export: the whole register as plain files."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlpolicy.cli.arguments import add_folder_option
from xlpolicy.cli.console import print_json
from xlpolicy.register.export import BOOK, JSON, ORIGINALS, export
from xlpolicy.register.folder import opened


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="文件夹", help="写到哪个新文件夹")
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """Write everything into a new folder. Raises FolderError, RegisterError."""
    _, register = opened(args.folder)
    written = export(register, args.output)
    if args.json:
        print_json({"path": str(written)})
        return 0
    print(f"已写出：{written}\n  {JSON}　全部记录，可以不用数据库核对：xlpolicy verify {written}")
    print(f"  {BOOK}　同样的记录，用 Excel 看\n  {ORIGINALS}　收到的每个文件，文件名是它的 SHA-256")
    return 0
