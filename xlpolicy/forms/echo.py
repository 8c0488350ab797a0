"""What a form says back beside an amount while it is typed: 您填的是 3 亿元. A zero too many is seen at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from xlpolicy.money import UNITS, in_words

_OPENS, _MARK = "您填的是 ", "自查："
_LEFT, _NONE, _ODD = "自查：还有 {} 处未填或不合", "自查：必填的已填齐，没有不合", "自查：有的格是错误值"
#: of a combined form: a sheet with nothing on it, a sheet that is gone
UNUSED, GONE = "自查：没有填写，按不申报这一条处理", "这张表已删去，按不申报这一条处理"
#: of a list form: a table with no row filled in, how many rows there are
EMPTY, _BEGUN = "自查：一笔也没有填写", "自查：已填 {} 笔，"
_CHECKED = rf"{_LEFT.replace('{}', '[0-9]+')}|{_NONE}|{_ODD}|{UNUSED}|{GONE}|{EMPTY}|{_BEGUN.replace('{}', '[0-9]+')}(?:还有 [0-9]+ 处未填或不合|必填的已填齐，没有不合)"
_SAID = re.compile(rf"{_OPENS}[\d.,E+]+ (?:亿元|万元|元)|{_CHECKED}")


def is_echo(value: Any) -> bool:
    """Whether a cell holds what the form itself says back.

    >>> is_echo("您填的是 3 亿元"), is_echo("您填的是 3 亿元，其中 1 亿元已报过")
    (True, False)
    """
    return type(value) is str and _SAID.fullmatch(value.strip()) is not None


def formula(cell: str, unit: str, hint: str) -> str:
    """The formula of the cell beside an amount: the hint until a number stands there. Plain enough for every host."""
    large, medium = f"{100_000_000 // int(UNITS[unit])}", f"{10_000 // int(UNITS[unit])}"
    middle = f"{cell}/{medium}" if medium != "1" else cell
    small = cell if unit == "元" else f"{cell}*{int(UNITS[unit])}"
    said = f'IF({cell}>={large},ROUND({cell}/{large},8)&" 亿元",IF({cell}>={medium},ROUND({middle},6)&" 万元",ROUND({small},2)&" 元"))'
    quoted = hint.replace('"', '""')
    return f'=IF(ISNUMBER({cell}),IF({cell}>=0,"{_OPENS}"&{said},"{quoted}"),"{quoted}")'


def shown(value: Any, unit: str, hint: str) -> str:
    """What that formula gives for what is filled in."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or value < 0:
        return hint
    yuan = Decimal(repr(value) if isinstance(value, float) else value) * UNITS[unit]
    return _OPENS + in_words(yuan).replace(",", "")


def check_formula(conditions: Iterable[str], own: Iterable[str] = ()) -> str:
    """How many conditions hold, in words, without any function that Excel 2016 or WPS lacks. `own`: the cells without any
    of which the sheet of a combined form is not used."""
    counted = "+".join(f"({condition})" for condition in conditions) or "0"
    before, after = _LEFT.split("{}")
    said = f'SUBSTITUTE("{before}"&({counted})&"{after}","{_LEFT.format(0)}","{_NONE}")'
    if cells := ",".join(own):
        said = f'IF(COUNTA({cells})=0,"{UNUSED}",{said})'
    return f'=IFERROR({said},"{_ODD}")'


def checked(count: int | None) -> str:
    """What that formula gives; None: nothing is filled in of what is the sheet's own."""
    return UNUSED if count is None else _LEFT.format(count) if count else _NONE


def table_formula(counts: str, conditions: Iterable[str]) -> str:
    """The same of a list form: how many rows are begun (`counts`: the cells that count what is left in each), what is left of
    them and of what is asked once."""
    once = "".join(f"+({condition})" for condition in conditions)
    left = f'SUBSTITUTE("{_LEFT.removeprefix(_MARK)}","{{}}",SUM({counts}){once})'
    said = f'SUBSTITUTE("{_BEGUN}","{{}}",COUNT({counts}))&SUBSTITUTE({left},"{_LEFT.removeprefix(_MARK).format(0)}","{_NONE.removeprefix(_MARK)}")'
    return f'=IFERROR(IF(COUNT({counts})=0,"{EMPTY}",{said}),"{_ODD}")'


def table_checked(begun: int, left: int) -> str:
    """What that formula gives."""
    if not begun:
        return EMPTY
    return _BEGUN.format(begun) + (_LEFT.format(left) if left else _NONE).removeprefix(_MARK)
