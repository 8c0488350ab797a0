"""Steps 1 to 3 of one claim: validity, the single decision with cumulative principal, outside support."""

from __future__ import annotations

from collections.abc import Hashable

from xlpolicy.claim.decision import decide, input_names
from xlpolicy.faults import MissingInput, NotInForce, PolicyError
from xlpolicy.law.catalog import Found, in_force
from xlpolicy.law.effects import CrossRule
from xlpolicy.money import CENT, ZERO, clean
from xlpolicy.settle.facts import SUPPORT_WORDS, Support, same
from xlpolicy.settle.model import Cut
from xlpolicy.settle.state import Effects, State, Work

_NOTHING = ZERO.quantize(CENT)


def settle_alone(state: State, work: Work) -> None:
    """The decision of a claim by itself, or a cut that says why there is none and what is needed."""
    try:
        find(state, work)
        decide_claim(state, work)
    except NotInForce as error:
        invalid(state, work, error)
    except PolicyError as error:
        text = str(error)
        work.cuts.append(Cut(error.code, error.problem.where, _NOTHING, text))
        state.note(work.claim.id, error.code, text)


def find(state: State, work: Work) -> None:
    """The provision of the claim. Raises NotInForce outside its validity, pinned or not, and as `Catalog.find`."""
    claim = work.claim
    if claim.on is None and claim.policy is None:
        raise _no_date(claim.id)
    found = state.catalog.find(claim.city, claim.rule, claim.on, claim.policy)
    if found.tail:
        found = found._replace(warnings=())  # whether the award runs on is for its decision; pinned or not
    work.found = found
    if claim.policy is None or found.document.draft:
        return
    if claim.on is None:
        raise _no_date(claim.id)
    if not found.tail and not in_force(found.document, found.rule, claim.on):
        raise NotInForce(found.warnings[0].partition("，本次")[0], remedy="核对申报日期和文件")


def _no_date(where: str) -> MissingInput:
    return MissingInput(
        "没有申报日期", where=f"申报 {where}", expected="日期；只有指定征求意见稿测算时可以不填", remedy="补上申报日期"
    )


def invalid(state: State, work: Work, error: NotInForce) -> None:
    """Outside the validity: zero, under the cross rule that sets the period."""
    work.found = work.found or _nearest(state, work)
    name, at = _period(state, work, work.found)
    work.cuts.append(Cut(name, at, _NOTHING, str(error)))


def _nearest(state: State, work: Work) -> Found:
    """Where no document is in force on the day: the provision in the latest that had begun, or the first to begin."""
    return state.catalog.newest(work.claim.city, work.claim.rule, work.claim.on)


def _period(state: State, work: Work, found: Found) -> tuple[str, str]:
    """Cross rule and place that set the period of a provision; after expiry those of an award's tail."""
    document, on = found.document, work.claim.on
    late = found.rule.tail is not None and on is not None and document.valid_to is not None and on > document.valid_to
    for period in state.law.of(document.key, found.rule.id).periods:
        if (period.kind == "succession") == late:
            return period.id, period.at
    return "validity", found.rule.at


def decide_claim(state: State, work: Work) -> None:
    """The decision, with the enterprise's earlier loans counted; then exclusions by outside support.

    Raises MissingInput.
    """
    found, claim = work.found, work.claim
    assert found is not None
    work.effects = effects = state.law.of(found.document.key, found.rule.id)
    decision = decide(found, claim.inputs, claim.on)
    for rule in effects.needs:
        assert rule.needs is not None
        hit = supported(state, work, rule.needs.support, "either")
        if hit and rule.needs.input not in stated(work):
            item = found.rule.input(rule.needs.input)
            raise MissingInput(
                f"已获{words(hit)}，却没有填“{item.label}”（{item.name}）", where=f"{found.rule.title}（{rule.at}）",
                expected=item.label, remedy="补填后重新核算",
            )  # fmt: skip
    work.decision = decision
    work.decided = work.amount = decision.amount
    for rule in effects.principals:
        count_principal(state, work, rule)
    state.of_rule[found.document.key, found.rule.id].append(work)
    if work.amount > 0 and effects.uplift:
        work.take(effects.uplift, work.amount, "不单独申报，在重点产业链企业名单里列出企业后自动上浮")
    if work.amount > 0:
        bar(state, work, effects)


def bar(state: State, work: Work, effects: Effects) -> None:
    """Exclusions by outside support; what is left takes up principal."""
    for rule in effects.bars:
        assert rule.bar is not None
        hit = supported(state, work, rule.bar.support, rule.bar.of)
        if hit and work.amount > 0:
            work.take(rule, work.amount, "{} 已获{}", hit.project or hit.loan, words(hit))
    for rule in effects.principals:
        assert rule.principal is not None
        if work.amount > 0:
            state.principals[principal_key(rule, work)].add(loan_key(work), work.env[rule.principal.base])


def count_principal(state: State, work: Work, rule: CrossRule) -> None:
    """Decide again with the balances of the enterprise's earlier other loans added to the principal used."""
    assert rule.principal is not None and work.found is not None and work.decision is not None
    earlier = state.principals[principal_key(rule, work)].other_than(loan_key(work))
    if not earlier:
        return
    used, env = rule.principal.used, work.env
    given = {name: env[name] for name in stated(work)}  # so that defaults stay defaults
    work.decision = decide(work.found, {**given, used: env[used] + earlier}, work.claim.on)
    less = work.amount - work.decision.amount
    if less:
        work.take(rule, less, "其他贷款已占用本金 {:,.2f}元", env[used] + earlier)


def stated(work: Work) -> set[str]:
    """Names of the inputs that the claim itself states."""
    assert work.found is not None
    names = input_names(work.found.rule)
    given = (key for key, value in work.claim.inputs.items() if value is not None and str(value).strip())
    return {(names.get(key) or names[clean(str(key))]).name for key in given}


def principal_key(rule: CrossRule, work: Work) -> Hashable:
    assert rule.principal is not None
    return rule.id, work.enterprise, work.year if rule.principal.per == "enterprise-year" else None


def loan_key(work: Work) -> str:
    """The loan; a claim that names none is taken for a loan of its own."""
    return work.loan or f"#{work.claim.id}"


def supported(state: State, work: Work, kinds: tuple[str, ...], on: str) -> Support | None:
    """The first outside support of these kinds on the claim's project or loan."""
    for key, name in (("project", work.project), ("loan", work.loan)):
        if name and on in (key, "either"):
            for item in state.support.get((key, name), ()):
                whose = item.enterprise is None or same(item.enterprise) == work.enterprise
                if whose and (not kinds or item.kind in kinds):
                    return item
    return None


def words(support: Support) -> str:
    """The kind of support in Chinese."""
    return SUPPORT_WORDS.get(support.kind, support.kind)
