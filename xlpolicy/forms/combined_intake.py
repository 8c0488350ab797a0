"""A returned combined form: what is common, read once like any form; what became of the sheets that nobody filled in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.check import Findings, check_form
from xlpolicy.forms.closing import declared, margins
from xlpolicy.forms.common import Common
from xlpolicy.forms.hidden_sheets import Identities, Identity, titled
from xlpolicy.forms.layout import Layout, match_text
from xlpolicy.forms.locate import Located, Spot, label_places, locate, untouched
from xlpolicy.forms.opened import Book, Rows
from xlpolicy.forms.own_look import COMMON_SHEET
from xlpolicy.forms.placed import without_own
from xlpolicy.forms.printed import changes, print_of
from xlpolicy.forms.returned import Returned
from xlpolicy.law.records import Rule

_MISSING = Fault(
    "common_missing", got=f"“{COMMON_SHEET}”这张表不见了或被隐藏，读不出单位和账户", expected=f"原样的“{COMMON_SHEET}”",
    remedy="请对方在原申请表（.xlsx）里填写后发回，各张表都不要删去",
)  # fmt: skip

#: what words of the sender's own are told as
_WRITTEN = ("outside", "comment", "text_box", "label_changed", "unit_line_changed")


def as_sent(rows: Rows, plan: Layout) -> Located:
    """The fields of a form that is as it was sent."""
    spots = {f.key: Spot((f.row, f.column), rows[f.row][f.column], f.unit) for f in plan.fields}
    return Located(spots, (0, len(rows), 0, len(rows[0])))


def read_common(book: Book, identity: Identity | None, unread: Collection[str]) -> Common:
    """What is filled in for all provisions; told as missing where nothing says how its sheet stood. Raises Unreadable."""
    if identity is None:
        return Common("", problems=(_MISSING,))
    plan, said = identity.plan, identity.said
    assert plan is not None and said is not None
    named = (sheet for sheet in book.sheets if sheet == identity.sheet)
    by_title = (sheet for sheet in book.sheets if titled(book.rows(sheet), said.title))
    sheet = next((s for found in (named, by_title) for s in found if s not in unread), None)
    if sheet is None or not book.rows(sheet):
        return Common("", problems=(*identity.problems, _MISSING))
    rows, seen = book.rows(sheet), without_own(plan, book.seen(sheet))
    area = (0, len(rows), 0, max(map(len, rows)))
    if untouched(rows, plan):
        located, changed = as_sent(rows, plan), []
    else:
        located = locate(rows, plan, label_places(rows, plan.by_label), book.names(sheet), area)
        changed = list(changes(plan, said or print_of(plan, plan.version), rows, located))
    special = book.special(sheet) if seen is None or sheet in book.looks else seen.special()
    findings = Findings(sheet, plan.unit, book.date1904, special, list(identity.problems), seen, shared=True)
    values = check_form(plan, located, findings)
    who = filter(None, (values.enterprise.get("name", ""), values.enterprise.get("legal_person", "")))
    findings.problems += (_on(sheet, fault) for fault in changed)
    findings.problems += declared(plan, rows, area, sheet, True, who)
    findings.problems += margins(plan, seen.margins if seen else (), sheet)
    raw: dict[str, Any] = {key: spot.value for key, spot in located.spots.items()}
    groups = {"ent": values.enterprise, "prj": values.project}
    return Common(sheet, groups, values.cells, raw, tuple(findings.problems))


def _on(sheet: str, fault: Fault) -> Fault:
    return replace(fault, where=reference(sheet, fault.where))


def not_declared(
    identities: Identities, used: Collection[Rule], blank: Sequence[tuple[Rule, str]], unread: Collection[str]
) -> Iterator[Fault]:
    """The provisions of a combined form that are not applied for, and why one thinks so. `used`: those that are; `blank`:
    sheets without anything on them; `unread`: sheets that are told of already."""
    for identity in identities.forms:
        plan = identity.plan
        if plan is None or plan.rule in used or identity.sheet in unread:
            continue
        sheet = next((sheet for rule, sheet in blank if rule is plan.rule), None)
        remedy = "问对方是否申报；要申报的，填好后重新发来"
        if sheet is not None:
            got = f"“{plan.rule.title}”没有填写，按不申报这一条处理"
            yield Fault("not_declared", reference(sheet), got=got, remedy=remedy, severity="warning")
        else:
            got = f"“{plan.rule.title}”的表（“{identity.sheet}”）被删去了，按不申报这一条处理"
            yield Fault("not_declared", got=got, remedy=remedy, severity="warning")


def beside_blank(found: Iterable[Returned]) -> Iterator[Fault]:
    """What the sender wrote on sheets whose fields nobody filled in: it may be the claim."""
    for form in found:
        for fault in form.problems if form.status == "blank" else ():
            if fault.code in _WRITTEN and fault.sheet == form.sheet:
                yield replace(fault, severity="warning")


def vouchers_of(book: Book, plan: Layout) -> str:
    """The sheet of a provision's invoices, "" where it has none (any more)."""
    named = plan.look.vouchers if plan.look else ""
    if named in book.sheets:
        return named
    heading = match_text(f"{plan.title}附表")
    lists = (sheet for sheet in book.sheets if named and "inv_table" in book.names(sheet))
    return next(
        (s for s in lists if any(type(v) is str and match_text(v) == heading for row in book.rows(s)[:3] for v in row)),
        "",
    )
