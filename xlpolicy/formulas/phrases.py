"""The fixed words of a provision's conditions, for a cell that cannot ask the trace: no values of a claim in them."""

from __future__ import annotations

from xlpolicy.law import nodes as n
from xlpolicy.law.records import Line, Rule
from xlpolicy.money import plain

_SIGNS = {
    "<=": "≤", ">=": "≥", "==": "＝", "!=": "≠", "*": "×", "/": "÷", "+": "＋", "-": "－", "<": "＜", ">": "＞",
}  # fmt: skip


class Phrases:
    """`numbers`: write the law's numbers out (else only their names, for a sheet where the number is a cell)."""

    def __init__(self, rule: Rule, *, numbers: bool) -> None:
        self.rule, self.numbers = rule, numbers

    def refusal(self, line: Line) -> str:
        """What was not met, for a condition of the rule."""
        if line.label:
            return line.label
        match line.node:
            case n.Input(name):
                return f"不符合“{self.label(name)}”"
            case n.Not(n.Input(name)):
                return self.label(name)
            case n.Compare(">", n.Input(name), n.Const(value)) if value == 0:
                return f"“{self.label(name)}”为 0"
            case n.Covered(name):
                table = self.rule.figures[name].table
                assert table is not None
                lowest = f"最低一档{table.texts[0][0] if self.numbers else ''}"
                return f"“{self.label(table.by)}”{'没有对应的档次' if table.mode == 'levels' else f'未达到{lowest}'}"
        return f"不满足“{self.text(line.node)}”"

    def label(self, name: str) -> str:
        return self.rule.input(name).label

    def text(self, node: n.Node) -> str:
        """The node by the labels of what it names."""
        match node:
            case n.Const(value):
                return value if isinstance(value, str) else plain(value) if not isinstance(value, bool) else "是"
            case n.Figure(name) | n.Lookup(name) | n.Covered(name):
                figure = self.rule.figures[name]
                return figure.label + (figure.text if self.numbers and figure.table is None else "")
            case n.Input(name):
                return self.label(name)
            case n.Given(name):
                return f"已填{self.label(name)}"
            case n.Term(name):
                return next(term.label for term in self.rule.terms if term.name == name)
            case n.Compare(op, n.Input(name), n.Const(str() as token)):
                shown = next(c.label for c in self.rule.input(name).choices if str(c.value) == token)
                return f"{self.label(name)} {_SIGNS[op]} {shown}"
            case n.Arith(op, left, right) | n.Compare(op, left, right):
                return f"{self.text(left)} {_SIGNS[op]} {self.text(right)}"
            case n.Logic(op, items):
                return ("，且" if op == "and" else "，或").join(map(self.text, items))
            case n.Not(item):
                return f"非（{self.text(item)}）"
            case n.Extreme(op, items):
                return f"{'取较小' if op == 'min' else '取较大'}（{'，'.join(map(self.text, items))}）"
            case n.Choose(test, then, other):
                return f"{self.text(then)}（{self.text(test)}时；否则 {self.text(other)}）"
