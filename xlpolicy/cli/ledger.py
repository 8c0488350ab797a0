"""ledger: the register's ledgers, from the bureau's own templates."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlpolicy.cli.arguments import add_folder_option, workbook
from xlpolicy.cli.console import print_json
from xlpolicy.faults import InvalidInput, nearest
from xlpolicy.register import ledgers
from xlpolicy.register.database import Register
from xlpolicy.register.folder import FORMS, Folder, opened
from xlpolicy.survey.office import read_office

#: 审核台账 and 拨款明细表 have commands of their own: what is filled in there must not be overwritten
NAMES = (*(name for name in ledgers.LEDGERS if name != ledgers.REVIEWS), ledgers.ENTERPRISE)
_OWN = {
    ledgers.REVIEWS: "用 xlpolicy review 写出",
    "拨款明细表": "用 xlpolicy pay print 批次号 写出",
    "审签表": "用 xlpolicy pay print 批次号 写出",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names", nargs="*", default=[], metavar="台账", help=f"{'、'.join(NAMES)}；不写则全部写到“结果”"
    )
    parser.add_argument(
        "--enterprise", default="", metavar="单位", help="企业一户一表：只写这一家（统一社会信用代码或名称）"
    )
    parser.add_argument("--period", default="", metavar="公示期", help="公示表上的公示期，如 2026-07-01至2026-07-07")
    parser.add_argument("--office", default="", metavar="单位", help="公示表上的受理单位")
    parser.add_argument("--telephone", default="", metavar="电话", help="公示表上的联系电话")
    parser.add_argument("-o", "--output", metavar="文件", help="只写一种时，写到这个 .xlsx")
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """Write ledgers. Raises FolderError, RegisterError, TemplateError, LedgerError, InvalidInput."""
    folder, register = opened(args.folder)
    names = args.names or ([ledgers.ENTERPRISE] if args.enterprise else NAMES)
    for name in names:
        if name not in NAMES:
            remedy = _OWN.get(name) or nearest(name, NAMES)
            raise InvalidInput(f"没有“{name}”这种台账", where="命令行", expected="、".join(NAMES), remedy=remedy)
    if args.output and (len(names) > 1 or names[0] == ledgers.ENTERPRISE):
        raise InvalidInput("不止一个文件", where="-o", expected="一种台账", remedy="写明一种台账，或不写 -o")
    unpublished, doubts = ledgers.to_publish(register) if ledgers.NOTICE in names else (0, [])
    announced = folder.out / f"{ledgers.NOTICE}.xlsx"
    kept = ledgers.NOTICE in names and not unpublished and not args.output and announced.is_file()
    if kept:  # what was announced last stays as it was
        names = [name for name in names if name != ledgers.NOTICE]
    paths = [path for name in names for path in _written(args, folder, register, name)]
    if args.json:
        print_json([str(path) for path in paths])
        return 0
    if kept:
        print(f"没有待公示的申报，原来的没有改动：{announced}")
    if paths:
        _told(paths)
    for number, why in doubts:
        print(f"核对　{number} 列在公示表里，还有要核对的：{why}")
    return 0


def _told(paths: list[Path]) -> None:
    shown = paths if len(paths) <= 12 else paths[:11]
    print("写出：\n" + "\n".join(f"  {path}" for path in shown))
    if len(paths) > len(shown):
        print(f"  另有 {len(paths) - len(shown)} 个")
    print(f"样式可在“{FORMS}”里的同名模板上用 Excel、WPS 改，改后再运行一次。")


def _written(args: argparse.Namespace, folder: Folder, register: Register, name: str) -> list[Path]:
    if name == ledgers.ENTERPRISE:
        return ledgers.write_enterprises(register, folder.out / name, args.enterprise, folder)
    path = workbook(args.output) if args.output else folder.out / f"{name}.xlsx"
    ledgers.write(register, name, path, folder, **(_notice(args, folder) if name == ledgers.NOTICE else {}))
    return [path]


def _notice(args: argparse.Namespace, folder: Folder) -> dict[str, str]:
    """What 公示表 says of the bureau: as named, else as its 设置 have it."""
    known = read_office(folder.settings)
    office, telephone = args.office or known.get("发文机关", ""), args.telephone or known.get("联系电话", "")
    return {"period": args.period, "office": office, "telephone": telephone}
