"""A part of a package as a tree that can be changed and written again, by lxml."""

from __future__ import annotations

from typing import Any

from lxml import etree

from xlpolicy.sheets.package import RESEND, Unreadable, entity

#: nothing declared, nothing fetched, nothing expanded
SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def changeable(xml: bytes) -> Any:
    """The root of a part. Raises Unreadable for damage, and for a part that declares anything."""
    try:
        root = etree.fromstring(xml, etree.XMLParser(**SAFE))
    except (etree.LxmlError, ValueError):
        raise Unreadable("corrupt", "文件已损坏，部件读不完整", RESEND) from None
    if root.getroottree().docinfo.doctype:
        raise entity()
    return root


def written(root: Any) -> bytes:
    """The part again."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def local(name: str) -> str:
    """The name of an element or attribute without its namespace."""
    return str(etree.QName(name).localname)
