"""Where a template's rows come to stand when its lists have grown, and references that follow them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_CELLS = r"(\$?[A-Z]{1,3}\$?)(\d+)(?::(\$?[A-Z]{1,3}\$?)(\d+))?"
_RANGE = re.compile(rf"(?<![A-Za-z0-9_.]){_CELLS}(?![A-Za-z0-9_(])")
_QUALIFIED = re.compile(r"('(?:[^']|'')+'|[^\s'!,:()]+)!(?:" + _CELLS + r"|\$?(\d+):\$?(\d+))")


@dataclass(slots=True)
class Shifts:
    """The repeated rows of one sheet of a template, top to bottom, with how many rows each became."""

    grown: list[tuple[int, int]] = field(default_factory=list)

    def first(self, row: int) -> int:
        """The first row that a row of the template became."""
        return row + sum(count - 1 for model, count in self.grown if model < row)

    def last(self, row: int) -> int:
        """The last one."""
        return row + sum(count - 1 for model, count in self.grown if model <= row)

    def model(self, row: int) -> int:
        """The row of the template that became this one."""
        more = 0
        for model, count in self.grown:
            if row < model + more:
                break
            if row < model + more + count:
                return model
            more += count - 1
        return row - more

    def ranges(self, text: str) -> str:
        """References of this sheet, as in sqref: a range over a repeated row grows with it."""
        return _RANGE.sub(lambda m: self._range(m[1], int(m[2]), m[3], m[4]), text)

    def _range(self, left: str, top: int, right: str | None, bottom: str | None) -> str:
        first, last = self.first(top), self.last(int(bottom or top))
        return f"{left}{first}" if right is None and first == last else f"{left}{first}:{right or left}{last}"


def qualified(text: str, shifts: Mapping[str, Shifts]) -> str:
    """References with their sheet, as in names and charts."""

    def moved(match: re.Match[str]) -> str:
        own = shifts.get(sheet_of(match[1]))
        if own is None:
            return match[0]
        if match[6]:
            return f"{match[1]}!${own.first(int(match[6]))}:${own.last(int(match[7]))}"
        return f"{match[1]}!{own._range(match[2], int(match[3]), match[4], match[5])}"

    return _QUALIFIED.sub(moved, text)


def single_column(text: str) -> tuple[str, str, int] | None:
    """Sheet, column and row of a reference to cells of one row or one column, None for any other."""
    match = _QUALIFIED.fullmatch(text.strip())
    if match is None or match[6]:
        return None
    left, right = match[2].replace("$", ""), (match[4] or match[2]).replace("$", "")
    return (sheet_of(match[1]), left, int(match[3])) if left == right else None


def sheet_of(name: str) -> str:
    """A sheet's name as it stands in a reference, without its quotes."""
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def quoted(name: str) -> str:
    """A sheet's name as it stands in a reference."""
    return "'" + name.replace("'", "''") + "'"


def attributes(xml: str, change: Callable[[str], str]) -> str:
    """Every ref and sqref of a piece of a sheet or table, changed."""
    xml = re.sub(r'(\s(?:ref|sqref)=")([^"]*)(")', lambda m: m[1] + change(m[2]) + m[3], xml)
    return re.sub(r"(<(?:\w+:)?sqref>)([^<]*)(</)", lambda m: m[1] + change(m[2]) + m[3], xml)
