"""The state of every claim, kept beside the record so that `status` need not read it all: written with every entry.

No part of the record: it can be made again from it at any time (`rebuild`), and `verify` holds it against it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from xlpolicy.register import tables
from xlpolicy.register.standing import REVIEW, UNREVIEWED, Standing, Standings
from xlpolicy.register.tables import fen, parts

#: tables whose rows name the claim whose state they change
_OF_CLAIM = ("reviews", "publications", "settled", "transfers")

Row = Mapping[str, Any]


def keep(connection: Connection, added: Mapping[str, Sequence[Row]]) -> None:
    """Bring the states up to date with the rows of an entry, which are in the tables already."""
    decisions = added.get("decisions", ())
    touched = {row["claim"] for name in _OF_CLAIM for row in added.get(name, ())}
    transfers = sorted({row["transfer"] for row in added.get("events", ())})
    for part in parts(transfers):
        query = select(tables.transfers.c.claim).where(tables.transfers.c.id.in_(part))
        touched.update(connection.execute(query).scalars())
    new = {row["id"] for row in added.get("claims", ())} - touched
    fresh = {row["claim"]: row for row in decisions if row["claim"] in new}
    touched.update(row["claim"] for row in decisions if row["claim"] not in fresh)
    batches = {row["id"]: row["received_on"] for row in added.get("batches", ())}
    days = {row["id"]: batches.get(row["batch"], "") for row in added.get("forms", ())}
    documents = {row["id"]: row["document"] for row in added.get("claims", ())}
    _write(connection, [_first(row, days.get(row["form"], ""), documents[row["claim"]]) for row in fresh.values()])
    _renew(connection, touched)


def rebuild(connection: Connection) -> None:
    """Make all states again from the record."""
    connection.execute(delete(tables.states))
    _write(connection, map(_row, Standings(connection).all))


def differing(connection: Connection) -> list[str]:
    """编号 of claims whose kept state is not what the record says."""
    kept = {row["claim"]: dict(row) for row in connection.execute(select(tables.states)).mappings()}
    return [s.number for s in Standings(connection).all if kept.get(s.id) != _row(s)]


def _renew(connection: Connection, claims: Collection[int]) -> None:
    for part in parts(sorted(claims)):
        connection.execute(delete(tables.states).where(tables.states.c.claim.in_(part)))
        _write(connection, [_row(standing) for standing in Standings(connection, part).all])


def _write(connection: Connection, rows: Iterable[Row]) -> None:
    if made := list(rows):
        tables.put(connection, tables.states, made)


def _row(standing: Standing) -> Row:
    step, since = standing.step
    return {
        "claim": standing.id, "state": standing.state, "step": step, "since": since, "document": standing.document,
        "amount": fen(standing.at_stake), "computed": fen(standing.amount),
        "reviewed": fen(standing.review.amount) if standing.review else 0, "paid": fen(standing.paid),
    }  # fmt: skip


def _first(decision: Row, received_on: str, document: str) -> Row:
    """The state of a claim that has just come in: the same that `_row` makes of it."""
    amount = decision["amount"]
    return {
        "claim": decision["claim"], "state": UNREVIEWED, "step": REVIEW, "since": received_on, "document": document,
        "amount": amount, "computed": amount, "reviewed": 0, "paid": 0,
    }  # fmt: skip
