"""Limits over many claims: a maximum that stands once, in its provision, held across claims, years and payments.

A limit's scope (`Limit.per`) says what one maximum is for. What a claim takes from it is what the claim is left with
after all limits: an amount that another limit cut takes no room. Claims go in list order; what was paid before, first.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from xlpolicy.law import nodes as n
from xlpolicy.law.effects import CrossRule, Ref
from xlpolicy.law.records import Document, Limit, Rule
from xlpolicy.money import CENT, ZERO
from xlpolicy.settle.facts import Payment, of_year, same
from xlpolicy.settle.state import Books, State, Work

_FIELDS = {
    "project": "项目", "object": "对象（园区、平台、产品等）", "session": "对象（场次）", "enterprise-session": "对象（场次）",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scoped:
    """One limit as the settlement holds it: under which rule, for which provisions, per what."""

    rule: CrossRule
    members: tuple[str, ...]
    named: str  # the name a scope needs: "project", "object", "session", "enterprise-session" or none
    yearly: bool
    everybody: bool  # one maximum for all enterprises together
    table: str | None  # the input by which the maximum is read: each level has its own
    shared: Ref | None  # the one figure of several provisions


#: a limit that a claim meets: its source, how it is held, the key of its scope
Held = tuple[str, Scoped, Hashable]


def prepare(state: State) -> None:
    """The scopes of every claim, and what was paid before in each of them (once: it does not hang on the choice)."""
    known: dict[tuple[str, str], dict[str, Scoped]] = {}
    groups: dict[Hashable, tuple[Scoped, list[tuple[Work, Decimal]]]] = {}
    for work in state.works:
        if work.found is None or not work.found.rule.limits or not (work.decision or work.waiting):
            continue
        document, rule = work.found.document, work.found.rule
        scoped = known.get((document.key, rule.id))
        if scoped is None:
            scoped = known[document.key, rule.id] = _of(document, rule)
        if not scoped:
            continue
        held = []
        for limit in rule.limits:
            one = scoped.get(limit.source)
            if one is not None and (work.decision is not None or one.table is None):
                key = _key(one, work)
                held.append((limit.source, one, key))
                if work.decision is not None:
                    groups.setdefault(key, (one, []))[1].append((work, _stated(work, limit)))
        work.held = held
    for key, (one, group) in groups.items():
        if len(group) > 1 or group[0][1] or state.facts.prior_payments:
            state.paid[key] = _paid(state, one, group)
    _note_unnamed(state)


def _met(work: Work) -> Iterator[tuple[Scoped, Hashable, Decimal]]:
    """The limits beyond one claim that apply to its decision: how held, the key of the scope, the maximum."""
    if work.held:
        assert work.now is not None
        for limit, maximum, _, _ in work.now.outcome.limits:
            for source, scoped, key in work.held:
                if source == limit.source:
                    yield scoped, key, maximum if scoped.shared is None else work.figure(scoped.shared)


def hold(state: State, books: Books, work: Work) -> None:
    """Cut what goes over a limit or a ceiling together with other claims; what is left takes room."""
    assert work.effects is not None
    taken: list[Hashable] = []
    for scoped, key, maximum in _met(work):
        used = books.used(key, state)
        room = max((maximum - used).quantize(CENT, ROUND_FLOOR), ZERO)
        if work.amount > room:
            work.take(scoped.rule, work.amount - room, "封顶 {:,.2f}元，此前已占用 {:,.2f}元", maximum, used)
            if key in state.kept:
                text = f"其中为待补资料的申报 {state.kept[key]} 留出了额度，本笔金额是暂定的"
                state.note(work.claim.id, "provisional", text)
        taken.append(key)
    full = work.amount
    if work.less is not None:
        rule, payer, why, facts = work.less
        work.relieve(payer, rule, work.borne(payer), why, *facts)
    for rule in work.effects.topped:
        _top_up(state, books, work, rule)
    ceilings = []
    for rule in work.effects.ceilings:
        key = _ceiling(state, books, work, rule)
        if key is not None and rule.ceiling:
            ceilings.append((key, work.borne(rule.ceiling.part)))
    if work.amount <= 0:
        return
    for key in taken:
        books.add(key, full, state)
    for key, part in ceilings:
        books.add(key, part, state)


def reserve(state: State, books: Books, work: Work) -> None:
    """A waiting claim keeps the largest amount that its limits allow; nothing where none bounds it."""
    assert work.found is not None
    found: list[tuple[Hashable, Decimal]] = []
    most = [work.reserved] if work.reserved is not None else []
    for limit in work.found.rule.limits:
        figure = work.found.rule.figures.get(limit.source)
        if limit.per is not None and figure is not None and isinstance(figure.value, Decimal):
            most.append(figure.value)
        for source, scoped, key in work.held:
            if source == limit.source:
                maximum = work.figure(scoped.shared) if scoped.shared else figure.value if figure else None
                if isinstance(maximum, Decimal):
                    most.append(max(maximum - books.used(key, state), ZERO))
                    found.append((key, maximum))
    if not most:
        state.note(work.claim.id, "waiting", "本笔缺资料，条文没有封顶，没有为它留出名额和资金，补齐后可能影响其他申报")
        return
    work.reserved_now = min(most)
    for key, _ in found:
        books.add(key, work.reserved_now, state)
        state.kept[key] = work.claim.id


def rooms(state: State, books: Books, work: Work) -> list[Decimal]:
    """What is still left in each scope of a claim that has already taken its part."""
    assert work.effects is not None
    out = [maximum - books.used(key, state) for _, key, maximum in _met(work)]
    for rule in work.effects.ceilings:
        contribution = of_year(state.contribution.get(work.enterprise), work.year, state.on_year)
        if contribution is not None and rule.ceiling and work.claim.enterprise_kind in rule.ceiling.kinds:
            out.append(contribution - books.used(("ceiling", rule.id, work.enterprise, work.year), state))
    return out


def take_more(state: State, books: Books, work: Work, more: Decimal) -> None:
    """Room that an increment takes."""
    for _, key, _ in _met(work):
        books.add(key, more, state)


def _top_up(state: State, books: Books, work: Work, rule: CrossRule) -> None:
    """就高: what was paid before of other kinds in this scope, or as outside support, is taken off, each once."""
    pot = state.pots.get((rule.id, *choose_key(work, rule))) if state.pots else None
    if pot is None or not state.reaches(rule, work):
        return
    assert rule.choose is not None
    kind = state.kind_of(rule, work)
    for other, amount, key in pot:
        due = work.borne(rule.choose.part)
        left = min(amount - books.used(key, state), due) if other != kind else ZERO
        if left > 0:
            before = "以前已兑现另一项" if other is not None else "已获其他支持"
            work.relieve(rule.choose.part, rule, left, "就高：同一范围{} {:,.2f}元，只付超过部分", before, amount)
            books.add(key, left, state)


def choose_key(work: Work, rule: CrossRule) -> tuple[Hashable, ...]:
    """The scope of a choice, the enterprise first; a part that the claim does not name is None."""
    assert rule.choose is not None
    return (work.enterprise, *(work.part(name) for name in rule.choose.per))


def _ceiling(state: State, books: Books, work: Work, rule: CrossRule) -> Hashable | None:
    """The total of a city's claims limited by the enterprise's fiscal contribution of the year; without it, a note."""
    assert rule.ceiling is not None and work.found is not None
    if work.claim.enterprise_kind not in rule.ceiling.kinds or not state.reaches(rule, work):
        return None
    due = work.borne(rule.ceiling.part)
    if due <= 0:
        return None
    limit = of_year(state.contribution.get(work.enterprise), work.year, state.on_year)
    if limit is None:
        text = f"没有{work.claim.enterprise} {work.year} 年对本级财政的贡献数，未执行总额上限，请补充后再核"
        state.note(work.claim.id, rule.id, text)
        return None
    key = ("ceiling", rule.id, work.enterprise, work.year)
    if key not in state.paid:
        state.paid[key] = max(_borne_before(state, work, rule), ZERO)
    used = books.used(key, state)
    room = max((limit - used).quantize(CENT, ROUND_FLOOR), ZERO)
    if due > room:
        work.relieve(rule.ceiling.part, rule, due - room, "本级财政贡献 {:,.2f}元，此前已占用 {:,.2f}元", limit, used)
    return key


def _borne_before(state: State, work: Work, rule: CrossRule) -> Decimal:
    """What the payer of a ceiling bore for the enterprise in the year: all of its own documents, its part of others."""
    assert rule.ceiling is not None
    documents = state.catalog.documents
    total = ZERO
    own = state.law.document_of[id(rule)].city
    abroad = {(documents[d].city, m) for d, _, m in (x.partition(":") for x in rule.foreign) if d in documents}
    for city in {own, *(city for city, _ in abroad)}:
        for paid in state.prior_of.get((city, work.enterprise), ()):
            if paid.year == work.year and (city == own or (city, paid.rule) in abroad):
                total += state.part_paid(paid, rule.ceiling.part) if city != own else paid.amount
    return total


def _stated(work: Work, limit: Limit) -> Decimal:
    """What the claim itself says was paid before inside this limit."""
    spent: Decimal = work.env[limit.used] if limit.used else ZERO
    return spent


def _of(document: Document, rule: Rule) -> dict[str, Scoped]:
    """The limits of a provision that reach beyond one claim, by source: under the cross rule that names one, or its own name."""
    out: dict[str, Scoped] = {}
    for limit in rule.limits:
        if limit.per is None or limit.per == "loan":  # one period of one loan: the claim itself
            continue
        named = next((x for x in ("project", "object") if limit.per.startswith(x)), "")
        if limit.per.endswith("session"):
            named = limit.per
        figure = limit.node.name if isinstance(limit.node, n.Lookup | n.Figure) else ""
        table = rule.figures[figure].table if figure else None
        shared = next((x for x in document.cross_rules if x.cap and x.cap.shared and _shares(x, rule, limit)), None)
        own = next((x for x in document.cross_rules if x.cap and not x.cap.shared and _names(x, rule, figure)), None)
        name = f"{rule.id}.{figure or limit.source}"
        rule_of = shared or own or CrossRule(name, limit.at or rule.at, "cap_shared", (rule.id,), limit.label)
        out[limit.source] = Scoped(
            rule_of, shared.members if shared else (rule.id,), named, limit.per.endswith("year"), limit.per == "pool",
            table.by if table else None, shared.cap.figures[0] if shared and shared.cap else None,
        )  # fmt: skip
    return out


def _shares(cross: CrossRule, rule: Rule, limit: Limit) -> bool:
    assert cross.cap is not None
    return rule.id in cross.members and limit.per == cross.cap.per


def _names(cross: CrossRule, rule: Rule, figure: str) -> bool:
    assert cross.cap is not None
    return any((ref.rule, ref.figure) == (rule.id, figure) for ref in cross.cap.figures)


def _key(scoped: Scoped, work: Work) -> Hashable:
    """What one maximum is for: the enterprise or a thing, the year, the level.

    A thing that is named is shared by all who name it; a project that stands in for it stays the enterprise's own; a
    park without a name is its applicant; a claim with neither is a thing of its own.
    """
    assert work.found is not None
    who: Hashable = work.enterprise
    if scoped.everybody:
        who = None
    elif scoped.named:
        who = _thing(scoped, work)
    year = work.year if scoped.yearly else None
    return (
        work.found.document.key, scoped.rule.id, scoped.members, who, year,
        work.env[scoped.table] if scoped.table else None,
    )  # fmt: skip


def _thing(scoped: Scoped, work: Work) -> Hashable:
    if scoped.named == "enterprise-session" and work.thing:
        return work.enterprise, "object", work.thing
    if scoped.named in ("object", "session"):
        if work.thing:
            return "object", work.thing
        if scoped.named == "object" and not work.project and work.claim.enterprise_kind == "park":
            return "park", work.enterprise
    return work.enterprise, work.project or f"#{work.claim.id}"


def _paid(state: State, scoped: Scoped, group: list[tuple[Work, Decimal]]) -> Decimal:
    """What was paid before in a scope: by the facts or by the claims' own inputs, whichever is most.

    They state the same payments, and none may be forgotten, even where the claim that states it is not paid. A payment
    that does not say for which thing or level it was puts a note on every claim that it could concern.
    """
    first = group[0][0]
    assert first.found is not None
    paid = vague = ZERO
    for payment in _payments(state, scoped, first):
        met = _meets(scoped, payment, first)
        if met:
            paid += payment.amount
        elif met is None:
            vague += payment.amount
    if vague > 0:
        text = (
            f"以前兑现的 {vague:,.2f}元 没有写明是哪个项目、对象或档次的，未计入封顶；请写明，或填在申报的已兑现金额里"
        )
        for work, _ in group:
            state.note(work.claim.id, scoped.rule.id, text)
    stated = [said for _, said in group]
    most = max(stated)
    if most > paid and min(stated) < most:
        text = f"同一封顶范围的几笔申报填的已兑现金额不一致（最多 {most:,.2f}元），都按最多的扣除，请核对"
        for work, _ in group:
            state.note(work.claim.id, scoped.rule.id, text)
    return max(paid, most, ZERO)


def _payments(state: State, scoped: Scoped, work: Work) -> list[Payment]:
    """Earlier payments of the provisions and the document's time that could concern the scope."""
    assert work.found is not None
    document = work.found.document
    near = state.prior_of.get((document.city, work.enterprise), [])
    if scoped.everybody or (scoped.named in ("object", "session") and work.thing):
        near = [x for name in scoped.members for x in state.prior_of_city.get((document.city, name), ())]
        if not scoped.everybody:
            near = [x for x in near if x.object or state.who.of(x.enterprise, x.code) == work.enterprise]
    first = document.valid_from.year if document.valid_from and not scoped.yearly else None
    return [
        x
        for x in near
        if x.rule in scoped.members and (x.year == work.year if scoped.yearly else first is None or x.year >= first)
    ]


def _meets(scoped: Scoped, payment: Payment, work: Work) -> bool | None:
    """Whether a payment fills the scope of a claim; None where it does not say enough to tell."""
    if scoped.table is not None:
        if not payment.level:
            return None
        if not same_level(payment.level, work, scoped.table):
            return False
    if not scoped.named:
        return True
    if scoped.named != "project":
        if payment.object and work.thing:
            return same(payment.object) == work.thing
        if not work.thing and not work.project and work.claim.enterprise_kind == "park" and not payment.object:
            return True
    if not payment.project or not work.project:
        return None if not payment.project else False
    return same(payment.project) == work.project


def same_level(said: str, work: Work, name: str) -> bool:
    """Whether a payment's level is that of the claim's input, by value or by label."""
    assert work.found is not None
    level = work.env[name]
    labels = (c.label for c in work.found.rule.input(name).choices if c.value == level)
    return same(said) in {same(str(level)), *map(same, labels)}


def _note_unnamed(state: State) -> None:
    """A claim that does not name the thing its limit is for, beside others of its enterprise that it could meet there."""
    groups: dict[Hashable, tuple[Scoped, list[Work]]] = {}
    for work in state.works:
        for _, scoped, _ in work.held:
            if scoped.named and work.amount > 0:
                year = work.year if scoped.yearly else None
                assert work.found is not None
                key = work.found.document.key, scoped.rule.id, scoped.members, work.enterprise, year
                groups.setdefault(key, (scoped, []))[1].append(work)
    for scoped, group in groups.values():
        silent = [work for work in group if _thing(scoped, work) == (work.enterprise, f"#{work.claim.id}")]
        if not silent or len(group) < 2:
            continue
        for work in group:
            which = "未写" if work in silent else "其中有的未写"
            text = (
                f"申报 {ids(group)} 受同一条封顶（{scoped.rule.text}），{which}{_FIELDS[scoped.named]}，"
                "没有互相比较，暂各按一个封顶计算；请补上后重新核算"
            )
            state.note(work.claim.id, "unnamed", text)


def ids(works: Sequence[Work]) -> str:
    """The first few ids of some claims."""
    return "、".join(work.claim.id for work in works[:8]) + ("等" if len(works) > 8 else "")
