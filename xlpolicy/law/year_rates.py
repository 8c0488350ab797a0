"""本年核定比例: the rate that a bureau pays in a year where the article states the most that may be paid (不超过3%).

The article stays what it is: an assessment still shows its maximum. A settlement pays by the year's rate and says so.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal

from xlpolicy.faults import InvalidInput, nearest
from xlpolicy.law.records import Document, Figure, Rule
from xlpolicy.money import show_rate

#: the rates of this process and of those that it starts, as the settings file has them
VARIABLE = "XLPOLICY_YEAR_RATES"


@dataclass(frozen=True, slots=True)
class YearRate:
    """The rate of one year's facts for one figure of a provision, and by which authority."""

    document: str
    rule: str
    figure: str
    year: int
    rate: Decimal
    authority: str = ""

    @property
    def name(self) -> str:
        """What it is for, as settings name it."""
        return name_of(self.document, self.rule, self.figure)


def name_of(document: str, rule: str, figure: str) -> str:
    """A figure of a provision as settings name it: fuzhou-2026-5:tech_upgrade.rate."""
    return f"{document}:{rule}.{figure}"


def settable(rule: Rule) -> Iterator[Figure]:
    """The rates of a provision below which a bureau may stay: those of an amount that the article only bounds."""
    if rule.nature == "upper_bound":
        yield from (figure for figure in rule.figures.values() if figure.kind == "rate" and figure.table is None)


def checked(documents: Mapping[str, Document], rates: Iterable[YearRate]) -> tuple[YearRate, ...]:
    """The rates as they are. Raises InvalidInput for one that nothing answers to, that is above the article's, or twice."""
    seen: set[tuple[str, int]] = set()
    made = []
    for one in rates:
        document = documents.get(one.document)
        rule = document.rules.get(one.rule) if document else None
        known = {figure.name: figure for figure in settable(rule)} if rule else {}
        if one.figure not in known:
            every = [
                name_of(d.key, r.id, f.name) for d in documents.values() for r in d.rules.values() for f in settable(r)
            ]
            raise InvalidInput(
                f"“{one.name}”没有本年核定比例可定", where="本年核定比例", expected="写“不超过”“最高”的条款的比例，如 fuzhou-2026-5:tech_upgrade.rate",
                remedy=nearest(one.name, every),
            )  # fmt: skip
        most = known[one.figure].value
        assert isinstance(most, Decimal) and rule is not None
        if not 0 <= one.rate <= most:
            raise InvalidInput(
                f"{one.year} 年度是 {show_rate(one.rate)}", where=f"本年核定比例 {rule.title}", expected=f"不超过条文的 {known[one.figure].text}",
                remedy="改正比例",
            )  # fmt: skip
        if (one.name, one.year) in seen:
            raise InvalidInput(
                f"“{rule.title}”{one.year} 年度写了两次",
                where="本年核定比例",
                expected="每年一个比例",
                remedy="删去一个",
            )
        seen.add((one.name, one.year))
        made.append(one)
    return tuple(made)


def of_claim(rates: Iterable[YearRate], document: str, rule: str, day: dt.date | None) -> list[YearRate]:
    """Those that a claim is paid by: of its provision and of the year of its fact."""
    return [one for one in rates if day and (one.document, one.rule, one.year) == (document, rule, day.year)]


def at_rates(rule: Rule, rates: Sequence[YearRate]) -> Rule:
    """The provision as it is paid in the year."""
    changed = {one.figure: replace(rule.figures[one.figure], value=one.rate, text=show_rate(one.rate)) for one in rates}
    return replace(rule, figures={**rule.figures, **changed})


def told(rule: Rule, rates: Sequence[YearRate]) -> str:
    """What was done, in a sentence part: 本年核定比例2%（条文不超过3%，依据）."""
    return "、".join(
        f"{one.year}年核定{rule.figures[one.figure].label}{show_rate(one.rate)}"
        f"（条文不超过{rule.figures[one.figure].text}{f'，{one.authority}' if one.authority else ''}）"
        for one in rates
    )


def use(rates: Iterable[YearRate]) -> None:
    """Make them those in use here and in processes started from here."""
    os.environ.pop(VARIABLE, None)
    if listed := [asdict(one) | {"rate": str(one.rate)} for one in rates]:
        os.environ[VARIABLE] = json.dumps(listed)


def in_use() -> tuple[YearRate, ...]:
    """The rates of the settings in use."""
    listed = json.loads(os.environ.get(VARIABLE, "[]"))
    return tuple(YearRate(**{**one, "rate": Decimal(one["rate"])}) for one in listed)
