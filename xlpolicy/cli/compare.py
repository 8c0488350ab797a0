"""compare: the same measure in every city."""

from __future__ import annotations

import argparse

from xlpolicy.cli.arguments import read_inputs
from xlpolicy.cli.console import print_json, table
from xlpolicy.law import catalog as catalogs
from xlpolicy.survey.compare.measure import compare


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("measure", metavar="主题或条款", help="主题（如 技术改造）、条款编号或名称")
    parser.add_argument(
        "inputs", nargs="*", default=[], metavar="输入", help="主要输入的数值，或 名称=数值，如 800万元 smes=20"
    )
    parser.add_argument("--on", metavar="日期", help="按这一天施行的文件比较；不写取各市最新文件")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """The same measure across the cities, with amounts for the inputs given."""
    named, bare = read_inputs(args.inputs)
    inputs: dict[str, object] = named | ({"": bare} if bare is not None else {})
    found = compare(catalogs.default(), args.measure, inputs, args.on)
    if args.json:
        print_json(found.model_dump("json"))
        return 0
    rows = [
        (
            o.city, o.title or "未列入", o.nature, f"{o.amount:,.2f}" if o.amount is not None else "—", o.funding,
            "、".join(o.marks) or ("施行中" if o.rule else ""), f"{o.name} {o.at}".strip(),
        )
        for o in found.offers
    ]  # fmt: skip
    print(table(rows, ["城市", "条款", "性质", "金额（元）", "资金", "效力", "依据"]))
    for o in found.offers:
        head = f"\n{o.city}　{o.title or found.measure}" + (f"（{o.rule}）" if o.rule else "")
        print(head + (f"\n  标准　{o.terms}" if o.terms else ""))
        if o.explanation:
            print(f"  计算　{o.explanation}")
        elif o.why:
            print(f"  {'未算' if o.rule else '说明'}　{o.why}")
        for note in (*([f"数值 用作“{o.bare_as}”"] if o.bare_as else []), *o.notes):
            print(f"  提示　{note}")
    computed = sum(o.amount is not None for o in found.offers)
    print(
        f"\n共 {len(found.offers)} 行，其中 {computed} 行算出金额。金额不跨城市相加；性质“测算上限”“按核定”的为上限。"
    )
    return 0
