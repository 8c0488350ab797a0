"""Steps 3 to 9 across claims: one function per effect of a cross rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from decimal import ROUND_CEILING, Decimal, localcontext

from xlpolicy.money import CENT, EXACT, ZERO, round_half_up
from xlpolicy.rules.cross import CrossRule, Per
from xlpolicy.rules.rule import Document, Table
from xlpolicy.settle.model import Note
from xlpolicy.settle.shares import largest_remainder
from xlpolicy.settle.state import State, Work

#: (city, rule, enterprise, project) whose rest another claim bears -> the cross rule and that claim's id
Partners = dict[tuple[str, str, str, str], tuple[CrossRule, str]]


def bar_by_claims(state: State) -> None:
    """3: claims of one provision that bar others of the same enterprise and year."""
    for document, rule in state.rules:
        if rule.bar_by_claim is None:
            continue
        barring = {
            (w.claim.enterprise, w.year): w.claim.id
            for w in state.of_rule[document.key, rule.bar_by_claim.rule]
            if w.amount > 0 and w.decision and w.decision.outcome.env[rule.bar_by_claim.where]
        }
        for work in state.members(document, rule):
            other = barring.get((work.claim.enterprise, work.year))
            if other:
                work.take(rule, work.amount, f"见申报 {other}")


def keep_one(state: State, document: Document, rule: CrossRule) -> None:
    """4: highest only, or exclusive with the enterprise's choice."""
    assert rule.keep_one is not None
    per = rule.keep_one.per
    groups: dict[Hashable, list[Work]] = defaultdict(list)
    for work in state.members(document, rule):
        name = work.claim.loan if per == "loan" else work.claim.project
        if name:
            groups[work.claim.enterprise, name, work.year if per == "project-year" else None].append(work)
    for (_, name, _), group in groups.items():  # type: ignore[misc]
        if len(group) < 2:
            continue
        chosen = state.facts.choices.get(str(name)) if rule.keep_one.elective else None
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
                work.take(rule, work.amount, f"保留申报 {kept.claim.id}（{kept.amount:,.2f}元，{why}）")


def uplift(state: State) -> None:
    """5: raise the standard amounts of key-chain enterprises inside their own limits and the budget."""
    for document, rule in state.rules:
        if rule.uplift is None:
            continue
        raised: list[tuple[Work, Decimal]] = []
        for work in state.members(document, rule):
            if work.claim.enterprise in state.facts.chain_enterprises and work.decision:
                with localcontext(EXACT):
                    full = work.amount * (1 + work.figure(rule.uplift.figure))
                    rooms = [maximum - (spent or ZERO) for _, maximum, spent, _ in work.decision.outcome.limits]
                    target = round_half_up(max(min([full, *rooms]), work.amount))
                raised.append((work, target - work.amount))
        increments = [more for _, more in raised]
        budget = state.facts.uplift_budget
        short = budget is not None and sum(increments, ZERO) > budget
        if budget is not None and short:
            increments = largest_remainder(increments, budget)
        for (work, _), more in zip(raised, increments, strict=True):
            if more:
                work.take(rule, -more, "增量按比例分配上浮预算" if short else "按标准金额上浮")


def cap(state: State, document: Document, rule: CrossRule) -> None:
    """6: limits over many claims, consumed in list order, what was paid before first.

    What was paid comes from the facts or from the claims' own `used` inputs, whichever is more: both may state
    the same payments, and neither may be forgotten.
    """
    assert rule.cap is not None
    per_of = dict(rule.cap.per_of)
    own = {ref.rule: ref for ref in rule.cap.figures}
    used: dict[Hashable, Decimal] = {}
    for work in state.members(document, rule):
        assert work.found is not None and work.decision is not None
        name = work.found.rule.id
        ref = rule.cap.figures[0] if rule.cap.shared else own[name]
        per = per_of.get(name, rule.cap.per)
        table = document.rules[ref.rule].figures[ref.figure].table
        where = scope(work, per, table)
        key = (None if rule.cap.shared else name, where)
        if key not in used:
            members = rule.members if rule.cap.shared else (name,)
            paid = prior(state, work, members, per)
            if paid and table is not None:
                # a payment of the facts does not say which level it was for
                text = f"以前兑现的 {paid:,.2f}元 没有写明档次，未计入；请填在申报的已兑现金额里"
                state.notes.append(Note(work.claim.id, rule.id, text))
                paid = ZERO
            used[key] = paid
        env = work.decision.outcome.env
        stated = max((env[x.used] for x in work.found.rule.limits if x.used), default=ZERO)
        spent = max(used[key], stated)
        room = max(work.figure(ref) - spent, ZERO)
        if work.amount > room:
            work.take(rule, work.amount - room, f"封顶 {work.figure(ref):,.2f}元，此前已占用 {spent:,.2f}元")
        used[key] = spent + work.amount


def scope(work: Work, per: Per, table: Table | None) -> Hashable:
    claim = work.claim
    level = work.decision.outcome.env[table.by] if table is not None and work.decision else None
    project = claim.project or f"#{claim.id}" if per in ("project", "project-year") else None
    return (
        claim.enterprise,
        project,
        work.year if per in ("enterprise-year", "project-year") else None,
        level,
    )


def prior(state: State, work: Work, members: Iterable[str], per: Per) -> Decimal:
    """Payments already made in the same scope."""
    assert work.found is not None
    total = ZERO
    for paid in state.prior_of.get((work.found.document.city, work.claim.enterprise), ()):
        if (
            paid.rule in members
            and (per in ("enterprise", "project") or paid.year == work.year)
            and (per not in ("project", "project-year") or paid.project == work.claim.project)
        ):
            total += paid.amount
    return total


def ceiling(state: State, document: Document, rule: CrossRule) -> None:
    """7: the year's total limited by the enterprise's fiscal contribution; without the figure, a note."""
    assert rule.ceiling is not None
    used: dict[str, Decimal] = {}
    for work in state.members(document, rule):
        claim = work.claim
        if claim.enterprise_kind not in rule.ceiling.kinds:
            continue
        limit = state.facts.fiscal_contribution.get(claim.enterprise)
        if limit is None or work.year != state.on_year:
            state.notes.append(
                Note(
                    claim.id,
                    rule.id,
                    f"没有{claim.enterprise} {work.year} 年对本级财政的贡献数，未执行总额上限，请补充后再核",
                )
            )
            continue
        if claim.enterprise not in used:
            paid = state.prior_of.get((document.city, claim.enterprise), ())
            used[claim.enterprise] = sum((p.amount for p in paid if p.year == state.on_year), ZERO)
        spent = used[claim.enterprise]
        room = max(limit - spent, ZERO)
        if work.amount > room:
            work.take(rule, work.amount - room, f"本级财政贡献 {limit:,.2f}元，此前已占用 {spent:,.2f}元")
        used[claim.enterprise] = spent + work.amount


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
        for work in works:
            state.notes.append(
                Note(work.claim.id, rule.id, f"{rule.text}（应付合计 {total:,.2f}元，资金 {fund:,.2f}元）")
            )
        return
    for work, part in zip(works, largest_remainder([w.amount for w in works], fund, state.facts.quantum), strict=True):
        if part < work.amount:
            work.take(rule, work.amount - part, f"应付合计 {total:,.2f}元，资金 {fund:,.2f}元")


def split(state: State, work: Work, partners: Partners) -> None:
    """9: who pays; shared by ratio (an odd cent to the first payer), less what another claim bears."""
    if work.amount <= 0 or work.found is None:
        return
    document, name = work.found.document, work.found.rule.id
    payers = {work.found.rule.payer: work.amount}
    for rule in state.by_member[document.key, name]:
        if rule.payer:
            payers = {rule.payer: work.amount}
        if rule.share:
            ref = next(ref for ref in rule.share.ratios if ref.rule == name)
            with localcontext(EXACT):
                first = (work.amount * work.figure(ref)).quantize(CENT, ROUND_CEILING)
            payers = {rule.share.between[0]: first, rule.share.between[1]: work.amount - first}
    partner = partners.get((document.city, name, work.claim.enterprise, work.claim.project or ""))
    if partner is not None:
        rule, other = partner
        assert rule.partner is not None
        rest = work.amount - payers.get(rule.partner.keeps, ZERO)
        payers = {rule.partner.keeps: payers.get(rule.partner.keeps, ZERO)}
        if rest:
            work.take(rule, rest, f"其余部分由申报 {other} 承担")
    work.payers = {payer: part for payer, part in payers.items() if part}


def partners(state: State) -> Partners:
    """Projects for which another document's claim above zero bears part: the claim concerned -> rule, bearer."""
    out = {}
    for document, rule in state.rules:
        for work in state.members(document, rule) if rule.partner else ():
            assert rule.partner is not None and work.found is not None
            if work.claim.project and work.found.rule.id == rule.partner.member:
                key = (rule.partner.city, rule.partner.rule, work.claim.enterprise, work.claim.project)
                out[key] = (rule, work.claim.id)
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
    def number(work: Work) -> Decimal:
        assert work.decision is not None
        count = work.decision.outcome.env.get("count")
        return count if isinstance(count, Decimal) else Decimal(1)

    if sum(map(number, group), ZERO) <= places:
        return
    ranks = state.facts.ranks
    if any(work.claim.id not in ranks for work in group):
        for work in group:
            text = f"入选数超过名额（{label} {places}），请核对评选结果，或在 ranks 里给出名次"
            state.notes.append(Note(work.claim.id, "quota", text))
        return
    left = places
    for work in sorted(group, key=lambda w: (ranks[w.claim.id], w.position)):
        assert work.found is not None
        if number(work) > left:
            rule = CrossRule("quota", work.found.rule.at, "quota", (), f"超过名额（{label} {places}）")
            work.take(rule, work.amount, f"名次 {ranks[work.claim.id]}")
            left = ZERO
        else:
            left -= number(work)
