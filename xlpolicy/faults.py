"""The error catalogue: every refusal has a stable code and says where, what was got, what was expected, what to do.

`PolicyError` is the root. `Problem` is the same record as data, for places that report many at once
(a policy file, a returned form, a folder of forms).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in words a clerk can act on. `where` is a file, sheet, cell or provision."""

    code: str
    where: str = ""
    got: str = ""
    expected: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        parts = [f"{self.where}：" if self.where else "", self.got]
        if self.expected:
            parts.append(f"；应为：{self.expected}")
        if self.remedy:
            parts.append(f"。请{self.remedy}")
        return "".join(parts).rstrip("。") + "。"

    def as_dict(self) -> dict[str, str]:
        """The record as plain strings, keys as the fields."""
        return {name: getattr(self, name) for name in self.__slots__}


class PolicyError(Exception):
    """Root of all refusals. `code` is stable and may be matched by programs; `str()` is Chinese."""

    code: ClassVar[str] = "policy_error"

    def __init__(self, got: str, *, where: str = "", expected: str = "", remedy: str = "") -> None:
        super().__init__(got)
        self.problem = Problem(self.code, where, got, expected, remedy)

    def __str__(self) -> str:
        return str(self.problem)

    def __reduce__(self) -> tuple[Any, ...]:
        p = self.problem
        return _rebuild, (type(self), p.got, p.where, p.expected, p.remedy)


def _rebuild(cls: type[PolicyError], got: str, where: str, expected: str, remedy: str) -> PolicyError:
    return cls(got, where=where, expected=expected, remedy=remedy)


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


class NotComputable(PolicyError):
    code = "not_computable"


class PolicyFileError(PolicyError):
    """A policy file that was refused; `problems` holds every reason found, each with file and line."""

    code = "policy_file"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))

    def __str__(self) -> str:
        return f"政策文件有 {len(self.problems)} 处问题，未载入：\n{self.problem.got}"

    def __reduce__(self) -> tuple[Any, ...]:
        return PolicyFileError, (self.problems,)


def nearest(word: str, candidates: Iterable[str]) -> str:
    """A remedy: the candidates that hold the word, else the nearest one, else the first few."""
    names = list(dict.fromkeys(candidates))
    wanted = word.lower()
    # one or two Latin letters are in every name
    inside = [n for n in names if wanted in n.lower()] if len(wanted) > 2 or not wanted.isascii() else []
    if len(inside) > 1:
        return f"从名称相近的中选用：{'、'.join(inside[:6])}"
    close = inside or difflib.get_close_matches(wanted, [n.lower() for n in names], n=1, cutoff=0.5)
    if close:
        return f"核对名称，是否想写“{next(n for n in names if n.lower() == close[0].lower())}”"
    listed = "、".join(names[:8]) + ("等" if len(names) > 8 else "")
    return f"从下列名称中选用：{listed}" if names else "核对名称"
