"""YAML text -> compiled `Document`, or every reason why not, each with file, line, provision and remedy."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from xlpolicy.faults import Fault, PolicyFileError, nearest
from xlpolicy.law import records as r
from xlpolicy.law.reading.choices import Site, reached, resolve
from xlpolicy.law.reading.declare import numbers, read_readings
from xlpolicy.law.reading.effects_schema import compile_cross
from xlpolicy.law.reading.older import SCHEMA, number
from xlpolicy.law.reading.provision import Around, ordered, read_provision
from xlpolicy.law.reading.schema import PolicyFile
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
#: what a provision's limit is not: where else it is written, by the end of the field
_ELSEWHERE = {
    "limits.of": "删去：limits 只管金额；天数写 term，只付一次写 once，入选名额写 quotas，付几笔、贴息本金写 cross_rules 的 limit",
    "limits.max": "写数字的名称（分档的也行）或公式；以对财政的贡献为限的，写在 cross_rules 的 limit 里",
    "limit.of": "从允许的取值中选用；天数写条款的 term",
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
    remedy = next((told for end, told in _ELSEWHERE.items() if field.endswith(f".{end}")), remedy)
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
        self.data, self.place, self.sites = data, place, tuple(sites)
        self.problems: list[Fault] = []
        readings = dict(read_readings(data.readings, chosen, self.report))
        self.around = Around(
            data, self.report, self.problems, readings, dict(numbers(readings, data.readings)),
            {name: set(rules) for name, rules in reached.items()}, [(site.path, site.options) for site in self.sites],
        )  # fmt: skip

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
            rules[item.id] = read_provision(self.around, i, item)
        self.borrow(rules)
        self.apply(rules)
        self.shared()
        return r.Document(
            key=head.key, city=head.city, city_label=head.city_label, city_aliases=head.city_aliases,
            region=head.region or "",
            number=head.number, title=head.title, issuer=head.issuer, issued=head.issued,
            valid_from=head.valid_from, valid_to=head.valid_to, draft=head.draft, payer=head.payer,
            notes=head.notes, rules=rules, support=dict(self.data.support),
            cross_rules=tuple(
                replace(rule, readings=self.hung(rule.id))
                for rule in compile_cross(self.data.cross_rules, rules, self.data.support, self.report)
            ),
            unpaid_numbers=tuple(u.model_dump() for u in self.data.unpaid_numbers),
            first_day=self.around.reading(("document", "first_day"), head.first_day) if head.first_day else "",
            readings=self.around.readings,
            continues=head.continues or "", amends=head.amends or "",
            decides_by=head.decides_by, year_by=head.year_by,
            left_out=tuple(
                self.around.reading(("document",), name)
                for name, missing in left_out.items() if missing and name in self.data.readings
            ),
        )  # fmt: skip

    def hung(self, rule: str) -> tuple[str, ...]:
        """The readings on which a cross rule hangs."""
        places = {("cross_rules", k) for k, item in enumerate(self.data.cross_rules) if item.id == rule}
        return tuple(dict.fromkeys(site.reading for site in self.sites if site.path[:2] in places))

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
                    found.setdefault(limit.shared, []).append((("provisions", i, "limits", k), ordered(limit.per)))
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
