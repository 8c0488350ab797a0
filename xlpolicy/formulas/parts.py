"""Integers as Excel formula text with their bounds: the parts that `integers` builds exact quantities from.

A spreadsheet compares and truncates at about 15 decimal digits. An integer that is divided stays below `DIVIDEND`, any
other below `TOP`: then INT, MOD, ROUND and every comparison are exact, in binary doubles and at 15 digits alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm, prod
from typing import Literal

TOP = 10**15
DIVIDEND = 5 * 10**13
SUM, PRODUCT, ATOM = 1, 2, 3


class TooLarge(ArithmeticError):
    """The bounds of the inputs are too wide for an exact formula; narrower ones may do."""


class Inexpressible(ArithmeticError):
    """This formula has no exact form in a spreadsheet, whatever the bounds."""


@dataclass(frozen=True, slots=True)
class Part:
    """`text` / `den`: an integer formula over a constant. `lo` and `hi` bound the numerator."""

    text: str
    lo: int
    hi: int
    den: int = 1
    level: int = ATOM

    @property
    def constant(self) -> bool:
        return self.text.isdigit()

    def within(self, level: int) -> str:
        """The text as an operand of an operator of that level."""
        return self.text if self.level >= level else f"({self.text})"

    @property
    def reach(self) -> int:
        """The greatest absolute value of the numerator."""
        return max(abs(self.lo), abs(self.hi))


def whole(value: int, den: int = 1) -> Part:
    """A constant."""
    return Part(str(value), value, value, den)


def times(*parts: Part) -> Part:
    """The product of numerators (the denominators are the caller's business)."""
    constant = prod(int(p.text) for p in parts if p.constant)
    moving = [p for p in parts if not p.constant]
    if constant == 0 or not moving:
        return whole(constant)
    shown = moving + ([whole(constant)] if constant != 1 else [])
    reach = prod(p.reach for p in shown)
    lo = prod(p.lo for p in shown) if all(p.lo >= 0 for p in shown) else -reach
    if len(shown) == 1:
        return replace(shown[0], den=1)
    return Part("*".join(p.within(PRODUCT) for p in shown), lo, reach, 1, PRODUCT)


def plus(left: Part, right: Part, sign: Literal["+", "-"] = "+") -> Part:
    """left + right. Raises TooLarge."""
    if right.text == "0":
        return left
    if left.text == "0" and sign == "+":
        return right
    lo, hi = (left.lo + right.lo, left.hi + right.hi) if sign == "+" else (left.lo - right.hi, left.hi - right.lo)
    if max(abs(lo), abs(hi)) > TOP:
        raise TooLarge
    return Part(f"{left.text}{sign}{right.within(SUM if sign == '+' else PRODUCT)}", lo, hi, left.den, SUM)


def floor(part: Part, by: int) -> Part:
    """INT(part / by). Raises TooLarge."""
    if by == 1:
        return part
    if part.reach > DIVIDEND:
        raise TooLarge
    if part.constant:
        return whole(int(part.text) // by)
    return Part(f"INT({part.within(PRODUCT)}/{by})", part.lo // by, part.hi // by)


def modulo(part: Part, by: int) -> Part:
    """The rest of a division. Raises TooLarge."""
    if part.reach > DIVIDEND:
        raise TooLarge
    if part.constant:
        return whole(int(part.text) % by)
    return Part(f"MOD({part.text},{by})", 0, by - 1)


def common(parts: Sequence[Part]) -> list[Part] | None:
    """The parts over one denominator, None where a numerator would become too large."""
    den = lcm(*(p.den for p in parts))
    out = []
    for part in parts:
        scaled = times(part, whole(den // part.den))
        if scaled.reach > TOP:
            return None
        out.append(replace(scaled, den=den))
    return out


def fold(parts: Iterable[Part]) -> tuple[Fraction, list[Part]]:
    """The constants of a product in lowest terms, and the rest."""
    factor, moving = Fraction(1), []
    for part in parts:
        if part.constant:
            factor *= Fraction(int(part.text), part.den)
        else:
            moving.append(part)
    return factor, moving


def either(test: str, then: Part, other: Part) -> Part:
    return Part(f"IF({test},{then.text},{other.text})", min(then.lo, other.lo), max(then.hi, other.hi), then.den)


def half_up(part: Part, den: int) -> Part:
    """part / den rounded half up. A tie is exact in binary; whatever is none lies 1 / (2 * den) from one, or more.

    Raises TooLarge.
    """
    if den == 1:
        return replace(part, den=1)
    if part.reach > DIVIDEND:
        raise TooLarge
    text = part.within(PRODUCT)
    if part.lo < 0 and den % 2 == 0:  # ROUND takes a negative half away from zero
        text = f"({part.text}+0.5)"
    return Part(f"ROUND({text}/{den},0)", (2 * part.lo + den) // (2 * den), (2 * part.hi + den) // (2 * den))
