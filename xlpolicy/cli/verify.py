"""verify: the register, or an export of it, proved."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlpolicy.cli.arguments import add_folder_option
from xlpolicy.cli.console import print_json
from xlpolicy.register.folder import opened
from xlpolicy.register.journal import shown
from xlpolicy.register.proof import Proof, verify, verify_export


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "export", nargs="?", type=Path, metavar="导出件", help="核对 xlpolicy export 写出的文件夹，不写则核对登记库"
    )
    parser.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="校验值",
        help="审签表或拨款明细表上印的校验值，核对纸和登记库是否一致；写几张的，看出从哪一条以后改过",
    )
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """Prove; exit 1 where something does not hold. Raises FolderError, RegisterError."""
    proof = verify_export(args.export, *args.head) if args.export else verify(opened(args.folder)[1], *args.head)
    if args.json:
        print_json(proof.model_dump())
    else:
        print_proof(proof)
    return 1 if proof.problems else 0


def print_proof(proof: Proof) -> None:
    """What was proved, or what does not hold and what to do."""
    print(f"{proof.where}\n日志 {proof.entries} 条，当前校验值 {shown(proof.head)}")
    for paper in proof.papers:
        print(paper)
    if not proof.problems:
        print("日志连得上，数据、收到的文件和各项合计都对得上。")
        return
    for problem in proof.problems:
        print(f"不符　{problem}")
    print(f"\n共 {len(proof.problems)} 处不符。请不要再往里登记，用最近一份对得上的备份恢复，并查清是谁、何时改的。")
