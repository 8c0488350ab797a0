"""The voucher sheet of a form, left blank by its enterprise, filled in from the invoices that it sent; the form itself stays.

What no invoice says (contract, day of payment) is left blank for the enterprise; so is, in a list form, the row of an
invoice that may be for several.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

from xlpolicy.faults import Fault
from xlpolicy.forms.given_vouchers import number_of
from xlpolicy.forms.layout import OF_ROW, VOUCHER_SHEET, match_text
from xlpolicy.forms.personal import Slot, put_together, taken_apart
from xlpolicy.forms.vouchers import SELLER
from xlpolicy.mail.einvoice import EInvoice, InvoiceError
from xlpolicy.mail.invoice_check import NOT, Applicant, Checked, Line
from xlpolicy.mail.invoice_folder import form_files
from xlpolicy.money import ZERO
from xlpolicy.sheets.amend import Amended
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.insert import NotExtendable
from xlpolicy.sheets.package import Unreadable
from xlpolicy.sheets.plain import plain
from xlpolicy.sheets.template_sheet import Line as Row
from xlpolicy.sheets.template_sheet import Proto, read_sheet, shared_strings
from xlpolicy.sheets.text import letter

#: an invoice, and of a list form the number of its row
Listed = tuple[EInvoice, str]
_NUMBER, _NET, _TAX, _DAY, _TOTAL = "发票号", "不含税金额", "税额", "开票日期", "合计"


def filled(data: bytes, file: str, invoices: Mapping[str, Sequence[Listed]]) -> bytes:
    """The form with these invoices on its voucher sheets (by name), one a line. Raises InvoiceError."""
    try:
        book = Amended(plain(data))
        strings = next((target for kind, target in book.related(book.main).values() if kind == "sharedStrings"), "")
        texts = shared_strings(book.part(strings)) if strings else []
        parts = {book.sheets[s]: _filled(book, s, texts, file, own) for s, own in invoices.items()}
        rest = {name: part for name, part in book.sheets.items() if part not in parts}
        for (sheet, own), (name, part) in product(invoices.items(), rest.items()):
            if any(row for _, row in own) and f"{sheet}'!".encode() in (xml := book.part(part)):
                parts[part] = _summed(name, xml, texts, sheet, own)
        return book.written(parts)
    except (NotExtendable, Unreadable, ValueError, KeyError, IndexError):
        raise InvoiceError(
            f"“{VOUCHER_SHEET}”填不进去",
            where=file,
            expected="未改动的 .xlsx 申请表",
            remedy="用 Excel 或 WPS 另存为 .xlsx 后再试",
        ) from None


def _filled(book: Amended, sheet: str, texts: Sequence[Any], file: str, invoices: Sequence[Listed]) -> bytes:
    """A voucher sheet with these invoices."""
    xml = book.part(book.sheets[sheet])
    lines = read_sheet(sheet, xml, texts).lines
    cells, totals = _placed(lines, f"{file} {sheet}", invoices)
    pieces = taken_apart(xml, {*cells, *totals})
    there = {piece.address for piece in pieces if isinstance(piece, Slot)}
    if set(cells) - there:
        raise NotExtendable("rows without cells")
    formulas = {piece.address for piece in pieces if isinstance(piece, Slot) and piece.formula}
    if formulas & set(cells):
        raise InvoiceError("填写的格子里有公式", where=file, remedy="清空发票明细表后再试")
    return put_together(pieces, cells, totals)


def _summed(name: str, xml: bytes, texts: Sequence[Any], sheet: str, invoices: Sequence[Listed]) -> bytes:
    """The table of a list form whose rows show what their invoices on a sheet come to, and below it the sum of all."""
    own = re.compile(rf'<c r="([A-Z]+)(\d+)"[^>]*><f>[^<]*?(SUMIF\(\'{re.escape(sheet)}\'![^<]*)</f>'.encode())
    called = {
        line.number: _shown(cell)
        for line in read_sheet(name, xml, texts).lines
        for cell in line.cells
        if cell.column == 1
    }
    results: dict[str, Any] = {}
    column, total = "", ZERO
    for match in own.finditer(xml):
        column, row = match[1].decode(), int(match[2])
        mine = [one for one, number in invoices if number and number_of(number) == number_of(called.get(row, ""))]
        if mine:
            results[f"{column}{row}"] = sum(
                (one.total if match[3].count(b"SUMIF") > 1 else one.net for one in mine), ZERO
            )
            total += results[f"{column}{row}"]
    below = (
        re.search(rf'<c r="({column}\d+)"[^>]*><f>SUM\({column}\d+:{column}\d+\)</f>'.encode(), xml) if column else None
    )
    if below is not None:
        results[below[1].decode()] = total
    return put_together(taken_apart(xml, set(results)), {}, results)


def _placed(lines: Sequence[Row], file: str, invoices: Sequence[Listed]) -> tuple[dict[str, Any], dict[str, Decimal]]:
    """What goes into which cell, and what the totals below come to."""
    top, heads = _headings(lines)
    if not heads:
        raise InvoiceError(f"“{VOUCHER_SHEET}”的栏目被改动", where=file, remedy="恢复原来的栏目名称")
    below = lines[top + 1 :]
    end = next((n for n, line in enumerate(below) if any(match_text(c.text) == _TOTAL for c in line.cells)), len(below))
    taken = [line.number for line in below[:end] if any(_shown(c) for c in line.cells if c.column in heads.values())]
    if taken:
        raise InvoiceError(f"“{VOUCHER_SHEET}”第 {taken[0]} 行已经填了，没有改动", where=file, remedy="清空后再试")
    if len(invoices) > end:
        raise InvoiceError(
            f"有 {len(invoices)} 张发票，“{VOUCHER_SHEET}”只有 {end} 行",
            where=file,
            remedy="先在合计行上面插入行，再运行一次",
        )
    cells: dict[str, Any] = {}
    for line, (invoice, row) in zip(below, invoices, strict=False):
        said = {
            _NUMBER: invoice.number,
            _NET: invoice.net,
            _TAX: invoice.tax,
            _DAY: invoice.issued,
            SELLER[0]: invoice.seller,
            OF_ROW: int(number_of(row) or 0) or row,
        }
        cells |= {
            f"{letter(heads[name])}{line.number}": value
            for name, value in said.items()
            if name in heads and value not in (None, "")
        }
    totals = {}
    if end < len(below):
        for name, total in (
            (_NET, sum((i.net for i, _ in invoices), ZERO)),
            (_TAX, sum((i.tax for i, _ in invoices), ZERO)),
        ):
            totals[f"{letter(heads[name])}{below[end].number}"] = total
    return cells, totals


def _headings(lines: Sequence[Row]) -> tuple[int, dict[str, int]]:
    """The row of headings, and the column (from 1) of each."""
    wanted = {match_text(name): name for name in (_NUMBER, _NET, _TAX, _DAY, OF_ROW)} | {
        match_text(s): SELLER[0] for s in SELLER
    }
    for place, line in enumerate(lines[:10]):
        found = {wanted[text]: cell.column for cell in line.cells if (text := match_text(cell.text)) in wanted}
        if {_NUMBER, _NET, _TAX} <= set(found):
            return place, found
    return 0, {}


def _shown(cell: Proto) -> str:
    return (cell.text or cell.raw).strip()


@dataclass(frozen=True, slots=True)
class FilledForm:
    """One form: the copy that was written, how many invoices are on it, what was left out (number, why), and the invoices that
    do not say which row of a list form they are for."""

    source: Path
    target: Path
    count: int
    left: Sequence[tuple[str, str]]
    unsaid: Sequence[str] = ()


def _one_sheet(line: Line) -> Applicant | None:
    """Any row of the list form whose sheet has to list an invoice, whichever row it is for."""
    same = {(one.digest, one.listing) for one in line.among if one.number}
    return line.among[0] if len(same) == 1 and all(one.number for one in line.among) else None


def fill_forms(
    forms: Path, checked: Checked, target: Path, *, force: bool = False
) -> tuple[list[FilledForm], list[Fault]]:  # fmt: skip
    """Copies of the form at `forms` (or of all below that folder) whose voucher sheet is blank, filled in, at `target` (or below it).

    Only invoices of the applicant, each once; those of which no form is known stay out. Raises FileExistsError unless
    `force`, FileNotFoundError.
    """
    by_form: dict[str, list[tuple[Line, Applicant, str]]] = defaultdict(list)
    for line in checked.lines:
        own = line.applicant or _one_sheet(line)
        if own is not None and line.invoice is not None and not own.vouchers:
            by_form[own.digest].append((line, own, own.number if line.applicant else ""))
    done: list[FilledForm] = []
    failed: list[Fault] = []
    for path in form_files(forms):
        data = path.read_bytes()
        lines = by_form.get(hashlib.sha256(data).hexdigest(), [])
        sheets: dict[str, list[Listed]] = defaultdict(list)
        for line, own, number in lines:
            if line.invoice and line.verdict != NOT:
                sheets[own.listing].append((line.invoice, number))
        if not sheets:
            continue
        goal = target if forms.is_file() else target / path.relative_to(forms)
        try:
            if "" in sheets:
                raise InvoiceError(
                    f"没有“{VOUCHER_SHEET}”这张表，没有填", where=path.name, remedy="发票逐行见“核票”（不加 --into 运行）"
                )  # fmt: skip
            copy = filled(data, path.name, sheets)
        except InvoiceError as error:
            failed.append(error.problem)
            continue
        goal.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(goal, copy, force=force)
        left = [(line.number, "；".join(line.reasons)) for line, _, _ in lines if line.verdict == NOT]
        unsaid = [line.number for line, own, number in lines if line.verdict != NOT and own.number and not number]
        done.append(FilledForm(path, goal, sum(map(len, sheets.values())), left, unsaid))
    return done, failed
