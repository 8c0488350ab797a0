"""YAML text -> compiled `Document`, or every reason why not, each with file, line, provision and remedy."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from xlpolicy.faults import Fault, PolicyFileError, nearest
from xlpolicy.law import nodes as n
from xlpolicy.law import records as r
from xlpolicy.law.reading.choices import Site, reached, resolve
from xlpolicy.law.reading.declare import (
    KINDS,
    by_reading,
    counted_in,
    numbers,
    on_edge,
    read_figures,
    read_inputs,
    read_readings,
    with_conditions,
)
from xlpolicy.law.reading.effects_schema import compile_cross
from xlpolicy.law.reading.figures import one_unit, parse_figure
from xlpolicy.law.reading.formula import FormulaError, Symbol, divided, parse_sort, unguarded
from xlpolicy.law.reading.implied import implied, judge_vain, measuring, words
from xlpolicy.law.reading.older import SCHEMA, number
from xlpolicy.law.reading.proofs import Known, not_negative
from xlpolicy.law.reading.schema import ConditionData, FigureData, InputData, PolicyFile, ProvisionData
from xlpolicy.law.reading.yamltext import Lines, Path, load_yaml

_PYDANTIC = {
    "missing": ("缺少必填项", "补上这一项"),
    "extra_forbidden": ("多出不认识的项", "核对拼写，或删去"),
    "string_pattern_mismatch": ("名称写法不对", "只用小写英文字母、数字和下划线（文件代号用连字符），以字母开头"),
    "literal_error": ("取值不在允许范围", "从允许的取值中选用"),
    "string_too_short": ("是空白", "填上内容"),
    "string_type": ("不是文字", "写成文字，数字连同单位，如 500万元；必要时加引号"),
    "date_type": ("不是日期", "写成 2026-06-30"),
    "date_from_datetime_parsing": ("不是日期", "写成 2026-06-30"),
    "date_parsing": ("不是日期", "写成 2026-06-30"),
    "bool_type": ("不是 true 或 false", "写 true 或 false"),
    "bool_parsing": ("不是 true 或 false", "写 true 或 false"),
    "int_type": ("不是整数", "写整数"),
    "int_parsing": ("不是整数", "写整数"),
    "decimal_type": ("不是数字", "写数字，单位与这一项相同"),
    "decimal_parsing": ("不是数字", "写数字，单位与这一项相同"),
    "finite_number": ("不是数字", "写数字，单位与这一项相同"),
    "greater_than_equal": ("是负数", "写不小于 0 的数字"),
    "tuple_type": ("不是列表", "写成 [甲, 乙] 或每行一个短横线"),
    "dict_type": ("不是一组“名称: 内容”", "逐项写名称、冒号和内容"),
    "model_type": ("不是一组“名称: 内容”", "逐项写名称、冒号和内容"),
    "model_attributes_type": ("不是一组“名称: 内容”", "逐项写名称、冒号和内容"),
}


#: the readings by which a document may lack a fact: its words, the field of the document
_LEFT_OUT = {"no_end": ("有效期止", "valid_to"), "no_number": ("文号", "number")}


def compile_text(
    text: str, file: str, place: Callable[[Path], str] | None = None, *, chosen: Mapping[str, str] | None = None
) -> r.Document:
    """One policy file -> its compiled document. Raises PolicyFileError with every problem found.

    `place` says where a path of keys stands, for a text that was made from something else (a rule workbook).
    `chosen`: readings and the option of each that shall hold, where it is not the default.
    """
    raw = load_yaml(text, file)
    place = place or _in_text(text, file, raw)
    newer = number(raw)
    if type(newer) is int and newer > SCHEMA:
        raise PolicyFileError(
            [
                Fault(
                    "policy_schema", place(("schema",)), "schema", f"本文件的写法编号是 {newer}，这一版程序只认得到 {SCHEMA}",
                    f"schema: {SCHEMA}，或更早的", f"升级 xlpolicy；升级不了的，请提供文件的单位另给一份 schema: {SCHEMA} 的",
                )
            ]
        )  # fmt: skip
    resolved = resolve(raw, chosen)

    def placed(path: Path) -> str:
        return place(resolved.source(path))

    faults = [
        Fault(code, place(path), _item(path), got, expected, remedy)
        for code, path, got, expected, remedy in resolved.faults
    ]
    try:
        data = PolicyFile.model_validate(resolved.data)
    except ValidationError as error:
        raise PolicyFileError([*faults, *(_shape_problem(e, placed) for e in error.errors())]) from error
    compiler = _Compiler(data, placed, chosen or {}, reached(raw, resolved), resolved.sites)
    compiler.problems += faults
    document = compiler.document()
    if compiler.problems:
        raise PolicyFileError(compiler.problems)
    return replace(document, source=text, digest=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def _in_text(text: str, file: str, raw: Any) -> Callable[[Path], str]:
    """File, line and provision of a path; the text is read again only when there is something to report."""
    found: list[Lines] = []

    def place(path: Path) -> str:
        if not found:
            found.append(Lines(text))
        line = f"{file} 第 {found[0].find(path)} 行"
        if len(path) < 2 or path[0] != "provisions":
            return line
        item = raw["provisions"][path[1]]
        return f"{line} 条款 {item.get('id', path[1]) if isinstance(item, Mapping) else path[1]}"

    return place


def _shape_problem(error: Any, where: Callable[[Path], str]) -> Fault:
    path = tuple(error["loc"])
    field = ".".join(str(step) for step in path if not isinstance(step, int)) or "文件"
    what, remedy = _PYDANTIC.get(error["type"], ("写法不对", "按编写指南改写"))
    expected = str(error.get("ctx", {}).get("expected", "")).replace(" or ", "、").replace(", ", "、")
    return Fault("policy_field", where(path), _item(path), f"{field} {what}", expected, remedy)


def _item(path: Path) -> str:
    """The figure, input or field at a path, as `Fault.item`: figures.rate."""
    names = [str(step) for step in path if not isinstance(step, int)]
    return ".".join(names[1:] if names[:1] == ["provisions"] else names)


class _Compiler:
    def __init__(
        self,
        data: PolicyFile,
        place: Callable[[Path], str],
        chosen: Mapping[str, str],
        reached: Mapping[str, set[str]],
        sites: Iterable[Site],
    ) -> None:
        self.data, self.place = data, place
        self.problems: list[Fault] = []
        self.readings = dict(read_readings(data.readings, chosen, self.report))
        #: the readings that bring a number, as a formula names them
        self.symbols = dict(numbers(self.readings, data.readings))
        self.reached = {name: set(rules) for name, rules in reached.items()}
        #: what the options say, by the place that hangs on them: what only another option uses is not there in vain
        self.options = [(site.path, site.options) for site in sites]
        self.hanging = {path for path, _ in self.options}

    def report(self, code: str, path: Path, got: str, expected: str = "", remedy: str = "") -> None:
        self.problems.append(Fault(code, self.place(path), _item(path), got, expected, remedy))

    def document(self) -> r.Document:
        head = self.data.document
        if head.valid_from and head.valid_to and head.valid_from > head.valid_to:
            self.report(
                "policy_dates",
                ("document", "valid_to"),
                f"有效期止 {head.valid_to} 早于起 {head.valid_from}",
                "起早于止",
                "核对施行日期",
            )
        if not head.draft and head.valid_from is None:
            self.report(
                "policy_dates", ("document",), "正式文件缺少施行日期", "valid_from",
                "补上；文件没有写的，在 readings 里写明按哪一天并用 first_day 指明；没有定稿的标明 draft: true",
            )  # fmt: skip
        left_out = {"no_end": head.valid_to is None, "no_number": head.number is None}
        for name, missing in left_out.items() if not head.draft else ():
            what, field = _LEFT_OUT[name]
            if missing and name not in self.data.readings:
                self.report(
                    "policy_dates", ("document",), f"正式文件缺少{what}", field,
                    f"补上；文件本来没有写的，在 readings 里写 {name}: 说明；没有定稿的标明 draft: true",
                )  # fmt: skip
            elif name in self.data.readings and not missing:
                self.report(
                    "policy_dates",
                    ("readings", name),
                    f"写了{what}，又说没有写",
                    f"{field} 与 {name} 只写一个",
                    "删去一个",
                )
        rules: dict[str, r.Rule] = {}
        for i, item in enumerate(self.data.provisions):
            if item.id in rules:
                self.report(
                    "policy_duplicate",
                    ("provisions", i, "id"),
                    f"条款编号 {item.id} 重复",
                    "一个编号一条",
                    "改名或合并",
                )
                continue
            rules[item.id] = self.rule(i, item)
        self.borrow(rules)
        self.apply(rules)
        self.shared()
        return r.Document(
            key=head.key, city=head.city, city_label=head.city_label, city_aliases=head.city_aliases,
            region=head.region or "",
            number=head.number, title=head.title, issuer=head.issuer, issued=head.issued,
            valid_from=head.valid_from, valid_to=head.valid_to, draft=head.draft, payer=head.payer,
            notes=head.notes, rules=rules, support=dict(self.data.support),
            cross_rules=compile_cross(self.data.cross_rules, rules, self.data.support, self.report),
            unpaid_numbers=tuple(u.model_dump() for u in self.data.unpaid_numbers),
            first_day=self.reading(("document", "first_day"), head.first_day) if head.first_day else "",
            readings=self.readings,
            continues=head.continues or "", amends=head.amends or "",
            left_out=tuple(
                self.reading(("document",), name)
                for name, missing in left_out.items() if missing and name in self.data.readings
            ),
        )  # fmt: skip

    def apply(self, rules: dict[str, r.Rule]) -> None:
        """Put the sentences of the whole document on the provisions they reach."""
        for k, sentence in enumerate(self.data.applies):
            for name in rules if sentence.members == "*" else sentence.members:
                if name not in rules:
                    got = f"没有条款 {name}"
                    self.report("policy_name", ("applies", k, "members"), got, "条款编号", nearest(name, rules))
                    continue
                rule = rules[name]
                rules[name] = replace(
                    rule, applies=(*rule.applies, f"{sentence.text}（{sentence.at}）") if not sentence.earlier else rule.applies,
                    governed=rule.governed or sentence.governs, earlier=sentence.earlier or rule.earlier,
                )  # fmt: skip

    def shared(self) -> None:
        """A limit that is shared by name has a scope, the same in every provision that shares it."""
        found: dict[str, list[tuple[Path, tuple[str, ...]]]] = {}
        for i, item in enumerate(self.data.provisions):
            for k, limit in enumerate(item.limits):
                if limit.shared:
                    found.setdefault(limit.shared, []).append((("provisions", i, "limits", k), _ordered(limit.per)))
        for name, limits in found.items():
            scopes = {per for _, per in limits}
            path = (*limits[-1][0], "shared")
            if len(limits) < 2:
                self.report(
                    "policy_cross",
                    path,
                    f"封顶“{name}”只有一处写了合用",
                    "至少两个条款写同一名称",
                    "核对名称，或删去 shared",
                )
            elif len(scopes) > 1 or () in scopes:
                self.report(
                    "policy_cross", path, f"合用的封顶“{name}”范围（per）各不相同", "各处写同一范围", "改成一样的 per"
                )

    def borrow(self, rules: Mapping[str, r.Rule]) -> None:
        """Fill the figures that are another provision's (`same_as`)."""
        for i, item in enumerate(self.data.provisions):
            for name, figure in item.figures.items():
                if figure.same_as is None:
                    continue
                source, _, wanted = figure.same_as.partition(".")
                found = rules[source].figures.get(wanted) if source in rules else None
                if found is None or found.borrowed or found.table:
                    known = [
                        f"{key}.{f}"
                        for key in rules
                        for f, x in rules[key].figures.items()
                        if not x.borrowed and not x.table
                    ]
                    self.report(
                        "policy_name",
                        ("provisions", i, "figures", name),
                        f"没有可援引的数字 {figure.same_as}",
                        "另一条款里不分档的数字，写作 条款编号.数字名",
                        nearest(figure.same_as, known),
                    )
                    continue
                target = rules[item.id].figures
                assert isinstance(target, dict)
                target[name] = r.Figure(
                    name, found.kind, figure.label or found.label, found.text, found.value, found.table,
                    found.at or rules[source].at, figure.same_as,
                )  # fmt: skip

    def rule(self, i: int, item: ProvisionData) -> r.Rule:
        where: Path = ("provisions", i)
        before = len(self.problems)
        asked = {condition.name: condition for condition in item.conditions}
        for k, condition in enumerate(item.conditions):
            if condition.name in item.inputs or sum(c.name == condition.name for c in item.conditions) > 1:
                self.report(
                    "policy_duplicate",
                    (*where, "conditions", k),
                    f"“{condition.name}”已另有所指",
                    "各用一个名称",
                    "改名",
                )
        item = with_conditions(item)
        inputs = tuple(read_inputs(item, where, self.report))
        figures = {figure.name: figure for figure in read_figures(item, inputs, where, self.report)}
        symbols: dict[str, Symbol] = dict(self.symbols)
        used: set[str] = {q.max for q in item.quotas} | ({item.tail.years} if item.tail else set())
        for entry in inputs:
            tokens = tuple(str(c.value) for c in entry.choices)
            unit = one_unit(entry.unit) if entry.type == "integer" else None
            symbols[entry.name] = Symbol(
                n.Input(entry.name), KINDS.get(entry.type, entry.type), tokens, unit=unit  # type: ignore[arg-type]
            )  # fmt: skip
        for name, figure in figures.items():
            if name in symbols:
                self.report(
                    "policy_duplicate", (*where, "figures", name), f"“{name}”既是数字又是输入项", "各用一个名称", "改名"
                )
            leaf: n.Node = n.Lookup(name) if figure.table else n.Figure(name)
            symbols[name] = Symbol(leaf, *self.sort_of(item.figures[name], figure))

        absent = frozenset(
            e.name for e in inputs if not e.required and e.default is None and not e.default_from and item.inputs[e.name].required_when is None
        )  # fmt: skip

        def read_sort(
            path: Path, text: str, want: r.Kind | None, when: n.Node | None = None
        ) -> tuple[n.Node, r.Kind, str | None]:
            try:
                node, kind, unit = parse_sort(text, symbols, want)
                if bare := unguarded(n.Choose(when, node, n.Const(False)) if when else node, absent):
                    raise FormulaError(f"公式“{text}”：可不填的输入项 {'、'.join(sorted(bare))} 未先用 given() 判断")
            except FormulaError as error:
                self.report("policy_formula", (*where, *path), str(error), "编写指南里的公式写法", "改好公式")
                used.update(re.findall(r"\w+", text))
                return n.Const(Decimal(0)), "any", None
            self.hangs(item.id, text)
            used.update(
                leaf.name
                for leaf in n.leaves(node)
                if isinstance(leaf, n.Figure | n.Lookup | n.Input | n.Given | n.Term)
            )
            return node, kind, unit

        def read(path: Path, text: str, want: r.Kind | None, when: n.Node | None = None) -> n.Node:
            return read_sort(path, text, want, when)[0]

        terms = []
        for name, term in item.let.items():
            if name in symbols:
                self.report("policy_duplicate", (*where, "let", name), f"“{name}”已另有所指", "各用一个名称", "改名")
            node, kind, unit = read_sort(("let", name), term.is_, None)
            terms.append(r.Line(node, term.is_, kind, term.label, name, term.at))
            symbols[name] = Symbol(n.Term(name), kind, divided=divided(node, symbols), unit=unit)
        conditions = [
            r.Line(read(("when", k), line.if_, "boolean"), line.if_, "boolean", line.label, "", line.at)
            for k, line in enumerate(item.when)
        ]
        known = Known({e.name: e for e in inputs}, figures, {line.name: line.node for line in terms})
        amount = None
        if item.amount:
            node = not_negative(read(("amount",), item.amount, "money"), known)
            amount = r.Line(node, item.amount, "money", "补助金额")
        limits = []
        for k, limit in enumerate(item.limits):
            when = read(("limits", k, "when"), limit.when, "boolean") if limit.when else None
            maximum = not_negative(read(("limits", k, "max"), limit.max, "money", when), known)
            label = limit.label or self.limit_label(limit.max, figures)
            limits.append(
                r.Limit(
                    maximum,
                    limit.max,
                    label,
                    _ordered(limit.per),
                    limit.used,
                    when,
                    limit.at,
                    limit.shared or "",
                    limit.rule or "",
                    by_reading((*where, "limits", k), self.hanging),
                )
            )
            if limit.used is not None and limit.used not in {e.name for e in inputs if e.type == "money"}:
                self.report(
                    "policy_name",
                    (*where, "limits", k, "used"),
                    f"used 指的“{limit.used}”不是金额输入项",
                    "金额类输入项",
                    "改名",
                )
            used.add(limit.used or "")
        assumptions = tuple(
            r.Assumption(
                a.reading, self.reading((*where, "assumptions", k), a.reading),
                read(("assumptions", k), a.when, "boolean") if a.when else on_edge(a.edge, figures, (*where, "assumptions", k), self.report),
                a.settlement, self.data.readings[a.reading].sort if a.reading in self.data.readings else "reading",
            )
            for k, a in enumerate(item.assumptions)
        )  # fmt: skip
        quotas = tuple(
            r.Quota(q.max, q.per, q.each, read(("quotas", k, "when"), q.when, "boolean") if q.when else None)
            for k, q in enumerate(item.quotas)
        )
        inputs = tuple(self.with_trigger(where, entry, item.inputs[entry.name], read) for entry in inputs)
        inputs = tuple(self.asked(where, entry, asked, read) for entry in inputs)
        if amount is not None:
            inputs = tuple(measuring(inputs, item, known, amount.node, conditions, limits))
        self.judge(where, item, inputs, figures, used, before)
        return r.Rule(
            id=item.id, document=self.data.document.key, at=item.at, title=item.title, nature=item.nature,
            recipient=item.recipient, themes=item.theme, payer=item.payer or self.data.document.payer, mode=item.mode,
            departments=item.departments or self.data.document.departments, aliases=item.aliases, figures=figures, inputs=inputs, terms=tuple(terms),
            conditions=(*implied(inputs, known, amount.node if amount else None, conditions, limits), *conditions), amount=amount, limits=tuple(limits),
            assumptions=assumptions, quotas=quotas,
            once=item.once, least=r.Least(item.least.of, item.least.per, item.least.less_paid) if item.least else None,
            term=r.Term(item.term.days, item.term.years, item.term.per) if item.term else None,
            valid_from=item.valid_from, tail=r.Tail(item.tail.since, item.tail.years) if item.tail else None,
            refer_to=item.refer_to, notes=item.notes, unchanged=item.unchanged,
            readings=tuple(name for name in self.readings if item.id in self.reached.get(name, ())),
        )  # fmt: skip

    def hangs(self, rule: str, formula: str) -> None:
        """A formula that names the number of a reading hangs on it."""
        for name in self.symbols.keys() & set(re.findall(r"\w+", formula)):
            self.reached.setdefault(name, set()).add(rule)

    def judge(
        self,
        where: Path,
        item: ProvisionData,
        inputs: tuple[r.Input, ...],
        figures: Mapping[str, r.Figure],
        used: set[str],
        before: int,
    ) -> None:
        """What the shape alone cannot say: the nature's needs, and nothing declared in vain."""
        if item.nature in ("external", "pointer"):
            if item.amount or not item.refer_to:
                self.report(
                    "policy_nature",
                    where,
                    "指引性条款不计算金额，只写去处",
                    "无 amount，有 refer_to",
                    "删去 amount，写明 refer_to",
                )
        elif item.amount is None:
            self.report("policy_nature", where, "缺少 amount", "一个得出金额的公式", "写上金额公式")
        if item.nature == "discretionary" and not any(e.name == "approved_amount" for e in inputs):
            self.report(
                "policy_nature", where, "按核定的条款缺少输入项 approved_amount", "核定金额作为输入", "补上输入项"
            )
        if item.nature == "discretionary" and not item.limits:
            self.report("policy_nature", where, "按核定的条款没有上限", "limits 里写明最高金额", "补上封顶")
        hung = [options for path, options in self.options if path[:2] == where]
        for name in figures:
            if name not in used and not self.crossed(item.id, name) and name not in words(hung):
                self.report(
                    "policy_unused",
                    (*where, "figures", name),
                    f"数字 {name} 没有被任何公式用到",
                    "每个数字都起作用",
                    "用上它，或移到 unpaid_numbers 并说明",
                )
        sound = item.amount is not None and not any(p.code == "policy_formula" for p in self.problems[before:])
        judge_vain(where, item, inputs, [*hung, *(x.model_dump() for x in self.data.cross_rules)], sound, self.report)
        if item.tail:
            years, since = figures.get(item.tail.years), item.inputs.get(item.tail.since)
            if years is None or years.kind != "count" or since is None or since.type != "date":
                self.report(
                    "policy_name",
                    (*where, "tail"),
                    "tail 指向的不是一个年数和一个日期输入项",
                    "figures 和 inputs 里的名称",
                    "核对名称",
                )
        dims = set(r.DIMENSIONS)
        scopes = [("limits", limit.per, dims) for limit in item.limits]
        scopes += [("once", item.once, dims - {"session", "document"})]
        scopes += [("least", item.least.per, dims - {"session", "document"})] if item.least else []
        for key, scope, known in scopes:
            for name in scope:
                if name not in known and name not in item.inputs:
                    self.report(
                        "policy_name",
                        (*where, key),
                        f"范围里的“{name}”不认识",
                        "、".join(sorted(known)) + "，或输入项名称",
                        nearest(name, sorted(known | set(item.inputs))),
                    )
        for name in item.least.of if item.least else ():
            if name not in item.inputs:
                self.report(
                    "policy_name", (*where, "least"), f"没有输入项 {name}", "输入项名称", nearest(name, item.inputs)
                )
        if item.term and (item.term.years not in figures or item.term.days not in item.inputs):
            self.report(
                "policy_name",
                (*where, "term"),
                "term 指向的不是一个年数和一个天数输入项",
                "figures 和 inputs 里的名称",
                "核对名称",
            )
        for k, quota in enumerate(item.quotas):
            if quota.per.startswith("industry") and "industry" not in item.inputs:
                self.report(
                    "policy_name",
                    (*where, "quotas", k),
                    "按行业的名额缺少输入项 industry",
                    "industry: {type: text, label: 所属行业, optional: true}",
                    "补上输入项",
                )
            if quota.max not in figures:
                self.report(
                    "policy_name",
                    (*where, "quotas", k),
                    f"没有数字 {quota.max}",
                    "figures 里的名称",
                    nearest(quota.max, figures),
                )

    def crossed(self, rule: str, figure: str) -> bool:
        """Whether a cross rule uses this figure, written as `provision.figure`."""
        return any(f"{rule}.{figure}" in _texts(cross.model_dump()) for cross in self.data.cross_rules)

    def reading(self, path: Path, name: str) -> str:
        if name not in self.data.readings:
            self.report(
                "policy_name", path, f"readings 里没有 {name}", "readings 里的名称", nearest(name, self.data.readings)
            )
        found = self.readings.get(name)
        if found is not None:
            return found.option(found.chosen).prompt
        return (self.data.readings[name].text if name in self.data.readings else None) or name

    def limit_label(self, source: str, figures: Mapping[str, r.Figure]) -> str:
        return figures[source].label if source in figures else "限额"

    def with_trigger(
        self, where: Path, entry: r.Input, data: InputData, read: Callable[[Path, str, r.Kind | None], n.Node]
    ) -> r.Input:
        if data.required_when is None:
            return entry
        node = read(("inputs", entry.name), data.required_when, "boolean")
        return replace(entry, required_when=node)

    def asked(
        self,
        where: Path,
        entry: r.Input,
        asked: Mapping[str, ConditionData],
        read: Callable[[Path, str, r.Kind | None], n.Node],
    ) -> r.Input:
        """An input that is a condition of the provision: whether and when a form wants an answer."""
        condition = asked.get(entry.name)
        if condition is None:
            return entry
        when = read(("inputs", entry.name), condition.when, "boolean") if condition.when else None
        return replace(entry, asked=condition.default == "ask", asked_when=when, at=condition.at)

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


def _ordered(scope: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of a scope in the order in which it is said, each once."""
    return tuple(sorted(dict.fromkeys(scope), key=lambda x: list(r.DIMENSIONS).index(x) if x in r.DIMENSIONS else 99))


def _texts(item: Any) -> set[str]:
    """All strings anywhere inside YAML data."""
    if isinstance(item, str):
        return {item}
    if isinstance(item, Mapping):
        return {text for value in item.values() for text in _texts(value)}
    if isinstance(item, list | tuple):
        return {text for value in item for text in _texts(value)}
    return set()
