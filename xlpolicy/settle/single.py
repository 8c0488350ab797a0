"""One claim by itself: validity, the article alone, outside support, review, and who it is of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

from xlpolicy.claim.binding import input_names
from xlpolicy.claim.decision import by_the_sum, work_out
from xlpolicy.claim.exact import Outcome
from xlpolicy.claim.period import as_stated
from xlpolicy.faults import InvalidInput, MissingInput, NotInForce, PolicyError
from xlpolicy.forms.codes import uscc_doubt
from xlpolicy.law.effects import Bar, CrossRule
from xlpolicy.law.in_force import Found, day_of, in_force, span
from xlpolicy.law.values import coerce
from xlpolicy.law.year_rates import at_rates, of_claim, told
from xlpolicy.money import CENT, ZERO, clean
from xlpolicy.settle.identity import valid_code
from xlpolicy.settle.model import Cut
from xlpolicy.settle.outside import amounts_known, bar, note_nameless, note_support, supported, supports, words
from xlpolicy.settle.reach import Effects
from xlpolicy.settle.state import State
from xlpolicy.settle.work import Work

#: under which rule a cut to the year's rate is shown
YEAR_RATE = "year_rate"
_NOTHING = ZERO.quantize(CENT)
#: decisions of one claim that are kept while combinations are tried
_KEPT = 64


def settle_alone(state: State, work: Work) -> None:
    """The decision of a claim by itself, or a cut that says why there is none and what is needed."""
    try:
        find(state, work)
        decide_claim(state, work)
    except NotInForce as error:
        invalid(state, work, error)
    except PolicyError as error:
        text, where = (state.told.setdefault(said, said) for said in (str(error), error.problem.where))
        work.cuts = (Cut(error.code, where, _NOTHING, text),)
        state.note(work.claim.id, error.code, text)
        work.waiting = isinstance(error, MissingInput)
        if work.waiting:
            state.unread.append(work)
        if work.waiting and work.effects is None and work.found is not None:
            stand(state, work, work.found)
    work.settle_base()
    if state.strange:
        _note_strange(state, work)


def stand(state: State, work: Work, found: Found) -> Effects:
    """Put a claim in line for the steps that its provision is subject to."""
    work.effects = effects = state.law.of(found.document.key, found.rule.id)
    for step in effects.steps:
        state.of_step[step].append(work)
    return effects


def _note_strange(state: State, work: Work) -> None:
    """What the facts say in other words than the claims, so that it is not clear whom or what they mean."""
    for _, item in supports(state, work, ("*",), "either") if state.support.unknown_kinds else ():
        if item.kind in state.support.unknown_kinds:
            state.note(work.claim.id, "unknown_support", state.support.unknown_kind(item.kind), "state")
    if state.support.of_unknown:
        _note_unknown(state, work)
    if state.unclear:
        identify(state, work)
    if (
        work.found is not None
        and work.found.document.city in state.before.of_strangers
        and not valid_code(work.enterprise)
    ):
        text = (
            "以前兑付的有的只写了统一社会信用代码，本笔没有写代码，没有比较是不是本单位；请补上代码，或在已兑付里写名称"
        )
        state.note(work.claim.id, "unnamed", text)


def _note_unknown(state: State, work: Work) -> None:
    """Support on what the claim is for, of a code alone: whether it is this enterprise's, nobody said."""
    for key in (("project", work.project), ("loan", work.loan), ("object", work.thing)):
        item = state.support.of_unknown.get(key)
        if item is not None and not (valid_code(item.enterprise) and valid_code(work.enterprise)):
            why = "本笔没有写代码" if valid_code(item.enterprise) else "它的校验位不对"
            text = f"其他支持（{words(state, item)}）只写了统一社会信用代码 {item.enterprise}，{why}，没有比较是不是本单位；请补上代码，或在其他支持里写名称"
            state.note(work.claim.id, "unnamed", text)
            return


def hold(state: State, work: Work, rule: CrossRule, why: str, *facts: object) -> None:
    """A claim that waits: it is paid nothing until somebody has cleared it up; its amount is kept in mind.

    One that waits already keeps what it keeps, and one without a decision has nothing that could wait: both are told.
    """
    if work.outcome is not None and not work.waiting:
        work.begin()
        work.reserved = work.amount
        work.take(rule, work.amount, why, *facts)
        work.settle_base()
        work.waiting, work.sums, state.waits = True, False, True
        work.touched = work.counted = True
    state.note(work.claim.id, rule.id, f"{rule.text}；{why.format(*facts)}")


def identify(state: State, work: Work) -> None:
    """Who the claim is of: a name under two codes waits, two names under one code are one enterprise, with a note."""
    claim = work.claim
    codes = state.who.codes(claim.enterprise)
    if len(codes) > 1:
        rule = CrossRule("identity", "", "identity", (), "同一单位名称有两个统一社会信用代码")
        hold(state, work, rule, "{}，请核对后再兑付", "、".join(codes))
    names = state.who.names(claim.code)
    if len(names) > 1:
        text = f"统一社会信用代码 {claim.code} 有两个名称（{'、'.join(names)}），按同一单位核算，请对照营业执照核对"
        state.note(claim.id, "identity", text)
    if code := state.who.doubtful.get(claim.id):
        text = f"统一社会信用代码“{code}”{uscc_doubt(code)}，按单位名称核算，请对照营业执照核对"
        state.note(claim.id, "identity", text)
    if state.disputed and work.effects and work.enterprise in state.disputed:
        for rule in work.effects.limits:
            if rule.limit and rule.limit.fact:
                hold(state, work, rule, "{} 的贡献数有两个，请核对后再兑付", claim.enterprise)


def find(state: State, work: Work) -> None:
    """The provision of the claim. Raises NotInForce outside its validity, pinned or not, and as `Catalog.find`."""
    claim = work.claim
    if claim.fact_on is not None and claim.on is not None and claim.fact_on.year > claim.on.year:
        # not the day itself: a form that states a year has its last day
        text = f"事实日期 {claim.fact_on} 在申报日期 {claim.on} 的以后年度，请核对两个日期"
        state.note(claim.id, "dates", text)
    if claim.on is None and claim.policy is None:
        work.found = _of_year(state, work)
        raise _no_date(claim.id)
    found = state.find(claim)
    if found.tail:
        found = found._replace(warnings=())  # whether the award runs on is for its decision; pinned or not
    work.found = found
    if claim.fact_on is not None:
        work.day = day_of(found.document.year_by, claim.on, claim.fact_on)
        work.year = work.day.year if work.day else work.year
    if claim.policy is None or found.document.draft:
        return
    day = day_of(found.document.decides_by, claim.on, claim.fact_on)
    if claim.on is None or day is None:
        raise _no_date(claim.id)
    if not found.tail and not in_force(found.document, found.rule, day):
        raise NotInForce(f"{span(found.document, found.rule)}，{day} 不在有效期内", remedy="核对申报日期和文件")


def _of_year(state: State, work: Work) -> Found | None:
    """In the place of which provision a claim without a date waits: its year's; in none under a draft, which it must name."""
    claim = work.claim
    found = state.catalog.newest(claim.city, claim.rule, claim.fact_on or dt.date(work.year, 12, 31))
    return None if found.document.draft else found


def _no_date(where: str) -> MissingInput:
    return MissingInput(
        "没有申报日期", where=f"申报 {where}", expected="日期；只有指定征求意见稿测算时可以不填", remedy="补上申报日期"
    )


def invalid(state: State, work: Work, error: NotInForce) -> None:
    """Outside the validity: zero, under the cross rule that sets the period."""
    work.found = work.found or _nearest(state, work)
    name, at = _period(state, work, work.found)
    work.cuts = (Cut(name, at, _NOTHING, str(error)),)


def _nearest(state: State, work: Work) -> Found:
    """Where no document is in force on the day: the provision in the latest that had begun, or the first to begin."""
    return state.catalog.newest(work.claim.city, work.claim.rule, work.claim.fact_on or work.claim.on)


def _period(state: State, work: Work, found: Found) -> tuple[str, str]:
    """Cross rule and place that set the period of a provision; after expiry those of an award's tail."""
    document, on = found.document, day_of(found.document.decides_by, work.claim.on, work.claim.fact_on)
    late = found.rule.tail is not None and on is not None and document.valid_to is not None and on > document.valid_to
    for period in state.law.of(document.key, found.rule.id).periods:
        if (period.kind == "succession") == late:
            return period.id, period.at
    return "validity", found.rule.at


def decide_claim(state: State, work: Work) -> None:
    """The decision of the article alone, then exclusions by outside support and the reviewed amount.

    Raises MissingInput.
    """
    found, claim = work.found, work.claim
    assert found is not None
    effects = stand(state, work, found)
    if found.document.rates:
        found = found._replace(rule=found.article)
    outcome, _ = work_out(found, claim.inputs, claim.on, claim.fact_on)
    full = outcome.amount
    rates = of_claim(state.rates, found.document.key, found.rule.id, work.day) if state.rates else ()
    if rates:  # whatever is decided again later is decided at the year's rate too
        work.found = found._replace(rule=at_rates(found.rule, rates))
        outcome, _ = work_out(work.found, claim.inputs, claim.on, claim.fact_on)
    for rule in effects.needs:
        assert rule.deduct is not None
        hit = supported(state, work, rule.deduct.support, rule.deduct.of)
        if hit:
            note_support(state, work, hit)
        if hit and rule.deduct.by not in stated(work):
            item = found.rule.input(rule.deduct.by)
            raise MissingInput(
                f"已获{words(state, hit)}，却没有填“{item.label}”（{item.name}）", where=f"{found.rule.title}（{rule.at}）",
                expected=item.label, remedy="补填后重新核算",
            )  # fmt: skip
    for rule in effects.deducts:
        amounts_known(state, work, rule)
    work.outcome = work.now = outcome
    work.decided, work.amount = full, outcome.amount
    if full > outcome.amount:
        work.cuts = (Cut(YEAR_RATE, found.rule.at, full - outcome.amount, told(found.rule, rates)),)
    state.of_rule[found.document.key, found.rule.id].append(work)
    if work.amount > 0 and effects.uplift:
        work.take(effects.uplift, work.amount, "不单独申报，在重点产业链企业名单里列出企业后自动上浮")
    # what fails another condition than the year's minimum is no part of the year's sum
    work.sums = found.rule.least is not None and (outcome.eligible or by_the_sum(found.rule, outcome))
    if work.sums or outcome.open:
        state.asking.append(work)
    if state.support.items and work.amount > 0:
        for rule in (*effects.needs, *effects.deducts):
            if rule.deduct and rule.deduct.support and not supported(state, work, rule.deduct.support, rule.deduct.of):
                note_nameless(state, work, rule, Bar(rule.deduct.support, rule.deduct.of))
    bar(state, work, effects)
    if claim.reviewed is not None:
        review(state, work, claim.reviewed)


def review(state: State, work: Work, reviewed: Decimal) -> None:
    """审定额 takes the place of the computed amount, never above it; the year's rate may stay below both.

    Of a year's sum more may be due than the claim is due alone: how much is told there.
    """
    if reviewed > work.decided and not work.sums:
        refuse_review(state, work, reviewed, work.decided)
    elif reviewed < work.amount:
        strike(work, reviewed)


def strike(work: Work, reviewed: Decimal) -> None:
    """Take off what a person did not find right."""
    assert work.found is not None
    work.cuts += (Cut("review", work.found.rule.at, work.amount - reviewed, f"审定额 {reviewed:,.2f}元"),)
    work.amount = reviewed


def refuse_review(state: State, work: Work, reviewed: Decimal, most: Decimal) -> None:
    """A claim whose 审定额 is above what was computed is paid nothing, and is no part of a year's sum."""
    text = f"审定额 {reviewed:,.2f}元 大于测算额 {most:,.2f}元，暂不兑付；请核对审定额"
    work.cuts += (Cut("invalid_input", f"申报 {work.claim.id}", work.amount, text),)
    state.note(work.claim.id, "invalid_input", text)
    work.amount = ZERO


def stated(work: Work) -> set[str]:
    """Names of the inputs that the claim itself states."""
    assert work.found is not None
    names = input_names(work.found.rule)
    given = (key for key, value in work.claim.inputs.items() if value is not None and str(value).strip())
    return {(names.get(key) or names[clean(str(key))]).name for key in given}


def known(work: Work) -> Mapping[str, Any]:
    """The inputs of a claim by name; of one that has no decision, what it states as far as it can be read."""
    assert work.found is not None
    if work.outcome is not None:
        return work.env
    names = input_names(work.found.rule)
    found: dict[str, Any] = {}
    for key, value in work.claim.inputs.items():
        item = names.get(key) or names.get(clean(str(key)))
        if item is not None and value is not None and str(value).strip():
            with suppress(InvalidInput):
                found[item.name] = coerce(item, value)
    return found


def decide_again(work: Work, changed: Mapping[str, Decimal]) -> Outcome:
    """The outcome with some inputs changed; what the claim does not state stays a default.

    Days that are changed are no longer those of the stated period.
    """
    key = tuple(changed.items())
    known = work.again.get(key) if work.again else None
    if known is None:
        assert work.found is not None
        dates = {name for item in work.found.rule.inputs if item.name in changed for name in item.period}
        again = {name: as_stated(work.env, name) for name in stated(work) if name not in dates}
        known, _ = work_out(work.found, {**again, **changed}, work.claim.on, work.claim.fact_on)
        if work.again is None or len(work.again) >= _KEPT:
            work.again = {}
        work.again[key] = known
        known.env = work.env  # nobody asks what was put in: it would be kept as long as the claim
    return known
