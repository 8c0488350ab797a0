"""补正: the forms that wait for their enterprise to mend them, and what became of each.

A notice is open until a later form answers it (`receive`) or somebody ends it: nobody answered in time, the enterprise
withdrew. What is ended stays in the record; a form that comes later all the same is taken as any other, and told of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from xlpolicy.faults import nearest
from xlpolicy.register import tables
from xlpolicy.register.database import Register, RegisterError

#: the step that has a term: an enterprise mends its form
CORRECT = "补正"


@dataclass(frozen=True, slots=True)
class Notice:
    """One form that was sent back. `answer`: the file that answered it; `reason`, `ended_on`, `who`: of its ending, ""
    where it was not ended."""

    id: int
    form: int
    file: str
    name: str
    code: str
    county: str
    rule: str
    title: str
    project: str
    issue: str
    received_on: str
    text: str
    answer: str
    reason: str
    ended_on: str
    who: str

    @property
    def open(self) -> bool:
        """Whether it waits for the enterprise."""
        return not (self.answer or self.ended_on)

    @property
    def state(self) -> str:
        """In a word, for ledgers."""
        if self.answer:
            return "终止后报来" if self.ended_on else "已补正"
        return "已终止" if self.ended_on else "待补正"

    @property
    def end(self) -> str:
        """Of one that was ended: when, by whom, why."""
        return f"{self.ended_on} {self.who}：{self.reason}" if self.ended_on else ""


def still_open() -> ColumnElement[bool]:
    """Of a row of `notices`: that no form answered it, and nobody ended it."""
    n, closed, ended = tables.notices, tables.closings, tables.endings
    return n.c.id.not_in(select(closed.c.notice)) & n.c.id.not_in(select(ended.c.notice))


def notices(connection: Connection, *, only_open: bool = False) -> list[Notice]:
    """Every notice (or those that are open) in the order in which they were made, with what became of it."""
    n, f, b = tables.notices, tables.forms, tables.batches
    query = (
        select(
            n.c.id, n.c.form, f.c.file, f.c.name, f.c.code, f.c.county, f.c.rule, f.c.title, f.c.project, f.c.issue,
            b.c.received_on, n.c.text,
        )
        .join(f, f.c.id == n.c.form).join(b, b.c.id == f.c.batch).order_by(n.c.id)
    )  # fmt: skip
    answers: dict[int, str] = {}
    ends: dict[int, tuple[str, str, str]] = {}
    if only_open:
        query = query.where(still_open())
    else:
        c, e, j = tables.closings, tables.endings, tables.journal
        closed = connection.execute(select(c.c.notice, f.c.file).join(f, f.c.id == c.c.form))
        answers = {row.notice: row.file for row in closed}
        ended = connection.execute(select(e.c.notice, e.c.reason, e.c.ended_on, j.c.who).join(j, j.c.seq == e.c.entry))
        ends = {row.notice: (row.reason, row.ended_on, row.who) for row in ended}
    return [
        Notice(
            row.id, row.form, row.file, row.name, row.code, row.county, row.rule, row.title, row.project, row.issue or "",
            row.received_on, row.text, answers.get(row.id, ""), *ends.get(row.id, ("", "", "")),
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def end(
    register: Register, which: Callable[[Sequence[Notice]], Sequence[Notice]], *, who: str, on: dt.date, reason: str
) -> list[Notice]:
    """终止 what of the open notices `which` chooses (it may refuse). Returns them. Raises RegisterError."""
    if not reason.strip():
        raise RegisterError(
            "没有写终止的原因",
            where="--note",
            expected="记在登记库里的原因",
            remedy="加上原因，如 --note 通知后逾期未补正",
        )
    with register.writing("end", who, reason) as entry:
        chosen = which(notices(entry.connection, only_open=True))
        for notice in chosen:
            entry.add(tables.endings, notice=notice.id, reason=reason.strip(), ended_on=on.isoformat())
        return list(chosen)


def called(register: Register, name: str) -> Callable[[Sequence[Notice]], list[Notice]]:
    """Of open notices those of a file, or of an enterprise by name or code. Raises RegisterError where there is none."""

    def chosen(waiting: Sequence[Notice]) -> list[Notice]:
        found = [notice for notice in waiting if name in (notice.file, notice.name, notice.code)]
        if not found:
            known = [text for notice in waiting for text in (notice.file, notice.name, notice.code) if text]
            raise RegisterError(
                f"没有“{name}”等着补正的申请表", where=register.where, expected="xlpolicy status 列出的文件，或申报单位的名称、代码",
                remedy=nearest(name, known) if known else "没有等着补正的，不必终止",
            )  # fmt: skip
        return found

    return chosen
