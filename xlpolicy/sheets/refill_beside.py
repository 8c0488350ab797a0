"""Placeholders of a template that stand beside its cells: in headers and footers, in text boxes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape

from xlpolicy.sheets.cells import Entry, Formula, Shown
from xlpolicy.sheets.changeable import changeable, written
from xlpolicy.sheets.template_sheet import unknown
from xlpolicy.sheets.text import braced, filled, tidy

_MARK = re.compile(r"\{([^{}\n]+)\}")
_BY_NUMBER = re.compile(r"&#([1-9]\d{2,5});")


def headers(tail: str, template: str, sheet: str, facts: Mapping[str, Shown]) -> str:
    """What follows a sheet's rows, with the facts that its headers and footers name. Raises TemplateError."""

    def put(match: re.Match[str]) -> str:
        plain = _BY_NUMBER.sub(lambda m: chr(int(m[1])), match[0])  # some programs write every letter by its number
        return _MARK.sub(
            lambda m: escape(_fact(m, template, f"{sheet} 页眉页脚", facts).replace("&", "&&")), braced(plain)
        )

    return re.sub(r"<(odd|even|first)(Header|Footer)>[^<]*", put, tail)


def drawing(xml: str, template: str, sheet: str, facts: Mapping[str, Shown]) -> str:
    """A drawing with the facts that its text boxes name. Raises TemplateError."""
    if "{" not in braced(xml):
        return xml
    tree = changeable(xml.encode())
    for paragraph in tree.iter("{*}p"):
        pieces = list(paragraph.iter("{*}t"))
        texts = [piece.text or "" for piece in pieces]
        for piece, text in zip(pieces, filled(texts, _MARK, lambda m: tidy(_fact(m, template, f"{sheet} 文本框", facts))), strict=True):  # fmt: skip
            piece.text = text
    return written(tree).decode()


def _fact(match: re.Match[str], template: str, place: str, facts: Mapping[str, Shown]) -> str:
    """What a placeholder says; what is to be filled in by hand stays as it is. Raises TemplateError."""
    name = match[1]
    if name not in facts:
        raise unknown(name, f"{template} {place}", facts)
    value = facts[name]
    if isinstance(value, Entry):
        return match[0]
    return "" if value is None else str(value.result if isinstance(value, Formula) else value)
