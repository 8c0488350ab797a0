"""Days of interest from a period: the first and the last day both count, and only those inside the loan's term.

>>> length(dt.date(2026, 1, 1), dt.date(2026, 6, 30))
181
>>> last_day(dt.date(2026, 3, 1), 2), last_day(dt.date(2024, 2, 29), 1)
(datetime.date(2028, 2, 29), datetime.date(2025, 2, 28))
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from xlpolicy.faults import PolicyError
from xlpolicy.law.records import Input, Rule
from xlpolicy.law.refusals import refused
from xlpolicy.money import round_half_up


class Period(NamedTuple):
    """A period of interest as stated: first and last day, and the first drawdown where it is known."""

    first: dt.date
    last: dt.date
    since: dt.date | None


def length(first: dt.date, last: dt.date) -> int:
    """How many days a period has, none where it is over before it begins."""
    return max((last - first).days + 1, 0)


def last_day(since: dt.date, years: int) -> dt.date:
    """The last day of so many years that begin on a day (a 29 February ends on a 28th)."""
    try:
        again = since.replace(year=since.year + years)
    except ValueError:
        again = dt.date(since.year + years, 3, 1)
    return again - dt.timedelta(days=1)


def years_of(rule: Rule) -> int | None:
    """How many years of interest a provision gives; None where it sets no term."""
    if rule.term is None:
        return None
    value = rule.figures[rule.term.years].value
    assert isinstance(value, Decimal)
    return int(value)


def most_days(rule: Rule, since: dt.date | None) -> int:
    """How many days the term has: 365 a year, by the calendar where the provision says so and the first is known."""
    years = years_of(rule)
    assert years is not None and rule.term is not None
    return length(since, last_day(since, years)) if rule.term.calendar and since is not None else years * 365


def shorter(paid: Decimal, counted: Decimal | int, stated: Decimal | int) -> Decimal:
    """The part of the interest paid that falls to the days that count, to the cent: all of it, as stated, where all do.

    >>> shorter(Decimal("100.005"), 30, 30), shorter(Decimal("100.005"), 10, 30)
    (Decimal('100.005'), Decimal('33.34'))
    """
    return round_half_up(paid * counted / stated) if counted < stated else paid


def as_stated(env: Mapping[Any, Any], name: str) -> Any:
    """The value of an input as the claim states it: interest paid for all its days."""
    return env.get(("stated", name), env[name])


def outside(rule: Rule, env: Mapping[Any, Any]) -> Iterator[str]:
    """How many days of a stated period count, where some lie outside the term."""
    for item in rule.inputs:
        full = env.get(("full", item.name)) if item.period else None
        if full is not None:
            yield f"{item.label}{full}{item.unit}，只计{env[item.name]:f}{item.unit}（期限以外的不计）"


def within(rule: Rule, period: Period, since: dt.date | None) -> tuple[dt.date, dt.date]:
    """The part of a period inside the term that begins with the drawdown `since`; all of it where none is known."""
    years = years_of(rule)
    last = period.last
    if since is not None and years is not None:
        last = min(last, last_day(since, years))
    return period.first, last


def period_of(item: Input, env: Mapping[str, Any]) -> Period | None:
    """The period that a claim states for an input of days; None without one."""
    if not item.period:
        return None
    first, last, *since = (env.get(name) for name in item.period)
    if first is None or last is None:
        return None
    return Period(first, last, since[0] if since else None)


def count(rule: Rule, item: Input, env: dict[Any, Any], where: str) -> str | None:
    """Put the days of the stated period in the place of the input; what is to be known of it, None for nothing.

    Raises MissingInput where only one end is stated, InvalidInput where the dates or the days contradict each other.
    """
    start, end = item.period[:2]
    period = period_of(item, env)
    if period is None:
        for name, other in ((start, end), (end, start)):
            if env.get(name) is not None:
                stated, label = rule.input(name).label, rule.input(other).label
                raise refused("one_end", stated=stated, label=label, name=other, place=where)
        days = env.get(item.name)
        return _less_interest(rule, env, days, days, None) if days is not None else None
    if period.last < period.first:
        raise _too_early(rule, where, (end, period.last), (start, period.first))
    if period.since is not None and period.first < period.since:
        raise _too_early(rule, where, (start, period.first), (item.period[2], period.since))
    full = length(period.first, period.last)
    inside = length(*within(rule, period, period.since))
    said = env.get(item.name)
    if said is not None and said not in (full, inside):
        raise refused(
            "days_differ", label=item.label, said=said, first=period.first, last=period.last, days=full,
            name=item.name, place=where,
        )  # fmt: skip
    env[item.name] = Decimal(inside)
    less = _less_interest(rule, env, inside, full, period.since)
    if inside == full:
        return less
    env["full", item.name] = full
    years = years_of(rule)
    assert period.since is not None and years is not None
    told = f"贴息期限至 {last_day(period.since, years)}，期限以外的 {full - inside} 天不计"
    return f"{told}；{less}" if less else told


def _less_interest(
    rule: Rule, env: dict[Any, Any], inside: Decimal | int, full: Decimal | int, since: dt.date | None
) -> str | None:
    """Where fewer days count than the interest paid is for: put in so much less of it; what is to be known of that."""
    name = rule.term.paid if rule.term else ""
    stated = env.get(name)
    if not stated or (counted := min(inside, most_days(rule, since))) >= full:
        return None
    env["stated", name], env[name] = stated, shorter(stated, counted, full)
    return f"“{rule.input(name).label}”{stated:,.2f}元 是 {full} 天的，期限以内 {counted} 天折算为 {env[name]:,.2f}元"


def _too_early(rule: Rule, where: str, one: tuple[str, dt.date], other: tuple[str, dt.date]) -> PolicyError:
    """A day before one that it cannot lie before, each with the name of its input."""
    labels = {"label": rule.input(one[0]).label, "other": rule.input(other[0]).label}
    return refused("too_early", day=one[1], first=other[1], name=one[0], place=where, **labels)
