"""A pinpoint ("附件3 六1", "五（十四）第一句前段", "一（九）三是", "文末") -> the part of the text that it means.

A pinpoint is a path of headings, then selectors: 第N段, 第N句/末句, 一是/二是, 第N类, 前段/中段/后段, 末. A selector that
the text cannot decide (paragraphs in a text broken into lines, 前段 of a sentence without ；) leaves the part before
it: at least the article. A remark in brackets （企业展位费） selects nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from xlpolicy.survey.audit.articles import DUTY, Body, Section, flat, han_number, number_han
from xlpolicy.survey.audit.text_numbers import HAN, Number

Span = tuple[int, int]
_STEP = re.compile(
    rf"附件(?P<annex>\d+)|(?P<main>正文)|第(?P<law>[{HAN}]+|\d+)(?P<what>[章条])|(?P<sub>\([{HAN}]+\))|(?P<point>\(\d+\))"
    rf"|(?P<item>\d+)|(?P<article>[{HAN}]++)(?!是)|、(?=[\d{HAN}(])"
)
_SELECT = re.compile(
    rf"(?P<clause>[{HAN}]+)是|第(?P<nth>[{HAN}\d]+)(?P<what>[段句类])|末(?P<last>[段句])?|(?P<part>[前中后])段"
    r"|(?P<remark>括号|\(.*\))|、(?P<also>)(?=[第末前中后])"
)
_UNTITLED = re.compile(rf"([{HAN}]+)\(原文标题“([^”]+)”")
_CLOSING = re.compile("本(?:措施|办法|通知|文件|方案|意见|规定|政策)")
_OTHER = re.compile(r".*?[〔\[]\d{4}[〕\]]\d+号")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pinpoint is: spans of the flat text."""

    spans: tuple[Span, ...]

    def holds(self, number: Number) -> bool:
        return any(start <= number.start and number.end <= end for start, end in self.spans)

    @property
    def size(self) -> int:
        return sum(end - start for start, end in self.spans)


def untitled(pinpoints: list[str]) -> dict[str, str]:
    """Titles that stand in the text without their number, as pinpoints say: 五（原文标题“…”缺序号五）."""
    return {m[2]: m[1] for at in pinpoints if (m := _UNTITLED.search(flat(at)))}


class Places:
    """The pinpoints of one text."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self._found: dict[str, Place | None] = {}

    def find(self, at: str) -> Place | None:
        """The place of one pinpoint; None when the text has no such article or part."""
        if at not in self._found:
            self._found[at] = self._find(flat(at))
        return self._found[at]

    def finds_all(self, at: str, number: str | None) -> bool:
        """Whether every pinpoint of a list resolves ("一（二）、三（一）", "附件1—附件6各条"); other documents' are left out."""
        return all(self._find_listed(part, number) for part in flat(at).split(";"))

    def _find_listed(self, at: str, number: str | None) -> bool:
        if other := _OTHER.match(at):
            if number is None or flat(number) != other[0]:
                return True
            at = at[other.end() :]
        if self._find(at):
            return True
        head = (re.match(r"附件\d+", at) or [""])[0]
        parts = re.split(r"[、-]", at.removesuffix("各条"))
        named = [part if part.startswith("附件") else head + part for part in parts]
        return len(parts) > 1 and all(self._find(part) for part in named)

    def _find(self, at: str) -> Place | None:
        text, sections = self.body.text, self.body.sections
        whole = (0, len(text))
        if at == "全文":
            return Place((whole,))
        if at in ("标题", "前言"):
            return Place(((0, sections[0].start if sections else len(text)),))
        if at == "文末":
            articles = [s for s in sections if len(s.path) == 1]
            return Place(((articles[-1].start if articles else 0, len(text)),))
        steps: list[str] = []
        main = False
        position = 0
        while match := _STEP.match(at, position):
            position = match.end()
            main = main or bool(match["main"])
            if match["annex"]:
                steps.append(f"附件{match['annex']}")
            elif match["law"]:
                steps.append(f"第{number_han(han_number(match['law']))}{match['what']}")
            elif label := match["sub"] or match["point"] or match["item"] or match["article"]:
                steps.append(label)
        section = self._section(steps, main) if steps else self._titled(at)
        if section is None:
            return None
        base = (section.start, section.end)
        rest = at[position:] if steps else ""
        if rest.startswith("、"):
            return Place((base,)) if text.startswith(rest[1:], section.start) else None
        spans = self._select(base, rest)
        return Place(tuple(spans)) if spans else None

    def _section(self, steps: list[str], main: bool) -> Section | None:
        """The section of that path; one that leaves out levels is taken when only one fits."""
        usable = [s for s in self.body.sections if not (main and s.path[0].startswith("附件"))]
        exact = [s for s in usable if s.path == tuple(steps)]
        if exact:
            return exact[0] if len(exact) == 1 else None
        fitting = [s for s in usable if s.path[-1] == steps[-1] and _within(steps, s.path)]
        return fitting[0] if len(fitting) == 1 else None

    def _titled(self, title: str) -> Section | None:
        """The one section whose heading is these words (总则)."""
        found = [s for s in self.body.sections if title and self.body.text.startswith(title, s.start, s.end)]
        return found[0] if len(found) == 1 else None

    def _select(self, base: Span, rest: str) -> list[Span]:
        """Apply the selectors; an empty list when one names what is not there."""
        done: list[Span] = []
        now: Span | None = base
        position = 0
        while position < len(rest):
            match = _SELECT.match(rest, position)
            if match is None or now is None:
                return []
            position = match.end()
            if match["also"] is not None:
                done.append(now)
                now = base
            elif match["clause"]:
                now = self._clause(now, han_number(match["clause"]))
            elif match["nth"]:
                now = _nth(self._parts(now, match["what"]), han_number(match["nth"]), now)
            elif match["part"]:
                now = self._third(now, match["part"])
            elif not match["remark"]:
                units = self._parts(now, match["last"] or "句")
                if match["last"] or now == base:
                    now = units[-1] if units else now
                else:
                    now = (self._parts(now, "类") or [now])[-1]
        return [*done, now] if now else []

    def _parts(self, span: Span, what: str) -> list[Span]:
        """Its sentences (句), paragraphs (段) or parts between semicolons (类); empty when it cannot be told."""
        start, end = span
        text = self.body.text
        if what == "段":
            if not self.body.paragraphs:
                return []
            edges = [start, *(p for p in self.body.paragraphs if start < p < end), end]
            lines = [(a, b) for a, b in pairwise(edges) if not DUTY.match(text, a)]
            return lines[1:] if lines and not re.search("[。，]", text[slice(*lines[0])]) else lines
        mark = "[。!?]" if what == "句" else ";"
        edges = [start, *(m.end() for m in re.compile(mark).finditer(text, start, end))]
        if what == "类":
            edges.append(end)
        units = [(a, b) for a, b in pairwise(edges) if a < b]
        if what == "句":
            units = [(self._after_duty(a, b), b) for a, b in units]
        units = [(a, b) for a, b in units if not DUTY.match(text, a)]
        return units if what == "句" or len(units) > 1 else []

    def _after_duty(self, start: int, end: int) -> int:
        """Where a sentence begins that follows 责任单位：… without a full stop between (本措施自…起施行)."""
        found = _CLOSING.search(self.body.text, start, end) if DUTY.match(self.body.text, start) else None
        return found.start() if found else start

    def _third(self, span: Span, which: str) -> Span:
        """前/中/后段: the parts between semicolons, else the sentences after a run-in title, if two or three."""
        parts = self._parts(span, "类")
        if not parts:
            parts = self._parts(span, "句")
            if len(parts) > 1 and "，" not in self.body.text[slice(*parts[0])]:
                parts = parts[1:]
        wanted = {2: "前后", 3: "前中后"}.get(len(parts), "").find(which)
        return parts[wanted] if wanted >= 0 else span

    def _clause(self, span: Span, number: int) -> Span | None:
        """The text from 三是 to 四是 or the end."""
        marks = [span[0]]
        for n in range(1, number + 2):
            found = re.compile(f"(?<=[。;:，]){number_han(n)}是").search(self.body.text, marks[-1], span[1])
            if found is None:
                break
            marks.append(found.start())
        if len(marks) <= number:
            return None
        return marks[number], marks[number + 1] if len(marks) > number + 1 else span[1]


def _within(steps: list[str], path: tuple[str, ...]) -> bool:
    rest = iter(path)
    return all(step in rest for step in steps)


def _nth(units: list[Span], number: int, undecided: Span) -> Span | None:
    if not units:
        return undecided
    return units[number - 1] if number <= len(units) else None
