"""兑付核算 from the register: reviewed amounts in, and what it has planned and paid itself as the earlier payments.

Claims whose money is planned or paid are not settled again: they are earlier payments. Where a provision adds up a
year's claims (`least`), the earlier ones stand in the list instead, so that the sum is the sum.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from xlpolicy import __version__
from xlpolicy.claim.binding import bind
from xlpolicy.faults import PolicyError
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.encoding import decode, encode
from xlpolicy.law.labels import COUNTY
from xlpolicy.law.records import Rule, YearRate
from xlpolicy.money import ZERO
from xlpolicy.register import tables
from xlpolicy.register.database import Entry, Register, RegisterError, next_number
from xlpolicy.register.funds import counted_day, cross_rules, less, pool_of, raised, refuse_forgotten, year_of
from xlpolicy.register.policies import document_text
from xlpolicy.register.standing import Standing, Standings
from xlpolicy.register.tables import dumped, fen
from xlpolicy.settle import Claim, Facts, Settled, Settlement, settle
from xlpolicy.settle.facts import Payment, Support
from xlpolicy.settle.model import Note
from xlpolicy.settle.reach import law
from xlpolicy.words.names import same

#: what claims have in common that are added up; None where none are
_SumKey = tuple[object, ...] | None
UNREVIEWED = "unreviewed"
#: facts that are lists of records
_LISTS: Mapping[str, Any] = {"prior_payments": Payment, "external_support": Support, "year_rates": YearRate}
_NOT_REVIEWED = "未审定，按测算额核算，不列入拨付计划"


@dataclass(frozen=True, slots=True)
class Settling:
    """One settlement of the register: its number, the claims in its order, what `settle` found."""

    number: str
    claims: tuple[Claim, ...]
    settlement: Settlement
    unreviewed: int
    earlier: int


def settle_register(register: Register, facts: Facts, *, on_year: int, who: str, catalog: Catalog) -> Settling:
    """Settle what is neither planned nor paid. Raises RegisterError where there is nothing, InvalidInput for facts."""
    facts = facts.by_fund(catalog.documents.values())
    with register.writing("settle", who, f"{on_year} 年度兑付核算") as entry:
        standings = Standings(entry.connection).all
        live = [s for s in standings if not s.committed and not _closed(s, on_year)]
        if not live:
            raise RegisterError(
                "没有要核算的申报：都已列入拨付，或还没有收件",
                where=register.where,
                remedy="把申请表放进“收件”后运行 xlpolicy fill",
            )
        committed = [s for s in standings if s.committed and s.line is not None]
        sums = {s.id: _sum_key(s, catalog) for s in (*live, *committed)}
        summed = _summed(live, committed, sums)
        refuse_forgotten(entry.connection, facts, live, on_year, catalog)
        own = _own_facts(facts, [s for s in committed if s.id not in summed], on_year, catalog)
        joined = [s for s in committed if s.id in summed]
        listed = _in_turn(joined, live, sums)
        kept = {s.id: _kept(s) for s in joined}
        found = settle([kept.get(s.id, s.claim) for s in listed], own, on_year=on_year, catalog=catalog)
        of_number = {one.id: one for one in found.claims}
        again_due = [of_number[s.number] for s in joined]
        notes = [
            *found.notes,
            *_marks(live),
            *_differing(joined, live, again_due, sums),
            *_paid_before(live, facts, catalog),
        ]
        paid, firm = {s.number for s in joined}, {sums[s.id] for s in joined}
        added = {s.number for s in live if sums[s.id] in firm}  # what is paid keeps its place in the order
        own_notes = tuple(n for n in notes if n.claim not in paid and not (n.code == "order" and n.claim in added))
        due = replace(found, claims=tuple(of_number[s.number] for s in live), notes=own_notes)
        law = keep_law(entry, catalog)
        order = () if listed == [*joined, *live] else [s.decision for s in listed]
        text = _facts_text(facts, own, joined, law, order)
        last = entry.connection.execute(
            select(tables.settlements).order_by(tables.settlements.c.id.desc()).limit(1)
        ).first()
        again = last is not None and (last.facts, last.year, last.program) == (text, on_year, __version__)
        if (
            last is not None
            and again
            and all(_stands(s, one, last.number) for s, one in zip(live, due.claims, strict=True))
        ):
            number = last.number  # asked again, nothing has changed
        else:
            number = next_number(entry.connection, tables.settlements, f"{on_year}-H")
            row = entry.add(
                tables.settlements, number=number, year=on_year, facts=text, program=__version__,
                notes=dumped([note._asdict() for note in notes]),
            )  # fmt: skip
            of: dict[str, list[dict[str, Any]]] = {}
            for note in due.notes:
                of.setdefault(note.claim, []).append({"code": note.code, "text": note.text, "holds": note.holds})
            for standing, one in zip(live, due.claims, strict=True):
                cuts = [{"rule": c.rule, "at": c.at, "amount": f"{c.amount:.2f}", "reason": c.reason} for c in one.cuts]
                entry.add(
                    tables.settled, settlement=row, claim=standing.id, decision=standing.decision,
                    review=standing.review.id if standing.review else None, status="draft" if one.draft else one.status,
                    decided=fen(one.decided), payable=fen(one.payable),
                    payers=dumped({name: f"{part:.2f}" for name, part in one.payers.items()}), cuts=dumped(cuts),
                    notes=dumped(of.get(standing.number, [])),
                )  # fmt: skip
    unreviewed = sum(s.review is None for s in live)
    return Settling(number, tuple(s.claim for s in live), due, unreviewed, len(committed))


def _closed(standing: Standing, on_year: int) -> bool:
    """Whether an earlier year's settlement found nothing due and nothing was reviewed since: that year is over."""
    line = standing.line
    nothing = line is not None and line.year < on_year and not line.payable and line.status in ("paid", "zero")
    return nothing and standing.review is not None and standing.fresh


def _stands(standing: Standing, found: Settled, number: str) -> bool:
    """Whether the last settlement says of a claim what this one found."""
    line = standing.line
    return (
        line is not None and line.settlement == number and standing.fresh
        and (line.payable, dict(line.payers)) == (found.payable, dict(found.payers))
    )  # fmt: skip


def _marks(live: Iterable[Standing]) -> list[Note]:
    return [Note(s.number, UNREVIEWED, _NOT_REVIEWED, holds=False) for s in live if s.review is None]


def _sum_key(standing: Standing, catalog: Catalog) -> _SumKey:
    """The claims that are added up with a claim; None where none are."""
    document = catalog.documents.get(standing.document)
    rule = document.rules.get(standing.rule) if document else None
    if rule is None or rule.least is None:
        return None
    claim = standing.claim
    project = same(claim.project or "") if "project" in rule.least.per else ""
    return standing.enterprise, standing.document, standing.rule, year_of(standing, claim), project


def _summed(live: Sequence[Standing], committed: Sequence[Standing], sums: Mapping[int, _SumKey]) -> set[int]:
    """The planned and paid claims that are added up with a claim to be settled."""
    wanted = {sums[s.id] for s in live} - {None}
    return {s.id for s in committed if sums[s.id] in wanted}


def _in_turn(joined: Sequence[Standing], live: Sequence[Standing], sums: Mapping[int, _SumKey]) -> list[Standing]:
    """The list to settle. What was added up before with what is planned or paid keeps its place beside it: a sum that
    was paid with a later claim is not due with the earlier one again. What is new or has changed comes after."""
    keys = {sums[s.id] for s in joined}
    settled = [s for s in live if keys and s.line and s.fresh and s.line.status != "pending"]
    before = [s for s in settled if sums[s.id] in keys]
    firm = {s.id for s in before}
    return [*sorted([*joined, *before], key=lambda s: s.id), *(s for s in live if s.id not in firm)]


def _left(standing: Standing) -> Decimal | None:
    """What is left of a planned or paid claim of which money was taken back; None where none was."""
    assert standing.line is not None
    return standing.line.payable - standing.taken_back if standing.taken_back else None


def _kept(standing: Standing) -> Claim:
    """A planned or paid claim that is added up again: what was taken back of it takes no room."""
    left = _left(standing)
    return standing.claim if left is None else standing.claim._replace(reviewed=left)


def _differing(
    joined: Sequence[Standing], live: Sequence[Standing], found: Sequence[Settled], sums: Mapping[int, _SumKey]
) -> list[Note]:
    """Where an earlier claim, added up again, is due another amount than it was settled for, or money of it came back:
    the sum is of what it stated."""
    notes = []
    for standing, one in zip(joined, found, strict=True):
        assert standing.line is not None
        number, due, back = standing.number, standing.line.payable, standing.taken_back
        text = ""
        if one.payable != due - back:
            text = f"重算应付 {one.payable:,.2f} 元，原核算 {due:,.2f} 元" + (
                f"，已收回 {back:,.2f} 元" if back else ""
            )
        elif back:
            text = f"已收回 {back:,.2f} 元，全年合计仍按它原来的申报数计算"
        if text:
            text = f"与已列入拨付的 {number} 合并计算全年合计，{number} {text}，请核对"
            notes += [Note(s.number, "differing", text) for s in live if sums[s.id] == sums[standing.id]]
    return notes


def _paid_before(live: Iterable[Standing], facts: Facts, catalog: Catalog) -> list[Note]:
    """Where the bureau's list of payments has the project of a claim, under another document or in another year: what the
    limits say nothing of. Interest of another period is money of its own."""
    of_project: dict[str, list[Payment]] = {}
    for payment in facts.prior_payments:
        if payment.project and payment.amount > 0 and not payment.days:
            of_project.setdefault(same(payment.project), []).append(payment)
    notes = []
    for s in live if of_project else ():
        claim, document = s.claim, catalog.documents.get(s.document)
        for payment in of_project.get(same(claim.project or ""), ()):
            own = (
                (payment.code or "") == s.code if payment.code and s.code else same(payment.enterprise) == same(s.name)
            )
            of_document = payment.city == s.city and document is not None and payment.rule in document.rules
            again = payment.rule == s.rule and payment.year != year_of(s, claim)
            if own and (again or not of_document):
                which = "一个项目两个年度" if of_document else "一个项目两份文件"
                text = (
                    f"{which}，核对是不是重复：“{payment.project}” {payment.year} 年度已兑付 {payment.amount:,.2f} 元"
                )
                notes.append(Note(s.number, "repeated", text))
    return notes


def payment_of(standing: Standing, catalog: Catalog) -> Payment:
    """What is planned or paid for a claim, less what was taken back, as an earlier payment."""
    claim, line = standing.claim, standing.line
    assert line is not None
    document = catalog.documents.get(standing.document)
    rule = document.rules.get(standing.rule) if document else None
    stated = dict(claim.inputs)
    days = _days(rule, stated) if rule else None
    base = next((x.limit.base for x in cross_rules(standing, catalog) if x.limit and x.limit.base), None)
    back = standing.taken_back
    day = counted_day(standing, claim)
    return Payment(
        standing.name, standing.city, standing.rule, year_of(standing, claim), line.payable - back, claim.project, claim.object,
        standing.code or None, claim.loan, _level(rule, stated) if rule else None, None if days is None else int(days),
        None if base is None else stated.get(base), _cloud(rule, stated) if rule else None, month=day.month if day else None, industry=stated.get("industry") or None,
        county_part=_county_part(standing, catalog), **_period(rule, stated),
    )  # fmt: skip


def _county_part(standing: Standing, catalog: Catalog) -> Decimal | None:
    """What the county bore of an award that two payers share, less what came back of it; it may be less than its ratio."""
    if standing.line is None or (standing.city, standing.rule) not in law(catalog).shares:
        return None
    back = sum((x.taken_back for x in standing.transfers if x.payer == COUNTY), ZERO)
    return standing.line.payers.get(COUNTY, ZERO) - back


def _level(rule: Rule, stated: Mapping[str, Any]) -> str | None:
    """The level or the year of a title that was paid for: what a scope of the provision asks, else what its tables ask."""
    scopes = (*rule.once, *(name for limit in rule.limits for name in limit.per))
    for value in (stated.get(name) for name in scopes):
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        if isinstance(value, str):
            return value
    by = [figure.table.by for figure in rule.figures.values() if figure.table]
    levels = [stated[name] for name in by if rule.input(name).choices and stated.get(name) is not None]
    return next((f"{x:f}" if isinstance(x, Decimal) else str(x) for x in levels), None)


def _cloud(rule: Rule, stated: Mapping[str, Any]) -> bool | None:
    """Whether what was paid for holds cloud services; None where the provision does not ask."""
    if any(item.name == "includes_cloud_spend" for item in rule.inputs):
        with suppress(PolicyError):
            return bool(bind(rule, stated)[0]["includes_cloud_spend"])
    return None


def _period(rule: Rule | None, stated: Mapping[str, Any]) -> dict[str, Any]:
    """From which day to which interest was paid for, and from when the term runs, where the claim states it."""
    if rule is None or rule.term is None:
        return {}
    with suppress(PolicyError):
        stated = bind(rule, stated)[0]
    names = ("period_from", "period_to", "first_drawdown_on")
    said = dict(zip(names, map(stated.get, rule.input(rule.term.days).period), strict=False))
    whole = said.get("period_from") and said.get("period_to")
    return {name: day for name, day in said.items() if day and (whole or name == "first_drawdown_on")}


def _days(rule: Rule, stated: Mapping[str, Any]) -> Any:
    """The days of interest that a claim was paid for: as stated, or counted from its period."""
    if rule.term is None:
        return None
    with suppress(PolicyError):
        return bind(rule, stated)[0][rule.term.days]
    return stated.get(rule.term.days)


def _own_facts(facts: Facts, earlier: Sequence[Standing], on_year: int, catalog: Catalog) -> Facts:
    """The bureau's facts, with what the register has paid itself, and funds less what it has committed."""
    payments = [*facts.prior_payments, *(payment_of(standing, catalog) for standing in earlier)]
    used: dict[str, dict[int, Decimal]] = {}
    for standing in earlier:
        if pool := pool_of(standing, catalog):
            by_year = used.setdefault(pool, {})
            year = year_of(standing, standing.claim)
            by_year[year] = by_year.get(year, ZERO) + payment_of(standing, catalog).amount
    pools = {name: less(figure, used.get(name, {}), on_year) for name, figure in facts.pools.items()}
    budget = facts.uplift_budget
    if budget is not None:
        budget = less(budget, raised(earlier), on_year)
    return replace(facts, prior_payments=tuple(payments), pools=pools, uplift_budget=budget)


def keep_law(entry: Entry, catalog: Catalog) -> dict[str, str]:
    """Every document as it is now, kept once: a settlement looks across them. Returns their digests by key."""
    known = set(entry.connection.execute(select(tables.policies.c.digest)).scalars())
    law = {}
    for key, document in catalog.documents.items():
        law[key], content = document_text(document)
        if law[key] not in known:
            known.add(law[key])
            entry.add(tables.policies, digest=law[key], document=key, content=content)
    return law


def _facts_text(
    given: Facts, used: Facts, joined: Sequence[Standing], law: Mapping[str, str], order: Sequence[int]
) -> str:
    """All that a settlement was made of beside its claims: the facts as the bureau gave them and as they were used,
    the earlier claims in its list (decision, review, and what is left of one of which money was taken back), the law; `order`: the list by decision, where the earlier ones
    do not all come first."""

    def plain(facts: Facts) -> Any:
        data: dict[str, Any] = {}
        for name in facts.__slots__:
            value = getattr(facts, name)
            if name in _LISTS:
                data[name] = [
                    {k: encode(v) for k in item.__slots__ if (v := getattr(item, k)) is not None} for item in value
                ]
            elif name == "chain_enterprises":
                data[name] = sorted(value)
            else:
                data[name] = encode(value)
        return data

    earlier: list[list[int | None]] = []
    for s in joined:
        left = _left(s)
        earlier.append([s.decision, s.review.id if s.review else None, *([] if left is None else [fen(left)])])
    made = {"given": plain(given), "used": plain(used), "joined": earlier, "law": dict(law)}
    return dumped(made | ({"order": list(order)} if order else {}))


def facts_from(data: Mapping[str, Any]) -> Facts:
    """Stored facts as `settle` takes them."""
    made: dict[str, Any] = {}
    for name, value in data.items():
        if name in _LISTS:
            made[name] = tuple(_LISTS[name](**{key: decode(item) for key, item in entry.items()}) for entry in value)
        elif name == "chain_enterprises":
            made[name] = frozenset(value)
        else:
            found = decode(value)
            made[name] = {key: _by_year(item) for key, item in found.items()} if isinstance(found, dict) else found
    return Facts(**made)


def _by_year(value: Any) -> Any:
    return {int(year): amount for year, amount in value.items()} if isinstance(value, dict) else value


def facts_of(text: str) -> dict[str, Any]:
    """The stored facts as plain data."""
    data: dict[str, Any] = json.loads(text)
    return data
