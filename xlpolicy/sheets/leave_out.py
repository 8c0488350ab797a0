"""A workbook package without one of its sheets: the part, and every place that says it is there."""

from __future__ import annotations

import posixpath
import re
from xml.sax.saxutils import quoteattr, unescape

from xlpolicy.sheets.files import zipped
from xlpolicy.sheets.package import Package
from xlpolicy.sheets.shift import sheet_of
from xlpolicy.sheets.structure import main_part, relations, relations_part, workbook

_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*?/>")
_NAME = re.compile(r"<definedName\b([^>]*)>([^<]*)</definedName>")
_LOCAL = re.compile(r'\slocalSheetId="(\d+)"')
_TARGET = re.compile(r'\sTarget="([^"]*)"')


def leave_out(data: bytes, name: str) -> bytes:
    """The package without the sheet of that name; as it is where there is none. Raises Unreadable."""
    package = Package(data)
    main = main_part(package)
    related = relations(package, main)
    texts = {info.filename: package.whole(info) for info in package.infos}
    listed = workbook(texts[main]).sheets
    at = next((n for n, (title, _) in enumerate(listed) if title == name), -1)
    if at < 0:
        return data
    part = related[listed[at][1]][1]
    for gone in (part, relations_part(part)):
        texts.pop(gone, None)

    def kept(match: re.Match[str]) -> str:
        local = _LOCAL.search(match[1])
        number = int(local[1]) if local else -1
        if number == at or any(
            sheet_of(s) == name for s in re.findall(r"('(?:[^']|'')+'|[^\s'!,:()]+)!", unescape(match[2]))
        ):
            return ""
        return match[0] if number < at else _LOCAL.sub(f' localSheetId="{number - 1}"', match[0], count=1)

    def linked(match: re.Match[str]) -> str:
        target = _TARGET.search(match[0])
        whole = posixpath.normpath(posixpath.join(f"/{posixpath.dirname(main)}", target[1] if target else "")).lstrip(
            "/"
        )
        return "" if whole == part else match[0]

    title = f" name={quoteattr(name)}"
    book = _SHEET.sub(lambda m: "" if title in m[0] else m[0], texts[main].decode())
    texts[main] = _NAME.sub(kept, book).encode()
    links = relations_part(main)
    texts[links] = re.sub(r"<Relationship\b[^>]*?/>", linked, texts[links].decode()).encode()
    types = texts["[Content_Types].xml"].decode()
    texts["[Content_Types].xml"] = re.sub(rf'<Override\b[^>]*PartName="/{re.escape(part)}"[^>]*/>', "", types).encode()
    return zipped(texts.items())
