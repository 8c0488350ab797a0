"""A row of a list form, as it is written and as it is read back: its own columns by their labels, its layout."""

from __future__ import annotations

from dataclasses import replace

from xlpolicy.forms.layout import Layout
from xlpolicy.forms.own_look import Look

NUMBER, SUMMED, REASON, CHECK, TOTAL = "序号", "发票合计", "测算说明", "本行自查", "合计"


def line_plan(plan: Layout, row: int) -> Layout:
    """The layout of the claim in a row of the table."""
    look = plan.look
    assert look is not None and look.table is not None and look.estimate is not None
    table = look.table
    down = row - table.first
    first, second = (f"{cell.rstrip('0123456789')}{row + 1}" for cell in look.estimate)
    fields = tuple(replace(f, row=f.row + down) if f.key in table.keys else f for f in plan.fields)
    own: Look = replace(look, estimate=(first, second))
    return replace(plan, fields=fields, by_key={f.key: f for f in fields}, look=own, estimate_row=row)
