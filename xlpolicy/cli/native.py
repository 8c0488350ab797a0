"""formula, sheet: the calculation as native Excel formulas."""

from __future__ import annotations

import argparse
import re

from xlpolicy.cli.show import guarded, print_json, workbook
from xlpolicy.faults import InvalidInput
from xlpolicy.formulas.calculation_sheet import UNITS, formula_text, write_sheet
from xlpolicy.law import catalog as catalogs

__all__ = ["add_formula", "add_sheet", "guarded", "run_formula", "run_sheet"]


#: a cell as Excel writes it (B2, $B$2, 表1!B2, '表 1'!B2), a name, a column of a table ([@投资额])
_CELL = re.compile(r"(?:(?:'[^']+'|[^'!\s]+)!)?(?:\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}|[^\W\d]\w*)|\w*\[@.+\]")


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--unit", default="元", choices=UNITS, help="填写金额的单位，默认元；结果总是元")
    parser.add_argument("--on", metavar="日期", help="按哪一天施行的文件；不写为今天")
    parser.add_argument("--policy", metavar="文件代号", help="指定文件，不论日期")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def add_formula(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("city", metavar="城市", help="城市")
    parser.add_argument("rule", metavar="条款", help="条款编号或名称")
    parser.add_argument(
        "--cells",
        nargs="+",
        default=[],
        metavar="输入=单元格",
        help="输入项在哪一格，如 investment=B2；不写则从 B2 起横排",
    )
    _common(parser)


def run_formula(args: argparse.Namespace) -> int:
    """Print the formulas of a provision, to be pasted into any workbook."""
    cells = {}
    for word in args.cells:
        name, sign, cell = word.partition("=")
        if not sign or not _CELL.fullmatch(cell):
            raise InvalidInput(
                f"“{word}”读不懂", where="--cells", expected="输入=单元格，如 investment=B2", remedy="按这个写法改正"
            )
        cells[name] = cell
    formulas = formula_text(args.city, args.rule, cells or None, on=args.on, policy=args.policy, unit=args.unit)
    if args.json:
        print_json({"amount": formulas.amount, "reason": formulas.reason, "helpers": dict(formulas.helpers)})
        return 0
    for cell, helper in formulas.helpers:
        print(f"辅助格 {cell}　{helper}")
    print(f"金额（元）\n{formulas.amount}\n\n原因或提示\n{formulas.reason}")
    return 0


def add_sheet(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("city", metavar="城市", help="城市")
    parser.add_argument("rules", nargs="+", metavar="条款", help="条款编号或名称，可写多个")
    parser.add_argument("-o", "--output", required=True, metavar="文件", help="写到哪里，如 测算表.xlsx")
    parser.add_argument("--rows", type=int, default=100, metavar="行数", help="每个条款留多少行，默认 100")
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    _common(parser)


def run_sheet(args: argparse.Namespace) -> int:
    """Write a calculation table that needs no add-in."""
    catalog = catalogs.default()
    found = [catalog.find(args.city, rule, catalogs.as_date(args.on), args.policy) for rule in args.rules]
    path = write_sheet(found, workbook(args.output), args.rows, args.unit, on=args.on, force=args.force)
    if args.json:
        print_json({"path": str(path), "rules": [f.rule.id for f in found], "rows": args.rows, "unit": args.unit})
        return 0
    print(f"已生成测算表：{path}（{len(found)} 个条款，各 {args.rows} 行）\n用 Excel 或 WPS 打开就能填，不需要加载项。")
    for warning in dict.fromkeys(w for f in found for w in f.warnings):
        print(f"提醒　{warning}")
    return 0
