"""package: one folder for a PC without Python."""

from __future__ import annotations

import argparse
from pathlib import Path

from xlpolicy.cli.console import print_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("system", choices=["windows"], metavar="windows", help="给哪种电脑用（现在只有 64 位 Windows）")
    parser.add_argument(
        "-o", "--output", metavar="文件", default="xlpolicy-windows.zip", help="写到哪里，缺省 xlpolicy-windows.zip"
    )
    parser.add_argument(
        "--python", type=Path, metavar="ZIP", help="另用一个官方嵌入版 Python（python-3.x.x-embed-amd64.zip）"
    )
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")
    parser.add_argument("--json", action="store_true", help="输出 JSON，供程序使用")


def run(args: argparse.Namespace) -> int:
    """Write the zip."""
    from xlpolicy.excel.portable.whole import package

    made = package(Path(args.output), args.python, force=args.force)
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
            f"装上 Python {made.python}（能用 python{made.python} 启动）后重新制作即可"
        )
    print("拷到没有 Python 的 Windows 电脑上，解压，双击“开始.exe”；怎样做写在里面的“先看这里.txt”。")
    return 0
