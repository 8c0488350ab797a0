"""A part of a package as a tree that can be changed and written again, by lxml."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from lxml import etree

from xlpolicy.sheets.package import RESEND, Unreadable, entity

#: nothing declared, nothing fetched, nothing expanded
SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


def changeable(xml: bytes) -> Any:
    """The root of a part, its comments left out. Raises Unreadable for damage, and for a part that declares anything."""
    try:
        root = etree.fromstring(xml, etree.XMLParser(**SAFE, remove_comments=True, remove_pis=True))
    except (etree.LxmlError, ValueError):
        raise Unreadable("corrupt", "文件已损坏，部件读不完整", RESEND) from None
    if root.getroottree().docinfo.doctype:
        raise entity()
    return root


def written(root: Any) -> bytes:
    """The part again."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def child(parent: Any, name: str, attributes: Mapping[str, str] = NO_ATTRIBUTES, *, first: bool = False) -> Any:
    """A new element in the namespace of its parent, as the last or the first of it."""
    made = parent.makeelement(f"{{{etree.QName(parent).namespace}}}{name}", dict(attributes))
    parent.insert(0 if first else len(parent), made)
    return made


def local(name: str) -> str:
    """The name of an element or attribute without its namespace."""
    return str(etree.QName(name).localname)
