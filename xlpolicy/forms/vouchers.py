"""The voucher sheet of a returned form: its lines, and what they say against what is claimed."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.check import LONG_AGO
from xlpolicy.forms.layout import OF_ROW, VOUCHER_COLUMNS, VOUCHER_SHEET, address, match_text
from xlpolicy.forms.normalise import MAX_EXACT, absent, shown
from xlpolicy.forms.opened import Rows
from xlpolicy.forms.seen import Seen
from xlpolicy.forms.typed import day_in_digits
from xlpolicy.forms.voucher_lines import (
    heading,
    looks,
    no_line,
    notes,
    remark,
    taken_back,
    typed_sum,
    unlisted,
    words_of,
)
from xlpolicy.law.records import Input, Rule
from xlpolicy.law.values import parse_date
from xlpolicy.money import UNITS, ZERO, as_shown, clean, parse_money, plain, visible
from xlpolicy.words.names import invoice_key

#: so small a part of an amount is no tax on it, but a rate written for one
_LEAST_TAX = Decimal("0.001")
#: of less than this a tax of some 分 may be all there is
_TELLING = Decimal(100)
#: what stands where a number belongs: words, or several numbers
_NO_NUMBER = re.compile(r"\D+|0+|.*\d[、,;/~～至到]\D*\d.*|\d{8,}-\d{1,4}|.*等\d*[张份笔].*|\d{21,}")
#: two numbers of one length, one below the other, or from one to the other
_TWO_LINES = re.compile(r"(\d+)\s*\n\s*(\d+)|(\d{8,})\s*[-－–—]+\s*(\d+)")
#: what invoices print where no tax is due
_NO_TAX = frozenset({"免税", "不征税", "零税率", "免征", "***", "**", "*"})
#: no tax on a price is a larger part of it
MOST_TAX = Decimal("0.2")
#: how many texts beside the lines are told
_TOLD = 5
#: what the last column may be called; forms before version 4 have it only where their bureau added it
SELLER = ("销售方", "销售方名称", "开票方")


class Voucher(NamedTuple):
    """One line; `where` is its number's cell. An amount or a date that cannot be read is None.

    `seller`: only where the form asks for it (since version 4 all do); `of`: of a list form, the row that it is for, as written.
    """

    number: str
    net: Decimal | None
    tax: Decimal | None
    issued: dt.date | None
    where: str
    paid: dt.date | None = None
    contract: str = ""
    seller: str = ""
    of: str = ""

    @property
    def row(self) -> int:
        """The row that it stands in, as people count."""
        return int("".join(filter(str.isdecimal, self.where.rpartition("!")[2])) or 0)


def read_vouchers(
    rows: Rows, sheet: str = VOUCHER_SHEET, look: Callable[[], Seen | None] = lambda: None
) -> tuple[tuple[Voucher, ...], list[Fault]]:
    """The filled lines of a voucher sheet, amounts in yuan, and what cannot be read in them.

    `look`: the second reader's look at the sheet, taken where a line is filled.
    """
    wanted = {match_text(label): label for label in (*VOUCHER_COLUMNS, OF_ROW)} | {
        match_text(s): SELLER[0] for s in SELLER
    }
    heads: dict[str, int] = {}
    start = 0
    for r, row in enumerate(rows[:10]):
        found = {wanted[match_text(v)]: c for c, v in enumerate(row) if type(v) is str and match_text(v) in wanted}
        if "发票号" in found and "不含税金额" in found:
            heads, start = found, r + 1
            break
    vouchers: list[Voucher] = []
    faults: list[Fault] = list(heading(rows[: start or 4], heads, sheet))
    amounts = [heads[label] for label in ("发票号", "不含税金额", "税额") if label in heads]
    for r, row in enumerate(rows[start:] if heads else (), start):
        raw = _at(row, heads, "发票号")
        if not any(column < len(row) and row[column] != "" for column in amounts) or no_line(row, raw):
            continue
        faults += taken_back(row, heads["发票号"], r, sheet)
        exact = not (type(raw) is float and abs(raw) >= MAX_EXACT)
        if not exact:
            faults.append(
                remark(r, heads["发票号"], sheet, f"发票号被存成数字 {raw:.15g}，末尾几位已丢失", "改成文本格式后重填")
            )
        whole = exact and type(raw) is float and raw.is_integer()
        number = clean(visible(str(int(raw)) if whole else shown(raw)))
        if got := _no_number(number, shown(raw)):
            faults.append(remark(r, heads["发票号"], sheet, f"{got}，查不出有没有重复", "一行填一张，照发票填全号码"))
        money: dict[str, Decimal | None] = {}
        for label in ("不含税金额", "税额"):
            raw = _at(row, heads, label)
            try:
                money[label] = (
                    None
                    if absent(raw) or _untaxed(label, raw)
                    else parse_money(as_shown(raw) if isinstance(raw, float) else raw)
                )
            except ValueError:
                money[label] = None
                faults.append(Fault(
                    "voucher_amount", reference(sheet, address(r, heads[label])), "", f"{label}填的是“{shown(raw)}”，读不成金额",
                    "数字，单位元", f"改正发票明细表里的{label}", "warning",
                ))  # fmt: skip
        net, tax = money["不含税金额"], money["税额"]
        if odd := _odd_tax(net, tax):
            faults.append(remark(r, heads["税额"], sheet, *odd))
        days = {label: _day(_at(row, heads, label)) for label in ("开票日期", "付款日期")}
        for label in (label for label, day in days.items() if day is None):
            if told := shown(_at(row, heads, label)).replace(",", ""):
                remedy = "写成 2026-06-30" if label == "开票日期" else "写成 2026-06-30；还没有付款的，核对是否计入"
                faults.append(remark(r, heads[label], sheet, f"{label}填的是“{told[:30]}”，读不成日期", remedy))
        if number or any(money.values()):
            where = reference(sheet, address(r, heads["发票号"]))
            texts = (visible(shown(_at(row, heads, label))).strip() for label in ("合同", SELLER[0], OF_ROW))
            vouchers.append(
                Voucher(number, money["不含税金额"], money["税额"], days["开票日期"], where, days["付款日期"], *texts)
            )
            if number and all(_at(row, heads, label) == "" for label in money):
                got = f"发票 {number} 没有金额"
                faults.append(remark(r, heads["不含税金额"], sheet, got, "补填不含税金额和税额"))
            elif money["税额"] and "不含税金额" in heads and absent(_at(row, heads, "不含税金额")):
                got = f"发票 {number} 只填了税额 {plain(money['税额'])} 元，没有不含税金额，没有计入合计"
                faults.append(remark(r, heads["不含税金额"], sheet, got, "补填不含税金额"))
    if vouchers:
        faults += islice(notes(rows, start, amounts, heads.values(), sheet), _TOLD)
    elif heads:
        faults += unlisted(rows, start, sheet)
    seen = look() if vouchers else None
    if seen is not None:
        faults += looks(seen, sheet, rows, start, amounts)
        net = sum((v.net for v in vouchers if v.net), ZERO)
        faults += typed_sum(rows, start, heads["不含税金额"], net, seen, sheet)
    return tuple(vouchers), faults


def _no_number(number: str, raw: str) -> str:
    """What is wrong about the number of an invoice; "" for nothing."""
    lines = _TWO_LINES.fullmatch(unicodedata.normalize("NFKC", raw).strip())
    one, other = filter(None, lines.groups()) if lines else ("", "-")
    if _NO_NUMBER.fullmatch(number) or len(one) == len(other):
        return f"发票号填的是“{number[:60]}”，不是一个发票号"
    if words_of(number):
        return f"发票号填的是“{number[:60]}”，号码以外还有字"
    return "" if number else "发票号没有填"


def _untaxed(label: str, raw: Any) -> bool:
    return label == "税额" and type(raw) is str and clean(raw) in _NO_TAX


def _odd_tax(net: Decimal | None, tax: Decimal | None) -> tuple[str, str] | None:
    """What is said of a tax that is none of its amount, and what to do."""
    if not net or not tax:
        return None
    if abs(tax) > abs(net):
        return f"税额 {plain(tax)} 元比不含税金额 {plain(net)} 元还大", "对照发票核对，看两栏是不是填反了"
    if abs(tax) > abs(net) * MOST_TAX:
        return f"税额 {plain(tax)} 元比不含税金额 {plain(net)} 元的两成还多", "对照发票核对这两栏"
    if net * tax < 0:
        return f"税额 {plain(tax)} 元与不含税金额 {plain(net)} 元一正一负", "对照发票核对，看哪一栏少了或多了负号"
    if abs(tax) < abs(net) * _LEAST_TAX and abs(net) >= _TELLING:
        return f"税额 {plain(tax)} 元只有不含税金额 {plain(net)} 元的千分之一不到", "对照发票核对，看是不是填了税率"
    return None


def _at(row: Sequence[Any], heads: Mapping[str, int], label: str) -> Any:
    column = heads.get(label)
    return row[column] if column is not None and column < len(row) else ""


def _day(raw: Any) -> dt.date | None:
    try:
        if isinstance(raw, float) and raw.is_integer():
            raw = str(int(raw))
        if isinstance(raw, str):
            raw = re.sub(r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3", day_in_digits(clean(raw)))
        return parse_date(raw) if raw != "" else None
    except ValueError:
        return None


def whose_vouchers(vouchers: Sequence[Voucher], sheet: str) -> tuple[Fault, ...]:
    """A filled list beside several claims, where nothing says whose it is."""
    if not vouchers:
        return ()
    got = f"“{sheet}”列了 {len(vouchers)} 张发票，文件里有几份同类的申请，看不出属于哪一份，没有核对金额、日期和重复"
    return (
        Fault(
            "voucher_line", reference(sheet), "", got, "每份申请表各带发票明细", "逐张核对，或请对方分别报送", "warning"
        ),
    )


def claimed_by_invoices(rule: Rule, inputs: Mapping[str, Any]) -> tuple[Input | None, Any]:
    """The amount that the invoices of a claim have to bear out, and what is stated of it."""
    item = next((i for i in rule.inputs if i.type == "money" and i.required and not i.by), None)
    return item, inputs.get(item.name) if item else None


def without_vat(item: Input) -> bool:
    """Whether an amount is asked for without VAT: what the law's label of it says."""
    return "不含" in item.label


PROJECT = "项目起止日期"


class Period(NamedTuple):
    """When the vouchers of a claim are to be dated; `of`: what says so; `applied`: the day that none of them may be after."""

    start: dt.date | None
    end: dt.date | None
    of: str = PROJECT
    applied: dt.date | None = None

    def late(self, days: Mapping[str, dt.date | None], last: str = "申报日期") -> Iterator[str]:
        """What is said of each day of a voucher, by what it is called, that is after the application (or after `last`)."""
        for said, day in days.items():
            if day and self.applied and day > self.applied:
                yield f"{said} {day} 在{last} {self.applied} 之后"


def period_of(project: Mapping[str, Any]) -> Period:
    """From the project's own days, else from the year that the claim is of."""
    start, end = (day if isinstance(day := project.get(name), dt.date) else None for name in ("start", "end"))
    fact, applied = project.get("fact_on"), project.get("applied_on")
    if start is None and end is None and isinstance(fact, dt.date) and (fact.month, fact.day) == (12, 31):
        return Period(fact.replace(month=1, day=1), fact, "所属年度", applied)
    return Period(start, end, applied=applied)


def _late(voucher: Voucher, period: Period, last: str = "申报日期") -> Iterator[Fault]:
    for told in period.late({"开票日期": voucher.issued, "付款日期": voucher.paid}, last):
        got = f"发票 {voucher.number} {told}"
        yield Fault("voucher_date", voucher.where, "", got, "", "对照凭证核对日期，看是否计入", "warning")


def late_vouchers(vouchers: Sequence[Voucher], day: dt.date) -> Iterator[Fault]:
    """Remarks on the vouchers of a form that does not say when it was applied for: after the `day` it is judged for."""
    for voucher in vouchers:
        yield from _late(voucher, Period(None, None, applied=day), "核定日期")


def voucher_doubts(
    vouchers: Sequence[Voucher], rule: Rule, inputs: Mapping[str, Any], cells: Mapping[str, str],
    period: Period, first_day: dt.date | None = None, unit: str = "元",
) -> Iterator[Fault]:  # fmt: skip
    """Remarks: one number twice, a date outside the period, or years before `first_day` of the document, paid before it
    was issued, issued or paid after the claim was applied for, a sum below what is claimed.
    """
    first: dict[str, Voucher] = {}
    for voucher in vouchers:
        earlier = first.setdefault(invoice_key(voucher.number), voucher) if voucher.number else voucher
        if earlier is not voucher:
            other = "" if earlier.number == voucher.number else f"，写成 {earlier.number}"
            got = f"发票号 {voucher.number} 填了两次（另见 {earlier.where}{other}）"
            yield Fault(
                "voucher_twice", voucher.where, "", got, "每张发票填一次", "核对发票，删去重复的一行", "warning"
            )
        start, end, of, _ = period
        if (
            voucher.issued
            and start is None
            and end is None
            and first_day
            and first_day.year - voucher.issued.year >= LONG_AGO
        ):
            got = f"发票 {voucher.number} 开票日期 {voucher.issued} 比文件生效（{first_day}）早两年以上"
            yield Fault("voucher_date", voucher.where, "", got, "", "核对这张发票是否计入", "warning")
        if voucher.issued and ((start and voucher.issued < start) or (end and voucher.issued > end)):
            span = f"{start or '…'} 至 {end or '…'}"
            got = f"发票 {voucher.number} 开票日期 {voucher.issued} 不在{of}（{span}）之内"
            yield Fault("voucher_date", voucher.where, "", got, "", f"核对开票日期和{of}", "warning")
        if voucher.paid and voucher.issued and voucher.paid < voucher.issued:
            got = f"发票 {voucher.number} 付款日期 {voucher.paid} 早于开票日期 {voucher.issued}"
            yield Fault("voucher_date", voucher.where, "", got, "", "核对付款凭证（预付款的除外）", "warning")
        yield from _late(voucher, period)
    base, stated = claimed_by_invoices(rule, inputs)
    net = sum((v.net for v in vouchers if v.net), ZERO)
    tax = sum((v.tax for v in vouchers if v.tax), ZERO)
    if base is None or not isinstance(stated, Decimal) or not net:
        return
    total = net if without_vat(base) else net + tax
    shown_to = UNITS.get(unit, Decimal(1)) / 100  # what is put down in 万元 with two decimals was rounded to that
    if stated > total and (stated % shown_to or stated - total > shown_to / 2):
        remedy = "核对发票是否填全，或改正申报金额"
        if without_vat(base) and stated == net + tax:
            remedy = "正好是价税合计：核对申报金额是不是填了含税的数"
        elif stated == total * UNITS["万元"]:
            remedy = "正好差一万倍：核对发票明细表是不是按万元填的，应按元"
        got = f"填报 {plain(stated)} 元，发票明细表合计 {plain(total)} 元，少 {plain(stated - total)} 元"
        where = cells.get(f"in_{base.name}", "")
        yield Fault(
            "voucher_sum", where, base.name, f"{got}（{vouchers[0].where.rpartition('!')[0].strip(chr(39)) or VOUCHER_SHEET}）", "不超过发票合计",
            remedy, "warning",
        )  # fmt: skip
