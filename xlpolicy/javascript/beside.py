"""What a page says of a provision beside the decision: its conditions and limits, how to fill its form, what it meets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xlpolicy.law.abroad import bearing, meant, reached, sharing
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.effects import KINDS, CrossRule
from xlpolicy.law.labels import DIMENSIONS, MODES
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.words.effects_told import funding, reaching
from xlpolicy.words.fact_names import FactNames
from xlpolicy.words.inputs import absent, how, need, unit_of
from xlpolicy.words.shown import nature_word
from xlpolicy.words.wording import TERM_OF, condition, formula, limit_text, scope_words

#: a scope with one of these is inside one project of a profile: it names its project, its loan and its object alike
_ONE_PROJECT = {"project", "loan", "object", "session"}


def beside(catalog: Catalog, document: Document, rule: Rule, names: FactNames) -> dict[str, Any]:
    """Plain texts, in the order in which they are read."""
    return {
        "nature": nature_word(rule),
        "mode": MODES[rule.mode],
        "funding": funding(document, rule),
        "conditions": [condition(rule, line) for line in rule.conditions if line.source],
        "formula": formula(rule, rule.amount) if rule.amount else "",
        "limits": [limit_text(rule, limit) for limit in rule.limits],
        "effects": [
            [effect.kind, effect.text, effect.source(document)] for effect in reaching(catalog, document, rule)
        ],
        "meets": list(_meets(catalog, document, rule)),
        "readings": [_reading(document, *found) for found in bearing(catalog, document, rule)],
        "facts": {item.name: names.of(document, rule, item) for item in rule.inputs},
        "help": {item.name: _help(rule, item) for item in rule.inputs},
    }


def _meets(catalog: Catalog, document: Document, rule: Rule) -> Iterator[dict[str, Any]]:
    """What may take from it beside another claim of one enterprise: kind, text, source, the `others` (as
    `document/provision`), whether a second claim of its own is one (`again`), and when it holds.

    `per`: "always" where it holds beside no other; "project" where only claims of one project, loan or object meet. `same`: inputs of a second claim of its own
    that must be alike. `where`: the provision and its yes or no on which a bar turns.
    """
    own = f"{document.key}/{rule.id}"
    for kind, text, at, per, others in _own_scopes(document, rule):
        if not {"document", *_ONE_PROJECT} & set(per):
            same = [name for name in per if name not in DIMENSIONS]
            yield {"kind": kind, "text": text, "at": at, "per": "", "others": others, "again": True, "same": same}
        elif others:
            yield {"kind": kind, "text": text, "at": at, "per": "project", "others": others}
    for home, cross in reached(catalog, document, rule.id):
        if cross.scale and cross.scale.by and (home.key, cross.scale.by.rule) == (document.key, rule.id):
            text = f"{cross.text}，不单独申报，主管部门加在各条里"
            yield {"kind": KINDS[cross.kind], "text": text, "at": cross.at, "per": "always", "others": []}
        for per, names, where in _crossing(catalog, home, cross, own):
            together = cross.limit is not None and not _ONE_PROJECT & set(per)
            others = sorted({f"{key}/{member}" for name in names for key, member in meant(catalog, home, name)} - {own})
            if others or together:
                at = cross.at if home is document else f"{home.name} {cross.at}"
                yield {
                    "kind": KINDS[cross.kind], "text": cross.text, "at": at, "per": "project" if _ONE_PROJECT & set(per) else "",
                    "others": others, "again": together, "same": [], "where": where,
                }  # fmt: skip


def _own_scopes(document: Document, rule: Rule) -> Iterator[tuple[str, str, str, tuple[str, ...], list[str]]]:
    """What the provision itself counts over more than one claim: kind, text, source, scope, who shares it."""
    for limit in rule.limits:
        if limit.per:
            others = [f"{document.key}/{other.id}" for other in sharing(document, limit) if other is not rule]
            yield "封顶", limit_text(rule, limit), limit.at or rule.at, limit.per, others
    if rule.once:
        yield "只付一次", f"{scope_words(rule, rule.once)}只付一次", rule.at, rule.once, []
    if rule.term and rule.term.per == "enterprise":
        figure, days = rule.figures[rule.term.years], rule.input(rule.term.days).label
        yield (
            "期限",
            f"{TERM_OF[rule.term.per]}的“{days}”合计不超过 {figure.text}",
            figure.at or rule.at,
            ("enterprise",),
            [],
        )
    if rule.least:
        names = "、".join(f"“{rule.input(name).label}”" for name in rule.least.of)
        yield (
            "合计判断",
            f"{names}按{scope_words(rule, rule.least.per)}合计，再看门槛和档次",
            rule.at,
            rule.least.per,
            [],
        )


def _crossing(
    catalog: Catalog, home: Document, cross: CrossRule, own: str
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], list[str]]]:
    """Scope and names of what a cross rule sets against a provision, and the yes or no it turns on."""
    is_own = {name: own in (f"{key}/{member}" for key, member in meant(catalog, home, name)) for name in _names(cross)}
    if cross.choose:
        mine = [kind for kind in cross.choose.kinds if any(is_own[name] for name in kind)]
        yield cross.choose.per, tuple(n for kind in cross.choose.kinds if kind not in mine for n in kind), []
    if cross.limit:
        yield cross.limit.per, (*cross.members, *cross.foreign), []
    if cross.bar and cross.bar.claim:
        (key, claimed), *_ = meant(catalog, home, cross.bar.claim)
        where = [f"{key}/{claimed}", cross.bar.where]
        yield cross.bar.per, cross.members if is_own[cross.bar.claim] else (cross.bar.claim,), where
    if cross.deduct and cross.deduct.claims:
        others = cross.members if any(is_own[name] for name in cross.deduct.claims) else cross.deduct.claims
        yield cross.deduct.per, others, []


def _names(cross: CrossRule) -> set[str]:
    kinds = {name for kind in (cross.choose.kinds if cross.choose else ()) for name in kind}
    bar = {cross.bar.claim} if cross.bar and cross.bar.claim else set[str]()
    return kinds | bar | set(cross.deduct.claims if cross.deduct else ())


def _help(rule: Rule, item: Input) -> dict[str, str]:
    # a number without a sign of percent is read as percent on the page, whose field bears the sign
    said = ["如 3.5 或 3.5%" if item.type == "rate" else how(item)]
    if (told := absent(rule, item)) and not item.required:
        said.append(f"不填{'' if told[0] in '不暂同' else '按'}{told}" if told != "不考虑" else "没有可不填")
    if item.evidence:
        said.append(f"证明材料：{'、'.join(item.evidence)}")
    if item.by:
        said.append("由主管部门掌握")
    return {"need": need(item), "unit": unit_of(item, ""), "text": "；".join(said)}


def _reading(own: Document, document: Document, name: str) -> list[str]:
    """A question of the law, the option that holds, and whose it is."""
    reading = document.readings[name]
    whose = f"本单位口径，{document.adopted[name] or '未注明依据'}" if name in document.adopted else "默认读法"
    source = "" if document is own else f"{document.name}："
    return [f"{source}{reading.question}", reading.option(reading.chosen).label, whose]
