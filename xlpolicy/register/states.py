"""The state of every claim, kept beside the record so that `status` need not read it all: written with every entry.

No part of the record: it can be made again from it at any time (`rebuild`), and `verify` holds it against it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, exists, func, insert, literal, select

from xlpolicy.register import tables
from xlpolicy.register.standing import REVIEW, UNREVIEWED, Standing, Standings
from xlpolicy.register.tables import fen, parts

#: tables whose rows name the claim whose state they change
_OF_CLAIM = ("reviews", "publications", "settled", "transfers")

Row = Mapping[str, Any]


def keep(connection: Connection, added: Mapping[str, Sequence[Row]], seq: int) -> None:
    """Bring the states up to date with the rows of an entry, which are in the tables already."""
    touched = {row["claim"] for name in _OF_CLAIM for row in added.get(name, ())}
    transfers = sorted({row["transfer"] for row in added.get("events", ())})
    for part in parts(transfers):
        query = select(tables.transfers.c.claim).where(tables.transfers.c.id.in_(part))
        touched.update(connection.execute(query).scalars())
    if claims := added.get("claims"):
        _come_in(connection, seq)
    new = {row["id"] for row in claims or ()}
    touched.update(row["claim"] for row in added.get("decisions", ()) if row["claim"] not in new)
    _renew(connection, touched)


def _come_in(connection: Connection, seq: int) -> None:
    """The states of the claims that an entry brought, without reading them here: the same that `_row` makes of them."""
    c, d, f, b = tables.claims, tables.decisions, tables.forms, tables.batches
    later = d.alias()
    since, zero = func.coalesce(b.c.received_on, ""), literal(0)
    state = {
        "claim": c.c.id, "state": literal(UNREVIEWED), "step": literal(REVIEW), "since": since, "document": c.c.document,
        "amount": d.c.amount, "computed": d.c.amount, "reviewed": zero, "paid": zero,
    }  # fmt: skip
    query = (
        select(*(state[column.name].label(column.name) for column in tables.states.c))
        .join(d, d.c.claim == c.c.id)
        .join(f, f.c.id == d.c.form, isouter=True)
        .join(b, b.c.id == f.c.batch, isouter=True)
        .where(c.c.entry == seq, ~exists().where(later.c.claim == d.c.claim, later.c.id > d.c.id))
    )
    connection.execute(insert(tables.states).from_select(list(state), query))


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
    tables.put(connection, tables.states, tables.values_of(tables.states, list(rows)))


def _row(standing: Standing) -> Row:
    step, since = standing.step
    return {
        "claim": standing.id, "state": standing.state, "step": step, "since": since, "document": standing.document,
        "amount": fen(standing.at_stake), "computed": fen(standing.amount),
        "reviewed": fen(standing.review.amount) if standing.review else 0, "paid": fen(standing.paid),
    }  # fmt: skip
