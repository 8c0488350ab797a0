"""What a policy file that can be read may still have got wrong: told by `xlpolicy check`, refused by nobody."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from xlpolicy.faults import Fault
from xlpolicy.law import nodes as n
from xlpolicy.law import records as r
from xlpolicy.law.reading.proofs import ZERO, Known, beside


def doubts(document: r.Document) -> Iterator[Fault]:
    """Formulas that may fall below zero, tables of which it is not said what is paid below their lowest row, numbers
    that do not say what they count."""
    for rule in document.rules.values():
        if rule.amount is None:
            continue
        known = Known({item.name: item for item in rule.inputs}, rule.figures, {t.name: t.node for t in rule.terms})
        yield from _negative(document, rule, known)
        yield from _sides(document, rule, known)
        for item in rule.inputs:
            if item.type == "integer" and not item.unit and not item.choices:
                yield Fault(
                    "policy_doubt", f"{document.key} 条款 {rule.id}", f"inputs.{item.name}",
                    f"数量 {item.name}（{item.label}）没有写单位，和数字比较时核对不了", "unit: 家、人、天等", "补上 unit", "warning",
                )  # fmt: skip


def _negative(document: r.Document, rule: r.Rule, known: Known) -> Iterator[Fault]:
    """A difference without max: what is below zero is paid as nothing, which nobody may have meant."""
    assert rule.amount is not None
    for part, node, source in (
        ("amount", rule.amount.node, rule.amount.source),
        *(("limits", limit.node, limit.source) for limit in rule.limits),
    ):
        match node:
            case n.Extreme("max", (inner, n.Const(value))) if value == ZERO and not _written(source):
                if known.bounds(inner)[0] < 0:
                    yield Fault(
                        "policy_doubt", f"{document.key} 条款 {rule.id}", part, f"“{source}”可能小于 0，小于 0 时按 0 计",
                        "不会小于 0 的公式", "本意如此就写明 max(…, 0)；否则核对减数", "warning",
                    )  # fmt: skip


def _written(source: str) -> bool:
    """Whether the author held the formula at zero himself."""
    match ast.parse(source.strip(), mode="eval").body:
        case ast.Call(func=ast.Name(id="max"), args=args):
            return any(isinstance(arg, ast.Constant) and arg.value == 0 for arg in args)
    return False


def _sides(document: r.Document, rule: r.Rule, known: Known) -> Iterator[Fault]:
    """A table that is one part of an amount: below its lowest row the rest may remain, or nothing."""
    assert rule.amount is not None
    for name in dict.fromkeys(beside(rule.amount.node, known.terms)):
        table = rule.figures[name].table
        if table is None or table.mode == "levels" or table.below or (table.mode == "from" and table.rows[0][0] == 0):
            continue
        yield Fault(
            "policy_doubt", f"{document.key} 条款 {rule.id}", f"figures.{name}",
            f"分档的 {name} 与别的数相加减或比大小，没有写不到最低一档时怎样，现在按整条不予补助", "below: 0 或 below: none",
            "只是这一项没有、其余照算的写 below: 0；整条不予补助的写 below: none", "warning",
        )  # fmt: skip
