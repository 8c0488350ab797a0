"""What the closing parts of a form say: the estimate as it is shown, and the declaration that is signed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.layout import COLUMNS, DECLARATION, Layout, address, match_text
from xlpolicy.forms.locate import cell
from xlpolicy.forms.normalise import decimal
from xlpolicy.forms.opened import Place, Rows

_ESTIMATE = "预计补助"
_DECLARED = match_text(DECLARATION)
_OPENS = _DECLARED[: _DECLARED.index(":") + 1]
#: where the signatures begin
_SIGNED = ("单位(盖章)", "法定代表人(签字)")
_SHORT = 60


def _place(plan: Layout, rows: Rows, area: tuple[int, int, int, int], row: int, opening: str) -> Place | None:
    """The cell of a form that opens with these words; where it was drawn, or anywhere in the form's part of the sheet."""
    top, end, left, right = area
    places = [(row, 0), *((r, c) for r in range(top, min(end, len(rows))) for c in range(left, right))]
    for place in places:
        value = cell(rows, place)
        if type(value) is str and match_text(value).startswith(opening):
            return place
    return None


def estimate(plan: Layout, rows: Rows, area: tuple[int, int, int, int]) -> tuple[Place, Decimal] | None:
    """Where the form shows what its inputs come to, and that number (元, as its label says); None where it shows none."""
    place = _place(plan, rows, area, plan.estimate_row, _ESTIMATE)
    for column in range(place[1] + 1, place[1] + COLUMNS) if place else ():
        assert place is not None
        value: Any = cell(rows, (place[0], column))
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = decimal(value)
            return ((place[0], column), number) if number.is_finite() else None
    return None


def declared(plan: Layout, rows: Rows, area: tuple[int, int, int, int], sheet: str, sent: bool) -> Iterator[Fault]:
    """What was made of the declaration: other words in it, something added, or gone. `sent`: the file itself is ours."""
    place = _place(plan, rows, area, plan.declaration_row, _OPENS)
    remedy = "恢复原样的承诺，重新签章后报送"
    if place is None:
        if sent:
            got = "单位声明一栏没有原来的承诺"
            yield Fault("declaration_changed", reference(sheet), "", got, DECLARATION, remedy, "warning")
        return
    where = reference(sheet, address(*place))
    text = " ".join(str(cell(rows, place)).split())
    plain = match_text(text)
    signed = min((at for sign in _SIGNED if (at := plain.find(sign)) >= 0), default=len(plain))
    said = plain[:signed]
    if said == _DECLARED:
        return
    if said.startswith(_DECLARED):
        got = f"承诺后面加写了“{said.removeprefix(_DECLARED)[:_SHORT]}”"
    else:
        got = f"承诺被改成了“{text[: text.find('单位（盖章）') if '单位（盖章）' in text else None].strip()}”"
    yield Fault("declaration_changed", where, "", got, f"发出时写的是“{DECLARATION}”", remedy)
