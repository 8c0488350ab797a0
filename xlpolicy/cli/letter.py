"""letter: official letters from the register, and the announcement or guide of a provision, as .docx."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from xlpolicy.cli.arguments import add_folder_option, add_operator_option
from xlpolicy.cli.console import print_json
from xlpolicy.faults import InvalidInput
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.in_force import as_date
from xlpolicy.mail.compose import NOTICE, Parcel
from xlpolicy.mail.compose import template_of as mail_template
from xlpolicy.mail.guide import GUIDES, write_guide
from xlpolicy.mail.letters import KINDS, write_letters
from xlpolicy.mail.notify import letter_parcels
from xlpolicy.mail.outbox import settle_unsure
from xlpolicy.mail.posting import Post, faults_of, password_of, send
from xlpolicy.register.database import Register
from xlpolicy.register.folder import find, opened
from xlpolicy.register.ledgers.source import Source
from xlpolicy.register.mailing_log import settle_by_hand
from xlpolicy.survey.office import UNIT, needed, read_office

OUT = "通知"
_MOST = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = [*KINDS, *GUIDES]
    parser.add_argument(
        "kind", choices=kinds, metavar="|".join(kinds), help="前七种出自登记库；申报通知、申报指南写明城市和条款"
    )
    parser.add_argument("city", nargs="?", default="", metavar="城市", help="申报通知、申报指南：城市")
    parser.add_argument("rule", nargs="?", default="", metavar="条款", help="申报通知、申报指南：条款编号或名称")
    parser.add_argument("-o", "--output", metavar="文件夹或文件", help="写到哪里；在工作文件夹里可不写，写进 结果/通知")
    parser.add_argument("--only", default="", metavar="单位", help="只写这一家（名称或代码）")
    parser.add_argument("--due", metavar="日期", help="补正、交回的期限；不写的空出来")
    parser.add_argument("--period", default="", metavar="起止", help="公示期，如 2026年7月1日至7月7日；不写的空出来")
    parser.add_argument(
        "--year",
        default="",
        metavar="年度",
        help="申报通知：哪个年度；核定、不予补助、拨付：哪一年审定（拨付）的；不写为落款的那一年",
    )
    parser.add_argument(
        "--batch",
        default="",
        metavar="批号",
        help="受理、核定、不予补助：只写这一批收件的（如 2026-002）；拨付：只写这一批拨付的（如 BF2026-001）",
    )
    parser.add_argument("--on", metavar="日期", help="落款日期；不写为今天")
    parser.add_argument("--send", action="store_true", help="写出后用邮件送达（公示除外），同样的一份只发一次")
    parser.add_argument(
        "--resend",
        nargs="+",
        default=[],
        metavar="单位",
        help="查实没有发出（或退了信）的单位（名称或代码），再发；与 --send 同用",
    )
    parser.add_argument(
        "--was-sent", nargs="+", default=[], metavar="单位", help="查实已经发出的单位（名称或代码），记下来，不再发"
    )
    add_operator_option(parser)
    parser.add_argument("--policy", metavar="文件代号", help="申报通知、申报指南：指定文件，不论日期")
    parser.add_argument("--force", action="store_true", help="申报通知、申报指南：已有同名文件时覆盖")
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """Write letters. Raises InvalidInput, FolderError, RegisterError, OfficeError, TemplateError, NotComputable, MailError."""
    due = as_date(args.due)
    args.due = due.isoformat() if due else ""
    return _guide(args) if args.kind in GUIDES else _letters(args)


def _letters(args: argparse.Namespace) -> int:
    folder, register = opened(args.folder)
    office = read_office(folder.settings)
    out = Path(args.output) if args.output else folder.out / OUT / args.kind
    catalog = catalogs.default()
    with register.reading() as connection:
        written, others = write_letters(
            folder, Source(connection, catalog), args.kind, out, office, catalog, only=args.only, due=args.due,
            period=args.period, on=as_date(args.on), year=args.year, batch=args.batch,
        )  # fmt: skip
        parcels = letter_parcels(connection, written, args.kind, office, as_date(args.on) or dt.date.today(), args.due)
    paths = [path for one in written for path in one.paths]
    for named, was_sent in ((args.was_sent, True), (args.resend, False)):
        if named:
            _settle(register, parcels, named, was_sent=was_sent, who=folder.who(args.by), kind=args.kind)
    posted = None
    if args.send and written and args.kind != "公示":
        needed(office, "send", folder.settings)
        post = Post(parcels, out, mail_template(folder, NOTICE), office, args.kind)
        password, who = password_of(), folder.who(args.by)
        settle_unsure(register, parcels, office, password, who)
        posted = send(post, register, password, who=who)
    faults = faults_of(posted, parcels, letters=args.kind) if posted else []
    status = 1 if faults or (posted and posted.stopped) else 0
    if args.json:
        data = {
            "kind": args.kind,
            "files": [str(path) for path in paths],
            "unmarked": [file for one in written for file in one.unmarked],
            "other_years": others,
        }
        print_json(data | ({"mail": posted.model_dump()} if posted else {}))
        return status
    if not paths:
        print(f"没有要发的{args.kind}通知")
        _other_years(others)
        return 0
    copies = len(paths) - len(written)
    also = f"，带批注的申请表副本 {copies} 份" if copies else ""
    print(f"已写出{args.kind}通知 {len(written)} 份{also}：{out}")
    for path in paths[:_MOST]:
        print(f"  {path.name}")
    if len(paths) > _MOST:
        print(f"  等 {len(paths)} 份")
    unmarked = [file for one in written for file in one.unmarked]
    if unmarked:
        told = "、".join(unmarked[:_MOST]) + (f"等 {len(unmarked)} 个" if len(unmarked) > _MOST else "")
        print(f"提醒　这些不是 .xlsx，写不进批注，照通知里写的单元格改正：{told}")
    if posted:
        before = f"，{len(posted.before)} 封同样的以前发过" if posted.before else ""
        print(f"发出 {len(posted.sent)} 封{before}")
        if posted.stopped:
            print(f"中断：{posted.stopped}；再运行一次接着发")
        for fault in faults[:_MOST]:
            print(f"核对　{fault}")
    elif args.send:
        print("公示不用邮件送达，请另行张贴、上网")
    elif args.kind != "公示" and any(one.address for one in parcels):
        print("看过以后加 --send 用邮件送达")
    _other_years(others)
    _unsaid(office)
    return status


def _settle(
    register: Register, parcels: Sequence[Parcel], named: Sequence[str], *, was_sent: bool, who: str, kind: str
) -> None:
    """What somebody found out of letters that were cut off. Raises InvalidInput where there is nothing to be found out."""
    chosen = {(one.issue, one.kind): one for one in parcels if {one.name, one.code} & set(named)}
    strange = set(named) - {text for one in chosen.values() for text in (one.name, one.code)}
    refused = [] if strange else settle_by_hand(register, list(chosen), was_sent=was_sent, who=who)
    if strange or refused:
        told = "、".join(sorted(strange) or (chosen[mail].name for mail in refused))
        raise InvalidInput(
            f"{told}的{kind}通知没有要查实的", where="命令行", expected="不确定有没有发出的（再发的还可以是退信的）",
            remedy="核对单位；运行时加 --send，发到一半断开的会列出来",
        )  # fmt: skip


def _guide(args: argparse.Namespace) -> int:
    if not args.city or not args.rule:
        raise InvalidInput(
            f"没有写明哪一条的{args.kind}", where="命令行", expected="城市 条款", remedy=f"写成 xlpolicy letter {args.kind} 福州 技改设备补助"
        )  # fmt: skip
    folder = find(args.folder)
    found = catalogs.default().find(args.city, args.rule, as_date(args.on), args.policy)
    path = (
        Path(args.output)
        if args.output
        else (folder.out / OUT if folder else Path()) / f"{found.rule.title}{args.kind}.docx"
    )
    if path.suffix.lower() != ".docx":
        raise InvalidInput(
            f"“{path}”不是 .docx 文件名", where="命令行", expected="以 .docx 结尾", remedy=f"改写成 {path.stem}.docx"
        )
    if not args.output:
        path.parent.mkdir(parents=True, exist_ok=True)
    office = read_office(folder.settings) if folder else {}
    write_guide(
        found,
        args.kind,
        path,
        office,
        folder=folder,
        year=args.year,
        due=args.due,
        force=args.force,
        on=as_date(args.on),
    )
    if args.json:
        print_json({"kind": args.kind, "files": [str(path)], "document": found.document.key, "rule": found.rule.id})
        return 0
    print(f"已写出{args.kind}：{path}\n{found.document.name} {found.rule.at} {found.rule.title}")
    for warning in found.warnings:
        print(f"提醒　{warning}")
    _unsaid(office)
    return 0


def _other_years(years: Sequence[str]) -> None:
    if years:
        print(f"另有 {'、'.join(years)} 年的，没有写；要写加 --year {years[-1]}")


def _unsaid(office: dict[str, str]) -> None:
    if not office.get(UNIT):
        print("提醒　设置.xlsx 的“邮件和公文”表没有填发文机关，通知里空着")
