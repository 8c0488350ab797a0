"""simulate: the same claims before and after changed figures."""

from __future__ import annotations

import argparse

from xlpolicy.cli.arguments import workbook
from xlpolicy.cli.console import print_json, table
from xlpolicy.cli.settle import add_claims_options, print_notes, read_claims, year_of
from xlpolicy.faults import InvalidInput
from xlpolicy.settle.settlement_book import write_simulation
from xlpolicy.settle.simulate import simulate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_claims_options(parser)
    parser.add_argument(
        "--set", action="append", default=[], metavar="文件代号:条款.数字=新数字", dest="changes",
        help="改一个数字，可写多次，如 putian-draft:chain_leader.year_cap=40万元；分档的写 tech_center.award[national]=300万元",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """The same claims before and after changed figures; exit 1 where claims could not be settled.

    Raises PolicyError.
    """
    changes: dict[str, dict[str, str]] = {}
    for text in args.changes:
        document, colon, rest = text.partition(":")
        path, sign, value = rest.partition("=")
        if not colon or not sign or not value:
            raise InvalidInput(
                f"“{text}”读不懂", where="--set", expected="文件代号:条款.数字=新数字", remedy="按这个写法改正"
            )
        if path in changes.setdefault(document, {}):
            raise InvalidInput(f"{document}:{path} 写了两次", where="--set", expected="每个数字一次", remedy="删去一个")
        changes[document][path] = value
    if not changes:
        raise InvalidInput("没有写要改的数字", where="--set", expected="至少一个 --set", remedy="写明要改的数字")
    output = workbook(args.output) if args.output else None
    file = read_claims(args)
    result = simulate(file.claims, changes, file.facts, on_year=year_of(args, file), enterprises=file.enterprises)
    if output:
        write_simulation(result, output, force=args.force)
    if args.json:
        print_json(result.model_dump("json"))
        return 1 if result.notes else 0
    for change in result.changes:
        print(f"改动　{change.title} {change.label}：{change.before} → {change.after}（{change.at}）")
    for name, lines in result.views.items():
        rows = [
            (x.name, x.paid_before, f"{x.before:,.2f}", x.paid_after, f"{x.after:,.2f}", f"{x.difference:+,.2f}")
            for x in lines
        ]
        print("\n" + table(rows, [name, "现行笔数", "现行金额", "改后笔数", "改后金额", "增减"]))
    print(
        f"\n合计由 {result.total.before:,.2f} 元变为 {result.total.after:,.2f} 元（{result.total.difference:+,.2f}）。"
    )
    print_notes(result.notes, file)
    if args.output:
        print(f"测算表：{args.output}")
    return 1 if result.notes else 0
