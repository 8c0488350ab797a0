"""How the calculation tables look: the formats of one XlsxWriter workbook, and the fonts of all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from openpyxl.styles import Border, PatternFill, Side

from xlpolicy.sheets.fonts import FONTS

_GRID = "808080"
_LINE = Side(style="thin", color=_GRID)
#: for what openpyxl draws
GRID = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
BAND, SOFT, INPUT = (PatternFill("solid", fgColor=color) for color in ("DDE7F0", "F2F2F2", "FFFCEB"))
_FORMATS = {
    "money": "#,##0.00####_ ", "rate": "0.00##%_ ", "integer": "#,##0_ ", "date": "yyyy-mm-dd", "boolean": "General", "enum": "General", "text": "@",
}  # fmt: skip
_AMOUNT = "#,##0.00_ "


class Look:
    """The formats, made once per workbook."""

    def __init__(self, book: Any, fonts: Mapping[str, str] | None) -> None:
        self.book = book
        named = {**FONTS, **(fonts or {})}
        self.body = {"font_name": named["body"], "font_size": 11, "valign": "vcenter"}
        grid = {**self.body, "border": 1, "border_color": _GRID}
        add = book.add_format
        self.title = add({"font_name": named["title"], "font_size": 18, "align": "center", "valign": "vcenter"})
        self.basis = add({**self.body, "text_wrap": True})
        self.basis_right = add({**self.body, "align": "right", "text_wrap": True})
        self.notes = add(
            {**self.body, "font_size": 9.5, "font_color": "404040", "bg_color": "F2F2F2", "text_wrap": True}
        )
        head = {**grid, "font_name": named["heading"], "align": "center", "text_wrap": True}
        self.heading = add({**head, "bg_color": "DDE7F0"})
        self.heading_result = add({**head, "bg_color": "E2EFDA"})
        self.total = add({**grid, "font_name": named["heading"], "align": "center", "bg_color": "F2F2F2"})
        self.total_amount = add(
            {**grid, "font_name": named["heading"], "align": "right", "bg_color": "F2F2F2", "num_format": _AMOUNT}
        )
        self.number = add({**grid, "align": "center", "font_color": "808080"})
        self.name = add({**grid, "bg_color": "FFFCEB", "text_wrap": True, "indent": 1})
        self.amount = add({**grid, "align": "right", "bg_color": "F5FAF2", "num_format": _AMOUNT})
        self.reason = add({**grid, "font_size": 9.5, "bg_color": "F5FAF2", "text_wrap": True, "indent": 1})
        self.text = add({**grid, "text_wrap": True, "indent": 1})
        self.centre = add({**grid, "align": "center"})
        self.integer = add({**grid, "align": "right", "font_color": "808080", "num_format": "#,##0_ "})
        self.todo = add({"bg_color": "FFF0C2"})
        self.refused = add({"bg_color": "F8DCD0"})
        self._grid = grid
        self.input = cache(self._input)
        self.figure = cache(self._figure)

    def _input(self, kind: str) -> Any:
        align = "right" if kind in ("money", "rate", "integer") else "center"
        return self.book.add_format({**self._grid, "bg_color": "FFFCEB", "align": align, "num_format": _FORMATS[kind]})

    def _figure(self, kind: str) -> Any:
        shown = {"money": _AMOUNT, "rate": "0.00##%_ ", "date": "yyyy-mm-dd"}.get(kind, "#,##0_ ")
        return self.book.add_format({**self._grid, "align": "right", "bg_color": "FFFCEB", "num_format": shown})
