"""第三方许可.txt: what is in the folder besides xlpolicy, under which licence, and the text of every licence."""

from __future__ import annotations

import email
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from xlpolicy.excel.portable.uv import PackageError

NAME = "第三方许可.txt"
_RULE = "=" * 78
_INFO = re.compile(r"([^/]+)\.dist-info/(?:licenses?/)?(.+)")
#: what a wheel names by its address alone: the text stands here, for a machine without a network
_NAMED = {"MPL-2.0": ("Mozilla Public License Version 2.0", "MPL-2.0.txt")}
_TEXT = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS|COPYRIGHT)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the folder that others made: its name with version, its licence in a word, where it comes from."""

    name: str
    licence: str
    home: str
    texts: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.name}　{self.licence}" + (f"　{self.home}" if self.home else "")


def parts(files: Mapping[str, bytes]) -> Iterator[Part]:
    """The wheels among the files of a folder. Raises PackageError for one without the text of its licence."""
    for place in sorted((p for p in files if p.endswith(".dist-info/METADATA")), key=str.lower):
        said = email.message_from_bytes(files[place])
        folder = place.removesuffix("METADATA")
        texts = tuple(
            (found[2], files[path].decode("utf-8", "replace"))
            for path in sorted(files)
            if path.startswith(folder) and (found := _INFO.fullmatch(path)) and _TEXT.search(found[2])
        )
        if not texts:
            raise PackageError(
                f"{said['Name']} {said['Version']} 的安装包里没有许可文本，不能随文件夹分发", where="打包",
                expected="带许可文本的 .whl", remedy="换一个版本，或请维护人员核对",
            )  # fmt: skip
        licence = _licence(said)
        yield Part(f"{said['Name']} {said['Version']}", licence, _home(said), (*texts, *_named(licence, texts)))


def _named(licence: str, texts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The licences that the texts of a wheel only point at."""
    for name, (title, file) in _NAMED.items():
        if name in licence and not any(title in " ".join(text.split()) for _, text in texts):
            yield file, (Path(__file__).parent / "data" / file).read_text(encoding="utf-8")


def text(every: list[Part]) -> str:
    """The file, with the line ends of Windows."""
    lines = [
        "本文件夹里由他人开发的部分，各按自己的许可使用、分发。下面先列清单，再附许可全文。",
        "以 .py 形式提供的（如 python-stdnum，LGPL）在 packages 里就是源代码，可以替换成别的版本（连同旁边的 __pycache__ 一起换掉或删去）。",
        "",
        *(f"{number}. {part}" for number, part in enumerate(every, 1)),
    ]
    for part in every:
        for name, content in part.texts:
            lines += ["", _RULE, f"{part.name}：{name}", _RULE, "", content.strip()]
    return "\r\n".join("\n".join(lines).splitlines()) + "\r\n"


def _licence(said: Message) -> str:
    """The expression, or the classifiers, or the first line of the free text."""
    if said["License-Expression"]:
        return str(said["License-Expression"])
    classified = [
        str(line).rpartition(" :: ")[2]
        for line in said.get_all("Classifier", [])
        if str(line).startswith("License :: ") and not str(line).endswith("OSI Approved")
    ]
    return "、".join(classified) or str(said["License"] or "见许可全文").strip().splitlines()[0]


def _home(said: Message) -> str:
    urls = dict(str(line).split(", ", 1) for line in said.get_all("Project-URL", []) if ", " in str(line))
    named = {name.lower(): url for name, url in urls.items()}
    return str(said["Home-page"] or next((named[n] for n in ("homepage", "repository", "source") if n in named), ""))
