"""settle, simulate."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from xlpolicy.cli.show import guarded, print_json, table, workbook
from xlpolicy.faults import InvalidInput
from xlpolicy.settle import settle
from xlpolicy.settle.claims_book import write_blank
from xlpolicy.settle.claims_file import ClaimsFile, read_file
from xlpolicy.settle.model import Note
from xlpolicy.settle.settlement_book import payers_text, write_settlement, write_simulation
from xlpolicy.settle.simulate import simulate

__all__ = ["add_settle", "add_simulate", "guarded", "run_settle", "run_simulate"]


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "claims",
        nargs="?",
        metavar="申报清单",
        help=".json（on_year、facts、claims）或 .xlsx（用 --blank 生成的空表填写）",
    )
    parser.add_argument("-o", "--output", metavar="文件", help="写成 Excel 台账")
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    parser.add_argument("--on-year", type=int, metavar="年度", help="核算年度；不写用清单里的年度")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def add_settle(parser: argparse.ArgumentParser) -> None:
    _common(parser)
    parser.add_argument("--blank", metavar="文件", help="生成一份空的申报清单（Excel）后结束")


def run_settle(args: argparse.Namespace) -> int:
    """Settle a list of claims; exit 1 where a claim could not be settled or a rule not applied."""
    if args.blank:
        write_blank(workbook(args.blank), force=args.force)
        if args.json:
            print_json({"path": args.blank})
            return 0
        print(f"已生成空的申报清单：{args.blank}\n填好“申报”表后运行：xlpolicy settle {args.blank} -o 兑付台账.xlsx")
        return 0
    output = workbook(args.output) if args.output else None
    file = _read(args)
    settlement = settle(file.claims, file.facts, on_year=_year(args, file))
    if output:
        write_settlement(file.claims, settlement, output, cells=file.cells, force=args.force)
    if args.json:
        print_json(settlement.model_dump("json"))
        return 1 if settlement.notes else 0
    rows = [
        (
            c.id,
            c.enterprise,
            s.title or c.rule,
            f"{s.decided:,.2f}",
            f"{s.decided - s.payable:,.2f}",
            f"{s.payable:,.2f}",
            payers_text(s.payers),
        )
        for c, s in zip(file.claims, settlement.claims, strict=True)
    ]
    print(table(rows, ["编号", "单位", "条款", "单项核定", "核减", "应付", "出资"]))
    for settled in settlement.claims:
        for cut in settled.cuts:
            amount = f"　{'上浮' if cut.amount < 0 else '核减'} {abs(cut.amount):,.2f} 元" if cut.amount else ""
            print(f"  {settled.id}　{cut.reason.rstrip('。')}（{cut.at}）{amount}")
        for reason in settled.reasons:
            print(f"  {settled.id}　不符合条件：{reason}（{settled.basis}）")
    _print_notes(settlement.notes, file)
    drafts = sum(settled.draft for settled in settlement.claims)
    if drafts:
        print(f"提醒　其中 {drafts} 笔依据征求意见稿测算，不作兑现依据")
    print(f"\n共 {len(rows)} 笔，应付合计 {sum(s.payable for s in settlement.claims):,.2f} 元。")
    if args.output:
        print(f"台账：{args.output}")
    return 1 if settlement.notes else 0


def _print_notes(notes: Sequence[Note], file: ClaimsFile) -> None:
    for note in notes:
        where = f"（{file.cells[note.claim]}）" if note.claim in file.cells else ""
        print(f"待补　{note.claim}{where}　{note.text}")


def add_simulate(parser: argparse.ArgumentParser) -> None:
    _common(parser)
    parser.add_argument(
        "--set", action="append", default=[], metavar="文件代号:条款.数字=新数字", dest="changes",
        help="改一个数字，可写多次，如 putian-draft:chain_leader.year_cap=40万元；分档的写 tech_center.award[national]=300万元",
    )  # fmt: skip


def run_simulate(args: argparse.Namespace) -> int:
    """The same claims before and after changed figures; exit 1 where claims could not be settled."""
    changes: dict[str, dict[str, str]] = {}
    for text in args.changes:
        document, colon, rest = text.partition(":")
        path, sign, value = rest.partition("=")
        if not colon or not sign or not value:
            raise InvalidInput(
                f"“{text}”读不懂", where="--set", expected="文件代号:条款.数字=新数字", remedy="按这个写法改正"
            )
        if path in changes.setdefault(document, {}):
            raise InvalidInput(f"{document}:{path} 写了两次", where="--set", expected="每个数字一次", remedy="删去一个")
        changes[document][path] = value
    if not changes:
        raise InvalidInput("没有写要改的数字", where="--set", expected="至少一个 --set", remedy="写明要改的数字")
    output = workbook(args.output) if args.output else None
    file = _read(args)
    result = simulate(file.claims, changes, file.facts, on_year=_year(args, file), enterprises=file.enterprises)
    if output:
        write_simulation(result, output, force=args.force)
    if args.json:
        print_json(result.model_dump("json"))
        return 1 if result.notes else 0
    for change in result.changes:
        print(f"改动　{change.title} {change.label}：{change.before} → {change.after}（{change.at}）")
    for name, lines in result.views.items():
        rows = [
            (x.name, x.paid_before, f"{x.before:,.2f}", x.paid_after, f"{x.after:,.2f}", f"{x.difference:+,.2f}")
            for x in lines
        ]
        print("\n" + table(rows, [name, "现行笔数", "现行应付", "改后笔数", "改后应付", "增减"]))
    print(
        f"\n合计由 {result.total.before:,.2f} 元变为 {result.total.after:,.2f} 元（{result.total.difference:+,.2f}）。"
    )
    _print_notes(result.notes, file)
    if args.output:
        print(f"测算表：{args.output}")
    return 1 if result.notes else 0


def _read(args: argparse.Namespace) -> ClaimsFile:
    if not args.claims:
        raise InvalidInput(
            "没有写申报清单", where="命令行", expected=".json 或 .xlsx 文件", remedy="写明文件，或用 --blank 生成空表"
        )
    return read_file(Path(args.claims))


def _year(args: argparse.Namespace, file: ClaimsFile) -> int:
    named: int | None = args.on_year or file.on_year
    if named:
        return int(named)
    years = {claim.on.year for claim in file.claims if claim.on}
    if len(years) > 1:
        raise InvalidInput(
            f"申报跨 {'、'.join(map(str, sorted(years)))} 年度",
            where="核算年度",
            expected="一个年度",
            remedy="用 --on-year 写明",
        )
    return years.pop() if years else dt.date.today().year
