"""What an enterprise was paid for a provision in a year, and what its limits leave: read, never written.

What a limit leaves is the most that may still be paid, not what an enterprise will get. Limits per project, loan or
level say nothing of the enterprise and are left out; one that cannot be told from the register alone is refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, func, select

from xlpolicy.faults import NotComputable
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found
from xlpolicy.law.nodes import Figure
from xlpolicy.law.records import Limit
from xlpolicy.money import ZERO
from xlpolicy.register import tables
from xlpolicy.register.funds import year_of
from xlpolicy.register.settling import payment_of
from xlpolicy.register.standing import Standing, Standings
from xlpolicy.register.tables import parts
from xlpolicy.settle.facts import Facts, Payment
from xlpolicy.settle.identity import means
from xlpolicy.settle.reach import Law
from xlpolicy.settle.scopes import Scoped, scopes_of
from xlpolicy.words.wording import scope_text


@dataclass(frozen=True, slots=True)
class Room:
    """One limit of an enterprise: how much it is, what is taken of it, in words for what, where the law says so."""

    most: Decimal
    used: Decimal
    scope: str
    at: str

    @property
    def left(self) -> Decimal:
        """Yuan that may still be given, never below zero."""
        return max(self.most - self.used, ZERO)


def paid(own: Iterable[Standing], city: str, rule: str, year: int) -> Decimal:
    """What left for a provision, of a year's facts, less what came back; `own`: the claims of one enterprise."""
    return sum((s.paid for s in own if (s.city, s.rule) == (city, rule) and _year(s) == year), ZERO)


def rooms(
    own: Iterable[Standing], facts: Facts, law: Law, found: Found, called: Collection[str], year: int
) -> list[Room]:
    """The limits of a provision that hold for the whole enterprise, the narrowest first.

    `own`: its claims; `called`: its code and names, by which the bureau's facts know it. Planned money counts as
    taken. Raises NotComputable where there is no such limit, or its amount hangs on a claim.
    """
    committed = [s for s in own if s.committed and s.line is not None]
    before = [p for p in facts.prior_payments if means(called, p.enterprise, p.code)]
    out: list[Room] = []
    place = f"{found.rule.title}（{found.rule.at}）"
    for limit, scoped in scopes_of(law, found):
        if "enterprise" not in scoped.per or not {*scoped.per} <= {"enterprise", "year"} or _other(scoped):
            continue
        most = _most(law, found, limit, scoped)
        if most is None:
            raise NotComputable(
                f"封顶（{scoped.rule.at}）随申报的情况不同，单从登记库看不出还剩多少", where=place,
                expected="按企业写明金额的封顶", remedy="把申报数据收进来，用 xlpolicy settle 核算",
            )  # fmt: skip
        out.append(
            Room(
                most,
                _used(committed, before, law.catalog, scoped, year),
                scope_text(found.rule, scoped.per),
                scoped.rule.at,
            )
        )
    if not out:
        raise NotComputable(
            "本条没有按企业的封顶",
            where=place,
            expected="按企业（每年）封顶的条款",
            remedy="按项目、贷款封顶的，看那一笔的测算",
        )
    return sorted(out, key=lambda room: room.left)


def _year(standing: Standing) -> int:
    return year_of(standing, standing.claim)


def _other(scoped: Scoped) -> bool:
    """Whether the limit is about something else than the whole amount."""
    limit = scoped.rule.limit
    return bool(scoped.part) or (limit is not None and limit.of != "amount")


def _most(law: Law, found: Found, limit: Limit | None, scoped: Scoped) -> Decimal | None:
    """The limit's amount where the law states one for everybody."""
    if limit is not None:
        if limit.when is not None or not isinstance(limit.node, Figure):
            return None
        value = found.rule.figures[limit.node.name].value
        return value if isinstance(value, Decimal) else None
    effect = scoped.rule.limit
    assert effect is not None
    if effect.max is None or effect.kinds:
        return None
    value = law.document_of[id(scoped.rule)].rules[effect.max.rule].figures[effect.max.figure].value
    return value if isinstance(value, Decimal) else None


def _used(
    committed: Iterable[Standing], before: Iterable[Payment], catalog: Catalog, scoped: Scoped, year: int
) -> Decimal:
    """What the register has planned and paid inside the limit, and what the bureau stated as paid before."""
    payments = [(s.city, s.rule, _year(s), payment_of(s, catalog).amount) for s in committed]
    payments += [(p.city, p.rule, p.year, p.amount) for p in before]
    return sum(
        (amount for city, rule, of, amount in payments if (city, rule) in scoped.members and ("year" not in scoped.per or of == year)),
        ZERO,
    )  # fmt: skip


def enterprises_called(connection: Connection, named: Sequence[str]) -> dict[str, set[int]]:
    """Enterprises by a code, or by a name that they had (as `words.names.same` writes it)."""
    e, n = tables.enterprises, tables.names
    found: dict[str, set[int]] = defaultdict(set)
    for part in parts(named):
        for column, query in (
            (e.c.code, select(e.c.code, e.c.id)),
            (func.lower(n.c.compared), select(func.lower(n.c.compared), n.c.enterprise)),  # as earlier versions kept it
        ):
            for name, enterprise in connection.execute(query.where(column.in_(part))):
                found[name].add(enterprise)
    return found


def of_enterprises(connection: Connection, enterprises: Sequence[int]) -> dict[int, list[Standing]]:
    """Every claim of these enterprises, as it stands now."""
    own: dict[int, list[Standing]] = defaultdict(list)
    for part in parts(enterprises):
        ids = connection.execute(select(tables.claims.c.id).where(tables.claims.c.enterprise.in_(part))).scalars().all()
        for some in parts(ids):
            for standing in Standings(connection, some).all:
                own[standing.enterprise].append(standing)
    return own
