"""diff: what a new document changes, provision by provision, read off the compiled figures, formulas and natures."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from xlpolicy.claim.period import last_day
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import period
from xlpolicy.law.records import Document, Rule
from xlpolicy.survey.compare.crossing import CrossRow, crossing
from xlpolicy.survey.compare.edits import edited
from xlpolicy.survey.compare.hanging import changed, marked
from xlpolicy.survey.compare.provisions import Change
from xlpolicy.survey.compare.sources import head_changes
from xlpolicy.words.wording import brief

NOT_LISTED = "新文件未列入"
STATUS = {"changed": "变化", "added": "新列入", "dropped": "未列入", "same": "不变"}
#: the kinds of change, as the heading of a row tells them
KINDS = {
    "raised": "提高",
    "lowered": "降低",
    "tightened": "门槛更严",
    "loosened": "门槛放宽",
    "figure_added": "新增数字",
    "figure_dropped": "取消数字",
    "rewritten": "标准改写",
    "to_upper_bound": "标准变为上限",
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
    "elsewhere": "另见全文规定",
    "earlier": "此前另有文件",
    "other": "其他改动",
}


class Row(NamedTuple):
    """One provision of either document. `old_at`/`new_at` are pinpoints, empty where it does not stand.

    `lasting`: what of a provision that ends is paid on, or left open.
    """

    rule: str
    title: str
    status: str
    old_at: str
    new_at: str
    changes: tuple[Change, ...]
    text: str
    lasting: tuple[Change, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of change in the row, each once, in the order of `KINDS`."""
        found = {change.kind for change in self.changes}
        return tuple(kind for kind in KINDS if kind in found)


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
                row._asdict()
                | {
                    "kinds": list(row.kinds),
                    "changes": [c._asdict() for c in row.changes],
                    "lasting": [c._asdict() for c in row.lasting],
                }
                for row in self.rows
            ],
            "cross_rules": [row._asdict() for row in self.cross],
        }


def diff(catalog: Catalog, old: str | Document, new: str | Document) -> Diff:
    """What `new` changes against `old` (documents, or their keys or numbers). Raises UnknownPolicy."""
    old, new = (d if isinstance(d, Document) else catalog.document(d) for d in (old, new))
    rows = [_row(old, new, key) for key in old.rules if key in new.rules]
    rows += [Row(r.id, r.title, "added", "", r.at, (), _added(r)) for r in new.rules.values() if r.id not in old.rules]
    rows += [_dropped(old, r) for r in old.rules.values() if r.id not in new.rules]
    return Diff(old, new, tuple(rows), tuple(crossing(old, new)), tuple(_remarks(old, new)))


def _head(document: Document) -> dict[str, Any]:
    return {
        "key": document.key,
        "name": document.name,
        "title": document.title,
        "valid_from": document.valid_from and str(document.valid_from),
        "valid_to": document.valid_to and str(document.valid_to),
        "draft": document.draft,
        "own": document.own,
    }


def _row(old: Document, new: Document, key: str) -> Row:
    before, after = old.rules[key], new.rules[key]
    found = marked(old, new, key, list(changed(old, new, key)))
    found += _elsewhere(old, new, key) if old.key != new.key else edited(old, new, before, after, found)
    real = [change for change in found if change.kind != "same"]
    title = after.title if after.title == before.title else f"{before.title} → {after.title}"
    text = "；".join(change.told for change in found) or "没有数字，其他也不变"
    return Row(key, title, "changed" if real else "same", before.at, after.at, tuple(found), text)


def _elsewhere(old: Document, new: Document, key: str) -> Iterator[Change]:
    """What other documents say of a provision: sentences about it alone, and what applied between the two."""
    before, after = ([text for text in d.rules[key].applies if text not in _whole(d)] for d in (old, new))
    for side, mine, theirs in (("旧", before, after), ("新", after, before)):
        for text in mine:
            if text not in theirs:
                was, now = (text, "") if side == "旧" else ("", text)
                yield Change("elsewhere", "另见全文规定", was, now, f"{side}文件{text}")
    if new.rules[key].earlier and not old.rules[key].earlier:
        yield Change("earlier", "此前另有文件", new.rules[key].earlier, "", _before(new.rules[key]))


def _before(rule: Rule) -> str:
    return f"此前适用{rule.earlier}（没有载入），与它相比改了什么须另行核对"


def _added(rule: Rule) -> str:
    where = f"，{rule.refer_to.rstrip('。')}" if rule.amount is None else ""
    return f"新文件列入：{brief(rule)}{where}" + (f"；{_before(rule)}" if rule.earlier else "")


def _dropped(document: Document, rule: Rule) -> Row:
    """What it was, with what of it still holds after the last day of its document."""
    lasting = tuple(_lasting(document, rule))
    text = "；".join([f"{NOT_LISTED}，原为：{brief(rule)}", *(change.text for change in lasting)])
    return Row(rule.id, rule.title, "dropped", rule.at, "", (), text, lasting)


def _lasting(document: Document, rule: Rule) -> Iterator[Change]:
    """What is paid after the last day of the document, and what it leaves open."""
    last = document.valid_to
    if rule.tail and last:
        figure = rule.figures[rule.tail.years]
        years = int(figure.value) if isinstance(figure.value, Decimal) else 0
        of, at = rule.input(rule.tail.since).label, figure.at or rule.at
        text = f"{last}前入选的照付：自{of}当年起 {figure.text}（含当年，{at}），最迟到 {last.year + years - 1}年度"
        if rule.tail.by == "day":
            text = f"{last}前入选的照付：自{of}起 {figure.text}（{at}），最迟到 {last_day(last, years)}"
        yield Change("runs_on", "照付", "", "", text)
    if rule.term:
        figure = rule.figures[rule.term.years]
        text = f"{figure.label} {figure.text} 跨过 {last} 的部分，旧文件没有写明还付不付"
        yield Change("left_open", figure.label, "", "", text)


def _whole(document: Document) -> list[str]:
    """The sentences that reach every provision of a document."""
    every = [set(rule.applies) for rule in document.rules.values()]
    return [text for text in next(iter(document.rules.values())).applies if all(text in x for x in every)]


def _remarks(old: Document, new: Document) -> Iterator[str]:
    if old.key == new.key:
        yield from head_changes(old, new)
        return
    for document in (old, new):
        if document.draft:
            yield f"{document.name}为征求意见稿"
        yield from (f"{document.name}：{text}" for text in _whole(document))
        yield from _starts(document)
    if old.city != new.city:
        yield "两份文件属于不同城市，谁也不接替谁：“旧”“新”只是先后写的次序，提高、降低只是对照"
    if any(key not in new.rules for key in old.rules) or any(key not in old.rules for key in new.rules):
        yield "“新列入”“未列入”只就这两份文件说，不等于新设或取消：其他文件另有规定的，没有载入"
    if not (old.draft or new.draft) and old.city == new.city:
        yield from _periods(old, new)


def _starts(document: Document) -> Iterator[str]:
    """Parts of a document that begin on a day of their own."""
    days: dict[dt.date, list[Rule]] = {}
    for rule in document.rules.values():
        if rule.valid_from and rule.valid_from != document.valid_from:
            days.setdefault(rule.valid_from, []).append(rule)
    for day, rules in days.items():
        parts = "、".join(dict.fromkeys(rule.at.split()[0] for rule in rules))
        yield f"{document.name}：{parts}的 {len(rules)} 条自 {day} 起，其余自 {document.valid_from} 起"


def _periods(old: Document, new: Document) -> Iterator[str]:
    """Days on which neither document, both, or a third one applies, for the provisions that stand in both."""
    day = dt.timedelta(days=1)
    starts: dict[tuple[dt.date | None, str], list[Rule]] = {}
    for key in old.rules:
        if key in new.rules:
            after = new.rules[key]
            starts.setdefault((period(new, after)[0], after.earlier), []).append(after)
    for (first, earlier), rules in starts.items():
        if first is None:
            continue
        names = "、".join(f"{r.title}（{r.at}）" for r in rules) if len(starts) > 1 and len(rules) < 6 else "各条"
        if old.valid_to is None:
            yield f"{names}：{first} 起两份文件都在有效期内（{old.name}未写有效期止）"
        elif first > old.valid_to + day:
            gap = f"{names}：{old.valid_to + day} 至 {first - day} "
            yield gap + (f"适用{earlier}（没有载入），这两份文件都不适用，不能比较" if earlier else "两份文件都不适用")
        elif new.valid_to is None or first <= old.valid_to < new.valid_to:
            yield f"{names}：{first} 至 {old.valid_to} 两份文件都在有效期内"
