"""Where a template's rows come to stand when its lists have grown, and references that follow them.

The XML is in the one form of `plain`; why it is changed as text says `refill`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, unescape

_CELLS = r"(\$?[A-Z]{1,3}\$?)(\d+)(?::(\$?[A-Z]{1,3}\$?)(\d+))?"
_RANGE = re.compile(rf"(?<![A-Za-z0-9_.]){_CELLS}(?![A-Za-z0-9_(])")
_QUALIFIED = re.compile(r"('(?:[^']|'')+'|[^\s'!,:()]+)!(?:" + _CELLS + r"|\$?(\d+):\$?(\d+))")
_QUOTED = re.compile(r'("(?:[^"]|"")*")')
_FORMULA = re.compile(r"(<(?:\w+:)?(?:formula[12]?|f)>)([^<]*)(</)")
_ROW = re.compile(r"(<(?:\w+:)?row>)(\d+)(</)")
_BOX = re.compile(r"<x:ClientData\b.*?</x:ClientData>", re.S)
_AT = re.compile(r"(<x:Row>\s*)(\d+)(\s*</)")
_ANCHOR = re.compile(r"(<x:Anchor>)((?:\s*\d+\s*,){7}\s*\d+\s*)(</)")


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

    def moved(self, text: str) -> str:
        """References of this sheet, as in a formula: a range over a repeated row grows with it, a cell of it is its first."""

        def to(match: re.Match[str]) -> str:
            end = f":{match[3]}{self.last(int(match[4]))}" if match[3] else ""
            return f"{match[1]}{self.first(int(match[2]))}{end}"

        return _RANGE.sub(to, text)

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


def formula(text: str, own: Shifts, shifts: Mapping[str, Shifts]) -> str:
    """A formula of a condition or a drop-down, whose references name their sheet or not."""
    made = []
    for number, part in enumerate(_QUOTED.split(text)):
        at = 0
        for match in _QUALIFIED.finditer(part) if number % 2 == 0 else ():
            made += [own.moved(part[at : match.start()]), qualified(match[0], shifts)]
            at = match.end()
        made.append(part[at:] if number % 2 else own.moved(part[at:]))
    return "".join(made)


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


def followed(tail: str, own: Shifts, shifts: Mapping[str, Shifts]) -> str:
    """What follows the rows of a sheet over what they became: ranges, formulas, page breaks, controls."""

    def broken(match: re.Match[str]) -> str:
        return re.sub(r'(\sid=")(\d+)', lambda m: f"{m[1]}{own.last(int(m[2]))}", match[0])

    tail = attributes(tail, own.ranges)
    tail = _FORMULA.sub(lambda m: m[1] + escape(formula(unescape(m[2]), own, shifts)) + m[3], tail)
    return drawn(re.sub(r"<rowBreaks\b.*?</rowBreaks>", broken, tail, count=1, flags=re.S), own)


def drawn(xml: str, own: Shifts) -> str:
    """What is anchored to rows, counted from 0, in a drawing or among the controls of a sheet."""
    return _ROW.sub(lambda m: f"{m[1]}{own.first(int(m[2]) + 1) - 1}{m[3]}", xml)


def noted(vml: str, own: Shifts) -> str:
    """The boxes of notes, buttons and the like in an old drawing: each keeps its height."""

    def row(text: str) -> int:
        return own.first(int(text) + 1) - 1

    def moved(match: re.Match[str]) -> str:
        box, at = match[0], _AT.search(match[0])
        box = _AT.sub(lambda m: f"{m[1]}{row(m[2])}{m[3]}", box)
        anchor = _ANCHOR.search(box)
        if anchor is None:
            return box
        sides = anchor[2].split(",")
        by = row(at[2]) - int(at[2]) if at else row(sides[2].strip()) - int(sides[2])
        for side in (2, 6):
            sides[side] = f" {int(sides[side]) + by}"
        return f"{box[: anchor.start()]}{anchor[1]}{','.join(sides)}{anchor[3]}{box[anchor.end() :]}"

    return _BOX.sub(moved, vml)
