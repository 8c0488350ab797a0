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

from xlpolicy.sheets.files import zipped
from xlpolicy.sheets.template_sheet import TemplateError
from xlpolicy.sheets.text import tidy

_MARK = re.compile(r"\{([^{}.\n]+)(?:\.([^{}\n]+))?\}")
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
    filling.body(document)
    for section in document.sections:
        for part in (section.header, section.footer):
            filling.body(part)
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
    def __init__(self, name: str, facts: Mapping[str, str], lists: Lists) -> None:
        self.name, self.facts, self.lists = name, facts, lists

    def body(self, holder: Any) -> None:
        for table in list(holder.tables):
            self.table(table)
        for paragraph in list(holder.paragraphs):
            self.paragraph(paragraph)

    def table(self, table: Any) -> None:
        from docx.table import _Row

        for row in list(table.rows):
            listed = self.list_of("".join(cell.text for cell in row.cells))
            for item in self.lists[listed] if listed else ():
                element = deepcopy(row._tr)
                row._tr.addprevious(element)
                for cell in _Row(element, table).cells:
                    for paragraph in cell.paragraphs:
                        self.put(paragraph, listed, item)
            if listed:
                table._tbl.remove(row._tr)
            else:
                for cell in row.cells:
                    for paragraph in cell.paragraphs:
                        self.put(paragraph, "", {})

    def paragraph(self, paragraph: Any) -> None:
        text = paragraph.text
        if "{" not in text:
            return
        listed = self.list_of(text)
        if listed:
            from docx.text.paragraph import Paragraph

            for item in self.lists[listed]:
                element = deepcopy(paragraph._p)
                paragraph._p.addprevious(element)
                self.put(Paragraph(element, paragraph._parent), listed, item)
        if listed or not self.told(text, "", {}).strip():
            paragraph._p.getparent().remove(paragraph._p)
        else:
            self.put(paragraph, "", {})

    def list_of(self, text: str) -> str:
        for name, field in _MARK.findall(text):
            if field:
                if name not in self.lists:
                    self.unknown(f"{name}.{field}")
                return str(name)
        return ""

    def put(self, paragraph: Any, listed: str, item: Mapping[str, str]) -> None:
        """Replace what stands in braces, also where the program that wrote it cut it into several runs."""
        runs = paragraph.runs
        texts = [run.text for run in runs]
        if _MARK.search("".join(_MARK.sub("", text) for text in texts)):  # one of them is cut
            runs[0].text = self.told("".join(texts), listed, item)
            for run in runs[1:]:
                run.text = ""
            return
        for run, text in zip(runs, texts, strict=True):  # as a rule each stands in one run, whose look it keeps
            if _MARK.search(text):
                run.text = self.told(text, listed, item)

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
