"""The shape of a policy file (YAML), validated with pydantic; `xlpolicy check --schema` exports it for editors.

See `xlpolicy/policies/编写指南.md` for how to encode a document. Short forms: a figure may be its text alone,
a condition its formula alone, an input's `default` the name of another input.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from xlpolicy.law.reading.effects_schema import CrossRuleData
from xlpolicy.law.reading.older import SCHEMA, modern
from xlpolicy.law.records import Day, InputType, Nature

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Digits = Annotated[str, StringConstraints(pattern=r"^\d{2,6}$")]


def _under(key: str, shape: Any) -> BeforeValidator:
    """Short form: a bare text stands for a mapping with that one key (and the JSON Schema says so)."""
    return BeforeValidator(lambda raw: raw if isinstance(raw, dict) else {key: raw}, json_schema_input_type=str | shape)


def _strings(raw: Any) -> Any:
    """Mapping keys and scalar values as text (YAML reads `2: 70%` with an integer key)."""
    return {str(k): str(v) for k, v in raw.items()} if isinstance(raw, dict) else raw


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Papers = Annotated[
    tuple[Text, ...],
    BeforeValidator(lambda raw: (raw,) if isinstance(raw, str) else raw, json_schema_input_type=str | list[str]),
]
#: one theme may be written alone
Themes = Annotated[
    tuple[Text, ...],
    BeforeValidator(
        lambda raw: ((raw,) if raw else ()) if isinstance(raw, str) else raw, json_schema_input_type=str | list[str]
    ),
]
Rows = Annotated[dict[str, str], BeforeValidator(_strings, json_schema_input_type=dict[str, str | int])]


Below = Annotated[
    Literal["0", "none"],
    BeforeValidator(lambda raw: "0" if raw == 0 else raw, json_schema_input_type=Literal[0, "0", "none"]),
]


class FigureData(Strict):
    """A number of the law: `value`, or a table over the input `by` with one of from / above / levels.

    `share: '1:1'` is what the first of two payers bears (`share` of a cross rule says who they are).
    `same_as: provision.figure` borrows the number of another provision of the document.
    `below`: what an input below the lowest row gets: `0`, or `none` where the whole provision pays nothing.
    `in: 月` counts a number of years in months, as the input it is compared with does.
    """

    value: Text | None = None
    share: Text | None = None
    label: Text | None = None
    at: Text | None = None
    same_as: Text | None = None
    by: Name | None = None
    from_: Rows | None = Field(default=None, alias="from")
    above: Rows | None = None
    levels: Rows | None = None
    below: Below | None = None
    in_: Literal["月"] | None = Field(default=None, alias="in")


class AtMostData(Strict):
    """The greatest plausible value of an input left blank: so many `times` (1.13倍 is 113%) another input."""

    of: Name
    times: Text


class InputData(Strict):
    """A fact of the claim. Required unless it has a default, is `optional` or `assumed`.

    `period`: the date inputs (first day, last day, and the day before which it cannot begin) that days are counted from.
    `year_since`: the date input whose year is the first, of a number that is the year of the claim.

    `minimum`, `maximum`: the least and greatest number that may be stated, in the unit of the input (元, %, 家 …).
    `evidence`: the papers that show it. `covers`: the expenses that the law lists, shown on the form. `by: bureau`: only the bureau knows it, no form asks for it.
    `at_most`: how large it may be where it is left blank (`open`: any size); a refusal that such a value turns is a
    question, not a refusal.
    """

    type: InputType
    label: Text
    unit: str = ""
    default: Any = None
    optional: bool = False
    assumed: bool = False
    measure: bool | None = None
    minimum: int | None = None
    maximum: Annotated[Decimal, Field(ge=0)] | None = None
    values: dict[str | int, Text] = {}
    required_when: Text | None = None
    evidence: Papers = ()
    covers: tuple[Text, ...] = ()
    by: Literal["bureau"] | None = None
    at_most: AtMostData | Literal["open"] | None = None
    period: tuple[Name, ...] = ()
    year_since: Name | None = None


class ConditionData(Strict):
    """What must hold and the paper that shows it: a yes-no input with its line in `when`.

    `bars`: it must not hold. `when`: it is asked only then. `default`: `ask` (a form wants an answer), or `presumed`
    (it may be left blank); where a caller says nothing it counts as met, and the decision names it.
    """

    name: Name
    ask: Text
    at: Text | None = None
    evidence: Papers = ()
    default: Literal["ask", "presumed"] = "ask"
    when: Text | None = None
    bars: bool = False


class LineData(Strict):
    """A condition (`if`), with its own pinpoint where the provision's does not fit; `label`: why it is not met, in words."""

    if_: Text = Field(alias="if")
    label: str = ""
    at: Text | None = None


class TermData(Strict):
    """A named intermediate result, with the label the calculation shows."""

    is_: Text = Field(alias="is")
    label: Text
    at: Text | None = None


def _scope(raw: Any) -> Any:
    """A scope may be one word, or several with hyphens (`pool` was the word for the whole document)."""
    return ["document"] if raw == "pool" else raw.split("-") if isinstance(raw, str) else raw


Scope = Annotated[tuple[Name, ...], BeforeValidator(_scope, json_schema_input_type=str | tuple[Name, ...])]


class LimitData(Strict):
    """A maximum: `max` (formula), scope `per`, what was `used` inside it, and `when` it applies.

    `shared`: provisions that bear the same name share one maximum. `rule`: the id under which a cut is shown.
    """

    max: Text
    per: Scope = ()
    label: str = ""
    used: Name | None = None
    when: Text | None = None
    at: Text | None = None
    shared: Name | None = None
    rule: Name | None = None


class AssumptionData(Strict):
    """A reading shown with the decision, `when` it matters, or where a value stands on an `edge` of the table of that
    name; `settlement: true` leaves it to 兑付核算."""

    reading: Name
    when: Text | None = None
    edge: Name | None = None
    settlement: bool = False


class QuotaData(Strict):
    """How many may be selected: a figure, per month, year, in all (document), or per industry.

    A claim takes as many places as the input it counts by; `each: claim` where what it counts is something else.
    `when` (a formula) says which claims the places are for. An industry is the text input `industry` of the claim.
    """

    max: Name
    per: Literal["month", "year", "document", "industry", "industry-year"]
    each: Literal["", "claim"] = ""
    when: Text | None = None


class LeastData(Strict):
    """Thresholds and tiers are those of the sum of `of` over the claims of the scope `per`."""

    of: tuple[Name, ...]
    per: tuple[Name, ...]
    less_paid: bool = False


class LoanTermData(Strict):
    """Interest for so many years (a figure) per loan: the days (an input) of all its claims."""

    days: Name
    years: Name
    per: Literal["loan", "project", "enterprise"] = "loan"
    paid: Name | None = None
    calendar: bool = False


class TailData(Strict):
    since: Name
    years: Name
    by: Literal["year", "day"] = "year"


class ProvisionData(Strict):
    """One grant of money. `amount` and `figures` are absent for nature external and pointer.

    `object`: what the text calls the object of a scope (平台). `theme`: one or several. `unchanged`: what reads otherwise
    than in the document that this one continues and means
    the same (`recipient`, `title`, an input, a condition), each with the reason.
    `odd_fen: down`: what is less than a fen of the amount is left out, where the law says 不超过.
    """

    id: Name
    at: Text
    title: Text
    nature: Nature
    recipient: str = ""
    object: str = ""
    theme: Themes = ()
    unchanged: dict[Name, Text] = {}
    payer: Literal["central", "province", "city", "county"] | None = None
    mode: Literal["application", "autopay"] = "application"
    departments: tuple[Text, ...] = ()
    aliases: tuple[Text, ...] = ()
    valid_from: dt.date | None = None
    tail: TailData | None = None
    figures: dict[Name, Annotated[FigureData, _under("value", FigureData)]] = {}
    inputs: dict[Name, InputData] = {}
    conditions: tuple[ConditionData, ...] = ()
    let: dict[Name, TermData] = {}
    when: tuple[Annotated[LineData, _under("if", LineData)], ...] = ()
    amount: Text | None = None
    odd_fen: Literal["near", "down"] = "near"
    limits: tuple[Annotated[LimitData, _under("max", LimitData)], ...] = ()
    assumptions: tuple[Annotated[AssumptionData, _under("reading", AssumptionData)], ...] = ()
    quotas: tuple[QuotaData, ...] = ()
    once: tuple[Name, ...] = ()
    least: LeastData | None = None
    term: LoanTermData | None = None
    refer_to: str = ""
    notes: str = ""


class DocumentData(Strict):
    """The document's own facts. A draft has no dates that bind and is computed only when pinned.

    `payer` and `departments` hold for every provision that names none. `first_day` is the reading by which
    `valid_from` was fixed, where the law leaves it open. `region`: the leading digits of its 行政区划 that the codes of
    its enterprises bear. `continues`: the earlier document whose counts it carries on;
    `amends`: the version of the same document (one number) in whose place it stands, whose amounts it carries on too.
    `decides_by`: the day by which it applies to a claim; `year_by`: the day whose year its yearly limits count by.
    """

    key: Key
    city: Name
    city_label: Text
    city_aliases: tuple[Text, ...] = ()
    region: Digits | None = None
    number: Text | None = None
    title: Text
    issuer: str = ""
    issued: dt.date | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    draft: bool = False
    payer: Literal["central", "province", "city", "county"] = "city"
    departments: tuple[Text, ...] = ()
    first_day: Name | None = None
    continues: Key | None = None
    amends: Key | None = None
    decides_by: Day = "fact"
    year_by: Day = "fact"
    notes: str = ""


class OptionData(Strict):
    """One answer: `label` names it, `prompt` is what the clerk is told (the label, when nothing is written).

    `value`: a number that only this reading brings, with its unit; formulas then write the reading's name for it.
    """

    label: Text
    prompt: Text | None = None
    value: Text | None = None


class ReadingData(Strict):
    """A reading adopted where the law is silent: a sentence (`text`), or a question with `options` and a `default`.

    `sort` of a sentence: `limit` where the text itself sets it (`at`: where, else where the provision stands), `check`
    where somebody has to look something up.
    `argument`: why the default, and what speaks for the others.
    """

    text: Text | None = None
    sort: Literal["reading", "limit", "check"] = "reading"
    question: Text | None = None
    at: Text | None = None
    default: Name | None = None
    options: dict[Name, Annotated[OptionData, _under("label", OptionData)]] = {}
    argument: Text | None = None


class UnpaidNumber(Strict):
    """A number in the official text that pays nothing, with the reason, for the audit."""

    at: Text
    text: Text
    why: Text


class AppliesData(Strict):
    """A sentence of the whole document that stands on every decision it reaches.

    `governs`: other documents decide the amount too. `earlier`: what applied before the first day and is not loaded.
    """

    at: Text
    text: Text
    members: tuple[Name, ...] | Literal["*"]
    governs: bool = False
    earlier: Text | None = None


class PolicyFile(Strict):
    """One policy document as data. `schema`: the number of the words it is written in (none: 1). `support`: kinds of outside support that its rules speak of, with their words."""

    _read_older = model_validator(mode="before")(modern)

    schema_: Annotated[int, Field(ge=1, le=SCHEMA)] = Field(default=1, alias="schema")
    document: DocumentData
    readings: dict[Name, Annotated[ReadingData, _under("text", ReadingData)]] = {}
    provisions: tuple[ProvisionData, ...]
    support: dict[Name, Text] = {}
    cross_rules: tuple[CrossRuleData, ...] = ()
    applies: tuple[AppliesData, ...] = ()
    unpaid_numbers: tuple[UnpaidNumber, ...] = ()

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
        """The JSON Schema, in which a reading's options may stand in any place (`{reading: name, option: …}`)."""
        made = super().model_json_schema(*args, **options)
        for name, shape in [("", made), *made["$defs"].items()]:
            if name in ("OptionData", "ReadingData", "AssumptionData"):
                continue
            for field, inner in shape.get("properties", {}).items():
                if (name, field) != ("", "readings"):
                    shape["properties"][field] = _hanging(inner)
        made["$defs"]["Options"] = {
            "type": "object",
            "description": "What hangs on a reading: its name, and what stands here in each of its options.",
            "properties": {"reading": {"type": "string"}},
            "required": ["reading"],
        }
        return made


def _hanging(shape: Any) -> Any:
    """A part of a JSON Schema, its members included, or the options of a reading instead."""
    if not isinstance(shape, dict):
        return shape
    shape = dict(shape)
    for key in ("items", "additionalProperties"):
        if isinstance(shape.get(key), dict):
            shape[key] = _hanging(shape[key])
    if "anyOf" in shape:
        shape["anyOf"] = [
            {**one, "items": _hanging(one["items"])} if isinstance(one.get("items"), dict) else one
            for one in shape["anyOf"]
        ]
    if "patternProperties" in shape:
        shape["patternProperties"] = {key: _hanging(inner) for key, inner in shape["patternProperties"].items()}
    asked = {"type": "object", "required": ["reading"]}
    return {"if": asked, "then": {"$ref": "#/$defs/Options"}, "else": shape}
