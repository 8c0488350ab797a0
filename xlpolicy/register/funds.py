"""Funds of a year (资金) and the uplift budget over settlements and years: a bare figure is of the year that is settled.

What is planned and paid takes from the fund of its own year alone. A fund that was stated for a year when its claims were
settled may not be forgotten when they are settled again in a later one: they would be paid in full.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select

from xlpolicy.law.catalog import Catalog
from xlpolicy.law.effects import CrossRule
from xlpolicy.law.encoding import decode
from xlpolicy.law.fund_names import fund_names
from xlpolicy.law.in_force import day_of
from xlpolicy.law.records import Day
from xlpolicy.money import ZERO
from xlpolicy.register import tables
from xlpolicy.register.database import RegisterError
from xlpolicy.register.standing import Standing
from xlpolicy.settle import Claim, Facts
from xlpolicy.settle.facts import ByYear, of_year

#: a fund and the year it is of
Of = tuple[str, int]


def counted_day(standing: Standing, claim: Claim) -> dt.date | None:
    """The day whose year and month count: the fact's, or the application's where the claim's document says so."""
    fact, on = claim.fact_on, claim.on
    apart = fact is not None and on is not None and (fact.year, fact.month) != (on.year, on.month)
    by: Day = standing.detail.get("year_by", "fact") if apart else "fact"
    return day_of(by, on, fact)


def year_of(standing: Standing, claim: Claim) -> int:
    """The year that a claim counts in."""
    day = counted_day(standing, claim)
    return day.year if day else standing.line.year if standing.line else 0


def cross_rules(standing: Standing, catalog: Catalog) -> list[CrossRule]:
    document = catalog.documents.get(standing.document)
    return [rule for rule in document.cross_rules if standing.rule in rule.members] if document else []


def pool_of(standing: Standing, catalog: Catalog) -> str | None:
    """The fund that a claim is paid from, where the law names one."""
    return next((x.scale.pool for x in cross_rules(standing, catalog) if x.scale and x.scale.pool), None)


def taken(standings: Iterable[Standing], catalog: Catalog) -> dict[Of, Decimal]:
    """What is planned and paid of each fund, by year, less what was taken back."""
    used: dict[Of, Decimal] = defaultdict(lambda: ZERO)
    for standing in standings:
        if standing.committed and (pool := pool_of(standing, catalog)):
            moved = sum((t.amount - t.taken_back for t in standing.transfers if t.live), ZERO)
            used[pool, year_of(standing, standing.claim)] += moved
    return used


def less(figure: ByYear, used: Mapping[int, Decimal], on_year: int) -> ByYear:
    """What is left of a fund, or of one by year."""
    if isinstance(figure, Mapping):
        return {year: max(amount - used.get(year, ZERO), ZERO) for year, amount in figure.items()}
    return max(figure - used.get(on_year, ZERO), ZERO)


def raised(earlier: Iterable[Standing]) -> dict[int, Decimal]:
    """By year, what an uplift added to claims that are planned or paid, as far as a later cut left it."""
    by_year: dict[int, Decimal] = {}
    for standing in earlier:
        assert standing.line is not None
        added = ZERO
        for cut in (Decimal(cut["amount"]) for cut in standing.line.cuts):
            if cut < 0:
                added -= cut
            elif added:  # what comes after the uplift takes of it first
                added = max(added - cut, ZERO)
        year = year_of(standing, standing.claim)
        by_year[year] = by_year.get(year, ZERO) + added
    return by_year


def by_year(pools: Mapping[str, ByYear], on_year: int) -> dict[Of, Decimal]:
    """Funds as one figure a year."""
    found: dict[Of, Decimal] = {}
    for name, figure in pools.items():
        found |= {
            (name, year): most for year, most in (figure if isinstance(figure, Mapping) else {on_year: figure}).items()
        }
    return found


def stated(connection: Connection) -> dict[Of, Decimal]:
    """The funds by year as the newest settlement of each year was given them, the newest last."""
    t = tables.settlements
    newest = select(func.max(t.c.id)).group_by(t.c.year)
    found: dict[Of, Decimal] = {}
    for row in connection.execute(select(t.c.year, t.c.facts).where(t.c.id.in_(newest)).order_by(t.c.id)):
        given = json.loads(row.facts)["given"]
        pools = {name: _years(figure) for name, figure in decode(given.get("pools") or ["m", {}]).items()}
        found |= by_year(pools, row.year)
    return found


def _years(figure: Any) -> ByYear:
    return {int(year): amount for year, amount in figure.items()} if isinstance(figure, dict) else figure


def refuse_forgotten(
    connection: Connection, facts: Facts, live: Iterable[Standing], on_year: int, catalog: Catalog
) -> None:
    """Raises RegisterError where claims of an earlier year would be paid in full: its fund was stated before, and is not now."""
    before = {of: most for of, most in stated(connection).items() if of[1] != on_year}
    waiting: dict[Of, list[str]] = defaultdict(list)
    for standing in live if before else ():
        if pool := pool_of(standing, catalog):
            waiting[pool, year_of(standing, standing.claim)].append(standing.number)
    called = fund_names(catalog.documents.values())
    for (key, year), most in before.items():
        numbers, name = waiting.get((key, year)), called.get(key, key)
        if numbers and of_year(facts.pools.get(key), year, on_year) is None:
            raise RegisterError(
                f"没有写 {year} 年度的资金“{name}”（以前核算时是 {most:,.2f} 元），{'、'.join(numbers[:5])}"
                f"{f' 等 {len(numbers)} 笔' if len(numbers) > 5 else ''}是 {year} 年度的，会不按比例全额兑付",
                where="核算事实.xlsx 的“资金”表", expected="还没有兑付完的每个年度各一行",
                remedy=f"补上一行：{name}，{most:.2f}，{year}（资金有变动的写新的数）；本年度的另写一行",
            )  # fmt: skip
