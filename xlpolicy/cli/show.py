"""show: everything about one provision."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator
from typing import Any

from xlpolicy.claim.decision import REMARKS
from xlpolicy.cli.arguments import add_law_options
from xlpolicy.cli.console import print_json, table
from xlpolicy.forms.asked import papers
from xlpolicy.law import catalog as catalogs
from xlpolicy.law import year_rates
from xlpolicy.law.abroad import bearing, reached
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import as_date, period, status
from xlpolicy.law.labels import MODES, TYPES
from xlpolicy.law.records import Document, Rule
from xlpolicy.survey.wording_of import told, wording_of
from xlpolicy.words.effects_told import funding, reaching
from xlpolicy.words.history import history
from xlpolicy.words.inputs import asked
from xlpolicy.words.shown import nature_word
from xlpolicy.words.wording import condition, figure_text, formula, limit_text, span


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("city", metavar="城市", help="城市")
    parser.add_argument("rule", metavar="条款", help="条款编号或名称")
    add_law_options(parser, on="申报日期，如 2026-06-30；不写则看今天适用的，没有施行的看最近一份文件的")


def run(args: argparse.Namespace) -> int:
    """Everything about one provision; outside its period the newest document that has it is shown, and said so."""
    catalog = catalogs.default()
    if args.policy or args.on:
        found = catalog.find(args.city, args.rule, as_date(args.on), args.policy)
    else:
        found = catalog.newest(args.city, args.rule, dt.date.today())
    if args.json:
        print_json(describe(catalog, found.document, found.article))
        return 0
    for line in _page(catalog, found.document, found.article):
        print(line)
    return 0


def _page(catalog: Catalog, document: Document, rule: Rule) -> Iterator[str]:
    yield f"{rule.title}（{rule.id}）\n依据　　{document.name} {rule.at}{f'　《{document.title}》' if document.number else ''}"
    yield f"有效期　{'征求意见稿，未施行' if document.draft else span(*period(document, rule))}"
    yield f"性质　　{nature_word(rule)}　　方式　{MODES[rule.mode]}　　资金　{funding(document, rule)}"
    yield f"对象　　{rule.recipient or '未写明'}　　责任单位　{'、'.join(rule.departments) or '未写明'}"
    yield f"主题　　{'、'.join(rule.themes) or '未写明'}" + (
        f"　　又称　{'、'.join(rule.aliases)}" if rule.aliases else ""
    )
    if quoted := told(wording_of(catalog, document, rule)):
        yield f"原文　　{quoted}"
    yield from (f"另见　　{text}" for text in rule.applies)
    if rates := [rate for rate in document.rates if rate.rule == rule.id]:
        yield f"核定　　{year_rates.told(rule, rates)}，各年按它算"
    if rule.earlier:
        yield f"此前　　适用{rule.earlier}（没有载入）"
    if rule.refer_to:
        yield f"去处　　{rule.refer_to}"
    if rule.figures:
        yield "\n条文里的数字"
        rows = [(f.label, figure_text(rule, f), f.at or rule.at, f.name) for f in rule.figures.values()]
        yield table(rows, ["含义", "数字", "位置", "代号"])
    if rule.inputs:
        yield "\n需要填写"
        yield table(
            [(i.label, TYPES[i.type], i.unit, asked(rule, i), i.name) for i in rule.inputs],
            ["名称", "类型", "单位", "要求", "代号"],
        )
    if shown := papers(rule):
        yield "\n证明材料"
        shows = ["、".join(f"“{item.label}”" for item in items) for items in shown.values()]
        yield table([*zip(shown, shows, strict=True)], ["材料", "证明哪一项"])
    if rule.amount:
        yield "\n怎样计算"
        for line in rule.conditions:
            if line.source:
                yield f"  条件　{condition(rule, line)}{f'（{line.at}）' if line.at else ''}"
        for line in rule.terms:
            yield f"  其中　{line.label} ＝ {formula(rule, line)}{f'（{line.at}）' if line.at else ''}"
        yield f"  金额　{formula(rule, rule.amount)}"
    for assumption in rule.assumptions:
        if assumption.reading not in document.readings and not assumption.settlement:
            yield f"  {REMARKS[assumption.sort]}　{assumption.text}"
    yield from _readings(catalog, document, rule)
    if rule.notes:
        yield f"  说明　{rule.notes}"
    effects = reaching(catalog, document, rule)
    if effects:
        yield "\n多笔申报一起核算时，对这一条起作用的（括号里是出处）"
        for effect in effects:
            yield f"  {effect.kind}　{effect.text}（{effect.source(document)}）"
    yield from _elsewhere(catalog, document, rule)


def _elsewhere(catalog: Catalog, document: Document, rule: Rule) -> Iterator[str]:
    others = [v for v in history(catalog, document, rule, dt.date.today()) if not v.current]
    if others:
        yield "\n本市其他文件里的同一条款"
        for v in others:
            yield f"  {v.document.name} {v.rule.at}　{v.rule.title}　{v.span or v.status}"
        yield f"  逐项比较：xlpolicy diff {others[0].document.key} {document.key}"


def describe(catalog: Catalog, document: Document, rule: Rule) -> dict[str, Any]:
    """A provision as plain data: formulas with the names of the policy file, and `in_words` as `show` prints them."""
    first, last = period(document, rule)
    return {
        "doc": document.key,
        "city": document.city,
        "number": document.number,
        "own": document.own,
        "document_title": document.title,
        "status": "draft" if document.draft else None,
        "today": status(document, rule, dt.date.today()),
        "valid_from": _iso(first),
        "valid_to": _iso(last),
        "id": rule.id,
        "at": rule.at,
        "title": rule.title,
        "nature": rule.nature,
        "recipient": rule.recipient,
        "theme": rule.theme,
        "themes": list(rule.themes),
        "payer": rule.payer,
        "funding": funding(document, rule),
        "mode": rule.mode,
        "departments": list(rule.departments),
        "aliases": list(rule.aliases),
        "figures": {f.name: {"label": f.label, "text": f.text, "at": f.at or rule.at} for f in rule.figures.values()},
        "inputs": [
            {
                "name": i.name, "type": i.type, "label": i.label, "unit": i.unit, "required": i.required,
                "default": i.default if i.default is None or isinstance(i.default, bool | str) else str(i.default),
                "default_from": i.default_from, "assumed": i.assumed, "evidence": list(i.evidence),
                "values": [{"value": c.value, "label": c.label} for c in i.choices],
            }
            for i in rule.inputs
        ],
        "terms": {line.name: {"label": line.label, "formula": line.source} for line in rule.terms},
        "conditions": [line.source for line in rule.conditions if line.source],
        "amount": rule.amount.source if rule.amount else None,
        "limits": [
            {"label": x.label, "max": x.source, "per": x.per, "used": x.used, "shared": x.shared, "rule": x.rule}
            for x in rule.limits
        ],
        "assumptions": [a.text for a in rule.assumptions],
        "article": wording_of(catalog, document, rule)._asdict(),
        "readings": [_reading(*found) for found in bearing(catalog, document, rule)],
        "quotas": [{"max": rule.figures[q.figure].text, "per": q.per} for q in rule.quotas],
        "in_words": {
            "terms": {line.name: formula(rule, line) for line in rule.terms},
            "conditions": [condition(rule, line) for line in rule.conditions if line.source],
            "amount": formula(rule, rule.amount) if rule.amount else None,
            "limits": [limit_text(rule, x) + (f"（{x.at}）" if x.at else "") for x in rule.limits],
        },
        "cross_rules": [
            {
                "id": c.id, "doc": home.key, "at": c.at, "kind": c.kind, "step": c.step, "text": c.text,
                "members": list(c.members), "foreign": sorted(c.abroad),
            }
            for home, c in reached(catalog, document, rule.id)
        ],
        "effects": [
            {"kind": e.kind, "text": e.text, "at": e.at, "doc": e.document.key, "rule": e.rule or None}
            for e in reaching(catalog, document, rule)
        ],
        "history": [
            {
                "doc": v.document.key, "number": v.document.number, "at": v.rule.at, "title": v.rule.title,
                "valid_from": _iso(period(v.document, v.rule)[0]), "valid_to": _iso(v.document.valid_to),
                "draft": v.document.draft,
            }
            for v in history(catalog, document, rule, dt.date.today())
            if not v.current
        ],
        "applies": list(rule.applies),
        "earlier": rule.earlier,
        "refer_to": rule.refer_to,
        "notes": rule.notes,
    }  # fmt: skip


def _iso(day: dt.date | None) -> str | None:
    return str(day) if day else None


def _reading(document: Document, name: str) -> dict[str, Any]:
    reading = document.readings[name]
    return {
        "doc": document.key, "name": name, "question": reading.question, "at": reading.at, "default": reading.default,
        "chosen": reading.chosen, "authority": document.adopted.get(name, ""), "argument": reading.argument,
        "options": {x.key: x.label for x in reading.options},
    }  # fmt: skip


def _readings(catalog: Catalog, document: Document, rule: Rule) -> Iterator[str]:
    """The open questions that the amount hangs on, with the option that holds; a bureau's own with its authority."""
    for home, name in bearing(catalog, document, rule):
        reading = home.readings[name]
        others = "；".join(x.label for x in reading.options if x.key != reading.chosen)
        whose = f"本单位选定，{home.adopted[name] or '未注明依据'}" if name in home.adopted else "默认"
        source = "" if home is document else f"{home.name}："
        yield f"  口径　{source}{reading.question}：{reading.option(reading.chosen).label}（{whose}；也可选 {others}）"
