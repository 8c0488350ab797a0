"""Claims, facts and the settlement as plain frozen records (contract: DESIGN.md, settle). Money in yuan.

Plain dataclasses rather than pydantic models: `import xlpolicy` offers `settle` without loading the validator.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from xlpolicy.catalog import as_date
from xlpolicy.errors import InvalidInput, nearest
from xlpolicy.money import CENT, ZERO, parse_money

KINDS = {"enterprise": "企业", "association": "协会", "park": "园区", "government": "政府"}


@dataclass(frozen=True, slots=True)
class Claim:
    """申报: one enterprise asks for one provision. `on` is None only for a draft pinned by `policy`."""

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

    @classmethod
    def of(cls, raw: Claim | Mapping[str, Any], position: int) -> Claim:
        """A claim from a mapping of the contract's shape. Raises InvalidInput saying which claim and field."""
        if isinstance(raw, Claim):
            return raw
        where = f"第 {position} 笔申报（{raw.get('id', '无编号')}）"
        known = {f.name for f in fields(cls)}
        for name in raw:
            if name not in known:
                raise InvalidInput(
                    f"有不认识的项“{name}”",
                    where=where,
                    expected="、".join(sorted(known)),
                    remedy=nearest(str(name), known),
                )
        for name in ("id", "enterprise", "city", "rule"):
            if not isinstance(raw.get(name), str) or not raw[name].strip():
                raise InvalidInput(f"缺少 {name}", where=where, expected="文字", remedy=f"补上 {name}")
        for name in ("policy", "project", "loan"):
            if not isinstance(raw.get(name), str | None):
                raise InvalidInput(f"{name} 不是文字", where=where, expected="文字或空", remedy=f"改正 {name}")
        kind = raw.get("enterprise_kind") or "enterprise"
        if kind not in KINDS:
            raise InvalidInput(
                f"单位类型“{kind}”不认识",
                where=where,
                expected="、".join(KINDS),
                remedy=nearest(str(kind), KINDS),
            )
        inputs = raw.get("inputs") or {}
        if not isinstance(inputs, Mapping):
            raise InvalidInput("inputs 不是“名称: 数值”", where=where, expected="名称和数值", remedy="改正 inputs")
        on = as_date(raw.get("on"))
        if on is None and not raw.get("policy"):
            raise InvalidInput(
                "没有申报日期",
                where=where,
                expected="日期；只有指定征求意见稿测算时可以不填",
                remedy="补上 on",
            )
        return cls(
            raw["id"], raw["enterprise"], raw["city"], raw["rule"], on, inputs, kind,
            raw.get("policy") or None, raw.get("project") or None, raw.get("loan") or None,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment already made. `city` and `rule` as in a claim; `rule` may be empty for an unknown award."""

    enterprise: str
    city: str
    rule: str
    year: int
    amount: Decimal
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Support:
    """Support from another source on a project or a loan (of one enterprise, when it is named)."""

    kind: str
    project: str | None = None
    loan: str | None = None
    enterprise: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules over the claims beside the claims themselves; amounts in yuan."""

    fiscal_contribution: Mapping[str, Decimal] = field(default_factory=dict)
    pools: Mapping[str, Decimal] = field(default_factory=dict)
    chain_enterprises: frozenset[str] = frozenset()
    uplift_budget: Decimal | None = None
    prior_payments: tuple[Payment, ...] = ()
    external_support: tuple[Support, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    quantum: Decimal = CENT
    ranks: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: Facts | Mapping[str, Any] | None) -> Facts:
        """Facts from a mapping of the contract's shape. Raises InvalidInput naming the entry."""
        if isinstance(raw, Facts):
            return raw
        raw = dict(raw or {})
        known = {f.name for f in fields(cls)}
        for name in raw:
            if name not in known:
                raise InvalidInput(
                    f"facts 里有不认识的项“{name}”",
                    where="facts",
                    expected="、".join(sorted(known)),
                    remedy=nearest(str(name), known),
                )
        budget = raw.get("uplift_budget")
        return cls(
            {str(k): _money(v, f"fiscal_contribution {k}") for k, v in (raw.get("fiscal_contribution") or {}).items()},
            {str(k): _money(v, f"pools {k}") for k, v in (raw.get("pools") or {}).items()},
            frozenset(raw.get("chain_enterprises") or ()),
            None if budget is None else _money(budget, "uplift_budget"),
            tuple(_payment(p, i) for i, p in enumerate(raw.get("prior_payments") or (), 1)),
            tuple(_support(s, i) for i, s in enumerate(raw.get("external_support") or (), 1)),
            dict(raw.get("choices") or {}),
            _money(raw.get("quantum", CENT), "quantum"),
            {str(k): int(v) for k, v in (raw.get("ranks") or {}).items()},
        )


def _money(value: object, where: str) -> Decimal:
    try:
        amount = parse_money(value)
    except ValueError as error:
        raise InvalidInput(
            str(error), where=f"facts {where}", expected="不小于 0 的金额（元）", remedy="改正这一项"
        ) from None
    if amount < ZERO:
        raise InvalidInput(
            f"是负数（{value}）",
            where=f"facts {where}",
            expected="不小于 0 的金额（元）",
            remedy="改正这一项",
        )
    return amount


def _entry(raw: Any, cls: type, needed: Sequence[str], where: str) -> dict[str, Any]:
    known = {f.name for f in fields(cls)}
    if not isinstance(raw, Mapping) or any(raw.get(name) in (None, "") for name in needed):
        raise InvalidInput("缺少必填项", where=where, expected="、".join(needed), remedy="补齐")
    for name in raw:
        if name not in known:
            raise InvalidInput(
                f"有不认识的项“{name}”",
                where=where,
                expected="、".join(sorted(known)),
                remedy=nearest(str(name), known),
            )
    return dict(raw)


def _payment(raw: Any, position: int) -> Payment:
    if isinstance(raw, Payment):
        return raw
    where = f"facts prior_payments 第 {position} 笔"
    item = _entry(raw, Payment, ("enterprise", "city", "rule", "year", "amount"), where)
    return Payment(
        item["enterprise"], item["city"], item["rule"], int(item["year"]),
        _money(item["amount"], f"prior_payments 第 {position} 笔"), item.get("project"),
    )  # fmt: skip


def _support(raw: Any, position: int) -> Support:
    if isinstance(raw, Support):
        return raw
    item = _entry(raw, Support, ("kind",), f"facts external_support 第 {position} 项")
    if not item.get("project") and not item.get("loan"):
        raise InvalidInput(
            "没有写明项目或贷款",
            where=f"facts external_support 第 {position} 项",
            expected="project 或 loan",
            remedy="补上",
        )
    return Support(item["kind"], item.get("project"), item.get("loan"), item.get("enterprise"))


@dataclass(frozen=True, slots=True)
class Cut:
    """核减: what one rule took from one claim (negative: what an uplift added), where it stands, why."""

    rule: str
    at: str
    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something to be done or known about a claim that is no cut: a missing fact, a ceiling not applied."""

    claim: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Settled:
    """One claim's end: `decided` (the single decision) less the cuts is `payable`; `payers` sum to it."""

    id: str
    decided: Decimal
    payable: Decimal
    payers: Mapping[str, Decimal]
    cuts: tuple[Cut, ...]
    basis: str
    title: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """兑付核算: every claim, in the order given."""

    on_year: int
    claims: tuple[Settled, ...]
    notes: tuple[Note, ...] = ()

    def model_dump(self, mode: str = "python") -> dict[str, Any]:
        """The contract's shape; mode "json" gives money as strings with two decimals."""
        money = (lambda amount: f"{amount:.2f}") if mode == "json" else (lambda amount: amount)
        data: dict[str, Any] = {
            "claims": [
                {
                    "id": c.id,
                    "payable": money(c.payable),
                    "payers": {name: money(part) for name, part in c.payers.items()},
                    "cuts": [
                        {"rule": x.rule, "at": x.at, "amount": money(x.amount), "reason": x.reason} for x in c.cuts
                    ],
                }
                for c in self.claims
            ]
        }
        if self.notes:
            data["notes"] = [{"claim": n.claim, "code": n.code, "text": n.text} for n in self.notes]
        return data


def read_claims(raw: Iterable[Claim | Mapping[str, Any]]) -> list[Claim]:
    """All claims, each id once. Raises InvalidInput for the first that cannot be read."""
    claims, seen = [], set()
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
