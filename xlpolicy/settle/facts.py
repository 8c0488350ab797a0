"""Facts of a settlement: payments made, outside support, pools, contributions … read from data of the contract's shape.

Each entry is read on its own, so that a reader of files can report all that is wrong at once, each with its place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

from xlpolicy.faults import InvalidInput, nearest
from xlpolicy.law.fund_names import by_fund
from xlpolicy.law.records import Document, YearRate
from xlpolicy.law.values import parse_date
from xlpolicy.money import CENT, ZERO, parse_rate
from xlpolicy.settle.fact_values import money, month, place, quantum, text, whole, wrong, year, yes
from xlpolicy.words.names import same

#: field -> where it stands (a place in JSON, a cell)
Where = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment already made. `city` and `rule` as in a claim; an empty `rule` is an award of another document.

    `county_part`: what of it the county bore, where two payers share it; by the provision's ratio where that is not said.
    """

    enterprise: str
    city: str
    rule: str
    year: int
    amount: Decimal
    project: str | None = None
    object: str | None = None
    code: str | None = None
    loan: str | None = None
    level: str | None = None
    days: int | None = None
    principal: Decimal | None = None
    includes_cloud_spend: bool | None = None
    month: int | None = None
    industry: str | None = None
    period_from: dt.date | None = None
    period_to: dt.date | None = None
    county_part: Decimal | None = None
    first_drawdown_on: dt.date | None = None

    @classmethod
    def of(cls, raw: Any, where: Where) -> Payment:
        """A payment from a mapping. Raises InvalidInput naming the place."""
        if isinstance(raw, cls):
            return raw
        item = _entry(cls, raw, ("enterprise", "city", "year", "amount"), where)
        days, first, last = _period(item, where)
        drawn = _day(item.get("first_drawdown_on"), where("first_drawdown_on"))
        if drawn and first and first < drawn:
            raise wrong(f"首笔投放日期 {drawn}，计息从 {first} 起", where("first_drawdown_on"), "不晚于计息起日的日期")
        amount = money(item["amount"], where("amount"), taken_back=True)
        return cls(
            item["enterprise"], item["city"], item.get("rule") or "", year(item["year"], where("year")),
            amount, item.get("project") or None,
            item.get("object") or None, item.get("code") or None, item.get("loan") or None, item.get("level") or None,
            days,
            None if item.get("principal") is None else money(item["principal"], where("principal")),
            None if item.get("includes_cloud_spend") is None else yes(item["includes_cloud_spend"], where("includes_cloud_spend")),
            None if item.get("month") is None else month(item["month"], where("month")), item.get("industry") or None,
            first, last, _county_part(item, amount, where), drawn,
        )  # fmt: skip


def _county_part(item: Mapping[str, Any], amount: Decimal, where: Where) -> Decimal | None:
    """What of a payment the county bore: a part of it, and taken back where it was."""
    if item.get("county_part") is None:
        return None
    part = money(item["county_part"], where("county_part"), taken_back=True)
    if not min(amount, ZERO) <= part <= max(amount, ZERO):
        raise wrong(
            f"其中县级 {part:,.2f}元，金额是 {amount:,.2f}元",
            where("county_part"),
            "不大于金额的数；收回的两个都写负数",
        )
    return part


def _period(item: Mapping[str, Any], where: Where) -> tuple[int | None, dt.date | None, dt.date | None]:
    """The days that interest was paid for, and from when to when (fewer days may have counted)."""
    days = None if item.get("days") is None else whole(item["days"], where("days"), "天数，如 365")
    if days is not None and days < 0:
        raise wrong(f"天数是负数（{days}）", where("days"), "不小于 0 的天数；收回的贴息天数照写，金额写负数")
    first, last = (_day(item.get(name), where(name)) for name in ("period_from", "period_to"))
    if (first is None) is not (last is None):
        name, said = ("period_from", "起日") if first is None else ("period_to", "止日")
        raise wrong(f"没有写计息{said}", where(name), "起日和止日都写，或都不写")
    if first and last and (last < first or (days or 0) > (last - first).days + 1):
        got = f"计息 {first} 至 {last}，天数 {'没有写' if days is None else days}"
        raise wrong(got, where("period_to"), "前后一致的起止日期和天数")
    return days, first, last


def _day(value: Any, where: str) -> dt.date | None:
    try:
        return None if value is None else parse_date(value)
    except ValueError as error:
        raise wrong(str(error), where, "日期，如 2026-06-30") from None


@dataclass(frozen=True, slots=True)
class Support:
    """Support from another source on a project, a loan or an object (of one enterprise, when it is named).

    `kind`: a kind of support as the policy files name it, or its name in Chinese.
    """

    kind: str
    project: str | None = None
    loan: str | None = None
    enterprise: str | None = None
    amount: Decimal | None = None
    object: str | None = None

    @property
    def object_alone(self) -> bool:
        """Whether it says on which object it is, and nothing else."""
        return bool(self.object and not self.project and not self.loan)

    @classmethod
    def of(cls, raw: Any, where: Where) -> Support:
        """An entry of external_support from a mapping. Raises InvalidInput naming the place."""
        if isinstance(raw, cls):
            return raw
        item = _entry(cls, raw, ("kind",), where)
        if not item.keys() & {"project", "loan", "object"}:
            what = "没有写明项目、贷款或对象"
            raise InvalidInput(what, where=where("project"), expected="project、loan 或 object", remedy="补上")
        return cls(
            item["kind"].strip(), item.get("project") or None, item.get("loan") or None, item.get("enterprise") or None,
            None if item.get("amount") is None else money(item["amount"], where("amount")), item.get("object") or None,
        )  # fmt: skip

    @property
    def on(self) -> str:
        """What it is on, by its first name."""
        return self.project or self.loan or self.object or ""


def _year_rate(raw: Any, where: Where) -> YearRate:
    """本年核定比例 from a mapping. Raises InvalidInput naming the place."""
    if isinstance(raw, YearRate):
        return raw
    item = _entry(YearRate, raw, ("document", "rule", "figure", "year", "rate"), where)
    try:
        rate = parse_rate(item["rate"])
    except ValueError as error:
        raise wrong(str(error), where("rate"), "比例，如 2%") from None
    return YearRate(
        item["document"], item["rule"], item["figure"], year(item["year"], where("year")), rate, item.get("authority") or ""
    )  # fmt: skip


#: one amount for the year that is settled, or an amount by year
ByYear = Decimal | Mapping[int, Decimal]


def of_year(amount: ByYear | None, wanted: int, on_year: int) -> Decimal | None:
    """The amount for a year; a bare one is of the year that is settled."""
    if isinstance(amount, Mapping):
        return amount.get(wanted)
    return amount if wanted == on_year else None


def merged(one: ByYear, other: ByYear, on_year: int) -> Mapping[int, Decimal] | None:
    """Two statements of amounts by year as one; None where they contradict each other."""
    first, second = (x if isinstance(x, Mapping) else {on_year: x} for x in (one, other))
    return {**first, **second} if all(first.get(key, x) == x for key, x in second.items()) else None


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules over the claims beside the claims themselves; amounts in yuan."""

    fiscal_contribution: Mapping[str, ByYear] = field(default_factory=dict)
    pools: Mapping[str, ByYear] = field(default_factory=dict)
    chain_enterprises: frozenset[str] = frozenset()
    uplift_budget: ByYear | None = None
    prior_payments: tuple[Payment, ...] = ()
    external_support: tuple[Support, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    quantum: Decimal = CENT
    ranks: Mapping[str, int] = field(default_factory=dict)
    year_rates: tuple[YearRate, ...] = ()

    @classmethod
    def of(cls, raw: Facts | Mapping[str, Any] | None) -> Facts:
        """Facts from a mapping of the contract's shape. Raises InvalidInput naming the first entry at fault."""
        facts, problems = cls.read(raw)
        if problems:
            raise problems[0]
        return facts

    @classmethod
    def read(cls, raw: Facts | Mapping[str, Any] | None) -> tuple[Facts, list[InvalidInput]]:
        """Facts as far as they can be read, and everything that is wrong with the rest."""
        if isinstance(raw, Facts):
            return raw, []
        problems: list[InvalidInput] = []
        read = _READ
        values = {}
        for name, value in _items(raw or {}, "facts", problems):
            if name not in read:
                problems.append(_unknown(name, read, "facts"))
            elif value is not None:
                values[name] = read[name](value, f"facts {name}", problems)
        return cls(**{name: value for name, value in values.items() if value is not None}), problems

    def by_fund(self, documents: Iterable[Document]) -> Facts:
        """The same with every fund under its key, where it was given by its name. Raises InvalidInput for one given twice."""
        return replace(self, pools=by_fund(self.pools, documents)) if self.pools else self


def yearly(value: object, where: str) -> ByYear:
    """An amount, or amounts by year. Raises InvalidInput."""
    if not isinstance(value, Mapping):
        return money(value, where)
    return {year(key, where): money(amount, f"{where} {key}") for key, amount in value.items()}


def _unknown(name: object, known: Mapping[str, Any], where: str) -> InvalidInput:
    return InvalidInput(
        f"有不认识的项“{name}”", where=where, expected="、".join(sorted(known)), remedy=nearest(str(name), known)
    )


def _entry(cls: type, raw: Any, needed: tuple[str, ...], where: Where) -> dict[str, Any]:
    """The entry's fields, names checked to be text."""
    known = _FIELDS[cls]
    if not isinstance(raw, Mapping):
        raise wrong(f"“{raw}”不是一项记录", where(""), "、".join(known))
    item = {}
    for name, value in raw.items():
        if name not in known:
            raise _unknown(name, known, where(""))
        if value is not None and value != "":
            said = str(value) if name == "level" and type(value) is int else value
            if known[name] == "name":  # where it stands is put in words only where something is wrong
                item[name] = (said.strip() if type(said) is str else "") or text(said, where(name))
            else:
                item[name] = value
    for name in needed:
        if name not in item:
            raise InvalidInput(f"缺少 {name}", where=where(name), expected="、".join(needed), remedy="补齐")
    return item


#: fields that hold no name
VALUES = (
    "year",
    "amount",
    "days",
    "principal",
    "includes_cloud_spend",
    "month",
    "rate",
    "period_from",
    "period_to",
    "county_part",
    "first_drawdown_on",
)
_FIELDS: dict[type, dict[str, str]] = {
    cls: {f.name: "value" if f.name in VALUES else "name" for f in fields(cls)} for cls in (Payment, Support, YearRate)
}
_Problems = list[InvalidInput]


def _items(raw: Any, where: str, problems: _Problems) -> Iterator[tuple[Any, Any]]:
    if isinstance(raw, Mapping):
        yield from raw.items()
    else:
        problems.append(wrong(f"“{raw}”不是“名称: 数值”", where, "名称和数值"))


def _mapping(read: Callable[[Any, str], Any]) -> Callable[[Any, str, _Problems], dict[str, Any]]:
    """Name -> value; two writings of one name are refused rather than one of them forgotten."""

    def of(raw: Any, where: str, problems: _Problems) -> dict[str, Any]:
        out: dict[str, Any] = {}
        seen: set[str] = set()
        for name, value in _items(raw, where, problems):
            try:
                label = text(name, where)
                alike = same(label)
                if alike in seen:
                    raise wrong(f"“{label}”写了两次", where, "每个名称一项")
                seen.add(alike)
                out[label] = read(value, f"{where} {label}")
            except InvalidInput as error:
                problems.append(error)
        return out

    return of


def _list(read: Callable[[Any, Where], Any]) -> Callable[[Any, str, _Problems], tuple[Any, ...]]:
    def of(raw: Any, where: str, problems: _Problems) -> tuple[Any, ...]:
        if isinstance(raw, str | Mapping) or not hasattr(raw, "__iter__"):
            problems.append(wrong(f"“{raw}”不是清单", where, "清单"))
            return ()
        out = []
        for position, item in enumerate(raw, 1):
            try:
                out.append(read(item, lambda name, at=f"{where} 第 {position} 项": f"{at} {name}".rstrip()))  # type: ignore[misc]
            except InvalidInput as error:
                problems.append(error)
        return tuple(out)

    return of


def _value(read: Callable[[Any, str], Any]) -> Callable[[Any, str, _Problems], Any]:
    def of(raw: Any, where: str, problems: _Problems) -> Any:
        try:
            return read(raw, where)
        except InvalidInput as error:
            problems.append(error)
            return None

    return of


_names = _list(lambda item, where: text(item, where("")))
_READ: dict[str, Callable[[Any, str, _Problems], Any]] = {
    "fiscal_contribution": _mapping(yearly),
    "pools": _mapping(yearly),
    "chain_enterprises": lambda raw, where, problems: frozenset(_names(raw, where, problems)),
    "uplift_budget": _value(yearly),
    "prior_payments": _list(Payment.of),
    "external_support": _list(Support.of),
    "choices": _mapping(text),
    "quantum": _value(quantum),
    "year_rates": _list(_year_rate),
    "ranks": _mapping(place),
}
