"""One readable workbook, whatever its format: its sheets as rows of raw values, and what the second reader saw of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain
from typing import Any
from zipfile import ZipInfo

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from xlpolicy.faults import Fault
from xlpolicy.forms import extent
from xlpolicy.forms.extent import MAX_CELLS, Special
from xlpolicy.forms.seen import Seen
from xlpolicy.forms.seen_xlsx import look
from xlpolicy.sheets.package import PROLOG, SAVE_AS, Package, Unreadable, far, plain_name, prolog
from xlpolicy.sheets.structure import well_formed

MAX_SHEETS = 60
MAX_ROWS = 2000
MAX_CHARACTERS = 20_000_000
Rows = list[list[Any]]
Place = tuple[int, int]
Area = tuple[int, int, int, int]
_NONE: dict[Place, str] = {}
#: the rows of small sheets, by all that they hang on: most forms of a batch have two of their three in common
_READ: dict[tuple[bytes, ...] | None, Rows] = {}
_SMALL, _MOST = 2**16, 32


@dataclass(slots=True)
class Book:
    """One readable workbook. `special_cells` is known beforehand, but for .xlsx, where the second reader tells.

    `looks`: what the second reader saw of them; of .xlsx it is read when it is asked for. `cut`: sheets with more rows than are read; `hidden`: sheets that a person who opens the file does not see;
    `named`: every defined name, also of a cell that was deleted since; `printed`: the parts of sheets that are printed.
    """

    sheets: tuple[str, ...]
    calamine: CalamineWorkbook | None = None
    warnings: list[Fault] = field(default_factory=list)
    date1904: bool = False
    package: Package | None = None
    parts: dict[str, ZipInfo] = field(default_factory=dict)
    read: dict[str, Rows] = field(default_factory=dict)
    special_cells: dict[str, Special] = field(default_factory=dict)
    cells: int = 0
    characters: int = 0
    cut: set[str] = field(default_factory=set)
    hidden: frozenset[str] = frozenset()
    _last: tuple[ZipInfo | None, bytes] = (None, b"")
    places: Mapping[str, Mapping[str, Place]] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    looks: dict[str, Seen] = field(default_factory=dict)
    printed: Mapping[str, tuple[Area, ...]] = field(default_factory=dict)

    def rows(self, sheet: str) -> Rows:
        """All rows from A1; an empty cell is "". Raises Unreadable."""
        rows = self.read.get(sheet)
        if rows is None:
            rows = self.read[sheet] = self._rows(sheet)
            self.spend(rows)
        return rows

    def _rows(self, sheet: str) -> Rows:
        """Of a sheet like that of a form before it (its invoices, which nobody filled in), as they were read there."""
        key = self._same(sheet)
        if key in _READ:
            return [row.copy() for row in _READ[key]]
        if self.package is not None and sheet in self.parts:
            _look(sheet, self._whole(self.parts[sheet]))
        rows: Rows = through_calamine(lambda: self._sheet(sheet), self._xml_of(sheet))
        if key is not None and sheet not in self.cut:
            if len(_READ) >= _MOST:
                _READ.clear()
            _READ[key] = [row.copy() for row in rows]
        return rows

    def _same(self, sheet: str) -> tuple[bytes, ...] | None:
        """All that the values of a small sheet hang on; None where its texts stand outside of it."""
        part, package = self.parts.get(sheet), self.package
        if package is None or part is None or part.file_size > _SMALL or package.find("xl/sharedstrings.xml"):
            return None
        xml = self._whole(part)
        if b'"s"' in xml or b"'s'" in xml:
            return None
        beside = (package.find(name) for name in ("xl/workbook.xml", "xl/styles.xml"))
        return sheet.encode(), xml, *(package.whole(info) for info in beside if info is not None)

    def _xml_of(self, sheet: str) -> Callable[[], bytes] | None:
        package, part = self.package, self.parts.get(sheet)
        return None if package is None or part is None else lambda: package.whole(part)

    def spend(self, rows: Rows) -> None:
        """Count what was read against what one file may hold. Raises Unreadable."""
        self.cells += sum(map(len, rows))
        self.characters += len("".join([value for value in chain.from_iterable(rows) if type(value) is str]))
        if self.cells > MAX_CELLS or self.characters > MAX_CHARACTERS:
            raise Unreadable("too_large", "文件里的内容多得不合常理", "只留申请表，删去别的内容后重新保存")

    def _sheet(self, sheet: str) -> Rows:
        assert self.calamine is not None
        found = self.calamine.get_sheet_by_name(sheet)
        if found.end is not None and found.end[0] >= MAX_ROWS:
            self.cut.add(sheet)
        rows: Rows = found.to_python(skip_empty_area=False, nrows=MAX_ROWS)
        return rows

    def _whole(self, part: ZipInfo) -> bytes:
        """A part of the package; the last one is kept, for it is read twice."""
        if self._last[0] is not part:
            assert self.package is not None
            self._last = part, self.package.whole(part)
        return self._last[1]

    def special(self, sheet: str) -> dict[Place, str]:
        """Cells in error (their error text) and formulas without a saved result ("")."""
        special = self.special_cells.get(sheet)
        return special.cells if special else _NONE

    def seen(self, sheet: str) -> Seen | None:
        """What the sheet shows beside its values; None where its format is not looked at. Raises Unreadable."""
        if sheet in self.looks:
            return self.looks[sheet]
        info, package = self.parts.get(sheet), self.package
        if info is None or package is None:
            return None

        def whole(name: str) -> bytes | None:
            part = package.find(name)
            return self._whole(part) if part is info else package.whole(part) if part is not None else None

        seen = look(whole, plain_name(info.filename))
        seen.printed = self.printed.get(sheet, ())
        return seen

    def names(self, sheet: str) -> Mapping[str, Place]:
        """The defined names that point to cells of a sheet, of workbook and sheet scope alike."""
        return self.places.get(sheet, {})


def _look(sheet: str, xml: bytes) -> None:
    """What has to be known of a sheet before it is parsed; exact only where a glance gives reason. Raises Unreadable."""
    prolog(xml[:PROLOG])
    if far(xml):
        extent.xlsx_sheet(xml).check(sheet)


def through_calamine(call: Callable[[], Any], xml: Callable[[], bytes] | None = None) -> Any:
    """What calamine returns. Where it cannot read `xml` although that is sound, it says so: nothing is damaged.

    Raises Unreadable.
    """
    try:
        return call()
    except CalamineError:
        pass
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how a failed assertion in Rust arrives
            raise
    if xml is not None and well_formed(xml()):
        raise Unreadable("reader_limit", "里面有本程序读不了的写法（文件本身没有坏）", SAVE_AS)
    raise Unreadable("corrupt", "文件已损坏，读不出来", SAVE_AS)


def open_calamine(
    data: bytes, package: Package | None = None, main: str = ""
) -> tuple[CalamineWorkbook, tuple[str, ...], frozenset[str]]:
    """The workbook, its worksheets and those a person does not see. Raises Unreadable."""
    part = package.find(main) if package is not None else None
    xml = None if package is None or part is None else lambda: package.whole(part)
    book = through_calamine(lambda: CalamineWorkbook.from_filelike(BytesIO(data)), xml)
    sheets = tuple(m.name for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet)
    if len(sheets) > MAX_SHEETS:
        raise Unreadable("too_many", f"有 {len(sheets)} 张工作表，超过 {MAX_SHEETS} 张", "拆成几个文件发送")
    hidden = frozenset(m.name for m in book.sheets_metadata if m.visible != SheetVisibleEnum.Visible)
    return book, sheets, hidden
