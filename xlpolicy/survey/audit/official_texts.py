"""Official texts on disk: .txt of any usual encoding and PDF with a text layer -> lines without page furniture.

What stands at the edge of every page (page numbers, running heads) would otherwise fall into the middle of a
sentence or of a number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from xlpolicy.sheets.package import Unreadable

SUFFIXES = (".txt", ".pdf")
_ENCODINGS = ("utf-8-sig", "gb18030")
_DASHED = re.compile(r"\s*[-—–－―·]+\s*\d{1,4}\s*[-—–－―·]+\s*|\s*第\s*\d+\s*页\s*(?:[,，/]?\s*共\s*\d+\s*页)?\s*")
_BARE = re.compile(r"\s*(\d{1,3})\s*(?:/\s*\d{1,3}\s*)?")


def text_files(folder: Path) -> list[Path]:
    """The texts of a folder in name order (or the one file given). Raises FileNotFoundError, NotADirectoryError."""
    if folder.is_file() and folder.suffix.lower() in SUFFIXES:
        return [folder]
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())


def read_lines(path: Path) -> list[str]:
    """The lines of one text, page furniture removed. Raises Unreadable."""
    pages = _pdf_pages(path) if path.suffix.lower() == ".pdf" else _txt_pages(path)
    return list(_without_furniture([page.splitlines() for page in pages]))


def _txt_pages(path: Path) -> list[str]:
    data = path.read_bytes()
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    for encoding in encodings:
        try:
            return data.decode(encoding).split("\f")
        except UnicodeDecodeError:
            continue
    raise Unreadable("unknown_format", "不是 UTF-8 或 GBK 编码的文字", "另存为 UTF-8 文本")


def _pdf_pages(path: Path) -> list[str]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("password", "PDF 有打开密码", "解除密码后再放入")
        pages = [page.extract_text(extraction_mode="layout") for page in reader.pages]
    except (PyPdfError, ValueError, KeyError, TypeError):
        raise Unreadable("corrupt", "PDF 读不出来", "重新下载，或另存为文本") from None
    if not any(page.strip() for page in pages):
        raise Unreadable("no_text", "PDF 没有文字层（是扫描图片）", "先做文字识别，或另存为文本")
    return pages


def _without_furniture(pages: list[list[str]]) -> Iterator[str]:
    """Drop dashed page numbers everywhere, bare ones at page edges that count up, and repeated edge lines."""
    edges = [_edges(lines) for lines in pages]
    shifts: Counter[int] = Counter()
    repeated: Counter[str] = Counter()
    for page, (lines, ends) in enumerate(zip(pages, edges, strict=True), 1):
        shifts.update({int(match[1]) - page for i in ends if (match := _BARE.fullmatch(lines[i]))})
        repeated.update({_shape(lines[i]) for i in ends})
    for page, lines in enumerate(pages, 1):
        for i, line in enumerate(lines):
            if _DASHED.fullmatch(line):
                continue
            if i in edges[page - 1] and len(pages) > 1:
                bare = _BARE.fullmatch(line)
                shift = int(bare[1]) - page if bare else None
                if shift is not None and (shift == 0 or shifts[shift] > 1):
                    continue
                if repeated[_shape(line)] >= max(3, len(pages) // 2 + 1):
                    continue
            yield line


def _shape(line: str) -> str:
    """A line but for its numbers: "https://… 3/24" is the same on every page."""
    return re.sub(r"\d+", "#", re.sub(r"\s+", "", line))


def _edges(lines: list[str]) -> set[int]:
    filled = [i for i, line in enumerate(lines) if line.strip()]
    return {filled[0], filled[-1]} if filled else set()
