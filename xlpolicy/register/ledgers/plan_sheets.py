"""The papers of a payment plan as sheets: 拨款明细表, the 审签表 on one page, what was left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from xlpolicy.money import ZERO, upper
from xlpolicy.register.ledgers.claims import Sheets
from xlpolicy.register.ledgers.source import Source
from xlpolicy.register.paying import payer_of
from xlpolicy.register.standing import Standing, Transfer
from xlpolicy.sheets.cells import Value
from xlpolicy.sheets.refill_sheet import Content, Listing


def plan(
    source: Source, number: str, transfers: Sequence[Transfer], standings: Mapping[int, Standing],
    left_out: Iterable[tuple[str, str]],
) -> Sheets:  # fmt: skip
    """The sheets of one plan. `transfers`: without those that were cancelled."""
    total = sum((t.amount for t in transfers), ZERO)
    held = sum(t.held for t in transfers)
    facts = source.common(
        批次号=number, 笔数=len(transfers), 申报笔数=len({t.claim for t in transfers}), 本次=f"{total:,.2f}", 本次大写=upper(total),
        暂缓说明=f"，其中 {held} 笔暂缓，核对后才能拨付" if held else "",
    )  # fmt: skip
    by_payer, by_rule = _sums(transfers, standings)
    return {
        "拨款明细表": Content(facts, {"拨款": _details(transfers, standings)}),
        "审签表": Content(facts, {"来源": by_payer, "事项": by_rule}),
        "未列入": Content(facts, {"未列入": Listing(("申报编号", "没有列入的原因"), list(left_out))}),
    }


def _details(transfers: Iterable[Transfer], standings: Mapping[int, Standing]) -> Listing:
    fields = (
        "拨付编号", "申报编号", "户名", "账号", "开户行", "申报单位", "统一社会信用代码", "县区", "条款", "依据", "核定应付", "以前已列",
        "本次", "剩余", "本次大写", "资金来源", "状态", "暂缓原因",
    )  # fmt: skip

    def line(t: Transfer) -> list[Value]:
        s = standings[t.claim]
        return [
            t.number, s.number, t.holder, t.account, t.bank, s.name, s.code, s.county, s.title, str(s.detail.get("basis", "")),
            t.due, t.before, t.amount, t.due - t.before - t.amount, upper(t.amount), payer_of(t, s), t.state,
            t.why_held,
        ]  # fmt: skip

    return Listing(fields, map(line, transfers))


def _sums(transfers: Iterable[Transfer], standings: Mapping[int, Standing]) -> tuple[Listing, Listing]:
    payers: dict[str, list[Decimal]] = defaultdict(list)
    rules: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for t in transfers:
        standing = standings[t.claim]
        payers[payer_of(t, standing)].append(t.amount)
        rules[standing.title, str(standing.detail.get("basis", ""))].append(t.amount)
    return (
        Listing(("资金来源", "笔数", "本次拨付"), [[n, len(parts), sum(parts, ZERO)] for n, parts in payers.items()]),
        Listing(("条款", "依据", "本次拨付"), [[title, basis, sum(p, ZERO)] for (title, basis), p in rules.items()]),
    )
