"""What the sheets of a form's template are filled with: the law, the fields with what watches over them, the hidden rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as field_of
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from openpyxl.xml.functions import tostring

from xlpolicy.forms import echo
from xlpolicy.forms.common import shows
from xlpolicy.forms.layout import (
    DECLARATION,
    FORM_SHEET,
    IDENTITY_SHEET,
    VOUCHER_COLUMNS,
    VOUCHER_ROWS,
    VOUCHER_SHEET,
    Field,
    Layout,
    address,
)
from xlpolicy.forms.own_look import ASKED, COMMON_SHEET, COUNTY, YEAR
from xlpolicy.forms.placed import COMMON, LISTED, SHARED, STANDS
from xlpolicy.forms.said_back import estimate_cells, estimate_label, estimate_of, results_of
from xlpolicy.forms.voucher_sheet import VOUCHER_FORMATS, unit_of_vouchers
from xlpolicy.forms.watched import (
    FORMATS,
    identity_rows,
    left_to_fill,
    long_lists,
    own_fields,
    paints,
    validation,
)
from xlpolicy.sheets.cells import Entry, Formula, Shown
from xlpolicy.sheets.live import Live
from xlpolicy.sheets.refill_sheet import Content, Listing

#: a field of the bureau's own
EXTRA = "另填"
#: how much is left to fill in
CHECK = "自查"
#: characters of a formula
_LONGEST = 8_000
DATA, PAPERS, VOUCHERS, SAID = "数据", "附件", "发票", "记载"
_PROTECTED = 'sheet="1" formatColumns="0" formatRows="0"'
ESTIMATE = ("预计金额", "预计说明")
#: on the sheet of what is common: the provisions, and how much is filled in of each
PROVISIONS, STATUS = "条款清单", "填写情况"
_PROVISION = ("序号", "条款", "依据", "工作表", STATUS)
#: what a sheet of a combined form says behind the declaration
SIGNED_ONCE = f"（签章在“{COMMON_SHEET}”表，本表不必重复签章）"
#: the colour of what is filled in on another sheet
SHOWN_ONLY = "E7E6E6"
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a form stands in its workbook: alone under the names of the template, or as a sheet of a combined form.

    `common`: what it only shows (field key -> the cell of another sheet); `shared`: the sheet of what is common, with a row
    for each of so many `provisions` (as they stand on it, without how much is filled in).
    """

    form: str = FORM_SHEET
    vouchers: str = VOUCHER_SHEET
    hidden: str = IDENTITY_SHEET
    common: Mapping[str, str] = field_of(default_factory=dict)
    shared: bool = False
    provisions: Sequence[tuple[Shown, ...]] = ()

    @property
    def sheet(self) -> str:
        """The template's sheet of it."""
        return COMMON_SHEET if self.shared else FORM_SHEET

    def rows(self) -> Iterator[tuple[str, str]]:
        """What the hidden sheet says of it."""
        if self.form != FORM_SHEET:
            yield STANDS, self.form
            yield LISTED, self.vouchers
            yield from ((f"{COMMON}{key}", cell) for key, cell in self.common.items())
        if self.shared:
            yield SHARED, "1"


ALONE = Stand()


def contents_of(
    plan: Layout, stand: Stand, named: Mapping[str, str], *, pairs: bool, values: Mapping[str, Any] = NOTHING,
    said: Iterable[tuple[str, str]] = (), told: Sequence[Shown] = (),
) -> dict[str, Content]:  # fmt: skip
    """What the sheets of a template are filled with, by their names in it. A plan without a look is one whose places are
    asked for. `named`: what the template calls the fields; `pairs`: whether it has two papers in a row; `said`: more rows for
    the hidden sheet; `told`: how much is filled in of each provision.
    """
    facts: dict[str, Shown] = {
        "表名": plan.title, "依据": plan.subtitle, "金额单位": plan.unit_line,
        "单位声明": DECLARATION + (SIGNED_ONCE if stand.common else ""),
        "填报说明": "\n".join(("填报说明", *plan.instructions)), "条款": plan.rule.title,
        "发票单位": unit_of_vouchers(plan), "文件名称": plan.document.name, "城市": plan.document.city_label,
        EXTRA: Entry(key=EXTRA), YEAR: Entry("0", None, YEAR),
        ASKED: Entry(FORMATS["money"], None, ASKED), COUNTY: Entry(FORMATS["money"], None, COUNTY),
        CHECK: _self_check(plan, values),
    }  # fmt: skip
    if not stand.shared:
        facts |= _estimate(plan, values)
    hidden, lists = hidden_rows(plan)
    facts |= {named[f.key]: _answer(plan, f, values) for f in plan.fields if f.group in ("ent", "prj") and not f.unit}
    painted = [paint for f in own_fields(plan) for paint in paints(plan, f)]
    painted += [
        (f"{f.address}:{address(f.row, f.column + f.columns - 1)}", "TRUE", SHOWN_ONLY)
        for f in plan.fields
        if plan.look and f.key in plan.look.common
    ]
    live = Live([*_checks(plan, lists, stand.hidden)], painted, _PROTECTED)
    if stand.shared:
        known = plan.look is not None
        each = told or [""] * len(stand.provisions) if known else [Entry(key=STATUS)] * len(stand.provisions)
        rows = [(*row, one) for row, one in zip(stand.provisions, each, strict=True)]
        form = {PROVISIONS: Listing(_PROVISION, rows)}
    else:
        form = {DATA: _data(plan, values), PAPERS: _papers(plan, values, pairs)}
    lines = ((Entry(VOUCHER_FORMATS[0], n, VOUCHERS), *_blank_line()) for n in range(1, VOUCHER_ROWS + 1))
    listed = Content(
        facts, {VOUCHERS: Listing(VOUCHER_COLUMNS, lines)}, Live(protection=f'{_PROTECTED} insertRows="0"')
    )
    return {
        stand.sheet: Content(facts, form, live if plan.look else None),
        **({VOUCHER_SHEET: listed} if plan.vouchers and not stand.shared else {}),
        IDENTITY_SHEET: Content(facts, {SAID: Listing(("名", "值"), [*hidden, *said])}),
    }  # fmt: skip


def hidden_rows(plan: Layout) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """The rows of the hidden sheet, and where on it the choices of long lists stand."""
    rows, lists = [*identity_rows(plan)], {}
    for field in long_lists(plan):
        lists[field.key] = f"$B${len(rows) + 1}:$B${len(rows) + len(field.choices)}"
        rows += [("choice", choice) for choice in field.choices]
    return rows, lists


def _blank_line() -> tuple[Entry, ...]:
    return tuple(Entry(code, None, VOUCHERS) for code in VOUCHER_FORMATS[1:])


def _entry(field: Field, values: Mapping[str, Any]) -> Entry:
    return Entry(FORMATS.get(field.type, "General"), values.get(field.key), field.key)


def _answer(plan: Layout, field: Field, values: Mapping[str, Any]) -> Shown:
    """Where a field is answered, or shown that is answered elsewhere."""
    place = plan.look.common.get(field.key) if plan.look else None
    if place is None:
        return _entry(field, values)
    shown = Formula(shows(place, field), shown_there(values.get(field.key)))
    return Entry("General", shown, field.key, locked=True)


def shown_there(value: Any) -> str | int | Decimal:
    """What that formula gives."""
    if isinstance(value, dt.date):
        return value.strftime("%Y-%m-%d")
    return value if isinstance(value, int | Decimal) else str(value or "")


def _estimate(plan: Layout, values: Mapping[str, Any]) -> dict[str, Shown]:
    made = estimate_of(plan)
    label = estimate_label(plan)
    if plan.look is None:
        return {"预计补助": label, **{key: Entry(key=key) for key in ESTIMATE}}
    cells, results = estimate_cells(plan), results_of(plan, values)
    formulas = (made.amount, made.reason)
    shown_as = (
        Formula(text, results[cell]) if text.startswith("=") else text
        for text, cell in zip(formulas, cells, strict=True)
    )
    return {"预计补助": label, **dict(zip(ESTIMATE, shown_as, strict=True))}


def _self_check(plan: Layout, values: Mapping[str, Any]) -> Shown:
    """How much is left to fill in; a form of more than a cell can count says nothing."""
    if plan.look is None:
        return Entry(key=CHECK)
    own = own_fields(plan)
    cells = [field.address for field in own] if len(own) < len(plan.fields) else []
    text = echo.check_formula((formula for field in own for _, formula, _ in paints(plan, field)), cells)
    return Formula(text, echo.checked(left_to_fill(plan, values))) if len(text) < _LONGEST else None


def _checks(plan: Layout, lists: Mapping[str, str], hidden: str) -> Iterator[str]:
    for field in own_fields(plan):
        check = validation(field, plan.unit, lists, hidden)
        if check is not None:
            check.add(field.address)
            yield tostring(check.to_tree()).decode()  # type: ignore[attr-defined]  # bytes


def _data(plan: Layout, values: Mapping[str, Any]) -> Listing:
    rows: list[tuple[Shown, ...]] = []
    for number, field in enumerate((f for f in plan.fields if f.unit), 1):
        hint: Shown = field.hint
        if plan.look and field.item is not None and field.type == "money":
            said = echo.shown(values.get(field.key), plan.unit, field.hint)
            hint = Formula(echo.formula(field.address, plan.unit, field.hint), said)
        rows.append((number, field.shown, _answer(plan, field, values), field.unit, hint))
    return Listing(("序号", "栏目", "填报数", "单位", "填写说明"), rows)


def _papers(plan: Layout, values: Mapping[str, Any], pairs: bool) -> Listing:
    cells = [(field.shown, _entry(field, values)) for field in plan.fields if field.group == "att"]
    if not pairs:
        return Listing(("序号", "材料", "已附"), [(n, *cell) for n, cell in enumerate(cells, 1)])
    both = zip_longest(cells[::2], cells[1::2], fillvalue=(None, None))
    rows = [(n, *left, *right) for n, (left, right) in enumerate(both, 1)]
    return Listing(("序号", "材料", "已附", "材料二", "已附二"), rows)
