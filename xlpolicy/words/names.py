"""Names of enterprises, projects, loans and objects in the form in which they are compared: one place for all."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from xlpolicy.money import clean


def same(name: str) -> str:
    """What two writings of one name share: 甲（福州）公司 and 甲[福州] 公司 are one enterprise, HT-01 and ht—01 one loan."""
    if name.isascii() and name.replace("-", "").isalnum():  # P2025-1: nothing but its case to compare
        return name.lower()
    return _clean(name)


def same_once(name: str) -> str:
    """The same, not remembered: of very many names that come once or twice."""
    return _clean.__wrapped__(name)


@lru_cache(maxsize=1 << 18)  # names of a million claims: what is forgotten is cleaned again for every one
def _clean(name: str) -> str:
    if not name.isprintable() or not _UNSEEN.isdisjoint(name):  # what nobody sees distinguishes nobody
        name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf") and c not in _UNSEEN)
    plainly = clean(name).lower()
    found = plainly.translate(_SIGNS) or plainly
    return name if found == name else found  # most names are written so, and are not kept twice


#: characters without ink that Unicode counts among letters and marks: fillers, variation selectors, a blank of braille
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
#: one sign of each kind: brackets, dashes (what is wide or small is plain already); quotation marks say nothing
_SIGNS = str.maketrans(
    "[{<«‹〈《「『【〔〖〘〚⟨⟪]}>»›〉》」』】〕〗〙〛⟩⟫‐‒–—―", "(" * 16 + ")" * 16 + "-" * 5, "\"'“”„‟〝〞〟″‘’‚‛′`"
)
#: an older invoice: its code (ten digits, or twelve that begin with 0 or 1) and its number, the zeros before it left out
_OLDER, _END = re.compile(r"\d{17,19}|1\d{19}"), 8
#: letters that are typed for the digits they look like, in a number of digits
_DIGITS, _TAKEN_FOR = re.compile(r"[\dOIL]{8,}"), str.maketrans("OIL", "011")
#: what people write before the number of an invoice
_CALLED = re.compile(r"^(?:no\.?|(?:发票)?号码?):?(?=\d)", re.I)


def unpadded(number: str) -> str:
    """A number of a contract without the zeros before it, which a cell of numbers does not keep; anything else as it is."""
    return number.lstrip("0") if number.isdecimal() else number


def invoice_key(number: str) -> str:
    """What the writings of one invoice's number have in common: Excel keeps 00123456 as 123456.

    >>> invoice_key("No.00123456"), invoice_key("123,456"), invoice_key("24352000000000000010")
    ('123456', '123456', '24352000000000000010')
    >>> invoice_key("2435200000OOOOOO00l0"), invoice_key("HT01")
    ('24352000000000000010', 'HT01')
    """
    plainly = _CALLED.sub("", clean(number)).replace(",", "").upper()
    if not plainly.isdecimal() and _DIGITS.fullmatch(plainly):
        plainly = plainly.translate(_TAKEN_FOR)
    return plainly.lstrip("0") or plainly


def invoice_end(number: str) -> tuple[str, bool]:
    """The number of an older invoice without its code, and whether it was written without; "" for any other number.

    >>> invoice_end("011002600111 12345678"), invoice_end("00123456"), invoice_end("26350000000000000010")
    (('12345678', False), ('00123456', True), ('', False))
    """
    key = invoice_key(number)
    short = key.isdecimal() and len(key) <= _END
    return (key.zfill(_END), True) if short else (key[-_END:] if _OLDER.fullmatch(key) else "", False)
