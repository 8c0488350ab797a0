"""The words of a command line: argparse in Chinese, options and inputs that commands share."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from xlpolicy.cli.console import width, wrapped
from xlpolicy.faults import InvalidInput

#: argparse's messages -> what a clerk reads
_MESSAGES = (
    (r"the following arguments are required: (.+)", r"还缺：\1"),
    (r"unrecognized arguments: (.+)", r"看不懂“\1”"),
    (r"argument (.+?): expected (?:one argument|at least one argument|\d+ arguments?)", r"\1 后面还缺内容"),
    (r"argument (.+?): invalid int value: '(.*)'", r"\1：“\2”不是整数"),
    (r"argument (.+?): invalid choice: '(.*)' \(choose from (.+)\)", r"\1：没有“\2”，可以写 \3"),
    (r"argument (.+?): not allowed with argument (.+)", r"\1 和 \2 不能同时写"),
    (r"ambiguous option: (.+) could match (.+)", r"“\1”不完整，可能是 \2"),
    (r"argument (.+?): ignored explicit argument '(.*)'", r"\1 后面不写内容，却写了“\2”"),
)


_USAGE = "用法："
#: where the help of an argument begins
_BESIDE = 26


class _Formatter(argparse.HelpFormatter):
    """argparse's help, its columns measured as they are shown: it counts a Chinese character as one wide."""

    def _format_action(self, action: argparse.Action) -> str:
        """One argument: its name, what it does beside it, or below where the name is long."""
        name = " " * self._current_indent + self._format_action_invocation(action)
        lines = wrapped(self._expand_help(action), self._width - _BESIDE) if action.help else [""]
        gap = _BESIDE - width(name)
        first = [name + " " * gap + lines.pop(0)] if gap > 1 else [name]
        below = [" " * _BESIDE + line for line in lines]
        inner = [self._format_action(sub) for sub in self._iter_indented_subactions(action)]
        return "".join([*(f"{line.rstrip()}\n" for line in [*first, *below] if line.strip()), *inner])

    def _fill_text(self, text: str, columns: int, indent: str) -> str:
        """The description."""
        return "\n".join(indent + line for line in wrapped(text, columns))

    def add_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Iterable[Any], prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, _USAGE if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser whose help and complaints are Chinese. Ends the program with status 2 on a wrong call."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"formatter_class": _Formatter} | options)
        self._positionals.title, self._optionals.title = "依次写", "可加"

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """The words of a command, options before, between or behind the rest. Raises SystemExit with status 2."""
        if self._subparsers is not None:  # argparse mixes none with commands of a command
            return self.parse_args(words)
        # ours is cut off here: argparse cuts off as much as its own English has
        self.usage = self.format_usage().removeprefix(_USAGE).strip()
        return self.parse_intermixed_args(words)

    def error(self, message: str) -> NoReturn:
        """Says what is wrong with the command line. Raises SystemExit with status 2."""
        text = told(message)
        print(f"{self.format_usage()}命令写得不对：{text}。说明见：{self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def told(message: str) -> str:
    """One of argparse's messages in Chinese; of one that is not known, what it quotes."""
    for pattern, text in _MESSAGES:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return found.expand(text).replace(", ", "、").replace("'", "")
    return "、".join(f"“{part}”" for part in re.findall(r"'([^']*)'", message)) or "有一处写法不认识"


def add_law_options(parser: argparse.ArgumentParser, on: str = "申报日期，如 2026-06-30；不写为今天") -> None:
    """Options of every command about provisions. `on`: what the date does."""
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")
    parser.add_argument("--on", metavar="日期", help=on)
    parser.add_argument("--policy", metavar="文件代号", help="指定文件（如 fuzhou-2024-13），不论日期")


def add_folder_option(parser: argparse.ArgumentParser) -> None:
    """Options of every command on a working folder."""
    parser.add_argument("--folder", type=Path, metavar="工作文件夹", help="不写则为当前文件夹，或它所在的工作文件夹")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def add_operator_option(parser: argparse.ArgumentParser) -> None:
    """Who does it, for the journal."""
    parser.add_argument(
        "--by", default="", metavar="操作人", help="记在日志里的操作人；不写则为工作文件夹里写的，再没有则为本机用户"
    )


def read_inputs(words: Iterable[str]) -> tuple[dict[str, object], str | None]:
    """`名称=数值` words by name, and the one bare value (None without). Raises InvalidInput."""
    named: dict[str, object] = {}
    bare: list[str] = []
    for word in words:
        name, sign, value = word.partition("=")
        if not sign:
            bare.append(word)
        elif name in named:
            raise InvalidInput(f"“{name}”写了两次", where="命令行", expected="每项只写一次", remedy="删去一个")
        else:
            named[name] = value
    if len(bare) > 1:
        raise unclear(bare)
    return named, bare[0] if bare else None


def unclear(bare: Sequence[str]) -> InvalidInput:
    """Bare values of which nobody can tell what they are."""
    return InvalidInput(
        f"不知道“{'、'.join(bare)}”是哪一项",
        where="命令行",
        expected="一个主要输入，其余写成 名称=数值",
        remedy="补上名称",
    )


def workbook(text: str) -> Path:
    """The name of a workbook to be written. Excel refuses one whose name says something else than .xlsx.

    Raises InvalidInput.
    """
    path = Path(text)
    if path.suffix.lower() != ".xlsx" and not path.is_dir():
        raise InvalidInput(
            f"“{text}”不是 .xlsx 文件名", where="命令行", expected="以 .xlsx 结尾", remedy=f"改写成 {path.stem}.xlsx"
        )
    return path


def add_formula_options(parser: argparse.ArgumentParser, units: Sequence[str]) -> None:
    """Options of the commands that write native formulas."""
    parser.add_argument("--unit", default="元", choices=units, help="填写金额的单位，默认元；结果总是元")
    parser.add_argument("--on", metavar="日期", help="按哪一天施行的文件；不写为今天")
    parser.add_argument("--policy", metavar="文件代号", help="指定文件，不论日期")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")
