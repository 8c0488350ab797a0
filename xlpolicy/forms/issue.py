"""For whom a form was sent out, as its hidden sheet says it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from xlpolicy.faults import Fault
from xlpolicy.forms.layout import Layout
from xlpolicy.money import clean

#: the rows of the hidden sheet, in their order
KEYS = ("issue_batch", "issue_serial", "issue_code", "issue_filled", "issue_digest")


class Issue(NamedTuple):
    """The batch, its number in it, the enterprise's code, the fields that were filled in beforehand.

    `sound`: whether the hidden sheet's own mark agrees; it tells an edited sheet, and does not pretend to be a signature.
    """

    batch: str
    serial: int
    code: str
    filled: frozenset[str] = frozenset()
    sound: bool = True

    @property
    def shown(self) -> str:
        """As people and the register call it."""
        return f"{self.batch}/{self.serial}"

    def rows(self, plan: Layout) -> tuple[str, ...]:
        """What the hidden sheet says of it, beside `KEYS`."""
        words = (self.batch, str(self.serial), self.code, " ".join(sorted(self.filled)))
        law = (plan.document.key, plan.rule.id, plan.unit)
        return (*words, hashlib.sha256("\n".join((*words, *law)).encode()).hexdigest()[:32])


def issue_of(said: Mapping[str, str], plan: Layout) -> Issue | None:
    """The issue that a returned form's hidden sheet names, None where it names none."""
    batch, serial, code, filled, mark = (said.get(key, "") for key in KEYS)
    if not batch:
        return None
    number = serial.removesuffix(".0")
    found = Issue(batch, int(number) if number.isdecimal() and len(number) < 10 else 0, code, frozenset(filled.split()))
    return found._replace(sound=found.serial > 0 and found.rows(plan)[-1] == mark)


def of_row(issue: Issue, number: int) -> Issue:
    """The issue as a row of a list form sees it: what was filled in beforehand of that row (`@` and its number), by field."""
    end = f"@{number}"
    return issue._replace(filled=frozenset(key.removesuffix(end) for key in issue.filled if key.endswith(end)))


def issue_doubts(issue: Issue, code: str) -> Iterator[Fault]:
    """What a returned form says otherwise than it was sent; `code`: the one that is stated in it."""
    if not issue.sound:
        got = f"记载发给谁的隐藏工作表被改动（写着 {issue.shown} {issue.code}）"
        yield Fault("issue_changed", got=got, remedy="核对这份表是谁报来的", severity="warning")
    elif issue.code and code and clean(code).upper() != issue.code:
        got = f"这份表是发给 {issue.code} 的（{issue.shown}），填的是 {code.strip()}"
        remedy = "核对是不是用了别家的表；预先填好的户名、账号、联系人也要核对"
        yield Fault("issued_to_other", item="ent_uscc", got=got, remedy=remedy, severity="warning")
