"""What a provision says without saying it: that something is claimed, that every table is read within its rows, and
that nothing is declared in vain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from xlpolicy.law import nodes as n
from xlpolicy.law import records as r
from xlpolicy.law.reading.declare import Report
from xlpolicy.law.reading.proofs import Known, pays_nothing, reads, under
from xlpolicy.law.reading.schema import ProvisionData
from xlpolicy.law.reading.yamltext import Path

#: what a provision tells in words for people; a name there is no use of it
_TOLD = {
    "id",
    "at",
    "title",
    "recipient",
    "object",
    "theme",
    "unchanged",
    "aliases",
    "departments",
    "refer_to",
    "notes",
    "label",
}


def measuring(
    inputs: tuple[r.Input, ...], item: ProvisionData, known: Known, amount: n.Node, conditions: Sequence[r.Line],
    limits: Sequence[r.Limit],
) -> Iterator[r.Input]:  # fmt: skip
    """The inputs, of which the first is a measure only where its zero surely leaves nothing to pay."""
    for entry in inputs:
        if entry.measure and item.inputs[entry.name].measure is None:
            at_zero = replace(known, zero=entry.name)
            yield replace(entry, measure=pays_nothing(at_zero, amount, [line.node for line in conditions], limits))
        else:
            yield entry


def implied(
    inputs: tuple[r.Input, ...], known: Known, amount: n.Node | None, conditions: Sequence[r.Line],
    limits: Sequence[r.Limit],
) -> Iterator[r.Line]:  # fmt: skip
    """Conditions that follow from the schema: something is claimed, and every table has a row where it is read (tables
    that begin alike say it once)."""
    for entry in inputs:
        if entry.measure:
            claimed: n.Node = n.Compare(">", n.Input(entry.name), n.Const(Decimal(0)))
            if not entry.required and entry.default is None and entry.default_from is None:
                claimed = n.Choose(n.Given(entry.name), claimed, n.Const(True))
            yield r.Line(claimed, "", "boolean")
    found = [path for line in conditions for path in reads(line.node, known.terms)]
    found += reads(amount, known.terms) if amount else []
    for limit in limits:
        found += reads(n.Choose(limit.when, limit.node, n.Const(Decimal(0))) if limit.when else limit.node, known.terms)
    told: dict[tuple[Any, ...], tuple[str, list[tuple[n.Node, ...]]]] = {}
    for name, figure in known.figures.items():
        table = figure.table
        if table is None or table.below == "0" or (table.mode == "levels" and isinstance(table.rows[0][0], str)):
            continue
        start = (table.by, table.mode, tuple(row[0] for row in table.rows[: None if table.mode == "levels" else 1]))
        if paths := [path for read, path in found if read == name]:
            told.setdefault(start, (name, []))[1].extend(paths)
    for name, paths in told.values():
        yield r.Line(under(paths, n.Covered(name)), "", "boolean")


def judge_vain(
    where: Path, item: ProvisionData, inputs: Sequence[r.Input], cross: Any, sound: bool, report: Report
) -> None:
    """What is asked for, or worked out, and then not used; `sound`: no formula was refused that may have meant it."""
    named = _named(item, cross)
    for entry in inputs:
        if entry.name in named or not (sound or entry.assumed):
            continue
        if entry.assumed:
            report(
                "policy_unused", (*where, "inputs", entry.name), f"假定条件 {entry.name} 没有写进 when",
                "写进 when 才会起作用", "在 when 里加上它",
            )  # fmt: skip
        else:
            report(
                "policy_unused", (*where, "inputs", entry.name),
                f"输入项 {entry.name}（{entry.label}）要人填，却没有一处用到", "每个输入项都起作用",
                "写进公式、条件或范围（once、per），或删去",
            )  # fmt: skip
    for name, term in item.let.items():
        if sound and name not in named:
            report(
                "policy_unused", (*where, "let", name), f"中间结果 {name}（{term.label}）没有一处用到",
                "每个中间结果都起作用", "写进公式，或删去",
            )  # fmt: skip


def _named(item: ProvisionData, cross: Any) -> set[str]:
    """Every name that a provision uses, from what decides (conditions, amount, limits, scopes) down to what that needs."""
    data = item.model_dump(by_alias=True, exclude_unset=True)
    below: dict[str, set[str]] = {}
    for part in ("figures", "inputs", "let"):
        for name, said in data.pop(part, {}).items():
            below[name] = words({key: value for key, value in said.items() if key != "values"})
    found: set[str] = set()
    more = words(data) | words(cross)
    while more:
        found |= more
        more = set().union(*(below.get(name, set()) for name in more)) - found
    return found


def words(data: Any) -> set[str]:
    """All names in YAML data, but for what is told to people."""
    if isinstance(data, str):
        return set(re.findall(r"[a-z]\w*", data, re.ASCII))
    if isinstance(data, Mapping):
        return set().union(*(words(value) for key, value in data.items() if key not in _TOLD))
    if isinstance(data, list | tuple):
        return set().union(*map(words, data))
    return set()
