"""One form a recipient: drawn once, then only what differs is put in, so that a thousand take seconds.

`Author` holds the parts of a blank form; `made` fills in what is known of one enterprise and says on the hidden sheet
for whom it is (`Issue`), which `intake` reads back.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from xlpolicy.forms.combined import Combined
from xlpolicy.forms.design import build
from xlpolicy.forms.issue import KEYS, Issue
from xlpolicy.forms.layout import FORM_SHEET, IDENTITY_SHEET, Layout
from xlpolicy.forms.list_form import ListForm
from xlpolicy.forms.list_sheet import ListSheet
from xlpolicy.forms.restyled import Restyled
from xlpolicy.forms.said_back import results_of
from xlpolicy.forms.watched import typed
from xlpolicy.sheets.fonts import FONTS
from xlpolicy.sheets.openpyxl_book import Result, finished, put
from xlpolicy.sheets.package import Package
from xlpolicy.sheets.restamp import Restamp
from xlpolicy.sheets.structure import main_part, relations, workbook
from xlpolicy.sheets.text import risky, tidy

_CELL = re.compile(rb'<c r="([A-Z]+\d+)"( s="\d+")?(?: t="\w+")?\s*(?:/>|>(<f\b[^>]*>.*?</f>)?.*?</c>)', re.S)
_EPOCH = dt.date(1899, 12, 30)


class Author:
    """A blank form of a layout, ready to be personalised; in the look of a template where there is one."""

    def __init__(self, plan: Layout, fonts: Mapping[str, str] = FONTS, template: Path | None = None) -> None:
        """Raises TemplateError."""
        self.fonts, self._look = fonts, Restyled(plan, template) if template else None
        self.plan = plan = self._look.plan if self._look else plan
        data, self._said = self._whole({}, ("?",) * len(KEYS))
        parts = sheet_parts(data, (FORM_SHEET, IDENTITY_SHEET))
        self._stamp = Restamp(data, parts)
        self._first: Mapping[str, Result] = results_of(plan, {})
        with zipfile.ZipFile(BytesIO(data)) as source:
            form, hidden = map(source.read, parts)
        self._form = parts[0], taken_apart(form, {f.address for f in plan.fields} | set(self._first))
        self._hidden = parts[1], taken_apart(hidden, set(self._said))
        self._told: dict[tuple[Any, ...], Mapping[str, Result]] = {}

    def made(self, values: Mapping[str, Any], issue: Issue) -> bytes:
        """The workbook for one recipient: `values` by field key, as `write_form` takes them."""
        shown = {key: typed(value) for key, value in values.items() if value is not None and value != ""}
        issue = issue._replace(filled=frozenset(shown))
        if any(isinstance(value, str) and risky(value) for value in shown.values()):
            return self._whole(shown, issue.rows(self.plan))[0]  # such a text needs a style of its own
        cells = {self.plan.by_key[key].address: value for key, value in shown.items()}
        said = dict(zip(self._said, issue.rows(self.plan), strict=True))
        (form, pieces), (hidden, others) = self._form, self._hidden
        return self._stamp.made(
            {form: put_together(pieces, cells, self._results(shown)), hidden: put_together(others, said, {})}
        )

    def _results(self, shown: Mapping[str, Any]) -> Mapping[str, Result]:
        """What the formulas show; it hangs on the inputs, and on whether there is a name."""
        key = ("ent_name" in shown, *sorted((k, v) for k, v in shown.items() if k.startswith("in_")))
        if key not in self._told:
            if len(self._told) > 1000:
                self._told.clear()
            self._told[key] = {**self._first, **results_of(self.plan, shown)}
        return self._told[key]

    def _whole(self, shown: Mapping[str, Any], rows: tuple[str, ...]) -> tuple[bytes, tuple[str, ...]]:
        """The workbook as it is written without any patching, and the cells that say for whom it is."""
        if self._look is not None:
            said = tuple(zip(KEYS, rows, strict=True))
            first = self._look.hidden_rows + 1
            return self._look.made(shown, said), tuple(f"B{row}" for row in range(first, first + len(KEYS)))
        book, results = build(self.plan, self.fonts, shown)
        said_in = _say(book[IDENTITY_SHEET], rows)
        return finished(book, results), said_in


class CombinedAuthor:
    """As `Author`, for a combined form, `values` by the keys of `combined.list_plan`; or for a list form, what is of a row
    with `@` and its number."""

    def __init__(self, form: Combined | ListForm) -> None:
        """Raises TemplateError."""
        self._form = form
        self._sheets: Sequence[Restyled | ListSheet] = form.forms
        blank = form.made({}, [tuple(zip(KEYS, ("?",) * len(KEYS), strict=True)) for _ in form.forms])
        stands = [form.common.stand, *(one.stand for one in self._sheets)]
        self._parts = sheet_parts(blank, tuple(stand.form for stand in stands))
        self._hidden = sheet_parts(blank, tuple(one.stand.hidden for one in self._sheets))
        self._stamp = Restamp(blank, (*self._parts, *self._hidden))
        self._first, self._results = form.results({})
        with zipfile.ZipFile(BytesIO(blank)) as source:
            shown = [self._first, *self._results]
            self._places = [form.common.places, *(one.places for one in self._sheets)]
            self._pieces = [
                taken_apart(source.read(part), set(places.values()) | set(results))
                for part, places, results in zip(self._parts, self._places, shown, strict=True)
            ]
            self._said = [
                tuple(f"B{row}" for row in range(one.hidden_rows + 1, one.hidden_rows + 1 + len(KEYS)))
                for one in self._sheets
            ]
            self._others = [
                taken_apart(source.read(part), set(said)) for part, said in zip(self._hidden, self._said, strict=True)
            ]

    def made(self, values: Mapping[str, Any], issue: Issue) -> bytes:
        """The workbook for one recipient."""
        common, each = self._form.filled(values)
        issues = [
            issue._replace(filled=frozenset(own)).rows(one.plan) for one, own in zip(self._sheets, each, strict=True)
        ]
        whole = (*common.values(), *(value for own in each for value in own.values()))
        if any(isinstance(value, str) and risky(value) for value in whole):
            return self._form.made(values, [tuple(zip(KEYS, rows, strict=True)) for rows in issues])
        first, rest = self._form.results(values)
        parts = {}
        for part, pieces, places, cells, results in zip(
            self._parts, self._pieces, self._places, (common, *each), ({**self._first, **first}, *rest), strict=True
        ):
            placed = {places[key]: value for key, value in cells.items()}
            parts[part] = put_together(pieces, placed, results)
        for part, pieces, said, rows in zip(self._hidden, self._others, self._said, issues, strict=True):
            parts[part] = put_together(pieces, dict(zip(said, rows, strict=True)), {})
        return self._stamp.made(parts)


def sheet_parts(data: bytes, sheets: tuple[str, ...]) -> list[str]:
    """The parts in which sheets of a workbook stand."""
    package = Package(data)
    main = main_part(package)
    info = package.find(main)
    assert info is not None
    related, listed = relations(package, main), dict(workbook(package.whole(info)).sheets)
    return [related[listed[name]][1] for name in sheets]


def _say(hidden: Any, rows: tuple[str, ...]) -> tuple[str, ...]:
    """Write the rows of the issue below the others; the cells that they stand in."""
    first = hidden.max_row + 1
    for row, (key, text) in enumerate(zip(KEYS, rows, strict=True), first):
        put(hidden.cell(row, 1), key)
        put(hidden.cell(row, 2), text)
    return tuple(f"B{row}" for row in range(first, first + len(KEYS)))


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell that may change: as it is, its style and its formula."""

    address: str
    blank: bytes
    style: bytes
    formula: bytes


def taken_apart(xml: bytes, wanted: set[str]) -> list[bytes | Slot]:
    """A sheet part cut at the wanted cells; those that it lacks are not among the pieces."""
    pieces: list[bytes | Slot] = []
    at = 0
    for match in _CELL.finditer(xml):
        if (address := match[1].decode()) in wanted:
            pieces += [xml[at : match.start()], Slot(address, match[0], match[2] or b"", match[3] or b"")]
            at = match.end()
    return [*pieces, xml[at:]]


def put_together(pieces: list[bytes | Slot], cells: Mapping[str, Any], results: Mapping[str, Result]) -> bytes:
    """The sheet part with values in its cells and results beside its formulas; what is in neither stays as it is."""
    parts = []
    for piece in pieces:
        if isinstance(piece, bytes):
            parts.append(piece)
        elif piece.formula:
            parts.append(_computed(piece, results[piece.address]))
        elif piece.address in cells:
            parts.append(_cell(piece, cells[piece.address]))
        else:
            parts.append(piece.blank)
    return b"".join(parts)


def _cell(slot: Slot, value: Any) -> bytes:
    head = b'<c r="' + slot.address.encode() + b'"' + slot.style
    if isinstance(value, str):
        space = b' xml:space="preserve"' if value != value.strip() or "\n" in value else b""
        return head + b' t="inlineStr"><is><t' + space + b">" + escape(tidy(value)).encode() + b"</t></is></c>"
    if isinstance(value, dt.date):
        value = (dt.date(value.year, value.month, value.day) - _EPOCH).days
    return head + b"><v>" + _number(value) + b"</v></c>"


def _computed(slot: Slot, result: Result) -> bytes:
    kind = b' t="str"' if isinstance(result, str) else b""
    shown = escape(tidy(result)).encode() if isinstance(result, str) else _number(result)
    return (
        b'<c r="'
        + slot.address.encode()
        + b'"'
        + slot.style
        + kind
        + b">"
        + slot.formula
        + b"<v>"
        + shown
        + b"</v></c>"
    )


def _number(value: int | float | Decimal) -> bytes:
    return (f"{value:f}" if isinstance(value, Decimal) else repr(value)).encode()
