"""本年核定比例: the rate that a bureau pays in a year where the article states the most that may be paid (不超过3%).

`Catalog.find` gives a provision as it is paid in the year of the day that it is asked about, so that what is computed from
it is the year's and says so. What is recorded of a claim (测算额) stays the article's, `Found.article`: the rate of a year
is often fixed when all have applied. A settlement shows the difference as a cut.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from functools import lru_cache

from xlpolicy.faults import InvalidInput, nearest
from xlpolicy.law.in_force import Found, day_of
from xlpolicy.law.records import Document, Figure, Rule, YearRate, rate_name
from xlpolicy.money import show_rate


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
        able = {figure.name: figure for figure in settable(rule)} if rule else {}
        if one.figure not in able:
            every = [
                rate_name(d.key, r.id, f.name)
                for d in documents.values()
                for r in d.rules.values()
                for f in settable(r)
            ]
            raise InvalidInput(
                f"“{one.name}”没有本年核定比例可定", where="本年核定比例", expected="写“不超过”“最高”的条款的比例，如 fuzhou-2026-5:tech_upgrade.rate",
                remedy=nearest(one.name, every),
            )  # fmt: skip
        most = able[one.figure].value
        assert isinstance(most, Decimal) and rule is not None
        if not 0 <= one.rate <= most:
            raise InvalidInput(
                f"{one.year} 年度是 {show_rate(one.rate)}", where=f"本年核定比例 {rule.title}", expected=f"不超过条文的 {able[one.figure].text}",
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


def of_claim(rates: Iterable[YearRate], document: str, rule: str, day: dt.date | None) -> tuple[YearRate, ...]:
    """Those that a claim is paid by: of its provision and of the year of its fact."""
    return tuple(one for one in rates if day and (one.document, one.rule, one.year) == (document, rule, day.year))


@lru_cache(256)
def at_rates(rule: Rule, rates: tuple[YearRate, ...], known: bool = True) -> Rule:
    """The provision as it is paid in the year, one record each time; a figure that was changed to less stays what it is.

    Where the year is not `known`, the article's, which says so.
    """
    if not known:
        return replace(rule, applies=(*rule.applies, f"没有写日期，按条文的比例测算；本单位{told(rule, rates)}"))
    changed = {}
    for one in rates:
        figure = rule.figures[one.figure]
        assert isinstance(figure.value, Decimal)
        if one.rate < figure.value:
            label = f"{one.year}年核定{figure.label}"
            changed[one.figure] = replace(figure, value=one.rate, text=show_rate(one.rate), label=label)
    return replace(rule, figures={**rule.figures, **changed}, applies=(*rule.applies, told(rule, rates)))


def in_year(found: Found, on: dt.date | None, fact_on: dt.date | None) -> Found:
    """The provision as its document's rates have it for a claim of that day; without a day the article's, and told."""
    document, rule = found.document, found.rule
    day = day_of(document.year_by, on, fact_on)
    mine = tuple(one for one in document.rates if one.rule == rule.id)
    rates = mine if day is None else of_claim(mine, document.key, rule.id, day)
    return found._replace(rule=at_rates(rule, rates, known=day is not None)) if rates else found


def beside(rates: Iterable[YearRate], documents: Mapping[str, Document]) -> tuple[YearRate, ...]:
    """Rates, and of the documents' those of which they say nothing."""
    stated = {(one.name, one.year): one for one in rates}
    own = {(one.name, one.year): one for document in documents.values() for one in document.rates}
    return tuple({**own, **stated}.values())


def with_rates(documents: Mapping[str, Document], rates: Iterable[YearRate]) -> list[Document]:
    """The documents with the rates of each. Raises as `checked`."""
    of: dict[str, list[YearRate]] = {}
    for one in checked(documents, rates):
        of.setdefault(one.document, []).append(one)
    return [replace(d, rates=tuple(of[key])) if key in of else d for key, d in documents.items()]


def told(rule: Rule, rates: Sequence[YearRate]) -> str:
    """What was done, in a sentence part: 本年核定比例2%（条文不超过3%，依据）."""
    return "、".join(
        f"{one.year}年核定{rule.figures[one.figure].label}{show_rate(one.rate)}"
        f"（条文不超过{rule.figures[one.figure].text}{f'，{one.authority}' if one.authority else ''}）"
        for one in rates
    )


def to_text(rates: Iterable[YearRate]) -> str:
    """The rates as one line of text, for the environment and the register; the inverse of `of_text`."""
    return json.dumps([asdict(one) | {"rate": str(one.rate)} for one in rates])


def of_text(text: str) -> tuple[YearRate, ...]:
    """The rates of a text that `to_text` made; none of an empty one."""
    return tuple(YearRate(**{**one, "rate": Decimal(one["rate"])}) for one in json.loads(text or "[]"))
