"""A letter from a .docx template that a bureau restyles in Word or WPS: `{name}` is replaced wherever it stands.

A table row with `{list.field}` is repeated for every item, and so is a paragraph with it; a template paragraph that
would be left empty is left out. All else of the template stays as it is.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from xlpolicy.sheets.changeable import changeable, written
from xlpolicy.sheets.files import zipped
from xlpolicy.sheets.template_sheet import TemplateError
from xlpolicy.sheets.text import braced, filled, tidy

_MARK = re.compile(r"\{([^{}.\n]+)(?:\.([^{}\n]+))?\}")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
#: parts that hold what is read
_TEXTS = {f"{_WORD}{part}+xml" for part in ("document.main", "header", "footer", "footnotes", "endnotes")}
#: what has to keep a paragraph, and what a paragraph is kept for
_NEEDED = (_W + "tc", _W + "txbxContent", _W + "sdtContent")
_DRAWN = (_W + "drawing", _W + "pict", _W + "object", _W + "sectPr")
_DATES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")

Lists = Mapping[str, Sequence[Mapping[str, str]]]


def fill_docx(template: Path, facts: Mapping[str, str], lists: Lists, moment: str = "2026-01-01T00:00:00Z") -> bytes:
    """The letter. The same content gives the same bytes. Raises TemplateError for what the template asks and nobody has."""
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = Document(str(template))
    except (PackageNotFoundError, KeyError, ValueError, zipfile.BadZipFile):
        raise TemplateError(
            "模板读不出来",
            where=template.name,
            expected=".docx 文档",
            remedy="用 Word 或 WPS 另存为 .docx，或改用软件自带的模板",
        ) from None
    filling = _Filling(template.name, facts, lists)
    for part in document.part.package.iter_parts():
        if part.content_type in _TEXTS:
            filling.fill(part)
    document.core_properties.author = "xlpolicy"
    return packed(document, moment)


def packed(document: Any, moment: str) -> bytes:
    """The bytes of a document without the time of writing."""
    raw = io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as source:
        parts = [(name, source.read(name)) for name in source.namelist()]
    return zipped(
        (name, _DATES.sub(rb"\g<1>" + moment.encode(), data) if name == "docProps/core.xml" else data)
        for name, data in parts
    )


class _Filling:
    """Every paragraph of a part, wherever it stands: tables in tables, text boxes, content controls, tracked insertions."""

    def __init__(self, name: str, facts: Mapping[str, str], lists: Lists) -> None:
        self.name, self.facts, self.lists = name, facts, lists

    def fill(self, part: Any) -> None:
        element = getattr(part, "element", None)
        root = changeable(part.blob) if element is None else element
        if element is None and not any("{" in braced(text.text or "") for text in root.iter(_W + "t")):
            return
        paragraphs = list(root.iter(_W + "p"))  # those that are put in for an item are not looked at again
        gone: set[Any] = set()
        for row in list(root.iter(_W + "tr")):
            if listed := self.list_of(_said(row)):
                gone.update(row.iter(_W + "p"))
                self.repeated(row, listed)
        for paragraph in paragraphs:
            if paragraph not in gone:
                self.paragraph(paragraph)
        if element is None:  # notes at the foot of a page, which the library keeps as they are
            part._blob = written(root)

    def repeated(self, element: Any, listed: str) -> None:
        """The row or paragraph for every item of its list, in its place."""
        for item in self.lists[listed]:
            again = deepcopy(element)
            element.addprevious(again)
            for paragraph in again.iter(_W + "p"):
                self.put(paragraph, listed, item)
        element.getparent().remove(element)

    def paragraph(self, paragraph: Any) -> None:
        text = _said(paragraph)
        if "{" not in text:
            return
        if listed := self.list_of(text):
            self.repeated(paragraph, listed)
            return
        parent = paragraph.getparent()
        needed = parent.tag in _NEEDED or next(paragraph.iter(*_DRAWN), None) is not None
        if needed or self.told(text, "", {}).strip():
            self.put(paragraph, "", {})
        else:
            parent.remove(paragraph)

    def list_of(self, text: str) -> str:
        for name, field in _MARK.findall(text):
            if field:
                if name not in self.lists:
                    self.unknown(f"{name}.{field}")
                return str(name)
        return ""

    def put(self, paragraph: Any, listed: str, item: Mapping[str, str]) -> None:
        """Replace what stands in braces, also where the program that wrote it cut it into several pieces: it takes the
        look of the first."""
        pieces = _texts(paragraph)
        texts = filled([piece.text or "" for piece in pieces], _MARK, lambda match: self.told(match[0], listed, item))
        for piece, text in zip(pieces, texts, strict=True):
            if text != (piece.text or ""):
                _say(piece, text)

    def told(self, text: str, listed: str, item: Mapping[str, str]) -> str:
        def shown(match: re.Match[str]) -> str:
            name, field = match.groups()
            if field:
                if name != listed and listed:
                    self.unknown(f"{name}.{field}")
                return tidy(item[field]) if field in item else self.unknown(f"{name}.{field}")
            return tidy(self.facts[name]) if name in self.facts else self.unknown(name)

        return _MARK.sub(shown, text)

    def unknown(self, name: str) -> str:
        known = [
            *self.facts,
            *(f"{key}.{field}" for key, items in self.lists.items() for field in (items[0] if items else ())),
        ]
        raise TemplateError(
            f"模板里的 {{{name}}} 没有对应的数据", where=self.name, expected="、".join(known),
            remedy="改正名称，或改用软件自带的模板",
        )  # fmt: skip


def _texts(holder: Any) -> list[Any]:
    """The texts of a paragraph or row, without those of a paragraph or row inside it."""
    return [text for text in holder.iter(_W + "t") if next(text.iterancestors(holder.tag)) is holder]


def _said(holder: Any) -> str:
    return braced("".join(text.text or "" for text in _texts(holder)))


def _say(piece: Any, text: str) -> None:
    """Put a text in the place of another, a break where a line ends."""
    lines = text.split("\n")
    for line in reversed(lines[1:]):
        more = piece.makeelement(_W + "t")
        more.text = line
        more.set(_SPACE, "preserve")
        piece.addnext(more)
        piece.addnext(piece.makeelement(_W + "br"))
    piece.text = lines[0]
    piece.set(_SPACE, "preserve")
