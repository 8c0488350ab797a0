"""Workbooks that a bureau fills in itself (ledgers, lists of claims, facts, profiles): their sheets as rows of values.

What a cell shows is what its reader was told: a cell struck out, one whose number format makes 20 look like 20万元, a
formula without a saved result or in error stand beside the values, for whoever takes one of them to refuse it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.colours import OFFICE
from xlpolicy.forms.formats import section_for
from xlpolicy.forms.layout import address
from xlpolicy.forms.opened import Book, Rows, through_calamine
from xlpolicy.forms.read import open_file
from xlpolicy.forms.seen import Cell
from xlpolicy.forms.stylesheet import Style, styles
from xlpolicy.money import plain
from xlpolicy.sheets.package import MAX_OWN, SAVE_AS, Package, Unreadable

_SCALED = re.compile("[十百千万亿]")
#: formulas that no program has computed and cells in error, as workbooks hold them; whether they are, the second reader says
_UNCOMPUTED = (b"</f></c>", b"<v></v>", b"<v/>", b"<v />", b't="e"')
_UNSAVED = Fault("formula_unsaved", "", "", "公式没有保存结果", "数值", "用 Excel 打开、重新计算并保存，或直接填写")
_CROSSED = "不要的清空，要的去掉斜线边框"
_STRUCK = "清空不要的，整行不要的删去这一行；要的去掉删除线"
_PLAIN = "把单元格格式改为“常规”或“数值”，按这一栏的单位填写"


class Grids(NamedTuple):
    """`sheets`: rows of raw values from A1 (blank: ""), by name; `differing`: cells ("表!B7") that are not what they show;
    `hidden`: sheets that a person who opens the file does not see; `date1904`: how its days are counted.
    """

    sheets: dict[str, Rows]
    differing: Mapping[str, Fault]
    hidden: frozenset[str]
    date1904: bool = False


class Workbook:
    """A workbook whose sheets are read one at a time: `names`, in their order; `hidden`, `date1904` as in `Grids`."""

    def __init__(self, path: Path) -> None:
        """Raises Unreadable, OSError for what cannot be opened at all."""
        with path.open("rb"):  # a folder, or a file that somebody holds, is told as such
            pass
        (source, *more) = open_file(path, MAX_OWN)
        if source.failure is not None:
            raise source.failure
        if more or source.book is None or source.book.calamine is None:
            raise Unreadable("not_spreadsheet", "不是表格文件", SAVE_AS)
        self._book, self._calamine = source.book, source.book.calamine
        self.names, self.hidden, self.date1904 = source.book.sheets, source.book.hidden, source.book.date1904
        self._odd = source.book.package is None or _odd_looks(source.book.package)

    def rows(self, name: str) -> Iterator[list[Any]]:
        """The rows of a sheet as they come (`Grids.sheets`). Raises Unreadable."""
        sheet = through_calamine(lambda: self._calamine.get_sheet_by_name(name))
        if sheet.start is None:
            return iter(())
        left = [""] * sheet.start[1]  # columns that calamine leaves out; it leaves out no rows
        return ([*left, *row] for row in sheet.iter_rows())

    def differing(self, name: str) -> Iterator[tuple[str, Fault]]:
        """The cells of a sheet that are not what they show (`Grids.differing`). Raises Unreadable."""
        for place, fault in _differing(self._book, name, odd=self._odd):
            yield reference(name, address(*place)), fault


def read_grids(path: Path) -> Grids:
    """The sheets of a workbook. Raises Unreadable, OSError for what cannot be opened at all."""
    book, sheets, differing = Workbook(path), dict[str, Rows](), dict[str, Fault]()
    for name in book.names:
        sheets[name] = list(book.rows(name))
        differing.update(book.differing(name))
    return Grids(sheets, differing, book.hidden, book.date1904)


def _in_error(error: str) -> Fault:
    """What is said of a cell that calamine shows as blank; "" for a formula without a result."""
    if not error:
        return _UNSAVED
    named = f"单元格是错误值{f' {error}' if error.startswith('#') else ''}"
    return Fault("error_cell", "", "", named, "文字或数值", "改正公式或直接填写，没有的清空这一格")


def _differing(book: Book, name: str, *, odd: bool) -> Iterator[tuple[tuple[int, int], Fault]]:
    """`odd`: a cell may be shown otherwise than it is; to look at every cell of an .xlsx takes its time."""
    if not odd and name in book.parts and not _uncomputed(book, name):
        return
    for place, error in book.special(name).items():
        yield place, _in_error(error)
    seen = book.seen(name)
    if seen is None:
        return
    for place, error in seen.special().items():
        yield place, _in_error(error)
    for place, cell in seen.cells.items():
        fault = _as_shown(cell, seen.style(place)) if cell.text.strip() else None
        if fault is not None:
            yield place, fault


def _odd_looks(package: Package) -> bool:
    """Whether a workbook has anything that makes a cell look other than its value."""
    texts, looks = (package.find(part) for part in ("xl/sharedstrings.xml", "xl/styles.xml"))
    return (texts is not None and b"<strike" in package.whole(texts)) or (
        looks is not None and any(map(_odd, styles(package.whole(looks), OFFICE).cells))
    )


def _uncomputed(book: Book, name: str) -> bool:
    assert book.package is not None
    content = book.package.whole(book.parts[name])
    return any(sign in content for sign in _UNCOMPUTED)


def _odd(style: Style) -> bool:
    return style.strike or style.crossed or _says_other(style, Decimal(1)) or _says_other(style, Decimal(0))


def _says_other(style: Style, number: Decimal) -> bool:
    section = section_for(style.format, number)
    if section.dated:
        return False
    return bool(section.thousands or (section.empty and number) or _SCALED.search(section.words(number)))


def _as_shown(cell: Cell, style: Style) -> Fault | None:
    struck = "".join(run.text for run in cell.runs if run.strike).strip() or (cell.text if style.strike else "")
    if struck:
        return Fault(
            "strike",
            got=f"“{_short(cell.text)}”里划掉了“{_short(struck)}”",
            expected="不带删除线的内容",
            remedy=_STRUCK,
        )
    if cell.kind not in ("n", ""):
        return None
    if style.crossed:  # a heading is often divided by such a line
        got = f"“{_short(cell.text)}”这一格画了斜线，像是划掉不要的"
        return Fault("strike", got=got, expected="没有斜线的数", remedy=_CROSSED)
    try:
        number = Decimal(cell.text)
    except InvalidOperation:
        return None
    shown = cell.shown
    if shown is None and _says_other(style, number):
        shown = section_for(style.format, number).show(number)
    elif shown is None or not _SCALED.search(shown):
        return None
    return Fault(
        "shown_differently",
        got=f"显示为{f'“{shown.strip()}”' if shown.strip() else '空白'}，存的是“{plain(number)}”",
        expected="显示与所存相同的数",
        remedy=_PLAIN,
    )


def _short(text: Any) -> str:
    return " ".join(str(text).split())[:40]
