"""Claims whose refusal rests on what nobody stated: a question, not a refusal. They wait, and say what is asked.

Where a provision tests the sum of a year (`least`), the question is one about the sum: what is enough together, or not
enough whatever the blanks may hold, asks nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from contextlib import suppress
from decimal import Decimal

from xlpolicy.claim.blanks import greatest
from xlpolicy.claim.exact import Outcome
from xlpolicy.faults import MissingInput, PolicyError
from xlpolicy.law.records import Input
from xlpolicy.money import ZERO
from xlpolicy.settle.model import Cut
from xlpolicy.settle.scopes import sum_key
from xlpolicy.settle.single import decide_again
from xlpolicy.settle.state import State
from xlpolicy.settle.work import Work


def ask(state: State) -> None:
    """Let the claims wait that have to be asked something first."""
    summed: dict[Hashable, list[Work]] = {}
    for work in state.asking:
        assert work.outcome is not None
        key = sum_key(work) if work.sums else None
        if key is not None:
            summed.setdefault(key, []).append(work)
        elif work.outcome.open and (work.sums or not work.cuts):
            _wait(state, work, work.outcome.open, _at_most(work))
    for group in summed.values():
        if any(work.outcome.open or _blanks(work) for work in group if work.outcome is not None):
            _ask_together(state, group)


def _ask_together(state: State, group: Sequence[Work]) -> None:
    """The sum is not enough as stated, but may be with what is left blank: the claims with blanks wait."""
    last = group[-1]
    assert last.found is not None and last.found.rule.least is not None
    of = last.found.rule.least.of
    stated: dict[str, Decimal] = dict.fromkeys(of, ZERO)
    most = dict(stated)
    for work in group:
        blanks = _blanks(work)
        for name in of:
            stated[name] += work.env[name]
            most[name] += blanks[name] if name in blanks else work.env[name]
    if most == stated or decide_again(last, stated).eligible or not decide_again(last, most).eligible:
        return
    for work in group:
        if blanks := _blanks(work):
            items = [item for item in work.found.rule.inputs if item.name in blanks] if work.found else []
            _wait(state, work, items, decide_again(work, blanks))


def _blanks(work: Work) -> dict[str, Decimal]:
    """What is summed and was left blank: the most that it may hold."""
    assert work.outcome is not None and work.found is not None and work.found.rule.least is not None
    outcome, of = work.outcome, work.found.rule.least.of
    return {name: most for name, most in greatest(outcome, outcome.blank).items() if name in of}


def _at_most(work: Work) -> Outcome | None:
    """The decision with the most that the blanks may hold; None where that has no bound."""
    assert work.outcome is not None
    outcome = work.outcome
    with suppress(PolicyError):
        return decide_again(work, greatest(outcome, outcome.blank))
    return None


def _wait(state: State, work: Work, items: Iterable[Input], most: Outcome | None) -> None:
    """The claim waits for its inputs, as one does that lacks them; it keeps what it may come to."""
    assert work.found is not None
    rule, asked = work.found.rule, list(items)
    error = MissingInput(
        f"未填{'、'.join(f'“{item.label}”（{item.name}）' for item in asked)}，够不够条件还不能判断",
        where=f"{rule.title}（{rule.at}）", item=",".join(item.name for item in asked),
        expected=f"填写{'、'.join(f'“{item.label}”' for item in asked)}", remedy="补填后重新核算",
    )  # fmt: skip
    state.of_rule[work.found.document.key, rule.id].remove(work)
    work.outcome = work.now = None
    work.decided = work.amount = ZERO
    work.cuts = (Cut(error.code, error.problem.where, ZERO, str(error)),)
    work.waiting, work.sums = True, False
    work.settle_base()
    if most is not None and most.eligible:
        work.reserved = most.amount
    state.note(work.claim.id, error.code, str(error))
