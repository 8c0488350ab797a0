"""What a settlement works on: each claim on its way, the facts indexed, the cross rules by member."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from xlpolicy.assess import Decision
from xlpolicy.catalog import Catalog, Found
from xlpolicy.errors import InvalidInput, nearest
from xlpolicy.money import ZERO
from xlpolicy.rules.cross import CrossRule, Ref
from xlpolicy.rules.exact import find_row
from xlpolicy.rules.rule import Document
from xlpolicy.settle.model import Claim, Cut, Facts, Note, Payment, Support

#: shown for the kinds of outside support that the contract names
SUPPORT_WORDS = {
    "bond": "超长期特别国债",
    "provincial_loan_interest": "省级贷款贴息",
    "central_loan_interest": "中央贷款贴息",
    "other_interest_subsidy": "其他财政贴息",
    "provincial_event_award": "省级活动奖励",
}


class Work:
    """One claim on its way: found provision, decision (None where there is none), current amount, cuts."""

    __slots__ = ("amount", "claim", "cuts", "decided", "decision", "found", "payers", "position", "year")

    def __init__(self, claim: Claim, position: int, on_year: int) -> None:
        self.claim, self.position = claim, position
        self.found: Found | None = None
        self.decision: Decision | None = None
        self.decided = self.amount = ZERO
        self.cuts: list[Cut] = []
        self.payers: dict[str, Decimal] = {}
        self.year = claim.on.year if claim.on else on_year

    def take(self, rule: CrossRule, amount: Decimal, why: str) -> None:
        """Lower the amount by `amount` under `rule`."""
        self.amount -= amount
        self.cuts.append(Cut(rule.id, rule.at, amount, f"{rule.text}；{why}" if why else rule.text))

    def figure(self, ref: Ref) -> Decimal:
        """A figure for this claim: a table is read at the claim's own input."""
        assert self.found is not None and self.decision is not None
        figure = self.found.document.rules[ref.rule].figures[ref.figure]
        if figure.table is not None:
            row = find_row(figure.table, self.decision.outcome.env[figure.table.by])
            return ZERO if row is None else figure.table.rows[row][1]
        assert isinstance(figure.value, Decimal)
        return figure.value


class State:
    """One settlement: works in list order, and what the steps look up."""

    def __init__(self, claims: list[Claim], facts: Facts, on_year: int, catalog: Catalog) -> None:
        self.catalog, self.facts, self.on_year = catalog, facts, on_year
        self.works = [Work(claim, i, on_year) for i, claim in enumerate(claims)]
        self.notes: list[Note] = []
        self.of_rule: dict[tuple[str, str], list[Work]] = defaultdict(list)
        self.rules: list[tuple[Document, CrossRule]] = []
        self.by_member: dict[tuple[str, str], list[CrossRule]] = defaultdict(list)
        for document in catalog.documents.values():
            for rule in document.cross_rules:
                self.rules.append((document, rule))
                for member in rule.members:
                    self.by_member[document.key, member].append(rule)
        self.support: dict[tuple[str, str], list[Support]] = defaultdict(list)
        for item in facts.external_support:
            for kind, name in (("project", item.project), ("loan", item.loan)):
                if name:
                    self.support[kind, name].append(item)
        self.prior_of: dict[tuple[str, str], list[Payment]] = defaultdict(list)
        for paid in facts.prior_payments:
            self.prior_of[catalog.city(paid.city), paid.enterprise].append(paid)
        self._check()

    def _check(self) -> None:
        """Names in the facts that mean nothing: a fund is refused (it would be overdrawn), a choice is noted."""
        pools = {rule.pool.name for _, rule in self.rules if rule.pool}
        for name in self.facts.pools:
            if name not in pools:
                raise InvalidInput(
                    f"没有资金“{name}”",
                    where="facts pools",
                    expected="、".join(sorted(pools)),
                    remedy=nearest(name, pools),
                )
        ids = {work.claim.id for work in self.works}
        for project, chosen in self.facts.choices.items():
            if chosen not in ids:
                self.notes.append(
                    Note(chosen, "unknown_choice", f"项目 {project} 选的申报 {chosen} 不在本次名单，未按选择处理")
                )

    def enter(self, work: Work) -> None:
        """Make a decided claim visible to the cross rules."""
        assert work.found is not None
        self.of_rule[work.found.document.key, work.found.rule.id].append(work)

    def members(self, document: Document, rule: CrossRule) -> Iterator[Work]:
        """Claims of the rule that are still above zero, in list order."""
        lists = [
            self.of_rule[document.key, member] for member in rule.members if (document.key, member) in self.of_rule
        ]
        works = lists[0] if len(lists) == 1 else sorted((w for part in lists for w in part), key=lambda w: w.position)
        return (work for work in works if work.amount > 0)
