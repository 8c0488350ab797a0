"""The law as it was when something was decided by it: a document as text, known by its digest."""

from __future__ import annotations

import hashlib
import json

from xlpolicy.law.records import Document, decode, encode
from xlpolicy.register.database import RegisterError


def document_text(document: Document) -> tuple[str, str]:
    """The digest of a document, and its text."""
    content = json.dumps(encode(document), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest(), content


def document_of(content: str, where: str) -> Document:
    """The document that a text holds. Raises RegisterError for one that this program cannot read any more."""
    try:
        document = decode(json.loads(content))
        if isinstance(document, Document):
            return document
    except (ValueError, KeyError, TypeError):
        pass
    raise RegisterError(
        "当时的政策数据是别的版本的程序写的，本程序读不了", where=where, remedy="用当时的程序版本重算，版本号见核算记录"
    )
