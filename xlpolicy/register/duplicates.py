"""重复: what may have been asked for twice, across batches, years and documents; shown side by side, never decided here.

One invoice, loan, object, account; one project under two documents; names that differ only a little.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, select

from xlpolicy.money import clean
from xlpolicy.register import tables
from xlpolicy.register.standing import Standing
from xlpolicy.settle.names import same

#: what a company is, which tells no two apart
_LEGAL = re.compile(
    r"股份有限公司|有限责任公司|有限公司|集团|公司|合伙企业|[（(](?:有限合伙|普通合伙|特殊普通合伙)[）)]|[（()）]"
)
#: what tells a second phase, line or plant from the first
_COUNTED = re.compile(r"\d+|[一二三四五六七八九十百]+(?=期|号|厂|车间|批|标段|线|分)")
#: the share of pairs of characters, in percent, that two names of one enterprise's projects, or of enterprises, have in
#: common at least
PROJECTS, ENTERPRISES = 60, 75
#: what the bureau's own form calls an address; what tells a place in it; what one writes before it and the next leaves out
_ADDRESS, _PLACE = "地址", re.compile(r"[路街道巷弄村镇园号楼]")
_AROUND = re.compile(r"^(?:中国)?(?:[^省市区县路街]{2,3}(?:省|自治区))?(?:[^省市区县路街]{2,3}市)*")
_WRITTEN = str.maketrans({"#": "号", "幢": "栋", "层": "楼"})
#: pairs of characters that more names than this have tell nothing
_COMMON = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit: what kind, which claims or transfers, what."""

    kind: str
    where: str
    what: str


def duplicates(
    standings: Sequence[Standing], vouchers: Mapping[int, Any], accounts: Iterable[tuple[int, str]]
) -> Iterator[Finding]:
    """Everything that may be one thing twice. `vouchers`: by decision, [number, cell]; `accounts`: enterprise, account."""
    yield from _vouchers(standings, vouchers)
    yield from _documents(standings)
    yield from _named(standings, "一笔贷款两家报", "贷款", lambda s: s.claim.loan)
    yield from _named(standings, "一个对象两家报", "对象", lambda s: s.claim.object)
    yield from _accounts(standings, accounts)
    yield from _addresses(standings)
    yield from _similar_projects(standings)
    yield from _similar_names(standings)


def twins(connection: Connection, standings: Sequence[Standing]) -> list[list[Standing]]:
    """Claims of one enterprise, provision, project and year that the register holds beside each other: a correction that came
    once money was planned, or something else again."""
    own, groups = {s.id: s for s in standings}, defaultdict[tuple[int, str], list[Standing]](list)
    for row in connection.execute(select(tables.claims.c.id, tables.claims.c.same).order_by(tables.claims.c.id)):
        if row.id in own:
            groups[own[row.id].enterprise, row.same.lower()].append(own[row.id])
    return [group for group in groups.values() if len(group) > 1]


def second(groups: Iterable[Sequence[Standing]]) -> dict[int, str]:
    """What is asked, by claim, of one that states what another states of which money is planned or paid."""
    return {
        s.id: f"与已列入拨付的 {'、'.join(paid)} 是同一单位、同一条款、同一项目，核对是更正还是另一笔"
        for group in groups
        if (paid := [other.number for other in group if other.committed])
        for s in group
        if not s.committed
    }


def again(groups: Iterable[Sequence[Standing]]) -> Iterator[Finding]:
    """What `twins` found, for a person."""
    for group in groups:
        yield _finding("同一事项两笔", group, _beside(group, lambda s: f" 已拨付 {s.paid:,.2f} 元"))


def _beside(group: Iterable[Standing], more: Callable[[Standing], str] = lambda s: "") -> str:
    """Claims side by side, with what tells them apart."""
    return " ｜ ".join(
        f"{s.number} {s.name} {s.detail.get('basis', '')} {s.amount:,.2f} 元"
        + (f" 项目“{s.claim.project}”" if s.claim.project else "")
        + more(s)
        for s in group
    )


def _finding(kind: str, group: Sequence[Standing], what: str) -> Finding:
    return Finding(kind, "、".join(s.number for s in group), what)


def _vouchers(standings: Sequence[Standing], vouchers: Mapping[int, Any]) -> Iterator[Finding]:
    holders: dict[str, dict[int, str]] = defaultdict(dict)
    own = {s.id: s for s in standings}
    for s in standings:
        for number, cell in vouchers.get(s.decision, ()):
            holders[clean(str(number))].setdefault(s.id, cell)
    for number, cells in holders.items():
        if len(cells) > 1:
            group = [own[claim] for claim in cells]
            yield _finding("一票两报", group, f"发票号 {number}：{_beside(group, lambda s: f'（{cells[s.id]}）')}")  # noqa: B023


def _documents(standings: Sequence[Standing]) -> Iterator[Finding]:
    """One enterprise, one project, under two documents."""
    groups: dict[tuple[int, str], list[Standing]] = defaultdict(list)
    for s in standings:
        if project := s.claim.project:
            groups[s.enterprise, same(project)].append(s)
    for group in groups.values():
        if len({s.document for s in group}) > 1:
            yield _finding("一个项目两份文件", group, _beside(group))


def _named(
    standings: Sequence[Standing], kind: str, label: str, of: Callable[[Standing], str | None]
) -> Iterator[Finding]:
    """One loan or object that two enterprises name."""
    groups: dict[str, list[Standing]] = defaultdict(list)
    for s in standings:
        if name := of(s):
            groups[same(name)].append(s)
    for group in groups.values():
        if len({s.enterprise for s in group}) > 1:
            yield _finding(kind, group, f"{label} {of(group[0])}：{_beside(group)}")


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
            if alike(one, two, PROJECTS):
                group = [*own[one], *own[two]]
                yield _finding("项目名称相近", group, _beside(group))


def _similar_names(standings: Sequence[Standing]) -> Iterator[Finding]:
    """Enterprises of two codes whose names differ only a little."""
    claims: dict[int, list[Standing]] = defaultdict(list)
    for s in standings:
        claims[s.enterprise].append(s)
    cores = {enterprise: _LEGAL.sub("", same(group[0].name)) for enterprise, group in claims.items()}
    holding: dict[str, list[int]] = defaultdict(list)
    for enterprise, core in cores.items():
        for pair in _pairs(core):
            holding[pair].append(enterprise)
    met = {
        couple for few in holding.values() if len(few) <= _COMMON for couple in combinations(sorted(few), 2)
    }  # fmt: skip
    for one, two in sorted(met):
        if alike(cores[one], cores[two], ENTERPRISES):
            group = [*claims[one], *claims[two]]
            yield _finding("单位名称相近", group, _beside(group, lambda s: f" 代码 {s.code or '没有'}"))


def alike(one: str, two: str, least: int) -> bool:
    """Whether two names are much the same and count the same: 一期 is not 二期, 01 is not 02."""
    if _COUNTED.findall(one) != _COUNTED.findall(two):
        return False
    first, second = _pairs(one), _pairs(two)
    return 200 * len(first & second) >= least * (len(first) + len(second)) > 0


def _pairs(name: str) -> set[str]:
    return {name[i : i + 2] for i in range(len(name) - 1)}
