"""Where the fields of a form stand on a sheet that may have been edited, converted or copied together.

The printed label is what the person filling in saw, so it decides; the defined name of the cell decides where the
label is gone or its row is empty. A place that both leave open is a problem, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from xlpolicy.forms.echo import is_echo
from xlpolicy.forms.layout import COLUMNS, UNITS, Field, Layout, address, match_text
from xlpolicy.forms.opened import Place, Rows
from xlpolicy.forms.own_look import Look
from xlpolicy.money import clean

#: fewer recognised labels than this is no form
MIN_LABELS = 4
_ANCHOR = "ent_name"
_FORM = "申请表"
#: other words for a unit of money beside an amount
_UNIT_WORDS = {"万": "万元", "人民币万元": "万元", "万元人民币": "万元", "人民币元": "元", "元人民币": "元"}
#: rows from a title to the first field, and one to spare
_HEADING = 6


@dataclass(slots=True)
class Spot:
    """A field on a sheet: where it belongs, what stands there; `also` other filled cells of its row before the
    unit, `notes` those after it that are not the hint.

    `state`: "found", "no_label" (nothing says where it is), "twice" (several labels with different values),
    "label_changed" (`label` is the cell that says something else now; `mild`: it still says what is asked, and no
    amount hangs on it). `in_unit`: the value stands where the unit was printed; `by_name`: its label is gone.
    """

    place: Place
    value: Any = ""
    unit: str = ""
    state: str = "found"
    also: tuple[Place, ...] = ()
    notes: tuple[Place, ...] = ()
    label: Place = (-1, -1)
    unit_place: Place = (-1, -1)
    in_unit: bool = False
    by_name: bool = False
    mild: bool = False


@dataclass(slots=True)
class Located:
    """One form on a sheet: its fields by key and the rows and columns it covers."""

    spots: dict[str, Spot] = field(default_factory=dict)
    area: tuple[int, int, int, int] = (0, 0, 0, 0)

    def cell(self, name: str) -> str:
        """Where an input stands: "C16"."""
        return address(*self.spots[f"in_{name}"].place)


def untouched(rows: Rows, plan: Layout) -> bool:
    """Whether every label and unit stands where the writer put it and nothing stands outside the form."""
    if plan.look is not None and (len(rows) != plan.rows or len(rows[0]) != plan.look.columns):
        return False
    if plan.look is None and (len(rows) > plan.rows or len(rows) <= plan.fields[-1].row or len(rows[0]) > COLUMNS):
        return False
    return all(rows[row][column] == text for row, column, text in plan.marks) and all(
        rows[row][column] in ("", hint) or is_echo(rows[row][column]) for row, column, hint in plan.echoes
    )


def cell(rows: Rows, place: Place) -> Any:
    row, column = place
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""


def label_places(rows: Rows, labels: Mapping[str, Field]) -> dict[str, list[Place]]:
    """Every cell that reads as a label, by field key, top to bottom."""
    found: dict[str, list[Place]] = {}
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if type(value) is str and value and len(value) < 200:
                hit = labels.get(match_text(value))
                if hit is not None:
                    found.setdefault(hit.key, []).append((r, c))
    return found


def areas(rows: Rows, places: Mapping[str, list[Place]]) -> Iterator[tuple[int, int, int, int]]:
    """The parts of a sheet that hold one form each (first row, end row, first column, end column).

    Every 单位名称 begins a form; forms stand below or beside one another.
    """
    anchors = _begins(places)
    width = max((len(row) for row in rows), default=0)
    if len(anchors) < 2:
        yield 0, len(rows), 0, width
        return
    bands = sorted({r for r, _ in anchors})
    tops = [_title_above(rows, band) for band in bands]
    for index, (band, top) in enumerate(zip(bands, tops, strict=True)):
        end = tops[index + 1] if index + 1 < len(bands) else len(rows)
        starts = sorted(c for r, c in anchors if r == band)
        for number, left in enumerate(starts):
            right = starts[number + 1] if number + 1 < len(starts) else width
            yield (0 if not index else top), end, (0 if not number else left), right


def _begins(places: Mapping[str, list[Place]]) -> list[Place]:
    """The 单位名称 that begin a form: with the labels of one below them. Others are a field that was added."""
    anchors = sorted(places.get(_ANCHOR, []))
    begun: list[Place] = []
    for number, anchor in enumerate(anchors):
        end = next((r for r, _ in anchors[number + 1 :] if r > anchor[0]), 1 << 30)
        keys = {key for key, found in places.items() if any(anchor[0] <= r < end for r, _ in found)}
        if not begun or len(keys) >= MIN_LABELS:
            begun.append(anchor)
    return begun


def _title_above(rows: Rows, anchor: int) -> int:
    """The row of a form's title, from its 单位名称 upwards; that row itself where there is no title."""
    for r in range(anchor - 1, max(anchor - _HEADING, -1), -1):
        if any(type(v) is str and match_text(v).endswith(_FORM) for v in rows[r]):
            return r
    return anchor


def locate(
    rows: Rows, plan: Layout, places: Mapping[str, list[Place]], names: Mapping[str, Place],
    area: tuple[int, int, int, int],
) -> Located:  # fmt: skip
    """The fields of one form inside an area."""
    top, end, left, right = area
    inside = {key: [p for p in found if top <= p[0] < end and left <= p[1] < right] for key, found in places.items()}
    taken = {place for found in inside.values() for place in found}
    result = Located(area=area)
    shift = _shift(plan, inside)
    for item in plan.fields:
        spots = [_beside(rows, item, place, taken, right, plan.look) for place in inside.get(item.key, [])]
        filled = [s for s in spots if s.value != ""]
        if len(filled) > 1 and any(s.value != filled[0].value for s in filled):
            spot = filled[0]
            spot.state, spot.also = "twice", tuple(s.place for s in filled[1:])
        elif filled:
            spot = filled[0]
        elif spots:
            spot = spots[0]
        else:
            spot = Spot((item.row + shift[0], item.column + shift[1]), state="no_label")
        result.spots[item.key] = spot
    claimed = {spot.place for spot in result.spots.values() if spot.state == "found"}
    for item in plan.fields:
        spot, named = result.spots[item.key], names.get(item.key)
        if named is None or spot.value != "" or not (top <= named[0] < end and left <= named[1] < right):
            continue
        if named in claimed or named in taken or spot.state == "twice":
            continue
        if spot.state == "no_label" or cell(rows, named) != "":
            result.spots[item.key] = Spot(named, cell(rows, named), spot.unit, label=spot.label)
            if spot.state == "no_label":
                result.spots[item.key].state = "named"
    for item in plan.fields:
        spot = result.spots[item.key]
        if spot.state in ("no_label", "named"):
            spot.label = spot.place[0], max(spot.place[1] - item.column + item.label_column, 0)
            text = cell(rows, spot.label)
            changed = type(text) is str and text.strip() != "" and spot.label not in taken and spot.label not in claimed
            spot.mild = changed and item.group != "in" and match_text(item.label) in match_text(text)
            spot.by_name = not changed and spot.state == "named"
            spot.state = "label_changed" if changed else "found" if spot.by_name else "no_label"
    return result


def _shift(plan: Layout, inside: Mapping[str, list[Place]]) -> tuple[int, int]:
    """How far the form as a whole has moved, judged by the labels that are there."""
    for item in plan.fields:
        found = inside.get(item.key)
        if found:
            return found[0][0] - item.row, found[0][1] - item.label_column
    return 0, 0


def _beside(rows: Rows, item: Field, label: Place, taken: set[Place], right: int, look: Look | None) -> Spot:
    """The value to the right of a label, up to the next label, the unit or the hint, or what a bureau printed behind."""
    r, c = label
    row = rows[r]
    own = c + item.column - item.label_column
    spot = Spot((r, own))
    filled: list[Place] = []
    notes: list[Place] = []
    printed = look.texts if look else ()
    for column in range(c + 1, min(len(row), right, c - item.label_column + (look.columns if look else COLUMNS))):
        value = row[column]
        if (r, column) in taken:
            break
        if value == "" or (type(value) is str and not value.strip()):
            continue
        if type(value) is str and item.hint and (clean(value) == clean(item.hint) or is_echo(value)):
            break
        if type(value) is str and item.unit and not spot.unit and _is_unit(value, item):
            spot.unit_place = r, column
            spot.unit = _UNIT_WORDS.get(said := clean(value).strip("()"), said)
        elif printed and column != own and type(value) is str and match_text(value) in printed:
            if column > own:
                break
        else:
            (notes if spot.unit else filled).append((r, column))
    spot.notes = tuple(notes)
    if filled:
        spot.place = (r, own) if (r, own) in filled else filled[0]
        spot.value = cell(rows, spot.place)
        spot.in_unit = (
            not spot.unit and item.unit_column >= 0 and spot.place[1] - c == item.unit_column - item.label_column
        )
        spot.also = tuple(place for place in filled if place != spot.place)
    return spot


def _is_unit(value: str, item: Field) -> bool:
    text = clean(value).strip("()")
    return text in (*UNITS, *_UNIT_WORDS) if item.type == "money" else text == clean(item.unit)
