"""The cross rules of two documents side by side: what now holds between claims."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from xlpolicy.law.effects import EFFECTS, CrossRule
from xlpolicy.law.records import Document

#: kinds that say when the document or an award of it holds, which the periods of the provisions say too
_PERIODS = frozenset({"deadline", "retroactive", "succession"})

#: how many provisions are named
_NAMED = 8


class CrossRow(NamedTuple):
    """A cross rule of either document, or of both. `alone`: it concerns no provision that stands in both."""

    status: str
    old: str
    new: str
    old_at: str
    new_at: str
    text: str
    alone: bool = False


def crossing(old: Document, new: Document) -> Iterator[CrossRow]:
    """Every cross rule once. A rule that carries out the sentence of another is not told beside it."""
    common = set(old.rules) & set(new.rules)
    left = list(_told(new))
    for before in _told(old):
        after = _same(before, left, common)
        if after is None:
            yield _single("dropped", old, before, common)
            continue
        left.remove(after)
        gained = [m for m in after.members if m in common and m not in before.members]
        lost = [m for m in before.members if m in common and m not in after.members]
        parts = [f"新纳入 {_titles(new, gained)}"] * bool(gained) + [f"不再包括 {_titles(new, lost)}"] * bool(lost)
        parts += [f"旧文件为“{before.text}”"] * (before.text != after.text)
        if old.key == new.key and not parts and before != after:
            parts.append("起作用的写法有改动")
        status = "changed" if gained or lost or (old.key == new.key and parts) else "same"
        yield CrossRow(status, before.id, after.id, before.at, after.at, "；".join([after.text, *parts]))
    for after in left:
        yield _single("added", new, after, common)


def _told(document: Document) -> Iterator[CrossRule]:
    for rule in document.cross_rules:
        if not rule.part_of and not (rule.kind in _PERIODS and _of_periods(document, rule)):
            yield rule


def _of_periods(document: Document, rule: CrossRule) -> bool:
    """Whether it is about the whole document, or provisions that have days of their own."""
    rules = [document.rules[m] for m in rule.members]
    return len(rules) == len(document.rules) or any(r.valid_from or r.tail or r.earlier for r in rules)


def _single(status: str, document: Document, rule: CrossRule, common: set[str]) -> CrossRow:
    """A rule that only one document has, with the provisions of both that it concerns, else all of them."""
    both = [m for m in rule.members if m in common]
    who = _titles(document, both or list(rule.members), everyone=not both or len(both) == len(rule.members))
    text = f"{rule.text}（涉及 {who}）"
    old, new = (rule, None) if status == "dropped" else (None, rule)
    return CrossRow(
        status, old.id if old else "", new.id if new else "", old.at if old else "", new.at if new else "", text, not both
    )  # fmt: skip


def _same(before: CrossRule, left: list[CrossRule], common: set[str]) -> CrossRule | None:
    """The rule of the other document that does the same to mostly the same provisions."""
    fits = [c for c in left if c.kind == before.kind and _effects(c) == _effects(before)]
    after = max(fits, key=lambda c: _likeness(before, c, common), default=None)
    return None if after is None or _likeness(before, after, common) < 0.5 else after


def _likeness(before: CrossRule, after: CrossRule, common: set[str]) -> float:
    """How far two rules concern the same provisions, among those that both documents have; 2 for the same id."""
    first, second = common & set(before.members), common & set(after.members)
    return 2.0 if before.id == after.id else len(first & second) / max(len(first | second), 1)


def _effects(rule: CrossRule) -> frozenset[str]:
    return frozenset(name for name in EFFECTS if getattr(rule, name) is not None)


def _titles(document: Document, members: list[str], *, everyone: bool = False) -> str:
    if everyone and len(members) == len(document.rules):
        return "全部条款"
    shown = "、".join(document.rules[m].title for m in members[:_NAMED])
    return shown if len(members) <= _NAMED else f"{shown}等 {len(members)} 条"
