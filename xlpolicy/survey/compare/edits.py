"""What an edited copy of a provision changed beside its figures, conditions and formulas: nothing may pass for unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from xlpolicy.law.encoding import encode
from xlpolicy.law.records import Document, Input, Line, Rule
from xlpolicy.survey.compare.provisions import Change
from xlpolicy.words.effects_told import own_effects
from xlpolicy.words.inputs import asked
from xlpolicy.words.wording import formula

#: parts of a provision that are said as they stand
_PLAIN = {
    "at": "位置", "title": "名称", "themes": "主题", "departments": "责任单位", "aliases": "又称", "object": "封顶所管的对象",
    "refer_to": "去处", "notes": "说明", "applies": "全文规定", "earlier": "此前的文件",
}  # fmt: skip
#: parts that `effects_told` says: the field, the kind of effect
_EFFECTS = {"once": "只付一次", "least": "合计判断", "term": "期限", "quotas": "名额", "tail": "延续", "limits": "封顶"}
#: parts of which it is said only that they differ
_NAMED = {"governed": "全文规定", "unchanged": "改写未改意"}
_NOTHING = "（没有）"


def edited(old: Document, new: Document, before: Rule, after: Rule, found: list[Change]) -> list[Change]:
    """What differs between two texts of a provision beside the changes found, in one change."""
    differing = {f.name for f in fields(Rule) if encode(getattr(before, f.name)) != encode(getattr(after, f.name))}
    said = "；".join(change.text for change in found)
    told = [f"{label} {_shown(getattr(before, name))} → {_shown(getattr(after, name))}" for name, label in _PLAIN.items() if name in differing]  # fmt: skip
    told += _effects(old, new, before, after, differing, said)
    told += _inputs(before, after, said) if "inputs" in differing else ()
    told += _lines(before, after, said)
    told += _sets("读法", [a.text for a in before.assumptions], [a.text for a in after.assumptions])
    told += _sets("口径", [_asks(old, x) for x in before.readings], [_asks(new, x) for x in after.readings])
    names = [label for name, label in _NAMED.items() if name in differing]
    if differing and not told and not names and all(change.kind == "same" for change in found):
        names = ["写法"]
    told += dict.fromkeys(names)
    return [Change("other", "其他", "", "", f"另有改动：{'；'.join(told)}")] if told else []


def _shown(value: Any) -> str:
    return ("、".join(map(str, value)) if isinstance(value, tuple) else str(value)) or _NOTHING


def _asks(document: Document, name: str) -> str:
    return document.readings[name].question


def _sets(label: str, before: list[str], after: list[str]) -> Iterator[str]:
    """What is no longer said, and what is said instead."""
    gone, come = ([x for x in a if x not in b] for a, b in ((before, after), (after, before)))
    if gone or come:
        yield f"{label} {'、'.join(gone) or _NOTHING} → {'、'.join(come) or _NOTHING}"


def _effects(
    old: Document, new: Document, before: Rule, after: Rule, differing: set[str], said: str
) -> Iterator[str]:  # fmt: skip
    """Scopes, limits, terms and places, in the words of `show`; figures and scopes of limits are told elsewhere."""
    for name, kind in _EFFECTS.items():
        if name not in differing or (name == "limits" and not _written_otherwise(before, after)):
            continue
        was, now = ([e.text for e in own_effects(d, r) if e.kind == kind] for d, r in ((old, before), (new, after)))
        for sentence in _sets(kind, was, now):
            if sentence not in said:
                yield sentence


def _written_otherwise(before: Rule, after: Rule) -> bool:
    """Whether limits of both differ in more than their scope: what they are of, what goes off first, when they hold."""
    was, now = ([encode(replace(x, per=(), by_reading="")) for x in rule.limits] for rule in (before, after))
    return len(was) == len(now) and was != now


def _inputs(before: Rule, after: Rule, said: str) -> Iterator[str]:
    """How the inputs of both are asked for."""
    theirs = {item.name: item for item in after.inputs}
    ways: dict[str, Callable[[Rule, Input], str]] = {
        "名称": lambda _, x: x.label,
        "证明材料": lambda _, x: "、".join(x.evidence),
        "填法": asked,
        "单位": lambda _, x: x.unit,
        "由谁填": lambda _, x: "主管部门" if x.by else "申报单位",
        "最小值": lambda _, x: "" if x.minimum is None else str(x.minimum),
        "最大值": lambda _, x: "" if x.maximum is None else str(x.maximum),
        "不填时最多估计": lambda _, x: x.at_most.text if x.at_most else "",
        "包括": lambda _, x: "、".join(x.covers),
        "出处": lambda _, x: x.at or "",
    }
    for item in before.inputs:
        other = theirs.get(item.name)
        if other is None or encode(item) == encode(other):
            continue
        seen = False
        for label, way in ways.items():
            was, now = way(before, item), way(after, other)
            seen = seen or was != now
            if was != now and not (label == "名称" and f"“{now}”" in said):
                yield f"“{item.label}”的{label} {was or _NOTHING} → {now or _NOTHING}"
        if not seen:
            yield f"“{item.label}”的写法"


def _lines(before: Rule, after: Rule, said: str) -> Iterator[str]:
    """Terms that no changed formula tells, and where conditions, figures and formulas stand."""
    theirs = {line.name: line for line in after.terms}
    for line in before.terms:
        other = theirs.get(line.name)
        if other is None or encode(line.node) == encode(other.node):
            continue
        was, now = formula(before, line), formula(after, other)
        if now not in said:
            yield f"{line.label} {was} → {now}"
    at = {figure.name: figure.at for figure in after.figures.values()}
    moved = [x.label for x in before.figures.values() if x.name in at and at[x.name] != x.at]
    places: dict[str, Line] = {str(encode(line.node)): line for line in after.conditions}
    for line in before.conditions:
        twin = places.get(str(encode(line.node)))
        if twin is not None and (twin.at, twin.label) != (line.at, line.label):
            moved.append(line.label or formula(before, line))
    if moved:
        yield f"出处或说法（{'、'.join(moved)}）"
