"""The worksheet functions, free of any host: plain values and ranges in, values, texts, tables or XlErrors out.

A refusal of the whole call raises PolicyError (`registry.Function.answer` turns it into an XlError); a refusal of one
row of a range is an XlError in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from xlpolicy.claim.binding import basis, first_input, input_names
from xlpolicy.claim.decision import Decision, decide
from xlpolicy.excel.functions.call import (
    XlError,
    as_input,
    attempt,
    check_unit,
    is_blank,
    number,
    spread,
    words,
)
from xlpolicy.excel.functions.claim_rows import Call, Row, each, read
from xlpolicy.excel.functions.columns import LEAST_ROWS, at_once
from xlpolicy.excel.functions.maximum import Maximum, maximum
from xlpolicy.faults import InvalidInput, PolicyError, Undecided
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found, as_date
from xlpolicy.money import clean
from xlpolicy.survey.wording_of import FOLDER, told, wording_of
from xlpolicy.words.shown import nature_word

_NO_TEXTS = f"没有放原文：把正文（.txt 或 PDF）放进“{FOLDER}”文件夹，放在设置文件旁边"


def subsidy(city: object, rule: object, *args: object) -> Any:
    """核定金额 of one cell or a range, 元 (or the unit of the call); an ineligible claim is 0, one that rests on a blank
    #N/A."""

    def one(found: Found, row: Row) -> Any:
        decision = _decide(found, row)
        if decision.open:
            raise Undecided(
                "；".join(decision.reasons), where=str(decision.basis), item=",".join(i.name for i in decision.open)
            )
        return number(decision.amount, row.unit)

    return each_found(city, rule, args, one, at_once)


def subsidy_why(city: object, rule: object, *args: object) -> Any:
    """计算过程 of the same call, or the reason and remedy where SUBSIDY shows an error."""
    firsts = first_inputs(words(city, "城市"), words(rule, "条款"))

    def one(found: Found, row: Row) -> str:
        used = ""
        if len(firsts) > 1 and found.rule.inputs and not is_blank(row.value):
            used = f"数值用作{found.rule.inputs[0].label}（{found.document.name}本条的第一个输入项）。"
        try:
            decision = _decide(found, row)
        except PolicyError as error:
            return f"{used}{error}"
        nature = [("性质", nature_word(decision.rule))] if decision.amount and decision.nature != "entitlement" else []
        notes = [*nature, *(("提醒", text) for text in decision.warnings), *decision.remarks]
        said = [
            f"{label}：{'；'.join(text.rstrip('。') for _, text in group)}"
            for label, group in groupby(notes, itemgetter(0))
        ]
        return used + "。".join([decision.explanation, *said])

    return as_text(each_found(city, rule, args, one))


def subsidy_basis(city: object, rule: object, *args: object) -> Any:
    """依据: document number and pinpoint. Depends on the date only, so the value may be left out."""
    return each_found(city, rule, args, lambda found, row: str(basis(found)))


def subsidy_article(city: object, rule: object, *args: object) -> Any:
    """政策原文: the sentence of the provision in the bureau's own text; what to do where there is none."""

    def one(found: Found, row: Row) -> str:
        return told(wording_of(catalogs.default(), found.document, found.rule)) or _NO_TEXTS

    return as_text(each_found(city, rule, args, one))


def subsidy_max(city: object, rule: object, *args: object) -> Any:
    """封顶: the smallest maximum the article states for the inputs given, in the unit of the call."""
    return each_found(city, rule, args, lambda found, row: number(_maximum(found, row)[0].amount, row.unit))


def maximum_why(city: object, rule: object, *args: object) -> Any:
    """The maxima of the same call, each with its scope and place."""
    return as_text(each_found(city, rule, args, lambda found, row: "；".join(m.text for m in _maximum(found, row))))


def each_found(
    city: object,
    rule: object,
    args: Sequence[object],
    one: Callable[[Found, Row], Any],
    whole: Callable[[str, str, str, Call], list[Any] | None] | None = None,
) -> Any:
    """A call by rows, or as a `whole` where that can be (city, rule, name of the value, call)."""
    names = words(city, "城市"), words(rule, "条款")
    firsts, call = first_inputs(*names), read(args)
    if call.size > 1 and len(firsts) > 1:
        rows = [call.row(i) for i in range(call.size) if i not in call.errors]
        firsts = _one_meaning([attempt(_find, *names, row) for row in rows if not is_blank(row.value)])

    def claim(row: Row) -> Any:
        check_unit(row.unit)
        return one(_find(*names, row), row)

    done = whole(*names, next(iter(firsts), ""), call) if whole and call.size >= LEAST_ROWS else None
    return spread(call.shape, each(call, claim) if done is None else done)


def _find(city: str, rule: str, row: Row) -> Found:
    return catalogs.default().find(city, rule, as_date(row.on), row.policy)  # type: ignore[arg-type]


def first_inputs(city: str, rule: str) -> frozenset[str]:
    """Names of the first input of a provision in the documents of its city: what a value without a name may be.

    Raises UnknownCity, UnknownRule, AmbiguousRule.
    """
    return _first_inputs(catalogs.default(), city, rule)


@lru_cache(maxsize=1000)
def _first_inputs(catalog: Catalog, city: str, rule: str) -> frozenset[str]:
    key = catalog.city(city)
    wanted = catalog.rule_id(key, rule)
    return frozenset(i.name for d in catalog.of_city(key) if wanted in d.rules for i in d.rules[wanted].inputs[:1])


def _one_meaning(reached: Iterable[Found | XlError]) -> frozenset[str]:
    """The input that values without a name are (one, or none where they reach no document).

    Raises InvalidInput where the rows of a range reach documents that would read them differently.
    """
    meant = {
        found.rule.inputs[
            0
        ].name: f"{found.document.name}用作“{found.rule.inputs[0].label}”（{found.rule.inputs[0].name}）"
        for found in reached
        if isinstance(found, Found) and found.rule.inputs
    }
    if len(meant) > 1:
        raise InvalidInput(
            f"各行适用的文件不同，同一列数值的含义也不同：{'，'.join(meant.values())}",
            where="没有写名称的数值",
            expected=f'成对书写，如 "{next(iter(meant))}",数值',
            remedy="把输入项的名称写成一对，各文件的行分开计算",
        )
    return frozenset(meant)


def _decide(found: Found, row: Row) -> Decision:
    return decide(found, stated(found, row), as_date(row.on))  # type: ignore[arg-type]


def _maximum(found: Found, row: Row) -> list[Maximum]:
    return maximum(found, stated(found, row))


def stated(found: Found, row: Row) -> dict[str, object]:
    """The inputs of a claim as the rules take them: amounts in 元, dates as dates, the value by its input's name."""
    names, inputs = input_names(found.rule), dict(row.inputs)
    first = found.rule.inputs[0] if found.rule.inputs else None
    if found.rule.amount is not None and not is_blank(row.value):
        name = first_input(found)
        # given twice, under a key of its own: the rule refuses it with its words
        inputs[f"{name} " if name in inputs else name] = row.value
    for key, value in inputs.items():
        item = names.get(key) or names.get(clean(str(key)))
        if item is not None and value is not None:
            inputs[key] = as_input(item, value, row.unit, first=item is first)
    return inputs


def as_text(result: Any) -> Any:
    """Errors as their message: what SUBSIDY_WHY is for."""
    if isinstance(result, list):
        return [as_text(item) for item in result]
    return result.message if isinstance(result, XlError) else result
