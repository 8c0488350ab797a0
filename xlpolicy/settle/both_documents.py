"""The same claims under two documents: who gets less, who gets more, and why.

Every claim is settled as if it had been made under the old document, and as if under the new one: its date is moved
into the period of the document, inputs are known again by the pairing of the comparison. Facts of the year (earlier
payments, funds) stand outside, as they belong to one of the years only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xlpolicy.claim.binding import input_names
from xlpolicy.faults import UnknownRule
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import period
from xlpolicy.law.records import Document, Rule
from xlpolicy.money import ZERO
from xlpolicy.settle import Claim, Settled, settle
from xlpolicy.settle.model import read_claims
from xlpolicy.survey.compare import Diff
from xlpolicy.survey.compare.documents import NOT_LISTED, Row
from xlpolicy.survey.compare.pairing import Pairs

#: kinds of change that alone make an amount another one
_AMOUNTS = (
    "raised", "lowered", "rewritten", "formula", "scope", "figure_added", "figure_dropped", "tightened", "loosened", "basis",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shift:
    """One claim under both. An amount is None where the document does not list the provision, or cannot tell.

    ※ in `why`: that rests on how an open text is read.
    """

    claim: Claim
    title: str
    before: Decimal | None
    after: Decimal | None
    why: str

    @property
    def difference(self) -> Decimal | None:
        """What is more (less below zero); None where one of the amounts is not known."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class Shifts:
    """All claims of the city, those that lose most first. `elsewhere`: how many were of other cities or documents."""

    lines: tuple[Shift, ...]
    elsewhere: int

    @property
    def less(self) -> tuple[Shift, ...]:
        """Those that get less under the other document."""
        return tuple(x for x in self.lines if x.difference is not None and x.difference < 0)

    @property
    def more(self) -> tuple[Shift, ...]:
        """Those that get more."""
        return tuple(x for x in self.lines if x.difference is not None and x.difference > 0)

    @property
    def unknown(self) -> tuple[Shift, ...]:
        """Those of which one of the documents cannot tell."""
        return tuple(x for x in self.lines if x.difference is None)

    def model_dump(self, mode: str = "python") -> dict[str, Any]:
        """Plain data; mode "json" gives money as strings."""

        def money(amount: Decimal | None) -> Any:
            return f"{amount:.2f}" if mode == "json" and amount is not None else amount

        return {
            "claims": [
                {
                    "id": x.claim.id, "enterprise": x.claim.enterprise, "rule": x.claim.rule, "title": x.title,
                    "before": money(x.before), "after": money(x.after), "difference": money(x.difference), "why": x.why,
                }
                for x in self.lines
            ],
            "less": len(self.less), "more": len(self.more), "unknown": len(self.unknown), "elsewhere": self.elsewhere,
        }  # fmt: skip


def under_both(claims: Iterable[Claim | Mapping[str, Any]], found: Diff, catalog: Catalog) -> Shifts:
    """The claims of the city of the two documents under either. Raises InvalidInput."""
    every = read_claims(claims)
    mine = [(claim, rule) for claim in every if (rule := _rule(catalog, claim, found)) is not None]
    rows = {row.rule: row for row in found.rows}
    old, new = (
        _settled(mine, document, other, catalog) for document, other in ((found.old, found.new), (found.new, found.old))
    )
    lines = [_line(claim, rows[rule], old.get(claim.id), new.get(claim.id)) for claim, rule in mine]
    lines.sort(key=lambda x: (x.difference is None, x.difference or ZERO))
    return Shifts(tuple(lines), len(every) - len(mine))


def _rule(catalog: Catalog, claim: Claim, found: Diff) -> str | None:
    """The id of a claim's provision, where one of the documents has it."""
    try:
        if catalog.city(claim.city) != found.old.city:
            return None
        name = catalog.rule_id(found.old.city, claim.rule)
    except UnknownRule:
        name = claim.rule
    return name if name in found.old.rules or name in found.new.rules else None


def _settled(
    mine: list[tuple[Claim, str]], document: Document, other: Document, catalog: Catalog
) -> dict[str, Settled]:
    """Claim id -> how it ends under one document, for the claims whose provision it has."""
    law = Catalog({**catalog.documents, document.key: document}.values())
    year = _year([claim.on for claim, _ in mine if claim.on], document)
    moved = [
        claim._replace(
            rule=rule, policy=document.key, city=document.city, fact_on=None, reviewed=None,
            on=_within(claim.on, year, document, document.rules[rule]),
            inputs=_inputs(claim.inputs, document.rules[rule], other.rules.get(rule)),
        )
        for claim, rule in mine
        if rule in document.rules
    ]  # fmt: skip
    return {x.id: x for x in settle(moved, on_year=year, catalog=law).claims} if moved else {}


def _year(days: list[dt.date], document: Document) -> int:
    """The one year in which the claims are taken to be made: that of most of them, inside the document's period."""
    years = [day.year for day in days]
    year = max(set(years), key=lambda y: (years.count(y), y)) if years else dt.date.today().year
    first, last = document.valid_from, document.valid_to
    return min(max(year, first.year if first else year), last.year if last else year)


def _within(day: dt.date | None, year: int, document: Document, rule: Rule) -> dt.date | None:
    """The day of the year on which a claim is taken to be made; None under a draft."""
    if document.draft:
        return None
    first, last = period(document, rule)
    day = day or dt.date(year, 6, 30)
    moved = day.replace(year=year, day=min(day.day, 28)) if day.year != year else day
    return min(max(moved, first or moved), last or moved)


def _inputs(given: Mapping[str, Any], rule: Rule, other: Rule | None) -> dict[str, Any]:
    """The inputs by the names of a provision; those that only the other document's has are known by their pair."""
    names = input_names(rule)
    pairs: dict[str, str] = {}
    if other is not None:
        pairs = dict(Pairs.of(other, rule).inputs)
    found: dict[str, Any] = {}
    for name, value in given.items():
        item = names.get(name)
        if item is None and other is not None and (twin := input_names(other).get(name)) is not None:
            item = names.get(pairs.get(twin.name, ""))
        if item is not None:
            found.setdefault(item.name, value)
    return found


def _line(claim: Claim, row: Row, old: Settled | None, new: Settled | None) -> Shift:
    before, after = (_amount(x) for x in (old, new))
    if old is None and new is not None:
        return Shift(claim, row.title, None, after, "旧文件未列入")
    if new is None:
        after = None if any(change.kind == "runs_on" for change in row.lasting) else ZERO
        why = "；".join([NOT_LISTED, *(change.text for change in row.lasting)])
        return Shift(claim, row.title, before, after, why)
    assert old is not None
    return Shift(claim, row.title, before, after, _why(row, old, new, before, after))


def _amount(settled: Settled | None) -> Decimal | None:
    return None if settled is None or settled.outcome is None or settled.status == "pending" else settled.payable


def _why(row: Row, old: Settled, new: Settled, before: Decimal | None, after: Decimal | None) -> str:
    """Why the new amount is another one: a condition, a cut, or what changed in the provision."""
    for side, settled, amount in (("旧文件", old, before), ("新文件", new, after)):
        if amount is None:
            told = [cut.reason.rstrip("。") for cut in settled.cuts]
            return f"按{side}算不出：{'；'.join(told) or '资料不全'}"
    if before == after:
        return "金额相同" + "".join(f"；{c.short}" for c in row.changes if c.kind == "to_upper_bound")
    lower = new if (after or ZERO) < (before or ZERO) else old
    parts = [f"{'新' if lower is new else '旧'}文件不符合条件：{reason}" for reason in lower.reasons]
    rules = {cut.rule for cut in (old if lower is new else new).cuts}
    parts += [cut.reason.rstrip("。") for cut in lower.cuts if cut.amount > 0 and cut.rule not in rules]
    parts += [c.short for c in row.changes if c.kind in _AMOUNTS] if not lower.reasons else []
    return "；".join(dict.fromkeys(parts)) or row.text
