"""What the task pane shows of the law, as plain data: search, one provision, its history."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from xlpolicy.law.abroad import reached
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.effects import KINDS
from xlpolicy.law.in_force import Found, newest, period, status
from xlpolicy.law.labels import MODES, TYPES
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.money import clean
from xlpolicy.words.effects_told import funding
from xlpolicy.words.history import Version, history
from xlpolicy.words.inputs import absent, need, unit_of
from xlpolicy.words.shown import nature_word
from xlpolicy.words.wording import brief, condition, figure_text, formula, limit_text, span

#: most useful first: what pays today, what will, what did, what may
_ORDER = ("施行", "未施行", "失效", "征求意见稿")
MOST_FOUND = 200
#: between words that are searched for at once
_BREAK = re.compile(r"[\s,，、;；/]+")
#: what clerks say for what the documents write
_SAID_FOR = (
    ("利息补贴", "贴息"), ("利息补助", "贴息"), ("贴息补助", "贴息"), ("补贴", "补助"), ("补贴", "奖励"), ("补助", "奖励"), ("奖励", "补助"),
    ("奖金", "奖励"), ("资助", "补助"), ("扶持", "补助"), ("技术改造", "技改"), ("上云", "云"), ("专精特新小巨人", "小巨人"), ("摊位", "展位"),
    ("信创", "安全可靠"), ("机器换工", "技改"), ("设备更新", "技改"), ("买设备", "设备"), ("贴利息", "贴息"), ("物流园", "物流示范园"), ("标准", ""),
)  # fmt: skip


def start(catalog: Catalog) -> dict[str, Any]:
    """What the pane needs to begin: cities, themes, today."""
    cities = {d.city: d.city_label for d in catalog.documents.values()}
    return {
        "cities": [{"key": key, "label": label} for key, label in cities.items()],
        "themes": catalog.themes(),
        "today": dt.date.today().isoformat(),
    }


def search(catalog: Catalog, city: str, text: str, theme: str, day: dt.date) -> list[dict[str, Any]]:
    """Each provision once, in the document that matters on the day; best match first."""
    words = [clean(word).lower() for word in _BREAK.split(text) if word]
    ranked: dict[tuple[str, str], dict[Found, int]] = defaultdict(dict)
    for document, rule in catalog.rules():
        if (city and document.city != city) or (theme and theme not in rule.themes):
            continue
        rank = _rank(rule, words, (document.city_label, *document.city_aliases, document.name))
        if rank is not None:
            ranked[document.city, rule.id][Found(document, rule)] = rank
    best: list[tuple[int, int, Found]] = []
    for key, ranks in ranked.items():
        found = newest([version for version in catalog.of(*key) if version in ranks], day)
        best.append((ranks[found], _ORDER.index(status(found.document, found.rule, day)), found))
    best.sort(key=lambda item: item[:2])
    return [_line(found.document, found.rule, day) for *_, found in best[:MOST_FOUND]]


def _rank(rule: Rule, words: list[str], city: tuple[str, ...]) -> int | None:
    """-2 for the name itself, -1 for its beginning, 0 for a part of it, more for a hit further off; None for none.

    Every word must be found; the names of its city and its document count as near its own.
    """
    if not words:
        return 0
    names = [clean(name).lower() for name in (rule.title, rule.id, *rule.aliases)]
    if "".join(words) in names:
        return -2
    if names[0].startswith("".join(words)):
        return -1
    places = [clean("\n".join(parts)).lower() for parts in _texts(rule)]
    places[1] += clean("\n".join(city)).lower()
    ranks = [_place(word, places) for word in words]
    return None if None in ranks else max(rank for rank in ranks if rank is not None)


def _place(word: str, places: list[str]) -> int | None:
    """Where a word stands, or both halves of one that is two run together (小巨人奖励); None for nowhere."""
    found = _whole(word, places)
    for cut in range(2, len(word) - 1) if found is None else ():
        one, other = _whole(word[:cut], places), _whole(word[cut:], places)
        if one is not None and other is not None:
            return max(one, other) + 1
    return found


def _whole(word: str, places: list[str]) -> int | None:
    return next((index for way in _ways(word) for index, place in enumerate(places) if way in place), None)


@lru_cache(maxsize=256)
def _ways(word: str) -> tuple[str, ...]:
    """A word as it is typed, and as the documents may write it."""
    found = [word]
    for way in found:  # grows while it is gone through
        more = (way.replace(said, written) for said, written in _SAID_FOR if said in way)
        found += [other for other in dict.fromkeys(more) if other and other not in found]
    return tuple(found)


def _texts(rule: Rule) -> Iterator[list[str]]:
    """The searchable texts of a provision, nearest first."""
    yield [rule.title, rule.id, *rule.aliases]
    yield [*rule.themes, rule.at, rule.recipient]
    yield [f.label + figure_text(rule, f) for f in rule.figures.values()] + [i.label for i in rule.inputs]
    yield [rule.refer_to, rule.notes, *rule.departments, *(a.text for a in rule.assumptions)]


def _line(document: Document, rule: Rule, day: dt.date) -> dict[str, Any]:
    return {
        "city": document.city, "city_label": document.city_label, "document": document.key, "number": document.name,
        "id": rule.id, "title": rule.title, "at": rule.at, "nature": nature_word(rule), "theme": "、".join(rule.themes),
        "status": status(document, rule, day), "computable": rule.amount is not None,
    }  # fmt: skip


def provision(catalog: Catalog, found: Found, day: dt.date, unit: str) -> dict[str, Any]:
    """Everything about one provision that a clerk may ask."""
    document, rule = found.document, found.rule
    return _line(document, rule, day) | {
        "document_title": document.title,
        "span": span(*period(document, rule)),
        "mode": MODES[rule.mode], "payer": funding(document, rule), "recipient": rule.recipient,
        "departments": list(rule.departments), "aliases": list(rule.aliases),
        "warnings": list(found.warnings),
        "figures": [
            {"label": f.label, "text": figure_text(rule, f), "at": f.at or rule.at} for f in rule.figures.values()
        ],
        "inputs": [_input(rule, item, unit) for item in rule.inputs],
        "conditions": [
            {"text": condition(rule, line), "at": line.at or ""} for line in rule.conditions if line.source
        ],
        "terms": [{"label": x.label, "text": formula(rule, x), "at": x.at or ""} for x in rule.terms],
        "amount": formula(rule, rule.amount) if rule.amount else "",
        "limits": [{"text": limit_text(rule, limit), "at": limit.at or ""} for limit in rule.limits],
        "assumptions": [a.text for a in rule.assumptions],
        "refer_to": rule.refer_to, "notes": rule.notes,
        "cross_rules": [
            {"kind": KINDS[c.kind], "text": c.text, "at": c.at if home is document else f"{home.name} {c.at}"}
            for home, c in reached(catalog, document, rule.id)
        ],
        "history": [_version(version) for version in history(catalog, document, rule, day)],
    }  # fmt: skip


def _input(rule: Rule, item: Input, unit: str) -> dict[str, Any]:
    return {
        "name": item.name, "label": item.label, "type": item.type, "type_label": TYPES[item.type],
        "unit": unit_of(item, unit), "need": need(item), "absent": absent(rule, item),
        "choices": [{"value": str(c.value), "label": c.label} for c in item.choices],
    }  # fmt: skip


def _version(version: Version) -> dict[str, Any]:
    document, rule = version.document, version.rule
    return {
        "document": document.key, "number": document.name, "at": rule.at, "title": rule.title, "span": version.span,
        "status": version.status, "text": brief(rule), "current": version.current,
    }  # fmt: skip
