"""Ledgers drawn from the register: what it holds is what they say, totals are formulas with their results."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from xlpolicy.money import ZERO, upper
from xlpolicy.register.database import Register
from xlpolicy.register.journal import shown
from xlpolicy.register.review import (
    AMOUNT,
    CLOSED,
    COUNTY,
    DAY,
    NUMBER,
    OBJECTION,
    REASON,
    RESULT,
    REVIEWER,
    VERSION,
    version_of,
)
from xlpolicy.register.standing import RESULTS, Standing, Standings
from xlpolicy.settle.table_book import Column, Page, Table, Value, write

NONE = "—"


def proof_line(register: Register) -> str:
    """What stands on every paper: the chain's head at this moment."""
    seq, head = register.head()
    return f"登记库第 {seq} 条日志　校验值 {shown(head)}"


def project_of(standing: Standing) -> str:
    return standing.claim.project or NONE


def write_reviews(register: Register, path: Path) -> int:
    """审核台账: what is to be reviewed, to be edited in Excel and loaded again. Returns the number of claims.

    Claims that are planned or paid are left out: their review stands.
    """
    line = proof_line(register)
    with register.reading() as connection:
        standings = [s for s in Standings(connection).all if not s.committed]
    columns = (
        Column(NUMBER, 13, "center"), Column("申报单位", 26), Column("县区", 10), Column("项目", 20), Column("条款", 22),
        Column("依据", 24), Column("申报数据", 34), Column("测算额\n（元）", 17, "yuan", total=True),
        Column(f"{COUNTY}\n（元）", 17, "yuan", total=True, entry=True, hint="县区初审的金额（元），没有初审的不填"),
        Column(f"{AMOUNT}\n（元）", 17, "yuan", total=True, entry=True, hint="不大于测算额；不予兑付的填 0，并写原因"),
        Column("核减额\n（元）", 16, "part", total=True, formula='=IF(J{row}="",0,H{row}-J{row})'),
        Column(REASON, 30, entry=True, hint="审定额小于测算额的必填"), Column(REVIEWER, 12, "center", entry=True),
        Column(DAY, 13, "date", entry=True, hint="如 2026-06-30；不填为载入当天"),
        Column(RESULT, 12, "center", entry=True, choose=f'"{",".join(RESULTS)}"', hint="公示期满后填"),
        Column(CLOSED, 13, "date", entry=True, hint="公示期满或提出异议的日期"), Column(OBJECTION, 26, entry=True),
        Column("计算过程", 46), Column(VERSION, 12, "center"),
    )  # fmt: skip
    rows: list[list[Value]] = []
    for s in standings:
        review, published, detail = s.review, s.publication, s.detail
        rows.append(
            [
                s.number, s.name, s.county or NONE, project_of(s), s.title, str(detail.get("basis", "")),
                str(detail.get("inputs", "")), s.amount, s.county_amount,
                review.amount if review else None, s.amount - review.amount if review else ZERO,
                review.reason if review else None, review.reviewer if review else None,
                dt.date.fromisoformat(review.reviewed_on) if review else None, published["result"] if published else None,
                dt.date.fromisoformat(published["closed_on"]) if published else None, published["text"] if published else None,
                str(detail.get("explanation", "")), version_of(s),
            ]
        )  # fmt: skip
    note = f"共 {len(rows)} 笔　只填浅黄色的栏目，填好保存后运行 xlpolicy review load；列可以移动、改样式，表头和“{VERSION}”不要改　单位：元\n{line}"
    page = Page("审核台账", "审 核 台 账", note, (Table(columns, rows),), paper="A3", freeze=2)
    write((page,), path, created=dt.date.today(), force=True)
    return len(rows)


def write_claims(register: Register, path: Path) -> None:
    """申报台账: every claim of the register, as it stands."""
    line = proof_line(register)
    with register.reading() as connection:
        standings = Standings(connection).all
    total = sum((s.amount for s in standings), ZERO)
    columns = (
        Column("编号", 13, "center"), Column("批次", 11, "center"), Column("申报单位", 28), Column("统一社会信用代码", 22),
        Column("县区", 12), Column("项目", 22), Column("条款", 24), Column("依据", 28),
        Column("测算额\n（元）", 18, "yuan", total=True), Column("审定额\n（元）", 18, "yuan", total=True),
        Column("应付\n（元）", 18, "yuan", total=True), Column("已拨\n（元）", 18, "part", total=True),
        Column("状态", 12, "center"), Column("文件", 30),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [
            s.number, s.batch, s.name, s.code, s.county or NONE, project_of(s), s.title, str(s.detail.get("basis", "")),
            s.amount, s.review.amount if s.review else None, s.line.payable if s.line else None, s.paid, s.state, s.file,
        ]
        for s in standings
    ]  # fmt: skip
    note = f"共 {len(rows)} 笔　测算合计大写：{upper(total)}　单位：元　审定额空着的还没有审定\n{line}"
    page = Page("申报台账", "申 报 台 账", note, (Table(columns, rows),), paper="A3", freeze=3)
    write((page,), path, created=dt.date.today(), force=True)
