"""The cross rules of a catalog by what they do and whom they reach, put in order once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from xlpolicy.law.abroad import meant, provisions
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.effects import Choose, CrossRule, Ref
from xlpolicy.law.fund_names import fund_names
from xlpolicy.law.records import Document, Rule

_PERIODS = ("deadline", "retroactive", "succession")


@dataclass(frozen=True)
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
    uplifts: tuple[CrossRule, ...] = ()
    #: limits over several provisions, and those by a fact of the bureau
    limits: tuple[CrossRule, ...] = ()
    topped: tuple[CrossRule, ...] = ()
    deducts: tuple[CrossRule, ...] = ()
    #: funds that pay it
    funds: frozenset[str] = frozenset()
    #: whether it bars other claims, or one of them may bar it
    barring: bool = False
    #: the choices that it is in, with the number of its kind
    choosing: tuple[tuple[CrossRule, int], ...] = ()
    #: the steps that look at its claims: those of `once`, `quotas`, `choosing` and `principals` that it has
    steps: tuple[str, ...] = ()


class Law:
    """The cross rules of a catalog by what they do."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.rules = [(document, rule) for document in catalog.documents.values() for rule in document.cross_rules]
        #: the document of every rule
        self.document_of = {id(rule): document for document, rule in self.rules}
        #: the funds by key, and what each is called
        self.pools = fund_names(catalog.documents.values())
        self.relieving = [(document, rule) for document, rule in self.rules if rule.split and rule.split.of]
        self.barring = [(document, rule) for document, rule in self.rules if rule.bar and rule.bar.claim]
        #: bars whose fact the members' claims may state themselves
        self.stating = [(document, rule) for document, rule in self.rules if rule.bar and rule.bar.said]
        self.funds = [(document, rule) for document, rule in self.rules if rule.scale and rule.scale.pool]
        self.raising = [rule for _, rule in self.rules if rule.scale and rule.scale.by]
        #: provisions from which others are taken off, and those others
        self.deducted = {
            name.rpartition(":")[2]
            for _, rule in self.rules
            if rule.deduct and rule.deduct.claims
            for name in (*rule.members, *rule.deduct.claims)
        }
        #: kinds of outside support and what they are called
        self.supports = {
            kind: label for document in catalog.documents.values() for kind, label in document.support.items()
        }
        #: by choice: (document, provision) -> the number of its kind
        self.kinds: dict[int, dict[tuple[str, str], int]] = {}
        #: by choice: city -> provision -> the number of its kind, for payments made before
        self.paid_kinds: dict[int, dict[str, dict[str, int]]] = {}
        #: by document and provision: the choices that its claims are in, with the number of their kind
        self.choosing: dict[tuple[str, str], list[tuple[CrossRule, int]]] = defaultdict(list)
        #: provisions of other documents of the city whose payments have chosen, with the choice and the number of the kind
        self.chosen_before: dict[tuple[str, str], list[tuple[CrossRule, int]]] = defaultdict(list)
        for document, rule in self.rules:
            if rule.choose:
                self._kinds(document, rule, rule.choose)
        #: by city and provision: how it is shared between payers, and what bears a part of it
        self.shares = {
            (document.city, ref.rule): (document, rule, ref)
            for document, rule in self.rules
            for ref in (rule.split.ratios if rule.split else ())
        }
        self.bearers: dict[tuple[str, str], list[tuple[str, CrossRule]]] = defaultdict(list)
        for document, rule in self.relieving:
            for key, member in self.relieved(catalog, rule):
                self.bearers[catalog.documents[key].city, member].append((document.city, rule))
        self._effects = self._by_provision()

    def _kinds(self, document: Document, rule: CrossRule, choose: Choose) -> None:
        """Which kind of a choice each provision is, for claims of it and for payments made before."""
        kinds = self.kinds[id(rule)] = {
            found: number
            for number, kind in enumerate(choose.kinds)
            for name in kind
            for found in meant(self.catalog, document, name)
        }
        paid = self.paid_kinds[id(rule)] = defaultdict(dict)
        for provision, number in kinds.items():
            paid[self.catalog.documents[provision[0]].city][provision[1]] = number
            self.choosing[provision].append((rule, number))
        if choose.earlier == "chosen" and not choose.within:
            for city, members in paid.items():
                for name, number in members.items():
                    for found in provisions(self.catalog, f"{city}:{name}"):
                        if found not in kinds:
                            self.chosen_before[found].append((rule, number))

    def _by_provision(self) -> dict[tuple[str, str], Effects]:
        """The effects on every provision."""
        catalog = self.catalog
        by_member: dict[tuple[str, str], list[CrossRule]] = defaultdict(list)
        abroad: dict[tuple[str, str], list[CrossRule]] = defaultdict(list)
        for document, rule in self.rules:
            for member in rule.members:
                by_member[document.key, member].append(rule)
            for name in sorted(rule.abroad):
                for key, member in provisions(catalog, name):
                    abroad[key, member].append(rule)
        barring = {x for document, rule in self.barring if rule.bar for x in meant(catalog, document, rule.bar.claim)}
        uplifts = {(d.key, r.scale.by.rule): r for d, r in self.rules if r.scale and r.scale.by}
        found = {}
        for document, provision in catalog.rules():
            one = document.key, provision.id
            found[one] = _effects(
                provision, by_member[one], abroad[one], uplifts.get(one), one in barring,
                tuple(self.choosing.get(one, ())),
            )  # fmt: skip
        return found

    def of(self, document: str, rule: str) -> Effects:
        """The effects on a provision of a document."""
        return self._effects[document, rule]

    @staticmethod
    def relieved(catalog: Catalog, rule: CrossRule) -> Iterator[tuple[str, str]]:
        """The provisions of other documents of which the rule's members are a payer's part."""
        for name in rule.split.of if rule.split else ():
            yield from provisions(catalog, name)


def _effects(
    provision: Rule, rules: list[CrossRule], abroad: list[CrossRule], uplift: CrossRule | None, barring: bool,
    choosing: tuple[tuple[CrossRule, int], ...],
) -> Effects:  # fmt: skip
    share, payer, name = None, provision.payer, provision.id
    for rule in rules:
        if rule.split and rule.split.ratios:
            share = rule, next(ref for ref in rule.split.ratios if ref.rule == name)
        elif rule.split and not rule.split.of:
            payer = rule.split.between[0]
    both = [*rules, *abroad]
    principals = tuple(r for r in rules if r.limit and r.limit.of == "principal")
    steps = {"once": provision.once, "quotas": provision.quotas, "principals": principals}
    return Effects(
        # the one with the fewest members says it most closely
        tuple(sorted((r for r in rules if r.kind in _PERIODS), key=lambda r: len(r.members))),
        tuple(r for r in rules if r.deduct and r.deduct.support and r.deduct.by),
        principals,
        tuple(r for r in rules if r.bar and r.bar.support),
        payer, share, uplift, tuple(r for r in rules if r.scale and r.scale.by),
        tuple(r for r in both if r.limit and r.limit.of != "principal"),
        tuple(r for r in both if r.choose and r.choose.earlier == "topped"),
        tuple(r for r in rules if r.deduct and not r.deduct.by),
        frozenset(r.scale.pool for r in rules if r.scale and r.scale.pool), barring or any(r.bar and r.bar.claim for r in rules),
        choosing, tuple(step for step, of in steps.items() if of),
    )  # fmt: skip


@lru_cache(maxsize=4)
def law(catalog: Catalog) -> Law:
    """The cross rules of a catalog, put in order once."""
    return Law(catalog)
