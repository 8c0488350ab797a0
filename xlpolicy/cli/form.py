"""form: the application form of a provision."""

from __future__ import annotations

import argparse

from xlpolicy.cli.arguments import workbook
from xlpolicy.cli.console import print_json
from xlpolicy.forms.bureau_list import write_list
from xlpolicy.forms.design import write_form
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import as_date


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("city", metavar="城市", help="城市")
    parser.add_argument("rule", metavar="条款", help="条款编号或名称")
    parser.add_argument("-o", "--output", required=True, metavar="文件", help="写到哪里，如 申请表.xlsx")
    parser.add_argument("--unit", default="万元", choices=["万元", "元"], help="金额单位，默认万元")
    parser.add_argument("--on", metavar="日期", help="按哪一天施行的文件；不写为今天")
    parser.add_argument("--policy", metavar="文件代号", help="指定文件，不论日期")
    parser.add_argument(
        "--bureau", action="store_true", help="写的是主管部门名单：只有主管部门知道的事实，填好后用 fill --bureau 并入"
    )
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Write an application form, or the bureau's own list. Raises InvalidInput where the bureau is asked for nothing."""
    found = catalogs.default().find(args.city, args.rule, as_date(args.on), args.policy)
    if args.bureau:
        path = write_list(found, workbook(args.output), force=args.force)
        print(
            f"已生成主管部门名单：{path}\n按统一社会信用代码逐行填好，运行：xlpolicy fill 收件文件夹 -o 核定结果 --bureau {path}"
        )
        return 0
    path = write_form(found.document, found.rule, workbook(args.output), unit=args.unit, force=args.force)
    if args.json:
        print_json({"path": str(path), "document": found.document.key, "rule": found.rule.id, "unit": args.unit})
        return 0
    print(f"已生成申请表：{path}\n{found.document.name} {found.rule.at} {found.rule.title}")
    for warning in found.warnings:
        print(f"提醒　{warning}")
    if found.rule.mode == "autopay":
        print("提醒　本条实行免申即享，一般不必发表；需要企业确认意愿或账户时才用这份表")
    print("发给企业填写，收回后放进一个文件夹，运行：xlpolicy fill 收件文件夹 -o 核定结果")
    return 0
