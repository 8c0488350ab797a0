"""Which provision applies: city, id, date, pinned document; aliases; what is in force when.

The embedded documents are always there; `XLPOLICY_POLICIES` (folders, separated as in PATH) or `extra` add a
bureau's own. A document of the same key as an embedded one replaces it.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from xlpolicy.faults import (
    AmbiguousRule,
    InvalidInput,
    NotInForce,
    PolicyFileError,
    Problem,
    UnknownCity,
    UnknownPolicy,
    UnknownRule,
    nearest,
)
from xlpolicy.law.records import Document, Rule
from xlpolicy.law.store import EMBEDDED, load_folder
from xlpolicy.law.values import parse_date
from xlpolicy.money import clean, shown

DRAFT_WARNING = "征求意见稿，金额仅供参考，不作兑现依据"
#: answers of `Catalog.find` kept, and the longest name that is looked up
_REMEMBERED, _LONGEST = 10_000, 200


class Found(NamedTuple):
    """A provision with its document and what to warn of. `tail`: the date is past expiry, in a possible tail."""

    document: Document
    rule: Rule
    warnings: tuple[str, ...] = ()
    tail: bool = False


def as_date(on: dt.date | str | None) -> dt.date | None:
    """A date or ISO text (None stays None). Raises InvalidInput."""
    if on is None:
        return None
    try:
        return parse_date(on)
    except ValueError as error:
        raise InvalidInput(
            f"申报日期{error}", item="on", expected="日期，如 2026-06-30", remedy="改正申报日期"
        ) from None


def period(document: Document, rule: Rule) -> tuple[dt.date | None, dt.date | None]:
    """First and last day on which a claim under the provision is in force (a provision may start on its own day)."""
    return rule.valid_from or document.valid_from, document.valid_to


class Catalog:
    """All loaded documents, in order of key."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = {d.key: d for d in documents}
        self._cities: dict[str, str] = {}
        for document in self.documents.values():
            label = document.city_label
            for name in (document.city, label, label.removesuffix("市"), *document.city_aliases):
                self._cities[clean(name).lower()] = document.city
        self._found: dict[tuple[str, str, dt.date | None, str | None], Found] = {}
        self._names: dict[str, dict[str, set[str]]] = {}

    def city(self, name: str) -> str:
        """A city's key from its key, Chinese name or alias. Raises UnknownCity."""
        name = _name(name)
        key = self._cities.get(clean(name).lower())
        if key is None:
            labels = [d.city_label for d in self.documents.values()]
            raise UnknownCity(
                f"没有“{name}”的政策",
                where="城市",
                expected="、".join(dict.fromkeys(labels)),
                remedy=nearest(name, self._cities),
            )
        return key

    def document(self, key: str) -> Document:
        """A document by its key or number. Raises UnknownPolicy."""
        key = _name(key)
        for document in self.documents.values():
            if key in (document.key, document.number):
                return document
        raise UnknownPolicy(
            f"没有代号为“{key}”的文件",
            where="文件",
            expected="、".join(self.documents),
            remedy=nearest(key, self.documents),
        )

    def of_city(self, city: str) -> list[Document]:
        return [d for d in self.documents.values() if d.city == city]

    def rule_id(self, city: str, name: str) -> str:
        """A provision's id in any document of the city from id, title or alias. Raises UnknownRule, AmbiguousRule."""
        name = _name(name)
        known = self._names.get(city)
        if known is None:
            known = {}
            for rule in (rule for d in self.of_city(city) for rule in d.rules.values()):
                for alias in (rule.id, rule.title, *rule.aliases):
                    known.setdefault(clean(alias).lower(), set()).add(rule.id)
            self._names[city] = known  # when it is complete: other threads read it
        ids = known.get(clean(name).lower(), set())
        if len(ids) > 1:
            raise AmbiguousRule(
                f"“{name}”对应多个条款（{'、'.join(sorted(ids))}）",
                where="条款",
                expected="唯一的条款编号",
                remedy="写明其中一个编号",
            )
        if not ids:
            raise UnknownRule(
                f"没有“{name}”这个条款",
                where=f"{self.label(city)}的政策",
                expected="条款编号或名称",
                remedy=_suggest(name, known),
            )
        return next(iter(ids))

    def label(self, city: str) -> str:
        return next(d.city_label for d in self.documents.values() if d.city == city)

    def find(self, city: str, rule: str, on: dt.date | None = None, policy: str | None = None) -> Found:
        """The provision that applies on a date (default today), or in the pinned document whatever the date.

        Raises UnknownCity, UnknownRule, UnknownPolicy, NotInForce, AmbiguousRule.
        """
        if on is None and policy is None:
            on = dt.date.today()
        try:
            found = self._found.get((city, rule, on, policy))
        except TypeError:  # a list, say: no name
            found = None
        if found is None:
            key = _name(city), _name(rule), on, None if policy is None else _name(policy)
            if len(self._found) > _REMEMBERED:
                self._found.clear()
            found = self._found[key] = self._find(*key)
        return found

    def _find(self, city_name: str, rule_name: str, on: dt.date | None, policy: str | None) -> Found:
        city = self.city(city_name)
        if policy is not None:
            return self._pinned(city, rule_name, on, self.document(policy))
        rule = self.rule_id(city, rule_name)
        assert on is not None
        having = [d for d in self.of_city(city) if rule in d.rules]
        live = [Found(d, d.rules[rule]) for d in having if in_force(d, d.rules[rule], on)]
        if not live:
            live = [
                Found(d, d.rules[rule], tail=True)
                for d in having
                if d.rules[rule].tail and not d.draft and d.valid_to and on > d.valid_to
            ]
        if len(live) > 1:
            keys = "、".join(f.document.key for f in live)
            raise AmbiguousRule(
                f"{on} 有多份文件都规定了 {rule}（{keys}）",
                where="条款",
                expected="一份文件",
                remedy=f"指定其中一份（命令行 --policy {live[0].document.key}，Python 里 policy=）",
            )
        if not live:
            raise NotInForce(
                f"{on} 没有正在施行的“{having[-1].rules[rule].title}”（{'；'.join(_span(d, d.rules[rule]) for d in having)}）",
                where=f"{self.label(city)} {rule}",
                expected="申报日期在文件有效期内",
                remedy=f"核对申报日期；只作测算时指定文件（命令行 --policy {having[-1].key}，Python 里 policy=）",
            )
        return live[0]

    def _pinned(self, city: str, rule_name: str, on: dt.date | None, document: Document) -> Found:
        if document.city != city:
            raise UnknownPolicy(
                f"{document.key} 是{document.city_label}的文件", where="文件", expected=f"{self.label(city)}的文件",
                remedy=nearest(city, [d.key for d in self.of_city(city)]),
            )  # fmt: skip
        rule_id = self.rule_id(city, rule_name)
        if rule_id not in document.rules:
            raise UnknownRule(
                f"{document.name}里没有“{rule_name}”这个条款",
                where=document.key,
                expected="该文件的条款编号",
                remedy=nearest(rule_name, document.rules),
            )
        rule = document.rules[rule_id]
        if document.draft:
            return Found(document, rule, (DRAFT_WARNING,))
        if on is not None and not in_force(document, rule, on):
            tail = rule.tail is not None and document.valid_to is not None and on > document.valid_to
            return Found(document, rule, (f"{_span(document, rule)}，{on} 不在有效期内，本次按指定文件测算",), tail)
        return Found(document, rule)

    def rules(self) -> Iterator[tuple[Document, Rule]]:
        """Every provision of every document."""
        for document in self.documents.values():
            for rule in document.rules.values():
                yield document, rule


def _name(said: object) -> str:
    """What somebody wrote for a name: whatever is no text, or too long for one, is no known name either."""
    return said if type(said) is str and len(said) <= _LONGEST else shown(said)


def in_force(document: Document, rule: Rule, on: dt.date) -> bool:
    """Whether a claim of that date falls in the provision's period (a draft never is)."""
    first, last = period(document, rule)
    return not document.draft and first is not None and last is not None and first <= on <= last


def _span(document: Document, rule: Rule) -> str:
    if document.draft:
        return f"{document.name}为征求意见稿"
    first, last = period(document, rule)
    start = f"（{document.first_day}）" if document.first_day and first == document.valid_from else ""
    return f"{document.name}本条自 {first}{start} 至 {last} 有效"


def _suggest(name: str, known: dict[str, set[str]]) -> str:
    inside = [alias for alias in known if clean(name).lower() in alias]
    return f"从名称相近的条款中选用：{'、'.join(inside[:6])}" if inside else nearest(name, known)


def folders(named: str | None = None) -> tuple[Path, ...]:
    """Where policy files are read from (`named`: as in `XLPOLICY_POLICIES`); a later folder goes before an earlier."""
    named = os.environ.get("XLPOLICY_POLICIES", "") if named is None else named
    return EMBEDDED, *(Path(part) for part in named.split(os.pathsep) if part)


@lru_cache(maxsize=8)
def _load(named: str) -> Catalog:
    documents: dict[str, Document] = {}
    for folder in folders(named):
        if not folder.is_dir():
            raise PolicyFileError(
                [
                    Problem(
                        "policy_folder",
                        str(folder),
                        "没有这个政策文件夹",
                        "存放 *.yaml 的文件夹",
                        "核对 XLPOLICY_POLICIES 或 --policies",
                    )
                ]
            )
        documents.update((d.key, d) for d in load_folder(folder))
    return Catalog(documents.values())


def default() -> Catalog:
    """The embedded documents and those of `XLPOLICY_POLICIES`, loaded once."""
    return _load(os.environ.get("XLPOLICY_POLICIES", ""))
