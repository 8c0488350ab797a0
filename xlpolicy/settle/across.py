"""Steps 3 to 9 across claims: one function per effect of a cross rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

from xlpolicy.law.effects import CrossRule
from xlpolicy.law.records import Document
from xlpolicy.money import CENT, EXACT, ZERO, round_half_up
from xlpolicy.settle.shares import largest_remainder
from xlpolicy.settle.state import State, Work

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


def bar_by_claims(state: State) -> None:
    """3: claims of one provision that bar others of the same enterprise and year."""
    for document, rule in state.rules:
        if rule.bar_by_claim is None:
            continue
        barring = {
            (w.enterprise, w.year): w.claim.id
            for w in state.of_rule.get((document.key, rule.bar_by_claim.rule), ())
            if w.amount > 0 and w.env[rule.bar_by_claim.where]
        }
        for work in state.members(document, rule):
            other = barring.get((work.enterprise, work.year))
            if other:
                work.take(rule, work.amount, "见申报 {}", other)


def keep_one(state: State, document: Document, rule: CrossRule) -> None:
    """4: highest only, or exclusive with the enterprise's choice."""
    assert rule.keep_one is not None
    per = rule.keep_one.per
    groups: dict[tuple[str, str, int | None], list[Work]] = defaultdict(list)
    for work in state.members(document, rule):
        name = work.loan if per == "loan" else work.project
        if name:
            groups[work.enterprise, name, work.year if per == "project-year" else None].append(work)
    for (_, name, _), group in groups.items():
        if len(group) < 2:
            continue
        chosen = state.choices.get(name) if rule.keep_one.elective else None
        kept = next((w for w in group if w.claim.id == chosen), None) or max(group, key=lambda w: w.amount)
        why = (
            "企业选择"
            if kept.claim.id == chosen
            else "金额最高"
            if any(w.amount < kept.amount for w in group)
            else "金额相同，取先申报的"
        )
        for work in group:
            if work is not kept:
                work.take(rule, work.amount, "保留申报 {}（{:,.2f}元，{}）", kept.claim.id, kept.amount, why)


def uplift(state: State) -> None:
    """5: raise the standard amounts of key-chain enterprises inside their own limits and the budget."""
    for document, rule in state.rules:
        if rule.uplift is None or not state.chain:
            continue
        raised: list[tuple[Work, Decimal]] = []
        for work in state.members(document, rule):
            if work.enterprise in state.chain:
                assert work.decision is not None
                with localcontext(EXACT):
                    full = work.amount * (1 + work.figure(rule.uplift.figure))
                    rooms = [maximum - (spent or ZERO) for _, maximum, spent, _ in work.decision.outcome.limits]
                    target = max(round_half_up(min([full, *rooms])), work.amount)
                raised.append((work, target - work.amount))
        increments = [more for _, more in raised]
        budget = state.facts.uplift_budget
        short = budget is not None and sum(increments, ZERO) > budget
        if budget is not None and short:
            increments = largest_remainder(increments, budget)
        for (work, wanted), more in zip(raised, increments, strict=True):
            if more:
                work.take(rule, -more, "增量 {:,.2f}元，按比例分配上浮预算" if short else "按标准金额上浮", wanted)


def ceiling(state: State, document: Document, rule: CrossRule) -> None:
    """7: the total of a city's claims limited by the enterprise's fiscal contribution; without the figure, a note."""
    assert rule.ceiling is not None
    used: dict[str, Decimal] = {}
    for work in state.members(document, rule):
        claim = work.claim
        if claim.enterprise_kind not in rule.ceiling.kinds:
            continue
        limit = state.contribution.get(work.enterprise)
        if limit is None:
            text = f"没有{claim.enterprise} {state.on_year} 年对本级财政的贡献数，未执行总额上限，请补充后再核"
            state.note(claim.id, rule.id, text)
            continue
        if work.year != state.on_year:
            text = f"申报日期在 {work.year} 年，已计入 {state.on_year} 年的总额上限，请核对是否属同一年度"
            state.note(claim.id, rule.id, text)
        if work.enterprise not in used:
            paid = state.prior_of.get((document.city, work.enterprise), ())
            used[work.enterprise] = sum((p.amount for p in paid if p.year == state.on_year), ZERO)
        spent = used[work.enterprise]
        room = max((limit - spent).quantize(CENT, ROUND_FLOOR), ZERO)
        if work.amount > room:
            work.take(rule, work.amount - room, "本级财政贡献 {:,.2f}元，此前已占用 {:,.2f}元", limit, spent)
        used[work.enterprise] = spent + work.amount


def pool(state: State, document: Document, rule: CrossRule) -> None:
    """8: a fund that falls short is shared in proportion (or made up for by another fund, with a note)."""
    assert rule.pool is not None
    fund = state.facts.pools.get(rule.pool.name)
    if fund is None:
        return
    works = list(state.members(document, rule))
    total = sum((work.amount for work in works), ZERO)
    if total <= fund:
        return
    if not rule.pool.reduces:
        state.note("", rule.id, f"{rule.text}（应付合计 {total:,.2f}元，资金 {fund:,.2f}元）")
        return
    for work, part in zip(works, largest_remainder([w.amount for w in works], fund, state.facts.quantum), strict=True):
        if part < work.amount:
            work.take(rule, work.amount - part, "应付合计 {:,.2f}元，资金 {:,.2f}元", total, fund)


def split(state: State, work: Work, partners: Partners) -> None:
    """9: who pays; shared by ratio (an odd cent to the first payer), less what another claim bears."""
    assert work.found is not None and work.effects is not None
    payers = {work.effects.payer: work.amount}
    if work.effects.share:
        rule, ref = work.effects.share
        assert rule.share is not None
        with localcontext(EXACT):
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


def partners(state: State) -> Partners:
    """Projects for which another document's claim above zero bears part: the claim concerned -> rule, bearer."""
    out = {}
    for document, rule in state.rules:
        if rule.partner is None:
            continue
        for work in state.of_rule.get((document.key, rule.partner.member), ()):
            if work.project and work.amount > 0:
                out[rule.partner.city, rule.partner.rule, work.enterprise, work.project] = (rule, work.claim.id)
    return out


def quota(state: State) -> None:
    """3: places a provision has per year or in all, filled by the ranks given; without ranks, a note.

    Who is selected is the reviewers' business: claims without ranks are taken as selected.
    """
    for (key, name), works in state.of_rule.items():
        document = state.catalog.documents[key]
        for item in document.rules[name].quotas:
            figure = document.rules[name].figures[item.figure].value
            if item.per not in ("year", "document") or not isinstance(figure, Decimal):
                continue
            groups: dict[int | None, list[Work]] = defaultdict(list)
            for work in works:
                if work.amount > 0:
                    groups[work.year if item.per == "year" else None].append(work)
            for group in groups.values():
                _fill(state, group, figure, document.rules[name].figures[item.figure].label)


def _fill(state: State, group: list[Work], places: Decimal, label: str) -> None:
    if sum(map(_number, group), ZERO) <= places:
        return
    ranks = state.facts.ranks
    if any(work.claim.id not in ranks for work in group):
        for work in group:
            text = f"入选数超过名额（{label} {places}），请核对评选结果，或给出每笔的名次"
            state.note(work.claim.id, "quota", text)
        return
    left = places
    for work in sorted(group, key=lambda w: (ranks[w.claim.id], w.position)):
        assert work.found is not None
        if _number(work) > left:
            rule = CrossRule("quota", work.found.rule.at, "quota", (), f"超过名额（{label} {places}）")
            work.take(rule, work.amount, "名次 {}", ranks[work.claim.id])
            left = ZERO
        else:
            left -= _number(work)


def _number(work: Work) -> Decimal:
    """How many places a claim takes: its count, one where the provision counts nothing."""
    assert work.found is not None
    for item in work.found.rule.inputs:
        if item.measure and item.type == "integer":
            number: Decimal = work.env[item.name]
            return number
    return Decimal(1)
