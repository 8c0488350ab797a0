"""The bureau's facts of a settlement in words, for 核算记录: no code of a policy file, every amount with its unit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from xlpolicy.law.catalog import Catalog
from xlpolicy.law.fund_names import fund_names
from xlpolicy.law.records import YearRate
from xlpolicy.money import show_rate
from xlpolicy.settle import Facts
from xlpolicy.settle.facts import ByYear, Payment, Support
from xlpolicy.settle.identity import known_as, means


def facts_told(facts: Facts, catalog: Catalog, only: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Each fact: what it is, and what it says. `only`: names and codes of one enterprise, where nothing may be said of
    the others."""
    documents = catalog.documents.values()
    funds = fund_names(documents)
    titles = {(d.city, rule.id): f"{d.city_label} {rule.title}" for d in documents for rule in d.rules.values()}
    kinds = {code: name for d in documents for code, name in d.support.items()}

    called = set(map(known_as, only))

    def concerns(who: str | None, code: str | None = None) -> bool:
        return not called or (who is not None and means(called, who, code))

    yield from (
        ("地方贡献", f"{who}：{_amount(value)}") for who, value in facts.fiscal_contribution.items() if concerns(who)
    )
    yield from (("资金", f"{funds.get(key, key)}：{_amount(amount)}") for key, amount in facts.pools.items())
    yield from (("链主企业", who) for who in sorted(facts.chain_enterprises) if concerns(who))
    if facts.uplift_budget is not None:
        yield "上浮资金", _amount(facts.uplift_budget)
    payments = (paid for paid in facts.prior_payments if concerns(paid.enterprise, paid.code))
    yield from (("已兑付", _paid(paid, titles)) for paid in payments)
    supports = (support for support in facts.external_support if concerns(support.enterprise))
    yield from (("其他支持", _supported(support, kinds)) for support in supports)
    if not only:
        yield from (("项目选择", f"{project}：{claim}") for project, claim in facts.choices.items())
        yield from (("名次", f"{claim}：第 {rank} 名") for claim, rank in facts.ranks.items())
    yield from (("本年核定比例", _rate(rate, catalog)) for rate in facts.year_rates)


def _amount(value: ByYear) -> str:
    if isinstance(value, Mapping):
        return "、".join(f"{year} 年 {amount:,.2f} 元" for year, amount in value.items())
    return f"{value:,.2f} 元"


def _paid(paid: Payment, titles: Mapping[tuple[str, str], str]) -> str:
    return _joined((
        paid.enterprise, paid.code, titles.get((paid.city, paid.rule), paid.rule), f"{paid.year} 年", f"{paid.amount:,.2f} 元",
        paid.project and f"项目 {paid.project}", paid.object and f"对象 {paid.object}", paid.loan and f"贷款 {paid.loan}",
    ))  # fmt: skip


def _supported(support: Support, kinds: Mapping[str, str]) -> str:
    return _joined((
        kinds.get(support.kind, support.kind), support.enterprise, support.project and f"项目 {support.project}",
        support.loan and f"贷款 {support.loan}", support.object and f"对象 {support.object}",
        None if support.amount is None else f"{support.amount:,.2f} 元",
    ))  # fmt: skip


def _rate(rate: YearRate, catalog: Catalog) -> str:
    document = catalog.documents.get(rate.document)
    rule = document.rules.get(rate.rule) if document else None
    figure = rule.figures.get(rate.figure) if rule else None
    of = f"{document.name} {rule.title} {figure.label}" if document and rule and figure else rate.name
    return _joined((of, f"{rate.year} 年", show_rate(rate.rate), rate.authority))


def _joined(parts: Iterable[str | None]) -> str:
    return "　".join(part for part in parts if part)
