"""How a form stands that was written from a bureau's own template: what is printed on it, and what the bureau asks beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

Place = tuple[int, int]
#: the sheet of a combined form on which is filled in what all its provisions ask
COMMON_SHEET = "单位信息"
#: what the parts begin with into which is written when a form is signed
SIGNED = ("本单位承诺", "县(市、区)主管部门意见", "市级主管部门意见")


#: what a template calls the fields that a bureau may ask and that mean something to us
YEAR, ASKED, COUNTY = "申报年度", "申请金额", "县区初审额"
KINDS = (YEAR, ASKED, COUNTY)


class Extra(NamedTuple):
    """A field that a bureau asks beside ours: its label, where the label stands and where the answer; `kind`: one of
    `KINDS` where the answer means something to us.
    """

    label: str
    label_place: Place
    place: Place
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a list form, one claim a row: the fields that are its columns, and the rows (from 0) of their labels,
    units and hints and of its first and last claim."""

    keys: frozenset[str]
    head: int
    units: int
    hints: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """`rows`: as the hidden sheet says it all; `texts`: every text printed on the form, as it is compared; `estimate`:
    the cells of the estimate and its reason; `check`: that which says how much is left to fill in; `declaration`: what is signed; `sheets`: others that the bureau added;
    `beside`: texts of page margins, boxes and comments. Of a combined form (`combined`): `stands` its sheet, `vouchers` that of
    its invoices, `common` what it only shows (field key -> where that is filled in), `shared` whether it is the sheet of what is common. Of a list form `table`; `computed`: cells of it that nobody fills in."""

    rows: tuple[tuple[str, str], ...]
    columns: int
    texts: frozenset[str] = frozenset()
    extras: tuple[Extra, ...] = ()
    estimate: tuple[str, str] | None = None
    check: str = ""
    declaration: str = ""
    sheets: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    stands: str = ""
    vouchers: str = ""
    common: Mapping[str, str] = field(default_factory=dict)
    shared: bool = False
    table: Table | None = None
    computed: frozenset[Place] = frozenset()
