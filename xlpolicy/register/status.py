"""`status`: what waits for whom, on one screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from xlpolicy.money import ZERO
from xlpolicy.register import tables
from xlpolicy.register.corrections import CORRECT, Notice, notices
from xlpolicy.register.database import Register
from xlpolicy.register.journal import shown
from xlpolicy.register.standing import (
    NOTHING,
    OBJECTION,
    PAID,
    PARTLY,
    PLANNED,
    PUBLISH,
    UNPLANNED,
    UNREVIEWED,
    UNSETTLED,
)
from xlpolicy.register.tables import yuan

#: states in the order of the work, and who has to do what
WAITS = {
    UNREVIEWED: "审核人：xlpolicy review 写出审核台账，填好后 xlpolicy review load",
    OBJECTION: "审核人：xlpolicy review，在审核台账里登记异议成立或不成立，载回；成立而已列入计划的，拨付人先 xlpolicy pay cancel",
    UNSETTLED: "经办：xlpolicy settle",
    UNPLANNED: "经办：xlpolicy pay plan",
    PLANNED: "拨付人：审签后 xlpolicy pay confirm 批次号",
    PARTLY: "经办：xlpolicy pay plan 列入余额",
    PAID: "",
    NOTHING: "",
}


@dataclass(frozen=True, slots=True)
class Status:
    """The register at a glance. `states`: how many claims and how much by state.

    `to_publish`: how many of those to be planned have no result of 公示. `waiting`: for which step, since which day, how many claims (forms, for 补正; `deadlines.due` says until when); `documents`: theirs.
    """

    where: str
    entries: int
    head: str
    batches: int
    forms: int
    claims: int
    notices: tuple[Notice, ...]
    states: Mapping[str, tuple[int, Decimal]]
    held: tuple[tuple[str, str], ...]
    computed: Decimal
    reviewed: Decimal
    paid: Decimal
    waiting: tuple[tuple[str, str, int], ...] = ()
    to_publish: int = 0
    documents: tuple[str, ...] = ()

    def model_dump(self) -> dict[str, Any]:
        """Plain data for programs."""
        return {
            "where": self.where, "entries": self.entries, "head": self.head, "batches": self.batches, "forms": self.forms,
            "claims": self.claims, "notices": [{"file": n.file, "text": n.text, "received_on": n.received_on} for n in self.notices],
            "states": {name: {"claims": count, "amount": f"{amount:.2f}"} for name, (count, amount) in self.states.items()},
            "to_publish": self.to_publish,
            "held": [{"transfer": number, "why": why} for number, why in self.held],
            "waiting": [{"step": step, "since": since, "claims": claims} for step, since, claims in self.waiting],
            "computed": f"{self.computed:.2f}", "reviewed": f"{self.reviewed:.2f}", "paid": f"{self.paid:.2f}",
        }  # fmt: skip


def status(register: Register) -> Status:
    """What is there and what waits, from the kept states of the claims. Raises RegisterError."""
    seq, head = register.head()
    with register.reading() as connection:
        c = tables.states.c
        sums = (func.count(), func.sum(c.amount), func.sum(c.computed), func.sum(c.reviewed), func.sum(c.paid))
        kinds = (c.state, c.step, c.since, c.document)
        groups = [
            (*row[:5], *(yuan(int(part)) for part in row[5:]))
            for row in connection.execute(select(*kinds, *sums).group_by(*kinds))
        ]
        t, e = tables.transfers, tables.events
        waiting = tuple(notices(connection, only_open=True))
        over = select(e.c.transfer).where(e.c.kind.in_(("released", "cancelled", "paid")), e.c.transfer == t.c.id)
        query = select(t.c.number, t.c.hold).where(t.c.hold != "", ~over.exists()).order_by(t.c.id)
        held = tuple((row.number, row.hold) for row in connection.execute(query))
        every = (tables.batches, tables.forms)
        counts = [connection.execute(select(func.count()).select_from(x)).scalar() or 0 for x in every]
    states: dict[str, tuple[int, Decimal]] = {}
    for state in WAITS:
        own = [group for group in groups if group[0] == state]
        if own:
            states[state] = sum(group[4] for group in own), sum((group[5] for group in own), ZERO)
    computed, reviewed, paid = (sum((group[i] for group in groups), ZERO) for i in (6, 7, 8))
    return Status(
        register.where, seq, shown(head), counts[0], counts[1], sum(group[4] for group in groups), waiting, states, held,
        computed, reviewed, paid,
        (
            *((step, since, claims) for _, step, since, _, claims, *_ in groups if step),
            *((CORRECT, since, forms) for since, forms in Counter(n.received_on for n in waiting).items()),
        ),
        sum(group[4] for group in groups if group[0] == UNPLANNED and group[1] == PUBLISH),
        tuple(sorted({group[3] for group in groups if group[1]})),
    )  # fmt: skip
