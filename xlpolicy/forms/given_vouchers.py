"""The voucher sheet of a returned workbook, given to its form; that of a list form to the claims of its rows, by the number
that each line names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.layout import OF_ROW, address, match_text
from xlpolicy.forms.normalise import shown
from xlpolicy.forms.opened import Book, Rows
from xlpolicy.forms.returned import Returned
from xlpolicy.forms.vouchers import (
    Voucher,
    claimed_by_invoices,
    period_of,
    read_vouchers,
    voucher_doubts,
    whose_vouchers,
)
from xlpolicy.money import clean, plain

#: what names a row: 3, 03, 第3笔
_NUMBER = re.compile(r"第?0*(\d+)[笔号]?")
_MOST = 8
#: what says whose list it is
_WHOSE = re.compile("(?:申报单位|申报企业|单位名称|企业名称|填报单位|购买方)(?:名称)?[:：]?(.+)")


def with_vouchers(returned: Returned, book: Book, sheet: str, *, alone: bool = True) -> Returned:
    """The form with its voucher sheet, and what the two say against each other; where it is not `alone`, that they were not
    compared. Raises Unreadable."""
    vouchers, faults = read_vouchers(book.rows(sheet), sheet, lambda: book.seen(sheet))
    if not alone:
        return replace(returned, problems=(*returned.problems, *whose_vouchers(vouchers, sheet)))
    if vouchers:
        faults += _of_another(book.rows(sheet), str(returned.enterprise.get("name") or ""), sheet)
    return _held(replace(returned, listing=sheet), vouchers, faults)


def rows_with_vouchers(forms: Sequence[Returned], book: Book, sheet: str) -> list[Returned]:
    """The rows of a list form, each with the invoices that name it. Raises Unreadable."""
    vouchers, faults = read_vouchers(book.rows(sheet), sheet, lambda: book.seen(sheet))
    given = _given_out(forms, vouchers, faults, sheet)
    return [_held(replace(form, listing=sheet), *own) for form, own in zip(forms, given, strict=True)]


def _held(returned: Returned, vouchers: Sequence[Voucher], faults: Sequence[Fault]) -> Returned:
    """The form with these invoices, held against what it states."""
    if returned.rule is None or returned.status in ("blank", "not_a_form") or not (vouchers or faults):
        return returned
    first_day = returned.document.valid_from if returned.document else None
    period = period_of(returned.project)
    doubts = voucher_doubts(vouchers, returned.rule, returned.inputs, returned.cells, period, first_day, returned.unit)
    own = _from_oneself(vouchers, str(returned.enterprise.get("name") or ""))
    return replace(returned, vouchers=tuple(vouchers), problems=(*returned.problems, *faults, *doubts, *own))


def _of_another(rows: Rows, name: str, sheet: str) -> Iterator[Fault]:
    """Another enterprise above the lines: its list was copied."""
    for r, row in enumerate(rows[:3]):
        for c, value in enumerate(row):
            said = _WHOSE.match(match_text(value)) if name and type(value) is str else None
            if said and match_text(name) not in said[1]:
                got, remedy = f"表头写的是“{shown(value)[:60]}”", "核对是不是别家单位的发票"
                yield Fault("voucher_line", reference(sheet, address(r, c)), "", got, name, remedy, "warning")


def _from_oneself(vouchers: Sequence[Voucher], name: str) -> Iterator[Fault]:
    """Invoices that the enterprise wrote itself."""
    for voucher in vouchers:
        if name and match_text(voucher.seller) == match_text(name):
            got = f"发票 {voucher.number} 的销售方就是申报单位“{name}”"
            yield Fault("voucher_line", voucher.where, "", got, "", "对照发票核对销售方，看是否计入", "warning")


def number_of(text: str) -> str:
    """The number of a row without what people write around it; "" where it is none."""
    match = _NUMBER.fullmatch(clean(text))
    return match[1] if match else ""


def _given_out(
    rows: Sequence[Returned], vouchers: Sequence[Voucher], faults: Sequence[Fault], sheet: str
) -> Iterator[tuple[tuple[Voucher, ...], list[Fault]]]:
    """For each row its invoices, and what is to be said of them: its own lines, and those that belong to nobody."""
    known: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        known[number_of(row.number)].append(place)
    mine: list[list[Voucher]] = [[] for _ in rows]
    unsaid, unknown = list[Voucher](), list[Voucher]()
    for voucher in vouchers:
        places = known[number] if (number := number_of(voucher.of)) in known and number else []
        if not voucher.of and len(rows) == 1:  # there is nobody else
            places = [0]
        if len(places) == 1:
            mine[places[0]].append(voucher)
        else:
            (unknown if voucher.of else unsaid).append(voucher)
    owner = {voucher.row: place for place, own in enumerate(mine) for voucher in own}
    told = list(_astray(unsaid, unknown, sheet))
    for place, row in enumerate(rows):
        own = [fault for fault in faults if owner.get(_row(fault), place) == place]
        if vouchers and not mine[place]:
            own += _none(row, sheet)
        yield tuple(mine[place]), [*own, *told]


def _row(fault: Fault) -> int:
    return int("".join(filter(str.isdecimal, fault.cell)) or 0)


def _astray(unsaid: Sequence[Voucher], unknown: Sequence[Voucher], sheet: str) -> Iterator[Fault]:
    kinds: tuple[tuple[Sequence[Voucher], str, Callable[[Voucher], str]], ...] = (
        (unsaid, f"没有写“{OF_ROW}”，看不出属于哪一笔", lambda one: ""),
        (unknown, f"写的“{OF_ROW}”在明细里没有填写，或不止一行", lambda one: f"（写的是“{one.of[:12]}”）"),
    )
    for found, why, said in kinds:
        if found:
            lines = "、".join(f"第 {one.row} 行{said(one)}" for one in found[:_MOST])
            more = f"等 {len(found)} 张" if len(found) > _MOST else ""
            got = f"{lines}{more}的发票{why}，没有计入任何一笔"
            where = found[0].where
            yield Fault(
                "voucher_line", where, "", got, f"每张发票写明属于第几笔（{sheet}）", f"补填或改正“{OF_ROW}”", "warning"
            )


def _none(row: Returned, sheet: str) -> Iterator[Fault]:
    """A claim beside others that have invoices."""
    item, stated = claimed_by_invoices(row.rule, row.inputs) if row.rule else (None, None)
    if item is not None and isinstance(stated, Decimal) and stated:
        got = f"填报 {plain(stated)} 元，“{sheet}”没有列属于这一笔（第 {row.number or '?'} 笔）的发票"
        where = row.cells.get(f"in_{item.name}", reference(sheet))
        yield Fault("voucher_sum", where, item.name, got, "不超过发票合计", "核对发票是否填全", "warning")
