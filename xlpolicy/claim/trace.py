"""计算过程: the trace of one evaluation in the words of a clerk. Nothing is computed here, values are read off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import localcontext
from typing import Any, NamedTuple

from xlpolicy.claim.blanks import greatest
from xlpolicy.claim.exact import Env, Outcome, predicate
from xlpolicy.claim.period import outside
from xlpolicy.law import nodes as n
from xlpolicy.law.looked_at import named, thresholds, valued
from xlpolicy.law.records import Figure, Input, Limit, Line, Rule
from xlpolicy.money import EXACT, ZERO
from xlpolicy.words.inputs import default_text
from xlpolicy.words.shown import kind_of, show
from xlpolicy.words.wording import READING, SIGNS, WHICH, Words, choice_label, scope_text, tier

#: what a comparison that fails says
MET = {">=": "达到", ">": "超过", "<=": "未超过", "<": "未达到"}
SHORT = {">=": "未达到", ">": "未超过", "<=": "超过了", "<": "达到了", "==": "不是", "!=": "是"}
#: a maximum that stands in no article as such and is worked out for the claim
WORKED_OUT = (n.Arith, n.Extreme)


class Step(NamedTuple):
    """One line of the calculation: what it is, the formula with numbers, its value, where it stands in the law."""

    what: str
    formula: str
    value: str
    pinpoint: str


class Told(Words):
    """The nodes of one rule with the values of a claim, or (`names`) by name with the way every conditional went."""

    def __init__(self, rule: Rule, env: Env, *, names: bool = False, blank: Iterable[Input] = ()) -> None:
        super().__init__(rule, numbers=not names)
        self.env, self.names = env, names
        self._twin: Told | None = None
        self.labelled = False
        self.blank = frozenset(item.name for item in blank if item.default_from)

    def text(self, node: n.Node, parent: int = 0) -> str:
        """The node as a formula; of a conditional that was evaluated, the branch taken."""
        match node:
            case n.Choose(_, then, other) if node in self.env or not self.names:
                return self.text(then if self.env.get(node) else other, parent)
            case n.Lookup(name) if not self.names:
                figure = self.rule.figures[name]
                return figure.label + row_text(figure, self.env.get(node))
            case n.Input(name) if not self.names:
                item = self.rule.input(name)
                return (item.label if self.labelled else "") + self.value_of(item)
            case n.Extreme("max", (item, n.Const(value))) if value == 0 and not self.names and self.above_zero(item):
                return self.text(item, parent)
            case n.Extreme(_, items) if not (self.names or self.labelled) and items[-1] != n.Const(ZERO):
                return self.with_labels(node, parent)
            case n.Term(name) if not self.names:
                line = next(term for term in self.rule.terms if term.name == name)
                return line.label + self.worth(line)
        return super().text(node, parent)

    def with_labels(self, node: n.Node, parent: int = 0) -> str:
        """What a value is compared with, or one of several is taken of: its inputs with their labels."""
        self.labelled = True
        try:
            return self.text(node, parent)
        finally:
            self.labelled = False

    def formula(self, node: n.Node) -> str:
        """A formula with its values, the inputs by their labels where more than one value stands: which is which."""
        node = taken(node, self.env)
        return self.with_labels(node) if len(set(valued(node))) > 1 else self.text(node)

    def held(self, line: Line) -> tuple[str, str] | None:
        """Of a term that holds an input at a maximum: that input, how much of it counts and why."""
        match line.node:
            case n.Extreme("min", (n.Input(name), *rest)):
                stated, most = self.stated(self.rule.input(name)), "、".join(map(self.with_labels, rest))
                return name, f"{stated}，只计{self.worth(line)}（{most}）"
        return None

    @property
    def by_name(self) -> Told:
        """The same nodes by name."""
        if self._twin is None:
            self._twin = self.named()
        return self._twin

    def named(self) -> Told:
        return Told(self.rule, self.env, names=True)

    def value_of(self, item: Input) -> str:
        """The stated value, an option by its label."""
        value = self.env.get(item.name)
        if item.name in self.blank:
            return (
                f"{show(value, kind_of(item), item.unit)}（未填，同“{self.rule.input(str(item.default_from)).label}”）"
            )
        if item.choices:
            return choice_label(item, value) or show(value, kind_of(item))
        return show(value, kind_of(item), item.unit)

    def stated(self, item: Input) -> str:
        """An input with its value, which fills the place of 几 where the label asks 第几: 升规后第3个年度."""
        if self.names:
            return item.label
        if WHICH in item.label and item.type == "integer":
            return item.label.replace(WHICH, f"第{self.number_of(item)}", 1)
        return f"{item.label}{self.value_of(item)}"

    def number_of(self, item: Input) -> str:
        """The stated value without its unit."""
        return show(self.env.get(item.name), kind_of(item))

    def compared(self, node: n.Node) -> str:
        """What is compared: an input as it was stated, or a formula with its values by their names."""
        if isinstance(node, n.Input):
            return self.stated(self.rule.input(node.name))
        return self.with_labels(node)

    def worth(self, line: Line) -> str:
        """The value of a term: a number of the law as the law writes it, a count with the unit of what it counts."""
        node = taken(line.node, self.env)
        if isinstance(node, n.Figure):
            return self.rule.figures[node.name].text
        units = [self.rule.input(leaf.name).unit for leaf in n.leaves(node) if isinstance(leaf, n.Input)]
        return show(self.env[line.name], line.kind, units[0] if units and line.kind == "count" else "")

    def above_zero(self, node: n.Node) -> bool:
        """Whether a difference is not below zero with the values of the claim."""
        value = self.computed(node)
        return value is not None and bool(value >= ZERO)

    def computed(self, node: n.Node) -> Any:
        """The value of a formula with the values of the claim; None where one of them is missing."""
        try:
            with localcontext(EXACT):
                return predicate(self.rule, node)(self.env)
        except (TypeError, ArithmeticError):  # an optional value that nobody stated; nothing divided by nothing
            return None

    def comes_to(self, node: n.Node, left: n.Node) -> str:
        """What a sum comes to that a value is compared with."""
        if not isinstance(node, n.Arith) or not isinstance(left, n.Input):
            return ""
        return self.worked(node, self.rule.input(left.name))

    def worked(self, node: n.Node, item: Input) -> str:
        """The value of a sum, written as those of an input; nothing where a value is missing."""
        value = self.computed(node)
        return "" if value is None else f" ＝ {show(value, kind_of(item), item.unit)}"

    def refusal(self, node: n.Node, label: str = "") -> str:
        """Why a condition is not met, with the value that was compared."""
        names = self.by_name
        match node:
            case n.Choose(_, then, other) if not label:
                return self.refusal(then if self.env.get(node) else other)
            case n.Compare(op, left, right) if not label and not (op == ">" and right == n.Const(ZERO)):
                return f"{self.compared(left)}，{SHORT[op]}{self.with_labels(right)}{self.comes_to(right, left)}"
            case n.Input() | n.Not(n.Input()) | n.Compare() | n.Covered() | n.Given():
                return super().refusal(node, label)
        return label or f"不满足“{names.text(node)}”（{self.text(node)}）"

    def condition(self, node: n.Node) -> str:
        """What a condition or a conditional asks, with the values that were compared."""
        match node:
            case n.Choose(_, then, other) if node in self.env:
                return self.condition(then if self.env[node] else other)
            case n.Input(name) | n.Not(n.Input(name)):
                return self.rule.input(name).label
            case n.Compare("==", n.Input(name), n.Const(str(token))):
                item = self.rule.input(name)
                return f"{item.label}为{choice_label(item, token)}"
            case n.Compare(op, left, right):
                return f"{self.compared(left)} {SIGNS[op]} {self.with_labels(right)}"
        return self.asked(node)

    def way(self, test: n.Node, met: bool) -> str | None:
        """Why an amount went the way it did: a comparison with its values, a yes that was stated."""
        match test, met:
            case n.Input(name), True:
                return self.rule.input(name).label
            case n.Compare(">", n.Input(name), n.Const(value)), _ if value == 0:
                return self.stated(self.rule.input(name)) if met else None
            case n.Compare(op, left, right), True if op in MET:
                return f"{self.compared(left)}，{MET[op]}{self.with_labels(right)}"
            case n.Compare(), True:
                return self.condition(test)
            case n.Compare(op), False if op != "==":
                return self.refusal(test)
        return None


def taken(node: n.Node, env: Env) -> n.Node:
    """The branch that a conditional took, and those in it, down to what is no conditional."""
    while isinstance(node, n.Choose):
        node = node.then if env.get(node) else node.other
    return node


def row_text(figure: Figure, index: int | None) -> str:
    """The figure's text in the row that was read."""
    assert figure.table is not None
    return "0" if index is None else figure.table.texts[index][1]


def reason(rule: Rule, env: Env, line: Line) -> str:
    """Why a condition failed, what the provision asks for, and the article where that is another's."""
    return Told(rule, env).refusal(line.node, line.label) + (f"（{line.at}）" if line.at else "")


def reasons(outcome: Outcome) -> tuple[str, ...]:
    """Why nothing is paid: what failed, or what has to be stated before that can be said."""
    rule = outcome.rule
    failed = [line for line, met in outcome.conditions if not met]
    if not outcome.open:
        return tuple(_refused(outcome, line) for line in failing(outcome))
    asked = "".join(f"“{item.label}”" for item in outcome.open)
    tests = [Words(rule).asked(line.node) for line in failed if not isinstance(line.node, n.Given)]
    what = f"是否满足“{'”“'.join(tests)}”" if tests else "应补助多少"
    return (f"未填{asked}，不能判断{what}，请补填后重算",)


def failing(outcome: Outcome) -> list[Line]:
    """The conditions on which a refusal rests: those that fail whatever was left blank, where there are such."""
    failed = [line for line, met in outcome.conditions if not met]
    stated = [line for line in failed if not isinstance(line.node, n.Given)]
    return [line for line in stated if not _may_hold(outcome, line)] or stated or failed


def _may_hold(outcome: Outcome, line: Line) -> bool:
    """Whether a condition that failed would hold with plausible values of what was left blank: no reason to refuse."""
    with localcontext(EXACT):
        return bool(predicate(outcome.rule, line.node)({**outcome.env, **greatest(outcome, outcome.blank)}))


def _refused(outcome: Outcome, line: Line) -> str:
    """Why a condition failed; of an input left blank, what it can be at most."""
    rule, most = outcome.rule, greatest(outcome, outcome.blank)
    looked_at = [rule.input(name) for name in dict.fromkeys(named(rule, line.node)) if name in most]
    if not looked_at:
        return reason(rule, outcome.env, line)
    listed = "".join(f"“{item.label}”" for item in looked_at)
    bound = "、".join(i.at_most.text for i in looked_at if i.at_most)
    return f"未填{listed}，按最多可能（{bound}）计，" + reason(rule, {**outcome.env, **most}, line)


def _branches(outcome: Outcome, line: Line, words: Told) -> Iterator[Step]:
    """Which way every conditional of a line went."""
    queue = [line.node]
    while queue:
        node = queue.pop(0)
        queue = [*n.children(node), *queue]
        if isinstance(node, n.Choose) and node in words.env:
            met = _taken_for(outcome, node.test) or ("是" if words.env[node] else "否")
            yield Step("判断", words.condition(node.test), met, line.at or words.rule.at)


def _tiers(outcome: Outcome, words: Told) -> dict[str, list[str]]:
    """The rows of tables that the amount was read from: why this row -> what stands in it."""
    rule = outcome.rule
    read = [*(line.node for line in rule.terms), *([rule.amount.node] if rule.amount else ())]
    found: dict[str, list[str]] = {}
    for node in (leaf for top in [*read, *(x[0].node for x in outcome.limits)] for leaf in n.leaves(top)):
        if isinstance(node, n.Lookup) and node in outcome.env:
            figure, index = rule.figures[node.name], outcome.env[node]
            assert figure.table is not None
            why = tier(rule, figure, index, words.stated(rule.input(figure.table.by)))
            text = figure.label + row_text(figure, index)
            if text not in found.setdefault(why, []):
                found[why].append(text)
    return found


def steps(outcome: Outcome) -> tuple[Step, ...]:
    """The long form, line by line: conditions, terms, amount, limits, result."""
    rule, env = outcome.rule, outcome.env
    words = Told(rule, env, blank=outcome.blank)
    out: list[Step] = []
    for line, met in outcome.conditions:
        if (not line.source and met) or _not_asked(outcome, line):
            continue
        stated = line.label and isinstance(line.node, n.Const)  # a label says why it is not met
        text = line.label if stated else words.condition(line.node)
        if not met and outcome.open:
            text = Words(rule).asked(line.node)
        out.append(Step("条件", text, _holds(outcome, line, met), line.at or rule.at))
    if outcome.open:
        return (*out, Step("核定", "资料不全，待补填后重算", "暂不核定", rule.at))
    if not outcome.eligible:
        return (*out, Step("核定", "条件不成立，不予补助", "0.00元", rule.at))
    out.extend(Step("档次", why, "、".join(read), rule.at) for why, read in _tiers(outcome, words).items())
    for line in rule.terms:
        out.extend(_branches(outcome, line, words))
        out.append(Step(line.label, words.with_labels(line.node), words.worth(line), line.at or rule.at))
    assert rule.amount is not None
    out.extend(_branches(outcome, rule.amount, words))
    if not isinstance(rule.amount.node, n.Lookup):
        text = words.formula(rule.amount.node)
        out.append(Step(words.by_name.text(rule.amount.node), text, show(outcome.raw, "money"), rule.at))
    out.extend(_limits(outcome))
    exact = outcome.amount == (outcome.limits[-1][3] if outcome.limits else outcome.raw)
    out.append(Step("核定", "按以上结果" if exact else "四舍五入到分", f"{outcome.amount:,.2f}元", rule.at))
    return tuple(out)


def _limits(outcome: Outcome) -> Iterator[Step]:
    """What each limit did; one that a reading brings stands under no article."""
    rule, before = outcome.rule, outcome.raw
    words = Told(rule, outcome.env, blank=outcome.blank)
    for limit, maximum, spent, after in outcome.limits:
        worked = f"（{words.with_labels(limit.node)}）" if isinstance(limit.node, WORKED_OUT) else ""
        text = f"{limit.label}{show(maximum, 'money')}{worked}{scope_note(rule, limit)}"
        if spent:
            text += f" － 已兑现{show(spent, 'money')}"
        done = f"取{show(after, 'money')}" if after < before else "未超过"
        at = READING if limit.by_reading == "limit" else limit.at or rule.at
        yield Step("封顶" if limit.per and at != READING else "限额", text, done, at)
        before = after


def scope_note(rule: Rule, limit: Limit) -> str:
    """What a limit is counted over, in brackets."""
    by_reading = "，范围按读法" if limit.by_reading == "scope" else ""
    return f"（{scope_text(rule, limit.per)}{by_reading}）" if limit.per else ""


def _not_asked(outcome: Outcome, line: Line) -> bool:
    """Whether a condition is one of cases that this claim is none of."""
    node = line.node
    return isinstance(node, n.Choose) and node.other == n.Const(True) and not outcome.env.get(node, True)


def _holds(outcome: Outcome, line: Line, met: bool) -> str:
    """Whether it holds; of a yes or no what was stated, or what it was taken for because nobody said."""
    if not met and outcome.open:
        return "待补填"
    if not met and _may_hold(outcome, line):
        return "未填，不能判断"
    node = taken(line.node, outcome.env)
    if blank := _taken_for(outcome, node):
        return blank
    inner = node.item if isinstance(node, n.Not) else node
    if isinstance(inner, n.Input):
        return "是" if met == (inner is node) else "否"
    return "满足" if met else "不满足"


def _taken_for(outcome: Outcome, node: n.Node) -> str:
    """What the one input that is asked about was taken for, because nobody stated it; empty where that was stated."""
    match node:
        case n.Input(name) | n.Not(n.Input(name)) | n.Compare(_, n.Input(name), n.Const()):
            item = outcome.rule.input(name)
            if item in outcome.blank and item.default is not None:
                return f"未填，暂按“{default_text(item)}”"
    return ""


def _ways(node: n.Node, words: Told) -> Iterator[str]:
    """Why an amount went the way it did, one conditional after another."""
    if isinstance(node, n.Choose) and node in words.env:
        way = words.way(node.test, bool(words.env[node]))
        if way is not None:
            yield way
    for child in n.children(node):
        yield from _ways(child, words)


def one_line(outcome: Outcome) -> str:
    """The short form: 比例3% × 8,000,000元 = 240,000元，未超过封顶5,000,000元，核定 240,000.00元."""
    rule = outcome.rule
    if not outcome.eligible:
        at = "" if not outcome.open and all(line.at for line in failing(outcome)) else f"（{rule.at}）"
        return f"{'尚不能判断' if outcome.open else '不予补助'}：{'；'.join(reasons(outcome))}{at}"
    assert rule.amount is not None
    words, env, node = Told(rule, outcome.env, blank=outcome.blank), outcome.env, rule.amount.node
    reached = [words.way(line.node, True) or "" for line in thresholds(rule)]
    cut = [how[1] for line in rule.terms if (how := words.held(line)) and env[line.name] < env[how[0]]]
    parts = [*reached, *_tiers(outcome, words), *outside(rule, env), *cut, *_ways(node, words)]
    match node := taken(node, env):
        case n.Lookup() | n.Figure():
            parts.append(words.text(node))
        case n.Input(name):
            parts.append(words.stated(rule.input(name)))
        case _:
            parts.append(f"{words.formula(node)} ＝ {show(outcome.raw, 'money')}")
    before = outcome.raw
    for limit, maximum, spent, after in outcome.limits:
        paid = f"连同已兑现{show(spent, 'money')}" if spent else ""
        verb = "超过" if after < before else "未超过"
        tail = f"，取{show(after, 'money')}" if after < before else ""
        parts.append(f"{paid}{verb}{limit.label}{show(maximum, 'money')}{tail}")
        before = after
    return "，".join(parts) + f"，核定 {outcome.amount:,.2f}元（{rule.at}）"
