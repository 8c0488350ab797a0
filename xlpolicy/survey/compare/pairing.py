"""Which figure and which input of one provision answers to which of another, and whether two formulas say the same.

A figure answers to the one of its name and kind; what is left pairs by kind and by the part it plays (amount,
condition, limit, quota), where that leaves one on either side. An input answers to the one of its name and type, the
primary inputs to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xlpolicy.law import nodes as n
from xlpolicy.law.looked_at import figures_of
from xlpolicy.law.records import Figure, Limit, Line, Rule


def roles(rule: Rule, name: str) -> frozenset[str]:
    """The parts a figure plays in its provision."""
    lines: list[tuple[str, Line | Limit]] = [("limit", x) for x in rule.limits]
    lines += [("condition", x) for x in rule.conditions if x.source]
    lines += [("amount", rule.amount)] if rule.amount else []
    found = {role for role, line in lines if name in figures_of(rule, line.node)}
    return frozenset(found | {"quota" for q in rule.quotas if q.figure == name})


@dataclass(frozen=True, slots=True)
class Pairs:
    """Old name -> new name, for figures and inputs of two provisions. `unchanged`: what only reads otherwise, and why."""

    old: Rule
    new: Rule
    figures: Mapping[str, str]
    inputs: Mapping[str, str]
    unchanged: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, old: Rule, new: Rule, unchanged: Mapping[str, str] | None = None) -> Pairs:
        figures = {
            name: name for name, f in old.figures.items() if name in new.figures and new.figures[name].kind == f.kind
        }
        left: dict[Hashable, tuple[list[str], list[str]]] = {}
        for side, rule in enumerate((old, new)):
            for name, figure in rule.figures.items():
                if name not in figures:
                    left.setdefault((figure.kind, roles(rule, name)), ([], []))[side].append(name)
        figures |= {a[0]: b[0] for a, b in left.values() if len(a) == len(b) == 1}
        types = {item.name: item.type for item in new.inputs}
        inputs = {item.name: item.name for item in old.inputs if types.get(item.name) == item.type}
        if old.inputs and new.inputs:
            first, second = old.inputs[0], new.inputs[0]
            if first.type == second.type and first.name not in inputs and second.name not in inputs:
                inputs[first.name] = second.name
        return cls(old, new, figures, inputs, unchanged or {})

    def same(self, left: n.Node | None, right: n.Node | None) -> bool:
        """Whether an old and a new formula say the same, whatever their figures now amount to."""
        if left is None or right is None:
            return left is right
        back = {("figure", b): a for a, b in self.figures.items()} | {("input", b): a for a, b in self.inputs.items()}
        shape = _shape(self.new, right, lambda key: (key[0], back.get(key, f"?{key[1]}")))
        return bool(_shape(self.old, left, lambda key: key) == shape)


_Key = tuple[str, str]
_COMMUTE = ("+", "*")


def _shape(rule: Rule, node: n.Node, name: Callable[[_Key], _Key]) -> Any:
    """A formula without the order of what may be exchanged, its terms written out."""

    def go(item: n.Node) -> Any:
        return _shape(rule, item, name)

    match node:
        case n.Const(value):
            return ("const", str(value))
        case n.Figure(key) | n.Lookup(key) | n.Covered(key):
            return name(("figure", key))
        case n.Input(key):
            return name(("input", key))
        case n.Given(key):
            return ("given", name(("input", key)))
        case n.Term(key):
            return go(next(t.node for t in rule.terms if t.name == key))
        case n.Arith(op, _, _) if op in _COMMUTE:
            return (op, *sorted(map(go, _flat(node, op)), key=repr))
        case n.Extreme(op, items) | n.Logic(op, items):
            return (op, *sorted(map(go, items), key=repr))
        case n.Arith(op, left, right) | n.Compare(op, left, right):
            return (op, go(left), go(right))
    return (type(node).__name__, *map(go, n.children(node)))


def _flat(node: n.Node, op: str) -> Iterable[n.Node]:
    if isinstance(node, n.Arith) and node.op == op:
        yield from _flat(node.left, op)
        yield from _flat(node.right, op)
    else:
        yield node


def moved(old: Figure, new: Figure) -> int:
    """1 raised, -1 lowered, 0 the same, for figures without a table."""
    return (new.value > old.value) - (new.value < old.value)  # type: ignore[operator]
