"""formula: a provision as native Excel formulas."""

from __future__ import annotations

import argparse
import re

from xlpolicy.cli.arguments import add_formula_options
from xlpolicy.cli.console import print_json
from xlpolicy.faults import InvalidInput
from xlpolicy.formulas.calculation_sheet import UNITS, formula_text
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import as_date

#: a cell as Excel writes it (B2, $B$2, 表1!B2, '表 1'!B2), a name, a column of a table ([@投资额])
_CELL = re.compile(r"(?:(?:'[^']+'|[^'!\s]+)!)?(?:\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}|[^\W\d]\w*)|\w*\[@.+\]")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("city", metavar="城市", help="城市")
    parser.add_argument("rule", metavar="条款", help="条款编号或名称")
    parser.add_argument(
        "--cells",
        nargs="+",
        default=[],
        metavar="输入=单元格",
        help="输入项在哪一格，如 investment=B2；不写则从 B2 起横排",
    )
    add_formula_options(parser, UNITS)


def run(args: argparse.Namespace) -> int:
    """Print the formulas of a provision, to be pasted into any workbook. Raises PolicyError."""
    cells = {}
    for word in args.cells:
        name, sign, cell = word.partition("=")
        if not sign or not _CELL.fullmatch(cell):
            raise InvalidInput(
                f"“{word}”读不懂", where="--cells", expected="输入=单元格，如 investment=B2", remedy="按这个写法改正"
            )
        if name in cells:
            raise InvalidInput(f"“{name}”写了两次", where="--cells", expected="每个输入项一格", remedy="删去一个")
        cells[name] = cell
    formulas = formula_text(args.city, args.rule, cells or None, on=args.on, policy=args.policy, unit=args.unit)
    if args.json:
        print_json({"amount": formulas.amount, "reason": formulas.reason, "helpers": dict(formulas.helpers)})
        return 0
    for cell, helper in formulas.helpers:
        print(f"辅助格 {cell}　{helper}")
    print(f"金额（元）\n{formulas.amount}\n\n原因或提示\n{formulas.reason}\n")
    found = catalogs.default().find(args.city, args.rule, as_date(args.on), args.policy)
    for text in (*found.warnings, *found.rule.applies):
        print(f"提醒　{text}")
    for item in found.rule.assumptions:
        if item.own:
            print(f"读法　{item.text}")
    return 0
