"""excel: build, install, doctor, functions, serve, oxt."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from xlpolicy.cli.console import print_json
from xlpolicy.excel.server.run import add_arguments as add_serve
from xlpolicy.survey.settings_file import VARIABLE, activate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="action", required=True, metavar="做什么")

    def command(name: str, told: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=told, description=told, add_help=False)
        made.add_argument("-h", "--help", action="help", help="显示本说明")
        return made

    install = command("install", "在本机装好：放好工作簿，写好设置")
    install.add_argument("--to", metavar="文件夹", help="工作簿放在哪里；不写则为“文档\\xlpolicy”")
    _add_folder(install)
    install.add_argument("--dry-run", action="store_true", help="只说会做什么，不动手")
    doctor = command("doctor", "检查本机哪里不对，并说明怎样处理")
    doctor.add_argument("--to", metavar="文件夹", help="工作簿在哪里；安装时写了 --to 的，这里也写")
    doctor.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")
    build = command("build", "制作工作簿（不需要 Excel）")
    build.add_argument("-o", "--output", metavar="文件", default="xlpolicy.xlsm", help="写到哪里，缺省 xlpolicy.xlsm")
    build.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    build.add_argument("--all", metavar="项目文件夹", help="重新制作项目里收录的工作簿和台账模板（开发用）")
    functions = command("functions", "列出 Excel 函数的说明")
    functions.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")
    serve = command("serve", "启动本单位的函数服务（Office 2021/365，Windows、Mac、网页）")
    add_serve(serve)
    _add_folder(serve)
    oxt = command("oxt", "制作 LibreOffice 加载项：同样的函数")
    oxt.add_argument("-o", "--output", metavar="文件", default="xlpolicy.oxt", help="写到哪里，缺省 xlpolicy.oxt")
    oxt.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    _add_folder(oxt)


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="工作文件夹",
        help="SUBSIDY_PAID、SUBSIDY_LEFT 和“工作台”用哪个工作文件夹的登记库",
    )


def run(args: argparse.Namespace) -> int:
    """One of the sub-commands. Raises FolderError for a folder that is no working folder."""
    if getattr(args, "folder", None):
        from xlpolicy.register.folder import IN_USE, needed, settings_told

        os.environ[IN_USE] = str(needed(args.folder).path)
        if not os.environ.get(VARIABLE):
            activate(settings_told())
    steps = {
        "install": _install, "doctor": _doctor, "build": _build, "functions": _functions, "serve": _serve, "oxt": _oxt,
    }  # fmt: skip
    return steps[args.action](args)


def _install(args: argparse.Namespace) -> int:
    from xlpolicy.excel.pc.install import install
    from xlpolicy.excel.pc.windows import this_pc

    for line in install(this_pc(), Path(args.to) if args.to else None, dry_run=args.dry_run):
        print(line)
    return 0


def _doctor(args: argparse.Namespace) -> int:
    from xlpolicy.excel.pc import own_settings
    from xlpolicy.excel.pc.doctor import examine
    from xlpolicy.excel.pc.windows import this_pc

    own_settings.use()
    found = list(examine(replace(this_pc(), target=Path(args.to) if args.to else None)))
    bad = sum(finding.state == "不行" for finding in found)
    if args.json:
        print_json([{"what": f.what, "state": f.state, "got": f.got, "remedy": f.remedy} for f in found])
    else:
        for finding in found:
            print(finding)
        print(
            f"\n{f'有 {bad} 处要处理，从上往下逐条处理后再运行一次。' if bad else '没有发现问题。打开工作簿，点“首页”上的“自检”。'}"
        )
    return 1 if bad else 0


def _build(args: argparse.Namespace) -> int:
    from xlpolicy.excel.workbook.build import build
    from xlpolicy.forms import form_template
    from xlpolicy.mail import letter_templates
    from xlpolicy.sheets import ledger_templates

    if args.all:
        project = Path(args.all)
        built = [build(project / "workbook" / "xlpolicy.xlsm", force=True)]
        built += [
            path
            for made in (ledger_templates, letter_templates, form_template)
            for path in made.write(project / "templates")
        ]
        print("\n".join(f"已制作：{path}" for path in built))
        return 0
    path = build(Path(args.output), force=args.force)
    print(f"已制作工作簿：{path}")
    return 0


def _functions(args: argparse.Namespace) -> int:
    from xlpolicy.excel.functions.registry import FUNCTIONS
    from xlpolicy.excel.workbook.pages import function_reference

    if not args.json:
        print(function_reference())
        return 0
    print_json(
        [
            {
                "name": f.name, "help": f.help, "result": f.result, "example": f.example,
                "arguments": [{"name": a.name, "help": a.help, "optional": a.optional, "variadic": a.variadic} for a in f.arguments],
            }
            for f in FUNCTIONS
        ]
    )  # fmt: skip
    return 0


def _serve(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    from xlpolicy.excel.server.run import run as serve

    return serve(args)


def _oxt(args: argparse.Namespace) -> int:
    """Write the add-in, which starts the Python that runs now."""
    from xlpolicy.excel.calc import oxt
    from xlpolicy.excel.pc import own_settings
    from xlpolicy.register.folder import IN_USE

    given = own_settings.given()
    settings, policies = given.get(VARIABLE, ""), given.get(own_settings.POLICIES, "")
    folder = given.get(IN_USE, "")
    path = oxt.build(
        Path(args.output), python=sys.executable, settings=settings, folder=folder, policies=policies, force=args.force
    )  # fmt: skip
    print(f"已制作 LibreOffice 加载项：{path}" + (f"（按本单位口径：{settings}）" if settings else ""))
    if policies:
        print(f"政策文件：另用本单位的 {policies}")
    if folder:
        print(f"登记库：工作文件夹 {folder}")
    print("安装：在 LibreOffice 里打开 工具 → 扩展管理器 → 添加，选这个文件，重新启动 LibreOffice。")
    print(
        f"加载项用 {sys.executable} 计算，位置记在加载项里。"
        "换了 Python 或换一台电脑，在那里再制作、安装一次；一台电脑上各人、各版本互不影响。"
    )
    return 0
