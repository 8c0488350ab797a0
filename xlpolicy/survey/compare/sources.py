"""The two documents of a comparison: by key or number, or by the path of a file.

Where one side is a file and the other the key that it bears, the key stands for the document as it comes with the
program; a file that says otherwise than that one is a bureau's edited copy and marked so.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from xlpolicy.law.catalog import Catalog, spelled
from xlpolicy.law.records import Document
from xlpolicy.law.store import EMBEDDED, load, load_folder


def pair(catalog: Catalog, old: str, new: str) -> tuple[Document, Document]:
    """The documents that two words name. Raises UnknownPolicy, PolicyFileError."""
    files = [_file(word) for word in (old, new)]
    found = []
    for word, own, other in ((old, files[0], files[1]), (new, files[1], files[0])):
        if own is None:
            document = catalog.document(word)
            own = (official(document) or document) if other is not None and document.key == other.key else document
        found.append(own)
    return found[0], found[1]


def _file(word: str) -> Document | None:
    path = Path(word)
    if path.suffix.lower() not in (".yaml", ".yml") and not path.is_file():
        return None
    return marked_own(load(path))


def marked_own(document: Document) -> Document:
    """The document, marked where it stands for one of the program's and says otherwise."""
    known = official(document)
    return replace(document, own=known is not None and known.digest != document.digest)


def official(document: Document) -> Document | None:
    """The document of the same key, or else number, as it comes with the program."""
    documents, _ = load_folder(EMBEDDED)
    by_key = next((d for d in documents if d.key == document.key), None)
    if by_key is not None or not document.number:
        return by_key
    return next((d for d in documents if d.number and spelled(d.number) == spelled(document.number)), None)


def head_changes(old: Document, new: Document) -> list[str]:
    """What an edited copy of a document changed in its head, readings and whole-document parts."""
    parts = {
        "title": "标题", "number": "文号", "issuer": "发文机关", "issued": "印发日期", "valid_from": "施行日期", "valid_to": "失效日期",
        "draft": "征求意见稿", "payer": "资金", "notes": "说明", "support": "其他支持类别", "continues": "接着", "amends": "修改",
    }  # fmt: skip
    told = []
    for name, label in parts.items():
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            told.append(f"{label} {was or '（空）'} → {now or '（空）'}")
    for name in dict.fromkeys((*old.readings, *new.readings)):
        before, after = old.readings.get(name), new.readings.get(name)
        if before is None or after is None:
            told.append(f"{'新增' if before is None else '取消'}口径：{(after or before).question}")  # type: ignore[union-attr]
        elif before.default != after.default:
            was, now = before.option(before.default).label, after.option(after.default).label
            told.append(f"口径“{after.question}”的默认 {was} → {now}")
        elif before != after:
            told.append(f"口径“{after.question}”的写法有改动")
    return told
