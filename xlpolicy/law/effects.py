"""Cross rules (跨条款规则) in compiled form: what holds between claims, as data beside the provisions.

Five effects, and the engine knows these, not articles: `limit`, `choose`, `bar` or `deduct`, `scale`, `split`. A rule
without one (stacking, autopay, ranking) states only that nothing is cut. What a single provision says stands there
(`limits`, `once`, `term`, `least`, `quotas`). Figures are references into the provisions, so that every number of the
law stands once. Provisions of other documents are named `document:provision` (or `city:provision`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
    "note": "说明",
}
#: kinds that change an amount, or who pays it: without an effect they would do nothing in silence
CUTTING = ("exclusive", "highest_only", "cap_shared", "cap_total", "pro_rata", "share", "uplift", "quota")
#: facts of the bureau that may be the maximum of a limit
FACTS: dict[str, str] = {"fiscal_contribution": "对本级财政的贡献"}


@dataclass(frozen=True, slots=True)
class Ref:
    """A figure of a provision of the same document."""

    rule: str
    figure: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A maximum over a scope (`per`), for all members together: `max`, a figure, or `fact`, a number of the bureau.

    `of`: `amount`; `count`, claims that are paid; `principal`, the interest base, where the loans of earlier claims
    (their input `base`) are added to the input `used`. `kinds`: only claims of these kinds of applicant. `part`: of
    what several payers bear, this payer's part alone.
    """

    of: Literal["amount", "count", "principal"]
    per: tuple[str, ...]
    max: Ref | None = None
    fact: str = ""
    kinds: tuple[str, ...] = ()
    part: str = ""
    used: str = ""
    base: str = ""


@dataclass(frozen=True, slots=True)
class Choose:
    """One of several kinds over a scope (`per`: project, loan, object, year, always of one enterprise): of all
    combinations the one that pays most in the end.

    A kind is a set of provisions; `*` stands for all others of the document, `document:provision` for another's.
    `elective`: the enterprise's own choice goes first. `earlier`: what a payment made before does: it has chosen
    (`chosen`), or the kind is paid what it exceeds the earlier payments of other kinds by (`topped`). `barred`: the
    only provisions that an earlier payment bars; empty for all. `part`: of what several payers bear, the choice is
    about this payer's part alone. `support`: kinds of outside support that count as another kind already paid.
    `within`: `document` where payments of the time before this document have chosen nothing.
    """

    per: tuple[str, ...]
    kinds: tuple[tuple[str, ...], ...]
    elective: bool = False
    earlier: Literal["", "chosen", "topped"] = ""
    barred: tuple[str, ...] = ()
    part: str = ""
    support: tuple[str, ...] = ()
    within: Literal["", "document"] = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """What makes a claim zero: outside support of these kinds (`*`: of any) on its project, loan or either (`of`); or
    another provision's claim above zero in the scope `per`, whose boolean input `where` is true.

    `said`: the boolean input of the members that states the same fact; claims that say differently are noted.
    """

    support: tuple[str, ...] = ()
    of: Literal["project", "loan", "either"] = "either"
    claim: str = ""
    where: str = ""
    per: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class Deduct:
    """What is taken off a claim: the amount of outside support (`support`, `of` as for a bar), or what other
    provisions' claims are paid in the scope `per` (`claims`); each amount once, never below zero.

    `by`: the article's own formula takes it off, by this input, which must be stated where the support is.
    """

    support: tuple[str, ...] = ()
    of: Literal["project", "loan", "either"] = "either"
    claims: tuple[str, ...] = ()
    per: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """Up: the standard amount of designated enterprises by the rate `by`, inside the article's own limits and the
    uplift budget; `per: project`: what the article limits per enterprise holds an uplifted amount per project. Down: claims on a fund (`pool`; `called` so in the law) that falls short, in proportion; `backed`: another fund makes up."""

    by: Ref | None = None
    pool: str = ""
    backed: bool = False
    per: Literal["", "project"] = ""
    called: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """Who pays: one payer, or two in the members' ratio (an odd cent to the first).

    `of`: the members are the part of the payer in these provisions of other documents; where a member is claimed in
    the scope `per`, those pay all but that part.
    """

    between: tuple[str, ...]
    ratios: tuple[Ref, ...] = ()
    of: tuple[str, ...] = ()
    per: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CrossRule:
    """One cross rule. `text`: why, in plain Chinese, as shown with every cut.

    `members` are of the document itself; `foreign` are other documents' provisions, reached where the enterprise is
    one of this document's (it has a claim, a payment or a contribution here). `part_of`: the rule whose sentence this
    one carries out: its cuts are shown under that id. `readings`: those of its document on which it hangs.
    """

    id: str
    at: str
    kind: str
    members: tuple[str, ...]
    text: str
    step: int | None = None
    limit: Limit | None = None
    choose: Choose | None = None
    bar: Bar | None = None
    deduct: Deduct | None = None
    scale: Scale | None = None
    split: Split | None = None
    part_of: str = ""
    foreign: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()

    @property
    def abroad(self) -> set[str]:
        """All provisions of other documents that the rule reaches."""
        kinds = self.choose.kinds if self.choose else ()
        named = {name for kind in kinds for name in kind if ":" in name}
        return named | set(self.foreign) | set(self.split.of if self.split else ())


EFFECTS = ("limit", "choose", "bar", "deduct", "scale", "split")
CLASSES = (Ref, Limit, Choose, Bar, Deduct, Scale, Split, CrossRule)
