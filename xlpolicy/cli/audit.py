"""audit: every figure against the official texts, both ways."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlpolicy.cli.console import print_json
from xlpolicy.law import catalog as catalogs
from xlpolicy.survey.audit.audit import audit, bodies
from xlpolicy.survey.audit.report import as_text
from xlpolicy.survey.audit.sentences import read_table, sentences, unaccounted

_REMEDY = (
    "改法：在 文件代号.tsv 里写一行，三栏用 Tab 分开：校验值、位置、落点。落点写条款编号、条款编号.数字或输入项、cross:跨条款规则编号、"
    "applies（全文规定），几个用空格分开；不给钱也不设条件的写“- 理由”。"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="文件夹", help="官方正文所在的文件夹（.txt，或有文字层的 .pdf）")
    parser.add_argument(
        "--policy", action="append", metavar="文件代号", help="只核对这份文件，可写多次；不写则全部文件都要有正文"
    )
    parser.add_argument("--all", action="store_true", help="相符的数字也逐一列出")
    parser.add_argument(
        "--sentences", metavar="对照表文件夹", help="逐句核对：文件夹里每份文件一个 文件代号.tsv，列出没有着落的句子"
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Exit 1 on any gap. Raises NotADirectoryError."""
    folder = Path(args.folder)
    if not folder.is_dir():
        raise NotADirectoryError(20, "", str(folder))
    if args.sentences:
        return _sentences(args, folder)
    report = audit(catalogs.default(), folder, args.policy)
    if args.json:
        print_json(report.model_dump("json"))
    else:
        print(as_text(report, every=args.all))
    return 0 if report.ok else 1


def _sentences(args: argparse.Namespace, folder: Path) -> int:
    """Every sentence of the texts that the tables do not place; exit 1 where there is one."""
    catalog, left, count = catalogs.default(), [], 0
    for document, body in bodies(catalog, folder):
        if args.policy and document.key not in args.policy:
            continue
        table = Path(args.sentences) / f"{document.key}.tsv"
        missing = unaccounted(document, body, read_table(table) if table.is_file() else {})
        count += sum(1 for _ in sentences(body))
        left += [(document.key, sentence, why) for sentence, why in missing]
    if args.json:
        print_json([{"document": key, "at": s.at, "digest": s.digest, "problem": why} for key, s, why in left])
    else:
        for key, sentence, why in left:
            print(f"{key}　{sentence.at or '文头'}　{sentence.digest}　{sentence.text[:24]}…　{why}")
        print(f"{count} 句，{len(left)} 句没有着落。")
        if left:
            print(_REMEDY)
    return 1 if left else 0
