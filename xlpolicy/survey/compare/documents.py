"""diff: what a new document changes, provision by provision, read off the compiled figures, formulas and natures."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from xlpolicy.law.catalog import Catalog, period
from xlpolicy.law.effects import EFFECTS, CrossRule
from xlpolicy.law.records import Document, Rule
from xlpolicy.survey.compare.pairing import Pairs
from xlpolicy.survey.compare.provisions import Change, changes
from xlpolicy.words.wording import brief

STATUS = {"changed": "变化", "added": "新增", "dropped": "取消", "same": "不变"}
#: the kinds of change, as the heading of a row tells them
KINDS = {
    "raised": "提高",
    "lowered": "降低",
    "tightened": "门槛更严",
    "loosened": "门槛放宽",
    "figure_added": "新增数字",
    "figure_dropped": "取消数字",
    "rewritten": "标准改写",
    "to_upper_bound": "定额变为上限",
    "nature": "性质变更",
    "scope": "封顶范围变更",
    "basis": "口径变更",
    "formula": "算法变更",
    "condition_added": "新增条件",
    "condition_dropped": "取消条件",
    "limit_added": "新增限额",
    "limit_dropped": "取消限额",
    "recipient": "对象变更",
    "payer": "资金变更",
    "mode": "方式变更",
    "input_added": "新填项目",
    "input_dropped": "不再填报",
    "validity": "起止日期",
}


class Row(NamedTuple):
    """One provision of either document. `old_at`/`new_at` are pinpoints, empty where it does not stand."""

    rule: str
    title: str
    status: str
    old_at: str
    new_at: str
    changes: tuple[Change, ...]
    text: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of change in the row, each once, in the order of `KINDS`."""
        found = {change.kind for change in self.changes}
        return tuple(kind for kind in KINDS if kind in found)


class CrossRow(NamedTuple):
    """A cross rule of either document, or of both."""

    status: str
    old: str
    new: str
    old_at: str
    new_at: str
    text: str


@dataclass(frozen=True, slots=True)
class Diff:
    """The outcome. `remarks`: on the periods of the two documents."""

    old: Document
    new: Document
    rows: tuple[Row, ...]
    cross: tuple[CrossRow, ...]
    remarks: tuple[str, ...]

    @property
    def summary(self) -> dict[str, int]:
        """How many provisions have each status, and of the changed ones each kind of change."""
        count = Counter(row.status for row in self.rows)
        kinds = Counter(kind for row in self.rows for kind in row.kinds if row.status == "changed")
        return {key: count[key] for key in STATUS} | {kind: kinds[kind] for kind in KINDS if kinds[kind]}

    def model_dump(self, mode: str = "python") -> dict[str, Any]:
        """All of it as plain data (`mode` as elsewhere; there is nothing that JSON could not hold)."""
        return {
            "old": _head(self.old),
            "new": _head(self.new),
            "remarks": list(self.remarks),
            "summary": self.summary,
            "provisions": [
                row._asdict() | {"kinds": list(row.kinds), "changes": [c._asdict() for c in row.changes]}
                for row in self.rows
            ],
            "cross_rules": [row._asdict() for row in self.cross],
        }


def diff(catalog: Catalog, old_key: str, new_key: str) -> Diff:
    """What `new_key` changes against `old_key` (document keys or numbers). Raises UnknownPolicy."""
    old, new = catalog.document(old_key), catalog.document(new_key)
    rows = [_row(old, new, old.rules[key], new.rules[key]) for key in old.rules if key in new.rules]
    rows += [
        Row(r.id, r.title, "added", "", r.at, (), f"新增：{brief(r)}")
        for r in new.rules.values()
        if r.id not in old.rules
    ]
    rows += [
        Row(r.id, r.title, "dropped", r.at, "", (), f"取消，原为：{brief(r)}")
        for r in old.rules.values()
        if r.id not in new.rules
    ]
    return Diff(old, new, tuple(rows), tuple(_cross(old, new)), tuple(_remarks(old, new)))


def _head(document: Document) -> dict[str, Any]:
    return {
        "key": document.key,
        "name": document.name,
        "title": document.title,
        "valid_from": document.valid_from and str(document.valid_from),
        "valid_to": document.valid_to and str(document.valid_to),
        "draft": document.draft,
    }


def span(first: dt.date | None, last: dt.date | None) -> str:
    """A period in words."""
    return f"{first or '（未定）'} 至 {last or '（未定）'}"


def _row(old: Document, new: Document, before: Rule, after: Rule) -> Row:
    pairs = Pairs.of(before, after)
    found = list(changes(pairs))
    start = {"old": before.valid_from, "new": after.valid_from}
    if any(start.values()) and before.valid_from != after.valid_from:
        was, now = span(*period(old, before)), span(*period(new, after))
        found.append(Change("validity", "起止日期", was, now, f"本条有效期 {was} → {now}"))
    real = [change for change in found if change.kind != "same"]
    title = after.title if after.title == before.title else f"{before.title} → {after.title}"
    text = "；".join(_told(found)) or "没有数字，其他也不变"
    return Row(after.id, title, "changed" if real else "same", before.at, after.at, tuple(found), text)


def _told(found: list[Change]) -> Iterator[str]:
    """The sentences; an input is not told again where a condition or another basis already names it."""
    said = "".join(c.text for c in found if c.kind not in ("input_added", "input_dropped"))
    for change in found:
        if change.kind not in ("input_added", "input_dropped") or (change.new or change.old) not in said:
            yield change.text


def _remarks(old: Document, new: Document) -> Iterator[str]:
    for document in (old, new):
        if document.draft:
            yield f"{document.name}为征求意见稿"
    if old.draft or new.draft or old.city != new.city:
        return
    day = dt.timedelta(days=1)
    starts: dict[dt.date | None, list[Rule]] = {}
    for key in old.rules:
        if key in new.rules:
            starts.setdefault(period(new, new.rules[key])[0], []).append(new.rules[key])
    for first, rules in starts.items():
        if first is None:
            continue
        names = "、".join(f"{r.title}（{r.at}）" for r in rules) if len(starts) > 1 and len(rules) < 6 else "各条"
        if old.valid_to is None:
            yield f"{names}：{first} 起两份文件都在有效期内（{old.name}未写有效期止）"
        elif first > old.valid_to + day:
            yield f"{names}：{old.valid_to + day} 至 {first - day} 两份文件都不适用"
        elif new.valid_to is None or first <= old.valid_to < new.valid_to:
            yield f"{names}：{first} 至 {old.valid_to} 两份文件都在有效期内"


def _cross(old: Document, new: Document) -> Iterator[CrossRow]:
    common = set(old.rules) & set(new.rules)
    left = list(new.cross_rules)
    for before in old.cross_rules:
        fits = [c for c in left if c.kind == before.kind and _effects(c) == _effects(before)]
        after = max(fits, key=lambda c: _likeness(before, c, common), default=None)
        if after is not None and _likeness(before, after, common) < 0.5:
            after = None
        if after is None:
            yield CrossRow("dropped", before.id, "", before.at, "", f"{before.text}（涉及 {_who(old, before)}）")
            continue
        left.remove(after)
        gained = [m for m in after.members if m in common and m not in before.members]
        lost = [m for m in before.members if m in common and m not in after.members]
        parts = [f"新纳入 {_titles(new, gained)}"] * bool(gained) + [f"不再包括 {_titles(old, lost)}"] * bool(lost)
        parts += [f"旧文件为“{before.text}”"] * (before.text != after.text)
        status = "changed" if gained or lost else "same"
        yield CrossRow(status, before.id, after.id, before.at, after.at, "；".join([after.text, *parts]))
    for after in left:
        yield CrossRow("added", "", after.id, "", after.at, f"{after.text}（涉及 {_who(new, after)}）")


def _likeness(before: CrossRule, after: CrossRule, common: set[str]) -> float:
    """How far two rules concern the same provisions, among those that both documents have; 2 for the same id."""
    first, second = common & set(before.members), common & set(after.members)
    return 2.0 if before.id == after.id else len(first & second) / max(len(first | second), 1)


def _effects(rule: CrossRule) -> frozenset[str]:
    return frozenset(name for name in EFFECTS if getattr(rule, name) is not None)


def _who(document: Document, rule: CrossRule) -> str:
    return "全部条款" if len(rule.members) == len(document.rules) else _titles(document, rule.members)


def _titles(document: Document, members: tuple[str, ...] | list[str]) -> str:
    shown = "、".join(document.rules[m].title for m in members[:4])
    return shown if len(members) <= 4 else f"{shown}等 {len(members)} 条"
