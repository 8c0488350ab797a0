"""What typing leaves around an answer and what says nothing of it: marks, units in brackets, what a count counts.

In: a cell's text. Out: the text without it; what is left is read by `normalise`, which guesses nothing.
"""

from __future__ import annotations

import re

from xlpolicy.forms.layout import Field
from xlpolicy.money import HAN_DIGITS, clean

#: the mark that makes a cell a text, where a program wrote it into the text itself
_LED = re.compile(r"^\s*['‘’`＇](?=\S)")
#: the end of a sentence, behind what is no digit: behind one it may be a decimal point
_ENDED = re.compile(r"(?<=[\u4e00-\u9fff%％)）])[。.．;；]\s*$")
_UNIT = re.compile(r"(?<=\d)\s*[(（]\s*(?:单位[:：])?(万元|元)\s*[)）]\s*$")
_COUNT, _BRACKETS = re.compile(r"第?([\d,]+)([^\d.,]+)"), re.compile("[()]")
_COPIES = re.compile(r"(?:已?附|有|共)?(?:原件|复印件)?([\d〇一二两三四五六七八九十]{1,3})[份张页套](?:原件|复印件)?")
#: boxes on a form of paper, before or behind their words; those that are empty
_EMPTY, _BOX = "□☐○", "[□☐○☑■✓✔√●]"
_BOXES = re.compile(rf"({_BOX})是[/／、,，;；]?({_BOX})否|是({_BOX})[/／、,，;；]?否({_BOX})")
_TICKED = re.compile(r"[√✓✔☑■(（“\"'‘]*([是否])[√✓✔☑■)）”\"'’]*")
#: what was done, or not yet
_DONE = re.compile("(已经?|未|没有?|不)(.{2,4}?)过?")
_HAN_DAY = re.compile(
    r"([〇一二三四五六七八九○零]{4})年(?:度|([一二三四五六七八九十]{1,2})月(?:([一二三四五六七八九十]{1,3})[日号])?)?"
)


def tidied(text: str) -> str:
    """An answer without the marks of typing.

    >>> tidied("'15"), tidied("15万元。"), tidied("是。"), tidied("15。")
    ('15', '15万元', '是', '15。')
    """
    return _ENDED.sub("", _LED.sub("", text))


def without_brackets(text: str) -> str:
    """An amount whose unit stands in brackets, without them; any other text as it is.

    >>> without_brackets("15（万元）"), without_brackets("15（含税）")
    ('15万元', '15（含税）')
    """
    return _UNIT.sub(r"\1", text)


def copies(text: str) -> str:
    """How many copies of a paper are enclosed, as whether it is; any other text as it is.

    >>> copies("1份"), copies("附复印件一份"), copies("0份"), copies("见合同")
    ('是', '是', '否', '见合同')
    """
    said = _COPIES.fullmatch(text)
    return text if said is None else "是" if said[1].strip("0〇") else "否"


def counts(field: Field, words: str) -> bool:
    """Whether the words behind a count only say what its field counts: 台 and 台(套) of 上平台设备台（套）数."""
    said, label = (_BRACKETS.sub("", clean(text)) for text in (words, field.label))
    return said != "" and (said == clean(field.unit) or said in label)


def without_words(field: Field, text: str) -> str:
    """A count without what it counts: 12台（套）, 第3名; any other text as it is."""
    count = _COUNT.fullmatch(clean(text))
    return count[1] if count is not None and counts(field, count[2]) else text


def yes_or_no(label: str, text: str) -> str:
    """A yes or no as it is ticked on paper, or said in the words of what is asked; any other text as it is.

    >>> yes_or_no("属工业企业", "☑是□否"), yes_or_no("属工业企业", "否√"), yes_or_no("属工业企业", "是√否")
    ('是', '否', '是√否')
    >>> yes_or_no("项目已享受专项资金", "未享受"), yes_or_no("项目已享受专项资金", "没有"), yes_or_no("无失信记录", "没有")
    ('否', '否', '没有')
    """
    plain = "".join(text.split())
    boxes = _BOXES.fullmatch(plain)
    if boxes is not None:
        first, second = (boxes[at] or boxes[at + 2] for at in (1, 2))
        return text if (first in _EMPTY) == (second in _EMPTY) else "否" if first in _EMPTY else "是"
    one = _TICKED.fullmatch(plain)
    if one is not None:
        return one[1]
    said = _DONE.fullmatch(plain)
    if said is not None and f"已{said[2]}" in label:
        return "是" if said[1].startswith("已") else "否"
    return "否" if plain in ("没有", "没") and not re.search("[未无不没非]", label) else text


def day_in_digits(text: str) -> str:
    """A day, a month or a year as programs read it: its characters as digits, without a full stop behind it.

    >>> day_in_digits("二〇二六年十一月二十日"), day_in_digits("2026.6.1."), day_in_digits("2026年6月1号")
    ('2026年11月20日', '2026.6.1', '2026年6月1日')
    >>> day_in_digits("二〇二六年三月"), day_in_digits("二〇二六年度")
    ('2026年3月', '2026年')
    """
    day = _HAN_DAY.fullmatch(text)
    if day is None:
        return re.sub(r"(?<=\d)[号號]$", "日", text.rstrip(".。"))
    year = "".join(str(HAN_DIGITS[char]) for char in day[1].replace("○", "〇"))
    month, last = (f"{_below_hundred(said)}{unit}" if said else "" for said, unit in ((day[2], "月"), (day[3], "日")))
    return f"{year}年{month}{last}"


def _below_hundred(said: str) -> int:
    tens, ten, ones = said.rpartition("十")
    return (HAN_DIGITS[tens or "一"] * 10 if ten else 0) + (HAN_DIGITS[ones] if ones else 0)
