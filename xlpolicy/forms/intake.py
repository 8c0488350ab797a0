"""收件: a returned file -> one record per form found, every problem of the file at once, each with its cell.

`read_returned` never raises for what somebody mailed: a file that cannot be read, a sheet that is no form and a
field that cannot be understood all come back as records with problems. Nothing is guessed and nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.check import Findings, check_form
from xlpolicy.forms.layout import (
    FORM_VERSION,
    IDENTITY_MARK,
    IDENTITY_SHEET,
    VOUCHER_SHEET,
    Layout,
    layout,
)
from xlpolicy.forms.locate import MIN_LABELS, Located, Spot, areas, label_places, locate, untouched
from xlpolicy.forms.read import MAX_ROWS, Book, Rows, Source, open_bytes, open_file
from xlpolicy.forms.recognise import UNIT_UNKNOWN, Recogniser, recogniser
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.records import Document, Rule
from xlpolicy.sheets.package import Unreadable

Status = Literal["ok", "needs_correction", "blank", "unreadable", "not_a_form"]

__all__ = ["Returned", "Status", "read_bytes", "read_returned", "refused"]


@dataclass(frozen=True)
class Returned:
    """One form that came back. `inputs` are typed and ready for `assess`; only what was stated and understood.

    `enterprise` keeps the raw spelling (codes without white space); `cells`: field key -> "sheet!B7".
    `index`: which member of a zip it came from, None where the file is not taken apart; `size`: bytes of its file.
    """

    file: str
    member: str
    sheet: str
    document: Document | None
    rule: Rule | None
    unit: str
    status: Status
    enterprise: dict[str, str] = field(default_factory=dict)
    project: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, bool] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    problems: tuple[Fault, ...] = ()
    index: int | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class _Identity:
    """What the hidden sheet says: the plan, or why it cannot be used."""

    plan: Layout | None
    problems: tuple[Fault, ...] = ()


def read_returned(path: Path, catalog: Catalog) -> list[Returned]:
    """Every form in a returned file (or in a zip of them); at least one record, whatever the file is."""
    return _read(open_file(Path(path)), catalog)


def read_bytes(data: bytes, file: str, catalog: Catalog) -> list[Returned]:
    """As `read_returned`, for the content of a file at hand; `file` is its name."""
    return _read(open_bytes(data, file), catalog)


def refused(file: str, failure: Unreadable) -> Returned:
    """The record of a file that is not read at all."""
    return _unreadable(Source(file, "", None), failure)


def _read(sources: Iterator[Source], catalog: Catalog) -> list[Returned]:
    found: list[Returned] = []
    for source in sources:
        try:
            forms = _forms(source, catalog)
        except Unreadable as failure:
            forms = [_unreadable(source, failure)]
        found.extend(replace(form, index=source.index, size=source.size) for form in forms)
    return found


def _unreadable(source: Source, failure: Unreadable) -> Returned:
    return Returned(source.file, source.member, "", None, None, "", "unreadable", problems=(failure.problem,))


def _forms(source: Source, catalog: Catalog) -> list[Returned]:
    book = source.book
    if book is None:
        assert source.failure is not None
        return [_unreadable(source, source.failure)]
    warnings = tuple(book.warnings)
    identity = _identity(book, catalog)
    found: list[Returned] = []
    for sheet in book.sheets:
        if sheet == IDENTITY_SHEET or (sheet == VOUCHER_SHEET and "inv_table" in book.names(sheet)):
            continue
        rows = book.rows(sheet)
        plan = identity.plan
        if not rows:
            continue
        if plan is not None and untouched(rows, plan):
            spots = {f.key: Spot((f.row, f.column), rows[f.row][f.column], f.unit) for f in plan.fields}
            located = Located(spots, (0, len(rows), 0, len(rows[0])))
            found.append(_record(source, book, sheet, plan, located, (*warnings, *identity.problems)))
        else:
            found.extend(_edited(source, book, sheet, rows, identity, warnings, recogniser(catalog)))
    if found:
        return found
    problem = Fault(
        "not_a_form", got="没有找到申请表（认不出栏目）", expected="由本单位发出的申请表",
        remedy="请对方使用发出的申请表填写，不要改动栏目名称",
    )  # fmt: skip
    return [Returned(source.file, source.member, "", None, None, "", "not_a_form", problems=(*warnings, problem))]


def _identity(book: Book, catalog: Catalog) -> _Identity:
    if IDENTITY_SHEET not in book.sheets:
        return _Identity(None)
    said = {str(row[0]): str(row[1]) for row in book.rows(IDENTITY_SHEET) if len(row) > 1 and row[0] != ""}
    version = said.get(IDENTITY_MARK)
    if version is None:
        return _Identity(None)
    document = catalog.documents.get(said.get("document", ""))
    rule = document.rules.get(said.get("provision", "")) if document else None
    if document is None or rule is None or rule.amount is None or said.get("unit") not in ("万元", "元"):
        problem = Fault(
            "unknown_provision", reference(IDENTITY_SHEET),
            got=f"申请表对应的条款（{said.get('document')} {said.get('provision')}）不在已载入的政策里",
            expected="已载入的政策文件和条款", remedy="核对政策文件夹，或请对方改用现行申请表",
        )  # fmt: skip
        return _Identity(None, (problem,))
    problems: tuple[Fault, ...] = ()
    if version.removesuffix(".0") != FORM_VERSION:
        problems = (
            Fault(
                "form_version", reference(IDENTITY_SHEET), got=f"表样是第 {version} 版", expected=f"第 {FORM_VERSION} 版",
                remedy="按栏目核对读取结果", severity="warning",
            ),
        )  # fmt: skip
    return _Identity(layout(document, rule, said["unit"]), problems)


def _edited(
    source: Source, book: Book, sheet: str, rows: Rows, identity: _Identity,
    warnings: tuple[Fault, ...], known: Recogniser,
) -> Iterator[Returned]:  # fmt: skip
    """The forms on a sheet that is not as it was sent."""
    generic = label_places(rows, known.common)
    names = book.names(sheet)
    own_names = sum(1 for name in names if identity.plan and name in identity.plan.by_key)
    if len(generic) < MIN_LABELS and own_names < MIN_LABELS:
        return
    for area in areas(rows, generic):
        plan, problems = known.plan(rows, area, identity.plan, sheet)
        if plan is None:
            inside = (*warnings, *(identity.problems or problems))
            yield Returned(
                source.file, source.member, sheet, None, None, "", "not_a_form",
                known.enterprise(rows, area), problems=inside,
            )  # fmt: skip
            continue
        located = locate(rows, plan, label_places(rows, plan.by_label), names, area)
        extra = identity.problems if identity.plan is plan else ()
        yield _record(source, book, sheet, plan, located, (*warnings, *extra, *problems), edited=rows)


def _record(
    source: Source, book: Book, sheet: str, plan: Layout, located: Located,
    problems: tuple[Fault, ...], edited: Rows | None = None,
) -> Returned:  # fmt: skip
    unit = "" if any(p.code == UNIT_UNKNOWN for p in problems) else plan.unit
    if sheet in book.cut:
        got, remedy = f"工作表超过 {MAX_ROWS} 行，其后没有读取", "看第 {MAX_ROWS} 行之后有没有需要处理的内容"
        problems = (
            *problems,
            Fault("cut", reference(sheet), got=got, remedy=remedy.format(MAX_ROWS=MAX_ROWS), severity="warning"),
        )
    findings = Findings(sheet, unit, book.date1904, book.special(sheet), list(problems))
    values = check_form(plan, located, findings, edited)
    status: Status = "ok"
    if values.blank and not any(p.severity == "error" for p in problems):
        status = "blank"
        remedy = "请对方填写后重新发来"
        findings.problems.append(
            Fault("blank", reference(sheet), got="申请表没有填写", expected="填好的申请表", remedy=remedy)
        )
    elif any(p.severity == "error" for p in findings.problems):
        status = "needs_correction"
    return Returned(
        source.file, source.member, sheet, plan.document, plan.rule, unit, status,
        values.enterprise, values.project, values.inputs, values.attachments, values.cells,
        tuple(findings.problems),
    )  # fmt: skip
