"""Every sentence of an official text and where it lives: a table of digests, so that no wording is copied.

A table is one file a document, KEY.tsv: digest of the sentence, pinpoint, where it lives. That is a provision
(`tech_upgrade`, `tech_upgrade.cap` for one of its figures or inputs), a cross rule (`cross:ID`), a document-wide
sentence (`applies`), or `-` with the reason why it has none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from xlpolicy.law.records import Document
from xlpolicy.survey.audit.articles import Body

_ENDS = "。！？"
_CLOSING = "”’)\\]》"


class Sentence(NamedTuple):
    """A sentence of a text: its article, its words without white space, the mark of those words."""

    at: str
    text: str
    digest: str


class Target(NamedTuple):
    """Where a sentence lives, as a table says it."""

    at: str
    where: str


def sentences(body: Body) -> Iterator[Sentence]:
    """The sentences of a text in order; a heading is one, and so is what stands between two."""
    edges = {0, len(body.text), *(s.start for s in body.sections), *body.paragraphs}
    for i, char in enumerate(body.text):
        if char in _ENDS:
            end = i + 1
            while end < len(body.text) and body.text[end] in _CLOSING:
                end += 1
            edges.add(end)
    ordered = sorted(edges)
    for start, end in pairwise(ordered):
        text = body.text[start:end]
        section = body.innermost(start)
        yield Sentence(section.name if section else "", text, hashlib.sha256(text.encode()).hexdigest()[:12])


def read_table(path: Path) -> dict[str, Target]:
    """A table: digest -> where that sentence lives. Raises OSError."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#")
    return {row[0]: Target(row[1], row[2]) for row in rows if len(row) > 2}


def unknown(document: Document, target: Target) -> list[str]:
    """What a table names that the document does not have; a reason that is none."""
    if target.where.startswith("-"):
        return [] if len(target.where) > 2 else [target.where]
    return [where for where in target.where.split(" ") if not _known(document, where)]


def _known(document: Document, where: str) -> bool:
    if where.startswith("cross:"):
        return where.removeprefix("cross:") in {rule.id for rule in document.cross_rules}
    name, _, part = where.partition(".")
    rule = document.rules.get(name)
    inside = rule is not None and (not part or part in rule.figures or part in {item.name for item in rule.inputs})
    return inside or where in ("applies", "document")


def unaccounted(document: Document, body: Body, table: Mapping[str, Target]) -> list[tuple[Sentence, str]]:
    """The sentences that a table does not place, or places where there is nothing, each with what is wrong."""
    found = []
    for sentence in sentences(body):
        target = table.get(sentence.digest)
        if target is None:
            found.append((sentence, "没有着落"))
        elif names := unknown(document, target):
            found.append((sentence, f"对照表写的“{'”“'.join(names)}”不存在"))
    return found
