"""The look of the workbook's sheets: formats, row heights, the foot of a page, and cells with their cached results."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from xlpolicy.excel.functions.call import XlError
from xlpolicy.sheets.text import row_height

FONT = "微软雅黑"
#: the sheet's name and the program's stand at the foot of every page
FOOT = ("&A", "xlpolicy")
BLUE, PALE, YELLOW = "#1F4E79", "#DDE7F0", "#FFF8DC"


class Styles(dict[str, Any]):
    """Formats by name, and what goes with them."""

    def __init__(self, book: Any) -> None:
        base = {"font_name": FONT, "font_size": 10, "valign": "vcenter", "locked": True}
        grid = base | {"border": 1, "border_color": "#BFBFBF", "text_wrap": True}
        given = grid | {"bg_color": YELLOW, "locked": False}
        kinds: dict[str, dict[str, Any]] = {
            "title": base | {"font_size": 18, "bold": True, "font_color": BLUE},
            "note": base | {"font_color": "#595959", "text_wrap": True},
            "heading": base | {"font_size": 12, "bold": True, "font_color": BLUE, "bottom": 2, "bottom_color": BLUE},
            "plain": base | {"text_wrap": True},
            "label": grid | {"bg_color": PALE, "bold": True, "indent": 1},
            "head": grid | {"bg_color": BLUE, "font_color": "#FFFFFF", "bold": True, "align": "center"},
            "subhead": grid | {"bg_color": PALE, "align": "center", "font_size": 9},
            "cell": grid | {"indent": 1}, "line": grid | {"text_wrap": False, "indent": 1}, "center": grid | {"align": "center"}, "top": grid | {"valign": "top", "align": "left", "indent": 1},
            "date": grid | {"num_format": "yyyy-mm-dd", "align": "center"},
            "code": grid | {"font_name": "Consolas"},
            "yuan": grid | {"num_format": "#,##0.00####", "align": "right", "indent": 1},
            "amount": grid | {"num_format": "#,##0.00####", "align": "left", "indent": 1, "font_size": 16, "bold": True, "font_color": BLUE},
            "input": given | {"align": "left", "indent": 1}, "input text": given | {"num_format": "@"},
            "input date": given | {"num_format": "yyyy-mm-dd", "align": "left", "indent": 1},
            "input center": given | {"align": "center"}, "input number": given | {"num_format": "#,##0.######", "align": "right", "indent": 1},
            "good": {"font_color": "#1E7B34", "bold": True}, "warn": {"font_color": "#B45F06", "bold": True},
            "dim": {"font_color": "#7F7F7F"}, "bad": {"bg_color": "#FADBD8", "font_color": "#922B21"},
            "off": {"bg_color": "#F2F2F2", "font_color": "#7F7F7F"}, "hidden": base | {"font_color": "#FFFFFF"},
        }  # fmt: skip
        super().__init__({name: book.add_format(style) for name, style in kinds.items()})

    @staticmethod
    def height(values: Sequence[Any], widths: Sequence[float], least: float = 20) -> float:
        """The height a row of wrapped texts needs."""
        texts = [(v, w) for v, w in zip(values, widths, strict=True) if isinstance(v, str)]
        return min(max([least, *(row_height(v, w, 10) for v, w in texts)]), 300)


def title(sheet: Any, styles: Styles, text: str, last: int, note: str) -> None:
    """The first two rows of a sheet."""
    sheet.set_row(0, 34)
    sheet.write_string(0, 0, text, styles["title"])
    sheet.merge_range(1, 0, 1, last, note, styles["note"])
    sheet.set_row(1, 22)


def cached(value: Any) -> Any:
    """A result as the file stores it beside the formula. Raises TypeError."""
    if isinstance(value, XlError):
        return value.text
    if not isinstance(value, str | int | float | Decimal):
        raise TypeError(f"no cell shows {value!r}")
    return float(value) if isinstance(value, Decimal) else value


def put_formula(sheet: Any, row: int, column: int, formula: str, style: Any, value: Any) -> None:
    """A formula with the result it has today."""
    sheet.write_formula(row, column, formula, style, cached(value))


def put_array(
    sheet: Any, area: tuple[int, int, int, int], formula: str, style: Any, values: Sequence[Sequence[Any]]
) -> None:
    """One array formula over an area (Excel 2016: entered with Ctrl+Shift+Enter), with the results it has today.

    Raises ValueError.
    """
    top, left, bottom, right = area
    sheet.write_array_formula(top, left, bottom, right, f"{{{formula}}}", style, cached(values[0][0]))
    for r in range(top, bottom + 1):
        for c in range(left, right + 1):
            value = values[r - top][c - left] if r - top < len(values) else ""
            if (r, c) != (top, left):
                if isinstance(value, XlError):
                    raise ValueError("an array formula's later cells hold no error in the file")
                (sheet.write_string if isinstance(value, str) else sheet.write_number)(r, c, value, style)
