"""Audit: every figure of a document stands in the article it names, and every number of the text is accounted for.

`audit(catalog, folder)` finds each document's official text in a folder by number or title, splits it into articles
by its headings and holds both against each other, in both directions. The official wording is not part of the project;
the folder is `policy-texts/` beside the repository, or a bureau's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from xlpolicy.law.catalog import Catalog
from xlpolicy.law.records import Document
from xlpolicy.sheets.package import Unreadable
from xlpolicy.survey.audit.articles import Body, flat, read_body
from xlpolicy.survey.audit.figure_check import Audit
from xlpolicy.survey.audit.official_texts import read_lines, text_files
from xlpolicy.survey.audit.pinpoint import untitled
from xlpolicy.survey.audit.report import AuditReport, Row, Summary, as_text
from xlpolicy.survey.audit.text_numbers import scan

__all__ = ["AuditReport", "Row", "Summary", "as_text", "audit"]
#: how much of a text may stand before its own number and title (flat characters)
_HEAD = 1500


def audit(catalog: Catalog, folder: Path | str, documents: Iterable[str] | None = None) -> AuditReport:
    """Hold documents (keys or numbers; all of the catalog by default) against the texts in a folder.

    A document without a text is a gap; a text that is no document's is a note. Where two texts are the same
    document's (.txt and .pdf), both are audited. Raises UnknownPolicy, FileNotFoundError, NotADirectoryError.
    """
    folder = Path(folder)
    wanted = [catalog.document(key) for key in documents] if documents is not None else list(catalog.documents.values())
    rows: list[Row] = []
    texts: dict[str, list[tuple[str, list[str]]]] = {d.key: [] for d in catalog.documents.values()}
    for path in text_files(folder):
        try:
            lines = read_lines(path)
        except Unreadable as error:
            rows.append(Row("", path.name, "file", "note", found=error.problem.got, remedy=error.problem.remedy))
            continue
        document = _whose(lines, catalog)
        if document is None:
            remedy = "如果它是某份文件的正文，核对文号和标题"
            rows.append(Row("", path.name, "file", "note", found="不是已载入文件的正文", remedy=remedy))
        else:
            texts[document.key].append((path.name, lines))
    for document in wanted:
        if not texts[document.key]:
            found = f"没有找到正文（{document.name}）"
            remedy = "把正文（.txt 或有文字层的 PDF）放进文件夹；只核对部分文件时指明文件代号"
            rows.append(Row(document.key, "", "file", "gap", found=found, remedy=remedy))
        for name, lines in texts[document.key]:
            rows.extend(Audit(document, name, lines).rows())
    return AuditReport(str(folder), tuple(rows))


def bodies(catalog: Catalog, folder: Path) -> Iterator[tuple[Document, Body]]:
    """The texts of a folder that are those of loaded documents. Raises FileNotFoundError, Unreadable."""
    for path in text_files(folder):
        lines = read_lines(path)
        document = _whose(lines, catalog)
        if document is not None:
            yield document, read_body(lines, untitled([rule.at for rule in document.rules.values()]))


def _whose(lines: list[str], catalog: Catalog) -> Document | None:
    """The document whose number is the first in a text, or whose title stands in its head (not only cited in 《》)."""
    head = flat("".join(lines))[:_HEAD]
    first = next((n for n in scan(head) if n.kind == "citation"), None)
    for document in catalog.documents.values():
        if first and document.number and head[: first.end].endswith(flat(document.number)):
            return document
    found = {m.start(): d for d in catalog.documents.values() for m in _titles(d, head)}
    return found[min(found)] if found else None


def _titles(document: Document, head: str) -> Iterator[re.Match[str]]:
    return re.finditer(f"(?<!《){re.escape(flat(document.title))}", head)
