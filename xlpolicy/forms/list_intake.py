"""A returned list form: every filled row of its table as a form of its own, so that the readers of a form read it.

The columns are found by their labels, wherever they went. Of a row they are laid out as a form is: label, answer, unit and
hint side by side (`locate`). The rest of the sheet stays around it, the other rows are taken out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.extent import Special
from xlpolicy.forms.layout import Field, Layout, address, match_text
from xlpolicy.forms.list_line import CHECK, NUMBER, REASON, SUMMED, TOTAL, line_plan
from xlpolicy.forms.locate import Located, Spot, cell, label_places, locate
from xlpolicy.forms.normalise import absent, shown
from xlpolicy.forms.opened import Book, Place, Rows
from xlpolicy.forms.own_look import Table
from xlpolicy.forms.placed import place_of
from xlpolicy.forms.seen import Seen
from xlpolicy.money import as_shown, clean

#: labels of which so many stand in the row of the labels
_LEAST = 2
#: what a row of sums begins with
_SUM = re.compile(r"(?:本页|本表|以上|累计)?(?:合计|小计|总计|共计|累计)")
#: a word for what stands above
_DITTO = re.compile(r"同上|同前|同左|〃|″|“|”|\"|''|同")
#: what takes a row back
_VOID = re.compile("作废|废止|撤回|撤销|取消|不报|不申报|勿计|不计")
_ESTIMATE = "预计补助"


@dataclass(frozen=True, slots=True)
class Line:
    """A claim: its row (from 0) and the number that it bears, the layout and the cells of it, a workbook with nothing of the
    other rows, and what is wrong about the row as a row."""

    row: int
    number: str
    plan: Layout
    located: Located
    book: Book
    faults: tuple[Fault, ...]


def is_table(rows: Rows) -> bool:
    """Whether a sheet has the headings that the table of a list form has and nobody fills in."""
    wanted = {NUMBER, REASON, CHECK}
    return any(wanted <= {match_text(v) for v in row if type(v) is str} for row in rows)


def lines(book: Book, sheet: str, plan: Layout) -> tuple[list[Line], list[Fault]]:
    """The claims on a sheet, and what is to be said of all of it. Where no row is filled in, the first one. Raises Unreadable."""
    return _Table(book, sheet, plan).lines()


def not_filled_in(sheet: str, rows: Collection[int]) -> Iterator[Fault]:
    """Rows (from 1) of which nobody filled in more than what stood there when the form was sent."""
    for row in rows:
        got = f"第 {row} 行只有发表时填好的，没有再填，按不申报这一笔处理"
        remedy = "问对方是否申报；要申报的，填好后重新发来"
        yield Fault("not_declared", reference(sheet), got=got, remedy=remedy, severity="warning")


class _Table:
    """A table of claims that came back."""

    def __init__(self, book: Book, sheet: str, plan: Layout) -> None:
        look = plan.look
        assert look is not None and look.table is not None
        self.book, self.sheet, self.plan, self.look = book, sheet, plan, look
        self.rows, self.seen = book.rows(sheet), book.seen(sheet)
        special = book.special(sheet) if self.seen is None or sheet in book.looks else self.seen.special()
        self.special = dict(special)
        self.width = max((len(row) for row in self.rows), default=0)
        self.columns = [field for field in plan.fields if field.key in look.table.keys]
        self.table = self._table(look.table)
        totals = [r for r in range(self.table.first, len(self.rows)) if self._first(r) == TOTAL]
        own = (r for r in totals if self._first(r + 1) in look.texts)  # the others were added
        self.end = next(own, totals[-1] if totals else len(self.rows))
        self.others = self._others()
        self.ours = self._ours()

    def _first(self, row: int) -> str:
        return match_text(shown(cell(self.rows, (row, 0))))

    def _table(self, sent: Table) -> Table:
        """Where the labels went, and what stands with them."""
        places = label_places(self.rows, self._labels(self.columns))
        hits: dict[int, set[str]] = {}
        for key, found in places.items():
            for row, _ in found:
                hits.setdefault(row, set()).add(key)
        head = max(hits, key=lambda row: (len(hits[row]), -row), default=sent.head)
        down = head - sent.head if len(hits.get(head, ())) >= min(_LEAST, len(self.columns)) else 0
        return Table(sent.keys, *(row + down for row in (sent.head, sent.units, sent.hints, sent.first, sent.last)))

    def _labels(self, fields: Collection[Field]) -> dict[str, Field]:
        keys = {field.key for field in fields}
        return {text: field for text, field in self.plan.by_label.items() if field.key in keys}

    def _others(self) -> Located:
        """The fields that stand outside the table."""
        rest = tuple(field for field in self.plan.fields if field not in self.columns)
        plan = replace(self.plan, fields=rest, by_key={f.key: f for f in rest})
        around = [[] if self.table.head <= r < self.end else row for r, row in enumerate(self.rows)]
        area = (0, len(self.rows), 0, self.width)
        return locate(around, plan, label_places(around, self._labels(rest)), self.book.names(self.sheet), area)

    def _ours(self) -> dict[str, int]:
        """The columns that nobody fills in: what they are called, and where they are."""
        found: dict[str, int] = {}
        for column in range(self.width):
            text = match_text(shown(cell(self.rows, (self.table.head, column))))
            name = next((name for name in (NUMBER, SUMMED, _ESTIMATE, REASON, CHECK) if text.startswith(name)), "")
            if name:
                found.setdefault(name, column)
        return found

    # --- one row ---

    def _spots(self, row: int) -> dict[str, Spot]:
        """The cells of a row, found as those of a form are: label, answer, unit and hint side by side."""
        table = self.table
        of = (table.head, row, table.units, table.hints)
        grid = [[cell(self.rows, (r, column)) for r in of] for column in range(self.width)]
        fields = tuple(
            replace(f, row=f.column, label_column=0, label_columns=1, column=1, columns=1, unit_column=2)
            for f in self.columns
        )
        look = replace(self.look, columns=len(of))
        plan = replace(self.plan, fields=fields, by_key={f.key: f for f in fields}, look=look)
        places = label_places([line[:1] for line in grid], self._labels(self.columns))
        names = {key: (place[1], 1) for key, place in self.book.names(self.sheet).items()}
        found = locate(grid, plan, places, names, (0, len(grid), 0, len(of))).spots

        def back(place: Place) -> Place:
            return (of[place[1]], place[0]) if 0 <= place[1] < len(of) else (-1, -1)

        for spot in found.values():
            spot.place, spot.label, spot.unit_place = back(spot.place), back(spot.label), back(spot.unit_place)
            spot.also, spot.notes = tuple(map(back, spot.also)), tuple(map(back, spot.notes))
        return found

    def lines(self) -> tuple[list[Line], list[Fault]]:
        """The claims, and what is to be said of all of it."""
        columns = {spot.place[1] for spot in self._spots(self.table.first).values()}
        taken = {spot.place[0] for spot in self.others.spots.values() if spot.state != "no_label"}
        claims: list[int] = []
        faults: list[Fault] = []
        for row in range(self.table.head + 1, len(self.rows)):
            filled = [c for c in sorted(columns) if not absent(cell(self.rows, (row, c))) or (row, c) in self.special]
            if not filled or row in taken or self._is_print(row, 2 if row < self.table.first else 1):
                continue
            if self._is_sum(row):
                got = f"第 {row + 1} 行是合计，没有当作一笔"
                remedy = "核对合计与各行是否相符"
                faults.append(
                    Fault("total_row", reference(self.sheet, address(row, filled[0])), got=got, remedy=remedy, severity="warning")
                )  # fmt: skip
                continue
            if row > self.end and len(filled) < _LEAST:  # a note below the table: told with what stands around it
                continue
            claims.append(row)
        return [self._line(row, claims) for row in claims or [self.table.first]], faults

    def _is_print(self, row: int, share: int) -> bool:
        """Whether a row says what is printed (the units, the hints, the labels again on another page): one of `share` of what
        it says."""
        values = [value for value in self.rows[row] if value != "" and shown(value)]
        known = [value for value in values if isinstance(value, str) and match_text(value) in self.look.texts]
        return len(known) * share >= len(values)

    def _is_sum(self, row: int) -> bool:
        first = next((shown(value) for value in self.rows[row] if isinstance(value, str) and value.strip()), "")
        return _SUM.match(match_text(first)) is not None

    def _line(self, row: int, claims: list[int]) -> Line:
        spots = self._spots(row)
        columns = {spot.place[1] for spot in spots.values()}
        faults = [fault for item in self.columns if (fault := self._shared(item, spots[item.key])) is not None]
        faults += self._adds_up(row, spots, [r for r in claims if r < row])
        void = list(self._void(row, columns))
        told = {(row, column) for column in self.ours.values() if self._is_computed(row, column)}
        told |= {place_of(fault.cell) for fault in void}
        plan = line_plan(self.plan, row)
        assert plan.look is not None
        plan = replace(plan, look=replace(plan.look, computed=frozenset(told)))
        located = Located({**self.others.spots, **spots}, (0, len(self.rows), 0, self.width))
        number = shown(cell(self.rows, (row, self.ours.get(NUMBER, 0))))
        return Line(row, number, plan, located, self._view(row, columns, claims), (*faults, *void))

    def _is_computed(self, row: int, column: int) -> bool:
        """Whether a cell of our own columns says what such a cell can say; a text among the numbers is the sender's."""
        value = cell(self.rows, (row, column))
        if not isinstance(value, str) or clean(value).isdigit() or not value.strip():
            return True
        return column == self.ours.get(REASON) and self._told(row)

    def _told(self, row: int) -> bool:
        """Whether what is said of the estimate is said by its formula, or was pasted as a value like the estimate itself."""
        places = [(row, column) for name, column in self.ours.items() if name in (REASON, _ESTIMATE)]
        cells = [self.seen.cells.get(place) for place in places] if self.seen is not None else []
        return len({one.formula is None for one in cells if one is not None}) < 2

    def _shared(self, item: Field, spot: Spot) -> Fault | None:
        """A cell that says what it says only together with another: joined with one above, or a word for it."""
        where = reference(self.sheet, address(*spot.place))
        if isinstance(spot.value, str) and _DITTO.fullmatch(clean(spot.value)):
            got = f"填的是“{spot.value.strip()}”，看不出指哪一格"
            return Fault("not_stated", where, item.item_name, got, item.label, f"每行各填“{item.label}”")
        top = self.seen.covered(spot.place) if self.seen is not None else None
        value = cell(self.rows, top) if top is not None else ""
        if top is None and item.type == "money" and not absent(spot.value) and self._reaches_down(spot.place):
            got, remedy = (
                f"“{shown(spot.value)}”这一格与下一行合并",
                "核对是这一行的数，还是几行合起来的数；取消合并，每行各填",
            )
            return Fault("covered_cell", where, item.item_name, got, "每行各填各的", remedy, "warning")
        if top is None or absent(value):
            return None
        got = f"这一格与 {address(*top)} 合并，看上去也是“{shown(value)}”"
        return Fault("covered_cell", where, item.item_name, got, "每行各填各的", f"取消合并，每行各填“{item.label}”")

    def _reaches_down(self, place: Place) -> bool:
        """Whether a cell is joined with the one below."""
        return self.seen is not None and self.seen.covered((place[0] + 1, place[1])) == place

    def _adds_up(self, row: int, spots: Mapping[str, Spot], above: Sequence[int]) -> Iterator[Fault]:
        """An amount that is what the rows above come to together: a row of sums that does not say so."""
        for item in self.columns:
            if item.type != "money" or len(above) < _LEAST:
                continue
            at = spots[item.key].place
            own, *others = (_plain(cell(self.rows, (r, at[1]))) for r in (row, *above))
            if own and all(others) and own == sum(other for other in others if other):
                where, got = reference(self.sheet, address(*at)), f"“{item.label}”正好是上面 {len(above)} 行之和"
                remedy = "看这一行是不是合计；是的，清空这一行"
                yield Fault("sum_of_others", where, item.item_name, got, "一行一笔", remedy, "warning")

    def _void(self, row: int, columns: Collection[int]) -> Iterator[Fault]:
        """A word beside a row that takes it back."""
        for column, value in enumerate(self.rows[row]):
            if column not in columns and isinstance(value, str) and _VOID.search(clean(value)):
                where, got = reference(self.sheet, address(row, column)), f"第 {row + 1} 行旁边写有“{value.strip()}”"
                remedy = "看是否申报：不申报的清空这一行，申报的删去这几个字"
                yield Fault("outside", where, "", got, "", remedy)

    # --- the sheet with that row alone ---

    def _view(self, row: int, columns: Collection[int], claims: list[int]) -> Book:
        """The workbook with this sheet alone, and on it no other row of the table."""
        others = set(claims) - {row}
        inside = {*columns, *self.ours.values()}
        rows: Rows = []
        for r, values in enumerate(self.rows):
            if r in others:
                rows.append([])
            elif r != row and self.table.first <= r < self.end:  # what is left in a row that is no claim
                drop = inside if self._is_sum(r) else {c for c in inside if c in columns or self._is_computed(r, c)}
                rows.append(["" if c in drop else value for c, value in enumerate(values)])
            elif r == self.end:  # its sum is computed
                rows.append(
                    ["" if c in inside and not isinstance(value, str) else value for c, value in enumerate(values)]
                )
            else:
                rows.append(values)
        special = {place: text for place, text in self.special.items() if place[0] not in others}
        seen = self.seen
        return Book(
            (self.sheet,), date1904=self.book.date1904, read={self.sheet: rows}, cut=self.book.cut,
            special_cells={self.sheet: Special(special)}, looks={self.sheet: _without(seen, others)} if seen else {},
        )  # fmt: skip


def _plain(value: Any) -> Decimal | None:
    """The number of a cell, or of a text of digits alone."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return as_shown(value)
    text = clean(value).replace(",", "") if isinstance(value, str) else ""
    return Decimal(text) if re.fullmatch(r"\d+(\.\d+)?", text, re.A) else None


def _without(seen: Seen, rows: Collection[int]) -> Seen:
    """What a sheet shows outside some rows."""

    def kept(of: dict[Place, Any]) -> dict[Place, Any]:
        return {place: value for place, value in of.items() if place[0] not in rows}

    return replace(seen, cells=kept(seen.cells), comments=kept(seen.comments), hidden_rows=seen.hidden_rows - set(rows))
