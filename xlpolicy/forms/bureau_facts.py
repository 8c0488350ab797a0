"""What only the bureau knows of the claims, as its list says it (`bureau_list` reads and writes that)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlpolicy.money import clean

#: (code, provision) -> project ("" for any) -> input -> value
BureauFacts = Mapping[tuple[str, str], Mapping[str, Mapping[str, Any]]]


def facts_of(facts: BureauFacts, code: str, rule: str, project: str) -> dict[str, Any]:
    """What the bureau knows of one claim: what it says of its project, before what it says of all."""
    held = facts.get((clean(code).upper(), rule), {})
    return {**held.get("", {}), **held.get(clean(project).lower(), {})}
