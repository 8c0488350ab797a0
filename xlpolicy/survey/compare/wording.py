"""The formulas of a provision in Chinese, with the numbers of the law written out and no values of a claim."""

from __future__ import annotations

from xlpolicy.claim.trace import Words
from xlpolicy.law import nodes as n
from xlpolicy.law.records import NATURES, Figure, Limit, Line, Rule


class LawWords(Words):
    """Names of inputs, and every figure with its number: `比例3% × 实际投资额`."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule, {}, names=True)

    def text(self, node: n.Node, parent: int = 0) -> str:
        match node:
            case n.Figure(name):
                figure = self.rule.figures[name]
                return f"{figure.label}{figure.text}"
            case n.Lookup(name):
                figure = self.rule.figures[name]
                return f"{figure.label}（{figure_text(self.rule, figure)}）"
            case n.Not(n.Input(name)):
                return f"“{self.rule.input(name).label}”为否"
            case n.Choose(test, then, other):
                text = f"若{self.test(test)}则 {self.text(then)}，否则 {self.text(other)}"
                return f"（{text}）" if parent else text
        return super().text(node, parent)

    def test(self, node: n.Node) -> str:
        """What a conditional asks."""
        return f"“{self.rule.input(node.name).label}”" if isinstance(node, n.Input) else self.text(node)


def formula(rule: Rule, line: Line | Limit) -> str:
    """A line or limit as a clerk would read it."""
    return LawWords(rule).text(line.node)


def condition(rule: Rule, line: Line) -> str:
    """A condition as a clerk would read it: `“属试点企业”为是`, `实际投资额 ≥ 门槛500万元`."""
    if isinstance(line.node, n.Input):
        return f"“{rule.input(line.node.name).label}”为是"
    return line.label or formula(rule, line)


def row_name(rule: Rule, figure: Figure, index: int) -> str:
    """What a row of a table figure is for: 国家级, 第2年, 500万元起, 超过5万元."""
    table = figure.table
    assert table is not None
    edge, key = table.rows[index][0], table.texts[index][0]
    if table.mode != "levels":
        return f"{key}起" if table.mode == "from" else f"超过{key}"
    item = rule.input(table.by)
    return next((c.label for c in item.choices if str(c.value) == str(edge)), f"第{key}{item.unit}")


def figure_text(rule: Rule, figure: Figure) -> str:
    """A figure's number, or its rows one after another."""
    if figure.table is None:
        return figure.text
    rows = (f"{row_name(rule, figure, i)} {text}" for i, (_, text) in enumerate(figure.table.texts))
    return "、".join(rows)


def brief(rule: Rule) -> str:
    """A provision in a few words: its nature and its numbers."""
    figures = [f"{f.label} {figure_text(rule, f)}" for f in rule.figures.values()]
    return "，".join([NATURES[rule.nature], *figures])
