"""What a settlement works on: each claim on its way, the facts indexed, the cross rules by member."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter

from xlpolicy.claim.decision import Decision
from xlpolicy.claim.exact import Env, find_row
from xlpolicy.faults import InvalidInput, UnknownCity, UnknownRule, nearest
from xlpolicy.law.catalog import Catalog, Found
from xlpolicy.law.effects import CrossRule, Ref
from xlpolicy.law.records import Document
from xlpolicy.money import ZERO
from xlpolicy.settle.facts import SUPPORT_WORDS, Facts, Payment, Support, same
from xlpolicy.settle.model import Claim, Cut, Note


class Work:
    """One claim on its way: found provision, decision (None where there is none), current amount, cuts.

    `enterprise`, `project`, `loan` and `thing` (its object) are the claim's names in the form in which they are compared.
    """

    __slots__ = (
        "amount", "claim", "cuts", "decided", "decision", "effects", "enterprise", "found", "loan", "payers", "position", "project", "thing", "year",
    )  # fmt: skip

    def __init__(self, claim: Claim, position: int, on_year: int) -> None:
        self.claim, self.position = claim, position
        self.enterprise = same(claim.enterprise)
        self.project = same(claim.project) if claim.project else None
        self.loan = same(claim.loan) if claim.loan else None
        self.thing = same(claim.object) if claim.object else None
        self.found: Found | None = None
        self.effects: Effects | None = None
        self.decision: Decision | None = None
        self.decided = self.amount = ZERO
        self.cuts: list[Cut] = []
        self.payers: dict[str, Decimal] = {}
        self.year = claim.on.year if claim.on else on_year

    @property
    def env(self) -> Env:
        """The bound inputs of a decided claim."""
        assert self.decision is not None
        return self.decision.outcome.env

    def take(self, rule: CrossRule, amount: Decimal, why: str, *facts: object) -> None:
        """Lower the amount by `amount` under `rule`; `why` is a template for `facts`."""
        self.amount -= amount
        self.cuts.append(Cut(rule.id, rule.at, amount, rule.text, why, facts))

    def figure(self, ref: Ref) -> Decimal:
        """A figure for this claim: a table is read at the claim's own input."""
        assert self.found is not None
        figure = self.found.document.rules[ref.rule].figures[ref.figure]
        if figure.table is not None:
            row = find_row(figure.table, self.env[figure.table.by])
            return ZERO if row is None else figure.table.rows[row][1]
        assert isinstance(figure.value, Decimal)
        return figure.value


@dataclass(frozen=True, slots=True)
class Effects:
    """What the cross rules say about one provision by itself."""

    periods: tuple[CrossRule, ...]
    needs: tuple[CrossRule, ...]
    principals: tuple[CrossRule, ...]
    bars: tuple[CrossRule, ...]
    payer: str
    share: tuple[CrossRule, Ref] | None
    #: the uplift that the provision itself states: worked out here, never claimed
    uplift: CrossRule | None


class Law:
    """The cross rules of a catalog by what they do."""

    def __init__(self, catalog: Catalog) -> None:
        self.rules = [(document, rule) for document in catalog.documents.values() for rule in document.cross_rules]
        self.pools = {rule.pool.name for _, rule in self.rules if rule.pool}
        self.supports = set(SUPPORT_WORDS)
        by_member: dict[tuple[str, str], list[CrossRule]] = defaultdict(list)
        for document, rule in self.rules:
            self.supports.update(*(part.support for part in (rule.bar, rule.needs) if part))
            for member in rule.members:
                by_member[document.key, member].append(rule)
        uplifts = {(document.key, rule.uplift.figure.rule): rule for document, rule in self.rules if rule.uplift}
        self._effects = {
            (document.key, rule.id): _effects(
                rule.id, rule.payer, by_member[document.key, rule.id], uplifts.get((document.key, rule.id))
            )
            for document, rule in catalog.rules()
        }

    def of(self, document: str, rule: str) -> Effects:
        """The effects on a provision of a document."""
        return self._effects[document, rule]


def _effects(name: str, payer: str, rules: list[CrossRule], uplift: CrossRule | None) -> Effects:
    share = None
    for rule in rules:
        payer = rule.payer or payer
        if rule.share:
            share = rule, next(ref for ref in rule.share.ratios if ref.rule == name)
    return Effects(
        # the one with the fewest members says it most closely
        tuple(sorted((r for r in rules if r.step == 1 and r.kind in _PERIODS), key=lambda r: len(r.members))),
        tuple(r for r in rules if r.needs), tuple(r for r in rules if r.principal), tuple(r for r in rules if r.bar),
        payer, share, uplift,
    )  # fmt: skip


_PERIODS = ("deadline", "retroactive", "succession")


@lru_cache(maxsize=4)
def law(catalog: Catalog) -> Law:
    """The cross rules of a catalog, put in order once."""
    return Law(catalog)


class Principal:
    """Loans of one scope that have borne subsidy, each with its highest balance."""

    __slots__ = ("loans", "total")

    def __init__(self) -> None:
        self.loans: dict[str, Decimal] = {}
        self.total = ZERO

    def other_than(self, loan: str) -> Decimal:
        return self.total - self.loans.get(loan, ZERO)

    def add(self, loan: str, balance: Decimal) -> None:
        before = self.loans.get(loan, ZERO)
        if balance > before:
            self.loans[loan] = balance
            self.total += balance - before


class State:
    """One settlement: works in list order, and what the steps look up."""

    def __init__(self, claims: list[Claim], facts: Facts, on_year: int, catalog: Catalog) -> None:
        self.catalog, self.facts, self.on_year = catalog, facts, on_year
        self.law = law(catalog)
        self.works = [Work(claim, i, on_year) for i, claim in enumerate(claims)]
        self.notes: list[Note] = []
        self.of_rule: dict[tuple[str, str], list[Work]] = defaultdict(list)
        self.principals: dict[Hashable, Principal] = defaultdict(Principal)
        self.contribution = {same(name): amount for name, amount in facts.fiscal_contribution.items()}
        self.chain = {same(name) for name in facts.chain_enterprises}
        self.choices = {same(project): chosen for project, chosen in facts.choices.items()}
        self.support: dict[tuple[str, str], list[Support]] = defaultdict(list)
        for item in facts.external_support:
            for kind, name in (("project", item.project), ("loan", item.loan)):
                if name:
                    self.support[kind, same(name)].append(item)
        self.prior_of: dict[tuple[str, str], list[Payment]] = defaultdict(list)
        self.prior_of_city: dict[tuple[str, str], list[Payment]] = defaultdict(list)
        self._index_payments()
        self._check()

    @property
    def rules(self) -> list[tuple[Document, CrossRule]]:
        return self.law.rules

    def _index_payments(self) -> None:
        """Payments by city and enterprise, their provisions by id; one of no known provision is noted."""
        claiming = {work.enterprise for work in self.works} if self.facts.prior_payments else set()
        for position, paid in enumerate(self.facts.prior_payments, 1):
            where = f"facts prior_payments 第 {position} 项"
            try:
                city = self.catalog.city(paid.city)
            except UnknownCity as error:
                p = error.problem
                raise UnknownCity(p.got, where=where, expected=p.expected, remedy=p.remedy) from None
            rule = paid.rule
            try:
                rule = self.catalog.rule_id(city, rule) if rule else ""
            except UnknownRule as error:
                if same(paid.enterprise) not in claiming:
                    continue
                self.note("", "unknown_rule", f"{where}：{error.problem.got}，只计入全年合计。{error.problem.remedy}")
            if rule != paid.rule:
                paid = replace(paid, city=city, rule=rule)
            self.prior_of[city, same(paid.enterprise)].append(paid)
            self.prior_of_city[city, paid.rule].append(paid)

    def _check(self) -> None:
        """Names in the facts that mean nothing: a fund is refused (it would be overdrawn), others are noted."""
        for name in self.facts.pools:
            if name not in self.law.pools:
                raise InvalidInput(
                    f"没有资金“{name}”",
                    where="facts pools",
                    expected="、".join(sorted(self.law.pools)),
                    remedy=nearest(name, self.law.pools),
                )
        for kind in dict.fromkeys(item.kind for item in self.facts.external_support):
            if kind not in self.law.supports:
                self.note(
                    "",
                    "unknown_support",
                    f"其他支持的类别“{kind}”不认识，只按“其他财政支持”排除；{nearest(kind, self.law.supports)}",
                )
        of_id = {w.claim.id: w for w in self.works} if self.facts.choices or self.facts.ranks else {}
        for project, chosen in self.facts.choices.items():
            work = of_id.get(chosen)
            if work is None or work.project != same(project):
                why = "不在本次名单" if work is None else "不是这个项目的"
                self.note(chosen, "unknown_choice", f"项目 {project} 选的申报 {chosen} {why}，未按选择处理")
        for name in self.facts.ranks:
            if name not in of_id:
                self.note(name, "unknown_rank", f"名次里的申报 {name} 不在本次名单")

    def note(self, claim: str, code: str, text: str) -> None:
        self.notes.append(Note(claim, code, text))

    def members(self, document: Document, rule: CrossRule) -> Iterator[Work]:
        """Claims of the rule that are still above zero, in list order."""
        return (work for work in self.decided(document, rule.members) if work.amount > 0)

    def decided(self, document: Document, members: tuple[str, ...]) -> list[Work]:
        """Claims of some provisions that have a decision, in list order."""
        lists = [works for name in members if (works := self.of_rule.get((document.key, name)))]
        return lists[0] if len(lists) == 1 else sorted((w for part in lists for w in part), key=_position)


_position = attrgetter("position")
