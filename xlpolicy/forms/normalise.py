"""One raw cell -> the typed value of its field, or a fault that says what to do. Nothing is guessed.

The rules that need saying:

- A bare number in a money field is in the form's unit; a unit written in the cell wins ("800元" in a 万元 form).
- A cell number counts as a spreadsheet shows it, to 15 significant digits: 499.99999999999994 is 500.
- A bare number in a rate field follows Excel's own rule for percent cells: 1 < x <= 100 is a percent, x < 1 is a
  fraction. 3, 3% and 0.03 are all 3%. Exactly 1 may be 1% or 100% and is sent back.
- "无", "/" and dashes mean: not stated.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from xlpolicy.faults import Fault, InvalidInput
from xlpolicy.forms.codes import account_doubt, uscc_doubt
from xlpolicy.forms.layout import Field, match_text
from xlpolicy.forms.typed import copies, day_in_digits, tidied, without_brackets, without_words, yes_or_no
from xlpolicy.law.values import coerce, expected, parse_date
from xlpolicy.money import EXACT, as_shown, clean, parse_money, plain, several, short_forms, visible

#: a bare amount from here on: 100亿元 in a 万元 form, surely 元 typed as 万元
MIXED_UNITS = {"万元": Decimal(1_000_000), "元": Decimal(10) ** 10}
#: worth a second look: 10亿元 in a 万元 form
LARGE = {"万元": Decimal(100_000), "元": Decimal(10) ** 9}
#: worth a second look in a 元 form: less than this may be 万元
SMALL = {"元": Decimal(10_000)}
#: beyond this a number kept as binary float has lost digits
MAX_EXACT = 10**15
#: characters in one field
MAX_TEXT = 4000
#: no bank lends to an enterprise above this; a plausibility bound of reading, of no provision
HIGHEST_LOAN_RATE = Decimal("0.24")
#: below this a percent sign was typed behind a fraction
LOWEST_LOAN_RATE = Decimal("0.01")
_NUMBERS = ("money", "rate", "integer")
SERIALS = range(20_000, 80_000)
#: what shows the characters after it from right to left
_TURNED = "\u202e"
_NOTHING = {"", "无", "/", "\\", "-", "--", "—", "——", "暂无", "未填", "空"}
_APPROXIMATE = re.compile(r"约|左右|上下|大概|近\d|超过?\d|以上|以下|\d余|[\d万亿元]多|不到|不低于|不少于")
_RANGE = re.compile(r"\d[万亿千元%]*[~～至到-]\d")
_BARE = re.compile(r"[+-]?[¥$]?[\d,]+(\.\d+)?")
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})")
#: a month; written with a mark only where somebody typed a text (a number 2026.1 may have been 2026.10)
_MONTH = re.compile(r"(\d{4})(?:年(\d{1,2})月|[-./](\d{1,2}))")
#: what says yuan without saying how many yuan the number counts, and what says that
_OF_YUAN, _SCALED = re.compile("^(?:人民币|RMB|CNY|¥)|[整正]$", re.I), re.compile("[元圆角分百千万亿佰仟十拾]")
#: points on a rate: what is added to a quoted one as often as a rate itself
_POINTS = re.compile("基点|BP", re.I)
_HAN = re.compile("[\u4e00-\u9fff]")


class _Refused(Exception):
    def __init__(self, code: str, got: str, expected: str, remedy: str) -> None:
        self.fault = Fault(code, got=got, expected=expected, remedy=remedy)


def _doubt(code: str, got: str, expected: str, remedy: str) -> Fault:
    return Fault(code, got=got, expected=expected, remedy=remedy, severity="warning")


def _read_as(raw: object, value: str, expected: str, remedy: str) -> Fault:
    """A sign or a short form that is read one way and may be meant otherwise."""
    return _doubt("read_as", f"填的是“{shown(raw)}”，按“{value}”读", expected, remedy)


def absent(raw: object) -> bool:
    """Whether a cell states nothing: empty, or a word or dash for nothing."""
    return raw is None or raw == "" or (isinstance(raw, str) and (not raw.strip() or clean(raw) in _NOTHING))


def read_value(
    field: Field, raw: Any, unit: str, *, date1904: bool = False, percent: bool | None = None
) -> tuple[Any, list[Fault]]:
    """The value of a filled cell (None with a fault of severity error) and what to say about it.

    `percent`: whether the cell shows a percentage; None where that is not known.
    """
    if isinstance(raw, str) and len(raw) > MAX_TEXT:
        got = f"有 {len(raw)} 个字（“{raw.strip()[:20]}…”）"
        return None, [_Refused("too_long", got, f"不超过 {MAX_TEXT} 个字", "精简后重新填写，详细材料另作附件").fault]
    try:
        if isinstance(raw, str):
            raw = _seen(field, raw)
        value, notes = _READERS[field.type](field, raw, unit, date1904)
        if field.type == "rate":
            notes += _questioned(field, raw, value, percent)
        return value, notes
    except _Refused as refused:
        return None, [refused.fault]


def is_bare(raw: Any) -> bool:
    """Whether an amount is written without a unit."""
    return not isinstance(raw, str) or _BARE.fullmatch(clean(tidied(raw))) is not None


def _seen(field: Field, raw: str) -> str:
    """A text without characters that no one sees. A number broken by one, or two numbers in a cell, are refused."""
    text = visible(raw)
    if field.type not in ("text", "enum") and field.key != "ent_account":
        text = tidied(text)
    if _TURNED in raw:
        got = f"“{text.strip()}”里夹有使文字倒排的字符，显示的次序不是存的次序"
        raise _Refused("invisible_characters", got, field.label, "清空这一格，重新键入")
    if field.type in _NUMBERS:
        wanted, said = "一个数字", raw.strip()
        strange = "".join(char for char in clean(text) if char.isdigit() and not char.isascii())
        if strange:
            raise _Refused(
                "not_a_number", f"填的是“{said}”，里面的“{strange}”不是普通的数字", wanted, "改填 0 至 9 的数字"
            )
        if visible(raw) != raw and text.strip():
            got = f"数字“{text.strip()}”里夹着看不见的字符（零宽字符）"
            raise _Refused("invisible_characters", got, wanted, "清空这一格，重新键入数字，不要从网页或聊天软件粘贴")
        each = [line for line in text.splitlines() if re.search(r"\d", line)]
        if (several(text) or len(each) > 1) and not (field.item and field.item.choices):
            one_line = "⏎".join(line.strip() for line in said.splitlines() if line.strip())
            raise _Refused("two_numbers", f"一格里有两个数“{one_line}”", wanted, "只留要申报的一个数，合计请先加好")
    return text


def _questioned(field: Field, raw: Any, value: Any, percent: bool | None) -> list[Fault]:
    """Rates that a person may have meant otherwise: 0.5 for 0.5 %, a loan at 30 %, or one at 0.03 %."""
    said = clean(raw) if isinstance(raw, str) else ""
    bare = _BARE.fullmatch(said) is not None if said else percent is False
    number = EXACT.multiply(value, 100)
    if (
        bare
        and 0 < value < 1
        and number != (as_shown(raw) if not said else Decimal(said.replace(",", "").lstrip("¥$+")))
    ):
        share = plain(value)
        raise _Refused(
            "rate_unclear", f"填的是“{share}”，没有百分号，可以是 {share}%，也可以是 {plain(number)}%",
            "带百分号的比例，如 3%", f"写明“{share}%”或“{plain(number)}%”",
        )  # fmt: skip
    if "‰" in said and "利率" in field.label:
        got = f"填的是“{said}”，多半是月利率"
        raise _Refused("rate_unclear", got, "年利率，带百分号，如 3.45%", "对照借款合同，折成年利率填写")
    if "利率" in field.label and value > HIGHEST_LOAN_RATE:
        got = f"填的年利率是 {plain(number)}%，高得不合常理"
        raise _Refused("rate_too_high", got, "借款合同上的年利率，如 3.45%", "对照借款合同改正")
    if "利率" in field.label and value < LOWEST_LOAN_RATE:
        got = f"填的年利率是 {plain(number)}%，低得少见"
        return [_doubt("rate_too_low", got, "借款合同上的年利率，如 3.45%", "对照借款合同核对，看是不是少写了两位")]
    return []


def shown(raw: object) -> str:
    """A raw cell as the person sees it."""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, int | float):
        return plain(as_shown(raw)) if abs(raw) < 1e18 else repr(raw)
    if isinstance(raw, dt.datetime) and raw.time() == dt.time():
        return raw.date().isoformat()
    return str(raw).strip()


def _number(raw: Any, wanted: str) -> Decimal | str:
    """A cell number as Decimal, a text as it stands; anything else is refused."""
    if isinstance(raw, bool):
        raise _Refused("not_a_number", f"填的是“{shown(raw)}”", wanted, "改填数字")
    if isinstance(raw, int | float):
        number = as_shown(raw)
        if not number.is_finite():
            raise _Refused("not_a_number", f"填的是“{raw}”", wanted, "改填数字")
        return number
    if isinstance(raw, str):
        return raw
    got = f"单元格是日期或时间格式，显示为“{shown(raw)}”"
    raise _Refused("date_format", got, wanted, "把单元格格式改为“数值”后重新填写")


def _money(field: Field, raw: Any, unit: str, _: bool) -> tuple[Any, list[Fault]]:
    wanted = f"数字，单位{unit}，如 800.00"
    value = _number(raw, wanted)
    value = without_brackets(value) if isinstance(value, str) else value
    text = short_forms(clean(value)) if isinstance(value, str) else ""
    if text:
        _certain(raw, text, wanted)
        sign = _OF_YUAN.search(text)
        if unit != "元" and sign and not _SCALED.search(text):
            got = f"填的是“{shown(raw)}”，写了“{sign[0]}”没有写单位，可以是元，也可以是{unit}"
            raise _Refused("unit_mixed_up", got, wanted, f"连单位写明，如“800{unit}”")
    bare = not text or _BARE.fullmatch(text) is not None
    try:
        amount = parse_money(value, unit)
    except ValueError as error:
        raise _Refused("not_an_amount", str(error), wanted, "改填一个数字，文字说明移到备注或附件") from None
    if amount < 0:
        raise _Refused("negative", f"填的是负数“{shown(raw)}”", f"不小于 0 的{wanted}", "改正数字")
    notes: list[Fault] = []
    if bare:
        number = amount / (10_000 if unit == "万元" else 1)
        readable = f"{plain(number)} {unit}（{plain(amount / 10**8)} 亿元）"
        if number >= MIXED_UNITS[unit]:
            raise _Refused(
                "unit_mixed_up", f"填的是“{shown(raw)}”，按本栏单位是 {readable}，大得不合常理",
                wanted, f"确认单位：若填的是元，请折成{unit}填写；若无误，请连单位写明，如“{plain(number / 10**4)}亿元”"
                if unit == "万元" else "确认金额后连单位写明",
            )  # fmt: skip
        if number >= LARGE[unit]:
            notes.append(_doubt("large_amount", f"填的是 {readable}", wanted, f"核对单位是不是{unit}"))
        elif unit in SMALL and 0 < number < SMALL[unit]:
            notes.append(_doubt("small_amount", f"填的是 {plain(number)} 元", wanted, "核对单位是不是元"))
    elif unit != "元" and 0 < amount < SMALL["元"]:
        notes.append(
            _doubt("small_amount", f"填的是“{shown(raw)}”，只有 {plain(amount)} 元", wanted, f"核对单位是不是{unit}")
        )
    return _coerced(field, amount, raw), notes


def _certain(value: object, text: str, wanted: str) -> None:
    """Refuse what is said with a reservation."""
    said = str(value).strip()
    if _APPROXIMATE.search(text):
        raise _Refused("approximate", f"填的是约数“{said}”", wanted, "填写准确数字，不写“约”“左右”“以上”等字")
    if "(" in text or "[" in text:
        raise _Refused("remark_in_number", f"数字里带有说明“{said}”", wanted, "只填数字，说明移到备注或附件")
    if _RANGE.search(text):
        raise _Refused("range", f"填的是一个范围“{said}”", wanted, "填写一个准确数字")


def _rate(field: Field, raw: Any, unit: str, _: bool) -> tuple[Any, list[Fault]]:
    wanted = "0 到 100% 的百分数，如 3%"
    value = _number(raw, wanted)
    if isinstance(value, str):
        text = clean(value)
        _certain(value, text, wanted)
        if _POINTS.search(text):
            got = f"填的是“{text}”，看不出是利率本身，还是在报价利率上加的点"
            raise _Refused("rate_unclear", got, wanted, "对照借款合同，折成带百分号的年利率填写")
        if not _BARE.fullmatch(text):
            return _coerced(field, value, raw), []
        value = Decimal(text.replace(",", "").lstrip("¥$+"))
    if value == 1:
        raise _Refused("rate_unclear", "填的是“1”，可以是 1%，也可以是 100%", wanted, "写明“1%”或“100%”")
    return _coerced(field, value / 100 if value > 1 else value, raw), []


def _integer(field: Field, raw: Any, unit: str, _: bool) -> tuple[Any, list[Fault]]:
    value: Any = _choice(field, raw)
    if value is None:
        value = _number(raw, expected(field.item) if field.item else "整数")
        if isinstance(value, str):
            value = without_words(field, value)
            _certain(value, clean(value), "一个整数")
            if field.unit == "天":
                value = re.sub(r"(?<=\d)日$", "天", clean(value))
    number = _coerced(field, value, raw)
    if isinstance(value, str) and re.search("[万亿]", value):
        return number, [_read_as(raw, f"{plain(number)}{field.unit}", "一个整数", "核对是不是准确的数")]
    return number, []


def _enum(field: Field, raw: Any, unit: str, _: bool) -> tuple[Any, list[Fault]]:
    value = _choice(field, raw)
    return _coerced(field, raw if value is None else value, raw), []


def _choice(field: Field, raw: Any) -> Any:
    wanted = match_text(tidied(shown(raw)))
    for choice in field.item.choices if field.item else ():
        if wanted == match_text(choice.label):
            return choice.value
    return None


def _boolean(field: Field, raw: Any, unit: str, _: bool) -> tuple[Any, list[Fault]]:
    said = yes_or_no(field.label, raw) if isinstance(raw, str) else raw
    if field.item is not None:
        value = _coerced(field, said, raw)
        if _HAN.search(shown(raw)):
            return value, []
        return value, [_read_as(raw, "是" if value else "否", "是 或 否", "核对是不是这个意思")]
    text = copies(match_text(shown(said)))
    if text in ("是", "true", "1", "有", "√", "✓", "已附"):
        return True, []
    if text in ("否", "false", "0", "没有", "×", "未附"):
        return False, []
    raise _Refused("not_a_choice", f"填的是“{shown(raw)}”", "是 或 否", "从下拉框选")


def _date(field: Field, raw: Any, unit: str, date1904: bool) -> tuple[Any, list[Fault]]:
    try:
        if isinstance(raw, bool):
            raise ValueError(f"“{shown(raw)}”不是日期")
        if isinstance(raw, int | float) and raw == int(raw) and int(raw) in SERIALS:
            epoch = dt.date(1904, 1, 1) if date1904 else dt.date(1899, 12, 30)
            day = epoch + dt.timedelta(days=int(raw))
            got = f"显示为 {int(raw)}，按日期读成 {day}"
            told = _doubt("date_as_number", got, "日期，如 2026-06-30", "核对日期，把单元格格式改为“日期”")
            return day, [told] if field.required else []
        text = clean(shown(raw)) if isinstance(raw, str | float | int) else ""
        stamp = _STAMP.fullmatch(text.replace(",", ""))
        if stamp:
            return dt.date(*map(int, stamp.groups())), []
        text = day_in_digits(text)
        month = _MONTH.fullmatch(text)
        if month and field.item is None and isinstance(raw, str):
            first = dt.date(int(month[1]), int(month[2] or month[3]), 1)
            following = (first + dt.timedelta(days=31)).replace(day=1)
            day = following - dt.timedelta(days=1) if field.name == "end" else first
            got = f"只写到月（{month[0]}），按 {day} 读"
            noted = [_doubt("month_only", got, "年月日，如 2026-06-30", "核对是哪一天")] if field.required else []
            return day, noted
        text = re.sub(r"T?0{1,2}:00(:00)?(\.0+)?$", "", text)
        return parse_date(text or raw), []
    except (ValueError, OverflowError):
        raise _Refused(
            "not_a_date", f"“{_as_typed(raw)}”不是一个日期", "日期，如 2026-06-30", "写明年月日，如 2026-06-30"
        ) from None


def _as_typed(raw: object) -> str:
    """A number of a date cell without marks between its digits."""
    return shown(raw) if isinstance(raw, str) else shown(raw).replace(",", "")


def _text(field: Field, raw: Any, unit: str, _: bool) -> tuple[Any, list[Fault]]:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and float(raw).is_integer():
        return str(int(raw)), []
    return " ".join(shown(raw).split()) if field.key == "prj_object" else shown(raw), []


def _code(field: Field, raw: Any, unit: str, _: bool) -> tuple[Any, list[Fault]]:
    """Digits that are no number: white space has no meaning in them, lost digits have."""
    wanted, remedy = "文本格式的完整号码", "把单元格格式改为“文本”后重新填写"
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        if not abs(raw) < MAX_EXACT or raw != int(raw):
            raise _Refused("digits_lost", f"被存成数字 {raw:.15g}，末尾几位已丢失", wanted, remedy)
        return str(int(raw)), []
    if isinstance(raw, dt.date):  # 2026-6-8 typed as a number of a contract, and taken for a day
        raise _Refused("date_format", f"单元格是日期格式，显示为“{shown(raw)}”", wanted, remedy)
    text = clean(shown(raw))
    if field.key == "prj_loan" and re.search(r"\d\s*\n\s*\S", shown(raw)):  # a break in one number, or two of them
        one_line = "⏎".join(line.strip() for line in shown(raw).splitlines() if line.strip())
        remedy = "一笔贷款填一份（一行），编号写在一行里"
        raise _Refused("several_contracts", f"一格里有几行“{one_line}”", "一份借款合同的编号", remedy)
    if re.fullmatch(r"\d(\.\d+)?E\+?\d+", text, re.I):
        raise _Refused("digits_lost", f"被存成科学记数“{text}”，末尾几位已丢失", wanted, remedy)
    if field.key == "ent_account":
        doubt = account_doubt(text)
        return text, [
            _doubt("account", f"账号“{text}”{doubt}", "8 至 30 位数字", "对照开户许可证核对")
        ] if doubt else []
    if field.key != "ent_uscc":
        return text, []
    text = text.upper()
    reason = uscc_doubt(text)
    if not reason:
        return text, []
    return text, [_doubt("uscc", f"统一社会信用代码“{text}”{reason}", "18 位有效代码", "对照营业执照核对")]


def _coerced(field: Field, value: Any, raw: Any) -> Any:
    assert field.item is not None
    try:
        return coerce(field.item, value)
    except InvalidInput as error:
        offered = field.choices
        wanted = "、".join(offered) if offered else error.problem.expected
        if field.type == "money":
            wanted = f"不小于 0 的金额，单位{field.unit}"
        remedy = "从下拉框选" if offered else "改正后重新填写"
        raise _Refused("invalid_value", f"填的是“{shown(raw)}”，读不成“{field.label}”", wanted, remedy) from None


def _year(field: Field, raw: Any, unit: str, date1904: bool) -> tuple[dt.date, list[Fault]]:
    """A year (2026, 2026年度, or any day of it) as its last day."""
    said = re.fullmatch(r"(20\d\d)(?:\.0+)?(?:年|年度)?", day_in_digits(clean(str(raw))))
    if said is not None:
        return dt.date(int(said[1]), 12, 31), []
    day, notes = _date(field, raw, unit, date1904)
    return dt.date(day.year, 12, 31), notes


_READERS = {
    "year": _year,
    "money": _money,
    "rate": _rate,
    "integer": _integer,
    "boolean": _boolean,
    "enum": _enum,
    "date": _date,
    "text": _text,
    "code": _code,
}
