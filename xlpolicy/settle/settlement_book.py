"""The ledgers of a settlement: 兑付台账, 核减明细, 出资汇总, 公示表, 待补事项; and the workbook of a simulation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from xlpolicy.law.effects import KINDS
from xlpolicy.money import ZERO, upper
from xlpolicy.settle import Claim, Cut, Settled, Settlement
from xlpolicy.settle.model import Note
from xlpolicy.settle.simulate import Line, Simulation
from xlpolicy.settle.table_book import Chart, Column, Page, Table, Value, write

PAYERS = {"central": "中央", "province": "省级", "city": "市级", "county": "县级"}
#: what a note or a refusal is about
CODES = {
    "missing_input": "缺少数据",
    "invalid_input": "数据不合要求",
    "unknown_input": "没有这个填报项",
    "unknown_city": "没有这个城市",
    "unknown_rule": "没有这个条款",
    "unknown_policy": "没有这份文件",
    "ambiguous_rule": "条款不止一个",
    "not_computable": "另有规定",
    "not_in_force": "不在有效期",
    "validity": "不在有效期",
    "quota": "名额",
    "repeated": "疑似重复申报",
    "unknown_choice": "项目选择有误",
    "unknown_rank": "名次有误",
    "unknown_support": "支持类别有误",
}
_NONE = "—"
_SIGN = "制表：　　　　　　　　复核：　　　　　　　　审批：　　　　　　　　日期：　　　　年　　月　　日"
_DRAFT = "征求意见稿，金额仅供参考，不作兑现依据"


def write_settlement(
    claims: Sequence[Claim],
    settlement: Settlement,
    path: Path,
    *,
    cells: Mapping[str, str] | None = None,
    created: dt.date | None = None,
    force: bool = False,
) -> None:
    """The ledgers of one settlement as a workbook. `claims` in the settlement's order; `cells`: where each stands."""
    pages = (
        _payments(claims, settlement),
        _cuts(claims, settlement),
        _summary(settlement),
        _notice(claims, settlement),
        _open(claims, settlement.notes, cells or {}),
    )
    write(pages, path, created=created or dt.date.today(), force=force)


def _payers(settlement: Settlement) -> list[str]:
    """Who pays anything in this settlement; a column for the others would only be zeros."""
    return [payer for payer in PAYERS if any(payer in settled.payers for settled in settlement.claims)]


def _payer_columns(payers: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(f"其中{PAYERS[payer]}\n（元）", 16, "part", total=True) for payer in payers)


def why(settled: Settled) -> str:
    """Everything that made the payable differ from the single decision, or the decision zero."""
    lines = [f"{c.reason}（{_signed(c.amount)}元）" if c.amount else c.reason for c in settled.cuts]
    lines += [f"不符合条件：{reason}" for reason in settled.reasons]
    lines += [_DRAFT] if settled.draft else []
    return "；\n".join(line.rstrip("。") for line in lines) or _NONE


def _signed(cut: Decimal) -> str:
    return f"{'增加' if cut < 0 else '核减'} {abs(cut):,.2f}"


def _payments(claims: Sequence[Claim], settlement: Settlement) -> Page:
    payers = _payers(settlement)
    rows: list[list[Value]] = []
    for number, (claim, settled) in enumerate(zip(claims, settlement.claims, strict=True), 1):
        cut = sum((c.amount for c in settled.cuts), ZERO)
        parts = [settled.payers.get(payer, ZERO) for payer in payers]
        rows.append(
            [number, claim.id, claim.enterprise, claim.project or _NONE, settled.title or claim.rule, settled.basis or _NONE,
             str(claim.on or _NONE), settled.decided, cut, settled.payable, *parts, why(settled)]
        )  # fmt: skip
    columns = (
        Column("序号", 6, "count"), Column("申报编号", 11, "center"), Column("申报单位", 26), Column("项目", 20),
        Column("条款", 24), Column("依据", 26), Column("申报日期", 12, "center"),
        Column("单项核定\n（元）", 18, "yuan", total=True), Column("核减\n（元）", 17, "part", total=True),
        Column("应付\n（元）", 18, "yuan", total=True), *_payer_columns(payers), Column("核减原因", 60),
    )  # fmt: skip
    total = sum((s.payable for s in settlement.claims), ZERO)
    drafts = [s.payable for s in settlement.claims if s.draft]
    note = f"{settlement.on_year} 年度　　应付合计大写：{upper(total)}　　单项核定－核减＝应付；负的核减是增加（上浮，或按全年合计补足）。金额单位：元"
    if drafts:
        note += f"\n其中 {len(drafts)} 笔、{sum(drafts, ZERO):,.2f} 元依据征求意见稿测算，不作兑现依据。"
    return Page("兑付台账", "兑 付 台 账", note, (Table(columns, rows),), paper="A3", sign=_SIGN, freeze=3)


def _rule(settled: Settled, cut: Cut) -> str:
    """What kind of rule made a cut; a limit of the provision has no other name."""
    rules = settled.found.document.cross_rules if settled.found else ()
    return next((KINDS[rule.kind] for rule in rules if rule.id == cut.rule), CODES.get(cut.rule, "封顶"))


def _cuts(claims: Sequence[Claim], settlement: Settlement) -> Page:
    rows: list[list[Value]] = []
    for claim, settled in zip(claims, settlement.claims, strict=True):
        for cut in settled.cuts:
            rows.append(
                [len(rows) + 1, claim.id, claim.enterprise, settled.title or claim.rule, _rule(settled, cut), cut.at or _NONE, cut.amount, cut.reason]
            )  # fmt: skip
    columns = (
        Column("序号", 6, "count"), Column("申报编号", 11, "center"), Column("申报单位", 24), Column("条款", 22),
        Column("规则", 30), Column("条文位置", 22), Column("核减额\n（元）", 18, "yuan", total=True), Column("原因", 64),
    )  # fmt: skip
    note = "每一笔核减一行：哪笔申报、哪条规则、条文位置、金额、原因。负数是增加（上浮，或按全年合计补足）；0.00 是没有核定的，原因里写明缺什么。"
    return Page("核减明细", "核 减 明 细 表", note, (Table(columns, rows),), freeze=3)


def _summary(settlement: Settlement) -> Page:
    payers = _payers(settlement)
    groups: dict[tuple[str, str], list[Decimal]] = {}
    for settled in settlement.claims:
        sums = groups.setdefault((settled.title or "未核定", settled.basis or _NONE), [ZERO] * (4 + len(payers)))
        amounts = [Decimal(1), Decimal(settled.payable > 0), settled.decided, settled.payable]
        amounts += [settled.payers.get(payer, ZERO) for payer in payers]
        for i, amount in enumerate(amounts):
            sums[i] += amount
    rows: list[list[Value]] = [[title, basis, *sums] for (title, basis), sums in groups.items()]
    columns = (
        Column("条款", 34), Column("依据", 34), Column("申报\n（笔）", 9, "count", total=True),
        Column("兑付\n（笔）", 9, "count", total=True), Column("单项核定\n（元）", 18, "yuan", total=True),
        Column("应付\n（元）", 18, "yuan", total=True), *_payer_columns(payers),
    )  # fmt: skip
    chart = Chart("各条款应付金额（元）", 0, (5,))
    note = "按条款汇总，右边各栏为各级财政出资，相加等于应付。金额单位：元"
    return Page("出资汇总", "兑付资金汇总表", note, (Table(columns, rows, chart=chart),))


def _notice(claims: Sequence[Claim], settlement: Settlement) -> Page:
    payers = _payers(settlement)
    rows: list[list[Value]] = []
    for claim, settled in zip(claims, settlement.claims, strict=True):
        if settled.payable > 0 and not settled.draft:
            parts = [settled.payers.get(payer, ZERO) for payer in payers]
            rows.append(
                [len(rows) + 1, claim.enterprise, claim.project or _NONE, settled.title, settled.basis, settled.payable, *parts, ""]
            )  # fmt: skip
    columns = (
        Column("序号", 6, "count"), Column("申报单位", 30), Column("项目名称", 24), Column("补助事项", 28), Column("依据", 28),
        Column("补助金额\n（元）", 18, "yuan", total=True), *_payer_columns(payers), Column("备注", 12),
    )  # fmt: skip
    note = f"{settlement.on_year} 年度拟兑付名单　　单位：元　　公示期：　　月　　日至　　月　　日　　受理电话："
    return Page("公示表", "拟兑付资金公示表", note, (Table(columns, rows),))


def _open(claims: Sequence[Claim], notes: Sequence[Note], cells: Mapping[str, str]) -> Page:
    names = {claim.id: claim.enterprise for claim in claims}
    rows: list[list[Value]] = [
        [i, note.claim or _NONE, names.get(note.claim, _NONE), cells.get(note.claim, _NONE), CODES.get(note.code, "规则未执行或须核对"), note.text]
        for i, note in enumerate(notes, 1)
    ]  # fmt: skip
    columns = (
        Column("序号", 6, "count"), Column("申报编号", 11, "center"), Column("申报单位", 28), Column("清单位置", 14, "center"),
        Column("事项", 20, "center"), Column("需要做什么", 92),
    )  # fmt: skip
    note = "缺少的事实、没有执行的规则和须核对的地方。补齐后重新核算。"
    return Page("待补事项", "待 补 事 项", note, (Table(columns, rows),))


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
    total = simulation.total
    pages = [
        Page("改动", "政 策 测 算", _sentence(total), (changed, _lines("合计", (total,), chart=False))),
        *(
            Page(name, f"按{name}测算", _sentence(total), (_lines(name, lines),))
            for name, lines in simulation.views.items()
        ),
    ]
    if simulation.notes:
        pages.append(_open(simulation.claims, simulation.notes, {}))
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
