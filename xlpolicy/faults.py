"""The error catalogue: every refusal has a stable code and says where, what was got, what was expected, what to do.

`Fault` is one thing that is wrong, the same record from the YAML reader to the ledger's last column; it is raised
inside a `PolicyError` or collected where many are reported at once. Programs read `code`, `item` and `severity`;
the other fields are Chinese for people, and no program reads them.
"""

from __future__ import annotations

import difflib
import errno
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

#: error: it stands in the way; warning: to be looked at
Severity = Literal["error", "warning"]

#: what the operating system says -> what a clerk reads
_SYSTEM = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EEXIST: "已经存在",
    errno.ENOTDIR: "不是文件夹",
    errno.EISDIR: "是文件夹",
    errno.EACCES: "没有权限，或正被别的程序打开",
    errno.EPERM: "没有权限",
    errno.EBUSY: "正被别的程序占用",
    errno.ENOSPC: "磁盘已满",
    errno.EFBIG: "磁盘不让再写（满了，或文件太大）",
    errno.EROFS: "磁盘是只读的",
    errno.ENAMETOOLONG: "路径太长",
    errno.EIO: "磁盘读写出错",
    errno.ELOOP: "链接绕成了圈",
    errno.ENOTEMPTY: "文件夹不是空的",
    errno.EADDRINUSE: "端口正被别的程序占用",
}


def folder_instead(error: OSError) -> bool:
    """Whether a folder may stand where a file was asked for: Windows says no more than that it may not be opened."""
    return isinstance(error, PermissionError) and isinstance(error.filename, str) and os.path.isdir(error.filename)


def system_reason(error: OSError) -> str:
    """Why the operating system refused, in Chinese; the error's number where it is none of the usual ones."""
    if folder_instead(error):
        return "是文件夹，或没有权限"
    return _SYSTEM.get(error.errno or 0, f"系统错误 {error.errno}" if error.errno else "系统没有说明原因")


_CELL = re.compile(r"[A-Z]{1,3}[1-9]\d*")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, in words a clerk can act on.

    `where`: a file with its line, a worksheet, a cell ("申请表!B7", see `reference`), a provision; "" where whoever holds
    the fault says it. `item`: the name of the input, figure, field or column concerned, several parted by ","; "" for
    none. `remedy` begins with a verb.
    """

    code: str
    where: str = ""
    item: str = ""
    got: str = ""
    expected: str = ""
    remedy: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        return (f"{self.where}：" if self.where else "") + self.sentence

    @property
    def sentence(self) -> str:
        """What is wrong and what to do, without the place."""
        remedy = self.remedy.removeprefix("请")
        return (self.what + (f"。请{remedy}" if remedy else "")).rstrip("。") + "。"

    @property
    def what(self) -> str:
        """What is wrong and what was expected; the latter is left out where the remedy says it."""
        told = self.expected and self.expected in self.remedy
        return self.got + (f"；应为：{self.expected}" if self.expected and not told else "")

    @property
    def sheet(self) -> str:
        """The worksheet of `where`, "" for none."""
        return split_reference(self.where)[0]

    @property
    def cell(self) -> str:
        """The cell of `where`, "" for none."""
        return split_reference(self.where)[1]

    def as_dict(self) -> dict[str, str]:
        """The record as plain strings, keys as the fields."""
        return {name: getattr(self, name) for name in self.__slots__}


def reference(sheet: str, cell: str = "") -> str:
    """A worksheet and a cell as `Fault.where`, the name in quotes where it needs them.

    >>> reference("申请表", "B7"), reference("申请表"), reference("甲!B7"), reference("")
    ('申请表!B7', '申请表', "'甲!B7'", '')
    """
    name = f"'{sheet}'" if "!" in sheet or sheet.startswith("'") else sheet
    return f"{name}!{cell}" if cell else name


def split_reference(where: str) -> tuple[str, str]:
    """The worksheet and the cell that `reference` put together.

    >>> split_reference("申请表!B7"), split_reference("申请表"), split_reference("'甲!B7'")
    (('申请表', 'B7'), ('申请表', ''), ('甲!B7', ''))
    """
    sheet, mark, cell = where.rpartition("!")
    if not mark or not _CELL.fullmatch(cell):
        sheet, cell = where, ""
    quoted = len(sheet) > 1 and sheet.startswith("'") and sheet.endswith("'")
    return (sheet[1:-1] if quoted else sheet), cell


class PolicyError(Exception):
    """Root of all refusals. `code` is stable and may be matched by programs; `str()` is Chinese."""

    code: str = "policy_error"

    def __init__(
        self, got: str, *, where: str = "", item: str = "", expected: str = "", remedy: str = "",
        severity: Severity = "error",
    ) -> None:  # fmt: skip
        super().__init__(got)
        self.problem = Fault(self.code, where, item, got, expected, remedy, severity)

    def __str__(self) -> str:
        return str(self.problem)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args), self.__dict__


def _rebuild(cls: type[PolicyError], args: tuple[Any, ...]) -> PolicyError:
    return cls.__new__(cls, *args)


class UnknownCity(PolicyError):
    code = "unknown_city"


class UnknownRule(PolicyError):
    code = "unknown_rule"


class UnknownPolicy(PolicyError):
    """A pinned document key that no loaded document has."""

    code = "unknown_policy"


class NotInForce(PolicyError):
    code = "not_in_force"


class AmbiguousRule(PolicyError):
    code = "ambiguous_rule"


class MissingInput(PolicyError):
    code = "missing_input"


class UnknownInput(PolicyError):
    code = "unknown_input"


class InvalidInput(PolicyError):
    code = "invalid_input"


class UnknownReading(PolicyError):
    """A reading or an option of it that no loaded document has."""

    code = "unknown_reading"


class RefusedSettings(PolicyError):
    """A bureau's settings that cannot be read: nothing is computed by other readings than those it chose."""

    code = "settings_file"


class NotComputable(PolicyError):
    code = "not_computable"


class Undecided(PolicyError):
    """A refusal would rest on an input that nobody stated; `item` names what has to be asked."""

    code = "undecided"


class ManyFaults(PolicyError):
    """What is refused with every reason at once: `problems`, each with its place. `where`: the file's name, if told."""

    #: the line above the reasons, with gaps for `file` and `count`
    headline = ""

    def __init__(self, problems: Iterable[Fault], *, where: str = "") -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)), where=where)

    def __str__(self) -> str:
        line = self.headline.format(file=self.problem.where, count=len(self.problems))
        return f"{line}\n{self.problem.got}" if line else self.problem.got


class PolicyFileError(ManyFaults):
    """A policy file that was refused."""

    code = "policy_file"
    headline = "政策文件有 {count} 处问题，未载入："


#: how much of a word is in one that is meant by it, of 1
_ALIKE = 0.5


def near(word: str, candidates: Iterable[str]) -> list[str]:
    """The candidates (at most six) that hold the word, else the one most like it, else none."""
    names = list(dict.fromkeys(candidates))
    wanted = word.lower()
    # one or two Latin letters are in every name
    inside = [n for n in names if wanted in n.lower()] if len(wanted) > 2 or not wanted.isascii() else []
    if inside:
        return inside[:6]
    close = difflib.get_close_matches(wanted, [n.lower() for n in names], n=1, cutoff=_ALIKE)
    return [next(n for n in names if n.lower() == close[0])] if close else []


def nearest(word: str, candidates: Iterable[str]) -> str:
    """A remedy: the candidates that hold the word, else the nearest one, else the first few."""
    names = list(dict.fromkeys(candidates))
    found = near(word, names)
    if len(found) > 1:
        return f"从相近的名称中选用：{'、'.join(found)}"
    if found:
        return f"核对名称，是否想写“{found[0]}”"
    listed = "、".join(names[:8]) + ("等" if len(names) > 8 else "")
    return f"从下列名称中选用：{listed}" if names else "核对名称"
