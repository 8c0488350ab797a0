"""One provision of a policy file -> `Rule`: its inputs, figures, terms and formulas, each name known where it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from xlpolicy.faults import Fault, nearest
from xlpolicy.law import nodes as n
from xlpolicy.law import records as r
from xlpolicy.law.labels import DIMENSIONS
from xlpolicy.law.reading.choices import strings
from xlpolicy.law.reading.declare import (
    KINDS,
    Report,
    by_reading,
    counted_in,
    on_edge,
    read_figures,
    read_inputs,
    with_conditions,
)
from xlpolicy.law.reading.figures import one_unit, parse_figure
from xlpolicy.law.reading.formula import FormulaError, Symbol, divided, parse_sort, unguarded
from xlpolicy.law.reading.implied import implied, judge_vain, measuring, words
from xlpolicy.law.reading.proofs import Known, not_negative
from xlpolicy.law.reading.provision_checks import judge_names, judge_nature
from xlpolicy.law.reading.schema import ConditionData, FigureData, InputData, PolicyFile, ProvisionData
from xlpolicy.law.reading.yamltext import Path
from xlpolicy.money import CENT


@dataclass(frozen=True)
class Around:
    """The document around a provision: what its formulas may name besides its own words."""

    data: PolicyFile
    report: Report
    problems: list[Fault]
    readings: Mapping[str, r.Reading]
    #: the readings that bring a number, as a formula names them
    symbols: Mapping[str, Symbol]
    #: reading -> the provisions that hang on it
    reached: dict[str, set[str]]
    #: what the options say, by the place that hangs on them: what only another option uses is not there in vain
    options: list[tuple[Path, Any]]

    def reading(self, path: Path, name: str) -> str:
        """What the chosen option of a reading says."""
        if name not in self.data.readings:
            self.report(
                "policy_name", path, f"readings 里没有 {name}", "readings 里的名称", nearest(name, self.data.readings)
            )
        found = self.readings.get(name)
        if found is not None:
            return found.option(found.chosen).prompt
        return (self.data.readings[name].text if name in self.data.readings else None) or name

    def crossed(self, rule: str, figure: str) -> bool:
        """Whether a cross rule uses this figure, written as `provision.figure`."""
        return any(f"{rule}.{figure}" in strings(cross.model_dump()) for cross in self.data.cross_rules)

    def sort_of(self, data: FigureData, figure: r.Figure) -> tuple[r.Kind, tuple[str, ...], bool, str | None]:
        """The kind of a figure and the unit that it counts; a borrowed one's are those of the figure it stands for."""
        if data.same_as is None:
            return figure.kind, (), False, counted_in(data)
        source, _, wanted = data.same_as.partition(".")
        for item in self.data.provisions:
            other = item.figures[wanted] if item.id == source and wanted in item.figures else None
            if other is not None and other.share is not None:
                return "rate", (), False, None
            if other is not None and other.value:
                with suppress(ValueError):
                    return parse_figure(other.value)[0], (), False, counted_in(other)
        return "any", (), False, None


def read_provision(around: Around, i: int, item: ProvisionData) -> r.Rule:
    """The i-th provision of a document, compiled; what is wrong with it goes to `around.report`."""
    return _Provision(around, i, item).rule()


def ordered(scope: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of a scope in the order in which it is said, each once."""
    return tuple(sorted(dict.fromkeys(scope), key=lambda x: list(DIMENSIONS).index(x) if x in DIMENSIONS else 99))


class _Provision:
    def __init__(self, around: Around, i: int, item: ProvisionData) -> None:
        self.around, self.report, self.where = around, around.report, ("provisions", i)
        self.before = len(around.problems)
        self.conditions_data = {condition.name: condition for condition in item.conditions}
        for k, condition in enumerate(item.conditions):
            if condition.name in item.inputs or sum(c.name == condition.name for c in item.conditions) > 1:
                self.taken(("conditions", k), condition.name)
        self.item = item = with_conditions(item)
        self.inputs = tuple(read_inputs(item, self.where, self.report))
        self.figures = {x.name: x for x in read_figures(item, self.inputs, self.where, self.report)}
        self.symbols: dict[str, Symbol] = dict(around.symbols)
        self.used: set[str] = {q.max for q in item.quotas} | ({item.tail.years} if item.tail else set())
        for entry in self.inputs:
            tokens = tuple(str(c.value) for c in entry.choices)
            unit = one_unit(entry.unit) if entry.type == "integer" else None
            self.symbols[entry.name] = Symbol(
                n.Input(entry.name), KINDS.get(entry.type, entry.type), tokens, unit=unit  # type: ignore[arg-type]
            )  # fmt: skip
        for name, figure in self.figures.items():
            if name in self.symbols:
                self.report(
                    "policy_duplicate", (*self.where, "figures", name), f"“{name}”既是数字又是输入项", "各用一个名称", "改名"
                )  # fmt: skip
            leaf: n.Node = n.Lookup(name) if figure.table else n.Figure(name)
            self.symbols[name] = Symbol(leaf, *around.sort_of(item.figures[name], figure))
        self.absent = frozenset(
            e.name
            for e in self.inputs
            if not e.required and e.default is None and not e.default_from and item.inputs[e.name].required_when is None
        )

    def taken(self, path: Path, name: str) -> None:
        self.report("policy_duplicate", (*self.where, *path), f"“{name}”已另有所指", "各用一个名称", "改名")

    def read_sort(
        self, path: Path, text: str, want: r.Kind | None, when: n.Node | None = None
    ) -> tuple[n.Node, r.Kind, str | None]:
        """A formula of the provision, its kind and unit; zero in place of one that cannot be read."""
        try:
            node, kind, unit = parse_sort(text, self.symbols, want)
            if bare := unguarded(n.Choose(when, node, n.Const(False)) if when else node, self.absent):
                raise FormulaError(f"公式“{text}”：可不填的输入项 {'、'.join(sorted(bare))} 未先用 given() 判断")
        except FormulaError as error:
            self.report("policy_formula", (*self.where, *path), str(error), "编写指南里的公式写法", "改好公式")
            self.used.update(re.findall(r"\w+", text))
            return n.Const(Decimal(0)), "any", None
        for name in self.around.symbols.keys() & set(re.findall(r"\w+", text)):
            self.around.reached.setdefault(name, set()).add(self.item.id)
        self.used.update(
            leaf.name for leaf in n.leaves(node) if isinstance(leaf, n.Figure | n.Lookup | n.Input | n.Given | n.Term)
        )
        return node, kind, unit

    def read(self, path: Path, text: str, want: r.Kind | None, when: n.Node | None = None) -> n.Node:
        return self.read_sort(path, text, want, when)[0]

    def maybe(self, path: Path, text: str | None) -> n.Node | None:
        """A condition that need not be written."""
        return self.read(path, text, "boolean") if text else None

    def terms(self) -> tuple[r.Line, ...]:
        terms = []
        for name, term in self.item.let.items():
            if name in self.symbols:
                self.taken(("let", name), name)
            node, kind, unit = self.read_sort(("let", name), term.is_, None)
            terms.append(r.Line(node, term.is_, kind, term.label, name, term.at))
            self.symbols[name] = Symbol(n.Term(name), kind, divided=divided(node, self.symbols), unit=unit)
        return tuple(terms)

    def limit(self, k: int, known: Known) -> r.Limit:
        limit = self.item.limits[k]
        when = self.maybe(("limits", k, "when"), limit.when)
        maximum = not_negative(self.read(("limits", k, "max"), limit.max, "money", when), known)
        label = limit.label or (self.figures[limit.max].label if limit.max in self.figures else "限额")
        if limit.used is not None and limit.used not in {e.name for e in self.inputs if e.type == "money"}:
            self.report(
                "policy_name", (*self.where, "limits", k, "used"),
                f"used 指的“{limit.used}”不是金额输入项", "金额类输入项", "改名",
            )  # fmt: skip
        self.used.add(limit.used or "")
        hanging = {path for path, _ in self.around.options}
        return r.Limit(
            maximum, limit.max, label, ordered(limit.per), limit.used, when, limit.at, limit.shared or "", limit.rule or "",
            by_reading((*self.where, "limits", k), hanging),
        )  # fmt: skip

    def assumption(self, k: int) -> r.Assumption:
        a = self.item.assumptions[k]
        path: Path = ("assumptions", k)
        told, readings = self.around.reading((*self.where, *path), a.reading), self.around.data.readings
        when = self.maybe(path, a.when) or on_edge(a.edge, self.figures, (*self.where, *path), self.report)
        reading = readings.get(a.reading)
        sort = reading.sort if reading else "reading"
        if reading and sort == "limit":
            told += f"（{reading.at or self.item.at}）"
        return r.Assumption(a.reading, told, when, a.settlement, sort)

    def with_trigger(self, entry: r.Input, data: InputData) -> r.Input:
        if data.required_when is None:
            return entry
        return replace(entry, required_when=self.read(("inputs", entry.name), data.required_when, "boolean"))

    def asked(self, entry: r.Input, condition: ConditionData | None) -> r.Input:
        """An input that is a condition of the provision: whether and when a form wants an answer."""
        if condition is None:
            return entry
        when = self.maybe(("inputs", entry.name), condition.when)
        return replace(entry, asked=condition.default == "ask", asked_when=when, at=condition.at)

    def rule(self) -> r.Rule:
        item, head = self.item, self.around.data.document
        terms = self.terms()
        conditions = [
            r.Line(self.read(("when", k), line.if_, "boolean"), line.if_, "boolean", line.label, "", line.at)
            for k, line in enumerate(item.when)
        ]
        known = Known({e.name: e for e in self.inputs}, self.figures, {line.name: line.node for line in terms})
        amount = None
        if item.amount:
            node = not_negative(self.read(("amount",), item.amount, "money"), known)
            if item.odd_fen == "down":
                node = n.Arith("*", n.Whole(node, n.Const(CENT)), n.Const(CENT))
            amount = r.Line(node, item.amount, "money", "补助金额")
        limits = [self.limit(k, known) for k in range(len(item.limits))]
        assumptions = tuple(self.assumption(k) for k in range(len(item.assumptions)))
        quotas = tuple(
            r.Quota(q.max, q.per, q.each, self.maybe(("quotas", k, "when"), q.when)) for k, q in enumerate(item.quotas)
        )
        inputs = tuple(self.with_trigger(entry, item.inputs[entry.name]) for entry in self.inputs)
        inputs = tuple(self.asked(entry, self.conditions_data.get(entry.name)) for entry in inputs)
        if amount is not None:
            inputs = tuple(measuring(inputs, item, known, amount.node, conditions, limits))
        self.judge(inputs)
        return r.Rule(
            id=item.id, document=head.key, at=item.at, title=item.title, nature=item.nature,
            recipient=item.recipient, object=item.object, themes=item.theme, payer=item.payer or head.payer, mode=item.mode,
            departments=item.departments or head.departments, aliases=item.aliases, figures=self.figures, inputs=inputs, terms=terms,
            conditions=(*implied(inputs, known, amount.node if amount else None, conditions, limits), *conditions), amount=amount, limits=tuple(limits),
            assumptions=assumptions, quotas=quotas,
            once=item.once, least=r.Least(item.least.of, item.least.per, item.least.less_paid) if item.least else None,
            term=r.Term(item.term.days, item.term.years, item.term.per, item.term.paid or "", item.term.calendar) if item.term else None,
            valid_from=item.valid_from, tail=r.Tail(item.tail.since, item.tail.years, item.tail.by) if item.tail else None,
            refer_to=item.refer_to, notes=item.notes, unchanged=item.unchanged,
            readings=tuple(name for name in self.around.readings if item.id in self.around.reached.get(name, ())),
        )  # fmt: skip

    def judge(self, inputs: tuple[r.Input, ...]) -> None:
        """What the shape alone cannot say: the nature's needs, and nothing declared in vain."""
        item, around = self.item, self.around
        judge_nature(self.where, item, inputs, self.report)
        hung = [options for path, options in around.options if path[:2] == self.where]
        for name in self.figures:
            if name not in self.used and not around.crossed(item.id, name) and name not in words(hung):
                self.report(
                    "policy_unused", (*self.where, "figures", name),
                    f"数字 {name} 没有被任何公式用到", "每个数字都起作用", "用上它，或移到 unpaid_numbers 并说明",
                )  # fmt: skip
        sound = item.amount is not None and not any(p.code == "policy_formula" for p in around.problems[self.before :])
        cross = (x.model_dump() for x in around.data.cross_rules)
        judge_vain(self.where, item, inputs, [*hung, *cross], sound, self.report)
        judge_names(self.where, item, self.figures, self.report)
