"""Ledgers drawn from the register: what it holds is what they say, totals are formulas with their results."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from xlpolicy.money import ZERO, upper
from xlpolicy.register.database import Register
from xlpolicy.register.journal import shown
from xlpolicy.register.standing import Standing, Standings
from xlpolicy.settle.table_book import Column, Page, Table, Value, write

NONE = "—"


def proof_line(register: Register) -> str:
    """What stands on every paper: the chain's head at this moment."""
    seq, head = register.head()
    return f"登记库第 {seq} 条日志　校验值 {shown(head)}"


def project_of(standing: Standing) -> str:
    return standing.claim.project or NONE


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
