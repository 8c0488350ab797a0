"""Decimal yuan: reading what people write, showing it, rounding it once, and the 大写 of cheques.

Amounts are `Decimal` in 元; a rate is a decimal fraction. Nothing here passes through binary float:
a float argument is taken by its shortest repr. 大写 follows 《支付结算办法》 附一 (正确填写票据和结算凭证的基本规定).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal, getcontext, localcontext, setcontext
from functools import lru_cache
from operator import index

CENT = Decimal("0.01")
ZERO = Decimal(0)
#: wide enough that no product of an amount, rates and a day count is ever rounded on the way
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
UNITS: dict[str, Decimal] = {
    "元": Decimal(1),
    "千元": Decimal(10) ** 3,
    "万元": Decimal(10) ** 4,
    "百万元": Decimal(10) ** 6,
    "亿元": Decimal(10) ** 8,
}
_SCALE = {"亿": 8, "千万": 7, "百万": 6, "十万": 5, "万": 4, "千": 3, "百": 2, "十": 1, "": 0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(亿|千万|百万|十万|万|千|百|十)?")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?![\d,])")
_LONGEST = 60
#: texts of labels, units, numbers and notes are cleaned once
_SHORT = 500
#: powers of ten that no number of a claim or of the law has
_MAGNITUDE = 40
#: and that are written out digit by digit for a message: all of a float
_WRITTEN_OUT = 400
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
#: what each character stands for
HAN_DIGITS = (
    {c: i for i, c in enumerate("零一二三四五六七八九")} | {c: i for i, c in enumerate(_DIGITS)} | {"〇": 0, "两": 2}
)
_HAN_SCALE = {"十": 1, "拾": 1, "百": 2, "佰": 2, "千": 3, "仟": 3, "万": 4, "亿": 8}
_D, _Z = f"[{''.join(char for char, digit in HAN_DIGITS.items() if digit)}]", "[零〇]?"
_FOUR = rf"(?=[^万亿])(?:{_D}[千仟])?(?:{_Z}{_D}[百佰])?(?:{_Z}{_D}?[十拾])?(?:{_Z}{_D})?"
_WHOLE = rf"[零〇]|(?:(?:{_FOUR}万)?(?:{_Z}{_FOUR})?亿)?(?:{_Z}{_FOUR}万)?(?:{_Z}{_FOUR})?"
#: amounts are also written in the long forms of the signs
_LONG_FORMS = str.maketrans("萬億圓貳參陸兩負", "万亿圆贰叁陆两负")
_HAN_MONEY = re.compile(
    rf"(?:(?P<whole>{_WHOLE})[元圆])?(?:{_Z}(?P<jiao>{_D})角)?(?:{_Z}(?P<fen>{_D})分)?[整正]?|(?P<bare>{_WHOLE})[整正]?"
)
_HAN_AMBIGUOUS = re.compile(rf"^[万亿]|[百佰千仟万亿]{_D}(?![十拾百佰千仟])")


#: why a value cannot be read, after the label of its input, with gaps; JavaScript is sent the table
UNREAD = {
    "blank": "是空白",
    "unclear": "“{value}”读不成一个金额",
    "too_long": "“{value}”太长，读不成一个数",
    "marks": "“{value}”里有角标或带圈的数字",
    "two_numbers": "“{value}”里有两个数",
    "endless": "“{value}”不是一个数",
    "out_of_reason": "大得或小得不合常理（{value}）",
    "too_large": "大得不合常理（{value}）",
    "negative": "是负数（{value}）",
    "too_many": "是 {value}，大于 {most}",
    "too_few": "是 {value}，小于 {fewest}",
    "beyond_all": "是 {value}，不在 0 到 100% 之间",
    "no_money": "“{value}”不是金额",
    "no_rate": "“{value}”不是比例",
    "no_integer": "“{value}”不是整数",
    "no_boolean": "“{value}”不是“是”或“否”",
    "no_choice": "“{value}”不在选项里",
    "no_text": "“{value}”不是文字",
    "no_date": "“{value}”不是日期",
    "no_such_day": "“{value}”不是存在的日期",
    "truth_no_money": "填的是 TRUE、FALSE（是、否），不是金额",
    "truth_no_rate": "填的是 TRUE、FALSE（是、否），不是比例",
    "truth_no_count": "填的是 TRUE、FALSE（是、否），不是数量",
}


def unread(kind: str, /, value: object = "", **gaps: object) -> ValueError:
    """The error that says so, of `UNREAD`, with what was written."""
    return ValueError(UNREAD[kind].format(value=shown(value), **gaps))


@contextmanager
def exactly() -> Iterator[None]:
    """Arithmetic in `EXACT` itself, entered once for many amounts: `getcontext() is EXACT` tells so."""
    outer = getcontext()
    setcontext(EXACT)
    try:
        yield
    finally:
        setcontext(outer)


def round_half_up(amount: Decimal) -> Decimal:
    """The one rounding: half up to 0.01 元."""
    return amount.quantize(CENT, ROUND_HALF_UP, EXACT)


def divided(amount: Decimal, share: Decimal) -> tuple[Decimal, Decimal]:
    """What the first of two payers bears, and the other: an odd cent to the first.

    >>> divided(Decimal("300.03"), Decimal("0.5"))
    (Decimal('150.02'), Decimal('150.01'))
    """
    first = (amount * share).quantize(CENT, ROUND_CEILING, EXACT)
    return first, amount - first


def clean(text: str) -> str:
    """Half-width characters, no white space (full-width digits, ％, NBSP and line breaks included)."""
    return _cleaned(text) if len(text) < _SHORT else _cleaned.__wrapped__(text)


@lru_cache(maxsize=4096)
def _cleaned(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).replace("−", "-").replace("–", "-")


_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_SPACED = re.compile(r"[\d.,]\s+[\d.,]")
_SPACED_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:[ \u00a0\u202f\u2009]\d{3})+(?![\d,])")


def visible(text: str) -> str:
    """A text without characters that no one sees: zero-width, direction marks, soft hyphens."""
    return _INVISIBLE.sub("", text)


def several(text: str) -> bool:
    """Whether white space stands between digits elsewhere than between thousands: "500 30", "500\\n30"."""
    plain_text = unicodedata.normalize("NFKC", text).strip()
    return _SPACED.search(_SPACED_THOUSANDS.sub("0", plain_text)) is not None


def shown(value: object) -> str:
    """A value as it stands, for a message: short, whatever somebody sent; 2 for the 2.0 of a cell, 是 for a truth,
    the day alone for a cell's day at midnight."""
    try:
        text = _spelled(value)
    except ValueError:  # an integer of thousands of digits
        text = f"{value:#x}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _spelled(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime) and value.time() == dt.time():  # the day of a cell
        return value.date().isoformat()
    number = exact_number(value) if isinstance(value, float | Decimal) else None
    if number is None or not number.is_finite() or abs(number.adjusted()) > _WRITTEN_OUT:
        return str(value) if number is None else str(number).lower()
    return plain(number).replace(",", "")


def exact_number(value: object) -> Decimal | None:
    """Any kind of number as it is written (numpy's included; a float by its shortest repr); None for the rest.

    >>> exact_number(0.1)
    Decimal('0.1')
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return Decimal(float.__repr__(value))  # numpy's float has a repr of its own
    if isinstance(value, Decimal):
        return value
    try:
        return Decimal(index(value))  # type: ignore[arg-type]
    except TypeError:
        return None


def as_shown(number: float) -> Decimal:
    """A number of a cell to the 15 digits that every spreadsheet shows and compares; an int is exact.

    >>> as_shown(4999999.9999999991)  # a sum of cents
    Decimal('5000000')
    """
    return Decimal(number) if isinstance(number, int) else Decimal(f"{number:.15g}")


def parse_money(value: object, unit: str = "元") -> Decimal:
    """What a person wrote for an amount -> yuan.

    Accepts int, Decimal, float (by shortest repr) and text: "800万元", "１００", "1,100万元", "25万6千",
    "¥5,000.50", "叁佰万元整". A bare number is in `unit` (a key of `UNITS`).
    Raises ValueError, with the reason in Chinese, for anything that would have to be guessed.

    >>> parse_money("25万6千")
    Decimal('256000')
    >>> parse_money("800", unit="万元")
    Decimal('8000000')
    """
    if isinstance(value, str):
        return _money_text(value, unit)
    number = exact_number(value)
    if number is None:
        raise unread("truth_no_money" if isinstance(value, bool) else "no_money", value)
    return _sensible(number) if unit == "元" else EXACT.multiply(_sensible(number), UNITS[unit])


def _sensible(number: Decimal) -> Decimal:
    """Refuses what no document says: not finite, or of so many digits that arithmetic with it would not end."""
    if not number.is_finite():
        raise unread("endless", number)
    if number and abs(number.adjusted()) > _MAGNITUDE:
        raise unread("out_of_reason", number)
    return number


def number_text(raw: str) -> str:
    """As `clean`, but a footnote mark is no digit: 500² and 100① are not to be guessed. Raises ValueError."""
    text = clean(raw)
    if len(text) > _LONGEST:
        raise unread("too_long", raw.strip())
    if any(unicodedata.category(char) == "No" for char in raw):
        raise unread("marks", raw.strip())
    if several(raw):
        raise unread("two_numbers", raw.strip())
    return text


def short_forms(text: str) -> str:
    """The signs of an amount as this country writes them: 15萬圓 -> 15万圆."""
    return text.translate(_LONG_FORMS)


def ungrouped(text: str) -> str:
    """1,095 -> 1095; commas that do not part thousands stay."""
    return text.replace(",", "") if _GROUPED.match(text) else text


def _money_text(raw: str, unit: str) -> Decimal:
    body = re.sub(r"^(人民币|RMB|CNY)|(?<=[元圆])人民币$", "", short_forms(number_text(raw)), flags=re.I)
    sign = 1
    if body.startswith(("-", "负")):
        sign, body = -1, body[1:]
    body = ungrouped(body.lstrip("¥"))
    if not body:
        raise unread("blank")
    if body[0] in HAN_DIGITS or body[0] in _HAN_SCALE:
        return EXACT.multiply(_han_money(body, raw, unit), sign)
    match = re.fullmatch(r"(.+?)(元|圆)?(整|正)?", body)
    assert match is not None
    number, yuan = match[1], match[2]
    with localcontext(EXACT):
        if _PLAIN.fullmatch(number):
            return _sensible(+(sign * Decimal(number) * (1 if yuan else UNITS[unit])))
        total, last, end = ZERO, 99, 0
        for part in _PART.finditer(number):
            scale = _SCALE[part[2] or ""]
            # "12万5" is said for 125,000 and written for 120,005: not to be guessed
            if part.start() != end or scale >= last or (scale == 0 and end and not yuan):
                raise unread("unclear", raw.strip())
            total += Decimal(part[1]) * 10**scale
            last, end = scale, part.end()
        if end != len(number) or not end:
            raise unread("unclear", raw.strip())
        if not yuan and not re.search("[万亿]", number):  # 3百 is in the unit, as 三百 and 300 are
            total *= UNITS[unit]
        return _sensible(sign * total)


def _han_money(body: str, raw: str, unit: str) -> Decimal:
    """叁佰万元整, 一千二百元五角, 伍分 -> Decimal yuan; a bare 三百 is in `unit`, as bare digits are."""
    match = _HAN_MONEY.fullmatch(body)
    number = match and next((text for text in match.groups() if text is not None), None)
    # 一百五 is said for 150 and may be meant for 105: not to be guessed
    if not match or not number or _HAN_AMBIGUOUS.search(number):
        raise unread("unclear", raw.strip())
    total = section = digit = 0
    for char in match["whole"] or match["bare"] or "":
        scale = _HAN_SCALE.get(char)
        if scale is None:
            digit = HAN_DIGITS[char]
        elif scale >= 4:
            total = (total + section + digit) * 10**scale if scale == 8 else total + (section + digit) * 10**scale
            section = digit = 0
        else:
            section += (digit or 1) * 10**scale
            digit = 0
    yuan = Decimal(total + section + digit)
    if match["bare"]:
        return yuan if re.search("[万亿]", body) else EXACT.multiply(yuan, UNITS[unit])
    cents = 10 * HAN_DIGITS[match["jiao"] or "零"] + HAN_DIGITS[match["fen"] or "零"]
    return EXACT.add(yuan, Decimal(cents).scaleb(-2, EXACT))


def parse_rate(value: object) -> Decimal:
    """ "3%", "３％", 0.03, "25个基点" -> a decimal fraction. Raises ValueError in Chinese.

    >>> parse_rate("25个基点")
    Decimal('0.0025')
    """
    if isinstance(value, str):
        match = re.fullmatch(r"(-?\d+(?:\.\d+)?)(%|‰|个?基点|BP)?", number_text(value), re.I)
        if match is None:
            raise unread("no_rate", value.strip())
        shift = {"": 0, "%": -2, "‰": -3}.get(match[2] or "", -4)
        return _sensible(Decimal(match[1]).scaleb(shift, EXACT))
    number = exact_number(value)
    if number is None:
        raise unread("truth_no_rate" if isinstance(value, bool) else "no_rate", value)
    return _sensible(number)


def plain(number: Decimal) -> str:
    """Shortest positional notation with thousands separators: 8000000 -> 8,000,000; 0.10 -> 0.1."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def show_yuan(amount: Decimal) -> str:
    """8000000 -> "8,000,000元", 0.50 -> "0.5元"."""
    return f"{plain(amount)}元"


def show_rate(rate: Decimal) -> str:
    """0.03 -> "3%"."""
    return f"{plain(EXACT.multiply(rate, 100))}%"


def upper(amount: Decimal) -> str:
    """大写: 150000.05 -> 人民币 words without the prefix: 壹拾伍万元零伍分.

    Half-up to the cent first. 整 follows 元 or 角, never 分. Raises ValueError from 10^16 元 on.
    """
    if not amount.is_finite() or amount.adjusted() >= 16:
        raise ValueError("金额过大，不能写成大写")
    cents = int(round_half_up(amount.copy_abs()).scaleb(2, EXACT))
    yuan, cents = divmod(cents, 100)
    if yuan >= 10**16:
        raise ValueError("金额过大，不能写成大写")
    sign = "负" if amount < 0 and (yuan or cents) else ""
    whole = _upper_integer(yuan)
    jiao, fen = divmod(cents, 10)
    if not cents:
        return f"{sign}{whole or '零'}元整"
    text = f"{whole}元" if whole else ""
    if jiao:
        text += ("零" if whole and yuan % 10 == 0 else "") + f"{_DIGITS[jiao]}角"
    elif whole:
        text += "零"
    return sign + text + (f"{_DIGITS[fen]}分" if fen else "整")


def _upper_integer(number: int) -> str:
    """Groups of four digits, 万 and 亿 (万亿 above), zeros inside collapsed to one 零."""
    out, zero = "", False
    digits = str(number)
    for position, char in enumerate(digits):
        place = len(digits) - 1 - position
        if char == "0":
            zero = bool(out)
        else:
            out += ("零" if zero else "") + _DIGITS[int(char)] + ("", "拾", "佰", "仟")[place % 4]
            zero = False
        if place % 4 == 0 and place:
            group = int(digits[max(0, position - 3) : position + 1])
            out += "亿" if place == 8 and number >= 10**8 else "万" if group else ""
            zero = zero and not group  # 壹拾万柒仟: a zero at the end of a group is not said before its 仟
    return out


def in_words(yuan: Decimal) -> str:
    """An amount as it is said.

    >>> in_words(Decimal(300000000)), in_words(Decimal(35000))
    ('3 亿元', '3.5 万元')
    """
    for name in ("亿元", "万元"):
        if yuan >= UNITS[name]:
            return f"{plain(yuan / UNITS[name])} {name}"
    return f"{plain(yuan)} 元"
