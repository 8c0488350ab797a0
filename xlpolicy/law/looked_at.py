"""Which inputs and figures a formula of a rule looks at, and whether a refusal of the rule can rest on one left blank."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from xlpolicy.law import nodes as n
from xlpolicy.law.records import Line, Rule


@lru_cache(4096)
def may_be_open(rule: Rule) -> bool:
    """Whether a refusal of the rule can rest on a blank at all."""
    given = any(isinstance(line.node, n.Given) for line in rule.conditions)
    return given or any(item.at_most is not None for item in rule.inputs)


def named(rule: Rule, node: n.Node) -> Iterator[str]:
    """The inputs that a formula looks at, those of its terms and tables included."""
    terms = {line.name: line.node for line in rule.terms}
    for leaf in n.leaves(node):
        match leaf:
            case n.Input(name) | n.Given(name):
                yield name
            case n.Term(name):
                yield from named(rule, terms[name])
            case n.Lookup(name) | n.Covered(name):
                table = rule.figures[name].table
                if table is not None:
                    yield table.by


def figures_of(rule: Rule, node: n.Node) -> set[str]:
    """Names of the figures that a formula reads, those of its terms included."""
    terms = {line.name: line.node for line in rule.terms}
    found: set[str] = set()
    for leaf in n.leaves(node):
        if isinstance(leaf, n.Term):
            found |= figures_of(rule, terms[leaf.name])
        elif isinstance(leaf, n.Figure | n.Lookup):
            found.add(leaf.name)
    return found


def valued(node: n.Node) -> Iterator[n.Node]:
    """The inputs and terms whose values a formula shows; what a conditional asks is told apart from it."""
    if isinstance(node, n.Input | n.Term):
        yield node
    for child in (node.then, node.other) if isinstance(node, n.Choose) else n.children(node):
        yield from valued(child)


def thresholds(rule: Rule) -> tuple[Line, ...]:
    """The conditions that hold a value against the law's numbers, where the amount is of no sum: why it is due."""
    if rule.amount is None or any(rule.input(name).type == "money" for name in named(rule, rule.amount.node)):
        return ()
    return tuple(
        line
        for line in rule.conditions
        if line.source and isinstance(line.node, n.Compare) and figures_of(rule, line.node)
    )
