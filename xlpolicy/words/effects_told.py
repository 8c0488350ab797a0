"""All effects that reach a provision, in words, and where each stands: its own limits and scopes, then every cross
rule of its document and of others that covers it, takes a number of it, or is about a claim of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from xlpolicy.law.abroad import provisions, reached, sharing
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.effects import KINDS, CrossRule
from xlpolicy.law.labels import PAYERS
from xlpolicy.law.records import Document, Limit, Rule
from xlpolicy.words.wording import READING, TERM_OF, limit_text, scope_words

QUOTAS = {
    "month": "每月", "year": "每年", "document": "文件有效期内", "industry": "每个行业", "industry-year": "每个行业每年",
}  # fmt: skip
#: how many of the other provisions under a rule are named
_NAMED = 5


class Reach(NamedTuple):
    """One effect on a provision: its kind, what it says, its pinpoint, the document it stands in; `rule`: the id of a
    cross rule, empty for what the provision says itself."""

    kind: str
    text: str
    at: str
    document: Document
    rule: str = ""

    def source(self, own: Document) -> str:
        """Where it stands, as seen from a document."""
        return self.at if self.document is own else f"{self.document.name} {self.at}"


def reaching(catalog: Catalog, document: Document, rule: Rule) -> list[Reach]:
    """Everything that one claim for the provision does to another, or that is done to it."""
    return [*own_effects(document, rule), *_crossing(catalog, document, rule)]


def funding(document: Document, rule: Rule) -> str:
    """Who pays, and by which shares where the law says that several do."""
    for cross in document.cross_rules:
        figures = [r.figure for r in cross.split.ratios if r.rule == rule.id] if cross.split else []
        if cross.split and figures and rule.id in cross.members:
            return f"{'、'.join(PAYERS[x] for x in cross.split.between)}按 {rule.figures[figures[0]].text} 分摊"
    return PAYERS[rule.payer]


def own_effects(document: Document, rule: Rule) -> Iterator[Reach]:
    """What the provision itself says that holds between claims: its limits, what is paid once, terms, places."""
    for limit in rule.limits:
        at = READING if limit.by_reading == "limit" else limit.at or rule.at
        scope = "，范围按读法" if limit.by_reading == "scope" else ""
        yield Reach("封顶", limit_text(rule, limit) + scope + _shared(document, rule, limit), at, document)
    if rule.once:
        yield Reach("只付一次", f"{scope_words(rule, rule.once)}只付一次，以前兑付过的也算", rule.at, document)
    if rule.least:
        names = "、".join(f"“{rule.input(name).label}”" for name in rule.least.of)
        less = "，扣除范围内已兑付的" if rule.least.less_paid else ""
        text = f"{names}按{scope_words(rule, rule.least.per)}合计，再看门槛和档次{less}"
        yield Reach("合计判断", text, rule.at, document)
    if rule.term:
        figure, days = rule.figures[rule.term.years], rule.input(rule.term.days).label
        yield Reach(
            "期限", f"{TERM_OF[rule.term.per]}的“{days}”合计不超过 {figure.text}", figure.at or rule.at, document
        )
    for quota in rule.quotas:
        figure = rule.figures[quota.figure]
        yield Reach("名额", f"{QUOTAS[quota.per]} {figure.text}", figure.at or rule.at, document)
    if rule.tail:
        figure = rule.figures[rule.tail.years]
        text = f"到期前取得的，自{rule.input(rule.tail.since).label}{'当年' * (rule.tail.by == 'year')}起 {figure.text}"
        yield Reach("延续", text, figure.at or rule.at, document)


def _crossing(catalog: Catalog, document: Document, rule: Rule) -> Iterator[Reach]:
    for home, cross in reached(catalog, document, rule.id):
        if cross.choose and rule.amount is None:  # what pays nothing is never chosen against
            continue
        others = _with(catalog, home, document, cross, rule)
        yield Reach(KINDS[cross.kind], cross.text + others, cross.at, home, cross.id)


def _shared(document: Document, rule: Rule, limit: Limit) -> str:
    """The other provisions that share a limit."""
    titles = [f"{r.title}（{r.at}）" for r in sharing(document, limit) if r is not rule]
    return f"，与{'、'.join(titles)}合用" if titles else ""


def _with(catalog: Catalog, home: Document, document: Document, cross: CrossRule, rule: Rule) -> str:
    """The other provisions that a cross rule reaches, of its own document and of others; where one of several kinds
    is chosen, only those of the other kinds: within a kind nothing shuts out anything."""
    found = [(home, m) for m in cross.members]
    found += [(catalog.documents[d], m) for name in sorted(cross.abroad) for d, m in provisions(catalog, name)]
    own = next((k for k in cross.choose.kinds if rule.id in k), ()) if cross.choose and home is document else ()
    others = [
        d.rules[m].title if d is document else f"{d.city_label}{d.rules[m].title}"
        for d, m in found
        if (d, m) != (document, rule.id) and not (d is home and m in own) and not (own and d.rules[m].amount is None)
    ]
    if not others or (not own and home is document and len(cross.members) == len(home.rules)):
        return ""
    more = f"等 {len(others)} 条" if len(others) > _NAMED else ""
    return f"　{'不能同享' if own else '也适用于'}：{'、'.join(others[:_NAMED])}{more}"
