"""A policy file -> the rows of a rule workbook. `rebuild` is the inverse."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from xlpolicy.law import records as r
from xlpolicy.law.labels import SCOPES
from xlpolicy.law.reading.choices import Site
from xlpolicy.law.reading.figures import LABELS
from xlpolicy.survey.rulebook.sheets import RANGES
from xlpolicy.words.inputs import asked
from xlpolicy.words.wording import TERM_OF, Words, condition, formula, limit_text, row_name, scope_words

Row = dict[str, Any]
#: the fields of a cross rule that have columns of their own
CROSS_FIELDS = ("id", "at", "kind", "members", "text", "step")
MODES = ("from", "above", "levels")


def rows(data: Mapping[str, Any], document: r.Document, sites: Iterable[Site] = ()) -> dict[str, list[Row]]:
    """Sheet name -> rows (column key -> value), for one document.

    `data`: the validated policy file as written, every reading in its default option
    (`PolicyFile.model_dump(by_alias=True, exclude_unset=True)`); `document`: what it compiles to, for the derived
    columns; `sites`: the places that hang on a reading.
    """
    key = document.key
    whole = data.get("applies")
    applies = json.dumps(whole, ensure_ascii=False) if whole else None
    head = {**data["document"], "support": _pairs(data.get("support", {})), "applies": applies}
    found: dict[str, list[Row]] = {"文件": [head], "条款": [], "数字": [], "输入项": [], "计算": []}
    for item in data["provisions"]:
        rule = document.rules[item["id"]]
        head = {"doc": key, "rule": rule.id, "title_of": rule.title}
        found["条款"].append({"doc": key, **item, "how": _how(rule), "unchanged": _pairs(item.get("unchanged", {}))})
        found["数字"] += [{**head, **row} for row in _figures(item, rule)]
        found["输入项"] += [{**head, **row} for row in _inputs(item, rule)]
        found["计算"] += [{**head, **row} for row in _steps(item, rule)]
    found["读法"] = [
        {"doc": key, "name": name, **_reading(item, document.readings.get(name)), "where": _users(data, name)}
        for name, item in data.get("readings", {}).items()
    ]
    found["口径"] = [{"doc": key, **_site(site, document)} for site in sites]
    found["跨条款规则"] = [{"doc": key, **_cross(item, document)} for item in data.get("cross_rules", ())]
    found["不付钱的数字"] = [{"doc": key, **item} for item in data.get("unpaid_numbers", ())]
    return found


def _pairs(data: Mapping[str, str]) -> str | None:
    return "\n".join(f"{name}＝{text}" for name, text in data.items()) or None


def _reading(data: Mapping[str, Any], reading: r.Reading | None) -> Row:
    if reading is None:
        return {"text": data["text"], "sort": data.get("sort"), "at": data.get("at")}
    told = reading.option(reading.default).prompt
    labels = "\n".join(f"{'默认　' if x.key == reading.default else ''}{x.label}" for x in reading.options)
    return {"text": told, "question": reading.question, "choices": labels, "data": json.dumps(data, ensure_ascii=False)}


def _site(site: Site, document: r.Document) -> Row:
    reading = document.readings[site.reading]
    told = [f"{x.label}：{_said(site.options.get(x.key, '不写'))}" for x in reading.options]
    rule = list(document.rules.values())[int(site.path[1])].title if site.path[0] == "provisions" else "跨条款规则"
    data = {"path": site.path, "among": site.among, "options": site.options}
    return {
        "name": site.reading, "title_of": rule, "choices": "\n".join(told),
        "data": json.dumps(data, ensure_ascii=False, default=str),
    }  # fmt: skip


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _how(rule: r.Rule) -> str:
    if rule.amount is None:
        return "不在本文件计算"
    parts = [formula(rule, rule.amount)]
    parts += [("" if "封顶" in limit.label else "不超过") + limit_text(rule, limit) for limit in rule.limits]
    return "；".join(parts)


def _figures(item: Mapping[str, Any], rule: r.Rule) -> Iterator[Row]:
    for name, data in item.get("figures", {}).items():
        figure = rule.figures[name]
        row = {"name": name, "label": data.get("label") or LABELS.get(name) or figure.label, "at": data.get("at")}
        mode = next((m for m in MODES if data.get(m)), None)
        if mode is None:
            text = data.get("value") or data.get("share") or figure.text
            yield {**row, "text": text, "same_as": data.get("same_as"), "in": data.get("in")}
            continue
        for i, (edge, text) in enumerate(data[mode].items()):
            row = {**row, "edge": edge, "edge_of": row_name(rule, figure, i), "text": text}
            yield {**row, "by": data["by"], "table": mode, "in": data.get("in"), "below": data.get("below")}


def _inputs(item: Mapping[str, Any], rule: r.Rule) -> Iterator[Row]:
    for name, data in item.get("inputs", {}).items():
        values = "\n".join(f"{_token(token, data['type'])}＝{label}" for token, label in data.get("values", {}).items())
        yield {
            **data, "name": name, "values": values or None, "need": asked(rule, rule.input(name)),
            "at_most": most if isinstance(most := data.get("at_most"), str | None) else f"{most['times']} {most['of']}",
        }  # fmt: skip
    for data in item.get("conditions", ()):
        name = data["name"]
        row = {"name": name, "label": data["ask"], "type": "boolean", "condition": data.get("default", "ask")}
        row |= {key: data.get(key) for key in ("at", "evidence", "when", "bars")}
        yield {**row, "need": asked(rule, rule.input(name))}


def _token(token: str | int, kind: str) -> str:
    """An option's token; a text of digits in quotes, so that it is not read back as a number."""
    return f"“{token}”" if kind == "enum" and isinstance(token, str) and token.isdigit() else str(token)


def _steps(item: Mapping[str, Any], rule: r.Rule) -> Iterator[Row]:
    words = Words(rule)
    told = [line for line in rule.conditions if line.source][: len(item.get("when", ()))]
    for line, data in zip(told, item.get("when", ()), strict=True):
        row = {"step": "when", "formula": data["if"], "label": data.get("label"), "at": data.get("at")}
        yield {**row, "words": condition(rule, line)}
    for (name, data), line in zip(item.get("let", {}).items(), rule.terms, strict=True):
        row = {"step": "let", "name": name, "formula": data["is"], "label": data["label"], "at": data.get("at")}
        yield {**row, "words": formula(rule, line)}
    if rule.amount is not None:
        yield {"step": "amount", "formula": item["amount"], "words": formula(rule, rule.amount)}
    for limit, data in zip(rule.limits, item.get("limits", ()), strict=True):
        text = formula(rule, limit) + (f"（{words.text(limit.when)}时）" if limit.when else "")
        row = {"step": "limits", "formula": data["max"], "words": text}
        yield {
            **row,
            **{key: data.get(key) for key in ("label", "used", "when", "at", "shared")},
            "per": ("-" if limit.per in SCOPES else ", ").join(limit.per) or None,
            "cut": data.get("rule"),
        }
    for data in item.get("quotas", ()):
        figure = rule.figures[data["max"]]
        row = {"step": "quotas", "formula": data["max"], "per": data["per"], "used": data.get("each")}
        yield {**row, "when": data.get("when"), "words": f"{figure.label}{figure.text}"}
    if rule.once:
        yield {"step": "once", "formula": ", ".join(rule.once), "words": f"{scope_words(rule, rule.once)}只兑付一次"}
    if rule.least:
        text = f"门槛和档次按{scope_words(rule, rule.least.per)}合计的{'、'.join(rule.input(x).label for x in rule.least.of)}判断"
        row = {"step": "least", "name": ", ".join(rule.least.of), "formula": ", ".join(rule.least.per), "words": text}
        yield {**row, "per": "True" if rule.least.less_paid else None}
    if rule.term:
        text = (
            f"{TERM_OF[rule.term.per]}{rule.input(rule.term.days).label}合计不超过{rule.figures[rule.term.years].text}"
        )
        text += "，自项目首笔贷款投放之日起" if rule.term.per == "project" else ""
        row = {
            "step": "term",
            "formula": rule.term.years,
            "when": rule.term.days,
            "words": text,
            "name": item["term"].get("paid"),
        }
        yield {**row, "used": item["term"].get("per"), "per": "True" if item["term"].get("calendar") else None}
    if rule.tail:
        text = f"自{rule.input(rule.tail.since).label}{'当年' * (rule.tail.by == 'year')}起{rule.figures[rule.tail.years].text}"
        row = {"step": "tail", "formula": rule.tail.years, "when": rule.tail.since, "words": text}
        yield {**row, "used": item["tail"].get("by")}
    for assumption, data in zip(rule.assumptions, item.get("assumptions", ()), strict=True):
        text = assumption.text + (f"（{words.text(assumption.when)}时）" if assumption.when else "")
        row = {"step": "assumptions", "name": data["reading"], "when": data.get("when"), "words": text}
        row |= {"used": data.get("edge")}
        yield {**row, "per": "True" if data.get("settlement") else None}


def _users(data: Mapping[str, Any], name: str) -> str:
    users = [p["title"] for p in data["provisions"] if any(a["reading"] == name for a in p.get("assumptions", ()))]
    users += ["文件的施行首日"] if data["document"].get("first_day") == name else []
    users += (
        [{"no_end": "文件未写有效期止", "no_number": "文件没有文号"}[name]] if name in ("no_end", "no_number") else []
    )
    return "、".join(users)


def _cross(item: Mapping[str, Any], document: r.Document) -> Row:
    everyone = "*" in item["members"]
    members = [m for m in item["members"] if m != "*" and ":" not in m]
    effect = {key: value for key, value in item.items() if key not in CROSS_FIELDS and value is not None}
    who = "全部条款" if everyone else "、".join(document.rules[m].title for m in members)
    row = {key: item.get(key) for key in CROSS_FIELDS}
    return {**row, "who": who, "effect": json.dumps(effect, ensure_ascii=False) if effect else None}


def shown_range(step: str, value: str | None) -> str:
    """The word of the column 范围."""
    return RANGES.get(step, {}).get(value or "", "")


__all__ = ["CROSS_FIELDS", "MODES", "Row", "rows", "shown_range"]
