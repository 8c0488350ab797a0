"""The voucher sheet of a returned form: its lines, and what they say against what is claimed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.layout import VOUCHER_COLUMNS, VOUCHER_SHEET, address, match_text
from xlpolicy.forms.normalise import decimal, shown
from xlpolicy.forms.read import Rows
from xlpolicy.law.records import Rule
from xlpolicy.law.values import parse_date
from xlpolicy.money import ZERO, clean, parse_money, plain, visible

_END = ("合计", "小计", "总计")


class Voucher(NamedTuple):
    """One line; `where` is its number's cell. An amount or a date that cannot be read is None."""

    number: str
    net: Decimal | None
    tax: Decimal | None
    issued: dt.date | None
    where: str


def read_vouchers(rows: Rows, sheet: str = VOUCHER_SHEET) -> tuple[tuple[Voucher, ...], list[Fault]]:
    """The filled lines of a voucher sheet, amounts in yuan, and what cannot be read in them."""
    wanted = {match_text(label): label for label in VOUCHER_COLUMNS}
    heads: dict[str, int] = {}
    start = 0
    for r, row in enumerate(rows[:10]):
        found = {wanted[match_text(v)]: c for c, v in enumerate(row) if type(v) is str and match_text(v) in wanted}
        if "发票号" in found and "不含税金额" in found:
            heads, start = found, r + 1
            break
    vouchers: list[Voucher] = []
    faults: list[Fault] = []
    for r, row in enumerate(rows[start:] if heads else (), start):
        if all(_at(row, heads, label) == "" for label in ("发票号", "不含税金额", "税额")):
            continue
        if any(type(v) is str and match_text(v) in _END for v in row):
            break
        number = clean(visible(shown(_at(row, heads, "发票号"))))
        money: dict[str, Decimal | None] = {}
        for label in ("不含税金额", "税额"):
            raw = _at(row, heads, label)
            try:
                money[label] = None if raw == "" else parse_money(decimal(raw) if isinstance(raw, float) else raw)
            except ValueError:
                money[label] = None
                faults.append(Fault(
                    "voucher_amount", reference(sheet, address(r, heads[label])), "", f"{label}填的是“{shown(raw)}”，读不成金额",
                    "数字，单位元", f"改正发票明细表里的{label}", "warning",
                ))  # fmt: skip
        if number or any(money.values()):
            where = reference(sheet, address(r, heads["发票号"]))
            vouchers.append(
                Voucher(number, money["不含税金额"], money["税额"], _day(_at(row, heads, "开票日期")), where)
            )
    return tuple(vouchers), faults


def _at(row: Sequence[Any], heads: Mapping[str, int], label: str) -> Any:
    column = heads.get(label)
    return row[column] if column is not None and column < len(row) else ""


def _day(raw: Any) -> dt.date | None:
    try:
        return parse_date(raw) if raw != "" else None
    except ValueError:
        return None


def voucher_doubts(
    vouchers: Sequence[Voucher], rule: Rule, inputs: Mapping[str, Any], cells: Mapping[str, str],
    period: tuple[dt.date | None, dt.date | None],
) -> Iterator[Fault]:  # fmt: skip
    """Remarks: one number twice, a date outside the project's period, a sum below what is claimed."""
    first: dict[str, Voucher] = {}
    for voucher in vouchers:
        earlier = first.setdefault(voucher.number, voucher) if voucher.number else voucher
        if earlier is not voucher:
            got = f"发票号 {voucher.number} 填了两次（另见 {earlier.where}）"
            yield Fault(
                "voucher_twice", voucher.where, "", got, "每张发票填一次", "核对发票，删去重复的一行", "warning"
            )
        start, end = period
        if voucher.issued and ((start and voucher.issued < start) or (end and voucher.issued > end)):
            span = f"{start or '…'} 至 {end or '…'}"
            got = f"发票 {voucher.number} 开票日期 {voucher.issued} 不在项目起止日期（{span}）之内"
            yield Fault("voucher_date", voucher.where, "", got, "", "核对开票日期和项目起止日期", "warning")
    base = next((i for i in rule.inputs if i.type == "money" and i.required), None)
    stated = inputs.get(base.name) if base else None
    net = sum((v.net for v in vouchers if v.net), ZERO)
    tax = sum((v.tax for v in vouchers if v.tax), ZERO)
    if base is None or not isinstance(stated, Decimal) or not net:
        return
    total = net if "不含" in base.label else net + tax
    if stated > total:
        got = f"填报 {plain(stated)} 元，发票明细表合计 {plain(total)} 元，少 {plain(stated - total)} 元"
        where = cells.get(f"in_{base.name}", "")
        yield Fault(
            "voucher_sum", where, base.name, f"{got}（{VOUCHER_SHEET}）", "不超过发票合计",
            "核对发票是否填全，或改正申报金额", "warning",
        )  # fmt: skip
