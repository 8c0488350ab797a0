"""Effects between claims beside limits and choices: bars by claims, uplift, pools, payers."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from decimal import ROUND_FLOOR, Decimal

from xlpolicy.law.abroad import meant
from xlpolicy.law.effects import CrossRule
from xlpolicy.money import CENT, ZERO, round_half_up
from xlpolicy.settle import limits
from xlpolicy.settle.books import Books
from xlpolicy.settle.facts import Payment, of_year
from xlpolicy.settle.shares import largest_remainder
from xlpolicy.settle.single import known
from xlpolicy.settle.state import State
from xlpolicy.settle.work import Work, pays, scope_key
from xlpolicy.words.names import same


def bar_by_claims(state: State, standing: Sequence[Work], dead: set[int]) -> list[Work]:
    """Claims of one provision that bar others of the same enterprise and year; returns those that did.

    An earlier payment that says so bars as well.
    """
    placed = []
    for document, rule in state.law.barring:
        bar = rule.bar
        assert bar is not None
        works = [w for w in standing if w.found and w.found.document is document and w.found.rule.id in rule.members]
        if not works:
            continue
        names = meant(state.catalog, document, bar.claim)
        cities = {state.catalog.documents[key].city: name for key, name in names}
        barring: dict[Hashable, Work] = {}
        for w in standing:
            assert w.found is not None
            other = (w.found.document.key, w.found.rule.id) in names
            if other and w.amount > 0 and w.position not in dead and (not bar.where or w.env[bar.where]):
                barring.setdefault(scope_key(w, bar.per), w)
        maybe = {scope_key(w, bar.per): w for w in _waiting(state, works, names, bar.where)}
        for work in works:
            key = scope_key(work, bar.per)
            found = barring.get(key) if None not in key else None
            if found is not None:
                placed.append(found)
                work.take(rule, work.amount, "见申报 {}", found.claim.id)
                continue
            if key in maybe:
                text = f"{rule.text}；申报 {maybe[key].claim.id} 待补资料，补齐以后可能排除本笔，本笔金额是暂定的"
                state.note(work.claim.id, "provisional", text)
            near = (x for city in cities for x in state.before.of.get((city, work.enterprise), ()))
            met = [x for x in near if x.rule in cities.values() and pays(x, work, bar.per)]
            net = sum((x.amount for x in met if x.includes_cloud_spend is not False), ZERO)
            for paid in met if net > 0 else ():  # what was taken back bars nothing
                if paid.amount > 0 and work.amount > 0:
                    if paid.includes_cloud_spend or not bar.where:
                        why = "{} 年已兑付 {:,.2f}元" + ("，含云服务支出" if bar.where else "")
                        work.take(rule, work.amount, why, paid.year, paid.amount)
                    elif paid.includes_cloud_spend is None:
                        state.note(
                            work.claim.id,
                            rule.id,
                            f"{paid.year} 年兑付的 {paid.amount:,.2f}元 没有写明是否含云服务支出，请核对本条是否排除",
                        )
    return placed


def _waiting(
    state: State, works: Sequence[Work], names: Collection[tuple[str, str]], where: str | None
) -> Iterator[Work]:
    """Claims of the barring provisions that wait, of the same enterprises, unless they say that they do not bar."""
    firms = {work.enterprise: work for work in works} if state.waits else {}
    for work in (other for one in firms.values() for other in state.enterprises[one.enterprise]):
        mine = work.waiting and work.found and (work.found.document.key, work.found.rule.id) in names
        if mine and (not where or known(work).get(where) is not False):
            yield work


def uplift(state: State, books: Books, work: Work, *, held: bool) -> None:
    """Raise the standard amount of a key-chain enterprise: before its limits hold it, or after (`held`) where an uplifted
    amount is limited per project; that of the project's other claims comes first."""
    assert work.effects is not None
    for rule in work.effects.uplifts if work.amount > 0 else ():
        assert rule.scale is not None
        apart = rule.scale.per == "project"
        if apart and not held:
            room = max(min(_rooms_of_project(state, books, work), default=work.amount), ZERO)
            if room < work.amount:
                work.take(rule, work.amount - room, "上浮后单个项目当年度不超过封顶，只余 {:,.2f}元", room)
        elif apart is held:
            if apart:
                books.add(_project(work), work.amount)
            more = increment(state, books, work, rule) if apart else raised(work, rule, work.amount)
            if more:
                work.take(rule, -more, "按标准金额上浮", more)


def increment(state: State, books: Books, work: Work, rule: CrossRule) -> Decimal:
    """What goes on top of an amount that its limits have held, in the room still left; it takes that room."""
    assert rule.scale is not None
    apart = rule.scale.per == "project"
    rooms = limits.rooms(state, books, work, apart=apart)
    if apart:
        rooms += _rooms_of_project(state, books, work)
    more = max(min([raised(work, rule, work.amount), *rooms]), ZERO).quantize(CENT, ROUND_FLOOR)
    limits.take_more(state, books, work, more, apart=apart)
    if apart:
        books.add(_project(work), more)
    return more


def _project(work: Work) -> Hashable:
    """What a limit of the enterprise is for where it holds each project instead."""
    assert work.found is not None
    return "uplifted", work.found.rule.id, work.enterprise, work.project or f"#{work.claim.id}", work.year


def _rooms_of_project(state: State, books: Books, work: Work) -> list[Decimal]:
    """What is left of each limit of the enterprise, held for the claim's project and year alone."""
    assert work.found is not None and work.now is not None
    before = [
        paid.amount
        for paid in state.before.of.get((work.found.document.city, work.enterprise), ())
        if paid.rule == work.found.rule.id and pays(paid, work, ("project", "year"))
    ]
    taken = books.used(_project(work)) + max(sum(before, ZERO), ZERO)
    return [most - taken for limit, most, _, _ in work.now.limits if "enterprise" in limit.per]


def raised(work: Work, rule: CrossRule, standard: Decimal) -> Decimal:
    """By how much the standard amount goes up inside the article's own limits (those of an enterprise left aside where
    they hold each project)."""
    assert rule.scale is not None and rule.scale.by is not None and work.now is not None
    full = standard * (1 + work.figure(rule.scale.by))
    apart = rule.scale.per == "project"
    rooms = [
        maximum - (spent or ZERO)
        for limit, maximum, spent, _ in work.now.limits
        if not (apart and "enterprise" in limit.per)
    ]
    return max(round_half_up(min([full, *rooms])) - standard, ZERO)


def uplift_in_budget(state: State, raising: Sequence[Work], books: Books) -> None:
    """All standard amounts are paid; increments take, in list order, the room still left, and share a short budget."""
    of: dict[int, list[Work]] = {}
    for work in raising:
        of.setdefault(work.year, []).append(work)
    for year, works in of.items():
        budget = of_year(state.facts.uplift_budget, year, state.on_year)
        for rule in state.law.raising:
            assert rule.scale is not None
            mine = [w for w in works if w.effects and rule in w.effects.uplifts and w.amount > 0]
            for work in mine if rule.scale.per == "project" else ():
                books.add(_project(work), work.amount)
            found = [(work, increment(state, books, work, rule)) for work in mine]
            increments = [more for _, more in found]
            wanted = sum(increments, ZERO)
            short = budget is not None and wanted > budget
            if budget is not None and short:
                increments = largest_remainder(increments, budget)
            elif budget is None and wanted:
                for work, _ in found:
                    state.note(
                        work.claim.id, rule.id, f"没有 {year} 年的上浮预算，增量未受预算限制，请补充后再核", "state"
                    )
            for (work, full), more in zip(found, increments, strict=True):
                if more:
                    why = "增量 {:,.2f}元，按比例分配上浮预算" if short else "按标准金额上浮"
                    work.take(rule, -more, why, full)


def pools(state: State, pooled: Sequence[Work]) -> None:
    """A fund that falls short is shared in proportion (or made up for by another fund, with a note)."""
    for document, rule in state.law.funds:
        assert rule.scale is not None
        if rule.scale.pool not in state.facts.pools:
            continue
        by_year: dict[int, list[Work]] = {}
        for work in pooled:
            assert work.found is not None
            mine = work.found.document is document and work.found.rule.id in rule.members
            if mine and (work.amount > 0 or work.reserved_now > 0):
                by_year.setdefault(work.year, []).append(work)
        for year, works in by_year.items():
            fund = of_year(state.facts.pools[rule.scale.pool], year, state.on_year)
            if fund is None:
                for work in works if not rule.scale.backed else ():
                    text = f"没有 {year} 年“{rule.scale.called or rule.text}”的数，本笔没有按它核减，请补充后再核"
                    state.note(work.claim.id, rule.id, text, "state")
                continue
            due = [work.reserved_now if work.waiting else work.amount for work in works]
            total = sum(due, ZERO)
            if total <= fund:
                continue
            if rule.scale.backed:
                state.note("", rule.id, f"{rule.text}（应付合计 {total:,.2f}元，资金 {fund:,.2f}元）", "told")
                continue
            parts, waits = largest_remainder(due, fund, state.facts.quantum), any(work.waiting for work in works)
            for work, part in zip(works, parts, strict=True):
                if part < work.amount:
                    if waits:
                        state.note(work.claim.id, "provisional", "资金里为待补资料的申报留了份额，本笔金额是暂定的")
                    work.take(rule, work.amount - part, "应付合计 {:,.2f}元，资金 {:,.2f}元", total, fund)


def relieve(state: State) -> None:
    """Where a provision is a payer's part of another document's, that payer bears nothing there: `Work.less`.

    A claim of it does so, a payment made before, and one that waits. Other years of the project are noted.
    """
    for document, rule in state.law.relieving:
        split = rule.split
        assert split is not None
        names = state.law.relieved(state.catalog, rule)
        whole = [w for name in names for w in state.of_rule.get(name, ()) if w.project]
        own = [w for name in rule.members for w in state.of_rule.get((document.key, name), ())] if whole else []
        own += [w for w in state.works if w.waiting and w.found and w.found.document is document] if whole else []
        bearing: dict[Hashable, list[Work]] = {}
        for w in own:
            if w.found and w.found.rule.id in rule.members and (w.waiting or w.alone > 0):
                bearing.setdefault((w.enterprise, w.project), []).append(w)
        for work in whole:
            others = bearing.get((work.enterprise, work.project), [])
            found = next((w for w in others if "year" not in split.per or w.year == work.year), None)
            if found is not None and found.waiting:
                why = "申报 {} 还缺资料，补齐以后再核其余部分"
                state.note(work.claim.id, "provisional", f"{rule.text}；{why.format(found.claim.id)}")
                work.less = rule, split.between[0], why, (found.claim.id,)
            elif found is not None:
                work.less = rule, split.between[0], "其余部分见申报 {}", (found.claim.id,)
            elif (paid := _paid_part(state, document.city, rule, work)) is not None:
                work.less = rule, split.between[0], "{} 年已兑付其余部分 {:,.2f}元", (paid.year, paid.amount)
            else:
                for other in others:
                    text = "申报 {} 是同一项目另一年度的（{}），两笔都计算，请核对是否同一笔投资"
                    for one, two in ((work, other), (other, work)):
                        state.note(one.claim.id, "repeated", text.format(two.claim.id, rule.text))


def _paid_part(state: State, city: str, rule: CrossRule, work: Work) -> Payment | None:
    """A payment made before of what is a payer's part of the claim."""
    assert rule.split is not None
    met = [
        paid
        for paid in state.before.of.get((city, work.enterprise), ())
        if paid.rule in rule.members and paid.project and same(paid.project) == work.project
        if "year" not in rule.split.per or paid.year == work.year
    ]
    return met[0] if sum((paid.amount for paid in met), ZERO) > 0 else None
