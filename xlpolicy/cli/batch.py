"""demo, form, fill."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlpolicy.batch.demo import demo
from xlpolicy.batch.fill import fill
from xlpolicy.batch.record import Summary
from xlpolicy.cli.show import guarded, print_json, table, workbook
from xlpolicy.forms.design import write_form
from xlpolicy.law import catalog as catalogs

__all__ = ["add_demo", "add_fill", "add_form", "guarded", "run_demo", "run_fill", "run_form"]


def add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", nargs="?", metavar="文件夹", help="放在哪里；不写则在当前目录新建 xlpolicy-demo")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run_demo(args: argparse.Namespace) -> int:
    """Fictitious returned forms, judged. Problems among them are the point: exit 0."""
    summary = demo(args.directory)
    if args.json:
        print_json(summary.model_dump("json"))
        return 0
    _print(summary)
    print(
        f"\n打开看看：\n  {Path(summary.ledger)}\n  {Path(summary.out) / '已核定'}\n  {Path(summary.out) / '退回补正'}"
    )
    return 0


def add_form(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("city", metavar="城市", help="城市")
    parser.add_argument("rule", metavar="条款", help="条款编号或名称")
    parser.add_argument("-o", "--output", required=True, metavar="文件", help="写到哪里，如 申请表.xlsx")
    parser.add_argument("--unit", default="万元", choices=["万元", "元"], help="金额单位，默认万元")
    parser.add_argument("--on", metavar="日期", help="按哪一天施行的文件；不写为今天")
    parser.add_argument("--policy", metavar="文件代号", help="指定文件，不论日期")
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run_form(args: argparse.Namespace) -> int:
    """Write an application form."""
    found = catalogs.default().find(args.city, args.rule, catalogs.as_date(args.on), args.policy)
    path = write_form(found.document, found.rule, workbook(args.output), unit=args.unit, force=args.force)
    if args.json:
        print_json({"path": str(path), "document": found.document.key, "rule": found.rule.id, "unit": args.unit})
        return 0
    print(f"已生成申请表：{path}\n{found.document.name} {found.rule.at} {found.rule.title}")
    for warning in found.warnings:
        print(f"提醒　{warning}")
    if found.rule.mode == "autopay":
        print("提醒　本条实行免申即享，一般不必发表；需要企业确认意愿或账户时才用这份表")
    print("发给企业填写，收回后放进一个文件夹，运行：xlpolicy fill 收件文件夹 -o 核定结果")
    return 0


def add_fill(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("inbox", metavar="收件文件夹", help="收回的申请表所在的文件夹（原件不会改动）")
    parser.add_argument("-o", "--output", required=True, metavar="结果文件夹", help="写到哪个文件夹")
    parser.add_argument("--on", metavar="日期", help="按哪一天施行的文件核定；不写为今天")
    parser.add_argument("--policy", metavar="文件代号", help="指定文件，不论日期")
    parser.add_argument("--template", metavar="文件", help="本单位自己的台账模板")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run_fill(args: argparse.Namespace) -> int:
    """Judge a folder of returned forms; exit 1 where anything has to be looked at."""
    summary = fill(args.inbox, args.output, on=args.on, policy=args.policy, template=args.template)
    if args.json:
        print_json(summary.model_dump("json"))
    else:
        _print(summary)
        print(f"\n台账：{summary.ledger}")
    return 1 if summary.problems else 0


def _print(summary: Summary) -> None:
    rows = []
    for record in summary.records:
        amount = f"{record.amount:,.2f}" if record.judged else ""
        said = (
            record.why
            or "；".join(
                f"{record.label(fault)}：{fault.what}" if record.label(fault) else fault.what
                for fault in record.problems
            )
            or (record.judged.explanation if record.judged else "")
        )
        rows.append((record.source, record.enterprise or "", record.place, amount, _short(said)))
    if not summary.records:
        print(f"收件文件夹里没有文件：{summary.inbox}")
        return
    print(table(rows, ["文件", "申报单位", "去向", "核定金额（元）", "说明"]))
    counts = "，".join(f"{place} {n}" for place, n in summary.counts.items() if n)
    print(f"\n{summary.files} 个文件，{summary.forms} 份：{counts}。")
    print(f"符合条件 {summary.eligible} 份，核定合计 {summary.amount:,.2f} 元（{summary.amount_upper}）。")
    late = sum(any(fault.code == "not_in_force" for fault in record.problems) for record in summary.records)
    if late:
        print(
            f"其中 {late} 份所依据的文件在核定日期没有施行：补办以前日期的申报，加 --on 日期；"
            "征求意见稿或已失效的文件只作测算，加 --policy 文件代号。"
        )


def _short(text: str, most: int = 44) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
