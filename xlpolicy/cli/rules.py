"""rules: finding provisions; the rule workbook out and in."""

from __future__ import annotations

import argparse
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlpolicy.cli.arguments import add_law_options, workbook
from xlpolicy.cli.console import print_json, table
from xlpolicy.cli.show import describe
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import as_date, in_force, status
from xlpolicy.law.records import Document, Rule
from xlpolicy.money import clean
from xlpolicy.words.shown import nature_word


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="文字", help="城市，或要找的文字，可以写几个：福州 技改")
    parser.add_argument("--city", metavar="城市", help="城市：福州、泉州、莆田、晋江")
    parser.add_argument("--theme", metavar="主题", help="主题，如 技术改造")
    parser.add_argument(
        "--text", metavar="文字", help="在条款全部文字里查找：编号、名称、对象、数字、输入项、去处、说明"
    )
    add_law_options(parser, on="只列这一天施行的，如 2026-06-30；不写则各文件的都列出，注明今天的效力")
    group = parser.add_argument_group("规则簿：政策人员在 Excel 里核对、修改，再装回")
    direction = group.add_mutually_exclusive_group()
    direction.add_argument("--to-xlsx", metavar="规则簿.xlsx", help="把文件写成规则簿；--policy 只写一份文件")
    direction.add_argument("--from-xlsx", metavar="规则簿.xlsx", help="读回规则簿，核对后写成政策文件")
    group.add_argument("--to", metavar="文件夹", help="读回的政策文件放在哪里")
    group.add_argument("--force", action="store_true", help="覆盖已有的文件")


def run(args: argparse.Namespace) -> int:
    """List provisions with what they are worth today; with --on only what is in force on that date."""
    if args.to_xlsx or args.from_xlsx:
        return _run_book(args)
    catalog = catalogs.default()
    found = list(_matching(catalog, args))
    if args.json:
        print_json([describe(catalog, d, r) for d, r in found])
    elif not found:
        cities = dict.fromkeys(document.city_label for document in catalog.documents.values())
        print(f"没有找到这样的条款。城市有：{'、'.join(cities)}；主题有：{'、'.join(catalog.themes())}")
    else:
        day = as_date(args.on) or dt.date.today()
        states = [status(d, r, day) for d, r in found]
        print(
            table(
                [
                    (d.city_label, r.id, r.title, r.at, d.name, state, nature_word(r), "、".join(r.themes))
                    for (d, r), state in zip(found, states, strict=True)
                ],
                ["城市", "条款编号", "名称", "位置", "文件", "效力", "性质", "主题"],
            )
        )
        counts = "，".join(f"{state} {n} 条" for state, n in Counter(states).most_common())
        print(f"\n共 {len(found)} 条（{day}：{counts}）。看一条的全部内容：xlpolicy show 城市 条款编号")
        if not args.on and set(states) - {"施行"} and "施行" in states:
            print(f"只看正在施行的，加 --on {day}")
    return 0 if found else 1


def _matching(catalog: Catalog, args: argparse.Namespace) -> Iterator[tuple[Document, Rule]]:
    on = as_date(args.on)
    city = catalog.city(args.city) if args.city else None
    key = catalog.document(args.policy).key if args.policy else None
    words = [clean(word).lower() for word in (args.text or "", *args.words)]
    for d, r in catalog.rules():
        if (
            (city is None or d.city == city)
            and (key is None or d.key == key)
            and (on is None or in_force(d, r, on))
            and (not args.theme or any(clean(args.theme) in clean(theme) for theme in r.themes))
            and all(any(word in clean(part).lower() for part in _texts(d, r)) for word in words)
        ):
            yield d, r


def _texts(document: Document, rule: Rule) -> Iterator[str]:
    """Every text of a provision that a clerk may search for."""
    yield from (document.city, document.city_label, document.name)
    yield from (rule.id, rule.title, rule.recipient, *rule.themes, rule.at, rule.refer_to, rule.notes)
    yield from (*rule.aliases, *rule.departments)
    for figure in rule.figures.values():
        yield f"{figure.label}{figure.text}"
    yield from (item.label for item in rule.inputs)
    yield from (assumption.text for assumption in rule.assumptions)


def _run_book(args: argparse.Namespace) -> int:
    from xlpolicy.survey.rulebook import read_book, write_book

    if args.to_xlsx:
        path = workbook(args.to_xlsx)
        keys = write_book(path, args.policy, force=args.force)
        data: dict[str, Any] = {"file": str(path), "documents": keys}
        text = f"已写出 {path}：{'、'.join(keys)}。黄色单元格可改，改完用 --from-xlsx 读回。"
    else:
        loaded = read_book(Path(args.from_xlsx))
        files = loaded.save(Path(args.to), force=args.force) if args.to else []
        data = {
            "documents": list(loaded.documents),
            "changes": [change._asdict() for change in loaded.changes],
            "files": [str(path) for path in files],
        }
        lines = [f"改动　{change}" for change in loaded.changes]
        lines.append(f"规则簿没有问题：{len(loaded.documents)} 份文件，{len(loaded.changes)} 处改动。")
        lines += [f"已写出 {path}" for path in files] or ["没有写 --to 文件夹，只作了核对。"]
        text = "\n".join(lines)
    if args.json:
        print_json(data)
    else:
        print(text)
    return 0
