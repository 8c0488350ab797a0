"""补正台账: every form that was sent back, and what became of it: waited for, mended, ended."""

from __future__ import annotations

from xlpolicy.register.corrections import Notice, notices
from xlpolicy.register.ledgers.claims import Sheets
from xlpolicy.register.ledgers.source import NONE, Source
from xlpolicy.sheets.cells import Value
from xlpolicy.sheets.refill_sheet import Content, Listing

_FIELDS = (
    "序号", "文件", "申报单位", "统一社会信用代码", "县区", "条款", "项目", "收到日期", "要补正的", "状态", "补正件", "终止原因", "经办人",
    "终止日期",
)  # fmt: skip


def returned_forms(source: Source) -> Sheets:
    """The sheet of 补正台账."""
    every = notices(source.connection)
    facts = source.common(
        笔数=len(every), 待补正=sum(n.open for n in every), 已终止=sum(bool(n.ended_on) for n in every),
        已补正=sum(bool(n.answer) and not n.ended_on for n in every),
    )  # fmt: skip
    rows = [_row(number, notice) for number, notice in enumerate(every, 1)]
    return {"补正台账": Content(facts, {"补正": Listing(_FIELDS, rows)})}


def _row(number: int, n: Notice) -> list[Value]:
    return [
        number, n.file, n.name or NONE, n.code, n.county or NONE, n.title or NONE, n.project or NONE, n.received_on, n.text,
        n.state, n.answer, n.reason, n.who, n.ended_on,
    ]  # fmt: skip
