"""A rule's inputs, figures and nodes over spreadsheet cells: numbers as exact quantities, truths as formula text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from typing import Any

from xlpolicy.formulas.arithmetic import Arithmetic, Product, Quantity, one
from xlpolicy.formulas.conditions import all_of, any_of, date_text, negated, quoted
from xlpolicy.formulas.integer_form import LAST_DAY, RATE_DIGITS, FigureOf, Side, integer_form, serial
from xlpolicy.formulas.parts import Inexpressible, Part, whole
from xlpolicy.formulas.periods import BLANK, Periods
from xlpolicy.law import nodes as n
from xlpolicy.law.looked_at import named
from xlpolicy.law.records import Figure, Input, Rule
from xlpolicy.law.refusals import REFUSALS
from xlpolicy.money import ZERO

#: what a reason begins with when there is something to do
TODO = "请"
#: the greatest count that is only compared
_COUNTABLE = 10**9
_OPS = {"==": "=", "!=": "<>"}
_OPPOSITE: dict[str, Any] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


class Cells(Periods):
    """One rule over cells, within one set of bounds (`money` in fen, `count` of what is multiplied)."""

    def __init__(
        self, rule: Rule, cell_of: Mapping[str, str], figure_of: FigureOf | None, unit: str, money: int, count: int,
        helper_of: Callable[[int], str] | None,
    ) -> None:  # fmt: skip
        self.rule, self.cell_of, self.figure_of = rule, cell_of, figure_of
        self.scale, self.digits, self.unit = (100, 2, "元") if unit == "元" else (10**6, 6, "万元")
        self.money, self.count = money, count
        self.helper_of = helper_of
        self.helpers: list[tuple[str, str]] = []
        self.guards: list[tuple[str, str]] = []
        self.path: list[str] = []
        self.hopes = False
        #: what is divided by now
        self.divisor: n.Node = n.Const(ZERO)
        self.terms: dict[str, Quantity | str] = {}
        self.math = Arithmetic(self._stash, self._guard)
        self.multiplied = self._multiplied()

    def _stash(self, text: str) -> str:
        if self.helper_of is None or len(text) < 24:
            return text
        for reference, known in self.helpers:
            if known == text:
                return reference
        reference = self.helper_of(len(self.helpers))
        self.helpers.append((reference, text))
        return reference

    def _guard(self, test: str, kind: str) -> None:
        words = {
            "zero": f"{TODO}核对：{REFUSALS['zero_divisor'].got.format(label=self._divided_by())}",
            "large": f"{TODO}由受理部门核算：数额过大，超出表格公式能精确计算的范围",
        }
        self.guards.append((all_of([*self.path, test]), words[kind]))

    def _divided_by(self) -> str:
        """What the input is called that stands, or stands first, in the divisor."""
        name = next(named(self.rule, self.divisor), "")
        return self.rule.input(name).label if name else "分母"

    @contextmanager
    def under(self, *tests: str) -> Iterator[None]:
        """What is written inside counts only where the tests hold."""
        self.path.extend(tests)
        yield
        del self.path[len(self.path) - len(tests) :]

    def _multiplied(self) -> set[str]:
        """The inputs that take part in arithmetic (through a term too)."""
        names: set[str] = set()

        def walk(node: n.Node, inside: bool) -> None:
            inside = inside or isinstance(node, n.Arith | n.Whole)
            if inside and isinstance(node, n.Input):
                names.add(node.name)
            for child in n.children(node):
                walk(child, inside)

        rule = self.rule
        assert rule.amount is not None
        for node in (rule.amount.node, *(line.node for line in rule.conditions), *(x.node for x in rule.limits)):
            walk(node, False)
        for term in rule.terms:
            walk(term.node, True)
        return names

    # --- inputs ---

    def most_count(self, item: Input) -> int:
        return self.count if item.name in self.multiplied else _COUNTABLE

    @contextmanager
    def hoping(self) -> Iterator[None]:
        """What is written inside takes the greatest plausible value of an input that is blank."""
        kept, self.hopes, guards = self.terms, True, list(self.guards)
        self.terms = {}
        for term in self.rule.terms:
            self.terms[term.name] = self.value(term.node)
        yield
        self.terms, self.hopes, self.guards = kept, False, guards

    def input(self, item: Input) -> Quantity:
        """The number in a cell; where it is blank its default, or the greatest plausible one inside `hoping`."""
        if not self.hopes or item.at_most is None:
            return self.known(item)
        most: Quantity = one(whole(self.money), 1)
        cell = self.cell_of[item.name]
        if item.at_most.times is not None:
            times = Fraction(item.at_most.times)
            times_of = one(whole(times.numerator, times.denominator))
            most = self.math.multiply(self.input(self.rule.input(item.at_most.of)), times_of)
        return most if cell == BLANK else self.math.choose(f'{cell}=""', most, self.known(item))

    def known(self, item: Input) -> Quantity:
        """The number in a cell, its default where it is blank."""
        if self.cell_of[item.name] == BLANK and not item.choices:
            if item.default_from is not None:
                return self.input(self.rule.input(item.default_from))
            fixed = item.default or 0
            return one(_constant(fixed * 100 if item.type == "money" else fixed), 1 if item.type == "money" else 0)
        raw = self.raw(item)
        if item.type == "money":
            return one(Part(f"ROUND({raw}*{self.scale},0)", 0, self.money), 1)
        if item.type == "rate":
            return one(Part(f"ROUND({raw}*{10**RATE_DIGITS},0)", 0, 10**RATE_DIGITS, 10**RATE_DIGITS))
        if item.type == "date":
            return one(Part(f"INT({raw})", 0, serial(LAST_DAY)))
        if item.choices:
            values = [int(choice.value) for choice in item.choices]
            return one(Part(raw, min(values), max(values)))
        return one(Part(raw, min(item.minimum or 0, 0), self.most_count(item)))

    def raw(self, item: Input) -> str:
        """The number as it stands in the cell (in the cell's unit), its default where it is blank."""
        cell = self.cell_of[item.name]
        if self.dated(item):
            first, last, _ = self.dates(item)
            other = "0" if cell == BLANK else cell if item.required else f"N({cell})"
            return f"IF({first}*{last},{self.inside(item)},{other})"
        if cell == BLANK:
            return self.absent(item)
        text = cell
        if item.choices:
            text = str(item.choices[-1].value)
            for choice in reversed(item.choices[:-1]):
                text = (
                    f"IF({any_of([f'{cell}={choice.value}', f'{cell}={quoted(choice.label)}'])},{choice.value},{text})"
                )
        if item.default_from is not None:
            return f'IF({cell}="",{self.raw(self.rule.input(item.default_from))},{text})'
        if not item.default:
            return text if item.required or item.choices else f"N({cell})"
        return f'IF({cell}="",{self.absent(item)},{text})'

    def absent(self, item: Input) -> str:
        """The number that counts where nothing is stated, in the cell's unit."""
        if item.default_from is not None:
            return self.raw(self.rule.input(item.default_from))
        default = serial(item.default) if isinstance(item.default, dt.date) else item.default or 0
        if item.type == "money" and self.unit == "万元":
            default = Decimal(default).scaleb(-4)
        return f"{default:f}"

    def stated(self, name: str) -> str:
        """Truth of something standing in the cell."""
        item, cell = self.rule.input(name), self.cell_of[name]
        tests = [] if cell == BLANK else [f'{cell}<>""']
        if self.dated(item):
            tests.append('AND({}<>"",{}<>"")'.format(*self.dates(item)[:2]))
        return any_of(tests) if tests else "FALSE"

    def chosen(self, item: Input, value: Any) -> str:
        """Truth of the cell holding that option."""
        cell = self.cell_of[item.name]
        if not item.choices:
            return self.math.compare("=", self.input(item), one(_constant(value)))
        if cell == BLANK:
            return "TRUE" if str(item.default) == str(value) else "FALSE"
        label = next(c.label for c in item.choices if str(c.value) == str(value))
        tests = [f"{cell}={quoted(label)}"]
        if item.type == "integer":
            tests.append(f"{cell}={value}")
        if item.default is not None and str(item.default) == str(value):
            tests.append(f'{cell}=""')
        return any_of(tests)

    # --- nodes ---

    def value(self, node: n.Node) -> Quantity | str:
        """A number as a quantity, a truth as formula text."""
        return self.truth(node) if self.boolean(node) else self.number(node)

    def boolean(self, node: n.Node) -> bool:
        match node:
            case n.Const(value):
                return isinstance(value, bool)
            case n.Input(name):
                return self.rule.input(name).type == "boolean"
            case n.Term(name):
                return isinstance(self.terms[name], str)
            case n.Choose(_, then, _):
                return self.boolean(then)
        return isinstance(node, n.Given | n.Compare | n.Logic | n.Not | n.Covered)

    def figure(self, figure: Figure, row: int | None = None, side: Side = "value") -> Quantity:
        kind: str = figure.kind
        if side == "edge":
            assert figure.table is not None
            kind = self.rule.input(figure.table.by).type
        form = integer_form(figure, row, side, kind)
        money = 1 if kind == "money" else 0
        reference = None if self.figure_of is None else self.figure_of(figure, row, side)
        if reference is not None:
            return one(Part(reference, 0, form.most, form.scale // (100 if kind == "money" else 1)), money)
        if figure.kind == "date" and side == "value":
            assert isinstance(figure.value, dt.date)
            return one(Part(date_text(figure.value), 0, serial(LAST_DAY)))
        number = Fraction(form.value, form.scale) * (100 if kind == "money" else 1)
        return one(whole(number.numerator, number.denominator), money)

    def number(self, node: n.Node) -> Quantity:
        """A node that is a number. Raises Inexpressible, TooLarge."""
        match node:
            case n.Const(value):
                return one(_constant(value), None if value in (0, 1) else 0)
            case n.Figure(name):
                return self.figure(self.rule.figures[name])
            case n.Lookup(name):
                return self.lookup(self.rule.figures[name])
            case n.Input(name):
                return self.input(self.rule.input(name))
            case n.Term(name):
                term = self.terms[name]
                assert not isinstance(term, str)
                return term
            case n.Arith(op, left, right):
                first, second = self.number(left), self.number(right)
                if op == "*":
                    return self.math.multiply(first, second)
                if op == "/":
                    self.divisor = right
                    return self.math.divide(first, second)
                return self.math.add(first, second, op)
            case n.Whole(left, right):
                first, second, self.divisor = self.number(left), self.number(right), right
                return self.math.whole(first, second)
            case n.Extreme(op, items):
                return self.math.extreme(op, [self.number(item) for item in items])
            case n.Choose(test, then, other):
                holds = self.truth(test)
                with self.under(holds):
                    first = self.number(then)
                with self.under(negated(holds)):
                    return self.math.choose(holds, first, self.number(other))
        raise Inexpressible

    def lookup(self, figure: Figure) -> Quantity:
        """A table as nested IF, highest tier first; 0 where no row applies."""
        table = figure.table
        assert table is not None
        item = self.rule.input(table.by)
        values = [self.figure(figure, row) for row in range(len(table.rows))]
        if table.mode == "levels":
            complete = item.choices and len(table.rows) == len(item.choices)
            best = values.pop() if complete else one(whole(0), None)
            for row in reversed(range(len(values))):
                best = self.math.choose(self.chosen(item, table.rows[row][0]), values[row], best)
            return best
        best = one(whole(0), None)
        for row, value in enumerate(values):
            best = self.math.choose(self.reached(figure, row), value, best)
        return best

    def reached(self, figure: Figure, row: int) -> str:
        table = figure.table
        assert table is not None
        sign = ">=" if table.mode == "from" else ">"
        return self.math.compare(sign, self.input(self.rule.input(table.by)), self.figure(figure, row, "edge"))

    def rounded(self, node: n.Node) -> Part:
        """The number half up; taken inside of min, max, if and sums with whole numbers, where it commutes."""
        match node:
            case n.Term(name):
                return self.rounded(next(t for t in self.rule.terms if t.name == name).node)
            case n.Extreme(op, items):
                parts = [one(self.rounded(item), None if isinstance(item, n.Const) else 1) for item in items]
                return self.math.rounded(self.math.extreme(op, parts))
            case n.Choose(test, then, other):
                holds = self.truth(test)
                with self.under(holds):
                    first = one(self.rounded(then), 1)
                with self.under(negated(holds)):
                    second = one(self.rounded(other), 1)
                return self.math.rounded(self.math.choose(holds, first, second))
            case n.Arith("+", left, right):
                first_, second_ = self.number(left), self.number(right)
                if _is_whole(first_):
                    return self.math.rounded(self.math.add(first_, one(self.rounded(right), 1), "+"))
                if _is_whole(second_):
                    return self.math.rounded(self.math.add(one(self.rounded(left), 1), second_, "+"))
        return self.math.rounded(self.number(node))

    def untruth(self, node: n.Node) -> str:
        """The opposite of `truth`, without a NOT where there is a shorter word."""
        match node:
            case n.Not(item):
                return self.truth(item)
            case n.Input(name):
                default = self.rule.input(name).default
                if self.cell_of[name] == BLANK:
                    return "FALSE" if default else "TRUE"
                return f'{self.cell_of[name]}{"=" if default else "<>"}"{"否" if default else "是"}"'
            case n.Compare(op, left, right) if not isinstance(right, n.Const) or not isinstance(right.value, str):
                if not self.boolean(left):
                    return self.truth(n.Compare(_OPPOSITE[op], left, right))
        return negated(self.truth(node))

    def truth(self, node: n.Node) -> str:
        """A node that is a truth, as formula text. Raises Inexpressible, TooLarge."""
        match node:
            case n.Const(value):
                return "TRUE" if value else "FALSE"
            case n.Input(name):
                item = self.rule.input(name)
                if self.cell_of[name] == BLANK:
                    return "TRUE" if item.default else "FALSE"
                return f'{self.cell_of[name]}{"<>" if item.default else "="}"{"否" if item.default else "是"}"'
            case n.Term(name):
                text = self.terms[name]
                assert isinstance(text, str)
                return text
            case n.Given(name):
                return self.stated(name)
            case n.Covered(name):
                figure = self.rule.figures[name]
                assert figure.table is not None
                if figure.table.mode != "levels":
                    return self.reached(figure, 0)
                item = self.rule.input(figure.table.by)
                if len(figure.table.rows) == len(item.choices):
                    return "TRUE"
                return any_of([self.chosen(item, row[0]) for row in figure.table.rows])
            case n.Not(item_):
                return negated(self.truth(item_))
            case n.Logic(op, items):
                tests: list[str] = []
                for item__ in items:
                    with self.under(*(tests if op == "and" else [negated(t) for t in tests])):
                        tests.append(self.truth(item__))
                return all_of(tests) if op == "and" else any_of(tests)
            case n.Compare(op, n.Input(name), n.Const(str() as token)):
                test = self.chosen(self.rule.input(name), token)
                return test if op == "==" else negated(test)
            case n.Compare(op, n.Input(name), n.Const(value)) if value == 0 and not isinstance(value, bool):
                return f"{self.raw(self.rule.input(name))}{_OPS.get(op, op)}0"
            case n.Compare(op, left, right) if self.boolean(left):
                return f"({self.truth(left)}){_OPS[op]}({self.truth(right)})"
            case n.Compare(op, left, right):
                return self.math.compare(_OPS.get(op, op), self.number(left), self.number(right))
            case n.Choose(test_, then, other):
                holds = self.truth(test_)
                with self.under(holds):
                    first = self.truth(then)
                with self.under(negated(holds)):
                    return f"IF({holds},{first},{self.truth(other)})"
        raise Inexpressible


def _is_whole(value: Quantity) -> bool:
    return isinstance(value, Product) and value.over is None and all(part.den == 1 for part in value.parts)


def _constant(value: Any) -> Part:
    if isinstance(value, dt.date):
        return whole(serial(value))
    number = Fraction(value)
    return whole(number.numerator, number.denominator)
