"""argparse in Chinese: the headings of the help, and what is wrong with a command line."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

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


class _Formatter(argparse.HelpFormatter):
    def add_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Iterable[Any], prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser whose help and complaints are Chinese. Ends the program with status 2 on a wrong call."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"formatter_class": _Formatter} | options)
        self._positionals.title, self._optionals.title = "依次写", "可加"

    def error(self, message: str) -> NoReturn:
        text = told(message)
        print(f"{self.format_usage()}命令写得不对：{text}。说明见：{self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def told(message: str) -> str:
    """One of argparse's messages in Chinese; one that is not known, as it is."""
    for pattern, text in _MESSAGES:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return found.expand(text).replace(", ", "、").replace("'", "")
    return message
