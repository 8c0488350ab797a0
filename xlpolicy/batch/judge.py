"""A returned form -> its record: judged, or put where it belongs with the reason; then several forms together."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from xlpolicy.batch.notices import BUREAU, OLD_FORM, for_bureau
from xlpolicy.batch.plausible import (
    count_doubt,
    days_doubt,
    estimate_doubt,
    listed_doubts,
    own_doubts,
    rounded_doubt,
    time_faults,
    unit_doubts,
)
from xlpolicy.batch.proportion import relation_doubts
from xlpolicy.batch.record import Judged, Place, Record, enterprise_key, packed
from xlpolicy.claim.decision import Decision, decide
from xlpolicy.faults import Fault, InvalidInput, MissingInput, NotInForce, PolicyError, reference
from xlpolicy.forms.bureau_facts import BureauFacts, facts_of
from xlpolicy.forms.codes import holder_of
from xlpolicy.forms.intake import Returned
from xlpolicy.forms.layout import labels
from xlpolicy.forms.own_look import ASKED, COUNTY
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found, day_of
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.money import clean
from xlpolicy.settle import Claim
from xlpolicy.words.names import same_once
from xlpolicy.words.shown import nature_word, show

_PLACES: dict[str, Place] = {
    "ok": "已核定",
    "needs_correction": "退回补正",
    "blank": "空白",
    "unreadable": "无法读取",
    "not_a_form": "非申请表",
}
#: files that are something else than a spreadsheet: not forms, whatever is wrong with them
_OTHER_FILES = {"word", "pdf", "image", "mail", "not_spreadsheet"}
#: what the enterprise does about an input
_MENDED = {InvalidInput.code: "改正", MissingInput.code: "补填", "undecided": "补填"}
_WHY = {
    "空白": "表内没有填写任何内容",
    "无法读取": "文件读不出来",
    "非申请表": "不是本系统的申请表",
}
#: when a form was applied for, the document that is pinned, when the fact was
Days = tuple[dt.date, str | None, dt.date | None]


def judge(
    returned: Returned,
    file: str,
    digest: str,
    on: dt.date,
    catalog: Catalog,
    policy: str | None = None,
    *,
    nth: int = 0,
    bureau: BureauFacts | None = None,
) -> Record:
    """One form as intake read it -> its record. `policy` pins a document whatever the date.

    A form that says when it was applied for and when the fact was is judged by those, an earlier one by `on`; its
    document says which of the two decides whether it applies (`decides_by`). `bureau`: facts that only the bureau knows, by code and provision.
    `nth`: which form it is of a file that holds several.
    """
    enterprise = returned.enterprise
    record = Record(
        file, digest, _PLACES[returned.status], member=returned.member or "", sheet=returned.sheet or "", nth=nth,
        enterprise=enterprise.get("name", "").strip(), code=enterprise.get("uscc", "").strip(), on=on,
        project=str(returned.project.get("name") or "").strip(), issue=returned.issue, line=returned.line,
        extra=returned.own.texts,
    )  # fmt: skip
    record.bank = tuple(enterprise.get(key, "").strip() for key in ("account_name", "account", "bank"))  # type: ignore[assignment]
    record.account = re.sub(r"\W", "", record.bank[1])
    faults = [p for p in returned.problems if p.severity == "error"]
    record.labels = labels(returned.rule)
    record.hints = tuple(_hint(p, record.labels) for p in returned.problems if p.severity == "warning")
    if record.place == "无法读取" and any(p.code in _OTHER_FILES for p in returned.problems):
        record.place = "非申请表"
    if returned.document is not None and returned.rule is not None:
        if bureau:
            known = facts_of(bureau, record.code, returned.rule.id, record.project)
            record.hints += (*_corrected(returned, known), *listed_doubts(returned, known))
            returned = replace(returned, inputs={**returned.inputs, **known})
        applied, fact_on = returned.project.get("applied_on") or on, returned.project.get("fact_on")
        _describe(record, returned)
        late = list(time_faults(returned, on))
        faults += [fault for fault in late if fault.severity == "error"]
        record.hints += tuple(_hint(fault, record.labels) for fault in late if fault.severity == "warning")
        if record.place == "已核定":
            faults += _decided(record, returned, (applied, policy, fact_on), catalog, sound=not faults)
    if record.place == "已核定" and record.judged is None:
        record.place = "退回补正"
    record.problems = tuple(faults)
    if record.place in _WHY:
        reasons = dict.fromkeys(p.got for p in returned.problems if p.severity == "error")
        record.why = "；".join(reasons) or _WHY[record.place]
    return record


def _corrected(returned: Returned, known: Mapping[str, Any]) -> tuple[str, ...]:
    """Where a form states otherwise what the bureau knows: its list counts (forms of earlier versions still ask)."""
    assert returned.rule is not None
    told = []
    for name, value in known.items():
        said = returned.inputs.get(name)
        if said is not None and said != value:
            item = returned.rule.input(name)
            text = (
                f"“{item.label}”申报表填的是 {_stated(item, said)}，主管部门名单是 {_stated(item, value)}，按名单核定"
            )
            told.append(f"{text}（{_cell(returned, item)}）")
    return tuple(told)


def _describe(record: Record, returned: Returned) -> None:
    """What a form for a known provision is about and states, whether or not it can be judged."""
    document, rule = returned.document, returned.rule
    assert document is not None and rule is not None
    record.rule, record.title, record.at, record.unit = rule.id, rule.title, rule.at, returned.unit
    record.county = _county(returned.enterprise.get("county", ""), document)
    given = ((item, _given(returned, item)) for item in rule.inputs)
    stated = [f"{item.label}：{_stated(item, value)}" for item, value in given if value is not None]
    named = [
        f"{record.labels[f'prj_{name}']}：{text}" for name in ("loan", "object") if (text := _about(returned, name))
    ]
    own = (f"{label}：{text}" for label, text in record.extra.items() if text)
    record.inputs = "\n".join([*named, *stated, *own])


def _decided(record: Record, returned: Returned, days: Days, catalog: Catalog, *, sound: bool) -> list[Fault]:
    """Decide, and, where the form has no other fault (`sound`), put into the record what follows; the faults found."""
    document, rule = returned.document, returned.rule
    assert document is not None and rule is not None
    decision, faults = _decide(returned, document, rule, days, catalog)
    if decision is None or faults or not sound:
        return faults
    applied, policy, fact_on = days
    day = day_of(document.decides_by, applied, fact_on) or applied
    found = _found(document, rule, days, catalog)
    record.judged = _judged(decision, _of_the_year(found, returned, applied, fact_on))
    doubts = (
        *unit_doubts(returned, found, day),
        *count_doubt(returned, found, day, decision.amount),
        *rounded_doubt(returned, found, day, decision.amount),
        *days_doubt(returned),
        *relation_doubts(returned),
        *estimate_doubt(returned, decision.amount),
        *own_doubts(returned.own, decision.amount),
    )
    record.hints += tuple(_hint(doubt, record.labels) for doubt in doubts)
    record.vouchers = tuple((v.number, v.where) for v in returned.vouchers if v.number)
    stated = {i.name: decision.inputs[i.name] for i in rule.inputs if _given(returned, i) is not None}
    record.claim = Claim(
        "", record.enterprise, document.city, rule.id, applied, stated, holder_of(record.code), policy=policy,
        project=record.project or None, loan=_about(returned, "loan"), object=_about(returned, "object"),
        code=record.code or None, fact_on=fact_on,
    )  # fmt: skip
    record.county_amount = returned.own.amounts.get(COUNTY, ("", None))[1]
    record.asked = returned.own.amounts.get(ASKED, ("", None))[1]
    who = enterprise_key(record.code, record.enterprise)
    record.key = (who, document.key, rule.id, same_once(record.project), *_names(record.claim))
    record.period = _period(decision)
    record.values = tuple(
        (i.name, _stated(i, v), _cell(returned, i) if _given(returned, i) is not None else "")
        for i in rule.inputs
        if (v := decision.inputs.get(i.name)) is not None
    )
    return []


def _given(returned: Returned, item: Input) -> Any:
    value = returned.inputs.get(item.name)
    return None if isinstance(value, str) and not value.strip() else value


def _about(returned: Returned, name: str) -> str | None:
    """The loan or the object that the form names in its project block, where it asks for one."""
    return str(returned.project.get(name) or "").strip() or None


def _names(claim: Claim) -> tuple[str, str]:
    """The loan and the object of a claim as they are compared."""
    return same_once(claim.loan or ""), same_once(claim.object or "")


def _period(decision: Decision) -> tuple[dt.date, dt.date] | None:
    """From when to when the interest runs that a claim is for, where it says both."""
    for item in decision.rule.inputs:
        first, last = [decision.inputs.get(name) for name in item.period[:2]] or (None, None)
        if first is not None and last is not None:
            return first, last
    return None


def _stated(item: Input, value: Any) -> str:
    """A stated input as a clerk writes it."""
    if item.choices:
        return next((c.label for c in item.choices if str(c.value) == str(value)), str(value))
    return show(value, "count" if item.type == "integer" else item.type, item.unit)


def _county(raw: str, document: Document) -> str:
    """For grouping: 福建省福州市鼓楼区 and 鼓楼区 are one. The form keeps the raw spelling."""
    text = clean(raw)
    return text.rpartition(document.city_label)[2] or text


def _decide(
    returned: Returned, document: Document, rule: Rule, days: Days, catalog: Catalog
) -> tuple[Decision | None, list[Fault]]:
    """Every fault of the inputs at once, each with its cell; else the decision."""
    faults = []
    for item in rule.inputs:
        if _given(returned, item) is not None:
            continue
        if item.required and item.by:
            got = f"“{item.label}”要由受理部门填在主管部门名单里，名单里没有"
            faults.append(_on_form(Fault("bureau_fact", item=item.name, got=got), returned, rule))
        elif item.required and not _counted(item, rule, returned):
            faults.append(_on_form(Fault(MissingInput.code, item=item.name, got="没有填写"), returned, rule))
    if faults:
        return None, faults
    try:
        found = _found(document, rule, days, catalog)
        decision = decide(found._replace(rule=found.article), returned.inputs, days[0], days[2], typed=True)
        if decision.open:
            why = "；".join(decision.reasons)
            return None, [_on_form(Fault("undecided", item=i.name, got=why), returned, rule) for i in decision.open]
        return decision, []
    except PolicyError as error:
        return None, [_on_form(error.problem, returned, rule)]


def _counted(item: Input, rule: Rule, returned: Returned) -> bool:
    """Whether the days asked for follow from a period that is stated."""
    dates = [_given(returned, rule.input(name)) for name in item.period[:2]]
    return bool(dates) and None not in dates


def _found(document: Document, rule: Rule, days: Days, catalog: Catalog) -> Found:
    """The provision the form was made for, provided it is the one that applies on the day."""
    found = catalog.find(document.city, rule.id, *days)
    on = day_of(found.document.decides_by, days[0], days[2])
    if found.document.key != document.key:
        raise NotInForce(
            f"申请表依据的是{document.name}，{on} 应适用{found.document.name}",
            item=OLD_FORM,
            expected=f"{found.document.name}的申请表",
            remedy=f"改用{found.document.name}的申请表重新填报",
        )
    return found


def _of_the_year(found: Found, returned: Returned, applied: dt.date, fact_on: dt.date | None) -> tuple[str, ...]:
    """What a year's rate below the article's leaves of the amount, which is the article's."""
    said = found.rule.applies[len(found.article.applies) :]
    if not said:
        return ()
    paid = decide(found, returned.inputs, applied, fact_on, typed=True).amount
    return (f"{'；'.join(said)}，按它是 {paid:,.2f} 元，兑付核算时核减",)


def _judged(decision: Decision, more: tuple[str, ...]) -> Judged:
    return Judged(
        decision.eligible, decision.amount, nature_word(decision.rule),
        f"{decision.basis.number} {decision.basis.pinpoint}", packed(decision.explanation, decision.steps),
        decision.reasons, tuple(f"{label}：{text}" for label, text in decision.remarks), decision.warnings + more,
        decision.document.year_by,
    )  # fmt: skip


def _cell(returned: Returned, item: Input) -> str:
    return returned.cells.get(f"in_{item.name}") or returned.cells.get(item.name, "")


def _on_form(fault: Fault, returned: Returned, rule: Rule) -> Fault:
    """A fault of the law's as the enterprise is told it: on its form, with what it can do about it."""
    if for_bureau(fault):
        return replace(fault, where=reference(returned.sheet), expected="", remedy=BUREAU[fault.code])
    item = next((i for i in rule.inputs if i.name == fault.item.split(",")[0]), None)
    where = reference(returned.sheet) if item is None else _cell(returned, item)
    remedy = fault.remedy or "改正后重新报送"
    if item is not None and fault.code in _MENDED:
        remedy = f"{_MENDED[fault.code]}“{item.label}”后重新报送"
    return replace(fault, where=where, remedy=remedy)


def _hint(fault: Fault, labels: Mapping[str, str]) -> str:
    label = labels.get(fault.item)
    return (
        (f"“{label}”" if label and label not in fault.got else "")
        + str(replace(fault, where="")).rstrip("。")
        + (f"（{fault.where}）" if fault.where else "")
    )
