"""What an enterprise may apply for: what is known of it against every provision in force, then settled together.

Known, presumed and unknown facts are told apart: what rests on a condition that nobody stated is never payable, and a
refusal rests on what is known alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from xlpolicy.claim.blanks import defaulted
from xlpolicy.claim.decision import REMARKS, decide
from xlpolicy.faults import PolicyError
from xlpolicy.law import adopted
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Rule
from xlpolicy.money import ZERO, clean
from xlpolicy.settle import Claim, Facts, Settled, settle
from xlpolicy.settle.identity import known_as, means
from xlpolicy.settle.profile import Profile
from xlpolicy.words.fact_names import FactNames
from xlpolicy.words.names import same

#: payable now; met, and nothing left of it beside the others; payable if what is presumed holds; a fact is missing;
#: refused; nothing of it was stated
Kind = Literal["payable", "instead", "presumed", "missing", "refused", "unknown"]
KINDS: dict[Kind, str] = {
    "payable": "可得", "instead": "符合，核算后为 0", "presumed": "待核实", "missing": "还要填", "refused": "不符合",
    "unknown": "没有填到",
}  # fmt: skip
#: the facts of a profile are of one project, one loan and one object; settlement wants their names
_ONE = "同一项目", "同一笔贷款", "同一对象"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one enterprise stands to one provision.

    `decided`: the amount of the provision alone; `payable`: what settlement leaves of it. `lacks`: labels of the facts
    that were presumed or are missing; `reasons`: why nothing is paid, or what was cut; `defaults`: numbers left blank
    that count as their default. `enjoyed`: paid before for the year.
    """

    profile: Profile
    found: Found
    kind: Kind
    decided: Decimal = ZERO
    payable: Decimal = ZERO
    lacks: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    enjoyed: bool = False
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The provision, with the project where the enterprise has several."""
        project = self.profile.project if self.kind != "unknown" else ""
        return self.found.rule.title + (f"（{project}）" if project else "")

    @property
    def why(self) -> tuple[Any, ...]:
        """How it stands, whatever the project."""
        return self.kind, self.lacks, self.reasons

    @property
    def adopted(self) -> tuple[str, ...]:
        """The bureau's own options on which the provision hangs, in words, with their authority."""
        return adopted.told([self.found]) if self.kind != "unknown" else ()

    @property
    def automatic(self) -> bool:
        """免申即享: paid without an application."""
        return self.found.rule.mode == "autopay"

    def as_dict(self) -> dict[str, Any]:
        """Plain data, amounts as texts."""
        document, rule = self.found.document, self.found.rule
        return {
            "enterprise": self.profile.name, "code": self.profile.code, "project": self.profile.project, "document": document.key, "rule": rule.id,
            "title": rule.title, "basis": f"{document.name} {rule.at}", "status": self.kind, "decided": f"{self.decided:.2f}",
            "payable": f"{self.payable:.2f}", "lacks": list(self.lacks), "reasons": list(self.reasons),
            "defaults": list(self.defaults), "adopted": list(self.adopted), "mode": rule.mode, "enjoyed": self.enjoyed,
        }  # fmt: skip


def match(
    profiles: Sequence[Profile], found: Iterable[Found], on: dt.date, *, catalog: Catalog, facts: Facts | None = None
) -> list[Standing]:
    """Every provision in turn for one enterprise, the most useful first; what meets is settled together.

    `profiles`: its projects, as `profile.enterprises` has them together; of the second and further ones only what stands
    otherwise than under the first. `facts` as of `settle`.
    """
    paid, names, versions = facts or Facts(), FactNames(catalog), list(found)
    each = [alone(profiles[0], version, on, paid, names) for version in versions]
    for profile in profiles[1:]:
        more = [(first, alone(profile, first.found, on, paid, names)) for first in each[: len(versions)]]
        each += [s for first, s in more if s.kind != "unknown" and (s.decided or s.why != first.why)]
    certain = [s for s in each if s.kind == "payable" and not s.enjoyed]
    sure = _settled(certain, on, catalog, paid)
    for standing in each:
        if standing.kind == "presumed" and not standing.enjoyed:
            # beside what is certain, from which it takes nothing
            both = _settled([*certain, standing], on, catalog, paid)
            sure[id(standing)] = _if_it_holds(both[id(standing)], [(sure[id(s)], both[id(s)]) for s in certain])
    order = list(KINDS)
    standings = [sure.get(id(s), s) for s in each]
    return sorted(standings, key=lambda s: (order.index(s.kind), -s.payable, len(s.lacks), -s.decided))


def _if_it_holds(presumed: Standing, certain: Sequence[tuple[Standing, Standing]]) -> Standing:
    """What is presumed, and what of the certain ones would be paid less beside it."""
    less = [
        f"成立的话，“{alone.title}”少 {alone.payable - beside.payable:,.2f} 元"
        for alone, beside in certain
        if beside.payable < alone.payable
    ]
    return replace(presumed, reasons=(*presumed.reasons, *less))


def _stated(profile: Profile, found: Found, names: FactNames) -> dict[str, Any]:
    """The inputs of a provision that a profile states."""
    inputs = [(item.name, clean(names.of(found.document, found.rule, item))) for item in found.rule.inputs]
    return {name: profile.stated[fact] for name, fact in inputs if fact in profile.stated}


def alone(profile: Profile, found: Found, on: dt.date, facts: Facts, names: FactNames) -> Standing:
    """The provision by itself."""
    rule = found.rule
    inputs = _stated(profile, found, names)
    if not inputs:
        return Standing(profile, found, "unknown")

    def named(inputs: Iterable[str]) -> tuple[str, ...]:
        return tuple(names.of(found.document, rule, rule.input(name)) for name in inputs)

    try:
        decision = decide(found, inputs, on)
    except PolicyError as error:
        if error.code != "missing_input":
            return Standing(profile, found, "refused", reasons=(str(error),))
        return Standing(profile, found, "missing", lacks=named(error.problem.item.split(",")))
    if decision.open:
        return Standing(profile, found, "missing", lacks=named(item.name for item in decision.open))
    if not decision.eligible:
        return Standing(profile, found, "refused", reasons=decision.reasons)
    if not decision.amount:
        return Standing(profile, found, "refused", reasons=("按所填数据，金额是 0",))
    # what is claimed has to be stated: one award is not presumed
    blank = defaulted(decision.outcome)
    left = {item.name for item in blank}
    lacks = named(
        [*(x for x in decision.presumed if x not in left), *(item.name for item in blank if item.measure),
         *(name for name in term_unknown(rule, inputs) if name not in decision.presumed)]
    )  # fmt: skip
    # what the law limits it by and nobody stated; what was presumed is told as a fact that is lacking
    checks = tuple(t for sort, t in decision.remarks if sort == REMARKS["check"] and t not in decision.presumptions)
    return Standing(
        profile, found, "presumed" if lacks else "payable", decision.amount, decision.amount, lacks, checks,
        defaults=named(item.name for item in blank if not item.measure), enjoyed=_enjoyed(profile, found, on, facts), inputs=inputs,
    )  # fmt: skip


def term_unknown(rule: Rule, inputs: Mapping[str, Any]) -> list[str]:
    """The days not stated without which nobody knows whether the interest lies in the term of a loan; none without a term.

    A number of days alone presumes that the loan is young enough.
    """
    if rule.term is None:
        return []
    return [name for name in rule.input(rule.term.days).period if name not in inputs]


def _enjoyed(profile: Profile, found: Found, on: dt.date, facts: Facts) -> bool:
    """Whether the provision was paid to the enterprise (for that project, where both say which) for the year, and not
    taken back whole."""
    document, rule, project = found.document, found.rule, profile.project
    called = known_as(profile.name, profile.code), same(profile.name)
    amounts = (
        payment.amount
        for payment in facts.prior_payments
        if payment.rule == rule.id and payment.city in (document.city, document.city_label) and payment.year == on.year
        if not project or not payment.project or same(project) == same(payment.project)
        if means(called, payment.enterprise, payment.code)
    )
    return sum(amounts, ZERO) > 0


def _settled(standings: Sequence[Standing], on: dt.date, catalog: Catalog, facts: Facts) -> dict[int, Standing]:
    """What settlement makes of each, by the identity of what went in."""
    claims = [
        Claim(
            number, s.profile.name, s.found.document.city, s.found.rule.id, on, s.inputs,
            s.profile.kind, policy=s.found.document.key, code=s.profile.code, project=project, loan=loan, object=thing,
        )
        for number, s in zip(_numbers(standings), standings, strict=True)
        for project, loan, thing in [(s.profile.project,) * 3 if s.profile.project else _ONE]
    ]  # fmt: skip
    if not claims:
        return {}
    made = settle(claims, facts, on_year=on.year, catalog=catalog)
    notes: dict[str, list[str]] = {}
    for note in made.notes:
        notes.setdefault(note.claim, []).append(note.text)
    return {
        id(before): _after(before, after, notes.get(after.id, []))
        for before, after in zip(standings, made.claims, strict=True)
    }


def _numbers(standings: Sequence[Standing]) -> list[str]:
    """What the claims are called in the reasons of one another: their titles, with the document where two share one."""
    titles = [s.title for s in standings]
    return [
        f"“{title}”" if titles.count(title) == 1 else f"“{s.found.document.name} {title}”"
        for title, s in zip(titles, standings, strict=True)
    ]


def _after(standing: Standing, settled: Settled, notes: Sequence[str]) -> Standing:
    cuts = tuple(f"{cut.reason.rstrip('。')}（{cut.at}）" for cut in settled.cuts)
    kind = standing.kind
    if settled.status == "pending":
        kind = "missing"
    elif kind == "payable" and not settled.payable:
        kind = "instead"
    told = dict.fromkeys((*standing.reasons, *cuts, *notes))
    return replace(standing, kind=kind, payable=settled.payable, reasons=tuple(told))
