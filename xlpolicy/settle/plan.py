"""Changed figures as a person writes them: `文件:条款.数字=新数字`, by code or in Chinese, on a command line or in a file.

A plan (方案) is such lines in a text file; what begins with # is a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from xlpolicy.faults import InvalidInput, UnknownCity, UnknownPolicy, nearest
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.records import Document, Figure, Rule
from xlpolicy.money import clean
from xlpolicy.sheets.files import write_atomically

#: 条款.数字, of a table with the row in brackets
_PATH = re.compile(r"(.+)\.([^.\[\]]+?)(?:\[(.+)\])?")
_WIDE = str.maketrans("：＝．［］【】", ":=.[][]")
SHAPE = "文件:条款.数字=新数字，分档的写 文件:条款.数字[档次]=新数字"


def read_changes(lines: Iterable[str], where: str) -> dict[str, dict[str, str]]:
    """Lines of the shape above. Raises InvalidInput."""
    found: dict[str, dict[str, str]] = {}
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        path, sign, value = text.translate(_WIDE).partition("=")
        document, colon, rest = path.partition(":")
        if not (colon and sign and rest.strip() and value.strip()):
            raise InvalidInput(f"“{text}”读不懂", where=where, expected=SHAPE, remedy="按这个写法改正")
        if rest in found.setdefault(document.strip(), {}):
            raise InvalidInput(f"{document}:{rest} 写了两次", where=where, expected="每个数字一次", remedy="删去一个")
        found[document.strip()][rest.strip()] = value.strip()
    return found


def read_plan(path: Path) -> dict[str, dict[str, str]]:
    """A plan that was saved. Raises InvalidInput, FileNotFoundError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(
            f"{path.name} 不是方案文件", where="--baseline", expected="--save-baseline 写的文本文件", remedy="核对路径"
        ) from None
    return read_changes(text.splitlines(), path.name)


def write_plan(path: Path, lines: Iterable[str], *, force: bool = False) -> None:
    """Save a plan (FileExistsError unless `force`)."""
    text = "\n".join(["# xlpolicy 测算方案，每行一个改动：" + SHAPE, *lines, ""])
    write_atomically(path, text.encode("utf-8"), force=force)


def document_of(catalog: Catalog, said: str) -> Document:
    """A document by key, number, or its city (then the newest of it). Raises UnknownPolicy."""
    try:
        return catalog.document(said)
    except UnknownPolicy:
        try:
            return catalog.of_city(catalog.city(said))[0]
        except UnknownCity:
            pass
        raise


def figure_of(document: Document, path: str) -> tuple[Rule, Figure, str | None]:
    """The provision, the figure and the row that a path names, by code, title or label. Raises InvalidInput."""
    match = _PATH.fullmatch(path)
    rules = [r for r in document.rules.values() if match and _is(match[1], r.id, r.title, *r.aliases)]
    figures = [(r, f) for r in rules for f in r.figures.values() if match and _is(match[2], f.name, f.label)]
    if match and len(figures) == 1:
        return *figures[0], match[3]
    names = [
        f"{rule}.{figure}"
        for r in (rules or document.rules.values())
        for f in r.figures.values()
        for rule, figure in ((r.id, f.name), (r.title, f.label))
    ]
    if len(figures) > 1:
        got, remedy = f"“{path}”不止一个", f"写代号：{'、'.join(f'{r.id}.{f.name}' for r, f in figures)}"
    else:
        got, remedy = f"没有数字“{path}”", nearest(path, names)
    raise InvalidInput(got, where=document.key, expected="条款.数字，分档的写 条款.数字[档次]", remedy=remedy)


def _is(said: str, *names: str) -> bool:
    return clean(said).lower() in {clean(name).lower() for name in names}
