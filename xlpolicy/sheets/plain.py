"""A workbook package in the form in which spreadsheet programs write one.

The same XML may be written with a prefix, in another encoding, with comments or single quotes, as some report generators
do. What fills a template changes its text; it is brought into one form before that, and only where it has another.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from xlpolicy.sheets.changeable import changeable, written
from xlpolicy.sheets.files import packed, zipped
from xlpolicy.sheets.package import Package, not_utf8, remembered

#: a tag as spreadsheet programs write it, or the declaration in front
_TAG = re.compile(rb'<\?xml [^>]*\?>|</?[\w:.-]+(?:\s[\w:.-]+="[^"<]*")*\s*/?>')
#: nothing between a tag and its end (but for a row, which many programs write so); a letter of a text by its number
_ODD = re.compile(rb'<(?!row\b)[\w:.-]+(?:\s[\w:.-]+="[^"<]*")*\s*></|>[^<]*&(?!amp;|lt;|gt;)')
_ROOT = re.compile(rb"(?:<\?xml[^>]*\?>)?\s*<[\w.-]+:[\w.-]+\s")
#: namespaces of which everybody expects to be written without a prefix
_WITHOUT = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://schemas.openxmlformats.org/package/2006/relationships",
    "http://schemas.openxmlformats.org/package/2006/content-types",
)


def plain(data: bytes) -> bytes:
    """The package with every XML part in that form; as it is where all of them are. Raises Unreadable."""
    package = Package(data)
    changed = {}
    for info in package.infos:
        if info.filename.lower().endswith((".xml", ".rels")):
            xml = package.whole(info)
            again = _written(xml)
            if again != xml:
                changed[info.filename] = again
    if not changed:
        return data
    kept = (packed(data, info) or (info, package.whole(info)) for info in package.infos if info.filename not in changed)
    return zipped([*changed.items(), *kept])


@remembered  # one template is opened several times for a form
def _written(xml: bytes) -> bytes:
    bare = xml.removeprefix(b"\xef\xbb\xbf")
    odd = not_utf8(bare) or _ODD.search(bare) or b"<" in _TAG.sub(b"", bare)
    if not odd and not (_ROOT.match(bare) and any(name.encode() in bare for name in _WITHOUT)):
        return xml
    return written(_unprefixed(changeable(xml)))


def _unprefixed(root: Any) -> Any:
    """The tree with its own namespace as the default one, where that is one of those."""
    space = etree.QName(root).namespace
    if root.prefix is None or space not in _WITHOUT or None in root.nsmap:
        return root
    names = {None if uri == space else prefix: uri for prefix, uri in root.nsmap.items()}
    made = etree.Element(root.tag, dict(root.attrib), nsmap=names)
    made.text = root.text
    made.extend(list(root))
    return made
