"""应享未享清单: the standings of one or many enterprises as a workbook, by enterprise, by provision, 免申即享, one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from xlpolicy.money import ZERO
from xlpolicy.settle.match import KINDS, Standing
from xlpolicy.settle.table_book import Column, Page, Table, Value, write

#: what a column of 企业档案 is
ONE_PROJECT = "一列当作同一个项目、同一笔贷款，另有项目、贷款的另写一列"
_NOTE = f"可得：条件都已填明，一家企业的各条一起核算后的金额（{ONE_PROJECT}）。待核实：有条件没有填，暂按符合计算，核实前不算可得，也不计入合计。"


def write_standings(standings: Sequence[Standing], path: Path, *, on: dt.date, force: bool = False) -> None:
    """The workbook. Raises FileExistsError unless `force`."""
    told = f"申报日期 {on}。{_NOTE}"
    pages = [
        Page("按企业", "应享未享清单（按企业）", told, (Table(_COUNTED, _by_enterprise(standings)),)),
        Page("按条款", "应享未享清单（按条款）", told, (Table(_PROVISIONS, _by_provision(standings)),)),
        Page("免申即享", "免申即享候选", "本条不必申报。可得的可以直接办理，待核实的先核实列出的条件。", (Table(_LISTED, _listed(_automatic(standings))),), paper="A3"),
        Page("明细", "逐条对照", told, (Table(_LISTED, _listed(s for s in standings if s.kind != "unknown")),), paper="A3", freeze=1),
    ]  # fmt: skip
    write(pages, path, created=on, force=force)


_SUMS = (
    Column("可得条数", 10, "count"), Column("可得金额（核算后）", 20, "yuan", total=True), Column("待核实条数", 12, "count"),
    Column("还差一项条数", 13, "count"), Column("已兑付条数", 12, "count"),
)  # fmt: skip
_COUNTED = (Column("单位", 36), Column("统一社会信用代码", 22, "center"), *_SUMS)
_PROVISIONS = (Column("条款", 40), Column("依据", 34), *(Column(c.heading.replace("条数", "家数"), c.width, c.kind, c.total) for c in _SUMS))  # fmt: skip
_LISTED = (
    Column("单位", 30), Column("条款", 34), Column("依据", 30), Column("情况", 10, "center"), Column("单项测算", 18, "part"),
    Column("核算后", 18, "part"), Column("没有填的", 36), Column("原因和提示", 60),
)  # fmt: skip


def _sums(mine: Sequence[Standing]) -> list[Value]:
    due = [s for s in mine if s.kind == "payable" and not s.enjoyed]
    total = sum((s.payable for s in due), ZERO)
    presumed = sum(s.kind == "presumed" and not s.enjoyed for s in mine)
    one = sum(s.kind in ("presumed", "missing") and len(s.lacks) == 1 and not s.enjoyed for s in mine)
    return [len(due), total, presumed, one, sum(s.enjoyed for s in mine)]


def _grouped(standings: Iterable[Standing], key: object) -> list[list[Standing]]:
    groups: dict[object, list[Standing]] = {}
    for standing in standings:
        groups.setdefault(key(standing), []).append(standing)  # type: ignore[operator]
    return sorted(groups.values(), key=lambda mine: -_total(mine))


def _total(mine: Iterable[Standing]) -> Decimal:
    return sum((s.payable for s in mine if s.kind == "payable" and not s.enjoyed), ZERO)


def _by_enterprise(standings: Sequence[Standing]) -> list[list[Value]]:
    groups = _grouped(standings, lambda s: s.profile.code or s.profile.name)
    return [[mine[0].profile.name, mine[0].profile.code, *_sums(mine)] for mine in groups]


def _by_provision(standings: Sequence[Standing]) -> list[list[Value]]:
    groups = _grouped((s for s in standings if s.kind != "unknown"), lambda s: s.found[:2])
    return [[mine[0].found.rule.title, _basis(mine[0]), *_sums(mine)] for mine in groups]


def _automatic(standings: Iterable[Standing]) -> list[Standing]:
    """What may be paid unasked: something is left of it beside the others."""
    return [s for s in standings if s.automatic and s.kind in ("payable", "presumed") and s.payable and not s.enjoyed]


def _basis(standing: Standing) -> str:
    return f"{standing.found.document.name} {standing.found.rule.at}"


def _listed(standings: Iterable[Standing]) -> list[list[Value]]:
    return [
        [
            s.profile.name, s.title, _basis(s), "已兑付" if s.enjoyed else KINDS[s.kind], s.decided, s.payable,
            "、".join(s.lacks), told(s),
        ]
        for s in standings
    ]  # fmt: skip


def together(projects: Sequence[str]) -> str:
    """How an enterprise's provisions were settled together, by the names of its projects."""
    if len(projects) == 1:
        return "当作同一个项目、同一笔贷款一起核算（另有项目、贷款的另写一列，写同样的单位名称）"
    return f"{len(projects)} 个项目（{'、'.join(projects)}）一起核算"


def told(standing: Standing) -> str:
    """Why, what counts as its default, and by which of the bureau's own options."""
    said = list(standing.reasons)
    if standing.defaults:
        said.append(f"没有填、按默认计的：{'、'.join(standing.defaults)}")
    return "；".join((*said, *standing.adopted))
