"""A worksheet part or a list of strings as a tree, by lxml: nothing declared, nothing fetched, nothing expanded."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from lxml import etree

from xlpolicy.forms.stylesheet import KNOWN, MAIN
from xlpolicy.sheets.changeable import SAFE
from xlpolicy.sheets.package import SAVE_AS, Unreadable, entity

#: local names by the names of elements as lxml spells them; what those of a worksheet begin with
TAGS = {f"{{{name.replace(' ', '}')}": tag for name, tag in KNOWN.items()}
WITHIN = tuple(f"{{{name}}}" for name in MAIN)
#: parts up to this size stand in memory whole, of larger ones no more than a piece at a time
_WHOLE = 2 * 2**20
#: of what is read, no more than elements
READING = {**SAFE, "remove_comments": True, "remove_pis": True}
_PARSER = etree.XMLParser(**READING)


def names(*tags: str) -> tuple[str, ...]:
    """How lxml spells elements of a worksheet, in either edition of the format."""
    return tuple(within + tag for tag in tags for within in WITHIN)


def tree(xml: bytes, pieces: tuple[str, ...], take: Callable[[Any], object]) -> Any:
    """The root of a part; `take` gets each element of the names `pieces`, whole, in order, and none may be kept.

    Raises Unreadable for XML that is none or declares anything.
    """
    try:
        if len(xml) <= _WHOLE:
            root = etree.fromstring(xml, _PARSER)
            _undeclared(root)
            for element in root.iter(*pieces):
                take(element)
            return root
        walk = etree.iterparse(BytesIO(xml), events=("end",), tag=pieces, **READING)
        for _, element in walk:
            take(element)
            element.clear()
        _undeclared(walk.root)
        return walk.root
    except (etree.LxmlError, ValueError, IndexError, OverflowError):
        raise Unreadable("corrupt", "文件已损坏，工作表读不完整", SAVE_AS) from None


def _undeclared(root: Any) -> None:
    if root.getroottree().docinfo.doctype:
        raise entity()
