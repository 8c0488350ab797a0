"""What a fact of an enterprise is called where several provisions are looked at together.

An input is called by its label where only one provision of the documents asks it, or where `same_facts.txt` says that
all who ask mean the same; else by its label and the provision: 认定层级〔企业技术中心认定奖励〕.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from xlpolicy.law.catalog import Catalog
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.money import clean


@lru_cache(1)
def same_facts() -> Mapping[str, tuple[str, ...]]:
    """The labels that mean the same in every provision, without white space; with each what one answer is about (parts of
    a scope), empty where claims may answer differently."""
    text = files("xlpolicy.words").joinpath("same_facts.txt").read_text(encoding="utf-8")
    lines = (line.partition("|") for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {clean(label): tuple(scope.split()) for label, _, scope in lines}


class FactNames:
    """The names of the facts of a catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._owners: dict[str, set[tuple[str, str]]] = {}
        self._titles: dict[str, set[str]] = {}
        for document, rule in catalog.rules():
            self._titles.setdefault(rule.title, set()).add(document.city)
            for item in rule.inputs:
                self._owners.setdefault(clean(item.label), set()).add((document.city, rule.id))

    def of(self, document: Document, rule: Rule, item: Input) -> str:
        """The name of an input's fact, as it is shown."""
        label = clean(item.label)
        if label in same_facts() or len(self._owners[label]) == 1:
            return item.label
        city = document.city_label.removesuffix("市") if len(self._titles[rule.title]) > 1 else ""
        return f"{item.label}〔{city}{rule.title}〕"
