"""One claim -> Decision: bind the inputs, run the exact interpreter, say what was assumed and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from xlpolicy.claim import blanks, exact
from xlpolicy.claim import trace as explain
from xlpolicy.claim.binding import Basis, basis, bind, check_years, first_input, outside_tail, plan
from xlpolicy.claim.implausible import doubts
from xlpolicy.claim.trace import Step
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.adopted import Choices
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import Found, as_date, day_of, period
from xlpolicy.law.looked_at import named
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.law.refusals import refused
from xlpolicy.money import divided
from xlpolicy.version import __version__
from xlpolicy.words import inputs as inputs_words

#: what a note of a decision is, in the order in which they are said
REMARKS = {"reading": "读法", "limit": "条文", "check": "核对"}


class Decision:
    """核定: the outcome for one claim. `amount` in 元, two decimals, zero when not eligible.

    `steps` (long form), `explanation` (one line) and `reasons` are rendered from the trace when first read, the words
    around the amount (`assumptions`, `warnings`) when they are read.
    """

    __slots__ = ("_first_day", "_found", "_presumed", "_steps", "_told", "outcome")

    def __init__(self, outcome: exact.Outcome, found: Found, told: list[str], *, first_day: bool) -> None:
        self.outcome, self._found = outcome, found
        #: what is to be known of the inputs (days not counted); whether the claim is of the document's first day
        self._told, self._first_day = told, first_day
        self._steps: tuple[Step, ...] | None = None
        self._presumed: tuple[Input, ...] | None = None

    @property
    def document(self) -> Document:
        """The document that decides, with the bureau's own options where it chose any."""
        return self._found.document

    @property
    def basis(self) -> Basis:
        """The document's number and the provision's pinpoint; as text 榕政办规〔2026〕5号 附件3 一."""
        return basis(self._found)

    @property
    def nature(self) -> str:
        """What the amount is: entitlement, upper_bound, fixed … (`law.records.Nature`)."""
        return self.outcome.rule.nature

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Conditions presumed met, what is to be known of the inputs, the readings, what the law leaves out."""
        document, blank = self.document, self.outcome.blank
        presumed = [inputs_words.presumed(x) for x in blank if x.assumed and x.asked_when is None]
        said = (document.first_day,) if self._first_day else ()
        return (*presumed, *self._told, *plan(self.rule).readings(self.outcome.env), *said, *document.left_out)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What has to be known before anything is paid."""
        rule, warnings = self.rule, self._found.warnings
        if rule.least is not None and not self.eligible and by_the_sum(rule, self.outcome):
            warnings += (plan(rule).asks,)
        return warnings + tuple(doubts(self.outcome)) + rule.applies

    @property
    def eligible(self) -> bool:
        """Whether every condition is met, those not stated presumed as `presumed` names them."""
        return self.outcome.eligible

    @property
    def amount(self) -> Decimal:
        """Yuan, rounded once to 0.01; zero where not eligible."""
        return self.outcome.amount

    @property
    def open(self) -> tuple[Input, ...]:
        """Inputs not stated on which a refusal rests: they have to be asked before anybody is refused."""
        return self.outcome.open

    @property
    def presumed(self) -> tuple[str, ...]:
        """Names of the inputs not stated that decided: those to be asked, then what was presumed."""
        return tuple(item.name for item in (*self.open, *self._taken()))

    @property
    def presumptions(self) -> tuple[str, ...]:
        """What was presumed, in words; conditions presumed met stand among the `assumptions` too."""
        return tuple(inputs_words.presumed(item) for item in self._taken())

    @property
    def notes(self) -> tuple[str, ...]:
        """All that a reader of the amount has to know: what was presumed, then the readings, each once."""
        return tuple(dict.fromkeys((*self.presumptions, *self.assumptions)))

    @property
    def remarks(self) -> tuple[tuple[str, str], ...]:
        """The notes by what they are: 读法 that matter to this claim, 条文 (limits of the text), 核对 (things to check).

        Of a refusal those that turn on what it rests on, and a bureau's own options.
        """
        presumed, refused = set(self.presumptions), not self.eligible and not self.open
        sorts = plan(self.rule).sorts | dict.fromkeys(self._told, ("limit", frozenset[str]()))
        lines = explain.failing(self.outcome) if refused else ()
        rests = {name for line in lines for name in named(self.rule, line.node)}
        found: dict[str, list[str]] = {sort: [] for sort in REMARKS}
        for note in self.notes:
            sort, about = sorts.get(note, ("check", frozenset()) if note in presumed else ("reading", None))
            if not refused or about is None or about & rests:
                found[sort].append(note)
        return tuple((REMARKS[sort], note) for sort, notes in found.items() for note in notes)

    def _taken(self) -> tuple[Input, ...]:
        if self._presumed is None:
            self._presumed = blanks.presumed(self.outcome, self.outcome.blank)
        return self._presumed

    @property
    def payers(self) -> dict[str, Decimal]:
        """Who bears the amount, where the law shares it between two; empty where one payer bears all."""
        for cross in self.document.cross_rules:
            shares = [ref.figure for ref in cross.split.ratios if ref.rule == self.rule.id] if cross.split else []
            if cross.split and shares:
                share = self.rule.figures[shares[0]].value
                assert isinstance(share, Decimal)
                return dict(zip(cross.split.between, divided(self.amount, share), strict=True))
        return {}

    @property
    def rule(self) -> Rule:
        """The provision, as the document that decides has it."""
        return self.outcome.rule

    @property
    def steps(self) -> tuple[Step, ...]:
        """The calculation line by line, each with its article; rendered when first read."""
        if self._steps is None:
            self._steps = explain.steps(self.outcome)
        return self._steps

    @property
    def explanation(self) -> str:
        """The calculation in one line."""
        return explain.one_line(self.outcome)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why nothing is given, one for each condition that is not met; empty where eligible."""
        return explain.reasons(self.outcome)

    @property
    def inputs(self) -> dict[str, Any]:
        """The bound inputs, defaults included; absent optional ones left out."""
        return {
            item.name: self.outcome.env[item.name]
            for item in self.rule.inputs
            if self.outcome.env[item.name] is not None
        }

    @property
    def readings(self) -> dict[str, dict[str, str]]:
        """The readings that the bureau chose and this provision hangs on: option, its words, authority."""
        known, authority = self.document.readings, self.document.adopted
        return {
            name: {
                "option": known[name].chosen,
                "label": known[name].option(known[name].chosen).label,
                "authority": authority[name],
            }
            for name in self.rule.readings
            if name in authority
        }

    @property
    def versions(self) -> dict[str, str]:
        """What made the decision: the program's version, and the SHA-256 of the policy file."""
        return {"program": __version__, "policy_sha256": self.document.digest}

    def model_dump(self, mode: str = "python") -> dict[str, Any]:
        """All of it as plain data; mode "json" gives money and dates as strings."""
        data: dict[str, Any] = {
            "eligible": self.eligible,
            "amount": self.amount,
            "nature": self.nature,
            "rule": self.rule.id,
            "basis": self.basis._asdict(),
            "inputs": self.inputs,
            "explanation": self.explanation,
            "steps": [step._asdict() for step in self.steps],
            "reasons": list(self.reasons),
            "presumed": list(self.presumed),
            "assumptions": list(self.assumptions),
            "warnings": list(self.warnings),
            "readings": self.readings,
            "versions": self.versions,
        }
        if mode == "json":
            data["amount"] = f"{self.amount:.2f}"
            data["inputs"] = {k: _json(v) for k, v in data["inputs"].items()}
        return data

    def __repr__(self) -> str:
        return f"Decision(eligible={self.eligible}, amount={self.amount}, basis={str(self.basis)!r})"


def _json(value: Any) -> Any:
    """A bound input for JSON: numbers and dates as text, a number as it is written out (never 1E+7)."""
    return f"{value:f}" if isinstance(value, Decimal) else value if isinstance(value, bool | str) else str(value)


def assess(
    city: str,
    rule: str,
    inputs: Mapping[str, object] | object,
    *,
    on: dt.date | str | None = None,
    policy: str | None = None,
    catalog: Catalog | None = None,
    readings: Choices | None = None,
) -> Decision:
    """核定 one claim.

    `city`, `rule`: key or Chinese name. `inputs`: mapping of input name or Chinese label to int, Decimal, str such
    as "800万元", bool, date or float (by its shortest repr); a bare value stands for the primary input.
    `on`: date or ISO string, default today; decides which document applies. `policy`: a document key, pins it.
    `readings`: a bureau's own options, by reading (`document:reading` where several documents have one of that name).

    Raises a PolicyError: unknown_city, unknown_rule, unknown_policy, not_in_force, ambiguous_rule, missing_input,
    unknown_input, invalid_input, unknown_reading, not_computable.
    """
    day = on if on is None or type(on) is dt.date else as_date(on)
    found = (catalog or catalogs.default()).adopting(readings).find(city, rule, day, policy)
    return decide(found, inputs, day)


def decide(
    found: Found,
    inputs: Mapping[str, object] | object,
    on: dt.date | None,
    fact_on: dt.date | None = None,
    *,
    typed: bool = False,
) -> Decision:
    """核定 under a provision already found; `fact_on`: the day of the fact where that is not the claim's.

    `typed`: the inputs were read before (`law.values.coerce`) and are taken as they are.
    Raises a PolicyError, as `assess` but for what cannot be found.
    """
    outcome, told = work_out(found, inputs, on, fact_on, typed=typed)
    document = found.document
    first = bool(document.first_day) and (
        day_of(document.decides_by, on, fact_on) == document.valid_from == period(document, found.rule)[0]
    )
    return Decision(outcome, found, told, first_day=first)


def no_amount(found: Found) -> PolicyError:
    """The refusal for a provision that pays nothing by itself: it says where to go."""
    return refused("no_amount", title=found.rule.title, basis=basis(found), refer_to=found.rule.refer_to)


def work_out(
    found: Found,
    inputs: Mapping[str, object] | object,
    on: dt.date | None,
    fact_on: dt.date | None = None,
    *,
    typed: bool = False,
) -> tuple[exact.Outcome, list[str]]:
    """What `decide` computes, without the words around it; with what is to be known of the inputs (days not counted).

    Raises as `decide`.
    """
    rule, on = found.rule, day_of(found.document.decides_by, on, fact_on)
    if rule.amount is None:
        raise no_amount(found)
    # the exact type first: asking the abstract class costs as much as the arithmetic
    stated = inputs if type(inputs) is dict or isinstance(inputs, Mapping) else {first_input(found): inputs}
    env, blank, told = bind(rule, stated, typed=typed)
    late = outside_tail(found, env, on) if found.tail else None
    if late is None and on is not None and plan(rule).years:
        check_years(rule, env, fact_on or on)
    outcome = exact.evaluate(rule, env)
    outcome.blank = blank
    if late is not None:
        if not found.warnings:
            raise late
        # pinned, so no error; but the award has no year to be paid for
        outcome.refuse(late.problem.got)
    if not outcome.eligible:
        outcome.open = blanks.open_inputs(outcome, blank)
    return outcome, told


def by_the_sum(rule: Rule, outcome: exact.Outcome) -> bool:
    """Whether the conditions that failed, if any, are all of what is summed over a year's claims."""
    assert rule.least is not None
    of = set(rule.least.of)
    return all(met or of.intersection(named(rule, line.node)) for line, met in outcome.conditions)
