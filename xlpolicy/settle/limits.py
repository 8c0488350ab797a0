"""Limits over many claims: a maximum that stands once, in its provision, held across claims, years and payments.

A limit's scope (`Limit.per`) says what one maximum is for. What a claim takes from it is what the claim is left with
after all limits: an amount that another limit cut takes no room. Claims go in list order; what was paid before, first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from xlpolicy.law import nodes as n
from xlpolicy.law.effects import CrossRule, Ref
from xlpolicy.law.records import Document, Limit, Rule
from xlpolicy.money import CENT, ZERO
from xlpolicy.settle.facts import Payment, same
from xlpolicy.settle.state import State, Work

_FIELDS = {"project": "项目", "object": "对象（园区、平台、产品等）"}


@dataclass(frozen=True, slots=True)
class Scoped:
    """One limit as the settlement holds it: under which rule, for which provisions, per what."""

    rule: CrossRule
    members: tuple[str, ...]
    named: str  # the name a scope needs: "project", "object" or none
    yearly: bool
    everybody: bool  # one maximum for all enterprises together
    table: str | None  # the input by which the maximum is read: each level has its own
    shared: Ref | None  # the one figure of several provisions


#: by a claim's position: a limit it meets, its own maximum, what it says was paid before inside it
Plans = dict[int, list[tuple[Scoped, Decimal, Decimal]]]


def limits(state: State) -> None:
    """Cut what goes over a limit together with other claims and with what was paid before."""
    claims = [work for work in state.works if work.decision is not None and work.decision.rule.limits]
    plans = _plans(state, claims)
    scopes: dict[Hashable, list[tuple[Work, Decimal]]] = defaultdict(list)
    for work in claims:
        for scoped, _, stated in plans[work.position]:
            scopes[_key(scoped, work)].append((work, stated))
    used: dict[Hashable, Decimal] = {}
    for work in claims:
        if work.amount <= 0:
            continue
        held = []
        for scoped, maximum, _ in plans[work.position]:
            key = _key(scoped, work)
            if key not in used:
                used[key] = _paid(state, scoped, scopes[key])
            room = max((maximum - used[key]).quantize(CENT, ROUND_FLOOR), ZERO)
            if work.amount > room:
                work.take(scoped.rule, work.amount - room, "封顶 {:,.2f}元，此前已占用 {:,.2f}元", maximum, used[key])
            held.append(key)
        for key in held:
            used[key] += work.amount
    _note_unnamed(state, claims, plans)


def _plans(state: State, claims: list[Work]) -> Plans:
    """The limits that each claim meets in company, by its position."""
    known: dict[tuple[str, str], dict[str, Scoped]] = {}
    plans = {}
    for work in claims:
        assert work.found is not None and work.decision is not None
        document, rule = work.found.document, work.found.rule
        scoped = known.get((document.key, rule.id))
        if scoped is None:
            scoped = known[document.key, rule.id] = _of(document, rule)
        if not work.decision.eligible:  # it takes nothing, but what it says was paid before counts
            plans[work.position] = [
                (scoped[x.source], ZERO, _stated(work, x)) for x in rule.limits if x.source in scoped
            ]
            continue
        plans[work.position] = [
            (held, maximum if held.shared is None else work.figure(held.shared), _stated(work, limit))
            for limit, maximum, _, _ in work.decision.outcome.limits
            if (held := scoped.get(limit.source)) is not None
        ]
    return plans


def _stated(work: Work, limit: Limit) -> Decimal:
    """What the claim itself says was paid before inside this limit."""
    spent: Decimal = work.env[limit.used] if limit.used else ZERO
    return spent


def _of(document: Document, rule: Rule) -> dict[str, Scoped]:
    """The limits of a provision that reach beyond one claim, by source: under the cross rule that names one, or its own name."""
    out: dict[str, Scoped] = {}
    for limit in rule.limits:
        if limit.per is None or limit.per in ("session", "loan"):  # one event, one period of one loan: the claim itself
            continue
        named = next((x for x in ("project", "object") if limit.per.startswith(x)), "")
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
    if scoped.named == "object":
        if work.thing:
            return "object", work.thing
        if not work.project and work.claim.enterprise_kind == "park":
            return "park", work.enterprise
    return work.enterprise, work.project or f"#{work.claim.id}"


def _paid(state: State, scoped: Scoped, group: list[tuple[Work, Decimal]]) -> Decimal:
    """What was paid before in a scope: by the facts or by the claims' own inputs, whichever is most.

    They state the same payments, and none may be forgotten, even where the claim that states it is not paid.
    """
    first = next((work for work, _ in group if work.amount > 0), group[0][0])
    assert first.found is not None
    paid = vague = ZERO
    for payment in _payments(state, scoped, first):
        met = _meets(scoped, payment, first)
        if met and scoped.table is None:
            paid += payment.amount
        elif met is not False:  # it does not say for which thing or level it was
            vague += payment.amount
    if vague:
        text = f"以前兑现的 {vague:,.2f}元 没有写明是哪个项目或档次的，未计入封顶；请写明，或填在申报的已兑现金额里"
        state.note(first.claim.id, scoped.rule.id, text)
    stated = [said for _, said in group]
    most = max(stated)
    if most > paid and min(stated) < most:
        text = f"同一封顶范围的几笔申报填的已兑现金额不一致（最多 {most:,.2f}元），都按最多的扣除，请核对"
        state.note(first.claim.id, scoped.rule.id, text)
    return max(paid, most)


def _payments(state: State, scoped: Scoped, work: Work) -> list[Payment]:
    """Earlier payments of the provisions and the document's time that could concern the scope."""
    assert work.found is not None
    document = work.found.document
    near = state.prior_of.get((document.city, work.enterprise), [])
    if scoped.everybody or (scoped.named == "object" and work.thing):
        near = [x for name in scoped.members for x in state.prior_of_city.get((document.city, name), ())]
        if not scoped.everybody:
            near = [x for x in near if x.object or same(x.enterprise) == work.enterprise]
    first = document.valid_from.year if document.valid_from and not scoped.yearly else None
    return [
        x
        for x in near
        if x.rule in scoped.members and (x.year == work.year if scoped.yearly else first is None or x.year >= first)
    ]


def _meets(scoped: Scoped, payment: Payment, work: Work) -> bool | None:
    """Whether a payment fills the scope of a claim; None where it does not say enough to tell."""
    if not scoped.named:
        return True
    if scoped.named == "object":
        if payment.object and work.thing:
            return same(payment.object) == work.thing
        if not work.thing and not work.project and work.claim.enterprise_kind == "park" and not payment.object:
            return True
    if not payment.project or not work.project:
        return None if not payment.project else False
    return same(payment.project) == work.project


def _note_unnamed(state: State, claims: list[Work], plans: Plans) -> None:
    """A claim that does not name the thing its limit is for, beside others of its enterprise that it could meet there."""
    groups: dict[Hashable, tuple[Scoped, list[Work]]] = {}
    for work in claims:
        for scoped, _, _ in plans[work.position]:
            if scoped.named and work.amount > 0:
                year = work.year if scoped.yearly else None
                assert work.found is not None
                key = work.found.document.key, scoped.rule.id, scoped.members, work.enterprise, year
                groups.setdefault(key, (scoped, []))[1].append(work)
    for scoped, group in groups.values():
        silent = [work for work in group if _thing(scoped, work) == (work.enterprise, f"#{work.claim.id}")]
        if not silent or len(group) < 2:
            continue
        ids = "、".join(work.claim.id for work in group[:8]) + ("等" if len(group) > 8 else "")
        for work in group:
            which = "未写" if work in silent else "其中有的未写"
            text = (
                f"申报 {ids} 受同一条封顶（{scoped.rule.text}），{which}{_FIELDS[scoped.named]}，"
                "没有互相比较，暂各按一个封顶计算；请补上后重新核算"
            )
            state.note(work.claim.id, "unnamed", text)
