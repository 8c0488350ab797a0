"""Steps 1 to 3 of one claim: validity, the single decision with cumulative principal, outside support."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal

from xlpolicy.assess import Decision, decide, input_names
from xlpolicy.catalog import Found, in_force
from xlpolicy.errors import InvalidInput, NotInForce, PolicyError
from xlpolicy.money import CENT, ZERO
from xlpolicy.rules.cross import CrossRule
from xlpolicy.settle.model import Claim, Cut, Note, Support
from xlpolicy.settle.state import SUPPORT_WORDS, State, Work

#: enterprise (and year) -> loan -> balance that has borne subsidy
Principals = dict[Hashable, dict[str, Decimal]]


def find(state: State, work: Work) -> bool:
    """The provision of the claim; a claim outside its document's validity is zero with a cut."""
    claim = work.claim
    try:
        found = state.catalog.find(claim.city, claim.rule, claim.on, claim.policy)
    except NotInForce as error:
        invalid(state, work, error)
        return False
    except PolicyError as error:
        refuse(state, work, error)
        return False
    # naming the document pins nothing here: a claim outside a tail is as invalid as any other
    work.found = found._replace(warnings=()) if found.tail else found
    if claim.on is None and not found.document.draft:
        raise InvalidInput(
            "没有申报日期",
            where=f"申报 {claim.id}",
            expected="日期；只有征求意见稿可以不填",
            remedy="补上 on",
        )
    if claim.on and not found.document.draft and not found.tail and not in_force(found.document, found.rule, claim.on):
        invalid(state, work, NotInForce(found.warnings[0], where=claim.id))
        return False
    return True


def invalid(state: State, work: Work, error: PolicyError) -> None:
    rule = validity_rule(state, work)
    work.cuts.append(Cut(rule.id if rule else "validity", rule.at if rule else "", ZERO.quantize(CENT), str(error)))


def validity_rule(state: State, work: Work) -> CrossRule | None:
    """The cross rule that sets the period of the claim's provision, the one with fewest members first."""
    claim = work.claim
    if work.found:
        documents = [work.found.document]
    else:
        city = state.catalog.city(claim.city)
        documents = sorted(state.catalog.of_city(city), key=lambda d: str(d.valid_from), reverse=True)
        documents = [
            d for d in documents if claim.on is None or d.valid_from is None or d.valid_from <= claim.on
        ] or documents
    for document in documents:
        name = state.catalog.rule_id(document.city, claim.rule)
        rules = [
            r for r in state.by_member[document.key, name] if r.kind in ("deadline", "retroactive") and r.step == 1
        ]
        if rules:
            return min(rules, key=lambda r: len(r.members))
    return None


def refuse(state: State, work: Work, error: PolicyError) -> None:
    """A claim that cannot be decided: zero, with what is needed."""
    work.cuts.append(Cut(error.code, error.problem.where, ZERO.quantize(CENT), str(error)))
    state.notes.append(Note(work.claim.id, error.code, str(error)))


def decide_claim(state: State, work: Work, principals: Principals) -> None:
    """The decision of a found claim, or a cut saying what is missing; then exclusions by outside support."""
    found, claim = work.found, work.claim
    assert found is not None
    rules = state.by_member[found.document.key, found.rule.id]
    try:
        for rule in rules:
            if (
                rule.needs
                and supported(state, work, rule.needs.support, "either")
                and claim.inputs.get(rule.needs.input) in (None, "")
            ):
                item = found.rule.input(rule.needs.input)
                raise InvalidInput(
                    f"已获{'、'.join(SUPPORT_WORDS.get(k, k) for k in rule.needs.support)}，却没有填“{item.label}”",
                    where=rule.at,
                    expected=item.label,
                    remedy="补填后重新核算",
                )
        work.decision = with_principal(state, work, [r for r in rules if r.principal], principals)
    except NotInForce as error:
        invalid(state, work, error)
        return
    except PolicyError as error:
        refuse(state, work, error)
        return
    work.decided = work.amount = work.decision.amount
    state.enter(work)
    for rule in rules:
        if rule.bar and work.amount > 0:
            hit = supported(state, work, rule.bar.support, rule.bar.of)
            if hit:
                work.take(rule, work.amount, f"{hit.project or hit.loan} 已获{SUPPORT_WORDS.get(hit.kind, hit.kind)}")
    for rule in rules:
        if rule.principal and work.amount > 0:
            key = principal_key(state, rule, work)
            principals[key].setdefault(claim.loan or f"#{claim.id}", work.decision.outcome.env[rule.principal.base])


def with_principal(state: State, work: Work, rules: list[CrossRule], principals: Principals) -> Decision:
    """The decision, with the balances of the enterprise's earlier other loans added to the principal used."""
    claim, found = work.claim, work.found
    assert found is not None
    decision = decide(found, claim.inputs, claim.on)
    for rule in rules:
        assert rule.principal is not None
        loans = principals[principal_key(state, rule, work)]
        earlier = sum((amount for loan, amount in loans.items() if loan != claim.loan), ZERO)
        if earlier:
            stated = decision.inputs.get(rule.principal.used, ZERO)
            used = {name: value for name, value in decision.inputs.items() if name in _named(found, claim)}
            decision = decide(found, used | {rule.principal.used: stated + earlier}, claim.on)
    return decision


def principal_key(state: State, rule: CrossRule, work: Work) -> Hashable:
    assert rule.principal is not None
    return rule.id, work.claim.enterprise, work.year if rule.principal.per == "enterprise-year" else None


def supported(state: State, work: Work, kinds: tuple[str, ...], on: str) -> Support | None:
    """The first outside support of these kinds on the claim's project or loan."""
    claim = work.claim
    for key, name in (("project", claim.project), ("loan", claim.loan)):
        if name and on in (key, "either"):
            for item in state.support.get((key, name), ()):
                if (not kinds or item.kind in kinds) and item.enterprise in (None, claim.enterprise):
                    return item
    return None


def _named(found: Found, claim: Claim) -> set[str]:
    """Names of the inputs a claim states (so that defaults stay defaults when it is decided again)."""
    names = input_names(found.rule)
    return {names[key].name for key in claim.inputs if key in names}
