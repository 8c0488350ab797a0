"""How each table of an .ods is looked at (its settings.xml), and what may be drawn over it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xlpolicy.forms.extent import column_index

#: a window frozen in two
_FROZEN = "2"
_SPLIT = frozenset(("VerticalSplitMode", "HorizontalSplitMode", "PositionTop", "PositionLeft"))


#: drawings that hide what is below them, and those that strike it out
SHAPES = frozenset(("custom-shape", "rect", "ellipse", "circle", "polygon", "regular-polygon", "polyline", "path"))
LINES = frozenset(("line", "connector"))


def stretch(ends: Iterable[float]) -> tuple[float, float, float, float]:
    """Where a line from one point to another lies: left, top, its width and height.

    >>> stretch((3.0, 2.0, 1.0, 2.5))
    (1.0, 2.0, 2.0, 0.5)
    """
    x, y, right, bottom = ends
    return min(x, right), min(y, bottom), abs(right - x), abs(bottom - y)


#: the end of a cell's address: 表.$A$1
END = re.compile(r"\.\$?([A-Z]{1,3})\$?(\d{1,7})$")


def ranges(text: str) -> list[tuple[int, int, int, int]]:
    """Areas of cells (first row, first column, last row, last column).

    >>> ranges("表.A1:表.F12 表.A20:表.C20")
    [(0, 0, 11, 5), (19, 0, 19, 2)]
    """
    ends = [END.search(end) for end in text.replace(" ", ":").split(":")]
    places = [(int(end[2]) - 1, column_index(end[1])) for end in ends if end]
    return [(*one, *two) for one, two in zip(places[::2], places[1::2], strict=False)]


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition(" ")[2]


class Views:
    """What every table, or one by itself, says: whether a 0 is shown, and what of it can be scrolled to."""

    def __init__(self) -> None:
        self._shown: dict[str, bool] = {}
        self._split: dict[str, dict[str, str]] = {}
        self._tables: list[str] = []
        self._item = ""

    def start(self, name: str, given: dict[str, str]) -> None:
        said = next((value for key, value in given.items() if local(key) == "name"), "")
        if local(name) == "config-item-map-entry":
            self._tables.append(said)
        self._item = said if local(name) == "config-item" else ""

    def end(self, name: str) -> None:
        self._item = ""
        if local(name) == "config-item-map-entry":
            self._tables.pop()

    def text(self, text: str) -> None:
        if self._item == "ShowZeroValues" and text.strip():
            self._shown[self._tables[-1] if self._tables else ""] = text.strip() != "false"

        elif self._item in _SPLIT and text.strip() and self._tables:
            self._split.setdefault(self._tables[-1], {})[self._item] = text.strip()

    def first(self, table: str) -> tuple[int, int]:
        """The first row and column that can be scrolled to; where the sheet is frozen, those before are out of reach."""
        said = self._split.get(table, {})
        top, left = (
            int(said[at]) if said.get(how) == _FROZEN and said.get(at, "").isdecimal() and len(said[at]) < 6 else 0
            for how, at in (("VerticalSplitMode", "PositionTop"), ("HorizontalSplitMode", "PositionLeft"))
        )
        return top, left

    def zeros(self, table: str) -> bool:
        """Whether a 0 is shown on a table."""
        return self._shown.get(table, self._shown.get("", True))
