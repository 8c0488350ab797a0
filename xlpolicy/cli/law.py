"""rules, show, calc."""

from __future__ import annotations

import argparse
from typing import Any

from xlpolicy import catalog as catalogs
from xlpolicy.assess import assess
from xlpolicy.catalog import Found, in_force, period
from xlpolicy.cli.show import guarded, print_json, table
from xlpolicy.errors import InvalidInput
from xlpolicy.rules.rule import NATURES, SCOPES, Document, Rule

__all__ = ["add_calc", "add_rules", "add_show", "guarded", "run_calc", "run_rules", "run_show"]
_TYPES = {
    "money": "金额",
    "rate": "比例",
    "integer": "整数",
    "boolean": "是/否",
    "enum": "选项",
    "date": "日期",
}
_MODES = {"application": "申请", "autopay": "免申即享"}
_PAYERS = {"central": "中央财政", "province": "省级财政", "city": "市级财政", "county": "县级财政"}


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")
    parser.add_argument("--on", metavar="日期", help="申报日期，如 2026-06-30；不写为今天")
    parser.add_argument("--policy", metavar="文件代号", help="指定文件（如 fuzhou-2024-13），不论日期")


def add_rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--city", help="城市：福州、泉州、莆田、晋江")
    parser.add_argument("--theme", help="主题，如 技术改造")
    parser.add_argument("--text", help="在编号、名称、对象里查找的文字")
    _common(parser)


def run_rules(args: argparse.Namespace) -> int:
    """List provisions; without --on all documents, with it only what is in force on the date."""
    catalog = catalogs.default()
    on = catalogs.as_date(args.on)
    city = catalog.city(args.city) if args.city else None
    key = catalog.document(args.policy).key if args.policy else None
    found = [
        (d, r)
        for d, r in catalog.rules()
        if (city is None or d.city == city)
        and (key is None or d.key == key)
        and (on is None or in_force(d, r, on))
        and (not args.theme or args.theme in r.theme)
        and (not args.text or any(args.text in part for part in (r.id, r.title, r.recipient, r.at, *r.aliases)))
    ]
    if args.json:
        print_json([describe(d, r) for d, r in found])
    else:
        print(
            table(
                [(d.city_label, r.id, r.title, r.at, d.name, NATURES[r.nature], r.theme) for d, r in found],
                ["城市", "条款编号", "名称", "位置", "文件", "性质", "主题"],
            )
        )
        print(f"\n共 {len(found)} 条。看一条的全部内容：xlpolicy show 城市 条款编号")
    return 0 if found else 1


def add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("city", help="城市")
    parser.add_argument("rule", help="条款编号或名称")
    _common(parser)


def run_show(args: argparse.Namespace) -> int:
    """Everything about one provision; outside its period the newest document that has it is shown, and said so."""
    catalog = catalogs.default()
    if args.policy or args.on:
        found = catalog.find(args.city, args.rule, catalogs.as_date(args.on), args.policy)
    else:
        city = catalog.city(args.city)
        name = catalog.rule_id(city, args.rule)
        having = [d for d in catalog.of_city(city) if name in d.rules]
        newest = max(having, key=lambda d: (not d.draft, str(d.valid_to)))
        found = Found(newest, newest.rules[name])
    data = describe(found.document, found.rule)
    if args.json:
        print_json(data)
        return 0
    d, rule = found.document, found.rule
    first, last = period(d, rule)
    print(f"{rule.title}（{rule.id}）\n依据　　{d.name} {rule.at}　《{d.title}》")
    print(f"有效期　{'征求意见稿，未施行' if d.draft else f'{first} 至 {last}'}")
    print(f"性质　　{NATURES[rule.nature]}　　方式　{_MODES[rule.mode]}　　资金　{_PAYERS[rule.payer]}")
    print(f"对象　　{rule.recipient or '未写明'}　　责任单位　{'、'.join(rule.departments) or '未写明'}")
    if rule.refer_to:
        print(f"去处　　{rule.refer_to}")
    if rule.figures:
        print("\n条文里的数字")
        print(
            table(
                [(f.name, f.label, f.text, f.at or rule.at) for f in rule.figures.values()],
                ["代号", "含义", "数字", "位置"],
            )
        )
    if rule.inputs:
        print("\n需要填写")
        print(
            table(
                [(i.name, i.label, _TYPES[i.type], i.unit, _need(i)) for i in rule.inputs],
                ["代号", "名称", "类型", "单位", "要求"],
            )
        )
    if rule.amount:
        print("\n怎样计算")
        for line in rule.terms:
            print(f"  {line.label}（{line.name}） ＝ {line.source}")
        for line in rule.conditions:
            if line.source:
                print(f"  条件　{line.source}")
        print(f"  金额　{rule.amount.source}")
        for limit in rule.limits:
            print(f"  封顶　{limit.label} {limit.source}{'，' + SCOPES[limit.per] if limit.per else ''}")
    for assumption in rule.assumptions:
        print(f"  读法　{assumption.text}")
    if rule.notes:
        print(f"  说明　{rule.notes}")
    return 0


def _need(item: Any) -> str:
    extra = "：" + "、".join(f"{c.value}＝{c.label}" for c in item.choices) if item.choices else ""
    if item.required:
        return "必填" + extra
    if item.default_from:
        return f"不填则同 {item.default_from}"
    if item.assumed:
        return "不填按“是”，并在结果中提示"
    if item.default is None:
        return "可不填" + extra
    shown = (
        {True: "是", False: "否"}.get(item.default, item.default) if isinstance(item.default, bool) else item.default
    )
    return f"不填按 {shown}" + extra


def describe(document: Document, rule: Rule) -> dict[str, Any]:
    """A provision as plain data."""
    first, last = period(document, rule)
    return {
        "doc": document.key,
        "city": document.city,
        "number": document.number,
        "document_title": document.title,
        "status": "draft" if document.draft else None,
        "valid_from": first and str(first),
        "valid_to": last and str(last),
        "id": rule.id,
        "at": rule.at,
        "title": rule.title,
        "nature": rule.nature,
        "recipient": rule.recipient,
        "theme": rule.theme,
        "payer": rule.payer,
        "mode": rule.mode,
        "departments": list(rule.departments),
        "figures": {f.name: {"label": f.label, "text": f.text, "at": f.at or rule.at} for f in rule.figures.values()},
        "inputs": [
            {
                "name": i.name, "type": i.type, "label": i.label, "unit": i.unit, "required": i.required,
                "default": i.default if i.default is None or isinstance(i.default, bool | str) else str(i.default),
                "default_from": i.default_from, "assumed": i.assumed,
                "values": [{"value": c.value, "label": c.label} for c in i.choices],
            }
            for i in rule.inputs
        ],
        "terms": {line.name: {"label": line.label, "formula": line.source} for line in rule.terms},
        "conditions": [line.source for line in rule.conditions if line.source],
        "amount": rule.amount.source if rule.amount else None,
        "limits": [{"label": x.label, "max": x.source, "per": x.per, "used": x.used} for x in rule.limits],
        "assumptions": [a.text for a in rule.assumptions],
        "quotas": [{"max": rule.figures[q.figure].text, "per": q.per} for q in rule.quotas],
        "refer_to": rule.refer_to,
        "notes": rule.notes,
    }  # fmt: skip


def add_calc(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("city", help="城市")
    parser.add_argument("rule", help="条款编号或名称")
    parser.add_argument(
        "inputs",
        nargs="*",
        metavar="输入",
        help="主要输入的数值，或 名称=数值，如 investment=800万元 国债支持=否",
    )
    _common(parser)


def run_calc(args: argparse.Namespace) -> int:
    """核定 one claim from the command line."""
    inputs: dict[str, object] = {}
    bare: list[str] = []
    for word in args.inputs:
        name, sign, value = word.partition("=")
        if sign:
            if name in inputs:
                raise InvalidInput(f"“{name}”写了两次", where="命令行", expected="每项只写一次", remedy="删去一个")
            inputs[name] = value
        else:
            bare.append(word)
    if len(bare) > 1 or (bare and inputs and _names_primary(args, inputs)):
        raise InvalidInput(
            f"不知道“{'、'.join(bare)}”是哪一项",
            where="命令行",
            expected="一个主要输入，其余写成 名称=数值",
            remedy="补上名称",
        )
    if bare:
        inputs[_primary(args)] = bare[0]
    decision = assess(args.city, args.rule, inputs, on=args.on, policy=args.policy)
    if args.json:
        print_json(decision.model_dump("json"))
        return 0
    print(f"{decision.basis.title}　{decision.basis}")
    print(
        f"核定金额　{decision.amount:,.2f} 元（{NATURES[decision.nature]}）{'' if decision.eligible else '　不符合条件'}"
    )
    print(f"计算过程　{decision.explanation}")
    for number, step in enumerate(decision.steps, 1):
        print(f"  {number}. {step.what}：{step.formula} → {step.value}（{step.pinpoint}）")
    for label, texts in (
        ("不符", decision.reasons),
        ("提醒", decision.warnings),
        ("读法", decision.assumptions),
    ):
        for text in texts:
            print(f"{label}　{text}")
    return 0


def _primary(args: argparse.Namespace) -> str:
    found = catalogs.default().find(args.city, args.rule, catalogs.as_date(args.on), args.policy)
    return found.rule.inputs[0].name if found.rule.inputs else "value"


def _names_primary(args: argparse.Namespace, inputs: dict[str, object]) -> bool:
    return _primary(args) in inputs
