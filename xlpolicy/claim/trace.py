"""计算过程: the trace of one evaluation in the words of a clerk. Nothing is computed here, values are read off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from xlpolicy.claim.exact import Env, Outcome
from xlpolicy.law import nodes as n
from xlpolicy.law.records import SCOPES, Figure, Input, Kind, Line, Rule
from xlpolicy.money import CENT, EXACT, plain, round_half_up, show_rate

_SIGNS = {"<=": "≤", ">=": "≥", "==": "＝", "!=": "≠", "*": "×", "/": "÷", "+": "＋", "-": "－", "<": "＜", ">": "＞"}
#: a hundredth of a cent, and the last digit shown of a rate
_FINE, _FINEST = CENT.scaleb(-2), CENT.scaleb(-6)
_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2}


class Step(NamedTuple):
    """One line of the calculation: what it is, the formula with numbers, its value, where it stands in the law."""

    what: str
    formula: str
    value: str
    pinpoint: str


def show(value: Any, kind: Kind, unit: str = "") -> str:
    """A value as a clerk writes it: 8,000,000元, 3%, 20家, 是, 2026-06-30."""
    if value is None:
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date):
        return value.isoformat()
    if not isinstance(value, Decimal):
        return str(value)
    if kind == "money":
        exact = value == round_half_up(value)
        return ("" if exact else "约") + plain(value if exact else value.quantize(_FINE, context=EXACT)) + "元"
    if kind == "rate":
        return show_rate(value.quantize(_FINEST, context=EXACT))
    return plain(value) + unit


def _kind(item: Input) -> Kind:
    return "count" if item.type == "integer" else item.type


class Words:
    """Renders nodes of one rule, by name (`names=True`) or with the values of `env`.

    A conditional shows the branch taken where `env` is that of an evaluation, else both.
    """

    def __init__(self, rule: Rule, env: Env, *, names: bool = False) -> None:
        self.rule, self.env, self.names = rule, env, names

    def text(self, node: n.Node, parent: int = 0) -> str:
        """The node as a formula; parentheses only where precedence needs them."""
        match node:
            case n.Const(value):
                return show(value, "any")
            case n.Figure(name):
                figure = self.rule.figures[name]
                return figure.label if self.names else f"{figure.label}{figure.text}"
            case n.Lookup(name):
                figure = self.rule.figures[name]
                return figure.label if self.names else figure.label + row_text(figure, self.env.get(node))
            case n.Covered(name):
                return self.covered(self.rule.figures[name])
            case n.Input(name):
                item = self.rule.input(name)
                return item.label if self.names else self.value_of(item)
            case n.Term(name):
                line = next(t for t in self.rule.terms if t.name == name)
                return line.label if self.names else show(self.env[name], line.kind)
            case n.Given(name):
                return f"已填{self.rule.input(name).label}"
            case n.Arith(op, left, right):
                level = _BINDING[op]
                text = f"{self.text(left, level)} {_SIGNS[op]} {self.text(right, level + (op in '-/'))}"
                return f"（{text}）" if level < parent else text
            case n.Compare(op, n.Input(name) as left, n.Const(str(token))):
                return f"{self.text(left)} {_SIGNS[op]} {choice_label(self.rule.input(name), token)}"
            case n.Compare(op, left, right):
                return f"{self.text(left)} {_SIGNS[op]} {self.text(right)}"
            case n.Logic(op, items):
                return ("，且" if op == "and" else "，或").join(self.text(item) for item in items)
            case n.Not(n.Input(name)):
                return f"没有“{self.rule.input(name).label}”的情形"
            case n.Not(item):
                return f"并非（{self.text(item)}）"
            case n.Extreme(op, items):
                word = "取较小" if op == "min" else "取较大"
                return f"{word}（{'，'.join(self.text(item) for item in items)}）"
            case n.Choose(test, then, other):
                if self.names and node not in self.env:
                    return f"{self.text(then)}（{self.text(test)}时；否则 {self.text(other)}）"
                return self.text(then if self.env.get(node) else other, parent)

    def value_of(self, item: Input) -> str:
        value = self.env.get(item.name)
        if item.choices:
            return choice_label(item, value) or show(value, _kind(item))
        return show(value, _kind(item), item.unit)

    def covered(self, figure: Figure) -> str:
        table = figure.table
        assert table is not None
        item = self.rule.input(table.by)
        label = item.label if self.names else f"{item.label}{self.value_of(item)}"
        if table.mode == "levels":
            return f"{label} 在 {'、'.join(plain(row[0]) + item.unit for row in table.rows)} 之列"
        return f"{label} {'≥' if table.mode == 'from' else '＞'} 最低一档{table.texts[0][0]}"


def choice_label(item: Input, value: Any) -> str:
    """The label of an input's option; empty for a value that is none."""
    return next((c.label for c in item.choices if str(c.value) == str(value)), "")


def row_text(figure: Figure, index: int | None) -> str:
    """The figure's text in the row that was read."""
    assert figure.table is not None
    return "（无对应档次）" if index is None else figure.table.texts[index][1]


def reason(rule: Rule, env: Env, line: Line) -> str:
    """Why a condition failed, what the provision asks for, and the article where that is another's."""
    return _reason(rule, env, line.node, line.label) + (f"（{line.at}）" if line.at else "")


def _reason(rule: Rule, env: Env, node: n.Node, label: str) -> str:
    if label:
        return label
    words, names = Words(rule, env), Words(rule, env, names=True)
    match node:
        case n.Input(name):
            return f"不符合“{rule.input(name).label}”"
        case n.Not(n.Input(name)):
            return f"{rule.input(name).label}，按条文不予补助"
        case n.Compare(">", n.Input(name), n.Const(value)) if value == 0:
            return f"“{rule.input(name).label}”为 0，没有可核算的内容"
        case n.Covered(name):
            return f"未达到“{words.covered(rule.figures[name])}”"
        case n.Choose(_, then, other):
            return _reason(rule, env, then if env.get(node) else other, "")
        case n.Compare(op, left, right):
            return f"{names.text(left)}为 {words.text(left)}，不满足“{_SIGNS[op]} {words.text(right)}”"
    return f"不满足“{names.text(node)}”（{words.text(node)}）"


def _condition(words: Words, names: Words, node: n.Node) -> str:
    if isinstance(node, n.Choose) and node in words.env:
        return _condition(words, names, node.then if words.env[node] else node.other)
    if isinstance(node, n.Compare):
        return f"{names.text(node.left)} {words.text(node)}"
    return names.text(node) if isinstance(node, n.Input | n.Not) else words.text(node)


def _branches(line: Line, words: Words, names: Words) -> Iterator[Step]:
    """Which way every conditional of a line went."""
    queue = [line.node]
    while queue:
        node = queue.pop(0)
        queue = [*n.children(node), *queue]
        if isinstance(node, n.Choose) and node in words.env:
            met = "成立" if words.env[node] else "不成立"
            yield Step("判断", _condition(words, names, node.test), met, line.at or words.rule.at)


def steps(outcome: Outcome) -> tuple[Step, ...]:
    """The long form, line by line: conditions, terms, amount, limits, result."""
    rule, env = outcome.rule, outcome.env
    words, names = Words(rule, env), Words(rule, env, names=True)
    out: list[Step] = []
    for line, met in outcome.conditions:
        if not line.source and met:
            continue
        stated = line.label and (met or isinstance(line.node, n.Const))
        text = line.label if stated else _condition(words, names, line.node)
        out.append(Step("条件", text, "成立" if met else "不成立", line.at or rule.at))
    if not outcome.eligible:
        return (*out, Step("核定", "条件不成立，不予补助", "0.00元", rule.at))
    for line in rule.terms:
        out.extend(_branches(line, words, names))
        out.append(Step(line.label, words.text(line.node), show(env[line.name], line.kind), line.at or rule.at))
    assert rule.amount is not None
    out.extend(_branches(rule.amount, words, names))
    out.append(Step(names.text(rule.amount.node), words.text(rule.amount.node), show(outcome.raw, "money"), rule.at))
    before = outcome.raw
    for limit, maximum, spent, after in outcome.limits:
        scope = f"（{SCOPES[limit.per]}）" if limit.per else ""
        text = f"{limit.label}{show(maximum, 'money')}{scope}"
        if spent:
            text += f" － 已兑现{show(spent, 'money')}"
        out.append(
            Step(
                "封顶" if limit.per else "限额",
                text,
                f"取{show(after, 'money')}" if after < before else "未超过",
                limit.at or rule.at,
            )
        )
        before = after
    out.append(Step("核定", "四舍五入到分", f"{outcome.amount:,.2f}元", rule.at))
    return tuple(out)


def one_line(outcome: Outcome) -> str:
    """The short form: 比例3% × 8,000,000元 = 240,000元，未超过封顶5,000,000元，核定 240,000.00元."""
    rule = outcome.rule
    if not outcome.eligible:
        why = "；".join(reason(rule, outcome.env, line) for line, met in outcome.conditions if not met)
        return f"不予补助：{why}（{rule.at}）"
    assert rule.amount is not None
    words = Words(rule, outcome.env)
    parts = [f"{words.text(rule.amount.node)} ＝ {show(outcome.raw, 'money')}"]
    before = outcome.raw
    for limit, maximum, spent, after in outcome.limits:
        left = f"（已兑现{show(spent, 'money')}）" if spent else ""
        verb = "超过" if after < before else "未超过"
        tail = f"，取{show(after, 'money')}" if after < before else ""
        parts.append(f"{verb}{limit.label}{show(maximum, 'money')}{left}{tail}")
        before = after
    return "，".join(parts) + f"，核定 {outcome.amount:,.2f}元（{rule.at}）"
