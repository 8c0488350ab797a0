"""The changes between two provisions, one record each, with its sentence in Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from xlpolicy.law import nodes as n
from xlpolicy.law.labels import MODES
from xlpolicy.law.looked_at import figures_of, named
from xlpolicy.law.records import Figure, Line, Rule
from xlpolicy.survey.compare.pairing import Pairs, moved, roles
from xlpolicy.words.shown import nature_word
from xlpolicy.words.wording import Words, condition, figure_text, formula, row_name, scope_text

#: kinds of which what was need not be said again where the old text stands beside it
_SHORT = {
    "formula": "改按 {0.new}", "basis": "口径改为“{0.new}”", "recipient": "对象改为{0.new}",
    "to_upper_bound": "由固定标准变为上限",
}  # fmt: skip
_VERBS = {"raised": "提高", "lowered": "降低", "tightened": "更难达到", "loosened": "更易达到"}


class Change(NamedTuple):
    """One change: its kind (`same` for what stayed), what it concerns, before and after, the sentence.

    `note`: which document left it open, and how it is read here.
    """

    kind: str
    what: str
    old: str
    new: str
    text: str
    note: str = ""

    @property
    def told(self) -> str:
        """The sentence with its note."""
        return f"{self.text}（{self.note}）" if self.note else self.text

    @property
    def short(self) -> str:
        """What it is now, in a few words; ※ where it hangs on a reading."""
        return _SHORT.get(self.kind, "{0.text}").format(self) + "※" * bool(self.note)


def changes(pairs: Pairs) -> Iterator[Change]:
    """Everything that differs between two provisions; unchanged figures are told too."""
    found = [*_figures(pairs), *_scopes(pairs), *_conditions(pairs), *_formulas(pairs), *_plain(pairs)]
    yield from found
    said = "".join(change.text for change in found)
    yield from (change for change in _inputs(pairs) if (change.new or change.old) not in said)


def _figures(pairs: Pairs) -> Iterator[Change]:
    old, new = pairs.old, pairs.new
    back = {b: a for a, b in pairs.figures.items()}
    for name, after in new.figures.items():
        if name not in back:
            text = figure_text(new, after)
            yield Change("figure_added", after.label, "", text, f"新增{after.label} {text}")
            continue
        before = old.figures[back[name]]
        label = after.label if before.label in after.label else f"{before.label}（现称{after.label}）"
        if before.table is None and after.table is None:
            yield _scalar(pairs, before, after, label)
        else:
            yield from _tables(pairs, before, after, label)
    for name, before in old.figures.items():
        if name not in pairs.figures:
            text = figure_text(old, before)
            yield Change("figure_dropped", before.label, text, "", f"取消{before.label} {text}")


def _scalar(pairs: Pairs, before: Figure, after: Figure, label: str) -> Change:
    way = moved(before, after)
    if not way:
        shown = after.text if before.text == after.text else f"{before.text}（现写作 {after.text}）"
        return Change("same", after.label, before.text, after.text, f"{label} {shown} 不变")
    kind = _direction(pairs.new, after.name, way)
    return Change(
        kind, after.label, before.text, after.text, f"{label} {before.text} → {after.text}，{_verb(kind, way)}"
    )


def _verb(kind: str, way: int) -> str:
    word = "提高" if way > 0 else "降低"
    return word if kind in ("raised", "lowered") else f"{word}，{_VERBS[kind]}"


def _direction(rule: Rule, name: str, way: int) -> str:
    """raised or lowered; for a figure that is only a threshold, whether it is now harder to reach."""
    if roles(rule, name) == {"condition"}:
        for line in rule.conditions:
            match line.node:
                case n.Compare(">=" | ">", _, n.Figure(key)) if key == name:
                    return "tightened" if way > 0 else "loosened"
                case n.Compare("<=" | "<", _, n.Figure(key)) if key == name:
                    return "loosened" if way > 0 else "tightened"
    return "raised" if way > 0 else "lowered"


def _tables(pairs: Pairs, before: Figure, after: Figure, label: str) -> Iterator[Change]:
    """Row by row where both are tables over the same input; else as a whole."""
    first, second = before.table, after.table
    was, now = figure_text(pairs.old, before), figure_text(pairs.new, after)
    if first is None or second is None or first.mode != second.mode or pairs.inputs.get(first.by) != second.by:
        how = "，改为分档" if first is None else "，不再分档" if second is None else "，分档办法不同"
        yield Change("rewritten", after.label, was, now, f"{label} {was} → {now}{how}")
        return
    rows = {edge: (i, value) for i, (edge, value) in enumerate(first.rows)}
    texts, kinds = [], []
    for i, (edge, value) in enumerate(second.rows):
        name, text = row_name(pairs.new, after, i), second.texts[i][1]
        if edge not in rows:
            kinds.append("rewritten")
            texts.append(f"新增{name} {text}")
            continue
        j, earlier = rows.pop(edge)
        way = (value > earlier) - (value < earlier)
        kinds.append("raised" if way > 0 else "lowered" if way < 0 else "same")
        shown = f"{first.texts[j][1]} → {text}，{_VERBS[kinds[-1]]}" if way else f"{text} 不变"
        texts.append(f"{name} {shown}")
    for i, _ in rows.values():
        kinds.append("rewritten")
        texts.append(f"取消{row_name(pairs.old, before, i)} {first.texts[i][1]}")
    told = set(kinds) - {"same"}
    kind = told.pop() if len(told) == 1 else "rewritten" if told else "same"
    yield Change(kind, after.label, was, now, f"{label}（{'；'.join(texts)}）")


def _scopes(pairs: Pairs) -> Iterator[Change]:
    """The scope of each limit that stands on a figure of both, and limits that only one of them has."""
    old, new = pairs.old, pairs.new
    rest = list(new.limits)
    for before in old.limits:
        wanted = {pairs.figures.get(name) for name in figures_of(old, before.node)}
        found = [
            x for x in rest if wanted & figures_of(new, x.node) or (not wanted and pairs.same(before.node, x.node))
        ]
        if not found:
            if not figures_of(old, before.node) or all(pairs.figures.get(f) for f in figures_of(old, before.node)):
                yield Change("limit_dropped", before.label, before.label, "", f"取消限额“{before.label}”")
            continue
        after = found[0]
        rest.remove(after)
        if before.per != after.per:
            was, now = (scope_text(y, x.per) if x.per else "一般限额" for x, y in ((before, old), (after, new)))
            yield Change("scope", after.label, was, now, f"{after.label}的范围 {was} → {now}")
    back = set(pairs.figures.values())
    for after in rest:
        per = f"（{scope_text(new, after.per)}）" if after.per else ""
        if figures_of(new, after.node) <= back:
            yield Change(
                "limit_added",
                after.label,
                "",
                formula(new, after),
                f"新增限额“{after.label}”{per}：{formula(new, after)}",
            )
        elif after.per:
            now = scope_text(new, after.per)
            yield Change("scope", after.label, "", now, f"{after.label}的范围为{now}")


def _conditions(pairs: Pairs) -> Iterator[Change]:
    """Conditions added and dropped; one that still holds a figure of both, against another fact, is another basis."""
    old, new = pairs.old, pairs.new
    before = [line for line in old.conditions if _asked(pairs, old, line)]
    after = [line for line in new.conditions if _asked(pairs, new, line)]
    for line in list(before):
        twin = next((x for x in after if pairs.same(line.node, x.node)), None)
        if twin is not None:
            before.remove(line)
            after.remove(twin)
            yield from _labels(pairs, line)
    for line in list(before):
        wanted = {pairs.figures[name] for name in figures_of(old, line.node) if name in pairs.figures}
        twin = next((x for x in after if wanted & figures_of(new, x.node)), None)
        if twin is not None:
            before.remove(line)
            after.remove(twin)
            was, now = _bare(old, line), _bare(new, twin)
            what = new.figures[sorted(wanted & figures_of(new, twin.node))[0]].label
            kind = _strictness(pairs, line.node, twin.node)
            text = f"条件 {was} → {now}，{_VERBS[kind]}" if kind else f"条件口径 {was} → {now}"
            yield Change(kind or "basis", what, was, now, text)
    for line in before:
        at = f"（{line.at}）" if line.at else ""
        yield Change("condition_dropped", "条件", condition(old, line), "", f"取消条件：{condition(old, line)}{at}")
    for line in after:
        at = f"（{line.at}）" if line.at else ""
        yield Change("condition_added", "条件", "", condition(new, line), f"新增条件：{condition(new, line)}{at}")


def _strictness(pairs: Pairs, before: n.Node, after: n.Node) -> str:
    """Whether a comparison of the same two sides now shuts out, or lets in, what is exactly at the line; else empty."""
    match before, after:
        case n.Compare(was, a, b), n.Compare(now, c, d) if pairs.same(a, c) and pairs.same(b, d):
            return {">=>": "tightened", "<=<": "tightened", ">>=": "loosened", "<<=": "loosened"}.get(was + now, "")
    return ""


def _asked(pairs: Pairs, rule: Rule, line: Line) -> bool:
    """Whether a condition is the law's own: not that something was filled in, nor what the new document words otherwise."""
    names = set(named(rule, line.node))
    return bool(line.source) and not isinstance(line.node, n.Given) and not (names and names <= _reworded(pairs))


def _reworded(pairs: Pairs) -> set[str]:
    """Inputs of either side that only read otherwise; where both have them, their labels are compared instead."""
    return {name for name in pairs.unchanged if name not in (*pairs.inputs, *pairs.inputs.values())}


def _bare(rule: Rule, line: Line) -> str:
    """A condition without its numbers, which have their own row."""
    return Words(rule, numbers=False).text(line.node)


def _labels(pairs: Pairs, before: Line) -> Iterator[Change]:
    """Another wording of the fact that a formula reads: what counts may have changed (with or without tax)."""
    read = set(named(pairs.old, before.node))
    for item in pairs.old.inputs:
        if item.name in read and item.name in pairs.inputs:
            was, now = item.label, pairs.new.input(pairs.inputs[item.name]).label
            if was != now:
                yield _worded(pairs, pairs.inputs[item.name], "basis", "口径", f"“{was}”", f"“{now}”")


def _worded(pairs: Pairs, name: str, kind: str, label: str, was: str, now: str) -> Change:
    """A change of words; where the new document says that the sense stayed, no change."""
    why = pairs.unchanged.get(name)
    if why:
        return Change("same", label, was, now, f"{label}未变（{was or '未写明'}现写作{now or '未写明'}：{why}）")
    return Change(kind, label, was.strip("“”"), now.strip("“”"), f"{label} {was or '未写明'} → {now or '未写明'}")


def _formulas(pairs: Pairs) -> Iterator[Change]:
    before, after = pairs.old.amount, pairs.new.amount
    if before is None or after is None:
        if before is not after:
            was, now = ("有" if line else "无" for line in (before, after))
            yield Change("formula", "计算", was, now, "不再在本文件计算" if before else "改为在本文件计算")
        return
    if pairs.same(before.node, after.node):
        yield from _labels(pairs, before)
        return
    was, now = _whole(pairs.old, before), _whole(pairs.new, after)
    yield Change("formula", "计算", was, now, f"计算 {was} → {now}")


def _whole(rule: Rule, line: Line) -> str:
    """A formula with the terms it names."""
    words = Words(rule)
    named = {leaf.name for leaf in n.leaves(line.node) if isinstance(leaf, n.Term)}
    terms = [f"{t.label} ＝ {words.text(t.node)}" for t in rule.terms if t.name in named]
    return words.text(line.node) + (f"（其中 {'，'.join(terms)}）" if terms else "")


def _plain(pairs: Pairs) -> Iterator[Change]:
    old, new = pairs.old, pairs.new
    if old.nature != new.nature:
        was, now = nature_word(old), nature_word(new)
        capped = (old.nature, new.nature) == ("entitlement", "upper_bound")
        why = "，由固定标准变为上限，实际兑付可能低于测算" if capped else ""
        yield Change("to_upper_bound" if capped else "nature", "性质", was, now, f"性质 {was} → {now}{why}")
    for kind, label, was, now in (
        ("recipient", "对象", old.recipient, new.recipient),
        ("mode", "方式", MODES[old.mode], MODES[new.mode]),
    ):
        if was != now:
            yield _worded(pairs, kind, kind, label, was, now)


def _inputs(pairs: Pairs) -> Iterator[Change]:
    for item in pairs.new.inputs:
        if item.name not in pairs.inputs.values() and item.by != "bureau" and item.name not in pairs.unchanged:
            need = "" if item.required else "（可不填）"
            yield Change("input_added", item.label, "", item.label, f"新填“{item.label}”{need}")
    for item in pairs.old.inputs:
        if item.name not in pairs.inputs and item.by != "bureau" and item.name not in pairs.unchanged:
            yield Change("input_dropped", item.label, item.label, "", f"不再填“{item.label}”")
