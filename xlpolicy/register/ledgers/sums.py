"""汇总 by county, provision, year, payer and fund; 核减明细: every amount that was taken off, by whom and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from xlpolicy.law.fund_names import fund_names
from xlpolicy.law.labels import LEVELS
from xlpolicy.money import ZERO, upper
from xlpolicy.register.funds import stated, taken, year_of
from xlpolicy.register.ledgers.claims import FIELDS, REVIEWED, Sheets, deductions, payable
from xlpolicy.register.ledgers.source import NONE, Source
from xlpolicy.register.standing import Standing
from xlpolicy.sheets.cells import Value
from xlpolicy.sheets.refill_sheet import Content, Listing

_SUMS = ("笔数", "测算额", "审定额", "应付", "已拨", "收回", "未拨")


def sums(source: Source) -> Sheets:
    """The sheets of 汇总."""
    every = source.all
    due = sum(map(payable, every), ZERO)
    facts = source.common(笔数=len(every), 单位数=len({s.enterprise for s in every}), 应付合计=due, 应付大写=upper(due))
    lists = {
        "按县区": _grouped("县区", every, lambda s: s.county or "（未填）"),
        "按条款": _grouped("条款", every, lambda s: f"{s.title}（{s.detail.get('basis', s.document)}）"),
        "按年度": _grouped("年度", every, lambda s: str(year_of(s, s.claim))),
        "按资金来源": Listing(("资金来源", "笔数", "应付", "已列入拨付", "已拨", "收回", "未拨"), list(_payers(every))),
        "资金结余": Listing(("资金", "年度", "资金总额", "已列入拨付", "资金结余"), list(_funds(source))),
    }
    return {name: Content(facts, {listing.fields[0]: listing}) for name, listing in lists.items()}


def _amount(standing: Standing, field: str) -> Decimal:
    value = FIELDS[field](standing)
    return value if isinstance(value, Decimal) else ZERO


def _grouped(name: str, standings: Iterable[Standing], key: Callable[[Standing], str]) -> Listing:
    groups: dict[str, list[Standing]] = defaultdict(list)
    for standing in standings:
        groups[key(standing)].append(standing)
    rows: list[list[Value]] = [
        [label, len(group), *(sum((_amount(s, field) for s in group), ZERO) for field in _SUMS[1:])]
        for label, group in sorted(groups.items())
    ]
    return Listing((name, *_SUMS), rows)


def _payers(standings: Iterable[Standing]) -> Iterator[list[Value]]:
    for payer, label in LEVELS.items():
        due = [s for s in standings if s.line is not None and s.line.payers.get(payer)]
        moved = [t for s in standings for t in s.transfers if t.payer == payer and t.live]
        if due or moved:
            total = sum((s.line.payers[payer] for s in due if s.line), ZERO)
            planned, paid = sum((t.amount - t.taken_back for t in moved), ZERO), sum((t.paid for t in moved), ZERO)
            back = sum((t.taken_back for t in moved), ZERO)
            yield [label, len(due), total, planned, paid, back, total - paid - back]


def _funds(source: Source) -> Iterator[list[Value]]:
    """What the bureau stated of each fund, what is planned and paid of it, what is left."""
    used, called = taken(source.all, source.catalog), fund_names(source.catalog.documents.values())
    for (name, year), most in sorted(stated(source.connection).items()):
        spent = used.get((name, year), ZERO)
        yield [called.get(name, name), str(year), most, spent, most - spent]


def cuts(source: Source) -> Sheets:
    """The sheet 核减明细."""
    rows = [row for s in source.all for row in _cuts(s)]
    total = sum((row[5] for row in rows if isinstance(row[5], Decimal)), ZERO)
    facts = source.common(笔数=len(rows), 核减合计=total, 核减大写=upper(total))
    fields = ("编号", "申报单位", "县区", "条款", "环节", "核减额", "依据", "原因", "审核人", "日期")
    return {"核减明细": Content(facts, {"核减": Listing(fields, rows)})}


def _cuts(s: Standing) -> Iterator[list[Value]]:
    """What was taken off a claim: the settlement's cuts, the review among them; before it, the review alone."""
    who: list[Value] = [s.number, s.name, s.county or NONE, s.title]
    review = s.review
    reviewed: list[Value] = [review.reason, review.reviewer, review.reviewed_on] if review else ["", "", ""]
    settled = s.line is not None and (s.fresh or s.committed)
    if review is not None and not settled and review.amount < s.amount:
        yield [*who, "审定", s.amount - review.amount, str(s.detail.get("basis", "")), *reviewed]
    for rule, at, amount, reason in deductions(s) if settled else ():
        if rule == REVIEWED:
            yield [*who, "审定", amount, at, *reviewed]
        elif amount:
            yield [*who, "核算", amount, at, reason, "", s.line.settlement if s.line else ""]
