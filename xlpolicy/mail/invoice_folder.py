"""A folder of invoices and a folder of forms -> 明细.xlsx: 发票明细, 核票, 未读; in a working folder also against the register."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from xlpolicy.faults import Fault
from xlpolicy.forms.intake import read_bytes
from xlpolicy.forms.read import zip_members
from xlpolicy.law.catalog import Catalog
from xlpolicy.mail.einvoice import PDF, READ, EInvoice, InvoiceError, read_einvoice
from xlpolicy.mail.invoice_check import COUNTS, Applicant, Checked, applicant_of, check
from xlpolicy.money import clean
from xlpolicy.register import tables
from xlpolicy.register.database import Register
from xlpolicy.sheets.book import new_book, set_page, write_cell
from xlpolicy.sheets.files import write_atomically
from xlpolicy.sheets.package import Package, Unreadable
from xlpolicy.sheets.style import Look
from xlpolicy.sheets.text import letter, row_height

_FORMS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".et", ".zip")
_NOTE = "软件只核对各份材料之间是否一致，不判断发票真伪；真伪请在税务机关的查验平台查验。"
_LINES = (
    ("序号", 5), ("结果", 8), ("申报单位", 17), ("申请表", 14), ("发票号码", 23), ("开票日期", 12), ("销售方", 17), ("购买方", 17),
    ("购买方代码", 21), ("货物或服务", 16), ("不含税金额（元）", 15), ("税额（元）", 13), ("价税合计（元）", 15), ("说明", 34), ("文件", 16),
)  # fmt: skip
_TOTALS = (
    ("申报单位", 17), ("代码", 21), ("申请表", 15), ("条款", 14), ("核对的一项", 20), ("申报数（元）", 16), ("发票（张）", 7),
    ("计入合计（元）", 16), ("待核对（元）", 14), ("缺口（元）", 15), ("说明", 36),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invoices:
    """What was read: invoices in the order of their files, and what was not read."""

    read: Sequence[EInvoice]
    unread: Sequence[Fault]


def read_folder(folder: Path) -> Invoices:
    """Every invoice below a folder, those in zips too. Raises FileNotFoundError."""
    if not folder.exists():
        raise FileNotFoundError(2, "没有这个文件夹", str(folder))
    found: list[EInvoice] = []
    unread: list[Fault] = []
    for name, data in _files(folder, unread):
        try:
            found.append(read_einvoice(data, name))
        except InvoiceError as error:
            unread.append(error.problem)
    return Invoices(found, unread)


def _files(folder: Path, unread: list[Fault]) -> Iterator[tuple[str, bytes]]:
    paths = [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if p.is_file())
    for path in paths:
        name = path.name if folder.is_file() else path.relative_to(folder).as_posix()
        suffix = path.suffix.lower()
        if suffix in (*READ, *PDF):
            yield name, path.read_bytes()
        elif suffix == ".zip":
            try:
                package = Package(path.read_bytes())
                for _, info, inner in zip_members(package):
                    if Path(inner).suffix.lower() in (*READ, *PDF):
                        yield f"{name}/{inner}", package.whole(info)
            except Unreadable as failure:
                unread.append(Fault("invoice", name, "", failure.problem.got, "", failure.problem.remedy))


def read_forms(folder: Path, catalog: Catalog) -> list[Applicant]:
    """Every form below a folder, as its invoices see it. Raises FileNotFoundError."""
    if not folder.exists():
        raise FileNotFoundError(2, "没有这个文件夹", str(folder))
    paths = [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if p.suffix.lower() in _FORMS)
    found = []
    for path in paths:
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        for form in read_bytes(data, path.name, catalog):
            applicant = applicant_of(form, digest)
            if applicant is not None:
                found.append(applicant)
    return found


def used_before(register: Register, own: Collection[str]) -> dict[str, list[str]]:
    """Invoice number -> claims of the register that list it and do not come from the forms `own` (digests). Raises RegisterError."""
    d, c, f, n = tables.decisions, tables.claims, tables.forms, tables.names
    with register.reading() as connection:
        names = {row.enterprise: row.name for row in connection.execute(select(n).order_by(n.c.id))}
        query = (
            select(c.c.id, c.c.number, c.c.enterprise, d.c.vouchers, f.c.digest)
            .join(d, d.c.claim == c.c.id)
            .join(f, f.c.id == d.c.form, isouter=True)
            .order_by(d.c.id)
        )
        rows = list(connection.execute(query))
    mine = {row.id for row in rows if row.digest in own}
    newest = {row.id: row for row in rows}
    found: dict[str, list[str]] = defaultdict(list)
    for claim, row in newest.items():
        if claim not in mine:
            for number, _ in json.loads(row.vouchers):
                found[clean(str(number))].append(f"{row.number}（{names.get(row.enterprise, '')}）")
    return found


def unfit_goods(path: Path) -> list[str]:
    """The bureau's list of goods that do not count: one word a line, # for remarks; none where there is no file."""
    if not path.is_file():
        return []
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def judge(
    invoices: Invoices, applicants: Sequence[Applicant], register: Register | None, unfit: Sequence[str]
) -> Checked:
    """The invoices against forms and register. Raises RegisterError."""
    earlier = used_before(register, {one.digest for one in applicants}) if register else {}
    return check(invoices.read, applicants, earlier=earlier, unfit=unfit)


def write_invoices(path: Path, checked: Checked, unread: Sequence[Fault], *, force: bool = False) -> Path:
    """明细.xlsx. Raises FileExistsError unless `force`."""
    write_atomically(path, lambda temporary: _draw(temporary, checked, unread), force=force)
    return path


def _draw(path: Path, checked: Checked, unread: Sequence[Fault]) -> None:
    book = new_book(path)
    look = Look(book, None)
    money = book.add_format(
        {**look.body, "border": 1, "border_color": "808080", "num_format": "#,##0.00_ ", "align": "right"}
    )
    date = book.add_format(
        {**look.body, "border": 1, "border_color": "808080", "num_format": "yyyy-mm-dd", "align": "center"}
    )
    marked = {"不计入": look.refused, "核对": look.todo}
    lines = [
        (n, x.verdict, x.applicant.name if x.applicant else "", x.applicant.file if x.applicant else "", x.invoice.number, x.invoice.issued,
         x.invoice.seller, x.invoice.buyer, x.invoice.buyer_code, "、".join(x.invoice.goods), x.invoice.net, x.invoice.tax, x.invoice.total,
         "；".join(x.reasons), x.invoice.file)
        for n, x in enumerate(checked.lines, 1)
    ]  # fmt: skip
    totals = [
        (t.applicant.name, t.applicant.code, t.applicant.file, t.applicant.title, t.applicant.label, t.applicant.base, t.found,
         t.counted, t.looked, t.short, "；".join(t.notes) or "一致")
        for t in checked.totals
    ]  # fmt: skip
    faults = [(fault.where, fault.got, fault.remedy) for fault in unread]
    for name, heads, rows in (
        ("核票", _TOTALS, totals), ("发票明细", _LINES, lines), ("未读", (("文件", 40), ("原因", 50), ("怎样办", 50)), faults),
    ):  # fmt: skip
        _sheet(book.add_worksheet(name), name, heads, rows, look, {"money": money, "date": date})
    sheet = book.get_worksheet_by_name("发票明细")
    if lines:
        last = 3 + len(lines)
        for word, style in marked.items():
            rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": style}
            sheet.conditional_format(3, 1, last - 1, 1, rule)
        for row, name, chosen in (
            (last, "全部合计", checked.lines),
            (last + 1, "计入合计", [x for x in checked.lines if x.verdict == COUNTS]),
        ):
            sheet.write_string(row, 9, name, look.total)
            read = [line.invoice for line in chosen]
            amounts = (sum(x.net for x in read), sum(x.tax for x in read), sum(x.total for x in read))
            for column, amount in enumerate(amounts, 10):
                area = f"{letter(column + 1)}4:{letter(column + 1)}{last}"
                formula = f"=SUM({area})" if row == last else f'=SUMIF($B$4:$B${last},"{COUNTS}",{area})'
                sheet.write_formula(row, column, formula, look.total_amount, amount)
    book.close()


def _sheet(
    sheet: Any,
    title: str,
    heads: Sequence[tuple[str, int]],
    rows: Sequence[Sequence[Any]],
    look: Look,
    formats: dict[str, Any],
) -> None:
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
