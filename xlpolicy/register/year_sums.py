"""What a year's sum (`least`) adds to what a claim is due alone: a review may find so much right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from xlpolicy.money import ZERO
from xlpolicy.register.standing import Standing


def more_due(cuts: Iterable[Mapping[str, str]], rule: str) -> Decimal:
    """In yuan, by the cuts of a settlement as they are kept; below zero where earlier claims were due part of it."""
    return -sum((Decimal(cut["amount"]) for cut in cuts if cut["rule"] == f"{rule}.least"), ZERO)


def most(standing: Standing) -> Decimal:
    """The most that a review may find right: 测算额, or what the newest settlement found due with the year's other claims."""
    line = standing.line
    if line is None or line.decision != standing.decision:
        return standing.amount
    return max(standing.amount, standing.amount + more_due(line.cuts, standing.rule))
