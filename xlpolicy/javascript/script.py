"""One plain JavaScript file: the law, and the interpreter that walks it (`xlpolicy.assess(city, rule, inputs, options)`)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from xlpolicy.javascript.beside import beside
from xlpolicy.javascript.told import Nodes, told
from xlpolicy.law import nodes as n
from xlpolicy.law import records
from xlpolicy.law.adopted import MARK
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.encoding import encode, kept
from xlpolicy.law.in_force import DRAFT_WARNING, span
from xlpolicy.law.records import Document, Rule
from xlpolicy.law.refusals import REFUSALS
from xlpolicy.law.values import FALSE, TRUE, expected, most
from xlpolicy.law.year_rates import at_rates
from xlpolicy.money import UNREAD
from xlpolicy.version import __version__
from xlpolicy.words.fact_names import FactNames

ENGINE = Path(__file__).parent / "engine"
#: in the order in which they stand in the file
PARTS = ("number", "interpreter", "catalog", "claim", "trace", "need", "match", "door")
_RECORDS = ("Table", "Figure", "Choice", "AtMost", "Input", "Line", "Limit", "Assumption", "Quota", "Least", "Term", "Tail", "Rule")  # fmt: skip
_PLAIN = ("key", "city", "city_label", "city_aliases", "number", "name", "title", "issuer", "draft", "first_day", "left_out", "own", "digest")  # fmt: skip


def law(catalog: Catalog) -> dict[str, Any]:
    """The documents as the engine reads them: records by `law.encoding`, with the words of their decisions."""
    names = FactNames(catalog)
    classes = {name: getattr(records, name) for name in _RECORDS}
    classes |= {f"n.{kind.__name__}": kind for kind in n.Node.__args__}
    return {
        "version": __version__,
        "words": {"draft": DRAFT_WARNING, "own": MARK, "yes": sorted(TRUE), "no": sorted(FALSE)},
        "refusals": {name: refusal.texts for name, refusal in REFUSALS.items()},
        "unread": UNREAD,
        "aside": catalog.aside(),
        "fields": {name: kept(cls) for name, cls in classes.items()},
        "documents": [_document(catalog, document, names) for document in catalog.documents.values()],
    }


def _document(catalog: Catalog, document: Document, names: FactNames) -> dict[str, Any]:
    plain = {name: getattr(document, name) for name in _PLAIN}
    days = {name: _iso(getattr(document, name)) for name in ("issued", "valid_from", "valid_to")}
    return (
        plain
        | days
        | {
            "rules": [
                _rule(rule)
                | {
                    "span": span(document, rule),
                    "shown": beside(catalog, document, rule, names),
                    "paid": _paid(document, rule),
                }
                for rule in document.rules.values()
            ]
        }
    )


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _paid(document: Document, rule: Rule) -> dict[str, Any]:
    """The provision by the bureau's rates of each year, and ("") as it is told without a day."""
    own = tuple(rate for rate in document.rates if rate.rule == rule.id)
    of = {year: tuple(rate for rate in own if rate.year == year) for year in sorted({rate.year for rate in own})}
    made = {str(year): at_rates(rule, rates) for year, rates in of.items()}
    return {key: _rule(one) for key, one in (made | ({"": at_rates(rule, own, known=False)} if own else {})).items()}


def _rule(rule: Rule) -> dict[str, Any]:
    nodes = Nodes(_roots(rule))
    texts = told(rule, nodes) if rule.amount else {"conditions": []}
    texts["expected"] = {item.name: expected(item) for item in rule.inputs}
    texts["most"] = {item.name: most(item) for item in rule.inputs if item.maximum is not None}
    return {"rule": encode(rule), "told": texts, "choices": [encode(node) for node in nodes.places]}


def _roots(rule: Rule) -> Iterable[n.Node]:
    """Every formula of a rule."""
    for line in (*rule.terms, *rule.conditions, *([rule.amount] if rule.amount else ()), *rule.limits):
        yield line.node
    whens = [x.when for x in rule.limits] + [x.when for x in rule.assumptions] + [x.when for x in rule.quotas]
    whens += [x for item in rule.inputs for x in (item.required_when, item.asked_when)]
    yield from (node for node in whens if node is not None)


def script(catalog: Catalog) -> str:
    """The whole file. In a browser it gives the global `xlpolicy`, in node the module."""
    data = embedded(law(catalog))
    parts = "\n".join((ENGINE / f"{name}.js").read_text(encoding="utf-8") for name in PARTS)
    return (
        f"// xlpolicy {__version__}: the law as data and its interpreter, generated; no request, no dependency.\n"
        f'"use strict";\nconst xlpolicy = (() => {{\nconst LAW = {data};\n{parts}\n}})();\n'
        'if (typeof module !== "undefined") module.exports = xlpolicy;\n'
    )


def embedded(data: Any) -> str:
    """Plain data as it may stand in a script on a page."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
