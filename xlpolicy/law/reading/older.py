"""Policy files of older numbers (`schema`) in the words of today: the one place where the old words are known.

A file without a number is of number 1, the first release.

The first release had an effect for every rule (`keep_one`, `payer`, `share`, `partner`, `uplift`, `pool`, `ceiling`,
`principal`, `bar_by_claim`, `needs`, `cap`); today these are uses of five. What a `cap` said stands in the provision's
own limit, which bears the rule's id (one figure for several is a `limit` as well). Nothing is moved, so that every line of a file stays where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: shown for the kinds of outside support that the first release knew by itself
SUPPORT = {
    "bond": "超长期特别国债",
    "provincial_loan_interest": "省级贷款贴息",
    "central_loan_interest": "中央贷款贴息",
    "other_interest_subsidy": "其他财政贴息",
    "provincial_event_award": "省级活动奖励",
}
OLD = (
    "keep_one",
    "payer",
    "share",
    "partner",
    "uplift",
    "pool",
    "ceiling",
    "principal",
    "bar_by_claim",
    "needs",
    "cap",
)


#: the number of the words of today
SCHEMA = 2


def number(raw: Any) -> Any:
    """The number of the words that a policy file is written in."""
    return raw.get("schema", 1) if isinstance(raw, Mapping) else 1


def modern(raw: Any) -> Any:
    """A policy file's data with the first release's words translated; data of another shape as it is."""
    if number(raw) == SCHEMA or not isinstance(raw, Mapping) or not isinstance(raw.get("cross_rules"), list | tuple):
        return raw
    rules = [item for item in raw["cross_rules"] if isinstance(item, Mapping)]
    old = any(key in item for item in rules for key in OLD)
    data = dict(raw)
    if old:
        data["cross_rules"] = [_rule(item) if isinstance(item, Mapping) else item for item in raw["cross_rules"]]
        data["provisions"] = _provisions(raw.get("provisions"), rules)
    if "support" not in raw:  # the first release knew five kinds by itself
        named = sorted({kind for item in data["cross_rules"] for kind in _supports(item)})
        words = {kind: SUPPORT.get(kind, kind) for kind in named if old or kind in SUPPORT}
        if words:
            data["support"] = words
    return data


def _supports(item: Any) -> list[str]:
    parts = [item.get(key) for key in ("bar", "deduct", "choose")] if isinstance(item, Mapping) else []
    found = [x for part in parts if isinstance(part, Mapping) for x in part.get("support") or ()]
    return [x for x in found if isinstance(x, str) and x != "*"]


def _rule(item: Mapping[str, Any]) -> dict[str, Any]:
    """One cross rule; an effect of another shape than it had is left for the schema to refuse."""
    out: dict[str, Any] = {}
    for key, value in item.items():
        if key == "payer" and isinstance(value, str):
            out["split"] = {"between": [value]}
        elif key == "uplift" and isinstance(value, str):
            out["scale"] = {"by": value}
        elif key == "bar" and isinstance(value, Mapping) and value.get("support") == []:
            out["bar"] = {**value, "support": ["*"]}
        elif key == "cap" and isinstance(value, Mapping):
            if value.get("shared"):
                out["limit"] = {"per": _per(value.get("per")), "max": value["shared"]}
        elif key in _NEW and isinstance(value, Mapping):
            word, make = _NEW[key]
            out[word] = make(value)
        else:
            out[key] = value
    return out


def _per(text: Any) -> list[str]:
    return str(text or "").split("-")


def _partner(old: Mapping[str, Any]) -> dict[str, Any]:
    other = "city" if old.get("keeps") != "city" else "county"
    return {"between": [other], "of": [f"{old.get('city')}:{old.get('rule')}"], "per": ["project"]}


_NEW: dict[str, tuple[str, Any]] = {
    "keep_one": (
        "choose",
        lambda old: {"per": _per(old.get("per")), "kinds": ["*"], "elective": old.get("elective", False)},
    ),
    "share": ("split", dict),
    "partner": ("split", _partner),
    "pool": ("scale", lambda old: {"pool": old.get("name"), "backed": old.get("reduces") is False}),
    "ceiling": (
        "limit",
        lambda old: {
            "per": ["enterprise", "year"],
            "max": {"fact": "fiscal_contribution"},
            "kinds": old.get("kinds", ()),
        },
    ),
    "principal": (
        "limit",
        lambda old: {
            "of": "principal",
            "per": _per(old.get("per")),
            "used": old.get("used"),
            "base": old.get("base"),
        },
    ),
    "bar_by_claim": (
        "bar",
        lambda old: {"claim": old.get("rule"), "where": old.get("where"), "per": ["enterprise", "year"]},
    ),
    "needs": ("deduct", lambda old: {"support": old.get("support", ()), "by": old.get("input")}),
}


def _provisions(raw: Any, rules: list[Mapping[str, Any]]) -> Any:
    """The provisions with what the old rules said of their limits and ratios."""
    if not isinstance(raw, list | tuple):
        return raw
    own: dict[tuple[str, str], dict[str, Any]] = {}
    shared: dict[tuple[str, str], dict[str, Any]] = {}
    ratios: set[tuple[str, str]] = set()
    for item in rules:
        name, members = item.get("id"), item.get("members")
        if isinstance(share := item.get("share"), Mapping):
            ratios |= {(rule, figure) for rule, _, figure in (str(x).partition(".") for x in share.get("ratios") or ())}
        if not isinstance(cap := item.get("cap"), Mapping):
            continue
        for text in cap.get("figures") or ():
            rule, _, figure = str(text).partition(".")
            own[rule, figure] = {"rule": name}
        together = list(members) if cap.get("shared") and isinstance(members, list | tuple) else []
        for member in together:
            more = {"shared": name} if len(together) > 1 else {}
            shared[str(member), str(cap.get("per"))] = {"rule": name, **more}
    found = [_with_limits(item, own, shared) if isinstance(item, Mapping) else item for item in raw]
    return [_with_ratios(item, ratios) if isinstance(item, Mapping) else item for item in found]


def _with_ratios(item: Mapping[str, Any], ratios: set[tuple[str, str]]) -> Mapping[str, Any]:
    """`1:1` was a figure; where two payers share by it, it is what the first of them bears."""
    figures = item.get("figures")
    if not isinstance(figures, Mapping):
        return item
    out = dict(figures)
    for name, data in figures.items():
        whole = {"value": data} if isinstance(data, str) else data
        if (item.get("id"), name) in ratios and isinstance(whole, Mapping) and ":" in str(whole.get("value")):
            rest = {key: value for key, value in whole.items() if key != "value"}
            out[name] = {"share": whole["value"], **rest}
    return {**item, "figures": out}


def _with_limits(
    item: Mapping[str, Any], own: Mapping[tuple[str, str], Any], shared: Mapping[tuple[str, str], Any]
) -> Mapping[str, Any]:
    limits = item.get("limits")
    if not isinstance(limits, list | tuple):
        return item
    name, out = str(item.get("id")), []
    for limit in limits:
        data = {"max": limit} if isinstance(limit, str) else limit
        if isinstance(data, Mapping):
            more = own.get((name, str(data.get("max")))) or shared.get((name, str(data.get("per")))) or {}
            data = {**data, **more} if more else limit
        out.append(data)
    return {**item, "limits": out}
