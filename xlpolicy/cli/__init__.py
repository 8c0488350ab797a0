"""`xlpolicy`: thin commands over the package. Nothing here computes; nobody imports it.

Exit status: 0 done, 1 the work found problems, 2 wrong call. `--json` prints what the Python call returns.
Each command is a module of its name, with `add_arguments(parser)` and `run(args) -> exit status`, imported only when it
runs, so that `--help` stays quick. What they share: `arguments` (what is written) and `console` (what is said).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module

#: command, and the name of its module -> one-line help
COMMANDS: dict[str, str] = {
    "demo": "生成一批虚构的回收申请表，当场批量核定，再从收件做到拨付，看看结果是什么样",
    "rules": "列出条款，可按城市、主题、日期、文字筛选；与 Excel 规则簿互转",
    "show": "看一个条款的全部内容：数字、输入项、算法、封顶、跨条款规则、沿革",
    "calc": "核定一笔：金额、依据、计算过程",
    "diff": "两份文件逐条对比：提高、降低、由标准变为上限、新列入、未列入；写成一页简报",
    "compare": "同一措施在各城市给多少：同样的数字各市测算",
    "settings": "本单位口径：生成设置表，或核对填好的设置文件",
    "check": "核对自己写的政策文件，列出全部问题；也可跑用例、输出 JSON Schema",
    "audit": "逐个数字核对官方正文：条文里有没有，正文里的数字有没有漏",
    "formula": "把一个条款写成普通 Excel 公式，贴到任何表格里都能算",
    "sheet": "生成测算表：一行一户，公式自己算，不需要加载项",
    "page": "政策计算器：一个网页文件，手机、电脑打开就能算，不联网；也可只写 JavaScript 脚本",
    "form": "生成申请表（Excel）：一个条款，或几个条款的合表",
    "mail": "邮件：把一批申请表发给企业、催报，看谁还没有交回",
    "invoice": "核票：读一个文件夹的数电票（XML、OFD），与申请表、登记库核对，写出发票明细",
    "letter": "通知：补正、受理、终止、不予补助、核定、公示、拨付，一家一份 Word 公文；某条的申报通知、申报指南",
    "fill": "批量核定一个文件夹里收回的申请表，生成台账和补正通知",
    "settle": "多笔申报一起核算：排他、就高、封顶、按比例、出资，生成兑付台账",
    "match": "企业能申报什么：把企业档案与全部施行的条款对照，可得、待核实、还差一项、不符合，写成应享未享清单",
    "simulate": "改动政策数字，看同一批申报的资金变化",
    "new": "新建工作文件夹：设置、收件、结果和登记库，收到、审定、拨付的都记得住",
    "review": "审核台账：写出来在 Excel 里填审定额和公示结果，再载回登记库",
    "pay": "拨付：做计划、确认、放行、取消、退票、收回",
    "ledger": "登记库的台账：申报、兑付、公示、汇总、核减、一户一表，按模板写出",
    "status": "工作文件夹的情况：什么在等谁做",
    "replay": "一笔拨付从收件到付款的全过程，按当时的政策数据重算；或列出今天会算得不一样的",
    "reconcile": "找审计会找的：拨付未公示、公示未拨付、一票两报、与银行清单不符",
    "register": "登记库之间：并入县区的初审",
    "verify": "核对登记库：日志连得上、数据没被改过、合计对得上；也核对导出件和纸上的校验值",
    "export": "把登记库全部写成普通文件（xlsx、json、收到的原件）",
    "backup": "备份登记库，或用备份恢复",
    "excel": "Excel 函数：在本机装好、检查哪里不对、制作工作簿、列出函数、启动本单位服务、LibreOffice 加载项",
    "package": "做成一个文件夹：没有 Python 的 Windows 电脑解压就能用；或 WPS 表格的加载项",
    "menu": "按数字选：试算、收件核定、台账、自检、装到 Excel",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        # a Chinese Windows console may be GBK: what it cannot show must not end the work
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    words, folders = _take(words, "--policies")
    words, settings = _take(words, "--settings")
    name = words[0] if words else ""
    if name not in COMMANDS:
        from xlpolicy.cli.console import guarded

        return guarded(_overview, words)
    with _environment(folders, settings):
        return _run(name, words[1:])


def _run(name: str, words: list[str]) -> int:
    from xlpolicy.cli.arguments import Parser
    from xlpolicy.cli.console import guarded, refused

    if os.environ.get("XLPOLICY_SETTINGS"):
        from xlpolicy.survey.settings_file import activate

        status = refused(lambda: activate(os.environ["XLPOLICY_SETTINGS"]), json="--json" in words)
        if status:
            return status
    module = import_module(f"xlpolicy.cli.{name}")
    parser = Parser(prog=f"xlpolicy {name}", description=COMMANDS[name], add_help=False)
    parser.add_argument("-h", "--help", action="help", help="显示本说明")
    module.add_arguments(parser)
    return guarded(module.run, parser.read(words))


def _take(words: list[str], option: str) -> tuple[list[str], list[str]]:
    """The values of an option that every command has (`--policies 文件夹`), which may stand anywhere, apart from the rest."""
    rest: list[str] = []
    found: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word == option and queue:
            found.append(queue.pop(0))
        elif word.startswith(f"{option}="):
            found.append(word.partition("=")[2])
        else:
            rest.append(word)
    return rest, found


@contextmanager
def _environment(folders: list[str], settings: list[str]) -> Iterator[None]:
    """The folders added to those of the environment, the settings file in the place of its own, for one command."""
    names = tuple(f"XLPOLICY_{name}" for name in ("POLICIES", "SETTINGS", "SETTINGS_READ", "READINGS", "FOLDER"))
    before = {name: os.environ.get(name) for name in names}
    if folders:
        os.environ["XLPOLICY_POLICIES"] = os.pathsep.join([*filter(None, [before["XLPOLICY_POLICIES"]]), *folders])
    if settings:
        os.environ["XLPOLICY_SETTINGS"] = os.path.abspath(settings[-1])
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _overview(words: list[str]) -> int:
    if words and words[0] == "--version":
        from xlpolicy import __version__

        print(f"xlpolicy {__version__}")
        return 0
    if words and words[0] not in ("-h", "--help"):
        from xlpolicy.faults import nearest

        what = f"没有“{words[0]}”这个命令；请{nearest(words[0], COMMANDS)}"
        print(f"{what}。全部命令：xlpolicy --help", file=sys.stderr)
        return 2
    print("用法：xlpolicy 命令 [参数]      各命令的说明：xlpolicy 命令 --help\n")
    for name, text in COMMANDS.items():
        print(f"  {name:<10}{text}")
    print("\n每个命令都可加 --policies 文件夹：连同自己的政策文件一起使用（也可设环境变量 XLPOLICY_POLICIES）；")
    print(
        "也都可加 --settings 设置.xlsx：按本单位选定的口径（xlpolicy settings 生成；也可设环境变量 XLPOLICY_SETTINGS）。"
    )
    return 0
