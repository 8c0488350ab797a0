"""One sheet of a template being filled: its rows laid again from the top, lists expanded, bytes as they come."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Protocol
from xml.sax.saxutils import escape

from xlpolicy.faults import nearest
from xlpolicy.sheets import shift
from xlpolicy.sheets.cells import Entry, Formula, Shown, Value, cell_xml
from xlpolicy.sheets.live import Live
from xlpolicy.sheets.refill_beside import headers
from xlpolicy.sheets.template_sheet import CellStyles, Line, Proto, TemplateError, TemplateSheet, unknown
from xlpolicy.sheets.text import heading_of, letter, row_height, text_width

_MARK = re.compile(r"\{(合计(?: |(?=\})))?([^{}.]*)(?:\.([^{}]+))?\}")
_OWN = re.compile(r"\[@([^\]]+)\]")
_OF = re.compile(r"\[([^\]@.]+)\.([^\]]+)\]")
#: what cannot stand in XML as it is, or has to be looked at
_ODD = re.compile("[\x00-\x1f&<>\ufffe\uffff\ud800-\udfff]|^[=+\\-@＝＋－＠]|_x[0-9A-Fa-f]{4}_")
_EMPTY, _TOTAL = "空", "合计"
NONE = "（无）"
_MOST_POINTS = 409.0
#: characters of rows that are handed on at once
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that a template may show: its fields, and the items in that order, taken once as they come."""

    fields: tuple[str, ...]
    rows: Iterable[Sequence[Shown]]


@dataclass(frozen=True, slots=True)
class Content:
    """What a sheet of the template is filled with. `live`: what watches over the cells to be filled in; `under`: the row
    of headings below which its only list stands, where the template has no line for it: what it has there gives way."""

    facts: Mapping[str, Shown]
    lists: Mapping[str, Listing] = field(default_factory=dict)
    live: Live | None = None
    under: int = 0


class Owner(Protocol):
    """What a sheet needs of its workbook: its name, formats, the cells that charts show, where entries and columns stand."""

    name: str
    styles: CellStyles
    shown: dict[tuple[str, str, int], list[Value]]
    entries: dict[str, list[str]]
    places: dict[tuple[str, str], str]
    shifts: dict[str, shift.Shifts]

    def quoted(self, style: str) -> str:
        """The number of the same format with the mark that keeps a text from being evaluated when it is edited."""
        ...

    def entry(self, style: str, code: str, *, locked: bool = False) -> str:
        """The number of the same format, unlocked (or `locked`), with that number format (its own where none is named)."""
        ...

    def paint(self, color: str) -> int:
        """The number of the fill that a condition gives."""
        ...


@dataclass(slots=True)
class _Column:
    """A column of a repeated row: where it is, its field (None: as it stands), what its values add up to."""

    proto: Proto
    field: str | None
    index: int
    sum: Decimal = Decimal(0)


class Filling:
    """One sheet: the template's rows laid again from the top, the lists expanded, bytes as they come."""

    def __init__(self, owner: Owner, sheet: TemplateSheet, content: Content) -> None:
        self.owner, self.sheet, self.content = owner, sheet, content
        self.shifts = shift.Shifts()
        self.next = 1
        self.totals: dict[tuple[str, str], tuple[str, Decimal]] = {}
        self.above: dict[int, tuple[str, Decimal]] = {}
        self.merged: list[str] = []
        self.spans: dict[int, dict[int, int]] = {}
        for top, _, left, right in self.sheet.merges:
            self.spans.setdefault(top, {})[left] = right
        self.placed: set[str] = set()

    def pieces(self) -> Iterator[bytes]:
        """The part. Raises TemplateError."""
        yield self.sheet.head.encode() + b"<sheetData>"
        laid: list[str] = []
        size = at = 0
        for position, line in enumerate(self.sheet.lines):
            self.next += line.number - at - 1
            at = line.number
            listed = self._list_of(line)
            heads = self.sheet.lines[position - 1] if position else None
            for row in [self._static(line)] if listed is None else self._repeat(line, heads, listed):
                laid.append(row)
                size += len(row)
                if size > _CHUNK:
                    yield "".join(laid).encode()
                    laid, size = [], 0
        lost = [name for name in self.content.lists if name not in self.placed]
        if self.content.lists and not self.placed:
            raise self._error(
                self.sheet.lines[0].cells[0] if self.sheet.lines else None, f"没有清单“{lost[0]}”的一行",
                f"一行 {{{lost[0]}.{self.content.lists[lost[0]].fields[0]}}} …", "恢复这一行，或改用软件自带的模板",
            )  # fmt: skip
        yield "".join(laid).encode() + b"</sheetData>" + self._tail().encode()

    def _tail(self) -> str:
        """What follows the rows: merged cells, drop-downs, filters and formats over what the rows became."""
        repeated = {model for model, _ in self.shifts.grown}
        tail = self.sheet.tail
        for top, bottom, left, right in self.sheet.merges:  # repeated row by row, not drawn out
            if top == bottom and top in repeated:
                tail = re.sub(rf'<mergeCell ref="{letter(left)}{top}:{letter(right)}{top}"\s*/>', "", tail)
        tail = shift.followed(tail, self.shifts, self.owner.shifts)
        if self.merged:
            more = "".join(f'<mergeCell ref="{ref}"/>' for ref in self.merged)
            tail = tail.replace("</mergeCells>", more + "</mergeCells>")
        count = tail.count("<mergeCell ")
        tail = re.sub(r'(<mergeCells\b[^>]*count=")\d+', rf"\g<1>{count}", tail)
        if self.content.live is not None:
            tail = self.content.live.put(tail, self.owner.paint)
        return headers(tail, self.owner.name, self.sheet.name, self.content.facts)

    def _error(self, cell: Proto | None, got: str, expected: str, remedy: str) -> TemplateError:
        return TemplateError(got, where=self._where(cell), expected=expected, remedy=remedy)

    def _unknown(self, cell: Proto, name: str, known: Iterable[str]) -> TemplateError:
        return unknown(name, self._where(cell), known)

    def _where(self, cell: Proto | None) -> str:
        return f"{self.owner.name} {self.sheet.name}!{cell.address if cell else 'A1'}"

    def _list_of(self, line: Line) -> str | None:
        for cell in line.cells:
            for total, name, own in _MARK.findall(cell.text) if "{" in cell.text else ():
                if own and not total:
                    if name not in self.content.lists:
                        raise self._unknown(cell, f"{name}.{own}", self._known())
                    return str(name)
        return None

    def _known(self) -> Iterator[str]:
        yield from self.content.facts
        for name, listing in self.content.lists.items():
            yield from (f"{name}.{own}" for own in listing.fields)

    # --- rows that stay ---

    def _static(self, line: Line) -> str:
        row, cells, height = self.next, [], line.height or 0.0
        self.next += 1
        self.above = {} if not line.cells else self.above
        for cell in line.cells:
            if cell.formula:
                remedy = f"合计写成 {{{_TOTAL}}}，其他的删去，或写在另一张表里"
                raise self._error(cell, "模板里写了公式", f"{{{_TOTAL}}} 或 {{名称}}", remedy)
            if "{" in cell.text:
                value = self._value(cell)
                cells.append(self._cell(cell.column, row, cell.style, value))
                height = max(height, self._height(line.number, cell, value))
            elif cell.kind == "inlineStr":
                cells.append(self._cell(cell.column, row, cell.style, cell.text))
            else:
                kind = f' t="{cell.kind}"' if cell.kind and cell.raw else ""
                inner = f"<v>{escape(cell.raw)}</v>" if cell.raw else ""
                cells.append(f'<c r="{letter(cell.column)}{row}" s="{cell.style}"{kind}>{inner}</c>')
        return f"{_row(line, row, height)}{''.join(cells)}</row>"

    def _value(self, cell: Proto) -> Shown:
        match = _MARK.fullmatch(cell.text)
        if match:
            return self._one(cell, match)

        def shown(mark: re.Match[str]) -> str:
            value = self._one(cell, mark)
            return "" if value is None else str(value.result if isinstance(value, Formula) else value)

        return _MARK.sub(shown, cell.text)

    def _one(self, cell: Proto, match: re.Match[str]) -> Shown:
        total, name, own = match.groups()
        if total is None:
            if own or name not in self.content.facts:
                raise self._unknown(cell, f"{name}.{own}" if own else name, self._known())
            return self.content.facts[name]
        found = self.totals.get((name, own)) if name else self.above.get(cell.column)
        if found is None:
            if not name:
                raise self._error(cell, "这一栏的上面没有清单", f"{{{_TOTAL} 清单.栏目}}", "写明是哪一栏的合计")
            raise self._unknown(cell, f"{_TOTAL} {name}.{own}", (f"{_TOTAL} {a}.{b}" for a, b in self.totals))
        return Formula(f"=SUM({found[0]})", found[1])

    # --- rows of a list ---

    def _columns(self, line: Line, heads: Line | None, name: str, fields: tuple[str, ...]) -> list[_Column]:
        """By placeholder, else by heading. Raises TemplateError for one that is not known."""
        above = {cell.column: cell for cell in heads.cells} if heads else {}
        by_heading = {heading_of(own): i for i, own in reversed(list(enumerate(fields)))}
        found: list[_Column] = []
        there = {cell.column: cell for cell in line.cells}
        for column in sorted({*there, *(column for column, cell in above.items() if cell.text.strip())}):
            # a cell that nobody has formatted does not stand in the file
            cell = there.get(column) or Proto(column, f"{letter(column)}{line.number}", "0")
            match = _MARK.fullmatch(cell.text) if cell.text else None
            head = above.get(cell.column)
            if head is not None and _MARK.fullmatch(head.text):
                head = None  # what is filled in there is no heading
            covered = any(a < cell.column <= b for a, b in self.spans.get(line.number, {}).items())
            if match and match[3]:
                if match[1] or match[2] != name or match[3] not in fields:
                    raise self._unknown(cell, cell.text.strip("{}"), (f"{name}.{own}" for own in fields))
                found.append(_Column(cell, match[3], fields.index(match[3])))
            elif cell.text or cell.raw or cell.formula:
                if match and match[2] == _EMPTY:
                    cell = Proto(cell.column, cell.address, cell.style)
                elif "{" in cell.text or cell.formula:
                    raise self._unknown(cell, cell.text.strip("{}") or "公式", (f"{name}.{own}" for own in fields))
                found.append(_Column(cell, None, -1))
            elif head is not None and head.text.strip() and not (covered and heading_of(head.text) not in by_heading):
                own = heading_of(head.text)
                if covered:
                    said = f"“{own}”下面一格与左边的合并了，填不进去"
                    raise self._error(head, said, "每一栏一格", "取消那一格的合并")
                if own not in by_heading:
                    raise self._error(
                        head, f"不认识的表头“{own}”", "、".join(fields),
                        f"{nearest(own, fields)}；手工填写的栏目，在表头下面一格写 {{{_EMPTY}}}",
                    )  # fmt: skip
                found.append(_Column(cell, fields[by_heading[own]], by_heading[own]))
            else:
                found.append(_Column(cell, None, -1))
        return found

    def _repeat(self, line: Line, heads: Line | None, name: str) -> Iterator[str]:
        listing = self.content.lists[name]
        self.placed.add(name)
        columns, first = self._columns(line, heads, name, listing.fields), self.next
        by_field = {column.field: letter(column.proto.column) for column in columns if column.field is not None}
        spans = self.spans.get(line.number, {})
        fitted = self._fitted(line, columns, spans)
        kept = [
            (self.owner.shown[place], column.index)
            for column in columns
            if (place := (self.sheet.name, letter(column.proto.column), line.number)) in self.owner.shown
        ]
        makers = [(column, self._maker(column, by_field)) for column in columns]
        opening = _row(line, 0, -1.0)
        start, rest = opening.split('"0"', 1)
        for values in listing.rows:
            row = self.next
            self.next += 1
            height = line.height or 0.0
            for index, width, size in fitted:
                value = values[index]
                if isinstance(value, str) and len(value) * 2 > width - 2:
                    height = max(height, _needed(value, width, size))
            for target, index in kept:
                value = values[index]
                value = value.result if isinstance(value, Formula) else value
                target.append(value.value if isinstance(value, Entry) else value)
            made = "".join([maker(row, values[column.index]) for column, maker in makers])
            fixed = rest if height <= 0 else rest.replace(">", f' ht="{min(height, _MOST_POINTS):g}" customHeight="1">')
            yield f'{start}"{row}"{fixed}{made}</row>'
            if spans:
                self.merged += [f"{letter(a)}{row}:{letter(b)}{row}" for a, b in spans.items()]
        if self.next == first:
            yield self._none(line, opening)
        self.shifts.grown.append((line.number, self.next - first))
        self.above = {}
        for column in columns:
            if column.field is not None:
                at = letter(column.proto.column)
                self.above[column.proto.column] = (f"{at}{first}:{at}{self.next - 1}", column.sum)
                self.totals[name, column.field] = self.above[column.proto.column]
                self.owner.places[name, column.field] = (
                    f"{shift.quoted(self.sheet.name)}!${at}${first}:${at}${self.next - 1}"
                )

    def _none(self, line: Line, opening: str) -> str:
        row = self.next
        self.next += 1
        cells = [
            self._cell(cell.column, row, cell.style, NONE if i == 0 else None) for i, cell in enumerate(line.cells)
        ]
        return opening.replace('"0"', f'"{row}"', 1) + "".join(cells) + "</row>"

    def _maker(self, column: _Column, by_field: Mapping[str, str]) -> Callable[[int, Shown], str]:
        """What writes one column's cells; it adds the amounts up."""
        proto, at = column.proto, letter(column.proto.column)
        if column.field is None:
            text = proto.text if proto.kind in ("s", "inlineStr") else None
            number = Decimal(proto.raw) if proto.raw and text is None and not proto.kind else None
            return lambda row, _: self._cell(proto.column, row, proto.style, text or number)
        start, blank = f'<c r="{at}', f'" s="{proto.style}"/>'
        texts, numbers = f'" s="{proto.style}" t="inlineStr"><is><t>', f'" s="{proto.style}"><v>'
        odd, cell, style, place = _ODD.search, self._cell, proto.style, proto.column

        def make(row: int, value: Shown) -> str:
            if value is None or value == "":
                return f"{start}{row}{blank}"
            if isinstance(value, str):
                if odd(value) or len(value) > 32_000 or value[-1] == " " or value[0] == " ":
                    return cell(place, row, style, value)
                return f"{start}{row}{texts}{value}</t></is></c>"
            if isinstance(value, dt.date | Entry):
                return cell(place, row, style, value)
            if isinstance(value, Formula) and isinstance(value.result, str):
                return cell(place, row, style, value)
            if isinstance(value, Formula):
                column.sum += Decimal(value.result)
                text = self._live(value.text, row, by_field)
                if text:
                    return cell(place, row, style, Formula(text, value.result))
                value = value.result
            else:
                column.sum += value
            return f"{start}{row}{numbers}{value}</v></c>"

        return make

    def _live(self, text: str, row: int, by_field: Mapping[str, str]) -> str:
        """A formula over cells of its row and over columns of lists laid before; "" where the template leaves one out."""
        try:
            text = _OF.sub(lambda m: self.owner.places[m[1], m[2]], text)
            return _OWN.sub(lambda m: f"${by_field[m[1]]}{row}", text)
        except KeyError:
            return ""

    def _fitted(
        self, line: Line, columns: Iterable[_Column], spans: Mapping[int, int]
    ) -> list[tuple[int, float, float]]:
        """The columns whose texts wrap: index of the field, characters, size of the letters."""
        out = []
        for column in columns:
            style = int(column.proto.style)
            if column.field is not None and self.owner.styles.wraps[style]:
                place = column.proto.column
                out.append(
                    (column.index, self.sheet.width(place, spans.get(place, place)), self.owner.styles.sizes[style])
                )
        return out

    def _height(self, row: int, cell: Proto, value: Shown) -> float:
        style = int(cell.style)
        if not isinstance(value, str) or not self.owner.styles.wraps[style]:
            return 0.0
        width = self.sheet.width(cell.column, self.spans.get(row, {}).get(cell.column, cell.column))
        return _needed(value, width, self.owner.styles.sizes[style])

    def _cell(self, column: int, row: int, style: str, value: Shown) -> str:
        if isinstance(value, Entry):
            if value.key:
                self.owner.entries.setdefault(value.key, []).append(f"{letter(column)}{row}")
            style, value = self.owner.entry(style, value.format, locked=value.locked), value.value
        return cell_xml(f"{letter(column)}{row}", value, style, lambda: self.owner.quoted(style))


def _row(line: Line, row: int, height: float) -> str:
    """A row's start tag; a height below zero leaves it open."""
    more = "".join(f' {name}="{escape(value)}"' for name, value in line.attributes.items())
    fixed = f' ht="{min(height, _MOST_POINTS):g}" customHeight="1"' if height > 0 else ""
    return f'<row r="{row}"{more}{fixed}>'


@lru_cache(maxsize=4096)  # a long list has many texts, and each of them often: names of firms stand some rows apart
def _needed(text: str, width: float, size: float) -> float:
    """Points for a wrapped text of more than one line, 0 for one."""
    if "\n" not in text and text_width(text) * size / 11 <= width - 2:
        return 0.0
    return row_height(text, width, size)
