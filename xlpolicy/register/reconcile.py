"""`reconcile`: what an auditor looks for, in the register itself and against a bank's list."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from xlpolicy.forms.grids import read_grids
from xlpolicy.money import ZERO, parse_money
from xlpolicy.register import tables
from xlpolicy.register.corrections import CORRECT, notices
from xlpolicy.register.database import Register, RegisterError
from xlpolicy.register.deadlines import Calendar, due
from xlpolicy.register.duplicates import Finding, duplicates
from xlpolicy.register.standing import OBJECTED, UPHELD, Standing, Standings
from xlpolicy.sheets.package import OPEN_AGAIN, Unreadable

_NUMBER, _AMOUNT, _ACCOUNT = "拨付编号", ("金额", "本次", "实付金额", "交易金额"), ("账号", "收款人账号", "收款账号")


def reconcile(register: Register, bank: Path | None = None) -> list[Finding]:
    """Everything that does not fit. `bank`: what the bank says it paid. Raises RegisterError for a list that is none."""
    with register.reading() as connection:
        standings = Standings(connection).all
        a = tables.accounts
        accounts = [
            (row.enterprise, row.account)
            for row in connection.execute(select(a.c.enterprise, a.c.account).order_by(a.c.id))
        ]
        found = [*_publicised(standings), *duplicates(connection, standings, accounts)]
    if bank is not None:
        found += _bank(standings, _listed(bank))
    return found


def overdue(register: Register, days: Mapping[str, int], calendar: Calendar, today: dt.date) -> list[Finding]:
    """What was to be done by a day that is over, claim by claim and form by form; steps without days have none.

    Raises RegisterError.
    """
    with register.reading() as connection:
        waits = [(s.number, s.name, *s.step) for s in Standings(connection).all]
        waits += [(n.file, n.name, CORRECT, n.received_on) for n in notices(connection, only_open=True)]
    found = []
    for number, name, step, since in waits:
        for item in due([(step, since, 1)], days, calendar, today):
            if item.late:
                what = f"{name} 等{step}，最迟 {item.by}，已超期 {item.late} 个工作日"
                found.append(Finding("超期", number, what))
    return found


def _publicised(standings: Sequence[Standing]) -> Iterator[Finding]:
    for s in standings:
        result = s.publication["result"] if s.publication else ""
        if s.paid > 0 and not result:
            yield Finding("拨付未公示", s.number, f"{s.name} 已拨付 {s.paid:,.2f} 元，没有登记公示结果")
        elif s.paid > 0 and result in (OBJECTED, UPHELD):
            yield Finding("拨付有异议", s.number, f"{s.name} 已拨付 {s.paid:,.2f} 元，公示结果是“{result}”")
        elif (
            result
            and not s.committed
            and s.line is not None
            and s.line.payable > 0
            and result not in (OBJECTED, UPHELD)
        ):
            yield Finding(
                "公示未拨付",
                s.number,
                f"{s.name} 公示{result}（{s.publication['closed_on'] if s.publication else ''}），应付 {s.line.payable:,.2f} 元还没有列入拨付",
            )
        if s.misannounced and s.line is not None:
            yield Finding(
                "公示金额不符",
                s.number,
                f"{s.name} 公示的是 {s.announced:,.2f} 元，应付 {s.line.payable:,.2f} 元，请重新公示",
            )
        # an uplift or a year's sum may make more due than was found right alone
        due = s.line.payable if s.fresh and s.line is not None else ZERO
        if s.review is not None and s.paid > max(s.review.amount, due):
            yield Finding("拨付超审定", s.number, f"{s.name} 已拨付 {s.paid:,.2f} 元，审定 {s.review.amount:,.2f} 元")


def _bank(standings: Sequence[Standing], listed: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    transfers = {t.number: t for s in standings for t in s.transfers}
    seen: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in listed:
        number = row["number"]
        if number not in transfers:
            yield Finding(
                "银行多付",
                row["where"],
                f"拨付编号 {number or '（空）'} 不在登记库里，银行付了 {row['amount']:,.2f} 元",
            )
            continue
        seen[number] += row["amount"]
        account = "".join(filter(str.isalnum, row["account"]))
        if account and account != "".join(filter(str.isalnum, transfers[number].account)):
            yield Finding(
                "账号不符", row["where"], f"{number} 银行付到 {row['account']}，登记的是 {transfers[number].account}"
            )
    for number, t in transfers.items():
        paid = t.paid + t.taken_back
        if number in seen and seen[number] != paid:
            yield Finding("金额不符", number, f"银行付了 {seen[number]:,.2f} 元，登记库是 {t.state} {paid:,.2f} 元")
        elif number not in seen and paid > 0:
            yield Finding("银行未付", number, f"登记库已拨付 {paid:,.2f} 元，银行清单里没有")


def _listed(path: Path) -> list[Mapping[str, Any]]:
    """The lines of a bank's list, wherever its headings stand."""
    for name, grid in _grids(path).items():
        for start, line in enumerate(grid):
            heads = ["".join(str(cell).split()).partition("（")[0].partition("(")[0] for cell in line]
            amount = next((head for head in _AMOUNT if head in heads), None)
            if _NUMBER in heads and amount:
                account = next((head for head in _ACCOUNT if head in heads), None)
                at = {
                    "number": heads.index(_NUMBER),
                    "amount": heads.index(amount),
                    "account": heads.index(account) if account else -1,
                }
                return list(_lines(grid, start, at, f"{path.name} {name}".strip()))
    raise RegisterError(
        f"没有找到表头“{_NUMBER}”和“金额”",
        where=path.name,
        expected="银行清单，付款备注里带拨付编号",
        remedy="加上这两栏的表头",
    )


def _lines(grid: Sequence[Sequence[Any]], start: int, at: Mapping[str, int], name: str) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(grid[start + 1 :], start + 2):
        cells = {
            key: str(line[i]).strip() if 0 <= i < len(line) and line[i] is not None else "" for key, i in at.items()
        }
        if not cells["amount"] or cells["number"] in ("合计", "总计") or not any(cells.values()):
            continue
        if not cells["number"] and "合计" in "".join(map(str, line)):
            continue
        try:
            amount = parse_money(cells["amount"])
        except ValueError:
            raise RegisterError(
                f"“{cells['amount']}”不是金额", where=f"{name} 第 {number} 行", remedy="改正后再核对"
            ) from None
        yield {
            "number": cells["number"],
            "amount": amount,
            "account": cells["account"],
            "where": f"{name} 第 {number} 行",
        }


def _grids(path: Path) -> Mapping[str, Sequence[Sequence[Any]]]:
    if path.suffix.lower() in (".csv", ".txt"):
        data = path.read_bytes()
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return {"": list(csv.reader(io.StringIO(data.decode(encoding))))}
            except UnicodeDecodeError:
                continue
    try:
        sheets, differing, *_ = read_grids(path)
    except Unreadable as failure:
        expected = ".csv、.xlsx、.xls 或 .ods 文件"
        raise RegisterError(failure.problem.got, where=path.name, expected=expected, remedy=OPEN_AGAIN) from None
    for where, fault in differing.items():
        raise RegisterError(fault.got, where=f"{path.name} {where}", remedy=fault.remedy)
    return sheets
