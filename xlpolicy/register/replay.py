"""`replay`: a payment recomputed from what is stored, with the law as it was; and what would be decided otherwise today."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from xlpolicy import __version__
from xlpolicy.claim.decision import decide
from xlpolicy.faults import PolicyError, nearest
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.records import Rule
from xlpolicy.money import exact_number
from xlpolicy.register import tables
from xlpolicy.register.corrections import notices
from xlpolicy.register.database import Register, RegisterError
from xlpolicy.register.funds import year_of
from xlpolicy.register.policies import document_of, document_text
from xlpolicy.register.settling import facts_from, facts_of
from xlpolicy.register.standing import Standings
from xlpolicy.register.statement import claim_of
from xlpolicy.register.tables import yuan
from xlpolicy.settle import Claim, Settled, settle
from xlpolicy.words.shown import kind_of, show

KINDS = {"released": "核对放行", "cancelled": "取消", "paid": "拨付", "returned": "退票", "taken_back": "收回"}


@dataclass(frozen=True, slots=True)
class Replay:
    """One payment: its paper trail, and each amount as stored and as computed again."""

    number: str
    trail: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    amounts: tuple[tuple[str, Decimal, Decimal], ...]
    programs: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every amount that was stored is computed again to the cent."""
        return all(stored == again for _, stored, again in self.amounts)

    def model_dump(self) -> dict[str, Any]:
        """Plain data for programs."""
        return {
            "number": self.number, "trail": [list(line) for line in self.trail], "steps": list(self.steps),
            "amounts": [{"what": what, "stored": f"{a:.2f}", "again": f"{b:.2f}"} for what, a, b in self.amounts],
            "agrees": self.agrees, "programs": list(self.programs), "program": __version__,
        }  # fmt: skip


def replay(register: Register, number: str) -> Replay:
    """Recompute one payment. Raises RegisterError where there is no such number, or the old law cannot be read."""
    with register.reading() as connection:
        t = tables.transfers
        found = connection.execute(select(t).where(t.c.number == number)).mappings().first()
        if found is None:
            known = connection.execute(select(t.c.number)).scalars().all()
            raise RegisterError(f"没有拨付编号 {number}", expected="如 BF2026-001-0001", remedy=nearest(number, known))
        return _Past(connection).replay(dict(found))


def replay_all(register: Register) -> Iterator[Replay]:
    """Recompute every payment, each settlement once. Raises RegisterError."""
    with register.reading() as connection:
        past, t = _Past(connection), tables.transfers
        for row in connection.execute(select(t).order_by(t.c.id)).mappings().all():
            yield past.replay(dict(row))


class _Past:
    """The law as it was and the settlements computed again by it, each once."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.documents: dict[str, Any] = {}
        self.catalogs: dict[tuple[str, ...], Catalog] = {}
        self.settlements: dict[int, Mapping[int, Settled]] = {}
        self.journal = {row.seq: row for row in connection.execute(select(tables.journal))}

    def replay(self, transfer: Mapping[str, Any]) -> Replay:
        """One payment."""
        connection = self.connection
        line = _one(connection, tables.settled, transfer["settled"])
        settlement = _one(connection, tables.settlements, line["settlement"])
        decision = _one(connection, tables.decisions, line["decision"])
        claim = _claim(connection, line["decision"], line["review"])
        law = facts_of(settlement["facts"])["law"]
        key = _key(connection, decision)
        own = self.law({**law, key: decision["policy"]}, transfer["number"])
        of = own.find(*_asked(claim))
        again = decide(of, claim.inputs, claim.on, claim.fact_on)
        settled = self.settled(settlement, law, transfer["number"])[line["id"]]
        amounts = [("测算额", yuan(decision["amount"]), again.amount), ("应付", yuan(line["payable"]), settled.payable)]
        part = Decimal(json.loads(line["payers"]).get(transfer["payer"], "0"))
        amounts.append(("其中本级出资", part, settled.payers.get(transfer["payer"], Decimal(0))))
        steps = tuple(f"{step.what}：{step.formula} → {step.value}（{step.pinpoint}）" for step in again.steps)
        trail = _trail(connection, self.journal, transfer, line, settlement, decision, claim, of.rule)
        programs = (decision["program"], settlement["program"])
        return Replay(transfer["number"], tuple(trail), steps, tuple(amounts), programs)

    def law(self, digests: Mapping[str, str], where: str) -> Catalog:
        """The documents of these digests, by document."""
        key = tuple(digest for _, digest in sorted(digests.items()))
        if key not in self.catalogs:
            for digest in key:
                if digest not in self.documents:
                    self.documents[digest] = _document(self.connection, digest, where)
            self.catalogs[key] = Catalog([self.documents[digest] for digest in key])
        return self.catalogs[key]

    def settled(self, settlement: Mapping[str, Any], law: Mapping[str, str], where: str) -> Mapping[int, Settled]:
        """What a settlement finds again, by its stored lines."""
        number = settlement["id"]
        if number not in self.settlements:
            rows, again = _again(self.connection, settlement, self.law(law, where))
            self.settlements[number] = {row["id"]: one for row, one in zip(rows, again, strict=True)}
        return self.settlements[number]


def _asked(claim: Claim) -> tuple[str, str, dt.date | None, str | None, dt.date | None]:
    """What the catalog is asked for a claim's provision."""
    return claim.city, claim.rule, claim.on, claim.policy, claim.fact_on


def _one(connection: Connection, table: Any, row: int) -> Mapping[str, Any]:
    return dict(connection.execute(select(table).where(table.c.id == row)).mappings().one())


def _key(connection: Connection, decision: Mapping[str, Any]) -> str:
    query = select(tables.policies.c.document).where(tables.policies.c.digest == decision["policy"])
    return str(connection.execute(query).scalar())


def _document(connection: Connection, digest: str, where: str) -> Any:
    query = select(tables.policies.c.content).where(tables.policies.c.digest == digest)
    return document_of(str(connection.execute(query).scalar()), where)


def _claim(connection: Connection, decision: int, review: int | None, left: int | None = None) -> Claim:
    """A claim as a settlement took it: of one decision, with one review, or with the fen that are left of what was paid.
    Names are those that the form states."""
    d, c, e = tables.decisions, tables.claims, tables.enterprises
    query = (
        select(d.c.claimed, d.c.entry, c.c.number, c.c.enterprise, e.c.code)
        .join(c, c.c.id == d.c.claim).join(e, e.c.id == c.c.enterprise).where(d.c.id == decision)
    )  # fmt: skip
    row = connection.execute(query).one()
    claim = claim_of(row.claimed, row.number)
    if left is None and review:
        left = _one(connection, tables.reviews, review)["amount"]
    reviewed = yuan(left) if left is not None else None
    return claim._replace(code=row.code or claim.code, reviewed=reviewed)


def _again(
    connection: Connection, settlement: Mapping[str, Any], law: Catalog
) -> tuple[Sequence[Mapping[str, Any]], Sequence[Settled]]:
    """A settlement's lines as stored, and as computed again by `law`."""
    stored = facts_of(settlement["facts"])
    s = tables.settled
    rows = connection.execute(select(s).where(s.c.settlement == settlement["id"]).order_by(s.c.id)).mappings().all()
    made = {one[0]: one[1:] for one in (*stored["joined"], *([row["decision"], row["review"]] for row in rows))}
    order = stored.get("order") or list(made)
    claims = [_claim(connection, decision, *made[decision]) for decision in order]
    found = settle(claims, facts_from(stored["used"]), on_year=settlement["year"], catalog=law)
    of_decision = dict(zip(order, found.claims, strict=True))
    return [dict(row) for row in rows], [of_decision[row["decision"]] for row in rows]


def _trail(
    connection: Connection, journal: Mapping[int, Any], transfer: Mapping[str, Any], line: Mapping[str, Any], settlement: Mapping[str, Any],
    decision: Mapping[str, Any], claim: Claim, rule: Rule,
) -> list[tuple[str, str]]:  # fmt: skip
    def when(row: Mapping[str, Any]) -> str:
        entry = journal[row["entry"]]
        return f"{entry.at[:16].replace('T', ' ')} {entry.who}（日志第 {entry.seq} 条）"

    trail = [
        ("申报", f"{claim.id} {claim.enterprise} {claim.project or ''}".strip()),
        *_sent_back(connection, decision),
    ]
    if decision["form"]:
        form = _one(connection, tables.forms, decision["form"])
        batch = _one(connection, tables.batches, form["batch"])
        came = f"，{batch['received_from']}报来" if batch["received_from"] else ""
        trail.append(
            (
                "收件",
                f"{form['file']}，{batch['number']} 批，{batch['received_on']} 收到{came}；原件 SHA-256 {form['digest'][:16]}…；{when(form)}",
            )
        )
    for name, cell in json.loads(decision["cells"]).items():
        trail.append(("填报", f"{_stated(rule, name, claim.inputs.get(name))}（{cell}）"))
    if decision["asked"] is not None:
        trail.append(("申请", f"申请金额 {yuan(decision['asked']):,.2f} 元"))
    trail.append(("测算", f"{yuan(decision['amount']):,.2f} 元，程序 {decision['program']}；{when(decision)}"))
    if line["review"]:
        review = _one(connection, tables.reviews, line["review"])
        why = f"，{review['reason']}" if review["reason"] else ""
        trail.append(
            (
                "审定",
                f"{yuan(review['amount']):,.2f} 元{why}，{review['reviewer']} {review['reviewed_on']}；{when(review)}",
            )
        )
    p = tables.publications
    for row in connection.execute(select(p).where(p.c.claim == line["claim"]).order_by(p.c.id)).mappings():
        trail.append(
            ("公示", f"{row['result']} {row['text']} {row['closed_on']}；{when(dict(row))}".replace("  ", " "))
        )
    trail.append(("核算", f"{settlement['number']} 应付 {yuan(line['payable']):,.2f} 元；{when(settlement)}"))
    trail += [
        ("核减", f"{Decimal(cut['amount']):,.2f} 元 {cut['reason']}（{cut['at']}）") for cut in json.loads(line["cuts"])
    ]
    plan = _one(connection, tables.plans, transfer["plan"])
    trail.append(
        (
            "计划",
            f"{transfer['number']} {yuan(transfer['amount']):,.2f} 元，{transfer['holder']} {transfer['account']} {transfer['bank']}；{when(plan)}",
        )
    )
    e = tables.events
    for row in connection.execute(select(e).where(e.c.transfer == transfer["id"]).order_by(e.c.id)).mappings():
        amount = f"{yuan(row['amount']):,.2f} 元 " if row["amount"] else ""
        trail.append((KINDS.get(row["kind"], row["kind"]), f"{amount}{row['day']} {row['note']}；{when(dict(row))}"))
    return trail


def _sent_back(connection: Connection, decision: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What was sent back before the forms of a claim could be judged, up to a decision."""
    c, d = tables.closings, tables.decisions
    own = select(d.c.form).where(d.c.claim == decision["claim"], d.c.id <= decision["id"])
    answered = set(connection.execute(select(c.c.notice).where(c.c.form.in_(own))).scalars())
    for notice in notices(connection) if answered else ():
        if notice.id in answered:
            ended = f"；曾终止办理，{notice.end}" if notice.end else ""
            yield (
                "退回",
                f"{notice.file}，{notice.received_on} 收到，要补正：{notice.text}；补正件 {notice.answer}{ended}",
            )


def _stated(rule: Rule, name: str, value: Any) -> str:
    """An input as the form asks for it: 年度技改设备（含软件）实际投资额：8,000,000元."""
    item = next((item for item in rule.inputs if item.name == name), None)
    if item is None:
        return f"{name}：{value}"
    number = exact_number(value) if not isinstance(value, str) else None
    return f"{item.label}：{show(value if number is None else number, kind_of(item), item.unit)}"


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What today's program or law decides otherwise: a claim's 测算 or its 应付 in a settlement.

    `now` is None where it refuses, for `why`.
    """

    number: str
    enterprise: str
    title: str
    what: str
    stored: Decimal
    now: Decimal | None
    why: str


def otherwise(register: Register, catalog: Catalog, year: int) -> tuple[int, Sequence[Otherwise]]:
    """How many claims of the year there are, and what of them would be decided otherwise today. Raises RegisterError."""
    found, count = [], 0
    with register.reading() as connection:
        today = {key: document_text(document)[0] for key, document in catalog.documents.items()}
        standings = Standings(connection)
        for s in standings.all:
            claim = s.claim
            if year_of(s, claim) != year:
                continue
            count += 1
            changed = _changed(connection, s.document, s.policy, s.program, catalog, today)
            try:
                of = catalog.find(*_asked(claim))
                again = decide(of._replace(rule=of.article), claim.inputs, claim.on, claim.fact_on)
            except PolicyError as error:
                found.append(Otherwise(s.number, s.name, s.title, "测算", s.amount, None, str(error)))
                continue
            if again.amount != s.amount:
                why = f"{changed}：原 {s.detail.get('explanation', '')}；今 {again.explanation}"
                found.append(Otherwise(s.number, s.name, s.title, "测算", s.amount, again.amount, why))
        found += _settled_otherwise(connection, standings, catalog, year, today)
    return count, found


def _settled_otherwise(
    connection: Connection, standings: Standings, catalog: Catalog, year: int, today: Mapping[str, str]
) -> list[Otherwise]:
    """The lines of the year's settlements that would pay another amount, from the same claims, reviews and facts."""
    own = {s.id: s for s in standings.all}
    t = tables.settlements
    found = []
    for settlement in connection.execute(select(t).where(t.c.year == year).order_by(t.c.id)).mappings():
        rows, again = _again(connection, dict(settlement), catalog)
        law = facts_of(settlement["facts"])["law"]
        for row, one in zip(rows, again, strict=True):
            if one.payable == yuan(row["payable"]):
                continue
            s = own[row["claim"]]
            changed = _changed(connection, s.document, law.get(s.document, ""), settlement["program"], catalog, today)
            cuts = "；".join(cut.reason for cut in one.cuts) or "没有核减"
            what = f"核算 {settlement['number']}"
            found.append(
                Otherwise(s.number, s.name, s.title, what, yuan(row["payable"]), one.payable, f"{changed}：今 {cuts}")
            )
    return found


def _changed(
    connection: Connection, key: str, stored: str, program: str, catalog: Catalog, today: Mapping[str, str]
) -> str:
    """What is not as it was: the policy data, the bureau's readings, the program."""
    parts = []
    if key not in today:
        parts.append("这份文件已不在")
    elif stored != today[key]:
        then = {name: item.chosen for name, item in _document(connection, stored, key).readings.items()}
        now = catalog.documents[key].readings
        readings = [item for name, item in now.items() if then.get(name, item.default) != item.chosen]
        parts += [f"口径“{item.question}”改为“{item.option(item.chosen).label}”" for item in readings]
        parts += [] if readings else ["政策数据变了"]
    parts += [f"程序由 {program} 变为 {__version__}"] if program != __version__ else []
    return "、".join(parts) or "程序或合并核算的其他文件变了"
