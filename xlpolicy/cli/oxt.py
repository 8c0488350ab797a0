"""excel oxt."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

__all__ = ["add_oxt", "run_oxt"]


def add_oxt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", metavar="文件", default="xlpolicy.oxt", help="写到哪里，缺省 xlpolicy.oxt")
    parser.add_argument("--force", action="store_true", help="已有同名文件时覆盖")


def run_oxt(args: argparse.Namespace) -> int:
    """Write the add-in, which starts the Python that runs now."""
    from xlpolicy.excel.calc import oxt

    path = oxt.build(Path(args.output), python=sys.executable, force=args.force)
    print(f"已制作 LibreOffice 加载项：{path}")
    print("安装：在 LibreOffice 里打开 工具 → 扩展管理器 → 添加，选这个文件，重新启动 LibreOffice。")
    print(
        f"加载项用 {sys.executable} 计算，位置记在加载项里。"
        "换了 Python 或换一台电脑，在那里再制作、安装一次；一台电脑上各人、各版本互不影响。"
    )
    return 0
