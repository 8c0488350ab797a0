"""diff: two documents, provision by provision."""

from __future__ import annotations

import argparse

from xlpolicy.cli.console import print_json
from xlpolicy.law import catalog as catalogs
from xlpolicy.survey.compare.documents import KINDS, STATUS, Diff, diff
from xlpolicy.survey.compare.sources import pair
from xlpolicy.words.wording import span

#: what a heading means, and the words of a cross rule's status
ABOUT = {"added": "旧文件没有列入", "dropped": "新文件没有列入"}
CROSS = {"changed": "变化", "added": "新规定", "dropped": "不再规定"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="旧文件", help="文件代号、文号或政策文件路径，如 fuzhou-2024-13")
    parser.add_argument("new", metavar="新文件", help="同上，如 fuzhou-2026-5、本单位/fuzhou-2026-5.yaml")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """What the new document changes, provision by provision, then the cross rules."""
    catalog = catalogs.default()
    found = diff(catalog, *pair(catalog, args.old, args.new))
    if args.json:
        print_json(found.model_dump("json"))
        return 0
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
    return 0


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
            print(f"另有跨条款规则{text}：{'、'.join(alone)}")
