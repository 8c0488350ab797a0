"""package: what goes to a PC without Python: a folder for Windows, or an add-in for WPS."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlpolicy.cli.console import print_json
from xlpolicy.faults import InvalidInput
from xlpolicy.law import catalog as catalogs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "system", choices=["windows", "wps"], metavar="windows|wps",
        help="windows：没有 Python 的 64 位 Windows 电脑用的文件夹；wps：WPS 表格的加载项，在 WPS 里用 SUBSIDY 等函数",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", metavar="文件", help="写到哪里，缺省 xlpolicy-windows.zip 或 xlpolicy-wps.zip"
    )
    parser.add_argument(
        "--python", type=Path, metavar="压缩包",
        help="给 Windows 的，另用一个官方嵌入版 Python（python-3.x.x-embed-amd64.zip）",
    )  # fmt: skip
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Write the zip. Raises InvalidInput for an interpreter where none is packed, PackageError."""
    path = Path(args.output or f"xlpolicy-{args.system}.zip")
    return _wps(args, path) if args.system == "wps" else _windows(args, path)


def _wps(args: argparse.Namespace, path: Path) -> int:
    from xlpolicy.excel.wps import wps_addin

    if args.python:
        raise InvalidInput("WPS 的加载项里没有 Python", where="--python", expected="不写", remedy="去掉 --python")
    wps_addin.write(path, catalogs.default(), force=args.force)
    if args.json:
        print_json({"path": str(path), "functions": list(wps_addin.OFFERED)})
        return 0
    print(f"已制作：{path}（{len(wps_addin.OFFERED)} 个函数：{'、'.join(wps_addin.OFFERED)}）")
    print("没有在 WPS 里试过：解压后照里面的“先看这里.txt”装，先试那里写的三格，不符的不要用。")
    return 0


def _windows(args: argparse.Namespace, path: Path) -> int:
    from xlpolicy.excel.portable.whole import package

    made = package(path, args.python, force=args.force)
    if args.json:
        print_json(
            {
                "path": str(made.path),
                "size": made.size,
                "python": made.python,
                "compiled": made.compiled,
                "parts": [part.name for part in made.parts],
            }
        )
        return 0
    print(f"已制作：{made.path}（{made.size / 1e6:.1f} MB，Python {made.python}，{len(made.parts)} 个他人开发的部分）")
    if not made.compiled:
        print(
            f"提醒　没有预先编译：本机没有 Python {made.python}。照样能用，只是在每台电脑上第一次运行慢几秒；"
            f"装上 Python {made.python}（能上 GitHub 的，运行 uv python install {made.python}）后重新制作即可"
        )
    print("拷到没有 Python 的 Windows 电脑上，解压，双击“开始.exe”；怎样做写在里面的“先看这里.txt”。")
    return 0
