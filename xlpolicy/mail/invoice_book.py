"""发票明细.xlsx: 核票 (line by line what counts), 合计 (form by form), 未读."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlpolicy.faults import Fault
from xlpolicy.mail.invoice_check import LOOK, NOT, Checked, Line
from xlpolicy.sheets.book import new_book, set_page, write_cell
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.style import Look
from xlpolicy.sheets.text import letter, row_height

_NOTE = "软件只核对各份材料之间是否一致，不判断发票真伪；真伪请在税务机关的查验平台查验。"
_LINES = (
    ("序号", 5), ("申报单位", 17), ("申请表", 14), ("表上行", 6), ("发票号码", 23), ("结果", 8), ("计入金额（元）", 15), ("说明", 34),
    ("开票日期", 12), ("销售方", 17), ("购买方", 17), ("货物或服务", 16), ("不含税金额（元）", 15), ("税额（元）", 13),
    ("价税合计（元）", 15), ("合同", 12), ("表填不含税（元）", 15), ("表填税额（元）", 13), ("付款日期", 12), ("文件", 16),
)  # fmt: skip
_TOTALS = (
    ("申报单位", 17), ("代码", 21), ("申请表", 15), ("条款", 14), ("核对的一项", 20), ("申报数（元）", 16), ("发票（张）", 7),
    ("计入合计（元）", 16), ("待核对（元）", 14), ("缺口（元）", 15), ("说明", 36),
)  # fmt: skip
_UNREAD = (("文件", 40), ("原因", 50), ("怎样办", 50))
_RESULT, _COUNTED = 5, 6


def write_invoices(path: Path, checked: Checked, unread: Sequence[Fault], *, force: bool = False) -> Path:
    """明细.xlsx. Raises FileExistsError unless `force`."""
    write_atomically(path, lambda temporary: _draw(temporary, checked, unread), force=force)
    return path


def _line(number: int, line: Line) -> tuple[Any, ...]:
    invoice, listed, form = line.invoice, line.voucher, line.applicant
    about = (
        (invoice.seller, invoice.buyer, "、".join(invoice.goods), invoice.net, invoice.tax, invoice.total)
        if invoice
        else (listed.seller if listed else "", *[None] * 5)
    )
    return (
        number, form.name if form else "", form.file if form else "", listed.row if listed else None, line.number, line.verdict,
        line.counted, "；".join(line.reasons), line.issued, *about,
        *((listed.contract, listed.net, listed.tax, listed.paid) if listed else [None] * 4),
        invoice.file if invoice else "（没有收到）",
    )  # fmt: skip


def _draw(path: Path, checked: Checked, unread: Sequence[Fault]) -> None:
    book = new_book(path)
    look = Look(book, None)
    cell = {**look.body, "border": 1, "border_color": "808080"}
    formats = {
        "money": book.add_format({**cell, "num_format": "#,##0.00_ ", "align": "right"}),
        "date": book.add_format({**cell, "num_format": "yyyy-mm-dd", "align": "center"}),
    }
    lines = [_line(number, line) for number, line in enumerate(checked.lines, 1)]
    totals = [
        (t.applicant.name, t.applicant.code, t.applicant.file, t.applicant.title, t.applicant.label, t.applicant.base, t.found,
         t.counted, t.looked, t.short, "；".join(t.notes) or "一致")
        for t in checked.totals
    ]  # fmt: skip
    faults = [(fault.where, fault.got, fault.remedy) for fault in unread]
    for name, heads, rows in (("核票", _LINES, lines), ("合计", _TOTALS, totals), ("未读", _UNREAD, faults)):
        _sheet(book.add_worksheet(name), name, heads, rows, look, formats)
    if lines:
        _summed(book.get_worksheet_by_name("核票"), checked.lines, look)
    book.close()


def _summed(sheet: Any, lines: Sequence[Line], look: Look) -> None:
    """Colours for what does not count, and the sum of what does."""
    last = 3 + len(lines)
    for word, style in ((NOT, look.refused), (LOOK, look.todo)):
        rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": style}
        sheet.conditional_format(3, _RESULT, last - 1, _RESULT, rule)
    sheet.write_string(last, _RESULT, "合计", look.total)
    area = f"{letter(_COUNTED + 1)}4:{letter(_COUNTED + 1)}{last}"
    sheet.write_formula(last, _COUNTED, f"=SUM({area})", look.total_amount, sum(line.counted for line in lines))


def _sheet(
    sheet: Any, title: str, heads: Sequence[tuple[str, int]], rows: Sequence[Sequence[Any]], look: Look,
    formats: dict[str, Any],
) -> None:  # fmt: skip
    last = len(heads) - 1
    sheet.set_row(0, 32)
    sheet.merge_range(0, 0, 0, last, title, look.title)
    sheet.set_row(1, 20)
    sheet.merge_range(1, 0, 1, last, _NOTE, look.notes)
    sheet.set_row(2, 30)
    for column, (head, width) in enumerate(heads):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, head, look.heading)
    for r, row in enumerate(rows, 3):
        tall = (row_height(value, width, 11) for value, (_, width) in zip(row, heads, strict=True))
        sheet.set_row(r, min(max(22.0, *tall), 409))
        for column, value in enumerate(row):
            head = heads[column][0]
            style = formats["money"] if "元）" in head else formats["date"] if "日期" in head else look.text
            write_cell(sheet, r, column, value, style)
    if not rows:
        sheet.write_string(3, 0, "（无）", look.text)
    sheet.autofilter(2, 0, max(3, 2 + len(rows)), last)
    sheet.freeze_panes(3, 0)
    set_page(sheet, foot=(title, ""), titles=(3, 3), paper="A3" if len(heads) > len(_TOTALS) else "A4")
