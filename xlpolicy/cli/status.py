"""status: what waits for whom."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict

from xlpolicy.cli.arguments import add_folder_option
from xlpolicy.cli.console import print_json, table
from xlpolicy.law import catalog as catalogs
from xlpolicy.register import in_sentences
from xlpolicy.register.corrections import Notice
from xlpolicy.register.deadlines import Calendar, Due, due, expiring, late_by, read_calendar
from xlpolicy.register.folder import Folder, opened
from xlpolicy.register.issuing import issued
from xlpolicy.register.status import WAITS, Status, status

#: notices and held transfers that are listed one by one
_MOST = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_folder_option(parser)


def run(args: argparse.Namespace) -> int:
    """The register on one screen. Raises FolderError, RegisterError, CalendarError."""
    folder, register = opened(args.folder)
    found, today = status(register), dt.date.today()
    calendar = read_calendar(folder.calendar)
    terms = due(found.waiting, folder.days, calendar, today)
    last = list(expiring(catalogs.default(), found.documents, today))
    with register.reading() as connection:
        unanswered = [sent for sent in issued(connection) if not sent.replied]
    if args.json:
        print_json(
            found.model_dump()
            | {"due": [asdict(item) | {"by": item.by.isoformat()} for item in terms]}
            | {"expiring": [{"document": name, "last": day.isoformat()} for name, day in last]}
            | {"unanswered": [sent.shown for sent in unanswered]}
        )
        return 0
    print(f"{found.where}　日志 {found.entries} 条，校验值 {found.head}")
    print(
        f"收件 {found.batches} 批 {found.forms} 份，申报 {found.claims} 笔：测算 {found.computed:,.2f} 元，审定 {found.reviewed:,.2f} 元，已拨付 {found.paid:,.2f} 元\n"
    )
    rows = [(name, count, f"{amount:,.2f}", WAITS[name]) for name, (count, amount) in found.states.items()]
    if rows:
        print(table(rows, ["状态", "笔数", "金额（元）", "等谁做什么"]))
    if found.to_publish:
        print(f"\n{in_sentences.to_publish(found.to_publish)}")
    _print_terms(found, terms, last, folder, calendar)
    _print_notices(found.notices, [late_by(n, folder.days, calendar, today) for n in found.notices])
    if unanswered:
        late = sum(1 for sent in unanswered if sent.due and sent.due < today.isoformat())
        print(
            f"\n发出的申请表还有 {len(unanswered)} 份没有交回{f'（{late} 份已过期限）' if late else ''}：xlpolicy mail status"
        )
    for number, why in found.held[:_MOST]:
        print(f"暂缓　{number}：{why}")
    if len(found.held) > _MOST:
        print(f"  另有 {len(found.held) - _MOST} 笔暂缓")
    if not found.claims and not found.notices:
        print("还没有收件：把申请表放进“收件”，运行 xlpolicy fill")
    return 0


def _print_notices(notices: Sequence[Notice], late: Sequence[int]) -> None:
    """The forms that their enterprises have to mend, those that are most overdue first."""
    if not notices:
        return
    print(f"\n等企业补正 {len(notices)} 份：")
    ordered = sorted(zip(late, notices, strict=True), key=lambda one: -one[0])
    for days, notice in ordered[:_MOST]:
        told = f"（已超期 {days} 个工作日）" if days else ""
        print(f"  {notice.file}　{told}{notice.text[:60]}")
    if len(notices) > _MOST:
        print(f"  另有 {len(notices) - _MOST} 份：xlpolicy ledger 补正台账")
    if any(late):
        print("  逾期不补的：xlpolicy review end 文件 --note 原因（--overdue 为全部过期的）")


def _print_terms(
    found: Status, terms: Sequence[Due], last: Sequence[tuple[str, dt.date]], folder: Folder, calendar: Calendar
) -> None:
    """By when what waits has to be done; what is needed to say so."""
    if terms:
        rows = [
            (item.step, item.by, f"{item.claims} {item.counted}", f"已超期 {item.late} 个工作日" if item.late else "")
            for item in terms[:_MOST]
        ]
        print("\n" + table(rows, ["等着", "最迟", "多少", ""]))
        for year in sorted({item.by.year for item in terms} - calendar.years):
            print(f"注意　{folder.calendar.name} 里没有 {year} 年的放假和调休，{year} 年只按周末算")
    elif found.waiting and not folder.days:
        print("\n没有写期限：在 登记库.toml 的 [days] 里按本单位规定填工作日数，这里就列出最迟哪天")
    for name, day in last:
        print(f"注意　{name} 有效期到 {day}，还有申报没有办完")
