"""The voucher sheet of a form, left blank by its enterprise, filled in from the invoices that it sent; the form itself stays.

What no invoice says (contract, day of payment) is left blank for the enterprise.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlpolicy.faults import Fault
from xlpolicy.forms.layout import VOUCHER_SHEET, match_text
from xlpolicy.forms.personal import Slot, put_together, taken_apart
from xlpolicy.forms.vouchers import SELLER
from xlpolicy.mail.einvoice import EInvoice, InvoiceError
from xlpolicy.mail.invoice_check import NOT, Checked, Line
from xlpolicy.mail.invoice_folder import form_files
from xlpolicy.money import ZERO
from xlpolicy.sheets.amend import Amended
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.insert import NotExtendable
from xlpolicy.sheets.package import Unreadable
from xlpolicy.sheets.template_sheet import Line as Row
from xlpolicy.sheets.template_sheet import Proto, read_sheet, shared_strings
from xlpolicy.sheets.text import letter

_NUMBER, _NET, _TAX, _DAY, _TOTAL = "发票号", "不含税金额", "税额", "开票日期", "合计"


def filled(data: bytes, file: str, invoices: Mapping[str, Sequence[EInvoice]]) -> bytes:
    """The form with these invoices on its voucher sheets (by name), one a line. Raises InvoiceError."""
    try:
        book = Amended(data)
        strings = next((target for kind, target in book.related(book.main).values() if kind == "sharedStrings"), "")
        texts = shared_strings(book.part(strings)) if strings else []
        return book.written({book.sheets[s]: _filled(book, s, texts, file, own) for s, own in invoices.items()})
    except (NotExtendable, Unreadable, ValueError, KeyError, IndexError):
        raise InvoiceError(
            f"“{VOUCHER_SHEET}”填不进去",
            where=file,
            expected="未改动的 .xlsx 申请表",
            remedy="用 Excel 或 WPS 另存为 .xlsx 后再试",
        ) from None


def _filled(book: Amended, sheet: str, texts: Sequence[Any], file: str, invoices: Sequence[EInvoice]) -> bytes:
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


def _placed(lines: Sequence[Row], file: str, invoices: Sequence[EInvoice]) -> tuple[dict[str, Any], dict[str, Decimal]]:
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
    for line, invoice in zip(below, invoices, strict=False):
        said = {
            _NUMBER: invoice.number,
            _NET: invoice.net,
            _TAX: invoice.tax,
            _DAY: invoice.issued,
            SELLER[0]: invoice.seller,
        }
        cells |= {
            f"{letter(heads[name])}{line.number}": value
            for name, value in said.items()
            if name in heads and value not in (None, "")
        }
    totals = {}
    if end < len(below):
        for name, total in ((_NET, sum((i.net for i in invoices), ZERO)), (_TAX, sum((i.tax for i in invoices), ZERO))):
            totals[f"{letter(heads[name])}{below[end].number}"] = total
    return cells, totals


def _headings(lines: Sequence[Row]) -> tuple[int, dict[str, int]]:
    """The row of headings, and the column (from 1) of each."""
    wanted = {match_text(name): name for name in (_NUMBER, _NET, _TAX, _DAY)} | {
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
    """One form: the copy that was written, how many invoices are on it, and what was left out (number, why)."""

    source: Path
    target: Path
    count: int
    left: Sequence[tuple[str, str]]


def fill_forms(
    forms: Path, checked: Checked, target: Path, *, force: bool = False
) -> tuple[list[FilledForm], list[Fault]]:  # fmt: skip
    """Copies of the form at `forms` (or of all below that folder) whose voucher sheet is blank, filled in, at `target` (or below it).

    Only invoices of the applicant, each once; those of which no form is known stay out. Raises FileExistsError unless
    `force`, FileNotFoundError.
    """
    by_form: dict[str, list[Line]] = defaultdict(list)
    for line in checked.lines:
        if line.applicant is not None and line.invoice is not None and not line.applicant.vouchers:
            by_form[line.applicant.digest].append(line)
    done: list[FilledForm] = []
    failed: list[Fault] = []
    for path in form_files(forms):
        data = path.read_bytes()
        lines = by_form.get(hashlib.sha256(data).hexdigest(), [])
        sheets: dict[str, list[EInvoice]] = defaultdict(list)
        for line in lines:
            if line.applicant and line.invoice and line.verdict != NOT:
                sheets[line.applicant.listing].append(line.invoice)
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
        left = [(line.number, "；".join(line.reasons)) for line in lines if line.verdict == NOT]
        done.append(FilledForm(path, goal, sum(map(len, sheets.values())), left))
    return done, failed
