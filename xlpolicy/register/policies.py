"""The law as it was when something was decided by it: a policy file's own YAML, known by its digest.

Kept as text, so that what a later program makes of it (its records and nodes) is the later program's affair. The first
line, a comment of YAML, says which options of the readings held, by which authority.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from xlpolicy.faults import PolicyError
from xlpolicy.law.adopted import Adopted, adopt
from xlpolicy.law.records import Document
from xlpolicy.law.store import variant
from xlpolicy.register.database import RegisterError
from xlpolicy.register.tables import dumped

_MARK = "# xlpolicy "


def document_text(document: Document) -> tuple[str, str]:
    """The digest of a document as it reads here, and its text."""
    readings = {
        name: [item.chosen, document.adopted.get(name, "")]
        for name, item in document.readings.items()
        if item.chosen != item.default or name in document.adopted
    }
    head = {"key": document.key, "digest": document.digest, "own": document.own, "readings": readings}
    content = f"{_MARK}{dumped(head)}\n{document.source}"
    return hashlib.sha256(content.encode()).hexdigest(), content


def options_of(content: str) -> dict[str, str]:
    """The options of its readings that a text of `document_text` says were chosen."""
    return {name: str(option) for name, (option, _) in _parts(content)[0]["readings"].items()}


def _parts(content: str) -> tuple[Mapping[str, Any], str]:
    """The first line of a text, and the file below it."""
    first, _, source = content.partition("\n")
    return json.loads(first.removeprefix(_MARK)), source


def document_of(content: str, where: str) -> Document:
    """The document that a text holds. Raises RegisterError for one that this program cannot read any more."""
    try:
        head, source = _parts(content)
        made = replace(
            variant(source, f"{head['key']}.yaml", ()), source=source, digest=head["digest"], own=head["own"]
        )
        return adopt(made, {name: Adopted(*said) for name, said in head["readings"].items()})
    except (PolicyError, ValueError, KeyError, TypeError):
        raise RegisterError(
            "当时的政策数据本程序读不了", where=where, expected="这一版程序认得的政策文件",
            remedy="用当时的程序版本重算，版本号见核算记录；政策文件原文在 xlpolicy export 的导出件里",
        ) from None  # fmt: skip
