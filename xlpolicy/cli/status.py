"""status: what waits for whom."""

from __future__ import annotations

import argparse

from xlpolicy.cli.arguments import add_folder_option
from xlpolicy.cli.console import print_json, table
from xlpolicy.register.folder import opened
from xlpolicy.register.status import WAITS, status

#: notices and held transfers that are listed one by one
_MOST = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """The register on one screen. Raises FolderError, RegisterError."""
    found = status(opened(args.folder)[1])
    if args.json:
        print_json(found.model_dump())
        return 0
    print(f"{found.where}　日志 {found.entries} 条，校验值 {found.head}")
    print(
        f"收件 {found.batches} 批 {found.forms} 份，申报 {found.claims} 笔：测算 {found.computed:,.2f} 元，审定 {found.reviewed:,.2f} 元，已拨付 {found.paid:,.2f} 元\n"
    )
    rows = [(name, count, f"{amount:,.2f}", WAITS[name]) for name, (count, amount) in found.states.items()]
    if rows:
        print(table(rows, ["状态", "笔数", "金额（元）", "等谁做什么"]))
    if found.notices:
        print(f"\n等企业补正 {len(found.notices)} 份：")
        for file, text in found.notices[:_MOST]:
            print(f"  {file}　{text[:60]}")
        if len(found.notices) > _MOST:
            print(f"  另有 {len(found.notices) - _MOST} 份")
    for number, why in found.held[:_MOST]:
        print(f"暂缓　{number}：{why}")
    if not found.claims and not found.notices:
        print("还没有收件：把申请表放进“收件”，运行 xlpolicy fill")
    return 0
