"""Which names of a claim the law of a provision counts over: its loan, its object, its session (project apart).

What a claim must name so that two of them share what the law gives once, and two different things do not.
"""

from __future__ import annotations

from collections.abc import Iterator

from xlpolicy.law.effects import CrossRule
from xlpolicy.law.records import Document, Rule

#: the names, as a scope says them, that a claim states beside its enterprise, its project and its day
THINGS = ("loan", "object", "session")


def counted_over(document: Document, rule: Rule) -> dict[str, tuple[str, ...]]:
    """Each name that a claim of the provision must state, with the first scope that needs it."""
    scopes = [scope for scope in _scopes(document, rule) if scope]
    return {name: found[0] for name in THINGS if (found := [scope for scope in scopes if name in scope])}


def _scopes(document: Document, rule: Rule) -> Iterator[tuple[str, ...]]:
    yield from (limit.per for limit in rule.limits)
    yield rule.once
    if rule.least is not None:
        yield rule.least.per
    if rule.term is not None and rule.term.per != "enterprise":  # of the project's loans each has days of its own
        yield ("loan",)
    for cross in document.cross_rules:
        if rule.id in cross.members:
            yield from _crossing(cross)


def _crossing(cross: CrossRule) -> Iterator[tuple[str, ...]]:
    """What a cross rule counts or compares over. Support on `either` is found by the project, too."""
    for effect in (cross.limit, cross.choose, cross.bar, cross.deduct, cross.split):
        if effect is not None:
            yield effect.per
    if cross.limit is not None and cross.limit.of == "principal":
        yield ("loan",)
    for on in (cross.bar, cross.deduct):
        if on is not None and on.support and on.of == "loan":
            yield ("loan",)
