"""What a worksheet shows beside its plain values, whatever the format of its file.

calamine gives the value of every cell. The second readers (`seen_xlsx`, `seen_ods`, `seen_xls`) look at the same file
for what it leaves out: fonts and runs, number formats, formulas, hidden rows and columns, merged areas, comments and
text boxes. They judge nothing; `doubts` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from xlpolicy.forms.stylesheet import Style

Place = tuple[int, int]


class Run(NamedTuple):
    """A stretch of text of one font in a cell of several. `look`: its size, colour and weight, not its typeface;
    `drawn`: in a typeface that draws signs instead of letters; `unseen`: white, or tiny.
    """

    text: str
    strike: bool = False
    raised: bool = False
    look: str = ""
    drawn: bool = False
    unseen: bool = False


class Cell(NamedTuple):
    """A cell that holds something. `kind` is the type attribute of .xlsx ("n", "s", "str", "b", "e", "d",
    "inlineStr"); `shown`: the text that the file itself says the cell shows, where its format keeps one.
    """

    style: int
    kind: str
    text: str
    formula: str | None = None
    runs: tuple[Run, ...] = ()
    shown: str | None = None


@dataclass(slots=True)
class Seen:
    """One worksheet. `merges`, `pictures` (what they may lie over) and `conditional` (areas whose look a condition may
    change) are (first row, first column, last row, last column), so are the parts that are `printed` (all where it says
    none); `margins`: the texts of page headers and footers; `zeros`: whether a 0 is shown; `controls`: check boxes and the
    like, in words; `narrow`: how many digits fit into the columns where few do.
    """

    cells: dict[Place, Cell] = field(default_factory=dict)
    styles: tuple[Style, ...] = ()
    twice: set[Place] = field(default_factory=set)
    foreign: set[Place] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    comments: dict[Place, str] = field(default_factory=dict)
    boxes: list[str] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    pictures: list[tuple[int, int, int, int]] = field(default_factory=list)
    margins: list[str] = field(default_factory=list)
    conditional: list[tuple[int, int, int, int]] = field(default_factory=list)
    zeros: bool = True
    narrow: dict[int, float] = field(default_factory=dict)
    printed: tuple[tuple[int, int, int, int], ...] = ()

    def style(self, place: Place) -> Style:
        """How a cell is shown; the plain style where the sheet says nothing."""
        cell = self.cells.get(place)
        index = cell.style if cell else -1
        return self.styles[index] if 0 <= index < len(self.styles) else _PLAIN

    def covered(self, place: Place) -> Place | None:
        """The first cell of the merged area that hides this one; None where nothing does."""
        row, column = place
        for top, left, bottom, right in self.merges:
            if top <= row <= bottom and left <= column <= right and place != (top, left):
                return top, left
        return None

    def special(self) -> dict[Place, str]:
        """Cells in error (their error text) and formulas without a saved result ("")."""
        found = {place: cell.text or "#VALUE!" for place, cell in self.cells.items() if cell.kind == "e"}
        for place, cell in self.cells.items():
            if cell.formula is not None and not cell.text and cell.kind not in ("e", "str"):
                found[place] = ""
        return found

    def others(self, place: Place, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Those of some cells that say something of their own: a merged value repeated in its cells is one value."""
        mine = self.cells[place].text if place in self.cells else ""
        return tuple(p for p in places if self.covered(p) != place or self.cells[p].text != mine)

    def conditioned(self, place: Place) -> bool:
        """Whether a conditional format may change what a cell says."""
        return any(within(place, area) for area in self.conditional)

    def room(self, place: Place) -> float | None:
        """How many digits a cell shows before it shows #### instead; None where it is wide enough for any."""
        if place[1] not in self.narrow:
            return None
        columns = {place[1]}
        for top, left, _, right in self.merges:
            if (top, left) == place:
                columns.update(range(left, right + 1))
        return sum(self.narrow[column] for column in columns) if columns <= self.narrow.keys() else None

    def hidden(self, place: Place) -> bool:
        return place[0] in self.hidden_rows or place[1] in self.hidden_columns


def within(place: Place, area: tuple[int, int, int, int]) -> bool:
    """Whether a cell lies in an area, its last row and column included."""
    top, left, bottom, right = area
    return top <= place[0] <= bottom and left <= place[1] <= right


_PLAIN = Style()
#: columns of fewer digits are told in `narrow`, of the first so many
TIGHT, NEAR = 12.0, 200
