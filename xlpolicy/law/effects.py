"""Cross rules (跨条款规则) in compiled form: what holds between claims, as data beside the provisions.

The engine knows these effects, not articles. A rule without an effect (stacking, autopay, ranking) states only that
nothing is cut. Figures are references into the provisions, so that every number of the law stands once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Per = Literal["enterprise-year", "enterprise", "project", "project-year"]
KINDS: dict[str, str] = {
    "stack": "可叠加",
    "exclusive": "不重复享受",
    "highest_only": "就高不重复",
    "cap_shared": "合计封顶",
    "cap_total": "总额限制",
    "pro_rata": "按比例兑现",
    "share": "分级承担",
    "uplift": "上浮",
    "quota": "名额",
    "deadline": "期限",
    "retroactive": "追溯适用",
    "succession": "新旧衔接",
    "autopay": "免申即享",
}


@dataclass(frozen=True, slots=True)
class Ref:
    """A figure of a provision of the same document."""

    rule: str
    figure: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Support of these kinds (empty: any) on the claim's project, loan or either makes the claim zero."""

    support: tuple[str, ...]
    of: Literal["project", "loan", "either"]


@dataclass(frozen=True, slots=True)
class BarByClaim:
    """A claim above zero of `rule` whose boolean input `where` is true bars the members of the same year."""

    rule: str
    where: str


@dataclass(frozen=True, slots=True)
class Choose:
    """One of several kinds over a scope (`per`: project, loan, year, always of one enterprise): of all combinations
    the one that pays most in the end.

    A kind is a set of provisions; `*` stands for all others of the document, `document:provision` for another's.
    `elective`: the enterprise's own choice goes first. `earlier`: what a payment made before does: it has chosen
    (`chosen`), or the kind is paid what it exceeds the earlier payments of other kinds by (`topped`). `barred`: the
    only provisions that an earlier payment bars; empty for all. `part`: of what several payers bear, the choice is
    about this payer's part alone. `support`: kinds of outside support that count as another kind already paid.
    """

    per: tuple[str, ...]
    kinds: tuple[tuple[str, ...], ...]
    elective: bool = False
    earlier: Literal["", "chosen", "topped"] = ""
    barred: tuple[str, ...] = ()
    part: str = ""
    support: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cap:
    """Limits of the members by their figures; the scope of each stands in its provision.

    `shared`: the one figure is for all members together, whose own limits of scope `per` it is.
    """

    per: Per | None
    figures: tuple[Ref, ...]
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Principal:
    """A cumulative limit on the interest base: earlier loans' `base` input is added to the `used` input."""

    used: str
    base: str
    per: Literal["enterprise", "enterprise-year"]


@dataclass(frozen=True, slots=True)
class Uplift:
    """Raise the standard amount by a figure, inside the article's own limits and the uplift budget."""

    figure: Ref


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What a payer bears for an enterprise in a year, limited by the enterprise's fiscal contribution."""

    kinds: tuple[str, ...]
    part: str


@dataclass(frozen=True, slots=True)
class Pool:
    """A fund. `reduces`: what exceeds it is shared in proportion; otherwise another fund makes up for it."""

    name: str
    reduces: bool


@dataclass(frozen=True, slots=True)
class Share:
    """The amount is borne by two payers in the members' ratio; an odd cent goes to the first."""

    ratios: tuple[Ref, ...]
    between: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Partner:
    """The members are the part of the payer `part` in other documents' provisions (`of`, as document:provision).

    Where a member is claimed in the scope, those pay all but that part.
    """

    of: tuple[str, ...]
    part: str
    per: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """With support of these kinds on the loan or project the claim must state this input."""

    input: str
    support: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CrossRule:
    """One cross rule. `text`: why, in plain Chinese, as shown with every cut.

    `members` are of the document itself; `foreign` are other documents' provisions, as document:provision, reached
    where the enterprise is one of this document's (it has a claim, a payment or a contribution here).
    """

    id: str
    at: str
    kind: str
    members: tuple[str, ...]
    text: str
    step: int | None = None
    bar: Bar | None = None
    bar_by_claim: BarByClaim | None = None
    choose: Choose | None = None
    cap: Cap | None = None
    principal: Principal | None = None
    uplift: Uplift | None = None
    ceiling: Ceiling | None = None
    pool: Pool | None = None
    share: Share | None = None
    payer: str | None = None
    partner: Partner | None = None
    needs: Needs | None = None
    #: the rule whose sentence this one carries out: its cuts are shown under that id
    part_of: str = ""
    foreign: tuple[str, ...] = ()


CLASSES = (
    Ref, Bar, BarByClaim, Choose, Cap, Principal, Uplift, Ceiling, Pool, Share, Partner, Needs, CrossRule,
)  # fmt: skip
