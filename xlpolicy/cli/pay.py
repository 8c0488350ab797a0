"""pay: a plan of payments, and what became of it."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from xlpolicy.cli.arguments import add_folder_option, add_operator_option
from xlpolicy.cli.console import print_json, table
from xlpolicy.faults import InvalidInput
from xlpolicy.law.in_force import as_date
from xlpolicy.law.labels import LEVELS
from xlpolicy.money import ZERO, parse_money, parse_rate
from xlpolicy.register import in_sentences
from xlpolicy.register.database import Register
from xlpolicy.register.folder import Folder, opened
from xlpolicy.register.paying import (
    Plan,
    cancel,
    confirm,
    read_plan,
    release,
    returned,
    take_back,
)
from xlpolicy.register.plan_book import planned
from xlpolicy.register.standing import Transfer
from xlpolicy.register.steps import papers, plan_folder

ACTIONS = {
    "plan": "做拨付计划，写出拨款明细表、审签表和银行导入文件",
    "print": "重新写出一批的拨款明细表、审签表和银行导入文件（批次号）",
    "confirm": "确认一批已拨付（批次号）",
    "release": "核对无误，放行暂缓的一笔或一批（拨付编号或批次号）",
    "cancel": "取消还没有拨付的（批次号或拨付编号）",
    "return": "登记退票，可以重新列入计划（拨付编号）",
    "back": "登记企业退回的资金（拨付编号 金额）",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    said = "；".join(f"{name}：{text}" for name, text in ACTIONS.items())
    parser.add_argument("action", choices=list(ACTIONS), metavar="|".join(ACTIONS), help=said)
    parser.add_argument("number", nargs="?", default="", metavar="编号", help="批次号或拨付编号")
    parser.add_argument("amount", nargs="?", default="", metavar="金额", help="back：收回多少元")
    parser.add_argument("--share", default="100%", metavar="比例", help="plan：本次拨付余额的几成，如 50%%；不写为全部")
    parser.add_argument("--limit", default="", metavar="金额", help="plan：本次有多少资金，超过的不做计划")
    parser.add_argument(
        "--payer",
        action="append",
        choices=list(LEVELS.values()),
        metavar="资金来源",
        help=f"plan、confirm：只列、只确认这一级的资金（{'、'.join(LEVELS.values())}），可写几次",
    )
    parser.add_argument("--only", action="append", default=[], metavar="申报编号", help="plan：只列这一笔，可写几次")
    parser.add_argument(
        "--skip", action="append", default=[], metavar="拨付编号", help="confirm：这一笔没有拨付，可写几次"
    )
    parser.add_argument("--on", metavar="日期", help="拨付、退票、收回的日期；不写为今天")
    parser.add_argument("--note", default="", metavar="说明", help="记在日志里")
    add_operator_option(parser)
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """One step of paying. Raises FolderError, RegisterError, PaymentError, InvalidInput."""
    folder, register = opened(args.folder)
    who, day = folder.who(args.by), as_date(args.on) or dt.date.today()
    if args.action == "plan":
        return _plan(args, folder, register, who)
    if not args.number:
        raise InvalidInput("没有写编号", where="命令行", expected=ACTIONS[args.action], remedy="补上批次号或拨付编号")
    if args.action == "print":
        files = papers(folder, register, planned(register, args.number))
        return _said(args, [str(path) for path in files], "写出：\n" + "\n".join(f"  {path}" for path in files))
    if args.action == "confirm":
        count, total = confirm(
            register, args.number, who=who, on=day, note=args.note, same_person=folder.same_person, skip=args.skip,
            payers=_payers(args),
        )  # fmt: skip
        return _said(
            args,
            {"plan": args.number, "transfers": count, "amount": f"{total:.2f}"},
            f"已确认拨付 {count} 笔，{total:,.2f} 元。{_left(register, args.number)}",
        )
    if args.action == "release":
        done = release(register, args.number, who=who, on=day, note=args.note)
        text = "\n".join(f"已放行 {t.number}（{t.hold}）。" for t in done)
        return _said(args, [_told(t) for t in done], f"{text}\n{_anew(folder, register, done, '只补送')}")
    if args.action == "cancel":
        gone = cancel(register, args.number, who=who, on=day, note=args.note)
        text = f"已取消 {len(gone)} 笔，可以重新核算和列入计划。\n{_anew(folder, register, gone, '请银行撤下')}"
        return _said(args, [_told(t) for t in gone], text)
    if args.action == "return":
        back = returned(register, args.number, who=who, on=day, note=args.note)
        return _said(
            args, _told(back), f"已登记退票 {back.amount:,.2f} 元；账号改好（请企业报更正件）后可重新列入计划。"
        )
    back = take_back(register, args.number, _money(args.amount), who=who, on=day, note=args.note)
    return _said(args, _told(back), f"已登记收回 {_money(args.amount):,.2f} 元。")


def _left(register: Register, number: str) -> str:
    """What of a plan has not left yet, in a sentence."""
    open_ = [t for t in read_plan(register, number)[0] if t.open]
    total = sum((t.amount for t in open_), ZERO)
    return f"这一批还有 {len(open_)} 笔、{total:,.2f} 元没有拨付。" if open_ else ""


def _anew(folder: Folder, register: Register, changed: Sequence[Transfer], todo: str) -> str:
    """Writes the papers of a plan again: the bank's file holds what is to be paid now. In a sentence."""
    number = changed[0].plan
    plan = planned(register, number)
    name = papers(folder, register, plan)[0].name
    text = f"{name} 和银行导入文件已重新写出；以前的已经送银行的，{todo}这 {len(changed)} 笔。"
    left = any(t.open and not t.held for t in plan.transfers)
    return text + (f"拨付后运行 xlpolicy pay confirm {number} --by 确认人" if left else "")


def _money(text: str) -> Decimal:
    try:
        return parse_money(text)
    except ValueError as error:
        raise InvalidInput(str(error), where="金额", expected="金额（元）", remedy="改正金额") from None


def _payers(args: argparse.Namespace) -> list[str]:
    return [key for key, label in LEVELS.items() if not args.payer or label in args.payer]


def _plan(args: argparse.Namespace, folder: Folder, register: Register, who: str) -> int:
    try:
        share = parse_rate(args.share)
    except ValueError as error:
        raise InvalidInput(str(error), where="--share", expected="比例，如 50%", remedy="改正比例") from None
    if not 0 < share <= 1:
        raise InvalidInput(f"比例是 {args.share}", where="--share", expected="大于 0、不超过 100%", remedy="改正比例")
    most = _money(args.limit) if args.limit else None
    made = plan_folder(
        folder, register, who=who, payers=_payers(args), share=share, most=most, only=args.only, note=args.note
    )
    plan, files, silent = made.plan, made.files, made.unpublished
    if args.json:
        print_json(
            {
                "plan": plan.number, "amount": f"{plan.total:.2f}", "transfers": [_told(t) for t in plan.transfers],
                "left_out": [{"claim": number, "why": why} for number, why in plan.left_out],
                "unpublished": silent, "files": [str(path) for path in files],
            }
        )  # fmt: skip
        return 1 if plan.held or plan.left_out else 0
    _print_plan(plan, silent)
    print("\n写出：\n" + "\n".join(f"  {path}" for path in files))
    print(f"下一步：审签后拨付，再运行 xlpolicy pay confirm {plan.number} --by 确认人")
    return 1 if plan.held or plan.left_out else 0


def _print_plan(plan: Plan, silent: list[str]) -> None:
    rows = [(t.number, t.holder, t.account, LEVELS[t.payer], f"{t.amount:,.2f}", t.state) for t in plan.transfers]
    print(table(rows, ["拨付编号", "户名", "账号", "资金来源", "本次（元）", "状态"]))
    print(f"\n{in_sentences.planned(plan)}")
    for t in plan.held:
        print(f"暂缓　{t.number}：{t.hold}。核对后运行 xlpolicy pay release {t.number} --note 核对情况")
    reasons: dict[str, list[str]] = {}
    for number, why in plan.left_out:
        reasons.setdefault(why, []).append(number)
    for why, numbers in reasons.items():  # of a year's claims hundreds are due nothing
        print(f"未列入　{_few(numbers)}：{why}")
    if silent:
        print(f"注意　还没有登记公示结果：{_few(silent)}，在审核台账里填公示结果后载回")


def _few(numbers: Sequence[str]) -> str:
    """The first of many 编号, and how many there are."""
    return "、".join(numbers[:10]) + (f" 等 {len(numbers)} 笔" if len(numbers) > 10 else "")


def _said(args: argparse.Namespace, data: Any, text: str) -> int:
    if args.json:
        print_json(data)
    else:
        print(text)
    return 0


def _told(transfer: Transfer) -> dict[str, str]:
    return {
        "number": transfer.number, "payer": transfer.payer, "amount": f"{transfer.amount:.2f}", "holder": transfer.holder,
        "account": transfer.account, "bank": transfer.bank, "hold": transfer.why_held,
    }  # fmt: skip
