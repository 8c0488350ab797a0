"""form: the application form of a provision (or of several in one workbook), one for all or one an enterprise of a list."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xlpolicy.cli.arguments import add_operator_option, workbook
from xlpolicy.cli.console import print_json
from xlpolicy.faults import InvalidInput
from xlpolicy.forms.bureau_list import write_list
from xlpolicy.forms.combined import write_combined
from xlpolicy.forms.design import write_form
from xlpolicy.forms.layout import layout
from xlpolicy.forms.list_form import LIST_SHEET, write_list_form
from xlpolicy.forms.own_look import COMMON_SHEET
from xlpolicy.forms.restyled import NAME
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import Found, as_date
from xlpolicy.sheets import template as templates

if TYPE_CHECKING:
    from xlpolicy.register.folder import Folder

#: how many names are told one by one
_MOST = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("city", metavar="城市", help="城市")
    parser.add_argument(
        "rules", metavar="条款", nargs="+", help="条款编号或名称；写几个的，合成一个工作簿：单位信息填一次，一条一张表"
    )
    parser.add_argument(
        "-o", "--output", metavar="文件", help="写到哪里，如 申请表.xlsx；用 --list 时是文件夹，在工作文件夹里可不写"
    )
    parser.add_argument("--unit", default="万元", choices=["万元", "元"], help="金额单位，默认万元")
    parser.add_argument("--on", metavar="日期", help="按哪一天施行的文件；不写为今天")
    parser.add_argument("--policy", metavar="文件代号", help="指定文件，不论日期")
    parser.add_argument(
        "--bureau", action="store_true", help="写的是主管部门名单：只有主管部门知道的事实，填好后用 fill --bureau 并入"
    )
    parser.add_argument(
        "--list", dest="listed", metavar="企业名单",
        help="一家一份：名单里写了的、登记库里有的先填好。表头要有“单位名称”“统一社会信用代码”，可有“电子邮箱”“年度”和申请表上的任何栏目",
    )  # fmt: skip
    parser.add_argument(
        "--rows", type=int, metavar="行数",
        help="明细表：同一条款的几笔贷款、几个项目、几场展会、几个平台一行一笔，单位信息填一次；写几行，如 20",
    )  # fmt: skip
    parser.add_argument("--year", default="", metavar="年度", help="用 --list 时：申报年度，写进文件名；不写为今年")
    parser.add_argument("--due", metavar="日期", help="用 --list 时：最迟哪天交回，之后交回的标“逾期”")
    parser.add_argument("--folder", type=Path, metavar="工作文件夹", help="不写则为当前文件夹所在的")
    parser.add_argument(
        "--template", type=Path, metavar="模板",
        help="本单位自己的申请表样子；不写时，在工作文件夹里用 模板/申请表.xlsx，别处用软件自带的样子",
    )  # fmt: skip
    add_operator_option(parser)
    parser.add_argument(
        "--force", action="store_true", help="已有同名文件时覆盖；--list：同一份名单写过一批的，再写一批"
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Write an application form, one for each enterprise of a list, or the bureau's own list. Raises InvalidInput where
    the bureau is asked for nothing, or no file is named; TemplateError for a template that cannot be used."""
    founds = [catalogs.default().find(args.city, rule, as_date(args.on), args.policy) for rule in args.rules]
    found = founds[0]
    if args.bureau and len(founds) > 1:
        raise InvalidInput("主管部门名单一次只写一个条款", where="命令行", expected="一个条款", remedy="一条一条地写")
    if args.rows is not None and (args.bureau or len(founds) > 1):
        got = "明细表一次只写一个条款" if len(founds) > 1 else "主管部门名单没有明细表"
        raise InvalidInput(got, where="命令行", expected="--rows 和一个条款", remedy="一条一条地写，名单另写")
    if args.listed:
        return _personal(args, founds)
    if not args.output:
        raise InvalidInput("没有写明写到哪里", where="命令行", expected="-o 文件", remedy="加上 -o 申请表.xlsx")
    if args.bureau:
        path = write_list(found, workbook(args.output), force=args.force)
        print(
            f"已生成主管部门名单：{path}\n按统一社会信用代码逐行填好，运行：xlpolicy fill 收件文件夹 -o 核定结果 --bureau {path}"
        )
        return 0
    folder = _folder(args)
    template = args.template or (folder.form_template if folder else None)
    plans = [layout(one.document, one.article, args.unit) for one in founds]
    if args.rows is not None:
        path = write_list_form(
            plans[0], args.rows, workbook(args.output), template or templates.find(NAME), force=args.force
        )
    elif len(founds) > 1:
        path = write_combined(plans, workbook(args.output), template or templates.find(NAME), force=args.force)
    else:
        path = write_form(
            found.document, found.article, workbook(args.output), unit=args.unit, force=args.force, template=template
        )  # fmt: skip
    if args.json:
        of = [{"document": one.document.key, "rule": one.rule.id} for one in founds]
        print_json({"path": str(path), **of[0], "unit": args.unit, "provisions": of})
        return 0
    print(f"已生成{'合表' if len(founds) > 1 else '明细表' if args.rows else '申请表'}：{path}")
    if args.rows:
        print(f"先填“{COMMON_SHEET}”，再在“{LIST_SHEET}”里一笔填一行（{args.rows} 行）；每行是一笔申报，各行分别核定")
    elif len(founds) > 1:
        print(f"先填“{COMMON_SHEET}”，再填要申报的各条的表；不申报的不填，也不要删去")
    _about(founds)
    print("发给企业填写，收回后放进一个文件夹，运行：xlpolicy fill 收件文件夹 -o 核定结果")
    return 0


def _about(founds: Sequence[Found]) -> None:
    """Which provisions, and what to mind about them."""
    for found in founds:
        print(f"{found.document.name} {found.rule.at} {found.rule.title}")
        for warning in found.warnings:
            print(f"提醒　{warning}")
        if found.rule.mode == "autopay":
            print("提醒　本条实行免申即享，一般不必发表；需要企业确认意愿或账户时才用这份表")


def _folder(args: argparse.Namespace) -> Folder | None:
    """The working folder: as named, or the one that the current folder lies in."""
    from xlpolicy.register.folder import find, needed

    return needed(args.folder) if args.folder else find()


def _personal(args: argparse.Namespace, founds: Sequence[Found]) -> int:
    from xlpolicy.mail.outgoing import write_forms

    folder = _folder(args)
    if folder is None and not args.output:
        raise InvalidInput(
            "没有写明写到哪个文件夹", where="命令行", expected="-o 文件夹，或在工作文件夹里运行", remedy="加上 -o 文件夹"
        )  # fmt: skip
    due = as_date(args.due)
    made = write_forms(
        founds, Path(args.listed), out=Path(args.output) if args.output else None, unit=args.unit, year=args.year, rows_each=args.rows,
        due=due.isoformat() if due else "", folder=folder, who=args.by, template=args.template, force=args.force,
    )  # fmt: skip
    if args.json:
        print_json(made.model_dump())
        return 1 if made.listed.doubts else 0
    print(f"已生成 {len(made.files)} 份申请表，批号 {made.batch}：{made.folder}")
    _about(founds)
    print("文件名：代码_条款_年度")
    if made.known:
        print(f"其中 {made.known} 份按登记库补填了名单里没有的县区、户名、账号、开户银行，请企业核对")
    if made.listed.unused:
        print(f"提醒　名单里这些列申请表没有，没有用：{'、'.join(made.listed.unused)}")
    for doubt in made.listed.doubts:
        print(f"核对　{doubt}")
    if made.again:
        told = "、".join(f"{code}（{shown}）" for code, shown in made.again[:_MOST])
        more = f"等 {len(made.again)} 家" if len(made.again) > _MOST else ""
        print(f"提醒　本年度已经发过、还没有交回的：{told}{more}")
    if made.aside:
        print(f"提醒　上次写到一半中断、没有登记的一批移到了 {made.aside}，没有发出过，可以删去")
    if not made.registered:
        print("不在工作文件夹里，没有登记这一批：谁没有交回要自己记。先用 xlpolicy new 建工作文件夹")
        return 1 if made.listed.doubts else 0
    if made.without_address:
        print(f"提醒　{made.without_address} 家没有写电子邮箱，要用别的办法送达")
    if made.without_address < len(made.files):
        print(f"下一步：xlpolicy mail send {made.batch} 写出邮件看，加 --send 发出")
    return 1 if made.listed.doubts else 0
