"""Whether what is given as a county lies in another city, by the list of counties and their codes that python-stdnum brings along.

In: a county as it was filled in, a document's city and the digits its counties begin with. Out: what speaks against it, in words.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources

from xlpolicy.money import clean

_LINE = re.compile(r'^(?:(\d\d) province|  (\d{4}) county)="(.*)"', re.M)
#: one name of several that a code has had, with its years
_OF_YEARS = re.compile(r"(?:\[[^\]]*\])?([^,\[\]]+)")
#: characters of a name that is one: 城区, 郊区, 矿区 are said everywhere
_TELLING = 3
_NAMED = re.compile(r"(?:\w{2,6}省)?(\w{1,3}市)?(\w{1,6}[区县市旗])?")


@cache
def _counties() -> dict[str, list[str]]:
    """For each name of a city or a county the codes it has had; empty where the list is not there."""
    found: dict[str, list[str]] = {}
    province = ""
    try:
        text = resources.files("stdnum.cn").joinpath("loc.dat").read_text(encoding="utf-8")
    except (OSError, ModuleNotFoundError):
        return {}
    for own, code, names in _LINE.findall(text):
        province = own or province
        for name in _OF_YEARS.findall(names) if code else ():
            found.setdefault(name, []).append(province + code)
    return found


def _lies_in(code: str, region: str) -> bool:
    """Whether what a code stands for lies in a region, or the region in it."""
    return code.startswith(region) or (
        code.endswith("00") and region.startswith(code.removesuffix("00").removesuffix("00"))
    )


@lru_cache(maxsize=1024)
def elsewhere(county: str, city: str, region: str) -> str:
    """Why a county is none of the city's, "" where nothing says so.

    >>> elsewhere("厦门市思明区", "福州市", "3501"), elsewhere("鲤城区", "福州市", "3501"), elsewhere("福州市鼓楼区", "福州市", "3501")
    ('思明区不在福州市', '鲤城区不在福州市', '')
    >>> elsewhere("泉州", "福州市", "3501"), elsewhere("鼓楼", "福州市", "3501"), elsewhere("高新", "福州市", "3501")
    ('泉州不在福州市', '', '')
    >>> elsewhere("罗山", "晋江市", "350582"), elsewhere("思明", "晋江市", "350582")
    ('', '思明不在晋江市')
    """
    whole = clean(county)
    said = _NAMED.fullmatch(whole)
    if not whole or not region:
        return ""
    short = [] if said is not None else [code for kind in "市区县" for code in _counties().get(whole + kind, ())]
    if any(_lies_in(code, region) for code in short):
        return ""
    if any(code.endswith("00") or code[:2] == region[:2] for code in short):  # 罗山, a town here, is a county far away
        return f"{whole}不在{city}"
    for name in filter(None, reversed(said.groups()) if said else ()):
        codes = _counties().get(name) if len(name) >= _TELLING else None
        if codes:
            return "" if any(_lies_in(code, region) for code in codes) else f"{name}不在{city}"
    return ""
