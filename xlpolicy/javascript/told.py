"""What a decision says, with gaps where the values of a claim go: the words of `claim.trace`, for `engine/trace.js`.

A text is a list of plain texts and gaps. A gap is `["v", input]` (its value), `["n", input]` (without its unit), `["w", term]` (its worth), `["r", figure]`
(the row that was read), `["c", node, then, other, unasked]` (the way a conditional went; `unasked`: where it was not
evaluated), `["s", node, input]` (what a sum comes to, as a value of the input is written) or `["z", node, above, below]`
(a difference that is held at zero). A node is its place among `Nodes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from xlpolicy.claim.binding import plan
from xlpolicy.claim.trace import WORKED_OUT, Told, scope_note
from xlpolicy.law import nodes as n
from xlpolicy.law.looked_at import thresholds
from xlpolicy.law.records import Figure, Input, Line, Rule
from xlpolicy.words.wording import Words, tier

Text = list[Any]
_GAP = re.compile("\ue000(\\d+)\ue001")


class Nodes:
    """The nodes of one rule that its texts speak of, each once, in the order in which they are met."""

    def __init__(self, roots: Iterable[n.Node]) -> None:
        self.places: dict[n.Node, int] = {}
        for root in roots:
            self._meet(root)

    def _meet(self, node: n.Node) -> None:
        if isinstance(node, n.Choose):
            self.place(node)
        for child in n.children(node):
            self._meet(child)

    def place(self, node: n.Node) -> int:
        return self.places.setdefault(node, len(self.places))


class Gapped(Told):
    """The nodes of a rule in words, a gap for whatever hangs on the claim."""

    def __init__(self, rule: Rule, nodes: Nodes, gaps: list[Text] | None = None, *, names: bool = False) -> None:
        super().__init__(rule, {}, names=names)
        self.nodes, self.gaps = nodes, [] if gaps is None else gaps

    def named(self) -> Told:
        return Gapped(self.rule, self.nodes, self.gaps, names=True)

    def gap(self, *parts: Any) -> str:
        self.gaps.append(list(parts))
        return f"\ue000{len(self.gaps) - 1}\ue001"

    def filled(self, text: str | None) -> Text | None:
        """A text of this class as a list of texts and gaps."""
        if text is None:
            return None
        parts = _GAP.split(text)
        return [self._deep(self.gaps[int(part)]) if i % 2 else part for i, part in enumerate(parts) if part]

    def _deep(self, gap: Text) -> Text:
        kind, at, *texts = gap
        return gap if kind == "s" else [kind, at, *map(self.filled, texts)]

    def _went(self, node: n.Choose, told: Callable[[n.Node], str], unasked: str | None = None) -> str:
        return self.gap("c", self.nodes.place(node), told(node.then), told(node.other), unasked)

    def text(self, node: n.Node, parent: int = 0) -> str:
        match node:
            case n.Choose():
                unasked = Words.text(self, node, parent) if self.names else None
                return self._went(node, lambda part: self.text(part, parent), unasked)
            case n.Lookup(name) if not self.names:
                return self.rule.figures[name].label + self.gap("r", name)
            case n.Extreme("max", (item, n.Const(value))) if value == 0 and not self.names:
                below = Words.text(self, node, parent)
                return self.gap("z", self.nodes.place(item), self.text(item, parent), below)
        return super().text(node, parent)

    def formula(self, node: n.Node) -> str:
        return self._went(node, self.formula) if isinstance(node, n.Choose) else super().formula(node)

    def value_of(self, item: Input) -> str:
        return self.gap("v", item.name)

    def number_of(self, item: Input) -> str:
        return self.gap("n", item.name)

    def worth(self, line: Line) -> str:
        return self.gap("w", line.name)

    def worked(self, node: n.Node, item: Input) -> str:
        return self.gap("s", self.nodes.place(node), item.name)

    def refusal(self, node: n.Node, label: str = "") -> str:
        if isinstance(node, n.Choose) and not label:
            return self._went(node, self.refusal)
        return super().refusal(node, label)

    def condition(self, node: n.Node) -> str:
        if isinstance(node, n.Choose):
            return self._went(node, self.condition, self.asked(node))
        return super().condition(node)


def told(rule: Rule, nodes: Nodes) -> dict[str, Any]:
    """The texts of a computable rule, in the order of its lines."""
    assert rule.amount is not None
    words = Gapped(rule, nodes)
    by_name, plainly = words.by_name, Words(rule)

    def line(item: Line, text: str) -> dict[str, Any]:
        return {"text": words.filled(text), "names": words.filled(by_name.text(item.node))}

    def term(item: Line) -> dict[str, Any]:
        held = words.held(item)
        cut = {"of": held[0], "text": words.filled(held[1])} if held else None
        return {**line(item, words.with_labels(item.node)), "cut": cut}

    def conditional(node: n.Choose) -> dict[str, Any]:
        ways = {
            "yes": words.way(node.test, True),
            "no": words.way(node.test, False),
            "asks": words.condition(node.test),
        }
        return {name: words.filled(text) for name, text in ways.items()}

    return {
        "conditions": [
            {
                "text": words.filled(words.condition(item.node)),
                "refusal": words.filled(words.refusal(item.node, item.label)),
                "asked": plainly.asked(item.node),
                "reached": words.filled(words.way(item.node, True)) if item in thresholds(rule) else None,
            }
            for item in rule.conditions
        ],
        "terms": {item.name: term(item) for item in rule.terms},
        "amount": line(rule.amount, words.formula(rule.amount.node)),
        "limits": [
            {
                "scope": scope_note(rule, limit),
                "text": words.filled(words.with_labels(limit.node)) if isinstance(limit.node, WORKED_OUT) else None,
            }
            for limit in rule.limits
        ],
        "ways": {place: conditional(node) for node, place in list(nodes.places.items()) if isinstance(node, n.Choose)},
        "tiers": {name: _tiers(words, figure) for name, figure in rule.figures.items() if figure.table},
        "asks": plan(rule).asks,
    }


def _tiers(words: Gapped, figure: Figure) -> list[Text | None]:
    """Why a row is the one that was read: of none, then of each."""
    assert figure.table is not None
    value = words.stated(words.rule.input(figure.table.by))
    rows = (None, *range(len(figure.table.rows)))
    return [words.filled(tier(words.rule, figure, index, value)) for index in rows]
