"""What reaches a provision from elsewhere: which provisions a name means, which rules reach it, who shares its limits."""

from __future__ import annotations

from xlpolicy.law.catalog import Catalog
from xlpolicy.law.effects import CrossRule
from xlpolicy.law.records import Document, Limit, Rule


def provisions(catalog: Catalog, name: str) -> list[tuple[str, str]]:
    """Document and provision that `document:provision` or `city:provision` means; none where there is no such document."""
    whose, _, rule = name.partition(":")
    return [(d.key, rule) for d in catalog.documents.values() if whose in (d.key, d.city) and rule in d.rules]


def meant(catalog: Catalog, document: Document, name: str) -> list[tuple[str, str]]:
    """Document and provision that a name in a document's cross rule means: its own, or another's."""
    return provisions(catalog, name) if ":" in name else [(document.key, name)]


def sharing(document: Document, limit: Limit) -> list[Rule]:
    """The provisions that share a limit by its name; none where it has none."""
    rules = document.rules.values() if limit.shared else ()
    return [rule for rule in rules if any(x.shared == limit.shared for x in rule.limits)]


def reached(catalog: Catalog, document: Document, rule: str) -> list[tuple[Document, CrossRule]]:
    """Every cross rule that reaches a provision, with the document it stands in."""
    out = []
    for other in catalog.documents.values():
        for cross in other.cross_rules:
            names = {found for name in cross.abroad for found in provisions(catalog, name)}
            own = other is document and rule in (cross.members + _named(cross))
            if own or (document.key, rule) in names:
                out.append((other, cross))
    return out


def bearing(catalog: Catalog, document: Document, rule: Rule) -> list[tuple[Document, str]]:
    """Every reading on which a provision hangs, with its document: its own, then those of other documents' rules."""
    others = [(home, name) for home, cross in reached(catalog, document, rule.id) for name in cross.readings]
    own = [(document, name) for name in rule.readings]
    return own + list(dict.fromkeys(found for found in others if found[0] is not document))


def _named(cross: CrossRule) -> tuple[str, ...]:
    """Provisions that a rule takes a number or a claim of, beside its members."""
    bar = (cross.bar.claim,) if cross.bar and cross.bar.claim else ()
    scale = (cross.scale.by.rule,) if cross.scale and cross.scale.by else ()
    return bar + scale + (cross.deduct.claims if cross.deduct else ())
