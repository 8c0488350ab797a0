"""The ledgers of a settlement: 兑付台账, 核减明细, 合并说明, 企业自选, 出资汇总, 公示表, 待补事项; and the workbook of a simulation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from xlpolicy.law.labels import LEVELS
from xlpolicy.money import ZERO, upper
from xlpolicy.settle import Claim, Cut, Settled, Settlement
from xlpolicy.settle.effect_words import effect_words, note_words
from xlpolicy.settle.model import NOTE_KINDS, Note, Standing
from xlpolicy.settle.simulate import Line, Simulation
from xlpolicy.settle.table_book import Chart, Column, Page, Table, Value, write
from xlpolicy.words.shown import nature_word

NONE = "—"
#: what an amount is, as the columns are called
STANDINGS: Mapping[Standing, str] = {"due": "应付", "at_most": "测算上限", "draft": "征求意见稿测算"}
_SIGN = "制表：　　　　　　　　复核：　　　　　　　　审批：　　　　　　　　日期：　　　　年　　月　　日"
_DRAFT = "征求意见稿，金额仅供参考，不作兑现依据"
_AT_MOST = "条文写的是最高，这是测算上限，审定以后才是应付"


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
        *_combined(claims, settlement),
        _summary(settlement),
        _notice(claims, settlement),
        _open(claims, settlement.notes, cells or {}),
    )
    write(pages, path, created=created or dt.date.today(), force=force)


def write_remarks(claims: Sequence[Claim], settlement: Settlement, path: Path) -> bool:
    """待补事项, 合并说明 and 企业自选 of a settlement whose ledger is drawn elsewhere; whether there was anything to write."""
    pages = [
        *([_open(claims, settlement.notes, {})] if settlement.notes else []),
        *_combined(claims, settlement),
    ]
    if pages:
        write(pages, path, created=dt.date.today(), force=True)
    return bool(pages)


def _payers(settlement: Settlement) -> list[str]:
    """Who pays anything in this settlement; a column for the others would only be zeros."""
    return list(settlement.payers)


def _payer_columns(payers: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(f"其中{LEVELS[payer]}\n（元）", 16, "part", total=True) for payer in payers)


def _standings(settlement: Settlement) -> list[Standing]:
    """The kinds of amount that there are, each in a column of its own; 应付 where there is none."""
    there = {settled.standing for settled in settlement.claims if settled.payable > 0}
    return [standing for standing in STANDINGS if standing in there] or ["due"]


def _standing_columns(standings: Sequence[Standing]) -> tuple[Column, ...]:
    return tuple(
        Column(f"{STANDINGS[s]}\n（元）", 18, "part" if standings[1:] else "yuan", total=True) for s in standings
    )


def _amounts(settled: Settled, standings: Sequence[Standing]) -> list[Decimal]:
    return [settled.payable if settled.standing == standing else ZERO for standing in standings]


def totals_text(settlement: Settlement) -> str:
    """应付合计 1.00 元，测算上限合计 2.00 元: never one sum of what is owed and what is not."""
    return "，".join(f"{STANDINGS[s]}合计 {settlement.total(s):,.2f} 元" for s in _standings(settlement))


def capitals(settlement: Settlement) -> str:
    """The same sums in capital numerals."""
    return "　　".join(f"{STANDINGS[s]}合计大写：{upper(settlement.total(s))}" for s in _standings(settlement))


def nature_text(settled: Settled) -> str:
    """What a provision gives, and whether the amount is only the most that may be owed, or a draft's."""
    nature = nature_word(settled.found.rule) if settled.found else NONE
    standing = STANDINGS[settled.standing]
    if settled.standing == "due":
        return "经审定" if settled.nature == "upper_bound" else nature
    return nature if nature == standing else f"{nature}\n（{standing}）"


def why(settled: Settled) -> str:
    """Everything that made the payable differ from the single decision, or the decision zero, with the article."""
    lines = [_cut_text(cut) for cut in settled.cuts]
    lines += [f"不符合条件：{reason}（{settled.basis}）" for reason in settled.reasons]
    if settled.standing == "at_most" and settled.payable > 0:
        lines.append(_AT_MOST)
    lines += [_DRAFT] if settled.draft else []
    return "；\n".join(line.rstrip("。") for line in lines) or NONE


def _cut_text(cut: Cut) -> str:
    about = [part for part in (cut.at, f"{_signed(cut.amount)}元" if cut.amount else "") if part]
    return cut.reason.rstrip("。") + (f"（{'，'.join(about)}）" if about else "")


def _signed(cut: Decimal) -> str:
    return f"{'增加' if cut < 0 else '核减'} {abs(cut):,.2f}"


def _payments(claims: Sequence[Claim], settlement: Settlement) -> Page:
    payers, standings = _payers(settlement), _standings(settlement)
    named = any(claim.object for claim in claims)
    rows: list[list[Value]] = []
    for number, (claim, settled) in enumerate(zip(claims, settlement.claims, strict=True), 1):
        parts = [settled.payers.get(payer, ZERO) for payer in payers]
        about = [claim.project or NONE, *([claim.object or NONE] if named else [])]
        rows.append(
            [number, claim.id, claim.enterprise, claim.code or NONE, *about, settled.title or claim.rule,
             settled.basis or NONE, nature_text(settled), str(claim.on or NONE), settled.decided,
             settled.decided - settled.payable, *_amounts(settled, standings), *parts, why(settled)]
        )  # fmt: skip
    columns = (
        Column("序号", 6, "count"), Column("申报编号", 11, "center"), Column("申报单位", 24),
        Column("统一社会\n信用代码", 13, "center"), Column("项目", 16), *([Column("对象", 16)] if named else []),
        Column("条款", 22), Column("依据", 22), Column("性质", 12, "center"), Column("申报日期", 12, "center"),
        Column("单项核定\n（元）", 17, "yuan", total=True), Column("核减\n（元）", 17, "part", total=True),
        *_standing_columns(standings), *_payer_columns(payers), Column("核减原因", 60),
    )  # fmt: skip
    words = "、".join(STANDINGS[standing] for standing in standings)
    note = (
        f"{settlement.on_year} 年度　　{capitals(settlement)}　　"
        f"单项核定－核减＝{words}；负的核减是增加（上浮，或按全年合计补足）。金额单位：元"
    )
    note = "\n".join([note, *settlement.warnings])
    return Page("兑付台账", "兑 付 台 账", note, (Table(columns, rows),), paper="A3", sign=_SIGN, freeze=3)


def _cuts(claims: Sequence[Claim], settlement: Settlement) -> Page:
    rows: list[list[Value]] = []
    for claim, settled in zip(claims, settlement.claims, strict=True):
        for cut in settled.cuts:
            rows.append(
                [len(rows) + 1, claim.id, claim.enterprise, settled.title or claim.rule, effect_words(settled, cut), cut.at or NONE, cut.amount, cut.reason]
            )  # fmt: skip
    columns = (
        Column("序号", 6, "count"), Column("申报编号", 11, "center"), Column("申报单位", 24), Column("条款", 22),
        Column("规则", 30), Column("条文位置", 22), Column("核减额\n（元）", 18, "yuan", total=True), Column("原因", 64),
    )  # fmt: skip
    note = "每一笔核减一行：哪笔申报、哪条规则、条文位置、金额、原因。负数是增加（上浮，或按全年合计补足）；0.00 是没有核定的，原因里写明缺什么。"
    return Page("核减明细", "核 减 明 细 表", note, (Table(columns, rows),), freeze=3)


def _summary(settlement: Settlement) -> Page:
    payers, standings = _payers(settlement), _standings(settlement)
    groups: dict[tuple[str, str], list[Decimal]] = {}
    for settled in settlement.claims:
        name = settled.title or "未核定", settled.basis or NONE
        sums = groups.setdefault(name, [ZERO] * (3 + len(standings) + len(payers)))
        amounts = [Decimal(1), Decimal(settled.payable > 0), settled.decided, *_amounts(settled, standings)]
        amounts += [settled.payers.get(payer, ZERO) for payer in payers]
        for i, amount in enumerate(amounts):
            sums[i] += amount
    rows: list[list[Value]] = [[title, basis, *sums] for (title, basis), sums in groups.items()]
    columns = (
        Column("条款", 34), Column("依据", 34), Column("申报\n（笔）", 9, "count", total=True),
        Column("兑付\n（笔）", 9, "count", total=True), Column("单项核定\n（元）", 18, "yuan", total=True),
        *_standing_columns(standings), *_payer_columns(payers),
    )  # fmt: skip
    words = "、".join(STANDINGS[standing] for standing in standings)
    chart = Chart(f"各条款{words}金额（元）", 0, tuple(range(5, 5 + len(standings))))
    note = f"按条款汇总，右边各栏为各级财政出资，相加等于{words}。金额单位：元"
    return Page("出资汇总", "兑付资金汇总表", note, (Table(columns, rows, chart=chart),))


def _combined(claims: Sequence[Claim], settlement: Settlement) -> list[Page]:
    """Per enterprise: the combinations that were compared and what each would have paid; what an election changes.

    Two sheets: what every printed page repeats is the heading of its own list.
    """
    titles = {c.id: s.title or c.rule for c, s in zip(claims, settlement.claims, strict=True)}

    def standing(ids: Sequence[str]) -> str:
        return "、".join(f"{name}（{titles.get(name, '')}）" for name in ids)

    rows: list[list[Value]] = []
    chosen: list[list[Value]] = []
    for number, item in enumerate(settlement.compared, 1):
        taken = next(option.total for option in item.options if option.taken)
        rule = "；\n".join(dict.fromkeys(f"{place.text}（{place.at}）" for place in item.places))
        adopted = "采用（按企业所选）" if any(place.elected for place in item.places) else "采用"
        of = [place.of for place in item.places]
        names = [f"{x.of}（按{x.at}）" if of.count(x.of) > 1 else x.of for x in item.places]
        for option in item.options:
            parts = zip(names, option.stand, strict=True)
            text = "；\n".join(f"{head}：{standing(ids)}" if head else standing(ids) for head, ids in parts)
            said = adopted if option.taken else _compared_with(option.total, taken)
            rows.append([number, item.enterprise, _in_lines(item.claims), text, option.total, said, rule])
        if item.tried > len(item.options):
            left = f"另有 {item.tried - len(item.options)} 种合计不更高的组合，没有列出"
            rows.append([number, item.enterprise, NONE, left, None, NONE, NONE])
        for place in item.places:
            for ids, total in place.best if place.elective else ():
                now = place.elected in ids if place.elected else any(o.taken and ids in o.stand for o in item.options)
                said = ("企业已选" if place.elected else "现在采用") if now else _compared_with(total, taken)
                where = f"{place.text}（{place.at}）"
                chosen.append([number, item.enterprise, place.of or NONE, standing(ids), total, said, where])
    out = []
    if rows:
        note = (
            "不重复享受、就高的，按整家企业比较：每一种组合都算到最后可付多少（封顶、以前兑付、上浮、贡献上限都计入，"
            "资金总额按只有这家企业算），取合计最高的；企业自己选了的，按企业的。金额单位：元"
        )
        columns = _combined_columns("一起比较的申报", "保留哪些")
        out.append(Page("合并说明", "合 并 说 明", note, (Table(columns, rows),), paper="A3"))
    if chosen:
        note = "企业自己选（填在“项目选择”表）会怎样：组号同“合并说明”表，合计是同组各笔一共可付多少。金额单位：元"
        columns = _combined_columns("项目（贷款）", "企业选这一项")
        out.append(Page("企业自选", "企 业 自 选 说 明", note, (Table(columns, chosen),), paper="A3"))
    return out


def _combined_columns(about: str, which: str) -> tuple[Column, ...]:
    return (
        Column("组号", 6, "count"), Column("申报单位", 24), Column(about, 22), Column(which, 54),
        Column("合计可付\n（元）", 20, "yuan"), Column("与采用的比", 20, "center"), Column("规则和条文位置", 50),
    )  # fmt: skip


def _in_lines(ids: Sequence[str]) -> str:
    """Ids of claims, none of them broken over two lines of a narrow column."""
    lines = [""]
    for name in ids:
        if lines[-1] and len(lines[-1]) + len(name) > 16:
            lines.append("")
        lines[-1] += f"{name}、"
    return "\n".join(lines).removesuffix("、")


def _compared_with(total: Decimal, taken: Decimal) -> str:
    if total == taken:
        return "合计相同"
    return f"{'少' if total < taken else '多'} {abs(total - taken):,.2f} 元"


def _notice(claims: Sequence[Claim], settlement: Settlement) -> Page:
    payers = _payers(settlement)
    rows: list[list[Value]] = []
    held = {note.claim for note in settlement.notes if note.holds and note.claim}
    left_out = 0
    for claim, settled in zip(claims, settlement.claims, strict=True):
        if settled.payable > 0 and settled.standing == "due":
            if claim.id in held:
                left_out += 1
                continue
            parts = [settled.payers.get(payer, ZERO) for payer in payers]
            rows.append(
                [len(rows) + 1, claim.enterprise, claim.project or NONE, settled.title, settled.basis, settled.payable, *parts, ""]
            )  # fmt: skip
    columns = (
        Column("序号", 6, "count"), Column("申报单位", 30), Column("项目名称", 24), Column("补助事项", 28), Column("依据", 28),
        Column("补助金额\n（元）", 18, "yuan", total=True), *_payer_columns(payers), Column("备注", 12),
    )  # fmt: skip
    note = f"{settlement.on_year} 年度拟兑付名单　　单位：元　　公示期：　　月　　日至　　月　　日　　受理电话："
    if settlement.total("at_most"):
        note += "\n测算上限还没有审定，不列入；审定以后再公示。"
    if left_out:
        note += f"\n有须核对事项的 {left_out} 笔（见“待补事项”表）不列入；核对以后再公示。"
    return Page("公示表", "拟兑付资金公示表", note, (Table(columns, rows),))


def _open(claims: Sequence[Claim], notes: Sequence[Note], cells: Mapping[str, str]) -> Page:
    names = {claim.id: claim.enterprise for claim in claims}
    rows: list[list[Value]] = [
        [i, note.claim or NONE, names.get(note.claim, NONE), cells.get(note.claim, NONE), NOTE_KINDS[note.kind], note_words(note), note.text]
        for i, note in enumerate(notes, 1)
    ]  # fmt: skip
    columns = (
        Column("序号", 6, "count"), Column("申报编号", 11, "center"), Column("申报单位", 28), Column("清单位置", 14, "center"),
        Column("要做什么", 8, "center"), Column("事项", 20, "center"), Column("说明", 84),
    )  # fmt: skip
    note = "“待补”是缺少的事实，补齐后重新核算；“核对”是须有人看过的地方；“说明”不用做什么。"
    return Page("待补事项", "待 补 事 项", note, (Table(columns, rows),))


def write_simulation(
    simulation: Simulation, path: Path, *, created: dt.date | None = None, force: bool = False
) -> None:
    """Budget before and after, by provision, county, enterprise size and payer, with charts."""
    baseline = {(c.document, c.path): c.after for c in simulation.baseline}
    changes = [
        [c.title, c.label, c.at, baseline.get((c.document, c.path), c.before), c.after] for c in simulation.changes
    ]
    kept = {(c.document, c.path) for c in simulation.changes}
    changes += [
        [c.title, c.label, c.at, c.after, c.before] for c in simulation.baseline if (c.document, c.path) not in kept
    ]
    changed = Table(
        (
            Column("条款", 34),
            Column("数字", 18),
            Column("条文位置", 22),
            Column(simulation.was, 18, "center"),
            Column("改为", 18, "center"),
        ),
        changes,
        "改动的数字",
    )
    total = simulation.total
    pages = [
        Page(
            "改动",
            "政 策 测 算",
            "\n".join([_sentence(total), *(f"核算按{text}" for text in simulation.rates), *simulation.after.readings]),
            (changed, _lines("合计", (total,), simulation.was, chart=False)),
        ),
        *(
            Page(name, f"按{name}测算", _sentence(total), (_lines(name, lines, simulation.was),))
            for name, lines in simulation.views.items()
        ),
    ]
    if simulation.moved:
        pages.append(_moved(simulation))
    if simulation.notes:
        pages.append(_open(simulation.claims, simulation.notes, {}))
    write(pages, path, created=created or dt.date.today(), force=force)


def _sentence(total: Line) -> str:
    if not total.difference:
        return f"同一批申报，改动前后兑付测算合计都是 {total.before:,.2f} 元。"
    word = "增加" if total.difference > 0 else "减少"
    return (
        f"同一批申报，兑付测算合计由 {total.before:,.2f} 元变为 {total.after:,.2f} 元，{word} {abs(total.difference):,.2f} 元；"
        f"兑付由 {total.paid_before} 笔变为 {total.paid_after} 笔。"
    )


def _moved(simulation: Simulation) -> Page:
    """The claims whose amount changed."""
    rows: list[list[Value]] = [
        [claim.id, claim.enterprise, new.title, old.payable, new.payable, new.payable - old.payable]
        for claim, old, new in simulation.moved
    ]
    columns = (
        Column("编号", 10, "center"), Column("单位", 34), Column("条款", 34), Column(f"{simulation.was}金额\n（元）", 18, "yuan", total=True),
        Column("改后金额\n（元）", 18, "yuan", total=True), Column("增减（元）", 18, "yuan", total=True),
    )  # fmt: skip
    return Page("逐笔", "有 变 化 的 申 报", f"只列金额有变化的 {len(rows)} 笔。", (Table(columns, rows),))


def _lines(name: str, lines: Sequence[Line], was: str, *, chart: bool = True) -> Table:
    rows: list[list[Value]] = [[x.name, x.paid_before, x.before, x.paid_after, x.after, x.difference] for x in lines]
    columns = (
        Column(name, 34), Column(f"{was}兑付\n（笔）", 18, "count", total=chart), Column(f"{was}金额\n（元）", 22, "yuan", total=chart),
        Column("改后兑付\n（笔）", 18, "count", total=chart), Column("改后金额\n（元）", 18, "yuan", total=chart),
        Column("增减（元）", 18, "yuan", total=chart),
    )  # fmt: skip
    return Table(columns, rows, chart=Chart(f"按{name}：{was}与改后金额\n（元）", 0, (2, 4)) if chart else None)


def payers_text(payers: Mapping[str, Decimal]) -> str:
    """市级 100.00、县级 50.00"""
    return "、".join(f"{LEVELS[name]} {amount:,.2f}" for name, amount in payers.items()) or "无"
