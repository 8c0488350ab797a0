"""What comes into the register, and what is told of it: plain records between `batch` and the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from xlpolicy.faults import Fault
from xlpolicy.settle import Claim

#: where a form stands whose enterprise has to mend it
AGAIN = "退回补正"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One returned form as it came in, or one file that holds none.

    `claim` and `decided` (the decision as plain data, `amount` as text) are there where it was judged. `cells`: input ->
    cell. `vouchers`: numbers with their cells. `bank`: 户名, 账号, 开户银行. `issue`: under which number it was sent out;
    `asked`: 申请金额, `county_amount`: 县区初审额, where the bureau's form asks for them (whole cents).
    """

    file: str
    digest: str
    place: str
    member: str = ""
    sheet: str = ""
    nth: int = 0
    why: str = ""
    enterprise: str = ""
    code: str = ""
    county: str = ""
    document: str = ""
    rule: str = ""
    title: str = ""
    at: str = ""
    project: str = ""
    problems: tuple[Fault, ...] = ()
    hints: tuple[str, ...] = ()
    bank: tuple[str, str, str] = ("", "", "")
    claim: Claim | None = None
    decided: Mapping[str, Any] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    vouchers: tuple[tuple[str, str], ...] = ()
    issue: str = ""
    county_amount: Decimal | None = None
    asked: Decimal | None = None

    @property
    def source(self) -> str:
        """Where the form was, for people."""
        return " › ".join(part for part in (self.file, self.member, self.sheet if self.nth else "") if part)


@dataclass(frozen=True, slots=True)
class Superseded:
    """A corrected form in an earlier one's place."""

    number: str
    file: str
    earlier: str
    before: str
    after: str
    review: str


@dataclass(slots=True)
class Received:
    """What a batch brought. `number` is "" where every file was known."""

    number: str = ""
    forms: int = 0
    known: int = 0
    numbers: list[str] = field(default_factory=list)
    superseded: list[Superseded] = field(default_factory=list)
    repeated: list[tuple[str, str]] = field(default_factory=list)
    closed: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def model_dump(self) -> dict[str, Any]:
        """Plain data for programs."""
        return {
            "batch": self.number, "forms": self.forms, "known": self.known, "numbers": self.numbers,
            "superseded": [
                {name: getattr(item, name) for name in ("number", "file", "earlier", "before", "after", "review")}
                for item in self.superseded
            ],
            "repeated": [{"file": file, "number": number} for file, number in self.repeated],
            "closed": [{"file": file, "by": by} for file, by in self.closed],
            "doubts": self.doubts,
        }  # fmt: skip
