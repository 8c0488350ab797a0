"""A form that came back, as it was read: the record that `intake` makes and everything behind it works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from xlpolicy.faults import Fault
from xlpolicy.forms.own_answers import Answers
from xlpolicy.forms.vouchers import Voucher
from xlpolicy.law.records import Document, Rule

Status = Literal["ok", "needs_correction", "blank", "unreadable", "not_a_form"]

NO_ANSWERS = Answers()


@dataclass(frozen=True)
class Returned:
    """One form that came back. `inputs` are typed and ready for `assess`; only what was stated and understood.

    `enterprise` keeps the raw spelling (codes without white space); `cells`: field key -> "sheet!B7".
    `bare`: the amounts written without a unit. `estimate`: the cell and the amount (元) that
    the form itself shows as its result. `vouchers`: the lines of the voucher sheet, with the first form only.
    `index`: which member of a zip it came from, None where the file is not taken apart; `size`: bytes of its file;
    `issue`: the batch and number under which it was sent out, "" for a form of no list; `own`: what is answered to
    the fields of the bureau's own template; `line`: the row of a list form, 0 for a form that is a claim by itself, and `number`, what the row is called;
    `listing`: the sheet of its invoices, "" where it has none of its own.
    """

    file: str
    member: str
    sheet: str
    document: Document | None
    rule: Rule | None
    unit: str
    status: Status
    enterprise: dict[str, str] = field(default_factory=dict)
    project: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, bool] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    problems: tuple[Fault, ...] = ()
    bare: frozenset[str] = frozenset()
    estimate: tuple[str, Decimal] | None = None
    vouchers: tuple[Voucher, ...] = ()
    index: int | None = None
    size: int = 0
    issue: str = ""
    own: Answers = NO_ANSWERS
    line: int = 0
    number: str = ""
    listing: str = ""
