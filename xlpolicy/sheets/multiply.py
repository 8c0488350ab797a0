"""A workbook package with sheets of a template several times over, each copy under a name of its own.

What belongs to a sheet alone (drawings, comments, printer settings) is copied with it; pictures are shared. Names of
the workbook that point into a sheet that was copied are gone; names of a sheet are there for every copy.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr, unescape

from xlpolicy.sheets.files import zipped
from xlpolicy.sheets.package import Package
from xlpolicy.sheets.shift import sheet_of
from xlpolicy.sheets.structure import main_part, relations, relations_part, workbook

_SHEETS = re.compile(r"<((?:\w+:)?)sheets>.*?</(?:\w+:)?sheets>", re.S)
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*?/>")
_NAME = re.compile(r"<definedName\b([^>]*)>([^<]*)</definedName>")
_LOCAL = re.compile(r'\slocalSheetId="(\d+)"')
_QUALIFIER = re.compile(r"('(?:[^']|'')+'|[^\s'!,:()]+)!")
_RELATION = re.compile(r"<Relationship\b[^>]*?/>")
_TARGET = re.compile(r'(\sTarget=")([^"]*)(")')
#: parts that a sheet has to itself
_OWN = ("/drawing", "/vmlDrawing", "/comments", "/printerSettings", "/table", "/control", "/ctrlProp")
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def multiplied(data: bytes, copies: Sequence[tuple[str, str]], without: Collection[str] = ()) -> bytes:
    """The package with these sheets (which sheet of it, under what name) before those that are not copied; `without`:
    sheets that are left out.

    A sheet that is not there is passed over: whoever fills the copy says so. Raises Unreadable, KeyError.
    """
    return _Multiplied(data).made(copies, without)


class _Multiplied:
    def __init__(self, data: bytes) -> None:
        package = Package(data)
        self.main = main_part(package)
        self.package = package
        self.related = relations(package, self.main)
        self.texts: dict[str, bytes] = {info.filename: package.whole(info) for info in package.infos}
        self.types = self.texts["[Content_Types].xml"].decode()
        self.taken = set(self.texts)

    def made(self, copies: Sequence[tuple[str, str]], without: Collection[str]) -> bytes:
        book = self.texts[self.main].decode()
        listed = workbook(self.texts[self.main]).sheets
        tags = dict(zip((name for name, _ in listed), _SHEET.findall(book), strict=True))
        parts = {name: self.related[rid][1] for name, rid in listed}
        at = {name: number for number, (name, _) in enumerate(listed)}
        copied = [(source, name) for source, name in copies if source in parts]
        sources = {source for source, _ in copied} | (set(without) & set(parts))
        others = [name for name, _ in listed if name not in sources]
        entries: list[str] = []
        links: list[str] = []
        for number, (source, name) in enumerate(copied, 1):
            part = self._copy(parts[source], first=number == 1)
            rid = f"copy{number}"
            links.append(
                f'<Relationship Id="{rid}" Type="{_RELATIONS}/worksheet" Target={quoteattr("/" + part)}/>'
            )  # fmt: skip
            tag = re.sub(r'\s(?:name|sheetId|\w+:id)="[^"]*"', "", tags[source])
            entries.append(
                tag.replace("/>", f' name={quoteattr(name)} sheetId="{number}" r:id="{rid}" xmlns:r="{_RELATIONS}"/>')
            )
        for number, name in enumerate(others, len(copied) + 1):
            entries.append(re.sub(r'(\ssheetId=")\d+', rf"\g<1>{number}", tags[name]))
        order = [(source, name) for source, name in copied] + [(name, name) for name in others]
        book = _SHEETS.sub(lambda m: f"<{m[1]}sheets>{''.join(entries)}</{m[1]}sheets>", book, count=1)
        book = re.sub(r'\s(?:activeTab|firstSheet)="\d+"', "", book)
        self.texts[self.main] = _names(book, order, at, sources).encode()
        self._forget([parts[source] for source in sources], links)
        self.texts["[Content_Types].xml"] = self.types.encode()
        return zipped(self.texts.items())

    def _copy(self, part: str, *, first: bool) -> str:
        """A sheet once more, with what belongs to it alone; where it stands."""
        new = self._part(part)
        sheet = re.sub(r'\s(?:codeName|\w+:uid)="[^"]*"', "", self.texts[part].decode("utf-8-sig"))
        sheet = re.sub(r'\stabSelected="[^"]*"', "", sheet)  # two selected sheets are edited together
        self.texts[new] = (sheet.replace("<sheetView ", '<sheetView tabSelected="1" ', 1) if first else sheet).encode()
        return new

    def _part(self, part: str) -> str:
        """A part once more under a free name, with the parts that it alone has; pictures stay where they are."""
        folder, name = posixpath.split(part)
        stem, ending = posixpath.splitext(name)
        number = 1
        while (new := f"{folder}/{stem}_{number}{ending}") in self.taken:
            number += 1
        self.taken.add(new)
        self.texts[new] = self.texts[part]
        kind = re.search(rf'<Override\b[^>]*PartName="/{re.escape(part)}"[^>]*/>', self.types)
        if kind is not None:
            self.types = self.types.replace("</Types>", kind[0].replace(f"/{part}", f"/{new}") + "</Types>")
        links = relations_part(part)
        if links in self.texts:
            own = {rid: target for rid, (of, target) in relations(self.package, part).items() if of.endswith(_OWN)}
            moved = {target: self._part(target) for target in dict.fromkeys(own.values())}
            self.texts[relations_part(new)] = _relinked(self.texts[links].decode(), folder, moved).encode()
        return new

    def _forget(self, parts: Sequence[str], links: Sequence[str]) -> None:
        """The originals of the copies are no longer there; the copies are linked."""
        gone = set(parts)
        for part in parts:
            for of, target in relations(self.package, part).values():
                if of.endswith(_OWN):
                    gone.add(target)
        gone |= {
            target for of, target in self.related.values() if of.endswith("/calcChain")
        }  # cells of sheets by number
        for part in gone:
            self.texts.pop(part, None)
            self.texts.pop(relations_part(part), None)
            self.types = re.sub(rf'<Override\b[^>]*PartName="/{re.escape(part)}"[^>]*/>', "", self.types)
        where = relations_part(self.main)
        folder = posixpath.dirname(self.main)
        kept = _RELATION.sub(lambda m: "" if _whole(m[0], folder) in gone else m[0], self.texts[where].decode())
        self.texts[where] = kept.replace("</Relationships>", "".join(links) + "</Relationships>").encode()


def _whole(relation: str, folder: str) -> str:
    """The part that a relation leads to."""
    target = _TARGET.search(relation)
    return posixpath.normpath(posixpath.join(f"/{folder}", unescape(target[2]) if target else "")).lstrip("/")


def _relinked(xml: str, folder: str, moved: Mapping[str, str]) -> str:
    """A part's relations, leading to the copies."""

    def led(match: re.Match[str]) -> str:
        new = moved.get(_whole(match[0], folder))
        return match[0] if new is None else _TARGET.sub(lambda m: f"{m[1]}/{escape(new)}{m[3]}", match[0])

    return _RELATION.sub(led, xml)


def _names(book: str, order: Sequence[tuple[str, str]], at: Mapping[str, int], sources: set[str]) -> str:
    """The names of a sheet for every copy of it; those of the workbook that point to one are gone."""

    def renamed(text: str, source: str, name: str) -> str:
        own = "'" + name.replace("'", "''") + "'!"
        return _QUALIFIER.sub(lambda m: own if sheet_of(m[1]) == source else m[0], text)

    def each(match: re.Match[str]) -> str:
        local, text = _LOCAL.search(match[1]), unescape(match[2])
        if local is None:
            return "" if any(sheet_of(q) in sources for q in _QUALIFIER.findall(text)) else match[0]
        made = []
        for number, (source, name) in enumerate(order):
            if at[source] == int(local[1]):
                head = _LOCAL.sub(f' localSheetId="{number}"', match[1], count=1)
                made.append(f"<definedName{head}>{escape(renamed(text, source, name))}</definedName>")
        return "".join(made)

    book = _NAME.sub(each, book)
    return re.sub(r"<definedNames>\s*</definedNames>", "", book)
