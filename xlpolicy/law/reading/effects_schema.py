"""The `cross_rules` of a policy file: shape (pydantic) and compilation to `effects.CrossRule`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from xlpolicy.faults import nearest
from xlpolicy.law import effects as cross
from xlpolicy.law.labels import TYPES
from xlpolicy.law.records import Kind, Rule

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Reference = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
#: a provision of another document: the document's key or its city, and the provision
Foreign = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*:[a-z][a-z0-9_]*$")]
Payer = Literal["central", "province", "city", "county"]
Thing = Literal["project", "loan", "either"]
Dimension = Literal["enterprise", "year", "project", "object", "loan"]
Applicant = Literal["enterprise", "association", "park", "government"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FactData(_Strict):
    """A number of the bureau in the place of a figure."""

    fact: Literal["fiscal_contribution"]


class LimitData(_Strict):
    """A maximum for all members together: a figure (`provision.figure`) or a fact of the bureau."""

    of: Literal["amount", "count", "principal"] = "amount"
    per: tuple[Dimension, ...]
    max: Reference | FactData | None = None
    kinds: tuple[Applicant, ...] = ()
    part: Payer | Literal[""] = ""
    used: Name | None = None
    base: Name | None = None


def _kinds(raw: Any) -> Any:
    """A kind of one provision may be its name alone; `*` alone: each of the others is a kind of its own."""
    if not isinstance(raw, list | tuple):
        return raw
    return [[EACH if x == "*" else x] if isinstance(x, str) else x for x in raw]


#: every other member a kind of its own
EACH = "each"


class ChooseData(_Strict):
    """One of several kinds over a scope; a kind is a provision or a list of them (`*`: all others)."""

    per: tuple[Dimension, ...]
    kinds: Annotated[
        tuple[tuple[str, ...], ...],
        BeforeValidator(_kinds, json_schema_input_type=tuple[str | tuple[str, ...], ...]),
    ]
    elective: bool = False
    earlier: Literal["", "chosen", "topped"] = ""
    barred: tuple[Name, ...] = ()
    part: Payer | Literal[""] = ""
    support: tuple[Name, ...] = ()
    within: Literal["", "document"] = ""


class BarData(_Strict):
    """`support`: kinds of outside support that bar the claim (`*`: any); `claim`: another provision whose claim does;
    `said`: the members' own input that states the same fact."""

    support: tuple[Name | Literal["*"], ...] = ()
    of: Thing = "either"
    claim: Name | Foreign | None = None
    where: Name | None = None
    per: tuple[Dimension, ...] = ()
    said: Name | None = None


class DeductData(_Strict):
    """`support`: kinds of outside support whose amount is taken off, or `claims`; `by`: the input that states it."""

    support: tuple[Name, ...] = ()
    of: Thing = "either"
    claims: tuple[Name | Foreign, ...] = ()
    per: tuple[Dimension, ...] = ()
    by: Name | None = None


class ScaleData(_Strict):
    """`by`: up by a rate for designated enterprises (`per: project`: limits of an enterprise then hold each project);
    `pool`: down where a fund falls short, unless it is `backed`; `called`: its name in the law, for people."""

    by: Reference | None = None
    per: Literal["", "project"] = ""
    pool: Name | None = None
    called: str = ""
    backed: bool = False


class SplitData(_Strict):
    """`between`: one payer, or two with `ratios`; `of`: the members are that payer's part of other provisions."""

    between: tuple[Payer, ...]
    ratios: tuple[Reference, ...] = ()
    of: tuple[Foreign, ...] = ()
    per: tuple[Dimension, ...] = ()


class CrossRuleData(_Strict):
    """One cross rule: members (`*` for all, `but` for some), and at most a few effects. A kind that cuts must have one."""

    id: Name
    at: str
    kind: Literal[
        "stack",
        "exclusive",
        "highest_only",
        "cap_shared",
        "cap_total",
        "pro_rata",
        "share",
        "uplift",
        "quota",
        "deadline",
        "retroactive",
        "succession",
        "autopay",
        "note",
    ]
    members: Annotated[
        tuple[str, ...],
        BeforeValidator(
            lambda raw: [raw] if isinstance(raw, str) else raw, json_schema_input_type=str | tuple[str, ...]
        ),
    ]
    but: tuple[Name, ...] = ()
    text: str
    step: int | None = None
    limit: LimitData | None = None
    choose: ChooseData | None = None
    bar: BarData | None = None
    deduct: DeductData | None = None
    scale: ScaleData | None = None
    split: SplitData | None = None
    part_of: Name | None = None


Report = Callable[[str, tuple[str | int, ...], str, str, str], None]


def compile_cross(
    items: tuple[CrossRuleData, ...], rules: Mapping[str, Rule], support: Mapping[str, str], report: Report
) -> tuple[cross.CrossRule, ...]:
    """Cross rules with every name resolved against the document's provisions; what fails is reported."""
    out = []
    said: set[str] = set()
    carried = {limit.rule for rule in rules.values() for limit in rule.limits}
    for i, item in enumerate(items):
        path: tuple[str | int, ...] = ("cross_rules", i)
        if item.id in said:
            report("policy_duplicate", path, f"跨条款规则编号 {item.id} 重复", "一个编号一条", "改名或合并")
        said.add(item.id)
        foreign = tuple(name for name in item.members if ":" in name)
        every = [name for name in rules if name not in item.but]
        members = tuple(x for name in item.members if ":" not in name for x in (every if name == "*" else (name,)))
        check = _Check(item, members, rules, path, report)
        check.names(support)
        check.whole(carried)
        ref = check.ref
        out.append(
            cross.CrossRule(
                item.id, item.at, item.kind, members, item.text, item.step,
                limit=_limit(item.limit, ref), choose=_choose(item.choose, members),
                bar=_plain(cross.Bar, item.bar), deduct=_plain(cross.Deduct, item.deduct),
                scale=_scale(item.scale, ref), split=_split(item.split, ref),
                part_of=item.part_of or "", foreign=foreign,
            )
        )  # fmt: skip
    _no_cycle(out, report)
    return tuple(out)


def _no_cycle(rules: Sequence[cross.CrossRule], report: Report) -> None:
    """No claim bars, or is deducted from, one that does the same to it, nor itself: which comes first would be a guess."""
    waits: dict[str, set[str]] = {}
    named = [
        (x, ((x.bar.claim,) if x.bar and x.bar.claim else ()) + (x.deduct.claims if x.deduct else ())) for x in rules
    ]
    for rule, first in named:
        for member in rule.members:
            waits.setdefault(member, set()).update(first)
    for i, (rule, first) in enumerate(named):
        reached, ahead = set(first), list(first)
        while ahead:
            new = waits.get(ahead.pop(), set()) - reached
            reached |= new
            ahead += new
        if round_ := [x for x in rule.members if x in reached]:
            what = f"{'、'.join(first)} 先定，{'、'.join(round_)} 才定，反过来也一样：成了循环"
            report(
                "policy_cross", ("cross_rules", i), what, "一条先定、一条后定", "改写这条规则；只能选一样的写 choose"
            )


class _Check:
    """What a cross rule names, held against the provisions; what is wrong is reported."""

    def __init__(
        self,
        item: CrossRuleData,
        members: tuple[str, ...],
        rules: Mapping[str, Rule],
        path: tuple[str | int, ...],
        report: Report,
    ) -> None:
        self.item, self.members, self.rules, self.path, self.report = item, members, rules, path, report

    def ref(self, text: str, kind: Kind) -> cross.Ref:
        """A figure that must be of a kind."""
        rule, _, figure = text.partition(".")
        found = self.rules[rule].figures.get(figure) if rule in self.rules else None
        if found is None or found.kind not in (kind, "any"):
            known = [f"{r}.{f}" for r in self.rules for f, x in self.rules[r].figures.items() if x.kind == kind]
            what = f"没有数字 {text}" if found is None else f"数字 {text} 是{found.text}，用在这里不对"
            self.report("policy_name", self.path, what, "条款编号.数字名", nearest(text, known))
        return cross.Ref(rule, figure)

    def names(self, support: Mapping[str, str]) -> None:
        """Provisions, inputs and kinds of support that the rule and its effects name."""
        item, rules = self.item, self.rules
        own = [*self.members, *item.but]
        if item.bar and item.bar.claim:
            own.append(item.bar.claim)
        own += item.deduct.claims if item.deduct else ()
        for name in own:
            if name not in rules and ":" not in name:
                self.report("policy_name", self.path, f"成员 {name} 不是本文件的条款", "条款编号", nearest(name, rules))
        for name, wanted, kind in self._inputs():
            known = [x.name for x in rules[name].inputs if kind in ("", x.type)] if name in rules else [wanted]
            if wanted not in known:
                what = f"{name} 没有{TYPES[kind] if kind else ''}{'类' if kind else ''}输入项 {wanted}"
                self.report("policy_name", self.path, what, "输入项名称", nearest(wanted, known))
        for name in sorted(self._among()):
            if name not in self.members:
                what = f"{name} 不是本条规则的成员"
                self.report("policy_name", self.path, what, "members 里的条款", nearest(name, self.members))
        kinds: list[str] = [x for part in (item.bar, item.choose, item.deduct) if part for x in part.support]
        for name in kinds:
            if name != "*" and name not in support:
                what = f"支持类别 {name} 没有写在文件的 support 里"
                self.report("policy_name", self.path, what, "support 里的类别", nearest(name, support))

    def _inputs(self) -> Iterator[tuple[str, str, str]]:
        """Provision, input, its type ("" for any)."""
        item = self.item
        if item.limit and item.limit.of == "principal":
            for name in self.members:
                yield from ((name, x, "money") for x in (item.limit.used, item.limit.base) if x)
        if item.deduct and item.deduct.by:
            yield from ((name, item.deduct.by, "") for name in self.members)
        if item.bar and item.bar.claim and item.bar.where and ":" not in item.bar.claim:
            yield item.bar.claim, item.bar.where, "boolean"
        if item.bar and item.bar.said:
            said = item.bar.said  # not every member asks it
            asking = [x for x in self.members if x in self.rules and any(i.name == said for i in self.rules[x].inputs)]
            yield from ((name, said, "boolean") for name in asking or self.members[:1])

    def _among(self) -> set[str]:
        """Provisions that must be members."""
        choose, split = self.item.choose, self.item.split
        named: set[str] = set()
        if choose:
            named = {name for kind in choose.kinds for name in kind if name not in ("*", EACH) and ":" not in name}
            named |= set(choose.barred)
        return named | {x.partition(".")[0] for x in (split.ratios if split else ())}

    def whole(self, carried: set[str]) -> None:
        """An effect lacks nothing that it needs, and a kind that cuts has one (or a limit that bears its id)."""
        item = self.item
        wrong: list[tuple[str, str]] = []
        if item.kind in cross.CUTTING and item.id not in carried and not any(getattr(item, x) for x in cross.EFFECTS):
            words = "、".join(cross.EFFECTS)
            wrong.append((f"{cross.KINDS[item.kind]}没有写怎样作用，什么也不会核减", f"{words} 之一"))
        if item.but and "*" not in item.members:
            wrong.append(("写了 but，members 却不是全部条款", "members: '*'"))
        if item.limit and item.limit.of == "principal" and not (item.limit.used and item.limit.base):
            wrong.append(("本金限额没有写 used 和 base", "已占用本金和贷款余额的输入项"))
        if item.limit and item.limit.of != "principal" and item.limit.max is None:
            wrong.append(("limit 没有写上限", "max: 条款编号.数字名"))
        if item.limit and item.limit.of != "amount" and isinstance(item.limit.max, FactData):
            wrong.append(("事实作上限的只能是金额", "of: amount"))
        if item.bar and bool(item.bar.support) == bool(item.bar.claim):
            wrong.append(("bar 要么写 support，要么写 claim", "其中一个"))
        if item.deduct and not (item.deduct.support or item.deduct.claims or item.deduct.by):
            wrong.append(("deduct 没有写扣什么", "support、claims 或 by"))
        if item.scale and bool(item.scale.by) == bool(item.scale.pool):
            wrong.append(("scale 要么写 by（上浮），要么写 pool（资金）", "其中一个"))
        if item.scale and item.scale.called and not item.scale.pool:
            wrong.append(("scale 写了 called（资金名称），没有写 pool（资金代号）", "两样都写"))
        if item.split:
            needed = {0: "付款方", 1: "一个付款方不写 ratios", 2: "两个付款方，每个成员一个 ratios"}
            sides, shared = len(item.split.between), {x.partition(".")[0] for x in item.split.ratios}
            fits = (sides == 1 and not shared) or (sides == 2 and shared == set(self.members) and not item.split.of)
            if not fits:
                wrong.append(("split 的付款方和比例对不上", needed.get(sides, "一个或两个付款方")))
        for got, expected in wrong:
            self.report("policy_cross", self.path, got, expected, "改写这条规则")


def _plain(cls: type, data: BaseModel | None) -> Any:
    return cls(**{k: v for k, v in data.model_dump().items() if v is not None}) if data is not None else None


class _Ref(Protocol):
    def __call__(self, text: str, kind: Kind) -> cross.Ref: ...


def _limit(data: LimitData | None, ref: _Ref) -> cross.Limit | None:
    if data is None:
        return None
    fact = data.max.fact if isinstance(data.max, FactData) else ""
    most = ref(data.max, "count" if data.of == "count" else "money") if isinstance(data.max, str) else None
    return cross.Limit(data.of, data.per, most, fact, data.kinds, data.part, used=data.used or "", base=data.base or "")


def _choose(data: ChooseData | None, members: tuple[str, ...]) -> cross.Choose | None:
    """`*` written out: alone as a kind, every other member is a kind of its own; inside a kind, all other members."""
    if data is None:
        return None
    named = {name for kind in data.kinds for name in kind}
    others = tuple(name for name in members if name not in named)
    kinds: list[tuple[str, ...]] = []
    for kind in data.kinds:
        if kind == (EACH,):
            kinds += ((name,) for name in others)
        else:
            kinds.append(tuple(x for name in kind for x in (others if name == "*" else (name,))))
    per = tuple(name for name in data.per if name != "enterprise")
    return cross.Choose(
        per, tuple(kinds), data.elective, data.earlier, data.barred, data.part, data.support, data.within
    )


def _scale(data: ScaleData | None, ref: _Ref) -> cross.Scale | None:
    if data is None:
        return None
    return cross.Scale(ref(data.by, "rate") if data.by else None, data.pool or "", data.backed, data.per, data.called)


def _split(data: SplitData | None, ref: _Ref) -> cross.Split | None:
    if data is None:
        return None
    return cross.Split(data.between, tuple(ref(text, "rate") for text in data.ratios), data.of, data.per)
