"""`status`: what waits for whom, on one screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from xlpolicy.money import ZERO
from xlpolicy.register import tables
from xlpolicy.register.database import Register
from xlpolicy.register.journal import shown
from xlpolicy.register.standing import Standings

#: states in the order of the work, and who has to do what
WAITS = {
    "待审定": "审核人：xlpolicy review 写出审核台账，填好后 xlpolicy review load",
    "异议处理中": "审核人：在审核台账里登记异议成立或不成立",
    "待核算": "经办：xlpolicy settle",
    "待列入拨付": "经办：xlpolicy pay plan",
    "待拨付": "拨付人：审签后 xlpolicy pay confirm 批次号",
    "部分拨付": "经办：xlpolicy pay plan 列入余额",
    "已拨付": "",
    "不予兑付": "",
}


@dataclass(frozen=True, slots=True)
class Status:
    """The register at a glance. `states`: how many claims and how much by state."""

    where: str
    entries: int
    head: str
    batches: int
    forms: int
    claims: int
    notices: tuple[tuple[str, str], ...]
    states: Mapping[str, tuple[int, Decimal]]
    held: tuple[tuple[str, str], ...]
    computed: Decimal
    reviewed: Decimal
    paid: Decimal

    def model_dump(self) -> dict[str, Any]:
        """Plain data for programs."""
        return {
            "where": self.where, "entries": self.entries, "head": self.head, "batches": self.batches, "forms": self.forms,
            "claims": self.claims, "notices": [{"file": file, "text": text} for file, text in self.notices],
            "states": {name: {"claims": count, "amount": f"{amount:.2f}"} for name, (count, amount) in self.states.items()},
            "held": [{"transfer": number, "why": why} for number, why in self.held],
            "computed": f"{self.computed:.2f}", "reviewed": f"{self.reviewed:.2f}", "paid": f"{self.paid:.2f}",
        }  # fmt: skip


def status(register: Register) -> Status:
    """What is there and what waits. Raises RegisterError."""
    seq, head = register.head()
    with register.reading() as connection:
        standings = Standings(connection).all
        states: dict[str, list[Decimal]] = defaultdict(list)
        for s in standings:
            amount = s.paid if s.state in ("已拨付", "部分拨付") else s.planned if s.state == "待拨付" else None
            if amount is None:
                amount = (
                    s.line.payable if s.line and s.state == "待列入拨付" else s.review.amount if s.review else s.amount
                )
            states[s.state].append(amount)
        n, f = tables.notices, tables.forms
        closed = select(tables.closings.c.notice)
        query = select(f.c.file, n.c.text).join(f, f.c.id == n.c.form).where(n.c.id.not_in(closed)).order_by(n.c.id)
        notices = tuple((row.file, row.text) for row in connection.execute(query))
        counts = [connection.execute(select(func.count()).select_from(t)).scalar() or 0 for t in (tables.batches, f)]
    return Status(
        register.where, seq, shown(head), counts[0], counts[1], len(standings), notices,
        {name: (len(states[name]), sum(states[name], ZERO)) for name in WAITS if name in states},
        tuple((t.number, t.hold) for s in standings for t in s.transfers if t.open and t.held),
        sum((s.amount for s in standings), ZERO), sum((s.review.amount for s in standings if s.review), ZERO),
        sum((s.paid for s in standings), ZERO),
    )  # fmt: skip
