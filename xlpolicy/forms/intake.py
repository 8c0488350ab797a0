"""收件: a returned file -> one record per form found, every problem of the file at once, each with its cell.

`read_returned` never raises for what somebody mailed: a file that cannot be read, a sheet that is no form and a
field that cannot be understood all come back as records with problems. Nothing is guessed and nothing is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from xlpolicy.faults import Fault, reference
from xlpolicy.forms.check import Findings, check_form
from xlpolicy.forms.closing import beside_estimate, declared, estimate, margins, opinions
from xlpolicy.forms.combined_intake import as_sent, beside_blank, not_declared, read_common, vouchers_of
from xlpolicy.forms.common import Common
from xlpolicy.forms.given_vouchers import rows_with_vouchers, with_vouchers
from xlpolicy.forms.hidden_sheets import Identities, Identity, identities_of, is_hidden
from xlpolicy.forms.issue import Issue, issue_doubts, of_row
from xlpolicy.forms.layout import (
    EARLIER,
    VOUCHER_SHEET,
    Field,
    Layout,
    address,
)
from xlpolicy.forms.list_intake import is_table, lines, not_filled_in
from xlpolicy.forms.locate import MIN_LABELS, Located, areas, label_places, locate, untouched
from xlpolicy.forms.normalise import shown
from xlpolicy.forms.opened import MAX_ROWS, Book, Rows
from xlpolicy.forms.own_answers import answers
from xlpolicy.forms.placed import without_own
from xlpolicy.forms.printed import changes, print_of
from xlpolicy.forms.read import Source, open_bytes, open_file
from xlpolicy.forms.recognise import (
    UNIT_UNKNOWN,
    UNKNOWN_DOCUMENT,
    Recogniser,
    county_summary,
    from_county,
    recogniser,
)
from xlpolicy.forms.returned import Returned, Status
from xlpolicy.law.catalog import Catalog
from xlpolicy.sheets.package import Unreadable

_LISTED = "看是不是联合申报或下属单位，要申报的请各填一份"
#: fields that name what a claim is for: no amount of one claim hangs on them
_NAMES = ("prj_object", "prj_loan")
_SAMPLE = re.compile("样表|样例|示例|范例|填写范本")
#: what a sheet that looks like a form is called where it only shows how
_SHOWS_HOW = re.compile("样本|范本|模板|(?:填写|填表|填报)说明|参考")
_VOID = "作废|废止|废弃|撤回|撤销|勿用"
_VOID_FILE, _VOID_SHEET = re.compile(_VOID), re.compile(f"{_VOID}|草稿|初稿|未定稿|不报|不申报|测试|旧表|未用")

__all__ = ["Returned", "Status", "read_bytes", "read_returned", "refused"]


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
    identities = identities_of(book, catalog)
    own = identities.sheets
    aside = tuple(fault for fault in _aside(book, recogniser(catalog)) if fault.sheet not in own)
    warnings = (*book.warnings, *aside, *_void(source))
    unread = {fault.sheet for fault in aside}
    found: list[Returned] = []
    extra: list[Fault] = []
    common = read_common(book, identities.common, unread) if identities.combined else None
    aside_of = {*unread, *own, *identities.vouchers, *([common.sheet] if common else [])}
    for sheet in book.sheets:
        if is_hidden(sheet) or sheet in aside_of or "inv_table" in book.names(sheet):
            continue
        rows = book.rows(sheet)
        if not rows:
            continue
        identity, before = identities.of(sheet, rows), len(found)
        plan = identity.plan
        if plan is not None and plan.look is not None and plan.look.table is not None:
            found.extend(_listed(source, book, sheet, plan, identity, warnings, common))
        elif plan is not None and untouched(rows, plan):
            located, problems = as_sent(rows, plan), (*warnings, *identity.problems)
            found.append(
                _record(source, book, sheet, plan, located, problems, issue=identity.issue, sent=True, common=common)
            )
        else:
            found.extend(_edited(source, book, sheet, rows, identity, warnings, recogniser(catalog), common))
            if len(found) == before and sheet != VOUCHER_SHEET:
                extra.extend(_extra(sheet, rows))
    if identities.combined:
        found = _together(found, identities, book, unread)
    if extra:
        found = [replace(form, problems=(*form.problems, *extra)) for form in found]
    vouchers = next((s for s in book.sheets if "inv_table" in book.names(s)), VOUCHER_SHEET)
    if found and not identities.combined and vouchers in book.sheets and vouchers not in unread:
        used = [form for form in found if form.status not in ("blank", "not_a_form")]
        return [with_vouchers(f, book, vouchers, alone=len(used) < 2) if f in (used or found[:1]) else f for f in found]
    if found:
        return found
    if any(_form_like(book, sheet, recogniser(catalog)) for sheet in unread):
        got = f"没有看得见的申请表，只有{'、'.join(p.got for p in aside)}"
        remedy = "请对方把申请表填在看得见的工作表里（取消隐藏，名字里不写样表、作废、草稿等字），重新发来"
        hidden = Fault("not_a_form", got=got, expected="看得见的申请表", remedy=remedy)
        return [Returned(source.file, source.member, "", None, None, "", "not_a_form", problems=(hidden,))]
    problem = Fault(
        "not_a_form", got="没有找到申请表（认不出栏目）", expected="由本单位发出的申请表",
        remedy="请对方使用发出的申请表填写，不要改动栏目名称",
    )  # fmt: skip
    return [Returned(source.file, source.member, "", None, None, "", "not_a_form", problems=(*warnings, problem))]


def _together(found: list[Returned], identities: Identities, book: Book, unread: Collection[str]) -> list[Returned]:
    """The forms of a combined form, each with its invoices; those that nobody filled in are told with the others."""
    used = [form for form in found if form.status != "blank"]
    if not used and found:
        return [
            replace(
                found[0],
                problems=tuple(
                    replace(p, got=_nothing(identities)) if p.code == "blank" else p for p in found[0].problems
                ),
            )
        ]
    blank = [(form.rule, form.sheet) for form in found if form.status == "blank" and form.rule]
    rules = [form.rule for form in used if form.rule]
    told = (*not_declared(identities, rules, blank, unread), *beside_blank(found))
    given = {id(form): form for form in used}
    for plan in [one.plan for one in identities.forms if one.plan]:
        sheet = vouchers_of(book, plan)
        own = [form for form in used if form.rule is plan.rule]
        if sheet and sheet not in unread:
            table = plan.look is not None and plan.look.table is not None
            each = (
                rows_with_vouchers(own, book, sheet)
                if table
                else [with_vouchers(f, book, sheet, alone=len(own) == 1) for f in own]
            )
            given |= {id(form): new for form, new in zip(own, each, strict=True)}
    return [replace(form, problems=(*form.problems, *told)) for form in given.values()]


def _nothing(identities: Identities) -> str:
    return "合表里一条也没有填写" if len(identities.forms) > 1 else "明细表里一笔也没有填写"


def _form_like(book: Book, sheet: str, known: Recogniser) -> bool:
    return len(label_places(book.rows(sheet), known.common)) >= MIN_LABELS


def _extra(sheet: str, rows: Rows) -> Iterator[Fault]:
    """A sheet that somebody added and that is no form: its first words."""
    texts = (shown(value) for row in rows for value in row if value != "" and str(value).strip())
    words = " ".join(islice(texts, 12))
    if words:
        got = f"另有工作表“{sheet}”，写有“{' '.join(words.split())[:60]}”"
        yield Fault("sheet_extra", reference(sheet), got=got, remedy="看里面有没有要处理的内容", severity="warning")


def _aside(book: Book, known: Recogniser) -> Iterator[Fault]:
    """Sheets that are never claims: hidden ones, samples and those that say so."""
    for sheet in book.sheets:
        kind = "样表" if _SAMPLE.search(sheet) else "写明不用的工作表" if _VOID_SHEET.search(sheet) else ""
        if not kind and _SHOWS_HOW.search(sheet) and _form_like(book, sheet, known):
            kind = "样表"
        kind = "隐藏的工作表" if sheet in book.hidden else kind
        if is_hidden(sheet) or not kind or not any(value != "" for row in book.rows(sheet) for value in row):
            continue
        got = f"{kind}“{sheet}”（没有当作申报读取）"
        yield Fault("sheet_aside", reference(sheet), got=got, remedy="看里面有没有要申报的内容", severity="warning")


def _void(source: Source) -> Iterator[Fault]:
    """What the name of a file says against it."""
    found = _VOID_FILE.search(source.shown)
    if found:
        got, remedy = f"文件名写着“{found[0]}”", "问对方这份还要不要，不要的从收件文件夹移走"
        yield Fault("void_name", got=got, remedy=remedy, severity="warning")


def _edited(
    source: Source, book: Book, sheet: str, rows: Rows, identity: Identity,
    warnings: tuple[Fault, ...], known: Recogniser, common: Common | None,
) -> Iterator[Returned]:  # fmt: skip
    """The forms on a sheet that is not as it was sent."""
    if is_table(rows):
        problem = Fault(
            "identity_changed", reference(sheet), got="是明细表，记载表样的隐藏工作表不在了，认不出是哪个条款、怎样读",
            expected="原样的明细表", remedy="请对方在原来的明细表（.xlsx）里填写后整个文件发回，不要把表复制到别的文件",
        )  # fmt: skip
        about = known.enterprise(rows, (0, len(rows), 0, 0))
        yield Returned(
            source.file, source.member, sheet, None, None, "", "needs_correction", about, problems=(*warnings, problem)
        )
        return
    summary, head = county_summary(rows, known.common)
    if summary and identity.plan and head > identity.plan.declaration_row:  # a list that the sender put below the form
        rows, got = rows[:head], f"表下另列了 {summary} 家单位，没有当作申报读取"
        note = Fault("outside", reference(sheet, address(head, 0)), got=got, remedy=_LISTED, severity="warning")
        warnings = (*warnings, note)
    elif summary:
        of = f"前 {MAX_ROWS} 行" if sheet in book.cut else "共"
        problem = Fault(
            "county_summary", reference(sheet), got=f"是汇总表（一行一家，{of} {summary} 家），不是一家一表的申请表",
            expected="每家单位一份申请表",
            remedy="请各单位分别填申请表报送；县区填好的县区汇总表，用 xlpolicy review load 载入；要按汇总数据测算，用 xlpolicy settle --blank 生成申报清单，逐行填入",
        )  # fmt: skip
        if from_county(rows):
            got, remedy = f"是县区填回的汇总表（{summary} 笔），不在这里载入", "运行 xlpolicy review load 这个文件"
            problem = replace(problem, got=got, expected="", remedy=remedy)
        yield Returned(
            source.file, source.member, sheet, None, None, "", "not_a_form", problems=(*warnings, problem)
        )  # fmt: skip
        return
    generic = label_places(rows, known.common)
    names = book.names(sheet)
    own_names = sum(1 for name in names if identity.plan and name in identity.plan.by_key)
    if len(generic) < MIN_LABELS and own_names < MIN_LABELS:
        return
    for area in areas(rows, generic):
        plan, problems = known.plan(rows, area, identity.plan, sheet)
        strange = identity.plan is None and identity.problems
        if plan is None or strange:
            inside = (*warnings, *(identity.problems or problems))
            inherited = bool(strange) or any(p.code == UNKNOWN_DOCUMENT for p in problems)
            status: Status = "needs_correction" if inherited and known.cites(rows, area) else "not_a_form"
            yield Returned(
                source.file, source.member, sheet, None, None, "", status,
                known.enterprise(rows, area), problems=inside,
            )  # fmt: skip
            continue
        sent = identity.plan is plan
        located = locate(rows, plan, label_places(rows, plan.by_label), names, area)
        if plan.version in EARLIER and not (identity.plan is plan and identity.said and identity.said.listed):
            plan, located = _without_later(plan, located, book.named)
        extra = identity.problems if sent else ()
        own = identity.said if sent and identity.said else print_of(plan, plan.version)
        told = {"unit_line_changed"} if any(p.code == UNIT_UNKNOWN for p in problems) else set()
        changed = tuple(
            replace(fault, where=reference(sheet, fault.where))
            for fault in changes(plan, own, rows, located)
            if fault.severity == "error" or fault.code not in told
        )
        unasked = [f for f in plan.fields if f.key in _NAMES and f.key not in own.labels]
        unasked = [f for f in unasked if located.spots[f.key].state == "no_label"]
        plan, located = _without(plan, located, {f.key for f in unasked})
        problems = (*warnings, *extra, *problems, *(_unnamed(sheet, f) for f in unasked))
        issue = identity.issue if sent else None
        record = _record(source, book, sheet, plan, located, problems, changed, issue=issue, sent=sent, common=common)
        later = {f.item_name for f in plan.fields if f.key not in own.labels}
        yield replace(record, problems=tuple(_asked_since(p, later) for p in record.problems)) if later else record


def _listed(
    source: Source, book: Book, sheet: str, plan: Layout, identity: Identity, warnings: tuple[Fault, ...],
    common: Common | None,
) -> list[Returned]:  # fmt: skip
    """The claims of a list form, one a row; a table that nobody filled in is one blank form."""
    own = identity.said or print_of(plan, plan.version)
    found, of_all = lines(book, sheet, plan)
    read: list[Returned] = []
    table = plan.look.table if plan.look else None
    assert table is not None

    def own_issue(row: int) -> Issue | None:
        return of_row(identity.issue, row - table.first) if identity.issue else None

    for line in found:
        rows = line.book.rows(sheet)
        changed = (replace(f, where=reference(sheet, f.where)) for f in changes(line.plan, own, rows, line.located))
        problems = (*warnings, *identity.problems, *of_all, *line.faults)
        record = _record(
            source, line.book, sheet, line.plan, line.located, problems, tuple(changed),
            sent=True, issue=own_issue(line.row + 1), common=common,
        )  # fmt: skip
        read.append(replace(record, line=line.row + 1, number=line.number))
    used = [record for record in read if record.status != "blank"]
    left = [r.line for r in read if r.status == "blank" and (sent := own_issue(r.line)) and sent.filled]
    told = tuple(not_filled_in(sheet, left))
    return [replace(record, problems=(*record.problems, *told)) for record in used] or read[:1]


def _asked_since(fault: Fault, later: set[str]) -> Fault:
    """Of a field that is asked since the form was sent, nobody has changed its label."""
    if fault.code != "label_missing" or fault.item not in later:
        return fault
    got = f"{fault.got}：这份表发出时还没有它"
    return replace(fault, got=got, remedy="请对方换用现在的申请表填写后发回")


def _without_later(plan: Layout, located: Located, named: frozenset[str]) -> tuple[Layout, Located]:
    """A form of an earlier version that does not say which fields it had: those not on it, and not required, are later,
    unless the file still has a name for their cell: then somebody deleted them.
    """
    missing = (f for f in plan.fields if f.group == "in" and located.spots[f.key].state == "no_label")
    return _without(plan, located, {f.key for f in missing if not f.required and f.key not in named})


def _without(plan: Layout, located: Located, keys: Collection[str]) -> tuple[Layout, Located]:
    """A form without some of its fields."""
    if not keys:
        return plan, located
    fields = tuple(f for f in plan.fields if f.key not in keys)
    spots = {key: spot for key, spot in located.spots.items() if key not in keys}
    return replace(plan, fields=fields, by_key={f.key: f for f in fields}), Located(spots, located.area)


def _unnamed(sheet: str, field: Field) -> Fault:
    """A name that is asked since the form was sent: one claim is judged without it, several are compared by it."""
    got = f"没有“{field.label}”一栏：这份表发出时还没有它"
    remedy = f"问清“{field.label}”，和别的申报一起核算前补在“申报”表里"
    return Fault("label_missing", reference(sheet), got=got, remedy=remedy, severity="warning")


def _record(
    source: Source, book: Book, sheet: str, plan: Layout, located: Located,
    problems: tuple[Fault, ...], changed: tuple[Fault, ...] = (), *, sent: bool, issue: Issue | None = None,
    common: Common | None = None,
) -> Returned:  # fmt: skip
    rows = book.rows(sheet)
    unit = "" if any(p.code == UNIT_UNKNOWN for p in problems) else plan.unit
    if sheet in book.cut:
        got, remedy = f"工作表超过 {MAX_ROWS} 行，其后没有读取", "看第 {MAX_ROWS} 行之后有没有需要处理的内容"
        problems = (
            *problems,
            Fault("cut", reference(sheet), got=got, remedy=remedy.format(MAX_ROWS=MAX_ROWS), severity="warning"),
        )
    seen = without_own(plan, book.seen(sheet))
    special = book.special(sheet) if seen is None or sheet in book.looks else seen.special()
    prefilled = issue.filled if issue else frozenset()
    if plan.look is None or not plan.look.common:  # some other form that was put into the file
        common = None
    findings = Findings(sheet, unit, book.date1904, special, list(problems), seen, prefilled, common)
    values = check_form(plan, located, findings)
    findings.problems += changed
    for doubt in issue_doubts(issue, values.enterprise.get("uscc", "")) if issue else ():
        findings.problems.append(replace(doubt, where=values.cells["ent_uscc"] if doubt.item else reference(sheet)))
    own = answers(plan, rows, sheet, date1904=book.date1904)
    findings.problems += own.faults
    shown_as = estimate(plan, book.rows(sheet), located.area)
    status: Status = "ok"
    if not values.blank:
        who = (values.enterprise.get("name", ""), values.enterprise.get("legal_person", ""))
        findings.problems += declared(plan, book.rows(sheet), located.area, sheet, sent, filter(None, who))
        if seen is not None:
            findings.problems += beside_estimate(plan, book.rows(sheet), located.area, sheet, seen)
        findings.problems += opinions(plan, book.rows(sheet), located.area, sheet)
        findings.problems += margins(plan, seen.margins if seen else (), sheet)
        if common is not None:
            findings.problems = list(dict.fromkeys((*common.problems, *findings.problems)))
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
        tuple(findings.problems), frozenset(values.bare),
        (reference(sheet, address(*shown_as[0])), shown_as[1]) if shown_as else None,
        issue=issue.shown if issue else "", own=own,
    )  # fmt: skip
