"""settings.xml of an .ods: how each table is looked at."""

from __future__ import annotations

#: a window frozen in two
_FROZEN = "2"
_SPLIT = frozenset(("VerticalSplitMode", "HorizontalSplitMode", "PositionTop", "PositionLeft"))


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
