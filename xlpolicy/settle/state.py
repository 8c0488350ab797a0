"""What a settlement works on: each claim on its way, the facts indexed, the cross rules by member."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from typing import Any

from xlpolicy.faults import InvalidInput, UnknownCity, UnknownRule, nearest
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.effects import CrossRule
from xlpolicy.law.in_force import Found
from xlpolicy.law.records import Document
from xlpolicy.law.year_rates import beside, checked
from xlpolicy.money import CENT, ZERO
from xlpolicy.settle.books import Books
from xlpolicy.settle.facts import ByYear, Facts, Payment, Support, merged
from xlpolicy.settle.identity import Identity, looks_like_code, valid_code
from xlpolicy.settle.model import Claim, Note, NoteKind
from xlpolicy.settle.reach import law
from xlpolicy.settle.work import Pot, Work
from xlpolicy.words.names import same


def same_scope(rule: CrossRule, paid: Payment, other: Payment) -> bool:
    """Whether a payment of a member of a `split` is the part of another payment."""
    assert rule.split is not None
    return (
        other.rule in rule.members
        and ("year" not in rule.split.per or other.year == paid.year)
        and bool(paid.project and other.project and same(paid.project) == same(other.project))
    )


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
        self._by_enterprise: dict[str, list[Work]] = defaultdict(list)
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
        self.principal_before: dict[Hashable, tuple[Decimal, dict[str, Decimal]]] = {}
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
        #: what a refusal says, once for all the claims that it is said of
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
        #: by enterprise and project: its loans on which there is outside support
        self.loans_of: dict[tuple[str, str], set[str]] = defaultdict(set)
        words = {label: kind for kind, label in self.law.supports.items()}
        #: outside support, its kind by its name where the facts say it in words
        self.outside = [replace(x, kind=words.get(x.kind, x.kind)) for x in facts.external_support]
        self.unknown_kinds = {item.kind for item in self.outside} - self.law.supports.keys()
        #: the claims that enterprises have chosen
        self.elected: list[Work] = []
        self.choices = {same(project): chosen for project, chosen in facts.choices.items()}
        #: outside support by what it is on, with its place in the facts
        self.support: dict[tuple[str, str], list[tuple[int, Support]]] = defaultdict(list)
        #: projects, loans and objects that outside support is on, or on a loan of theirs
        self.helped: set[str | None] = set()
        #: outside support that names its enterprise
        self.outside_of: dict[str, list[Support]] = defaultdict(list)
        for position, item in enumerate(self.outside):
            if item.enterprise is not None:
                self.outside_of[of(item.enterprise)].append(item)
            for kind, named in (("project", item.project), ("loan", item.loan), ("object", item.object)):
                if named:
                    self.support[kind, same(named)].append((position, item))
                    self.helped.add(same(named))
        for work in self.works if self.outside else ():
            if work.project and work.loan and ("loan", work.loan) in self.support:
                self.loans_of[work.enterprise, work.project].add(work.loan)
                self.helped.add(work.project)
        self.prior_of: dict[tuple[str, str], list[Payment]] = defaultdict(list)
        #: enterprises to which anything was paid before
        self.paid_to: set[str] = set()
        self.prior_of_city: dict[tuple[str, str], list[Payment]] = defaultdict(list)
        self._prior_about: dict[tuple[str, str], dict[Hashable, list[tuple[int, Payment]]]] = {}
        self._nameless: dict[tuple[str, str], list[tuple[str, Payment]]] = {}
        #: cities with payments that give a code alone, and one that nobody here bears
        self.of_strangers: set[str] = set()
        #: outside support of a code that nobody here bears, by the project, loan or object that it is on
        self.of_unknown: dict[tuple[str, str], Support] = {}
        #: the same in a list, with support that names no enterprise
        self.of_anybody = [item for item in self.outside if item.enterprise is None]
        self._by_object: dict[tuple[tuple[str, ...], bool], tuple[list[Support], list[Support]]] = {}
        self._anybody: dict[tuple[tuple[str, ...], bool], list[Support]] = {}
        self._loans_of_anybody: dict[tuple[tuple[str, ...], bool], dict[str, Support]] = {}
        self._loans_named: dict[str, set[str]] = {}
        self._index_strangers()
        self._index_payments()
        self._check()
        #: whether facts may mean an enterprise or a kind of support that is written otherwise elsewhere
        self.strange = bool(self.unknown_kinds or self.of_unknown or self.unclear or self.of_strangers)

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

    def _index_strangers(self) -> None:
        written = [(item, item.enterprise) for item in self.outside if item.enterprise is not None]
        coded = [(item, name) for item, name in written if valid_code(name) or looks_like_code(name)]
        here = {work.enterprise for work in self.works} if coded else set()
        for item, name in coded:
            if self.who.of(name) not in here:
                self.of_anybody.append(item)
                for kind, named in (("project", item.project), ("loan", item.loan), ("object", item.object)):
                    if named:
                        self.of_unknown[kind, same(named)] = item

    def _index_payments(self) -> None:
        """Payments by city and enterprise, their provisions by id; one of no known provision is noted."""
        claiming = {work.enterprise: work for work in self.works} if self.facts.prior_payments else {}
        strangers: dict[tuple[str, str], tuple[str, list[str]]] = {}
        for position, paid in enumerate(self.facts.prior_payments, 1):
            where = f"已兑付第 {position} 项"
            try:
                city = self.catalog.city(paid.city)
            except UnknownCity as error:
                p = error.problem
                raise UnknownCity(p.got, where=where, expected=p.expected, remedy=p.remedy) from None
            rule = paid.rule
            try:
                rule = self.catalog.rule_id(city, rule) if rule else ""
            except UnknownRule as error:
                who = self.who.of(paid.enterprise, paid.code)
                if who not in claiming:
                    said = f"{error.problem.got}，没有计入名额和几家合用的封顶。{error.problem.remedy}"
                    strangers.setdefault((city, rule), (said, []))[1].append(where)
                    continue
                text = f"{where}：{error.problem.got}，只计入全年合计。{error.problem.remedy}"
                for work in self.of_enterprise(claiming[who]):
                    self.note(work.claim.id, "unknown_rule", text, "state")
            if (city, rule) != (paid.city, paid.rule):
                paid = replace(paid, city=city, rule=rule)
            who = self.who.of(paid.enterprise, paid.code)
            if who not in claiming and valid_code(paid.enterprise):
                self.of_strangers.add(city)
            self.paid_to.add(who)
            self.prior_of[city, who].append(paid)
            self.prior_of_city[city, paid.rule].append(paid)
        for said, places in strangers.values():
            more = f"等 {len(places)} 项" if len(places) > 1 else ""
            self.note("", "unknown_rule", f"{places[0]}{more}：{said}")

    def prior_about(self, city: str, rule: str, work: Work) -> list[Payment]:
        """Payments of a provision that name the object or project of a claim, or were made to its enterprise."""
        about = self._prior_about.get((city, rule))
        if about is None:
            about = self._prior_about[city, rule] = {}
            for position, paid in enumerate(self.prior_of_city.get((city, rule), ())):
                named = {same(x) for x in (paid.object, paid.project) if x}
                for about_what in (*named, (self.who.of(paid.enterprise, paid.code),)):
                    about.setdefault(about_what, []).append((position, paid))
        found: dict[int, Payment] = {}
        for name in ((work.enterprise,), work.thing, work.project) if about else ():
            found.update(about.get(name, ()))
        return [found[position] for position in sorted(found)]

    def nameless(self, city: str, rule: str, work: Work) -> list[Payment]:
        """Payments of a provision to other enterprises that name neither an object nor a project."""
        some = self._nameless.get((city, rule))
        if some is None:
            paid = self.prior_of_city.get((city, rule), ())
            some = [(self.who.of(x.enterprise, x.code), x) for x in paid if not x.object and not x.project]
            self._nameless[city, rule] = some
        own = work.enterprise
        return [x for who, x in some if who != own]

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
        for kind in dict.fromkeys(item.kind for item in self.outside if item.kind in self.unknown_kinds):
            self.note("", "unknown_support", self.unknown_kind(kind))
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

    def unknown_kind(self, kind: str) -> str:
        """What is said of outside support of no known kind."""
        return f"其他支持的类别“{kind}”不认识，只按“其他财政支持”排除；{nearest(kind, self.law.supports.values())}"

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
            known |= {who for city, who in self.prior_of if city == document.city}
            if any(r.limit and r.limit.fact for r in document.cross_rules):
                known |= self.contribution.keys()
            self._known[document.key] = known
        return work.enterprise in known

    def part_paid(self, paid: Payment, payer: str) -> Decimal:
        """What of an earlier payment a payer bore: by the provision's ratio, nothing where another award was its part."""
        found = self.law.shares.get((paid.city, paid.rule))
        if found is None or not payer:
            return paid.amount
        document, rule, ref = found
        assert rule.split is not None
        for city, bearer in self.law.bearers.get((paid.city, paid.rule), ()):
            assert bearer.split is not None
            others = self.prior_of.get((city, self.who.of(paid.enterprise, paid.code)), ())
            borne = sum(x.amount for x in others if same_scope(bearer, paid, x))
            if payer == bearer.split.between[0] and borne > 0:
                return ZERO
        ratio = document.rules[ref.rule].figures[ref.figure].value
        assert isinstance(ratio, Decimal)
        first = (paid.amount * ratio).quantize(CENT, ROUND_CEILING)
        return dict(zip(rule.split.between, (first, paid.amount - first), strict=True)).get(payer, ZERO)

    def of_enterprise(self, work: Work) -> list[Work]:
        """All claims of the claim's enterprise, in list order."""
        self.enterprises()
        return self._by_enterprise[work.enterprise]

    def enterprises(self) -> Iterable[list[Work]]:
        """The claims of each enterprise, in list order."""
        if not self._by_enterprise:
            for one in self.works:
                self._by_enterprise[one.enterprise].append(one)
        return self._by_enterprise.values()

    def of_anybody_of(self, kinds: tuple[str, ...], *, coded: bool) -> list[Support]:
        """Support of these kinds that may be anybody's; a claim with a code (`coded`) is not of another code that holds."""
        found = self._anybody.get((kinds, coded))
        if found is None:
            some = [item for item in self.of_anybody if "*" in kinds or item.kind in kinds]
            found = self._anybody[kinds, coded] = [x for x in some if not (coded and valid_code(x.enterprise))]
        return found

    def by_object(self, kinds: tuple[str, ...], *, coded: bool) -> tuple[list[Support], list[Support]]:
        """As `of_anybody_of`: what is on an object alone, and the rest; there is much of it, and many claims."""
        found = self._by_object.get((kinds, coded))
        if found is None:
            some = self.of_anybody_of(kinds, coded=coded)
            found = [x for x in some if x.object_alone], [x for x in some if not x.object_alone]
            self._by_object[kinds, coded] = found
        return found

    def loans_of_anybody(self, kinds: tuple[str, ...], *, coded: bool) -> dict[str, Support]:
        """As `of_anybody_of`, what is on a loan whose project it does not say: by loan the first, in order."""
        found = self._loans_of_anybody.get((kinds, coded))
        if found is None:
            found = self._loans_of_anybody[kinds, coded] = {}
            for item in self.of_anybody_of(kinds, coded=coded):
                if item.loan and item.project is None:
                    found.setdefault(same(item.loan), item)
        return found

    def loans_named(self, work: Work) -> set[str]:
        """Loans that the enterprise's claims name with a project: whose they are is known."""
        found = self._loans_named.get(work.enterprise)
        if found is None:
            found = {one.loan for one in self.of_enterprise(work) if one.loan and one.project}
            self._loans_named[work.enterprise] = found
        return found

    def paid_in_sum(self, work: Work) -> Decimal:
        """What was paid before for the provision in the scope of its sum."""
        assert work.found is not None and work.found.rule.least is not None
        paid = ZERO
        for item in self.prior_of.get((work.found.document.city, work.enterprise), ()):
            if item.rule == work.found.rule.id and ("year" not in work.found.rule.least.per or item.year == work.year):
                paid += item.amount
        return max(paid, ZERO)

    def note(self, claim: str, code: str, text: str, asks: NoteKind | None = None) -> None:
        """Say something of a claim; `asks`: what kind of answer it waits for."""
        self.notes.append(Note(claim, code, text, asks=asks))
