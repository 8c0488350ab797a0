"""Cell formats that a filled template needs beside its own: the template's look, unlocked, of another number format.

The XML is in the one form of `plain`; why it is changed as text says `refill`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from xlpolicy.sheets.insert import insert, scan

_FORMAT = re.compile(r"<xf\b[^>]*?/>|<xf\b[^>]*?>.*?</xf>", re.S)
#: number formats that every program knows by number
_KNOWN: Mapping[str, int] = {"General": 0, "0": 1, "0.00": 2, "#,##0": 3, "#,##0.00": 4, "0%": 9, "0.00%": 10, "@": 49}
#: the first number that is free for others
_FIRST = 164


class _Variant(NamedTuple):
    """A format of the template, changed."""

    base: int
    quoted: bool = False
    locked: str = ""
    code: str = ""


class MoreStyles:
    """What is added to styles.xml, told as it is asked for."""

    def __init__(self, own: int) -> None:
        self.own = own
        self._made: list[_Variant] = []
        self._numbers: dict[_Variant, str] = {}
        self._colors: list[str] = []
        self._painted = -1

    def quoted(self, style: str) -> str:
        """The number of the same format with the mark that keeps a text from being evaluated when it is edited."""
        return self._number(self._of(style)._replace(quoted=True))

    def entry(self, style: str, code: str, *, locked: bool = False) -> str:
        """The number of the same format, unlocked (or `locked`), with that number format (its own where it is "")."""
        return self._number(self._of(style)._replace(locked="1" if locked else "0", code=code))

    def paint(self, color: str, xml: bytes) -> int:
        """The number of a fill of that colour among the formats of conditions; `xml`: the template's styles."""
        if self._painted < 0:
            found, _ = scan(xml, frozenset({"dxfs"}))
            self._painted = found["dxfs"].children if "dxfs" in found else 0
        if color not in self._colors:
            self._colors.append(color)
        return self._painted + self._colors.index(color)

    def _of(self, style: str) -> _Variant:
        number = int(style)
        return self._made[number - self.own] if number >= self.own else _Variant(number)

    def _number(self, variant: _Variant) -> str:
        if variant not in self._numbers:
            self._numbers[variant] = str(self.own + len(self._made))
            self._made.append(variant)
        return self._numbers[variant]

    def put(self, xml: bytes) -> bytes:
        """styles.xml with all of it. Raises NotExtendable."""
        if self._colors:
            xml = _with_list(xml, "dxfs", ("cellStyles", "cellXfs"))
            element = scan(xml, frozenset({"dxfs"}))[0]["dxfs"]
            fill = '<dxf><fill><patternFill patternType="solid"><bgColor rgb="FF{}"/></patternFill></fill></dxf>'
            fragment = "".join(fill.format(color) for color in self._colors)
            xml = insert(xml, element, fragment, element.children + len(self._colors))
        if not self._made:
            return xml
        codes = sorted({variant.code for variant in self._made} - {"", *_KNOWN})
        taken = [int(n) for n in re.findall(rb'numFmtId="(\d+)"', xml)]
        numbers = {code: max([_FIRST - 1, *taken]) + at for at, code in enumerate(codes, 1)}
        element = scan(xml, frozenset({"cellXfs"}))[0]["cellXfs"]
        formats = _FORMAT.findall(xml[element.start : element.end].decode())
        more = [_changed(formats[v.base], v, {**_KNOWN, **numbers}) for v in self._made]
        xml = insert(xml, element, "".join(more), len(formats) + len(more))
        if codes:
            xml = _with_list(xml, "numFmts", ())
            element = scan(xml, frozenset({"numFmts"}))[0]["numFmts"]
            fragment = "".join(f'<numFmt numFmtId="{numbers[c]}" formatCode={quoteattr(c)}/>' for c in codes)
            xml = insert(xml, element, fragment, element.children + len(codes))
        return xml


def _with_list(xml: bytes, name: str, behind: tuple[str, ...]) -> bytes:
    """styles.xml with a list of that name that takes more: after those it follows, else at the beginning."""
    text = xml.decode()
    text = re.sub(rf"<{name}\b([^>]*?)\s*/>", rf"<{name}\1></{name}>", text)
    if f"<{name}" in text:
        return text.encode()
    empty = f'<{name} count="0"></{name}>'
    for other in behind:
        if f"</{other}>" in text:
            return text.replace(f"</{other}>", f"</{other}>{empty}", 1).encode()
    return re.sub(r"<styleSheet\b[^>]*>", lambda m: m[0] + empty, text, count=1).encode()


def _changed(xf: str, variant: _Variant, numbers: Mapping[str, int]) -> str:
    """A cell format with the marks of a variant."""
    if variant.quoted:
        xf = _with(xf, "quotePrefix", "1")
    if variant.code:
        xf = _with(_with(xf, "numFmtId", str(numbers[variant.code])), "applyNumberFormat", "1")
    if not variant.locked:
        return xf
    protection = f'<protection locked="{variant.locked}"/>'
    xf = re.sub(r"<protection\b[^>]*?(?:/>|>\s*</protection>)", "", _with(xf, "applyProtection", "1"))
    if xf.endswith("/>"):
        return f"{xf.removesuffix('/>').rstrip()}>{protection}</xf>"
    at = xf.find("<extLst") if "<extLst" in xf else xf.rindex("</xf>")
    return f"{xf[:at]}{protection}{xf[at:]}"


def _with(xf: str, name: str, value: str) -> str:
    """The element with an attribute set in its start tag."""
    end = xf.index(">") + 1
    tag = re.sub(rf'\s{name}="[^"]*"', "", xf[:end])
    return tag.replace("<xf", f'<xf {name}="{value}"', 1) + xf[end:]
