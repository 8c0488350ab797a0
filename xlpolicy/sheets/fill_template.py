"""A workbook from a template that a bureau may restyle: `{name}` is replaced, a row of `{list.field}` repeats.

`{合计 list.field}` becomes a SUM over what that column of the list became. `{图 name}` is the corner of a chart,
`{留白 250}` a row high enough that the rows since that corner make up 250 points. Column order, widths, fonts, number
formats, print setup and headings are the template's; a column that it leaves out is left out.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from xlpolicy.faults import PolicyError
from xlpolicy.sheets.book import finished, open_workbook, put
from xlpolicy.sheets.package import Package, Unreadable
from xlpolicy.sheets.pictures import follow, keep, refer
from xlpolicy.sheets.row_stream import Formula, Look, RowStream, Value
from xlpolicy.sheets.shift import Shifts
from xlpolicy.sheets.text import letter, row_height

_OWN = re.compile(r"\[@([^\]]+)\]")
_MARK = re.compile(r"\{(合计 )?([^{}.]+)(?:\.([^{}]+))?\}")
NONE = "（无）"


class TemplateError(PolicyError):
    """A template that cannot be used as it is."""

    code = "template"


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell that is to be filled in by whoever gets the file: unlocked, with a number format of its own where one is
    named, and what stands in it beforehand. `key`: under which the filler tells where it came to stand; `locked`: it only
    shows what is filled in elsewhere, whatever the template says."""

    format: str = ""
    value: Value = None
    key: str = ""
    locked: bool = False


Shown = Value | Entry
Item = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field of a list came to stand."""

    sheet: str
    letter: str
    first: int
    last: int

    @property
    def ref(self) -> str:
        """Absolute, with the sheet: 申报台账!$C$5:$C$24."""
        return f"'{self.sheet}'!${self.letter}${self.first}:${self.letter}${self.last}"


class Book:
    """A template being filled, sheet by sheet; `columns` knows where every list went, `lost` what does not come along."""

    def __init__(self, template: Path) -> None:
        self.template = template
        try:
            self.book = open_workbook(template)
            self.lost = keep(self.book, Package(template.read_bytes()))
        except Unreadable as error:
            raise TemplateError(
                f"模板读不出来：{error.problem.got}", where=template.name, expected=".xlsx 工作簿",
                remedy="用 Excel 打开后另存为 .xlsx，或改用软件自带的模板",
            ) from error  # fmt: skip
        self.columns: dict[tuple[str, str], Column] = {}
        self.anchors: dict[str, tuple[str, str]] = {}
        self.sums: dict[tuple[str, str], Decimal] = {}
        self.streams: list[RowStream] = []
        self.shifts: dict[str, Shifts] = {}
        self._results: dict[str, dict[str, Decimal | int | str]] = {}

    def sheet(self, name: str) -> Worksheet:
        """The sheet of that name. Raises TemplateError."""
        if name not in self.book.sheetnames:
            raise TemplateError(
                f"模板里没有“{name}”这张表", where=self.template.name, expected="、".join(self.book.sheetnames),
                remedy="恢复这张表，或改用软件自带的模板",
            )  # fmt: skip
        sheet = self.book[name]
        assert isinstance(sheet, Worksheet)
        return sheet

    def fill(self, name: str, facts: Mapping[str, Value], lists: Mapping[str, Sequence[Item]]) -> None:
        """Fill one sheet. A placeholder that nobody knows raises TemplateError with its cell."""
        _Filling(self, self.sheet(name), facts, lists).run()

    def followed(self) -> None:
        """Names and charts of the template refer to what its rows became; once, when every sheet is filled."""
        refer(self.book, self.shifts)

    def result(self, sheet: str, cell: str, value: Decimal | int | str) -> None:
        self._results.setdefault(sheet, {})[cell] = value

    def save(self, moment: str) -> bytes:
        """The finished workbook; the same content gives the same bytes."""
        return finished(self.book, self._results, moment, self.streams)

    def stream(self, sheet: Worksheet, first: int, looks: Sequence[Look]) -> RowStream:
        """Rows from row `first` on that are not held as cells."""
        self.streams.append(RowStream(sheet, first, looks))
        return self.streams[-1]


@dataclass(frozen=True, slots=True)
class _Proto:
    """A cell of the template."""

    column: int
    coordinate: str
    value: Any
    style: Any

    @classmethod
    def of(cls, cell: Any) -> _Proto:
        return cls(cell.column, cell.coordinate, cell.value, copy(cell._style))


class _Filling:
    """One sheet: its template rows are taken out and laid again from the top, lists expanded."""

    def __init__(
        self, owner: Book, sheet: Worksheet, facts: Mapping[str, Value], lists: Mapping[str, Sequence[Item]]
    ) -> None:
        self.owner, self.ws, self.facts, self.lists = owner, sheet, facts, lists
        self.rows = [[_Proto.of(cell) for cell in row] for row in sheet.iter_rows()]
        self.heights = {n: d.height for n, d in sheet.row_dimensions.items() if d.height}
        self.merges: dict[int, list[CellRange]] = {}
        for merged in list(sheet.merged_cells.ranges):
            self.merges.setdefault(merged.min_row, []).append(CellRange(merged.coord))
            sheet.unmerge_cells(merged.coord)
        sheet._cells.clear()
        sheet.row_dimensions.clear()
        self.shifts = owner.shifts[sheet.title] = Shifts()
        self.own: dict[str, str] = {}
        self.listed = ""
        self.gap, self.anchored = 0.0, 1
        self.laid = array("d")
        self.next = 1

    def run(self) -> None:
        filtered = self.ws.auto_filter.ref
        for number, cells in enumerate(self.rows, 1):
            listed = self._list_of(cells)
            if listed is None:
                self._lay(number, cells, None)
            else:
                first = self.next
                self._repeat(number, cells, listed)
                self.shifts.grown.append((number, self.next - first))
        follow(self.ws, self.shifts)
        if filtered:
            heading = CellRange(filtered)
            below = [c for c in self.owner.columns.values() if c.sheet == self.ws.title and c.first > heading.max_row]
            last = max((c.last for c in below), default=heading.max_row)
            self.ws.auto_filter.ref = f"{letter(heading.min_col)}{heading.min_row}:{letter(heading.max_col)}{last}"

    def _list_of(self, cells: Sequence[_Proto]) -> str | None:
        for cell in cells:
            for total, name, field in _MARK.findall(cell.value) if isinstance(cell.value, str) else ():
                if field and not total:
                    if name not in self.lists:
                        self._unknown(cell, f"{name}.{field}")
                    return str(name)
        return None

    def _repeat(self, number: int, cells: Sequence[_Proto], name: str) -> None:
        items, first, self.listed = self.lists[name], self.next, name
        fields = {}
        for cell in cells:
            match = _MARK.fullmatch(cell.value) if isinstance(cell.value, str) else None
            if match and match[3]:
                fields[cell.column] = match[3]
        self.own = {field: letter(column) for column, field in fields.items()}
        sums = self.owner.sums
        sums.update(((name, field), Decimal(0)) for field in fields.values())
        stream = None if self.merges.get(number) else self.owner.stream(self.ws, first, self._looks(cells))
        for item in items:
            if stream is None:
                self._lay(number, cells, item)
            else:
                values = (self._own(self._filled(old, item), self.next) for old in cells)
                self.laid.append(stream.add(values, self.heights.get(number) or 0.0))
                self.next += 1
            for field in fields.values():
                value = item.get(field)  # a field that nobody knows was refused when it was laid
                amount = value.result if isinstance(value, Formula) else value
                if isinstance(amount, int | Decimal):
                    sums[name, field] += amount
        if not items:
            self._lay(number, cells, None, blank=True)
        for column, field in fields.items():
            self.owner.columns[name, field] = Column(self.ws.title, letter(column), first, self.next - 1)

    def _looks(self, cells: Sequence[_Proto]) -> list[Look]:
        widths = self.ws.column_dimensions
        return [Look(self.ws, cell.column, cell.style, widths[letter(cell.column)].width) for cell in cells]

    def _filled(self, cell: _Proto, item: Item | None) -> Value:
        text = cell.value
        return self._value(cell, text, item) if isinstance(text, str) and "{" in text else text

    def _own(self, value: Value, row: int) -> Value:
        """A formula over cells of its row; its result where the template leaves one of them out."""
        if not isinstance(value, Formula):
            return value
        if not set(_OWN.findall(value.text)) <= set(self.own):
            return value.result
        return Formula(_OWN.sub(lambda m: f"${self.own[m[1]]}{row}", value.text), value.result)

    def _lay(self, number: int, cells: Sequence[_Proto], item: Item | None, *, blank: bool = False) -> None:
        row, said = self.next, False
        self.next += 1
        for old in cells:
            new: Any = self.ws.cell(row, old.column)
            new._style = old.style  # shared: every one would take memory
            if blank:
                value: Value = None if said else NONE
                said = True
            else:
                value = self._own(self._filled(old, item), row)
            if isinstance(value, Formula):
                new.value = value.text
                self.owner.result(self.ws.title, f"{letter(old.column)}{row}", value.result)
            elif value is not None:
                put(new, value)
        for merged in self.merges.get(number, ()):
            self.ws.merge_cells(
                start_row=row, end_row=row + merged.max_row - merged.min_row,
                start_column=merged.min_col, end_column=merged.max_col,
            )  # fmt: skip
        spans = {m.min_col: m.max_col for m in self.merges.get(number, ())}
        height = self.gap or self.heights.get(number) or self._height(row, cells, spans)
        self.ws.row_dimensions[row].height = height
        self.laid.append(height)
        self.gap = 0.0

    def _height(self, row: int, cells: Sequence[_Proto], spans: Mapping[int, int]) -> float:
        """What the wrapped texts of the row need: not every program fits rows by itself."""
        needed = 18.0
        for proto in cells:
            cell = self.ws.cell(row, proto.column)
            if isinstance(cell.value, str) and cell.data_type != "f" and cell.alignment.wrap_text:
                last = spans.get(proto.column, proto.column)
                widths = (self.ws.column_dimensions[letter(c)].width for c in range(proto.column, last + 1))
                width = sum(widths)
                needed = max(needed, row_height(cell.value, width, cell.font.sz or 11))
        return min(needed, 409)

    def _value(self, cell: _Proto, text: str, item: Item | None) -> Value:
        match = _MARK.fullmatch(text)
        if match:
            return self._one(cell, match, item)

        def shown(mark: re.Match[str]) -> str:
            value = self._one(cell, mark, item)
            return "" if value is None else str(value.result if isinstance(value, Formula) else value)

        return _MARK.sub(shown, text)

    def _one(self, cell: _Proto, match: re.Match[str], item: Item | None) -> Value:
        total, name, field = match.groups()
        if total:
            column = self.owner.columns.get((name, field))
            if column is None:
                self._unknown(cell, f"{name}.{field}")
            assert column is not None
            of = f"{column.letter}{column.first}:{column.letter}{column.last}"
            return Formula(f"=SUM({of})", self.owner.sums[name, field])
        if field:
            if item is None or name != self.listed or field not in item:
                self._unknown(cell, f"{name}.{field}")
            assert item is not None
            return item[field]
        if name.startswith("图 "):
            self.owner.anchors[name.removeprefix("图 ")] = (self.ws.title, f"{letter(cell.column)}{self.next - 1}")
            self.anchored = self.next - 1
            return None
        if name.startswith("留白 "):
            laid = sum(self.laid[self.anchored - 1 : self.next - 2])
            self.gap = min(max(float(name.removeprefix("留白 ")) - laid, 8.0), 409.0)
            return None
        if name not in self.facts:
            self._unknown(cell, name)
        return self.facts[name]

    def _unknown(self, cell: _Proto, name: str) -> None:
        known: list[Any] = [*self.facts]
        for key, items in self.lists.items():
            known += [f"{key}.{field}" for field in (items[0] if items else ())]
        raise TemplateError(
            f"模板里的 {{{name}}} 没有对应的数据",
            where=f"{self.owner.template.name} {self.ws.title}!{cell.coordinate}",
            expected="、".join(known), remedy="改正名称，或改用软件自带的模板",
        )  # fmt: skip
