"""One claim on its way through a settlement."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from xlpolicy.claim.exact import Env, Outcome, find_row
from xlpolicy.claim.period import Period
from xlpolicy.law.effects import CrossRule, Ref
from xlpolicy.law.in_force import Found
from xlpolicy.money import ZERO, divided
from xlpolicy.settle.facts import Payment
from xlpolicy.settle.model import Claim, Cut
from xlpolicy.settle.reach import Effects
from xlpolicy.words.names import same

#: of a choice: the kind that was paid before (None: outside support), how much, where it is kept in mind
Pot = tuple[int | None, Decimal, Hashable]
#: nobody has been relieved of anything: one for all claims
_NOBODY: Mapping[str, Decimal] = MappingProxyType({})
#: each year once: there are many claims of it
_YEARS: dict[int, int] = {}
#: a payer that bears nothing of a claim: under which rule, the payer, why
Less = tuple[CrossRule, str, str, tuple[object, ...]]


class Work:
    """One claim on its way: found provision, outcome (None where there is none), current amount, cuts.

    `enterprise`, `project`, `loan` and `thing` (its object) are the claim's names in the form in which they are compared.
    `alone` is what it is due by itself, after the article and the bars; `begin` goes back to it. `out` says why another
    kind was chosen; a claim that is `waiting` is paid nothing yet. `less` says why one of its payers bears nothing
    (rule, payer, why, facts); `lost` is what payers have been relieved of.
    """

    __slots__ = (
        "again",
        "alone",
        "amount",
        "base",
        "claim",
        "counted",
        "cuts",
        "day",
        "decided",
        "effects",
        "enterprise",
        "found",
        "held",
        "less",
        "loan",
        "lost",
        "now",
        "out",
        "outcome",
        "period",
        "place",
        "position",
        "project",
        "reserved",
        "reserved_now",
        "seats",
        "sums",
        "term",
        "thing",
        "touched",
        "turn",
        "unsaid",
        "waiting",
        "year",
    )  # fmt: skip

    def __init__(self, claim: Claim, position: int, on_year: int, enterprise: str) -> None:
        self.claim, self.position = claim, position
        self.enterprise = enterprise
        self.project = same(claim.project) if claim.project else None
        self.loan = same(claim.loan) if claim.loan else None
        self.thing = same(claim.object) if claim.object else None
        self.found: Found | None = None
        self.effects: Effects | None = None
        self.outcome: Outcome | None = None
        self.now: Outcome | None = None
        self.decided = self.amount = self.alone = ZERO
        self.cuts: tuple[Cut, ...] = ()
        self.base = 0
        self.held: Sequence[tuple[str, Any, Hashable]] = ()
        self.out: CrossRule | None = None
        self.less: Less | None = None
        #: decisions with some inputs changed
        self.again: dict[Hashable, Outcome] | None = None
        #: the stated period, once it was asked for
        self.period: tuple[Period | None] | None = None
        self.lost = _NOBODY
        #: the selections that it stands in (`quotas.Seat`)
        self.seats: Sequence[Any] = ()
        #: the scope in which it is paid once, where others or earlier payments meet it there
        self.place: Hashable | None = None
        #: whether a claim of its enterprise does not say for which thing it is paid once, or for how many
        self.unsaid = False
        self.turn: tuple[int, int] | None = None
        #: the days that count, where other claims of the loan have used the rest of its term
        self.term: Decimal | None = None
        self.sums = self.waiting = False
        #: whether another claim, a payment made before or a fact may change what it is due by itself
        self.touched = False
        #: whether it is gone through one after the other (limits, sums, days, principal), see `line`
        self.counted = False
        #: what a waiting claim may become, where that is known
        self.reserved: Decimal | None = None
        self.reserved_now = ZERO
        #: the day whose year and month count: by what its document says, once that is found
        self.day = claim.fact_on or claim.on
        year = self.day.year if self.day else on_year
        self.year = _YEARS.setdefault(year, year)

    @property
    def struck(self) -> bool:
        """Whether a review took something off what it is due alone."""
        return any(cut.rule == "review" for cut in self.cuts)

    def settle_base(self) -> None:
        """What stands now is what the claim is due by itself."""
        self.alone, self.base = self.amount, len(self.cuts)

    def begin(self) -> None:
        """Back to what the claim is due by itself."""
        self.amount = self.alone
        self.now = self.outcome
        self.term = None
        self.lost = _NOBODY
        self.cuts = self.cuts[: self.base]

    @property
    def env(self) -> Env:
        """The bound inputs of a decided claim."""
        assert self.outcome is not None
        return self.outcome.env

    def part(self, name: str) -> Hashable | None:
        """One part of a scope: a name of the claim, its year, or an input; None where it does not say."""
        if name == "enterprise":
            return self.enterprise
        if name == "year":
            return self.year
        if name == "month":
            return (self.day.year, self.day.month) if self.day else None
        if name in ("project", "loan"):
            own = self.project if name == "project" else self.loan
            return (self.enterprise, own) if own else None
        if name == "object":
            return self.thing or ((self.enterprise, self.project) if self.project else None)
        value: Hashable = self.env[name]
        return value

    def take(self, rule: CrossRule, amount: Decimal, why: str, *facts: object) -> None:
        """Lower the amount by `amount` under `rule`; `why` is a template for `facts`."""
        self.amount -= amount
        self.cuts += (Cut(rule.part_of or rule.id, rule.at, amount, rule.text, why, facts, rule.kind),)

    def parts(self) -> dict[str, Decimal]:
        """A shared amount by payer: by ratio (an odd cent to the first), less what a payer has been relieved of."""
        parts = self.split(self.amount + sum(self.lost.values(), ZERO))
        for payer, amount in self.lost.items():
            parts[payer] -= amount
        return parts

    def split(self, whole: Decimal) -> dict[str, Decimal]:
        """An amount shared between the payers by the provision's ratio, an odd cent to the first."""
        assert self.effects is not None and self.effects.share is not None
        rule, ref = self.effects.share
        assert rule.split is not None
        return dict(zip(rule.split.between, divided(whole, self.figure(ref)), strict=True))

    def borne(self, payer: str) -> Decimal:
        """What of the amount a payer bears; all of it where no payer is asked for."""
        assert self.effects is not None
        if self.effects.share is None or not payer:
            return self.amount if payer in ("", self.effects.payer) else ZERO
        return self.parts().get(payer, ZERO)

    def relieve(self, payer: str, rule: CrossRule, amount: Decimal, why: str, *facts: object) -> None:
        """Take an amount off what one payer bears; off the whole where no payer is named."""
        if payer:
            self.lost = {**self.lost, payer: self.lost.get(payer, ZERO) + amount}
        self.take(rule, amount, why, *facts)

    def figure(self, ref: Ref) -> Decimal:
        """A figure for this claim: a table is read at the claim's own input."""
        assert self.found is not None
        figure = self.found.document.rules[ref.rule].figures[ref.figure]
        if figure.table is not None:
            row = find_row(figure.table, self.env[figure.table.by])
            return ZERO if row is None else figure.table.rows[row][1]
        assert isinstance(figure.value, Decimal)
        return figure.value


def scope_key(work: Work, per: Sequence[str]) -> tuple[Hashable, ...]:
    """The scope of a rule, the enterprise first; a part that the claim does not name is None."""
    return (work.enterprise, *[work.part(name) for name in per])


def pays(paid: Payment, work: Work, per: Sequence[str]) -> bool:
    """Whether a payment made before names the scope of a claim."""
    said = {"project": paid.project, "loan": paid.loan, "object": paid.object}
    own = {"project": work.project, "loan": work.loan, "object": work.thing or work.project}
    return ("year" not in per or paid.year == work.year) and all(
        (name := said[x]) is not None and same(name) == own[x] for x in per if x in said
    )
