"""Expression nodes: the small frozen language that every interpreter walks (exact, vector, native).

A formula of a policy file becomes one of these trees. Leaves name figures (numbers of the law), inputs
(facts of the claim) and terms (named intermediate results); the only constants are 0, 1, the 365 of a day
count, true/false and enum tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Const:
    value: Decimal | bool | str


@dataclass(frozen=True, slots=True)
class Figure:
    """A scalar figure of the provision, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """A table figure of the provision (tiers or levels), read at its `by` input."""

    name: str


@dataclass(frozen=True, slots=True)
class Covered:
    """True where the table figure has a row for its `by` input: the lowest tier is reached, the level is listed."""

    name: str


@dataclass(frozen=True, slots=True)
class Input:
    name: str


@dataclass(frozen=True, slots=True)
class Term:
    """A named intermediate result (`let`) of the provision."""

    name: str


@dataclass(frozen=True, slots=True)
class Given:
    """True where the claim states this optional input."""

    name: str


@dataclass(frozen=True, slots=True)
class Arith:
    op: Literal["+", "-", "*", "/"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Whole:
    """How many times the right goes into the left in full; nothing of a left below zero."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Compare:
    op: Literal["<", "<=", ">", ">=", "==", "!="]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic:
    op: Literal["and", "or"]
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    item: Node


@dataclass(frozen=True, slots=True)
class Extreme:
    op: Literal["min", "max"]
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choose:
    test: Node
    then: Node
    other: Node


Node = (
    Const | Figure | Lookup | Covered | Input | Term | Given | Arith | Whole | Compare | Logic | Not | Extreme | Choose
)


def children(node: Node) -> tuple[Node, ...]:
    """The direct sub-expressions of a node, in reading order."""
    match node:
        case Arith(_, left, right) | Compare(_, left, right) | Whole(left, right):
            return left, right
        case Logic(_, items) | Extreme(_, items):
            return items
        case Not(item):
            return (item,)
        case Choose(test, then, other):
            return test, then, other
        case _:
            return ()


def leaves(node: Node) -> list[Node]:
    """All leaves of a tree, in reading order."""
    below = children(node)
    return [leaf for child in below for leaf in leaves(child)] if below else [node]
