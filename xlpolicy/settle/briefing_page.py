"""简报, the page: what a new document changes, for whoever decides, line by line; drawn as a sheet or as a Word page.

Where claims are given: who gets less and why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from xlpolicy.money import ZERO
from xlpolicy.settle.both_documents import Shift, Shifts
from xlpolicy.survey.compare import Diff
from xlpolicy.survey.compare.documents import KINDS, STATUS, Row
from xlpolicy.words.wording import brief, span

#: the widths of the page's four columns
WIDTHS = (32.0, 34.0, 30.0, 62.0)
FOOT = "由 xlpolicy 按两份政策文件的数据对比生成，引用前请核对原文"
#: kinds that the columns 旧 and 新 show by themselves, and those that have a place of their own
_SHOWN = frozenset(
    {"same", "figure_added", "figure_dropped", "elsewhere", "earlier", "validity", "input_added", "input_dropped"}
)
#: a condition that so many provisions get is told once
_SHARED = 3
#: claims named on the page; all of them stand on a sheet of their own
_NAMED = 8


class Line(NamedTuple):
    """One line: a text across the page, or the cells of a row of a table (`style`: title, head, text, column, cells).
    Amounts are in 元; None for one that cannot be said."""

    style: str
    cells: tuple[str | Decimal | None, ...]


def lines(found: Diff, shifts: Shifts | None) -> Iterator[Line]:
    """The page in the order in which a director asks: what, for whom less, what is open."""
    page = _Page(found)
    yield Line("title", (f"{found.new.name} 变 化 简 报",))
    for label, document in (("旧文件", found.old), ("新文件", found.new)):
        title = f"《{document.title}》" if document.number else ""
        yield Line("text", (f"{label}　{document.name}{title}　{span(document.valid_from, document.valid_to)}",))
    yield Line("head", ("一、总的情况",))
    yield from (Line("text", (text,)) for text in page.summary())
    yield from page.changed()
    if shifts is not None:
        yield from _shifted(shifts)
    number = iter("四五六" if shifts is not None else "三四五")
    yield Line("head", (f"{next(number)}、只在一份文件里的",))
    yield from (Line("text", (text,)) for text in page.listed())
    yield Line("head", (f"{next(number)}、要先弄清楚的",))
    yield from (Line("text", (f"· {text}",)) for text in page.open())


class _Page:
    """The parts of the page that come from the comparison alone."""

    def __init__(self, found: Diff) -> None:
        self.found = found

    def summary(self) -> Iterator[str]:
        count = self.found.summary
        told = "、".join(f"{KINDS[kind]} {count[kind]} 条" for kind in KINDS if kind in count and kind not in _SHOWN)
        both = count["changed"] + count["same"]
        parts = [
            f"两份文件都有的 {both} 条，其中有变化的 {count['changed']} 条" + f"（{told}，一条可有几处）" * bool(told)
        ]
        parts += [f"新文件{STATUS[key]} {count[key]} 条" for key in ("added", "dropped") if count[key]]
        yield "；".join(parts) + "。"
        for text, rows in self._shared().items():
            but = [row.title for row in self._both() if row not in rows]
            yield f"{len(rows)} 条同时{text}" + (f"（{'、'.join(but)}除外）" if 0 < len(but) <= 3 else "") + "。"
        rules = [row.new_at or row.old_at for row in self.found.cross if row.status != "same" and not row.alone]
        if rules:
            yield f"几笔申报之间的规则有 {len(rules)} 处变化（{'；'.join(rules)}）。"

    def _both(self) -> list[Row]:
        return [row for row in self.found.rows if row.status in ("changed", "same")]

    def _shared(self) -> dict[str, list[Row]]:
        """A condition that many provisions get or lose -> those provisions."""
        kinds = ("condition_added", "condition_dropped")
        count = Counter(c.text for row in self.found.rows for c in row.changes if c.kind in kinds)
        return {
            text: [row for row in self._both() if any(c.text == text for c in row.changes)]
            for text, n in count.items()
            if n >= _SHARED
        }

    def changed(self) -> Iterator[Line]:
        rows = [row for row in self.found.rows if row.status == "changed"]
        yield Line("head", ("二、两份文件都有、有变化的",))
        if not rows:
            yield Line("text", ("没有。",))
            return
        yield Line("column", ("措施", "旧文件", "新文件", "变了什么（※ 原文没有写明，取决于怎样读，见末节）"))
        shared = self._shared()
        for row in rows:
            old, new = self.found.old.rules[row.rule], self.found.new.rules[row.rule]
            told = [c.short for c in row.changes if c.kind not in _SHOWN and c.text not in shared]
            name = f"{new.title}（{row.new_at}）"
            yield Line("cells", (name, f"{brief(old)}（{row.old_at}）", brief(new), "；".join(told) or "标准不变"))

    def listed(self) -> Iterator[str]:
        for status, text in (("dropped", "新文件未列入"), ("added", "新文件新列入")):
            rows = [row for row in self.found.rows if row.status == status]
            if rows:
                parts: dict[str, list[str]] = {}
                for row in rows:
                    at = row.new_at or row.old_at
                    parts.setdefault(at.split()[0] if " " in at else "", []).append(row.title)
                told = [f"{part}（{len(t)} 条）：{'、'.join(t)}" if part else "、".join(t) for part, t in parts.items()]
                yield f"{text} {len(rows)} 条　{'。'.join(told)}。"

    def open(self) -> Iterator[str]:
        """What has to be cleared up: other documents, days, what runs on, what was left open; each once."""
        yield from self.found.remarks
        about: dict[str, list[str]] = {}
        for row in self.found.rows:
            told = [c.text for c in row.changes if c.kind in ("elsewhere", "earlier")]
            told += [c.note for c in row.changes if c.note]
            told += [c.text for c in row.lasting]
            for text in told:
                titles = about.setdefault(text, [])
                titles += [] if row.title in titles else [row.title]
        for text, titles in about.items():
            names = [title.split(" → ")[-1] for title in titles]
            yield f"{'、'.join(names) if len(names) < _SHARED else f'{names[0]}等 {len(names)} 条'}：{text}"


def _shifted(shifts: Shifts) -> Iterator[Line]:
    yield Line("head", ("三、按给的申报清单，谁少得、为什么",))
    yield Line("text", (counts(shifts),))
    if not shifts.less:
        return
    yield Line("column", ("单位和措施", "按旧文件（元）", "按新文件（元）", "为什么少"))
    for x in shifts.less[:_NAMED]:
        yield Line("cells", (f"{x.claim.enterprise}　{x.title.split(' → ')[-1]}", x.before, x.after, x.why))
    if len(shifts.less) > _NAMED:
        yield Line("text", (f"另有 {len(shifts.less) - _NAMED} 笔少得的。",))


def counts(shifts: Shifts) -> str:
    """Numbers and sums, less and more apart."""

    def total(lines: Sequence[Shift]) -> Decimal:
        return sum((abs(x.difference or ZERO) for x in lines), ZERO)

    same = sum(x.difference == 0 for x in shifts.lines)
    parts = [
        f"清单里属于这两份文件的 {len(shifts.lines)} 笔，各按两份文件核算一遍：少得 {len(shifts.less)} 笔、共少 {total(shifts.less):,.2f} 元；"
        f"多得 {len(shifts.more)} 笔、共多 {total(shifts.more):,.2f} 元；不变 {same} 笔；不能比的 {len(shifts.unknown)} 笔"
    ]
    parts += [f"另有 {shifts.elsewhere} 笔不属于这两份文件"] * bool(shifts.elsewhere)
    return "。".join(parts) + "。两份文件口径不同的（含税、不含税）用的是清单里同一个数；没有计入以前兑付和资金总额。"
