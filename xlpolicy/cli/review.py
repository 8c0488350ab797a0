"""review: the review ledger out to Excel, and back."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from xlpolicy.cli.arguments import add_folder_option, add_operator_option
from xlpolicy.cli.console import print_json
from xlpolicy.cli.register import told
from xlpolicy.faults import InvalidInput
from xlpolicy.register import in_sentences
from xlpolicy.register.corrections import CORRECT, Notice, called, end
from xlpolicy.register.county_list import is_county_list, load_county
from xlpolicy.register.database import Register
from xlpolicy.register.deadlines import KEYS, late_by, read_calendar
from xlpolicy.register.folder import Folder, opened
from xlpolicy.register.ledgers import write_counties
from xlpolicy.register.review import load, says_more
from xlpolicy.register.written_beside import rewrite

LEDGER, COUNTIES = "审核台账.xlsx", "县区汇总表"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", nargs="?", choices=["write", "load", "county", "end"], default="write", metavar="write|load|county|end",
        help="write（不写也是）：写出审核台账；load：载回填好的；county：给县区的汇总表，一县区一份，县区填初审额和意见，发回后也用 load 载入；"
        "end：企业没有补正（或撤回）的，终止办理",
    )  # fmt: skip
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="文件",
        help=f"审核台账（county：文件夹）；不写为“结果/{LEDGER}”（“结果/{COUNTIES}”）。end：status 列出的文件，或申报单位的名称、代码",
    )
    parser.add_argument(
        "--year", type=int, metavar="年度", help="write：还在办的以外，列哪一年收到、审定的；不写为今年"
    )
    parser.add_argument("--overdue", action="store_true", help="end：补正过了期限（登记库.toml 的 correct）的全部终止")
    parser.add_argument("--note", default="", metavar="原因", help="end：为什么终止，记在登记库里，写进终止通知")
    parser.add_argument("--force", action="store_true", help="写出时已有同名文件也覆盖（里面没有载回的填写会丢失）")
    parser.add_argument("--county", default="", metavar="县区", help="county、load：只要这个县区的")
    parser.add_argument("--rule", default="", metavar="条款", help="county：只要这个条款（名称）的")
    add_operator_option(parser)
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """Write the ledger, or load it. Raises FolderError, ReviewError, RegisterError, CalendarError, InvalidInput for a file
    that is there."""
    folder, register = opened(args.folder)
    if args.action == "end":
        return _end(args, folder, register)
    if args.action == "county":
        made = write_counties(
            register, args.file or folder.out / COUNTIES, folder, only=args.county, title=args.rule, force=args.force
        )
        if args.json:
            print_json({"files": [{"path": str(path), "claims": count} for path, count in made]})
            return 0
        for path, count in made:
            print(f"县区汇总表：{path}（{count} 笔）")
        print("发给县区填初审额和意见，发回后运行：xlpolicy review load 县区发回的文件")
        return 0
    path = args.file or folder.out / LEDGER
    if args.action == "load":
        if not path.is_file():
            raise InvalidInput(
                "没有这个审核台账", where=str(path), expected="xlpolicy review 写出、在 Excel 里填好的台账",
                remedy="先运行 xlpolicy review 写出来；存在别处的，写明文件：xlpolicy review load 文件",
            )  # fmt: skip
        if is_county_list(path):
            return told(load_county(register, path, who=folder.who(args.by), county=args.county), as_json=args.json)
        loaded = load(register, path, who=folder.who(args.by))
        if args.json:
            print_json(loaded.model_dump())
            return 0
        print(in_sentences.loaded(loaded))
        print("下一步：xlpolicy status 看在等什么；要接着填的，先用 xlpolicy review 重新写出审核台账")
        return 0
    if path.exists() and not args.force and says_more(register, path):
        raise InvalidInput(
            "已有审核台账，里面有没有载回的填写，没有覆盖", where=str(path), expected="先载回",
            remedy="先运行 xlpolicy review load，载回以后再写出；那些填写不要了的，运行 xlpolicy review write --force",
        )  # fmt: skip
    count, kept = rewrite(register, Path(path), folder, year=args.year)
    if args.json:
        print_json({"path": str(path), "claims": count})
        return 0
    if kept:
        print(in_sentences.kept(kept))
    print(f"审核台账：{path}（{count} 笔）\n下一步：在 Excel 里填浅黄色的栏目，保存后运行 xlpolicy review load")
    return 0


def _end(args: argparse.Namespace, folder: Folder, register: Register) -> int:
    """终止: what its enterprise never mended. Raises RegisterError, CalendarError, InvalidInput."""
    calendar, today = read_calendar(folder.calendar), dt.date.today()
    if args.overdue == bool(args.file):
        raise InvalidInput(
            "没有写终止哪一份" if not args.file else "写了文件，又写了 --overdue", where="命令行",
            expected="xlpolicy status 列出的一个文件、申报单位的名称或代码，或 --overdue（过了期限的全部）", remedy="写其中一样",
        )  # fmt: skip
    if args.overdue and KEYS[CORRECT] not in folder.days:
        raise InvalidInput(
            "没有写补正的期限",
            where="登记库.toml 的 [days]",
            expected=f"{KEYS[CORRECT]} = 工作日数",
            remedy="写上期限，或逐份写明终止哪一份",
        )

    def overdue(waiting: Sequence[Notice]) -> list[Notice]:
        return [notice for notice in waiting if late_by(notice, folder.days, calendar, today)]

    which = overdue if args.overdue else called(register, str(args.file))
    ended = end(register, which, who=folder.who(args.by), on=today, reason=args.note)
    if args.json:
        print_json({"ended": [{"file": notice.file, "enterprise": notice.name} for notice in ended]})
        return 0
    for notice in ended:
        early = KEYS[CORRECT] in folder.days and not late_by(notice, folder.days, calendar, today)
        print(f"已终止　{notice.file}　{notice.name}" + ("（补正期限还没有过，请核对）" if early else ""))
    print(f"共 {len(ended)} 份。下一步：xlpolicy letter 终止 写终止通知" if ended else "没有过了补正期限的")
    return 0
