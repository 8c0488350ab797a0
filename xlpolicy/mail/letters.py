"""Official letters drawn from the register, one an enterprise with all that concerns it, and 公示 for all together."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, select

from xlpolicy.batch.notices import asked_of, for_bureau
from xlpolicy.faults import Fault, InvalidInput
from xlpolicy.forms.layout import labels
from xlpolicy.law.catalog import Catalog
from xlpolicy.mail.compose import UNKNOWN, day_of
from xlpolicy.mail.docx_template import fill_docx
from xlpolicy.mail.marked import Marking, marked_copy
from xlpolicy.money import ZERO, upper
from xlpolicy.register import tables
from xlpolicy.register.corrections import notices, still_open
from xlpolicy.register.folder import FORMS, Folder
from xlpolicy.register.ledgers.claims import project_of, public_project_of, to_publish
from xlpolicy.register.ledgers.source import NONE, Source
from xlpolicy.register.paying import payer_of
from xlpolicy.register.standing import UNREVIEWED, Standing
from xlpolicy.sheets import template as templates
from xlpolicy.sheets.files import file_name, write_atomically
from xlpolicy.sheets.insert import NotExtendable
from xlpolicy.survey.office import CONTACT, MAILBOX, NUMBER, PHONE, PLACE, UNIT

Item = dict[str, str]
#: what an item says for templates only: a letter that was sent is known by the rest, so that it is not sent again
DERIVED = ("事项", "拨付日期")


@dataclass(frozen=True, slots=True)
class Addressed:
    """What goes to one enterprise: the items of its letter, their sum where they have one, the forms that it has to correct."""

    name: str
    code: str
    items: Sequence[Item]
    total: Decimal = ZERO
    markings: Sequence[Marking] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What a letter says of one claim or transfer: the day on which it was reviewed (paid), the batch that it is of."""

    of: Standing
    item: Item
    amount: Decimal = ZERO
    day: str = ""
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A letter on the disk, and what goes with it: the letter first, then marked-up copies. `unmarked`: the files that take
    no notes."""

    to: Addressed
    paths: tuple[Path, ...]
    unmarked: tuple[str, ...] = ()


def office_facts(office: Mapping[str, str], on: dt.date) -> dict[str, str]:
    """What any letter may name of the bureau. The number of the letter itself is left to be written in."""
    number = office.get(NUMBER, "")
    return {
        "发文机关": office.get(UNIT, "（发文机关）"), "发文字号": f"{number}　　号" if number else "", "联系人": office.get(CONTACT, UNKNOWN),
        "联系电话": office.get(PHONE, UNKNOWN), "联系地址": office.get(PLACE, UNKNOWN), "发件邮箱": office.get(MAILBOX, UNKNOWN),
        "日期": day_of(on.isoformat()),
    }  # fmt: skip


def template_of(folder: Folder | None, name: str) -> Path:
    """The bureau's own template in 模板/, else the one that came with the program. Raises FileNotFoundError."""
    own = folder.path / FORMS / name if folder else None
    return own if own and own.is_file() else templates.find(name)


def _grouped(parts: Iterable[Part]) -> list[Addressed]:
    groups: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        groups[part.of.enterprise].append(part)
    return [
        Addressed(own[0].of.name, own[0].of.code, _numbered([p.item for p in own]), sum((p.amount for p in own), ZERO))
        for own in groups.values()
    ]


def _numbered(items: Sequence[Item]) -> list[Item]:
    return [{"序号": str(number), **item} for number, item in enumerate(items, 1)]


def _common(s: Standing, project: str) -> Item:
    return {
        "申报编号": s.number, "条款": s.title, "依据": str(s.detail.get("basis", "")), "单位": s.name, "县区": s.county or "—",
        "项目": project, "收到日期": day_of(s.received_on, "—"),
        "事项": s.title if project == NONE else f"{s.title}（{project}）",
    }  # fmt: skip


def returned(source: Source, catalog: Catalog) -> list[Addressed]:
    """补正: the open notices of an enterprise, all its forms together."""
    n, f = tables.notices, tables.forms
    query = (
        select(
            f.c.id,
            f.c.name,
            f.c.code,
            f.c.file,
            f.c.member,
            f.c.sheet,
            f.c.digest,
            f.c.rule,
            f.c.title,
            f.c.problems,
            f.c.why,
        )
        .join(n, n.c.form == f.c.id)
        .where(still_open())
        .order_by(n.c.id)
    )
    rules = {rule.id: rule for _, rule in catalog.rules()}
    groups: dict[tuple[str, str], list[Item]] = defaultdict(list)
    markings: dict[tuple[str, str], dict[tuple[str, str], Marking]] = defaultdict(dict)
    told: set[tuple[str, str, str, str]] = set()  # what is common to the forms of a combined form is said once
    known = _senders(source.connection)
    for row in source.connection.execute(query):
        named = labels(rules.get(row.rule))
        to = known.get(row.id) or (row.code or row.name or row.file, row.name or "申报单位")
        faults = [Fault(**fault) for fault in json.loads(row.problems)] or [Fault("policy_error", got=row.why)]
        for fault in faults:
            if for_bureau(fault):
                continue
            place = " ".join(part for part in (fault.sheet, fault.cell) if part)
            label = "、".join(named[name] for name in fault.item.split(",") if name in named)
            what = (f"“{label}”" if label and label not in fault.what else "") + fault.what
            remedy = asked_of(fault.remedy)
            point = (row.digest, row.member, fault.where, what)
            if fault.sheet and point in told:
                continue
            told.add(point)
            groups[to].append({
                "申请表": f"{row.title or '申请表'}（{_named(row.file)}）", "位置": place or "—", "问题": what, "怎样改": remedy or "—",
            })  # fmt: skip
            if row.sheet:
                marking = markings[to].setdefault((row.digest, row.member), Marking(row.digest, row.file, row.member))
                sheet = fault.sheet or row.sheet
                marking.points.append((sheet, fault.cell, f"{what}\n怎样改：{remedy}" if remedy else what))
    return [
        Addressed(to[1], to[0], _numbered(items), markings=tuple(markings[to].values())) for to, items in groups.items()
    ]


def _senders(connection: Connection) -> dict[int, tuple[str, str]]:
    """Files that say nobody's name but came by mail, by their row: code and name of the one enterprise to whose address our
    forms went out."""
    f, i, m = tables.forms, tables.issues, tables.mails
    nameless = connection.execute(select(f.c.id, f.c.digest).where(f.c.code == "", f.c.name == "")).all()
    at: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for sent in (
        connection.execute(select(i.c.address, i.c.code, i.c.name).where(i.c.address != "")) if nameless else ()
    ):
        at[sent.address.lower()].add((sent.code, sent.name))
    senders: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for mail in connection.execute(select(m.c.sender, m.c.files).where(m.c.files != "[]")) if nameless else ():
        for _, digest, _ in json.loads(mail.files):
            senders[digest] |= at.get(mail.sender.lower(), {("", mail.sender)})
    return {
        row.id: one
        for row in nameless
        for one in senders.get(row.digest, ())
        if one[0] and len(senders[row.digest]) == 1
    }


def _named(file: str) -> str:
    """A file as its sender knows it, without the folders in which it is kept here."""
    return PurePosixPath(file.replace("\\", "/")).name


def ended(source: Source, year: str) -> tuple[list[Addressed], list[str]]:
    """终止: the forms that were never mended, and that the bureau closed in a year; the other years of which there are."""
    groups: dict[tuple[str, str], list[Item]] = defaultdict(list)
    others: set[str] = set()
    known = _senders(source.connection)
    for notice in notices(source.connection):
        if not notice.ended_on or notice.answer:
            continue
        if notice.ended_on[:4] != year:
            others.add(notice.ended_on[:4])
            continue
        item = {
            "申请表": f"{notice.title or '申请表'}（{_named(notice.file)}）", "项目": notice.project or NONE, "收到日期": day_of(notice.received_on),
            "问题": notice.text or NONE, "原因": notice.reason, "终止日期": day_of(notice.ended_on),
        }  # fmt: skip
        to = known.get(notice.form) or (notice.code or notice.name or notice.file, notice.name or "申报单位")
        groups[to].append(item)
    return [Addressed(name, code, _numbered(items)) for (code, name), items in groups.items()], sorted(others)


def accepted(source: Source) -> Iterator[Part]:
    """受理: what came in, can be judged, and is not reviewed yet."""
    for s in source.all:
        if s.state == UNREVIEWED:
            yield Part(s, _common(s, project_of(s)), batch=s.batch)


def refused(source: Source) -> Iterator[Part]:
    """不予补助: what a person decided to pay nothing for. What the program alone finds is no decision."""
    for s in source.all:
        if s.review is not None and not s.review.amount:
            reasons = [str(reason) for reason in s.detail.get("reasons", ())]
            why = s.review.reason or "；".join(reasons) or "审定为 0"
            yield Part(s, {**_common(s, project_of(s)), "原因": why}, ZERO, s.review.reviewed_on, s.batch)


def decided(source: Source) -> Iterator[Part]:
    """核定: what was reviewed, with what was cut and why."""
    for s in source.all:
        if s.review is not None and s.review.amount:
            cut = s.amount - s.review.amount
            why = f"核减 {cut:,.2f} 元：{s.review.reason or '未写原因'}" if cut > 0 else s.review.reason or "—"
            amounts = {"测算额": f"{s.amount:,.2f}", "核定额": f"{s.review.amount:,.2f}", "原因": why}
            yield Part(s, _common(s, project_of(s)) | amounts, s.review.amount, s.review.reviewed_on, s.batch)


def published(source: Source) -> list[Addressed]:
    """公示: what is reviewed and settled and has no result of 公示 yet, with what is payable; one paper, no codes."""
    chosen = [(s, s.line.payable) for s in source.all if to_publish(s) and s.line is not None]
    items = _numbered([{**_common(s, public_project_of(s)), "核定额": f"{amount:,.2f}"} for s, amount in chosen])
    return [Addressed("", "", items, sum((amount for _, amount in chosen), ZERO))] if items else []


def paid(source: Source) -> Iterator[Part]:
    """拨付: the transfers that left."""
    for s in source.all:
        for t in s.transfers:
            if t.live and t.paid > 0:
                item = {
                    **_common(s, project_of(s)), "拨付编号": t.number, "资金来源": payer_of(t, s), "金额": f"{t.paid:,.2f}",
                    "账号": f"****{t.account[-4:]}" if t.account else "—", "拨付日期": day_of(t.paid_on, "—"),
                }  # fmt: skip
                yield Part(s, item, t.paid, t.paid_on, t.plan)


#: kind -> template, the list that the template repeats
KINDS: Mapping[str, tuple[str, str]] = {
    "补正": ("通知_补正.docx", "问题"), "受理": ("通知_受理.docx", "事项"),
    "终止": ("通知_终止.docx", "事项"), "不予补助": ("通知_不予补助.docx", "事项"),
    "核定": ("通知_核定.docx", "事项"), "公示": ("公示.docx", "事项"), "拨付": ("通知_拨付.docx", "事项"),
}  # fmt: skip
#: those of claims that stand for themselves, which may be of one batch; all but 受理 are of the year of their day
PARTS: Mapping[str, Callable[[Source], Iterator[Part]]] = {
    "受理": accepted, "不予补助": refused, "核定": decided, "拨付": paid,
}  # fmt: skip


def addressed(
    source: Source, kind: str, catalog: Catalog, *, year: str, batch: str
) -> tuple[list[Addressed], list[str]]:
    """What goes to whom, and the other years of which there is something. `year`: when it was reviewed (paid); `batch`: only
    what came in (was paid) with it, whatever the year. Raises InvalidInput for a batch of which there is nothing."""
    if kind not in PARTS:
        if batch:
            raise InvalidInput(
                f"{kind}不分批", where="命令行", expected="、".join(PARTS), remedy="去掉 --batch，只写一家的加 --only"
            )
        if kind == "终止":
            return ended(source, year)
        return (published(source) if kind == "公示" else returned(source, catalog)), []
    parts = list(PARTS[kind](source))
    if batch:
        if batch not in {part.batch for part in parts}:
            known = sorted({part.batch for part in parts})
            raise InvalidInput(
                f"“{batch}”这一批没有要发的{kind}通知", where="命令行", expected="、".join(known[-5:]) or "（都没有）", remedy="改正批号"
            )  # fmt: skip
        return _grouped(part for part in parts if part.batch == batch), []
    years = [part.day[:4] or year for part in parts]
    return _grouped(p for p, own in zip(parts, years, strict=True) if own == year), sorted({*years} - {year})


def write_letters(
    folder: Folder, source: Source, kind: str, out: Path, office: Mapping[str, str], catalog: Catalog, *, only: str = "",
    due: str = "", period: str = "", on: dt.date | None = None, year: str = "", batch: str = "",
) -> tuple[list[Written], list[str]]:  # fmt: skip
    """The letters of a kind, one an enterprise (or one for all), over those of the last run; and the other years (`addressed`).

    `only`: name or code of one enterprise; `year`: without it, that of `on`. Raises TemplateError, InvalidInput, OSError.
    """
    day = on or dt.date.today()
    name, listed = KINDS[kind]
    template = template_of(folder, name)
    common = office_facts(office, day)
    written: list[Written] = []
    taken: set[str] = set()
    letters, others = addressed(source, kind, catalog, year=year or str(day.year), batch=batch)
    for one in letters:
        if only and only not in (one.name, one.code):
            continue
        stem = f"{one.code}_{one.name}" if one.code and one.name != one.code else one.name or kind
        path = out / _free(f"{stem}_{kind}通知.docx" if one.name else f"{kind}.docx", taken)
        out.mkdir(parents=True, exist_ok=True)
        copies, unmarked = _copies(source.connection, one, out, stem, taken, common["发文机关"])
        facts = common | _facts(one, due, period) | _enclosed(copies, unmarked)
        write_atomically(path, fill_docx(template, facts, {listed: one.items}), force=True)
        written.append(Written(one, (path, *copies), unmarked))
    return written, others


def _facts(one: Addressed, due: str, period: str) -> dict[str, str]:
    """What the letter to one may name beside the bureau."""
    bases = list(dict.fromkeys(item["依据"].partition(" ")[0] for item in one.items if item.get("依据")))
    return {
        "单位名称": one.name, "统一社会信用代码": one.code, "处数": str(len(one.items)), "合计": f"{one.total:,.2f}",
        "合计大写": upper(one.total), "补正期限": day_of(due, "（日期）"), "公示期": period or "（起止日期）", "依据": "、".join(bases) or "（依据）",
    }  # fmt: skip


def _enclosed(copies: Sequence[Path], unmarked: Sequence[str]) -> dict[str, str]:
    """What goes with the letter, and on which form to correct."""
    on = "随附的申请表副本（要改的单元格上有批注）" if copies else "原表"
    return {
        "附件": f"附件：带批注的申请表副本 {len(copies)} 份（电子表格）" if copies else "",
        "改正用表": f"{on}或原表" if copies and unmarked else on,
    }


def _copies(
    connection: Connection, one: Addressed, out: Path, stem: str, taken: set[str], author: str
) -> tuple[list[Path], tuple[str, ...]]:
    """The marked-up copies of what an enterprise has to correct, and the files that take no notes."""
    paths, unmarked = [], []
    for marking in one.markings:
        try:
            data = marked_copy(connection, marking, author)
        except NotExtendable:
            unmarked.append(marking.member or marking.file)
            continue
        name = marking.name if marking.name.startswith(stem.partition("_")[0]) else f"{stem}_{marking.name}"
        path = out / _free(name, taken)
        write_atomically(path, data, force=True)
        paths.append(path)
    return paths, tuple(unmarked)


def _free(name: str, taken: set[str]) -> str:
    name = file_name(name)
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{Path(name).stem}_{number}{Path(name).suffix}"
    taken.add(free.casefold())
    return free
