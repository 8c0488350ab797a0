"""excel oxt."""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["add_oxt", "run_oxt"]


def add_oxt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", metavar="文件", default="xlpolicy.oxt", help="写到哪里，缺省 xlpolicy.oxt")
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")


def run_oxt(args: argparse.Namespace) -> int:
    """Write the add-in and note which Python it shall start."""
    from xlpolicy.excel.calc import interpreter, oxt

    path = oxt.build(Path(args.output), force=args.force)
    note = interpreter.write()
    print(f"已制作 LibreOffice 加载项：{path}")
    print("安装：在 LibreOffice 里打开 工具 → 扩展管理器 → 添加，选这个文件，重新启动 LibreOffice。")
    print(f"加载项用本机的 Python 计算，它的位置记在 {note}；换了 Python 或换一台电脑，在那里再运行一次本命令。")
    return 0
