"""A layout whose cells stand where a bureau's template put them, as the hidden sheet of the form says it.

Its rows, beside those that every form has: `look` the lower right corner, `at:KEY` label, answer, unit and hint of a
field, `echo:CELL` a hint that gives way, `estimate` the estimate and its reason, `check` how much is left to fill in, `extra:CELL` a field of the bureau's
own with its label (`kind:CELL` what it means to us), `text:CELL` what is printed, `sheet:N` other sheets, `beside:N` what stands in margins, boxes and
comments. In a combined form `stands` its sheet, `vouchers` that of its invoices, `common:KEY` where what it only shows is filled in, `shared` the
sheet of what is common. In a list form `table` the rows of its labels, units, hints, of the first and the last claim; the
label of a column stands above its answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from xlpolicy.forms.layout import SYNONYMS, Field, Layout, match_text
from xlpolicy.forms.own_look import SIGNED, Extra, Look, Place, Table
from xlpolicy.forms.seen import Seen
from xlpolicy.sheets.text import column_number

MARK, NONE = "look", "-"
_KINDS = ("at", "echo", "extra", "kind", "text", "sheet", "beside", "common")
STANDS, LISTED, SHARED, COMMON, TABLE = "stands", "vouchers", "shared", "common:", "table"
_ALONE = (MARK, "estimate", "check", STANDS, LISTED, SHARED, TABLE)
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def is_look(key: str) -> bool:
    """Whether a row of the hidden sheet says how the form stands."""
    kind, colon, _ = key.partition(":")
    return kind in _KINDS if colon else key in _ALONE


def place_of(cell: str) -> Place:
    """ "B7" -> (6, 1). Raises ValueError."""
    match = _CELL.fullmatch(cell)
    if match is None:
        raise ValueError(cell)
    return int(match[2]) - 1, column_number(match[1]) - 1


@lru_cache(maxsize=256)
def placed(plan: Layout, labels: tuple[tuple[str, str], ...], rows: tuple[tuple[str, str], ...]) -> Layout:
    """The layout with labels and places as they were printed; fields that the form left out are gone.

    Raises ValueError where the rows cannot be understood.
    """
    said, shown = dict(rows), dict(labels)
    by_kind: dict[str, list[tuple[str, str]]] = {kind: [] for kind in _KINDS}
    for key, text in rows:
        kind, _, name = key.partition(":")
        if name:
            by_kind[kind].append((name, text))
    at = dict(by_kind["at"])
    fields = tuple(_field(field, shown, at[field.key], table=TABLE in said) for field in plan.fields if field.key in at)
    texts = {place_of(cell): text for cell, text in by_kind["text"]}
    echoes = tuple((*place_of(cell), text) for cell, text in by_kind["echo"])
    if "check" in said:
        echoes += ((*place_of(said["check"]), ""),)
    kinds = dict(by_kind["kind"])
    extras = tuple(_extra(cell, text, kinds.get(cell, "")) for cell, text in by_kind["extra"])
    estimate = said.get("estimate", "").split()
    bottom, right = place_of(said[MARK])
    look = Look(
        rows, right + 1, frozenset(match_text(text) for text in texts.values()), extras,
        (estimate[0], estimate[1]) if estimate else None, said.get("check", ""),
        next((text for text in texts.values() if match_text(text).startswith(SIGNED[0])), ""),
        frozenset(text for _, text in by_kind["sheet"]), frozenset(text for _, text in by_kind["beside"]),
        said.get(STANDS, ""), said.get(LISTED, ""), dict(by_kind["common"]), SHARED in said, _table(said, fields),
    )  # fmt: skip
    by_label: dict[str, Field] = {}
    for field in fields:
        for text in (field.label, *SYNONYMS.get(field.key, "").split(), *((field.item.label,) if field.item else ())):
            by_label.setdefault(match_text(text), field)
    moved = replace(
        plan, fields=fields, by_key={field.key: field for field in fields}, by_label=by_label, echoes=echoes,
        rows=bottom + 1, look=look,
    )  # fmt: skip
    return replace(moved, marks=tuple(_marks(moved, texts)))


def _field(field: Field, labels: dict[str, str], at: str, *, table: bool) -> Field:
    label, value, unit, _ = at.split()
    row, first = place_of(label)
    start, _, last = value.partition(":")
    top, column = place_of(start)
    beside, above = row == top and column > first, table and row < top and column == first
    if not (beside or above):  # nobody would see that they belong together
        raise ValueError(at)
    return replace(
        field, label=" ".join(labels.get(field.key, field.label).split()).strip("*＊：: "), row=top, label_column=first, label_columns=1,
        column=column, columns=place_of(last)[1] - column + 1 if last else 1,
        unit_column=-1 if unit == NONE else place_of(unit)[1],
    )  # fmt: skip


def _table(said: Mapping[str, str], fields: Sequence[Field]) -> Table | None:
    """The table of a list form, whose columns are the fields that have their label above."""
    if TABLE not in said:
        return None
    head, units, hints, first, last = (int(row) - 1 for row in said[TABLE].split())
    return Table(frozenset(f.key for f in fields if f.column == f.label_column), head, units, hints, first, last)


def _extra(cell: str, text: str, kind: str) -> Extra:
    where, _, label = text.partition(" ")
    return Extra(label, place_of(where), place_of(cell), kind)


def _marks(plan: Layout, texts: dict[Place, str]) -> Iterator[tuple[int, int, str]]:
    """What an untouched form shows: its texts, and nothing but where something is filled in, computed or signed."""
    assert plan.look is not None
    free = {(field.row, field.column) for field in plan.fields} | {(row, column) for row, column, _ in plan.echoes}
    free |= {extra.place for extra in plan.look.extras} | {place_of(cell) for cell in plan.look.estimate or ()}
    for row in range(plan.rows):
        for column in range(plan.look.columns):
            text = texts.get((row, column), "")
            if (row, column) not in free and not match_text(text).startswith(SIGNED):
                yield row, column, text


def extras_on(plan: Layout, rows: list[list[object]]) -> Iterator[tuple[Extra, Place]]:
    """Where the bureau's own fields stand on a sheet: beside their label, wherever that went."""
    for extra in plan.look.extras if plan.look else ():
        plain, right = match_text(extra.label), extra.place[1] - extra.label_place[1]
        label = extra.label_place
        if not _says(rows, label, plain):
            label = next(
                ((r, c) for r, row in enumerate(rows) for c in range(len(row)) if _says(rows, (r, c), plain)), label
            )
        yield extra, (label[0], label[1] + right)


def _says(rows: list[list[object]], place: Place, plain: str) -> bool:
    row = rows[place[0]] if place[0] < len(rows) else []
    value = row[place[1]] if place[1] < len(row) else ""
    return type(value) is str and match_text(value) == plain


def without_own(plan: Layout, seen: Seen | None) -> Seen | None:
    """What the sheet shows, without the margins, boxes and comments that the bureau's template has."""
    if plan.look is None or seen is None:
        return seen
    own = plan.look.beside
    return replace(
        seen, boxes=[text for text in seen.boxes if text not in own],
        margins=[text for text in seen.margins if text not in own],
        comments={place: text for place, text in seen.comments.items() if text not in own},
    )  # fmt: skip


def beside(seen: Seen) -> list[str]:
    """What stands in margins, boxes and comments."""
    return [*seen.margins, *seen.boxes, *seen.comments.values()]
