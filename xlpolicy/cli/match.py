"""match: what enterprises may apply for, from what is known of them."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from xlpolicy.cli.arguments import workbook
from xlpolicy.cli.console import fitted, print_json
from xlpolicy.faults import InvalidInput
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import as_date
from xlpolicy.money import ZERO
from xlpolicy.settle.claims_file import read_facts
from xlpolicy.settle.facts import Facts
from xlpolicy.settle.match import KINDS, Standing, match
from xlpolicy.settle.match_book import ONE_PROJECT, together, told, write_standings
from xlpolicy.settle.profile import enterprises, provisions, read_profiles, write_blank


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "profile", nargs="?", metavar="企业档案", help="填好的企业档案（.xlsx、.xls、.ods），一家或多家"
    )
    parser.add_argument("--blank", metavar="文件", help="生成一份空的企业档案（Excel）后结束")
    parser.add_argument("--city", default="", metavar="城市", help="只看一个城市的政策")
    parser.add_argument("--theme", default="", metavar="主题", help="只看一个主题的政策，如 技术改造")
    parser.add_argument("--on", metavar="日期", help="申报日期，如 2026-06-30；不写为今天")
    parser.add_argument(
        "--facts", metavar="文件", help="核算用的事实（已兑付等），与 settle --facts 的相同；已兑付过的标出，不再算"
    )
    parser.add_argument(
        "-o", "--output", metavar="文件", help="写成应享未享清单（Excel）：按企业、按条款、免申即享、明细"
    )
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Match enterprises. Raises InvalidInput where no file is named or nothing is in force, ProfileError."""
    catalog = catalogs.default()
    on = as_date(args.on) or dt.date.today()
    found = provisions(catalog, on, catalog.city(args.city) if args.city else "", args.theme)
    if not found:
        raise InvalidInput(
            f"{on} 没有正在施行的条款", where="命令行", expected="城市、主题和日期", remedy="核对 --city、--theme、--on"
        )
    if args.blank:
        write_blank(workbook(args.blank), catalog, found, force=args.force)
        if args.json:
            print_json({"path": args.blank})
            return 0
        print(f"已生成空的企业档案：{args.blank}\n填好后运行：xlpolicy match {args.blank} --on {on}")
        return 0
    if not args.profile:
        raise InvalidInput(
            "没有写企业档案", where="命令行", expected="填好的 .xlsx 文件", remedy="写明文件，或用 --blank 生成空表"
        )
    facts = read_facts(Path(args.facts))[0] if args.facts else Facts()
    each = enterprises(read_profiles(Path(args.profile), catalog))
    standings = [match(mine, found, on, catalog=catalog, facts=facts) for mine in each]
    every = [standing for mine in standings for standing in mine]
    if args.output:
        write_standings(every, workbook(args.output), on=on, force=args.force)
    if args.json:
        print_json([standing.as_dict() for standing in every])
        return 0
    if len(standings) == 1:
        _one(standings[0], [profile.project for profile in each[0]])
    if len(standings) > 1:
        _list(standings)
    if args.output:
        print(f"\n清单：{args.output}")
    return 0


def _one(standings: Sequence[Standing], projects: Sequence[str]) -> None:
    """One enterprise: every provision of which something is known."""
    print(f"{standings[0].profile.name}")
    for kind, label in KINDS.items():
        mine = [s for s in standings if s.kind == kind]
        if not mine or kind == "unknown":
            continue
        print(f"\n{label} {len(mine)} 条")
        for s in mine:
            amount = f"　{s.payable:,.2f} 元" if kind in ("payable", "instead", "presumed") else ""
            if amount and s.payable != s.decided:
                amount += f"（单项 {s.decided:,.2f} 元）"
            print(
                f"  {s.title}{amount}{'　免申即享' if s.automatic else ''}{'　已兑付' if s.enjoyed else ''}（{s.found.document.name} {s.found.rule.at}）"
            )
            if s.lacks:
                print(f"    {'只差一项' if len(s.lacks) == 1 else f'差 {len(s.lacks)} 项'}：{'、'.join(s.lacks)}")
            if text := told(s):
                print(f"    {text}")
    blank = sum(s.kind == "unknown" for s in standings)
    due = [s for s in standings if s.kind == "payable" and not s.enjoyed]
    print(
        f"\n可得 {len(due)} 条，{together(projects)}，合计 {sum((s.payable for s in due), ZERO):,.2f} 元（待核实的不计）；另有 {blank} 条没有填到。"
    )


def _list(standings: Sequence[Sequence[Standing]]) -> None:
    """Many enterprises: a line each, the most money first."""
    rows = []
    for mine in sorted(standings, key=lambda mine: -sum((s.payable for s in _due(mine)), ZERO)):
        due = _due(mine)
        count = [sum(s.kind == kind and not s.enjoyed for s in mine) for kind in ("presumed", "missing", "refused")]
        money = f"{sum((s.payable for s in due), ZERO):,.2f}"
        rows.append((mine[0].profile.name, len(due), money, *count, sum(s.automatic for s in due)))
    heads = ["单位", "可得条数", "可得金额（核算后）", "待核实", "还要填", "不符合", "其中免申即享"]
    print(fitted(rows, heads, loose=[0], ends=[]))
    print(f"\n待核实的没有计入金额；{ONE_PROJECT}。各家逐条的情况用 -o 应享未享清单.xlsx 写出。")


def _due(standings: Sequence[Standing]) -> list[Standing]:
    return [s for s in standings if s.kind == "payable" and not s.enjoyed]
