"""What a command says: tables for people, JSON for programs, errors as a sentence and an exit status."""

from __future__ import annotations

import gc
import json
import re
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from wcwidth import wcwidth

from xlpolicy.faults import Fault, PolicyError, folder_instead, system_reason

#: columns and lines where the output is no terminal; the least width of a column that gives way
_TERMINAL, _LEAST = (120, 40), 12
#: what a line break leaves together
_TOGETHER = re.compile(r"[（“《]*(?:[!-~]+|[^!-~])[，。；：、）”》 ]*")
#: errors of the call itself, as opposed to problems that the work found
_WRONG_CALL = frozenset(
    {
        "unknown_city",
        "unknown_rule",
        "unknown_policy",
        "unknown_input",
        "unknown_reading",
        "settings_file",
        "mail_settings",
        "enterprise_list",
        "missing_input",
        "invalid_input",
        "fill",
        "demo",
        "working_folder",
    }
)
#: exit status where the program itself failed, and where the user stopped it
_FAILED, _STOPPED = 3, 130
#: what went wrong with a file, and what to do
_OS: dict[type[OSError], tuple[str, str]] = {
    FileNotFoundError: ("没有这个文件或文件夹", "核对路径"),
    FileExistsError: ("已经存在，未覆盖", "换个名称，或加 --force"),
    NotADirectoryError: ("不是文件夹", "核对路径"),
    IsADirectoryError: ("是文件夹", "写明文件名"),
    PermissionError: ("没有读写权限，或正被 Excel 打开", "关闭后再试"),
}


def table(rows: Iterable[Sequence[object]], headers: Sequence[str]) -> str:
    """A table whose columns line up with Chinese text (tabulate counts wide characters through wcwidth)."""
    from tabulate import tabulate

    return tabulate([list(map(str, row)) for row in rows], headers=headers, tablefmt="simple", disable_numparse=True)


def fitted(
    rows: Iterable[Sequence[object]], headers: Sequence[str], *, loose: Sequence[int], ends: Sequence[int]
) -> str:
    """A table no wider than the terminal: the `loose` columns give way, the widest first; of `ends` the end stays."""
    lines = [[" ".join(str(cell).split()) for cell in row] for row in rows]
    # tabulate leaves two columns beside a heading
    widths = [max(map(width, column)) for column in zip([f"{head}  " for head in headers], *lines, strict=True)]
    room = shutil.get_terminal_size(_TERMINAL).columns - 2 * (len(headers) - 1)
    while sum(widths) > room:
        widest = max(loose, key=widths.__getitem__)
        if widths[widest] <= _LEAST:
            break
        widths[widest] -= 1
    return table([[_cut(cell, widths[i], end=i in ends) for i, cell in enumerate(line)] for line in lines], headers)


def height() -> int:
    """How many lines the terminal shows."""
    return shutil.get_terminal_size(_TERMINAL).lines


def width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(max(wcwidth(c), 0) for c in text)


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of at most so many columns: no word of Latin letters cut, no line begun with a closing mark."""
    lines = [""]
    for part in _TOGETHER.findall(text):
        if lines[-1] and width(lines[-1]) + width(part.rstrip()) > columns:
            lines.append("")
        lines[-1] += part
    return lines


def _cut(text: str, room: int, *, end: bool) -> str:
    if width(text) <= room:
        return text
    kept = text
    while kept and width(kept) >= room:
        kept = kept[1:] if end else kept[:-1]
    return f"…{kept}" if end else f"{kept}…"


def print_json(data: Any) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def guarded(run: Callable[[Any], int], args: Any) -> int:
    """Run a command; a refusal is printed as a sentence, with its code as JSON on stdout where --json asks for it."""
    try:
        return run(args)
    except BrokenPipeError:  # the reader (head, less) has seen enough
        sys.stdout = None
        return 0
    except (PolicyError, OSError) as error:
        status = _refusal(error, json=bool(getattr(args, "json", False)))
        _let_go(error)
        return status
    except KeyboardInterrupt:
        print("\n已停下，没有办完；再运行一次即可。", file=sys.stderr)
        return _STOPPED
    except Exception:  # noqa: BLE001  the last resort: a fault of this program is told as one, its trace kept
        return _broken(json=bool(getattr(args, "json", False)))


def _let_go(error: BaseException) -> None:
    """Drop what a failed step still held: what a library's half-written file says as it is closed on a full disk
    (a trace in English, on the error stream) is told already."""
    before, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        error.__traceback__ = error.__context__ = error.__cause__ = None
        gc.collect()
    finally:
        sys.unraisablehook = before


def _broken(*, json: bool) -> int:
    """Say that the program itself failed, and where the trace is; the exit status."""
    kept = Path(tempfile.gettempdir()) / "xlpolicy-错误.txt"
    try:
        kept.write_text(traceback.format_exc(), encoding="utf-8")
        remedy = f"把 {kept} 发给软件维护人员"
    except OSError:
        remedy = "把用的命令和文件告诉软件维护人员"
    problem = Fault("internal", "程序", "", "出错停下了，没有办完（不是您的文件写错）", "", remedy)
    if json:
        print_json({"error": problem.as_dict() | {"message": str(problem)}, "eligible": False})
    else:
        print(problem, file=sys.stderr)
    return _FAILED


def refused(step: Callable[[], None], *, json: bool) -> int:
    """Do what has to be done before a command; its exit status where that is refused, 0 where it is done."""
    try:
        step()
    except (PolicyError, OSError) as error:
        return _refusal(error, json=json)
    return 0


def _refusal(error: PolicyError | OSError, *, json: bool) -> int:
    """Say what is wrong; the exit status."""
    if isinstance(error, PolicyError):
        problem, text, status = error.problem, str(error), 2 if error.code in _WRONG_CALL else 1
    else:
        got, remedy = _OS.get(type(error), (f"读写失败（{system_reason(error)}）", "检查磁盘和网络后再试"))
        if folder_instead(error):
            got, remedy = system_reason(error), "写明文件名；要的就是这个文件夹的，核对权限"
        problem = Fault("file", str(error.filename or ""), "", got, "", remedy)
        text, status = str(problem), 2
    if json:
        print_json({"error": problem.as_dict() | {"message": text}, "eligible": False})
    else:
        print(text, file=sys.stderr)
    return status
