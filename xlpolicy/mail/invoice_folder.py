"""A folder of invoices and a folder of forms, read; in a working folder also what its register knows of either."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from sqlalchemy import select

from xlpolicy.faults import Fault
from xlpolicy.forms.intake import read_bytes
from xlpolicy.forms.read import zip_members
from xlpolicy.law.catalog import Catalog
from xlpolicy.mail.einvoice import PDF, READ, EInvoice, InvoiceError, read_einvoice
from xlpolicy.mail.invoice_check import Applicant, Checked, applicant_of, check
from xlpolicy.register import tables
from xlpolicy.register.database import Register
from xlpolicy.sheets.package import Package, Unreadable
from xlpolicy.words.names import invoice_key

_FORMS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".et", ".zip")
#: the number of a 数电票, as the tax platform names its files
_NUMBER = re.compile(r"(?<!\d)\d{20}(?!\d)")


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
    for name, data, digest in _files(folder, unread):
        try:
            found.append(replace(read_einvoice(data, name), digest=digest))
        except InvoiceError as error:
            unread.append(error.problem)
    read = {str(PurePosixPath(one.file).with_suffix("")) for one in found} | {one.number for one in found}
    return Invoices(found, [fault for fault in unread if not _read_otherwise(fault.where, read)])


def _read_otherwise(file: str, read: Collection[str]) -> bool:
    """Whether a picture of an invoice lies beside the same one as XML or OFD, or is called by the number of one."""
    path = PurePosixPath(file)
    if path.suffix.lower() not in PDF:
        return False
    return str(path.with_suffix("")) in read or any(number in read for number in _NUMBER.findall(path.stem))


def _files(folder: Path, unread: list[Fault]) -> Iterator[tuple[str, bytes, str]]:
    """Name, bytes, and the digest of the file on the disk that they stand in."""
    paths = [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if p.is_file())
    for path in paths:
        name = path.name if folder.is_file() else path.relative_to(folder).as_posix()
        suffix = path.suffix.lower()
        if suffix not in (*READ, *PDF, ".zip"):
            continue
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if suffix != ".zip":
            yield name, data, digest
        else:
            try:
                package = Package(data)
                for _, info, inner in zip_members(package):
                    if Path(inner).suffix.lower() in (*READ, *PDF):
                        yield f"{name}/{inner}", package.whole(info), digest
            except Unreadable as failure:
                unread.append(Fault("invoice", name, "", failure.problem.got, "", failure.problem.remedy))


def form_files(folder: Path) -> list[Path]:
    """What may be a form below a folder, or the one file. Raises FileNotFoundError."""
    if not folder.exists():
        raise FileNotFoundError(2, "没有这个文件或文件夹", str(folder))
    return [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if p.suffix.lower() in _FORMS)


def read_forms(folder: Path, catalog: Catalog) -> list[Applicant]:
    """Every form below a folder, as its invoices see it. Raises FileNotFoundError."""
    found = []
    for path in form_files(folder):
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        name = path.name if folder.is_file() else path.relative_to(folder).as_posix()
        for form in read_bytes(data, name, catalog):
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
                found[invoice_key(str(number))].append(f"{row.number}（{names.get(row.enterprise, '')}）")
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


def came_together(register: Register) -> dict[str, set[int]]:
    """Digest of a file -> the mails that it came with. Raises RegisterError."""
    m = tables.mails
    found: dict[str, set[int]] = defaultdict(set)
    with register.reading() as connection:
        for row in connection.execute(select(m.c.id, m.c.files)):
            for _, digest, _ in json.loads(row.files):
                found[digest].add(row.id)
    return found


def judge(
    invoices: Invoices, applicants: Sequence[Applicant], register: Register | None, unfit: Sequence[str]
) -> Checked:
    """The invoices against forms and register. Raises RegisterError."""
    earlier: Mapping[str, Sequence[str]] = {}
    together: Mapping[str, Collection[int]] = {}
    if register is not None:
        earlier = used_before(register, {one.digest for one in applicants})
        together = came_together(register)
    return check(invoices.read, applicants, earlier=earlier, unfit=unfit, together=together)
