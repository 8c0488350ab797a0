"""The history of a provision: where it stands in the documents of its city, and how each of them stands on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import period, status
from xlpolicy.law.records import Document, Rule
from xlpolicy.words.wording import span


class Version(NamedTuple):
    """A provision in one document. `span`: when it applies, in words ("" for a draft); `current`: the one asked about."""

    document: Document
    rule: Rule
    span: str
    status: str
    current: bool


def history(catalog: Catalog, document: Document, rule: Rule, day: dt.date) -> Iterator[Version]:
    """The same id in every document of the city, newest first, drafts last."""
    for found in catalog.of(document.city, rule.id):
        other, twin = found.document, found.rule
        told = "" if other.draft else span(*period(other, twin))
        yield Version(other, twin, told, status(other, twin, day), other is document)
