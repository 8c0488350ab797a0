"""What an enterprise states in one claim, as the register keeps it: exact, and told apart from other claims."""

from __future__ import annotations

import json
from typing import Any

from xlpolicy.law.encoding import decode, encode
from xlpolicy.register.tables import dumped
from xlpolicy.settle import Claim
from xlpolicy.words.names import same

#: inputs that tell one claim of a loan from the next
PERIOD = ("period_from", "period_to")


def sameness(claim: Claim, document: str) -> str:
    """What two statements of one claim have in common beside the enterprise."""
    day = claim.fact_on or claim.on
    parts = [document, claim.rule, *(same(name) if name else "" for name in (claim.project, claim.loan, claim.object))]
    parts += [str(day.year) if day else "", *(str(claim.inputs.get(name, "")) for name in PERIOD)]
    return dumped(parts).lower()


def content_of(claim: Claim) -> str:
    """A claim as the register keeps it: its fields but for the number, exact."""
    data = {name: value for name, value in claim._asdict().items() if name != "id" and value is not None}
    return dumped(encode(data))


def stated(claimed: str) -> Any:
    """What an enterprise stated, without the day on which it was judged."""
    data = json.loads(claimed)
    return {name: value for name, value in data[1].items() if name not in ("on", "reviewed")}


def claim_of(claimed: str, number: str) -> Claim:
    """The claim that a decision was made of, with its 编号."""
    data = decode(json.loads(claimed))
    return Claim(**{name: value for name, value in data.items() if name in Claim._fields} | {"id": number})
