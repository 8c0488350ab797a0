"""The compiled form of a policy document: what every interpreter, form and list reads.

Plain frozen records without pydantic, so that a rule can be assessed without the validator: `schema` describes the
YAML, `compile` makes these of it, `encoding` keeps them. Amounts in yuan, rates as fractions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from xlpolicy.law import effects as cross
from xlpolicy.law.nodes import Node

Kind = Literal["money", "rate", "count", "boolean", "enum", "date", "text", "any"]
Nature = Literal["entitlement", "upper_bound", "discretionary", "external", "pointer"]
InputType = Literal["money", "rate", "integer", "boolean", "enum", "date", "text"]
Sort = Literal["reading", "limit", "check"]
#: a day of a claim: when the fact was, or when it was applied for
Day = Literal["fact", "application"]


@dataclass(frozen=True, slots=True)
class Table:
    """Tiers (`from`: at or above the edge, `above`: strictly above) or levels (exact match) of one input.

    `rows` pairs edge (Decimal) or level (str, Decimal) with the value; tiers ascend. `below`: "0" where the figure
    is zero below the lowest tier; else the whole provision pays nothing there ("none", or not said).
    """

    by: str
    mode: Literal["from", "above", "levels"]
    rows: tuple[tuple[Any, Decimal], ...]
    texts: tuple[tuple[str, str], ...]
    below: Literal["", "0", "none"] = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the law. `text` as the law writes it; `at` its pinpoint when another than the provision's.

    `borrowed` is `provision.figure` where the number is another's (a provision that refers to its rate).
    """

    name: str
    kind: Kind
    label: str
    text: str
    value: Decimal | dt.date | None
    table: Table | None = None
    at: str | None = None
    borrowed: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    value: str | int
    label: str


@dataclass(frozen=True, slots=True)
class AtMost:
    """The greatest plausible value of an input that was not stated: `times` that of the input `of`; None: no bound."""

    of: str
    times: Decimal | None
    text: str


@dataclass(frozen=True, slots=True)
class Input:
    """One fact a claim states.

    `default` is a value of the type; `default_from` names another input whose value is taken instead.
    An `assumed` input counts as true when not stated, and the decision says so.
    `measure`: zero of it means that nothing is claimed. `minimum`, `maximum`: values beyond are invalid (in yuan, as a
    fraction, or counted). `period`: two date inputs, first and last day, from which this number of days is counted
    where both are stated; a third is the day before which it cannot begin.
    `evidence`: the papers that show it. `by`: "bureau" where the enterprise cannot know it. `asked`: a form wants an
    answer (always, or when `asked_when` holds). `at`: where the law asks for it, when elsewhere than the provision.
    `covers`: the expenses that the law lists. `year_since`: a date input; this number is the calendar year of the claim counted from it, its own year the first.
    """

    name: str
    type: InputType
    label: str
    unit: str = ""
    required: bool = True
    default: Any = None
    default_from: str | None = None
    assumed: bool = False
    measure: bool = False
    minimum: int | None = None
    choices: tuple[Choice, ...] = ()
    required_when: Node | None = None
    maximum: Decimal | None = None
    period: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    by: str = ""
    asked: bool = True
    asked_when: Node | None = None
    at: str | None = None
    at_most: AtMost | None = None
    year_since: str = ""
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A condition, a term or the amount: a formula with its kind and its place in the law.

    `source` is the formula text; empty for a condition that follows from the schema (a measure above zero,
    the lowest tier reached).
    """

    node: Node
    source: str
    kind: Kind
    label: str = ""
    name: str = ""
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A maximum with its scope `per` (dimensions and inputs, in order; empty: the claim alone). `used` names the input that holds what was already paid inside the scope.

    `shared`: the name under which several provisions share it. `rule`: the id under which a cut is shown.
    `by_reading`: whether a reading brings the whole limit, or what it is counted over, and not the text.
    """

    node: Node
    source: str
    label: str
    per: tuple[str, ...]
    used: str | None = None
    when: Node | None = None
    at: str | None = None
    shared: str = ""
    rule: str = ""
    by_reading: Literal["", "limit", "scope"] = ""


@dataclass(frozen=True, slots=True)
class Assumption:
    """What is said with the decision, when its trigger holds (always, without one).

    `sort`: a reading, a limit that the text itself sets, or something to check.
    One of `settlement` tells what was done to the amount among others; a single claim does not show it.
    `own`: an option that the bureau chose itself (`law.adopted`); no part of the file.
    """

    reading: str
    text: str
    when: Node | None = None
    settlement: bool = False
    sort: Sort = "reading"
    own: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Option:
    """One way to read what the law leaves open. `prompt`: what the clerk is told; `value`: a number that it brings."""

    key: str
    label: str
    prompt: str
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """口径: a question that the law leaves open, and what may be answered. `chosen`: the option of this document.

    `argument`: why the default reads the text best, and what speaks for the others.
    """

    name: str
    question: str
    at: str
    default: str
    options: tuple[Option, ...]
    argument: str
    chosen: str

    def option(self, key: str) -> Option:
        """The option of that key. Raises KeyError."""
        for item in self.options:
            if item.key == key:
                return item
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class Quota:
    """How many may be selected (`figure`), and per what. Who is selected comes in as a fact.

    `each`: `claim` where every claim takes one place whatever it counts. `when`: the claims it is for, all without one.
    """

    figure: str
    per: str
    each: str = ""
    when: Node | None = None


@dataclass(frozen=True, slots=True)
class Least:
    """Thresholds and tiers are tested on the sum of the inputs `of` over the claims of a scope (`per`).

    `less_paid`: what the provision paid before in the scope is taken off what the sum is due.
    """

    of: tuple[str, ...]
    per: tuple[str, ...]
    less_paid: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """So many years of interest per loan: `days` names the input that holds a claim's days, `years` the figure.

    `per`: whose first drawdown begins it: the loan's own, that of the project's first loan, or that of the enterprise's
    first, for all its loans together. `paid`: the input that holds the interest paid over those days: where fewer of
    them count, so much less of it. `calendar`: a term whose first day is known has the days of the calendar, not 365 a
    year.
    """

    days: str
    years: str
    per: Literal["loan", "project", "enterprise"] = "loan"
    paid: str = ""
    calendar: bool = False


@dataclass(frozen=True, slots=True)
class Tail:
    """Awards that run on after expiry: `years` (a figure) calendar years from the year of the input `since`, or years
    of so many days from that day on (`by`)."""

    since: str
    years: str
    by: Literal["year", "day"] = "year"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One provision, ready to be interpreted. `amount` is None for nature external and pointer."""

    id: str
    document: str
    at: str
    title: str
    nature: Nature
    recipient: str
    themes: tuple[str, ...]
    payer: str
    mode: str
    departments: tuple[str, ...]
    aliases: tuple[str, ...]
    figures: Mapping[str, Figure]
    inputs: tuple[Input, ...]
    terms: tuple[Line, ...]
    conditions: tuple[Line, ...]
    amount: Line | None
    limits: tuple[Limit, ...]
    assumptions: tuple[Assumption, ...]
    quotas: tuple[Quota, ...]
    #: paid once per this scope (enterprise, year, object, names of inputs); empty where the law says nothing
    once: tuple[str, ...]
    least: Least | None
    term: Term | None
    valid_from: dt.date | None
    tail: Tail | None
    refer_to: str
    notes: str
    #: the readings with options on which its amount hangs
    readings: tuple[str, ...] = ()
    #: sentences of the whole document that every decision carries; whether other documents decide the amount too;
    #: what applied before the first day and is not loaded
    applies: tuple[str, ...] = ()
    governed: bool = False
    earlier: str = ""
    #: what reads otherwise than in the continued document and means the same -> why
    unchanged: Mapping[str, str] = field(default_factory=dict)
    #: what the text calls the `object` of a scope: 平台, 园区, 产品
    object: str = ""

    @property
    def theme(self) -> str:
        """The theme named first, "" without one."""
        return self.themes[0] if self.themes else ""

    @property
    def counting(self) -> Input | None:
        """The input that counts what one award is for (products, titles, years): a measure, one where nothing is said."""
        return next((x for x in self.inputs if x.measure and x.type == "integer" and x.default == 1), None)

    def input(self, name: str) -> Input:
        """The input of that name. Raises KeyError."""
        for item in self.inputs:
            if item.name == name:
                return item
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class YearRate:
    """The rate of one year's facts for one figure of a provision, and by which authority."""

    document: str
    rule: str
    figure: str
    year: int
    rate: Decimal
    authority: str = ""

    @property
    def name(self) -> str:
        """What it is for, as settings name it."""
        return rate_name(self.document, self.rule, self.figure)


def rate_name(document: str, rule: str, figure: str) -> str:
    """A figure of a provision as settings name it: fuzhou-2026-5:tech_upgrade.rate."""
    return f"{document}:{rule}.{figure}"


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One issued policy. `rules` are in the order of the text; dates inclusive; None for a draft's open dates.

    `first_day`: the reading by which `valid_from` was fixed, where the law leaves it open; else empty. `left_out`: what
    is said where the law states no last day, or bears no number. `readings`: those with options, each with the option
    that holds here.
    `continues`: the key of an earlier document whose counts (what is paid once) this one carries on; `amends`: of the
    version of the same document that it takes the place of, whose amounts it carries on as well.
    No part of the file, set where files are gathered: `own`, a bureau's file that stands in the place of a built-in
    document; `adopted`, the readings that the bureau chose, with its authority; `rates`, what it pays
    of a rate in a year (`law.year_rates`); `source`, the file's text, and `digest`, the SHA-256 of its bytes.
    `support`: the kinds of outside support that its cross rules speak of, with their words.
    `decides_by`: the day by which it applies to a claim or not; `year_by`: the day whose year a yearly limit counts by.
    `region`: the leading digits of its 行政区划, "" where not said.
    """

    key: str
    city: str
    city_label: str
    city_aliases: tuple[str, ...]
    number: str | None
    title: str
    issuer: str
    issued: dt.date | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    draft: bool
    payer: str
    notes: str
    rules: Mapping[str, Rule]
    support: Mapping[str, str] = field(default_factory=dict)
    cross_rules: tuple[cross.CrossRule, ...] = ()
    unpaid_numbers: tuple[Mapping[str, str], ...] = ()
    first_day: str = ""
    region: str = ""
    continues: str = ""
    amends: str = ""
    left_out: tuple[str, ...] = ()
    decides_by: Day = "fact"
    year_by: Day = "fact"
    readings: Mapping[str, Reading] = field(default_factory=dict)
    own: bool = field(default=False, compare=False)
    adopted: Mapping[str, str] = field(default_factory=dict, compare=False)
    rates: tuple[YearRate, ...] = field(default=(), compare=False)
    source: str = field(default="", compare=False, repr=False)
    digest: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """How the document is cited: its number, or its title for a draft; marked where a bureau changed it."""
        return f"{self.number or f'《{self.title}》'}{'（本单位版本）' if self.own else ''}"
