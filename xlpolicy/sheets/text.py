"""Texts in cells: what a cell can hold, what would be taken for a formula, how wide and high it stands."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from xml.sax.saxutils import escape

#: a cell text beginning with one of these is taken for a formula (or a DDE command) by some program
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CELL_LIMIT = 32_767
_SHORT = 200
_UNIT = re.compile(r"[(（].*?[)）]")
_CHINESE = re.compile("[\u2e80-\uffef]")


def guessed(data: bytes) -> str:
    """Bytes of which nobody says the charset: UTF-8, else GB18030. Two bytes of GBK may be a letter in UTF-8 (图 is ͼ): where
    nothing Chinese comes of UTF-8, GB18030 goes first."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
    if text.isascii() or _CHINESE.search(text):
        return text
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        return text


def cell_text(value: object) -> str:
    """A cell read as a name, a code or a number of something: whole numbers without .0; "" for a blank.

    >>> cell_text(2026.0), cell_text(" 甲 "), cell_text(None)
    ('2026', '甲', '')
    """
    whole = isinstance(value, float) and value.is_integer()
    return "" if value is None else str(int(value) if whole else value).strip()  # type: ignore[call-overload]


def braced(text: str) -> str:
    """A template's text with the braces that a Chinese keyboard types as those of a placeholder."""
    return text.replace("｛", "{").replace("｝", "}")


def filled(texts: Sequence[str], mark: re.Pattern[str], told: Callable[[re.Match[str]], str]) -> list[str]:
    """The pieces of a text with every placeholder replaced; one that is cut into several stands in the first of them."""
    pieces = [braced(text) for text in texts]
    for match in reversed(list(mark.finditer("".join(pieces)))):
        said, at = told(match), 0
        for number, text in enumerate(pieces):
            first, last = max(match.start() - at, 0), min(match.end() - at, len(text))
            at += len(text)
            if first < last:
                pieces[number] = text[:first] + said + text[last:]
                said = ""
    return pieces


def tidy(text: str) -> str:
    """Text that a cell can hold: no control characters, line ends as LF, at most Excel's 32,767 characters."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text if len(text) <= _CELL_LIMIT else text[: _CELL_LIMIT - 10] + "…（截断）"


def risky(text: str) -> bool:
    """Whether a spreadsheet would evaluate the text if it were typed into a cell."""
    return text.lstrip("\n").startswith(FORMULA_STARTS)


def inline(text: str) -> tuple[str, bool]:
    """A text as it stands in a cell of a worksheet part, and whether its format must say that it is none to be
    evaluated.
    """
    return _inline(text) if len(text) < _SHORT else _inline.__wrapped__(text)


@lru_cache(maxsize=1024)  # most texts of most forms and lists are the same
def _inline(text: str) -> tuple[str, bool]:
    text = tidy(text)
    return f'<is><t xml:space="preserve">{escape(_ESCAPED.sub("_x005F_", text))}</t></is>', risky(text)


@lru_cache(maxsize=1024)
def letter(column: int) -> str:
    """Column number -> letters (1 -> A)."""
    out = ""
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out


def column_number(letters: str) -> int:
    """Letters -> column number (A -> 1)."""
    number = 0
    for one in letters:
        number = number * 26 + ord(one) - 64
    return number


def heading_of(text: object) -> str:
    """A heading without its unit and line breaks: “审定额\\n（元）” is 审定额."""
    return _UNIT.sub("", "".join(text.split())) if isinstance(text, str) else ""


def text_width(text: str) -> float:
    """Width in characters: a Chinese one counts two."""
    if text.isascii():
        return 1.05 * len(text)
    return _width(text) if len(text) < _SHORT else sum(map(_one_width, text))


@lru_cache(maxsize=1024)
def _width(text: str) -> float:
    return sum(map(_one_width, text))


@lru_cache(maxsize=4096)
def _one_width(char: str) -> float:
    return 2 if unicodedata.east_asian_width(char) in "WFA" else 1.05


def lines_of(text: str, width: float) -> int:
    """How many lines a wrapped text takes in that many characters of its own size."""
    return sum(max(1, math.ceil(text_width(line) / max(width, 2))) for line in text.split("\n"))


def row_height(value: object, width: float, size: float) -> float:
    """Points that a wrapped value needs in a column of that many characters (measured at 11 point)."""
    if not isinstance(value, str):
        return size * 1.5
    if 2 * len(value) <= (width - 2) * 11 / size and "\n" not in value:  # one line, whatever its letters
        return size * 1.42 + 6
    return _height(value, width, size) if len(value) < _SHORT else _height.__wrapped__(value, width, size)


@lru_cache(maxsize=1024)
def _height(text: str, width: float, size: float) -> float:
    return lines_of(text, (width - 2) * 11 / size) * size * 1.42 + 6
