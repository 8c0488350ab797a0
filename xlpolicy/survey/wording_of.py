"""政策原文: the official sentence beside an amount, from texts that the bureau keeps; the project holds none.

The texts (one .txt or PDF a document) lie in a folder 政策原文: beside the settings file, in the working folder, in or
beside a folder of the bureau's own policies, or where the program runs; `XLPOLICY_TEXTS` names another. A text is known by its number or
title, the place in it by the headings of the provision's pinpoint.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from xlpolicy.faults import PolicyError
from xlpolicy.law.catalog import Catalog
from xlpolicy.law.records import Document, Rule
from xlpolicy.survey.audit.articles import Body
from xlpolicy.survey.audit.audit import bodies
from xlpolicy.survey.audit.official_texts import text_files
from xlpolicy.survey.audit.pinpoint import Places
from xlpolicy.survey.settings_file import READ, VARIABLE

FOLDER = "政策原文"
_FULL = str.maketrans("():;?!", "（）：；？！")
_COMMA = re.compile(r"(?<!\d),|,(?!\d)")
_DUTY = re.compile(r"[(\[〔【]?责任单位[:：]")
#: how much of an article is shown
_LONGEST = 600


class Wording(NamedTuple):
    """The official words of a provision, or (`missing`) why they are not shown; both empty where no texts are kept."""

    text: str = ""
    missing: str = ""


def folder() -> Path | None:
    """The folder of the bureau's official texts, None where there is none."""
    named = os.environ.get("XLPOLICY_TEXTS")
    return next((path for path in ([Path(named)] if named else _usual()) if path.is_dir()), None)


def _usual() -> Iterator[Path]:
    for settings in filter(None, (os.environ.get(READ), os.environ.get(VARIABLE))):
        yield Path(settings).parent / FOLDER
    if working := os.environ.get("XLPOLICY_FOLDER"):
        yield Path(working) / FOLDER
    for own in filter(None, os.environ.get("XLPOLICY_POLICIES", "").split(os.pathsep)):
        yield from (Path(own) / FOLDER, Path(own).parent / FOLDER)
    yield Path(FOLDER)


def wording_of(catalog: Catalog, document: Document, rule: Rule) -> Wording:
    """The sentence of a provision in the bureau's own text of its document."""
    kept = folder()
    if kept is None:
        return Wording()
    try:
        stamp = tuple((str(path), path.stat().st_mtime_ns) for path in text_files(kept))
        places = _places(catalog, kept, stamp).get(document.key)
    except (OSError, PolicyError):
        return Wording(missing=f"{FOLDER} 里有读不出来的文件")
    if places is None:
        return Wording(missing=f"{FOLDER} 里没有 {document.name}的正文")
    place = places.find(rule.at)
    if place is None:
        return Wording(missing=f"正文里没有找到 {rule.at}，请核对标题和序号")
    parts = (places.body.text[start:end] for start, end in sentences(places.body, place.spans))
    text = _COMMA.sub("，", "……".join(parts)).translate(_FULL)
    return Wording(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}……")


def sentences(body: Body, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is said, without the heading on a line of its own and the bureaus behind it; neighbours are one."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and found[-1][1] == start:
            start = found.pop()[0]
        start = body.titles.get(start, start)
        duties = [match.start() for match in _DUTY.finditer(body.text, start + 1, end)]
        found.append((start, duties[-1] if duties else end))
    return found


@lru_cache(8)
def _places(catalog: Catalog, kept: Path, stamp: tuple[tuple[str, int], ...]) -> dict[str, Places]:
    return {document.key: Places(body) for document, body in bodies(catalog, kept)}


def told(wording: Wording) -> str:
    """What a cell or a page shows of it; empty where no texts are kept."""
    return wording.text or (f"（{wording.missing}）" if wording.missing else "")
