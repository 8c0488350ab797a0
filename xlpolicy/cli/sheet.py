"""sheet: a calculation table that needs no add-in."""

from __future__ import annotations

import argparse

from xlpolicy.cli.arguments import add_formula_options, workbook
from xlpolicy.cli.console import print_json
from xlpolicy.formulas.calculation_sheet import UNITS, write_sheet
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import as_date


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("city", metavar="城市", help="城市")
    parser.add_argument("rules", nargs="+", metavar="条款", help="条款编号或名称，可写多个")
    parser.add_argument("-o", "--output", required=True, metavar="文件", help="写到哪里，如 测算表.xlsx")
    parser.add_argument("--rows", type=int, default=100, metavar="行数", help="每个条款留多少行，默认 100")
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    add_formula_options(parser, UNITS)


def run(args: argparse.Namespace) -> int:
    """Write a calculation table that needs no add-in."""
    catalog = catalogs.default()
    found = [catalog.find(args.city, rule, as_date(args.on), args.policy) for rule in args.rules]
    path = write_sheet(found, workbook(args.output), args.rows, args.unit, on=args.on, force=args.force)
    if args.json:
        print_json({"path": str(path), "rules": [f.rule.id for f in found], "rows": args.rows, "unit": args.unit})
        return 0
    print(f"已生成测算表：{path}（{len(found)} 个条款，各 {args.rows} 行）\n用 Excel 或 WPS 打开就能填，不需要加载项。")
    for warning in dict.fromkeys(w for f in found for w in f.warnings):
        print(f"提醒　{warning}")
    return 0
