"""A ledger from a template that a bureau restyles: the package is patched, rows are streamed, all else stays as it is.

In a cell `{name}` is a fact. The row that holds `{list.field}` is repeated for every item of the list; in it a column is
found by its placeholder or, where that cell is empty, by the heading above (`{空}`: filled in by hand). `{合计}` is the
sum of the column above, `{合计 list.field}` of any. Charts, drop-downs, conditions, notes, merged cells, names, print areas, page breaks and pictures
below follow; logo, fonts, widths and page set-up are not touched.

XML is changed here, in `live`, `more_styles` and `shift` as text, not as a tree: `plain` has brought every part into one
form before (no prefix of its own, double quotes, no comments), so that a pattern sees what a parser would; a part that is
parsed and written again has other bytes throughout (of the parts in templates/ none comes back the same), and a sheet of
100,000 rows never stands in memory whole.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol
from xml.sax.saxutils import escape, unescape

from xlpolicy.sheets import shift
from xlpolicy.sheets.cells import Value
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.insert import NotExtendable
from xlpolicy.sheets.live import named
from xlpolicy.sheets.more_styles import MoreStyles
from xlpolicy.sheets.package import Package, Unreadable
from xlpolicy.sheets.plain import plain
from xlpolicy.sheets.refill_beside import drawing
from xlpolicy.sheets.refill_sheet import Content, Filling
from xlpolicy.sheets.structure import main_part, relations, workbook
from xlpolicy.sheets.template_sheet import CellStyles, TemplateError, TemplateSheet, read_sheet, shared_strings
from xlpolicy.sheets.text import tidy

_MODIFIED = re.compile(r"(<dcterms:(created|modified)[^>]*>)[^<]*")
_NAME = re.compile(r"(<(?:\w+:)?definedName\b[^>]*>)([^<]*)(</)")
_SERIES = re.compile(
    r"<((?:\w+:)?)(?:strRef|numRef)>\s*<(?:\w+:)?f>(.*?)</(?:\w+:)?f>(.*?)</(?:\w+:)?(strRef|numRef)>", re.S
)
#: parts of a sheet that stand at its rows
_ANCHORED = ("/drawing", "/table", "/comments", "/threadedComment", "/vmlDrawing")
NO_NAMES: Mapping[str, str] = {}


class Source(Protocol):
    """A template: a file, or one that was made of one."""

    @property
    def name(self) -> str:
        """As it is told of."""
        ...

    def read_bytes(self) -> bytes:
        """Its content. Raises OSError."""
        ...


def refill(
    template: Source, target: BinaryIO, sheets: Mapping[str, Content], *, on: dt.date,
    names: Mapping[str, str] = NO_NAMES, local: Mapping[str, Mapping[str, str]] | None = None,
) -> None:  # fmt: skip
    """Write the filled template. Sheets that are not named stay as they are; the same content gives the same bytes. A
    formula in a list may name a column of a list of a sheet before its own, `[list.field]`, and a cell of its row, `[@field]`.

    `names`: cells that get a name; `local`: by sheet, those whose name is of that sheet alone. Raises TemplateError, with
    the cell, for what the template asks and nobody has, or for a sheet it lacks.
    """
    _Refill(template, sheets, names, local or {}).write(target, on)


def sheets_of(template: Source) -> list[str]:
    """The names of the sheets of a template. Raises TemplateError."""
    return _Refill(template, {}).order


def texts_of(template: Source, sheet: str) -> Iterator[str]:
    """What the cells of a sheet of a template say. Raises TemplateError."""
    found = _Refill(template, {sheet: Content({})}).read[sheet]
    return (cell.text for line in found.lines for cell in line.cells if cell.text)


def entries_of(
    template: Source, sheets: Mapping[str, Content]
) -> tuple[Mapping[str, list[str]], Mapping[str, shift.Shifts]]:
    """Where the entries of a filled template would stand, by key, and what its rows would become. Raises TemplateError."""
    found = _Refill(template, sheets)
    for name, content in sheets.items():
        filling = Filling(found, found.read[name], content)
        found.shifts[name] = filling.shifts
        for _ in filling.pieces():
            pass
    return found.entries, found.shifts


class _Refill:
    """A template being filled."""

    def __init__(
        self, template: Source, sheets: Mapping[str, Content], names: Mapping[str, str] = NO_NAMES,
        local: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:  # fmt: skip
        self.name, self.sheets, self.names, self.local = template.name, sheets, names, local or {}
        try:
            self.package = Package(plain(template.read_bytes()))
            self.main = main_part(self.package)
            self._open()
        except (Unreadable, NotExtendable, ValueError, KeyError, IndexError) as error:
            got = error.problem.got if isinstance(error, Unreadable) else "不是完整的 .xlsx 工作簿"
            raise TemplateError(
                f"模板读不出来：{got}", where=template.name, expected=".xlsx 工作簿",
                remedy="用 Excel 打开后另存为 .xlsx，或改用软件自带的模板",
            ) from None  # fmt: skip
        self.shifts: dict[str, shift.Shifts] = {}
        self.shown: dict[tuple[str, str, int], list[Value]] = {key: [] for key in self._charted()}
        self.entries: dict[str, list[str]] = {}
        self.places: dict[tuple[str, str], str] = {}
        self.more = MoreStyles(len(self.styles.wraps))

    def _open(self) -> None:
        related = relations(self.package, self.main)
        parts = {kind.rpartition("/")[2]: part for kind, part in related.values()}
        self.styles_part = parts["styles"]
        styles = self._part(self.styles_part)
        self.styles = CellStyles.of(styles)
        shared = shared_strings(self._part(parts["sharedStrings"])) if "sharedStrings" in parts else []
        found = workbook(self._part(self.main)).sheets
        self.parts = {name: related[rid][1] for name, rid in found}
        self.order = [name for name, _ in found]
        self.read: dict[str, TemplateSheet] = {}
        for name in self.sheets:
            if name not in self.parts:
                raise TemplateError(
                    f"模板里没有“{name}”这张表", where=self.name, expected="、".join(self.sheets),
                    remedy="恢复这张表，或改用软件自带的模板",
                )  # fmt: skip
            sheet, content = read_sheet(name, self._part(self.parts[name]), shared), self.sheets[name]
            for listed, rows in content.lists.items() if content.under else ():
                sheet = sheet.listed(content.under, listed, rows.fields)
            self.read[name] = sheet
        self.owner: dict[str, str] = {}
        for name in self.sheets:
            for kind, part in relations(self.package, self.parts[name]).values():
                if kind.endswith(_ANCHORED):
                    self.owner[part] = name
        self.charts = [n for n in self.package.parts if re.fullmatch(r"xl/charts/chart\d*\.xml", n)]

    def _part(self, name: str) -> bytes:
        info = self.package.find(name)
        if info is None:
            raise KeyError(name)
        return self.package.whole(info).removeprefix(b"\xef\xbb\xbf")

    def _charted(self) -> Iterator[tuple[str, str, int]]:
        for part in self.charts:
            for match in _SERIES.finditer(self._part(part).decode()):
                if place := shift.single_column(unescape(match[2])):
                    yield place

    def write(self, target: BinaryIO, on: dt.date) -> None:
        own = {self.parts[name]: name for name in self.sheets}
        late = {self.main, self.styles_part, *self.owner, *self.charts}
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            for info in self.package.infos:
                if info.filename not in own and info.filename not in late:
                    data = self.package.whole(info)
                    if info.filename == "docProps/core.xml":
                        data = _MODIFIED.sub(rf"\g<1>{on.isoformat()}T00:00:00Z", data.decode()).encode()
                    out.writestr(_entry(info.filename), data)
            for part, name in own.items():  # in the order in which they are given: one may refer to those before it
                filling = Filling(self, self.read[name], self.sheets[name])
                self.shifts[name] = filling.shifts
                with out.open(_entry(part), "w") as laid:
                    for piece in filling.pieces():
                        laid.write(piece)
            for info in self.package.infos:
                if info.filename in late:
                    out.writestr(_entry(info.filename), self._moved(info.filename))

    def _moved(self, part: str) -> bytes:
        if part == self.styles_part:
            return self.more.put(self._part(part))
        if part.lower().endswith(".vml"):  # not always sound XML: only numbers in it are changed
            return shift.noted(self._part(part).decode("latin-1"), self.shifts[self.owner[part]]).encode("latin-1")
        text = self._part(part).decode()
        if part == self.main:
            text = _NAME.sub(lambda m: m[1] + escape(shift.qualified(unescape(m[2]), self.shifts)) + m[3], text)
            text = named(text, self.names)
            for name, names in self.local.items():
                text = named(text, names, self.order.index(name))
        elif part in self.charts:
            text = _SERIES.sub(self._series, text)
        elif "drawing" in part:
            name = self.owner[part]
            text = shift.drawn(drawing(text, self.name, name, self.sheets[name].facts), self.shifts[name])
        elif "omment" in part:  # a note belongs to one cell, the first of those that its row became
            text = shift.attributes(text, self.shifts[self.owner[part]].moved)
        else:
            text = shift.attributes(text, self.shifts[self.owner[part]].ranges)
        return text.encode()

    def _series(self, match: re.Match[str]) -> str:
        """A chart's reference over what its row became, with what stands there, so that every program shows it."""
        p, reference = match[1], unescape(match[2])
        place = shift.single_column(reference)
        moved = escape(shift.qualified(reference, self.shifts))
        values = self.shown.get(place) if place else None
        if not values:
            return match[0].replace(match[2], moved, 1)
        words = any(isinstance(value, str) for value in values)
        kind, head = ("str", "") if words else ("num", f"<{p}formatCode>General</{p}formatCode>")
        points = "".join(
            f'<{p}pt idx="{i}"><{p}v>{escape(tidy(str(v)))}</{p}v></{p}pt>'
            for i, v in enumerate(values)
            if v is not None
        )
        cache = f'<{p}{kind}Cache>{head}<{p}ptCount val="{len(values)}"/>{points}</{p}{kind}Cache>'
        return f"<{p}{kind}Ref><{p}f>{moved}</{p}f>{cache}</{p}{kind}Ref>"

    def quoted(self, style: str) -> str:
        """The number of the same format with the mark that keeps a text from being evaluated when it is edited."""
        return self.more.quoted(style)

    def entry(self, style: str, code: str, *, locked: bool = False) -> str:
        """The number of the same format, unlocked (or `locked`), with that number format."""
        return self.more.entry(style, code, locked=locked)

    def paint(self, color: str) -> int:
        """The number of the fill that a condition gives."""
        return self.more.paint(color, self._part(self.styles_part))


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 0
    info._compresslevel = 1  # type: ignore[attr-defined]  # ZipFile.open reads it from the entry
    return info


def replaced(template: Path, path: Path, sheets: Mapping[str, Content], *, on: dt.date) -> None:
    """As `refill`, into a file that takes its name when it is whole. Raises TemplateError, OSError."""

    def fill(temporary: Path) -> None:
        with temporary.open("wb") as target:
            refill(template, target, sheets, on=on)

    write_atomically(path, fill, force=True)
