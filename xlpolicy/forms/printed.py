"""What a form left with, and what the sender made of it: title, basis, unit, labels, and whatever was added.

The hidden sheet of a form carries its own print, so that a form of an earlier version is held against what it said
then, never against what it says now. Forms of version 1 carry title, basis and unit; their labels are today's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from xlpolicy.faults import Fault
from xlpolicy.forms.layout import DRAFT_NOTE, FORM_VERSION, HEADINGS, UNITS, Layout, address, match_text
from xlpolicy.forms.locate import Located, cell
from xlpolicy.forms.normalise import shown
from xlpolicy.forms.read import Place, Rows

_LABEL = "label:"
_UNIT_LINE = re.compile(r"(?:金额)?单位:?\(?(?:人民币)?(?:千|百|十|亿|万)*元\)?")
_FORM = "申请表"
#: what the signing parts and the estimate begin with; the rest of them is the sender's, or computed
_OPEN = ("本单位承诺", "预计补助", "县(市、区)主管部门意见", "市级主管部门意见", "填报说明")


class Print(NamedTuple):
    """The words of a form as it was sent; `labels` by field key, with the required mark."""

    version: str
    title: str
    basis: str
    unit_line: str
    labels: Mapping[str, str]


@lru_cache(maxsize=512)
def print_of(plan: Layout, version: str) -> Print:
    """What a form of this layout leaves with."""
    return Print(version, plan.title, plan.subtitle, plan.unit_line, {f.key: f.shown for f in plan.fields})


def digest(said: Print) -> str:
    """A mark of the words themselves: it tells an edited hidden sheet, and does not pretend to be a signature."""
    words = [
        said.version,
        said.title,
        said.basis,
        said.unit_line,
        *(f"{k}={v}" for k, v in sorted(said.labels.items())),
    ]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]


def rows_of(said: Print) -> Iterator[tuple[str, str]]:
    """The print as rows of the hidden sheet, beside those that name the provision."""
    yield "basis", said.basis
    yield "unit_line", said.unit_line
    for key, label in said.labels.items():
        yield f"{_LABEL}{key}", label
    yield "digest", digest(said)


def read_print(said: Mapping[str, str], version: str, plan: Layout) -> tuple[Print, bool]:
    """The print of a returned form and whether its hidden sheet is as it was written."""
    labels = {key.removeprefix(_LABEL): text for key, text in said.items() if key.startswith(_LABEL)}
    now = print_of(plan, version)
    title = said.get("title", now.title)
    if not labels:
        basis = f"依据：{said['number']} {said['at']}" if "number" in said and "at" in said else now.basis
        return Print(version, title, basis, now.unit_line, now.labels), True
    own = Print(version, title, said.get("basis", ""), said.get("unit_line", ""), labels)
    return own, version != FORM_VERSION or digest(own) == said.get("digest")


def as_printed(plan: Layout, said: Print) -> Layout:
    """The layout with the labels of the print; the same one where they are today's."""
    fields = tuple(
        replace(f, label=said.labels[f.key].lstrip("*")) if said.labels.get(f.key, f.shown) != f.shown else f
        for f in plan.fields
    )
    if fields == plan.fields:
        return plan
    labels = dict(plan.by_label)
    labels |= {match_text(field.label): field for field in fields}
    return replace(plan, fields=fields, by_key={f.key: f for f in fields}, by_label=labels, marks=((-1, -1, ""),))


def changes(plan: Layout, said: Print, rows: Rows, located: Located) -> Iterator[Fault]:
    """Everything on a form's part of a sheet that is not as it was sent: changed words first, then what was added.

    `where` is the cell alone; whose sheet it is, the caller knows.
    """
    top, _, left, right = located.area
    first = min((s.place[0] for k, s in located.spots.items() if s.state == "found"), default=top)
    titled = top < len(rows) and any(type(v) is str and match_text(v).endswith(_FORM) for v in rows[top])
    before = top if titled else max(0, top - 6)
    told: set[Place] = set()
    for place, text in _texts(rows, (before, max(first, before), left, right)):
        change = _heading(place, text, said)
        if change is not None:
            told.add(place)
            yield change
    for item in plan.fields:
        spot = located.spots[item.key]
        if spot.state == "label_changed":
            told.add(spot.label)
            was, now = said.labels.get(item.key, item.shown), shown(cell(rows, spot.label))
            yield Fault(
                "label_changed", address(*spot.label), item.item_name, f"栏目“{was}”被改成了“{now}”", f"原来的栏目“{was}”",
                "改回原栏目名称，并按原栏目的要求填写", "warning" if spot.mild else "error",
            )  # fmt: skip
    yield from _added(plan, said, rows, located, told, before)


def _heading(place: Place, text: str, said: Print) -> Fault | None:
    plain = match_text(text)
    if plain.startswith("依据") and plain != match_text(said.basis):
        return Fault(
            "basis_changed", address(*place), "", f"依据一行写的是“{shown(text)}”", f"发出时写的是“{said.basis}”",
            "用所申报文件的申请表填写，不要改动依据",
        )  # fmt: skip
    if _UNIT_LINE.fullmatch(plain) and plain != match_text(said.unit_line):
        return Fault(
            "unit_line_changed", address(*place), "", f"单位一行写的是“{shown(text)}”", f"发出时写的是“{said.unit_line}”",
            f"按“{said.unit_line}”填写金额，单位不要改动",
        )  # fmt: skip
    title = plain.removesuffix(match_text(DRAFT_NOTE))
    if title.endswith(_FORM) and title != _FORM and title not in match_text(said.title):
        return Fault(
            "title_changed", address(*place), "", f"表名写的是“{shown(text)}”", f"发出时写的是“{said.title}”",
            "用所申报条款的申请表填写，不要改动表名",
        )  # fmt: skip
    return None


def _texts(rows: Rows, area: tuple[int, int, int, int]) -> Iterator[tuple[Place, str]]:
    top, end, left, right = area
    for r in range(top, min(end, len(rows))):
        for c in range(left, min(right, len(rows[r]))):
            value = rows[r][c]
            if type(value) is str and value.strip():
                yield (r, c), value


@lru_cache(maxsize=512)
def _known(plan: Layout) -> frozenset[str]:
    """Every text that a form shows before it is filled in."""
    texts = [plan.title, plan.subtitle, plan.unit_line, *HEADINGS, *(s.title for s in plan.sections)]
    texts += [*UNITS, *(text for f in plan.fields for text in (f.label, f.unit, f.hint))]
    return frozenset(match_text(text) for text in texts) | frozenset(plan.by_label)


def _added(plan: Layout, said: Print, rows: Rows, located: Located, told: set[Place], before: int) -> Iterator[Fault]:
    """What stands on the sheet and belongs neither to the form nor into its fields, one line a row."""
    top, end, left, right = located.area
    known = _known(plan) | {
        match_text(text) for text in (said.title, said.basis, said.unit_line, *said.labels.values())
    }
    used = told | {place for spot in located.spots.values() for place in (spot.place, *spot.also)}
    values = {(spot.place[0], spot.value) for spot in located.spots.values()}
    for r in range(top if top else before, min(end, len(rows))):
        found = []
        for c in range(left, min(right, len(rows[r]))):
            value: Any = rows[r][c]
            if value == "" or (r, c) in used or (r, value) in values:
                continue
            text = shown(value)
            plain = match_text(text)
            if plain.startswith(_OPEN):
                if plain.startswith("预计补助"):  # what follows in its row is computed
                    break
                continue
            if plain and plain not in known:
                found.append((c, text))
        if found:
            yield Fault(
                "outside", address(r, found[0][0]), "", f"表外写有“{' '.join(text for _, text in found)[:60]}”", "",
                "看是否有需要处理的说明", "warning",
            )  # fmt: skip
