"""settle: many claims together."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xlpolicy.cli.arguments import add_operator_option, workbook
from xlpolicy.cli.console import print_json, table
from xlpolicy.faults import InvalidInput
from xlpolicy.settle import settle
from xlpolicy.settle.claims_book import write_blank
from xlpolicy.settle.claims_file import ClaimsFile
from xlpolicy.settle.claims_files import read_files
from xlpolicy.settle.model import NOTE_KINDS, Note
from xlpolicy.settle.settlement_book import STANDINGS, payers_text, totals_text, write_settlement

if TYPE_CHECKING:
    from xlpolicy.register.folder import Folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_claims_options(parser)
    parser.add_argument(
        "--folder", type=Path, metavar="工作文件夹", help="不写清单时核算哪个工作文件夹的登记库；不写则为当前文件夹"
    )
    add_operator_option(parser)
    parser.add_argument("--blank", metavar="文件", help="生成一份空的申报清单（Excel）后结束")


def run(args: argparse.Namespace) -> int:
    """Settle a list of claims; exit 1 where a claim could not be settled or a rule not applied."""
    if args.blank:
        write_blank(workbook(args.blank), force=args.force)
        if args.json:
            print_json({"path": args.blank})
            return 0
        print(f"已生成空的申报清单：{args.blank}\n填好“申报”表后运行：xlpolicy settle {args.blank} -o 兑付台账.xlsx")
        return 0
    output = workbook(args.output) if args.output else None
    folder = None if args.claims else _folder(args)
    if folder is not None:
        return _of_register(args, folder, output)
    file = read_claims(args)
    settlement = settle(file.claims, file.facts, on_year=year_of(args, file))
    settlement = replace(settlement, notes=(*(Note("", "several", text) for text in file.doubts), *settlement.notes))
    if output:
        write_settlement(file.claims, settlement, output, cells=file.cells, force=args.force)
    if args.json:
        print_json(settlement.model_dump("json") | ({"told": list(file.told)} if file.told else {}))
        return 1 if settlement.notes else 0
    rows = [
        (
            c.id,
            c.enterprise,
            s.title or c.rule,
            "暂缓" if s.status == "pending" else "未核算" if s.outcome is None else STANDINGS[s.standing],
            f"{s.decided:,.2f}",
            f"{s.decided - s.payable:,.2f}",
            f"{s.payable:,.2f}",
            payers_text(s.payers),
        )
        for c, s in zip(file.claims, settlement.claims, strict=True)
    ]
    print(table(rows, ["编号", "单位", "条款", "金额是", "单项核定", "核减", "金额", "出资"]))
    for settled in settlement.claims:
        for cut in settled.cuts:
            amount = f"　{'增加' if cut.amount < 0 else '核减'} {abs(cut.amount):,.2f} 元" if cut.amount else ""
            print(f"  {settled.id}　{cut.reason.rstrip('。')}（{cut.at}）{amount}")
        for reason in settled.reasons:
            print(f"  {settled.id}　不符合条件：{reason}（{settled.basis}）")
    print_notes(settlement.notes, file)
    for text in (*file.told, *settlement.warnings):
        print(f"提醒　{text}")
    print(f"\n共 {len(rows)} 笔，{totals_text(settlement)}。")
    if args.output:
        print(f"台账：{args.output}")
    return 1 if settlement.notes else 0


def _folder(args: argparse.Namespace) -> Folder | None:
    """The working folder: as named, or the one that the current folder lies in."""
    from xlpolicy.register.folder import find, needed

    return needed(args.folder) if args.folder else find()


def _of_register(args: argparse.Namespace, folder: Folder, output: Path | None) -> int:
    """Settle what the register of the working folder holds; exit 1 where something is to be done before payment."""
    from xlpolicy.register import in_sentences
    from xlpolicy.register.settling import UNREVIEWED
    from xlpolicy.register.steps import settle_folder

    done = settle_folder(
        folder,
        folder.open(),
        who=args.by,
        facts=Path(args.facts) if args.facts else None,
        on_year=args.on_year,
        ledger=output,
    )
    found, path = done.found, done.ledger
    if args.json:
        print_json({"number": found.number, "path": str(path), **found.settlement.model_dump("json")})
        return 1 if found.settlement.notes else 0
    for settled in found.settlement.claims:
        for cut in settled.cuts:
            amount = f"　{'增加' if cut.amount < 0 else '核减'} {abs(cut.amount):,.2f} 元" if cut.amount else ""
            print(f"  {settled.id}　{cut.reason.rstrip('。')}（{cut.at}）{amount}")
    for text in found.settlement.warnings:
        print(f"提醒　{text}")
    for note in found.settlement.notes:
        if note.code != UNREVIEWED:
            print(f"{NOTE_KINDS[note.kind]}　{note.claim}　{note.text}")
    print(f"\n{in_sentences.settled(found)}")
    print(f"兑付台账：{path}" + (f"\n待补事项和合并说明：{done.remarks}" if done.remarks else ""))
    publish = "xlpolicy ledger 公示表，公示后在审核台账里登记结果；再运行 xlpolicy pay plan"
    print("下一步：" + ("xlpolicy review，在审核台账里审定、载回后再核算一次" if found.unreviewed else publish))
    return 1 if found.settlement.notes else 0


def add_claims_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "claims",
        nargs="*",
        default=[],
        metavar="申报清单",
        help="fill 写的台账.xlsx，或 .json（on_year、facts、claims）、.xlsx（用 --blank 生成的空表填写）；可写几份，一起核算",
    )
    parser.add_argument(
        "--facts", metavar="文件", help="另一份只写事实的 .xlsx 或 .json（已兑付、资金等各表），与清单里的合用"
    )
    parser.add_argument("-o", "--output", metavar="文件", help="写成 Excel 台账")
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    parser.add_argument("--on-year", type=int, metavar="年度", help="核算年度；不写用清单里的年度")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def read_claims(args: argparse.Namespace) -> ClaimsFile:
    """The claims lists that the command line names, as one. Raises InvalidInput where it names none, ClaimsFileError."""
    if not args.claims:
        raise InvalidInput(
            "没有写申报清单", where="命令行", expected=".json 或 .xlsx 文件", remedy="写明文件，或用 --blank 生成空表"
        )
    return read_files([Path(name) for name in args.claims], Path(args.facts) if args.facts else None)


def year_of(args: argparse.Namespace, file: ClaimsFile) -> int:
    """The year of a settlement: as stated, else that of the claims. Raises InvalidInput where they are of several."""
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


def print_notes(notes: Sequence[Note], file: ClaimsFile) -> None:
    for note in notes:
        where = f"（{file.cells[note.claim]}）" if note.claim in file.cells else ""
        print(f"{NOTE_KINDS[note.kind]}　{note.claim}{where}　{note.text}")
