"""One form as the ledger knows it, and where it went. Every form of the inbox has exactly one record."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from xlpolicy.batch.aside import Kept
from xlpolicy.claim.trace import Step
from xlpolicy.faults import Fault
from xlpolicy.law.records import Day
from xlpolicy.money import ZERO
from xlpolicy.settle import Claim
from xlpolicy.settle.identity import compared
from xlpolicy.words.names import same_once

if TYPE_CHECKING:
    from xlpolicy.batch.workers import Died

Place = Literal["已核定", "退回补正", "重复", "空白", "无法读取", "非申请表", "跳过"]
#: in the order of reports; nothing is copied for 跳过
PLACES: tuple[Place, ...] = ("已核定", "退回补正", "重复", "空白", "无法读取", "非申请表", "跳过")


_JSON = json.JSONDecoder()


def packed(explanation: str, steps: Sequence[Step]) -> bytes:
    """A calculation as it is held until it is written: a batch has very many."""
    return zlib.compress(json.dumps([explanation, steps]).encode(), 1)


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision, reduced to what the ledger and the 核定 sheet show. `told`: see `packed`."""

    eligible: bool
    amount: Decimal
    nature: str
    basis: str
    told: bytes | Kept
    reasons: tuple[str, ...]
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    year_by: Day = "fact"

    @property
    def explanation(self) -> str:
        """The calculation in one line."""
        return str(_JSON.raw_decode(zlib.decompress(bytes(self.told)).decode(), 1)[0])

    @property
    def steps(self) -> tuple[Step, ...]:
        """The calculation line by line."""
        return tuple(Step(*line) for line in json.loads(zlib.decompress(bytes(self.told)))[1])

    def model_dump(self) -> dict[str, Any]:
        """Plain data for programs; the amount as text with two decimals."""
        return {
            "eligible": self.eligible, "amount": f"{self.amount:.2f}", "nature": self.nature, "basis": self.basis,
            "explanation": self.explanation, "steps": [step._asdict() for step in self.steps],
            "reasons": list(self.reasons), "assumptions": list(self.assumptions), "warnings": list(self.warnings),
        }  # fmt: skip


#: what of a record is needed only where its form is shown, or compared with one that is nearly the same
ASIDE = ("inputs", "hints", "labels", "values", "claim", "bank", "extra", "spooled")
_GONE = object()


class Spooled(NamedTuple):
    """Where the spool of a run keeps a file of the inbox."""

    file: str
    start: int
    size: int


#: what was written for a record, in the order of its outputs: the role of each file, and its SHA-256
Written = tuple[tuple[str, bytes], ...]


@dataclass(slots=True)
class Record:
    """One form (or one file that holds none).

    `file` is relative to the inbox with "/"; `nth` counts the forms of a file of several (0: the only one);
    `line` is its row in a list form (0: it is none);
    `labels`: what the items of `problems` are called on the form. `key` and `values` (input, value, cell where
    stated) tell whether two claims are the same, unless each says another `period` (of interest); `vouchers` are numbers with their cells; `claim` is what a settlement of many claims is told (without its
    number). `bank`: 户名, 账号, 开户银行; `account` the 账号 as it is compared; `beside` hints that name other enterprises: for the bureau, not on the copy. `number` counts the files of this run, `index` the members of a zip (None: not taken out), `size` is what
    a copy of the form takes in bytes; `issue` under which batch and number it was sent out; `extra` what is answered to
    the fields of a bureau's own template, `county_amount` 县区初审额 and `asked` 申请金额 among them; `spooled`: None for a file that was not opened. `written`: what was written for it already; `row` counts the records of the run.

    As it comes from a worker, much of it is `rest`, one pickled text, and read again when it is asked for.
    """

    file: str
    digest: str
    place: Place
    member: str = ""
    sheet: str = ""
    nth: int = 0
    line: int = 0
    enterprise: str = ""
    code: str = ""
    county: str = ""
    project: str = ""
    rule: str = ""
    title: str = ""
    at: str = ""
    unit: str = ""
    inputs: str = ""
    on: dt.date | None = None
    judged: Judged | None = None
    problems: tuple[Fault, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    vouchers: tuple[tuple[str, str], ...] = ()
    why: str = ""
    key: tuple[str, ...] = ()
    values: tuple[tuple[str, str, str], ...] = ()
    claim: Claim | None = None
    period: tuple[dt.date, dt.date] | None = None
    number: int = 0
    index: int | None = None
    size: int = 0
    outputs: list[str] = field(default_factory=list)
    bank: tuple[str, str, str] = ("", "", "")
    account: str = ""
    beside: tuple[str, ...] = ()
    issue: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    county_amount: Decimal | None = None
    asked: Decimal | None = None
    spooled: Spooled | None = None
    written: Written | Died | None = field(default=None, compare=False, repr=False)
    row: int = field(default=-1, compare=False, repr=False)
    rest: bytes | Kept | None = field(default=None, compare=False, repr=False)

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        here = self.at_hand(self.__slots__)
        if self.rest is None:
            here["rest"] = pickle.dumps({name: here.pop(name) for name in ASIDE})
        return None, here

    if not TYPE_CHECKING:  # every field is there

        def __getattr__(self, name: str) -> Any:
            if name not in ASIDE:
                raise AttributeError(name)
            return (self.rest.load() if isinstance(self.rest, Kept) else pickle.loads(self.rest))[name]

    def here(self, name: str, otherwise: Any = None) -> Any:
        """A field, unless it is in `rest` and has not been given another value since."""
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            return otherwise

    def at_hand(self, names: Iterable[str]) -> dict[str, Any]:
        """Such of these fields as are not in `rest` alone."""
        return {name: value for name in names if (value := self.here(name, _GONE)) is not _GONE}

    @property
    def firm(self) -> tuple[str, str]:
        """What its enterprise is compared by: the code, or the name for want of one; the name."""
        return self.key[0], enterprise_key("", self.enterprise)

    @property
    def source(self) -> str:
        """The form's place in the inbox, for people: 批次一/来件.zip › 甲.xlsx › 申请表."""
        inside = "" if not self.nth or self.member else f"{self.sheet}（第{self.nth}份）"
        if self.line:
            inside = f"{self.sheet} 第{self.line}行"
        parts = [readable(self.file), self.member, inside]
        return " › ".join(part for part in parts if part)

    def label(self, fault: Fault) -> str:
        """The fields a fault concerns, as the form calls them; "" for none."""
        return "、".join(self.labels[name] for name in fault.item.split(",") if name in self.labels)

    @property
    def amount(self) -> Decimal:
        """Yuan; zero where the form was not judged."""
        return self.judged.amount if self.judged else ZERO

    @property
    def result(self) -> str:
        """What came of it for people: judged 符合条件 or 不予补助, else where the file went."""
        if self.judged is None:
            return self.place
        return "符合条件" if self.judged.eligible else "不予补助"

    def model_dump(self) -> dict[str, Any]:
        """Plain data for programs; money as text with two decimals."""
        return {
            "file": readable(self.file), "member": self.member, "sheet": self.sheet, "place": self.place,
            "enterprise": self.enterprise, "code": self.code, "county": self.county, "project": self.project,
            "rule": self.rule, "at": self.at, "result": self.result,
            "judged": self.judged.model_dump() if self.judged else None,
            "why": self.why, "problems": [fault.as_dict() for fault in self.problems],
            "hints": [*self.hints, *self.beside], "outputs": list(self.outputs), "issue": self.issue,
            "extra": dict(self.extra),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Summary:
    """What one run of `fill` found and wrote. `forms` counts records; `counts` adds up to it.

    `carried`: rows taken over from the last ledger, by sheet; `not_carried`: what was not, in plain words. `unmet`: rows
    of the bureau's list that are of no form that was read.
    """

    inbox: str
    out: str
    ledger: str
    on: str
    files: int
    forms: int
    counts: Mapping[str, int]
    eligible: int
    amount: Decimal
    amount_upper: str
    kept: tuple[str, ...]
    gone: tuple[str, ...]
    carried: Mapping[str, int]
    not_carried: tuple[str, ...]
    unmet: tuple[str, ...]
    records: Sequence[Record] = field(repr=False)

    @property
    def problems(self) -> bool:
        """Whether anything but judged forms came up."""
        return any(n for place, n in self.counts.items() if place not in ("已核定", "跳过"))

    def model_dump(self, mode: str = "python") -> dict[str, Any]:
        """All of it as plain data; mode "json" gives the amount as text."""
        return {
            "inbox": self.inbox, "out": self.out, "ledger": self.ledger, "on": self.on, "files": self.files,
            "forms": self.forms, "counts": dict(self.counts), "eligible": self.eligible,
            "amount": f"{self.amount:.2f}" if mode == "json" else self.amount,
            "amount_upper": self.amount_upper, "kept": list(self.kept), "gone": list(self.gone),
            "carried": dict(self.carried), "not_carried": list(self.not_carried),
            "unmet": list(self.unmet), "records": [record.model_dump() for record in self.records],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claims:
    """The judged forms as claims, numbered as the ledger numbers them; each is made anew when its turn comes."""

    judged: Iterable[Record]
    count: int

    def __iter__(self) -> Iterator[Claim]:
        width = max(len(str(self.count)), 3)
        for number, record in enumerate(self.judged, 1):
            claim = record.claim
            assert claim is not None
            yield claim._replace(
                id=f"A{number:0{width}d}", enterprise=record.enterprise, code=record.code or None,
                project=record.project or None,
            )  # fmt: skip


def readable(name: str) -> str:
    """A file name for people: one that is no UTF-8 (unpacked from an old Chinese zip) is read as GB18030."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogateescape").decode("gb18030", "replace")
    return name


def enterprise_key(code: str, name: str) -> str:
    """What tells whether two forms are of one enterprise: the code if it looks like one, else the name."""
    plain = compared(code)
    return plain if len(plain) == 18 and plain.isalnum() else same_once(name)
