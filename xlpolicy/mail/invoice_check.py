"""核票: every invoice against the form that it belongs to, line by line what counts and why not.

Nothing here says that an invoice is genuine: it says what the papers say against one another.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from xlpolicy.forms.intake import Returned
from xlpolicy.forms.vouchers import Voucher
from xlpolicy.mail.einvoice import EInvoice
from xlpolicy.money import ZERO, clean, plain
from xlpolicy.settle.facts import same

COUNTS, NOT, LOOK = "计入", "不计入", "核对"


@dataclass(frozen=True, slots=True)
class Applicant:
    """What a form claims by invoices. `base`: the amount that they have to bear out, and what it is called;
    `net`: whether without tax."""

    file: str
    name: str
    code: str
    title: str
    label: str
    base: Decimal | None
    net: bool
    period: tuple[dt.date | None, dt.date | None]
    vouchers: Sequence[Voucher]
    digest: str = ""

    @property
    def listed(self) -> dict[str, Voucher]:
        return {clean(v.number): v for v in self.vouchers if v.number}


def applicant_of(form: Returned, digest: str = "") -> Applicant | None:
    """The form as its invoices see it; None for one that is none or is blank."""
    if form.rule is None or form.status in ("blank", "not_a_form", "unreadable"):
        return None
    item = next((i for i in form.rule.inputs if i.type == "money" and i.required and not i.by), None)
    stated = form.inputs.get(item.name) if item else None
    start, end = (form.project.get(key) for key in ("start", "end"))
    return Applicant(
        form.file, form.enterprise.get("name", "").strip(), clean(form.enterprise.get("uscc", "")).upper(), form.rule.title,
        item.label if item else "", stated if isinstance(stated, Decimal) else None, bool(item and "不含" in item.label),
        (start if isinstance(start, dt.date) else None, end if isinstance(end, dt.date) else None), form.vouchers, digest,
    )  # fmt: skip


@dataclass(slots=True)
class Line:
    """One invoice: to which form it belongs (None: to none that is known), whether it counts, and what speaks against it."""

    invoice: EInvoice
    applicant: Applicant | None = None
    verdict: str = COUNTS
    reasons: list[str] = field(default_factory=list)

    def against(self, reason: str, verdict: str = NOT) -> None:
        """Something speaks against it; what is not to count does not come back."""
        self.reasons.append(reason)
        if self.verdict != NOT:
            self.verdict = verdict


@dataclass(slots=True)
class Total:
    """The invoices of one form against what it states."""

    applicant: Applicant
    counted: Decimal = ZERO
    looked: Decimal = ZERO
    found: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def short(self) -> Decimal:
        """By how much the invoices fall short of what is stated."""
        return max(ZERO, (self.applicant.base or ZERO) - self.counted)


@dataclass(frozen=True, slots=True)
class Checked:
    """All lines, and a total for every form."""

    lines: Sequence[Line]
    totals: Sequence[Total]

    @property
    def problems(self) -> bool:
        return any(line.verdict != COUNTS for line in self.lines) or any(t.notes for t in self.totals)


def check(
    invoices: Iterable[EInvoice], applicants: Sequence[Applicant], *, earlier: Mapping[str, Sequence[str]] | None = None,
    unfit: Sequence[str] = (),
) -> Checked:  # fmt: skip
    """`earlier`: invoice number -> the claims of the register that listed it; `unfit`: words of goods that do not count."""
    lines = [Line(invoice) for invoice in invoices]
    by_code: dict[str, list[Applicant]] = defaultdict(list)
    by_number: dict[str, list[Applicant]] = defaultdict(list)
    for one in applicants:
        by_code[one.code].append(one)
        for number in one.listed:
            by_number[number].append(one)
    first: dict[str, Line] = {}
    for line in lines:
        _belongs(line, by_code, by_number, bool(applicants))
        _twice(line, first.setdefault(line.invoice.number, line), by_number, earlier or {})
        _itself(line, unfit)
        if line.applicant is not None:
            _against_form(line, line.applicant)
    return Checked(lines, _totals(lines, applicants))


def _belongs(
    line: Line, by_code: Mapping[str, list[Applicant]], by_number: Mapping[str, list[Applicant]], asked: bool
) -> None:
    """The form that lists it; else the only one of its buyer."""
    invoice = line.invoice
    listing, buying = by_number.get(invoice.number, []), by_code.get(invoice.buyer_code, [])
    own = [one for one in listing if one in buying]
    if own or listing:
        line.applicant = (own or listing)[0]
    elif len(buying) == 1:
        line.applicant = buying[0]
    elif buying:
        line.against(f"{invoice.buyer}有 {len(buying)} 份申请表，都没有列这张发票，不知道属于哪一份", LOOK)
    elif asked:
        line.against(f"购买方 {invoice.buyer}（{invoice.buyer_code}）没有申请表", LOOK)


def _twice(
    line: Line, first: Line, by_number: Mapping[str, list[Applicant]], earlier: Mapping[str, Sequence[str]]
) -> None:
    if first is not line:
        line.against(f"与 {first.invoice.file} 是同一张发票")
    listing = {one.file: one for one in by_number.get(line.invoice.number, ())}
    if len(listing) > 1:
        line.against(f"{len(listing)} 份申请表都列了这张发票：{'、'.join(listing)}", LOOK)
    if claims := earlier.get(line.invoice.number):
        line.against(f"以前申报用过：{'、'.join(claims)}")


def _itself(line: Line, unfit: Sequence[str]) -> None:
    invoice = line.invoice
    if invoice.net + invoice.tax != invoice.total:
        line.against(
            f"不含税 {plain(invoice.net)} 加税额 {plain(invoice.tax)} 不等于价税合计 {plain(invoice.total)}", LOOK
        )
    if invoice.red:
        line.reasons.append("红字发票，冲减")
    words = [word for word in unfit if any(word in name for name in invoice.goods)]
    if words:
        line.against(f"货物或服务“{'、'.join(invoice.goods)[:60]}”在不计入的名单里（{'、'.join(words)}）")


def _against_form(line: Line, form: Applicant) -> None:
    invoice = line.invoice
    if invoice.buyer_code != form.code and (invoice.buyer_code or same(invoice.buyer) != same(form.name)):
        line.against(
            f"购买方是 {invoice.buyer}（{invoice.buyer_code or '没有代码'}），不是申报单位 {form.name}（{form.code}）"
        )
    elif invoice.buyer and same(invoice.buyer) != same(form.name):
        line.against(f"购买方名称“{invoice.buyer}”与申报单位“{form.name}”不同，代码相同", LOOK)
    start, end = form.period
    if invoice.issued and ((start and invoice.issued < start) or (end and invoice.issued > end)):
        line.against(f"开票日期 {invoice.issued} 不在项目起止日期（{start or '…'} 至 {end or '…'}）之内")
    listed = form.listed.get(invoice.number)
    if listed is None and form.vouchers:
        line.against("申请表的发票明细表没有列", LOOK)
    if listed is None:
        return
    for what, said, true in (("不含税金额", listed.net, invoice.net), ("税额", listed.tax, invoice.tax)):
        if said is not None and said != true:
            line.against(f"申请表填的{what}是 {plain(said)}，发票是 {plain(true)}", LOOK)
    if listed.issued and invoice.issued and listed.issued != invoice.issued:
        line.against(f"申请表填的开票日期是 {listed.issued}，发票是 {invoice.issued}", LOOK)
    if listed.paid and invoice.issued and listed.paid < invoice.issued:
        line.against(f"付款日期 {listed.paid} 早于开票日期 {invoice.issued}", LOOK)


def _totals(lines: Sequence[Line], applicants: Sequence[Applicant]) -> list[Total]:
    totals = {id(one): Total(one) for one in applicants}
    seen: dict[int, set[str]] = defaultdict(set)
    for line in lines:
        if line.applicant is None:
            continue
        total = totals[id(line.applicant)]
        amount = line.invoice.net if line.applicant.net else line.invoice.total
        total.found += 1
        seen[id(line.applicant)].add(line.invoice.number)
        if line.verdict == COUNTS:
            total.counted += amount
        elif line.verdict == LOOK:
            total.looked += amount
    for total in totals.values():
        one = total.applicant
        lacking = [number for number in one.listed if number not in seen[id(one)]]
        if lacking:
            named = "、".join(lacking[:5]) + (f" 等 {len(lacking)} 张" if len(lacking) > 5 else "")
            total.notes.append(f"申请表列了、没有收到发票文件：{named}")
        if one.base is not None and total.found and total.counted < one.base:
            looked = f"，另有待核对的 {plain(total.looked)} 元" if total.looked else ""
            total.notes.append(
                f"计入的发票合计 {plain(total.counted)} 元，比申报的 {plain(one.base)} 元少 {plain(total.short)} 元{looked}"
            )
    return list(totals.values())
