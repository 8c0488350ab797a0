"""What was paid before, by whom it was paid to, by provision and by what it names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from xlpolicy.faults import UnknownCity, UnknownRule
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.effects import CrossRule, Ref
from xlpolicy.law.labels import COUNTY
from xlpolicy.law.records import Document
from xlpolicy.money import CENT, ZERO
from xlpolicy.settle.facts import Payment
from xlpolicy.settle.identity import Identity, valid_code
from xlpolicy.settle.reach import Law
from xlpolicy.settle.work import Work
from xlpolicy.words.names import same


class Payments:
    """Earlier payments, cities and provisions by their ids; `claiming`: the enterprises that claim something.

    `of` by city and enterprise, `of_rule` by city and provision, both in the order of the facts. `to`: the enterprises
    that were paid anything. `of_strangers`: cities with payments that give a code alone, one that nobody here bears.
    `unknown`: what is to be said of payments of no known provision, each to the claims of an enterprise, or (None) to
    nobody in particular. Raises UnknownCity.
    """

    def __init__(
        self, payments: Sequence[Payment], catalog: Catalog, law: Law, who: Identity, claiming: Collection[str]
    ) -> None:
        self._catalog, self._law, self._who = catalog, law, who
        self.of: dict[tuple[str, str], list[Payment]] = defaultdict(list)
        self.of_rule: dict[tuple[str, str], list[Payment]] = defaultdict(list)
        self.to: set[str] = set()
        self.of_strangers: set[str] = set()
        self.unknown: list[tuple[str | None, str]] = []
        self._about: dict[tuple[str, str], dict[Hashable, list[tuple[int, Payment]]]] = {}
        self._nameless: dict[tuple[str, str], list[tuple[str, Payment]]] = {}
        strangers: dict[tuple[str, str], tuple[str, list[str]]] = {}
        for position, paid in enumerate(payments, 1):
            where = f"已兑付第 {position} 项"
            try:
                city = catalog.city(paid.city)
            except UnknownCity as error:
                p = error.problem
                raise UnknownCity(p.got, where=where, expected=p.expected, remedy=p.remedy) from None
            rule, name = paid.rule, who.of(paid.enterprise, paid.code)
            try:
                rule = catalog.rule_id(city, rule) if rule else ""
            except UnknownRule as error:
                if name not in claiming:
                    said = f"{error.problem.got}，没有计入名额和几家合用的封顶。{error.problem.remedy}"
                    strangers.setdefault((city, rule), (said, []))[1].append(where)
                    continue
                text = f"{where}：{error.problem.got}，只计入全年合计。{error.problem.remedy}"
                self.unknown.append((name, text))
            if (city, rule) != (paid.city, paid.rule):
                paid = replace(paid, city=city, rule=rule)
            if name not in claiming and valid_code(paid.enterprise):
                self.of_strangers.add(city)
            self.to.add(name)
            self.of[city, name].append(paid)
            self.of_rule[city, rule].append(paid)
        for said, places in strangers.values():
            more = f"等 {len(places)} 项" if len(places) > 1 else ""
            self.unknown.append((None, f"{places[0]}{more}：{said}"))

    def about(self, city: str, rule: str, work: Work) -> list[Payment]:
        """Payments of a provision that name the object or project of a claim, or were made to its enterprise."""
        about = self._about.get((city, rule))
        if about is None:
            about = self._about[city, rule] = {}
            for position, paid in enumerate(self.of_rule.get((city, rule), ())):
                named = {same(x) for x in (paid.object, paid.project) if x}
                for about_what in (*named, (self._who.of(paid.enterprise, paid.code),)):
                    about.setdefault(about_what, []).append((position, paid))
        found: dict[int, Payment] = {}
        for name in ((work.enterprise,), work.thing, work.project) if about else ():
            found.update(about.get(name, ()))
        return [found[position] for position in sorted(found)]

    def nameless(self, city: str, rule: str, work: Work) -> list[Payment]:
        """Payments of a provision to other enterprises that name neither an object nor a project."""
        some = self._nameless.get((city, rule))
        if some is None:
            paid = self.of_rule.get((city, rule), ())
            some = [(self._who.of(x.enterprise, x.code), x) for x in paid if not x.object and not x.project]
            self._nameless[city, rule] = some
        own = work.enterprise
        return [x for who, x in some if who != own]

    def part(self, paid: Payment, payer: str) -> Decimal:
        """What of a payment a payer bore: as it says, else by the provision's ratio, nothing where another award was its
        part."""
        found = self._law.shares.get((paid.city, paid.rule))
        if found is None or not payer:
            return paid.amount
        said = _said(paid, found[1])
        if said is None and payer == self._elsewhere(paid):
            return ZERO
        return (said or _shared(paid, *found)).get(payer, ZERO)

    def award(self, paid: Payment) -> Decimal:
        """What a payment takes from a limit: the whole award, where one payer bore less than its part of it."""
        found = self._law.shares.get((paid.city, paid.rule))
        if found is None:
            return paid.amount
        split = found[1].split
        assert split is not None
        said, whole = _said(paid, found[1]), _shared(paid, *found)
        if said is None and self._elsewhere(paid) == split.between[1]:
            said = {split.between[0]: paid.amount}
        if said is None or said == whole:
            return paid.amount
        return max(paid.amount, (said[split.between[0]] / _ratio(*found)).quantize(CENT, ROUND_DOWN), key=abs)

    def _elsewhere(self, paid: Payment) -> str:
        """The payer whose part of a payment was another award; "" where none was."""
        for city, bearer in self._law.bearers.get((paid.city, paid.rule), ()):
            assert bearer.split is not None
            others = self.of.get((city, self._who.of(paid.enterprise, paid.code)), ())
            if sum(x.amount for x in others if _same_scope(bearer, paid, x)) > 0:
                return bearer.split.between[0]
        return ""

    def in_sum(self, work: Work) -> Decimal:
        """What was paid for the provision of a claim in the scope of its sum; a payment without a project may be of any."""
        assert work.found is not None and work.found.rule.least is not None
        paid, per = ZERO, work.found.rule.least.per
        for item in self.of.get((work.found.document.city, work.enterprise), ()):
            other = "project" in per and item.project and work.project and same(item.project) != work.project
            if item.rule == work.found.rule.id and not other and ("year" not in per or item.year == work.year):
                paid += item.amount
        return max(paid, ZERO)


def _ratio(document: Document, rule: CrossRule, ref: Ref) -> Decimal:
    """What the first of two payers bears."""
    ratio = document.rules[ref.rule].figures[ref.figure].value
    assert isinstance(ratio, Decimal)
    return ratio


def _shared(paid: Payment, document: Document, rule: CrossRule, ref: Ref) -> dict[str, Decimal]:
    """A payment by payer, by the provision's ratio, an odd cent to the first; also what is taken back."""
    assert rule.split is not None
    first = (paid.amount * _ratio(document, rule, ref)).quantize(CENT, ROUND_UP)
    return dict(zip(rule.split.between, (first, paid.amount - first), strict=True))


def _said(paid: Payment, rule: CrossRule) -> dict[str, Decimal] | None:
    """A payment by payer, where it says what the county bore."""
    assert rule.split is not None
    said = paid.county_part
    if said is None or COUNTY not in rule.split.between:
        return None
    return {name: said if name == COUNTY else paid.amount - said for name in rule.split.between}


def _same_scope(rule: CrossRule, paid: Payment, other: Payment) -> bool:
    """Whether a payment of a member of a `split` is the part of another payment."""
    assert rule.split is not None
    return (
        other.rule in rule.members
        and ("year" not in rule.split.per or other.year == paid.year)
        and bool(paid.project and other.project and same(paid.project) == same(other.project))
    )
