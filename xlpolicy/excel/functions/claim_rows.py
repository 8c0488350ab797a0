"""The call of a function over claims, taken apart into columns: a single cell is a column of one row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from xlpolicy.excel.functions.call import (
    MOST_ROWS,
    OPTIONS,
    XlError,
    attempt,
    cell,
    error_cell,
    grid,
    is_blank,
    is_range,
    pairs,
    serial_date,
    size,
    split,
    unstated,
    yuan_unit,
)  # fmt: skip
from xlpolicy.faults import InvalidInput
from xlpolicy.money import clean


@dataclass(frozen=True, slots=True)
class Row:
    """One claim of a call: inputs by name or label, and what rules over it.

    `value`: the one without a name; which input it is depends on the document that is found.
    """

    value: object
    inputs: Mapping[str, object]
    on: object
    policy: str | None
    unit: str


@dataclass(frozen=True, slots=True)
class Call:
    """The value and pairs of a call as columns of `size` cells, or of one cell where it goes for every row.

    `shape`: of the result, None for a single cell. `errors`: the rows with a cell in error. `options`: by the names
    on, policy and unit.
    """

    shape: tuple[int, int] | None
    size: int
    value: list[Any]
    inputs: Mapping[str, list[Any]]
    options: Mapping[str, list[Any]]
    errors: Mapping[int, XlError]

    def row(self, number: int) -> Row:
        """One claim, by its place from 0."""
        inputs = {name: cell(_at(cells, number)) for name, cells in self.inputs.items()}
        on, policy, unit = (_at(self.options.get(name, _NONE), number) for name in ("on", "policy", "unit"))
        return Row(
            cell(_at(self.value, number)),
            inputs,
            None if unstated(on) else serial_date(on),
            None if unstated(policy) else str(policy).strip(),
            "元" if unstated(unit) else yuan_unit(clean(str(unit))),
        )

    @property
    def columns(self) -> list[list[Any]]:
        return [self.value, *self.inputs.values(), *self.options.values()]

    def blanks(self) -> set[int]:
        """The rows of a range that state nothing: all that differs from row to row is blank."""
        if self.size == 1:
            return set()
        told = [cells for cells in self.columns if len(cells) > 1]
        if any(not {type(None), str} & set(map(type, cells)) for cells in told):
            return set()
        return set.intersection(*({i for i, one in enumerate(cells) if is_blank(one)} for cells in told))


_NONE: list[Any] = [None]


def _at(cells: list[Any], row: int) -> Any:
    return cells[row] if len(cells) > 1 else cells[0]


def read(args: Sequence[object]) -> Call:
    """The arguments after city and provision, taken apart; a single cell is a column of one row.

    The value may be a range, and so may every value of a pair: of the same shape; a single cell goes for every row.
    Raises PolicyError for a call that cannot be read at all.
    """
    value, tail = split(args)
    named = {"": grid(value)} | dict(pairs(tail))
    shape, owner = (1, 1), ""
    for name, area in named.items():
        if size(area) in ((1, 1), shape):
            continue
        if shape != (1, 1):
            raise InvalidInput(
                f"“{name}”的区域是 {len(area)} 行 {len(area[0])} 列，{owner}是 {shape[0]} 行 {shape[1]} 列",
                where="函数参数", expected="同样大小的区域，或一个单元格", remedy="把两个区域选成一样大",
            )  # fmt: skip
        shape, owner = size(area), f"“{name}”" if name else "主要输入"
    if shape[0] > MOST_ROWS:
        raise InvalidInput(
            f"区域有 {shape[0]} 行", where="函数参数", expected=f"不超过 {MOST_ROWS} 行", remedy="只选有数据的行"
        )
    columns = {name: list(chain.from_iterable(area)) for name, area in named.items()}
    count, errors = shape[0] * shape[1], dict[int, XlError]()
    for cells in reversed(columns.values()):
        if {str, int, XlError} & set(map(type, cells)):
            for i, one in enumerate(cells):
                if type(one) in (str, int, XlError) and (error := error_cell(one)) is not None:
                    errors |= dict.fromkeys(range(count), error) if len(cells) == 1 else {i: error}
    main = columns.pop("")
    options = {OPTIONS[name.lower()]: columns.pop(name) for name in [*columns] if name.lower() in OPTIONS}
    single = shape == (1, 1) and not any(map(is_range, [value, *tail[1::2]]))
    return Call(None if single else shape, count, main, columns, options, errors)


def each(call: Call, one: Callable[[Row], Any]) -> list[Any]:
    """Apply `one` to every claim of a call; PolicyError becomes an XlError in its place, a blank row stays blank."""
    blanks = call.blanks()
    return [call.errors.get(i) or ("" if i in blanks else attempt(one, call.row(i))) for i in range(call.size)]
