"""What an applicant with nothing special answers, for samples and tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from xlpolicy.forms.layout import EARLIER, Layout


def plainly(plan: Layout) -> dict[str, Any]:
    """What an applicant with nothing special answers: conditions met, no exclusion, papers enclosed, today's year."""
    day = max(plan.document.valid_from or dt.date(2026, 1, 1), plan.rule.valid_from or dt.date.min)
    day = (
        dt.date(day.year, 12, 1)
        if plan.document.valid_to is None
        else min(plan.document.valid_to, max(day, dt.date(day.year, 6, 1)))
    )
    answers: dict[str, Any] = {}
    for field in plan.fields:
        if field.name in ("applied_on", "fact_on") and field.group == "prj":
            answers[field.key] = day.year if field.type == "year" else day
        elif field.key == "prj_loan":
            answers[field.key] = "示例-2026-01"
        elif field.key == "prj_object":
            answers[field.key] = f"示例{plan.rule.object or '活动'}01"
        elif field.group == "att" and plan.version not in EARLIER:
            answers[field.key] = "是"
        elif field.required and field.type == "boolean" and field.item is not None:
            answers[field.key] = "是" if field.item.assumed else "否"
    return answers
