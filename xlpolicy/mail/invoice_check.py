"""核票: every invoice and every line of a voucher sheet against one another, line by line what counts and why not.

Nothing here says that an invoice is genuine: it says what the papers say against one another.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath

from xlpolicy.forms.asked import reimburses
from xlpolicy.forms.intake import Returned
from xlpolicy.forms.vouchers import PROJECT, Period, Voucher, claimed_by_invoices, period_of, without_vat
from xlpolicy.mail.einvoice import EInvoice
from xlpolicy.money import ZERO, clean, plain
from xlpolicy.words.names import invoice_key, same

COUNTS, NOT, LOOK = "计入", "不计入", "核对"
#: a number that a cell kept as one
_LOST = re.compile(r"[\d.]+E\+\d+", re.I)


@dataclass(frozen=True, slots=True)
class Applicant:
    """What a form claims by invoices. `base`: the amount that they have to bear out, and what it is called;
    `net`: whether without tax. `digest`: of its file; `expenses`: whether the provision pays for what invoices show;
    `listing`: the sheet of its invoices; `number`: of a list form, what its row is called there; `called`: what a folder of them may be called by."""

    file: str
    name: str
    code: str
    title: str
    label: str
    base: Decimal | None
    net: bool
    period: Period
    vouchers: Sequence[Voucher]
    digest: str = ""
    expenses: bool = True
    listing: str = ""
    called: Sequence[str] = ()
    number: str = ""


def applicant_of(form: Returned, digest: str = "") -> Applicant | None:
    """The form as its invoices see it; None for one that is none or is blank."""
    if form.rule is None or form.status in ("blank", "not_a_form", "unreadable"):
        return None
    item, stated = claimed_by_invoices(form.rule, form.inputs)
    row = f"第{form.number}笔" if form.number else ""
    file = f"{form.file} › {form.sheet} 第{form.line}行" if form.line else form.file
    return Applicant(
        file, form.enterprise.get("name", "").strip(), clean(form.enterprise.get("uscc", "")).upper(), form.rule.title,
        item.label if item else "", stated if isinstance(stated, Decimal) else None, item is not None and without_vat(item),
        period_of(form.project), form.vouchers, digest,
        reimburses(form.rule), form.listing,
        tuple(same(str(n)) for n in (form.rule.title, *(form.project.get(key) for key in ("name", "loan", "object")), row) if n),
        form.number,
    )  # fmt: skip


@dataclass(slots=True)
class Line:
    """An invoice, the line of a voucher sheet that lists it, or only one of the two (the other None).

    `applicant`: to whose form it belongs, None for none that is known; `among`: then the forms of its buyer; `part`: whether
    it is what a row of a list form has of an invoice for several rows; `reasons`: what speaks against it.
    """

    invoice: EInvoice | None
    applicant: Applicant | None = None
    voucher: Voucher | None = None
    verdict: str = COUNTS
    reasons: list[str] = field(default_factory=list)
    among: Sequence[Applicant] = ()
    part: bool = False

    def against(self, reason: str, verdict: str = NOT) -> None:
        """Something speaks against it; what is not to count does not come back."""
        self.reasons.append(reason)
        if self.verdict != NOT:
            self.verdict = verdict

    @property
    def number(self) -> str:
        """The invoice's number, or the one that the sheet has."""
        return self.invoice.number if self.invoice else clean(self.voucher.number) if self.voucher else ""

    @property
    def issued(self) -> dt.date | None:
        """The day of issue, by the invoice, else by the sheet; None where neither says it."""
        return self.invoice.issued if self.invoice else self.voucher.issued if self.voucher else None

    @property
    def amount(self) -> Decimal:
        """What it is worth to its form: without tax or with it, as the form states its own amount."""
        net = self.applicant is not None and self.applicant.net
        if self.invoice and not self.part:
            return self.invoice.net if net else self.invoice.total
        assert self.voucher is not None
        return (self.voucher.net or ZERO) + (ZERO if net else self.voucher.tax or ZERO)

    @property
    def counted(self) -> Decimal:
        """What of it counts."""
        return self.amount if self.verdict == COUNTS else ZERO


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
    """All lines, form by form as its sheet lists them, and a total for every form."""

    lines: Sequence[Line]
    totals: Sequence[Total]

    @property
    def problems(self) -> bool:
        """Whether anything is to be looked at."""
        return any(line.verdict != COUNTS for line in self.lines) or any(t.notes for t in self.totals)


def check(
    invoices: Iterable[EInvoice], applicants: Sequence[Applicant], *, earlier: Mapping[str, Sequence[str]] | None = None,
    unfit: Sequence[str] = (), together: Mapping[str, Collection[int]] | None = None,
) -> Checked:  # fmt: skip
    """`earlier`: invoice number -> the claims of the register that listed it; `unfit`: words of goods that do not count;
    `together`: digest of a file -> the mails that it came with."""
    known = _Known(applicants, earlier or {}, together or {})
    lines: list[Line] = []
    for invoice in _once(invoices):
        lines += known.parts(invoice) or [Line(invoice)]
    first: dict[str, Line] = {}
    for line in lines:
        assert line.invoice is not None
        if not line.part:
            known.find_form(line, line.invoice)
            known.find_voucher(line, line.invoice)
        _again(line, line.invoice, first.setdefault(line.number, line))
        _itself(line, line.invoice, unfit)
        if line.applicant is not None:
            _of_the_form(line, line.invoice, line.applicant)
    taken = {(id(line.applicant), line.voucher.where) for line in lines if line.applicant and line.voucher}
    lines += list(_only_listed(applicants, taken, {invoice_key(number) for number in first}))
    for line in lines:
        known.used(line)
        if line.applicant is not None:
            _dates(line, line.applicant)
    places = {id(one): number for number, one in enumerate(applicants)}

    def order(line: Line) -> tuple[int, int, str]:
        return (
            places.get(id(line.applicant), len(places)),
            line.voucher.row if line.voucher else 10**9,
            line.invoice.file if line.invoice else "",
        )

    lines.sort(key=order)
    return Checked(lines, _totals(lines, applicants))


def _paper(invoice: EInvoice) -> tuple[object, ...]:
    """What two files of one invoice have in common."""
    return invoice.number, invoice.net, invoice.tax, invoice.total, invoice.buyer_code, invoice.seller_code


def _again(line: Line, invoice: EInvoice, first: Line) -> None:
    """The number was there before: the same paper once more, or two that contradict one another."""
    if first is line or first.invoice is None or first.invoice is invoice:
        return
    if _paper(first.invoice) == _paper(invoice):
        line.against(f"与 {first.invoice.file} 是同一张发票")
    else:
        line.against(f"与 {first.invoice.file} 号码相同，金额或双方不同")
        first.against(f"与 {invoice.file} 号码相同，金额或双方不同", LOOK)


def _once(invoices: Iterable[EInvoice]) -> Iterator[EInvoice]:
    """An invoice that came as XML and as OFD, side by side under one name, is one."""
    seen: dict[tuple[object, ...], str] = {}
    for invoice in invoices:
        beside = str(PurePosixPath(invoice.file).with_suffix(""))
        if seen.setdefault((beside, *_paper(invoice)), invoice.file) == invoice.file:
            yield invoice


class _Known:
    """What is known of forms, mails and earlier claims, by what an invoice says of itself."""

    def __init__(
        self,
        applicants: Sequence[Applicant],
        earlier: Mapping[str, Sequence[str]],
        together: Mapping[str, Collection[int]],
    ) -> None:
        self.applicants, self.earlier, self.together = applicants, earlier, together
        self.by_code: dict[str, list[Applicant]] = defaultdict(list)
        self.by_number: dict[str, list[tuple[Applicant, Voucher]]] = defaultdict(list)
        self.by_mail: dict[int, list[Applicant]] = defaultdict(list)
        for one in applicants:
            self.by_code[one.code].append(one)
            for voucher in one.vouchers:
                if voucher.number:
                    self.by_number[invoice_key(voucher.number)].append((one, voucher))
            for mail in together.get(one.digest, ()):
                self.by_mail[mail].append(one)

    def listing(self, called: Iterable[str]) -> list[tuple[Applicant, Voucher]]:
        """The forms that list an invoice, under any of its names."""
        return [pair for number in called for pair in self.by_number.get(invoice_key(number), ())]

    def find_form(self, line: Line, invoice: EInvoice) -> None:
        """The form that lists it; else the only one of its buyer; else the one that it came with."""
        buying = self.by_code.get(invoice.buyer_code, [])
        buying = [one for one in buying if one.expenses] or buying  # an award is paid without invoices
        listing = [one for one, _ in self.listing(invoice.called)]
        if len(invoice.called) > 1:  # a bare number of eight digits is no name of its own
            exact = {id(one) for one, _ in self.by_number.get(invoice_key(invoice.number), ())}
            listing = [one for one in listing if one in buying or id(one) in exact]
        own = [one for one in listing if one in buying]
        mailed = {id(one): one for mail in self.together.get(invoice.digest, ()) for one in self.by_mail[mail]}
        beside = [one for one in buying if id(one) in mailed] if buying else list(mailed.values())
        if len(buying) > 1:
            beside = _in_folder_of(invoice.file, beside) or _in_folder_of(invoice.file, buying) or beside
        if own or listing:
            line.applicant = (own or listing)[0]
        elif len(buying) == 1 or len(beside) == 1:
            line.applicant = (buying if len(buying) == 1 else beside)[0]
        elif buying:
            line.against(
                f"{invoice.buyer}有 {len(buying)} 份申请表，都没有列这张发票，不知道属于哪一份（可放进以条款或项目命名的文件夹再核）",
                LOOK,
            )
            line.among = buying
        elif self.applicants:
            line.against(f"购买方 {invoice.buyer}（{invoice.buyer_code}）没有申请表", LOOK)

    def parts(self, invoice: EInvoice) -> list[Line]:
        """An invoice for several rows of one list form: what each row has of it, where that comes to the whole."""
        found = self.listing(invoice.called)
        whole = tuple(
            sum((amount or ZERO for amount in of), ZERO) for of in zip(*((v.net, v.tax) for _, v in found), strict=True)
        )
        rows = {id(one) for one, _ in found}
        if (
            len(found) < 2
            or len(rows) < len(found)
            or len({one.digest for one, _ in found}) > 1
            or whole != (invoice.net, invoice.tax)
        ):
            return []
        said = f"一张发票分在 {len(found)} 笔，各笔相加与发票相符"
        return [Line(invoice, one, voucher, reasons=[said], part=True) for one, voucher in found]

    def find_voucher(self, line: Line, invoice: EInvoice) -> None:
        """The line of its form that lists it."""
        own = [voucher for one, voucher in self.listing(invoice.called) if one is line.applicant]
        line.voucher = own[0] if own else None

    def used(self, line: Line) -> None:
        """What else the same invoice was put in for: another form of this batch, or an earlier claim."""
        called = line.invoice.called if line.invoice and line.applicant else (line.number,)
        listing = {id(one): one for one, _ in self.listing(called)} if line.number else {}
        if len(listing) > 1 and not line.part:
            named = "、".join(f"{one.name}《{one.title}》（{one.file}）" for one in listing.values())
            line.against(f"{len(listing)} 份申请表都列了这张发票：{named}", LOOK)
        claims = [claim for number in called if number for claim in self.earlier.get(invoice_key(number), ())]
        if claims:
            line.against(f"以前申报用过：{'、'.join(dict.fromkeys(claims))}")


def _in_folder_of(file: str, forms: Sequence[Applicant]) -> list[Applicant]:
    """The form whose provision or project (loan, thing) the folders of a file name, where that is one alone."""
    folders = same("/".join(PurePosixPath(file).parts[:-1]))
    points = [sum(len(name) for name in set(one.called) if len(name) > 1 and name in folders) for one in forms]
    most = max(points, default=0)
    return (
        [one for one, has in zip(forms, points, strict=True) if has == most] if most and points.count(most) == 1 else []
    )


def _only_listed(applicants: Sequence[Applicant], taken: set[tuple[int, str]], read: Collection[str]) -> Iterator[Line]:
    """The lines of voucher sheets of which no invoice was read."""
    for one in applicants:
        first: dict[str, Voucher] = {}
        for voucher in one.vouchers:
            number = clean(voucher.number)
            held = first.setdefault(invoice_key(number), voucher) if number else voucher
            if (id(one), voucher.where) in taken:
                continue
            line = Line(None, one, voucher)
            if held is not voucher:
                line.against(f"发票明细表第 {held.row} 行已经列了这张发票")
            elif _LOST.fullmatch(number):
                line.against(f"发票号被存成数字 {number}，末尾几位已丢失，对不上发票", LOOK)
            elif invoice_key(number) in read:
                line.against("申请表列了，发票文件归入了另一份申请表或另一笔", LOOK)
            else:
                line.against("申请表列了，没有收到发票文件（XML 或 OFD）" if number else "没有填发票号", LOOK)
            yield line


def _itself(line: Line, invoice: EInvoice, unfit: Sequence[str]) -> None:
    if invoice.net + invoice.tax != invoice.total:
        line.against(
            f"不含税 {plain(invoice.net)} 加税额 {plain(invoice.tax)} 不等于价税合计 {plain(invoice.total)}", LOOK
        )
    if invoice.issued is None:
        line.against("读不到开票日期", LOOK)
    if invoice.red:
        line.reasons.append("红字发票，冲减")
    words = [word for word in unfit if any(word in name for name in invoice.goods)]
    if words:
        line.against(f"货物或服务“{'、'.join(invoice.goods)[:60]}”在不计入的名单里（{'、'.join(words)}）")


def _of_the_form(line: Line, invoice: EInvoice, form: Applicant) -> None:
    """Whether it is the applicant's, and what its line of the sheet says otherwise."""
    if invoice.buyer_code != form.code and (invoice.buyer_code or same(invoice.buyer) != same(form.name)):
        line.against(
            f"购买方是 {invoice.buyer}（{invoice.buyer_code or '没有代码'}），不是申报单位 {form.name}（{form.code}）"
        )
    elif invoice.buyer and same(invoice.buyer) != same(form.name):
        line.against(f"购买方名称“{invoice.buyer}”与申报单位“{form.name}”不同，代码相同", LOOK)
    listed = line.voucher
    if listed is None:
        if form.vouchers and not invoice.red:  # what takes an invoice back counts, listed or not
            line.against("申请表的发票明细表没有列", LOOK)
        return
    for what, said, true in (("不含税金额", listed.net, invoice.net), ("税额", listed.tax, invoice.tax)):
        if said is not None and said != true and not line.part:
            line.against(f"申请表填的{what}是 {plain(said)}，发票是 {plain(true)}", LOOK)
    if listed.issued and invoice.issued and listed.issued != invoice.issued:
        line.against(f"申请表填的开票日期是 {listed.issued}，发票是 {invoice.issued}", LOOK)
    if listed.seller and invoice.seller and same(listed.seller) != same(invoice.seller):
        line.against(f"申请表填的销售方是 {listed.seller}，发票是 {invoice.seller}", LOOK)


def _dates(line: Line, form: Applicant) -> None:
    start, end, of, _ = form.period
    issued, red = line.issued, line.invoice is not None and line.invoice.red
    if issued and not red and ((start and issued < start) or (end and issued > end)):
        span = f"开票日期 {issued} 不在{of}（{start or '…'} 至 {end or '…'}）之内"
        line.against(span, NOT if of == PROJECT else LOOK)  # an invoice of the next January may be of this year
    paid = line.voucher.paid if line.voucher else None
    if paid and issued and paid < issued:
        line.against(f"付款日期 {paid} 早于开票日期 {issued}", LOOK)
    for late in () if red else form.period.late({"开票日期": issued, "付款日期": paid}):
        line.against(late, LOOK)


def _totals(lines: Sequence[Line], applicants: Sequence[Applicant]) -> list[Total]:
    totals = {id(one): Total(one) for one in applicants}
    lacking: dict[int, list[str]] = defaultdict(list)
    read = {invoice_key(line.number) for line in lines if line.invoice}
    for line in lines:
        if line.applicant is None:
            continue
        total = totals[id(line.applicant)]
        total.counted += line.counted
        if line.invoice is None:
            if line.verdict == LOOK and invoice_key(line.number) not in read:
                lacking[id(line.applicant)].append(line.number or f"第 {line.voucher.row if line.voucher else 0} 行")
            continue
        total.found += 1
        if line.verdict == LOOK:
            total.looked += line.amount
    for total in totals.values():
        one, own = total.applicant, lacking[id(total.applicant)]
        if own:
            named = "、".join(own[:5]) + (f" 等 {len(own)} 张" if len(own) > 5 else "")
            total.notes.append(f"申请表列了、没有收到发票文件：{named}")
        if one.base and one.expenses and not total.found and not one.vouchers:
            total.notes.append(f"没有收到发票，也没有列发票明细，申报的 {plain(one.base)} 元没有凭据")
        if one.base is not None and total.found and total.counted < one.base:
            looked = f"，另有待核对的 {plain(total.looked)} 元" if total.looked else ""
            total.notes.append(
                f"计入的发票合计 {plain(total.counted)} 元，比申报的 {plain(one.base)} 元少 {plain(total.short)} 元{looked}"
            )
    return list(totals.values())
