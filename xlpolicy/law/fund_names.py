"""资金: what the funds of the documents are called, and which fund a name means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from xlpolicy.faults import InvalidInput
from xlpolicy.law.records import Document

T = TypeVar("T")


def fund_names(documents: Iterable[Document]) -> dict[str, str]:
    """Every fund by its key: its name in the law; its key where it has none, or another fund is called the same."""
    named = {
        rule.scale.pool: rule.scale.called
        for document in documents
        for rule in document.cross_rules
        if rule.scale and rule.scale.pool
    }
    often = Counter(named.values())
    return {key: name if name and often[name] == 1 else key for key, name in named.items()}


def by_fund(figures: Mapping[str, T], documents: Iterable[Document]) -> dict[str, T]:
    """Figures by the key of their fund, whether they were given by its name or by its key; what is neither stays.

    Raises InvalidInput where one fund is given twice.
    """
    keys = {name: key for key, name in fund_names(documents).items()}
    found: dict[str, T] = {}
    for name, figure in figures.items():
        key = keys.get(name, name)
        if key in found:
            raise InvalidInput(
                f"“{name}”和“{key}”是同一笔资金，写了两次", where="资金", expected="一笔资金写一次", remedy="删去一个"
            )
        found[key] = figure
    return found
