"""What the hidden sheets of a returned workbook say: which forms it holds, how they left, for whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.issue import Issue, issue_of
from xlpolicy.forms.layout import (
    EARLIER,
    FORM_VERSION,
    IDENTITY_MARK,
    IDENTITY_SHEET,
    VERSIONS,
    Layout,
    layout,
    match_text,
)
from xlpolicy.forms.opened import Book, Rows
from xlpolicy.forms.printed import Print, as_printed, read_print
from xlpolicy.law.catalog import Catalog

_HIDDEN = re.compile(rf"{IDENTITY_SHEET}\d*")
#: rows in which a title stands
_HEAD = 6


@dataclass(frozen=True, slots=True)
class Identity:
    """What the hidden sheet says: the plan, or why it cannot be used."""

    plan: Layout | None
    problems: tuple[Fault, ...] = ()
    said: Print | None = None
    issue: Issue | None = None

    @property
    def sheet(self) -> str:
        """The sheet of it in a combined form, "" for one that is alone in its file."""
        return self.plan.look.stands if self.plan and self.plan.look else ""


NOBODY = Identity(None)


@dataclass(frozen=True, slots=True)
class Identities:
    """Those of a workbook: of one form (`alone`), or of a combined form: of the sheet of what is common, and its forms."""

    alone: Identity = NOBODY
    common: Identity | None = None
    forms: Sequence[Identity] = ()

    @property
    def combined(self) -> bool:
        """Whether it is a combined form, its sheet of what is common among it or not."""
        return bool(self.forms)

    @property
    def sheets(self) -> frozenset[str]:
        """Sheets that a bureau added."""
        looks = (
            one.plan.look for one in (self.alone, *([self.common] if self.common else ()), *self.forms) if one.plan
        )
        return frozenset().union(*(look.sheets for look in looks if look))

    @property
    def vouchers(self) -> frozenset[str]:
        """The sheets of invoices of a combined form."""
        return frozenset(one.plan.look.vouchers for one in self.forms if one.plan and one.plan.look)

    def of(self, sheet: str, rows: Rows) -> Identity:
        """Which one a sheet is: by its name, else by the title that stands on it."""
        if not self.combined:
            return self.alone
        named = next((one for one in self.forms if one.sheet == sheet), None)
        return named or next((one for one in self.forms if one.plan and titled(rows, one.plan.title)), NOBODY)


def titled(rows: Rows, title: str) -> bool:
    """Whether a title stands at the head of a sheet."""
    plain = match_text(title)
    return any(type(value) is str and match_text(value) == plain for row in rows[:_HEAD] for value in row)


def is_hidden(sheet: str) -> bool:
    """Whether a sheet is one of those that say what a form is."""
    return _HIDDEN.fullmatch(sheet) is not None


def identities_of(book: Book, catalog: Catalog) -> Identities:
    """What the hidden sheets of a workbook say. Raises Unreadable."""
    found = [_identity(book, sheet, catalog) for sheet in book.sheets if is_hidden(sheet)]
    common = next((one for one in found if one.plan and one.plan.look and one.plan.look.shared), None)
    if common is not None or any(one.sheet for one in found):
        return Identities(common=common, forms=[one for one in found if one is not common])
    return Identities(next(iter(found), NOBODY))


def _identity(book: Book, hidden: str, catalog: Catalog) -> Identity:
    said = {str(row[0]): str(row[1]) for row in book.rows(hidden) if len(row) > 1 and row[0] != ""}
    version = said.get(IDENTITY_MARK)
    if version is None:
        return Identity(None)
    document = catalog.documents.get(said.get("document", ""))
    rule = document.rules.get(said.get("provision", "")) if document else None
    if document is None or rule is None or rule.amount is None or said.get("unit") not in ("万元", "元"):
        problem = Fault(
            "unknown_provision", reference(hidden),
            got=f"申请表对应的条款（{said.get('document')} {said.get('provision')}）不在已载入的政策里",
            expected="已载入的政策文件和条款", remedy="核对政策文件夹，或请对方改用现行申请表",
        )  # fmt: skip
        return Identity(None, (problem,))
    problems: tuple[Fault, ...] = ()
    made = version.removesuffix(".0")
    listed = frozenset(key.removeprefix("label:") for key in said if key.startswith("label:"))
    if made not in VERSIONS:
        made = EARLIER[-1] if listed and "prj_applied_on" not in listed else FORM_VERSION
    plan = layout(document, rule, said["unit"], made, (listed or None) if made in EARLIER else None)
    own, whole = read_print(said, version, plan)
    try:
        plan = as_printed(plan, own)
    except (ValueError, KeyError, IndexError):
        whole = False
    if not whole:
        problems = (
            Fault(
                "identity_changed", reference(hidden), got="记载表样的隐藏工作表被改动，无法核对栏目",
                expected="原样的申请表", remedy="请对方在原申请表（.xlsx）里填写后发回",
            ),
        )  # fmt: skip
    elif version.removesuffix(".0") not in VERSIONS:
        problems = (
            Fault(
                "form_version", reference(hidden), got=f"表样是第 {version} 版", expected=f"第 {FORM_VERSION} 版",
                remedy="按栏目核对读取结果", severity="warning",
            ),
        )  # fmt: skip
    return Identity(plan, problems, own, issue_of(said, plan))
