"""check: a bureau's own policy files, before they are used."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

from xlpolicy.cli.console import print_json, table
from xlpolicy.fault_codes import CODES
from xlpolicy.faults import Fault, InvalidInput, PolicyFileError
from xlpolicy.law import catalog as catalogs
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.in_force import period
from xlpolicy.law.records import Document
from xlpolicy.law.store import load, policy_files
from xlpolicy.survey.compare import diff
from xlpolicy.survey.compare.documents import STATUS
from xlpolicy.survey.compare.sources import marked_own, official
from xlpolicy.survey.trial import Trial, run_cases


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="*", default=[], metavar="政策文件.yaml", help="一个或多个政策文件，或放政策文件的文件夹"
    )
    parser.add_argument(
        "--cases", nargs="+", metavar="用例.yaml", default=[], help="连同用例一起跑（格式见编写指南末节）"
    )
    parser.add_argument("--schema", action="store_true", help="输出 JSON Schema，供编辑器提示和检查")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Every problem of the files with file, line, provision and remedy; exit 1 when there is one, 2 without a file."""
    if args.schema:
        from xlpolicy.law.reading.schema import PolicyFile

        print_json(PolicyFile.model_json_schema(by_alias=True))
        return 0
    if not args.files:
        print("没有写要核对的文件。用法：xlpolicy check 政策文件.yaml [--cases 用例.yaml]，或 xlpolicy check --schema")
        return 2
    loaded, problems = _load(_expand(args.files))
    documents = [document for _, document in loaded]
    copies = _copies(loaded)
    trials: dict[str, Trial] = {}
    if not problems:
        for name in args.cases:
            try:
                trials[name] = run_cases(Path(name), documents, _others())
            except PolicyFileError as error:
                problems += error.problems
    problems += [problem for trial in trials.values() for problem in trial.problems]
    hints = [] if problems else [*_doubts(documents), *_overlaps(documents, _others())]
    if args.json:
        print_json(_data(documents, problems, hints, trials, copies))
    else:
        _print(documents, problems, hints, trials, copies, skipped=bool(args.cases) and not trials)
    return 1 if problems else 0


def _expand(names: Iterable[str]) -> Iterator[Path]:
    for name in names:
        path = Path(name)
        if path.is_dir():
            inside = policy_files(path)
            if not inside:
                raise InvalidInput("文件夹里没有 .yaml 文件", where=str(path), expected="政策文件", remedy="核对路径")
            yield from inside
        elif path.exists():
            yield path
        else:
            raise FileNotFoundError(2, "没有这个文件", str(path))


def _load(paths: Iterable[Path]) -> tuple[list[tuple[Path, Document]], list[Fault]]:
    documents: dict[str, tuple[Path, Document]] = {}
    problems: list[Fault] = []
    for path in paths:
        try:
            document = marked_own(load(path))
        except PolicyFileError as error:
            problems += error.problems
            continue
        if document.key in documents:
            problems.append(
                Fault(
                    "policy_duplicate", f"{path.name} 文件代号", "", f"{document.key} 已在 {documents[document.key][0].name}",
                    "一个代号一份文件", "要对比两个版本，用 xlpolicy diff 加两个文件路径；要一起用，改一个代号",
                )
            )  # fmt: skip
        documents[document.key] = (path, document)
    return list(documents.values()), problems


def _copies(loaded: Iterable[tuple[Path, Document]]) -> dict[str, str]:
    """Key of a file that is a bureau's edited copy -> what it changed, and how to see all of it."""
    found = {}
    for path, document in loaded:
        before = official(document)
        if document.own and before is not None:
            result = diff(catalogs.default(), before, document)
            count = result.summary
            told = "、".join(f"{STATUS[key]} {count[key]} 条" for key in STATUS if key != "same" and count[key])
            rules = sum(row.status != "same" for row in result.cross)
            told += f"{'、' * bool(told and rules)}跨条款规则 {rules} 处" if rules else ""
            found[document.key] = (
                f"与随软件的 {before.key} 比，{told or '条款和规则没有变化'}；逐项看 xlpolicy diff {before.key} {path}"
            )
    return found


def _doubts(documents: Iterable[Document]) -> Iterator[Fault]:
    from xlpolicy.law.reading.second_look import doubts

    for document in documents:
        yield from doubts(document)


def _others() -> Catalog:
    return catalogs.default()


def _overlaps(documents: Iterable[Document], known: Catalog) -> Iterator[Fault]:
    """A provision of the same id in two documents of a city on the same day cannot be told apart without pinning."""
    own = list(documents)
    for document in own:
        for other in [*own, *known.documents.values()]:
            if other.key == document.key or other.city != document.city or document.draft or other.draft:
                continue
            if other in own and own.index(other) < own.index(document):
                continue
            for rule in document.rules.values():
                if rule.id not in other.rules:
                    continue
                (first, last), (first2, last2) = period(document, rule), period(other, other.rules[rule.id])
                until = min(last or dt.date.max, last2 or dt.date.max)
                if first and first2 and max(first, first2) <= until:
                    ends = f"至 {until}" if last or last2 else "起"
                    yield Fault(
                        "policy_overlap", f"{document.key} 条款 {rule.id}",
                        "", f"{max(first, first2)} {ends} 与 {other.key} 同时施行",
                        "同一天一个编号只在一份文件里", "改写起止日期或条款编号；否则核定时要用 --policy 指定文件",
                        "warning",
                    )  # fmt: skip


def _data(
    documents: list[Document],
    problems: list[Fault],
    hints: list[Fault],
    trials: dict[str, Trial],
    copies: dict[str, str],
) -> object:
    return {
        "ok": not problems,
        "documents": [
            {
                "key": d.key,
                "city": d.city,
                "provisions": len(d.rules),
                "cross_rules": len(d.cross_rules),
                "edited": copies.get(d.key),
            }
            for d in documents
        ],
        "problems": [p.as_dict() for p in problems],
        "hints": [p.as_dict() for p in hints],
        "cases": {
            name: {"cases": t.cases, "failed": t.failed, "untried": list(t.untried)} for name, t in trials.items()
        },
    }


def _print(
    documents: list[Document],
    problems: list[Fault],
    hints: list[Fault],
    trials: dict[str, Trial],
    copies: dict[str, str],
    *,
    skipped: bool,
) -> None:
    for problem in (*problems, *hints):
        print(f"[{'提醒' if problem.severity == 'warning' else CODES[problem.code]}] {problem}")
    if problems:
        print(f"\n共 {len(problems)} 处问题。" + ("用例未跑：先改好政策文件。" if skipped else ""))
    elif documents:
        rows = [(d.key, d.city_label, d.name, len(d.rules), len(d.cross_rules)) for d in documents]
        print(table(rows, ["文件代号", "城市", "文件", "条款", "跨条款规则"]))
    for name, trial in trials.items():
        good = trial.cases - trial.failed
        print(f"用例 {Path(name).name}：{trial.cases} 个" + (f"，{good} 个相符" if trial.failed else "，全部相符"))
        if trial.untried:
            print(f"  还没有用例的条款：{'、'.join(trial.untried)}")
    for text in copies.values():
        print(f"本单位版本　{text}。凡引用处都注明“本单位版本”。")
    if not problems:
        print("没有问题。加 --policies 文件夹 即可使用，如 xlpolicy rules --policies 文件夹")
