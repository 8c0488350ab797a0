"""What a sheet of a combined form only shows: taken from the sheet where it is filled in, and told where somebody wrote over it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xlpolicy.faults import Fault
from xlpolicy.forms.layout import Field, address, match_text
from xlpolicy.forms.locate import Spot
from xlpolicy.forms.normalise import absent, shown
from xlpolicy.forms.own_look import COMMON_SHEET
from xlpolicy.forms.seen import Seen
from xlpolicy.forms.seen_xls import ELSEWHERE

_LOOSE = re.compile(r"['$\s]")


def shows(place: str, item: Field) -> str:
    """The formula that shows what is filled in elsewhere; plain enough for every host."""
    said = f'TEXT({place},"yyyy-mm-dd")' if item.type == "date" else place
    return f'=IF({place}="","",{said})'


@dataclass(slots=True)
class Common:
    """What was read of the sheet of what is common: values by group and name, its cells and what stands in them by field
    key, every problem of it. `sheet`: what it is called now."""

    sheet: str
    groups: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Fault, ...] = ()

    def told(self, item: Field, place: str, spot: Spot, seen: Seen | None) -> Fault | None:
        """What somebody wrote on a sheet over what it shows; `place`: what its formula referred to when it left."""
        cell = seen.cells.get(spot.place) if seen is not None else None
        formula = cell.formula if cell is not None else None
        same = match_text(shown(spot.value)) == match_text(shown(self.raw.get(item.key, "")))
        if formula is not None and (same or _plainly(formula) == _plainly(shows(place, item))):
            return None
        if (
            formula == ELSEWHERE and spot.value == 0
        ):  # LibreOffice writes 0 into an .xls for a text that it did not compute anew
            return None
        if same and (seen is None or absent(spot.value)):
            return None
        where = address(*spot.place)
        if same or absent(spot.value):
            done = "这一格原来由公式带出，被改成了直接填写" if same else "这一格原来由公式带出，被清空了"
            got = f"{done}（按“{COMMON_SHEET}”读取）"
            return Fault(
                "common_overwritten", where, got=got, remedy="核对这一格的公式；读取的数不受影响", severity="warning"
            )
        got = (
            f"这张表上写的是“{shown(spot.value)}”，“{COMMON_SHEET}”上是“{shown(self.raw.get(item.key, '')) or '空白'}”"
        )
        return Fault(
            "common_overwritten", where, got=got, expected=f"与“{COMMON_SHEET}”一致（{self.cells.get(item.key, '')}）",
            remedy=f"在“{COMMON_SHEET}”上改，这一格恢复公式或填成一样",
        )  # fmt: skip


def _plainly(formula: str) -> str:
    return _LOOSE.sub("", formula).removeprefix("=").casefold()
