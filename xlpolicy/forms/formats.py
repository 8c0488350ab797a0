"""What a number format makes of a number: the text a person sees, and what that text adds to the number.

Only what can mislead is told: literal words, currency signs, percent, scaling, an empty section, digits rounded away.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from xlpolicy.forms.colours import indexed, unseen

_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\]")
_TOKEN = re.compile(
    r'"([^"]*)"?|[\\!](.)|\*([^\s.\-_])|[_*].|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|(General|G/通用格式)|(E[+-]0+)|([#0?][#0?,.]*|[.,])|(.)',
    re.I | re.S,
)
#: as accountants write what is below 0
_NEGATIVE = re.compile(r"[-－−—△▲]|[(（][^)）]*\0")
#: digits of a denominator, or the denominator itself
_FRACTION = re.compile(r"[#0?] */ *([#0?]+|\d+)")
_TESTS = {
    "<": Decimal.__lt__, "<=": Decimal.__le__, ">": Decimal.__gt__, ">=": Decimal.__ge__,
    "=": Decimal.__eq__, "<>": Decimal.__ne__,
}  # fmt: skip
_CALENDAR = frozenset("ymdhsYMDHS")
#: colours in a number format: the eight with names, and those by number
_NAMED = {
    name: 8 + at
    for names in ("black white red green blue yellow magenta cyan", "黑色 白色 红色 绿色 蓝色 黄色 洋红 青色")
    for at, name in enumerate(names.split())
}
_COLOUR = re.compile(rf"\[(?:({'|'.join(_NAMED)})|(?:color|颜色) ?(\d{{1,2}}))\]", re.I)


class Section(NamedTuple):
    """One part of a number format. `text` holds all that is not a digit, with "\\0" where the number stands; `unseen`: in a colour that
    nobody reads on white; `shows`: the letters of a date's parts; `parts`: the largest denominator of a fraction, 0 for none.
    """

    text: str
    decimals: int | None
    grouped: bool
    percent: int
    thousands: int
    empty: bool
    dated: bool
    significant: int = 0
    unseen: bool = False
    shows: str = ""
    parts: int = 0

    def words(self, number: Decimal) -> str:
        """What stands beside the number, without the signs that mean nothing; a minus or an open bracket means something
        before what is above 0.

        >>> section_for('"-"0', Decimal(5)).words(Decimal(5)), section_for("0;(0)", Decimal(-5)).words(Decimal(-5))
        ('-', '')
        """
        text = re.sub(r"(?<=\0)\s*[+＋]", "以上", self.text.replace("%", "", self.percent))  # 15+ is no 15
        said = re.sub(r"[\0\s()（）+\-－−—:：/@]|人民币", "", text)
        return f"-{said}" if number > 0 and _NEGATIVE.search(self.text) else said

    def show(self, number: Decimal) -> str:
        """The number as this section shows it."""
        if self.empty:
            return ""
        if self.parts:
            whole, rest = divmod(self._nearest(abs(number)), 1)
            return f"{'-' if number < 0 else ''}{whole}{f' {rest}' if rest else ''}"
        scaled = abs(number) * Decimal(100) ** self.percent / Decimal(1000) ** self.thousands
        if self.decimals is not None:
            scaled = scaled.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)
        digits = f"{scaled:,f}" if self.grouped else f"{scaled:f}"
        return ("-" if number < 0 else "") + self.text.replace("\0", digits).strip()

    def _nearest(self, number: Decimal) -> Fraction:
        return Fraction(number).limit_denominator(self.parts)

    def off(self, number: Decimal) -> Decimal:
        """By how much what is shown differs from the number.

        >>> section_for("# ?/?", Decimal("15.25")).off(Decimal("15.25")), section_for("0", Decimal("1.4")).off(Decimal("1.4"))
        (Decimal('0.00'), Decimal('0.4'))
        """
        if self.parts:
            shown = self._nearest(number)
            return abs(Decimal(shown.numerator) / shown.denominator - number)
        if self.significant and number:
            return abs(round(number, self.significant - 1 - number.adjusted()) - number)
        if self.decimals is None or not number:
            return Decimal(0)
        return abs(round(number, self.decimals + 2 * self.percent) - number)

    def few(self, usual: int) -> bool:
        """Whether fewer decimals are shown than usual."""
        return self.parts > 0 or (self.decimals is not None and self.decimals < usual)


def section_for(code: str, number: Decimal) -> Section:
    """The section of a format that a number falls into.

    >>> section_for('0.00"元"', Decimal(80000)).show(Decimal(80000))
    '80000.00元'
    """
    parts = _split(code)
    numeric = [part for part in parts[:3] if "@" not in part] or [parts[0].replace("@", "General")]
    conditional = [(part, _CONDITION.search(part)) for part in numeric]
    if any(found for _, found in conditional):
        for part, found in conditional:
            if found is None or _TESTS[found[1]](number, Decimal(found[2])):
                return _section(part)
        return _section(numeric[-1])
    if number < 0 and len(numeric) > 1:
        return _section(numeric[1])
    if number == 0 and len(numeric) > 2:
        return _section(numeric[2])
    return _section(numeric[0])


def text_section(code: str) -> Section | None:
    """The section that shows text; None where text is shown as it is."""
    parts = _split(code)
    if len(parts) > 3:
        return _section(parts[3])
    return _section(code) if len(parts) == 1 and "@" in code and code != "@" else None


@lru_cache(maxsize=512)
def rewords(code: str) -> bool:
    """Whether a format shows a text otherwise than as it is, or not at all.

    >>> rewords(';;;"元"'), rewords('@"（作废）"'), rewords("0;-0;0;@"), rewords("General")
    (True, True, False, False)
    """
    section = text_section(code)
    return section is not None and (section.unseen or section.text.strip() != "@")


@lru_cache(maxsize=512)
def _split(code: str) -> tuple[str, ...]:
    parts, start, quoted, at = [], 0, False, 0
    while at < len(code):
        char = code[at]
        if quoted:
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char in "\\!_*":
            at += 1
        elif char == ";":
            parts.append(code[start:at])
            start = at + 1
        at += 1
    return (*parts, code[start:])


@lru_cache(maxsize=512)
def _section(code: str) -> Section:
    text, digits, general, shows, percent, scientific = "", "", False, "", 0, False
    for match in _TOKEN.finditer(code):
        quoted, escaped, repeated, currency, plain, exponent, placeholder, other = match.groups()
        literal = quoted or escaped or repeated or currency or ""
        if literal:
            text += literal
        elif plain:
            general, text = True, text + "\0"
        elif exponent:
            scientific = True
        elif placeholder:
            text += "" if digits else "\0"
            digits += placeholder
        elif other == "%":
            percent, text = percent + 1, text + "%"
        elif other and other in _CALENDAR:
            shows += other.lower()
        elif other and other != "?":
            text += other
    thousands = len(re.search(r",*$", digits.partition(".")[0])[0]) if digits else 0  # type: ignore[index]
    if "." in digits:
        thousands += len(digits) - len(digits.rstrip(","))
    decimals = sum(c in "#0?" for c in digits.partition(".")[2]) if digits else None
    grouped = "," in digits.partition(".")[0].rstrip(",")
    empty = not (text.strip() or digits or general or shows)
    kept = sum(c in "#0?" for c in digits) if scientific else 0
    divided = _FRACTION.search(code)
    exact = None if general or scientific or divided else decimals
    parts = (
        0
        if divided is None
        else int(divided[1])
        if divided[1].isdigit() and int(divided[1])
        else 10 ** len(divided[1]) - 1
    )
    colour = _COLOUR.search(code)
    ink = indexed(_NAMED[colour[1].lower()] if colour[1] else int(colour[2]) + 7) if colour else None
    return Section(text, exact, grouped, percent, thousands, empty, bool(shows), kept, unseen(ink, None), shows, parts)
