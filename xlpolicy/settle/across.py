"""Effects between claims beside limits and choices: bars by claims, uplift, pools, payers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from xlpolicy.law.effects import CrossRule
from xlpolicy.money import CENT, ZERO, round_half_up
from xlpolicy.settle import limits
from xlpolicy.settle.facts import of_year
from xlpolicy.settle.shares import largest_remainder
from xlpolicy.settle.state import Books, State, Work

#: (city, rule, enterprise, project) whose rest another claim bears -> the cross rule and that claim's id
Partners = dict[tuple[str, str, str, str], tuple[CrossRule, str]]


def note_repeated(state: State) -> None:
    """Claims of one enterprise for the same project or loan, day and inputs: perhaps one claim sent twice."""
    for works in state.of_rule.values():
        first: dict[Hashable, Work] = {}
        groups: dict[Hashable, list[Work]] = {}
        for work in works:
            if work.project or work.loan:
                key = work.enterprise, work.project, work.loan, work.claim.on
                other = first.setdefault(key, work)
                if other is not work:
                    groups.setdefault(key, [other]).append(work)
        for group in groups.values():
            seen: dict[str, str] = {}
            for work in group:
                earlier = seen.setdefault(repr(sorted(work.claim.inputs.items())), work.claim.id)
                if earlier != work.claim.id and work.amount > 0:
                    text = f"与申报 {earlier} 的单位、条款、项目、日期和数据都相同，请核对是否重复申报"
                    state.note(work.claim.id, "repeated", text)


def bar_by_claims(state: State, standing: Sequence[Work], dead: set[int]) -> list[Work]:
    """Claims of one provision that bar others of the same enterprise and year; returns those that did.

    An earlier payment that says so bars as well.
    """
    placed = []
    for document, rule in state.rules:
        if rule.bar_by_claim is None:
            continue
        works = [
            w
            for w in standing
            if w.found is not None and w.found.document is document and w.found.rule.id in rule.members
        ]
        if not works:
            continue
        barring: dict[tuple[str, int], Work] = {}
        for w in standing:
            assert w.found is not None
            other = w.found.document is document and w.found.rule.id == rule.bar_by_claim.rule
            if other and w.amount > 0 and w.position not in dead and w.env[rule.bar_by_claim.where]:
                barring.setdefault((w.enterprise, w.year), w)
        for work in works:
            found = barring.get((work.enterprise, work.year))
            if found is not None:
                placed.append(found)
                work.take(rule, work.amount, "见申报 {}", found.claim.id)
                continue
            for paid in state.prior_of.get((document.city, work.enterprise), ()):
                if (
                    paid.rule == rule.bar_by_claim.rule
                    and paid.year == work.year
                    and paid.amount > 0
                    and work.amount > 0
                ):
                    if paid.includes_cloud_spend:
                        work.take(rule, work.amount, "{} 年已兑付 {:,.2f}元，含云服务支出", paid.year, paid.amount)
                    elif paid.includes_cloud_spend is None:
                        state.note(
                            work.claim.id,
                            rule.id,
                            f"{paid.year} 年兑付的 {paid.amount:,.2f}元 没有写明是否含云服务支出，请核对本条是否排除",
                        )
    return placed


def uplift(state: State, work: Work, rule: CrossRule) -> None:
    """Raise the standard amount of a key-chain enterprise inside its own limits."""
    if work.enterprise in state.chain:
        more = raised(work, rule, work.amount)
        if more:
            work.take(rule, -more, "按标准金额上浮", more)


def raised(work: Work, rule: CrossRule, standard: Decimal) -> Decimal:
    """By how much the standard amount goes up inside the article's own limits."""
    assert rule.uplift is not None and work.now is not None
    full = standard * (1 + work.figure(rule.uplift.figure))
    rooms = [maximum - (spent or ZERO) for _, maximum, spent, _ in work.now.outcome.limits]
    return max(round_half_up(min([full, *rooms])) - standard, ZERO)


def uplift_in_budget(state: State, standing: Sequence[Work], books: Books) -> None:
    """All standard amounts are paid; increments take, in list order, the room still left, and share a short budget."""
    for year in dict.fromkeys(work.year for work in standing) if state.chain else ():
        budget = of_year(state.facts.uplift_budget, year, state.on_year)
        for rule in state.uplifts:
            found: list[tuple[Work, Decimal]] = []
            for work in standing:
                mine = work.year == year and work.effects is not None and rule in work.effects.uplifts
                if mine and work.enterprise in state.chain and work.amount > 0:
                    rooms = limits.rooms(state, books, work)
                    more = max(min([raised(work, rule, work.amount), *rooms]), ZERO).quantize(CENT, ROUND_FLOOR)
                    limits.take_more(state, books, work, more)
                    found.append((work, more))
            increments = [more for _, more in found]
            wanted = sum(increments, ZERO)
            short = budget is not None and wanted > budget
            if budget is not None and short:
                increments = largest_remainder(increments, budget)
            elif budget is None and wanted:
                for work, _ in found:
                    state.note(work.claim.id, rule.id, f"没有 {year} 年的上浮预算，增量未受预算限制，请补充后再核")
            for (work, full), more in zip(found, increments, strict=True):
                if more:
                    why = "增量 {:,.2f}元，按比例分配上浮预算" if short else "按标准金额上浮"
                    work.take(rule, -more, why, full)


def pools(state: State, standing: Sequence[Work]) -> None:
    """A fund that falls short is shared in proportion (or made up for by another fund, with a note)."""
    for document, rule in state.rules:
        if rule.pool is None or rule.pool.name not in state.facts.pools:
            continue
        by_year: dict[int, list[Work]] = {}
        for work in standing:
            assert work.found is not None
            if (
                (work.amount > 0 or work.reserved_now > 0)
                and work.found.document is document
                and work.found.rule.id in rule.members
            ):
                by_year.setdefault(work.year, []).append(work)
        for year, works in by_year.items():
            fund = of_year(state.facts.pools[rule.pool.name], year, state.on_year)
            if fund is None:
                continue
            due = [work.reserved_now if work.waiting else work.amount for work in works]
            total = sum(due, ZERO)
            if total <= fund:
                continue
            if not rule.pool.reduces:
                state.note("", rule.id, f"{rule.text}（应付合计 {total:,.2f}元，资金 {fund:,.2f}元）")
                continue
            parts = largest_remainder(due, fund, state.facts.quantum)
            for work, part in zip(works, parts, strict=True):
                if part < work.amount:
                    if any(w.waiting for w in works):
                        state.note(work.claim.id, "provisional", "资金里为待补资料的申报留了份额，本笔金额是暂定的")
                    work.take(rule, work.amount - part, "应付合计 {:,.2f}元，资金 {:,.2f}元", total, fund)


def split_all(state: State, works: Sequence[Work]) -> None:
    """Who pays each claim, and what another claim bears."""
    bearers = partners(state, works)
    for work in works:
        work.payers = {}
        if work.amount > 0:
            split(state, work, bearers)


def split(state: State, work: Work, partners: Partners) -> None:
    """9: who pays; shared by ratio (an odd cent to the first payer), less what another claim bears."""
    assert work.found is not None and work.effects is not None
    payers = {work.effects.payer: work.amount}
    if work.effects.share:
        rule, ref = work.effects.share
        assert rule.share is not None
        first = (work.amount * work.figure(ref)).quantize(CENT, ROUND_CEILING)
        payers = {rule.share.between[0]: first, rule.share.between[1]: work.amount - first}
    city, name = work.found.document.city, work.found.rule.id
    partner = partners.get((city, name, work.enterprise, work.project or "")) if partners else None
    if partner is not None:
        rule, other = partner
        assert rule.partner is not None
        rest = work.amount - payers.get(rule.partner.keeps, ZERO)
        payers = {rule.partner.keeps: payers.get(rule.partner.keeps, ZERO)}
        if rest:
            work.take(rule, rest, "其余部分由申报 {} 承担", other)
    work.payers = {payer: part for payer, part in payers.items() if part}


def partners(state: State, works: Sequence[Work]) -> Partners:
    """Projects for which another document's claim bears part: the claim concerned -> rule, bearer.

    It bears it where its own amount is kept, whatever a ceiling leaves of it.
    """
    out = {}
    for document, rule in state.rules:
        if rule.partner is None:
            continue
        for work in works:
            mine = (
                work.found is not None and work.found.document is document and work.found.rule.id == rule.partner.member
            )
            if mine and work.project and work.alone > 0 and work.out is None and not work.waiting:
                out[rule.partner.city, rule.partner.rule, work.enterprise, work.project] = (rule, work.claim.id)
    return out
