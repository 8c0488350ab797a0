"""When a provision holds: its period, which version speaks for a day, what to warn of outside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from xlpolicy.law.records import Day, Document, Rule
from xlpolicy.law.refusals import refused
from xlpolicy.law.values import parse_date

DRAFT_WARNING = "征求意见稿，金额仅供参考，不作兑现依据"


class Found(NamedTuple):
    """A provision with its document and what to warn of. `tail`: the date is past expiry, in a possible tail."""

    document: Document
    rule: Rule
    warnings: tuple[str, ...] = ()
    tail: bool = False

    @property
    def article(self) -> Rule:
        """The provision as the document has it, whatever a bureau pays of it in a year."""
        return self.document.rules[self.rule.id]


def as_date(on: dt.date | str | None) -> dt.date | None:
    """A date or ISO text (None stays None). Raises InvalidInput."""
    if on is None:
        return None
    try:
        return parse_date(on)
    except ValueError as error:
        raise refused("no_day", why=error) from None


def day_of(by: Day, on: dt.date | None, fact_on: dt.date | None) -> dt.date | None:
    """The day of a claim that is meant: the fact's where it is known and counts, else that of the application."""
    return on if fact_on is None or (by == "application" and on is not None) else fact_on


def period(document: Document, rule: Rule) -> tuple[dt.date | None, dt.date | None]:
    """First and last day on which a claim under the provision is in force (a provision may start on its own day)."""
    return rule.valid_from or document.valid_from, document.valid_to


def newest(found: Sequence[Found], day: dt.date | None) -> Found:
    """The version that speaks for a day, of versions newest first (as `Catalog.of` has them).

    The one in force, else that of the document that had begun last, else of the first to begin; a draft only where
    nothing else is. Without a day, the newest.
    """
    issued = [f for f in found if not f.document.draft]
    if day is None or not issued:
        return found[0]
    live = next((f for f in issued if in_force(f.document, f.rule, day)), None)
    begun = next((f for f in issued if (f.document.valid_from or dt.date.min) <= day), issued[-1])
    return live or begun


def in_force(document: Document, rule: Rule, on: dt.date) -> bool:
    """Whether a claim of that date falls in the provision's period (a draft never is)."""
    first, last = period(document, rule)
    return not document.draft and first is not None and first <= on and (last is None or on <= last)


def status(document: Document, rule: Rule | None, day: dt.date) -> str:
    """施行, 未施行, 失效 or 征求意见稿: a document (`rule` None) or a provision of it on a day."""
    first, last = period(document, rule) if rule else (document.valid_from, document.valid_to)
    if document.draft:
        return "征求意见稿"
    if first is None or day < first:
        return "未施行"
    return "失效" if last is not None and day > last else "施行"


def in_tail(found: Found, on: dt.date) -> bool:
    """Whether an expired document may still be asked: its award runs on for some years."""
    return found.rule.tail is not None and found.document.valid_to is not None and on > found.document.valid_to


def pinned(found: Found, on: dt.date | None) -> Found:
    """A version whatever the date, with what to warn of."""
    document, rule = found.document, found.rule
    if document.draft:
        return found._replace(warnings=(DRAFT_WARNING,))
    if on is None or in_force(document, rule, on):
        return found
    warning = f"{span(document, rule)}，{on} 不在有效期内，本次按指定文件测算"
    return found._replace(warnings=(warning,), tail=in_tail(found, on))


def newest_first(document: Document) -> tuple[bool, int, str]:
    """Sorts the newest first, a first day that is not known after those, drafts last."""
    first = document.valid_from
    return document.draft, -first.toordinal() if first else 0, document.key


def span(document: Document, rule: Rule) -> str:
    """From when to when a provision of a document holds, in a sentence part."""
    if document.draft:
        return f"{document.name}为征求意见稿"
    first, last = period(document, rule)
    start = f"（{document.first_day}）" if document.first_day and first == document.valid_from else ""
    return f"{document.name}本条自 {first}{start} " + (f"至 {last} 有效" if last else "起有效，文件未写有效期止")
