"""`fill` in a working folder: the files that are new are a batch, judged into a folder of their own and registered.

The batch's results are written first and registered last, so that a run that is killed is done again by the next; a
file is known by its content, so that nothing is taken twice and a file that was moved away is not lost.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlpolicy.batch.fill import fill, walk
from xlpolicy.batch.job import digest
from xlpolicy.batch.record import Record, Summary, readable
from xlpolicy.batch.workers import LIMITS, Limits
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.register import ledgers
from xlpolicy.register.arrivals import Arrival, Received
from xlpolicy.register.folder import FORMS, Folder
from xlpolicy.register.receive import known_digests, next_batch, receive
from xlpolicy.sheets import template as templates

CLAIMS_LEDGER = "申报台账"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run took in. `summary`: how the new files were judged, None where there were none.

    `unread`: files that changed or went while they were read; the next run takes them.
    """

    received: Received
    summary: Summary | None = None
    ledger: str = ""
    unread: Sequence[str] = field(default=())

    @property
    def problems(self) -> bool:
        """Whether something is to be looked at."""
        return bool(self.received.doubts or self.unread or (self.summary is not None and self.summary.problems))

    def model_dump(self, mode: str = "python") -> dict[str, Any]:
        """Plain data for programs."""
        summary = self.summary.model_dump(mode) if self.summary else {}
        return {**summary, "register": self.received.model_dump(), "ledger": self.ledger, "unread": list(self.unread)}


def take_in(
    folder: Folder,
    *,
    on: dt.date | str | None = None,
    policy: str | None = None,
    jobs: int = 1,
    limits: Limits = LIMITS,
    template: str | Path | None = None,
    bureau: str | Path | None = None,
    received_from: str = "",
    who: str = "",
    progress: bool | None = None,
    catalog: Catalog | None = None,
) -> Taken:
    """Judge and register what is new in 收件. Raises RegisterError, and as `fill`."""
    register, law = folder.open(), catalog or catalogs.default()
    known, files = known_digests(register), _files(folder)
    new = {name: mark for name, (_, mark) in files.items() if mark not in known}
    received = Received(known=len(files) - len(new))
    summary: Summary | None = None
    unread: list[str] = []
    if new:
        today = dt.date.today()
        number = next_batch(register, today.year)
        out = folder.out / f"{number}批"
        own = folder.path / FORMS / templates.LEDGER
        summary = fill(
            folder.inbox, out, on=on, policy=policy, replace=True, jobs=jobs, limits=limits,
            template=template or (own if own.is_file() else None), progress=progress, catalog=catalog, only=new,
            bureau=bureau,
        )  # fmt: skip
        contents, unread = _contents(summary.records, files)
        arrivals = [_arrival(record) for record in summary.records if record.digest in contents]
        taken = receive(
            register, arrivals, contents.__getitem__, law, who=folder.who(who), folder=folder.inbox.name,
            received_from=received_from, on=today,
        )  # fmt: skip
        taken.known += received.known
        received = taken
        if received.number not in ("", number):  # another clerk's batch came first
            os.replace(out, folder.out / f"{received.number}批")
    ledger = folder.out / f"{CLAIMS_LEDGER}.xlsx"
    ledgers.write(register, CLAIMS_LEDGER, ledger, folder)
    return Taken(received, summary, str(ledger), unread)


def _files(folder: Folder) -> dict[str, tuple[Path, str]]:
    """The inbox's files by name, each with its digest; those that are never forms are left out."""
    found = {}
    for path, name, skipped in walk(folder.inbox, folder.out):
        if not skipped:
            try:
                found[name] = (path, digest(path))
            except OSError:  # told by `fill`, which tries again
                found[name] = (path, "")
    return found


def _contents(records: Sequence[Record], files: Mapping[str, tuple[Path, str]]) -> tuple[dict[str, bytes], list[str]]:
    """The bytes of what was judged, by digest; and the files that are not what was judged any more."""
    contents: dict[str, bytes] = {}
    unread = []
    for record in records:
        path, mark = files[record.file]
        if record.digest in contents:
            continue
        try:
            data = path.read_bytes() if record.digest and record.digest == mark else None
        except OSError:
            data = None
        if data is None or hashlib.sha256(data).hexdigest() != record.digest:
            unread.append(readable(record.file))
        else:
            contents[record.digest] = data
    return contents, unread


def _arrival(record: Record) -> Arrival:
    judged = record.judged
    decided = judged.model_dump() | {"inputs": record.inputs, "year_by": judged.year_by} if judged else {}
    if judged and record.extra:
        decided["answers"] = dict(record.extra)
    claim = record.claim
    if claim is not None and not claim.code and record.code:
        claim = claim._replace(code=record.code)
    return Arrival(
        readable(record.file), record.digest, record.place, record.member, record.sheet, record.nth, record.why,
        record.enterprise, record.code, record.county, record.key[1] if record.key else "", record.rule, record.title,
        record.at, record.project, record.problems, (*record.hints, *record.beside), record.bank, claim, decided,
        {name: cell for name, _, cell in record.values if cell}, record.vouchers, record.issue,
        record.county_amount, record.asked,
    )  # fmt: skip
