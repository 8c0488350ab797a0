"""What a field's cell shows, held against what was read from it: every difference is a complaint with the shown text.

`Seen` is the second reader's look at the sheet; nothing is computed and no formula is run.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from xlpolicy.faults import Fault, Severity
from xlpolicy.forms.formats import Section, section_for, text_section
from xlpolicy.forms.layout import Field, address
from xlpolicy.forms.normalise import read_value, shown
from xlpolicy.forms.seen import Cell, Place, Seen
from xlpolicy.forms.stylesheet import Style
from xlpolicy.forms.typed import counts
from xlpolicy.money import as_shown, clean, plain

_NUMBERS = ("money", "rate", "integer")
_WORDS = ("text",)
_DAYS = ("date", "year")
#: a time behind a day
_CLOCK = re.compile(r"\d{1,2}[:：]\d\d.*|\d{1,2}时.*", re.S)
#: the first serial number that no date format shows (it shows ####)
LAST_DAY = 2_958_466
#: a free text: what is struck out or raised in it decides nothing
_FREE = ("prj_content",)
_YUAN = frozenset("¥￥元")
#: a reference outside the sheet, a name, or a function that fetches from anywhere
_ELSEWHERE = re.compile(
    r"[!\[]|\b(?:INDIRECT|WEBSERVICE|RTD|CUBE\w+|GETPIVOTDATA)\(|(?<![\w$.#:])(?!(?:TRUE|FALSE)\b|\$?[A-Z]{1,3}\$?\d+\b|\$?[A-Z]{1,3}:)"
    r"[^\W\d][\w.]*(?![\w.]|\s*\()", re.I,
)  # fmt: skip
_QUOTED = re.compile('"[^"]*"')
#: a shown number that differs from the stored one by more than this share was rounded away
_VISIBLE = Decimal("0.005")
#: decimals of an amount in the form's own format: digits beyond them are its own doing
_USUAL = 2
_ANY = Decimal(1)
_SHOWN = re.compile(r"([^\d.+-]*)([+-]?\d+(?:\.\d+)?(?:E[+-]?\d+)?)(\D*)", re.I)
#: a comma where thousands are told apart
_GROUPS = re.compile(r",(?=\d{3}(?!\d))")
#: digits that the shortest day takes, and what a sign takes of the width of a digit
_DAY_WIDE, _THIN_SIGN = 6, 0.5
#: powers of ten beyond these no format shows in full
_FARTHEST = 20
_REFILL = "用 Excel 或 WPS 打开，重新填写这一格后保存"
_CLEAR = "去掉格式后重新填写一个数字"


def doubts(item: Field, place: Place, value: Any, unit: str, seen: Seen) -> Iterator[Fault]:
    """What speaks against reading `value` from a field's cell. `unit`: of the form's money."""
    cell, wanted = seen.cells.get(place), _wanted(item, unit)
    if cell is None:
        if value != "":
            got = f"这一格读了两遍，一遍是“{shown(value)}”，一遍是空的"
            yield _wrong("read_twice", got, wanted, _REFILL)
        return
    if place in seen.twice:
        yield _wrong("cell_twice", "文件里这一格写了两次，内容可能不同", wanted, _REFILL)
    if place in seen.foreign:
        yield _wrong("foreign_content", "这一格夹有别的程序写入的内容", wanted, _REFILL)
    if cell.formula is not None:
        yield _formula(item, cell, value, wanted)
    if value == "" or value is None:
        if cell.text.strip() and cell.formula is None:
            got = f"这一格读了两遍，一遍是空的，一遍是“{short(cell.text)}”"
            yield _wrong("read_twice", got, wanted, _REFILL)
        return
    differing = _stored_differently(cell, value)
    if differing is not None:
        got = f"这一格读了两遍，读出的不一样（“{shown(value)}”和“{differing}”）"
        yield _wrong("read_twice", got, wanted, _REFILL)
    if seen.hidden(place):
        line = "行" if place[0] in seen.hidden_rows else "列"
        got = f"所在的{line}被隐藏，里面填着“{shown(value)}”"
        yield _wrong("hidden_cell", got, "看得见的填报格", f"取消隐藏，核对后{_keep(item)}")
    top = seen.covered(place)
    if top is not None:
        got = f"“{shown(value)}”被合并单元格（{address(*top)}）盖住，看不见"
        yield _wrong("covered_cell", got, "看得见的填报格", f"取消合并，核对后{_keep(item)}")
    if not seen.zeros and not isinstance(value, str | bool) and value == 0:
        got = "填的是 0，但这张表设成不显示零值，看上去没有填"
        remedy = "在“选项”里改为显示零值，是 0 的留着，没有的清空这一格"
        yield _wrong("shown_differently", got, wanted, remedy)
    if seen.conditioned(place):
        got = f"条件格式会改变“{shown(value)}”显示的样子"
        yield _wrong("shown_differently", got, wanted, f"清除这一格的条件格式，{_CLEAR}")
    if cramped(place, value, seen):
        yield _squeezed(value, wanted)
    yield from _fonts(item, place, cell, value, wanted, seen)
    if cell.shown is not None:
        yield from _against_shown(item, cell.shown, value, unit, wanted)
    if cell.shown is None or isinstance(value, str):
        yield from _format(item, value, unit, wanted, seen.style(place).format)


def _wrong(code: str, got: str, expected: str, remedy: str, severity: Severity = "error") -> Fault:
    return Fault(code, "", "", got, expected, remedy, severity)


def percent(place: Place, value: Any, seen: Seen | None) -> bool | None:
    """Whether a number cell shows a percentage; None where the second reader has not looked."""
    if seen is None or isinstance(value, str | bool) or not isinstance(value, int | float) or place not in seen.cells:
        return None
    shown_text = seen.cells[place].shown
    if shown_text is not None:
        return "%" in clean(shown_text)
    section = section_for(seen.style(place).format, as_shown(value))
    return bool(section.percent) or "%" in section.text


def faint(cell: Cell, style: Style) -> str:
    """What nobody sees of a cell of several stretches of text."""
    return "" if style.dark else "".join(run.text for run in cell.runs if run.unseen).strip()


def short(text: str) -> str:
    """The words of a text as a complaint says them."""
    return " ".join(text.split())[:60]


def _keep(item: Field) -> str:
    return f"在“{item.label}”的填报格里填写或清空"


def _wanted(item: Field, unit: str) -> str:
    if item.type == "money":
        return f"数字，单位{unit}" if unit else "数字"
    known = {"rate": "百分数，如 3%", "integer": "整数", "date": "日期，如 2026-06-30"}
    return known.get(item.type) or "、".join(item.choices)  # of a text nobody can say what it should be


def reaches_out(formula: str) -> bool:
    """Whether a formula takes anything from outside its sheet."""
    return _ELSEWHERE.search(_QUOTED.sub('""', formula)) is not None


def _formula(item: Field, cell: Cell, value: Any, wanted: str) -> Fault:
    text = f"={cell.formula or ''}"[:120]
    if "DISPIMG(" in text.upper():  # how WPS puts a picture into a cell
        return _wrong("formula_outside", "这一格里是图片，不是字", wanted, "删去图片，键入文字或数字")
    if reaches_out(cell.formula or ""):
        got = f"填的是引用别处的公式“{text}”，引用的内容看不到"
        return _wrong("formula_outside", got, wanted, "选中这一格，复制后“选择性粘贴－数值”，核对无误再发来")
    if item.type in _NUMBERS and not isinstance(value, str | bool) and value == 0:
        got = f"填的是公式“{text}”，存的结果是 0"
        return _wrong("formula_zero", got, wanted, "核对公式，直接填写数值后发来")
    got = f"填的是公式“{text}”，存的结果是“{shown(value)}”"
    return _wrong("formula", got, wanted, "核对公式结果是否就是要申报的数", "warning")


def _stored_differently(cell: Cell, value: Any) -> str | None:
    """What the second reader reads, where it is not what the first read."""
    text = cell.text
    if isinstance(value, bool):
        return None if text.strip().lower() in ("1", "0", "true", "false") else text
    if isinstance(value, int | float):
        try:
            same = cell.kind in ("n", "") and as_shown(float(text)) == as_shown(value)
        except (ValueError, InvalidOperation):
            same = False
        return None if same or cell.kind not in ("n", "") else text
    if isinstance(value, str) and cell.kind != "d":
        return None if clean(text) == clean(value) else text
    return None


def _fonts(item: Field, place: Place, cell: Cell, value: Any, wanted: str, seen: Seen) -> Iterator[Fault]:
    style = seen.style(place)
    if not cell.runs and style == Style(style.format, dark=style.dark):
        return
    severity: Severity = "warning" if item.key in _FREE else "error"
    whole = shown(value)
    struck = "".join(run.text for run in cell.runs if run.strike).strip()
    left = "".join(run.text for run in cell.runs if not run.strike).strip()
    if struck and left:
        got = f"“{whole}”里划掉了“{struck}”，看上去是“{left}”"
        yield _wrong("strike", got, wanted, "删去划掉的字，只留要申报的内容", severity)
    elif struck or style.strike:
        got = f"“{whole}”整格划了删除线"
        yield _wrong("strike", got, wanted, "不要的请清空；要的请去掉删除线后重新填写", severity)
    if style.crossed:
        got = f"“{whole}”这一格画了斜线，像是划掉不要的"
        yield _wrong("strike", got, wanted, "不要的请清空；要的请去掉斜线边框后重新填写", severity)
    raised = "".join(run.text for run in cell.runs if run.raised).strip()
    if raised or style.raised:
        got = f"“{whole}”里的“{raised or whole}”是上标或下标"
        severity = "error" if item.type in (*_NUMBERS, "date", "code") else "warning"
        yield _wrong("raised", got, wanted, "去掉上标、下标后重新填写", severity)
    if style.white:
        got = f"“{whole}”的字是白色、与底色相同或者极小，看不见"
        yield _wrong("white_text", got, wanted, "改成看得清的黑色字，核对后重新填写")
    pale = faint(cell, style)
    if pale and not style.white:
        yield _wrong("white_text", f"“{whole}”里的“{pale}”看不见（白色或极小）", wanted, "清空后重新填写", severity)
    drawn = whole if style.drawn else "".join(run.text for run in cell.runs if run.drawn)
    if re.search(r"[!-~]", drawn) and item.key not in _FREE:
        got = f"“{drawn}”用的是图形字体（如 Wingdings），显示成图形，不是字"
        yield _wrong("shown_differently", got, wanted, "把字体改成宋体，核对后重新填写")
    if style.repeated and item.type not in _WORDS:
        got = f"对齐方式是“填充”，“{whole}”会接连显示好几遍"
        yield _wrong("shown_differently", got, wanted, "把水平对齐改为“常规”后重新填写")
    looks = {run.look for run in cell.runs if any(char.isdigit() for char in run.text)}
    if item.type in _NUMBERS and len(looks) > 1 and not (struck or pale):
        parts = "”“".join(run.text.strip() for run in cell.runs if run.text.strip())
        yield _wrong(
            "two_runs", f"格内的数字由几段大小、颜色不同的文字（“{parts}”）拼成", wanted, "清空后重新填写一个数字"
        )


def _format(item: Field, value: Any, unit: str, wanted: str, code: str) -> Iterator[Fault]:
    if isinstance(value, dt.date):
        yield from _dated(item, section_for(code, Decimal(1)), value, code)
        return
    if isinstance(value, str):
        yield from _lettered(item, value, unit, wanted, code)
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    number = as_shown(value)
    if not number.is_finite() or number.adjusted() > _FARTHEST:
        return
    section = section_for(code, number)
    if section.unseen and not section.empty:
        yield _inked(code, value, wanted)
    if section.dated and item.type in _DAYS:
        if not 0 <= number < LAST_DAY:
            got = f"显示为“####”，存的是“{shown(value).replace(',', '')}”"
            yield _wrong("shown_differently", got, wanted, "写明年月日，如 2026-06-30")
        return
    if section.dated:
        yield _wrong("date_format", f"单元格是日期格式（{code}）", wanted, "把单元格格式改为“数值”后重新填写")
        return
    if section.empty:
        yield _shows(code, "", value, wanted)
    elif item.type in _NUMBERS:
        seen_as = section.show(number)
        scale = section.percent and (item.type != "rate" or number > 1 or section.percent > 1)  # 300% is no 3%
        off = section.off(number)
        if scale or section.thousands or not _fits(item, unit, section, number) or off > abs(number) * _VISIBLE:
            yield _shows(code, seen_as, value, wanted)
        elif off and section.few(_USUAL) and item.type == "money":
            yield _less(seen_as, number, wanted)
    elif item.type in ("year", "boolean", "enum") and (section.percent or not _fits(item, unit, section, number)):
        yield _shows(code, section.show(number), value, wanted)


def _lettered(item: Field, value: str, unit: str, wanted: str, code: str) -> Iterator[Fault]:
    """A text whose format hides it, or says more than it."""
    section = text_section(code)
    if section is None:
        return
    if section.unseen:
        yield _inked(code, value, wanted)
    if section.empty or (item.key not in _FREE and not _fits(item, unit, section, _ANY)):
        yield _shows(code, section.text.replace("@", shown(value)).strip(), value, wanted)


def _inked(code: str, value: Any, wanted: str) -> Fault:
    got = f"数字格式（{code}）把“{shown(value)}”写成看不清的颜色"
    return _wrong("white_text", got, wanted, "把单元格格式改为“常规”，核对后重新填写")


def _dated(item: Field, section: Section, value: dt.date, code: str) -> Iterator[Fault]:
    """A day whose format shows something else, or only a part of it."""
    if item.type not in _DAYS:
        return
    if section.empty or section.unseen:
        yield _inked(code, value, _wanted(item, ""))
    elif re.search(r"\d", section.text) or not set("ym") & set(section.shows) or not set("yd") & set(section.shows):
        got = f"单元格格式（{code}）显示的不是存着的日期 {value:%Y-%m-%d}"
        yield _wrong("shown_differently", got, _wanted(item, ""), "把单元格格式改为“日期”后重新填写")
    elif item.type == "date" and item.required and not set("md") <= set(section.shows):
        got = f"单元格格式（{code}）只显示一部分，存的是 {value:%Y-%m-%d}"
        yield _wrong("month_only", got, "年月日，如 2026-06-30", "核对是哪一天", "warning")


def _against_shown(item: Field, text: str, value: Any, unit: str, wanted: str) -> Iterator[Fault]:
    """As `_format`, where the file itself says what the cell shows."""
    if isinstance(value, dt.date) and item.type in _DAYS:
        parts = {value.year, value.year % 100, value.month, value.day}
        if not {int(part) for part in re.findall(r"\d+", _CLOCK.sub("", text))} <= parts:
            got = f"显示为“{text.strip()}”，存的是 {value:%Y-%m-%d}"
            yield _wrong("shown_differently", got, wanted, "把单元格格式改为“日期”后重新填写")
    if isinstance(value, bool) or not isinstance(value, int | float) or item.type not in (*_NUMBERS, "year"):
        if value != "" and not text.strip():
            yield _wrong(
                "shown_differently", f"存的是“{shown(value)}”，显示为空白", wanted, f"把单元格格式改为“常规”，{_CLEAR}"
            )
        return
    number, match = as_shown(value), _SHOWN.fullmatch(_GROUPS.sub("", clean(text)))
    words = f"{match[1]}{match[3]}".replace("人民币", "") if match else ""
    if item.type == "rate" and words == "%":
        number, words = number * 100, ""
    too_much = item.type == "rate" and not words and number > 100
    if match is None and _same_in_words(item, text, number, unit):
        return
    if (
        match is None
        or too_much
        or not _says_nothing(item, unit, words)
        or abs(Decimal(match[2]) - number) > (0 if item.type == "year" else abs(number) * _VISIBLE)
    ):
        got = f"显示为“{text.strip()}”，存的是“{plain(number)}”"
        yield _wrong("shown_differently", got, wanted, f"把单元格格式改为“数值”，{_CLEAR}")
    elif item.type == "money" and Decimal(match[2]) != number and len(match[2].partition(".")[2]) < _USUAL:
        yield _less(text.strip(), number, wanted)


def _same_in_words(item: Field, text: str, number: Decimal, unit: str) -> bool:
    """Whether a text in Chinese digits (壹拾伍) is the number."""
    said, meant = (read_value(item, one, unit)[0] for one in (text, plain(number)))
    return said is not None and said == meant


def cramped(place: Place, value: Any, seen: Seen) -> bool:
    """Whether a number or a day stands in a column where it does not fit and shows ####."""
    room = seen.room(place)
    if room is None or isinstance(value, str | bool):
        return False
    if isinstance(value, dt.date):
        return room < _DAY_WIDE
    number = as_shown(value)
    section = section_for(seen.style(place).format, number)
    if not number.is_finite() or number.adjusted() > _FARTHEST or section.dated:
        return False
    whole = section.show(number) if section.decimals is not None else f"{number:.0f}"  # else it is rounded to fit
    return room < sum(_THIN_SIGN if char in ",.-" else 1 for char in whole)


def _squeezed(value: Any, wanted: str) -> Fault:
    text = shown(value) if isinstance(value, dt.date) else plain(as_shown(value))
    got = f"列太窄，显示为“####”，存的是“{text}”"
    return _wrong("rounded", got, wanted, "加宽这一列，核对要申报的是不是这个数", "warning")


def _less(text: str, number: Decimal, wanted: str) -> Fault:
    """An amount that shows fewer digits than it has."""
    got = f"显示为“{text}”，存的是“{plain(number)}”，按存的数算"
    return _wrong("rounded", got, wanted, "核对要申报的是哪一个数", "warning")


def _fits(item: Field, unit: str, section: Section, number: Decimal) -> bool:
    """Whether what stands beside the number says nothing else than the form does."""
    return _says_nothing(item, unit, clean(section.words(number)))


def _says_nothing(item: Field, unit: str, words: str) -> bool:
    if not words:
        return True
    if item.type == "money":
        return words in (unit, unit.removesuffix("元")) or (unit == "元" and set(words) <= _YUAN)
    if item.type == "rate":
        return words == "%"
    if item.type == "year":
        return words in ("年", "年度")
    return item.type == "integer" and counts(item, words)


def _shows(code: str, text: str, value: Any, wanted: str) -> Fault:
    stored = plain(as_shown(value)) if isinstance(value, int | float) else shown(value)
    got = f"显示为“{text}”，存的是“{stored}”" if text else f"存的是“{stored}”，数字格式（{code}）使它不显示"
    number, text = f"把单元格格式改为“数值”，{_CLEAR}", "把单元格格式改为“文本”，核对后重新填写"
    return _wrong("shown_differently", got, wanted, text if isinstance(value, str) else number)
