"""The papers of a payment plan: 拨款明细表, 汇总, the 审签表 on one page, and the bank's import file."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from xlpolicy.money import ZERO, upper
from xlpolicy.register.database import Register
from xlpolicy.register.ledgers import NONE, project_of, proof_line
from xlpolicy.register.paying import PAYERS, Plan, read_plan
from xlpolicy.register.standing import Standing, Transfer
from xlpolicy.settle.table_book import Column, Page, Table, Value, content
from xlpolicy.sheets.files import write_atomically

BANK_TEMPLATE = "银行导入.csv"
#: headings and fields of the bank's file, as a bureau may change them in 模板
DEFAULT = "收款人户名,收款人账号,开户行,金额,用途,拨付编号\n{户名},{账号},{开户行},{金额},{用途},{拨付编号}\n"
_SIGN = "经办：　　　　　　　　复核：　　　　　　　　分管领导：　　　　　　　　主要领导：　　　　　　　　"


def write_plan(register: Register, plan: Plan, path: Path, template: Path) -> tuple[Path, ...]:
    """The workbook of a plan and its bank files beside it (UTF-8, and GBK where every character is in GBK).

    Returns the files written, the workbook first.
    """
    transfers, standings = read_plan(register, plan.number)
    open_ = [t for t in transfers if t.state != "已取消"]
    line = proof_line(register)
    pages = (_details(plan.number, open_, standings, line), _approval(plan, open_, standings, line), _left_out(plan))
    write_atomically(path, content(pages, created=dt.date.today()), force=True)
    text = bank_text(open_, standings, template)
    written = [path]
    for encoding, name in (("utf-8-sig", "UTF8"), ("gbk", "GBK")):
        try:
            data = text.encode(encoding)
        except UnicodeEncodeError:  # a rare character in a name; the UTF-8 file has it
            continue
        target = path.with_name(f"{path.stem}-银行导入-{name}.csv")
        write_atomically(target, data, force=True)
        written.append(target)
    return tuple(written)


def _details(number: str, transfers: Sequence[Transfer], standings: Mapping[int, Standing], line: str) -> Page:
    columns = (
        Column("拨付编号", 18, "center"), Column("申报编号", 13, "center"), Column("户名", 28), Column("账号", 24, "center"),
        Column("开户行", 26), Column("统一社会信用代码", 22, "center"), Column("条款", 22), Column("依据", 24),
        Column("核定应付\n（元）", 16, "yuan", total=True), Column("以前已列\n（元）", 16, "part", total=True),
        Column("本次\n（元）", 16, "yuan", total=True), Column("剩余\n（元）", 16, "part", total=True),
        Column("本次大写", 36), Column("资金来源", 10, "center"), Column("状态", 10, "center"), Column("暂缓原因", 30),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [
            t.number, standings[t.claim].number, t.holder, t.account, t.bank, standings[t.claim].code,
            standings[t.claim].title, str(standings[t.claim].detail.get("basis", "")), t.due, t.before, t.amount,
            t.due - t.before - t.amount, upper(t.amount), PAYERS.get(t.payer, t.payer), t.state, t.hold if t.held else "",
        ]
        for t in transfers
    ]  # fmt: skip
    total = sum((t.amount for t in transfers), ZERO)
    note = f"批次号 {number}　共 {len(rows)} 笔　本次合计大写：{upper(total)}　单位：元\n{line}"
    return Page("拨款明细表", "拨 款 明 细 表", note, (Table(columns, rows),), paper="A3", sign=_SIGN, freeze=3)


def _approval(plan: Plan, transfers: Sequence[Transfer], standings: Mapping[int, Standing], line: str) -> Page:
    """What is signed: by payer and by provision, on one page."""
    by_payer: dict[str, list[Decimal]] = defaultdict(list)
    by_rule: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for t in transfers:
        by_payer[PAYERS.get(t.payer, t.payer)].append(t.amount)
        standing = standings[t.claim]
        by_rule[standing.title, str(standing.detail.get("basis", ""))].append(t.amount)
    payers = Table(
        (Column("资金来源", 26), Column("笔数", 30, "count", total=True), Column("本次拨付（元）", 20, "yuan", total=True)),
        [[name, len(amounts), sum(amounts, ZERO)] for name, amounts in by_payer.items()], "一、资金来源",
    )  # fmt: skip
    rules = Table(
        (Column("条款", 26), Column("依据", 30), Column("本次拨付（元）", 20, "yuan", total=True)),
        [[title, basis, sum(amounts, ZERO)] for (title, basis), amounts in by_rule.items()], "二、事项和依据",
    )  # fmt: skip
    total = sum((t.amount for t in transfers), ZERO)
    held = sum(t.held for t in transfers)
    note = (
        f"批次号 {plan.number}　共 {len({t.claim for t in transfers})} 笔申报、{len(transfers)} 笔拨付，{total:,.2f} 元（{upper(total)}）"
        + (f"，其中 {held} 笔暂缓，核对后才能拨付" if held else "") + f"\n{line}"
    )  # fmt: skip
    return Page("审签表", "资 金 拨 付 审 签 表", note, (payers, rules), sign=_SIGN)


def _left_out(plan: Plan) -> Page:
    columns = (Column("申报编号", 16, "center"), Column("没有列入的原因", 70))
    rows: list[list[Value]] = [[number, why] for number, why in plan.left_out]
    return Page("未列入", "没有列入本批的申报", "审定、核算、公示处理好以后再做计划。", (Table(columns, rows),))


def bank_text(transfers: Sequence[Transfer], standings: Mapping[int, Standing], template: Path) -> str:
    """The bank's or the finance system's import file: the template's first line, then its second once a transfer.

    Held transfers are left out.
    """
    source = template.read_text(encoding="utf-8-sig") if template.is_file() else DEFAULT
    rows = list(csv.reader(io.StringIO(source)))
    head, fields = [*rows, [], []][:2]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    for t in transfers:
        if t.held or not t.open:
            continue
        s = standings[t.claim]
        known = {
            "户名": t.holder, "账号": t.account, "开户行": t.bank, "金额": f"{t.amount:.2f}", "大写": upper(t.amount),
            "用途": s.title, "拨付编号": t.number, "申报编号": s.number, "单位": s.name, "代码": s.code,
            "项目": "" if project_of(s) == NONE else project_of(s), "资金来源": PAYERS.get(t.payer, t.payer), "批次号": t.plan,
        }  # fmt: skip
        writer.writerow([_filled(field, known) for field in fields])
    return out.getvalue()


def _filled(field: str, known: Mapping[str, str]) -> str:
    for name, value in known.items():
        field = field.replace(f"{{{name}}}", value)
    return field
