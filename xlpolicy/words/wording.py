"""A provision in Chinese: its formulas, conditions, figures and refusals, and no values of a claim."""

from __future__ import annotations

import datetime as dt
from typing import Any

from xlpolicy.law import nodes as n
from xlpolicy.law.labels import DIMENSIONS, SCOPES
from xlpolicy.law.records import Figure, Input, Limit, Line, Rule
from xlpolicy.money import CENT
from xlpolicy.words.shown import nature_word, show

#: what a year counts in days: the one bare number of the law's arithmetic beside 0 and 1, and as banks count
DAYS = (365, 360)
#: what a label says of which a number is one
WHICH = "第几"
_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2}
SIGNS = {"<=": "≤", ">=": "≥", "==": "＝", "!=": "≠", "*": "×", "/": "÷", "+": "＋", "-": "－", "<": "＜", ">": "＞"}

#: where a limit stands that no article writes
READING = "读法"
#: whose days a term of interest counts (`Term.per`)
TERM_OF = {
    "loan": "同一笔贷款各次",
    "project": "自项目首笔贷款投放起，同一笔贷款各次",
    "enterprise": "同一企业各笔贷款",
}


class Words:
    """The nodes of one rule in words, by the labels of what they name: `比例3% × 实际投资额`.

    `numbers`: whether every figure stands with its number (else a cell beside it does). `claim.trace` puts the values
    of a claim in the place of the inputs.
    """

    def __init__(self, rule: Rule, *, numbers: bool = True) -> None:
        self.rule, self.numbers = rule, numbers

    def text(self, node: n.Node, parent: int = 0) -> str:
        """The node as a formula; parentheses only where precedence needs them."""
        match node:
            case n.Const(value):
                return "一分" if value == CENT else show(value, "any") + ("天" if value in DAYS else "")
            case n.Figure(name):
                figure = self.rule.figures[name]
                return figure.label + (figure.text if self.numbers else "")
            case n.Lookup(name):
                figure = self.rule.figures[name]
                return figure.label + (f"（{figure_text(self.rule, figure)}）" if self.numbers else "")
            case n.Covered(name):
                return self.covered(self.rule.figures[name])
            case n.Input(name):
                return self.rule.input(name).label
            case n.Term(name):
                return next(term.label for term in self.rule.terms if term.name == name)
            case n.Given(name):
                return f"已填{self.rule.input(name).label}"
            case n.Arith("*", n.Whole(left, unit), right) if right == unit:
                return f"（{self.text(left)}，不足{self.text(unit)}的舍去）"
            case n.Arith(op, left, right):
                level = _BINDING[op]
                text = f"{self.text(left, level)} {SIGNS[op]} {self.text(right, level + (op in '-/'))}"
                return f"（{text}）" if level < parent else text
            case n.Whole(left, right):
                return f"（{self.text(left, 2)} ÷ {self.text(right, 3)}，不足整份的不计）"
            case n.Compare(op, n.Input(name) as left, n.Const(str(token))):
                return f"{self.text(left)} {SIGNS[op]} {choice_label(self.rule.input(name), token)}"
            case n.Compare(op, left, right):
                return f"{self.text(left)} {SIGNS[op]} {self.text(right)}"
            case n.Logic(op, items):
                return ("，且" if op == "and" else "，或").join(self.text(item) for item in items)
            case n.Not(n.Input(name)):
                return f"没有“{self.rule.input(name).label}”的情形"
            case n.Not(item):
                return f"并非（{self.text(item)}）"
            case n.Extreme("max", (item, n.Const(value))) if value == 0:
                return f"（{self.text(item)}，不足零的按零）"
            case n.Extreme(op, items):
                told = f"{'、'.join(self.text(item) for item in items)}，取较{'小' if op == 'min' else '大'}的"
                return f"（{told}）" if parent else told
            case n.Choose(test, then, other):
                text = f"若{self.test(test)}，则 {self.text(then)}，否则 {self.text(other)}"
                return f"（{text}）" if parent else text

    def test(self, node: n.Node) -> str:
        """What a conditional asks."""
        return f"“{self.rule.input(node.name).label}”" if isinstance(node, n.Input) else self.text(node)

    def asked(self, node: n.Node) -> str:
        """A node that is a condition: 属试点企业; 属广交会的，不予补助; 中央贴息比例 ＞ 0 的，须属市重点技改项目."""
        match node:
            case n.Input(name):
                return self.rule.input(name).label
            case n.Not(n.Input(name)):
                return f"{self.rule.input(name).label}的，不予补助"
            case n.Given(name):
                return f"写明“{self.rule.input(name).label}”"
            case n.Choose(test, then, n.Const(True)):
                return f"{self.test(test)} 的，须{self.asked(then)}"
        return self.text(node)

    def stated(self, item: Input) -> str:
        """An input as it stands in front of what is asked of it."""
        return item.label

    def covered(self, figure: Figure) -> str:
        """That a value reaches a table: its lowest row, or one of its levels."""
        table = figure.table
        assert table is not None
        item = self.rule.input(table.by)
        label = self.stated(item)
        if table.mode == "levels":
            return f"{label}，{self.rows(figure)}"
        lowest = f"最低一档{table.texts[0][0] if self.numbers else ''}"
        return f"{label}{'达到' if table.mode == 'from' else '超过'}{lowest}"

    def rows(self, figure: Figure) -> str:
        """What a table of levels lists."""
        assert figure.table is not None
        return f"条文只有{'、'.join(row_name(self.rule, figure, i) for i in range(len(figure.table.rows)))}"

    def value_of(self, item: Input) -> str:
        """The value of an input, as far as one is known."""
        return "其他"

    def short_of(self, figure: Figure) -> str:
        """That a value does not reach a table."""
        table = figure.table
        assert table is not None
        if table.mode == "levels":
            item = self.rule.input(table.by)
            is_it = self.stated(item) if WHICH in item.label else f"{item.label}为{self.value_of(item)}"
            return f"{is_it}，{self.rows(figure)}"
        verb = "未达到" if table.mode == "from" else "未超过"
        return f"{self.stated(self.rule.input(table.by))}，{verb}最低一档{table.texts[0][0]}"

    def refusal(self, node: n.Node, label: str = "") -> str:
        """Why a condition is not met; `label`: the law's own name for it."""
        if label:
            return label
        match node:
            case n.Input(name):
                label = self.rule.input(name).label
                return f"不{label}" if label.startswith("符合") else f"不符合“{label}”"
            case n.Not(n.Input(name)):
                return f"{self.rule.input(name).label}，属条文排除的情形"
            case n.Compare(">", n.Arith("+", n.Input(name), n.Input(other)), n.Const(value)) if value == 0:
                labels = "”“".join(self.rule.input(x).label for x in (name, other))
                return f"“{labels}”都是 0，没有可核算的内容"
            case n.Compare(">", n.Input(name), n.Const(value)) if value == 0:
                return f"“{self.rule.input(name).label}”为 0，没有可核算的内容"
            case n.Given(name):
                return f"未填“{self.rule.input(name).label}”"
            case n.Covered(name):
                return self.short_of(self.rule.figures[name])
            case n.Choose(_, n.Covered() as reached, n.Const(True)):
                return self.refusal(reached)
        return f"不满足“{self.text(node)}”"


def choice_label(item: Input, value: Any) -> str:
    """The label of an input's option; empty for a value that is none."""
    return next((c.label for c in item.choices if str(c.value) == str(value)), "")


def formula(rule: Rule, line: Line | Limit) -> str:
    """A line or limit as a clerk would read it."""
    return Words(rule).text(line.node)


def limit_text(rule: Rule, limit: Limit) -> str:
    """A limit: its maximum, what it is counted over, what goes off first, and when it holds."""
    text = formula(rule, limit)
    parts = [text if text.startswith(limit.label) else f"{limit.label}＝{text}"]
    if limit.per:
        parts.append(scope_text(rule, limit.per))
    if limit.used:
        parts.append(f"先扣“{rule.input(limit.used).label}”")
    if limit.when:
        parts.append(f"{Words(rule).test(limit.when)}时")
    return "，".join(parts)


def condition(rule: Rule, line: Line) -> str:
    """A condition as a clerk would read it: `属试点企业`, `实际投资额 ≥ 门槛500万元`."""
    return Words(rule).asked(line.node)


def row_name(rule: Rule, figure: Figure, index: int) -> str:
    """What a row of a table figure is for: 国家级, 第2年, 500万元起, 超过5万元."""
    table = figure.table
    assert table is not None
    edge, key = table.rows[index][0], table.texts[index][0]
    if table.mode != "levels":
        return f"{key}起" if table.mode == "from" else f"超过{key}"
    item = rule.input(table.by)
    return next((c.label for c in item.choices if str(c.value) == str(edge)), f"第{key}{item.unit}")


def tier(rule: Rule, figure: Figure, index: int | None, value: str) -> str:
    """Which row of a table a value is in, and why: 19家，达到10家档."""
    table = figure.table
    assert table is not None
    if table.mode == "levels":
        label = rule.input(table.by).label
        if index is None:
            return f"{label}未列入"
        return value if WHICH in label else f"{label}为{row_name(rule, figure, index)}"
    verb = "达到" if table.mode == "from" else "超过"
    return f"{value}，未{verb}最低一档" if index is None else f"{value}，{verb}{table.texts[index][0]}档"


def figure_text(rule: Rule, figure: Figure) -> str:
    """A figure's number, or its rows one after another."""
    if figure.table is None:
        return figure.text
    rows = [f"{row_name(rule, figure, i)} {text}" for i, (_, text) in enumerate(figure.table.texts)]
    return "、".join(["不到最低一档 0"] * (figure.table.below == "0") + rows)


#: what a limit is for, where it is not counted in pieces
_EACH = {"loan": "每笔贷款", "session": "每场（次）", "document": "全部", "year": "每年", "month": "每月"}


def scope_text(rule: Rule, per: tuple[str, ...]) -> str:
    """What a limit is for: 每个企业每年; 每个集群、每个层级 (not its 集群层级: the cluster is named just before)."""
    named = rule.object if "object" in per else ""
    if per in SCOPES:
        return SCOPES[per].replace(DIMENSIONS["object"], named) if named else SCOPES[per]
    told, before = "", ""
    for name in per:
        if name in _EACH:
            told += _EACH[name]
            continue
        label = DIMENSIONS[name] if name in DIMENSIONS else rule.input(name).label
        label = (named or label) if name == "object" else label.removeprefix(before) or label
        told += f"{'、' * bool(told)}每个{label}"
        before = label
    return told


def scope_words(rule: Rule, scope: tuple[str, ...]) -> str:
    """A scope in words: 同一企业、同一年度、同一认定层级."""
    dims = DIMENSIONS | {"year": "年度", "month": "月份", "object": rule.object or DIMENSIONS["object"]}
    return "、".join(f"同一{dims[x] if x in dims else rule.input(x).label}" for x in scope)


def brief(rule: Rule) -> str:
    """A provision in a few words: its nature and its numbers."""
    figures = [f"{f.label} {figure_text(rule, f)}" for f in rule.figures.values()]
    return "，".join([nature_word(rule), *figures])


def span(first: dt.date | None, last: dt.date | None) -> str:
    """A period in words."""
    return f"{first or '（未定）'} 至 {last or '（未定）'}"
