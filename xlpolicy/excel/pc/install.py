"""`xlpolicy excel install`: the workbook into 文档\\xlpolicy, and xlwings.conf with the interpreter beside it.

Nothing else on the PC is changed: no registry, no Excel option, no add-in. A workbook or setting that is there is kept
as a copy with the date in its name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xlpolicy.excel.pc import own_settings
from xlpolicy.excel.pc.windows import CONF, INTERPRETER, Pc, conf_bytes, read_conf
from xlpolicy.excel.workbook.build import NAME, committed, content, law_digest, marks
from xlpolicy.excel.workbook.page_law import Law
from xlpolicy.faults import PolicyError
from xlpolicy.law import catalog as catalogs
from xlpolicy.register.folder import IN_USE
from xlpolicy.survey.settings_file import VARIABLE

_GIVEN = {VARIABLE: "本单位口径", IN_USE: "工作文件夹", own_settings.POLICIES: "本单位政策文件夹"}
#: where the interpreter should stand instead; whether this is the unpacked folder
_ELSEWHERE = {
    False: "把 Python 装到英文路径，如 C:\\Python311，再装 xlpolicy",
    True: "把整个文件夹移到英文路径，如 D:\\xlpolicy，再装一次",
}


class InstallError(PolicyError):
    """The PC cannot be set up as it is."""

    code = "excel_install"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: a file to write, with what it is for. `content` is made when it is needed."""

    path: Path
    what: str
    content: bytes


def plan(pc: Pc, folder: Path | None = None) -> list[Action]:
    """What is to be written. Raises InstallError where it could not work."""
    target = folder or pc.folder
    raw, source = _workbook(pc)
    actions = [Action(target / NAME, f"工作簿（{source}）", raw)]
    interpreter = str(pc.interpreter)
    try:
        beside = conf_bytes(read_conf(target / CONF, pc.encoding) | {INTERPRETER: interpreter}, pc.encoding)
    except UnicodeEncodeError as error:
        raise InstallError(
            f"路径里有本机代码页（{pc.encoding}）没有的字“{error.object[error.start : error.end]}”", where=interpreter,
            expected="VBA 能读的路径", remedy=_ELSEWHERE[pc.portable is not None],
        ) from None  # fmt: skip
    actions.append(Action(target / CONF, f"设置：用 {interpreter}", beside))
    own = read_conf(pc.user_conf, pc.encoding)
    given = own_settings.given()
    known = INTERPRETER in own and not _moved(Path(own[INTERPRETER]))
    wanted = {INTERPRETER: own[INTERPRETER] if known else interpreter} | given
    if own | wanted != own:
        what = "设置" if known else "设置：工作簿移到别处时也能找到 Python"
        what += "".join(f"；{_GIVEN[name]}：{text}" for name, text in given.items())
        actions.append(Action(pc.user_conf, what, conf_bytes(own | wanted, pc.encoding)))
    return actions


def _moved(interpreter: Path) -> bool:
    """Whether it is one of an unpacked folder that is there no more; another tool's stays noted, there or not."""
    return interpreter.parent.name == "python" and not interpreter.exists()


def _workbook(pc: Pc) -> tuple[bytes, str]:
    """The workbook that comes with the package; built anew where xlwings or the policies on this PC are others."""
    place = committed()
    if place is not None:
        made = marks(place)
        law = law_digest(Law(catalogs.default()))
        if made.get("xlwings") == pc.installed("xlwings") and made.get("law") == law:
            return place.read_bytes(), "随软件附带"
    return content(), "按本机的 xlwings 和政策文件重新制作"


def install(pc: Pc, folder: Path | None = None, *, dry_run: bool = False) -> Iterator[str]:
    """Do it, and say line by line what was done. Raises InstallError, PermissionError."""
    if not pc.windows and not dry_run:
        raise InstallError(
            "本机不是 Windows，Excel 的函数在这里用不了", where="安装", expected="Windows 和 Excel 2016 或更高版本",
            remedy="用 --dry-run 看会做什么；本机可用 LibreOffice 插件，或命令行 xlpolicy fill",
        )  # fmt: skip
    verb = "将写入" if dry_run else "已写入"
    for action in plan(pc, folder):
        if action.path.exists() and action.path.read_bytes() == action.content:
            yield f"不变　{action.path}　{action.what}"
            continue
        if action.path.exists() and action.path.suffix == ".xlsm":
            kept = _kept(action.path)
            yield f"{'将保留' if dry_run else '已保留'}旧的　{kept}"
            if not dry_run:
                action.path.replace(kept)
        if not dry_run:
            action.path.parent.mkdir(parents=True, exist_ok=True)
            action.path.write_bytes(action.content)
        yield f"{verb}　{action.path}　{action.what}"
    target = folder or pc.folder
    yield ""
    yield "还要您做一次（Excel 的安全设置，软件不替您改）："
    yield f"  1. 打开 Excel：文件 → 选项 → 信任中心 → 信任中心设置 → 受信任位置 → 添加新位置，选 {target}"
    yield f"  2. 打开 {target / NAME}，点“首页”上的“自检”，应显示“应答正常”。"
    check = "双击“开始.exe”，选“自检”" if pc.portable else "运行 xlpolicy excel doctor"
    yield f"  3. 没有应答时，{check}，按提示处理。"


def _kept(path: Path) -> Path:
    """Where the old workbook is kept: its name with the day it was last changed, never over another."""
    day = dt.date.fromtimestamp(path.stat().st_mtime)
    number = 1
    while (kept := path.with_name(f"{path.stem}-{day}{'' if number == 1 else f'-{number}'}{path.suffix}")).exists():
        number += 1
    return kept
