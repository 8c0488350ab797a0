"""backup: a dated copy of the register, and the way back."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlpolicy.cli.arguments import add_folder_option
from xlpolicy.cli.console import print_json
from xlpolicy.cli.verify import print_proof
from xlpolicy.register.backup import back_up, restore
from xlpolicy.register.folder import FolderError, needed
from xlpolicy.register.proof import verify


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--restore", type=Path, metavar="备份文件", help="用这个备份换下现在的登记库；换下的留在“备份”里"
    )
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """Back up, or restore and prove; exit 1 where the restored one does not hold. Raises FolderError, RegisterError."""
    folder = needed(args.folder)
    if not args.restore:
        written = back_up(folder.open(), folder.backups)
        if args.json:
            print_json({"path": str(written)})
        else:
            print(f"已备份：{written}\n请另存一份到别的硬盘或电脑上。")
        return 0
    if folder.url:
        raise FolderError(
            "这个工作文件夹的登记库在 PostgreSQL 里", where=str(folder.path), remedy="请数据库管理员用 pg_restore 恢复"
        )
    moved = restore(args.restore, folder.file, folder.backups)
    proof = verify(folder.open())
    if args.json:
        print_json({"path": str(folder.file), "moved": str(moved or ""), **proof.model_dump()})
    else:
        print(f"已用 {args.restore} 恢复。" + (f"换下的登记库在：{moved}" if moved else ""))
        print_proof(proof)
    return 1 if proof.problems else 0
