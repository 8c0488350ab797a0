"""One document against one text, in both directions.

Figures first, the most precise pinpoints before the wide ones: each takes an occurrence of its number for itself, so
two figures of the same amount need it twice (a figure that is the same number of the law is `same_as`). Tables must
have their rows in the order of the text. Then every number of the text is accounted for: taken by a figure, said twice
in one breath (5家以上（含5家）, —100万元、100万元—), an entry of `unpaid_numbers` (one entry for one occurrence), a date,
a document number or an ordinal. Chinese numerals count only with money, %, 年, 月, 名 or 级 in a sentence that awards
something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from xlpolicy.law.records import Document, Figure, Rule
from xlpolicy.survey.audit.articles import flat, read_body
from xlpolicy.survey.audit.pinpoint import Place, Places, untitled
from xlpolicy.survey.audit.report import Check, Row, Status
from xlpolicy.survey.audit.text_numbers import Number, one, scan

_AWARD = re.compile("给予|奖励|补助|补贴|贴息|奖补|激励")
_HAN_UNITS = {"元", "%", "年", "个月", "名", "级", "基点"}
_WORTH = {"%": Decimal("0.01"), "‰": Decimal("0.001"), "基点": Decimal("0.0001")}
_AGAIN = re.compile(r"、|(?:及?以上|及?以下|以内)?\(不?含")


@dataclass(frozen=True, slots=True)
class _Claim:
    """A number that a figure says stands at a place."""

    owner: str
    label: str
    text: str
    at: str
    source: str | None
    value: Decimal | None


class Audit:
    """The checks of one document against the lines of one text."""

    def __init__(self, document: Document, file: str, lines: list[str]) -> None:
        self.document, self.file = document, file
        pinpoints = [rule.at for rule in document.rules.values()]
        self.body = read_body(lines, untitled(pinpoints))
        self.places = Places(self.body)
        self.numbers = scan(self.body.text)
        self.alike: dict[object, list[Number]] = {}
        for number in self.numbers:
            self.alike.setdefault(number.key, []).append(number)
        self.taken: dict[Number, str] = {}
        self.explained: dict[Number, str] = {}

    def rows(self) -> list[Row]:
        """Every row of this text."""
        rows = [
            *self._facts(), *self._pinpoints(), *self._figures(), *self._orders(), *self._unpaid(), *self._numbers(),
        ]  # fmt: skip
        for check, what in (("figure", "条款里没有任何数字"), ("number", "正文里没有任何数字")):
            if not any(row.check == check for row in rows):
                remedy = "核对是不是这份文件的正文"
                rows.append(self._row("document", "gap", subject=what, found="无法核对", remedy=remedy))
        return rows

    def _row(
        self,
        check: Check,
        status: Status,
        at: str = "",
        number: str = "",
        subject: str = "",
        found: str = "",
        remedy: str = "",
    ) -> Row:
        return Row(
            self.document.key, self.file, check, status, at, number, subject, found, "" if status == "ok" else remedy
        )

    # --- the document's own facts ---

    def _facts(self) -> Iterator[Row]:
        d, text = self.document, self.body.text
        for label, value in (("文号", d.number), ("标题", d.title)):
            if value is not None:
                there = flat(value) in text
                yield self._row(
                    "document", "ok" if there else "gap", "标题", value, label,
                    "" if there else "正文里没有", f"核对{label}，或换上这份文件的正文",
                )  # fmt: skip
        dates = {n.unit for n in self.numbers if n.kind == "date"}
        starts = {rule.valid_from: f"{rule.id} 起日" for rule in d.rules.values() if rule.valid_from}
        facts = {d.issued: "印发日期", d.valid_from: "有效期起", d.valid_to: "有效期止"}
        for day, label in (starts | {day: label for day, label in facts.items() if day}).items():
            assert day is not None
            there = day.isoformat() in dates or (str(day.year) in dates and (day.month, day.day) == (1, 1))
            yield self._row(
                "document", "ok" if there else "gap", "", day.isoformat(), label,
                "" if there else "正文里没有这个日期", f"核对{label}",
            )  # fmt: skip

    # --- where things are said to be ---

    def _pinpoints(self) -> Iterator[Row]:
        d = self.document
        for rule in d.rules.values():
            subjects = {rule.at: rule.id}
            parts = [
                *((x.at, x.source) for x in (*rule.terms, *rule.conditions)),
                *((x.at, x.source) for x in rule.limits),
            ]
            for at, source in parts:
                if at:
                    subjects.setdefault(at, f"{rule.id} {source}")
            for at, subject in subjects.items():
                yield self._pinpoint(at, subject, self.places.find(at) is not None)
        for cross in d.cross_rules:
            yield self._pinpoint(cross.at, cross.id, self.places.finds_all(cross.at, d.number))

    def _pinpoint(self, at: str, subject: str, there: bool) -> Row:
        return self._row(
            "pinpoint", "ok" if there else "gap", at, "", subject,
            "" if there else "正文里找不到这个位置", "按正文的标题和序号改正 at",
        )  # fmt: skip

    # --- figures -> text ---

    def _figures(self) -> list[Row]:
        claims = [c for rule in self.document.rules.values() for f in rule.figures.values() for c in _claims(rule, f)]
        order = sorted(
            range(len(claims)),
            key=lambda i: (claims[i].source is not None, (self.places.find(claims[i].at) or Place(())).size),
        )
        rows = {i: self._figure(claims[i]) for i in order}
        return [rows[i] for i in range(len(claims))]

    def _figure(self, claim: _Claim) -> Row:
        status, found = "gap", ""
        number, place = one(flat(claim.text)), self.places.find(claim.at)
        if number is None:
            found = "读不成一个带单位的数字"
        elif place is None:
            found = "正文里找不到这个位置"
        else:
            same = [n for n in self.alike.get(number.key, ()) if place.holds(n)]
            open_ = [n for n in same if n not in self.taken]
            free = min(open_, key=self._unneeded, default=None)
            if claim.source is not None:
                if not self._is_borrowed(claim, claim.source):
                    found = f"与被援引的 {claim.source} 数字或位置不同"
                elif same:
                    status, found = "ok", self._around(same[0])
                else:
                    found = self._instead(number, place)
            elif free is not None:
                self.taken[free] = claim.owner
                status, found = "ok", self._around(free)
            elif mine := next((n for n in same if self.taken[n] == claim.owner), None):
                status, found = "ok", self._around(mine)  # 省级、国家级均给予 10 万元: two levels, written once
            elif same:
                found = f"只写了 {len(same)} 次，已由 {self.taken[same[0]]} 引用"
            else:
                found = self._instead(number, place)
        if status == "ok" and number and claim.value is not None and claim.value not in _worth(number):
            status, found = "gap", f"计算用的是 {claim.value}"
        remedy = "对照条文改正数字或位置；与另一条款同用一个数字的写 same_as"
        return self._row("figure", "ok" if status == "ok" else "gap", claim.at, claim.text, claim.label, found, remedy)

    def _is_borrowed(self, claim: _Claim, source: str) -> bool:
        """Whether a borrowed figure is the same number at the same place as the one it borrows."""
        name, _, wanted = source.partition(".")
        rule = self.document.rules.get(name)
        figure = rule.figures.get(wanted) if rule else None
        return rule is not None and figure is not None and (figure.text, figure.at or rule.at) == (claim.text, claim.at)

    def _instead(self, number: Number, place: Place) -> str:
        """What stands at the place, and where else the number stands."""
        here = dict.fromkeys(n.text for n in self.numbers if place.holds(n) and n.kind == "amount")
        there = dict.fromkeys(self._name(n) for n in self.alike.get(number.key, ()))
        shown = "、".join(list(here)[:8]) + ("等" if len(here) > 8 else "") if here else "没有数字"
        elsewhere = f"；这个数字在 {'、'.join(list(there)[:3])}" if there else ""
        return f"此处是：{shown}{elsewhere}"

    def _orders(self) -> Iterator[Row]:
        """The rows of each table stand in the text in their order (tiers: or all from the highest down)."""
        for rule in self.document.rules.values():
            for figure in rule.figures.values():
                place = self.places.find(figure.at or rule.at)
                if figure.table is None or place is None or figure.borrowed:
                    continue
                edges, values = zip(*figure.table.texts, strict=True)
                tiers = figure.table.mode != "levels"
                there = self._in_order(values, place) and (not tiers or self._in_order(edges, place))
                if tiers and not there:
                    there = self._in_order(values[::-1], place) and self._in_order(edges[::-1], place)
                yield self._row(
                    "order", "ok" if there else "gap", figure.at or rule.at, "、".join(values),
                    f"{rule.id}.{figure.name} {figure.label}", "" if there else "正文里的先后次序不同",
                    "按正文的先后次序写各档，核对每档的数字",
                )  # fmt: skip

    def _in_order(self, texts: tuple[str, ...], place: Place) -> bool:
        after = -1
        for text in texts:
            number = one(flat(text))
            same = self.alike.get(number.key, ()) if number else ()
            found = (n.start for n in same if n.start > after and place.holds(n))
            after = next(found, -1)
            if after < 0:
                return False
        return True

    # --- the list of numbers that pay nothing -> text ---

    def _unpaid(self) -> Iterator[Row]:
        for entry in self.document.unpaid_numbers:
            at, text = entry["at"], flat(entry["text"])
            place = self.places.find(at)
            status: Status = "gap"
            found = "正文里找不到这个位置（开头写“前言”，末尾写“文末”）"
            if place is not None:
                pattern = re.compile(rf"(?<![\d.]){re.escape(text)}")
                there = [m.span() for span in place.spans for m in pattern.finditer(self.body.text, *span)]
                covered = [[n for n in self.numbers if a <= n.start and n.end <= b] for a, b in there]
                free = next(
                    (c for c in covered if any(n not in self.taken and n not in self.explained for n in c)), None
                )
                if free:
                    for number in free:
                        self.explained.setdefault(number, entry["why"])
                    status, found = "ok", self._around(free[0])
                elif there and any(covered):
                    found = "这里的这个数字已由条款引用，或已另有说明"
                else:
                    found = "这里没有这个数字"
            yield self._row("unpaid", status, at, entry["text"], entry["why"], found, "核对正文，改正或删去这一条说明")

    # --- text -> figures ---

    def _numbers(self) -> Iterator[Row]:
        previous: Number | None = None
        for number in self.numbers:
            if self._unneeded(number) and number not in self.taken and number not in self.explained:
                continue
            again = (
                previous is not None
                and number.key == previous.key
                and _AGAIN.fullmatch(self.body.text, previous.end, number.start) is not None
            )
            previous = number
            if number in self.taken:
                subject = self.taken[number]
            elif number in self.explained:
                subject = f"不付款：{self.explained[number]}"
            elif number.kind != "amount":
                subject = {"date": "日期", "citation": "文号", "ordinal": "序号"}[number.kind]
            elif again:
                subject = "同一个数字接着重写一次"
            else:
                remedy = "补进该条款的 figures；不影响金额的写进 unpaid_numbers 并说明原因"
                yield self._row(
                    "number", "gap", self._name(number), number.text, "没有着落", self._around(number), remedy
                )
                continue
            yield self._row("number", "ok", self._name(number), number.text, subject, self._around(number))

    def _unneeded(self, number: Number) -> bool:
        """A number in Chinese numerals that is not one of an award: it need not be accounted for."""
        if not number.han:
            return False
        text = self.body.text
        start, end = text.rfind("。", 0, number.start) + 1, text.find("。", number.end)
        sentence = text[start : end if end >= 0 else len(text)]
        return number.unit not in _HAN_UNITS or _AWARD.search(sentence) is None

    def _name(self, number: Number) -> str:
        section = self.body.innermost(number.start)
        return section.name if section else "标题和前言"

    def _around(self, number: Number) -> str:
        text = self.body.text
        before, after = text[max(0, number.start - 14) : number.start], text[number.end : number.end + 10]
        return f"…{before}【{number.text}】{after}…"


def _worth(number: Number) -> set[Decimal]:
    """What the engine may compute with for a number of the text; a term of years also in months."""
    value = number.value * _WORTH.get(number.unit, Decimal(1))
    return {value, value * 12} if number.unit == "年" else {value}


def _claims(rule: Rule, figure: Figure) -> Iterator[_Claim]:
    """The numbers of one figure: its value, or each edge and each value of its table (levels are not numbers)."""
    owner, at = f"{rule.id}.{figure.name}", figure.at or rule.at
    source = figure.borrowed
    label = f"{owner} {figure.label}" + (f"（援引 {source}）" if source else "")
    if figure.table is None:
        value = figure.value if isinstance(figure.value, Decimal) else None
        yield _Claim(owner, label, figure.text, at, source, value)
        return
    tiers = figure.table.mode != "levels"
    edges = f"{rule.id} {figure.table.by} 界线"  # tables over the same tiers share their edges
    for (edge_text, value_text), (edge, value) in zip(figure.table.texts, figure.table.rows, strict=True):
        if tiers:
            yield _Claim(edges, f"{label} 界线", edge_text, at, source, edge)
        yield _Claim(owner, f"{label} {edge_text}", value_text, at, source, value)
