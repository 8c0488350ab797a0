"""Interest for so many years: only days inside a loan's term count, each day of the loan once.

Claims that state their period are held against the calendar: the term runs from the first drawdown (of the loan, or of
the project's or the enterprise's first loan), and days that several claims of a loan share count once. Claims that state days alone share
so many days per loan, by date and then list; those of one date are tranches.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from decimal import Decimal
from itertools import pairwise

from xlpolicy.claim.period import Period, as_stated, last_day, length, most_days, period_of, shorter, years_of
from xlpolicy.law.records import Input
from xlpolicy.money import ZERO
from xlpolicy.settle.before import still_paid
from xlpolicy.settle.facts import Payment
from xlpolicy.settle.state import State
from xlpolicy.settle.unnamed import note_unnamed
from xlpolicy.settle.work import Work
from xlpolicy.words.names import same

Days = set[int]
#: by enterprise, kind (loan, project, enterprise) and name
Drawdowns = dict[Hashable, dt.date]


def tranche(work: Work) -> Hashable:
    """Claims of one loan with the same period (without periods, the same date) are tranches: balances add up."""
    period = _period(work)
    return (period.first, period.last) if period else work.claim.on


def days(state: State, standing: list[Work], dead: set[int]) -> list[Work]:
    """Set the days that count (`Work.term`) where fewer than stated do. Returns the claims that use days."""
    loans: dict[Hashable, list[Work]] = {}
    all_: dict[Hashable, list[Work]] = {}
    for work in standing:
        assert work.found is not None
        if work.amount > 0:
            key = state.catalog.line(work.found.document), work.found.rule.id, work.enterprise
            all_.setdefault(key, []).append(work)
            loans.setdefault(loan_key(state, work), []).append(work)
    for works in all_.values():
        without = [work for work in works if not work.loan]
        if without and len(works) > 1 and not _together(works[0]):
            note_unnamed(state, works, without, "loan", "没有核对是否同一笔贷款的期限和本金")
        term = works[0].found.rule.term if works[0].found else None
        without = [work for work in works if not work.project] if term and term.per == "project" else []
        if without and len(works) > 1 and any(_drawdown(work) for work in works):
            note_unnamed(state, works, without, "project", "没有核对项目首笔贷款投放之日起的期限")
        if term and term.per == "project":
            _note_undated(state, works)
    placed = []
    for group in loans.values():
        placed += _loan(state, group, dead)
    return placed


def loan_key(state: State, work: Work) -> Hashable:
    """The loan whose term a claim counts in; one that names none has its own. All of an enterprise's, where they share one."""
    assert work.found is not None
    line, loan = state.catalog.line(work.found.document), work.loan or f"#{work.claim.id}"
    if _together(work):
        return line, work.found.rule.id, work.enterprise
    return line, work.found.rule.id, work.enterprise, loan


def _together(work: Work) -> bool:
    """Whether all loans of the enterprise share one term."""
    assert work.found is not None
    return work.found.rule.term is not None and work.found.rule.term.per == "enterprise"


def counted(work: Work) -> dict[str, Decimal]:
    """The inputs as they stand where fewer days count than stated: the days, and the interest paid over them."""
    assert work.found is not None and work.found.rule.term is not None and work.term is not None
    term, period = work.found.rule.term, _period(work)
    changed = {term.days: work.term}
    paid: Decimal | None = as_stated(work.env, term.paid) if term.paid else None
    if paid is not None:
        full = length(period.first, period.last) if period else work.env[term.days]
        changed[term.paid] = shorter(paid, work.term, full)
    return changed


def _loan(state: State, group: list[Work], dead: set[int]) -> list[Work]:
    """The claims of one loan, in the order of their dates."""
    first = group[0]
    assert first.found is not None
    years = years_of(first.found.rule)
    assert years is not None
    since = _first_drawdown(state, first)
    earlier, paid = _days_before(state, group)
    dated = Days().union(*paid.values())
    left = max(Decimal(most_days(first.found.rule, since)) - earlier, ZERO)
    if silent := [work for work in group if work.env[_item(work).name] is None]:
        if len(group) > 1 or earlier:
            note_unnamed(state, group, silent, "days", f"没有核对同一笔贷款的贴息期限（以前已贴息 {earlier} 天）")
        group = [work for work in group if work not in silent]
    counted: Days = set()
    borne: dict[Hashable, Decimal] = {}
    placed = []
    # one that was paid nothing uses nothing: whatever it may be paid after all is for days that the others leave
    tranches: dict[tuple[bool, dt.date, Hashable], list[Work]] = {}
    for work in group:
        key = work.position in dead, work.claim.on or dt.date.max, tranche(work)
        tranches.setdefault(key, []).append(work)
    for (_, *same_days), works in sorted(tranches.items(), key=lambda entry: entry[0][:2]):
        before = most = borne.get(tuple(same_days), ZERO)
        new: Days = set()
        for work in works:
            stated: Decimal = work.env[_item(work).name]
            period = _period(work)
            inside = _inside(period, _first_drawdown(state, work), years) if period else set()
            fresh = inside - counted - Days().union(*(days for loan, days in paid.items() if loan != work.loan))
            fits = len(inside) - max(len(fresh) - left, ZERO) if period else min(stated, left + before)
            if fits < stated:
                work.term = fits
            if fits > 0:
                if len(group) > 1:  # days that no other claim wants are nobody's loss
                    placed.append(work)
                new |= fresh
                most = max(most, ZERO if period else fits)
        left = max(left - (most - before) - len(new - dated), ZERO)
        borne[tuple(same_days)] = most
        counted |= new
    if not _together(first):
        _note_overlap(state, group)
    return placed


def _item(work: Work) -> Input:
    assert work.found is not None and work.found.rule.term is not None
    return work.found.rule.input(work.found.rule.term.days)


def _period(work: Work) -> Period | None:
    assert work.found is not None
    if work.found.rule.term is None or work.outcome is None:
        return None
    if work.period is None:
        work.period = (period_of(_item(work), work.env),)
    return work.period[0]


def _inside(period: Period, since: dt.date | None, years: int) -> Days:
    """The days of a period inside the term, by ordinal."""
    first, last = period.first, period.last
    if since is not None:
        first, last = max(first, since), min(last, last_day(since, years))
    return set(range(first.toordinal(), last.toordinal() + 1))


def _first_drawdown(state: State, work: Work, *, stated: bool = False) -> dt.date | None:
    """The day the term begins: the first drawdown of the loan, of the project's loans or of the enterprise's.

    `stated`: only where a claim states it; a period says no more than that the loan was drawn by then.
    """
    assert work.found is not None and work.found.rule.term is not None
    document, rule = work.found.document, work.found.rule
    assert rule.term is not None
    whose = "loan" if rule.term.per == "project" and work.project is None else rule.term.per
    name = {"loan": work.loan, "project": work.project, "enterprise": work.enterprise}[whose]
    if name is None:
        return _drawdown(work)
    key = work.enterprise, whose, name
    drawn, begun = _known(state, document.key, rule.id)
    if stated:
        return drawn.get(key)
    if key not in drawn:  # only of a project the term runs from its first loan: what bore interest had been drawn
        return begun.get(key) if whose == "project" else None
    return min(drawn[key], begun[key])


def _known(state: State, document: str, rule: str) -> tuple[Drawdowns, Drawdowns]:
    """Per loan, project and enterprise: the first drawdown that is stated; the first day that says it was drawn by then."""
    known = state.drawdowns.get((document, rule))
    if known is None:
        works = state.of_rule[document, rule]
        said = [(work.enterprise, work.project, work.loan, _drawdown(work)) for work in works]
        days = [(work.enterprise, work.project, work.loan, _begun(work)) for work in works]
        for paid in state.before.of_rule.get((works[0].found.document.city, rule), ()) if works[0].found else ():
            if paid.amount > 0:  # what bore interest had been drawn
                who, project = state.who.of(paid.enterprise, paid.code), paid.project and same(paid.project)
                loan = paid.loan and same(paid.loan)
                said.append((who, project, loan, paid.first_drawdown_on))
                days.append((who, project, loan, paid.first_drawdown_on or paid.period_from))
        known = state.drawdowns[document, rule] = _earliest(said), _earliest(days)
    return known


def _earliest(days: list[tuple[str, str | None, str | None, dt.date | None]]) -> Drawdowns:
    """The earliest day per enterprise and each of its loans and projects; a loan's is its project's too."""
    known: Drawdowns = {}
    for who, project, loan, day in days:
        if day is not None:
            for kind, of in (("loan", loan), ("project", project), ("enterprise", who)):
                known[who, kind, of] = min(known.get((who, kind, of), day), day)
    for who, project, loan, _ in days:  # another claim may say when a loan of the project was drawn
        drawn, key = known.get((who, "loan", loan)), (who, "project", project)
        if project and loan and drawn:
            known[key] = min(known.get(key, drawn), drawn)
    return known


def _begun(work: Work) -> dt.date | None:
    """The first day that a claim says its loan was drawn by: what is stated, or the first day that bore interest."""
    day, period = _drawdown(work), _period(work)
    return min(day or period.first, period.first) if period else day


def _drawdown(work: Work) -> dt.date | None:
    item = _item(work)
    day: dt.date | None = work.env[item.period[2]] if len(item.period) > 2 else None
    return day


def _note_overlap(state: State, group: list[Work]) -> None:
    """Periods of one loan that overlap without being the same: perhaps one of them is wrong."""
    dated = sorted(
        ((period.first, period.last, work) for work in group if (period := _period(work))), key=lambda entry: entry[:2]
    )
    for (first, last, one), (start, end, other) in pairwise(dated):
        if start <= last and (start, end) != (first, last):
            for work, beside in ((one, other), (other, one)):
                text = (
                    f"同一笔贷款与申报 {beside.claim.id} 的计息期间有重叠，重叠的天数只算一次期限，请核对本金是否重复"
                )
                state.note(work.claim.id, "overlap", text)


def _note_undated(state: State, works: list[Work]) -> None:
    """Claims held against the calendar, beside another loan of the project that nobody dates: it may be the first."""
    found, who = works[0].found, works[0].enterprise
    if not any(map(_period, works)):
        return
    assert found is not None
    begun = _known(state, found.document.key, found.rule.id)[1]
    silent: dict[str, dict[str, str]] = {}  # by project: the loan, and where it is said
    for work in works:
        if work.project and _begun(work) is None and (who, "loan", work.loan) not in begun:
            silent.setdefault(work.project, {}).setdefault(work.loan or "", f"申报 {work.claim.id}")
    for paid in state.before.of.get((found.document.city, who), ()):
        if paid.rule == found.rule.id and paid.amount > 0 and paid.project and not paid.period_from:
            loan = same(paid.loan) if paid.loan else ""
            if (who, "loan", loan) not in begun:
                silent.setdefault(same(paid.project), {}).setdefault(loan, f"{paid.year} 年已兑付")
    for work in works if silent else ():
        others = [said for loan, said in silent.get(work.project or "", {}).items() if loan != work.loan]
        if others and _period(work):
            text = f"同一项目另有贷款（{'、'.join(others)}）没有写首笔投放日和计息起止日期，没有核对是否它先投放（期限从项目首笔贷款投放之日起算），请补上"
            state.note(work.claim.id, "unnamed", text)


def _days_before(state: State, group: list[Work]) -> tuple[Decimal, dict[str, Days]]:
    """Days of the loan that earlier payments used (money taken back gives them back), and by loan those whose dates they
    state: a claim of the same dates (another tranche, or once more) does not use them a second time.

    A payment that does not say its loan or days puts a note on the claims that it could concern; where both state their
    periods and the claim its first drawdown, the calendar says which days count, and only an overlap is remarked on.
    """
    found, loan = group[0].found, group[0].loan
    assert found is not None
    used, tranches, dated = ZERO, dict[tuple[str, object, object], list[Payment]](), dict[str, Days]()
    for paid in state.before.of.get((found.document.city, group[0].enterprise), ()):
        if paid.rule != found.rule.id or not paid.amount:
            continue
        mine = True if _together(group[0]) else same(paid.loan) == loan if paid.loan and loan else None
        if mine and paid.days is not None:
            if paid.period_from and paid.loan:
                tranches.setdefault((same(paid.loan), paid.period_from, paid.period_to), []).append(paid)
            else:
                used += paid.days if paid.amount > 0 else -paid.days
            for work in group if paid.amount > 0 else ():
                if text := _overlapping(paid, work):
                    state.note(work.claim.id, "overlap", text)
        elif mine is not False and paid.amount > 0:
            for work in group:
                if text := _unclear(state, paid, work):
                    state.note(work.claim.id, "unnamed", text)
    for (named, *_), some in tranches.items():  # of one loan and period the days count once
        kept = still_paid([paid.amount for paid in some])
        most = max((paid.days for paid in some if paid.days and paid.amount in kept), default=0)
        first, last = some[0].period_from, some[0].period_to
        if first and last and most >= length(first, last):
            dated[named] = dated.get(named, Days()) | set(range(first.toordinal(), last.toordinal() + 1))
        else:
            used += most
    return max(used + len(Days().union(*dated.values())), ZERO), dated


def _unclear(state: State, paid: Payment, work: Work) -> str:
    """What cannot be told of an earlier payment that may be of a claim's loan; "" where the calendar tells it."""
    if not (paid.period_from and paid.period_to and _period(work) and _first_drawdown(state, work, stated=True)):
        return f"{paid.year} 年兑付的贴息 {paid.amount:,.2f}元 与本笔没有都写明贷款和天数，未计入贴息期限，请补上"
    return _overlapping(paid, work)


def _overlapping(paid: Payment, work: Work) -> str:
    """Days of a claim's period that an earlier payment was for; "" where there are none, or one states no period."""
    period = _period(work)
    if period is None or paid.period_from is None or paid.period_to is None:
        return ""
    if paid.period_from <= period.last and period.first <= paid.period_to:
        said, days = f"{paid.year} 年兑付的贴息 {paid.amount:,.2f}元", f"{paid.period_from} 至 {paid.period_to}"
        return f"{said}（{days}）与本笔的计息期间有重叠，请核对是否同一笔贷款；是的，只申报没有付过的天数"
    return ""
