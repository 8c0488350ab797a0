"""page: the calculator as one HTML page, or the law as one script."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

from xlpolicy.cli.console import print_json
from xlpolicy.faults import InvalidInput
from xlpolicy.javascript.script import script
from xlpolicy.javascript.web_page import page
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.sheets.files import write_atomically
from xlpolicy.survey.wording_of import wording_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--output", required=True, metavar="文件",
        help="写到哪里：政策计算器.html 是网页；以 .js 结尾的只写脚本，供程序员在网页和 node 里用",
    )  # fmt: skip
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Write the page or the script. Raises InvalidInput for another kind of file."""
    path = Path(args.output)
    kind = path.suffix.lower()
    if kind not in (".html", ".htm", ".js"):
        raise InvalidInput(
            f"“{args.output}”不是网页文件名", where="命令行", expected="以 .html 结尾（只要脚本的以 .js 结尾）",
            remedy=f"改写成 {path.stem}.html",
        )  # fmt: skip
    catalog = catalogs.default()
    text = script(catalog) if kind == ".js" else page(catalog, articles=_articles(catalog), made=dt.date.today())
    write_atomically(path, text.encode(), force=args.force)
    rules = sum(len(document.rules) for document in catalog.documents.values())
    if args.json:
        print_json({"path": str(path), "documents": list(catalog.documents), "provisions": rules})
        return 0
    print(f"已生成：{path}（{len(catalog.documents)} 份文件，{rules} 条）")
    if kind != ".js":
        print("用浏览器打开，手机、电脑都可以；可作邮件附件发出，也可放在网站上。不联网，不保存填写的内容。")
    return 0


def _articles(catalog: Catalog) -> dict[str, str]:
    """The official words of every provision, where the bureau keeps the texts."""
    found = {f"{d.key}/{r.id}": wording_of(catalog, d, r).text for d, r in catalog.rules()}
    return {key: text for key, text in found.items() if text}
