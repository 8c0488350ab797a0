"""new: a working folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlpolicy.cli.console import print_json
from xlpolicy.law import catalog as catalogs
from xlpolicy.register.folder import INBOX, make, on_a_share
from xlpolicy.survey.settings_book import write_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="工作文件夹", help="新的文件夹，如 2026技改")
    parser.add_argument(
        "--register", default="", metavar="地址",
        help="多人同时用的 PostgreSQL：postgresql://用户@主机/数据库；不写则在文件夹里建 SQLite 登记库",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Make a working folder. Raises FolderError, RegisterError, OSError."""
    folder, made = make(args.path, args.register)
    if not folder.settings.exists():
        write_settings(catalogs.default().documents.values(), folder.settings)
    shared = not args.register and on_a_share(folder.path)
    if args.json:
        print_json({"folder": str(folder.path), "register": folder.register().where, "new": made, "on_a_share": shared})
        return 0
    print(f"工作文件夹：{folder.path}")
    print(f"登记库：{folder.register().where}（{'新建' if made else '已有，接着用'}）")
    if shared:
        print(
            "注意　这个文件夹在网络共享盘上，SQLite 登记库可能损坏或丢失记录。请放在本机硬盘上；"
            "几个人一起用的，请用 --register 指定 PostgreSQL。"
        )
    print(f"{folder.settings.name}　口径、本年核定比例、发文机关和电话填在这里，不填的按默认")
    print(f"{folder.facts.name}　核算年度、资金、名次等填在这里")
    print(f"\n下一步：把收到的申请表放进“{INBOX}”，在工作文件夹里运行 xlpolicy fill")
    return 0
