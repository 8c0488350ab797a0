"""settings: the bureau's own readings, as a workbook to choose in; a filled one checked."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from xlpolicy.cli.arguments import workbook
from xlpolicy.cli.console import print_json
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.adopted import named
from xlpolicy.law.records import Document, Reading
from xlpolicy.money import show_rate
from xlpolicy.survey.office import read_office
from xlpolicy.survey.settings_book import write_settings
from xlpolicy.survey.settings_file import VARIABLE, Settings, read_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", nargs="?", metavar="设置文件", help="核对填好的设置文件（.xlsx 或 .toml），列出选了什么"
    )
    parser.add_argument(
        "-o", "--output", metavar="文件", help="生成设置表，如 设置.xlsx；同时写了设置文件的，带上已选的"
    )
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Write the settings workbook, or say what a settings file chose; without either, list the open questions."""
    documents = list(catalogs.plain().documents.values())
    told = args.file or os.environ.get(VARIABLE)
    settings = read_settings(Path(told), documents) if told else Settings()
    office = read_office(Path(told)) if told else {}
    path = write_settings(documents, workbook(args.output), settings, office, force=args.force) if args.output else None
    known = [(d, item) for d in documents for item in d.readings.values()]
    if args.json:
        chosen = {name: item._asdict() for name, item in settings.choices.items()}
        listed = [_described(d, item) for d, item in known]
        print_json(
            {"path": str(path) if path else None, "unit": settings.unit, "authority": settings.authority,
             "choices": chosen, "readings": listed,
             "rates": [{"figure": x.name, "year": x.year, "rate": str(x.rate), "authority": x.authority} for x in settings.rates]}
        )  # fmt: skip
        return 0
    if told:
        print(f"{settings.unit or '未写单位'}　选了 {len(settings.choices)} 项（{told}）")
        for name, item in settings.choices.items():
            ((key, _),) = named(documents, {name: item}).items()
            reading = next(r for d, r in known if f"{d.key}:{r.name}" == name)
            default = "，即默认" if item.option == reading.default else ""
            print(
                f"  {key}　{reading.question}：{reading.option(item.option).label}{default}（{item.authority or '未写依据'}）"
            )
        for one in settings.rates:
            rule = next(d for d in documents if d.key == one.document).rules[one.rule]
            print(
                f"  {one.document}　{one.year} 年核定比例：{rule.title} {show_rate(one.rate)}"
                f"（条文最高 {rule.figures[one.figure].text}；{one.authority}）"
            )
    if path:
        print(f"已生成设置表：{path}（{len(known)} 个口径）")
        print("在“本单位选择”里选，写明依据；各命令加 --settings 即按它计算。发邮件、出通知的，另填“邮件和公文”表。")
    elif not told:
        for document, reading in known:
            options = "；".join(
                f"{x.key} {x.label}{'（默认）' if x.key == reading.default else ''}" for x in reading.options
            )
            print(f"{document.key}:{reading.name}　{reading.question}（{reading.at}）\n  {options}")
        print(f"\n共 {len(known)} 个。生成设置表：xlpolicy settings -o 设置.xlsx")
    return 0


def _described(document: Document, reading: Reading) -> dict[str, object]:
    return {
        "document": document.key, "name": reading.name, "question": reading.question, "at": reading.at,
        "default": reading.default, "argument": reading.argument,
        "options": {x.key: {"label": x.label, "prompt": x.prompt} for x in reading.options},
    }  # fmt: skip
