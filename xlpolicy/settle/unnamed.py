"""A claim that does not name what a limit, a count or a choice needs: a note on it and on those it could meet there."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from xlpolicy.settle.state import State
from xlpolicy.settle.work import Work

#: what is to be named, in words
FIELDS = {
    "project": "项目", "loan": "贷款", "object": "对象（园区、平台、产品、赛事等）", "session": "对象（场次）",
    "enterprise-session": "对象（场次）", "industry": "行业", "month": "日期",
    "days": "计息天数或起止日期",
}  # fmt: skip


def ids(works: Sequence[Work]) -> str:
    """The first few ids of some claims."""
    return "、".join(work.claim.id for work in works[:8]) + ("等" if len(works) > 8 else "")


def note_unnamed(state: State, group: Sequence[Work], silent: Collection[Work], field: str, what: str) -> None:
    """`silent` of the `group` do not say which `field` they are for; `what` was therefore not done."""
    called = _called(group[0], field)
    without, others = (
        f"申报 {ids(group)} {which}{called}，{what}；请补上后重新核算" for which in ("未写", "其中有的未写")
    )
    these = {work.position for work in silent}
    for work in group:
        state.note(work.claim.id, "unnamed", without if work.position in these else others)


def _called(work: Work, field: str) -> str:
    """What is to be named: an object as the provision calls it."""
    assert work.found is not None
    thing = work.found.rule.object if field == "object" else ""
    return f"对象（{thing}）" if thing else FIELDS[field]
