"""The marked-up copy of a returned form: what is to be corrected as notes at its cells; what was received stays as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from sqlalchemy import Connection, select

from xlpolicy.forms.markings import signed
from xlpolicy.forms.read import member_name, zip_members
from xlpolicy.register import tables
from xlpolicy.sheets.files import file_name
from xlpolicy.sheets.insert import NotExtendable
from xlpolicy.sheets.notes import with_notes
from xlpolicy.sheets.package import Package, Unreadable

#: where what concerns no cell is put
_TOP = "A1"
_WORKBOOKS = (".xlsx", ".xlsm")


@dataclass(slots=True)
class Marking:
    """What is to be corrected in one returned file (or in a member of a zip): (sheet, cell, what) in order."""

    digest: str
    file: str
    member: str
    points: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What its copy is called: a workbook, also where a gateway has called it something else."""
        path = PurePosixPath((self.member or self.file).replace("\\", "/"))
        suffix = path.suffix if path.suffix.lower() in _WORKBOOKS else ".xlsx"
        return file_name(f"{path.stem}_补正{suffix}")


def marked_copy(connection: Connection, marking: Marking, author: str) -> bytes:
    """The file as it was received, with the notes. Raises NotExtendable where it is none that takes them."""
    o = tables.originals
    data = connection.execute(select(o.c.content).where(o.c.digest == marking.digest)).scalar()
    if data is None:
        raise NotExtendable("not in the register")
    if marking.member:
        data = _member(data, marking.member)
    return with_notes(data, _notes(marking.points), author)


def _member(data: bytes, member: str) -> bytes:
    try:
        package = Package(data)
        for _, info, name in zip_members(package):
            if member_name(name) == member:
                return package.whole(info)
    except Unreadable as failure:
        raise NotExtendable(failure.problem.got) from None
    raise NotExtendable("no such member")


def _notes(points: Sequence[tuple[str, str, str]]) -> Mapping[str, Mapping[str, str]]:
    """One note a cell, whatever is said of it, numbered where it is more than one thing."""
    at: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for sheet, cell, text in points:
        at[sheet][cell or _TOP].append(text)
    return {
        sheet: {
            cell: signed("\n".join(f"{n}. {text}" for n, text in enumerate(texts, 1)) if len(texts) > 1 else texts[0])
            for cell, texts in cells.items()
        }
        for sheet, cells in at.items()
    }
