"""Which form stands in the place of one that was sent back: a later batch's, or one that came in the same batch.

In one batch nothing says which came first but the mails that brought them; where they do not say so, a person is told.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, select

from xlpolicy.register import tables
from xlpolicy.register.arrivals import AGAIN, Arrival
from xlpolicy.register.corrections import Notice
from xlpolicy.settle.identity import valid_code
from xlpolicy.words.names import same


def answers(arrival: Arrival, sent_back: Notice | Arrival) -> bool:
    """Whether a form stands in the place of one that was sent back; one that is sent back again does, with a notice of its own."""
    if not arrival.rule or sent_back.rule != arrival.rule or (arrival.claim is None and arrival.place != AGAIN):
        return False
    code, name = valid_code(arrival.code), sent_back.name if isinstance(sent_back, Notice) else sent_back.enterprise
    of_one = (code is not None and valid_code(sent_back.code) == code) or same(name) == same(arrival.enterprise)
    projects = same(sent_back.project), same(arrival.project)
    if arrival.issue and arrival.issue == sent_back.issue:
        return projects[0] == projects[1] or "" in projects
    return of_one and (projects[0] == projects[1] or ("" in projects and arrival.claim is not None))


def beside(
    connection: Connection, sent_back: Mapping[int, Arrival], judged: Mapping[int, Arrival]
) -> Iterator[tuple[int, Arrival, int, Arrival, bool]]:
    """Of the forms of a batch those that were sent back (by their notice) and have one beside them that was judged (by its
    row): both, and whether that came later, as the mails say."""
    known: dict[tuple[str, ...], list[tuple[int, Arrival]]] = defaultdict(list)
    for row, one in judged.items() if sent_back else ():
        for key in _keys(one):
            known[key].append((row, one))
    found = [(n, bad, *pair) for n, bad in sent_back.items() if (pair := _one(bad, known)) is not None]
    moments = _moments(connection) if found else {}
    for notice, bad, row, good in found:
        before, after = (moments.get(one.digest, "") for one in (bad, good))
        yield notice, bad, row, good, bool(before) and before < after


def _keys(arrival: Arrival) -> Iterator[tuple[str, ...]]:
    """What makes sure that two forms are of one thing: the number of the form, else the enterprise with the project."""
    if arrival.issue:
        yield (arrival.issue,)
    if project := same(arrival.project):
        yield from ((arrival.rule, project, who) for who in (arrival.code, same(arrival.enterprise)) if who)


def _one(bad: Arrival, known: Mapping[tuple[str, ...], list[tuple[int, Arrival]]]) -> tuple[int, Arrival] | None:
    """A form of another file for the same thing."""
    for key in _keys(bad):
        for row, one in known.get(key, ()):
            if one.digest != bad.digest and answers(one, bad):
                return row, one
    return None


def _moments(connection: Connection) -> dict[str, str]:
    """When the files came that mails brought, by digest."""
    m = tables.mails
    query = select(m.c.files, m.c.sent_at).where(m.c.files != "[]").order_by(m.c.sent_at)
    return {digest: row.sent_at for row in connection.execute(query) for _, digest, _ in json.loads(row.files)}
