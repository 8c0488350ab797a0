"""diff: two documents, provision by provision."""

from __future__ import annotations

import argparse
from decimal import Decimal
from pathlib import Path

from xlpolicy.cli.console import print_json, table
from xlpolicy.faults import InvalidInput
from xlpolicy.law import catalog as catalogs
from xlpolicy.settle.both_documents import Shifts, under_both
from xlpolicy.settle.briefing_book import write_briefing
from xlpolicy.settle.briefing_docx import write_briefing_docx
from xlpolicy.settle.briefing_page import counts
from xlpolicy.settle.claims_files import read_files
from xlpolicy.survey.compare.documents import KINDS, STATUS, Diff, diff
from xlpolicy.survey.compare.sources import pair
from xlpolicy.words.wording import span

#: what a heading means, and the words of a cross rule's status
ABOUT = {"added": "旧文件没有列入", "dropped": "新文件没有列入"}
CROSS = {"changed": "变化", "added": "新规定", "dropped": "不再规定"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="旧文件", help="文件代号、文号或政策文件路径，如 fuzhou-2024-13")
    parser.add_argument("new", metavar="新文件", help="同上，如 fuzhou-2026-5、本单位/fuzhou-2026-5.yaml")
    parser.add_argument(
        "-o",
        "--output",
        metavar="简报",
        help="写成一页简报：简报.xlsx（后面附逐条对比）或 简报.docx（Word，只有这一页）",
    )
    parser.add_argument(
        "--claims",
        nargs="+",
        metavar="申报清单",
        default=[],
        help="台账或申报清单：按两份文件各核算一遍，列出谁少得、为什么",
    )
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """What the new document changes, provision by provision, then the cross rules; with claims, for whom."""
    catalog = catalogs.default()
    output = briefing(args.output) if args.output else None
    found = diff(catalog, *pair(catalog, args.old, args.new))
    shifts = (
        under_both(read_files([Path(name) for name in args.claims]).claims, found, catalog) if args.claims else None
    )
    if output:
        write = write_briefing_docx if output.suffix.lower() == ".docx" else write_briefing
        write(found, shifts, output, force=args.force)
    if args.json:
        print_json(found.model_dump("json") | ({"claims": shifts.model_dump("json")} if shifts else {}))
        return 0
    _print(found)
    if shifts is not None:
        _print_shifts(shifts)
    if output:
        print(f"\n简报：{output}")
    return 0


def briefing(text: str) -> Path:
    """The name of a briefing: a workbook or a Word document. Raises InvalidInput."""
    path = Path(text)
    if path.suffix.lower() in (".xlsx", ".docx") or path.is_dir():
        return path
    raise InvalidInput(
        f"“{text}”不是 .xlsx 或 .docx 文件名", where="命令行", expected="以 .xlsx 或 .docx 结尾",
        remedy=f"改写成 {path.stem}.xlsx 或 {path.stem}.docx",
    )  # fmt: skip


def _print_shifts(shifts: Shifts) -> None:
    rows = [
        (
            x.claim.id,
            x.claim.enterprise,
            x.title.split(" → ")[-1],
            *(_yuan(y) for y in (x.before, x.after, x.difference)),
        )
        for x in shifts.lines
    ]
    print("\n【按申报清单】")
    print(table(rows, ["编号", "单位", "条款", "按旧文件", "按新文件", "增减"]))
    for x in shifts.lines:
        if x.difference != 0:
            print(f"  {x.claim.id}　{x.why}")
    if any("※" in x.why for x in shifts.lines):
        print("  ※ 原文没有写明，取决于怎样读，见上面逐条的说明")
    print(counts(shifts))


def _yuan(amount: Decimal | None) -> str:
    return "—" if amount is None else f"{amount:,.2f}"


def _print(found: Diff) -> None:
    for label, document in (("旧", found.old), ("新", found.new)):
        title = f"《{document.title}》" if document.number else ""
        print(f"{label}　{document.name}{title}　{span(document.valid_from, document.valid_to)}")
        for name, authority in document.adopted.items():
            reading = document.readings[name]
            option = reading.option(reading.chosen).label
            print(f"本单位口径　{label}　{reading.question}：{option}（{authority or '未注明依据'}）")
    for remark in found.remarks:
        print(f"注意　{remark}")
    for status, heading in STATUS.items():
        rows = [row for row in found.rows if row.status == status]
        if rows:
            print(f"\n【{heading} {len(rows)} 条】{ABOUT.get(status, '')}")
        if status == "same" and rows:
            print("、".join(row.title for row in rows))
            continue
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


def _print_cross(found: Diff) -> None:
    """What holds between claims: what changed for provisions of both; of the rest only where it stands."""
    rows = [row for row in found.cross if row.status != "same" and not row.alone]
    if rows:
        print(f"\n【跨条款规则：{len(rows)} 处变化，都涉及两份文件都有的条款】")
    for row in rows:
        print(f"■ {CROSS[row.status]}　{row.new_at or row.old_at}　{row.text}")
    for status, text in (("dropped", "随未列入的条款一起不再适用"), ("added", "只涉及新列入的条款")):
        alone = list(
            dict.fromkeys(row.new_at or row.old_at for row in found.cross if row.alone and row.status == status)
        )
        if alone:
            print(f"另有跨条款规则{text}：{'；'.join(alone)}")
