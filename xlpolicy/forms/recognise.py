"""Which provision a sheet is a form of, when the hidden identity sheet is gone or other forms were copied in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.asked import label_of, things
from xlpolicy.forms.layout import (
    EARLIER,
    FORM_VERSION,
    UNITS,
    UNNAMED,
    Field,
    Layout,
    address,
    form_title,
    layout,
    match_text,
)
from xlpolicy.forms.locate import cell, label_places
from xlpolicy.forms.normalise import shown
from xlpolicy.forms.opened import Rows
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.records import Document, Rule
from xlpolicy.money import clean

UNIT_UNKNOWN = "unit_unknown"
UNKNOWN_DOCUMENT = "unknown_document"
_COMMON = ("ent", "prj", "att")
#: what stands below the firms of a summary table, or between them
_FOOT = re.compile("合计|小计|总计|(填表|制表|审核|经办|复核|负责)人?|联系|注[:0-9]?|说明|备注|日期|[^:]{1,12}:$")


class Recogniser:
    """Titles and labels of every form the catalog can have sent out."""

    def __init__(self, catalog: Catalog) -> None:
        self.titles: dict[str, list[tuple[Document, Rule]]] = {}
        self.common: Mapping[str, Field] = {}
        self.by_inputs: list[tuple[frozenset[str], Document, Rule]] = []
        for document, rule in catalog.rules():
            if rule.amount is None:
                continue
            self.titles.setdefault(match_text(form_title(document, rule)), []).append((document, rule))
            labels = frozenset(match_text(item.label) for item in rule.inputs)
            self.by_inputs.append((labels, document, rule))
            shown = [item.label for item in rule.inputs if not item.by]
            self.by_inputs.append((frozenset(map(match_text, shown)), document, rule))
            printed = [label_of(item) for item in rule.inputs if not item.by]
            if printed != shown:
                self.by_inputs.append((frozenset(map(match_text, printed)), document, rule))
            least = [item.label for item in rule.inputs if item.required and not item.by]
            self.by_inputs.append((frozenset(map(match_text, least)), document, rule))
            if not self.common:
                plan = layout(document, rule)
                early = layout(document, rule, version=EARLIER[-1])
                both = {**plan.by_label, **early.by_label}
                self.common = {text: f for text, f in both.items() if f.group in _COMMON}

    def plan(
        self, rows: Rows, area: tuple[int, int, int, int], sent: Layout | None, sheet: str
    ) -> tuple[Layout | None, tuple[Fault, ...]]:
        """The layout of the form in an area; `sent`: what the file's identity sheet says."""
        texts = _texts(rows, area)
        candidates = self._candidates(texts)
        cited = _cited(texts)
        if sent is not None and (
            not candidates
            or any(rule is sent.rule for _, rule in candidates)
            or not any(match_text(layout(*pair).subtitle) in cited for pair in candidates)
        ):
            return sent, ()
        known = [(d, r) for d, r in candidates if any(match_text(d.name) in text for text in cited)]
        if candidates and cited and not known:
            problem = Fault(
                UNKNOWN_DOCUMENT, reference(sheet, _basis_cell(rows, area)), got=f"{cited[0]}，这份文件没有载入",
                expected="、".join(dict.fromkeys(d.name for d, _ in candidates)),
                remedy="核对文号；确有这份文件的，由主管部门载入后再核定，否则请对方改用现行申请表",
            )  # fmt: skip
            return None, (problem,)
        candidates = known or candidates
        if len(candidates) != 1:
            got = "有多个条款的申请表是这个名称和栏目" if candidates else "认不出是哪个条款的申请表"
            problem = Fault(
                "unknown_form", reference(sheet), got=got, expected="由本单位发出、未改动表名和栏目的申请表",
                remedy="请对方在原申请表（.xlsx）里填写后发回",
            )  # fmt: skip
            return None, (problem,)
        document, rule = candidates[0]
        version = _version(document, rule, texts)
        unit = _unit(texts, rows, layout(document, rule, version=version), area)
        if unit is None and any(item.type == "money" for item in rule.inputs):
            remedy = "请对方在原申请表（.xlsx）里填写后发回"
            problem = Fault(
                UNIT_UNKNOWN, reference(sheet), got="看不出金额单位", expected="、".join(UNITS), remedy=remedy
            )
            return layout(document, rule, version=version), (problem,)
        return layout(document, rule, unit or "万元", version), ()

    def _candidates(self, texts: list[str]) -> list[tuple[Document, Rule]]:
        shown = set(texts)
        named = [pair for title, pairs in self.titles.items() if title in shown for pair in pairs]
        if not named:
            found = [(len(labels), d, r) for labels, d, r in self.by_inputs if labels and labels <= shown]
            most = max((size for size, _, _ in found), default=0)
            named = list(dict.fromkeys((d, r) for size, d, r in found if size == most and size > 1))
        if len(named) > 1:
            cited = [p for p in named if any(match_text(p[0].name) in text for text in texts)]
            named = cited or named
        if len(named) > 1:
            labelled = [
                (d, r) for d, r in named if {match_text(i.label) for i in r.inputs if i.required and not i.by} <= shown
            ]
            named = labelled or named
        return named

    def cites(self, rows: Rows, area: tuple[int, int, int, int]) -> bool:
        """Whether the heading is that of a form known by title or labels."""
        return bool(self._candidates(_texts(rows, area)))

    def enterprise(self, rows: Rows, area: tuple[int, int, int, int]) -> dict[str, str]:
        """What a form of an unknown provision says of the enterprise, right of each label."""
        found: dict[str, str] = {}
        for key, places in label_places(rows, self.common).items():
            for r, c in places:
                value = cell(rows, (r, c + 1))
                if key.startswith("ent_") and area[0] <= r < area[1] and value != "":
                    found.setdefault(key.removeprefix("ent_"), shown(value))
        return found


def _version(document: Document, rule: Rule, texts: list[str]) -> str:
    """Which version a form is that does not say so: by the fields that came with each, as far as any is there."""
    if match_text("申报日期") not in texts:
        return EARLIER[-1]
    later = {match_text(label) for _, label, *_ in things(document, rule)}
    return FORM_VERSION if not later or later & set(texts) else UNNAMED[-1]


def _texts(rows: Rows, area: tuple[int, int, int, int]) -> list[str]:
    top, end, left, right = area
    before = max(0, top - 6)
    return [
        match_text(value)
        for row in rows[before:end]
        for value in row[left:right]
        if type(value) is str and value and len(value) < 300
    ]


#: a column of amounts, and the heading of a table that may have no other
_SUM = re.compile("金额|投资额|补助|奖励|贴息|奖补|资金")
_LIST = re.compile("汇总|名单|一览|公示|名册")


def county_summary(rows: Rows, common: Mapping[str, Field]) -> tuple[int, int]:
    """How many enterprises a table of one row a firm lists, and the row of its headings; 0 where the sheet is no such table."""
    for r, row in enumerate(rows):
        hits = {c: field.key for c, v in enumerate(row) if type(v) is str and (field := common.get(match_text(v)))}
        name = next((c for c, key in hits.items() if key == "ent_name"), None)
        if name is None:
            continue
        heads = {match_text(v) for v in row if type(v) is str}
        told = len(set(hits.values())) + ("序号" in heads)
        if told == 2 and any(_LIST.search(v) for other in rows[:r] for v in other if type(v) is str):
            told += any(map(_SUM.search, heads))
        if told < 3:
            continue
        below = [str(other[name]) for other in rows[r + 1 :] if name < len(other) and str(other[name] or "").strip()]
        plains = [match_text(text) for text in below]
        firms = [text for text in plains if not _FOOT.match(text)]
        if firms and not any(text in common for text in plains):
            return len(firms), r
    return 0, 0


def from_county(rows: Rows) -> bool:
    """Whether a table is the one that a county fills in, by what nobody else has."""
    return any({"编号", "县区意见", "版次"} <= {match_text(v) for v in row if type(v) is str} for row in rows[:20])


def _cited(texts: list[str]) -> list[str]:
    """The lines that say on which document a form rests."""
    return [text for text in texts if text.startswith("依据")]


def _basis_cell(rows: Rows, area: tuple[int, int, int, int]) -> str:
    for r, row in enumerate(rows[max(0, area[0] - 6) : area[1]], max(0, area[0] - 6)):
        for c, value in enumerate(row[area[2] : area[3]], area[2]):
            if type(value) is str and match_text(value).startswith("依据"):
                return address(r, c)
    return ""


def _unit(texts: list[str], rows: Rows, plan: Layout, area: tuple[int, int, int, int]) -> str | None:
    """The one unit that the heading and the unit cells beside the money labels agree on."""
    said = {unit for unit in UNITS if match_text(f"单位：{unit}") in texts}
    places = label_places(rows, plan.by_label)
    for item in plan.fields:
        if item.type != "money":
            continue
        for r, c in places.get(item.key, []):
            if area[0] <= r < area[1]:
                said.update(u for u in UNITS for v in rows[r][c + 1 :] if type(v) is str and clean(v) == u)
    return said.pop() if len(said) == 1 else None


@lru_cache(maxsize=8)
def recogniser(catalog: Catalog) -> Recogniser:
    return Recogniser(catalog)
