"""How every claim stands now: its newest decision, the review of that decision, 公示, settlement, money."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from xlpolicy.money import ZERO
from xlpolicy.register import tables
from xlpolicy.register.statement import claim_of
from xlpolicy.register.tables import yuan
from xlpolicy.settle import Claim

#: results of 公示
CLEAR, OBJECTED, REJECTED, UPHELD = "无异议", "异议", "异议不成立", "异议成立"
RESULTS = (CLEAR, OBJECTED, REJECTED, UPHELD)
#: states of a claim in the order of the work
UNREVIEWED, OBJECTION, UNSETTLED, UNPLANNED = "待审定", "异议处理中", "待核算", "待列入拨付"
PLANNED, PARTLY, PAID, NOTHING = "待拨付", "部分拨付", "已拨付", "不予兑付"
#: steps that have a term
REVIEW, PUBLISH, PAY = "审定", "公示", "拨付"


@dataclass(frozen=True, slots=True)
class Review:
    """审定 of one decision."""

    id: int
    entry: int
    amount: Decimal
    county_amount: Decimal | None
    reason: str
    reviewer: str
    reviewed_on: str
    who: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payer's transfer for one claim, with what became of it."""

    id: int
    claim: int
    number: str
    plan: str
    settled: int
    payer: str
    due: Decimal
    before: Decimal
    amount: Decimal
    holder: str
    account: str
    bank: str
    hold: str
    events: tuple[Mapping[str, Any], ...]
    #: the objection to 公示 that came after the plan; no look at the account lets it go
    stopped: str = ""

    def _has(self, kind: str) -> bool:
        return any(event["kind"] == kind for event in self.events)

    @property
    def live(self) -> bool:
        """Neither cancelled nor sent back."""
        return not (self._has("cancelled") or self._has("returned"))

    @property
    def held(self) -> bool:
        """Waits until somebody has confirmed the account, or has decided on an objection."""
        return bool(self.why_held)

    @property
    def why_held(self) -> str:
        """Why it must not leave; "" for nothing, or where it has left."""
        return (self.stopped or ("" if self.confirmed else self.hold)) if self.open else ""

    @property
    def confirmed(self) -> bool:
        """Whether somebody has looked at what held it."""
        return self._has("released")

    @property
    def open(self) -> bool:
        """Planned, and not yet paid."""
        return self.live and not self._has("paid")

    @property
    def paid(self) -> Decimal:
        """What left, less what came back."""
        moves = ("paid", "returned", "taken_back")
        return sum((yuan(event["amount"]) for event in self.events if event["kind"] in moves), ZERO)

    @property
    def paid_on(self) -> str:
        """The day on which it left, "" before."""
        return next((str(event["day"]) for event in self.events if event["kind"] == "paid"), "")

    @property
    def taken_back(self) -> Decimal:
        """Yuan that came back of it after it was paid, never below zero."""
        return -sum((yuan(event["amount"]) for event in self.events if event["kind"] == "taken_back"), ZERO)

    @property
    def state(self) -> str:
        """In a word, for ledgers."""
        if self._has("cancelled"):
            return "已取消"
        if self._has("returned"):
            return "退票"
        if self._has("paid"):
            return "已拨付，部分收回" if self.taken_back else "已拨付"
        return "暂缓" if self.held else "待拨付"


@dataclass(frozen=True, slots=True)
class Line:
    """What a settlement found for a claim."""

    id: int
    settlement: str
    year: int
    decision: int
    review: int | None
    status: str
    decided: Decimal
    payable: Decimal
    payers: Mapping[str, Decimal]
    cuts: Sequence[Mapping[str, str]]
    notes: Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class Standing:
    """One claim now. `review` is there only where it still holds: of the newest decision, no objection upheld since;
    `county_review` where a county's register was merged. `asked`: 申请金额, where the form has it. `announced`: what was due when 公示 was held, None where nothing
    was settled then."""

    id: int
    number: str
    enterprise: int
    name: str
    code: str
    city: str
    document: str
    rule: str
    title: str
    at: str
    batch: str
    received_on: str
    file: str
    county: str
    decision: int
    claimed: str
    eligible: bool
    amount: Decimal
    detail_text: str
    program: str
    policy: str
    asked: Decimal | None
    review: Review | None = None
    county_review: Mapping[str, Any] | None = None
    publication: Mapping[str, Any] | None = None
    announced: Decimal | None = None
    line: Line | None = None
    transfers: list[Transfer] = field(default_factory=list)

    @property
    def claim(self) -> Claim:
        """As `settle` takes it; the review is in `reviewed`."""
        claim = claim_of(self.claimed, self.number)
        reviewed = self.review.amount if self.review else None
        return claim._replace(enterprise=self.name, code=self.code or claim.code, reviewed=reviewed)

    @property
    def county_amount(self) -> Decimal | None:
        """县区初审额: with the review, else as the county's register has it."""
        if self.review is not None:
            return self.review.county_amount
        return self.county_review["amount"] if self.county_review else None

    @property
    def detail(self) -> dict[str, Any]:
        """The decision as plain data: basis, explanation, steps, …"""
        data: dict[str, Any] = json.loads(self.detail_text)
        return data

    @property
    def committed(self) -> bool:
        """Whether money of it is planned or paid."""
        return any(transfer.live for transfer in self.transfers)

    @property
    def paid(self) -> Decimal:
        """Yuan that left and stayed away: what was paid less what was returned or taken back."""
        return sum((transfer.paid for transfer in self.transfers), ZERO)

    @property
    def taken_back(self) -> Decimal:
        return sum((transfer.taken_back for transfer in self.transfers), ZERO)

    @property
    def planned(self) -> Decimal:
        """Planned and not yet paid."""
        return sum((transfer.amount for transfer in self.transfers if transfer.open), ZERO)

    @property
    def fresh(self) -> bool:
        """Whether the settlement's line rests on the newest decision and the review that holds."""
        review = self.review.id if self.review else None
        return self.line is not None and self.line.decision == self.decision and self.line.review == review

    @property
    def result(self) -> str:
        """The result of 公示 of what is due now; "" where there is none, or 公示 was of another amount."""
        return "" if self.publication is None or self.misannounced else str(self.publication["result"])

    @property
    def objected(self) -> str:
        """What of an objection keeps money back: it is not decided, or was upheld and nothing reviewed since."""
        result = "" if self.publication is None else self.publication["result"]
        if result == OBJECTED:
            return "公示有异议，还没有处理"
        return "公示异议成立，要重新审定" if result == UPHELD and self.review is None else ""

    @property
    def misannounced(self) -> bool:
        """Whether 公示 without objection was of another amount than what is due now."""
        if self.publication is None or self.publication["result"] not in (CLEAR, REJECTED) or self.announced is None:
            return False
        return self.line is not None and (self.fresh or self.committed) and self.line.payable != self.announced

    def left(self, payer: str) -> Decimal:
        """What of a payer's part is neither planned nor paid. Money taken back is not to be had again."""
        if self.line is None:
            return ZERO
        used = sum((t.amount for t in self.transfers if t.live and t.payer == payer), ZERO)
        return self.line.payers.get(payer, ZERO) - used

    @property
    def state(self) -> str:
        """In a word, for ledgers and `status`."""
        if self.planned and self.objected:
            return OBJECTION
        left = self.paid + self.taken_back
        if left > 0:  # what was taken back is not to be had again
            return PAID if self.line is not None and left >= self.line.payable else PARTLY
        if self.planned:
            return PLANNED
        if self.publication is not None and self.publication["result"] == OBJECTED:
            return OBJECTION
        if self.review is None:
            return UNREVIEWED
        if self.line is None or not self.fresh or self.line.status == "pending":  # it waits for what is lacking
            return UNSETTLED
        return UNPLANNED if self.line.payable > 0 and self.line.status == "paid" else NOTHING

    @property
    def step(self) -> tuple[str, str]:
        """What it waits for that has a term, and since which day; two "" for nothing."""
        if self.state in (PAID, NOTHING):
            return "", ""
        if self.review is None or self.state == OBJECTION:
            return REVIEW, self.received_on
        if self.publication is not None and self.result in (CLEAR, REJECTED):
            return PAY, self.publication["closed_on"]
        return PUBLISH, self.review.reviewed_on

    @property
    def at_stake(self) -> Decimal:
        """The amount that goes with the state: paid, planned, payable, reviewed, else computed."""
        if self.state in (PAID, PARTLY):
            return self.paid
        if self.planned:
            return self.planned
        if self.state in (UNPLANNED, NOTHING) and self.line is not None:
            return self.line.payable if self.line.status != "draft" else ZERO
        return self.review.amount if self.review else self.amount


class Standings:
    """Every claim (or some, by id) in the order of its 编号, as one state of the register has it."""

    def __init__(self, connection: Connection, claims: Sequence[int] | None = None) -> None:
        self.connection, self.claims = connection, claims
        self.names: dict[int, str] = {row.enterprise: row.name for row in connection.execute(self._names())}
        self.all = self._claims()
        self._reviews()
        self._lines()
        self._transfers()

    def _of(self, query: Select[Any], column: ColumnElement[int]) -> Select[Any]:
        return query if self.claims is None else query.where(column.in_(self.claims))

    def _names(self) -> Select[Any]:
        n, c = tables.names, tables.claims
        query = select(n.c.enterprise, n.c.name).order_by(n.c.id)
        return (
            query if self.claims is None else query.where(n.c.enterprise.in_(self._of(select(c.c.enterprise), c.c.id)))
        )

    @cached_property
    def by_number(self) -> dict[str, Standing]:
        return {standing.number: standing for standing in self.all}

    def _claims(self) -> list[Standing]:
        c, d, f, b, e = tables.claims, tables.decisions, tables.forms, tables.batches, tables.enterprises
        newest = self._of(select(func.max(d.c.id)), d.c.claim).group_by(d.c.claim)
        query = (
            select(
                c.c.id, c.c.number, c.c.enterprise, c.c.city, c.c.document, c.c.rule, c.c.title, c.c.at, d.c.id.label("decision"),
                d.c.claimed, d.c.county, d.c.eligible, d.c.amount, d.c.detail, d.c.program, d.c.policy, d.c.asked, f.c.file,
                b.c.number.label("batch"), b.c.received_on, e.c.code,
            )
            .join(d, d.c.claim == c.c.id).join(e, e.c.id == c.c.enterprise)
            .join(f, f.c.id == d.c.form, isouter=True).join(b, b.c.id == f.c.batch, isouter=True)
            .where(d.c.id.in_(newest)).order_by(c.c.id)
        )  # fmt: skip
        return [
            Standing(
                r.id, r.number, r.enterprise, self.names.get(r.enterprise, ""), r.code or "", r.city, r.document, r.rule,
                r.title, r.at, r.batch or "", r.received_on or "", r.file or "", r.county, r.decision, r.claimed, bool(r.eligible), yuan(r.amount),
                r.detail, r.program, r.policy, None if r.asked is None else yuan(r.asked),
            )
            for r in self.connection.execute(query)
        ]  # fmt: skip

    def _reviews(self) -> None:
        r, p, j = tables.reviews, tables.publications, tables.journal
        of_decision: dict[int, Any] = {}
        given = self._of(select(r, j.c.who).join(j, j.c.seq == r.c.entry), r.c.claim).order_by(r.c.id)
        for reviewed in self.connection.execute(given):
            of_decision[reviewed.decision] = reviewed
        c = tables.county_reviews
        county = self._of(select(c), c.c.claim).order_by(c.c.id)
        of_county = {
            row["decision"]: {**row, "amount": yuan(row["amount"])}
            for row in self.connection.execute(county).mappings()
        }
        results = self._of(select(p), p.c.claim).order_by(p.c.id)
        published = {row["claim"]: dict(row) for row in self.connection.execute(results).mappings()}
        announced = self._announced()
        for standing in self.all:
            standing.publication = published.get(standing.id)
            standing.announced = announced.get(standing.publication["id"]) if standing.publication else None
            standing.county_review = of_county.get(standing.decision)
            found = of_decision.get(standing.decision)
            upheld = standing.publication is not None and standing.publication["result"] == UPHELD
            if found is not None and not (upheld and standing.publication["entry"] > found.entry):  # type: ignore[index]
                stated = None if found.county_amount is None else yuan(found.county_amount)
                standing.review = Review(
                    found.id, found.entry, yuan(found.amount), stated, found.reason, found.reviewer, found.reviewed_on, found.who
                )  # fmt: skip

    def _announced(self) -> dict[int, Decimal]:
        """By publication, what the settlement before it found due."""
        p, s = tables.publications, tables.settled
        before = (s.c.claim == p.c.claim) & (s.c.entry < p.c.entry)
        last = self._of(select(p.c.id, func.max(s.c.id).label("line")).join(s, before), p.c.claim)
        held = last.group_by(p.c.id).subquery()
        rows = self.connection.execute(select(held.c.id, s.c.payable).join(s, s.c.id == held.c.line))
        return {row.id: yuan(row.payable) for row in rows}

    def _lines(self) -> None:
        s, t = tables.settled, tables.settlements
        newest = self._of(select(func.max(s.c.id)), s.c.claim).group_by(s.c.claim)
        of_newest = select(s, t.c.number, t.c.year).join(t, t.c.id == s.c.settlement).where(s.c.id.in_(newest))
        lines = {row.claim: row for row in self.connection.execute(of_newest)}
        for standing in self.all:
            row = lines.get(standing.id)
            if row is not None:
                payers = {name: Decimal(part) for name, part in json.loads(row.payers).items()}
                standing.line = Line(
                    row.id, row.number, row.year, row.decision, row.review, row.status, yuan(row.decided), yuan(row.payable),
                    payers, json.loads(row.cuts), json.loads(row.notes),
                )  # fmt: skip

    def _transfers(self) -> None:
        t, p, e = tables.transfers, tables.plans, tables.events
        events: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        happened = select(e).order_by(e.c.id)
        if self.claims is not None:
            happened = happened.where(e.c.transfer.in_(self._of(select(t.c.id), t.c.claim)))
        for event in self.connection.execute(happened).mappings():
            events[event["transfer"]].append(dict(event))
        own = {standing.id: standing for standing in self.all}
        query = select(t, p.c.number.label("plan_number")).join(p, p.c.id == t.c.plan).order_by(t.c.id)
        for row in self.connection.execute(self._of(query, t.c.claim)):
            transfer = Transfer(
                row.id, row.claim, row.number, row.plan_number, row.settled, row.payer, yuan(row.due), yuan(row.before),
                yuan(row.amount), row.holder, row.account, row.bank, row.hold, tuple(events[row.id]),
                own[row.claim].objected,
            )  # fmt: skip
            own[row.claim].transfers.append(transfer)
