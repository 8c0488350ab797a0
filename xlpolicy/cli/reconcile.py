"""reconcile: what an auditor looks for."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

from xlpolicy.cli.arguments import add_folder_option
from xlpolicy.cli.console import print_json, table
from xlpolicy.register.deadlines import read_calendar
from xlpolicy.register.folder import opened
from xlpolicy.register.reconcile import overdue, reconcile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "bank", nargs="?", type=Path, metavar="银行清单", help="银行的付款清单（.csv、.xlsx），有“拨付编号”“金额”两栏"
    )
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """Hold the register against itself and the bank; exit 1 where something does not fit. Raises FolderError, RegisterError,
    CalendarError."""
    folder, register = opened(args.folder)
    found = reconcile(register, args.bank)
    found += overdue(register, folder.days, read_calendar(folder.calendar), dt.date.today())
    if args.json:
        print_json([{"kind": x.kind, "where": x.where, "what": x.what} for x in found])
    elif found:
        print(table([(x.kind, x.where, x.what) for x in found], ["事项", "编号", "情况"]))
        print(f"\n共 {len(found)} 项，请逐项核对。")
    else:
        print(
            "没有发现对不上的：公示与拨付、发票、项目"
            + ("、银行清单。" if args.bank else "。核对银行清单：xlpolicy reconcile 清单.xlsx")
        )
    return 1 if found else 0
