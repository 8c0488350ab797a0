"""重复: what may have been asked for twice, across batches, years and documents; shown side by side, never decided here.

One invoice, loan, object, account, address; one project, loan or object under two documents or in two years; names that
differ only a little. What may be money for one thing twice waits in a payment plan until somebody has looked (`doubts`).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import Connection, select

from xlpolicy.register import tables
from xlpolicy.register.standing import Standing
from xlpolicy.register.statement import PERIOD
from xlpolicy.settle import Claim
from xlpolicy.words.names import invoice_key, same

#: what a company is, which tells no two apart
_LEGAL = re.compile(
    r"股份有限公司|有限责任公司|有限公司|集团|公司|合伙企业|[（(](?:有限合伙|普通合伙|特殊普通合伙)[）)]|[（()）]"
)
#: what tells a second phase, line or plant from the first
_COUNTED = re.compile(r"\d+|[一二三四五六七八九十百]+(?=期|号|厂|车间|批|标段|线|分)")
#: how much alike (`rapidfuzz.fuzz.ratio`: of both names' characters, the per cent in a common order) two names of one
#: enterprise's projects, or of enterprises, are at least
PROJECTS, ENTERPRISES = 80, 85
#: what is said of a project, loan or object of one enterprise under two documents; of a loan or object of two enterprises
_DOCUMENTS = {"project": "一个项目两份文件", "loan": "一笔贷款两份文件", "object": "一个对象两份文件"}
_OWNERS = {"loan": ("一笔贷款两家报", "贷款"), "object": ("一个对象两家报", "对象")}
_SIMILAR = "项目名称相近"
#: inputs that say that money of another year is meant
_YEARS = (*PERIOD, "consecutive_year")
#: what the bureau's own form calls an address; what tells a place in it; what one writes before it and the next leaves out
_ADDRESS, _PLACE = "地址", re.compile(r"[路街道巷弄村镇园号楼]")
_AROUND = re.compile(r"^(?:中国)?(?:[^省市区县路街]{2,3}(?:省|自治区))?(?:[^省市区县路街]{2,3}市)*")
_WRITTEN = str.maketrans({"#": "号", "幢": "栋", "层": "楼"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit: what kind, which claims or transfers, what. `claims`: their ids, where it is of claims."""

    kind: str
    where: str
    what: str
    claims: tuple[int, ...] = ()


def duplicates(
    connection: Connection, standings: Sequence[Standing], accounts: Iterable[tuple[int, str]]
) -> Iterator[Finding]:
    """Everything that may be one thing twice. `accounts`: enterprise, account."""
    yield from _one_thing(connection, standings)
    yield from _accounts(standings, accounts)
    yield from _addresses(standings)
    yield from _similar_projects(standings)
    yield from _similar_names(standings)


def doubts(connection: Connection, standings: Sequence[Standing], due: Collection[int]) -> dict[int, str]:
    """Why money for a claim may be money for one thing twice, by claim. `due`: ids of those that are being planned.

    A claim of which money is planned or paid already is not asked about again.
    """
    concerned = [s for s in standings if s.committed or s.id in due]
    own, said = {s.id: s for s in concerned}, defaultdict[int, list[str]](list)
    of_documents = {*_DOCUMENTS.values(), _SIMILAR}
    for finding in (*_one_thing(connection, concerned), *_similar_projects(concerned)):
        group = [own[claim] for claim in finding.claims]
        for s in group:
            others = [o for o in group if o is not s and (o.document != s.document or finding.kind not in of_documents)]
            if others and not s.committed:
                said[s.id].append(f"{finding.kind}，核对是不是重复：{_beside(others, _paid)}")
    return {claim: "；".join(texts) for claim, texts in said.items()}


def _one_thing(connection: Connection, standings: Sequence[Standing]) -> Iterator[Finding]:
    """What may be money for one thing twice."""
    yield from _twins(connection, standings)
    yield from _vouchers(connection, standings)
    stated = [(s, s.claim) for s in standings]
    for name, kind in _DOCUMENTS.items():
        yield from _across(stated, kind, name)
    for name, (kind, label) in _OWNERS.items():
        yield from _owners(stated, kind, label, name)
    yield from _years(stated)


def _twins(connection: Connection, standings: Sequence[Standing]) -> Iterator[Finding]:
    """Claims of one enterprise, provision, project and year that the register holds beside each other: a correction that came
    once money was planned, or something else again."""
    own, groups = {s.id: s for s in standings}, defaultdict[tuple[int, str], list[Standing]](list)
    for row in connection.execute(select(tables.claims.c.id, tables.claims.c.same).order_by(tables.claims.c.id)):
        if row.id in own:
            groups[own[row.id].enterprise, row.same.lower()].append(own[row.id])
    for group in groups.values():
        if len(group) > 1:
            yield _finding("同一事项两笔", group, _beside(group, _paid))


def _beside(group: Iterable[Standing], more: Callable[[Standing], str] = lambda s: "") -> str:
    """Claims side by side, with what tells them apart."""
    return " ｜ ".join(
        f"{s.number} {s.name} {s.detail.get('basis', '')} {s.amount:,.2f} 元"
        + (f" 项目“{s.claim.project}”" if s.claim.project else "")
        + more(s)
        for s in group
    )


def _paid(standing: Standing) -> str:
    """What of a claim has left, or is about to."""
    paid = f" 已拨付 {standing.paid:,.2f} 元" if standing.paid else ""
    return paid + (f" 已列入拨付 {standing.planned:,.2f} 元" if standing.planned else "")


def _finding(kind: str, group: Sequence[Standing], what: str) -> Finding:
    return Finding(kind, "、".join(s.number for s in group), what, tuple(s.id for s in group))


def _vouchers(connection: Connection, standings: Sequence[Standing]) -> Iterator[Finding]:
    """One invoice that two claims state, with the cell where each does."""
    holders: dict[str, dict[int, str]] = defaultdict(dict)
    own = {s.decision: s for s in standings}
    d = tables.decisions
    for row in connection.execute(select(d.c.id, d.c.vouchers).where(d.c.vouchers != "[]").order_by(d.c.id)):
        for number, cell in json.loads(row.vouchers) if row.id in own else ():
            holders[invoice_key(str(number))].setdefault(row.id, cell)
    for number, cells in holders.items():
        if len(cells) > 1:
            group, said = [own[decision] for decision in cells], {own[x].id: cell for x, cell in cells.items()}
            yield _finding("一票两报", group, f"发票号 {number}：{_beside(group, lambda s: f'（{said[s.id]}）')}")  # noqa: B023


def _across(stated: Iterable[tuple[Standing, Claim]], kind: str, thing: str) -> Iterator[Finding]:
    """One project, loan or object of one enterprise, under two documents."""
    groups: dict[tuple[int, str], list[Standing]] = defaultdict(list)
    for s, claim in stated:
        if name := getattr(claim, thing):
            groups[s.enterprise, same(name)].append(s)
    for group in groups.values():
        if len({s.document for s in group}) > 1:
            yield _finding(kind, group, _beside(group))


def _owners(stated: Iterable[tuple[Standing, Claim]], kind: str, label: str, thing: str) -> Iterator[Finding]:
    """One loan or object that two enterprises name."""
    groups: dict[str, list[tuple[Standing, str]]] = defaultdict(list)
    for s, claim in stated:
        if name := getattr(claim, thing):
            groups[same(name)].append((s, name))
    for found in groups.values():
        group = [s for s, _ in found]
        if len({s.enterprise for s in group}) > 1:
            yield _finding(kind, group, f"{label} {found[0][1]}：{_beside(group)}")


def _years(stated: Iterable[tuple[Standing, Claim]]) -> Iterator[Finding]:
    """One project or object of one enterprise and provision in two years, where nothing says that money of each is meant."""
    groups: dict[tuple[object, ...], dict[int, list[Standing]]] = defaultdict(lambda: defaultdict(list))
    for s, claim in stated:
        day = claim.fact_on or claim.on
        if (claim.project or claim.object) and day and not any(name in claim.inputs for name in _YEARS):
            names = [same(name or "") for name in (claim.project, claim.loan, claim.object)]
            groups[(s.enterprise, s.document, s.rule, *names)][day.year].append(s)
    for by_year in groups.values():
        if len(by_year) > 1:
            group = [s for own in by_year.values() for s in own]
            yield _finding("一个项目两个年度", group, _beside(group))


def _accounts(standings: Sequence[Standing], accounts: Iterable[tuple[int, str]]) -> Iterator[Finding]:
    owners: dict[str, set[int]] = defaultdict(set)
    for enterprise, account in dict(accounts).items():
        owners["".join(filter(str.isalnum, account))].add(enterprise)
    for account, several in owners.items():
        if account and len(several) > 1:
            group = [s for s in standings if s.enterprise in several]
            yield _finding("一个账号两家用", group, f"账号 {account}：{_beside(group)}")


def _addresses(standings: Sequence[Standing]) -> Iterator[Finding]:
    """One address that two enterprises state, where the bureau's own form asks for it (注册地址, 经营地址)."""
    groups: dict[str, dict[int, tuple[Standing, str]]] = defaultdict(dict)
    for s in standings:
        for label, text in s.detail.get("answers", {}).items() if _ADDRESS in s.detail_text else ():
            if _ADDRESS in label and (place := _place(text)):
                groups[place].setdefault(s.enterprise, (s, f"（{label}：{text}）"))
    for found in groups.values():
        if len(found) > 1:
            said = {s.id: text for s, text in found.values()}
            group = [s for s, _ in found.values()]
            yield _finding("一个地址两家用", group, _beside(group, lambda s: said[s.id]))  # noqa: B023


def _place(address: str) -> str:
    """What two writings of one address share: 福建省福州市鼓楼区甲路１号 and 鼓楼区甲路1号; "" for what tells no place."""
    written = "".join(c for c in same(address).translate(_WRITTEN) if c.isalnum() or c == "-")
    written = re.sub(r"(?<!\d)-|-(?!\d)", "", written)  # 8-9号 is not 89号
    place = _AROUND.sub("", written)
    return place if len(place) > 3 and _PLACE.search(place) else ""


def _similar_projects(standings: Sequence[Standing]) -> Iterator[Finding]:
    """Projects of one enterprise whose names differ only a little."""
    projects: dict[int, dict[str, list[Standing]]] = defaultdict(lambda: defaultdict(list))
    for s in standings:
        if project := s.claim.project:
            projects[s.enterprise][same(project)].append(s)
    for own in projects.values():
        for one, two in combinations(own, 2):
            if alike(_LEGAL.sub("", one), _LEGAL.sub("", two), PROJECTS):
                group = [*own[one], *own[two]]
                yield _finding(_SIMILAR, group, _beside(group))


def _similar_names(standings: Sequence[Standing]) -> Iterator[Finding]:
    """Enterprises of two codes whose names differ only a little."""
    from rapidfuzz import fuzz, process  # a start of the worksheet functions does without

    claims: dict[int, list[Standing]] = defaultdict(list)
    for s in standings:
        claims[s.enterprise].append(s)
    cores = {enterprise: _LEGAL.sub("", same(group[0].name)) for enterprise, group in claims.items()}
    ordered = sorted(cores, key=lambda enterprise: len(cores[enterprise]))
    lengths = [len(cores[enterprise]) for enterprise in ordered]
    met = []
    for nth, one in enumerate(ordered):  # a name that is longer by more cannot be as much alike
        within = bisect_right(lengths, lengths[nth] * (200 - ENTERPRISES) / ENTERPRISES)
        others = {other: cores[other] for other in ordered[nth + 1 : within]}
        near = process.extract(cores[one], others, scorer=fuzz.ratio, score_cutoff=ENTERPRISES, limit=None)
        met += [sorted((one, other)) for *_, other in near]
    for one, two in sorted(met):
        if alike(cores[one], cores[two], ENTERPRISES):
            group = [*claims[one], *claims[two]]
            yield _finding("单位名称相近", group, _beside(group, lambda s: f" 代码 {s.code or '没有'}"))


def alike(one: str, two: str, least: int) -> bool:
    """Whether two names are much the same and count the same: 一期 is not 二期, 01 is not 02."""
    from rapidfuzz import fuzz

    return bool(one and two) and _COUNTED.findall(one) == _COUNTED.findall(two) and fuzz.ratio(one, two) >= least
