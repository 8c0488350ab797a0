"""register: between registers; a county's reviews taken into the city's."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from xlpolicy.cli.arguments import add_folder_option, add_operator_option
from xlpolicy.cli.console import print_json, table
from xlpolicy.register.county_list import is_county_list, load_county
from xlpolicy.register.export import ORIGINALS
from xlpolicy.register.folder import INBOX, opened
from xlpolicy.register.merge import Conflict, Merged, merge


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["merge"], metavar="merge", help="并入县区的初审")
    parser.add_argument(
        "file",
        type=Path,
        metavar="导出件",
        help="县区 xlpolicy export 写出的文件夹、json 或 xlsx，或县区填好的县区汇总表",
    )
    parser.add_argument("--county", default="", metavar="县区", help="哪个县区，不写为文件（夹）名")
    add_operator_option(parser)
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """Merge; exit 1 where something is to be looked at. Raises FolderError, RegisterError, FileNotFoundError."""
    folder, register = opened(args.folder)
    if not args.file.is_dir() and is_county_list(args.file):
        return told(load_county(register, args.file, who=folder.who(args.by), county=args.county), as_json=args.json)
    found = merge(register, args.file, county=args.county or args.file.stem, who=folder.who(args.by))
    brought = _bring(args.file, found.conflicts, folder.inbox / found.county)
    return told(found, brought, as_json=args.json)


def told(found: Merged, brought: Sequence[str] = (), *, as_json: bool) -> int:
    """What came of a county's reviews; exit 1 where something is to be looked at."""
    if as_json:
        print_json(found.model_dump() | {"brought": list(brought)})
        return 1 if found.conflicts else 0
    print(
        f"{found.county}：并入县区初审额 {len(found.taken)} 笔，没有变动 {found.unchanged} 笔，县区还没有初审 {found.unreviewed} 笔。"
    )
    if found.conflicts:
        rows = [(x.number, x.enterprise, x.own, x.why) for x in found.conflicts]
        print(table(rows, ["县区编号", "申报单位", "编号", "请核对"]))
    if brought:
        print(f"市里没有的 {len(brought)} 份申请表已放进“{INBOX}/{found.county}”，运行 xlpolicy fill 后再并入一次。")
    if found.taken:
        print("下一步：xlpolicy review write --force 重新写出审核台账，县区初审额已填好。")
    return 1 if found.conflicts else 0


def _bring(source: Path, conflicts: Sequence[Conflict], target: Path) -> list[str]:
    """The county's files that the city has not, put where `fill` takes them in."""
    originals = (source if source.is_dir() else source.parent) / ORIGINALS
    brought = []
    for digest, name in {x.digest: x.file for x in conflicts if x.digest}.items():
        if (originals / digest).is_file():
            target.mkdir(parents=True, exist_ok=True)
            own = target / f"{digest[:8]}-{Path(name).name}"
            shutil.copyfile(originals / digest, own)
            brought.append(own.name)
    return brought
