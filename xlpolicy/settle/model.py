"""Claims and the settlement as plain frozen records (contract: DESIGN.md, settle). Money in yuan.

Plain records rather than pydantic models: `import xlpolicy` offers `settle` without loading the validator, and a
hundred thousand of them are quickly made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, NamedTuple, get_args

from xlpolicy.claim import trace
from xlpolicy.claim.binding import basis
from xlpolicy.claim.exact import Outcome
from xlpolicy.faults import InvalidInput, nearest
from xlpolicy.law.adopted import told
from xlpolicy.law.in_force import Found, as_date
from xlpolicy.law.labels import PAYERS
from xlpolicy.money import ZERO
from xlpolicy.settle.fact_values import money as read_money
from xlpolicy.settle.fact_values import place

KINDS = {"enterprise": "企业", "association": "协会", "park": "园区", "government": "政府"}


class Claim(NamedTuple):
    """申报: one enterprise asks for one provision. `on` is None only for a draft pinned by `policy`.

    `code`: 统一社会信用代码. `fact_on`: when the fact was (recognised, invested, borrowed), whose year is the claim's.
    `reviewed`: 审定额 in yuan, at most the computed one. `rank`: the place in a selection.
    `object`: the park, platform, product, event or enterprise served that the claim is about, shared by all who name it.
    """

    id: str
    enterprise: str
    city: str
    rule: str
    on: dt.date | None
    inputs: Mapping[str, Any]
    enterprise_kind: str = "enterprise"
    policy: str | None = None
    project: str | None = None
    loan: str | None = None
    object: str | None = None
    code: str | None = None
    rank: int | None = None
    reviewed: Decimal | None = None
    fact_on: dt.date | None = None

    @classmethod
    def of(cls, raw: Claim | Mapping[str, Any], position: int) -> Claim:
        """A claim from a mapping of the contract's shape. Raises InvalidInput saying which claim and field."""
        data: Mapping[str, Any] = raw._asdict() if isinstance(raw, Claim) else raw
        fault = _fault(data)
        if fault is not None:
            raise _wrong(data, position, *fault)
        get = data.get
        on, fact_on, reviewed, rank = get("on"), get("fact_on"), get("reviewed"), get("rank")
        try:
            if type(on) is not dt.date:
                on = _day(on)
            if fact_on is not None:
                fact_on = _day(fact_on)
            if reviewed is not None:
                reviewed = read_money(reviewed, "审定额（reviewed）")
            if rank is not None:
                rank = place(rank, "名次（rank）")
        except InvalidInput as error:
            problem = error.problem
            got = "：".join(filter(None, (problem.where, problem.got)))  # which of the fields
            raise _wrong(data, position, got, problem.expected, problem.remedy) from None
        return cls(
            data["id"], data["enterprise"], data["city"], data["rule"], on, get("inputs") or {},
            get("enterprise_kind") or "enterprise", get("policy") or None, get("project") or None, get("loan") or None,
            get("object") or None, get("code") or None, rank, reviewed, fact_on,
        )  # fmt: skip


def _day(value: Any) -> dt.date | None:
    return None if isinstance(value, str) and not value.strip() else as_date(value)


_FIELDS = frozenset(Claim._fields)


def _wrong(raw: Any, position: int, got: str, expected: str, remedy: str) -> InvalidInput:
    name = (raw.get("id") if isinstance(raw, Mapping) else None) or "无编号"
    return InvalidInput(got, where=f"第 {position} 笔申报（{name}）", expected=expected, remedy=remedy)


def _fault(raw: Any) -> tuple[str, str, str] | None:
    """What is wrong with a claim's data: what was got, what was expected, what to do."""
    if type(raw) is not dict and not isinstance(raw, Mapping):
        return f"“{raw}”不是一笔申报", "名称和数值", "改正"
    if not _FIELDS.issuperset(raw):
        name = str(next(name for name in raw if name not in _FIELDS))
        return f"有不认识的项“{name}”", "、".join(sorted(_FIELDS)), nearest(name, _FIELDS)
    get = raw.get
    for name in ("id", "enterprise", "city", "rule"):
        value = get(name)
        if type(value) is not str or not value or value.isspace():
            return f"缺少 {name}，或不是文字", "文字", f"补上 {name}"
    for name in ("policy", "project", "loan", "object", "code"):
        value = get(name)
        if value is not None and type(value) is not str:
            return f"{name} 不是文字", "文字或空", f"改正 {name}"
    kind = get("enterprise_kind")
    if kind and (type(kind) is not str or kind not in KINDS):
        return f"单位类型“{kind}”不认识", "、".join(KINDS), nearest(str(kind), KINDS)
    inputs = get("inputs")
    if inputs is not None and type(inputs) is not dict and not isinstance(inputs, Mapping):
        return "inputs 不是“名称: 数值”", "名称和数值", "改正 inputs"
    return None


class Cut(NamedTuple):
    """核减: what one rule took from one claim (negative: what an uplift added), where it stands, why.

    The sentence is made when it is read: `why` with its `facts` put in.
    """

    rule: str
    at: str
    amount: Decimal
    text: str
    why: str = ""
    facts: tuple[object, ...] = ()
    #: what the rule does: a kind of `law.effects`, or `least`, `once`, `term`, `quota`, `identity`
    kind: str = ""

    @property
    def reason(self) -> str:
        """Why, in plain Chinese."""
        return f"{self.text}；{self.why.format(*self.facts)}" if self.why else self.text


#: what a note asks for: something that is to be stated, a look by somebody, nothing
NoteKind = Literal["state", "check", "told"]
#: what they are called
NOTE_KINDS: Mapping[NoteKind, str] = {"state": "待补", "check": "核对", "told": "说明"}
#: by code, where the note itself does not say
_KIND_OF: Mapping[str, NoteKind] = {
    "missing_input": "state", "unnamed": "state", "unstated_support": "state", "ceiling": "state",
    "provisional": "told", "waiting": "told", "void_choice": "told", "unreviewed": "told", "not_computable": "told",
}  # fmt: skip


class Note(NamedTuple):
    """Something to be done or known that is no cut: a missing fact, a ceiling not applied.

    `claim` is empty where it concerns the facts as a whole. `holds`: no money of the claim goes before somebody has
    confirmed it; a note that only tells says so where it is made. `asks`: its kind, where its code does not say.
    """

    claim: str
    code: str
    text: str
    holds: bool = True
    asks: NoteKind | None = None

    @property
    def kind(self) -> NoteKind:
        """What it asks for; a look where nothing else is said."""
        return self.asks or _KIND_OF.get(self.code, "check")


class Option(NamedTuple):
    """One combination that was tried: the claims that stand for each place of choice, what all concerned are paid."""

    stand: tuple[tuple[str, ...], ...]
    total: Decimal
    taken: bool


class Place(NamedTuple):
    """Where a choice is made: the rule, its article, the project or loan; `elective`: the enterprise may choose.

    `elected`: what it did choose. `best`: by the claims that stand, the highest total with them and its other choices.
    """

    rule: str
    at: str
    text: str
    of: str
    elective: bool
    elected: str
    best: tuple[tuple[tuple[str, ...], Decimal], ...]


class Compared(NamedTuple):
    """What was compared for one enterprise: places that share claims or limits, and the best of the `tried`
    combinations, the highest first. `claims`: all that the totals are of."""

    enterprise: str
    places: tuple[Place, ...]
    claims: tuple[str, ...]
    options: tuple[Option, ...]
    tried: int


#: what an amount is: owed; the most that may be owed, until somebody has reviewed it; of a draft that binds nobody
Standing = Literal["due", "at_most", "draft"]


@dataclass(slots=True)
class Settled:
    """One claim's end: `decided` (the single decision) less the cuts is `payable`; `payers` sum to it.

    `borne`: the payer who bears all of it (empty: nothing is paid), or what each of several bears.
    `found` is None where there is no such provision, `outcome` (of the claim by itself) where none could be made.
    """

    id: str
    decided: Decimal
    payable: Decimal
    borne: str | Mapping[str, Decimal]
    cuts: tuple[Cut, ...]
    found: Found | None = field(default=None, compare=False, repr=False)
    outcome: Outcome | None = field(default=None, compare=False, repr=False)
    status: str = ""
    claim: Claim | None = field(default=None, compare=False, repr=False)

    @property
    def payers(self) -> Mapping[str, Decimal]:
        """Who bears how much of it."""
        if isinstance(self.borne, str):
            return {self.borne: self.payable} if self.borne else {}
        return self.borne

    @property
    def nature(self) -> str:
        """The provision's nature (entitlement, upper_bound …), empty without one."""
        return self.found.rule.nature if self.found else ""

    @property
    def standing(self) -> Standing:
        """What `payable` is: an upper bound is owed only when somebody has reviewed it; what a year's sum adds, nobody has."""
        if self.draft:
            return "draft"
        reviewed = self.claim.reviewed if self.claim else None
        more = -sum(cut.amount for cut in self.cuts if cut.kind == "least" and cut.amount < 0)
        reviewed = None if more and reviewed is not None and self.decided + more > reviewed else reviewed
        return "at_most" if self.nature == "upper_bound" and reviewed is None else "due"

    @property
    def basis(self) -> str:
        """Number and pinpoint, empty without a provision."""
        return str(basis(self.found)) if self.found else ""

    @property
    def title(self) -> str:
        """The provision's title, empty without one."""
        return self.found.rule.title if self.found else ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why nothing is paid, where a condition of the provision is not met (a year's sum may meet it)."""
        return trace.reasons(self.outcome) if self.outcome and self.payable <= 0 else ()

    @property
    def draft(self) -> bool:
        """Whether the amount is indicative only."""
        return self.found is not None and self.found.document.draft


@dataclass(frozen=True, slots=True)
class Settlement:
    """兑付核算: every claim, in the order given."""

    on_year: int
    claims: tuple[Settled, ...]
    notes: tuple[Note, ...] = ()
    compared: tuple[Compared, ...] = field(default=(), compare=False)

    def total(self, standing: Standing | None = None) -> Decimal:
        """What is payable in all, or of one standing."""
        return sum((c.payable for c in self.claims if standing in (None, c.standing)), ZERO)

    @property
    def payers(self) -> dict[str, Decimal]:
        """Who bears how much of all that is payable."""
        sums: dict[str, Decimal] = {}
        for claim in self.claims:
            for payer, part in claim.payers.items():
                sums[payer] = sums.get(payer, ZERO) + part
        return {payer: sums[payer] for payer in PAYERS if payer in sums}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What has to be known before anything is paid, each a sentence."""
        drafts = [c for c in self.claims if c.draft]
        bounds = [c for c in self.claims if c.standing == "at_most" and c.payable > 0]
        out = []
        if drafts:
            out.append(f"其中 {len(drafts)} 笔、{self.total('draft'):,.2f} 元依据征求意见稿测算，不作兑现依据。")
        if bounds:
            out.append(
                f"其中 {len(bounds)} 笔、{self.total('at_most'):,.2f} 元是测算上限（条文写的是最高），不是应付；"
                "审定以后把审定额填在“申报”表（工作文件夹里填在审核台账，载回）再核算。"
            )
        if pending := sum(c.status == "pending" for c in self.claims):
            out.append(f"其中 {pending} 笔还缺资料或暂缓，暂按 0.00 元列，补齐以后再核算。")
        return (*out, *(f"{text}。" for text in self.readings))

    @property
    def readings(self) -> tuple[str, ...]:
        """The options that the bureau chose and on which claims of the settlement hang, with its authority."""
        return told(c.found for c in self.claims if c.found)

    def model_dump(self, mode: str = "python") -> dict[str, Any]:
        """The contract's shape; mode "json" gives money as strings with two decimals.

        `claims`: each with `id, enterprise, code` (as stated, null without), `nature` (entitlement, upper_bound,
        discretionary, external, pointer; null where there is no such provision), `standing` (due: owed; at_most: an
        upper bound that nobody has reviewed; draft: of a document that binds nobody), `draft`, `status` (paid, zero,
        pending), `decided, payable, payers, cuts, notes`. `totals`: counts by status, `decided`, `payable` and of it
        `due`, `at_most`, `draft`, and `payers`. `pending`, `draft`: ids of those claims. `warnings`: sentences.
        `compared`: per enterprise the combinations that were tried, the highest first. `notes`: all of them, of each
        its `kind`: state (something is missing), check (somebody has to look), told (nothing to do).
        """
        money = (lambda amount: f"{amount:.2f}") if mode == "json" else (lambda amount: amount)
        of: dict[str, list[dict[str, str]]] = {}
        for note in self.notes:
            of.setdefault(note.claim, []).append({"code": note.code, "kind": note.kind, "text": note.text})
        data: dict[str, Any] = {
            "claims": [
                {
                    "id": c.id,
                    "enterprise": c.claim.enterprise if c.claim else "",
                    "code": (c.claim.code if c.claim else None) or None,
                    "nature": c.nature or None,
                    "standing": c.standing,
                    "draft": c.draft,
                    "status": c.status,
                    "decided": money(c.decided),
                    "payable": money(c.payable),
                    "payers": {name: money(part) for name, part in c.payers.items()},
                    "cuts": [
                        {"rule": x.rule, "at": x.at, "amount": money(x.amount), "reason": x.reason} for x in c.cuts
                    ],
                    "notes": of.get(c.id, []),
                }
                for c in self.claims
            ],
            "totals": {
                "claims": len(self.claims),
                **{status: sum(c.status == status for c in self.claims) for status in ("paid", "zero", "pending")},
                "decided": money(sum((c.decided for c in self.claims), ZERO)),
                "payable": money(self.total()),
                **{standing: money(self.total(standing)) for standing in get_args(Standing)},
                "payers": {name: money(part) for name, part in self.payers.items()},
            },
            "pending": [c.id for c in self.claims if c.status == "pending"],
            "draft": [c.id for c in self.claims if c.draft],
            "warnings": list(self.warnings),
            "compared": [_compared(item, money) for item in self.compared],
            "notes": [{"claim": n.claim, "code": n.code, "kind": n.kind, "text": n.text} for n in self.notes],
        }
        return data


def _compared(item: Compared, money: Callable[[Decimal], Any]) -> dict[str, Any]:
    return {
        "enterprise": item.enterprise,
        "claims": list(item.claims),
        "tried": item.tried,
        "options": [
            {"stand": [list(ids) for ids in option.stand], "total": money(option.total), "taken": option.taken}
            for option in item.options
        ],
        "places": [
            {
                "rule": place.rule, "at": place.at, "of": place.of, "elective": place.elective,
                "elected": place.elected or None,
                "best": [{"stand": list(ids), "total": money(total)} for ids, total in place.best],
            }
            for place in item.places
        ],
    }  # fmt: skip


def read_claims(raw: Iterable[Claim | Mapping[str, Any]]) -> list[Claim]:
    """All claims, each id once. Raises InvalidInput for the first that cannot be read."""
    claims: list[Claim] = []
    seen: set[str] = set()
    for position, item in enumerate(raw, 1):
        claim = Claim.of(item, position)
        if claim.id in seen:
            raise InvalidInput(
                f"编号 {claim.id} 出现了两次",
                where=f"第 {position} 笔申报",
                expected="每笔申报一个编号",
                remedy="改正编号",
            )
        seen.add(claim.id)
        claims.append(claim)
    return claims
