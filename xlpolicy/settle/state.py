"""What a settlement works on: each claim on its way, the facts indexed, the cross rules by member."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from xlpolicy.faults import InvalidInput, nearest
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.effects import CrossRule
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Document
from xlpolicy.law.year_rates import beside, checked
from xlpolicy.settle.books import Books
from xlpolicy.settle.facts import ByYear, Facts, Payment, merged
from xlpolicy.settle.identity import Identity
from xlpolicy.settle.model import Claim, Note, NoteKind
from xlpolicy.settle.payments import Payments
from xlpolicy.settle.reach import law
from xlpolicy.settle.supports import Supports
from xlpolicy.settle.work import Pot, Work
from xlpolicy.words.names import same


class State:
    """One settlement: works in list order, and what the steps look up."""

    def __init__(self, claims: list[Claim], facts: Facts, on_year: int, catalog: Catalog) -> None:
        self.catalog, self.facts, self.on_year = catalog, facts, on_year
        self.law = law(catalog)
        #: 本年核定比例, of the facts and of the settings
        self.rates = beside(checked(catalog.documents, facts.year_rates), catalog.documents)
        self.who = Identity(claims, facts.prior_payments)
        of = self.who.of
        self.works = [Work(claim, i, on_year, of(claim.enterprise, claim.code)) for i, claim in enumerate(claims)]
        self._known: dict[str, set[str]] = {}
        #: enterprises with two different contributions
        self.disputed: set[str] = set()
        self._alone: dict[tuple[str, str], list[tuple[dt.date, dt.date, Found]]] = {}
        #: paid before, by the key of a scope
        self.paid: dict[Hashable, Decimal] = {}
        self.books = Books(self.paid)
        #: what was paid before of a choice's kinds, by rule and scope
        self.pots: dict[Hashable, list[Pot]] = {}
        #: the claims of each enterprise, in list order
        self.enterprises: dict[str, list[Work]] = defaultdict(list)
        for work in self.works:
            self.enterprises[work.enterprise].append(work)
        self.turns = self.waits = False
        self.budgeted = facts.uplift_budget is not None
        self.conflicts: Sequence[Any] = ()
        #: what was compared where a choice was made (`choice.Tried`)
        self.tried: list[Any] = []
        #: scopes and funds in which a waiting claim keeps its place
        self.kept: dict[Hashable, str] = {}
        #: scopes that an enterprise which has to choose shares with others
        self.shared: set[Hashable] = set()
        #: by step: the claims of the provisions that it concerns
        self.of_step: dict[str, list[Work]] = defaultdict(list)
        #: by provisions, time and whether the claim names its thing: what was paid without naming one, in all and by
        #: enterprise
        self.vague: dict[Hashable, tuple[Decimal, dict[str, Decimal]]] = {}
        self.principal_before: dict[Hashable, tuple[Decimal, dict[str, dict[Hashable, Decimal]]]] = {}
        #: by place: the claims for it, where several enterprises ask
        self.rivals: dict[Hashable, list[Work]] = {}
        #: by selection: the claims in it, where several enterprises are and every rank is given
        self.ranked: dict[Hashable, list[Work]] = {}
        #: by place: the earlier payment that fills it, and what was paid without saying enough
        self.filled: dict[Hashable, tuple[Payment | None, Decimal]] = {}
        #: by selection, and whether the claim that asks waits: what earlier payments took (`quotas.Taken`)
        self.places_taken: dict[Hashable, Any] = {}
        #: by provision and year: whether a payment of the year may be of its document or one that this continues
        self.of_line: dict[tuple[str, str, int], bool] = {}
        #: by provision: the day on which the term of a loan or project begins
        self.drawdowns: dict[tuple[str, str], tuple[dict[Hashable, dt.date], dict[Hashable, dt.date]]] = {}
        own = {c.id: c.rank for c in claims if c.rank is not None}
        self.ranks: Mapping[str, int] = {**facts.ranks, **own} if own else facts.ranks
        self.notes: list[Note] = []
        #: what a refusal or a note says, once for all the claims that it is said of
        self.told: dict[str, str] = {}
        #: claims that may have to be asked something: a refusal that rests on a blank, a year's sum
        self.asking: list[Work] = []
        #: claims that wait because there is no decision on them: something that it needs is missing
        self.unread: list[Work] = []
        #: claims, and the limits that they may share with other enterprises' claims
        self.wide: list[tuple[Work, Any, Any]] = []
        self.of_rule: dict[tuple[str, str], list[Work]] = defaultdict(list)
        self.contribution: dict[str, ByYear] = {}
        for name, amount in facts.fiscal_contribution.items():
            who = of(name)
            both = merged(self.contribution[who], amount, on_year) if who in self.contribution else amount
            if both is None:
                self.disputed.add(who)
            else:
                self.contribution[who] = both
        #: whether an enterprise may be another than its name says, or its facts contradict each other
        self.unclear = bool(self.disputed) or self.who.unclear
        self.chain = {of(name) for name in facts.chain_enterprises}
        self.support = Supports(facts.external_support, self.law, self.who, self.works)
        #: the claims that enterprises have chosen
        self.elected: list[Work] = []
        self.choices = {same(project): chosen for project, chosen in facts.choices.items()}
        self._loans_named: dict[str, set[str]] = {}
        #: what was paid before
        self.before = Payments(facts.prior_payments, catalog, self.law, self.who, self.enterprises)
        for whose, text in self.before.unknown:
            if whose is None:
                self.note("", "unknown_rule", text)
            for work in self.enterprises[whose] if whose is not None else ():
                self.note(work.claim.id, "unknown_rule", text, "state")
        self._check()
        #: whether facts may mean an enterprise or a kind of support that is written otherwise elsewhere
        self.strange = bool(
            self.support.unknown_kinds or self.support.of_unknown or self.unclear or self.before.of_strangers
        )

    def find(self, claim: Claim) -> Found:
        """The provision of a claim, as `Catalog.find` says and raises; one of many claims is looked up once."""
        if claim.policy is None and claim.fact_on is None and claim.on is not None:
            name = claim.city, claim.rule
            alone = self._alone.get(name)
            if alone is None:
                alone = self._alone[name] = self.catalog.alone(*name)
            for first, last, found in alone:
                if first <= claim.on <= last:
                    return found
        return self.catalog.find(claim.city, claim.rule, claim.on, claim.policy, claim.fact_on)

    @property
    def rules(self) -> list[tuple[Document, CrossRule]]:
        return self.law.rules

    def _check(self) -> None:
        """Names in the facts that mean nothing: a fund is refused (it would be overdrawn), others are noted."""
        for name in self.facts.pools:
            if name not in self.law.pools:
                raise InvalidInput(
                    f"没有资金“{name}”",
                    where="资金（pools）",
                    expected="、".join(sorted(self.law.pools.values())),
                    remedy=nearest(name, [*self.law.pools.values(), *self.law.pools]),
                )
        for kind in dict.fromkeys(x.kind for x in self.support.items if x.kind in self.support.unknown_kinds):
            self.note("", "unknown_support", self.support.unknown_kind(kind))
        named = {*self.facts.choices.values(), *self.facts.ranks}
        of_id = {w.claim.id: w for w in self.works if w.claim.id in named} if named else {}
        self.elected = [work for chosen in self.facts.choices.values() if (work := of_id.get(chosen)) is not None]
        for project, chosen in self.facts.choices.items():
            work = of_id.get(chosen)
            if work is None or work.project != same(project):
                why = "不在本次名单" if work is None else "不是这个项目的"
                text = f"项目 {project} 选的申报 {chosen} {why}，未按选择处理"
                self.note(chosen if work else "", "unknown_choice", text)
        for name, rank in self.facts.ranks.items():
            if name not in of_id:
                self.note("", "unknown_rank", f"名次里的申报 {name} 不在本次名单")
            elif self.ranks[name] != rank:
                text = (
                    f"申报 {name} 的名次写了两个：申报里是 {self.ranks[name]}，名次里是 {rank}；按申报里的核算，请核对"
                )
                self.note(name, "quota", text)

    def kind_of(self, rule: CrossRule, work: Work) -> int | None:
        """Which kind of a choice a claim is of."""
        assert work.found is not None
        return self.law.kinds[id(rule)].get((work.found.document.key, work.found.rule.id))

    def reaches(self, rule: CrossRule, work: Work) -> bool:
        """Whether a rule concerns a claim: one of its own document, or of an enterprise that this document knows.

        It knows an enterprise by a claim, an earlier payment or a contribution.
        """
        assert work.found is not None
        document = self.law.document_of[id(rule)]
        if work.found.document is document:
            return True
        known = self._known.get(document.key)
        if known is None:
            known = {w.enterprise for w in self.works if w.found is not None and w.found.document is document}
            known |= {who for city, who in self.before.of if city == document.city}
            if any(r.limit and r.limit.fact for r in document.cross_rules):
                known |= self.contribution.keys()
            self._known[document.key] = known
        return work.enterprise in known

    def loans_named(self, work: Work) -> set[str]:
        """Loans that the enterprise's claims name with a project: whose they are is known."""
        found = self._loans_named.get(work.enterprise)
        if found is None:
            found = {one.loan for one in self.enterprises[work.enterprise] if one.loan and one.project}
            self._loans_named[work.enterprise] = found
        return found

    def note(self, claim: str, code: str, text: str, asks: NoteKind | None = None) -> None:
        """Say something of a claim; `asks`: what kind of answer it waits for."""
        self.notes.append(Note(claim, code, self.told.setdefault(text, text), asks=asks))
