"""One claim by itself: validity, the article alone, outside support, review, and who it is of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from xlpolicy.settle.facts import Support
from xlpolicy.settle.identity import valid_code
from xlpolicy.settle.model import Cut
from xlpolicy.settle.reach import Effects
from xlpolicy.settle.state import State
from xlpolicy.settle.work import Work
from xlpolicy.words.names import same

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
        if work.waiting and work.effects is None and work.found is not None:
            stand(state, work, state.law.of(work.found.document.key, work.found.rule.id))
    work.settle_base()
    if state.strange:
        _note_strange(state, work)


def stand(state: State, work: Work, effects: Effects) -> None:
    """Put a claim in line for the steps that its provision is subject to."""
    for step in effects.steps:
        state.of_step[step].append(work)


def _note_strange(state: State, work: Work) -> None:
    """What the facts say in other words than the claims, so that it is not clear whom or what they mean."""
    for _, item in supports(state, work, ("*",), "either") if state.unknown_kinds else ():
        if item.kind in state.unknown_kinds:
            state.note(work.claim.id, "unknown_support", state.unknown_kind(item.kind), "state")
    if state.of_unknown:
        _note_unknown(state, work)
    if state.unclear:
        identify(state, work)
    if work.found is not None and work.found.document.city in state.of_strangers and not valid_code(work.enterprise):
        text = (
            "以前兑付的有的只写了统一社会信用代码，本笔没有写代码，没有比较是不是本单位；请补上代码，或在已兑付里写名称"
        )
        state.note(work.claim.id, "unnamed", text)


def _note_unknown(state: State, work: Work) -> None:
    """Support on what the claim is for, of a code alone: whether it is this enterprise's, nobody said."""
    for key in (("project", work.project), ("loan", work.loan)):
        item = state.of_unknown.get(key) if key[1] else None  # type: ignore[arg-type]
        if item is not None and not (valid_code(item.enterprise) and valid_code(work.enterprise)):
            why = "本笔没有写代码" if valid_code(item.enterprise) else "它的校验位不对"
            text = f"其他支持（{words(state, item)}）只写了统一社会信用代码 {item.enterprise}，{why}，没有比较是不是本单位；请补上代码，或在其他支持里写名称"
            state.note(work.claim.id, "unnamed", text)
            return


def hold(state: State, work: Work, rule: CrossRule, why: str, *facts: object) -> None:
    """A claim that waits: it is paid nothing until somebody has cleared it up; its amount is kept in mind."""
    work.begin()
    work.reserved = work.amount
    work.take(rule, work.amount, why, *facts)
    work.settle_base()
    work.waiting, work.sums, state.waits = True, False, True
    work.touched = work.counted = True
    state.note(work.claim.id, rule.id, work.cuts[-1].reason)


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
    if claim.id in state.who.doubtful:
        text = f"统一社会信用代码“{claim.code}”{uscc_doubt(claim.code or '')}，按单位名称核算，请对照营业执照核对"
        state.note(claim.id, "identity", text)
    if state.disputed and work.effects and work.enterprise in state.disputed:
        for rule in work.effects.limits:
            if rule.limit and rule.limit.fact:
                hold(state, work, rule, "{} 的贡献数有两个，请核对后再兑付", claim.enterprise)


def find(state: State, work: Work) -> None:
    """The provision of the claim. Raises NotInForce outside its validity, pinned or not, and as `Catalog.find`."""
    claim = work.claim
    if claim.on is None and claim.policy is None:
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
    work.effects = effects = state.law.of(found.document.key, found.rule.id)
    stand(state, work, effects)
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
    if state.outside and work.amount > 0:
        for rule in (*effects.needs, *effects.deducts):
            if rule.deduct and rule.deduct.support and not supported(state, work, rule.deduct.support, rule.deduct.of):
                note_nameless(state, work, rule, Bar(rule.deduct.support, rule.deduct.of))
    bar(state, work, effects)
    if claim.reviewed is not None:
        review(state, work, claim.reviewed)


def bar(state: State, work: Work, effects: Effects) -> None:
    """Exclusions by outside support; none where it names neither the enterprise nor its project or loan.

    Support that may be anybody's concerns a claim that does not say its project or loan.
    """
    if not effects.bars:
        return
    unsaid = bool(state.of_anybody) and (work.project is None or work.loan is None)
    if state.helped.isdisjoint((work.project, work.loan)) and work.enterprise not in state.outside_of and not unsaid:
        return
    for rule in effects.bars:
        assert rule.bar is not None
        if not (work.amount > 0 or work.sums):
            return
        hit = supported(state, work, rule.bar.support, rule.bar.of)
        if hit:
            note_support(state, work, hit)
            work.take(rule, work.amount, "{} 已获{}", hit.project or hit.loan, words(state, hit))
            work.sums = False
        else:
            note_nameless(state, work, rule, rule.bar)


def note_nameless(state: State, work: Work, rule: CrossRule, bar: Bar) -> None:
    """Support that may be on what the claim is for, where one of them does not name it: not compared."""
    kinds, field, label = bar.support, "project", "项目"
    if bar.of == "loan":
        field, label = "loan", "贷款"
    own: str | None = getattr(work, field)
    near = [item for item in state.outside_of.get(work.enterprise, ()) if "*" in kinds or item.kind in kinds]
    if own is None:
        for item in near:
            named = getattr(item, field) or (item.loan if bar.of == "either" else None) or f"没有写{label}的"
            text = f"未写{label}，没有与本单位 {named} 已获的{words(state, item)}比较（{rule.text}），请核对"
            state.note(work.claim.id, "unnamed", text)
        if far := state.of_anybody_of(kinds, coded=bool(valid_code(work.enterprise))):
            more = f"等 {len(far)} 项" if len(far) > 1 else ""
            named = f"{far[0].project or far[0].loan} 已获的{words(state, far[0])}{more}"
            text = f"未写{label}，其他支持里 {named}没有写明是哪家单位，没有与本笔比较（{rule.text}），请核对"
            state.note(work.claim.id, "unnamed", text)
    elif bar.of == "either":
        for item in near:
            if item.project is None and item.loan and not work.loan and same(item.loan) not in state.loans_named(work):
                text = f"未写贷款，本单位贷款 {item.loan} 已获的{words(state, item)}没有写项目，没有与本笔比较（{rule.text}），请核对"
                state.note(work.claim.id, "unnamed", text)
        _note_anybody(state, work, rule, kinds)
    else:
        on = [item for _, item in supports(state, work, kinds, "project" if field == "loan" else "either")]
        on += [item for item in near if item not in on and (field == "project" or not work.project)]
        for item in on:
            if getattr(item, field) is None:
                text = f"已获的{words(state, item)}没有写{label}，没有与本笔比较（{rule.text}），请核对"
                state.note(work.claim.id, "unnamed", text)


def _note_anybody(state: State, work: Work, rule: CrossRule, kinds: tuple[str, ...]) -> None:
    """Support on a loan of nobody knows whom, where the claim is on a loan that it does not name, or its enterprise
    names that loan in a claim without a project."""
    assert work.found is not None
    far = state.loans_of_anybody(kinds, coded=bool(valid_code(work.enterprise))) if not work.loan else {}
    if far and not work.found.rule.term:
        mine = {one.loan for one in state.of_enterprise(work) if one.loan and not one.project}
        far = {loan: item for loan, item in far.items() if loan in mine} if not mine.isdisjoint(far) else {}
    if far:
        item = next(iter(far.values()))
        text = f"未写贷款，其他支持里贷款 {item.loan} 已获的{words(state, item)}没有写明是哪家单位哪个项目的，没有与本笔比较（{rule.text}），请核对"
        state.note(work.claim.id, "unnamed", text)


def note_support(state: State, work: Work, support: Support) -> None:
    """Support that names no enterprise concerns every one with that project or loan."""
    if support.enterprise is None:
        which = f"项目 {support.project}" if support.project else f"贷款 {support.loan}"
        text = f"其他支持（{words(state, support)}，{which}）没有写单位，有这个名称的各单位都算，请核对是不是本单位的"
        state.note(work.claim.id, "support", text)


def review(state: State, work: Work, reviewed: Decimal) -> None:
    """审定额 takes the place of the computed amount, never above it; the year's rate may stay below both."""
    if reviewed > work.decided:
        text = f"审定额 {reviewed:,.2f}元 大于测算额 {work.decided:,.2f}元，暂不兑付；请核对审定额"
        work.cuts += (Cut("invalid_input", f"申报 {work.claim.id}", work.amount, text),)
        state.note(work.claim.id, "invalid_input", text)
        work.amount, work.sums = ZERO, False
    elif reviewed < work.amount:
        assert work.found is not None
        work.cuts += (Cut("review", work.found.rule.at, work.amount - reviewed, f"审定额 {reviewed:,.2f}元"),)
        work.amount = reviewed


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


def supported(state: State, work: Work, kinds: tuple[str, ...], on: str) -> Support | None:
    """The first outside support of these kinds on the claim's project or loan."""
    return next((item for _, item in supports(state, work, kinds, on)), None)


def supports(state: State, work: Work, kinds: tuple[str, ...], on: str) -> Iterator[tuple[int, Support]]:
    """Outside support of these kinds on the claim's project or loan, each once, with its place in the facts."""
    if state.helped.isdisjoint((work.project, work.loan)):
        return iter(())
    return _supports(state, work, kinds, on)


def _supports(state: State, work: Work, kinds: tuple[str, ...], on: str) -> Iterator[tuple[int, Support]]:
    named = [("project", work.project), ("loan", work.loan)]
    if on == "either" and work.project:  # a loan that another claim of the enterprise names with the project
        named += [("loan", loan) for loan in sorted(state.loans_of.get((work.enterprise, work.project), ()))]
    told: set[int] = set()
    for key, name in named:
        for position, item in state.support.get((key, name), ()) if name and on in (key, "either") else ():
            whose = item.enterprise is None or state.who.of(item.enterprise) == work.enterprise
            if whose and ("*" in kinds or item.kind in kinds) and position not in told:
                told.add(position)
                yield position, item


def amounts_known(state: State, work: Work, rule: CrossRule) -> None:
    """Raises MissingInput where support that is to be taken off has no amount."""
    assert rule.deduct is not None
    for _, item in supports(state, work, rule.deduct.support, rule.deduct.of):
        if item.amount is None:
            raise MissingInput(
                f"已获{words(state, item)}，没有写金额", where=f"其他支持（{rule.at}）", expected="金额", remedy="补填后重新核算"
            )  # fmt: skip


def words(state: State, support: Support) -> str:
    """The kind of support in Chinese."""
    return state.law.supports.get(support.kind, support.kind)
