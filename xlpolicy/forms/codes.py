"""Codes of an enterprise, and why one may be wrong: its 统一社会信用代码, its account."""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum.cn import uscc as _uscc

#: digits that a spreadsheet keeps of a number
_KEPT = 15
_PROVINCES = re.compile(r"1[0-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12]")
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def account_doubt(text: str) -> str:
    """Why an account may be wrong; empty when nothing speaks against it.

    >>> account_doubt("6222021234567890000")
    '第 15 位以后全是 0，多半曾被存成数字，末尾几位已丢失'
    """
    digits = "".join(char for char in text if char.isdigit())
    strange = "".join(char for char in text if not char.isdigit() and char != "-")
    if not 8 <= len(digits) <= 30:
        return f"有 {len(digits)} 位数字"
    if strange:
        return f"里有“{strange}”，不是数字"
    if len(set(digits)) == 1:
        return f"全是“{digits[0]}”，不像账号"
    if len(digits) > _KEPT + 1 and not digits[_KEPT:].strip("0"):
        return f"第 {_KEPT} 位以后全是 0，多半曾被存成数字，末尾几位已丢失"
    return ""


#: what the first two signs of a 统一社会信用代码 say of its holder: 社会团体, 党政机关 (GB 32100)
_KINDS = {"51": "association", "11": "government"}


def holder_of(code: str) -> str:
    """The kind of applicant (`settle.model.KINDS`) that a 统一社会信用代码 says; "enterprise" where it says no other.

    >>> holder_of("51350582MA0000007Y")
    'association'
    """
    return _KINDS.get(code[:2], "enterprise") if len(code) == 18 else "enterprise"


@lru_cache(maxsize=1 << 16)  # a list names the same enterprise again and again
def uscc_doubt(code: str) -> str:
    """Why a 统一社会信用代码 may be wrong (GB 32100); empty when nothing speaks against it.

    >>> uscc_doubt("91350100M000100Y43")
    ''
    """
    if len(code) != 18:
        return f"是 {len(code)} 位，不是 18 位"
    strange = "".join(dict.fromkeys(c for c in code if c not in _USCC))
    if strange:
        return f"含有不使用的字符“{strange}”"
    if not code[2:8].isdigit():
        return f"第 3 至 8 位“{code[2:8]}”不是行政区划数字"
    if not _PROVINCES.fullmatch(code[2:4]):
        return f"第 3、4 位“{code[2:4]}”不是省级行政区划代码"
    right = _uscc.calc_check_digit(code[:17])
    return "" if code[17] == right else f"校验位是“{code[17]}”，按规则应为“{right}”"
