"""The `cross_rules` of a policy file: shape (pydantic) and compilation to `cross.CrossRule`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, model_validator

from xlpolicy.faults import nearest
from xlpolicy.law import effects as cross
from xlpolicy.law.records import TYPES, Kind, Rule

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Reference = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
Payer = Literal["central", "province", "city", "county"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BarData(_Strict):
    """`support`: kinds of outside support that bar the claim, empty for any."""

    support: tuple[Name, ...] = ()
    of: Literal["project", "loan", "either"]


class BarByClaimData(_Strict):
    rule: Name
    where: Name


def _kinds(raw: Any) -> Any:
    """A kind of one provision may be its name alone; `*` alone: each of the others is a kind of its own."""
    if not isinstance(raw, list | tuple):
        return raw
    return [[EACH if x == "*" else x] if isinstance(x, str) else x for x in raw]


#: every other member a kind of its own
EACH = "each"


class ChooseData(_Strict):
    """One of several kinds over a scope; a kind is a provision or a list of them (`*`: all others)."""

    per: tuple[Literal["project", "loan", "year"], ...]
    kinds: Annotated[
        tuple[tuple[str, ...], ...],
        BeforeValidator(_kinds, json_schema_input_type=tuple[str | tuple[str, ...], ...]),
    ]
    elective: bool = False
    earlier: Literal["", "chosen", "topped"] = ""
    barred: tuple[Name, ...] = ()
    part: Payer | Literal[""] = ""
    support: tuple[Name, ...] = ()


class CapData(_Strict):
    """`shared`: one figure for all members, with its scope; `figures`: each member's own, whose limit has the scope."""

    per: cross.Per | None = None
    shared: Reference | None = None
    figures: tuple[Reference, ...] = ()


class PrincipalData(_Strict):
    used: Name
    base: Name
    per: Literal["enterprise", "enterprise-year"]


class CeilingData(_Strict):
    kinds: tuple[Name, ...]
    part: Payer


class PoolData(_Strict):
    name: Name
    reduces: bool


class ShareData(_Strict):
    ratios: tuple[Reference, ...]
    between: tuple[Payer, Payer]


class PartnerData(_Strict):
    of: tuple[str, ...]
    part: Payer
    per: tuple[Literal["project", "year"], ...]


class NeedsData(_Strict):
    input: Name
    support: tuple[Name, ...]


def _older(raw: Any) -> Any:
    """Files of the first release say `keep_one`: each member is a kind of its own."""
    if not isinstance(raw, dict) or not isinstance(raw.get("keep_one"), dict) or "choose" in raw:
        return raw
    old = raw["keep_one"]
    choose = {"per": str(old.get("per", "")).split("-"), "kinds": ["*"], "elective": old.get("elective", False)}
    return {key: value for key, value in raw.items() if key != "keep_one"} | {"choose": choose}


class CrossRuleData(_Strict):
    """One cross rule: members (`*` for all), and at most a few effects. Without an effect nothing is cut."""

    _read_older = model_validator(mode="before")(_older)

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
    ]
    members: Annotated[
        tuple[str, ...],
        BeforeValidator(
            lambda raw: [raw] if isinstance(raw, str) else raw, json_schema_input_type=str | tuple[str, ...]
        ),
    ]
    text: str
    step: int | None = None
    bar: BarData | None = None
    bar_by_claim: BarByClaimData | None = None
    choose: ChooseData | None = None
    cap: CapData | None = None
    principal: PrincipalData | None = None
    uplift: Reference | None = None
    ceiling: CeilingData | None = None
    pool: PoolData | None = None
    share: ShareData | None = None
    payer: Payer | None = None
    partner: PartnerData | None = None
    needs: NeedsData | None = None
    part_of: Name | None = None


Report = Callable[[str, tuple[str | int, ...], str, str, str], None]


def compile_cross(
    items: tuple[CrossRuleData, ...], rules: Mapping[str, Rule], report: Report
) -> tuple[cross.CrossRule, ...]:
    """Cross rules with every name resolved against the document's provisions; what fails is reported."""
    out = []
    said: set[str] = set()
    for i, item in enumerate(items):
        path: tuple[str | int, ...] = ("cross_rules", i)
        if item.id in said:
            report("policy_duplicate", path, f"跨条款规则编号 {item.id} 重复", "一个编号一条", "改名或合并")
        said.add(item.id)

        def ref(text: str, kind: Kind, path: tuple[str | int, ...] = path) -> cross.Ref:
            rule, _, figure = text.partition(".")
            found = rules[rule].figures.get(figure) if rule in rules else None
            if found is None or found.kind not in (kind, "any"):
                known = [f"{r}.{f}" for r in rules for f, x in rules[r].figures.items() if x.kind == kind]
                what = f"没有数字 {text}" if found is None else f"数字 {text} 是{found.text}，用在这里不对"
                report("policy_name", path, what, "条款编号.数字名", nearest(text, known))
            return cross.Ref(rule, figure)

        foreign = tuple(name for name in item.members if ":" in name)
        members = tuple(x for name in item.members if ":" not in name for x in (rules if name == "*" else (name,)))
        for name in members:
            if name not in rules:
                report("policy_name", path, f"成员 {name} 不是本文件的条款", "条款编号", nearest(name, rules))
        _check_names(item, path, members, rules, report)
        if item.cap and bool(item.cap.shared) == bool(item.cap.figures):
            report(
                "policy_cross",
                path,
                "封顶要么共用一个数字，要么各用各的",
                "shared 或 figures 取一",
                "改写 cap",
            )
        elif item.cap and bool(item.cap.shared) != bool(item.cap.per):
            report(
                "policy_cross",
                path,
                "per 只写在共用的封顶上；各用各的，范围写在条款的 limits 里",
                "shared 和 per 一起写",
                "改写 cap",
            )
        if item.cap and item.cap.figures and {x.partition(".")[0] for x in item.cap.figures} != set(members):
            report("policy_cross", path, "figures 与成员不一一对应", "每个成员一个封顶数字", "补齐或删去")
        out.append(
            cross.CrossRule(
                item.id, item.at, item.kind, members, item.text, item.step,
                bar=_make(cross.Bar, item.bar), bar_by_claim=_make(cross.BarByClaim, item.bar_by_claim),
                choose=_choose(item.choose, members), cap=_cap(item.cap, ref),
                principal=_make(cross.Principal, item.principal),
                uplift=cross.Uplift(ref(item.uplift, "rate")) if item.uplift else None,
                ceiling=_make(cross.Ceiling, item.ceiling), pool=_make(cross.Pool, item.pool),
                share=_share(item.share, ref),
                payer=item.payer, partner=_make(cross.Partner, item.partner), needs=_make(cross.Needs, item.needs),
                part_of=item.part_of or "", foreign=foreign,
            )
        )  # fmt: skip
    return tuple(out)


def _check_names(
    item: CrossRuleData,
    path: tuple[str | int, ...],
    members: tuple[str, ...],
    rules: Mapping[str, Rule],
    report: Report,
) -> None:
    """Provisions and inputs that the effects name, beside the members."""
    wanted: list[tuple[str, str, str]] = []  # provision, input, its type ("" for any)
    if item.principal:
        wanted += [(name, x, "money") for name in members for x in (item.principal.used, item.principal.base)]
    if item.needs:
        wanted += [(name, item.needs.input, "") for name in members]
    if item.bar_by_claim:
        wanted.append((item.bar_by_claim.rule, item.bar_by_claim.where, "boolean"))
        if item.bar_by_claim.rule not in rules:
            found = item.bar_by_claim.rule
            report("policy_name", path, f"{found} 不是本文件的条款", "条款编号", nearest(found, rules))
    for name, wanted_input, kind in wanted:
        known = [x.name for x in rules[name].inputs if kind in ("", x.type)] if name in rules else [wanted_input]
        if wanted_input not in known:
            what = f"{TYPES[kind]}类" if kind else ""
            report(
                "policy_name",
                path,
                f"{name} 没有{what}输入项 {wanted_input}",
                "输入项名称",
                nearest(wanted_input, known),
            )
    named: set[str] = set()
    if item.choose:
        named = {name for kind in item.choose.kinds for name in kind if name not in ("*", EACH) and ":" not in name}
        named |= set(item.choose.barred)
    for name in sorted(named):
        if name not in members:
            report("policy_name", path, f"{name} 不是本条规则的成员", "members 里的条款", nearest(name, members))


def _make(cls: type, data: BaseModel | None) -> Any:
    return cls(**data.model_dump()) if data is not None else None


def _choose(data: ChooseData | None, members: tuple[str, ...]) -> cross.Choose | None:
    """`*` written out: alone as the only kind, every member is a kind of its own; inside a kind, all other members."""
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
    return cross.Choose(data.per, tuple(kinds), data.elective, data.earlier, data.barred, data.part, data.support)


def _cap(data: CapData | None, ref: Callable[[str, Kind], cross.Ref]) -> cross.Cap | None:
    if data is None:
        return None
    figures = (data.shared,) if data.shared else data.figures
    refs = tuple(ref(text, "money") for text in figures)
    return cross.Cap(data.per, refs, data.shared is not None)


def _share(data: ShareData | None, ref: Callable[[str, Kind], cross.Ref]) -> cross.Share | None:
    return cross.Share(tuple(ref(text, "rate") for text in data.ratios), data.between) if data else None
