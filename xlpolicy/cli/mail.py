"""mail: the forms of a batch sent out by mail, reminders, and who has not answered."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xlpolicy.cli.arguments import add_folder_option, add_operator_option
from xlpolicy.cli.console import fitted, print_json
from xlpolicy.faults import InvalidInput
from xlpolicy.law import catalog as catalogs
from xlpolicy.mail.compose import FIRST, RECEIPT, REMINDER, Parcel, template_of
from xlpolicy.mail.outbox import settle_unsure
from xlpolicy.mail.outgoing import OUT
from xlpolicy.mail.posting import RECEIPTS, Post, Posted, dry_run, faults_of, form_parcels, only, password_of, send
from xlpolicy.register import mailing_log
from xlpolicy.register.database import Register
from xlpolicy.register.folder import Folder, opened
from xlpolicy.register.issuing import Sent, issued
from xlpolicy.register.mailing_log import settle_by_hand, states_of
from xlpolicy.survey.office import needed, read_office

ACTIONS = {
    "send": "把一批申请表发给名单上的企业，一家一封（批号）；不加 --send 只写出 .eml 文件供查看",
    "remind": "催还没有交回的，再附上申请表（批号）；不加 --send 只写出 .eml 文件",
    "fetch": "收回复：从邮箱（IMAP）取，或写明放着 .eml、.msg 的文件夹；申请表放进“收件”，发票等放进“凭证”",
    "status": "各批发了多少、谁还没有交回（批号可不写）",
}
_EML = "发件"
_MOST = 40
_STATES = {"sending": "不确定", "sent": "已发出", "failed": "没有发出", "bounced": "退信", "not_sent": "没有发出"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    said = "；".join(f"{name}：{text}" for name, text in ACTIONS.items())
    parser.add_argument("action", choices=list(ACTIONS), metavar="|".join(ACTIONS), help=said)
    parser.add_argument(
        "batch", nargs="?", default="", metavar="批号", help="xlpolicy form --list 给的批号，如 FB2026-001"
    )
    parser.add_argument(
        "--send", action="store_true", help="真的发出；密码从环境变量 XLPOLICY_MAIL_PASSWORD 取，没有就问"
    )
    parser.add_argument("--only", type=int, nargs="+", default=[], metavar="序号", help="只发这几份")
    parser.add_argument(
        "--resend",
        type=int,
        nargs="+",
        default=[],
        metavar="序号",
        help="send、remind：查实没有发出（或退了信）的，再发；fetch：回执编号末尾的数",
    )
    parser.add_argument(
        "--was-sent", type=int, nargs="+", default=[], metavar="序号", help="同上，查实已经发出的，记下来，不再发"
    )
    parser.add_argument(
        "--receipt",
        action="store_true",
        help="fetch：给带附件的来信写回执，一封一份；不加 --send 只写出 .eml 文件供查看",
    )
    add_operator_option(parser)
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """One step of mailing. Raises FolderError, RegisterError, MailError, OfficeError, TemplateError, InvalidInput."""
    folder, register = opened(args.folder)
    if args.action == "fetch":
        return _fetch(args, folder, register)
    with register.reading() as connection:
        forms = issued(connection, args.batch)
    if args.action == "status":
        return _status(args, register, forms)
    if not args.batch or not forms:
        with register.reading() as connection:
            known = sorted({sent.batch for sent in issued(connection)})
        raise InvalidInput(
            f"没有“{args.batch}”这一批" if args.batch else "没有写批号", where="命令行",
            expected="、".join(known[-5:]) or "批号", remedy="先用 xlpolicy form 城市 条款 --list 企业名单.xlsx 写出申请表",
        )  # fmt: skip
    return _post(args, folder, register, forms)


def _post(args: argparse.Namespace, folder: Folder, register: Register, forms: Sequence[Sent]) -> int:
    remind = args.action == "remind"
    kind = f"reminder-{dt.date.today().isoformat()}" if remind else mailing_log.FIRST
    chosen = only(forms, args.only) if args.only else [s for s in forms if not remind or not s.replied]
    for serials in (args.was_sent, args.resend):
        only(forms, serials)
    known = {sent.serial: (sent.id, kind) for sent in forms}
    _found_out(args, register, known, folder.who(args.by), f"用 xlpolicy mail status {args.batch} 看各份的情况")
    office = read_office(folder.settings)
    parcels = form_parcels(chosen, kind, office, catalogs.default(), dt.date.today())
    letter = template_of(folder, REMINDER if remind else FIRST)
    post = Post(parcels, folder.out / OUT / args.batch, letter, office, f"{args.batch} {kind}")
    if not args.send:
        out = folder.out / _EML / f"{args.batch}{'-催报' if remind else ''}"
        posted = dry_run(post, register, out)
        return _told(
            args, posted, parcels, f"写出 {len(posted.sent)} 封供查看，没有发出：{out}", "看过以后加 --send 发出"
        )
    needed(office, "send", folder.settings)
    progress = not args.json and sys.stderr.isatty()
    password, who = password_of(), folder.who(args.by)
    settle_unsure(register, parcels, office, password, who)
    posted = send(
        post, register, password, who=who,
        told=lambda done, of: print(f"\r{done}/{of}", end="", file=sys.stderr) if progress else None,
    )  # fmt: skip
    return _told(args, posted, parcels, f"发出 {len(posted.sent)} 封", "收回的用 xlpolicy mail fetch 取进收件")


def _found_out(
    args: argparse.Namespace, register: Register, known: Mapping[int, tuple[int, str]], who: str, remedy: str
) -> None:
    """What somebody found out of mails that were cut off, by their numbers. Raises InvalidInput where there is nothing to be
    found out."""
    for serials, was_sent in ((args.was_sent, True), (args.resend, False)):
        said = {known[serial]: serial for serial in serials if serial in known}
        refused = (
            [said[mail] for mail in settle_by_hand(register, list(said), was_sent=was_sent, who=who)] if said else []
        )
        if strange := sorted({*refused, *serials} - (set(said.values()) - set(refused))):
            raise InvalidInput(
                f"第 {'、'.join(map(str, strange))} 份没有要查实的", where="命令行",
                expected="不确定有没有发出的（再发的还可以是退信的）", remedy=remedy,
            )  # fmt: skip


def _told(args: argparse.Namespace, posted: Posted, parcels: Sequence[Parcel], done: str, then: str) -> int:
    faults = faults_of(posted, parcels)
    if args.json:
        print_json(posted.model_dump() | {"problems": [fault.as_dict() for fault in faults]})
        return 1 if faults or posted.stopped else 0
    print(done)
    if posted.before:
        print(f"{len(posted.before)} 封以前发过，没有再发")
    if posted.stopped:
        print(f"中断：{posted.stopped}；再运行一次接着发")
    for fault in faults[:_MOST]:
        print(f"核对　{fault}")
    if len(faults) > _MOST:
        print(f"　　　等 {len(faults)} 处，全部见 --json")
    if posted.sent:
        print(then)
    return 1 if faults or posted.stopped else 0


def _fetch(args: argparse.Namespace, folder: Folder, register: Register) -> int:
    from xlpolicy.mail.filing import file_mails, mails_of
    from xlpolicy.mail.mailbox import known_messages, new_mails

    args.receipt = args.receipt or bool(args.resend or args.was_sent)
    if args.resend or args.was_sent:  # about receipts alone
        mails: Iterable[tuple[str, bytes]] = []
    elif args.batch:
        mails = mails_of(Path(args.batch))
    else:
        office = read_office(folder.settings)
        needed(office, "fetch", folder.settings)
        mails = new_mails(office, password_of(), known_messages(register))
    filed = file_mails(folder, register, mails, who=folder.who(args.by))
    told: tuple[dict[str, Any], list[str], int] = _receipts(args, folder, register) if args.receipt else ({}, [], 0)
    if args.json:
        print_json(filed.model_dump() | told[0])
        return 1 if filed.faults or told[2] else 0
    known = f"（另有 {filed.known} 封以前收过）" if filed.known else ""
    print(
        f"收到 {filed.mails} 封{known}：申请表等 {len(filed.forms)} 个放进收件，其他材料 {len(filed.papers)} 个放进凭证"
    )
    if filed.pictures:
        print(f"正文里的图片 {filed.pictures} 张没有取")
    if filed.automatic:
        print(f"自动回复 {filed.automatic} 封，没有附件")
    for fault in filed.faults[:_MOST]:
        print(f"核对　{fault}")
    if len(filed.faults) > _MOST:
        print(f"　　　等 {len(filed.faults)} 处，全部见 --json")
    if filed.forms:
        print("核定收到的：xlpolicy fill；谁还没有交回：xlpolicy mail status")
    for line in told[1]:
        print(line)
    return 1 if filed.faults or told[2] else 0


def _receipts(args: argparse.Namespace, folder: Folder, register: Register) -> tuple[dict[str, Any], list[str], int]:
    """Receipts written, or sent with --send: plain data, lines for people, exit status."""
    from xlpolicy.mail.receipts import DAYS, receipts

    office = read_office(folder.settings)
    with register.reading() as connection:
        found = receipts(connection, folder, office, catalogs.default(), dt.date.today())
    known = {parcel.serial: (parcel.issue, parcel.kind) for parcel in found.parcels}
    _found_out(
        args, register, known, folder.who(args.by), "运行 xlpolicy mail fetch --receipt --send，发到一半断开的会列出来"
    )
    post = Post(found.parcels, folder.path, template_of(folder, RECEIPT), office, "回执")
    out = folder.out / _EML / "回执"
    if args.send:
        needed(office, "send", folder.settings)
        password, who = password_of(), folder.who(args.by)
        settle_unsure(register, found.parcels, office, password, who)
        posted = send(post, register, password, who=who)
    else:
        posted = dry_run(post, register, out)
    faults = faults_of(posted, found.parcels, letters=RECEIPTS)
    lines = [
        f"回执发出 {len(posted.sent)} 封"
        if args.send
        else f"回执写出 {len(posted.sent)} 封供查看，没有发出：{out}；看过以后加 --send 发出"
    ]
    lines[0] += f"，{len(posted.before)} 封以前发过" if posted.before else ""
    if found.old:
        lines.append(f"收到超过 {DAYS} 天的 {found.old} 封没有写回执")
    if found.unanswered:
        lines.append(f"不能回复的发件人 {len(found.unanswered)} 个：{'、'.join(found.unanswered[:_MOST])}")
    lines += [f"中断：{posted.stopped}；再运行一次接着发"] if posted.stopped else []
    lines += [f"核对　{fault}" for fault in faults[:_MOST]]
    data = {"receipts": posted.model_dump() | {"old": found.old, "unanswered": found.unanswered}}
    return data, lines, 1 if faults or posted.stopped else 0


def _status(args: argparse.Namespace, register: Register, forms: Sequence[Sent]) -> int:
    with register.reading() as connection:
        states = states_of(connection, [sent.id for sent in forms])
    newest = {issue: mailing for (issue, _), mailing in states.items()}
    if args.json:
        print_json([
            {"issue": s.shown, "code": s.code, "name": s.name, "county": s.county, "title": s.title, "year": s.year,
             "due": s.due, "replied": s.replied, "late": s.late, "mail": newest[s.id].state if s.id in newest else ""}
            for s in forms
        ])  # fmt: skip
        return 0
    if not forms:
        print("还没有发过申请表。用 xlpolicy form 城市 条款 --list 企业名单.xlsx")
        return 0
    today = dt.date.today().isoformat()
    for batch in dict.fromkeys(sent.batch for sent in forms):
        own = [sent for sent in forms if sent.batch == batch]
        back = [sent for sent in own if sent.replied]
        late = sum(sent.late for sent in back)
        due = f"，期限 {own[0].due}" if own[0].due else ""
        print(f"{batch}　{own[0].title}（{own[0].year}年度）　{len(own)} 份{due}")
        print(f"　交回 {len(back)}{f'（逾期 {late}）' if late else ''}，没有交回 {len(own) - len(back)}")
        counts = Counter(sent.county or "（未写县区）" for sent in own if not sent.replied)
        if counts:
            print("　没有交回的：" + "、".join(f"{county} {count}" for county, count in counts.most_common()))
    if args.batch:
        rows = [
            (s.serial, s.county, s.name, s.code, _word(newest.get(s.id)), s.replied or ("逾期" if s.due and s.due < today else "—"), "逾期" if s.late else "")
            for s in sorted(forms, key=lambda s: (bool(s.replied), s.county, s.serial))
        ]  # fmt: skip
        heads = ("序号", "县区", "单位", "代码", "邮件", "交回", "")
        print(fitted(rows[:_MOST], heads, loose=(2,), ends=()))
        if len(rows) > _MOST:
            print(f"等 {len(rows)} 家，全部见 --json")
    return 0


def _word(mailing: mailing_log.Mailing | None) -> str:
    return _STATES[mailing.state] if mailing else "—"
