"""Numbers as a policy text writes them -> value and unit, the same for "５００ 万元", "500万元" and "五百万元".

Works on text cleaned by `articles.flat`: half-width, without white space. One scanner serves both sides of the audit:
a figure's own text and the official text. Money is in 元 (factor applied), counts keep their counter as unit.

>>> [(str(n.value), n.unit) for n in scan("对20家给予3—5个、最高1.5亿元，加25个基点，前两名".replace("—", "-"))]
[('20', '家'), ('3', '个'), ('5', '个'), ('150000000.0', '元'), ('25', '基点'), ('2', '名')]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from xlpolicy.law.reading.figures import COUNTERS
from xlpolicy.money import EXACT

HAN = "一二三四五六七八九十百"
NumberKind = Literal["amount", "date", "citation", "ordinal"]

_SCALE = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_RATES = {"%": "%", "‰": "‰", "个百分点": "百分点", "百分点": "百分点", "个基点": "基点", "基点": "基点", "bp": "基点"}
_EXTRA = "个月|工作日|小时|人次|平方米|公里|户|亩|吨|倍|系数|组|辆|点|分"
_COUNTERS = sorted([*COUNTERS.split("|"), *_EXTRA.split("|")], key=len, reverse=True)
_NUM = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_WHOLE = r"[十百千]?[万亿]|[十百千]"
_UNIT = rf"(?:{'|'.join(_RATES)}|(?:{_WHOLE})?(?:元|美元)|(?:{_WHOLE})?(?:{'|'.join(_COUNTERS)})|[万亿])"
_INCL = r"(?:\(不?含\))?"
_DASH = r"[-~至或和、/]"
_TOKEN = re.compile(
    rf"(?P<citation>[〔\[(【]\d{{4}}[〕\])】]第?\d+号)"
    r"|(?P<date>(?<!\d)(?:19|20)\d\d(?:年(?:\d{1,2}月(?:\d{1,2}日)?)?度?|[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)"
    r"|(?=[-至、](?:19|20)\d\d年))|(?<!\d)\d{1,2}月(?:\d{1,2}日|(?=[底初末中份前起])))"
    rf"|第(?P<ordinal>{_NUM})"
    r"|(?P<ratio>(?<![\d.])\d+:\d+(?!\d))"
    rf"|(?<![\d.])(?P<number>{_NUM})(?:{_INCL}(?P<unit>{_UNIT})"
    rf"|(?=(?:{_INCL}{_DASH}{_NUM})+{_INCL}(?P<later>{_UNIT}))"
    r"|(?P<other>[\u4e00-\u9fff]))"
    rf"|百分之(?P<hundredth>[{HAN}零]+)"
    rf"|(?<![第同每上统单唯任专{HAN}])(?!两级)(?P<han>[{HAN}千万两零]*[{HAN}千两])(?P<han_unit>{_UNIT})",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a text. `unit` is empty for a scaled count (1500万); "?" for one whose unit is not known."""

    start: int
    end: int
    text: str
    value: Decimal
    unit: str
    kind: NumberKind = "amount"
    han: bool = False

    @property
    def key(self) -> tuple[Decimal, str, NumberKind]:
        """Alike for the same number with the same unit, however written."""
        return self.value, self.unit, self.kind


def scan(text: str) -> list[Number]:
    """Every number of a flat text that has a unit, is a date, a document number (〔2026〕5号) or an ordinal (第3).

    A number before an unknown word counts too (unit "?"), unless it belongs to a name: inside quotes (“100强”) or
    right after a Latin letter. Without any word after it ("5G", "“135”") it is not a quantity, nor is 市县两级.
    """
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        start, end = match.span()
        if match["citation"]:
            found.append(Number(start, end, match[0], Decimal(0), match[0], "citation"))
        elif match["date"]:
            found.append(Number(start, end, match[0], Decimal(0), _date(match[0]), "date"))
        elif match["ordinal"]:
            found.append(Number(start, end, match[0], _decimal(match["ordinal"]), "第", "ordinal"))
        elif match["ratio"]:
            first, _, second = match[0].partition(":")
            whole = Decimal(first) + Decimal(second)
            if whole and (
                re.match(r"的?比例|分", text[end:]) or text[start - 1 : start] == "按" or len(text) == end - start
            ):
                found.append(Number(start, end, match[0], EXACT.divide(Decimal(first), whole), ":"))
        elif match["hundredth"]:
            found.append(Number(start, end, match[0], Decimal(_han(match["hundredth"])), "%", han=True))
        elif match["han"]:
            found.append(_amount(match, _han(match["han"]), match["han_unit"], han=True))
        elif kind == "other":
            if not _in_name(text, start):
                found.append(Number(start, end, match[0], _decimal(match["number"]), "?"))
        else:
            found.append(_amount(match, _decimal(match["number"]), match["unit"] or match["later"]))
    return found


def one(text: str) -> Number | None:
    """The number that a figure's text is; None unless the text is exactly one."""
    found = scan(text)
    return found[0] if len(found) == 1 and found[0].end - found[0].start == len(text) else None


def _amount(match: re.Match[str], value: Decimal | int, unit: str, han: bool = False) -> Number:
    word = unit.lower()
    if word in _RATES:
        return Number(*match.span(), match[0], Decimal(value), _RATES[word], han=han)
    scale = Decimal(value)
    while word and word[0] in _SCALE:
        scale *= _SCALE[word[0]]
        word = word[1:]
    return Number(*match.span(), match[0], scale, word, han=han)


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _han(text: str) -> int:
    """一百二十 -> 120, 五百万 -> 5000000."""
    total = section = digit = 0
    for char in text:
        scale = _SCALE.get(char)
        if scale is None:
            digit = "零一二三四五六七八九".find(char) if char != "两" else 2
        elif scale >= 10**4:
            total, section, digit = (total + section + digit) * scale, 0, 0
        else:
            section, digit = section + (digit or 1) * scale, 0
    return total + section + digit


def _date(text: str) -> str:
    """A date in one form: 2026-02-13, 2026-02, 2026, 02-13."""
    return "-".join(part if len(part) == 4 else part.zfill(2) for part in re.findall(r"\d+", text))


def _in_name(text: str, start: int) -> bool:
    before = text[max(0, start - 30) : start]
    return before.rfind("“") > before.rfind("”") or bool(re.search(r"[A-Za-z][-.]?$", before))
