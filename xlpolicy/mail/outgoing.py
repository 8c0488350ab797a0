"""Personalised forms: one file an enterprise of the list, filled in with what is known, numbered, and kept in mind.

In a working folder the batch is a row each in the register, so that a reply is known by its number; elsewhere the
number is made of the list, and nothing remembers it.
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlpolicy.faults import InvalidInput
from xlpolicy.forms.combined import Combined, common_plan, list_plan
from xlpolicy.forms.issue import Issue
from xlpolicy.forms.layout import Layout, layout
from xlpolicy.forms.list_form import ListForm, known_of_rows
from xlpolicy.forms.personal import Author, CombinedAuthor
from xlpolicy.forms.restyled import NAME
from xlpolicy.law.in_force import Found
from xlpolicy.mail.recipients import Recipient, Recipients, in_rows, read_recipients
from xlpolicy.register.folder import Folder
from xlpolicy.register.issuing import add_issues, issued_before, known_of, next_issue, open_issues
from xlpolicy.sheets import template as templates
from xlpolicy.sheets.files import file_name
from xlpolicy.sheets.fonts import FONTS

#: below 结果, where the batches of forms stand
OUT = "发表"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A batch of forms that was written. `known`: forms into which the register put something that the list lacked;
    `again`: code and earlier number of those to whom this form was sent before and who have not answered; `aside`: where the
    forms went that an earlier run left, which was cut off before they were recorded."""

    batch: str
    folder: Path
    files: Sequence[str]
    listed: Recipients
    known: int = 0
    again: Sequence[tuple[str, str]] = ()
    registered: bool = False
    aside: Path | None = None

    @property
    def without_address(self) -> int:
        return sum(1 for row in self.listed.rows if not row.address)

    def model_dump(self) -> dict[str, Any]:
        """Plain data for programs."""
        return {
            "batch": self.batch, "folder": str(self.folder), "files": list(self.files), "registered": self.registered,
            "known": self.known, "again": [{"code": code, "issue": shown} for code, shown in self.again],
            "doubts": [fault.as_dict() for fault in self.listed.doubts], "unused": list(self.listed.unused),
            "without_address": self.without_address, "aside": str(self.aside or ""),
        }  # fmt: skip


def write_forms(
    founds: Sequence[Found], listed: Path, *, out: Path | None = None, unit: str = "万元", year: str = "", due: str = "",
    folder: Folder | None = None, who: str = "", fonts: Mapping[str, str] | None = None, template: Path | None = None,
    rows_each: int | None = None, force: bool = False,
) -> Outgoing:  # fmt: skip
    """A form for every row of the list, into a folder that is not there yet; of several provisions a combined one, a list form
    where each is to have rows (`rows_each`). All are written, or none. `template`: the look of the forms, without it that of the working folder;
    `force`: also where the same forms were written for the same list before.

    Raises ListError for anything wrong in the list, FileExistsError, NotComputable, TemplateError, InvalidInput, RegisterError, OSError.
    """
    plans = [layout(found.document, found.article, unit) for found in founds]
    recipients = read_recipients(listed, _known(plans, rows_each))
    if rows_each is not None:
        recipients = in_rows(listed, recipients, common_plan(plans), rows_each)
    documents, rules = (" ".join(of) for of in zip(*((p.document.key, p.rule.id) for p in plans), strict=True))
    title = founds[0].rule.title if len(founds) == 1 else f"{founds[0].rule.title}等{len(founds)}条"
    year = year or str(dt.date.today().year)
    register = folder.open() if folder else None
    known: Mapping[str, Mapping[str, str]] = {}
    again: list[tuple[str, str]] = []
    if register is None:
        batch = f"{year}-{hashlib.sha256(listed.read_bytes()).hexdigest()[:8]}"
    else:
        known = known_of(register, (row.code for row in recipients.rows))
        with register.reading() as connection:
            batch = next_issue(connection, year)
            same = [(row.code, row.name, row.address, row.year or year) for row in recipients.rows]
            earlier = "" if force else issued_before(connection, documents, rules, due, same)
            before = open_issues(connection, [found.rule.id for found in founds], year)
        if earlier:
            raise InvalidInput(
                f"这份名单的这张表已经写过一批：{earlier}，没有再写", where=listed.name, expected="一份名单写一次",
                remedy=f"接着发：xlpolicy mail send {earlier}，催报：xlpolicy mail remind {earlier}；确实要再写一批的加 --force",
            )  # fmt: skip
        again = [(row.code, before[row.code]) for row in recipients.rows if row.code in before]
    target = out or (folder.out / OUT / batch if folder else Path(batch))
    own = (
        register is not None and out is None
    )  # the folder of a batch: only a run that was cut off leaves one unrecorded
    if not own and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(errno.EEXIST, "已经有这个文件夹，里面有文件", str(target))
    look = template or (folder.form_template if folder else None)
    author: Author | CombinedAuthor
    if rows_each is not None:
        author = CombinedAuthor(ListForm(plans[0], rows_each, look or templates.find(NAME)))
    elif len(plans) == 1:
        author = Author(plans[0], fonts or FONTS, look)
    else:
        author = CombinedAuthor(Combined(plans, look or templates.find(NAME)))
    names = _names(recipients.rows, title, year)
    rows: list[dict[str, Any]] = []
    target.parent.mkdir(parents=True, exist_ok=True)
    holder = Path(tempfile.mkdtemp(prefix=".~发表-", dir=target.parent))
    try:
        for serial, (row, name) in enumerate(zip(recipients.rows, names, strict=True), 1):
            values = {**{k: v for k, v in known.get(row.code, {}).items() if k != "ent_name"}, **row.values}
            data = author.made(values, Issue(batch, serial, row.code))
            (holder / name).write_bytes(data)
            rows.append({
                "serial": serial, "code": row.code, "name": row.name, "county": str(values.get("ent_county", "")),
                "address": row.address, "document": documents, "rule": rules, "title": title, "year": row.year or year, "file": name,
                "digest": hashlib.sha256(data).hexdigest(), "due": due, "issued_on": dt.date.today().isoformat(),
            })  # fmt: skip
        os.chmod(holder, 0o755)

        aside: Path | None = None

        def placed() -> None:
            nonlocal aside
            if target.is_dir() and any(target.iterdir()):
                aside = _aside(target)
            elif target.is_dir():
                target.rmdir()
            os.rename(holder, target)

        if register is None or folder is None:
            placed()
        elif not add_issues(register, batch, rows, who=folder.who(who), placed=placed):
            # another clerk's batch took the number meanwhile
            return write_forms(
                founds, listed, out=out, unit=unit, year=year, due=due, folder=folder, who=who, fonts=fonts, template=template, rows_each=rows_each, force=force,
            )  # fmt: skip
    finally:
        shutil.rmtree(holder, ignore_errors=True)
    helped = sum(1 for row in recipients.rows if set(known.get(row.code, ())) - {"ent_name"} - set(row.values))
    return Outgoing(batch, target, names, recipients, helped, again, register is not None, aside)


def _known(plans: Sequence[Layout], rows_each: int | None) -> Layout:
    """What the list may say of each form."""
    if rows_each is not None:
        return known_of_rows(plans[0])
    return plans[0] if len(plans) == 1 else list_plan(plans)


def _aside(target: Path) -> Path:
    """Move what a run left that was cut off; where it went."""
    number = 1
    while (moved := target.with_name(f"{target.name}_中断的{number}")).exists():
        number += 1
    os.rename(target, moved)
    return moved


def _names(rows: Iterable[Recipient], title: str, year: str) -> list[str]:
    """代码_条款_年度.xlsx; a second project of an enterprise is numbered. No two are the same on any system."""
    taken: set[str] = set()
    names = []
    for row in rows:
        stem = f"{row.code}_{title}"[:70]
        name, number = file_name(f"{stem}_{row.year or year}.xlsx"), 1
        while name.casefold() in taken:
            number += 1
            name = file_name(f"{stem}_{row.year or year}_{number}.xlsx")
        taken.add(name.casefold())
        names.append(name)
    return names
