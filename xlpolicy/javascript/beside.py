"""What a page says of a provision beside the decision: its conditions and limits, how to fill its form, what excludes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xlpolicy.law.abroad import provisions, reached
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.effects import KINDS
from xlpolicy.law.labels import MODES
from xlpolicy.law.records import Document, Input, Rule
from xlpolicy.words.effects_told import funding, reaching
from xlpolicy.words.fact_names import FactNames
from xlpolicy.words.inputs import absent, how, need, unit_of
from xlpolicy.words.shown import nature_word
from xlpolicy.words.wording import condition, formula, limit_text


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
        "excludes": list(_excludes(catalog, document, rule)),
        "readings": [_reading(document, name) for name in rule.readings],
        "facts": {item.name: names.of(document, rule, item) for item in rule.inputs},
        "help": {item.name: _help(rule, item) for item in rule.inputs},
    }


def _excludes(catalog: Catalog, document: Document, rule: Rule) -> Iterator[list[Any]]:
    """By which rules it cannot be had beside which other provisions (`document/provision`)."""
    for home, cross in reached(catalog, document, rule.id):
        if cross.kind in ("exclusive", "highest_only"):
            found = [(home.key, member) for member in cross.members]
            found += [pair for name in sorted(cross.abroad) for pair in provisions(catalog, name)]
            others = [f"{key}/{member}" for key, member in found if (key, member) != (document.key, rule.id)]
            at = cross.at if home is document else f"{home.name} {cross.at}"
            yield [KINDS[cross.kind], cross.text, at, others]


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


def _reading(document: Document, name: str) -> list[str]:
    """A question of the law, the option that holds, and whose it is."""
    reading = document.readings[name]
    whose = f"本单位口径，{document.adopted[name] or '未注明依据'}" if name in document.adopted else "默认读法"
    return [reading.question, reading.option(reading.chosen).label, whose]
