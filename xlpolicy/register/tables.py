"""The schema: append-only tables whose rows name the journal entry that wrote them.

Money is whole fen, so that both databases add it up exactly; days are ISO text; lists and mappings are JSON text.
A column that a later version adds is nullable and comes last: a row's digest leaves out what is null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    insert,
)

from xlpolicy.money import CENT

#: rows with a value for every column, in the order of the columns
Rows = Sequence[Sequence[Any]]

metadata = MetaData()
#: how many values one question to the database holds
_CHUNK = 500


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=False)


def _entry() -> Column[int]:
    return Column("entry", Integer, ForeignKey("journal.seq", deferrable=True, initially="DEFERRED"), nullable=False)


def _of(table: str, *, empty: bool = False) -> Column[int]:
    name = "batch" if table == "batches" else table.removesuffix("s")
    return Column(name, Integer, ForeignKey(f"{table}.id"), nullable=empty)


def _text(name: str, *, empty: bool = False) -> Column[str]:
    return Column(name, Text, nullable=empty)


def _money(name: str, *, empty: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=empty)


#: the version of the schema, and where the register came from; the only table whose rows change
meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _text("at"), _text("who"), _text("what"), _text("note"),
    Column("rows", Integer, nullable=False),
    _text("digest"), _text("previous"), _text("head"),
)  # fmt: skip

#: a document as it was when something was decided by it
policies = Table(
    "policies", metadata, Column("digest", Text, primary_key=True), _entry(), _text("document"), _text("content")
)
#: a received file, byte for byte
originals = Table(
    "originals", metadata, Column("digest", Text, primary_key=True), _entry(), Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)  # fmt: skip
enterprises = Table("enterprises", metadata, _id(), _entry(), _text("code", empty=True))
names = Table("names", metadata, _id(), _entry(), _of("enterprises"), _text("name"), _text("compared"))
batches = Table(
    "batches", metadata, _id(), _entry(), _text("number"), _text("folder"), _text("received_from"), _text("received_on")
)
#: one returned form, or one file that holds none
forms = Table(
    "forms", metadata, _id(), _entry(), _of("batches"), _text("file"), _text("digest"), _text("member"), _text("sheet"),
    Column("nth", Integer, nullable=False), _text("place"), _text("why"), _of("enterprises", empty=True), _text("name"),
    _text("code"), _text("county"), _text("rule"), _text("title"), _text("project"), _text("problems"), _text("hints"),
    Column("supersedes", Integer, ForeignKey("forms.id"), nullable=True), _text("issue", empty=True),
)  # fmt: skip
accounts = Table(
    "accounts", metadata, _id(), _entry(), _of("enterprises"), _of("forms"), _text("holder"), _text("account"), _text("bank")
)  # fmt: skip
#: a form that its enterprise has to mend, until a later form closes it or somebody ends it
notices = Table("notices", metadata, _id(), _entry(), _of("forms"), _text("text"))
closings = Table("closings", metadata, _id(), _entry(), _of("notices"), _of("forms"))
#: 终止: a notice that nobody answered, or whose enterprise withdrew; the journal says who and when
endings = Table("endings", metadata, _id(), _entry(), _of("notices"), _text("reason"), _text("ended_on"))
#: 编号 for good; what the enterprise states stands in the newest decision (`asked`: 申请金额, where its form has that)
claims = Table(
    "claims", metadata, _id(), _entry(), _text("number"), _of("enterprises"), _text("city"), _text("document"), _text("rule"),
    _text("title"), _text("at"), _text("same"),
)  # fmt: skip
decisions = Table(
    "decisions", metadata, _id(), _entry(), _of("claims"), _of("forms", empty=True), _text("claimed"), _text("cells"),
    _text("vouchers"), _text("county"), Column("eligible", Integer, nullable=False), _money("amount"), _text("detail"),
    _text("program"), Column("policy", Text, ForeignKey("policies.digest"), nullable=False), _text("readings"),
    _money("asked", empty=True),
)  # fmt: skip
reviews = Table(
    "reviews", metadata, _id(), _entry(), _of("claims"), _of("decisions"), _money("amount"), _money("county_amount", empty=True),
    _text("reason"), _text("reviewer"), _text("reviewed_on"),
)  # fmt: skip
#: 县区初审 of the same form, as a county's register has it under a number of its own
county_reviews = Table(
    "county_reviews", metadata, _id(), _entry(), _of("claims"), _of("decisions"), _text("county"), _text("number"),
    _money("amount"), _text("reason"), _text("reviewer"), _text("reviewed_on"),
)  # fmt: skip
#: 公示: 无异议, or 异议 with its day and text
publications = Table(
    "publications", metadata, _id(), _entry(), _of("claims"), _text("result"), _text("closed_on"), _text("text")
)
settlements = Table(
    "settlements", metadata, _id(), _entry(), _text("number"), Column("year", Integer, nullable=False), _text("facts"),
    _text("notes"), _text("program"),
)  # fmt: skip
settled = Table(
    "settled", metadata, _id(), _entry(), _of("settlements"), _of("claims"), _of("decisions"), _of("reviews", empty=True),
    _text("status"), _money("decided"), _money("payable"), _text("payers"), _text("cuts"), _text("notes"),
)  # fmt: skip
plans = Table(
    "plans", metadata, _id(), _entry(), _text("number"), _of("settlements"), _text("planned_on"), _text("note")
)
transfers = Table(
    "transfers", metadata, _id(), _entry(), _of("plans"), _text("number"), _of("claims"),
    Column("settled", Integer, ForeignKey("settled.id"), nullable=False), _text("payer"), _money("due"), _money("before"),
    _money("amount"), _text("holder"), _text("account"), _text("bank"), _text("hold"),
)  # fmt: skip
#: what became of a transfer: released (a held one), cancelled, paid, returned (退票), taken_back (收回)
events = Table(
    "events", metadata, _id(), _entry(), _of("transfers"), _text("kind"), _money("amount"), _text("day"), _text("note")
)

#: a form sent out to an enterprise; `shown` is what its hidden sheet says: batch/serial
issues = Table(
    "issues", metadata, _id(), _entry(), _text("batch"), Column("serial", Integer, nullable=False), _text("shown"),
    _text("code"), _text("name"), _text("county"), _text("address"), _text("document"), _text("rule"), _text("title"),
    _text("year"), _text("file"), _text("digest"), _text("due"), _text("issued_on"),
)  # fmt: skip
#: what became of a mail to an enterprise: sending (before the server is asked), sent, failed, bounced, dropped
mailings = Table(
    "mailings", metadata, _id(), _entry(), _of("issues", empty=True), _text("kind"), _text("address"), _text("message"),
    _text("subject"), _text("state"), _text("at"), _text("note"),
)  # fmt: skip
#: a mail that came in, and what was taken out of it
mails = Table(
    "mails", metadata, _id(), _entry(), _text("digest"), _text("message"), _text("sender"), _text("subject"),
    _text("sent_at"), _text("taken_on"), _text("kind"), _text("files"), _text("notes"),
)  # fmt: skip

#: the state of every claim: no part of the record, made from it with every entry, for `status`
states = Table(
    "states", metadata, Column("claim", Integer, primary_key=True, autoincrement=False), _text("state"), _text("step"),
    _text("since"), _text("document"), _money("amount"), _money("computed"), _money("reviewed"), _money("paid"),
)  # fmt: skip

#: in the order in which an entry's digest takes them
RECORDS: tuple[Table, ...] = (
    policies, originals, enterprises, names, batches, forms, accounts, notices, closings, endings, claims, decisions, reviews,
    county_reviews, publications, settlements, settled, plans, transfers, events, issues, mailings, mails,
)  # fmt: skip
#: left out of a row's digest: their content is proved by another column
UNHASHED = {"originals": ("content",)}

Index("ix_claims_number", claims.c.number, unique=True)
Index("ix_plans_number", plans.c.number, unique=True)
Index("ix_transfers_number", transfers.c.number, unique=True)
Index("ix_batches_number", batches.c.number, unique=True)
Index("ix_settlements_number", settlements.c.number, unique=True)
Index("ix_enterprises_code", enterprises.c.code, unique=True)
Index("ix_names_compared", names.c.compared)
Index("ix_forms_digest", forms.c.digest)
Index("ix_claims_same", claims.c.same)
Index("ix_decisions_claim", decisions.c.claim)
Index("ix_reviews_claim", reviews.c.claim)
Index("ix_county_reviews_claim", county_reviews.c.claim)
Index("ix_publications_claim", publications.c.claim)
Index("ix_settled_claim", settled.c.claim)
Index("ix_transfers_claim", transfers.c.claim)
Index("ix_events_transfer", events.c.transfer)
Index("ix_accounts_enterprise", accounts.c.enterprise)
#: those that somebody has to look at, or that wait
Index("ix_transfers_hold", transfers.c.id, sqlite_where=transfers.c.hold != "", postgresql_where=transfers.c.hold != "")
Index("ix_closings_notice", closings.c.notice)
Index("ix_endings_notice", endings.c.notice)
Index("ix_issues_shown", issues.c.shown, unique=True)
Index("ix_mailings_issue", mailings.c.issue)
Index("ix_mailings_message", mailings.c.message)
Index("ix_mails_digest", mails.c.digest)
Index("ix_forms_issue", forms.c.issue)
Index("ix_states_state", *list(states.c)[1:])
for _table in RECORDS:
    Index(f"ix_{_table.name}_entry", _table.c.entry)


def fen(amount: Decimal) -> int:
    """An amount of whole cents as whole fen. Raises ValueError for a broken cent: nothing is rounded here."""
    cents = amount / CENT
    if cents != cents.to_integral_value():
        raise ValueError(f"{amount} is no amount of whole cents")
    return int(cents)


def yuan(cents: int | None) -> Decimal:
    """The inverse of `fen`; nothing is zero."""
    return (Decimal(cents or 0) * CENT).quantize(CENT)


def values_of(table: Table, rows: Sequence[Mapping[str, Any]]) -> Rows:
    """The rows of a table as they are written: every column in its order, null for what a row does not say."""
    names = [column.name for column in table.c]
    said = [name for name in names if rows and name in rows[0]]
    if len(said) > 1 and said == names[: len(said)] and sum(map(len, rows)) == len(rows) * len(said):
        nulls = (None,) * (len(names) - len(said))
        with suppress(KeyError):  # as many, and none that the first does not have: all say the same columns
            return [values + nulls for values in map(itemgetter(*said), rows)]
    return [tuple(map(row.get, names)) for row in rows]


def put(connection: Connection, table: Table, rows: Rows) -> None:
    """Many rows, straight to the driver; every column in its order."""
    statement, names = _insertion(table, connection.dialect)
    for part in parts(rows):
        named = [dict(zip(names, row, strict=True)) for row in part] if names else list(part)
        connection.exec_driver_sql(statement, named)


@lru_cache(maxsize=2 * 32)  # of every table, for a register and the one it is merged into
def _insertion(table: Table, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """The statement, and the names of its values where the driver asks for them by name."""
    names = tuple(column.name for column in table.c)
    made = insert(table).compile(dialect=dialect, column_keys=names)
    return str(made), () if made.positional else names


def parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """As many values at a time as one question to a database may hold."""
    return (values[i : i + _CHUNK] for i in range(0, len(values), _CHUNK))


def dumped(value: Any) -> str:
    """JSON text that the same value always gives."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
