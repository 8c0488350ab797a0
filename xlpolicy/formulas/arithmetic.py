"""Exact quantities as Excel formula text: integers only, division last, rounding decided on integers.

A spreadsheet computes in binary doubles, compares and truncates at about 15 decimal digits, and so may round a half
cent the wrong way. Nothing of that can happen to integers below 5 * 10**13 that are divided (`DIVIDEND`) and below 10**15
that are not (`TOP`): every formula built here stays inside, for inputs inside the bounds that each part carries.
Where a product would leave them it is split: with W = INT(W/d)*d + MOD(W,d),

    W*k/d = INT(W/d)*k + MOD(W,d)*k/d

so a product of an amount with rates and days is a whole number plus a small remainder, at every step.
Money is in fen, dates are serial numbers, a rate is an integer over a power of ten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, prod
from typing import Literal

from xlpolicy.formulas.parts import (
    ATOM,
    DIVIDEND,
    PRODUCT,
    SUM,
    TOP,
    Inexpressible,
    Part,
    TooLarge,
    common,
    either,
    floor,
    fold,
    half_up,
    modulo,
    plus,
    times,
    whole,
)

#: a factor of a product that is divided by an input is taken apart into two halves of this base
_LIMB = 10**7
_RATIO = 10**13
#: as often a figure in a cell may go into an amount
_TIMES = 10**4
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}


@dataclass(frozen=True, slots=True)
class Product:
    """The product of its parts, divided by `over` where that is an input.

    `money` is the power of money in it; None for 0 and 1, which may be anything.
    """

    parts: tuple[Part, ...]
    money: int | None = 0
    over: Part | None = None


@dataclass(frozen=True, slots=True)
class Mixed:
    """`base` (an integer) plus `rest` (from 0 to below 1)."""

    base: Part
    rest: Part
    money: int | None = 0


Quantity = Product | Mixed


def one(part: Part, money: int | None = 0) -> Product:
    return Product((part,), money)


def _simple(value: Quantity) -> Part | None:
    """One integer over one constant, where that fits."""
    if isinstance(value, Mixed) or value.over is not None:
        return None
    factor, moving = fold(value.parts)
    part = times(*moving, whole(factor.numerator))
    return None if part.reach > TOP else replace(part, den=factor.denominator * prod(p.den for p in moving))


class Arithmetic:
    """The operations. `stash` gives a long text a cell of its own and returns the reference (or the text itself);
    `guard` hears of a condition (formula text, kind) under which the result must not be shown."""

    def __init__(self, stash: Callable[[str], str], guard: Callable[[str, Literal["zero", "large"]], None]) -> None:
        self._stash, self._guard = stash, guard

    def stash(self, part: Part) -> Part:
        text = self._stash(part.text)
        return part if text == part.text else replace(part, text=text, level=ATOM)

    # --- operators ---

    def multiply(self, left: Quantity, right: Quantity) -> Quantity:
        """The product. Raises Inexpressible, TooLarge."""
        money = None if left.money is None and right.money is None else (left.money or 0) + (right.money or 0)
        if isinstance(left, Mixed) or isinstance(right, Mixed):
            mixed, other = (left, right) if isinstance(left, Mixed) else (right, left)
            factor = _simple(other)
            if factor is None or not isinstance(mixed, Mixed):
                raise Inexpressible
            base, rest = self._step(mixed.base, mixed.rest, replace(factor, den=1), factor.den)
            return Mixed(base, rest, money)
        if left.over is not None or right.over is not None:
            raise Inexpressible
        return Product(left.parts + right.parts, money)

    def divide(self, left: Quantity, right: Quantity) -> Quantity:
        """The quotient. Raises Inexpressible, TooLarge."""
        money = None if left.money is None and right.money is None else (left.money or 0) - (right.money or 0)
        divisor = _simple(right)
        if divisor is None or isinstance(left, Mixed) or left.over is not None:
            raise Inexpressible
        if divisor.constant and int(divisor.text):
            ratio = Fraction(divisor.den, int(divisor.text))
            return Product((*left.parts, whole(ratio.numerator, ratio.denominator)), money)
        if divisor.lo < 0:
            raise Inexpressible
        self._guard(f"{divisor.text}=0", "zero")
        return Product((*left.parts, whole(divisor.den)), money, replace(divisor, den=1))

    def whole(self, left: Quantity, right: Quantity) -> Quantity:
        """How many times the right goes into the left in full. Raises Inexpressible, TooLarge."""
        left, right = _same_money(left, right)
        parts = self._simple_all([left, right])
        if not parts or parts[1].lo < 0:
            raise Inexpressible
        total, each = (replace(part, den=1) for part in parts)
        if total.lo < 0:
            total = Part(f"MAX({total.text},0)", 0, max(total.hi, 0))
        if total.reach > DIVIDEND:
            raise TooLarge
        if each.constant and int(each.text):
            return one(floor(total, int(each.text)))
        self._guard(f"{each.text}=0", "zero")
        if total.hi > _TIMES:
            self._guard(f"{total.within(SUM)}>{each.within(PRODUCT)}*{_TIMES}", "large")
        return one(Part(f"INT({total.within(PRODUCT)}/{each.within(ATOM)})", 0, min(total.hi, _TIMES)))

    def add(self, left: Quantity, right: Quantity, sign: Literal["+", "-"]) -> Quantity:
        """The sum or difference. Raises Inexpressible, TooLarge."""
        left, right = _same_money(left, right)
        parts = self._simple_all([left, right])
        if parts:
            return one(plus(parts[0], parts[1], sign), left.money)
        first, second = self.mixed(left), self.mixed(right)
        rests = common([first.rest, second.rest])
        if rests is None:
            raise TooLarge
        sum_ = plus(rests[0], rests[1], sign)
        base = plus(plus(first.base, second.base, sign), floor(sum_, sum_.den))
        return Mixed(base, replace(modulo(sum_, sum_.den), den=sum_.den), left.money)

    def extreme(self, op: str, items: Sequence[Quantity]) -> Quantity:
        first, *others = items
        for other in others:
            if other.money is not None:
                first = _same_money(first, other)[0]
        items = [_same_money(item, first)[0] for item in items]
        pick = min if op == "min" else max
        parts = self._simple_all(items)
        if parts:
            if all(p.constant for p in parts):
                return one(pick(parts, key=lambda p: p.hi), items[0].money)
            text = f"{op.upper()}({','.join(p.text for p in parts)})"
            return one(Part(text, pick(p.lo for p in parts), pick(p.hi for p in parts), parts[0].den), items[0].money)
        best = self.mixed(items[0])
        for item in items[1:]:
            other_ = self.mixed(item)
            test = self.compare("<=" if op == "min" else ">=", best, other_)
            lo, hi = (pick(f(best.base), f(other_.base)) for f in (_least, _most))
            best = self._either(test, best, other_)
            best = replace(best, base=replace(best.base, lo=lo, hi=hi))
        return best

    def choose(self, test: str, then: Quantity, other: Quantity) -> Quantity:
        if test in ("TRUE", "FALSE"):
            return then if test == "TRUE" else other
        then, other = _same_money(then, other)
        parts = self._simple_all([then, other])
        if parts:
            return one(either(test, parts[0], parts[1]), then.money)
        return self._either(test, self.mixed(then), self.mixed(other))

    def compare(self, op: str, left: Quantity, right: Quantity) -> str:
        """A truth: `left op right`. A quotient is compared by multiplying out (its divisor is above zero).

        Raises TooLarge.
        """
        left, right = _same_money(left, right)
        if isinstance(left, Product) and left.over is not None:
            return self.compare(op, Product(left.parts), _scaled(right, left.over, self))
        if isinstance(right, Product) and right.over is not None:
            return self.compare(_FLIPPED[op], right, left)
        parts = self._simple_all([left, right])
        if parts:
            factor = gcd(*(int(p.text) for p in parts)) if all(p.constant for p in parts) else 1
            first, second = (p.text if factor < 2 else str(int(p.text) // factor) for p in parts)
            return f"{first}{op}{second}"
        a, b = self.mixed(left), self.mixed(right)
        rests = common([a.rest, b.rest])
        if rests is None:
            raise TooLarge
        (r, s), (x, y) = (p.text for p in rests), (a.base.text, b.base.text)
        if op in ("=", "<>"):
            same = f"AND({x}={y},{r}={s})"
            return same if op == "=" else f"NOT({same})"
        return f"OR({x}{op[0]}{y},AND({x}={y},{r}{op}{s}))"

    def _simple_all(self, items: Sequence[Quantity]) -> list[Part] | None:
        parts = [_simple(item) for item in items]
        known = [p for p in parts if p is not None]
        return common(known) if len(known) == len(parts) else None

    def _either(self, test: str, then: Mixed, other: Mixed) -> Mixed:
        rests = common([then.rest, other.rest])
        if rests is None:
            raise TooLarge
        base, rest = either(test, then.base, other.base), either(test, rests[0], rests[1])
        return Mixed(self.stash(base), self.stash(replace(rest, den=rests[0].den)), then.money)

    # --- whole numbers and remainders ---

    def mixed(self, value: Quantity) -> Mixed:
        """The whole number and the remainder of a quantity. Raises Inexpressible, TooLarge."""
        if isinstance(value, Mixed):
            return value
        if value.over is not None:
            raise Inexpressible
        part = _simple(value)
        if part is not None and part.reach <= DIVIDEND:
            rest = whole(0) if part.den == 1 else replace(modulo(part, part.den), den=part.den)
            return Mixed(floor(replace(part, den=1), part.den), rest, value.money)
        base, rest = whole(0), whole(0)
        for index, (factor, den) in enumerate(_steps(value.parts)):
            base, rest = (factor, whole(0)) if index == 0 else self._step(base, rest, factor, den)
        return Mixed(base, rest, value.money)

    def _low(self, base: Part, rest: Part, factor: Part, den: int) -> Part:
        """What stands over rest.den * den after multiplying by factor / den."""
        parts = [] if den == 1 else [times(modulo(base, den), factor, whole(rest.den))]
        low = plus(parts[0], times(rest, factor)) if parts else times(rest, factor)
        if low.reach > DIVIDEND:
            raise TooLarge
        return low

    def _step(self, base: Part, rest: Part, factor: Part, den: int) -> tuple[Part, Part]:
        low, size = self._low(base, rest, factor, den), den * rest.den
        up = plus(times(floor(base, den), factor), floor(low, size))
        return self.stash(up), self.stash(replace(modulo(low, size), den=size) if size > 1 else whole(0))

    def rounded(self, value: Quantity) -> Part:
        """Half up to an integer. Right for values from zero up; monotone below."""
        if isinstance(value, Mixed):
            return plus(value.base, half_up(value.rest, value.rest.den))
        if value.over is not None:
            return self._quotient(value.parts, value.over)
        part = _simple(value)
        if part is not None and (part.den == 1 or part.reach <= DIVIDEND):
            return half_up(part, part.den)
        steps = _steps(value.parts)
        base, rest = steps[0][0], whole(0)
        for factor, den in steps[1:-1]:
            base, rest = self._step(base, rest, factor, den)
        factor, den = steps[-1]
        low = self._low(base, rest, factor, den)
        return plus(times(floor(base, den), factor), half_up(low, den * rest.den))

    def _quotient(self, parts: tuple[Part, ...], over: Part) -> Part:
        """A product divided by an input, half up.

        W = INT(A*B/C) in doubles may be off by one; A*B - W*C, taken exactly from the halves of the four numbers,
        says so and gives the remainder R. Then floor(2*(W + R/C)*k/d) decides the rounding.
        """
        factor, moving = fold(parts)
        dens = prod(p.den for p in moving)
        big = sorted((p for p in moving if p.den == 1), key=lambda p: p.hi, reverse=True)
        first, second = (*big, whole(1), whole(1))[:2]
        small = [p for p in moving if p not in (first, second)]
        pace, den = times(*small, whole(2 * factor.numerator)), dens * factor.denominator
        if any(p.lo < 0 for p in moving) or max(first.hi, second.hi, over.hi) > _RATIO:
            raise TooLarge
        most = max(first.hi, 1)
        self._guard(f"{times(first, second).text}>{over.within(PRODUCT)}*{most}", "large")
        base, rest = self._exactly(self.stash(first), self.stash(second), self.stash(over))
        carried = times(rest, pace)
        if carried.reach > DIVIDEND:
            carry = self._exactly(rest, self.stash(pace), over)[0]
        else:
            carry = Part(f"INT({carried.within(PRODUCT)}/{over.within(ATOM)})", 0, pace.hi)
        if den == 1:
            twice = plus(times(base, pace), carry)
        else:
            low = plus(times(modulo(base, den), pace), carry)
            twice = plus(times(floor(base, den), pace), floor(low, den))
        return floor(plus(twice, whole(1)), 2)

    def _exactly(self, first: Part, second: Part, over: Part) -> tuple[Part, Part]:
        """INT(first*second/over) and the remainder, both exact."""
        guess = self.stash(Part(f"INT({times(first, second).text}/{over.within(ATOM)})", 0, first.hi))
        (a, b), (c, d), (e, f), (g, h) = (_halves(p) for p in (first, second, guess, over))
        left = self.stash(
            Part(f"(({a}*{c}-{e}*{g})*{_LIMB}+{a}*{d}+{b}*{c}-{e}*{h}-{f}*{g})*{_LIMB}+{b}*{d}-{f}*{h}", 0, 0, 1, SUM)
        )
        rest = Part(f"MOD({left.text},{over.text})", 0, over.hi - 1)
        base = Part(f"{guess.text}+INT(({left.text})/{over.within(ATOM)})", 0, first.hi, 1, SUM)
        return self.stash(base), self.stash(rest)


def _least(part: Part) -> int:
    return part.lo


def _most(part: Part) -> int:
    return part.hi


def _halves(part: Part) -> tuple[str, str]:
    return f"INT({part.within(PRODUCT)}/{_LIMB})", f"MOD({part.text},{_LIMB})"


def _steps(parts: tuple[Part, ...]) -> list[tuple[Part, int]]:
    """The order in which to multiply: the amount first, then factor / denominator pairs that each stay in bounds."""
    factor, moving = fold(parts)
    amounts = [p for p in moving if p.den == 1]
    if not amounts:
        raise Inexpressible
    base = max(amounts, key=lambda p: p.hi)
    moving.remove(base)
    queue = sorted(moving, key=lambda p: p.den, reverse=True)
    steps, reach, den = [(base, 1)], base.reach, 1
    while True:
        pace, by = times(*queue, whole(factor.numerator)), factor.denominator * prod(p.den for p in queue)
        if _fits(reach, den, pace.reach, by):
            return [*steps, (pace, by)]
        if not queue or not _fits(reach, den, queue[0].reach, queue[0].den):
            raise TooLarge
        first = queue.pop(0)
        steps.append((replace(first, den=1), first.den))
        reach, den = reach // first.den * first.reach + first.reach, den * first.den


def _fits(reach: int, den: int, factor: int, by: int) -> bool:
    """Whether one step stays in bounds: the whole part, and the remainder with half of its denominator added twice."""
    return (reach // by + 1) * factor < TOP and 2 * den * by * (factor + 1) <= DIVIDEND and reach <= DIVIDEND


def _same_money(left: Quantity, right: Quantity) -> tuple[Quantity, Quantity]:
    """0 and 1 beside an amount are yuan."""
    if left.money is None and right.money:
        return _yuan(left, right.money), right
    if right.money is None and left.money:
        return left, _yuan(right, left.money)
    return left, right


def _yuan(value: Quantity, power: int) -> Quantity:
    if not isinstance(value, Product):
        raise Inexpressible
    return Product((*value.parts, whole(100**power)), power, value.over)


def _scaled(value: Quantity, by: Part, arithmetic: Arithmetic) -> Quantity:
    return replace(arithmetic.multiply(value, one(by)), money=value.money)
