"""simulate: the same claims before and after changed figures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from xlpolicy.cli.arguments import workbook
from xlpolicy.cli.console import print_json, table
from xlpolicy.cli.settle import add_claims_options, print_notes, read_claims, year_of
from xlpolicy.faults import InvalidInput
from xlpolicy.settle.plan import SHAPE, read_changes, read_plan, write_plan
from xlpolicy.settle.settlement_book import write_simulation
from xlpolicy.settle.simulate import UNKNOWN, Line, Simulation, simulate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_claims_options(parser)
    parser.add_argument(
        "--set", action="append", default=[], metavar="文件:条款.数字=新数字", dest="changes",
        help="改一个数字，可写多次，用代号或中文名都行：putian-draft:chain_leader.year_cap=40万元，"
        "莆田:链主企业带动中小企业改造奖励.年度封顶=40万元；分档的写 福州:企业技术中心认定奖励.奖励标准[国家级]=300万元",
    )  # fmt: skip
    parser.add_argument("--save-baseline", metavar="方案.txt", help="把这些改动存成方案，以后作基线")
    parser.add_argument("--baseline", metavar="方案.txt", help="与这个方案比，不与现行文件比")
    parser.add_argument("--all", action="store_true", help="没有变化的行也列出；不写只列有变化的")


def run(args: argparse.Namespace) -> int:
    """The same claims before and after changed figures; exit 1 where claims could not be settled.

    Raises PolicyError.
    """
    changes = read_changes(args.changes, "--set")
    baseline = read_plan(Path(args.baseline)) if args.baseline else None
    if not changes:
        raise InvalidInput("没有写要改的数字", where="--set", expected=SHAPE, remedy="写明要改的数字")
    output = workbook(args.output) if args.output else None
    file = read_claims(args)
    result = simulate(
        file.claims, changes, file.facts, on_year=year_of(args, file), enterprises=file.enterprises, baseline=baseline
    )
    if args.save_baseline:
        lines = [f"{c.document}:{c.path}={c.after}" for c in result.changes]
        write_plan(Path(args.save_baseline), lines, force=args.force)
    if output:
        write_simulation(result, output, force=args.force)
    if args.json:
        print_json(result.model_dump("json"))
        return 1 if result.notes else 0
    _print(result, every=args.all)
    print_notes(result.notes, file)
    if args.output:
        print(f"测算表：{args.output}")
    if args.save_baseline:
        print(f"方案：{args.save_baseline}　以后用 --baseline {args.save_baseline} 与它比")
    return 1 if result.notes else 0


def _print(result: Simulation, *, every: bool) -> None:
    for word, changes in (("基线", result.baseline), ("改动", result.changes)):
        for change in changes:
            print(f"{word}　{change.title} {change.label}：{change.before} → {change.after}（{change.at}）")
    for text in result.rates:
        print(f"核算按　{text}")
    for text in result.after.readings:
        print(text)
    for name, lines in result.views.items():
        _print_view(name, lines, result.was, every=every)
    if result.moved:
        rows = [
            (claim.id, claim.enterprise, new.title, f"{old.payable:,.2f}", f"{new.payable:,.2f}", f"{new.payable - old.payable:+,.2f}")
            for claim, old, new in result.moved
        ]  # fmt: skip
        print("\n" + table(rows, ["编号", "单位", "条款", f"{result.was}金额", "改后金额", "增减"]))
    print(
        f"\n合计由 {result.total.before:,.2f} 元变为 {result.total.after:,.2f} 元（{_signed(result.total.difference)}），"
        f"{len(result.moved)} 笔有变化。"
    )
    there = {(x.found.document.key, x.found.rule.title) for x in result.after.claims if x.found}
    absent = [c.title for c in result.changes if (c.document, c.title) not in there]
    if absent and not result.moved:
        print(f"这批申报里没有{'、'.join(f'“{title}”' for title in dict.fromkeys(absent))}。")


def _signed(difference: Decimal) -> str:
    """More or less, with its sign; nothing has none."""
    return f"{difference:+,.2f}" if difference else "0.00"


def _print_view(name: str, lines: Sequence[Line], was: str, *, every: bool) -> None:
    """One view: what changed, and how many lines did not."""
    if name in ("县区", "企业规模") and all(x.name == UNKNOWN for x in lines):
        print(f"\n{name}都没有写：在台账的“单位”表填“{name}”，就按{name}分列。")
        return
    shown = [x for x in lines if every or x.difference or x.paid_before != x.paid_after]
    rows = [
        (x.name, x.paid_before, f"{x.before:,.2f}", x.paid_after, f"{x.after:,.2f}", _signed(x.difference))
        for x in shown
    ]
    if rows:
        print("\n" + table(rows, [name, f"{was}笔数", f"{was}金额", "改后笔数", "改后金额", "增减"]))
        if len(lines) > len(shown):
            print(f"其余 {len(lines) - len(shown)} 个{name}没有变化")
    else:
        print(f"\n{name}没有变化")
