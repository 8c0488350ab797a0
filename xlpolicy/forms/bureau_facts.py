"""What only the bureau knows of the claims, as its list says it (`bureau_list` reads and writes that)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from xlpolicy.money import clean
from xlpolicy.words.names import same

#: (code, provision) -> project ("" for any) -> input -> value
BureauFacts = Mapping[tuple[str, str], Mapping[str, Mapping[str, Any]]]


class BureauList(NamedTuple):
    """A list as it was read: its facts, and of each row what it says they are of: (code, provision, project) -> words.

    A row is of every provision that bears the name which stands in it.
    """

    facts: BureauFacts
    rows: Mapping[str, tuple[tuple[str, str, str], ...]]

    def unmet(self, claims: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
        """The rows, in words, that are of none of the claims (code, provision, project): what they say was not used."""
        met: set[tuple[str, str, str]] = set()
        for code, rule, project in claims:
            met |= {(code_of(code), rule, ""), (code_of(code), rule, same(project))}
        return tuple(row for row, about in self.rows.items() if met.isdisjoint(about))


def facts_of(facts: BureauFacts, code: str, rule: str, project: str) -> dict[str, Any]:
    """What the bureau knows of one claim: what it says of its project, before what it says of all."""
    held = facts.get((code_of(code), rule), {})
    return {**held.get("", {}), **held.get(same(project), {})}


def code_of(code: str) -> str:
    """A code in the form in which the list and the forms are compared."""
    return clean(code).upper()
