"""The exact interpreter: Decimal throughout, one rounding at the end, and a trace of what it did.

A rule is compiled once into closures over an environment (input and term values by name). The trace keeps the
values met on the way; `explain` renders it, nothing is computed a second time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal, InvalidOperation, getcontext, localcontext
from functools import lru_cache, partial
from operator import add, eq, ge, gt, itemgetter, le, lt, mul, ne, sub, truediv
from typing import Any

from xlpolicy.faults import PolicyError
from xlpolicy.law import nodes as n
from xlpolicy.law.looked_at import named
from xlpolicy.law.records import Figure, Input, Limit, Line, Rule, Table
from xlpolicy.law.refusals import refused
from xlpolicy.money import EXACT, ZERO, round_half_up

Env = dict[Any, Any]
Fn = Callable[[Env], Any]
_OPS: dict[str, Callable[[Any, Any], Any]] = {
    "+": add, "-": sub, "*": mul, "/": truediv,
    "<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne,
}  # fmt: skip
_NOTHING = Decimal("0.00")
#: rules kept compiled: every one that is in use, yet not all that a simulation ever changed
REMEMBERED = 4096


class Outcome:
    """What one evaluation did: the environment, each condition's result, the raw amount, each limit's room.

    `limits` holds (limit, maximum, used or None, amount after it) for every limit that applied.
    `amount` is rounded to the cent, `raw` is not. `blank`: the inputs that were not stated; `open`: those of them
    on which a refusal rests (whoever binds the inputs says so).
    """

    __slots__ = ("amount", "blank", "conditions", "eligible", "env", "limits", "open", "raw", "rule")

    def __init__(self, rule: Rule, env: Env) -> None:
        self.rule, self.env = rule, env
        self.conditions: tuple[tuple[Line, bool], ...] = ()
        self.eligible = True
        self.limits: tuple[tuple[Limit, Decimal, Decimal | None, Decimal], ...] = ()
        self.raw, self.amount = ZERO, _NOTHING
        self.blank: tuple[Input, ...] = ()
        self.open: tuple[Input, ...] = ()

    def refuse(self, why: str) -> None:
        """Add a condition that failed outside the rule's own formulas: the claim is not eligible."""
        self.conditions += ((Line(n.Const(False), "", "boolean", why), False),)
        self.eligible = False
        self.raw, self.amount = ZERO, _NOTHING
        self.limits = ()


class Program:
    """A rule's closures, in the order they run."""

    __slots__ = ("amount", "conditions", "limits", "results", "rounded", "terms")

    def __init__(self, rule: Rule) -> None:
        assert rule.amount is not None
        make = partial(_compile, rule=rule)
        self.terms = [(line.name, make(line.node)) for line in rule.terms]
        self.conditions = [(line, make(line.node)) for line in rule.conditions]
        #: by what holds: the conditions with that, one tuple for all claims of which it does, and whether all do
        self.results: dict[tuple[bool, ...], tuple[tuple[tuple[Line, bool], ...], bool]] = {}
        self.amount = make(rule.amount.node)
        self.limits = [(x, make(x.node), x.used, make(x.when) if x.when else None) for x in rule.limits]
        #: by which object it is: a figure of the law that is an amount, rounded once for all claims that are due it
        self.rounded = {id(x): round_half_up(x) for figure in rule.figures.values() for x in _amounts(figure)}


def _amounts(figure: Figure) -> Iterable[Decimal]:
    """The amounts of money that a figure or its table says (the rule keeps them alive)."""
    if figure.kind != "money":
        return ()
    return (
        [figure.value]
        if isinstance(figure.value, Decimal)
        else [x for _, x in figure.table.rows]
        if figure.table
        else ()
    )


@lru_cache(REMEMBERED)
def program(rule: Rule) -> Program:
    """The closures of a computable rule, compiled once."""
    return Program(rule)


@lru_cache(REMEMBERED)
def predicate(rule: Rule, node: n.Node) -> Fn:
    """The closure of one boolean node of the rule (an assumption's trigger, an input's need)."""
    return _compile(node, rule)


def evaluate(rule: Rule, env: Env) -> Outcome:
    """Run a computable rule on bound inputs (`env`: every input by name, None where an optional one is absent).

    Raises InvalidInput where the inputs make the formula meaningless (division by zero).
    """
    if getcontext() is EXACT:  # a settlement has entered it, once for all its claims
        return _run(rule, env)
    with localcontext(EXACT):
        return _run(rule, env)


def _run(rule: Rule, env: Env) -> Outcome:
    code = program(rule)
    outcome = Outcome(rule, env)
    try:
        for name, fn in code.terms:
            env[name] = fn(env)
        held = tuple([fn(env) for _, fn in code.conditions])
        told = code.results.get(held)
        if told is None:
            told = code.results[held] = tuple(zip(rule.conditions, held, strict=True)), all(held)
        outcome.conditions, outcome.eligible = told
        if not outcome.eligible:
            return outcome
        amount: Decimal = code.amount(env)
        outcome.raw = amount
        for limit, fn, used, when in code.limits:
            if when is not None and not when(env):
                continue
            maximum = fn(env)
            spent = env[used] if used is not None else None
            room = max(maximum - spent, ZERO) if spent else maximum
            if room < amount:
                amount = room
            outcome.limits += ((limit, maximum, spent, amount),)
        outcome.amount = code.rounded.get(id(amount)) or round_half_up(amount)
    except (ZeroDivisionError, InvalidOperation):  # the latter is zero by zero
        raise _divided_by_nothing(rule, env) from None
    return outcome


def _divided_by_nothing(rule: Rule, env: Env) -> PolicyError:
    """The refusal of a claim whose formula divides by zero, with the input that is to be put right."""
    assert rule.amount is not None
    formulas = (*(line.node for line in (*rule.terms, *rule.conditions, rule.amount)), *(x.node for x in rule.limits))
    asked = [rule.input(name) for node in formulas for by in _divisors(node) for name in named(rule, by)] or rule.inputs
    item = next((item for item in asked if env[item.name] == ZERO), asked[0])
    return refused("zero_divisor", place=f"{rule.title}（{rule.at}）", label=item.label, name=item.name)


def _divisors(node: n.Node) -> Iterator[n.Node]:
    """What a formula divides by."""
    if isinstance(node, n.Whole) or (isinstance(node, n.Arith) and node.op == "/"):
        yield node.right
    for child in n.children(node):
        yield from _divisors(child)


def find_row(table: Table, value: Any) -> int | None:
    """Index of the table's row for `value`, or None where no tier is reached or no level listed."""
    keys = [row[0] for row in table.rows]
    if table.mode == "levels":
        return keys.index(value) if value in keys else None
    index = (bisect_right if table.mode == "from" else bisect_left)(keys, value)
    return index - 1 if index else None


def _lookup(env: Env, node: n.Lookup, table: Table) -> Decimal:
    index = find_row(table, env[table.by])
    env[node] = index
    return ZERO if index is None else table.rows[index][1]


def _choose(env: Env, node: n.Choose, test: Fn, then: Fn, other: Fn) -> Any:
    env[node] = holds = test(env)
    return then(env) if holds else other(env)


def _compile(node: n.Node, rule: Rule) -> Fn:
    make = partial(_compile, rule=rule)
    match node:
        case n.Const(value):
            return lambda env: value
        case n.Figure(name):
            number = rule.figures[name].value
            return lambda env: number
        case n.Lookup(name):
            table = rule.figures[name].table
            assert table is not None
            return partial(_lookup, node=node, table=table)
        case n.Covered(name):
            covering = rule.figures[name].table
            assert covering is not None
            return lambda env: find_row(covering, env[covering.by]) is not None
        case n.Input(name) | n.Term(name):
            return itemgetter(name)
        case n.Given(name):
            return lambda env: env[name] is not None
        case n.Arith(op, left, right) | n.Compare(op, left, right):
            fn, first, second = _OPS[op], make(left), make(right)
            if isinstance(left, n.Figure):
                number = rule.figures[left.name].value
                return lambda env: fn(number, second(env))
            if isinstance(right, n.Figure):
                bound = rule.figures[right.name].value
                return lambda env: fn(first(env), bound)
            return lambda env: fn(first(env), second(env))
        case n.Whole(left, right):
            total, each = make(left), make(right)
            return lambda env: max(total(env), ZERO) // each(env)
        case n.Logic("and", items):
            tests = list(map(make, items))
            return lambda env: all(test(env) for test in tests)
        case n.Logic(_, items):
            tests = list(map(make, items))
            return lambda env: any(test(env) for test in tests)
        case n.Not(item):
            inner = make(item)
            return lambda env: not inner(env)
        case n.Extreme(op, items):
            pick = min if op == "min" else max
            parts = list(map(make, items))
            return lambda env: pick([part(env) for part in parts])
        case n.Choose(test, then, other):
            return partial(_choose, node=node, test=make(test), then=make(then), other=make(other))
