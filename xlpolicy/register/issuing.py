"""Forms sent out: what the register knows of their enterprises, the batches of forms, and which of them came back."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from xlpolicy.register import tables
from xlpolicy.register.database import Register
from xlpolicy.register.tables import parts
from xlpolicy.settle.identity import valid_code

#: batches of forms sent out are numbered apart from those that come in
PREFIX = "FB"


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent out. `replied`: on which day its enterprise sent one back, "" for not yet. A combined form names
    the documents and the ids of its provisions in turn, with a blank between them."""

    id: int
    batch: str
    serial: int
    shown: str
    code: str
    name: str
    county: str
    address: str
    document: str
    rule: str
    title: str
    year: str
    file: str
    digest: str
    due: str
    issued_on: str
    replied: str = ""

    @property
    def provisions(self) -> list[tuple[str, str]]:
        """Document and id of each provision that it is a form of."""
        return list(zip(self.document.split(), self.rule.split(), strict=False))

    @property
    def late(self) -> bool:
        """Whether it came back after the day that was set."""
        return bool(self.due and self.replied > self.due)


def next_issue(connection: Connection, year: str) -> str:
    """The number that the next batch of forms will get: FB2026-001."""
    i = tables.issues
    head = f"{PREFIX}{year}-"
    query = select(func.count(func.distinct(i.c.batch))).where(i.c.batch.startswith(head))
    return f"{head}{(connection.execute(query).scalar() or 0) + 1:03d}"


def issued_before(
    connection: Connection, document: str, rule: str, due: str, listed: Sequence[tuple[str, str, str, str]]
) -> str:
    """The batch in which the same forms left for the same list already, "" for none. `document`, `rule`: as `Sent` has them;
    `listed`: code, name, address and year of each, in the order of the list."""
    i = tables.issues
    query = select(i).where(i.c.document == document, i.c.rule == rule, i.c.due == due).order_by(i.c.id)
    batches: dict[str, list[tuple[str, str, str, str]]] = {}
    for row in connection.execute(query):
        batches.setdefault(row.batch, []).append((row.code, row.name, row.address, row.year))
    return next((batch for batch, rows in batches.items() if rows == list(listed)), "")


def known_of(register: Register, codes: Iterable[str]) -> dict[str, dict[str, str]]:
    """What the register knows of enterprises, by code: the keys of a form's first block. Raises RegisterError."""
    e, n, a, f = tables.enterprises, tables.names, tables.accounts, tables.forms
    found: dict[str, dict[str, str]] = {}
    with register.reading() as connection:
        for part in parts(sorted(set(codes))):
            ids = {row.id: row.code for row in connection.execute(select(e.c.id, e.c.code).where(e.c.code.in_(part)))}
            of = list(ids)
            for row in connection.execute(select(n).where(n.c.enterprise.in_(of)).order_by(n.c.id)):
                found.setdefault(ids[row.enterprise], {})["ent_name"] = row.name
            for row in connection.execute(select(a).where(a.c.enterprise.in_(of)).order_by(a.c.id)):
                bank = {"ent_account_name": row.holder, "ent_account": row.account, "ent_bank": row.bank}
                found.setdefault(ids[row.enterprise], {}).update(bank)
            query = select(f.c.enterprise, f.c.county).where(f.c.enterprise.in_(of), f.c.county != "").order_by(f.c.id)
            for row in connection.execute(query):
                found.setdefault(ids[row.enterprise], {})["ent_county"] = row.county
    return found


def add_issues(
    register: Register,
    batch: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    who: str,
    placed: Callable[[], None] = lambda: None,
) -> bool:
    """Record a batch of forms that were written. False where another clerk took the number first.

    `placed` puts the files where they belong: while this clerk alone writes, so that a folder of this batch that is there
    already can only be what a run left that was cut off in between. Raises RegisterError, and what `placed` raises.
    """
    with register.writing("issue", who, f"发表 {batch}，{len(rows)} 份") as entry:
        taken = select(tables.issues.c.id).where(tables.issues.c.batch == batch).limit(1)
        if entry.connection.execute(taken).first() is not None:
            return False
        placed()
        for row in rows:
            entry.add(tables.issues, batch=batch, shown=f"{batch}/{row['serial']}", **row)
    return True


def issued(connection: Connection, batch: str = "") -> list[Sent]:
    """The forms sent out (of one batch, or all), each with the day on which it came back: of its mail, else of the batch
    that took it in. A form answers by the number on its hidden sheet; one filled in on other paper, by code and provision.
    """
    i, f, b = tables.issues, tables.forms, tables.batches
    mailed = _mailed(connection)
    query = select(f.c.issue, f.c.code, f.c.rule, f.c.entry, f.c.digest, b.c.received_on).join(b, b.c.id == f.c.batch)
    by_issue: dict[str, str] = {}
    by_claim: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for form in connection.execute(query.where(f.c.place != "空白").order_by(f.c.id)):
        day = mailed.get(form.digest, form.received_on)
        if form.issue:
            by_issue[form.issue] = min(by_issue.get(form.issue, day), day)
        else:
            by_claim.setdefault((form.code, form.rule), []).append((form.entry, day))
    found = select(i).order_by(i.c.id)
    names = [name for name in Sent.__slots__ if name != "replied"]
    sent = []
    for row in connection.execute(found.where(i.c.batch == batch) if batch else found).mappings():
        claims = [(row["code"], rule) for rule in row["rule"].split()]
        other = [day for claim in claims for entry, day in by_claim.get(claim, ()) if entry > row["entry"]]
        days = [*other, *([by_issue[row["shown"]]] if row["shown"] in by_issue else [])]
        sent.append(Sent(**{name: row[name] for name in names}, replied=min(days, default="")))
    return sent


def _mailed(connection: Connection) -> dict[str, str]:
    """The files that came by mail, by digest, with the day on which they were sent."""
    m = tables.mails
    days: dict[str, str] = {}
    for row in connection.execute(select(m.c.files, m.c.sent_at).where(m.c.sent_at != "").order_by(m.c.id)):
        for _, digest, _ in json.loads(row.files):
            days.setdefault(digest, row.sent_at[:10])
    return days


def open_issues(connection: Connection, rules: Collection[str], year: str) -> dict[str, str]:
    """Codes to which a form of one of these provisions and the year was sent already and not answered yet -> its number."""
    return {
        sent.code: sent.shown
        for sent in issued(connection)
        if sent.year == year and not sent.replied and valid_code(sent.code)
        if set(rules) & {rule for _, rule in sent.provisions}
    }
