"""What of a judged form a person should look at again: its unit, its dates, its counts, its own estimate.

Whether an amount may have been meant in another unit: bounds come from the provision, none from here.

A bare 30000 in a form of 万元 is 3 亿元 or, more likely, 3 万元. It is asked about where the provision itself gives no
reason for such an amount: no figure of it is that large, and its cap is reached far below, or there is none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from typing import Any

from xlpolicy.claim.decision import decide
from xlpolicy.faults import Fault, PolicyError, Severity
from xlpolicy.forms.intake import Returned
from xlpolicy.forms.own_answers import Answers
from xlpolicy.forms.own_look import ASKED, COUNTY
from xlpolicy.forms.vouchers import late_vouchers
from xlpolicy.law.in_force import Found
from xlpolicy.law.nodes import Figure
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.money import UNITS, ZERO, in_words, plain

#: read in 元, a number typed into a form of another unit is worth a thought from here on (units of the form)
_NOTICEABLE = 1000
_STEPS = 40
#: a loan of few days reaches no cap, whatever its amount: it is held against one of a year
_YEAR_DAYS = 365
_CENT = Decimal("0.01")
#: a number of years from here on is a year of the calendar
_CALENDAR = 1900
_YEAR = re.compile(r"(?<!\d)20\d\d(?=年)")


def unit_doubts(returned: Returned, found: Found, on: dt.date) -> Iterator[Fault]:
    """A remark for every bare amount that is absurd in the form's unit and plausible in 元."""
    unit = UNITS.get(returned.unit, Decimal(1))
    for item in found.rule.inputs:
        value = returned.inputs.get(item.name)
        if item.type != "money" or item.name not in returned.bare or not isinstance(value, Decimal) or unit == 1:
            continue
        typed = value / unit
        if typed < _NOTICEABLE or any(p.item == item.name and p.code == "large_amount" for p in returned.problems):
            continue
        pays = partial(_amount, found, _of_a_year(found.rule, returned.inputs), item, on)
        enough, above = _enough(pays, value, unit), None
        if enough is None:  # no cap: a whole unit of the form even when read in 元, beyond every figure of the text
            doubtful = typed >= unit and value > _largest(found.rule)
            if (amount := pays(value) or ZERO) > _largest_cap(found.document) > 0:  # more than anything else brings
                doubtful, above = True, amount
        else:
            doubtful = value > enough and (typed >= unit or value >= 10 * enough)
        if doubtful:
            yield _doubt(item, returned, typed, value, enough, above)


def listed_doubts(returned: Returned, known: Mapping[str, Any]) -> Iterator[str]:
    """What the bureau's own list (元) may have meant in 万元: so little that as 万元 it would still be below the highest cap."""
    assert returned.document is not None and returned.rule is not None
    for item in returned.rule.inputs:
        value, unit = known.get(item.name), UNITS["万元"]
        if item.type != "money" or not isinstance(value, Decimal) or not ZERO < value < unit:
            continue
        if value * unit <= _largest_cap(returned.document):
            yield f"主管部门名单里“{item.label}”是 {plain(value)} 元，请核对是不是按万元填的（名单按元填）"


def _of_a_year(rule: Rule, inputs: dict[str, Any]) -> dict[str, Any]:
    """What is stated, its days those of a whole year."""
    days = next((item for item in rule.inputs if len(item.period) > 1), None)
    if days is None:
        return inputs
    return {name: value for name, value in inputs.items() if name not in days.period[:2]} | {days.name: _YEAR_DAYS}


def time_faults(returned: Returned, day: dt.date) -> Iterator[Fault]:
    """What the form says happened after it was applied for. `day`: of the application, or of the run where it says none."""
    project = returned.project
    applied = project.get("applied_on")
    until = applied or day
    said = f"申报日期（{until}）" if applied else f"核定日期（{until}）"
    if applied and applied > day:
        got = f"申报日期 {applied} 晚于核定日期 {day}"
        yield _late(returned, "prj_applied_on", got, "核定以前的日期", "核对申报日期", "warning")
    fact = project.get("fact_on")
    whole_year = fact is not None and (fact.month, fact.day) == (12, 31)
    if fact is not None and (fact.year > until.year if whole_year else fact > until):
        got = f"所属年度 {fact.year} 晚于{said}" if whole_year else f"日期 {fact} 晚于{said}"
        yield _late(
            returned, "prj_fact_on", got, "申报以前已经发生的事", "改正年度或日期；还没有发生的，发生以后再申报"
        )
    start, end = project.get("start"), project.get("end")
    for key, date in (("prj_start", start), ("prj_end", end)):
        if isinstance(date, dt.date) and date > until:
            got = f"{'开始' if key == 'prj_start' else '结束'}日期 {date} 晚于{said}"
            yield _late(returned, key, got, "", "核对日期，或核实项目是否已经实施", "warning")
            break
    later = [year for year in _YEAR.findall(str(project.get("name") or "")) if int(year) > until.year]
    if later:
        got = f"项目名称里写着 {later[0]} 年，晚于{said}"
        yield _late(returned, "prj_name", got, "", "核实项目是否已经实施", "warning")

    if applied is None:
        yield from late_vouchers(returned.vouchers, day)
    for item in returned.rule.inputs if returned.rule else ():
        value = returned.inputs.get(item.name)
        if isinstance(value, dt.date) and value > until:
            got = f"“{item.label}”{value} 晚于{said}"
            yield _late(returned, f"in_{item.name}", got, "", "核对日期；还没有发生的，不能计入", "warning")
        elif item.type == "integer" and item.unit == "年" and isinstance(value, int | Decimal) and value >= _CALENDAR:
            got = f"“{item.label}”填的是 {value}，像是年份"
            yield _late(returned, f"in_{item.name}", got, "第几年、几年", "改填数目", "warning")


def _late(returned: Returned, key: str, got: str, expected: str, remedy: str, severity: Severity = "error") -> Fault:
    return Fault("not_yet", returned.cells.get(key, ""), key, got, expected, remedy, severity)


def estimate_doubt(returned: Returned, amount: Decimal) -> Iterator[Fault]:
    """The form shows another result than the law gives: somebody wrote over it, or a figure was changed behind it."""
    if returned.estimate is None:
        return
    where, shown = returned.estimate
    if abs(shown - amount) > _CENT:
        got = f"表上“预计补助”显示 {in_words(shown)}，按填报数测算为 {in_words(amount)}"
        remedy = "看是不是有人改写了预计补助或填报数，核对原件"
        yield Fault("estimate_differs", where, "", got, "", remedy, "warning")


def own_doubts(own: Answers, amount: Decimal) -> Iterator[Fault]:
    """What a bureau's own template asked: another amount than the law gives, a county's above it."""
    where, asked = own.amounts.get(ASKED, ("", amount))
    if abs(asked - amount) > _CENT:
        got = f"申请金额 {in_words(asked)}，按填报数测算为 {in_words(amount)}"
        remedy = "少于测算的，核对是否只申请这些；多于测算的，以测算为准"
        yield Fault("asked_differs", where, "", got, "", remedy, "warning")
    where, county = own.amounts.get(COUNTY, ("", amount))
    if county > amount:
        got = f"县区初审额 {in_words(county)}，大于测算的 {in_words(amount)}，没有登记"
        yield Fault("county_above", where, "", got, "", "请县区核对初审额", "warning")


def count_doubt(returned: Returned, found: Found, on: dt.date, amount: Decimal) -> Iterator[Fault]:
    """A count that pays so much each: whether the same one was counted twice, only its papers show."""
    item = next(iter(found.rule.inputs), None)
    count = returned.inputs.get(item.name) if item is not None else None
    if (
        item is None
        or item.type != "integer"
        or item.maximum is not None
        or not isinstance(count, int | Decimal)
        or count < 2
    ):
        return
    if not amount or _amount(found, returned.inputs, item, on, 1) != amount / count:
        return
    got = f"按 {count}{item.unit or '个'} 各计一次"
    remedy = "对照证明材料逐一核对：同一个名称、称号或产品只能计一次"
    where = returned.cells.get(f"in_{item.name}", "")
    yield Fault("counted_several", where, item.name, got, "", remedy, "warning")


def rounded_doubt(returned: Returned, found: Found, on: dt.date, amount: Decimal) -> Iterator[Fault]:
    """An amount with more digits than the form shows, of which the result hangs on those that it does not show."""
    unit = UNITS.get(returned.unit, Decimal(1))
    for item in found.rule.inputs:
        value = returned.inputs.get(item.name)
        if item.type != "money" or not isinstance(value, Decimal) or value * 100 % unit == 0:
            continue
        seen = (value / unit).quantize(_CENT, ROUND_HALF_UP) * unit
        other = _amount(found, returned.inputs, item, on, seen)
        if other is not None and abs(other - amount) > max(abs(seen - value), _CENT):
            got = (
                f"填的是 {plain(value / unit)} {returned.unit}，两位小数显示成 {plain(seen / unit)}，"
                f"按前一个数测算为 {in_words(amount)}，按后一个数为 {in_words(other)}"
            )
            where = returned.cells.get(f"in_{item.name}", "")
            yield Fault("rounded", where, item.name, got, "", "核对要申报的是哪一个数", "warning")


def days_doubt(returned: Returned) -> Iterator[Fault]:
    """More days of interest than a year has, and no first and last day that would bear them out."""
    for item in returned.rule.inputs if returned.rule else ():
        days = returned.inputs.get(item.name)
        if len(item.period) < 2 or not isinstance(days, int | Decimal) or days <= _YEAR_DAYS + 1:
            continue
        if not all(returned.inputs.get(name) for name in item.period[:2]):
            where = returned.cells.get(f"in_{item.name}", "")
            got, remedy = f"填了 {days} 天，比一年还长", "对照利息清单核对天数；确是几年的，补填起止日"
            yield Fault("many_days", where, item.name, got, "", remedy, "warning")


def _doubt(
    item: Input, returned: Returned, typed: Decimal, value: Decimal, enough: Decimal | None, above: Decimal | None
) -> Fault:  # fmt: skip
    where = returned.cells.get(f"in_{item.name}", "")
    year = "借满一年" if returned.rule and any(len(i.period) > 1 for i in returned.rule.inputs) else ""
    known = f"，而{year}达到封顶只需 {plain(enough / UNITS[returned.unit])} {returned.unit}" if enough else ""
    if above:
        known = f"，按此得 {in_words(above)}，超过这份文件里最高的封顶"
    got = f"填的是 {plain(typed)} {returned.unit}（{in_words(value)}）{known}"
    remedy = f"核对单位：填的若是 {plain(typed)} 元，应写 {plain(typed / UNITS[returned.unit])}"
    return Fault("unit_doubt", where, item.name, got, "", remedy, "warning")


def _largest(rule: Rule) -> Decimal:
    """The largest amount of money that the provision's text names."""
    named = [f.value for f in rule.figures.values() if f.kind == "money" and isinstance(f.value, Decimal)]
    return max(named, default=ZERO)


@lru_cache(maxsize=64)
def _largest_cap(document: Document) -> Decimal:
    """The largest amount that any provision of a document caps at, as far as it is a number of its text."""
    caps = (
        rule.figures[limit.node.name].value
        for rule in document.rules.values() for limit in rule.limits
        if isinstance(limit.node, Figure) and limit.node.name in rule.figures
    )  # fmt: skip
    return max((cap for cap in caps if isinstance(cap, Decimal)), default=ZERO)


def _amount(found: Found, inputs: dict[str, Any], item: Input, on: dt.date, value: Decimal | int) -> Decimal | None:
    try:
        return decide(found, {**inputs, item.name: value}, on, typed=True).amount
    except PolicyError:
        return None


def _enough(amount: Callable[[Decimal], Decimal | None], value: Decimal, unit: Decimal) -> Decimal | None:
    """From where on more brings nothing, to about a hundredth; None where the amount never stops growing."""
    far = value * unit
    most = amount(far)
    if not most or most != amount(far * 10):
        return None
    low, high = ZERO, far
    for _ in range(_STEPS):
        middle = ((low + high) / 2).quantize(Decimal("0.01"))
        if amount(middle) == most:
            high = middle
        else:
            low = middle
    return high.quantize(Decimal("1E2")) if high > 100 else high
