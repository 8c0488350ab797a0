"""diff, compare."""

from __future__ import annotations

import argparse

from xlpolicy.cli.show import guarded, print_json, read_inputs, table
from xlpolicy.law import catalog as catalogs
from xlpolicy.survey.compare import compare, diff
from xlpolicy.survey.compare.documents import KINDS, STATUS, Diff, span

__all__ = ["add_compare", "add_diff", "guarded", "run_compare", "run_diff"]


def add_diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="旧文件", help="文件代号或文号，如 fuzhou-2024-13")
    parser.add_argument("new", metavar="新文件", help="文件代号或文号，如 fuzhou-2026-5")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run_diff(args: argparse.Namespace) -> int:
    """What the new document changes, provision by provision, then the cross rules."""
    found = diff(catalogs.default(), args.old, args.new)
    if args.json:
        print_json(found.model_dump("json"))
        return 0
    for label, document in (("旧", found.old), ("新", found.new)):
        title = f"《{document.title}》" if document.number else ""
        print(f"{label}　{document.name}{title}　{span(document.valid_from, document.valid_to)}")
    for remark in found.remarks:
        print(f"注意　{remark}")
    for status, heading in STATUS.items():
        rows = [row for row in found.rows if row.status == status]
        if rows:
            print(f"\n【{heading} {len(rows)} 条】")
        for row in rows:
            places = [f"旧 {row.old_at}"] * bool(row.old_at) + [f"新 {row.new_at}"] * bool(row.new_at)
            kinds = "、".join(KINDS[kind] for kind in row.kinds)
            print(f"■ {row.title}（{row.rule}）　{'　'.join(places)}{'　' + kinds if kinds else ''}\n  {row.text}")
    _print_cross(found)
    count = found.summary
    print("\n合计　" + "，".join(f"{STATUS[key]} {count[key]} 条" for key in STATUS))
    told = [f"{KINDS[kind]} {count[kind]}" for kind in KINDS if kind in count]
    if told:
        print("变化的条款中　" + "、".join(told))
    return 0


def _print_cross(found: Diff) -> None:
    """What holds between claims: only what was added, dropped or now covers other provisions."""
    rows = [row for row in found.cross if row.status != "same"]
    if rows:
        print(f"\n【跨条款规则：{len(rows)} 处变化】")
    for row in rows:
        print(f"■ {STATUS[row.status]}　{row.new_at or row.old_at}　{row.text}")


def add_compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("measure", metavar="主题或条款", help="主题（如 技术改造）、条款编号或名称")
    parser.add_argument("inputs", nargs="*", metavar="输入", help="主要输入的数值，或 名称=数值，如 800万元 smes=20")
    parser.add_argument("--on", metavar="日期", help="按这一天施行的文件比较；不写取各市最新文件")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run_compare(args: argparse.Namespace) -> int:
    """The same measure across the cities, with amounts for the inputs given."""
    named, bare = read_inputs(args.inputs)
    inputs: dict[str, object] = named | ({"": bare} if bare is not None else {})
    found = compare(catalogs.default(), args.measure, inputs, args.on)
    if args.json:
        print_json(found.model_dump("json"))
        return 0
    rows = [
        (
            o.city, o.title or "—", o.nature, f"{o.amount:,.2f}" if o.amount is not None else "—",
            "、".join(o.marks) or ("施行中" if o.rule else ""), f"{o.name} {o.at}".strip(),
        )
        for o in found.offers
    ]  # fmt: skip
    print(table(rows, ["城市", "条款", "性质", "金额（元）", "效力", "依据"]))
    for o in found.offers:
        head = f"\n{o.city}　{o.title or found.measure}" + (f"（{o.rule}）" if o.rule else "")
        print(head + (f"\n  标准　{o.terms}" if o.terms else ""))
        if o.explanation:
            print(f"  计算　{o.explanation}")
        elif o.why:
            print(f"  {'未算' if o.rule else '说明'}　{o.why}")
        for note in o.notes:
            print(f"  提示　{note}")
    computed = sum(o.amount is not None for o in found.offers)
    print(f"\n共 {len(found.offers)} 行，其中 {computed} 行算出金额。金额不跨城市相加；性质“最高”“按核定”的为上限。")
    return 0
