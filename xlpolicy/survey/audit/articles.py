"""A messy official text -> one flat string and the articles in it, found by their headings.

Flat: half-width, no white space, no markdown marks, so that "５\\n００ 万元" is "500万元". The numbering of a heading
(附件 1, 第二章, 三、, 第三条, （二）, 1.) is taken out of the flat string, so it is never read as a number.

A line begins an article when its numbering is the next in its sequence and the sentence before it has ended; a line
break inside a sentence that happens to leave "二、三级企业" at the start of a line is therefore not a heading. Where
一、 begins again the next annex has begun, whether or not its heading says 附件.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xlpolicy.survey.audit.text_numbers import HAN

_ANNEX, _CHAPTER, _ARTICLE, _LAW, _SUB, _ITEM, _POINT = range(7)
_DASHES = dict.fromkeys("—–−‐‑―", "-")
#: radicals that a browser's PDF has for whole characters; Unicode itself folds the others (⼯ ⽥ ⽅)
_RADICALS = dict(
    zip(
        "⺠⺟⺩⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
        "民母王虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
        strict=True,
    )
)


class _Table(dict[int, str]):
    def __missing__(self, code: int) -> str:
        char = chr(code)
        mark = unicodedata.decomposition(char).partition(" ")[0]
        if char == "，" or mark in ("<super>", "<sub>", "<square>"):
            out = char
        elif mark == "<circle>":
            out = f"({unicodedata.normalize('NFKC', char)})"
        else:
            out = unicodedata.normalize("NFKC", char)
        self[code] = out
        return out


_HALF = _Table({ord(char): out for char, out in (_DASHES | _RADICALS).items()})
_HEADINGS = (
    (_ANNEX, re.compile(r"附件\s*(\d{1,2}|[" + HAN + r"]+)?\s*[:.]?\s*(?=$|关于|《)")),
    (_CHAPTER, re.compile(rf"第\s*([{HAN}]+|\d+)\s*章\s*")),
    (_ARTICLE, re.compile(rf"([{HAN}]+)、")),
    (_LAW, re.compile(rf"第\s*([{HAN}]+|\d+)\s*条\s*")),
    (_SUB, re.compile(rf"\(\s*([{HAN}]+)\s*\)")),
    (_ITEM, re.compile(r"(\d{1,2})\s*[.、](?:\s+|(?!\d))")),
    (_POINT, re.compile(r"\(\s*(\d{1,2})\s*\)")),
)
_BRACKETS = re.compile(r"\([^()]*\)")
_SENTENCE_END = re.compile(r"[。;!?][”’)\]〕】》]*|(?<!单位):")
_TITLE_END = re.compile(r"(?:措施|办法|意见|通知|细则|方案|政策|规定|附件)(?:\([^()]*\))?$")
_RUNNING = re.compile("[，,。;!?]")
_UNFINISHED = "第至和及与、按对为在的达到或，"
DUTY = re.compile(r"[(\[〔【]?(?:责任|牵头|配合|实施)单位")


def flat(text: str) -> str:
    """Half-width, dashes alike, no white space: the form in which texts are compared."""
    return re.sub(r"\s+", "", text.translate(_HALF))


@dataclass(frozen=True, slots=True)
class Section:
    """An annex, article or item; `path` as ("附件3", "六", "1"), its text from `start` to `end`."""

    path: tuple[str, ...]
    start: int
    end: int

    @property
    def name(self) -> str:
        """The path as a pinpoint writes it: 附件3 六1."""
        head, rest = (self.path[0] + " ", self.path[1:]) if self.path[0].startswith("附件") else ("", self.path)
        joined = "".join("、" + p if p.isdigit() and i and head == "" else p for i, p in enumerate(rest))
        return (head + joined).strip()


@dataclass(frozen=True, slots=True)
class Body:
    """The flat text and its sections in order. `paragraphs` are the offsets at which one begins.

    `paragraphs` is empty where lines are broken inside sentences: then the text does not show its paragraphs.
    `titles` maps the start of a section whose title has a line to itself to the end of that title.
    """

    text: str
    sections: tuple[Section, ...]
    paragraphs: tuple[int, ...]
    titles: Mapping[int, int]

    def innermost(self, offset: int) -> Section | None:
        """The smallest section that holds an offset."""
        holding = [s for s in self.sections if s.start <= offset < s.end]
        return min(holding, key=lambda s: s.end - s.start) if holding else None


class _Reader:
    def __init__(self, untitled: Mapping[str, str]) -> None:
        self.untitled = untitled
        self.out: list[str] = []
        self.offset = 0
        self.tail = ""  # the text since the last sentence or heading
        self.in_heading = False
        self.open: list[tuple[int, str, int]] = []  # level, label, start
        self.closed: list[Section] = []
        self.last = dict.fromkeys(range(7), 0)
        self.breaks: list[int] = []
        self.widths: list[int] = []
        self.above: tuple[int, int] | None = None  # the heading line just read: where it begins, how wide it is
        self.titles: list[tuple[int, int, int]] = []
        self.broken = self.whole = 0

    def line(self, raw: str) -> None:
        line = re.sub(r"^(?:#+|[-*+•>])\s+", "", raw.translate(_HALF).replace("**", "").strip())
        if not line:
            return
        began = False
        while heading := self.heading(line):
            level, number, length, untitled = heading
            self.begin(level, number)
            line, began = line[length:].strip(), True
            if untitled:
                break
        clean = flat(line)
        self.titled(began, clean, len(flat(raw)))
        if not self.tail or (self.in_heading and not began) or DUTY.match(clean):
            self.breaks.append(self.offset)
        if len(clean) > 4 and not began and not DUTY.match(self.tail + clean):
            ended = clean[-1] in "。;:)〕】!?"
            self.whole, self.broken = self.whole + ended, self.broken + (not ended)
        self.out.append(clean)
        self.offset += len(clean)
        self.tail = self.tail + clean
        # a title goes on behind the ; of a bracket: 若干措施（2025年3月28日印发；节录）
        brackets = [found.span() for found in _BRACKETS.finditer(self.tail)]
        ends = [found.end() for found in _SENTENCE_END.finditer(self.tail)]
        ends = [end for end in ends if not any(first < end < last for first, last in brackets)]
        if ends:
            self.tail, self.in_heading = self.tail[ends[-1] :], False

    def titled(self, began: bool, clean: str, width: int) -> None:
        """Keep in mind a heading line, and where the line behind it begins."""
        if not began and self.above is not None:
            self.titles.append((self.above[0], self.offset, self.above[1]))
        self.above = (self.offset, width) if began and clean and not _RUNNING.search(clean) else None
        self.widths.append(width)

    def heading(self, line: str) -> tuple[int, int, int, bool] | None:
        """Level, number, length of the numbering and whether the law forgot it; None for a line of text."""
        if not self.ready():
            return None
        if label := self.untitled.get(flat(line)):
            return _ARTICLE, han_number(label), 0, True
        for level, pattern in _HEADINGS:
            match = pattern.match(line)
            if match is None or (level == _ANNEX and "。" in line):
                continue
            number = han_number(match[1]) if match[1] else self.last[_ANNEX] + 1
            step = number - self.last[level]
            if number == 1 or step == 1 or (step == 2 and level in (_ARTICLE, _SUB)) or level == _ANNEX:
                return level, number, match.end(), False
        return None

    def ready(self) -> bool:
        """Whether the text so far has come to an end, so that a heading may follow."""
        if not self.tail:
            return True
        if self.tail[-1] in _UNFINISHED:
            return False
        if DUTY.match(self.tail) or _TITLE_END.search(self.tail):
            return True
        return self.in_heading and "，" not in self.tail

    def begin(self, level: int, number: int) -> None:
        if level == _ARTICLE and number == 1 and self.last[_ARTICLE]:
            back = len(self.tail) if _TITLE_END.search(self.tail) else 0
            self.offset -= back  # the title of the annex belongs to it
            self.begin(_ANNEX, self.last[_ANNEX] + 1)
            self.offset += back
        self.close(level)
        label = {
            _ANNEX: f"附件{number}", _CHAPTER: f"第{number_han(number)}章", _ARTICLE: number_han(number),
            _LAW: f"第{number_han(number)}条", _SUB: f"({number_han(number)})", _ITEM: str(number), _POINT: f"({number})",
        }[level]  # fmt: skip
        self.open.append((level, label, self.offset))
        self.last[level] = number
        for lower in range(level + 1, 7):
            if lower not in (_SUB, _LAW) or level == _ANNEX:  # （十一） and 第十一条 may run on through 一、二、
                self.last[lower] = 0
        self.tail, self.in_heading = "", True

    def close(self, level: int) -> None:
        while self.open and self.open[-1][0] >= level:
            path = tuple(label for _, label, _ in self.open)
            self.closed.append(Section(path, self.open[-1][2], self.offset))
            self.open.pop()


def read_body(lines: Iterable[str], untitled: Mapping[str, str] | None = None) -> Body:
    """The flat text with its sections. `untitled`: titles that stand without their number -> that number (五)."""
    reader = _Reader({flat(title): number for title, number in (untitled or {}).items()})
    for line in lines:
        reader.line(line)
    reader.close(_ANNEX)
    wrapped = reader.broken > 0.3 * (reader.broken + reader.whole)
    sections = sorted(reader.closed, key=lambda s: (s.start, -s.end, len(s.path)))
    # where lines are broken inside sentences, one that is nearly full may go on: only a shorter one is a title
    full = sorted(reader.widths)[len(reader.widths) * 9 // 10] if reader.widths else 0
    titles = {start: end for start, end, width in reader.titles if width < 0.8 * full}
    return Body("".join(reader.out), tuple(sections), () if wrapped else tuple(reader.breaks), titles)


def han_number(text: str) -> int:
    """二十一 -> 21; digits as they stand."""
    if text.isdigit():
        return int(text)
    total = digit = 0
    for char in text:
        if char in "十百":
            total, digit = total + (digit or 1) * (10 if char == "十" else 100), 0
        else:
            digit = HAN.index(char) + 1
    return total + digit


def number_han(number: int) -> str:
    """21 -> 二十一 (below 100)."""
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else HAN[tens - 1]) + ("十" if tens else "") + (HAN[ones - 1] if ones else "")
