"""What one maximum is for: the limits of a provision and the cross rules', each with its scope, and the key of a claim
in it (the enterprise or a thing, the year, the level).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

from xlpolicy.claim.exact import REMEMBERED
from xlpolicy.law import nodes as n
from xlpolicy.law.abroad import provisions, sharing
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.effects import CrossRule
from xlpolicy.law.in_force import Found
from xlpolicy.law.labels import DIMENSIONS
from xlpolicy.law.records import Document, Limit, Rule, Table
from xlpolicy.law.values import coerce
from xlpolicy.settle.reach import Law
from xlpolicy.settle.single import known
from xlpolicy.settle.work import Work
from xlpolicy.words.wording import scope_text

#: the names that a scope may need
_THINGS = ("project", "loan", "object", "session")
_NO_LEVEL: tuple[tuple[Hashable, ...], ...] = ((),)


@dataclass(frozen=True)
class Scoped:
    """One limit as the settlement holds it: under which rule, for whose payments, per what."""

    rule: CrossRule
    name: str  # with the parts of a scope: what one maximum is for
    members: frozenset[tuple[str, str]]  # city and provision of the payments that fill it
    per: tuple[str, ...]
    levels: tuple[str, ...]  # inputs of the scope: each level has its own maximum
    part: str = ""  # of several payers, only what this one bears
    highest: bool = False  # claims may come under several maxima of one scope: the highest of those paid counts
    table: Table | None = None  # the maxima by a level that the scope does not tell apart

    @cached_property
    def things(self) -> tuple[str, ...]:
        """The names that the scope needs."""
        return tuple(name for name in _THINGS if name in self.per)

    @cached_property
    def own(self) -> bool:
        """Whether it is one enterprise's: by its own words, or because a project or loan is."""
        return any(name in self.per for name in ("enterprise", "project", "loan"))

    @cached_property
    def yearly(self) -> bool:
        return "year" in self.per or self.monthly

    @cached_property
    def monthly(self) -> bool:
        return "month" in self.per

    @cached_property
    def cities(self) -> tuple[str, ...]:
        """The cities of the payments that fill it."""
        return tuple(sorted({city for city, _ in self.members}))

    @cached_property
    def everybody(self) -> bool:
        """One maximum for all enterprises together."""
        return not self.own and not self.things

    @cached_property
    def cross(self) -> bool:
        """Whether it stands in a cross rule, and not in the provision."""
        return self.rule.limit is not None

    @cached_property
    def last(self) -> bool:
        """Whether it is held after all others: one payer's part, or a number of the bureau."""
        return self.rule.limit is not None and bool(self.part or self.rule.limit.fact)


#: a limit that a claim meets: its source (empty in a cross rule), how it is held, the key of its scope
Held = tuple[str, Scoped, Hashable]


def choose_key(work: Work, rule: CrossRule) -> tuple[Hashable, ...]:
    """The scope of a choice, the enterprise first; a part that the claim does not name is None."""
    assert rule.choose is not None
    return (work.enterprise, *[work.part(name) for name in rule.choose.per])


def sum_key(work: Work) -> Hashable | None:
    """The scope in which the inputs are summed; None where the claim does not name what it needs."""
    assert work.found is not None and work.found.rule.least is not None
    parts: list[Hashable] = [work.found.document.key, work.found.rule.id]
    for name in work.found.rule.least.per:
        part = work.part(name)
        if part is None:
            return None
        parts.append(part)
    return tuple(parts)


@lru_cache(REMEMBERED)
def scopes_of(law: Law, found: Found) -> tuple[tuple[Limit | None, Scoped], ...]:
    """The limits that a provision's claims meet beyond the single claim; None for a cross rule's."""
    return (*_own(law.catalog, found.document, found.rule), *_crossing(law, found.document, found.rule))


def _own(catalog: Catalog, document: Document, rule: Rule) -> Iterator[tuple[Limit, Scoped]]:
    """The limits of a provision that reach beyond one claim, each under the id that it bears, or its own name."""
    for limit in rule.limits:
        if limit.per in ((), ("loan",)):  # one period of one loan: the claim itself
            continue
        figure = limit.node.name if isinstance(limit.node, n.Lookup | n.Figure) else ""
        table = rule.figures[figure].table if figure else None
        levels = dict.fromkeys(x for x in limit.per if x not in DIMENSIONS)
        name = f"{rule.id}.{figure or limit.source}"
        members = [x.id for x in sharing(document, limit)] or [rule.id]
        told = next((x for x in document.cross_rules if x.id == limit.rule), None)
        mixed = table if table is not None and table.by not in levels else None
        several = "几条合用的" if len(members) > 1 else ""
        text = told.text if told else f"{scope_text(rule, limit.per)}合计不超过{several}{limit.label}"
        named = figure or next((x.name for x in n.leaves(limit.node) if isinstance(x, n.Figure)), limit.source)
        cut = CrossRule(limit.rule or f"{rule.id}.{named}", limit.at or rule.at, "cap_shared", tuple(members), text)
        yield limit, Scoped(
            cut, " ".join((catalog.version(document), limit.shared or name, *limit.per)),
            frozenset((document.city, x) for x in members), limit.per, tuple(levels),
            highest=mixed is not None or _stated(limit) or bool(limit.shared), table=mixed,
        )  # fmt: skip


def _stated(limit: Limit) -> bool:
    """Whether each claim says the maximum itself: of several that claims of one thing say, the highest counts."""
    return any(isinstance(leaf, n.Input) for leaf in n.leaves(limit.node))


def _crossing(law: Law, document: Document, rule: Rule) -> Iterator[tuple[None, Scoped]]:
    """The limits of cross rules that reach a provision."""
    for cross in law.of(document.key, rule.id).limits:
        limit = cross.limit
        assert limit is not None
        home = law.document_of[id(cross)]
        figure = home.rules[limit.max.rule].figures[limit.max.figure] if limit.max else None
        abroad = {x for name in cross.foreign for x in provisions(law.catalog, name)}
        members = {(home.city, x) for x in cross.members} | {(law.catalog.documents[d].city, x) for d, x in abroad}
        levels = (figure.table.by,) if figure and figure.table else ()
        name = " ".join((law.catalog.version(home), cross.id))
        yield None, Scoped(cross, name, frozenset(members), limit.per, levels, limit.part)


def levels(scoped: Scoped, work: Work) -> Iterable[tuple[Hashable, ...]]:
    """The levels under whose maximum a claim comes; of one that waits and does not say, every level there is."""
    assert work.found is not None
    if not scoped.levels:
        return _NO_LEVEL
    said = known(work)
    options = []
    for name in scoped.levels:
        item = work.found.rule.input(name)
        options.append([said[name]] if name in said else [coerce(item, choice.value) for choice in item.choices])
    return product(*options)


def key_of(scoped: Scoped, work: Work, level: tuple[Hashable, ...]) -> Hashable:
    """What one maximum is for: the enterprise or a thing, the year, the level.

    A thing that is named is shared by all who name it; a project that stands in for it stays the enterprise's own; a
    park without a name is its applicant; a claim with neither is a thing of its own.
    """
    who: Hashable = work.enterprise if scoped.own else None
    if scoped.things:
        who = tuple([thing(scoped, name, work) for name in scoped.things])
    return scoped.name, who, work.year if scoped.yearly else None, work.part("month") if scoped.monthly else None, level


def thing(scoped: Scoped, name: str, work: Work) -> tuple[str, ...]:
    """The thing of that kind that the claim is about."""
    if name in ("object", "session"):
        if work.thing:
            return (work.enterprise, "object", work.thing) if scoped.own else ("object", work.thing)
        if name == "object" and not scoped.own and not work.project and work.claim.enterprise_kind == "park":
            return "park", work.enterprise
    if name == "loan":
        return work.enterprise, "loan", work.loan or f"#{work.claim.id}"
    return work.enterprise, work.project or f"#{work.claim.id}"
