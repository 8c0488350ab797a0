"""The ledgers of a settlement: 兑付台账, 核减明细, 出资汇总, 公示表, 待补事项; and the workbook of a simulation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from xlpolicy.ledger.tablebook import Chart, Column, Page, Table, Value, write
from xlpolicy.money import ZERO, upper
from xlpolicy.settle import Claim, Settlement
from xlpolicy.simulate import Line, Simulation

PAYERS = {"central": "中央", "province": "省级", "city": "市级", "county": "县级"}


def write_settlement(
    claims: Sequence[Claim], settlement: Settlement, path: Path, *, created: dt.date | None = None, force: bool = False
) -> None:
    """The ledgers of one settlement as a workbook. `claims` in the settlement's order."""
    pages = (
        _payments(claims, settlement),
        _cuts(claims, settlement),
        _summary(settlement),
        _notice(claims, settlement),
        _open(claims, settlement),
    )
    write(pages, path, created=created or dt.date.today(), force=force)


def _payers(settlement: Settlement) -> list[str]:
    """Who pays anything in this settlement; a column for the others would only be zeros."""
    return [payer for payer in PAYERS if any(payer in settled.payers for settled in settlement.claims)]


def _payer_columns(payers: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(f"其中{PAYERS[payer]}\n（元）", 14, "yuan", total=True) for payer in payers)


def _payments(claims: Sequence[Claim], settlement: Settlement) -> Page:
    payers = _payers(settlement)
    rows: list[list[Value]] = []
    for number, (claim, settled) in enumerate(zip(claims, settlement.claims, strict=True), 1):
        cut = sum((c.amount for c in settled.cuts), ZERO)
        why = "；\n".join(f"{c.reason}（{c.amount:,.2f}元）" for c in settled.cuts) or "无"
        parts = [settled.payers.get(payer, ZERO) for payer in payers]
        rows.append(
            [number, claim.id, claim.enterprise, claim.project or "无", settled.title or claim.rule, settled.basis or "无",
             str(claim.on or "无"), settled.decided, cut, settled.payable, *parts, why]
        )  # fmt: skip
    columns = (
        Column("序号", 6, "count"), Column("申报编号", 10, "center"), Column("申报单位", 18), Column("项目", 12),
        Column("条款", 18), Column("依据", 20), Column("申报日期", 11, "center"),
        Column("单项核定\n（元）", 15, "yuan", total=True), Column("核减\n（元）", 14, "yuan", total=True),
        Column("应付\n（元）", 15, "yuan", total=True), *_payer_columns(payers), Column("核减原因", 46),
    )  # fmt: skip
    total = sum((s.payable for s in settlement.claims), ZERO)
    note = f"{settlement.on_year} 年度　　应付合计大写：{upper(total)}　　单项核定－核减＝应付；负的核减是上浮。金额单位：元"
    return Page("兑付台账", "兑 付 台 账", note, (Table(columns, rows),))


def _cuts(claims: Sequence[Claim], settlement: Settlement) -> Page:
    rows: list[list[Value]] = []
    for claim, settled in zip(claims, settlement.claims, strict=True):
        for cut in settled.cuts:
            rows.append(
                [len(rows) + 1, claim.id, claim.enterprise, settled.title or claim.rule, cut.rule, cut.at or "无", cut.amount, cut.reason]
            )  # fmt: skip
    columns = (
        Column("序号", 6, "count"), Column("申报编号", 10, "center"), Column("申报单位", 20), Column("条款", 22),
        Column("规则", 24), Column("条文位置", 20), Column("核减额\n（元）", 16, "yuan", total=True), Column("原因", 60),
    )  # fmt: skip
    return Page(
        "核减明细",
        "核 减 明 细 表",
        "每一笔核减一行：哪笔申报、哪条规则、条文位置、金额、原因。负数是上浮。",
        (Table(columns, rows),),
    )


def _summary(settlement: Settlement) -> Page:
    payers = _payers(settlement)
    groups: dict[tuple[str, str], list[Decimal]] = {}
    for settled in settlement.claims:
        sums = groups.setdefault((settled.title or "未核定", settled.basis or "无"), [ZERO] * (4 + len(payers)))
        amounts = [Decimal(1), Decimal(settled.payable > 0), settled.decided, settled.payable]
        amounts += [settled.payers.get(payer, ZERO) for payer in payers]
        for i, amount in enumerate(amounts):
            sums[i] += amount
    rows: list[list[Value]] = [[title, basis, *sums] for (title, basis), sums in groups.items()]
    columns = (
        Column("条款", 28), Column("依据", 26), Column("申报\n（笔）", 8, "count", total=True),
        Column("兑付\n（笔）", 8, "count", total=True), Column("单项核定\n（元）", 16, "yuan", total=True),
        Column("应付\n（元）", 16, "yuan", total=True), *_payer_columns(payers),
    )  # fmt: skip
    chart = Chart("各条款应付金额（元）", 0, (5,))
    return Page(
        "出资汇总",
        "兑付资金汇总表",
        "按条款汇总，右列为各级财政出资。金额单位：元",
        (Table(columns, rows, chart=chart),),
    )


def _notice(claims: Sequence[Claim], settlement: Settlement) -> Page:
    payers = _payers(settlement)
    rows: list[list[Value]] = []
    for claim, settled in zip(claims, settlement.claims, strict=True):
        if settled.payable > 0:
            parts = [settled.payers.get(payer, ZERO) for payer in payers]
            rows.append(
                [len(rows) + 1, claim.enterprise, claim.project or "无", settled.title, settled.payable, *parts, ""]
            )
    columns = (
        Column("序号", 6, "count"), Column("申报单位", 30), Column("项目名称", 22), Column("补助事项", 28),
        Column("补助金额\n（元）", 16, "yuan", total=True),
        *_payer_columns(payers), Column("备注", 14),
    )  # fmt: skip
    note = f"{settlement.on_year} 年度拟兑付名单　　单位：元　　公示期和受理方式由主管部门填写"
    return Page("公示表", "拟兑付资金公示表", note, (Table(columns, rows),))


def _open(claims: Sequence[Claim], settlement: Settlement) -> Page:
    names = {claim.id: claim.enterprise for claim in claims}
    rows: list[list[Value]] = [
        [i, note.claim, names.get(note.claim, "无"), note.code, note.text] for i, note in enumerate(settlement.notes, 1)
    ]
    columns = (
        Column("序号", 6, "count"), Column("申报编号", 12, "center"), Column("申报单位", 24), Column("事项", 24), Column("需要做什么", 90),
    )  # fmt: skip
    return Page("待补事项", "待 补 事 项", "缺少的事实和未执行的规则。补齐后重新核算。", (Table(columns, rows),))


def write_simulation(
    simulation: Simulation, path: Path, *, created: dt.date | None = None, force: bool = False
) -> None:
    """Budget before and after, by provision, county, enterprise size and payer, with charts."""
    changes = [[c.title, c.label, c.at, c.before, c.after] for c in simulation.changes]
    changed = Table(
        (
            Column("条款", 34),
            Column("数字", 18),
            Column("条文位置", 22),
            Column("现行", 18, "center"),
            Column("改为", 18, "center"),
        ),
        changes,
        "改动的数字",
    )
    pages = [
        Page(
            "改动",
            "政 策 测 算",
            _sentence(simulation.total),
            (changed, _lines("合计", (simulation.total,), chart=False)),
        ),
        *(
            Page(name, f"按{name}测算", _sentence(simulation.total), (_lines(name, lines),))
            for name, lines in simulation.views.items()
        ),
    ]
    write(pages, path, created=created or dt.date.today(), force=force)


def _sentence(total: Line) -> str:
    if not total.difference:
        return f"同一批申报，改动前后应付合计都是 {total.before:,.2f} 元。"
    word = "增加" if total.difference > 0 else "减少"
    return (
        f"同一批申报，应付合计由 {total.before:,.2f} 元变为 {total.after:,.2f} 元，{word} {abs(total.difference):,.2f} 元；"
        f"兑付由 {total.paid_before} 笔变为 {total.paid_after} 笔。"
    )


def _lines(name: str, lines: Sequence[Line], *, chart: bool = True) -> Table:
    rows: list[list[Value]] = [[x.name, x.paid_before, x.before, x.paid_after, x.after, x.difference] for x in lines]
    columns = (
        Column(name, 34), Column("现行兑付\n（笔）", 18, "count", total=chart), Column("现行应付（元）", 22, "yuan", total=chart),
        Column("改后兑付\n（笔）", 18, "count", total=chart), Column("改后应付（元）", 18, "yuan", total=chart),
        Column("增减（元）", 18, "yuan", total=chart),
    )  # fmt: skip
    return Table(columns, rows, chart=Chart(f"按{name}：现行与改后应付（元）", 0, (2, 4)) if chart else None)


def payers_text(payers: Mapping[str, Decimal]) -> str:
    """市级 100.00、县级 50.00"""
    return "、".join(f"{PAYERS[name]} {amount:,.2f}" for name, amount in payers.items()) or "无"
